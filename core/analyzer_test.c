/* analyzer_test.c - the analyzer stage with a toy protocol: framing at every cut, gaps, resynchronisation, "parse whole, then speak",
 * pairing with its operations and outcomes, children, messages in fragments. The engine is replaced by the three calls the stage makes.
 *
 * The toy: 'T', length of what follows, type, bytes. Types: q request, a answer, e error, c child payload, f / l fragment / last one,
 * s bytes of a stream inside (a toy again, of the name "deep"), p announces port 99 for the kid, k keeps a byte, g gets it,
 * w holds memory, Q is several requests that are alike, A answers them in turns: digits behind the key say how many.
 */
#include "analysis.h"
#include "tongue.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <stdlib.h>

struct toy_event {
	uint8_t type;
	struct oto_slice text;
};
static const struct oto_field toy_fields[] = {
	OTO_FIELD(struct toy_event, type, "its type"),
	OTO_FIELD(struct toy_event, text, "its bytes"),
};
static const struct oto_event_type toy_type = OTO_EVENT("toy.message", struct toy_event, toy_fields, "One message.");
static const struct oto_event_type kid_type = OTO_EVENT("kid.message", struct toy_event, toy_fields, "One message of the child.");

static enum oto_answer toy_probe(const struct oto_ctx *cx, struct oto_cur c)
{
	(void)cx;
	if (oto_left(&c) < 2)
		return oto_left(&c) && oto_u8(&c) != 'T' ? OTO_NOT_MINE : OTO_NEED_MORE;
	return oto_u8(&c) == 'T' ? OTO_MINE : OTO_NOT_MINE;
}

static int64_t toy_len(const struct oto_ctx *cx, struct oto_cur c)
{
	(void)cx;
	if (oto_left(&c) < 2)
		return 0;
	return oto_u8(&c) == 'T' ? 2 + oto_u8(&c) : -1;
}

static const struct oto_memory toy_memory = { sizeof toy_memory, 1, 4, OTO_SCOPE_PAIR, "toy" };

static void toy_several(struct oto_ctx *cx, bool asks, struct oto_slice text)
{
	struct oto_operation op = { .self_size = sizeof op, .op = OTO_OP_READ, .func = "peek" };
	struct oto_match m;

	if (!asks)
		oto_response(cx, text.data[0], &m);
	for (uint32_t i = 1; i < text.len; i++) {
		oto_alike(cx, text.data[i] - '0');
		if (asks) {
			oto_request(cx, text.data[0], text.data);
			oto_operation(cx, &op);
		} else {
			oto_outcome(cx, &m, OTO_OUTCOME_OK, NULL, NULL);
		}
		oto_alike(cx, 1);
	}
}

static void toy_pdu(struct oto_ctx *cx, struct oto_cur *c)
{
	struct oto_match m;
	struct oto_operation op = { .self_size = sizeof op, .op = OTO_OP_WRITE, .func = "poke" };

	oto_skip(c, 2);
	struct toy_event e = { .type = oto_u8(c) };
	if (e.type == 'x') { /* speaks before it reads past its end */
		oto_emit(cx, 0, &e);
		oto_skip(c, 100);
		oto_emit(cx, 0, &e);
		return;
	}
	e.text = oto_rest(c);
	uint8_t key = e.text.len ? e.text.data[0] : 0;
	if (e.type == 'q') {
		oto_request(cx, key, &key);
		oto_operation(cx, &op);
	} else if (e.type == 'a' || e.type == 'e') {
		oto_response(cx, key, &m);
		oto_outcome(cx, &m, e.type == 'a' ? OTO_OUTCOME_OK : OTO_OUTCOME_ERROR, e.type == 'a' ? NULL : "refused", &op);
		struct oto_program done = {
			.self_size = sizeof done, .direction = OTO_PROGRAM_UPLOAD, .result = OTO_PROGRAM_COMPLETE, .by_receiver = true
		};
		if (e.text.len > 1)
			oto_program(cx, &done);
	} else if (e.type == 'Q' || e.type == 'A') {
		toy_several(cx, e.type == 'Q', e.text);
	} else if (e.type == 'c') {
		oto_deliver(cx, 0, 0, e.text);
	} else if (e.type == 's') {
		oto_stream(cx, 1, 0, e.text);
	} else if (e.type == 't') {
		oto_fact(cx, &(struct oto_fact){ .self_size = sizeof(struct oto_fact), .key = "model", .value = e.text });
	} else if (e.type == 'p') {
		oto_expect(cx, OTO_TCP, cx->head->resp_h, 99, "kid");
	} else if (e.type == 'k') {
		*(uint8_t *)oto_remember(cx, &toy_memory, 1) = key;
	} else if (e.type == 'w') { /* keep what the flow said before, say it now */
		uint8_t **was = cx->state, *now = oto_hold(cx, 100u << 10);
		struct oto_slice before = { *was, *was ? 1 : 0 };
		e.text = before;
		if (now && key != '!') {
			*now = key;
			*was = now;
		} else {
			oto_let_go(cx, now ? now : *was);
			*was = now ? *was : NULL;
		}
	} else if (e.type == 'g') {
		e.text.data = oto_recall(cx, &toy_memory, 1);
	} else if (e.type == 'f' || e.type == 'l') {
		e.text = oto_assemble(cx, e.text, e.type == 'l');
		if (e.type == 'f')
			return;
	}
	oto_emit(cx, 0, &e);
}

