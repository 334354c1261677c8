/* dhcp_message.c - see dhcp_message.h. */
#include "dhcp_message.h"

#include "../say.h"

enum { MAGIC_COOKIE = 0x63825363, FLAG_BROADCAST = 0x8000, SNAME_LEN = 64, FILE_LEN = 128, OVERLOAD_FILE = 1, OVERLOAD_SNAME = 2 };

static struct oto_addr address_in(struct oto_slice s)
{
	struct oto_cur c = oto_cur_of(s);
	struct oto_addr a = oto_take_ipv4(&c);

	return c.bad ? (struct oto_addr){ 0 } : a;
}

/* RFC 4702 2: flags and two bytes of no use, then the name, as text or as DNS labels. Labels stay as they are sent. */
static struct oto_slice fqdn_name(struct oto_slice s)
{
	return say_from(s, 3);
}

/* RFC 3046 2: sub-options. */
static void relay_agent(struct dhcp_message *m, struct oto_slice s)
{
	enum { CIRCUIT_ID = 1, REMOTE_ID = 2 };
	struct oto_cur c = oto_cur_of(s);

	while (oto_left(&c) >= 2 && !c.bad) {
		uint8_t code = oto_u8(&c);
		struct oto_slice value = oto_take(&c, oto_u8(&c));
		if (code == CIRCUIT_ID)
			m->circuit_id = value;
		else if (code == REMOTE_ID)
			m->remote_id = value;
	}
	m->odd |= c.bad;
}

/* RFC 3925 3: the first enterprise's first class. */
static void vendor_class(struct dhcp_message *m, struct oto_slice s)
{
	struct oto_cur c = oto_cur_of(s);
	uint32_t enterprise = oto_be32(&c);
	struct oto_cur classes = oto_sub(&c, oto_u8(&c));
	struct oto_slice first = oto_take(&classes, oto_u8(&classes));

	if (classes.bad) {
		m->odd = true;
		return;
	}
	m->enterprise = enterprise;
	m->vendor_class = first;
}

static void number_option(struct dhcp_message *m, uint8_t code, struct oto_slice s)
{
	struct oto_cur c = oto_cur_of(s);

	if (code == DHCP_LEASE_TIME) {
		m->lease_time = oto_be32(&c);
		m->has_lease_time = !c.bad;
	} else {
		m->type = oto_u8(&c);
		m->has_type = !c.bad;
	}
	m->odd |= c.bad;
}

static struct oto_slice *text_option(struct dhcp_message *m, uint8_t code)
{
	switch (code) {
	case DHCP_ROUTERS:
		return &m->routers;
	case DHCP_DNS_SERVERS:
		return &m->dns_servers;
	case DHCP_HOST_NAME:
		return &m->host_name;
	case DHCP_DOMAIN:
		return &m->domain;
	case DHCP_NTP_SERVERS:
		return &m->ntp_servers;
	case DHCP_PARAMETER_LIST:
		return &m->parameters;
	case DHCP_MESSAGE:
		return &m->message;
	case DHCP_CLASS_ID:
		return &m->class_id;
	case DHCP_CLIENT_ID:
		return &m->client_id;
	case DHCP_TFTP_SERVER:
		return &m->tftp_server;
	case DHCP_BOOT_FILE:
		return &m->boot_file;
	case DHCP_USER_CLASS:
		return &m->user_class;
	default:
		return NULL;
	}
}

static void option(struct dhcp_message *m, uint8_t code, struct oto_slice s)
{
	struct oto_slice *text = text_option(m, code);

	if (m->ncodes < sizeof m->codes)
		m->codes[m->ncodes++] = code;
	if (text && !(m->overloaded && text->data))
		*text = s;
	else if (code == DHCP_MESSAGE_TYPE || code == DHCP_LEASE_TIME)
		number_option(m, code, s);
	else if (code == DHCP_REQUESTED_ADDRESS)
		m->requested = address_in(s);
	else if (code == DHCP_SERVER_ID)
		m->server_id = address_in(s);
	else if (code == DHCP_SUBNET_MASK)
		m->subnet_mask = address_in(s);
	else if (code == DHCP_CLIENT_FQDN)
		m->fqdn = fqdn_name(s);
	else if (code == DHCP_RELAY_AGENT)
		relay_agent(m, s);
	else if (code == DHCP_VENDOR_CLASS)
		vendor_class(m, s);
}

/* Returns what option 52 says: which other fields hold options. */
static uint8_t options(struct dhcp_message *m, struct oto_cur c)
{
	uint8_t overload = 0;

	while (oto_left(&c)) {
		uint8_t code = oto_u8(&c);
		if (code == DHCP_END)
			break;
		if (code == DHCP_PAD)
			continue;
		struct oto_slice s = oto_take(&c, oto_u8(&c));
		if (c.bad) {
			m->odd = true;
			break;
		}
		if (code == DHCP_OVERLOAD && s.len)
			overload = s.data[0];
		option(m, code, s);
	}
	return overload;
}

/* A field of fixed size that is not used is absent, not empty. */
static struct oto_slice present(struct oto_slice s)
{
	return s.len ? s : (struct oto_slice){ 0 };
}

bool dhcp_read(struct oto_cur *c, struct dhcp_message *m)
{
	m->op = oto_u8(c);
	m->htype = oto_u8(c);
	m->hlen = oto_u8(c);
	m->hops = oto_u8(c);
	m->xid = oto_be32(c);
	m->secs = oto_be16(c);
	m->broadcast = oto_be16(c) & FLAG_BROADCAST;
	m->ciaddr = oto_take_ipv4(c);
	m->yiaddr = oto_take_ipv4(c);
	m->siaddr = oto_take_ipv4(c);
	m->giaddr = oto_take_ipv4(c);
	m->chaddr = oto_take(c, DHCP_HW_MAX);
	struct oto_slice sname = oto_take(c, SNAME_LEN), file = oto_take(c, FILE_LEN);
	if (c->bad)
		return false;
	struct oto_cur ahead = *c;
	m->has_cookie = oto_be32(&ahead) == MAGIC_COOKIE;
	uint8_t overload = m->has_cookie ? options(m, ahead) : 0;
	m->overloaded = overload;
	if (overload & OVERLOAD_FILE)
		options(m, oto_cur_of(file));
	else if (!m->boot_file.len)
		m->boot_file = present(say_string(file));
	if (overload & OVERLOAD_SNAME)
		options(m, oto_cur_of(sname));
	else
		m->server_name = present(say_string(sname));
	return true;
}
