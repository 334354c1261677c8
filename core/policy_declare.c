/* policy_declare.c - event types declared in Lua: the declaration table becomes a C struct's field table, laid out at load.
 *
 * From then on the type is like any other: handlers, filters, logs, JSON and the reference see no difference. One declaration serves
 * event.new, log.new and the events of Lua dissectors.
 */
#include "policy_declared.h"

#include <stdlib.h>

struct word {
	const char *name;
	uint16_t kind, flags;
	uint8_t vec; /* enum oto_vec_kind, of OTO_VEC */
	uint32_t size;
};

/* The types a field can have; several words for one where people know it under both. */
static const struct word words[] = {
	{ "bool", OTO_BOOL, 0, 0, sizeof(bool) },
	{ "u8", OTO_U8, 0, 0, 1 },
	{ "u16", OTO_U16, 0, 0, 2 },
	{ "u32", OTO_U32, 0, 0, 4 },
	{ "u64", OTO_U64, 0, 0, 8 },
	{ "count", OTO_U64, 0, 0, 8 },
	{ "i64", OTO_I64, 0, 0, 8 },
	{ "int", OTO_I64, 0, 0, 8 },
	{ "f64", OTO_F64, 0, 0, sizeof(double) },
	{ "double", OTO_F64, 0, 0, sizeof(double) },
	{ "port", OTO_U16, OTO_PORT, 0, 2 },
	{ "string", OTO_BYTES, 0, 0, sizeof(struct oto_slice) },
	{ "file", OTO_BYTES, OTO_OF_FILE, 0, sizeof(struct oto_slice) },
	{ "bytes", OTO_BYTES, OTO_HEX, 0, sizeof(struct oto_slice) },
	{ "addr", OTO_ADDR, 0, 0, sizeof(struct oto_addr) },
	{ "mac", OTO_MAC, 0, 0, sizeof(struct oto_mac) },
	{ "time", OTO_TIME, 0, 0, sizeof(struct oto_time) },
	{ "interval", OTO_INTERVAL, 0, 0, sizeof(struct oto_interval) },
	{ "target", OTO_TARGET, 0, 0, sizeof(struct oto_target) },
	{ "string[]", OTO_LIST, 0, 0, sizeof(struct oto_list) },
	{ "bits", OTO_VEC, 0, OTO_VEC_BITS, sizeof(struct oto_vec) },
	{ "u8[]", OTO_VEC, 0, OTO_VEC_U8, sizeof(struct oto_vec) },
	{ "u16[]", OTO_VEC, 0, OTO_VEC_U16BE, sizeof(struct oto_vec) },
	{ "u32[]", OTO_VEC, 0, OTO_VEC_U32BE, sizeof(struct oto_vec) },
};

/* ------------------------------------------------------------------------------------------------ reading a declaration */

static const char *keep_text(struct oto_declared *d, const char *text)
{
	size_t n = strlen(text) + 1;
	return memcpy(oto_arena_get(&d->memory, n), text, n);
}

static void *keep_zeroed(struct oto_declared *d, size_t size)
{
	return memset(oto_arena_get(&d->memory, size ? size : 1), 0, size);
}

static const char *field_text(lua_State *L, struct oto_declared *d, int index, const char *key)
{
	const char *text = lua_getfield(L, index, key) == LUA_TSTRING ? keep_text(d, lua_tostring(L, -1)) : NULL;

	lua_settop(L, -2);
	return text;
}

static uint32_t op_named(lua_State *L, const char *name)
{
	const char *known[OTO_OP_COUNT];
	char near[128];

	for (uint32_t op = 0; op < OTO_OP_COUNT; op++) {
		known[op] = oto_op_name(op);
		if (strcmp(known[op], name) == 0)
			return op;
	}
	return (uint32_t)luaL_error(L, "there is no operation '%s'%s", name, oto_near(near, sizeof near, name, known, OTO_OP_COUNT));
}

