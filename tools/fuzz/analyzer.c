/* analyzer.c - fuzz target of one analyzer, named by OTO_FUZZ_ANALYZER: bytes that look like its flows, through the real engine. A
 * dissector that is loaded is named by OTO_FUZZ_PLUGIN as well.
 *
 * An input begins with a byte: which of the analyzer's keys (low four bits; for a child the keys of its parent), on another port (0x10),
 * joined in mid-stream (0x20), with nobody who hears of every event, so that what repeats itself is only counted (0x40); with flows
 * on several keys (0x80); of an analyzer that takes any flow the number comes in two bytes behind it. Then come pieces, each a datagram or
 * a segment: with flows on several keys a byte that says which, like the first; a byte that says from whom (0x01), with two bytes of length
 * instead of one (0x02), how much later (0x1c), whether bytes before it are lost (0x20), whether the last segment comes again first (0x40),
 * whether it ends its direction (0x80); the length; the bytes.
 */
#include "fuzz.h"

#include <stdlib.h>

enum { FROM_RESPONDER = 0x01, LONG = 0x02, LOST = 0x20, REPEAT = 0x40, LAST = 0x80 };
enum { OTHER_PORT = 0x10, MIDSTREAM = 0x20, UNHEARD = 0x40, SEVERAL = 0x80 };
enum { KEYS_MAX = 16, FRAME_MAX = 65536, PIECE_MAX = 60000, LOST_BYTES = 100 };
enum { CLIENT_PORT = 40000, UNUSUAL_PORT = 28123 };
enum { ETHERTYPE_IPV4 = 0x0800, ETHERTYPE_IPV6 = 0x86dd };

/* Where a piece's bytes go: a transport and its number. */
struct place {
	char transport[8]; /* "syn": a piece is a packet from its IP header on */
	uint32_t number;
	bool chosen; /* the number is said by the input */
	bool begun;
	uint32_t next[2]; /* sequence numbers */
	struct oto_slice last[2];
};

struct flow {
	struct fuzz *f;
	struct place *at;
	uint8_t frame[FRAME_MAX];
	uint32_t len;
};

/* ------------------------------------------------------------------------------------------------ the analyzer's keys */

extern const struct oto_analyzer *const *const oto_builtin[];

static const struct oto_analyzer *built_in(const char *name)
{
	for (const struct oto_analyzer *const *const *a = oto_builtin; *a; a++) {
		if (strcmp((**a)->name, name) == 0)
			return **a;
	}
	return NULL;
}

/* One that was loaded is found in the engine. */
static const struct oto_analyzer *named(const struct oto_engine *e, const char *name)
{
	uint32_t n;
	const struct oto_analyzer *const *all = oto_analyzers_all(e->analyzers, &n);

	for (uint32_t i = 0; i < n; i++) {
		if (strcmp(all[i]->name, name) == 0)
			return all[i];
	}
	fprintf(stderr, "fuzz: OTO_FUZZ_ANALYZER names no analyzer: %s\n", name);
	exit(2);
}

static bool delivers(const struct oto_analyzer *a, const char *channel)
{
	const char *words = a->channels ? a->channels : "";

	for (struct oto_slice word; (word = oto_word(&words)).len;) {
		if (oto_slice_is(word, channel))
			return true;
	}
	return false;
}

static const struct oto_analyzer *parent_of(const char *channel)
{
	for (const struct oto_analyzer *const *const *a = oto_builtin; *a; a++) {
		if (delivers(**a, channel))
			return **a;
	}
	return NULL;
}

static bool is_transport(const char *word)
{
	static const char *const words[] = { "tcp", "udp", "eth", "llc", "icmp", "icmp6", "ip" };

	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		if (strcmp(words[i], word) == 0)
			return true;
	}
	return false;
}

static uint32_t add(struct place *out, uint32_t n, const char *transport, uint32_t number, bool chosen)
{
	if (n == KEYS_MAX)
		return n;
	out[n] = (struct place){ .number = number, .chosen = chosen, .next = { 1000, 5000 } };
	snprintf(out[n].transport, sizeof out[n].transport, "%.7s", transport);
	return n + 1;
}

