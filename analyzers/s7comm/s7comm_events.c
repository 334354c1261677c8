/* s7comm_events.c - what S7comm says: its events, their fields, and the logs made of them. */
#include "s7comm.h"

#define M(m, doc, ...) OTO_FIELD(struct s7_message, m, doc, __VA_ARGS__)
#define M_IF(has) .guard = OTO_IF(struct s7_message, has)
static const struct oto_field message_fields[] = {
	M(source_h, "sender"),
	M(source_p, "its port", .flags = OTO_PORT | OTO_VARIES),
	M(destination_h, "receiver"),
	M(destination_p, "its port", .flags = OTO_PORT | OTO_VARIES),
	M(rosctr_code, "remote operating service control: 1 job, 2 acknowledgement, 3 answer with data, 7 user data"),
	M(rosctr_name, "its name", .names = &s7_rosctrs),
	M(pdu_reference, "joins request and answer", .flags = OTO_VARIES),
	M(function_code, "function; of user data type and group", .flags = OTO_HEX, M_IF(has_function)),
	M(function_name, "its name", .names = &s7_functions, M_IF(has_function)),
	M(subfunction_code, "subfunction of user data, service of PLC control", M_IF(has_subfunction_code)),
	M(subfunction_name, "its name"),
	M(subfunction, "group and subfunction of user data", .names = &s7_subfunctions, M_IF(has_subfunction)),
	M(error_class, "class of the error, of an answer", M_IF(has_error)),
	M(error_code, "error within its class; of user data the whole error", .flags = OTO_HEX, M_IF(has_error)),
	M(error, "what went wrong", .names = &s7_errors, M_IF(has_error)),
	M(max_amq_calling, "parallel jobs that the caller offers or gets", M_IF(has_setup)),
	M(max_amq_called, "parallel jobs of the called side", M_IF(has_setup)),
	M(pdu_size, "longest PDU in bytes", M_IF(has_setup)),
	M(item_count, "how many variables", M_IF(has_items)),
	M(return_code, "of a unit of user data", .names = &s7_return_codes, M_IF(has_return_code)),
	M(sequence, "sequence number of user data", .flags = OTO_VARIES, M_IF(has_sequence)),
	M(data_unit, "number of the data unit that an answer in parts has", .flags = OTO_VARIES, M_IF(has_data_unit)),
	M(last_unit, "no further unit follows", M_IF(has_data_unit)),
	M(arguments, "of a PI service: blocks, files, modes", M_IF(has_arguments)),
	M(password_length, "bytes of the password that was sent", M_IF(has_password)),
	M(clock, "the clock as read or set", M_IF(has_clock)),
	M(session_events, "messages that are subscribed to: 1 mode, 2 system, 4 user, 128 alarms", M_IF(has_events)),
	M(user, "name of the subscriber", M_IF(has_user)),
	M(cycle, "milliseconds between cyclic data", M_IF(has_cycle)),
	M(latency, "time since the request", .flags = OTO_VARIES, M_IF(matched)),
};
static const struct oto_log message_logs[] = {
	{ .name = "s7comm",
	  .doc = "S7comm PDUs, ICSNPP's columns.",
	  .form = OTO_FORM_AGGREGATE,
	  .columns =
	      "is_orig source_h source_p destination_h destination_p rosctr_code rosctr_name pdu_reference function_code function_name "
	      "subfunction_code subfunction_name error_class error_code",
	  .extra = "error item_count arguments pdu_size max_amq_calling max_amq_called password_length clock user latency",
	  .key =
	      "orig_h resp_h resp_p is_orig rosctr_name function_name subfunction_code subfunction_name error_class error_code arguments" },
};
static const struct oto_event_type message_type =
    OTO_EVENT("s7comm.message", struct s7_message, message_fields, "One PDU.", OTO_LOGS(message_logs), .whole_keys = true);

