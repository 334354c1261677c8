/* quic.c - QUIC 1 and 2 and the late drafts (RFC 9000, 9001, 9369) as far as everybody on the path may read them: the initial packets with
 * the hello messages of TLS, versions, connection identifiers, the course of the handshake.
 *
 * A direction's hello is put together from CRYPTO frames, which come in any order; with it the direction is done, and all that follows
 * is passed over. The hellos themselves are ../ssl's.
 */
#include "../ssl/tls_certificate.h"
#include "../ssl/tls_fingerprint.h"
#include "../ssl/tls_session.h"
#include "quic_crypto.h"

enum { HELLO_MAX = 16384, HISTORY_MAX = 50, NAME_LEN_MAX = 255, PROTOCOL_MAX = 63, HANDSHAKE_HEADER = 4 };
enum packet_type { INITIAL, ZERO_RTT, HANDSHAKE, RETRY };

/* ------------------------------------------------------------------------------------------------ events */

struct initial {
	uint32_t version;
	struct oto_slice dcid, scid;
	uint32_t token;
	bool from_client, readable;
};
#define I(m, doc_, ...) OTO_FIELD(struct initial, m, doc_, __VA_ARGS__)
static const struct oto_field initial_fields[] = {
	I(version, "version of QUIC", .names = &quic_versions),
	I(dcid, "connection identifier of the receiver", .flags = OTO_HEX),
	I(scid, "connection identifier of the sender", .flags = OTO_HEX),
	I(token, "octets of the token that the server gave before"),
	I(from_client, "the client sent it"),
	I(readable, "its keys are known: the client's first packet was seen"),
};
static const struct oto_event_type initial_event =
    OTO_EVENT("quic.initial", struct initial, initial_fields, "The first initial packet of a direction.");

struct connection {
	struct oto_time ts;
	struct oto_slice version, client_initial_dcid, client_scid, server_scid, server_name, client_protocol, history, ja3, ja4;
};
#define N(m, doc_, ...) OTO_FIELD(struct connection, m, doc_, __VA_ARGS__)
static const struct oto_field connection_fields[] = {
	N(ts, "of the first packet"),
	N(version, "version of QUIC"),
	N(client_initial_dcid, "first connection identifier, which the client made up", .flags = OTO_HEX),
	N(client_scid, "the client's connection identifier", .flags = OTO_HEX),
	N(server_scid, "the server's connection identifier", .flags = OTO_HEX),
	N(server_name, "name the client asked for"),
	N(client_protocol, "first application protocol the client offered"),
	N(history, "packets in their order, the client's in capitals: I initial, S a hello in it, H handshake, Z data before the "
		   "handshake, R retry, C "
		   "connection closed, V version negotiation"),
	N(ja3, "JA3 fingerprint of the client"),
	N(ja4, "JA4 fingerprint of the client"),
};
static const struct oto_log connection_logs[] = {
	{ .name = "quic",
	  .doc = "A row per connection of QUIC, told when it ends.",
	  .columns = "version client_initial_dcid client_scid server_scid server_name client_protocol history",
	  .extra = "ja3 ja4 orig_l2_addr=orig_mac resp_l2_addr=resp_mac",
	  .form = OTO_FORM_DETAIL },
};
static const struct oto_event_type connection_event = OTO_EVENT("quic.connection", struct connection, connection_fields,
								"A connection, as far as it can be read.", OTO_LOGS(connection_logs));

enum { EV_INITIAL = TLS_EVENTS, EV_CONNECTION, EVENTS };
static const struct oto_event_type *const events[EVENTS] = {
	[EV_TLS_CLIENT_HELLO] = &tls_client_hello_event,
	[EV_TLS_SERVER_HELLO] = &tls_server_hello_event,
	[EV_TLS_CERTIFICATE] = &tls_certificate_event,
	[EV_TLS_ALERT] = &tls_alert_event,
	[EV_TLS_ESTABLISHED] = &tls_established_event,
	[EV_TLS_CONNECTION] = &tls_connection_event,
	[EV_INITIAL] = &initial_event,
	[EV_CONNECTION] = &connection_event,
};

