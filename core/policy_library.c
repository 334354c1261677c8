/* policy_library.c - what scripts see of Lua itself: a library of their own per script, strict globals, require, and pairs in order.
 *
 * Left out is what reads the machine (os, io, debug), makes code (load) or differs from run to run (math.random, addresses in tostring, the
 * order of pairs). What runs in C beyond the reach of the instruction budget is capped by length: patterns and LPeg take subjects of at
 * most 64 KiB, and what they try counts as instructions (policy_pattern, policy_lpeg); string.rep makes at most 16 MiB.
 */
#include "fact_keys.h"
#include "policy_private.h"

#include <ctype.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* ------------------------------------------------------------------------------------------------ the budget is not to be caught */

static int after_catch(lua_State *L, int status, lua_KContext context)
{
	struct oto_lua *lua = oto_lua_of(L);

	(void)status;
	(void)context;
	if (lua->over_budget)
		return luaL_error(L, "budget of %I instructions for one call is spent; the call was ended", (lua_Integer)lua->budget);
	return lua_gettop(L);
}

/* pcall, xpcall, coroutine.resume: the original, then a look at whether it swallowed the end of the budget. */
static int catching(lua_State *L)
{
	int nargs = lua_gettop(L);

	lua_pushvalue(L, lua_upvalueindex(1));
	lua_insert(L, 1);
	lua_callk(L, nargs, LUA_MULTRET, 0, after_catch);
	return after_catch(L, LUA_OK, 0);
}

/* coroutine.create, coroutine.wrap: each coroutine has an instruction count of its own, always set, and making one costs something. */
static int counted(lua_State *L)
{
	int nargs = lua_gettop(L);

	oto_lua_of(L)->used += OTO_LUA_COROUTINE;
	lua_pushvalue(L, lua_upvalueindex(1));
	lua_insert(L, 1);
	lua_call(L, nargs, 1);
	if (lua_isthread(L, 1)) {
		oto_lua_counts(lua_tothread(L, 1));
	} else { /* the function that wraps one */
		lua_getupvalue(L, 1, 1);
		oto_lua_counts(lua_tothread(L, 2));
		lua_settop(L, 1);
	}
	return 1;
}

/* ------------------------------------------------------------------------------------------------ lengths */

static int rep(lua_State *L)
{
	size_t len, between = 0;
	luaL_checklstring(L, 1, &len);
	lua_Integer n = luaL_checkinteger(L, 2);
	int nargs = lua_gettop(L);

	luaL_optlstring(L, 3, "", &between);
	if (n > 0 && len + between > 0 && (uint64_t)n > OTO_LUA_TEXT_MAX / (len + between))
		return luaL_error(L, "string.rep: the result would be longer than %d bytes", (int)OTO_LUA_TEXT_MAX);
	lua_pushvalue(L, lua_upvalueindex(1));
	lua_insert(L, 1);
	lua_call(L, nargs, 1);
	return 1;
}

static void wrap(lua_State *L, const char *name, lua_CFunction with, int argument)
{
	lua_getfield(L, -1, name);
	lua_pushinteger(L, argument);
	lua_pushcclosure(L, with, 2);
	lua_setfield(L, -2, name);
}

/* ------------------------------------------------------------------------------------------------ pairs in order */

struct key {
	int rank; /* booleans, numbers, strings, addresses, the rest as Lua has it */
	int at;   /* in the table of keys */
	double number;
	const char *text;
	size_t len;
	struct oto_addr addr;
};

static int compare_text(const struct key *a, const struct key *b)
{
	int order = memcmp(a->text, b->text, a->len < b->len ? a->len : b->len);
	return order ? order : (a->len > b->len) - (a->len < b->len);
}

static int compare_keys(const void *x, const void *y)
{
	const struct key *a = x, *b = y;

	if (a->rank != b->rank)
		return a->rank - b->rank;
	if (a->rank <= 1 && a->number != b->number)
		return a->number < b->number ? -1 : 1;
	if (a->rank == 2)
		return compare_text(a, b);
	if (a->rank == 3)
		return a->addr.family != b->addr.family ? a->addr.family - b->addr.family
							: memcmp(a->addr.byte, b->addr.byte, sizeof a->addr.byte);
	return a->at - b->at;
}

static struct key key_of(lua_State *L, int index, int at)
{
	struct key k = { .at = at };

