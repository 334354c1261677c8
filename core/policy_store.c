/* policy_store.c - stores as scripts see them: state.set, state.map, state.count, state.window, over state.h.
 *
 * A key is a value or a tuple of values ({ e.client, e.server }), each of the type that the store declares, so that a misspelt key is an
 * error and not a second row. Keys and values are packed into bytes: a tag, then the value in big-endian.
 */
#include "policy_packed.h"
#include "policy_private.h"
#include "state.h"
#include "tally.h"
#include "timer.h"

#include <stdlib.h>

#define MOST_KEYS 8u
#define KEY_BYTES 1024u
#define SAVE_EVERY (300 * OTO_SECOND)

struct oto_lua_store {
	struct oto_lua_store *next;
	struct oto_store *store;
	uint8_t nkeys, kind;
	char type[MOST_KEYS]; /* the tag each element must have; 0: any */
};

static const struct {
	const char *name;
	char tag;
} key_types[] = {
	{ "addr", TAG_ADDR },     { "mac", TAG_ADDR },          { "string", TAG_STRING },
	{ "count", TAG_INTEGER }, { "int", TAG_INTEGER },       { "port", TAG_INTEGER },
	{ "time", TAG_TIME },     { "interval", TAG_INTERVAL }, { "any", 0 },
};

/* ------------------------------------------------------------------------------------------------ keys */

/* A packed key on the C stack. */
struct key {
	uint8_t data[KEY_BYTES];
	uint32_t len;
};

static int bad_key(lua_State *L, const struct oto_lua_store *s, int index)
{
	return luaL_error(L, "store '%s' has the key (%s), not %s", oto_store_spec(s->store)->name, oto_store_spec(s->store)->shape,
			  lua_istable(L, index) ? "this tuple" : luaL_tolstring(L, index, NULL));
}

static void key_bytes(lua_State *L, const struct oto_lua_store *s, struct key *key, char tag, const void *data, size_t len)
{
	if (key->len + 1 + len > sizeof key->data)
		luaL_error(L, "store '%s': a key has at most %d bytes", oto_store_spec(s->store)->name, (int)KEY_BYTES);
	key->data[key->len++] = (uint8_t)tag;
	if (len)
		memcpy(key->data + key->len, data, len);
	key->len += (uint32_t)len;
}

static void key_number(lua_State *L, const struct oto_lua_store *s, struct key *key, char tag, uint64_t u)
{
	uint8_t wire[8];

	for (int i = 0; i < 8; i++)
		wire[i] = (uint8_t)(u >> (56 - 8 * i));
	key_bytes(L, s, key, tag, wire, sizeof wire);
}

static void key_text(lua_State *L, const struct oto_lua_store *s, struct key *key, int index)
{
	size_t len;
	const char *text = lua_tolstring(L, index, &len);

	key_number(L, s, key, TAG_STRING, len);
	if (len > sizeof key->data - key->len)
		luaL_error(L, "store '%s': a key has at most %d bytes", oto_store_spec(s->store)->name, (int)KEY_BYTES);
	memcpy(key->data + key->len, text, len);
	key->len += (uint32_t)len;
}

void oto_store_text_key(struct oto_buf *out, const char *text, size_t len)
{
	oto_buf_chr(out, TAG_STRING);
	oto_put64(out, len);
	oto_buf_add(out, text, len);
}

static void key_double(lua_State *L, const struct oto_lua_store *s, struct key *key, double number)
{
	uint64_t bits;

	memcpy(&bits, &number, sizeof bits);
	key_number(L, s, key, TAG_NUMBER, bits);
}

/* One element, packed as oto_pack() packs it, on the C stack. The text of an address is as good as the address: people write both. */
static void add_element(lua_State *L, const struct oto_lua_store *s, struct key *key, int index, uint8_t i, int whole)
{
	int type = lua_type(L, index);
	uint32_t at = key->len;
	struct oto_addr a;
	int64_t ns;

	if ((type == LUA_TUSERDATA || s->type[i] == TAG_ADDR) && oto_to_addr(L, index, &a))
		key_bytes(L, s, key, TAG_ADDR, &a, sizeof a);
	else if (type == LUA_TBOOLEAN)
		key_bytes(L, s, key, lua_toboolean(L, index) ? TAG_TRUE : TAG_FALSE, NULL, 0);
	else if (type == LUA_TNUMBER && lua_isinteger(L, index))
		key_number(L, s, key, TAG_INTEGER, (uint64_t)lua_tointeger(L, index));
	else if (type == LUA_TNUMBER)
		key_double(L, s, key, lua_tonumber(L, index));
	else if (type == LUA_TSTRING)
		key_text(L, s, key, index);
	else if (oto_is_time(L, index) && oto_to_time(L, index, &ns))
		key_number(L, s, key, TAG_TIME, (uint64_t)ns);
	else if (oto_is_interval(L, index) && oto_to_interval(L, index, &ns))
		key_number(L, s, key, TAG_INTERVAL, (uint64_t)ns);
	else
		bad_key(L, s, whole);
	if (s->type[i] && key->data[at] != s->type[i])
		bad_key(L, s, whole);
}