/* A dissector names the operation with each request: found by the interned word, in a table made at the first. */
uint32_t oto_check_op(lua_State *L, int index)
{
	static const char ops; /* its address is the table's key */
	index = lua_absindex(L, index);

	if (lua_rawgetp(L, LUA_REGISTRYINDEX, &ops) == LUA_TNIL) {
		lua_settop(L, -2);
		lua_createtable(L, 0, OTO_OP_COUNT);
		for (uint32_t op = 0; op < OTO_OP_COUNT; op++) {
			lua_pushinteger(L, op);
			lua_setfield(L, -2, oto_op_name(op));
		}
		lua_pushvalue(L, -1);
		lua_rawsetp(L, LUA_REGISTRYINDEX, &ops);
	}
	lua_pushvalue(L, index);
	uint32_t op = lua_rawget(L, -2) == LUA_TNUMBER ? (uint32_t)lua_tointeger(L, -1) : op_named(L, luaL_checkstring(L, index));
	lua_settop(L, -3);
	return op;
}

/* A row of a value table: [5] = "word" or [5] = { "word", op = "read", doc = "..." }. */
static struct oto_name read_name(lua_State *L, struct oto_declared *d)
{
	int value = lua_gettop(L);
	struct oto_name row = { 0 };

	if (!lua_isinteger(L, value - 1) || lua_tointeger(L, value - 1) < 0 || lua_tointeger(L, value - 1) > UINT32_MAX)
		luaL_error(L, "%s: a value table is { [number] = \"word\" or { \"word\", op = ... } }", d->type.name);
	row.value = (uint32_t)lua_tointeger(L, value - 1);
	if (lua_type(L, value) == LUA_TSTRING) {
		row.name = keep_text(d, lua_tostring(L, value));
		return row;
	}
	if (!lua_istable(L, value) || lua_rawgeti(L, value, 1) != LUA_TSTRING)
		luaL_error(L, "%s: value %d of a value table has no word", d->type.name, (int)row.value);
	row.name = keep_text(d, lua_tostring(L, -1));
	row.doc = field_text(L, d, value, "doc");
	if (lua_getfield(L, value, "op") == LUA_TSTRING)
		row.op = op_named(L, lua_tostring(L, -1));
	lua_settop(L, value);
	return row;
}

static int by_value(const void *a, const void *b)
{
	const struct oto_name *x = a, *y = b;
	return (x->value > y->value) - (x->value < y->value);
}

/* Sorted by value: the order of a Lua table differs from run to run. */
static const struct oto_names *read_names(lua_State *L, struct oto_declared *d, int index)
{
	struct oto_names *names = keep_zeroed(d, sizeof *names);
	uint32_t n = 0;

	for (lua_pushnil(L); lua_next(L, index); lua_settop(L, -2))
		n++;
	struct oto_name *rows = keep_zeroed(d, n * sizeof *rows);
	n = 0;
	for (lua_pushnil(L); lua_next(L, index); lua_settop(L, -2))
		rows[n++] = read_name(L, d);
	qsort(rows, n, sizeof *rows, by_value);
	*names = (struct oto_names){ sizeof *names, n, sizeof *rows, rows };
	return names;
}

static const struct word *word_named(lua_State *L, const struct oto_declared *d, const char *field, const char *name)
{
	const char *known[sizeof words / sizeof *words];
	char near[128];

	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		known[i] = words[i].name;
		if (strcmp(words[i].name, name) == 0)
			return &words[i];
	}
	luaL_error(L, "%s: field '%s' has the unknown type '%s'%s", d->type.name, field, name,
		   oto_near(near, sizeof near, name, known, sizeof words / sizeof *words));
	return NULL;
}

static void read_field_names(lua_State *L, struct oto_declared *d, struct oto_field *f)
{
	if (lua_istable(L, -1))
		f->names = read_names(L, d, lua_gettop(L));
	else
		luaL_error(L, "%s: field '%s': names is a table { [number] = \"word\" }", d->type.name, f->name);
}

/* Of the row at the stack top what has a name: most have nothing, and a start reads thousands. */
static void read_options(lua_State *L, struct oto_declared *d, struct oto_field *f, bool *optional)
{
	static const struct {
		const char *name;
		uint16_t flag;
	} flags[] = { { "hex", OTO_HEX }, { "set", OTO_SET }, { "port", OTO_PORT }, { "seconds", OTO_SECONDS } };
	int row = lua_gettop(L);
	bool unknown = false;

	for (lua_pushnil(L); lua_next(L, row); lua_settop(L, -2)) {
		if (lua_isinteger(L, row + 1))
			continue;
		const char *key = lua_type(L, row + 1) == LUA_TSTRING ? lua_tostring(L, row + 1) : "";
		size_t i = 0;
		while (i < sizeof flags / sizeof *flags && strcmp(flags[i].name, key) != 0)
			i++;
		if (i < sizeof flags / sizeof *flags)
			f->flags = (uint16_t)(f->flags | (lua_toboolean(L, -1) ? flags[i].flag : 0));
		else if (strcmp(key, "optional") == 0)
			*optional = lua_toboolean(L, -1);
		else if (strcmp(key, "names") == 0)
			read_field_names(L, d, f);
		else
			unknown = true;
	}
	if (unknown)
		OTO_CHECK_KEYS(L, row, true, lua_pushfstring(L, "%s: field '%s'", d->type.name, f->name), "optional", "names", "hex", "set",
			       "port", "seconds");
}

