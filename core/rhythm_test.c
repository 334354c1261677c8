/* rhythm_test.c - what two windows in a row have in common is learned, what is not so is told, and silence is found without looking for it.
 */
#include "rhythm.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include <math.h>
#include <stdlib.h>

struct fixture {
	struct oto_tally *of, *lost, *late;
	struct oto_rhythms *rs;
	struct oto_rhythms_turn turn;
};

static struct oto_tally *tally(bool gaps, uint32_t nsums)
{
	struct oto_tally *t = oto_calloc(1, sizeof *t);

	*t = (struct oto_tally){ .nkeys = 2, .gaps = gaps, .nsums = nsums };
	t->store = oto_store_new(&(struct oto_store_spec){ .name = "t", .shape = "", .kind = OTO_STORE_MAP });
	return t;
}

static void set_up(struct fixture *f, double least, uint32_t longest)
{
	*f = (struct fixture){ .of = tally(true, 0), .lost = tally(false, 0), .late = tally(false, 1) };
	f->rs = oto_rhythms_new(f->of, 1000);
	f->rs->lost = f->lost;
	f->rs->late = f->late;
	f->rs->least = least;
	f->rs->longest = longest;
	f->rs->counts_steady = true;
	f->turn = (struct oto_rhythms_turn){ .mode = OTO_RHYTHMS_LEARN, .silence = true, .whole = true, .pauses = true, .now_ns = 1 };
}

static void tear_down(struct fixture *f)
{
	oto_rhythms_free(f->rs);
	oto_tally_free(f->of);
	oto_tally_free(f->lost);
	oto_tally_free(f->late);
}

static struct oto_slice key_of(struct oto_tally *t, uint32_t group, uint32_t number, struct oto_buf *b)
{
	struct oto_value part[] = { { .kind = OTO_U32, .u = group }, { .kind = OTO_U32, .u = number } };

	oto_tally_key(t, part, b);
	return (struct oto_slice){ (const uint8_t *)b->data, (uint32_t)b->len };
}

static struct oto_counted *counted(struct oto_tally *t, uint32_t number, uint64_t n)
{
	struct oto_buf b = { 0 };
	bool made;
	struct oto_row *row = oto_store_put(t->store, key_of(t, 1, number, &b), 1, &made);

	oto_buf_free(&b);
	struct oto_counted *c = oto_tally_counted(t, row);
	c->fresh = n;
	c->round = t->round;
	memset(c->sum, 0, oto_tally_bytes(t) - sizeof *c);
	return c;
}

/* So many gaps of this mean and deviation since it was taken, of n times. */
static void count(struct fixture *f, uint32_t number, uint64_t n, double gaps, double mean, double dev)
{
	counted(f->of, number, n)->sum[0] =
	    (struct oto_sum){ .n = gaps, .total = gaps * mean, .squares = gaps * mean * mean + (gaps - 1) * dev * dev, .most = mean };
}

static const struct oto_rhythm *rhythm(struct fixture *f, uint32_t number)
{
	struct oto_buf b = { 0 };
	const struct oto_rhythm *r = oto_rhythm_find(f->rs, key_of(f->of, 1, number, &b), 1);

	oto_buf_free(&b);
	return r;
}

static void turn(struct fixture *f)
{
	oto_rhythms_turn(f->rs, &f->turn);
}

/* A turn with that counted of the first one. */
static void turn_with(struct fixture *f, double gaps, double mean, double dev)
{
	count(f, 1, (uint64_t)gaps + 1, gaps, mean, dev);
	turn(f);
}

static void two_windows_have_something_in_common(void **state)
{
	struct fixture f;

	(void)state;
	set_up(&f, 6, 10);
	turn_with(&f, 3, 1, 0);
	turn_with(&f, 3, 2, 0);
	assert_null(oto_rhythms_take(f.rs));
	count(&f, 1, 8, 6, 2, 0.5);
	counted(f.lost, 1, 2);
	counted(f.late, 1, 2)->sum[0].total = 0.25;
	turn(&f);
	const struct oto_rhythm *r = oto_rhythms_take(f.rs);
	assert_ptr_equal(r, rhythm(&f, 1));
	assert_null(oto_rhythms_take(f.rs));
	assert_true(r->learned.windows == 1 && r->learned.common.least == 2 && r->learned.common.most == 1.5);
	assert_true(r->learned.common.lost == 0 && r->learned.common.late == 0); /* not in both */
	count(&f, 1, 8, 6, 9, 1);
	counted(f.lost, 1, 4);
	counted(f.late, 1, 2)->sum[0].total = 0.5;
	turn(&f);
	assert_true(r->learned.windows == 2 && r->learned.common.least == 2 && r->learned.common.most == 2);
	assert_true(r->learned.common.lost == 0.25 && r->learned.common.late == 0.125);
	assert_int_equal(f.rs->news_ns, 1);
	tear_down(&f);
}

