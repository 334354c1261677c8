/* policy_tally_fold.c - tally:fold: what was counted goes into the rows of a store, of which a script says once how they are made.
 *
 * Rows of sums are written each hour, one for each pair and command of a plant. In Lua each key and each number of them is pushed, put
 * into tables and packed again; here bytes become bytes.
 */
#include "policy_packed.h"
#include "policy_private.h"
#include "tally.h"

#include <endian.h>
#include <math.h>

enum { MOST_PIECES = 48, PACKED_BYTES = 4096 };
#define HOUR (3600 * OTO_SECOND)

/* Values behind one another, packed, on the C stack. */
struct packed {
	uint32_t len;
	uint8_t data[PACKED_BYTES];
};

/* What a value of a key or of a list is made of. */
struct piece {
	enum { PART, FIRST, LAST, HOURS, COUNT, TOTAL, NAMED } what;
	uint32_t part;                /* PART: of the tally's key, from 1; 0: none */
	uint32_t from, n;             /* NAMED: pieces; TOTAL: sums */
	uint32_t sum[OTO_TALLY_SUMS]; /* TOTAL */
	int64_t span_ns;              /* FIRST, LAST: in which of these since 1970; 0: when */
	int index;                    /* on the stack: NAMED: the function, behind it the table of its answers; else what stands for nil */
};

/* What a function said is known for long by its bytes; for what does not fit, in a table. */
struct answer {
	const struct piece *of; /* NULL: none */
	uint32_t ngiven, nsaid;
	uint8_t given[96], said[64];
};

enum { ANSWERS = 64 };

struct plan {
	lua_State *L;
	struct oto_tally *tally;
	int first_sum, last_sum; /* sums of times that are called so; -1: none, the row's own times are meant */
	uint32_t n;
	struct piece piece[MOST_PIECES];
	struct answer answer[ANSWERS];
};

/* ------------------------------------------------------------------------------------------------ bytes */

static void add(lua_State *L, struct packed *p, uint8_t tag, const void *data, size_t len)
{
	if (p->len + 1 + len > sizeof p->data)
		luaL_error(L, "what is folded into one row has at most %d bytes", (int)PACKED_BYTES);
	p->data[p->len++] = tag;
	if (len)
		memcpy(p->data + p->len, data, len);
	p->len += (uint32_t)len;
}

static void add_number(lua_State *L, struct packed *p, uint8_t tag, uint64_t u)
{
	u = htobe64(u);
	add(L, p, tag, &u, sizeof u);
}

static void add_text(lua_State *L, struct packed *p, const void *text, size_t len)
{
	add_number(L, p, TAG_STRING, len);
	if (len > sizeof p->data - p->len)
		luaL_error(L, "what is folded into one row has at most %d bytes", (int)PACKED_BYTES);
	memcpy(p->data + p->len, text, len);
	p->len += (uint32_t)len;
}

/* As tallies add them up; what is whole is an integer. */
static void add_real(lua_State *L, struct packed *p, double d)
{
	uint64_t bits;

	memcpy(&bits, &d, sizeof bits);
	if (fabs(d) <= 0x1p53 && d == floor(d))
		add_number(L, p, TAG_INTEGER, (uint64_t)(int64_t)d);
	else
		add_number(L, p, TAG_NUMBER, bits);
}

/* What the script said stands there. */
static void add_said(lua_State *L, struct packed *p, int index)
{
	size_t len;

	switch (lua_type(L, index)) {
	case LUA_TNUMBER:
		if (lua_isinteger(L, index))
			add_number(L, p, TAG_INTEGER, (uint64_t)lua_tointeger(L, index));
		else
			add_real(L, p, lua_tonumber(L, index));
		return;
	case LUA_TSTRING: {
		const char *text = lua_tolstring(L, index, &len);
		add_text(L, p, text, len);
		return;
	}
	case LUA_TBOOLEAN:
		add(L, p, lua_toboolean(L, index) ? TAG_TRUE : TAG_FALSE, NULL, 0);
		return;
	}
	luaL_error(L, "a key or a list cannot have %s there", luaL_typename(L, index));
}

/* ------------------------------------------------------------------------------------------------ what the script said */

static int time_called(const struct oto_tally *t, const char *name)
{
	int i = oto_tally_sum_called(t, name);

	return i >= 0 && t->time[i] ? i : -1;
}

