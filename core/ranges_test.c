/* ranges_test.c - what is learned of a number as it moves, news, values outside, and the bound. */
#include "ranges.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include <math.h>

static struct oto_value real(double f)
{
	return (struct oto_value){ .kind = OTO_F64, .f = f };
}

static struct oto_value whole(int64_t i)
{
	return (struct oto_value){ .kind = OTO_I64, .i = i };
}

static struct oto_value words(const uint8_t *data, uint32_t count)
{
	return (struct oto_value){ .kind = OTO_VEC, .vec = { data, count, OTO_VEC_U16BE } };
}

static bool add(struct oto_ranges *rs, uint64_t place, double f)
{
	struct oto_value v = real(f);
	return oto_ranges_add(rs, 1, place, &v, false);
}

static uint32_t outside(struct oto_ranges *rs, uint64_t place, double f)
{
	struct oto_value v = real(f);
	return oto_ranges_outside(rs, 1, place, &v, 1);
}

static void a_range_grows_and_swings(void **state)
{
	struct oto_ranges *rs = oto_ranges_new(1, 10, 10);

	(void)state;
	for (int i = 0; i < 4; i++) {
		add(rs, 7, 0);
		add(rs, 7, 100);
	}
	add(rs, 7, 50); /* in the middle: no swing */
	const struct oto_range *r = oto_range_find(rs, 1, 7);
	assert_int_equal(r->n, 9);
	assert_true(r->low == 0 && r->high == 100);
	assert_int_equal(r->rises, 1);
	assert_int_equal(r->falls, 0);
	assert_true(r->swings == 7); /* the first value had no range yet to be at the end of */
	add(rs, 7, -100);
	assert_int_equal(r->falls, 1);
	assert_true(r->swings == 7 / 4. + 1); /* twice as wide: a fourth of them, and this one */
	oto_ranges_free(rs);
}

static void writes_are_counted_by_direction(void **state)
{
	struct oto_ranges *rs = oto_ranges_new(1, 10, 10);
	static const int64_t written[] = { 5, 7, 7, 6, 9 };

	(void)state;
	for (size_t i = 0; i < sizeof written / sizeof *written; i++) {
		struct oto_value v = whole(written[i]);
		oto_ranges_add(rs, 1, 0, &v, true);
		add(rs, 0, 8); /* what is read between counts for nothing */
	}
	const struct oto_range *r = oto_range_find(rs, 1, 0);
	assert_int_equal(r->writes, 5);
	assert_int_equal(r->ups, 2);
	assert_int_equal(r->downs, 1);
	assert_true(r->low_is_whole && r->high_is_whole);
	add(rs, 0, 4.5);
	assert_false(r->low_is_whole);
	oto_ranges_free(rs);
}

static void news_are_growth_and_a_sixteenth_more(void **state)
{
	struct oto_ranges *rs = oto_ranges_new(1, 10, 10);
	int n = 0;

	(void)state;
	for (int i = 0; i < 32; i++) /* the next one is due at n + n / 16, rounded down */
		assert_true(add(rs, 3, 1));
	for (int i = 32; i < 64; i++)
		n += add(rs, 3, 1);
	assert_int_equal(n, 13);     /* 34, 36 ... 48, 51 ... 63 */
	assert_false(add(rs, 3, 1)); /* the 65th */
	assert_true(add(rs, 3, 2));  /* it grew: due anew at 66 + 4 */
	for (int i = 67; i < 70; i++)
		assert_false(add(rs, 3, 2));
	assert_true(add(rs, 3, 2));
	oto_ranges_free(rs);
}

static void taken_in_the_order_of_their_news(void **state)
{
	struct oto_ranges *rs = oto_ranges_new(1, 10, 10);

	(void)state;
	assert_null(oto_ranges_take(rs));
	for (int turn = 0; turn < 2; turn++) {
		add(rs, 9, turn);
		add(rs, 4, turn);
		add(rs, 9, turn + 10);
		assert_int_equal(oto_ranges_take(rs)->place, 9);
		add(rs, 9, turn + 20);
		assert_int_equal(oto_ranges_take(rs)->place, 4);
		assert_int_equal(oto_ranges_take(rs)->place, 9);
		assert_null(oto_ranges_take(rs));
	}
	oto_ranges_free(rs);
}

