/* bacnet.c - BACnet/IP over IPv4 and IPv6, any UDP port by a strict probe, and BACnet over Ethernet.
 *
 * Owns the virtual link layer (annexes J and U) and the analyzer itself. What a link carries is read by the other files of this folder.
 */
#include "bacnet.h"

enum { BVLC4 = 0x81, BVLC6 = 0x82, HEADER = 4, FUNCTIONS = 13, UNNUMBERED = 0x03 /* LLC's control field */ };
enum { PORT_FIRST = 0xbac0, PORT_LAST = 0xbacf };
enum {
	RESULT = 0,
	WRITE_BDT,
	READ_BDT,
	READ_BDT_ACK,
	FORWARDED,
	REGISTER,
	READ_FDT,
	READ_FDT_ACK,
	DELETE_FDT,
	DISTRIBUTE,
	UNICAST,
	BROADCAST,
	SECURE,
	RESOLVE = 0x203,
	FORWARDED_RESOLVE,
	RESOLVE_ACK,
	RESOLVE_VIRTUAL,
	RESOLVE_VIRTUAL_ACK
};
/* The functions of IPv6 (U.2.1) by the numbers of the table. */
static const uint16_t of_ipv6[FUNCTIONS] = { RESULT,      UNICAST,         BROADCAST,           RESOLVE,   FORWARDED_RESOLVE,
					     RESOLVE_ACK, RESOLVE_VIRTUAL, RESOLVE_VIRTUAL_ACK, FORWARDED, REGISTER,
					     DELETE_FDT,  SECURE,          DISTRIBUTE };

/* ------------------------------------------------------------------------------------------------ is it BACnet? */

static bool on_known_port(const struct oto_ctx *cx)
{
	uint16_t from = oto_source_port(cx), to = oto_dest_port(cx);

	return cx->depth == 0 && cx->transport == OTO_UDP &&
	       ((from >= PORT_FIRST && from <= PORT_LAST) || (to >= PORT_FIRST && to <= PORT_LAST));
}

/* 6.2.2: version 1, reserved bits are zero, and an APDU of one of eight types behind addresses that fit. */
static bool is_npdu(struct oto_cur c)
{
	uint8_t version = oto_u8(&c), control = oto_u8(&c);

	if (version != 1 || control & 0x50)
		return false;
	for (uint32_t bit = 0x20; bit >= 0x08; bit >>= 2) {
		if (!(control & bit))
			continue;
		oto_skip(&c, 2);
		oto_skip(&c, oto_u8(&c));
	}
	oto_skip(&c, control & 0x20 ? 1 : 0);
	uint8_t type = oto_u8(&c);
	return !c.bad && (control & 0x80 ? type <= 0x13 || type >= 0x80 : type >> 4 <= BACNET_ABORT);
}

static bool fits(uint32_t function, struct oto_cur c, bool is_ipv6)
{
	uint32_t left = oto_left(&c), addr = is_ipv6 ? 18 : 6, own = is_ipv6 ? 3 : 0;

	switch (function) {
	case RESULT:
	case REGISTER:
		return left == own + 2;
	case FORWARDED:
		oto_skip(&c, own + addr);
		return is_npdu(c);
	case UNICAST:
		oto_skip(&c, 2 * own);
		return is_npdu(c);
	case DISTRIBUTE:
	case BROADCAST:
		oto_skip(&c, own);
		return is_npdu(c);
	case READ_BDT:
	case READ_FDT:
		return !left;
	case WRITE_BDT:
	case READ_BDT_ACK:
	case READ_FDT_ACK:
		return left % 10 == 0;
	case DELETE_FDT:
		return left == own + addr;
	case SECURE:
		return false;
	default:
		return left >= 3 && left <= 24;
	}
}

static enum oto_answer bacnet_probe(const struct oto_ctx *cx, struct oto_cur c)
{
	if (cx->transport == OTO_ETH) {
		oto_skip(&c, 2);
		return oto_u8(&c) == UNNUMBERED && is_npdu(c) ? OTO_MINE : OTO_NOT_MINE;
	}
	uint32_t whole = oto_left(&c);
	uint8_t type = oto_u8(&c), function = oto_u8(&c);
	if (cx->transport != OTO_UDP || c.bad || (type != BVLC4 && type != BVLC6) || function >= FUNCTIONS)
		return OTO_NOT_MINE;
	if (on_known_port(cx))
		return OTO_MINE;
	if (oto_be16(&c) != whole)
		return OTO_NOT_MINE;
	return fits(type == BVLC6 ? of_ipv6[function] : function, c, type == BVLC6) ? OTO_MINE : OTO_NOT_MINE;
}

/* ------------------------------------------------------------------------------------------------ the virtual link layer */

static void take_origin(struct bacnet_parse *p, bool is_ipv6)
{
	p->m->origin_h = is_ipv6 ? oto_take_ipv6(&p->c) : oto_take_ipv4(&p->c);
	p->m->origin_p = oto_be16(&p->c);
	p->m->has_origin = true;
}

