/* policy_addr.c - addresses and subnets as Lua values that print and compare as people expect.
 *
 * An address (IPv4, IPv6 or MAC) exists once per state: equal addresses are the same object, so that they work as keys of tables. A small
 * direct-mapped cache in front of the table of all makes the common case one array read.
 */
#include "policy_value.h"
#include "registry.h"

#include <ctype.h>
#include <stdlib.h>

/* ------------------------------------------------------------------------------------------------ addresses */

/* Rare path: the table of all addresses by their bytes, weak, so that those that no script holds vanish. */
static void push_addr_slow(lua_State *L, struct oto_lua *lua, const struct oto_addr *a)
{
	lua_rawgeti(L, LUA_REGISTRYINDEX, lua->addr_all);
	lua_pushlstring(L, (const char *)a, sizeof *a);
	lua_pushvalue(L, -1);
	if (lua_rawget(L, -3) == LUA_TNIL) {
		lua_pop(L, 1);
		struct oto_addr *mine = lua_newuserdatauv(L, sizeof *mine, 0);
		*mine = *a;
		oto_type_give(L, OTO_TYPE_ADDR);
		lua_pushvalue(L, -2);
		lua_pushvalue(L, -2);
		lua_rawset(L, -5);
	}
	lua_remove(L, -2);
	lua_remove(L, -2);
}

void oto_push_addr(lua_State *L, const struct oto_addr *a)
{
	struct oto_lua *lua = oto_lua_of(L);
	uint64_t half[2];
	memcpy(half, a->byte, sizeof half);
	uint32_t at = (uint32_t)(oto_mix(half[0] ^ a->family, half[1]) % OTO_ADDR_SLOTS);
	struct oto_addr_slot *slot = &lua->addr_slots[at];

	lua_rawgeti(L, LUA_REGISTRYINDEX, lua->addr_recent);
	if (slot->used && oto_addr_equal(&slot->addr, a)) {
		lua_rawgeti(L, -1, (lua_Integer)at + 1);
	} else {
		push_addr_slow(L, lua, a);
		lua_pushvalue(L, -1);
		lua_rawseti(L, -3, (lua_Integer)at + 1);
		*slot = (struct oto_addr_slot){ *a, true };
	}
	lua_replace(L, -2);
}

bool oto_to_addr(lua_State *L, int index, struct oto_addr *out)
{
	const struct oto_addr *value = oto_type_test(L, index, OTO_TYPE_ADDR);

	if (value)
		*out = *value;
	return value || (lua_type(L, index) == LUA_TSTRING && oto_addr_parse(lua_tostring(L, index), out));
}

static struct oto_addr check_addr(lua_State *L, int index)
{
	struct oto_addr a = { 0 };

	if (!oto_to_addr(L, index, &a))
		luaL_error(L, "%s is no address (IPv4, IPv6 or MAC)", luaL_tolstring(L, index, NULL));
	return a;
}

static int addr_new(lua_State *L)
{
	struct oto_addr a = check_addr(L, 1);

	oto_push_addr(L, &a);
	return 1;
}

static int mac_new(lua_State *L)
{
	struct oto_addr a = check_addr(L, 1);

	if (a.family != OTO_FAMILY_MAC)
		return luaL_error(L, "%s is no MAC address", luaL_tolstring(L, 1, NULL));
	oto_push_addr(L, &a);
	return 1;
}

static int addr_tostring(lua_State *L)
{
	struct oto_buf b = { 0 };

	oto_addr_text(oto_type_check(L, 1, OTO_TYPE_ADDR), &b);
	lua_pushlstring(L, b.data, b.len);
	oto_buf_free(&b);
	return 1;
}

/* By family, then by bytes: the order people sort hosts in. */
static int addr_compare(const struct oto_addr *a, const struct oto_addr *b)
{
	return a->family != b->family ? (a->family < b->family ? -1 : 1) : memcmp(a->byte, b->byte, sizeof a->byte);
}

