/* testing.h - a host for unit tests of one analyzer: feeds it PDUs and writes down what it says, a line an event.
 *
 * Knows the plugin contract, the event bus and values; nothing of capture, flows or streams. Pairing is a plain list. A line reads
 * "modbus.request tid=1 unit=2 ...", absent fields left out; operations, outcomes, facts and weirds have lines of their own.
 */
#ifndef OTO_ANALYZERS_TESTING_H
#define OTO_ANALYZERS_TESTING_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "event.h"

enum { TEST_OPEN_MAX = 16, TEST_EVENTS_MAX = 32, TEST_REMEMBERED_MAX = 32 };

struct test_held {
	struct test_held *next;
	uint8_t bytes[] __attribute__((aligned(16)));
};

struct test_host {
	struct oto_host host; /* first: the services find the rest from it */
	const struct oto_analyzer *analyzer;
	struct oto_bus *bus;
	struct oto_event_def *events[TEST_EVENTS_MAX];
	struct oto_head head;
	struct oto_ctx cx;
	struct oto_cur *cur;
	struct oto_sweeps sweeps;
	bool counting; /* nobody looks at single events */
	bool repeats;  /* all was said before */
	struct oto_buf said;
	struct oto_buf fragments;
	struct test_held *held;
	void *shared;
	struct {
		bool open;
		uint64_t key;
		int64_t ts;
		uint8_t note[OTO_NOTE_MAX] __attribute__((aligned(16)));
	} asked[TEST_OPEN_MAX];
	uint8_t state[OTO_STATE_MAX] __attribute__((aligned(16)));
	struct {
		const struct oto_memory *memory; /* NULL: free */
		uint64_t key;
		uint8_t bytes[OTO_MEMORY_MAX] __attribute__((aligned(16)));
	} remembered[TEST_REMEMBERED_MAX];
};

static inline struct test_host *test_host_of(const struct oto_ctx *cx)
{
	return (struct test_host *)(uintptr_t)cx->host;
}

static void test_heard(void *who, const struct oto_event *e)
{
	struct test_host *t = who;

	oto_buf_str(&t->said, e->def->name);
	for (uint32_t i = 0; i < e->def->nfields; i++) {
		struct oto_value v;
		oto_value_get(e, (struct oto_field_ref){ &e->def->fields[i], false }, &v);
		if (!v.kind)
			continue;
		oto_buf_fmt(&t->said, " %s=", e->def->fields[i].name);
		oto_value_text(&v, &t->said);
	}
	oto_buf_chr(&t->said, '\n');
}

static bool test_wanted(struct oto_ctx *cx, uint32_t event)
{
	assert_true(event < cx->self->nevents);
	return true;
}

static void test_emit(struct oto_ctx *cx, uint32_t event, const void *data)
{
	struct test_host *t = test_host_of(cx);

	assert_true(event < cx->self->nevents);
	if (!t->cur || !t->cur->bad)
		oto_bus_emit(t->bus, t->events[event], cx->head, data);
}

static void test_target(struct test_host *t, const struct oto_target *target)
{
	struct oto_value v = { .kind = OTO_TARGET, .target = target };

	oto_buf_str(&t->said, " target=");
	oto_value_text(&v, &t->said);
}

static uint64_t test_operation(struct oto_ctx *cx, const struct oto_operation *o)
{
	struct test_host *t = test_host_of(cx);

	if (o->op == OTO_OP_NONE)
		return 0;
	oto_buf_fmt(&t->said, "operation %s %s", oto_op_name(o->op), o->func);
	if (o->target.space || o->target.name.len)
		test_target(t, &o->target);
	if (o->has_unit)
		oto_buf_fmt(&t->said, " unit=%u", o->unit);
	oto_buf_chr(&t->said, '\n');
	return 1;
}

static void test_outcome(struct oto_ctx *cx, const struct oto_match *m, uint32_t code, const char *error,
			 const struct oto_operation *unmatched)
{
	struct test_host *t = test_host_of(cx);

	oto_buf_fmt(&t->said, "outcome %s%s%s", code == OTO_OUTCOME_OK ? "ok" : "error", error ? " " : "", error ? error : "");
	if (!m->found && unmatched)
		oto_buf_fmt(&t->said, " unmatched %s", unmatched->func);
	oto_buf_chr(&t->said, '\n');
}

static void test_fact(struct oto_ctx *cx, const struct oto_fact *f)
{
	struct test_host *t = test_host_of(cx);

	if (!f->value.len)
		return;
	oto_buf_fmt(&t->said, "fact %s=%.*s", f->key, (int)f->value.len, (const char *)f->value.data);
	if (f->sub.len)
		oto_buf_fmt(&t->said, " sub=%.*s", (int)f->sub.len, (const char *)f->sub.data);
	oto_buf_chr(&t->said, '\n');
}