static bool read_time(lua_State *L, struct piece *e, const char *word)
{
	const char *slash = strchr(word, '/');
	size_t len = slash ? (size_t)(slash - word) : strlen(word);
	bool is_first = len == 5 && memcmp(word, "first", len) == 0, is_last = len == 4 && memcmp(word, "last", len) == 0;

	if (!is_first && !is_last)
		return false;
	e->what = is_first ? FIRST : LAST;
	if (slash && (!oto_interval_parse(slash + 1, &e->span_ns) || e->span_ns <= 0))
		luaL_error(L, "'%s' is no span of time", slash + 1);
	return true;
}

static void add_sum(struct plan *plan, struct piece *e, const char *name)
{
	int i = oto_tally_sum_called(plan->tally, name);

	if (i < 0 || plan->tally->time[i] || e->n == OTO_TALLY_SUMS)
		luaL_error(plan->L, "this tally has no sum '%s' of numbers", name);
	e->what = TOTAL;
	e->sum[e->n++] = (uint32_t)i;
}

static void read_word(struct plan *plan, struct piece *e, const char *word)
{
	if (strcmp(word, "n") == 0)
		e->what = COUNT;
	else if (strcmp(word, "hours") == 0)
		e->what = HOURS;
	else if (!read_time(plan->L, e, word))
		add_sum(plan, e, word);
}

static void read_part(const struct plan *plan, struct piece *e, int index)
{
	lua_Integer part = lua_toboolean(plan->L, index) ? lua_tointeger(plan->L, index) : 0;

	if (part < 0 || part > (lua_Integer)plan->tally->nkeys)
		luaL_error(plan->L, "the key of this tally has no part %I", part);
	e->what = PART;
	e->part = (uint32_t)part;
}

static struct piece *new_pieces(struct plan *plan, lua_Integer n)
{
	struct piece *e = plan->piece + plan->n;

	if (n < 1 || n > (lua_Integer)(MOST_PIECES - plan->n))
		luaL_error(plan->L, "a key and a list have at least one value each, and both together at most %d", (int)MOST_PIECES);
	memset(e, 0, (size_t)n * sizeof *e);
	plan->n += (uint32_t)n;
	return e;
}

static void read_piece(struct plan *plan, struct piece *e);

/* { "out", "back" } the total of both; { 2, 0 } part 2, where that is nil 0; { 1, "last/1h", f } what f(part 1, the hour) returns. */
static void read_table(struct plan *plan, struct piece *e)
{
	lua_State *L = plan->L;
	int table = lua_gettop(L);
	lua_Integer n = (lua_Integer)lua_rawlen(L, table);

	if (lua_rawgeti(L, table, n) == LUA_TFUNCTION) {
		const struct piece *inner = new_pieces(plan, n - 1);
		e->what = NAMED;
		e->index = lua_gettop(L);
		e->from = (uint32_t)(inner - plan->piece);
		e->n = (uint32_t)(n - 1);
		lua_newtable(L);
		for (uint32_t i = 0; i < e->n; i++) {
			lua_rawgeti(L, table, i + 1);
			if (lua_istable(L, -1))
				luaL_error(L, "a function is given parts of the key and times");
			read_piece(plan, &plan->piece[e->from + i]);
		}
		return;
	}
	if (lua_rawgeti(L, table, 1) == LUA_TSTRING) {
		for (lua_Integer i = 1; i <= n; i++) {
			lua_rawgeti(L, table, i);
			add_sum(plan, e, luaL_checkstring(L, -1));
		}
		return;
	}
	if (n != 2)
		luaL_error(L, "wanted are a part of the key and what stands there where it is nil");
	e->index = table + 1;
	read_part(plan, e, table + 2);
}

/* What is on top of the stack; what of it is needed stays there. */
static void read_piece(struct plan *plan, struct piece *e)
{
	lua_State *L = plan->L;

	luaL_checkstack(L, 32, NULL);
	switch (lua_type(L, -1)) {
	case LUA_TTABLE:
		read_table(plan, e);
		return;
	case LUA_TSTRING:
		read_word(plan, e, lua_tostring(L, -1));
		return;
	case LUA_TNUMBER:
	case LUA_TBOOLEAN:
		read_part(plan, e, lua_gettop(L));
		return;
	}
	luaL_error(L, "a value of a key or a list is no %s", luaL_typename(L, -1));
}

/* The list of that name; returns its pieces, *n of them. */
static const struct piece *read_list(struct plan *plan, const char *name, uint32_t *n)
{
	lua_State *L = plan->L;

	if (lua_getfield(L, 3, name) != LUA_TTABLE)
		luaL_error(L, "tally:fold needs %s = { ... }", name);
	int list = lua_gettop(L);
	*n = (uint32_t)lua_rawlen(L, list);
	struct piece *e = new_pieces(plan, *n);
	for (uint32_t i = 0; i < *n; i++) {
		lua_rawgeti(L, list, i + 1);
		read_piece(plan, e + i);
	}
	return e;
}

