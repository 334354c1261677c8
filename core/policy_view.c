/* policy_view.c - an event as a handler sees it: 16 bytes that point at the C struct, whose fields become Lua values only when read.
 *
 * A view carries the number of the handler call it was made for. The number moves on when the call ends, and from then on any use of the
 * view is an error with advice; a view reused for the next event would be cheaper and silently show that event's values. Field names are
 * found by the address of the interned Lua string in a small table per event type, so that an index costs one probe.
 */
#include "policy_private.h"

#include <fnmatch.h>
#include <stdlib.h>

struct oto_view {
	const struct oto_event *event;
	uint64_t generation;
};

/* A vector or list of an event; its items are read from the packet when asked for. */
struct numbers_view {
	struct oto_value value;
	uint64_t generation;
};

/* ------------------------------------------------------------------------------------------------ fields by interned name */

struct cached {
	const char *name; /* address of the interned string; NULL: free */
	struct oto_field_ref ref;
	lua_CFunction method;
	const char *pattern; /* no field and no method: of another event that this wildcard finds */
};

struct oto_field_cache {
	struct cached *slot;
	uint32_t size, used;
};

static uint32_t slot_of(const char *name, uint32_t size)
{
	return (uint32_t)(((uintptr_t)name >> 3) * UINT64_C(0x9e3779b97f4a7c15) >> 32) & (size - 1);
}

static struct cached *cache_slot(struct oto_field_cache *c, const char *name)
{
	uint32_t i = slot_of(name, c->size);

	while (c->slot[i].name && c->slot[i].name != name)
		i = (i + 1) & (c->size - 1);
	return &c->slot[i];
}

static void cache_grow(struct oto_field_cache *c)
{
	struct oto_field_cache old = *c;

	c->size = old.size ? old.size * 2 : 32;
	c->slot = oto_calloc(c->size, sizeof *c->slot);
	for (uint32_t i = 0; i < old.size; i++) {
		if (old.slot[i].name)
			*cache_slot(c, old.slot[i].name) = old.slot[i];
	}
	free(old.slot);
}

static struct oto_field_cache *cache_of(struct oto_lua *lua, uint32_t id)
{
	if (id >= lua->ncaches) {
		uint32_t n = id + 32;
		lua->caches = oto_realloc(lua->caches, n * sizeof *lua->caches);
		memset(lua->caches + lua->ncaches, 0, (n - lua->ncaches) * sizeof *lua->caches);
		lua->ncaches = n;
	}
	struct oto_field_cache *c = &lua->caches[id];
	if (!c->size)
		cache_grow(c);
	return c;
}

void oto_lua_views_free(struct oto_lua *lua)
{
	for (uint32_t i = 0; i < lua->ncaches; i++)
		free(lua->caches[i].slot);
	free(lua->caches);
}

/* ------------------------------------------------------------------------------------------------ use after the handler */

static int stale(lua_State *L)
{
	return luaL_error(
	    L, "this event is over: its packet is gone when the handler returns; keep what you need with e:copy(), or a field's value");
}

static const struct oto_event *check_view(lua_State *L)
{
	const struct oto_view *v = oto_type_check(L, 1, OTO_TYPE_VIEW);

	if (v->generation != oto_lua_of(L)->generation)
		stale(L);
	return v->event;
}

/* ------------------------------------------------------------------------------------------------ values */

static void push_word(lua_State *L, const struct oto_value *v)
{
	const struct oto_name *row = v->u <= UINT32_MAX ? oto_name_of(v->names, (uint32_t)v->u) : NULL;

	if (row)
		lua_pushstring(L, row->name);
	else
		lua_pushfstring(L, "unknown-%I", (lua_Integer)v->u);
}

static void push_number(lua_State *L, uint64_t u)
{
	if (u <= INT64_MAX)
		lua_pushinteger(L, (lua_Integer)u);
	else
		lua_pushnumber(L, (lua_Number)u);
}

static void push_text(lua_State *L, const struct oto_value *v)
{
	struct oto_buf b = { 0 };

	oto_value_text(v, &b);
	lua_pushlstring(L, b.data ? b.data : "", b.len);
	oto_buf_free(&b);
}

