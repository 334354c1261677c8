/* policy_tally.c - tally.new: what scripts see of tallies (tally.h), so that a script is entered only for what is new and when it asks.
 *
 * Nothing is saved: what a script makes of it, it keeps in stores.
 */
#include "policy_hook.h"
#include "tally.h"

#include <math.h>
#include <stdlib.h>

int oto_push_tally_key(lua_State *L, struct oto_slice key, uint32_t nkeys)
{
	const uint8_t *at = key.data, *end = key.data + key.len;
	struct oto_addr a;
	uint64_t u;
	uint16_t n;

	for (uint32_t i = 0; i < nkeys; i++) {
		uint8_t tag = at < end ? *at++ : 'n';
		if (tag == 'i' && end - at >= (ptrdiff_t)sizeof u) {
			memcpy(&u, at, sizeof u);
			at += sizeof u;
			lua_pushinteger(L, (lua_Integer)u);
		} else if (tag == 's' && end - at >= (ptrdiff_t)sizeof n) {
			memcpy(&n, at, sizeof n);
			at += sizeof n;
			size_t len = n < end - at ? n : (size_t)(end - at);
			lua_pushlstring(L, (const char *)at, len);
			at += len;
		} else if (tag == 'a' && end - at >= (ptrdiff_t)sizeof a) {
			memcpy(&a, at, sizeof a);
			at += sizeof a;
			oto_push_addr(L, &a);
		} else if (tag == 'y' || tag == 'f') {
			lua_pushboolean(L, tag == 'y');
		} else {
			lua_pushnil(L);
		}
	}
	return (int)nkeys;
}

struct oto_tally *oto_check_tally(lua_State *L, int index)
{
	struct oto_tally *t = *(struct oto_tally **)oto_type_check(L, index, OTO_TYPE_TALLY);

	oto_tally_settle_up(t);
	return t;
}

static void set_number(lua_State *L, const char *name, double number)
{
	lua_pushnumber(L, number);
	lua_setfield(L, -2, name);
}

/* A double holds a time of today to some 200 ns: captures have microseconds. */
static void push_time(lua_State *L, double seconds)
{
	oto_push_time(L, llround(seconds * 1e6) * 1000);
}

static void set_time(lua_State *L, const char *name, double seconds)
{
	push_time(L, seconds);
	lua_setfield(L, -2, name);
}

static void push_times(lua_State *L, const struct oto_sum *s)
{
	lua_createtable(L, 0, 3);
	lua_pushinteger(L, (lua_Integer)s->n);
	lua_setfield(L, -2, "n");
	if (s->n <= 0)
		return;
	set_time(L, "min", s->least);
	set_time(L, "max", s->most);
}

/* { n, sum, mean, dev, min, max, latest, squares }; nothing was added: n is 0 and the rest is absent. */
static void push_sum(lua_State *L, const struct oto_sum *s)
{
	lua_createtable(L, 0, 8);
	lua_pushinteger(L, (lua_Integer)s->n);
	lua_setfield(L, -2, "n");
	if (s->n <= 0)
		return;
	set_number(L, "sum", s->total);
	set_number(L, "squares", s->squares);
	set_number(L, "mean", s->total / s->n);
	set_number(L, "dev", oto_sum_dev(s));
	set_number(L, "min", s->least);
	set_number(L, "max", s->most);
	set_number(L, "latest", s->latest);
}

/* ------------------------------------------------------------------------------------------------ labels that are tables */

/* By the number of the row, which no other row ever has. Of rows that are gone they go when there are more of them than of rows. */
static void tidy_tables(lua_State *L, struct oto_tally *t)
{
	if (t->ntables < 2 * oto_store_stats(t->store).rows + 64)
		return;
	lua_newtable(L);
	t->ntables = 0;
	for (const struct oto_row *r = oto_store_first(t->store); r; r = r->after) {
		if (lua_rawgeti(L, -2, (lua_Integer)r->number) == LUA_TNIL) {
			lua_settop(L, -2);
			continue;
		}
		lua_rawseti(L, -2, (lua_Integer)r->number);
		t->ntables++;
	}
	lua_pushvalue(L, -1);
	lua_rawseti(L, LUA_REGISTRYINDEX, t->tables);
	lua_replace(L, -2);
}

