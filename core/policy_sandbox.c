/* policy_sandbox.c - a Lua state and its limits: counted memory, protected calls, scripts by name.
 *
 * Every block carries the number of the script that made it in two bytes behind its end, so that what a script holds is known exactly,
 * whoever runs when the collector frees it. The instruction budget of a call is policy_watch.c's. Once it is spent every further look
 * raises again, so that no pcall survives it.
 */
#include "policy_private.h"

#include <errno.h>
#include <stdlib.h>

#define MANY_BLOCKS 50000 /* of a call that lasts */
#define MOST_OVERRUNS 20  /* calls of a script, one after the other, that spend their budget */
#define FIRST_REPORTS 10  /* errors of a script that are printed each; then every tenfold */
#define GROWTH 3          /* of what a collection left, before the next */

const char oto_dissector_sentinel = 0;

/* ------------------------------------------------------------------------------------------------ memory */

static void owner_set(void *block, size_t size, uint16_t owner)
{
	memcpy((char *)block + size, &owner, sizeof owner);
}

static uint16_t owner_of(const void *block, size_t size)
{
	uint16_t owner;
	memcpy(&owner, (const char *)block + size, sizeof owner);
	return owner;
}

static void charge(struct oto_lua *lua, uint16_t owner, size_t more, size_t less)
{
	lua->memory += more - less;
	if (lua->memory > lua->peak)
		lua->peak = lua->memory;
	if (owner < lua->nscripts)
		lua->scripts[owner]->memory += more - less;
}

/* A block of `size` bytes and its owner. Small ones come from lists by size: values of scripts come and go with every event. */
#if defined(__SANITIZE_ADDRESS__)
#define POOLED 0u /* each block by itself, so that misuse is seen */
#else
#define POOLED 512u
#endif

static void give_back(struct oto_lua *lua, void *block, size_t size)
{
	if (size <= POOLED)
		oto_pool_put(&lua->pool, block, size);
	else
		free(block);
}

static void *resized(struct oto_lua *lua, void *block, size_t old, size_t size)
{
	if (size > POOLED && (!block || old > POOLED))
		return realloc(block, size);
	void *p = size > POOLED ? malloc(size) : oto_pool_get_dirty(&lua->pool, size);
	if (p && block) {
		memcpy(p, block, old < size ? old : size);
		give_back(lua, block, old);
	}
	return p;
}

static void drop(struct oto_lua *lua, void *block, size_t size)
{
	size_t whole = size + sizeof(uint16_t);

	if (!lua->closing) {
		charge(lua, owner_of(block, size), 0, size);
		give_back(lua, block, whole);
	} else if (whole > POOLED) { /* the others go with the pool */
		free(block);
	}
}

static void *counted(void *who, void *block, size_t old, size_t size)
{
	struct oto_lua *lua = who;

	if (size == 0) {
		if (block)
			drop(lua, block, old);
		return NULL;
	}
	uint16_t owner = block ? owner_of(block, old) : lua->now ? lua->now->id : UINT16_MAX;
	if (!block)
		old = 0; /* for a new block Lua passes its type here */
	if (__builtin_expect(++lua->watch.blocks == MANY_BLOCKS, 0) && lua->now)
		oto_watch_lasts(lua);
	if (lua->bounded && size > old && lua->memory + (size - old) > lua->limit) {
		lua->over_memory = true;
		return NULL; /* Lua collects and asks again, then raises "not enough memory" */
	}
	void *p = resized(lua, block, old + sizeof owner, size + sizeof owner);
	if (!p)
		return NULL;
	owner_set(p, size, owner);
	charge(lua, owner, size, old);
	return p;
}

/* The modules that standard scripts have together are in nobody's way. */
static struct oto_script *heaviest(const struct oto_lua *lua)
{
	struct oto_script *most = NULL;

	for (uint16_t i = 0; i < lua->nscripts; i++) {
		if (lua->scripts[i] != lua->shared && (!most || lua->scripts[i]->memory > most->memory))
			most = lua->scripts[i];
	}
	return most;
}

/* ------------------------------------------------------------------------------------------------ protected calls */

/* Short reads are a dissector's daily bread: they need no traceback. */
static bool is_truncation(const char *message)
{
	return strstr(message, "data string too short") != NULL;
}

static bool has_position(const char *message)
{
	const char *colon = strchr(message, ':');
	size_t digits = colon ? strspn(colon + 1, "0123456789") : 0;

	return digits && colon[1 + digits] == ':';
}