	switch (lua_type(L, index)) {
	case LUA_TBOOLEAN:
		k.number = lua_toboolean(L, index);
		break;
	case LUA_TNUMBER:
		k.rank = 1;
		k.number = lua_tonumber(L, index);
		break;
	case LUA_TSTRING:
		k.rank = 2;
		k.text = lua_tolstring(L, index, &k.len);
		break;
	default:
		k.rank = oto_to_addr(L, index, &k.addr) ? 3 : 4;
	}
	return k;
}

/* The keys of the table at 1, in order, as a list on the stack top. */
static lua_Integer push_keys(lua_State *L)
{
	lua_Integer n = 0;

	for (lua_pushnil(L); lua_next(L, 1); lua_settop(L, -2))
		n++;
	lua_createtable(L, (int)n, 0);
	int unsorted = lua_gettop(L);
	n = 0;
	for (lua_pushnil(L); lua_next(L, 1); lua_settop(L, -2)) {
		lua_pushvalue(L, -2);
		lua_rawseti(L, unsorted, ++n);
	}
	struct key *keys = lua_newuserdatauv(L, (size_t)n * sizeof *keys + 1, 0);
	for (lua_Integer i = 1; i <= n; i++) {
		lua_rawgeti(L, unsorted, i);
		keys[i - 1] = key_of(L, -1, (int)i);
		lua_settop(L, -2);
	}
	qsort(keys, (size_t)n, sizeof *keys, compare_keys);
	lua_createtable(L, (int)n, 0);
	for (lua_Integer i = 1; i <= n; i++) {
		lua_rawgeti(L, unsorted, keys[i - 1].at);
		lua_rawseti(L, -2, i);
	}
	lua_replace(L, unsorted);
	lua_settop(L, unsorted);
	return n;
}

/* upvalues: the keys, the position. What was removed meanwhile is passed over. */
static int step(lua_State *L)
{
	lua_Integer i = lua_tointeger(L, lua_upvalueindex(2));

	lua_settop(L, 1);
	for (;;) {
		if (lua_rawgeti(L, lua_upvalueindex(1), ++i) == LUA_TNIL)
			return 1;
		lua_pushvalue(L, -1);
		if (lua_rawget(L, 1) != LUA_TNIL)
			break;
		lua_settop(L, 1);
	}
	lua_pushinteger(L, i);
	lua_replace(L, lua_upvalueindex(2));
	return 2;
}

/* type_of(value): as type(), but what the engine made by the name of its kind. */
static int type_of(lua_State *L)
{
	static const char ours[] = "oto.";
	luaL_checkany(L, 1);
	const char *name = luaL_typename(L, 1);

	if (lua_type(L, 1) == LUA_TUSERDATA && luaL_getmetafield(L, 1, "__name") == LUA_TSTRING)
		name = lua_tostring(L, -1);
	lua_pushstring(L, strncmp(name, ours, sizeof ours - 1) == 0 ? name + sizeof ours - 1 : name);
	return 1;
}

static int sorted(lua_State *L)
{
	if (luaL_getmetafield(L, 1, "__pairs") != LUA_TNIL) {
		lua_pushvalue(L, 1);
		lua_call(L, 1, 3);
		return 3;
	}
	luaL_checktype(L, 1, LUA_TTABLE);
	lua_settop(L, 1);
	push_keys(L);
	lua_pushinteger(L, 0);
	lua_pushcclosure(L, step, 2);
	lua_pushvalue(L, 1);
	lua_pushnil(L);
	return 3;
}

/* ------------------------------------------------------------------------------------------------ small replacements */

/* As Lua's, without the address of a table or function: it would differ from run to run. */
static int tostring(lua_State *L)
{
	int type = lua_type(L, 1);
	bool bare = type == LUA_TTABLE || type == LUA_TFUNCTION || type == LUA_TUSERDATA || type == LUA_TTHREAD;

	luaL_checkany(L, 1);
	if (bare && luaL_getmetafield(L, 1, "__tostring") == LUA_TNIL)
		lua_pushstring(L, luaL_typename(L, 1));
	else
		luaL_tolstring(L, 1, NULL);
	return 1;
}

static struct oto_slice text_at(lua_State *L, int index)
{
	size_t len;
	const char *text = lua_tolstring(L, index, &len);

	return (struct oto_slice){ (const uint8_t *)text, (uint32_t)len };
}

