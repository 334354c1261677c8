/* decode_ip.c - IPv4 and IPv6 with options, extension headers and fragments, and the transports. See decode.h.
 *
 * Where headers disagree about a length, Zeek's choice is followed, because conn.log is compared with Zeek's: a packet whose IP length is
 * longer than the frame is not looked at, a UDP datagram has the length that its own header says.
 */
#include "decode_pass.h"

enum {
	PROTO_HOPOPTS = 0,
	PROTO_ICMP = 1,
	PROTO_IPV4 = 4,
	PROTO_TCP = 6,
	PROTO_UDP = 17,
	PROTO_DCCP = 33,
	PROTO_IPV6 = 41,
	PROTO_ROUTING = 43,
	PROTO_FRAGMENT = 44,
	PROTO_GRE = 47,
	PROTO_AH = 51,
	PROTO_ICMP6 = 58,
	PROTO_NONE = 59,
	PROTO_DSTOPTS = 60,
	PROTO_ETHERIP = 97,
	PROTO_L2TP = 115,
	PROTO_SCTP = 132,
	PROTO_UDPLITE = 136,
	PROTO_MPLS = 137,
	MAX_EXTENSIONS = 16,
	UNKNOWN_PEER = 256, /* ICMP type without a counterpart */
};

/* ------------------------------------------------------------------------------------------------ checksums */

static void check(struct oto_pass *p, uint64_t *counter, uint64_t sum)
{
	if (__builtin_expect(oto_sum_right(sum), 1))
		return;
	++*counter;
	p->l->bad_checksum = true;
}

/* What a transport's sum is made with besides its own bytes. */
struct ends {
	uint64_t sum; /* of both addresses as they stand in the header */
	bool known;   /* false: the addresses that count are others, and nothing is checked */
};

/* RFC 793 3.1, RFC 8200 8.1: addresses, protocol and length in front. */
static uint64_t with_pseudo_header(uint64_t sum, struct ends ends, uint8_t proto, uint32_t length)
{
	return oto_sum_add(oto_sum_add(sum, ends.sum), (uint64_t)htobe32(length) + htobe32(proto));
}

/* ------------------------------------------------------------------------------------------------ transports */

static inline bool tcp(struct oto_pass *p, struct ends ends)
{
	struct oto_layers *l = p->l;
	if (!oto_pass_need(p, 20))
		return true;
	const uint8_t *h = p->at;
	l->transport = OTO_TCP;
	l->has_ports = true;
	l->sport = oto_get16(h);
	l->dport = oto_get16(h + 2);
	l->seq = oto_get32(h + 4);
	l->ack = oto_get32(h + 8);
	l->tcp_flags = h[13];
	l->window = oto_get16(h + 14);
	if (ends.known && p->cap == p->wire)
		check(p, &p->d->stats.bad_checksum_tcp, with_pseudo_header(oto_sum(h, p->wire), ends, PROTO_TCP, p->wire));

	uint32_t header = (h[12] >> 4) * 4u;
	if (header < 20 || header > p->wire) {
		p->d->stats.bad_length++;
		l->payload = (struct oto_slice){ 0 };
		l->payload_len = 0;
		oto_pass_weird(p, "bad_tcp_header_length");
		return true;
	}
	uint32_t have = header < p->cap ? header : p->cap;
	l->tcp_options = (struct oto_slice){ h + 20, have - 20 };
	l->payload = (struct oto_slice){ h + have, p->cap - have };
	l->payload_len = p->wire - header;
	return true;
}

static bool udp(struct oto_pass *p, struct ends ends)
{
	struct oto_layers *l = p->l;
	if (!oto_pass_need(p, 8))
		return true;
	const uint8_t *h = p->at;
	l->transport = OTO_UDP;
	l->has_ports = true;
	l->sport = oto_get16(h);
	l->dport = oto_get16(h + 2);
	uint32_t length = oto_get16(h + 4);
	if (length != p->wire) {
		p->d->stats.bad_length++;
		oto_pass_weird(p, "udp_length_mismatch");
	}
	if (length < 8) /* 0: a jumbogram (RFC 2675 4) or left to the network card */
		length = p->wire;
	bool has_sum = h[6] | h[7];
	if (ends.known && has_sum && length <= p->cap)
		check(p, &p->d->stats.bad_checksum_udp, with_pseudo_header(oto_sum(h, length), ends, PROTO_UDP, length));

	oto_pass_skip(p, 8);
	length -= 8;
	l->payload = (struct oto_slice){ p->at, p->cap < length ? p->cap : length };
	l->payload_len = length;
	oto_pass_trim(p, length);
	oto_decode_udp_tunnel(p);
	return true;
}