/* What a C function says that another C function called comes without a line: the script's is meant. */
static const char *with_position(lua_State *L, const char *message)
{
	lua_Debug ar;

	if (has_position(message))
		return message;
	for (int level = 1; lua_getstack(L, level, &ar); level++) {
		if (lua_getinfo(L, "Sl", &ar) && ar.currentline > 0)
			return lua_pushfstring(L, "%s:%d: %s", ar.short_src, ar.currentline, message);
	}
	return message;
}

static int traceback(lua_State *L)
{
	const char *message = lua_tostring(L, 1);

	if (lua_islightuserdata(L, 1) || (message && is_truncation(message)))
		return 1;
	if (!message && luaL_callmeta(L, 1, "__tostring") && lua_type(L, -1) == LUA_TSTRING)
		message = lua_tostring(L, -1);
	if (message && oto_lua_of(L)->answering && !has_position(message))
		return 1;
	if (!message) /* its address would differ from run to run */
		message = lua_pushfstring(L, "error() was called with a %s instead of a message", luaL_typename(L, 1));
	luaL_traceback(L, L, with_position(L, message), 1);
	return 1;
}

/* What an error shows of the C side and of our own library helps nobody. */
static void tidy(lua_State *L)
{
	const char *text = lua_tostring(L, -1), *end = text ? strstr(text, "\n\t[C]: in ?") : NULL;

	if (!end || end[strlen("\n\t[C]: in ?")] != '\0')
		return;
	lua_pushlstring(L, text, (size_t)(end - text));
	lua_replace(L, -2);
}

/* The memory is full: one script must go so that the others can go on, and it is the one that holds the most. What it holds hangs on its
 * handlers, timers and globals. A dissector stays: its flows end, and their tables with them. */
static void end_script(struct oto_lua *lua, struct oto_script *script)
{
	oto_handlers_end(lua->policy, script);
	oto_lua_timers_end(lua->policy, script);
	oto_lua_logs_end(lua->policy, script);
	if (script == lua->shared)
		return; /* others call its functions */
	luaL_unref(lua->L, LUA_REGISTRYINDEX, script->env);
	luaL_unref(lua->L, LUA_REGISTRYINDEX, script->modules);
	script->env = script->modules = LUA_NOREF;
	lua_gc(lua->L, LUA_GCCOLLECT);
}

static void end_heaviest(struct oto_lua *lua)
{
	struct oto_script *most = heaviest(lua);

	lua_pushfstring(lua->L, "memory limit of %I bytes is reached; the most is held by %s (%I bytes)%s", (lua_Integer)lua->limit,
			most ? most->name : "nobody", most ? (lua_Integer)most->memory : 0, lua->dissectors ? "" : ", which is ended");
	lua_replace(lua->L, -2);
	if (!most || lua->dissectors)
		return;
	end_script(lua, most);
}

/* One whose calls all spend their budget takes the time of the others, and does nothing with it. */
static void count_overrun(struct oto_lua *lua, struct oto_script *script)
{
	lua->policy->stats.over_budget++;
	if (lua->dissectors || ++script->overruns != MOST_OVERRUNS)
		return;
	lua_pushfstring(lua->L, "%s\nthat was the %dth time in a row: %s is ended", lua_tostring(lua->L, -1), MOST_OVERRUNS, script->name);
	lua_replace(lua->L, -2);
	end_script(lua, script);
}

bool oto_lua_call(struct oto_lua *lua, struct oto_script *script, int nargs, int nresults)
{
	struct oto_script *outer = lua->now;
	bool outermost = lua->now == NULL, was_bounded = lua->bounded;

	if (outermost)
		oto_watch_begin(lua);
	lua->now = script;
	lua->bounded = true;
	script->calls++;
	lua->policy->stats.calls++;
	int status = lua_pcall(lua->L, nargs, nresults, 1);
	lua->now = outer;
	lua->bounded = was_bounded;
	if (outermost)
		oto_watch_end(lua);
	if (__builtin_expect(status == LUA_OK, 1)) {
		script->overruns = 0;
		return true;
	}
	if (status == LUA_ERRMEM)
		end_heaviest(lua);
	tidy(lua->L);
	if (lua->over_budget && outermost)
		count_overrun(lua, script);
	return false;
}

static bool worth_printing(uint64_t n)
{
	while (n >= 10 * FIRST_REPORTS && n % 10 == 0)
		n /= 10;
	return n <= FIRST_REPORTS;
}

