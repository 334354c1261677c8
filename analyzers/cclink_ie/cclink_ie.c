/* cclink_ie.c - CC-Link IE Control and CC-Link IE Field; frames of CC-Link IE TSN, which share the EtherType, go to cclink_ie_tsn.c.
 *
 * Owns the frame header, the commands of transient messages with their outcome, and cclink-ie.log. Knows nothing of what the cyclic data
 * mean: that stands in the parameters of the network and in no frame. The header and the words are those of NTT's Zeek parser for these
 * protocols; the layout of a transient's data is that of CC-Link's transient transmission, and no public capture shows one that is filled.
 */
#include "cclink_ie.h"

/* ------------------------------------------------------------------------------------------------ events */

struct ccie_frame {
	struct oto_mac src_mac, dst_mac;
	struct oto_slice cmd, node_type_text, connection_info, src_node_number;
	uint16_t node_id, source, node_type, command, status;
	uint8_t pdu_type, data_type, service, connection, destination;
	bool response;
	bool has_data_type, has_node_id, has_node_type, has_connection, has_command, has_cmd, has_status, has_destination;
};

#define F(m, doc_, ...) OTO_FIELD(struct ccie_frame, m, doc_, __VA_ARGS__)
#define F_IF(has) .guard = OTO_IF(struct ccie_frame, has)
static const struct oto_field frame_fields[] = {
	F(src_mac, "MAC address of the sender"),
	F(dst_mac, "MAC address of the receiver, often a group"),
	F(service, "the protocol", .names = &ccie_services),
	F(pdu_type, "frame type", .names = &ccie_frame_types),
	F(cmd, "command of a transient, as NTT's log writes it", F_IF(has_cmd)),
	{ .name = "node_type",
	  .doc = "what the sender is, as NTT's log writes it",
	  .kind = OTO_BYTES,
	  .offset = offsetof(struct ccie_frame, node_type_text),
	  F_IF(has_node_type) },
	F(node_id, "node identifier of the header", F_IF(has_node_id)),
	F(connection_info, "identifier of the transient, in hexadecimal", F_IF(has_connection)),
	F(src_node_number, "the sender's own number, in hexadecimal"),
	{ .name = "node",
	  .doc = "node type as a number; 256 is added to those of Control",
	  .kind = OTO_U16,
	  .offset = offsetof(struct ccie_frame, node_type),
	  .names = &ccie_node_types,
	  F_IF(has_node_type) },
	F(source, "the sender's own number"),
	F(data_type, "kind of data, of a Field frame; of a transient1 it chooses the commands", F_IF(has_data_type)),
	F(connection, "identifier of the transient", F_IF(has_connection)),
	F(command, "command of a transient", .names = &ccie_commands, F_IF(has_command)),
	F(response, "the transient answers a command"),
	F(destination, "station that the command is for, of CC-Link compatible commands", F_IF(has_destination)),
	F(status, "return status of a response; 0 is success", F_IF(has_status)),
};

static const struct oto_log frame_logs[] = {
	{ .name = "cclink-ie",
	  .doc = "CC-Link IE Field and Control: who sends which frames and commands to whom, how often.",
	  .key = "src_mac dst_mac service pdu_type cmd node_type node_id connection_info src_node_number",
	  .form = OTO_FORM_AGGREGATE,
	  .flags = OTO_LOG_NO_ID },
};
static const struct oto_event_type frame_event =
    OTO_EVENT("cclink_ie.frame", struct ccie_frame, frame_fields, "Any frame of CC-Link IE Field or Control.", OTO_LOGS(frame_logs));

static const struct oto_event_type *const events[] = { [EV_FRAME] = &frame_event, [EV_TSN] = &ccie_tsn_event };

/* ------------------------------------------------------------------------------------------------ words of the log */

static struct oto_slice hex_text(struct oto_ctx *cx, uint32_t value, uint32_t digits)
{
	static const char digit[] = "0123456789abcdef";
	char *text = oto_scratch(cx, digits + 2);

	if (!text)
		return (struct oto_slice){ 0 };
	text[0] = '0';
	text[1] = 'x';
	for (uint32_t i = 0; i < digits; i++)
		text[2 + i] = digit[value >> (4 * (digits - 1 - i)) & 15];
	return (struct oto_slice){ (const uint8_t *)text, digits + 2 };
}