static void push_numbers(lua_State *L, const struct oto_value *v)
{
	struct numbers_view *n = lua_newuserdatauv(L, sizeof *n, 0);

	*n = (struct numbers_view){ *v, oto_lua_of(L)->generation };
	oto_type_give(L, OTO_TYPE_NUMBERS);
}

void oto_push_value(lua_State *L, const struct oto_value *v)
{
	switch (v->kind) {
	case OTO_BOOL:
		lua_pushboolean(L, v->u != 0);
		break;
	case OTO_U8:
	case OTO_U16:
	case OTO_U32:
	case OTO_U64:
		if (v->names)
			push_word(L, v);
		else if (v->flags & OTO_SECONDS)
			oto_push_interval(L, (int64_t)(v->u > 9000000000 ? 9000000000 : v->u) * OTO_SECOND);
		else if (v->flags & OTO_HEX) /* who compares it writes it in hexadecimal, where Lua's integers have all 64 bits */
			lua_pushinteger(L, (lua_Integer)v->u);
		else
			push_number(L, v->u);
		break;
	case OTO_I64:
		lua_pushinteger(L, v->i);
		break;
	case OTO_F64:
		lua_pushnumber(L, v->f);
		break;
	case OTO_STR:
		lua_pushstring(L, v->str);
		break;
	case OTO_BYTES:
		lua_pushlstring(L, v->bytes.len ? (const char *)v->bytes.data : "", v->bytes.len);
		break;
	case OTO_ADDR:
		oto_push_addr(L, v->addr);
		break;
	case OTO_MAC: {
		struct oto_addr a = { .family = OTO_FAMILY_MAC };
		memcpy(a.byte, v->mac->byte, sizeof v->mac->byte);
		oto_push_addr(L, &a);
		break;
	}
	case OTO_TIME:
		oto_push_time(L, v->i);
		break;
	case OTO_INTERVAL:
		oto_push_interval(L, v->i);
		break;
	case OTO_VEC:
	case OTO_LIST:
		push_numbers(L, v);
		break;
	case OTO_TARGET:
		push_text(L, v);
		break;
	default:
		lua_pushnil(L);
	}
}

/* ------------------------------------------------------------------------------------------------ vectors and lists */

static uint32_t numbers_count(const struct oto_value *v)
{
	return v->kind == OTO_VEC ? v->vec.count : v->list.count;
}

/* Item i, from 1. Bits are booleans: in Lua the number 0 is true. */
static void push_item(lua_State *L, const struct oto_value *v, lua_Integer i)
{
	if (i < 1 || i > (lua_Integer)numbers_count(v)) {
		lua_pushnil(L);
	} else if (v->kind == OTO_LIST) {
		struct oto_slice s = v->list.items[i - 1];
		lua_pushlstring(L, s.len ? (const char *)s.data : "", s.len);
	} else {
		uint64_t u = oto_vec_at(&v->vec, (uint32_t)i - 1);
		enum oto_kind kind = oto_vec_item_kind(&v->vec);
		if (v->vec.kind == OTO_VEC_BITS)
			lua_pushboolean(L, u != 0);
		else if (kind == OTO_F64)
			lua_pushnumber(L, oto_vec_real(&v->vec, (uint32_t)i - 1));
		else if (kind == OTO_I64)
			lua_pushinteger(L, (lua_Integer)u);
		else
			push_number(L, u);
	}
}

static void push_items(lua_State *L, const struct oto_value *v)
{
	uint32_t n = numbers_count(v);

	lua_createtable(L, (int)n, 0);
	for (uint32_t i = 1; i <= n; i++) {
		push_item(L, v, i);
		lua_rawseti(L, -2, i);
	}
}

static const struct oto_value *check_numbers(lua_State *L, int index)
{
	const struct numbers_view *n = oto_type_check(L, index, OTO_TYPE_NUMBERS);

	if (n->generation != oto_lua_of(L)->generation)
		stale(L);
	return &n->value;
}

void oto_check_numbers(lua_State *L, int index, struct oto_value *out)
{
	if (lua_isinteger(L, index))
		*out = (struct oto_value){ .kind = OTO_I64, .i = lua_tointeger(L, index) };
	else if (lua_type(L, index) == LUA_TNUMBER)
		*out = (struct oto_value){ .kind = OTO_F64, .f = lua_tonumber(L, index) };
	else
		*out = *check_numbers(L, index);
}

