/* hook_cache_test.c - events that are alike to all hooks and those that are not; bounds, rest, and that nothing depends on it. */
#include "hook_cache.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <stdlib.h>

static const struct oto_name op_rows[] = { { 1, "read", 0, "" }, { 2, "write", 0, "" }, { 3, "stop", 0, "" } };
static const struct oto_names op_names = OTO_NAMES(op_rows);

struct sample {
	bool loud, has_unit;
	uint8_t op;
	uint16_t port;
	uint32_t unit;
	uint64_t bytes;
	const char *func, *way;
	struct oto_slice sub;
	struct oto_addr client, server;
	struct oto_mac mac;
	struct oto_target target;
	struct oto_vec values;
	struct oto_time at;
};
#define F(m, ...) OTO_FIELD(struct sample, m, #m, __VA_ARGS__)
static const struct oto_field sample_fields[] = {
	F(loud),
	F(op, .names = &op_names),
	F(port, .flags = OTO_PORT),
	F(unit, .guard = OTO_IF(struct sample, has_unit)),
	F(bytes),
	F(func),
	F(way),
	F(sub),
	F(client),
	F(server),
	F(mac),
	F(target),
	F(values),
	F(at),
};
static const struct oto_event_def def = {
	.name = "sample", .fields = sample_fields, .nfields = sizeof sample_fields / sizeof *sample_fields, .size = sizeof(struct sample)
};
static struct oto_head head;

enum { MOST = 8, KEYS = 6 };
struct setting {
	struct oto_hook_reads hooks[MOST];
	struct oto_field_ref keys[MOST][KEYS];
	uint32_t n;
};

/* A hook with the condition and, when `key` names fields, a row. */
static void add(struct setting *s, const char *filter, const char *key)
{
	struct oto_hook_reads *h = &s->hooks[s->n];
	struct oto_error err = { "" };
	char names[128], *save, *name;
	uint32_t n = 0;

	*h = (struct oto_hook_reads){ .filter = filter ? oto_filter_compile(&def, filter, &err) : NULL };
	if (filter && !h->filter)
		fail_msg("%s: %s", filter, err.text);
	snprintf(names, sizeof names, "%s", key ? key : "");
	for (name = strtok_r(names, " ", &save); name; name = strtok_r(NULL, " ", &save)) {
		s->keys[s->n][n] = oto_field_find(&def, name, strlen(name));
		assert_non_null(s->keys[s->n][n++].field);
	}
	if (key) {
		h->row[0].field = s->keys[s->n];
		h->row[0].n = n;
	}
	s->n++;
}

static void clean(struct setting *s, struct oto_hook_cache *c)
{
	for (uint32_t i = 0; i < s->n; i++)
		oto_filter_free((void *)(uintptr_t)s->hooks[i].filter);
	oto_hook_cache_free(c);
}

static struct oto_hook_known *find(struct oto_hook_cache *c, const struct sample *one)
{
	struct oto_event event = { .def = &def, .head = &head, .data = one };
	return oto_hook_cache_find(c, &event, NULL);
}

static bool alike(struct oto_hook_cache *c, const struct sample *a, const struct sample *b)
{
	oto_hook_cache_forget(c);
	find(c, a);
	uint64_t before = oto_hook_cache_stats(c).found;
	find(c, b);
	return oto_hook_cache_stats(c).found != before;
}

static struct oto_addr ip(uint8_t last)
{
	return (struct oto_addr){ .byte = { 10, 0, 0, last }, .family = OTO_FAMILY_IPV4 };
}

/* ------------------------------------------------------------------------------------------------ what is alike */

