/* profinet_dcp.c - PROFINET's discovery and configuration protocol (IEC 61158-6-10 4.3): who is there, what it is, its name and address,
 * and who changes them.
 *
 * Owns the message, operations and outcomes paired by transaction, facts, and what is remembered of names: who answered to one last. Frames
 * come from profinet, with the frame identifier as key.
 */
#include "profinet_dcp.h"

/* ------------------------------------------------------------------------------------------------ events */

#define F(m, doc_, ...) OTO_FIELD(struct dcp_message, m, doc_, __VA_ARGS__)
#define F_IF(has) .guard = OTO_IF(struct dcp_message, has)
static const struct oto_field message_fields[] = {
	F(src_mac, "MAC address of the sender"),
	F(dst_mac, "MAC address of the receiver, or the group of all devices"),
	F(service, "service", .names = &dcp_services),
	F(response, "an answer"),
	F(service_type, "as sent: 0 request, 1 answer, 5 the service is not supported"),
	F(command, "what a request wants; of several blocks the weightiest", .names = &dcp_commands, F_IF(has_command)),
	F(xid, "transaction that request and answer share", .flags = OTO_HEX | OTO_WIDE),
	F(response_delay, "over how many steps of 10 ms the answers to a question for all are spread", F_IF(has_delay)),
	F(blocks, "what is asked for, set or told", F_IF(has_blocks)),
	F(station_name, "name of the station: asked for, to be set, or its own"),
	F(alias, "port and name of the neighbour: port-001.switch1"),
	F(vendor_value, "type of the station in its maker's words"),
	F(vendor_id, "number of the maker, of PI's list", F_IF(has_device_id), .flags = OTO_HEX | OTO_WIDE),
	F(device_id, "number of the type, given by the maker", F_IF(has_device_id), .flags = OTO_HEX | OTO_WIDE),
	F(oem_vendor_id, "number of the maker that it was made for", F_IF(has_oem_id), .flags = OTO_HEX | OTO_WIDE),
	F(oem_device_id, "number of the type there", F_IF(has_oem_id), .flags = OTO_HEX | OTO_WIDE),
	F(instance, "number of the instance", F_IF(has_instance), .flags = OTO_HEX | OTO_WIDE),
	F(roles, "what it is in PROFINET", F_IF(has_roles), .flags = OTO_SET),
	F(mac, "MAC address, as a value", F_IF(has_mac)),
	F(ip, "address: to be set, or its own"),
	F(netmask, "network mask with it"),
	F(gateway, "router with it"),
	F(ip_status, "whether an address is set", .names = &dcp_ip_states, F_IF(has_ip_status)),
	F(ip_conflict, "the device found another one with its address"),
	F(signal, "how it is to blink", F_IF(has_signal), .flags = OTO_HEX | OTO_WIDE),
	F(reset_mode, "what is reset", .names = &dcp_reset_modes, F_IF(has_reset_mode)),
	F(permanent, "what is set stays after power off", F_IF(has_permanent)),
	F(errors, "what was refused, and why", F_IF(has_errors)),
};
static const struct oto_log message_logs[] = {
	{ .name = "profinet_dcp",
	  .doc = "Who asks for PROFINET devices, what they say of themselves, who changes them.",
	  .columns = "src_mac dst_mac service response command xid blocks station_name alias vendor_value vendor_id device_id roles ip "
		     "netmask gateway "
		     "ip_status ip_conflict reset_mode permanent errors vlan",
	  .key = "src_mac dst_mac service response command blocks station_name alias vendor_value vendor_id device_id roles ip netmask "
		 "gateway "
		 "ip_status ip_conflict reset_mode permanent errors vlan",
	  .form = OTO_FORM_AGGREGATE,
	  .flags = OTO_LOG_NO_ID },
};
static const struct oto_event_type message_event =
    OTO_EVENT("profinet_dcp.message", struct dcp_message, message_fields, "Any message of PROFINET DCP.", OTO_LOGS(message_logs));

