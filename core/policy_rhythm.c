/* policy_rhythm.c - rhythms.new: what scripts see of rhythms (rhythm.h), so that a script hears of nothing but what is not as it was.
 *
 * Nothing is saved: what a script takes, it keeps in stores, and puts back from there.
 */
#include "policy_private.h"
#include "rhythm.h"

#include <math.h>

static struct oto_rhythms *check_rhythms(lua_State *L)
{
	return *(struct oto_rhythms **)oto_type_check(L, 1, OTO_TYPE_RHYTHMS);
}

static int64_t now_of(lua_State *L)
{
	return oto_lua_of(L)->policy->engine->now_ns;
}

/* ------------------------------------------------------------------------------------------------ what was learned, as a table */

static const struct {
	const char *name;
	size_t at;
	bool counts;
} learned[] = {
	{ "windows", offsetof(struct oto_rhythm_learned, windows), true },
	{ "least", offsetof(struct oto_rhythm_learned, common.least), false },
	{ "most", offsetof(struct oto_rhythm_learned, common.most), false },
	{ "dev", offsetof(struct oto_rhythm_learned, common.dev), false },
	{ "lost", offsetof(struct oto_rhythm_learned, common.lost), false },
	{ "late", offsetof(struct oto_rhythm_learned, common.late), false },
	{ "longest", offsetof(struct oto_rhythm_learned, longest), true },
	{ "steady", offsetof(struct oto_rhythm_learned, steady), true },
};

/* Counts, and what is nothing yet, are whole numbers. */
static void push_number(lua_State *L, double number, bool counts)
{
	if (number == 0 || (counts && number < INT32_MAX))
		lua_pushinteger(L, (lua_Integer)number);
	else
		lua_pushnumber(L, number);
}

static void push_learned(lua_State *L, const struct oto_rhythm_learned *known)
{
	lua_createtable(L, 0, sizeof learned / sizeof *learned);
	for (size_t i = 0; i < sizeof learned / sizeof *learned; i++) {
		double number = *(const double *)(const void *)((const char *)known + learned[i].at);
		if (number < 0) /* it was never steady for any time, nor not */
			continue;
		push_number(L, number, learned[i].counts);
		lua_setfield(L, -2, learned[i].name);
	}
}

/* What a damaged disk left is nothing. */
static void read_learned(lua_State *L, int index, struct oto_rhythm_learned *known)
{
	*known = oto_rhythm_nothing;
	for (size_t i = 0; i < sizeof learned / sizeof *learned; i++) {
		double *number = (double *)(void *)((char *)known + learned[i].at);
		if (lua_getfield(L, index, learned[i].name) == LUA_TNUMBER && lua_tonumber(L, -1) >= 0)
			*number = lua_tonumber(L, -1);
		lua_settop(L, index);
	}
}

/* The key that is a list at 2. */
static struct oto_slice check_key(lua_State *L, struct oto_rhythms *rs)
{
	struct oto_value part[OTO_TALLY_KEYS];
	struct oto_addr a[OTO_TALLY_KEYS];
	int top = lua_gettop(L);

	luaL_checktype(L, 2, LUA_TTABLE);
	luaL_checkstack(L, OTO_TALLY_KEYS, NULL);
	for (uint32_t i = 0; i < rs->of->nkeys; i++) {
		lua_rawgeti(L, 2, i + 1);
		oto_check_tally_part(L, lua_gettop(L), &part[i], &a[i]);
	}
	rs->text.len = 0;
	oto_tally_key(rs->of, part, &rs->text);
	lua_settop(L, top);
	return (struct oto_slice){ (const uint8_t *)rs->text.data, (uint32_t)rs->text.len };
}

/* rhythms:put({ k1, ... }, table) -> boolean */
static int rhythms_put(lua_State *L)
{
	struct oto_rhythms *rs = check_rhythms(L);
	struct oto_rhythm_learned known;

	luaL_checktype(L, 3, LUA_TTABLE);
	lua_settop(L, 3);
	read_learned(L, 3, &known);
	lua_pushboolean(L, oto_rhythm_put(rs, check_key(L, rs), &known, now_of(L)));
	return 1;
}

/* rhythms:get { k1, ... } -> table */
static int rhythms_get(lua_State *L)
{
	struct oto_rhythms *rs = check_rhythms(L);
	const struct oto_rhythm *r = oto_rhythm_find(rs, check_key(L, rs), now_of(L));

	if (r)
		push_learned(L, &r->learned);
	else
		lua_pushnil(L);
	return 1;
}