static void toy_closing(struct oto_ctx *cx)
{
	struct toy_event e = { .type = 'z' };
	oto_emit(cx, 0, &e);
}

static void kid_pdu(struct oto_ctx *cx, struct oto_cur *c)
{
	struct toy_event e = { .type = (uint8_t)cx->depth, .text = oto_rest(c) };
	oto_emit(cx, 0, &e);
}

static const struct oto_event_type *const toy_events[] = { &toy_type }, *const kid_events[] = { &kid_type };
static const struct oto_pairing toy_pairing = { .self_size = sizeof toy_pairing, .note_size = 1, .keyed = true };
static const struct oto_analyzer toy = {
	.self_size = sizeof toy,
	.name = "toy",
	.doc = "A toy.",
	.keys = "tcp/7 udp/7",
	.channels = "toy deep",
	.flags = OTO_ANY_PORT,
	.probe = toy_probe,
	.pdu_len = toy_len,
	.pdu = toy_pdu,
	.events = toy_events,
	.nevents = 1,
	.pairing = &toy_pairing,
	.state_size = 8,
	.max_pdu = 200,
	.closing = toy_closing,
};
/* Frames what the toy streams, and speaks through the toy's own functions. */
static const struct oto_event_type deep_type = OTO_EVENT("deep.message", struct toy_event, toy_fields, "One message inside.");
static const struct oto_event_type *const deep_events[] = { &deep_type };
static const struct oto_analyzer deep = {
	.self_size = sizeof deep,
	.name = "deep",
	.doc = "A toy in a toy.",
	.keys = "deep",
	.probe = toy_probe,
	.pdu_len = toy_len,
	.pdu = toy_pdu,
	.events = deep_events,
	.nevents = 1,
};
static void handshake_pdu(struct oto_ctx *cx, struct oto_cur *c)
{
	struct toy_event e = { .type = 'h', .text = oto_rest(c) };
	oto_emit(cx, 0, &e);
}
static const struct oto_event_type handshake_type = OTO_EVENT("handshake.message", struct toy_event, toy_fields, "A handshake.");
static const struct oto_event_type *const handshake_events[] = { &handshake_type };
static const struct oto_analyzer handshake = {
	.self_size = sizeof handshake,
	.name = "handshake",
	.doc = "Looks at handshakes.",
	.keys = "tcp.syn",
	.pdu = handshake_pdu,
	.events = handshake_events,
	.nevents = 1,
};
/* Takes what nobody else does, when it begins so. */
static enum oto_answer last_probe(const struct oto_ctx *cx, struct oto_cur c)
{
	return cx->key == 99 && oto_u8(&c) == 'z' ? OTO_MINE : OTO_NOT_MINE;
}
static void last_pdu(struct oto_ctx *cx, struct oto_cur *c)
{
	struct toy_event e = { .type = cx->is_orig ? 'o' : 'r', .text = oto_rest(c) };
	oto_emit(cx, 0, &e);
	oto_service(cx, "zed");
}
static const struct oto_event_type last_type = OTO_EVENT("last.message", struct toy_event, toy_fields, "What nobody wants.");
static const struct oto_event_type *const last_events[] = { &last_type };
static const struct oto_analyzer last = {
	.self_size = sizeof last,
	.name = "last",
	.doc = "Takes the rest.",
	.keys = "last",
	.probe = last_probe,
	.pdu = last_pdu,
	.events = last_events,
	.nevents = 1,
};
static const struct oto_analyzer kid = {
	.self_size = sizeof kid,
	.name = "kid",
	.doc = "Its child.",
	.keys = "toy",
	.pdu = kid_pdu,
	.events = kid_events,
	.nevents = 1,
};

