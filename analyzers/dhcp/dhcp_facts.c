/* dhcp_facts.c - see dhcp_facts.h.
 *
 * A client is known by its hardware address (chaddr), and by address once it has one: in ciaddr, or in yiaddr of the ACK. A relay stands
 * between: then the sender of the packet is not the client.
 */
#include "dhcp_facts.h"

#include "../say.h"

enum { HW_ETHERNET = 1, HW_IEEE802 = 6, NAMED_MAX = 4 };

bool dhcp_client_mac(const struct dhcp_message *m, struct oto_mac *mac)
{
	struct oto_cur c = oto_cur_of(m->chaddr);

	*mac = oto_take_mac(&c);
	return (m->htype == HW_ETHERNET || m->htype == HW_IEEE802) && m->hlen == sizeof mac->byte && !c.bad && say_is_station(mac);
}

struct client {
	struct oto_mac mac;
	struct oto_addr ip;
	bool has_mac;
};

static void tell(struct oto_ctx *cx, const struct client *c, const char *key, struct oto_slice value, uint8_t confidence)
{
	if (c->has_mac || c->ip.family)
		say_fact_of(cx, c->ip.family ? &c->ip : NULL, c->has_mac ? &c->mac : NULL, key, value, confidence);
}

/* ------------------------------------------------------------------------------------------------ the client */

static bool is_printable(struct oto_slice s)
{
	for (uint32_t i = 0; i < s.len; i++) {
		if (s.data[i] < ' ' || s.data[i] > '~')
			return false;
	}
	return s.len != 0;
}

/* People name machines in their own language, in UTF-8 or the code page of their system. */
static bool is_name(struct oto_slice s)
{
	for (uint32_t i = 0; i < s.len; i++) {
		if (s.data[i] < ' ' || s.data[i] == 0x7f)
			return false;
	}
	return s.len != 0;
}

static struct oto_slice parameter_text(struct oto_ctx *cx, struct oto_slice list)
{
	struct oto_slice text = { oto_scratch(cx, list.len * 4u + 1), 0 };
	char *out = (char *)(uintptr_t)text.data;

	for (uint32_t i = 0; out && i < list.len; i++)
		text.len += (uint32_t)snprintf(&out[text.len], 5, "%s%u", i ? "," : "", list.data[i]);
	return text;
}

/* Systems that name kernel and processor behind the version: "dhcpcd-9.4.1:Linux-5.10.63-v7l+:armv7l:BCM2835". */
static void class_parts(struct oto_ctx *cx, const struct client *c, struct oto_slice class_id)
{
	struct oto_slice rest = say_from(class_id, say_find(class_id, ':') + 1);

	tell(cx, c, "software", say_first(class_id, say_find(class_id, ':')), SAY_STATED);
	if (say_begins(rest, "Linux-") || say_begins(rest, "NetBSD-") || say_begins(rest, "FreeBSD-"))
		tell(cx, c, "os", say_first(rest, say_find(rest, ':')), SAY_STATED);
}

static void class_facts(struct oto_ctx *cx, const struct client *c, struct oto_slice class_id)
{
	const struct dhcp_class *known = dhcp_class_of(class_id);

	if (is_printable(class_id))
		tell(cx, c, "vendor_class", class_id, SAY_SURE);
	if (!known)
		return;
	tell(cx, c, "os", oto_slice_of(known->os), known->confidence);
	tell(cx, c, "role", oto_slice_of(known->role), SAY_STATED);
	tell(cx, c, "vendor", oto_slice_of(known->vendor), SAY_STATED);
	if (known->software)
		class_parts(cx, c, class_id);
}

static void client_facts(struct oto_ctx *cx, const struct dhcp_message *m, struct client *c)
{
	const struct oto_addr sender = oto_sender(cx);

	if (say_is_set(&m->ciaddr))
		c->ip = m->ciaddr;
	else if (say_is_set(&sender) && !say_is_set(&m->giaddr))
		c->ip = sender;
	if (is_name(m->host_name))
		tell(cx, c, "hostname", oto_oem(cx, m->host_name), SAY_SURE);
	struct oto_slice fqdn = m->fqdn;
	while (fqdn.len && fqdn.data[fqdn.len - 1] == '.') /* the root */
		fqdn.len--;
	if (is_name(fqdn))
		tell(cx, c, "fqdn", oto_oem(cx, fqdn), SAY_SURE);
	class_facts(cx, c, m->class_id);
	if (is_printable(m->vendor_class))
		tell(cx, c, "vendor_class", m->vendor_class, SAY_SURE);
	tell(cx, c, "dhcp_fingerprint", parameter_text(cx, m->parameters), SAY_STATED);
	tell(cx, c, "os", oto_slice_of(dhcp_os_of_parameters(m->parameters)), SAY_HINT);
	if (c->has_mac && c->ip.family)
		say_fact_of(cx, NULL, &c->mac, "ip", say_addr(cx, &c->ip), SAY_STATED);
}

/* ------------------------------------------------------------------------------------------------ servers */

/* Options that list the addresses of servers. */
static void named_servers(struct oto_ctx *cx, struct oto_slice list, const char *role)
{
	struct oto_cur c = oto_cur_of(list);

	for (uint32_t i = 0; i < NAMED_MAX && oto_left(&c) >= 4; i++) {
		struct oto_addr a = oto_take_ipv4(&c);
		if (say_is_set(&a))
			say_fact_of(cx, &a, NULL, "role", oto_slice_of(role), SAY_INFERRED);
	}
}

static void lease_facts(struct oto_ctx *cx, const struct dhcp_message *m, struct client *c, struct oto_slice host_name)
{
	if (!say_is_set(&m->yiaddr))
		return;
	c->ip = m->yiaddr;
	if (c->has_mac)
		say_fact_of(cx, NULL, &c->mac, "ip", say_addr(cx, &m->yiaddr), SAY_STATED);
	if (is_name(host_name))
		tell(cx, c, "hostname", oto_oem(cx, say_copy(cx, host_name)), SAY_STATED);
	if (is_printable(say_trim(m->domain)))
		tell(cx, c, "domain", say_trim(m->domain), SAY_INFERRED);
}

static void server_facts(struct oto_ctx *cx, const struct dhcp_message *m)
{
	const struct oto_addr sender = oto_sender(cx);
	struct oto_slice role = oto_slice_of("dhcp server");

	if (!say_is_set(&m->server_id) || say_same(&m->server_id, &sender))
		say_fact(cx, "role", role, SAY_STATED);
	else
		say_fact_of(cx, &m->server_id, NULL, "role", role, SAY_STATED);
	named_servers(cx, m->routers, "router");
	named_servers(cx, m->dns_servers, "dns server");
	named_servers(cx, m->ntp_servers, "ntp server");
}

void dhcp_facts(struct oto_ctx *cx, const struct dhcp_message *m, struct oto_slice host_name)
{
	struct client c = { .has_mac = false };

	c.has_mac = dhcp_client_mac(m, &c.mac);
	if (say_is_set(&m->giaddr))
		say_fact_of(cx, &m->giaddr, NULL, "role", oto_slice_of("dhcp relay"), SAY_STATED);
	if (m->op == DHCP_REQUESTS) {
		if (m->type != DHCP_DECLINE && m->type != DHCP_RELEASE && m->type < 9)
			client_facts(cx, m, &c);
		return;
	}
	if (m->type == DHCP_OFFER || m->type == DHCP_ACK || m->type == DHCP_NAK)
		server_facts(cx, m);
	if (m->type == DHCP_ACK)
		lease_facts(cx, m, &c, host_name);
}
