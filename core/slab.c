/* slab.c - a freelist over aligned blocks. See slab.h. */
#include "slab.h"

#include <stdlib.h>

#define LINE 64u
#define PER_BLOCK 256u

struct oto_slab_item {
	struct oto_slab_item *next;
};

struct oto_slab_block {
	struct oto_slab_block *next;
	uint8_t items[]; /* from the first line on */
};

void oto_slab_init(struct oto_slab *s, size_t size)
{
	*s = (struct oto_slab){ .size = (size + 31) / 32 * 32 };
}

static void refill(struct oto_slab *s)
{
	size_t bytes = sizeof(struct oto_slab_block) + LINE + PER_BLOCK * s->size;
	struct oto_slab_block *b = oto_calloc(1, bytes);
	uint8_t *first = b->items + (LINE - (uintptr_t)b->items % LINE) % LINE;

	b->next = s->blocks;
	s->blocks = b;
	s->bytes += bytes;
	for (uint32_t i = PER_BLOCK; i-- > 0;)
		oto_slab_put(s, first + i * s->size);
}

void *oto_slab_get(struct oto_slab *s)
{
	if (!s->free)
		refill(s);
	struct oto_slab_item *item = s->free;
	s->free = item->next;
	return item;
}

void oto_slab_put(struct oto_slab *s, void *item)
{
	struct oto_slab_item *free_item = item;

	free_item->next = s->free;
	s->free = free_item;
}

void oto_slab_free(struct oto_slab *s)
{
	for (struct oto_slab_block *b = s->blocks, *next; b; b = next) {
		next = b->next;
		free(b);
	}
	*s = (struct oto_slab){ 0 };
}
