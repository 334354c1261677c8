/* decode_test.c - frames made byte by byte: every link, tag, tunnel and transport, wrong lengths, and every frame cut and flipped. */
#include "decode.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

/* ------------------------------------------------------------------------------------------------ making frames */

static uint8_t frame[4096];
static uint32_t n;

static struct oto_decoder *d;
static struct oto_layers l, inner;
static struct oto_packet packet;
static const char *weird[8];
static uint32_t nweird;

static void note(void *who, const char *name, const struct oto_layers *layers)
{
	(void)who;
	assert_non_null(layers->packet);
	if (nweird < 8)
		weird[nweird++] = name;
}

static int setup(void **state)
{
	(void)state;
	d = oto_decoder_new(&(struct oto_decode_options){ .weird = note });
	n = 0;
	nweird = 0;
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	oto_decoder_free(d);
	return 0;
}

static void put(const void *data, uint32_t len)
{
	memcpy(frame + n, data, len);
	n += len;
}
#define PUT(...) put((const uint8_t[]){ __VA_ARGS__ }, sizeof((const uint8_t[]){ __VA_ARGS__ }))

static void put16(uint32_t v)
{
	PUT((uint8_t)(v >> 8), (uint8_t)v);
}

static void set16(uint32_t at, uint32_t v)
{
	frame[at] = (uint8_t)(v >> 8);
	frame[at + 1] = (uint8_t)v;
}

static uint32_t sum16(uint32_t at, uint32_t len)
{
	uint32_t sum = 0;
	for (uint32_t i = 0; i < len; i++)
		sum += i % 2 ? frame[at + i] : (uint32_t)frame[at + i] << 8;
	return sum;
}