/* upvalue 1: the rhythms */
static int next_taken(lua_State *L)
{
	struct oto_rhythms *rs = *(struct oto_rhythms **)lua_touserdata(L, lua_upvalueindex(1));
	const struct oto_rhythm *r = oto_rhythms_take(rs);

	if (!r)
		return 0;
	luaL_checkstack(L, 4 + OTO_TALLY_KEYS, NULL);
	push_learned(L, &r->learned);
	return 1 + oto_push_tally_key(L, r->key, rs->of->nkeys);
}

/* for known, k1, ... in rhythms:take() do */
static int rhythms_take(lua_State *L)
{
	check_rhythms(L);
	lua_settop(L, 1);
	lua_pushcclosure(L, next_taken, 1);
	return 1;
}

/* When there was more to keep last, since this was asked. */
static int rhythms_news(lua_State *L)
{
	struct oto_rhythms *rs = check_rhythms(L);

	if (rs->news_ns)
		oto_push_time(L, rs->news_ns);
	else
		lua_pushnil(L);
	rs->news_ns = 0;
	return 1;
}

/* ------------------------------------------------------------------------------------------------ turns */

static const char *const how_words[] = {
	[OTO_RHYTHM_PAUSE] = "pause",   [OTO_RHYTHM_STEADY] = "steady",       [OTO_RHYTHM_SLOWER] = "slower",
	[OTO_RHYTHM_FASTER] = "faster", [OTO_RHYTHM_IRREGULAR] = "irregular", [OTO_RHYTHM_LOST] = "lost",
	[OTO_RHYTHM_LATE] = "late",     [OTO_RHYTHM_SILENT] = "silent"
};

/* upvalue 1: the rhythms */
static int next_found(lua_State *L)
{
	struct oto_rhythms *rs = *(struct oto_rhythms **)lua_touserdata(L, lua_upvalueindex(1));
	const struct oto_rhythm_found *f = oto_rhythms_found(rs);

	if (!f)
		return 0;
	luaL_checkstack(L, 3 + OTO_TALLY_KEYS, NULL);
	lua_pushstring(L, how_words[f->how]);
	push_number(L, f->value, f->how == OTO_RHYTHM_SILENT);
	push_number(L, f->usual, false);
	return 3 + oto_push_tally_key(L, f->rhythm->key, rs->of->nkeys);
}

/* A limit that is not given holds nothing against anything. */
static void read_limit(lua_State *L, const char *name, double *limit)
{
	lua_getfield(L, 2, name);
	*limit = luaL_optnumber(L, -1, *limit);
	lua_settop(L, 2);
}

/* rhythms:limits { [windows =], [factor =], ... } */
static int rhythms_limits(lua_State *L)
{
	struct oto_rhythms *rs = check_rhythms(L);
	struct oto_rhythm_limits l = oto_rhythm_no_limits;

	luaL_checktype(L, 2, LUA_TTABLE);
	lua_settop(L, 2);
	OTO_CHECK_KEYS(L, 2, false, "rhythms:limits", "windows", "factor", "jitter", "lost", "late", "slow", "pause", "pause_factor",
		       "young", "steady");
	read_limit(L, "windows", &l.windows);
	read_limit(L, "factor", &l.factor);
	read_limit(L, "jitter", &l.jitter);
	read_limit(L, "lost", &l.lost);
	read_limit(L, "late", &l.late);
	read_limit(L, "slow", &l.slow);
	read_limit(L, "pause", &l.pause);
	read_limit(L, "pause_factor", &l.pause_factor);
	read_limit(L, "young", &l.young);
	read_limit(L, "steady", &l.steady);
	rs->limits = l;
	return 0;
}

static int none_found(lua_State *L)
{
	(void)L;
	return 0;
}

/* for how, value, usual, k1, ... in rhythms:turn(mode, [silence, [whole, [pauses]]]) do */
static int rhythms_turn(lua_State *L)
{
	static const char *const words[] = {
		[OTO_RHYTHMS_LEARN] = "learning", [OTO_RHYTHMS_WATCH] = "detecting", [OTO_RHYTHMS_OFF] = "off", NULL
	};
	struct oto_rhythms *rs = check_rhythms(L);
	struct oto_rhythms_turn turn = {
		.mode = (enum oto_rhythms_mode)luaL_checkoption(L, 2, NULL, words),
		.silence = lua_toboolean(L, 3),
		.whole = lua_toboolean(L, 4),
		.pauses = lua_toboolean(L, 5),
		.now_ns = now_of(L),
	};

	oto_rhythms_turn(rs, &turn);
	if (!rs->nfound) { /* most often */
		lua_pushcfunction(L, none_found);
		return 1;
	}
	lua_settop(L, 1);
	lua_pushcclosure(L, next_found, 1);
	return 1;
}

