/* decode.h - from frame to transport payload: Ethernet, VLAN/QinQ, LLC/SNAP, MPLS, PPPoE, ARP, IPv4/6 with options, extension headers and
 * fragments, GRE/ERSPAN/VXLAN/Geneve/GTP/L2TP/IPIP tunnels, TCP, UDP, ICMP, Linux cooked, null/loopback, raw IP, IEEE 802.11.
 *
 * Owns the fragment buffers (bounded) and the counters of wrong lengths and checksums. Knows packets only: no flow, no event. Every read is
 * bounds-checked; a header that does not fit is one weird and the layers found so far.
 */
#ifndef OTO_DECODE_H
#define OTO_DECODE_H

#include "base.h"
#include "packet.h"

struct oto_decoder;

/* name is constant ("truncated_header", "bad_ip_length", "fragment_overlap", "tunnel_too_deep", ...). */
typedef void oto_decode_weird(void *who, const char *name, const struct oto_layers *layers);

struct oto_decode_options {
	uint32_t max_tunnel_depth;   /* 0: 4 */
	uint32_t max_fragments;      /* datagrams being put together at a time; 0: 1,024. The oldest is dropped, counted */
	int64_t fragment_timeout_ns; /* 0: 30 s of packet time */
	oto_decode_weird *weird;
	void *who;
};
struct oto_decoder *oto_decoder_new(const struct oto_decode_options *options);
void oto_decoder_free(struct oto_decoder *d);

/* Decode the outermost pass. False: nothing a flow could be made of (weird raised, counted): a link header or an IP header that does not
 * fit; what was found until then is in the layers. The layers borrow the packet's bytes, or the fragment buffer until
 * the next packet. Overlapping fragments: the first byte wins, and the datagram is a weird. */
bool oto_decode(struct oto_decoder *d, const struct oto_packet *p, struct oto_layers *layers);
/* Decode what `outer` carries (outer->inner_tunnel is not NONE), or a frame found inside a PDU (the caller sets OTO_TUNNEL_REENTRY). */
bool oto_decode_inner(struct oto_decoder *d, const struct oto_layers *outer, struct oto_layers *layers);
/* May something be packed into UDP between these ports? */
bool oto_decode_may_tunnel(uint16_t sport, uint16_t dport);

struct oto_decode_stats {
	uint64_t frames, bytes, non_ip, ipv4, ipv6, fragments, reassembled, fragments_dropped, overlaps, tunnels, too_deep;
	uint64_t truncated, bad_length, bad_checksum_ip, bad_checksum_tcp, bad_checksum_udp, bad_checksum_icmp, unknown_link;
} oto_decode_stats(const struct oto_decoder *d);

#endif
