/* snmp_tables.h - SNMP's words: message types, errors, traps, well-known objects of the MIBs, enterprise numbers. */
#ifndef OTO_SNMP_TABLES_H
#define OTO_SNMP_TABLES_H

#include "oto_plugin.h"

/* RFC 1157 4.1, RFC 3416 3: the PDU's tag; SNMP_ENCRYPTED stands for one that cannot be seen (RFC 3412 6), SNMP_UNKNOWN for
 * any other tag. */
enum {
	SNMP_GET = 0xa0,
	SNMP_GET_NEXT,
	SNMP_RESPONSE,
	SNMP_SET,
	SNMP_TRAP,
	SNMP_GET_BULK,
	SNMP_INFORM,
	SNMP_TRAP_V2,
	SNMP_REPORT,
	SNMP_UNKNOWN = 0xfe,
	SNMP_ENCRYPTED = 0xff
};
enum { SNMP_V1 = 0, SNMP_V2C = 1, SNMP_V3 = 3 };
enum { SNMP_ENTERPRISE_SPECIFIC = 6 };

extern const struct oto_names snmp_versions, snmp_pdus, snmp_errors, snmp_traps, snmp_enterprises, snmp_types;

/* What an object's value says of the device, or what setting it does. */
enum snmp_sense {
	SNMP_NO_FACT = 0,
	SNMP_TEXT,       /* a fact in words */
	SNMP_MAC,        /* a fact in six octets */
	SNMP_IPV4,       /* a fact in four octets */
	SNMP_ENTERPRISE, /* an object identifier under the maker's number */
	SNMP_SWITCH,     /* 1 starts a port, 2 stops it */
	SNMP_START,
	SNMP_STOP,
	SNMP_RESET,
	SNMP_SECRET, /* keys or community strings in values or instances: neither is shown */
};
struct snmp_object {
	struct oto_slice oid; /* without the instance */
	const char *name;
	enum snmp_sense sense;
	const char *fact, *sub; /* its key; what stands before the instance in the subject */
};

/* The object or, failing that, the group that an object identifier (X.690 contents) lies under; NULL when none is known. */
const struct snmp_object *snmp_object_of(struct oto_slice oid);

#endif