/* Two constants as one text; most often the second is empty, and nothing is copied. */
static struct oto_slice joined(struct oto_ctx *cx, const char *first, struct oto_slice second)
{
	struct oto_slice head = oto_slice_of(first);
	uint8_t *text = second.len ? oto_scratch(cx, head.len + second.len) : NULL;

	if (!text)
		return head;
	memcpy(text, head.data, head.len);
	memcpy(text + head.len, second.data, second.len);
	return (struct oto_slice){ text, head.len + second.len };
}

/* ------------------------------------------------------------------------------------------------ operations */

/* One key a command and direction: a response is sought among the requests that went the other way. */
static uint64_t key_of(uint16_t command, bool asked_by_orig)
{
	return (uint64_t)command << 1 | asked_by_orig;
}

static void speak_command(struct oto_ctx *cx, const struct ccie_frame *f, uint16_t command, const struct oto_name *row)
{
	uint32_t station = f->has_destination ? f->destination : f->node_id;
	struct oto_operation o = { .self_size = sizeof o,
				   .op = row->op,
				   .func = row->name,
				   .func_code = command,
				   .target = { .space = "station", .first = station, .count = 1 } };
	struct oto_match match;

	if (!f->response) {
		oto_request(cx, key_of(command, cx->is_orig), NULL);
		oto_operation(cx, &o);
		return;
	}
	o.target.first = f->source;
	oto_response(cx, key_of(command, !cx->is_orig), &match);
	if (f->has_status && f->status)
		oto_outcome(cx, &match, OTO_OUTCOME_ERROR, "return status", &o);
	else
		oto_outcome(cx, &match, OTO_OUTCOME_OK, NULL, &o);
}

static void speak(struct oto_ctx *cx, const struct ccie_frame *f)
{
	const struct oto_name *row;

	switch (f->pdu_type) {
	case CCIE_TRANSIENT1:
	case CCIE_TRANSIENT2:
		row = f->has_command ? oto_name_of(&ccie_commands, f->command) : NULL;
		if (row && row->op)
			speak_command(cx, f, f->command, row);
		else if (!row && f->has_cmd && !f->response)
			ccie_repeated(cx, &ccie_frame_types, f->pdu_type, f->has_destination ? f->destination : f->node_id);
		break;
	case CCIE_SETUP:
	case CCIE_SETUP_ACK:
		row = oto_name_of(&ccie_frame_types, CCIE_SETUP);
		speak_command(cx, f, CCIE_SETUP, row);
		break;
	default:
		ccie_repeated(cx, &ccie_frame_types, f->pdu_type, f->has_node_id ? f->node_id : f->source);
		break;
	}
}

/* ------------------------------------------------------------------------------------------------ transients */

enum { DATA_COMPATIBLE = 5, DATA_NETWORK = 7, DATA_OBJECT = 8, RESPONSE = 0x80, SLMP_TRANSMIT = 0x0530 };

/* The command of CC-Link's own transient transmission: L, RSV, TP/SF, FNO, DT, then stations and modules on both sides, L1, CT, RSV, APS; a
 * response goes on with its return status. */
static void compatible_command(struct oto_ctx *cx, struct oto_cur *c, struct ccie_frame *f, uint8_t prefix)
{
	oto_skip(c, 6);
	f->destination = oto_u8(c);
	oto_skip(c, 15);
	struct oto_slice byte = oto_take(c, 1);
	oto_skip(c, 3);
	if (c->bad)
		return;
	uint8_t ct = byte.data[0];
	f->has_cmd = f->has_command = f->has_destination = true;
	f->response = ct & RESPONSE;
	f->command = (uint16_t)(prefix << 8 | (ct & ~RESPONSE));
	if (f->response && oto_left(c) >= 2) {
		f->status = oto_le16(c);
		f->has_status = true;
	}
	const struct oto_name *row = oto_name_of(&ccie_commands, f->command);
	if (row && prefix == DATA_COMPATIBLE) {
		f->cmd = joined(cx, row->name, oto_slice_of(f->response ? "Response" : "Request"));
	} else if (row && !f->response && !(f->service == CCIE_CONTROL && ct == 0x20)) {
		f->cmd = oto_slice_of(row->name);
	} else {
		f->has_command = row != NULL;
		f->cmd = joined(cx, "unknownCt", byte);
	}
}