static void what_was_taken_is_known(void **state)
{
	struct setting s = { .n = 0 };
	struct sample a = { .op = 1, .client = ip(1), .server = ip(2), .bytes = 7 };

	(void)state;
	add(&s, "op == read", "client server");
	add(&s, "op == write", "client");
	add(&s, NULL, "server");
	struct oto_hook_cache *c = oto_hook_cache_new(&def, s.hooks, s.n, OTO_HOOK_NARROW, NULL);
	assert_int_equal(oto_hook_cache_hooks(c), 7);
	struct oto_hook_known *known = find(c, &a);
	assert_int_equal(known->taken, 1 | 4);
	assert_int_equal(known->refused, 1);
	assert_int_equal(oto_hook_cache_row(c, 2), 2);
	known->row[2].number = 5;
	a.bytes = 8; /* nobody reads it */
	assert_ptr_equal(find(c, &a), known);
	assert_int_equal(known->row[2].number, 5);
	a.op = 2;
	assert_int_equal(find(c, &a)->taken, 2 | 4);
	oto_hook_cache_forget(c);
	assert_int_equal(find(c, &a)->row[2].number, 0);
	clean(&s, c);
}

static void a_condition_on_a_measure_is_an_answer(void **state)
{
	struct setting s = { .n = 0 };
	struct sample a = { .bytes = 100 }, b = { .bytes = 2000 }, none = { .bytes = 0 };

	(void)state;
	add(&s, "bytes > 0", "client");
	add(&s, "bytes > 0 and values", "server");
	struct oto_hook_cache *c = oto_hook_cache_new(&def, s.hooks, s.n, OTO_HOOK_NARROW, NULL);
	assert_true(alike(c, &a, &b));
	assert_false(alike(c, &a, &none));
	clean(&s, c);
}

static void absent_is_not_empty(void **state)
{
	struct setting s = { .n = 0 };
	struct sample a = { .op = 1 }, b = a;

	(void)state;
	add(&s, NULL, "unit func sub target");
	add(&s, NULL, "way sub target");
	struct oto_hook_cache *c = oto_hook_cache_new(&def, s.hooks, s.n, OTO_HOOK_WIDE, NULL);
	b.has_unit = true;
	assert_false(alike(c, &a, &b));
	a.has_unit = true;
	assert_true(alike(c, &a, &b));
	a.has_unit = b.has_unit = false;
	b.unit = 9; /* its guard says that it is not there */
	assert_true(alike(c, &a, &b));
	b.func = "";
	assert_false(alike(c, &a, &b));
	b.func = NULL;
	b.sub = (struct oto_slice){ (const uint8_t *)"", 0 };
	assert_false(alike(c, &a, &b));
	b.sub = (struct oto_slice){ NULL, 0 };
	b.target.space = "";
	assert_false(alike(c, &a, &b));
	clean(&s, c);
}

static void texts_end_where_they_end(void **state)
{
	struct setting s = { .n = 0 };
	char one[] = "ab", two[] = "c", three[] = "a", four[] = "bc", again[] = "ab";
	struct sample a = { .func = one, .way = two }, b = { .func = three, .way = four };

	(void)state;
	add(&s, NULL, "func way");
	add(&s, NULL, "way");
	struct oto_hook_cache *c = oto_hook_cache_new(&def, s.hooks, s.n, OTO_HOOK_NARROW, NULL);
	assert_false(alike(c, &a, &b));
	b = (struct sample){ .func = again, .way = two };
	assert_true(alike(c, &a, &b)); /* the same text elsewhere */
	find(c, &a);
	one[1] = 'x'; /* and another text in the same place */
	assert_int_equal(oto_hook_cache_stats(c).learned, 3);
	find(c, &a);
	assert_int_equal(oto_hook_cache_stats(c).learned, 4);
	clean(&s, c);
}

static void addresses_are_compared_whole(void **state)
{
	struct setting s = { .n = 0 };
	struct sample a = { .client = ip(1) }, b = a;

	(void)state;
	add(&s, NULL, "client");
	add(&s, NULL, "client server");
	struct oto_hook_cache *c = oto_hook_cache_new(&def, s.hooks, s.n, OTO_HOOK_NARROW, NULL);
	b.client.byte[15] = 1; /* rows would tell them apart */
	assert_false(alike(c, &a, &b));
	b = a;
	b.client.family = OTO_FAMILY_IPV6;
	assert_false(alike(c, &a, &b));
	clean(&s, c);
}

/* ------------------------------------------------------------------------------------------------ who is known about */

