/* pool.c - freelists by size class. See pool.h. */
#include "pool.h"

#include <stdlib.h>

#define SLAB (256u * 1024u)
#define ALIGN ((size_t)16)

/* Class c holds 16, 32, 48, 64, 96, 128, 192, 256 ... bytes. */
static uint32_t class_of(size_t size, size_t *rounded)
{
	size_t step = ALIGN;

	for (uint32_t c = 0; c < OTO_POOL_CLASSES; c++) {
		if (size <= step) {
			*rounded = step;
			return c;
		}
		bool power = (step & (step - 1)) == 0;
		step = step == ALIGN ? 2 * ALIGN : power ? step + step / 2 : step / 3 * 4;
	}
	*rounded = size;
	return OTO_POOL_CLASSES;
}

static void *carve(struct oto_pool *p, size_t size)
{
	if ((size_t)(p->end - p->at) < size) {
		size_t bytes = size > SLAB / 4 ? size : SLAB;
		struct oto_pool_slab *slab = oto_calloc(1, ALIGN + bytes);
		slab->next = p->slabs;
		p->slabs = slab;
		p->bytes += ALIGN + bytes;
		if (bytes == size) /* a large item gets a slab of its own, the current one goes on */
			return (uint8_t *)slab + ALIGN;
		p->at = (uint8_t *)slab + ALIGN;
		p->end = p->at + bytes;
	}
	void *item = p->at;
	p->at += size;
	return item;
}

void *oto_pool_get(struct oto_pool *p, size_t size)
{
	size_t rounded;
	uint32_t c = class_of(size, &rounded);

	if (!OTO_CHECK(c < OTO_POOL_CLASSES))
		return NULL;
	p->used += rounded;
	struct oto_pool_item *item = p->free[c];
	if (!item)
		return carve(p, rounded); /* fresh slabs are zero */
	p->free[c] = item->next;
	return memset(item, 0, rounded);
}

void oto_pool_put(struct oto_pool *p, void *item, size_t size)
{
	size_t rounded;

	if (!item)
		return;
	uint32_t c = class_of(size, &rounded);
	struct oto_pool_item *head = item;
	head->next = p->free[c];
	p->free[c] = head;
	p->used -= rounded;
}

void oto_pool_free(struct oto_pool *p)
{
	for (struct oto_pool_slab *s = p->slabs, *next; s; s = next) {
		next = s->next;
		free(s);
	}
	*p = (struct oto_pool){ 0 };
}
