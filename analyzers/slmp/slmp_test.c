/* slmp_test.c - frames 1E, 3E and 4E in both formats, pairing, the probe, and what damaged messages do. */
#include "../testing.h"

extern const struct oto_analyzer *const oto_analyzer_slmp;

static int setup(void **state)
{
	*state = test_host_new(oto_analyzer_slmp, OTO_TCP, 49152, 5007);
	return 0;
}

static int teardown(void **state)
{
	test_host_free(*state);
	return 0;
}

#define HAS(said, text) assert_non_null(strstr(said, text))

/* The manual's own example: D100, three points. */
static void reads(void **state)
{
	struct test_host *t = *state;
	const char *s = test_pdu(t, true, "5000 00 ff ff03 00 0c00 1000 0104 0000 640000 a8 0300");
	HAS(s, "operation read read target=D:100-102\n");
	HAS(s, "device_code=D head_device=100 points=3");
	s = test_pdu(t, false, "d000 00 ff ff03 00 0800 0000 3412 0200 ef1d");
	HAS(s, "outcome ok");
	HAS(s, "values=4660,2,7663");
	test_pdu(t, true, "5000 00 ff ff03 00 0c00 1000 0104 0100 640000 90 0500");
	HAS(test_pdu(t, false, "d000 00 ff ff03 00 0500 0000 000110"), "values=0,0,0,1,1");
}

static void ascii(void **state)
{
	struct test_host *t = *state;
	static const char ask[] = "500000FF03FF000018001004010000D*0001000003", answer[] = "D00000FF03FF000010000012340002ABCD";
	const char *s = test_bytes(t, true, (struct oto_slice){ (const uint8_t *)ask, sizeof ask - 1 });
	HAS(s, "operation read read target=D:100-102\n");
	s = test_bytes(t, false, (struct oto_slice){ (const uint8_t *)answer, sizeof answer - 1 });
	HAS(s, "values=4660,2,43981");
	static const char wrong[] = "500000FF03FF000018001004010000D*00010G0003";
	HAS(test_bytes(t, true, (struct oto_slice){ (const uint8_t *)wrong, sizeof wrong - 1 }), "weird truncated");
}

static void serials(void **state)
{
	struct test_host *t = *state;
	test_pdu(t, true, "5400 0100 0000 00 ff ff03 00 0c00 1000 0104 0000 640000 a8 0100");
	test_pdu(t, true, "5400 0200 0000 00 ff ff03 00 0a00 1000 0210 0000 0100 0000");
	HAS(test_pdu(t, false, "d400 0200 0000 00 ff ff03 00 0200 0000"), "command=remote_stop");
	HAS(test_pdu(t, false, "d400 0100 0000 00 ff ff03 00 0b00 56c0 00ff ff03 00 0104 0000"), "outcome error address_out_of_range\n");
	HAS(test_pdu(t, false, "d400 0900 0000 00 ff ff03 00 0b00 56c0 00ff ff03 00 0104 0000"), "unmatched read");
}

static void remote(void **state)
{
	struct test_host *t = *state;
	HAS(test_pdu(t, true, "5000 00 ff ff03 00 0a00 1000 0110 0000 0300 0200"), "operation start remote_run");
	HAS(test_pdu(t, true, "5000 00 ff ff03 00 0800 1000 0610 0000 0100"), "operation reset remote_reset");
	const char *s = test_pdu(t, true, "5000 02 05 ff03 00 0c00 1000 3116 0000 0400 31323334");
	HAS(s, "operation authenticate remote_password_unlock unit=517");
	HAS(s, "password_length=4");
	assert_null(strstr(s, "1234"));
	test_pdu(t, true, "5000 00 01 ff03 00 0600 1000 0101 0000");
	HAS(test_pdu(t, false, "d000 00 01 ff03 00 1400 0000 5130335544564350552020202020202066 03"),
	    "fact model=Q03UDVCPU sub=network 0 station 1");
}