static uint16_t fold(uint32_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

static void eth(uint16_t type)
{
	PUT(2, 0, 0, 0, 0, 0xd, 2, 0, 0, 0, 0, 0x5);
	put16(type);
}

/* Header for `len` bytes that follow. */
static uint32_t ip4(uint8_t proto, uint32_t len)
{
	uint32_t at = n;
	PUT(0x45, 0xb8);
	put16(20 + len);
	PUT(0x12, 0x34, 0, 0, 61, proto, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2);
	set16(at + 10, fold(sum16(at, 20)));
	return at;
}

static uint32_t ip6(uint8_t next, uint32_t len)
{
	uint32_t at = n;
	PUT(0x6b, 0x80, 0, 0);
	put16(len);
	PUT(next, 59, 0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2);
	return at;
}

static void text(uint32_t len)
{
	for (uint32_t i = 0; i < len; i++)
		frame[n++] = (uint8_t)(i + 1);
}

/* Fill in the checksum of the transport that began at `at` and ends here, over the addresses of the IP header at `ip`. */
static void transport_sum(uint32_t ip, uint32_t at, uint8_t proto, uint32_t field)
{
	uint32_t addresses = frame[ip] >> 4 == 4 ? sum16(ip + 12, 8) : sum16(ip + 8, 32);
	set16(at + field, fold(addresses + proto + (n - at) + sum16(at, n - at)));
}

static void tcp4(uint32_t payload)
{
	uint32_t ip = ip4(6, 32 + payload), at = n;
	put16(2000);
	put16(502);
	PUT(1, 2, 3, 4, 5, 6, 7, 8, 0x80, OTO_PSH | OTO_ACK, 0x20, 0, 0, 0, 0, 0, 1, 1, 8, 10, 0, 0, 0, 1, 0, 0, 0, 2);
	text(payload);
	transport_sum(ip, at, 6, 16);
}

static void udp(uint16_t sport, uint16_t dport, uint32_t payload)
{
	put16(sport);
	put16(dport);
	put16(8 + payload);
	put16(0);
}

static void udp4(uint16_t sport, uint16_t dport, uint32_t payload)
{
	ip4(17, 8 + payload);
	udp(sport, dport, payload);
}

/* Decode what was made, from memory of exactly that size. Frees the memory of the frame before. */
static bool decode_cut(uint32_t link, uint32_t caplen)
{
	static uint8_t *exact;
	free(exact);
	exact = caplen ? malloc(caplen) : NULL;
	if (caplen)
		memcpy(exact, frame, caplen);
	packet = (struct oto_packet){ .data = exact, .caplen = caplen, .len = n, .link = link, .number = 1 };
	nweird = 0;
	return oto_decode(d, &packet, &l);
}

static bool decode(uint32_t link)
{
	return decode_cut(link, n);
}

static void expect_weird(const char *name)
{
	assert_int_equal(nweird, name ? 1 : 0);
	if (name)
		assert_string_equal(weird[0], name);
}

static void expect_tcp4(const struct oto_layers *x, uint32_t payload)
{
	static const uint8_t src[16] = { 10, 0, 0, 1 }, dst[16] = { 10, 0, 0, 2 };
	assert_true(x->has_ip);
	assert_int_equal(x->ethertype, 0x0800);
	assert_int_equal(x->src.family, OTO_FAMILY_IPV4);
	assert_memory_equal(x->src.byte, src, 16);
	assert_memory_equal(x->dst.byte, dst, 16);
	assert_int_equal(x->ttl, 61);
	assert_int_equal(x->tos, 0xb8);
	assert_int_equal(x->ip_proto, 6);
	assert_int_equal(x->ip_len, 52 + payload);
	assert_int_equal(x->ip_header_len, 20);
	assert_int_equal(x->l3.len, 52 + payload);
	assert_int_equal(x->l4.len, 32 + payload);
	assert_int_equal(x->transport, OTO_TCP);
	assert_true(x->has_ports);
	assert_int_equal(x->sport, 2000);
	assert_int_equal(x->dport, 502);
	assert_int_equal(x->seq, 0x01020304);
	assert_int_equal(x->ack, 0x05060708);
	assert_int_equal(x->window, 0x2000);
	assert_int_equal(x->tcp_flags, OTO_PSH | OTO_ACK);
	assert_int_equal(x->tcp_options.len, 12);
	assert_int_equal(x->payload.len, payload);
	assert_int_equal(x->payload_len, payload);
	if (payload)
		assert_int_equal(x->payload.data[payload - 1], (uint8_t)payload);
	assert_false(x->bad_checksum);
	assert_false(x->fragment);
}

static void expect_other(uint16_t ethertype, bool llc, uint32_t len)
{
	assert_false(l.has_ip);
	assert_false(l.has_ports);
	assert_int_equal(l.transport, OTO_ETH);
	assert_int_equal(l.ethertype, ethertype);
	assert_int_equal(l.llc, llc);
	assert_int_equal(l.l3.len, len);
	assert_int_equal(l.payload.len, len);
	assert_int_equal(l.payload_len, len);
}

/* ------------------------------------------------------------------------------------------------ links */

static void ethernet_tcp(void **state)
{
	(void)state;
	eth(0x0800);
	tcp4(3);
	PUT(0, 0, 0); /* padding */
	assert_true(decode(1));
	expect_tcp4(&l, 3);
	expect_weird(NULL);
	assert_true(l.has_mac);
	assert_int_equal(l.src_mac.byte[5], 5);
	assert_int_equal(l.dst_mac.byte[5], 0xd);
	assert_false(l.has_vlan);
	assert_ptr_equal(l.packet, &packet);
	struct oto_decode_stats s = oto_decode_stats(d);
	assert_int_equal(s.frames, 1);
	assert_int_equal(s.bytes, n);
	assert_int_equal(s.ipv4, 1);
}

static void vlans(void **state)
{
	(void)state;
	eth(0x8100);
	put16(0x6005);
	put16(0x0800);
	tcp4(0);
	assert_true(decode(1));
	expect_tcp4(&l, 0);
	assert_true(l.has_vlan && !l.has_inner_vlan);
	assert_int_equal(l.vlan, 5);

	n = 0;
	eth(0x88a8);
	put16(100);
	put16(0x8100);
	put16(0xe000 | 200);
	put16(0x0800);
	tcp4(0);
	assert_true(decode(1));
	expect_tcp4(&l, 0);
	assert_true(l.has_vlan && l.has_inner_vlan);
	assert_int_equal(l.vlan, 100);
	assert_int_equal(l.inner_vlan, 200);

	n = 0;
	eth(0x8100);
	put16(0xc000); /* only a priority */
	put16(0x8892);
	text(46);
	assert_true(decode(1));
	expect_other(0x8892, false, 46);
	assert_false(l.has_vlan);
}

static void redundancy_tags(void **state)
{
	(void)state;
	static const uint16_t types[] = { 0x892f, 0xf1c1 };
	for (size_t i = 0; i < 2; i++) {
		n = 0;
		eth(types[i]);
		PUT(0x10, 60, 0, 7, 0x08, 0x00);
		tcp4(5);
		assert_true(decode(1));
		expect_tcp4(&l, 5);
	}
}

static void tags_without_end(void **state)
{
	(void)state;
	eth(0x8100);
	for (int i = 0; i < 20; i++) {
		put16(5);
		put16(0x8100);
	}
	assert_true(decode(1));
	expect_weird("too_many_tags");
	assert_false(l.has_ip);
}

static void llc_and_snap(void **state)
{
	(void)state;
	eth(38);
	PUT(0x42, 0x42, 3);
	text(43); /* 35 and padding */
	assert_true(decode(1));
	expect_other(0x4242, true, 38);

	n = 0;
	eth(8 + 55);
	PUT(0xaa, 0xaa, 3, 0, 0, 0, 8, 0);
	tcp4(3);
	assert_true(decode(1));
	expect_tcp4(&l, 3);
	assert_false(l.llc);

	n = 0;
	eth(60);
	PUT(0xaa, 0xaa, 3, 0, 0, 0xc, 0x20, 0); /* Cisco's own space: not an EtherType */
	text(52);
	assert_true(decode(1));
	expect_other(0xaaaa, true, 60);

	n = 0;
	eth(100);
	PUT(0x42, 0x42, 3);
	text(43);
	assert_true(decode(1));
	expect_weird("bad_llc_length");
	expect_other(0x4242, true, 46);

	n = 0;
	eth(1510);
	text(46);
	assert_true(decode(1));
	expect_weird("undefined_ethertype");
}

static void tags_of_switches(void **state)
{
	(void)state;
	static const uint8_t vn[] = { 0x80, 1, 0, 2, 8, 0 }, e[] = { 0xe0, 0, 0, 5, 0, 0, 8, 0 };
	eth(0x8926);
	put(vn, sizeof vn);
	tcp4(3);
	assert_true(decode(1));
	expect_tcp4(&l, 3);
	n = 0;
	eth(0x893f);
	put(e, sizeof e);
	tcp4(3);
	assert_true(decode(1));
	expect_tcp4(&l, 3);
}

/* Signed, with and without a channel identifier and a length: read; encrypted: not. */
static void macsec(void **state)
{
	(void)state;
	static const uint8_t icv[16] = { 1 };
	eth(0x88e5);
	PUT(0x20, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 5, 0, 1, 8, 0);
	tcp4(3);
	put(icv, sizeof icv);
	assert_true(decode(1));
	expect_tcp4(&l, 3);
	n = 0;
	eth(0x88e5);
	PUT(0, 2 + 20, 0, 0, 0, 1, 0x88, 0xb5);
	text(20);
	put(icv, sizeof icv);
	text(6);
	assert_true(decode(1));
	expect_other(0x88b5, false, 20);
	n = 0;
	eth(0x88e5);
	PUT(0x0c, 0, 0, 0, 0, 1);
	text(40);
	assert_true(decode(1));
	expect_other(0x88e5, false, 46);
}

static void snap(uint16_t type)
{
	PUT(0xaa, 0xaa, 3, 0, 0, 0, type >> 8, type & 255);
}

static void wifi_header(uint8_t kind, uint8_t flags)
{
	PUT(kind, flags, 0, 0, 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 3, 0x10, 0);
}

static void expect_wifi(uint32_t link, uint8_t dst, uint8_t src)
{
	assert_true(decode(link));
	expect_tcp4(&l, 3);
	assert_true(l.has_mac);
	assert_int_equal(l.dst_mac.byte[5], dst);
	assert_int_equal(l.src_mac.byte[5], src);
}

static void wifi(void **state)
{
	(void)state;
	static const uint8_t ends[4][2] = { { 1, 2 }, { 3, 2 }, { 1, 3 }, { 3, 4 } };
	for (uint8_t way = 0; way < 4; way++) {
		for (int quality = 0; quality < 2; quality++) {
			n = 0;
			wifi_header(quality ? 0x88 : 8, way);
			if (way == 3)
				PUT(2, 0, 0, 0, 0, 4);
			if (quality)
				PUT(0, 0);
			snap(0x0800);
			tcp4(3);
			expect_wifi(105, ends[way][0], ends[way][1]);
		}
	}
	/* the first packet of several */
	n = 0;
	wifi_header(0x88, 1);
	PUT(0x80, 0, 2, 0, 0, 0, 0, 7, 2, 0, 0, 0, 0, 8, 0, 8 + 55);
	snap(0x0800);
	tcp4(3);
	text(30);
	expect_wifi(105, 7, 8);
	/* behind radiotap: two words of fields, time, flags that announce the check sequence; behind PPI */
	n = 0;
	PUT(0, 0, 25, 0, 3, 0, 0, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 0x10);
	wifi_header(8, 1);
	snap(0x88b5);
	text(5);
	PUT(9, 9, 9, 9);
	assert_true(decode(127));
	expect_other(0x88b5, false, 5);
	n = 0;
	PUT(0, 0, 8, 0, 105, 0, 0, 0);
	wifi_header(8, 2);
	snap(0x0800);
	tcp4(3);
	expect_wifi(192, 1, 3);
	expect_weird(NULL);
	/* no flow: a beacon, an acknowledgement, encrypted, a piece, without data */
	static const uint8_t silent[][2] = { { 0x80, 0 }, { 0xd4, 0 }, { 8, 0x41 }, { 8, 5 }, { 0x48, 1 } };
	for (size_t i = 0; i < sizeof silent / sizeof *silent; i++) {
		n = 0;
		wifi_header(silent[i][0], silent[i][1]);
		text(20);
		assert_false(decode(105));
		expect_weird(NULL);
	}
	n = 0;
	PUT(0, 0, 4, 0, 0, 0, 0, 0, 0);
	assert_false(decode(127));
	expect_weird("bad_radio_header");
}

static void arp(void **state)
{
	(void)state;
	eth(0x0806);
	text(46);
	assert_true(decode(1));
	expect_other(0x0806, false, 46);
	assert_int_equal(oto_decode_stats(d).non_ip, 1);
}

static void pppoe(void **state)
{
	(void)state;
	eth(0x8864);
	PUT(0x11, 0, 0, 1, 0, 54, 0, 0x21);
	tcp4(0);
	PUT(0, 0);
	assert_true(decode(1));
	expect_tcp4(&l, 0);

	n = 0;
	eth(0x8864);
	PUT(0x11, 0, 0, 1, 0, 10, 0xc0, 0x21); /* LCP */
	text(38);
	assert_true(decode(1));
	expect_other(0x8864, false, 46);
}

static void mpls(void **state)
{
	(void)state;
	eth(0x8847);
	PUT(0, 1, 0x20, 64, 0, 2, 0x31, 64);
	tcp4(9);
	assert_true(decode(1));
	expect_tcp4(&l, 9);

	for (int control_word = 0; control_word < 2; control_word++) {
		n = 0;
		eth(0x8847);
		PUT(0, 2, 0x31, 64);
		if (control_word)
			PUT(0, 0, 0, 1);
		eth(0x0800);
		tcp4(9);
		assert_true(decode(1));
		assert_int_equal(l.inner_tunnel, OTO_TUNNEL_MPLS);
		assert_true(oto_decode_inner(d, &l, &inner));
		expect_tcp4(&inner, 9);
		assert_int_equal(inner.tunnel, OTO_TUNNEL_MPLS);
		assert_int_equal(inner.depth, 1);
	}

	n = 0;
	eth(0x8847);
	for (int i = 0; i < 40; i++)
		PUT(0, 1, 0, 64);
	assert_true(decode(1));
	expect_other(0x8847, false, 160);
}

static void other_links(void **state)
{
	(void)state;
	static const struct {
		uint32_t link, len;
		uint8_t head[24];
		bool mac;
	} links[] = {
		{ 0, 4, { 2, 0, 0, 0 }, false },
		{ 0, 4, { 0, 0, 0, 2 }, false },
		{ 108, 4, { 0, 0, 0, 2 }, false },
		{ 12, 0, { 0 }, false },
		{ 14, 0, { 0 }, false },
		{ 228, 0, { 0 }, false },
		{ 9, 4, { 0xff, 3, 0, 0x21 }, false },
		{ 9, 2, { 0, 0x21 }, false },
		{ 9, 1, { 0x21 }, false },
		{ 50, 4, { 0xff, 3, 0, 0x21 }, false },
		{ 50, 4, { 0x0f, 0, 8, 0 }, false },
		{ 113, 16, { 0, 0, 0, 1, 0, 6, 2, 0, 0, 0, 0, 5, 0, 0, 8, 0 }, true },
		{ 113, 16, { 0, 0, 0xff, 0xfe, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 8, 0 }, false },
		{ 276, 20, { 8, 0, 0, 0, 0, 0, 0, 3, 0, 1, 0, 6, 2, 0, 0, 0, 0, 5, 0, 0 }, true },
		{ 104, 4, { 0x0f, 0, 8, 0 }, false },
		{ 240, 18, { 1, 0, 0, 0, 2, 0, 0, 0, 0, 0xd, 2, 0, 0, 0, 0, 5, 8, 0 }, true },
	};
	for (size_t i = 0; i < sizeof links / sizeof *links; i++) {
		n = 0;
		put(links[i].head, links[i].len);
		tcp4(3);
		if (links[i].link == 240)
			PUT(1, 2, 3, 4); /* frame check sequence */
		assert_true(decode(links[i].link));
		expect_tcp4(&l, 3);
		assert_int_equal(l.has_mac, links[i].mac);
		if (l.has_mac)
			assert_int_equal(l.src_mac.byte[5], 5);
		expect_weird(NULL);
	}
	static const uint8_t families[] = { 10, 24, 28, 30 };
	for (size_t i = 0; i < sizeof families; i++) {
		n = 0;
		PUT(families[i], 0, 0, 0);
		ip6(59, 0);
		assert_true(decode(0));
		assert_int_equal(l.src.family, OTO_FAMILY_IPV6);
	}
}

static void links_with_nothing_to_use(void **state)
{
	(void)state;
	text(60);
	assert_false(decode(195));
	expect_weird("unknown_link_type");
	assert_int_equal(oto_decode_stats(d).unknown_link, 1);
	assert_false(decode(0));
	expect_weird("unknown_address_family");
	n = 0;
	PUT(0xff, 3, 0xc0, 0x21, 1, 1, 0, 4);
	assert_false(decode(9));
	expect_weird(NULL);
}

/* ------------------------------------------------------------------------------------------------ IP */

static void ip4_options(void **state)
{
	(void)state;
	eth(0x0800);
	PUT(0x46, 0, 0, 32, 0, 1, 0, 0, 64, 17, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2, 0x94, 4, 0, 0);
	udp(1, 2, 0);
	set16(14 + 10, fold(sum16(14, 24)));
	assert_true(decode(1));
	assert_int_equal(l.ip_header_len, 24);
	assert_int_equal(l.dport, 2);
	assert_false(l.bad_checksum);
}

static void wrong_lengths(void **state)
{
	(void)state;
	eth(0x0800);
	tcp4(10);
	set16(16, 63);
	assert_false(decode(1)); /* longer than the frame */
	expect_weird("bad_ip_length");
	assert_true(l.has_ip); /* the weird can say whose it was */
	set16(16, 0);
	assert_true(decode(1)); /* left to the network card */
	expect_weird("ip_length_zero");
	assert_int_equal(l.payload_len, 10);
	assert_int_equal(l.ip_len, 0);
	set16(16, 19);
	assert_false(decode(1));
	expect_weird("bad_ip_header_length");
	set16(16, 62);
	frame[14] = 0x44;
	assert_false(decode(1));
	expect_weird("bad_ip_header_length");
	frame[14] = 0x55;
	assert_false(decode(1));
	expect_weird("bad_ip_version");
	frame[14] = 0x45;
	frame[14 + 20 + 12] = 0x40;
	assert_true(decode(1));
	expect_weird("bad_tcp_header_length");
	assert_int_equal(l.payload_len, 0);
	assert_int_equal(l.transport, OTO_TCP);
	assert_int_equal(oto_decode_stats(d).bad_length, 4);
}

static void udp_lengths(void **state)
{
	(void)state;
	eth(0x0800);
	udp4(1, 2, 10);
	text(10);
	assert_true(decode(1));
	assert_int_equal(l.payload_len, 10);
	expect_weird(NULL);
	set16(14 + 20 + 4, 12); /* shorter than the packet */
	assert_true(decode(1));
	expect_weird("udp_length_mismatch");
	assert_int_equal(l.payload_len, 4);
	assert_int_equal(l.payload.len, 4);
	set16(14 + 20 + 4, 100); /* longer */
	assert_true(decode(1));
	assert_int_equal(l.payload_len, 92);
	assert_int_equal(l.payload.len, 10);
	set16(14 + 20 + 4, 0);
	assert_true(decode(1));
	assert_int_equal(l.payload_len, 10);
}

static void snap_length(void **state)
{
	(void)state;
	eth(0x0800);
	tcp4(100);
	assert_true(decode_cut(1, 14 + 52 + 30));
	expect_weird(NULL);
	assert_int_equal(l.payload.len, 30);
	assert_int_equal(l.payload_len, 100);
	assert_int_equal(l.ip_len, 152);
	assert_true(decode_cut(1, 14 + 20 + 25)); /* in the options */
	assert_int_equal(l.transport, OTO_TCP);
	assert_int_equal(l.tcp_options.len, 5);
	assert_int_equal(l.payload.len, 0);
	assert_int_equal(l.payload_len, 100);
	assert_true(decode_cut(1, 14 + 20 + 10)); /* in the header */
	assert_int_equal(l.transport, OTO_IP);
	assert_int_equal(l.ip_proto, 6);
	assert_false(l.has_ports);
	assert_false(decode_cut(1, 14 + 10));
	expect_weird(NULL);
	assert_int_equal(oto_decode_stats(d).truncated, 2);
}

static void checksums(void **state)
{
	(void)state;
	for (uint32_t payload = 0; payload < 70; payload++) {
		n = 0;
		eth(0x0800);
		tcp4(payload);
		assert_true(decode(1));
		assert_false(l.bad_checksum);
		frame[n - 1] ^= 1;
		assert_true(decode(1));
		assert_true(l.bad_checksum);
		frame[n - 1] ^= 1;
		frame[14 + 8]--; /* TTL */
		assert_true(decode(1));
		assert_true(l.bad_checksum);
	}
	struct oto_decode_stats s = oto_decode_stats(d);
	assert_int_equal(s.bad_checksum_tcp, 70);
	assert_int_equal(s.bad_checksum_ip, 70);

	n = 0;
	eth(0x0800);
	uint32_t ip = ip4(17, 15), at = n;
	udp(1, 2, 7);
	text(7);
	assert_true(decode(1));
	assert_false(l.bad_checksum); /* absent */
	transport_sum(ip, at, 17, 6);
	assert_true(decode(1));
	assert_false(l.bad_checksum);
	frame[n - 1] ^= 1;
	assert_true(decode(1));
	assert_true(l.bad_checksum);
	assert_true(decode_cut(1, n - 1));
	assert_false(l.bad_checksum); /* cannot be told */
	assert_int_equal(oto_decode_stats(d).bad_checksum_udp, 1);

	n = 0;
	eth(0x86dd);
	ip = ip6(58, 24);
	at = n;
	PUT(135, 0, 0, 0);
	text(20);
	transport_sum(ip, at, 58, 2);
	assert_true(decode(1));
	assert_false(l.bad_checksum);
	frame[n - 1] ^= 1;
	assert_true(decode(1));
	assert_true(l.bad_checksum);
	assert_int_equal(oto_decode_stats(d).bad_checksum_icmp, 1);
}

static void icmp_ports(void **state)
{
	(void)state;
	static const struct {
		uint8_t proto, type, code;
		uint16_t sport, dport;
	} rows[] = { { 1, 8, 0, 8, 0 },        { 1, 0, 0, 0, 8 },        { 1, 3, 1, 3, 1 },        { 1, 11, 0, 11, 0 },
		     { 1, 13, 0, 13, 14 },     { 58, 128, 0, 128, 129 }, { 58, 129, 0, 129, 128 }, { 58, 135, 0, 135, 136 },
		     { 58, 134, 0, 134, 133 }, { 58, 1, 4, 1, 4 },       { 58, 143, 0, 143, 0 } };
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		n = 0;
		eth(rows[i].proto == 1 ? 0x0800 : 0x86dd);
		if (rows[i].proto == 1)
			ip4(1, 20);
		else
			ip6(58, 20);
		PUT(rows[i].type, rows[i].code, 0, 0, 0, 0, 0, 0);
		text(12);
		assert_true(decode(1));
		assert_int_equal(l.transport, rows[i].proto == 1 ? OTO_ICMP : OTO_ICMP6);
		assert_int_equal(l.sport, rows[i].sport);
		assert_int_equal(l.dport, rows[i].dport);
		assert_int_equal(l.payload_len, 12);
		assert_int_equal(l.l4.len, 20);
		assert_int_equal(l.icmp_type, rows[i].type);
		assert_int_equal(l.icmp_code, rows[i].code);
	}
}

