/* policy_value.h - inside the values of Lua: what addresses (policy_addr.c), times and intervals (policy_moment.c) share with what knows
 * them all (policy_value.c).
 */
#ifndef OTO_POLICY_VALUE_H
#define OTO_POLICY_VALUE_H

#include "policy_private.h"

int oto_value_concat(lua_State *L); /* __concat: the texts of both */

/* The metatables and constructors of each. */
void oto_lua_addrs(struct oto_lua *lua);
void oto_lua_moments(struct oto_lua *lua);

#endif
