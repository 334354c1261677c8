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
		if (oto_type_test(L, index, OTO_TYPE_ADDR) || oto_type_test(L, index, OTO_TYPE_SUBNET) ||
		    oto_type_test(L, index, OTO_TYPE_TIME))
			return luaL_tolstring(L, index, NULL);
		if (oto_type_test(L, index, OTO_TYPE_INTERVAL))
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

static void push_methods(lua_State *L, const char *name, const luaL_Reg *methods)
{
	lua_newtable(L);
	luaL_setfuncs(L, methods, 0);
	lua_newtable(L);
	lua_pushstring(L, name);
	lua_pushcclosure(L, no_method, 1);
	lua_setfield(L, -2, "__index");
	lua_setmetatable(L, -2);
}

void oto_type_define(lua_State *L, enum oto_type type, const char *name, const luaL_Reg *meta, const luaL_Reg *methods)
{
	struct oto_lua *lua = oto_lua_of(L);

	lua_newtable(L);
	if (meta)
		luaL_setfuncs(L, meta, 0);
	if (methods) {
		push_methods(L, name, methods);
		lua_setfield(L, -2, "__index");
	}
	lua_pushstring(L, name);
	lua_setfield(L, -2, "__name"); /* for messages of errors */
	lua_pushboolean(L, false);
	lua_setfield(L, -2, "__metatable");
	lua->type[type].name = name;
	lua->type[type].meta = lua_topointer(L, -1);
	lua->type[type].reference = luaL_ref(L, LUA_REGISTRYINDEX);
}

void oto_type_push(lua_State *L, enum oto_type type)
{
	lua_rawgeti(L, LUA_REGISTRYINDEX, oto_lua_of(L)->type[type].reference);
}

void oto_type_give(lua_State *L, enum oto_type type)
{
	oto_type_push(L, type);
	lua_setmetatable(L, -2);
}

void *oto_type_test(lua_State *L, int index, enum oto_type type)
{
	void *object = lua_touserdata(L, index);

	if (!object || !lua_getmetatable(L, index))
		return NULL;
	bool is_one = lua_topointer(L, -1) == oto_lua_of(L)->type[type].meta;
	lua_settop(L, -2);
	return is_one ? object : NULL;
}

void *oto_type_check(lua_State *L, int index, enum oto_type type)
{
	void *object = oto_type_test(L, index, type);

	if (!object)
		luaL_typeerror(L, index, oto_lua_of(L)->type[type].name);
	return object;
}

void oto_lua_values(struct oto_lua *lua)
{
	oto_lua_addrs(lua);
	oto_lua_moments(lua);
}
