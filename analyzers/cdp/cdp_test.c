/* cdp_test.c - what a switch, a router and a computer say of themselves, what changes, and what damaged frames do.
 */
#include "../testing.h"

extern const struct oto_analyzer *const oto_analyzer_cdp;

static int setup(void **state)
{
	*state = test_host_frames(oto_analyzer_cdp, (struct oto_mac){ { 0x01, 0, 0x0c, 0xcc, 0xcc, 0xcc } });
	return 0;
}

#define HEAD "aaaa03 00000c 2000 02 b4 0000 "
#define S7 "0001 0006 5337 "
#define PORT "0003 0007 466131 "
#define ADDRESS "00000001 01 01 cc 0004 0a000001 "

static void whole(void **state)
{
	struct test_host *t = *state;
	const char *s = test_pdu(t, true,
				 HEAD S7 PORT "0002 0011 " ADDRESS "0004 0008 00000028 0006 000e 636973636f20432d3239 0009 0005 4c"
					      "000a 0006 0001 000b 0005 01 000e 0007 01 0064 0010 0006 1964 0014 0006 5378"
					      "0016 0011 " ADDRESS "0017 0007 00 4832 0012 0005 00");

	HAS(s, "cdp.frame src_mac=02:00:00:00:00:01 version=2 ttl=180");
	HAS(s,
	    " device_id=S7 system_name=Sx port_id=Fa1 platform=cisco C-29 capabilities=switch,igmp addresses=10.0.0.1 management=10.0.0.1 "
	    "native_vlan=1 voice_vlan=100 full_duplex=T vtp_domain=L power_mw=6500 location=H2 unknown=0x0012 first=T changed=F\n");
	HAS(s, "fact hostname=Sx\nfact vendor=Cisco\nfact model=C-29\n");
	HAS(s, "fact port=Fa1\nfact location=H2\nfact role=switch\nfact management_address=10.0.0.1\n");
}

static void again(void **state)
{
	struct test_host *t = *state;
	const char *s = test_pdu(t, true, HEAD S7 PORT);

	HAS(s, "first=T changed=F\n");
	HAS(s, "fact hostname=S7\nfact port=Fa1\n");
	HAS_NOT(test_pdu(t, true, HEAD S7 PORT), "fact");
	HAS(test_pdu(t, true, HEAD S7 PORT "0010 0006 1964"), "first=F changed=F\n"); /* power is no setting */
	s = test_pdu(t, true, HEAD "0001 0006 5338 " PORT);
	HAS(s, "first=F changed=T\n");
	HAS(s, "fact hostname=S8\n");
	t->head.ts.ns += INT64_C(60000000000);
	HAS(test_pdu(t, true, HEAD "0001 0006 5338 " PORT), "fact hostname=S8\n");
}

static void words(void **state)
{
	struct test_host *t = *state;
	const char *s = test_pdu(t, true, HEAD "0001 0012 533128464f433130333759315a29 0006 0009 4c696e7578"); /* S1(FOC1037Y1Z), Linux */

	HAS(s, "fact hostname=S1\nfact serial=FOC1037Y1Z\n");
	HAS_NOT(s, "fact model");
	s = test_pdu(t, true, HEAD "0005 0024 436973636f20494f5320536f6674776172652c2056657273696f6e2031352e32");
	HAS(s, "fact description=Cisco IOS Software, Version 15.2\nfact vendor=Cisco\nfact firmware=15.2\nfact os=Cisco IOS 15.2\n");
	s = test_pdu(t, true,
		     HEAD "0002 0011 00000001 01 01 cc 0004 00000000 0016 0024 00000001 02 08 aaaa0300000086dd 0010 "
			  "fe800000000000000000000000000001");
	HAS(s, "addresses=0.0.0.0 management=fe80::1 ");
	HAS(s, "fact management_address=fe80::1\n");
	HAS_NOT(test_pdu(t, true, HEAD "0002 0011 00000001 01 01 cc 0004 00000000"), "fact management_address");
}

static void damaged(void **state)
{
	static const uint8_t frame[] = { 0xaa, 0xaa, 3, 0, 0, 12, 0x20, 0, 2, 180, 0, 0, 0, 1, 0, 6, 'S', '7', 0, 3, 0, 7, 'F', 'a', '1' };
	struct test_host *t = *state;

	for (uint32_t n = 1; n < sizeof frame; n++) {
		char hex[2 * sizeof frame + 1] = "";
		for (uint32_t i = 0; i < n; i++)
			snprintf(hex + 2 * i, 3, "%02x", frame[i]);
		const char *s = test_pdu(t, true, hex);
		bool at_tlv = n >= 12 && (n < 16 || (n >= 18 && n < 22));
		assert_non_null(strstr(s, at_tlv ? "cdp.frame" : "weird truncated"));
	}
	HAS(test_pdu(t, true, HEAD S7 "0003 0003 00"), "weird bad_length\n");
	HAS_NOT(test_pdu(t, true, HEAD S7 "0000 0000 00000000"), "weird"); /* padding */
	HAS(test_pdu(t, true, HEAD "000a 0005 01"), "weird tlv_too_short\n");
	HAS(test_pdu(t, true, HEAD "0002 000c ffffffff 01010000"), "weird tlv_too_short\n");
}

static void probe(void **state)
{
	static const uint8_t cdp[] = { 0xaa, 0xaa, 3, 0, 0, 12, 0x20, 0 }, vtp[] = { 0xaa, 0xaa, 3, 0, 0, 12, 0x20, 3 };
	const struct oto_analyzer *a = oto_analyzer_cdp;

	(void)state;
	assert_int_equal(a->probe(NULL, oto_cur_of((struct oto_slice){ cdp, sizeof cdp })), OTO_MINE);
	assert_int_equal(a->probe(NULL, oto_cur_of((struct oto_slice){ vtp, sizeof vtp })), OTO_NOT_MINE);
	assert_int_equal(a->probe(NULL, oto_cur_of((struct oto_slice){ cdp, 4 })), OTO_NOT_MINE);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, test_teardown)
	const struct CMUnitTest tests[] = { TEST(whole), TEST(again), TEST(words), TEST(damaged), TEST(probe) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
