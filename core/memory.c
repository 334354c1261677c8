/* memory.c - keyed slots across flows. See memory.h. */
#include "memory.h"

#include <stdlib.h>

#define DEFAULT_BOUND 16384u
#define BUCKETS 4096u /* a power of two */

struct slot {
	struct slot *chain;
	struct slot *older, *newer; /* by last use */
	uint64_t hash;
	uint8_t bytes[] __attribute__((aligned(16)));
};

struct memory {
	struct memory *next;
	struct oto_memory spec;
	uint32_t count;
	struct slot *oldest, *newest;
	struct slot *bucket[BUCKETS];
};

struct oto_memories {
	struct oto_pool *pool;
	uint64_t seed, evicted;
	struct memory *first;
};

struct oto_memories *oto_memories_new(struct oto_pool *pool, uint64_t seed)
{
	struct oto_memories *ms = oto_calloc(1, sizeof *ms);

	*ms = (struct oto_memories){ .pool = pool, .seed = seed };
	return ms;
}

void oto_memories_free(struct oto_memories *ms)
{
	if (!ms)
		return;
	for (struct memory *m = ms->first, *next; m; m = next) {
		next = m->next;
		free(m); /* slots live in the pool */
	}
	free(ms);
}

uint64_t oto_memories_evicted(const struct oto_memories *ms)
{
	return ms->evicted;
}

uint64_t oto_scope_hash(uint64_t seed, enum oto_scope scope, const struct oto_head *h)
{
	uint64_t vlan = h->has_vlan ? h->vlan + 1u : 0;

	if (scope == OTO_SCOPE_SEGMENT)
		return oto_mix(seed, vlan);
	return oto_mix(vlan, oto_hash(seed, &h->orig_h, sizeof h->orig_h) + oto_hash(seed, &h->resp_h, sizeof h->resp_h));
}

static struct memory *memory_of(struct oto_memories *ms, const struct oto_memory *spec)
{
	if (!spec->name || !spec->self_size || !spec->size || spec->size > OTO_MEMORY_MAX)
		return NULL;
	for (struct memory *m = ms->first; m; m = m->next) {
		if (m->spec.name == spec->name || strcmp(m->spec.name, spec->name) == 0)
			return m->spec.size == spec->size ? m : NULL;
	}
	struct memory *m = oto_calloc(1, sizeof *m);
	memcpy(&m->spec, spec, spec->self_size < sizeof m->spec ? spec->self_size : sizeof m->spec);
	if (!m->spec.bound)
		m->spec.bound = DEFAULT_BOUND;
	m->next = ms->first;
	ms->first = m;
	return m;
}

static void unlink_use(struct memory *m, struct slot *s)
{
	*(s->older ? &s->older->newer : &m->oldest) = s->newer;
	*(s->newer ? &s->newer->older : &m->newest) = s->older;
}

static void used_now(struct memory *m, struct slot *s)
{
	s->newer = NULL;
	s->older = m->newest;
	*(m->newest ? &m->newest->newer : &m->oldest) = s;
	m->newest = s;
}

static void forget_oldest(struct oto_memories *ms, struct memory *m)
{
	struct slot *s = m->oldest, **link = &m->bucket[s->hash & (BUCKETS - 1)];

	while (*link != s)
		link = &(*link)->chain;
	*link = s->chain;
	unlink_use(m, s);
	oto_pool_put(ms->pool, s, sizeof *s + m->spec.size);
	m->count--;
	ms->evicted++;
}

void *oto_memories_slot(struct oto_memories *ms, const struct oto_memory *spec, const struct oto_head *head, uint64_t key, bool create)
{
	struct memory *m = memory_of(ms, spec);

	if (!m)
		return NULL;
	uint64_t hash = oto_mix(oto_scope_hash(ms->seed, m->spec.scope, head), key);
	struct slot **bucket = &m->bucket[hash & (BUCKETS - 1)], *s = *bucket;
	while (s && s->hash != hash)
		s = s->chain;
	if (s) {
		unlink_use(m, s);
		used_now(m, s);
		return s->bytes;
	}
	if (!create)
		return NULL;
	if (m->count == m->spec.bound)
		forget_oldest(ms, m);
	s = oto_pool_get(ms->pool, sizeof *s + m->spec.size);
	s->hash = hash;
	s->chain = *bucket;
	*bucket = s;
	used_now(m, s);
	m->count++;
	return s->bytes;
}
