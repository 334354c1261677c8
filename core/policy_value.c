/* policy_value.c - addresses, subnets, times and intervals as Lua values that print and compare as people expect.
 *
 * An address (IPv4, IPv6 or MAC) exists once per state: equal addresses are the same object, so that they work as keys of tables. A small
 * direct-mapped cache in front of the table of all makes the common case one array read. Times and intervals are made when read.
 */
#include "policy_private.h"
#include "registry.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <time.h>

#define ADDR "oto.addr"
#define SUBNET "oto.subnet"
#define TIME "oto.time"
#define INTERVAL "oto.interval"

/* ------------------------------------------------------------------------------------------------ addresses */

/* Rare path: the table of all addresses by their bytes, weak, so that those that no script holds vanish. */
static void push_addr_slow(lua_State *L, struct oto_lua *lua, const struct oto_addr *a)
{
	lua_rawgeti(L, LUA_REGISTRYINDEX, lua->addr_all);
	lua_pushlstring(L, (const char *)a, sizeof *a);
	lua_pushvalue(L, -1);
	if (lua_rawget(L, -3) == LUA_TNIL) {
		lua_pop(L, 1);
		struct oto_addr *mine = lua_newuserdatauv(L, sizeof *mine, 0);
		*mine = *a;
		luaL_setmetatable(L, ADDR);
		lua_pushvalue(L, -2);
		lua_pushvalue(L, -2);
		lua_rawset(L, -5);
	}
	lua_remove(L, -2);
	lua_remove(L, -2);
}

void oto_push_addr(lua_State *L, const struct oto_addr *a)
{
	struct oto_lua *lua = oto_lua_of(L);
	uint64_t half[2];
	memcpy(half, a->byte, sizeof half);
	uint32_t at = (uint32_t)(oto_mix(half[0] ^ a->family, half[1]) % OTO_ADDR_SLOTS);
	struct oto_addr_slot *slot = &lua->addr_slots[at];

	lua_rawgeti(L, LUA_REGISTRYINDEX, lua->addr_recent);
	if (slot->used && oto_addr_equal(&slot->addr, a)) {
		lua_rawgeti(L, -1, (lua_Integer)at + 1);
	} else {
		push_addr_slow(L, lua, a);
		lua_pushvalue(L, -1);
		lua_rawseti(L, -3, (lua_Integer)at + 1);
		*slot = (struct oto_addr_slot){ *a, true };
	}
	lua_remove(L, -2);
}

bool oto_to_addr(lua_State *L, int index, struct oto_addr *out)
{
	if (lua_type(L, index) == LUA_TUSERDATA && lua_getmetatable(L, index)) {
		bool is_addr = lua_topointer(L, -1) == oto_lua_of(L)->addr_meta;
		lua_settop(L, -2);
		if (is_addr)
			*out = *(const struct oto_addr *)lua_touserdata(L, index);
		return is_addr;
	}
	return lua_type(L, index) == LUA_TSTRING && oto_addr_parse(lua_tostring(L, index), out);
}

static struct oto_addr check_addr(lua_State *L, int index)
{
	struct oto_addr a = { 0 };

	if (!oto_to_addr(L, index, &a))
		luaL_error(L, "%s is no address (IPv4, IPv6 or MAC)", luaL_tolstring(L, index, NULL));
	return a;
}

static int addr_new(lua_State *L)
{
	struct oto_addr a = check_addr(L, 1);

	oto_push_addr(L, &a);
	return 1;
}

static int mac_new(lua_State *L)
{
	struct oto_addr a = check_addr(L, 1);

	if (a.family != OTO_FAMILY_MAC)
		return luaL_error(L, "%s is no MAC address", luaL_tolstring(L, 1, NULL));
	oto_push_addr(L, &a);
	return 1;
}

