/* policy_rhythm.c - rhythm.new: how even something recurs, as windows of gaps, and what two windows in a row have in common.
 *
 * Scripts add what a tally measured of a subject each minute. In Lua that is hundreds of instructions for each of hundreds of subjects;
 * here they hear of nothing but what they asked for. What was learned is theirs: they keep it in a store, and hand it back.
 */
#include "policy_private.h"

#include <math.h>

#define RHYTHM "oto.rhythm"

/* A window that is open: turns in which there was something, the gaps of them, and what came of what was asked. */
struct window {
	uint32_t turns;
	double n, sum, squares, asks, lost, answers, late;
};

struct measured {
	double mean, dev, lost, late;
};

/* What two windows have in common: the mean of neither was less than most, nor more than least, so that one of them alone widens nothing.
 */
struct common {
	double least, most, dev, lost, late;
};

struct rhythm {
	double least_gaps; /* that make a window ... */
	uint32_t longest;  /* ... unless so many turns are over */
	bool counts_steady, has_former;
	struct window open;
	struct measured former;
	double steady; /* turns in an even rhythm until now */
	double windows, most_steady, most_silent;
	struct common learned;
};

/* ------------------------------------------------------------------------------------------------ windows */

/* True when the window is over and shows something: *n gaps in so many turns. */
static bool close_window(struct rhythm *r, double *n, uint32_t *turns, struct measured *m)
{
	struct window w = r->open;

	if (w.n < r->least_gaps && w.turns < r->longest)
		return false;
	r->open = (struct window){ 0 };
	if (w.n < 2)
		return false;
	*n = w.n;
	*turns = w.turns;
	m->mean = w.sum / w.n;
	double variance = w.squares / w.n - m->mean * m->mean;
	m->dev = variance > 0 ? sqrt(variance) : 0;
	m->lost = w.asks > 0 ? w.lost / w.asks : 0;
	m->late = w.answers > 0 ? w.late / w.answers : 0;
	return true;
}

/* How long it is steady now. */
static double steady_with(const struct rhythm *r, double mean, uint32_t turns)
{
	double off = fabs(mean - r->former.mean);

	return r->has_former && 4 * off < mean ? r->steady + turns : 0;
}

static double more_of(double a, double b)
{
	return a > b ? a : b;
}

static struct common common_of(const struct measured *a, const struct measured *b)
{
	return (struct common){ .least = more_of(a->mean, b->mean),
				.most = a->mean < b->mean ? a->mean : b->mean,
				.dev = a->dev < b->dev ? a->dev : b->dev,
				.lost = a->lost < b->lost ? a->lost : b->lost,
				.late = a->late < b->late ? a->late : b->late };
}

static void widen(struct common *known, const struct common *c)
{
	known->least = c->least < known->least ? c->least : known->least;
	known->most = more_of(known->most, c->most);
	known->dev = more_of(known->dev, c->dev);
	known->lost = more_of(known->lost, c->lost);
	known->late = more_of(known->late, c->late);
}

/* ------------------------------------------------------------------------------------------------ as scripts call it */

static struct rhythm *check_rhythm(lua_State *L)
{
	return luaL_checkudata(L, 1, RHYTHM);
}

/* (gaps, mean, dev, [asks, lost, answers, late]): the sums of mean and dev are made again, as windows add up. */
static void add_turn(lua_State *L, struct rhythm *r)
{
	double n = luaL_checknumber(L, 2), mean = luaL_checknumber(L, 3), dev = luaL_checknumber(L, 4);
	struct window *w = &r->open;

	w->turns++;
	w->n += n;
	w->sum += n * mean;
	w->squares += n * (dev * dev + mean * mean);
	w->asks += luaL_optnumber(L, 5, 0);
	w->lost += luaL_optnumber(L, 6, 0);
	w->answers += luaL_optnumber(L, 7, 0);
	w->late += luaL_optnumber(L, 8, 0);
}

/* rhythm:learn(gaps, mean, dev, [asks, lost, answers, late, silent]) -> boolean */
static int rhythm_learn(lua_State *L)
{
	struct rhythm *r = check_rhythm(L);
	double n, silent = luaL_optnumber(L, 9, 0);
	struct measured m;
	uint32_t turns;
	bool takes_in;

	add_turn(L, r);
	if (!close_window(r, &n, &turns, &m))
		return 0;
	if (r->counts_steady) {
		r->steady = steady_with(r, m.mean, turns);
		r->most_steady = more_of(r->most_steady, r->steady);
	}
	takes_in = r->has_former && n >= r->least_gaps;
	if (takes_in) {
		struct common c = common_of(&m, &r->former);
		r->windows++;
		r->most_silent = more_of(r->most_silent, silent);
		widen(&r->learned, &c);
	}
	r->former = m;
	r->has_former = true;
	lua_pushboolean(L, takes_in);
	return 1;
}

