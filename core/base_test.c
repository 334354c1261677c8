/* base_test.c - arena, pool, timers, near names: the contracts of base.h, pool.h and timer.h. */
#include "base.h"
#include "pool.h"
#include "timer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

static void arena_rewinds_and_refuses(void **state)
{
	(void)state;
	struct oto_arena a = { .limit = 300000 };
	char *first = oto_arena_get(&a, 10);
	struct oto_arena_mark mark = oto_arena_mark(&a);
	char *second = oto_arena_get(&a, 100000); /* larger than a chunk */
	assert_non_null(second);
	memset(second, 1, 100000);
	oto_arena_rewind(&a, mark);
	assert_int_equal(a.used, 16);
	assert_ptr_equal(oto_arena_get(&a, 16), first + 16);
	assert_null(oto_arena_get(&a, 300000));
	oto_arena_reset(&a);
	assert_ptr_equal(oto_arena_get(&a, 1), first);
	oto_arena_free(&a);
}

static void pool_gives_back_what_it_got(void **state)
{
	(void)state;
	struct oto_pool p = { 0 };
	for (size_t size = 1; size < 70000; size = size * 3 / 2 + 1) {
		uint8_t *item = oto_pool_get(&p, size);
		assert_int_equal((uintptr_t)item % 16, 0);
		for (size_t i = 0; i < size; i++)
			assert_int_equal(item[i], 0);
		memset(item, 0xff, size);
		oto_pool_put(&p, item, size);
		uint8_t *again = oto_pool_get(&p, size);
		assert_ptr_equal(again, item);
		for (size_t i = 0; i < size; i++)
			assert_int_equal(again[i], 0);
		oto_pool_put(&p, again, size);
	}
	assert_int_equal(p.used, 0);
	oto_pool_free(&p);
}

struct fired {
	struct oto_timers *timers;
	int64_t order[8];
	int n;
};

static void note(void *who, int64_t due_ns, int64_t now_ns)
{
	struct fired *f = who;
	f->order[f->n++] = due_ns;
	if (due_ns == 10)
		oto_timers_add(f->timers, 20, note, f); /* due too: fires in this run, in its place */
	assert_true(now_ns >= due_ns);
}

static void timers_fire_by_due_then_age(void **state)
{
	(void)state;
	struct fired f = { .timers = oto_timers_new() };
	oto_timers_add(f.timers, 30, note, &f);
	oto_timers_add(f.timers, 10, note, &f);
	uint64_t never = oto_timers_add(f.timers, 15, note, &f);
	oto_timers_add(f.timers, 99, note, &f);
	assert_true(oto_timers_cancel(f.timers, never));
	assert_false(oto_timers_cancel(f.timers, never));
	assert_int_equal(oto_timers_next(f.timers), 10);
	oto_timers_run(f.timers, 50);
	assert_int_equal(f.n, 3);
	assert_int_equal(f.order[0], 10);
	assert_int_equal(f.order[1], 20);
	assert_int_equal(f.order[2], 30);
	assert_int_equal(oto_timers_next(f.timers), 99);
	oto_timers_free(f.timers);
}

static void near_names_are_named(void **state)
{
	(void)state;
	const char *const words[] = { "modbus.request", "modbus.response", "dns.query" };
	char out[128];
	assert_string_equal(oto_near(out, sizeof out, "modbus.reqest", words, 3), " (did you mean modbus.request, modbus.response?)");
	assert_string_equal(oto_near(out, sizeof out, "zzzzzzzzzzzz", words, 3), "");
	const char *const fields[] = { "op", "func", "func", "now" };
	assert_string_equal(oto_near(out, sizeof out, "fun", fields, 4), " (did you mean func?)");
	assert_string_equal(oto_near(out, sizeof out, "ip", fields, 4), "");
	assert_string_equal(oto_near(out, sizeof out, "foo", fields, 4), "");
}

static void words_are_split(void **state)
{
	(void)state;
	const char *list = "  tcp/502 udp/502";
	assert_true(oto_slice_is(oto_word(&list), "tcp/502"));
	assert_true(oto_slice_is(oto_word(&list), "udp/502"));
	assert_int_equal(oto_word(&list).len, 0);
}

static void hash_depends_on_every_byte(void **state)
{
	(void)state;
	uint8_t data[40] = { 0 };
	for (size_t len = 1; len <= sizeof data; len++) {
		uint64_t plain = oto_hash(1, data, len);
		assert_int_not_equal(plain, oto_hash(2, data, len));
		for (size_t i = 0; i < len; i++) {
			data[i] ^= 1;
			assert_int_not_equal(plain, oto_hash(1, data, len));
			data[i] ^= 1;
		}
	}
}

static void a_loop_over_what_is_left_ends(void **state)
{
	static const uint8_t bytes[] = { 0, 0, 9, 'a', 'b' }; /* a name of nine letters, of which two are there */
	struct oto_cur c = oto_cur_of((struct oto_slice){ bytes, sizeof bytes });
	int rounds = 0;

	(void)state;
	while (oto_left(&c) && ++rounds < 10) {
		oto_u8(&c);
		assert_int_equal(oto_take(&c, oto_be16(&c)).len, 0);
	}
	assert_int_equal(rounds, 1);
	assert_true(c.bad);
	assert_int_equal(oto_left(&c), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(arena_rewinds_and_refuses),
		cmocka_unit_test(pool_gives_back_what_it_got),
		cmocka_unit_test(timers_fire_by_due_then_age),
		cmocka_unit_test(near_names_are_named),
		cmocka_unit_test(words_are_split),
		cmocka_unit_test(a_loop_over_what_is_left_ends),
		cmocka_unit_test(hash_depends_on_every_byte),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