/* The table on top is the row's. */
static void keep_table(lua_State *L, struct oto_tally *t, const struct oto_row *r)
{
	if (!t->tables) {
		lua_newtable(L);
		t->tables = luaL_ref(L, LUA_REGISTRYINDEX);
	}
	lua_rawgeti(L, LUA_REGISTRYINDEX, t->tables);
	tidy_tables(L, t);
	lua_pushvalue(L, -2);
	lua_rawseti(L, -2, (lua_Integer)r->number);
	lua_settop(L, -2);
	t->ntables++;
}

static bool push_table(lua_State *L, const struct oto_tally *t, uint64_t number)
{
	if (!t->tables)
		return false;
	lua_rawgeti(L, LUA_REGISTRYINDEX, t->tables);
	lua_rawgeti(L, -1, (lua_Integer)number);
	lua_replace(L, -2);
	if (!lua_isnil(L, -1))
		return true;
	lua_settop(L, -2);
	return false;
}

void oto_lua_label(struct oto_policy *p, const struct oto_tally_source *source, const struct oto_event *event, bool settles)
{
	lua_State *L = p->scripts.L;
	int type = lua_type(L, -1);
	size_t len;

	if (type != LUA_TTABLE && type != LUA_TSTRING)
		return;
	struct oto_row *r = settles && source->loose ? oto_tally_settle(source, event) : oto_tally_row(source, event);
	if (r && type == LUA_TTABLE) {
		keep_table(L, source->tally, r);
	} else if (r) {
		const char *text = lua_tolstring(L, -1, &len);
		oto_tally_label(source->tally, r, (struct oto_slice){ (const uint8_t *)text, (uint32_t)len }, p->engine->bus);
	}
}

/* ------------------------------------------------------------------------------------------------ rows */

/* A row that was taken: a copy, of which scripts most often read one or two fields. */
struct taken_row {
	const struct oto_tally *tally; /* lives as long as the state */
	uint64_t total, number;
	uint32_t label; /* bytes, behind all else */
	struct oto_counted counted;
};

static void push_counted(lua_State *L, const struct oto_tally *t, const struct oto_row *r)
{
	uint32_t len = oto_tally_bytes(t), label = r->value.len > len ? r->value.len - len : 0;
	struct taken_row *row = lua_newuserdatauv(L, offsetof(struct taken_row, counted) + len + label, 0);

	row->tally = t;
	row->total = r->count;
	row->number = r->number;
	row->label = label;
	memcpy(&row->counted, r->value.data, len + label);
	oto_type_give(L, OTO_TYPE_ROW);
}

static int push_sum_called(lua_State *L, const struct taken_row *row, uint32_t i)
{
	row->tally->time[i] ? push_times(L, &row->counted.sum[i]) : push_sum(L, &row->counted.sum[i]);
	return 1;
}

static const struct oto_sum *sum_called(lua_State *L)
{
	const struct taken_row *row = oto_type_check(L, 1, OTO_TYPE_ROW);
	const struct oto_tally *t = row->tally;
	const char *name = luaL_checkstring(L, 2);

	int i = oto_tally_sum_called(t, name);

	if (i >= 0)
		return &row->counted.sum[i];
	if (!t->gaps || strcmp(name, "gap") != 0)
		luaL_error(L, "this tally has no sum '%s'", name);
	return &row->counted.sum[t->nsums];
}

/* row:total_of("bytes"): without the table of all that is known of a sum, for those who read many rows. */
static int row_total_of(lua_State *L)
{
	lua_pushnumber(L, sum_called(L)->total);
	return 1;
}

static int push_spread(lua_State *L, const struct oto_sum *s)
{
	lua_pushinteger(L, (lua_Integer)s->n);
	lua_pushnumber(L, s->n > 0 ? s->total / s->n : 0);
	lua_pushnumber(L, oto_sum_dev(s));
	return 3;
}

/* row:spread_of("gap"): n, mean and standard deviation; nothing was added: 0, 0, 0. */
static int row_spread_of(lua_State *L)
{
	return push_spread(L, sum_called(L));
}

/* row:latest_time_of("last"): of a sum of times, the last. */
static int row_latest_time_of(lua_State *L)
{
	push_time(L, sum_called(L)->most);
	return 1;
}

