/* log_text.c - distinct texts, each kept once. See log_text.h. */
#include "log_text.h"

#include <stdlib.h>

#define FIRST_TEXTS 64u

void oto_texts_init(struct oto_texts *t, uint64_t seed)
{
	*t = (struct oto_texts){ .seed = seed, .mask = FIRST_TEXTS - 1 };
	t->texts = oto_calloc(FIRST_TEXTS, sizeof *t->texts);
}

void oto_texts_free(struct oto_texts *t)
{
	free(t->texts);
	oto_arena_free(&t->copies);
}

void oto_texts_reset(struct oto_texts *t)
{
	if (!t->bytes)
		return;
	memset(t->seen, 0, sizeof t->seen);
	memset(t->texts, 0, ((size_t)t->mask + 1) * sizeof *t->texts);
	t->ntexts = 0;
	t->bytes = 0;
	oto_arena_reset(&t->copies);
}

/* Where a text of this content stands, or is to stand. */
static const char **place_of(const struct oto_texts *t, const char *text, size_t len)
{
	uint32_t at = (uint32_t)oto_hash(t->seed, text, len) & t->mask;

	while (t->texts[at] && strcmp(t->texts[at], text) != 0)
		at = (at + 1) & t->mask;
	return &t->texts[at];
}

static void grow(struct oto_texts *t)
{
	struct oto_texts old = *t;

	t->mask = t->mask * 2 + 1;
	t->texts = oto_calloc((size_t)t->mask + 1, sizeof *t->texts);
	for (uint32_t i = 0; i <= old.mask; i++) {
		if (old.texts[i])
			*place_of(t, old.texts[i], strlen(old.texts[i])) = old.texts[i];
	}
	free(old.texts);
}

const char *oto_texts_find(struct oto_texts *t, const char *text)
{
	size_t len = strlen(text);
	bool literal = oto_is_literal(text);

	if (t->ntexts > t->mask / 2)
		grow(t);
	const char **place = place_of(t, text, len);
	if (!*place) {
		t->ntexts++;
		*place = literal ? text : memcpy(oto_arena_get(&t->copies, len + 1), text, len + 1);
		t->bytes += literal ? 0 : len + 1;
	}
	if (literal)
		*oto_texts_seen(t, text) = (struct oto_text_seen){ text, *place };
	return *place;
}
