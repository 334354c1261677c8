/* dtls.c - DTLS 1.0 and 1.2, and the hellos of 1.3, over UDP on any port: the record layer (RFC 6347 4, RFC 9147 4).
 *
 * Handshake messages come in fragments, out of order and repeatedly; each direction puts one message at a time together. The messages
 * themselves are tls_session.c's. `dtls` is what Zeek calls it in conn.log.
 */
#include "../ssl/tls_certificate.h"
#include "../ssl/tls_session.h"

enum content { CHANGE_CIPHER_SPEC = 20, ALERT = 21, HANDSHAKE = 22, APPLICATION_DATA = 23, HEARTBEAT = 24 };
enum { HEADER = 13, HANDSHAKE_HEADER = 12, RECORD_MAX = 16384 + 2048, MESSAGE_MAX = 32768 };

/* A message in fragments. */
struct partial {
	uint32_t length, have;
	uint16_t number;
	uint8_t type;
	uint8_t seen[MESSAGE_MAX / 8]; /* a bit an octet */
	uint8_t bytes[];
};

struct side {
	struct partial *partial;
	uint32_t done; /* messages up to this number, from 1, are known */
};

struct state {
	struct tls_flow tls;
	struct side side[2];
};

static const struct oto_event_type *const events[TLS_EVENTS] = {
	[EV_TLS_CLIENT_HELLO] = &tls_client_hello_event, [EV_TLS_SERVER_HELLO] = &tls_server_hello_event,
	[EV_TLS_CERTIFICATE] = &tls_certificate_event,   [EV_TLS_ALERT] = &tls_alert_event,
	[EV_TLS_ESTABLISHED] = &tls_established_event,   [EV_TLS_CONNECTION] = &tls_connection_event,
};

struct record {
	uint8_t type;
	uint16_t version, epoch, length;
};

static struct record read_header(struct oto_cur *c)
{
	struct record r;

	r.type = oto_u8(c);
	r.version = oto_be16(c);
	r.epoch = oto_be16(c);
	oto_skip(c, 6); /* number of the record */
	r.length = oto_be16(c);
	return r;
}

static bool is_record(const struct record *r)
{
	bool version = r->version == TLS_DTLS_1_0 || r->version == TLS_DTLS_1_2 || r->version == 0x0100; /* OpenSSL's before 0.9.8 */

	return r->type >= CHANGE_CIPHER_SPEC && r->type <= HEARTBEAT && version && r->length <= RECORD_MAX;
}

/* ------------------------------------------------------------------------------------------------ handshake messages */

static void drop_partial(struct oto_ctx *cx, struct side *s)
{
	oto_let_go(cx, s->partial);
	s->partial = NULL;
}

static void message_done(struct oto_ctx *cx, struct state *st, struct side *s, uint16_t number, uint8_t type, struct oto_slice body)
{
	s->done = number + 1u;
	tls_message(cx, &st->tls, type, body, 'd');
}

static struct partial *partial_of(struct oto_ctx *cx, struct side *s, uint16_t number, uint8_t type, uint32_t length)
{
	struct partial *p = s->partial;

	if (p && p->number == number && p->length == length)
		return p;
	if (p)
		drop_partial(cx, s);
	if (length > MESSAGE_MAX) {
		oto_weird(cx, "message_too_long", (struct oto_slice){ 0 });
		return NULL;
	}
	s->partial = oto_hold(cx, (uint32_t)sizeof *p + length);
	if (s->partial) {
		s->partial->number = number;
		s->partial->type = type;
		s->partial->length = length;
	}
	return s->partial;
}

static void add_fragment(struct partial *p, uint32_t offset, struct oto_slice fragment)
{
	for (uint32_t i = 0; i < fragment.len; i++) {
		uint32_t at = offset + i;
		uint8_t bit = (uint8_t)(1u << (at & 7));
		if (p->seen[at / 8] & bit)
			continue;
		p->seen[at / 8] |= bit;
		p->bytes[at] = fragment.data[i];
		p->have++;
	}
}

