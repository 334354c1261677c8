/* policy_sums.c - numbers.sums: what scripts see of sums.h. */
#include "policy_private.h"
#include "sums.h"

static struct oto_sums *check_sums(lua_State *L)
{
	return oto_type_check(L, 1, OTO_TYPE_SUMS);
}

/* numbers.sums(k, [text]) -> sums */
static int new_sums(lua_State *L)
{
	lua_Integer k = luaL_checkinteger(L, 1);
	size_t len = 0;

	luaL_argcheck(L, k >= 1 && k <= OTO_SUMS_MOST, 1, "1 to 16 numbers are measured together");
	const char *text = luaL_optlstring(L, 2, NULL, &len);
	luaL_argcheck(L, !text || len == oto_sums_text_size((uint32_t)k), 2, "this is no text of such sums");
	struct oto_sums *s = lua_newuserdatauv(L, oto_sums_size((uint32_t)k), 0);
	if (text)
		oto_sums_read(s, (uint32_t)k, text);
	else
		oto_sums_begin(s, (uint32_t)k);
	oto_type_give(L, OTO_TYPE_SUMS);
	return 1;
}

void oto_check_list(lua_State *L, int index, uint32_t k, double *x)
{
	luaL_checktype(L, index, LUA_TTABLE);
	luaL_argcheck(L, lua_rawlen(L, index) == k, index, "a list of as many numbers as are measured is wanted");
	for (uint32_t i = 0; i < k; i++) {
		int is_number = 0;
		lua_rawgeti(L, index, i + 1);
		x[i] = lua_tonumberx(L, -1, &is_number);
		if (!is_number)
			luaL_error(L, "number %d of the list is %s", (int)i + 1, luaL_typename(L, -1));
		lua_settop(L, -2);
	}
}

/* sums:add(x) -> number */
static int sums_add(lua_State *L)
{
	struct oto_sums *s = check_sums(L);
	double x[OTO_SUMS_MOST];

	oto_check_list(L, 2, s->k, x);
	oto_sums_add(s, x);
	lua_pushnumber(L, s->number[0]);
	return 1;
}

/* sums:merge(other) */
static int sums_merge(lua_State *L)
{
	struct oto_sums *s = check_sums(L);
	const struct oto_sums *other = oto_type_check(L, 2, OTO_TYPE_SUMS);

	luaL_argcheck(L, s->k == other->k, 2, "these are of as many numbers");
	oto_sums_merge(s, other);
	return 0;
}

static int sums_count(lua_State *L)
{
	lua_pushnumber(L, check_sums(L)->number[0]);
	return 1;
}

void oto_push_sums_text(lua_State *L, const struct oto_sums *s)
{
	luaL_Buffer b;
	size_t len = oto_sums_text_size(s->k);

	oto_sums_text(s, luaL_buffinitsize(L, &b, len));
	luaL_pushresultsize(&b, len);
}

static int sums_text(lua_State *L)
{
	oto_push_sums_text(L, check_sums(L));
	return 1;
}

void oto_push_list(lua_State *L, const double *x, uint32_t k)
{
	lua_createtable(L, (int)k, 0);
	for (uint32_t i = 0; i < k; i++) {
		lua_pushnumber(L, x[i]);
		lua_rawseti(L, -2, i + 1);
	}
}

/* sums:model(least) -> { n, mean, dev, low, high, value, spread, vector } */
static int sums_model(lua_State *L)
{
	const struct oto_sums *s = check_sums(L);
	double least = luaL_checknumber(L, 2);
	const struct oto_model *m = oto_model_make(lua_newuserdatauv(L, oto_model_size(s->k), 0), s, least);
	const struct {
		const char *name;
		const double *list;
	} lists[] = { { "mean", m->mean }, { "dev", m->dev },     { "low", m->low },
		      { "high", m->high }, { "value", m->value }, { "spread", m->spread } };

	lua_createtable(L, 0, 8);
	lua_pushnumber(L, m->n);
	lua_setfield(L, -2, "n");
	for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
		oto_push_list(L, lists[i].list, m->k);
		lua_setfield(L, -2, lists[i].name);
	}
	lua_createtable(L, (int)m->k, 0);
	for (uint32_t c = 0; c < m->k; c++) {
		oto_push_list(L, &m->vector[c * m->k], m->k);
		lua_rawseti(L, -2, c + 1);
	}
	lua_setfield(L, -2, "vector");
	return 1;
}

void oto_lua_sums(struct oto_lua *lua)
{
	static const luaL_Reg sums[] = { { "add", sums_add },   { "merge", sums_merge }, { "count", sums_count },
					 { "text", sums_text }, { "model", sums_model }, { 0 } };
	static const luaL_Reg functions[] = { { "sums", new_sums }, { 0 } };

	oto_type_define(lua->L, OTO_TYPE_SUMS, "oto.sums", NULL, sums);
	luaL_newlib(lua->L, functions);
	lua_setglobal(lua->L, "numbers");
}
