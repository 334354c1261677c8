/* policy_tabbed.c - tabbed.text, tabbed.stars, tabbed.starred, tabbed.part: several values as one line, which learning lists are
 * looked up by (lua/rows.lua).
 *
 * Each connection that was not seen before is a line: in Lua its parts, each tested for what would break it, cost more than all else that
 * is done with it.
 */
#include "policy_private.h"
#include "value_text.h"

#include <ctype.h>

enum { MOST = 32 };

static bool breaks_line(char c)
{
	return iscntrl((unsigned char)c) || c == '\\';
}

/* Tabs and line ends would break the line. */
static void add_escaped(luaL_Buffer *b, const char *text, size_t len)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < len; i++) {
		if (!breaks_line(text[i])) {
			luaL_addchar(b, text[i]);
			continue;
		}
		luaL_addstring(b, "\\x");
		luaL_addchar(b, digits[(uint8_t)text[i] >> 4]);
		luaL_addchar(b, digits[(uint8_t)text[i] & 15]);
	}
}

static void add_text(luaL_Buffer *b, const char *text, size_t len)
{
	size_t plain = 0;

	while (plain < len && !breaks_line(text[plain]))
		plain++;
	if (len == 0)
		luaL_addstring(b, "\"\"");
	else if (plain < len)
		add_escaped(b, text, len);
	else
		luaL_addlstring(b, text, len);
}

static void add_addr(luaL_Buffer *b, const struct oto_addr *a)
{
	char *room = luaL_prepbuffsize(b, OTO_ADDR_TEXT);

	luaL_addsize(b, (size_t)(oto_text_addr(a, room) - room));
}

/* A value as a text or an address; of an address nothing else is made. */
static void push_part(lua_State *L, lua_Integer i)
{
	struct oto_addr a;
	int type = lua_rawgeti(L, 1, i);

	if (type == LUA_TNIL)
		lua_pushliteral(L, "-");
	else if (type == LUA_TSTRING || (type == LUA_TUSERDATA && oto_to_addr(L, -1, &a)))
		return;
	else
		luaL_tolstring(L, -1, NULL);
	lua_replace(L, -2);
}

/* tabbed.text(values, n) -> string */
static int text(lua_State *L)
{
	lua_Integer n = luaL_checkinteger(L, 2);
	struct oto_addr a;
	luaL_Buffer b;
	size_t len;

	luaL_checktype(L, 1, LUA_TTABLE);
	luaL_argcheck(L, n >= 0 && n <= MOST, 2, "a line has up to 32 values");
	lua_settop(L, 2);
	luaL_checkstack(L, 2 * MOST, NULL);
	for (lua_Integer i = 1; i <= n; i++)
		push_part(L, i);
	luaL_buffinit(L, &b);
	for (int at = 3; at < 3 + (int)n; at++) {
		if (at > 3)
			luaL_addchar(&b, '\t');
		const char *part = lua_type(L, at) == LUA_TSTRING ? lua_tolstring(L, at, &len) : NULL;
		if (part)
			add_text(&b, part, len);
		else if (oto_to_addr(L, at, &a))
			add_addr(&b, &a);
	}
	luaL_pushresult(&b);
	return 1;
}

/* ------------------------------------------------------------------------------------------------ lines with a star */

/* Where the part at `at` ends. */
static const char *end_of_part(const char *at, const char *end)
{
	const char *tab = memchr(at, '\t', (size_t)(end - at));

	return tab ? tab : end;
}

static bool is_star(const char *at, const char *end)
{
	return end - at == 1 && *at == '*';
}

/* A text with a star in it, or perhaps a network, a range of addresses or of numbers: most names with a dash are none. */
static bool may_be_wild(const char *at, const char *end)
{
	bool any = false, digits = true;

	for (; at < end; at++) {
		if (*at == '*')
			return true;
		bool between = *at == '/' || *at == '-';
		any |= between;
		digits &= between || *at == '.' || *at == ':' || isxdigit((unsigned char)*at);
	}
	return any && digits;
}

/* tabbed.stars(line) -> bits */
static int stars(lua_State *L)
{
	size_t len;
	const char *at = luaL_checklstring(L, 1, &len), *end = at + len;
	lua_Integer bits = 0;

	for (uint32_t column = 0;; column++, at++) {
		const char *part = at;
		at = end_of_part(at, end);
		bool star = is_star(part, at);
		if (column == MOST || (!star && may_be_wild(part, at))) {
			lua_pushnil(L);
			return 1;
		}
		bits |= (lua_Integer)star << column;
		if (at == end)
			break;
	}
	lua_pushinteger(L, bits);
	return 1;
}

/* tabbed.starred(line, bits) -> line: these values are * in it. */
static int starred(lua_State *L)
{
	size_t len;
	const char *at = luaL_checklstring(L, 1, &len), *end = at + len;
	lua_Integer bits = luaL_checkinteger(L, 2);
	luaL_Buffer b;

	luaL_buffinit(L, &b);
	for (uint32_t column = 0;; column++, at++) {
		const char *part = at;
		at = end_of_part(at, end);
		if (column < MOST && bits >> column & 1)
			luaL_addchar(&b, '*');
		else
			luaL_addlstring(&b, part, (size_t)(at - part));
		if (at == end)
			break;
		luaL_addchar(&b, '\t');
	}
	luaL_pushresult(&b);
	return 1;
}

/* tabbed.part(line, bits) -> line: these values of it. */
static int part(lua_State *L)
{
	size_t len;
	const char *at = luaL_checklstring(L, 1, &len), *end = at + len;
	lua_Integer bits = luaL_checkinteger(L, 2);
	bool any = false;
	luaL_Buffer b;

	luaL_buffinit(L, &b);
	for (uint32_t column = 0; column < MOST; column++, at++) {
		const char *from = at;
		at = end_of_part(at, end);
		if (bits >> column & 1) {
			if (any)
				luaL_addchar(&b, '\t');
			luaL_addlstring(&b, from, (size_t)(at - from));
			any = true;
		}
		if (at == end)
			break;
	}
	luaL_pushresult(&b);
	return 1;
}

void oto_lua_tabbed(struct oto_lua *lua)
{
	static const luaL_Reg functions[] = { { "text", text }, { "stars", stars }, { "starred", starred }, { "part", part }, { 0 } };

	luaL_newlib(lua->L, functions);
	lua_setglobal(lua->L, "tabbed");
}
