/* cclink_tsn_slmp_test.c - the three frames, commands with their outcome, and what damaged frames do. */
#include "../testing.h"

extern const struct oto_analyzer *const oto_analyzer_cclink_tsn_slmp;

static int setup(void **state)
{
	*state = test_host_new(oto_analyzer_cclink_tsn_slmp, OTO_UDP, 45238, 45238);
	return 0;
}

/* Serial number, reserved, network, station, module, multidrop, reserved, extension. */
#define LMT(sub, serial) sub "00 " serial " 0000 00 ff ff03 00 00 0000 "

static void lmt(void **state)
{
	struct test_host *t = *state;
	const char *s = test_pdu(t, true, LMT("68", "0500") "0a00 0000 930e 0300 01020304");
	SAID(s, "cclink_tsn_slmp.message",
	     "protocol=cclink_ie_tsn flame_type=ip pdu_type=slmp-cyclicConfigRcvSrcInfo cmd=ReqCyclicConfigRcvSrcInfo "
	     "command=cyclicConfigRcvSrcInfo response=F frame=LMT serial=5 network=0 station=255 module=1023 multidrop=0 data=01020304 "
	     "matched=F");
	SAID(s, "operation", "configure cyclicConfigRcvSrcInfo target=station:255");
	s = test_pdu(t, false, LMT("e8", "0500") "0600 0000 930e 0300");
	HAS(s, "cmd=ResCyclicConfigRcvSrcInfo ");
	HAS(s, "end_code=0 ");
	HAS(s, "matched=T latency=0.001000\n");
	SAID(s, "outcome", "ok");
	SAID(test_pdu(t, true, LMT("e8", "0600") "0600 0000 940e 0000"), "outcome", "ok unmatched notification");
	SAID(test_pdu(t, false, LMT("e8", "0600") "0600 e0ce 920e 0000"), "outcome", "error end code unmatched slaveConfig");
	s = test_pdu(t, true, LMT("68", "0700") "0600 0000 3412 0000");
	HAS(s, "pdu_type=slmp command=unknown-");
	assert_null(strstr(s, "operation"));
	SAID(s, "deliver", "0/3 68000700000000ffff03000000000600000034120000");
	s = test_pdu(t, false, LMT("e8", "0700") "0600 0000 3412 0000");
	assert_null(strstr(s, "outcome"));
	HAS(s, "deliver 0/3 e800");
}

static void own_direction_is_no_answer(void **state)
{
	struct test_host *t = *state;
	test_pdu(t, true, LMT("68", "0500") "0600 0000 920e 0000");
	SAID(test_pdu(t, true, LMT("e8", "0500") "0600 0000 920e 0000"), "outcome", "ok unmatched slaveConfig");
}

static void three_and_four(void **state)
{
	struct test_host *t = *state;
	HAS(test_pdu(t, true, "5400 0900 0000 00 ff ff03 00 0600 0000 920e 0000"), "cmd=ReqSlaveConfig ");
	const char *s = test_pdu(t, false, "d400 0900 0000 00 ff ff03 00 0200 0000");
	HAS(s, "cmd=ResSlaveConfig ");
	SAID(s, "outcome", "ok");
	SAID(test_pdu(t, true, "5000 00 ff ff03 00 0600 0000 900e 0100"), "operation", "configure networkConfigTslt target=station:255");
	SAID(test_pdu(t, false, "d000 00 ff ff03 00 0200 51c0"), "outcome", "error end code");
	s = test_pdu(t, false, "d000 00 ff ff03 00 0200 0000"); /* nobody asked */
	HAS(s, "pdu_type=slmp response=T");
	SAID(s, "outcome", "ok");
}

static void malformed(void **state)
{
	struct test_host *t = *state;
	SAID(test_pdu(t, true, "42 00 0000"), "weird", "unknown_subheader");
	SAID(test_pdu(t, true, "68 01 0000"), "weird", "unknown_subheader");
	SAID(test_pdu(t, true, "68 00 00"), "weird", "truncated");
	SAID(test_pdu(t, true, LMT("68", "0500") "0a00 0000 930e"), "weird", "truncated");
	SAID(test_pdu(t, true, LMT("68", "0500") "0400 0000 930e 0000"), "weird", "truncated");
	assert_null(strstr(test_pdu(t, true, LMT("68", "0500") "0400 0000 930e"), "operation"));
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, test_teardown)
	const struct CMUnitTest tests[] = { TEST(lmt), TEST(own_direction_is_no_answer), TEST(three_and_four), TEST(malformed) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