/* rhythm:watch(gaps, mean, dev, [asks, lost, answers, late]) -> mean, before, steady, [least, most, dev, lost, late] */
static int rhythm_watch(lua_State *L)
{
	struct rhythm *r = check_rhythm(L);
	struct measured m, former = r->former;
	bool has_former = r->has_former;
	uint32_t turns;
	double n;

	add_turn(L, r);
	if (!close_window(r, &n, &turns, &m))
		return 0;
	lua_pushnumber(L, m.mean);
	lua_pushnumber(L, r->steady);
	r->steady = r->counts_steady ? steady_with(r, m.mean, turns) : 0;
	lua_pushnumber(L, r->steady);
	r->former = m;
	r->has_former = true;
	if (!has_former)
		return 3;
	struct common c = common_of(&m, &former);
	lua_pushnumber(L, c.least);
	lua_pushnumber(L, c.most);
	lua_pushnumber(L, c.dev);
	lua_pushnumber(L, c.lost);
	lua_pushnumber(L, c.late);
	return 8;
}

/* rhythm:interrupt([capture]): what comes next has nothing in common with what was. Where nothing was captured, the window that is open
 * says nothing, while what was steady may be so all the time. */
static int rhythm_interrupt(lua_State *L)
{
	struct rhythm *r = check_rhythm(L);

	r->has_former = false;
	if (lua_toboolean(L, 2))
		r->open = (struct window){ 0 };
	else
		r->steady = 0;
	return 0;
}

static const struct {
	const char *name;
	size_t at;
	double none; /* before anything was learned */
} learned[] = {
	{ "windows", offsetof(struct rhythm, windows), 0 },     { "least", offsetof(struct rhythm, learned.least), HUGE_VAL },
	{ "most", offsetof(struct rhythm, learned.most), 0 },   { "dev", offsetof(struct rhythm, learned.dev), 0 },
	{ "lost", offsetof(struct rhythm, learned.lost), 0 },   { "late", offsetof(struct rhythm, learned.late), 0 },
	{ "longest", offsetof(struct rhythm, most_silent), 0 }, { "steady", offsetof(struct rhythm, most_steady), -1 },
};

static double *number_of(struct rhythm *r, size_t i)
{
	return (double *)(void *)((char *)r + learned[i].at);
}

/* Counts, and what is nothing yet, are whole numbers. */
static void push_learned(lua_State *L, size_t at, double number)
{
	bool is_count = at == offsetof(struct rhythm, windows) || at == offsetof(struct rhythm, most_silent) ||
			at == offsetof(struct rhythm, most_steady);

	if (is_count || number == 0)
		lua_pushinteger(L, (lua_Integer)number);
	else
		lua_pushnumber(L, number);
}

/* rhythm:learned() -> table */
static int rhythm_learned(lua_State *L)
{
	struct rhythm *r = check_rhythm(L);

	lua_createtable(L, 0, sizeof learned / sizeof *learned);
	for (size_t i = 0; i < sizeof learned / sizeof *learned; i++) {
		double number = *number_of(r, i);
		if (number < 0) /* it was never steady for any time, nor not */
			continue;
		push_learned(L, learned[i].at, number);
		lua_setfield(L, -2, learned[i].name);
	}
	return 1;
}

static void read_learned(lua_State *L, struct rhythm *r)
{
	bool is_known = lua_getfield(L, 1, "learned") == LUA_TTABLE;

	for (size_t i = 0; i < sizeof learned / sizeof *learned; i++) {
		*number_of(r, i) = learned[i].none;
		if (is_known && lua_getfield(L, 2, learned[i].name) == LUA_TNUMBER)
			*number_of(r, i) = lua_tonumber(L, -1);
		lua_settop(L, 2);
	}
	lua_settop(L, 1);
}

/* rhythm.new { least = 6, longest = 10, [steady = true], [learned = table] } */
static int rhythm_new(lua_State *L)
{
	struct rhythm r = { 0 };

	luaL_checktype(L, 1, LUA_TTABLE);
	lua_settop(L, 1);
	OTO_CHECK_KEYS(L, 1, false, "a rhythm", "least", "longest", "steady", "learned");
	r.least_gaps = (uint32_t)oto_option_whole(L, 1, "least", 0, 1, 1000000);
	r.longest = (uint32_t)oto_option_whole(L, 1, "longest", 0, 1, 1000000);
	lua_getfield(L, 1, "steady");
	r.counts_steady = lua_toboolean(L, -1);
	lua_settop(L, 1);
	read_learned(L, &r);
	*(struct rhythm *)lua_newuserdatauv(L, sizeof r, 0) = r;
	luaL_setmetatable(L, RHYTHM);
	return 1;
}

void oto_lua_rhythms(struct oto_lua *lua)
{
	static const luaL_Reg methods[] = { { "learn", rhythm_learn },
					    { "watch", rhythm_watch },
					    { "interrupt", rhythm_interrupt },
					    { "learned", rhythm_learned },
					    { 0 } };
	static const luaL_Reg functions[] = { { "new", rhythm_new }, { 0 } };
	lua_State *L = lua->L;

	oto_type_define(L, RHYTHM, NULL, methods);
	luaL_newlib(L, functions);
	lua_setglobal(L, "rhythm");
}
