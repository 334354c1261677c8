/* snmp_message.h - reads SNMP messages: versions 1 (RFC 1157), 2c (RFC 1901, 3416) and 3 with its user-based security (RFC 3412, 3414). */
#ifndef OTO_SNMP_MESSAGE_H
#define OTO_SNMP_MESSAGE_H

#include "snmp_tables.h"

struct snmp_message {
	uint8_t version;
	uint8_t type;                  /* of the PDU, SNMP_ENCRYPTED when it cannot be seen */
	struct oto_slice community;    /* versions 1 and 2c; for comparison only, never to be shown */
	struct oto_slice engine, user; /* version 3: the authoritative engine, and who asks */
	struct oto_slice context;
	uint32_t msg_id, engine_boots, engine_time;
	uint8_t flags;                                 /* enum of snmp_flags */
	int64_t request_id, error_status, error_index; /* of get-bulk: non-repeaters and max-repetitions */
	struct oto_slice enterprise;                   /* version 1 traps, to here */
	struct oto_addr agent;
	int64_t generic_trap, specific_trap;
	uint64_t uptime;
	bool usm;
	struct oto_cur bindings;
	uint32_t count; /* of bindings */
};
enum snmp_flags { SNMP_AUTHENTICATED = 1, SNMP_PRIVATE = 2, SNMP_REPORTABLE = 4 };

struct snmp_binding {
	struct oto_slice oid, value;
	uint32_t type;
};

/* False when the bytes are no SNMP message from the first to the last. */
bool snmp_read(struct oto_cur c, struct snmp_message *m);

/* Bindings in order; the cursor is m->bindings or a copy. */
bool snmp_next(struct oto_cur *c, struct snmp_binding *b);

/* A value of any of the numeric types. */
bool snmp_number(const struct snmp_binding *b, uint64_t *n);

#endif
