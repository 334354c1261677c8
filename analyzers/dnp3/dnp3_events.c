/* dnp3_events.c - what DNP3 says: its events, their fields, and the logs that Zeek and ICSNPP make of them. */
#include "dnp3.h"

#define STATIONS(s)                                                                                                                        \
	OTO_FIELD(s, source, "link address of the sender"), OTO_FIELD(s, destination, "link address of the receiver"),                     \
	    OTO_FIELD(s, outstation, "link address of the station that is asked, or that tells")
#define ROLES(s)                                                                                                                           \
	MEMBER(s, "client", roles.client, OTO_ADDR, "who asks, a master"),                                                                 \
	    MEMBER(s, "server", roles.server, OTO_ADDR, "who is asked, or tells")
#define END(s, m, k, d, ...)                                                                                                               \
	{                                                                                                                                  \
		.name = #m, .doc = d, .kind = k, .offset = offsetof(s, ends.m), __VA_ARGS__                                                \
	}
#define ENDS_FIELDS(s)                                                                                                                     \
	END(s, source_h, OTO_ADDR, "sender"), END(s, source_p, OTO_U16, "its port", .flags = OTO_PORT | OTO_VARIES),                       \
	    END(s, destination_h, OTO_ADDR, "receiver"), END(s, destination_p, OTO_U16, "its port", .flags = OTO_PORT | OTO_VARIES)
#define ENDS "is_orig source_h source_p destination_h destination_p"
#define PLACE "orig_h resp_h resp_p is_orig source destination"
#define MEMBER(s, n, m, t, d, ...)                                                                                                         \
	{                                                                                                                                  \
		.name = n, .doc = d, .kind = t, .offset = offsetof(s, m), __VA_ARGS__                                                      \
	}

/* ------------------------------------------------------------------------------------------------ dnp3.link */

#define L(m, doc, ...) OTO_FIELD(struct dnp3_link, m, doc, __VA_ARGS__)
static const struct oto_field link_fields[] = {
	L(source, "link address of the sender"),
	L(destination, "link address of the receiver, from 65533 on everybody"),
	L(from_master, "direction bit: a master sent it"),
	L(primary, "the sender began the exchange"),
	L(function, "what the frame is for", .names = &dnp3_link_functions),
	L(fcb, "frame count bit: changes with each frame that wants an answer"),
	L(fcv, "the frame count bit counts; of an answer: the receiver is busy"),
	L(length, "bytes behind the length, without checksums", .flags = OTO_VARIES),
};
static const struct oto_log link_logs[] = {
	{ .name = "dnp3_link",
	  .doc = "What link layers of DNP3 say to each other beside carrying data.",
	  .form = OTO_FORM_AGGREGATE,
	  .flags = OTO_LOG_NOT_ZEEK,
	  .where = "function != UNCONFIRMED_USER_DATA and function != CONFIRMED_USER_DATA",
	  .columns = "is_orig source destination from_master function fcb fcv",
	  .key = PLACE " from_master function" },
};
static const struct oto_event_type link_type =
    OTO_EVENT("dnp3.link", struct dnp3_link, link_fields, "One link frame.", OTO_LOGS(link_logs), .whole_keys = true);

/* ------------------------------------------------------------------------------------------------ dnp3.message */

#define M(m, doc, ...) OTO_FIELD(struct dnp3_message, m, doc, __VA_ARGS__)
#define M_IF(has) .guard = OTO_IF(struct dnp3_message, has)
static const struct oto_field message_fields[] = {
	ROLES(struct dnp3_message),
	STATIONS(struct dnp3_message),
	M(from_master, "direction bit of the link"),
	M(pdu_type, "request, response, unsolicited or confirm"),
	M(function, "function code", .names = &dnp3_functions),
	M(request, "of a response the function code of its request", .names = &dnp3_functions, M_IF(has_request)),
	M(fir, "first fragment of the message"),
	M(fin, "last fragment of the message"),
	M(con, "a confirmation is wanted"),
	M(uns, "belongs to an unsolicited response"),
	M(seq, "sequence number", .flags = OTO_VARIES),
	M(iin, "internal indications, the first octet uppermost", .flags = OTO_HEX | OTO_WIDE, M_IF(has_iin)),
	M(indications, "the indications that are set: device_restart,need_time", M_IF(has_iin)),
	M(objects, "groups and variations of the objects: g60v2 g60v3"),
	M(headers, "how many object headers"),
	M(size, "bytes of the fragment", .flags = OTO_VARIES),
	M(matched, "the request of a response, or what is confirmed, was seen"),
	M(latency, "time since then", .flags = OTO_VARIES, M_IF(matched)),
	M(unsure, "bytes were lost in between"),
};
static const struct oto_log message_logs[] = {
	{ .name = "dnp3",
	  .doc = "DNP3 functions used: who, whom, which, on what, and what the outstation indicates.",
	  .form = OTO_FORM_AGGREGATE,
	  .flags = OTO_LOG_NOT_ZEEK,
	  .columns = "is_orig source destination pdu_type function request objects indications",
	  .key = PLACE " pdu_type function request objects indications" },
};
static const struct oto_event_type message_type =
    OTO_EVENT("dnp3.message", struct dnp3_message, message_fields,
	      "A fragment of the application layer: request, response, unsolicited response or confirmation.", OTO_LOGS(message_logs),
	      .whole_keys = true);

