/* cotp_child.c - a toy that tests what a parent gives its children: a C plugin behind COTP.
 *
 * Its protocol is text: "request N ..." and "response N ...", as testdata/recipes/cotp.lua makes it. Its twin in Lua, cotp_child.lua,
 * claims the same channel; the probes decide between them.
 */
#include <otoscope/oto_plugin.h>

struct child_message {
	const char *kind;
	uint32_t number, length;
	bool matched;
	struct oto_interval latency;
};

#define F(m, doc, ...) OTO_FIELD(struct child_message, m, doc, __VA_ARGS__)
static const struct oto_field fields[] = {
	F(kind, "request or response"),
	F(number, "which one"),
	F(length, "bytes of the whole message"),
	F(latency, "since the request", .guard = OTO_IF(struct child_message, matched)),
};
static const struct oto_log logs[] = {
	{ .name = "cotp_child_c", .doc = "Messages of the toy.", .form = OTO_FORM_DETAIL, .columns = "kind number length latency" },
};
static const struct oto_event_type message_type =
    OTO_EVENT("cotp_child_c.message", struct child_message, fields, "A message of the toy.", OTO_LOGS(logs));
static const struct oto_event_type *const events[] = { &message_type };

static const char *kind_of(struct oto_cur *c)
{
	static const char *const kinds[] = { "request", "response" };

	for (unsigned i = 0; i < 2; i++) {
		struct oto_cur look = *c;
		struct oto_slice word = oto_take(&look, (uint32_t)strlen(kinds[i]));
		if (word.len && memcmp(word.data, kinds[i], word.len) == 0 && oto_u8(&look) == ' ') {
			*c = look;
			return kinds[i];
		}
	}
	return NULL;
}

static enum oto_answer child_probe(const struct oto_ctx *cx, struct oto_cur c)
{
	(void)cx;
	return kind_of(&c) ? OTO_MINE : OTO_NOT_MINE;
}

static void child_pdu(struct oto_ctx *cx, struct oto_cur *c)
{
	struct child_message m = { .length = oto_left(c), .kind = kind_of(c) };
	struct oto_match match;

	if (!m.kind) {
		oto_weird(cx, "not_a_message", (struct oto_slice){ 0 });
		return;
	}
	for (uint8_t digit = oto_u8(c); digit >= '0' && digit <= '9'; digit = oto_u8(c))
		m.number = m.number * 10 + (digit - '0');
	if (m.kind[2] == 'q') {
		oto_request(cx, m.number, NULL);
	} else {
		oto_response(cx, m.number, &match);
		m.matched = match.found;
		m.latency = match.latency;
	}
	oto_emit(cx, 0, &m);
}

static const struct oto_pairing pairing = { .self_size = sizeof pairing, .keyed = true };

static const struct oto_analyzer cotp_child_c = {
	.self_size = sizeof cotp_child_c,
	.name = "cotp_child_c",
	.doc = "A toy behind COTP, in C",
	.keys = "cotp",
	.probe = child_probe,
	.pdu = child_pdu,
	.events = events,
	.nevents = 1,
	.pairing = &pairing,
};

OTO_ANALYZER(cotp_child_c);
