/* s7comm.h - what the files of the S7comm analyzer share: events, what a request leaves for its response, what a flow remembers.
 *
 * There is no public specification. Names and numbers are those of the S7-300/400 system manuals and of the tools people compare with:
 * ROSCTR, PDU reference, SZL, PI service.
 */
#ifndef S7COMM_H
#define S7COMM_H

#include <nettle/sha2.h>

#include "oto_plugin.h"
#include "s7comm_tables.h"

enum { EV_MESSAGE, EV_ITEM, EV_SZL, EV_BLOCK, EV_BLOCK_INFO, EV_ALARM, EV_DEVICE, EV_COUNT };
extern const struct oto_event_type *const s7_events[EV_COUNT];

enum { JOB = 1, ACK = 2, ACK_DATA = 3, USERDATA = 7 };
/* The byte of user data that says what it is: a type, and below it the function group. */
enum { PUSH, REQUEST, RESPONSE };
static inline uint8_t s7_type_of(uint8_t kind)
{
	return kind >> 6;
}
static inline uint8_t s7_group_of(uint8_t kind)
{
	return kind & 0x3f;
}

/* ------------------------------------------------------------------------------------------------ events */

/* The first two words tell one from others, and go into its key as they are; where the third is not zero, there is more to tell. */
struct s7_message {
	uint16_t subfunction, error;
	uint8_t rosctr_code, function_code, item_count, return_code;
	bool has_function, has_subfunction, has_error, has_items, has_return_code, has_data_unit, last_unit, matched;
	bool has_subfunction_code, has_setup, has_arguments, has_password, has_clock, has_events, has_user, has_cycle;
	bool has_sequence;
	uint8_t rosctr_name, sequence, data_unit, session_events;
	uint16_t source_p, destination_p, pdu_reference, function_name, error_code, max_amq_calling, max_amq_called, pdu_size;
	struct oto_addr source_h, destination_h;
	struct oto_slice subfunction_code, error_class, arguments, user;
	const char *subfunction_name;
	uint32_t password_length, cycle;
	struct oto_time clock;
	struct oto_interval latency;
};
_Static_assert(offsetof(struct s7_message, has_sequence) == 3 * sizeof(uint64_t), "three words, nothing between them");

/* A variable, in wire order of its numbers: small, because a request leaves one for each of its items. All but `areas` tells it from
 * others. */
struct s7_spot {
	uint16_t low;   /* of the address in bits; NCK: module; 1200: lower half of the CRC */
	uint16_t db;    /* number of the data block; NCK: column; drive: parameter */
	uint16_t count; /* elements; NCK: line; drive: index; 1200: upper half of the CRC */
	uint8_t high;   /* of the address; NCK: number of lines */
	uint8_t size;   /* transport size */
	uint8_t area;   /* NCK: area and unit */
	uint8_t syntax;
	uint8_t areas; /* of a DBREAD: how many spots its item has, in the first of them; else 0 */
};

struct s7_item {
	struct oto_addr client, server;
	uint16_t pdu_reference, db, count, number;
	uint32_t address;
	uint8_t access, pdu_type, syntax, area, bit, transport_size, data_transport, return_code;
	struct oto_target target;
	struct oto_vec values;
	struct oto_slice data;
	double real;
	bool has_syntax, has_area, has_db, has_address, has_bit, has_size, has_count, has_data_transport, has_return_code, has_values,
	    has_data, has_real, matched;
};

struct s7_szl {
	struct oto_addr source_h, destination_h;
	uint16_t source_p, destination_p, pdu_reference, szl_id, szl_id_name, szl_index, record_length, records;
	uint8_t method, return_code, return_code_name;
	bool has_records;
};

struct s7_block {
	struct oto_addr source_h, destination_h;
	uint16_t source_p, destination_p, pdu_reference;
	uint8_t rosctr, function_name, function_status;
	const char *block_type, *destination_filesystem;
	uint32_t session_id;
	uint64_t blocklength, load_memory, mc7_length;
	struct oto_slice filename, block_number;
	bool has_session, has_length, has_filename, has_block, has_sizes, more, has_more, has_status;
};

struct s7_block_info {
	struct oto_addr client, server;
	uint8_t function, language, version;
	uint16_t number, checksum, flags, mc7_length, interface_length, local_length;
	uint32_t count, load_memory, protection;
	const char *block_type;
	struct oto_slice filesystem, author, family, header;
	struct oto_time code_changed, interface_changed;
	bool has_number, has_count, has_flags, has_language, has_info;
};

