/* content.h - the content of a file or block that goes over in pieces, one way: how much was seen, and its SHA-256 when that was all of it
 * from the first byte to the last, in order. For what program.transfer tells. */
#ifndef OTO_ANALYZERS_CONTENT_H
#define OTO_ANALYZERS_CONTENT_H

#include <nettle/sha2.h>

#include "oto_plugin.h"

/* Zeroed at its start. */
struct content {
	bool seen;   /* a piece went over, maybe an empty one */
	bool broken; /* not seen from the first byte to the last in order */
	uint32_t size;
	struct sha256_ctx sha;
};

/* A piece that stands at `at` of the whole. What was seen before, or sent twice, does not count again. */
static inline void content_add(struct content *t, uint32_t at, struct oto_slice piece)
{
	struct oto_cur c = oto_cur_of(piece);

	if (!t->seen)
		sha256_init(&t->sha);
	t->seen = true;
	if (at > t->size)
		t->broken = true;
	else
		oto_skip(&c, t->size - at < piece.len ? t->size - at : piece.len);
	struct oto_slice more = oto_rest(&c);
	t->size += more.len;
	if (!t->broken && more.len)
		sha256_update(&t->sha, more.len, more.data);
}

/* Ends it: the hash in scratch memory, empty when some of it was not seen. */
static inline struct oto_slice content_digest(struct oto_ctx *cx, struct content *t)
{
	uint8_t *digest = t->broken || !t->size ? NULL : oto_scratch(cx, SHA256_DIGEST_SIZE);

	if (!digest)
		return (struct oto_slice){ 0 };
	sha256_digest(&t->sha, SHA256_DIGEST_SIZE, digest);
	return (struct oto_slice){ digest, SHA256_DIGEST_SIZE };
}

#endif