/* The row { name, type, doc, optional =, names =, hex =, set = } at the stack top. */
static void read_field(lua_State *L, struct oto_declared *d, uint32_t i, bool strict)
{
	int row = lua_gettop(L);
	struct oto_field *f = &d->fields[i];
	bool optional = false;

	if (!lua_istable(L, row) || lua_rawgeti(L, row, 1) != LUA_TSTRING || lua_rawgeti(L, row, 2) != LUA_TSTRING)
		luaL_error(L, "%s: field %d is not { \"name\", \"type\", \"meaning\" }", d->type.name, (int)i + 1);
	f->name = keep_text(d, lua_tostring(L, row + 1));
	const struct word *w = word_named(L, d, f->name, lua_tostring(L, row + 2));
	f->doc = lua_rawgeti(L, row, 3) == LUA_TSTRING ? keep_text(d, lua_tostring(L, -1)) : "";
	f->kind = w->kind;
	f->flags = w->flags;
	lua_settop(L, row);
	read_options(L, d, f, &optional);
	lua_settop(L, row);
	d->more[i] = (struct oto_declared_field){ w->vec, strict && !optional };
	uint32_t align = w->size < 8 ? w->size : 8;
	d->type.size = (d->type.size + align - 1) / align * align;
	f->offset = (uint16_t)d->type.size;
	d->type.size += w->size;
}

/* Guards stand behind the fields: one bool for each that may be absent. */
static void lay_out_guards(struct oto_declared *d)
{
	for (uint32_t i = 0; i < d->type.nfields; i++) {
		if (!d->more[i].required)
			d->fields[i].guard = (uint16_t)(++d->type.size);
	}
	d->type.size = (d->type.size + 15) / 16 * 16;
}

static void index_fields(lua_State *L, struct oto_declared *d)
{
	lua_createtable(L, 0, (int)d->type.nfields);
	for (uint32_t i = 0; i < d->type.nfields; i++) {
		if (lua_getfield(L, -1, d->fields[i].name) != LUA_TNIL)
			luaL_error(L, "%s: field '%s' is declared twice", d->type.name, d->fields[i].name);
		lua_settop(L, -2);
		lua_pushinteger(L, i);
		lua_setfield(L, -2, d->fields[i].name);
	}
	d->index = luaL_ref(L, LUA_REGISTRYINDEX);
}

struct oto_declared *oto_declare(lua_State *L, int index, const char *name, bool strict)
{
	struct oto_policy *p = oto_lua_of(L)->policy;
	struct oto_declared *d = oto_calloc(1, sizeof *d);
	lua_Integer n;

	d->next = p->declared; /* owned by the policy at once: whatever fails below frees it */
	p->declared = d;
	d->index = LUA_NOREF;
	index = lua_absindex(L, index);
	d->type = (struct oto_event_type){ .self_size = sizeof d->type,
					   .name = keep_text(d, name),
					   .field_stride = sizeof(struct oto_field),
					   .log_stride = sizeof(struct oto_log),
					   .logs = &d->log };
	n = (lua_Integer)lua_rawlen(L, index);
	if (n > (lua_Integer)OTO_DECLARED_FIELDS)
		luaL_error(L, "%s: more than %d fields", name, (int)OTO_DECLARED_FIELDS);
	d->type.doc = field_text(L, d, index, "doc");
	if (!d->type.doc)
		d->type.doc = "";
	d->type.nfields = (uint32_t)n;
	d->type.fields = d->fields = keep_zeroed(d, (size_t)n * sizeof *d->fields);
	d->more = keep_zeroed(d, (size_t)n * sizeof *d->more);
	for (uint32_t i = 0; i < d->type.nfields; i++) {
		lua_rawgeti(L, index, i + 1);
		read_field(L, d, i, strict);
		lua_settop(L, -2);
	}
	lay_out_guards(d);
	index_fields(L, d);
	return d;
}

