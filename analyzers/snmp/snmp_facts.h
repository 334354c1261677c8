/* snmp_facts.h - what an SNMP message says of the device that sent it, and text made of its values. */
#ifndef OTO_SNMP_FACTS_H
#define OTO_SNMP_FACTS_H

#include "snmp_message.h"

/* Everything that a message of the agent says of it. */
void snmp_facts(struct oto_ctx *cx, const struct snmp_message *m);

/* An object identifier in dotted form, in scratch memory. Of secret objects only what their table says, without the instance. */
struct oto_slice snmp_oid_text(struct oto_ctx *cx, struct oto_slice oid);

/* A value as people write it: number, text, dotted, hexadecimal. Empty for null and exceptions. */
struct oto_slice snmp_value_text(struct oto_ctx *cx, const struct snmp_binding *b);

/* "ifAdminStatus.3" when the object is known, dotted otherwise. */
struct oto_slice snmp_object_text(struct oto_ctx *cx, struct oto_slice oid);

/* The number of the maker (IANA) that an object identifier under 1.3.6.1.4.1 names; 0 when it is not there. */
uint32_t snmp_enterprise_of(struct oto_slice oid);

#endif
