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
/* A header of n bytes is there; otherwise a weird, "truncated_header" or, if the snap length took it, just a count. */
bool oto_pass_need(struct oto_pass *p, uint32_t n);

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

/* The 16-bit ones' complement sum of RFC 1071 in the host's byte order, as a wide sum still to be folded. */
static inline uint64_t oto_sum(const uint8_t *data, size_t n)
{
	uint64_t sum = 0;
	size_t words = n / 4;
	for (size_t i = 0; i < words; i++) {
		uint32_t word;
		memcpy(&word, data + 4 * i, sizeof word);
		sum += word;
	}
	if (n % 4) {
		uint8_t last[4] = { 0 };
		memcpy(last, data + 4 * words, n % 4);
		uint32_t word;
		memcpy(&word, last, sizeof word);
		sum += word;
	}
	return sum;
}

/* Over everything including the checksum field: true when right. */
static inline bool oto_sum_right(uint64_t sum)
{
	sum = (sum & 0xffffffff) + (sum >> 32);
	sum = (sum & 0xffff) + (sum >> 16 & 0xffff) + (sum >> 32);
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return sum == 0xffff;
}

#endif