/* ---- the engine's part */

struct bench {
	struct oto_engine engine; /* first: the fakes below find the bench from it */
	struct oto_flow flow;
	struct oto_head head;
	struct oto_buf said, weird, ids; /* ids: of operations and outcomes, their count in the packet */
	bool silent_toy;                 /* what the inner stream says is enough */
};

const struct oto_head *oto_engine_head(struct oto_engine *e, const struct oto_flow *f, enum oto_dir dir)
{
	struct bench *b = (struct bench *)(void *)e;
	(void)f;
	b->head.is_orig = dir == OTO_ORIG;
	return oto_bus_copy(e->bus, &b->head, sizeof b->head);
}

void oto_engine_weird(struct oto_engine *e, const struct oto_head *head, const char *source, const char *name, struct oto_slice detail)
{
	struct bench *b = (struct bench *)(void *)e;
	(void)head, (void)detail;
	oto_buf_fmt(&b->weird, "%s.%s ", source, name);
}

void oto_engine_reenter(struct oto_engine *e, struct oto_flow *f, enum oto_link link, struct oto_slice frame)
{
	(void)e, (void)f, (void)link, (void)frame;
}

static void hear(void *who, const struct oto_event *event)
{
	struct bench *b = who;
	if (event->def == b->engine.operation) {
		const struct oto_operation_event *o = event->data;
		oto_buf_fmt(&b->ids, "%u ", (unsigned)o->op_id & 0xfff);
		oto_buf_fmt(&b->said, "op(%u>%u%s) ", o->client.byte[0], o->server.byte[0], o->unmatched ? " unmatched" : "");
	} else if (event->def == b->engine.outcome) {
		const struct oto_outcome_event *o = event->data;
		oto_buf_fmt(&b->ids, "=%u ", (unsigned)o->op_id & 0xfff);
		oto_buf_fmt(&b->said, "outcome(%u>%u %u %s) ", o->client.byte[0], o->server.byte[0], o->outcome, o->error ? o->error : "-");
	} else if (event->def == b->engine.program) {
		const struct oto_program_event *p = event->data;
		oto_buf_fmt(&b->said, "program(%u>%u) ", p->client.byte[0], p->server.byte[0]);
	} else if (event->def == b->engine.fact) {
		const struct oto_fact_event *f = event->data;
		oto_buf_fmt(&b->said, "fact(%u %s=%.*s) ", f->ip.byte[0], f->key, (int)f->value.len, (const char *)f->value.data);
	} else {
		const struct toy_event *t = event->data;
		bool kid = event->def->name[0] == 'k', toys = strncmp(event->def->name, "toy", 3) == 0;
		if (toys && b->silent_toy)
			return;
		oto_buf_fmt(&b->said, "%s%c:%.*s ",
			    kid                          ? "kid "
			    : event->def->name[0] == 'd' ? "deep "
							 : "",
			    kid ? '0' + t->type : t->type, (int)t->text.len, t->text.data ? (const char *)t->text.data : "");
	}
}

static void begin(struct bench *b)
{
	*b = (struct bench){ 0 };
	struct oto_error err = { "" };
	b->engine.bus = oto_bus_new();
	b->engine.operation = oto_bus_add(b->engine.bus, &oto_operation_type, NULL, &err);
	b->engine.outcome = oto_bus_add(b->engine.bus, &oto_outcome_type, NULL, &err);
	b->engine.fact = oto_bus_add(b->engine.bus, &oto_fact_type, NULL, &err);
	b->engine.program = oto_bus_add(b->engine.bus, &oto_program_type, NULL, &err);
	b->engine.analyzers = oto_analyzers_new(&b->engine);
	assert_true(oto_analyzers_add(b->engine.analyzers, &toy, &err));
	assert_true(oto_analyzers_add(b->engine.analyzers, &kid, &err));
	assert_true(oto_analyzers_add(b->engine.analyzers, &deep, &err));
	assert_true(oto_analyzers_add(b->engine.analyzers, &handshake, &err));
	assert_true(oto_analyzers_add(b->engine.analyzers, &last, &err));
	uint32_t n;
	struct oto_event_def *const *defs = oto_bus_types(b->engine.bus, &n);
	for (uint32_t i = 0; i < n; i++)
		oto_bus_listen(b->engine.bus, defs[i], hear, b);
	b->flow = (struct oto_flow){ .transport = OTO_TCP, .side = { { .port = 1000 }, { .port = 7 } } };
	b->head = (struct oto_head){
		.packet = 1, .orig_h = { { 1 }, 4 }, .resp_h = { { 2 }, 4 }, .orig_p = 1000, .resp_p = 7, .has_ports = true
	};
	oto_buf_str(&b->said, "");
	oto_buf_str(&b->weird, "");
}

