/* cclink_tsn_ptp_test.c - messages, announcements, whose PTP it is, and what damaged messages do. */
#include "../testing.h"

extern const struct oto_analyzer *const oto_analyzer_cclink_tsn_ptp;

static int setup(void **state)
{
	*state = test_host_frames(oto_analyzer_cclink_tsn_ptp, (struct oto_mac){ { 0x01, 0x80, 0xc2, 0, 0, 0x0e } });
	return 0;
}

/* A header from its type and length. */
#define HEADER(type, length) type " 12 " length " 03 00 0200 0000000000000000 00000000 020000fffe000001 0001 0007 05 00 "

static enum oto_answer probe(struct test_host *t, const char *hex)
{
	uint8_t bytes[64];
	return t->analyzer->probe(&t->cx, oto_cur_of(test_hex(hex, bytes, sizeof bytes)));
}

static void whose(void **state)
{
	assert_int_equal(probe(*state, "10 12"), OTO_MINE);
	assert_int_equal(probe(*state, "22 02"), OTO_MINE);
	assert_int_equal(probe(*state, "00 12"), OTO_NOT_MINE); /* plain IEEE 1588 */
	assert_int_equal(probe(*state, "10 01"), OTO_NOT_MINE);
	assert_int_equal(probe(*state, "15 12"), OTO_NOT_MINE);
	assert_int_equal(probe(*state, "10"), OTO_NEED_MORE);
}

static void messages(void **state)
{
	struct test_host *t = *state;
	const char *s = test_pdu(t, true, HEADER("10", "002c") "00000000000000000000");
	assert_string_equal(test_line(s, "cclink_tsn_ptp.message"),
			    "src_mac=02:00:00:00:00:01 dst_mac=01:80:c2:00:00:0e service=cclink_ie_tsn flame_type=ptp pdu_type=ptpSync "
			    "sdo=ieee802.1as version=2 domain=3 sequence=7 clock=020000fffe000001 port=1");
	assert_null(test_line(s, "operation"));
	HAS(test_pdu(t, true, HEADER("22", "0036")), "weird wrong_length");
	s = test_pdu(t, true, HEADER("1b", "003d") "00000000000000000000000000 f6 f8 fe 436a f7 020000fffe000009");
	HAS(s, "pdu_type=ptpAnnounce ");
	HAS(s, "grandmaster=020000fffe000009 priority1=246 clock_class=248 priority2=247\n");
	assert_string_equal(test_line(test_pdu(t, true, HEADER("1d", "0022")), "operation"), "configure ptpManagement target=domain:3");
}

static void malformed(void **state)
{
	struct test_host *t = *state;
	assert_string_equal(test_line(test_pdu(t, true, "10 12 0022 00"), "weird"), "truncated");
	assert_string_equal(test_line(test_pdu(t, true, HEADER("15", "0022")), "weird"), "unknown_message");
	assert_null(strstr(test_pdu(t, true, HEADER("1b", "0036") "0000000000000000000000000000000000000000"), "grandmaster"));
	assert_string_equal(test_line(test_pdu(t, true, HEADER("10", "0001")), "weird"), "wrong_length");
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, test_teardown)
	const struct CMUnitTest tests[] = { TEST(whose), TEST(messages), TEST(malformed) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