#define I(m, doc, ...) OTO_FIELD(struct s7_item, m, doc, __VA_ARGS__)
#define I_IF(has) .guard = OTO_IF(struct s7_item, has)
static const struct oto_field item_fields[] = {
	I(client, "who reads, writes or subscribes"),
	I(server, "whose variable it is"),
	I(pdu_reference, "of the PDU", .flags = OTO_VARIES),
	I(number, "of the variable in its PDU, from 1", .flags = OTO_VARIES),
	I(access, "what is done", .names = &s7_accesses),
	I(pdu_type, "request, response, or push", .names = &s7_pdu_types),
	I(syntax, "how the variable is addressed", .names = &s7_syntaxes, I_IF(has_syntax)),
	I(area, "memory area", .names = &s7_areas, I_IF(has_area)),
	I(db, "number of the data block", I_IF(has_db)),
	I(address, "first byte; number of a counter or timer", I_IF(has_address)),
	I(bit, "bit in that byte", I_IF(has_bit)),
	I(transport_size, "type of an element", .names = &s7_sizes, I_IF(has_size)),
	I(count, "elements", I_IF(has_count)),
	I(target, "the variable: DB1:10-13, M:0.3"),
	I(data_transport, "kind of the data", .names = &s7_data_sizes, I_IF(has_data_transport)),
	I(return_code, "how it went for this variable", .names = &s7_return_codes, I_IF(has_return_code)),
	I(values, "values that are written or were read", .flags = OTO_VARIES, I_IF(has_values)),
	I(real, "a single floating point value", .flags = OTO_VARIES, I_IF(has_real)),
	I(data, "the same as bytes", .flags = OTO_HEX | OTO_VARIES, I_IF(has_data)),
	I(matched, "the request was seen, in an answer"),
};
static const struct oto_log item_logs[] = {
	{ .name = "s7comm_item",
	  .doc = "Variables that are read, written, watched or subscribed to.",
	  .form = OTO_FORM_AGGREGATE,
	  .flags = OTO_LOG_NOT_ZEEK,
	  .columns =
	      "client server pdu_reference access pdu_type target syntax area db address bit transport_size count values return_code",
	  .extra = "number data_transport real data matched",
	  .key = "client server access pdu_type target transport_size return_code",
	  .where = "pdu_type != response or return_code != 'Success'" },
};
static const struct oto_event_type item_type =
    OTO_EVENT("s7comm.item", struct s7_item, item_fields, "A variable in a request or an answer.", OTO_LOGS(item_logs), .whole_keys = true);

#define Z(m, doc, ...) OTO_FIELD(struct s7_szl, m, doc, __VA_ARGS__)
static const struct oto_field szl_fields[] = {
	Z(source_h, "sender"),
	Z(source_p, "its port", .flags = OTO_PORT),
	Z(destination_h, "receiver"),
	Z(destination_p, "its port", .flags = OTO_PORT),
	Z(pdu_reference, "joins request and answer"),
	Z(method, "request or response", .names = &s7_methods),
	Z(szl_id, "the list and its extract", .flags = OTO_HEX | OTO_WIDE),
	Z(szl_id_name, "the list", .names = &s7_szls),
	Z(szl_index, "what of the list", .flags = OTO_HEX | OTO_WIDE),
	Z(return_code, "how it went", .flags = OTO_HEX),
	Z(return_code_name, "in words", .names = &s7_return_codes),
	Z(record_length, "bytes of a record", .guard = OTO_IF(struct s7_szl, has_records)),
	Z(records, "records", .guard = OTO_IF(struct s7_szl, has_records)),
};
static const struct oto_log szl_logs[] = {
	{ .name = "s7comm_read_szl",
	  .doc = "System status lists that are read, ICSNPP's columns.",
	  .form = OTO_FORM_AGGREGATE,
	  .columns = "is_orig source_h source_p destination_h destination_p pdu_reference method szl_id szl_id_name szl_index return_code "
		     "return_code_name",
	  .extra = "record_length records",
	  .key = "orig_h resp_h resp_p is_orig method szl_id szl_id_name szl_index return_code return_code_name" },
};
static const struct oto_event_type szl_type =
    OTO_EVENT("s7comm.szl", struct s7_szl, szl_fields, "A system status list is asked for or told.", OTO_LOGS(szl_logs));

