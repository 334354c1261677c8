/* policy_pattern.c - Lua's patterns under the instruction budget. A pattern with several unbounded items that fails takes time in a power
 * of the text's length, and no hook reaches into string.find: so what could take long is first run here, where nothing is kept and each
 * step is counted, and the original, which gives the result, is called only when the budget bears it. Knows the sandbox's budget.
 *
 * Patterns as of the Lua 5.4 manual, 6.4.1. What is malformed is left to the original, which says so.
 */
#include "policy_private.h"

#include <ctype.h>
#include <string.h>

enum which { FIND, MATCH, GMATCH, GSUB, CALLS };
static const char *const call_names[CALLS] = { "find", "match", "gmatch", "gsub" };

#define CHEAP 4096u /* steps at worst that are not worth counting */
#define DEPTH 200u  /* as deep as the original goes before it gives up */
#define CAPTURES 32u
#define ESCAPE '%'

struct trial {
	const uint8_t *text, *text_end, *pattern_end;
	uint64_t steps, most;
	uint32_t depth, level;
	bool over; /* the budget is spent, or the pattern is not one: no more is tried */
	struct {
		const uint8_t *from;
		size_t len;
		bool open, position;
	} capture[CAPTURES];
};

static bool step(struct trial *t)
{
	t->over = t->over || ++t->steps > t->most;
	return !t->over;
}

/* ------------------------------------------------------------------------------------------------ one character */

/* Behind the class that begins at p; NULL: it does not end. */
static const uint8_t *class_end(const uint8_t *p, const uint8_t *end)
{
	uint8_t first = *p++;

	if (first == ESCAPE)
		return p < end ? p + 1 : NULL;
	if (first != '[')
		return p;
	if (p < end && *p == '^')
		p++;
	do { /* a ] that comes first is one of the set */
		if (p == end)
			return NULL;
		if (*p++ == ESCAPE)
			p = p < end ? p + 1 : end;
	} while (p == end || *p != ']');
	return p + 1;
}

static bool is_of_class(uint8_t c, uint8_t letter)
{
	static int (*const kinds[256])(int) = {
		['a'] = isalpha, ['c'] = iscntrl, ['d'] = isdigit, ['g'] = isgraph, ['l'] = islower,
		['p'] = ispunct, ['s'] = isspace, ['u'] = isupper, ['w'] = isalnum, ['x'] = isxdigit,
	};
	int (*kind)(int) = kinds[tolower(letter)];

	return kind ? (kind(c) != 0) == (islower(letter) != 0) : c == letter;
}

static bool is_of_set(uint8_t c, const uint8_t *p, const uint8_t *last)
{
	bool wanted = true;

	if (*++p == '^') {
		wanted = false;
		p++;
	}
	for (; p < last; p++) {
		if (*p == ESCAPE) {
			if (is_of_class(c, *++p))
				return wanted;
		} else if (p + 2 < last && p[1] == '-') {
			if (p[0] <= c && c <= p[2])
				return wanted;
			p += 2;
		} else if (*p == c) {
			return wanted;
		}
	}
	return !wanted;
}

static bool fits(struct trial *t, const uint8_t *s, const uint8_t *p, const uint8_t *behind)
{
	if (!step(t) || s >= t->text_end)
		return false;
	switch (*p) {
	case '.':
		return true;
	case ESCAPE:
		return is_of_class(*s, p[1]);
	case '[':
		return is_of_set(*s, p, behind - 1);
	default:
		return *s == *p;
	}
}

/* ------------------------------------------------------------------------------------------------ a pattern */

/* Behind what matches from s on, or NULL. */
static const uint8_t *tried(struct trial *t, const uint8_t *s, const uint8_t *p);

static const uint8_t *as_many(struct trial *t, const uint8_t *s, const uint8_t *p, const uint8_t *behind)
{
	size_t n = 0;

	while (fits(t, s + n, p, behind))
		n++;
	for (;; n--) {
		const uint8_t *end = tried(t, s + n, behind + 1);
		if (end || !n || t->over)
			return end;
	}
}

static const uint8_t *as_few(struct trial *t, const uint8_t *s, const uint8_t *p, const uint8_t *behind)
{
	for (;; s++) {
		const uint8_t *end = tried(t, s, behind + 1);
		if (end || !fits(t, s, p, behind))
			return end;
	}
}

