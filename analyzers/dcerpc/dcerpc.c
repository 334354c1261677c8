/* dcerpc.c - remote procedure calls (DCE 1.1, MS-RPCE) over connections: TCP on any port, and named pipes of SMB.
 *
 * Reads binds, requests, responses and faults with their fragments; an interface's number is looked up in what was bound before. The
 * stub data go to children by interface ("dcerpc/<uuid>"), security tokens to the channels "ntlm" and "kerberos". Clauses are of DCE 1.1:
 * Remote Procedure Call (C706) 12.6 where nothing else is said.
 */
#include "../say.h"
#include "dcerpc_flow.h"

enum {
	REQUEST = 0,
	RESPONSE = 2,
	FAULT = 3,
	BIND = 11,
	BIND_ACK = 12,
	BIND_NAK = 13,
	ALTER_CONTEXT = 14,
	ALTER_CONTEXT_RESP = 15,
	AUTH3 = 16,
	SHUTDOWN = 17,
	CANCEL = 18,
	ORPHANED = 19,
};
enum { FIRST_FRAGMENT = 1, LAST_FRAGMENT = 2, OBJECT_GIVEN = 0x80 };
enum { HEADER = 16, AUTH_HEAD = 8, AUTH_SPNEGO = 9, AUTH_NTLM = 10, AUTH_KERBEROS = 16, PRIVACY = 6, SYNTAX = 20 };
enum { REPRESENTATION = 4 }; /* offset, 14.1 */

struct header {
	uint8_t type, flags;
	bool little_endian;
	uint16_t length, auth_length;
	uint32_t call_id;
	uint8_t auth_type, auth_level;
	struct oto_slice auth;
};

/* What a request leaves for its response. */
struct note {
	struct dcerpc_context context;
	bool known, encrypted;
	uint16_t opnum, context_id;
};

static const struct oto_pairing pairing = {
	.self_size = sizeof pairing,
	.note_size = sizeof(struct note),
	.scope = OTO_SCOPE_FLOW,
	.keyed = true,
	.bound = 256,
	.expiry_ns = INT64_C(120000000000), /* calls that wait for something are usual */
};

/* ------------------------------------------------------------------------------------------------ framing */

static bool is_type(uint8_t type)
{
	return type == REQUEST || type == RESPONSE || type == FAULT || (type >= BIND && type <= ORPHANED);
}

/* 12.6.3.1; a start too short to tell is one as long as it fits. Integers little or big endian, characters ASCII, floating point of any
 * kind (14.1). */
static bool is_header(struct oto_cur c)
{
	uint8_t version = oto_u8(&c), minor = oto_u8(&c), type = oto_u8(&c);
	oto_skip(&c, 1);
	uint8_t integers = oto_u8(&c), floats = oto_u8(&c);
	uint16_t rest = oto_le16(&c), length = dcerpc_u16(&c, integers == 0x10), auth = dcerpc_u16(&c, integers == 0x10);

	return version == DCERPC_CONNECTION && minor <= 1 && is_type(type) && (integers == 0x10 || integers == 0) && floats <= 3 && !rest &&
	       (c.bad || (length >= HEADER && auth <= length - HEADER));
}

static enum oto_answer probe(const struct oto_ctx *cx, struct oto_cur c)
{
	if (cx->transport == OTO_UDP)
		return dcerpc_is_datagram(c) ? OTO_MINE : OTO_NOT_MINE;
	return !is_header(c) ? OTO_NOT_MINE : oto_left(&c) < HEADER ? OTO_NEED_MORE : OTO_MINE;
}

static int64_t pdu_len(const struct oto_ctx *cx, struct oto_cur c)
{
	if (cx->transport == OTO_UDP)
		return oto_left(&c);
	if (!is_header(c))
		return -1;
	if (oto_left(&c) < HEADER)
		return 0;
	oto_skip(&c, REPRESENTATION);
	bool little_endian = oto_u8(&c) == 0x10;
	oto_skip(&c, 3);
	return dcerpc_u16(&c, little_endian);
}

/* ------------------------------------------------------------------------------------------------ the parts of a PDU */

