/* decode.c - the way in: link headers and everything between them and IP. See decode.h; IP is decode_ip.c's, tunnels are decode_tunnel.c's.
 */
#include "decode_pass.h"

#include <stdlib.h>

enum {
	TYPE_IPV4 = 0x0800,
	TYPE_VLAN = 0x8100,
	TYPE_IPV6 = 0x86dd,
	TYPE_MPLS = 0x8847,
	TYPE_MPLS_UPSTREAM = 0x8848,
	TYPE_PPPOE = 0x8864,
	TYPE_QINQ = 0x88a8,
	TYPE_MACSEC = 0x88e5,
	TYPE_VNTAG = 0x8926,
	TYPE_HSR = 0x892f,
	TYPE_ETAG = 0x893f,
	TYPE_QINQ_OLD = 0x9100,
	TYPE_RTAG = 0xf1c1,
	TYPE_MIN = 0x0600, /* IEEE 802.3 3.2.6: from here on a type, up to LENGTH_MAX a length */
	LENGTH_MAX = 1500,
	SAP_SNAP = 0xaaaa,
	MAX_TAGS = 8,
	MAX_LABELS = 16,
};

struct oto_decoder *oto_decoder_new(const struct oto_decode_options *options)
{
	struct oto_decoder *d = oto_calloc(1, sizeof *d);
	d->options = *options;
	if (d->options.max_tunnel_depth == 0)
		d->options.max_tunnel_depth = 4;
	if (d->options.max_fragments == 0)
		d->options.max_fragments = 1024;
	if (d->options.fragment_timeout_ns == 0)
		d->options.fragment_timeout_ns = 30 * OTO_SECOND;
	d->fragments = oto_fragments_new(d->options.max_fragments, d->options.fragment_timeout_ns);
	return d;
}

void oto_decoder_free(struct oto_decoder *d)
{
	if (!d)
		return;
	oto_fragments_free(d->fragments);
	free(d);
}

struct oto_decode_stats oto_decode_stats(const struct oto_decoder *d)
{
	struct oto_decode_stats stats = d->stats;
	stats.fragments_dropped = oto_fragments_dropped(d->fragments);
	return stats;
}

bool oto_pass_weird(struct oto_pass *p, const char *name)
{
	if (p->d->options.weird)
		p->d->options.weird(p->d->options.who, name, p->l);
	return false;
}

bool oto_pass_cut(struct oto_pass *p, uint32_t n)
{
	p->d->stats.truncated++;
	/* The snap length is the capture's choice, not something strange on the wire. */
	return p->wire >= n ? false : oto_pass_weird(p, "truncated_header");
}

/* ------------------------------------------------------------------------------------------------ Ethernet */

static bool not_ip(struct oto_pass *p)
{
	struct oto_layers *l = p->l;
	p->d->stats.non_ip++;
	l->l3 = l->payload = (struct oto_slice){ p->at, p->cap };
	l->payload_len = p->wire;
	l->transport = OTO_ETH;
	return true;
}

static void vlan(struct oto_layers *l, uint16_t tci, int nth)
{
	uint16_t vid = tci & 0x0fff;
	if (vid == 0)
		return;
	if (!l->has_vlan && nth == 0) {
		l->has_vlan = true;
		l->vlan = vid;
	} else if (!l->has_inner_vlan) {
		l->has_inner_vlan = true;
		l->inner_vlan = vid;
	}
}

/* IEEE 802.2: a length instead of a type. SNAP (RFC 1042) gives the type back; 0 when it is not an EtherType's space. */
static uint16_t llc(struct oto_pass *p, uint16_t length)
{
	struct oto_layers *l = p->l;
	if (length > p->wire) {
		p->d->stats.bad_length++;
		oto_pass_weird(p, "bad_llc_length");
	} else if (length) {
		oto_pass_trim(p, length);
	}
	if (p->cap >= 8 && oto_get16(p->at) == SAP_SNAP && p->at[2] == 3 && p->at[3] == 0 && p->at[4] == 0 &&
	    (p->at[5] == 0 || p->at[5] == 0xf8)) {
		uint16_t type = oto_get16(p->at + 6);
		if (type >= TYPE_MIN) {
			oto_pass_skip(p, 8);
			return type;
		}
	}
	l->llc = true;
	l->ethertype = p->cap >= 2 ? oto_get16(p->at) : 0;
	return 0;
}

