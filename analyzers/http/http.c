/* http.c - HTTP/1.0 and 1.1 on any port: requests, replies and the transactions of both, as Zeek's http.log has them.
 *
 * A head is one PDU; a body is passed over as it comes, in pieces, measured and looked at (http_body.c) and never kept. Requests wait in
 * rows (http_row.c) until their reply is done: first in, first out, and after lost bytes the last one alone. Behind
 * CONNECT and an upgrade the bytes are another protocol's. Credentials are read to tell who they are of, and go no further.
 *
 * Specification: RFC 9110, RFC 9112.
 */
#include <nettle/base64.h>

#include "../say.h"
#include "http_body.h"
#include "http_facts.h"
#include "http_row.h"

/* ------------------------------------------------------------------------------------------------ events */

struct http_request {
	struct oto_slice method, host, uri, version, referrer, user_agent, origin, username, soap_action;
	uint32_t trans_depth;
};
#define R(m, doc_) OTO_FIELD(struct http_request, m, doc_)
static const struct oto_field request_fields[] = {
	R(trans_depth, "number of the request in its connection, from 1"),
	R(method, "what is asked: GET, POST ..."),
	R(host, "the Host field"),
	R(uri, "what it is asked of, percent signs resolved"),
	R(version, "of HTTP"),
	R(referrer, "the Referer field"),
	R(user_agent, "the User-Agent field"),
	R(origin, "the Origin field"),
	R(username, "user of basic authentication; the password is not kept"),
	R(soap_action, "what a SOAP message wants done"),
};
static const struct oto_event_type request_event =
    OTO_EVENT("http.request", struct http_request, request_fields, "The head of a request, as soon as it is whole.");

struct http_reply {
	uint32_t trans_depth;
	uint16_t status_code;
	struct oto_slice status_msg, server, version;
};
#define P(m, doc_) OTO_FIELD(struct http_reply, m, doc_)
static const struct oto_field reply_fields[] = {
	P(trans_depth, "number of the request that is answered"),
	P(status_code, "status"),
	P(status_msg, "its words"),
	P(version, "of HTTP"),
	P(server, "the Server field"),
};
static const struct oto_event_type reply_event = OTO_EVENT("http.reply", struct http_reply, reply_fields, "The head of a reply.");

static const struct oto_event_type *const events[] = { &request_event, &reply_event, &http_transaction_event };
enum { EV_REQUEST, EV_REPLY, EV_TRANSACTION };

/* ------------------------------------------------------------------------------------------------ state */

enum { PENDING_MAX = 64, CHUNK_LINE_MAX = 1024, CHUNK_DIGITS_MAX = 15, FIELD_USUAL_MAX = 1024 };

enum phase { PHASE_HEAD, PHASE_BODY, PHASE_CHUNK_SIZE, PHASE_CHUNK, PHASE_CHUNK_END, PHASE_TRAILER, PHASE_TO_CLOSE, PHASE_OTHER };

struct side {
	uint8_t phase;      /* enum phase */
	bool replying;      /* the message at hand is a reply */
	bool passed_over;   /* the loss that is being told lies inside the body at hand */
	uint32_t looked_at; /* bytes of an unfinished head */
	uint64_t left;      /* of a body or chunk */
	struct http_body body;
};

struct state {
	struct http_row *first, *last;
	struct http_row *sending; /* whose head the client sent last; NULL: told already */
	uint32_t nwaiting, depth;
	bool told_client, told_server;
	uint8_t told_login; /* enum http_login */
	bool lost_reply;    /* bytes of the server are lost, replies perhaps */
	struct side side[2];
};

enum { CHANNEL_STREAM, CHANNEL_NTLM, CHANNEL_KERBEROS };

static struct side *side_of(const struct oto_ctx *cx)
{
	struct state *st = cx->state;
	return &st->side[cx->is_orig ? 0 : 1];
}

/* ------------------------------------------------------------------------------------------------ waiting requests */

static void tell_first(struct oto_ctx *cx)
{
	struct state *st = cx->state;
	struct http_row *w = st->first;

	http_row_tell(cx, w, EV_TRANSACTION);
	st->first = w->next;
	if (!st->first)
		st->last = NULL;
	if (st->sending == w)
		st->sending = NULL;
	st->nwaiting--;
	oto_let_go(cx, w);
}

static void tell_all(struct oto_ctx *cx)
{
	struct state *st = cx->state;

	while (st->first)
		tell_first(cx);
}

static struct http_row *wait_for(struct oto_ctx *cx, uint32_t size)
{
	struct state *st = cx->state;

