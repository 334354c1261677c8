/* ssl.c - SSL 2 and 3 and TLS 1.0 to 1.3 over any stream: the record layer (RFC 8446 5, RFC 5246 6, RFC 6101 5).
 *
 * Records that can be read are framed whole, their handshake messages put together over records and handed to tls_session.c. Everything
 * else is passed over by its length as it comes, and is never buffered. `ssl` is what Zeek calls it in conn.log.
 */
#include "tls_certificate.h"
#include "tls_session.h"

enum content { CHANGE_CIPHER_SPEC = 20, ALERT = 21, HANDSHAKE = 22, APPLICATION_DATA = 23, HEARTBEAT = 24 };
enum { HEADER = 5, HANDSHAKE_HEADER = 4, RECORD_MAX = 16384 + 2048, MESSAGE_MAX = 65536, ANY_RECORDS = 2 };

struct side {
	uint32_t left; /* of a record that is passed over */
	uint32_t want; /* bytes of an unfinished message that are missing; 0: not known */
	uint32_t have; /* bytes of it that are kept */
	uint32_t skip; /* of a message that is too long */
	uint8_t head[HANDSHAKE_HEADER];
	bool unsure; /* bytes were lost: a change of cipher may have been among them */
	bool begun;  /* a record was seen */
};

struct state {
	struct tls_flow tls;
	struct side side[2];
	bool ssl2; /* the server speaks SSL 2: records have its form from now on */
};

static const struct oto_event_type *const events[TLS_EVENTS] = {
	[EV_TLS_CLIENT_HELLO] = &tls_client_hello_event, [EV_TLS_SERVER_HELLO] = &tls_server_hello_event,
	[EV_TLS_CERTIFICATE] = &tls_certificate_event,   [EV_TLS_ALERT] = &tls_alert_event,
	[EV_TLS_ESTABLISHED] = &tls_established_event,   [EV_TLS_CONNECTION] = &tls_connection_event,
};

/* ------------------------------------------------------------------------------------------------ records */

struct record {
	uint8_t type;
	uint16_t version, length;
};

static struct record read_header(struct oto_cur *c)
{
	struct record r;

	r.type = oto_u8(c);
	r.version = oto_be16(c);
	r.length = oto_be16(c);
	return r;
}

static bool is_record(const struct record *r)
{
	return r->type >= CHANGE_CIPHER_SPEC && r->type <= HEARTBEAT && r->version >> 8 == 3 && (r->version & 0xff) <= 4 &&
	       r->length <= RECORD_MAX;
}

/* As far as there are bytes: RFC 6101 E for the hello of SSL 2, whose length has the highest bit set and no padding. */
static bool may_be_ssl2(struct oto_cur c, bool client)
{
	uint32_t left = oto_left(&c);
	uint16_t length = oto_be16(&c);
	uint8_t type = oto_u8(&c);

	if (left < 3 || !(length & 0x8000) || type != (client ? 1 : 4))
		return false;
	if (!client)
		oto_skip(&c, 2);
	uint16_t version = oto_be16(&c);
	return c.bad || version == TLS_SSL2 || (client && version >> 8 == 3 && (version & 0xff) <= 4);
}

static bool can_read(const struct oto_ctx *cx, const struct state *st, const struct record *r)
{
	/* What TLS 1.3 encrypts looks like application data; hellos behind a change of cipher follow a retry. */
	if (r->type == HANDSHAKE && st->tls.is_13)
		return true;
	return r->type != APPLICATION_DATA && !tls_is_encrypted(cx, &st->tls);
}

/* A hello, as far as its first bytes go. */
static enum oto_answer is_hello(struct oto_cur c, const struct record *r)
{
	if (r->type == ALERT)
		return r->length == 2 ? OTO_MINE : OTO_NOT_MINE;
	uint8_t type = oto_u8(&c);
	uint32_t length = oto_be24(&c);
	uint16_t version = oto_be16(&c);
	if (c.bad)
		return OTO_NEED_MORE;
	bool known = version >> 8 == 3 || version >> 8 == 0x7f;
	return (type == TLS_CLIENT_HELLO || type == TLS_SERVER_HELLO) && known && length >= 38 && length < MESSAGE_MAX ? OTO_MINE
														       : OTO_NOT_MINE;
}