/* J.2.2 and J.2.8: where broadcasts go, and who gets them for a time. */
static void take_entries(struct bacnet_parse *p, bool masks)
{
	enum { ENTRY = 10, MOST = 128 };
	uint32_t n = oto_left(&p->c) / ENTRY;
	struct oto_slice *items = oto_scratch(p->cx, MOST * sizeof *items);

	p->m->has_entries = true;
	if (oto_left(&p->c) % ENTRY)
		oto_weird(p->cx, "bad_table", (struct oto_slice){ 0 });
	for (uint32_t i = 0; items && i < n && i < MOST; i++) {
		struct oto_addr addr = oto_take_ipv4(&p->c);
		uint16_t port = oto_be16(&p->c), ttl = masks ? 0 : oto_be16(&p->c), left = masks ? 0 : oto_be16(&p->c);
		struct oto_addr mask = { { 0 }, OTO_FAMILY_IPV4 };
		if (masks)
			mask = oto_take_ipv4(&p->c);
		struct oto_slice a = say_addr(p->cx, &addr), b = masks ? say_addr(p->cx, &mask) : (struct oto_slice){ 0 };
		items[i] =
		    masks ? say_text(p->cx, 48, "%.*s:%u/%.*s", (int)a.len, (const char *)a.data, port, (int)b.len, (const char *)b.data)
			  : say_text(p->cx, 48, "%.*s:%u ttl %u left %u", (int)a.len, (const char *)a.data, port, ttl, left);
		p->m->entries = (struct oto_list){ items, i + 1 };
	}
}

/* A request of the link layer has no number: one is open at a time. Its kind is kept, as a plain result does not tell. */
static uint64_t link_key(const struct bacnet_parse *p, bool client_is_orig)
{
	(void)p;
	return UINT64_C(1) << 40 | client_is_orig;
}

static void link_request(struct bacnet_parse *p)
{
	const struct oto_name *row = oto_name_in_order(&bacnet_bvlc_functions, p->m->bvlc_function);

	p->op.op = row ? row->op : OTO_OP_NONE;
	p->op.func = row ? row->name : NULL;
	p->op.func_code = p->m->bvlc_function;
	p->op.target.space = "bbmd";
	p->note.service = p->m->bvlc_function;
	oto_request(p->cx, link_key(p, p->cx->is_orig), &p->note);
	oto_operation(p->cx, &p->op);
}

static void link_response(struct bacnet_parse *p)
{
	struct bacnet_message *m = p->m;

	oto_response(p->cx, link_key(p, !p->cx->is_orig), &p->match);
	m->matched = p->match.found;
	m->latency = p->match.latency;
	if (!p->match.found)
		return;
	const struct oto_name *row = oto_name_in_order(&bacnet_bvlc_results, m->bvlc_result);
	bool refused = m->has_bvlc_result && m->bvlc_result;
	oto_outcome(p->cx, &p->match, refused ? OTO_OUTCOME_ERROR : OTO_OUTCOME_OK,
		    !refused ? NULL
		    : row    ? row->name
			     : "unknown_result",
		    NULL);
}

static void take_result(struct bacnet_parse *p, bool is_ipv6)
{
	struct bacnet_message *m = p->m;
	uint16_t code = oto_be16(&p->c);

	if (is_ipv6) /* U.2.2: those that both have, by the numbers of IPv4 */
		code = code == 0x30 || code == 0x60 ? 0x200 | code : code == 0x90 ? 0x30 : code == 0xa0 ? 0x50 : code == 0xc0 ? 0x60 : code;
	m->bvlc_result = code;
	m->has_bvlc_result = true;
	m->result_code = bacnet_word(p->cx, &bacnet_bvlc_results, code);
}

static void take_ttl(struct bacnet_parse *p)
{
	p->m->ttl = oto_be16(&p->c);
	p->m->has_ttl = true;
}

static void tell_bbmd(struct bacnet_parse *p)
{
	say_fact(p->cx, "role", oto_slice_of("bacnet broadcast management device"), SAY_SURE);
}

/* What is no NPDU: tables, foreign devices, addresses of IPv6. */
static void link_message(struct bacnet_parse *p, bool is_ipv6)
{
	struct bacnet_message *m = p->m;
	bool asks = false, answers = false;

	switch (m->bvlc_function) {
	case RESULT:
		take_result(p, is_ipv6);
		answers = true;
		break;
	case REGISTER:
		take_ttl(p);
		asks = true;
		break;
	case READ_BDT:
	case READ_FDT:
		asks = true;
		break;
	case WRITE_BDT:
		take_entries(p, true);
		asks = true;
		break;
	case READ_BDT_ACK:
	case READ_FDT_ACK:
		take_entries(p, m->bvlc_function == READ_BDT_ACK);
		answers = true;
		break;
	case DELETE_FDT:
		take_origin(p, is_ipv6);
		asks = true;
		break;
	case FORWARDED_RESOLVE:
		oto_skip(&p->c, 3);
		take_origin(p, true);
		break;
	case SECURE:
		oto_rest(&p->c);
		break;
	default: /* the other's virtual address; who looks for one sends to all */
		oto_rest(&p->c);
	}
	if (p->c.bad)
		return;
	if (asks)
		link_request(p);
	if (answers)
		link_response(p);
	if (answers && m->entries.count)
		tell_bbmd(p);
	bacnet_tell(p);
}

