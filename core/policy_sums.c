/* policy_sums.c - numbers.sums, numbers.reach, numbers.eigen: what scripts learn of several numbers measured together (lua/sums.lua).
 *
 * In Lua each measurement of each terminal is hundreds and thousands of instructions, and lists that are in memory which nobody else has
 * touched for a while: here they are one block.
 */
#include "policy_private.h"

#include <endian.h>
#include <math.h>

#define SUMS "oto.sums"
#define REACH "oto.reach"

enum { MOST = 16, SWEEPS = 12 };

typedef double matrix[MOST][MOST];

static double number_at(lua_State *L, int list, uint32_t i)
{
	int is_number = 0;

	lua_rawgeti(L, list, i);
	double number = lua_tonumberx(L, -1, &is_number);
	if (!is_number)
		luaL_error(L, "number %d of the list is %s", (int)i, luaL_typename(L, -1));
	lua_settop(L, -2);
	return number;
}

static void put_at(lua_State *L, int list, uint32_t i, double number)
{
	lua_pushnumber(L, number);
	lua_rawseti(L, list, i);
}

static uint32_t length(lua_State *L, int index)
{
	luaL_checktype(L, index, LUA_TTABLE);
	lua_Unsigned n = lua_rawlen(L, index);
	luaL_argcheck(L, n >= 1 && n <= MOST, index, "a list of 1 to 16 is wanted");
	return (uint32_t)n;
}

/* k numbers of the list into x; whatever else is in it. */
static void read_list(lua_State *L, int list, uint32_t k, double *x)
{
	for (uint32_t i = 0; i < k; i++)
		x[i] = number_at(L, list, i + 1);
}

/* ------------------------------------------------------------------------------------------------ sums */

/* How many there were, then those of each number, of their products (upper triangle, row by row), the least and the most of each. */
struct sums {
	uint32_t k, n; /* numbers measured; numbers kept */
	double number[];
};

static uint32_t kept_of(uint32_t k)
{
	return 1 + k + k * (k + 1) / 2 + 2 * k;
}

static void begin(struct sums *s)
{
	memset(s->number, 0, s->n * sizeof *s->number);
	for (uint32_t i = s->n - 2 * s->k; i < s->n; i++)
		s->number[i] = i < s->n - s->k ? HUGE_VAL : -HUGE_VAL;
}

/* As string.pack "<d..." has it: so it is in stores. */
static void read_text(struct sums *s, const char *text)
{
	for (uint32_t i = 0; i < s->n; i++) {
		uint64_t bits;
		memcpy(&bits, text + i * sizeof bits, sizeof bits);
		bits = le64toh(bits);
		memcpy(&s->number[i], &bits, sizeof bits);
	}
}

/* numbers.sums(k, [text]) -> sums */
static int new_sums(lua_State *L)
{
	lua_Integer k = luaL_checkinteger(L, 1);
	luaL_argcheck(L, k >= 1 && k <= MOST, 1, "1 to 16 numbers are measured together");
	uint32_t n = kept_of((uint32_t)k);
	size_t len = 0;
	const char *text = luaL_optlstring(L, 2, NULL, &len);

	luaL_argcheck(L, !text || len == n * sizeof(double), 2, "this is no text of such sums");
	struct sums *s = lua_newuserdatauv(L, sizeof *s + n * sizeof *s->number, 0);
	s->k = (uint32_t)k;
	s->n = n;
	text ? read_text(s, text) : begin(s);
	luaL_setmetatable(L, SUMS);
	return 1;
}

static struct sums *check_sums(lua_State *L)
{
	return luaL_checkudata(L, 1, SUMS);
}

/* sums:add(x) -> number */
static int sums_add(lua_State *L)
{
	struct sums *s = check_sums(L);
	double x[MOST], *at = s->number;

	luaL_argcheck(L, length(L, 2) == s->k, 2, "as many numbers are wanted as are measured");
	read_list(L, 2, s->k, x);
	*at++ += 1;
	for (uint32_t i = 0; i < s->k; i++)
		*at++ += x[i];
	for (uint32_t i = 0; i < s->k; i++) {
		for (uint32_t j = i; j < s->k; j++)
			*at++ += x[i] * x[j];
	}
	for (uint32_t i = 0; i < s->k; i++, at++) {
		*at = x[i] < *at ? x[i] : *at;
		at[s->k] = x[i] > at[s->k] ? x[i] : at[s->k];
	}
	lua_pushnumber(L, s->number[0]);
	return 1;
}