static int addr_tostring(lua_State *L)
{
	struct oto_buf b = { 0 };

	oto_addr_text(luaL_checkudata(L, 1, ADDR), &b);
	lua_pushlstring(L, b.data, b.len);
	oto_buf_free(&b);
	return 1;
}

/* By family, then by bytes: the order people sort hosts in. */
static int addr_compare(const struct oto_addr *a, const struct oto_addr *b)
{
	return a->family != b->family ? (a->family < b->family ? -1 : 1) : memcmp(a->byte, b->byte, sizeof a->byte);
}

static int addr_lt(lua_State *L)
{
	struct oto_addr a = check_addr(L, 1), b = check_addr(L, 2);

	lua_pushboolean(L, addr_compare(&a, &b) < 0);
	return 1;
}

static int addr_le(lua_State *L)
{
	struct oto_addr a = check_addr(L, 1), b = check_addr(L, 2);

	lua_pushboolean(L, addr_compare(&a, &b) <= 0);
	return 1;
}

static int concat(lua_State *L)
{
	luaL_tolstring(L, 1, NULL);
	luaL_tolstring(L, 2, NULL);
	lua_concat(L, 2);
	return 1;
}

static int addr_family(lua_State *L)
{
	const struct oto_addr *a = luaL_checkudata(L, 1, ADDR);

	lua_pushstring(L, a->family == OTO_FAMILY_IPV4 ? "ipv4" : a->family == OTO_FAMILY_IPV6 ? "ipv6" : "mac");
	return 1;
}

/* ------------------------------------------------------------------------------------------------ subnets */

static uint8_t width(const struct oto_addr *a)
{
	return a->family == OTO_FAMILY_IPV4 ? 32 : a->family == OTO_FAMILY_IPV6 ? 128 : 48;
}

static void mask(struct oto_subnet *s)
{
	for (uint32_t i = 0; i < sizeof s->addr.byte; i++) {
		if (i * 8 >= s->bits)
			s->addr.byte[i] = 0;
		else if (i * 8 + 8 > s->bits)
			s->addr.byte[i] &= (uint8_t)(0xff << (8 - s->bits % 8));
	}
}

bool oto_subnet_parse(const char *text, struct oto_subnet *out)
{
	const char *slash = strchr(text, '/');
	char host[64];
	char *end;

	if (!slash) {
		if (!oto_addr_parse(text, &out->addr))
			return false;
		out->bits = width(&out->addr);
		return true;
	}
	if ((size_t)(slash - text) >= sizeof host || !isdigit((unsigned char)slash[1]))
		return false;
	snprintf(host, sizeof host, "%.*s", (int)(slash - text), text);
	unsigned long bits = strtoul(slash + 1, &end, 10);
	if (*end || !oto_addr_parse(host, &out->addr) || bits > width(&out->addr))
		return false;
	out->bits = (uint8_t)bits;
	mask(out);
	return true;
}

bool oto_subnet_has(const struct oto_subnet *s, const struct oto_addr *a)
{
	uint32_t whole = s->bits / 8, rest = s->bits % 8;

	if (a->family != s->addr.family || memcmp(a->byte, s->addr.byte, whole) != 0)
		return false;
	return !rest || ((a->byte[whole] ^ s->addr.byte[whole]) >> (8 - rest)) == 0;
}

static struct oto_subnet check_subnet(lua_State *L, int index)
{
	const struct oto_subnet *s = luaL_testudata(L, index, SUBNET);
	struct oto_subnet parsed = { 0 };

	if (s)
		return *s;
	if (lua_type(L, index) != LUA_TSTRING || !oto_subnet_parse(lua_tostring(L, index), &parsed))
		luaL_error(L, "%s is no subnet (10.0.0.0/8, fe80::/10)", luaL_tolstring(L, index, NULL));
	return parsed;
}

static int subnet_new(lua_State *L)
{
	struct oto_subnet s = check_subnet(L, 1);

	*(struct oto_subnet *)lua_newuserdatauv(L, sizeof s, 0) = s;
	luaL_setmetatable(L, SUBNET);
	return 1;
}