#define B(m, doc, ...) OTO_FIELD(struct s7_block, m, doc, __VA_ARGS__)
#define B_IF(has) .guard = OTO_IF(struct s7_block, has)
static const struct oto_field block_fields[] = {
	B(source_h, "sender"),
	B(source_p, "its port", .flags = OTO_PORT),
	B(destination_h, "receiver"),
	B(destination_p, "its port", .flags = OTO_PORT),
	B(rosctr, "job or answer", .names = &s7_rosctrs),
	B(pdu_reference, "joins request and answer"),
	B(function_name, "what is done", .names = &s7_block_functions),
	B(function_status, "status byte of jobs and uploads: 1 more follows, 2 error", .flags = OTO_HEX, B_IF(has_status)),
	B(session_id, "number of an upload", B_IF(has_session)),
	B(blocklength, "bytes in this PDU; at the start of an upload those of the block", B_IF(has_length)),
	B(filename, "type, number and file system in one word", B_IF(has_filename)),
	B(block_type, "type of the block"),
	B(block_number, "number of the block", B_IF(has_block)),
	B(destination_filesystem, "passive (loaded) or active (in force)"),
	B(load_memory, "bytes in load memory, announced", B_IF(has_sizes)),
	B(mc7_length, "bytes of code, announced", B_IF(has_sizes)),
	B(more, "more follows", B_IF(has_more)),
};
static const struct oto_log block_logs[] = {
	{ .name = "s7comm_upload_download",
	  .doc = "Blocks that go up and down, PDU by PDU, ICSNPP's columns.",
	  .form = OTO_FORM_DETAIL,
	  .columns = "is_orig source_h source_p destination_h destination_p rosctr pdu_reference function_name function_status session_id "
		     "blocklength filename block_type block_number destination_filesystem",
	  .extra = "load_memory mc7_length more" },
};
static const struct oto_event_type block_type =
    OTO_EVENT("s7comm.block", struct s7_block, block_fields, "A step of an upload or download.", OTO_LOGS(block_logs));

#define N(m, doc, ...) OTO_FIELD(struct s7_block_info, m, doc, __VA_ARGS__)
#define N_IF(has) .guard = OTO_IF(struct s7_block_info, has)
static const struct oto_field info_fields[] = {
	N(client, "who asked"),
	N(server, "whose blocks they are"),
	N(function, "which question it answers", .names = &s7_info_functions),
	N(block_type, "OB, DB, SDB, FC, SFC, FB, SFB"),
	N(count, "blocks of this type", N_IF(has_count)),
	N(number, "number of the block", N_IF(has_number)),
	N(flags, "flags of the block", .flags = OTO_HEX, N_IF(has_flags)),
	N(language, "in which it is written", .names = &s7_languages, N_IF(has_language)),
	N(author, "author in the header", N_IF(has_info)),
	N(family, "family in the header", N_IF(has_info)),
	N(header, "name in the header", N_IF(has_info)),
	N(version, "version, major in the upper half", .flags = OTO_HEX, N_IF(has_info)),
	N(checksum, "checksum of the block", .flags = OTO_HEX | OTO_WIDE, N_IF(has_info)),
	N(load_memory, "bytes in load memory", N_IF(has_info)),
	N(mc7_length, "bytes of code", N_IF(has_info)),
	N(interface_length, "bytes of the interface", N_IF(has_info)),
	N(local_length, "bytes of local data", N_IF(has_info)),
	N(protection, "3: know-how protected", N_IF(has_info)),
	N(code_changed, "when the code was changed", N_IF(has_info)),
	N(interface_changed, "when the interface was changed", N_IF(has_info)),
};
static const struct oto_log info_logs[] = {
	{ .name = "s7comm_block",
	  .doc = "Blocks of a PLC as it lists them.",
	  .form = OTO_FORM_AGGREGATE,
	  .flags = OTO_LOG_NOT_ZEEK,
	  .columns =
	      "client server function block_type count number flags language author family header version checksum load_memory mc7_length "
	      "code_changed interface_changed",
	  .extra = "interface_length local_length protection",
	  .key = "client server function block_type count number language checksum code_changed" },
};
static const struct oto_event_type info_type =
    OTO_EVENT("s7comm.block_info", struct s7_block_info, info_fields, "What a PLC tells of its blocks.", OTO_LOGS(info_logs));