static void end(struct bench *b)
{
	oto_analyzer_end(b->engine.analyzers, &b->flow);
	oto_bus_drain(b->engine.bus);
	oto_analyzers_free(b->engine.analyzers);
	oto_bus_free(b->engine.bus);
	oto_buf_free(&b->said);
	oto_buf_free(&b->weird);
	oto_buf_free(&b->ids);
}

/* A segment in memory of its exact size, so that the sanitizer sees a read past it. */
static void segment(struct bench *b, enum oto_dir dir, const char *bytes, size_t len)
{
	uint8_t *copy = oto_calloc(1, len);
	memcpy(copy, bytes, len);
	oto_analyzer_bytes(b->engine.analyzers, &b->flow, dir, (struct oto_slice){ copy, (uint32_t)len }, false);
	oto_bus_drain(b->engine.bus);
	free(copy);
}

#define SAY(b, dir, text) segment(b, dir, text, sizeof(text) - 1)

/* ---- what is promised */

static void every_cut_says_the_same(void **state)
{
	(void)state;
	static const char stream[] = "T\005m1234T\001mT\011mabcdefgh";
	for (size_t first = 0; first < sizeof stream; first++) {
		for (size_t second = first; second < sizeof stream; second++) {
			struct bench b;
			begin(&b);
			segment(&b, OTO_ORIG, stream, first);
			segment(&b, OTO_ORIG, stream + first, second - first);
			segment(&b, OTO_ORIG, stream + second, sizeof stream - 1 - second);
			assert_string_equal(b.said.data, "m:1234 m: m:abcdefgh ");
			assert_string_equal(b.weird.data, "");
			end(&b);
		}
	}
}

static void malformed_says_one_weird_and_nothing_else(void **state)
{
	(void)state;
	struct bench b;
	begin(&b);
	SAY(&b, OTO_ORIG, "T\002xyT\002m1");
	assert_string_equal(b.said.data, "m:1 ");
	assert_string_equal(b.weird.data, "toy.truncated ");
	end(&b);
}

static void lost_place_is_found_at_a_segment_start(void **state)
{
	(void)state;
	struct bench b;
	begin(&b);
	SAY(&b, OTO_ORIG, "T\002m1garbage T\002m2");
	SAY(&b, OTO_ORIG, "more garbage");
	SAY(&b, OTO_ORIG, "T\002m3");
	assert_string_equal(b.said.data, "m:1 m:3 ");
	assert_string_equal(b.weird.data, "toy.not_a_pdu ");
	end(&b);
}

static void a_gap_inside_a_pdu_costs_that_pdu_only(void **state)
{
	(void)state;
	struct bench b;
	begin(&b);
	SAY(&b, OTO_ORIG, "T\011mab");
	oto_analyzer_gap(b.engine.analyzers, &b.flow, OTO_ORIG, 3);
	SAY(&b, OTO_ORIG, "fghT\002m2");
	assert_string_equal(b.said.data, "m:2 ");
	assert_string_equal(b.weird.data, "");
	end(&b);
}

static void a_pdu_beyond_the_limit_is_passed_over(void **state)
{
	(void)state;
	struct bench b;
	begin(&b);
	SAY(&b, OTO_ORIG, "T\002m1T\371m");
	for (int i = 0; i < 248; i++)
		SAY(&b, OTO_ORIG, "z");
	SAY(&b, OTO_ORIG, "T\002m2");
	assert_string_equal(b.said.data, "m:1 m:2 ");
	assert_string_equal(b.weird.data, "toy.pdu_too_long ");
	end(&b);
}