static int numbers_copy(lua_State *L)
{
	push_items(L, check_numbers(L, 1));
	return 1;
}

static int numbers_index(lua_State *L)
{
	const struct oto_value *v = check_numbers(L, 1);

	if (lua_isinteger(L, 2))
		push_item(L, v, lua_tointeger(L, 2));
	else if (lua_type(L, 2) == LUA_TSTRING && strcmp(lua_tostring(L, 2), "copy") == 0)
		lua_pushcfunction(L, numbers_copy);
	else
		return luaL_error(L, "a list has items 1 to %d and :copy(), not '%s'", (int)numbers_count(v), luaL_tolstring(L, 2, NULL));
	return 1;
}

static int numbers_len(lua_State *L)
{
	lua_pushinteger(L, numbers_count(check_numbers(L, 1)));
	return 1;
}

static int numbers_tostring(lua_State *L)
{
	push_text(L, check_numbers(L, 1));
	return 1;
}

/* ------------------------------------------------------------------------------------------------ methods of an event */

static void push_target(lua_State *L, const struct oto_target *t)
{
	lua_newtable(L);
	if (t->space) {
		lua_pushstring(L, t->space);
		lua_setfield(L, -2, "space");
	}
	if (t->name.len) {
		lua_pushlstring(L, (const char *)t->name.data, t->name.len);
		lua_setfield(L, -2, "name");
	}
	if (t->count) {
		push_number(L, t->first);
		lua_setfield(L, -2, "first");
		lua_pushinteger(L, t->count);
		lua_setfield(L, -2, "count");
	}
}

/* Who hears many events by a wildcard asks each for the fields of all: a field of another one is absent here. */
static bool known_elsewhere(const struct oto_policy *p, const char *name)
{
	uint32_t n;
	struct oto_event_def *const *types = oto_bus_types(p->engine->bus, &n);

	for (uint32_t i = 0; p->pattern && i < n; i++) {
		if (oto_field_find(types[i], name, strlen(name)).field && fnmatch(p->pattern, types[i]->name, 0) == 0)
			return true;
	}
	return false;
}

static int unknown_field(lua_State *L, const struct oto_event_def *def, const char *name)
{
	char near[256];

	return luaL_error(L, "event %s has no field '%s'%s", def->name, name, oto_field_near(def, name, near, sizeof near));
}

static const struct cached *field_called(lua_State *L, const struct oto_event_def *def, int index);

/* e:raw("func"): the number behind a word, the nanoseconds of a time or interval, the parts of a target as a table. */
static int view_raw(lua_State *L)
{
	const struct oto_event *event = check_view(L);
	luaL_checktype(L, 2, LUA_TSTRING);
	const struct cached *slot = field_called(L, event->def, 2);
	struct oto_value v;

	if (!slot->ref.field)
		return slot->method ? unknown_field(L, event->def, slot->name) : 0;
	oto_value_get(event, slot->ref, &v);
	v.names = NULL;
	v.flags &= (uint16_t)~OTO_SECONDS;
	if (v.kind == OTO_TARGET)
		push_target(L, v.target);
	else if (v.kind == OTO_TIME || v.kind == OTO_INTERVAL)
		lua_pushinteger(L, v.i);
	else
		oto_push_value(L, &v);
	return 1;
}

static struct oto_field_ref field_known(lua_State *L, const struct oto_event_def *def, const char *name);

/* e:value_of("client"): the field, of events that may not have one of that name. */
static int view_value_of(lua_State *L)
{
	const struct oto_event *event = check_view(L);
	struct oto_field_ref ref = field_known(L, event->def, luaL_checkstring(L, 2));
	struct oto_value v = { 0 };

	if (ref.field)
		oto_value_get(event, ref, &v);
	if (!v.kind)
		return 0;
	oto_push_value(L, &v);
	return 1;
}

static void push_shown(lua_State *L, const struct oto_value *v)
{
	if (v->flags & OTO_HEX || v->kind == OTO_ADDR || v->kind == OTO_MAC) {
		push_text(L, v);
		return;
	}
	oto_push_value(L, v);
	luaL_tolstring(L, -1, NULL);
	lua_replace(L, -2);
}

