/* community_id_test.c - the published vectors of the Community ID specification. */
#include "community_id.h"
#include "event.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

static struct oto_flow flow_of(uint8_t transport, uint8_t proto, const char *src, uint16_t sport, const char *dst, uint16_t dport)
{
	struct oto_flow f = { .transport = transport, .ip_proto = proto };

	assert_true(oto_addr_parse(src, &f.side[OTO_ORIG].addr));
	assert_true(oto_addr_parse(dst, &f.side[OTO_RESP].addr));
	f.side[OTO_ORIG].port = sport;
	f.side[OTO_RESP].port = dport;
	return f;
}

static void check(struct oto_flow f, uint16_t seed, const char *expected)
{
	char id[OTO_COMMUNITY_ID_SIZE];

	assert_true(oto_community_id(&f, seed, id));
	assert_string_equal(id, expected);
	if (f.one_way)
		return;
	struct oto_flow_side orig = f.side[OTO_ORIG];
	f.side[OTO_ORIG] = f.side[OTO_RESP];
	f.side[OTO_RESP] = orig;
	assert_true(oto_community_id(&f, seed, id));
	assert_string_equal(id, expected);
}

static void test_tcp_udp(void **state)
{
	(void)state;
	check(flow_of(OTO_TCP, 6, "128.232.110.120", 34855, "66.35.250.204", 80), 0, "1:LQU9qZlK+B5F3KDmev6m5PMibrg=");
	check(flow_of(OTO_TCP, 6, "128.232.110.120", 34855, "66.35.250.204", 80), 1, "1:3V71V58M3Ksw/yuFALMcW0LAHvc=");
	check(flow_of(OTO_UDP, 17, "192.168.1.52", 54585, "8.8.8.8", 53), 0, "1:d/FP5EW3wiY1vCndhwleRRKHowQ=");
}

static void test_icmp(void **state)
{
	(void)state;
	check(flow_of(OTO_ICMP, 1, "192.168.0.89", 8, "192.168.0.1", 0), 0, "1:X0snYXpgwiv9TZtqg64sgzUn6Dk=");
	check(flow_of(OTO_ICMP6, 58, "fe80::200:86ff:fe05:80da", 135, "fe80::260:97ff:fe07:69ea", 136), 0,
	      "1:dGHyGvjMfljg6Bppwm3bg0LO8TY=");
	struct oto_flow router_solicitation =
	    flow_of(OTO_ICMP6, 58, "3ffe:507:0:1:260:97ff:fe07:69ea", 3, "3ffe:507:0:1:200:86ff:fe05:80da", 0);
	router_solicitation.one_way = true;
	check(router_solicitation, 0, "1:NdobDX8PQNJbAyfkWxhtL2Pqp5w=");
}

static void test_no_address(void **state)
{
	(void)state;
	struct oto_flow f = flow_of(OTO_ETH, 0, "00:11:22:33:44:55", 0, "00:11:22:33:44:66", 0);
	char id[OTO_COMMUNITY_ID_SIZE];

	assert_false(oto_community_id(&f, 0, id));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tcp_udp),
		cmocka_unit_test(test_icmp),
		cmocka_unit_test(test_no_address),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