static int sums_count(lua_State *L)
{
	lua_pushnumber(L, check_sums(L)->number[0]);
	return 1;
}

static int sums_text(lua_State *L)
{
	const struct sums *s = check_sums(L);
	luaL_Buffer b;

	luaL_buffinit(L, &b);
	for (uint32_t i = 0; i < s->n; i++) {
		uint64_t bits;
		memcpy(&bits, &s->number[i], sizeof bits);
		bits = htole64(bits);
		luaL_addlstring(&b, (const char *)&bits, sizeof bits);
	}
	luaL_pushresult(&b);
	return 1;
}

/* ------------------------------------------------------------------------------------------------ eigenvalues */

/* Turns a, and the vectors (rows of v), in the plane of p and q so that nothing is left between these. True where there was something. */
static bool rotate(matrix a, matrix v, uint32_t k, uint32_t p, uint32_t q)
{
	if (fabs(a[p][q]) < 1e-12)
		return false;
	double theta = (a[q][q] - a[p][p]) / (2 * a[p][q]);
	double t = (theta >= 0 ? 1 : -1) / (fabs(theta) + sqrt(theta * theta + 1));
	double c = 1 / sqrt(t * t + 1), s = t * c;
	for (uint32_t i = 0; i < k; i++) {
		double x = a[i][p], y = a[i][q];
		a[i][p] = c * x - s * y;
		a[i][q] = s * x + c * y;
	}
	for (uint32_t i = 0; i < k; i++) {
		double x = a[p][i], y = a[q][i];
		a[p][i] = c * x - s * y;
		a[q][i] = s * x + c * y;
		x = v[p][i];
		y = v[q][i];
		v[p][i] = c * x - s * y;
		v[q][i] = s * x + c * y;
	}
	return true;
}

/* Jacobi's rotations. */
static void diagonalize(matrix a, matrix v, uint32_t k)
{
	bool turned = true;

	for (uint32_t i = 0; i < k; i++) {
		for (uint32_t j = 0; j < k; j++)
			v[i][j] = i == j;
	}
	for (uint32_t sweep = 0; sweep < SWEEPS && turned; sweep++) {
		turned = false;
		for (uint32_t p = 0; p + 1 < k; p++) {
			for (uint32_t q = p + 1; q < k; q++)
				turned = rotate(a, v, k, p, q) || turned;
		}
	}
}

static void read_matrix(lua_State *L, matrix a, uint32_t k)
{
	for (uint32_t i = 0; i < k; i++) {
		lua_rawgeti(L, 1, i + 1);
		luaL_argcheck(L, lua_istable(L, -1), 1, "rows are lists");
		for (uint32_t j = 0; j < k; j++)
			a[i][j] = number_at(L, lua_gettop(L), j + 1);
		lua_settop(L, 1);
	}
}

/* numbers.eigen(matrix) -> values, vectors */
static int eigen(lua_State *L)
{
	matrix a, v;
	uint32_t k = length(L, 1);

	lua_settop(L, 1);
	read_matrix(L, a, k);
	diagonalize(a, v, k);
	lua_createtable(L, (int)k, 0);
	lua_createtable(L, (int)k, 0);
	for (uint32_t i = 0; i < k; i++) {
		put_at(L, 2, i + 1, a[i][i]);
		lua_createtable(L, (int)k, 0);
		for (uint32_t j = 0; j < k; j++)
			put_at(L, 4, j + 1, v[i][j]);
		lua_rawseti(L, 3, i + 1);
	}
	return 2;
}

/* ------------------------------------------------------------------------------------------------ how far a measurement is */