static int subnet_tostring(lua_State *L)
{
	const struct oto_subnet *s = luaL_checkudata(L, 1, SUBNET);
	struct oto_buf b = { 0 };

	oto_addr_text(&s->addr, &b);
	oto_buf_fmt(&b, "/%u", s->bits);
	lua_pushlstring(L, b.data, b.len);
	oto_buf_free(&b);
	return 1;
}

static int subnet_eq(lua_State *L)
{
	const struct oto_subnet *a = luaL_testudata(L, 1, SUBNET), *b = luaL_testudata(L, 2, SUBNET);

	lua_pushboolean(L, a && b && a->bits == b->bits && oto_addr_equal(&a->addr, &b->addr));
	return 1;
}

static int subnet_contains(lua_State *L)
{
	struct oto_subnet s = check_subnet(L, 1);
	struct oto_addr a = check_addr(L, 2);

	lua_pushboolean(L, oto_subnet_has(&s, &a));
	return 1;
}

static struct oto_registry *registry(lua_State *L)
{
	struct oto_policy *p = oto_lua_of(L)->policy;

	if (!p->registry)
		p->registry = oto_registry_new(p->engine->options.data_dir);
	return p->registry;
}

static int addr_vendor(lua_State *L)
{
	lua_pushstring(L, oto_registry_vendor(registry(L), luaL_checkudata(L, 1, ADDR)));
	return 1;
}

static int addr_country(lua_State *L)
{
	lua_pushstring(L, oto_registry_country(registry(L), luaL_checkudata(L, 1, ADDR)));
	return 1;
}

static int addr_as(lua_State *L)
{
	const char *operator_name;
	uint32_t number = oto_registry_as(registry(L), luaL_checkudata(L, 1, ADDR), &operator_name);

	if (!number)
		return 0;
	lua_pushinteger(L, number);
	lua_pushstring(L, operator_name);
	return 2;
}

static int addr_special(lua_State *L)
{
	lua_pushstring(L, oto_registry_special(luaL_checkudata(L, 1, ADDR)));
	return 1;
}

static int addr_within(lua_State *L)
{
	struct oto_addr a = check_addr(L, 1);
	struct oto_subnet s = check_subnet(L, 2);

	lua_pushboolean(L, oto_subnet_has(&s, &a));
	return 1;
}

/* ------------------------------------------------------------------------------------------------ times and intervals */

static void push_ns(lua_State *L, int64_t ns, const char *type)
{
	*(int64_t *)lua_newuserdatauv(L, sizeof ns, 0) = ns;
	luaL_setmetatable(L, type);
}

void oto_push_time(lua_State *L, int64_t ns)
{
	push_ns(L, ns, TIME);
}

void oto_push_interval(lua_State *L, int64_t ns)
{
	push_ns(L, ns, INTERVAL);
}

/* Seconds as a number, kept inside what 64 bits of nanoseconds can say (some 292 years). */
static int64_t from_seconds(double seconds)
{
	double ns = seconds * 1e9;

	if (isnan(ns))
		return 0;
	if (ns >= 9.2e18 || ns <= -9.2e18)
		return ns > 0 ? INT64_C(9200000000000000000) : -INT64_C(9200000000000000000);
	return (int64_t)llround(ns);
}