static void test_program(struct oto_ctx *cx, const struct oto_program *p)
{
	static const char *const directions[] = { "?", "upload", "download", "delete", "insert" };
	static const char *const results[] = { "?", "complete", "aborted", "cut" };
	struct test_host *t = test_host_of(cx);

	assert_true(p->direction <= OTO_PROGRAM_INSERT && p->result <= OTO_PROGRAM_CUT);
	oto_buf_fmt(&t->said, "program %s %s %s %.*s", directions[p->direction], results[p->result], p->kind, (int)p->name.len,
		    (const char *)p->name.data);
	if (p->has_size)
		oto_buf_fmt(&t->said, " size=%llu", (unsigned long long)p->size);
	if (p->has_announced)
		oto_buf_fmt(&t->said, " announced=%llu", (unsigned long long)p->announced);
	for (uint32_t i = 0; i < p->sha256.len; i++)
		oto_buf_fmt(&t->said, "%s%02x", i ? "" : " sha256=", p->sha256.data[i]);
	if (p->error)
		oto_buf_fmt(&t->said, " error=%s", p->error);
	oto_buf_str(&t->said, p->by_receiver ? " by receiver\n" : "\n");
}

static void test_weird(struct oto_ctx *cx, const char *name, struct oto_slice detail)
{
	(void)detail;
	oto_buf_fmt(&test_host_of(cx)->said, "weird %s\n", name);
}

static void *test_scratch(struct oto_ctx *cx, size_t size)
{
	return oto_bus_scratch(test_host_of(cx)->bus, size);
}

static void test_deliver(struct oto_ctx *cx, uint32_t channel, uint64_t key, struct oto_slice pdu)
{
	struct test_host *t = test_host_of(cx);

	oto_buf_fmt(&t->said, "deliver %u/%u ", channel, (unsigned)key);
	for (uint32_t i = 0; i < pdu.len; i++)
		oto_buf_fmt(&t->said, "%02x", pdu.data[i]);
	oto_buf_chr(&t->said, '\n');
}

static void test_needs_pairing(const struct oto_ctx *cx)
{
	if (!cx->self->pairing)
		fail_msg("analyzer %s pairs messages and declares no .pairing", cx->self->name);
}

static void test_request(struct oto_ctx *cx, uint64_t key, const void *note)
{
	struct test_host *t = test_host_of(cx);
	int i = 0;

	test_needs_pairing(cx);
	while (i < TEST_OPEN_MAX - 1 && t->asked[i].open)
		i++;
	t->asked[i].open = true;
	t->asked[i].key = key;
	t->asked[i].ts = cx->head->ts.ns;
	if (note)
		memcpy(t->asked[i].note, note, cx->self->pairing->note_size);
}

static void test_response(struct oto_ctx *cx, uint64_t key, struct oto_match *m)
{
	struct test_host *t = test_host_of(cx);

	test_needs_pairing(cx);
	*m = (struct oto_match){ .self_size = sizeof *m };
	for (int i = 0; i < TEST_OPEN_MAX && !m->found; i++) {
		if (!t->asked[i].open || t->asked[i].key != key)
			continue;
		t->asked[i].open = false;
		m->found = true;
		m->asked.ns = t->asked[i].ts;
		m->latency.ns = cx->head->ts.ns - t->asked[i].ts;
		memcpy(m->note, t->asked[i].note, cx->self->pairing->note_size);
	}
}

static void test_reenter(struct oto_ctx *cx, enum oto_link link, struct oto_slice frame)
{
	oto_buf_fmt(&test_host_of(cx)->said, "reenter %d %u\n", (int)link, frame.len);
}

static struct oto_slice test_assemble(struct oto_ctx *cx, struct oto_slice fragment, bool last)
{
	struct test_host *t = test_host_of(cx);

	oto_buf_add(&t->fragments, fragment.data, fragment.len);
	if (!last)
		return (struct oto_slice){ 0 };
	struct oto_slice whole = { oto_bus_scratch(t->bus, t->fragments.len + 1), (uint32_t)t->fragments.len };
	memcpy((void *)(uintptr_t)whole.data, t->fragments.data, whole.len);
	t->fragments.len = 0;
	return whole;
}

static void test_stream(struct oto_ctx *cx, uint32_t channel, uint64_t key, struct oto_slice bytes)
{
	struct test_host *t = test_host_of(cx);

	oto_buf_fmt(&t->said, "stream %u/%u ", channel, (unsigned)key);
	for (uint32_t i = 0; i < bytes.len; i++)
		oto_buf_fmt(&t->said, "%02x", bytes.data[i]);
	oto_buf_chr(&t->said, '\n');
}