/* ------------------------------------------------------------------------------------------------ state */

struct cid {
	uint8_t len;
	uint8_t byte[QUIC_CID_MAX];
};

/* A hello in pieces. */
struct partial {
	uint8_t seen[HELLO_MAX / 8]; /* a bit an octet */
	uint8_t bytes[HELLO_MAX];
};

/* What the client's hello leaves for the row. */
struct offer {
	uint8_t name_len, protocol_len;
	uint8_t name[NAME_LEN_MAX], protocol[PROTOCOL_MAX];
	char ja3[TLS_JA3_LEN], ja4[TLS_JA4_LEN];
};

struct side {
	struct partial *partial;
	bool told, done;
};

struct state {
	struct oto_time ts;
	uint32_t version, keys_version;
	struct cid first, client, server;
	struct cid keyed;         /* what the keys follow from: the first one, or a retry's */
	struct quic_keys keys[2]; /* of the server, of the client */
	struct side side[2];
	struct offer *offer;
	bool has_keys, flipped, said_unreadable;
	uint8_t history_len;
	char history[HISTORY_MAX];
};

static void add_history(const struct oto_ctx *cx, struct state *st, char letter)
{
	bool client = cx->is_orig != st->flipped;

	if (st->history_len < HISTORY_MAX)
		st->history[st->history_len++] = client ? letter : (char)say_lower((uint8_t)letter);
}

static void keep_cid(struct cid *to, struct oto_slice from)
{
	to->len = (uint8_t)(from.len < QUIC_CID_MAX ? from.len : QUIC_CID_MAX);
	if (to->len)
		memcpy(to->byte, from.data, to->len);
}

/* ------------------------------------------------------------------------------------------------ headers */

/* RFC 9000 16. */
static uint64_t take_number(struct oto_cur *c)
{
	uint64_t n = oto_u8(c);
	uint32_t more = (1u << (n >> 6)) - 1;

	for (n &= 0x3f; more; more--)
		n = n << 8 | oto_u8(c);
	return n;
}

struct packet {
	uint8_t type; /* enum packet_type */
	uint32_t version, number_at, token;
	struct oto_slice dcid, scid;
	struct oto_slice whole; /* from its first octet, without what follows it in the datagram */
};

/* RFC 9369 3.2 counts from another end. */
static uint8_t type_of(uint8_t first, uint32_t version)
{
	uint8_t type = first >> 4 & 3;

	return version == QUIC_V2 ? (uint8_t)((type + 3) & 3) : type;
}

/* The next packet with a long header (RFC 9000 17.2); false: it has a short one, or is none. */
static bool next_packet(struct oto_cur *c, struct packet *p)
{
	struct oto_cur from = *c;
	uint8_t first = oto_u8(c);

	*p = (struct packet){ 0 };
	if (!(first & 0x80))
		return false;
	p->version = oto_be32(c);
	p->dcid = oto_take(c, oto_u8(c));
	p->scid = oto_take(c, oto_u8(c));
	if (c->bad || p->dcid.len > QUIC_CID_MAX || p->scid.len > QUIC_CID_MAX)
		return false;
	p->type = type_of(first, p->version);
	if (!p->version || p->type == RETRY) {
		p->whole = oto_rest(&from);
		oto_rest(c);
		return true;
	}
	if (p->type == INITIAL) {
		uint64_t token = take_number(c);
		p->token = token > UINT16_MAX ? UINT16_MAX : (uint32_t)token;
		oto_skip(c, token > UINT32_MAX ? UINT32_MAX : (uint32_t)token);
	}
	uint64_t length = take_number(c);
	p->number_at = oto_tell(c) - oto_tell(&from);
	oto_skip(c, length > UINT32_MAX ? UINT32_MAX : (uint32_t)length);
	if (c->bad)
		return false;
	p->whole = oto_take(&from, oto_tell(c) - oto_tell(&from));
	return true;
}

