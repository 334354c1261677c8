/* dhcpv6.c - DHCP for IPv6 (RFC 8415): what clients ask for and servers hand out, directly or through relays.
 *
 * Owns dhcpv6.message, dhcpv6.log and the facts. Reading is dhcpv6_message.c's.
 */
#include "dhcpv6_message.h"

#include "../say.h"

enum { SERVER_PORT = 547, MICROSOFT = 311, NAMES_MAX = 4 };

static const struct oto_name type_rows[] = {
	{ DHCPV6_SOLICIT, "SOLICIT", 0, "a client looks for servers" },
	{ DHCPV6_ADVERTISE, "ADVERTISE", 0, "a server offers itself" },
	{ DHCPV6_REQUEST, "REQUEST", 0, "a client takes an offer" },
	{ 4, "CONFIRM", 0, "a client asks whether its addresses still fit" },
	{ 5, "RENEW", 0, "a client extends its addresses with its server" },
	{ 6, "REBIND", 0, "a client extends them with any server" },
	{ DHCPV6_REPLY, "REPLY", 0, "a server hands out addresses and settings" },
	{ DHCPV6_RELEASE, "RELEASE", 0, "a client gives addresses back" },
	{ DHCPV6_DECLINE, "DECLINE", 0, "a client found an address in use" },
	{ DHCPV6_RECONFIGURE, "RECONFIGURE", 0, "a server wants a client to ask again" },
	{ DHCPV6_INFORMATION_REQUEST, "INFORMATION-REQUEST", 0, "a client asks for settings alone" },
	{ DHCPV6_RELAY_FORWARD, "RELAY-FORW", 0, "a relay's envelope to a server, without a message" },
	{ DHCPV6_RELAY_REPLY, "RELAY-REPL", 0, "a relay's envelope to a client, without a message" },
	{ 14, "LEASEQUERY", 0, "somebody asks who holds an address (RFC 5007)" },
	{ 15, "LEASEQUERY-REPLY", 0, "who holds it" },
};
static const struct oto_names types = OTO_NAMES(type_rows);

static const struct oto_name status_rows[] = {
	{ 0, "Success", 0, "done" },
	{ 1, "UnspecFail", 0, "no reason given" },
	{ 2, "NoAddrsAvail", 0, "no address left" },
	{ 3, "NoBinding", 0, "not known to the server" },
	{ 4, "NotOnLink", 0, "the address does not belong there" },
	{ 5, "UseMulticast", 0, "the client shall not send to the server alone" },
	{ 6, "NoPrefixAvail", 0, "no prefix left" },
};
static const struct oto_names statuses = OTO_NAMES(status_rows);

struct dhcpv6_event {
	struct oto_addr src_ip, client_addr, link_addr;
	struct oto_mac src_mac, client_mac;
	struct oto_slice hostname, vendor_class, client_duid, server_duid, status_message, user_class, boot_url, interface_id;
	struct oto_vec option_request_list;
	struct oto_list addresses, prefixes, dns_servers, domains;
	uint32_t xid, enterprise_number, valid_lifetime;
	struct oto_interval elapsed;
	uint8_t msg_type, relays;
	uint16_t status;
	bool to_server, has_mac, has_client_mac, has_hostname, has_list, has_enterprise, has_vendor_class, has_lifetime, has_elapsed,
	    has_status, has_client_duid, has_server_duid, has_user_class, has_boot_url, has_interface_id;
};