static void of_a_message_what_is_outside(void **state)
{
	struct oto_ranges *rs = oto_ranges_new(1, 100, 3);
	static const uint8_t normal[] = { 0, 5, 1, 0, 0, 7, 0, 9 }, other[] = { 0, 5, 1, 1, 0, 6, 0, 8 };
	struct oto_value v = words(normal, 4), o = words(other, 4), bits = { .kind = OTO_VEC, .vec = { normal, 8, OTO_VEC_BITS } };

	(void)state;
	assert_true(oto_ranges_add(rs, 2, 40, &v, false));
	assert_int_equal(rs->n, 3); /* of one message no more are looked at */
	assert_int_equal(oto_ranges_outside(rs, 2, 40, &v, 1), 0);
	assert_int_equal(oto_ranges_outside(rs, 2, 40, &o, 1), 2);
	assert_int_equal(oto_ranges_outside(rs, 2, 40, &o, 3), 3);
	assert_int_equal(oto_ranges_outside(rs, 2, 40, &o, 4), 0);
	assert_int_equal(oto_ranges_outside(rs, 3, 40, &o, 1), 0); /* another group */
	assert_int_equal(oto_ranges_outside(rs, 2, 41, &v, 1), 1); /* one further: 5 is not 256 */
	oto_range_find(rs, 2, 41)->passed = rs->anew;
	assert_int_equal(oto_ranges_outside(rs, 2, 40, &o, 1), 3);
	rs->anew++;
	assert_int_equal(oto_ranges_outside(rs, 2, 40, &o, 1), 2);
	assert_false(oto_ranges_add(rs, 4, 0, &bits, false));
	assert_int_equal(rs->n, 3);
	oto_ranges_free(rs);
}

static void what_is_no_number_ends_the_message(void **state)
{
	struct oto_ranges *rs = oto_ranges_new(1, 10, 10);
	double wire[] = { 1, NAN, 2 };
	struct oto_value v = { .kind = OTO_VEC, .vec = { (const uint8_t *)wire, 3, OTO_VEC_F64LE } };

	(void)state;
	assert_true(oto_ranges_add(rs, 1, 0, &v, false));
	assert_int_equal(rs->n, 1);
	add(rs, 1, INFINITY);
	add(rs, 1, -INFINITY);
	assert_int_equal(outside(rs, 1, 5), 0);
	assert_int_equal(outside(rs, 0, 2), 1);
	oto_ranges_free(rs);
}

static void bounded_and_found_again(void **state)
{
	struct oto_ranges *rs = oto_ranges_new(1, 1000, 10);

	(void)state;
	for (uint64_t i = 0; i < 1500; i++)
		add(rs, i * 64, (double)i);
	assert_int_equal(rs->n, 1000);
	assert_int_equal(rs->refused, 500);
	for (uint64_t i = 0; i < 1000; i++) {
		assert_int_equal(outside(rs, i * 64, (double)i), 0);
		assert_int_equal(outside(rs, i * 64, (double)i + 1), 1);
	}
	assert_null(oto_range_find(rs, 1, 1000 * 64));
	assert_int_equal(outside(rs, UINT64_MAX, 1), 0);
	oto_ranges_free(rs);
}

static void put_back_it_goes_on(void **state)
{
	struct oto_ranges *rs = oto_ranges_new(1, 10, 10);
	struct oto_range known = { .low = 1, .high = 9, .n = 32, .swings = 3, .end = OTO_RANGE_TOP },
			 hand = { .low = 1, .high = 9, .by_hand = true };

	(void)state;
	add(rs, 0, 100); /* has news, and keeps them */
	oto_range_put(rs, 1, 0, &known);
	oto_range_put(rs, 1, 1, &known);
	assert_int_equal(oto_ranges_take(rs)->n, 32);
	assert_null(oto_ranges_take(rs));
	assert_false(add(rs, 1, 5));
	assert_true(add(rs, 1, 2));
	assert_true(oto_range_find(rs, 1, 1)->swings == 4);
	oto_range_put(rs, 1, 2, &hand);
	add(rs, 2, 1);
	assert_true(oto_range_find(rs, 1, 2)->high == 9);
	oto_ranges_free(rs);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_range_grows_and_swings),
		cmocka_unit_test(writes_are_counted_by_direction),
		cmocka_unit_test(news_are_growth_and_a_sixteenth_more),
		cmocka_unit_test(taken_in_the_order_of_their_news),
		cmocka_unit_test(of_a_message_what_is_outside),
		cmocka_unit_test(what_is_no_number_ends_the_message),
		cmocka_unit_test(bounded_and_found_again),
		cmocka_unit_test(put_back_it_goes_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