static int push_label(lua_State *L, const struct oto_tally *t, uint64_t number, const void *counted, uint32_t len)
{
	if (len)
		lua_pushlstring(L, (const char *)counted + oto_tally_bytes(t), len);
	else if (!push_table(L, t, number))
		lua_pushnil(L);
	return 1;
}

/* Names are the script's own: a sum may be called as what every row has. */
static int row_index(lua_State *L)
{
	const struct taken_row *row = oto_type_check(L, 1, OTO_TYPE_ROW);
	const struct oto_tally *t = row->tally;
	const char *name = luaL_checkstring(L, 2);

	int i = oto_tally_sum_called(t, name);

	if (i >= 0)
		return push_sum_called(L, row, (uint32_t)i);
	if (t->gaps && strcmp(name, "gap") == 0)
		return push_sum_called(L, row, t->nsums);
	if (strcmp(name, "n") == 0)
		lua_pushinteger(L, (lua_Integer)row->counted.fresh);
	else if (strcmp(name, "last") == 0)
		oto_push_time(L, row->counted.last_ns);
	else if (strcmp(name, "first") == 0)
		oto_push_time(L, row->counted.from_ns);
	else if (strcmp(name, "total") == 0)
		lua_pushinteger(L, (lua_Integer)row->total);
	else if (strcmp(name, "total_of") == 0)
		lua_pushcfunction(L, row_total_of);
	else if (strcmp(name, "spread_of") == 0)
		lua_pushcfunction(L, row_spread_of);
	else if (strcmp(name, "latest_time_of") == 0)
		lua_pushcfunction(L, row_latest_time_of);
	else if (strcmp(name, "label") == 0)
		push_label(L, t, row->number, &row->counted, row->label);
	else
		return luaL_error(L, "a row of this tally has no '%s'", name);
	return 1;
}

/* Of a sum of times, the first and the last; nil where there was none. */
static void push_bounds(lua_State *L, const struct oto_sum *s)
{
	s->n > 0 ? push_time(L, s->least) : lua_pushnil(L);
	s->n > 0 ? push_time(L, s->most) : lua_pushnil(L);
}

/* How many events there were, the total of each sum (of times the first and the last), and of the gaps n, mean, deviation and the longest:
 * all that most of those want who read many rows. */
static int push_totals(lua_State *L, const struct oto_tally *t, const struct oto_counted *c)
{
	int top = lua_gettop(L);

	lua_pushinteger(L, (lua_Integer)c->fresh);
	for (uint32_t i = 0; i < t->nsums; i++)
		t->time[i] ? push_bounds(L, &c->sum[i]) : lua_pushnumber(L, c->sum[i].total);
	if (t->gaps) {
		push_spread(L, &c->sum[t->nsums]);
		lua_pushnumber(L, c->sum[t->nsums].most);
	}
	return lua_gettop(L) - top;
}

static int push_row(lua_State *L, const struct oto_tally *t, const struct oto_row *r)
{
	push_counted(L, t, r);
	return 1;
}

/* Instead of the key what the script made of it; false: nothing. */
static int push_own(lua_State *L, const struct oto_tally *t, const struct oto_row *r)
{
	uint32_t len = oto_tally_bytes(t);

	push_label(L, t, r->number, r->value.data, r->value.len - len);
	if (lua_isnil(L, -1)) {
		lua_settop(L, -2);
		lua_pushboolean(L, false);
	}
	return 1;
}

/* The rows of one take() that are still to be told, and behind them the bytes of their keys: while they are, rows may come and go. */
struct oto_taking {
	struct oto_tally *tally; /* lives as long as the state */
	bool labels, totals;
	size_t n, at;
	struct {
		struct oto_row_ref row;
		struct oto_slice key;
	} of[];
};

static struct oto_row *row_taken(const struct oto_taking *all, size_t i, int64_t now_ns)
{
	struct oto_store *s = all->tally->store;

	oto_store_expire(s, now_ns);
	struct oto_row *r = oto_row_kept(s, &all->of[i].row);
	return r ? r : oto_store_get(s, all->of[i].key, now_ns);
}

/* The label of the row on top where there was none; upvalue 2 makes it of the key, or is nil. Returns the row; NULL: that cleared the
 * tally. */
static struct oto_row *make_label(lua_State *L, const struct oto_taking *all, size_t i)
{
	struct oto_tally *t = all->tally;

