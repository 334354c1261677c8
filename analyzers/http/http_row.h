/* http_row.h - a request and what came of it: kept until its reply is done, then told as http.transaction.
 *
 * A row and its texts are one block of memory that the flow holds. Secrets are masked before they are kept.
 */
#ifndef OTO_HTTP_ROW_H
#define OTO_HTTP_ROW_H

#include "http_message.h"

enum { HTTP_WORDS_MAX = 128 };

/* A text of a transaction, as a place in its block. */
struct http_place {
	uint32_t at, len;
};

struct http_words {
	uint8_t len;
	char text[HTTP_WORDS_MAX];
};

/* A request that waits for its reply. */
struct http_row {
	struct http_row *next;
	struct oto_time ts;
	uint32_t depth, nproxied;
	uint64_t request_len, response_len;
	uint16_t status, info;
	struct http_place method, host, uri, referrer, version, user_agent, origin, username, soap_action, proxied[HTTP_PROXIED_MAX];
	struct http_words status_msg, info_msg, orig_name, resp_name;
	const char *orig_type, *resp_type; /* constants */
	char resp_version[4];
	uint32_t used, size; /* of the text behind */
	uint8_t text[];
};

extern const struct oto_event_type http_transaction_event;

/* Bytes of text that a request's row needs. */
uint32_t http_row_size(const struct http_head *h, struct oto_slice user);
/* Both fill a row. True: there was a secret in the URI. */
bool http_row_request(struct oto_ctx *cx, struct http_row *w, const struct http_head *h, struct oto_slice user);
void http_row_reply(struct http_row *w, const struct http_head *h);
/* One of the row's texts, copied for an event. */
struct oto_slice http_row_text(struct oto_ctx *cx, const struct http_row *w, struct http_place p);
/* As event number `event`. */
void http_row_tell(struct oto_ctx *cx, const struct http_row *w, uint32_t event);

#endif
