/* memory.h - what one flow tells another: slots by (host pair or segment, key), bounded, the one unused for longest goes first.
 *
 * Owned by the analyzer stage, one table a struct oto_memory name. Knows heads and the pool; see oto_remember() in oto_plugin.h.
 */
#ifndef OTO_MEMORY_H
#define OTO_MEMORY_H

#include "pool.h"

struct oto_memories;

struct oto_memories *oto_memories_new(struct oto_pool *pool, uint64_t seed);
void oto_memories_free(struct oto_memories *ms);
/* The slot's bytes, or NULL when it is not there and `create` is false (or the declaration is out of its bounds). */
void *oto_memories_slot(struct oto_memories *ms, const struct oto_memory *spec, const struct oto_head *head, uint64_t key, bool create);
uint64_t oto_memories_evicted(const struct oto_memories *ms);
/* What a scope is called among others: the unordered host pair, or the segment; VLANs are told apart because hosts repeat in them. */
uint64_t oto_scope_hash(uint64_t seed, enum oto_scope scope, const struct oto_head *head);

#endif
