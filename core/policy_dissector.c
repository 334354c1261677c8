/* policy_dissector.c - analyzers written in Lua: one file returns a table, and to the engine it is a struct oto_analyzer like any other.
 *
 * Declarations become field tables when oto.analyzer{...} runs; the functions of the table are called through the trampolines below.
 * PDUs cross as Lua strings. A read past the end ("data string too short") marks the cursor bad, as in C; any other error is the script's:
 * what the PDU said is taken back, the error is counted and reported. What a request leaves for its response is packed into the note's
 * bytes, so that it lives and dies with the request.
 */
#include "policy_private.h"

#include <stdlib.h>

#define CONTEXT "oto.context"
#define MATCH "oto.match"
#define LOOK_AHEAD 4096u /* bytes that probe and pdu_len see at first */
#define MOST_WORDS 255u  /* of the tables that requests leave */

struct oto_lua_dissector {
	struct oto_lua_dissector *next;
	struct oto_policy *policy;
	struct oto_script *script;
	struct oto_analyzer a;
	struct oto_pairing pairing;
	struct oto_arena memory;
	struct oto_declared **declared;
	const struct oto_event_type **types;
	int probe, pdu_len, pdu, gap, unanswered; /* references */
	int context;                              /* reference of the one context object */
	int event_index;                          /* reference: event name to number */
	int channel_index;                        /* reference: channel name to number */
	char **words;                             /* keys of the tables that requests leave */
	uint32_t nwords;
	struct lua_context *cx;
	bool registered;
};

/* What Lua holds as cx: valid while `now` is set. */
struct lua_context {
	struct oto_ctx *now;
	struct oto_lua_dissector *d;
};

struct lua_match {
	struct oto_match m;
	struct oto_lua_dissector *d;
};

static struct oto_lua_dissector *dissector_of(const struct oto_ctx *cx)
{
	return (struct oto_lua_dissector *)((char *)(uintptr_t)cx->self - offsetof(struct oto_lua_dissector, a));
}

/* ------------------------------------------------------------------------------------------------ notes */

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

static void push_note(lua_State *L, const struct oto_lua_dissector *d, const void *note)
{
	const uint8_t *at = note;

	if (note && d->pairing.note_size)
		unpack(L, d, &at);
	else
		lua_pushnil(L);
}

/* ------------------------------------------------------------------------------------------------ trampolines */

/* Pushes the function; *outer is what cx stood for before, when a parent delivers to the same analyzer. Until the call nothing may fail: an
 * error would jump over the engine's own functions. */
static lua_State *enter(const struct oto_ctx *cx, int function, struct oto_ctx **outer)
{
	struct oto_lua_dissector *d = dissector_of(cx);
	lua_State *L = d->policy->dissectors.L;

	*outer = d->cx->now;
	d->cx->now = (struct oto_ctx *)(uintptr_t)cx;
	d->policy->dissectors.bounded = false;
	lua_rawgeti(L, LUA_REGISTRYINDEX, function);
	return L;
}

static bool was_truncation(lua_State *L)
{
	const char *message = lua_tostring(L, -1);
	return message && strstr(message, "data string too short");
}

static int failed(struct oto_lua_dissector *d, const struct oto_bus_mark *mark)
{
	struct oto_lua *lua = &d->policy->dissectors;

	if (was_truncation(lua->L)) {
		lua_pop(lua->L, 1);
		return 0;
	}
	if (mark)
		oto_bus_rewind(d->policy->engine->bus, *mark);
	oto_lua_report(lua, d->script);
	return -1;
}

/* The call below nargs arguments. 1 done, 0 the data was too short, -1 an error: everything emitted since the mark is taken back, because
 * half a PDU's events are worse than none, and the error is reported. */
static int call_from(const struct oto_ctx *cx, int nargs, int nresults, struct oto_ctx *outer, const struct oto_bus_mark *mark)
{
	struct oto_lua_dissector *d = dissector_of(cx);
	struct oto_lua *lua = &d->policy->dissectors;
	bool ok = oto_lua_call(lua, d->script, nargs, nresults);

	d->cx->now = outer;
	int done = ok ? 1 : failed(d, mark);
	lua->bounded = lua->now != NULL; /* again that of the Lua function that delivered to us */
	return done;
}

