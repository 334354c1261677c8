/* sums_test.c - sums are the same in two parts, models know what goes together, and who is surely near is not taken for far. */
#include "sums.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include <math.h>
#include <stdlib.h>

enum { K = 3 };

/* Two numbers that go together, and one of its own. */
static void measure(uint32_t i, double far, double *x)
{
	x[0] = far * (i * 7919 % 101) / 101;
	x[1] = 2 * x[0];
	x[2] = (double)(i * 31 % 17) / 17 + (far > 1 ? i % 3 : 0);
}

static struct oto_sums *sums_of(uint32_t n)
{
	struct oto_sums *s = oto_calloc(1, oto_sums_size(K));
	double x[K];

	oto_sums_begin(s, K);
	for (uint32_t i = 1; i <= n; i++) {
		measure(i, 1, x);
		oto_sums_add(s, x);
	}
	return s;
}

static struct oto_model *model_of(const struct oto_sums *s, double least)
{
	return oto_model_make(oto_calloc(1, oto_model_size(s->k)), s, least);
}

static void sums_are_kept_as_text(void **state)
{
	struct oto_sums *s = sums_of(40), *again = oto_calloc(1, oto_sums_size(K));
	void *text = oto_calloc(1, oto_sums_text_size(K));

	(void)state;
	oto_sums_text(s, text);
	oto_sums_read(again, K, text);
	assert_memory_equal(s, again, oto_sums_size(K));
	assert_true(s->number[0] == 40);
	free(s);
	free(again);
	free(text);
}

static void what_breaks_what_goes_together_is_far(void **state)
{
	struct oto_sums *s = sums_of(300);
	struct oto_model *m = model_of(s, 0.01);
	const double together[K] = { 0.9, 1.8, 0.5 }, broken[K] = { 0.9, 0.2, 0.5 };

	(void)state;
	assert_true(oto_model_component(m, together) < 3);
	assert_true(oto_model_component(m, broken) > 20);
	assert_false(oto_model_is_far(m, together, 4));
	assert_true(oto_model_is_far(m, broken, 4));
	free(s);
	free(m);
}

/* As it is defined, without the short cuts. */
static bool is_far(const struct oto_model *m, const double *x, double far)
{
	for (uint32_t i = 0; i < m->k; i++) {
		double margin = (m->high[i] - m->low[i]) / 4;
		bool beyond = x[i] > m->high[i] + margin || x[i] < m->low[i] - margin;
		if (beyond && fabs(x[i] - m->mean[i]) / m->dev[i] >= far)
			return true;
	}
	return oto_model_component(m, x) >= far;
}

static void who_is_surely_near_is_not_looked_at_further(void **state)
{
	struct oto_sums *s = sums_of(300);
	struct oto_model *m = model_of(s, 0.01);
	uint32_t far = 0, n = 200;

	(void)state;
	for (uint32_t i = 1; i <= n; i++) {
		double x[K];
		measure(i, i % 4, x);
		assert_int_equal(oto_model_is_far(m, x, 2.5), is_far(m, x, 2.5));
		far += is_far(m, x, 2.5);
	}
	assert_true(far > 20 && far < n - 20);
	free(s);
	free(m);
}

static void what_never_changed_has_a_spread(void **state)
{
	struct oto_sums *s = oto_calloc(1, oto_sums_size(1));
	const double five = 5, six = 6;

	(void)state;
	oto_sums_begin(s, 1);
	oto_sums_add(s, &five);
	oto_sums_add(s, &five);
	struct oto_model *m = model_of(s, 0.1);
	assert_true(fabs(m->dev[0] - 0.1) < 1e-9 && fabs(oto_model_component(m, &six) - 10) < 1e-6);
	free(s);
	free(m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sums_are_kept_as_text),
		cmocka_unit_test(what_breaks_what_goes_together_is_far),
		cmocka_unit_test(who_is_surely_near_is_not_looked_at_further),
		cmocka_unit_test(what_never_changed_has_a_spread),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
