/* dnp3.h - what the files of this folder share: the words, the events, and the way from a frame to what its objects say.
 *
 * Clauses are of IEEE Std 1815-2012: 4 the application layer, 7 secure authentication, 8 the transport function, 9 the link layer, Annex A
 * the objects.
 */
#ifndef OTO_DNP3_H
#define OTO_DNP3_H

#include "analyzers/content.h"
#include "analyzers/say.h"
#include "analyzers/text.h"

/* ------------------------------------------------------------------------------------------------ dnp3_tables.c, dnp3_objects.c: words */

enum dnp3_function {
	DNP3_CONFIRM = 0,
	DNP3_READ = 1,
	DNP3_WRITE = 2,
	DNP3_SELECT = 3,
	DNP3_OPERATE = 4,
	DNP3_DIRECT_OPERATE = 5,
	DNP3_DIRECT_OPERATE_NR = 6,
	DNP3_IMMED_FREEZE = 7,
	DNP3_IMMED_FREEZE_NR = 8,
	DNP3_FREEZE_CLEAR_NR = 10,
	DNP3_FREEZE_AT_TIME_NR = 12,
	DNP3_INITIALIZE_DATA = 15,
	DNP3_INITIALIZE_APPL = 16,
	DNP3_START_APPL = 17,
	DNP3_STOP_APPL = 18,
	DNP3_SAVE_CONFIG = 19,
	DNP3_ASSIGN_CLASS = 22,
	DNP3_OPEN_FILE = 25,
	DNP3_CLOSE_FILE = 26,
	DNP3_DELETE_FILE = 27,
	DNP3_ABORT_FILE = 30,
	DNP3_ACTIVATE_CONFIG = 31,
	DNP3_AUTHENTICATE_REQ = 32,
	DNP3_AUTHENTICATE_REQ_NR = 33,
	DNP3_RESPONSE = 129,
	DNP3_UNSOLICITED = 130,
	DNP3_AUTHENTICATE_RESP = 131,
};
/* Groups of objects that are treated apart (Annex A); of the others the table tells all. */
enum dnp3_group {
	GROUP_ATTRIBUTE = 0,
	GROUP_COMMAND = 12,
	GROUP_DEADBAND = 34,
	GROUP_ANALOG_COMMAND = 41,
	GROUP_TIME = 50,
	GROUP_CTO = 51,
	GROUP_CLASS = 60,
	GROUP_FILE = 70,
	GROUP_IIN = 80,
	GROUP_PROTOTYPE = 85,
	GROUP_DESCRIPTOR = 86,
	GROUP_STRING = 110,
	GROUP_TERMINAL = 112,
	GROUP_TERMINAL_EVENT = 113,
	GROUP_AUTHENTICATION = 120,
};
/* g70 and g120, by variation. */
enum {
	FILE_AUTHENTICATION = 2,
	FILE_COMMAND,
	FILE_COMMAND_STATUS,
	FILE_TRANSPORT,
	FILE_TRANSPORT_STATUS,
	FILE_DESCRIPTOR,
	FILE_SPECIFICATION
};
enum {
	AUTH_CHALLENGE = 1,
	AUTH_REPLY,
	AUTH_AGGRESSIVE,
	AUTH_KEY_STATUS_REQUEST,
	AUTH_KEY_STATUS,
	AUTH_KEY_CHANGE,
	AUTH_ERROR,
	AUTH_CERTIFICATE,
	AUTH_MAC,
	AUTH_USER_STATUS,
	AUTH_UPDATE_REQUEST,
	AUTH_UPDATE_REPLY,
	AUTH_UPDATE_CHANGE
};

extern const struct oto_names dnp3_functions, dnp3_link_functions, dnp3_prefixes, dnp3_ranges, dnp3_trip_codes, dnp3_operation_types,
    dnp3_control_statuses, dnp3_file_modes, dnp3_file_types, dnp3_file_statuses, dnp3_attributes, dnp3_attribute_types, dnp3_auth_messages,
    dnp3_auth_errors, dnp3_mac_algorithms, dnp3_key_wraps, dnp3_key_statuses, dnp3_key_changes, dnp3_user_operations;
extern const char *const dnp3_indications[16];      /* IIN1.0 to IIN2.7 */
const char *dnp3_attribute_fact(uint8_t variation); /* key of the fact; NULL: none */

/* A type of object. The layout is a letter an element, in the order of the wire:
 * B D bits, two bits: packed        F flags           b d c flags with the value in their uppermost bit or two, status with it
 * i s u w k f g  numbers            t r time, relative time     S status of a command     C control block     1 a byte, a two of no number
 * n as many bytes as the variation says     * tells its own length, or stands behind one */