struct s7_alarm {
	struct oto_addr source_h, destination_h;
	uint16_t subfunction, event_class;
	uint32_t event_id, info;
	uint8_t syntax, kind, event_state, state, ack_going, ack_coming, going, coming, changed, priority, ob_number, number;
	struct oto_time clock, gone;
	struct oto_slice values;
	bool has_syntax, has_kind, has_event, has_signals, has_state, has_ack, has_changes, has_clock, has_gone, has_diagnosis, has_values;
};

struct s7_device {
	struct oto_addr source_h, destination_h;
	uint16_t source_p, destination_p;
	const char *is_orig;
	struct oto_slice automation_system_name, module_name, plant_name, module_serial, order_number, firmware;
	bool has_source, has_as, has_module, has_plant, has_serial;
};

/* ------------------------------------------------------------------------------------------------ state */

enum { SPOTS_NOTED = 28, SPOTS_MORE = 90, NAMED_MAX = 42 };

/* What a request leaves for its response. */
struct s7_note {
	uint8_t rosctr, function; /* of a job its function, of user data group << 4 | subfunction's lower half */
	uint16_t subfunction;
	uint16_t szl_id, szl_index;
	uint8_t items;    /* how many spots there are, those of the flow included, or names */
	uint8_t service;  /* of a PI service its row, from 1 */
	uint8_t transfer; /* slot, from 1 */
	uint8_t status;
	int64_t at;
	uint64_t op_id;
	union {
		struct s7_spot spot[SPOTS_NOTED];
		struct {
			uint8_t type[2], number[5], filesystem;
		} named[NAMED_MAX]; /* blocks of a PI service */
	};
};
_Static_assert(sizeof(struct s7_note) <= OTO_NOTE_MAX, "a note is small");
_Static_assert(_Alignof(struct s7_note) <= 16, "and lies as one where it is handed back");

/* A block that goes up or down, from the first request to the end. */
struct s7_transfer {
	bool used, download, client_is_orig, partial, more, has_announced, is_nc;
	uint8_t name_len;
	uint8_t name[128];
	uint32_t upload_id;
	uint64_t size, announced, op_id;
	int64_t began;
	struct sha256_ctx hash;
};
/* A subscription: what its data belong to. */
struct s7_cyclic {
	bool used, orig; /* orig: the flow's originator asked */
	uint8_t job, count;
	struct s7_spot *spot; /* held by the flow */
};
enum { TRANSFERS_MAX = 4, KNOWN_TEXT = 32, CYCLIC_MAX = 32 };

struct s7_flow {
	struct s7_transfer transfer[TRANSFERS_MAX];
	struct {
		uint16_t function; /* of the message that is being put together, plus one */
		uint8_t sequence;
	} fragment[2];
	struct { /* of the last request that had more variables than fit a note */
		uint16_t reference;
		uint8_t count;
		bool orig;
		struct s7_spot spot[SPOTS_MORE];
	} more;
	struct {
		uint8_t len;
		bool known;
		char text[KNOWN_TEXT];
	} device[4];
	bool device_known;
	struct s7_cyclic cyclic[CYCLIC_MAX];
	uint8_t cyclic_turn;
	uint64_t answered[2]; /* by each side last: function and reference */
};
_Static_assert(sizeof(struct s7_flow) <= OTO_STATE_MAX, "a flow's state is bounded");

/* What all flows share: texts that are needed over and over. */
enum { BLOCK_NAMES = 1024, REQUESTS = 1024, REQUEST_TEXT = 242 };
struct s7_shared {
	/* Of data blocks. What is written once stays, so that events may point at it; where another block has the place, a name is scratch
	 * memory like any text. */
	struct {
		uint16_t number;
		uint8_t text[8]; /* empty: free */
	} block[BLOCK_NAMES];
	/* What requests touch, by all bytes of their specifications. */
	struct {
		uint64_t key;
		uint8_t len, text[REQUEST_TEXT];
	} request[REQUESTS];
};

/* One PDU on its way through the analyzer. */
struct s7_pdu {
	struct oto_ctx *cx;
	struct s7_message m;
	struct oto_operation op;
	bool otherwise;                     /* an answer of another function than its request */
	bool follows;                       /* a further part of an answer */
	bool by_receiver;                   /* the PLC asks, and the client answers: block downloads */
	const char *failed;                 /* the word for what an answer says went wrong */
	const char *odd;                    /* what is wrong with the PDU itself, a weird's name: the first thing */
	uint8_t entry;                      /* of a list, from 1 */
	uint64_t ends;                      /* who speaks to whom, for keys */
	const struct s7_cyclic *subscribed; /* of data that were subscribed to */
	struct s7_note *note;               /* of the request at hand, or of the one that this answers */
	struct s7_note left;                /* by the request at hand; its spots are not zeroed ... */
	struct oto_match match;             /* ... and the note in here neither: see s7comm_pdu() */
};