	lua_settop(L, -2);
	lua_pushvalue(L, lua_upvalueindex(2));
	lua_call(L, oto_push_tally_key(L, all->of[i].key, t->nkeys), 1);
	luaL_checktype(L, -1, LUA_TTABLE);
	struct oto_row *r = row_taken(all, i, oto_lua_of(L)->policy->engine->now_ns);
	if (r)
		keep_table(L, t, r);
	return r;
}

/* Its label, or its key; how many values that is. A loop would end at a first one that is nil. */
static int push_name(lua_State *L, const struct oto_taking *all, size_t i, struct oto_row **r)
{
	if (!all->labels) {
		int n = oto_push_tally_key(L, all->of[i].key, all->tally->nkeys);
		if (lua_isnil(L, -n)) {
			lua_pushboolean(L, false);
			lua_replace(L, -n - 1);
		}
		return n;
	}
	push_own(L, all->tally, *r);
	if (!lua_toboolean(L, -1) && !lua_isnil(L, lua_upvalueindex(2)))
		*r = make_label(L, all, i);
	return 1;
}

/* upvalue 1: what is being taken. What is told is told once. */
static int next_taken(lua_State *L)
{
	struct oto_taking *all = lua_touserdata(L, lua_upvalueindex(1));
	struct oto_tally *t = all->tally;

	luaL_checkstack(L, (int)(OTO_TALLY_KEYS + 5 + 2 * OTO_TALLY_SUMS), NULL);
	t->recent = NULL;
	while (all->at < all->n) {
		size_t i = all->at++;
		struct oto_row *r = row_taken(all, i, oto_lua_of(L)->policy->engine->now_ns);
		if (!r || !oto_tally_has_news(t, r))
			continue;
		int pushed = push_name(L, all, i, &r);
		if (!r) {
			lua_settop(L, -pushed - 1);
			continue;
		}
		struct oto_counted *c = oto_tally_counted(t, r);
		pushed += all->totals ? push_totals(L, t, c) : push_row(L, t, r);
		oto_tally_taken(t, c);
		return pushed;
	}
	lua_pushnil(L);
	return 1;
}

static int none_taken(lua_State *L)
{
	lua_pushnil(L);
	return 1;
}

/* The oldest row with news; how many there are. */
static struct oto_row *oldest_news(const struct oto_tally *t, size_t *n)
{
	struct oto_row *oldest = NULL;

	*n = 0;
	for (struct oto_row *r = oto_tally_newest_news(t); r; r = oto_tally_older_news(t, r)) {
		oldest = r;
		++*n;
	}
	return oldest;
}

/* What is taken without a word: less than so much, fewer gaps, and what has no label or one that is a key of `known`, then added to it in
 * `seen`. */
struct unsaid {
	uint64_t least, gaps;
	struct oto_store *seen, *known; /* NULL: every label is wanted */
	int64_t now_ns;
};

static bool is_unsaid(struct oto_tally *t, const struct oto_row *r, const struct oto_counted *c, const struct unsaid *u)
{
	uint32_t len = oto_tally_bytes(t);
	bool made;

	if (c->fresh < u->least || (u->gaps && c->sum[t->nsums].n < (double)u->gaps) || (u->seen && r->value.len == len))
		return true;
	if (!u->seen)
		return false;
	t->text.len = 0;
	oto_store_text_key(&t->text, (const char *)r->value.data + len, r->value.len - len);
	struct oto_slice key = { (const uint8_t *)t->text.data, (uint32_t)t->text.len };
	if (!oto_store_get(u->known, key, u->now_ns))
		return false;
	oto_store_put(u->seen, key, u->now_ns, &made)->count += c->fresh;
	return true;
}

/* `most` of these rows with something to say; how many. The others before them are taken. */
static size_t pass_over(struct oto_tally *t, struct oto_row **rows, size_t n, const struct unsaid *u, uint64_t most)
{
	size_t left = 0;

	for (size_t i = 0; i < n && left < most; i++) {
		struct oto_counted *c = oto_tally_counted(t, rows[i]);
		if (is_unsaid(t, rows[i], c, u))
			oto_tally_taken(t, c);
		else
			rows[left++] = rows[i];
	}
	return left;
}

/* Rows from `r` on that are to be told, in the order of first sight: which row was counted last is chance where events wait to be counted.
 * How many. What is too little to be told needs no order. */