/* What came from the wire may steer a terminal: only line ends and tabs stay what they are. */
static int print(lua_State *L)
{
	const struct oto_lua *lua = oto_lua_of(L);
	int n = lua_gettop(L);
	luaL_Buffer b;

	luaL_checkstack(L, n + 4, "too many values to print");
	luaL_buffinit(L, &b);
	for (int i = 1; i <= n; i++) {
		if (i > 1)
			luaL_addchar(&b, '\t');
		lua_pushcfunction(L, tostring);
		lua_pushvalue(L, i);
		lua_call(L, 1, 1);
		luaL_addvalue(&b);
	}
	luaL_addchar(&b, '\n');
	luaL_pushresult(&b);
	struct oto_buf shown = { 0 };
	oto_plain_lines(text_at(L, -1), &shown);
	if (lua->policy->print)
		lua->policy->print(lua->policy->print_who, shown.data, shown.len);
	else
		fwrite(shown.data, 1, shown.len, stdout);
	oto_buf_free(&shown);
	return 0;
}

/* Keys of asset.fact: a list of { key =, meaning =, use =, single = }. */
static int fact_keys(lua_State *L)
{
	uint32_t n;
	const struct oto_fact_key *keys = oto_fact_keys(&n);

	lua_createtable(L, (int)n, 0);
	for (uint32_t i = 0; i < n; i++) {
		lua_createtable(L, 0, 4);
		lua_pushstring(L, keys[i].key);
		lua_setfield(L, -2, "key");
		lua_pushstring(L, keys[i].meaning);
		lua_setfield(L, -2, "meaning");
		lua_pushstring(L, keys[i].use);
		lua_setfield(L, -2, "use");
		lua_pushboolean(L, keys[i].single);
		lua_setfield(L, -2, "single");
		lua_rawseti(L, -2, i + 1);
	}
	return 1;
}

static int printable(lua_State *L)
{
	struct oto_buf shown = { 0 };

	luaL_checkany(L, 1);
	luaL_tolstring(L, 1, NULL);
	oto_plain_text(text_at(L, -1), &shown);
	lua_pushlstring(L, shown.data ? shown.data : "", shown.len);
	oto_buf_free(&shown);
	return 1;
}

/* A finalizer runs whenever the collector likes, outside of budget and order. */
static int safe_setmetatable(lua_State *L)
{
	luaL_checktype(L, 1, LUA_TTABLE);
	if (lua_istable(L, 2)) {
		lua_pushliteral(L, "__gc");
		if (lua_rawget(L, 2) != LUA_TNIL)
			return luaL_error(L, "__gc is not available to scripts: when it runs differs from run to run");
		lua_settop(L, 2);
	}
	if (luaL_getmetafield(L, 1, "__metatable") != LUA_TNIL)
		return luaL_error(L, "cannot change a protected metatable");
	lua_settop(L, 2);
	lua_setmetatable(L, 1);
	return 1;
}

static int no_random(lua_State *L)
{
	return luaL_error(L, "math.random is not available to scripts: the same capture must give the same result");
}

/* ------------------------------------------------------------------------------------------------ strict globals */

static const struct {
	const char *name, *instead;
} absent[] = {
	{ "os", "the time of the packet is now() or e.ts; files and programs are out of reach" },
	{ "io", "print() writes to standard output, log.new to a log; files are out of reach" },
	{ "debug", "errors come with a traceback by themselves" },
	{ "load", "write a function, or a module and require it" },
	{ "loadstring", "write a function, or a module and require it" },
	{ "dofile", "write a module and require it" },
	{ "loadfile", "write a module and require it" },
	{ "package", "require looks beside the script, then in the library" },
	{ "collectgarbage", "memory is the engine's business" },
	{ "state", "a dissector keeps what belongs to a flow in cx.flow" },
	{ "on", "a dissector emits events; a script handles them" },
};

static int undefined_global(lua_State *L)
{
	const char *name = lua_tostring(L, 2);
	const char *known[256];
	char near[256];
	size_t n = 0;

	if (!name)
		return 0;
	for (size_t i = 0; i < sizeof absent / sizeof *absent; i++) {
		if (strcmp(absent[i].name, name) == 0)
			return luaL_error(L, "'%s' is not available here: %s", name, absent[i].instead);
	}
	for (lua_pushnil(L); lua_next(L, 1); lua_settop(L, -2)) {
		if (n < 256 && lua_type(L, -2) == LUA_TSTRING)
			known[n++] = lua_tostring(L, -2);
	}
	oto_near(near, sizeof near, name, known, n);
	return luaL_error(L, "undefined global '%s'%s", name, *near ? near : "; a variable of your own begins with local");
}