static void what_never_repeats_is_left_alone(void **state)
{
	struct setting s = { .n = 0 };

	(void)state;
	add(&s, NULL, "client");
	add(&s, NULL, "bytes"); /* each is another row */
	add(&s, NULL, "client target");
	add(&s, "sub ~ \"x\"", "client"); /* looks through text from the wire */
	add(&s, NULL, "server target");
	add(&s, NULL, "server");
	struct oto_hook_cache *narrow = oto_hook_cache_new(&def, s.hooks, s.n, OTO_HOOK_NARROW, NULL),
			      *wide = oto_hook_cache_new(&def, s.hooks, s.n, OTO_HOOK_WIDE, NULL);
	assert_int_equal(oto_hook_cache_hooks(narrow), 1 | 32);
	assert_int_equal(oto_hook_cache_hooks(wide), 4 | 16);
	assert_null(oto_hook_cache_new(&def, s.hooks, 1, OTO_HOOK_NARROW, NULL)); /* one alone is found as fast by itself */
	oto_hook_cache_free(wide);
	clean(&s, narrow);
}

/* Of a wide one that stands on a narrow one: what that tells apart, it tells apart, too. */
static void the_wide_builds_on_the_narrow(void **state)
{
	struct setting s = { .n = 0 };
	struct sample a = { .op = 1, .client = ip(1) };
	struct oto_event event = { .def = &def, .head = &head, .data = &a };

	(void)state;
	add(&s, "bytes > 5", "client op");
	add(&s, NULL, "server");
	add(&s, "bytes > 5", "client target");
	add(&s, "op == read", "sub");
	struct oto_hook_cache *narrow = oto_hook_cache_new(&def, s.hooks, s.n, OTO_HOOK_NARROW, NULL),
			      *wide = oto_hook_cache_new(&def, s.hooks, s.n, OTO_HOOK_WIDE, narrow);
	assert_null(oto_hook_cache_find(wide, &event, NULL));
	struct oto_hook_known *first = oto_hook_cache_find(wide, &event, oto_hook_cache_find(narrow, &event, NULL));
	assert_int_equal(first->taken, 8);
	assert_ptr_equal(oto_hook_cache_find(wide, &event, oto_hook_cache_find(narrow, &event, NULL)), first);
	a.bytes = 6;
	struct oto_hook_known *second = oto_hook_cache_find(wide, &event, oto_hook_cache_find(narrow, &event, NULL));
	assert_int_equal(second->taken, 4 | 8);
	a.client = ip(2);
	assert_ptr_not_equal(oto_hook_cache_find(wide, &event, oto_hook_cache_find(narrow, &event, NULL)), second);
	a.client = ip(1);
	assert_ptr_equal(oto_hook_cache_find(wide, &event, oto_hook_cache_find(narrow, &event, NULL)), second);
	oto_hook_cache_forget(narrow); /* and what stood on it is not found by what is learned there next */
	assert_ptr_not_equal(oto_hook_cache_find(wide, &event, oto_hook_cache_find(narrow, &event, NULL)), second);
	oto_hook_cache_free(wide);
	clean(&s, narrow);
}

static void a_long_key_is_not_kept(void **state)
{
	struct setting s = { .n = 0 };
	char text[1000];
	struct sample a = { .func = text };

	(void)state;
	memset(text, 'x', sizeof text - 1);
	text[sizeof text - 1] = '\0';
	add(&s, NULL, "func sub target");
	add(&s, NULL, "way target");
	struct oto_hook_cache *c = oto_hook_cache_new(&def, s.hooks, s.n, OTO_HOOK_WIDE, NULL);
	for (size_t len = 0; len < sizeof text; len++) {
		text[len] = '\0';
		struct oto_hook_known *known = find(c, &a);
		assert_true(known || len > 200);
		a.target.name = (struct oto_slice){ (const uint8_t *)text, (uint32_t)len };
		known = find(c, &a);
		assert_true(known || len > 100);
		a.target.name.len = 0;
		text[len] = 'x';
	}
	assert_true(oto_hook_cache_stats(c).unfit > 0);
	clean(&s, c);
}

