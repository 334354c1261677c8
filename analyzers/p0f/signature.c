/* signature.c - from the headers of a handshake packet to p0f's terms and text. See signature.h. */
#include "signature.h"

enum { IPV4_MIN = 20, IPV6_HEADER = 40, TCP_MIN = 20, TTL_DISTANCE_MAX = 35, SCALE_MAX = 14, ETHERNET_MTU = 1500 };
enum { FLAG_SYN = 2, FLAG_PSH = 8, FLAG_ACK = 16, FLAG_URG = 32, FLAG_ECE = 64, FLAG_CWR = 128, FLAG_NS = 256 };
enum { OPT_EOL = 0, OPT_NOP = 1, OPT_MSS = 2, OPT_SCALE = 3, OPT_SACK_OK = 4, OPT_SACK = 5, OPT_TIMESTAMP = 8 };

/* ------------------------------------------------------------------------------------------------ IP */

/* Leaves the cursor at the TCP header; *rest is the length of TCP as the IP header says. */
static void read_ipv4(struct oto_cur *c, struct p0f_signature *s, uint32_t *rest)
{
	uint8_t header = (uint8_t)((oto_u8(c) & 15) * 4), tos = oto_u8(c);
	uint16_t total = oto_be16(c), id = oto_be16(c), fragment = oto_be16(c);

	s->version = 4;
	s->ttl = oto_u8(c);
	oto_skip(c, 11);
	if (header < IPV4_MIN || total < header) {
		c->bad = true;
		return;
	}
	s->ip_options = (uint8_t)(header - IPV4_MIN);
	oto_skip(c, s->ip_options);
	*rest = total - header;
	if (tos & 3)
		s->quirks |= P0F_ECN;
	if (fragment & 0x8000)
		s->quirks |= P0F_RESERVED;
	if (fragment & 0x4000)
		s->quirks |= P0F_DF | (id ? P0F_ID_PLUS : 0);
	else if (!id)
		s->quirks |= P0F_ID_MINUS;
}

static void read_ipv6(struct oto_cur *c, struct p0f_signature *s, uint32_t *rest)
{
	uint32_t first = oto_be32(c);

	*rest = oto_be16(c);
	uint8_t next = oto_u8(c);
	s->version = 6;
	s->ttl = oto_u8(c);
	oto_skip(c, 32);
	if (next != 6) /* p0f looks no further than the first header either */
		c->bad = true;
	if (first & 0xfffff)
		s->quirks |= P0F_FLOW;
	if (first >> 20 & 3)
		s->quirks |= P0F_ECN;
}

/* ------------------------------------------------------------------------------------------------ TCP */

static void read_timestamp(struct oto_cur *o, struct p0f_packet *p)
{
	uint32_t own = oto_be32(o), peers = oto_be32(o);

	p->has_ts = own != 0;
	if (!own)
		p->sig.quirks |= P0F_TS1_ZERO;
	if (peers && !p->response)
		p->sig.quirks |= P0F_TS2_PLUS;
}

static void read_end_of_options(struct oto_cur *o, struct p0f_signature *s)
{
	s->eol_padding = (uint8_t)oto_left(o);
	while (oto_left(o)) {
		if (oto_u8(o))
			s->quirks |= P0F_OPT_PLUS;
	}
}

/* Value of one option whose kind and length are right; false: the length is not what this kind has. */
static bool read_option(struct oto_cur *value, uint8_t kind, uint8_t length, struct p0f_packet *p)
{
	switch (kind) {
	case OPT_MSS:
		p->sig.mss = oto_be16(value);
		return length == 4;
	case OPT_SCALE:
		p->sig.scale = oto_u8(value);
		if (p->sig.scale > SCALE_MAX)
			p->sig.quirks |= P0F_SCALE_HIGH;
		return length == 3;
	case OPT_SACK_OK:
		return length == 2;
	case OPT_SACK:
		return length >= 10 && length <= 34;
	case OPT_TIMESTAMP:
		read_timestamp(value, p);
		return length == 10;
	default:
		return length >= 2 && length <= 40;
	}
}

