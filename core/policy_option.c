/* policy_option.c - the tables of options that scripts hand to the engine, as in tally.new { keys = 2, expire = "1h" }: each is read by its
 * name, and one that is unknown or of the wrong kind is named with what it should have been.
 */
#include "policy_private.h"

/* ------------------------------------------------------------------------------------------------ their names */

const char *oto_unknown_key(lua_State *L, int index, bool list, const char *const *known, size_t n)
{
	const char *found = NULL;

	index = lua_absindex(L, index);
	for (lua_pushnil(L); lua_next(L, index); lua_settop(L, -2)) {
		if (list && lua_isinteger(L, -2))
			continue;
		const char *key = lua_type(L, -2) == LUA_TSTRING ? lua_tostring(L, -2) : "(not a word)";
		size_t i = 0;
		while (i < n && strcmp(known[i], key) != 0)
			i++;
		if (i == n && (!found || strcmp(key, found) < 0)) /* of several always the same */
			found = key;
	}
	return found;
}

void oto_check_keys(lua_State *L, int index, bool list, const char *what, const char *const *known, size_t n)
{
	const char *key = oto_unknown_key(L, index, list, known, n);
	char near[256];

	if (key)
		luaL_error(L, "%s has no '%s'%s", what, key, oto_near(near, sizeof near, key, known, n));
}

/* unknown_key(table, { names }) -> text or nil: for scripts that take such tables themselves. */
int oto_lua_unknown_key(lua_State *L)
{
	luaL_checktype(L, 1, LUA_TTABLE);
	luaL_checktype(L, 2, LUA_TTABLE);
	lua_settop(L, 2);
	size_t n = lua_rawlen(L, 2);
	const char **known = lua_newuserdatauv(L, (n + 1) * sizeof *known, 0);
	char near[256];

	for (size_t i = 0; i < n; i++) {
		lua_rawgeti(L, 2, (lua_Integer)i + 1); /* the table keeps what it points to */
		known[i] = lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : "";
		lua_settop(L, 3);
	}
	const char *key = oto_unknown_key(L, 1, false, known, n);
	if (key)
		lua_pushfstring(L, "no '%s'%s", key, oto_near(near, sizeof near, key, known, n));
	else
		lua_pushnil(L);
	return 1;
}

/* ------------------------------------------------------------------------------------------------ their values */

/* The option on the stack; false, and nothing is there: it was not given. */
static bool push_option(lua_State *L, int index, const char *name)
{
	if (!lua_istable(L, index))
		return false;
	if (lua_getfield(L, index, name) != LUA_TNIL)
		return true;
	lua_settop(L, -2);
	return false;
}

int64_t oto_option_whole(lua_State *L, int index, const char *name, int64_t otherwise, int64_t least, int64_t most)
{
	bool is_given = push_option(L, index, name);
	int is_whole = 1;
	int64_t n = is_given ? lua_tointegerx(L, -1, &is_whole) : otherwise;

	if (!is_whole || n < least || n > most)
		luaL_error(L, "%s is a whole number from %I to %I%s%s", name, (LUAI_UACINT)least, (LUAI_UACINT)most,
			   is_given ? ", not " : "", is_given ? luaL_tolstring(L, -1, NULL) : "");
	if (is_given)
		lua_settop(L, -2);
	return n;
}

int64_t oto_option_span(lua_State *L, int index, const char *name)
{
	int64_t ns = 0;

	if (!push_option(L, index, name))
		return 0;
	if (!oto_to_interval(L, -1, &ns) || ns < 0)
		luaL_error(L, "%s is a time span (\"10s\", \"1h30m\", seconds as a number), not %s", name, luaL_tolstring(L, -1, NULL));
	lua_settop(L, -2);
	return ns;
}

bool oto_option_flag(lua_State *L, int index, const char *name)
{
	bool is_set = false;

	if (push_option(L, index, name)) {
		is_set = lua_toboolean(L, -1);
		lua_settop(L, -2);
	}
	return is_set;
}