	if (st->nwaiting == PENDING_MAX) {
		oto_weird(cx, "too_many_requests", (struct oto_slice){ 0 });
		tell_first(cx);
	}
	struct http_row *w = oto_hold(cx, (uint32_t)sizeof *w + size);
	if (!w)
		return NULL;
	w->size = size;
	w->ts = cx->head->ts;
	w->depth = ++st->depth;
	if (st->last)
		st->last->next = w;
	else
		st->first = w;
	st->last = w;
	st->nwaiting++;
	return w;
}

/* ------------------------------------------------------------------------------------------------ requests */

/* Base64 undone in `plain`, which has room for it; nothing when it is none. */
static struct oto_slice decoded(uint8_t *plain, struct oto_slice coded)
{
	struct base64_decode_ctx decoder;
	size_t n = BASE64_DECODE_LENGTH(coded.len);

	base64_decode_init(&decoder);
	if (!plain || !base64_decode_update(&decoder, &n, plain, coded.len, (const char *)coded.data))
		return (struct oto_slice){ 0 };
	return (struct oto_slice){ plain, (uint32_t)n };
}

/* The user of "Basic dXNlcjpwYXNz" (RFC 7617). */
static struct oto_slice basic_user(struct oto_ctx *cx, struct oto_slice authorization)
{
	enum { CODED_MAX = 1024 };

	if (!say_begins(authorization, "basic "))
		return (struct oto_slice){ 0 };
	struct oto_slice coded = say_from(authorization, 6);
	if (coded.len > CODED_MAX)
		return (struct oto_slice){ 0 };
	uint8_t *plain = oto_scratch(cx, BASE64_DECODE_LENGTH(coded.len) + 1);
	struct oto_slice both = decoded(plain, coded);
	uint32_t colon = say_find(both, ':');
	if (plain)
		memset(&plain[colon], 0, both.len - colon);
	return say_first(both, colon);
}

/* A sign-in by NTLM or Kerberos says who both are: WinRM and proxies do so. */
static void sign_in(struct oto_ctx *cx, const struct http_head *h)
{
	enum { CODED_MAX = 64 << 10 };
	struct oto_slice coded = http_token(h);

	if (!coded.len || coded.len > CODED_MAX)
		return;
	struct oto_slice token = decoded(oto_scratch(cx, BASE64_DECODE_LENGTH(coded.len)), coded);
	if (!token.len)
		return;
	oto_deliver(cx, CHANNEL_NTLM, 0, token);
	oto_deliver(cx, CHANNEL_KERBEROS, 0, token);
	oto_service(cx, "http");
}

static void tell_request(struct oto_ctx *cx, const struct http_row *w)
{
	if (!oto_wanted(cx, EV_REQUEST))
		return;
	struct http_request r = {
		.trans_depth = w->depth,
		.method = http_row_text(cx, w, w->method),
		.host = http_row_text(cx, w, w->host),
		.uri = http_row_text(cx, w, w->uri),
		.version = http_row_text(cx, w, w->version),
		.referrer = http_row_text(cx, w, w->referrer),
		.user_agent = http_row_text(cx, w, w->user_agent),
		.origin = http_row_text(cx, w, w->origin),
		.username = http_row_text(cx, w, w->username),
		.soap_action = http_row_text(cx, w, w->soap_action),
	};
	oto_emit(cx, EV_REQUEST, &r);
}

static void request(struct oto_ctx *cx, struct side *s, const struct http_head *h)
{
	struct state *st = cx->state;
	struct oto_slice user = basic_user(cx, h->authorization);
	bool secret = false;
	uint64_t length = 0;

	if (st->lost_reply) /* this request's reply is not to be taken for theirs */
		tell_all(cx);
	st->lost_reply = false;
	struct http_row *w = st->sending = wait_for(cx, http_row_size(h, user));
	s->replying = false;
	if (w) {
		secret = http_row_request(cx, w, h, user);
		tell_request(cx, w);
	}
	if (!st->told_client) {
		st->told_client = true;
		http_tell_client(cx, h);
	}
	st->told_login = http_tell_login(cx, h, user, secret, st->told_login);
	bool sized = http_content_length(h, &length);
	s->left = length;
	s->phase = http_is_chunked(h) ? PHASE_CHUNK_SIZE : sized && length ? PHASE_BODY : PHASE_HEAD;
	http_body_begin(cx, &s->body, h->content_encoding);
}

/* ------------------------------------------------------------------------------------------------ replies */

static bool answers(const struct http_row *w, const char *method)
{
	return w && say_is((struct oto_slice){ &w->text[w->method.at], w->method.len }, method);
}

/* RFC 9112 6.3. */
static enum phase body_of_reply(const struct http_head *h, const struct http_row *w, uint64_t *length)
{
	bool sized = http_content_length(h, length);

