/* policy_ranges.c - ranges.new: what scripts see of ranges (ranges.h), so that a message of many values costs a script one call.
 *
 * Nothing is saved: what a script takes, it keeps in stores, and puts back from there.
 */
#include "policy_private.h"
#include "ranges.h"

#define MOST_COUNTED 9007199254740992.0 /* what a double counts exactly */

static struct oto_ranges *check_ranges(lua_State *L)
{
	return *(struct oto_ranges **)oto_type_check(L, 1, OTO_TYPE_RANGES);
}

static uint32_t check_group(lua_State *L)
{
	lua_Integer group = luaL_checkinteger(L, 2);

	luaL_argcheck(L, group >= 0 && group <= UINT32_MAX, 2, "a group is 0 to 4294967295");
	return (uint32_t)group;
}

static uint64_t check_place(lua_State *L)
{
	lua_Integer place = luaL_checkinteger(L, 3);

	luaL_argcheck(L, place >= 0, 3, "a place is no less than 0");
	return (uint64_t)place;
}

/* ranges:add(group, place, values, [is_written]) */
static int ranges_add(lua_State *L)
{
	struct oto_ranges *rs = check_ranges(L);
	struct oto_value v;

	oto_check_numbers(L, 4, &v);
	bool is_news = oto_ranges_add(rs, check_group(L), check_place(L), &v, lua_toboolean(L, 5));
	if (is_news)
		rs->news_ns = oto_lua_of(L)->policy->engine->now_ns;
	lua_pushboolean(L, is_news);
	return 1;
}

/* ranges:outside(group, place, values, [from]) */
static int ranges_outside(lua_State *L)
{
	struct oto_ranges *rs = check_ranges(L);
	lua_Integer from = luaL_optinteger(L, 5, 1);
	struct oto_value v;

	luaL_argcheck(L, from >= 1 && from <= UINT32_MAX, 5, "positions count from 1");
	oto_check_numbers(L, 4, &v);
	uint32_t at = oto_ranges_outside(rs, check_group(L), check_place(L), &v, (uint32_t)from);
	if (at)
		lua_pushinteger(L, at);
	else
		lua_pushnil(L);
	return 1;
}

static int ranges_pass(lua_State *L)
{
	struct oto_ranges *rs = check_ranges(L);
	struct oto_range *r = oto_range_find(rs, check_group(L), check_place(L));

	if (r)
		r->passed = rs->anew;
	return 0;
}

static int ranges_anew(lua_State *L)
{
	check_ranges(L)->anew++;
	return 0;
}

/* ------------------------------------------------------------------------------------------------ what events bring */

static int ranges_count(lua_State *L)
{
	return oto_on_ranges(L, check_ranges(L));
}

/* ranges:mode(which) */
static int ranges_mode(lua_State *L)
{
	static const char *const words[] = {
		[OTO_RANGES_LEARN] = "learning", [OTO_RANGES_WATCH] = "detecting", [OTO_RANGES_OFF] = "off", NULL
	};
	struct oto_ranges *rs = check_ranges(L);

	rs->mode = (enum oto_ranges_mode)luaL_checkoption(L, 2, NULL, words);
	rs->round++;
	return 0;
}

/* When there was news last, since this was asked. */
static int ranges_news(lua_State *L)
{
	struct oto_ranges *rs = check_ranges(L);

	if (rs->news_ns)
		oto_push_time(L, rs->news_ns);
	else
		lua_pushnil(L);
	rs->news_ns = 0;
	return 1;
}

/* ------------------------------------------------------------------------------------------------ a range as a table */

static void set_end(lua_State *L, const char *name, double value, bool is_whole)
{
	if (is_whole && value > -9.2e18 && value < 9.2e18)
		lua_pushinteger(L, (lua_Integer)value);
	else
		lua_pushnumber(L, value);
	lua_setfield(L, -2, name);
}

static void set_count(lua_State *L, const char *name, uint64_t n)
{
	lua_pushinteger(L, (lua_Integer)n);
	lua_setfield(L, -2, name);
}

static void push_range(lua_State *L, const struct oto_range *r)
{
	lua_createtable(L, 0, 12);
	set_end(L, "low", r->low, r->low_is_whole);
	set_end(L, "high", r->high, r->high_is_whole);
	set_count(L, "n", r->n);
	set_count(L, "writes", r->writes);
	set_count(L, "rises", r->rises);
	set_count(L, "falls", r->falls);
	lua_pushnumber(L, r->swings);
	lua_setfield(L, -2, "swings");
	if (r->end) {
		lua_pushboolean(L, r->end == OTO_RANGE_TOP);
		lua_setfield(L, -2, "at_top");
	}
	if (r->by_hand) {
		lua_pushboolean(L, true);
		lua_setfield(L, -2, "hand");
	}
	if (r->ups)
		set_count(L, "ups", r->ups);
	if (r->downs)
		set_count(L, "downs", r->downs);
}

static int ranges_get(lua_State *L)
{
	const struct oto_range *r = oto_range_find(check_ranges(L), check_group(L), check_place(L));

	if (r)
		push_range(L, r);
	else
		lua_pushnil(L);
	return 1;
}

static double number_in(lua_State *L, const char *name)
{
	lua_getfield(L, 4, name);
	double number = luaL_optnumber(L, -1, 0);
	lua_settop(L, -2);
	return number;
}

static uint64_t count_in(lua_State *L, const char *name)
{
	double number = number_in(L, name);

	return number > 0 ? (uint64_t)(number < MOST_COUNTED ? number : MOST_COUNTED) : 0;
}