static int call(const struct oto_ctx *cx, int nargs, int nresults, struct oto_ctx *outer)
{
	return call_from(cx, nargs, nresults, outer, NULL);
}

static void push_data(lua_State *L, const struct oto_cur *c, uint32_t most)
{
	uint32_t n = oto_left(c) < most ? oto_left(c) : most;

	lua_pushlstring(L, n ? (const char *)c->at : "", n);
}

static enum oto_answer probe(const struct oto_ctx *cx, struct oto_cur c)
{
	struct oto_ctx *outer;
	lua_State *L = enter(cx, dissector_of(cx)->probe, &outer);

	push_data(L, &c, LOOK_AHEAD);
	lua_rawgeti(L, LUA_REGISTRYINDEX, dissector_of(cx)->context);
	int done = call(cx, 2, 1, outer);
	if (done <= 0)
		return done == 0 ? OTO_NEED_MORE : OTO_NOT_MINE;
	enum oto_answer answer = lua_isnil(L, -1) ? OTO_NEED_MORE : lua_toboolean(L, -1) ? OTO_MINE : OTO_NOT_MINE;
	lua_pop(L, 1);
	return answer;
}

static int64_t pdu_len_of(const struct oto_ctx *cx, const struct oto_cur *c, uint32_t most)
{
	struct oto_ctx *outer;
	lua_State *L = enter(cx, dissector_of(cx)->pdu_len, &outer);

	push_data(L, c, most);
	lua_rawgeti(L, LUA_REGISTRYINDEX, dissector_of(cx)->context);
	int done = call(cx, 2, 1, outer);
	if (done <= 0)
		return done;
	int64_t n = lua_isnil(L, -1) ? 0 : lua_isnumber(L, -1) ? (int64_t)lua_tointeger(L, -1) : -1;
	lua_pop(L, 1);
	return n < 0 ? -1 : n;
}

static int64_t pdu_len(const struct oto_ctx *cx, struct oto_cur c)
{
	int64_t n = pdu_len_of(cx, &c, LOOK_AHEAD);

	return n == 0 && oto_left(&c) > LOOK_AHEAD ? pdu_len_of(cx, &c, UINT32_MAX) : n;
}

static void pdu(struct oto_ctx *cx, struct oto_cur *c)
{
	struct oto_lua_dissector *d = dissector_of(cx);
	struct oto_bus_mark mark = oto_bus_mark(d->policy->engine->bus);
	struct oto_ctx *outer;
	lua_State *L = enter(cx, d->pdu, &outer);

	lua_rawgeti(L, LUA_REGISTRYINDEX, d->context);
	push_data(L, c, UINT32_MAX);
	int done = call_from(cx, 2, 0, outer, &mark);
	if (done == 0)
		c->bad = true;
	if (done < 0)
		oto_weird(cx, "script_error", oto_slice_of(d->script->name));
}

static void gap(struct oto_ctx *cx, uint64_t n)
{
	struct oto_ctx *outer;
	lua_State *L = enter(cx, dissector_of(cx)->gap, &outer);

	lua_rawgeti(L, LUA_REGISTRYINDEX, dissector_of(cx)->context);
	lua_pushinteger(L, (lua_Integer)n);
	call(cx, 2, 0, outer);
}

static void unanswered(struct oto_ctx *cx, const void *note)
{
	struct oto_lua_dissector *d = dissector_of(cx);
	struct oto_ctx *outer;
	lua_State *L = enter(cx, d->unanswered, &outer);

	lua_rawgeti(L, LUA_REGISTRYINDEX, d->context);
	push_note(L, d, note);
	call(cx, 2, 0, outer);
}

/* The flow's table is given back. */
static void ended(struct oto_ctx *cx)
{
	int *flow = cx->state;

	if (*flow)
		luaL_unref(dissector_of(cx)->policy->dissectors.L, LUA_REGISTRYINDEX, *flow);
	*flow = 0;
}

