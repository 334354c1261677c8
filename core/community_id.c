/* community_id.c - SHA-1 (FIPS 180-4) over the ordered tuple, in base64 (RFC 4648). See community_id.h.
 *
 * One block is enough: two IPv6 addresses, the seed, the protocol and the ports are 40 bytes.
 */
#include "community_id.h"

static uint32_t rotate(uint32_t v, int n)
{
	return v << n | v >> (32 - n);
}

static void sha1_block(const uint8_t block[64], uint8_t digest[20])
{
	uint32_t h[5] = { 0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0 }, w[80];
	uint32_t a = h[0], b = h[1], c = h[2], d = h[3], e = h[4];

	for (int i = 0; i < 16; i++)
		w[i] = (uint32_t)block[4 * i] << 24 | (uint32_t)block[4 * i + 1] << 16 | (uint32_t)block[4 * i + 2] << 8 | block[4 * i + 3];
	for (int i = 16; i < 80; i++)
		w[i] = rotate(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
	for (int i = 0; i < 80; i++) {
		uint32_t f = i < 20 ? (b & c) | (~b & d) : i < 40 || i >= 60 ? b ^ c ^ d : (b & c) | (b & d) | (c & d);
		uint32_t k = i < 20 ? 0x5a827999 : i < 40 ? 0x6ed9eba1 : i < 60 ? 0x8f1bbcdc : 0xca62c1d6;
		uint32_t next = rotate(a, 5) + f + e + k + w[i];
		e = d;
		d = c;
		c = rotate(b, 30);
		b = a;
		a = next;
	}
	const uint32_t sum[5] = { h[0] + a, h[1] + b, h[2] + c, h[3] + d, h[4] + e };
	for (int i = 0; i < 20; i++)
		digest[i] = (uint8_t)(sum[i / 4] >> (24 - 8 * (i % 4)));
}

static void base64(const uint8_t *data, size_t len, char *out)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

	for (size_t i = 0; i < len; i += 3) {
		uint32_t v = (uint32_t)data[i] << 16 | (i + 1 < len ? (uint32_t)data[i + 1] << 8 : 0) | (i + 2 < len ? data[i + 2] : 0u);
		*out++ = digits[v >> 18];
		*out++ = digits[v >> 12 & 63];
		*out++ = i + 1 < len ? digits[v >> 6 & 63] : '=';
		*out++ = i + 2 < len ? digits[v & 63] : '=';
	}
	*out = '\0';
}

static size_t put(uint8_t *block, size_t at, const void *data, size_t len)
{
	memcpy(block + at, data, len);
	return at + len;
}

static size_t put16(uint8_t *block, size_t at, uint16_t v)
{
	return put(block, at, (uint8_t[]){ (uint8_t)(v >> 8), (uint8_t)v }, 2);
}

/* The smaller endpoint first, unless the answer would be another flow. */
static bool in_order(const struct oto_flow *f, size_t size)
{
	const struct oto_flow_side *a = &f->side[OTO_ORIG], *b = &f->side[OTO_RESP];
	int order = memcmp(a->addr.byte, b->addr.byte, size);

	return f->one_way || order < 0 || (order == 0 && a->port <= b->port);
}

bool oto_community_id(const struct oto_flow *f, uint16_t seed, char out[OTO_COMMUNITY_ID_SIZE])
{
	uint8_t family = f->side[OTO_ORIG].addr.family, block[64] = { 0 }, digest[20];
	size_t size = family == OTO_FAMILY_IPV4 ? 4 : 16, n = 0;

	if (family != OTO_FAMILY_IPV4 && family != OTO_FAMILY_IPV6)
		return false;
	enum oto_dir first = in_order(f, size) ? OTO_ORIG : OTO_RESP;
	n = put16(block, n, seed);
	n = put(block, n, f->side[first].addr.byte, size);
	n = put(block, n, f->side[!first].addr.byte, size);
	n = put16(block, n, (uint16_t)(f->ip_proto << 8));
	if (f->transport != OTO_IP) {
		n = put16(block, n, f->side[first].port);
		n = put16(block, n, f->side[!first].port);
	}
	block[n] = 0x80;
	block[62] = (uint8_t)(n * 8 >> 8);
	block[63] = (uint8_t)(n * 8);
	sha1_block(block, digest);
	memcpy(out, "1:", 3);
	base64(digest, sizeof digest, out + 2);
	return true;
}
