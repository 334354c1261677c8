/* bacnet_events.c - what BACnet messages say: the fields of events, and the logs. Columns that ICSNPP has are named and ordered as its own;
 * bacnet_service is that of NTT's parser. */
#include "bacnet.h"

#define END_PORT(s, m, d)                                                                                                                  \
	{                                                                                                                                  \
		.name = #m, .doc = d, .kind = OTO_U16, .flags = OTO_PORT, .offset = offsetof(s, ends.m),                                   \
		.guard = OTO_IF(s, ends.has_ports)                                                                                         \
	}
#define END(s, m, k, d)                                                                                                                    \
	{                                                                                                                                  \
		.name = #m, .doc = d, .kind = k, .offset = offsetof(s, ends.m)                                                             \
	}
#define ENDS_FIELDS(s)                                                                                                                     \
	END(s, source_h, OTO_ADDR, "sender"), END_PORT(s, source_p, "its port"), END(s, destination_h, OTO_ADDR, "receiver"),              \
	    END_PORT(s, destination_p, "its port"), END(s, source_sub, OTO_BYTES, "station behind the sender: network and address"),       \
	    END(s, destination_sub, OTO_BYTES, "station behind the receiver: network and address")
#define ENDS "is_orig source_h source_p destination_h destination_p"
#define SUBS "source_sub destination_sub"
#define PAIR "source_h destination_h resp_p source_sub destination_sub"
#define MEMBER(s, n, m, t, d, ...)                                                                                                         \
	{                                                                                                                                  \
		.name = n, .doc = d, .kind = t, .offset = offsetof(s, m), __VA_ARGS__                                                      \
	}

/* ------------------------------------------------------------------------------------------------ bacnet.message */

#define M(m, doc, ...) OTO_FIELD(struct bacnet_message, m, doc, __VA_ARGS__)
#define M_IF(has) .guard = OTO_IF(struct bacnet_message, has)
static const struct oto_field message_fields[] = {
	ENDS_FIELDS(struct bacnet_message),
	M(link, "ipv4, ipv6 or ethernet"),
	M(bvlc_function, "what the virtual link layer does", .names = &bacnet_bvlc_functions, M_IF(has_bvlc)),
	M(bvlc_result, "of BVLC_Result", .names = &bacnet_bvlc_results, M_IF(has_bvlc_result)),
	M(ttl, "for how long a foreign device registers", .flags = OTO_SECONDS, M_IF(has_ttl)),
	M(virtual_address, "of the sender over IPv6, its instance number as a rule", M_IF(has_virtual)),
	M(origin_h, "who sent a forwarded message first, or the foreign device that is deleted"),
	M(origin_p, "its port", .flags = OTO_PORT, M_IF(has_origin)),
	M(entries, "broadcast distribution table as address:port/mask, or foreign devices with their time to live", M_IF(has_entries)),
	M(priority, "of the network layer", .names = &bacnet_priorities, M_IF(has_npdu)),
	M(expects_reply, "the network layer is told that a reply will come", M_IF(has_npdu)),
	M(snet, "network that it comes from", M_IF(has_snet)),
	M(sadr, "address there", .flags = OTO_HEX, M_IF(has_snet)),
	M(dnet, "network that it goes to, 65535 all", M_IF(has_dnet)),
	M(dadr, "address there, empty for all", .flags = OTO_HEX, M_IF(has_dnet)),
	M(hop_count, "how many routers it may still pass", M_IF(has_dnet)),
	M(networks, "numbers of networks that routers speak of", M_IF(has_networks)),
	M(network_reject, "why a router does not pass a message on", .names = &bacnet_network_rejects, M_IF(has_network_reject)),
	M(pdu_type, "type of APDU, or NPDU for messages of the network layer", .names = &bacnet_apdu_types, M_IF(has_type)),
	M(pdu_service, "service, or message of the network layer", .names = &bacnet_services, M_IF(has_service)),
	M(vendor, "whose network layer message it is", .names = &bacnet_vendors, M_IF(has_vendor)),
	M(invoke_id, "joins request and answer", M_IF(has_invoke)),
	M(max_apdu, "longest answer that the client takes, in bytes", M_IF(has_max_apdu)),
	M(segmented, "one of several segments"),
	M(more_follows, "and not the last of them"),
	M(sequence, "number of the segment", M_IF(has_sequence)),
	M(window, "segments that are sent before one is acknowledged", M_IF(has_sequence)),
	M(negative, "a segment is missing", M_IF(has_segment_ack)),
	M(by_server, "the server sent it, of segment acknowledgements and aborts"),
	M(result_code, "error code, reason or result by its word"),
	M(error_class, "of an error", .names = &bacnet_error_classes, M_IF(has_error)),
	M(error_code, "of an error", .names = &bacnet_error_codes, M_IF(has_error)),
	M(reject_reason, "why the request was rejected", .names = &bacnet_reject_reasons, M_IF(has_reject)),
	M(abort_reason, "why it was given up", .names = &bacnet_abort_reasons, M_IF(has_abort)),
	M(matched, "the request to this answer was seen"),
	M(latency, "time since the request", M_IF(matched)),
};
static const struct oto_log message_logs[] = {
	{ .name = "bacnet",
	  .doc = "BACnet messages, ICSNPP's columns.",
	  .form = OTO_FORM_AGGREGATE,
	  .columns = ENDS " bvlc_function pdu_type pdu_service invoke_id result_code",
	  .extra = SUBS " error_class networks latency",
	  .key = PAIR " bvlc_function pdu_type pdu_service result_code networks" },
};
static const struct oto_event_type message_type =
    OTO_EVENT("bacnet.message", struct bacnet_message, message_fields, "One message of any layer; each segment of a segmented one.",
	      OTO_LOGS(message_logs));

