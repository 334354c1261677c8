/* connections.c - what a connection costs in memory: N established two-way TCP connections, a Modbus request answered on each, so that
 * the analyzer is attached, all open at once. Prints bytes a connection by resident size, and the rate.
 *
 *   bench-connections [N]      default 1,000,000
 */
#include "engine.h"

#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static size_t resident(void)
{
	unsigned long size = 0, pages = 0;
	FILE *f = fopen("/proc/self/statm", "r");

	if (!f || fscanf(f, "%lu %lu", &size, &pages) != 2)
		pages = 0;
	if (f)
		fclose(f);
	return pages * (size_t)sysconf(_SC_PAGESIZE);
}

static void put16(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static void put32(uint8_t *p, uint32_t v)
{
	put16(p, v >> 16);
	put16(p + 2, v);
}

struct talk {
	struct oto_engine *e;
	uint64_t packets;
	int64_t now;
};

/* One segment of connection n, from its client (10.x.y.z) or its server (172.16.0.1:502). */
static void segment(struct talk *t, uint32_t n, bool from_client, uint32_t seq, uint32_t ack, uint8_t flags, const void *data, uint32_t len)
{
	uint8_t frame[14 + 20 + 20 + 64] = { 0 };
	uint8_t *ip = frame + 14, *tcp = ip + 20;
	uint32_t client = 0x0a000001u + n / 64, port = 2000 + n % 64;

	put16(frame + 12, 0x0800);
	frame[5] = from_client ? 2 : 1;
	frame[11] = from_client ? 1 : 2;
	ip[0] = 0x45;
	put16(ip + 2, 40 + len);
	put16(ip + 4, (uint32_t)++t->packets);
	ip[8] = 64;
	ip[9] = OTO_TCP;
	put32(ip + 12, from_client ? client : 0xac100001u);
	put32(ip + 16, from_client ? 0xac100001u : client);
	put16(tcp, from_client ? port : 502);
	put16(tcp + 2, from_client ? 502 : port);
	put32(tcp + 4, seq);
	put32(tcp + 8, ack);
	tcp[12] = 0x50;
	tcp[13] = flags;
	put16(tcp + 14, 8192);
	if (len)
		memcpy(tcp + 20, data, len);
	t->now += 1000;
	struct oto_packet p = { .ts_ns = t->now, .number = t->packets, .data = frame, .caplen = 54 + len, .len = 54 + len, .link = 1 };
	oto_engine_packet(t->e, &p);
}

static void converse(struct talk *t, uint32_t n)
{
	static const uint8_t request[] = { 0, 1, 0, 0, 0, 6, 1, 3, 0, 0, 0, 1 }, response[] = { 0, 1, 0, 0, 0, 5, 1, 3, 2, 0, 42 };

	segment(t, n, true, 100, 0, OTO_SYN, NULL, 0);
	segment(t, n, false, 500, 101, OTO_SYN | OTO_ACK, NULL, 0);
	segment(t, n, true, 101, 501, OTO_ACK, NULL, 0);
	segment(t, n, true, 101, 501, OTO_ACK | OTO_PSH, request, sizeof request);
	segment(t, n, false, 501, 113, OTO_ACK | OTO_PSH, response, sizeof response);
}

int main(int argc, char **argv)
{
	uint32_t wanted = argc > 1 ? (uint32_t)atoi(argv[1]) : 1000000;
	struct oto_error err = { "" };
	struct oto_engine_options options = { .duplicate_ns = -1 };
	struct talk t = { .e = oto_engine_new(&options, &err), .now = INT64_C(1700000000) * OTO_SECOND };

	if (!t.e || !oto_engine_start(t.e, &err))
		return fprintf(stderr, "bench-connections: %s\n", err.text), 1;
	size_t before = resident();
	for (uint32_t n = 0; n < wanted; n++)
		converse(&t, n);
	size_t bytes = resident() - before;
	printf("%u connections: %.0f MB, %zu bytes each; %.0f ns a packet\n", wanted, (double)bytes / 1e6, bytes / wanted,
	       (double)clock() / CLOCKS_PER_SEC * 1e9 / (double)t.packets);
	struct oto_conn_stats s = oto_conn_stats(t.e->conns);
	if (s.flows < wanted)
		printf("only %llu were open at the end\n", (unsigned long long)s.flows);
	fflush(stdout);
	_exit(0); /* closing a million connections is not what is measured */
}