static void operations_have_outcomes(void **state)
{
	(void)state;
	struct bench b;
	begin(&b);
	SAY(&b, OTO_ORIG, "T\002q1T\002q2");
	SAY(&b, OTO_RESP, "T\002a1T\002e2");
	assert_string_equal(b.said.data, "op(1>2) q:1 op(1>2) q:2 outcome(1>2 1 -) a:1 outcome(1>2 2 refused) e:2 ");
	SAY(&b, OTO_RESP, "T\002a9"); /* only the response was seen */
	assert_non_null(strstr(b.said.data, "op(1>2 unmatched) outcome(1>2 1 -) a:9 "));
	end(&b);
}

static void a_group_is_asked_and_who_answers_is_named(void **state)
{
	(void)state;
	struct bench b;
	begin(&b);
	b.head.resp_h = (struct oto_addr){ { 255, 255, 255, 255 }, 4 };
	SAY(&b, OTO_ORIG, "T\002q1T\002q2");
	b.head.orig_h.byte[0] = 9; /* answers to everybody, too */
	SAY(&b, OTO_ORIG, "T\003a1!");
	oto_analyzer_expire(b.engine.analyzers, 20 * OTO_SECOND);
	oto_bus_drain(b.engine.bus);
	assert_string_equal(b.said.data, "op(1>255) q:1 op(1>255) q:2 outcome(1>9 1 -) program(1>9) a:1! outcome(1>255 3 -) ");
	end(&b);
}

static void only_multicast_and_the_limited_broadcast_are_groups(void **state)
{
	(void)state;
	static const struct oto_addr groups[] = { { { 255, 255, 255, 255 }, 4 },
						  { { 224, 0, 0, 1 }, 4 },
						  { { 239, 255, 255, 250 }, 4 },
						  { { 0xff, 2 }, 6 },
						  { { 1, 0, 0x5e }, 48 } };
	static const struct oto_addr stations[] = { { { 10, 0, 0, 255 }, 4 }, { { 240, 0, 0, 1 }, 4 }, { { 255, 255, 255, 254 }, 4 },
						    { { 0xfe, 0x80 }, 6 },    { { 2 }, 48 },           { { 0xff }, 0 } };
	for (size_t i = 0; i < sizeof groups / sizeof *groups; i++)
		assert_true(oto_addr_is_group(&groups[i]));
	for (size_t i = 0; i < sizeof stations / sizeof *stations; i++)
		assert_false(oto_addr_is_group(&stations[i]));
}

static void facts_are_text(void **state)
{
	(void)state;
	struct bench b;
	begin(&b);
	b.silent_toy = true;
	SAY(&b, OTO_ORIG, "T\004tPLCT\003t\r\nT\001t");
	assert_string_equal(b.said.data, "fact(1 model=PLC) fact(1 model=\r\n) ");
	SAY(&b, OTO_RESP, "T\004tP\000CT\003t\177x");
	assert_string_equal(b.said.data, "fact(1 model=PLC) fact(1 model=\r\n) ");
	assert_string_equal(b.weird.data, "toy.fact_not_text toy.fact_not_text ");
	end(&b);
}

static void those_that_are_alike_have_numbers_of_their_own(void **state)
{
	(void)state;
	struct bench b;
	begin(&b);
	SAY(&b, OTO_ORIG, "T\003Q13T\003Q22T\002q3");
	assert_string_equal(b.ids.data, "1 2 3 4 5 6 ");
	b.head.packet = 2;
	b.ids.len = 0;
	SAY(&b, OTO_RESP, "T\003A22T\004A121T\002a3");
	assert_string_equal(b.ids.data, "=4 =5 =1 =2 =3 =6 ");
	SAY(&b, OTO_ORIG, "T\003Q42");
	b.ids.len = 0;
	oto_analyzer_expire(b.engine.analyzers, 20 * OTO_SECOND);
	oto_bus_drain(b.engine.bus);
	assert_string_equal(b.ids.data, "=1 =2 ");
	end(&b);
}

static void no_answer_is_an_outcome(void **state)
{
	(void)state;
	struct bench b;
	begin(&b);
	SAY(&b, OTO_ORIG, "T\002q1");
	oto_analyzer_expire(b.engine.analyzers, 20 * OTO_SECOND);
	oto_bus_drain(b.engine.bus);
	assert_string_equal(b.said.data, "op(1>2) q:1 outcome(1>2 3 -) ");
	end(&b);
}

static void children_get_what_is_delivered(void **state)
{
	(void)state;
	struct bench b;
	begin(&b);
	SAY(&b, OTO_ORIG, "T\003chi");
	assert_string_equal(b.said.data, "kid 1:hi c:hi ");
	assert_string_equal(b.flow.service, "kid");
	end(&b);
}

