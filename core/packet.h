/* packet.h - a captured packet and what its headers say: the value that travels from capture over decode to flow. */
#ifndef OTO_PACKET_H
#define OTO_PACKET_H

#include "oto_plugin.h"

/* Bytes are borrowed from the capture until the next packet is asked for. */
struct oto_packet {
	int64_t ts_ns;
	uint64_t number; /* in the timeline, from 1; every packet read counts, dropped duplicates included */
	const uint8_t *data;
	uint32_t caplen, len;  /* captured, on the wire */
	uint32_t link;         /* DLT_ value of libpcap */
	const char *interface; /* name from pcapng or the live interface, else NULL; lives as long as the capture */
};

enum oto_tcp_flag { OTO_FIN = 1, OTO_SYN = 2, OTO_RST = 4, OTO_PSH = 8, OTO_ACK = 16, OTO_URG = 32, OTO_ECE = 64, OTO_CWR = 128 };

enum oto_tunnel {
	OTO_TUNNEL_NONE = 0,
	OTO_TUNNEL_IP, /* IP in IP, 6in4, 4in6 */
	OTO_TUNNEL_GRE,
	OTO_TUNNEL_ERSPAN,
	OTO_TUNNEL_VXLAN,
	OTO_TUNNEL_REENTRY, /* a frame found inside a PDU */
	OTO_TUNNEL_GENEVE,
	OTO_TUNNEL_TEREDO,
	OTO_TUNNEL_MPLS, /* Ethernet pseudowire */
	OTO_TUNNEL_GTP,
	OTO_TUNNEL_L2TP,
	OTO_TUNNEL_ETHERIP,
};

/* What a link type's frames begin with; OTO_FRAME_UNKNOWN: frames we cannot read. */
enum oto_frame {
	OTO_FRAME_UNKNOWN = 0,
	OTO_FRAME_ETHERNET,
	OTO_FRAME_NULL, /* address family in the byte order of the capturing host */
	OTO_FRAME_LOOP, /* address family in network order */
	OTO_FRAME_IP,
	OTO_FRAME_PPP,
	OTO_FRAME_SLL, /* Linux cooked, version 1 and 2 */
	OTO_FRAME_SLL2,
	OTO_FRAME_NETANALYZER,             /* Hilscher tap: 4 bytes before the Ethernet frame */
	OTO_FRAME_NETANALYZER_TRANSPARENT, /* and preamble and start delimiter as well */
	OTO_FRAME_WIFI,                    /* IEEE 802.11, bare and behind what the radio said of it */
	OTO_FRAME_RADIOTAP,
	OTO_FRAME_PPI,
};

/* The one list of link types, by DLT_ number. */
static inline enum oto_frame oto_frame_of(uint32_t link)
{
	if (__builtin_expect(link == 1, 1))
		return OTO_FRAME_ETHERNET;
	switch (link) {
	case 0:
		return OTO_FRAME_NULL;
	case 108:
		return OTO_FRAME_LOOP;
	case 12:
	case 14: /* DLT_RAW elsewhere */
	case 228:
	case 229:
		return OTO_FRAME_IP;
	case 9:
	case 50:
	case 104: /* Cisco HDLC */
		return OTO_FRAME_PPP;
	case 113:
		return OTO_FRAME_SLL;
	case 276:
		return OTO_FRAME_SLL2;
	case 240:
		return OTO_FRAME_NETANALYZER;
	case 241:
		return OTO_FRAME_NETANALYZER_TRANSPARENT;
	case 105:
		return OTO_FRAME_WIFI;
	case 127:
		return OTO_FRAME_RADIOTAP;
	case 192:
		return OTO_FRAME_PPI;
	default:
		return OTO_FRAME_UNKNOWN;
	}
}

/* One decoded pass over a frame: link, network, transport. A tunnel's payload stands in `inner` and is decoded by another pass. */
struct oto_layers {
	const struct oto_packet *packet;
	struct oto_mac src_mac, dst_mac;
	bool has_mac, has_vlan, has_inner_vlan, has_ip, has_ports;
	bool fragment;             /* an IP fragment whose datagram is not complete: no ports, no payload, transport OTO_IP. The flow counts
				    * the datagram once, when it is complete (as Zeek does), with ip_len of the whole */
	bool reassembled;          /* payload comes from the fragment buffer */
	bool bad_checksum;         /* IP, TCP, UDP or ICMP checksum wrong: counted, not obeyed. False where the sum is absent, or cut off */
	uint16_t vlan, inner_vlan; /* VID 0 is a priority tag, no VLAN (IEEE 802.1Q 9.6): has_vlan stays false */
	uint16_t ethertype;        /* after VLAN tags; for LLC the DSAP<<8|SSAP with llc set */
	bool llc;                  /* l3 then begins with the LLC header */
	uint8_t transport;         /* enum oto_transport; OTO_IP also when the transport header is cut off or damaged */
	uint8_t ip_proto, ttl, tos;
	uint8_t tunnel, depth; /* enum oto_tunnel of this pass's envelope (0 outermost), nesting */
	struct oto_addr src, dst;
	uint32_t ip_len; /* IP total length as the header says (Zeek's ip_bytes), 0 where the network card was to fill it in; 40 + payload
			  * length for IPv6; of the whole datagram after reassembly */
	uint32_t ip_header_len;
	uint16_t sport, dport; /* host order; for ICMP type and code as Zeek has them (sport = type, dport = counterpart or code) */
	uint32_t seq, ack;
	uint16_t window, tcp_flags;
	struct oto_slice tcp_options;
	uint8_t icmp_type, icmp_code;
	struct oto_slice l3;          /* Ethernet payload (after EtherType), trimmed of padding where a length is known */
	struct oto_slice l4;          /* transport header and payload, trimmed to the IP length; an ICMP analyzer reads this */
	struct oto_slice payload;     /* of the transport, trimmed to the IP length; for non-IP frames equals l3. ICMP's begins after
				       * the 8 bytes that every message has, as Zeek counts */
	uint32_t payload_len;         /* as the headers say; payload.len is less when the snap length cut it */
	enum oto_tunnel inner_tunnel; /* not NONE: `inner` holds another frame or IP packet */
	enum oto_link inner_link;
	struct oto_slice inner;
	uint32_t inner_len; /* on the wire; 0: as long as inner */
};

#endif
