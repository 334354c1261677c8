/* modbus.c - Modbus/TCP, and the same frames over UDP.
 *
 * Owns the typed request and response fields of every public function code, the pairing of the two by (transaction identifier, unit
 * identifier), and the logs that Zeek and ICSNPP have for Modbus. Knows nothing of other protocols. Clauses: MAP is the "MODBUS Application
 * Protocol Specification V1.1b3", MTG the "MODBUS Messaging on TCP/IP Implementation Guide V1.0b".
 */
#include "oto_plugin.h"

/* ------------------------------------------------------------------------------------------------ value tables */

/* MAP 5.1 and 6; the words are Zeek's, vendors' own codes included. Public functions that poll come first: tables are searched in order. */
#define FUNCTIONS(X)                                                                                                                       \
	X(3, READ_HOLDING_REGISTERS, READ, "reads 1-125 registers that can be written (MAP 6.3)")                                          \
	X(4, READ_INPUT_REGISTERS, READ, "reads 1-125 registers of inputs (MAP 6.4)")                                                      \
	X(1, READ_COILS, READ, "reads 1-2000 output bits (MAP 6.1)")                                                                       \
	X(2, READ_DISCRETE_INPUTS, READ, "reads 1-2000 input bits (MAP 6.2)")                                                              \
	X(5, WRITE_SINGLE_COIL, WRITE, "sets one output bit (MAP 6.5)")                                                                    \
	X(6, WRITE_SINGLE_REGISTER, WRITE, "sets one register (MAP 6.6)")                                                                  \
	X(15, WRITE_MULTIPLE_COILS, WRITE, "sets 1-1968 output bits (MAP 6.11)")                                                           \
	X(16, WRITE_MULTIPLE_REGISTERS, WRITE, "sets 1-123 registers (MAP 6.12)")                                                          \
	X(7, READ_EXCEPTION_STATUS, DIAGNOSE, "reads eight status bits of the device (MAP 6.7)")                                           \
	X(8, DIAGNOSTICS, DIAGNOSE, "tests or restarts communication; the subfunction decides (MAP 6.8)")                                  \
	X(11, GET_COMM_EVENT_COUNTER, DIAGNOSE, "reads a status word and an event count (MAP 6.9)")                                        \
	X(12, GET_COMM_EVENT_LOG, DIAGNOSE, "reads the last 64 communication events (MAP 6.10)")                                           \
	X(17, REPORT_SLAVE_ID, DISCOVER, "asks what the device is and whether it runs (MAP 6.13)")                                         \
	X(20, READ_FILE_RECORD, READ, "reads records of files (MAP 6.14)")                                                                 \
	X(21, WRITE_FILE_RECORD, WRITE, "writes records of files (MAP 6.15)")                                                              \
	X(22, MASK_WRITE_REGISTER, WRITE, "changes bits of one register by an AND and an OR mask (MAP 6.16)")                              \
	X(23, READ_WRITE_MULTIPLE_REGISTERS, WRITE, "writes registers, then reads registers (MAP 6.17)")                                   \
	X(24, READ_FIFO_QUEUE, READ, "reads up to 31 registers of a queue (MAP 6.18)")                                                     \
	X(43, ENCAP_INTERFACE_TRANSPORT, OTHER, "carries another interface: device identification, CANopen (MAP 6.19)")                    \
	X(9, PROGRAM_484, PROGRAM_WRITE, "programs a Modicon 484")                                                                         \
	X(10, POLL_484, DIAGNOSE, "polls a Modicon 484 that is being programmed")                                                          \
	X(13, PROGRAM_584_984, PROGRAM_WRITE, "programs a Modicon 584 or 984")                                                             \
	X(14, POLL_584_984, DIAGNOSE, "polls a Modicon 584 or 984 that is being programmed")                                               \
	X(18, PROGRAM_884_U84, PROGRAM_WRITE, "programs a Modicon 884 or Micro 84")                                                        \
	X(19, RESET_COMM_LINK_884_U84, RESET, "resets the link to a Modicon 884 or Micro 84")                                              \
	X(40, PROGRAM_CONCEPT, PROGRAM_WRITE, "programs a controller from Concept")                                                        \
	X(41, MULTIPLE_FUNCTION_CODES, OTHER, "several functions in one message")                                                          \
	X(90, PROGRAM_UNITY, OTHER, "UMAS, Schneider's programming protocol for Unity controllers; its own function decides")              \
	X(91, OBJECT_MESSAGING, OTHER, "object messaging extension")                                                                       \
	X(125, FIRMWARE_REPLACEMENT, FIRMWARE, "replaces firmware")                                                                        \
	X(126, PROGRAM_584_984_2, PROGRAM_WRITE, "programs a Modicon 584 or 984")                                                          \
	X(127, REPORT_LOCAL_ADDRESS, DISCOVER, "asks for the local address")
#define FUNCTION_ROW(code, word, op, doc) { code, #word, OTO_OP_##op, doc },
#define EXCEPTION_ROW(code, word, op, doc) { 0x80 | code, #word "_EXCEPTION", OTO_OP_NONE, NULL },

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

static const struct oto_name function_rows[] = { FUNCTIONS(FUNCTION_ROW) };
static const struct oto_names functions = OTO_NAMES(function_rows);
/* The function byte as Zeek prints it: bit 7 set is an exception response. */
static const struct oto_name code_rows[] = { FUNCTIONS(FUNCTION_ROW) FUNCTIONS(EXCEPTION_ROW) };
static const struct oto_names codes = OTO_NAMES(code_rows);

/* MAP 7. */
enum { EXCEPTION_ACKNOWLEDGE = 5 };
static const struct oto_name exception_rows[] = {
	{ 1, "ILLEGAL_FUNCTION", 0, "the device does not know the function, or not in this state" },
	{ 2, "ILLEGAL_DATA_ADDRESS", 0, "the device has no such address" },
	{ 3, "ILLEGAL_DATA_VALUE", 0, "the request's structure is wrong" },
	{ 4, "SLAVE_DEVICE_FAILURE", 0, "the device failed while it did it" },
	{ EXCEPTION_ACKNOWLEDGE, "ACKNOWLEDGE", 0, "accepted; it takes long" },
	{ 6, "SLAVE_DEVICE_BUSY", 0, "come back later" },
	{ 7, "NEGATIVE_ACKNOWLEDGE", 0, "the device cannot do the program function (older editions)" },
	{ 8, "MEMORY_PARITY_ERROR", 0, "extended memory is damaged" },
	{ 10, "GATEWAY_PATH_UNAVAILABLE", 0, "the gateway is overloaded or misconfigured" },
	{ 11, "GATEWAY_TARGET_DEVICE_FAILED_TO_RESPOND", 0, "no answer behind the gateway" },
};
static const struct oto_names exceptions = OTO_NAMES(exception_rows);

/* MAP 6.8.1. */
static const struct oto_name subfunction_rows[] = {
	{ 0, "Return Query Data", OTO_OP_DIAGNOSE, "loops the data back" },
	{ 1, "Restart Communications Option", OTO_OP_RESET,
	  "restarts the port and leaves listen-only mode; data FF00 clears the event log" },
	{ 2, "Return Diagnostic Register", OTO_OP_DIAGNOSE, NULL },
	{ 3, "Change ASCII Input Delimiter", OTO_OP_CONFIGURE, "changes the end-of-message character of ASCII lines" },
	{ 4, "Force Listen Only Mode", OTO_OP_MODE, "silences the device: it neither acts nor answers until restarted" },
	{ 10, "Clear Counters and Diagnostic Register", OTO_OP_RESET, "forgets the error counters" },
	{ 11, "Return Bus Message Count", OTO_OP_DIAGNOSE, NULL },
	{ 12, "Return Bus Communication Error Count", OTO_OP_DIAGNOSE, NULL },
	{ 13, "Return Bus Exception Error Count", OTO_OP_DIAGNOSE, NULL },
	{ 14, "Return Server Message Count", OTO_OP_DIAGNOSE, NULL },
	{ 15, "Return Server No Response Count", OTO_OP_DIAGNOSE, NULL },
	{ 16, "Return Server NAK Count", OTO_OP_DIAGNOSE, NULL },
	{ 17, "Return Server Busy Count", OTO_OP_DIAGNOSE, NULL },
	{ 18, "Return Bus Character Overrun Count", OTO_OP_DIAGNOSE, NULL },
	{ 20, "Clear Overrun Counter and Flag", OTO_OP_RESET, "forgets the overrun error" },
};
static const struct oto_names subfunctions = OTO_NAMES(subfunction_rows);