static void fragments_make_a_message(void **state)
{
	(void)state;
	struct bench b;
	begin(&b);
	SAY(&b, OTO_ORIG, "T\003fabT\003fcdT\002le");
	SAY(&b, OTO_ORIG, "T\003lxy");
	assert_string_equal(b.said.data, "l:abcde l:xy ");
	end(&b);
}

static void an_odd_port_is_found_by_probe(void **state)
{
	(void)state;
	struct bench b;
	begin(&b);
	b.flow.side[OTO_RESP].port = 4711;
	SAY(&b, OTO_ORIG, "T");
	SAY(&b, OTO_ORIG, "\002m1");
	assert_string_equal(b.said.data, "m:1 ");
	end(&b);
}

static void a_mistaken_probe_lets_the_flow_go(void **state)
{
	(void)state;
	struct bench b;
	begin(&b);
	b.flow.side[OTO_RESP].port = 4711;
	for (int i = 0; i < 8; i++)
		SAY(&b, OTO_ORIG, "T\002xy");
	assert_string_equal(b.weird.data, "toy.truncated toy.truncated toy.truncated toy.truncated ");
	assert_null(b.flow.service);
	end(&b);
}

static void datagrams_hold_several_pdus(void **state)
{
	(void)state;
	struct bench b;
	begin(&b);
	b.flow.transport = OTO_UDP;
	static const uint8_t two[] = "T\002m1T\002m2";
	oto_analyzer_datagram(b.engine.analyzers, &b.flow, OTO_ORIG, (struct oto_slice){ two, sizeof two - 1 }, 0);
	oto_bus_drain(b.engine.bus);
	assert_string_equal(b.said.data, "m:1 m:2 ");
	end(&b);
}

static void a_stream_inside_is_framed_at_every_cut(void **state)
{
	(void)state;
	static const char inner[] = "T\005m1234T\001mT\003mab";
	for (size_t first = 0; first < sizeof inner; first++) {
		struct bench b;
		char outer[64];
		size_t rest = sizeof inner - 1 - first;
		begin(&b);
		b.silent_toy = true;
		int n = snprintf(outer, sizeof outer, "T%cs%.*s", (int)(first + 1), (int)first, inner);
		segment(&b, OTO_ORIG, outer, (size_t)n);
		n = snprintf(outer, sizeof outer, "T%cs%s", (int)(rest + 1), inner + first);
		segment(&b, OTO_ORIG, outer, (size_t)n);
		assert_string_equal(b.said.data, "deep m:1234 deep m: deep m:ab ");
		assert_string_equal(b.weird.data, "");
		assert_string_equal(b.flow.service, "deep");
		end(&b);
	}
}

static void a_gap_costs_the_stream_inside_its_place(void **state)
{
	(void)state;
	struct bench b;
	begin(&b);
	b.silent_toy = true;
	SAY(&b, OTO_ORIG, "T\006sT\011mab");
	oto_analyzer_gap(b.engine.analyzers, &b.flow, OTO_ORIG, 3);
	SAY(&b, OTO_ORIG, "T\003sxxT\005sT\002m2");
	assert_string_equal(b.said.data, "deep m:2 ");
	end(&b);
}

static void an_announced_flow_is_known(void **state)
{
	(void)state;
	struct bench b;
	begin(&b);
	SAY(&b, OTO_ORIG, "T\001p");
	struct oto_flow second = { .transport = OTO_TCP, .side = { { .port = 2000 }, { .port = 99, .addr = b.head.resp_h } } },
			first = b.flow;
	b.flow = second;
	SAY(&b, OTO_ORIG, "anything");
	assert_string_equal(b.said.data, "p: kid 0:anything ");
	oto_analyzer_end(b.engine.analyzers, &b.flow);
	b.flow = second; /* announced once: the next is nobody's */
	SAY(&b, OTO_ORIG, "anything");
	assert_string_equal(b.said.data, "p: kid 0:anything ");
	oto_analyzer_end(b.engine.analyzers, &b.flow);
	b.flow = first;
	end(&b);
}

