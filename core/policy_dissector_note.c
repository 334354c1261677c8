/* policy_dissector_note.c - what a request of a Lua dissector leaves for its response: a Lua value packed into the note's bytes, so that it
 * lives and dies with the request. Keys of tables are numbered once per dissector.
 */
#include "policy_dissector.h"

#include <stdlib.h>

#define MOST_WORDS 255u /* of the tables that requests leave */

/* A value packed: 0 nil, 1 false, 2 true, 3 integer (zigzag varint), 4 double, 5 text, 6 table of them. */
enum { NOTE_NIL = 0, NOTE_FALSE, NOTE_TRUE, NOTE_INTEGER, NOTE_DOUBLE, NOTE_TEXT, NOTE_TABLE };

struct packer {
	lua_State *L;
	struct oto_lua_dissector *d;
	uint8_t *at, *end;
};

static void put(struct packer *p, uint8_t byte)
{
	if (p->at == p->end)
		luaL_error(p->L, "%s: the note of a request has at most %d bytes; leave less, or raise pairing.note (at most %d)",
			   p->d->a.name, (int)p->d->pairing.note_size, (int)OTO_NOTE_MAX);
	*p->at++ = byte;
}

static void put_varint(struct packer *p, uint64_t u)
{
	for (; u >= 0x80; u >>= 7)
		put(p, (uint8_t)(u | 0x80));
	put(p, (uint8_t)u);
}

static void put_bytes(struct packer *p, const void *data, size_t len)
{
	for (size_t i = 0; i < len; i++)
		put(p, ((const uint8_t *)data)[i]);
}

static uint32_t word_number(struct packer *p, const char *word)
{
	struct oto_lua_dissector *d = p->d;

	for (uint32_t i = 0; i < d->nwords; i++) {
		if (strcmp(d->words[i], word) == 0)
			return i;
	}
	if (d->nwords == MOST_WORDS)
		luaL_error(p->L, "%s: the notes of requests use more than %d different keys", d->a.name, (int)MOST_WORDS);
	d->words = oto_realloc(d->words, (d->nwords + 1) * sizeof *d->words);
	d->words[d->nwords] = oto_strdup(word);
	return d->nwords++;
}

static void pack(struct packer *p, int index, bool nested);

static void pack_table(struct packer *p, int index)
{
	lua_State *L = p->L;
	uint8_t *count = p->at;

	put(p, 0);
	for (lua_pushnil(L); lua_next(L, index); lua_settop(L, -2)) {
		if (lua_isinteger(L, -2) && lua_tointeger(L, -2) >= 0)
			put_varint(p, (uint64_t)lua_tointeger(L, -2) << 1);
		else if (lua_type(L, -2) == LUA_TSTRING)
			put_varint(p, (uint64_t)word_number(p, lua_tostring(L, -2)) << 1 | 1);
		else
			luaL_error(L, "%s: a note's table has texts or whole numbers as keys", p->d->a.name);
		pack(p, lua_gettop(L), true);
		++*count;
	}
}

static void pack(struct packer *p, int index, bool nested)
{
	size_t len;
	const char *text;
	double number;
	lua_Integer i;

	switch (lua_type(p->L, index)) {
	case LUA_TNIL:
		put(p, NOTE_NIL);
		break;
	case LUA_TBOOLEAN:
		put(p, lua_toboolean(p->L, index) ? NOTE_TRUE : NOTE_FALSE);
		break;
	case LUA_TNUMBER:
		if (lua_isinteger(p->L, index)) {
			i = lua_tointeger(p->L, index);
			put(p, NOTE_INTEGER);
			put_varint(p, (uint64_t)i << 1 ^ (i < 0 ? UINT64_MAX : 0));
			break;
		}
		number = lua_tonumber(p->L, index);
		put(p, NOTE_DOUBLE);
		put_bytes(p, &number, sizeof number);
		break;
	case LUA_TSTRING:
		text = lua_tolstring(p->L, index, &len);
		put(p, NOTE_TEXT);
		put_varint(p, len);
		put_bytes(p, text, len);
		break;
	case LUA_TTABLE:
		if (nested)
			luaL_error(p->L, "%s: the note of a request is a value or a flat table", p->d->a.name);
		put(p, NOTE_TABLE);
		pack_table(p, index);
		break;
	default:
		luaL_error(p->L, "%s: the note of a request cannot hold a %s", p->d->a.name, luaL_typename(p->L, index));
	}
}

static uint64_t get_varint(const uint8_t **at)
{
	uint64_t u = 0;

	for (int shift = 0;; shift += 7) {
		uint8_t byte = *(*at)++;
		u |= (uint64_t)(byte & 0x7f) << shift;
		if (byte < 0x80)
			return u;
	}
}

/* Reads what pack() wrote and nothing else ever does. */
static void unpack(lua_State *L, const struct oto_lua_dissector *d, const uint8_t **at)
{
	double number;
	uint64_t u;

	switch (*(*at)++) {
	case NOTE_FALSE:
	case NOTE_TRUE:
		lua_pushboolean(L, (*at)[-1] == NOTE_TRUE);
		break;
	case NOTE_INTEGER:
		u = get_varint(at);
		lua_pushinteger(L, (lua_Integer)(u >> 1 ^ (u & 1 ? UINT64_MAX : 0)));
		break;
	case NOTE_DOUBLE:
		memcpy(&number, *at, sizeof number);
		*at += sizeof number;
		lua_pushnumber(L, number);
		break;
	case NOTE_TEXT:
		u = get_varint(at);
		lua_pushlstring(L, (const char *)*at, u);
		*at += u;
		break;
	case NOTE_TABLE:
		lua_newtable(L);
		for (uint8_t n = *(*at)++; n; n--) {
			u = get_varint(at);
			if (u & 1)
				lua_pushstring(L, d->words[u >> 1]);
			else
				lua_pushinteger(L, (lua_Integer)(u >> 1));
			unpack(L, d, at);
			lua_rawset(L, -3);
		}
		break;
	default:
		lua_pushnil(L);
	}
}

void oto_dissector_unpack(lua_State *L, const struct oto_lua_dissector *d, const void *note)
{
	const uint8_t *at = note;

	if (note && d->pairing.note_size)
		unpack(L, d, &at);
	else
		lua_pushnil(L);
}

void oto_dissector_pack(lua_State *L, struct oto_lua_dissector *d, int index, void *note)
{
	struct packer p = { L, d, note, (uint8_t *)note + d->pairing.note_size };

	pack(&p, index, false);
}

void oto_dissector_words_free(struct oto_lua_dissector *d)
{
	for (uint32_t i = 0; i < d->nwords; i++)
		free(d->words[i]);
	free(d->words);
}