/* RFC 2516: the session header, then PPP. */
static bool pppoe(struct oto_pass *p)
{
	if (p->cap < 8 || p->at[0] != 0x11 || p->at[1] != 0)
		return not_ip(p);
	struct oto_pass inside = *p;
	oto_pass_trim(&inside, 6u + oto_get16(p->at + 4));
	if (inside.cap < 8)
		return not_ip(p);
	oto_pass_skip(&inside, 6);
	uint16_t type = oto_decode_ppp(&inside);
	if (type == 0)
		return not_ip(p);
	p->l->ethertype = type;
	return oto_decode_ip(&inside);
}

static bool mpls(struct oto_pass *p)
{
	struct oto_pass inside = *p;
	uint32_t link = oto_decode_mpls(&inside);
	if (link == OTO_LINK_IP) {
		p->l->ethertype = inside.at[0] >> 4 == 4 ? TYPE_IPV4 : TYPE_IPV6;
		return oto_decode_ip(&inside);
	}
	if (link == OTO_LINK_ETHERNET)
		oto_decode_inner_set(&inside, OTO_TUNNEL_MPLS, OTO_LINK_ETHERNET);
	return not_ip(p);
}

/* IEEE 802.1AE 9.3: the EtherType behind the tag of a frame that is only signed; 0, and nothing taken, when it is encrypted. */
static uint16_t macsec(struct oto_pass *p)
{
	enum { ENCRYPTED = 0x0c, HAS_CHANNEL = 0x20, ICV = 16 };
	if (p->cap < 2 || p->at[0] & ENCRYPTED)
		return 0;
	uint32_t tag = p->at[0] & HAS_CHANNEL ? 14 : 6, length = p->at[1] & 0x3f;
	if (p->cap < tag + 2 || p->wire < tag + 2 + ICV)
		return 0;
	oto_pass_trim(p, length ? tag + length : p->wire - ICV);
	uint16_t type = oto_get16(p->at + tag);
	oto_pass_skip(p, tag + 2);
	return type;
}

bool oto_decode_ethertype(struct oto_pass *p, uint16_t type)
{
	int vlans = 0;
	for (int tags = 0; tags < MAX_TAGS; tags++) {
		p->l->ethertype = type;
		switch (type) {
		case TYPE_IPV4:
		case TYPE_IPV6:
			return oto_decode_ip(p);
		case TYPE_VLAN:
		case TYPE_QINQ:
		case TYPE_QINQ_OLD:
			if (!oto_pass_need(p, 4))
				return false;
			vlan(p->l, oto_get16(p->at), vlans++);
			type = oto_get16(p->at + 2);
			oto_pass_skip(p, 4);
			continue;
		case TYPE_HSR:   /* IEC 62439-3 5.8: path, size and sequence number */
		case TYPE_RTAG:  /* IEEE 802.1CB 7.8 */
		case TYPE_VNTAG: /* Cisco's, of virtual interfaces */
			if (!oto_pass_need(p, 6))
				return false;
			type = oto_get16(p->at + 4);
			oto_pass_skip(p, 6);
			continue;
		case TYPE_ETAG: /* IEEE 802.1BR 7.5 */
			if (!oto_pass_need(p, 8))
				return false;
			type = oto_get16(p->at + 6);
			oto_pass_skip(p, 8);
			continue;
		case TYPE_MACSEC:
			type = macsec(p);
			if (type == 0)
				return not_ip(p);
			continue;
		case TYPE_MPLS:
		case TYPE_MPLS_UPSTREAM:
			return mpls(p);
		case TYPE_PPPOE:
			return pppoe(p);
		}
		if (type >= TYPE_MIN)
			return not_ip(p);
		if (type > LENGTH_MAX) {
			oto_pass_weird(p, "undefined_ethertype");
			return not_ip(p);
		}
		type = llc(p, type);
		if (type == 0)
			return not_ip(p);
	}
	oto_pass_weird(p, "too_many_tags");
	return not_ip(p);
}

static inline bool ethernet(struct oto_pass *p)
{
	if (!oto_pass_need(p, 14))
		return false;
	struct oto_layers *l = p->l;
	memcpy(l->dst_mac.byte, p->at, 6);
	memcpy(l->src_mac.byte, p->at + 6, 6);
	l->has_mac = true;
	uint16_t type = oto_get16(p->at + 12);
	oto_pass_skip(p, 14);
	if (type != TYPE_IPV4) /* as nearly all is */
		return oto_decode_ethertype(p, type);
	l->ethertype = type;
	return oto_decode_ip(p);
}