/* ------------------------------------------------------------------------------------------------ hello */

static void keep_offer(struct oto_ctx *cx, struct state *st, const struct tls_hello *h)
{
	struct oto_slice name = say_first(h->server_name, NAME_LEN_MAX), protocol = say_first(tls_first_protocol(h), PROTOCOL_MAX);
	struct offer *o = st->offer = oto_hold(cx, sizeof *o);

	if (!o)
		return;
	o->name_len = (uint8_t)name.len;
	o->protocol_len = (uint8_t)protocol.len;
	memcpy(o->name, name.len ? name.data : (const uint8_t *)"", name.len);
	memcpy(o->protocol, protocol.len ? protocol.data : (const uint8_t *)"", protocol.len);
	if (h->ja3.len == sizeof o->ja3 && h->ja4.len == sizeof o->ja4) {
		memcpy(o->ja3, h->ja3.data, sizeof o->ja3);
		memcpy(o->ja4, h->ja4.data, sizeof o->ja4);
	}
}

static void take_hello(struct oto_ctx *cx, struct state *st, struct oto_slice message)
{
	struct oto_cur c = oto_cur_of(message);
	uint8_t type = oto_u8(&c);
	struct tls_hello h;

	oto_skip(&c, HANDSHAKE_HEADER - 1);
	c = oto_cur_of(oto_rest(&c));
	if (type == TLS_CLIENT_HELLO && tls_read_client_hello(cx, c, &h)) {
		tls_fingerprint_client(cx, &h, 'q');
		if (!st->offer)
			keep_offer(cx, st, &h);
		tls_tell_client_hello(cx, &h);
	} else if (type == TLS_SERVER_HELLO && tls_read_server_hello(cx, c, &h)) {
		tls_fingerprint_server(cx, &h);
		tls_tell_server_hello(cx, &h);
	} else {
		oto_weird(cx, "bad_hello", (struct oto_slice){ 0 });
		return;
	}
	add_history(cx, st, 'S');
}

static bool is_seen(const struct partial *p, uint32_t from, uint32_t to)
{
	for (uint32_t i = from; i < to; i++) {
		if (!(p->seen[i / 8] >> (i & 7) & 1))
			return false;
	}
	return true;
}

static void end_side(struct oto_ctx *cx, struct side *s)
{
	oto_let_go(cx, s->partial);
	s->partial = NULL;
	s->done = true;
}

/* RFC 9000 19.6. */
static void take_crypto(struct oto_ctx *cx, struct side *s, uint64_t offset, struct oto_slice data)
{
	if (s->done || !data.len)
		return;
	if (offset + data.len > HELLO_MAX) {
		oto_weird(cx, "hello_too_long", (struct oto_slice){ 0 });
		return;
	}
	if (!s->partial)
		s->partial = oto_hold(cx, sizeof *s->partial);
	if (!s->partial)
		return;
	for (uint32_t i = 0; i < data.len; i++) {
		uint32_t at = (uint32_t)offset + i;
		s->partial->seen[at / 8] |= (uint8_t)(1u << (at & 7));
		s->partial->bytes[at] = data.data[i];
	}
}

static void look_for_hello(struct oto_ctx *cx, struct state *st, struct side *s)
{
	const struct partial *p = s->partial;

	if (!p || !is_seen(p, 0, HANDSHAKE_HEADER))
		return;
	uint32_t length = HANDSHAKE_HEADER + ((uint32_t)p->bytes[1] << 16 | (uint32_t)p->bytes[2] << 8 | p->bytes[3]);
	if (length <= HELLO_MAX && !is_seen(p, 0, length))
		return;
	struct oto_slice message = length <= HELLO_MAX ? say_copy(cx, (struct oto_slice){ p->bytes, length }) : (struct oto_slice){ 0 };
	end_side(cx, s);
	if (message.len)
		take_hello(cx, st, message);
	else
		oto_weird(cx, "hello_too_long", (struct oto_slice){ 0 });
}

