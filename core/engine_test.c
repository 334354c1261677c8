/* engine_test.c - the life of a packet as a whole: packet time, one damaged timestamp, frames that are nothing. */
#include "engine.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#define START (INT64_C(1700000000) * OTO_SECOND)
#define DAY (24 * 3600 * OTO_SECOND)

static struct oto_engine *begin(void)
{
	struct oto_error err = { "" };
	struct oto_engine *e = oto_engine_new(&(struct oto_engine_options){ .duplicate_ns = -1 }, &err);
	assert_non_null(e);
	assert_true(oto_engine_start(e, &err));
	return e;
}

static void end(struct oto_engine *e)
{
	struct oto_error err = { "" };
	assert_true(oto_engine_finish(e, &err));
	oto_engine_free(e);
}

static void arp_at(struct oto_engine *e, int64_t ts_ns)
{
	static const uint8_t frame[60] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2, 0, 0, 0, 0, 1, 8, 6,
					   0,    1,    8,    0,    6,    4,    0, 1, 2, 0, 0, 0, 0, 1 };
	struct oto_packet p = { .ts_ns = ts_ns, .data = frame, .caplen = sizeof frame, .len = sizeof frame, .link = 1 };
	oto_engine_packet(e, &p);
}

static void time_never_goes_back(void **state)
{
	(void)state;
	struct oto_engine *e = begin();
	arp_at(e, START);
	arp_at(e, START - OTO_SECOND);
	assert_int_equal(e->now_ns, START);
	arp_at(e, START + OTO_SECOND);
	assert_int_equal(e->now_ns, START + OTO_SECOND);
	end(e);
}

static void one_packet_from_the_far_future_is_damage(void **state)
{
	(void)state;
	struct oto_engine *e = begin();
	arp_at(e, START);
	arp_at(e, START + 1000 * DAY);
	assert_int_equal(e->now_ns, START);
	arp_at(e, START + OTO_SECOND);
	assert_int_equal(e->now_ns, START + OTO_SECOND);
	arp_at(e, START + 1000 * DAY); /* alone again */
	assert_int_equal(e->now_ns, START + OTO_SECOND);
	assert_int_equal(e->stats.packets, 4);
	end(e);
}

static void two_that_agree_are_a_pause(void **state)
{
	(void)state;
	struct oto_engine *e = begin();
	arp_at(e, START);
	arp_at(e, START + 30 * DAY);
	arp_at(e, START + 30 * DAY + OTO_SECOND);
	assert_int_equal(e->now_ns, START + 30 * DAY + OTO_SECOND);
	end(e);
}

static void every_length_and_link_is_survived(void **state)
{
	(void)state;
	struct oto_engine *e = begin();
	uint8_t *bytes = oto_calloc(1, 1);
	for (uint32_t link = 0; link < 300; link++) {
		struct oto_packet p = { .ts_ns = START + link, .data = bytes, .caplen = link % 2, .len = 9000, .link = link };
		oto_engine_packet(e, &p);
	}
	free(bytes);
	end(e);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(time_never_goes_back),
		cmocka_unit_test(one_packet_from_the_far_future_is_damage),
		cmocka_unit_test(two_that_agree_are_a_pause),
		cmocka_unit_test(every_length_and_link_is_survived),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