struct dnp3_object_type {
	struct oto_name name; /* value: group << 8 | variation */
	const char *space, *layout;
};
extern const struct oto_names dnp3_object_types;
const struct dnp3_object_type *dnp3_object_type(uint8_t group, uint8_t variation); /* NULL: there is none */

/* ------------------------------------------------------------------------------------------------ dnp3_events.c: what is said */

enum { EV_LINK, EV_MESSAGE, EV_EXCHANGE, EV_OBJECT, EV_POINT, EV_CONTROL, EV_FILE, EV_AUTHENTICATION, EV_ATTRIBUTE, EV_COUNT };
extern const struct oto_event_type *const dnp3_events[EV_COUNT];

struct dnp3_ends {
	struct oto_addr source_h, destination_h;
	uint16_t source_p, destination_p;
};

/* Who asks and who is asked, by the function of the fragment. */
struct dnp3_roles {
	struct oto_addr client, server;
};

/* Header of a link frame (9.2.4). */
struct dnp3_link {
	uint16_t source, destination;
	uint8_t function, length;
	bool from_master, primary, fcb, fcv; /* fcv: of the secondary station DFC */
};

struct dnp3_message {
	struct dnp3_roles roles;
	uint16_t source, destination, outstation, iin, headers;
	uint8_t function, request, seq;
	bool from_master, fir, fin, con, uns, has_iin, matched, unsure, has_request, confirms;
	uint32_t size;
	const char *pdu_type;
	struct oto_slice indications, objects;
	struct oto_interval latency;
};

/* Zeek's row: the last request of a connection, and a reply. */
struct dnp3_exchange {
	struct oto_time ts;
	uint8_t fc_request, fc_reply;
	uint32_t iin;
	bool has_request, has_reply;
};

struct dnp3_object {
	struct dnp3_ends ends;
	uint16_t source, destination, outstation, object_type;
	uint8_t function_code, group, variation, prefix_code, range_code;
	uint32_t object_count, range_low, range_high, told_low, told_high;
	bool has_count, has_range, told;
};

struct dnp3_point {
	struct dnp3_roles roles;
	uint16_t source, destination, outstation, object_type;
	uint8_t function, group, variation;
	const char *point_type;
	uint32_t index, count;
	struct oto_vec values, flags;
	struct oto_slice data;
	struct oto_time time;
	bool has_index, has_values, has_flags, has_time, has_data, is_event, is_command, request;
};

struct dnp3_control {
	struct dnp3_ends ends;
	uint16_t source, destination, outstation;
	const char *block_type;
	uint8_t function_code, trip_control_code, operation_type, execute_count, status_code;
	uint32_t index_number, on_time, off_time;
	double value;
	bool clear_bit, has_index, is_block, has_value, has_status, request;
};

struct dnp3_file {
	uint16_t source, destination, outstation, object_type, permissions, max_block_size, request_id, mode, file_type;
	uint8_t function, status;
	uint32_t handle, size, block;
	struct oto_slice file_name, text;
	struct oto_time created;
	bool last, has_handle, has_size, has_block, has_status, has_mode, has_type, has_created, has_id, has_permissions, has_max, password;
};

struct dnp3_authentication {
	struct dnp3_roles roles;
	uint16_t source, destination, outstation, user, association;
	uint8_t function, message, mac_algorithm, key_wrap, key_status, error_code, key_change, operation, reason;
	uint32_t sequence;
	struct oto_slice text;
	bool has_user, has_sequence, has_mac, has_wrap, has_status, has_error, has_change, has_operation, has_reason;
};

struct dnp3_attribute {
	uint16_t source, destination, outstation;
	uint8_t function, attribute, data_type;
	uint32_t set;
	struct oto_slice value;
};

/* ------------------------------------------------------------------------------------------------ the flow */

enum { DNP3_NAME = 120, DNP3_TRANSFERS = 4 };

struct dnp3_transfer {
	bool open, down, lost, last;
	uint16_t outstation;
	uint32_t handle, next, announced;
	struct content content;
	int64_t since_ns;
	uint64_t op_id;
	uint8_t name_len;
	uint8_t name[DNP3_NAME];
};

/* One direction: the message that is being put together, and the response that wants to be confirmed by the other side. */
struct dnp3_side {
	uint16_t source, destination;
	uint8_t sequence; /* of the segment before */
	bool heard, open, awaits, awaits_uns;
	uint8_t awaits_seq;
	int64_t awaits_ns;
};

struct dnp3_flow {
	struct dnp3_side side[2]; /* by is_orig */
	uint16_t first_outstation;
	bool has_outstation;
	bool master_is_orig;
	bool has_request; /* for Zeek's row */
	uint8_t fc_request;
	int64_t requested_ns;
	uint32_t opened; /* transfers so far: the oldest gives way */
	struct dnp3_transfer transfers[DNP3_TRANSFERS];
};