static struct oto_slice kept(struct oto_policy *p, const char *text, size_t len)
{
	void *copy = len ? oto_bus_scratch(p->engine->bus, len) : NULL;

	if (!copy)
		return (struct oto_slice){ 0 };
	return (struct oto_slice){ memcpy(copy, text, len), (uint32_t)len };
}

static void announce(struct oto_policy *p, struct oto_script *script, const char *text)
{
	size_t first = strcspn(text, "\n");
	struct oto_script_error e = { .script = script->name, .count = script->errors };

	if (p->reporting || !p->script_error) /* a handler of script.error that fails must not feed itself */
		return;
	e.message = kept(p, text, first);
	e.trace = kept(p, text + first, strlen(text + first));
	const struct oto_head *head = p->event ? p->event->head : oto_engine_head(p->engine, NULL, OTO_ORIG);
	oto_bus_emit(p->engine->bus, p->script_error, head, &e);
}

void oto_lua_report(struct oto_lua *lua, struct oto_script *script)
{
	struct oto_policy *p = lua->policy;
	const char *text = lua_tostring(lua->L, -1);

	script->errors++;
	p->stats.errors++;
	if (!text)
		text = "error without a message";
	bool last = lua->over_budget && script->overruns == MOST_OVERRUNS;
	if (!p->quiet && (last || worth_printing(script->errors))) {
		struct oto_buf shown = { 0 };
		oto_plain_lines(oto_slice_of(text), &shown);
		fflush(stdout);
		fprintf(stderr, "otoscope: script error%s: %.*s\n", lua->over_budget ? " (budget)" : "", (int)shown.len, shown.data);
		oto_buf_free(&shown);
		if (script->errors >= FIRST_REPORTS)
			fprintf(stderr, "otoscope: %s: %llu errors so far; further ones are shown at every tenfold\n", script->name,
				(unsigned long long)script->errors);
	}
	announce(p, script, text);
	lua_pop(lua->L, 1);
}

bool oto_lua_run(struct oto_lua *lua, struct oto_script *script, int nargs, int nresults)
{
	if (__builtin_expect(oto_lua_call(lua, script, nargs, nresults), 1))
		return true;
	oto_lua_report(lua, script);
	return false;
}

bool oto_lua_fail(struct oto_lua *lua, struct oto_error *err)
{
	const char *text = lua_tostring(lua->L, -1);

	oto_fail(err, "%s", text ? text : "error without a message");
	lua_pop(lua->L, 1);
	return false;
}

/* ------------------------------------------------------------------------------------------------ scripts */

struct oto_script *oto_lua_script(struct oto_lua *lua, const char *name, const char *dir)
{
	struct oto_script *s = oto_calloc(1, sizeof *s);

	*s = (struct oto_script){ .name = oto_strdup(name), .dir = oto_strdup(dir), .id = lua->nscripts, .modules = LUA_NOREF };
	lua->scripts = oto_realloc(lua->scripts, (lua->nscripts + 1u) * sizeof(*lua->scripts));
	s->standard = lua->standard;
	lua->scripts[lua->nscripts++] = s;
	oto_lua_environment(lua, s);
	return s;
}

bool oto_lua_load(struct oto_lua *lua, struct oto_script *script, const char *code, size_t len, int nresults, struct oto_error *err)
{
	lua_State *L = lua->L;
	lua_pushfstring(L, "@%s", script->name);
	int status = luaL_loadbufferx(L, code, len, lua_tostring(L, -1), "t");

	lua_remove(L, -2);
	if (status != LUA_OK)
		return oto_lua_fail(lua, err);
	lua_rawgeti(L, LUA_REGISTRYINDEX, script->env);
	lua_setupvalue(L, -2, 1);
	if (oto_lua_call(lua, script, 0, nresults))
		return true;
	if (lua_touserdata(L, -1) == &oto_dissector_sentinel) {
		lua_pop(L, 1);
		return oto_fail(err, "%s", ""), false; /* empty: it is a dissector */
	}
	return oto_lua_fail(lua, err);
}

char *oto_file_read(const char *path, size_t *len, struct oto_error *err)
{
	FILE *f = fopen(path, "rb");
	struct oto_buf b = { 0 };
	char chunk[8192];
	size_t n;

	if (!f)
		return oto_fail(err, "%s: cannot read: %s", path, strerror(errno)), NULL;
	oto_buf_add(&b, "", 0);
	while ((n = fread(chunk, 1, sizeof chunk, f)) > 0)
		oto_buf_add(&b, chunk, n);
	bool bad = ferror(f);
	fclose(f);
	if (bad) {
		oto_buf_free(&b);
		return oto_fail(err, "%s: cannot read: %s", path, strerror(errno)), NULL;
	}
	*len = b.len;
	return b.data;
}