static struct oto_slice check_key(lua_State *L, const struct oto_lua_store *s, int index, struct key *key)
{
	key->len = 0;
	if (s->nkeys == 1 && !lua_istable(L, index)) {
		add_element(L, s, key, index, 0, index);
		return (struct oto_slice){ key->data, key->len };
	}
	if (!lua_istable(L, index) || lua_rawlen(L, index) != s->nkeys)
		bad_key(L, s, index);
	for (uint8_t i = 0; i < s->nkeys; i++) {
		lua_rawgeti(L, index, i + 1);
		add_element(L, s, key, lua_gettop(L), i, index);
		lua_settop(L, -2);
	}
	return (struct oto_slice){ key->data, key->len };
}

static int push_key(lua_State *L, const struct oto_lua_store *s, struct oto_slice key)
{
	const uint8_t *at = key.data, *end = key.data + key.len;

	for (uint8_t i = 0; i < s->nkeys; i++)
		oto_unpack(L, &at, end);
	return s->nkeys;
}

/* The key as people read it, for the database; without Lua. */
static void show(struct oto_slice key, struct oto_buf *out)
{
	const uint8_t *at = key.data, *end = key.data + key.len;

	oto_buf_add(out, "", 0);
	for (bool first = true; at < end; first = false) {
		uint8_t tag = *at++;
		struct oto_addr a;
		uint64_t u = 0;
		if (!first)
			oto_buf_str(out, ", ");
		if (tag == TAG_ADDR) {
			memcpy(&a, at, sizeof a);
			at += sizeof a;
			oto_addr_text(&a, out);
			continue;
		}
		if (tag == TAG_TRUE || tag == TAG_FALSE) {
			oto_buf_str(out, tag == TAG_TRUE ? "true" : "false");
			continue;
		}
		u = oto_get64(&at);
		if (tag == TAG_STRING) {
			struct oto_value v = { .kind = OTO_BYTES, .bytes = { at, (uint32_t)u } };
			oto_value_text(&v, out);
			at += u;
		} else {
			struct oto_value v = { .kind = tag == TAG_TIME       ? OTO_TIME
						       : tag == TAG_INTERVAL ? OTO_INTERVAL
						       : tag == TAG_NUMBER   ? OTO_F64
									     : OTO_I64,
					       .i = (int64_t)u };
			oto_value_text(&v, out);
		}
	}
}

/* ------------------------------------------------------------------------------------------------ methods */

static struct oto_lua_store *check_store(lua_State *L)
{
	return oto_check_store(L, 1);
}

static int64_t now_of(lua_State *L)
{
	return oto_lua_of(L)->policy->engine->now_ns;
}

static void only(lua_State *L, const struct oto_lua_store *s, unsigned kinds, const char *method)
{
	static const char *const names[] = {
		[OTO_STORE_SET] = "set", [OTO_STORE_MAP] = "map", [OTO_STORE_COUNT] = "count", [OTO_STORE_WINDOW] = "window"
	};

	if (!(kinds & 1u << s->kind))
		luaL_error(L, "a %s has no :%s()", names[s->kind], method);
}
#define KIND(k) (1u << (k))

static void push_row_value(lua_State *L, const struct oto_lua_store *s, struct oto_row *r)
{
	const uint8_t *at = r->value.data;

	switch (s->kind) {
	case OTO_STORE_MAP:
		oto_unpack(L, &at, at + r->value.len);
		break;
	case OTO_STORE_COUNT:
		lua_pushinteger(L, (lua_Integer)r->count);
		break;
	case OTO_STORE_WINDOW:
		lua_pushinteger(L, oto_row_ticks(s->store, r, now_of(L)));
		break;
	default:
		lua_pushboolean(L, true);
	}
}

struct oto_store *oto_check_window(lua_State *L, int index)
{
	struct oto_lua_store *s = oto_check_store(L, index);

	only(L, s, KIND(OTO_STORE_WINDOW), "count");
	if (s->nkeys != 1 || s->type[0] != TAG_STRING)
		luaL_error(L, "store '%s': events are counted in a window whose key is one string", oto_store_spec(s->store)->name);
	return s->store;
}

struct oto_store *oto_check_text_store(lua_State *L, int index, unsigned kind)
{
	struct oto_lua_store *s = oto_check_store(L, index);