/* "10s", "1.5m", "1h30m", "250ms": numbers with units, added up. */
bool oto_interval_parse(const char *text, int64_t *ns)
{
	static const struct {
		const char *unit;
		double seconds;
	} units[] = {
		{ "ns", 1e-9 }, { "us", 1e-6 }, { "ms", 1e-3 }, { "s", 1 },       { "sec", 1 },      { "m", 60 },
		{ "min", 60 },  { "h", 3600 },  { "d", 86400 }, { "day", 86400 }, { "days", 86400 }, { "w", 604800 },
	};
	double total = 0;

	while (*text == ' ')
		text++;
	if (!*text)
		return false;
	while (*text) {
		char *end;
		double number = strtod(text, &end);
		size_t unit = 0, len;
		if (end == text || !isfinite(number))
			return false;
		while (*end == ' ')
			end++;
		for (len = 0; isalpha((unsigned char)end[len]);)
			len++;
		while (unit < sizeof units / sizeof *units &&
		       !(strlen(units[unit].unit) == len && strncmp(units[unit].unit, end, len) == 0))
			unit++;
		if (unit == sizeof units / sizeof *units)
			return false;
		total += number * units[unit].seconds;
		for (text = end + len; *text == ' ';)
			text++;
	}
	*ns = from_seconds(total);
	return true;
}

bool oto_to_interval(lua_State *L, int index, int64_t *ns)
{
	const int64_t *value = luaL_testudata(L, index, INTERVAL);

	if (value)
		*ns = *value;
	else if (lua_type(L, index) == LUA_TNUMBER)
		*ns = from_seconds(lua_tonumber(L, index));
	else
		return lua_type(L, index) == LUA_TSTRING && oto_interval_parse(lua_tostring(L, index), ns);
	return true;
}

int64_t oto_check_interval(lua_State *L, int index)
{
	int64_t ns = 0;

	if (!oto_to_interval(L, index, &ns))
		luaL_error(L, "%s is no time span (\"10s\", \"1h30m\", seconds as a number)", luaL_tolstring(L, index, NULL));
	return ns;
}

/* 2026-01-31, 2026-01-31T12:00:00.5Z; always UTC. */
static bool time_parse(const char *text, int64_t *ns)
{
	struct tm tm = { .tm_mday = 1 };
	double seconds = 0;
	int n = 0, year, month;

	if (sscanf(text, "%4d-%2d-%2d%n", &year, &month, &tm.tm_mday, &n) != 3)
		return false;
	tm.tm_year = year - 1900;
	tm.tm_mon = month - 1;
	text += n;
	if (*text == 'T' || *text == ' ') {
		if (sscanf(text + 1, "%2d:%2d:%lf%n", &tm.tm_hour, &tm.tm_min, &seconds, &n) != 3)
			return false;
		text += 1 + n;
	}
	if (*text == 'Z')
		text++;
	*ns = (int64_t)timegm(&tm) * OTO_SECOND + from_seconds(seconds);
	return *text == '\0';
}

bool oto_to_time(lua_State *L, int index, int64_t *ns)
{
	const int64_t *value = luaL_testudata(L, index, TIME);

	if (value)
		*ns = *value;
	else if (lua_isinteger(L, index) && llabs(lua_tointeger(L, index)) < 9200000000)
		*ns = lua_tointeger(L, index) * OTO_SECOND;
	else if (lua_type(L, index) == LUA_TNUMBER)
		*ns = from_seconds(lua_tonumber(L, index));
	else
		return lua_type(L, index) == LUA_TSTRING && time_parse(lua_tostring(L, index), ns);
	return true;
}

static int time_new(lua_State *L)
{
	int64_t ns = 0;

	if (!oto_to_time(L, 1, &ns))
		return luaL_error(L, "%s is no time (seconds since 1970, or 2026-01-31T12:00:00Z)", luaL_tolstring(L, 1, NULL));
	oto_push_time(L, ns);
	return 1;
}

static int interval_new(lua_State *L)
{
	oto_push_interval(L, oto_check_interval(L, 1));
	return 1;
}

static int64_t sum(int64_t a, int64_t b)
{
	int64_t r;
	return __builtin_add_overflow(a, b, &r) ? (a > 0 ? INT64_MAX : INT64_MIN) : r;
}

static int64_t difference(int64_t a, int64_t b)
{
	int64_t r;
	return __builtin_sub_overflow(a, b, &r) ? (a > 0 ? INT64_MAX : INT64_MIN) : r;
}