#define M(m, doc_, ...) OTO_FIELD(struct dhcpv6_event, m, doc_, __VA_ARGS__)
#define M_IF(m, has, doc_, ...) M(m, doc_, .guard = OTO_IF(struct dhcpv6_event, has), __VA_ARGS__)
static const struct oto_field message_fields[] = {
	M(msg_type, "message type", .names = &types),
	M(xid, "transaction identifier, chosen by the client"),
	M(to_server, "sent to port 547, by a client or a relay"),
	M(src_ip, "address that sent it"),
	M_IF(src_mac, has_mac, "MAC address that sent it"),
	M_IF(client_mac, has_client_mac, "the client's hardware address, from its DUID or a relay"),
	M(relays, "relays between"),
	M(client_addr, "the client's address as a relay gives it"),
	M(link_addr, "the link that a relay passed it on from"),
	M_IF(hostname, has_hostname, "full or short name (option 39)"),
	M_IF(option_request_list, has_list, "options that the client wants to know (option 6), in its order"),
	M_IF(enterprise_number, has_enterprise, "IANA enterprise number of vendor_class (option 16)"),
	M_IF(vendor_class, has_vendor_class, "vendor class (option 16)"),
	M_IF(user_class, has_user_class, "user class (option 15)"),
	M_IF(client_duid, has_client_duid, "the client's DUID (option 1)", .flags = OTO_HEX),
	M_IF(server_duid, has_server_duid, "the server's DUID (option 2)", .flags = OTO_HEX),
	M_IF(elapsed, has_elapsed, "how long the client has been trying (option 8)"),
	M(addresses, "addresses asked for or handed out (option 5)"),
	M(prefixes, "prefixes asked for or handed out (option 26)"),
	M_IF(valid_lifetime, has_lifetime, "how long they may be used", .flags = OTO_SECONDS),
	M(dns_servers, "name servers (option 23)"),
	M(domains, "domains to look in (option 24)"),
	M_IF(status, has_status, "how it went (option 13)", .names = &statuses),
	M(status_message, "the same in words", .guard = OTO_IF(struct dhcpv6_event, has_status)),
	M_IF(boot_url, has_boot_url, "where to boot from (option 59)"),
	M_IF(interface_id, has_interface_id, "the relay's interface (option 18)", .flags = OTO_HEX),
};
static const struct oto_log message_logs[] = {
	{ .name = "dhcpv6",
	  .doc = "A row per message that a client or a relay sends to a server.",
	  .columns = "src_ip src_mac hostname option_request_list enterprise_number vendor_class",
	  .extra = "msg_type xid client_mac client_duid",
	  .where = "to_server",
	  .form = OTO_FORM_DETAIL,
	  .flags = OTO_LOG_NOT_ZEEK | OTO_LOG_NOT_SENSOR },
	{ .name = "dhcpv6",
	  .doc = "A row per message that a client or a relay sends to a server.",
	  .columns = "src_ip src_mac hostname option_request_list enterprise_number vendor_class",
	  .where = "to_server",
	  .form = OTO_FORM_DETAIL,
	  .flags = OTO_LOG_NOT_ZEEK | OTO_LOG_ONLY_SENSOR },
};
static const struct oto_event_type message_event = OTO_EVENT("dhcpv6.message", struct dhcpv6_event, message_fields,
							     "A DHCPv6 message, out of its relays' envelopes.", OTO_LOGS(message_logs));
static const struct oto_event_type *const events[] = { &message_event };

/* ------------------------------------------------------------------------------------------------ text */

static struct oto_slice name_text(struct oto_ctx *cx, struct oto_cur *c)
{
	uint8_t name[DHCPV6_NAME_MAX];

	return say_copy(cx, (struct oto_slice){ name, dhcpv6_name(c, name) });
}

static struct oto_list name_list(struct oto_ctx *cx, struct oto_slice s)
{
	struct oto_slice *items = s.len ? oto_scratch(cx, NAMES_MAX * sizeof *items) : NULL;
	struct oto_cur c = oto_cur_of(s);
	uint32_t n = 0;

	while (items && n < NAMES_MAX && oto_left(&c) && !c.bad) {
		items[n] = name_text(cx, &c);
		n += items[n].len != 0;
	}
	return (struct oto_list){ items, n };
}

static struct oto_list server_list(struct oto_ctx *cx, struct oto_slice s)
{
	struct oto_slice *items = s.len ? oto_scratch(cx, DHCPV6_ADDRESSES_MAX * sizeof *items) : NULL;
	struct oto_cur c = oto_cur_of(s);
	uint32_t n = 0;

	for (; items && n < DHCPV6_ADDRESSES_MAX && oto_left(&c) >= 16; n++) {
		struct oto_addr a = oto_take_ipv6(&c);
		items[n] = say_addr(cx, &a);
	}
	return (struct oto_list){ items, n };
}

static struct oto_list address_list(struct oto_ctx *cx, const struct dhcpv6_message *m)
{
	struct oto_slice *items = m->naddresses ? oto_scratch(cx, m->naddresses * sizeof *items) : NULL;