/* ------------------------------------------------------------------------------------------------ its log */

static const char *joined(lua_State *L, struct oto_declared *d, int index, const char *key)
{
	int type = lua_getfield(L, index, key), top = lua_gettop(L);
	struct oto_buf b = { 0 };

	if (type == LUA_TSTRING)
		oto_buf_str(&b, lua_tostring(L, -1));
	for (lua_Integer i = 1; type == LUA_TTABLE && lua_rawgeti(L, top, i) == LUA_TSTRING; i++)
		oto_buf_fmt(&b, "%s%s", i > 1 ? " " : "", lua_tostring(L, -1));
	const char *text = b.len ? keep_text(d, b.data) : NULL;
	oto_buf_free(&b);
	lua_settop(L, top - 1);
	return text;
}

static const char *all_columns(struct oto_declared *d)
{
	struct oto_buf b = { 0 };

	oto_buf_add(&b, "", 0);
	for (uint32_t i = 0; i < d->type.nfields; i++)
		oto_buf_fmt(&b, "%s%s", i ? " " : "", d->fields[i].name);
	const char *text = keep_text(d, b.data);
	oto_buf_free(&b);
	return text;
}

/* { name =, doc =, columns =, extra =, key =, where =, form = "detail" | "aggregate" | "off", id = false } at `index`. */
void oto_declared_log(lua_State *L, struct oto_declared *d, int index, const char *name)
{
	struct oto_log *log = &d->log;

	index = lua_absindex(L, index);
	OTO_CHECK_KEYS(L, index, false, lua_pushfstring(L, "log %s", name), "name", "doc", "columns", "extra", "key", "where", "form",
		       "id");
	lua_settop(L, -2);
	*log = (struct oto_log){ .name = keep_text(d, name), .doc = field_text(L, d, index, "doc") };
	log->columns = joined(L, d, index, "columns");
	log->extra = joined(L, d, index, "extra");
	log->key = joined(L, d, index, "key");
	log->where = field_text(L, d, index, "where");
	const char *form = field_text(L, d, index, "form");
	if (!log->doc)
		log->doc = d->type.doc;
	if (!log->columns)
		log->columns = all_columns(d);
	if (form && strcmp(form, "detail") != 0 && strcmp(form, "aggregate") != 0 && strcmp(form, "off") != 0)
		luaL_error(L, "log %s: form is \"detail\", \"aggregate\" or \"off\", not \"%s\"", name, form);
	bool aggregate = form ? strcmp(form, "aggregate") == 0 : log->key != NULL;
	log->form = form && strcmp(form, "off") == 0 ? OTO_FORM_OFF : aggregate ? OTO_FORM_AGGREGATE : OTO_FORM_DETAIL;
	if (lua_getfield(L, index, "id") == LUA_TBOOLEAN && !lua_toboolean(L, -1))
		log->flags |= OTO_LOG_NO_ID;
	lua_settop(L, -2);
	log->flags |= OTO_LOG_NOT_ZEEK;
	d->type.nlogs = 1;
}

/* ------------------------------------------------------------------------------------------------ the type */

const struct oto_event_type *oto_declared_type(const struct oto_declared *d)
{
	return &d->type;
}

struct oto_event_def *oto_declared_register(lua_State *L, struct oto_declared *d)
{
	struct oto_engine *engine = oto_lua_of(L)->policy->engine;
	struct oto_error err = { "" };

	d->def = oto_bus_add(engine->bus, &d->type, NULL, &err);
	if (!d->def || !oto_log_check(d->def, &err))
		luaL_error(L, "%s", err.text);
	return d->def;
}

/* The one declared last is not wanted after all. */
void oto_declared_drop(lua_State *L)
{
	struct oto_policy *p = oto_lua_of(L)->policy;
	struct oto_declared *d = p->declared;

	p->declared = d->next;
	luaL_unref(L, LUA_REGISTRYINDEX, d->index);
	oto_arena_free(&d->memory);
	free(d);
}

void oto_declared_free(struct oto_policy *p)
{
	for (struct oto_declared *d = p->declared, *next; d; d = next) {
		next = d->next;
		oto_arena_free(&d->memory);
		free(d);
	}
}