/* Data types 7 and 8: command, subcommand (bit 7: response), return status. */
static void own_command(struct oto_ctx *cx, struct oto_cur *c, struct ccie_frame *f)
{
	struct oto_cur both = *c;
	uint8_t command = oto_u8(c), sub = oto_u8(c);

	f->status = oto_le16(c);
	if (c->bad)
		return;
	f->has_cmd = true;
	f->command = (uint16_t)(f->data_type << 8 | command);
	f->response = sub == RESPONSE;
	f->has_status = f->response;
	const struct oto_name *row = oto_name_of(&ccie_commands, f->command);
	f->has_command = row && (sub == 0 || f->response);
	f->cmd = f->has_command ? joined(cx, row->name, oto_slice_of(f->response ? "Response" : "Request"))
				: joined(cx, "unknownCmd", oto_take(&both, 2));
}

/* Sequence and data number, whole size, offset of this fragment, its size, subtype: only the first fragment has a command. */
static void transient1(struct oto_ctx *cx, struct oto_cur *c, struct ccie_frame *f)
{
	oto_skip(c, 4);
	uint32_t offset = oto_le32(c);
	oto_skip(c, 4);
	if (c->bad || offset || f->service != CCIE_FIELD)
		return;
	if (f->data_type == DATA_COMPATIBLE)
		compatible_command(cx, c, f, DATA_COMPATIBLE);
	else if (f->data_type == DATA_NETWORK || f->data_type == DATA_OBJECT)
		own_command(cx, c, f);
}

/* ------------------------------------------------------------------------------------------------ frames */

/* What bytes 2 to 5 of the header are, and whether a Control frame of this type has them too. */
enum { HAS_ID = 1, HAS_TYPE = 2, HAS_STATUS = 4, HAS_CONNECTION = 8, ALSO_CONTROL = 16, CONTROL_ONLY = 32, KNOWN = 64 };
#define CONTROL_FRAME (KNOWN | CONTROL_ONLY)
#define FIELD_ID (KNOWN | HAS_ID)
#define FIELD_TRANSIENT (KNOWN | HAS_ID | HAS_CONNECTION)
static const uint8_t layouts[256] = {
	[0x00] = CONTROL_FRAME,
	[0x01] = CONTROL_FRAME,
	[0x02] = CONTROL_FRAME,
	[0x03] = CONTROL_FRAME,
	[0x04] = CONTROL_FRAME,
	[0x05] = CONTROL_FRAME,
	[0x06] = CONTROL_FRAME,
	[0x24] = CONTROL_FRAME,
	[0x2f] = CONTROL_FRAME,
	[0x80] = CONTROL_FRAME,
	[0x81] = CONTROL_FRAME,
	[0x8c] = CONTROL_FRAME,
	[0x8d] = CONTROL_FRAME,
	[0x8e] = CONTROL_FRAME,
	[0x8f] = CONTROL_FRAME,
	[CCIE_PERSUASION] = KNOWN | HAS_TYPE | ALSO_CONTROL,
	[CCIE_TEST_DATA] = KNOWN | HAS_TYPE | ALSO_CONTROL,
	[CCIE_TEST_DATA_ACK] = KNOWN | HAS_TYPE | ALSO_CONTROL,
	[CCIE_SETUP] = FIELD_ID | ALSO_CONTROL,
	[CCIE_SETUP_ACK] = KNOWN,
	[CCIE_TOKEN_M] = FIELD_ID | ALSO_CONTROL,
	[CCIE_TIMER] = KNOWN,
	[CCIE_MY_STATUS] = FIELD_ID | HAS_STATUS | ALSO_CONTROL,
	[CCIE_TRANSIENT1] = FIELD_TRANSIENT | ALSO_CONTROL,
	[CCIE_TRANSIENT_ACK] = FIELD_TRANSIENT,
	[CCIE_TRANSIENT2] = FIELD_TRANSIENT | ALSO_CONTROL,
	[CCIE_IP_TRANSIENT] = FIELD_TRANSIENT,
	[CCIE_PARAM_CHECK] = FIELD_TRANSIENT,
	[CCIE_PARAMETER] = FIELD_TRANSIENT,
	[0x40] = FIELD_ID,
	[0x41] = FIELD_ID,
	[0x42] = FIELD_ID,
	[0x43] = FIELD_ID,
	[0x82] = FIELD_ID,
	[0x83] = FIELD_ID,
	[0x84] = FIELD_ID,
	[0x85] = FIELD_ID,
};

/* The low half of protocolVerType is the protocol, the high half its version; NTT's captures of TSN have 02 and 03, the CC-Link Partner
 * Association's dissector 23 and 33. */