/* MAP 6.19. */
enum { MEI_CANOPEN = 13, MEI_DEVICE_IDENTIFICATION = 14 };
static const struct oto_name mei_rows[] = {
	{ MEI_CANOPEN, "CANOPEN", OTO_OP_OTHER, "CANopen general reference" },
	{ MEI_DEVICE_IDENTIFICATION, "READ-DEVICE-IDENTIFICATION", OTO_OP_DISCOVER, "vendor, product and revision" },
};
static const struct oto_names mei_types = OTO_NAMES(mei_rows);

/* MAP 6.21: which objects are asked for, what a device offers, and what an object is. */
static const struct oto_name id_code_rows[] = {
	{ 1, "basic", 0, "objects 0-2, as a stream" },
	{ 2, "regular", 0, "objects 0-127, as a stream" },
	{ 3, "extended", 0, "objects 0-255, as a stream" },
	{ 4, "specific", 0, "one object" },
};
static const struct oto_names id_codes = OTO_NAMES(id_code_rows);
static const struct oto_name conformity_rows[] = {
	{ 0x01, "Basic Identification (Stream)", 0, NULL },
	{ 0x02, "Regular Identification (Stream)", 0, NULL },
	{ 0x03, "Extended Identification (Stream)", 0, NULL },
	{ 0x81, "Basic Identification (Stream, Individual)", 0, NULL },
	{ 0x82, "Regular Identification (Stream, Individual)", 0, NULL },
	{ 0x83, "Extended Identification (Stream, Individual)", 0, NULL },
};
static const struct oto_names conformities = OTO_NAMES(conformity_rows);
static const struct oto_name object_rows[] = {
	{ 0, "VendorName", 0, NULL },  { 1, "ProductCode", 0, NULL }, { 2, "MajorMinorVersion", 0, NULL },   { 3, "VendorURL", 0, NULL },
	{ 4, "ProductName", 0, NULL }, { 5, "ModelName", 0, NULL },   { 6, "UserApplicationName", 0, NULL },
};
static const struct oto_names objects = OTO_NAMES(object_rows);
/* The fact that an object tells, by object number. */
static const char *const object_facts[] = { "vendor", "model", "firmware", "vendor_url", "product", "model_name", "application" };

/* UMAS functions, the second byte of a function 90 request, as far as they are publicly known. */
enum { UMAS_READ_ID = 0x02, UMAS_ERROR = 0xfd, UMAS_OK = 0xfe };
static const struct oto_name umas_rows[] = {
	{ 0x01, "UMAS_INIT_COMM", OTO_OP_DISCOVER, "opens a session" },
	{ 0x02, "UMAS_READ_ID", OTO_OP_DISCOVER, "asks what the controller is" },
	{ 0x03, "UMAS_READ_PROJECT_INFO", OTO_OP_DISCOVER, "asks which project is loaded" },
	{ 0x04, "UMAS_READ_PLC_INFO", OTO_OP_DIAGNOSE, "reads the controller's state" },
	{ 0x06, "UMAS_READ_CARD_INFO", OTO_OP_DIAGNOSE, "reads the memory card's state" },
	{ 0x0a, "UMAS_REPEAT", OTO_OP_DIAGNOSE, "echoes data" },
	{ 0x10, "UMAS_TAKE_PLC_RESERVATION", OTO_OP_AUTHENTICATE, "takes the controller for one client" },
	{ 0x11, "UMAS_RELEASE_PLC_RESERVATION", OTO_OP_AUTHENTICATE, "gives it back" },
	{ 0x12, "UMAS_KEEP_ALIVE", OTO_OP_NONE, "keeps the reservation" },
	{ 0x20, "UMAS_READ_MEMORY_BLOCK", OTO_OP_READ, "reads memory" },
	{ 0x22, "UMAS_READ_VARIABLES", OTO_OP_READ, "reads variables" },
	{ 0x23, "UMAS_WRITE_VARIABLES", OTO_OP_WRITE, "writes variables" },
	{ 0x24, "UMAS_READ_COILS_REGISTERS", OTO_OP_READ, "reads bits and registers" },
	{ 0x25, "UMAS_WRITE_COILS_REGISTERS", OTO_OP_WRITE, "writes bits and registers" },
	{ 0x30, "UMAS_INITIALIZE_UPLOAD", OTO_OP_PROGRAM_READ, "begins to read the program" },
	{ 0x31, "UMAS_UPLOAD_BLOCK", OTO_OP_PROGRAM_READ, "reads a block of it" },
	{ 0x32, "UMAS_END_STRATEGY_UPLOAD", OTO_OP_PROGRAM_READ, "ends reading" },
	{ 0x33, "UMAS_INITIALIZE_DOWNLOAD", OTO_OP_PROGRAM_WRITE, "begins to load a program" },
	{ 0x34, "UMAS_DOWNLOAD_BLOCK", OTO_OP_PROGRAM_WRITE, "loads a block of it" },
	{ 0x35, "UMAS_END_STRATEGY_DOWNLOAD", OTO_OP_PROGRAM_WRITE, "ends loading" },
	{ 0x39, "UMAS_READ_ETH_MASTER_DATA", OTO_OP_READ, "reads Ethernet master data" },
	{ 0x40, "UMAS_START_PLC", OTO_OP_START, "starts the controller" },
	{ 0x41, "UMAS_STOP_PLC", OTO_OP_STOP, "stops the controller" },
	{ 0x50, "UMAS_MONITOR_PLC", OTO_OP_READ, "watches variables" },
	{ 0x58, "UMAS_CHECK_PLC", OTO_OP_DIAGNOSE, "checks the connection" },
	{ 0x70, "UMAS_READ_IO_OBJECT", OTO_OP_READ, "reads an I/O object" },
	{ 0x71, "UMAS_WRITE_IO_OBJECT", OTO_OP_WRITE, "writes an I/O object" },
	{ 0x73, "UMAS_GET_STATUS_MODULE", OTO_OP_DIAGNOSE, "reads a module's state" },
	{ UMAS_ERROR, "UMAS_ERROR", OTO_OP_NONE, "response: refused" },
	{ 0xfe, "UMAS_OK", OTO_OP_NONE, "response: done" },
};
static const struct oto_names umas_functions = OTO_NAMES(umas_rows);

/* ------------------------------------------------------------------------------------------------ events */

/* Every PDU, for counting: the smallest thing that says who used which function. */
struct modbus_message {
	uint16_t tid;
	uint8_t unit, func, code, exception;
	bool has_exception;
	const char *pdu_type;
};

