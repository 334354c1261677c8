/* opcua.c - OPC UA Binary over TCP: the transport's own messages, secure channels, chunks, and the analyzer itself.
 *
 * A channel that is signed alone is read like any other. What is encrypted is told once a channel. Services are read by opcua_message.c.
 */
#include "opcua.h"

enum { HEADER = 8, MSG_HEADER = 24 };

/* ------------------------------------------------------------------------------------------------ is it OPC UA? */

/* OPC 10000-6 6.7.2.2 and 7.1.2.2: what each type is at least, and whether it may come in several chunks. */
enum kind { HEL, ACK, ERR, RHE, OPN, MSG, CLO, KINDS };
static const struct {
	char word[4];
	uint16_t least;
	bool chunks;
} kinds[KINDS] = {
	[HEL] = { "HEL", 32, false }, [ACK] = { "ACK", 28, false }, [ERR] = { "ERR", 16, false }, [RHE] = { "RHE", 16, false },
	[OPN] = { "OPN", 32, false }, [MSG] = { "MSG", 24, true },  [CLO] = { "CLO", 24, false },
};

/* What the header says; KINDS: it is none. */
static enum kind take_header(struct oto_cur *c, char *chunk, uint32_t *size)
{
	struct oto_slice word = oto_take(c, 3);
	enum kind kind = HEL;

	*chunk = (char)oto_u8(c);
	*size = oto_le32(c);
	if (c->bad)
		return KINDS;
	while (kind < KINDS && memcmp(word.data, kinds[kind].word, 3) != 0)
		kind++;
	if (kind == KINDS || *size < kinds[kind].least)
		return KINDS;
	return *chunk == 'F' || (kinds[kind].chunks && (*chunk == 'C' || *chunk == 'A')) ? kind : KINDS;
}

/* May a header begin with these octets? */
static bool may_begin(struct oto_slice s)
{
	bool may = !s.len;

	for (enum kind kind = HEL; s.len && kind < KINDS; kind++)
		may |= memcmp(s.data, kinds[kind].word, s.len < 3 ? s.len : 3) == 0;
	return may && (s.len < 4 || s.data[3] == 'F' || s.data[3] == 'C' || s.data[3] == 'A');
}

/* Four letters and a size that fits are much already; of a channel's first message more is known. */
static enum oto_answer opcua_probe(const struct oto_ctx *cx, struct oto_cur c)
{
	enum { LONGEST_URI = 4096, LONGEST = 1 << 20 };
	char chunk;
	uint32_t size;

	(void)cx;
	if (oto_left(&c) < HEADER)
		return may_begin(oto_rest(&c)) ? OTO_NEED_MORE : OTO_NOT_MINE;
	enum kind kind = take_header(&c, &chunk, &size);
	switch (kind) {
	case HEL:
		oto_skip(&c, 20);
		return oto_le32(&c) == size - 32 || c.bad ? (size <= 32 + LONGEST_URI ? OTO_MINE : OTO_NOT_MINE) : OTO_NOT_MINE;
	case ACK:
		return size == kinds[ACK].least ? OTO_MINE : OTO_NOT_MINE;
	case ERR:
	case RHE:
		return size <= 2 * LONGEST_URI ? OTO_MINE : OTO_NOT_MINE;
	case KINDS:
		return OTO_NOT_MINE;
	default:
		return size <= LONGEST ? OTO_MINE : OTO_NOT_MINE;
	}
}

static int64_t opcua_pdu_len(const struct oto_ctx *cx, struct oto_cur c)
{
	char chunk;
	uint32_t size;

	(void)cx;
	if (oto_left(&c) < HEADER)
		return 0;
	return take_header(&c, &chunk, &size) == KINDS ? -1 : (int64_t)size;
}

/* ------------------------------------------------------------------------------------------------ the transport's own messages */

static void know_client(struct opcua_flow *flow, bool is_orig)
{
	flow->client_known = true;
	flow->client_is_orig = is_orig;
}

/* Until it is known, who opened the connection is the client. */
static bool from_client(const struct opcua_parse *p)
{
	return p->flow->client_known ? p->flow->client_is_orig == p->cx->is_orig : p->cx->is_orig;
}

/* 7.1.2.3 and 7.1.2.4 */
static void take_sizes(struct opcua_parse *p, struct oto_cur *c)
{
	struct opcua_message *m = p->m;

	m->version = oto_le32(c);
	m->rcv_buf_size = oto_le32(c);
	m->snd_buf_size = oto_le32(c);
	m->max_msg_size = oto_le32(c);
	m->max_chunk_cnt = oto_le32(c);
	m->has_version = m->has_sizes = true;
}

