/* filter.c - conditions on events, compiled into a flat program of tests. See filter.h.
 *
 * Each test reads one field and names the test that follows when it holds and when it does not; `and`, `or`, `not` are nothing but these
 * jumps, which always lead forward. Every number, time and word becomes a set of ranges of an unsigned key that keeps the order of its
 * kind, so that one test serves all comparisons. Knows field tables and values; nothing of Lua or logs.
 */
#include "filter.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>

#define ACCEPT 0xffffu
#define REJECT 0xfffeu
#define TESTS_MAX 4096u
#define DEPTH_MAX 64
#define LITERAL_MAX 256

enum test_op { TEST_PRESENT, TEST_BITMAP, TEST_RANGES, TEST_PREFIX, TEST_EQUAL, TEST_CONTAINS };

struct range {
	uint64_t low, high;
};

struct prefix {
	uint8_t family, bits, byte[16];
};

struct test {
	uint8_t op; /* enum test_op */
	bool in_head, negate;
	uint16_t kind, offset, guard, flags;
	uint16_t on_true, on_false; /* number of a later test, ACCEPT or REJECT */
	uint32_t n;
	union {
		struct range *ranges; /* sorted, apart */
		struct prefix *prefixes;
		struct oto_slice *texts;
		void *any;
	};
	uint64_t bitmap[4]; /* instead of ranges when all lie below 256 */
};

struct oto_filter {
	struct test *tests;
	uint32_t n;
};

/* ------------------------------------------------------------------------------------------------ matching */

/* Unsigned keys in the order of the values. */
static inline uint64_t signed_key(int64_t i)
{
	return (uint64_t)i ^ UINT64_C(1) << 63;
}

static inline uint64_t double_key(double f)
{
	uint64_t bits;

	f += 0.0; /* minus zero equals zero */
	memcpy(&bits, &f, sizeof bits);
	return bits >> 63 ? ~bits : bits | UINT64_C(1) << 63;
}

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
		return double_key(*(const double *)(const void *)p);
	default: /* I64, TIME, INTERVAL */
		return signed_key(*(const int64_t *)(const void *)p);
	}
}

static bool in_ranges(const struct test *t, uint64_t key)
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

static inline bool in_numbers(const struct test *t, uint64_t key)
{
	if (t->op == TEST_BITMAP)
		return key < 256 && t->bitmap[key / 64] >> (key % 64) & 1;
	return in_ranges(t, key);
}

static bool any_number(const struct test *t, const char *p)
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

static bool prefix_matches(const struct prefix *want, const uint8_t *byte)
{
	uint32_t whole = want->bits / 8, rest = want->bits % 8;

	if (memcmp(want->byte, byte, whole) != 0)
		return false;
	return !rest || (want->byte[whole] ^ byte[whole]) >> (8 - rest) == 0;
}

static bool any_prefix(const struct test *t, const char *p)
{
	uint8_t family = t->kind == OTO_MAC ? OTO_FAMILY_MAC : ((const struct oto_addr *)(const void *)p)->family;

	for (uint32_t i = 0; i < t->n; i++) {
		if (t->prefixes[i].family == family && prefix_matches(&t->prefixes[i], (const uint8_t *)p))
			return true;
	}
	return false;
}

static bool text_matches(const struct test *t, struct oto_slice s)
{
	for (uint32_t i = 0; i < t->n; i++) {
		struct oto_slice want = t->texts[i];
		if (want.len > s.len)
			continue;
		if (!want.len && (t->op == TEST_CONTAINS || !s.len))
			return true;
		if (t->op == TEST_CONTAINS ? memmem(s.data, s.len, want.data, want.len) != NULL
					   : want.len == s.len && memcmp(s.data, want.data, s.len) == 0)
			return true;
	}
	return false;
}

/* A target in the form in which logs show it. One longer than the buffer is cut: it equals nothing that can be written in a filter. */
static bool target_matches(const struct test *t, const struct oto_target *target)
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

static bool any_text(const struct test *t, const char *p)
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
static bool is_absent(const struct test *t, const char *p)
{
	const struct oto_target *target = (const void *)p;

	switch (t->kind) {
	case OTO_STR:
		return !(t->flags & OTO_INLINE) && !*(const char *const *)(const void *)p;
	case OTO_ADDR:
		return ((const struct oto_addr *)(const void *)p)->family == OTO_FAMILY_NONE;
	case OTO_TARGET:
		return !target->space && !target->name.len && !target->count;
	}
	return false;
}

