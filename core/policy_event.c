/* policy_event.c - event.new and raise: values from Lua become an event of a declared type. They are checked against it by name; bytes are
 * copied to scratch memory.
 */
#include "policy_declared.h"

#include <math.h>
#include <stdlib.h>

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
	const char *known[OTO_DECLARED_FIELDS], *name = luaL_tolstring(L, key, NULL);
	char near[256];

	for (uint32_t i = 0; i < d->type.nfields; i++)
		known[i] = d->fields[i].name;
	return luaL_error(L, "%s has no field '%s'%s", d->type.name, name, oto_near(near, sizeof near, name, known, d->type.nfields));
}

void oto_declared_fill(lua_State *L, const struct oto_declared *d, int index, void *data, oto_scratch_fn *scratch, void *who)
{
	struct fill f = { .L = L, .d = d, .scratch = scratch, .who = who };
	bool seen[OTO_DECLARED_FIELDS] = { false };
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
	uint64_t data[(OTO_DECLARED_FIELDS * (sizeof(struct oto_target) + 8) + 16) / 8];

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

/* upvalue: what was declared, by name. A module that declares an event is loaded once by every script that requires it: the same
 * declaration again is the event there is. */
static bool is_declared(lua_State *L, const struct oto_declared *d)
{
	bool same = lua_getfield(L, lua_upvalueindex(1), d->type.name) == LUA_TLIGHTUSERDATA &&
		    same_fields(oto_declared_type(lua_touserdata(L, -1)), &d->type);

	lua_settop(L, -2);
	return same;
}

/* upvalue: what was declared, by name */
static int event_new(lua_State *L)
{
	luaL_checktype(L, 1, LUA_TTABLE);
	OTO_CHECK_KEYS(L, 1, true, "event.new", "name", "doc", "log");
	if (lua_getfield(L, 1, "name") != LUA_TSTRING)
		return luaL_error(L, "event.new needs a name");
	struct oto_declared *d = oto_declare(L, 1, lua_tostring(L, -1), true);
	if (is_declared(L, d)) {
		oto_declared_drop(L);
		return 0;
	}
	if (lua_getfield(L, 1, "log") == LUA_TTABLE) {
		lua_getfield(L, -1, "name");
		oto_declared_log(L, d, -2, lua_isstring(L, -1) ? lua_tostring(L, -1) : d->type.name);
	}
	oto_declared_register(L, d);
	lua_pushlightuserdata(L, d);
	lua_setfield(L, lua_upvalueindex(1), d->type.name);
	return 0;
}

static int no_such_event(lua_State *L, const char *what, const char *name)
{
	char near[256];

	return luaL_error(L, "%s(\"%s\"): there is no such event%s", what, name,
			  oto_bus_near(oto_lua_of(L)->policy->engine->bus, name, near, sizeof near));
}

/* event.wanted(name): is anybody listening? */
static int event_wanted(lua_State *L)
{
	const char *name = luaL_checkstring(L, 1);
	const struct oto_event_def *def = oto_bus_find(oto_lua_of(L)->policy->engine->bus, name);

	if (!def)
		return no_such_event(L, "event.wanted", name);
	lua_pushboolean(L, oto_event_wanted(def));
	return 1;
}

/* upvalue: what event.new declared, by name */
static int raise(lua_State *L)
{
	const char *name = luaL_checkstring(L, 1);
	const struct oto_policy *p = oto_lua_of(L)->policy;

	lua_pushvalue(L, 1);
	if (lua_rawget(L, lua_upvalueindex(1)) == LUA_TLIGHTUSERDATA) {
		oto_declared_raise(L, lua_touserdata(L, -1), 2, INT64_MIN);
		return 0;
	}
	if (oto_bus_find(p->engine->bus, name))
		return luaL_error(L, "raise(\"%s\"): scripts raise only events that they declared with event.new", name);
	return no_such_event(L, "raise", name);
}

void oto_lua_events(struct oto_lua *lua)
{
	static const luaL_Reg event[] = { { "new", event_new }, { "wanted", event_wanted }, { 0 } };
	lua_State *L = lua->L;

	lua_newtable(L);
	luaL_newlibtable(L, event);
	lua_pushvalue(L, -2);
	luaL_setfuncs(L, event, 1);
	lua_setglobal(L, "event");
	lua_pushcclosure(L, raise, 1);
	lua_setglobal(L, "raise");
}
