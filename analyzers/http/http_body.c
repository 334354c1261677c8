/* http_body.c - see http_body.h. */
#include "http_body.h"

#include <zlib.h>

#include "../media.h"

enum { OUTPUT = 4096, GZIP_OR_ZLIB = 15 + 32, RAW_DEFLATE = -15 };
#define CONTENT_MAX (UINT64_C(64) << 20) /* a small message may say that it is a large one */

struct decompressor {
	z_stream z;
	uint8_t head[2], nhead;
	bool done;
};

/* ------------------------------------------------------------------------------------------------ zlib over the flow's memory */

static voidpf hold(voidpf cx, uInt items, uInt size)
{
	return (uint64_t)items * size > UINT32_MAX ? NULL : oto_hold(cx, items * size);
}

static void let_go(voidpf cx, voidpf at)
{
	oto_let_go(cx, at);
}

static void count(struct http_body *b, const uint8_t *bytes, uint32_t n)
{
	uint32_t room = HTTP_SNIFF - b->sniffed, taken = n < room ? n : room;

	memcpy(&b->sniff[b->sniffed], bytes, taken);
	b->sniffed = (uint16_t)(b->sniffed + taken);
	b->length += n;
}

void http_body_end(struct oto_ctx *cx, struct http_body *b)
{
	struct decompressor *d = b->decompressor;

	if (!d)
		return;
	d->z.opaque = cx;
	inflateEnd(&d->z);
	oto_let_go(cx, d);
	b->decompressor = NULL;
}

void http_body_begin(struct oto_ctx *cx, struct http_body *b, struct oto_slice encoding)
{
	http_body_end(cx, b);
	b->length = 0;
	b->sniffed = 0;
	if (!say_is(encoding, "gzip") && !say_is(encoding, "x-gzip") && !say_is(encoding, "deflate"))
		return;
	struct decompressor *d = oto_hold(cx, sizeof *d);
	if (!d)
		return;
	d->z = (z_stream){ .zalloc = hold, .zfree = let_go, .opaque = cx };
	if (inflateInit2(&d->z, GZIP_OR_ZLIB) == Z_OK)
		b->decompressor = d;
	else
		oto_let_go(cx, d);
}

static void inflate_all(struct http_body *b, struct decompressor *d, struct oto_slice bytes)
{
	uint8_t out[OUTPUT];

	d->z.next_in = (Bytef *)(uintptr_t)bytes.data;
	d->z.avail_in = bytes.len;
	while (!d->done && b->length < CONTENT_MAX) {
		d->z.next_out = out;
		d->z.avail_out = OUTPUT;
		int code = inflate(&d->z, Z_SYNC_FLUSH);
		count(b, out, OUTPUT - d->z.avail_out);
		if (code == Z_BUF_ERROR || (code == Z_OK && d->z.avail_out && !d->z.avail_in))
			return;
		d->done = code != Z_OK;
	}
}

/* "deflate" should be zlib's format, and is often without its header (RFC 9110 8.4.1.2): two bytes tell (RFC 1950 2.2, RFC 1952 2.3.1). */
static bool has_header(const uint8_t head[2])
{
	bool zlib = (head[0] & 15) == Z_DEFLATED && (head[0] << 8 | head[1]) % 31 == 0;

	return zlib || (head[0] == 0x1f && head[1] == 0x8b);
}

static void decompress(struct http_body *b, struct decompressor *d, struct oto_slice bytes)
{
	bool begins = d->nhead < sizeof d->head;

	while (d->nhead < sizeof d->head && bytes.len) {
		d->head[d->nhead++] = bytes.data[0];
		bytes = say_from(bytes, 1);
	}
	if (d->nhead < sizeof d->head)
		return;
	if (begins) {
		if (!has_header(d->head))
			inflateReset2(&d->z, RAW_DEFLATE);
		inflate_all(b, d, (struct oto_slice){ d->head, sizeof d->head });
	}
	inflate_all(b, d, bytes);
}

void http_body_bytes(struct oto_ctx *cx, struct http_body *b, struct oto_slice bytes)
{
	struct decompressor *d = b->decompressor;

	if (!d) {
		count(b, bytes.data, bytes.len);
		return;
	}
	d->z.opaque = cx;
	decompress(b, d, bytes);
}

void http_body_lost(struct oto_ctx *cx, struct http_body *b, uint64_t n)
{
	struct decompressor *d = b->decompressor;

	(void)cx;
	if (d)
		d->done = true;
	b->length += n;
}

const char *http_body_type(const struct http_body *b)
{
	return media_type((struct oto_slice){ b->sniff, b->sniffed });
}