/* ------------------------------------------------------------------------------------------------ bacnet.discovery */

#define D(m, doc, ...) OTO_FIELD(struct bacnet_discovery, m, doc, __VA_ARGS__)
#define D_IF(has) .guard = OTO_IF(struct bacnet_discovery, has)
static const struct oto_field discovery_fields[] = {
	ENDS_FIELDS(struct bacnet_discovery),
	D(pdu_service, "who-is, i-am, who-has, i-have, who-am-i or you-are"),
	D(device_id_type, "of who has an object: device", .names = &bacnet_object_types, D_IF(has_device)),
	D(device_id_number, "its instance number", D_IF(has_device)),
	D(object_type, "of what is looked for, is there, or speaks", .names = &bacnet_object_types, D_IF(has_object)),
	D(instance_number, "its instance number", D_IF(has_object)),
	D(vendor, "who made the device", .names = &bacnet_vendors, D_IF(has_vendor)),
	D(range, "instance numbers of devices that shall answer: 10-20, or All"),
	D(object_name, "name of what is looked for or there, N/A when it goes by number"),
	D(max_apdu, "longest message that the device takes, in bytes", D_IF(has_vendor)),
	D(segmentation, "can it send and take longer ones in segments?", .names = &bacnet_segmentations, D_IF(has_vendor)),
	D(model, "of a device without instance number"),
	D(serial, "its serial number"),
};
static const struct oto_log discovery_logs[] = {
	{ .name = "bacnet_discovery",
	  .doc = "Who looks for devices and objects, and who answers; ICSNPP's columns.",
	  .form = OTO_FORM_AGGREGATE,
	  .columns = ENDS " pdu_service device_id_type device_id_number object_type instance_number vendor range object_name",
	  .extra = SUBS " max_apdu segmentation model serial",
	  .key = PAIR " pdu_service device_id_type device_id_number object_type instance_number vendor range object_name model serial" },
};
static const struct oto_event_type discovery_type =
    OTO_EVENT("bacnet.discovery", struct bacnet_discovery, discovery_fields, "A device or object is looked for, or tells that it is there.",
	      OTO_LOGS(discovery_logs));

