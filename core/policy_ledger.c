/* policy_ledger.c - ledgers.new: what scripts see of ledgers (ledger.h), so that a script hears of nobody who is as usual.
 *
 * An account is known to a script by a table of its own. Nothing is saved: what a script is told to keep it keeps in stores, and puts back
 * from there.
 */
#include "ledger.h"
#include "policy_private.h"

#include <math.h>
#include <string.h>

enum { ACCOUNTS = 1, WHOSE = 2 }; /* its user values: the tables by number, and the number by table; the function */

static struct oto_ledger *check_ledger(lua_State *L)
{
	return *(struct oto_ledger **)oto_type_check(L, 1, OTO_TYPE_LEDGER);
}

/* ------------------------------------------------------------------------------------------------ accounts and their tables */

/* The account of the table at `index`, of the ledger at 1; NULL: it has none. */
static struct oto_account *account_at(lua_State *L, const struct oto_ledger *l, int index)
{
	luaL_checktype(L, index, LUA_TTABLE);
	lua_getiuservalue(L, 1, ACCOUNTS);
	lua_pushvalue(L, index);
	lua_rawget(L, -2);
	lua_Integer at = lua_tointeger(L, -1);
	lua_settop(L, -3);
	return at >= 1 && at <= (lua_Integer)l->all.n ? l->all.of[at - 1] : NULL;
}

/* The same, made where there is none; NULL: there is no room. */
static struct oto_account *open_at(lua_State *L, struct oto_ledger *l, int index)
{
	struct oto_account *a = account_at(L, l, index);

	if (a || !(a = oto_ledger_open(l)))
		return a;
	lua_getiuservalue(L, 1, ACCOUNTS);
	lua_pushvalue(L, index);
	lua_pushinteger(L, (lua_Integer)a->index + 1);
	lua_rawset(L, -3);
	lua_pushvalue(L, index);
	lua_rawseti(L, -2, (lua_Integer)a->index + 1);
	lua_settop(L, -2);
	return a;
}

static void push_account(lua_State *L, int ledger, uint32_t index)
{
	lua_getiuservalue(L, ledger, ACCOUNTS);
	lua_rawgeti(L, -1, (lua_Integer)index + 1);
	lua_replace(L, -2);
}

/* ------------------------------------------------------------------------------------------------ taking */

/* Whose the rows of that key are, as the script says. The stack is as before. */
static void ask(lua_State *L, struct oto_ledger *l, struct oto_slice key)
{
	const struct oto_account *whose[OTO_LEDGER_SIDES] = { 0 };
	int top = lua_gettop(L);

	lua_getiuservalue(L, 1, WHOSE);
	lua_call(L, oto_push_tally_key(L, key, l->of->nkeys), OTO_LEDGER_SIDES);
	for (int side = 0; side < OTO_LEDGER_SIDES; side++) {
		if (lua_toboolean(L, top + 1 + side))
			whose[side] = open_at(L, l, top + 1 + side);
	}
	lua_settop(L, top);
	oto_ledger_know(l, key, whose, oto_lua_of(L)->policy->engine->now_ns);
}

/* The keys are copied: who answers may do anything. */
static void ask_all(lua_State *L, struct oto_ledger *l, struct oto_buf *keys)
{
	size_t len = keys->len;

	if (!len)
		return;
	luaL_checkstack(L, OTO_TALLY_KEYS + 8, NULL);
	uint8_t *at = lua_newuserdatauv(L, len, 0), *end = at + len;
	memcpy(at, keys->data, len);
	while (at < end) {
		uint32_t n;
		memcpy(&n, at, sizeof n);
		ask(L, l, (struct oto_slice){ at + sizeof n, n });
		at += sizeof n + n;
	}
	lua_settop(L, -2);
}

static void take(lua_State *L, struct oto_ledger *l)
{
	l->text.len = 0;
	oto_ledger_unknown(l, &l->text);
	ask_all(L, l, &l->text);
	oto_ledger_take(l);
}