static int addr_lt(lua_State *L)
{
	struct oto_addr a = check_addr(L, 1), b = check_addr(L, 2);

	lua_pushboolean(L, addr_compare(&a, &b) < 0);
	return 1;
}

static int addr_le(lua_State *L)
{
	struct oto_addr a = check_addr(L, 1), b = check_addr(L, 2);

	lua_pushboolean(L, addr_compare(&a, &b) <= 0);
	return 1;
}

static int addr_family(lua_State *L)
{
	const struct oto_addr *a = oto_type_check(L, 1, OTO_TYPE_ADDR);

	lua_pushstring(L, a->family == OTO_FAMILY_IPV4 ? "ipv4" : a->family == OTO_FAMILY_IPV6 ? "ipv6" : "mac");
	return 1;
}

/* ------------------------------------------------------------------------------------------------ subnets */

static uint8_t width(const struct oto_addr *a)
{
	return a->family == OTO_FAMILY_IPV4 ? 32 : a->family == OTO_FAMILY_IPV6 ? 128 : 48;
}

static void mask(struct oto_subnet *s)
{
	for (uint32_t i = 0; i < sizeof s->addr.byte; i++) {
		if (i * 8 >= s->bits)
			s->addr.byte[i] = 0;
		else if (i * 8 + 8 > s->bits)
			s->addr.byte[i] &= (uint8_t)(0xff << (8 - s->bits % 8));
	}
}

bool oto_subnet_parse(const char *text, struct oto_subnet *out)
{
	const char *slash = strchr(text, '/');
	char host[64];
	char *end;

	if (!slash) {
		if (!oto_addr_parse(text, &out->addr))
			return false;
		out->bits = width(&out->addr);
		return true;
	}
	if ((size_t)(slash - text) >= sizeof host || !isdigit((unsigned char)slash[1]))
		return false;
	snprintf(host, sizeof host, "%.*s", (int)(slash - text), text);
	unsigned long bits = strtoul(slash + 1, &end, 10);
	if (*end || !oto_addr_parse(host, &out->addr) || bits > width(&out->addr))
		return false;
	out->bits = (uint8_t)bits;
	mask(out);
	return true;
}

bool oto_subnet_has(const struct oto_subnet *s, const struct oto_addr *a)
{
	uint32_t whole = s->bits / 8, rest = s->bits % 8;

	if (a->family != s->addr.family || memcmp(a->byte, s->addr.byte, whole) != 0)
		return false;
	return !rest || ((a->byte[whole] ^ s->addr.byte[whole]) >> (8 - rest)) == 0;
}

static struct oto_subnet check_subnet(lua_State *L, int index)
{
	const struct oto_subnet *s = oto_type_test(L, index, OTO_TYPE_SUBNET);
	struct oto_subnet parsed = { 0 };

	if (s)
		return *s;
	if (lua_type(L, index) != LUA_TSTRING || !oto_subnet_parse(lua_tostring(L, index), &parsed))
		luaL_error(L, "%s is no subnet (10.0.0.0/8, fe80::/10)", luaL_tolstring(L, index, NULL));
	return parsed;
}

static int subnet_new(lua_State *L)
{
	struct oto_subnet s = check_subnet(L, 1);

	*(struct oto_subnet *)lua_newuserdatauv(L, sizeof s, 0) = s;
	oto_type_give(L, OTO_TYPE_SUBNET);
	return 1;
}

static int subnet_tostring(lua_State *L)
{
	const struct oto_subnet *s = oto_type_check(L, 1, OTO_TYPE_SUBNET);
	struct oto_buf b = { 0 };

	oto_addr_text(&s->addr, &b);
	oto_buf_fmt(&b, "/%u", s->bits);
	lua_pushlstring(L, b.data, b.len);
	oto_buf_free(&b);
	return 1;
}

