/* split.c - the same conversation in other segments says the same: each capture is replayed with its TCP segments cut at every byte, sent
 * byte by byte, the second half before the first, twice, overlapping, and with segments missing; what the analyzers say is compared.
 *
 *   split [--plugin FILE] CAPTURE-OR-FOLDER...
 *
 * Prints a case for each capture and way of cutting, in the Test Anything Protocol. Packet numbers, and what follows from them (uid,
 * op_id), may differ, and which requests a loss makes unsure; with segments missing, messages may be missing, but none may appear that was
 * not there. Protocols that are only recognised are left out.
 */
#include "cli.h"
#include "decode.h"

#include <stdlib.h>

#define CUT_ALWAYS 24u /* bytes at which the segments of every capture are cut */
#define CUT_SMALL 300u /* and of captures with few packets */
#define FEW_PACKETS 1000u

/* A packet of the capture, with where its TCP payload lies; len 0: it is sent as it is. */
struct original {
	struct oto_packet packet;
	uint32_t l3, l4, payload, len;
	bool ipv6, first; /* first: of its direction, as far as the capture shows */
};

struct capture {
	struct original *item;
	size_t n, cap;
};

enum way { AS_IT_IS, CUT, BYTES, REORDERED, TWICE, OVERLAPPING, MISSING };

struct run {
	struct oto_engine *engine;
	struct oto_buf said;
	uint64_t number;
	bool messages_only;
};

/* ---------------------------------------------------------------------------- what is said */

static bool follows_from_number(const char *field)
{
	return !strcmp(field, "op_id") || !strcmp(field, "uid") || !strcmp(field, "uids") || strstr(field, "link_id") ||
	       strstr(field, "correlation_id");
}

/* With messages missing, what an originator that answers knows of its request, whether it is known where a connection leads, and what only
 * messages before have told: what a handle stands for, who uses a session and what protects it. */
static const struct {
	const char *event, *field; /* of any event: NULL */
} told_before[] = {
	{ NULL, "latency" },
	{ NULL, "route" },
	{ "dnp3.message", "matched" },
	{ "ads.message", "symbol" },
	{ "ads.message", "value" },
	{ "ads.message", "file_name" },
	{ "opcua.message", "session" },
	{ "opcua.message", "user" },
	{ "opcua.message", "identity" },
	{ "opcua.message", "security_mode" },
	{ "opcua.message", "security_policy" },
	{ "opcua.message", "nodes" },
};

/* Which open requests a loss makes unsure depends on the segment that shows it. */
static bool follows_from_segments(const struct run *r, const char *event, const char *field)
{
	bool follows = !strcmp(field, "unsure");

	for (uint32_t i = 0; r->messages_only && i < sizeof told_before / sizeof *told_before; i++)
		follows |= !strcmp(field, told_before[i].field) && (!told_before[i].event || !strcmp(event, told_before[i].event));
	return follows;
}

static bool is_message(const char *event)
{
	const char *dot = strchr(event, '.');
	return dot && (!strcmp(dot, ".message") || !strcmp(dot, ".pdu"));
}

/* Who is the originator of a flow without handshake depends on which packet is seen first; most messages tell by themselves. */
static bool is_response(const struct oto_event *e)
{
	struct oto_value v = { .kind = 0 };

	for (uint32_t i = 0; i < e->def->nfields; i++) {
		if (strcmp(e->def->fields[i].name, "pdu_type") == 0)
			oto_value_get(e, (struct oto_field_ref){ .field = &e->def->fields[i] }, &v);
	}
	if (!v.kind)
		return false;
	struct oto_buf text = { 0 };
	oto_value_text(&v, &text);
	bool found = text.len && memmem(text.data, text.len, "response", 8);
	oto_buf_free(&text);
	return found;
}

/* What is only recognised goes by the first segment as it came: a length in it is compared with the segment's. */
static bool goes_by_segments(const struct oto_event *e)
{
	struct oto_value v = { .kind = 0 };

	for (uint32_t i = 0; i < e->def->nfields; i++) {
		if (strcmp(e->def->fields[i].name, "source") == 0)
			oto_value_get(e, (struct oto_field_ref){ .field = &e->def->fields[i] }, &v);
	}
	const char *who = e->def->analyzer ? e->def->analyzer : v.kind == OTO_STR ? v.str : NULL;
	return who && strcmp(who, "recognised") == 0;
}