/* ------------------------------------------------------------------------------------------------ text */

struct s7_text {
	uint8_t *at;
	uint32_t len, cap;
};
struct s7_text s7_text_new(struct oto_ctx *cx, uint32_t cap);
void s7_put(struct s7_text *t, const char *s);
static inline void s7_put_byte(struct s7_text *t, uint8_t b)
{
	if (t->len < t->cap)
		t->at[t->len++] = b;
}
static inline void s7_put_slice(struct s7_text *t, struct oto_slice s)
{
	uint32_t n = s.len < t->cap - t->len ? s.len : t->cap - t->len;

	if (n)
		memcpy(&t->at[t->len], s.data, n);
	t->len += n;
}
void s7_put_long_number(struct s7_text *t, uint32_t n);
static inline void s7_put_number(struct s7_text *t, uint32_t n)
{
	if (n < 10)
		s7_put_byte(t, (uint8_t)('0' + n));
	else
		s7_put_long_number(t, n);
}
void s7_put_hex(struct s7_text *t, uint32_t n, uint32_t digits);
static inline struct oto_slice s7_text_of(const struct s7_text *t)
{
	return (struct oto_slice){ t->at, t->len };
}

/* Blanks and zeros at the end are no text. */
struct oto_slice s7_trimmed(struct oto_slice s);
/* Year 2, month, day, hour, minute, second, milliseconds and weekday, BCD. False when that is no time. */
bool s7_take_time(struct oto_cur *c, struct oto_time *out);
/* Six bytes of a block's header: milliseconds of the day, days since 1984. */
struct oto_time s7_take_block_time(struct oto_cur *c);
struct oto_slice s7_sub(struct oto_ctx *cx, bool of_responder);
void s7_fact(struct s7_pdu *p, const char *key, struct oto_slice value, uint8_t confidence);
void s7_speakers(const struct oto_ctx *cx, struct oto_addr *source, uint16_t *source_p, struct oto_addr *destination,
		 uint16_t *destination_p);
void s7_client_server(const struct s7_pdu *p, bool response, struct oto_addr *client, struct oto_addr *server);

/* ------------------------------------------------------------------------------------------------ parts */

static inline void s7_note_odd(struct s7_pdu *p, const char *what)
{
	if (!p->odd)
		p->odd = what;
}

/* What a specification says beyond a spot; only the request can tell it. */
struct s7_spec {
	struct s7_spot spot;
	uint32_t more;         /* further areas of a DBREAD ... */
	struct oto_slice rest; /* ... and where they stand. 1200: the way through the symbol tree, four bytes a step */
	const char *odd;       /* a weird's name */
};

/* s7comm_spec.c */
/* One specification; false when it is none. */
bool s7_take_spec(struct oto_cur *c, struct s7_spec *out);
/* Memory from peripherals to local data; system data and analogue values of an S7-200; counters and timers. */
static inline bool s7_is_area(uint8_t area)
{
	return (area >= 0x80 && area <= 0x87) || (area >= 0x03 && area <= 0x07) || (area >= S7_AREA_C && area <= 0x1f);
}

enum { S7_SPECIFICATION = 0x12, S7_ANY_BYTES = 9 };
static inline void s7_put_any(struct s7_spot *s, struct oto_slice b)
{
	if (!b.len)
		return;
	s->size = b.data[0];
	s->count = (uint16_t)(b.data[1] << 8 | b.data[2]);
	s->db = (uint16_t)(b.data[3] << 8 | b.data[4]);
	s->area = b.data[5];
	s->high = b.data[6];
	s->low = (uint16_t)(b.data[7] << 8 | b.data[8]);
	s->syntax = S7_ANY;
}
/* The one that all others are rare beside, when there is nothing odd about it; false, and nothing is read, when it is another. */
enum { S7_PLAIN = 3 + S7_ANY_BYTES };
static inline bool s7_is_plain(const uint8_t b[S7_PLAIN])
{
	static const uint8_t head[] = { S7_SPECIFICATION, 1 + S7_ANY_BYTES, S7_ANY };

	return memcmp(b, head, sizeof head) == 0 && s7_is_area(b[8]) && s7_size_width(b[3]);
}
static inline bool s7_take_any(struct oto_cur *c, struct s7_spot *s)
{
	if (oto_left(c) < S7_PLAIN || !s7_is_plain(c->at))
		return false;
	oto_skip(c, S7_PLAIN - S7_ANY_BYTES);
	s7_put_any(s, oto_take(c, S7_ANY_BYTES));
	return true;
}
void s7_take_area(struct oto_cur *c, struct s7_spot *s);
/* The address in bits, of counters and timers the number. */
static inline uint32_t s7_bits_of(const struct s7_spot *s)
{
	return (uint32_t)s->high << 16 | s->low;
}
static inline bool s7_is_numbered(uint8_t area)
{
	return area == S7_AREA_C || area == S7_AREA_T;
}
struct oto_target s7_target_of(struct s7_pdu *p, const struct s7_spec *spec);
/* Behind others, with a comma. */
void s7_put_target(struct s7_text *t, const struct oto_target *target);