/* ------------------------------------------------------------------------------------------------ bacnet.property */

#define P(m, doc, ...) OTO_FIELD(struct bacnet_property, m, doc, __VA_ARGS__)
#define P_IF(has) .guard = OTO_IF(struct bacnet_property, has)
#define P_PLACE(n, m, t, d, ...) MEMBER(struct bacnet_property, n, place.m, t, d, __VA_ARGS__)
static const struct oto_field property_fields[] = {
	ENDS_FIELDS(struct bacnet_property),
	P(invoke_id, "joins request and answer", P_IF(has_invoke)),
	P(pdu_service, "read-property-request, read-property-ack, write-property and so on"),
	P_PLACE("object_type", object_type, OTO_U16, "type of the object", .names = &bacnet_object_types, P_IF(place.has_object)),
	P_PLACE("instance_number", instance, OTO_U32, "its instance number", P_IF(place.has_object)),
	P_PLACE("property", property, OTO_U32, "property of it", .names = &bacnet_properties, P_IF(place.has_property)),
	P_PLACE("array_index", array_index, OTO_U32, "element of the property, 0 the number of elements", P_IF(place.has_index)),
	P(value, "value, or why there is none"),
	P(number, "value as a number; enumerations by theirs", P_IF(has_number)),
	P(datatype, "type of the value; context where only the property tells it", .names = &bacnet_datatypes, P_IF(has_type)),
	P(item, "position among the values of the property, from 1; 0 without any"),
	P(priority, "of a command, 1 the highest of 16", P_IF(has_priority)),
	P(is_write, "a client changes it"),
	P(error_code, "why there is no value", .names = &bacnet_error_codes, P_IF(has_error)),
};
static const struct oto_log property_logs[] = {
	{ .name = "bacnet_property",
	  .doc = "Properties that are read, written and told, a row for each value; ICSNPP's columns.",
	  .form = OTO_FORM_AGGREGATE,
	  .columns = ENDS " invoke_id pdu_service object_type instance_number property array_index value",
	  .extra = SUBS " item priority datatype",
	  .key = PAIR " pdu_service object_type instance_number property array_index" },
	{ .name = "bacnet_write",
	  .doc = "Values that are written into properties.",
	  .form = OTO_FORM_AGGREGATE,
	  .flags = OTO_LOG_NOT_ZEEK,
	  .where = "is_write",
	  .columns = ENDS " invoke_id pdu_service object_type instance_number property array_index item value priority",
	  .extra = SUBS,
	  .key = PAIR " pdu_service object_type instance_number property array_index item value priority" },
};
static const struct oto_event_type property_type =
    OTO_EVENT("bacnet.property", struct bacnet_property, property_fields,
	      "A property is asked for, or one of its values read, written, told or refused.", OTO_LOGS(property_logs));

/* ------------------------------------------------------------------------------------------------ bacnet.device_control */

#define C(m, doc, ...) OTO_FIELD(struct bacnet_device_control, m, doc, __VA_ARGS__)
static const struct oto_field device_control_fields[] = {
	ENDS_FIELDS(struct bacnet_device_control),
	C(invoke_id, "joins request and answer"),
	C(pdu_service, "device_communication_control or reinitialize_device", .names = &bacnet_services),
	C(time_duration, "minutes after which a device talks again", .guard = OTO_IF(struct bacnet_device_control, has_duration)),
	C(device_state, "what it shall do: disable, coldstart, start-backup ..."),
	C(password, "*** when one was sent; never what it is"),
	C(result, "SUCCESS, ERROR, REJECT or ABORT"),
	C(result_code, "why it was refused"),
};
static const struct oto_log device_control_logs[] = {
	{ .name = "bacnet_device_control",
	  .doc = "Devices silenced and restarted; ICSNPP's columns, the password masked.",
	  .form = OTO_FORM_AGGREGATE,
	  .columns = ENDS " invoke_id pdu_service time_duration device_state password result result_code",
	  .extra = SUBS,
	  .key = PAIR " pdu_service time_duration device_state password result result_code" },
};
static const struct oto_event_type device_control_type =
    OTO_EVENT("bacnet.device_control", struct bacnet_device_control, device_control_fields,
	      "A device is told to be silent, to talk again, to restart, to be saved or restored; or what became of it.",
	      OTO_LOGS(device_control_logs));

