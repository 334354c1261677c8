/* day.c - days of a large plant as a capture on standard output: stations that announce themselves, and short connections between them,
 * evenly over 24 hours. For measuring what the inventory and the learning lists remember.
 *
 *   bench-day [STATIONS] [CONNECTIONS a day] [DAYS] | otoscope -r - ...      default 2000, 6,000,000, 1
 *
 * Every station asks twenty others, always the same, on one of five ports; one connection in five is TCP (seven segments), the others are
 * Modbus over UDP (a request and its response). The same arguments give the same bytes.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ETHER = 14, IP = 20, TCP = 20, UDP = 8, PEERS = 20, DAY = 86400, BEGIN = 1715558400 };

static const uint16_t ports[] = { 502, 8001, 8002, 8003, 8004 };
static const uint8_t request[] = { 0, 1, 0, 0, 0, 6, 1, 3, 0, 0, 0, 8 };
static const uint8_t response[] = { 0, 1, 0, 0, 0, 19, 1, 3, 16, 0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0, 7, 0, 8 };

static void put(uint8_t *p, uint64_t value, unsigned bytes)
{
	for (unsigned i = 0; i < bytes; i++)
		p[i] = (uint8_t)(value >> 8 * (bytes - 1 - i));
}

static void record(uint64_t us, const uint8_t *frame, uint32_t len)
{
	uint32_t head[4] = { (uint32_t)(BEGIN + us / 1000000), (uint32_t)(us % 1000000), len, len };

	fwrite(head, sizeof head, 1, stdout);
	fwrite(frame, len, 1, stdout);
}

static void mac_of(uint8_t *p, uint32_t station)
{
	put(p, UINT64_C(0x0080f4000000) + station, 6);
}

static uint32_t ip_of(uint32_t station)
{
	return 0x0a000000u + (station / 250 << 8) + station % 250 + 1;
}

static void announce(uint64_t us, uint32_t station)
{
	uint8_t f[60] = { 0 };

	memset(f, 0xff, 6);
	mac_of(f + 6, station);
	put(f + 12, 0x0806, 2);
	put(f + 14, UINT64_C(0x0001080006040001), 8);
	mac_of(f + 22, station);
	put(f + 28, ip_of(station), 4);
	put(f + 38, ip_of(station), 4);
	record(us, f, sizeof f);
}

struct talk {
	uint32_t a, b;
	uint16_t source, port;
};

static uint8_t *begin(uint8_t *f, const struct talk *t, bool back, uint8_t protocol, uint32_t payload)
{
	uint32_t from = back ? t->b : t->a, to = back ? t->a : t->b;

	memset(f, 0, ETHER + IP + TCP);
	mac_of(f, to);
	mac_of(f + 6, from);
	put(f + 12, 0x0800, 2);
	f[14] = 0x45;
	put(f + 16, IP + payload, 2);
	f[22] = 64;
	f[23] = protocol;
	put(f + 26, ip_of(from), 4);
	put(f + 30, ip_of(to), 4);
	put(f + 34, back ? t->port : t->source, 2);
	put(f + 36, back ? t->source : t->port, 2);
	return f + ETHER + IP;
}

static void datagram(uint64_t us, const struct talk *t, bool back, const uint8_t *data, uint32_t len)
{
	uint8_t f[128], *udp = begin(f, t, back, 17, UDP + len);

	put(udp + 4, UDP + len, 2);
	memcpy(udp + UDP, data, len);
	record(us, f, ETHER + IP + UDP + len);
}

static void segment(uint64_t us, const struct talk *t, bool back, uint32_t seq, uint32_t ack, uint8_t flags, const uint8_t *data,
		    uint32_t len)
{
	uint8_t f[128], *tcp = begin(f, t, back, 6, TCP + len);

	put(tcp + 4, seq, 4);
	put(tcp + 8, ack, 4);
	tcp[12] = 0x50;
	tcp[13] = flags;
	put(tcp + 14, 8192, 2);
	if (len)
		memcpy(tcp + TCP, data, len);
	record(us, f, ETHER + IP + TCP + len);
}

static void connection(uint64_t us, const struct talk *t)
{
	enum { FIN = 1, SYN = 2, PSH = 8, ACK = 16 };
	const uint32_t q = sizeof request, r = sizeof response;

	segment(us, t, false, 1, 0, SYN, NULL, 0);
	segment(us + 1, t, true, 1, 2, SYN | ACK, NULL, 0);
	segment(us + 2, t, false, 2, 2, ACK, NULL, 0);
	segment(us + 3, t, false, 2, 2, PSH | ACK, request, q);
	segment(us + 4, t, true, 2, 2 + q, PSH | ACK, response, r);
	segment(us + 5, t, false, 2 + q, 2 + r, FIN | ACK, NULL, 0);
	segment(us + 6, t, true, 2 + r, 3 + q, FIN | ACK, NULL, 0);
}

int main(int argc, char **argv)
{
	static const uint32_t file[] = { 0xa1b2c3d4, 0x00040002, 0, 0, 65535, 1 };
	uint32_t stations = argc > 1 ? (uint32_t)atoi(argv[1]) : 2000;
	uint64_t connections = argc > 2 ? strtoull(argv[2], NULL, 10) : 6000000;

	uint32_t days = argc > 3 ? (uint32_t)atoi(argv[3]) : 1;

	if (stations < PEERS + 1 || stations > 60000 || !connections || !days) {
		fprintf(stderr, "usage: bench-day [STATIONS, 21 to 60000] [CONNECTIONS a day] [DAYS]\n");
		return 2;
	}
	fwrite(file, sizeof file, 1, stdout);
	for (uint32_t i = 0; i < stations; i++)
		announce(i, i);
	for (uint64_t n = 0; n < connections * days; n++) {
		uint64_t us = stations + n * ((UINT64_C(1000000) * DAY - stations) / connections);
		uint32_t a = (uint32_t)(n % stations), turn = (uint32_t)(n / stations);
		struct talk t = { .a = a, .b = (a + 1 + turn % PEERS) % stations, .source = (uint16_t)(49152 + turn % 16000) };
		bool stream = n % 5 == 0;
		t.port = stream ? ports[(a + turn) % 5] : 502;
		if (stream) {
			connection(us, &t);
			continue;
		}
		datagram(us, &t, false, request, sizeof request);
		datagram(us + 900, &t, true, response, sizeof response);
	}
	return ferror(stdout) ? 1 : 0;
}
