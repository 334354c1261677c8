/* http.c - HTTP/1.0 and 1.1 on any port: requests, replies and the transactions of both, as Zeek's http.log has them.
 *
 * A head is one PDU; a body is passed over as it comes, in pieces, measured and looked at (http_body.c) and never kept. Requests wait in
 * memory that the flow holds until their reply is done: pipelining is first in, first out, and nothing is matched across lost bytes. Behind
 * CONNECT and an upgrade the bytes are another protocol's. Credentials are read to tell who they are of, and go no further.
 *
 * Specification: RFC 9110, RFC 9112.
 */
#include <nettle/base64.h>

#include "../say.h"
#include "http_body.h"
#include "http_facts.h"
#include "http_message.h"
#include "http_secret.h"

/* ------------------------------------------------------------------------------------------------ events */

struct http_request {
	struct oto_slice method, host, uri, version, referrer, user_agent, origin, username;
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

struct http_transaction {
	struct oto_time ts;
	uint32_t trans_depth;
	struct oto_slice method, host, uri, referrer, version, user_agent, origin;
	uint64_t request_body_len, response_body_len;
	uint16_t status_code, info_code;
	struct oto_slice status_msg, info_msg;
	struct oto_list tags, proxied, orig_fuids, resp_fuids, orig_filenames, orig_mime_types, resp_filenames, resp_mime_types;
	struct oto_slice username, password;
	bool has_status, has_info, has_proxied, has_orig_name, has_orig_type, has_resp_name, has_resp_type, yes, no;
};
#define T(m, doc_, ...) OTO_FIELD(struct http_transaction, m, doc_, __VA_ARGS__)
#define IF(has) .guard = OTO_IF(struct http_transaction, has)
static const struct oto_field transaction_fields[] = {
	T(ts, "of the request, or of a reply without one"),
	T(trans_depth, "number of the request in its connection, from 1"),
	T(method, "what was asked: GET, POST ..."),
	T(host, "the Host field"),
	T(uri, "what it was asked of, percent signs resolved"),
	T(referrer, "the Referer field"),
	T(version, "of HTTP, in the reply"),
	T(user_agent, "the User-Agent field"),
	T(origin, "the Origin field"),
	T(request_body_len, "bytes of the request's content, decompressed"),
	T(response_body_len, "bytes of the reply's content, decompressed"),
	T(status_code, "status of the last reply", IF(has_status)),
	T(status_msg, "its words"),
	T(info_code, "status of the last 1xx reply", IF(has_info)),
	T(info_msg, "its words"),
	T(tags, "none; Zeek's column", IF(yes), .flags = OTO_SET),
	T(username, "user of basic authentication"),
	T(password, "never"),
	T(proxied, "what proxies added", IF(has_proxied), .flags = OTO_SET),
	T(orig_fuids, "none; Zeek's column", IF(no)),
	T(orig_filenames, "name of the request's content", IF(has_orig_name)),
	T(orig_mime_types, "what its first bytes show", IF(has_orig_type)),
	T(resp_fuids, "none; Zeek's column", IF(no)),
	T(resp_filenames, "name of the reply's content", IF(has_resp_name)),
	T(resp_mime_types, "what its first bytes show", IF(has_resp_type)),
};
static const struct oto_log transaction_logs[] = {
	{ .name = "http",
	  .doc = "A row per request with its reply, per request without, and per reply without a request.",
	  .columns =
	      "trans_depth method host uri referrer version user_agent origin request_body_len response_body_len status_code status_msg "
	      "info_code info_msg tags username password proxied orig_fuids orig_filenames orig_mime_types resp_fuids resp_filenames "
	      "resp_mime_types",
	  .extra = "orig_l2_addr=orig_mac resp_l2_addr=resp_mac",
	  .form = OTO_FORM_DETAIL },
};
static const struct oto_event_type transaction_event =
    OTO_EVENT("http.transaction", struct http_transaction, transaction_fields,
	      "A request with its reply, told when the reply is done or the connection ends.", OTO_LOGS(transaction_logs));

static const struct oto_event_type *const events[] = { &request_event, &reply_event, &transaction_event };
enum { EV_REQUEST, EV_REPLY, EV_TRANSACTION };

/* ------------------------------------------------------------------------------------------------ state */

enum { PENDING_MAX = 64, WORDS_MAX = 128, URI_MAX = 16384, CHUNK_LINE_MAX = 1024, CHUNK_DIGITS_MAX = 15 };

/* A text of a transaction, as a place in its block. */
struct place {
	uint32_t at, len;
};

struct words {
	uint8_t len;
	char text[WORDS_MAX];
};

/* A request that waits for its reply. */
struct waiting {
	struct waiting *next;
	struct oto_time ts;
	uint32_t depth, nproxied;
	uint64_t request_len, response_len;
	uint16_t status, info;
	struct place method, host, uri, referrer, version, user_agent, origin, username, proxied[HTTP_PROXIED_MAX];
	struct words status_msg, info_msg, orig_name, resp_name;
	const char *orig_type, *resp_type; /* constants */
	char resp_version[4];
	uint32_t used, size; /* of the text behind */
	uint8_t text[];
};

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
	struct waiting *first, *last;
	struct waiting *sending; /* whose head the client sent last; NULL: told already */
	uint32_t nwaiting, depth;
	bool told_client, told_server;
	uint8_t told_login; /* enum http_login */
	bool lost_reply;    /* bytes of the server are lost, replies perhaps */
	struct side side[2];
};