static bool test_holds(const struct test *t, const struct oto_event *event)
{
	const char *base = t->in_head ? (const char *)event->head : event->data;

	if (!base || (t->guard && !*(const bool *)(base + t->guard - 1)))
		return false;
	const char *p = base + t->offset;
	if (t->op == TEST_BITMAP && t->kind != OTO_VEC)
		return in_numbers(t, number_key(t->kind, p)) != t->negate;
	if (is_absent(t, p))
		return false;
	switch (t->op) {
	case TEST_PRESENT:
		return t->kind != OTO_BOOL || *(const bool *)p;
	case TEST_BITMAP:
	case TEST_RANGES:
		return any_number(t, p) != t->negate;
	case TEST_PREFIX:
		return any_prefix(t, p) != t->negate;
	default:
		return any_text(t, p) != t->negate;
	}
}

bool oto_filter_match(const struct oto_filter *f, const struct oto_event *event)
{
	uint32_t i = 0;

	if (!f)
		return true;
	while (i < REJECT) {
		const struct test *t = &f->tests[i];
		i = test_holds(t, event) ? t->on_true : t->on_false;
	}
	return i == ACCEPT;
}

/* ------------------------------------------------------------------------------------------------ the program */

void oto_filter_free(struct oto_filter *f)
{
	if (!f)
		return;
	for (uint32_t i = 0; i < f->n; i++) {
		struct test *t = &f->tests[i];
		for (uint32_t k = 0; (t->op == TEST_EQUAL || t->op == TEST_CONTAINS) && k < t->n; k++)
			free((void *)(uintptr_t)t->texts[k].data);
		free(t->any);
	}
	free(f->tests);
	free(f);
}

/* In tests [from, to), whoever would leave by `old` goes to `new`. */
static void redirect(struct oto_filter *f, uint32_t from, uint32_t to, uint16_t old, uint16_t new)
{
	for (uint32_t i = from; i < to; i++) {
		if (f->tests[i].on_true == old)
			f->tests[i].on_true = new;
		if (f->tests[i].on_false == old)
			f->tests[i].on_false = new;
	}
}

static void negate(struct oto_filter *f, uint32_t from)
{
	redirect(f, from, f->n, ACCEPT, REJECT - 1);
	redirect(f, from, f->n, REJECT, ACCEPT);
	redirect(f, from, f->n, REJECT - 1, REJECT);
}

struct oto_filter *oto_filter_all(struct oto_filter *a, struct oto_filter *b)
{
	if (!a || !b)
		return a ? a : b;
	uint32_t n = a->n + b->n;
	if (!OTO_CHECK(n < REJECT - 1)) {
		oto_filter_free(b);
		return a;
	}
	a->tests = oto_realloc(a->tests, n * sizeof *a->tests);
	for (uint32_t i = 0; i < b->n; i++) {
		struct test t = b->tests[i];
		t.on_true = t.on_true < REJECT ? (uint16_t)(t.on_true + a->n) : t.on_true;
		t.on_false = t.on_false < REJECT ? (uint16_t)(t.on_false + a->n) : t.on_false;
		a->tests[a->n + i] = t;
	}
	redirect(a, 0, a->n, ACCEPT, (uint16_t)a->n);
	a->n = n;
	free(b->tests);
	free(b);
	return a;
}

/* ------------------------------------------------------------------------------------------------ making one test */

struct literal {
	char text[LITERAL_MAX];
	uint32_t len, column; /* column 0: not from an expression */
	bool quoted;
};

struct maker {
	const struct oto_event_def *def;
	struct oto_filter *filter;
	struct oto_error *err;
	struct oto_field_ref ref; /* of the comparison being made */
	const char *text, *at;    /* of an expression */
	int depth;
};

__attribute__((format(printf, 3, 4))) static bool fail(struct maker *m, uint32_t column, const char *format, ...)
{
	char text[448];
	va_list ap;

	va_start(ap, format);
	vsnprintf(text, sizeof text, format, ap);
	va_end(ap);
	return column ? oto_fail(m->err, "column %u: %s", column, text) : oto_fail(m->err, "%s", text);
}