static void flows_remember_for_each_other(void **state)
{
	(void)state;
	struct bench b;
	begin(&b);
	SAY(&b, OTO_ORIG, "T\002kK");
	struct oto_flow first = b.flow;
	b.flow = (struct oto_flow){ .transport = OTO_TCP, .side = { { .port = 3000 }, { .port = 7 } } };
	SAY(&b, OTO_ORIG, "T\002g?");
	assert_string_equal(b.said.data, "k:K g:K ");
	oto_analyzer_end(b.engine.analyzers, &b.flow);
	b.flow = first;
	end(&b);
}

static void a_flow_holds_so_much_and_no_more(void **state)
{
	(void)state;
	struct bench b;
	begin(&b);
	SAY(&b, OTO_ORIG, "T\002w1T\002w!T\002w2");
	assert_string_equal(b.said.data, "w: w:1 w:1 ");
	SAY(&b, OTO_ORIG, "T\002w3"); /* 300 KiB: refused, and lets go of one */
	SAY(&b, OTO_ORIG, "T\002w4");
	assert_string_equal(b.said.data, "w: w:1 w:1 w:2 w: ");
	end(&b);
}

static void the_end_is_the_last_chance_to_speak(void **state)
{
	(void)state;
	struct bench b;
	begin(&b);
	SAY(&b, OTO_ORIG, "T\002q1");
	oto_analyzer_end(b.engine.analyzers, &b.flow);
	oto_bus_drain(b.engine.bus);
	assert_string_equal(b.said.data, "op(1>2) q:1 z: outcome(1>2 3 -) ");
	b.flow.analysis = NULL; /* nothing understood: nothing to say */
	SAY(&b, OTO_ORIG, "T");
	oto_analyzer_end(b.engine.analyzers, &b.flow);
	oto_bus_drain(b.engine.bus);
	assert_string_equal(b.said.data, "op(1>2) q:1 z: outcome(1>2 3 -) ");
	end(&b);
}

static void handshakes_are_looked_at_beside_the_flow(void **state)
{
	(void)state;
	struct bench b;
	begin(&b);
	oto_analyzer_syn(b.engine.analyzers, &b.flow, OTO_ORIG, (struct oto_slice){ (const uint8_t *)"E", 1 });
	SAY(&b, OTO_ORIG, "T\002m1");
	assert_string_equal(b.said.data, "h:E m:1 ");
	assert_string_equal(b.flow.service, "toy");
	end(&b);
}

/* One PDU, when everybody has refused; never what another one takes. */
static void the_last_takes_what_is_left(void **state)
{
	(void)state;
	struct bench b;
	begin(&b);
	b.flow.side[1].port = 99;
	SAY(&b, OTO_ORIG, "zoo");
	assert_string_equal(b.said.data, "");
	SAY(&b, OTO_RESP, "who?");
	assert_string_equal(b.said.data, "o:zoo ");
	assert_string_equal(b.flow.service, "zed");
	SAY(&b, OTO_ORIG, "zoo");
	assert_string_equal(b.said.data, "o:zoo ");
	end(&b);

	begin(&b); /* the other direction shows whose it is */
	b.flow.side[1].port = 99;
	SAY(&b, OTO_ORIG, "zoo");
	SAY(&b, OTO_RESP, "T\002m1");
	end(&b);
	assert_string_equal(b.flow.service, "toy");

	begin(&b); /* the flow ends before everybody is sure */
	b.flow.side[1].port = 99;
	SAY(&b, OTO_RESP, "zoo");
	oto_analyzer_end(b.engine.analyzers, &b.flow);
	oto_bus_drain(b.engine.bus);
	assert_string_equal(b.said.data, "r:zoo ");
	end(&b);

	begin(&b);
	b.flow.transport = OTO_IP;
	b.flow.ip_proto = 99;
	oto_analyzer_datagram(b.engine.analyzers, &b.flow, OTO_ORIG, (struct oto_slice){ (const uint8_t *)"z", 1 }, 0);
	oto_bus_drain(b.engine.bus);
	assert_string_equal(b.said.data, "o:z ");
	end(&b);
}

