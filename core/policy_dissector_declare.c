/* policy_dissector_declare.c - oto.analyzer{...}: the table of a Lua dissector becomes a struct oto_analyzer, its declarations field
 * tables.
 */
#include "policy_dissector.h"

#include <stdlib.h>

static const char *keep(struct oto_lua_dissector *d, const char *text)
{
	size_t n = strlen(text) + 1;
	return memcpy(oto_arena_get(&d->memory, n), text, n);
}

static const char *text_option(lua_State *L, struct oto_lua_dissector *d, const char *key)
{
	const char *text = lua_getfield(L, 1, key) == LUA_TSTRING ? keep(d, lua_tostring(L, -1)) : NULL;

	lua_settop(L, -2);
	return text;
}

/* "a b" or { "a", "b" } into the buffer, each item behind `before`. */
static void add_words(lua_State *L, struct oto_buf *b, int index, const char *before)
{
	if (lua_type(L, index) == LUA_TSTRING || lua_type(L, index) == LUA_TNUMBER) {
		oto_buf_fmt(b, "%s%s%s", b->len ? " " : "", before, luaL_tolstring(L, index, NULL));
		lua_settop(L, -2);
	}
	for (lua_Integer i = 1; lua_istable(L, index) && lua_rawgeti(L, index, i) != LUA_TNIL; i++) {
		add_words(L, b, lua_gettop(L), before);
		lua_settop(L, -2);
	}
	if (lua_istable(L, index))
		lua_settop(L, -2);
}

/* keys = { "tcp/9600", "eth/0x88cc" }, and ports = { udp = { 9600 }, tcp = 9600 } for the common case. */
static const char *read_keys(lua_State *L, struct oto_lua_dissector *d)
{
	static const char *const transports[] = { "tcp", "udp" };
	struct oto_buf b = { 0 };

	lua_getfield(L, 1, "keys");
	add_words(L, &b, lua_gettop(L), "");
	lua_settop(L, 1);
	if (lua_getfield(L, 1, "ports") == LUA_TTABLE)
		OTO_CHECK_KEYS(L, 2, false, "ports", "tcp", "udp");
	lua_settop(L, 1);
	for (size_t i = 0; lua_getfield(L, 1, "ports") == LUA_TTABLE && i < 2; i++) {
		lua_getfield(L, 2, transports[i]);
		add_words(L, &b, 3, i ? "udp/" : "tcp/");
		lua_settop(L, 1);
	}
	lua_settop(L, 1);
	const char *keys = b.len ? keep(d, b.data) : NULL;
	oto_buf_free(&b);
	return keys;
}

