/* cli_rows.c - the rows a command answers with, as a table that fits the terminal, CSV or JSON lines: chosen, sorted, cut.
 *
 * Rows come as events and are kept as texts until all are there. Knows events and text; no command.
 */
#include "cli_rows.h"
#include "filter.h"

#include <limits.h>
#include <locale.h>
#include <stdarg.h>
#include <stdlib.h>
#include <time.h>
#include <wchar.h>

enum { GAP = 2 /* between columns */, ENOUGH = 10, SENTENCE = 40 /* what a column of words keeps */ };

void oto_question_say(const struct oto_question *r, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fputs("otoscope: ", r->err);
	vfprintf(r->err, format, args);
	fputc('\n', r->err);
	va_end(args);
}

/* One row as texts, and the number it is sorted by. */
struct line {
	char **cell;
	double number;
	bool is_number;
	size_t order;
};

struct oto_rows {
	const struct oto_question *request;
	const struct oto_event_def *row;
	struct oto_filter *where;
	uint32_t *columns, ncolumns; /* to show, in this order */
	uint32_t sort;               /* column */
	bool sorted, downwards;
	struct line *lines;
	size_t n, cap;
	size_t unfit;         /* rows that --where does not want */
	struct oto_buf words; /* of them, what stands in the first column that --where reads: a string each */
	uint32_t nwords;
};
enum { WORDS = 8 };

/* For people, in the zone of the machine (TZ): seconds are enough. */
static void local_time(int64_t ns, struct oto_buf *out)
{
	time_t seconds = (time_t)(ns / OTO_SECOND);
	struct tm tm;
	char text[40];

	strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S", localtime_r(&seconds, &tm));
	oto_buf_str(out, text);
}

static void cell_text(const struct oto_event *e, uint32_t column, enum oto_answer_format format, struct oto_buf *out)
{
	struct oto_value v;

	oto_value_get(e, (struct oto_field_ref){ &e->def->fields[column], false }, &v);
	if (format == OTO_ANSWER_JSON)
		oto_value_json(&v, out);
	else if (v.kind == OTO_TIME && v.i)
		local_time(v.i, out);
	else if (v.kind == OTO_BYTES && !(v.flags & OTO_HEX))
		oto_plain_text(v.bytes, out);
	else if (v.kind)
		oto_value_text(&v, out);
	oto_buf_add(out, "", 1);
}

static void sort_key(const struct oto_rows *a, const struct oto_event *e, struct line *l)
{
	struct oto_value v;

	if (!a->sorted)
		return;
	oto_value_get(e, (struct oto_field_ref){ &e->def->fields[a->sort], false }, &v);
	l->is_number = v.kind == OTO_F64 || v.kind == OTO_I64 || v.kind == OTO_TIME || v.kind == OTO_INTERVAL ||
		       (v.kind >= OTO_U8 && v.kind <= OTO_U64);
	l->number = v.kind == OTO_F64 ? v.f : v.kind == OTO_I64 || v.kind == OTO_TIME || v.kind == OTO_INTERVAL ? (double)v.i : (double)v.u;
	if (!v.kind)
		l->number = 0;
}

static bool is_known_word(const struct oto_rows *a, const char *word)
{
	const char *at = a->words.data;

	for (uint32_t i = 0; i < a->nwords; i++, at += strlen(at) + 1) {
		if (strcmp(at, word) == 0)
			return true;
	}
	return false;
}

/* What there would have been to ask for, should nothing fit. */
static void leave_out(struct oto_rows *a, const struct oto_event *e)
{
	struct oto_buf word = { 0 };

	a->unfit++;
	if (a->n || a->nwords > WORDS)
		return;
	for (uint32_t i = 0; i < a->row->nfields; i++) {
		if (!oto_filter_reads(a->where, &a->row->fields[i], false))
			continue;
		cell_text(e, i, OTO_ANSWER_TABLE, &word);
		if (word.data[0] && !is_known_word(a, word.data)) {
			oto_buf_add(&a->words, word.data, word.len);
			a->nwords++;
		}
		break;
	}
	oto_buf_free(&word);
}

