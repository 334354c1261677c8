/* fragment_test.c - datagrams put together: order, overlap, wrong sizes, limits in number and time. */
#include "fragment.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static struct oto_fragments *fs;
static struct oto_datagram whole;
static const char *weird;
static uint8_t bytes[65536];

static int setup(void **state)
{
	(void)state;
	fs = oto_fragments_new(4, 30 * OTO_SECOND);
	for (size_t i = 0; i < sizeof bytes; i++)
		bytes[i] = (uint8_t)(i * 31 >> 3);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	oto_fragments_free(fs);
	return 0;
}

static bool add_from(const uint8_t *data, uint32_t id, uint32_t offset, uint32_t len, bool more, int64_t ts_ns)
{
	struct oto_fragment f = { .src = { { 10, 0, 0, 1 }, OTO_FAMILY_IPV4 },
				  .dst = { { 10, 0, 0, 2 }, OTO_FAMILY_IPV4 },
				  .id = id,
				  .proto = 17,
				  .more = more,
				  .offset = offset,
				  .header_len = 20,
				  .data = { data, len },
				  .ts_ns = ts_ns };
	return oto_fragments_add(fs, &f, &whole, &weird);
}

static bool add(uint32_t id, uint32_t offset, uint32_t len, bool more)
{
	return add_from(bytes + offset, id, offset, len, more, 0);
}

static void expect_whole(uint32_t len)
{
	assert_int_equal(whole.data.len, len);
	assert_memory_equal(whole.data.data, bytes, len);
	assert_int_equal(whole.header_len, 20);
	assert_int_equal(whole.proto, 17);
}

static void any_order(void **state)
{
	(void)state;
	static const uint8_t order[6][3] = { { 0, 1, 2 }, { 0, 2, 1 }, { 1, 0, 2 }, { 1, 2, 0 }, { 2, 0, 1 }, { 2, 1, 0 } };
	for (uint32_t i = 0; i < 6; i++) {
		for (uint32_t k = 0; k < 3; k++) {
			uint32_t part = order[i][k];
			assert_int_equal(add(i, part * 1480, part == 2 ? 33 : 1480, part < 2), k == 2);
			assert_null(weird);
		}
		expect_whole(2 * 1480 + 33);
		oto_fragments_next_packet(fs);
	}
	assert_int_equal(oto_fragments_dropped(fs), 0);
}

static void largest(void **state)
{
	(void)state;
	uint32_t at = 0;
	for (; at + 1480 <= 65515; at += 1480)
		assert_false(add(1, at, 1480, true));
	assert_true(add(1, at, 65515 - at, false));
	expect_whole(65515);
	oto_fragments_next_packet(fs);
	assert_false(add(2, 65512, 16, false)); /* the ping of death */
	assert_string_equal(weird, "fragment_too_large");
}

static void first_byte_wins(void **state)
{
	(void)state;
	static const uint8_t evil[64] = { 0xee };
	assert_false(add(1, 0, 32, true));
	assert_false(add_from(evil, 1, 16, 32, true, 0));
	assert_string_equal(weird, "fragment_overlap");
	assert_true(add(1, 48, 8, false));
	assert_memory_equal(whole.data.data, bytes, 32);
	assert_memory_equal(whole.data.data + 32, evil + 16, 16);
}

static void a_copy_is_nothing_strange(void **state)
{
	(void)state;
	assert_false(add(1, 0, 32, true));
	assert_false(add(1, 0, 32, true));
	assert_null(weird);
	assert_true(add(1, 32, 8, false));
	expect_whole(40);
}

static void one_weird_a_datagram(void **state)
{
	(void)state;
	assert_false(add(1, 0, 13, true));
	assert_string_equal(weird, "fragment_bad_length");
	assert_false(add(1, 0, 0, true));
	assert_null(weird);
}

static void sizes_that_disagree(void **state)
{
	(void)state;
	assert_false(add(1, 32, 8, false));
	assert_false(add(1, 40, 8, true));
	assert_string_equal(weird, "fragment_size_inconsistent");
	assert_true(add(1, 0, 32, true));
	expect_whole(40);
	oto_fragments_next_packet(fs);

	assert_false(add(2, 40, 8, true));
	assert_false(add(2, 16, 8, false)); /* ends before what is there */
	assert_string_equal(weird, "fragment_size_inconsistent");
}

static void keys(void **state)
{
	(void)state;
	assert_false(add(1, 0, 32, true));
	assert_false(add(2, 32, 8, false));
	assert_true(add(2, 0, 32, true));
	assert_true(add(1, 32, 8, false));
}

static void the_oldest_goes(void **state)
{
	(void)state;
	for (uint32_t id = 1; id <= 5; id++)
		assert_false(add(id, 0, 32, true));
	assert_int_equal(oto_fragments_dropped(fs), 1);
	assert_true(add(5, 32, 8, false));
	assert_true(add(2, 32, 8, false));
	assert_false(add(1, 32, 8, false));
}

static void time_passes(void **state)
{
	(void)state;
	assert_false(add_from(bytes, 1, 0, 32, true, 0));
	assert_false(add_from(bytes + 32, 1, 32, 8, false, 31 * OTO_SECOND));
	assert_int_equal(oto_fragments_dropped(fs), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(any_order, setup, teardown),
		cmocka_unit_test_setup_teardown(largest, setup, teardown),
		cmocka_unit_test_setup_teardown(first_byte_wins, setup, teardown),
		cmocka_unit_test_setup_teardown(a_copy_is_nothing_strange, setup, teardown),
		cmocka_unit_test_setup_teardown(one_weird_a_datagram, setup, teardown),
		cmocka_unit_test_setup_teardown(sizes_that_disagree, setup, teardown),
		cmocka_unit_test_setup_teardown(keys, setup, teardown),
		cmocka_unit_test_setup_teardown(the_oldest_goes, setup, teardown),
		cmocka_unit_test_setup_teardown(time_passes, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
