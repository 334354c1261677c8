/* policy_sums.c - numbers.add_up, numbers.eigen: the inner loops of what scripts learn of several numbers measured together (lua/sums.lua).
 *
 * In Lua they are hundreds and ten thousands of instructions for each terminal. Both change or make lists; nothing is kept here.
 */
#include "policy_private.h"

#include <math.h>

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

/* numbers.add_up(sums, x): sums are n, those of each number, of their products (upper triangle), the least and the most of each. */
static int add_up(lua_State *L)
{
	double x[MOST];
	uint32_t at = 2, k;

	luaL_checktype(L, 1, LUA_TTABLE);
	k = length(L, 2);
	for (uint32_t i = 0; i < k; i++)
		x[i] = number_at(L, 2, i + 1);
	put_at(L, 1, 1, number_at(L, 1, 1) + 1);
	for (uint32_t i = 0; i < k; i++, at++)
		put_at(L, 1, at, number_at(L, 1, at) + x[i]);
	for (uint32_t i = 0; i < k; i++) {
		for (uint32_t j = i; j < k; j++, at++)
			put_at(L, 1, at, number_at(L, 1, at) + x[i] * x[j]);
	}
	for (uint32_t i = 0; i < k; i++, at++) {
		if (x[i] < number_at(L, 1, at))
			put_at(L, 1, at, x[i]);
		if (x[i] > number_at(L, 1, at + k))
			put_at(L, 1, at + k, x[i]);
	}
	return 0;
}

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

void oto_lua_sums(struct oto_lua *lua)
{
	static const luaL_Reg functions[] = { { "add_up", add_up }, { "eigen", eigen }, { 0 } };

	luaL_newlib(lua->L, functions);
	lua_setglobal(lua->L, "numbers");
}
