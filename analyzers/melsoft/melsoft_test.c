/* melsoft_test.c - searches, commands, end codes, the probe, and what damaged messages do. */
#include "../testing.h"

extern const struct oto_analyzer *const oto_analyzer_melsoft;

#define HAS(said, text) assert_non_null(strstr(said, text))
#define ASK "57 00 000000 1111 07 00 00 ffff 0300 00 fe03 00 00"
#define ANSWER "d7 00 000000 1111 7f 00 00 00a8 0300 ff ff03 00 00"
#define BODY20 "00000000000000000000 00000000000000000000"

static int setup(void **state)
{
	*state = test_host_new(oto_analyzer_melsoft, OTO_TCP, 49152, 5562);
	return 0;
}

static int teardown(void **state)
{
	test_host_free(*state);
	return 0;
}

static void commands(void **state)
{
	struct test_host *t = *state;
	const char *s = test_pdu(t, true, ASK "2000 1c0a1614" BODY20 "0121 0100 0000 0001");
	HAS(s, "operation discover read_type_name_long");
	s = test_pdu(t, false, ANSWER "3800 9c0a1814" BODY20 "0000 0121 0100 0000 465835552d33324d542f455300000000 294a000800000000");
	HAS(s, "fact model=FX5U-32MT/ES");
	HAS(s, "outcome ok");
	HAS(test_pdu(t, true, ASK "2000 1c0a1614" BODY20 "1002 0200 0000 0100"), "operation stop remote_stop");
	HAS(test_pdu(t, false, ANSWER "2000 9c0a1814" BODY20 "0000 1002 0200 3140"), "outcome error");
	HAS(test_pdu(t, true, ASK "2c00 1c0a1614" BODY20 "185f 0300 0000 0000 0800 4100 4200 4300 0000 0000"), "target=file:ABC");
}

static void searches(void **state)
{
	struct test_host *t = *state;
	t->cx.transport = t->head.transport = OTO_UDP;
	HAS(test_pdu(t, true, "5a0000ff"), "operation discover search_identity");
	HAS(test_pdu(t, false, "da0000ff294a0c000000000000100200f0a832a34d79872800001003"), "model_code=18985");
}

static void malformed(void **state)
{
	struct test_host *t = *state;
	HAS(test_pdu(t, true, "57 02 000000 1111"), "pdu_len -1");
	HAS(test_pdu(t, true, "57 00 000000 1112"), "pdu_len -1");
	HAS(test_pdu(t, true, "57 00 000000"), "pdu_len 0");
	HAS(test_pdu(t, true, ASK "0100 1c"), "pdu_len -1");
	HAS(test_pdu(t, true, ASK "0e00 1c0aff14 00000000000000000000"), "weird truncated");
}

static enum oto_answer ask(struct test_host *t, const char *hex)
{
	uint8_t bytes[256];
	return oto_analyzer_melsoft->probe(&t->cx, oto_cur_of(test_hex(hex, bytes, sizeof bytes)));
}

static void probes(void **state)
{
	struct test_host *t = *state;
	t->cx.state = NULL;
	assert_int_equal(ask(t, ASK "2000 1c0a1614"), OTO_MINE);
	assert_int_equal(ask(t, "5700"), OTO_NEED_MORE);
	assert_int_equal(ask(t, "474554202f"), OTO_NOT_MINE);
	t->cx.transport = OTO_UDP;
	assert_int_equal(ask(t, "5a000001"), OTO_MINE);
	assert_int_equal(ask(t, "5a00000100"), OTO_NOT_MINE);
	assert_int_equal(ask(t, ASK "2000 1c0a1614"), OTO_NOT_MINE);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(commands, setup, teardown),
		cmocka_unit_test_setup_teardown(searches, setup, teardown),
		cmocka_unit_test_setup_teardown(malformed, setup, teardown),
		cmocka_unit_test_setup_teardown(probes, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
