/* policy_log.c - logs of scripts: log.new declares one, log.filter looks at finished rows, log.off switches one off. See log.h.
 *
 * A script's log is an event type of its own that carries a log specification, so that its rows take the way of all others.
 */
#include "policy_private.h"

#include <stdlib.h>

struct oto_log_function {
	struct oto_log_function *next;
	struct oto_script *script;
	char *log;
	int function; /* LUA_NOREF: the log is off; LUA_REFNIL: the script is ended */
};

struct lua_log {
	struct oto_declared *declared;
};

/* ------------------------------------------------------------------------------------------------ log.new */

static int log_write(lua_State *L)
{
	struct lua_log *log = oto_type_check(L, 1, OTO_TYPE_LOG);
	int64_t ts = INT64_MIN;

	luaL_checktype(L, 2, LUA_TTABLE);
	if (lua_getfield(L, 2, "ts") != LUA_TNIL && !oto_to_time(L, -1, &ts))
		return luaL_error(L, "a row's ts is a time");
	if (ts != INT64_MIN) {
		/* ts is the head's: the row is filled from a copy without it. */
		lua_newtable(L);
		int copy = lua_gettop(L);
		for (lua_pushnil(L); lua_next(L, 2);) {
			lua_pushvalue(L, -2);
			lua_insert(L, -2);
			lua_rawset(L, copy);
		}
		lua_pushnil(L);
		lua_setfield(L, copy, "ts");
		lua_replace(L, 2);
	}
	oto_declared_raise(L, log->declared, 2, ts);
	return 0;
}

/* The columns without ts, which every log has, as the declaration of an event type. */
static void push_declaration(lua_State *L)
{
	lua_Integer at = 0;

	if (lua_getfield(L, 1, "columns") != LUA_TTABLE)
		luaL_error(L, "log.new needs columns = { { \"name\", \"type\", \"meaning\" }, ... }");
	int columns = lua_gettop(L), n = (int)lua_rawlen(L, columns);
	lua_newtable(L);
	for (int i = 1; i <= n; i++) {
		if (lua_rawgeti(L, columns, i) != LUA_TTABLE)
			luaL_error(L, "log.new: column %d is not { \"name\", \"type\" }", i);
		bool is_ts = lua_rawgeti(L, -1, 1) == LUA_TSTRING && strcmp(lua_tostring(L, -1), "ts") == 0;
		lua_settop(L, -2);
		if (is_ts)
			lua_settop(L, -2);
		else
			lua_rawseti(L, columns + 1, ++at);
	}
	if (lua_getfield(L, 1, "doc") == LUA_TSTRING)
		lua_setfield(L, columns + 1, "doc");
	lua_settop(L, columns + 1);
	lua_remove(L, columns);
}

/* What oto_declared_log reads: key, where, form, doc of the script; id only when asked for. */
static void push_specification(lua_State *L)
{
	static const char *const taken[] = { "key", "where", "form", "doc", "id" };

	lua_newtable(L);
	for (size_t i = 0; i < sizeof taken / sizeof *taken; i++) {
		lua_getfield(L, 1, taken[i]);
		lua_setfield(L, -2, taken[i]);
	}
	if (lua_getfield(L, -1, "id") == LUA_TNIL) {
		lua_pushboolean(L, false);
		lua_setfield(L, -3, "id");
	}
	lua_settop(L, -2);
}

static int log_new(lua_State *L)
{
	struct oto_policy *p = oto_lua_of(L)->policy;
	struct oto_error err = { "" };

	luaL_checktype(L, 1, LUA_TTABLE);
	lua_settop(L, 1);
	OTO_CHECK_KEYS(L, 1, false, "log.new", "name", "doc", "columns", "key", "where", "form", "id");
	if (lua_getfield(L, 1, "name") != LUA_TSTRING)
		return luaL_error(L, "log.new needs a name");
	const char *name = lua_tostring(L, 2);
	push_declaration(L);
	const char *type = lua_pushfstring(L, "log.%s", name);
	struct oto_declared *d = oto_declare(L, 3, type, false);
	push_specification(L);
	oto_declared_log(L, d, lua_gettop(L), name);
	oto_declared_register(L, d);
	if (p->started && !oto_logs_attach(p->engine->logs, &err))
		return luaL_error(L, "%s", err.text);
	struct lua_log *log = lua_newuserdatauv(L, sizeof *log, 0);
	log->declared = d;
	oto_type_give(L, OTO_TYPE_LOG);
	return 1;
}