/* ------------------------------------------------------------------------------------------------ between link and IP */

uint16_t oto_decode_ppp(struct oto_pass *p)
{
	/* RFC 1661 6.5, 6.6: address and control may be compressed away, and so may the first byte of the protocol. */
	if (p->cap >= 2 && p->at[0] == 0xff && p->at[1] == 3)
		oto_pass_skip(p, 2);
	if (p->cap < 2)
		return 0;
	bool one_byte = p->at[0] & 1;
	uint16_t protocol = one_byte ? p->at[0] : oto_get16(p->at);
	oto_pass_skip(p, one_byte ? 1 : 2);
	return protocol == 0x21 ? TYPE_IPV4 : protocol == 0x57 ? TYPE_IPV6 : 0;
}

bool oto_decode_is_frame(const uint8_t *frame, uint32_t cap)
{
	if (cap < 14)
		return false;
	switch (oto_get16(frame + 12)) {
	case TYPE_IPV4:
	case TYPE_IPV6:
	case TYPE_VLAN:
	case TYPE_QINQ:
	case 0x0806:
	case 0x88cc:
		return true;
	default:
		/* Spanning tree, SNAP and routing go to a group address, with a length and service access points that are alike. */
		return cap >= 17 && (frame[0] & 1) && oto_get16(frame + 12) <= cap - 14 && frame[14] == frame[15] &&
		       (frame[14] == 0x42 || frame[14] == 0xaa || frame[14] == 0xfe);
	}
}

uint32_t oto_decode_mpls(struct oto_pass *p)
{
	bool bottom = false;
	for (int i = 0; !bottom; i++) {
		if (i == MAX_LABELS || p->cap < 4)
			return 0;
		bottom = p->at[2] & 1;
		oto_pass_skip(p, 4);
	}
	/* Nothing says what follows the last label (RFC 3032 2.2); RFC 4928 asks that what is no IP does not look like it. */
	if (p->cap >= 20 && p->at[0] >> 4 == 4 && (p->at[0] & 15) >= 5 && oto_get16(p->at + 2) <= p->wire)
		return OTO_LINK_IP;
	if (p->cap >= 40 && p->at[0] >> 4 == 6 && 40u + oto_get16(p->at + 4) <= p->wire)
		return OTO_LINK_IP;
	if (oto_decode_is_frame(p->at, p->cap))
		return OTO_LINK_ETHERNET;
	if (p->cap >= 4 && p->at[0] >> 4 == 0 && oto_decode_is_frame(p->at + 4, p->cap - 4)) { /* RFC 4385 3: the control word */
		oto_pass_skip(p, 4);
		return OTO_LINK_ETHERNET;
	}
	return 0;
}

/* ------------------------------------------------------------------------------------------------ other links */

/* BSD loopback: the address family, whose number for IPv6 differs among systems, in a byte order nobody states. */
static bool null_link(struct oto_pass *p)
{
	if (!oto_pass_need(p, 4))
		return false;
	uint32_t family = oto_get32(p->at);
	if (family & 0xffff0000)
		family = __builtin_bswap32(family);
	oto_pass_skip(p, 4);
	switch (family) {
	case 2:
		return oto_decode_ethertype(p, TYPE_IPV4);
	case 10:
	case 23:
	case 24:
	case 28:
	case 30:
		return oto_decode_ethertype(p, TYPE_IPV6);
	default:
		return oto_pass_weird(p, "unknown_address_family");
	}
}

static bool raw_ip(struct oto_pass *p)
{
	if (!oto_pass_need(p, 1))
		return false;
	p->l->ethertype = p->at[0] >> 4 == 6 ? TYPE_IPV6 : TYPE_IPV4;
	return oto_decode_ip(p);
}

static bool ppp_link(struct oto_pass *p)
{
	if (!oto_pass_need(p, 4))
		return false;
	if (p->at[0] == 0x0f || p->at[0] == 0x8f) { /* Cisco HDLC: an EtherType */
		uint16_t type = oto_get16(p->at + 2);
		oto_pass_skip(p, 4);
		return oto_decode_ethertype(p, type);
	}
	uint16_t type = oto_decode_ppp(p);
	if (type)
		return oto_decode_ethertype(p, type);
	p->d->stats.non_ip++; /* LCP and its kin: nothing strange, but neither host nor EtherType to make a flow of */
	return false;
}