/* ledger:take() */
static int ledger_take(lua_State *L)
{
	take(L, check_ledger(L));
	return 0;
}

static int ledger_close(lua_State *L)
{
	oto_ledger_close(check_ledger(L));
	return 0;
}

static int ledger_anew(lua_State *L)
{
	oto_ledger_anew(check_ledger(L));
	return 0;
}

static int ledger_clear(lua_State *L)
{
	oto_ledger_clear(check_ledger(L));
	lua_newtable(L);
	lua_setiuservalue(L, 1, ACCOUNTS);
	return 0;
}

static int ledger_len(lua_State *L)
{
	lua_pushinteger(L, check_ledger(L)->all.n);
	return 1;
}

/* ------------------------------------------------------------------------------------------------ one account */

/* ledger:add(account, { number, ... }) */
static int ledger_add(lua_State *L)
{
	struct oto_ledger *l = check_ledger(L);
	double x[OTO_SUMS_MOST];

	oto_check_list(L, 3, l->columns, x);
	struct oto_account *a = open_at(L, l, 2);
	if (a)
		oto_ledger_add(l, a, x);
	return 0;
}

/* ledger:put(account, text) -> boolean: what a damaged disk left is nothing */
static int ledger_put(lua_State *L)
{
	struct oto_ledger *l = check_ledger(L);
	size_t len;

	luaL_argcheck(L, l->scale, 1, "this ledger does not learn");
	const char *text = lua_tolstring(L, 3, &len);
	bool is_one = text && len == oto_sums_text_size(l->columns);
	struct oto_account *a = is_one ? open_at(L, l, 2) : NULL;
	if (a)
		oto_ledger_put(l, a, text);
	lua_pushboolean(L, a != NULL);
	return 1;
}

/* ledger:forget(account) */
static int ledger_forget(lua_State *L)
{
	struct oto_account *a = account_at(L, check_ledger(L), 2);

	if (a)
		oto_ledger_forget(a);
	return 0;
}

/* Limits, one after the other, from `index` on. */
static void check_limits(lua_State *L, const struct oto_ledger *l, int index, double *limit)
{
	for (uint32_t i = 0; i < l->columns; i++)
		limit[i] = luaL_checknumber(L, index + (int)i);
}

/* ledger:limits(n, ...) */
static int ledger_limits(lua_State *L)
{
	struct oto_ledger *l = check_ledger(L);
	double limit[OTO_SUMS_MOST];

	check_limits(L, l, 2, limit);
	oto_ledger_limits(l, limit);
	return 0;
}

/* ledger:limit(account, n, ...) */
static int ledger_limit(lua_State *L)
{
	struct oto_ledger *l = check_ledger(L);
	double limit[OTO_SUMS_MOST];

	check_limits(L, l, 3, limit);
	struct oto_account *a = open_at(L, l, 2);
	if (a)
		oto_ledger_limit(l, a, limit);
	return 0;
}

/* ------------------------------------------------------------------------------------------------ what is found */

static int none(lua_State *L)
{
	(void)L;
	return 0;
}

static const struct oto_found *next_found(lua_State *L, struct oto_ledger **l)
{
	*l = *(struct oto_ledger **)lua_touserdata(L, lua_upvalueindex(1));
	const struct oto_found *f = oto_ledger_found(*l);
	if (!f)
		return NULL;
	luaL_checkstack(L, OTO_SUMS_MOST + 4, NULL);
	push_account(L, lua_upvalueindex(1), f->account);
	return f;
}

/* upvalue 1: the ledger. The account's table, then its numbers. */
static int next_numbers(lua_State *L)
{
	struct oto_ledger *l;
	const struct oto_found *f = next_found(L, &l);

	if (!f)
		return 0;
	for (uint32_t i = 0; i < l->columns; i++)
		lua_pushnumber(L, f->number[i]);
	return 1 + (int)l->columns;
}