	for (uint32_t i = 0; items && i < m->naddresses; i++)
		items[i] = say_addr(cx, &m->address[i]);
	return (struct oto_list){ items, items ? m->naddresses : 0 };
}

static struct oto_list prefix_list(struct oto_ctx *cx, const struct dhcpv6_message *m)
{
	struct oto_slice *items = m->nprefixes ? oto_scratch(cx, m->nprefixes * sizeof *items) : NULL;

	for (uint32_t i = 0; items && i < m->nprefixes; i++) {
		struct oto_slice base = say_addr(cx, &m->prefix[i].base);
		items[i] = say_text(cx, base.len + 4, "%.*s/%u", (int)base.len, (const char *)base.data, m->prefix[i].length);
	}
	return (struct oto_list){ items, items ? m->nprefixes : 0 };
}

/* ------------------------------------------------------------------------------------------------ facts */

static bool is_printable(struct oto_slice s)
{
	for (uint32_t i = 0; i < s.len; i++) {
		if (s.data[i] < ' ' || s.data[i] > '~')
			return false;
	}
	return s.len != 0;
}

static struct oto_slice fingerprint(struct oto_ctx *cx, struct oto_slice list)
{
	struct oto_slice text = { oto_scratch(cx, list.len / 2 * 6u + 1), 0 };
	struct oto_cur c = oto_cur_of(list);
	char *out = (char *)(uintptr_t)text.data;

	while (out && oto_left(&c) >= 2)
		text.len += (uint32_t)snprintf(&out[text.len], 7, "%s%u", text.len ? "," : "", oto_be16(&c));
	return text;
}

/* Without a relay the client is who sends; a relay tells its address and, if it can, its MAC. */
static void of_client(struct oto_ctx *cx, const struct dhcpv6_message *m, const char *key, struct oto_slice value, uint8_t confidence)
{
	if (!m->relays)
		say_fact(cx, key, value, confidence);
	else if (say_is_set(&m->peer) || m->mac_from_relay)
		say_fact_of(cx, say_is_set(&m->peer) ? &m->peer : NULL, m->mac_from_relay ? &m->mac : NULL, key, value, confidence);
}

static void client_facts(struct oto_ctx *cx, const struct dhcpv6_message *m, const struct dhcpv6_event *e)
{
	if (is_printable(e->hostname))
		of_client(cx, m, "hostname", e->hostname, SAY_SURE);
	if (is_printable(m->vendor_class))
		of_client(cx, m, "vendor_class", m->vendor_class, SAY_SURE);
	if (m->has_enterprise && m->enterprise == MICROSOFT && say_begins(m->vendor_class, "MSFT"))
		of_client(cx, m, "os", oto_slice_of("Windows Vista or later"), SAY_INFERRED);
	of_client(cx, m, "dhcpv6_fingerprint", fingerprint(cx, m->options_wanted), SAY_STATED);
	if (m->relays)
		say_fact(cx, "role", oto_slice_of("dhcp relay"), SAY_STATED);
}

/* The receiver's, when the answer goes to the client alone. */
static void lease_facts(struct oto_ctx *cx, const struct dhcpv6_message *m)
{
	const struct oto_addr to = cx->is_orig ? cx->head->resp_h : cx->head->orig_h;
	bool direct = !m->relays && to.byte[0] != 0xff;

	for (uint32_t i = 0; i < m->naddresses; i++) {
		struct oto_slice ip = say_addr(cx, &m->address[i]);
		if (m->mac_from_relay)
			say_fact_of(cx, NULL, &m->mac, "ip", ip, SAY_STATED);
		else if (direct)
			oto_fact(cx, &(struct oto_fact){ .self_size = sizeof(struct oto_fact),
							 .key = "ip",
							 .value = ip,
							 .confidence = SAY_STATED,
							 .whose = OTO_RECEIVER });
	}
}

