/* policy_command.c - what scripts offer on the command line: command.new declares a question or an edit with its arguments and the columns
 * of its answer.
 *
 * The answer's rows are declared like events, so that --where filters them with the language of handlers, and text, CSV and JSON come from
 * the one description. Nothing here writes: rows go to who called, one at a time.
 */
#include "codepage.h"
#include "policy_private.h"

#include <stdlib.h>

struct oto_command_entry {
	struct oto_command shown; /* first: callers hold this */
	struct oto_command_entry *next;
	struct oto_script *script;
	struct oto_declared *rows; /* NULL: it prints */
	int run, rehearse;
};

/* ------------------------------------------------------------------------------------------------ declaring */

static const struct oto_event_type *declare_arguments(lua_State *L, const char *name)
{
	if (lua_getfield(L, 1, "args") == LUA_TNIL) {
		lua_settop(L, 1);
		return NULL;
	}
	luaL_checktype(L, -1, LUA_TTABLE);
	struct oto_declared *d = oto_declare(L, 2, lua_pushfstring(L, "%s's arguments", name), false);
	lua_settop(L, 1);
	return oto_declared_type(d);
}

static struct oto_declared *declare_rows(lua_State *L, const char *name, struct oto_event_def **def)
{
	if (lua_getfield(L, 1, "columns") == LUA_TNIL) {
		lua_settop(L, 1);
		return NULL;
	}
	luaL_checktype(L, -1, LUA_TTABLE);
	struct oto_declared *d = oto_declare(L, 2, lua_pushfstring(L, "answer.%s", name), false);
	*def = oto_declared_register(L, d);
	lua_settop(L, 1);
	return d;
}

static const char *text_field(lua_State *L, const char *key)
{
	if (lua_getfield(L, 1, key) != LUA_TSTRING)
		luaL_error(L, "command.new needs a %s", key);
	const char *text = oto_intern(L, -1);
	lua_settop(L, 1);
	return text;
}

static int command_new(lua_State *L)
{
	struct oto_lua *lua = oto_lua_of(L);
	struct oto_policy *p = lua->policy;

	luaL_checktype(L, 1, LUA_TTABLE);
	lua_settop(L, 1);
	OTO_CHECK_KEYS(L, 1, false, "command.new", "name", "doc", "args", "columns", "writes", "rehearse", "run");
	const char *name = text_field(L, "name"), *doc = text_field(L, "doc");
	struct oto_event_def *def = NULL;
	const struct oto_event_type *arguments = declare_arguments(L, name);
	struct oto_declared *rows = declare_rows(L, name, &def);
	lua_getfield(L, 1, "writes");
	bool writes = lua_toboolean(L, -1);
	bool rehearses = lua_getfield(L, 1, "rehearse") == LUA_TFUNCTION;
	if (lua_getfield(L, 1, "run") != LUA_TFUNCTION)
		return luaL_error(L, "command.new: %s needs run = function(args)", name);
	struct oto_command_entry *c = oto_calloc(1, sizeof *c), **end = &p->commands;
	*c = (struct oto_command_entry){ .shown = { name, doc, writes, rehearses, arguments, def }, .script = lua->now, .rows = rows };
	c->run = luaL_ref(L, LUA_REGISTRYINDEX);
	c->rehearse = luaL_ref(L, LUA_REGISTRYINDEX);
	while (*end)
		end = &(*end)->next;
	*end = c;
	return 0;
}

static int command_remark(lua_State *L)
{
	struct oto_policy *p = oto_lua_of(L)->policy;
	const char *text = luaL_checkstring(L, 1);

	if (p->remark)
		p->remark(p->remark_who, text);
	return 0;
}

void oto_lua_commands(struct oto_lua *lua)
{
	static const luaL_Reg command[] = { { "new", command_new }, { "remark", command_remark }, { 0 } };

	luaL_newlib(lua->L, command);
	lua_setglobal(lua->L, "command");
}

void oto_lua_commands_free(struct oto_policy *p)
{
	for (struct oto_command_entry *c = p->commands, *next; c; c = next) {
		next = c->next;
		free(c);
	}
}

/* ------------------------------------------------------------------------------------------------ running */

const struct oto_command *oto_policy_commands(const struct oto_policy *p, const struct oto_command *after)
{
	const struct oto_command_entry *c = after ? ((const struct oto_command_entry *)(const void *)after)->next : p->commands;
	return c ? &c->shown : NULL;
}

