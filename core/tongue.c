/* tongue.c - the field tables of ot.operation, ot.outcome, asset.fact and program.transfer. See tongue.h. */
#include "tongue.h"

static const struct oto_name op_rows[] = {
	{ OTO_OP_NONE, "none", 0, "not an operation" },
	{ OTO_OP_READ, "read", 0, "reads process data" },
	{ OTO_OP_WRITE, "write", 0, "changes process data" },
	{ OTO_OP_START, "start", 0, "starts a program, a controller or a function" },
	{ OTO_OP_STOP, "stop", 0, "stops it" },
	{ OTO_OP_RESET, "reset", 0, "restarts a device or takes its state away: values and outputs may be lost" },
	{ OTO_OP_MODE, "mode", 0, "changes the operating mode" },
	{ OTO_OP_PROGRAM_READ, "program_read", 0, "reads program or logic from a controller" },
	{ OTO_OP_PROGRAM_WRITE, "program_write", 0, "writes or deletes program or logic" },
	{ OTO_OP_FIRMWARE, "firmware", 0, "transfers firmware" },
	{ OTO_OP_CONFIGURE, "configure", 0, "changes configuration" },
	{ OTO_OP_AUTHENTICATE, "authenticate", 0, "logs on, sets or clears protection" },
	{ OTO_OP_DISCOVER, "discover", 0, "asks who is there, or what it is" },
	{ OTO_OP_DIAGNOSE, "diagnose", 0, "reads status, counters or logs" },
	{ OTO_OP_TIME, "time", 0, "sets the clock" },
	{ OTO_OP_CYCLIC, "cyclic", 0, "exchanges cyclic process data" },
	{ OTO_OP_OTHER, "other", 0, "something else" },
	{ OTO_OP_CLEAR, "clear", 0, "counters, faults, messages or logs are forgotten, and nothing stops" },
};
static const struct oto_names ops = OTO_NAMES(op_rows);

static const struct oto_name category_rows[] = {
	{ OTO_CATEGORY_OBSERVE, "observe", 0, "reads, asks or logs on: the process goes on as it was" },
	{ OTO_CATEGORY_CHANGE, "change", 0, "data, program, configuration or clock are other ones afterwards" },
	{ OTO_CATEGORY_CONTROL, "control", 0, "what runs is started, stopped or put into another mode" },
};
static const struct oto_names categories = OTO_NAMES(category_rows);

static const struct oto_name outcome_rows[] = {
	{ OTO_OUTCOME_OK, "ok", 0, "the device did it" },
	{ OTO_OUTCOME_ERROR, "error", 0, "the device refused; `error` says how" },
	{ OTO_OUTCOME_NO_ANSWER, "no_answer", 0, "no response in time" },
};
static const struct oto_names outcomes = OTO_NAMES(outcome_rows);

const char *oto_op_name(uint32_t op)
{
	const struct oto_name *row = oto_name_of(&ops, op);
	return row ? row->name : "other";
}

uint32_t oto_op_category(uint32_t op)
{
	switch (op) {
	case OTO_OP_WRITE:
	case OTO_OP_PROGRAM_WRITE:
	case OTO_OP_FIRMWARE:
	case OTO_OP_CONFIGURE:
	case OTO_OP_TIME:
	case OTO_OP_CLEAR:
		return OTO_CATEGORY_CHANGE;
	case OTO_OP_START:
	case OTO_OP_STOP:
	case OTO_OP_RESET:
	case OTO_OP_MODE:
		return OTO_CATEGORY_CONTROL;
	default:
		return OTO_CATEGORY_OBSERVE;
	}
}