/* ------------------------------------------------------------------------------------------------ log.filter, log.off */

static bool call_filter(struct oto_policy *p, struct oto_log_function *f, const struct oto_event *event)
{
	struct oto_lua *lua = &p->scripts;
	const struct oto_event *outer = p->event;
	bool keep = true;

	if (f->function == LUA_NOREF || f->function == LUA_REFNIL)
		return f->function == LUA_REFNIL;
	p->event = event;
	lua->generation++;
	lua_rawgeti(lua->L, LUA_REGISTRYINDEX, f->function);
	oto_push_view(lua->L, event);
	if (oto_lua_run(lua, f->script, 1, 1)) {
		keep = lua_isnil(lua->L, -1) || lua_toboolean(lua->L, -1);
		lua_pop(lua->L, 1);
	}
	lua->generation++;
	p->event = outer;
	return keep;
}

/* A row is written unless a function says false. */
static bool filter(void *who, const char *log, const struct oto_event *event)
{
	struct oto_policy *p = who;

	for (struct oto_log_function *f = p->log_functions; f; f = f->next) {
		if (strcmp(f->log, log) == 0 && !call_filter(p, f, event))
			return false;
	}
	return true;
}

/* What the script kept out of a log is let in again; what it switched off stays off. */
void oto_lua_logs_end(struct oto_policy *p, const struct oto_script *script)
{
	for (struct oto_log_function *f = p->log_functions; f; f = f->next) {
		if (f->script != script || f->function == LUA_NOREF)
			continue;
		luaL_unref(p->scripts.L, LUA_REGISTRYINDEX, f->function);
		f->function = LUA_REFNIL;
	}
}

static bool is_log(const struct oto_policy *p, const char *name, const char **known, size_t *n, size_t most)
{
	uint32_t ntypes;
	struct oto_event_def *const *types = oto_bus_types(p->engine->bus, &ntypes);
	bool found = false;

	for (uint32_t i = 0; i < ntypes; i++) {
		for (uint32_t k = 0; k < types[i]->type->nlogs; k++) {
			struct oto_log spec = oto_log_spec(types[i]->type, k);
			found |= strcmp(spec.name, name) == 0;
			if (*n < most)
				known[(*n)++] = spec.name;
		}
	}
	return found;
}

static void add(lua_State *L, int function)
{
	struct oto_policy *p = oto_lua_of(L)->policy;
	const char *name = luaL_checkstring(L, 1), *known[512];
	size_t n = 0;
	char near[256];

	if (!is_log(p, name, known, &n, 512))
		luaL_error(L, "there is no log '%s'%s", name, oto_near(near, sizeof near, name, known, n));
	struct oto_log_function *f = oto_calloc(1, sizeof *f), **end = &p->log_functions;
	while (*end)
		end = &(*end)->next;
	*f = (struct oto_log_function){ .script = oto_lua_of(L)->now, .log = oto_strdup(name), .function = function };
	*end = f;
	oto_logs_filter(p->engine->logs, filter, p);
}

static int log_filter(lua_State *L)
{
	luaL_checktype(L, 2, LUA_TFUNCTION);
	lua_settop(L, 2);
	add(L, luaL_ref(L, LUA_REGISTRYINDEX));
	return 0;
}

static int log_off(lua_State *L)
{
	add(L, LUA_NOREF);
	return 0;
}

void oto_lua_logs(struct oto_lua *lua)
{
	static const luaL_Reg methods[] = { { "write", log_write }, { 0 } };
	static const luaL_Reg meta[] = { { "__call", log_write }, { 0 } };
	static const luaL_Reg functions[] = { { "new", log_new }, { "filter", log_filter }, { "off", log_off }, { 0 } };
	lua_State *L = lua->L;

	oto_type_define(L, OTO_TYPE_LOG, "oto.log", meta, methods);
	luaL_newlib(L, functions);
	lua_setglobal(L, "log");
}

void oto_lua_logs_free(struct oto_policy *p)
{
	for (struct oto_log_function *f = p->log_functions, *next; f; f = next) {
		next = f->next;
		free(f->log);
		free(f);
	}
}
