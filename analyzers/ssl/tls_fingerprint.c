/* tls_fingerprint.c - see tls_fingerprint.h. Everything is fed into the hash as it is formatted; no text of unknown length is kept. */
#include <nettle/md5.h>
#include <nettle/sha2.h>

#include "tls_fingerprint.h"

static const char digits[] = "0123456789abcdef";

static uint32_t word_at(const struct oto_vec *v, uint32_t i)
{
	return v->kind == OTO_VEC_U8 ? v->data[i] : (uint32_t)(v->data[i * 2] << 8 | v->data[i * 2 + 1]);
}

static bool is_grease(const struct oto_vec *v, uint32_t i)
{
	return v->kind != OTO_VEC_U8 && tls_is_grease((uint16_t)word_at(v, i));
}

static struct oto_slice hex_of(struct oto_ctx *cx, const uint8_t *digest, uint32_t n)
{
	uint8_t *text = oto_scratch(cx, n * 2u);

	for (uint32_t i = 0; text && i < n; i++) {
		text[i * 2] = (uint8_t)digits[digest[i] >> 4];
		text[i * 2 + 1] = (uint8_t)digits[digest[i] & 15];
	}
	return (struct oto_slice){ text, text ? n * 2 : 0 };
}

/* ------------------------------------------------------------------------------------------------ JA3 */

static void put_number(struct md5_ctx *md5, uint32_t n)
{
	uint8_t text[12];
	uint32_t at = sizeof text;

	do
		text[--at] = (uint8_t)('0' + n % 10);
	while (n /= 10);
	md5_update(md5, sizeof text - at, &text[at]);
}

static void put_char(struct md5_ctx *md5, char c)
{
	md5_update(md5, 1, (const uint8_t *)&c);
}

/* The values without those of RFC 8701, hyphens between, behind a comma. */
static void put_list(struct md5_ctx *md5, const struct oto_vec *v)
{
	bool first = true;

	put_char(md5, ',');
	for (uint32_t i = 0; i < v->count; i++) {
		if (is_grease(v, i))
			continue;
		if (!first)
			put_char(md5, '-');
		first = false;
		put_number(md5, word_at(v, i));
	}
}

static struct oto_slice md5_text(struct oto_ctx *cx, struct md5_ctx *md5)
{
	uint8_t digest[MD5_DIGEST_SIZE];

	md5_digest(md5, sizeof digest, digest);
	return hex_of(cx, digest, sizeof digest);
}

static struct oto_slice ja3_of(struct oto_ctx *cx, const struct tls_hello *h)
{
	struct md5_ctx md5;

	md5_init(&md5);
	put_number(&md5, h->version);
	put_list(&md5, &h->ciphers);
	put_list(&md5, &h->extensions);
	put_list(&md5, &h->groups);
	put_list(&md5, &h->point_formats);
	return md5_text(cx, &md5);
}

static struct oto_slice ja3s_of(struct oto_ctx *cx, const struct tls_hello *h)
{
	struct md5_ctx md5;

	md5_init(&md5);
	put_number(&md5, h->version);
	put_char(&md5, ',');
	put_number(&md5, h->cipher);
	put_list(&md5, &h->extensions);
	return md5_text(cx, &md5);
}

/* ------------------------------------------------------------------------------------------------ JA4 */

enum { PART = 6, WORDS_MAX = 256 }; /* octets of a digest that are told; ciphers that are sorted */

struct words {
	uint32_t n;
	uint16_t value[WORDS_MAX];
};

static void add_sorted(struct words *w, uint16_t value)
{
	uint32_t at = w->n;

	if (w->n == WORDS_MAX)
		return;
	for (; at > 0 && w->value[at - 1] > value; at--)
		w->value[at] = w->value[at - 1];
	w->value[at] = value;
	w->n++;
}

static void put_hex(struct sha256_ctx *sha, char before, uint32_t value)
{
	const uint8_t text[] = { (uint8_t)before, (uint8_t)digits[value >> 12 & 15], (uint8_t)digits[value >> 8 & 15],
				 (uint8_t)digits[value >> 4 & 15], (uint8_t)digits[value & 15] };
	bool skip = !before;

	sha256_update(sha, sizeof text - skip, &text[skip]);
}

static void put_words(struct sha256_ctx *sha, const struct words *w)
{
	for (uint32_t i = 0; i < w->n; i++)
		put_hex(sha, i ? ',' : '\0', w->value[i]);
}