static void gaps_are_waited_for(void **state)
{
	struct fixture f;

	(void)state;
	set_up(&f, 3, 3);
	for (int i = 0; i < 3; i++)
		turn_with(&f, i == 1 ? 0 : 1, 5, 0);
	assert_true(rhythm(&f, 1)->has_former);
	for (int i = 0; i < 3; i++)
		turn_with(&f, i == 1 ? 0 : 1, 5, 0);
	assert_true(rhythm(&f, 1)->learned.steady == 3);
	assert_true(rhythm(&f, 1)->learned.windows == 0); /* two gaps are too few to learn of */
	turn_with(&f, 3, 5, 0);
	assert_true(rhythm(&f, 1)->learned.windows == 1);
	tear_down(&f);
}

static struct oto_rhythm_learned known(double least, double most)
{
	return (struct oto_rhythm_learned){ .windows = 9,
					    .common = { .least = least, .most = most, .dev = 0.1, .lost = 0.1, .late = 0.1 } };
}

static void knows(struct fixture *f, uint32_t number, struct oto_rhythm_learned l)
{
	struct oto_buf b = { 0 };

	assert_true(oto_rhythm_put(f->rs, key_of(f->of, 1, number, &b), &l, 1));
	oto_buf_free(&b);
}

static void found(struct fixture *f, enum oto_rhythm_how how, double value, double usual)
{
	const struct oto_rhythm_found *one = oto_rhythms_found(f->rs);

	assert_non_null(one);
	assert_int_equal(one->how, how);
	assert_true(one->value == value && one->usual == usual);
}

static void what_is_not_as_it_was_is_told(void **state)
{
	struct fixture f;

	(void)state;
	set_up(&f, 4, 9);
	f.turn.mode = OTO_RHYTHMS_WATCH;
	f.rs->limits = (struct oto_rhythm_limits){ 5, 1.5, 2, 0.2, 4, 0.05, 10, 3, 0, HUGE_VAL };
	knows(&f, 1, known(1, 2));
	turn_with(&f, 4, 4, 0);
	assert_null(oto_rhythms_found(f.rs)); /* once is not */
	turn_with(&f, 4, 4, 0);
	found(&f, OTO_RHYTHM_SLOWER, 4, 2);
	assert_null(oto_rhythms_found(f.rs));
	turn_with(&f, 4, 0.5, 0);
	assert_null(oto_rhythms_found(f.rs));
	turn_with(&f, 4, 0.5, 0);
	found(&f, OTO_RHYTHM_FASTER, 0.5, 1);
	turn_with(&f, 4, 1, 2);
	count(&f, 1, 10, 4, 1, 2);
	counted(f.lost, 1, 9);
	counted(f.late, 1, 1)->sum[0].total = 1;
	turn(&f);
	assert_int_equal(oto_rhythms_found(f.rs)->how, OTO_RHYTHM_IRREGULAR);
	count(&f, 1, 10, 4, 1, 0);
	counted(f.lost, 1, 9);
	counted(f.late, 1, 1)->sum[0].total = 1;
	turn(&f);
	found(&f, OTO_RHYTHM_LOST, 0.9, 0.1);
	found(&f, OTO_RHYTHM_LATE, 1, 0.1);
	turn_with(&f, 1, 11, 0);
	found(&f, OTO_RHYTHM_PAUSE, 11, 2);
	assert_null(oto_rhythms_found(f.rs));
	assert_true(rhythm(&f, 1)->learned.windows == 9); /* nothing is learned */
	turn_with(&f, 1, 11, 0);
	f.turn.mode = OTO_RHYTHMS_OFF;
	turn_with(&f, 1, 11, 0);
	assert_null(oto_rhythms_found(f.rs));
	assert_null(oto_tally_newest_news(f.of));
	tear_down(&f);
}

static void what_became_steady_is_told(void **state)
{
	struct fixture f;
	int told = 0;

	(void)state;
	set_up(&f, 2, 9);
	f.turn.mode = OTO_RHYTHMS_WATCH;
	f.rs->limits.young = 50;
	f.rs->limits.steady = 5;
	knows(&f, 1, known(1, 2));
	for (int i = 1; i < 20; i++) {
		turn_with(&f, 4, 1, 0);
		if (!oto_rhythms_found(f.rs))
			continue;
		told = i;
		assert_null(oto_rhythms_found(f.rs));
	}
	assert_int_equal(told, 6);
	tear_down(&f);
}

