/* policy_declared.h - inside event types that Lua declares: what policy_declare.c makes of a declaration, and policy_event.c fills and
 * raises.
 */
#ifndef OTO_POLICY_DECLARED_H
#define OTO_POLICY_DECLARED_H

#include "policy_private.h"

#define OTO_DECLARED_FIELDS 200u

struct oto_declared_field {
	uint8_t vec;
	bool required;
};

struct oto_declared {
	struct oto_declared *next;
	struct oto_arena memory; /* of names, docs, tables */
	struct oto_event_type type;
	struct oto_event_def *def;
	struct oto_field *fields;
	struct oto_declared_field *more;
	struct oto_log log;
	int index; /* reference: field name to number */
};

#endif
