/* http_message.c - see http_message.h. */
#include "http_message.h"

#include "../say.h"

/* Methods of RFC 9110, WebDAV and what plant devices and Windows use (RFC 4918, RFC 5789, UPnP). */
static const char *const methods[] = {
	"GET",       "POST",   "HEAD", "PUT",   "OPTIONS",     "DELETE",       "CONNECT",  "TRACE",     "PATCH",       "PROPFIND",
	"PROPPATCH", "MKCOL",  "COPY", "MOVE",  "LOCK",        "UNLOCK",       "REPORT",   "SUBSCRIBE", "UNSUBSCRIBE", "NOTIFY",
	"M-SEARCH",  "SEARCH", "POLL", "BMOVE", "RPC_IN_DATA", "RPC_OUT_DATA", "CCM_POST", "MERGE",     "CHECKOUT",    "MKACTIVITY",
};
enum { METHOD_MAX = 12, START_LINE_MAX = 16384, BLANKS_MAX = 8 };

static struct oto_slice trimmed(struct oto_slice s)
{
	while (s.len && (s.data[0] == ' ' || s.data[0] == '\t'))
		s = say_from(s, 1);
	return say_trim(s);
}

/* ------------------------------------------------------------------------------------------------ is it one? */

/* SHORT when all that is there is a method's beginning. */
static enum http_start method_of(struct oto_slice word, bool complete)
{
	for (size_t i = 0; i < sizeof methods / sizeof *methods; i++) {
		uint32_t n = (uint32_t)strlen(methods[i]);
		if (complete ? word.len == n && memcmp(word.data, methods[i], n) == 0
			     : word.len <= n && memcmp(word.data, methods[i], word.len) == 0)
			return complete ? HTTP_START_REQUEST : HTTP_START_SHORT;
	}
	return HTTP_START_NO;
}

/* Any word of capitals: where it is known that HTTP is spoken, a method may be new. */
static enum http_start token_of(struct oto_slice word, bool complete)
{
	for (uint32_t i = 0; i < word.len; i++) {
		if ((word.data[i] < 'A' || word.data[i] > 'Z') && word.data[i] != '-' && word.data[i] != '_')
			return HTTP_START_NO;
	}
	return complete ? HTTP_START_REQUEST : HTTP_START_SHORT;
}

static bool ends_in_version(struct oto_slice line)
{
	struct oto_slice tail = line.len > 8 ? say_from(line, line.len - 8) : (struct oto_slice){ 0 };
	return tail.len == 8 && memcmp(tail.data, "HTTP/", 5) == 0 && tail.data[6] == '.';
}

/* RFC 1945 5: clients of old, and those that test what a server makes of it, say no version. */
static bool names_a_path(struct oto_slice uri)
{
	return uri.len && uri.data[0] == '/' && say_find(uri, ' ') == uri.len;
}

static enum http_start request_start(struct oto_slice bytes, bool strict)
{
	uint32_t space = say_find(say_first(bytes, METHOD_MAX + 1), ' ');
	bool complete = space < bytes.len && space <= METHOD_MAX;

	if (!space || (!complete && bytes.len > METHOD_MAX))
		return HTTP_START_NO;
	enum http_start answer = strict ? method_of(say_first(bytes, space), complete) : token_of(say_first(bytes, space), complete);
	if (answer != HTTP_START_REQUEST)
		return answer;
	uint32_t end = say_find(bytes, '\n');
	if (end == bytes.len)
		return bytes.len > START_LINE_MAX ? HTTP_START_NO : HTTP_START_SHORT;
	struct oto_slice line = say_trim(say_first(bytes, end));
	if (say_is(line, "PRI * HTTP/2.0")) /* RFC 9113 3.4: made so that nobody takes it for a request of this protocol */
		return HTTP_START_NO;
	return ends_in_version(line) || names_a_path(say_from(line, space + 1)) ? HTTP_START_REQUEST : HTTP_START_NO;
}

