/* decode_tunnel.c - what travels inside IP and UDP: GRE, ERSPAN, PPTP, EtherIP, MPLS, VXLAN, Geneve, GTP, L2TP, Teredo. See decode.h.
 *
 * These functions only find where the inner frame or packet begins; it is decoded by a pass of its own. What does not fit stays payload of
 * the outer flow, without a weird where the port alone made us look.
 */
#include "decode_pass.h"

enum {
	PORT_L2TP = 1701,
	PORT_GTP_USER = 2152,
	PORT_TEREDO = 3544,
	PORT_VXLAN = 4789,
	PORT_VXLAN_GPE = 4790,
	PORT_GENEVE = 6081,
	PORT_MPLS = 6635,
	PORT_VXLAN_LINUX = 8472, /* before the protocol had a port of its own, and to this day where nobody said otherwise */
	GRE_CHECKSUM = 0x8000,
	GRE_ROUTING = 0x4000,
	GRE_KEY = 0x2000,
	GRE_SEQUENCE = 0x1000,
	GRE_ACK = 0x0080,
	GRE_VERSION = 7,
	ETHERNET_MIN = 14,
};

void oto_decode_inner_set(struct oto_pass *p, enum oto_tunnel tunnel, enum oto_link link)
{
	struct oto_layers *l = p->l;
	if (p->cap == 0)
		return;
	p->d->stats.tunnels++;
	l->inner_tunnel = tunnel;
	l->inner_link = link;
	l->inner = (struct oto_slice){ p->at, p->cap };
	l->inner_len = p->wire;
}

/* Step over n bytes; false, and a weird, when they are not there. */
static bool step(struct oto_pass *p, uint32_t n)
{
	if (!oto_pass_need(p, n))
		return false;
	oto_pass_skip(p, n);
	return true;
}

/* draft-foschiano-erspan: type II and III have a header in front of the frame, type I (no sequence number) has none. */
static void erspan(struct oto_pass *p, uint16_t type, bool sequence)
{
	enum oto_link link = OTO_LINK_ETHERNET;
	if (type == 0x88be) {
		if (sequence && !step(p, 8))
			return;
	} else {
		if (!oto_pass_need(p, 12))
			return;
		bool platform = p->at[11] & 1;
		if ((p->at[10] >> 2 & 31) == 2)
			link = OTO_LINK_IP;
		if (!step(p, platform ? 20 : 12))
			return;
	}
	oto_decode_inner_set(p, OTO_TUNNEL_ERSPAN, link);
}

/* RFC 2784, 2890: version 0. */
static void gre_plain(struct oto_pass *p, uint16_t type, bool sequence)
{
	switch (type) {
	case 0x0800:
	case 0x86dd:
		oto_decode_inner_set(p, OTO_TUNNEL_GRE, OTO_LINK_IP);
		return;
	case 0x6558: /* transparent Ethernet bridging, NVGRE */
		oto_decode_inner_set(p, OTO_TUNNEL_GRE, OTO_LINK_ETHERNET);
		return;
	case 0x88be:
	case 0x22eb:
		erspan(p, type, sequence);
		return;
	case 0x8847: {
		uint32_t link = oto_decode_mpls(p);
		if (link)
			oto_decode_inner_set(p, OTO_TUNNEL_GRE, (enum oto_link)link);
		return;
	}
	case 0: /* a keep-alive's answer */
		return;
	default:
		oto_pass_weird(p, "unknown_gre_protocol");
	}
}

void oto_decode_gre(struct oto_pass *outer)
{
	struct oto_pass inside = *outer, *p = &inside;
	if (!oto_pass_need(p, 4))
		return;
	uint16_t flags = oto_get16(p->at), type = oto_get16(p->at + 2), version = flags & GRE_VERSION;
	if (version > 1 || (flags & GRE_ROUTING)) { /* source routes of RFC 1701 are gone */
		oto_pass_weird(p, "unknown_gre_version");
		return;
	}
	uint32_t header = 4 + (flags & GRE_CHECKSUM ? 4 : 0) + (flags & GRE_KEY ? 4 : 0) + (flags & GRE_SEQUENCE ? 4 : 0) +
			  (version == 1 && (flags & GRE_ACK) ? 4 : 0);
	if (!step(p, header))
		return;
	if (version == 0) {
		gre_plain(p, type, flags & GRE_SEQUENCE);
	} else if (p->cap && (flags & GRE_SEQUENCE)) { /* RFC 2637 4.1: PPTP; without a sequence number a mere acknowledgement */
		if (oto_decode_ppp(p))
			oto_decode_inner_set(p, OTO_TUNNEL_GRE, OTO_LINK_IP);
	}
}