enum { MOST_SHOWN = 32, LONGEST_SHOWN = 160 };

/* e:shown(): what is there of it, name=value; long ones are cut. */
static int show_all(lua_State *L, const struct oto_event *event)
{
	uint32_t nhead, shown = 0;
	const struct oto_field *head = oto_head_fields(&nhead);
	struct oto_buf all = { 0 };
	struct oto_value v;
	size_t len;

	for (uint32_t i = 0; i < event->def->nfields + nhead && shown < MOST_SHOWN; i++) {
		bool own = i < event->def->nfields;
		const struct oto_field *f = own ? &event->def->fields[i] : &head[i - event->def->nfields];
		oto_value_get(event, (struct oto_field_ref){ f, !own }, &v);
		if (!v.kind)
			continue;
		if (!own) /* of two of one name the event's own, as everywhere */
			oto_value_get(event, oto_field_find(event->def, f->name, strlen(f->name)), &v);
		oto_buf_fmt(&all, "%s%s=", shown++ ? " " : "", f->name);
		push_shown(L, &v);
		const char *text = lua_tolstring(L, -1, &len);
		bool is_long = len > LONGEST_SHOWN;
		oto_buf_add(&all, text, is_long ? LONGEST_SHOWN - 3 : len);
		oto_buf_add(&all, "...", is_long ? 3 : 0);
		lua_settop(L, -2);
	}
	lua_pushlstring(L, all.data ? all.data : "", all.len);
	oto_buf_free(&all);
	return 1;
}

/* e:shown("sha256"): as tostring(e.sha256), but what logs have in hexadecimal is so here. */
static int view_shown(lua_State *L)
{
	const struct oto_event *event = check_view(L);

	if (lua_gettop(L) == 1)
		return show_all(L, event);
	luaL_checktype(L, 2, LUA_TSTRING);
	const struct cached *slot = field_called(L, event->def, 2);
	struct oto_value v = { 0 };

	if (slot->method)
		return unknown_field(L, event->def, slot->name);
	if (slot->ref.field)
		oto_value_get(event, slot->ref, &v);
	if (v.kind)
		push_shown(L, &v);
	else
		lua_pushnil(L);
	return 1;
}

/* As tostring() makes it, "-" where it is absent; of an address nothing else is made. */
static void add_text(luaL_Buffer *b, const struct oto_event *event, const struct cached *slot)
{
	struct oto_value v = { 0 };
	struct oto_buf text = { 0 };

	if (slot->ref.field)
		oto_value_get(event, slot->ref, &v);
	if (!v.kind) {
		luaL_addchar(b, '-');
	} else if (v.kind == OTO_ADDR) {
		oto_addr_text(v.addr, &text);
		luaL_addlstring(b, text.data, text.len);
		oto_buf_free(&text);
	} else {
		oto_push_value(b->L, &v);
		luaL_tolstring(b->L, -1, NULL);
		lua_replace(b->L, -2);
		luaL_addvalue(b);
	}
}

/* The field whose name is the i-th of the list at 2. */
static const struct cached *field_listed(lua_State *L, const struct oto_event_def *def, lua_Integer i)
{
	if (lua_rawgeti(L, 2, i) != LUA_TSTRING)
		luaL_error(L, "a list of names of fields is wanted");
	const struct cached *slot = field_called(L, def, lua_gettop(L));
	if (slot->method)
		unknown_field(L, def, slot->name);
	lua_settop(L, -2);
	return slot;
}

/* e:joined { "client", "server" }: what window:count{...} counts by, as a text. */
static int view_joined(lua_State *L)
{
	const struct oto_event *event = check_view(L);
	luaL_Buffer b;

	luaL_checktype(L, 2, LUA_TTABLE);
	lua_settop(L, 2);
	luaL_buffinit(L, &b);
	for (lua_Integer i = 1, n = (lua_Integer)lua_rawlen(L, 2); i <= n; i++) {
		const struct cached *slot = field_listed(L, event->def, i);
		if (i > 1)
			luaL_addchar(&b, ' ');
		add_text(&b, event, slot);
	}
	luaL_pushresult(&b);
	return 1;
}