static void read_header(struct oto_cur *c, struct header *h)
{
	oto_skip(c, 2);
	h->type = oto_u8(c);
	h->flags = oto_u8(c);
	h->little_endian = oto_u8(c) == 0x10;
	oto_skip(c, 3);
	h->length = dcerpc_u16(c, h->little_endian);
	h->auth_length = dcerpc_u16(c, h->little_endian);
	h->call_id = dcerpc_u32(c, h->little_endian);
}

/* MS-RPCE 2.2.2.11: the trailer with the security token ends the PDU; what is in front of it and its padding is the body. */
static struct oto_cur split_auth(struct oto_cur *c, struct header *h)
{
	uint32_t body = oto_left(c), trailer = (uint32_t)h->auth_length + AUTH_HEAD;

	if (!h->auth_length)
		return oto_sub(c, body);
	if (trailer > body) {
		c->bad = true;
		return *c;
	}
	struct oto_cur auth = oto_seek(c, oto_tell(c) + body - trailer);
	h->auth_type = oto_u8(&auth);
	h->auth_level = oto_u8(&auth);
	uint32_t padding = oto_u8(&auth);
	oto_skip(&auth, 1 + 4);
	h->auth = oto_rest(&auth);
	body -= trailer;
	struct oto_cur inner = oto_sub(c, body > padding ? body - padding : 0);
	oto_skip(c, oto_left(c));
	return inner;
}

static void deliver_token(struct oto_ctx *cx, const struct header *h)
{
	if (h->auth.len && (h->auth_type == AUTH_NTLM || h->auth_type == AUTH_SPNEGO))
		oto_deliver(cx, DCERPC_CHANNEL_NTLM, 0, h->auth);
	if (h->auth.len && (h->auth_type == AUTH_KERBEROS || h->auth_type == AUTH_SPNEGO))
		oto_deliver(cx, DCERPC_CHANNEL_KERBEROS, 0, h->auth);
}

/* ------------------------------------------------------------------------------------------------ binds */

static const struct dcerpc_context *context_of(const struct dcerpc_flow *f, uint16_t id)
{
	for (uint32_t i = 0; i < DCERPC_CONTEXTS; i++) {
		if (f->context[i].used && f->context[i].id == id)
			return &f->context[i];
	}
	return NULL;
}

static struct dcerpc_context *place_of(struct dcerpc_flow *f, uint16_t id)
{
	const struct dcerpc_context *known = context_of(f, id);

	return known ? &f->context[known - f->context] : &f->context[f->ncontexts++ % DCERPC_CONTEXTS];
}

static void read_bind(struct oto_ctx *cx, struct oto_cur *c, const struct header *h)
{
	struct dcerpc_flow *f = cx->state;
	struct dcerpc_context bound[DCERPC_CONTEXTS];
	uint32_t n = 0;

	oto_skip(c, 2 + 2 + 4);
	uint8_t count = oto_u8(c);
	oto_skip(c, 3);
	for (; count && !c->bad; count--) {
		struct dcerpc_context b = { .used = true, .id = dcerpc_u16(c, h->little_endian) };
		uint8_t syntaxes = oto_u8(c);
		oto_skip(c, 1);
		dcerpc_take_uuid(c, h->little_endian, b.uuid);
		uint32_t version = dcerpc_u32(c, h->little_endian);
		b.major = (uint16_t)version;
		b.minor = (uint16_t)(version >> 16);
		oto_skip(c, syntaxes * (uint32_t)SYNTAX);
		if (n < DCERPC_CONTEXTS)
			bound[n++] = b;
	}
	if (c->bad)
		return;
	for (uint32_t i = 0; i < n; i++) {
		dcerpc_name_context(cx, &bound[i]);
		*place_of(f, bound[i].id) = bound[i];
		bool again = i && memcmp(bound[i].uuid, bound[i - 1].uuid, DCERPC_UUID) == 0; /* another transfer syntax */
		if (!again)
			dcerpc_tell_bind(cx, &bound[i], h->type == ALTER_CONTEXT, h->auth_type, h->auth_level);
	}
	deliver_token(cx, h);
}

