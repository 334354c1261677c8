/* filter.c - conditions on events as flat programs of tests: run, joined, freed. See filter.h.
 *
 * Each test reads one field and names the test that follows when it holds and when it does not; `and`, `or`, `not` are nothing but these
 * jumps, which always lead forward. Every number, time and word becomes a set of ranges of an unsigned key that keeps the order of its
 * kind, so that one test serves all comparisons. Knows field tables and values; nothing of Lua or logs.
 */
#include "filter_program.h"

#include <stdlib.h>

/* ------------------------------------------------------------------------------------------------ matching */

static inline uint64_t number_key(uint16_t kind, const char *p)
{
	switch (kind) {
	case OTO_BOOL:
		return *(const bool *)(const void *)p;
	case OTO_U8:
		return *(const uint8_t *)(const void *)p;
	case OTO_U16:
		return *(const uint16_t *)(const void *)p;
	case OTO_U32:
		return *(const uint32_t *)(const void *)p;
	case OTO_U64:
		return *(const uint64_t *)(const void *)p;
	case OTO_F64:
		return oto_filter_double_key(*(const double *)(const void *)p);
	default: /* I64, TIME, INTERVAL */
		return oto_filter_signed_key(*(const int64_t *)(const void *)p);
	}
}

static bool in_ranges(const struct oto_filter_test *t, uint64_t key)
{
	uint32_t from = 0, to = t->n;

	while (from < to) {
		uint32_t middle = (from + to) / 2;
		if (key < t->ranges[middle].low)
			to = middle;
		else if (key > t->ranges[middle].high)
			from = middle + 1;
		else
			return true;
	}
	return false;
}

static inline bool in_numbers(const struct oto_filter_test *t, uint64_t key)
{
	if (t->op == OTO_FILTER_BITMAP)
		return key < 256 && t->bitmap[key / 64] >> (key % 64) & 1;
	return in_ranges(t, key);
}

static bool any_number(const struct oto_filter_test *t, const char *p)
{
	const struct oto_vec *v = (const void *)p;

	if (t->kind != OTO_VEC)
		return in_numbers(t, number_key(t->kind, p));
	for (uint32_t i = 0; i < v->count; i++) {
		if (in_numbers(t, oto_vec_at(v, i)))
			return true;
	}
	return false;
}

static bool prefix_matches(const struct oto_filter_prefix *want, const uint8_t *byte)
{
	uint32_t whole = want->bits / 8, rest = want->bits % 8;

	if (memcmp(want->byte, byte, whole) != 0)
		return false;
	return !rest || (want->byte[whole] ^ byte[whole]) >> (8 - rest) == 0;
}

static bool any_prefix(const struct oto_filter_test *t, const char *p)
{
	uint8_t family = t->kind == OTO_MAC ? OTO_FAMILY_MAC : ((const struct oto_addr *)(const void *)p)->family;

	for (uint32_t i = 0; i < t->n; i++) {
		if (t->prefixes[i].family == family && prefix_matches(&t->prefixes[i], (const uint8_t *)p))
			return true;
	}
	return false;
}

static bool text_matches(const struct oto_filter_test *t, struct oto_slice s)
{
	for (uint32_t i = 0; i < t->n; i++) {
		struct oto_slice want = t->texts[i];
		if (want.len > s.len)
			continue;
		if (!want.len && (t->op == OTO_FILTER_CONTAINS || !s.len))
			return true;
		if (t->op == OTO_FILTER_CONTAINS ? memmem(s.data, s.len, want.data, want.len) != NULL
						 : want.len == s.len && memcmp(s.data, want.data, s.len) == 0)
			return true;
	}
	return false;
}

/* A target in the form in which logs show it. One longer than the buffer is cut: it equals nothing that can be written in a filter. */
static bool target_matches(const struct oto_filter_test *t, const struct oto_target *target)
{
	char text[4096];
	int name = target->name.len < 2048 ? (int)target->name.len : 2048, n;
	const char *space = target->space ? target->space : "", *colon = target->space && (name || target->count) ? ":" : "";

	if (name)
		n = snprintf(text, sizeof text, "%.1024s%s%.*s", space, colon, name, (const char *)target->name.data);
	else if (target->count > 1)
		n = snprintf(text, sizeof text, "%.1024s%s%llu-%llu", space, colon, (unsigned long long)target->first,
			     (unsigned long long)(target->first + target->count - 1));
	else if (target->count)
		n = snprintf(text, sizeof text, "%.1024s%s%llu", space, colon, (unsigned long long)target->first);
	else
		n = snprintf(text, sizeof text, "%.1024s", space);
	return text_matches(t, (struct oto_slice){ (const uint8_t *)text, (uint32_t)n });
}

