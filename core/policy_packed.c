/* policy_packed.c - the values of stores as bytes: a tag, then the value in big-endian; the same value is the same bytes in every run.
 *
 * Not a text format and not Lua's: rows are read from databases that somebody may have edited, and keys are compared by their bytes.
 */
#include "policy_packed.h"
#include "policy_private.h"

#include <endian.h>
#include <stdlib.h>

#define MOST_DEPTH 8

/* ------------------------------------------------------------------------------------------------ from Lua */

void oto_put64(struct oto_buf *b, uint64_t u)
{
	u = htobe64(u);
	oto_buf_add(b, &u, sizeof u);
}

/* Raising an error would leak the buffer: problems are returned as text. */
static const char *pack(lua_State *L, int index, struct oto_buf *b, int depth);

/* A key and its value, packed. */
struct pair {
	size_t at, len;
};

static int compare_pairs(const void *x, const void *y, void *bytes)
{
	const struct pair *a = x, *b = y;
	int order = memcmp((char *)bytes + a->at, (char *)bytes + b->at, a->len < b->len ? a->len : b->len);

	return order ? order : (a->len > b->len) - (a->len < b->len);
}

/* By their bytes: Lua's own order differs from run to run, and the same rows shall be the same bytes. */
static void put_in_order(struct oto_buf *b, size_t from, const struct oto_buf *pairs)
{
	struct pair *pair = (void *)pairs->data;
	size_t n = pairs->len / sizeof *pair, sorted = 1;

	while (sorted < n && compare_pairs(pair + sorted - 1, pair + sorted, b->data) <= 0)
		sorted++;
	if (sorted >= n)
		return;
	struct oto_buf again = { 0 };
	qsort_r(pair, n, sizeof *pair, compare_pairs, b->data);
	for (size_t i = 0; i < n; i++)
		oto_buf_add(&again, b->data + pair[i].at, pair[i].len);
	memcpy(b->data + from, again.data, again.len);
	oto_buf_free(&again);
}

static const char *pack_table(lua_State *L, int index, struct oto_buf *b, int depth)
{
	const char *problem = NULL;
	struct oto_buf pairs = { 0 };

	if (depth >= MOST_DEPTH)
		return "a table nested deeper than 8";
	oto_buf_chr(b, TAG_TABLE);
	size_t from = b->len;
	index = lua_absindex(L, index);
	luaL_checkstack(L, 8, NULL);
	for (lua_pushnil(L); !problem && lua_next(L, index);) {
		struct pair p = { .at = b->len };
		problem = pack(L, lua_gettop(L) - 1, b, depth + 1);
		if (!problem)
			problem = pack(L, lua_gettop(L), b, depth + 1);
		if (!problem && b->len > OTO_PACKED_BYTES)
			problem = "a value of more than 64 KiB";
		p.len = b->len - p.at;
		oto_buf_add(&pairs, &p, sizeof p);
		lua_settop(L, problem ? -3 : -2);
	}
	if (!problem)
		put_in_order(b, from, &pairs);
	oto_buf_free(&pairs);
	oto_buf_chr(b, TAG_END);
	return problem;
}

static const char *pack(lua_State *L, int index, struct oto_buf *b, int depth)
{
	struct oto_addr a;
	int64_t ns;
	size_t len;
	double number;
	uint64_t bits;

	switch (lua_type(L, index)) {
	case LUA_TNIL:
		oto_buf_chr(b, TAG_NIL);
		return NULL;
	case LUA_TBOOLEAN:
		oto_buf_chr(b, lua_toboolean(L, index) ? TAG_TRUE : TAG_FALSE);
		return NULL;
	case LUA_TNUMBER:
		number = lua_tonumber(L, index);
		memcpy(&bits, &number, sizeof bits);
		oto_buf_chr(b, lua_isinteger(L, index) ? TAG_INTEGER : TAG_NUMBER);
		oto_put64(b, lua_isinteger(L, index) ? (uint64_t)lua_tointeger(L, index) : bits);
		return NULL;
	case LUA_TSTRING:
		lua_tolstring(L, index, &len);
		oto_buf_chr(b, TAG_STRING);
		oto_put64(b, len);
		oto_buf_add(b, lua_tostring(L, index), len);
		return NULL;
	case LUA_TTABLE:
		return pack_table(L, index, b, depth);
	case LUA_TUSERDATA:
		if (oto_to_addr(L, index, &a)) {
			oto_buf_chr(b, TAG_ADDR);
			oto_buf_add(b, &a, sizeof a);
			return NULL;
		}
		if (oto_is_time(L, index) || oto_is_interval(L, index)) {
			bool time = oto_is_time(L, index);
			time ? oto_to_time(L, index, &ns) : oto_to_interval(L, index, &ns);
			oto_buf_chr(b, time ? TAG_TIME : TAG_INTERVAL);
			oto_put64(b, (uint64_t)ns);
			return NULL;
		}
		return "an event or list of an event (copy it: e:copy())";
	default:
		return luaL_typename(L, index);
	}
}