static void *test_recall(struct oto_ctx *cx, const struct oto_memory *memory, uint64_t key)
{
	struct test_host *t = test_host_of(cx);

	for (int i = 0; i < TEST_REMEMBERED_MAX; i++) {
		if (t->remembered[i].memory && strcmp(t->remembered[i].memory->name, memory->name) == 0 && t->remembered[i].key == key)
			return t->remembered[i].bytes;
	}
	return NULL;
}

static void *test_remember(struct oto_ctx *cx, const struct oto_memory *memory, uint64_t key)
{
	struct test_host *t = test_host_of(cx);
	void *known = test_recall(cx, memory, key);
	int i = 0;

	if (known)
		return known;
	while (i < TEST_REMEMBERED_MAX - 1 && t->remembered[i].memory)
		i++;
	memset(&t->remembered[i], 0, sizeof t->remembered[i]);
	t->remembered[i].memory = memory;
	t->remembered[i].key = key;
	return t->remembered[i].bytes;
}

static void test_expect(struct oto_ctx *cx, uint32_t transport, const struct oto_addr *host, uint16_t port, const char *analyzer)
{
	(void)host;
	oto_buf_fmt(&test_host_of(cx)->said, "expect %s port %u transport %u\n", analyzer, port, transport);
}

static void *test_hold(struct oto_ctx *cx, uint32_t size)
{
	struct test_held *h = oto_calloc(1, sizeof *h + size);

	h->next = test_host_of(cx)->held;
	test_host_of(cx)->held = h;
	return h->bytes;
}

static void test_let_go(struct oto_ctx *cx, void *held)
{
	struct test_held **link = &test_host_of(cx)->held;

	while (*link && (*link)->bytes != held)
		link = &(*link)->next;
	struct test_held *h = *link;
	if (h) {
		*link = h->next;
		free(h);
	}
}

static void test_service(struct oto_ctx *cx, const char *name)
{
	oto_buf_fmt(&test_host_of(cx)->said, "service %s\n", name);
}

static struct oto_slice test_oem(struct oto_ctx *cx, struct oto_slice text)
{
	(void)cx;
	return text;
}

static struct oto_sweeps test_sweeps(struct oto_ctx *cx)
{
	return test_host_of(cx)->sweeps;
}

static bool test_single(struct oto_ctx *cx, uint32_t event)
{
	assert_true(event < cx->self->nevents);
	return !test_host_of(cx)->counting;
}

static bool test_heard_by(struct oto_ctx *cx, uint32_t event, const void *data)
{
	(void)data;
	return test_wanted(cx, event);
}

static void test_emit_as(struct oto_ctx *cx, uint32_t event, const void *data, uint64_t key)
{
	(void)key;
	test_emit(cx, event, data);
}

static void test_together(struct oto_ctx *cx, uint32_t event, uint64_t key, const uint64_t *keys, uint32_t n)
{
	(void)key;
	(void)keys;
	assert_true(event < cx->self->nevents && n);
}

static bool test_again(struct oto_ctx *cx, uint32_t event, uint64_t key)
{
	(void)key;
	assert_true(event < cx->self->nevents);
	return test_host_of(cx)->repeats;
}

static bool test_again_with(struct oto_ctx *cx, uint32_t event, uint64_t key, const void *data)
{
	(void)data;
	return test_again(cx, event, key);
}

static bool test_again_each(struct oto_ctx *cx, uint32_t event, uint64_t key, const void *data, uint32_t n)
{
	assert_true(data && n);
	return test_again(cx, event, key);
}

static uint64_t test_ends(struct oto_ctx *cx)
{
	return cx->is_orig;
}

static void test_alike(struct oto_ctx *cx, uint32_t n)
{
	oto_buf_fmt(&test_host_of(cx)->said, "alike %u\n", n);
}