static bool any_text(const struct oto_filter_test *t, const char *p)
{
	const struct oto_list *list = (const void *)p;

	switch (t->kind) {
	case OTO_STR:
		return text_matches(t, oto_slice_of(t->flags & OTO_INLINE ? p : *(const char *const *)(const void *)p));
	case OTO_BYTES:
		return text_matches(t, *(const struct oto_slice *)(const void *)p);
	case OTO_TARGET:
		return target_matches(t, (const void *)p);
	}
	for (uint32_t i = 0; i < list->count; i++) {
		if (text_matches(t, list->items[i]))
			return true;
	}
	return false;
}

/* What absence looks like in kinds that need no guard. */
static bool is_absent(const struct oto_filter_test *t, const char *p)
{
	const struct oto_target *target = (const void *)p;

	switch (t->kind) {
	case OTO_STR:
		return !(t->flags & OTO_INLINE) && !*(const char *const *)(const void *)p;
	case OTO_BYTES:
		return !((const struct oto_slice *)(const void *)p)->data;
	case OTO_ADDR:
		return ((const struct oto_addr *)(const void *)p)->family == OTO_FAMILY_NONE;
	case OTO_TARGET:
		return !target->space && !target->name.len && !target->count;
	}
	return false;
}

static uint64_t length_of(const struct oto_filter_test *t, const char *p)
{
	switch (t->kind) {
	case OTO_STR:
		return strlen(t->flags & OTO_INLINE ? p : *(const char *const *)(const void *)p);
	case OTO_BYTES:
		return ((const struct oto_slice *)(const void *)p)->len;
	case OTO_LIST:
		return ((const struct oto_list *)(const void *)p)->count;
	default:
		return ((const struct oto_vec *)(const void *)p)->count;
	}
}

static bool test_holds(const struct oto_filter_test *t, const struct oto_event *event)
{
	const char *base = t->in_head ? (const char *)event->head : event->data;

	if (!base || (t->guard && !*(const bool *)(base + t->guard - 1)))
		return false;
	const char *p = base + t->offset;
	if (t->op == OTO_FILTER_BITMAP && t->kind != OTO_VEC && !t->length)
		return in_numbers(t, number_key(t->kind, p)) != t->negate;
	if (is_absent(t, p))
		return false;
	if (t->length)
		return in_numbers(t, length_of(t, p)) != t->negate;
	switch (t->op) {
	case OTO_FILTER_PRESENT:
		return t->kind != OTO_BOOL || *(const bool *)p;
	case OTO_FILTER_BITMAP:
	case OTO_FILTER_RANGES:
		return any_number(t, p) != t->negate;
	case OTO_FILTER_PREFIX:
		return any_prefix(t, p) != t->negate;
	default:
		return any_text(t, p) != t->negate;
	}
}

/* A number that stands for a word, as most conditions of logs ask for: without the ado that other kinds need. */
static inline bool is_word(const struct oto_filter_test *t)
{
	return t->op == OTO_FILTER_BITMAP && (t->kind == OTO_U8 || t->kind == OTO_U32) && !t->in_head;
}

/* So is a bool that is asked for by its name. */
static inline bool is_flag(const struct oto_filter_test *t)
{
	return t->op == OTO_FILTER_PRESENT && t->kind == OTO_BOOL && !t->guard && !t->in_head;
}

static inline bool flag_holds(const struct oto_filter_test *t, const struct oto_event *event)
{
	return *(const bool *)((const char *)event->data + t->offset);
}

static inline bool word_holds(const struct oto_filter_test *t, const struct oto_event *event)
{
	const char *data = event->data;

	if (t->guard && !*(const bool *)(data + t->guard - 1))
		return false;
	const void *p = data + t->offset;
	uint32_t key = t->kind == OTO_U8 ? *(const uint8_t *)p : *(const uint32_t *)p;
	return (key < 256 && (t->bitmap[key / 64] >> key % 64 & 1)) != t->negate;
}

static inline bool holds(const struct oto_filter_test *t, const struct oto_event *event)
{
	if (is_word(t))
		return word_holds(t, event);
	return is_flag(t) ? flag_holds(t, event) : test_holds(t, event);
}

bool oto_filter_holds(const struct oto_filter_test *t, const struct oto_event *event)
{
	return holds(t, event);
}

