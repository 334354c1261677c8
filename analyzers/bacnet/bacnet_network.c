/* bacnet_network.c - the network layer (clause 6): which networks a message comes from and goes to, and what routers tell one another. */
#include "bacnet.h"

enum { EVERYWHERE = 0xffff, HAS_MESSAGE = 0x80, HAS_DESTINATION = 0x20, HAS_SOURCE = 0x08, EXPECTS_REPLY = 0x04, PRIORITY = 0x03 };
enum { PROPRIETARY = 0x80, NETWORKS_MAX = 256, TOLD_MAX = 32 };

static void take_header(struct bacnet_parse *p)
{
	struct bacnet_message *m = p->m;
	uint8_t control = oto_u8(&p->c);

	m->has_npdu = true;
	m->expects_reply = control & EXPECTS_REPLY;
	m->priority = control & PRIORITY;
	m->has_dnet = control & HAS_DESTINATION;
	m->has_snet = control & HAS_SOURCE;
	if (m->has_dnet) {
		m->dnet = oto_be16(&p->c);
		m->dadr = oto_take(&p->c, oto_u8(&p->c));
		p->broadcast = p->broadcast || m->dnet == EVERYWHERE || !m->dadr.len;
	}
	if (m->has_snet) {
		m->snet = oto_be16(&p->c);
		m->sadr = oto_take(&p->c, oto_u8(&p->c));
	}
	if (m->has_dnet)
		m->hop_count = oto_u8(&p->c);
	m->has_type = control & HAS_MESSAGE;
	if (p->c.bad)
		return;
	if (m->has_snet)
		m->ends.source_sub = bacnet_station(p->cx, m->snet, m->sadr);
	if (m->has_dnet && m->dadr.len)
		m->ends.destination_sub = bacnet_station(p->cx, m->dnet, m->dadr);
}

static void put_network(struct bacnet_parse *p, struct oto_slice *items, uint16_t network)
{
	struct oto_list *list = &p->m->networks;

	if (!items || list->count == NETWORKS_MAX)
		return;
	items[list->count] = say_text(p->cx, 8, "%u", network);
	list->items = items;
	list->count++;
}

/* 6.4.7: ports of a routing table, each with its network and information of its own. */
static void take_ports(struct bacnet_parse *p, struct oto_slice *items)
{
	uint8_t n = oto_u8(&p->c);

	for (uint32_t i = 0; i < n && !p->c.bad; i++) {
		put_network(p, items, oto_be16(&p->c));
		oto_u8(&p->c);
		oto_skip(&p->c, oto_u8(&p->c));
	}
}

static void take_networks(struct bacnet_parse *p)
{
	struct bacnet_message *m = p->m;
	struct oto_slice *items = oto_left(&p->c) ? oto_scratch(p->cx, NETWORKS_MAX * sizeof *items) : NULL;

	m->has_networks = true;
	switch (m->pdu_service) {
	case REJECT_MESSAGE:
		m->network_reject = oto_u8(&p->c);
		m->has_network_reject = true;
		m->result_code = bacnet_word(p->cx, &bacnet_network_rejects, m->network_reject);
		put_network(p, items, oto_be16(&p->c));
		break;
	case I_COULD_BE_ROUTER:
	case ESTABLISH_CONNECTION:
	case NETWORK_NUMBER_IS:
		put_network(p, items, oto_be16(&p->c));
		oto_u8(&p->c);
		break;
	case INITIALIZE_ROUTING_TABLE:
	case INITIALIZE_ROUTING_TABLE_ACK:
		if (oto_left(&p->c)) /* the acknowledgement to a change is empty */
			take_ports(p, items);
		break;
	case WHO_IS_ROUTER:
	case I_AM_ROUTER:
	case ROUTER_BUSY:
	case ROUTER_AVAILABLE:
	case DISCONNECT_CONNECTION:
		while (oto_left(&p->c) && !p->c.bad)
			put_network(p, items, oto_be16(&p->c));
		break;
	default:
		m->has_networks = false;
	}
}

/* Which networks lie behind it: what sets a router apart. */
static void tell_router(struct bacnet_parse *p)
{
	const struct bacnet_message *m = p->m;

	if (m->pdu_service == NETWORK_NUMBER_IS)
		bacnet_fact(p, "bacnet_own_network", m->networks.count ? m->networks.items[0] : (struct oto_slice){ 0 }, SAY_SURE);
	if (m->pdu_service != I_AM_ROUTER && m->pdu_service != INITIALIZE_ROUTING_TABLE_ACK)
		return;
	bacnet_fact(p, "role", oto_slice_of("bacnet router"), SAY_SURE);
	for (uint32_t i = 0; i < m->networks.count && i < TOLD_MAX; i++)
		bacnet_fact(p, "bacnet_network", m->networks.items[i], SAY_SURE);
}

/* A change of the routing table is acknowledged; nothing else that routers say is answered one for one. */
static uint64_t routing_key(bool client_is_orig)
{
	return UINT64_C(1) << 41 | client_is_orig;
}

static void tell_operation(struct bacnet_parse *p)
{
	struct bacnet_message *m = p->m;
	bool table = m->pdu_service == INITIALIZE_ROUTING_TABLE;

	if (m->pdu_service == INITIALIZE_ROUTING_TABLE_ACK) {
		oto_response(p->cx, routing_key(!p->cx->is_orig), &p->match);
		m->matched = p->match.found;
		m->latency = p->match.latency;
		if (m->matched)
			oto_outcome(p->cx, &p->match, OTO_OUTCOME_OK, NULL, NULL);
		return;
	}
	const struct oto_name *row = oto_name_in_order(&bacnet_services, m->pdu_service);
	p->op.op = !row ? (uint32_t)OTO_OP_OTHER : table && !m->networks.count ? (uint32_t)OTO_OP_READ : row->op;
	p->op.func = row ? row->name : "proprietary_network_message";
	p->op.func_code = m->pdu_service;
	p->op.target.space = "network";
	p->op.target.name = m->networks.count ? m->networks.items[0] : (struct oto_slice){ 0 };
	p->op.sub = m->ends.destination_sub;
	if (table)
		oto_request(p->cx, routing_key(p->cx->is_orig), &p->note);
	oto_operation(p->cx, &p->op);
}

static void message(struct bacnet_parse *p)
{
	struct bacnet_message *m = p->m;
	uint8_t type = oto_u8(&p->c);

	m->pdu_type = 8;
	m->has_service = true;
	m->pdu_service = BACNET_NETWORK + type;
	if (type >= PROPRIETARY) {
		m->vendor = oto_be16(&p->c);
		m->has_vendor = true;
	}
	take_networks(p);
	if (p->c.bad)
		return;
	tell_operation(p);
	tell_router(p);
	bacnet_tell(p);
}

void bacnet_network_message(struct bacnet_parse *p)
{
	enum { VERSION = 1 };

	if (oto_u8(&p->c) != VERSION && !p->c.bad) {
		oto_weird(p->cx, "unknown_version", (struct oto_slice){ 0 });
		p->m->has_type = false;
		bacnet_tell(p);
		return;
	}
	take_header(p);
	if (p->c.bad)
		return;
	if (p->m->has_type)
		message(p);
	else
		bacnet_apdu(p);
}
