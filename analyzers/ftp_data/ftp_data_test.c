/* ftp_data_test.c - what is counted and shared with the control connection. */
#include "../ftp/ftp_data.h"
#include "../testing.h"

extern const struct oto_analyzer *const oto_analyzer_ftp_data;

static int setup(void **state)
{
	*state = test_host_new(oto_analyzer_ftp_data, OTO_TCP, 40000, 40001);
	return 0;
}

static void carried(void **state)
{
	struct test_host *t = *state;

	assert_non_null(strstr(test_bytes(t, false, oto_slice_of("speed;12\nheat;180\n")), "service ftp-data\n"));
	assert_true(t->analyzer->lost_inside(&t->cx, 100));
	assert_string_equal(test_bytes(t, false, oto_slice_of("more")), "");
	assert_string_equal(test_closing(t), "ftp_data.transfer ts=1.001000 bytes=122 lost=T mime_type=text/plain\n");
}

static void nothing(void **state)
{
	assert_string_equal(test_closing(*state), "");
}

static void every_length(void **state)
{
	test_cut(*state, false, "7f454c46010203");
	test_cut(*state, true, "89504e470d0a1a0a00");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(carried, setup, test_teardown),
		cmocka_unit_test_setup_teardown(nothing, setup, test_teardown),
		cmocka_unit_test_setup_teardown(every_length, setup, test_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