/* ------------------------------------------------------------------------------------------------ cx: services */

static struct lua_context *check_context(lua_State *L)
{
	struct lua_context *c = luaL_checkudata(L, 1, CONTEXT);

	if (!c->now)
		luaL_error(L, "cx is valid only during the call that got it");
	return c;
}

static void *cx_scratch(void *who, size_t size)
{
	return oto_scratch(who, size);
}

static struct oto_slice check_bytes(lua_State *L, int index, struct oto_ctx *cx)
{
	size_t len;
	const char *text = luaL_tolstring(L, index, &len);
	void *copy = len ? oto_scratch(cx, len) : NULL;

	if (len && !copy)
		luaL_error(L, "the events of one packet may refer to at most 256 KiB");
	if (len)
		memcpy(copy, text, len);
	lua_settop(L, -2);
	return (struct oto_slice){ copy, (uint32_t)len };
}

static int not_declared(lua_State *L, int reference, const char *name, const struct oto_lua_dissector *d, const char *what)
{
	const char *known[64];
	char near[128];
	size_t n = 0;

	lua_rawgeti(L, LUA_REGISTRYINDEX, reference);
	for (lua_pushnil(L); lua_next(L, -2) && n < 64; lua_settop(L, -2))
		known[n++] = lua_tostring(L, -2);
	return luaL_error(L, "%s declares no %s '%s'%s", d->a.name, what, name, oto_near(near, sizeof near, name, known, n));
}

static uint32_t named_number(lua_State *L, int reference, int index, const struct oto_lua_dissector *d, const char *what)
{
	lua_rawgeti(L, LUA_REGISTRYINDEX, reference);
	lua_pushvalue(L, index);
	if (lua_rawget(L, -2) == LUA_TNIL)
		not_declared(L, reference, luaL_tolstring(L, index, NULL), d, what);
	uint32_t n = (uint32_t)lua_tointeger(L, -1);
	lua_settop(L, -3);
	return n;
}

static int cx_emit(lua_State *L)
{
	struct lua_context *c = check_context(L);
	uint32_t event = named_number(L, c->d->event_index, 2, c->d, "event");
	uint64_t data[2048];

	luaL_checktype(L, 3, LUA_TTABLE);
	if (c->d->types[event]->size > sizeof data)
		return luaL_error(L, "event '%s' has too many fields", c->d->types[event]->name);
	oto_declared_fill(L, c->d->declared[event], 3, data, cx_scratch, c->now);
	oto_emit(c->now, event, data);
	return 0;
}

static int cx_wanted(lua_State *L)
{
	struct lua_context *c = check_context(L);

	lua_pushboolean(L, oto_wanted(c->now, named_number(L, c->d->event_index, 2, c->d, "event")));
	return 1;
}

static const char *word_field(lua_State *L, int index, const char *key)
{
	const char *word = lua_getfield(L, index, key) == LUA_TSTRING ? oto_intern(L, lua_gettop(L)) : NULL;

	lua_settop(L, -2);
	return word;
}

static struct oto_slice bytes_field(lua_State *L, int index, const char *key, struct oto_ctx *cx)
{
	struct oto_slice s = { 0 };

	if (lua_getfield(L, index, key) != LUA_TNIL)
		s = check_bytes(L, lua_gettop(L), cx);
	lua_settop(L, -2);
	return s;
}

/* { op =, func =, func_code =, target =, unit =, sub =, by_receiver = }; `command = ROW` of a value table gives op and func. */
static struct oto_operation check_operation(lua_State *L, int index, struct oto_ctx *cx)
{
	struct oto_operation o = { .self_size = sizeof o };

