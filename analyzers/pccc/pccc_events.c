/* pccc_events.c - what PCCC says: its event, the fields, and the log. */
#include "pccc.h"

#define F(m, doc, ...) OTO_FIELD(struct pccc_message, m, doc, __VA_ARGS__)
#define IF(has) .guard = OTO_IF(struct pccc_message, has)
static const struct oto_field fields[] = {
	F(direction, "request or response"),
	F(command, "command, without the bit of a response", .names = &pccc_commands),
	F(function_code, "function of the command", .flags = OTO_HEX, IF(has_function)),
	F(function, "word of command and function; of a response that of its request"),
	F(transaction, "joins request and response"),
	F(vendor, "requestor's vendor", .names = &cip_vendors, IF(has_requestor)),
	F(serial, "requestor's serial number", .flags = OTO_HEX | OTO_WIDE, IF(has_requestor)),
	F(node, "station on the DH+ network behind the address; of a response that of its request", IF(has_node)),
	F(status, "status of a response", .names = &pccc_statuses, IF(has_status)),
	F(extended_status, "why the node refused", .names = &pccc_extended_statuses, IF(has_extended)),
	F(address, "address in the data table; of a response that of its request", IF(has_address)),
	F(file_type, "type of the file", .names = &pccc_file_types, IF(has_file_type)),
	F(file, "number of the file", IF(has_file)),
	F(element, "element of the file", IF(has_element)),
	F(sub_element, "part of the element", IF(has_sub)),
	F(offset, "where in the file or memory", IF(has_offset)),
	F(size, "bytes, elements in typed commands", IF(has_size)),
	F(mode, "mode that is asked for"),
	F(values, "values read or written", IF(has_values)),
	F(mask, "bits of the word that are written", .flags = OTO_HEX | OTO_WIDE, IF(has_mask)),
	F(text, "text read or written, of files of strings and of letters", IF(has_text)),
	F(model, "catalog number, of diagnostic status", IF(has_model)),
	F(revision, "series and revision, of diagnostic status", IF(has_model)),
	F(data, "data that nobody has read", .flags = OTO_HEX, IF(has_data)),
	F(latency, "time since the request", IF(matched)),
};
static const struct oto_log logs[] = {
	{ .name = "pccc",
	  .doc = "PCCC commands and replies.",
	  .form = OTO_FORM_AGGREGATE,
	  .flags = OTO_LOG_NOT_ZEEK,
	  .columns = "is_orig direction transaction command function_code function status extended_status node address size mode values",
	  .extra = "file_type offset mask text model revision data latency",
	  .key = "orig_h resp_h resp_p direction command function status extended_status node address mode" },
};
static const struct oto_event_type message_type =
    OTO_EVENT("pccc.message", struct pccc_message, fields, "One command or reply.", OTO_LOGS(logs));
const struct oto_event_type *const pccc_events[EV_COUNT] = { [EV_MESSAGE] = &message_type };