/* The places of an analyzer, through its parents when it has no transport of its own. Their names are put behind `only`. */
static uint32_t places(const struct oto_analyzer *a, struct place *out, uint32_t n, struct oto_buf *only, int depth)
{
	static const char *const any[] = { "tcp", "udp", "eth", "llc", "ip" };
	const char *keys = a->keys;

	for (struct oto_slice word; (word = oto_word(&keys)).len;) {
		char text[64];
		snprintf(text, sizeof text, "%.*s", (int)word.len, (const char *)word.data);
		char *slash = strchr(text, '/');
		if (slash)
			*slash = '\0';
		if (slash && is_transport(text)) {
			n = add(out, n, text, (uint32_t)strtoul(slash + 1, NULL, 0), false);
			continue;
		}
		if (strcmp(text, "tcp.syn") == 0)
			n = add(out, n, "syn", 0, false);
		for (size_t i = 0; i < sizeof any / sizeof *any && strcmp(text, "last") == 0; i++)
			n = add(out, n, any[i], 0, true);
		const struct oto_analyzer *parent = depth < 4 ? parent_of(text) : NULL;
		if (parent) {
			oto_buf_fmt(only, ",%s", parent->name);
			n = places(parent, out, n, only, depth + 1);
		}
	}
	return n;
}

/* ------------------------------------------------------------------------------------------------ frames */

static void put(struct flow *w, const void *data, uint32_t len)
{
	if (len > FRAME_MAX - w->len)
		len = FRAME_MAX - w->len;
	if (len)
		memcpy(&w->frame[w->len], data, len);
	w->len += len;
}

static void put_be16(struct flow *w, uint32_t v)
{
	put(w, (uint8_t[]){ (uint8_t)(v >> 8), (uint8_t)v }, 2);
}

static void put_be32(struct flow *w, uint32_t v)
{
	put_be16(w, v >> 16);
	put_be16(w, v & 0xffff);
}

static void put_ethernet(struct flow *w, bool resp, uint32_t type)
{
	static const uint8_t macs[2][6] = { { 2, 0, 0, 0, 0, 1 }, { 2, 0, 0, 0, 0, 2 } };

	w->len = 0;
	put(w, macs[!resp], 6);
	put(w, macs[resp], 6);
	put_be16(w, type);
}

static void put_ipv4(struct flow *w, bool resp, uint8_t protocol, uint32_t len)
{
	static const uint8_t hosts[2][4] = { { 10, 0, 0, 1 }, { 10, 0, 0, 2 } };

	put_ethernet(w, resp, ETHERTYPE_IPV4);
	put_be16(w, 0x4500);
	put_be16(w, 20 + len);
	put_be32(w, 0);
	put(w, (uint8_t[]){ 64, protocol, 0, 0 }, 4);
	put(w, hosts[resp], 4);
	put(w, hosts[!resp], 4);
}

static void put_ipv6(struct flow *w, bool resp, uint8_t protocol, uint32_t len)
{
	static const uint8_t hosts[2][16] = { { 0xfe, 0x80, [15] = 1 }, { 0xfe, 0x80, [15] = 2 } };

	put_ethernet(w, resp, ETHERTYPE_IPV6);
	put_be32(w, 0x60000000);
	put_be16(w, len);
	put(w, (uint8_t[]){ protocol, 255 }, 2);
	put(w, hosts[resp], 16);
	put(w, hosts[!resp], 16);
}

static void put_ports(struct flow *w, bool resp)
{
	put_be16(w, resp ? w->at->number : CLIENT_PORT);
	put_be16(w, resp ? CLIENT_PORT : w->at->number);
}

static void send(struct flow *w, int64_t after_ns)
{
	fuzz_frame(w->f, 1, (struct oto_slice){ w->frame, w->len }, after_ns);
}

static void send_segment(struct flow *w, bool resp, uint32_t seq, uint8_t flags, struct oto_slice bytes, int64_t after_ns)
{
	put_ipv4(w, resp, OTO_TCP, 20 + bytes.len);
	put_ports(w, resp);
	put_be32(w, seq);
	put_be32(w, w->at->next[!resp]);
	put_be16(w, 0x5000u | flags);
	put_be16(w, 65535);
	put_be32(w, 0);
	put(w, bytes.data, bytes.len);
	send(w, after_ns);
}

static void open_connection(struct flow *w)
{
	const struct oto_slice none = { 0 };

	send_segment(w, false, w->at->next[0]++, OTO_SYN, none, OTO_MS);
	send_segment(w, true, w->at->next[1]++, OTO_SYN | OTO_ACK, none, OTO_MS);
	send_segment(w, false, w->at->next[0], OTO_ACK, none, OTO_MS);
}

