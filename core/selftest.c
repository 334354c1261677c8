/* selftest.c - finds test files, gives each a plain Lua state with lua/test.lua in it, and lends that state one function: an engine run.
 *
 * A runner of our own and not busted: whoever writes a dissector has this one program and no checkout, and busted pulls in nine packages.
 * The words are the same, so a test reads the same. The test's state is plain Lua with all libraries: a test is trusted code.
 */
#include "selftest.h"
#include "engine.h"

#include <errno.h>
#include <fnmatch.h>
#include <lauxlib.h>
#include <lualib.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <dirent.h>
#include <unistd.h>

#define LINK_ETHERNET 1u /* DLT_EN10MB */

/* ------------------------------------------------------------------------------------------------ events as plain tables */

/* Where the events of a run go: a table by event name on the stack of the test's state. */
struct collector {
	lua_State *L;
	int events;
	const char *wanted; /* wildcards, separated by spaces */
};

/* Texts, numbers, booleans and lists: what a test can compare without ado. Addresses and the like as their text, times in seconds. */
static void push_plain(lua_State *L, const struct oto_value *v)
{
	struct oto_buf b = { 0 };

	if (v->kind == OTO_BOOL) {
		lua_pushboolean(L, v->u != 0);
	} else if (v->kind >= OTO_U8 && v->kind <= OTO_U64 && !v->names) {
		lua_pushinteger(L, (lua_Integer)v->u);
	} else if (v->kind == OTO_I64) {
		lua_pushinteger(L, v->i);
	} else if (v->kind == OTO_F64) {
		lua_pushnumber(L, v->f);
	} else if (v->kind == OTO_TIME || v->kind == OTO_INTERVAL) {
		lua_pushnumber(L, (double)v->i / 1e9);
	} else if (v->kind == OTO_BYTES) {
		lua_pushlstring(L, v->bytes.len ? (const char *)v->bytes.data : "", v->bytes.len);
	} else if (v->kind == OTO_VEC) {
		lua_createtable(L, (int)v->vec.count, 0);
		for (uint32_t i = 0; i < v->vec.count; i++) {
			uint64_t u = oto_vec_at(&v->vec, i);
			if (v->vec.kind == OTO_VEC_BITS)
				lua_pushboolean(L, u != 0);
			else if (oto_vec_item_kind(&v->vec) == OTO_F64)
				lua_pushnumber(L, oto_vec_real(&v->vec, i));
			else
				lua_pushinteger(L, (lua_Integer)u);
			lua_rawseti(L, -2, i + 1);
		}
	} else if (v->kind == OTO_LIST) {
		lua_createtable(L, (int)v->list.count, 0);
		for (uint32_t i = 0; i < v->list.count; i++) {
			const struct oto_slice *s = &v->list.items[i];
			lua_pushlstring(L, s->len ? (const char *)s->data : "", s->len);
			lua_rawseti(L, -2, i + 1);
		}
	} else {
		oto_value_text(v, &b);
		lua_pushlstring(L, b.data ? b.data : "", b.len);
		oto_buf_free(&b);
	}
}

static void set_fields(lua_State *L, const struct oto_event *event, const struct oto_field *fields, uint32_t n, bool in_head)
{
	struct oto_value v;

	for (uint32_t i = 0; i < n; i++) {
		oto_value_get(event, (struct oto_field_ref){ &fields[i], in_head }, &v);
		if (!v.kind)
			continue;
		push_plain(L, &v);
		lua_setfield(L, -2, fields[i].name);
	}
}

static void collect(void *who, const struct oto_event *event)
{
	struct collector *c = who;
	lua_State *L = c->L;
	uint32_t nhead;
	const struct oto_field *head = oto_head_fields(&nhead);

	luaL_checkstack(L, 10, NULL);
	if (lua_getfield(L, c->events, event->def->name) != LUA_TTABLE) {
		lua_pop(L, 1);
		lua_newtable(L);
		lua_pushvalue(L, -1);
		lua_setfield(L, c->events, event->def->name);
	}
	lua_newtable(L);
	set_fields(L, event, head, nhead, true);
	set_fields(L, event, event->def->fields, event->def->nfields, false);
	lua_rawseti(L, -2, (lua_Integer)lua_rawlen(L, -2) + 1);
	lua_pop(L, 1);
}

static bool is_wanted(const char *patterns, const char *name)
{
	struct oto_slice word;
	char pattern[128];

	while ((word = oto_word(&patterns)).len) {
		snprintf(pattern, sizeof pattern, "%.*s", (int)word.len, (const char *)word.data);
		if (fnmatch(pattern, name, 0) == 0)
			return true;
	}
	return false;
}