static const uint8_t *opened(struct trial *t, const uint8_t *s, const uint8_t *p, bool position)
{
	if (t->level == CAPTURES) {
		t->over = true;
		return NULL;
	}
	t->capture[t->level].from = s;
	t->capture[t->level].len = 0;
	t->capture[t->level].open = !position;
	t->capture[t->level++].position = position;
	const uint8_t *end = tried(t, s, p);
	if (!end)
		t->level--;
	return end;
}

static const uint8_t *closed(struct trial *t, const uint8_t *s, const uint8_t *p)
{
	uint32_t i = t->level;

	while (i && !t->capture[i - 1].open)
		i--;
	if (!i) {
		t->over = true;
		return NULL;
	}
	t->capture[i - 1].len = (size_t)(s - t->capture[i - 1].from);
	t->capture[i - 1].open = false;
	const uint8_t *end = tried(t, s, p);
	if (!end)
		t->capture[i - 1].open = true;
	return end;
}

/* %1: what the first capture holds, again. */
static const uint8_t *repeated(struct trial *t, const uint8_t *s, uint8_t digit)
{
	uint32_t i = digit - '1';

	if (digit == '0' || i >= t->level || t->capture[i].open) {
		t->over = true;
		return NULL;
	}
	size_t len = t->capture[i].len;
	t->steps += len / 8;
	return (size_t)(t->text_end - s) >= len && !memcmp(t->capture[i].from, s, len) ? s + len : NULL;
}

/* %bxy */
static const uint8_t *balanced(struct trial *t, const uint8_t *s, const uint8_t *p)
{
	uint32_t open = 1;

	if (t->pattern_end - p < 2) {
		t->over = true;
		return NULL;
	}
	if (s >= t->text_end || *s != p[0])
		return NULL;
	while (++s < t->text_end && step(t)) {
		if (*s == p[1]) {
			if (--open == 0)
				return s + 1;
		} else if (*s == p[0]) {
			open++;
		}
	}
	return NULL;
}

/* %f[set] */
static bool is_frontier(struct trial *t, const uint8_t *s, const uint8_t *p, const uint8_t *behind)
{
	uint8_t before = s == t->text ? 0 : s[-1], after = s == t->text_end ? 0 : *s;

	return !is_of_set(before, p, behind - 1) && is_of_set(after, p, behind - 1);
}

/* What begins with % and is no class: *s and *p go behind it. False: it does not match. */
static bool special(struct trial *t, const uint8_t **s, const uint8_t **p)
{
	const uint8_t *q = *p + 2, *end = NULL;

	if ((*p)[1] == 'b') {
		end = balanced(t, *s, q);
		q += 2;
	} else if ((*p)[1] == 'f') {
		const uint8_t *behind = q < t->pattern_end && *q == '[' ? class_end(q, t->pattern_end) : NULL;
		t->over |= !behind;
		end = behind && is_frontier(t, *s, q, behind) ? *s : NULL;
		q = behind;
	} else {
		end = repeated(t, *s, (*p)[1]);
	}
	*s = end;
	*p = q;
	return end != NULL;
}

static const uint8_t *walk(struct trial *t, const uint8_t *s, const uint8_t *p)
{
	while (p < t->pattern_end && step(t)) {
		if (*p == '(')
			return p + 1 < t->pattern_end && p[1] == ')' ? opened(t, s, p + 2, true) : opened(t, s, p + 1, false);
		if (*p == ')')
			return closed(t, s, p + 1);
		if (*p == '$' && p + 1 == t->pattern_end)
			return s == t->text_end ? s : NULL;
		if (*p == ESCAPE && p + 1 < t->pattern_end && (p[1] == 'b' || p[1] == 'f' || isdigit(p[1]))) {
			if (!special(t, &s, &p))
				return NULL;
			continue;
		}
		const uint8_t *behind = class_end(p, t->pattern_end), *end;
		uint8_t times = behind && behind < t->pattern_end ? *behind : 0;
		if (!behind) {
			t->over = true;
			return NULL;
		}
		if (times == '*')
			return as_many(t, s, p, behind);
		if (times == '-')
			return as_few(t, s, p, behind);
		bool one = fits(t, s, p, behind);
		if (times == '+')
			return one ? as_many(t, s + 1, p, behind) : NULL;
		if (times == '?') {
			if (one && (end = tried(t, s + 1, behind + 1)))
				return end;
			p = behind + 1;
			continue;
		}
		if (!one)
			return NULL;
		s++;
		p = behind;
	}
	return t->over ? NULL : s;
}