static struct test *test_add(struct maker *m, uint8_t op)
{
	struct oto_filter *f = m->filter;
	const struct oto_field *field = m->ref.field;

	f->tests = oto_realloc(f->tests, (f->n + 1) * sizeof *f->tests);
	f->tests[f->n] = (struct test){ .op = op,
					.in_head = m->ref.in_head,
					.kind = field->kind,
					.offset = field->offset,
					.guard = field->guard,
					.flags = field->flags,
					.on_true = ACCEPT,
					.on_false = REJECT };
	return &f->tests[f->n++];
}

static bool find_field(struct maker *m, const char *name, uint32_t column)
{
	char near[160];

	if (m->filter->n >= TESTS_MAX)
		return fail(m, column, "the filter has more than %u comparisons", TESTS_MAX);
	m->ref = oto_field_find(m->def, name, strlen(name));
	if (m->ref.field)
		return true;
	return fail(m, column, "%s has no field %s%s", m->def->name, name, oto_field_near(m->def, name, near, sizeof near));
}

/* ------------------------------------------------------------------------------------------------ numbers, words, times */

/* The smallest and largest key of a field. */
static struct range kind_range(const struct oto_field *f)
{
	switch (f->kind) {
	case OTO_BOOL:
		return (struct range){ 0, 1 };
	case OTO_U8:
		return (struct range){ 0, UINT8_MAX };
	case OTO_U16:
		return (struct range){ 0, UINT16_MAX };
	case OTO_VEC: /* the width is known only when an event is at hand */
	case OTO_U32:
		return (struct range){ 0, UINT32_MAX };
	case OTO_F64:
		return (struct range){ double_key(-(double)INFINITY), double_key((double)INFINITY) };
	default:
		return (struct range){ 0, UINT64_MAX };
	}
}

static void add_range(struct test *t, struct range r)
{
	t->ranges = oto_realloc(t->ranges, (t->n + 1) * sizeof *t->ranges);
	t->ranges[t->n++] = r;
}

static const struct oto_name *name_row(const struct oto_names *names, uint32_t i)
{
	return (const void *)((const char *)names->row + (size_t)i * names->stride);
}

/* All values of that word: tables may give several codes one name. With `part`, of all words that contain it. */
static bool add_word(struct test *t, const struct oto_names *names, const char *word, bool part)
{
	bool found = false;

	for (uint32_t i = 0; names && i < names->count; i++) {
		const struct oto_name *row = name_row(names, i);
		if (part ? !strstr(row->name, word) : strcmp(row->name, word) != 0)
			continue;
		add_range(t, (struct range){ row->value, row->value });
		found = true;
	}
	return found;
}

/* What a field would have understood: near words, else its first words. */
static const char *words_hint(const struct oto_names *names, const char *word, char *out, size_t size)
{
	const char **words = oto_calloc(names->count, sizeof *words);
	size_t at = 0;

	for (uint32_t i = 0; i < names->count; i++)
		words[i] = name_row(names, i)->name;
	oto_near(out, size, word, words, names->count);
	if (!out[0])
		at = (size_t)snprintf(out, size, "; it knows");
	for (uint32_t i = 0; at && i < names->count && at < size; i++) {
		if (i == 10) {
			snprintf(out + at, size - at, ", ... (%u words)", names->count);
			break;
		}
		if (!i || strcmp(words[i], words[i - 1]) != 0)
			at += (size_t)snprintf(out + at, size - at, "%s %s", i ? "," : "", words[i]);
	}
	free(words);
	return out;
}

static bool parse_whole(const char *text, uint64_t *out)
{
	bool hex = text[0] == '0' && (text[1] | 0x20) == 'x';
	char *end;

	if (!isdigit((unsigned char)text[0]))
		return false;
	errno = 0;
	*out = strtoull(text, &end, hex ? 16 : 10);
	return !*end && !errno;
}

static bool parse_signed(const char *text, int64_t *out)
{
	uint64_t u;
	bool minus = text[0] == '-';

	if (!parse_whole(text + minus, &u) || u > (uint64_t)INT64_MAX + minus)
		return false;
	*out = minus ? (int64_t)(0 - u) : (int64_t)u;
	return true;
}

