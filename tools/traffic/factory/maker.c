/* maker.c - the program that makes weeks of a plant: Lua with the writer in it, started on main.lua beside this file.
 * Knows Lua and the writer; what a plant is, is in the Lua files.
 */
#include "writer.h"

#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>
#include <stdlib.h>
#include <string.h>

#define FRAMES_MOST 4096

static struct writer **place(lua_State *L)
{
	return lua_touserdata(L, lua_upvalueindex(1));
}

static struct writer *writer(lua_State *L)
{
	struct writer **w = place(L);
	if (!*w)
		luaL_error(L, "open() the capture first");
	return *w;
}

static int written(lua_State *L, bool ok)
{
	if (!ok) /* nobody reads on: that ends a pipe, and is no fault */
		exit(0);
	(void)L;
	return 0;
}

/* open(seed, path): "-" is standard output */
static int open_capture(lua_State *L)
{
	const char *path = luaL_checkstring(L, 2);
	FILE *out = strcmp(path, "-") == 0 ? stdout : fopen(path, "wb");
	if (!out)
		return luaL_error(L, "%s cannot be written", path);
	setvbuf(out, NULL, _IOFBF, 1 << 20);
	*place(L) = writer_open(out, (uint64_t)luaL_checkinteger(L, 1));
	return 0;
}

static const uint8_t *bytes_of(lua_State *L, int i, size_t n)
{
	size_t got;
	const char *s = luaL_checklstring(L, i, &got);
	if (got != n)
		luaL_error(L, "argument %d: %d bytes, not %d", i, (int)n, (int)got);
	return (const uint8_t *)s;
}

/* host(mac, ip, hops, asked) */
static int host(lua_State *L)
{
	lua_pushinteger(L, writer_host(writer(L), bytes_of(L, 1, 6), bytes_of(L, 2, 4), (uint8_t)luaL_checkinteger(L, 3),
				       (int)luaL_optinteger(L, 4, -2)));
	return 1;
}

static int move(lua_State *L)
{
	writer_move_host(writer(L), (int)luaL_checkinteger(L, 1), bytes_of(L, 2, 6), bytes_of(L, 3, 4));
	return 0;
}

static lua_Integer number_at(lua_State *L, int table, int i)
{
	lua_rawgeti(L, table, i);
	lua_Integer n = luaL_checkinteger(L, -1);
	lua_pop(L, 1);
	return n;
}

/* The patches in the table on top: { at, length, kind, arg } each. */
static size_t read_patches(lua_State *L, struct patch *out, size_t room)
{
	size_t n = lua_istable(L, -1) ? lua_rawlen(L, -1) : 0;
	if (n > room)
		luaL_error(L, "too many patches");
	for (size_t i = 0; i < n; i++) {
		lua_rawgeti(L, -1, (int)i + 1);
		int t = lua_gettop(L);
		out[i] = (struct patch){ (uint16_t)number_at(L, t, 1), (uint16_t)number_at(L, t, 2), (uint16_t)number_at(L, t, 3),
					 (uint16_t)number_at(L, t, 4) };
		lua_pop(L, 1);
	}
	return n;
}

/* template(frames, client's bytes, server's bytes): frames are { after, from, bytes, patches } each */
static int template(lua_State *L)
{
	static struct recorded list[FRAMES_MOST];
	static struct patch patches[2 * FRAMES_MOST];
	size_t n = lua_rawlen(L, 1), used = 0;
	luaL_argcheck(L, n > 0 && n <= FRAMES_MOST, 1, "no frames, or too many");
	luaL_checkstack(L, (int)n + 20, NULL);
	for (size_t i = 0; i < n; i++) {
		lua_rawgeti(L, 1, (int)i + 1);
		int t = lua_gettop(L);
		list[i] = (struct recorded){ .after = (uint64_t)number_at(L, t, 1), .from = number_at(L, t, 2) ? SERVER : CLIENT };
		lua_rawgeti(L, t, 3);
		list[i].bytes = (const uint8_t *)luaL_checklstring(L, -1, &list[i].length);
		lua_rawgeti(L, t, 4);
		list[i].patches = patches + used;
		list[i].n_patches = read_patches(L, patches + used, 2 * FRAMES_MOST - used);
		used += list[i].n_patches;
		lua_settop(L, t - 1);
	}
	const uint32_t advance[2] = { (uint32_t)luaL_checkinteger(L, 2), (uint32_t)luaL_checkinteger(L, 3) };
	lua_pushinteger(L, writer_template(writer(L), list, n, advance));
	return 1;
}

/* Client, server, client's port, server's port, parameters. */
static int new_conversation(lua_State *L, int i, bool lasting)
{
	const int hosts[2] = { (int)luaL_checkinteger(L, i), (int)luaL_checkinteger(L, i + 1) };
	const uint16_t ports[2] = { (uint16_t)luaL_checkinteger(L, i + 2), (uint16_t)luaL_checkinteger(L, i + 3) };
	size_t n;
	const char *params = luaL_optlstring(L, i + 4, "", &n);
	return writer_conversation(writer(L), hosts, ports, (const uint8_t *)params, n, lasting);
}

static int conversation(lua_State *L)
{
	lua_pushinteger(L, new_conversation(L, 1, true));
	return 1;
}

