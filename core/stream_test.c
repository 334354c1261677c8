/* stream_test.c - segments in every order to bytes in order: each once, gaps as lengths, limits.
 *
 * The sender's bytes are a function of their position, so that what is delivered can be checked wherever it comes from. What is delivered
 * is collected by the stand-ins at the end of this file.
 */
#include "conn_tcp.h"
#include "engine.h"
#include "stream.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <stdlib.h>

#define ISN 5000u
#define SENT 300000u

static struct oto_engine engine;
static struct oto_pool pool;
static struct oto_flow flow;
static struct oto_packet packet;
static struct oto_slab slab;
static const struct oto_tcp_tracker tracker = { .slab = &slab, .pool = &pool };
static uint8_t sent[SENT];
static char log_text[4096]; /* "100 gap 20 5": bytes and gaps, in order */
static uint64_t delivered, lost;
static uint32_t isn, overlaps_weird, end_flow_after;
static bool midstream_seen, wrong;

static int setup(void **state)
{
	(void)state;
	engine = (struct oto_engine){ .now_ns = OTO_SECOND };
	engine.streams = oto_streams_new(&engine, NULL);
	flow = (struct oto_flow){ .transport = OTO_TCP };
	oto_slab_init(&slab, sizeof(struct oto_tcp));
	flow.tcp = oto_tcp_make(&tracker);
	delivered = lost = overlaps_weird = end_flow_after = 0;
	midstream_seen = wrong = false;
	log_text[0] = '\0';
	isn = ISN;
	for (uint32_t i = 0; i < SENT; i++)
		sent[i] = (uint8_t)(i * 31 ^ i >> 8);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	oto_stream_end(engine.streams, &flow);
	assert_int_equal(oto_stream_stats(engine.streams).held, 0);
	oto_streams_free(engine.streams);
	oto_tcp_release(&tracker, flow.tcp);
	oto_slab_free(&slab);
	oto_pool_free(&pool);
	return 0;
}

static void note(const char *what, uint64_t n)
{
	size_t at = strlen(log_text);
	snprintf(log_text + at, sizeof log_text - at, "%s%s%llu", at ? " " : "", what, (unsigned long long)n);
}

/* A segment of the originator at a position of its stream; `captured` of its bytes are there. */
static void piece(uint32_t position, const uint8_t *bytes, uint32_t len, uint32_t captured, uint16_t flags)
{
	static const uint8_t option;
	struct oto_layers l = { .packet = &packet,
				.transport = OTO_TCP,
				.seq = isn + 1 + position - !!(flags & OTO_SYN),
				.tcp_flags = flags,
				.window = 100,
				.payload = { bytes, captured },
				.payload_len = len,
				.tcp_options = { &option, 0 } };

	packet.ts_ns = engine.now_ns;
	flow.side[OTO_ORIG].packets++;
	oto_tcp_packet(&tracker, &flow, OTO_ORIG, &l);
	oto_stream_segment(engine.streams, &flow, OTO_ORIG, &l);
}

static void data(uint32_t from, uint32_t to)
{
	uint8_t *copy = malloc(to - from); /* so that a sanitizer sees what is kept too long */
	memcpy(copy, sent + from, to - from);
	piece(from, copy, to - from, to - from, OTO_ACK);
	free(copy);
}

static void syn(void)
{
	piece(0, NULL, 0, 0, OTO_SYN);
}

/* The responder acknowledges up to a position, and says something. */
static void answer(uint32_t position, uint32_t len)
{
	static const uint8_t option;
	struct oto_layers l = { .packet = &packet,
				.transport = OTO_TCP,
				.seq = 900,
				.ack = isn + 1 + position,
				.tcp_flags = OTO_ACK,
				.window = 100,
				.payload = { sent, len },
				.payload_len = len,
				.tcp_options = { &option, 0 } };

	flow.side[OTO_RESP].packets++;
	oto_tcp_packet(&tracker, &flow, OTO_RESP, &l);
	oto_stream_segment(engine.streams, &flow, OTO_RESP, &l);
}

static void ack(uint32_t position)
{
	answer(position, 0);
}

/* ------------------------------------------------------------------------------------------------ order */

static void test_in_order(void **state)
{
	(void)state;
	syn();
	data(0, 100);
	data(100, 150);
	assert_string_equal(log_text, "100 50");
	assert_false(midstream_seen);
	assert_int_equal(oto_stream_stats(engine.streams).held_peak, 0); /* nothing was copied */
}

static void test_out_of_order(void **state)
{
	(void)state;
	syn();
	ack(0);
	data(50, 100);
	data(150, 200);
	data(100, 150);
	assert_string_equal(log_text, "");
	data(0, 50);
	assert_int_equal(delivered, 200);
	assert_int_equal(lost, 0);
}

static void test_retransmission(void **state)
{
	(void)state;
	syn();
	data(0, 100);
	data(0, 100);
	data(50, 120);                                  /* a part of it is new */
	piece(119, (const uint8_t *)"", 1, 1, OTO_ACK); /* keep-alive */
	piece(119, NULL, 0, 0, OTO_ACK);
	assert_string_equal(log_text, "100 20");
}