/* ------------------------------------------------------------------------------------------------ bacnet.service */

#define S(m, doc, ...) OTO_FIELD(struct bacnet_service, m, doc, __VA_ARGS__)
static const struct oto_field service_fields[] = {
	S(proto, "udp or ethernet"),
	S(pdu_service, "service, message of the network layer or function of the link"),
	S(pdu_type, "type of APDU in NTT's words", .names = &bacnet_type_words),
	S(obj_type, "type of the first object, empty when it speaks of none"),
};
static const struct oto_log service_logs[] = {
	{ .name = "bacnet_service",
	  .doc = "BACnet services by type of object, as NTT's sensor counts them.",
	  .form = OTO_FORM_AGGREGATE,
	  .flags = OTO_LOG_NOT_ZEEK | OTO_LOG_ONLY_SENSOR,
	  .columns = "proto pdu_service pdu_type obj_type",
	  .key = "uid orig_h orig_p resp_h resp_p proto pdu_service pdu_type obj_type" },
};
static const struct oto_event_type service_type =
    OTO_EVENT("bacnet.service", struct bacnet_service, service_fields, "A message, for counting.", OTO_LOGS(service_logs));

/* ------------------------------------------------------------------------------------------------ bacnet.alarm */

#define A(m, doc, ...) OTO_FIELD(struct bacnet_alarm, m, doc, __VA_ARGS__)
#define A_IF(has) .guard = OTO_IF(struct bacnet_alarm, has)
static const struct oto_field alarm_fields[] = {
	ENDS_FIELDS(struct bacnet_alarm),
	A(pdu_service, "how it was told", .names = &bacnet_services),
	A(process_identifier, "process of the receiver that it is meant for", A_IF(has_process)),
	A(device_instance, "device that tells it", A_IF(has_device)),
	A(object_type, "object whose state changed", .names = &bacnet_object_types, A_IF(has_object)),
	A(instance_number, "its instance number", A_IF(has_object)),
	A(notification_class, "class that says who is told", A_IF(has_class)),
	A(priority, "0 the highest of 255", A_IF(has_priority)),
	A(event_type, "algorithm that found it", .names = &bacnet_event_types, A_IF(has_event_type)),
	A(notify_type, "alarm, event or acknowledgement", .names = &bacnet_notify_types, A_IF(has_notify)),
	A(ack_required, "somebody shall acknowledge it", A_IF(has_ack)),
	A(from_state, "state before", .names = &bacnet_event_states, A_IF(has_from)),
	A(to_state, "state now", .names = &bacnet_event_states, A_IF(has_to)),
	A(time_stamp, "by the device's clock"),
	A(message_text, "the device's words"),
};
static const struct oto_log alarm_logs[] = {
	{ .name = "bacnet_alarm",
	  .doc = "Alarms and events that devices tell, and lists of them.",
	  .form = OTO_FORM_AGGREGATE,
	  .flags = OTO_LOG_NOT_ZEEK,
	  .columns = ENDS
	  " pdu_service device_instance object_type instance_number notification_class priority event_type notify_type ack_required "
	  "from_state to_state time_stamp message_text",
	  .extra = SUBS,
	  .key = PAIR " pdu_service device_instance object_type instance_number notify_type from_state to_state message_text" },
};
static const struct oto_event_type alarm_type = OTO_EVENT("bacnet.alarm", struct bacnet_alarm, alarm_fields,
							  "The state of an object changed, or is told on demand.", OTO_LOGS(alarm_logs));

