/* log_text.h - texts of which there are few (names of services, values, protocols), each distinct one kept once: equal texts are equal
 * pointers, so that a key holds and compares a word instead of the text.
 *
 * The program's own literals are known by where they stand, without a look at their bytes; any other text is copied once. Owned by one
 * aggregate. Knows nothing of events.
 */
#ifndef OTO_LOG_TEXT_H
#define OTO_LOG_TEXT_H

#include "base.h"

#define OTO_TEXTS_SEEN 256u

struct oto_texts {
	struct oto_text_seen {
		const char *at, *text; /* a literal, and what is kept for its content */
	} seen[OTO_TEXTS_SEEN];
	const char **texts; /* by content; a power of two, at most half full */
	uint32_t ntexts, mask;
	uint64_t seed;
	size_t bytes; /* of copies */
	struct oto_arena copies;
};

void oto_texts_init(struct oto_texts *t, uint64_t seed);
void oto_texts_free(struct oto_texts *t);
/* Forget the copies; what was told lives until then. */
void oto_texts_reset(struct oto_texts *t);
const char *oto_texts_find(struct oto_texts *t, const char *text);

static inline struct oto_text_seen *oto_texts_seen(struct oto_texts *t, const char *text)
{
	return &t->seen[((uintptr_t)text ^ (uintptr_t)text >> 8) % OTO_TEXTS_SEEN];
}

static inline const char *oto_texts_keep(struct oto_texts *t, const char *text)
{
	const struct oto_text_seen *seen = oto_texts_seen(t, text);

	return __builtin_expect(seen->at == text, 1) ? seen->text : oto_texts_find(t, text);
}

#endif