static void test_first_copy_wins(void **state)
{
	(void)state;
	uint8_t other[100];

	memset(other, 0xee, sizeof other);
	syn();
	ack(0);
	data(50, 100);
	piece(40, other, 20, 20, OTO_ACK); /* 40..49 are new and other, 50..59 are held */
	assert_int_equal(overlaps_weird, 1);
	data(50, 100); /* the same again is nothing odd */
	assert_int_equal(overlaps_weird, 1);
	data(0, 40);
	assert_int_equal(delivered, 100);
	assert_true(wrong); /* the ten bytes that came first as 0xee */
}

static void test_segment_over_held(void **state)
{
	(void)state;
	syn();
	ack(0);
	data(50, 60);
	data(80, 90);
	data(0, 100); /* one segment around both */
	assert_int_equal(delivered, 100);
	assert_int_equal(oto_stream_stats(engine.streams).held, 0);
}

static void test_wrap_around(void **state)
{
	(void)state;
	isn = UINT32_MAX - 60;
	syn();
	ack(0);
	data(0, 50);
	data(100, 150);
	data(50, 100);
	assert_int_equal(delivered, 150);
}

static void test_syn_with_data(void **state)
{
	(void)state;
	piece(1, sent, 10, 10, OTO_SYN); /* position 1 less the SYN: data begins behind it */
	isn += 1;
	assert_int_equal(delivered, 10);
}

/* ------------------------------------------------------------------------------------------------ loss */

static void test_gap_by_ack(void **state)
{
	(void)state;
	syn();
	ack(0);
	data(0, 10);
	data(30, 40);
	ack(10);
	assert_string_equal(log_text, "10");
	ack(40);
	assert_string_equal(log_text, "10 gap 20 10");
	data(10, 30); /* too late */
	assert_string_equal(log_text, "10 gap 20 10");
}

/* What an answer acknowledges is read before it: requests behind a loss. */
static void test_gap_by_answer(void **state)
{
	(void)state;
	syn();
	ack(0);
	data(20, 30);
	answer(30, 7);
	assert_string_equal(log_text, "gap 20 10 answer 7");
}

static void test_gap_acked_before(void **state)
{
	(void)state;
	syn();
	ack(0);
	data(0, 10);
	ack(30);
	assert_string_equal(log_text, "10"); /* perhaps the capture mixed up the order */
	data(30, 40);
	assert_string_equal(log_text, "10 gap 20 10");
}

static void test_one_sided_gap(void **state)
{
	(void)state;
	syn();
	data(0, 10);
	data(30, 40);
	assert_string_equal(log_text, "10");
	engine.now_ns += 3 * OTO_SECOND;
	data(40, 50);
	assert_string_equal(log_text, "10 gap 20 10 10");
	for (uint32_t i = 100; i < 100 + 64; i++)
		data(i, i + 1);
	assert_int_equal(lost, 20);
	data(164, 165);
	assert_int_equal(lost, 70);
	data(1000, 60000);
	assert_int_equal(lost, 70);
	data(60000, 120000);
	assert_int_equal(lost, 70 + 835);
}

static void test_end_delivers_held(void **state)
{
	(void)state;
	syn();
	ack(0);
	data(20, 30);
	data(40, 50);
	oto_stream_end(engine.streams, &flow);
	assert_string_equal(log_text, "gap 20 10 gap 10 10");
}

static void test_snap_length(void **state)
{
	(void)state;
	syn();
	ack(0);
	piece(0, sent, 100, 40, OTO_ACK);
	piece(200, sent + 200, 100, 40, OTO_ACK);
	piece(100, sent + 100, 100, 0, OTO_ACK);
	assert_string_equal(log_text, "40 gap 60 gap 100 40 gap 60");
}

static void test_limit(void **state)
{
	(void)state;
	oto_streams_free(engine.streams);
	engine.streams = oto_streams_new(&engine, &(struct oto_stream_options){ .max_held_per_side = 1000 });
	syn();
	ack(0);
	data(100, 1100);
	assert_int_equal(lost, 0);
	data(2000, 2001);
	assert_string_equal(log_text, "gap 100 1000");
	assert_int_equal(oto_stream_stats(engine.streams).held, 1);
}

/* Over all flows: whoever makes holes everywhere has them declared gaps, and what comes in order goes on. */
static void test_limit_of_all(void **state)
{
	(void)state;
	oto_streams_free(engine.streams);
	engine.streams = oto_streams_new(&engine, &(struct oto_stream_options){ .max_held = 500 });
	syn();
	ack(0);
	data(100, 600);
	assert_int_equal(lost, 0);
	data(700, 701);
	assert_int_equal(lost, 100);
	assert_in_range(oto_stream_stats(engine.streams).held, 0, 500);
	data(600, 700);
	assert_int_equal(delivered, 601);
	assert_int_equal(oto_stream_stats(engine.streams).held, 0);
}