bool oto_is_time(lua_State *L, int index)
{
	return luaL_testudata(L, index, TIME) != NULL;
}

bool oto_is_interval(lua_State *L, int index)
{
	return luaL_testudata(L, index, INTERVAL) != NULL;
}

/* time + interval, interval + time, interval + interval */
static int ns_add(lua_State *L)
{
	int64_t t;

	if (oto_is_time(L, 1) && oto_is_time(L, 2))
		return luaL_error(L, "two times cannot be added; time - time is an interval");
	if (oto_is_time(L, 1) || oto_is_time(L, 2)) {
		int other = oto_is_time(L, 1) ? 2 : 1;
		oto_to_time(L, 3 - other, &t);
		oto_push_time(L, sum(t, oto_check_interval(L, other)));
	} else {
		oto_push_interval(L, sum(oto_check_interval(L, 1), oto_check_interval(L, 2)));
	}
	return 1;
}

/* time - time = interval, time - interval = time, interval - interval */
static int ns_sub(lua_State *L)
{
	int64_t a, b;

	if (oto_is_time(L, 2)) {
		if (!oto_is_time(L, 1))
			return luaL_error(L, "a time can only be subtracted from a time");
		oto_to_time(L, 1, &a);
		oto_to_time(L, 2, &b);
		oto_push_interval(L, difference(a, b));
	} else if (oto_is_time(L, 1)) {
		oto_to_time(L, 1, &a);
		oto_push_time(L, difference(a, oto_check_interval(L, 2)));
	} else {
		oto_push_interval(L, difference(oto_check_interval(L, 1), oto_check_interval(L, 2)));
	}
	return 1;
}

static int interval_mul(lua_State *L)
{
	int number = lua_type(L, 1) == LUA_TNUMBER ? 1 : 2;

	oto_push_interval(L, from_seconds((double)oto_check_interval(L, 3 - number) / 1e9 * luaL_checknumber(L, number)));
	return 1;
}

/* interval / number = interval, interval / interval = number */
static int interval_div(lua_State *L)
{
	int64_t a = oto_check_interval(L, 1);

	if (lua_type(L, 2) == LUA_TNUMBER)
		oto_push_interval(L, from_seconds((double)a / 1e9 / lua_tonumber(L, 2)));
	else
		lua_pushnumber(L, (double)a / (double)oto_check_interval(L, 2));
	return 1;
}

static int interval_unm(lua_State *L)
{
	oto_push_interval(L, difference(0, oto_check_interval(L, 1)));
	return 1;
}

/* Compares two times, or two intervals, numbers of seconds and "10s" included. */
static void operands(lua_State *L, int64_t ns[2])
{
	for (int i = 1; i <= 2; i++) {
		bool other_is_time = oto_is_time(L, 3 - i);
		if (!(other_is_time ? oto_to_time(L, i, &ns[i - 1]) : oto_to_interval(L, i, &ns[i - 1])))
			luaL_error(L, "cannot compare %s with %s", luaL_tolstring(L, 1, NULL), luaL_tolstring(L, 2, NULL));
	}
}

static int ns_lt(lua_State *L)
{
	int64_t ns[2];

	operands(L, ns);
	lua_pushboolean(L, ns[0] < ns[1]);
	return 1;
}

static int ns_le(lua_State *L)
{
	int64_t ns[2];

	operands(L, ns);
	lua_pushboolean(L, ns[0] <= ns[1]);
	return 1;
}

static int ns_eq(lua_State *L)
{
	const int64_t *a = luaL_testudata(L, 1, TIME), *b = luaL_testudata(L, 2, TIME);

	if (!a && !b) {
		a = luaL_testudata(L, 1, INTERVAL);
		b = luaL_testudata(L, 2, INTERVAL);
	}
	lua_pushboolean(L, a && b && *a == *b);
	return 1;
}