/* Ports tell which side is which; the originator is the first. */
static inline struct test_host *test_host_new(const struct oto_analyzer *a, uint8_t transport, uint16_t orig_p, uint16_t resp_p)
{
	struct test_host *t = oto_calloc(1, sizeof *t);
	struct oto_error err = { { 0 } };

	t->host = (struct oto_host){ .self_size = sizeof t->host,
				     .abi = OTO_ABI,
				     .wanted = test_wanted,
				     .emit = test_emit,
				     .operation = test_operation,
				     .outcome = test_outcome,
				     .fact = test_fact,
				     .weird = test_weird,
				     .scratch = test_scratch,
				     .deliver = test_deliver,
				     .request = test_request,
				     .response = test_response,
				     .reenter = test_reenter,
				     .assemble = test_assemble,
				     .program = test_program,
				     .stream = test_stream,
				     .remember = test_remember,
				     .recall = test_recall,
				     .expect = test_expect,
				     .hold = test_hold,
				     .let_go = test_let_go,
				     .service = test_service,
				     .oem = test_oem,
				     .sweeps = test_sweeps,
				     .single = test_single,
				     .alike = test_alike,
				     .heard = test_heard_by,
				     .emit_as = test_emit_as,
				     .again = test_again,
				     .ends = test_ends,
				     .together = test_together,
				     .again_with = test_again_with,
				     .again_each = test_again_each };
	t->analyzer = a;
	t->bus = oto_bus_new();
	assert_true(a->nevents <= TEST_EVENTS_MAX);
	for (uint32_t i = 0; i < a->nevents; i++) {
		t->events[i] = oto_bus_add(t->bus, a->events[i], a->name, &err);
		assert_string_equal(err.text, "");
		oto_bus_listen(t->bus, t->events[i], test_heard, t);
	}
	t->head = (struct oto_head){ .ts = { 1000000000 },
				     .packet = 1,
				     .uid = "Ctest",
				     .orig_h = { { 10, 0, 0, 1 }, OTO_FAMILY_IPV4 },
				     .resp_h = { { 10, 0, 0, 2 }, OTO_FAMILY_IPV4 },
				     .orig_p = orig_p,
				     .resp_p = resp_p,
				     .transport = transport,
				     .has_flow = true,
				     .has_ports = true };
	t->cx = (struct oto_ctx){ .host = &t->host, .self = a, .head = &t->head, .state = t->state, .transport = transport };
	if (!a->setup) /* what needs one, gives it what it needs */
		t->cx.shared = t->shared = oto_calloc(1, a->shared_size + 1);
	return t;
}

/* One that is given frames without IP, from 02:00:00:00:00:01. */
static inline struct test_host *test_host_frames(const struct oto_analyzer *a, struct oto_mac to)
{
	struct test_host *t = test_host_new(a, OTO_ETH, 0, 0);

	t->head.has_ports = false;
	t->head.has_mac = true;
	t->head.orig_mac = (struct oto_mac){ { 0x02, 0, 0, 0, 0, 1 } };
	t->head.resp_mac = to;
	return t;
}

static inline void test_host_free(struct test_host *t)
{
	while (t->held)
		test_let_go(&t->cx, t->held->bytes);
	oto_bus_free(t->bus);
	oto_buf_free(&t->said);
	oto_buf_free(&t->fragments);
	free(t->shared);
	free(t);
}

static inline int test_teardown(void **state)
{
	test_host_free(*state);
	return 0;
}

static inline struct oto_slice test_hex(const char *hex, uint8_t *out, uint32_t size)
{
	uint32_t n = 0;

	for (; *hex; hex++) {
		unsigned byte;
		if (*hex == ' ')
			continue;
		assert_true(n < size && sscanf(hex, "%2x", &byte) == 1);
		out[n++] = (uint8_t)byte;
		hex++;
	}
	return (struct oto_slice){ out, n };
}

static inline void test_side(struct test_host *t, bool is_orig)
{
	t->cx.is_orig = t->head.is_orig = is_orig;
}

/* Bytes of one direction, cut into PDUs by pdu_len; returns what was said. Each call is a packet a millisecond after the last. */
static inline const char *test_bytes(struct test_host *t, bool is_orig, struct oto_slice in)
{
	t->said.len = 0;
	t->head.packet++;
	t->head.ts.ns += 1000000;
	test_side(t, is_orig);
	while (in.len) {
		int64_t n = t->analyzer->pdu_len ? t->analyzer->pdu_len(&t->cx, oto_cur_of(in)) : in.len;
		if (n <= 0 || n > in.len) {
			oto_buf_fmt(&t->said, "pdu_len %d\n", n > in.len ? 0 : (int)n);
			break;
		}
		struct oto_cur c = oto_cur_of((struct oto_slice){ in.data, (uint32_t)n });
		t->cur = &c;
		t->analyzer->pdu(&t->cx, &c);
		t->cur = NULL;
		if (c.bad)
			oto_buf_str(&t->said, "weird truncated\n");
		in.data += n;
		in.len -= (uint32_t)n;
	}
	oto_bus_drain(t->bus);
	oto_buf_add(&t->said, "", 1);
	return t->said.data;
}