static bool argument_error(struct oto_error *err, const struct oto_field *f, const char *text, const char *expected)
{
	return oto_fail(err, "--%s %s: %s", f->name, text, expected);
}

/* Office programs write lists in the code page of their country: as UTF-8, or unchanged where it is none of that page. */
static void push_oem(lua_State *L, struct oto_slice text)
{
	const char *name = oto_lua_of(L)->policy->engine->options.oem;
	struct oto_code_page *page = oto_code_page_new(name ? name : "CP932");
	uint8_t *utf8 = page ? malloc((size_t)text.len * 4) : NULL;
	uint32_t n = utf8 ? oto_code_page_decode(page, text, utf8, text.len * 4) : 0;

	lua_pushlstring(L, n ? (const char *)utf8 : (const char *)text.data, n ? n : text.len);
	free(utf8);
	oto_code_page_free(page);
}

static char *read_named(const char *folder, const char *name, size_t *len, struct oto_error *err)
{
	struct oto_buf path = { 0 };

	if (folder && name[0] != '/')
		oto_buf_fmt(&path, "%s/", folder);
	oto_buf_str(&path, name);
	char *data = oto_file_read(path.data, len, err);
	oto_buf_free(&path);
	return data;
}

static bool push_file(lua_State *L, const char *path, struct oto_error *err)
{
	enum { LARGEST = 16 << 20 };
	size_t len;
	char *data = read_named(oto_lua_of(L)->policy->asked_from, path, &len, err);

	if (!data)
		return false;
	if (len > LARGEST) {
		free(data);
		return oto_fail(err, "%s: larger than %d MiB", path, LARGEST >> 20);
	}
	struct oto_slice text = { (const uint8_t *)data, (uint32_t)len };
	if (len && !oto_is_utf8(text))
		push_oem(L, text);
	else
		lua_pushlstring(L, data, len);
	free(data);
	return true;
}

/* Pushes the argument as the value that its declaration names. */
static bool push_argument(lua_State *L, const struct oto_field *f, const char *text, struct oto_error *err)
{
	struct oto_addr a;
	int64_t ns;

	switch (f->kind) {
	case OTO_BYTES:
		if (f->flags & OTO_OF_FILE)
			return push_file(L, text, err);
		lua_pushstring(L, text);
		return true;
	case OTO_BOOL:
		lua_pushboolean(L, strcmp(text, "false") != 0 && strcmp(text, "no") != 0);
		return true;
	case OTO_ADDR:
	case OTO_MAC:
		if (!oto_addr_parse(text, &a))
			return argument_error(err, f, text, "is no address");
		oto_push_addr(L, &a);
		return true;
	case OTO_INTERVAL:
		if (!oto_interval_parse(text, &ns))
			return argument_error(err, f, text, "is no time span such as 10m or 7d");
		oto_push_interval(L, ns);
		return true;
	case OTO_TIME:
		lua_getglobal(L, "time");
		lua_pushstring(L, text);
		if (lua_pcall(L, 1, 1, 0) != LUA_OK)
			return argument_error(err, f, text, "is no time such as 2026-01-31T12:00:00Z");
		return true;
	default:
		if (!lua_stringtonumber(L, text))
			return argument_error(err, f, text, "is no number");
		return true;
	}
}

static const struct oto_field *argument_named(const struct oto_command *c, const char *name, struct oto_error *err)
{
	uint32_t n = c->arguments ? c->arguments->nfields : 0;
	const char *known[64];
	char near[128];

	for (uint32_t i = 0; i < n; i++) {
		if (strcmp(c->arguments->fields[i].name, name) == 0)
			return &c->arguments->fields[i];
		known[i < 64 ? i : 63] = c->arguments->fields[i].name;
	}
	oto_fail(err, "%s knows no --%s%s", c->name, name, oto_near(near, sizeof near, name, known, n < 64 ? n : 64));
	return NULL;
}

static bool push_arguments(lua_State *L, const struct oto_command *c, const struct oto_command_argument *arguments, size_t n,
			   struct oto_error *err)
{
	lua_newtable(L);
	/* no argument has a dot: for those who lay out what they print */
	if (oto_lua_of(L)->policy->asked_width) {
		lua_pushinteger(L, (lua_Integer)oto_lua_of(L)->policy->asked_width);
		lua_setfield(L, -2, "terminal.width");
	}
	for (size_t i = 0; i < n; i++) {
		const struct oto_field *f = argument_named(c, arguments[i].name, err);
		if (!f || !push_argument(L, f, arguments[i].value, err))
			return false;
		lua_setfield(L, -2, f->name);
	}
	return true;
}

