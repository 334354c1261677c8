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

static struct cip_envelope envelope_of(struct oto_ctx *cx, struct oto_slice whole)
{
	return (struct cip_envelope){ .encapsulation = whole, .single = oto_single(cx, CIP_EV_MESSAGE) };
}

/* What is waited for until it is answered or refused. */
static void wait_for(struct oto_ctx *cx, const struct enip_header *h, const struct cip_envelope *e, uint8_t service, bool strange)
{
	struct cip_flow *flow = cx->state;
	struct cip_asked a = { .key = e->key,
			       .context = h->context,
			       .ts = cx->head->ts.ns,
			       .session = h->session,
			       .connection = e->connection_id,
			       .command = h->command,
			       .sequence = e->sequence,
			       .service = service,
			       .strange = strange };

	cip_waiting_put(&flow->waiting, &a);
}

/* Off connections. */
static uint64_t context_key(const struct enip_header *h)
{
	return cip_key_mix(h->context, (uint64_t)h->session << 8 | 2);
}

/* By the connection as it is identified towards its target, and the sequence count. */
static uint64_t connected_key(uint32_t to_target, uint16_t sequence)
{
	return cip_key_mix(sequence, (uint64_t)to_target << 16 | 3);
}

/* A connection's answers have an identifier of their own. Without the Forward Open the two are known from the first answer that can belong
 * to one request only; when that turns out to be wrong, anew. What cannot be told has a key that nobody asked under. */
static uint64_t answer_key(struct cip_flow *flow, const struct cip_open *open, const struct cip_envelope *e, uint8_t service)
{
	uint64_t key = open ? connected_key(open->to_target, e->sequence) : cip_key_mix(e->sequence, (uint64_t)e->connection_id << 16 | 1);

	if (cip_waiting_take(&flow->waiting, key) || (open && open->seen))
		return key;
	const struct cip_asked *a = cip_waiting_in_sequence(&flow->waiting, e->sequence, service);
	if (!a)
		return key;
	key = a->key;
	cip_open_learn(flow, a->connection, e->connection_id);
	cip_waiting_take(&flow->waiting, key);
	return key;
}

/* Messages of an object's own kind do not say which way they go; that is their reader's to know. */
static const struct cip_open *other_of(const struct cip_flow *flow, uint32_t id)
{
	const struct cip_open *open = cip_open_of(flow, id, true);

	if (!cip_is_other(open))
		open = cip_open_of(flow, id, false);
	return cip_is_other(open) ? open : NULL;
}

/* Which side asks is known from the message: a service, or its response. */
static void connected(struct oto_ctx *cx, const struct enip_header *h, struct oto_slice whole, uint32_t connection, struct oto_cur c)
{
	struct cip_flow *flow = cx->state;
	uint16_t sequence = oto_le16(&c);

	if (c.bad || !oto_left(&c))
		return; /* an empty item keeps a connection alive */
	const struct cip_open *other = flow->others ? other_of(flow, connection) : NULL;
	if (other) {
		oto_deliver(cx, CIP_CHANNEL_CLASS, other->class_id, oto_rest(&c));
		return;
	}
	struct oto_cur peek = c;
	uint8_t service = oto_u8(&peek);
	bool asks = !(service & CIP_RESPONSE);
	const struct cip_open *open = cip_open_of(flow, connection, asks);
	struct cip_envelope e = envelope_of(cx, whole);
	e.connected = true;
	e.connection_id = connection;
	e.sequence = sequence;
	e.astray = !open || !open->seen;
	if (open) {
		e.slot = open->slot;
		e.has_slot = open->has_slot;
		e.route = cip_borrow(cx, (struct oto_slice){ open->route, open->route_len });
	}
	if (asks) {
		e.key = connected_key(e.connection_id, e.sequence);
		wait_for(cx, h, &e, service, !open);
	} else {
		e.key = answer_key(flow, open, &e, service & (CIP_RESPONSE - 1));
	}
	cip_message_read(cx, &e, oto_rest(&c));
}

static void unconnected(struct oto_ctx *cx, const struct enip_header *h, struct oto_slice whole, uint32_t connection,
			struct oto_slice message)
{
	struct cip_flow *flow = cx->state;

	if (!message.len)
		return;
	struct cip_envelope e = envelope_of(cx, whole);
	e.connection_id = connection;
	e.key = context_key(h);
	if (message.data[0] & CIP_RESPONSE)
		cip_waiting_take(&flow->waiting, e.key);
	else
		wait_for(cx, h, &e, message.data[0], false);
	cip_message_read(cx, &e, message);
}

/* The encapsulation refused what was asked (the session is none of its own), so nothing inside says which: session and sender context do,
 * where they are not those of several. */
static void refused(struct oto_ctx *cx, const struct enip_header *h)
{
	struct cip_flow *flow = cx->state;
	const struct cip_asked *a = cip_waiting_refused(&flow->waiting, h->command, h->session, h->context);

	if (!a)
		return;
	uint64_t key = a->key;
	cip_waiting_take(&flow->waiting, key);
	cip_message_refused(cx, key, enip_status_word(h->status));
}

static void cip_pdu(struct oto_ctx *cx, struct oto_cur *c)
{
	if (cx->depth == 0) {
		cip_io_pdu(cx, c);
		return;
	}
	struct oto_slice whole = { c->start, (uint32_t)(c->end - c->start) };
	struct enip_header h = enip_take_header(c);
	uint32_t connection = 0;

	if (h.status) {
		refused(cx, &h);
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
			connection = oto_le32(&data);
			break;
		case CPF_CONNECTED_DATA:
			connected(cx, &h, whole, connection, data);
			break;
		case CPF_UNCONNECTED_DATA:
			unconnected(cx, &h, whole, connection, item.data);
			break;
		default:
			break;
		}
	}
	if (taken < items)
		oto_weird(cx, "missing_items", whole);
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