static __attribute__((noinline)) bool match_from(const struct oto_filter *f, const struct oto_event *event, uint32_t i)
{
	while (i < OTO_FILTER_REJECT) {
		const struct oto_filter_test *t = &f->tests[i];
		i = holds(t, event) ? t->on_true : t->on_false;
	}
	return i == OTO_FILTER_ACCEPT;
}

/* Most conditions of logs are one easy test. */
bool oto_filter_match(const struct oto_filter *f, const struct oto_event *event)
{
	const struct oto_filter_test *t = f ? f->tests : NULL;
	bool word = t && is_word(t);

	if (!t)
		return true;
	if (!word && !is_flag(t))
		return match_from(f, event, 0);
	uint32_t i = (word ? word_holds(t, event) : flag_holds(t, event)) ? t->on_true : t->on_false;
	return i < OTO_FILTER_REJECT ? match_from(f, event, i) : i == OTO_FILTER_ACCEPT;
}

/* ------------------------------------------------------------------------------------------------ the program */

bool oto_filter_is_settled(const struct oto_filter *f)
{
	for (uint32_t i = 0; f && i < f->n; i++) {
		const struct oto_filter_test *t = &f->tests[i];
		bool is_there = t->op == OTO_FILTER_PRESENT && t->kind != OTO_BOOL; /* of a bool it asks whether it is true */
		if (!is_there && oto_never_repeats(t->kind, t->flags))
			return false;
	}
	return true;
}

bool oto_filter_reads(const struct oto_filter *f, const struct oto_field *field, bool in_head)
{
	for (uint32_t i = 0; f && i < f->n; i++) {
		if (f->tests[i].in_head == in_head && f->tests[i].offset == field->offset)
			return true;
	}
	return false;
}

void oto_filter_tell(const struct oto_filter *f, struct oto_bus *bus, struct oto_event_def *def)
{
	uint32_t n;
	const struct oto_field *head = oto_head_fields(&n);

	for (uint32_t i = 0; i < n; i++) {
		struct oto_field_ref of_head = { .field = &head[i], .in_head = true };
		if (oto_filter_reads(f, &head[i], true))
			oto_bus_tell(bus, def, &of_head, 1);
	}
}

void oto_filter_free(struct oto_filter *f)
{
	if (!f)
		return;
	for (uint32_t i = 0; i < f->n; i++) {
		struct oto_filter_test *t = &f->tests[i];
		for (uint32_t k = 0; (t->op == OTO_FILTER_EQUAL || t->op == OTO_FILTER_CONTAINS) && k < t->n; k++)
			free((void *)(uintptr_t)t->texts[k].data);
		free(t->any);
	}
	free(f->tests);
	free(f);
}

void oto_filter_redirect(struct oto_filter *f, uint32_t from, uint32_t to, uint16_t old, uint16_t new)
{
	for (uint32_t i = from; i < to; i++) {
		if (f->tests[i].on_true == old)
			f->tests[i].on_true = new;
		if (f->tests[i].on_false == old)
			f->tests[i].on_false = new;
	}
}

void oto_filter_negate(struct oto_filter *f, uint32_t from)
{
	oto_filter_redirect(f, from, f->n, OTO_FILTER_ACCEPT, OTO_FILTER_REJECT - 1);
	oto_filter_redirect(f, from, f->n, OTO_FILTER_REJECT, OTO_FILTER_ACCEPT);
	oto_filter_redirect(f, from, f->n, OTO_FILTER_REJECT - 1, OTO_FILTER_REJECT);
}

struct oto_filter *oto_filter_all(struct oto_filter *a, struct oto_filter *b)
{
	if (!a || !b)
		return a ? a : b;
	uint32_t n = a->n + b->n;
	if (!OTO_CHECK(n < OTO_FILTER_REJECT - 1)) {
		oto_filter_free(b);
		return a;
	}
	a->tests = oto_realloc(a->tests, n * sizeof *a->tests);
	for (uint32_t i = 0; i < b->n; i++) {
		struct oto_filter_test t = b->tests[i];
		t.on_true = t.on_true < OTO_FILTER_REJECT ? (uint16_t)(t.on_true + a->n) : t.on_true;
		t.on_false = t.on_false < OTO_FILTER_REJECT ? (uint16_t)(t.on_false + a->n) : t.on_false;
		a->tests[a->n + i] = t;
	}
	oto_filter_redirect(a, 0, a->n, OTO_FILTER_ACCEPT, (uint16_t)a->n);
	a->n = n;
	free(b->tests);
	free(b);
	return a;
}