static int frozen_global(lua_State *L)
{
	return luaL_error(L, "a dissector has no global variables: write 'local %s'", luaL_tolstring(L, 2, NULL));
}

static int fields_of(lua_State *L, int table)
{
	int n = 0;

	for (lua_pushnil(L); lua_next(L, table); lua_settop(L, -2))
		n++;
	return n;
}

static void copy_table(lua_State *L, int from)
{
	lua_createtable(L, 0, fields_of(L, from));
	for (lua_pushnil(L); lua_next(L, from);) {
		lua_pushvalue(L, -2);
		lua_insert(L, -2);
		lua_rawset(L, -4);
	}
}

/* ------------------------------------------------------------------------------------------------ environments */

/* Each script and each module that it requires has a table of globals of its own, with copies of the libraries: one script cannot change
 * another's string.format. There are over a thousand, and each uses a few names only: what it was given comes into the table when it is
 * first named. Who names _G or assigns to what was given gets all at once, and sees a table like any other from then on: only who reads
 * _ENV raw sees the difference. */
#define GROWING "oto.environment.growing"
#define WHOLE "oto.environment.whole"

/* The value on the stack top, which all share, becomes that of the environment at 1. */
static void own(lua_State *L)
{
	lua_pushglobaltable(L);
	bool itself = lua_rawequal(L, -1, -2);

	lua_settop(L, -2);
	if (itself)
		lua_pushvalue(L, 1);
	else if (lua_istable(L, -1))
		copy_table(L, lua_gettop(L));
	else
		return;
	lua_replace(L, -2);
}

static int push_given(lua_State *L, int key)
{
	lua_pushglobaltable(L);
	lua_pushvalue(L, key);
	int type = lua_rawget(L, -2);

	lua_remove(L, -2);
	return type;
}

static void complete(lua_State *L)
{
	lua_pushglobaltable(L);
	int given = lua_gettop(L), key = given + 1;

	for (lua_pushnil(L); lua_next(L, given); lua_settop(L, key)) {
		lua_pushvalue(L, key);
		if (lua_rawget(L, 1) != LUA_TNIL)
			continue;
		lua_pushvalue(L, key);
		lua_pushvalue(L, key + 1);
		own(L);
		lua_rawset(L, 1);
	}
	lua_pushvalue(L, 1);
	luaL_setmetatable(L, WHOLE);
}

static int inherited(lua_State *L)
{
	const char *name = lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2) : "";

	if (push_given(L, 2) == LUA_TNIL || strcmp(name, "_G") == 0) {
		complete(L);
		lua_settop(L, 2);
		lua_pushvalue(L, 2);
		return lua_rawget(L, 1) != LUA_TNIL ? 1 : undefined_global(L);
	}
	own(L);
	lua_pushvalue(L, 2);
	lua_pushvalue(L, -2);
	lua_rawset(L, 1);
	return 1;
}

static int assigned(lua_State *L)
{
	if (push_given(L, 2) != LUA_TNIL)
		complete(L);
	else if (oto_lua_of(L)->dissectors)
		return frozen_global(L);
	lua_settop(L, 3);
	lua_rawset(L, 1);
	return 0;
}

static void define_environment(lua_State *L, const char *kind, lua_CFunction index, lua_CFunction newindex)
{
	lua_newtable(L);
	lua_pushcfunction(L, index);
	lua_setfield(L, -2, "__index");
	if (newindex) {
		lua_pushcfunction(L, newindex);
		lua_setfield(L, -2, "__newindex");
	}
	lua_pushboolean(L, false);
	lua_setfield(L, -2, "__metatable");
	lua_setfield(L, LUA_REGISTRYINDEX, kind);
}

static void push_environment(lua_State *L)
{
	lua_createtable(L, 0, 8);
	luaL_setmetatable(L, GROWING);
}

static int make_environment(lua_State *L)
{
	struct oto_script *s = lua_touserdata(L, 1);

	push_environment(L);
	s->env = luaL_ref(L, LUA_REGISTRYINDEX);
	lua_newtable(L);
	s->modules = luaL_ref(L, LUA_REGISTRYINDEX);
	return 0;
}