	luaL_checktype(L, index, LUA_TTABLE);
	OTO_CHECK_KEYS(L, index, false, "an operation", "command", "func_code", "target", "op", "func", "unit", "sub", "by_receiver");
	if (lua_getfield(L, index, "command") == LUA_TTABLE) {
		int row = lua_gettop(L);
		if (lua_getfield(L, row, "op") == LUA_TSTRING)
			o.op = oto_check_op(L, row + 1);
		if (lua_rawgeti(L, row, 1) == LUA_TSTRING)
			o.func = oto_intern(L, row + 2);
		lua_settop(L, row);
	}
	lua_settop(L, -2);
	if (lua_getfield(L, index, "op") == LUA_TSTRING)
		o.op = oto_check_op(L, lua_gettop(L));
	lua_settop(L, -2);
	const char *func = word_field(L, index, "func");
	o.func = func ? func : o.func;
	lua_getfield(L, index, "func_code");
	o.func_code = (uint32_t)luaL_optinteger(L, -1, 0);
	if (lua_getfield(L, index, "unit") != LUA_TNIL) {
		o.unit = (uint32_t)luaL_checkinteger(L, -1);
		o.has_unit = true;
	}
	lua_getfield(L, index, "by_receiver");
	o.by_receiver = lua_toboolean(L, -1);
	if (lua_getfield(L, index, "target") != LUA_TNIL)
		o.target = oto_check_target(L, lua_gettop(L), cx_scratch, cx);
	lua_settop(L, -5);
	o.sub = bytes_field(L, index, "sub", cx);
	return o;
}

static int cx_operation(lua_State *L)
{
	struct lua_context *c = check_context(L);
	struct oto_operation o = check_operation(L, 2, c->now);

	lua_pushinteger(L, (lua_Integer)oto_operation(c->now, &o));
	return 1;
}

/* cx:outcome(match, error, unmatched): error nil means that it went well. */
static int cx_outcome(lua_State *L)
{
	struct lua_context *c = check_context(L);
	struct lua_match *m = luaL_checkudata(L, 2, MATCH);
	const char *error = lua_isnoneornil(L, 3) ? NULL : oto_intern(L, 3);
	struct oto_operation unmatched;
	bool has_unmatched = !lua_isnoneornil(L, 4);

	if (has_unmatched)
		unmatched = check_operation(L, 4, c->now);
	oto_outcome(c->now, &m->m, error ? OTO_OUTCOME_ERROR : OTO_OUTCOME_OK, error, has_unmatched ? &unmatched : NULL);
	return 0;
}

static uint32_t check_word(lua_State *L, int index, const char *key, const char *const *words)
{
	const char *word = lua_getfield(L, index, key) == LUA_TSTRING ? lua_tostring(L, -1) : "nil";
	uint32_t i = 1;

	while (words[i] && strcmp(words[i], word) != 0)
		i++;
	if (!words[i])
		luaL_error(L, "a program transfer's %s is not '%s'", key, word);
	lua_settop(L, -2);
	return i;
}

static bool check_count(lua_State *L, int index, const char *key, uint64_t *count)
{
	bool given = lua_getfield(L, index, key) != LUA_TNIL;

	if (given)
		*count = (uint64_t)luaL_checkinteger(L, -1);
	lua_settop(L, -2);
	return given;
}

static int cx_program(lua_State *L)
{
	static const char *const directions[] = { "", "upload", "download", "delete", "insert", NULL };
	static const char *const results[] = { "", "complete", "aborted", "cut", NULL };
	struct lua_context *c = check_context(L);
	struct oto_program p = { .self_size = sizeof p };

	luaL_checktype(L, 2, LUA_TTABLE);
	OTO_CHECK_KEYS(L, 2, false, "a program transfer", "direction", "result", "kind", "error", "name", "sha256", "sub", "size",
		       "announced", "op_id", "by_receiver");
	p.direction = check_word(L, 2, "direction", directions);
	p.result = check_word(L, 2, "result", results);
	p.kind = word_field(L, 2, "kind");
	p.error = word_field(L, 2, "error");
	p.name = bytes_field(L, 2, "name", c->now);
	p.sha256 = bytes_field(L, 2, "sha256", c->now);
	p.sub = bytes_field(L, 2, "sub", c->now);
	p.has_size = check_count(L, 2, "size", &p.size);
	p.has_announced = check_count(L, 2, "announced", &p.announced);
	check_count(L, 2, "op_id", &p.op_id);
	lua_getfield(L, 2, "by_receiver");
	p.by_receiver = lua_toboolean(L, -1);
	oto_program(c->now, &p);
	return 0;
}