static int rhythms_interrupt(lua_State *L)
{
	oto_rhythms_interrupt(check_rhythms(L));
	return 0;
}

static int rhythms_len(lua_State *L)
{
	lua_pushinteger(L, check_rhythms(L)->n);
	return 1;
}

/* ------------------------------------------------------------------------------------------------ making */

/* A tally with the keys of `like`; NULL: none is named. */
static struct oto_tally *tally_option(lua_State *L, const char *name, const struct oto_tally *like)
{
	struct oto_tally *t = NULL;

	if (lua_getfield(L, 1, name) != LUA_TNIL)
		t = oto_check_tally(L, lua_gettop(L));
	lua_settop(L, 1);
	if (t && ((like && t->nkeys != like->nkeys) || t->is_taken))
		luaL_error(L, "rhythms.new: %s is a tally with the same keys as the others, and for these rhythms alone", name);
	return t;
}

/* rhythms.new { of = tally, [lost = tally], [late = tally], least = 6, longest = 10, [steady = true], [within = 4, most = 20],
 * [max = 20000] } */
static int rhythms_new(lua_State *L)
{
	struct oto_policy *p = oto_lua_of(L)->policy;

	luaL_checktype(L, 1, LUA_TTABLE);
	lua_settop(L, 1);
	OTO_CHECK_KEYS(L, 1, false, "rhythms.new", "of", "lost", "late", "least", "longest", "steady", "within", "most", "max");
	struct oto_tally *of = tally_option(L, "of", NULL), *lost = tally_option(L, "lost", of), *late = tally_option(L, "late", of);
	if (!of || !of->gaps)
		luaL_error(L, "rhythms.new needs of = a tally with gaps = true");
	struct oto_rhythms *rs = oto_rhythms_new(of, (uint32_t)oto_option_whole(L, 1, "max", 20000, 1, 1000000));
	rs->next = p->rhythms;
	p->rhythms = rs;
	rs->lost = lost;
	rs->late = late;
	rs->least = (double)oto_option_whole(L, 1, "least", 6, 1, 1000000);
	rs->longest = (uint32_t)oto_option_whole(L, 1, "longest", 10, 1, 1000000);
	rs->within = (uint32_t)oto_option_whole(L, 1, "within", 0, 0, of->nkeys);
	rs->most = (uint32_t)oto_option_whole(L, 1, "most", 0, 0, 1000000);
	rs->counts_steady = oto_option_flag(L, 1, "steady");
	of->is_taken = true;
	if (lost)
		lost->is_taken = true;
	if (late)
		late->is_taken = true;
	*(struct oto_rhythms **)lua_newuserdatauv(L, sizeof rs, 0) = rs;
	oto_type_give(L, OTO_TYPE_RHYTHMS);
	return 1;
}

void oto_lua_rhythms(struct oto_lua *lua)
{
	static const luaL_Reg methods[] = { { "put", rhythms_put },
					    { "get", rhythms_get },
					    { "take", rhythms_take },
					    { "news", rhythms_news },
					    { "turn", rhythms_turn },
					    { "limits", rhythms_limits },
					    { "interrupt", rhythms_interrupt },
					    { "len", rhythms_len },
					    { 0 } };
	static const luaL_Reg meta[] = { { "__len", rhythms_len }, { 0 } };
	static const luaL_Reg functions[] = { { "new", rhythms_new }, { 0 } };
	lua_State *L = lua->L;

	oto_type_define(L, OTO_TYPE_RHYTHMS, "oto.rhythms", meta, methods);
	luaL_newlib(L, functions);
	lua_setglobal(L, "rhythms");
}

uint64_t oto_rhythms_refused(const struct oto_policy *p)
{
	uint64_t n = 0;

	for (const struct oto_rhythms *rs = p->rhythms; rs; rs = rs->next)
		n += rs->refused;
	return n;
}

void oto_all_rhythms_free(struct oto_policy *p)
{
	for (struct oto_rhythms *rs = p->rhythms, *next; rs; rs = next) {
		next = rs->next;
		oto_rhythms_free(rs);
	}
}
