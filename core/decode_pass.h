/* decode_pass.h - what the files of decode share: one pass over one frame, and the decoder's own state. Private to core/decode*.c.
 *
 * A pass looks at [at, at + cap): the captured bytes of the innermost header found so far. `wire` is how many there were on the wire, never
 * less than cap: lengths in headers are judged against it, reads against cap.
 */
#ifndef OTO_DECODE_PASS_H
#define OTO_DECODE_PASS_H

#include "decode.h"
#include "fragment.h"

struct oto_decoder {
	struct oto_decode_options options;
	struct oto_fragments *fragments;
	struct oto_decode_stats stats;
};

struct oto_pass {
	struct oto_decoder *d;
	struct oto_layers *l;
	const uint8_t *at;
	uint32_t cap, wire;
};

static inline uint16_t oto_get16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

static inline uint32_t oto_get32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static inline void oto_pass_skip(struct oto_pass *p, uint32_t n)
{
	p->at += n;
	p->cap -= n;
	p->wire -= n;
}

/* Forget what lies beyond n bytes: padding, a trailer. */
static inline void oto_pass_trim(struct oto_pass *p, uint32_t n)
{
	if (p->wire > n)
		p->wire = n;
	if (p->cap > n)
		p->cap = n;
}

/* Always false, so that a decoder can `return` it. */
bool oto_pass_weird(struct oto_pass *p, const char *name);
bool oto_pass_cut(struct oto_pass *p, uint32_t n); /* of oto_pass_need() */
/* A header of n bytes is there; otherwise a weird, "truncated_header" or, if the snap length took it, just a count. */
static inline bool oto_pass_need(struct oto_pass *p, uint32_t n)
{
	return __builtin_expect(p->cap >= n, 1) || oto_pass_cut(p, n);
}

/* What each file offers to the others. At: the header they are named for. */
bool oto_decode_ethertype(struct oto_pass *p, uint16_t type);
bool oto_decode_ip(struct oto_pass *p);
/* Strip a PPP header: the EtherType that its protocol number corresponds to, 0 for one that is not IP. */
uint16_t oto_decode_ppp(struct oto_pass *p);
/* Strip MPLS labels: OTO_LINK_IP or OTO_LINK_ETHERNET (a pseudowire), 0 when neither follows. */
uint32_t oto_decode_mpls(struct oto_pass *p);

/* Whether an Ethernet frame may begin here, where nothing says so. */
bool oto_decode_is_frame(const uint8_t *frame, uint32_t cap);
/* A frame of IEEE 802.11, behind the header of the radio that `frame` says. */
bool oto_decode_wifi(struct oto_pass *p, enum oto_frame frame);

/* Tunnels: set the layers' inner when these bytes carry a frame or packet. */
void oto_decode_inner_set(struct oto_pass *p, enum oto_tunnel tunnel, enum oto_link link);
void oto_decode_gre(struct oto_pass *p);
void oto_decode_etherip(struct oto_pass *p);
void oto_decode_l2tp3(struct oto_pass *p);
void oto_decode_mpls_in_ip(struct oto_pass *p);
void oto_decode_udp_tunnel(struct oto_pass *p);

/* Sums of RFC 1071 in the host's byte order, still to be folded: words of any width give the same as long as no carry is lost. */
static inline uint64_t oto_sum_add(uint64_t a, uint64_t b)
{
	a += b;
	return a + (a < b);
}

static inline uint64_t oto_sum_word(const uint8_t *at)
{
	uint64_t word;

	memcpy(&word, at, sizeof word);
	return word;
}

/* Of at least 8 bytes. The last ones are what is left of the last word when those summed before are shifted out of it. */
static inline uint64_t oto_sum(const uint8_t *data, size_t n)
{
	const uint8_t *quarters = data + (n & ~(size_t)31), *words = data + (n & ~(size_t)7);
	uint64_t sum = htole64(le64toh(oto_sum_word(data + n - 8)) >> 8 >> (56 - (n & 7) * 8));

	for (; data != quarters; data += 32) {
		sum = oto_sum_add(sum, oto_sum_word(data));
		sum = oto_sum_add(sum, oto_sum_word(data + 8));
		sum = oto_sum_add(sum, oto_sum_word(data + 16));
		sum = oto_sum_add(sum, oto_sum_word(data + 24));
	}
	for (; data != words; data += 8)
		sum = oto_sum_add(sum, oto_sum_word(data));
	return sum;
}

/* Over everything including the checksum field: true when right. Halves are added to each other, and the upper one has the carry. */
static inline bool oto_sum_right(uint64_t sum)
{
	sum += sum << 32 | sum >> 32;
	uint32_t half = (uint32_t)(sum >> 32);
	half += half << 16 | half >> 16;
	return half >> 16 == 0xffff;
}

#endif