/* "HTTP/1.1 200 OK", "HTTP/1.0 200" */
static enum http_start response_start(struct oto_slice bytes)
{
	static const char shape[] = "HTTP/d.d ddd";

	for (uint32_t i = 0; i < sizeof shape - 1; i++) {
		if (i == bytes.len)
			return HTTP_START_SHORT;
		bool digit = bytes.data[i] >= '0' && bytes.data[i] <= '9';
		if (shape[i] == 'd' ? !digit : bytes.data[i] != (uint8_t)shape[i])
			return HTTP_START_NO;
	}
	return HTTP_START_RESPONSE;
}

enum http_start http_start_of(struct oto_slice bytes, bool strict)
{
	for (int i = 0; i < BLANKS_MAX && bytes.len && (bytes.data[0] == '\r' || bytes.data[0] == '\n'); i++)
		bytes = say_from(bytes, 1);
	if (!bytes.len)
		return HTTP_START_SHORT;
	enum http_start response = response_start(bytes);
	return response != HTTP_START_NO ? response : request_start(bytes, strict);
}

/* ------------------------------------------------------------------------------------------------ the head */

uint32_t http_head_length(struct oto_slice bytes, uint32_t from)
{
	/* the line before may have ended just before `from` */
	uint32_t at = from > 3 ? from - 3 : 0;

	for (;;) {
		uint32_t end = at + say_find(say_from(bytes, at), '\n');
		if (end >= bytes.len)
			return 0;
		struct oto_slice next = say_from(bytes, end + 1);
		if (next.len && next.data[0] == '\n')
			return end + 2;
		if (next.len > 1 && next.data[0] == '\r' && next.data[1] == '\n')
			return end + 3;
		at = end + 1;
	}
}

static bool start_line(struct oto_slice line, struct http_head *h)
{
	uint32_t space = say_find(line, ' ');

	if (say_begins(line, "HTTP/")) {
		struct oto_slice rest = trimmed(say_from(line, space));
		h->version = say_from(say_first(line, space), 5);
		for (uint32_t i = 0; i < 3 && i < rest.len; i++)
			h->status = (uint16_t)(h->status * 10 + (rest.data[i] - '0'));
		h->reason = trimmed(say_from(rest, say_find(rest, ' ')));
		return h->status >= 100 && h->status <= 999;
	}
	h->request = true;
	h->method = say_first(line, space);
	struct oto_slice rest = trimmed(say_from(line, space));
	h->uri = rest;
	if (ends_in_version(rest)) {
		h->version = say_from(rest, rest.len - 3);
		h->uri = trimmed(say_first(rest, rest.len - 8));
	}
	return h->method.len && h->uri.len;
}

static void keep_field(struct oto_slice name, struct oto_slice value, struct http_head *h)
{
#define KEPT(word, member)                                                                                                                 \
	{                                                                                                                                  \
		.name = word, .len = sizeof word - 1, .at = offsetof(struct http_head, member)                                             \
	}
	static const struct {
		const char *name;
		size_t len, at;
	} kept[] = {
		KEPT("host", host),
		KEPT("referer", referrer),
		KEPT("user-agent", user_agent),
		KEPT("origin", origin),
		KEPT("server", server),
		KEPT("authorization", authorization),
		KEPT("proxy-authorization", proxy_authorization),
		KEPT("www-authenticate", challenge),
		KEPT("proxy-authenticate", challenge),
		KEPT("content-disposition", content_disposition),
		KEPT("content-type", content_type),
		KEPT("content-encoding", content_encoding),
		KEPT("transfer-encoding", transfer_encoding),
		KEPT("content-length", content_length),
		KEPT("upgrade", upgrade),
		KEPT("soapaction", soap_action),
	};
	static const char *const proxies[] = { "forwarded", "x-forwarded-for",  "x-forwarded-from", "client-ip",
					       "via",       "xroxy-connection", "proxy-connection" };

	for (size_t i = 0; i < sizeof kept / sizeof *kept; i++) {
		if (name.len == kept[i].len && say_is(name, kept[i].name)) {
			memcpy((char *)h + kept[i].at, &value, sizeof value);
			return;
		}
	}
	for (size_t i = 0; i < sizeof proxies / sizeof *proxies; i++) {
		if (say_is(name, proxies[i]) && h->nproxied < HTTP_PROXIED_MAX)
			h->proxied[h->nproxied++] = (struct http_field){ name, value };
	}
}

