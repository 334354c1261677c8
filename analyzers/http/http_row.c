/* http_row.c - see http_row.h. */
#include "http_row.h"

#include "../say.h"
#include "http_secret.h"

enum { URI_MAX = 16384 };

/* ------------------------------------------------------------------------------------------------ the event */

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
const struct oto_event_type http_transaction_event =
    OTO_EVENT("http.transaction", struct http_transaction, transaction_fields,
	      "A request with its reply, told when the reply is done or the connection ends.", OTO_LOGS(transaction_logs));

/* ------------------------------------------------------------------------------------------------ keeping and telling */

static struct http_place keep(struct http_row *w, struct oto_slice s)
{
	uint32_t n = s.len < w->size - w->used ? s.len : w->size - w->used;
	struct http_place at = { w->used, n };

	memcpy(&w->text[w->used], s.data ? s.data : (const uint8_t *)"", n);
	w->used += n;
	return at;
}

static void keep_words(struct http_words *w, struct oto_slice s)
{
	w->len = (uint8_t)(s.len < HTTP_WORDS_MAX ? s.len : HTTP_WORDS_MAX);
	if (w->len)
		memcpy(w->text, s.data, w->len);
}

/* A URI, percent signs resolved (RFC 3986 2.1; what is not two digits behind one stands as it is), secrets masked. */
static struct http_place keep_uri(struct http_row *w, struct oto_slice uri, bool *secret)
{
	struct http_place at = { w->used, 0 };

	for (uint32_t i = 0; i < uri.len && w->used < w->size; i++) {
		uint8_t c = uri.data[i];
		if (c == '%' && i + 2 < uri.len && http_hex(uri.data[i + 1]) >= 0 && http_hex(uri.data[i + 2]) >= 0) {
			c = (uint8_t)(http_hex(uri.data[i + 1]) << 4 | http_hex(uri.data[i + 2]));
			i += 2;
		}
		w->text[w->used++] = c;
	}
	at.len = w->used - at.at;
	*secret |= http_mask_uri(&w->text[at.at], &at.len);
	return at;
}

/* As it was sent, secrets masked. */
static struct http_place keep_link(struct http_row *w, struct oto_slice link)
{
	struct http_place at = keep(w, link);

	http_mask_uri(&w->text[at.at], &at.len);
	return at;
}

static struct oto_slice word(struct oto_ctx *cx, const struct http_words *w)
{
	return say_copy(cx, (struct oto_slice){ (const uint8_t *)w->text, w->len });
}

struct oto_slice http_row_text(struct oto_ctx *cx, const struct http_row *w, struct http_place p)
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

static struct oto_list proxied_of(struct oto_ctx *cx, const struct http_row *w, bool *has)
{
	struct oto_slice *items = w->nproxied ? oto_scratch(cx, w->nproxied * sizeof *items) : NULL;

	*has = items;
	for (uint32_t i = 0; items && i < w->nproxied; i++)
		items[i] = http_row_text(cx, w, w->proxied[i]);
	return (struct oto_list){ items, items ? w->nproxied : 0 };
}

void http_row_tell(struct oto_ctx *cx, const struct http_row *w, uint32_t event)
{
	if (!oto_wanted(cx, event))
		return;
	struct http_transaction t = {
		.ts = w->ts,
		.trans_depth = w->depth,
		.method = http_row_text(cx, w, w->method),
		.host = http_row_text(cx, w, w->host),
		.uri = http_row_text(cx, w, w->uri),
		.referrer = http_row_text(cx, w, w->referrer),
		.version = w->resp_version[0] ? say_copy(cx, oto_slice_of(w->resp_version)) : (struct oto_slice){ 0 },
		.user_agent = http_row_text(cx, w, w->user_agent),
		.origin = http_row_text(cx, w, w->origin),
		.username = http_row_text(cx, w, w->username),
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
	oto_emit(cx, event, &t);
}

bool http_row_request(struct oto_ctx *cx, struct http_row *w, const struct http_head *h, struct oto_slice user)
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
	w->soap_action = keep_link(w, http_soap_action(h));
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

uint32_t http_row_size(const struct http_head *h, struct oto_slice user)
{
	uint32_t n = h->method.len + h->host.len + h->uri.len + h->referrer.len + h->version.len + h->user_agent.len + h->origin.len +
		     user.len + http_soap_action(h).len;

	for (uint32_t i = 0; i < h->nproxied; i++)
		n += h->proxied[i].name.len + h->proxied[i].value.len + 4;
	return n;
}

void http_row_reply(struct http_row *w, const struct http_head *h)
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