/* What a request leaves for its response. */
struct dnp3_note {
	uint8_t func, name_len;
	uint16_t mode;
	uint32_t handle, size;
	uint8_t name[DNP3_NAME];
};

/* ------------------------------------------------------------------------------------------------ a fragment */

/* Milliseconds since 1970 in six octets (A.0); false: a year that no clock here has. */
static inline bool dnp3_take_time(struct oto_cur *c, int64_t *ns)
{
	enum { NS_OF_MS = 1000000 };
	uint64_t low = oto_le32(c), ms = (uint64_t)oto_le16(c) << 32 | low;
	bool fits = ms < INT64_MAX / NS_OF_MS;

	*ns = fits ? (int64_t)ms * NS_OF_MS : 0;
	return fits;
}

enum { DNP3_INDEX_8 = 1, DNP3_INDEX_32 = 3, DNP3_SIZE_8 = 4 }; /* prefix codes (4.2.2.7.3.2) */

/* An object header (4.2.2.7) with the bytes of its objects. */
struct dnp3_header {
	const struct dnp3_object_type *type; /* NULL: not known */
	uint8_t group, variation, prefix, range;
	uint32_t low, count;
	bool has_range, has_count, has_data;
	struct oto_cur objects;
};

/* One object of a header, behind its prefix. */
struct dnp3_item {
	uint32_t index; /* or size of what follows */
	bool has_index;
	struct oto_cur body;
};

struct dnp3_parse {
	struct oto_ctx *cx;
	struct dnp3_flow *flow;
	struct dnp3_message m;
	struct oto_cur objects; /* all object headers */
	const char *odd;        /* the first thing that is wrong, a weird's name */
	struct text *listing;   /* that is being made of the headers */
	uint32_t listed;        /* the type that was listed last */
	uint64_t key;           /* of the headers */
	bool is_response;
	/* what was gathered from them */
	struct oto_target target; /* the first */
	uint32_t targets;
	uint8_t first_group;
	uint8_t control_status; /* the first that is none of success */
	uint8_t auth_message, auth_error;
	bool more_items, has_file, has_auth, has_cto;
	struct dnp3_file file; /* the last of the fragment's file objects, and the block in it */
	struct oto_slice file_data;
	int64_t cto_ns; /* common time of occurrence (g51) */
};

/* dnp3_link.c */
struct dnp3_shared;
bool dnp3_setup(const struct oto_setup *how, void *shared);
enum { DNP3_SHARED = 16 * 256 * sizeof(uint16_t) };
enum oto_answer dnp3_probe(const struct oto_ctx *cx, struct oto_cur c);
int64_t dnp3_pdu_len(const struct oto_ctx *cx, struct oto_cur c);
/* The frame's header and user data without checksums; false: it is none, and the weird is told. */
bool dnp3_take_frame(struct oto_ctx *cx, struct oto_cur *c, struct dnp3_link *l, struct oto_slice *user_data);
/* The transport function: a whole fragment, or nothing yet. */
struct oto_slice dnp3_transport(struct oto_ctx *cx, const struct dnp3_link *l, struct oto_slice segment);

/* dnp3_objects.c: object headers and what is in them. */
typedef void dnp3_each(struct dnp3_parse *p, const struct dnp3_header *h);
void dnp3_walk(struct dnp3_parse *p, dnp3_each *each); /* up to the first header that is wrong */
bool dnp3_next(struct oto_cur *c, const struct dnp3_header *h, uint32_t *n, struct dnp3_item *item);

/* dnp3_points.c: values and commands. */
void dnp3_tell_objects(struct dnp3_parse *p, const struct dnp3_header *h);
struct dnp3_ends dnp3_ends_of(const struct oto_ctx *cx);
/* Status of the first command of a header that was refused; 0: none was. */
uint8_t dnp3_refused(const struct dnp3_header *h);

/* dnp3_records.c: files, secure authentication and attributes; false: the object is too short */
bool dnp3_take_file(const struct dnp3_parse *p, uint8_t variation, struct oto_cur c, struct dnp3_file *f, struct oto_slice *data);
bool dnp3_take_authentication(const struct dnp3_parse *p, uint8_t variation, struct oto_cur c, struct dnp3_authentication *a);
void dnp3_tell_records(struct dnp3_parse *p, const struct dnp3_header *h);

/* dnp3_transfer.c: files that go in or out, block by block */
void dnp3_transfer_request(struct dnp3_parse *p);
void dnp3_transfer_response(struct dnp3_parse *p, const struct oto_match *match, const struct dnp3_note *note, const char *error);
void dnp3_transfer_gap(struct dnp3_flow *flow);
void dnp3_transfer_close(struct oto_ctx *cx);

#endif
