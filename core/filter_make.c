/* filter_make.c - one test from a field, an operator and literals: the field's kind decides what a literal means. See filter_program.h. */
#include "filter_program.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <time.h>

bool oto_filter_fail(struct oto_filter_maker *m, uint32_t column, const char *format, ...)
{
	char text[448];
	va_list ap;

	va_start(ap, format);
	vsnprintf(text, sizeof text, format, ap);
	va_end(ap);
	return column ? oto_fail(m->err, "column %u: %s", column, text) : oto_fail(m->err, "%s", text);
}

struct oto_filter_test *oto_filter_add(struct oto_filter_maker *m, uint8_t op)
{
	struct oto_filter *f = m->filter;
	const struct oto_field *field = m->whose ? m->whose : m->ref.field;

	f->tests = oto_realloc(f->tests, (f->n + 1) * sizeof *f->tests);
	f->tests[f->n] = (struct oto_filter_test){ .op = op,
						   .in_head = m->ref.in_head,
						   .length = m->whose != NULL,
						   .kind = field->kind,
						   .offset = field->offset,
						   .guard = field->guard,
						   .flags = field->flags,
						   .on_true = OTO_FILTER_ACCEPT,
						   .on_false = OTO_FILTER_REJECT };
	return &f->tests[f->n++];
}

bool oto_filter_field(struct oto_filter_maker *m, const char *name, uint32_t column)
{
	char near[160];

	if (m->filter->n >= OTO_FILTER_TESTS)
		return oto_filter_fail(m, column, "the filter has more than %u comparisons", OTO_FILTER_TESTS);
	m->ref = oto_field_find(m->def, name, strlen(name));
	m->whose = NULL;
	if (m->ref.field)
		return true;
	return oto_filter_fail(m, column, "%s has no field %s%s", m->def->name, name, oto_field_near(m->def, name, near, sizeof near));
}

bool oto_filter_length(struct oto_filter_maker *m, uint32_t column)
{
	const struct oto_field *f = m->ref.field;

	if (f->kind != OTO_STR && f->kind != OTO_BYTES && f->kind != OTO_LIST && f->kind != OTO_VEC)
		return oto_filter_fail(m, column, "%s is neither text nor a list: it has no length", f->name);
	m->whose = f;
	m->length = (struct oto_field){ .name = f->name, .kind = OTO_U32 };
	m->ref.field = &m->length;
	return true;
}
/* ------------------------------------------------------------------------------------------------ numbers, words, times */

/* The smallest and largest key of a field. */
static struct oto_filter_range kind_range(const struct oto_field *f)
{
	switch (f->kind) {
	case OTO_BOOL:
		return (struct oto_filter_range){ 0, 1 };
	case OTO_U8:
		return (struct oto_filter_range){ 0, UINT8_MAX };
	case OTO_U16:
		return (struct oto_filter_range){ 0, UINT16_MAX };
	case OTO_VEC: /* the width is known only when an event is at hand */
	case OTO_U32:
		return (struct oto_filter_range){ 0, UINT32_MAX };
	case OTO_F64:
		return (struct oto_filter_range){ oto_filter_double_key(-(double)INFINITY), oto_filter_double_key((double)INFINITY) };
	default:
		return (struct oto_filter_range){ 0, UINT64_MAX };
	}
}

static void add_range(struct oto_filter_test *t, struct oto_filter_range r)
{
	t->ranges = oto_realloc(t->ranges, (t->n + 1) * sizeof *t->ranges);
	t->ranges[t->n++] = r;
}

static const struct oto_name *name_row(const struct oto_names *names, uint32_t i)
{
	return (const void *)((const char *)names->row + (size_t)i * names->stride);
}

/* All values of that word: tables may give several codes one name. With `part`, of all words that contain it. */
static bool add_word(struct oto_filter_test *t, const struct oto_names *names, const char *word, bool part)
{
	bool found = false;

	for (uint32_t i = 0; names && i < names->count; i++) {
		const struct oto_name *row = name_row(names, i);
		if (part ? !strstr(row->name, word) : strcmp(row->name, word) != 0)
			continue;
		add_range(t, (struct oto_filter_range){ row->value, row->value });
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

/* "2026-01-31", "2026-01-31 08:00", "2026-01-31T08:00:30Z": without Z in the zone of the machine, as tables show times. */
static bool parse_moment(const char *text, int64_t *out)
{
	struct tm tm = { .tm_isdst = -1 };
	static const char *const forms[] = { "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M", "%Y-%m-%d" };
	const char *end = NULL;

	for (size_t i = 0; i < sizeof forms / sizeof *forms && !(end && (!*end || !strcmp(end, "Z"))); i++) {
		tm = (struct tm){ .tm_isdst = -1 };
		end = strptime(text, forms[i], &tm);
	}
	if (!end || (*end && strcmp(end, "Z") != 0) || tm.tm_year < 70 || tm.tm_year > 300)
		return false;
	*out = (int64_t)(*end ? timegm(&tm) : mktime(&tm)) * OTO_SECOND;
	return true;
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
		*key = oto_filter_double_key(strtod(text, &end));
		return end != text && !*end;
	case OTO_TIME:
	case OTO_INTERVAL:
		if (!parse_span(text, &i) && !(f->kind == OTO_TIME && parse_moment(text, &i)))
			return false;
		*key = oto_filter_signed_key(i);
		return true;
	case OTO_I64:
		if (!parse_signed(text, &i))
			return false;
		*key = oto_filter_signed_key(i);
		return true;
	}
	if (parse_whole(text, key))
		return true;
	if (f->kind == OTO_U64 && f->flags & OTO_HEX && parse_signed(text, &i)) { /* as Lua's integers hold one with the highest bit */
		*key = (uint64_t)i;
		return true;
	}
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
		return "a time like 2026-01-31 or \"2026-01-31 08:00\", or seconds since 1970";
	case OTO_INTERVAL:
		return "a time span like 10s, 5m or 100ms";
	default:
		return f->flags & OTO_SECONDS ? "whole seconds or a time span like 10s or 5m" : "a whole number";
	}
}