static uint8_t check_whose(lua_State *L, const char *whose)
{
	static const char *const words[] = { "sender", "receiver", "other" };

	for (uint8_t i = 0; i < 3; i++) {
		if (strcmp(words[i], whose) == 0)
			return i;
	}
	return (uint8_t)luaL_error(L, "a fact is the \"sender\"'s, the \"receiver\"'s or an \"other\"'s, not '%s'", whose);
}

static void fact_options(lua_State *L, int index, struct oto_ctx *cx, struct oto_fact *f)
{
	struct oto_addr mac;

	luaL_checktype(L, index, LUA_TTABLE);
	OTO_CHECK_KEYS(L, index, false, "a fact", "source", "confidence", "ip", "mac", "whose", "sub");
	f->source = word_field(L, index, "source");
	lua_getfield(L, index, "confidence");
	f->confidence = (uint8_t)luaL_optinteger(L, -1, 0);
	if (lua_getfield(L, index, "ip") != LUA_TNIL) {
		if (!oto_to_addr(L, -1, &f->ip))
			luaL_error(L, "a fact's ip is an address");
		f->whose = OTO_OTHER;
	}
	if (lua_getfield(L, index, "mac") != LUA_TNIL) {
		if (!oto_to_addr(L, -1, &mac) || mac.family != OTO_FAMILY_MAC)
			luaL_error(L, "a fact's mac is a MAC address");
		memcpy(f->mac.byte, mac.byte, sizeof f->mac.byte);
		f->has_mac = true;
		f->whose = OTO_OTHER;
	}
	if (lua_getfield(L, index, "whose") == LUA_TSTRING)
		f->whose = check_whose(L, lua_tostring(L, -1));
	if (lua_getfield(L, index, "sub") != LUA_TNIL)
		f->sub = check_bytes(L, lua_gettop(L), cx);
	lua_settop(L, -6);
}

static int cx_fact(lua_State *L)
{
	struct lua_context *c = check_context(L);
	struct oto_fact f = { .self_size = sizeof f };

	luaL_checkstring(L, 2);
	f.key = oto_intern(L, 2);
	if (lua_isnoneornil(L, 3))
		return 0; /* an empty value is no fact */
	f.value = check_bytes(L, 3, c->now);
	if (!lua_isnoneornil(L, 4))
		fact_options(L, 4, c->now, &f);
	if (f.value.len)
		oto_fact(c->now, &f);
	return 0;
}

static int cx_weird(lua_State *L)
{
	struct lua_context *c = check_context(L);

	luaL_checkstring(L, 2);
	oto_weird(c->now, oto_intern(L, 2), lua_isnoneornil(L, 3) ? (struct oto_slice){ 0 } : check_bytes(L, 3, c->now));
	return 0;
}

static void need_pairing(lua_State *L, const struct oto_lua_dissector *d)
{
	if (!d->a.pairing)
		luaL_error(L, "%s declares no pairing, so nothing is paired: pairing = { scope = \"flow\" }", d->a.name);
}

static int cx_request(lua_State *L)
{
	struct lua_context *c = check_context(L);
	uint8_t note[OTO_NOTE_MAX] = { 0 };
	struct packer p = { L, c->d, note, note + c->d->pairing.note_size };

	need_pairing(L, c->d);
	if (!lua_isnoneornil(L, 3))
		pack(&p, 3, false);
	oto_request(c->now, (uint64_t)luaL_optinteger(L, 2, 0), note);
	return 0;
}

/* Always a match; match.found tells. */
static int cx_response(lua_State *L)
{
	struct lua_context *c = check_context(L);
	uint64_t key = (uint64_t)luaL_optinteger(L, 2, 0);

	need_pairing(L, c->d);
	struct lua_match *m = lua_newuserdatauv(L, sizeof *m, 0);
	*m = (struct lua_match){ .m = { .self_size = sizeof m->m }, .d = c->d };
	luaL_setmetatable(L, MATCH);
	oto_response(c->now, key, &m->m);
	return 1;
}