static uint8_t service_of(uint8_t protocol)
{
	switch (protocol) {
	case 0x00:
	case 0x10:
		return CCIE_CONTROL;
	case 0x01:
	case 0x11:
		return CCIE_FIELD;
	case 0x02:
	case 0x23:
		return CCIE_TSN;
	case 0x03:
	case 0x33:
		return CCIE_TSN_FIELD;
	default:
		return CCIE_UNKNOWN;
	}
}

static void node_type(struct oto_ctx *cx, struct ccie_frame *f, struct oto_slice byte)
{
	f->has_node_type = true;
	f->node_type = (uint16_t)(byte.data[0] + (f->service == CCIE_CONTROL ? CCIE_CONTROL_NODES : 0));
	const struct oto_name *row = oto_name_of(&ccie_node_types, f->node_type);
	f->node_type_text = row ? oto_slice_of(row->name) : joined(cx, "unknownNodetype", byte);
}

static void cclink_ie_pdu(struct oto_ctx *cx, struct oto_cur *c)
{
	struct oto_slice whole = { c->at, oto_left(c) };
	uint8_t type = oto_u8(c), second = oto_u8(c), layout = layouts[type];

	if (c->bad)
		return;
	if (type >= CCIE_TSN_PRIORITY && type <= CCIE_TSN_CYCLIC_S) {
		*c = oto_seek(c, 0);
		ccie_tsn_frame(cx, c);
		return;
	}
	if (!layout) {
		oto_weird(cx, "unknown_frame_type", whole);
		return;
	}
	struct ccie_frame f = { .src_mac = ccie_sender(cx), .dst_mac = ccie_receiver(cx), .pdu_type = type };
	f.node_id = oto_be16(c);
	f.connection = oto_u8(c);
	struct oto_slice fifth = oto_take(c, 1);
	f.source = oto_be16(c);
	uint8_t protocol = oto_u8(c);
	oto_skip(c, 5); /* a reserved byte and the header's check, whose polynomial is not published */
	if (c->bad)
		return;
	f.service = layout & CONTROL_ONLY ? CCIE_CONTROL : service_of(protocol);
	if ((type == CCIE_TEST_DATA || type == CCIE_TEST_DATA_ACK) && (f.service == CCIE_TSN || f.service == CCIE_TSN_FIELD)) {
		ccie_tsn_test(cx, c, type, f.service);
		return;
	}
	if (f.service > CCIE_FIELD) {
		f.service = CCIE_UNKNOWN;
		oto_weird(cx, "unknown_protocol", whole);
	}
	if (f.service != CCIE_FIELD && !(layout & ALSO_CONTROL))
		layout = 0;
	f.data_type = second;
	f.has_data_type = f.service == CCIE_FIELD;
	f.has_node_id = layout & HAS_ID;
	f.has_connection = layout & HAS_CONNECTION;
	f.response = type == CCIE_SETUP_ACK;
	f.src_node_number = hex_text(cx, f.source, 4);
	if (f.has_connection)
		f.connection_info = hex_text(cx, f.connection, 2);
	if (layout & HAS_TYPE || (layout & HAS_STATUS && f.service == CCIE_FIELD))
		node_type(cx, &f, fifth);
	if (type == CCIE_TRANSIENT1)
		transient1(cx, c, &f);
	else if (type == CCIE_TRANSIENT2)
		compatible_command(cx, c, &f, 2);
	if (c->bad)
		return;
	oto_emit(cx, EV_FRAME, &f);
	speak(cx, &f);
	if (f.has_command && f.command == SLMP_TRANSMIT && oto_left(c))
		oto_deliver(cx, CHANNEL_SLMP, SLMP_OF_FIELD, oto_rest(c));
}

static const struct oto_pairing pairing = {
	.self_size = sizeof pairing,
	.scope = OTO_SCOPE_PAIR,
	.keyed = true,
	.repeats = true,
};

static const struct oto_analyzer cclink_ie = {
	.self_size = sizeof cclink_ie,
	.name = "cclink_ie",
	.doc = "CC-Link IE Field, Control and TSN",
	.keys = "eth/0x890f",
	.channels = "cclink_ie.slmp",
	.pdu = cclink_ie_pdu,
	.state_size = sizeof(struct ccie_state),
	.events = events,
	.nevents = sizeof events / sizeof *events,
	.pairing = &pairing,
};

OTO_ANALYZER(cclink_ie);
