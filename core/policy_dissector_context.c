/* policy_dissector_context.c - cx, what the functions of a Lua dissector get: the services of the contract as methods, and what is known of
 * the PDU and its flow as fields. Everything is copied out of Lua before the engine keeps it.
 */
#include "policy_dissector.h"

struct lua_match {
	struct oto_match m;
	struct oto_lua_dissector *d;
};

/* ------------------------------------------------------------------------------------------------ cx: services */

static struct oto_lua_context *check_context(lua_State *L)
{
	struct oto_lua_context *c = oto_type_check(L, 1, OTO_TYPE_CONTEXT);

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
	struct oto_lua_context *c = check_context(L);
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
	struct oto_lua_context *c = check_context(L);

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
	o.func_code = (uint32_t)oto_option_whole(L, index, "func_code", 0, 0, UINT32_MAX);
	o.unit = (uint32_t)oto_option_whole(L, index, "unit", 0, 0, UINT32_MAX);
	o.has_unit = lua_getfield(L, index, "unit") != LUA_TNIL;
	o.by_receiver = oto_option_flag(L, index, "by_receiver");
	if (lua_getfield(L, index, "target") != LUA_TNIL)
		o.target = oto_check_target(L, lua_gettop(L), cx_scratch, cx);
	lua_settop(L, -3);
	o.sub = bytes_field(L, index, "sub", cx);
	return o;
}

static int cx_operation(lua_State *L)
{
	struct oto_lua_context *c = check_context(L);
	struct oto_operation o = check_operation(L, 2, c->now);

	lua_pushinteger(L, (lua_Integer)oto_operation(c->now, &o));
	return 1;
}

/* cx:outcome(match, error, unmatched): error nil means that it went well. */
static int cx_outcome(lua_State *L)
{
	struct oto_lua_context *c = check_context(L);
	struct lua_match *m = oto_type_check(L, 2, OTO_TYPE_MATCH);
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
	struct oto_lua_context *c = check_context(L);
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
	p.by_receiver = oto_option_flag(L, 2, "by_receiver");
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
	f->confidence = (uint8_t)oto_option_whole(L, index, "confidence", 0, 0, 100);
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
	lua_settop(L, -5);
}

static int cx_fact(lua_State *L)
{
	struct oto_lua_context *c = check_context(L);
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
	struct oto_lua_context *c = check_context(L);

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
	struct oto_lua_context *c = check_context(L);
	uint8_t note[OTO_NOTE_MAX] = { 0 };

	need_pairing(L, c->d);
	if (!lua_isnoneornil(L, 3))
		oto_dissector_pack(L, c->d, 3, note);
	oto_request(c->now, (uint64_t)luaL_optinteger(L, 2, 0), note);
	return 0;
}

/* Always a match; match.found tells. */
static int cx_response(lua_State *L)
{
	struct oto_lua_context *c = check_context(L);
	uint64_t key = (uint64_t)luaL_optinteger(L, 2, 0);

	need_pairing(L, c->d);
	struct lua_match *m = lua_newuserdatauv(L, sizeof *m, 0);
	*m = (struct lua_match){ .m = { .self_size = sizeof m->m }, .d = c->d };
	oto_type_give(L, OTO_TYPE_MATCH);
	oto_response(c->now, key, &m->m);
	return 1;
}

static int match_index(lua_State *L)
{
	const struct lua_match *m = oto_type_check(L, 1, OTO_TYPE_MATCH);
	const char *name = luaL_checkstring(L, 2);

	if (strcmp(name, "found") == 0)
		lua_pushboolean(L, m->m.found);
	else if (strcmp(name, "unsure") == 0)
		lua_pushboolean(L, m->m.unsure);
	else if (strcmp(name, "retries") == 0)
		lua_pushinteger(L, m->m.retries);
	else if (strcmp(name, "note") == 0)
		oto_dissector_unpack(L, m->d, m->m.found ? m->m.note : NULL);
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
	struct oto_lua_context *c = check_context(L);
	uint32_t channel = named_number(L, c->d->channel_index, 2, c->d, "channel");
	uint64_t key = (uint64_t)luaL_optinteger(L, 3, 0);

	oto_deliver(c->now, channel, key, check_bytes(L, 4, c->now));
	return 0;
}

static int cx_reenter(lua_State *L)
{
	static const char *const links[] = { "ethernet", "ip", NULL };
	struct oto_lua_context *c = check_context(L);
	enum oto_link link = luaL_checkoption(L, 2, NULL, links) == 0 ? OTO_LINK_ETHERNET : OTO_LINK_IP;

	oto_reenter(c->now, link, check_bytes(L, 3, c->now));
	return 0;
}

/* cx:assemble(fragment, last): the whole message when the last fragment came, else nil. */
static int cx_assemble(lua_State *L)
{
	struct oto_lua_context *c = check_context(L);
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
	struct oto_event event = { .def = &none, .head = cx->head };
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
	struct oto_lua_context *c = check_context(L);

	lua_pushvalue(L, 2);
	int type = lua_rawget(L, lua_upvalueindex(1));
	if (type == LUA_TFUNCTION)
		return 1;
	if (type != LUA_TNUMBER)
		return luaL_error(L, "cx has no '%s'; see otoscope doc lua", luaL_tolstring(L, 2, NULL));
	push_context_field(L, c->now, (enum context_field)lua_tointeger(L, -1));
	return 1;
}

void oto_dissector_context_open(lua_State *L)
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

	static const luaL_Reg match_meta[] = { { "__index", match_index }, { 0 } };

	oto_type_define(L, OTO_TYPE_CONTEXT, "oto.context", NULL, NULL);
	oto_type_push(L, OTO_TYPE_CONTEXT);
	luaL_newlib(L, methods);
	for (size_t i = 0; i < sizeof context_fields / sizeof *context_fields; i++) {
		lua_pushinteger(L, context_fields[i].field);
		lua_setfield(L, -2, context_fields[i].name);
	}
	lua_pushcclosure(L, context_index, 1);
	lua_setfield(L, -2, "__index");
	lua_settop(L, -2);
	oto_type_define(L, OTO_TYPE_MATCH, "oto.match", match_meta, NULL);
}