static size_t gather(struct oto_tally *t, struct oto_row *r, const struct unsaid *u, uint64_t most, struct oto_row **out)
{
	size_t n = 0;

	for (; r; r = r->newer)
		out[n++] = r;
	if (!u->seen && n <= most)
		n = pass_over(t, out, n, u, most);
	oto_tally_in_order(out, n);
	return pass_over(t, out, n, u, most);
}

static struct oto_taking *push_taking(lua_State *L, struct oto_tally *t, struct oto_row *const *rows, size_t n)
{
	size_t bytes = 0;

	for (size_t i = 0; i < n; i++)
		bytes += rows[i]->key.len;
	struct oto_taking *all = lua_newuserdatauv(L, sizeof *all + n * sizeof *all->of + bytes, 0);
	uint8_t *at = (uint8_t *)&all->of[n];
	*all = (struct oto_taking){ .tally = t, .n = n };
	for (size_t i = 0; i < n; i++) {
		all->of[i].row = oto_row_keep(t->store, rows[i]);
		all->of[i].key = (struct oto_slice){ at, rows[i]->key.len };
		memcpy(at, rows[i]->key.data, rows[i]->key.len);
		at += rows[i]->key.len;
	}
	return all;
}

struct oto_taking *oto_push_news(lua_State *L, struct oto_tally *t)
{
	size_t with_news;
	struct oto_row *oldest = oldest_news(t, &with_news);
	struct oto_row **rows = lua_newuserdatauv(L, (with_news + 1) * sizeof *rows, 0);
	size_t n = gather(t, oldest, &(struct unsaid){ .least = 1 }, SIZE_MAX, rows);
	struct oto_taking *all = push_taking(L, t, rows, n);

	lua_replace(L, -2);
	return all;
}

struct oto_row *oto_next_news(lua_State *L, struct oto_taking *all)
{
	struct oto_tally *t = all->tally;

	t->recent = NULL;
	while (all->at < all->n) {
		struct oto_row *r = row_taken(all, all->at++, oto_lua_of(L)->policy->engine->now_ns);
		if (r && oto_tally_has_news(t, r))
			return r;
	}
	return NULL;
}

/* nil: it is none. */
static void push_function_option(lua_State *L, const char *name)
{
	bool is_there = lua_istable(L, 2);

	if (is_there && lua_getfield(L, 2, name) == LUA_TFUNCTION)
		return;
	if (is_there)
		lua_settop(L, -2);
	lua_pushnil(L);
}

static struct oto_store *store_option(lua_State *L, const char *name, unsigned kind)
{
	struct oto_store *s = NULL;

	if (lua_istable(L, 2)) {
		if (lua_getfield(L, 2, name) != LUA_TNIL)
			s = oto_check_text_store(L, lua_gettop(L), kind);
		lua_settop(L, 2);
	}
	return s;
}

/* tally:take([{ least = n, gaps = n, most = m, labels = true, totals = true, [add_to = count, known = map] }]) */
static int tally_take(lua_State *L)
{
	struct oto_tally *t = oto_check_tally(L, 1);

	if (lua_istable(L, 2))
		OTO_CHECK_KEYS(L, 2, false, "tally:take", "least", "gaps", "most", "labels", "totals", "add_to", "known");
	lua_settop(L, 2);
	int64_t least = oto_option_whole(L, 2, "least", 1, 0, INT64_MAX), most = oto_option_whole(L, 2, "most", INT32_MAX, 0, INT64_MAX);
	int64_t gaps = oto_option_whole(L, 2, "gaps", 0, 0, t->gaps ? INT64_MAX : 0);
	struct unsaid u = { (uint64_t)least, (uint64_t)gaps, store_option(L, "add_to", OTO_STORE_COUNT),
			    store_option(L, "known", OTO_STORE_MAP), oto_lua_of(L)->policy->engine->now_ns };
	bool labels = oto_option_flag(L, 2, "labels"), totals = oto_option_flag(L, 2, "totals");
	size_t with_news;

	luaL_argcheck(L, !u.seen == !u.known, 2, "what is known is added to something");
	if (!u.seen && !oto_tally_may_have(t, u.least)) { /* of most timers, most of the time: no row is looked at */
		oto_tally_pass_over(t);
		lua_pushcfunction(L, none_taken);
		return 1;
	}
	struct oto_row *oldest = oldest_news(t, &with_news);
	struct oto_row **rows = lua_newuserdatauv(L, (with_news + 1) * sizeof *rows, 0);
	size_t n = gather(t, oldest, &u, (uint64_t)most, rows);
	if (!n) {
		if (most > 0)
			oto_tally_pass_over(t);
		lua_pushcfunction(L, none_taken);
		return 1;
	}
	struct oto_taking *all = push_taking(L, t, rows, n);
	all->labels = labels;
	all->totals = totals;
	push_function_option(L, "labels");
	lua_pushcclosure(L, next_taken, 2);
	return 1;
}