/* ------------------------------------------------------------------------------------------------ joining */

static void test_midstream(void **state)
{
	(void)state;
	data(500, 600);
	data(600, 700);
	assert_string_equal(log_text, "100 100");
	assert_true(midstream_seen);
}

static void test_new_numbering(void **state)
{
	(void)state;
	syn();
	data(0, 100);
	isn += 1500000000;
	syn();
	data(0, 100);
	assert_string_equal(log_text, "100 gap 0 100");
}

static void test_rst_says_nothing(void **state)
{
	(void)state;
	syn();
	data(0, 10);
	piece(10, sent + 10, 20, 20, OTO_RST);
	assert_string_equal(log_text, "10");
}

static void test_listener_ends_the_flow(void **state)
{
	(void)state;
	syn();
	ack(0);
	data(50, 100);
	data(100, 200);
	data(200, 250);
	end_flow_after = 100;
	data(0, 50);
	assert_int_equal(delivered + lost, 250);
	assert_true(flow.ended);
}

/* ------------------------------------------------------------------------------------------------ any order */

static uint32_t random_state;
static uint32_t any(uint32_t n)
{
	random_state = random_state * 1664525 + 1013904223;
	return (uint32_t)((uint64_t)random_state * n >> 32);
}

/* Segments cut anywhere, displaced, repeated, overlapping: the stream is always whole. */
static void test_random_orders(void **state)
{
	for (uint32_t round = 0; round < 200; round++) {
		struct {
			uint32_t from, to;
		} cut[200];
		uint32_t n = 0, at = 0, total = 1 + any(20000);

		teardown(state);
		setup(state);
		random_state = round;
		isn = any(UINT32_MAX);
		for (; at < total && n < 199; n++, at = cut[n - 1].to) {
			cut[n].from = at > 30 && any(4) == 0 ? at - any(30) : at;
			cut[n].to = at + 1 + any(300) < total ? at + 1 + any(300) : total;
			cut[n].to = cut[n].to > at ? cut[n].to : at + 1;
		}
		total = at;
		for (uint32_t i = 0; i + 1 < n; i++) {
			uint32_t other = i + any(n - i < 20 ? n - i : 20), from = cut[i].from, to = cut[i].to;
			cut[i] = cut[other];
			cut[other].from = from;
			cut[other].to = to;
		}
		syn();
		ack(0);
		for (uint32_t i = 0; i < n; i++) {
			data(cut[i].from, cut[i].to);
			uint32_t again = any(i + 1);
			if (any(5) == 0)
				data(cut[again].from, cut[again].to);
		}
		assert_false(wrong);
		assert_int_equal(delivered, total);
		assert_int_equal(lost, 0);
		assert_int_equal(oto_stream_stats(engine.streams).held, 0);
	}
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(test_in_order),
		T(test_out_of_order),
		T(test_retransmission),
		T(test_first_copy_wins),
		T(test_segment_over_held),
		T(test_wrap_around),
		T(test_syn_with_data),
		T(test_gap_by_ack),
		T(test_gap_by_answer),
		T(test_gap_acked_before),
		T(test_one_sided_gap),
		T(test_end_delivers_held),
		T(test_snap_length),
		T(test_limit),
		T(test_limit_of_all),
		T(test_midstream),
		T(test_new_numbering),
		T(test_rst_says_nothing),
		T(test_listener_ends_the_flow),
		T(test_random_orders),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* ------------------------------------------------------------------------------------------------ stand-ins */

void oto_analyzer_bytes(struct oto_analyzers *as, struct oto_flow *f, enum oto_dir dir, struct oto_slice bytes, bool midstream)
{
	uint64_t position = delivered + lost;

	(void)as;
	assert_true(bytes.len > 0);
	if (dir == OTO_RESP) {
		note("answer ", bytes.len);
		return;
	}
	midstream_seen |= midstream;
	if (!midstream && position + bytes.len <= SENT)
		wrong |= memcmp(bytes.data, sent + position, bytes.len) != 0;
	delivered += bytes.len;
	note("", bytes.len);
	if (end_flow_after && delivered >= end_flow_after && !f->ended) {
		f->ended = true;
		oto_stream_end(engine.streams, f);
	}
}

void oto_analyzer_gap(struct oto_analyzers *as, struct oto_flow *f, enum oto_dir dir, uint64_t n)
{
	(void)as;
	(void)f;
	(void)dir;
	lost += n;
	note("gap ", n);
}

const struct oto_head *oto_engine_head(struct oto_engine *e, const struct oto_flow *f, enum oto_dir dir)
{
	(void)e;
	(void)f;
	(void)dir;
	return NULL;
}

void oto_engine_weird(struct oto_engine *e, const struct oto_head *head, const char *source, const char *name, struct oto_slice detail)
{
	(void)e;
	(void)head;
	(void)detail;
	assert_string_equal(source, "tcp");
	overlaps_weird += strcmp(name, "overlap_differs") == 0;
}