/* "10s", "5m", "1.5h", "100ms", "50us", "2d", or a plain number of seconds; to nanoseconds. */
static bool parse_span(const char *text, int64_t *out)
{
	static const struct {
		const char *unit;
		double ns;
	} units[] = { { "", 1e9 },   { "s", 1e9 },    { "ms", 1e6 },   { "us", 1e3 },   { "ns", 1 },
		      { "m", 60e9 }, { "min", 60e9 }, { "h", 3600e9 }, { "d", 86400e9 } };
	char *end;
	double f = strtod(text, &end);

	if (end == text || !(isdigit((unsigned char)text[0]) || text[0] == '-' || text[0] == '.') ||
	    (text[0] == '0' && (text[1] | 0x20) == 'x'))
		return false;
	for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
		if (strcmp(end, units[i].unit) != 0)
			continue;
		f *= units[i].ns;
		*out = llrint(f);
		return fabs(f) < 9.2e18;
	}
	return false;
}

static bool parse_bool(const char *text, uint64_t *out)
{
	*out = strcmp(text, "true") == 0 || strcmp(text, "T") == 0 || strcmp(text, "1") == 0;
	return *out || strcmp(text, "false") == 0 || strcmp(text, "F") == 0 || strcmp(text, "0") == 0;
}

static bool parse_key(const struct oto_field *f, const char *text, uint64_t *key)
{
	int64_t i;
	char *end;

	switch (f->kind) {
	case OTO_BOOL:
		return parse_bool(text, key);
	case OTO_F64:
		*key = double_key(strtod(text, &end));
		return end != text && !*end;
	case OTO_TIME:
	case OTO_INTERVAL:
		if (!parse_span(text, &i))
			return false;
		*key = signed_key(i);
		return true;
	case OTO_I64:
		if (!parse_signed(text, &i))
			return false;
		*key = signed_key(i);
		return true;
	}
	if (parse_whole(text, key))
		return true;
	if (!(f->flags & OTO_SECONDS) || !parse_span(text, &i) || i < 0 || i % OTO_SECOND)
		return false;
	*key = (uint64_t)(i / OTO_SECOND);
	return true;
}

static const char *kind_wants(const struct oto_field *f)
{
	switch (f->kind) {
	case OTO_BOOL:
		return "true or false";
	case OTO_F64:
		return "a number";
	case OTO_TIME:
		return "a time in seconds since 1970";
	case OTO_INTERVAL:
		return "a time span like 10s, 5m or 100ms";
	default:
		return f->flags & OTO_SECONDS ? "whole seconds or a time span like 10s or 5m" : "a whole number";
	}
}

static bool number_failed(struct maker *m, const struct literal *l, const char *text)
{
	const struct oto_field *f = m->ref.field;
	char hint[320];

	if (f->names)
		return fail(m, l->column, "%s knows no word %s%s", f->name, text, words_hint(f->names, text, hint, sizeof hint));
	return fail(m, l->column, "%s is compared with %s, not with %s", f->name, kind_wants(f), text);
}

/* One end of a range, or a single value that is no word. */
static bool number_literal(struct maker *m, const struct literal *l, const char *text, uint64_t *key)
{
	const struct oto_field *f = m->ref.field;
	struct range all = kind_range(f);
	struct test words = { 0 };

	if (add_word(&words, f->names, text, false)) {
		*key = words.ranges[0].low;
		free(words.ranges);
		return true;
	}
	if (f->names && strncmp(text, "unknown-", 8) == 0) /* as a value without a word is shown */
		text += 8;
	if (!parse_key(f, text, key))
		return number_failed(m, l, text);
	if (*key < all.low || *key > all.high)
		return fail(m, l->column, "%s holds 0 to %llu, never %s", f->name, (unsigned long long)all.high, text);
	return true;
}

