/* melsoft_test.c - searches, commands, end codes, the probe, and what damaged messages do. */
#include "../testing.h"

extern const struct oto_analyzer *const oto_analyzer_melsoft;

#define ASK "57 00 000000 1111 07 00 00 ffff 0300 00 fe03 00 00"
#define ANSWER "d7 00 000000 1111 7f 00 00 00a8 0300 ff ff03 00 00"
#define BODY20 "00000000000000000000 00000000000000000000"

static int setup(void **state)
{
	*state = test_host_new(oto_analyzer_melsoft, OTO_TCP, 49152, 5562);
	return 0;
}

/* Command, serial and what follows, in a frame of the right length. */
static const char *says(struct test_host *t, bool is_request, const char *content)
{
	static char hex[1024];
	uint8_t bytes[512];
	uint32_t n = test_hex(content, bytes, sizeof bytes).len + (is_request ? 24 : 26);
	snprintf(hex, sizeof hex, "%s %02x%02x %s %s %s", is_request ? ASK : ANSWER, n & 255, n >> 8, is_request ? "1c0a1614" : "9c0a1814",
		 is_request ? BODY20 : BODY20 "0000", content);
	return test_pdu(t, is_request, hex);
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
	HAS(says(t, true, "185f 0300 0000 0000 0800 4100 4200 4300 0000 0000"), "target=file:ABC");
}

/* As captures show them: a file that is opened to be written, its part, its end; then it is read back. */
static void files(void **state)
{
	struct test_host *t = *state;
	const char *s = says(t, true, "1867 0100 0000 00000000 0001 0400 03000000 0800 4100 4200 4300 0000");
	HAS(s, "operation program_write open_file_wide target=file:ABC");
	HAS(s, "mode=256 drive=4");
	assert_null(strstr(s, "data="));
	HAS(says(t, false, "1867 0100 0000 0700"), "file_pointer=7");
	HAS(says(t, true, "1869 0200 0000 0700 00000000 0300 616263"), "operation program_write write_file_wide");
	says(t, false, "1869 0200 0000 0300");
	says(t, true, "186a 0300 0000 0700 0000");
	HAS(says(t, false, "186a 0300 0000"), "program download complete file ABC");
	says(t, true, "1867 0400 0000 00000000 0000 0400 00000000 0800 4100 4200 4300 0000");
	says(t, false, "1867 0400 0000 0800");
	says(t, true, "1868 0500 0000 0800 00000000 0300");
	says(t, false, "1868 0500 0000 0300 616263");
	says(t, true, "186a 0600 0000 0800 0000");
	HAS(says(t, false, "186a 0600 0000"), "program upload complete file ABC");
	/* both ways over one handle */
	says(t, true, "1867 0400 0000 00000000 0000 0400 00000000 0800 4100 4200 4300 0000");
	says(t, false, "1867 0400 0000 0800");
	says(t, true, "1868 0500 0000 0800 00000000 0300");
	says(t, false, "1868 0500 0000 0300 616263");
	says(t, true, "1869 0600 0000 0800 00000000 0200 7879");
	says(t, false, "1869 0600 0000");
	says(t, true, "186a 0700 0000 0800 0000");
	const char *both = says(t, false, "186a 0700 0000");
	HAS(both, "program upload complete file ABC");
	HAS(both, "program download complete file ABC");
}

static void devices(void **state)
{
	struct test_host *t = *state;
	HAS(says(t, true, "0410 0100 0000 00000000000000000000 0100 60000000 00000000 1900"), "operation read read_memory target=M:96-120");
	HAS(says(t, true, "1410 0200 0000 00000000000000000000 2000 00000000 00000000 0100 e803"),
	    "operation write write_memory target=D:0");
	HAS(says(t, true, "0411 0300 0000 00000000000000000000 0200 0000 0000 0400 0000 2000 00000000 00000000 2000 c8000000 00000000"),
	    "operation read read_monitor target=device:D0 D200");
	HAS(says(t, true, "0410 0400 0000 0000"), "operation read read_memory\n");
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
		cmocka_unit_test_setup_teardown(commands, setup, test_teardown),
		cmocka_unit_test_setup_teardown(searches, setup, test_teardown),
		cmocka_unit_test_setup_teardown(files, setup, test_teardown),
		cmocka_unit_test_setup_teardown(devices, setup, test_teardown),
		cmocka_unit_test_setup_teardown(malformed, setup, test_teardown),
		cmocka_unit_test_setup_teardown(probes, setup, test_teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
