/* loop.c - the limit everything is measured against: a bare libpcap loop that reads a capture and does nothing. CPU seconds on stdout.
 *
 *   bench-loop FILE            read it once
 *   bench-loop FILE N OUT      write it N times over, one after the other in time, as one capture
 */
#include <pcap/pcap.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define APART_S 1 /* between two rounds: connections live on, as they do in a plant */

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

static void repeat(const char *path, int rounds, const char *out)
{
	pcap_dumper_t *d = NULL;
	long shift = 0, first = 0, last = 0;

	for (int round = 0; round < rounds; round++) {
		pcap_t *p = open_or_die(path);
		struct pcap_pkthdr *h;
		const u_char *data;
		if (!d && !(d = pcap_dump_open(p, out))) {
			fprintf(stderr, "bench-loop: %s\n", pcap_geterr(p));
			exit(1);
		}
		for (long n = 0; pcap_next_ex(p, &h, &data) == 1; n++) {
			if (!n)
				first = h->ts.tv_sec;
			last = h->ts.tv_sec > last ? h->ts.tv_sec : last;
			struct pcap_pkthdr shifted = *h;
			shifted.ts.tv_sec += shift;
			pcap_dump((u_char *)d, &shifted, data);
		}
		shift += last - first + APART_S;
		pcap_close(p);
	}
	pcap_dump_close(d);
}

int main(int argc, char **argv)
{
	if (argc == 2)
		read_once(argv[1]);
	else if (argc == 4)
		repeat(argv[1], atoi(argv[2]), argv[3]);
	else
		return fputs("usage: bench-loop FILE [N OUT]\n", stderr), 2;
	return 0;
}