/* What stands in front of the first hello (a line of STARTTLS, the request of SOCKS or a database), in octets; 0: none is found. */
static uint32_t preface_of(struct oto_cur c)
{
	enum { PREFACE_MAX = 1024 };
	uint32_t start = oto_tell(&c);

	for (oto_skip(&c, 1); oto_left(&c) > HEADER && oto_tell(&c) - start < PREFACE_MAX; oto_skip(&c, 1)) {
		struct oto_cur look = c;
		struct record r = read_header(&look);
		if (r.type == HANDSHAKE && is_record(&r) && is_hello(look, &r) == OTO_MINE)
			return oto_tell(&c) - start;
	}
	return 0;
}

/* With padding the header has three octets and the highest bit is clear. */
static int64_t ssl2_length(struct oto_cur c)
{
	uint16_t length = oto_be16(&c);

	return c.bad ? 0 : length & 0x8000 ? (length & 0x7fff) + 2 : (length & 0x3fff) + 3;
}

static int64_t pdu_len(const struct oto_ctx *cx, struct oto_cur c)
{
	const struct state *st = cx->state;
	const struct side *s = &st->side[!cx->is_orig];
	uint32_t here = oto_left(&c);

	if (s->left)
		return s->left < here ? s->left : here;
	if (st->ssl2)
		return st->tls.done ? here : ssl2_length(c);
	if (!st->tls.done && may_be_ssl2(c, !st->tls.session))
		return ssl2_length(c);
	struct oto_cur from_here = c;
	struct record r = read_header(&c);
	if (!s->begun && (c.bad || !is_record(&r))) {
		uint32_t preface = preface_of(from_here);
		if (preface)
			return preface;
	}
	if (c.bad)
		return here && (r.type < CHANGE_CIPHER_SPEC || r.type > HEARTBEAT) && !(r.type & 0x80) ? -1 : 0;
	if (!is_record(&r))
		return -1;
	uint32_t whole = HEADER + r.length;
	return can_read(cx, st, &r) || whole < here ? whole : here;
}

/* ------------------------------------------------------------------------------------------------ handshake messages */

static void forget_message(struct side *s)
{
	s->want = s->have = s->skip = 0;
}

static uint32_t message_length(const uint8_t head[HANDSHAKE_HEADER])
{
	return (uint32_t)head[1] << 16 | (uint32_t)head[2] << 8 | head[3];
}

static void take_message(struct oto_ctx *cx, struct state *st, struct oto_slice message)
{
	tls_message(cx, &st->tls, message.data[0], say_from(message, HANDSHAKE_HEADER), 't');
}

/* The header of a message, which may be cut as well. False: more is to come. */
static bool complete_head(struct oto_ctx *cx, struct side *s, struct oto_slice *bytes)
{
	uint32_t missing = HANDSHAKE_HEADER - s->have, n = bytes->len < missing ? bytes->len : missing;

	memcpy(&s->head[s->have], bytes->data, n);
	oto_assemble(cx, say_first(*bytes, n), false);
	*bytes = say_from(*bytes, n);
	s->have += n;
	if (s->have < HANDSHAKE_HEADER)
		return false;
	s->want = message_length(s->head);
	return true;
}

static void too_long(struct oto_ctx *cx, struct side *s)
{
	oto_weird(cx, "message_too_long", (struct oto_slice){ 0 });
	oto_assemble(cx, (struct oto_slice){ 0 }, true);
	s->skip = s->want;
	s->want = s->have = 0;
}

/* What goes on with a message of the record before. */
static struct oto_slice go_on(struct oto_ctx *cx, struct state *st, struct side *s, struct oto_slice bytes)
{
	if (s->have < HANDSHAKE_HEADER && !complete_head(cx, s, &bytes))
		return bytes;
	if (s->want > MESSAGE_MAX - HANDSHAKE_HEADER) {
		too_long(cx, s);
		return bytes;
	}
	uint32_t n = bytes.len < s->want ? bytes.len : s->want;
	bool last = n == s->want;
	struct oto_slice whole = oto_assemble(cx, say_first(bytes, n), last);
	s->have += n;
	s->want -= n;
	if (last) {
		forget_message(s);
		if (whole.len >= HANDSHAKE_HEADER)
			take_message(cx, st, whole);
	}
	return say_from(bytes, n);
}

/* Could this be the beginning of a message? Behind lost bytes it may be encrypted. */
static bool plausible(const struct side *s, struct oto_slice bytes)
{
	static const uint32_t plain = 0x0001f87f; /* the types that are ever sent in clear */

	return !s->unsure || (bytes.len >= HANDSHAKE_HEADER && bytes.data[0] <= 22 && plain >> bytes.data[0] & 1 && bytes.data[1] == 0);
}