/* Room for keys grows as longer ones come, and what grew is there again at once. */
static void keys_of_any_length_are_known(void **state)
{
	struct setting s = { .n = 0 };
	char text[241];
	struct sample a = { .func = text, .port = 1 }, short_one = { .func = "read", .port = 1 };

	(void)state;
	add(&s, NULL, "func port");
	add(&s, NULL, "port func");
	struct oto_hook_cache *c = oto_hook_cache_new(&def, s.hooks, s.n, OTO_HOOK_NARROW, NULL);
	for (size_t len = 1; len < sizeof text; len++) {
		memset(text, 'x', len);
		text[len] = '\0';
		find(c, &a);
		find(c, &short_one);
		uint64_t before = oto_hook_cache_stats(c).found;
		find(c, &a);
		find(c, &short_one);
		assert_int_equal(oto_hook_cache_stats(c).found, before + 2);
	}
	clean(&s, c);
}

/* ------------------------------------------------------------------------------------------------ bounds */

static uint32_t chance(uint64_t *seed)
{
	*seed = oto_mix(*seed, 0x632d6b);
	return (uint32_t)(*seed >> 20);
}

static struct sample any(uint64_t *seed)
{
	static const char *const words[] = { NULL, "", "READ", "WRITE" };
	uint8_t last = (uint8_t)(chance(seed) % 4);
	return (struct sample){ .loud = chance(seed) & 1,
				.has_unit = chance(seed) & 1,
				.unit = chance(seed) % 2,
				.op = (uint8_t)(chance(seed) % 4),
				.port = (uint16_t)(chance(seed) % 2 + 1),
				.bytes = chance(seed) % 100,
				.func = words[chance(seed) % 4],
				.way = words[chance(seed) % 2],
				.client = ip(last),
				.server = ip((uint8_t)(chance(seed) % 2)),
				.mac = { .byte = { 2, 0, 0, 0, 0, last & 1 } } };
}

static void fields_as_text(const struct oto_hook_reads *h, const struct oto_event *event, struct oto_buf *out)
{
	struct oto_value v;

	out->len = 0;
	for (uint32_t i = 0; i < h->row[0].n; i++) {
		oto_value_get(event, h->row[0].field[i], &v);
		oto_buf_chr(out, v.kind ? '+' : '-');
		oto_value_text(&v, out);
	}
}

/* Of as many different events as there are: the same hooks take it as without the cache, and a kept row is one of the same key. */
static void it_changes_nothing(void **state)
{
	struct setting s = { .n = 0 };
	char *texts[1000] = { NULL };
	struct oto_buf text = { 0 };
	uint32_t ntexts = 0;
	uint64_t seed = 3;

	(void)state;
	add(&s, "op == read and not loud", "client server op");
	add(&s, "op in {write, 4} or bytes > 50", "client mac");
	add(&s, "client in 10.0.0.0/30 and func == READ", "func way unit");
	add(&s, "unit and port == 2", "port server");
	add(&s, "way", NULL);
	add(&s, "not (mac == 02:00:00:00:00:01) and bytes < 10", "unit");
	struct oto_hook_cache *c = oto_hook_cache_new(&def, s.hooks, s.n, OTO_HOOK_NARROW, NULL);
	assert_int_equal(oto_hook_cache_hooks(c), 63);
	for (int i = 0; i < 60000; i++) {
		struct sample one = any(&seed);
		struct oto_event event = { .def = &def, .head = &head, .data = &one };
		struct oto_hook_known *known = oto_hook_cache_find(c, &event, NULL);
		for (uint32_t k = 0; known && k < s.n; k++) {
			bool taken = oto_filter_match(s.hooks[k].filter, &event);
			assert_int_equal(known->taken >> k & 1, taken);
			if (!taken || !s.hooks[k].row[0].field)
				continue;
			struct oto_row_ref *ref = &known->row[oto_hook_cache_row(c, k)];
			fields_as_text(&s.hooks[k], &event, &text);
			if (ref->number) {
				assert_string_equal(texts[ref->number], text.data);
				continue;
			}
			while (ref->number < ntexts && strcmp(texts[++ref->number], text.data) != 0)
				;
			if (ntexts && strcmp(texts[ref->number], text.data) == 0)
				continue;
			assert_true(ntexts + 1 < sizeof texts / sizeof *texts);
			texts[ref->number = ++ntexts] = oto_strdup(text.data);
		}
	}
	struct oto_hook_cache_stats stats = oto_hook_cache_stats(c);
	assert_true(stats.found > 10000 && stats.evicted > 1000);
	for (uint32_t i = 1; i <= ntexts; i++)
		free(texts[i]);
	oto_buf_free(&text);
	clean(&s, c);
}

