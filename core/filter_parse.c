/* filter_parse.c - expressions by recursive descent, bounded in depth, straight into tests. See filter.h for the grammar. */
#include "filter_program.h"

#include <ctype.h>
#include <stdlib.h>

#define DEPTH_MAX 64

static uint32_t column(const struct oto_filter_maker *m)
{
	return (uint32_t)(m->at - m->text) + 1;
}

static void blanks(struct oto_filter_maker *m)
{
	while (isspace((unsigned char)*m->at))
		m->at++;
}

static bool is_word_char(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

/* A punctuation mark, or a word that is not the beginning of a longer one. */
static bool accept(struct oto_filter_maker *m, const char *token)
{
	size_t n = strlen(token);

	blanks(m);
	if (strncmp(m->at, token, n) != 0 || (is_word_char(token[0]) && (is_word_char(m->at[n]) || m->at[n] == '.')))
		return false;
	m->at += n;
	return true;
}

/* What stands at the cursor, for a message. */
static const char *here(const struct oto_filter_maker *m, char *out, size_t size)
{
	if (!*m->at)
		snprintf(out, size, "the end");
	else
		snprintf(out, size, "`%.20s`", m->at);
	return out;
}

static bool literal_add(struct oto_filter_maker *m, struct oto_filter_literal *l, char c)
{
	if (l->len + 1 >= sizeof l->text)
		return oto_filter_fail(m, l->column, "a value longer than %d characters", OTO_FILTER_LITERAL - 1);
	l->text[l->len++] = c;
	l->text[l->len] = '\0';
	return true;
}

/* The character that an escape in a string stands for: \n \t \xNN, or itself. */
static char escaped(struct oto_filter_maker *m)
{
	char c = *m->at++;

	if (c == 'n')
		return '\n';
	if (c == 't')
		return '\t';
	if (c == 'x' && oto_filter_hex(m->at[0]) >= 0 && oto_filter_hex(m->at[1]) >= 0) {
		m->at += 2;
		return (char)(oto_filter_hex(m->at[-2]) << 4 | oto_filter_hex(m->at[-1]));
	}
	return c;
}

static bool parse_string(struct oto_filter_maker *m, struct oto_filter_literal *l)
{
	char quote = *m->at++;

	while (*m->at != quote) {
		if (!*m->at || (*m->at == '\\' && !m->at[1]))
			return oto_filter_fail(m, l->column, "the string has no closing %c", quote);
		char c = *m->at++;
		if (!literal_add(m, l, c == '\\' ? escaped(m) : c))
			return false;
	}
	m->at++;
	return true;
}

static bool parse_literal(struct oto_filter_maker *m, struct oto_filter_literal *l)
{
	char near[32];

	blanks(m);
	l->column = column(m);
	l->len = 0;
	l->text[0] = '\0';
	if (*m->at == '"' || *m->at == '\'')
		return parse_string(m, l);
	while (*m->at && (is_word_char(*m->at) || strchr(".:/-+", *m->at))) {
		if (!literal_add(m, l, *m->at++))
			return false;
	}
	return l->len || oto_filter_fail(m, l->column, "a value is expected, not %s", here(m, near, sizeof near));
}

struct literals {
	struct oto_filter_literal *at;
	size_t n;
};

static bool literals_next(struct oto_filter_maker *m, struct literals *ls)
{
	if (ls->n >= OTO_FILTER_TESTS)
		return oto_filter_fail(m, column(m), "the list has more than %u values", OTO_FILTER_TESTS);
	ls->at = oto_realloc(ls->at, (ls->n + 1) * sizeof *ls->at);
	return parse_literal(m, &ls->at[ls->n++]);
}

/* One value, or { value, value, ... } after `in`. */
static bool parse_literals(struct oto_filter_maker *m, bool list, struct literals *ls)
{
	char near[32];

	if (!list || !accept(m, "{"))
		return literals_next(m, ls);
	do {
		if (!literals_next(m, ls))
			return false;
	} while (accept(m, ","));
	return accept(m, "}") || oto_filter_fail(m, column(m), "the list needs , or } before %s", here(m, near, sizeof near));
}

/* The operator of a comparison; NULL when the field stands alone. */
static const char *parse_operator(struct oto_filter_maker *m)
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

static bool parse_comparison(struct oto_filter_maker *m)
{
	char name[64], near[32];
	struct literals ls = { 0 };

	blanks(m);
	uint32_t where = column(m);
	bool length = accept(m, "#");
	size_t n = 0;
	while ((is_word_char(m->at[n]) || m->at[n] == '.') && n < sizeof name - 1)
		n++;
	if (!n)
		return oto_filter_fail(m, where, "a field is expected, not %s", here(m, near, sizeof near));
	memcpy(name, m->at, n);
	name[n] = '\0';
	m->at += n;
	if (!oto_filter_field(m, name, where) || (length && !oto_filter_length(m, where)))
		return false;
	const char *op = parse_operator(m);
	if (!op && length)
		return oto_filter_fail(m, column(m), "#%s is a number: with what is it compared?", name);
	if (!op) {
		oto_filter_add(m, OTO_FILTER_PRESENT);
		return true;
	}
	bool ok = parse_literals(m, strstr(op, "in") != NULL, &ls) && oto_filter_make(m, op, ls.at, ls.n);
	free(ls.at);
	return ok;
}

static bool parse_or(struct oto_filter_maker *m);

static bool parse_not(struct oto_filter_maker *m)
{
	char near[32];
	uint32_t from = m->filter->n;
	bool ok;

	if (++m->depth > DEPTH_MAX)
		return oto_filter_fail(m, column(m), "more than %d brackets and nots inside each other", DEPTH_MAX);
	blanks(m);
	if (accept(m, "not") || (m->at[0] == '!' && m->at[1] != '=' && accept(m, "!"))) {
		ok = parse_not(m);
		if (ok)
			oto_filter_negate(m->filter, from);
	} else if (accept(m, "(")) {
		ok = parse_or(m) &&
		     (accept(m, ")") || oto_filter_fail(m, column(m), "a ) is missing before %s", here(m, near, sizeof near)));
	} else {
		ok = parse_comparison(m);
	}
	m->depth--;
	return ok;
}

static bool parse_and(struct oto_filter_maker *m)
{
	uint32_t from = m->filter->n;

	if (!parse_not(m))
		return false;
	while (accept(m, "and") || accept(m, "&&")) {
		oto_filter_redirect(m->filter, from, m->filter->n, OTO_FILTER_ACCEPT, (uint16_t)m->filter->n);
		if (!parse_not(m))
			return false;
	}
	return true;
}

static bool parse_or(struct oto_filter_maker *m)
{
	uint32_t from = m->filter->n;

	if (!parse_and(m))
		return false;
	while (accept(m, "or") || accept(m, "||")) {
		oto_filter_redirect(m->filter, from, m->filter->n, OTO_FILTER_REJECT, (uint16_t)m->filter->n);
		if (!parse_and(m))
			return false;
	}
	return true;
}

struct oto_filter *oto_filter_compile(const struct oto_event_def *def, const char *expression, struct oto_error *err)
{
	struct oto_filter_maker m = {
		.def = def, .err = err, .filter = oto_calloc(1, sizeof *m.filter), .text = expression, .at = expression
	};
	char near[32];
	bool ok = parse_or(&m);

	blanks(&m);
	if (ok && *m.at)
		ok = oto_filter_fail(&m, column(&m), "`and`, `or` or the end is expected, not %s", here(&m, near, sizeof near));
	return oto_filter_finished(&m, ok);
}
