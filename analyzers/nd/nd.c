/* nd.c - IPv6 Neighbor Solicitation and Advertisement (RFC 4861 4.3 and 4.4).
 *
 * Owns the typed messages and ns.log; who claims which address is neighbour.h's. The message body begins behind ICMPv6's type, code and
 * checksum; the hop limit, which must be 255, is not seen here.
 */
#include "../neighbour.h"

enum { TYPE_SOLICITATION = 135, TYPE_ADVERTISEMENT = 136 };
enum { OPTION_SOURCE_LINK_ADDRESS = 1, OPTION_TARGET_LINK_ADDRESS = 2, OPTION_UNIT = 8, OPTION_ETHERNET = 8 };
enum { FLAG_ROUTER = 0x80, FLAG_SOLICITED = 0x40, FLAG_OVERRIDE = 0x20 };

/* ------------------------------------------------------------------------------------------------ events */

struct nd_message {
	struct oto_addr target, who_has, sender_ip, dest_ip;
	struct oto_mac sender_mac, dest_mac, link_address, is_at;
	bool has_sender_mac, has_dest_mac, has_link_address, has_is_at;
	bool router, solicited, override, probe, relayed;
};

#define F(m, doc_) OTO_FIELD(struct nd_message, m, doc_)
#define F_IF(m, doc_) OTO_FIELD(struct nd_message, m, doc_, .guard = OTO_IF(struct nd_message, has_##m))
static const struct oto_field message_fields[] = {
	F(target, "address that is asked or answered for"),
	F(who_has, "address that a solicitation asks for"),
	F_IF(is_at, "MAC address that an advertisement gives for the target"),
	F(sender_ip, "address that the message comes from; :: while the sender has none"),
	F_IF(sender_mac, "MAC address that the frame comes from"),
	F(dest_ip, "address that the message goes to; absent for a group"),
	F_IF(dest_mac, "MAC address that the frame goes to; absent for a group"),
	F_IF(link_address, "MAC address in the option: the sender's in a solicitation, the target's in an advertisement"),
	F(router, "the advertisement comes from a router"),
	F(solicited, "the advertisement answers a solicitation; otherwise it is an announcement"),
	F(override, "the advertisement replaces what others remember of the target"),
	F(probe, "asks whether an address is in use before taking it: duplicate address detection (RFC 4862 5.4)"),
	F(relayed, "the frame was sent from another MAC address than the one in the option"),
};

/* orig is the station that asks, resp the one that answers, in both. */
#define NS_LOG(key_, profile)                                                                                                              \
	{                                                                                                                                  \
		.name = "ns", .doc = "IPv6 address resolution: who asked for which address, and who answered.", .key = key_,               \
		.form = OTO_FORM_AGGREGATE, .flags = OTO_LOG_NO_ID | OTO_LOG_NOT_ZEEK | (profile), .number = "pkts"                        \
	}
#define SOLICITATION_KEY "orig_mac=sender_mac resp_mac=is_at orig_ip=sender_ip resp_ip=target who_has"
#define ADVERTISEMENT_KEY "orig_mac=dest_mac resp_mac=is_at orig_ip=dest_ip resp_ip=target who_has"
static const struct oto_log solicitation_logs[] = {
	NS_LOG("orig_mac=sender_mac orig_ip=sender_ip resp_mac=is_at resp_ip=target who_has vlan", OTO_LOG_NOT_SENSOR),
	NS_LOG(SOLICITATION_KEY, OTO_LOG_ONLY_SENSOR)
};
static const struct oto_log advertisement_logs[] = { NS_LOG("orig_mac=dest_mac orig_ip=dest_ip resp_mac=is_at resp_ip=target who_has vlan",
							    OTO_LOG_NOT_SENSOR),
						     NS_LOG(ADVERTISEMENT_KEY, OTO_LOG_ONLY_SENSOR) };

static const struct oto_event_type solicitation_event =
    OTO_EVENT("nd.solicitation", struct nd_message, message_fields, "A station asks for the link-layer address of an IPv6 address.",
	      OTO_LOGS(solicitation_logs));
static const struct oto_event_type advertisement_event =
    OTO_EVENT("nd.advertisement", struct nd_message, message_fields, "A station gives the link-layer address of an IPv6 address.",
	      OTO_LOGS(advertisement_logs));

static const struct oto_event_type conflict_event =
    OTO_EVENT("nd.conflict", struct neighbour_conflict, neighbour_fields,
	      "Two MAC addresses claim one IPv6 address within ten minutes: a duplicate, a take-over, a replaced device or spoofing.");

