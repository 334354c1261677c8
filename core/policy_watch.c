/* policy_watch.c - the instruction budget of a call: counted only in calls that last.
 *
 * Lua asks a count hook before each single instruction, which doubles what a script costs. Nearly all calls are over in microseconds, so
 * the hook is set when one makes many blocks of memory, at the same place in every run, or when a timer finds that it has run for long: a
 * loop that makes nothing. It is taken away at the end of the call. The timer counts the processor's time of this thread, so a sensor that
 * waits is never woken. Where there is no timer the hook is always set.
 */
#include "policy_private.h"

#include <signal.h>
#include <time.h>
#include <unistd.h>

#ifndef sigev_notify_thread_id
#define sigev_notify_thread_id _sigev_un._tid
#endif

#define LOOK_EVERY 10000 /* instructions between two looks at the budget */
#define TICK_NS 20000000 /* what is met by two ticks has run for one at least */
#define PATIENCE 50      /* times the budget of others */
#define FEW_BLOCKS 2500  /* between two ticks: what makes more is soon met by the count of them, wherever the processor was slow */

/* What the running call may spend in all. */
static uint64_t budget_of(const struct oto_lua *lua)
{
	if (!lua->now || !lua->now->standard)
		return lua->budget;
	return lua->budget < UINT64_MAX / PATIENCE ? lua->budget * PATIENCE : UINT64_MAX;
}

uint64_t oto_lua_left(const struct oto_lua *lua)
{
	uint64_t all = budget_of(lua);

	return all == UINT64_MAX ? all : all - (lua->used < all ? lua->used : all);
}

int oto_lua_spent(lua_State *L, const char *how)
{
	struct oto_lua *lua = oto_lua_of(L);

	lua->over_budget = true;
	return luaL_error(L, "budget of %I instructions for one call is spent%s; the call was ended", (lua_Integer)lua->budget, how);
}

static void look(lua_State *L, lua_Debug *ar)
{
	struct oto_lua *lua = oto_lua_of(L);

	lua->used += LOOK_EVERY;
	if (lua->used <= budget_of(lua))
		return;
	lua->over_budget = true;
	lua_getinfo(L, "Sl", ar);
	lua_pushfstring(L, "%s:%d: budget of %I instructions for one call is spent; the call was ended", ar->short_src, ar->currentline,
			(lua_Integer)lua->budget);
	lua_error(L);
}

void oto_lua_counts(lua_State *L)
{
	lua_sethook(L, look, LUA_MASKCOUNT, LOOK_EVERY);
}

void oto_watch_lasts(struct oto_lua *lua)
{
	if (lua->watch.counting)
		return;
	lua->watch.counting = true;
	oto_lua_counts(lua->L);
}

/* A signal: Lua allows to set a hook from one. */
static void tick(int number, siginfo_t *info, void *context)
{
	struct oto_lua *lua = info->si_code == SI_TIMER ? info->si_value.sival_ptr : NULL;

	(void)number;
	(void)context;
	if (!lua)
		return;
	if (lua->now && lua->watch.ticked == lua->watch.calls && lua->watch.blocks - lua->watch.ticked_blocks < FEW_BLOCKS)
		oto_watch_lasts(lua);
	lua->watch.ticked = lua->watch.calls;
	lua->watch.ticked_blocks = lua->watch.blocks;
}

/* Of this thread: the hook may only be set from where Lua runs. */
static bool start_timer(struct oto_lua *lua)
{
	struct sigaction on_tick = { .sa_sigaction = tick, .sa_flags = SA_RESTART | SA_SIGINFO };
	struct sigevent event = { .sigev_notify = SIGEV_THREAD_ID, .sigev_signo = SIGVTALRM, .sigev_value.sival_ptr = lua };
	struct itimerspec every = { .it_interval.tv_nsec = TICK_NS, .it_value.tv_nsec = TICK_NS };

	event.sigev_notify_thread_id = gettid();
	return sigaction(SIGVTALRM, &on_tick, NULL) == 0 && timer_create(CLOCK_THREAD_CPUTIME_ID, &event, &lua->watch.timer) == 0 &&
	       timer_settime(lua->watch.timer, 0, &every, NULL) == 0;
}

void oto_watch_open(struct oto_lua *lua)
{
	lua->watch.has_timer = start_timer(lua);
	if (!lua->watch.has_timer)
		oto_lua_counts(lua->L);
}

void oto_watch_close(struct oto_lua *lua)
{
	if (lua->watch.has_timer)
		timer_delete(lua->watch.timer);
}

void oto_watch_begin(struct oto_lua *lua)
{
	lua->used = 0;
	lua->over_budget = lua->over_memory = false;
	lua->watch.blocks = 0;
	lua->watch.calls++;
}

void oto_watch_end(struct oto_lua *lua)
{
	if (__builtin_expect(!lua->watch.counting, 1))
		return;
	lua->watch.counting = false;
	if (lua->watch.has_timer)
		lua_sethook(lua->L, NULL, 0, 0);
}