static void take_header(struct bacnet_parse *p)
{
	struct bacnet_message *m = p->m;
	bool is_ipv6 = oto_u8(&p->c) == BVLC6;
	uint8_t function = oto_u8(&p->c);
	uint16_t length = oto_be16(&p->c);

	m->link = is_ipv6 ? "ipv6" : "ipv4";
	m->bvlc_function = is_ipv6 && function < FUNCTIONS ? of_ipv6[function] : function;
	m->has_bvlc = true;
	/* senders get it wrong, and devices go by what the datagram holds */
	if (length != HEADER + oto_left(&p->c))
		oto_weird(p->cx, "wrong_length", (struct oto_slice){ 0 });
	if (is_ipv6) {
		m->virtual_address = oto_be24(&p->c);
		m->has_virtual = true;
	}
	switch (m->bvlc_function) {
	case FORWARDED:
		take_origin(p, is_ipv6);
		break;
	case UNICAST:
		oto_skip(&p->c, is_ipv6 ? 3 : 0);
		return bacnet_network_message(p);
	case DISTRIBUTE:
	case BROADCAST:
		break;
	default:
		return link_message(p, is_ipv6);
	}
	p->broadcast = true;
	bacnet_network_message(p);
}

/* Stations without IP are named by their MAC addresses. */
static struct oto_addr station_of(const struct oto_addr *ip, const struct oto_mac *mac)
{
	struct oto_addr addr = { { 0 }, OTO_FAMILY_MAC };

	if (ip->family)
		return *ip;
	memcpy(addr.byte, mac->byte, sizeof mac->byte);
	return addr;
}

static void bacnet_pdu(struct oto_ctx *cx, struct oto_cur *c)
{
	const struct oto_head *h = cx->head;
	struct oto_addr orig = station_of(&h->orig_h, &h->orig_mac), resp = station_of(&h->resp_h, &h->resp_mac);
	struct bacnet_message m = { .ends = { .source_h = cx->is_orig ? orig : resp,
					      .destination_h = cx->is_orig ? resp : orig,
					      .source_p = oto_source_port(cx),
					      .destination_p = oto_dest_port(cx),
					      .has_ports = h->has_ports } };
	struct bacnet_parse p = {
		.cx = cx, .m = &m, .c = *c, .op = { .self_size = sizeof p.op }, .match = { .self_size = sizeof p.match }
	};

	if (cx->transport == OTO_ETH) {
		const struct oto_mac *to = cx->is_orig ? &h->resp_mac : &h->orig_mac;
		m.link = "ethernet";
		p.broadcast = oto_mac_is_group(to);
		oto_skip(&p.c, 3);
		bacnet_network_message(&p);
	} else {
		take_header(&p);
	}
	if (p.c.bad)
		c->bad = true;
}

static void bacnet_closing(struct oto_ctx *cx)
{
	bacnet_files_end(cx);
}

static void bacnet_ended(struct oto_ctx *cx)
{
	struct bacnet_flow *flow = cx->state;

	for (uint32_t i = 0; i < SEGMENTED_MAX; i++) {
		if (flow->segmented[i].bytes)
			oto_let_go(cx, flow->segmented[i].bytes);
	}
}

/* A station has up to 256 requests open to one other; behind a router there are many others. */
static const struct oto_pairing pairing = {
	.self_size = sizeof pairing, .note_size = sizeof(struct bacnet_note), .scope = OTO_SCOPE_FLOW, .keyed = true, .bound = 256
};

static const struct oto_analyzer bacnet = {
	.self_size = sizeof bacnet,
	.flags = OTO_ANY_PORT,
	.name = "bacnet",
	.doc = "BACnet/IP over IPv4 and IPv6, BACnet over Ethernet",
	.keys = "udp/47808 udp/47809 udp/47810 udp/47811 udp/47812 udp/47813 udp/47814 udp/47815 udp/47816 udp/47817 udp/47818 udp/47819 "
		"udp/47820 udp/47821 udp/47822 udp/47823 llc/0x8282",
	.probe = bacnet_probe,
	.pdu = bacnet_pdu,
	.closing = bacnet_closing,
	.ended = bacnet_ended,
	.state_size = sizeof(struct bacnet_flow),
	.events = bacnet_events,
	.nevents = EV_COUNT,
	.pairing = &pairing,
};

OTO_ANALYZER(bacnet);
