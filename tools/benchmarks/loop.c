/* loop.c - the limit everything is measured against: a bare libpcap loop that reads a capture and does nothing. CPU seconds on stdout.
 *
 *   bench-loop FILE              read it once
 *   bench-loop FILE N OUT        write it N times over, one after the other in time, as one capture; every copy is other hosts, so that
 *                                its connections are new: the same bytes once more would be retransmissions
 *   bench-loop FILE N OUT same   the same hosts go on, and each copy's TCP clients call from other ports: the same sequence numbers once
 *                                more would be retransmissions
 *
 * Knows as much of frames as finding the addresses takes. Checksums are not made anew: nothing here obeys them.
 */
#include <pcap/pcap.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define APART_S 1         /* between two copies */
#define PAUSE_S 3600      /* within one */
#define LONGEST (1 << 18) /* a frame in a capture file */

enum { PROTO_TCP = 6, TCP_HEADER = 20, TCP_SYN = 0x02, TCP_ACK = 0x10 };
enum { ETHERTYPE_IPV4 = 0x0800, ETHERTYPE_ARP = 0x0806, ETHERTYPE_VLAN = 0x8100, ETHERTYPE_IPV6 = 0x86dd, ETHERTYPE_QINQ = 0x88a8 };

static pcap_t *open_or_die(const char *path)
{
	char err[PCAP_ERRBUF_SIZE];
	pcap_t *p = pcap_open_offline_with_tstamp_precision(path, PCAP_TSTAMP_PRECISION_NANO, err);

	if (!p) {
		fprintf(stderr, "bench-loop: %s\n", err);
		exit(1);
	}
	return p;
}

static void read_once(const char *path)
{
	pcap_t *p = open_or_die(path);
	struct pcap_pkthdr *h;
	const u_char *data;
	unsigned long packets = 0;

	while (pcap_next_ex(p, &h, &data) == 1)
		packets++;
	pcap_close(p);
	printf("%lu %.6f\n", packets, (double)clock() / CLOCKS_PER_SEC);
}

/* ------------------------------------------------------------------------------------------------ frames */

static unsigned be16(const uint8_t *p)
{
	return (unsigned)p[0] << 8 | p[1];
}

static uint8_t *find_tcp(uint8_t *ip, size_t n)
{
	size_t header = n >= 20 && ip[0] >> 4 == 4 ? (size_t)(ip[0] & 15) * 4 : 40;
	bool tcp = n >= 40 && (ip[0] >> 4 == 4 ? ip[9] == PROTO_TCP && !(be16(ip + 6) & 0x1fff) : ip[0] >> 4 == 6 && ip[6] == PROTO_TCP);

	return tcp && header + TCP_HEADER <= n ? ip + header : NULL;
}

/* Where an Ethernet frame's EtherType is, behind its VLAN tags; 0 for none. */
static size_t find_ethertype(const uint8_t *frame, size_t n)
{
	size_t at = 12;

	while (at + 6 <= n && (be16(frame + at) == ETHERTYPE_VLAN || be16(frame + at) == ETHERTYPE_QINQ))
		at += 4;
	return at + 2 <= n ? at : 0;
}

/* The IP header of a frame, or NULL. */
static uint8_t *find_ip(int link, uint8_t *frame, size_t n)
{
	size_t at = link == DLT_LINUX_SLL ? 16 : link == DLT_LINUX_SLL2 ? 20 : link == DLT_NULL ? 4 : 0;

	if (link == DLT_EN10MB) {
		at = find_ethertype(frame, n);
		if (!at || (be16(frame + at) != ETHERTYPE_IPV4 && be16(frame + at) != ETHERTYPE_IPV6))
			return NULL;
		at += 2;
	}
	return at < n ? frame + at : NULL;
}

/* ------------------------------------------------------------------------------------------------ who is the client */

#define CONNECTIONS (1u << 20) /* told apart; of more, the port tells */

struct clients {
	bool service[65536];          /* ports that somebody opens a connection to */
	uint64_t opened[CONNECTIONS]; /* who sent first: hashes, in the lowest bit which end; 0: free */
};

struct end {
	uint8_t address[16], port[2];
};

