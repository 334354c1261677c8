/* dhcp.c - DHCP and BOOTP for IPv4 (RFC 2131, RFC 2132, RFC 951): what clients ask for and servers hand out.
 *
 * Owns dhcp.message and the keeping of conversations by transaction identifier in a segment. The row of Zeek's dhcp.log is dhcp_talk.c's,
 * reading is dhcp_message.c's, facts are dhcp_facts.c's.
 */
#include "dhcp_facts.h"
#include "dhcp_talk.h"

#include "../say.h"

enum { SERVER_PORT = 67, TALKS_A_SEGMENT = 256 };

/* ------------------------------------------------------------------------------------------------ dhcp.message */

struct dhcp_event {
	struct oto_addr src_ip, ciaddr, yiaddr, siaddr, giaddr, requested_addr, server_id, subnet_mask;
	struct oto_mac src_mac, client_mac;
	struct oto_slice hostname, fqdn, domain, class_id, client_id, vendor_class, user_class, message, server_name, boot_file,
	    tftp_server, circuit_id, remote_id;
	struct oto_vec parameter_list, options;
	struct oto_list routers, dns_servers, ntp_servers;
	uint32_t xid, lease_time, enterprise_number;
	uint16_t secs;
	uint8_t op, msg_type, hops;
	bool broadcast, to_server, has_mac, has_client_mac, has_type, has_lease_time, has_parameter_list;
	bool has_hostname, has_fqdn, has_domain, has_class_id, has_client_id, has_vendor_class, has_user_class, has_message,
	    has_server_name, has_boot_file, has_tftp_server, has_circuit_id, has_remote_id;
};

#define M(m, doc_, ...) OTO_FIELD(struct dhcp_event, m, doc_, __VA_ARGS__)
#define M_IF(m, has, doc_, ...) M(m, doc_, .guard = OTO_IF(struct dhcp_event, has), __VA_ARGS__)
static const struct oto_field message_fields[] = {
	M(op, "request or reply", .names = &dhcp_operations),
	M_IF(msg_type, has_type, "message type (option 53); absent in BOOTP", .names = &dhcp_message_types),
	M(xid, "transaction identifier, chosen by the client"),
	M(to_server, "sent to port 67, by a client or a relay"),
	M(src_ip, "address that sent it; 0.0.0.0 while a client has none"),
	M_IF(src_mac, has_mac, "MAC address that sent it"),
	M_IF(client_mac, has_client_mac, "the client's hardware address, where it is Ethernet's"),
	M(hops, "relays between"),
	M(secs, "how long the client has been trying", .flags = OTO_SECONDS),
	M(broadcast, "the client wants the answer broadcast"),
	M(ciaddr, "the client's address, when it has one"),
	M(yiaddr, "address handed out"),
	M(siaddr, "server to boot from"),
	M(giaddr, "relay that passed it on"),
	M_IF(hostname, has_hostname, "host name (option 12)"),
	M_IF(fqdn, has_fqdn, "full name (option 81)"),
	M_IF(domain, has_domain, "domain (option 15)"),
	M(requested_addr, "address asked for (option 50)"),
	M_IF(lease_time, has_lease_time, "how long the address may be used (option 51)", .flags = OTO_SECONDS),
	M(server_id, "server meant or speaking (option 54)"),
	M(subnet_mask, "subnet mask (option 1)"),
	M(routers, "routers (option 3)"),
	M(dns_servers, "name servers (option 6)"),
	M(ntp_servers, "time servers (option 42)"),
	M_IF(parameter_list, has_parameter_list, "options that the client wants to know (option 55), in its order"),
	M_IF(class_id, has_class_id, "vendor class identifier (option 60)"),
	M_IF(client_id, has_client_id, "client identifier (option 61): type, then as a rule a MAC address", .flags = OTO_HEX),
	M_IF(user_class, has_user_class, "user class (option 77)"),
	M_IF(enterprise_number, has_vendor_class, "IANA enterprise number of vendor_class (option 124)"),
	M_IF(vendor_class, has_vendor_class, "vendor class (option 124)"),
	M_IF(message, has_message, "words for people (option 56)"),
	M_IF(server_name, has_server_name, "name of the server to boot from"),
	M_IF(tftp_server, has_tftp_server, "TFTP server's name (option 66)"),
	M_IF(boot_file, has_boot_file, "file to boot"),
	M_IF(circuit_id, has_circuit_id, "the relay's circuit (option 82)", .flags = OTO_HEX),
	M_IF(remote_id, has_remote_id, "the relay's name for the client's side (option 82)", .flags = OTO_HEX),
	M(options, "codes of all options in the order sent"),
};
static const struct oto_log message_logs[] = {
	{ .name = "dhcp2",
	  .doc = "A row per message that a client or a relay sends to a server.",
	  .columns = "src_ip src_mac hostname parameter_list class_id",
	  .extra = "msg_type xid client_mac requested_addr client_id fqdn giaddr",
	  .where = "to_server",
	  .form = OTO_FORM_DETAIL,
	  .flags = OTO_LOG_NOT_ZEEK | OTO_LOG_NOT_SENSOR },
	{ .name = "dhcp",
	  .doc = "A row per message that a client or a relay sends to a server.",
	  .columns = "src_ip src_mac hostname parameter_list class_id",
	  .where = "to_server",
	  .form = OTO_FORM_DETAIL,
	  .flags = OTO_LOG_NOT_ZEEK | OTO_LOG_ONLY_SENSOR },
};
static const struct oto_event_type message_event =
    OTO_EVENT("dhcp.message", struct dhcp_event, message_fields, "A DHCP or BOOTP message.", OTO_LOGS(message_logs));