/* Where a key has the hour of a time, events of one hour are alike; where it has the minute or all of it, none are. */
static void hours_are_alike(void **state)
{
	static const int64_t hour[KEYS] = { 0, 3600 * OTO_SECOND }, minute[KEYS] = { 0, 60 * OTO_SECOND };
	struct setting s = { .n = 0 };
	struct sample a = { .port = 1, .at.ns = 7200 * OTO_SECOND }, later = a, next = a, other = a;

	(void)state;
	add(&s, "bytes < 9", "port at");
	add(&s, NULL, "op at");
	add(&s, NULL, "port at");
	add(&s, NULL, "port at");
	s.hooks[0].row[0].span_ns = s.hooks[1].row[0].span_ns = hour;
	s.hooks[2].row[0].span_ns = minute;
	assert_null(oto_hook_cache_new(&def, s.hooks, s.n, OTO_HOOK_NARROW, NULL));
	struct oto_hook_cache *c = oto_hook_cache_new(&def, s.hooks, s.n, OTO_HOOK_HOURLY, NULL);
	assert_int_equal(oto_hook_cache_hooks(c), 3);
	later.at.ns += 3599 * OTO_SECOND;
	next.at.ns += 3600 * OTO_SECOND;
	other.port = 2;
	assert_true(alike(c, &a, &later));
	assert_false(alike(c, &a, &next));
	assert_false(alike(c, &a, &other));
	clean(&s, c);
}

/* A scan of all there is: the table stays what it is, and rests; what comes back later is known again. */
static void what_does_not_pay_rests(void **state)
{
	struct setting s = { .n = 0 };
	struct sample a = { .op = 1 };

	(void)state;
	add(&s, NULL, "unit");
	add(&s, NULL, "unit op");
	struct oto_hook_cache *c = oto_hook_cache_new(&def, s.hooks, s.n, OTO_HOOK_NARROW, NULL);
	a.has_unit = true;
	for (uint32_t i = 0; i < 200000; i++) {
		a.unit = i;
		find(c, &a);
	}
	struct oto_hook_cache_stats scan = oto_hook_cache_stats(c);
	assert_int_equal(scan.found, 0);
	assert_true(scan.places <= 16384);
	assert_true(scan.rested > 150000);
	for (uint32_t i = 0; i < 40000; i++) {
		a.unit = i % 10;
		find(c, &a);
	}
	assert_true(oto_hook_cache_stats(c).found > 20000);
	clean(&s, c);
}

static void many_that_repeat_get_room(void **state)
{
	struct setting s = { .n = 0 };
	struct sample a = { .has_unit = true };

	(void)state;
	add(&s, NULL, "unit");
	add(&s, NULL, "unit op");
	struct oto_hook_cache *c = oto_hook_cache_new(&def, s.hooks, s.n, OTO_HOOK_NARROW, NULL);
	for (uint32_t i = 0; i < 100000; i++) {
		a.unit = i % 1500;
		find(c, &a);
	}
	struct oto_hook_cache_stats stats = oto_hook_cache_stats(c);
	assert_true(stats.places >= 1500 && stats.found > 70000);
	clean(&s, c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_taken_is_known),
		cmocka_unit_test(a_condition_on_a_measure_is_an_answer),
		cmocka_unit_test(absent_is_not_empty),
		cmocka_unit_test(texts_end_where_they_end),
		cmocka_unit_test(addresses_are_compared_whole),
		cmocka_unit_test(what_never_repeats_is_left_alone),
		cmocka_unit_test(the_wide_builds_on_the_narrow),
		cmocka_unit_test(a_long_key_is_not_kept),
		cmocka_unit_test(keys_of_any_length_are_known),
		cmocka_unit_test(it_changes_nothing),
		cmocka_unit_test(hours_are_alike),
		cmocka_unit_test(what_does_not_pay_rests),
		cmocka_unit_test(many_that_repeat_get_room),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