static void find_ends(const uint8_t *ip, const uint8_t *tcp, struct end two[2])
{
	size_t length = ip[0] >> 4 == 4 ? 4 : 16, at = ip[0] >> 4 == 4 ? 12 : 8;

	memset(two, 0, 2 * sizeof *two);
	for (size_t i = 0; i < 2; i++) {
		memcpy(two[i].address, ip + at + i * length, length);
		memcpy(two[i].port, tcp + 2 * i, sizeof two[i].port);
	}
}

/* FNV-1a, of both ends in an order that does not depend on who sends; *swapped: the sender is the second. */
static uint64_t connection_of(const uint8_t *ip, const uint8_t *tcp, bool *swapped)
{
	struct end two[2];
	uint64_t hash = UINT64_C(0xcbf29ce484222325);

	find_ends(ip, tcp, two);
	*swapped = memcmp(&two[0], &two[1], sizeof two[0]) > 0;
	for (size_t i = 0; i < sizeof two; i++)
		hash = (hash ^ ((const uint8_t *)&two[(i >= sizeof two[0]) != *swapped])[i % sizeof two[0]]) * UINT64_C(0x100000001b3);
	return (hash | 2) & ~UINT64_C(1);
}

/* Its place, or a free one; NULL: there is none. */
static uint64_t *place_of(struct clients *c, uint64_t connection)
{
	for (uint64_t i = 0; i < 64; i++) {
		uint64_t *at = &c->opened[((connection >> 8 ^ connection >> 40) + i) & (CONNECTIONS - 1)];
		if (!*at || (*at & ~UINT64_C(1)) == connection)
			return at;
	}
	return NULL;
}

static void note_client(struct clients *c, const uint8_t *ip, const uint8_t *tcp)
{
	unsigned flags = tcp[13] & (TCP_SYN | TCP_ACK);
	bool swapped;
	uint64_t connection = connection_of(ip, tcp, &swapped), *at = place_of(c, connection);

	if (flags == TCP_SYN)
		c->service[be16(tcp + 2)] = true;
	if (at && (!*at || flags == TCP_SYN))
		*at = connection | (swapped != (flags == (TCP_SYN | TCP_ACK)));
}

/* 0: who sends; 1: to whom. The port that connections are opened to tells; else the client is who sent first: devices are polled. */
static unsigned client_of(struct clients *c, const uint8_t *ip, const uint8_t *tcp)
{
	bool served[2] = { c->service[be16(tcp)], c->service[be16(tcp + 2)] }, swapped;
	uint64_t connection = connection_of(ip, tcp, &swapped), *at = place_of(c, connection);

	if (served[0] != served[1])
		return served[0];
	if (!at || !*at)
		return be16(tcp) < be16(tcp + 2);
	return (*at & 1) != swapped;
}

/* ------------------------------------------------------------------------------------------------ other hosts, other clients */

struct copy {
	unsigned number;
	bool same; /* hosts */
	struct clients *clients;
};

/* Both ends alike, and each copy's change undoes itself: whoever was different stays different. */
static void change(uint8_t *two, unsigned copy)
{
	two[0] ^= (uint8_t)(copy >> 8);
	two[1] ^= (uint8_t)copy;
}

/* Groups and hosts without an address stay; the first byte of all others, which tells what kind of network they live in, too. */
static void change_ip(uint8_t *ip, size_t n, unsigned copy)
{
	if (n >= 20 && ip[0] >> 4 == 4) {
		for (uint8_t *a = ip + 12; a <= ip + 16; a += 4) {
			if (a[0] && a[0] < 224)
				change(a + 1, copy);
		}
	} else if (n >= 40 && ip[0] >> 4 == 6) {
		for (uint8_t *a = ip + 8; a <= ip + 24; a += 16) {
			if (a[0] && a[0] != 0xff)
				change(a + 6, copy);
		}
	}
}

/* The copy's bits in reverse: the top ones change first, which two connections of one capture seldom differ in alone. */
static uint16_t in_reverse(unsigned copy)
{
	uint16_t bits = 0;

	for (unsigned i = 0; i < 15; i++)
		bits |= (uint16_t)((copy >> i & 1) << (14 - i));
	return bits;
}