static void take_error(struct opcua_parse *p, struct oto_cur *c)
{
	struct opcua_message *m = p->m;

	m->status_code = oto_le32(c);
	m->status = opcua_status_word(m->status_code);
	m->has_status = true;
	m->reason = opcua_take_string(c);
}

static void transport(struct opcua_parse *p, enum kind kind, struct oto_cur *c)
{
	struct opcua_message *m = p->m;

	switch (kind) {
	case HEL:
		know_client(p->flow, p->cx->is_orig);
		take_sizes(p, c);
		m->endpoint_url = opcua_take_string(c);
		break;
	case ACK:
		know_client(p->flow, !p->cx->is_orig);
		take_sizes(p, c);
		break;
	case RHE: /* 7.1.2.6: the server opened the connection, and wants the client to go on */
		know_client(p->flow, !p->cx->is_orig);
		m->server_uri = opcua_take_string(c);
		m->endpoint_url = opcua_take_string(c);
		break;
	default:
		take_error(p, c);
	}
	if (c->bad)
		return;
	if (kind == ERR && !from_client(p)) {
		m->service = OPCUA_OPEN_CHANNEL;
		uint64_t key = opcua_key_of(p);
		m->service = 0;
		opcua_refused(p, key);
	}
	if (kind == RHE) {
		say_fact(p->cx, "application_uri", m->server_uri, SAY_SURE);
		opcua_tell_host(p, m->endpoint_url, SAY_STATED);
	}
	oto_emit(p->cx, EV_MESSAGE, m);
}

/* ------------------------------------------------------------------------------------------------ chunks */

static struct opcua_side *side_of(const struct opcua_parse *p)
{
	return &p->flow->side[p->cx->is_orig];
}

static void forget(struct oto_ctx *cx, struct opcua_side *s)
{
	if (s->held)
		oto_let_go(cx, s->held);
	*s = (struct opcua_side){ .sequence = s->sequence, .has_sequence = s->has_sequence };
}

/* 6.7.2.4: one more than the last; it begins again below 1024, or at 0 with the newer policies. Where the server opens another channel
 * its first number is any. */
static void check_sequence(struct opcua_parse *p, uint32_t sequence)
{
	enum { BEGIN = 1024 };
	struct opcua_side *s = side_of(p);
	bool again = s->sequence >= UINT32_MAX - BEGIN && sequence < BEGIN;

	if (s->has_sequence && sequence != s->sequence + 1 && !again)
		oto_weird(p->cx, "wrong_sequence_number", (struct oto_slice){ 0 });
	s->sequence = sequence;
	s->has_sequence = true;
}

static void enter_channel(struct opcua_parse *p, uint32_t channel)
{
	struct opcua_flow *flow = p->flow;

	if (flow->channel == channel)
		return;
	if (flow->channel) /* the first request of all has the number 0 */
		flow->side[0].has_sequence = flow->side[1].has_sequence = flow->opaque_told = false;
	flow->channel = channel;
}

static void show_channel(struct opcua_parse *p)
{
	struct opcua_message *m = p->m;
	const struct opcua_flow *flow = p->flow;

	m->sec_channel_id = flow->channel;
	m->has_channel = true;
	m->security_mode = flow->mode;
	m->has_mode = flow->mode != OPCUA_MODE_UNKNOWN;
	m->security_policy = flow->policy;
	m->has_policy = flow->policy;
}

/* Body of a message: in this chunk, or put together of those before it. Empty: more is to come, or some of it was not seen. */
static struct oto_slice gather(struct opcua_parse *p, char chunk, struct oto_slice piece, bool *whole)
{
	struct opcua_side *s = side_of(p);
	struct oto_slice none = { 0 };

	if (s->open && s->request_id != p->m->request_id) { /* 6.7.3: they follow each other */
		oto_weird(p->cx, "unfinished_message", none);
		forget(p->cx, s);
	}
	*whole = true;
	if (!s->open && chunk == 'F')
		return piece;
	if (!s->open) {
		*s = (struct opcua_side){ .held = oto_hold(p->cx, OPCUA_ROOM),
					  .open = true,
					  .request_id = p->m->request_id,
					  .sequence = s->sequence,
					  .has_sequence = s->has_sequence };
	}
	s->chunks++;
	s->too_large |= !s->held || piece.len > OPCUA_ROOM - s->len || s->chunks > OPCUA_CHUNKS;
	if (!s->too_large && piece.len)
		memcpy((uint8_t *)s->held + s->len, piece.data, piece.len);
	s->len += s->too_large ? 0 : piece.len;
	if (chunk != 'F')
		return none;
	if (s->too_large)
		oto_weird(p->cx, "message_too_large", none);
	*whole = !s->too_large;
	p->m->chunks = s->chunks;
	struct oto_slice body = say_copy(p->cx, (struct oto_slice){ s->held, s->len });
	forget(p->cx, s);
	return body;
}