/* ------------------------------------------------------------------------------------------------ dnp3.exchange */

#define X(m, doc, ...) OTO_FIELD(struct dnp3_exchange, m, doc, __VA_ARGS__)
static const struct oto_field exchange_fields[] = {
	X(ts, "when it was answered, or asked when nobody did"),
	X(fc_request, "function code of the last request or confirmation", .names = &dnp3_functions,
	  .guard = OTO_IF(struct dnp3_exchange, has_request)),
	X(fc_reply, "function code of the response", .names = &dnp3_functions, .guard = OTO_IF(struct dnp3_exchange, has_reply)),
	X(iin, "internal indications of the response", .guard = OTO_IF(struct dnp3_exchange, has_reply)),
};
static const struct oto_log exchange_logs[] = {
	{ .name = "dnp3", .doc = "DNP3 replies, Zeek's columns.", .form = OTO_FORM_OFF, .columns = "fc_request fc_reply iin" },
};
static const struct oto_event_type exchange_type =
    OTO_EVENT("dnp3.exchange", struct dnp3_exchange, exchange_fields,
	      "A response and what its connection had asked last, or a request that nobody answered.", OTO_LOGS(exchange_logs));

/* ------------------------------------------------------------------------------------------------ dnp3.object */

#define O(m, doc, ...) OTO_FIELD(struct dnp3_object, m, doc, __VA_ARGS__)
#define O_IF(has) .guard = OTO_IF(struct dnp3_object, has)
static const struct oto_field object_fields[] = {
	ENDS_FIELDS(struct dnp3_object),
	STATIONS(struct dnp3_object),
	O(function_code, "function code of the fragment", .names = &dnp3_functions),
	O(object_type, "group and variation by their name", .names = &dnp3_object_types),
	O(group, "group of the objects"),
	O(variation, "variation of the group"),
	O(prefix_code, "what stands before each object", .names = &dnp3_prefixes),
	O(range_code, "how it is told which objects", .names = &dnp3_ranges),
	O(object_count, "how many", O_IF(has_count)),
	O(range_low, "index of the first", O_IF(has_range)),
	O(range_high, "index of the last", O_IF(has_range)),
	MEMBER(struct dnp3_object, "reply_count", object_count, OTO_U32, "how many, in a reply", O_IF(told)),
	MEMBER(struct dnp3_object, "reply_low", told_low, OTO_U32, "in a reply the first, or the count where there is no range",
	       O_IF(told)),
	MEMBER(struct dnp3_object, "reply_high", told_high, OTO_U32, "in a reply the last", O_IF(told)),
};
static const struct oto_log object_logs[] = {
	{ .name = "dnp3_objects",
	  .doc = "Objects that are asked for and told, a row for each header; ICSNPP's columns.",
	  .form = OTO_FORM_AGGREGATE,
	  .flags = OTO_LOG_NOT_ZEEK,
	  .columns = ENDS " function_code object_type object_count range_low range_high outstation",
	  .key = "orig_h resp_h resp_p is_orig outstation function_code object_type object_count range_low range_high" },
	{ .name = "dnp3_objects",
	  .doc = "Objects that are read, ICSNPP's columns.",
	  .form = OTO_FORM_OFF,
	  .where = "function_code in {READ, RESPONSE}",
	  .columns = ENDS " function_code object_type object_count=reply_count range_low=reply_low range_high=reply_high" },
};
static const struct oto_event_type object_type =
    OTO_EVENT("dnp3.object", struct dnp3_object, object_fields, "An object header: which objects, and how many.", OTO_LOGS(object_logs),
	      .whole_keys = true);

/* ------------------------------------------------------------------------------------------------ dnp3.point */

