/* iec104_events.c - what IEC 60870-5-104 says: its events, their fields, and the logs made of them. */
#include "iec104.h"

#define END_FIELDS(s)                                                                                                                      \
	OTO_FIELD(s, client, "controlling station"), OTO_FIELD(s, server, "controlled station"),                                           \
	    OTO_FIELD(s, direction, "control: to the controlled station; monitor: from it", .names = &iec104_directions),                  \
	    OTO_FIELD(s, type_id, "type identification", .names = &iec104_types),                                                          \
	    OTO_FIELD(s, cause_tx, "cause of transmission", .names = &iec104_causes),                                                      \
	    OTO_FIELD(s, common_address, "common address of the ASDU: the station"),                                                       \
	    OTO_FIELD(s, info_obj_addr, "information object address")

/* ------------------------------------------------------------------------------------------------ iec104.apdu */

#define A(m, doc, ...) OTO_FIELD(struct iec104_apdu, m, doc, __VA_ARGS__)
#define A_IF(has) .guard = OTO_IF(struct iec104_apdu, has)
static const struct oto_field apdu_fields[] = {
	A(client, "controlling station"),
	A(server, "controlled station"),
	A(apci_type, "format of the control field", .names = &iec104_formats),
	A(direction, "control: to the controlled station; monitor: from it", .names = &iec104_directions),
	A(apdu_len, "octets behind the length field"),
	A(apci_tx, "send sequence number", A_IF(has_tx)),
	A(apci_rx, "receive sequence number: all before it came over", A_IF(has_rx)),
	A(u_function, "of format U", .names = &iec104_functions, A_IF(has_u_function)),
	A(type_id, "type identification", .names = &iec104_types, A_IF(has_asdu)),
	A(seq, "objects have successive addresses, of which only the first is said", A_IF(has_asdu)),
	A(num_ix, "number of objects", A_IF(has_asdu)),
	A(cause_tx, "cause of transmission", .names = &iec104_causes, A_IF(has_asdu)),
	A(negative, "refused", A_IF(has_asdu)),
	A(test, "a test, which changes nothing in the process", A_IF(has_asdu)),
	A(originator_address, "which of several controlling stations it is from or for, 0 when nobody says", A_IF(has_asdu)),
	A(common_address, "common address of the ASDU: the station, 65535 all", A_IF(has_asdu)),
	A(info_obj_addr, "addresses of the information objects", A_IF(has_asdu)),
	A(values, "their values, for types that have any", A_IF(has_values)),
	A(select, "of a command: select, and not yet execute", A_IF(has_select)),
	A(qualifier, "qualifier of the first object: of command, interrogation, reset, parameter ...", A_IF(has_qualifier)),
	A(qualifier_name, "its word, for those that have one"),
	A(freeze, "what happens to counters that are asked for", .names = &iec104_freezes, A_IF(has_freeze)),
	A(latency, "time since the request", A_IF(matched)),
};
static const struct oto_log apdu_logs[] = {
	{ .name = "iec104",
	  .doc = "IEC 60870-5-104 APDUs: format, type, cause, who and whom.",
	  .form = OTO_FORM_AGGREGATE,
	  .columns =
	      "is_orig apci_type apci_tx apci_rx u_function type_id seq num_ix cause_tx negative test originator_address common_address "
	      "info_obj_addr values select qualifier qualifier_name freeze",
	  .extra = "direction apdu_len latency",
	  .key = "orig_h resp_h resp_p is_orig direction apci_type u_function type_id cause_tx negative test originator_address "
		 "common_address "
		 "select qualifier_name freeze" },
};
static const struct oto_event_type apdu_type =
    OTO_EVENT("iec104.apdu", struct iec104_apdu, apdu_fields, "One APDU, with its ASDU when it has one.", OTO_LOGS(apdu_logs));

/* ------------------------------------------------------------------------------------------------ iec104.object */