	if (s->kind != kind || s->nkeys != 1 || s->type[0] != TAG_STRING)
		luaL_error(L, "store '%s': wanted are a count and a map, each with one string as its key", oto_store_spec(s->store)->name);
	return s->store;
}

struct oto_row *oto_check_row(lua_State *L, int index, struct oto_store **store)
{
	struct oto_lua_store *s = oto_check_store(L, index);
	struct key key;

	only(L, s, KIND(OTO_STORE_SET) | KIND(OTO_STORE_COUNT), "add");
	*store = s->store;
	return oto_store_get(s->store, check_key(L, s, index + 1, &key), now_of(L));
}

struct oto_lua_store *oto_check_store(lua_State *L, int index)
{
	return *(struct oto_lua_store **)oto_type_check(L, index, OTO_TYPE_STORE);
}

uint32_t oto_store_parts(const struct oto_lua_store *s)
{
	return s->nkeys;
}

bool oto_store_is_set(const struct oto_lua_store *s)
{
	return s->kind == OTO_STORE_SET;
}

/* What a key of texts has of any field: its text. */
static bool pack_text(const struct oto_value *v, struct oto_buf *out)
{
	oto_buf_chr(out, TAG_STRING);
	size_t at = out->len;
	oto_put64(out, 0);
	oto_value_text(v, out);
	uint64_t len = out->len - at - 8;
	for (int i = 0; i < 8; i++)
		out->data[at + (size_t)i] = (char)(len >> (56 - 8 * i));
	return len <= KEY_BYTES;
}

/* As scripts write it; false: it is nothing that such a key could have. */
static bool pack_value(const struct oto_value *v, char type, struct oto_buf *out)
{
	if (type == TAG_STRING && v->kind != OTO_STR && v->kind != OTO_BYTES)
		return pack_text(v, out);
	struct oto_addr mac = { .family = OTO_FAMILY_MAC };
	bool is_number = v->kind == OTO_U8 || v->kind == OTO_U16 || v->kind == OTO_U32 || v->kind == OTO_U64;

	if (v->kind == OTO_MAC)
		memcpy(mac.byte, v->mac->byte, sizeof v->mac->byte);
	if (v->kind == OTO_ADDR || v->kind == OTO_MAC) {
		oto_buf_chr(out, TAG_ADDR);
		oto_buf_add(out, v->kind == OTO_MAC ? &mac : v->addr, sizeof mac);
		return type == TAG_ADDR || !type;
	}
	if (v->kind == OTO_STR)
		oto_store_text_key(out, v->str, strlen(v->str));
	else if (v->kind == OTO_BYTES)
		oto_store_text_key(out, (const char *)v->bytes.data, v->bytes.len);
	if (v->kind == OTO_STR || v->kind == OTO_BYTES)
		return type == TAG_STRING || !type;
	oto_buf_chr(out, TAG_INTEGER);
	oto_put64(out, v->u);
	return is_number && !v->names && (type == TAG_INTEGER || !type);
}

/* The key that these fields are; false: they are none. */
static bool event_key(const struct oto_lua_store *s, const struct oto_event *event, const struct oto_field_ref *part, struct oto_buf *key)
{
	struct oto_value v;

	key->len = 0;
	for (uint32_t i = 0; i < s->nkeys; i++) {
		oto_value_get(event, part[i], &v);
		if (!v.kind || !pack_value(&v, s->type[i], key))
			return false;
	}
	return key->len <= KEY_BYTES;
}

bool oto_store_knows(const struct oto_lua_store *s, const struct oto_event *event, const struct oto_field_ref *part, struct oto_buf *key,
		     int64_t now_ns)
{
	return oto_store_first(s->store) && event_key(s, event, part, key) &&
	       oto_store_get(s->store, (struct oto_slice){ (const uint8_t *)key->data, (uint32_t)key->len }, now_ns) != NULL;
}

void oto_store_note(struct oto_lua_store *s, const struct oto_event *event, const struct oto_field_ref *part, struct oto_buf *key,
		    int64_t now_ns)
{
	bool made;

	if (event_key(s, event, part, key))
		oto_store_put(s->store, (struct oto_slice){ (const uint8_t *)key->data, (uint32_t)key->len }, now_ns, &made)->count++;
}

static int store_has(lua_State *L)
{
	struct oto_lua_store *s = check_store(L);
	struct key key;

	lua_pushboolean(L, oto_store_get(s->store, check_key(L, s, 2, &key), now_of(L)) != NULL);
	return 1;
}