static void read_options(struct oto_cur *o, struct p0f_packet *p)
{
	struct p0f_signature *s = &p->sig;

	while (oto_left(o) && s->noptions < P0F_OPTIONS_MAX) {
		uint8_t kind = oto_u8(o);
		s->options[s->noptions++] = kind;
		if (kind == OPT_EOL) {
			read_end_of_options(o, s);
			return;
		}
		if (kind == OPT_NOP)
			continue;
		uint8_t length = oto_u8(o);
		struct oto_cur value = oto_sub(o, length >= 2 ? length - 2u : 0);
		if (o->bad || length < 2 || !read_option(&value, kind, length, p)) {
			s->quirks |= P0F_BAD_OPT;
			return;
		}
	}
}

static void read_tcp(struct oto_cur *c, uint32_t rest, struct p0f_packet *p)
{
	struct p0f_signature *s = &p->sig;

	oto_skip(c, 4);
	uint32_t seq = oto_be32(c), ack = oto_be32(c);
	uint16_t word = oto_be16(c);
	s->window = oto_be16(c);
	oto_skip(c, 2);
	uint16_t urgent = oto_be16(c), header = (uint16_t)((word >> 12) * 4);
	if (header < TCP_MIN || header > rest) {
		c->bad = true;
		return;
	}
	p->header = header;
	p->response = word & FLAG_ACK;
	if (word & (FLAG_ECE | FLAG_CWR | FLAG_NS))
		s->quirks |= P0F_ECN;
	if (!seq)
		s->quirks |= P0F_SEQ_ZERO;
	if (word & FLAG_ACK)
		s->quirks |= ack ? 0 : P0F_ACK_MINUS;
	else if (ack)
		s->quirks |= P0F_ACK_PLUS;
	if (word & FLAG_URG)
		s->quirks |= P0F_URG;
	else if (urgent)
		s->quirks |= P0F_URG_PLUS;
	if (word & FLAG_PSH)
		s->quirks |= P0F_PUSH;
	struct oto_cur options = oto_sub(c, header - TCP_MIN);
	if (!c->bad)
		read_options(&options, p);
	s->payload = rest > header;
}

/* ------------------------------------------------------------------------------------------------ window and segment size */

/* Stacks choose a window of so many segments; which size they mean by a segment differs, and p0f tries these in turn. */
static void find_multiple(struct p0f_packet *p, uint16_t ip_header, uint16_t peer_mss)
{
	const struct p0f_signature *s = &p->sig;
	int32_t mss = s->mss, v6 = s->version == 6 ? ETHERNET_MTU - IPV6_HEADER - TCP_MIN : 0;
	const int32_t v4 = ETHERNET_MTU - IPV4_MIN - TCP_MIN;
	const struct {
		int32_t size;
		bool mtu;
	} tried[] = {
		{ mss, false },
		{ p->has_ts ? mss - 12 : 0, false },
		{ v4, false },
		{ v4 - 12, false },
		{ v6, false },
		{ v6 ? v6 - 12 : 0, false },
		{ mss + IPV4_MIN + TCP_MIN, true },
		{ mss + ip_header + p->header, true },
		{ v6 ? mss + IPV6_HEADER + TCP_MIN : 0, true },
		{ ETHERNET_MTU, true },
		{ peer_mss, false },
		{ peer_mss > 12 ? peer_mss - 12 : 0, false },
	};

	if (!s->window || mss < 100)
		return;
	for (size_t i = 0; i < sizeof tried / sizeof *tried; i++) {
		if (tried[i].size > 0 && s->window % tried[i].size == 0) {
			p->multiple = s->window / tried[i].size;
			p->of_mtu = tried[i].mtu;
			return;
		}
	}
}

