/* modbus_events.c - what Modbus says: its events, their fields, and the logs that Zeek and ICSNPP make of them. */
#include "modbus.h"

#define M(m, doc, ...) OTO_FIELD(struct modbus_message, m, doc, __VA_ARGS__)
static const struct oto_field message_fields[] = {
	M(tid, "transaction identifier"),
	M(unit, "unit identifier: the station behind a gateway; 0 or 255 is the addressed device itself"),
	M(func, "function code, without the exception bit", .names = &modbus_functions),
	M(code, "function code as sent; bit 7 marks an exception response", .names = &modbus_codes),
	M(pdu_type, "REQ or RESP"),
	M(exception, "exception code", .names = &modbus_exceptions, .guard = OTO_IF(struct modbus_message, has_exception)),
};
static const struct oto_log message_logs[] = {
	{ .name = "modbus",
	  .doc = "Modbus functions used: who, whom, which, how often.",
	  .form = OTO_FORM_AGGREGATE,
	  .flags = OTO_LOG_NOT_ZEEK,
	  .columns = "tid unit func pdu_type exception",
	  .key = "orig_h resp_h resp_p is_orig unit func pdu_type exception" },
	{ .name = "modbus",
	  .doc = "Modbus responses, Zeek's columns.",
	  .form = OTO_FORM_OFF,
	  .columns = "func=code exception",
	  .where = "pdu_type == 'RESP'" },
};
static const struct oto_event_type message_type = OTO_EVENT("modbus.message", struct modbus_message, message_fields,
							    "Any Modbus PDU: request, response or exception.", OTO_LOGS(message_logs));

#define P(m, doc, ...) OTO_FIELD(struct modbus_pdu, m, doc, __VA_ARGS__)
#define P_IF(has) .guard = OTO_IF(struct modbus_pdu, has)
#define PDU_FIELDS                                                                                                                         \
	P(tid, "transaction identifier, copied into the response", .flags = OTO_VARIES),                                                   \
	    P(unit, "unit identifier: the station behind a gateway"), P(func, "function code", .names = &modbus_functions)
#define BODY_FIELDS                                                                                                                        \
	P(subfunction, "diagnostics subfunction", .names = &modbus_subfunctions, P_IF(has_subfunction)),                                   \
	    P(data, "bytes of diagnostics, of an encapsulated interface, or of a function without published layout", .flags = OTO_HEX,     \
	      P_IF(has_data)),                                                                                                             \
	    P(and_mask, "bits of the register that stay", P_IF(has_masks)), P(or_mask, "bits that are set", P_IF(has_masks)),              \
	    P(mei_type, "type of encapsulated interface", .names = &modbus_mei_types, P_IF(has_mei)),                                      \
	    P(device_id_code, "which identification objects", .names = &modbus_id_codes, P_IF(has_object)),                                \
	    P(umas_function, "UMAS function", .names = &modbus_umas_functions, P_IF(has_umas))

static const struct oto_field request_fields[] = {
	PDU_FIELDS,
	P(address, "first address, from 0, to read or write", P_IF(has_address)),
	P(quantity, "number of bits or registers to read or write", P_IF(has_quantity)),
	P(values, "values to write", .flags = OTO_VARIES, P_IF(has_values)),
	P(write_address, "first register to write, of a read/write", P_IF(has_write)),
	P(write_quantity, "number of registers to write, of a read/write", P_IF(has_write)),
	BODY_FIELDS,
	P(object_id, "first identification object asked for", .names = &modbus_objects, P_IF(has_object)),
	{ .name = "records",
	  .doc = "number of file records; each is a modbus.file_record",
	  .kind = OTO_U8,
	  .offset = offsetof(struct modbus_pdu, items),
	  P_IF(has_records) },
};
static const struct oto_event_type request_type =
    OTO_EVENT("modbus.request", struct modbus_pdu, request_fields, "A client asks a server.", .whole_keys = true);

static const struct oto_field response_fields[] = {
	PDU_FIELDS,
	P(matched, "its request was seen"),
	P(latency, "time since the request", P_IF(matched)),
	P(unsure, "bytes were lost between the request and this"),
	P(address, "first address; of a read it is the request's", P_IF(has_address)),
	P(quantity, "number of bits or registers; of a read it is the request's", P_IF(has_quantity)),
	P(values, "values read, or the value written; bits are cut to the quantity asked for", .flags = OTO_VARIES, P_IF(has_values)),
	BODY_FIELDS,
	P(exception_status, "eight device specific status bits", P_IF(has_exception_status)),
	P(status, "FFFF while a program command is being processed", P_IF(has_event_count)),
	P(event_count, "messages completed since restart", P_IF(has_event_count)),
	P(message_count, "messages processed since restart", P_IF(has_event_log)),
	P(events, "event bytes, latest first", P_IF(has_event_log)),
	P(server_id, "what the device says of itself", .flags = OTO_HEX, P_IF(has_server_id)),
	P(running, "run indicator", P_IF(has_running)),
	P(conformity, "which identification the device offers", .names = &modbus_conformities, P_IF(has_objects)),
	P(more_follows, "further objects need another request", P_IF(has_objects)),
	P(next_object, "object to ask for next", .names = &modbus_objects, P_IF(has_objects)),
	{ .name = "objects",
	  .doc = "number of identification objects; each is a modbus.device_id",
	  .kind = OTO_U8,
	  .offset = offsetof(struct modbus_pdu, items),
	  P_IF(has_objects) },
	{ .name = "records",
	  .doc = "number of file records; each is a modbus.file_record",
	  .kind = OTO_U8,
	  .offset = offsetof(struct modbus_pdu, items),
	  P_IF(has_records) },
};
static const struct oto_event_type response_type =
    OTO_EVENT("modbus.response", struct modbus_pdu, response_fields, "A server did what it was asked.", .whole_keys = true);