static const struct oto_event_type *const events[] = { &message_event, &dhcp_conversation_event };
enum { EV_MESSAGE, EV_CONVERSATION };

/* ------------------------------------------------------------------------------------------------ messages */

static struct oto_list address_list(struct oto_ctx *cx, struct oto_slice s)
{
	uint32_t n = s.len / 4 < DHCP_ADDRESSES_MAX ? s.len / 4 : DHCP_ADDRESSES_MAX;
	struct oto_slice *items = n ? oto_scratch(cx, n * sizeof *items) : NULL;
	struct oto_cur c = oto_cur_of(s);

	for (uint32_t i = 0; items && i < n; i++) {
		struct oto_addr a = oto_take_ipv4(&c);
		items[i] = say_addr(cx, &a);
	}
	return (struct oto_list){ items, items ? n : 0 };
}

static struct oto_vec codes_of(struct oto_ctx *cx, const struct dhcp_message *m)
{
	struct oto_slice copy = say_copy(cx, (struct oto_slice){ m->codes, m->ncodes });

	return (struct oto_vec){ copy.data, copy.len, OTO_VEC_U8 };
}

static void tell_message(struct oto_ctx *cx, const struct dhcp_message *m)
{
	if (!oto_wanted(cx, EV_MESSAGE))
		return;
	struct dhcp_event e = { .op = m->op,
				.msg_type = m->type,
				.has_type = m->has_type,
				.xid = m->xid,
				.to_server = m->op == DHCP_REQUESTS && oto_dest_port(cx) == SERVER_PORT,
				.src_ip = oto_sender(cx),
				.src_mac = say_sender_mac(cx),
				.has_mac = cx->head->has_mac,
				.hops = m->hops,
				.secs = m->secs,
				.broadcast = m->broadcast,
				.ciaddr = m->ciaddr,
				.yiaddr = m->yiaddr,
				.siaddr = m->siaddr,
				.giaddr = m->giaddr,
				.requested_addr = m->requested,
				.lease_time = m->lease_time,
				.has_lease_time = m->has_lease_time,
				.server_id = m->server_id,
				.subnet_mask = m->subnet_mask,
				.enterprise_number = m->enterprise };
#define TEXT(to, from) (e.to = m->from, e.has_##to = m->from.data)
	TEXT(hostname, host_name);
	TEXT(fqdn, fqdn);
	TEXT(domain, domain);
	TEXT(class_id, class_id);
	TEXT(client_id, client_id);
	TEXT(vendor_class, vendor_class);
	TEXT(user_class, user_class);
	TEXT(message, message);
	TEXT(server_name, server_name);
	TEXT(boot_file, boot_file);
	TEXT(tftp_server, tftp_server);
	TEXT(circuit_id, circuit_id);
	TEXT(remote_id, remote_id);
#undef TEXT

	e.has_client_mac = dhcp_client_mac(m, &e.client_mac);
	e.has_parameter_list = m->parameters.data;
	e.parameter_list = (struct oto_vec){ m->parameters.data, m->parameters.len, OTO_VEC_U8 };
	e.routers = address_list(cx, m->routers);
	e.dns_servers = address_list(cx, m->dns_servers);
	e.ntp_servers = address_list(cx, m->ntp_servers);
	e.options = codes_of(cx, m);
	oto_emit(cx, EV_MESSAGE, &e);
}

