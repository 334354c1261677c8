/* policy_time.c - now(), every(span, fn), after(span, fn): timers of scripts on packet time.
 *
 * A jump of packet time over several periods fires an `every` once: the handler gets the time and how many periods it missed. Timers made
 * while a script loads start with the first packet, because before it there is no time.
 *
 * A quiet minute costs no Lua: an `every` may wait for tallies to have counted enough, or for a time that its function named.
 */
#include "policy_private.h"
#include "tally.h"
#include "timer.h"

#include <stdlib.h>

#define MOST_TIMERS 100000u /* of all scripts */
#define MOST_TALLIES 4u     /* of one */

struct oto_lua_timer {
	struct oto_lua_timer *next, *previous;
	struct oto_policy *policy;
	struct oto_script *script;
	uint64_t id;    /* 0: not armed */
	int64_t period; /* of every; 0: once */
	int64_t delay, due;
	int64_t not_before;                    /* of every; what its function returned */
	struct oto_tally *tally[MOST_TALLIES]; /* no call, and these are taken, while no key of the first was counted ... */
	uint64_t least;                        /* ... so often; they live as long as the state */
	int function, self;                    /* references; self keeps the handle while armed */
	bool listed;
	struct oto_cost *cost;
};

static void unlist(struct oto_lua_timer *t)
{
	if (!t->listed)
		return;
	if (t->previous)
		t->previous->next = t->next;
	else
		t->policy->timers = t->next;
	if (t->next)
		t->next->previous = t->previous;
	t->listed = false;
	t->policy->ntimers--;
}

/* The timer will not fire again: the handle may be collected. */
static void disarm(struct oto_lua_timer *t)
{
	lua_State *L = t->policy->scripts.L;

	if (t->id)
		oto_timers_cancel(t->policy->engine->timers, t->id);
	t->id = 0;
	unlist(t);
	luaL_unref(L, LUA_REGISTRYINDEX, t->function);
	luaL_unref(L, LUA_REGISTRYINDEX, t->self);
	t->function = t->self = LUA_NOREF;
}

static void fire(void *who, int64_t due_ns, int64_t now_ns);

static void arm(struct oto_lua_timer *t, int64_t due)
{
	t->due = due;
	t->id = oto_timers_add(t->policy->engine->timers, due, fire, t);
}

static int64_t later(int64_t a, int64_t b)
{
	int64_t r;
	return __builtin_add_overflow(a, b, &r) ? INT64_MAX : r;
}

/* Too little was counted for a call. */
static bool is_quiet(const struct oto_lua_timer *t)
{
	if (!t->tally[0] || oto_tally_may_have(t->tally[0], t->least))
		return false;
	for (uint32_t i = 0; i < MOST_TALLIES && t->tally[i]; i++)
		oto_tally_pass_over(t->tally[i]);
	return true;
}

static void call(struct oto_lua_timer *t, int64_t missed, int64_t now_ns)
{
	struct oto_lua *lua = &t->policy->scripts;
	lua_State *L = lua->L;
	int top = lua_gettop(L);

	lua_rawgeti(L, LUA_REGISTRYINDEX, t->self); /* the handle, even where the function cancels it */
	lua_rawgeti(L, LUA_REGISTRYINDEX, t->function);
	oto_push_time(L, now_ns);
	lua_pushinteger(L, missed);
	if (!t->period)
		disarm(t);
	t->not_before = INT64_MIN;
	if (oto_lua_run(lua, t->script, 2, t->period ? 1 : 0) && t->period && oto_is_time(L, -1))
		oto_to_time(L, lua_gettop(L), &t->not_before);
	lua_settop(L, top);
}

static void fire(void *who, int64_t due_ns, int64_t now_ns)
{
	struct oto_lua_timer *t = who;
	struct oto_policy *p = t->policy;
	int64_t missed = t->period ? (now_ns - due_ns) / t->period : 0;

	struct oto_cost *cost = t->cost;
	uint64_t begin_ns = cost ? oto_cost_begin(p, cost) : 0;

	t->id = 0;
	if (t->period)
		arm(t, later(due_ns, (missed + 1) * t->period));
	if (!is_quiet(t) && now_ns >= t->not_before)
		call(t, missed, now_ns);
	if (cost)
		oto_cost_end(p, cost, begin_ns);
}

static int64_t shifted(int64_t ns, int64_t by_ns)
{
	return ns == INT64_MIN || ns == INT64_MAX ? ns : ns + by_ns;
}

void oto_policy_shift(struct oto_policy *p, int64_t by_ns)
{
	for (struct oto_lua_timer *t = p->timers; t; t = t->next) {
		t->due = shifted(t->due, by_ns);
		t->not_before = shifted(t->not_before, by_ns);
	}
}

/* The first packet gave a time: timers made before it start now, in the order of making. */
static void begin(void *who, int64_t due_ns, int64_t now_ns)
{
	struct oto_policy *p = who;
	struct oto_lua_timer *t = p->timers;

	(void)due_ns;
	p->begin_timer = 0;
	while (t && t->next)
		t = t->next;
	for (; t; t = t->previous) {
		if (!t->id)
			arm(t, later(now_ns, t->delay));
	}
}

static struct oto_cost *cost_of(lua_State *L, struct oto_policy *p, int64_t delay, int64_t period)
{
	char where[256], span[64];