static bool add_number(struct maker *m, struct test *t, const struct literal *l)
{
	const char *dots = strstr(l->text, "..");
	char low[LITERAL_MAX];
	struct range r;

	if (add_word(t, m->ref.field->names, l->text, false))
		return true;
	if (!dots) {
		if (!number_literal(m, l, l->text, &r.low))
			return false;
		r.high = r.low;
	} else {
		snprintf(low, sizeof low, "%.*s", (int)(dots - l->text), l->text);
		if (!number_literal(m, l, low, &r.low) || !number_literal(m, l, dots + 2, &r.high))
			return false;
		if (r.low > r.high)
			return fail(m, l->column, "the range %s ends before it begins", l->text);
	}
	add_range(t, r);
	return true;
}

static int range_order(const void *a, const void *b)
{
	const struct range *x = a, *y = b;

	return (x->low > y->low) - (x->low < y->low);
}

/* Sort, join what touches, and use the bitmap where all fits. */
static void ranges_done(struct test *t)
{
	uint32_t n = 0;

	if (t->n)
		qsort(t->ranges, t->n, sizeof *t->ranges, range_order);
	for (uint32_t i = 1; i < t->n; i++) {
		if (t->ranges[i].low <= t->ranges[n].high)
			t->ranges[n].high = t->ranges[i].high > t->ranges[n].high ? t->ranges[i].high : t->ranges[n].high;
		else
			t->ranges[++n] = t->ranges[i];
	}
	t->n = t->n ? n + 1 : 0;
	if (t->n && t->ranges[n].high > 255)
		return;
	t->op = TEST_BITMAP;
	for (uint32_t i = 0; i < t->n; i++) {
		for (uint64_t k = t->ranges[i].low; k <= t->ranges[i].high; k++)
			t->bitmap[k / 64] |= UINT64_C(1) << (k % 64);
	}
}

/* An empty range, where nothing is smaller than the smallest, is no range. */
static void add_order(struct test *t, const char *op, uint64_t key, struct range all)
{
	struct range r = { key, key };

	if (op[0] == '<') {
		if (!op[1] && key == all.low)
			return;
		r = (struct range){ all.low, key - !op[1] };
	} else {
		if (!op[1] && key == all.high)
			return;
		r = (struct range){ key + !op[1], all.high };
	}
	add_range(t, r);
}

static bool make_numbers(struct maker *m, const char *op, const struct literal *values, size_t n)
{
	struct test *t = test_add(m, TEST_RANGES);
	const struct oto_field *f = m->ref.field;
	uint64_t key;

	t->negate = op[0] == '!';
	for (size_t i = 0; i < n; i++) {
		if (op[0] == '~' && !add_word(t, f->names, values[i].text, true))
			return f->names ? number_failed(m, &values[i], values[i].text)
					: fail(m, values[i].column, "%s is a number: ~ looks into text", f->name);
		if (op[0] == '<' || op[0] == '>') {
			if (!number_literal(m, &values[i], values[i].text, &key))
				return false;
			add_order(t, op, key, kind_range(f));
		} else if (op[0] != '~' && !add_number(m, t, &values[i])) {
			return false;
		}
	}
	ranges_done(t);
	return true;
}

/* ------------------------------------------------------------------------------------------------ addresses */

/* A MAC or its first octets: "00:80:f4". */
static bool parse_mac_prefix(const char *text, struct prefix *out)
{
	uint32_t n = 0;
	unsigned byte;
	int used;

	while (n < 6 && isxdigit((unsigned char)text[0]) && isxdigit((unsigned char)text[1]) && sscanf(text, "%2x%n", &byte, &used) == 1) {
		out->byte[n++] = (uint8_t)byte;
		text += used;
		if (*text != ':' && *text != '-')
			break;
		text++;
	}
	out->family = OTO_FAMILY_MAC;
	out->bits = (uint8_t)(n * 8);
	return n >= 2 && !*text && isxdigit((unsigned char)text[-1]);
}

static bool parse_prefix(const char *text, struct prefix *out)
{
	char address[LITERAL_MAX];
	const char *slash = strchr(text, '/');
	struct oto_addr a;
	uint64_t bits;

	snprintf(address, sizeof address, "%.*s", slash ? (int)(slash - text) : (int)strlen(text), text);
	if (!oto_addr_parse(address, &a))
		return !slash && parse_mac_prefix(text, out);
	uint8_t most = a.family == OTO_FAMILY_IPV4 ? 32 : a.family == OTO_FAMILY_IPV6 ? 128 : 48;
	if (slash && (!parse_whole(slash + 1, &bits) || bits > most))
		return false;
	*out = (struct prefix){ .family = a.family, .bits = slash ? (uint8_t)bits : most };
	memcpy(out->byte, a.byte, sizeof a.byte);
	return true;
}