/* e:listed { "client", false, "func" }: these fields, and nil for false. */
static int view_listed(lua_State *L)
{
	const struct oto_event *event = check_view(L);
	struct oto_value v;

	luaL_checktype(L, 2, LUA_TTABLE);
	lua_settop(L, 2);
	lua_Integer n = (lua_Integer)lua_rawlen(L, 2);
	luaL_argcheck(L, n <= 255, 2, "a list of up to 255 names is wanted");
	lua_createtable(L, (int)n, 0);
	for (lua_Integer i = 1; i <= n; i++) {
		bool is_none = lua_rawgeti(L, 2, i) == LUA_TBOOLEAN;
		lua_settop(L, 3);
		const struct cached *slot = is_none ? NULL : field_listed(L, event->def, i);
		if (!slot || !slot->ref.field)
			continue;
		oto_value_get(event, slot->ref, &v);
		oto_push_value(L, &v);
		lua_rawseti(L, 3, i);
	}
	return 1;
}

static void push_kept(lua_State *L, const struct oto_value *v)
{
	if (v->kind == OTO_VEC || v->kind == OTO_LIST)
		push_items(L, v);
	else
		oto_push_value(L, v);
}

static void copy_fields(lua_State *L, const struct oto_event *event, const struct oto_field *fields, uint32_t n, bool in_head)
{
	for (uint32_t i = 0; i < n; i++) {
		struct oto_value v;
		oto_value_get(event, (struct oto_field_ref){ &fields[i], in_head }, &v);
		if (!v.kind)
			continue;
		push_kept(L, &v);
		lua_setfield(L, -2, fields[i].name);
	}
}

void oto_push_copy(lua_State *L, const struct oto_event *event)
{
	uint32_t nhead;
	const struct oto_field *head = oto_head_fields(&nhead);

	lua_createtable(L, 0, (int)(event->def->nfields + nhead));
	copy_fields(L, event, head, nhead, true);
	copy_fields(L, event, event->def->fields, event->def->nfields, false);
}

static int view_copy(lua_State *L)
{
	oto_push_copy(L, check_view(L));
	return 1;
}

static int view_event_name(lua_State *L)
{
	lua_pushstring(L, check_view(L)->def->name);
	return 1;
}

/* e:fields(): the names of the fields that are present, own fields first, in the order of the reference. */
static int view_fields(lua_State *L)
{
	const struct oto_event *event = check_view(L);
	uint32_t nhead;
	const struct oto_field *head = oto_head_fields(&nhead);
	struct oto_value v;
	lua_Integer n = 0;

	lua_newtable(L);
	for (uint32_t i = 0; i < event->def->nfields + nhead; i++) {
		bool own = i < event->def->nfields;
		const struct oto_field *f = own ? &event->def->fields[i] : &head[i - event->def->nfields];
		oto_value_get(event, (struct oto_field_ref){ f, !own }, &v);
		if (!v.kind)
			continue;
		lua_pushstring(L, f->name);
		lua_rawseti(L, -2, ++n);
	}
	return 1;
}

static int view_tostring(lua_State *L)
{
	const struct oto_event *event = check_view(L);
	struct oto_buf b = { 0 };
	struct oto_value v;
	const char *between = "";

	oto_buf_fmt(&b, "%s{", event->def->name);
	for (uint32_t i = 0; i < event->def->nfields; i++) {
		oto_value_get(event, (struct oto_field_ref){ &event->def->fields[i], false }, &v);
		if (!v.kind)
			continue;
		oto_buf_fmt(&b, "%s%s=", between, event->def->fields[i].name);
		oto_value_text(&v, &b);
		between = " ";
	}
	oto_buf_chr(&b, '}');
	lua_pushlstring(L, b.data, b.len);
	oto_buf_free(&b);
	return 1;
}

static const luaL_Reg methods[] = { { "raw", view_raw },       { "shown", view_shown },      { "joined", view_joined },
				    { "listed", view_listed }, { "copy", view_copy },        { "event_name", view_event_name },
				    { "fields", view_fields }, { "value_of", view_value_of } };

