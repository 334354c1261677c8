/* modbus.h - what the files of the Modbus analyzer share: functions, events, and the way from bytes to a PDU. */
#ifndef MODBUS_H
#define MODBUS_H

#include "oto_plugin.h"

/* ------------------------------------------------------------------------------------------------ words */

enum {
	READ_COILS = 1,
	READ_DISCRETE_INPUTS,
	READ_HOLDING_REGISTERS,
	READ_INPUT_REGISTERS,
	WRITE_SINGLE_COIL,
	WRITE_SINGLE_REGISTER,
	READ_EXCEPTION_STATUS,
	DIAGNOSTICS,
	GET_COMM_EVENT_COUNTER = 11,
	GET_COMM_EVENT_LOG,
	WRITE_MULTIPLE_COILS = 15,
	WRITE_MULTIPLE_REGISTERS,
	REPORT_SLAVE_ID,
	READ_FILE_RECORD = 20,
	WRITE_FILE_RECORD,
	MASK_WRITE_REGISTER,
	READ_WRITE_MULTIPLE_REGISTERS,
	READ_FIFO_QUEUE,
	ENCAP_INTERFACE_TRANSPORT = 43,
	PROGRAM_UNITY = 90,
};
enum { EXCEPTION_ACKNOWLEDGE = 5 };
enum { MEI_CANOPEN = 13, MEI_DEVICE_IDENTIFICATION = 14 };
enum { UMAS_READ_ID = 0x02, UMAS_ERROR = 0xfd, UMAS_OK = 0xfe };

extern const struct oto_names modbus_functions, modbus_codes, modbus_exceptions, modbus_subfunctions, modbus_mei_types, modbus_id_codes,
    modbus_conformities, modbus_objects, modbus_umas_functions;
/* The fact that an identification object tells, by its number. */
enum { MODBUS_OBJECT_FACTS = 7 };
extern const char *const modbus_object_facts[MODBUS_OBJECT_FACTS];

/* ------------------------------------------------------------------------------------------------ events */

enum { EV_MESSAGE, EV_REQUEST, EV_RESPONSE, EV_EXCEPTION, EV_TRANSACTION, EV_FILE_RECORD, EV_DEVICE_ID, EV_COMPOUND, EV_COUNT };
extern const struct oto_event_type *const modbus_events[EV_COUNT];

/* Every PDU, for counting: the smallest thing that says who used which function. */
struct modbus_message {
	uint16_t tid;
	uint8_t unit, func, code, exception;
	bool has_exception;
	const char *pdu_type;
};

/* What one PDU says. Requests, responses and exceptions show the fields that they can have. */
struct modbus_pdu {
	uint16_t tid, address, quantity, write_address, write_quantity, and_mask, or_mask, subfunction, status, event_count, message_count;
	uint8_t unit, func, code, mei_type, device_id_code, object_id, conformity, next_object, items, umas_function, exception,
	    exception_status;
	bool request, running, more_follows, matched, unsure;
	bool has_address, has_quantity, has_write, has_values, has_masks, has_subfunction, has_data, has_mei, has_object, has_objects,
	    has_records;
	bool has_umas, has_exception, has_exception_status, has_event_count, has_event_log, has_server_id, has_running;
	struct oto_vec values, events;
	struct oto_slice data, server_id;
	struct oto_interval latency;
	const char *odd; /* the first thing that is wrong with it, a weird's name */
};

/* Both sides of an exchange; one of them when the other was not seen. */
struct modbus_transaction {
	uint16_t tid, address, quantity, request_subfunction_code, response_subfunction_code;
	uint8_t unit, func, exception_code, mei_type;
	bool matched, answered;
	bool has_address, has_quantity, has_request_values, has_response_values, has_link, has_request_sub, has_response_sub,
	    has_request_data;
	bool has_response_data, has_exception, has_mei, has_latency;
	struct oto_vec request_values, response_values;
	struct oto_slice modbus_detailed_link_id, request_data, response_data;
	struct oto_interval latency;
};

/* A record of a file (functions 20 and 21). A read's response names neither file nor record. */
struct modbus_file_record {
	uint16_t tid, file, record, length;
	uint8_t unit, func, index;
	const char *pdu_type;
	bool has_place, has_values;
	struct oto_vec values;
};

/* Sender and receiver as ICSNPP's logs of single functions have them. */
struct modbus_ends {
	struct oto_addr source_h, destination_h;
	uint16_t source_p, destination_p;
};

/* An identification object asked for or told (function 43, interface 14). */
struct modbus_device_id {
	struct modbus_ends ends;
	uint16_t tid;
	uint8_t unit, func, mei_type, device_id_code, conformity_level, object_id;
	const char *request_response;
	struct oto_slice modbus_detailed_link_id, object_value;
	bool has_link, has_value;
};

/* Functions 22 and 23, request or response: what ICSNPP logs apart from modbus_detailed. */
struct modbus_compound {
	struct modbus_ends ends;
	uint16_t tid, address, and_mask, or_mask, write_start_address, read_start_address, read_quantity;
	uint8_t unit, func;
	const char *request_response;
	struct oto_slice modbus_detailed_link_id;
	struct oto_vec write_registers, read_registers;
	bool has_link, has_masks, has_write, has_read;
};

/* ------------------------------------------------------------------------------------------------ from bytes to a PDU */

enum { MODBUS_PORT = 502, MBAP_LENGTH_AT = 4, MBAP_COUNTED = 6 /* bytes before those that its length counts */ };
enum { LENGTH_MIN = 2, LENGTH_MAX = 254 }; /* unit identifier, function code, at most 252 bytes of data: MTG 4.1 */
/* What a PDU can be, told by its form alone. */
enum shape { SHAPE_NONE = 0, SHAPE_REQUEST = 1, SHAPE_RESPONSE = 2, SHAPE_EITHER = 3 };

bool modbus_on_port(const struct oto_ctx *cx);
enum shape modbus_shape_of(uint8_t code, struct oto_cur c);
enum oto_answer modbus_probe(const struct oto_ctx *cx, struct oto_cur c);
int64_t modbus_pdu_len(const struct oto_ctx *cx, struct oto_cur c);
bool modbus_quantity_fits(uint8_t func, uint16_t quantity);
void modbus_parse(struct modbus_pdu *p, struct oto_cur c);
/* The first thing that is wrong with it is told. */
void modbus_odd(struct modbus_pdu *p, const char *what);
void modbus_take_file_record(const struct modbus_pdu *p, struct oto_cur *c, struct modbus_file_record *r);

#endif