static void say_why_empty(const struct oto_rows *a)
{
	struct oto_buf text = { 0 };
	const char *at = a->words.data;
	uint32_t column = 0;

	while (column < a->row->nfields && !oto_filter_reads(a->where, &a->row->fields[column], false))
		column++;
	for (uint32_t i = 0; i < a->nwords && column < a->row->nfields; i++, at += strlen(at) + 1) {
		if (i == 0)
			oto_buf_fmt(&text, "; %s is here", a->row->fields[column].name);
		oto_buf_fmt(&text, i < WORDS ? "%s \"%s\"" : "%s ...", i ? "," : "", at);
	}
	oto_buf_add(&text, "", 1);
	oto_question_say(a->request, "none of %zu rows is one that --where asks for%s", a->unfit, text.data);
	oto_buf_free(&text);
}

void oto_rows_add(void *who, const struct oto_event *e)
{
	struct oto_rows *a = who;

	if (!oto_filter_match(a->where, e)) {
		leave_out(a, e);
		return;
	}
	if (a->n == a->cap) {
		a->cap = a->cap ? a->cap * 2 : 64;
		a->lines = oto_realloc(a->lines, a->cap * sizeof *a->lines);
	}
	struct line *l = &a->lines[a->n];
	*l = (struct line){ .cell = oto_calloc(e->def->nfields, sizeof *l->cell), .order = a->n++ };
	for (uint32_t i = 0; i < e->def->nfields; i++) {
		struct oto_buf text = { 0 };
		cell_text(e, i, a->request->format, &text);
		l->cell[i] = text.data;
	}
	sort_key(a, e, l);
}

static int by_sort(const void *x, const void *y, void *who)
{
	const struct line *a = x, *b = y;
	const struct oto_rows *answer = who;
	int order = a->is_number && b->is_number ? (a->number > b->number) - (a->number < b->number)
						 : strcmp(a->cell[answer->sort], b->cell[answer->sort]);

	if (answer->downwards)
		order = -order;
	return order ? order : (a->order > b->order) - (a->order < b->order);
}

/* Columns of a terminal the first character takes, two where it is written wide as in Japanese; its bytes in *len. */
static size_t cell_width(const char *text, size_t *len)
{
	wchar_t c;
	mbstate_t state = { 0 };
	size_t n = mbrtowc(&c, text, strlen(text), &state);
	int width = n && n <= MB_LEN_MAX ? wcwidth(c) : 1;

	*len = n && n <= MB_LEN_MAX ? n : 1;
	return width < 0 ? 1 : (size_t)width;
}

static size_t text_width(const char *text)
{
	size_t width = 0;

	for (size_t len; *text; text += len)
		width += cell_width(text, &len);
	return width;
}

/* Half a word is still of use, half an address or time is not. */
static bool is_prose(const struct oto_field *f)
{
	return f->kind == OTO_BYTES || f->kind == OTO_STR || f->kind == OTO_LIST;
}

/* What of a column must be shown for it to be of use. A sentence needs more than a name. */
static size_t least(const struct oto_field *f, size_t natural)
{
	size_t enough = natural / 3 < ENOUGH ? ENOUGH : natural / 3 > SENTENCE ? SENTENCE : natural / 3;

	return is_prose(f) && enough < natural ? enough : natural;
}

struct column {
	size_t natural, least, width;
};

/* The one with the longest texts that can give way: few are cut, and of those most is left. */
static struct column *widest(struct column *c, uint32_t n)
{
	struct column *most = NULL;

	for (uint32_t i = 0; i < n; i++) {
		if (c[i].width > c[i].least && (!most || c[i].natural > most->natural))
			most = &c[i];
	}
	return most;
}

/* How many of the columns fit into a line, from the first on: the widest of words give way, no further than they are of use. Columns stand
 * in the order of their weight, so those that do not fit are the last. */
static uint32_t fit(struct column *c, uint32_t n, size_t terminal)
{
	size_t total = 0, least = 0;
	uint32_t fits = 0;

	for (; fits < n && (!fits || least + c[fits].least + GAP * fits <= terminal); fits++) {
		least += c[fits].least;
		total += c[fits].width + (fits ? GAP : 0);
	}
	for (struct column *wide; total > terminal && (wide = widest(c, fits)); total--)
		wide->width--;
	return fits;
}