static bool make_prefixes(struct maker *m, const char *op, const struct literal *values, size_t n)
{
	struct test *t = test_add(m, TEST_PREFIX);
	const struct oto_field *f = m->ref.field;

	if (op[0] == '<' || op[0] == '>' || op[0] == '~')
		return fail(m, values[0].column, "%s is an address: it knows ==, != and in", f->name);
	t->negate = op[0] == '!';
	t->prefixes = oto_calloc(n, sizeof *t->prefixes);
	for (size_t i = 0; i < n; i++) {
		if (!parse_prefix(values[i].text, &t->prefixes[i]) || (f->kind == OTO_MAC && t->prefixes[i].family != OTO_FAMILY_MAC))
			return fail(m, values[i].column, "%s is compared with %s, not with %s", f->name,
				    f->kind == OTO_MAC ? "a MAC address or its first octets (00:80:f4)"
						       : "an address, a subnet (10.0.0.0/8) or a MAC address",
				    values[i].text);
		t->n++;
	}
	return true;
}

/* ------------------------------------------------------------------------------------------------ text */

static int hex_digit(char c)
{
	return isdigit((unsigned char)c) ? c - '0' : isxdigit((unsigned char)c) ? (c | 0x20) - 'a' + 10 : -1;
}

/* Hexadecimal text to bytes, in place. */
static bool unhex(struct literal *l)
{
	uint32_t from = l->text[0] == '0' && (l->text[1] | 0x20) == 'x' ? 2 : 0, n = 0;

	if ((l->len - from) % 2)
		return false;
	for (; from < l->len; from += 2) {
		int high = hex_digit(l->text[from]), low = hex_digit(l->text[from + 1]);
		if (high < 0 || low < 0)
			return false;
		l->text[n++] = (char)(high << 4 | low);
	}
	l->len = n;
	return true;
}

static bool make_texts(struct maker *m, const char *op, const struct literal *values, size_t n)
{
	const struct oto_field *f = m->ref.field;
	struct test *t = test_add(m, op[0] == '~' ? TEST_CONTAINS : TEST_EQUAL);

	if (op[0] == '<' || op[0] == '>')
		return fail(m, values[0].column, "%s is text: it knows ==, !=, ~ (contains) and in", f->name);
	t->negate = op[0] == '!';
	t->texts = oto_calloc(n, sizeof *t->texts);
	for (size_t i = 0; i < n; i++) {
		struct literal l = values[i];
		if (f->flags & OTO_HEX && !unhex(&l))
			return fail(m, l.column, "%s is compared with hexadecimal digits, not with %s", f->name, values[i].text);
		uint8_t *copy = oto_calloc(l.len + 1, 1);
		memcpy(copy, l.text, l.len);
		t->texts[t->n++] = (struct oto_slice){ copy, l.len };
	}
	return true;
}

/* ------------------------------------------------------------------------------------------------ comparisons */

static bool make_comparison(struct maker *m, const char *op, const struct literal *values, size_t n)
{
	switch (m->ref.field->kind) {
	case OTO_STR:
	case OTO_BYTES:
	case OTO_LIST:
	case OTO_TARGET:
		return make_texts(m, op, values, n);
	case OTO_ADDR:
	case OTO_MAC:
		return make_prefixes(m, op, values, n);
	default:
		return make_numbers(m, op, values, n);
	}
}

static struct oto_filter *finished(struct maker *m, bool ok)
{
	if (ok)
		return m->filter;
	oto_filter_free(m->filter);
	return NULL;
}

static bool literal_set(struct maker *m, struct literal *l, const char *text)
{
	size_t n = strlen(text);

	if (n >= sizeof l->text)
		return fail(m, 0, "a value longer than %d characters: %.40s...", LITERAL_MAX - 1, text);
	memcpy(l->text, text, n + 1);
	l->len = (uint32_t)n;
	return true;
}

static struct oto_filter *from_values(struct maker *m, const char *field, const char *op, const char *const *values, size_t n)
{
	struct literal *literals = oto_calloc(n, sizeof *literals);
	bool ok = find_field(m, field, 0);