struct answer {
	const struct oto_command_entry *command;
	struct oto_arena texts; /* of the row at hand */
	oto_command_row *row;
	void *who;
};

static void *answer_scratch(void *who, size_t size)
{
	struct answer *a = who;
	void *p = oto_arena_get(&a->texts, size ? size : 1);
	return p ? memset(p, 0, size) : NULL;
}

/* The row at the stack top: filled into a struct of its declared type, shown, and popped. */
static void show_row(lua_State *L, struct answer *a)
{
	static const struct oto_head nobody;
	const struct oto_event_def *def = a->command->shown.row;
	void *data = answer_scratch(a, def->size);

	oto_declared_fill(L, a->command->rows, -1, data, answer_scratch, a);
	a->row(a->who, &(struct oto_event){ .def = def, .head = &nobody, .data = data });
	oto_arena_reset(&a->texts);
	lua_settop(L, -2);
}

/* (run, args, answer): calls run(args); its answer is a list of rows, or a function that gives one a call. */
static int run_protected(lua_State *L)
{
	struct answer *a = lua_touserdata(L, 3);

	lua_settop(L, 2);
	lua_call(L, 1, 1);
	if (!a->command->rows || lua_isnil(L, 1))
		return 0;
	if (lua_istable(L, 1)) {
		for (lua_Integer i = 1, n = (lua_Integer)lua_rawlen(L, 1); i <= n; i++) {
			lua_rawgeti(L, 1, i);
			show_row(L, a);
		}
		return 0;
	}
	for (;;) {
		lua_pushvalue(L, 1);
		lua_call(L, 0, 1);
		if (lua_isnil(L, -1))
			return 0;
		show_row(L, a);
	}
}

bool oto_policy_command(struct oto_policy *p, const struct oto_command *command, const struct oto_command_argument *arguments, size_t n,
			oto_command_row *row, void *who, struct oto_error *err)
{
	struct oto_lua *lua = &p->scripts;
	lua_State *L = lua->L;
	const struct oto_command_entry *c = (const struct oto_command_entry *)(const void *)command;
	struct answer a = { .command = c, .row = row, .who = who };
	uint64_t budget = lua->budget;

	oto_handlers_pseudo(p, "question");
	lua_pushcfunction(L, run_protected);
	lua_rawgeti(L, LUA_REGISTRYINDEX, c->run);
	int top = lua_gettop(L);
	if (!push_arguments(L, command, arguments, n, err)) {
		lua_settop(L, top - 2);
		return false;
	}
	lua_pushlightuserdata(L, &a);
	lua->budget = UINT64_MAX; /* a person waits, and has Ctrl-C */
	lua->answering = true;
	bool ok = oto_lua_call(lua, c->script, 3, 0);
	lua->answering = false;
	lua->budget = budget;
	oto_arena_free(&a.texts);
	return ok || oto_lua_fail(lua, err);
}

bool oto_policy_rehearse(struct oto_policy *p, const struct oto_command *command, const struct oto_command_argument *arguments, size_t n,
			 struct oto_error *err)
{
	struct oto_lua *lua = &p->scripts;
	lua_State *L = lua->L;
	const struct oto_command_entry *c = (const struct oto_command_entry *)(const void *)command;
	int top = lua_gettop(L);

	lua_rawgeti(L, LUA_REGISTRYINDEX, c->rehearse);
	if (!push_arguments(L, command, arguments, n, err)) {
		lua_settop(L, top);
		return false;
	}
	return oto_lua_call(lua, c->script, 1, 0) || oto_lua_fail(lua, err);
}

void oto_policy_asked_from(struct oto_policy *p, const char *folder, size_t width)
{
	p->asked_from = folder;
	p->asked_width = width;
}

bool oto_policy_save(struct oto_policy *p, struct oto_error *err)
{
	return oto_stores_save(p, err);
}

void oto_policy_prints(struct oto_policy *p, void (*print)(void *who, const char *text, size_t len), void *who)
{
	p->print = print ? print : p->print_first;
	p->print_who = print ? who : p->print_first_who;
}

void oto_policy_remarks(struct oto_policy *p, void (*remark)(void *who, const char *text), void *who)
{
	p->remark = remark;
	p->remark_who = who;
}
