/* cip.h - what the parts of the CIP analyzer share: a message, its path, what a request leaves for its response, and what an object adds.
 *
 * Clauses: volume 1 is ODVA "The CIP Networks Library", volume 1 "Common Industrial Protocol". To teach an object class: a row in
 * cip_objects[] (cip_objects.c) with its services and what reads their data. A protocol inside a CIP object (PCCC in class 0x67) is an
 * analyzer of its own with the key "cip.class/0x67": it is handed whole CIP messages, request and response, and reads them with
 * cip_take_header().
 */
#ifndef OTO_ANALYZERS_CIP_H
#define OTO_ANALYZERS_CIP_H

#include "cip_names.h"

/* ------------------------------------------------------------------------------------------------ numbers */

enum { CIP_RESPONSE = 0x80, CIP_STATUS_HEADER = 4 };

/* Volume 1, appendix A: services that mean the same in every class. */
enum {
	CIP_GET_ATTRIBUTES_ALL = 0x01,
	CIP_SET_ATTRIBUTES_ALL = 0x02,
	CIP_GET_ATTRIBUTE_LIST = 0x03,
	CIP_SET_ATTRIBUTE_LIST = 0x04,
	CIP_RESET = 0x05,
	CIP_START = 0x06,
	CIP_STOP = 0x07,
	CIP_CREATE = 0x08,
	CIP_DELETE = 0x09,
	CIP_MULTIPLE_SERVICE = 0x0a,
	CIP_APPLY_ATTRIBUTES = 0x0d,
	CIP_GET_ATTRIBUTE_SINGLE = 0x0e,
	CIP_SET_ATTRIBUTE_SINGLE = 0x10,
	CIP_NOP = 0x17,
};
/* Of the Connection Manager, volume 1, table 3-5.5. */
enum {
	CIP_FORWARD_CLOSE = 0x4e,
	CIP_UNCONNECTED_SEND = 0x52,
	CIP_FORWARD_OPEN = 0x54,
	CIP_GET_CONNECTION_DATA = 0x56,
	CIP_SEARCH_CONNECTION_DATA = 0x57,
	CIP_GET_CONNECTION_OWNER = 0x5a,
	CIP_LARGE_FORWARD_OPEN = 0x5b,
};
enum {
	CIP_CLASS_IDENTITY = 0x01,
	CIP_CLASS_MESSAGE_ROUTER = 0x02,
	CIP_CLASS_CONNECTION_MANAGER = 0x06,
	CIP_CLASS_SYMBOL = 0x6b,
	CIP_CLASS_TEMPLATE = 0x6c,
	CIP_CLASS_PCCC = 0x67,
	CIP_CLASS_TAG = 0x7fffffff, /* no class on the wire: the path is a symbol */
};

/* ------------------------------------------------------------------------------------------------ paths */

/* Electronic key segment: which device the path wants (volume 1, C-1.4.2.5). */
struct cip_key {
	uint16_t vendor, device_type, product;
	uint8_t major, minor; /* bit 7 of major: a compatible device will do */
};

/* A padded or packed EPATH (volume 1, appendix C), read whole. `symbol` is "Program:Main.Motor[3].Speed"; `route` the port segments,
 * "1/0" for slot 0 of the backplane, "1/2/2/192.168.0.5" over a bridge. Both are wire bytes or scratch memory. */
struct cip_path {
	uint32_t class_id, instance_id, member_id, attribute_id, point_id, service_id;
	uint32_t production_inhibit; /* microseconds, network segment */
	struct cip_key key;
	struct oto_slice symbol, route;
	struct oto_slice safety_segment; /* its data, with `safety` */
	uint32_t slot;                   /* the only hop of the route, when that is a number of the backplane */
	bool has_class, has_instance, has_member, has_attribute, has_point, has_service, has_key, has_inhibit, has_slot, safety, odd;
	uint8_t points; /* connection points: configuration, O->T, T->O */
	uint32_t point[3];
};

/* Reads a path to its end. padded: volume 1, C-1.3. False: a segment that is none (then `odd` is set and the rest was not read).
 */
bool cip_path_read(struct oto_ctx *cx, struct oto_slice bytes, bool padded, struct cip_path *path);

/* ------------------------------------------------------------------------------------------------ the event of a message */

struct cip_message {
	struct oto_addr source_h, destination_h;
	uint64_t packet_correlation_id;
	uint16_t source_p, destination_p, cip_sequence_count;
	const char *direction; /* request or response */
	uint8_t cip_service_code, cip_status_code;
	uint16_t cip_extended_status_code;
	const char *cip_service, *cip_extended_status;                          /* words; of a service by class, also in a response */
	uint32_t class_id, instance_id, attribute_id, member_id, connection_id; /* also of a response, from its request */
	struct oto_slice symbol, route;                                         /* tag, and the way to who is asked; also of a response */
	struct oto_interval latency;
	/* what the objects' hooks fill in */
	struct oto_slice name;             /* of a file, program, routine, template; what a value says in words */
	const char *data_type;             /* of the values: DINT, REAL, ... */
	struct oto_time clock;             /* as read or set */
	uint64_t set_bits, clear_bits;     /* of Read Modify Write Tag */
	uint16_t structure;                /* handle of the template */
	uint32_t elements, offset, size;   /* of tags, templates, files */
	struct oto_vec values, attributes; /* attributes: those that Get and Set Attribute List name */
	struct oto_slice data;             /* service data that nobody has read */
	bool has_sequence, has_common, has_class, has_instance, has_attribute, has_member, has_status, has_extended, has_connection,
	    has_path_class, has_path_instance, has_path_attribute, matched, connected, has_elements, has_offset, has_size, has_values,
	    has_symbol, has_route, has_name, has_data, has_attributes, has_clock, has_bits, has_structure;
	uint8_t depth; /* 0 directly in the encapsulation, more inside of other services */
};

