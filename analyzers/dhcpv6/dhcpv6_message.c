/* dhcpv6_message.c - see dhcpv6_message.h. */
#include "dhcpv6_message.h"

enum option {
	CLIENT_ID = 1,
	SERVER_ID = 2,
	IA_NA = 3,
	IA_TA = 4,
	IA_ADDRESS = 5,
	OPTION_REQUEST = 6,
	ELAPSED_TIME = 8,
	RELAY_MESSAGE = 9,
	STATUS_CODE = 13,
	USER_CLASS = 15,
	VENDOR_CLASS = 16,
	INTERFACE_ID = 18,
	DNS_SERVERS = 23,
	DOMAIN_LIST = 24,
	IA_PD = 25,
	IA_PREFIX = 26,
	CLIENT_FQDN = 39,
	BOOT_FILE_URL = 59,
	CLIENT_LINK_LAYER = 79,
};
enum { DUID_LLT = 1, DUID_LL = 3, HW_ETHERNET = 1, DEPTH_MAX = 3 };

/* The hardware address in a DUID (RFC 8415 11.2, 11.4). */
static void duid(struct dhcpv6_message *m, struct oto_slice s)
{
	struct oto_cur c = oto_cur_of(s);
	uint16_t kind = oto_be16(&c), hardware = oto_be16(&c);

	if (kind == DUID_LLT)
		oto_skip(&c, 4);
	if ((kind != DUID_LLT && kind != DUID_LL) || hardware != HW_ETHERNET || m->has_mac)
		return;
	m->mac = oto_take_mac(&c);
	m->has_mac = !c.bad && oto_left(&c) == 0;
}

/* RFC 6939: what the relay saw. */
static void link_layer(struct dhcpv6_message *m, struct oto_cur c)
{
	if (oto_be16(&c) != HW_ETHERNET)
		return;
	m->mac = oto_take_mac(&c);
	m->has_mac = m->mac_from_relay = !c.bad;
}

/* RFC 8415 21.16: the first class. */
static void vendor_class(struct dhcpv6_message *m, struct oto_cur c)
{
	m->enterprise = oto_be32(&c);
	m->has_enterprise = !c.bad;
	struct oto_slice first = oto_take(&c, oto_be16(&c));
	if (!c.bad)
		m->vendor_class = first;
}

static bool options(struct dhcpv6_message *m, struct oto_cur c, uint32_t depth);

static void leaf(struct dhcpv6_message *m, uint16_t code, struct oto_slice s)
{
	struct oto_cur c = oto_cur_of(s);

	switch (code) {
	case CLIENT_ID:
		m->client_id = s;
		duid(m, s);
		break;
	case SERVER_ID:
		m->server_id = s;
		break;
	case OPTION_REQUEST:
		m->options_wanted = s;
		break;
	case ELAPSED_TIME:
		m->elapsed = oto_be16(&c);
		m->has_elapsed = !c.bad;
		break;
	case STATUS_CODE:
		m->status = oto_be16(&c);
		m->has_status = !c.bad;
		m->status_message = oto_rest(&c);
		break;
	case USER_CLASS:
		m->user_class = oto_take(&c, oto_be16(&c));
		break;
	case VENDOR_CLASS:
		vendor_class(m, c);
		break;
	case INTERFACE_ID:
		m->interface_id = s;
		break;
	case DNS_SERVERS:
		m->dns_servers = s;
		break;
	case DOMAIN_LIST:
		m->domains = s;
		break;
	case CLIENT_FQDN:
		oto_skip(&c, 1);
		m->fqdn = oto_rest(&c);
		break;
	case BOOT_FILE_URL:
		m->boot_url = s;
		break;
	case CLIENT_LINK_LAYER:
		link_layer(m, c);
		break;
	default:
		break;
	}
	m->odd |= c.bad;
}