static void other_protocols(void **state)
{
	(void)state;
	eth(0x0800);
	ip4(89, 44);
	text(44);
	assert_true(decode(1));
	assert_int_equal(l.transport, OTO_IP);
	assert_int_equal(l.ip_proto, 89);
	assert_int_equal(l.payload.len, 44);
	assert_false(l.has_ports);
}

static void ip6_extensions(void **state)
{
	(void)state;
	eth(0x86dd);
	uint32_t ip = ip6(0, 8 + 16 + 8 + 12 + 8 + 13);
	PUT(43, 0, 1, 4, 0, 0, 0, 0);                         /* hop by hop */
	PUT(60, 1, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0); /* routing, at its end */
	PUT(51, 0, 1, 4, 0, 0, 0, 0);                         /* destination options */
	PUT(17, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1);             /* authentication */
	uint32_t at = n;
	udp(1000, 53, 13);
	text(13);
	transport_sum(ip, at, 17, 6);
	assert_true(decode(1));
	expect_weird(NULL);
	assert_int_equal(l.transport, OTO_UDP);
	assert_int_equal(l.dport, 53);
	assert_int_equal(l.ip_header_len, 84);
	assert_int_equal(l.ip_len, 105);
	assert_int_equal(l.payload_len, 13);
	assert_int_equal(l.ttl, 59);
	assert_int_equal(l.tos, 0xb8);
	assert_false(l.bad_checksum);

	static const uint8_t last[] = { 50, 59, 135, 200 }; /* ESP, none, mobility, whatever */
	for (size_t i = 0; i < sizeof last; i++) {
		n = 0;
		eth(0x86dd);
		ip6(last[i], 16);
		text(16);
		assert_true(decode(1));
		assert_int_equal(l.transport, OTO_IP);
		assert_int_equal(l.ip_proto, last[i]);
		expect_weird(NULL);
	}

	n = 0;
	eth(0x86dd);
	ip6(60, 40 * 8);
	for (int i = 0; i < 40; i++)
		PUT(60, 0, 1, 4, 0, 0, 0, 0);
	assert_true(decode(1));
	expect_weird("too_many_extension_headers");
	assert_int_equal(l.transport, OTO_IP);

	n = 0;
	eth(0x86dd);
	ip6(60, 8);
	PUT(17, 9, 1, 4, 0, 0, 0, 0);
	assert_true(decode(1));
	expect_weird("truncated_header");
	assert_int_equal(l.transport, OTO_IP);
}