static void listen_to(struct oto_engine *e, struct collector *c)
{
	uint32_t n;
	struct oto_event_def *const *types = oto_bus_types(e->bus, &n);

	for (uint32_t i = 0; i < n; i++) {
		if (is_wanted(c->wanted, types[i]->name))
			oto_bus_listen(e->bus, types[i], collect, c);
	}
}

/* ------------------------------------------------------------------------------------------------ a run */

static void printed(void *who, const char *text, size_t len)
{
	oto_buf_add(who, text, len);
}

static const char *text_at(lua_State *L, const char *key)
{
	const char *text = lua_getfield(L, 1, key) == LUA_TSTRING ? lua_tostring(L, -1) : NULL;
	return text; /* stays on the stack, so that it lives */
}

static bool load_scripts(lua_State *L, struct oto_engine *e, const char *code, const char *name, struct oto_error *err)
{
	bool ok = true;

	lua_getfield(L, 1, "scripts");
	int scripts = lua_gettop(L);
	for (lua_Integer i = 1; ok && lua_istable(L, scripts) && lua_rawgeti(L, scripts, i) == LUA_TSTRING; i++)
		ok = oto_policy_file(e->policy, lua_tostring(L, -1), err);
	return ok && (!code || oto_policy_text(e->policy, name, code, err));
}

static bool feed_capture(struct oto_engine *e, const char *path, struct oto_error *err)
{
	struct oto_capture *c = oto_capture_files(&path, 1, NULL, err);
	struct oto_packet packet;

	if (!c)
		return false;
	for (;;) {
		enum oto_capture_result got = oto_capture_next(c, &packet, err);
		if (got == OTO_CAPTURE_PACKET)
			oto_engine_packet(e, &packet);
		else if (got != OTO_CAPTURE_GAP)
			break;
	}
	oto_capture_close(c);
	return true;
}

/* packets = { { frame, ns }, ... } */
static void feed_packets(lua_State *L, struct oto_engine *e)
{
	lua_getfield(L, 1, "packets");
	int packets = lua_gettop(L);

	for (lua_Integer i = 1; lua_istable(L, packets) && lua_rawgeti(L, packets, i) == LUA_TTABLE; i++) {
		size_t len;
		lua_rawgeti(L, -1, 1);
		lua_rawgeti(L, -2, 2);
		const char *frame = lua_tolstring(L, -2, &len);
		struct oto_packet p = { .ts_ns = lua_tointeger(L, -1),
					.number = (uint64_t)i,
					.data = (const uint8_t *)frame,
					.caplen = (uint32_t)len,
					.len = (uint32_t)len,
					.link = LINK_ETHERNET };
		oto_engine_packet(e, &p);
		lua_settop(L, packets);
	}
}

static void push_stats(lua_State *L, const struct oto_engine *e)
{
	struct oto_policy_stats s = oto_policy_stats(e->policy);
	const struct {
		const char *name;
		uint64_t n;
	} rows[] = {
		{ "packets", e->stats.packets },  { "calls", s.calls },   { "filtered", s.filtered }, { "errors", s.errors },
		{ "over_budget", s.over_budget }, { "memory", s.memory },
	};

	lua_newtable(L);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		lua_pushinteger(L, (lua_Integer)rows[i].n);
		lua_setfield(L, -2, rows[i].name);
	}
}

/* ------------------------------------------------------------------------------------------------ questions */

/* Rows go into the table at the stack top. */
static void answer_row(void *who, const struct oto_event *row)
{
	lua_State *L = who;

	luaL_checkstack(L, 10, NULL);
	lua_newtable(L);
	set_fields(L, row, row->def->fields, row->def->nfields, false);
	lua_rawseti(L, -2, (lua_Integer)lua_rawlen(L, -2) + 1);
}

static const struct oto_command *command_named(const struct oto_engine *e, const char *name)
{
	const struct oto_command *c = oto_policy_commands(e->policy, NULL);

	while (c && strcmp(c->name, name) != 0)
		c = oto_policy_commands(e->policy, c);
	return c;
}

/* The arguments of the question at the stack top: its fields with names. */
static size_t arguments_of(lua_State *L, struct oto_command_argument *out, size_t most)
{
	int question = lua_gettop(L);
	size_t n = 0;

	luaL_checkstack(L, (int)most * 2 + 4, NULL);
	for (lua_pushnil(L); n < most && lua_next(L, question);) {
		if (lua_type(L, -2) == LUA_TSTRING) {
			out[n++] = (struct oto_command_argument){ lua_tostring(L, -2), luaL_tolstring(L, -1, NULL) };
			lua_insert(L, question + 1); /* the text lives as long as the question is asked */
		}
		lua_pop(L, 1);
	}
	return n;
}