/* The account's table, then what it learned. */
static int next_learned(lua_State *L)
{
	struct oto_ledger *l;
	const struct oto_found *f;

	while ((f = next_found(L, &l))) {
		const struct oto_sums *s = l->all.of[f->account]->sums;
		if (s) {
			oto_push_sums_text(L, s);
			return 2;
		}
		lua_settop(L, -2);
	}
	return 0;
}

static void set_number(lua_State *L, const char *name, double number)
{
	lua_pushnumber(L, number);
	lua_setfield(L, -2, name);
}

static void set_count(lua_State *L, const char *name, uint32_t n)
{
	lua_pushinteger(L, n);
	lua_setfield(L, -2, name);
}

/* The account's table, its numbers as they are learned, and while it is watched what is unusual. */
static int next_unusual(lua_State *L)
{
	struct oto_ledger *l;
	const struct oto_found *f = next_found(L, &l);

	if (!f)
		return 0;
	oto_push_list(L, f->scaled, l->columns);
	if (!f->beyond)
		return 2;
	lua_createtable(L, 0, 6);
	set_count(L, "column", f->column + 1);
	set_count(L, "windows", f->beyond);
	set_number(L, "value", f->number[f->column]);
	set_number(L, "mean", f->mean);
	set_number(L, "far", f->far);
	set_number(L, "component", f->component);
	return 3;
}

/* Most often nothing is found. */
static int push_found(lua_State *L, const struct oto_ledger *l, lua_CFunction next)
{
	lua_settop(L, 1);
	if (l->nfound)
		lua_pushcclosure(L, next, 1);
	else
		lua_pushcfunction(L, none);
	return 1;
}

/* for account, n, ... in ledger:each() do */
static int ledger_each(lua_State *L)
{
	struct oto_ledger *l = check_ledger(L);

	oto_ledger_each(l);
	return push_found(L, l, next_numbers);
}

/* for account, n, ... in ledger:over() do */
static int ledger_over(lua_State *L)
{
	struct oto_ledger *l = check_ledger(L);

	oto_ledger_over(l);
	return push_found(L, l, next_numbers);
}

/* for account, text in ledger:changed() do, or account, n, ... */
static int ledger_changed(lua_State *L)
{
	struct oto_ledger *l = check_ledger(L);

	oto_ledger_changed(l);
	return push_found(L, l, l->scale ? next_learned : next_numbers);
}

/* for account, numbers, [odd] in ledger:turn("learning" | "detecting" | "off") do */
static int ledger_turn(lua_State *L)
{
	static const char *const words[] = {
		[OTO_LEDGER_LEARN] = "learning", [OTO_LEDGER_WATCH] = "detecting", [OTO_LEDGER_OFF] = "off", NULL
	};
	struct oto_ledger *l = check_ledger(L);
	enum oto_ledger_mode mode = (enum oto_ledger_mode)luaL_checkoption(L, 2, NULL, words);

	luaL_argcheck(L, l->scale, 1, "this ledger does not learn");
	take(L, l);
	oto_ledger_turn(l, mode);
	return push_found(L, l, next_unusual);
}

/* ------------------------------------------------------------------------------------------------ making */

static double number_option(lua_State *L, int index, const char *name, double otherwise)
{
	lua_getfield(L, index, name);
	double number = luaL_optnumber(L, -1, otherwise);
	lua_settop(L, -2);
	return number;
}

static void list_option(lua_State *L, int index, const char *name, uint32_t k, double *list)
{
	if (lua_getfield(L, index, name) != LUA_TNIL)
		oto_check_list(L, lua_gettop(L), k, list);
	lua_settop(L, -2);
}