void oto_check_tally_part(lua_State *L, int index, struct oto_value *v, struct oto_addr *a)
{
	size_t len;

	*v = (struct oto_value){ .kind = 0 };
	switch (lua_type(L, index)) {
	case LUA_TNIL:
	case LUA_TNONE:
		return;
	case LUA_TBOOLEAN:
		v->kind = OTO_BOOL;
		v->u = (uint64_t)lua_toboolean(L, index);
		return;
	case LUA_TNUMBER:
		v->kind = OTO_I64;
		v->i = luaL_checkinteger(L, index);
		return;
	case LUA_TSTRING:
		v->kind = OTO_BYTES;
		v->bytes.data = (const uint8_t *)lua_tolstring(L, index, &len);
		v->bytes.len = (uint32_t)len;
		return;
	}
	luaL_argcheck(L, oto_to_addr(L, index, a), index, "no part of a tally's key");
	v->kind = OTO_ADDR;
	v->addr = a;
}

/* A key whose parts stand from 2 on. */
struct parts {
	struct oto_value value[OTO_TALLY_KEYS];
	struct oto_addr addr[OTO_TALLY_KEYS];
};

static const struct oto_value *check_parts(lua_State *L, const struct oto_tally *t, struct parts *out)
{
	lua_settop(L, 1 + (int)t->nkeys);
	for (uint32_t i = 0; i < t->nkeys; i++)
		oto_check_tally_part(L, 2 + (int)i, &out->value[i], &out->addr[i]);
	return out->value;
}

/* tally:renew(k1, ...) */
static int tally_renew(lua_State *L)
{
	struct oto_tally *t = oto_check_tally(L, 1);
	struct parts parts;

	luaL_argcheck(L, t->rivals, 1, "this tally has no rivals");
	oto_tally_renew(t, check_parts(L, t, &parts), oto_lua_of(L)->policy->engine->now_ns);
	return 0;
}

/* tally:get(k1, ...) */
static int tally_get(lua_State *L)
{
	struct oto_tally *t = oto_check_tally(L, 1);
	struct parts parts;
	const struct oto_value *part = check_parts(L, t, &parts);

	const struct oto_row *r = oto_tally_get(t, part, oto_lua_of(L)->policy->engine->now_ns);
	if (!r || !oto_tally_has_news(t, r))
		return 0;
	return push_row(L, t, r);
}

static int tally_clear(lua_State *L)
{
	struct oto_tally *t = oto_check_tally(L, 1);

	t->recent = NULL;
	oto_tally_pass_over(t);
	oto_store_empty(t->store);
	if (t->latest)
		oto_store_empty(t->latest);
	return 0;
}

/* Nothing was captured for a while: the next gap would measure that. */
static int tally_pause(lua_State *L)
{
	struct oto_tally *t = oto_check_tally(L, 1);

	for (struct oto_row *r = oto_store_first(t->store); r; r = r->after)
		oto_tally_counted(t, r)->last_ns = 0;
	return 0;
}

static int tally_unsettle(lua_State *L)
{
	oto_tally_unsettle(oto_check_tally(L, 1));
	return 0;
}

static int tally_len(lua_State *L)
{
	lua_pushinteger(L, (lua_Integer)oto_store_stats(oto_check_tally(L, 1)->store).rows);
	return 1;
}