static const char *read_channels(lua_State *L, struct oto_lua_dissector *d)
{
	struct oto_buf b = { 0 };

	lua_getfield(L, 1, "channels");
	add_words(L, &b, 2, "");
	lua_settop(L, 1);
	const char *channels = b.len ? keep(d, b.data) : NULL, *rest = channels;
	oto_buf_free(&b);
	lua_newtable(L);
	struct oto_slice word;
	for (lua_Integer i = 0; channels && (word = oto_word(&rest)).len; i++) {
		lua_pushlstring(L, (const char *)word.data, word.len);
		lua_pushinteger(L, i);
		lua_rawset(L, -3);
	}
	d->channel_index = luaL_ref(L, LUA_REGISTRYINDEX);
	return channels;
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* events = { message = {...}, ... }, registered in order of name: the order of a Lua table differs from run to run. */
static void read_events(lua_State *L, struct oto_lua_dissector *d)
{
	const char *names[64];
	uint32_t n = 0;
	char full[256];

	lua_newtable(L);
	d->event_index = luaL_ref(L, LUA_REGISTRYINDEX);
	if (lua_getfield(L, 1, "events") == LUA_TNIL) {
		lua_settop(L, 1);
		return;
	}
	luaL_checktype(L, 2, LUA_TTABLE);
	for (lua_pushnil(L); lua_next(L, 2); lua_settop(L, -2)) {
		if (lua_type(L, -2) != LUA_TSTRING || n == 64)
			luaL_error(L, "%s: events = { name = { doc =, { field, type, meaning }, ... } }, at most 64", d->a.name);
		names[n++] = keep(d, lua_tostring(L, -2));
	}
	qsort(names, n, sizeof *names, by_text);
	d->declared = oto_arena_get(&d->memory, n * sizeof(*d->declared));
	d->types = oto_arena_get(&d->memory, n * sizeof(*d->types));
	lua_rawgeti(L, LUA_REGISTRYINDEX, d->event_index);
	for (uint32_t i = 0; i < n; i++) {
		snprintf(full, sizeof full, "%s.%s", d->a.name, names[i]);
		lua_getfield(L, 2, names[i]);
		luaL_checktype(L, 4, LUA_TTABLE);
		OTO_CHECK_KEYS(L, 4, true, lua_pushfstring(L, "event %s", full), "doc", "log");
		lua_settop(L, 4);
		d->declared[i] = oto_declare(L, 4, full, true);
		d->types[i] = oto_declared_type(d->declared[i]);
		if (lua_getfield(L, 4, "log") == LUA_TTABLE) {
			lua_getfield(L, 5, "name");
			oto_declared_log(L, d->declared[i], 5, lua_isstring(L, 6) ? lua_tostring(L, 6) : d->a.name);
		}
		lua_settop(L, 3);
		lua_pushinteger(L, i);
		lua_setfield(L, 3, names[i]);
	}
	lua_settop(L, 1);
	d->a.events = d->types;
	d->a.nevents = n;
}

static void read_pairing(lua_State *L, struct oto_lua_dissector *d)
{
	static const char *const scopes[] = { "flow", "pair", "segment", NULL };
	struct oto_pairing *p = &d->pairing;

	if (lua_getfield(L, 1, "pairing") == LUA_TNIL) {
		lua_settop(L, 1);
		return;
	}
	luaL_checktype(L, 2, LUA_TTABLE);
	OTO_CHECK_KEYS(L, 2, false, "pairing", "scope", "keyed", "many", "repeats", "bound", "expire", "note");
	*p = (struct oto_pairing){ .self_size = sizeof *p };
	lua_getfield(L, 2, "scope");
	p->scope = (uint8_t)luaL_checkoption(L, 3, "flow", scopes);
	lua_getfield(L, 2, "keyed");
	p->keyed = lua_isnil(L, 4) || lua_toboolean(L, 4);
	lua_getfield(L, 2, "many");
	p->many = lua_toboolean(L, 5);
	lua_getfield(L, 2, "repeats");
	p->repeats = lua_toboolean(L, 6);
	lua_getfield(L, 2, "bound");
	p->bound = (uint32_t)luaL_optinteger(L, 7, 0);
	lua_getfield(L, 2, "expire");
	p->expiry_ns = lua_isnil(L, 8) ? 0 : oto_check_interval(L, 8);
	lua_getfield(L, 2, "note");
	lua_Integer note = luaL_optinteger(L, 9, 64);
	if (note < 0 || note > (lua_Integer)OTO_NOTE_MAX)
		luaL_error(L, "%s: pairing.note is 0 to %d bytes", d->a.name, (int)OTO_NOTE_MAX);
	p->note_size = (uint32_t)note;
	d->a.pairing = p;
	lua_settop(L, 1);
}

/* What the table of a dissector has: declarations when it is made, functions when the file has run. */
static const char *const parts[] = { "name",   "doc",     "keys",  "ports",   "channels", "any_port", "max_pdu",
				     "events", "pairing", "probe", "pdu_len", "pdu",      "gap",      "unanswered" };
#define NPARTS (sizeof parts / sizeof *parts)

int oto_dissector_new(lua_State *L)
{
	struct oto_policy *p = oto_lua_of(L)->policy;

	luaL_checktype(L, 1, LUA_TTABLE);
	lua_settop(L, 1);
	oto_check_keys(L, 1, false, "an analyzer", parts, NPARTS);
	struct oto_lua_dissector *d = oto_calloc(1, sizeof *d);
	d->next = p->dissector_list; /* owned by the policy at once */
	p->dissector_list = d;
	d->policy = p;
	d->script = oto_lua_of(L)->now;
	d->probe = d->pdu_len = d->pdu = d->gap = d->unanswered = LUA_NOREF;
	d->a.self_size = sizeof d->a;
	d->a.name = text_option(L, d, "name");
	d->a.doc = text_option(L, d, "doc");
	if (!d->a.name || !d->a.doc)
		return luaL_error(L, "an analyzer needs a name and a doc");
	d->a.keys = read_keys(L, d);
	d->a.channels = read_channels(L, d);
	d->a.flags = oto_option_flag(L, 1, "any_port") ? OTO_ANY_PORT : 0;
	d->a.max_pdu = (uint32_t)oto_option_whole(L, 1, "max_pdu", 0, 0, UINT32_MAX);
	lua_settop(L, 1);
	read_events(L, d);
	read_pairing(L, d);
	d->a.state_size = sizeof(int);
	d->cx = lua_newuserdatauv(L, sizeof *d->cx, 0);
	*d->cx = (struct oto_lua_context){ .d = d };
	oto_type_give(L, OTO_TYPE_CONTEXT);
	d->context = luaL_ref(L, LUA_REGISTRYINDEX);
	return 1;
}

const char *oto_dissector_unknown_part(lua_State *L, char *near, size_t size)
{
	const char *unknown = oto_unknown_key(L, -1, false, parts, NPARTS);

	if (unknown)
		oto_near(near, size, unknown, parts, NPARTS);
	return unknown;
}