/* ledger:habits { least =, young =, renew =, spread =, notable =, margin = { }, young_margin = { }, more = { } } */
static int ledger_habits(lua_State *L)
{
	struct oto_ledger *l = check_ledger(L);
	struct oto_ledger_habits h = { 0 };

	luaL_checktype(L, 2, LUA_TTABLE);
	OTO_CHECK_KEYS(L, 2, false, "ledger:habits", "least", "young", "renew", "spread", "notable", "margin", "young_margin", "more");
	h.least = number_option(L, 2, "least", 1);
	h.young = number_option(L, 2, "young", 0);
	h.renew = number_option(L, 2, "renew", 0);
	h.spread = number_option(L, 2, "spread", 1e-6);
	h.notable = number_option(L, 2, "notable", HUGE_VAL);
	list_option(L, 2, "margin", l->columns, h.margin);
	memcpy(h.young_margin, h.margin, sizeof h.margin);
	list_option(L, 2, "young_margin", l->columns, h.young_margin);
	list_option(L, 2, "more", l->columns, h.more);
	oto_ledger_habits(l, &h);
	return 0;
}

static uint32_t sum_called(lua_State *L, const struct oto_tally *t, int index)
{
	const char *name = luaL_checkstring(L, index);

	int i = oto_tally_sum_called(t, name);

	if (i >= 0 && !t->time[i])
		return UINT32_C(1) << i;
	return (uint32_t)luaL_error(L, "ledgers.new: the tally has no sum '%s' of numbers", name);
}

/* What is on top: "n", the name of a sum, a list of those, or the number of a part of the key. */
static struct oto_entry check_entry(lua_State *L, const struct oto_tally *t)
{
	struct oto_entry e = { .kind = OTO_ENTRY_SUMS };
	int at = lua_gettop(L);

	if (lua_type(L, at) == LUA_TNUMBER) {
		lua_Integer part = luaL_checkinteger(L, at);
		if (part < 1 || part > (lua_Integer)t->nkeys)
			luaL_error(L, "ledgers.new: a key of the tally has no part %d", (int)part);
		e.kind = OTO_ENTRY_DIFFERENT;
		e.part = (uint8_t)(part - 1);
	} else if (lua_istable(L, at)) {
		for (lua_Unsigned i = 1; i <= lua_rawlen(L, at); i++) {
			lua_rawgeti(L, at, (lua_Integer)i);
			e.sums |= sum_called(L, t, at + 1);
			lua_settop(L, at);
		}
	} else if (strcmp(luaL_checkstring(L, at), "n") == 0) {
		e.kind = OTO_ENTRY_EVENTS;
	} else {
		e.sums = sum_called(L, t, at);
	}
	return e;
}

/* What goes to one side, the table `name`: an entry for each column, or false. */
static void read_side(lua_State *L, struct oto_ledger *l, uint32_t side, const char *name)
{
	lua_settop(L, 1);
	lua_getfield(L, 1, name);
	luaL_argcheck(L, lua_istable(L, 2) && lua_rawlen(L, 2) == l->columns, 1, "one and other are lists as long as each other");
	for (uint32_t i = 0; i < l->columns; i++) {
		lua_rawgeti(L, 2, i + 1);
		if (lua_toboolean(L, 3)) {
			struct oto_entry e = check_entry(L, l->of);
			e.column = (uint8_t)i;
			l->entry[side][l->nentries[side]++] = e;
			l->ndifferent += e.kind == OTO_ENTRY_DIFFERENT;
		}
		lua_settop(L, 2);
	}
	lua_settop(L, 1);
}

static struct oto_tally *check_of(lua_State *L)
{
	struct oto_tally *t = NULL;

	if (lua_getfield(L, 1, "of") != LUA_TNIL)
		t = oto_check_tally(L, 2);
	if (!t || t->is_taken)
		luaL_error(L, "ledgers.new: of is a tally, for this ledger alone");
	lua_settop(L, 1);
	return t;
}