static int match_index(lua_State *L)
{
	const struct lua_match *m = luaL_checkudata(L, 1, MATCH);
	const char *name = luaL_checkstring(L, 2);

	if (strcmp(name, "found") == 0)
		lua_pushboolean(L, m->m.found);
	else if (strcmp(name, "unsure") == 0)
		lua_pushboolean(L, m->m.unsure);
	else if (strcmp(name, "retries") == 0)
		lua_pushinteger(L, m->m.retries);
	else if (strcmp(name, "note") == 0)
		push_note(L, m->d, m->m.found ? m->m.note : NULL);
	else if (strcmp(name, "op_id") == 0)
		lua_pushinteger(L, (lua_Integer)m->m.op_id);
	else if (strcmp(name, "latency") == 0 && m->m.found)
		oto_push_interval(L, m->m.latency.ns);
	else if (strcmp(name, "asked") == 0 && m->m.found)
		oto_push_time(L, m->m.asked.ns);
	else if (strcmp(name, "latency") == 0 || strcmp(name, "asked") == 0)
		lua_pushnil(L);
	else
		return luaL_error(L, "a match has found, unsure, retries, latency, asked, op_id and note, not '%s'", name);
	return 1;
}

static int cx_deliver(lua_State *L)
{
	struct lua_context *c = check_context(L);
	uint32_t channel = named_number(L, c->d->channel_index, 2, c->d, "channel");
	uint64_t key = (uint64_t)luaL_optinteger(L, 3, 0);

	oto_deliver(c->now, channel, key, check_bytes(L, 4, c->now));
	return 0;
}

static int cx_reenter(lua_State *L)
{
	static const char *const links[] = { "ethernet", "ip", NULL };
	struct lua_context *c = check_context(L);
	enum oto_link link = luaL_checkoption(L, 2, NULL, links) == 0 ? OTO_LINK_ETHERNET : OTO_LINK_IP;

	oto_reenter(c->now, link, check_bytes(L, 3, c->now));
	return 0;
}

/* cx:assemble(fragment, last): the whole message when the last fragment came, else nil. */
static int cx_assemble(lua_State *L)
{
	struct lua_context *c = check_context(L);
	struct oto_slice whole = oto_assemble(c->now, check_bytes(L, 2, c->now), lua_toboolean(L, 3));

	if (!whole.len)
		return 0;
	lua_pushlstring(L, (const char *)whole.data, whole.len);
	return 1;
}

/* ------------------------------------------------------------------------------------------------ cx: fields */

enum context_field {
	CX_IS_ORIG = 1,
	CX_SRC,
	CX_DST,
	CX_SPORT,
	CX_DPORT,
	CX_SRC_MAC,
	CX_DST_MAC,
	CX_TRANSPORT,
	CX_DEPTH,
	CX_KEY,
	CX_TS,
	CX_UID,
	CX_FLOW
};
static const struct {
	const char *name;
	enum context_field field;
} context_fields[] = {
	{ "is_orig", CX_IS_ORIG }, { "src", CX_SRC },         { "dst", CX_DST },         { "sport", CX_SPORT },
	{ "dport", CX_DPORT },     { "src_mac", CX_SRC_MAC }, { "dst_mac", CX_DST_MAC }, { "transport", CX_TRANSPORT },
	{ "depth", CX_DEPTH },     { "key", CX_KEY },         { "ts", CX_TS },           { "uid", CX_UID },
	{ "flow", CX_FLOW },
};

static void push_flow(lua_State *L, struct oto_ctx *cx)
{
	int *flow = cx->state;

	if (!flow)
		luaL_error(L, "there is no cx.flow here: a probe must not keep state, and what a request leaves is its note");
	if (!*flow) {
		lua_newtable(L);
		*flow = luaL_ref(L, LUA_REGISTRYINDEX);
	}
	lua_rawgeti(L, LUA_REGISTRYINDEX, *flow);
}

static void push_end(lua_State *L, const struct oto_ctx *cx, bool orig)
{
	const struct oto_addr *a = orig ? &cx->head->orig_h : &cx->head->resp_h;

	if (a->family != OTO_FAMILY_NONE)
		oto_push_addr(L, a);
	else
		lua_pushnil(L);
}