static bool number_failed(struct oto_filter_maker *m, const struct oto_filter_literal *l, const char *text)
{
	const struct oto_field *f = m->ref.field;
	char hint[320];

	if (f->names)
		return oto_filter_fail(m, l->column, "%s knows no word %s%s", f->name, text, words_hint(f->names, text, hint, sizeof hint));
	return oto_filter_fail(m, l->column, "%s is compared with %s, not with %s", f->name, kind_wants(f), text);
}

/* One end of a range, or a single value that is no word. */
static bool number_literal(struct oto_filter_maker *m, const struct oto_filter_literal *l, const char *text, uint64_t *key)
{
	const struct oto_field *f = m->ref.field;
	struct oto_filter_range all = kind_range(f);
	struct oto_filter_test words = { 0 };

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
		return oto_filter_fail(m, l->column, "%s holds 0 to %llu, never %s", f->name, (unsigned long long)all.high, text);
	return true;
}

static bool add_number(struct oto_filter_maker *m, struct oto_filter_test *t, const struct oto_filter_literal *l)
{
	const char *dots = strstr(l->text, "..");
	char low[OTO_FILTER_LITERAL];
	struct oto_filter_range r;

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
			return oto_filter_fail(m, l->column, "the range %s ends before it begins", l->text);
	}
	add_range(t, r);
	return true;
}

static int range_order(const void *a, const void *b)
{
	const struct oto_filter_range *x = a, *y = b;

	return (x->low > y->low) - (x->low < y->low);
}

/* Sort, join what touches, and use the bitmap where all fits. */
static void ranges_done(struct oto_filter_test *t)
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
	t->op = OTO_FILTER_BITMAP;
	for (uint32_t i = 0; i < t->n; i++) {
		for (uint64_t k = t->ranges[i].low; k <= t->ranges[i].high; k++)
			t->bitmap[k / 64] |= UINT64_C(1) << (k % 64);
	}
}

/* An empty range, where nothing is smaller than the smallest, is no range. */
static void add_order(struct oto_filter_test *t, const char *op, uint64_t key, struct oto_filter_range all)
{
	struct oto_filter_range r = { key, key };

	if (op[0] == '<') {
		if (!op[1] && key == all.low)
			return;
		r = (struct oto_filter_range){ all.low, key - !op[1] };
	} else {
		if (!op[1] && key == all.high)
			return;
		r = (struct oto_filter_range){ key + !op[1], all.high };
	}
	add_range(t, r);
}