static void handshake(struct oto_ctx *cx, struct state *st, struct side *s, struct oto_slice bytes)
{
	if (!s->have && !s->skip && !plausible(s, bytes)) {
		tls_ciphertext(cx, &st->tls, false);
		return;
	}
	while (bytes.len) {
		if (s->skip) {
			uint32_t n = bytes.len < s->skip ? bytes.len : s->skip;
			s->skip -= n;
			bytes = say_from(bytes, n);
			continue;
		}
		uint32_t whole = bytes.len >= HANDSHAKE_HEADER ? HANDSHAKE_HEADER + message_length(bytes.data) : UINT32_MAX;
		if (s->have || whole > bytes.len) {
			bytes = go_on(cx, st, s, bytes);
			continue;
		}
		take_message(cx, st, say_first(bytes, whole));
		bytes = say_from(bytes, whole);
	}
}

/* ------------------------------------------------------------------------------------------------ what a record says */

static void alerts(struct oto_ctx *cx, struct state *st, struct oto_slice bytes)
{
	struct oto_cur c = oto_cur_of(bytes);

	/* Longer ones are encrypted, and how that came about was not seen. */
	while (bytes.len <= 4 && oto_left(&c) >= 2) {
		uint8_t level = oto_u8(&c), description = oto_u8(&c);
		if (level == 1 || level == 2)
			tls_alert(cx, &st->tls, level, description);
	}
}

static void heartbeat(struct oto_ctx *cx, struct state *st, struct oto_slice bytes)
{
	struct oto_cur c = oto_cur_of(bytes);
	uint8_t type = oto_u8(&c);
	uint16_t claimed = oto_be16(&c);

	if (!c.bad)
		tls_heartbeat(cx, &st->tls, type, claimed, oto_left(&c));
}

static void plain_record(struct oto_ctx *cx, struct state *st, struct side *s, uint8_t type, struct oto_slice bytes)
{
	switch (type) {
	case CHANGE_CIPHER_SPEC:
		tls_change_cipher(cx, &st->tls);
		break;
	case ALERT:
		alerts(cx, st, bytes);
		break;
	case HANDSHAKE:
		handshake(cx, st, s, bytes);
		break;
	case HEARTBEAT:
		heartbeat(cx, st, bytes);
		break;
	default:
		break;
	}
}

/* Behind a retry: hellos in clear, though the row takes them for encrypted, as Zeek does. */
static void encrypted_record(struct oto_ctx *cx, struct state *st, struct oto_slice bytes)
{
	bool whole = bytes.len >= HANDSHAKE_HEADER && message_length(bytes.data) == bytes.len - HANDSHAKE_HEADER;
	bool hello = whole && (bytes.data[0] == TLS_CLIENT_HELLO || bytes.data[0] == TLS_SERVER_HELLO);

	tls_ciphertext(cx, &st->tls, false);
	if (hello && st->tls.done)
		take_message(cx, st, bytes);
}

static void pdu(struct oto_ctx *cx, struct oto_cur *c)
{
	struct state *st = cx->state;
	struct side *s = &st->side[!cx->is_orig];
	struct oto_cur look = *c;

	if (s->left) {
		uint32_t here = oto_left(c);
		s->left -= here < s->left ? here : s->left;
		return;
	}
	if (!st->tls.done && (st->ssl2 || may_be_ssl2(look, !st->tls.session))) {
		bool server = st->tls.session && !tls_from_client(cx, &st->tls);
		oto_skip(c, 2);
		tls_ssl2_message(cx, &st->tls, oto_rest(c), st->ssl2);
		st->ssl2 |= server;
		return;
	}
	if (st->ssl2)
		return;
	struct record r = read_header(&look);
	if (look.bad || !is_record(&r))
		return; /* what stands in front of a hello */
	*c = look;
	s->begun = true;
	struct oto_slice bytes = oto_rest(c);
	if (!can_read(cx, st, &r)) {
		s->left = r.length - bytes.len;
		if (!st->tls.done)
			tls_ciphertext(cx, &st->tls, r.type == APPLICATION_DATA);
	} else if (tls_is_encrypted(cx, &st->tls)) {
		encrypted_record(cx, st, bytes);
	} else {
		plain_record(cx, st, s, r.type, bytes);
	}
}