	if (h->status == 101 || (answers(w, "CONNECT") && h->status / 100 == 2))
		return PHASE_OTHER;
	if (h->status < 200 || h->status == 204 || h->status == 304 || answers(w, "HEAD"))
		return PHASE_HEAD;
	if (http_is_chunked(h))
		return PHASE_CHUNK_SIZE;
	return sized ? (*length ? PHASE_BODY : PHASE_HEAD) : PHASE_TO_CLOSE;
}

static void reply_done(struct oto_ctx *cx, struct side *s)
{
	struct state *st = cx->state;
	struct http_row *w = st->first;

	s->phase = PHASE_HEAD;
	http_body_end(cx, &s->body);
	if (!w || w->status < 200) /* 1xx: the reply proper is still to come */
		return;
	w->response_len = s->body.length;
	w->resp_type = http_body_type(&s->body);
	tell_first(cx);
}

static void request_done(struct oto_ctx *cx, struct side *s)
{
	struct state *st = cx->state;

	s->phase = PHASE_HEAD;
	http_body_end(cx, &s->body);
	st->told_login = http_tell_form(cx, (struct oto_slice){ s->body.sniff, s->body.sniffed }, st->told_login);
	if (!st->sending)
		return;
	st->sending->request_len = s->body.length;
	st->sending->orig_type = http_body_type(&s->body);
}

static void message_done(struct oto_ctx *cx, struct side *s)
{
	if (s->replying)
		reply_done(cx, s);
	else
		request_done(cx, s);
}

static void reply(struct oto_ctx *cx, struct side *s, const struct http_head *h)
{
	struct state *st = cx->state;
	struct http_row *w = st->first ? st->first : wait_for(cx, 0);

	st->lost_reply = false;
	s->replying = true;
	s->phase = (uint8_t)body_of_reply(h, w, &s->left);
	if (w)
		http_row_reply(w, h);
	if (oto_wanted(cx, EV_REPLY)) {
		struct http_reply r = { .trans_depth = w ? w->depth : st->depth,
					.status_code = h->status,
					.status_msg = h->reason,
					.version = h->version,
					.server = h->server };
		oto_emit(cx, EV_REPLY, &r);
	}
	if (!st->told_server && h->server.len) {
		st->told_server = true;
		http_tell_server(cx, h->server);
	}
	http_body_begin(cx, &s->body, h->content_encoding);
	if (s->phase == PHASE_OTHER) {
		st->side[0].phase = st->side[1].phase = PHASE_OTHER;
		tell_all(cx);
	} else if (s->phase == PHASE_HEAD) {
		reply_done(cx, s);
	}
}

/* ------------------------------------------------------------------------------------------------ framing */

static int64_t head_length(struct side *s, struct oto_cur *c)
{
	struct oto_slice bytes = oto_rest(c);

	if (bytes.len && (bytes.data[0] == '\r' || bytes.data[0] == '\n'))
		return 1; /* empty lines between messages */
	enum http_start start = http_start_of(bytes, false);
	if (start == HTTP_START_NO) {
		s->looked_at = 0;
		return -1;
	}
	uint32_t n = start == HTTP_START_SHORT ? 0 : http_head_length(bytes, s->looked_at < bytes.len ? s->looked_at : 0);
	s->looked_at = n ? 0 : bytes.len;
	return n;
}

static int64_t line_length(struct side *s, struct oto_cur *c)
{
	struct oto_slice bytes = oto_rest(c);
	uint32_t end = say_find(bytes, '\n');

	if (end < bytes.len)
		return end + 1;
	if (bytes.len < CHUNK_LINE_MAX)
		return 0;
	s->phase = PHASE_HEAD;
	return -1;
}

static int64_t pdu_len(const struct oto_ctx *cx, struct oto_cur c)
{
	struct side *s = side_of(cx);
	uint32_t here = oto_left(&c);

	switch ((enum phase)s->phase) {
	case PHASE_HEAD:
		return head_length(s, &c);
	case PHASE_BODY:
	case PHASE_CHUNK:
		return s->left < here ? (int64_t)s->left : here;
	case PHASE_CHUNK_SIZE:
	case PHASE_CHUNK_END:
	case PHASE_TRAILER:
		return line_length(s, &c);
	default:
		return here;
	}
}

static void head(struct oto_ctx *cx, struct side *s, struct oto_slice bytes)
{
	struct http_head h;

	if (bytes.len == 1)
		return; /* an empty line */
	if (!http_head_read(bytes, &h)) {
		oto_weird(cx, "bad_start_line", say_first(bytes, 80));
		return;
	}
	if (h.request && h.longest.value.len > FIELD_USUAL_MAX)
		oto_weird(cx, "long_field", say_first(h.longest.name, 80));
	if (h.request)
		request(cx, s, &h);
	else
		reply(cx, s, &h);
	sign_in(cx, &h);
}