static void send_stream(struct flow *w, uint8_t how, struct oto_slice bytes, int64_t after_ns)
{
	bool resp = how & FROM_RESPONDER;

	if (how & REPEAT)
		send_segment(w, resp, w->at->next[resp] - w->at->last[resp].len, OTO_ACK, w->at->last[resp], OTO_MS);
	if (how & LOST)
		w->at->next[resp] += LOST_BYTES;
	send_segment(w, resp, w->at->next[resp], how & LAST ? OTO_ACK | OTO_FIN : OTO_ACK, bytes, after_ns);
	w->at->next[resp] += bytes.len;
	w->at->last[resp] = bytes;
}

static void send_piece(struct flow *w, uint8_t how, struct oto_slice bytes)
{
	int64_t after_ns = fuzz_step(how >> 2);
	bool resp = how & FROM_RESPONDER;
	const char *transport = w->at->transport;

	if (strcmp(transport, "tcp") == 0) {
		send_stream(w, how, bytes, after_ns);
		return;
	}
	if (strcmp(transport, "syn") == 0) {
		put_ethernet(w, resp, bytes.len && bytes.data[0] >> 4 == 6 ? ETHERTYPE_IPV6 : ETHERTYPE_IPV4);
	} else if (strcmp(transport, "udp") == 0) {
		put_ipv4(w, resp, OTO_UDP, 8 + bytes.len);
		put_ports(w, resp);
		put_be16(w, 8 + bytes.len);
		put_be16(w, 0);
	} else if (strncmp(transport, "icmp", 4) == 0) {
		if (transport[4])
			put_ipv6(w, resp, OTO_ICMP6, 4 + bytes.len);
		else
			put_ipv4(w, resp, OTO_ICMP, 4 + bytes.len);
		put(w, (uint8_t[]){ (uint8_t)w->at->number, 0, 0, 0 }, 4);
	} else if (strcmp(transport, "ip") == 0) {
		put_ipv4(w, resp, (uint8_t)w->at->number, bytes.len);
	} else if (strcmp(transport, "llc") == 0) {
		put_ethernet(w, resp, 3 + bytes.len);
		put_be16(w, w->at->number);
		put(w, (uint8_t[]){ 3 }, 1);
	} else {
		put_ethernet(w, resp, w->at->number);
	}
	put(w, bytes.data, bytes.len);
	send(w, after_ns);
}

/* ------------------------------------------------------------------------------------------------ the input */

/* The conversation that a byte names; its port and how it begins are settled the first time. */
static void choose(struct flow *w, struct place *all, uint32_t n, uint8_t how, struct oto_cur *c)
{
	struct place *p = &all[(how & 0xf) % n];

	w->at = p;
	if (p->begun)
		return;
	p->begun = true;
	if (p->chosen)
		p->number = oto_be16(c);
	else if (how & OTHER_PORT && (strcmp(p->transport, "tcp") == 0 || strcmp(p->transport, "udp") == 0))
		p->number = UNUSUAL_PORT;
	if (!(how & MIDSTREAM) && strcmp(p->transport, "tcp") == 0)
		open_connection(w);
}

static void pieces(struct flow *w, struct place *all, uint32_t n, bool several, struct oto_cur *c)
{
	while (oto_left(c) >= 2) {
		if (several)
			choose(w, all, n, oto_u8(c), c);
		uint8_t how = oto_u8(c);
		uint32_t length = how & LONG ? oto_be16(c) : oto_u8(c);
		if (length > oto_left(c))
			length = oto_left(c);
		struct oto_slice bytes = oto_take(c, length < PIECE_MAX ? length : PIECE_MAX);
		send_piece(w, how, bytes);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct flow w;
	struct fuzz f;
	struct place at[KEYS_MAX] = { 0 };
	struct oto_cur c = oto_cur_of((struct oto_slice){ data, (uint32_t)size });
	struct oto_buf only = { 0 };
	const char *name = getenv("OTO_FUZZ_ANALYZER");
	const struct oto_analyzer *a = built_in(name ? name : "(unset)");

	/* Others alone would take time, and places in a corpus. */
	oto_buf_str(&only, a ? a->name : "none");
	uint32_t n = a ? places(a, at, 0, &only, 0) : 0;
	uint8_t how = oto_u8(&c);
	fuzz_begin(&f, only.data, !(how & UNHEARD));
	if (!a)
		n = places(named(f.engine, name ? name : "(unset)"), at, 0, &only, 0);
	oto_buf_free(&only);
	w = (struct flow){ .f = &f };
	if (n) {
		choose(&w, at, n, how, &c);
		pieces(&w, at, n, how & SEVERAL, &c);
	}
	fuzz_end(&f);
	return 0;
}