static const uint8_t *tried(struct trial *t, const uint8_t *s, const uint8_t *p)
{
	if (t->depth == DEPTH)
		t->over = true;
	if (t->over)
		return NULL;
	t->depth++;
	const uint8_t *end = walk(t, s, p);
	t->depth--;
	return end;
}

/* ------------------------------------------------------------------------------------------------ a call */

/* All of a call: to the first match, or for gmatch and gsub to the end of the text. */
static void try_all(struct trial *t, const uint8_t *from, const uint8_t *pattern, enum which which)
{
	bool anchored = which != GMATCH && pattern < t->pattern_end && *pattern == '^', more = which >= GMATCH;

	for (const uint8_t *s = from, *last = NULL; s <= t->text_end && !t->over;) {
		t->level = 0;
		const uint8_t *end = tried(t, s, pattern + anchored);
		if (anchored || (end && !more))
			return;
		if (end && end != last)
			s = last = end;
		else
			s++;
	}
}

/* How many steps at worst, as far as it matters: each unbounded item goes over all of the text. */
static uint64_t worst_of(const uint8_t *p, const uint8_t *end, size_t len, enum which which)
{
	uint64_t worst = p < end && *p == '^' && which != GMATCH ? 1 : len + 1;

	worst *= (uint64_t)(end - p) + 1;
	for (; p < end && worst <= CHEAP; p++) {
		if (*p == ESCAPE && ++p < end && *p != 'b')
			continue;
		if (p < end && (*p == '*' || *p == '+' || *p == '-' || *p == 'b'))
			worst *= len + 1;
		else if (p < end && *p == '?')
			worst *= 2;
	}
	return worst;
}

static bool is_plain(lua_State *L, enum which which, const char *pattern, size_t len)
{
	if (which != FIND)
		return false;
	for (size_t i = 0; i < len; i++)
		if (pattern[i] && strchr("^$*+?.([%-", pattern[i]))
			return lua_toboolean(L, 4);
	return true;
}

static size_t start_of(lua_State *L, enum which which, size_t len)
{
	lua_Integer init = which == GSUB ? 1 : lua_tointeger(L, 3);

	if (init < 0)
		return (uint64_t)-init < len ? len - (size_t)-init : 0;
	return init <= 1 ? 0 : (size_t)init - 1;
}

static void charge(lua_State *L, enum which which)
{
	struct oto_lua *lua = oto_lua_of(L);
	size_t len, plen;
	const char *text = lua_tolstring(L, 1, &len), *pattern = lua_tolstring(L, 2, &plen);
	size_t start = start_of(L, which, len);
	uint64_t left = oto_lua_left(lua);

	if (start > len || left == UINT64_MAX || is_plain(L, which, pattern, plen))
		return;
	const uint8_t *p = (const uint8_t *)pattern, *s = (const uint8_t *)text;
	if (worst_of(p, p + plen, len - start, which) <= CHEAP)
		return;
	struct trial t = { .text = s, .text_end = s + len, .pattern_end = p + plen, .most = left };
	try_all(&t, s + start, p, which);
	if (t.steps > t.most)
		oto_lua_spent(L, lua_pushfstring(L, " by string.%s, whose pattern tries too many ways", call_names[which]));
	lua->used += t.steps;
}

void oto_lua_check_subject(lua_State *L, int at)
{
	if (lua_type(L, at) == LUA_TSTRING && lua_rawlen(L, at) > OTO_LUA_SUBJECT_MAX)
		luaL_error(L, "a pattern takes at most %d bytes, this text has %d: cut it with :sub() first", (int)OTO_LUA_SUBJECT_MAX,
			   (int)lua_rawlen(L, at));
}

/* upvalues: the original, which it is */
static int counted(lua_State *L)
{
	int nargs = lua_gettop(L);

	oto_lua_check_subject(L, 1);
	if (lua_type(L, 1) == LUA_TSTRING && lua_type(L, 2) == LUA_TSTRING)
		charge(L, (enum which)lua_tointeger(L, lua_upvalueindex(2)));
	lua_pushvalue(L, lua_upvalueindex(1));
	lua_insert(L, 1);
	lua_call(L, nargs, LUA_MULTRET);
	return lua_gettop(L);
}

void oto_lua_count_patterns(lua_State *L)
{
	for (int i = 0; i < CALLS; i++) {
		lua_getfield(L, -1, call_names[i]);
		lua_pushinteger(L, i);
		lua_pushcclosure(L, counted, 2);
		lua_setfield(L, -2, call_names[i]);
	}
}