static void old_frame(void **state)
{
	struct test_host *t = *state;
	HAS(test_pdu(t, true, "01 ff 0a00 64000000 2044 03 00"), "operation read batch_read_word target=D:100-102\n");
	HAS(test_pdu(t, false, "81 00 0100 0200 0300"), "values=1,2,3");
	HAS(test_pdu(t, true, "14 ff 0a00"), "operation stop remote_stop_1e");
	HAS(test_pdu(t, false, "94 5b 1000"), "outcome error cpu_error_1e");
	/* two answers in one segment: what was asked says where the first ends */
	test_pdu(t, true, "01 ff 0a00 64000000 2044 01 00 01 ff 0a00 64000000 2044 02 00");
	HAS(test_pdu(t, false, "81 00 0100 81 00 0200 0300"), "values=2,3");
}

static void malformed(void **state)
{
	struct test_host *t = *state;
	HAS(test_pdu(t, true, "5001 00 ff ff03 00 0c00 1000"), "pdu_len -1");
	HAS(test_pdu(t, true, "5000 00 ff ff09 00 0c00 1000"), "pdu_len -1");
	HAS(test_pdu(t, true, "5000 00 ff ff03 00 0200 1000"), "pdu_len -1");
	HAS(test_pdu(t, true, "5000 00 ff ff03"), "pdu_len 0");
	HAS(test_pdu(t, true, "5000 00 ff ff03 00 0a00 1000 0104 0000 640000 a8"), "weird truncated");
	HAS(test_pdu(t, true, "5000 00 ff ff03 00 0c00 1000 0114 0000 640000 a8 ffff"), "weird truncated");
	HAS(test_pdu(t, true, "5000 00 ff ff03 00 0800 1000 0304 0000 ffff"), "weird truncated");
	HAS(test_pdu(t, true, "5000 00 ff ff03 00 0a00 1000 1c04 0000 ffff ffff"), "weird truncated");
	HAS(test_pdu(t, true, "5000 00 ff ff03 00 0600 1000 7777 0000"), "weird unknown_command");
}

static enum oto_answer ask(struct test_host *t, const char *hex)
{
	uint8_t bytes[256];
	return oto_analyzer_slmp->probe(&t->cx, oto_cur_of(test_hex(hex, bytes, sizeof bytes)));
}

static void probes(void **state)
{
	struct test_host *t = *state;
	assert_int_equal(ask(t, "5000 00 ff ff03 00 0c00 1000 0104 0000 640000 a8 0300"), OTO_MINE);
	assert_int_equal(ask(t, "5000 00 ff ff03 00 0c00"), OTO_NEED_MORE);
	assert_int_equal(ask(t, "5000 00 ff ff03 00 0c00 1000 7777 0000 640000 a8 0300"), OTO_NOT_MINE);
	assert_int_equal(ask(t, "d000 00 ff ff03 00 0200 0000"), OTO_MINE);
	assert_int_equal(ask(t, "01 ff 0a00 64000000 2044 03 00"), OTO_MINE);
	assert_int_equal(ask(t, "01 ff 0a00 64000000 5151 03 00"), OTO_NOT_MINE);
	assert_int_equal(ask(t, "0000 0000 0006 01 03 0000 0001"), OTO_NOT_MINE);
	assert_int_equal(ask(t, "474554202f20485454502f312e310d0a"), OTO_NOT_MINE);
	t->cx.state = NULL; /* a probe has none */
	assert_int_equal(ask(t, "81 00 0100 0200 0300"), OTO_MINE);
	t->head.resp_p = 61450;
	assert_int_equal(ask(t, "5000 00 ff ff03 00 0c00 1000 0104 0000 640000 a8 0300"), OTO_NOT_MINE);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(reads, setup, teardown),     cmocka_unit_test_setup_teardown(ascii, setup, teardown),
		cmocka_unit_test_setup_teardown(serials, setup, teardown),   cmocka_unit_test_setup_teardown(remote, setup, teardown),
		cmocka_unit_test_setup_teardown(old_frame, setup, teardown), cmocka_unit_test_setup_teardown(malformed, setup, teardown),
		cmocka_unit_test_setup_teardown(probes, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
