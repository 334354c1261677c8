/* packet_ring.h - the latest packets in a ring of bytes, found forwards from any of them and backwards from the newest.
 *
 * Owns the ring. Positions count all bytes ever written and never come again. Keeping a packet is a copy: nothing allocates.
 */
#ifndef OTO_PACKET_RING_H
#define OTO_PACKET_RING_H

#include "base.h"
#include "packet.h"

enum { OTO_RING_SNAP = 65535 /* bytes kept of a packet */ };
#define OTO_RING_PAD UINT32_MAX

/* A packet in the ring; its bytes follow. link OTO_RING_PAD: nothing, up to the ring's end, and only the first three members are there. */
struct oto_kept {
	uint32_t size, before; /* of this record and of the one before it, with all that belongs to them; 0: there is none */
	uint32_t link, caplen, len, unused;
	int64_t ts_ns;
};

struct oto_packet_ring {
	uint8_t *bytes;
	uint64_t mask; /* its size, a power of two, less one */
	uint64_t tail, end;
	uint32_t last; /* size of the newest record */
};

/* Rounded up to a power of two, and to room for some of the largest packets. */
void oto_ring_make(struct oto_packet_ring *r, uint64_t memory);
void oto_ring_free(struct oto_packet_ring *r);
void oto_ring_keep(struct oto_packet_ring *r, const struct oto_packet *p);

/* Position from tail to end, at the begin of a record. */
static inline struct oto_kept *oto_ring_at(const struct oto_packet_ring *r, uint64_t position)
{
	return (struct oto_kept *)(void *)&r->bytes[position & r->mask];
}

#endif