static void put_cell(FILE *out, const char *text, size_t width, bool last)
{
	size_t wide = text_width(text), shown = 0, bytes = 0, len;

	if (wide <= width) {
		fprintf(out, "%s%*s", text, last ? 0 : (int)(width - wide + GAP), "");
		return;
	}
	for (size_t w; shown + (w = cell_width(text + bytes, &len)) < width; bytes += len)
		shown += w;
	fprintf(out, "%.*s\xe2\x80\xa6%*s", (int)bytes, text, last ? 0 : (int)(width - shown - 1 + GAP), "");
}

static size_t width_of(const struct oto_rows *a, uint32_t column, size_t n, bool *empty)
{
	size_t width = strlen(a->row->fields[column].name);

	*empty = true;
	for (size_t i = 0; i < n; i++) {
		size_t w = text_width(a->lines[i].cell[column]);
		width = w > width ? w : width;
		*empty &= w == 0;
	}
	return width;
}

static void say_missing(const struct oto_rows *a, const uint32_t *columns, uint32_t n)
{
	struct oto_buf names = { 0 };

	for (uint32_t i = 0; i < n; i++)
		oto_buf_fmt(&names, "%s%s", i ? ", " : "", a->row->fields[columns[i]].name);
	if (n)
		oto_question_say(a->request, "no room for %.*s: a wider terminal, --csv and --json have them", (int)names.len, names.data);
	oto_buf_free(&names);
}

/* The columns to show, and how wide each is. When a line is too long, what holds nothing gives way first, then the last ones. */
static uint32_t lay_out(const struct oto_rows *a, size_t n, uint32_t *columns, struct column *c)
{
	size_t terminal = a->request->width ? a->request->width : SIZE_MAX, total = 0;
	uint32_t shown = 0;
	bool empty;

	for (uint32_t k = 0; k < a->ncolumns; k++)
		total += width_of(a, a->columns[k], n, &empty) + (k ? GAP : 0);
	for (uint32_t k = 0; k < a->ncolumns; k++) {
		size_t natural = width_of(a, a->columns[k], n, &empty);
		if (empty && n && total > terminal)
			continue;
		columns[shown] = a->columns[k];
		c[shown++] = (struct column){ natural, least(&a->row->fields[a->columns[k]], natural), natural };
	}
	uint32_t fits = fit(c, shown, terminal);
	say_missing(a, columns + fits, shown - fits);
	return fits;
}

static void put_table(const struct oto_rows *a, size_t n)
{
	const struct oto_event_def *def = a->row;
	FILE *out = a->request->out;
	locale_t utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", 0), before = utf8 ? uselocale(utf8) : 0;
	struct column *c = oto_calloc(a->ncolumns, sizeof *c);
	uint32_t *columns = oto_calloc(a->ncolumns, sizeof *columns), shown = lay_out(a, n, columns, c);

	for (uint32_t k = 0; k < shown; k++)
		put_cell(out, def->fields[columns[k]].name, c[k].width, k + 1 == shown);
	fputc('\n', out);
	for (size_t i = 0; i < n; i++) {
		for (uint32_t k = 0; k < shown; k++) {
			const char *cell = a->lines[i].cell[columns[k]];
			put_cell(out, cell[0] ? cell : "-", c[k].width, k + 1 == shown);
		}
		fputc('\n', out);
	}
	free(columns);
	free(c);
	if (utf8) {
		uselocale(before);
		freelocale(utf8);
	}
}

static void put_csv_cell(FILE *out, const char *text)
{
	const char *guard = text[0] && strchr("=+-@", text[0]) && !(text[0] == '-' && strspn(text + 1, "0123456789.")) ? "'" : "";

	if (!strpbrk(text, ",\"\r\n")) {
		fprintf(out, "%s%s", guard, text);
		return;
	}
	fprintf(out, "\"%s", guard);
	for (; *text; text++)
		fprintf(out, *text == '"' ? "\"\"" : "%c", *text);
	fputc('"', out);
}

static void put_csv(const struct oto_rows *a, size_t n)
{
	FILE *out = a->request->out;

	for (uint32_t k = 0; k < a->ncolumns; k++)
		fprintf(out, "%s%s", k ? "," : "", a->row->fields[a->columns[k]].name);
	fputc('\n', out);
	for (size_t i = 0; i < n; i++) {
		for (uint32_t k = 0; k < a->ncolumns; k++) {
			if (k)
				fputc(',', out);
			put_csv_cell(out, a->lines[i].cell[a->columns[k]]);
		}
		fputc('\n', out);
	}
}