/* RFC 3378 3: version 3, the rest reserved. */
void oto_decode_etherip(struct oto_pass *outer)
{
	struct oto_pass inside = *outer, *p = &inside;
	if (p->cap < 2 + ETHERNET_MIN || oto_get16(p->at) != 0x3000)
		return;
	oto_pass_skip(p, 2);
	oto_decode_inner_set(p, OTO_TUNNEL_ETHERIP, OTO_LINK_ETHERNET);
}

/* RFC 4023 3, RFC 7510 3 */
void oto_decode_mpls_in_ip(struct oto_pass *outer)
{
	struct oto_pass inside = *outer;
	uint32_t link = oto_decode_mpls(&inside);
	if (link)
		oto_decode_inner_set(&inside, OTO_TUNNEL_MPLS, (enum oto_link)link);
}

/* An IP packet, where nothing but the place says so: its version and length fit. */
static bool is_ip(const struct oto_pass *p)
{
	if (p->cap >= 20 && p->at[0] >> 4 == 4)
		return (p->at[0] & 15) >= 5 && oto_get16(p->at + 2) <= p->wire;
	return p->cap >= 40 && p->at[0] >> 4 == 6 && 40u + oto_get16(p->at + 4) <= p->wire;
}

/* RFC 7348 5: the I flag and nothing else that is known. */
static void vxlan(struct oto_pass *p)
{
	if (p->cap < 8 + ETHERNET_MIN || !(p->at[0] & 8))
		return;
	oto_pass_skip(p, 8);
	oto_decode_inner_set(p, OTO_TUNNEL_VXLAN, OTO_LINK_ETHERNET);
}

/* draft-ietf-nvo3-vxlan-gpe 3.1: with the P flag the header says what follows. */
static void vxlan_gpe(struct oto_pass *p)
{
	if (p->cap < 8 + ETHERNET_MIN || (p->at[0] & 0x0c) != 0x0c)
		return;
	uint8_t next = p->at[3];
	oto_pass_skip(p, 8);
	if (next == 3 || ((next == 1 || next == 2) && is_ip(p)))
		oto_decode_inner_set(p, OTO_TUNNEL_VXLAN, next == 3 ? OTO_LINK_ETHERNET : OTO_LINK_IP);
}

/* The port has another owner as well: all that is reserved must be empty, and a frame follow. */
static void vxlan_linux(struct oto_pass *p)
{
	if (p->cap < 8 + ETHERNET_MIN || oto_get32(p->at) != 0x08000000 || p->at[7] || !oto_decode_is_frame(p->at + 8, p->cap - 8))
		return;
	vxlan(p);
}

/* 3GPP TS 29.281 5: version 1, a packet of a user; optional fields, then extension headers that each name the next. */
static void gtp(struct oto_pass *p)
{
	enum { EXTENDED = 4, OPTIONAL = 7, USER_PACKET = 255 };
	if (p->cap < 8 || (p->at[0] & 0xf0) != 0x30 || p->at[1] != USER_PACKET)
		return;
	uint8_t flags = p->at[0];
	oto_pass_trim(p, 8u + oto_get16(p->at + 2));
	oto_pass_skip(p, 8);
	uint8_t next = 0;
	if (flags & OPTIONAL) {
		if (p->cap < 4)
			return;
		next = flags & EXTENDED ? p->at[3] : 0;
		oto_pass_skip(p, 4);
	}
	while (next) {
		uint32_t length = p->cap ? p->at[0] * 4u : 0;
		if (length == 0 || length > p->cap)
			return;
		next = p->at[length - 1];
		oto_pass_skip(p, length);
	}
	if (is_ip(p))
		oto_decode_inner_set(p, OTO_TUNNEL_GTP, OTO_LINK_IP);
}