/* s7comm_item.c: variables. */
void s7_read_request(struct s7_pdu *p, struct oto_cur *c);
void s7_write_request(struct s7_pdu *p, struct oto_cur *c, struct oto_cur *data);
void s7_read_response(struct s7_pdu *p, struct oto_cur *data, uint32_t count);
void s7_write_response(struct s7_pdu *p, struct oto_cur *data, uint32_t count);
/* Items of user data: `access` tells why they are read. */
void s7_items_request(struct s7_pdu *p, struct oto_cur *c, uint32_t count, uint8_t access);
void s7_items_response(struct s7_pdu *p, struct oto_cur *data, uint32_t count, uint8_t access);
/* The variable at a place of the request that this answers, or of the subscription that this belongs to; NULL when it was not seen. */
const struct s7_spot *s7_spot_of(const struct s7_pdu *p, uint32_t index);
/* Values of an alarm object, as they stand. */
struct oto_slice s7_take_values(struct oto_cur *c, uint32_t count, bool last);
void s7_watch_request(struct s7_pdu *p, struct oto_cur *c, bool modify);

/* s7comm_block.c: upload, download, PI services. */
void s7_block_job(struct s7_pdu *p, struct oto_cur *c);
void s7_block_answer(struct s7_pdu *p, struct oto_cur *c, struct oto_cur *data);
void s7_service_job(struct s7_pdu *p, struct oto_cur *c);
void s7_service_answer(struct s7_pdu *p);
/* The operation that a request of a transfer spoke. */
void s7_transfer_asked(struct s7_pdu *p, uint64_t op_id);
void s7_transfers_refused(struct s7_pdu *p);
void s7_transfers_cut(struct oto_ctx *cx);
void s7_transfers_gap(struct s7_flow *flow);
/* One transfer: its place in the flow is counted from 1, 0 is none; the oldest is given up when there is no place. */
struct s7_transfer *s7_transfer_begin(struct s7_pdu *p, bool download, struct oto_slice name, bool partial);
struct s7_transfer *s7_transfer_at(struct s7_flow *flow, uint8_t slot);
uint8_t s7_transfer_slot(const struct s7_flow *flow, const struct s7_transfer *t);
struct oto_slice s7_transfer_name(struct oto_ctx *cx, const struct s7_transfer *t);
void s7_transfer_add(struct s7_transfer *t, struct oto_slice content, bool more);
void s7_transfer_finish(struct oto_ctx *cx, struct s7_transfer *t, uint32_t result, const char *error);

/* s7comm_nc.c: programs of a numeric control. */
void s7_nc_request(struct s7_pdu *p, struct oto_cur body, uint8_t sub);
void s7_nc_said(struct s7_pdu *p, struct oto_cur body, uint8_t sub, bool pushed);

/* s7comm_cyclic.c: subscriptions to variables. */
enum { S7_UNSUBSCRIBE = 4 };
void s7_unsubscribed(struct s7_pdu *p);
void s7_cyclic(struct s7_pdu *p, struct oto_cur c, uint8_t type, uint8_t sub);

/* s7comm_alarm.c: messages of the CPU. */
/* An entry of the diagnostic buffer, sent or read. */
void s7_diagnostic(struct s7_pdu *p, struct oto_cur c);
void s7_cpu_message(struct s7_pdu *p, struct oto_cur c, uint8_t type, uint8_t sub);

/* s7comm_userdata.c */
void s7_userdata(struct s7_pdu *p, struct oto_cur *c, struct oto_cur *data);
void s7_find_request(struct s7_pdu *p);
void s7_answered_otherwise(struct s7_pdu *p);

/* s7comm_szl.c: what system status lists tell. */
void s7_szl_request(struct s7_pdu *p, struct oto_cur *data);
void s7_szl_said(struct s7_pdu *p, struct oto_cur data, uint8_t return_code, bool first);
void s7_szl_facts(struct s7_pdu *p, struct oto_cur data);
void s7_device_known(struct oto_ctx *cx);

#endif