static void an_interruption_has_nothing_in_common(void **state)
{
	struct fixture f;

	(void)state;
	set_up(&f, 4, 9);
	turn_with(&f, 4, 1, 0);
	for (int i = 0; i < 4; i++)
		turn(&f);
	turn_with(&f, 4, 1, 0);
	assert_true(rhythm(&f, 1)->learned.windows == 0);
	for (int i = 0; i < 3; i++)
		turn(&f);
	turn_with(&f, 4, 1, 0);
	assert_true(rhythm(&f, 1)->learned.windows == 1 && rhythm(&f, 1)->learned.longest == 3);
	turn_with(&f, 2, 1, 0);
	oto_rhythms_interrupt(f.rs);
	turn_with(&f, 2, 1, 0);
	assert_true(rhythm(&f, 1)->open.n == 2);
	turn_with(&f, 2, 1, 0);
	assert_true(rhythm(&f, 1)->learned.windows == 1);
	tear_down(&f);
}

static void there_is_a_bound(void **state)
{
	struct fixture f;

	(void)state;
	set_up(&f, 4, 9);
	f.rs->within = 1;
	f.rs->most = 3;
	for (uint32_t i = 5; i > 0; i--)
		count(&f, i, 1, 0, 0, 0);
	turn(&f);
	assert_int_equal(f.rs->n, 3);
	assert_non_null(rhythm(&f, 5)); /* first seen */
	assert_null(rhythm(&f, 2));
	knows(&f, 2, known(1, 2)); /* it was, before */
	assert_int_equal(f.rs->refused, 0);
	f.rs->within = 0;
	f.rs->max = 4;
	count(&f, 7, 1, 0, 0, 0);
	turn(&f);
	assert_int_equal(f.rs->n, 4);
	assert_int_equal(f.rs->refused, 1);
	tear_down(&f);
}

/* ------------------------------------------------------------------------------------------------ silence */

enum { MANY = 40, TURNS = 3000, WINDOWS = 5 };

/* As one would look for it, at each of them in each turn. */
struct plain {
	double longest, windows;
	uint32_t silent;
	bool told;
};

static bool is_due(struct plain *p, bool heard, const struct oto_rhythms_turn *t)
{
	if (!t->silence)
		return false;
	p->silent = heard ? 0 : p->silent + 1;
	if (heard)
		p->told = false;
	if (p->silent <= 2 || !t->whole || p->told || p->silent < p->longest * 2 || p->windows < WINDOWS)
		return false;
	return p->told = true;
}

static uint32_t random_below(uint32_t n)
{
	static uint32_t x = 12345;

	x = x * 1664525 + 1013904223;
	return (x >> 8) % n;
}

static void silence_is_found_as_by_looking_at_all(void **state)
{
	struct plain plain[MANY] = { 0 };
	uint64_t told = 0;
	struct fixture f;

	(void)state;
	set_up(&f, 4, 9);
	f.turn.mode = OTO_RHYTHMS_WATCH;
	f.rs->limits.windows = WINDOWS;
	for (uint32_t i = 0; i < MANY; i++) {
		plain[i].longest = i % 3 == 0 ? i * 4.5 : i % 5;
		plain[i].windows = i % 7 == 0 ? 4 : 5;
		knows(&f, i, (struct oto_rhythm_learned){ .windows = plain[i].windows, .longest = plain[i].longest });
	}
	for (int n = 0; n < TURNS; n++) {
		bool heard[MANY], due[MANY] = { 0 };
		f.turn.silence = random_below(20) != 0;
		f.turn.whole = random_below(10) != 0;
		for (uint32_t i = 0; i < MANY; i++) {
			heard[i] = random_below(i % 4 == 0 ? 300 : 1 + i) == 0;
			if (heard[i])
				count(&f, i, 1, 0, 0, 0);
			due[i] = is_due(&plain[i], heard[i], &f.turn);
			told += due[i];
		}
		turn(&f);
		for (const struct oto_rhythm_found *one; (one = oto_rhythms_found(f.rs));) {
			uint32_t i = 0;
			while (i < MANY && rhythm(&f, i) != one->rhythm)
				i++;
			assert_true(i < MANY && due[i]);
			assert_true(one->value == plain[i].silent);
			due[i] = false;
		}
		for (uint32_t i = 0; i < MANY; i++)
			assert_false(due[i]);
		if (random_below(500) != 0)
			continue;
		oto_rhythms_interrupt(f.rs);
		for (uint32_t i = 0; i < MANY; i++)
			plain[i] = (struct plain){ plain[i].longest, plain[i].windows, 0, false };
	}
	assert_true(told > 100);
	tear_down(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(two_windows_have_something_in_common),  cmocka_unit_test(gaps_are_waited_for),
		cmocka_unit_test(what_is_not_as_it_was_is_told),         cmocka_unit_test(what_became_steady_is_told),
		cmocka_unit_test(an_interruption_has_nothing_in_common), cmocka_unit_test(there_is_a_bound),
		cmocka_unit_test(silence_is_found_as_by_looking_at_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