/* RFC 2661 3.1: data messages of version 2; PPP inside. */
static void l2tp(struct oto_pass *p)
{
	enum { CONTROL = 0x8000, HAS_LENGTH = 0x4000, HAS_SEQUENCE = 0x0800, HAS_OFFSET = 0x0200, RESERVED = 0x34f0 };
	if (p->cap < 6)
		return;
	uint16_t flags = oto_get16(p->at);
	if (flags & (CONTROL | RESERVED) || (flags & 15) != 2)
		return;
	uint32_t header = 6 + (flags & HAS_LENGTH ? 2 : 0) + (flags & HAS_SEQUENCE ? 4 : 0);
	if (flags & HAS_OFFSET) {
		if (p->cap < header + 2)
			return;
		header += 2u + oto_get16(p->at + header);
	}
	if (p->cap <= header)
		return;
	oto_pass_skip(p, header);
	if (oto_decode_ppp(p) && is_ip(p))
		oto_decode_inner_set(p, OTO_TUNNEL_L2TP, OTO_LINK_IP);
}

/* RFC 3931 4.1: version 3 over IP, a session and then what both ends agreed on elsewhere: up to eight bytes of cookie, four of a sublayer.
 */
void oto_decode_l2tp3(struct oto_pass *outer)
{
	struct oto_pass inside = *outer, *p = &inside;
	if (p->cap < 4 || oto_get32(p->at) == 0) /* session 0 is control */
		return;
	for (uint32_t header = 4; header <= 16 && header < p->cap; header += 4) {
		if (oto_decode_is_frame(p->at + header, p->cap - header)) {
			oto_pass_skip(p, header);
			oto_decode_inner_set(p, OTO_TUNNEL_L2TP, OTO_LINK_ETHERNET);
			return;
		}
	}
}

/* RFC 8926 3.4 */
static void geneve(struct oto_pass *p)
{
	if (p->cap < 8 || p->at[0] >> 6 != 0)
		return;
	uint32_t header = 8 + (p->at[0] & 63u) * 4;
	uint16_t type = oto_get16(p->at + 2);
	bool ethernet = type == 0x6558;
	if (p->cap <= header || (!ethernet && type != 0x0800 && type != 0x86dd))
		return;
	oto_pass_skip(p, header);
	oto_decode_inner_set(p, OTO_TUNNEL_GENEVE, ethernet ? OTO_LINK_ETHERNET : OTO_LINK_IP);
}

/* RFC 4380 5.1.1: optional authentication and origin in front of an IPv6 packet whose length must fit exactly. */
static void teredo(struct oto_pass *p)
{
	if (p->cap >= 4 && p->at[0] == 0 && p->at[1] == 1) {
		uint32_t header = 4u + p->at[2] + p->at[3] + 9;
		if (p->cap < header)
			return;
		oto_pass_skip(p, header);
	}
	if (p->cap >= 8 && p->at[0] == 0 && p->at[1] == 0)
		oto_pass_skip(p, 8);
	if (p->cap >= 40 && p->at[0] >> 4 == 6 && 40u + oto_get16(p->at + 4) == p->wire)
		oto_decode_inner_set(p, OTO_TUNNEL_TEREDO, OTO_LINK_IP);
}

/* What looks into UDP of these ports; NULL: nothing does. */
static void (*inside_udp(uint16_t sport, uint16_t dport))(struct oto_pass *p)
{
	switch (dport) {
	case PORT_VXLAN:
		return vxlan;
	case PORT_VXLAN_GPE:
		return vxlan_gpe;
	case PORT_VXLAN_LINUX:
		return vxlan_linux;
	case PORT_GENEVE:
		return geneve;
	case PORT_MPLS:
		return oto_decode_mpls_in_ip;
	case PORT_GTP_USER:
		return gtp;
	case PORT_L2TP:
		return l2tp;
	case PORT_TEREDO:
		return teredo;
	}
	return sport == PORT_TEREDO ? teredo : NULL;
}

void oto_decode_udp_tunnel(struct oto_pass *p)
{
	void (*look)(struct oto_pass * p) = inside_udp(p->l->sport, p->l->dport);

	if (look)
		look(p);
}

bool oto_decode_may_tunnel(uint16_t sport, uint16_t dport)
{
	return inside_udp(sport, dport) != NULL;
}