static void server_facts(struct oto_ctx *cx, const struct dhcpv6_message *m)
{
	struct oto_cur dns = oto_cur_of(m->dns_servers);

	if (!m->relays)
		say_fact(cx, "role", oto_slice_of("dhcpv6 server"), SAY_STATED);
	for (uint32_t i = 0; i < NAMES_MAX && oto_left(&dns) >= 16; i++) {
		struct oto_addr a = oto_take_ipv6(&dns);
		say_fact_of(cx, &a, NULL, "role", oto_slice_of("dns server"), SAY_INFERRED);
	}
	if (m->type == DHCPV6_REPLY)
		lease_facts(cx, m);
}

/* ------------------------------------------------------------------------------------------------ messages */

static bool is_servers(uint8_t type)
{
	return type == DHCPV6_ADVERTISE || type == DHCPV6_REPLY || type == DHCPV6_RECONFIGURE;
}

static struct dhcpv6_event event_of(struct oto_ctx *cx, const struct dhcpv6_message *m)
{
	struct oto_cur name = oto_cur_of(m->fqdn);
	struct dhcpv6_event e = {
		.msg_type = m->type,
		.xid = m->xid,
		.to_server = oto_dest_port(cx) == SERVER_PORT && !is_servers(m->type),
		.src_ip = oto_sender(cx),
		.src_mac = say_sender_mac(cx),
		.has_mac = cx->head->has_mac,
		.client_mac = m->mac,
		.has_client_mac = m->has_mac,
		.relays = m->relays,
		.client_addr = m->peer,
		.link_addr = m->link,
		.enterprise_number = m->enterprise,
		.has_enterprise = m->has_enterprise,
		.elapsed = { m->elapsed * INT64_C(10000000) },
		.has_elapsed = m->has_elapsed,
		.valid_lifetime = m->valid_lifetime,
		.has_lifetime = m->has_lifetime,
		.status = m->status,
		.has_status = m->has_status,
		.status_message = m->status_message,
	};

#define TEXT(to, from) (e.to = m->from, e.has_##to = m->from.data)
	TEXT(vendor_class, vendor_class);
	TEXT(user_class, user_class);
	TEXT(client_duid, client_id);
	TEXT(server_duid, server_id);
	TEXT(boot_url, boot_url);
	TEXT(interface_id, interface_id);
#undef TEXT
	e.hostname = name_text(cx, &name);
	e.has_hostname = e.hostname.len;
	e.option_request_list = (struct oto_vec){ m->options_wanted.data, m->options_wanted.len / 2, OTO_VEC_U16BE };
	e.has_list = m->options_wanted.data;
	e.addresses = address_list(cx, m);
	e.prefixes = prefix_list(cx, m);
	e.dns_servers = server_list(cx, m->dns_servers);
	e.domains = name_list(cx, m->domains);
	return e;
}

static void dhcpv6_pdu(struct oto_ctx *cx, struct oto_cur *c)
{
	struct dhcpv6_message m = { 0 };
	struct oto_slice whole = { c->at, oto_left(c) };

	if (!dhcpv6_read(c, &m)) {
		oto_weird(cx, "malformed_message", whole);
		return;
	}
	if (!oto_name_of(&types, m.type)) {
		oto_weird(cx, "unknown_message_type", whole);
		return;
	}
	struct dhcpv6_event e = event_of(cx, &m);
	oto_emit(cx, 0, &e);
	if (is_servers(m.type))
		server_facts(cx, &m);
	else if (m.type <= DHCPV6_INFORMATION_REQUEST && m.type != DHCPV6_RELEASE && m.type != DHCPV6_DECLINE)
		client_facts(cx, &m, &e);
	if (m.odd)
		oto_weird(cx, "malformed_option", whole);
}

static enum oto_answer dhcpv6_probe(const struct oto_ctx *cx, struct oto_cur c)
{
	(void)cx;
	return oto_left(&c) >= 4 && oto_name_of(&types, oto_u8(&c)) ? OTO_MINE : OTO_NOT_MINE;
}

static const struct oto_analyzer dhcpv6 = {
	.self_size = sizeof dhcpv6,
	.name = "dhcpv6",
	.doc = "DHCP for IPv6",
	.keys = "udp/547 udp/546",
	.probe = dhcpv6_probe,
	.pdu = dhcpv6_pdu,
	.events = events,
	.nevents = sizeof events / sizeof *events,
};

OTO_ANALYZER(dhcpv6);
