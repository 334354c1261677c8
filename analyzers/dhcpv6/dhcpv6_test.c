/* dhcpv6_test.c - messages, relays, associations, names, facts, and what damaged messages do. */
#include "../testing.h"

extern const struct oto_analyzer *const oto_analyzer_dhcpv6;

#define DUID_LL "0001 000a 0003 0001 020000000009"
#define NAME "0027 000a 00 02 7063 04 74657374 00"

static struct test_host *host(void)
{
	struct test_host *t = test_host_new(oto_analyzer_dhcpv6, OTO_UDP, 546, 547);
	t->head.has_mac = true;
	t->head.orig_mac = (struct oto_mac){ { 2, 0, 0, 0, 0, 1 } };
	return t;
}

static void client(void **state)
{
	(void)state;
	struct test_host *t = host();
	const char *s = test_pdu(t, true,
				 "01 000007" DUID_LL "0008 0002 0064" NAME "0010 000e 00000137 0008 4d53465420352e30 0006 0004 0018 0017"
				 "000f 0004 0002 6162");
	SAID(s, "dhcpv6.message",
	     "msg_type=SOLICIT xid=7 to_server=T src_ip=10.0.0.1 src_mac=02:00:00:00:00:01 client_mac=02:00:00:00:00:09 relays=0 "
	     "hostname=pc.test option_request_list=24,23 enterprise_number=311 vendor_class=MSFT 5.0 user_class=ab "
	     "client_duid=00030001020000000009 elapsed=1.000000 addresses=(empty) prefixes=(empty) dns_servers=(empty) domains=(empty)");
	HAS(s, "fact hostname=pc.test\nfact vendor_class=MSFT 5.0\nfact os=Windows Vista or later\nfact dhcpv6_fingerprint=24,23\n");
	HAS_NOT(test_pdu(t, true, "08 000008" DUID_LL NAME), "fact"); /* a client that leaves */
	test_host_free(t);
}

#define ADDRESS(last) "0005 0018 fd0000000000000000000000000000" last "00000e10 00001c20"

static void server(void **state)
{
	(void)state;
	struct test_host *t = host();
	const char *s = test_pdu(
	    t, false,
	    "07 000007" DUID_LL "0002 0003 000401 0003 0044 00000001 00000000 00000000" ADDRESS("20")
		ADDRESS("21") "0019 0029 00000001 00000000 00000000 001a 0019 00000e10 00001c20 38 fd000005000000000000000000000000"
			      "0017 0010 fd000000000000000000000000000053 0018 0006 04 74657374 00 000d 0004 0000 6f6b 003b 0003 752f31");
	HAS(s, "msg_type=REPLY xid=7 to_server=F");
	HAS(s, "server_duid=000401");
	HAS(s,
	    "addresses=fd00::20,fd00::21 prefixes=fd00:5::/56 valid_lifetime=7200.000000 dns_servers=fd00::53 domains=test status=Success "
	    "status_message=ok boot_url=u/1\n");
	HAS(s, "fact role=dhcpv6 server\nfact role=dns server\nfact ip=fd00::20\nfact ip=fd00::21\n");
	test_host_free(t);
}

#define RELAY(kind, link, inside_len) kind "00" link "fe800000000000000000000000000040 0012 0002 6131 0009" inside_len
#define LINK "fd000009000000000000000000000001"

static void relays(void **state)
{
	(void)state;
	struct test_host *t = host();
	const char *s = test_pdu(t, true, RELAY("0c", LINK, "0020") "01 000007" DUID_LL NAME "004f 0008 0001 020000000005");
	HAS(s, "msg_type=SOLICIT xid=7");
	HAS(s, "client_mac=02:00:00:00:00:05 relays=1 client_addr=fe80::40 link_addr=fd00:9::1 hostname=pc.test");
	HAS(s, "interface_id=6131");
	HAS(s, "fact hostname=pc.test\n");
	HAS(s, "fact role=dhcp relay\n");
	/* a relay's envelope in a relay's */
	s = test_pdu(t, true, RELAY("0c", LINK, "0050") RELAY("0c", LINK, "0020") "01 000007" DUID_LL NAME "0000 0000");
	HAS(s, "relays=2");
	/* an envelope with nothing in it */
	SAID(test_pdu(t, true, "0c 00" LINK LINK), "weird", "malformed_message");
	test_host_free(t);
}

static void deep_nesting(void **state)
{
	(void)state;
	struct test_host *t = host();
	static uint8_t bytes[12 * 38 + 4];
	uint32_t n = 0;
	for (uint32_t left = 12; left; left--) {
		uint32_t inside = (left - 1) * 38 + 4;
		bytes[n] = 12;
		bytes[n + 34] = 0;
		bytes[n + 35] = 9;
		bytes[n + 36] = (uint8_t)(inside >> 8);
		bytes[n + 37] = (uint8_t)inside;
		n += 38;
	}
	bytes[n] = 1;
	SAID(test_bytes(t, true, (struct oto_slice){ bytes, n + 4 }), "weird", "malformed_message");
	assert_non_null(test_line(test_bytes(t, true, (struct oto_slice){ &bytes[38 * 5], n + 4 - 38 * 5 }), "dhcpv6.message"));
	/* associations in addresses in associations */
	SAID(test_pdu(t, true,
		      "01 000007 0003 0040 000000000000000000000000 0003 0030 000000000000000000000000 0003 0020 000000000000000000000000"
		      "0003 0010 000000000000000000000000 0003 0000"),
	     "weird", "malformed_message");
	test_host_free(t);
}

static void damaged(void **state)
{
	(void)state;
	struct test_host *t = host();
	test_cut(t, true, "07 000007" DUID_LL "0003 0028 00000001 00000000 00000000" ADDRESS("20") NAME "000d 0004 0000 6f6b");
	test_cut(t, true, RELAY("0c", LINK, "001c") "01 000007" DUID_LL NAME "0000");
	SAID(test_pdu(t, true, "01 000007 0001 0010 00"), "weird", "malformed_message");
	SAID(test_pdu(t, true, "63 000007"), "weird", "unknown_message_type");
	SAID(test_pdu(t, true, "01 000007 0008 0001 00"), "weird", "malformed_option");
	HAS_NOT(test_pdu(t, true, "01 000007 0027 0004 00 09 7063"), "hostname"); /* a label longer than its option */
	HAS_NOT(test_pdu(t, true, "01 000007 0027 0004 00 02 0102 "), "fact hostname");
	uint8_t first[] = { 1, 0, 0, 7 };
	assert_int_equal(oto_analyzer_dhcpv6->probe(&t->cx, oto_cur_of((struct oto_slice){ first, 4 })), OTO_MINE);
	assert_int_equal(oto_analyzer_dhcpv6->probe(&t->cx, oto_cur_of((struct oto_slice){ first, 3 })), OTO_NOT_MINE);
	test_host_free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(client),       cmocka_unit_test(server),  cmocka_unit_test(relays),
		cmocka_unit_test(deep_nesting), cmocka_unit_test(damaged),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