/* What a model says of each number: mean, deviation, the least and the most that was seen; and of each principal component its variance,
 * its deviation and its vector. */
struct reach {
	uint32_t k;
	double mean[MOST], dev[MOST], low[MOST], high[MOST], value[MOST], spread[MOST];
	matrix vector;
};

static void read_field(lua_State *L, const char *name, uint32_t k, double *x)
{
	lua_getfield(L, 1, name);
	luaL_argcheck(L, lua_istable(L, -1), 1, "a model has lists");
	read_list(L, lua_gettop(L), k, x);
	lua_settop(L, 1);
}

/* numbers.reach(model) -> reach */
static int new_reach(lua_State *L)
{
	struct reach r = { 0 };

	lua_settop(L, 1);
	luaL_checktype(L, 1, LUA_TTABLE);
	lua_getfield(L, 1, "mean");
	r.k = length(L, 2);
	lua_settop(L, 1);
	read_field(L, "mean", r.k, r.mean);
	read_field(L, "dev", r.k, r.dev);
	read_field(L, "low", r.k, r.low);
	read_field(L, "high", r.k, r.high);
	read_field(L, "value", r.k, r.value);
	read_field(L, "spread", r.k, r.spread);
	lua_getfield(L, 1, "vector");
	luaL_argcheck(L, lua_istable(L, 2), 1, "a model has vectors");
	for (uint32_t i = 0; i < r.k; i++) {
		luaL_argcheck(L, lua_rawgeti(L, 2, i + 1) == LUA_TTABLE, 1, "vectors are lists");
		read_list(L, 3, r.k, r.vector[i]);
		lua_settop(L, 2);
	}
	*(struct reach *)lua_newuserdatauv(L, sizeof r, 0) = r;
	luaL_setmetatable(L, REACH);
	return 1;
}

/* Beyond all that was seen, by more than a quarter of what that spans. */
static bool is_beyond(const struct reach *r, uint32_t i, double x)
{
	double margin = (r->high[i] - r->low[i]) / 4;

	return x > r->high[i] + margin || x < r->low[i] - margin;
}

static double score(const struct reach *r, uint32_t c, const double *d)
{
	double sum = 0;

	for (uint32_t i = 0; i < r->k; i++)
		sum += r->vector[c][i] * d[i];
	return fabs(sum) / r->spread[c];
}

static bool is_far(const struct reach *r, const double *x, double far)
{
	double d[MOST], whole = 0;

	for (uint32_t i = 0; i < r->k; i++) {
		d[i] = x[i] - r->mean[i];
		whole += d[i] * d[i];
		if (fabs(d[i]) / r->dev[i] >= far && is_beyond(r, i, x[i]))
			return true;
	}
	/* A component with a wide spread needs no look: it is no further than the whole. */
	double narrow = 1.001 * whole / (far * far);
	for (uint32_t c = 0; c < r->k; c++) {
		if (r->value[c] <= narrow && score(r, c, d) >= far)
			return true;
	}
	return false;
}

/* reach:is_far(x, spreads) -> boolean */
static int reach_is_far(lua_State *L)
{
	const struct reach *r = luaL_checkudata(L, 1, REACH);
	double far = luaL_checknumber(L, 3), x[MOST];

	luaL_argcheck(L, length(L, 2) == r->k, 2, "as many numbers are wanted as the model has");
	read_list(L, 2, r->k, x);
	lua_pushboolean(L, is_far(r, x, far));
	return 1;
}

void oto_lua_sums(struct oto_lua *lua)
{
	static const luaL_Reg sums[] = { { "add", sums_add }, { "count", sums_count }, { "text", sums_text }, { 0 } };
	static const luaL_Reg reach[] = { { "is_far", reach_is_far }, { 0 } };
	static const luaL_Reg functions[] = { { "sums", new_sums }, { "reach", new_reach }, { "eigen", eigen }, { 0 } };

	oto_type_define(lua->L, SUMS, NULL, sums);
	oto_type_define(lua->L, REACH, NULL, reach);
	luaL_newlib(lua->L, functions);
	lua_setglobal(lua->L, "numbers");
}
