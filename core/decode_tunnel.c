/* decode_tunnel.c - what travels inside IP and UDP: GRE, ERSPAN, PPTP, VXLAN, Geneve, Teredo. See decode.h.
 *
 * These functions only find where the inner frame or packet begins; it is decoded by a pass of its own. What does not fit stays payload of
 * the outer flow, without a weird where the port alone made us look.
 */
#include "decode_pass.h"

enum {
	PORT_TEREDO = 3544,
	PORT_VXLAN = 4789,
	PORT_GENEVE = 6081,
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

/* RFC 7348 5: the I flag and nothing else that is known. */
static void vxlan(struct oto_pass *p)
{
	if (p->cap < 8 + ETHERNET_MIN || !(p->at[0] & 8))
		return;
	oto_pass_skip(p, 8);
	oto_decode_inner_set(p, OTO_TUNNEL_VXLAN, OTO_LINK_ETHERNET);
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

void oto_decode_udp_tunnel(struct oto_pass *p)
{
	uint16_t dport = p->l->dport, sport = p->l->sport;
	if (dport == PORT_VXLAN)
		vxlan(p);
	else if (dport == PORT_GENEVE)
		geneve(p);
	else if (dport == PORT_TEREDO || sport == PORT_TEREDO)
		teredo(p);
}