/* ------------------------------------------------------------------------------------------------ bacnet.file */

#define F(m, doc, ...) OTO_FIELD(struct bacnet_file, m, doc, __VA_ARGS__)
#define F_IF(has) .guard = OTO_IF(struct bacnet_file, has)
static const struct oto_field file_fields[] = {
	ENDS_FIELDS(struct bacnet_file),
	F(invoke_id, "joins request and answer"),
	F(pdu_service, "atomic_read_file or atomic_write_file", .names = &bacnet_services),
	F(pdu_type, "request or ack"),
	F(instance_number, "number of the file object", F_IF(has_file)),
	F(access, "stream or record"),
	F(start, "first byte or record, -1 the end", F_IF(has_start)),
	F(count, "bytes or records that are asked for, records that are there", F_IF(has_count)),
	F(size, "bytes of data", F_IF(has_size)),
	F(end_of_file, "nothing follows", F_IF(has_eof)),
};
static const struct oto_log file_logs[] = {
	{ .name = "bacnet_file",
	  .doc = "Files that are read and written, a row for each piece.",
	  .form = OTO_FORM_AGGREGATE,
	  .flags = OTO_LOG_NOT_ZEEK,
	  .columns = ENDS " invoke_id pdu_service pdu_type instance_number access start count size end_of_file",
	  .extra = SUBS,
	  .key = PAIR " pdu_service pdu_type instance_number access end_of_file" },
};
static const struct oto_event_type file_type =
    OTO_EVENT("bacnet.file", struct bacnet_file, file_fields, "A piece of a file is asked for, read or written.", OTO_LOGS(file_logs));

/* ------------------------------------------------------------------------------------------------ bacnet.command */

#define X(m, doc, ...) OTO_FIELD(struct bacnet_command, m, doc, __VA_ARGS__)
#define X_IF(has) .guard = OTO_IF(struct bacnet_command, has)
static const struct oto_field command_fields[] = {
	ENDS_FIELDS(struct bacnet_command),
	X(pdu_service, "service", .names = &bacnet_services),
	X(object_type, "object that it is about", .names = &bacnet_object_types, X_IF(has_object)),
	X(instance_number, "its instance number", X_IF(has_object)),
	X(request, "what it asks for: subscribe, silence, or the state that is acknowledged"),
	X(time, "date and time, as month/day/year, that a clock is set to or a time stamp has"),
	X(vendor, "whose private service it is", .names = &bacnet_vendors, X_IF(has_vendor)),
	X(service_number, "which of them", X_IF(has_vendor)),
	X(process_identifier, "process of the client", X_IF(has_process)),
	X(lifetime, "for how long changes are told", .flags = OTO_SECONDS, X_IF(has_lifetime)),
	X(priority, "of a text or a value", X_IF(has_priority)),
	X(session, "number of the terminal session", X_IF(has_session)),
	X(source, "who acknowledges or silences, in the client's words"),
	X(text, "of a text message"),
};
static const struct oto_log command_logs[] = {
	{ .name = "bacnet_command",
	  .doc = "Other services: subscriptions, acknowledgements, clocks, private services, messages, terminals, life safety.",
	  .form = OTO_FORM_AGGREGATE,
	  .flags = OTO_LOG_NOT_ZEEK,
	  .columns = ENDS
	  " pdu_service object_type instance_number request time vendor service_number process_identifier lifetime priority session "
	  "source text",
	  .extra = SUBS,
	  .key = PAIR " pdu_service object_type instance_number request vendor service_number session source text" },
};
static const struct oto_event_type command_type =
    OTO_EVENT("bacnet.command", struct bacnet_command, command_fields,
	      "A service that neither discovers, nor carries properties, alarms or files.", OTO_LOGS(command_logs));

const struct oto_event_type *const bacnet_events[EV_COUNT] = { &message_type, &discovery_type, &property_type, &device_control_type,
							       &service_type, &alarm_type,     &file_type,     &command_type };