static bool address(struct dhcpv6_message *m, struct oto_cur c, uint32_t depth)
{
	struct oto_addr a = oto_take_ipv6(&c);

	oto_skip(&c, 4);
	uint32_t valid = oto_be32(&c);
	if (c.bad)
		return false;
	m->valid_lifetime = valid;
	m->has_lifetime = true;
	if (m->naddresses < DHCPV6_ADDRESSES_MAX)
		m->address[m->naddresses++] = a;
	return options(m, oto_cur_of(oto_rest(&c)), depth + 1);
}

static bool prefix(struct dhcpv6_message *m, struct oto_cur c, uint32_t depth)
{
	oto_skip(&c, 4);
	uint32_t valid = oto_be32(&c);
	uint8_t length = oto_u8(&c);
	struct oto_addr base = oto_take_ipv6(&c);
	if (c.bad)
		return false;
	m->valid_lifetime = valid;
	m->has_lifetime = true;
	if (m->nprefixes < DHCPV6_ADDRESSES_MAX) {
		m->prefix[m->nprefixes].base = base;
		m->prefix[m->nprefixes++].length = length;
	}
	return options(m, oto_cur_of(oto_rest(&c)), depth + 1);
}

/* Associations hold addresses and prefixes, and these options again (RFC 8415 21.4 to 21.6, 21.21, 21.22): bounded. */
static bool options(struct dhcpv6_message *m, struct oto_cur c, uint32_t depth)
{
	if (depth > DEPTH_MAX)
		return false;
	while (oto_left(&c)) {
		uint16_t code = oto_be16(&c);
		struct oto_slice s = oto_take(&c, oto_be16(&c));
		struct oto_cur inside = oto_cur_of(s);
		bool ok = !c.bad;
		if (ok && (code == IA_NA || code == IA_PD || code == IA_TA)) {
			oto_skip(&inside, code == IA_TA ? 4 : 12);
			ok = !inside.bad && options(m, oto_cur_of(oto_rest(&inside)), depth + 1);
		} else if (ok && code == IA_ADDRESS) {
			ok = address(m, inside, depth);
		} else if (ok && code == IA_PREFIX) {
			ok = prefix(m, inside, depth);
		} else if (ok && !(code == RELAY_MESSAGE)) {
			leaf(m, code, s);
		}
		if (!ok)
			return false;
	}
	return true;
}

/* The message inside a relay's options; empty when there is none. */
static struct oto_slice relayed(struct oto_cur c)
{
	struct oto_slice found = { 0 };

	while (oto_left(&c) && !c.bad && !found.len) {
		uint16_t code = oto_be16(&c);
		struct oto_slice s = oto_take(&c, oto_be16(&c));
		if (code == RELAY_MESSAGE)
			found = s;
	}
	return found;
}

bool dhcpv6_read(struct oto_cur *c, struct dhcpv6_message *m)
{
	struct oto_cur at = *c;

	for (m->type = oto_u8(&at); m->type == DHCPV6_RELAY_FORWARD || m->type == DHCPV6_RELAY_REPLY; m->type = oto_u8(&at)) {
		if (++m->relays > DHCPV6_RELAYS_MAX)
			return false;
		oto_skip(&at, 1);
		m->link = oto_take_ipv6(&at);
		m->peer = oto_take_ipv6(&at);
		if (at.bad || !options(m, at, 0))
			return false;
		at = oto_cur_of(relayed(at));
	}
	m->xid = oto_be24(&at);
	return !at.bad && options(m, at, 0);
}

uint32_t dhcpv6_name(struct oto_cur *c, uint8_t out[static DHCPV6_NAME_MAX])
{
	uint32_t n = 0;

	while (oto_left(c)) {
		struct oto_slice label = oto_take(c, oto_u8(c));
		if (c->bad || label.len > 63 || n + label.len + 1 > DHCPV6_NAME_MAX)
			return 0;
		if (!label.len)
			break;
		if (n)
			out[n++] = '.';
		memcpy(&out[n], label.data, label.len);
		n += label.len;
	}
	return n;
}