	if (!p->costs)
		return NULL;
	snprintf(span, sizeof span, "%gs", (double)(period ? period : delay) / (double)OTO_SECOND);
	return oto_cost_of(p, period ? "every" : "after", span, oto_lua_where(L, where, sizeof where));
}

static struct oto_lua_timer *make(lua_State *L, int64_t delay, int64_t period)
{
	struct oto_lua *lua = oto_lua_of(L);
	struct oto_policy *p = lua->policy;

	luaL_checktype(L, 2, LUA_TFUNCTION);
	if (p->ntimers >= MOST_TIMERS)
		luaL_error(L, "more than %d timers are waiting", (int)MOST_TIMERS);
	struct oto_lua_timer *t = lua_newuserdatauv(L, sizeof *t, 0);
	*t = (struct oto_lua_timer){
		.policy = p,
		.script = lua->now,
		.period = period,
		.delay = delay,
		.not_before = INT64_MIN,
		.function = LUA_NOREF,
		.self = LUA_NOREF,
	};
	t->cost = cost_of(L, p, delay, period);
	oto_type_give(L, OTO_TYPE_TIMER);
	lua_pushvalue(L, 2);
	t->function = luaL_ref(L, LUA_REGISTRYINDEX);
	lua_pushvalue(L, -1);
	t->self = luaL_ref(L, LUA_REGISTRYINDEX);
	t->next = p->timers;
	if (t->next)
		t->next->previous = t;
	p->timers = t;
	p->ntimers++;
	t->listed = true;
	if (p->engine->now_ns)
		arm(t, later(p->engine->now_ns, delay));
	else if (!p->begin_timer)
		p->begin_timer = oto_timers_add(p->engine->timers, 0, begin, p);
	return t;
}

/* { tally, ..., [least = n] } */
static void read_tallies(lua_State *L, struct oto_lua_timer *t)
{
	if (lua_isnoneornil(L, 3))
		return;
	luaL_checktype(L, 3, LUA_TTABLE);
	OTO_CHECK_KEYS(L, 3, true, "every", "least");
	lua_Unsigned n = lua_rawlen(L, 3);
	luaL_argcheck(L, n >= 1 && n <= MOST_TALLIES, 3, "a list of 1 to 4 tallies is wanted");
	for (lua_Unsigned i = 0; i < n; i++) {
		lua_rawgeti(L, 3, (lua_Integer)i + 1);
		t->tally[i] = oto_check_tally(L, lua_gettop(L));
	}
	lua_settop(L, 3);
	t->least = (uint64_t)oto_option_whole(L, 3, "least", 1, 0, INT64_MAX);
}

static int every(lua_State *L)
{
	int64_t period = oto_check_interval(L, 1);
	struct oto_lua_timer told = { 0 };

	if (period < OTO_MS)
		return luaL_error(L, "every(): the shortest period is 1ms");
	read_tallies(L, &told);
	struct oto_lua_timer *t = make(L, period, period);
	memcpy(t->tally, told.tally, sizeof t->tally);
	t->least = told.least;
	return 1;
}

static int after(lua_State *L)
{
	int64_t delay = oto_check_interval(L, 1);

	make(L, delay > 0 ? delay : 0, 0);
	return 1;
}

static int cancel(lua_State *L)
{
	struct oto_lua_timer *t = oto_type_check(L, 1, OTO_TYPE_TIMER);

	if (t->listed)
		disarm(t);
	return 0;
}

/* timer:least(n) */
static int set_least(lua_State *L)
{
	struct oto_lua_timer *t = oto_type_check(L, 1, OTO_TYPE_TIMER);

	t->least = (uint64_t)luaL_checkinteger(L, 2);
	return 0;
}

/* timer:wake() */
static int wake(lua_State *L)
{
	struct oto_lua_timer *t = oto_type_check(L, 1, OTO_TYPE_TIMER);

	t->not_before = INT64_MIN;
	return 0;
}

static int now(lua_State *L)
{
	oto_push_time(L, oto_lua_of(L)->policy->engine->now_ns);
	return 1;
}

void oto_lua_timers(struct oto_lua *lua)
{
	static const luaL_Reg methods[] = { { "cancel", cancel }, { "off", cancel }, { "least", set_least }, { "wake", wake }, { 0 } };
	static const luaL_Reg functions[] = { { "every", every }, { "after", after }, { "now", now }, { 0 } };
	lua_State *L = lua->L;

	oto_type_define(L, OTO_TYPE_TIMER, "oto.timer", NULL, methods);
	lua_pushglobaltable(L);
	luaL_setfuncs(L, functions, 0);
	lua_pop(L, 1);
}

void oto_lua_timers_end(struct oto_policy *p, const struct oto_script *script)
{
	for (struct oto_lua_timer *t = p->timers, *next; t; t = next) {
		next = t->next;
		if (t->script == script)
			disarm(t);
	}
}

/* The engine's timers may outlive the Lua state: none of ours may stay in there. */
void oto_lua_timers_free(struct oto_policy *p)
{
	for (struct oto_lua_timer *t = p->timers; t; t = t->next) {
		if (t->id)
			oto_timers_cancel(p->engine->timers, t->id);
		t->id = 0;
	}
	if (p->begin_timer)
		oto_timers_cancel(p->engine->timers, p->begin_timer);
	p->timers = NULL;
}