/* ------------------------------------------------------------------------------------------------ fragments */

static void ip4_fragment(uint32_t offset, uint32_t len, bool more)
{
	n = 0;
	eth(0x0800);
	ip4(17, len);
	set16(14 + 6, (more ? 0x2000 : 0) | offset / 8);
	if (offset == 0) {
		udp(7, 9, 48);
		len -= 8;
	}
	text(len);
}

static void ip4_fragments(void **state)
{
	(void)state;
	ip4_fragment(0, 32, true);
	assert_true(decode(1));
	assert_true(l.fragment);
	assert_int_equal(l.transport, OTO_IP);
	assert_int_equal(l.ip_proto, 17);
	assert_int_equal(l.payload.len, 0);
	ip4_fragment(32, 24, false);
	assert_true(decode(1));
	assert_false(l.fragment);
	assert_true(l.reassembled);
	assert_int_equal(l.dport, 9);
	assert_int_equal(l.payload_len, 48);
	assert_int_equal(l.payload.len, 48);
	assert_int_equal(l.ip_len, 20 + 56);
	assert_int_equal(l.payload.data[24], 1);
	struct oto_decode_stats s = oto_decode_stats(d);
	assert_int_equal(s.fragments, 2);
	assert_int_equal(s.reassembled, 1);

	ip4_fragment(0, 32, true);
	assert_true(decode_cut(1, n - 1)); /* a first fragment cut off: its own data are all there will be */
	assert_false(l.fragment);
	assert_int_equal(l.dport, 9);
	ip4_fragment(32, 24, false);
	assert_true(decode_cut(1, n - 1));
	assert_true(l.fragment);
}