static void push_mac(lua_State *L, const struct oto_ctx *cx, bool orig)
{
	struct oto_value v = { .kind = cx->head->has_mac ? OTO_MAC : 0, .mac = orig ? &cx->head->orig_mac : &cx->head->resp_mac };

	oto_push_value(L, &v);
}

static void push_head(lua_State *L, const struct oto_ctx *cx, const char *name)
{
	struct oto_event_def none = { 0 };
	struct oto_event event = { &none, cx->head, NULL, 0, 0, 0 };
	struct oto_value v;

	oto_value_get(&event, oto_field_find(&none, name, strlen(name)), &v);
	oto_push_value(L, &v);
}

static void push_context_field(lua_State *L, struct oto_ctx *cx, enum context_field field)
{
	switch (field) {
	case CX_IS_ORIG:
		lua_pushboolean(L, cx->is_orig);
		break;
	case CX_SRC:
		push_end(L, cx, cx->is_orig);
		break;
	case CX_DST:
		push_end(L, cx, !cx->is_orig);
		break;
	case CX_SPORT:
		lua_pushinteger(L, oto_source_port(cx));
		break;
	case CX_DPORT:
		lua_pushinteger(L, oto_dest_port(cx));
		break;
	case CX_SRC_MAC:
		push_mac(L, cx, cx->is_orig);
		break;
	case CX_DST_MAC:
		push_mac(L, cx, !cx->is_orig);
		break;
	case CX_TRANSPORT:
		push_head(L, cx, "transport");
		break;
	case CX_DEPTH:
		lua_pushinteger(L, cx->depth);
		break;
	case CX_KEY:
		lua_pushinteger(L, (lua_Integer)cx->key);
		break;
	case CX_TS:
		oto_push_time(L, cx->head->ts.ns);
		break;
	case CX_UID:
		push_head(L, cx, "uid");
		break;
	case CX_FLOW:
		push_flow(L, cx);
		break;
	}
}

/* upvalue: name to method, or to the number of a field */
static int context_index(lua_State *L)
{
	struct lua_context *c = check_context(L);

	lua_pushvalue(L, 2);
	int type = lua_rawget(L, lua_upvalueindex(1));
	if (type == LUA_TFUNCTION)
		return 1;
	if (type != LUA_TNUMBER)
		return luaL_error(L, "cx has no '%s'; see otoscope doc lua", luaL_tolstring(L, 2, NULL));
	push_context_field(L, c->now, (enum context_field)lua_tointeger(L, -1));
	return 1;
}

/* ------------------------------------------------------------------------------------------------ oto.analyzer{...} */

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

/* In the policy state: this file is a dissector; the loader starts over in the other state. */
static int not_here(lua_State *L)
{
	lua_pushlightuserdata(L, (void *)(uintptr_t)&oto_dissector_sentinel);
	return lua_error(L);
}

static int analyzer_new(lua_State *L)
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
	lua_getfield(L, 1, "any_port");
	d->a.flags = lua_toboolean(L, -1) ? OTO_ANY_PORT : 0;
	lua_getfield(L, 1, "max_pdu");
	d->a.max_pdu = (uint32_t)luaL_optinteger(L, -1, 0);
	lua_settop(L, 1);
	read_events(L, d);
	read_pairing(L, d);
	d->a.state_size = sizeof(int);
	d->cx = lua_newuserdatauv(L, sizeof *d->cx, 0);
	*d->cx = (struct lua_context){ .d = d };
	luaL_setmetatable(L, CONTEXT);
	d->context = luaL_ref(L, LUA_REGISTRYINDEX);
	return 1;
}

/* ------------------------------------------------------------------------------------------------ loading */

static int function_of(lua_State *L, const char *name)
{
	if (lua_getfield(L, -1, name) == LUA_TFUNCTION)
		return luaL_ref(L, LUA_REGISTRYINDEX);
	lua_pop(L, 1);
	return LUA_NOREF;
}

