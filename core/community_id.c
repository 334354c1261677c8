/* community_id.c - SHA-1 over the ordered tuple, in base64. See community_id.h. */
#include "community_id.h"

#include <nettle/base64.h>
#include <nettle/sha1.h>

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
	uint8_t family = f->side[OTO_ORIG].addr.family, block[64], digest[SHA1_DIGEST_SIZE];
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
	struct sha1_ctx sha;
	sha1_init(&sha);
	sha1_update(&sha, n, block);
	sha1_digest(&sha, sizeof digest, digest);
	memcpy(out, "1:", 2);
	base64_encode_raw(out + 2, sizeof digest, digest);
	out[OTO_COMMUNITY_ID_SIZE - 1] = '\0';
	return true;
}