static const struct oto_field exception_fields[] = {
	PDU_FIELDS,
	P(exception, "why", .names = &modbus_exceptions, P_IF(has_exception)),
	P(matched, "its request was seen"),
	P(latency, "time since the request", P_IF(matched)),
	P(unsure, "bytes were lost between the request and this"),
	P(address, "the request's first address", P_IF(has_address)),
	P(quantity, "the request's quantity", P_IF(has_quantity)),
};
static const struct oto_event_type exception_type =
    OTO_EVENT("modbus.exception", struct modbus_pdu, exception_fields, "A server refused or failed.");

#define T(m, doc, ...) OTO_FIELD(struct modbus_transaction, m, doc, __VA_ARGS__)
#define T_IF(has) .guard = OTO_IF(struct modbus_transaction, has)
static const struct oto_field transaction_fields[] = {
	T(tid, "transaction identifier"),
	T(unit, "unit identifier"),
	T(func, "function code", .names = &modbus_functions),
	T(address, "first address", T_IF(has_address)),
	T(quantity, "number of bits or registers", T_IF(has_quantity)),
	T(request_values, "values written", T_IF(has_request_values)),
	T(response_values, "values read", T_IF(has_response_values)),
	T(modbus_detailed_link_id, "joins the row with the logs of single functions", T_IF(has_link)),
	T(matched, "request and response are both here"),
	T(request_subfunction_code, "diagnostics subfunction asked for", .names = &modbus_subfunctions, T_IF(has_request_sub)),
	T(response_subfunction_code, "diagnostics subfunction answered", .names = &modbus_subfunctions, T_IF(has_response_sub)),
	T(request_data, "other bytes of the request", .flags = OTO_HEX, T_IF(has_request_data)),
	T(response_data, "other bytes of the response", .flags = OTO_HEX, T_IF(has_response_data)),
	T(exception_code, "why it was refused", .names = &modbus_exceptions, T_IF(has_exception)),
	T(mei_type, "type of encapsulated interface", .names = &modbus_mei_types, T_IF(has_mei)),
	T(answered, "a response was seen"),
	T(latency, "from request to response", T_IF(has_latency)),
};
static const struct oto_log transaction_logs[] = {
	{ .name = "modbus_detailed",
	  .doc = "Modbus exchanges with addresses and values, ICSNPP's columns.",
	  .form = OTO_FORM_AGGREGATE,
	  .columns =
	      "tid unit func address quantity request_values response_values modbus_detailed_link_id matched request_subfunction_code "
	      "response_subfunction_code request_data response_data exception_code mei_type",
	  .extra = "answered latency",
	  .key = "orig_h resp_h resp_p unit func address quantity request_subfunction_code exception_code answered" },
};
static const struct oto_event_type transaction_type =
    OTO_EVENT("modbus.transaction", struct modbus_transaction, transaction_fields,
	      "A request with its response, told at the response or when none came.", OTO_LOGS(transaction_logs));

#define F(m, doc, ...) OTO_FIELD(struct modbus_file_record, m, doc, __VA_ARGS__)
static const struct oto_field file_record_fields[] = {
	F(tid, "transaction identifier"),
	F(unit, "unit identifier"),
	F(func, "function code", .names = &modbus_functions),
	F(pdu_type, "REQ or RESP"),
	F(index, "position in the PDU, from 1"),
	F(file, "file number", .guard = OTO_IF(struct modbus_file_record, has_place)),
	F(record, "record number", .guard = OTO_IF(struct modbus_file_record, has_place)),
	F(length, "length in registers"),
	F(values, "contents", .guard = OTO_IF(struct modbus_file_record, has_values)),
};
static const struct oto_event_type file_record_type =
    OTO_EVENT("modbus.file_record", struct modbus_file_record, file_record_fields, "One file record read or written.");

