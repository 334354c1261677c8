/* fragment.h - putting IP datagrams together again (RFC 791 3.2, RFC 8200 4.5), bounded in number, size and time.
 *
 * Owns the buffers of unfinished datagrams and, until the next packet, of finished ones. The first byte to arrive at a place wins, so that
 * a later fragment cannot rewrite what an earlier one said. Knows addresses and offsets, nothing of what is in them.
 */
#ifndef OTO_FRAGMENT_H
#define OTO_FRAGMENT_H

#include "base.h"

struct oto_fragments;

struct oto_fragment {
	struct oto_addr src, dst;
	uint32_t id;
	uint8_t proto; /* IPv4: part of the key. IPv6: the next header after the fragment header */
	uint8_t depth; /* of tunnels: part of the key */
	bool more;
	uint32_t offset;     /* in bytes */
	uint32_t header_len; /* of the IP header with all that is in front of the data */
	struct oto_slice data;
	int64_t ts_ns;
};

struct oto_datagram {
	struct oto_slice data;
	uint32_t header_len; /* of its first fragment */
	uint8_t proto;
};

struct oto_fragments *oto_fragments_new(uint32_t max, int64_t timeout_ns);
void oto_fragments_free(struct oto_fragments *fs);
/* Take a fragment. True: it was the last one missing, *whole is the datagram and lives until oto_fragments_next_packet. *weird is set to a
 * constant name when something is wrong ("fragment_overlap", "fragment_size_inconsistent", "fragment_bad_length", "fragment_too_large"),
 * otherwise NULL. */
bool oto_fragments_add(struct oto_fragments *fs, const struct oto_fragment *f, struct oto_datagram *whole, const char **weird);
/* Give back the buffers of finished datagrams. */
void oto_fragments_next_packet(struct oto_fragments *fs);
/* Unfinished datagrams given up for age or number. */
uint64_t oto_fragments_dropped(const struct oto_fragments *fs);

#endif