static const struct oto_event_type *const events[] = { &solicitation_event, &advertisement_event, &conflict_event };
enum { EV_SOLICITATION, EV_ADVERTISEMENT, EV_CONFLICT };

/* ------------------------------------------------------------------------------------------------ messages */

static bool is_unset(const struct oto_addr *a)
{
	static const uint8_t none[16];
	return memcmp(a->byte, none, sizeof none) == 0;
}

/* The link-layer address option of the wanted kind, if there is one (RFC 4861 4.6.1). An option of length zero makes the message invalid
 * (4.6). */
static bool read_options(struct oto_cur *c, uint8_t wanted, struct nd_message *m)
{
	while (oto_left(c) && !c->bad) {
		uint8_t type = oto_u8(c);
		uint32_t length = oto_u8(c) * (uint32_t)OPTION_UNIT;
		if (length == 0)
			return c->bad;
		struct oto_cur body = oto_sub(c, length - 2);
		if (type == wanted && length == OPTION_ETHERNET && !c->bad) {
			m->link_address = oto_take_mac(&body);
			m->has_link_address = true;
		}
	}
	return true;
}

static void addresses(const struct oto_ctx *cx, struct nd_message *m)
{
	const struct oto_head *h = cx->head;

	m->sender_ip = cx->is_orig ? h->orig_h : h->resp_h;
	m->dest_ip = cx->is_orig ? h->resp_h : h->orig_h;
	if (oto_addr_is_group(&m->dest_ip))
		m->dest_ip = (struct oto_addr){ 0 };
	m->has_sender_mac = h->has_mac;
	m->sender_mac = cx->is_orig ? h->orig_mac : h->resp_mac;
	m->dest_mac = cx->is_orig ? h->resp_mac : h->orig_mac;
	m->has_dest_mac = h->has_mac && say_is_station(&m->dest_mac) && m->dest_ip.family;
}

static void solicitation(struct oto_ctx *cx, struct nd_message *m)
{
	m->who_has = m->target;
	m->probe = is_unset(&m->sender_ip);
	oto_emit(cx, EV_SOLICITATION, m);
	if (m->has_link_address && !m->probe && say_is_station(&m->link_address))
		neighbour_claims_address(cx, &m->sender_ip, &m->link_address, m->relayed, EV_CONFLICT);
}

static void advertisement(struct oto_ctx *cx, struct nd_message *m)
{
	m->has_is_at = m->has_link_address || m->has_sender_mac;
	m->is_at = m->has_link_address ? m->link_address : m->sender_mac;
	oto_emit(cx, EV_ADVERTISEMENT, m);
	if (m->has_is_at && say_is_station(&m->is_at))
		neighbour_claims_address(cx, &m->target, &m->is_at, m->relayed, EV_CONFLICT);
}

static void nd_pdu(struct oto_ctx *cx, struct oto_cur *c)
{
	struct nd_message m = { 0 };
	struct oto_slice whole = { c->at, oto_left(c) };
	bool asks = cx->key == TYPE_SOLICITATION;
	uint8_t flags = oto_u8(c);

	oto_skip(c, 3);
	m.target = oto_take_ipv6(c);
	bool valid = read_options(c, asks ? OPTION_SOURCE_LINK_ADDRESS : OPTION_TARGET_LINK_ADDRESS, &m);
	if (c->bad)
		return;
	if (!valid || oto_addr_is_group(&m.target)) {
		oto_weird(cx, valid ? "target_is_group" : "option_length_zero", whole);
		return;
	}
	addresses(cx, &m);
	m.relayed = m.has_link_address && m.has_sender_mac && memcmp(&m.link_address, &m.sender_mac, sizeof m.sender_mac) != 0;
	if (asks) {
		solicitation(cx, &m);
		return;
	}
	m.router = flags & FLAG_ROUTER;
	m.solicited = flags & FLAG_SOLICITED;
	m.override = flags & FLAG_OVERRIDE;
	advertisement(cx, &m);
}

static const struct oto_analyzer nd = {
	.self_size = sizeof nd,
	.name = "nd",
	.doc = "IPv6 Neighbor Solicitation and Advertisement",
	.keys = "icmp6/135 icmp6/136",
	.pdu = nd_pdu,
	.events = events,
	.nevents = sizeof events / sizeof *events,
	.pairing = &neighbour_claims,
};

OTO_ANALYZER(nd);
