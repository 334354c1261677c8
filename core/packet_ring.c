/* packet_ring.c - see packet_ring.h. The bytes of a packet are never cut in two: where the ring's end is too near they begin anew. */
#include "packet_ring.h"

#include <stdlib.h>

enum { ALIGN = 16, LEAST = 1 << 19, SMALL = 128 /* bytes: of packets smaller than that fewer are kept than there is room for */ };
enum { LINE = 64, AHEAD = 1024 };

void oto_ring_make(struct oto_packet_ring *r, uint64_t memory)
{
	uint64_t size = LEAST;

	while (size < memory && size < UINT64_C(1) << 40)
		size *= 2;
	*r = (struct oto_packet_ring){ .bytes = oto_calloc(1, size), .mask = size - 1, .kept_mask = size / SMALL - 1 };
	r->kept = oto_calloc(size / SMALL, sizeof *r->kept);
}

void oto_ring_free(struct oto_packet_ring *r)
{
	free(r->bytes);
	free(r->kept);
	r->bytes = NULL;
	r->kept = NULL;
}

/* The last four of so many bytes. */
static inline uint32_t last_four(const uint8_t *byte, uint32_t bytes)
{
	uint32_t end;

	memcpy(&end, byte + bytes - sizeof end, sizeof end);
	return end;
}

uint32_t oto_ring_end(const struct oto_addr *a)
{
	return last_four(a->byte, a->family == OTO_FAMILY_IPV4 ? 4 : a->family == OTO_FAMILY_MAC ? 6 : 16);
}

enum { ARP = 0x0806 };

/* ARP names hosts that its frames are not addressed to, and what is packed into others its own. */
static void note_ends(struct oto_kept *k, const struct oto_layers *l)
{
	if (!l || l->inner_tunnel != OTO_TUNNEL_NONE || l->fragment || l->reassembled || l->ethertype == ARP) {
		k->speaks = OTO_SPEAKS_LOOK;
		return;
	}
	if (l->has_mac) {
		k->speaks |= OTO_SPEAKS_MAC;
		k->src_mac = last_four(l->src_mac.byte, sizeof l->src_mac.byte);
		k->dst_mac = last_four(l->dst_mac.byte, sizeof l->dst_mac.byte);
	}
	if (l->has_ip) {
		bool is_v4 = l->src.family == OTO_FAMILY_IPV4;
		k->speaks |= is_v4 ? OTO_SPEAKS_IPV4 : OTO_SPEAKS_IPV6;
		k->src = last_four(l->src.byte, is_v4 ? 4 : 16);
		k->dst = last_four(l->dst.byte, is_v4 ? 4 : 16);
	}
}

/* Where so many bytes go. */
static uint64_t place(struct oto_packet_ring *r, uint32_t caplen)
{
	uint64_t need = (caplen + ALIGN - 1) & ~(uint64_t)(ALIGN - 1), left = r->mask + 1 - (r->end & r->mask);
	uint64_t at = left < need ? r->end + left : r->end;

	r->end = at + need;
	return at;
}

void oto_ring_keep(struct oto_packet_ring *r, const struct oto_packet *p, const struct oto_layers *l)
{
	uint32_t caplen = p->caplen < OTO_RING_SNAP ? p->caplen : OTO_RING_SNAP;
	uint64_t at = place(r, caplen);
	struct oto_kept *k = &r->kept[r->next++ & r->kept_mask];

	*k = (struct oto_kept){ .ts_ns = p->ts_ns, .position = at, .link = p->link, .caplen = caplen, .len = p->len };
	note_ends(k, l);
	memcpy(&r->bytes[at & r->mask], p->data, caplen);
	/* The ring is larger than the caches: what the next packets are written over is on its way before they come. */
	for (uint32_t line = 0; line < caplen; line += LINE)
		__builtin_prefetch(&r->bytes[(r->end + AHEAD + line) & r->mask], 1);
}