static void on_event(void *who, const struct oto_event *e)
{
	struct run *r = who;
	struct oto_value v;

	if (goes_by_segments(e))
		return;
	/* A response may repeat what its request asked for, which was perhaps not seen. */
	if (r->messages_only && (!is_message(e->def->name) || !e->head->is_orig || is_response(e)))
		return;
	oto_buf_fmt(&r->said, "%s ", e->def->name);
	oto_addr_text(&e->head->orig_h, &r->said);
	oto_buf_fmt(&r->said, ":%u %c ", e->head->orig_p, e->head->is_orig ? '>' : '<');
	oto_addr_text(&e->head->resp_h, &r->said);
	oto_buf_fmt(&r->said, ":%u", e->head->resp_p);
	for (uint32_t i = 0; i < e->def->nfields; i++) {
		const struct oto_field *f = &e->def->fields[i];
		oto_value_get(e, (struct oto_field_ref){ .field = f }, &v);
		if (!v.kind || follows_from_number(f->name) || follows_from_segments(r, e->def->name, f->name))
			continue;
		oto_buf_fmt(&r->said, " %s=", f->name);
		oto_value_text(&v, &r->said);
	}
	oto_buf_chr(&r->said, '\n');
}

/* What analyzers say, in their own events and in the common tongues; not what the engine says of itself. */
static bool is_of_analyzers(const struct oto_event_def *def)
{
	return def->analyzer || !strncmp(def->name, "ot.", 3) || !strcmp(def->name, "asset.fact") || !strcmp(def->name, "program.transfer");
}

static void listen(struct run *r)
{
	uint32_t n;
	struct oto_event_def *const *types = oto_bus_types(r->engine->bus, &n);
	for (uint32_t i = 0; i < n; i++)
		if (is_of_analyzers(types[i]))
			oto_bus_listen(r->engine->bus, types[i], on_event, r);
}

/* ---------------------------------------------------------------------------- reading */

static bool is_new_direction(const struct capture *c, const struct oto_layers *l)
{
	/* Only the last few thousand are looked at: a direction that was silent that long counts as new, which is only stricter. */
	size_t from = c->n > 4096 ? c->n - 4096 : 0;
	for (size_t i = c->n; i > from; i--) {
		const struct original *o = &c->item[i - 1];
		const uint8_t *ports = o->packet.data + o->l4;
		uint32_t addresses = o->ipv6 ? 8 : 12, size = o->ipv6 ? 32 : 8;
		if (o->len && !memcmp(ports, l->l4.data, 4) && !memcmp(o->packet.data + o->l3 + addresses, l->l3.data + addresses, size))
			return false;
	}
	return true;
}

static bool is_whole_segment(const struct oto_packet *p, const struct oto_layers *l)
{
	const uint8_t *end = p->data + p->caplen;
	return l->transport == OTO_TCP && !l->fragment && !l->reassembled && p->caplen == p->len && l->payload.len &&
	       l->payload.len == l->payload_len && !(l->tcp_flags & (OTO_SYN | OTO_RST)) && l->payload.data > p->data &&
	       l->payload.data + l->payload.len <= end;
}

static void keep(struct capture *c, struct oto_decoder *d, const struct oto_packet *p)
{
	if (c->n == c->cap) {
		c->cap = c->cap ? c->cap * 2 : 1024;
		c->item = oto_realloc(c->item, c->cap * sizeof *c->item);
	}
	struct original o = { .packet = *p };
	struct oto_layers l = { 0 };
	uint8_t *data = oto_calloc(1, p->caplen + 1u);
	memcpy(data, p->data, p->caplen);
	o.packet.data = data;
	if (oto_decode(d, &o.packet, &l) && is_whole_segment(&o.packet, &l)) {
		o.l3 = (uint32_t)(l.l3.data - data);
		o.l4 = (uint32_t)(l.l4.data - data);
		o.payload = (uint32_t)(l.payload.data - data);
		o.len = l.payload.len;
		o.ipv6 = data[o.l3] >> 4 == 6;
		o.first = is_new_direction(c, &l);
	}
	c->item[c->n++] = o;
}

static void no_weird(void *who, const char *name, const struct oto_layers *l)
{
	(void)who, (void)name, (void)l;
}

/* The capture stays open: interface names are its. */
static struct oto_capture *read_capture(const char *path, struct capture *c)
{
	struct oto_error err;
	struct oto_capture *file = oto_capture_files(&path, 1, NULL, &err);
	struct oto_decode_options options = { .weird = no_weird };
	struct oto_decoder *d = oto_decoder_new(&options);
	struct oto_packet p;
	enum oto_capture_result result = OTO_CAPTURE_END;
	while (file && (result = oto_capture_next(file, &p, &err)) != OTO_CAPTURE_END)
		if (result == OTO_CAPTURE_PACKET)
			keep(c, d, &p);
	oto_decoder_free(d);
	return file;
}

/* ---------------------------------------------------------------------------- cutting */