/* ------------------------------------------------------------------------------------------------ requests and responses */

enum { CIP_NOTE_SYMBOL = 80, CIP_NOTE_ROUTE = 40, CIP_NOTE_OBJECT = 80 };

/* What a request leaves for its response. */
struct cip_note {
	uint32_t class_id, instance_id, attribute_id, connection_id;
	uint16_t inner; /* services inside a Multiple Service Packet */
	uint16_t alike; /* for how many of them, one after the other, this one stands */
	uint8_t service, symbol_len, route_len;
	uint8_t object_len;                                          /* of a protocol inside: how much of its request stands in object[] */
	uint64_t key;                                                /* of its event: oto_emit_as() */
	bool has_class, has_instance, has_attribute, has_slot, sent; /* sent: by an Unconnected Send, whose own failure answers it */
	uint32_t slot;
	uint8_t symbol[CIP_NOTE_SYMBOL];
	uint8_t route[CIP_NOTE_ROUTE];
	uint8_t object[CIP_NOTE_OBJECT] __attribute__((aligned(8))); /* the object's hook's own */
};

/* One service, request or response, while it is read. */
struct cip_talk {
	struct oto_ctx *cx;
	struct cip_message *m;
	struct cip_path path;         /* request: its path. Response: class, instance, attribute and symbol of the request */
	struct oto_cur data;          /* service data: behind the path, or behind the status words */
	struct cip_note *note;        /* request: what will be left, object[] is the hook's */
	const struct cip_note *asked; /* response: what was left; NULL when the request was not seen */
	uint8_t service;              /* without CIP_RESPONSE */
	bool response;
	uint8_t status; /* general status of a response */
	bool has_extended;
	uint16_t extended; /* first word of the additional status */
	/* Of a request: what it does. Filled from the tables before the hook, which may correct it. */
	uint32_t op; /* enum oto_op */
	const char *func;
	struct oto_target target;
	const char *odd; /* a weird's name when the data is not what it should be */
	uint8_t depth;   /* 0: directly in the encapsulation */
	bool astray;     /* on a connection whose opening was not seen: it may lead to who sits behind the address */
};

/* A class that knows more than the common services. */
struct cip_object {
	uint32_t class_id;
	const char *name;                 /* as target space, "Identity"; NULL: from cip_classes */
	const struct oto_names *services; /* its own, and common ones that do something else here; NULL: only the common ones */
	/* Read the service data and fill in m, op, target. Both may be NULL. They may speak facts and events: nothing is told if the PDU
	 * turns out truncated. `data` is theirs: m->data gets what they leave unread. */
	void (*request)(struct cip_talk *t);
	void (*response)(struct cip_talk *t);
	bool carries; /* its messages hold a protocol of their own: handed to the analyzer with the key "cip.class/CLASS" */
};

/* A service's word and what it does, by the object's own table, then by the common one; `word` is never NULL. */
struct cip_meaning {
	const char *word;
	uint32_t op;
};
enum { CIP_COMMON_END = 0x32 }; /* services from here on mean what their class says */
struct cip_meaning cip_meaning_of(const struct cip_object *object, uint8_t service);

/* The object's row, or NULL. */
const struct cip_object *cip_object_of(uint32_t class_id);

/* A fact about who is asked: of the sender of a response, with the route as `sub`. */
void cip_fact(struct cip_talk *t, const char *key, struct oto_slice value, uint8_t confidence);

/* State per flow for the objects' hooks (a transfer that is under way): zeroed at the start, CIP_FLOW_OBJECT bytes. */
enum { CIP_FLOW_OBJECT = 2048 };
void *cip_flow_object(struct oto_ctx *cx);

/* Header of a CIP message as children of "cip.class" are handed it. `data` is what stands behind it: of a response with a status other than
 * 0 what its request began with, CIP_NOTE_OBJECT bytes at most. */
struct cip_header {
	uint8_t service, status; /* status of a response */
	bool response;
	struct oto_slice path, extended, data;
};

static inline struct cip_header cip_take_header(struct oto_cur *c)
{
	struct cip_header h = { .service = oto_u8(c) };

	h.response = h.service & CIP_RESPONSE;
	h.service &= CIP_RESPONSE - 1;
	if (h.response) {
		oto_skip(c, 1);
		h.status = oto_u8(c);
		h.extended = oto_take(c, oto_u8(c) * 2u);
	} else {
		h.path = oto_take(c, oto_u8(c) * 2u);
	}
	h.data = oto_rest(c);
	return h;
}

/* ------------------------------------------------------------------------------------------------ events and tables */

/* Indices into the analyzer's list of events. */
enum { CIP_EV_MESSAGE, CIP_EV_CONNECTION, CIP_EV_IO };

#endif