/* map: the value or nil; count and window: a number, 0 for what was never seen; set: true or nil. */
static int store_get(lua_State *L)
{
	struct oto_lua_store *s = check_store(L);
	struct key key;
	struct oto_row *r = oto_store_get(s->store, check_key(L, s, 2, &key), now_of(L));

	if (r)
		push_row_value(L, s, r);
	else if (s->kind == OTO_STORE_COUNT || s->kind == OTO_STORE_WINDOW)
		lua_pushinteger(L, 0);
	else
		lua_pushnil(L);
	return 1;
}

/* set: true when it is new; count: the new count; window: how many within the window, this one included. */
static int store_add(lua_State *L)
{
	struct oto_lua_store *s = check_store(L);
	lua_Integer n = luaL_optinteger(L, 3, 1);
	struct key key;
	bool made;

	only(L, s, KIND(OTO_STORE_SET) | KIND(OTO_STORE_COUNT) | KIND(OTO_STORE_WINDOW), "add");
	struct oto_row *r = oto_store_put(s->store, check_key(L, s, 2, &key), now_of(L), &made);
	r->count += s->kind == OTO_STORE_COUNT ? (uint64_t)n : 1;
	if (s->kind == OTO_STORE_SET)
		lua_pushboolean(L, made);
	else if (s->kind == OTO_STORE_COUNT)
		lua_pushinteger(L, (lua_Integer)r->count);
	else
		lua_pushinteger(L, oto_row_tick(s->store, r, now_of(L), now_of(L)));
	return 1;
}

static int store_set(lua_State *L)
{
	struct oto_lua_store *s = check_store(L);
	struct oto_buf b = { 0 };
	struct key key;
	bool made;

	only(L, s, KIND(OTO_STORE_MAP), "set");
	struct oto_slice k = check_key(L, s, 2, &key);
	const char *problem = oto_pack(L, 3, &b);
	if (!problem && b.len > OTO_PACKED_BYTES)
		problem = "a value of more than 64 KiB";
	if (problem) {
		oto_buf_free(&b);
		return luaL_error(L, "store '%s' cannot keep %s", oto_store_spec(s->store)->name, problem);
	}
	struct oto_row *r = oto_store_put(s->store, k, now_of(L), &made);
	r->count++;
	oto_row_set(s->store, r, (struct oto_slice){ (const uint8_t *)b.data, (uint32_t)b.len });
	oto_buf_free(&b);
	return 0;
}

static const char *fold_into(struct oto_lua_store *s, struct oto_slice key, struct oto_slice with, const char *how, int64_t now_ns)
{
	struct oto_row *r = oto_store_get(s->store, key, now_ns);
	struct oto_buf both = { 0 };
	bool made;

	const char *problem = r ? oto_fold(r->value, with, how, &both) : NULL;
	if (!problem && both.len > OTO_PACKED_BYTES)
		problem = "a value of more than 64 KiB";
	if (!problem) {
		r = oto_store_put(s->store, key, now_ns, &made);
		r->count++;
		oto_row_set(s->store, r, made ? with : (struct oto_slice){ (const uint8_t *)both.data, (uint32_t)both.len });
	}
	oto_buf_free(&both);
	return problem;
}

/* Has it the parts that keys of the store have? */
static bool is_key(const struct oto_lua_store *s, struct oto_slice key)
{
	const uint8_t *at = key.data, *end = at + key.len;
	size_t len;

	for (uint8_t i = 0; i < s->nkeys; i++, at += len) {
		if (at == end || (s->type[i] && *at != s->type[i]) || !(len = oto_packed_bytes(at, end)))
			return false;
	}
	return at == end && key.len <= KEY_BYTES;
}

const char *oto_store_fold(struct oto_lua_store *s, struct oto_slice key, struct oto_slice list, const char *how, int64_t now_ns)
{
	if (s->kind != OTO_STORE_MAP)
		return "what was counted into a store that is no map";
	return is_key(s, key) ? fold_into(s, key, list, how, now_ns) : "into a key that has other parts";
}

/* map:fold(key, list, how) */
static int store_fold(lua_State *L)
{
	struct oto_lua_store *s = check_store(L);
	const char *how = luaL_checkstring(L, 4);
	struct oto_buf list = { 0 };
	struct key key;

	only(L, s, KIND(OTO_STORE_MAP), "fold");
	luaL_checktype(L, 3, LUA_TTABLE);
	struct oto_slice k = check_key(L, s, 2, &key);
	const char *problem = oto_pack(L, 3, &list);
	if (!problem)
		problem = fold_into(s, k, (struct oto_slice){ (const uint8_t *)list.data, (uint32_t)list.len }, how, now_of(L));
	oto_buf_free(&list);
	return problem ? luaL_error(L, "store '%s' cannot fold %s", oto_store_spec(s->store)->name, problem) : 0;
}

enum { FOLDED = 16 }; /* numbers packed in a text, at once */

