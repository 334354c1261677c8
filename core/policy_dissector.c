/* policy_dissector.c - analyzers written in Lua: one file returns a table, and to the engine it is a struct oto_analyzer like any other.
 *
 * Loads the file, and calls its functions through the trampolines below. PDUs cross as Lua strings. A read past the end ("data string too
 * short") marks the cursor bad, as in C; any other error is the script's: what the PDU said is taken back, the error is counted and
 * reported.
 */
#include "policy_dissector.h"

#include <stdlib.h>

#define LOOK_AHEAD 4096u /* bytes that probe and pdu_len see at first */

static struct oto_lua_dissector *dissector_of(const struct oto_ctx *cx)
{
	return (struct oto_lua_dissector *)((char *)(uintptr_t)cx->self - offsetof(struct oto_lua_dissector, a));
}

/* ------------------------------------------------------------------------------------------------ trampolines */

/* Pushes the function; *outer is what cx stood for before, when a parent delivers to the same analyzer. Until the call nothing may fail: an
 * error would jump over the engine's own functions. */
static lua_State *enter(const struct oto_ctx *cx, int function, struct oto_ctx **outer)
{
	struct oto_lua_dissector *d = dissector_of(cx);
	lua_State *L = d->policy->dissectors.L;

	*outer = d->cx->now;
	d->cx->now = (struct oto_ctx *)(uintptr_t)cx;
	d->policy->dissectors.bounded = false;
	lua_rawgeti(L, LUA_REGISTRYINDEX, function);
	return L;
}

static bool was_truncation(lua_State *L)
{
	const char *message = lua_tostring(L, -1);
	return message && strstr(message, "data string too short");
}

static int failed(struct oto_lua_dissector *d, const struct oto_bus_mark *mark)
{
	struct oto_lua *lua = &d->policy->dissectors;

	if (was_truncation(lua->L)) {
		lua_pop(lua->L, 1);
		return 0;
	}
	if (mark)
		oto_bus_rewind(d->policy->engine->bus, *mark);
	oto_lua_report(lua, d->script);
	return -1;
}

/* The call below nargs arguments. 1 done, 0 the data was too short, -1 an error: everything emitted since the mark is taken back, because
 * half a PDU's events are worse than none, and the error is reported. */
static int call_from(const struct oto_ctx *cx, int nargs, int nresults, struct oto_ctx *outer, const struct oto_bus_mark *mark)
{
	struct oto_lua_dissector *d = dissector_of(cx);
	struct oto_lua *lua = &d->policy->dissectors;
	bool ok = oto_lua_call(lua, d->script, nargs, nresults);

	d->cx->now = outer;
	int done = ok ? 1 : failed(d, mark);
	lua->bounded = lua->now != NULL; /* again that of the Lua function that delivered to us */
	return done;
}

static int call(const struct oto_ctx *cx, int nargs, int nresults, struct oto_ctx *outer)
{
	return call_from(cx, nargs, nresults, outer, NULL);
}

static void push_data(lua_State *L, const struct oto_cur *c, uint32_t most)
{
	uint32_t n = oto_left(c) < most ? oto_left(c) : most;

	lua_pushlstring(L, n ? (const char *)c->at : "", n);
}

static enum oto_answer probe(const struct oto_ctx *cx, struct oto_cur c)
{
	struct oto_ctx *outer;
	lua_State *L = enter(cx, dissector_of(cx)->probe, &outer);

	push_data(L, &c, LOOK_AHEAD);
	lua_rawgeti(L, LUA_REGISTRYINDEX, dissector_of(cx)->context);
	int done = call(cx, 2, 1, outer);
	if (done <= 0)
		return done == 0 ? OTO_NEED_MORE : OTO_NOT_MINE;
	enum oto_answer answer = lua_isnil(L, -1) ? OTO_NEED_MORE : lua_toboolean(L, -1) ? OTO_MINE : OTO_NOT_MINE;
	lua_pop(L, 1);
	return answer;
}

static int64_t pdu_len_of(const struct oto_ctx *cx, const struct oto_cur *c, uint32_t most)
{
	struct oto_ctx *outer;
	lua_State *L = enter(cx, dissector_of(cx)->pdu_len, &outer);

	push_data(L, c, most);
	lua_rawgeti(L, LUA_REGISTRYINDEX, dissector_of(cx)->context);
	int done = call(cx, 2, 1, outer);
	if (done <= 0)
		return done;
	int64_t n = lua_isnil(L, -1) ? 0 : lua_isnumber(L, -1) ? (int64_t)lua_tointeger(L, -1) : -1;
	lua_pop(L, 1);
	return n < 0 ? -1 : n;
}

static int64_t pdu_len(const struct oto_ctx *cx, struct oto_cur c)
{
	int64_t n = pdu_len_of(cx, &c, LOOK_AHEAD);

	return n == 0 && oto_left(&c) > LOOK_AHEAD ? pdu_len_of(cx, &c, UINT32_MAX) : n;
}