void p0f_read(struct oto_cur *c, uint16_t peer_mss, struct p0f_packet *p)
{
	struct oto_cur first = *c;
	uint32_t rest = 0;

	*p = (struct p0f_packet){ 0 };
	if (oto_u8(&first) >> 4 == 6)
		read_ipv6(c, &p->sig, &rest);
	else
		read_ipv4(c, &p->sig, &rest);
	if (c->bad)
		return;
	uint16_t ip_header = (uint16_t)oto_tell(c);
	read_tcp(c, rest, p);
	if (!c->bad)
		find_multiple(p, ip_header, peer_mss);
}

/* ------------------------------------------------------------------------------------------------ text */

struct text {
	char *out;
	uint32_t len;
};

/* A hundred thousand SYNs a second are what a scan sends: digits are put one by one, not formatted. */
static void add(struct text *t, const char *word)
{
	for (; *word && t->len + 1 < P0F_TEXT_MAX; word++)
		t->out[t->len++] = *word;
}

static void add_number(struct text *t, int32_t number)
{
	char digits[16], *at = digits + sizeof digits - 1;
	uint32_t left = number < 0 ? 0u - (uint32_t)number : (uint32_t)number;

	*at = '\0';
	do {
		*--at = (char)('0' + left % 10);
		left /= 10;
	} while (left);
	if (number < 0)
		*--at = '-';
	add(t, at);
}

static void add_options(struct text *t, const struct p0f_signature *s)
{
	static const char *const words[] = {
		[OPT_NOP] = "nop", [OPT_MSS] = "mss", [OPT_SCALE] = "ws", [OPT_SACK_OK] = "sok", [OPT_SACK] = "sack", [OPT_TIMESTAMP] = "ts"
	};

	for (uint32_t i = 0; i < s->noptions; i++) {
		uint8_t kind = s->options[i];
		bool known = kind < sizeof words / sizeof *words && words[kind];
		add(t, i ? "," : "");
		add(t, kind == OPT_EOL ? "eol+" : known ? words[kind] : "?");
		if (kind == OPT_EOL || !known)
			add_number(t, kind == OPT_EOL ? s->eol_padding : kind);
	}
}

static void add_quirks(struct text *t, uint32_t quirks)
{
	static const char *const words[] = { "df",    "id+",   "id-",    "ecn",  "0+",   "flow", "seq-", "ack+", "ack-",
					     "uptr+", "urgf+", "pushf+", "ts1-", "ts2+", "opt+", "exws", "bad" };
	const char *comma = "";

	for (uint32_t i = 0; i < sizeof words / sizeof *words; i++) {
		if (!(quirks >> i & 1))
			continue;
		add(t, comma);
		add(t, words[i]);
		comma = ",";
	}
}

/* Hops between the sender and here, when it began with one of the usual values. */
static uint8_t distance(uint8_t ttl)
{
	return (uint8_t)((ttl <= 32 ? 32 : ttl <= 64 ? 64 : ttl <= 128 ? 128 : 255) - ttl);
}

uint32_t p0f_text(const struct p0f_packet *p, char out[P0F_TEXT_MAX])
{
	const struct p0f_signature *s = &p->sig;
	struct text t = { out, 0 };

	add_number(&t, s->version);
	add(&t, ":");
	add_number(&t, s->ttl);
	add(&t, "+");
	if (distance(s->ttl) > TTL_DISTANCE_MAX)
		add(&t, "?");
	else
		add_number(&t, distance(s->ttl));
	add(&t, ":");
	add_number(&t, s->ip_options);
	add(&t, ":");
	add_number(&t, s->mss);
	add(&t, p->multiple <= 0 ? ":" : p->of_mtu ? ":mtu*" : ":mss*");
	add_number(&t, p->multiple > 0 ? p->multiple : s->window);
	add(&t, ",");
	add_number(&t, s->scale);
	add(&t, ":");
	add_options(&t, s);
	add(&t, ":");
	add_quirks(&t, s->quirks);
	add(&t, s->payload ? ":+" : ":0");
	out[t.len] = '\0';
	return t.len;
}