struct dcp_conflict {
	struct oto_slice station_name;
	struct oto_mac mac, other_mac;
	struct oto_interval since;
};
static const struct oto_field conflict_fields[] = {
	OTO_FIELD(struct dcp_conflict, station_name, "name that two stations claim"),
	OTO_FIELD(struct dcp_conflict, mac, "MAC address that answers to it now"),
	OTO_FIELD(struct dcp_conflict, other_mac, "MAC address that answered to it before"),
	OTO_FIELD(struct dcp_conflict, since, "time since that earlier answer"),
};
static const struct oto_event_type conflict_event = OTO_EVENT(
    "profinet_dcp.conflict", struct dcp_conflict, conflict_fields,
    "Two stations answer to one name within ten minutes: a replaced device, a name given twice, or somebody who pretends to be it.");

static const struct oto_event_type *const events[] = { [EV_MESSAGE] = &message_event, [EV_CONFLICT] = &conflict_event };

/* ------------------------------------------------------------------------------------------------ names */

struct claim {
	struct oto_mac mac;
	int64_t ns;
};
static const struct oto_memory names = {
	.self_size = sizeof names, .size = sizeof(struct claim), .bound = 4096, .scope = OTO_SCOPE_SEGMENT, .name = "profinet_dcp.names"
};

static void claim_name(struct oto_ctx *cx, const struct dcp_message *m)
{
	const int64_t ten_minutes = INT64_C(600000000000);
	struct claim *claim = m->station_name.len ? oto_remember(cx, &names, oto_text_key(m->station_name)) : NULL;

	if (!claim)
		return;
	int64_t since = cx->head->ts.ns - claim->ns;
	if (claim->ns && since < ten_minutes && memcmp(&claim->mac, &m->src_mac, sizeof claim->mac) != 0)
		oto_emit(cx, EV_CONFLICT,
			 &(struct dcp_conflict){
			     .station_name = m->station_name, .mac = m->src_mac, .other_mac = claim->mac, .since = { since } });
	*claim = (struct claim){ m->src_mac, cx->head->ts.ns };
}

/* ------------------------------------------------------------------------------------------------ facts */

static void facts(struct oto_ctx *cx, const struct dcp_message *m)
{
	say_fact(cx, "station_name", describe_line(cx, m->station_name), SAY_SURE);
	/* often a family: SCALANCE XB-200, where LLDP of the same device says XB208 */
	say_fact(cx, "model", describe_line(cx, m->vendor_value), SAY_STATED);
	say_fact(cx, "wired_to", describe_line(cx, m->alias), SAY_SURE);
	if (m->has_device_id) {
		say_fact(cx, "vendor_id", say_text(cx, 6, "0x%04x", m->vendor_id), SAY_SURE);
		say_fact(cx, "device_id", say_text(cx, 6, "0x%04x", m->device_id), SAY_SURE);
	}
	for (uint32_t i = 0; i < m->roles.count; i++)
		say_fact(cx, "role", m->roles.items[i], SAY_SURE);
	if (say_is_set(&m->ip))
		say_fact(cx, "ip", say_addr(cx, &m->ip), SAY_SURE);
}

/* ------------------------------------------------------------------------------------------------ operations */

/* What a request touches: the name or address that is set or asked for, else the block. */
static struct oto_target target_of(struct oto_ctx *cx, const struct dcp_message *m)
{
	if (m->station_name.len)
		return (struct oto_target){ .space = "station_name", .name = m->station_name };
	if (m->alias.len)
		return (struct oto_target){ .space = "alias", .name = m->alias };
	if (m->command == COMMAND_SET_IP)
		return (struct oto_target){ .space = "ip", .name = say_addr(cx, &m->ip) };
	if (m->has_reset_mode) {
		const struct oto_name *row = oto_name_of(&dcp_reset_modes, m->reset_mode);
		return (struct oto_target){ .space = "reset", .name = oto_slice_of(row ? row->name : "unknown mode") };
	}
	return (struct oto_target){ .space = "block", .name = m->blocks.count ? m->blocks.items[0] : (struct oto_slice){ 0 } };
}

static void speak_request(struct oto_ctx *cx, const struct dcp_message *m)
{
	const struct oto_name *row = oto_name_of(&dcp_commands, m->command);

	/* Nobody has to answer a question for a name; who must answer is asked by his address. */
	if (row->op && m->service != SERVICE_IDENTIFY)
		oto_request(cx, m->xid, NULL);
	oto_operation(cx, &(struct oto_operation){ .self_size = sizeof(struct oto_operation),
						   .op = row->op,
						   .func = row->name,
						   .func_code = m->service,
						   .target = target_of(cx, m) });
}