static void put16(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static void put32(uint8_t *p, uint32_t v)
{
	put16(p, v >> 16);
	put16(p + 2, v);
}

static uint32_t get32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/* Bytes [from, from + len) of a payload as a segment of their own, before what the link puts behind. FIN stays with the last byte. */
static void send_piece(struct run *r, const struct original *o, uint32_t from, uint32_t len)
{
	uint32_t size = o->payload + len, end = o->payload + o->len, trailer = o->packet.caplen - end;
	uint8_t *frame = oto_calloc(1, size + trailer);
	memcpy(frame, o->packet.data, o->payload);
	memcpy(frame + o->payload, o->packet.data + o->payload + from, len);
	memcpy(frame + size, o->packet.data + end, trailer);
	if (o->ipv6)
		put16(frame + o->l3 + 4, size - o->l3 - 40);
	else
		put16(frame + o->l3 + 2, size - o->l3);
	put32(frame + o->l4 + 4, get32(frame + o->l4 + 4) + from);
	if (from + len < o->len)
		frame[o->l4 + 13] &= (uint8_t)~OTO_FIN;
	struct oto_packet p = o->packet;
	p.number = ++r->number;
	p.data = frame;
	p.caplen = p.len = size + trailer;
	oto_engine_packet(r->engine, &p);
	free(frame);
}

static void send_original(struct run *r, const struct original *o)
{
	struct oto_packet p = o->packet;
	p.number = ++r->number;
	oto_engine_packet(r->engine, &p);
}

static void send_some_way(struct run *r, const struct original *o, enum way way, uint32_t at, size_t index)
{
	uint32_t half = o->len / 2, lap = half > 4 ? half - 4 : 0;
	switch (o->len > 1 ? way : way == TWICE || way == MISSING ? way : AS_IT_IS) {
	case CUT:
		if (at >= o->len) {
			send_original(r, o);
			break;
		}
		send_piece(r, o, 0, at);
		send_piece(r, o, at, o->len - at);
		break;
	case BYTES:
		for (uint32_t i = 0; i < o->len; i++)
			send_piece(r, o, i, 1);
		break;
	case REORDERED:
		/* Where a direction begins in mid-stream nobody can know that something came before. */
		if (o->first) {
			send_original(r, o);
			break;
		}
		send_piece(r, o, half, o->len - half);
		send_piece(r, o, 0, half);
		break;
	case TWICE:
		send_piece(r, o, 0, o->len);
		send_piece(r, o, 0, o->len);
		break;
	case OVERLAPPING:
		send_piece(r, o, 0, half);
		send_piece(r, o, lap, o->len - lap);
		break;
	case MISSING:
		if (index % 7 != 3)
			send_original(r, o);
		break;
	case AS_IT_IS:
		send_original(r, o);
		break;
	}
}

/* What is said, to be freed. */
static struct oto_buf replay(const struct capture *c, const struct oto_engine_options *options, enum way way, uint32_t at,
			     bool messages_only)
{
	struct run r = { .messages_only = messages_only };
	struct oto_error err = { "" };
	r.engine = oto_engine_new(options, &err);
	if (!r.engine || !oto_engine_start(r.engine, &err)) {
		oto_cli_say("%s", err.text);
		exit(OTO_EXIT_USAGE);
	}
	listen(&r);
	for (size_t i = 0; i < c->n; i++) {
		if (c->item[i].len)
			send_some_way(&r, &c->item[i], way, at, i);
		else
			send_original(&r, &c->item[i]);
	}
	oto_engine_finish(r.engine, &err);
	oto_engine_free(r.engine);
	return r.said;
}

/* ---------------------------------------------------------------------------- comparing */

static struct oto_slice next_line(const char **at, const char *end)
{
	const char *start = *at, *stop = start < end ? memchr(start, '\n', (size_t)(end - start)) : NULL;
	*at = stop ? stop + 1 : end;
	return (struct oto_slice){ (const uint8_t *)start, (uint32_t)((stop ? stop : end) - start) };
}

static bool slices_equal(struct oto_slice a, struct oto_slice b)
{
	return a.len == b.len && (!a.len || !memcmp(a.data, b.data, a.len));
}

static void show(const char *what, struct oto_slice s)
{
	printf("#   %s %.*s\n", what, (int)(s.len > 300 ? 300 : s.len), s.len ? (const char *)s.data : "(nothing)");
}

static bool is_among(const struct oto_buf *lines, struct oto_slice line)
{
	const char *x = lines->data, *end = x + lines->len;

	while (x < end) {
		if (slices_equal(next_line(&x, end), line))
			return true;
	}
	return false;
}

/* Line by line; or, with `part`, every line of `got` is a line of `expected`: what stands behind a loss that nobody acknowledges is said
 * when the flow ends, after others. */
static bool says_the_same(const struct oto_buf *expected, const struct oto_buf *got, bool part, struct oto_slice *a, struct oto_slice *b)
{
	const char *x = expected->data, *xend = x + expected->len, *y = got->data, *yend = y + got->len;

	while (part ? y < yend : x < xend || y < yend) {
		*a = part ? (struct oto_slice){ 0 } : next_line(&x, xend);
		*b = next_line(&y, yend);
		if (part ? !is_among(expected, *b) : !slices_equal(*a, *b))
			return false;
	}
	return true;
}

struct tally {
	uint32_t cases, failed;
};

static void judge(struct tally *t, const char *name, const char *way, bool good, struct oto_slice a, struct oto_slice b)
{
	printf("%s %u - %s, %s\n", good ? "ok" : "not ok", ++t->cases, name, way);
	if (good)
		return;
	t->failed++;
	show("as captured:", a);
	show("cut:        ", b);
}

static void check_way(struct tally *t, const struct capture *c, const struct oto_engine_options *o, const char *name, enum way way,
		      const char *label)
{
	bool part = way == MISSING;
	struct oto_buf expected = replay(c, o, AS_IT_IS, 0, part), got = replay(c, o, way, 0, part);
	struct oto_slice a = { 0 }, b = { 0 };
	bool good = says_the_same(&expected, &got, part, &a, &b);
	judge(t, name, label, good, a, b);
	oto_buf_free(&expected);
	oto_buf_free(&got);
}

static void check_cuts(struct tally *t, const struct capture *c, const struct oto_engine_options *o, const char *name)
{
	struct oto_buf expected = replay(c, o, AS_IT_IS, 0, false);
	struct oto_slice a = { 0 }, b = { 0 };
	uint32_t longest = 0, at = 1, limit = c->n <= FEW_PACKETS ? CUT_SMALL : CUT_ALWAYS;
	char label[64];
	bool good = true;
	for (size_t i = 0; i < c->n; i++)
		longest = c->item[i].len > longest ? c->item[i].len : longest;
	for (; good && at < longest && at <= limit; at++) {
		struct oto_buf got = replay(c, o, CUT, at, false);
		good = says_the_same(&expected, &got, false, &a, &b);
		if (!good) {
			snprintf(label, sizeof label, "every segment cut at byte %u", at);
			judge(t, name, label, false, a, b);
		}
		oto_buf_free(&got);
	}
	snprintf(label, sizeof label, "every segment cut at each of its first %u bytes", at - 1);
	if (good)
		judge(t, name, label, true, a, b);
	oto_buf_free(&expected);
}

static void check_capture(struct tally *t, const struct oto_cli_file *file, const struct oto_engine_options *o)
{
	struct capture c = { 0 };
	size_t segments = 0;
	struct oto_capture *open = read_capture(file->path, &c);
	for (size_t i = 0; i < c.n; i++)
		segments += c.item[i].len > 0;
	if (segments) {
		check_cuts(t, &c, o, file->name);
		check_way(t, &c, o, file->name, BYTES, "byte by byte");
		check_way(t, &c, o, file->name, REORDERED, "the second half first");
		check_way(t, &c, o, file->name, TWICE, "everything twice");
		check_way(t, &c, o, file->name, OVERLAPPING, "halves that overlap");
		check_way(t, &c, o, file->name, MISSING, "segments missing");
	}
	for (size_t i = 0; i < c.n; i++)
		free((void *)c.item[i].packet.data);
	free(c.item);
	if (open)
		oto_capture_close(open);
}

int main(int argc, char **argv)
{
	struct oto_cli_list plugins = { 0 }, inputs = { 0 };
	struct oto_cli_files files;
	struct oto_error err;
	struct tally t = { 0 };
	for (int i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "--plugin") && i + 1 < argc)
			oto_cli_list_add(&plugins, argv[++i]);
		else
			oto_cli_list_add(&inputs, argv[i]);
	}
	if (!oto_cli_inputs(&inputs, &files, &err)) {
		oto_cli_say("%s", err.text);
		return OTO_EXIT_FAILED;
	}
	struct oto_engine_options options = {
		.duplicate_ns = -1, .plugins = plugins.items, .nplugins = plugins.n, .policy = { .library = oto_cli_library() }
	};
	for (size_t i = 0; i < files.n; i++)
		check_capture(&t, &files.file[i], &options);
	printf("1..%u\n", t.cases);
	oto_cli_files_free(&files);
	free(plugins.items);
	free(inputs.items);
	return t.failed ? OTO_EXIT_FAILED : OTO_EXIT_OK;
}