/* Linux cooked: the sender's address if it has one; a protocol that is an EtherType, or says that 802.2 or 802.3 follows. */
static bool cooked(struct oto_pass *p, uint16_t protocol, uint16_t hardware, uint16_t address_len, const uint8_t *address)
{
	if ((hardware == 1 || hardware == 772) && address_len == 6) { /* Ethernet, loopback */
		memcpy(p->l->src_mac.byte, address, 6);
		p->l->has_mac = true;
	}
	if (protocol == 0x0001 || protocol == 0x0004) /* LINUX_SLL_P_802_3, LINUX_SLL_P_802_2 */
		return oto_decode_ethertype(p, 0);
	return oto_decode_ethertype(p, protocol);
}

static bool sll(struct oto_pass *p)
{
	if (!oto_pass_need(p, 16))
		return false;
	const uint8_t *h = p->at;
	oto_pass_skip(p, 16);
	return cooked(p, oto_get16(h + 14), oto_get16(h + 2), oto_get16(h + 4), h + 6);
}

static bool sll2(struct oto_pass *p)
{
	if (!oto_pass_need(p, 20))
		return false;
	const uint8_t *h = p->at;
	oto_pass_skip(p, 20);
	return cooked(p, oto_get16(h), oto_get16(h + 8), h[11], h + 12);
}

static bool tap(struct oto_pass *p, uint32_t header)
{
	if (!oto_pass_need(p, header))
		return false;
	oto_pass_skip(p, header);
	/* The frame check sequence is captured too. */
	oto_pass_trim(p, p->wire > 4 ? p->wire - 4 : 0);
	return ethernet(p);
}

/* ------------------------------------------------------------------------------------------------ the way in */

static __attribute__((noinline)) bool by_other_link(struct oto_pass *p, uint32_t link)
{
	switch (oto_frame_of(link)) {
	case OTO_FRAME_NULL:
	case OTO_FRAME_LOOP:
		return null_link(p);
	case OTO_FRAME_IP:
		return raw_ip(p);
	case OTO_FRAME_PPP:
		return ppp_link(p);
	case OTO_FRAME_SLL:
		return sll(p);
	case OTO_FRAME_SLL2:
		return sll2(p);
	case OTO_FRAME_NETANALYZER:
		return tap(p, 4);
	case OTO_FRAME_NETANALYZER_TRANSPARENT:
		return tap(p, 12);
	case OTO_FRAME_WIFI:
	case OTO_FRAME_RADIOTAP:
	case OTO_FRAME_PPI:
		return oto_decode_wifi(p, oto_frame_of(link));
	case OTO_FRAME_ETHERNET:
	case OTO_FRAME_UNKNOWN:
		break;
	}
	p->d->stats.unknown_link++;
	return oto_pass_weird(p, "unknown_link_type");
}

bool oto_decode(struct oto_decoder *d, const struct oto_packet *packet, struct oto_layers *l)
{
	*l = (struct oto_layers){ .packet = packet };
	oto_fragments_next_packet(d->fragments);
	d->stats.frames++;
	d->stats.bytes += packet->len;
	struct oto_pass p = { d, l, packet->data, packet->caplen, packet->len < packet->caplen ? packet->caplen : packet->len };
	return oto_frame_of(packet->link) == OTO_FRAME_ETHERNET ? ethernet(&p) : by_other_link(&p, packet->link);
}

bool oto_decode_inner(struct oto_decoder *d, const struct oto_layers *outer, struct oto_layers *l)
{
	*l = (struct oto_layers){ .packet = outer->packet, .tunnel = (uint8_t)outer->inner_tunnel, .depth = (uint8_t)(outer->depth + 1) };
	uint32_t wire = outer->inner_len < outer->inner.len ? outer->inner.len : outer->inner_len;
	struct oto_pass p = { d, l, outer->inner.data, outer->inner.len, wire };
	if (outer->depth >= d->options.max_tunnel_depth) {
		d->stats.too_deep++;
		return oto_pass_weird(&p, "tunnel_too_deep");
	}
	return outer->inner_link == OTO_LINK_ETHERNET ? ethernet(&p) : raw_ip(&p);
}