/* ------------------------------------------------------------------------------------------------ conversations */

/* Takes the conversation out of its place, adds the message and puts it back: so it is given up when nothing more comes. */
static void converse(struct oto_ctx *cx, const struct dhcp_message *m, struct dhcp_talk *talk)
{
	struct oto_match match;

	oto_response(cx, m->xid, &match);
	if (match.found)
		memcpy(talk, match.note, sizeof *talk);
	if (match.found && dhcp_talk_over(talk, oto_sweeps(cx))) {
		dhcp_talk_tell(cx, EV_CONVERSATION, talk);
		match.found = false;
	}
	if (!match.found)
		dhcp_talk_begin(talk, cx->head->ts.ns);
	if (dhcp_talk_add(talk, cx, m))
		dhcp_talk_tell(cx, EV_CONVERSATION, talk);
	else
		oto_request(cx, m->xid, talk);
}

static void dhcp_unanswered(struct oto_ctx *cx, const void *note)
{
	dhcp_talk_tell(cx, EV_CONVERSATION, note);
}

static enum oto_answer dhcp_probe(const struct oto_ctx *cx, struct oto_cur c)
{
	struct dhcp_message m = { 0 };
	bool well_known = oto_source_port(cx) == SERVER_PORT || oto_dest_port(cx) == SERVER_PORT;

	if (oto_left(&c) < 240 || !dhcp_read(&c, &m) || (m.op != DHCP_REQUESTS && m.op != DHCP_REPLIES) || m.hlen > DHCP_HW_MAX)
		return OTO_NOT_MINE;
	return m.has_cookie || well_known ? OTO_MINE : OTO_NOT_MINE;
}

static void dhcp_pdu(struct oto_ctx *cx, struct oto_cur *c)
{
	struct dhcp_message m = { 0 };
	struct oto_slice whole = { c->at, oto_left(c) };
	struct dhcp_talk talk = { 0 };

	if (!dhcp_read(c, &m))
		return;
	if (m.op != DHCP_REQUESTS && m.op != DHCP_REPLIES) {
		oto_weird(cx, "unknown_operation", whole);
		return;
	}
	tell_message(cx, &m);
	if (m.has_cookie)
		converse(cx, &m, &talk);
	if (m.has_type)
		dhcp_facts(cx, &m, dhcp_talk_text(&talk, TALK_HOST_NAME));
	if (m.odd)
		oto_weird(cx, "malformed_option", whole);
}

static const struct oto_pairing talks = {
	.self_size = sizeof talks,
	.note_size = sizeof(struct dhcp_talk),
	.scope = OTO_SCOPE_SEGMENT,
	.keyed = true,
	.bound = TALKS_A_SEGMENT,
	.expiry_ns = TALK_IDLE,
	.repeats = true,
};

static const struct oto_analyzer dhcp = {
	.self_size = sizeof dhcp,
	.flags = OTO_ANY_PORT,
	.name = "dhcp",
	.doc = "DHCP and BOOTP for IPv4",
	.keys = "udp/67 udp/68 udp/4011",
	.probe = dhcp_probe,
	.pdu = dhcp_pdu,
	.unanswered = dhcp_unanswered,
	.events = events,
	.nevents = sizeof events / sizeof *events,
	.pairing = &talks,
};

OTO_ANALYZER(dhcp);