#define A(m, doc, ...) OTO_FIELD(struct s7_alarm, m, doc, __VA_ARGS__)
#define A_IF(has) .guard = OTO_IF(struct s7_alarm, has)
static const struct oto_field alarm_fields[] = {
	A(source_h, "sender"),
	A(destination_h, "receiver"),
	A(subfunction, "what kind of message it is", .names = &s7_subfunctions),
	A(syntax, "form of the object", .names = &s7_syntaxes, A_IF(has_syntax)),
	A(number, "of the object or entry in its PDU, from 1"),
	A(kind, "kind of alarm that is asked for or there", .names = &s7_alarm_kinds, A_IF(has_kind)),
	A(event_id, "number of the alarm or event", .flags = OTO_HEX, A_IF(has_event)),
	A(event_state, "its eight signals", .flags = OTO_HEX, A_IF(has_signals)),
	A(state, "state of the message", .flags = OTO_HEX, A_IF(has_state)),
	A(ack_going, "acknowledged going signals", .flags = OTO_HEX, A_IF(has_ack)),
	A(ack_coming, "acknowledged coming signals", .flags = OTO_HEX, A_IF(has_ack)),
	A(going, "signals that went", .flags = OTO_HEX, A_IF(has_changes)),
	A(coming, "signals that came", .flags = OTO_HEX, A_IF(has_changes)),
	A(changed, "signals that changed last", .flags = OTO_HEX, A_IF(has_changes)),
	A(event_class, "class of a diagnostic event", .names = &s7_event_classes, A_IF(has_diagnosis)),
	A(priority, "priority class", A_IF(has_diagnosis)),
	A(ob_number, "organization block", A_IF(has_diagnosis)),
	A(info, "more of the event", .flags = OTO_HEX, A_IF(has_diagnosis)),
	A(clock, "when it happened, by the clock of the PLC", A_IF(has_clock)),
	A(gone, "when it was over, by the same clock", A_IF(has_gone)),
	A(values, "associated values", .flags = OTO_HEX, A_IF(has_values)),
};
static const struct oto_log alarm_logs[] = {
	{ .name = "s7comm_alarm",
	  .doc = "Alarms, notifications, diagnostic messages, and what is done about them.",
	  .form = OTO_FORM_AGGREGATE,
	  .flags = OTO_LOG_NOT_ZEEK,
	  .columns = "source_h destination_h subfunction syntax event_id event_state state ack_going ack_coming event_class priority "
		     "ob_number clock",
	  .extra = "kind gone going coming changed number info values",
	  .key = "source_h destination_h subfunction kind event_id event_state state ack_going ack_coming" },
};
static const struct oto_event_type alarm_type =
    OTO_EVENT("s7comm.alarm", struct s7_alarm, alarm_fields, "An alarm or a diagnostic message.", OTO_LOGS(alarm_logs));

#define D(m, doc, ...) OTO_FIELD(struct s7_device, m, doc, __VA_ARGS__)
#define D_IF(has) .guard = OTO_IF(struct s7_device, has)
static const struct oto_field device_fields[] = {
	D(is_orig, "not said: the row is of the connection"),
	D(source_h, "not said"),
	D(source_p, "not said", D_IF(has_source)),
	D(destination_h, "not said"),
	D(destination_p, "not said", D_IF(has_source)),
	D(automation_system_name, "name of the station", D_IF(has_as)),
	D(module_name, "name of the module", D_IF(has_module)),
	D(plant_name, "plant designation", D_IF(has_plant)),
	D(module_serial, "serial number", D_IF(has_serial)),
};
static const struct oto_log device_logs[] = {
	{ .name = "s7comm_known_devices",
	  .doc = "Devices that told their names, a row at the end of a connection, ICSNPP's columns.",
	  .form = OTO_FORM_DETAIL,
	  .columns = "is_orig source_h source_p destination_h destination_p automation_system_name module_name plant_name module_serial" },
};
static const struct oto_event_type device_type =
    OTO_EVENT("s7comm.device", struct s7_device, device_fields, "A device told its names in this connection.", OTO_LOGS(device_logs));

const struct oto_event_type *const s7_events[EV_COUNT] = {
	[EV_MESSAGE] = &message_type, [EV_ITEM] = &item_type,   [EV_SZL] = &szl_type,      [EV_BLOCK] = &block_type,
	[EV_BLOCK_INFO] = &info_type, [EV_ALARM] = &alarm_type, [EV_DEVICE] = &device_type
};
