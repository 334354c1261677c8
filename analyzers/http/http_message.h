/* http_message.h - the head of an HTTP/1 message (RFC 9112): start line and the fields that are of use here.
 *
 * Knows text; nothing of flows or events. Slices borrow the head's bytes.
 */
#ifndef OTO_HTTP_MESSAGE_H
#define OTO_HTTP_MESSAGE_H

#include "oto_plugin.h"

enum { HTTP_PROXIED_MAX = 8 };

struct http_field {
	struct oto_slice name, value;
};

struct http_head {
	bool request;
	struct oto_slice method, uri, version; /* version without "HTTP/" */
	uint16_t status;
	struct oto_slice reason;
	struct oto_slice host, referrer, user_agent, origin, server, authorization, proxy_authorization, challenge, content_disposition,
	    content_type, content_encoding, transfer_encoding, content_length, upgrade, soap_action;
	struct http_field longest;                   /* but for those that carry tokens, states and addresses */
	struct http_field proxied[HTTP_PROXIED_MAX]; /* fields that proxies add */
	uint32_t nproxied;
};

enum http_start { HTTP_START_NO, HTTP_START_SHORT, HTTP_START_REQUEST, HTTP_START_RESPONSE };
/* Is this the beginning of a message? SHORT: what is there fits, and more is needed to tell. `strict`: a method that is known. */
enum http_start http_start_of(struct oto_slice bytes, bool strict);
/* Length of a head, its empty line included; 0: it does not end here. Looks from `from` on, what is before has been looked at. */
uint32_t http_head_length(struct oto_slice bytes, uint32_t from);
/* False: the start line is not one. */
bool http_head_read(struct oto_slice head, struct http_head *h);

bool http_is_chunked(const struct http_head *h);
/* False: there is no length, or it is not a number. */
bool http_content_length(const struct http_head *h, uint64_t *length);
/* The token of a sign-in by "Negotiate" or "NTLM" (RFC 4559), in base64; empty when no field has one. */
struct oto_slice http_token(const struct http_head *h);
/* What a SOAP message wants done: the SOAPAction field of SOAP 1.1, the parameter of the type of SOAP 1.2 (RFC 3902); without quotes. */
struct oto_slice http_soap_action(const struct http_head *h);
/* The content's file name: of the Content-Disposition field (RFC 6266 4.3), else a name that goes with its type; empty when there is none.
 */
struct oto_slice http_filename(const struct http_head *h);

/* Value of a hexadecimal digit, or -1. */
static inline int http_hex(uint8_t c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

#endif
