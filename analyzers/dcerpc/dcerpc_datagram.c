/* dcerpc_datagram.c - the connectionless protocol (C706 12.5): PROFINET's, and of old Windows services.
 *
 * Every PDU names its interface, object and activity, so that nothing is to be remembered but the time of a request, and the fragments of a
 * message that is longer than a datagram. A device may answer from another port: requests are remembered for the two hosts.
 */
#include "../say.h"
#include "dcerpc_flow.h"

enum { REQUEST = 0, PING, RESPONSE, FAULT, WORKING, NOCALL, REJECT, ACK, CANCEL, FACK, CANCEL_ACK };
enum { HEADER = 80, LAST_FRAGMENT = 2, FRAGMENT = 4 };

struct header {
	uint8_t type, flags;
	bool little_endian;
	uint8_t object[DCERPC_UUID], interface[DCERPC_UUID], activity[DCERPC_UUID];
	uint32_t version, sequence, boot;
	uint16_t opnum, length, fragment;
};

struct slot {
	struct oto_time asked;
};
static const struct oto_memory calls = {
	.self_size = sizeof calls,
	.size = sizeof(struct slot),
	.scope = OTO_SCOPE_PAIR,
	.name = "dcerpc.calls",
};

bool dcerpc_is_datagram(struct oto_cur c)
{
	uint8_t version = oto_u8(&c), type = oto_u8(&c);
	oto_skip(&c, 2);
	uint8_t integers = oto_u8(&c), floats = oto_u8(&c), rest = oto_u8(&c);
	struct oto_cur at = oto_seek(&c, 74);
	uint16_t length = dcerpc_u16(&at, integers == 0x10);

	oto_skip(&at, 4);
	return version == DCERPC_CONNECTIONLESS && type <= CANCEL_ACK && (integers == 0x10 || integers == 0) && floats <= 3 && !rest &&
	       !at.bad && length <= oto_left(&at);
}

static void read_header(struct oto_cur *c, struct header *h)
{
	oto_skip(c, 1);
	h->type = oto_u8(c);
	h->flags = oto_u8(c);
	oto_skip(c, 1);
	h->little_endian = oto_u8(c) == 0x10;
	oto_skip(c, 2 + 1); /* upper half of the serial number */
	dcerpc_take_uuid(c, h->little_endian, h->object);
	dcerpc_take_uuid(c, h->little_endian, h->interface);
	dcerpc_take_uuid(c, h->little_endian, h->activity);
	h->boot = dcerpc_u32(c, h->little_endian);
	h->version = dcerpc_u32(c, h->little_endian);
	h->sequence = dcerpc_u32(c, h->little_endian);
	h->opnum = dcerpc_u16(c, h->little_endian);
	oto_skip(c, 2 + 2); /* hints */
	h->length = dcerpc_u16(c, h->little_endian);
	h->fragment = dcerpc_u16(c, h->little_endian);
	oto_skip(c, 1 + 1); /* authentication, lower half of the serial number */
}

static uint64_t call_key(const struct header *h)
{
	return oto_text_key((struct oto_slice){ h->activity, DCERPC_UUID }) ^ h->sequence;
}

/* Fragments are taken in their order; a message with one missing is dropped. */
static bool whole(struct oto_ctx *cx, const struct header *h, struct oto_slice fragment, struct oto_slice *stub)
{
	struct dcerpc_flow *f = cx->state;
	struct dcerpc_pieces *p = &f->pieces[cx->is_orig ? 0 : 1];
	bool last = !(h->flags & FRAGMENT) || h->flags & LAST_FRAGMENT;

	if (!(h->flags & FRAGMENT) && !p->open) {
		*stub = fragment;
		return true;
	}
	bool follows = p->open && p->sequence == h->sequence && p->next == h->fragment;
	if (p->open && !follows) {
		if (p->sequence == h->sequence && h->fragment < p->next)
			return false; /* sent again */
		oto_assemble(cx, (struct oto_slice){ 0 }, true);
		p->open = false;
	}
	if (!follows && h->fragment)
		return false;
	p->open = !last;
	p->sequence = h->sequence;
	p->next = h->fragment + 1u;
	*stub = oto_assemble(cx, fragment, last);
	return last;
}

/* The interface is the same in PDU after PDU. */
static const struct dcerpc_context *context_of(struct oto_ctx *cx, const struct header *h)
{
	struct dcerpc_flow *f = cx->state;
	struct dcerpc_context *last = &f->last;

	if (!last->used || memcmp(last->uuid, h->interface, DCERPC_UUID) != 0) {
		*last = (struct dcerpc_context){ .used = true };
		memcpy(last->uuid, h->interface, DCERPC_UUID);
		dcerpc_name_context(cx, last);
	}
	last->major = (uint16_t)h->version;
	last->minor = (uint16_t)(h->version >> 16);
	return last;
}

static void note_latency(struct oto_ctx *cx, const struct header *h, struct dcerpc_message *m)
{
	const struct slot *s = oto_recall(cx, &calls, call_key(h));

	m->asked = cx->head->ts;
	if (!s || !s->asked.ns)
		return;
	m->asked = s->asked;
	m->rtt.ns = cx->head->ts.ns - s->asked.ns;
	m->has_rtt = true;
}

static void tell(struct oto_ctx *cx, const struct header *h, struct dcerpc_message *m)
{
	if (h->type == REQUEST) {
		struct slot *s = oto_remember(cx, &calls, call_key(h));
		m->asked = cx->head->ts;
		if (s)
			s->asked = m->asked;
		dcerpc_tell_request(cx, m);
		return;
	}
	note_latency(cx, h, m);
	if (h->type == RESPONSE)
		dcerpc_tell_response(cx, m);
	else
		dcerpc_tell_fault(cx, m);
}

void dcerpc_datagram(struct oto_ctx *cx, struct oto_cur *c)
{
	struct dcerpc_message m = { 0 };
	struct header h = { 0 };

	read_header(c, &h);
	struct oto_slice body = oto_take(c, h.length);
	bool failed = h.type == FAULT || h.type == REJECT;
	if (c->bad || (h.type != REQUEST && h.type != RESPONSE && !failed))
		return; /* pings, acknowledgements, cancels */
	if (failed) {
		struct oto_cur status = oto_cur_of(body);
		m.call.status = dcerpc_u32(&status, h.little_endian);
	} else if (!whole(cx, &h, body, &m.stub)) {
		return;
	}
	m.call.version = DCERPC_CONNECTIONLESS;
	m.call.type = failed ? DCERPC_FAULT : h.type;
	m.call.little_endian = h.little_endian;
	m.call.has_opnum = true;
	m.call.opnum = h.opnum;
	m.call.major = (uint16_t)h.version;
	m.call.minor = (uint16_t)(h.version >> 16);
	m.call.sequence = h.sequence;
	memcpy(m.call.object, h.object, DCERPC_UUID);
	memcpy(m.call.activity, h.activity, DCERPC_UUID);
	m.context = context_of(cx, &h);
	tell(cx, &h, &m);
}