static struct oto_slice part_of(struct oto_ctx *cx, struct sha256_ctx *sha, bool empty)
{
	uint8_t digest[SHA256_DIGEST_SIZE];

	if (empty)
		return oto_slice_of("000000000000");
	sha256_digest(sha, sizeof digest, digest);
	return hex_of(cx, digest, PART);
}

static struct oto_slice cipher_part(struct oto_ctx *cx, const struct tls_hello *h, uint32_t *count)
{
	struct words *w = oto_scratch(cx, sizeof *w);
	struct sha256_ctx sha;

	sha256_init(&sha);
	for (uint32_t i = 0; w && i < h->ciphers.count; i++) {
		if (!is_grease(&h->ciphers, i))
			add_sorted(w, (uint16_t)word_at(&h->ciphers, i));
	}
	if (!w)
		return (struct oto_slice){ 0 };
	*count = w->n;
	put_words(&sha, w);
	return part_of(cx, &sha, !w->n);
}

/* Without the two that depend on where the client goes; behind them the signature algorithms in the order of the wire. */
static struct oto_slice extension_part(struct oto_ctx *cx, const struct tls_hello *h, uint32_t *count)
{
	struct words *w = oto_scratch(cx, sizeof *w);
	struct sha256_ctx sha;
	char before = '_';

	sha256_init(&sha);
	for (uint32_t i = 0; w && i < h->extensions.count; i++) {
		uint16_t type = (uint16_t)word_at(&h->extensions, i);
		if (tls_is_grease(type))
			continue;
		++*count;
		if (type != TLS_EXT_SERVER_NAME && type != TLS_EXT_ALPN)
			add_sorted(w, type);
	}
	if (!w)
		return (struct oto_slice){ 0 };
	put_words(&sha, w);
	for (uint32_t i = 0; i < h->signatures.count; i++) {
		if (is_grease(&h->signatures, i))
			continue;
		put_hex(&sha, before, word_at(&h->signatures, i));
		before = ',';
	}
	return part_of(cx, &sha, !w->n);
}

static const char *version_part(uint16_t version)
{
	switch (version) {
	case TLS_1_3:
		return "13";
	case TLS_1_2:
		return "12";
	case TLS_1_1:
		return "11";
	case TLS_1_0:
		return "10";
	case TLS_SSL3:
		return "s3";
	case TLS_SSL2:
		return "s2";
	case TLS_DTLS_1_0:
		return "d1";
	case TLS_DTLS_1_2:
		return "d2";
	case TLS_DTLS_1_3:
		return "d3";
	default:
		return "00";
	}
}

static bool is_alphanumeric(uint8_t c)
{
	return (c >= '0' && c <= '9') || (say_lower(c) >= 'a' && say_lower(c) <= 'z');
}

/* First and last character of the first protocol; of its hexadecimal form when one of them is neither letter nor digit. */
static void protocol_part(const struct tls_hello *h, char out[2])
{
	struct oto_slice p = tls_first_protocol(h);

	out[0] = out[1] = '0';
	if (!p.len)
		return;
	uint8_t first = p.data[0], last = p.data[p.len - 1];
	bool plain = is_alphanumeric(first) && is_alphanumeric(last);
	out[0] = plain ? (char)first : digits[first >> 4];
	out[1] = plain ? (char)last : digits[last & 15];
}

static unsigned at_most_99(uint32_t n)
{
	return n < 99 ? n : 99;
}

static struct oto_slice ja4_of(struct oto_ctx *cx, const struct tls_hello *h, char carrier)
{
	uint32_t ciphers = 0, extensions = 0;
	struct oto_slice b = cipher_part(cx, h, &ciphers), c = extension_part(cx, h, &extensions);
	char alpn[2];

	if (!b.len || !c.len)
		return (struct oto_slice){ 0 };
	protocol_part(h, alpn);
	return say_text(cx, TLS_JA4_LEN, "%c%s%c%02u%02u%c%c_%.12s_%.12s", carrier, version_part(tls_offered_version(h)),
			h->has_sni ? 'd' : 'i', at_most_99(ciphers), at_most_99(extensions), alpn[0], alpn[1], (const char *)b.data,
			(const char *)c.data);
}

void tls_fingerprint_client(struct oto_ctx *cx, struct tls_hello *h, char carrier)
{
	h->ja3 = ja3_of(cx, h);
	h->ja4 = ja4_of(cx, h, carrier);
}

void tls_fingerprint_server(struct oto_ctx *cx, struct tls_hello *h)
{
	h->ja3 = ja3s_of(cx, h);
}