/* RFC 6347 4.2.3. */
static void take_fragment(struct oto_ctx *cx, struct state *st, struct side *s, struct oto_cur *c)
{
	uint8_t type = oto_u8(c);
	uint32_t length = oto_be24(c);
	uint16_t number = oto_be16(c);
	uint32_t offset = oto_be24(c);
	struct oto_slice fragment = oto_take(c, oto_be24(c));

	if (c->bad)
		return;
	if (offset + fragment.len > length) {
		oto_weird(cx, "bad_fragment", (struct oto_slice){ 0 });
		return;
	}
	/* Sent again. A hello that begins anew counts from 0. */
	if (number < s->done && !(number == 0 && type == TLS_CLIENT_HELLO && st->tls.done))
		return;
	if (fragment.len == length) {
		message_done(cx, st, s, number, type, fragment);
		return;
	}
	struct partial *p = partial_of(cx, s, number, type, length);
	if (!p)
		return;
	add_fragment(p, offset, fragment);
	if (p->have < p->length)
		return;
	struct oto_slice whole = say_copy(cx, (struct oto_slice){ p->bytes, p->length });
	drop_partial(cx, s);
	if (whole.len)
		message_done(cx, st, s, number, type, whole);
}

/* ------------------------------------------------------------------------------------------------ records */

static void plain_record(struct oto_ctx *cx, struct state *st, struct side *s, uint8_t type, struct oto_cur c)
{
	uint8_t level, description;

	switch (type) {
	case CHANGE_CIPHER_SPEC:
		tls_change_cipher(cx, &st->tls);
		break;
	case ALERT:
		if (oto_left(&c) != 2)
			break;
		level = oto_u8(&c);
		description = oto_u8(&c);
		if (level == 1 || level == 2)
			tls_alert(cx, &st->tls, level, description);
		break;
	case HANDSHAKE:
		while (oto_left(&c) && !c.bad)
			take_fragment(cx, st, s, &c);
		if (c.bad)
			oto_weird(cx, "bad_handshake", (struct oto_slice){ 0 });
		break;
	default:
		break;
	}
}

static void pdu(struct oto_ctx *cx, struct oto_cur *c)
{
	struct state *st = cx->state;
	struct side *s = &st->side[!cx->is_orig];

	while (oto_left(c)) {
		struct oto_cur look = *c;
		struct record r = read_header(&look);
		/* STUN, media and the short headers of DTLS 1.3 share the port (RFC 7983). */
		if (look.bad || !is_record(&r))
			return;
		*c = look;
		struct oto_cur body = oto_sub(c, r.length);
		if (c->bad)
			return;
		if (r.epoch || tls_is_encrypted(cx, &st->tls))
			tls_ciphertext(cx, &st->tls, r.type == APPLICATION_DATA);
		else
			plain_record(cx, st, s, r.type, body);
	}
}

static void closing(struct oto_ctx *cx)
{
	struct state *st = cx->state;

	tls_close(cx, &st->tls);
}

/* A datagram that is nothing but records. */
static enum oto_answer probe(const struct oto_ctx *cx, struct oto_cur c)
{
	uint32_t n = 0;

	(void)cx;
	for (; oto_left(&c); n++) {
		struct record r = read_header(&c);
		if (c.bad || !is_record(&r) || !r.length)
			return OTO_NOT_MINE;
		oto_skip(&c, r.length);
		if (c.bad)
			return OTO_NOT_MINE;
	}
	return n ? OTO_MINE : OTO_NOT_MINE;
}

static const struct oto_analyzer dtls = {
	.self_size = sizeof dtls,
	.flags = OTO_ANY_PORT,
	.name = "dtls",
	.doc = "DTLS 1.0 and 1.2, hellos of 1.3, on any port",
	.keys = "udp/443 udp/802 udp/853 udp/2221 udp/4433 udp/4740 udp/5061 udp/5246 udp/5349 udp/5684 udp/10161 udp/10162",
	.probe = probe,
	.pdu = pdu,
	.closing = closing,
	.state_size = sizeof(struct state),
	.events = events,
	.nevents = TLS_EVENTS,
};

OTO_ANALYZER(dtls);
