/* policy_echo.c - echo.write and echo.forget: while an alert is told again and again, what is to be done is the same each time, a row or
 * two are written once more. A handler says so when it hears of the first; those that follow it for so long are written in C.
 *
 * What makes events alike is a row that their hook counts them in (policy_window.c). What was said is kept in few places, by the number of
 * that row: who finds his place taken hears his next event again, and no harm is done.
 */
#include "policy_echo.h"
#include "state.h"

#include <stdlib.h>

#define WRITES 2u
#define PLACES 256u

struct echo {
	uint64_t row; /* its number and one more; 0: none */
	uint64_t epoch;
	int64_t from_ns, until_ns;
	uint32_t n;
	struct {
		struct oto_store *store;
		struct oto_row_ref row;
	} write[WRITES];
};

/* Of all scripts: what the handler that runs says, and how often all was forgotten. */
struct oto_said {
	struct echo echo;
	uint64_t epoch;
};

struct oto_echoes {
	struct oto_policy *policy;
	struct echo *place; /* NULL until there is one */
};

struct oto_echoes *oto_echoes_new(struct oto_policy *p)
{
	struct oto_echoes *e = oto_calloc(1, sizeof *e);

	e->policy = p;
	return e;
}

void oto_echoes_free(struct oto_echoes *e)
{
	if (e)
		free(e->place);
	free(e);
}

/* Are all its rows still there, now? */
static bool is_whole(const struct echo *e, int64_t now_ns)
{
	for (uint32_t i = 0; i < e->n; i++) {
		oto_store_expire(e->write[i].store, now_ns);
		if (!oto_row_kept(e->write[i].store, &e->write[i].row))
			return false;
	}
	return true;
}

bool oto_echo(struct oto_echoes *all, const struct oto_row *row)
{
	const int64_t now_ns = all->policy->engine->now_ns;
	const struct echo *e = all->place ? &all->place[row->number % PLACES] : NULL;

	if (!e || e->row != row->number + 1 || e->epoch != all->policy->said->epoch)
		return false;
	if (now_ns < e->from_ns || now_ns >= e->until_ns || !is_whole(e, now_ns))
		return false;
	for (uint32_t i = 0; i < e->n; i++)
		oto_store_put_again(e->write[i].store, &e->write[i].row, now_ns)->count++;
	return true;
}

void oto_echo_begin(struct oto_echoes *all)
{
	all->policy->said->echo.until_ns = INT64_MIN;
}

void oto_echo_end(struct oto_echoes *all, uint64_t row)
{
	struct echo *said = &all->policy->said->echo;

	if (said->until_ns <= all->policy->engine->now_ns)
		return;
	if (!all->place)
		all->place = oto_calloc(PLACES, sizeof *all->place);
	said->row = row + 1;
	all->place[row % PLACES] = *said;
}

/* ------------------------------------------------------------------------------------------------ what scripts say */

/* echo.write(span, [store, key, [store, key]]) */
static int echo_write(lua_State *L)
{
	struct oto_policy *p = oto_lua_of(L)->policy;
	int64_t span = oto_check_interval(L, 1);
	struct echo e = { .epoch = p->said->epoch, .from_ns = p->engine->now_ns };
	int top = lua_gettop(L);

	luaL_argcheck(L, top <= 1 + 2 * (int)WRITES, top, "there are at most two rows to write");
	e.until_ns = e.from_ns + (span > 0 ? span : 0);
	for (int at = 2; at <= top; at += 2) {
		struct oto_row *r = oto_check_row(L, at, &e.write[e.n].store);
		if (!r)
			return 0;
		e.write[e.n].row = oto_row_keep(e.write[e.n].store, r);
		e.n++;
	}
	p->said->echo = e;
	return 0;
}

static int echo_forget(lua_State *L)
{
	oto_lua_of(L)->policy->said->epoch++;
	return 0;
}

void oto_lua_echoes(struct oto_lua *lua)
{
	static const luaL_Reg functions[] = { { "write", echo_write }, { "forget", echo_forget }, { 0 } };

	lua->policy->said = oto_calloc(1, sizeof *lua->policy->said);
	luaL_newlib(lua->L, functions);
	lua_setglobal(lua->L, "echo");
}
