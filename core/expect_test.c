/* expect_test.c - announced flows: taken once, for five minutes, and of too many the ones that end first go, counted. */
#include "expect.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>

static const struct oto_addr server = { { 10, 0, 0, 9 }, OTO_FAMILY_IPV4 };
static int ftp, tftp;

static void an_announced_flow_is_taken_once(void **state)
{
	struct oto_expected *x = oto_expected_new(7);

	(void)state;
	oto_expected_add(x, OTO_TCP, &server, 40000, &ftp, 0);
	oto_expected_add(x, OTO_TCP, &server, 40001, &ftp, 0);
	oto_expected_add(x, OTO_TCP, &server, 40001, &tftp, 1);
	assert_null(oto_expected_take(x, OTO_UDP, &server, 40000, 1));
	assert_ptr_equal(oto_expected_take(x, OTO_TCP, &server, 40000, 1), &ftp);
	assert_null(oto_expected_take(x, OTO_TCP, &server, 40000, 1));
	assert_ptr_equal(oto_expected_take(x, OTO_TCP, &server, 40001, 1), &tftp);
	assert_int_equal(oto_expected_evicted(x), 0);
	oto_expected_free(x);
}

static void after_five_minutes_nobody_waits(void **state)
{
	struct oto_expected *x = oto_expected_new(7);

	(void)state;
	oto_expected_add(x, OTO_TCP, &server, 40000, &ftp, 0);
	oto_expected_add(x, OTO_TCP, &server, 40001, &ftp, 0);
	assert_ptr_equal(oto_expected_take(x, OTO_TCP, &server, 40000, 300 * OTO_SECOND), &ftp);
	assert_null(oto_expected_take(x, OTO_TCP, &server, 40001, 300 * OTO_SECOND + 1));
	oto_expected_free(x);
}

/* Whoever announces every port of a host: memory stays what it is, each that goes is counted, the others are found. */
static void too_many_make_room_for_newer_ones(void **state)
{
	struct oto_expected *x = oto_expected_new(7);
	uint32_t found = 0;

	(void)state;
	for (uint32_t port = 0; port < 65536; port++)
		oto_expected_add(x, OTO_TCP, &server, (uint16_t)port, &ftp, port);
	for (uint32_t port = 0; port < 65536; port++)
		found += oto_expected_take(x, OTO_TCP, &server, (uint16_t)port, 65536) != NULL;
	assert_in_range(found, 1000, 4096);
	assert_int_equal(found + oto_expected_evicted(x), 65536);

	for (uint32_t port = 0; port < 65536; port++)
		oto_expected_add(x, OTO_TCP, &server, (uint16_t)port, &ftp, port * (int64_t)OTO_SECOND);
	assert_ptr_equal(oto_expected_take(x, OTO_TCP, &server, 65535, 65535 * OTO_SECOND), &ftp);
	oto_expected_free(x);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_announced_flow_is_taken_once),
		cmocka_unit_test(after_five_minutes_nobody_waits),
		cmocka_unit_test(too_many_make_room_for_newer_ones),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
