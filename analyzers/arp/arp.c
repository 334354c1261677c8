/* arp.c - ARP for IPv4 over Ethernet (RFC 826), its reverse (RFC 903) and inverse (RFC 2390) forms.
 *
 * Owns the typed requests and replies and arp.log; who claims which address is neighbour.h's. Knows nothing of IP flows.
 */
#include "../neighbour.h"

enum { HTYPE_ETHERNET = 1, HTYPE_IEEE802 = 6, PTYPE_IPV4 = 0x0800, MAC_LEN = 6, IPV4_LEN = 4 };
enum { OP_REQUEST = 1, OP_REPLY, OP_REVERSE_REQUEST, OP_REVERSE_REPLY, OP_INVERSE_REQUEST = 8, OP_INVERSE_REPLY };

static const struct oto_name operation_rows[] = {
	{ OP_REQUEST, "request", 0, "who has this address? (RFC 826)" },
	{ OP_REPLY, "reply", 0, "it is at this MAC (RFC 826)" },
	{ OP_REVERSE_REQUEST, "reverse_request", 0, "which address belongs to this MAC? (RFC 903)" },
	{ OP_REVERSE_REPLY, "reverse_reply", 0, "the address of this MAC (RFC 903)" },
	{ OP_INVERSE_REQUEST, "inverse_request", 0, "which address has the station at the other end? (RFC 2390)" },
	{ OP_INVERSE_REPLY, "inverse_reply", 0, "the address of the station at the other end (RFC 2390)" },
};
static const struct oto_names operations = OTO_NAMES(operation_rows);

/* ------------------------------------------------------------------------------------------------ events */

struct arp_message {
	uint16_t op;
	struct oto_mac sender_mac, target_mac, is_at;
	struct oto_addr sender_ip, target_ip, who_has;
	bool has_target_mac, has_is_at;
	bool gratuitous, probe, relayed;
};

#define F(m, doc_, ...) OTO_FIELD(struct arp_message, m, doc_, __VA_ARGS__)
static const struct oto_field message_fields[] = {
	F(op, "operation", .names = &operations),
	F(sender_mac, "MAC address that the sender gives as its own"),
	F(sender_ip, "address that the sender gives as its own; 0.0.0.0 while it has none"),
	F(target_mac, "MAC address of the target, where one is given", .guard = OTO_IF(struct arp_message, has_target_mac)),
	F(target_ip, "address of the target"),
	F(who_has, "address that a request asks for"),
	F(is_at, "MAC address that a reply gives for the asked address", .guard = OTO_IF(struct arp_message, has_is_at)),
	F(gratuitous, "sender and target are one address: an announcement (RFC 5227 2.3), often after a take-over"),
	F(probe, "asks whether an address is in use before taking it (RFC 5227 2.1)"),
	F(relayed, "the frame was sent from another MAC address than the sender's"),
};

/* orig is the station that asks, resp the one that answers, in both. A sensor's receivers know these columns and no more. */
#define ARP_LOG(key_, profile)                                                                                                             \
	{                                                                                                                                  \
		.name = "arp", .doc = "Address resolution: who asked for which address, and who answered.", .key = key_,                   \
		.form = OTO_FORM_AGGREGATE, .flags = OTO_LOG_NO_ID | OTO_LOG_NOT_ZEEK | (profile), .number = "pkts"                        \
	}
#define REQUEST_KEY "orig_mac=sender_mac orig_ip=sender_ip resp_mac=is_at resp_ip=target_ip who_has"
#define REPLY_KEY "orig_mac=target_mac orig_ip=target_ip resp_mac=is_at resp_ip=sender_ip who_has"
static const struct oto_log request_logs[] = { ARP_LOG(REQUEST_KEY " op vlan", OTO_LOG_NOT_SENSOR),
					       ARP_LOG(REQUEST_KEY, OTO_LOG_ONLY_SENSOR) };
static const struct oto_log reply_logs[] = { ARP_LOG(REPLY_KEY " op vlan", OTO_LOG_NOT_SENSOR), ARP_LOG(REPLY_KEY, OTO_LOG_ONLY_SENSOR) };

static const struct oto_event_type request_event =
    OTO_EVENT("arp.request", struct arp_message, message_fields, "A station asks for the MAC address of an address, or announces its own.",
	      OTO_LOGS(request_logs));