/* A list of names from the table at 1, into out; how many. */
static uint32_t names(lua_State *L, const char *option, char **out, uint32_t most)
{
	uint32_t n = 0;

	if (lua_getfield(L, 1, option) == LUA_TTABLE) {
		n = (uint32_t)lua_rawlen(L, -1);
		if (n > most)
			luaL_error(L, "a tally's %s has at most %d fields", option, (int)most);
		for (uint32_t i = 0; i < n; i++) {
			lua_rawgeti(L, -1, i + 1);
			out[i] = (char *)(uintptr_t)oto_intern(L, lua_gettop(L));
			lua_settop(L, -2);
		}
	}
	lua_settop(L, -2);
	return n;
}

static struct oto_store *new_store(struct oto_policy *p, unsigned kind, lua_Integer max, int64_t expire_ns)
{
	return oto_store_new(&(struct oto_store_spec){ .name = "tally",
						       .shape = "",
						       .kind = kind,
						       .max = max > 0 ? (uint32_t)max : 0,
						       .expire_ns = expire_ns,
						       .drops = &p->tally_drops });
}

/* tally.new { keys = 2, [sum = { "bytes" }], [gaps = true], [expire = "2m"], [again = "1m", [rivals = 1, [apart = 2]]], [max = 100000] } */
static int tally_new(lua_State *L)
{
	struct oto_policy *p = oto_lua_of(L)->policy;

	luaL_checktype(L, 1, LUA_TTABLE);
	lua_settop(L, 1);
	OTO_CHECK_KEYS(L, 1, false, "tally.new", "keys", "max", "gaps", "expire", "again", "rivals", "apart", "sum");
	int64_t nkeys = oto_option_whole(L, 1, "keys", 0, 1, OTO_TALLY_KEYS); /* of how many fields a key is made */
	int64_t max = oto_option_whole(L, 1, "max", 0, 0, UINT32_MAX);
	bool gaps = oto_option_flag(L, 1, "gaps");
	int64_t expire_ns = oto_option_span(L, 1, "expire"), again_ns = oto_option_span(L, 1, "again");
	int64_t rivals = oto_option_whole(L, 1, "rivals", 0, 0, nkeys);
	int64_t apart = oto_option_whole(L, 1, "apart", nkeys, rivals, nkeys);
	if (rivals && !again_ns)
		return luaL_error(L, "a tally's rivals have so many fields of the key in common, and come with again");
	struct oto_tally *t = oto_calloc(1, sizeof *t);
	*t = (struct oto_tally){
		.next = p->tallies,
		.nkeys = (uint32_t)nkeys,
		.again_ns = again_ns,
		.gaps = gaps,
		.expire_ns = expire_ns,
		.catch_up = oto_hooks_catch_up,
		.waiting = p->handlers,
	};
	p->tallies = t;
	t->store = new_store(p, OTO_STORE_MAP, max, expire_ns);
	if (rivals) {
		t->rivals = (uint32_t)rivals;
		t->apart = (uint32_t)apart;
		t->latest = new_store(p, OTO_STORE_COUNT, max, expire_ns);
	}
	lua_settop(L, 1);
	t->nsums = names(L, "sum", t->sum, OTO_TALLY_SUMS);
	*(struct oto_tally **)lua_newuserdatauv(L, sizeof t, 0) = t;
	oto_type_give(L, OTO_TYPE_TALLY);
	return 1;
}

void oto_lua_tallies(struct oto_lua *lua)
{
	static const luaL_Reg methods[] = { { "count", oto_on_tally },  { "take", tally_take },
					    { "fold", oto_tally_fold }, { "get", tally_get },
					    { "clear", tally_clear },   { "pause", tally_pause },
					    { "len", tally_len },       { "unsettle", tally_unsettle },
					    { "renew", tally_renew },   { 0 } };
	static const luaL_Reg meta[] = { { "__len", tally_len }, { 0 } };
	static const luaL_Reg row_meta[] = { { "__index", row_index }, { 0 } };
	static const luaL_Reg functions[] = { { "new", tally_new }, { 0 } };
	lua_State *L = lua->L;

	oto_type_define(L, OTO_TYPE_TALLY, "oto.tally", meta, methods);
	oto_type_define(L, OTO_TYPE_ROW, "oto.tally.row", row_meta, NULL);
	luaL_newlib(L, functions);
	lua_setglobal(L, "tally");
}

void oto_tallies_free(struct oto_policy *p)
{
	for (struct oto_tally *t = p->tallies, *next; t; t = next) {
		next = t->next;
		oto_tally_free(t);
	}
}