/* ask = { { "inventory set", who = "10.0.0.1" }, ... }: the answers, each a list of rows, or the text of an error. */
static void push_answers(lua_State *L, struct oto_engine *e)
{
	lua_newtable(L);
	int answers = lua_gettop(L);
	lua_getfield(L, 1, "ask");
	for (lua_Integer i = 1; lua_istable(L, answers + 1) && lua_rawgeti(L, answers + 1, i) == LUA_TTABLE; i++) {
		struct oto_command_argument arguments[16];
		struct oto_error err = { "" };
		lua_rawgeti(L, -1, 1);
		const struct oto_command *c = command_named(e, luaL_checkstring(L, -1));
		lua_pop(L, 1);
		size_t n = arguments_of(L, arguments, 16);
		lua_newtable(L);
		if (!c || !oto_policy_command(e->policy, c, arguments, n, answer_row, L, &err))
			lua_pushstring(L, c ? err.text : "there is no such command");
		lua_rawseti(L, answers, i);
		lua_settop(L, answers + 1);
	}
	lua_settop(L, answers);
}

static bool run(lua_State *L, struct oto_engine *e, struct collector *c, struct oto_error *err)
{
	const char *capture = text_at(L, "capture"), *code = text_at(L, "code"), *name = text_at(L, "name");

	if (!load_scripts(L, e, code, name ? name : "code", err))
		return false;
	listen_to(e, c);
	if (!oto_engine_start(e, err) || (capture && !feed_capture(e, capture, err)))
		return false;
	feed_packets(L, e);
	return oto_engine_finish(e, err);
}

static void options_from(lua_State *L, struct oto_engine_options *o, const char *library, struct oto_buf *out)
{
	*o = (struct oto_engine_options){ 0 };
	o->policy.library = library;
	o->policy.print = printed;
	o->policy.print_who = out;
	o->policy.quiet = true;
	o->policy.state_dir = text_at(L, "state");
	lua_getfield(L, 1, "instructions");
	o->policy.instructions = (uint64_t)lua_tointeger(L, -1);
	lua_getfield(L, 1, "memory");
	o->policy.memory = (uint64_t)lua_tointeger(L, -1);
	o->log.dir = text_at(L, "logs");
	o->log.json = true;
	const char *profile = text_at(L, "profile");
	o->log.profile = profile && strcmp(profile, "zeek") == 0 ? OTO_PROFILE_ZEEK : OTO_PROFILE_OTOSCOPE;
	o->only_analyzers = text_at(L, "analyzers");
}

/* engine_run{...} gives { events =, printed =, stats =, answers = }, or nil and the message. upvalue: the library's folder. */
static int engine_run(lua_State *L)
{
	struct oto_engine_options options;
	struct oto_buf out = { 0 };
	struct oto_error err = { "" };

	luaL_checktype(L, 1, LUA_TTABLE);
	lua_newtable(L);
	struct collector c = { L, lua_gettop(L), NULL };
	options_from(L, &options, lua_tostring(L, lua_upvalueindex(1)), &out);
	c.wanted = text_at(L, "events");
	if (!c.wanted)
		c.wanted = "*";
	struct oto_engine *e = oto_engine_new(&options, &err);
	bool ok = e && run(L, e, &c, &err);
	if (!ok) {
		lua_pushnil(L);
		lua_pushstring(L, err.text);
	} else {
		lua_newtable(L);
		lua_pushvalue(L, c.events);
		lua_setfield(L, -2, "events");
		push_stats(L, e);
		lua_setfield(L, -2, "stats");
		push_answers(L, e);
		lua_setfield(L, -2, "answers");
		lua_pushlstring(L, out.data ? out.data : "", out.len);
		lua_setfield(L, -2, "printed");
	}
	oto_engine_free(e);
	oto_buf_free(&out);
	return ok ? 1 : 2;
}

/* ------------------------------------------------------------------------------------------------ a test file */

struct counts {
	lua_Integer passed, failed, skipped;
};

static int list_folder(lua_State *L)
{
	DIR *dir = opendir(luaL_checkstring(L, 1));
	lua_Integer n = 0;

	lua_newtable(L);
	for (struct dirent *d; dir && (d = readdir(dir));) {
		lua_pushstring(L, d->d_name);
		lua_rawseti(L, -2, ++n);
	}
	if (dir)
		closedir(dir);
	return 1;
}

static int temporary_folder(lua_State *L)
{
	const char *top = getenv("TMPDIR");
	char path[4096];

	snprintf(path, sizeof path, "%s/otoscope-test-XXXXXX", top ? top : "/tmp");
	if (!mkdtemp(path))
		return luaL_error(L, "%s: %s", path, strerror(errno));
	lua_pushstring(L, path);
	return 1;
}