static bool make_numbers(struct oto_filter_maker *m, const char *op, const struct oto_filter_literal *values, size_t n)
{
	struct oto_filter_test *t = oto_filter_add(m, OTO_FILTER_RANGES);
	const struct oto_field *f = m->ref.field;
	uint64_t key;

	t->negate = op[0] == '!';
	for (size_t i = 0; i < n; i++) {
		if (op[0] == '~' && !add_word(t, f->names, values[i].text, true))
			return f->names ? number_failed(m, &values[i], values[i].text)
					: oto_filter_fail(m, values[i].column, "%s is a number: ~ looks into text", f->name);
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
static bool parse_mac_prefix(const char *text, struct oto_filter_prefix *out)
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

static bool parse_prefix(const char *text, struct oto_filter_prefix *out)
{
	char address[OTO_FILTER_LITERAL];
	const char *slash = strchr(text, '/');
	struct oto_addr a;
	uint64_t bits;

	snprintf(address, sizeof address, "%.*s", slash ? (int)(slash - text) : (int)strlen(text), text);
	if (!oto_addr_parse(address, &a))
		return !slash && parse_mac_prefix(text, out);
	uint8_t most = a.family == OTO_FAMILY_IPV4 ? 32 : a.family == OTO_FAMILY_IPV6 ? 128 : 48;
	if (slash && (!parse_whole(slash + 1, &bits) || bits > most))
		return false;
	*out = (struct oto_filter_prefix){ .family = a.family, .bits = slash ? (uint8_t)bits : most };
	memcpy(out->byte, a.byte, sizeof a.byte);
	return true;
}

static bool make_prefixes(struct oto_filter_maker *m, const char *op, const struct oto_filter_literal *values, size_t n)
{
	struct oto_filter_test *t = oto_filter_add(m, OTO_FILTER_PREFIX);
	const struct oto_field *f = m->ref.field;

	if (op[0] == '<' || op[0] == '>' || op[0] == '~')
		return oto_filter_fail(m, values[0].column, "%s is an address: it knows ==, != and in", f->name);
	t->negate = op[0] == '!';
	t->prefixes = oto_calloc(n, sizeof *t->prefixes);
	for (size_t i = 0; i < n; i++) {
		if (!parse_prefix(values[i].text, &t->prefixes[i]) || (f->kind == OTO_MAC && t->prefixes[i].family != OTO_FAMILY_MAC))
			return oto_filter_fail(m, values[i].column, "%s is compared with %s, not with %s", f->name,
					       f->kind == OTO_MAC ? "a MAC address or its first octets (00:80:f4)"
								  : "an address, a subnet (10.0.0.0/8) or a MAC address",
					       values[i].text);
		t->n++;
	}
	return true;
}
/* ------------------------------------------------------------------------------------------------ text */

int oto_filter_hex(char c)
{
	return isdigit((unsigned char)c) ? c - '0' : isxdigit((unsigned char)c) ? (c | 0x20) - 'a' + 10 : -1;
}

/* Hexadecimal text to bytes, in place. */
static bool unhex(struct oto_filter_literal *l)
{
	uint32_t from = l->text[0] == '0' && (l->text[1] | 0x20) == 'x' ? 2 : 0, n = 0;

	if ((l->len - from) % 2)
		return false;
	for (; from < l->len; from += 2) {
		int high = oto_filter_hex(l->text[from]), low = oto_filter_hex(l->text[from + 1]);
		if (high < 0 || low < 0)
			return false;
		l->text[n++] = (char)(high << 4 | low);
	}
	l->len = n;
	return true;
}

static bool make_texts(struct oto_filter_maker *m, const char *op, const struct oto_filter_literal *values, size_t n)
{
	const struct oto_field *f = m->ref.field;
	struct oto_filter_test *t = oto_filter_add(m, op[0] == '~' ? OTO_FILTER_CONTAINS : OTO_FILTER_EQUAL);

	if (op[0] == '<' || op[0] == '>')
		return oto_filter_fail(m, values[0].column, "%s is text: it knows ==, !=, ~ (contains) and in", f->name);
	t->negate = op[0] == '!';
	t->texts = oto_calloc(n, sizeof *t->texts);
	for (size_t i = 0; i < n; i++) {
		struct oto_filter_literal l = values[i];
		if (f->flags & OTO_HEX && !unhex(&l))
			return oto_filter_fail(m, l.column, "%s is compared with hexadecimal digits, not with %s", f->name, values[i].text);
		uint8_t *copy = oto_calloc(l.len + 1, 1);
		memcpy(copy, l.text, l.len);
		t->texts[t->n++] = (struct oto_slice){ copy, l.len };
	}
	return true;
}
/* ------------------------------------------------------------------------------------------------ comparisons */

bool oto_filter_make(struct oto_filter_maker *m, const char *op, const struct oto_filter_literal *values, size_t n)
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

struct oto_filter *oto_filter_finished(struct oto_filter_maker *m, bool ok)
{
	if (ok)
		return m->filter;
	oto_filter_free(m->filter);
	return NULL;
}

static bool literal_set(struct oto_filter_maker *m, struct oto_filter_literal *l, const char *text)
{
	size_t n = strlen(text);

	if (n >= sizeof l->text)
		return oto_filter_fail(m, 0, "a value longer than %d characters: %.40s...", OTO_FILTER_LITERAL - 1, text);
	memcpy(l->text, text, n + 1);
	l->len = (uint32_t)n;
	return true;
}

static struct oto_filter *from_values(struct oto_filter_maker *m, const char *field, const char *op, const char *const *values, size_t n)
{
	struct oto_filter_literal *literals = oto_calloc(n, sizeof *literals);
	bool ok = oto_filter_field(m, field, 0);

	for (size_t i = 0; ok && i < n; i++)
		ok = literal_set(m, &literals[i], values[i]);
	ok = ok && oto_filter_make(m, op, literals, n);
	free(literals);
	return oto_filter_finished(m, ok);
}

struct oto_filter *oto_filter_any_of(const struct oto_event_def *def, const char *field, const char *const *values, size_t n,
				     struct oto_error *err)
{
	struct oto_filter_maker m = { .def = def, .err = err, .filter = oto_calloc(1, sizeof *m.filter) };

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
	struct oto_filter_maker m = { .def = def, .err = err, .filter = oto_calloc(1, sizeof *m.filter) };

	if (!known_operator(op)) {
		oto_filter_fail(&m, 0, "%s is no comparison; there are == != < <= > >= ~ in", op);
		return oto_filter_finished(&m, false);
	}
	return from_values(&m, field, op, &value, 1);
}