/* Zeek's port convention: the type, and the type of the answer where there is one. */
static unsigned icmp_peer(uint8_t type)
{
	switch (type) {
	case 0: /* echo reply */
		return 8;
	case 8:
		return 0;
	case 9: /* router advertisement, solicitation */
		return 10;
	case 10:
		return 9;
	case 13: /* timestamp */
		return 14;
	case 14:
		return 13;
	case 15: /* information */
		return 16;
	case 16:
		return 15;
	case 17: /* address mask */
		return 18;
	case 18:
		return 17;
	default:
		return UNKNOWN_PEER;
	}
}

static unsigned icmp6_peer(uint8_t type)
{
	switch (type) {
	case 128: /* echo */
		return 129;
	case 129:
		return 128;
	case 130: /* multicast listener query, report */
		return 131;
	case 131:
		return 130;
	case 133: /* router solicitation, advertisement */
		return 134;
	case 134:
		return 133;
	case 135: /* neighbour solicitation, advertisement */
		return 136;
	case 136:
		return 135;
	case 139: /* node information */
		return 140;
	case 140:
		return 139;
	case 144: /* home agent address discovery */
		return 145;
	case 145:
		return 144;
	default:
		return UNKNOWN_PEER;
	}
}

static bool icmp(struct oto_pass *p, uint8_t proto, struct ends ends)
{
	struct oto_layers *l = p->l;
	if (!oto_pass_need(p, 8))
		return true;
	l->transport = proto == PROTO_ICMP ? OTO_ICMP : OTO_ICMP6;
	l->has_ports = true;
	l->icmp_type = p->at[0];
	l->icmp_code = p->at[1];
	unsigned peer = proto == PROTO_ICMP ? icmp_peer(l->icmp_type) : icmp6_peer(l->icmp_type);
	l->sport = l->icmp_type;
	l->dport = peer == UNKNOWN_PEER ? l->icmp_code : (uint16_t)peer;
	if (ends.known && p->cap == p->wire) {
		/* Only ICMPv6 has the pseudo header (RFC 4443 2.3). */
		uint64_t sum = oto_sum(p->at, p->wire);
		check(p, &p->d->stats.bad_checksum_icmp, proto == PROTO_ICMP6 ? with_pseudo_header(sum, ends, proto, p->wire) : sum);
	}
	l->payload = (struct oto_slice){ p->at + 8, p->cap - 8 };
	l->payload_len = p->wire - 8;
	return true;
}

/* Protocols of which nothing but the ports is read: they stand where UDP has them (RFC 3828 3.1, RFC 9260 3.1, RFC 4340 5.1). */
static void ports(struct oto_pass *p)
{
	struct oto_layers *l = p->l;

	if (p->cap < 4)
		return;
	l->has_ports = true;
	l->sport = oto_get16(p->at);
	l->dport = oto_get16(p->at + 2);
}

static __attribute__((noinline)) bool other_transport(struct oto_pass *p, uint8_t proto, struct ends ends)
{
	switch (proto) {
	case PROTO_UDP:
		return udp(p, ends);
	case PROTO_ICMP:
	case PROTO_ICMP6:
		return icmp(p, proto, ends);
	case PROTO_IPV4:
	case PROTO_IPV6:
		oto_decode_inner_set(p, OTO_TUNNEL_IP, OTO_LINK_IP);
		return true;
	case PROTO_GRE:
		oto_decode_gre(p);
		return true;
	case PROTO_ETHERIP:
		oto_decode_etherip(p);
		return true;
	case PROTO_L2TP:
		oto_decode_l2tp3(p);
		return true;
	case PROTO_MPLS:
		oto_decode_mpls_in_ip(p);
		return true;
	case PROTO_DCCP:
	case PROTO_SCTP:
	case PROTO_UDPLITE:
		ports(p);
		return true;
	default:
		return true;
	}
}

