/* cip.c - the Common Industrial Protocol in EtherNet/IP: messages off and on connections, and I/O over UDP.
 *
 * Volume 1 and 2 are ODVA's "The CIP Networks Library". Owns the way from an encapsulation message to CIP messages, which cip_message.c
 * reads; connections stand in cip_connection.c, I/O in cip_io.c.
 */
#include "analyzers/enip/enip.h"
#include "cip_connection.h"
#include "cip_message.h"
#include "cip_objects.h"

static const struct oto_event_type *const events[] = {
	[CIP_EV_MESSAGE] = &cip_message_type, [CIP_EV_CONNECTION] = &cip_connection_type, [CIP_EV_IO] = &cip_io_type
};

/* A connection to an object that is no Message Router: its messages are the object's own. */
static bool is_other(const struct cip_open *open)
{
	return open && open->has_class && open->class_id != CIP_CLASS_MESSAGE_ROUTER;
}

/* Which side asks is known from the message: a service, or its response. */
static void connected(struct oto_ctx *cx, struct cip_envelope e, struct oto_cur c)
{
	e.sequence = oto_le16(&c);
	if (c.bad || !oto_left(&c))
		return; /* an empty item keeps a connection alive */
	struct oto_cur peek = c;
	bool asks = !(oto_u8(&peek) & CIP_RESPONSE);
	const struct cip_open *open = cip_open_of(cx->state, e.connection_id, asks);

	if (is_other(open)) {
		oto_deliver(cx, CIP_CHANNEL_CLASS, open->class_id, oto_rest(&c));
		return;
	}
	e.connected = true;
	e.key = cip_key_mix(e.sequence, open ? (uint64_t)open->to_target << 16 | 3 : 1);
	e.astray = !open;
	if (asks)
		((struct cip_flow *)cx->state)->asked = e.key;
	if (open) {
		e.slot = open->slot;
		e.has_slot = open->has_slot;
		e.route = cip_borrow(cx, (struct oto_slice){ open->route, open->route_len });
	}
	cip_message_read(cx, &e, oto_rest(&c));
}

/* The encapsulation refused what was asked (the session is none of its own), so nothing inside says which. On connections it was the last.
 */
static void refused(struct oto_ctx *cx, struct cip_envelope e, const struct enip_header *h)
{
	const struct cip_flow *flow = cx->state;

	if (h->command == ENIP_SEND_UNIT_DATA)
		e.key = flow->asked;
	cip_message_refused(cx, &e, enip_status_word(h->status));
}

static void cip_pdu(struct oto_ctx *cx, struct oto_cur *c)
{
	if (cx->depth == 0) {
		cip_io_pdu(cx, c);
		return;
	}
	struct enip_header h = enip_take_header(c);
	struct cip_envelope e = { .key = cip_key_mix(h.context, (uint64_t)h.session << 8 | 2),
				  .encapsulation = { c->start, (uint32_t)(c->end - c->start) },
				  .single = oto_single(cx, CIP_EV_MESSAGE) };

	if (h.status) {
		refused(cx, e, &h);
		return;
	}
	oto_skip(c, 6); /* interface handle and timeout */
	uint16_t items = oto_le16(c), taken = 0;
	for (; taken < items && taken < CPF_ITEMS_MAX && oto_left(c); taken++) {
		struct cpf_item item = cpf_take_item(c);
		struct oto_cur data = oto_cur_of(item.data);
		if (c->bad)
			return;
		switch (item.type) {
		case CPF_CONNECTED_ADDRESS:
			e.connection_id = oto_le32(&data);
			break;
		case CPF_CONNECTED_DATA:
			connected(cx, e, data);
			break;
		case CPF_UNCONNECTED_DATA:
			if (item.data.len)
				cip_message_read(cx, &e, item.data);
			break;
		default:
			break;
		}
	}
	if (taken < items)
		oto_weird(cx, "missing_items", e.encapsulation);
}

static enum oto_answer cip_probe(const struct oto_ctx *cx, struct oto_cur c)
{
	bool implicit = cx->transport == OTO_UDP && (cx->head->orig_p == ENIP_IO_PORT || cx->head->resp_p == ENIP_IO_PORT);

	return implicit ? cip_io_probe(c) : OTO_MINE;
}

static void cip_gap(struct oto_ctx *cx, uint64_t n)
{
	(void)n;
	cip_transfer_gap(cx);
}

static const struct oto_pairing pairing = {
	.self_size = sizeof pairing,
	.note_size = sizeof(struct cip_note),
	.scope = OTO_SCOPE_FLOW,
	.keyed = true,
	.bound = 1024,
	.repeats = true,
};
_Static_assert(sizeof(struct cip_note) <= OTO_NOTE_MAX, "a note holds what a request leaves");
_Static_assert(sizeof(struct cip_flow) <= OTO_STATE_MAX, "a flow's state holds its connections");

static const struct oto_analyzer cip = {
	.self_size = sizeof cip,
	.name = "cip",
	.doc = "Common Industrial Protocol: services, connections and I/O",
	.keys = "udp/2222 enip",
	.channels = "cip.class",
	.probe = cip_probe,
	.pdu = cip_pdu,
	.gap = cip_gap,
	.closing = cip_transfer_closing,
	.state_size = sizeof(struct cip_flow),
	.events = events,
	.nevents = sizeof events / sizeof *events,
	.pairing = &pairing,
};

OTO_ANALYZER(cip);