static void ip6_fragments(void **state)
{
	(void)state;
	for (int part = 0; part < 2; part++) {
		n = 0;
		eth(0x86dd);
		ip6(44, 8 + 24);
		PUT(17, 0, 0, part ? 24 : 1, 0, 0, 0, 77);
		if (part == 0)
			udp(7, 9, 40);
		text(part ? 24 : 16);
		assert_true(decode(1));
		assert_int_equal(l.fragment, part == 0);
	}
	assert_true(l.reassembled);
	assert_int_equal(l.payload_len, 40);
	assert_int_equal(l.ip_header_len, 48);
	assert_int_equal(l.ip_len, 96);

	n = 0;
	eth(0x86dd);
	ip6(44, 8 + 18);
	PUT(17, 0, 0, 0, 0, 0, 0, 78); /* atomic */
	udp(7, 9, 10);
	text(10);
	assert_true(decode(1));
	assert_false(l.fragment);
	assert_int_equal(l.dport, 9);
}

/* ------------------------------------------------------------------------------------------------ tunnels */

static void expect_inner(enum oto_tunnel tunnel, uint32_t payload)
{
	assert_int_equal(l.inner_tunnel, tunnel);
	assert_true(oto_decode_inner(d, &l, &inner));
	expect_tcp4(&inner, payload);
	assert_int_equal(inner.tunnel, tunnel);
	assert_int_equal(inner.depth, 1);
	assert_ptr_equal(inner.packet, &packet);
}