static uint32_t check_columns(lua_State *L)
{
	lua_getfield(L, 1, "one");
	lua_Unsigned n = lua_istable(L, -1) ? lua_rawlen(L, -1) : 0;
	if (n < 1 || n > OTO_SUMS_MOST)
		luaL_error(L, "ledgers.new: one is a list of 1 to %d columns", OTO_SUMS_MOST);
	lua_settop(L, 1);
	return (uint32_t)n;
}

static enum oto_scale check_scale(lua_State *L)
{
	static const char *const words[] = { [OTO_SCALE_NONE] = "", [OTO_SCALE_PLAIN] = "plain", [OTO_SCALE_LOG] = "log", NULL };

	lua_getfield(L, 1, "learn");
	enum oto_scale scale = (enum oto_scale)luaL_checkoption(L, 2, "", words);
	lua_settop(L, 1);
	return scale;
}

/* ledgers.new { of = tally, whose = function(k1, ...), one = { }, [other = { }, [other_if = sum]], [learn = "log"], [max = 100000] } */
static int ledgers_new(lua_State *L)
{
	struct oto_policy *p = oto_lua_of(L)->policy;
	struct oto_ledger as = { 0 };

	luaL_checktype(L, 1, LUA_TTABLE);
	lua_settop(L, 1);
	OTO_CHECK_KEYS(L, 1, false, "ledgers.new", "of", "whose", "one", "other", "other_if", "learn", "max");
	as.of = check_of(L);
	as.columns = check_columns(L);
	as.scale = check_scale(L);
	as.max = (uint32_t)oto_option_whole(L, 1, "max", 100000, 1, 1000000);
	read_side(L, &as, 0, "one");
	if (lua_getfield(L, 1, "other") != LUA_TNIL)
		read_side(L, &as, 1, "other");
	lua_settop(L, 1);
	if (lua_getfield(L, 1, "other_if") != LUA_TNIL)
		as.other_if = sum_called(L, as.of, 2);
	lua_settop(L, 1);
	if (lua_getfield(L, 1, "whose") != LUA_TFUNCTION)
		luaL_error(L, "ledgers.new: whose is a function");
	struct oto_ledger **mine = lua_newuserdatauv(L, sizeof(struct oto_ledger *), 2);
	lua_newtable(L);
	lua_setiuservalue(L, 3, ACCOUNTS);
	lua_pushvalue(L, 2);
	lua_setiuservalue(L, 3, WHOSE);
	as.next = p->ledgers;
	*mine = p->ledgers = oto_ledger_new(&as);
	as.of->is_taken = true;
	oto_type_give(L, OTO_TYPE_LEDGER);
	return 1;
}

void oto_lua_ledgers(struct oto_lua *lua)
{
	static const luaL_Reg methods[] = {
		{ "take", ledger_take },     { "turn", ledger_turn },       { "close", ledger_close },   { "each", ledger_each },
		{ "over", ledger_over },     { "changed", ledger_changed }, { "limits", ledger_limits }, { "limit", ledger_limit },
		{ "habits", ledger_habits }, { "add", ledger_add },         { "put", ledger_put },       { "forget", ledger_forget },
		{ "anew", ledger_anew },     { "clear", ledger_clear },     { "len", ledger_len },       { 0 }
	};
	static const luaL_Reg meta[] = { { "__len", ledger_len }, { 0 } };
	static const luaL_Reg functions[] = { { "new", ledgers_new }, { 0 } };
	lua_State *L = lua->L;

	oto_type_define(L, OTO_TYPE_LEDGER, "oto.ledger", meta, methods);
	luaL_newlib(L, functions);
	lua_setglobal(L, "ledgers");
}

uint64_t oto_ledgers_refused(const struct oto_policy *p)
{
	uint64_t n = 0;

	for (const struct oto_ledger *l = p->ledgers; l; l = l->next)
		n += l->refused;
	return n;
}

void oto_ledgers_free(struct oto_policy *p)
{
	for (struct oto_ledger *l = p->ledgers, *next; l; l = next) {
		next = l->next;
		oto_ledger_free(l);
	}
}