static void read_bind_ack(struct oto_ctx *cx, struct oto_cur *c, const struct header *h)
{
	struct dcerpc_flow *f = cx->state;

	oto_skip(c, 2 + 2 + 4);
	struct oto_slice address = say_string(oto_take(c, dcerpc_u16(c, h->little_endian)));
	if (c->bad)
		return;
	if (address.len) {
		f->pipe_len = (uint8_t)(address.len < DCERPC_PIPE ? address.len : DCERPC_PIPE);
		memcpy(f->pipe, address.data, f->pipe_len);
	}
	deliver_token(cx, h);
}

/* ------------------------------------------------------------------------------------------------ calls */

static struct dcerpc_pieces *pieces_of(const struct oto_ctx *cx)
{
	struct dcerpc_flow *f = cx->state;

	return &f->pieces[cx->is_orig ? 0 : 1];
}

/* The stub data when the last fragment is here: data NULL as long as more is to come. A message that another one's first fragment breaks
 * off is dropped. */
static bool whole(struct oto_ctx *cx, const struct header *h, struct oto_slice fragment, struct oto_slice *stub)
{
	struct dcerpc_pieces *p = pieces_of(cx);
	bool first = h->flags & FIRST_FRAGMENT, last = h->flags & LAST_FRAGMENT;

	if (p->open && (first || p->sequence != h->call_id)) {
		oto_assemble(cx, (struct oto_slice){ 0 }, true);
		p->open = false;
	}
	if (!first && !p->open) {
		*stub = (struct oto_slice){ 0 };
		return last; /* its begin is lost: what the head says still counts */
	}
	if (first) {
		p->sequence = h->call_id;
		p->begun = cx->head->ts;
	}
	p->open = !last;
	*stub = oto_assemble(cx, fragment, last);
	return last;
}

static void read_request(struct oto_ctx *cx, struct oto_cur *c, const struct header *h)
{
	struct dcerpc_flow *f = cx->state;
	struct dcerpc_message m = { .call = { .version = DCERPC_CONNECTION, .type = DCERPC_REQUEST, .has_opnum = true } };

	oto_skip(c, 4); /* hint of the size */
	m.context_id = dcerpc_u16(c, h->little_endian);
	m.call.opnum = dcerpc_u16(c, h->little_endian);
	if (h->flags & OBJECT_GIVEN)
		dcerpc_take_uuid(c, h->little_endian, m.call.object);
	struct oto_slice fragment = oto_rest(c);
	if (c->bad || !whole(cx, h, fragment, &m.stub))
		return;
	m.call.little_endian = h->little_endian;
	m.call.sequence = h->call_id;
	m.encrypted = h->auth_length && h->auth_level == PRIVACY;
	m.context = context_of(f, m.context_id);
	m.asked = cx->head->ts;
	struct note note = { .known = m.context, .encrypted = m.encrypted, .opnum = m.call.opnum, .context_id = m.context_id };
	if (m.context) {
		note.context = *m.context;
		m.call.major = m.context->major;
		m.call.minor = m.context->minor;
	}
	oto_request(cx, h->call_id, &note);
	dcerpc_tell_request(cx, &m);
}

/* What the request said of itself; when it was not seen, the context number of the response has to do. */
static const struct oto_match *asked(struct oto_ctx *cx, struct dcerpc_message *m)
{
	struct oto_match *match = oto_scratch(cx, sizeof *match);
	struct dcerpc_flow *f = cx->state;

	m->asked = cx->head->ts;
	m->context = context_of(f, m->context_id);
	if (!match)
		return NULL;
	oto_response(cx, m->call.sequence, match);
	if (match->found) {
		const struct note *n = (const void *)match->note;
		m->call.has_opnum = true;
		m->call.opnum = n->opnum;
		m->asked = match->asked;
		m->rtt = match->latency;
		m->has_rtt = match->latency.ns != 0;
		m->context = n->known ? &n->context : m->context;
	}
	if (m->context) {
		m->call.major = m->context->major;
		m->call.minor = m->context->minor;
	}
	return match;
}

