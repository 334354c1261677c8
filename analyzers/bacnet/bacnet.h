/* bacnet.h - what the files of this folder share: the message, its way through the layers, and who reads which part of it.
 *
 * Clauses are those of ASHRAE 135 (ISO 16484-5).
 */
#ifndef OTO_BACNET_H
#define OTO_BACNET_H

#include "analyzers/content.h"
#include "analyzers/say.h"
#include "bacnet_tables.h"

/* ------------------------------------------------------------------------------------------------ events */

enum { EV_MESSAGE, EV_DISCOVERY, EV_PROPERTY, EV_DEVICE_CONTROL, EV_SERVICE, EV_ALARM, EV_FILE, EV_COMMAND, EV_COUNT };
extern const struct oto_event_type *const bacnet_events[EV_COUNT];

/* Sender and receiver as ICSNPP's logs have them, and what lies behind them in other networks. */
struct bacnet_ends {
	struct oto_addr source_h, destination_h;
	uint16_t source_p, destination_p;
	bool has_ports;
	struct oto_slice source_sub, destination_sub; /* "2001:10"; data NULL when it is the station itself */
};

struct bacnet_message {
	struct bacnet_ends ends;
	const char *link;
	uint16_t bvlc_function, bvlc_result, ttl, origin_p, dnet, snet, pdu_service, vendor, error_class, error_code, max_apdu;
	uint8_t priority, hop_count, pdu_type, invoke_id, sequence, window, reject_reason, abort_reason, network_reject;
	uint32_t virtual_address;
	bool expects_reply, segmented, more_follows, negative, by_server, matched;
	bool has_bvlc, has_bvlc_result, has_ttl, has_virtual, has_origin, has_npdu, has_dnet, has_snet, has_type, has_service, has_vendor,
	    has_invoke, has_sequence, has_entries, has_error, has_reject, has_abort, has_networks, has_network_reject, has_max_apdu,
	    has_segment_ack;
	struct oto_addr origin_h;
	struct oto_slice dadr, sadr, result_code;
	struct oto_list networks, entries;
	struct oto_interval latency;
};

/* An object, and a property of it. */
struct bacnet_place {
	uint32_t instance, property, array_index;
	uint16_t object_type;
	bool has_object, has_property, has_index;
};

struct bacnet_discovery {
	struct bacnet_ends ends;
	const char *pdu_service;
	uint16_t device_id_type, object_type, vendor;
	uint32_t device_id_number, instance_number, max_apdu;
	uint8_t segmentation;
	bool has_device, has_object, has_vendor, has_limits;
	struct oto_slice range, object_name, model, serial;
};

struct bacnet_property {
	struct bacnet_ends ends;
	const char *pdu_service;
	struct bacnet_place place;
	uint8_t invoke_id, datatype, priority, depth;
	uint32_t item;
	uint16_t error_code;
	double number;
	bool is_write, has_invoke, has_type, has_number, has_priority, has_error;
	struct oto_slice value;
};

struct bacnet_device_control {
	struct bacnet_ends ends;
	uint8_t invoke_id;
	uint16_t pdu_service;
	uint32_t time_duration;
	const char *device_state, *password, *result;
	struct oto_slice result_code;
	bool has_duration;
};

/* A row of the log that counts services by type of object. */
struct bacnet_service {
	const char *proto, *obj_type;
	struct oto_slice pdu_service;
	uint8_t pdu_type;
};

struct bacnet_alarm {
	struct bacnet_ends ends;
	uint16_t pdu_service;
	uint32_t process_identifier, device_instance, notification_class, instance_number, event_type;
	uint16_t object_type, from_state, to_state;
	uint8_t priority, notify_type;
	bool ack_required, has_process, has_device, has_object, has_class, has_priority, has_event_type, has_notify, has_ack, has_from,
	    has_to;
	struct oto_slice time_stamp, message_text;
};

struct bacnet_file {
	struct bacnet_ends ends;
	uint8_t invoke_id;
	uint16_t pdu_service;
	const char *pdu_type, *access;
	uint32_t instance_number, count, size;
	int64_t start;
	bool end_of_file, has_file, has_start, has_count, has_size, has_eof;
};

/* What services say that neither discover, nor carry properties, alarms or files. */
struct bacnet_command {
	struct bacnet_ends ends;
	uint16_t pdu_service, object_type, vendor;
	uint32_t instance_number, service_number, process_identifier, lifetime, session;
	uint8_t priority;
	bool has_object, has_vendor, has_process, has_lifetime, has_session, has_priority;
	const char *request;
	struct oto_slice time, text, source;
};

/* ------------------------------------------------------------------------------------------------ a message on its way */

/* What a request leaves for its response. */
struct bacnet_note {
	struct bacnet_place place;
	uint16_t service;
	bool several, spoken; /* several: place is the first of many */
	const char *state;    /* of device control */
	int64_t start;
	uint32_t extent;
};

/* Files are read and written piece by piece, with no word for the end of writing. */
enum { FILES_MAX = 4, SUB_TEXT = 32 };
struct bacnet_transfer {
	bool open, client_is_orig;
	uint8_t direction; /* enum oto_program_direction */
	uint8_t sub_len;
	uint8_t sub[SUB_TEXT];
	uint32_t instance, records;
	int64_t since_ns, last_ns;
	uint64_t op_id, age;
	struct content content;
};