static inline bool transport(struct oto_pass *p, uint8_t proto, struct ends ends)
{
	struct oto_layers *l = p->l;
	struct oto_slice body = { p->at, p->cap };
	l->ip_proto = proto;
	l->transport = OTO_IP;
	l->l4 = body; /* and not one out of the other: a load that spans fresh stores waits for them */
	l->payload = body;
	l->payload_len = p->wire;
	return proto == PROTO_TCP ? tcp(p, ends) : other_transport(p, proto, ends);
}

/* ------------------------------------------------------------------------------------------------ fragments */

/* False: not a whole datagram yet; the layers say so. True: p stands at the data, of the whole datagram or of a first fragment that was
 * captured in part and cannot be put together. */
static bool fragment(struct oto_pass *p, uint8_t *proto, uint32_t id, uint32_t offset, bool more, uint32_t header_len)
{
	struct oto_layers *l = p->l;
	struct oto_decoder *d = p->d;
	d->stats.fragments++;
	if (p->cap < p->wire) {
		d->stats.truncated++;
		if (offset == 0)
			return true;
		l->fragment = true;
		return false;
	}
	struct oto_fragment f = { .src = l->src,
				  .dst = l->dst,
				  .id = id,
				  .proto = *proto,
				  .depth = l->depth,
				  .more = more,
				  .offset = offset,
				  .header_len = header_len,
				  .data = { p->at, p->cap },
				  .ts_ns = l->packet->ts_ns };
	struct oto_datagram whole;
	const char *weird;
	bool done = oto_fragments_add(d->fragments, &f, &whole, &weird);
	l->fragment = !done;
	if (weird) {
		d->stats.overlaps++;
		oto_pass_weird(p, weird);
	}
	if (!done)
		return false;
	d->stats.reassembled++;
	l->reassembled = true;
	l->ip_header_len = whole.header_len;
	l->ip_len = whole.header_len + whole.data.len;
	*proto = whole.proto;
	p->at = whole.data.data;
	p->cap = p->wire = whole.data.len;
	return true;
}

static bool unfinished(struct oto_pass *p, uint8_t proto)
{
	p->l->ip_proto = proto;
	p->l->transport = OTO_IP;
	return true;
}

/* ------------------------------------------------------------------------------------------------ IP */

/* total as the header says; what is beyond it is padding. */
static bool ip_length(struct oto_pass *p, uint32_t total)
{
	p->l->ip_len = total;
	if (total == 0) { /* left to the network card, or a jumbogram (RFC 2675) */
		oto_pass_weird(p, "ip_length_zero");
		total = p->wire;
	}
	if (total > p->wire) {
		p->d->stats.bad_length++;
		return oto_pass_weird(p, "bad_ip_length");
	}
	oto_pass_trim(p, total);
	p->l->l3 = (struct oto_slice){ p->at, p->cap };
	return true;
}

/* Before any length is judged, so that a weird can say whose packet it was. */
static void addresses(struct oto_layers *l, enum oto_family family, const uint8_t *src, const uint8_t *dst, size_t n)
{
	l->has_ip = true;
	l->src.family = l->dst.family = (uint8_t)family;
	memcpy(l->src.byte, src, n);
	memcpy(l->dst.byte, dst, n);
}

