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
	struct oto_packet p = {
		.number = e->stats.packets + 1, .ts_ns = ts_ns, .data = frame, .caplen = sizeof frame, .len = sizeof frame, .link = 1
	};
	oto_engine_packet(e, &p);
}

static void a_second_back_is_no_time(void **state)
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

struct heard {
	uint32_t gaps, silences, clocks;
};

static void heard_gap(void *who, const struct oto_event *event)
{
	(void)event;
	((struct heard *)who)->gaps++;
}
static void heard_silence(void *who, const struct oto_event *event)
{
	(void)event;
	((struct heard *)who)->silences++;
}
static void heard_clock(void *who, const struct oto_event *event)
{
	(void)event;
	((struct heard *)who)->clocks++;
}

#define HOUR (3600 * OTO_SECOND)

static void note_time(void *who, int64_t due_ns, int64_t now_ns)
{
	(void)due_ns;
	*(int64_t *)who = now_ns;
}

static void what_is_open_ends_when_the_clock_is_set_back(void **state)
{
	(void)state;
	struct oto_engine *e = begin();
	int64_t fired = 0;
	arp_at(e, START);
	oto_timers_add(e->timers, START + 10 * OTO_SECOND, note_time, &fired);
	for (int i = 0; i < 7; i++) /* damage, or the first of many */
		arp_at(e, START - HOUR + i * OTO_SECOND);
	assert_int_equal(e->now_ns, START);
	assert_int_equal(oto_conn_stats(e->conns).ended, 0);
	for (int i = 7; i < 17; i++)
		arp_at(e, START - HOUR + i * OTO_SECOND);
	assert_int_equal(e->now_ns, START - HOUR + 16 * OTO_SECOND);
	assert_int_equal(oto_conn_stats(e->conns).ended, 1);
	assert_int_equal(oto_conn_stats(e->conns).made, 2);
	assert_int_equal(fired, 0);
	arp_at(e, START - HOUR + 17 * OTO_SECOND); /* as long after the packet as it was to be */
	assert_int_equal(fired, START - HOUR + 17 * OTO_SECOND);
	arp_at(e, START - HOUR + 1000 * OTO_SECOND);
	assert_int_equal(oto_conn_stats(e->conns).made, 3);
	end(e);
}

/* Time stands with the one that is ahead: no flow is idle only because its packets say that they are an hour old. */
static void two_sources_may_have_a_clock_each(void **state)
{
	(void)state;
	struct oto_engine *e = begin();
	arp_at(e, START);
	for (int64_t i = 1; i < 1000; i++)
		arp_at(e, i % 20 ? START - HOUR + i * OTO_SECOND : START + i * OTO_SECOND);
	assert_true(e->back.is_other_clock);
	assert_int_equal(e->now_ns, START + 980 * OTO_SECOND);
	assert_int_equal(oto_conn_stats(e->conns).ended, 2); /* where it was set back, and where it leaped forth */
	end(e);
}

static void a_capture_in_no_order_sets_no_clock(void **state)
{
	(void)state;
	struct oto_engine *e = begin();
	struct heard h = { 0 };
	oto_bus_listen(e->bus, e->capture_clock, heard_clock, &h);
	for (int64_t i = 0; i < 100; i++)
		arp_at(e, START - i / 4 * HOUR + i % 4 * OTO_SECOND);
	assert_int_equal(e->back.from_ns, 0);
	assert_int_equal(oto_conn_stats(e->conns).made, 1);
	assert_int_equal(h.clocks, 1);
	end(e);
}

static void damaged_times_are_no_clock(void **state)
{
	(void)state;
	struct oto_engine *e = begin();
	for (int64_t i = 0; i < 100; i++)
		arp_at(e, i % 7 == 3 ? i : START + i * OTO_SECOND);
	assert_int_equal(e->back.from_ns, 0);
	assert_int_equal(e->now_ns, START + 99 * OTO_SECOND);
	assert_int_equal(oto_conn_stats(e->conns).made, 1);
	end(e);
}

