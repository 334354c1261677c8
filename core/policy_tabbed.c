/* policy_tabbed.c - tabbed.text, tabbed.parts, tabbed.stars: several values as one line, which learning lists are looked up by
 * (lua/rows.lua).
 *
 * Each connection that was not seen before is a line: in Lua its parts, each tested for what would break it, cost more than all else that
 * is done with it.
 */
#include "policy_private.h"

#include <ctype.h>
#include <stdio.h>

enum { MOST = 32 };

static bool breaks_line(char c)
{
	return iscntrl((unsigned char)c) || c == '\\';
}

/* Tabs and line ends would break the line. */
static void push_escaped(lua_State *L, const char *text, size_t len)
{
	static const char digits[] = "0123456789abcdef";
	luaL_Buffer b;

	luaL_buffinit(L, &b);
	for (size_t i = 0; i < len; i++) {
		if (!breaks_line(text[i])) {
			luaL_addchar(&b, text[i]);
			continue;
		}
		luaL_addstring(&b, "\\x");
		luaL_addchar(&b, digits[(uint8_t)text[i] >> 4]);
		luaL_addchar(&b, digits[(uint8_t)text[i] & 15]);
	}
	luaL_pushresult(&b);
}

/* The string on top as a part. */
static void replace_text(lua_State *L)
{
	size_t len, plain = 0;
	const char *text = lua_tolstring(L, -1, &len);

	while (plain < len && !breaks_line(text[plain]))
		plain++;
	if (len == 0)
		lua_pushliteral(L, "\"\"");
	else if (plain < len)
		push_escaped(L, text, len);
	else
		return;
	lua_replace(L, -2);
}

static void push_part(lua_State *L, lua_Integer i)
{
	switch (lua_rawgeti(L, 1, i)) {
	case LUA_TNIL:
		lua_pushliteral(L, "-");
		break;
	case LUA_TSTRING:
		replace_text(L);
		return;
	default:
		luaL_tolstring(L, -1, NULL);
	}
	lua_replace(L, -2);
}

/* Pushes the parts of the list at 1; how many. */
static int push_parts(lua_State *L)
{
	lua_Integer n = luaL_checkinteger(L, 2);

	luaL_checktype(L, 1, LUA_TTABLE);
	luaL_argcheck(L, n >= 0 && n <= MOST, 2, "a line has up to 32 values");
	luaL_checkstack(L, 2 * MOST, NULL);
	for (lua_Integer i = 1; i <= n; i++)
		push_part(L, i);
	return (int)n;
}

/* tabbed.parts(values, n) -> list */
static int parts(lua_State *L)
{
	lua_settop(L, 2);
	lua_createtable(L, MOST / 4, 0);
	int n = push_parts(L);
	for (int i = n; i >= 1; i--)
		lua_rawseti(L, 3, i);
	return 1;
}

/* tabbed.text(values, n) -> string */
static int text(lua_State *L)
{
	luaL_Buffer b;

	lua_settop(L, 2);
	int n = push_parts(L);
	luaL_buffinit(L, &b);
	for (int i = 1; i <= n; i++) {
		size_t len;
		const char *part = lua_tolstring(L, 2 + i, &len);
		if (i > 1)
			luaL_addchar(&b, '\t');
		luaL_addlstring(&b, part, len);
	}
	luaL_pushresult(&b);
	return 1;
}

/* ------------------------------------------------------------------------------------------------ lines with a star */

static bool may_be_wild(char c)
{
	return c == '*' || c == '/' || c == '-';
}

/* Where the part at `at` ends; *star: it is one. *wild: it may be another wildcard. */
static const char *end_of_part(const char *at, const char *end, bool *star, bool *wild)
{
	const char *from = at;
	bool found = false;

	for (; at < end && *at != '\t'; at++)
		found |= may_be_wild(*at);
	*star = at - from == 1 && *from == '*';
	*wild = found && !*star;
	return at;
}

static void add_column(luaL_Buffer *b, int column)
{
	char text[16];

	snprintf(text, sizeof text, luaL_bufflen(b) ? " %d" : "%d", column);
	luaL_addstring(b, text);
}

/* The numbers of the parts that are no star. */
static void push_columns(lua_State *L, const char *at, const char *end)
{
	luaL_Buffer b;
	bool star, wild;

	luaL_buffinit(L, &b);
	for (int column = 1;; column++) {
		at = end_of_part(at, end, &star, &wild);
		if (!star)
			add_column(&b, column);
		if (at++ == end)
			break;
	}
	luaL_pushresult(&b);
}

static void push_plain(lua_State *L, const char *at, const char *end)
{
	luaL_Buffer b;
	bool star, wild, any = false;

	luaL_buffinit(L, &b);
	for (;;) {
		const char *part = at;
		at = end_of_part(at, end, &star, &wild);
		if (!star && any)
			luaL_addchar(&b, '\t');
		if (!star)
			luaL_addlstring(&b, part, (size_t)(at - part));
		any |= !star;
		if (at++ == end)
			break;
	}
	luaL_pushresult(&b);
}

/* tabbed.stars(text) -> plain, columns, n */
static int stars(lua_State *L)
{
	size_t len;
	const char *text = luaL_checklstring(L, 1, &len), *end = text + len;
	bool any = false, star, wild;
	lua_Integer n = 0;

	for (const char *at = text;; at++) {
		at = end_of_part(at, end, &star, &wild);
		n++;
		any |= star;
		if (wild) {
			lua_pushboolean(L, false);
			return 1;
		}
		if (at == end)
			break;
	}
	if (!any)
		return 0;
	push_plain(L, text, end);
	push_columns(L, text, end);
	lua_pushinteger(L, n);
	return 3;
}

void oto_lua_tabbed(struct oto_lua *lua)
{
	static const luaL_Reg functions[] = { { "text", text }, { "parts", parts }, { "stars", stars }, { 0 } };

	luaL_newlib(lua->L, functions);
	lua_setglobal(lua->L, "tabbed");
}
