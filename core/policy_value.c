/* policy_value.c - what the values and objects of the engine in Lua have in common: metatables nobody can change, and the text of values.
 *
 * policy_addr.c has addresses and subnets, policy_moment.c times and intervals.
 */
#include "policy_value.h"

const char *oto_push_text(lua_State *L, int index)
{
	switch (lua_type(L, index)) {
	case LUA_TBOOLEAN:
	case LUA_TNUMBER:
	case LUA_TSTRING:
		return luaL_tolstring(L, index, NULL);
	case LUA_TUSERDATA:
		if (luaL_testudata(L, index, OTO_VALUE_ADDR) || luaL_testudata(L, index, OTO_VALUE_SUBNET) ||
		    luaL_testudata(L, index, OTO_VALUE_TIME))
			return luaL_tolstring(L, index, NULL);
		if (luaL_testudata(L, index, OTO_VALUE_INTERVAL))
			return lua_pushfstring(L, "%ss", luaL_tolstring(L, index, NULL));
		return NULL;
	default:
		return NULL;
	}
}

int oto_value_concat(lua_State *L)
{
	luaL_tolstring(L, 1, NULL);
	luaL_tolstring(L, 2, NULL);
	lua_concat(L, 2);
	return 1;
}

/* e.ts.year, e.orig_h.within_ and the like: nil would be taken for an answer. */
static int no_method(lua_State *L)
{
	const char *kind = strchr(lua_tostring(L, lua_upvalueindex(1)), '.') + 1;

	return luaL_error(L, "%s %s has no '%s'; `otoscope doc lua` lists what it has", strchr("aeiou", *kind) ? "an" : "a", kind,
			  luaL_tolstring(L, 2, NULL));
}

void oto_type_define(lua_State *L, const char *name, const luaL_Reg *meta, const luaL_Reg *methods)
{
	luaL_newmetatable(L, name);
	if (meta)
		luaL_setfuncs(L, meta, 0);
	lua_newtable(L);
	luaL_setfuncs(L, methods, 0);
	lua_newtable(L);
	lua_pushstring(L, name);
	lua_pushcclosure(L, no_method, 1);
	lua_setfield(L, -2, "__index");
	lua_setmetatable(L, -2);
	lua_setfield(L, -2, "__index");
	lua_pushboolean(L, false);
	lua_setfield(L, -2, "__metatable");
	lua_pop(L, 1);
}

void oto_lua_values(struct oto_lua *lua)
{
	oto_lua_addrs(lua);
	oto_lua_moments(lua);
}