static int subnet_eq(lua_State *L)
{
	const struct oto_subnet *a = oto_type_test(L, 1, OTO_TYPE_SUBNET), *b = oto_type_test(L, 2, OTO_TYPE_SUBNET);

	lua_pushboolean(L, a && b && a->bits == b->bits && oto_addr_equal(&a->addr, &b->addr));
	return 1;
}

static int subnet_contains(lua_State *L)
{
	struct oto_subnet s = check_subnet(L, 1);
	struct oto_addr a = check_addr(L, 2);

	lua_pushboolean(L, oto_subnet_has(&s, &a));
	return 1;
}

static struct oto_registry *registry(lua_State *L)
{
	struct oto_policy *p = oto_lua_of(L)->policy;

	if (!p->registry)
		p->registry = oto_registry_new(p->engine->options.data_dir);
	return p->registry;
}

static int addr_vendor(lua_State *L)
{
	lua_pushstring(L, oto_registry_vendor(registry(L), oto_type_check(L, 1, OTO_TYPE_ADDR)));
	return 1;
}

static int addr_country(lua_State *L)
{
	lua_pushstring(L, oto_registry_country(registry(L), oto_type_check(L, 1, OTO_TYPE_ADDR)));
	return 1;
}

static int addr_as(lua_State *L)
{
	const char *operator_name;
	uint32_t number = oto_registry_as(registry(L), oto_type_check(L, 1, OTO_TYPE_ADDR), &operator_name);

	if (!number)
		return 0;
	lua_pushinteger(L, number);
	lua_pushstring(L, operator_name);
	return 2;
}

static int addr_special(lua_State *L)
{
	lua_pushstring(L, oto_registry_special(oto_type_check(L, 1, OTO_TYPE_ADDR)));
	return 1;
}

static int addr_within(lua_State *L)
{
	struct oto_addr a = check_addr(L, 1);
	struct oto_subnet s = check_subnet(L, 2);

	lua_pushboolean(L, oto_subnet_has(&s, &a));
	return 1;
}

/* ------------------------------------------------------------------------------------------------ registration */

void oto_lua_addrs(struct oto_lua *lua)
{
	static const luaL_Reg addr_meta[] = {
		{ "__tostring", addr_tostring }, { "__lt", addr_lt }, { "__le", addr_le }, { "__concat", oto_value_concat }, { 0 }
	};
	static const luaL_Reg addr_methods[] = { { "within", addr_within },
						 { "family", addr_family },
						 { "vendor", addr_vendor },
						 { "country", addr_country },
						 { "as", addr_as },
						 { "special", addr_special },
						 { 0 } };
	static const luaL_Reg subnet_meta[] = {
		{ "__tostring", subnet_tostring }, { "__eq", subnet_eq }, { "__concat", oto_value_concat }, { 0 }
	};
	static const luaL_Reg subnet_methods[] = { { "contains", subnet_contains }, { 0 } };
	static const luaL_Reg constructors[] = { { "addr", addr_new }, { "mac", mac_new }, { "subnet", subnet_new }, { 0 } };
	lua_State *L = lua->L;

	oto_type_define(L, OTO_TYPE_ADDR, "oto.addr", addr_meta, addr_methods);
	oto_type_define(L, OTO_TYPE_SUBNET, "oto.subnet", subnet_meta, subnet_methods);
	lua_createtable(L, OTO_ADDR_SLOTS, 0);
	lua->addr_recent = luaL_ref(L, LUA_REGISTRYINDEX);
	lua_newtable(L);
	lua_newtable(L);
	lua_pushliteral(L, "v");
	lua_setfield(L, -2, "__mode");
	lua_setmetatable(L, -2);
	lua->addr_all = luaL_ref(L, LUA_REGISTRYINDEX);
	lua_pushglobaltable(L);
	luaL_setfuncs(L, constructors, 0);
	lua_pop(L, 1);
}