#define O(m, doc, ...) OTO_FIELD(struct oto_operation_event, m, doc, __VA_ARGS__)
#define O_IF(has) .guard = OTO_IF(struct oto_operation_event, has)
static const struct oto_field operation_fields[] = {
	O(client, "who asks; the MAC address where there is no IP"),
	O(server, "who is asked, as the request says: of a broadcast the group; who answers is in ot.outcome"),
	O(client_mac, "MAC address of the client's side of the segment", O_IF(has_mac)),
	O(server_mac, "MAC address of the server's side of the segment", O_IF(has_mac)),
	O(server_p, "the server's port", O_IF(has_port), .flags = OTO_PORT),
	O(protocol, "the analyzer that saw it"),
	O(func, "the protocol's own word for the command"),
	O(func_code, "the protocol's own number for the command"),
	O(op, "what it does to the device", .names = &ops),
	O(category, "observe, change or control; follows from op", .names = &categories),
	O(target, "what is touched: address space with a range, or a name"),
	O(unit, "station behind the address: unit identifier, node, slave", O_IF(has_unit)),
	O(sub, "what hides behind the address, as facts name it: rack 0 slot 2, 1/0"),
	O(op_id, "joins the operation with its outcome"),
	O(unmatched, "true when only the response was seen"),
};
static const struct oto_log operation_logs[] = {
	{ .name = "ot_operation",
	  .doc = "Who does what to whom, over all OT protocols.",
	  .form = OTO_FORM_AGGREGATE,
	  .flags = OTO_LOG_NOT_ZEEK,
	  .columns = "client server server_p protocol func op category target unit sub op_id unmatched",
	  .key = "client server server_p protocol func op category unit sub" },
};
const struct oto_event_type oto_operation_type = OTO_EVENT(
    "ot.operation", struct oto_operation_event, operation_fields,
    "Somebody asks a device to do something; spoken at the request by every OT analyzer.", OTO_LOGS(operation_logs), .whole_keys = true);

#define R(m, doc, ...) OTO_FIELD(struct oto_outcome_event, m, doc, __VA_ARGS__)
#define R_IF(has) .guard = OTO_IF(struct oto_outcome_event, has)
static const struct oto_field outcome_fields[] = {
	R(client, "who asked"),
	R(server, "who was asked; where that was a group, who answers"),
	R(server_p, "the server's port", R_IF(has_port), .flags = OTO_PORT),
	R(protocol, "the analyzer that saw it"),
	R(func, "the protocol's own word for the command"),
	R(func_code, "the protocol's own number for the command"),
	R(op, "what it does to the device", .names = &ops),
	R(category, "observe, change or control", .names = &categories),
	R(unit, "station behind the address", R_IF(has_unit)),
	R(sub, "what hides behind the address, as facts name it"),
	R(op_id, "of the ot.operation this answers"),
	R(outcome, "how it went", .names = &outcomes),
	R(error, "the protocol's word for the error"),
	R(latency, "from request to response", R_IF(has_latency)),
	R(retries, "how often the request was repeated before"),
	R(unmatched, "true when the request was not seen"),
	R(unsure, "true when bytes were lost between request and response"),
};
static const struct oto_log outcome_logs[] = {
	{ .name = "ot_outcome",
	  .doc = "How operations went: errors and missing answers.",
	  .form = OTO_FORM_AGGREGATE,
	  .flags = OTO_LOG_NOT_ZEEK,
	  .columns = "client server server_p protocol func op unit sub op_id outcome error latency retries unmatched unsure",
	  .key = "client server server_p protocol func op unit sub outcome error",
	  .where = "outcome != ok" },
};
const struct oto_event_type oto_outcome_type =
    OTO_EVENT("ot.outcome", struct oto_outcome_event, outcome_fields, "How an operation went; follows at the response, or as no_answer.",
	      OTO_LOGS(outcome_logs), .whole_keys = true);