/* One of each, all with the same TCP packet of 57 bytes inside. */
enum { TUNNELS = 29, INNER = 57, INNER_FRAME = 71 };
static enum oto_tunnel tunnel(int which)
{
	n = 0;
	eth(0x0800);
	switch (which) {
	case 0:
		ip4(4, INNER);
		tcp4(5);
		return OTO_TUNNEL_IP;
	case 1:
		n = 0;
		eth(0x86dd);
		ip6(4, INNER);
		tcp4(5);
		return OTO_TUNNEL_IP;
	case 2:
		ip4(47, 4 + INNER);
		PUT(0, 0, 8, 0);
		tcp4(5);
		return OTO_TUNNEL_GRE;
	case 3: /* checksum, key, sequence */
		ip4(47, 16 + INNER);
		PUT(0xb0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 2);
		tcp4(5);
		return OTO_TUNNEL_GRE;
	case 4:
		ip4(47, 8 + INNER_FRAME);
		PUT(0x20, 0, 0x65, 0x58, 0, 0, 0, 1);
		eth(0x0800);
		tcp4(5);
		return OTO_TUNNEL_GRE;
	case 5: /* PPTP */
		ip4(47, 16 + INNER);
		PUT(0x30, 1, 0x88, 0x0b, 0, 61, 0, 1, 0, 0, 0, 1, 0xff, 3, 0, 0x21);
		tcp4(5);
		return OTO_TUNNEL_GRE;
	case 6: /* MPLS in GRE */
		ip4(47, 8 + INNER);
		PUT(0, 0, 0x88, 0x47, 0, 1, 0x11, 64);
		tcp4(5);
		return OTO_TUNNEL_GRE;
	case 7: /* ERSPAN I */
		ip4(47, 4 + INNER_FRAME);
		PUT(0, 0, 0x88, 0xbe);
		eth(0x0800);
		tcp4(5);
		return OTO_TUNNEL_ERSPAN;
	case 8: /* II */
		ip4(47, 16 + INNER_FRAME);
		PUT(0x10, 0, 0x88, 0xbe, 0, 0, 0, 1, 0x10, 5, 0, 1, 0, 0, 0, 1);
		eth(0x0800);
		tcp4(5);
		return OTO_TUNNEL_ERSPAN;
	case 9: /* III */
		ip4(47, 20 + INNER_FRAME);
		PUT(0x10, 0, 0x22, 0xeb, 0, 0, 0, 1, 0x20, 5, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0);
		eth(0x0800);
		tcp4(5);
		return OTO_TUNNEL_ERSPAN;
	case 10: /* III with platform header, IP inside */
		ip4(47, 28 + INNER);
		PUT(0x10, 0, 0x22, 0xeb, 0, 0, 0, 1, 0x20, 5, 0, 1, 0, 0, 0, 0, 0, 0, 2 << 2, 1, 1, 2, 3, 4, 5, 6, 7, 8);
		tcp4(5);
		return OTO_TUNNEL_ERSPAN;
	case 11:
		udp4(50000, 4789, 8 + INNER_FRAME);
		PUT(8, 0, 0, 0, 0, 0, 5, 0);
		eth(0x0800);
		tcp4(5);
		return OTO_TUNNEL_VXLAN;
	case 12:
		udp4(50000, 6081, 12 + INNER_FRAME);
		PUT(1, 0, 0x65, 0x58, 0, 0, 5, 0, 1, 2, 3, 4);
		eth(0x0800);
		tcp4(5);
		return OTO_TUNNEL_GENEVE;
	case 13:
		udp4(50000, 6081, 8 + INNER);
		PUT(0, 0, 8, 0, 0, 0, 5, 0);
		tcp4(5);
		return OTO_TUNNEL_GENEVE;
	case 14:
		n = 0;
		eth(0x8847);
		PUT(0, 2, 0x31, 64);
		eth(0x0800);
		tcp4(5);
		return OTO_TUNNEL_MPLS;
	case 15: { /* reassembled before it is looked into */
		ip4(47, 24);
		set16(14 + 6, 0x2000);
		PUT(0, 0, 8, 0);
		uint32_t data = n;
		tcp4(5);
		uint8_t rest[INNER - 20];
		memcpy(rest, frame + data + 20, sizeof rest);
		n = data + 20;
		assert_true(decode(1));
		assert_true(l.fragment);
		n = 0;
		eth(0x0800);
		ip4(47, sizeof rest);
		set16(14 + 6, 3);
		put(rest, sizeof rest);
		return OTO_TUNNEL_GRE;
	}
	case 16:
		ip4(97, 2 + INNER_FRAME);
		PUT(0x30, 0);
		eth(0x0800);
		tcp4(5);
		return OTO_TUNNEL_ETHERIP;
	case 17: /* MPLS in IP and in UDP */
		ip4(137, 4 + INNER);
		PUT(0, 2, 0x31, 64);
		tcp4(5);
		return OTO_TUNNEL_MPLS;
	case 18:
		udp4(50000, 6635, 4 + INNER_FRAME);
		PUT(0, 2, 0x31, 64);
		eth(0x0800);
		tcp4(5);
		return OTO_TUNNEL_MPLS;
	case 19:
		udp4(2152, 2152, 8 + INNER);
		PUT(0x30, 255, 0, INNER, 0, 0, 0, 9);
		tcp4(5);
		return OTO_TUNNEL_GTP;
	case 20: /* sequence number and two extension headers */
		udp4(2152, 2152, 24 + INNER);
		PUT(0x36, 255, 0, 16 + INNER, 0, 0, 0, 9, 0, 1, 0, 0x85, 1, 0, 9, 0xc0, 2, 0, 0, 0, 0, 0, 0, 0);
		tcp4(5);
		return OTO_TUNNEL_GTP;
	case 21:
		udp4(1701, 1701, 8 + INNER);
		PUT(0, 2, 0, 1, 0, 2, 0, 0x21);
		tcp4(5);
		return OTO_TUNNEL_L2TP;
	case 22: /* length, sequence numbers, two bytes of offset, address and control of PPP */
		udp4(1701, 1701, 20 + INNER);
		PUT(0x4a, 2, 0, 20 + INNER, 0, 1, 0, 2, 0, 1, 0, 1, 0, 2, 0, 0, 0xff, 3, 0, 0x21);
		tcp4(5);
		return OTO_TUNNEL_L2TP;
	case 23:
		udp4(50000, 4790, 8 + INNER);
		PUT(0x0c, 0, 0, 1, 0, 0, 5, 0);
		tcp4(5);
		return OTO_TUNNEL_VXLAN;
	case 24:
		udp4(50000, 4790, 8 + INNER_FRAME);
		PUT(0x0c, 0, 0, 3, 0, 0, 5, 0);
		eth(0x0800);
		tcp4(5);
		return OTO_TUNNEL_VXLAN;
	case 25:
		udp4(50000, 8472, 8 + INNER_FRAME);
		PUT(8, 0, 0, 0, 0, 0, 5, 0);
		eth(0x0800);
		tcp4(5);
		return OTO_TUNNEL_VXLAN;
	case 26: /* version 3, without and with a cookie and a sublayer */
	case 27:
		ip4(115, (which == 26 ? 4 : 16) + INNER_FRAME);
		PUT(0, 0, 0, 9);
		if (which == 27)
			PUT(1, 2, 3, 4, 5, 6, 7, 8, 0x40, 0, 0, 1);
		eth(0x0800);
		tcp4(5);
		return OTO_TUNNEL_L2TP;
	default: /* PPTP, compressed protocol and an acknowledgement number */
		ip4(47, 17 + INNER);
		PUT(0x30, 0x81, 0x88, 0x0b, 0, 58, 0, 1, 0, 0, 0, 1, 0, 0, 0, 9, 0x21);
		tcp4(5);
		return OTO_TUNNEL_GRE;
	}
}