#define M(m, doc, ...) OTO_FIELD(struct modbus_message, m, doc, __VA_ARGS__)
static const struct oto_field message_fields[] = {
	M(tid, "transaction identifier"),
	M(unit, "unit identifier: the station behind a gateway; 0 or 255 is the addressed device itself"),
	M(func, "function code, without the exception bit", .names = &functions),
	M(code, "function code as sent; bit 7 marks an exception response", .names = &codes),
	M(pdu_type, "REQ or RESP"),
	M(exception, "exception code", .names = &exceptions, .guard = OTO_IF(struct modbus_message, has_exception)),
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

#define P(m, doc, ...) OTO_FIELD(struct modbus_pdu, m, doc, __VA_ARGS__)
#define P_IF(has) .guard = OTO_IF(struct modbus_pdu, has)
#define PDU_FIELDS                                                                                                                         \
	P(tid, "transaction identifier, copied into the response"), P(unit, "unit identifier: the station behind a gateway"),              \
	    P(func, "function code", .names = &functions)
#define BODY_FIELDS                                                                                                                        \
	P(subfunction, "diagnostics subfunction", .names = &subfunctions, P_IF(has_subfunction)),                                          \
	    P(data, "bytes of diagnostics, of an encapsulated interface, or of a function without published layout", .flags = OTO_HEX,     \
	      P_IF(has_data)),                                                                                                             \
	    P(and_mask, "bits of the register that stay", P_IF(has_masks)), P(or_mask, "bits that are set", P_IF(has_masks)),              \
	    P(mei_type, "type of encapsulated interface", .names = &mei_types, P_IF(has_mei)),                                             \
	    P(device_id_code, "which identification objects", .names = &id_codes, P_IF(has_object)),                                       \
	    P(umas_function, "UMAS function", .names = &umas_functions, P_IF(has_umas))

static const struct oto_field request_fields[] = {
	PDU_FIELDS,
	P(address, "first address, from 0, to read or write", P_IF(has_address)),
	P(quantity, "number of bits or registers to read or write", P_IF(has_quantity)),
	P(values, "values to write", P_IF(has_values)),
	P(write_address, "first register to write, of a read/write", P_IF(has_write)),
	P(write_quantity, "number of registers to write, of a read/write", P_IF(has_write)),
	BODY_FIELDS,
	P(object_id, "first identification object asked for", .names = &objects, P_IF(has_object)),
	{ .name = "records",
	  .doc = "number of file records; each is a modbus.file_record",
	  .kind = OTO_U8,
	  .offset = offsetof(struct modbus_pdu, items),
	  P_IF(has_records) },
};
static const struct oto_event_type request_type = OTO_EVENT("modbus.request", struct modbus_pdu, request_fields, "A client asks a server.");

static const struct oto_field response_fields[] = {
	PDU_FIELDS,
	P(matched, "its request was seen"),
	P(latency, "time since the request", P_IF(matched)),
	P(unsure, "bytes were lost between the request and this"),
	P(address, "first address; of a read it is the request's", P_IF(has_address)),
	P(quantity, "number of bits or registers; of a read it is the request's", P_IF(has_quantity)),
	P(values, "values read, or the value written; bits are cut to the quantity asked for", P_IF(has_values)),
	BODY_FIELDS,
	P(exception_status, "eight device specific status bits", P_IF(has_exception_status)),
	P(status, "FFFF while a program command is being processed", P_IF(has_event_count)),
	P(event_count, "messages completed since restart", P_IF(has_event_count)),
	P(message_count, "messages processed since restart", P_IF(has_event_log)),
	P(events, "event bytes, latest first", P_IF(has_event_log)),
	P(server_id, "what the device says of itself", .flags = OTO_HEX, P_IF(has_server_id)),
	P(running, "run indicator", P_IF(has_running)),
	P(conformity, "which identification the device offers", .names = &conformities, P_IF(has_objects)),
	P(more_follows, "further objects need another request", P_IF(has_objects)),
	P(next_object, "object to ask for next", .names = &objects, P_IF(has_objects)),
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
    OTO_EVENT("modbus.response", struct modbus_pdu, response_fields, "A server did what it was asked.");

static const struct oto_field exception_fields[] = {
	PDU_FIELDS,
	P(exception, "why", .names = &exceptions, P_IF(has_exception)),
	P(matched, "its request was seen"),
	P(latency, "time since the request", P_IF(matched)),
	P(unsure, "bytes were lost between the request and this"),
	P(address, "the request's first address", P_IF(has_address)),
	P(quantity, "the request's quantity", P_IF(has_quantity)),
};
static const struct oto_event_type exception_type =
    OTO_EVENT("modbus.exception", struct modbus_pdu, exception_fields, "A server refused or failed.");

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

#define T(m, doc, ...) OTO_FIELD(struct modbus_transaction, m, doc, __VA_ARGS__)
#define T_IF(has) .guard = OTO_IF(struct modbus_transaction, has)
static const struct oto_field transaction_fields[] = {
	T(tid, "transaction identifier"),
	T(unit, "unit identifier"),
	T(func, "function code", .names = &functions),
	T(address, "first address", T_IF(has_address)),
	T(quantity, "number of bits or registers", T_IF(has_quantity)),
	T(request_values, "values written", T_IF(has_request_values)),
	T(response_values, "values read", T_IF(has_response_values)),
	T(modbus_detailed_link_id, "joins the row with the logs of single functions", T_IF(has_link)),
	T(matched, "request and response are both here"),
	T(request_subfunction_code, "diagnostics subfunction asked for", .names = &subfunctions, T_IF(has_request_sub)),
	T(response_subfunction_code, "diagnostics subfunction answered", .names = &subfunctions, T_IF(has_response_sub)),
	T(request_data, "other bytes of the request", .flags = OTO_HEX, T_IF(has_request_data)),
	T(response_data, "other bytes of the response", .flags = OTO_HEX, T_IF(has_response_data)),
	T(exception_code, "why it was refused", .names = &exceptions, T_IF(has_exception)),
	T(mei_type, "type of encapsulated interface", .names = &mei_types, T_IF(has_mei)),
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

/* A record of a file (functions 20 and 21). A read's response names neither file nor record. */
struct modbus_file_record {
	uint16_t tid, file, record, length;
	uint8_t unit, func, index;
	const char *pdu_type;
	bool has_place, has_values;
	struct oto_vec values;
};

#define F(m, doc, ...) OTO_FIELD(struct modbus_file_record, m, doc, __VA_ARGS__)
static const struct oto_field file_record_fields[] = {
	F(tid, "transaction identifier"),
	F(unit, "unit identifier"),
	F(func, "function code", .names = &functions),
	F(pdu_type, "REQ or RESP"),
	F(index, "position in the PDU, from 1"),
	F(file, "file number", .guard = OTO_IF(struct modbus_file_record, has_place)),
	F(record, "record number", .guard = OTO_IF(struct modbus_file_record, has_place)),
	F(length, "length in registers"),
	F(values, "contents", .guard = OTO_IF(struct modbus_file_record, has_values)),
};
static const struct oto_event_type file_record_type =
    OTO_EVENT("modbus.file_record", struct modbus_file_record, file_record_fields, "One file record read or written.");

/* Sender and receiver as ICSNPP's logs of single functions have them. */
struct modbus_ends {
	struct oto_addr source_h, destination_h;
	uint16_t source_p, destination_p;
};
#define ENDS_FIELDS(s)                                                                                                                     \
	{ .name = "source_h", .doc = "sender", .kind = OTO_ADDR, .offset = offsetof(s, ends.source_h) },                                   \
	    { .name = "source_p", .doc = "its port", .kind = OTO_U16, .flags = OTO_PORT, .offset = offsetof(s, ends.source_p) },           \
	    { .name = "destination_h", .doc = "receiver", .kind = OTO_ADDR, .offset = offsetof(s, ends.destination_h) },                   \
	{                                                                                                                                  \
		.name = "destination_p", .doc = "its port", .kind = OTO_U16, .flags = OTO_PORT, .offset = offsetof(s, ends.destination_p)  \
	}

/* An identification object asked for or told (function 43, interface 14). */
struct modbus_device_id {
	struct modbus_ends ends;
	uint16_t tid;
	uint8_t unit, func, mei_type, device_id_code, conformity_level, object_id;
	const char *request_response;
	struct oto_slice modbus_detailed_link_id, object_value;
	bool has_link, has_value;
};

#define D(m, doc, ...) OTO_FIELD(struct modbus_device_id, m, doc, __VA_ARGS__)
#define D_IF(has) .guard = OTO_IF(struct modbus_device_id, has)
static const struct oto_field device_id_fields[] = {
	ENDS_FIELDS(struct modbus_device_id),
	D(modbus_detailed_link_id, "joins the row with modbus_detailed", D_IF(has_link)),
	D(tid, "transaction identifier"),
	D(unit, "unit identifier"),
	D(func, "function code", .names = &functions),
	D(request_response, "REQUEST or RESPONSE"),
	D(mei_type, "type of encapsulated interface", .names = &mei_types),
	{ .name = "conformity_level_code",
	  .doc = "which identification the device offers, as sent",
	  .kind = OTO_U8,
	  .offset = offsetof(struct modbus_device_id, conformity_level),
	  D_IF(has_value) },
	D(conformity_level, "which identification the device offers", .names = &conformities, D_IF(has_value)),
	D(device_id_code, "which identification objects", .names = &id_codes),
	{ .name = "object_id_code", .doc = "number of the object", .kind = OTO_U8, .offset = offsetof(struct modbus_device_id, object_id) },
	D(object_id, "what the object is", .names = &objects),
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

#define C(m, doc, ...) OTO_FIELD(struct modbus_compound, m, doc, __VA_ARGS__)
#define C_IF(has) .guard = OTO_IF(struct modbus_compound, has)
static const struct oto_field compound_fields[] = {
	ENDS_FIELDS(struct modbus_compound),
	C(modbus_detailed_link_id, "joins the row with modbus_detailed", C_IF(has_link)),
	C(tid, "transaction identifier"),
	C(unit, "unit identifier"),
	C(func, "function code", .names = &functions),
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

enum { EV_MESSAGE, EV_REQUEST, EV_RESPONSE, EV_EXCEPTION, EV_TRANSACTION, EV_FILE_RECORD, EV_DEVICE_ID, EV_COMPOUND };
static const struct oto_event_type *const events[] = { &message_type,     &request_type,     &response_type,  &exception_type,
						       &transaction_type, &file_record_type, &device_id_type, &compound_type };

/* ------------------------------------------------------------------------------------------------ framing */

enum { MODBUS_PORT = 502, MBAP_LENGTH_AT = 4, MBAP_COUNTED = 6 /* bytes before those that its length counts */ };
enum { LENGTH_MIN = 2, LENGTH_MAX = 254 }; /* unit identifier, function code, at most 252 bytes of data: MTG 4.1 */

/* What a PDU can be, told by its form alone. */
enum shape { SHAPE_NONE = 0, SHAPE_REQUEST = 1, SHAPE_RESPONSE = 2, SHAPE_EITHER = 3 };

static bool on_modbus_port(const struct oto_ctx *cx)
{
	return cx->head->has_ports && (cx->head->orig_p == MODBUS_PORT || cx->head->resp_p == MODBUS_PORT);
}

static uint16_t quantity_limit(uint8_t func)
{
	switch (func) {
	case READ_COILS:
	case READ_DISCRETE_INPUTS:
		return 2000;
	case READ_HOLDING_REGISTERS:
	case READ_INPUT_REGISTERS:
	case READ_WRITE_MULTIPLE_REGISTERS:
		return 125;
	case WRITE_MULTIPLE_COILS:
		return 1968;
	case WRITE_MULTIPLE_REGISTERS:
		return 123;
	default:
		return 0xffff;
	}
}

static bool quantity_fits(uint8_t func, uint16_t quantity)
{
	return quantity >= 1 && quantity <= quantity_limit(func);
}

/* Byte number `at` from here, 0 past the end. */
static uint8_t peek(struct oto_cur c, uint32_t at)
{
	oto_skip(&c, at);
	return oto_u8(&c);
}

/* The form of the n bytes after a public function code; none for other codes, of which anything may be expected. */
static enum shape shape_of(uint8_t code, struct oto_cur c)
{
	uint32_t n = oto_left(&c);
	uint8_t first = peek(c, 0);
	uint16_t second = (uint16_t)(peek(c, 2) << 8 | peek(c, 3)); /* a quantity or a value */
	unsigned shape = SHAPE_NONE;

	if (code & 0x80)
		return n == 1 && first >= 1 && first <= 11 && oto_name_of(&functions, code & 0x7f) ? SHAPE_RESPONSE : SHAPE_NONE;
	switch (code) {
	case READ_COILS:
	case READ_DISCRETE_INPUTS:
	case READ_HOLDING_REGISTERS:
	case READ_INPUT_REGISTERS:
		if (n == 4 && quantity_fits(code, second))
			shape |= SHAPE_REQUEST;
		if (n >= 2 && n == 1u + first && (code <= READ_DISCRETE_INPUTS || first % 2 == 0))
			shape |= SHAPE_RESPONSE;
		return shape;
	case WRITE_SINGLE_COIL:
		return n == 4 && (second == 0 || second == 0xff00) ? SHAPE_EITHER : SHAPE_NONE;
	case WRITE_SINGLE_REGISTER:
		return n == 4 ? SHAPE_EITHER : SHAPE_NONE;
	case MASK_WRITE_REGISTER:
		return n == 6 ? SHAPE_EITHER : SHAPE_NONE;
	case DIAGNOSTICS:
		return n >= 4 && n % 2 == 0 && first == 0 ? SHAPE_EITHER : SHAPE_NONE;
	case READ_EXCEPTION_STATUS:
		return n == 0 ? SHAPE_REQUEST : n == 1 ? SHAPE_RESPONSE : SHAPE_NONE;
	case GET_COMM_EVENT_COUNTER:
		return n == 0 ? SHAPE_REQUEST : n == 4 ? SHAPE_RESPONSE : SHAPE_NONE;
	case GET_COMM_EVENT_LOG:
	case REPORT_SLAVE_ID:
		return n == 0 ? SHAPE_REQUEST : n == 1u + first ? SHAPE_RESPONSE : SHAPE_NONE;
	case WRITE_MULTIPLE_COILS:
	case WRITE_MULTIPLE_REGISTERS:
		if (!quantity_fits(code, second))
			return SHAPE_NONE;
		return n == 4 ? SHAPE_RESPONSE : n > 5 && n == 5u + peek(c, 4) ? SHAPE_REQUEST : SHAPE_NONE;
	case READ_FILE_RECORD: /* every record begins with reference type 6; a response's record length is odd */
		if (n < 3 || n != 1u + first)
			return SHAPE_NONE;
		return peek(c, 1) == 6 && first % 7 == 0 ? SHAPE_REQUEST : peek(c, 2) == 6 ? SHAPE_RESPONSE : SHAPE_NONE;
	case WRITE_FILE_RECORD:
		return n > 8 && n == 1u + first && peek(c, 1) == 6 ? SHAPE_EITHER : SHAPE_NONE;
	case READ_WRITE_MULTIPLE_REGISTERS:
		if (n > 9 && n == 9u + peek(c, 8) && quantity_fits(code, second))
			return SHAPE_REQUEST;
		return n >= 3 && n == 1u + first && first % 2 == 0 ? SHAPE_RESPONSE : SHAPE_NONE;
	case READ_FIFO_QUEUE:
		return n == 2 ? SHAPE_REQUEST : n >= 4 && n == 2u + (first << 8 | peek(c, 1)) ? SHAPE_RESPONSE : SHAPE_NONE;
	case ENCAP_INTERFACE_TRANSPORT:
		if (first != MEI_DEVICE_IDENTIFICATION)
			return SHAPE_NONE;
		return n == 3 ? SHAPE_REQUEST : n >= 6 ? SHAPE_RESPONSE : SHAPE_NONE;
	default:
		return SHAPE_NONE;
	}
}

/* On port 502 the header decides. Elsewhere all of the first PDU must be consistent, and what follows it must be a header too. */
static enum oto_answer modbus_probe(const struct oto_ctx *cx, struct oto_cur c)
{
	if (peek(c, 2) | peek(c, 3)) /* the protocol identifier, as far as it is here */
		return OTO_NOT_MINE;
	oto_skip(&c, MBAP_LENGTH_AT);
	uint16_t length = oto_be16(&c);
	if (c.bad)
		return OTO_NEED_MORE;
	if (length < LENGTH_MIN)
		return OTO_NOT_MINE;
	if (on_modbus_port(cx))
		return OTO_MINE;
	if (length > LENGTH_MAX)
		return OTO_NOT_MINE;
	if (oto_left(&c) < length)
		return cx->transport == OTO_TCP ? OTO_NEED_MORE : OTO_NOT_MINE;

	struct oto_cur pdu = oto_sub(&c, length);
	oto_skip(&pdu, 1);
	uint8_t code = oto_u8(&pdu);
	if (shape_of(code, pdu) == SHAPE_NONE)
		return OTO_NOT_MINE;
	if (oto_left(&c) >= 4 && (peek(c, 2) | peek(c, 3)) != 0)
		return OTO_NOT_MINE;
	return OTO_MINE;
}

/* A datagram is one PDU, whatever its length field says. */
static int64_t modbus_pdu_len(const struct oto_ctx *cx, struct oto_cur c)
{
	uint32_t left = oto_left(&c);

	oto_skip(&c, 2);
	uint16_t protocol = oto_be16(&c), length = oto_be16(&c);
	if (c.bad)
		return cx->transport == OTO_TCP ? 0 : -1;
	if (protocol != 0 || length < LENGTH_MIN || (length > LENGTH_MAX && !on_modbus_port(cx)))
		return -1;
	return cx->transport == OTO_TCP ? (int64_t)MBAP_COUNTED + length : (int64_t)left;
}

/* ------------------------------------------------------------------------------------------------ direction */

/* Kept per flow off port 502: which side is the client, once a PDU's form has told. */
struct modbus_flow {
	uint8_t client; /* 0 unknown, 1 the originator, 2 the responder */
};

static bool sent_by_client(const struct oto_ctx *cx, uint8_t code, struct oto_cur body)
{
	if (on_modbus_port(cx) && oto_dest_port(cx) != oto_source_port(cx))
		return oto_dest_port(cx) == MODBUS_PORT;
	struct modbus_flow *flow = cx->state;
	if (!flow->client) {
		enum shape shape = shape_of(code, body);
		if (shape == SHAPE_NONE || shape == SHAPE_EITHER)
			return cx->is_orig;
		flow->client = (shape == SHAPE_REQUEST) == cx->is_orig ? 1 : 2;
	}
	return (flow->client == 1) == cx->is_orig;
}

/* ------------------------------------------------------------------------------------------------ parsing */

static void odd(struct modbus_pdu *p, const char *what)
{
	if (!p->odd)
		p->odd = what;
}

static void take_range(struct modbus_pdu *p, struct oto_cur *c)
{
	p->address = oto_be16(c);
	p->quantity = oto_be16(c);
	p->has_address = p->has_quantity = true;
	if (p->request && !quantity_fits(p->func, p->quantity))
		odd(p, "quantity_out_of_range");
}

static void take_values(struct modbus_pdu *p, struct oto_cur *c, enum oto_vec_kind kind, uint32_t count)
{
	p->values = oto_take_vec(c, kind, count);
	p->has_values = true;
}

static void take_data(struct modbus_pdu *p, struct oto_cur *c)
{
	p->data = oto_rest(c);
	p->has_data = p->data.len != 0;
}

/* MAP 6.5: FF00 is on, 0000 off, anything else is illegal. Shown as one bit. */
static void take_coil(struct modbus_pdu *p, struct oto_cur *c)
{
	static const uint8_t off_on[] = { 0, 1 };

	p->address = oto_be16(c);
	uint16_t value = oto_be16(c);
	p->quantity = 1;
	p->has_address = p->has_quantity = true;
	p->values = (struct oto_vec){ &off_on[value == 0xff00], 1, OTO_VEC_BITS };
	p->has_values = true;
	if (value != 0xff00 && value != 0)
		odd(p, "illegal_coil_value");
}

static void take_register(struct modbus_pdu *p, struct oto_cur *c)
{
	p->address = oto_be16(c);
	p->quantity = 1;
	p->has_address = p->has_quantity = true;
	take_values(p, c, OTO_VEC_U16BE, 1);
}

static void take_masks(struct modbus_pdu *p, struct oto_cur *c)
{
	p->address = oto_be16(c);
	p->and_mask = oto_be16(c);
	p->or_mask = oto_be16(c);
	p->has_address = p->has_masks = true;
}

static void take_diagnostics(struct modbus_pdu *p, struct oto_cur *c)
{
	p->subfunction = oto_be16(c);
	p->has_subfunction = true;
	take_data(p, c);
}

/* The values of functions 15 and 16: a byte count that must agree with the quantity. */
static void take_written(struct modbus_pdu *p, struct oto_cur *c, enum oto_vec_kind kind)
{
	take_range(p, c);
	uint8_t bytes = oto_u8(c);
	uint32_t needed = kind == OTO_VEC_BITS ? (p->quantity + 7u) / 8 : p->quantity * 2u;
	if (bytes != needed)
		odd(p, "byte_count_mismatch");
	if (bytes < needed || oto_left(c) < needed)
		take_values(p, c, OTO_VEC_U8, oto_left(c) < bytes ? oto_left(c) : bytes);
	else
		take_values(p, c, kind, p->quantity);
	oto_skip(c, oto_left(c) && bytes > needed ? oto_left(c) : 0);
}

static void take_read_write(struct modbus_pdu *p, struct oto_cur *c)
{
	take_range(p, c);
	p->write_address = oto_be16(c);
	p->write_quantity = oto_be16(c);
	p->has_write = true;
	uint8_t bytes = oto_u8(c);
	if (p->write_quantity < 1 || p->write_quantity > 121)
		odd(p, "quantity_out_of_range");
	if (bytes != p->write_quantity * 2u)
		odd(p, "byte_count_mismatch");
	take_values(p, c, OTO_VEC_U16BE, bytes / 2u);
}

/* What a file record says, and where the next one begins: MAP 6.14, 6.15. */
static void take_file_record(const struct modbus_pdu *p, struct oto_cur *c, struct modbus_file_record *r)
{
	uint8_t bytes = 0;

	*r = (struct modbus_file_record){ .tid = p->tid, .unit = p->unit, .func = p->func, .pdu_type = p->request ? "REQ" : "RESP" };
	if (p->func == READ_FILE_RECORD && !p->request)
		bytes = oto_u8(c);
	if (oto_u8(c) != 6)
		c->bad = true; /* the only reference type there is */
	if (p->func == READ_FILE_RECORD && !p->request) {
		r->length = bytes ? (bytes - 1u) / 2 : 0;
		r->values = oto_take_vec(c, OTO_VEC_U16BE, r->length);
		r->has_values = true;
		return;
	}
	r->file = oto_be16(c);
	r->record = oto_be16(c);
	r->length = oto_be16(c);
	r->has_place = true;
	if (p->func == WRITE_FILE_RECORD) {
		r->values = oto_take_vec(c, OTO_VEC_U16BE, r->length);
		r->has_values = true;
	}
}

/* Records stay in p->data; they are told one by one when somebody listens. */
static void take_file_records(struct modbus_pdu *p, struct oto_cur *c)
{
	uint8_t bytes = oto_u8(c);
	if (bytes != oto_left(c))
		odd(p, "byte_count_mismatch");
	p->data = oto_take(c, bytes < oto_left(c) ? bytes : oto_left(c));
	struct oto_cur records = oto_cur_of(p->data);
	struct modbus_file_record r;
	while (oto_left(&records) && !records.bad && p->items < UINT8_MAX) {
		take_file_record(p, &records, &r);
		p->items++;
	}
	c->bad |= records.bad;
	p->has_records = true;
}

/* MAP 6.21. Objects stay in p->data. */
static void take_device_id(struct modbus_pdu *p, struct oto_cur *c)
{
	p->device_id_code = oto_u8(c);
	p->has_object = true;
	if (p->request) {
		p->object_id = oto_u8(c);
		return;
	}
	p->conformity = oto_u8(c);
	p->more_follows = oto_u8(c) != 0;
	p->next_object = oto_u8(c);
	p->items = oto_u8(c);
	p->has_objects = true;
	struct oto_cur start = *c;
	for (unsigned i = 0; i < p->items && !c->bad; i++) {
		oto_skip(c, 1);
		oto_skip(c, oto_u8(c));
	}
	p->data = oto_take(&start, oto_tell(c) - oto_tell(&start));
}

static void take_encapsulated(struct modbus_pdu *p, struct oto_cur *c)
{
	p->mei_type = oto_u8(c);
	p->has_mei = true;
	if (p->mei_type == MEI_DEVICE_IDENTIFICATION)
		take_device_id(p, c);
	else
		take_data(p, c);
}

/* Session key, function, data; in a response the function is OK or ERROR. */
static void take_umas(struct modbus_pdu *p, struct oto_cur *c)
{
	struct oto_cur look = *c;

	oto_skip(&look, 1);
	p->umas_function = oto_u8(&look);
	p->has_umas = !look.bad;
	take_data(p, c);
}

static void parse_request(struct modbus_pdu *p, struct oto_cur *c)
{
	switch (p->func) {
	case READ_COILS:
	case READ_DISCRETE_INPUTS:
	case READ_HOLDING_REGISTERS:
	case READ_INPUT_REGISTERS:
		take_range(p, c);
		break;
	case WRITE_SINGLE_COIL:
		take_coil(p, c);
		break;
	case WRITE_SINGLE_REGISTER:
		take_register(p, c);
		break;
	case DIAGNOSTICS:
		take_diagnostics(p, c);
		break;
	case WRITE_MULTIPLE_COILS:
		take_written(p, c, OTO_VEC_BITS);
		break;
	case WRITE_MULTIPLE_REGISTERS:
		take_written(p, c, OTO_VEC_U16BE);
		break;
	case READ_FILE_RECORD:
	case WRITE_FILE_RECORD:
		take_file_records(p, c);
		break;
	case MASK_WRITE_REGISTER:
		take_masks(p, c);
		break;
	case READ_WRITE_MULTIPLE_REGISTERS:
		take_read_write(p, c);
		break;
	case READ_FIFO_QUEUE:
		p->address = oto_be16(c);
		p->has_address = true;
		break;
	case ENCAP_INTERFACE_TRANSPORT:
		take_encapsulated(p, c);
		break;
	case PROGRAM_UNITY:
		take_umas(p, c);
		break;
	case READ_EXCEPTION_STATUS:
	case GET_COMM_EVENT_COUNTER:
	case GET_COMM_EVENT_LOG:
	case REPORT_SLAVE_ID:
		break;
	default:
		take_data(p, c);
	}
}

/* Values read, counted in bytes. Bits are cut to the quantity asked for when the request is known. */
static void take_read(struct modbus_pdu *p, struct oto_cur *c, enum oto_vec_kind kind)
{
	uint8_t bytes = oto_u8(c);

	if (bytes != oto_left(c))
		odd(p, "byte_count_mismatch");
	if (bytes > oto_left(c))
		bytes = (uint8_t)oto_left(c);
	take_values(p, c, kind, kind == OTO_VEC_BITS ? bytes * 8u : bytes / 2u);
}

/* MAP 6.9, 6.10. */
static void take_event_log(struct modbus_pdu *p, struct oto_cur *c)
{
	uint8_t bytes = oto_u8(c);

	p->status = oto_be16(c);
	p->event_count = oto_be16(c);
	p->message_count = oto_be16(c);
	p->events = oto_take_vec(c, OTO_VEC_U8, bytes < 6 ? 0 : bytes - 6u);
	p->has_event_count = p->has_event_log = true;
}

/* MAP 6.13 leaves the length of the identifier to the device; nearly all send one byte, then the run indicator, then text. */
static void take_server_id(struct modbus_pdu *p, struct oto_cur *c)
{
	uint8_t bytes = oto_u8(c);

	if (bytes != oto_left(c))
		odd(p, "byte_count_mismatch");
	p->server_id = oto_take(c, bytes < oto_left(c) ? bytes : oto_left(c));
	p->has_server_id = true;
	struct oto_cur id = oto_cur_of(p->server_id);
	oto_skip(&id, 1);
	uint8_t run = oto_u8(&id);
	p->has_running = !id.bad && (run == 0xff || run == 0);
	p->running = run == 0xff;
}

/* MAP 6.18. */
static void take_fifo(struct modbus_pdu *p, struct oto_cur *c)
{
	uint16_t bytes = oto_be16(c);

	p->quantity = oto_be16(c);
	p->has_quantity = true;
	if (bytes != 2u + p->quantity * 2u)
		odd(p, "byte_count_mismatch");
	if (p->quantity > 31)
		odd(p, "quantity_out_of_range");
	take_values(p, c, OTO_VEC_U16BE, p->quantity);
}

static void parse_response(struct modbus_pdu *p, struct oto_cur *c)
{
	switch (p->func) {
	case READ_COILS:
	case READ_DISCRETE_INPUTS:
		take_read(p, c, OTO_VEC_BITS);
		break;
	case READ_HOLDING_REGISTERS:
	case READ_INPUT_REGISTERS:
	case READ_WRITE_MULTIPLE_REGISTERS:
		take_read(p, c, OTO_VEC_U16BE);
		break;
	case READ_EXCEPTION_STATUS:
		p->exception_status = oto_u8(c);
		p->has_exception_status = true;
		break;
	case GET_COMM_EVENT_COUNTER:
		p->status = oto_be16(c);
		p->event_count = oto_be16(c);
		p->has_event_count = true;
		break;
	case GET_COMM_EVENT_LOG:
		take_event_log(p, c);
		break;
	case REPORT_SLAVE_ID:
		take_server_id(p, c);
		break;
	case WRITE_MULTIPLE_COILS:
	case WRITE_MULTIPLE_REGISTERS:
		take_range(p, c);
		break;
	case READ_FIFO_QUEUE:
		take_fifo(p, c);
		break;
	default:
		parse_request(p, c); /* the response has the form of the request */
	}
}

/* Fields that a damaged body left behind say nothing: only the header is kept. */
static void parse(struct modbus_pdu *p, struct oto_cur c)
{
	if (p->code & 0x80) {
		p->exception = oto_u8(&c);
		p->has_exception = !c.bad;
	} else if (p->request) {
		parse_request(p, &c);
	} else {
		parse_response(p, &c);
	}
	if (c.bad) {
		*p = (struct modbus_pdu){
			.tid = p->tid, .unit = p->unit, .code = p->code, .func = p->func, .request = p->request, .odd = "malformed"
		};
	} else if (oto_left(&c)) {
		odd(p, "trailing_bytes");
	}
}

/* ------------------------------------------------------------------------------------------------ pairing */

enum { NOTE_VALUES = 252 }; /* all that fits into a PDU: MAP 4.1 */
enum note_kind { NOTE_NOTHING, NOTE_BITS, NOTE_REGISTERS, NOTE_DATA };

/* What a request leaves for its response: enough to tell both sides in one row. */
struct modbus_note {
	uint64_t packet; /* of the request; names the exchange */
	uint16_t tid, address, quantity, subfunction;
	uint16_t count; /* bits, registers or bytes kept */
	uint8_t unit, func, mei_type, umas_function;
	uint8_t kind; /* enum note_kind */
	bool has_address : 1, has_quantity : 1, has_subfunction : 1, has_mei : 1;
	uint8_t values[NOTE_VALUES];
};
_Static_assert(sizeof(struct modbus_note) <= OTO_NOTE_MAX, "the note must fit");

static void note_bytes(struct modbus_note *n, enum note_kind kind, const uint8_t *data, uint32_t bytes, uint32_t count)
{
	if (!bytes || bytes > NOTE_VALUES)
		return;
	n->kind = (uint8_t)kind;
	n->count = (uint16_t)count;
	memcpy(n->values, data, bytes);
}

/* The bytes of `values` beyond `count` are never read, so they are not cleared. */
static void take_note(const struct oto_ctx *cx, const struct modbus_pdu *p, struct modbus_note *n)
{
	n->packet = cx->head->packet;
	n->tid = p->tid;
	n->address = p->address;
	n->quantity = p->quantity;
	n->subfunction = p->subfunction;
	n->unit = p->unit;
	n->func = p->func;
	n->mei_type = p->mei_type;
	n->umas_function = p->has_umas ? p->umas_function : 0;
	n->has_address = p->has_address;
	n->has_quantity = p->has_quantity;
	n->has_subfunction = p->has_subfunction;
	n->has_mei = p->has_mei;
	n->kind = NOTE_NOTHING;
	n->count = 0;
	if (p->has_values && p->values.kind == OTO_VEC_BITS)
		note_bytes(n, NOTE_BITS, p->values.data, (p->values.count + 7) / 8, p->values.count);
	else if (p->has_values && p->values.kind == OTO_VEC_U16BE)
		note_bytes(n, NOTE_REGISTERS, p->values.data, p->values.count * 2, p->values.count);
	else if (p->has_data)
		note_bytes(n, NOTE_DATA, p->data.data, p->data.len, p->data.len);
}

/* Transaction and unit identifier; the function too, because some clients never change the former. */
static uint64_t pair_key(const struct modbus_pdu *p)
{
	return (uint64_t)p->tid << 16 | (uint64_t)p->unit << 8 | p->func;
}

/* A response does not say what was asked: the request's address and quantity do, and cut the padding off bits. */
static void complete(struct modbus_pdu *p, const struct modbus_note *n)
{
	if (!p->has_address && n->has_address) {
		p->address = n->address;
		p->has_address = true;
	}
	if (!p->has_quantity && n->has_quantity) {
		p->quantity = n->quantity;
		p->has_quantity = true;
	}
	if (!p->has_values || !n->has_quantity)
		return;
	if (p->values.kind == OTO_VEC_BITS && p->func <= READ_DISCRETE_INPUTS) {
		if ((n->quantity + 7u) / 8 != p->values.count / 8)
			odd(p, "byte_count_mismatch");
		if (n->quantity < p->values.count)
			p->values.count = n->quantity;
	} else if (p->func <= READ_INPUT_REGISTERS || p->func == READ_WRITE_MULTIPLE_REGISTERS) {
		if (n->quantity != p->values.count)
			odd(p, "byte_count_mismatch");
	}
}

/* ------------------------------------------------------------------------------------------------ speaking */

static const char *space_of(uint8_t func)
{
	switch (func) {
	case READ_COILS:
	case WRITE_SINGLE_COIL:
	case WRITE_MULTIPLE_COILS:
		return "coil";
	case READ_DISCRETE_INPUTS:
		return "discrete_input";
	case READ_INPUT_REGISTERS:
		return "input_register";
	case READ_HOLDING_REGISTERS:
	case WRITE_SINGLE_REGISTER:
	case WRITE_MULTIPLE_REGISTERS:
	case MASK_WRITE_REGISTER:
	case READ_WRITE_MULTIPLE_REGISTERS:
		return "holding_register";
	case READ_FILE_RECORD:
	case WRITE_FILE_RECORD:
		return "file";
	case READ_FIFO_QUEUE:
		return "fifo";
	default:
		return NULL;
	}
}

/* The registers touched; of a read/write those written, of file functions the first record's file. */
static struct oto_target target_of(const struct modbus_pdu *p)
{
	struct oto_target t = { .space = space_of(p->func), .first = p->address, .count = p->has_quantity ? p->quantity : p->has_address };

	if (p->has_write) {
		t.first = p->write_address;
		t.count = p->write_quantity;
	}
	if (p->has_records && p->data.len) {
		struct oto_cur c = oto_cur_of(p->data);
		struct modbus_file_record r;
		take_file_record(p, &c, &r);
		t.first = r.file;
		t.count = r.has_place;
	}
	return t;
}

/* What a command does follows from the function, or from the function inside it. */
static struct oto_operation operation_of(const struct modbus_pdu *p)
{
	const struct oto_name *row = oto_name_of(&functions, p->func), *inner = NULL;
	struct oto_operation o = { .self_size = sizeof o,
				   .op = row ? row->op : OTO_OP_OTHER,
				   .func = row ? row->name : "unknown",
				   .func_code = p->func,
				   .target = target_of(p),
				   .unit = p->unit,
				   .has_unit = true };

	if (p->has_subfunction)
		inner = oto_name_of(&subfunctions, p->subfunction);
	else if (p->has_mei)
		inner = oto_name_of(&mei_types, p->mei_type);
	else if (p->has_umas && p->request)
		inner = oto_name_of(&umas_functions, p->umas_function);
	if (inner) {
		o.op = inner->op;
		o.func = inner->name;
	}
	return o;
}

/* Decimal digits of n, written so that they end before text[end]; returns where they begin. */
static uint32_t put_number(uint8_t *text, uint32_t end, uint64_t n)
{
	do
		text[--end] = (uint8_t)('0' + n % 10);
	while ((n /= 10));
	return end;
}

/* "PACKET-TID" of the request: the same name on both sides, without chance. */
static struct oto_slice link_of(struct oto_ctx *cx, uint64_t packet, uint16_t tid)
{
	enum { SIZE = 28 };
	uint8_t *text = oto_scratch(cx, SIZE);

	if (!text)
		return (struct oto_slice){ 0 };
	uint32_t at = put_number(text, SIZE, tid);
	text[--at] = '-';
	at = put_number(text, at, packet);
	return (struct oto_slice){ &text[at], SIZE - at };
}

static bool is_compound(uint8_t func)
{
	return func == MASK_WRITE_REGISTER || func == READ_WRITE_MULTIPLE_REGISTERS;
}

static struct modbus_ends ends_of(const struct oto_ctx *cx)
{
	const struct oto_head *h = cx->head;

	return (struct modbus_ends){ cx->is_orig ? h->orig_h : h->resp_h, cx->is_orig ? h->resp_h : h->orig_h, oto_source_port(cx),
				     oto_dest_port(cx) };
}

static void tell_compound(struct oto_ctx *cx, const struct modbus_pdu *p, struct oto_slice link)
{
	struct modbus_compound e = { .ends = ends_of(cx),
				     .tid = p->tid,
				     .unit = p->unit,
				     .func = p->func,
				     .modbus_detailed_link_id = link,
				     .has_link = link.len != 0,
				     .request_response = p->request ? "REQUEST" : "RESPONSE",
				     .address = p->address,
				     .and_mask = p->and_mask,
				     .or_mask = p->or_mask,
				     .has_masks = p->has_masks,
				     .has_write = p->has_write,
				     .write_start_address = p->write_address,
				     .read_start_address = p->address,
				     .read_quantity = p->quantity };

	if (p->request)
		e.write_registers = p->values;
	else
		e.read_registers = p->values;
	e.has_read = !p->request && p->has_values;
	oto_emit(cx, EV_COMPOUND, &e);
}

static void tell_device_ids(struct oto_ctx *cx, const struct modbus_pdu *p, struct oto_slice link)
{
	struct modbus_device_id e = { .ends = ends_of(cx),
				      .tid = p->tid,
				      .unit = p->unit,
				      .func = p->func,
				      .mei_type = p->mei_type,
				      .device_id_code = p->device_id_code,
				      .object_id = p->object_id,
				      .conformity_level = p->conformity,
				      .request_response = p->request ? "REQUEST" : "RESPONSE",
				      .modbus_detailed_link_id = link,
				      .has_link = link.len != 0,
				      .has_value = !p->request };
	struct oto_cur c = oto_cur_of(p->data);

	if (p->request)
		oto_emit(cx, EV_DEVICE_ID, &e);
	for (unsigned i = 0; i < p->items; i++) {
		e.object_id = oto_u8(&c);
		e.object_value = oto_take(&c, oto_u8(&c));
		oto_emit(cx, EV_DEVICE_ID, &e);
	}
}

static void tell_file_records(struct oto_ctx *cx, const struct modbus_pdu *p)
{
	struct oto_cur c = oto_cur_of(p->data);
	struct modbus_file_record r;

	for (unsigned i = 0; i < p->items; i++) {
		take_file_record(p, &c, &r);
		r.index = (uint8_t)(i + 1);
		oto_emit(cx, EV_FILE_RECORD, &r);
	}
}

/* Events that only some functions have. */
static void tell_parts(struct oto_ctx *cx, const struct modbus_pdu *p, uint64_t request_packet)
{
	bool linked = request_packet != 0;

	if (p->has_records && oto_wanted(cx, EV_FILE_RECORD))
		tell_file_records(cx, p);
	else if (is_compound(p->func) && (p->has_masks || p->has_write || p->has_values) && oto_wanted(cx, EV_COMPOUND))
		tell_compound(cx, p, linked ? link_of(cx, request_packet, p->tid) : (struct oto_slice){ 0 });
	else if (p->has_object && oto_wanted(cx, EV_DEVICE_ID))
		tell_device_ids(cx, p, linked ? link_of(cx, request_packet, p->tid) : (struct oto_slice){ 0 });
}

static uint32_t note_size(const struct modbus_note *n)
{
	return n->kind == NOTE_BITS ? (n->count + 7u) / 8 : n->kind == NOTE_REGISTERS ? n->count * 2u : n->count;
}

static void keep_values(struct oto_ctx *cx, struct modbus_transaction *t, const struct modbus_note *n)
{
	uint8_t *copy = n->kind == NOTE_NOTHING ? NULL : oto_scratch(cx, note_size(n));

	if (!copy)
		return;
	memcpy(copy, n->values, note_size(n));
	if (n->kind == NOTE_DATA) {
		t->request_data = (struct oto_slice){ copy, n->count };
		t->has_request_data = true;
	} else {
		t->request_values = (struct oto_vec){ copy, n->count, n->kind == NOTE_BITS ? OTO_VEC_BITS : OTO_VEC_U16BE };
		t->has_request_values = true;
	}
}

static void transaction_request(struct oto_ctx *cx, struct modbus_transaction *t, const struct modbus_note *n)
{
	*t = (struct modbus_transaction){ .tid = n->tid,
					  .unit = n->unit,
					  .func = n->func,
					  .address = n->address,
					  .quantity = n->quantity,
					  .request_subfunction_code = n->subfunction,
					  .mei_type = n->mei_type,
					  .has_address = n->has_address,
					  .has_quantity = n->has_quantity,
					  .has_request_sub = n->has_subfunction,
					  .has_mei = n->has_mei };
	if (is_compound(n->func) || (n->has_mei && n->mei_type == MEI_DEVICE_IDENTIFICATION)) {
		t->modbus_detailed_link_id = link_of(cx, n->packet, n->tid);
		t->has_link = t->modbus_detailed_link_id.len != 0;
	}
	if (!is_compound(n->func))
		keep_values(cx, t, n);
}

static void tell_transaction(struct oto_ctx *cx, const struct modbus_pdu *p, const struct modbus_note *n)
{
	struct modbus_transaction t;

	if (n) {
		transaction_request(cx, &t, n);
		t.matched = true;
	} else {
		t = (struct modbus_transaction){ .tid = p->tid,
						 .unit = p->unit,
						 .func = p->func,
						 .address = p->address,
						 .has_address = p->has_address,
						 .quantity = p->quantity,
						 .has_quantity = p->has_quantity,
						 .mei_type = p->mei_type,
						 .has_mei = p->has_mei };
	}
	t.answered = true;
	if (!t.has_quantity && p->has_values) {
		t.quantity = (uint16_t)p->values.count;
		t.has_quantity = true;
	}
	t.latency = p->latency;
	t.has_latency = n != NULL;
	t.response_values = p->values;
	t.has_response_values = p->has_values && !is_compound(p->func);
	t.response_subfunction_code = p->subfunction;
	t.has_response_sub = p->has_subfunction;
	t.response_data = p->has_server_id ? p->server_id : p->data;
	t.has_response_data = p->has_data || p->has_server_id;
	t.exception_code = p->exception;
	t.has_exception = p->has_exception;
	oto_emit(cx, EV_TRANSACTION, &t);
}

/* Units 0 and 255 are the addressed device itself (MTG 4.4.1.2); others are stations behind it. */
static struct oto_slice station(struct oto_ctx *cx, uint8_t unit)
{
	enum { SIZE = 8 };
	uint8_t *text = unit == 0 || unit == 255 ? NULL : oto_scratch(cx, SIZE);

	if (!text)
		return (struct oto_slice){ 0 };
	uint32_t at = put_number(text, SIZE, unit) - 5;
	memcpy(&text[at], "unit ", 5);
	return (struct oto_slice){ &text[at], SIZE - at };
}

static bool is_text(struct oto_slice s)
{
	struct oto_cur c = oto_cur_of(s);
	bool text = s.len >= 2;

	while (text && oto_left(&c)) {
		uint8_t byte = oto_u8(&c);
		text = byte >= 0x20 && byte < 0x7f;
	}
	return text;
}

static void tell_facts(struct oto_ctx *cx, const struct modbus_pdu *p)
{
	struct oto_fact f = { .self_size = sizeof f, .confidence = 100, .sub = station(cx, p->unit) };
	struct oto_cur c = oto_cur_of(p->has_server_id ? p->server_id : p->data);

	for (unsigned i = 0; p->has_objects && i < p->items; i++) {
		uint8_t id = oto_u8(&c);
		f.value = oto_take(&c, oto_u8(&c));
		if (id >= sizeof object_facts / sizeof *object_facts)
			continue;
		f.key = object_facts[id];
		oto_fact(cx, &f);
	}
	if (!p->has_server_id)
		return;
	f.key = "server_id";
	f.value = p->server_id;
	uint8_t last = f.value.len ? f.value.data[f.value.len - 1] : 1;
	/* a number and the run indicator stand before the text; some put the indicator behind it */
	if (last == 0x00 || last == 0xff) {
		f.value.len--;
	} else if (!is_text(f.value) && p->has_running) {
		oto_skip(&c, 2);
		f.value = oto_rest(&c);
	}
	if (is_text(f.value))
		oto_fact(cx, &f);
}

/* The answer to UMAS_READ_ID: session, OK, 22 bytes of numbers, then what the controller is called ("140 CPU 311 10"). */
static void tell_umas_id(struct oto_ctx *cx, const struct modbus_pdu *p)
{
	enum { NUMBERS = 22 };
	struct oto_fact f = { .self_size = sizeof f, .key = "model", .confidence = 100, .sub = station(cx, p->unit) };
	struct oto_cur c = oto_cur_of(p->data);

	oto_skip(&c, 2 + NUMBERS);
	f.value = oto_take(&c, oto_u8(&c));
	if (c.bad || !is_text(f.value))
		return;
	oto_fact(cx, &f);
	f.key = "vendor";
	f.value = oto_slice_of("Schneider Electric");
	oto_fact(cx, &f);
}

static void tell_message(struct oto_ctx *cx, const struct modbus_pdu *p)
{
	struct modbus_message m = { .tid = p->tid,
				    .unit = p->unit,
				    .func = p->func,
				    .code = p->code,
				    .exception = p->exception,
				    .has_exception = p->has_exception,
				    .pdu_type = p->request ? "REQ" : "RESP" };

	oto_emit(cx, EV_MESSAGE, &m);
}

static void speak_request(struct oto_ctx *cx, struct modbus_pdu *p)
{
	if (p->code & 0x80) {
		odd(p, "exception_by_client");
		return;
	}
	struct modbus_note note;
	struct oto_operation o = operation_of(p);
	take_note(cx, p, &note);
	oto_request(cx, pair_key(p), &note);
	oto_operation(cx, &o);
	if (oto_wanted(cx, EV_REQUEST))
		oto_emit(cx, EV_REQUEST, p);
	tell_parts(cx, p, cx->head->packet);
}

static void speak_response(struct oto_ctx *cx, struct modbus_pdu *p)
{
	struct oto_match m;

	oto_response(cx, pair_key(p), &m);
	const struct modbus_note *note = m.found ? (const void *)m.note : NULL;
	if (note) {
		p->matched = true;
		p->unsure = m.unsure;
		p->latency = m.latency;
		complete(p, note);
	}
	struct oto_operation o = operation_of(p);
	const struct oto_name *why = oto_name_of(&exceptions, p->exception);
	bool refused = p->has_exception && p->exception != EXCEPTION_ACKNOWLEDGE;
	if (p->has_umas && p->umas_function == UMAS_ERROR)
		oto_outcome(cx, &m, OTO_OUTCOME_ERROR, "UMAS_ERROR", &o);
	else
		oto_outcome(cx, &m, refused ? OTO_OUTCOME_ERROR : OTO_OUTCOME_OK, !refused ? NULL : why ? why->name : "unknown", &o);
	oto_emit(cx, p->code & 0x80 ? EV_EXCEPTION : EV_RESPONSE, p);
	tell_parts(cx, p, note ? note->packet : 0);
	if (oto_wanted(cx, EV_TRANSACTION))
		tell_transaction(cx, p, note);
	if (p->has_objects || p->has_server_id)
		tell_facts(cx, p);
	if (note && p->umas_function == UMAS_OK && note->umas_function == UMAS_READ_ID)
		tell_umas_id(cx, p);
}

static void modbus_pdu(struct oto_ctx *cx, struct oto_cur *c)
{
	struct modbus_pdu p = { .tid = oto_be16(c) };
	struct oto_slice whole = { c->start, (uint32_t)(c->end - c->start) };

	uint16_t protocol = oto_be16(c), length = oto_be16(c);
	p.unit = oto_u8(c);
	p.code = oto_u8(c);
	p.func = p.code & 0x7f;
	if (c->bad)
		return;
	if (protocol != 0 || length < LENGTH_MIN) { /* a datagram among others: in a stream pdu_len refuses it */
		oto_weird(cx, "not_modbus", whole);
		return;
	}
	uint32_t said = length - (uint32_t)LENGTH_MIN;
	struct oto_cur body = oto_sub(c, said < oto_left(c) ? said : oto_left(c));
	if (length > LENGTH_MAX || said != oto_left(&body))
		odd(&p, "illegal_length");
	if (p.func == 0)
		odd(&p, "function_code_zero");
	p.request = sent_by_client(cx, p.code, body);
	parse(&p, body);
	tell_message(cx, &p);
	if (p.request)
		speak_request(cx, &p);
	else
		speak_response(cx, &p);
	if (p.odd)
		oto_weird(cx, p.odd, whole);
}

/* Nobody answered: the request's half is all there is. */
static void modbus_unanswered(struct oto_ctx *cx, const void *note)
{
	const struct modbus_note *n = note;
	struct modbus_transaction t;

	if (!oto_wanted(cx, EV_TRANSACTION))
		return;
	transaction_request(cx, &t, n);
	oto_emit(cx, EV_TRANSACTION, &t);
}

static const struct oto_pairing pairing = {
	.self_size = sizeof pairing,
	.note_size = sizeof(struct modbus_note),
	.scope = OTO_SCOPE_FLOW,
	.keyed = true,
};

static const struct oto_analyzer modbus = {
	.self_size = sizeof modbus,
	.flags = OTO_ANY_PORT,
	.name = "modbus",
	.doc = "Modbus/TCP and Modbus over UDP",
	.keys = "tcp/502 udp/502",
	.probe = modbus_probe,
	.pdu_len = modbus_pdu_len,
	.pdu = modbus_pdu,
	.unanswered = modbus_unanswered,
	.state_size = sizeof(struct modbus_flow),
	.max_pdu = MBAP_COUNTED + UINT16_MAX,
	.events = events,
	.nevents = sizeof events / sizeof *events,
	.pairing = &pairing,
};

OTO_ANALYZER(modbus);