/* Where the text of a row's value begins, and how long it is; NULL: it is none, or has no n bytes from the one at `index` on. */
static uint8_t *part_of_text(lua_State *L, const struct oto_row *r, int index, lua_Integer n)
{
	lua_Integer from = luaL_checkinteger(L, index);
	const uint8_t *at = r ? r->value.data : NULL;

	luaL_argcheck(L, from >= 1 && from <= OTO_PACKED_BYTES && n >= 0 && n <= OTO_PACKED_BYTES, index,
		      "bytes are counted from 1 on, up to 64 KiB");
	if (!at || r->value.len < 9 || *at++ != TAG_STRING)
		return NULL;
	uint64_t len = oto_get64(&at);
	return (uint64_t)(from - 1 + n) <= len && len == r->value.len - 9u ? (uint8_t *)(uintptr_t)at + from - 1 : NULL;
}

/* map:fold_bytes(key, from, layout, how, n, ...) -> boolean */
static int store_fold_bytes(lua_State *L)
{
	struct oto_lua_store *s = check_store(L);
	const char *layout = luaL_checkstring(L, 4), *how = luaL_checkstring(L, 5);
	double with[FOLDED];
	uint32_t n, size = oto_fold_layout(layout, &n);
	struct key key;
	bool made;

	only(L, s, KIND(OTO_STORE_MAP), "fold_bytes");
	luaL_argcheck(L, size && n <= FOLDED, 4, "a layout is < and up to 16 of I2, I4, f and d");
	luaL_argcheck(L, strlen(how) == n && strspn(how, "+<>=") == n, 5, "each number has one of + < > =");
	for (uint32_t i = 0; i < n; i++)
		with[i] = luaL_checknumber(L, 6 + (int)i);
	struct oto_slice k = check_key(L, s, 2, &key);
	uint8_t *at = part_of_text(L, oto_store_get(s->store, k, now_of(L)), 3, size);
	lua_pushboolean(L, at != NULL);
	if (!at)
		return 1;
	oto_store_put(s->store, k, now_of(L), &made)->count++;
	oto_fold_packed(at, layout, how, with);
	return 1;
}

static int store_remove(lua_State *L)
{
	struct oto_lua_store *s = check_store(L);
	struct key key;

	lua_pushboolean(L, oto_store_remove(s->store, check_key(L, s, 2, &key), now_of(L)));
	return 1;
}

static int store_forget(lua_State *L)
{
	struct oto_lua_store *s = check_store(L);
	struct key key;

	lua_pushboolean(L, oto_store_forget(s->store, check_key(L, s, 2, &key), now_of(L)));
	return 1;
}

static int store_clear(lua_State *L)
{
	oto_store_clear(check_store(L)->store, now_of(L));
	return 0;
}

static int store_len(lua_State *L)
{
	struct oto_lua_store *s = check_store(L);

	oto_store_expire(s->store, now_of(L));
	lua_pushinteger(L, (lua_Integer)oto_store_stats(s->store).rows);
	return 1;
}

static int row_time(lua_State *L, bool first)
{
	struct oto_lua_store *s = check_store(L);
	struct key key;
	struct oto_row *r = oto_store_get(s->store, check_key(L, s, 2, &key), now_of(L));

	if (!r)
		return 0;
	oto_push_time(L, first ? r->first_ns : r->when_ns);
	return 1;
}

static int store_first(lua_State *L)
{
	return row_time(L, true);
}

static int store_when(lua_State *L)
{
	return row_time(L, false);
}

static int store_evicted(lua_State *L)
{
	lua_pushinteger(L, (lua_Integer)oto_store_stats(check_store(L)->store).evicted);
	return 1;
}

/* The keys are taken when the loop begins; what is removed meanwhile is passed over, what is added is not visited. */
static int next_row(lua_State *L)
{
	struct oto_lua_store *s = check_store(L);
	lua_Integer i = lua_tointeger(L, lua_upvalueindex(2));
	size_t len;

	while (lua_rawgeti(L, lua_upvalueindex(1), ++i) == LUA_TSTRING) {
		struct oto_slice key = { (const uint8_t *)lua_tolstring(L, -1, &len), 0 };
		key.len = (uint32_t)len;
		struct oto_row *r = oto_store_get(s->store, key, now_of(L));
		if (!r) {
			lua_settop(L, -2);
			continue;
		}
		lua_pushinteger(L, i);
		lua_replace(L, lua_upvalueindex(2));
		int n = push_key(L, s, key);
		push_row_value(L, s, r);
		return n + 1;
	}
	lua_pushnil(L);
	return 1;
}