/* ------------------------------------------------------------------------------------------------ lost bytes and the end */

static bool lost_inside(struct oto_ctx *cx, uint64_t n)
{
	struct state *st = cx->state;
	struct side *s = &st->side[!cx->is_orig];

	if (n > s->left)
		return false;
	s->left -= (uint32_t)n;
	return true;
}

static void gap(struct oto_ctx *cx, uint64_t n)
{
	struct state *st = cx->state;
	struct side *s = &st->side[!cx->is_orig];

	(void)n;
	forget_message(s);
	s->unsure = true;
}

static void closing(struct oto_ctx *cx)
{
	struct state *st = cx->state;

	tls_close(cx, &st->tls);
}

/* ------------------------------------------------------------------------------------------------ recognising it */

/* Joined in the middle: records one behind the other to the segment's end, or, where the port says so, as far as it goes. */
static enum oto_answer are_records(struct oto_cur c, bool named)
{
	uint32_t n = 0;

	for (; oto_left(&c); n++) {
		struct record r = read_header(&c);
		if (c.bad || !is_record(&r) || !r.length)
			return c.bad && n && named ? OTO_MINE : OTO_NOT_MINE;
		if (r.length > oto_left(&c))
			return named || n >= ANY_RECORDS ? OTO_MINE : OTO_NOT_MINE;
		oto_skip(&c, r.length);
	}
	return n ? OTO_MINE : OTO_NOT_MINE;
}

static enum oto_answer first_bytes(const struct oto_ctx *cx, struct oto_cur c)
{
	struct oto_cur whole = c;
	uint32_t left = oto_left(&c);

	if (may_be_ssl2(c, true)) {
		uint16_t length = oto_be16(&c) & 0x7fff;
		oto_skip(&c, 3);
		uint32_t sum = 9u + oto_be16(&c);
		sum += oto_be16(&c);
		sum += oto_be16(&c);
		return c.bad ? OTO_NEED_MORE : sum == length && left >= 11 ? OTO_MINE : OTO_NOT_MINE;
	}
	struct record r = read_header(&c);
	if (left >= 1 && (r.type < CHANGE_CIPHER_SPEC || r.type > HEARTBEAT))
		return OTO_NOT_MINE;
	if ((left >= 3 && r.version >> 8 != 3) || (left >= HEADER && !is_record(&r)))
		return OTO_NOT_MINE;
	if (left < HEADER)
		return OTO_NEED_MORE;
	if (r.type == HANDSHAKE || r.type == ALERT) {
		enum oto_answer answer = is_hello(c, &r);
		if (answer != OTO_NOT_MINE)
			return answer;
	}
	return are_records(whole, cx->key != 0 || cx->state);
}

static enum oto_answer probe(const struct oto_ctx *cx, struct oto_cur c)
{
	enum oto_answer answer = first_bytes(cx, c);

	return answer == OTO_NOT_MINE && cx->key && preface_of(c) ? OTO_MINE : answer;
}

/* The second line: where TLS follows something in clear (STARTTLS, SOCKS, the request of a database). A claimed port is offered longer. */
#define OWN_PORTS                                                                                                                          \
	"tcp/443 tcp/465 tcp/563 tcp/636 tcp/802 tcp/853 tcp/989 tcp/990 tcp/992 tcp/993 tcp/994 tcp/995 tcp/2221 tcp/3269 tcp/5061 "      \
	"tcp/5223 tcp/5671 tcp/5986 tcp/6514 tcp/8443 tcp/8883 tcp/9443 tcp/19998 "
#define LATER_PORTS "tcp/25 tcp/110 tcp/119 tcp/143 tcp/389 tcp/587 tcp/1080 tcp/2525 tcp/3306 tcp/4190 tcp/5222 tcp/5432"

static const struct oto_analyzer ssl = {
	.self_size = sizeof ssl,
	.flags = OTO_ANY_PORT,
	.name = "ssl",
	.doc = "SSL 2 and 3, TLS 1.0 to 1.3 on any port",
	.keys = OWN_PORTS LATER_PORTS,
	.probe = probe,
	.pdu_len = pdu_len,
	.pdu = pdu,
	.gap = gap,
	.lost_inside = lost_inside,
	.closing = closing,
	.state_size = sizeof(struct state),
	.events = events,
	.nevents = TLS_EVENTS,
};

OTO_ANALYZER(ssl);
