/* policy_lpeg.c - LPeg under the instruction budget. A grammar that calls itself can try ways without end on a short text, and no hook
 * reaches into lpeg.match: so what makes a match long, a rule called and a loop's turn, looks at the budget each time, by a match-time
 * capture that consumes nothing and gives nothing. A loop over a set of characters, LPeg's quickest, looks once behind its last turn and
 * counts how far it came. Knows the sandbox's budget.
 *
 * What a pattern matches and captures stays the same. LPeg 1.0 and 1.1.
 */
#include "policy_private.h"

enum { TURN = 8, BYTES_A_STEP = 8 }; /* instructions that a look stands for; bytes passed over that are one */

#define SETS "oto.lpeg.sets" /* patterns of one character, weak keys */
#define LOOK "oto.lpeg.look" /* the pattern that looks at the budget */

/* What a call makes of its operands. */
enum makes { ANYTHING, A_SET, A_SET_OF_SETS };

/* subject, position: a match-time capture */
static int look(lua_State *L)
{
	struct oto_lua *lua = oto_lua_of(L);
	uint64_t at = (uint64_t)lua_tointeger(L, 2), way = at > lua->lpeg_at ? at - lua->lpeg_at : lua->lpeg_at - at;
	uint64_t steps = TURN + way / BYTES_A_STEP;

	if (oto_lua_left(lua) < steps)
		return oto_lua_spent(L, " by LPeg, whose pattern tries too many ways");
	lua->lpeg_at = at;
	lua->used += steps;
	lua_pushboolean(L, true);
	return 1;
}

/* Pushes the pattern at `at` and a look behind it, or before it. */
static void with_look(lua_State *L, int at, bool before)
{
	at = lua_absindex(L, at);
	lua_getfield(L, LUA_REGISTRYINDEX, LOOK);
	lua_pushvalue(L, at);
	if (!before)
		lua_insert(L, -2);
	lua_arith(L, LUA_OPMUL);
}

/* A grammar is a table: puts a copy whose rules look in its place. Its first element may be the name of the first rule. */
static void count_rules(lua_State *L, int at)
{
	lua_newtable(L);
	for (lua_pushnil(L); lua_next(L, at);) {
		bool name = lua_type(L, -1) == LUA_TSTRING && lua_isinteger(L, -2) && lua_tointeger(L, -2) == 1;
		lua_pushvalue(L, -2);
		if (name)
			lua_pushvalue(L, -2);
		else
			with_look(L, -2, true);
		lua_rawset(L, -5);
		lua_pop(L, 1);
	}
	lua_replace(L, at);
}

static bool is_set(lua_State *L, int at)
{
	if (lua_type(L, at) == LUA_TNUMBER)
		return lua_tointeger(L, at) == 1;
	if (lua_type(L, at) == LUA_TSTRING)
		return lua_rawlen(L, at) == 1;
	lua_getfield(L, LUA_REGISTRYINDEX, SETS);
	lua_pushvalue(L, at);
	bool known = lua_rawget(L, -2) != LUA_TNIL;
	lua_pop(L, 2);
	return known;
}

/* upvalues: the original, how many of its operands may be grammars, what it makes */
static int made(lua_State *L)
{
	int nargs = lua_gettop(L), patterns = (int)lua_tointeger(L, lua_upvalueindex(2));
	enum makes makes = (enum makes)lua_tointeger(L, lua_upvalueindex(3));
	bool set = makes == A_SET;

	if (makes == A_SET_OF_SETS)
		set = nargs >= patterns && is_set(L, 1) && is_set(L, patterns);
	for (int i = 1; i <= patterns && i <= nargs; i++) {
		if (lua_istable(L, i))
			count_rules(L, i);
	}
	lua_pushvalue(L, lua_upvalueindex(1));
	lua_insert(L, 1);
	lua_call(L, nargs, 1);
	if (set && lua_isuserdata(L, -1)) {
		lua_getfield(L, LUA_REGISTRYINDEX, SETS);
		lua_pushvalue(L, -2);
		lua_pushboolean(L, true);
		lua_rawset(L, -3);
		lua_pop(L, 1);
	}
	return 1;
}

/* upvalue: the original; patt ^ n */
static int repeated(lua_State *L)
{
	bool endless = lua_tointeger(L, 2) >= 0 && lua_isuserdata(L, 1), set = endless && is_set(L, 1);

	lua_settop(L, 2);
	if (endless && !set) {
		with_look(L, 1, false);
		lua_replace(L, 1);
	}
	lua_pushvalue(L, lua_upvalueindex(1));
	lua_insert(L, 1);
	lua_call(L, 2, 1);
	if (set)
		with_look(L, -1, false);
	return 1;
}

/* upvalue: the original */
static int match(lua_State *L)
{
	int nargs = lua_gettop(L);

	oto_lua_check_subject(L, 2);
	if (lua_istable(L, 1))
		count_rules(L, 1);
	oto_lua_of(L)->lpeg_at = 1;
	lua_pushvalue(L, lua_upvalueindex(1));
	lua_insert(L, 1);
	lua_call(L, nargs, LUA_MULTRET);
	return lua_gettop(L);
}

/* In the table on top. */
static void wrap(lua_State *L, const char *name, int patterns, enum makes makes)
{
	if (lua_getfield(L, -1, name) == LUA_TNIL) {
		lua_pop(L, 1);
		return;
	}
	lua_pushinteger(L, patterns);
	lua_pushinteger(L, makes);
	lua_pushcclosure(L, made, 3);
	lua_setfield(L, -2, name);
}

static void wrap_with(lua_State *L, const char *name, lua_CFunction with)
{
	lua_getfield(L, -1, name);
	lua_pushcclosure(L, with, 1);
	lua_setfield(L, -2, name);
}

/* The look is a pattern of LPeg's own: made before its functions are wrapped. */
static void make_look(lua_State *L)
{
	lua_getfield(L, -1, "Cmt");
	lua_pushboolean(L, true);
	lua_pushcfunction(L, look);
	lua_call(L, 2, 1);
	lua_setfield(L, LUA_REGISTRYINDEX, LOOK);
	lua_newtable(L);
	lua_createtable(L, 0, 1);
	lua_pushliteral(L, "k");
	lua_setfield(L, -2, "__mode");
	lua_setmetatable(L, -2);
	lua_setfield(L, LUA_REGISTRYINDEX, SETS);
}

void oto_lua_count_lpeg(lua_State *L)
{
	static const char *const of_one[] = { "B", "C", "Cf", "Cg", "Cmt", "Cs", "Ct" };
	int lpeg = lua_gettop(L);

	make_look(L);
	for (size_t i = 0; i < sizeof of_one / sizeof *of_one; i++)
		wrap(L, of_one[i], 1, ANYTHING);
	wrap(L, "P", 1, A_SET_OF_SETS);
	wrap(L, "S", 0, A_SET);
	wrap(L, "R", 0, A_SET);
	wrap_with(L, "match", match);
	lua_getfield(L, LUA_REGISTRYINDEX, LOOK);
	lua_getmetatable(L, -1);
	wrap(L, "__mul", 2, ANYTHING);
	wrap(L, "__add", 2, A_SET_OF_SETS);
	wrap(L, "__sub", 2, A_SET_OF_SETS);
	wrap_with(L, "__pow", repeated);
	lua_settop(L, lpeg);
}