static int store_pairs(lua_State *L)
{
	struct oto_lua_store *s = check_store(L);
	lua_Integer n = 0;

	oto_store_expire(s->store, now_of(L));
	lua_newtable(L);
	for (const struct oto_row *r = oto_store_first(s->store); r; r = r->after) {
		lua_pushlstring(L, (const char *)r->key.data, r->key.len);
		lua_rawseti(L, -2, ++n);
	}
	lua_pushinteger(L, 0);
	lua_pushcclosure(L, next_row, 2);
	lua_pushvalue(L, 1);
	lua_pushnil(L);
	return 3;
}

/* Has the text of a key, behind its tag and length, one of the texts in the list at 2? nil: all are wanted. */
static bool has_text(lua_State *L, struct oto_slice key)
{
	lua_Integer n = lua_istable(L, 2) ? (lua_Integer)lua_rawlen(L, 2) : 0;
	bool has = !lua_istable(L, 2);
	size_t len;

	for (lua_Integer i = 1; i <= n && !has; i++) {
		lua_rawgeti(L, 2, i);
		const char *text = luaL_checklstring(L, -1, &len);
		has = memmem(key.data + 9, key.len - 9, text, len) != NULL;
		lua_settop(L, -2);
	}
	return has;
}

/* store:keys([texts]) */
static int store_keys(lua_State *L)
{
	struct oto_lua_store *s = check_store(L);
	lua_Integer n = 0;

	lua_settop(L, 2);
	if (s->nkeys != 1 || s->type[0] != TAG_STRING)
		return luaL_error(L, "store '%s': keys are listed where they are one string", oto_store_spec(s->store)->name);
	oto_store_expire(s->store, now_of(L));
	lua_newtable(L);
	for (const struct oto_row *r = oto_store_first(s->store); r; r = r->after) {
		if (!has_text(L, r->key))
			continue;
		push_key(L, s, r->key);
		lua_rawseti(L, 3, ++n);
	}
	return 1;
}

static int store_each(lua_State *L)
{
	luaL_checktype(L, 2, LUA_TFUNCTION);
	lua_settop(L, 2);
	store_pairs(L); /* 3 the iterator, 4 the store, 5 nil */
	for (;;) {
		lua_settop(L, 3);
		lua_pushvalue(L, 2);
		lua_pushvalue(L, 3);
		lua_pushvalue(L, 1);
		lua_call(L, 1, LUA_MULTRET);
		if (lua_isnil(L, 5))
			return 0;
		lua_call(L, lua_gettop(L) - 4, 0);
	}
}

static int store_tostring(lua_State *L)
{
	const struct oto_store_spec *spec = oto_store_spec(check_store(L)->store);

	lua_pushfstring(L, "store '%s' (%s), %d rows", spec->name, spec->shape, (int)oto_store_stats(check_store(L)->store).rows);
	return 1;
}

/* ------------------------------------------------------------------------------------------------ declaring one */

static void add_key_type(lua_State *L, struct oto_lua_store *s, struct oto_buf *shape, const char *type)
{
	const char *known[sizeof key_types / sizeof *key_types];
	char near[128];

	for (size_t i = 0; i < sizeof key_types / sizeof *key_types; i++) {
		known[i] = key_types[i].name;
		if (strcmp(key_types[i].name, type) != 0)
			continue;
		s->type[s->nkeys++] = key_types[i].tag;
		oto_buf_str(shape, shape->len ? ", " : "");
		oto_buf_str(shape, type);
		return;
	}
	oto_buf_free(shape);
	luaL_error(L, "a store's key has no type '%s'%s", type,
		   oto_near(near, sizeof near, type, known, sizeof key_types / sizeof *key_types));
}

/* key = "addr" or { "addr", "port" } */
static void read_shape(lua_State *L, struct oto_lua_store *s, struct oto_buf *shape)
{
	if (lua_getfield(L, 1, "key") == LUA_TSTRING) {
		add_key_type(L, s, shape, lua_tostring(L, -1));
		return;
	}
	lua_Integer n = lua_istable(L, -1) ? (lua_Integer)lua_rawlen(L, -1) : 0;
	if (n < 1 || n > (lua_Integer)MOST_KEYS)
		luaL_error(L, "a store needs key = \"addr\", or key = { \"addr\", \"port\" } with at most %d types", (int)MOST_KEYS);
	for (lua_Integer i = 1; i <= n; i++) {
		if (lua_rawgeti(L, -1, i) != LUA_TSTRING) {
			oto_buf_free(shape);
			luaL_error(L, "a store's key is a list of types");
		}
		add_key_type(L, s, shape, lua_tostring(L, -1));
		lua_settop(L, -2);
	}
}