static void chunk_size(struct oto_ctx *cx, struct side *s, struct oto_slice line)
{
	uint32_t i = 0;

	s->left = 0;
	for (; i < line.len && i <= CHUNK_DIGITS_MAX && http_hex(line.data[i]) >= 0; i++)
		s->left = s->left << 4 | (uint32_t)http_hex(line.data[i]);
	if (!i || i > CHUNK_DIGITS_MAX) {
		oto_weird(cx, "bad_chunk_size", say_first(line, 20));
		message_done(cx, s);
		return;
	}
	s->phase = s->left ? PHASE_CHUNK : PHASE_TRAILER;
}

static void body(struct oto_ctx *cx, struct side *s, struct oto_slice bytes)
{
	http_body_bytes(cx, &s->body, bytes);
	if (s->phase == PHASE_TO_CLOSE)
		return;
	s->left -= bytes.len;
	if (s->left)
		return;
	if (s->phase == PHASE_CHUNK)
		s->phase = PHASE_CHUNK_END;
	else
		message_done(cx, s);
}

static void pdu(struct oto_ctx *cx, struct oto_cur *c)
{
	struct side *s = side_of(cx);
	struct oto_slice bytes = oto_rest(c);

	switch ((enum phase)s->phase) {
	case PHASE_HEAD:
		head(cx, s, bytes);
		break;
	case PHASE_CHUNK_SIZE:
		chunk_size(cx, s, bytes);
		break;
	case PHASE_CHUNK_END:
		s->phase = PHASE_CHUNK_SIZE;
		break;
	case PHASE_TRAILER:
		if (bytes.len <= 2)
			message_done(cx, s);
		break;
	case PHASE_OTHER:
		oto_stream(cx, CHANNEL_STREAM, 0, bytes);
		break;
	default:
		body(cx, s, bytes);
	}
}

/* ------------------------------------------------------------------------------------------------ lost bytes and the end */

static bool lost_inside(struct oto_ctx *cx, uint64_t n)
{
	struct side *s = side_of(cx);
	bool sized = s->phase == PHASE_BODY || s->phase == PHASE_CHUNK;

	s->passed_over = s->phase == PHASE_TO_CLOSE || (sized && n <= s->left);
	if (!s->passed_over)
		return false;
	http_body_lost(cx, &s->body, n);
	if (sized)
		s->left -= n;
	if (sized && !s->left && s->phase == PHASE_CHUNK)
		s->phase = PHASE_CHUNK_END;
	else if (sized && !s->left)
		message_done(cx, s);
	return true;
}

/* Outside of a body it is not known what is lost: the message at hand ends here, and the next head is looked for. */
static void gap(struct oto_ctx *cx, uint64_t n)
{
	struct state *st = cx->state;
	struct side *s = side_of(cx);
	bool passed_over = s->passed_over;

	(void)n;
	s->passed_over = false;
	if (passed_over || s->phase == PHASE_OTHER || s->phase == PHASE_TO_CLOSE)
		return;
	if (s->phase != PHASE_HEAD)
		message_done(cx, s);
	s->looked_at = 0;
	if (cx->is_orig)
		return;
	while (st->nwaiting > 1) /* who asks one by one has got what he asked for before */
		tell_first(cx);
	st->lost_reply = true;
}

static void closing(struct oto_ctx *cx)
{
	struct state *st = cx->state;

	for (int i = 0; i < 2; i++) {
		if (st->side[i].phase != PHASE_HEAD && st->side[i].phase != PHASE_OTHER)
			message_done(cx, &st->side[i]);
	}
	tell_all(cx);
}

static enum oto_answer probe(const struct oto_ctx *cx, struct oto_cur c)
{
	switch (http_start_of(oto_rest(&c), !cx->key)) {
	case HTTP_START_REQUEST:
	case HTTP_START_RESPONSE:
		return OTO_MINE;
	case HTTP_START_SHORT:
		return OTO_NEED_MORE;
	default:
		return OTO_NOT_MINE;
	}
}

static const struct oto_analyzer http = {
	.self_size = sizeof http,
	.name = "http",
	.doc = "HTTP/1.0 and 1.1 on any port.",
	.keys = "tcp/80 tcp/81 tcp/631 tcp/3128 tcp/8000 tcp/8080 tcp/8888",
	.channels = "stream ntlm kerberos",
	.flags = OTO_ANY_PORT,
	.probe = probe,
	.pdu_len = pdu_len,
	.pdu = pdu,
	.gap = gap,
	.lost_inside = lost_inside,
	.closing = closing,
	.state_size = sizeof(struct state),
	.events = events,
	.nevents = sizeof events / sizeof *events,
};
OTO_ANALYZER(http);