/* Once a channel. */
static void opaque(struct opcua_parse *p)
{
	struct opcua_flow *flow = p->flow;

	if (flow->mode == OPCUA_MODE_UNKNOWN)
		flow->mode = OPCUA_MODE_ENCRYPT;
	if (flow->opaque_told)
		return;
	flow->opaque_told = true;
	show_channel(p);
	p->m->encrypted = true;
	oto_emit(p->cx, EV_MESSAGE, p->m);
}

/* A chunk that the sender gave up (6.7.3): what was asked has no other answer. */
static void aborted(struct opcua_parse *p, struct oto_cur *c)
{
	forget(p->cx, side_of(p));
	take_error(p, c);
	if (c->bad)
		return;
	if (!from_client(p))
		opcua_refused(p, p->m->request_id);
	oto_emit(p->cx, EV_MESSAGE, p->m);
}

static void one_message(struct opcua_parse *p, struct oto_cur *c, char chunk)
{
	bool whole = true;
	struct oto_slice rest = oto_rest(c);
	struct oto_slice body = gather(p, chunk, rest, &whole);

	if (!body.len)
		return;
	struct oto_cur inner = oto_cur_of(body);
	opcua_message(p, &inner, whole);
	c->bad |= inner.bad;
	if (c->bad)
		return;
	if (p->m->pdu_type)
		know_client(p->flow, p->by_client == p->cx->is_orig);
	oto_emit(p->cx, EV_MESSAGE, p->m);
}

/* Does a known service begin here? In what is encrypted it does so once in many millions. */
static bool is_readable(struct oto_cur c)
{
	bool is_request;
	uint32_t encoding;

	oto_skip(&c, 8);
	encoding = opcua_encoding_of(c);
	return encoding == OPCUA_SERVICE_FAULT || opcua_service_of(encoding, &is_request);
}

/* 6.7.2.3, symmetric: MSG and CLO. */
static void secured(struct opcua_parse *p, char chunk, struct oto_cur *c)
{
	struct opcua_flow *flow = p->flow;
	struct opcua_side *side = side_of(p);
	struct opcua_message *m = p->m;

	enter_channel(p, oto_le32(c));
	m->token_id = oto_le32(c);
	m->has_token = true;
	bool begins = !side->open && chunk != 'A', readable = begins && is_readable(*c);
	bool hidden = flow->policy_known && flow->mode == OPCUA_MODE_ENCRYPT;
	if (hidden || (begins && !readable && (side->lost || flow->mode != OPCUA_MODE_NONE))) {
		oto_rest(c);
		if (hidden || (!side->lost && flow->mode != OPCUA_MODE_SIGN))
			opaque(p);
		return;
	}
	side->lost = false;
	if (readable && flow->mode == OPCUA_MODE_ENCRYPT) /* what was there before was the rest of something */
		flow->mode = OPCUA_MODE_UNKNOWN;
	if (flow->mode == OPCUA_MODE_UNKNOWN && flow->policy)
		flow->mode = flow->policy == OPCUA_POLICY_NONE ? OPCUA_MODE_NONE : OPCUA_MODE_SIGN;
	show_channel(p);
	m->seq_number = oto_le32(c);
	m->request_id = oto_le32(c);
	m->has_sequence = m->has_request = true;
	check_sequence(p, m->seq_number);
	if (flow->signature && oto_need(c, flow->signature))
		*c = oto_cur_of(oto_take(c, oto_left(c) - flow->signature));
	m->chunks = 1;
	if (chunk == 'A')
		aborted(p, c);
	else
		one_message(p, c, chunk);
}