/* play(template, time, client, server, client's port, server's port, parameters) */
static int play(lua_State *L)
{
	writer_say(writer(L), new_conversation(L, 3, false), (int)luaL_checkinteger(L, 1), (uint64_t)luaL_checkinteger(L, 2));
	return 0;
}

static int value(lua_State *L)
{
	writer_value(writer(L), (int)luaL_checkinteger(L, 1),
		     (struct value){ luaL_checkinteger(L, 2), luaL_checkinteger(L, 3), luaL_checkinteger(L, 4), luaL_checkinteger(L, 5) });
	return 0;
}

static int say(lua_State *L)
{
	lua_pushboolean(
	    L, writer_say(writer(L), (int)luaL_checkinteger(L, 1), (int)luaL_checkinteger(L, 2), (uint64_t)luaL_checkinteger(L, 3)));
	return 1;
}

/* poll(conversation, { { template, every, muted }, ... }, start) */
static int poll(lua_State *L)
{
	int templates[64], every[64], muted[64];
	size_t n = lua_rawlen(L, 2);
	luaL_argcheck(L, n > 0 && n <= 32, 2, "one to 32 polls");
	for (size_t i = 0; i < n; i++) {
		lua_rawgeti(L, 2, (int)i + 1);
		int t = lua_gettop(L);
		templates[i] = (int)number_at(L, t, 1);
		every[i] = (int)number_at(L, t, 2);
		muted[i] = (int)number_at(L, t, 3);
		lua_pop(L, 1);
	}
	lua_pushboolean(
	    L, writer_poll(writer(L), (int)luaL_checkinteger(L, 1), templates, every, muted, n, (uint64_t)luaL_checkinteger(L, 3)));
	return 1;
}

/* rhythm(conversation, period, jitter, mute, slow) */
static int rhythm(lua_State *L)
{
	*writer_rhythm(writer(L), (int)luaL_checkinteger(L, 1)) =
	    (struct rhythm){ (uint64_t)luaL_checkinteger(L, 2), luaL_checknumber(L, 3), luaL_checknumber(L, 4),
			     (uint64_t)luaL_checkinteger(L, 5) };
	return 0;
}

static int resume(lua_State *L)
{
	writer_resume(writer(L), (int)luaL_checkinteger(L, 1), (uint64_t)luaL_checkinteger(L, 2));
	return 0;
}

static int stop(lua_State *L)
{
	writer_stop(writer(L), (int)luaL_checkinteger(L, 1));
	return 0;
}

static int advance(lua_State *L)
{
	return written(L, writer_advance(writer(L), (uint64_t)luaL_checkinteger(L, 1)));
}

static int frame(lua_State *L)
{
	size_t n;
	const char *bytes = luaL_checklstring(L, 2, &n);
	return written(L, writer_frame(writer(L), (uint64_t)luaL_checkinteger(L, 1), (const uint8_t *)bytes, n));
}

static int capture(lua_State *L)
{
	writer_capture(writer(L), luaL_checknumber(L, 1), luaL_checkinteger(L, 2));
	return 0;
}

static int totals(lua_State *L)
{
	struct writer_totals t = writer_totals(writer(L));
	lua_pushinteger(L, (lua_Integer)t.packets);
	lua_pushinteger(L, (lua_Integer)t.bytes);
	lua_pushinteger(L, (lua_Integer)t.conversations);
	return 3;
}

static int close_capture(lua_State *L)
{
	struct writer **w = place(L);
	bool ok = writer_close(writer(L));
	*w = NULL;
	return written(L, ok);
}

static const luaL_Reg FUNCTIONS[] = { { "open", open_capture },
				      { "host", host },
				      { "move", move },
				      { "template", template },
				      { "conversation", conversation },
				      { "play", play },
				      { "value", value },
				      { "say", say },
				      { "poll", poll },
				      { "rhythm", rhythm },
				      { "resume", resume },
				      { "stop", stop },
				      { "advance", advance },
				      { "frame", frame },
				      { "capture", capture },
				      { "totals", totals },
				      { "close", close_capture },
				      { NULL, NULL } };

static int traceback(lua_State *L)
{
	luaL_traceback(L, L, lua_tostring(L, 1), 1);
	return 1;
}

int main(int argc, char **argv)
{
	lua_State *L = luaL_newstate();
	if (!L)
		return 2;
	luaL_openlibs(L);
	*(struct writer **)lua_newuserdatauv(L, sizeof(struct writer *), 0) = NULL;
	luaL_newlibtable(L, FUNCTIONS);
	lua_insert(L, -2);
	luaL_setfuncs(L, FUNCTIONS, 1);
	lua_createtable(L, argc, 0);
	for (int i = 1; i < argc; i++) {
		lua_pushstring(L, argv[i]);
		lua_rawseti(L, -2, i);
	}
	lua_setglobal(L, "arg");
	lua_gc(L, LUA_GCGEN, 0, 0);
	lua_pushcfunction(L, traceback);
	int loaded = luaL_loadfile(L, OTO_TRAFFIC_DIR "/factory/main.lua");
	lua_pushliteral(L, OTO_TRAFFIC_DIR);
	lua_pushvalue(L, 1);
	if (loaded || lua_pcall(L, 2, 0, 2)) {
		fprintf(stderr, "plant: %s\n", lua_tostring(L, -1));
		return 2;
	}
	lua_close(L);
	return 0;
}