static void change_client(uint8_t *ip, size_t n, const struct copy *c)
{
	uint16_t by = in_reverse(c->number);
	uint8_t *tcp = find_tcp(ip, n), *client;

	if (!tcp || be16(tcp) == be16(tcp + 2))
		return;
	client = tcp + 2 * client_of(c->clients, ip, tcp);
	client[0] ^= (uint8_t)(by >> 8);
	client[1] ^= (uint8_t)by;
}

/* Frames without IP; the addresses in ARP stay. */
static void change_macs(uint8_t *frame, size_t n, unsigned copy)
{
	size_t at = find_ethertype(frame, n);

	if (!at || be16(frame + at) == ETHERTYPE_ARP)
		return;
	for (uint8_t *a = frame; a <= frame + 6; a += 6) {
		if (!(a[0] & 1))
			change(a + 3, copy);
	}
}

static void change_frame(int link, uint8_t *frame, size_t n, const struct copy *c)
{
	uint8_t *ip = find_ip(link, frame, n);
	size_t left = ip ? n - (size_t)(ip - frame) : 0;

	if (ip && c->same)
		change_client(ip, left, c);
	else if (ip)
		change_ip(ip, left, c->number);
	else if (link == DLT_EN10MB && !c->same)
		change_macs(frame, n, c->number);
}

/* ------------------------------------------------------------------------------------------------ copies */

/* EtherNet/IP's port lies among those that clients get, and is known without. */
static void find_clients(const char *path, struct clients *c)
{
	static uint8_t frame[LONGEST];
	pcap_t *p = open_or_die(path);
	struct pcap_pkthdr *h;
	const u_char *data;

	c->service[44818] = true;
	while (pcap_next_ex(p, &h, &data) == 1) {
		size_t n = h->caplen < LONGEST ? h->caplen : LONGEST;
		uint8_t *ip, *tcp;
		memcpy(frame, data, n);
		ip = find_ip(pcap_datalink(p), frame, n);
		tcp = ip ? find_tcp(ip, n - (size_t)(ip - frame)) : NULL;
		if (tcp)
			note_client(c, ip, tcp);
	}
	pcap_close(p);
}

/* Behind `now`, the time of the packet that was written last. A pause that is long is not made longer: a capture over years would run out
 * of the 32 bits that hold its seconds. */
static long write_copy(pcap_t *p, pcap_dumper_t *d, const struct copy *c, long now)
{
	static uint8_t frame[LONGEST];
	struct pcap_pkthdr *h;
	const u_char *data;
	long shift = 0;

	for (long n = 0; pcap_next_ex(p, &h, &data) == 1; n++) {
		struct pcap_pkthdr shifted = *h;
		if (!n && c->number)
			shift = now + APART_S - h->ts.tv_sec;
		else if (n && h->ts.tv_sec + shift > now + PAUSE_S)
			shift = now + PAUSE_S - h->ts.tv_sec;
		shifted.ts.tv_sec += shift;
		now = !n || shifted.ts.tv_sec > now ? shifted.ts.tv_sec : now;
		if (shifted.caplen > sizeof frame)
			shifted.caplen = sizeof frame;
		memcpy(frame, data, shifted.caplen);
		if (c->number)
			change_frame(pcap_datalink(p), frame, shifted.caplen, c);
		pcap_dump((u_char *)d, &shifted, frame);
	}
	return now;
}

static void repeat(const char *path, unsigned copies, const char *out, bool same)
{
	static struct clients clients;
	pcap_dumper_t *d = NULL;
	long now = 0;

	find_clients(path, &clients);
	for (unsigned i = 0; i < copies; i++) {
		struct copy c = { i, same, &clients };
		pcap_t *p = open_or_die(path);
		if (!d && !(d = pcap_dump_open(p, out))) {
			fprintf(stderr, "bench-loop: %s\n", pcap_geterr(p));
			exit(1);
		}
		now = write_copy(p, d, &c, now);
		pcap_close(p);
	}
	pcap_dump_close(d);
}

int main(int argc, char **argv)
{
	bool same = argc == 5 && strcmp(argv[4], "same") == 0;

	if (argc == 2)
		read_once(argv[1]);
	else if (argc == 4 || same)
		repeat(argv[1], (unsigned)atoi(argv[2]), argv[3], same);
	else
		return fputs("usage: bench-loop FILE [N OUT [same]]\n", stderr), 2;
	return 0;
}