/* Only that it is opened is known, and by whom; with which keys was said before. */
static void opened_unseen(struct opcua_parse *p, struct oto_cur *c)
{
	struct opcua_message *m = p->m;
	bool asks = from_client(p);
	struct oto_operation o = {
		.self_size = sizeof o, .op = OTO_OP_OTHER, .func = "OpenSecureChannel", .func_code = OPCUA_OPEN_CHANNEL
	};

	oto_rest(c);
	m->service = OPCUA_OPEN_CHANNEL;
	m->has_service = m->encrypted = true;
	m->pdu_type = asks ? "request" : "response";
	side_of(p)->has_sequence = false;
	p->note.service = OPCUA_OPEN_CHANNEL;
	if (asks) {
		oto_request(p->cx, opcua_key_of(p), &p->note);
		oto_operation(p->cx, &o);
	} else {
		oto_response(p->cx, opcua_key_of(p), &p->match);
		m->matched = p->match.found;
		m->latency = p->match.latency;
		oto_outcome(p->cx, &p->match, OTO_OUTCOME_OK, NULL, &o);
	}
	oto_emit(p->cx, EV_MESSAGE, m);
}

/* 6.7.2.3, asymmetric: OPN. The body is encrypted where the policy has algorithms. */
static void opened(struct opcua_parse *p, struct oto_cur *c)
{
	struct opcua_flow *flow = p->flow;
	struct opcua_message *m = p->m;

	enter_channel(p, oto_le32(c));
	m->sec_policy_uri = opcua_take_string(c);
	struct oto_slice certificate = opcua_take_string(c);
	m->thumbprint = opcua_take_string(c);
	if (c->bad)
		return;
	uint8_t policy = (uint8_t)opcua_policy_of(m->sec_policy_uri);
	if (policy != flow->policy || !flow->policy_known)
		flow->mode = policy == OPCUA_POLICY_NONE ? OPCUA_MODE_NONE : OPCUA_MODE_UNKNOWN;
	flow->policy = policy;
	flow->policy_known = true;
	flow->signature_known = policy;
	flow->signature = (uint8_t)opcua_signature_of(policy);
	m->chunks = 1;
	p->by_client = from_client(p);
	opcua_tell_certificate(p, certificate);
	show_channel(p);
	if (policy != OPCUA_POLICY_NONE) {
		opened_unseen(p, c);
		return;
	}
	m->seq_number = oto_le32(c);
	m->request_id = oto_le32(c);
	m->has_sequence = m->has_request = true;
	check_sequence(p, m->seq_number);
	one_message(p, c, 'F');
}

static void opcua_pdu(struct oto_ctx *cx, struct oto_cur *c)
{
	struct opcua_message m = { 0 };
	struct opcua_parse p = { .cx = cx, .flow = cx->state, .m = &m, .match = { .self_size = sizeof p.match } };
	char chunk;
	uint32_t size;
	enum kind kind = take_header(c, &chunk, &size);

	m.msg_type = kind < KINDS ? kinds[kind].word : NULL;
	if (kind < OPN)
		transport(&p, kind, c);
	else if (kind == OPN)
		opened(&p, c);
	else if (kind < KINDS)
		secured(&p, chunk, c);
	else
		c->bad = true;
}

static void opcua_gap(struct oto_ctx *cx, uint64_t n)
{
	struct opcua_flow *flow = cx->state;
	struct opcua_side *s = &flow->side[cx->is_orig];

	(void)n;
	forget(cx, s);
	s->has_sequence = false;
	s->lost = true;
}

static void opcua_ended(struct oto_ctx *cx)
{
	struct opcua_flow *flow = cx->state;

	for (uint32_t i = 0; i < OPCUA_ASKED; i++)
		opcua_drop_items(cx, &flow->asked[i]);
	forget(cx, &flow->side[0]);
	forget(cx, &flow->side[1]);
}

/* Clients have many requests open at a time. */
static const struct oto_pairing pairing = {
	.self_size = sizeof pairing, .note_size = sizeof(struct opcua_note), .scope = OTO_SCOPE_FLOW, .keyed = true, .bound = 256
};

static const struct oto_analyzer opcua = {
	.self_size = sizeof opcua,
	.flags = OTO_ANY_PORT,
	.name = "opcua",
	.doc = "OPC UA Binary over TCP",
	.keys = "tcp/4840",
	.probe = opcua_probe,
	.pdu_len = opcua_pdu_len,
	.pdu = opcua_pdu,
	.gap = opcua_gap,
	.ended = opcua_ended,
	.state_size = sizeof(struct opcua_flow),
	.max_pdu = 160 * 1024,
	.events = opcua_events,
	.nevents = EV_COUNT,
	.pairing = &pairing,
};

OTO_ANALYZER(opcua);
