/* policy_value.h - inside the values of Lua: what addresses (policy_addr.c), times and intervals (policy_moment.c) share with what knows
 * them all (policy_value.c).
 */
#ifndef OTO_POLICY_VALUE_H
#define OTO_POLICY_VALUE_H

#include "policy_private.h"

#define OTO_VALUE_ADDR "oto.addr"
#define OTO_VALUE_SUBNET "oto.subnet"
#define OTO_VALUE_TIME "oto.time"
#define OTO_VALUE_INTERVAL "oto.interval"

int oto_value_concat(lua_State *L); /* __concat: the texts of both */

/* The metatables and constructors of each. */
void oto_lua_addrs(struct oto_lua *lua);
void oto_lua_moments(struct oto_lua *lua);

#endif