uint64_t oto_get64(const uint8_t **at)
{
	uint64_t u;

	memcpy(&u, *at, sizeof u);
	*at += sizeof u;
	return be64toh(u);
}

/* ------------------------------------------------------------------------------------------------ to Lua */

/* The state database may have been edited: what does not fit ends the value. */
static bool has(const uint8_t *at, const uint8_t *end, uint64_t n)
{
	return (uint64_t)(end - at) >= n;
}

static bool unpack(lua_State *L, const uint8_t **at, const uint8_t *end, int depth);

/* Of a table, *pairs are before its end. */
static size_t value_bytes(const uint8_t *at, const uint8_t *end, int depth, int *pairs)
{
	const uint8_t *from = at;
	uint8_t tag = at < end ? *at++ : 0;
	uint64_t n = 0;
	size_t len;
	int inner;

	switch (tag) {
	case TAG_TABLE:
		for (*pairs = 0; depth < MOST_DEPTH && at < end && *at != TAG_END; at += len, n++) {
			if (!(len = value_bytes(at, end, depth + 1, &inner)))
				return 0;
		}
		*pairs = (int)(n / 2);
		return at < end && *at == TAG_END ? (size_t)(at - from) + 1 : 0;
	case TAG_ADDR:
		n = sizeof(struct oto_addr);
		break;
	case TAG_STRING:
		if (!has(at, end, 8))
			return 0;
		n = oto_get64(&at);
		break;
	case TAG_INTEGER:
	case TAG_NUMBER:
	case TAG_TIME:
	case TAG_INTERVAL:
		n = 8;
		break;
	case TAG_NIL:
	case TAG_FALSE:
	case TAG_TRUE:
		break;
	default:
		return 0;
	}
	return has(at, end, n) ? (size_t)(at - from) + (size_t)n : 0;
}

size_t oto_packed_bytes(const uint8_t *at, const uint8_t *end)
{
	int pairs;

	return value_bytes(at, end, 0, &pairs);
}

/* With room for all of it: a table that grows is made anew again and again. */
static void push_room(lua_State *L, const uint8_t *at, const uint8_t *end, int depth)
{
	int pairs = 0;

	if (!value_bytes(at - 1, end, depth, &pairs))
		pairs = 0;
	bool is_list = at < end && *at == TAG_INTEGER;
	lua_createtable(L, is_list ? pairs : 0, is_list ? 0 : pairs);
}

static bool unpack_table(lua_State *L, const uint8_t **at, const uint8_t *end, int depth)
{
	push_room(L, *at, end, depth);
	if (depth >= MOST_DEPTH)
		return false;
	luaL_checkstack(L, 8, NULL);
	while (*at < end && **at != TAG_END) {
		bool ok = unpack(L, at, end, depth + 1) && !lua_isnil(L, -1);
		if (!ok || !unpack(L, at, end, depth + 1)) {
			lua_settop(L, ok ? -3 : -2);
			return false;
		}
		lua_rawset(L, -3);
	}
	if (*at == end)
		return false;
	++*at;
	return true;
}

/* Pushes one value, nil when there is none. */
static bool unpack(lua_State *L, const uint8_t **at, const uint8_t *end, int depth)
{
	uint8_t tag = *at < end ? *(*at)++ : 0;
	struct oto_addr a;
	uint64_t u;
	double number;

	if (tag == TAG_TABLE)
		return unpack_table(L, at, end, depth);
	if (tag == TAG_ADDR && has(*at, end, sizeof a)) {
		memcpy(&a, *at, sizeof a);
		*at += sizeof a;
		oto_push_addr(L, &a);
		return true;
	}
	bool has_number = tag == TAG_INTEGER || tag == TAG_NUMBER || tag == TAG_STRING || tag == TAG_TIME || tag == TAG_INTERVAL;
	if (has_number && !has(*at, end, 8))
		tag = 0;
	u = tag && has_number ? oto_get64(at) : 0;
	switch (tag) {
	case TAG_FALSE:
	case TAG_TRUE:
		lua_pushboolean(L, tag == TAG_TRUE);
		return true;
	case TAG_INTEGER:
		lua_pushinteger(L, (lua_Integer)u);
		return true;
	case TAG_NUMBER:
		memcpy(&number, &u, sizeof number);
		lua_pushnumber(L, number);
		return true;
	case TAG_TIME:
		oto_push_time(L, (int64_t)u);
		return true;
	case TAG_INTERVAL:
		oto_push_interval(L, (int64_t)u);
		return true;
	case TAG_STRING:
		if (!has(*at, end, u))
			break;
		lua_pushlstring(L, (const char *)*at, u);
		*at += u;
		return true;
	}
	lua_pushnil(L);
	return tag == TAG_NIL;
}

const char *oto_pack(lua_State *L, int index, struct oto_buf *out)
{
	return pack(L, index, out, 0);
}

bool oto_unpack(lua_State *L, const uint8_t **at, const uint8_t *end)
{
	return unpack(L, at, end, 0);
}
