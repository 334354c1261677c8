/* pool.h - memory for things that come and go with flows: freelists by size class over slabs that are never given back.
 *
 * In the steady state of a sensor nothing here calls malloc. Sizes are rounded up to powers of two and their halves ("1, 1.5, 2, 3, 4
 * ...").
 */
#ifndef OTO_POOL_H
#define OTO_POOL_H

#include "base.h"

#define OTO_POOL_CLASSES 40

struct oto_pool {
	struct oto_pool_item {
		struct oto_pool_item *next;
	} * free[OTO_POOL_CLASSES];
	struct oto_pool_slab {
		struct oto_pool_slab *next;
	} * slabs;
	uint8_t *at, *end;
	size_t bytes; /* taken from the system */
	size_t used;  /* handed out now */
};

void *oto_pool_get(struct oto_pool *p, size_t size);            /* zeroed, 16-byte aligned */
void *oto_pool_get_dirty(struct oto_pool *p, size_t size);      /* the same, not zeroed */
void oto_pool_put(struct oto_pool *p, void *item, size_t size); /* the size it was asked with; NULL is fine */
void oto_pool_free(struct oto_pool *p);

/* The same for who asks for one size over and over: its class is found once. */
struct oto_pool_kind {
	uint32_t number;
	size_t size; /* rounded up */
};
struct oto_pool_kind oto_pool_kind_of(size_t size);
void *oto_pool_carve(struct oto_pool *p, struct oto_pool_kind kind);

static inline void *oto_pool_take(struct oto_pool *p, struct oto_pool_kind kind) /* not zeroed */
{
	struct oto_pool_item *item = p->free[kind.number];

	if (!item)
		return oto_pool_carve(p, kind);
	p->free[kind.number] = item->next;
	p->used += kind.size;
	return item;
}

static inline void oto_pool_give(struct oto_pool *p, struct oto_pool_kind kind, void *taken)
{
	struct oto_pool_item *item = taken;

	item->next = p->free[kind.number];
	p->free[kind.number] = item;
	p->used -= kind.size;
}

#endif