static const struct oto_event_type reply_event =
    OTO_EVENT("arp.reply", struct arp_message, message_fields, "A station gives the MAC address of an address.", OTO_LOGS(reply_logs));

static const struct oto_event_type conflict_event =
    OTO_EVENT("arp.conflict", struct neighbour_conflict, neighbour_fields,
	      "Two MAC addresses claim one address within ten minutes: a duplicate, a take-over, a replaced device or spoofing.");

static const struct oto_event_type *const events[] = { &request_event, &reply_event, &conflict_event };
enum { EV_REQUEST, EV_REPLY, EV_CONFLICT };

/* ------------------------------------------------------------------------------------------------ messages */

static bool is_unset(const struct oto_addr *a)
{
	static const uint8_t none[IPV4_LEN];
	return memcmp(a->byte, none, sizeof none) == 0;
}

static bool is_reply(const struct arp_message *m)
{
	return m->op == OP_REPLY || m->op == OP_REVERSE_REPLY || m->op == OP_INVERSE_REPLY;
}

/* What the operation makes of the four addresses (RFC 826 "Packet Generation", RFC 5227 1.1). */
static void interpret(const struct oto_ctx *cx, struct arp_message *m)
{
	const struct oto_mac *from = cx->is_orig ? &cx->head->orig_mac : &cx->head->resp_mac;
	bool same = memcmp(&m->sender_ip, &m->target_ip, sizeof m->sender_ip) == 0;

	m->has_target_mac = say_is_station(&m->target_mac);
	if (m->op == OP_REQUEST)
		m->who_has = m->target_ip;
	m->has_is_at = m->op == OP_REPLY || m->op == OP_INVERSE_REPLY;
	m->is_at = m->sender_mac;
	m->gratuitous = m->op <= OP_REPLY && same && !is_unset(&m->sender_ip);
	m->probe = m->op == OP_REQUEST && is_unset(&m->sender_ip);
	m->relayed = cx->head->has_mac && memcmp(from, &m->sender_mac, sizeof *from) != 0;
}

static void arp_pdu(struct oto_ctx *cx, struct oto_cur *c)
{
	struct arp_message m = { 0 };
	struct oto_slice whole = { c->at, oto_left(c) };
	uint16_t htype = oto_be16(c), ptype = oto_be16(c);
	uint8_t hlen = oto_u8(c), plen = oto_u8(c);

	m.op = oto_be16(c);
	if (c->bad)
		return;
	if ((htype != HTYPE_ETHERNET && htype != HTYPE_IEEE802) || ptype != PTYPE_IPV4) {
		oto_weird(cx, "unknown_address_type", whole);
		return;
	}
	if (hlen != MAC_LEN || plen != IPV4_LEN) {
		oto_weird(cx, "wrong_address_length", whole);
		return;
	}
	m.sender_mac = oto_take_mac(c);
	m.sender_ip = oto_take_ipv4(c);
	m.target_mac = oto_take_mac(c);
	m.target_ip = oto_take_ipv4(c);
	if (c->bad)
		return;
	if (!oto_name_of(&operations, m.op)) {
		oto_weird(cx, "unknown_operation", whole);
		return;
	}
	interpret(cx, &m);
	oto_emit(cx, is_reply(&m) ? EV_REPLY : EV_REQUEST, &m);
	if (!say_is_station(&m.sender_mac))
		oto_weird(cx, "illegal_sender_mac", whole);
	else if (m.op != OP_REVERSE_REQUEST && !is_unset(&m.sender_ip))
		neighbour_claims_address(cx, &m.sender_ip, &m.sender_mac, m.relayed, EV_CONFLICT);
	if (m.op == OP_REVERSE_REPLY && m.has_target_mac && !is_unset(&m.target_ip))
		neighbour_tell(cx, &m.target_mac, &m.target_ip, SAY_STATED);
}

static const struct oto_analyzer arp = {
	.self_size = sizeof arp,
	.name = "arp",
	.doc = "Address Resolution Protocol, RARP and InARP for IPv4 over Ethernet",
	.keys = "eth/0x0806 eth/0x8035",
	.pdu = arp_pdu,
	.events = events,
	.nevents = sizeof events / sizeof *events,
	.pairing = &neighbour_claims,
};

OTO_ANALYZER(arp);
