/* modbus_tables.c - the words of Modbus: functions, exceptions, subfunctions, identification, UMAS. Clauses as in modbus.c. */
#include "modbus.h"

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

static const struct oto_name function_rows[] = { FUNCTIONS(FUNCTION_ROW) };
const struct oto_names modbus_functions = OTO_NAMES(function_rows);
/* The function byte as Zeek prints it: bit 7 set is an exception response. */
static const struct oto_name code_rows[] = { FUNCTIONS(FUNCTION_ROW) FUNCTIONS(EXCEPTION_ROW) };
const struct oto_names modbus_codes = OTO_NAMES(code_rows);

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
const struct oto_names modbus_exceptions = OTO_NAMES(exception_rows);

/* MAP 6.8.1. */
static const struct oto_name subfunction_rows[] = {
	{ 0, "Return Query Data", OTO_OP_DIAGNOSE, "loops the data back" },
	{ 1, "Restart Communications Option", OTO_OP_RESET,
	  "restarts the port and leaves listen-only mode; data FF00 clears the event log" },
	{ 2, "Return Diagnostic Register", OTO_OP_DIAGNOSE, NULL },
	{ 3, "Change ASCII Input Delimiter", OTO_OP_CONFIGURE, "changes the end-of-message character of ASCII lines" },
	{ 4, "Force Listen Only Mode", OTO_OP_MODE, "silences the device: it neither acts nor answers until restarted" },
	{ 10, "Clear Counters and Diagnostic Register", OTO_OP_CLEAR, "forgets the error counters" },
	{ 11, "Return Bus Message Count", OTO_OP_DIAGNOSE, NULL },
	{ 12, "Return Bus Communication Error Count", OTO_OP_DIAGNOSE, NULL },
	{ 13, "Return Bus Exception Error Count", OTO_OP_DIAGNOSE, NULL },
	{ 14, "Return Server Message Count", OTO_OP_DIAGNOSE, NULL },
	{ 15, "Return Server No Response Count", OTO_OP_DIAGNOSE, NULL },
	{ 16, "Return Server NAK Count", OTO_OP_DIAGNOSE, NULL },
	{ 17, "Return Server Busy Count", OTO_OP_DIAGNOSE, NULL },
	{ 18, "Return Bus Character Overrun Count", OTO_OP_DIAGNOSE, NULL },
	{ 20, "Clear Overrun Counter and Flag", OTO_OP_CLEAR, "forgets the overrun error" },
};
const struct oto_names modbus_subfunctions = OTO_NAMES(subfunction_rows);

static const struct oto_name mei_rows[] = {
	{ MEI_CANOPEN, "CANOPEN", OTO_OP_OTHER, "CANopen general reference" },
	{ MEI_DEVICE_IDENTIFICATION, "READ-DEVICE-IDENTIFICATION", OTO_OP_DISCOVER, "vendor, product and revision" },
};
const struct oto_names modbus_mei_types = OTO_NAMES(mei_rows);

/* MAP 6.21: which objects are asked for, what a device offers, and what an object is. */
static const struct oto_name id_code_rows[] = {
	{ 1, "basic", 0, "objects 0-2, as a stream" },
	{ 2, "regular", 0, "objects 0-127, as a stream" },
	{ 3, "extended", 0, "objects 0-255, as a stream" },
	{ 4, "specific", 0, "one object" },
};
const struct oto_names modbus_id_codes = OTO_NAMES(id_code_rows);
static const struct oto_name conformity_rows[] = {
	{ 0x01, "Basic Identification (Stream)", 0, NULL },
	{ 0x02, "Regular Identification (Stream)", 0, NULL },
	{ 0x03, "Extended Identification (Stream)", 0, NULL },
	{ 0x81, "Basic Identification (Stream, Individual)", 0, NULL },
	{ 0x82, "Regular Identification (Stream, Individual)", 0, NULL },
	{ 0x83, "Extended Identification (Stream, Individual)", 0, NULL },
};
const struct oto_names modbus_conformities = OTO_NAMES(conformity_rows);
static const struct oto_name object_rows[] = {
	{ 0, "VendorName", 0, NULL },  { 1, "ProductCode", 0, NULL }, { 2, "MajorMinorVersion", 0, NULL },   { 3, "VendorURL", 0, NULL },
	{ 4, "ProductName", 0, NULL }, { 5, "ModelName", 0, NULL },   { 6, "UserApplicationName", 0, NULL },
};
const struct oto_names modbus_objects = OTO_NAMES(object_rows);
/* The fact that an object tells, by object number. */
const char *const modbus_object_facts[MODBUS_OBJECT_FACTS] = { "vendor",  "model",      "firmware",   "vendor_url",
							       "product", "model_name", "application" };

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
const struct oto_names modbus_umas_functions = OTO_NAMES(umas_rows);