char *oto_lua_read(const char *path, size_t *len, struct oto_error *err)
{
	char *text = oto_file_read(path, len, err);

	/* "#!/usr/bin/otoscope" makes a script a program; the line stays, as a comment, so that line numbers are right. */
	if (text && *len > 1 && text[0] == '#')
		memcpy(text, "--", 2);
	return text;
}

static bool is_line_of(const lua_Debug *ar, const struct oto_script *script)
{
	return ar->currentline > 0 && script && ar->source[0] == '@' && strcmp(ar->source + 1, script->name) == 0;
}

/* A line of the script itself rather than of a module that it called. */
const char *oto_lua_where(lua_State *L, char *out, size_t size)
{
	lua_Debug ar, first = { .currentline = 0 };
	bool own = false;

	for (int level = 1; !own && lua_getstack(L, level, &ar); level++) {
		lua_getinfo(L, "Sl", &ar);
		own = is_line_of(&ar, oto_lua_of(L)->now);
		if (ar.currentline > 0 && !first.currentline)
			first = ar;
	}
	if (own || first.currentline)
		snprintf(out, size, "%s:%d", own ? ar.short_src : first.short_src, own ? ar.currentline : first.currentline);
	else
		snprintf(out, size, "script");
	return out;
}

/* ------------------------------------------------------------------------------------------------ the state */

static int prepare(lua_State *L)
{
	struct oto_lua *lua = oto_lua_of(L);

	lua_newtable(L);
	lua->anchors = luaL_ref(L, LUA_REGISTRYINDEX);
	oto_lua_values(lua);
	oto_lua_views(lua);
	oto_lua_library(lua);
	return 0;
}

enum { STACK_SLOTS = 8000 };

bool oto_lua_open(struct oto_lua *lua, struct oto_policy *p, bool dissectors, const struct oto_policy_options *o, struct oto_error *err)
{
	lua->policy = p;
	lua->dissectors = dissectors;
	lua->budget = o->instructions ? o->instructions : 10000000;
	lua->limit = o->memory ? o->memory : 512u * 1024u * 1024u;
	lua->L = lua_newstate(counted, lua);
	if (!lua->L)
		return oto_fail(err, "Lua: no memory for a state within %llu bytes", (unsigned long long)lua->limit);
	*(struct oto_lua **)lua_getextraspace(lua->L) = lua;
	lua_gc(lua->L, LUA_GCSTOP); /* nearly all that is made while scripts load stays */
	/* Lua 5.4.4 keeps a pointer into its stack while a .. b .. c asks a value for its text (luaV_concat); when that call makes the
	 * stack grow, it is stale. A stack that has room for calls as deep as scripts make does not grow, and what is claimed here never
	 * shrinks. */
	if (!lua_checkstack(lua->L, STACK_SLOTS))
		return oto_fail(err, "Lua: no memory for a stack");
	lua_pushcfunction(lua->L, traceback);
	lua_pushcfunction(lua->L, prepare);
	if (lua_pcall(lua->L, 0, 0, 1) != LUA_OK)
		return oto_lua_fail(lua, err);
	oto_watch_open(lua);
	return true;
}

/* What is there now is as what a collection left: the next one begins when there is GROWTH times as much. Twice, as is Lua's habit, would
 * take a tenth of all time: to look at what stays, which is most, costs more than to give back what does not. */
void oto_lua_collect(struct oto_lua *lua)
{
	lua_gc(lua->L, LUA_GCRESTART);
	lua_gc(lua->L, LUA_GCINC, GROWTH * 100, 0, 0);
	lua_gc(lua->L, LUA_GCSTEP, (1 - GROWTH) * lua_gc(lua->L, LUA_GCCOUNT));
}

void oto_lua_close(struct oto_lua *lua)
{
	oto_watch_close(lua);
	lua->closing = true;
	if (lua->L)
		lua_close(lua->L);
	oto_pool_free(&lua->pool);
	for (uint16_t i = 0; i < lua->nscripts; i++) {
		free(lua->scripts[i]->name);
		free(lua->scripts[i]->dir);
		free(lua->scripts[i]);
	}
	free(lua->scripts);
	oto_lua_views_free(lua);
}
