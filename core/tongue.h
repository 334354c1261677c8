/* tongue.h - the two common tongues: ot.operation with ot.outcome (who did what to whom, and how it went) and asset.fact (what a packet
 * reveals of a device), and program.transfer (what program went where). Every OT analyzer speaks them, so that inventory, learning, alerts
 * and reports never ask which protocol it was.
 */
#ifndef OTO_TONGUE_H
#define OTO_TONGUE_H

#include "event.h"

/* ot.operation: spoken at the request. `client` asked, `server` was asked: by the protocol, not by who opened the connection. */
struct oto_operation_event {
	struct oto_addr client, server; /* the MAC where there is no IP */
	struct oto_mac client_mac, server_mac;
	uint16_t server_p;
	const char *protocol, *func;
	uint32_t func_code, op, category, unit;
	struct oto_target target;
	struct oto_slice sub;
	uint64_t op_id;
	bool has_mac, has_port, has_unit, unmatched;
};

/* ot.outcome: spoken at the response, or when none came. */
struct oto_outcome_event {
	struct oto_addr client, server;
	uint16_t server_p;
	const char *protocol, *func, *error;
	uint32_t func_code, op, category, outcome, retries, unit;
	struct oto_slice sub;
	uint64_t op_id;
	struct oto_interval latency;
	bool has_port, has_unit, has_latency, unmatched, unsure;
};

/* asset.fact: one thing that is now known of one device. Conflicts are kept by who listens, never resolved here. */
struct oto_fact_event {
	struct oto_addr ip;
	struct oto_mac mac;
	bool has_mac;
	struct oto_slice sub, value;
	const char *key, *source;
	uint8_t confidence;
};

/* program.transfer: a block, file or image went into or out of a device, or was deleted or put in force there; spoken at its end. */
struct oto_program_event {
	struct oto_addr client, server;
	struct oto_mac client_mac, server_mac;
	uint16_t server_p;
	const char *protocol, *kind, *error;
	uint32_t direction, result;
	struct oto_slice name, sub, sha256;
	uint64_t size, announced, op_id;
	struct oto_interval duration;
	bool has_mac, has_port, has_size, has_announced, has_duration, has_op, has_name, has_sha256;
};

extern const struct oto_event_type oto_operation_type, oto_outcome_type, oto_fact_type, oto_program_type;

#endif