void oto_lua_environment(struct oto_lua *lua, struct oto_script *script)
{
	script->env = LUA_NOREF;
	lua_pushcfunction(lua->L, make_environment);
	lua_pushlightuserdata(lua->L, script);
	oto_lua_run(lua, script, 1, 0);
}

/* ------------------------------------------------------------------------------------------------ require */

static bool good_name(const char *name)
{
	if (!*name || *name == '.')
		return false;
	for (const char *p = name; *p; p++) {
		if (!isalnum((unsigned char)*p) && !strchr("_-.", *p))
			return false;
		if (*p == '.' && (p[1] == '.' || !p[1]))
			return false;
	}
	return true;
}

static bool module_path(char *out, size_t size, const char *dir, const char *name)
{
	int n = dir ? snprintf(out, size, "%s/%s", dir, name) : -1;

	if (n < 0 || (size_t)n + 5 > size)
		return false;
	for (char *p = out + strlen(dir) + 1; *p; p++) {
		if (*p == '.')
			*p = '/';
	}
	strcat(out, ".lua");
	return access(out, R_OK) == 0;
}

/* A script that is called as what it requires means the library's. */
static bool is_itself(const struct oto_script *s, const char *path)
{
	struct stat own, found;

	return stat(s->name, &own) == 0 && stat(path, &found) == 0 && own.st_dev == found.st_dev && own.st_ino == found.st_ino;
}

/* Beside the script, or in the library. */
static bool find_module(char *path, size_t size, const struct oto_lua *lua, const char *name)
{
	return (module_path(path, size, lua->now->dir, name) && !is_itself(lua->now, path)) ||
	       module_path(path, size, lua->policy->library, name);
}

/* What dissectors are made with: a table of its own for each, as of all libraries. */
static void push_oto(lua_State *L)
{
	lua_getfield(L, LUA_REGISTRYINDEX, "oto.module");
	copy_table(L, lua_gettop(L));
}

/* LPeg is the one C library that scripts may have; `re` is written on it. */
static bool is_lpeg(const char *name)
{
	return strcmp(name, "lpeg") == 0 || strcmp(name, "re") == 0;
}

static int require_lpeg(lua_State *L, const char *name)
{
	bool re = strcmp(name, "re") == 0;

	if (re) { /* which takes from LPeg what it finds there */
		require_lpeg(L, "lpeg");
		lua_pop(L, 1);
	}
	lua_getfield(L, LUA_REGISTRYINDEX, "oto.require");
	lua_pushstring(L, name);
	if (lua_pcall(L, 1, 1, 0) != LUA_OK)
		return luaL_error(L, "require \"%s\": LPeg is not installed (Debian: lua-lpeg)", name);
	if (re)
		return 1;
	bool counted = lua_getfield(L, -1, "otoscope") != LUA_TNIL;
	lua_pop(L, 1);
	if (!counted) {
		oto_lua_count_lpeg(L);
		lua_pushboolean(L, true);
		lua_setfield(L, -2, "otoscope");
	}
	return 1;
}

/* A module's text is compiled once: the function that came of it is kept by its path. What it holds is nobody's. Pushes it. */
static void push_compiled(lua_State *L, const char *path)
{
	struct oto_lua *lua = oto_lua_of(L);
	struct oto_script *now = lua->now;
	struct oto_error err = { "" };
	size_t len;

	luaL_getsubtable(L, LUA_REGISTRYINDEX, "oto.compiled");
	if (lua_getfield(L, -1, path) == LUA_TFUNCTION)
		return;
	lua_pushfstring(L, "@%s", path);
	char *code = oto_lua_read(path, &len, &err);
	if (!code)
		luaL_error(L, "%s", err.text);
	lua->now = NULL;
	int status = luaL_loadbufferx(L, code, len, lua_tostring(L, -1), "t");
	lua->now = now;
	free(code);
	if (status != LUA_OK)
		lua_error(L);
	lua_pushvalue(L, -1);
	lua_setfield(L, -5, path);
}

static void define_cell(lua_State *L)
{
	if (luaL_loadstring(L, "local held return function() return held end") != LUA_OK)
		lua_error(L);
	lua_setfield(L, LUA_REGISTRYINDEX, "oto.cell");
}

/* A function whose one upvalue nobody else has. */
static void push_cell(lua_State *L)
{
	lua_getfield(L, LUA_REGISTRYINDEX, "oto.cell");
	lua_call(L, 0, 1);
}