/* Segmented messages, put together; 5.4. */
enum { SEGMENTED_MAX = 4, MESSAGE_MAX = 65536 };
struct bacnet_segmented {
	void *bytes;
	uint64_t key, age;
	uint32_t len, room;
	uint8_t next;
	bool broken;
};

struct bacnet_flow {
	struct bacnet_transfer files[FILES_MAX];
	struct bacnet_segmented segmented[SEGMENTED_MAX];
	uint64_t clock; /* counts what is begun: the oldest gives way */
};

struct bacnet_parse {
	struct oto_ctx *cx;
	struct bacnet_message *m;
	struct oto_cur c;         /* what follows the layer that was read last */
	bool is_request;          /* asks for something, or tells unasked */
	bool broadcast;           /* to all, by link or network */
	struct oto_slice content; /* parameters of the service, all segments of them */
	struct bacnet_place place;
	struct bacnet_note note; /* a request's own, or that of the request found */
	struct oto_match match;
	struct oto_operation op;
	const char *why;               /* it was refused */
	struct bacnet_transfer *begun; /* by this request: the operation is spoken after it */
};

/* ------------------------------------------------------------------------------------------------ bacnet_value.c */

/* A tag with its content, 20.2.1. */
struct bacnet_tag {
	uint32_t number, value; /* value: of an application boolean */
	bool context, opening, closing;
	struct oto_slice data;
};
enum { DEPTH_MAX = 16 };

/* The next tag; false at the end, and when it does not fit (then the cursor is bad). */
bool bacnet_next(struct oto_cur *c, struct bacnet_tag *tag);
/* Do tags fit into the content, open and close in order, and lie no deeper than DEPTH_MAX? */
bool bacnet_well_formed(struct oto_slice content);
/* What stands next, when it is that; otherwise the cursor stays where it is. */
bool bacnet_take_context(struct oto_cur *c, uint32_t number, struct bacnet_tag *tag);
bool bacnet_take_application(struct oto_cur *c, uint32_t number, struct bacnet_tag *tag);
bool bacnet_take_opening(struct oto_cur *c, uint32_t number);
bool bacnet_take_closing(struct oto_cur *c, uint32_t number);
/* Everything up to the closing tag of what was opened, which is passed over, too. */
struct oto_cur bacnet_inside(struct oto_cur *c);
/* The next value, whatever it is. */
void bacnet_skip(struct oto_cur *c);
uint64_t bacnet_unsigned(struct oto_slice data);
int64_t bacnet_signed(struct oto_slice data);
bool bacnet_object(struct oto_slice data, struct bacnet_place *place);
/* Text of a character string, 20.2.9, as UTF-8. */
struct oto_slice bacnet_string(struct oto_ctx *cx, struct oto_slice data);
/* The value of a tag as text, data NULL for null; the number where it is one. */
struct oto_slice bacnet_text(struct oto_ctx *cx, const struct bacnet_tag *tag, uint32_t property, double *number, bool *has_number);
/* A station in another network: "2001:10". */
struct oto_slice bacnet_station(struct oto_ctx *cx, uint16_t net, struct oto_slice address);
/* "5.present-value[3]" */
struct oto_slice bacnet_place_text(struct oto_ctx *cx, const struct bacnet_place *place);
/* A date and a time as UTC or local time, whichever the service says. */
struct oto_slice bacnet_time_text(struct oto_ctx *cx, struct oto_slice date, struct oto_slice time);

/* ------------------------------------------------------------------------------------------------ bacnet_network.c */

void bacnet_network_message(struct bacnet_parse *p);

/* ------------------------------------------------------------------------------------------------ bacnet_apdu.c */

void bacnet_apdu(struct bacnet_parse *p);
void bacnet_speak(struct bacnet_parse *p);
/* The row of the log that counts services, and the message itself. */
void bacnet_tell(struct bacnet_parse *p);
struct oto_slice bacnet_word(struct oto_ctx *cx, const struct oto_names *names, uint32_t value);
/* A fact of the device that speaks: who is behind the router, or whose message is forwarded. */
void bacnet_fact(struct bacnet_parse *p, const char *key, struct oto_slice value, uint8_t confidence);

/* ------------------------------------------------------------------------------------------------ parameters of services */

/* bacnet_service.c: by service and type of APDU. False: they are not what the service has. */
bool bacnet_service_request(struct bacnet_parse *p);
bool bacnet_service_ack(struct bacnet_parse *p);
void bacnet_service_refused(struct bacnet_parse *p);

/* bacnet_property.c */
bool bacnet_property_request(struct bacnet_parse *p, struct oto_cur *c);
bool bacnet_property_ack(struct bacnet_parse *p, struct oto_cur *c);
void bacnet_property_error(struct bacnet_parse *p);

/* bacnet_file.c */
bool bacnet_file_request(struct bacnet_parse *p, struct oto_cur *c);
bool bacnet_file_ack(struct bacnet_parse *p, struct oto_cur *c);
void bacnet_file_refused(struct bacnet_parse *p);
void bacnet_files_end(struct oto_ctx *cx);

#endif