#define O(m, doc, ...) OTO_FIELD(struct iec104_object, m, doc, __VA_ARGS__)
#define O_IF(has) .guard = OTO_IF(struct iec104_object, has)
static const struct oto_field object_fields[] = {
	END_FIELDS(struct iec104_object),
	O(originator_address, "which of several controlling stations it is from or for"),
	O(negative, "refused"),
	O(test, "a test, which changes nothing in the process"),
	O(value, "point, measured value, counter, command or set point; bits as their number", .flags = OTO_VARIES, O_IF(has_value)),
	O(command, "the same, of what goes to a station", O_IF(has_command)),
	O(changes, "of packed points: those that changed, as bits", .flags = OTO_VARIES, O_IF(has_changes)),
	O(quality,
	  "what is set of IV invalid, NT not topical, SB substituted, BL blocked, OV overflow, EI elapsed time invalid, CA counter "
	  "adjusted, CY carry, T transient, LPC local parameter change, POP parameter not in operation",
	  O_IF(has_quality)),
	O(invalid, "the value is not valid"),
	O(counter_sequence, "number of the counter reading", .flags = OTO_VARIES, O_IF(has_counter)),
	O(select, "of a command: select, and not yet execute", O_IF(has_select)),
	O(qualifier, "qualifier of command, interrogation, reset, parameter ...", O_IF(has_qualifier)),
	O(qualifier_name, "its word, for those that have one"),
	O(freeze, "what happens to counters that are asked for", .names = &iec104_freezes, O_IF(has_freeze)),
	O(time, "when it happened, or the time to be set, as if it were UTC", .flags = OTO_VARIES, O_IF(has_time)),
	O(hour_time, "when it happened, within an hour", .flags = OTO_VARIES, O_IF(has_hour_time)),
	O(time_invalid, "the clock is not to be trusted"),
	O(summer_time, "its time is summer time"),
	O(elapsed, "how long it took, of protection equipment; the delay to be set", .flags = OTO_VARIES, O_IF(has_elapsed)),
};
static const struct oto_log object_logs[] = {
	{ .name = "iec104_command",
	  .doc = "What goes to stations, object by object: commands, set points, parameters, interrogations.",
	  .form = OTO_FORM_AGGREGATE,
	  .flags = OTO_LOG_NOT_ZEEK,
	  .where = "direction == control",
	  .columns = "client server type_id cause_tx test originator_address common_address info_obj_addr command select qualifier "
		     "qualifier_name freeze",
	  .key =
	      "client server type_id cause_tx test originator_address common_address info_obj_addr command select qualifier_name freeze" },
	{ .name = "iec104_object",
	  .doc = "Information objects, either way.",
	  .form = OTO_FORM_OFF,
	  .columns =
	      "is_orig direction type_id cause_tx negative test originator_address common_address info_obj_addr value quality select "
	      "qualifier qualifier_name time",
	  .extra = "changes counter_sequence freeze hour_time time_invalid summer_time elapsed" },
};
static const struct oto_event_type object_type =
    OTO_EVENT("iec104.object", struct iec104_object, object_fields, "One information object of an ASDU, but those of files.",
	      OTO_LOGS(object_logs), .whole_keys = true);

/* ------------------------------------------------------------------------------------------------ iec104.file */

#define F(m, doc, ...) OTO_FIELD(struct iec104_file, m, doc, __VA_ARGS__)
#define F_IF(has) .guard = OTO_IF(struct iec104_file, has)
static const struct oto_field file_fields[] = {
	END_FIELDS(struct iec104_file),
	F(file, "name of file: 1 transparent, 2 disturbance data, 3 sequences of events, 4 of analogue values, others are the site's"),
	F(section, "name of section", F_IF(has_section)),
	F(length, "length of the file or section", F_IF(has_length)),
	F(ready, "the file or section is there and can be sent or taken", F_IF(has_ready)),
	F(call, "what is selected or called for", .names = &iec104_file_calls, F_IF(has_call)),
	F(end, "what went over", .names = &iec104_file_ends, F_IF(has_end)),
	F(checksum, "sum of the octets", F_IF(has_checksum)),
	F(ack, "what is acknowledged", .names = &iec104_file_acks, F_IF(has_ack)),
	F(error, "what went wrong"),
	F(status, "status of a file in the directory: 32 last one, 64 a directory, 128 being sent", F_IF(has_status)),
	F(data, "segment", .flags = OTO_HEX, F_IF(has_data)),
	F(time, "when the file was made; from when on a log is asked for", F_IF(has_time)),
	F(until, "until when", F_IF(has_until)),
};
static const struct oto_log file_logs[] = {
	{ .name = "iec104_file",
	  .doc = "Files as they go over, but their segments, and directories.",
	  .form = OTO_FORM_DETAIL,
	  .where = "type_id != F_SG_NA_1",
	  .columns =
	      "is_orig direction type_id cause_tx common_address info_obj_addr file section length ready call end checksum ack error "
	      "status time until" },
};
static const struct oto_event_type file_type =
    OTO_EVENT("iec104.file", struct iec104_file, file_fields, "An object of an ASDU of file transfer.", OTO_LOGS(file_logs));

const struct oto_event_type *const iec104_events[IEC104_EV_COUNT] = { &apdu_type, &object_type, &file_type };
