/* pool.c - freelists by size class. See pool.h. */
#include "pool.h"

#include <stdlib.h>

#define SLAB (256u * 1024u)
#define ALIGN ((size_t)16)

/* Class c holds 16, 32, 48, 64, 96, 128, 192, 256 ... bytes. */
static inline uint32_t class_of(size_t size, size_t *rounded)
{
	size_t units = (size + ALIGN - 1) / ALIGN;

	if (units <= 2) {
		*rounded = units <= 1 ? ALIGN : 2 * ALIGN;
		return units > 1;
	}
	uint32_t power = 63 - (uint32_t)__builtin_clzll(units - 1); /* 2^power < units <= 2^(power+1) */
	bool whole = units > (size_t)3 << (power - 1);
	uint32_t c = 2 * power + whole;
	*rounded = c >= OTO_POOL_CLASSES ? size : (whole ? (size_t)2 << power : (size_t)3 << (power - 1)) * ALIGN;
	return c < OTO_POOL_CLASSES ? c : OTO_POOL_CLASSES;
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

static inline void *take(struct oto_pool *p, size_t size, bool zero)
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
	return zero ? memset(item, 0, rounded) : item;
}

struct oto_pool_kind oto_pool_kind_of(size_t size)
{
	struct oto_pool_kind kind;

	kind.number = class_of(size, &kind.size);
	if (!OTO_CHECK(kind.number < OTO_POOL_CLASSES))
		kind.number = 0;
	return kind;
}

void *oto_pool_carve(struct oto_pool *p, struct oto_pool_kind kind)
{
	p->used += kind.size;
	return carve(p, kind.size);
}

void *oto_pool_get(struct oto_pool *p, size_t size)
{
	return take(p, size, true);
}

void *oto_pool_get_dirty(struct oto_pool *p, size_t size)
{
	return take(p, size, false);
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
