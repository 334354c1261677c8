/* profinet_dcp_test.c - questions and answers, what is set and refused, facts, names that two claim, and what damaged messages do.
 */
#include "../testing.h"

extern const struct oto_analyzer *const oto_analyzer_profinet_dcp;

static int setup(void **state)
{
	*state = test_host_frames(oto_analyzer_profinet_dcp, (struct oto_mac){ { 0x02, 0, 0, 0, 0, 2 } });
	return 0;
}

/* The parent gives the frame identifier as key. */
static const char *say(void **state, uint16_t frame, bool from_orig, const char *hex)
{
	struct test_host *t = *state;

	t->cx.key = frame;
	return test_pdu(t, from_orig, hex);
}

#define HELLO 0xfefc
#define GETSET 0xfefd
#define ASK 0xfefe
#define TELL 0xfeff
#define NAME_D7 "0202 0003 642d37 00 "

static void identify(void **state)
{
	const char *s = say(state, ASK, true, "05 00 01020304 0080 0008 " NAME_D7 "0000000000");

	HAS(s, "profinet_dcp.message src_mac=02:00:00:00:00:01 dst_mac=02:00:00:00:00:02 service=identify response=F service_type=0 "
	       "command=identify "
	       "xid=0x01020304 response_delay=128 blocks=station_name station_name=d-7 ");
	HAS(s, "operation discover identify target=station_name:d-7\n");
	HAS_NOT(s, "fact");
	s = say(state, ASK, true, "05 00 01020304 0080 0004 ffff 0000");
	HAS(s, "command=identify_all ");
	HAS(s, "operation discover identify_all target=block:all\n");
	HAS(say(state, ASK, true, "05 00 01020304 0080 000a 0206 0005 702e732d31 00"), "target=alias:p.s-1\n");
	s = say(state, TELL, false,
		"05 01 01020304 0000 0056 0205 0004 0000 0201 0201 0009 0000 53372d31353030 00 0202 0005 0000 642d37 00 0203 0006 0000 "
		"002a 010e "
		"0204 0004 0000 0200 0102 000e 0081 0a000001 ffffff00 00000000 0207 0004 0000 0001 0208 0006 0000 0001 0002");
	HAS(s, "response=T service_type=1 xid=0x01020304 blocks=device_options,vendor_value,station_name,device_id,role,ip,instance,oem_id "
	       "station_name=d-7 "
	       "vendor_value=S7-1500 vendor_id=0x002a device_id=0x010e oem_vendor_id=0x0001 oem_device_id=0x0002 instance=0x0001 "
	       "roles=profinet io controller ip=10.0.0.1 netmask=255.255.255.0 gateway=0.0.0.0 ip_status=set ip_conflict=T\n");
	HAS(s, "fact station_name=d-7\nfact model=S7-1500\nfact vendor_id=0x002a\nfact device_id=0x010e\nfact role=profinet io "
	       "controller\nfact ip=10.0.0.1\n");
	HAS_NOT(s, "outcome");
}

static void hello(void **state)
{
	const char *s = say(state, HELLO, true, "06 00 00000001 0000 0012 0202 0005 0000 642d37 00 0601 0004 0000 0001");

	HAS(s, "service=hello response=F service_type=0 command=hello ");
	HAS(s, "blocks=station_name,device_initiative station_name=d-7 ");
	HAS(s, "fact station_name=d-7\n");
	HAS_NOT(s, "operation");
}

static void conflict(void **state)
{
	const char *answer = "05 01 00000001 0000 000a 0202 0005 0000 642d37 00";

	HAS_NOT(say(state, TELL, false, answer), "profinet_dcp.conflict");
	HAS_NOT(say(state, TELL, false, answer), "profinet_dcp.conflict");
	HAS(say(state, TELL, true, answer),
	    "profinet_dcp.conflict station_name=d-7 mac=02:00:00:00:00:01 other_mac=02:00:00:00:00:02 since=");
	((struct test_host *)*state)->head.ts.ns += INT64_C(600000000000);
	HAS_NOT(say(state, TELL, false, answer), "profinet_dcp.conflict");
	HAS_NOT(say(state, TELL, true, "05 01 00000001 0000 0006 0202 0002 0000"), "profinet_dcp.conflict"); /* no name */
	HAS_NOT(say(state, TELL, false, "05 01 00000001 0000 0006 0202 0002 0000"), "profinet_dcp.conflict");
}

