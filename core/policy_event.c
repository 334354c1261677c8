/* policy_event.c - event types declared in Lua: the declaration table becomes a C struct's field table, laid out at load.
 *
 * From then on the type is like any other: handlers, filters, logs, JSON and the reference see no difference. One declaration serves
 * event.new, log.new and the events of Lua dissectors. Values from Lua are checked against it by name; bytes are copied to scratch memory.
 */
#include "policy_private.h"

#include <math.h>
#include <stdlib.h>

#define MOST_FIELDS 200u

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

struct declared_field {
	uint8_t vec;
	bool required;
};

struct oto_declared {
	struct oto_declared *next;
	struct oto_arena memory; /* of names, docs, tables */
	struct oto_event_type type;
	struct oto_event_def *def;
	struct oto_field *fields;
	struct declared_field *more;
	struct oto_log log;
	int index; /* reference: field name to number */
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

static bool flag(lua_State *L, int index, const char *key)
{
	lua_getfield(L, index, key);
	bool set = lua_toboolean(L, -1);
	lua_settop(L, -2);
	return set;
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

/* The row { name, type, doc, optional =, names =, hex =, set = } at the stack top. */
static void read_field(lua_State *L, struct oto_declared *d, uint32_t i, bool strict)
{
	int row = lua_gettop(L);
	struct oto_field *f = &d->fields[i];

	if (!lua_istable(L, row) || lua_rawgeti(L, row, 1) != LUA_TSTRING || lua_rawgeti(L, row, 2) != LUA_TSTRING)
		luaL_error(L, "%s: field %d is not { \"name\", \"type\", \"meaning\" }", d->type.name, (int)i + 1);
	f->name = keep_text(d, lua_tostring(L, row + 1));
	const struct word *w = word_named(L, d, f->name, lua_tostring(L, row + 2));
	f->doc = lua_rawgeti(L, row, 3) == LUA_TSTRING ? keep_text(d, lua_tostring(L, -1)) : "";
	lua_settop(L, row);
	OTO_CHECK_KEYS(L, row, true, lua_pushfstring(L, "%s: field '%s'", d->type.name, f->name), "optional", "names", "hex", "set", "port",
		       "seconds");
	lua_settop(L, row);
	f->kind = w->kind;
	f->flags = (uint16_t)(w->flags | (flag(L, row, "hex") ? OTO_HEX : 0) | (flag(L, row, "set") ? OTO_SET : 0) |
			      (flag(L, row, "port") ? OTO_PORT : 0) | (flag(L, row, "seconds") ? OTO_SECONDS : 0));
	int names = lua_getfield(L, row, "names");
	if (names == LUA_TTABLE)
		f->names = read_names(L, d, lua_gettop(L));
	else if (names != LUA_TNIL)
		luaL_error(L, "%s: field '%s': names is a table { [number] = \"word\" }", d->type.name, f->name);
	lua_settop(L, row);
	bool optional = !strict || flag(L, row, "optional");
	d->more[i] = (struct declared_field){ w->vec, !optional };
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
	if (n > (lua_Integer)MOST_FIELDS)
		luaL_error(L, "%s: more than %d fields", name, (int)MOST_FIELDS);
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

/* ------------------------------------------------------------------------------------------------ filling a struct */

struct fill {
	lua_State *L;
	const struct oto_declared *d;
	const struct oto_field *field;
	oto_scratch_fn *scratch;
	void *who;
};

static int wrong(const struct fill *f, int index, const char *expected)
{
	return luaL_error(f->L, "%s: field '%s' is %s, not %s", f->d->type.name, f->field->name, expected,
			  luaL_tolstring(f->L, index, NULL));
}

static void *room(const struct fill *f, size_t size)
{
	void *p = f->scratch(f->who, size);

	if (!p)
		luaL_error(f->L, "%s: the events of one packet may refer to at most 256 KiB, those that scripts raise to 8 MiB",
			   f->d->type.name);
	return p;
}

static uint64_t integer(const struct fill *f, int index, uint64_t most)
{
	lua_State *L = f->L;
	int ok;
	lua_Integer i = lua_tointegerx(L, index, &ok);

	if (lua_type(L, index) == LUA_TSTRING && f->field->names) {
		const char *word = lua_tostring(L, index);
		for (uint32_t n = 0; n < f->field->names->count; n++) {
			if (strcmp(f->field->names->row[n].name, word) == 0)
				return f->field->names->row[n].value;
		}
		return (uint64_t)wrong(f, index, "a word of its value table");
	}
	if (!ok || lua_type(L, index) != LUA_TNUMBER)
		return (uint64_t)wrong(f, index, "a whole number");
	if (most != UINT64_MAX && (i < 0 || (uint64_t)i > most))
		luaL_error(L, "%s: field '%s' cannot hold %I (0 to %I)", f->d->type.name, f->field->name, i, (lua_Integer)most);
	return (uint64_t)i;
}

static struct oto_slice bytes(const struct fill *f, int index)
{
	size_t len;
	const char *text;
	struct oto_slice s = { (const uint8_t *)"", 0 }; /* empty, and yet there */

	if (lua_istable(f->L, index) || lua_isfunction(f->L, index))
		wrong(f, index, "a text");
	text = lua_type(f->L, index) == LUA_TSTRING ? lua_tolstring(f->L, index, &len) : luaL_tolstring(f->L, index, &len);
	if (len) {
		s = (struct oto_slice){ room(f, len), (uint32_t)len };
		memcpy((void *)(uintptr_t)s.data, text, len);
	}
	if (lua_type(f->L, index) != LUA_TSTRING)
		lua_settop(f->L, -2);
	return s;
}

static struct oto_list texts(const struct fill *f, int index)
{
	if (!lua_istable(f->L, index))
		wrong(f, index, "a list of texts");
	uint32_t n = (uint32_t)lua_rawlen(f->L, index);
	struct oto_slice *items = n ? room(f, n * sizeof *items) : NULL;
	for (uint32_t i = 0; i < n; i++) {
		lua_rawgeti(f->L, index, i + 1);
		items[i] = bytes(f, lua_gettop(f->L));
		lua_settop(f->L, -2);
	}
	return (struct oto_list){ items, n };
}

/* A list of numbers or booleans, or a string that holds them in wire form. */
static struct oto_vec numbers(const struct fill *f, int index, uint8_t kind)
{
	static const uint8_t width[] = { [OTO_VEC_U8] = 1, [OTO_VEC_U16BE] = 2, [OTO_VEC_U32BE] = 4 };
	lua_State *L = f->L;

	if (lua_type(L, index) == LUA_TSTRING) {
		struct oto_slice s = bytes(f, index);
		return (struct oto_vec){ s.data, kind == OTO_VEC_BITS ? s.len * 8 : s.len / width[kind], kind };
	}
	if (!lua_istable(L, index))
		wrong(f, index, "a list of numbers");
	uint32_t n = (uint32_t)lua_rawlen(L, index), size = kind == OTO_VEC_BITS ? (n + 7) / 8 : n * width[kind];
	uint8_t *data = n ? room(f, size) : NULL;
	for (uint32_t i = 0; i < n; i++) {
		lua_rawgeti(L, index, i + 1);
		if (kind == OTO_VEC_BITS) {
			bool set = lua_isboolean(L, -1) ? lua_toboolean(L, -1) : lua_tointeger(L, -1) != 0;
			data[i / 8] |= (uint8_t)(set << (i % 8));
		} else {
			uint64_t u = integer(f, lua_gettop(L), (UINT64_C(1) << width[kind] * 8) - 1);
			for (uint8_t b = 0; b < width[kind]; b++)
				data[i * width[kind] + b] = (uint8_t)(u >> (width[kind] - 1 - b) * 8);
		}
		lua_settop(L, -2);
	}
	return (struct oto_vec){ data, n, kind };
}

/* Words for C structs that want constants: kept for the life of the policy, each once. */
const char *oto_intern(lua_State *L, int index)
{
	const char *text = luaL_checkstring(L, index);

	/* An anchored string never moves; the table leads from any equal string to the one that is anchored. */
	index = lua_absindex(L, index);
	lua_rawgeti(L, LUA_REGISTRYINDEX, oto_lua_of(L)->anchors);
	lua_pushvalue(L, index);
	if (lua_rawget(L, -2) == LUA_TSTRING) {
		text = lua_tostring(L, -1);
	} else {
		lua_pushvalue(L, index);
		lua_pushvalue(L, index);
		lua_rawset(L, -4);
	}
	lua_settop(L, -3);
	return text;
}

struct oto_target oto_check_target(lua_State *L, int index, oto_scratch_fn *scratch, void *who)
{
	struct oto_target t = { 0 };
	size_t len;

	index = lua_absindex(L, index);
	if (lua_type(L, index) == LUA_TSTRING) {
		t.space = oto_intern(L, index);
		return t;
	}
	luaL_checktype(L, index, LUA_TTABLE);
	OTO_CHECK_KEYS(L, index, false, "a target", "space", "name", "first", "count");
	if (lua_getfield(L, index, "space") == LUA_TSTRING)
		t.space = oto_intern(L, lua_gettop(L));
	if (lua_getfield(L, index, "name") != LUA_TNIL) {
		const char *name = luaL_tolstring(L, -1, &len);
		void *copy = len ? scratch(who, len) : NULL;
		if (copy)
			t.name = (struct oto_slice){ memcpy(copy, name, len), (uint32_t)len };
		lua_settop(L, -2);
	}
	if (lua_getfield(L, index, "first") != LUA_TNIL) {
		t.first = (uint64_t)luaL_checkinteger(L, -1);
		t.count = 1;
	}
	if (lua_getfield(L, index, "count") != LUA_TNIL)
		t.count = (uint32_t)luaL_checkinteger(L, -1);
	lua_settop(L, -5);
	return t;
}

static void fill_field(const struct fill *f, int index, uint8_t vec, void *p)
{
	struct oto_addr a;
	int64_t ns;

	switch (f->field->kind) {
	case OTO_BOOL:
		*(bool *)p = lua_isboolean(f->L, index) ? lua_toboolean(f->L, index) : wrong(f, index, "true or false");
		break;
	case OTO_U8:
		*(uint8_t *)p = (uint8_t)integer(f, index, UINT8_MAX);
		break;
	case OTO_U16:
		*(uint16_t *)p = (uint16_t)integer(f, index, UINT16_MAX);
		break;
	case OTO_U32:
		*(uint32_t *)p = (uint32_t)integer(f, index, UINT32_MAX);
		break;
	case OTO_U64:
	case OTO_I64:
		*(uint64_t *)p = integer(f, index, UINT64_MAX);
		break;
	case OTO_F64:
		*(double *)p = lua_type(f->L, index) == LUA_TNUMBER ? lua_tonumber(f->L, index) : wrong(f, index, "a number");
		break;
	case OTO_BYTES:
		*(struct oto_slice *)p = bytes(f, index);
		break;
	case OTO_ADDR:
		if (!oto_to_addr(f->L, index, p))
			wrong(f, index, "an address");
		break;
	case OTO_MAC:
		if (!oto_to_addr(f->L, index, &a) || a.family != OTO_FAMILY_MAC)
			wrong(f, index, "a MAC address");
		memcpy(p, a.byte, sizeof(struct oto_mac));
		break;
	case OTO_TIME:
		if (!oto_to_time(f->L, index, &ns))
			wrong(f, index, "a time");
		*(int64_t *)p = ns;
		break;
	case OTO_INTERVAL:
		if (!oto_to_interval(f->L, index, &ns))
			wrong(f, index, "a time span");
		*(int64_t *)p = ns;
		break;
	case OTO_LIST:
		*(struct oto_list *)p = texts(f, index);
		break;
	case OTO_VEC:
		*(struct oto_vec *)p = numbers(f, index, vec);
		break;
	case OTO_TARGET:
		*(struct oto_target *)p = oto_check_target(f->L, index, f->scratch, f->who);
		break;
	}
}

static int unknown_key(lua_State *L, const struct oto_declared *d, int key)
{
	const char *known[MOST_FIELDS], *name = luaL_tolstring(L, key, NULL);
	char near[256];

	for (uint32_t i = 0; i < d->type.nfields; i++)
		known[i] = d->fields[i].name;
	return luaL_error(L, "%s has no field '%s'%s", d->type.name, name, oto_near(near, sizeof near, name, known, d->type.nfields));
}

void oto_declared_fill(lua_State *L, const struct oto_declared *d, int index, void *data, oto_scratch_fn *scratch, void *who)
{
	struct fill f = { .L = L, .d = d, .scratch = scratch, .who = who };
	bool seen[MOST_FIELDS] = { false };
	char *base = data;

	index = lua_absindex(L, index);
	if (!lua_istable(L, index))
		luaL_error(L, "%s takes a table of fields, not a %s", d->type.name, luaL_typename(L, index));
	memset(data, 0, d->type.size);
	lua_rawgeti(L, LUA_REGISTRYINDEX, d->index);
	int by_name = lua_gettop(L);
	for (lua_pushnil(L); lua_next(L, index); lua_settop(L, by_name + 1)) {
		lua_pushvalue(L, by_name + 1);
		if (lua_rawget(L, by_name) == LUA_TNIL)
			unknown_key(L, d, by_name + 1);
		uint32_t i = (uint32_t)lua_tointeger(L, -1);
		f.field = &d->fields[i];
		fill_field(&f, by_name + 2, d->more[i].vec, base + f.field->offset);
		if (f.field->guard)
			*(bool *)(base + f.field->guard - 1) = true;
		seen[i] = true;
	}
	lua_settop(L, by_name - 1);
	for (uint32_t i = 0; i < d->type.nfields; i++) {
		if (d->more[i].required && !seen[i])
			luaL_error(L, "%s lacks field '%s'", d->type.name, d->fields[i].name);
	}
}

/* ------------------------------------------------------------------------------------------------ event.new, raise */

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

static void *bus_scratch(void *who, size_t size)
{
	return oto_bus_raised(who, size);
}

/* Queue an event of a declared type from the table at `index`; its head is that of the event at hand. */
void oto_declared_raise(lua_State *L, const struct oto_declared *d, int index, int64_t ts_ns)
{
	struct oto_policy *p = oto_lua_of(L)->policy;
	struct oto_bus *bus = p->engine->bus;
	const struct oto_head *head = p->event ? p->event->head : oto_engine_head(p->engine, NULL, OTO_ORIG);
	uint64_t data[(MOST_FIELDS * (sizeof(struct oto_target) + 8) + 16) / 8];

	if (ts_ns != INT64_MIN) {
		struct oto_head *own = oto_bus_raised(bus, sizeof *own);
		if (own) {
			*own = *head;
			own->ts.ns = ts_ns;
			head = own;
		}
	}
	oto_declared_fill(L, d, index, data, bus_scratch, bus);
	oto_bus_emit(bus, d->def, head, data);
}

static bool same_fields(const struct oto_event_type *a, const struct oto_event_type *b)
{
	if (a->nfields != b->nfields || strcmp(a->name, b->name) != 0 || strcmp(a->doc, b->doc) != 0)
		return false;
	for (uint32_t i = 0; i < a->nfields; i++) {
		if (strcmp(a->fields[i].name, b->fields[i].name) != 0 || a->fields[i].kind != b->fields[i].kind)
			return false;
	}
	return true;
}

/* A module that declares an event is loaded once by every script that requires it: the same declaration again is the event there is. */
static bool is_declared(const struct oto_policy *p, const struct oto_declared *d)
{
	for (const struct oto_declared *other = p->declared; other; other = other->next) {
		if (other != d && other->def && !other->def->analyzer && same_fields(&other->type, &d->type))
			return true;
	}
	return false;
}

static int event_new(lua_State *L)
{
	luaL_checktype(L, 1, LUA_TTABLE);
	OTO_CHECK_KEYS(L, 1, true, "event.new", "name", "doc", "log");
	if (lua_getfield(L, 1, "name") != LUA_TSTRING)
		return luaL_error(L, "event.new needs a name");
	struct oto_declared *d = oto_declare(L, 1, lua_tostring(L, -1), true);
	if (is_declared(oto_lua_of(L)->policy, d))
		return 0;
	if (lua_getfield(L, 1, "log") == LUA_TTABLE) {
		lua_getfield(L, -1, "name");
		oto_declared_log(L, d, -2, lua_isstring(L, -1) ? lua_tostring(L, -1) : d->type.name);
	}
	oto_declared_register(L, d);
	lua_settop(L, 1);
	return 0;
}

static int raise(lua_State *L)
{
	const char *name = luaL_checkstring(L, 1);
	struct oto_policy *p = oto_lua_of(L)->policy;
	char near[256];

	for (const struct oto_declared *d = p->declared; d; d = d->next) {
		if (d->def && !d->def->analyzer && strcmp(d->type.name, name) == 0) {
			oto_declared_raise(L, d, 2, INT64_MIN);
			return 0;
		}
	}
	if (oto_bus_find(p->engine->bus, name))
		return luaL_error(L, "raise(\"%s\"): scripts raise only events that they declared with event.new", name);
	return luaL_error(L, "raise(\"%s\"): there is no such event%s", name, oto_bus_near(p->engine->bus, name, near, sizeof near));
}

void oto_lua_events(struct oto_lua *lua)
{
	static const luaL_Reg event[] = { { "new", event_new }, { 0 } };

	luaL_newlib(lua->L, event);
	lua_setglobal(lua->L, "event");
	lua_register(lua->L, "raise", raise);
}

void oto_declared_free(struct oto_policy *p)
{
	for (struct oto_declared *d = p->declared, *next; d; d = next) {
		next = d->next;
		oto_arena_free(&d->memory);
		free(d);
	}
}