static void put_json(const struct oto_rows *a, size_t n)
{
	FILE *out = a->request->out;

	for (size_t i = 0; i < n; i++) {
		const char *comma = "{";
		for (uint32_t k = 0; k < a->ncolumns; k++) {
			const char *cell = a->lines[i].cell[a->columns[k]];
			if (strcmp(cell, "null") == 0)
				continue;
			fprintf(out, "%s\"%s\":%s", comma, a->row->fields[a->columns[k]].name, cell);
			comma = ",";
		}
		fprintf(out, "%s\n", *comma == '{' ? "{}" : "}");
	}
}

size_t oto_rows_put(struct oto_rows *a)
{
	size_t n = a->request->limit && a->request->limit < a->n ? a->request->limit : a->n;

	if (a->sorted)
		qsort_r(a->lines, a->n, sizeof *a->lines, by_sort, a);
	if (a->request->format == OTO_ANSWER_CSV)
		put_csv(a, n);
	else if (a->request->format == OTO_ANSWER_JSON)
		put_json(a, n);
	else
		put_table(a, n);
	if (n < a->n)
		oto_question_say(a->request, "%zu of %zu rows shown", n, a->n);
	if (!a->n && a->unfit)
		say_why_empty(a);
	return a->n;
}

void oto_rows_free(struct oto_rows *a)
{
	if (!a)
		return;
	for (size_t i = 0; i < a->n; i++) {
		for (uint32_t c = 0; c < a->row->nfields; c++)
			free(a->lines[i].cell[c]);
		free(a->lines[i].cell);
	}
	free(a->lines);
	free(a->columns);
	oto_buf_free(&a->words);
	oto_filter_free(a->where);
	free(a);
}

static bool find_column(const struct oto_rows *a, const char *option, struct oto_slice name, uint32_t *column, struct oto_error *err)
{
	char near[256], text[128];

	snprintf(text, sizeof text, "%.*s", (int)name.len, (const char *)name.data);
	for (*column = 0; *column < a->row->nfields; ++*column) {
		if (strcmp(a->row->fields[*column].name, text) == 0)
			return true;
	}
	return oto_fail(err, "--%s %s: there is no such column%s", option, text, oto_field_near(a->row, text, near, sizeof near));
}

/* All, or those that --columns names with commas between. */
static bool choose_columns(struct oto_rows *a, const char *names, struct oto_error *err)
{
	size_t most = a->row->nfields;

	for (const char *at = names; at && (at = strchr(at, ',')); at++)
		most++;
	a->columns = oto_calloc(most, sizeof *a->columns);
	if (!names) {
		for (; a->ncolumns < a->row->nfields; a->ncolumns++)
			a->columns[a->ncolumns] = a->ncolumns;
		return true;
	}
	for (const char *at = names;; at++) {
		size_t len = strcspn(at, ",");
		if (!find_column(a, "columns", (struct oto_slice){ (const uint8_t *)at, (uint32_t)len }, &a->columns[a->ncolumns], err))
			return false;
		a->ncolumns++;
		at += len;
		if (!*at)
			return true;
	}
}

static bool prepare(struct oto_rows *a, struct oto_error *err)
{
	const struct oto_question *r = a->request;

	if (!a->row && (r->where || r->sort || r->columns))
		return oto_fail(err, "this command gives no rows: --where, --sort and --columns are for those that do");
	if (!a->row)
		return true;
	if (r->where && !(a->where = oto_filter_compile(a->row, r->where, err)))
		return false;
	if (!choose_columns(a, r->columns, err))
		return false;
	if (!r->sort)
		return true;
	a->downwards = r->sort[0] == '-';
	const char *column = r->sort + a->downwards;
	a->sorted = true;
	return find_column(a, "sort", (struct oto_slice){ (const uint8_t *)column, (uint32_t)strlen(column) }, &a->sort, err);
}

struct oto_rows *oto_rows_new(const struct oto_question *q, const struct oto_event_def *row, struct oto_error *err)
{
	struct oto_rows *a = oto_calloc(1, sizeof *a);

	*a = (struct oto_rows){ .request = q, .row = row };
	if (prepare(a, err))
		return a;
	oto_rows_free(a);
	return NULL;
}
