/* packet_ring.h - the latest packets: their bytes in a ring of bytes, and what is asked of each side by side in another, by its number.
 *
 * Owns both rings. Numbers count all packets ever kept and never come again. Keeping a packet is a copy: nothing allocates.
 */
#ifndef OTO_PACKET_RING_H
#define OTO_PACKET_RING_H

#include "base.h"
#include "packet.h"

enum { OTO_RING_SNAP = 65535 /* bytes kept of a packet */ };

/* Who speaks in a packet. OTO_SPEAKS_LOOK: others than its ends may be named in it, or nobody knows; only a look at its bytes tells. */
enum oto_speaks { OTO_SPEAKS_IPV4 = 1, OTO_SPEAKS_IPV6 = 2, OTO_SPEAKS_MAC = 4, OTO_SPEAKS_LOOK = 8 };

struct oto_kept {
	int64_t ts_ns;
	uint64_t position; /* of its bytes, among all ever kept */
	uint32_t link, caplen, len;
	uint32_t speaks;                     /* bits of enum oto_speaks */
	uint32_t src, dst, src_mac, dst_mac; /* the last four bytes of each, as they stand in it */
};

struct oto_packet_ring {
	uint8_t *bytes;
	uint64_t mask, end; /* mask: its size, a power of two, less one */
	struct oto_kept *kept;
	uint64_t kept_mask, next; /* number of the packet to come */
};

/* Rounded up to a power of two, and to room for some of the largest packets. */
void oto_ring_make(struct oto_packet_ring *r, uint64_t memory);
void oto_ring_free(struct oto_packet_ring *r);
/* What it was decoded to; NULL: it could not be. */
void oto_ring_keep(struct oto_packet_ring *r, const struct oto_packet *p, const struct oto_layers *l);
/* The last four bytes of an address, as they stand in packets; of one that is absent 0. */
uint32_t oto_ring_end(const struct oto_addr *a);

/* Is the packet of that number, less than next, still there? */
static inline bool oto_ring_has(const struct oto_packet_ring *r, uint64_t number)
{
	return r->next - number <= r->kept_mask + 1 && r->end - r->kept[number & r->kept_mask].position <= r->mask + 1;
}

static inline const struct oto_kept *oto_ring_at(const struct oto_packet_ring *r, uint64_t number)
{
	return &r->kept[number & r->kept_mask];
}

static inline const uint8_t *oto_ring_bytes(const struct oto_packet_ring *r, const struct oto_kept *k)
{
	return &r->bytes[k->position & r->mask];
}

#endif