static void get(void **state)
{
	const char *s = say(state, GETSET, true, "03 00 00000002 0000 0004 0202 0102 0000");

	HAS(s, "service=get response=F service_type=0 command=get xid=0x00000002 blocks=station_name,ip ");
	HAS(s, "operation read get target=block:station_name\n");
	s = say(state, GETSET, false, "03 01 00000002 0000 0014 0101 0008 0000 020000000002 0504 0003 0201 02 00");
	HAS(s, "mac=02:00:00:00:00:02 ");
	HAS(s, "errors=vendor_value: suboption not supported\n");
	HAS(s, "outcome error suboption not supported\n");
	HAS(say(state, GETSET, false, "03 05 00000003 0000 0000"), "outcome error service not supported unmatched get\n");
	HAS(say(state, GETSET, false, "03 01 00000003 0000 0008 0504 0003 7709 63 00"), "errors=119/9: unknown error\n");
}

static void set(void **state)
{
	const char *s = say(state, GETSET, true, "04 00 00000004 0000 000a 0202 0005 0001 642d37 00");

	HAS(s, "command=set_name xid=0x00000004 blocks=station_name station_name=d-7 ip_conflict=F permanent=T\n");
	HAS(s, "operation configure set_name target=station_name:d-7\n");
	HAS(say(state, GETSET, false, "04 01 00000004 0000 0008 0504 0003 0202 00 00"), "outcome ok\n");
	s = say(state, GETSET, true, "04 00 00000005 0000 0012 0102 000e 0000 0a000007 ffffff00 00000000");
	HAS(s, " ip=10.0.0.7 netmask=255.255.255.0 gateway=0.0.0.0 ip_conflict=F permanent=F\n");
	HAS(s, "operation configure set_ip target=ip:10.0.0.7\n");
	HAS(say(state, GETSET, false, "04 01 00000005 0000 0008 0504 0003 0102 06 00"), "outcome error set not possible in operation\n");
	s = say(state, GETSET, true, "04 00 00000006 0000 0014 0501 0002 0000 0503 0004 0000 0100 0502 0002 0000");
	HAS(s, "command=signal ");
	HAS(s, " signal=0x0100");
	HAS(s, "operation other signal target=block:start_transaction\n");
	s = say(state, GETSET, true, "04 00 00000007 0000 0006 0506 0002 0010");
	HAS(s, "command=reset_to_factory ");
	HAS(s, " reset_mode=all to factory values\n");
	HAS(s, "operation reset reset_to_factory target=reset:all to factory values\n");
	HAS(say(state, GETSET, true, "04 00 00000008 0000 0006 0505 0002 0000"),
	    "operation reset factory_reset target=block:factory_reset\n");
	HAS(say(state, GETSET, true, "04 00 00000009 0000 000a 033d 0005 0000 3d0101 00"), "operation configure set_dhcp ");
	HAS(say(state, GETSET, true, "04 00 0000000a 0000 0008 0206 0004 0000 6162"), "operation configure set target=alias:ab\n");
	/* a reset beside a name is a reset */
	HAS(say(state, GETSET, true, "04 00 0000000b 0000 0010 0505 0002 0000 0202 0005 0001 642d37 00"), "command=factory_reset ");
}

static void damaged(void **state)
{
	static const uint8_t whole[] = { 4, 0, 0, 0, 0, 4, 0, 0, 0, 10, 2, 2, 0, 5, 0, 1, 'd', '-', '7', 0 };

	for (uint32_t n = 1; n < sizeof whole; n++) {
		char hex[2 * sizeof whole + 1] = "";
		for (uint32_t i = 0; i < n; i++)
			snprintf(hex + 2 * i, 3, "%02x", whole[i]);
		HAS(say(state, GETSET, true, hex), "weird truncated\n");
	}
	HAS(say(state, GETSET, true, "09 00 00000001 0000 0000"), "weird unknown_service\n");
	HAS(say(state, ASK, true, "05 01 00000001 0000 0000"), "weird unknown_service\n");
	HAS(say(state, HELLO, true, "04 00 00000001 0000 0000"), "weird unknown_service\n");
	HAS(say(state, GETSET, true, "04 00 00000001 0000 0008 0202 0030 0001 6162"),
	    "weird truncated\n"); /* a block longer than the message */
	const char *s = say(state, TELL, false, "05 01 00000001 0000 0010 0102 0006 0001 0a000001 0202 0002 0000");
	HAS(s, "weird block_too_short\n");
	HAS_NOT(s, "ip_status");
	HAS(say(state, GETSET, true, "04 00 00000001 0000 0000"), "operation configure set"); /* nothing to be set */
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, test_teardown)
	const struct CMUnitTest tests[] = { TEST(identify), TEST(hello), TEST(conflict), TEST(get), TEST(set), TEST(damaged) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