static void push_scalar(lua_State *L, uint16_t kind, int64_t ns)
{
	struct oto_value v = { .kind = kind, .i = ns };
	struct oto_buf b = { 0 };

	oto_value_text(&v, &b);
	lua_pushlstring(L, b.data, b.len);
	oto_buf_free(&b);
}

static int time_tostring(lua_State *L)
{
	push_scalar(L, OTO_TIME, *(int64_t *)luaL_checkudata(L, 1, TIME));
	return 1;
}

static int interval_tostring(lua_State *L)
{
	push_scalar(L, OTO_INTERVAL, *(int64_t *)luaL_checkudata(L, 1, INTERVAL));
	return 1;
}

static int ns_seconds(lua_State *L)
{
	int64_t ns = oto_is_time(L, 1) ? *(int64_t *)lua_touserdata(L, 1) : oto_check_interval(L, 1);

	lua_pushnumber(L, (double)ns / 1e9);
	return 1;
}

static int ns_ns(lua_State *L)
{
	lua_pushinteger(L, oto_is_time(L, 1) ? *(int64_t *)lua_touserdata(L, 1) : oto_check_interval(L, 1));
	return 1;
}

/* t:format("%H:%M") in UTC, by strftime; ISO 8601 without a format. t:format("%H:%M", "local") in the zone of the machine (TZ). */
static int time_format(lua_State *L)
{
	int64_t ns = *(int64_t *)luaL_checkudata(L, 1, TIME);
	static const char *const zones[] = { "utc", "local", NULL };
	bool local = luaL_checkoption(L, 3, "utc", zones) == 1;
	const char *format = luaL_optstring(L, 2, local ? "%Y-%m-%dT%H:%M:%S%z" : "%Y-%m-%dT%H:%M:%SZ");
	time_t seconds = (time_t)(ns >= 0 ? ns / OTO_SECOND : (ns - (OTO_SECOND - 1)) / OTO_SECOND);
	struct tm tm;
	char out[256];

	local ? localtime_r(&seconds, &tm) : gmtime_r(&seconds, &tm);
	lua_pushlstring(L, out, strftime(out, sizeof out, format, &tm));
	return 1;
}

/* In the zone of the machine (TZ), where the plant's week is meant: 1 (Monday) to 7, hour, minute. */
static int time_clock(lua_State *L)
{
	int64_t ns = *(int64_t *)luaL_checkudata(L, 1, TIME);
	time_t seconds = (time_t)(ns >= 0 ? ns / OTO_SECOND : (ns - (OTO_SECOND - 1)) / OTO_SECOND);
	struct tm tm;

	localtime_r(&seconds, &tm);
	lua_pushinteger(L, tm.tm_wday ? tm.tm_wday : 7);
	lua_pushinteger(L, tm.tm_hour);
	lua_pushinteger(L, tm.tm_min);
	return 3;
}

/* ------------------------------------------------------------------------------------------------ text of any value */

const char *oto_push_text(lua_State *L, int index)
{
	switch (lua_type(L, index)) {
	case LUA_TBOOLEAN:
	case LUA_TNUMBER:
	case LUA_TSTRING:
		return luaL_tolstring(L, index, NULL);
	case LUA_TUSERDATA:
		if (luaL_testudata(L, index, ADDR) || luaL_testudata(L, index, SUBNET) || luaL_testudata(L, index, TIME))
			return luaL_tolstring(L, index, NULL);
		if (luaL_testudata(L, index, INTERVAL))
			return lua_pushfstring(L, "%ss", luaL_tolstring(L, index, NULL));
		return NULL;
	default:
		return NULL;
	}
}

/* ------------------------------------------------------------------------------------------------ registration */

/* e.ts.year, e.orig_h.within_ and the like: nil would be taken for an answer. */
static int no_method(lua_State *L)
{
	const char *kind = strchr(lua_tostring(L, lua_upvalueindex(1)), '.') + 1;

	return luaL_error(L, "%s %s has no '%s'; `otoscope doc lua` lists what it has", strchr("aeiou", *kind) ? "an" : "a", kind,
			  luaL_tolstring(L, 2, NULL));
}

