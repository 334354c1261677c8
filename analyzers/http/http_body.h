/* http_body.h - the body of a message: how long it is when decoded, and what kind of content its first bytes are.
 *
 * Decompresses (gzip, deflate) into a small buffer that is looked at and forgotten. The decompressor's memory is held by the flow.
 */
#ifndef OTO_HTTP_BODY_H
#define OTO_HTTP_BODY_H

#include "oto_plugin.h"

enum { HTTP_SNIFF = 512 };

struct http_body {
	uint64_t length;    /* of the content, decoded; what a gap took is counted as it was sent */
	void *decompressor; /* NULL: the content is as it was sent */
	uint16_t sniffed;
	uint8_t sniff[HTTP_SNIFF];
};

/* A new body; the old one's memory is given back. */
void http_body_begin(struct oto_ctx *cx, struct http_body *b, struct oto_slice content_encoding);
void http_body_bytes(struct oto_ctx *cx, struct http_body *b, struct oto_slice bytes);
/* n bytes are lost: what comes behind them cannot be decompressed. */
void http_body_lost(struct oto_ctx *cx, struct http_body *b, uint64_t n);
void http_body_end(struct oto_ctx *cx, struct http_body *b);
/* The media type that the first bytes show, constant; NULL: none that is known. */
const char *http_body_type(const struct http_body *b);

#endif