#define ENDS_FIELDS(s)                                                                                                                     \
	{ .name = "source_h", .doc = "sender", .kind = OTO_ADDR, .offset = offsetof(s, ends.source_h) },                                   \
	    { .name = "source_p", .doc = "its port", .kind = OTO_U16, .flags = OTO_PORT, .offset = offsetof(s, ends.source_p) },           \
	    { .name = "destination_h", .doc = "receiver", .kind = OTO_ADDR, .offset = offsetof(s, ends.destination_h) },                   \
	{                                                                                                                                  \
		.name = "destination_p", .doc = "its port", .kind = OTO_U16, .flags = OTO_PORT, .offset = offsetof(s, ends.destination_p)  \
	}

#define D(m, doc, ...) OTO_FIELD(struct modbus_device_id, m, doc, __VA_ARGS__)
#define D_IF(has) .guard = OTO_IF(struct modbus_device_id, has)
static const struct oto_field device_id_fields[] = {
	ENDS_FIELDS(struct modbus_device_id),
	D(modbus_detailed_link_id, "joins the row with modbus_detailed", D_IF(has_link)),
	D(tid, "transaction identifier"),
	D(unit, "unit identifier"),
	D(func, "function code", .names = &modbus_functions),
	D(request_response, "REQUEST or RESPONSE"),
	D(mei_type, "type of encapsulated interface", .names = &modbus_mei_types),
	{ .name = "conformity_level_code",
	  .doc = "which identification the device offers, as sent",
	  .kind = OTO_U8,
	  .offset = offsetof(struct modbus_device_id, conformity_level),
	  D_IF(has_value) },
	D(conformity_level, "which identification the device offers", .names = &modbus_conformities, D_IF(has_value)),
	D(device_id_code, "which identification objects", .names = &modbus_id_codes),
	{ .name = "object_id_code", .doc = "number of the object", .kind = OTO_U8, .offset = offsetof(struct modbus_device_id, object_id) },
	D(object_id, "what the object is", .names = &modbus_objects),
	D(object_value, "its value", D_IF(has_value)),
};
static const struct oto_log device_id_logs[] = {
	{ .name = "modbus_read_device_identification",
	  .doc = "Device identification objects, ICSNPP's columns.",
	  .form = OTO_FORM_AGGREGATE,
	  .columns =
	      "is_orig source_h source_p destination_h destination_p modbus_detailed_link_id tid unit func request_response mei_type "
	      "conformity_level_code conformity_level device_id_code object_id_code object_id object_value",
	  .key = "orig_h resp_h resp_p unit request_response object_id object_value" },
};
static const struct oto_event_type device_id_type =
    OTO_EVENT("modbus.device_id", struct modbus_device_id, device_id_fields, "One identification object.", OTO_LOGS(device_id_logs));

#define C(m, doc, ...) OTO_FIELD(struct modbus_compound, m, doc, __VA_ARGS__)
#define C_IF(has) .guard = OTO_IF(struct modbus_compound, has)
static const struct oto_field compound_fields[] = {
	ENDS_FIELDS(struct modbus_compound),
	C(modbus_detailed_link_id, "joins the row with modbus_detailed", C_IF(has_link)),
	C(tid, "transaction identifier"),
	C(unit, "unit identifier"),
	C(func, "function code", .names = &modbus_functions),
	C(request_response, "REQUEST or RESPONSE"),
	C(address, "register that is changed", C_IF(has_masks)),
	C(and_mask, "bits of it that stay", C_IF(has_masks)),
	C(or_mask, "bits that are set", C_IF(has_masks)),
	C(write_start_address, "first register written", C_IF(has_write)),
	C(write_registers, "values written", C_IF(has_write)),
	C(read_start_address, "first register read", C_IF(has_write)),
	C(read_quantity, "number of registers to read", C_IF(has_write)),
	C(read_registers, "values read", C_IF(has_read)),
};
static const struct oto_log compound_logs[] = {
	{ .name = "modbus_mask_write_register",
	  .doc = "Mask writes, ICSNPP's columns.",
	  .form = OTO_FORM_AGGREGATE,
	  .where = "func == 22",
	  .columns = "is_orig source_h source_p destination_h destination_p modbus_detailed_link_id tid unit func request_response address "
		     "and_mask "
		     "or_mask",
	  .key = "orig_h resp_h resp_p unit request_response address and_mask or_mask" },
	{ .name = "modbus_read_write_multiple_registers",
	  .doc = "Read/write requests and responses, ICSNPP's columns.",
	  .form = OTO_FORM_AGGREGATE,
	  .where = "func == 23",
	  .columns = "is_orig source_h source_p destination_h destination_p modbus_detailed_link_id tid unit func request_response "
		     "write_start_address write_registers read_start_address read_quantity read_registers",
	  .key = "orig_h resp_h resp_p unit request_response write_start_address read_start_address read_quantity" },
};
static const struct oto_event_type compound_type = OTO_EVENT("modbus.compound", struct modbus_compound, compound_fields,
							     "A mask write or a read/write: request or response.", OTO_LOGS(compound_logs));

const struct oto_event_type *const modbus_events[EV_COUNT] = { &message_type,     &request_type,     &response_type,  &exception_type,
							       &transaction_type, &file_record_type, &device_id_type, &compound_type };