static bool ipv4(struct oto_pass *p)
{
	struct oto_layers *l = p->l;
	struct oto_decoder *d = p->d;
	const uint8_t *h = p->at;
	if (!oto_pass_need(p, 20))
		return false;
	addresses(l, OTO_FAMILY_IPV4, h + 12, h + 16, 4);
	uint32_t header = (h[0] & 15u) * 4;
	if (!ip_length(p, oto_get16(h + 2)))
		return false;
	if (header < 20 || header > p->wire) {
		d->stats.bad_length++;
		return oto_pass_weird(p, "bad_ip_header_length");
	}
	if (!oto_pass_need(p, header))
		return false;
	d->stats.ipv4++;
	check(p, &d->stats.bad_checksum_ip, header == 20 ? oto_sum(h, 20) : oto_sum(h, header)); /* mostly without a loop */
	l->tos = h[1];
	l->ttl = h[8];
	l->ip_header_len = header;

	uint8_t proto = h[9];
	uint16_t word = oto_get16(h + 6);
	bool more = word & 0x2000;
	uint32_t offset = (word & 0x1fffu) * 8;
	oto_pass_skip(p, header);
	if (__builtin_expect(more || offset, 0) && !fragment(p, &proto, oto_get16(h + 4), offset, more, header))
		return unfinished(p, proto);
	return transport(p, proto, (struct ends){ oto_sum(h + 12, 8), true });
}

static bool is_extension(uint8_t proto)
{
	return proto == PROTO_HOPOPTS || proto == PROTO_ROUTING || proto == PROTO_FRAGMENT || proto == PROTO_AH || proto == PROTO_DSTOPTS;
}

static uint32_t extension_length(uint8_t proto, const uint8_t *h)
{
	if (proto == PROTO_FRAGMENT)
		return 8;
	return proto == PROTO_AH ? (h[1] + 2u) * 4 : (h[1] + 1u) * 8;
}

/* RFC 8200 4: step over them until a transport, something encrypted, or nothing. *sums turns false where the destination in front is not
 * the one of the pseudo header (a route not yet at its end). False: no transport can be reached. */
static bool extensions(struct oto_pass *p, const uint8_t *start, uint8_t *proto, bool *sums)
{
	struct oto_layers *l = p->l;
	for (int n = 0; is_extension(*proto); n++) {
		if (n == MAX_EXTENSIONS)
			return oto_pass_weird(p, "too_many_extension_headers");
		if (!oto_pass_need(p, 8))
			return false;
		const uint8_t *h = p->at;
		uint32_t length = extension_length(*proto, h);
		if (!oto_pass_need(p, length))
			return false;
		if (*proto == PROTO_ROUTING && h[3])
			*sums = false;
		bool is_fragment = *proto == PROTO_FRAGMENT;
		*proto = h[0];
		oto_pass_skip(p, length);
		if (!l->reassembled)
			l->ip_header_len += length;
		uint16_t word = oto_get16(h + 2);
		if (!is_fragment || (word & 0xfff9) == 0) /* RFC 6946: an atomic fragment is whole */
			continue;
		if (l->reassembled) /* a fragment of fragments: nobody sends that */
			return oto_pass_weird(p, "nested_fragment");
		if (!fragment(p, proto, oto_get32(h + 4), word & 0xfff8u, word & 1, (uint32_t)(p->at - start)))
			return false;
	}
	return true;
}

static __attribute__((noinline)) bool ipv6(struct oto_pass *p)
{
	struct oto_layers *l = p->l;
	const uint8_t *h = p->at;
	if (!oto_pass_need(p, 40))
		return false;
	addresses(l, OTO_FAMILY_IPV6, h + 8, h + 24, 16);
	uint8_t proto = h[6];
	uint32_t payload = oto_get16(h + 4);
	/* Zero with something behind it that is more than padding: a jumbogram, or left to the network card. */
	if (!ip_length(p, payload == 0 && proto != PROTO_NONE && p->wire > 48 ? 0 : 40 + payload))
		return false;
	p->d->stats.ipv6++;
	l->tos = (uint8_t)(oto_get16(h) >> 4);
	l->ttl = h[7];
	l->ip_header_len = 40;
	oto_pass_skip(p, 40);

	bool sums = true;
	return extensions(p, h, &proto, &sums) ? transport(p, proto, (struct ends){ oto_sum(h + 8, 32), sums }) : unfinished(p, proto);
}

bool oto_decode_ip(struct oto_pass *p)
{
	if (!oto_pass_need(p, 1))
		return false;
	uint8_t version = p->at[0] >> 4;
	return version == 4 ? ipv4(p) : version == 6 ? ipv6(p) : oto_pass_weird(p, "bad_ip_version");
}