#define A(m, doc, ...) OTO_FIELD(struct oto_fact_event, m, doc, __VA_ARGS__)
static const struct oto_field fact_fields[] = {
	A(ip, "address of the device"),
	A(mac, "MAC address of the device", .guard = OTO_IF(struct oto_fact_event, has_mac)),
	A(sub, "what hides behind the address: a unit, a rack and slot, a network number"),
	A(key, "what is known: model, serial, firmware, vendor, hostname, ..."),
	A(value, "its value"),
	A(source, "the protocol that told it"),
	A(confidence, "in percent: 100 the device says so in a protocol made for that, 80 in passing, 50 inferred, 20 a hint"),
};
static const struct oto_log fact_logs[] = {
	{ .name = "asset_fact",
	  .doc = "What packets reveal of devices.",
	  .form = OTO_FORM_AGGREGATE,
	  .flags = OTO_LOG_NOT_ZEEK,
	  .columns = "ip mac sub key value source confidence",
	  .key = "ip mac sub key value source confidence" },
};
const struct oto_event_type oto_fact_type = OTO_EVENT("asset.fact", struct oto_fact_event, fact_fields,
						      "A packet reveals something of a device.", OTO_LOGS(fact_logs), .whole_keys = true);

static const struct oto_name direction_rows[] = {
	{ OTO_PROGRAM_UPLOAD, "upload", 0, "read out of the device" },
	{ OTO_PROGRAM_DOWNLOAD, "download", 0, "written into the device" },
	{ OTO_PROGRAM_DELETE, "delete", 0, "deleted on the device" },
	{ OTO_PROGRAM_INSERT, "insert", 0, "put in force on the device" },
};
static const struct oto_names directions = OTO_NAMES(direction_rows);

static const struct oto_name result_rows[] = {
	{ OTO_PROGRAM_COMPLETE, "complete", 0, "all of it went over, and the device agreed" },
	{ OTO_PROGRAM_ABORTED, "aborted", 0, "refused or broken off; `error` says how" },
	{ OTO_PROGRAM_CUT, "cut", 0, "how it ended was not seen" },
};
static const struct oto_names results = OTO_NAMES(result_rows);

#define T(m, doc, ...) OTO_FIELD(struct oto_program_event, m, doc, __VA_ARGS__)
#define T_IF(has) .guard = OTO_IF(struct oto_program_event, has)
static const struct oto_field program_fields[] = {
	T(client, "who transfers, deletes or inserts; the MAC address where there is no IP"),
	T(server, "the device"),
	T(client_mac, "MAC address of the client's side of the segment", T_IF(has_mac)),
	T(server_mac, "MAC address of the device's side of the segment", T_IF(has_mac)),
	T(server_p, "the device's port", T_IF(has_port), .flags = OTO_PORT),
	T(sub, "what hides behind the address, as facts name it"),
	T(protocol, "the analyzer that saw it"),
	T(direction, "upload, download, delete or insert", .names = &directions),
	T(kind, "what was transferred: block, file, firmware, ..."),
	T(name, "the protocol's name of it", T_IF(has_name)),
	T(size, "bytes of content that were seen", T_IF(has_size)),
	T(announced, "bytes that were said to come", T_IF(has_announced)),
	T(sha256, "SHA-256 of the content; absent when some of it was not seen", T_IF(has_sha256), .flags = OTO_HEX),
	T(result, "how it ended", .names = &results),
	T(error, "why it was aborted"),
	T(duration, "from the first request to the end", T_IF(has_duration)),
	T(op_id, "of the ot.operation that began it", T_IF(has_op)),
};
static const struct oto_log program_logs[] = {
	{ .name = "program_transfer",
	  .doc = "Programs, blocks, files and firmware that went into or out of devices, over all OT protocols.",
	  .form = OTO_FORM_DETAIL,
	  .flags = OTO_LOG_NOT_ZEEK | OTO_LOG_NO_ID,
	  .columns = "uid client server server_p sub protocol direction kind name size announced sha256 result error duration op_id" },
};
const struct oto_event_type oto_program_type =
    OTO_EVENT("program.transfer", struct oto_program_event, program_fields,
	      "A program, block, file or firmware went into or out of a device, or was deleted or inserted there; spoken at its end.",
	      OTO_LOGS(program_logs));
