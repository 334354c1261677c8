/* slab.h - many items of one size, from large blocks that are never given back: no waste by rounding, and items that begin where cache
 * lines do.
 */
#ifndef OTO_SLAB_H
#define OTO_SLAB_H

#include "base.h"

struct oto_slab_item;
struct oto_slab_block;
struct oto_slab {
	size_t size; /* of an item: a multiple of 32 */
	struct oto_slab_item *free;
	struct oto_slab_block *blocks;
	uint64_t bytes; /* taken from the system */
};

void oto_slab_init(struct oto_slab *s, size_t size);
void *oto_slab_get(struct oto_slab *s); /* not zeroed */
void oto_slab_put(struct oto_slab *s, void *item);
void oto_slab_free(struct oto_slab *s);

#endif