/* The first packet: what scripts put in while they loaded begins to age now. */
static void birth(void *who, int64_t due_ns, int64_t now_ns)
{
	struct oto_policy *p = who;

	(void)due_ns;
	p->birth_timer = 0;
	for (struct oto_lua_store *s = p->stores; s; s = s->next)
		oto_store_expire(s->store, now_ns);
}

static struct oto_store_spec read_spec(lua_State *L, uint8_t kind)
{
	struct oto_store_spec spec = { .kind = kind };

	luaL_checktype(L, 1, LUA_TTABLE);
	lua_settop(L, 1);
	OTO_CHECK_KEYS(L, 1, false, "a store", "name", "key", "max", "bytes", "expire", "touch", "span", "each", "doc");
	if (lua_getfield(L, 1, "name") != LUA_TSTRING)
		luaL_error(L, "a store needs a name");
	spec.name = lua_tostring(L, -1);
	spec.expire_ns = oto_option_span(L, 1, "expire");
	spec.max = (uint32_t)oto_option_whole(L, 1, "max", 0, 0, UINT32_MAX);
	spec.max_bytes = (uint64_t)oto_option_whole(L, 1, "bytes", 0, 0, UINT32_MAX);
	spec.each = (uint32_t)oto_option_whole(L, 1, "each", 0, 0, UINT32_MAX);
	spec.touch = oto_option_flag(L, 1, "touch");
	if (kind != OTO_STORE_WINDOW)
		return spec;
	spec.window_ns = oto_option_span(L, 1, "span");
	if (spec.window_ns <= 0)
		luaL_error(L, "a window needs span = \"10s\"");
	if (!spec.expire_ns)
		spec.expire_ns = spec.window_ns; /* a row without events in the window says nothing */
	return spec;
}

/* Scripts share a store by its name. */
#define SHARED "oto.stores"

static const struct oto_lua_store *push_known(lua_State *L, const char *name)
{
	luaL_getsubtable(L, LUA_REGISTRYINDEX, SHARED);
	struct oto_lua_store **known = lua_getfield(L, -1, name) == LUA_TUSERDATA ? lua_touserdata(L, -1) : NULL;

	return known ? *known : NULL;
}

static void push_new(lua_State *L, struct oto_lua_store *s)
{
	luaL_getsubtable(L, LUA_REGISTRYINDEX, SHARED);
	*(struct oto_lua_store **)lua_newuserdatauv(L, sizeof s, 0) = s;
	oto_type_give(L, OTO_TYPE_STORE);
	lua_pushvalue(L, -1);
	lua_setfield(L, -3, oto_store_spec(s->store)->name);
}

/* In the order of their names, which is that of their rows in the database. */
static void list(struct oto_policy *p, struct oto_lua_store *s)
{
	struct oto_lua_store **at = &p->stores;

	while (*at && strcmp(oto_store_spec((*at)->store)->name, oto_store_spec(s->store)->name) < 0)
		at = &(*at)->next;
	s->next = *at;
	*at = s;
}

static int declare(lua_State *L, uint8_t kind)
{
	struct oto_policy *p = oto_lua_of(L)->policy;
	struct oto_lua_store told = { .kind = kind };
	struct oto_buf shape = { 0 };
	struct oto_error err = { "" };

	struct oto_store_spec spec = read_spec(L, kind);
	read_shape(L, &told, &shape);
	lua_pushlstring(L, shape.data, shape.len);
	oto_buf_free(&shape);
	spec.shape = lua_tostring(L, -1);
	const struct oto_lua_store *other = push_known(L, spec.name);
	if (other && (other->kind != kind || strcmp(oto_store_spec(other->store)->shape, spec.shape) != 0))
		return luaL_error(L, "store '%s' is declared differently by another script, with the key (%s)", spec.name,
				  oto_store_spec(other->store)->shape);
	if (other)
		return 1;
	struct oto_lua_store *s = oto_calloc(1, sizeof *s);
	*s = told;
	s->store = oto_store_new(&spec);
	list(p, s);
	push_new(L, s);
	if (!p->engine->now_ns && !p->birth_timer)
		p->birth_timer = oto_timers_add(p->engine->timers, 0, birth, p);
	if (p->database && !oto_database_load(p->database, s->store, &err))
		return luaL_error(L, "%s", err.text);
	return 1;
}

static int new_set(lua_State *L)
{
	return declare(L, OTO_STORE_SET);
}

static int new_map(lua_State *L)
{
	return declare(L, OTO_STORE_MAP);
}

static int new_count(lua_State *L)
{
	return declare(L, OTO_STORE_COUNT);
}

static int new_window(lua_State *L)
{
	return declare(L, OTO_STORE_WINDOW);
}

/* ------------------------------------------------------------------------------------------------ sensors */

