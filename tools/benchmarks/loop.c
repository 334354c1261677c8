/* loop.c - the limit everything is measured against: a bare libpcap loop that reads a capture and does nothing. CPU seconds on stdout.
 *
 *   bench-loop FILE              read it once
 *   bench-loop FILE N OUT        write it N times over, one after the other in time, as one capture; every copy is other hosts, so that
 *                                its connections are new: the same bytes once more would be retransmissions
 *   bench-loop FILE N OUT same   the same hosts go on: true for cyclic traffic, which never opens or closes anything
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

#define APART_S 1 /* between two copies */

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

/* ------------------------------------------------------------------------------------------------ other hosts */

static unsigned be16(const uint8_t *p)
{
	return (unsigned)p[0] << 8 | p[1];
}

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

static void change_macs(uint8_t *frame, unsigned copy)
{
	for (uint8_t *a = frame; a <= frame + 6; a += 6) {
		if (!(a[0] & 1))
			change(a + 3, copy);
	}
}

static void change_ethernet(uint8_t *frame, size_t n, unsigned copy)
{
	size_t at = 12;

	while (at + 6 <= n && (be16(frame + at) == ETHERTYPE_VLAN || be16(frame + at) == ETHERTYPE_QINQ))
		at += 4;
	if (at + 2 > n)
		return;
	switch (be16(frame + at)) {
	case ETHERTYPE_IPV4:
	case ETHERTYPE_IPV6:
		change_ip(frame + at + 2, n - at - 2, copy);
		break;
	case ETHERTYPE_ARP:
		break;
	default:
		change_macs(frame, copy);
	}
}

static void change_hosts(int link, uint8_t *frame, size_t n, unsigned copy)
{
	size_t header = link == DLT_LINUX_SLL ? 16 : link == DLT_LINUX_SLL2 ? 20 : link == DLT_NULL ? 4 : 0;

	if (link == DLT_EN10MB)
		change_ethernet(frame, n, copy);
	else if (header <= n)
		change_ip(frame + header, n - header, copy);
}

/* ------------------------------------------------------------------------------------------------ copies */

static void write_copy(pcap_t *p, pcap_dumper_t *d, unsigned copy, long shift, long *first, long *last)
{
	static uint8_t frame[1 << 18]; /* as long as a frame can be in a capture file */
	struct pcap_pkthdr *h;
	const u_char *data;

	for (long n = 0; pcap_next_ex(p, &h, &data) == 1; n++) {
		struct pcap_pkthdr shifted = *h;
		if (!n)
			*first = h->ts.tv_sec;
		*last = h->ts.tv_sec > *last ? h->ts.tv_sec : *last;
		shifted.ts.tv_sec += shift;
		if (shifted.caplen > sizeof frame)
			shifted.caplen = sizeof frame;
		memcpy(frame, data, shifted.caplen);
		if (copy)
			change_hosts(pcap_datalink(p), frame, shifted.caplen, copy);
		pcap_dump((u_char *)d, &shifted, frame);
	}
}

static void repeat(const char *path, unsigned copies, const char *out, bool same)
{
	pcap_dumper_t *d = NULL;
	long shift = 0, first = 0, last = 0;

	for (unsigned copy = 0; copy < copies; copy++) {
		pcap_t *p = open_or_die(path);
		if (!d && !(d = pcap_dump_open(p, out))) {
			fprintf(stderr, "bench-loop: %s\n", pcap_geterr(p));
			exit(1);
		}
		write_copy(p, d, same ? 0 : copy, shift, &first, &last);
		shift += last - first + APART_S;
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
