/* cip_connection.h - what the analyzer's own parts share: connections that are opened, what is kept of them on the flow and for their I/O
 * elsewhere, targets of operations. */
#ifndef OTO_ANALYZERS_CIP_CONNECTION_H
#define OTO_ANALYZERS_CIP_CONNECTION_H

#include "cip.h"
#include "cip_io_table.h"
#include "cip_safety.h"
#include "cip_waiting.h"

/* A connection for messages on this flow, opened there or known by a request and its answer: messages say only one of its identifiers. */
struct cip_open {
	uint32_t to_target, to_originator;
	uint32_t class_id; /* what is at its other end: the Message Router, or an object with messages of its own kind */
	uint32_t slot;
	uint8_t route_len;
	bool has_class, has_slot;
	bool seen; /* its Forward Open was; else the two identifiers are all that is known */
	uint8_t route[CIP_NOTE_ROUTE];
};
enum { CIP_OPEN_MAX = 16 };

/* A connection to an object that is no Message Router: its messages are the object's own. */
static inline bool cip_is_other(const struct cip_open *open)
{
	return open && open->has_class && open->class_id != CIP_CLASS_MESSAGE_ROUTER;
}

/* State per flow. */
struct cip_flow {
	struct cip_open open[CIP_OPEN_MAX];
	struct cip_waiting waiting;
	struct cip_io_table io;
	uint32_t opened; /* how many were, the oldest is overwritten */
	bool others;     /* some of them lead to an object with messages of its own kind */
	uint8_t object[CIP_FLOW_OBJECT] __attribute__((aligned(16)));
};

/* What an I/O packet needs of its Forward Open, under the connection identifier. */
struct cip_io_open {
	struct oto_addr originator, target;
	uint32_t rpi; /* microseconds, of this direction */
	uint16_t size;
	uint8_t transport_class;
	bool to_target, safety, has_class;
	uint32_t class_id, instance_id, slot;
	uint8_t route_len;
	bool has_instance, has_slot;
	uint8_t route[CIP_NOTE_ROUTE];
	struct cip_safety_way way; /* of a safety connection */
};

extern const struct cip_object cip_connection_manager;
extern const struct oto_event_type cip_connection_type, cip_io_type;

/* The connection with this identifier, in the direction of the sender: to_target for requests. NULL: nothing is known of it. */
const struct cip_open *cip_open_of(const struct cip_flow *flow, uint32_t id, bool to_target);

/* An answer has shown that these identifiers are of one connection. */
void cip_open_learn(struct cip_flow *flow, uint32_t to_target, uint32_t to_originator);

/* What the Forward Open said of an I/O connection. */
const struct cip_io_open *cip_io_open_of(struct oto_ctx *cx, uint32_t id);

/* The target of an operation on what the path names. */
struct oto_target cip_target_of(struct oto_ctx *cx, const struct cip_path *path, const struct cip_object *object);

/* A copy that lives as long as the packet's events. */
static inline struct oto_slice cip_borrow(struct oto_ctx *cx, struct oto_slice s)
{
	uint8_t *copy = s.len ? oto_scratch(cx, s.len) : NULL;

	if (!copy)
		return (struct oto_slice){ 0 };
	memcpy(copy, s.data, s.len);
	return (struct oto_slice){ copy, s.len };
}

/* One UDP datagram with I/O data. */
enum oto_answer cip_io_probe(struct oto_cur c);
void cip_io_pdu(struct oto_ctx *cx, struct oto_cur *c);

#endif
