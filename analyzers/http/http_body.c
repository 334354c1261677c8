/* http_body.c - see http_body.h. */
#include "http_body.h"

#include <zlib.h>

#include "../say.h"

enum { OUTPUT = 4096, GZIP_OR_ZLIB = 15 + 32, RAW_DEFLATE = -15 };
#define CONTENT_MAX (UINT64_C(64) << 20) /* a small message may say that it is a large one */

struct decompressor {
	z_stream z;
	bool begun, raw, done;
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

/* "deflate" should be zlib's format, and is often without its header (RFC 9110 8.4.1.2). */
static bool without_header(struct decompressor *d)
{
	if (d->begun || d->raw)
		return false;
	d->raw = true;
	return inflateReset2(&d->z, RAW_DEFLATE) == Z_OK;
}

static void decompress(struct http_body *b, struct decompressor *d, struct oto_slice bytes)
{
	uint8_t out[OUTPUT];

	d->z.next_in = (Bytef *)(uintptr_t)bytes.data;
	d->z.avail_in = bytes.len;
	while (!d->done && b->length < CONTENT_MAX) {
		d->z.next_out = out;
		d->z.avail_out = OUTPUT;
		int code = inflate(&d->z, Z_SYNC_FLUSH);
		if (code == Z_DATA_ERROR && without_header(d)) {
			d->z.next_in = (Bytef *)(uintptr_t)bytes.data;
			d->z.avail_in = bytes.len;
			continue;
		}
		d->begun |= d->z.total_out > 0;
		count(b, out, OUTPUT - d->z.avail_out);
		d->done = code != Z_OK;
		if (code == Z_BUF_ERROR || (code == Z_OK && d->z.avail_out && !d->z.avail_in)) {
			d->done = false;
			return;
		}
	}
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

/* ------------------------------------------------------------------------------------------------ what it is */

struct magic {
	const char *bytes;
	uint8_t n, offset;
	const char *type;
};
#define MAGIC(text, type_)                                                                                                                 \
	{                                                                                                                                  \
		text, sizeof(text) - 1, 0, type_                                                                                           \
	}
static const struct magic magics[] = {
	MAGIC("\xff\xd8\xff", "image/jpeg"),
	MAGIC("\x89PNG\r\n\x1a\n", "image/png"),
	MAGIC("GIF8", "image/gif"),
	MAGIC("BM", "image/x-ms-bmp"),
	MAGIC("\0\0\1\0", "image/x-icon"),
	MAGIC("RIFF", "image/webp"),
	MAGIC("II*\0", "image/tiff"),
	MAGIC("MM\0*", "image/tiff"),
	MAGIC("%PDF-", "application/pdf"),
	MAGIC("%!PS", "application/postscript"),
	MAGIC("PK\3\4", "application/zip"),
	MAGIC("\x1f\x8b", "application/x-gzip"),
	MAGIC("BZh", "application/x-bzip2"),
	MAGIC("7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
	MAGIC("Rar!", "application/x-rar"),
	MAGIC("MSCF", "application/vnd.ms-cab-compressed"),
	MAGIC("MZ", "application/x-dosexec"),
	MAGIC("\x7f"
	      "ELF",
	      "application/x-executable"),
	MAGIC("\xd0\xcf\x11\xe0", "application/msword"),
	MAGIC("{\\rtf", "text/rtf"),
	MAGIC("FWS", "application/x-shockwave-flash"),
	MAGIC("CWS", "application/x-shockwave-flash"),
	MAGIC("\xca\xfe\xba\xbe", "application/x-java-applet"),
	MAGIC("wOFF", "application/font-woff"),
	MAGIC("OggS", "application/ogg"),
	MAGIC("ID3", "audio/mpeg"),
	MAGIC("\x1a\x45\xdf\xa3", "video/webm"),
	MAGIC("FLV", "video/x-flv"),
	{ "ftyp", 4, 4, "video/mp4" },
};

static bool is_text(struct oto_slice s)
{
	enum { ENOUGH = 10 };

	for (uint32_t i = 0; i < ENOUGH; i++) {
		if (i >= s.len || !((s.data[i] >= ' ' && s.data[i] < 0x7f) || (s.data[i] >= '\t' && s.data[i] <= '\r')))
			return false;
	}
	return true;
}

static struct oto_slice behind_blanks(struct oto_slice s)
{
	while (s.len && (s.data[0] == ' ' || (s.data[0] >= '\t' && s.data[0] <= '\r')))
		s = say_from(s, 1);
	return s;
}

/* Offset behind the text, or 0 when it is not there. */
static uint32_t behind(struct oto_slice s, const char *text)
{
	for (uint32_t i = 0; i < s.len; i++) {
		if (say_begins(say_from(s, i), text))
			return i + (uint32_t)strlen(text);
	}
	return 0;
}

/* Blanks and comments of markup. */
static struct oto_slice behind_comments(struct oto_slice s)
{
	for (s = behind_blanks(s); say_begins(s, "<!--"); s = behind_blanks(s)) {
		uint32_t end = behind(s, "-->");
		if (!end)
			break;
		s = say_from(s, end);
	}
	return s;
}

static const char *type_of_markup(struct oto_slice s)
{
	static const struct {
		const char *begins, *type;
	} elements[] = {
		{ "<!doctype html", "text/html" },
		{ "<html", "text/html" },
		{ "<head", "text/html" },
		{ "<title", "text/html" },
		{ "<body", "text/html" },
		{ "<soap-env:envelope", "application/soap+xml" },
		{ "<rss", "text/rss" },
		{ "<script", "application/javascript" },
	};
	bool xml = say_begins(s, "<?xml ");
	struct oto_slice element = xml ? behind_comments(say_from(s, behind(s, "?>"))) : s;

	for (size_t i = 0; i < sizeof elements / sizeof *elements; i++) {
		if (say_begins(element, elements[i].begins))
			return elements[i].type;
	}
	return xml ? "application/xml" : NULL;
}

/* An object whose first member is named, in quotes or, as scripts write it, without. */
static bool is_json(struct oto_slice s)
{
	uint32_t n = 0;

	if (!s.len || s.data[0] != '{')
		return false;
	s = behind_blanks(say_from(s, 1));
	if (s.len && s.data[0] == '"')
		return true;
	while (n < s.len && say_lower(s.data[n]) >= 'a' && say_lower(s.data[n]) <= 'z')
		n++;
	return n && n < s.len && s.data[n] == ':';
}

const char *http_body_type(const struct http_body *b)
{
	static const char mark[] = "\xef\xbb\xbf";
	struct oto_slice s = { b->sniff, b->sniffed };

	for (size_t i = 0; i < sizeof magics / sizeof *magics; i++) {
		const struct magic *m = &magics[i];
		if (s.len >= m->offset + m->n && memcmp(&s.data[m->offset], m->bytes, m->n) == 0)
			return m->type;
	}
	if (s.len >= 3 && memcmp(s.data, mark, 3) == 0)
		s = say_from(s, 3);
	const char *markup = type_of_markup(behind_comments(s));
	if (markup)
		return markup;
	if (is_json(behind_blanks(s)))
		return "text/json";
	if (say_begins(behind_blanks(s), "document.write"))
		return "application/javascript";
	return is_text(s) ? "text/plain" : NULL;
}
