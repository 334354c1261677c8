/* packet_ring.c - see packet_ring.h. A record is never cut in two: what is left of the ring before a record that does not fit is a pad. */
#include "packet_ring.h"

#include <stdlib.h>

enum { ALIGN = 16, LEAST = 1 << 19, LINE = 64, AHEAD = 1024 };

void oto_ring_make(struct oto_packet_ring *r, uint64_t memory)
{
	uint64_t size = LEAST;

	while (size < memory && size < UINT64_C(1) << 40)
		size *= 2;
	*r = (struct oto_packet_ring){ .bytes = oto_calloc(1, size), .mask = size - 1 };
}

void oto_ring_free(struct oto_packet_ring *r)
{
	free(r->bytes);
	r->bytes = NULL;
}

static struct oto_kept *put(struct oto_packet_ring *r, uint32_t size, uint32_t link)
{
	while (r->end + size - r->tail > r->mask + 1)
		r->tail += oto_ring_at(r, r->tail)->size;
	struct oto_kept *k = oto_ring_at(r, r->end);
	k->size = size;
	k->before = r->last;
	k->link = link;
	r->end += size;
	r->last = size;
	return k;
}

void oto_ring_keep(struct oto_packet_ring *r, const struct oto_packet *p)
{
	uint32_t caplen = p->caplen < OTO_RING_SNAP ? p->caplen : OTO_RING_SNAP;
	uint32_t need = ((uint32_t)sizeof(struct oto_kept) + caplen + ALIGN - 1) & ~(uint32_t)(ALIGN - 1);
	uint64_t left = r->mask + 1 - (r->end & r->mask);

	if (left < need)
		put(r, (uint32_t)left, OTO_RING_PAD);
	struct oto_kept *k = put(r, need, p->link);
	k->caplen = caplen;
	k->len = p->len;
	k->ts_ns = p->ts_ns;
	memcpy(k + 1, p->data, caplen);
	/* The ring is larger than the caches: what the next packets are written over is on its way before they come. */
	for (uint32_t line = 0; line < need; line += LINE)
		__builtin_prefetch(&r->bytes[(r->end + AHEAD + line) & r->mask], 1);
}