/* ------------------------------------------------------------------------------------------------ a row */

/* A copy: a function of the script may change the tally. */
struct copy {
	union {
		struct oto_counted counted;
		uint8_t bytes[sizeof(struct oto_counted) + (OTO_TALLY_SUMS + 1) * sizeof(struct oto_sum)];
	};
	uint8_t key[OTO_TALLY_KEY_BYTES];
	struct oto_slice part[1 + OTO_TALLY_KEYS]; /* of the key, from 1 */
};

static void copy_row(const struct oto_tally *t, const struct oto_row *r, struct copy *out)
{
	struct oto_slice left = { out->key, r->key.len };

	memcpy(out->bytes, r->value.data, oto_tally_bytes(t));
	memcpy(out->key, r->key.data, r->key.len);
	out->part[0].len = 0;
	for (uint32_t i = 1; i <= t->nkeys; i++) {
		out->part[i] = oto_tally_first_parts(left, 1);
		left = (struct oto_slice){ left.data + out->part[i].len, left.len - out->part[i].len };
	}
}

/* A double holds a time of today to some 200 ns: captures have microseconds. */
static int64_t time_of(const struct plan *plan, const struct oto_counted *c, bool last)
{
	int sum = last ? plan->last_sum : plan->first_sum;

	if (sum < 0 || c->sum[sum].n <= 0)
		return last ? c->last_ns : c->from_ns;
	return llround((last ? c->sum[sum].most : c->sum[sum].least) * 1e6) * 1000;
}

static uint64_t hour_bit(int64_t ns)
{
	return UINT64_C(1) << (uint64_t)(ns / HOUR) % 24;
}

static void add_time(const struct plan *plan, const struct piece *e, const struct oto_counted *c, struct packed *p)
{
	int64_t ns = time_of(plan, c, e->what == LAST);

	add_number(plan->L, p, e->span_ns ? TAG_INTEGER : TAG_TIME, (uint64_t)(e->span_ns ? ns / e->span_ns : ns));
}

static void add_hours(const struct plan *plan, const struct oto_counted *c, struct packed *p)
{
	add_number(plan->L, p, TAG_INTEGER, hour_bit(time_of(plan, c, false)) | hour_bit(time_of(plan, c, true)));
}

static void add_total(const struct plan *plan, const struct piece *e, const struct oto_counted *c, struct packed *p)
{
	double total = 0;

	for (uint32_t i = 0; i < e->n; i++)
		total += c->sum[e->sum[i]].total;
	add_real(plan->L, p, total);
}

/* False: it is nil. */
static bool add_part(const struct plan *plan, struct oto_slice part, struct packed *p)
{
	const uint8_t *at = part.data;
	uint64_t u;

	if (part.len == 0 || *at == 'n')
		return false;
	if (*at == 'i') {
		memcpy(&u, at + 1, sizeof u);
		add_number(plan->L, p, TAG_INTEGER, u);
	} else if (*at == 's') {
		add_text(plan->L, p, at + 1 + sizeof(uint16_t), part.len - 1 - sizeof(uint16_t));
	} else if (*at == 'a') {
		add(plan->L, p, TAG_ADDR, at + 1, part.len - 1);
	} else {
		add(plan->L, p, *at == 'y' ? TAG_TRUE : TAG_FALSE, NULL, 0);
	}
	return true;
}

static void add_named(struct plan *plan, const struct piece *e, const struct copy *row, struct packed *p);

static void add_piece(struct plan *plan, const struct piece *e, const struct copy *row, struct packed *p)
{
	switch (e->what) {
	case PART:
		if (add_part(plan, row->part[e->part], p))
			return;
		if (!e->index)
			luaL_error(plan->L, "part %d of the key is nil, and nothing is said to stand there", (int)e->part);
		add_said(plan->L, p, e->index);
		return;
	case FIRST:
	case LAST:
		add_time(plan, e, &row->counted, p);
		return;
	case HOURS:
		add_hours(plan, &row->counted, p);
		return;
	case COUNT:
		add_number(plan->L, p, TAG_INTEGER, row->counted.fresh);
		return;
	case TOTAL:
		add_total(plan, e, &row->counted, p);
		return;
	case NAMED:
		add_named(plan, e, row, p);
	}
}

/* What the function is given: of the same it is asked once. */
static void push_given(struct plan *plan, const struct piece *e, const struct copy *row)
{
	for (uint32_t i = 0; i < e->n; i++) {
		const struct piece *inner = &plan->piece[e->from + i];
		if (inner->what == PART) {
			oto_push_tally_key(plan->L, row->part[inner->part], 1);
			continue;
		}
		struct packed one;
		one.len = 0;
		add_piece(plan, inner, row, &one);
		const uint8_t *at = one.data;
		oto_unpack(plan->L, &at, one.data + one.len);
	}
}