static void tunnels(void **state)
{
	(void)state;
	for (int i = 0; i < TUNNELS; i++) {
		enum oto_tunnel expected = tunnel(i);
		assert_true(decode(1));
		expect_weird(NULL);
		expect_inner(expected, 5);
	}
	assert_int_equal(oto_decode_stats(d).tunnels, TUNNELS);
}

static void six_in_four_and_teredo(void **state)
{
	(void)state;
	eth(0x0800);
	ip4(41, 40);
	ip6(59, 0);
	assert_true(decode(1));
	assert_int_equal(l.inner_tunnel, OTO_TUNNEL_IP);
	assert_true(oto_decode_inner(d, &l, &inner));
	assert_int_equal(inner.src.family, OTO_FAMILY_IPV6);

	n = 0;
	eth(0x0800);
	udp4(3544, 40000, 13 + 8 + 40);
	PUT(0, 1, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 0); /* authentication */
	PUT(0, 0, 1, 2, 3, 4, 5, 6);                /* origin */
	ip6(59, 0);
	assert_true(decode(1));
	assert_int_equal(l.inner_tunnel, OTO_TUNNEL_TEREDO);
	assert_true(oto_decode_inner(d, &l, &inner));
	assert_int_equal(inner.ip_proto, 59);

	n = 0;
	eth(0x0800);
	udp4(3544, 40000, 44);
	ip6(59, 0);
	text(4); /* not exactly an IPv6 packet: something else on that port */
	assert_true(decode(1));
	assert_int_equal(l.inner_tunnel, OTO_TUNNEL_NONE);
	expect_weird(NULL);
}

static void not_tunnels(void **state)
{
	(void)state;
	static const uint8_t gre[][4] = { { 0, 2, 8, 0 }, { 0x40, 0, 8, 0 } };
	for (size_t i = 0; i < 2; i++) {
		n = 0;
		eth(0x0800);
		ip4(47, 24);
		put(gre[i], 4);
		text(20);
		assert_true(decode(1));
		assert_int_equal(l.inner_tunnel, OTO_TUNNEL_NONE);
		expect_weird("unknown_gre_version");
	}
	n = 0;
	eth(0x0800);
	ip4(47, 24);
	PUT(0, 0, 0x12, 0x34);
	text(20);
	assert_true(decode(1));
	expect_weird("unknown_gre_protocol");

	n = 0;
	eth(0x0800);
	udp4(50000, 4789, 30);
	text(30); /* the first byte is 1: no VXLAN flag */
	assert_true(decode(1));
	assert_int_equal(l.inner_tunnel, OTO_TUNNEL_NONE);
	expect_weird(NULL);
}