#define P(m, doc, ...) OTO_FIELD(struct dnp3_point, m, doc, __VA_ARGS__)
#define P_IF(has) .guard = OTO_IF(struct dnp3_point, has)
static const struct oto_field point_fields[] = {
	ROLES(struct dnp3_point),
	STATIONS(struct dnp3_point),
	P(function, "function code of the fragment", .names = &dnp3_functions),
	P(object_type, "group and variation by their name", .names = &dnp3_object_types),
	P(group, "group of the objects"),
	P(variation, "variation of the group"),
	P(point_type, "what kind of points: binary_input, counter, analog_output ..."),
	P(index, "of the point, or of the first of several", P_IF(has_index)),
	P(count, "how many points"),
	P(values, "their values; of two-bit points 0 intermediate, 1 off, 2 on, 3 indeterminate", P_IF(has_values)),
	P(flags, "of each: 1 online, 2 restart, 4 lost, 8 and 16 forced, others by the type", P_IF(has_flags)),
	P(time, "when, by the outstation's clock", P_IF(has_time)),
	P(data, "octet strings, data sets, text of terminals, and other objects as they stand", P_IF(has_data)),
	P(is_event, "a change, not the present state"),
	P(is_command, "an output that is set, or was"),
	P(request, "the client sent it"),
};
static const struct oto_event_type point_type =
    OTO_EVENT("dnp3.point", struct dnp3_point, point_fields, "Values of points, or an event of one of them; clocks, texts and other data.");

/* ------------------------------------------------------------------------------------------------ dnp3.control */

#define C(m, doc, ...) OTO_FIELD(struct dnp3_control, m, doc, __VA_ARGS__)
#define C_IF(has) .guard = OTO_IF(struct dnp3_control, has)
static const struct oto_field control_fields[] = {
	ENDS_FIELDS(struct dnp3_control),
	STATIONS(struct dnp3_control),
	C(block_type, "Control Relay Output Block, Pattern Control Block or Analog Output Block"),
	C(function_code, "function code of the fragment", .names = &dnp3_functions),
	C(index_number, "output", C_IF(has_index)),
	C(trip_control_code, "of a pair of relays: close or trip", .names = &dnp3_trip_codes, C_IF(is_block)),
	C(operation_type, "pulse or latch", .names = &dnp3_operation_types, C_IF(is_block)),
	C(clear_bit, "commands under way are cancelled", C_IF(is_block)),
	C(execute_count, "how often", C_IF(is_block)),
	C(on_time, "milliseconds on", C_IF(is_block)),
	C(off_time, "milliseconds off", C_IF(is_block)),
	C(value, "of an analog output", C_IF(has_value)),
	C(status_code, "what became of it, in a response", .names = &dnp3_control_statuses, C_IF(has_status)),
	C(request, "the client sent it"),
};
#define CONTROL "block_type function_code index_number trip_control_code operation_type clear_bit execute_count on_time off_time"
static const struct oto_log control_logs[] = {
	{ .name = "dnp3_control",
	  .doc = "Outputs that are selected and operated, ICSNPP's columns and the value of analog ones.",
	  .form = OTO_FORM_AGGREGATE,
	  .flags = OTO_LOG_NOT_ZEEK,
	  .columns = ENDS " " CONTROL " value status_code outstation",
	  .key = "orig_h resp_h resp_p is_orig outstation " CONTROL " value status_code" },
	{ .name = "dnp3_control",
	  .doc = "Relays that are selected and operated, ICSNPP's columns.",
	  .form = OTO_FORM_OFF,
	  .where = "trip_control_code",
	  .columns = ENDS " " CONTROL " status_code" },
};
static const struct oto_event_type control_type = OTO_EVENT(
    "dnp3.control", struct dnp3_control, control_fields, "A command for an output, or its status in the response.", OTO_LOGS(control_logs));

/* ------------------------------------------------------------------------------------------------ dnp3.file */