static void a_flow_lives_on_when_the_clock_is_set_back_a_little(void **state)
{
	(void)state;
	struct oto_engine *e = begin();
	arp_at(e, START);
	for (int i = 0; i < 1000; i++)
		arp_at(e, START - 50 * OTO_SECOND + i * OTO_SECOND);
	assert_int_equal(oto_conn_stats(e->conns).made, 1);
	assert_int_equal(e->now_ns, START + 949 * OTO_SECOND);
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

/* Ten packets a second; whoever is to know of pauses has to see many first. */
static struct oto_engine *busy(struct heard *h, int64_t *last)
{
	struct oto_engine *e = begin();
	oto_bus_listen(e->bus, e->capture_gap, heard_gap, h);
	oto_bus_listen(e->bus, e->capture_silent, heard_silence, h);
	oto_bus_listen(e->bus, e->capture_clock, heard_clock, h);
	for (int64_t i = 0; i <= 10001; i++)
		arp_at(e, *last = START + i * 100 * OTO_MS);
	return e;
}

static void a_pause_as_never_before_is_a_gap(void **state)
{
	(void)state;
	struct heard h = { 0 };
	int64_t last;
	struct oto_engine *e = busy(&h, &last);
	arp_at(e, last += 20 * OTO_SECOND); /* a pause of the plant */
	assert_int_equal(h.gaps, 0);
	arp_at(e, last += 100 * OTO_SECOND); /* not unusual any more */
	assert_int_equal(h.gaps, 0);
	arp_at(e, last += 1000 * OTO_SECOND);
	assert_int_equal(h.gaps, 1);
	assert_int_equal(h.clocks, 0);
	end(e);
}

static void silence_is_told_once_and_its_length_at_the_end(void **state)
{
	(void)state;
	struct heard h = { 0 };
	int64_t last;
	struct oto_engine *e = busy(&h, &last);
	for (int i = 1; i < 100; i++)
		oto_engine_idle(e, last + i * OTO_SECOND);
	assert_int_equal(h.silences, 1);
	assert_int_equal(h.gaps, 0);
	arp_at(e, last + 101 * OTO_SECOND);
	assert_int_equal(h.gaps, 1);
	end(e);
}

static void a_clock_set_back_is_told_once(void **state)
{
	(void)state;
	struct heard h = { 0 };
	int64_t last;
	struct oto_engine *e = busy(&h, &last);
	arp_at(e, last - OTO_SECOND);
	assert_int_equal(h.clocks, 0);
	for (int i = 100; i > 0; i--)
		arp_at(e, last - i * OTO_SECOND);
	assert_int_equal(h.clocks, 1);
	arp_at(e, last + OTO_SECOND);
	assert_int_equal(h.gaps, 0);
	end(e);
}

static struct oto_flow_side side(uint8_t last, uint16_t port)
{
	return (struct oto_flow_side){ .addr = { .family = OTO_FAMILY_IPV4, .byte = { 10, 0, 0, last } },
				       .port = port,
				       .mac = { { 2, 0, 0, 0, 0, last } },
				       .has_mac = true };
}

/* A gap in what the server said is known for one when the client acknowledges what lies behind it. */
static void macs_follow_the_flow_not_the_packet(void **state)
{
	(void)state;
	struct oto_engine *e = begin();
	struct oto_flow f = { .transport = OTO_TCP, .side = { side(1, 1000), side(2, 502) } };
	struct oto_flow_side other = side(9, 53);
	struct oto_layers l = {
		.has_ip = true, .has_mac = true, .src = f.side[0].addr, .dst = f.side[1].addr, .sport = 1000, .dport = 502
	};
	l.src_mac = (struct oto_mac){ { 2, 0, 0, 0, 0, 7 } }; /* another router than before */
	l.dst_mac = f.side[1].mac;
	e->layers = &l;
	for (int dir = OTO_ORIG; dir <= OTO_RESP; dir++) {
		const struct oto_head *h = oto_engine_head(e, &f, (enum oto_dir)dir);
		assert_memory_equal(h->orig_mac.byte, l.src_mac.byte, 6);
		assert_memory_equal(h->resp_mac.byte, l.dst_mac.byte, 6);
	}
	l.src = other.addr;
	e->head_cache = (struct oto_head_cache){ 0 };
	assert_memory_equal(oto_engine_head(e, &f, OTO_RESP)->orig_mac.byte, f.side[0].mac.byte, 6);
	e->layers = NULL;
	e->head_cache = (struct oto_head_cache){ 0 };
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
		cmocka_unit_test(a_second_back_is_no_time),
		cmocka_unit_test(what_is_open_ends_when_the_clock_is_set_back),
		cmocka_unit_test(two_sources_may_have_a_clock_each),
		cmocka_unit_test(a_capture_in_no_order_sets_no_clock),
		cmocka_unit_test(damaged_times_are_no_clock),
		cmocka_unit_test(a_flow_lives_on_when_the_clock_is_set_back_a_little),
		cmocka_unit_test(one_packet_from_the_far_future_is_damage),
		cmocka_unit_test(a_pause_as_never_before_is_a_gap),
		cmocka_unit_test(silence_is_told_once_and_its_length_at_the_end),
		cmocka_unit_test(a_clock_set_back_is_told_once),
		cmocka_unit_test(two_that_agree_are_a_pause),
		cmocka_unit_test(macs_follow_the_flow_not_the_packet),
		cmocka_unit_test(every_length_and_link_is_survived),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