static void tunnel_depth(void **state)
{
	(void)state;
	eth(0x0800);
	for (uint32_t i = 0; i < 10; i++)
		ip4(4, (9 - i) * 20);
	assert_true(decode(1));
	struct oto_layers pass[2] = { l };
	int depth = 0;
	for (; pass[depth % 2].inner_tunnel; depth++)
		if (!oto_decode_inner(d, &pass[depth % 2], &pass[(depth + 1) % 2]))
			break;
	assert_int_equal(depth, 4);
	expect_weird("tunnel_too_deep");
	assert_int_equal(oto_decode_stats(d).too_deep, 1);
}

static void tunnel_cut_off(void **state)
{
	(void)state;
	eth(0x0800);
	ip4(47, 4 + 52 + 100);
	PUT(0, 0, 8, 0);
	tcp4(100);
	assert_true(decode_cut(1, n - 60));
	assert_true(oto_decode_inner(d, &l, &inner));
	assert_int_equal(inner.payload.len, 40);
	assert_int_equal(inner.payload_len, 100);
	assert_int_equal(inner.ip_len, 152);
}

static void reentry(void **state)
{
	(void)state;
	eth(0x0800);
	tcp4(5);
	assert_true(decode(1));
	struct oto_layers outer = {
		.packet = &packet, .inner_tunnel = OTO_TUNNEL_REENTRY, .inner_link = OTO_LINK_ETHERNET, .inner = { frame, n }
	};
	assert_true(oto_decode_inner(d, &outer, &inner));
	expect_tcp4(&inner, 5);
	assert_int_equal(inner.tunnel, OTO_TUNNEL_REENTRY);
}

/* ------------------------------------------------------------------------------------------------ anything at all */

static void everything_inside(const struct oto_layers *x)
{
	const uint8_t *end = x->packet->data + x->packet->caplen;
	if (!x->reassembled && x->payload.len && x->depth == 0)
		assert_true(x->payload.data >= x->packet->data && x->payload.data + x->payload.len <= end);
	volatile uint8_t sum = 0;
	for (uint32_t i = 0; i < x->payload.len; i++)
		sum = (uint8_t)(sum + x->payload.data[i]);
	for (uint32_t i = 0; i < x->tcp_options.len; i++)
		sum = (uint8_t)(sum + x->tcp_options.data[i]);
	assert_true(x->payload.len <= x->payload_len || x->payload_len == 0);
}

static void decode_all(uint32_t link, uint32_t caplen)
{
	struct oto_layers pass[2];
	bool ok = decode_cut(link, caplen);
	pass[0] = l;
	for (int i = 0; ok; i++) {
		everything_inside(&pass[i % 2]);
		if (!pass[i % 2].inner_tunnel)
			break;
		ok = oto_decode_inner(d, &pass[i % 2], &pass[(i + 1) % 2]);
	}
}

static void cut_and_flipped(void **state)
{
	(void)state;
	static const uint32_t links[] = { 1, 0, 12, 9, 50, 113, 276, 240, 241, 105, 127, 192 };
	uint64_t random = 88172645463325252u;
	for (int i = 0; i < TUNNELS; i++) {
		tunnel(i);
		uint8_t good[sizeof frame];
		memcpy(good, frame, n);
		for (uint32_t cut = 0; cut <= n; cut++)
			decode_all(1, cut);
		for (int flip = 0; flip < 3000; flip++) {
			random ^= random << 13, random ^= random >> 7, random ^= random << 17;
			frame[random % n] ^= (uint8_t)(random >> 32);
			decode_all(links[(random >> 40) % (sizeof links / sizeof *links)], n - (uint32_t)(random >> 50) % (n / 2));
			if (flip % 8 == 7)
				memcpy(frame, good, n);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(ethernet_tcp, setup, teardown),
		cmocka_unit_test_setup_teardown(vlans, setup, teardown),
		cmocka_unit_test_setup_teardown(redundancy_tags, setup, teardown),
		cmocka_unit_test_setup_teardown(tags_without_end, setup, teardown),
		cmocka_unit_test_setup_teardown(llc_and_snap, setup, teardown),
		cmocka_unit_test_setup_teardown(tags_of_switches, setup, teardown),
		cmocka_unit_test_setup_teardown(macsec, setup, teardown),
		cmocka_unit_test_setup_teardown(wifi, setup, teardown),
		cmocka_unit_test_setup_teardown(arp, setup, teardown),
		cmocka_unit_test_setup_teardown(pppoe, setup, teardown),
		cmocka_unit_test_setup_teardown(mpls, setup, teardown),
		cmocka_unit_test_setup_teardown(other_links, setup, teardown),
		cmocka_unit_test_setup_teardown(links_with_nothing_to_use, setup, teardown),
		cmocka_unit_test_setup_teardown(ip4_options, setup, teardown),
		cmocka_unit_test_setup_teardown(wrong_lengths, setup, teardown),
		cmocka_unit_test_setup_teardown(udp_lengths, setup, teardown),
		cmocka_unit_test_setup_teardown(snap_length, setup, teardown),
		cmocka_unit_test_setup_teardown(checksums, setup, teardown),
		cmocka_unit_test_setup_teardown(icmp_ports, setup, teardown),
		cmocka_unit_test_setup_teardown(other_protocols, setup, teardown),
		cmocka_unit_test_setup_teardown(ip6_extensions, setup, teardown),
		cmocka_unit_test_setup_teardown(ip4_fragments, setup, teardown),
		cmocka_unit_test_setup_teardown(ip6_fragments, setup, teardown),
		cmocka_unit_test_setup_teardown(tunnels, setup, teardown),
		cmocka_unit_test_setup_teardown(six_in_four_and_teredo, setup, teardown),
		cmocka_unit_test_setup_teardown(not_tunnels, setup, teardown),
		cmocka_unit_test_setup_teardown(tunnel_depth, setup, teardown),
		cmocka_unit_test_setup_teardown(tunnel_cut_off, setup, teardown),
		cmocka_unit_test_setup_teardown(reentry, setup, teardown),
		cmocka_unit_test_setup_teardown(cut_and_flipped, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