	for (size_t i = 0; ok && i < n; i++)
		ok = literal_set(m, &literals[i], values[i]);
	ok = ok && make_comparison(m, op, literals, n);
	free(literals);
	return finished(m, ok);
}

struct oto_filter *oto_filter_any_of(const struct oto_event_def *def, const char *field, const char *const *values, size_t n,
				     struct oto_error *err)
{
	struct maker m = { .def = def, .err = err, .filter = oto_calloc(1, sizeof *m.filter) };

	return from_values(&m, field, "==", values, n);
}

static bool known_operator(const char *op)
{
	static const char *const known[] = { "==", "=", "!=", "<", "<=", ">", ">=", "~", "in" };

	for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
		if (strcmp(op, known[i]) == 0)
			return true;
	}
	return false;
}

struct oto_filter *oto_filter_compare(const struct oto_event_def *def, const char *field, const char *op, const char *value,
				      struct oto_error *err)
{
	struct maker m = { .def = def, .err = err, .filter = oto_calloc(1, sizeof *m.filter) };

	if (!known_operator(op)) {
		fail(&m, 0, "%s is no comparison; there are == != < <= > >= ~ in", op);
		return finished(&m, false);
	}
	return from_values(&m, field, op, &value, 1);
}

/* ------------------------------------------------------------------------------------------------ the expression */

static uint32_t column(const struct maker *m)
{
	return (uint32_t)(m->at - m->text) + 1;
}

static void blanks(struct maker *m)
{
	while (isspace((unsigned char)*m->at))
		m->at++;
}

static bool is_word_char(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

/* A punctuation mark, or a word that is not the beginning of a longer one. */
static bool accept(struct maker *m, const char *token)
{
	size_t n = strlen(token);

	blanks(m);
	if (strncmp(m->at, token, n) != 0 || (is_word_char(token[0]) && (is_word_char(m->at[n]) || m->at[n] == '.')))
		return false;
	m->at += n;
	return true;
}

/* What stands at the cursor, for a message. */
static const char *here(const struct maker *m, char *out, size_t size)
{
	if (!*m->at)
		snprintf(out, size, "the end");
	else
		snprintf(out, size, "`%.20s`", m->at);
	return out;
}

static bool literal_add(struct maker *m, struct literal *l, char c)
{
	if (l->len + 1 >= sizeof l->text)
		return fail(m, l->column, "a value longer than %d characters", LITERAL_MAX - 1);
	l->text[l->len++] = c;
	l->text[l->len] = '\0';
	return true;
}

/* The character that an escape in a string stands for: \n \t \xNN, or itself. */
static char escaped(struct maker *m)
{
	char c = *m->at++;

	if (c == 'n')
		return '\n';
	if (c == 't')
		return '\t';
	if (c == 'x' && hex_digit(m->at[0]) >= 0 && hex_digit(m->at[1]) >= 0) {
		m->at += 2;
		return (char)(hex_digit(m->at[-2]) << 4 | hex_digit(m->at[-1]));
	}
	return c;
}

static bool parse_string(struct maker *m, struct literal *l)
{
	char quote = *m->at++;

	l->quoted = true;
	while (*m->at != quote) {
		if (!*m->at || (*m->at == '\\' && !m->at[1]))
			return fail(m, l->column, "the string has no closing %c", quote);
		char c = *m->at++;
		if (!literal_add(m, l, c == '\\' ? escaped(m) : c))
			return false;
	}
	m->at++;
	return true;
}

static bool parse_literal(struct maker *m, struct literal *l)
{
	char near[32];

	blanks(m);
	l->column = column(m);
	l->len = 0;
	l->text[0] = '\0';
	l->quoted = false;
	if (*m->at == '"' || *m->at == '\'')
		return parse_string(m, l);
	while (*m->at && (is_word_char(*m->at) || strchr(".:/-+", *m->at))) {
		if (!literal_add(m, l, *m->at++))
			return false;
	}
	return l->len || fail(m, l->column, "a value is expected, not %s", here(m, near, sizeof near));
}

struct literals {
	struct literal *at;
	size_t n;
};

static bool literals_next(struct maker *m, struct literals *ls)
{
	if (ls->n >= TESTS_MAX)
		return fail(m, column(m), "the list has more than %u values", TESTS_MAX);
	ls->at = oto_realloc(ls->at, (ls->n + 1) * sizeof *ls->at);
	return parse_literal(m, &ls->at[ls->n++]);
}

/* One value, or { value, value, ... } after `in`. */
static bool parse_literals(struct maker *m, bool list, struct literals *ls)
{
	char near[32];

	if (!list || !accept(m, "{"))
		return literals_next(m, ls);
	do {
		if (!literals_next(m, ls))
			return false;
	} while (accept(m, ","));
	return accept(m, "}") || fail(m, column(m), "the list needs , or } before %s", here(m, near, sizeof near));
}

/* The operator of a comparison; NULL when the field stands alone. */
static const char *parse_operator(struct maker *m)
{
	static const char *const known[][2] = { { "==", "==" }, { "=", "==" }, { "!=", "!=" }, { "<=", "<=" }, { "<", "<" },
						{ ">=", ">=" }, { ">", ">" },  { "~", "~" },   { "in", "in" } };
	const char *before = m->at;

	for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
		if (accept(m, known[i][0]))
			return known[i][1];
	}
	if (accept(m, "not") && accept(m, "in"))
		return "!in";
	m->at = before;
	return NULL;
}