#define F(m, doc, ...) OTO_FIELD(struct dnp3_file, m, doc, __VA_ARGS__)
#define F_IF(has) .guard = OTO_IF(struct dnp3_file, has)
static const struct oto_field file_fields[] = {
	STATIONS(struct dnp3_file),
	F(function, "function code of the fragment", .names = &dnp3_functions),
	F(object_type, "which file object", .names = &dnp3_object_types),
	F(file_name, "name of the file"),
	F(handle, "stands for the open file", F_IF(has_handle)),
	F(mode, "what it is opened for", .names = &dnp3_file_modes, F_IF(has_mode)),
	F(file_type, "file or directory", .names = &dnp3_file_types, F_IF(has_type)),
	F(size, "bytes of the file", F_IF(has_size)),
	F(max_block_size, "longest block", F_IF(has_max)),
	F(block, "number of the block", F_IF(has_block)),
	F(last, "no more blocks follow", F_IF(has_block)),
	F(status, "what became of it", .names = &dnp3_file_statuses, F_IF(has_status)),
	F(text, "the outstation's words"),
	F(created, "when the file was made", F_IF(has_created)),
	F(permissions, "who may read, write and execute it: nine bits", F_IF(has_permissions)),
	F(request_id, "joins request and response", F_IF(has_id)),
	F(password, "a password was sent; never what it is"),
};
static const struct oto_log file_logs[] = {
	{ .name = "dnp3_file",
	  .doc = "Files of outstations: opened, read, written, deleted.",
	  .form = OTO_FORM_AGGREGATE,
	  .flags = OTO_LOG_NOT_ZEEK,
	  .columns = "is_orig source destination function object_type file_name handle mode size status text",
	  .key = PLACE " function object_type file_name handle mode status" },
};
static const struct oto_event_type file_type =
    OTO_EVENT("dnp3.file", struct dnp3_file, file_fields, "A file object in a request or a response.", OTO_LOGS(file_logs));

/* ------------------------------------------------------------------------------------------------ dnp3.authentication */

#define A(m, doc, ...) OTO_FIELD(struct dnp3_authentication, m, doc, __VA_ARGS__)
#define A_IF(has) .guard = OTO_IF(struct dnp3_authentication, has)
static const struct oto_field authentication_fields[] = {
	ROLES(struct dnp3_authentication),
	STATIONS(struct dnp3_authentication),
	A(function, "function code of the fragment", .names = &dnp3_functions),
	A(message, "challenge, reply, session_key_change ...", .names = &dnp3_auth_messages),
	A(sequence, "challenge, key change or status change sequence number", A_IF(has_sequence)),
	A(user, "number of the user, 0 unknown, 1 the default", A_IF(has_user)),
	A(mac_algorithm, "how messages are authenticated", .names = &dnp3_mac_algorithms, A_IF(has_mac)),
	A(reason, "why it is challenged: 1 a critical function", A_IF(has_reason)),
	A(key_wrap, "how session keys are wrapped", .names = &dnp3_key_wraps, A_IF(has_wrap)),
	A(key_status, "state of the session keys", .names = &dnp3_key_statuses, A_IF(has_status)),
	A(error_code, "what is wrong", .names = &dnp3_auth_errors, A_IF(has_error)),
	A(association, "which of several associations", A_IF(has_error)),
	A(key_change, "how update keys are changed", .names = &dnp3_key_changes, A_IF(has_change)),
	A(operation, "what is done to a user", .names = &dnp3_user_operations, A_IF(has_operation)),
	A(text, "text of an error, or name of a user"),
};
static const struct oto_log authentication_logs[] = {
	{ .name = "dnp3_authentication",
	  .doc = "Secure authentication: challenges, replies, keys, users, errors.",
	  .form = OTO_FORM_AGGREGATE,
	  .flags = OTO_LOG_NOT_ZEEK,
	  .columns =
	      "is_orig source destination function message user mac_algorithm key_wrap key_status error_code key_change operation text",
	  .key = PLACE " function message user key_status error_code operation text" },
};
static const struct oto_event_type authentication_type = OTO_EVENT("dnp3.authentication", struct dnp3_authentication, authentication_fields,
								   "A message of secure authentication.", OTO_LOGS(authentication_logs));

/* ------------------------------------------------------------------------------------------------ dnp3.attribute */

#define D(m, doc, ...) OTO_FIELD(struct dnp3_attribute, m, doc, __VA_ARGS__)
static const struct oto_field attribute_fields[] = {
	STATIONS(struct dnp3_attribute),
	D(function, "function code of the fragment", .names = &dnp3_functions),
	D(set, "0 the standard's, others a maker's own"),
	D(attribute, "which", .names = &dnp3_attributes),
	D(data_type, "of the value", .names = &dnp3_attribute_types),
	D(value, "its value"),
};
static const struct oto_log attribute_logs[] = {
	{ .name = "dnp3_attribute",
	  .doc = "Attributes of devices that are told or written.",
	  .form = OTO_FORM_AGGREGATE,
	  .flags = OTO_LOG_NOT_ZEEK,
	  .columns = "is_orig source destination function set attribute value",
	  .key = PLACE " function set attribute value" },
};
static const struct oto_event_type attribute_type =
    OTO_EVENT("dnp3.attribute", struct dnp3_attribute, attribute_fields, "A device attribute.", OTO_LOGS(attribute_logs));

const struct oto_event_type *const dnp3_events[EV_COUNT] = { &link_type,   &message_type,        &exchange_type,
							     &object_type, &point_type,          &control_type,
							     &file_type,   &authentication_type, &attribute_type };