/* ------------------------------------------------------------------------------------------------ frames */

static void skip_ack(struct oto_cur *c, bool counts)
{
	take_number(c);
	take_number(c);
	uint64_t ranges = take_number(c);
	take_number(c);
	for (; ranges && !c->bad; ranges--) {
		take_number(c);
		take_number(c);
	}
	for (int i = 0; i < 3 && counts; i++)
		take_number(c);
}

/* RFC 9000 12.4: the frames an initial packet may have. */
static void take_frames(struct oto_ctx *cx, struct state *st, struct side *s, struct oto_slice frames)
{
	enum { PADDING = 0, PING = 1, ACK = 2, ACK_ECN = 3, CRYPTO = 6, CONNECTION_CLOSE = 0x1c };
	struct oto_cur c = oto_cur_of(frames);

	while (oto_left(&c) && !c.bad) {
		uint8_t type = oto_u8(&c);
		if (type == PADDING || type == PING)
			continue;
		if (type == ACK || type == ACK_ECN) {
			skip_ack(&c, type == ACK_ECN);
		} else if (type == CRYPTO) {
			uint64_t offset = take_number(&c), length = take_number(&c);
			struct oto_slice data = oto_take(&c, length > UINT32_MAX ? UINT32_MAX : (uint32_t)length);
			if (!c.bad)
				take_crypto(cx, s, offset, data);
		} else {
			if (type == CONNECTION_CLOSE)
				add_history(cx, st, 'C');
			else
				oto_weird(cx, "frame_out_of_place", (struct oto_slice){ 0 });
			break;
		}
	}
	if (c.bad)
		oto_weird(cx, "bad_frame", (struct oto_slice){ 0 });
	look_for_hello(cx, st, s);
}

/* ------------------------------------------------------------------------------------------------ packets */

static void make_keys(struct state *st, uint32_t version, struct oto_slice dcid)
{
	quic_initial_keys(version, dcid, &st->keys[1], &st->keys[0]);
	keep_cid(&st->keyed, dcid);
	if (!st->first.len)
		st->first = st->keyed;
	st->keys_version = version;
	st->has_keys = true;
}

/* The keys follow from the identifier in the client's first packet, or the one a retry gives it (RFC 9001 5.2). */
static bool open_initial(struct oto_ctx *cx, struct state *st, const struct packet *p, bool client, struct oto_slice *frames)
{
	uint8_t *plain = oto_scratch(cx, p->whole.len);

	if (!plain)
		return false;
	frames->data = plain;
	if (st->has_keys && st->keys_version != p->version)
		make_keys(st, p->version, (struct oto_slice){ st->keyed.byte, st->keyed.len });
	if (st->has_keys && quic_open(&st->keys[client], p->whole, p->number_at, plain, &frames->len))
		return true;
	if (!client)
		return false;
	struct state before = *st;
	make_keys(st, p->version, p->dcid);
	if (quic_open(&st->keys[client], p->whole, p->number_at, plain, &frames->len))
		return true;
	*st = before;
	return false;
}

static void tell_initial(struct oto_ctx *cx, struct side *s, const struct packet *p, bool client, bool readable)
{
	struct initial e = {
		.version = p->version, .dcid = p->dcid, .scid = p->scid, .token = p->token, .from_client = client, .readable = readable
	};

	if (s->told)
		return;
	s->told = true;
	oto_emit(cx, EV_INITIAL, &e);
}

static void take_initial(struct oto_ctx *cx, struct state *st, const struct packet *p)
{
	bool client = cx->is_orig != st->flipped;
	struct side *s = &st->side[client];
	struct oto_slice frames = { 0 };

	add_history(cx, st, 'I');
	keep_cid(client ? &st->client : &st->server, p->scid);
	if (s->done)
		return;
	bool readable = open_initial(cx, st, p, client, &frames);
	tell_initial(cx, s, p, client, readable);
	if (readable) {
		take_frames(cx, st, s, frames);
	} else if (client && !st->said_unreadable) {
		st->said_unreadable = true;
		oto_weird(cx, "unreadable_initial", (struct oto_slice){ 0 });
	}
}