/* Runs a module, in an environment of its own though of one compiled function: the functions that it makes while it runs keep the _ENV that
 * it has then. Afterwards it has none, so that it holds no environment. What it gives is kept in the table at `modules` by `key`, and
 * pushed. */
static void load_module(lua_State *L, int modules, const char *key, const char *path)
{
	lua_pushlightuserdata(L, L); /* that it is being loaded */
	lua_setfield(L, modules, key);
	push_compiled(L, path);
	int function = lua_gettop(L);

	push_cell(L);
	push_environment(L);
	lua_setupvalue(L, -2, 1);
	lua_upvaluejoin(L, function, 1, function + 1, 1);
	lua_pushvalue(L, function);
	lua_call(L, 0, 1);
	push_cell(L);
	lua_upvaluejoin(L, function, 1, -1, 1);
	lua_settop(L, -2);
	if (lua_isnil(L, -1)) {
		lua_settop(L, -2);
		lua_pushboolean(L, true);
	}
	lua_pushvalue(L, -1);
	lua_setfield(L, modules, key);
}

static int still_loading(lua_State *L, const char *name)
{
	return luaL_error(L, "require \"%s\": it is still being loaded, or failed before", name);
}

static int load_shared(lua_State *L)
{
	lua_rawgeti(L, LUA_REGISTRYINDEX, oto_lua_of(L)->now->modules);
	load_module(L, lua_gettop(L), lua_tostring(L, 1), lua_tostring(L, 1));
	return 1;
}

/* Standard scripts, which know of each other, have one of each module together, kept by its path: to have it alone would cost each of them
 * the time to load it, its memory, and what it remembers. What a module does by itself is done as the library, which ends with no script.
 * Scripts of others have theirs alone: whatever they do to it, they do to nobody else. Pushes it. */
static void push_shared(lua_State *L, const char *name, const char *path)
{
	struct oto_lua *lua = oto_lua_of(L);
	struct oto_script *now = lua->now;
	char dir[4096];

	if (!lua->shared) {
		lua->shared = oto_lua_script(lua, "the library", ".");
		lua->shared->standard = true;
	}
	lua_rawgeti(L, LUA_REGISTRYINDEX, lua->shared->modules);
	int type = lua_getfield(L, -1, path);
	if (type == LUA_TLIGHTUSERDATA)
		still_loading(L, name);
	if (type != LUA_TNIL)
		return;
	lua_pushcfunction(L, load_shared);
	lua_pushstring(L, path);
	snprintf(dir, sizeof dir, "%.*s", (int)(strrchr(path, '/') - path), path);
	char *outer = lua->shared->dir;
	lua->shared->dir = dir; /* of the modules beside it */
	lua->now = lua->shared;
	int status = lua_pcall(L, 1, 1, 0);
	lua->now = now;
	lua->shared->dir = outer;
	if (status != LUA_OK)
		lua_error(L);
}

static int require(lua_State *L)
{
	struct oto_lua *lua = oto_lua_of(L);
	const char *name = luaL_checkstring(L, 1);
	char path[4096];

	if (!good_name(name))
		return luaL_error(L, "require \"%s\": a module's name has letters, digits, '_', '-' and single dots", name);
	if (!lua->now)
		return luaL_error(L, "require works in scripts only");
	lua_rawgeti(L, LUA_REGISTRYINDEX, lua->now->modules);
	int modules = lua_gettop(L);
	if (lua_getfield(L, modules, name) == LUA_TLIGHTUSERDATA)
		return still_loading(L, name);
	if (!lua_isnil(L, -1))
		return 1;
	if (strcmp(name, "oto") == 0)
		push_oto(L);
	else if (is_lpeg(name))
		require_lpeg(L, name);
	else if (!find_module(path, sizeof path, lua, name))
		return luaL_error(L, "require \"%s\": no %s.lua beside the script (%s) or in the library (%s)", name, name, lua->now->dir,
				  lua->policy->library ? lua->policy->library : "none given");
	else if (lua->now->standard)
		push_shared(L, name, path);
	else
		load_module(L, modules, name, path);
	lua_pushvalue(L, -1);
	lua_setfield(L, modules, name);
	return 1;
}

/* ------------------------------------------------------------------------------------------------ the state's globals */

