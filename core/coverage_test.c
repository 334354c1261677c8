/* coverage_test.c - flows summed by port, EtherType and service; one-way; order; the bound. */
#include "coverage.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

struct heard {
	uint32_t n;
	char text[8][128];
	uint64_t flows;
};

static void on_coverage(void *who, const struct oto_event *event)
{
	static const char *const fields[] = { "key", "service", "flows", "one_way", "packets", "bytes", "payload", "understood" };
	struct heard *h = who;
	struct oto_buf out = { 0 };
	struct oto_value v;

	for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
		oto_value_get(event, oto_field_find(event->def, fields[i], strlen(fields[i])), &v);
		if (i)
			oto_buf_chr(&out, ' ');
		oto_value_text(&v, &out);
		if (i == 2)
			h->flows += v.u;
	}
	if (h->n < 8)
		snprintf(h->text[h->n], sizeof h->text[0], "%s", out.data);
	h->n++;
	oto_buf_free(&out);
}

static struct oto_flow flow_of(uint8_t transport, const char *resp, uint16_t port, const char *service, uint64_t orig, uint64_t back)
{
	struct oto_flow f = { .transport = transport, .service = service };

	oto_addr_parse(transport == OTO_ETH ? "02:00:00:00:00:01" : "10.0.0.1", &f.side[OTO_ORIG].addr);
	assert_true(oto_addr_parse(resp, &f.side[OTO_RESP].addr));
	f.side[OTO_RESP].port = port;
	f.side[OTO_ORIG].packets = orig;
	f.side[OTO_RESP].packets = back;
	f.side[OTO_ORIG].payload_bytes = orig * 10;
	f.side[OTO_RESP].payload_bytes = back * 10;
	f.side[OTO_ORIG].ip_bytes = orig * 50;
	f.side[OTO_RESP].ip_bytes = back * 50;
	return f;
}

static void told_in_order(void **state)
{
	static const char *const want[] = {
		"eth/0x8892 - 1 0 3 150 30 0", "llc/0x4242 - 1 0 1 50 10 0",     "icmp - 1 0 1 50 10 0",       "tcp/80 - 1 1 2 100 20 0",
		"tcp/502 - 1 0 2 100 20 0",    "tcp/502 modbus 2 0 4 200 40 40", "udp/137 dns 1 0 1 50 10 10", "ip/89 - 1 0 1 50 10 0",
	};
	struct oto_bus *bus = oto_bus_new();
	struct oto_error err;
	struct oto_coverage *c = oto_coverage_new(bus, &err);
	struct oto_head head = { 0 };
	struct heard heard = { 0 };
	char modbus[] = "modbus"; /* the same word at another place is the same service */

	(void)state;
	struct oto_flow flows[] = {
		flow_of(OTO_TCP, "10.0.0.2", 502, "modbus", 1, 1),    flow_of(OTO_TCP, "10.0.0.2", 502, NULL, 1, 1),
		flow_of(OTO_TCP, "10.0.0.3", 502, modbus, 1, 1),      flow_of(OTO_UDP, "10.0.0.255", 137, "dns", 1, 0),
		flow_of(OTO_TCP, "10.0.0.2", 80, NULL, 2, 0),         flow_of(OTO_ETH, "02:00:00:00:00:02", 0, NULL, 2, 1),
		flow_of(OTO_ETH, "01:80:c2:00:00:00", 0, NULL, 1, 0), flow_of(OTO_IP, "224.0.0.5", 0, NULL, 1, 0),
		flow_of(OTO_ICMP, "10.0.0.9", 0, NULL, 1, 0),
	};
	flows[5].ethertype = 0x8892;
	flows[6].ethertype = 0x4242;
	flows[6].llc = true;
	flows[7].ip_proto = 89;
	oto_coverage_flow(c, &flows[0]); /* nobody listens */
	oto_bus_listen(bus, oto_bus_find(bus, "coverage"), on_coverage, &heard);
	for (size_t i = 0; i < sizeof flows / sizeof *flows; i++)
		oto_coverage_flow(c, &flows[i]);
	oto_coverage_flow(NULL, &flows[0]);
	oto_coverage_emit(c, &head);
	oto_bus_drain(bus);
	assert_int_equal(heard.n, 8);
	for (int i = 0; i < 8; i++)
		assert_string_equal(heard.text[i], want[i]);
	struct oto_coverage_sum all = oto_coverage_total(c);
	assert_int_equal(all.flows, 9);
	assert_int_equal(all.one_way, 1);
	assert_int_equal(all.payload, 150);
	assert_int_equal(all.understood, 50);
	oto_coverage_free(c);
	oto_bus_free(bus);
}

static void a_port_scan_is_bounded(void **state)
{
	struct oto_bus *bus = oto_bus_new();
	struct oto_error err;
	struct oto_coverage *c = oto_coverage_new(bus, &err);
	struct oto_head head = { 0 };
	struct heard heard = { 0 };

	(void)state;
	oto_bus_listen(bus, oto_bus_find(bus, "coverage"), on_coverage, &heard);
	for (uint32_t port = 1; port < 65536; port++) {
		struct oto_flow f = flow_of(OTO_TCP, "10.0.0.2", (uint16_t)port, NULL, 1, 0);
		oto_coverage_flow(c, &f);
	}
	oto_coverage_emit(c, &head);
	oto_bus_drain(bus);
	assert_int_equal(heard.n, 8193);
	assert_int_equal(heard.flows, 65535);
	assert_int_equal(oto_coverage_total(c).one_way, 65535);
	oto_coverage_free(c);
	oto_bus_free(bus);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(told_in_order), cmocka_unit_test(a_port_scan_is_bounded) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