static int remove_folder(lua_State *L)
{
	const char *path = luaL_checkstring(L, 1);
	DIR *dir = opendir(path);
	char file[4096];

	for (struct dirent *d; dir && (d = readdir(dir));) {
		snprintf(file, sizeof file, "%s/%s", path, d->d_name);
		unlink(file);
	}
	if (dir)
		closedir(dir);
	rmdir(path);
	return 0;
}

static void push_host(lua_State *L, const char *library)
{
	static const luaL_Reg functions[] = {
		{ "list_folder", list_folder }, { "temporary_folder", temporary_folder }, { "remove_folder", remove_folder }, { 0 }
	};

	luaL_newlib(L, functions);
	lua_pushstring(L, library);
	lua_pushcclosure(L, engine_run, 1);
	lua_setfield(L, -2, "engine_run");
}

static int traceback(lua_State *L)
{
	luaL_traceback(L, L, luaL_tolstring(L, 1, NULL), 1);
	return 1;
}

/* lua/test.lua returns run(host, path), which returns passed, failed, skipped. */
static void test_file(const char *library, const char *path, struct counts *counts)
{
	lua_State *L = luaL_newstate();

	luaL_openlibs(L);
	lua_pushcfunction(L, traceback);
	lua_pushfstring(L, "%s/test.lua", library);
	bool ok = luaL_loadfile(L, lua_tostring(L, -1)) == LUA_OK && lua_pcall(L, 0, 1, 1) == LUA_OK;
	if (ok) {
		push_host(L, library);
		lua_pushstring(L, path);
		ok = lua_pcall(L, 2, 3, 1) == LUA_OK;
	}
	if (ok) {
		counts->passed += lua_tointeger(L, -3);
		counts->failed += lua_tointeger(L, -2);
		counts->skipped += lua_tointeger(L, -1);
	} else {
		printf("FAILED %s\n    %s\n", path, lua_tostring(L, -1));
		counts->failed++;
	}
	lua_close(L);
}

/* ------------------------------------------------------------------------------------------------ finding them */

struct paths {
	char **path;
	size_t n;
};

static void add(struct paths *p, const char *path)
{
	p->path = oto_realloc(p->path, (p->n + 1) * sizeof *p->path);
	p->path[p->n++] = oto_strdup(path);
}

static bool is_folder(const char *path)
{
	struct stat st;
	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static void find(struct paths *found, const char *path, int depth)
{
	char inner[4096];
	struct dirent **entries;
	int n = depth < 16 ? scandir(path, &entries, NULL, alphasort) : 0;

	for (int i = 0; i < n; i++) {
		const char *name = entries[i]->d_name;
		snprintf(inner, sizeof inner, "%s/%s", path, name);
		if (name[0] != '.' && is_folder(inner))
			find(found, inner, depth + 1);
		else if (name[0] != '.' && fnmatch("*.test.lua", name, 0) == 0)
			add(found, inner);
		free(entries[i]);
	}
	if (n >= 0 && depth < 16)
		free(entries);
}

/* A file is itself, its test when it is a script (x.lua: x.test.lua), or a folder to be searched. */
static bool find_for(struct paths *found, const char *argument)
{
	size_t len = strlen(argument), before = found->n;
	char beside[4096];

	if (is_folder(argument)) {
		find(found, argument, 0);
	} else if (len > 9 && strcmp(argument + len - 9, ".test.lua") == 0 && access(argument, R_OK) == 0) {
		add(found, argument);
	} else if (len > 4 && strcmp(argument + len - 4, ".lua") == 0) {
		snprintf(beside, sizeof beside, "%.*s.test.lua", (int)len - 4, argument);
		if (access(beside, R_OK) == 0)
			add(found, beside);
	}
	if (found->n == before)
		fprintf(stderr, "otoscope test: %s: no test here (NAME.test.lua beside NAME.lua)\n", argument);
	return found->n > before;
}

int oto_selftest(int argc, char **argv, const char *library)
{
	struct paths found = { 0 };
	struct counts counts = { 0 };
	bool ok = argc > 1;

	if (argc < 2 || strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
		fprintf(argc < 2 ? stderr : stdout,
			"usage: otoscope test PATH...   runs NAME.test.lua files; lua/README.md says how to write them\n");
		return argc < 2 ? 2 : 0;
	}
	if (!library) {
		fprintf(stderr, "otoscope test: the Lua library (test.lua) is not found beside the program\n");
		return 2;
	}
	for (int i = 1; i < argc; i++)
		ok &= find_for(&found, argv[i]);
	for (size_t i = 0; i < found.n; i++) {
		test_file(library, found.path[i], &counts);
		free(found.path[i]);
	}
	free(found.path);
	printf("%lld passed, %lld failed, %lld skipped\n", (long long)counts.passed, (long long)counts.failed, (long long)counts.skipped);
	return !ok ? 2 : counts.failed ? 1 : 0;
}