static bool parse_comparison(struct maker *m)
{
	char name[64], near[32];
	struct literals ls = { 0 };

	blanks(m);
	uint32_t where = column(m);
	size_t n = 0;
	while ((is_word_char(m->at[n]) || m->at[n] == '.') && n < sizeof name - 1)
		n++;
	if (!n)
		return fail(m, where, "a field is expected, not %s", here(m, near, sizeof near));
	memcpy(name, m->at, n);
	name[n] = '\0';
	m->at += n;
	if (!find_field(m, name, where))
		return false;
	const char *op = parse_operator(m);
	if (!op) {
		test_add(m, TEST_PRESENT);
		return true;
	}
	bool ok = parse_literals(m, strstr(op, "in") != NULL, &ls) && make_comparison(m, op, ls.at, ls.n);
	free(ls.at);
	return ok;
}

static bool parse_or(struct maker *m);

static bool parse_not(struct maker *m)
{
	char near[32];
	uint32_t from = m->filter->n;
	bool ok;

	if (++m->depth > DEPTH_MAX)
		return fail(m, column(m), "more than %d brackets and nots inside each other", DEPTH_MAX);
	blanks(m);
	if (accept(m, "not") || (m->at[0] == '!' && m->at[1] != '=' && accept(m, "!"))) {
		ok = parse_not(m);
		if (ok)
			negate(m->filter, from);
	} else if (accept(m, "(")) {
		ok = parse_or(m) && (accept(m, ")") || fail(m, column(m), "a ) is missing before %s", here(m, near, sizeof near)));
	} else {
		ok = parse_comparison(m);
	}
	m->depth--;
	return ok;
}

static bool parse_and(struct maker *m)
{
	uint32_t from = m->filter->n;

	if (!parse_not(m))
		return false;
	while (accept(m, "and") || accept(m, "&&")) {
		redirect(m->filter, from, m->filter->n, ACCEPT, (uint16_t)m->filter->n);
		if (!parse_not(m))
			return false;
	}
	return true;
}

static bool parse_or(struct maker *m)
{
	uint32_t from = m->filter->n;

	if (!parse_and(m))
		return false;
	while (accept(m, "or") || accept(m, "||")) {
		redirect(m->filter, from, m->filter->n, REJECT, (uint16_t)m->filter->n);
		if (!parse_and(m))
			return false;
	}
	return true;
}

struct oto_filter *oto_filter_compile(const struct oto_event_def *def, const char *expression, struct oto_error *err)
{
	struct maker m = { .def = def, .err = err, .filter = oto_calloc(1, sizeof *m.filter), .text = expression, .at = expression };
	char near[32];
	bool ok = parse_or(&m);

	blanks(&m);
	if (ok && *m.at)
		ok = fail(&m, column(&m), "`and`, `or` or the end is expected, not %s", here(&m, near, sizeof near));
	return finished(&m, ok);
}