static void open_libraries(lua_State *L)
{
	static const luaL_Reg libraries[] = { { LUA_GNAME, luaopen_base },         { LUA_STRLIBNAME, luaopen_string },
					      { LUA_TABLIBNAME, luaopen_table },   { LUA_MATHLIBNAME, luaopen_math },
					      { LUA_UTF8LIBNAME, luaopen_utf8 },   { LUA_COLIBNAME, luaopen_coroutine },
					      { LUA_LOADLIBNAME, luaopen_package } };

	for (size_t i = 0; i < sizeof libraries / sizeof *libraries; i++) {
		luaL_requiref(L, libraries[i].name, libraries[i].func, 1);
		lua_settop(L, -2);
	}
	lua_getglobal(L, "require");
	lua_setfield(L, LUA_REGISTRYINDEX, "oto.require");
}

static void remove_globals(lua_State *L)
{
	static const char *const names[] = { "package", "require", "load", "loadstring", "loadfile", "dofile", "collectgarbage", "warn" };

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		lua_pushnil(L);
		lua_setglobal(L, names[i]);
	}
}

static void tame_strings(lua_State *L)
{
	lua_getglobal(L, "string");
	oto_lua_count_patterns(L);
	wrap(L, "rep", rep, 1);
	lua_pushnil(L);
	lua_setfield(L, -2, "dump");
	/* The methods of strings: a copy that no script reaches. */
	lua_pushliteral(L, "");
	lua_getmetatable(L, -1);
	copy_table(L, lua_gettop(L) - 2);
	lua_setfield(L, -2, "__index");
	lua_pushboolean(L, false);
	lua_setfield(L, -2, "__metatable");
	lua_settop(L, -4);
}

/* What only scripts have: a dissector emits, and others handle. */
static void open_words(struct oto_lua *lua)
{
	oto_lua_handlers(lua);
	oto_lua_timers(lua);
	oto_lua_events(lua);
	oto_lua_logs(lua);
	oto_lua_commands(lua);
	oto_lua_stores(lua);
	oto_lua_echoes(lua);
	oto_lua_tallies(lua);
	oto_lua_ranges(lua);
	oto_lua_sums(lua);
	oto_lua_rhythms(lua);
	oto_lua_ledgers(lua);
	oto_lua_tabbed(lua);
}

/* All scripts share what stores, tallies, logs and handles can do: none gets at their metatables. */
static void close_metatables(lua_State *L)
{
	for (lua_pushnil(L); lua_next(L, LUA_REGISTRYINDEX); lua_pop(L, 1)) {
		if (!lua_istable(L, -1))
			continue;
		bool named = lua_getfield(L, -1, "__name") == LUA_TSTRING;
		lua_pop(L, 1);
		if (!named)
			continue;
		lua_pushboolean(L, false);
		lua_setfield(L, -2, "__metatable");
	}
}

void oto_lua_library(struct oto_lua *lua)
{
	static const luaL_Reg replaced[] = { { "pairs", sorted },
					     { "sorted", sorted },
					     { "type_of", type_of },
					     { "unknown_key", oto_lua_unknown_key },
					     { "tostring", tostring },
					     { "print", print },
					     { "printable", printable },
					     { "fact_keys", fact_keys },
					     { "setmetatable", safe_setmetatable },
					     { "require", require },
					     { 0 } };
	lua_State *L = lua->L;

	open_libraries(L);
	remove_globals(L);
	tame_strings(L);
	lua_pushglobaltable(L);
	luaL_setfuncs(L, replaced, 0);
	wrap(L, "pcall", catching, 0);
	wrap(L, "xpcall", catching, 0);
	lua_getfield(L, -1, "coroutine");
	wrap(L, "resume", catching, 0);
	wrap(L, "create", counted, 0);
	wrap(L, "wrap", counted, 0);
	lua_getfield(L, -2, "math");
	lua_pushcfunction(L, no_random);
	lua_setfield(L, -2, "random");
	lua_pushcfunction(L, no_random);
	lua_setfield(L, -2, "randomseed");
	lua_settop(L, -4);
	lua_newtable(L);
	lua_setfield(L, LUA_REGISTRYINDEX, "oto.module");
	define_environment(L, GROWING, inherited, assigned);
	define_environment(L, WHOLE, undefined_global, lua->dissectors ? frozen_global : NULL);
	define_cell(L);
	oto_lua_analyzers(lua);
	if (!lua->dissectors)
		open_words(lua);
	close_metatables(L);
}