static void push_sensor(void *who, const char *sensor, int64_t last_ns)
{
	lua_State *L = who;

	lua_createtable(L, 0, 2);
	lua_pushstring(L, sensor);
	lua_setfield(L, -2, "name");
	oto_push_time(L, last_ns);
	lua_setfield(L, -2, "last");
	lua_rawseti(L, -2, (lua_Integer)lua_rawlen(L, -2) + 1);
}

static int state_sensors(lua_State *L)
{
	struct oto_policy *p = oto_lua_of(L)->policy;
	struct oto_error err;

	lua_newtable(L);
	if (p->database && !oto_database_sensors(p->database, push_sensor, L, &err))
		return luaL_error(L, "%s", err.text);
	lua_pushstring(L, p->engine->options.sensor);
	return 2;
}

void oto_lua_stores(struct oto_lua *lua)
{
	static const luaL_Reg methods[] = { { "has", store_has },         { "get", store_get },       { "add", store_add },
					    { "set", store_set },         { "fold", store_fold },     { "fold_bytes", store_fold_bytes },
					    { "remove", store_remove },   { "forget", store_forget }, { "clear", store_clear },
					    { "len", store_len },         { "pairs", store_pairs },   { "each", store_each },
					    { "keys", store_keys },       { "first", store_first },   { "when", store_when },
					    { "evicted", store_evicted }, { "count", oto_on_window }, { 0 } };
	static const luaL_Reg meta[] = { { "__len", store_len }, { "__pairs", store_pairs }, { "__tostring", store_tostring }, { 0 } };
	static const luaL_Reg functions[] = { { "set", new_set },       { "map", new_map },           { "count", new_count },
					      { "window", new_window }, { "sensors", state_sensors }, { 0 } };
	lua_State *L = lua->L;

	oto_type_define(L, OTO_TYPE_STORE, "oto.store", meta, methods);
	luaL_newlib(L, functions);
	lua_setglobal(L, "state");
}

/* ------------------------------------------------------------------------------------------------ saving */

static void save_now_and_then(void *who, int64_t due_ns, int64_t now_ns)
{
	struct oto_policy *p = who;

	(void)due_ns;
	p->save_timer = oto_timers_add(p->engine->timers, now_ns + SAVE_EVERY, save_now_and_then, p);
	if (!p->rehearsal)
		oto_handlers_pseudo(p, "question"); /* what scripts write now and then belongs into it */
	struct oto_cost *cost = oto_cost_of(p, "save", "-", "-");
	uint64_t begin = cost ? oto_cost_begin(p, cost) : 0;
	oto_stores_save(p, NULL);
	if (cost)
		oto_cost_end(p, cost, begin);
}

bool oto_stores_open(struct oto_policy *p, struct oto_error *err)
{
	if (!p->state_dir)
		return true;
	p->database = oto_database_open(p->state_dir, p->engine->options.sensor, err);
	if (!p->database)
		return false;
	if (!p->whole)
		p->save_timer = oto_timers_add(p->engine->timers, 0, save_now_and_then, p);
	return true;
}

static bool save_all(struct oto_policy *p, struct oto_error *err)
{
	if (!oto_database_begin(p->database, err))
		return false;
	for (struct oto_lua_store *s = p->stores; s; s = s->next) {
		oto_store_expire(s->store, p->engine->now_ns);
		if (!oto_database_save(p->database, s->store, show, err))
			return false;
	}
	return oto_database_end(p->database, err);
}

bool oto_stores_save(struct oto_policy *p, struct oto_error *err)
{
	struct oto_error why;

	if (!p->database || p->rehearsal)
		return true;
	if (!save_all(p, &why)) {
		oto_database_undo(p->database);
		oto_trouble_again(&p->unsaved, "state is not saved: %s", why.text);
		return oto_fail(err, "%s", why.text);
	}
	for (struct oto_lua_store *s = p->stores; s; s = s->next)
		oto_store_saved(s->store);
	oto_trouble_over(&p->unsaved, 1, "state is saved again");
	return true;
}

uint64_t oto_stores_evicted(const struct oto_policy *p)
{
	uint64_t n = 0;

	for (const struct oto_lua_store *s = p->stores; s; s = s->next)
		n += oto_store_stats(s->store).evicted;
	for (const struct oto_tally *t = p->tallies; t; t = t->next)
		n += oto_store_stats(t->store).evicted;
	return n;
}

void oto_stores_free(struct oto_policy *p)
{
	if (p->save_timer)
		oto_timers_cancel(p->engine->timers, p->save_timer);
	if (p->birth_timer)
		oto_timers_cancel(p->engine->timers, p->birth_timer);
	oto_database_close(p->database);
	for (struct oto_lua_store *s = p->stores, *next; s; s = next) {
		next = s->next;
		oto_store_free(s->store);
		free(s);
	}
}