enum { CHANNEL_STREAM };

static struct side *side_of(const struct oto_ctx *cx)
{
	struct state *st = cx->state;
	return &st->side[cx->is_orig ? 0 : 1];
}

/* ------------------------------------------------------------------------------------------------ waiting requests */

static struct place keep(struct waiting *w, struct oto_slice s)
{
	uint32_t n = s.len < w->size - w->used ? s.len : w->size - w->used;
	struct place at = { w->used, n };

	memcpy(&w->text[w->used], s.data ? s.data : (const uint8_t *)"", n);
	w->used += n;
	return at;
}

static void keep_words(struct words *w, struct oto_slice s)
{
	w->len = (uint8_t)(s.len < WORDS_MAX ? s.len : WORDS_MAX);
	if (w->len)
		memcpy(w->text, s.data, w->len);
}

static int hex(uint8_t c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* A URI, percent signs resolved (RFC 3986 2.1; what is not two digits behind one stands as it is), secrets masked. */
static struct place keep_uri(struct waiting *w, struct oto_slice uri, bool *secret)
{
	struct place at = { w->used, 0 };

	for (uint32_t i = 0; i < uri.len && w->used < w->size; i++) {
		uint8_t c = uri.data[i];
		if (c == '%' && i + 2 < uri.len && hex(uri.data[i + 1]) >= 0 && hex(uri.data[i + 2]) >= 0) {
			c = (uint8_t)(hex(uri.data[i + 1]) << 4 | hex(uri.data[i + 2]));
			i += 2;
		}
		w->text[w->used++] = c;
	}
	at.len = w->used - at.at;
	*secret |= http_mask_uri(&w->text[at.at], &at.len);
	return at;
}

/* As it was sent, secrets masked. */
static struct place keep_link(struct waiting *w, struct oto_slice link)
{
	struct place at = keep(w, link);

	http_mask_uri(&w->text[at.at], &at.len);
	return at;
}

static struct oto_slice word(struct oto_ctx *cx, const struct words *w)
{
	return say_copy(cx, (struct oto_slice){ (const uint8_t *)w->text, w->len });
}

static struct oto_slice text(struct oto_ctx *cx, const struct waiting *w, struct place p)
{
	return say_copy(cx, (struct oto_slice){ &w->text[p.at], p.len });
}

static struct oto_list list_of(struct oto_ctx *cx, struct oto_slice only, bool *has)
{
	struct oto_slice *item = only.len ? oto_scratch(cx, sizeof *item) : NULL;

	*has = item;
	if (!item)
		return (struct oto_list){ 0 };
	*item = only;
	return (struct oto_list){ item, 1 };
}

static struct oto_list proxied_of(struct oto_ctx *cx, const struct waiting *w, bool *has)
{
	struct oto_slice *items = w->nproxied ? oto_scratch(cx, w->nproxied * sizeof *items) : NULL;

	*has = items;
	for (uint32_t i = 0; items && i < w->nproxied; i++)
		items[i] = text(cx, w, w->proxied[i]);
	return (struct oto_list){ items, items ? w->nproxied : 0 };
}

static void tell(struct oto_ctx *cx, const struct waiting *w)
{
	if (!oto_wanted(cx, EV_TRANSACTION))
		return;
	struct http_transaction t = {
		.ts = w->ts,
		.trans_depth = w->depth,
		.method = text(cx, w, w->method),
		.host = text(cx, w, w->host),
		.uri = text(cx, w, w->uri),
		.referrer = text(cx, w, w->referrer),
		.version = w->resp_version[0] ? say_copy(cx, oto_slice_of(w->resp_version)) : (struct oto_slice){ 0 },
		.user_agent = text(cx, w, w->user_agent),
		.origin = text(cx, w, w->origin),
		.username = text(cx, w, w->username),
		.request_body_len = w->request_len,
		.response_body_len = w->response_len,
		.status_code = w->status,
		.has_status = w->status,
		.status_msg = word(cx, &w->status_msg),
		.info_code = w->info,
		.has_info = w->info,
		.info_msg = word(cx, &w->info_msg),
		.yes = true,
	};
	t.proxied = proxied_of(cx, w, &t.has_proxied);
	t.orig_filenames = list_of(cx, word(cx, &w->orig_name), &t.has_orig_name);
	t.resp_filenames = list_of(cx, word(cx, &w->resp_name), &t.has_resp_name);
	t.orig_mime_types = list_of(cx, oto_slice_of(w->orig_type), &t.has_orig_type);
	t.resp_mime_types = list_of(cx, oto_slice_of(w->resp_type), &t.has_resp_type);
	oto_emit(cx, EV_TRANSACTION, &t);
}

static void tell_first(struct oto_ctx *cx)
{
	struct state *st = cx->state;
	struct waiting *w = st->first;

	tell(cx, w);
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

static struct waiting *wait_for(struct oto_ctx *cx, uint32_t size)
{
	struct state *st = cx->state;

	if (st->nwaiting == PENDING_MAX) {
		oto_weird(cx, "too_many_requests", (struct oto_slice){ 0 });
		tell_first(cx);
	}
	struct waiting *w = oto_hold(cx, (uint32_t)sizeof *w + size);
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

/* The user of "Basic dXNlcjpwYXNz" (RFC 7617). */
static struct oto_slice basic_user(struct oto_ctx *cx, struct oto_slice authorization)
{
	enum { CODED_MAX = 1024 };
	struct base64_decode_ctx decoder;

	if (!say_begins(authorization, "basic "))
		return (struct oto_slice){ 0 };
	struct oto_slice coded = say_from(authorization, 6);
	if (coded.len > CODED_MAX)
		return (struct oto_slice){ 0 };
	size_t n = BASE64_DECODE_LENGTH(coded.len);
	uint8_t *plain = oto_scratch(cx, n + 1);
	base64_decode_init(&decoder);
	if (!plain || !base64_decode_update(&decoder, &n, plain, coded.len, (const char *)coded.data))
		return (struct oto_slice){ 0 };
	struct oto_slice both = { plain, (uint32_t)n };
	uint32_t colon = say_find(both, ':');
	memset(&plain[colon], 0, n - colon);
	return say_first(both, colon);
}

/* True: there was a secret in the URI. */
static bool keep_request(struct oto_ctx *cx, struct waiting *w, const struct http_head *h, struct oto_slice user)
{
	bool secret = false;

	w->method = keep(w, h->method);
	w->host = keep(w, h->host);
	w->uri = keep_uri(w, say_first(h->uri, URI_MAX), &secret);
	w->referrer = keep_link(w, h->referrer);
	w->version = keep(w, h->version);
	w->user_agent = keep(w, h->user_agent);
	w->origin = keep(w, h->origin);
	w->username = keep(w, user);
	for (w->nproxied = 0; w->nproxied < h->nproxied; w->nproxied++) {
		const struct http_field *f = &h->proxied[w->nproxied];
		struct oto_slice shown = say_text(cx, f->name.len + f->value.len + 4, "%.*s -> %.*s", (int)f->name.len,
						  (const char *)f->name.data, (int)f->value.len, (const char *)f->value.data);
		for (uint32_t i = 0; i < f->name.len && i < shown.len; i++) {
			uint8_t *c = (uint8_t *)(uintptr_t)&shown.data[i];
			*c = *c >= 'a' && *c <= 'z' ? (uint8_t)(*c - 'a' + 'A') : *c;
		}
		w->proxied[w->nproxied] = keep(w, shown);
	}
	keep_words(&w->orig_name, http_filename(h));
	return secret;
}

static uint32_t kept_size(const struct http_head *h, struct oto_slice user)
{
	uint32_t n =
	    h->method.len + h->host.len + h->uri.len + h->referrer.len + h->version.len + h->user_agent.len + h->origin.len + user.len;

	for (uint32_t i = 0; i < h->nproxied; i++)
		n += h->proxied[i].name.len + h->proxied[i].value.len + 4;
	return n;
}

static void tell_request(struct oto_ctx *cx, const struct waiting *w)
{
	if (!oto_wanted(cx, EV_REQUEST))
		return;
	struct http_request r = {
		.trans_depth = w->depth,
		.method = text(cx, w, w->method),
		.host = text(cx, w, w->host),
		.uri = text(cx, w, w->uri),
		.version = text(cx, w, w->version),
		.referrer = text(cx, w, w->referrer),
		.user_agent = text(cx, w, w->user_agent),
		.origin = text(cx, w, w->origin),
		.username = text(cx, w, w->username),
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
	struct waiting *w = st->sending = wait_for(cx, kept_size(h, user));
	s->replying = false;
	if (w) {
		secret = keep_request(cx, w, h, user);
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

static bool answers(const struct waiting *w, const char *method)
{
	return w && say_is((struct oto_slice){ &w->text[w->method.at], w->method.len }, method);
}

/* RFC 9112 6.3. */
static enum phase body_of_reply(const struct http_head *h, const struct waiting *w, uint64_t *length)
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

static void keep_reply(struct waiting *w, const struct http_head *h)
{
	w->status = h->status;
	keep_words(&w->status_msg, h->reason);
	if (h->status < 200) {
		w->info = h->status;
		keep_words(&w->info_msg, h->reason);
	}
	keep_words(&w->resp_name, http_filename(h));
	if (h->version.len == 3)
		memcpy(w->resp_version, h->version.data, 3);
}

static void reply_done(struct oto_ctx *cx, struct side *s)
{
	struct state *st = cx->state;
	struct waiting *w = st->first;

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
	struct waiting *w = st->first ? st->first : wait_for(cx, 0);

	st->lost_reply = false;
	s->replying = true;
	s->phase = (uint8_t)body_of_reply(h, w, &s->left);
	if (w)
		keep_reply(w, h);
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
	if (h.request)
		request(cx, s, &h);
	else
		reply(cx, s, &h);
}

static void chunk_size(struct oto_ctx *cx, struct side *s, struct oto_slice line)
{
	uint32_t i = 0;

	s->left = 0;
	for (; i < line.len && i <= CHUNK_DIGITS_MAX && hex(line.data[i]) >= 0; i++)
		s->left = s->left << 4 | (uint32_t)hex(line.data[i]);
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
	.channels = "stream",
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
