/* policy_moment.c - times and intervals as Lua values: read from text, counted with, printed in a zone. They are made when read.
 */
#include "policy_value.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <time.h>

static void push_ns(lua_State *L, int64_t ns, enum oto_type type)
{
	*(int64_t *)lua_newuserdatauv(L, sizeof ns, 0) = ns;
	oto_type_give(L, type);
}

/* Most that are read during a packet are its own. */
void oto_push_time(lua_State *L, int64_t ns)
{
	struct oto_lua *lua = oto_lua_of(L);

	if (lua->time_recent && lua->time_recent_ns == ns) {
		lua_rawgeti(L, LUA_REGISTRYINDEX, lua->time_recent);
		return;
	}
	push_ns(L, ns, OTO_TYPE_TIME);
	lua_pushvalue(L, -1);
	if (!lua->time_recent)
		lua->time_recent = luaL_ref(L, LUA_REGISTRYINDEX);
	else
		lua_rawseti(L, LUA_REGISTRYINDEX, lua->time_recent);
	lua->time_recent_ns = ns;
}

void oto_push_interval(lua_State *L, int64_t ns)
{
	push_ns(L, ns, OTO_TYPE_INTERVAL);
}

bool oto_to_interval(lua_State *L, int index, int64_t *ns)
{
	const int64_t *value = oto_type_test(L, index, OTO_TYPE_INTERVAL);

	if (value)
		*ns = *value;
	else if (lua_type(L, index) == LUA_TNUMBER)
		*ns = oto_ns_from_seconds(lua_tonumber(L, index));
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
	*ns = (int64_t)timegm(&tm) * OTO_SECOND + oto_ns_from_seconds(seconds);
	return *text == '\0';
}

bool oto_to_time(lua_State *L, int index, int64_t *ns)
{
	const int64_t *value = oto_type_test(L, index, OTO_TYPE_TIME);

	if (value)
		*ns = *value;
	else if (lua_isinteger(L, index) && llabs(lua_tointeger(L, index)) < 9200000000)
		*ns = lua_tointeger(L, index) * OTO_SECOND;
	else if (lua_type(L, index) == LUA_TNUMBER)
		*ns = oto_ns_from_seconds(lua_tonumber(L, index));
	else
		return lua_type(L, index) == LUA_TSTRING && time_parse(lua_tostring(L, index), ns);
	return true;
}

static int64_t sum(int64_t a, int64_t b)
{
	int64_t r;
	return __builtin_add_overflow(a, b, &r) ? (a > 0 ? INT64_MAX : INT64_MIN) : r;
}

/* time(seconds since 1970 or text [, nanoseconds more]) */
static int time_new(lua_State *L)
{
	int64_t ns = 0;

	if (!oto_to_time(L, 1, &ns))
		return luaL_error(L, "%s is no time (seconds since 1970, or 2026-01-31T12:00:00Z)", luaL_tolstring(L, 1, NULL));
	oto_push_time(L, sum(ns, luaL_optinteger(L, 2, 0)));
	return 1;
}

static int interval_new(lua_State *L)
{
	oto_push_interval(L, oto_check_interval(L, 1));
	return 1;
}

static int64_t difference(int64_t a, int64_t b)
{
	int64_t r;
	return __builtin_sub_overflow(a, b, &r) ? (a > 0 ? INT64_MAX : INT64_MIN) : r;
}

bool oto_is_time(lua_State *L, int index)
{
	return oto_type_test(L, index, OTO_TYPE_TIME) != NULL;
}

bool oto_is_interval(lua_State *L, int index)
{
	return oto_type_test(L, index, OTO_TYPE_INTERVAL) != NULL;
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

	oto_push_interval(L, oto_ns_from_seconds((double)oto_check_interval(L, 3 - number) / 1e9 * luaL_checknumber(L, number)));
	return 1;
}

/* interval / number = interval, interval / interval = number */
static int interval_div(lua_State *L)
{
	int64_t a = oto_check_interval(L, 1);

	if (lua_type(L, 2) == LUA_TNUMBER)
		oto_push_interval(L, oto_ns_from_seconds((double)a / 1e9 / lua_tonumber(L, 2)));
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
	const int64_t *a = oto_type_test(L, 1, OTO_TYPE_TIME), *b = oto_type_test(L, 2, OTO_TYPE_TIME);

	if (!a && !b) {
		a = oto_type_test(L, 1, OTO_TYPE_INTERVAL);
		b = oto_type_test(L, 2, OTO_TYPE_INTERVAL);
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
	push_scalar(L, OTO_TIME, *(int64_t *)oto_type_check(L, 1, OTO_TYPE_TIME));
	return 1;
}

static int interval_tostring(lua_State *L)
{
	push_scalar(L, OTO_INTERVAL, *(int64_t *)oto_type_check(L, 1, OTO_TYPE_INTERVAL));
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
	int64_t ns = *(int64_t *)oto_type_check(L, 1, OTO_TYPE_TIME);
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
	int64_t ns = *(int64_t *)oto_type_check(L, 1, OTO_TYPE_TIME);
	time_t seconds = (time_t)(ns >= 0 ? ns / OTO_SECOND : (ns - (OTO_SECOND - 1)) / OTO_SECOND);
	struct tm tm;

	localtime_r(&seconds, &tm);
	lua_pushinteger(L, tm.tm_wday ? tm.tm_wday : 7);
	lua_pushinteger(L, tm.tm_hour);
	lua_pushinteger(L, tm.tm_min);
	return 3;
}

/* ------------------------------------------------------------------------------------------------ registration */

void oto_lua_moments(struct oto_lua *lua)
{
	static const luaL_Reg time_meta[] = { { "__tostring", time_tostring },
					      { "__lt", ns_lt },
					      { "__le", ns_le },
					      { "__eq", ns_eq },
					      { "__add", ns_add },
					      { "__sub", ns_sub },
					      { "__concat", oto_value_concat },
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
						  { "__concat", oto_value_concat },
						  { 0 } };
	static const luaL_Reg interval_methods[] = { { "seconds", ns_seconds }, { "ns", ns_ns }, { 0 } };
	static const luaL_Reg constructors[] = { { "time", time_new }, { "interval", interval_new }, { 0 } };
	lua_State *L = lua->L;

	oto_type_define(L, OTO_TYPE_TIME, "oto.time", time_meta, time_methods);
	oto_type_define(L, OTO_TYPE_INTERVAL, "oto.interval", interval_meta, interval_methods);
	lua_pushglobaltable(L);
	luaL_setfuncs(L, constructors, 0);
	lua_pop(L, 1);
}
