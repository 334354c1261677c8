/* expect.c - a set-associative table of announced endpoints. See expect.h. */
#include "expect.h"

#include <stdlib.h>

#define KEPT (300 * OTO_SECOND)
#define SETS 1024u /* a power of two */
#define WAYS 4u

struct oto_expected {
	uint64_t seed, evicted;
	uint32_t count; /* taken places, out of date ones included: mostly none, and then a new flow costs nothing */
	struct place {
		uint64_t hash;
		int64_t until_ns;
		void *who; /* NULL: free */
	} place[SETS][WAYS];
};

struct oto_expected *oto_expected_new(uint64_t seed)
{
	struct oto_expected *x = oto_calloc(1, sizeof *x);

	x->seed = seed;
	return x;
}

void oto_expected_free(struct oto_expected *x)
{
	free(x);
}

static uint64_t hash_of(const struct oto_expected *x, uint8_t transport, const struct oto_addr *host, uint16_t port)
{
	return oto_mix((uint64_t)transport << 16 | port, oto_hash(x->seed, host, sizeof *host));
}

void oto_expected_add(struct oto_expected *x, uint8_t transport, const struct oto_addr *host, uint16_t port, void *who, int64_t now_ns)
{
	uint64_t hash = hash_of(x, transport, host, port);
	struct place *set = x->place[hash & (SETS - 1)], *p = &set[0];

	/* its own place, else a free one, else the one that ends first */
	for (uint32_t i = 0; i < WAYS; i++) {
		if (set[i].who && set[i].hash == hash) {
			p = &set[i];
			break;
		}
		if (p->who && (!set[i].who || set[i].until_ns < p->until_ns))
			p = &set[i];
	}
	x->count += !p->who;
	x->evicted += p->who && p->hash != hash && p->until_ns >= now_ns;
	*p = (struct place){ hash, now_ns + KEPT, who };
}

void *oto_expected_take(struct oto_expected *x, uint8_t transport, const struct oto_addr *host, uint16_t port, int64_t now_ns)
{
	if (!x->count)
		return NULL;
	uint64_t hash = hash_of(x, transport, host, port);
	struct place *set = x->place[hash & (SETS - 1)];
	for (uint32_t i = 0; i < WAYS; i++) {
		if (!set[i].who || set[i].hash != hash)
			continue;
		void *who = set[i].until_ns >= now_ns ? set[i].who : NULL;
		set[i].who = NULL;
		x->count--;
		return who;
	}
	return NULL;
}

uint64_t oto_expected_evicted(const struct oto_expected *x)
{
	return x->evicted;
}