static void pdu(struct oto_ctx *cx, struct oto_cur *c)
{
	struct oto_lua_dissector *d = dissector_of(cx);
	struct oto_bus_mark mark = oto_bus_mark(d->policy->engine->bus);
	struct oto_ctx *outer;
	lua_State *L = enter(cx, d->pdu, &outer);

	lua_rawgeti(L, LUA_REGISTRYINDEX, d->context);
	push_data(L, c, UINT32_MAX);
	int done = call_from(cx, 2, 0, outer, &mark);
	if (done == 0)
		c->bad = true;
	if (done < 0)
		oto_weird(cx, "script_error", oto_slice_of(d->script->name));
}

static void gap(struct oto_ctx *cx, uint64_t n)
{
	struct oto_ctx *outer;
	lua_State *L = enter(cx, dissector_of(cx)->gap, &outer);

	lua_rawgeti(L, LUA_REGISTRYINDEX, dissector_of(cx)->context);
	lua_pushinteger(L, (lua_Integer)n);
	call(cx, 2, 0, outer);
}

static void unanswered(struct oto_ctx *cx, const void *note)
{
	struct oto_lua_dissector *d = dissector_of(cx);
	struct oto_ctx *outer;
	lua_State *L = enter(cx, d->unanswered, &outer);

	lua_rawgeti(L, LUA_REGISTRYINDEX, d->context);
	oto_dissector_unpack(L, d, note);
	call(cx, 2, 0, outer);
}

/* The flow's table is given back. */
static void ended(struct oto_ctx *cx)
{
	int *flow = cx->state;

	if (*flow)
		luaL_unref(dissector_of(cx)->policy->dissectors.L, LUA_REGISTRYINDEX, *flow);
	*flow = 0;
}

/* ------------------------------------------------------------------------------------------------ loading */

static int function_of(lua_State *L, const char *name)
{
	if (lua_getfield(L, -1, name) == LUA_TFUNCTION)
		return luaL_ref(L, LUA_REGISTRYINDEX);
	lua_pop(L, 1);
	return LUA_NOREF;
}

/* An absent function is never called. */
static bool connect(struct oto_lua_dissector *d, lua_State *L, struct oto_error *err)
{
	struct oto_analyzer *a = &d->a;
	char near[256];
	const char *unknown = oto_dissector_unknown_part(L, near, sizeof near);

	if (unknown)
		return oto_fail(err, "analyzer %s has no '%s'%s; what it needs for itself is local", a->name, unknown, near);
	d->probe = function_of(L, "probe");
	d->pdu_len = function_of(L, "pdu_len");
	d->pdu = function_of(L, "pdu");
	d->gap = function_of(L, "gap");
	d->unanswered = function_of(L, "unanswered");
	if (d->pdu == LUA_NOREF)
		return oto_fail(err, "analyzer %s has no function pdu(cx, data)", a->name);
	a->probe = d->probe == LUA_NOREF ? NULL : probe;
	a->pdu_len = d->pdu_len == LUA_NOREF ? NULL : pdu_len;
	a->pdu = pdu;
	a->gap = d->gap == LUA_NOREF ? NULL : gap;
	a->unanswered = d->unanswered == LUA_NOREF ? NULL : unanswered;
	a->ended = ended;
	d->registered = true;
	return oto_analyzers_add(d->policy->engine->analyzers, a, err);
}

bool oto_dissector_load(struct oto_policy *p, const char *path, const char *code, size_t len, struct oto_error *err)
{
	struct oto_lua *lua = &p->dissectors;
	const char *slash = strrchr(path, '/');
	char dir[4096];
	struct oto_error why = { "" };

	snprintf(dir, sizeof dir, "%.*s", slash ? (int)(slash - path) : 1, slash ? path : ".");
	struct oto_script *script = oto_lua_script(lua, path, dir);
	if (!oto_lua_load(lua, script, code, len, 1, err))
		return false;
	struct oto_lua_dissector *d = p->dissector_list;
	if (!d || d->script != script || d->registered || !lua_istable(lua->L, -1)) {
		lua_pop(lua->L, 1);
		return oto_fail(err, "%s: a dissector ends with 'return' of its one oto.analyzer{...}", path);
	}
	bool ok = connect(d, lua->L, &why);
	lua_pop(lua->L, 1);
	return ok || oto_fail(err, "%s: %s", path, why.text);
}

/* In the policy state: this file is a dissector; the loader starts over in the other state. */
static int not_here(lua_State *L)
{
	lua_pushlightuserdata(L, (void *)(uintptr_t)&oto_dissector_sentinel);
	return lua_error(L);
}

void oto_lua_analyzers(struct oto_lua *lua)
{
	lua_State *L = lua->L;

	oto_dissector_context_open(L);
	lua_newtable(L);
	lua_pushcfunction(L, lua->dissectors ? oto_dissector_new : not_here);
	lua_setfield(L, -2, "analyzer");
	lua_setfield(L, LUA_REGISTRYINDEX, "oto.module");
}

void oto_dissectors_free(struct oto_policy *p)
{
	for (struct oto_lua_dissector *d = p->dissector_list, *next; d; d = next) {
		next = d->next;
		oto_dissector_words_free(d);
		oto_arena_free(&d->memory);
		free(d);
	}
}