/* ------------------------------------------------------------------------------------------------ e.field */

static const struct cached *learn(lua_State *L, struct oto_lua *lua, const struct oto_event_def *def, struct oto_field_cache *c, int index)
{
	const char *name = lua_tostring(L, index);
	struct cached found = { .name = name };

	for (size_t i = 0; i < sizeof methods / sizeof *methods; i++) {
		if (strcmp(methods[i].name, name) == 0)
			found.method = methods[i].func;
	}
	if (!found.method)
		found.ref = oto_field_find(def, name, strlen(name));
	if (!found.method && !found.ref.field) {
		if (!known_elsewhere(lua->policy, name))
			unknown_field(L, def, name);
		found.pattern = lua->policy->pattern;
	}
	if (c->used * 2 >= c->size)
		cache_grow(c);
	c->used++;
	lua_rawgeti(L, LUA_REGISTRYINDEX, lua->anchors);
	lua_pushvalue(L, index);
	lua_pushvalue(L, index);
	lua_rawset(L, -3);
	lua_pop(L, 1);
	struct cached *slot = cache_slot(c, name);
	*slot = found;
	return slot;
}

/* Its name stands at `index`. A field that neither this event nor one that is heard with it has is an error. */
static const struct cached *field_called(lua_State *L, const struct oto_event_def *def, int index)
{
	const char *name = lua_tostring(L, index);
	struct oto_lua *lua = oto_lua_of(L);
	struct oto_field_cache *c = def->id < lua->ncaches && lua->caches[def->id].size ? &lua->caches[def->id] : cache_of(lua, def->id);
	const struct cached *slot = cache_slot(c, name);

	if (!slot->name)
		slot = learn(L, lua, def, c, index);
	if (__builtin_expect(!slot->method && !slot->ref.field, 0) && slot->pattern != lua->policy->pattern &&
	    !known_elsewhere(lua->policy, name))
		unknown_field(L, def, name);
	return slot;
}

static struct oto_field_ref field_known(lua_State *L, const struct oto_event_def *def, const char *name)
{
	const struct oto_lua *lua = oto_lua_of(L);
	const struct cached *slot = def->id < lua->ncaches && lua->caches[def->id].size ? cache_slot(&lua->caches[def->id], name) : NULL;

	return slot && slot->name ? slot->ref : oto_field_find(def, name, strlen(name));
}

static int view_index(lua_State *L)
{
	const struct oto_view *view = lua_touserdata(L, 1);
	struct oto_lua *lua = oto_lua_of(L);
	struct oto_value v;

	if (__builtin_expect(view->generation != lua->generation, 0))
		return stale(L);
	if (lua_type(L, 2) != LUA_TSTRING)
		return luaL_error(L, "a field of an event is named by a string");
	const struct cached *slot = field_called(L, view->event->def, 2);
	if (slot->method) {
		lua_pushcfunction(L, slot->method);
		return 1;
	}
	if (__builtin_expect(!slot->ref.field, 0))
		return 0;
	oto_value_get(view->event, slot->ref, &v);
	oto_push_value(L, &v);
	return 1;
}

static int view_newindex(lua_State *L)
{
	return luaL_error(L, "an event cannot be changed: it is what the packet said");
}

void oto_push_view(lua_State *L, const struct oto_event *event)
{
	struct oto_view *v = lua_newuserdatauv(L, sizeof *v, 0);

	*v = (struct oto_view){ event, oto_lua_of(L)->generation };
	oto_type_give(L, OTO_TYPE_VIEW);
}

void oto_lua_views(struct oto_lua *lua)
{
	static const luaL_Reg view_meta[] = {
		{ "__index", view_index }, { "__newindex", view_newindex }, { "__tostring", view_tostring }, { 0 }
	};
	static const luaL_Reg numbers_meta[] = { { "__index", numbers_index },
						 { "__len", numbers_len },
						 { "__tostring", numbers_tostring },
						 { "__newindex", view_newindex },
						 { 0 } };

	oto_type_define(lua->L, OTO_TYPE_VIEW, "oto.event", view_meta, NULL);
	oto_type_define(lua->L, OTO_TYPE_NUMBERS, "oto.numbers", numbers_meta, NULL);
}