/* An absent function is never called. */
static bool connect(struct oto_lua_dissector *d, lua_State *L, struct oto_error *err)
{
	struct oto_analyzer *a = &d->a;
	const char *unknown = oto_unknown_key(L, -1, false, parts, NPARTS);
	char near[256];

	if (unknown)
		return oto_fail(err, "analyzer %s has no '%s'%s; what it needs for itself is local", a->name, unknown,
				oto_near(near, sizeof near, unknown, parts, NPARTS));
	d->probe = function_of(L, "probe");
	d->pdu_len = function_of(L, "pdu_len");
	d->pdu = function_of(L, "pdu");
	d->gap = function_of(L, "gap");
	d->unanswered = function_of(L, "unanswered");
	if (d->pdu == LUA_NOREF)
		return oto_fail(err, "analyzer %s has no function pdu(cx, data)", a->name);
	a->probe = d->probe == LUA_NOREF ? NULL : probe;
	a->pdu_len = d->pdu_len == LUA_NOREF ? NULL : pdu_len;
	a->pdu = pdu;
	a->gap = d->gap == LUA_NOREF ? NULL : gap;
	a->unanswered = d->unanswered == LUA_NOREF ? NULL : unanswered;
	a->ended = ended;
	d->registered = true;
	return oto_analyzers_add(d->policy->engine->analyzers, a, err);
}

bool oto_dissector_load(struct oto_policy *p, const char *path, const char *code, size_t len, struct oto_error *err)
{
	struct oto_lua *lua = &p->dissectors;
	const char *slash = strrchr(path, '/');
	char dir[4096];
	struct oto_error why = { "" };

	snprintf(dir, sizeof dir, "%.*s", slash ? (int)(slash - path) : 1, slash ? path : ".");
	struct oto_script *script = oto_lua_script(lua, path, dir);
	if (!oto_lua_load(lua, script, code, len, 1, err))
		return false;
	struct oto_lua_dissector *d = p->dissector_list;
	if (!d || d->script != script || d->registered || !lua_istable(lua->L, -1)) {
		lua_pop(lua->L, 1);
		return oto_fail(err, "%s: a dissector ends with 'return' of its one oto.analyzer{...}", path);
	}
	bool ok = connect(d, lua->L, &why);
	lua_pop(lua->L, 1);
	return ok || oto_fail(err, "%s: %s", path, why.text);
}

void oto_lua_analyzers(struct oto_lua *lua)
{
	static const luaL_Reg methods[] = { { "emit", cx_emit },
					    { "wanted", cx_wanted },
					    { "operation", cx_operation },
					    { "outcome", cx_outcome },
					    { "fact", cx_fact },
					    { "program", cx_program },
					    { "weird", cx_weird },
					    { "request", cx_request },
					    { "response", cx_response },
					    { "deliver", cx_deliver },
					    { "reenter", cx_reenter },
					    { "assemble", cx_assemble },
					    { 0 } };
	lua_State *L = lua->L;

	luaL_newmetatable(L, CONTEXT);
	luaL_newlib(L, methods);
	for (size_t i = 0; i < sizeof context_fields / sizeof *context_fields; i++) {
		lua_pushinteger(L, context_fields[i].field);
		lua_setfield(L, -2, context_fields[i].name);
	}
	lua_pushcclosure(L, context_index, 1);
	lua_setfield(L, -2, "__index");
	lua_pushboolean(L, false);
	lua_setfield(L, -2, "__metatable");
	luaL_newmetatable(L, MATCH);
	lua_pushcfunction(L, match_index);
	lua_setfield(L, -2, "__index");
	lua_newtable(L);
	lua_pushcfunction(L, lua->dissectors ? analyzer_new : not_here);
	lua_setfield(L, -2, "analyzer");
	lua_setfield(L, LUA_REGISTRYINDEX, "oto.module");
	lua_settop(L, -3);
}

void oto_dissectors_free(struct oto_policy *p)
{
	for (struct oto_lua_dissector *d = p->dissector_list, *next; d; d = next) {
		next = d->next;
		for (uint32_t i = 0; i < d->nwords; i++)
			free(d->words[i]);
		free(d->words);
		oto_arena_free(&d->memory);
		free(d);
	}
}