static void define(lua_State *L, const char *name, const luaL_Reg *meta, const luaL_Reg *methods)
{
	luaL_newmetatable(L, name);
	luaL_setfuncs(L, meta, 0);
	lua_newtable(L);
	luaL_setfuncs(L, methods, 0);
	lua_newtable(L);
	lua_pushstring(L, name);
	lua_pushcclosure(L, no_method, 1);
	lua_setfield(L, -2, "__index");
	lua_setmetatable(L, -2);
	lua_setfield(L, -2, "__index");
	lua_pushboolean(L, false);
	lua_setfield(L, -2, "__metatable");
	lua_pop(L, 1);
}

void oto_lua_values(struct oto_lua *lua)
{
	static const luaL_Reg addr_meta[] = {
		{ "__tostring", addr_tostring }, { "__lt", addr_lt }, { "__le", addr_le }, { "__concat", concat }, { 0 }
	};
	static const luaL_Reg addr_methods[] = { { "within", addr_within },
						 { "family", addr_family },
						 { "vendor", addr_vendor },
						 { "country", addr_country },
						 { "as", addr_as },
						 { "special", addr_special },
						 { 0 } };
	static const luaL_Reg subnet_meta[] = { { "__tostring", subnet_tostring }, { "__eq", subnet_eq }, { "__concat", concat }, { 0 } };
	static const luaL_Reg subnet_methods[] = { { "contains", subnet_contains }, { 0 } };
	static const luaL_Reg time_meta[] = { { "__tostring", time_tostring },
					      { "__lt", ns_lt },
					      { "__le", ns_le },
					      { "__eq", ns_eq },
					      { "__add", ns_add },
					      { "__sub", ns_sub },
					      { "__concat", concat },
					      { 0 } };
	static const luaL_Reg time_methods[] = {
		{ "seconds", ns_seconds }, { "ns", ns_ns }, { "format", time_format }, { "clock", time_clock }, { 0 }
	};
	static const luaL_Reg interval_meta[] = { { "__tostring", interval_tostring },
						  { "__lt", ns_lt },
						  { "__le", ns_le },
						  { "__eq", ns_eq },
						  { "__add", ns_add },
						  { "__sub", ns_sub },
						  { "__mul", interval_mul },
						  { "__div", interval_div },
						  { "__unm", interval_unm },
						  { "__concat", concat },
						  { 0 } };
	static const luaL_Reg interval_methods[] = { { "seconds", ns_seconds }, { "ns", ns_ns }, { 0 } };
	static const luaL_Reg constructors[] = { { "addr", addr_new }, { "mac", mac_new },           { "subnet", subnet_new },
						 { "time", time_new }, { "interval", interval_new }, { 0 } };
	lua_State *L = lua->L;

	define(L, ADDR, addr_meta, addr_methods);
	define(L, SUBNET, subnet_meta, subnet_methods);
	define(L, TIME, time_meta, time_methods);
	define(L, INTERVAL, interval_meta, interval_methods);
	luaL_getmetatable(L, ADDR);
	lua->addr_meta = lua_topointer(L, -1);
	lua_pop(L, 1);
	lua_createtable(L, OTO_ADDR_SLOTS, 0);
	lua->addr_recent = luaL_ref(L, LUA_REGISTRYINDEX);
	lua_newtable(L);
	lua_newtable(L);
	lua_pushliteral(L, "v");
	lua_setfield(L, -2, "__mode");
	lua_setmetatable(L, -2);
	lua->addr_all = luaL_ref(L, LUA_REGISTRYINDEX);
	lua_pushglobaltable(L);
	luaL_setfuncs(L, constructors, 0);
	lua_pop(L, 1);
}