static void response(struct oto_ctx *cx, struct oto_cur *c, const struct header *h)
{
	struct dcerpc_message m = { .call = { .version = DCERPC_CONNECTION, .type = DCERPC_RESPONSE } };

	oto_skip(c, 4);
	m.context_id = dcerpc_u16(c, h->little_endian);
	oto_skip(c, 2); /* cancels */
	struct oto_slice fragment = oto_rest(c);
	if (c->bad || !whole(cx, h, fragment, &m.stub))
		return;
	m.call.little_endian = h->little_endian;
	m.call.sequence = h->call_id;
	m.encrypted = h->auth_length && h->auth_level == PRIVACY;
	const struct oto_match *match = asked(cx, &m);
	if (!match)
		return;
	if (match->op_id)
		oto_outcome(cx, match, OTO_OUTCOME_OK, NULL, NULL);
	dcerpc_tell_response(cx, &m);
}

static void fault(struct oto_ctx *cx, struct oto_cur *c, const struct header *h)
{
	struct dcerpc_message m = { .call = { .version = DCERPC_CONNECTION, .type = DCERPC_FAULT } };

	oto_skip(c, 4);
	m.context_id = dcerpc_u16(c, h->little_endian);
	oto_skip(c, 2);
	m.call.status = dcerpc_u32(c, h->little_endian);
	if (c->bad)
		return;
	m.call.little_endian = h->little_endian;
	m.call.sequence = h->call_id;
	const struct oto_match *match = asked(cx, &m);
	if (!match)
		return;
	if (match->op_id)
		oto_outcome(cx, match, OTO_OUTCOME_ERROR, "fault", NULL);
	dcerpc_tell_fault(cx, &m);
}

static void connection(struct oto_ctx *cx, struct oto_cur *c)
{
	struct header h = { 0 };

	read_header(c, &h);
	struct oto_cur body = split_auth(c, &h);
	if (c->bad)
		return;
	switch (h.type) {
	case BIND:
	case ALTER_CONTEXT:
		read_bind(cx, &body, &h);
		break;
	case BIND_ACK:
	case ALTER_CONTEXT_RESP:
		read_bind_ack(cx, &body, &h);
		break;
	case BIND_NAK: {
		uint32_t reason = dcerpc_u16(&body, h.little_endian);
		if (!body.bad)
			dcerpc_tell_refused(cx, reason);
		break;
	}
	case AUTH3:
		deliver_token(cx, &h);
		break;
	case REQUEST:
		read_request(cx, &body, &h);
		break;
	case RESPONSE:
		response(cx, &body, &h);
		break;
	case FAULT:
		fault(cx, &body, &h);
		break;
	default: /* cancel, orphaned, shutdown: nothing to tell */
		break;
	}
	c->bad |= body.bad;
}

static void pdu(struct oto_ctx *cx, struct oto_cur *c)
{
	if (cx->transport == OTO_UDP)
		dcerpc_datagram(cx, c);
	else
		connection(cx, c);
	if (!cx->depth)
		oto_service(cx, "dce_rpc"); /* as Zeek calls it */
}

static void gap(struct oto_ctx *cx, uint64_t n)
{
	(void)n;
	pieces_of(cx)->open = false; /* what was kept of it is forgotten */
}

static const struct oto_analyzer dcerpc = {
	.self_size = sizeof dcerpc,
	.flags = OTO_ANY_PORT,
	.name = "dcerpc",
	.doc = "Remote procedure calls (DCE/RPC, MS-RPCE): over TCP, named pipes and UDP.",
	.keys = "tcp/135 tcp/593 udp/135 udp/34964 smb.pipe",
	.channels = "dcerpc ntlm kerberos",
	.probe = probe,
	.pdu_len = pdu_len,
	.pdu = pdu,
	.gap = gap,
	.state_size = sizeof(struct dcerpc_flow),
	.events = dcerpc_events,
	.nevents = DCERPC_EVENTS,
	.pairing = &pairing,
};
OTO_ANALYZER(dcerpc);