/* The flow ends; returns what is said then. */
static inline const char *test_closing(struct test_host *t)
{
	t->said.len = 0;
	t->analyzer->closing(&t->cx);
	oto_bus_drain(t->bus);
	oto_buf_add(&t->said, "", 1);
	return t->said.data;
}

static inline const char *test_pdu(struct test_host *t, bool is_orig, const char *hex)
{
	static uint8_t bytes[70000];
	return test_bytes(t, is_orig, test_hex(hex, bytes, sizeof bytes));
}

/* Does the analyzer take a flow that begins with these bytes? */
static inline enum oto_answer test_probe(struct test_host *t, const char *hex)
{
	static uint8_t bytes[4096];
	return t->analyzer->probe(&t->cx, oto_cur_of(test_hex(hex, bytes, sizeof bytes)));
}

static inline enum oto_answer test_probe_text(struct test_host *t, const char *text)
{
	return t->analyzer->probe(&t->cx, oto_cur_of(oto_slice_of(text)));
}

/* What setup() is given: one data file's text, and memory that ends with test_setup_free(). */
struct test_setup {
	struct oto_setup how;
	const char *name, *path, *text; /* the file that must be asked for, and what it holds */
	void *kept[512];
	int n;
	char why[256];
};

static struct oto_slice test_setup_read(const struct oto_setup *how, const char *name, const char *path)
{
	const struct test_setup *f = (const struct test_setup *)(const void *)how;

	assert_string_equal(name, f->name);
	assert_string_equal(path, f->path);
	return oto_slice_of(f->text);
}

static void *test_setup_keep(const struct oto_setup *how, size_t size)
{
	struct test_setup *f = (struct test_setup *)(uintptr_t)how;

	assert_true(f->n < 512);
	return f->kept[f->n++] = oto_calloc(1, size ? size : 1);
}

__attribute__((format(printf, 2, 3))) static bool test_setup_fail(const struct oto_setup *how, const char *format, ...)
{
	struct test_setup *f = (struct test_setup *)(uintptr_t)how;
	va_list args;

	va_start(args, format);
	vsnprintf(f->why, sizeof f->why, format, args);
	va_end(args);
	return false;
}

static inline struct test_setup *test_setup_new(const char *name, const char *path, const char *text)
{
	struct test_setup *f = oto_calloc(1, sizeof *f);

	*f = (struct test_setup){
		{ sizeof f->how, test_setup_read, test_setup_keep, test_setup_fail }, .name = name, .path = path, .text = text
	};
	return f;
}

static inline void test_setup_free(struct test_setup *f)
{
	while (f->n)
		free(f->kept[--f->n]);
	free(f);
}

/* Every shorter form of a message, as damaged captures have it: none may do harm. Returns what the longest of them said. */
static inline const char *test_cut(struct test_host *t, bool is_orig, const char *hex)
{
	static uint8_t bytes[70000];
	struct oto_slice whole = test_hex(hex, bytes, sizeof bytes);
	const char *said = "";

	for (uint32_t n = 0; n < whole.len; n++) {
		uint8_t *exact = oto_calloc(1, n + 1); /* so that a sanitizer sees a read behind the end */
		memcpy(exact, bytes, n);
		said = test_bytes(t, is_orig, (struct oto_slice){ exact, n });
		free(exact);
	}
	return said;
}

/* The line of what was said that begins with `what`, without it; NULL when there is none. Valid until the next call. */
static inline const char *test_line(const char *said, const char *what)
{
	static char line[4096];
	size_t n = strlen(what);

	for (const char *at = said; *at; at = strchr(at, '\n') + 1) {
		if (strncmp(at, what, n) == 0 && (at[n] == ' ' || at[n] == '\n')) {
			size_t len = strcspn(at, "\n");
			assert_true(len - n < sizeof line);
			memcpy(line, at + n, len - n);
			line[len - n] = '\0';
			return line[0] ? line + 1 : line;
		}
	}
	return NULL;
}

/* HAS and HAS_NOT: what was said holds a part, or not; SAID: a line begins with `what` and goes on as expected. */
static inline void test_has(const char *said, const char *part, int line)
{
	if (!said || !strstr(said, part))
		fail_msg("line %d: no \"%s\" in\n%s", line, part, said ? said : "nothing");
}
#define HAS(said, part) test_has(said, part, __LINE__)
#define HAS_NOT(said, part) assert_null(strstr(said, part))
#define SAID(said, what, expected)                                                                                                         \
	do {                                                                                                                               \
		const char *line_ = test_line(said, what);                                                                                 \
		assert_non_null(line_);                                                                                                    \
		assert_string_equal(line_, expected);                                                                                      \
	} while (0)

#endif
