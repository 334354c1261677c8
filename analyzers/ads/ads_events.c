/* ads_events.c - the field tables of what is said, and the logs over them. */
#include "ads.h"

/* ------------------------------------------------------------------------------------------------ a message */

#define F(m, doc, ...) OTO_FIELD(struct ads_message, m, doc, __VA_ARGS__)
#define IF(has) .guard = OTO_IF(struct ads_message, has)
static const struct oto_field message_fields[] = {
	F(tcp_command, "what follows the AMS/TCP header", .names = &ads_tcp_commands),
	F(length, "bytes behind the AMS/TCP header"),
	F(pdu_type, "request, response, or notification"),
	F(net_id, "AMS NetId of the server, who is asked"),
	F(port, "its port: which server of the device", .names = &ads_ports, IF(has_ams)),
	F(client_net_id, "AMS NetId of the client"),
	F(client_port, "its port", IF(has_ams)),
	F(command, "command", .names = &ads_commands, IF(has_ams)),
	F(state_flags, "response, no return, ADS command, system command, high priority, timestamp, UDP, init, broadcast",
	  .flags = OTO_HEX | OTO_WIDE, IF(has_ams)),
	F(error_code, "the router's error", .names = &ads_errors, IF(has_ams)),
	F(invoke_id, "copied into the response", IF(has_ams)),
	F(result, "the server's answer", .flags = OTO_HEX, IF(has_result)),
	F(error, "what the router or the server says is wrong; of a sum command, the first"),
	F(index_group, "index group; in a response that of its request", .flags = OTO_HEX, IF(has_index)),
	F(group, "what the index group is for, where that is known", .names = &ads_groups, IF(has_group)),
	F(index_offset, "index offset: an address, a handle, a number of commands", .flags = OTO_HEX, IF(has_index)),
	F(symbol, "symbol that it stands for; of several what each touches"),
	F(read_length, "bytes wanted, or told", IF(has_read)),
	F(write_length, "bytes written", IF(has_write)),
	F(items, "commands in a sum command, samples of notifications", IF(has_items)),
	F(failures, "how many of them failed", IF(has_items)),
	F(value, "values written, read or told: numbers where the type is known or the value is short, else hexadecimal digits"),
	F(ads_state, "state told or wanted", .names = &ads_states, IF(has_state)),
	F(device_state, "state of the device, of its own meaning", IF(has_state)),
	F(device_name, "name of a server"),
	F(version, "its version"),
	F(notification_handle, "stands for a notification", IF(has_handle)),
	F(transmission_mode, "when values are sent", .names = &ads_modes, IF(has_mode)),
	F(max_delay, "they are sent after this time at the latest", IF(has_mode)),
	F(cycle_time, "how often the server looks at them", IF(has_mode)),
	F(stamps, "times that samples were taken at", IF(has_stamps)),
	F(time, "the first of them, by the server's clock", IF(has_time)),
	F(file_name, "name of a file"),
	F(program, "program of the operating system that is started, with its arguments"),
	F(data, "what is written, or what was read", .flags = OTO_HEX, IF(has_data)),
	F(latency, "time since the request", IF(matched)),
};
static const struct oto_log message_logs[] = {
	{ .name = "ads",
	  .doc = "Beckhoff ADS requests, responses and notifications.",
	  .form = OTO_FORM_AGGREGATE,
	  .columns =
	      "pdu_type net_id port client_net_id client_port command state_flags error_code invoke_id result error index_group group "
	      "index_offset symbol value read_length write_length items failures ads_state device_state device_name version "
	      "notification_handle transmission_mode max_delay cycle_time file_name program",
	  .extra = "latency",
	  .key = "orig_h resp_h resp_p is_orig tcp_command pdu_type net_id port command error index_group group index_offset "
		 "symbol items failures ads_state device_name version file_name program" },
};
static const struct oto_event_type message_type =
    OTO_EVENT("ads.message", struct ads_message, message_fields, "A request, a response or a notification of ADS.", OTO_LOGS(message_logs));

/* ------------------------------------------------------------------------------------------------ a value */

#define V(m, doc, ...) OTO_FIELD(struct ads_value, m, doc, __VA_ARGS__)
#define V_IF(has) .guard = OTO_IF(struct ads_value, has)
static const struct oto_field value_fields[] = {
	V(client, "who reads, writes or is told"),
	V(server, "whose value it is"),
	V(net_id, "its AMS NetId"),
	V(unit, "its AMS port"),
	V(target, "symbol or address, as operations name it"),
	V(access, "read, write or notification", .names = &ads_accesses),
	V(type, "its type, when the symbol table told it, or the value is one byte or word", .names = &ads_types, V_IF(has_type)),
	V(number, "the value as a number", V_IF(has_number)),
	V(text, "the value"),
};
static const struct oto_event_type value_type =
    OTO_EVENT("ads.value", struct ads_value, value_fields, "A value that was read, written or told.");

/* ------------------------------------------------------------------------------------------------ the router's datagrams */

#define R(m, doc, ...) OTO_FIELD(struct ads_router, m, doc, __VA_ARGS__)
#define R_IF(has) .guard = OTO_IF(struct ads_router, has)
static const struct oto_field router_fields[] = {
	R(pdu_type, "request or response"),
	R(service, "what is wanted", .names = &ads_services),
	R(invoke_id, "copied into the response"),
	R(net_id, "AMS NetId of the sender"),
	R(port, "AMS port of the sender", .names = &ads_ports),
	R(number, "parts that follow"),
	R(host, "name of the device, or name or address of the machine that a route leads to"),
	R(route_name, "name of the route"),
	R(route_net_id, "AMS NetId that the route leads to"),
	R(user, "who adds it"),
	R(password, "<hidden> when one was given"),
	R(temporary, "the route is forgotten at the next start"),
	R(twincat, "version of TwinCAT"),
	R(os, "operating system"),
	R(fingerprint, "of the device's certificate"),
	R(status, "how it ended", .names = &ads_errors, R_IF(has_status)),
	R(latency, "time since the request", R_IF(matched)),
};
static const struct oto_log router_logs[] = {
	{ .name = "ads_router",
	  .doc = "Discovery of Beckhoff devices, and routes added and deleted.",
	  .form = OTO_FORM_AGGREGATE,
	  .columns = "pdu_type service net_id port host route_name route_net_id user password temporary twincat os fingerprint status",
	  .extra = "latency",
	  .key = "orig_h resp_h resp_p is_orig pdu_type service net_id host route_name route_net_id user password temporary twincat os "
		 "fingerprint status" },
};
static const struct oto_event_type router_type = OTO_EVENT(
    "ads.router", struct ads_router, router_fields, "A datagram between routers of AMS: discovery and routes.", OTO_LOGS(router_logs));

const struct oto_event_type *const ads_events[ADS_EVENTS] = { &message_type, &value_type, &router_type };