/* Cookies, sign-ins and what programs call X-: as long as they like. A Referer is an address. */
static bool may_be_long(struct oto_slice name)
{
	return say_is(name, "cookie") || say_is(name, "authorization") || say_is(name, "proxy-authorization") || say_is(name, "referer") ||
	       say_begins(name, "x-");
}

static void take_field(struct oto_slice name, struct oto_slice value, struct http_head *h)
{
	if (value.len > h->longest.value.len && !may_be_long(name))
		h->longest = (struct http_field){ name, value };
	keep_field(name, value, h);
}

bool http_head_read(struct oto_slice head, struct http_head *h)
{
	struct oto_slice line;

	*h = (struct http_head){ 0 };
	if (!say_line(&head, &line) || !start_line(line, h))
		return false;
	while (say_line(&head, &line) && line.len) {
		uint32_t colon = say_find(line, ':');
		if (colon < line.len)
			take_field(trimmed(say_first(line, colon)), trimmed(say_from(line, colon + 1)), h);
	}
	return true;
}

/* ------------------------------------------------------------------------------------------------ fields */

bool http_is_chunked(const struct http_head *h)
{
	struct oto_slice last = h->transfer_encoding;

	for (uint32_t comma; (comma = say_find(last, ',')) < last.len;)
		last = say_from(last, comma + 1);
	return say_is(trimmed(last), "chunked");
}

bool http_content_length(const struct http_head *h, uint64_t *length)
{
	*length = 0;
	for (uint32_t i = 0; i < h->content_length.len; i++) {
		uint8_t digit = h->content_length.data[i];
		if (digit < '0' || digit > '9' || i > 18)
			return false;
		*length = *length * 10 + (digit - '0');
	}
	return h->content_length.len;
}

struct oto_slice http_token(const struct http_head *h)
{
	const struct oto_slice fields[] = { h->authorization, h->proxy_authorization, h->challenge };
	static const char *const schemes[] = { "negotiate ", "ntlm " };

	for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
		for (size_t k = 0; k < sizeof schemes / sizeof *schemes; k++) {
			if (say_begins(fields[i], schemes[k]))
				return trimmed(say_from(fields[i], (uint32_t)strlen(schemes[k])));
		}
	}
	return (struct oto_slice){ 0 };
}

/* The value of a parameter behind a field's own: `inline; filename="a b.txt"`. */
static struct oto_slice parameter(struct oto_slice field, const char *name)
{
	uint32_t n = (uint32_t)strlen(name);

	while (field.len) {
		uint32_t end = say_find(field, ';');
		struct oto_slice p = trimmed(say_first(field, end));
		field = say_from(field, end + 1);
		if (!say_begins(p, name) || p.len <= n || p.data[n] != '=')
			continue;
		p = say_from(p, n + 1);
		if (p.len > 1 && p.data[0] == '"')
			p = say_first(say_from(p, 1), say_find(say_from(p, 1), '"'));
		return p;
	}
	return (struct oto_slice){ 0 };
}

struct oto_slice http_filename(const struct http_head *h)
{
	struct oto_slice name = parameter(h->content_disposition, "filename");

	return name.len ? name : parameter(h->content_type, "name");
}

struct oto_slice http_soap_action(const struct http_head *h)
{
	struct oto_slice action = h->soap_action;

	if (action.len > 1 && action.data[0] == '"')
		return say_first(say_from(action, 1), say_find(say_from(action, 1), '"'));
	return action.len ? action : say_begins(h->content_type, "application/soap+xml") ? parameter(h->content_type, "action") : action;
}
