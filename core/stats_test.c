/* stats_test.c - the engine's report of itself: once a minute of packet time, as differences that add up to the totals. */
#include "engine.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

struct report {
	uint32_t n;
	uint64_t packets[8], bytes[8], flows_new[8], flows[8];
	int64_t interval[8], at[8];
};

static uint64_t number(const struct oto_event *event, const char *field)
{
	struct oto_value v;

	oto_value_get(event, oto_field_find(event->def, field, strlen(field)), &v);
	return v.u;
}

static void on_stats(void *who, const struct oto_event *event)
{
	struct report *r = who;

	assert_true(r->n < 8);
	r->packets[r->n] = number(event, "packets");
	r->bytes[r->n] = number(event, "bytes");
	r->flows_new[r->n] = number(event, "flows_new");
	r->flows[r->n] = number(event, "flows");
	r->interval[r->n] = (int64_t)number(event, "interval");
	r->at[r->n] = event->head->ts.ns;
	r->n++;
}

/* A UDP datagram from another port each time. */
static void send(struct oto_engine *e, uint16_t port, int64_t ns)
{
	uint8_t frame[60] = { 2,
			      0,
			      0,
			      0,
			      0,
			      2,
			      2,
			      0,
			      0,
			      0,
			      0,
			      1,
			      8,
			      0,
			      0x45,
			      0,
			      0,
			      46,
			      0,
			      (uint8_t)port,
			      0,
			      0,
			      64,
			      17,
			      0,
			      0,
			      10,
			      0,
			      0,
			      1,
			      10,
			      0,
			      0,
			      2,
			      (uint8_t)(port >> 8),
			      (uint8_t)port,
			      0x30,
			      0x39,
			      0,
			      26 };
	struct oto_packet p = {
		.ts_ns = ns, .number = e->stats.packets + 1, .data = frame, .caplen = sizeof frame, .len = sizeof frame, .link = 1
	};

	oto_engine_packet(e, &p);
}

static void each_minute_and_at_the_end(void **state)
{
	struct oto_engine_options options = { 0 };
	struct oto_error err = { "" };
	struct oto_engine *e = oto_engine_new(&options, &err);
	struct report r = { 0 };

	(void)state;
	if (!e || !oto_engine_start(e, &err))
		fail_msg("%s", err.text);
	oto_bus_listen(e->bus, oto_bus_find(e->bus, "stats"), on_stats, &r);
	send(e, 1001, 30 * OTO_SECOND);
	send(e, 1002, 40 * OTO_SECOND);
	send(e, 1003, 61 * OTO_SECOND);
	send(e, 1004, 3600 * OTO_SECOND + 5 * OTO_SECOND); /* an hour of silence is one report */
	send(e, 1005, 3600 * OTO_SECOND + 6 * OTO_SECOND);
	if (!oto_engine_finish(e, &err))
		fail_msg("%s", err.text);
	assert_int_equal(r.n, 3);
	/* A report is made before the packet that ends its minute is counted in a flow, but after it was read. */
	assert_int_equal(r.packets[0], 3);
	assert_int_equal(r.packets[0] + r.packets[1] + r.packets[2], 5);
	assert_int_equal(r.bytes[0] + r.bytes[1] + r.bytes[2], 300);
	assert_int_equal(r.flows_new[0], 2);
	assert_int_equal(r.flows_new[0] + r.flows_new[1] + r.flows_new[2], 5);
	assert_int_equal(r.flows[2], 0);
	assert_true(r.interval[0] == 31 * OTO_SECOND);
	assert_true(r.interval[1] == 3544 * OTO_SECOND);
	assert_true(r.interval[2] == 1 * OTO_SECOND);
	assert_true(r.at[0] == 61 * OTO_SECOND);
	oto_engine_free(e);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(each_minute_and_at_the_end) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