/* Pushes what the function says to it. */
static void push_answer(struct plan *plan, const struct piece *e, const struct copy *row, const struct packed *given)
{
	lua_State *L = plan->L;

	lua_pushlstring(L, (const char *)given->data, given->len);
	lua_pushvalue(L, -1);
	if (lua_rawget(L, e->index + 1) != LUA_TNIL)
		return;
	lua_settop(L, -2);
	lua_pushvalue(L, e->index);
	push_given(plan, e, row);
	lua_call(L, (int)e->n, 1);
	lua_pushvalue(L, -2);
	lua_pushvalue(L, -2);
	lua_rawset(L, e->index + 1);
}

static void keep_answer(struct answer *a, const struct piece *e, const struct packed *given, struct oto_slice said)
{
	if (given->len > sizeof a->given || said.len > sizeof a->said)
		return;
	*a = (struct answer){ .of = e, .ngiven = given->len, .nsaid = said.len };
	memcpy(a->given, given->data, given->len);
	memcpy(a->said, said.data, said.len);
}

static void add_named(struct plan *plan, const struct piece *e, const struct copy *row, struct packed *p)
{
	struct packed given;

	given.len = 0;
	for (uint32_t i = 0; i < e->n; i++) {
		const struct piece *inner = &plan->piece[e->from + i];
		if (inner->what != PART)
			add_piece(plan, inner, row, &given);
		else if (!add_part(plan, row->part[inner->part], &given))
			add(plan->L, &given, TAG_NIL, NULL, 0);
	}
	struct answer *a = &plan->answer[oto_hash(e->from, given.data, given.len) % ANSWERS];
	if (a->of == e && a->ngiven == given.len && memcmp(a->given, given.data, given.len) == 0) {
		add(plan->L, p, a->said[0], a->said + 1, a->nsaid - 1);
		return;
	}
	int top = lua_gettop(plan->L);
	uint32_t from = p->len;
	push_answer(plan, e, row, &given);
	add_said(plan->L, p, lua_gettop(plan->L));
	lua_settop(plan->L, top);
	keep_answer(a, e, &given, (struct oto_slice){ p->data + from, p->len - from });
}

static void add_list(struct plan *plan, const struct piece *e, uint32_t n, const struct copy *row, struct packed *p)
{
	p->len = 0;
	p->data[p->len++] = TAG_TABLE;
	for (uint32_t i = 0; i < n; i++) {
		add_number(plan->L, p, TAG_INTEGER, i + 1);
		add_piece(plan, e + i, row, p);
	}
	add(plan->L, p, TAG_END, NULL, 0);
}

/* tally:fold(map, { key = { ... }, list = { ... }, how = "..." }) */
int oto_tally_fold(lua_State *L)
{
	struct plan plan;
	struct oto_lua_store *into = oto_check_store(L, 2);
	uint32_t nkey, nlist;
	struct packed key, list;
	struct copy row;

	luaL_checktype(L, 3, LUA_TTABLE);
	lua_settop(L, 3);
	OTO_CHECK_KEYS(L, 3, false, "tally:fold", "key", "list", "how");
	plan.L = L;
	plan.tally = oto_check_tally(L, 1);
	plan.n = 0;
	memset(plan.answer, 0, sizeof plan.answer);
	plan.first_sum = time_called(plan.tally, "first");
	plan.last_sum = time_called(plan.tally, "last");
	const struct piece *of_key = read_list(&plan, "key", &nkey), *of_list = read_list(&plan, "list", &nlist);
	lua_getfield(L, 3, "how");
	const char *how = luaL_checkstring(L, -1);
	struct oto_taking *news = oto_push_news(L, plan.tally);
	int top = lua_gettop(L);
	for (const struct oto_row *r; (r = oto_next_news(L, news)); lua_settop(L, top)) {
		copy_row(plan.tally, r, &row);
		key.len = 0;
		for (uint32_t i = 0; i < nkey; i++)
			add_piece(&plan, of_key + i, &row, &key);
		add_list(&plan, of_list, nlist, &row, &list);
		const char *problem = oto_store_fold(into, (struct oto_slice){ key.data, key.len },
						     (struct oto_slice){ list.data, list.len }, how, oto_lua_of(L)->policy->engine->now_ns);
		if (problem)
			return luaL_error(L, "cannot fold %s", problem);
	}
	return 0;
}