static bool is_whole_in(lua_State *L, const char *name)
{
	lua_getfield(L, 4, name);
	bool is_whole = lua_isinteger(L, -1);
	lua_settop(L, -2);
	return is_whole;
}

static bool is_set_in(lua_State *L, const char *name, bool *is_there)
{
	lua_getfield(L, 4, name);
	*is_there = !lua_isnil(L, -1);
	bool is_set = lua_toboolean(L, -1);
	lua_settop(L, -2);
	return is_set;
}

/* ranges:put(group, place, table): all is read before anything is changed, as reading may fail. */
static int ranges_put(lua_State *L)
{
	struct oto_ranges *rs = check_ranges(L);
	bool is_there;

	luaL_checktype(L, 4, LUA_TTABLE);
	struct oto_range known = {
		.low = number_in(L, "low"),
		.high = number_in(L, "high"),
		.low_is_whole = is_whole_in(L, "low"),
		.high_is_whole = is_whole_in(L, "high"),
		.n = count_in(L, "n"),
		.swings = number_in(L, "swings"),
		.rises = count_in(L, "rises"),
		.falls = count_in(L, "falls"),
		.writes = count_in(L, "writes"),
		.ups = count_in(L, "ups"),
		.downs = count_in(L, "downs"),
	};
	bool is_top = is_set_in(L, "at_top", &is_there);
	known.end = !is_there ? OTO_RANGE_NOWHERE : is_top ? OTO_RANGE_TOP : OTO_RANGE_BOTTOM;
	known.by_hand = is_set_in(L, "hand", &is_there);
	oto_range_put(rs, check_group(L), check_place(L), &known);
	rs->round++;
	return 0;
}

/* ------------------------------------------------------------------------------------------------ taking */

/* The next of those that were seen since they were taken, from the position in upvalue 2 on. */
static struct oto_range *next_seen(lua_State *L, struct oto_ranges *rs)
{
	lua_Integer i = lua_tointeger(L, lua_upvalueindex(2));

	while (i < rs->n && rs->range[i].n == rs->range[i].taken)
		i++;
	lua_pushinteger(L, i + 1);
	lua_replace(L, lua_upvalueindex(2));
	return i < rs->n ? &rs->range[i] : NULL;
}

/* upvalues: the ranges; where all are gone through, the position, else nil */
static int next_taken(lua_State *L)
{
	struct oto_ranges *rs = *(struct oto_ranges **)lua_touserdata(L, lua_upvalueindex(1));
	struct oto_range *r = oto_ranges_take(rs);

	if (!r && !lua_isnil(L, lua_upvalueindex(2)))
		r = next_seen(L, rs);
	if (!r)
		return 0;
	r->taken = r->n;
	lua_pushinteger(L, r->group);
	lua_pushinteger(L, (lua_Integer)r->place);
	push_range(L, r);
	return 3;
}

/* ranges:take([all]) */
static int ranges_take(lua_State *L)
{
	bool all = lua_toboolean(L, 2);

	check_ranges(L);
	lua_settop(L, 1);
	if (all)
		lua_pushinteger(L, 0);
	else
		lua_pushnil(L);
	lua_pushcclosure(L, next_taken, 2);
	return 1;
}

static int ranges_len(lua_State *L)
{
	lua_pushinteger(L, check_ranges(L)->n);
	return 1;
}

/* ------------------------------------------------------------------------------------------------ making */

/* ranges.new { [max = 100000], [most = 1000] } */
static int ranges_new(lua_State *L)
{
	struct oto_policy *p = oto_lua_of(L)->policy;

	luaL_checktype(L, 1, LUA_TTABLE);
	lua_settop(L, 1);
	OTO_CHECK_KEYS(L, 1, false, "ranges.new", "max", "most");
	uint32_t max = (uint32_t)oto_option_whole(L, 1, "max", 100000, 1, INT32_MAX);
	uint32_t most = (uint32_t)oto_option_whole(L, 1, "most", 1000, 1, INT32_MAX);
	struct oto_ranges *rs = oto_ranges_new(p->engine->options.seed, max, most);
	rs->next = p->ranges;
	p->ranges = rs;
	*(struct oto_ranges **)lua_newuserdatauv(L, sizeof rs, 0) = rs;
	oto_type_give(L, OTO_TYPE_RANGES);
	return 1;
}

void oto_lua_ranges(struct oto_lua *lua)
{
	static const luaL_Reg methods[] = { { "add", ranges_add },   { "outside", ranges_outside }, { "pass", ranges_pass },
					    { "anew", ranges_anew }, { "get", ranges_get },         { "put", ranges_put },
					    { "take", ranges_take }, { "len", ranges_len },         { "count", ranges_count },
					    { "mode", ranges_mode }, { "news", ranges_news },       { 0 } };
	static const luaL_Reg meta[] = { { "__len", ranges_len }, { 0 } };
	static const luaL_Reg functions[] = { { "new", ranges_new }, { 0 } };
	lua_State *L = lua->L;

	oto_type_define(L, OTO_TYPE_RANGES, "oto.ranges", meta, methods);
	luaL_newlib(L, functions);
	lua_setglobal(L, "ranges");
}

uint64_t oto_ranges_refused(const struct oto_policy *p)
{
	uint64_t n = 0;

	for (const struct oto_ranges *rs = p->ranges; rs; rs = rs->next)
		n += rs->refused;
	return n;
}

void oto_all_ranges_free(struct oto_policy *p)
{
	for (struct oto_ranges *rs = p->ranges, *next; rs; rs = next) {
		next = rs->next;
		oto_ranges_free(rs);
	}
}