static void speak_response(struct oto_ctx *cx, const struct dcp_message *m)
{
	const struct oto_name *row = oto_name_of(&dcp_commands, m->service == SERVICE_GET ? COMMAND_GET : COMMAND_SET);
	struct oto_operation o = { .self_size = sizeof o, .op = row->op, .func = row->name, .func_code = m->service };
	const char *error = m->service_type & 4 ? "service not supported" : m->error;
	struct oto_match match;

	oto_response(cx, m->xid, &match);
	oto_outcome(cx, &match, error ? OTO_OUTCOME_ERROR : OTO_OUTCOME_OK, error, &o);
}

/* ------------------------------------------------------------------------------------------------ messages */

static bool is_plausible(uint64_t frame_id, const struct dcp_message *m)
{
	switch (frame_id) {
	case FRAME_HELLO:
		return m->service == SERVICE_HELLO && !m->response;
	case FRAME_GET_SET:
		return m->service == SERVICE_GET || m->service == SERVICE_SET;
	case FRAME_IDENTIFY:
		return m->service == SERVICE_IDENTIFY && !m->response;
	case FRAME_IDENTIFIED:
		return m->service == SERVICE_IDENTIFY && m->response;
	default:
		return false;
	}
}

static void start_command(struct dcp_message *m)
{
	static const uint8_t commands[] = { [SERVICE_GET] = COMMAND_GET,
					    [SERVICE_SET] = COMMAND_SET,
					    [SERVICE_IDENTIFY] = COMMAND_IDENTIFY,
					    [SERVICE_HELLO] = COMMAND_HELLO };
	m->command = commands[m->service];
	m->has_command = !m->response;
}

/* A question or an answer can name what only a set changes. */
static void settle_command(struct dcp_message *m)
{
	if (m->service == SERVICE_IDENTIFY && m->command != COMMAND_IDENTIFY_ALL)
		m->command = COMMAND_IDENTIFY;
	else if (m->service == SERVICE_GET)
		m->command = COMMAND_GET;
	else if (m->service == SERVICE_HELLO)
		m->command = COMMAND_HELLO;
}

static void dcp_pdu(struct oto_ctx *cx, struct oto_cur *c)
{
	struct oto_slice whole = { c->at, oto_left(c) };
	struct dcp_message *m = oto_scratch(cx, sizeof *m);

	if (!m)
		return;
	m->src_mac = say_sender_mac(cx);
	m->dst_mac = cx->is_orig ? cx->head->resp_mac : cx->head->orig_mac;
	m->service = oto_u8(c);
	m->service_type = oto_u8(c);
	m->xid = oto_be32(c);
	m->response_delay = oto_be16(c);
	struct oto_cur blocks = oto_sub(c, oto_be16(c));
	if (c->bad)
		return;
	m->response = m->service_type & 1;
	if (!is_plausible(cx->key, m)) {
		oto_weird(cx, "unknown_service", whole);
		return;
	}
	m->has_delay = cx->key == FRAME_IDENTIFY;
	start_command(m);
	dcp_read_blocks(cx, m, &blocks);
	c->bad |= blocks.bad;
	if (c->bad)
		return;
	settle_command(m);
	m->has_blocks = m->blocks.count;
	m->has_roles = m->roles.count;
	m->has_errors = m->errors.count;
	oto_emit(cx, EV_MESSAGE, m);
	if (m->service == SERVICE_HELLO || (m->response && m->service != SERVICE_SET)) {
		facts(cx, m);
		claim_name(cx, m);
	}
	if (!m->response)
		speak_request(cx, m);
	else if (m->service != SERVICE_IDENTIFY)
		speak_response(cx, m);
}

static const struct oto_pairing pairing = {
	.self_size = sizeof pairing,
	.scope = OTO_SCOPE_PAIR,
	.keyed = true,
};

static const struct oto_analyzer profinet_dcp = {
	.self_size = sizeof profinet_dcp,
	.name = "profinet_dcp",
	.doc = "PROFINET's discovery and configuration protocol",
	.keys = "profinet.dcp/0xfefc profinet.dcp/0xfefd profinet.dcp/0xfefe profinet.dcp/0xfeff",
	.pdu = dcp_pdu,
	.events = events,
	.nevents = EV_COUNT,
	.pairing = &pairing,
};

OTO_ANALYZER(profinet_dcp);