static void registration_is_checked(void **state)
{
	(void)state;
	struct bench b;
	struct oto_error err = { "" };
	begin(&b);
	assert_false(oto_analyzers_add(b.engine.analyzers, &toy, &err));
	assert_non_null(strstr(err.text, "toy is registered twice"));
	struct oto_analyzer other = toy;
	other.name = "other";
	assert_true(oto_analyzers_add(b.engine.analyzers, &other, &err)); /* the same events in another mouth */
	struct oto_analyzer bad = toy;
	bad.name = "bad";
	bad.keys = "tcp";
	assert_false(oto_analyzers_add(b.engine.analyzers, &bad, &err));
	assert_non_null(strstr(err.text, "analyzer bad: key tcp needs a number"));
	static const struct {
		const char *name, *keys, *says;
	} wrong[] = {
		{ "far", "tcp/70000", "key tcp/70000: the number is above 65535" },
		{ "twice", "tcp/8 udp/8 tcp/8", "key tcp/8 is declared twice" },
	};
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		bad.name = wrong[i].name;
		bad.keys = wrong[i].keys;
		assert_false(oto_analyzers_add(b.engine.analyzers, &bad, &err));
		assert_non_null(strstr(err.text, wrong[i].says));
	}
	struct oto_analyzer greedy = kid;
	greedy.name = "greedy";
	greedy.keys = "tcp/9";
	assert_true(oto_analyzers_add(b.engine.analyzers, &greedy, &err));
	bad.name = "late";
	bad.keys = "tcp/9";
	assert_false(oto_analyzers_add(b.engine.analyzers, &bad, &err));
	assert_non_null(strstr(err.text, "key tcp/9 belongs to greedy, which takes all of it"));
	static const struct oto_log logs[] = { { .name = "toy", .columns = "tipe", .form = OTO_FORM_OFF } };
	struct oto_event_type logged = toy_type;
	const struct oto_event_type *const logged_events[] = { &logged };
	logged.name = "toy.logged";
	logged.logs = logs;
	logged.nlogs = 1;
	logged.log_stride = sizeof *logs;
	bad.name = "logs";
	bad.keys = "tcp/10";
	bad.events = logged_events;
	assert_false(oto_analyzers_add(b.engine.analyzers, &bad, &err));
	assert_non_null(strstr(err.text, "event toy.logged, log toy: there is no field tipe (did you mean type?)"));
	end(&b);
}

/* The deep toy declares no pairing and no channels, and speaks through functions that need them. */
static void wrong_calls_do_nothing(void **state)
{
	(void)state;
	struct bench b;

	begin(&b);
	b.silent_toy = true;
	for (int i = 0; i < 3; i++) {
		SAY(&b, OTO_ORIG, "T\005sT\002qa");
		SAY(&b, OTO_ORIG, "T\005sT\002ax");
		SAY(&b, OTO_ORIG, "T\005sT\002cx");
	}
	assert_int_equal(oto_analyzers_mistakes(b.engine.analyzers), 9);
	/* what else it says is heard */
	assert_non_null(strstr(b.said.data, "deep q:a "));
	assert_non_null(strstr(b.said.data, "op("));
	end(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_cut_says_the_same),
		cmocka_unit_test(malformed_says_one_weird_and_nothing_else),
		cmocka_unit_test(lost_place_is_found_at_a_segment_start),
		cmocka_unit_test(a_gap_inside_a_pdu_costs_that_pdu_only),
		cmocka_unit_test(a_pdu_beyond_the_limit_is_passed_over),
		cmocka_unit_test(operations_have_outcomes),
		cmocka_unit_test(a_group_is_asked_and_who_answers_is_named),
		cmocka_unit_test(only_multicast_and_the_limited_broadcast_are_groups),
		cmocka_unit_test(facts_are_text),
		cmocka_unit_test(those_that_are_alike_have_numbers_of_their_own),
		cmocka_unit_test(no_answer_is_an_outcome),
		cmocka_unit_test(children_get_what_is_delivered),
		cmocka_unit_test(fragments_make_a_message),
		cmocka_unit_test(an_odd_port_is_found_by_probe),
		cmocka_unit_test(a_mistaken_probe_lets_the_flow_go),
		cmocka_unit_test(datagrams_hold_several_pdus),
		cmocka_unit_test(a_stream_inside_is_framed_at_every_cut),
		cmocka_unit_test(a_gap_costs_the_stream_inside_its_place),
		cmocka_unit_test(an_announced_flow_is_known),
		cmocka_unit_test(flows_remember_for_each_other),
		cmocka_unit_test(a_flow_holds_so_much_and_no_more),
		cmocka_unit_test(the_end_is_the_last_chance_to_speak),
		cmocka_unit_test(handshakes_are_looked_at_beside_the_flow),
		cmocka_unit_test(the_last_takes_what_is_left),
		cmocka_unit_test(registration_is_checked),
		cmocka_unit_test(wrong_calls_do_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