static void take_packet(struct oto_ctx *cx, struct state *st, const struct packet *p)
{
	static const char letters[] = { [ZERO_RTT] = 'Z', [HANDSHAKE] = 'H', [RETRY] = 'R' };

	if (!p->version) {
		add_history(cx, st, 'V');
		return;
	}
	st->version = p->version;
	if (p->type == INITIAL)
		take_initial(cx, st, p);
	else
		add_history(cx, st, letters[p->type]);
	if (p->type == RETRY && cx->is_orig == st->flipped && st->has_keys)
		make_keys(st, p->version, p->scid);
}

static void pdu(struct oto_ctx *cx, struct oto_cur *c)
{
	struct state *st = cx->state;
	struct packet p;

	if (!st->ts.ns) {
		st->ts = cx->head->ts;
		/* Joined in the middle: the well-known port is the server's. */
		st->flipped = cx->head->orig_p == 443 && cx->head->resp_p != 443;
	}
	while (oto_left(c) && next_packet(c, &p)) {
		if (p.version && !quic_is_known(p.version))
			break;
		take_packet(cx, st, &p);
	}
	c->bad = false; /* what follows the packets may be anything (RFC 9000 12.2) */
}

/* ------------------------------------------------------------------------------------------------ the row */

static struct oto_slice cid_copy(struct oto_ctx *cx, const struct cid *id)
{
	return say_copy(cx, (struct oto_slice){ id->byte, id->len });
}

static void closing(struct oto_ctx *cx)
{
	struct state *st = cx->state;
	const struct offer *o = st->offer;

	if (!st->history_len)
		return;
	struct connection e = {
		.ts = st->ts,
		.version = tls_word(cx, &quic_versions, st->version),
		.client_initial_dcid = cid_copy(cx, &st->first),
		.client_scid = cid_copy(cx, &st->client),
		.server_scid = cid_copy(cx, &st->server),
		.history = say_copy(cx, (struct oto_slice){ (const uint8_t *)st->history, st->history_len }),
	};
	if (o) {
		e.server_name = say_copy(cx, (struct oto_slice){ o->name, o->name_len });
		e.client_protocol = say_copy(cx, (struct oto_slice){ o->protocol, o->protocol_len });
		e.ja3 = say_copy(cx, (struct oto_slice){ (const uint8_t *)o->ja3, sizeof o->ja3 });
		e.ja4 = say_copy(cx, (struct oto_slice){ (const uint8_t *)o->ja4, sizeof o->ja4 });
	}
	oto_emit(cx, EV_CONNECTION, &e);
}

/* RFC 9000 7.2, 14.1: a client's first packet has an identifier of 8 octets at least. */
static enum oto_answer probe(const struct oto_ctx *cx, struct oto_cur c)
{
	struct packet p;

	if (!next_packet(&c, &p) || !quic_is_known(p.version))
		return OTO_NOT_MINE;
	if (p.type == RETRY)
		return cx->key ? OTO_MINE : OTO_NOT_MINE;
	if (p.whole.len < p.number_at + 20)
		return OTO_NOT_MINE;
	return cx->key || (p.type == INITIAL && (p.dcid.len >= 8 || p.scid.len)) ? OTO_MINE : OTO_NOT_MINE;
}

static const struct oto_analyzer quic = {
	.self_size = sizeof quic,
	.flags = OTO_ANY_PORT,
	.name = "quic",
	.doc = "QUIC 1 and 2 and drafts from 23 on: what is in initial packets",
	.keys = "udp/443 udp/80 udp/853 udp/8443 udp/4433",
	.probe = probe,
	.pdu = pdu,
	.closing = closing,
	.state_size = sizeof(struct state),
	.events = events,
	.nevents = EVENTS,
};

OTO_ANALYZER(quic);
