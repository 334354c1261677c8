/* duplicate_test.c - what is a mirrored copy and what is not. */
#include "duplicate.h"
#include "base.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static struct oto_duplicates *d;
static uint8_t frame[1500];

static int setup(void **state)
{
	(void)state;
	d = oto_duplicates_new(10 * OTO_MS);
	memset(frame, 0x5a, sizeof frame);
	static const uint8_t headers[] = { 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0, 0x45, 0, 0, 100, 0x12, 0x34, 0, 0, 64, 6 };
	memcpy(frame, headers, sizeof headers);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	oto_duplicates_free(d);
	return 0;
}

static bool seen(int64_t ts_ns, uint32_t len)
{
	/* Never the same memory: the capture reuses its own. */
	static uint8_t copy[2][1500];
	static int turn;
	turn = !turn;
	memcpy(copy[turn], frame, len);
	struct oto_packet p = { .ts_ns = ts_ns, .data = copy[turn], .caplen = len, .len = len, .link = 1 };
	return oto_duplicates_seen(d, &p);
}

static void a_copy_within_the_window(void **state)
{
	(void)state;
	assert_false(seen(0, 114));
	assert_true(seen(5000, 114));
	assert_true(seen(10 * OTO_MS, 114));
	assert_false(seen(11 * OTO_MS, 114)); /* counted from the first */
	assert_true(seen(12 * OTO_MS, 114));
}

static void every_byte_counts(void **state)
{
	(void)state;
	assert_false(seen(0, 114));
	for (uint32_t i = 0; i < 114; i++) {
		frame[i] ^= 0x40;
		assert_false(seen(0, 114));
		frame[i] ^= 0x40;
	}
	assert_false(seen(0, 113));
}

static void whatever_the_length(void **state)
{
	(void)state;
	int64_t now = 0;
	for (uint32_t len = 21; len < 250; len++) {
		frame[17] = (uint8_t)len;
		for (uint32_t at = len > 40 ? len - 18 : 20; at < len; at++) {
			frame[18] = (uint8_t)(frame[18] + !++frame[19]); /* another identification */
			assert_false(seen(++now, 14 + len));
			frame[14 + at] ^= 1;
			assert_false(seen(++now, 14 + len));
			frame[14 + at] ^= 1;
			assert_true(seen(++now, 14 + len));
		}
	}
}

static void only_numbered_packets(void **state)
{
	(void)state;
	static const struct {
		uint32_t at;
		uint8_t value;
	} change[] = { { 12, 0x89 }, { 14, 0x65 }, { 23, 89 }, { 23, 2 } };
	for (size_t i = 0; i < sizeof change / sizeof *change; i++) {
		uint8_t before = frame[change[i].at];
		frame[change[i].at] = change[i].value;
		assert_false(seen(0, 114));
		assert_false(seen(0, 114));
		frame[change[i].at] = before;
	}
	frame[18] = 0;
	for (frame[19] = 0; frame[19] < 2; frame[19]++) { /* identification */
		assert_false(seen(0, 114));
		assert_false(seen(0, 114));
	}
	for (uint32_t len = 0; len < 34; len++) {
		assert_false(seen(0, len));
		assert_false(seen(0, len));
	}
}

static void tagged(void **state)
{
	(void)state;
	memmove(frame + 16, frame + 12, 100);
	memcpy(frame + 12, (const uint8_t[]){ 0x81, 0, 0, 5 }, 4);
	assert_false(seen(0, 118));
	assert_true(seen(0, 118));
	memmove(frame + 12, frame + 16, 100);
	assert_true(seen(0, 114)); /* an access port shows it without */
	memset(frame + 114, 0, 6);
	assert_true(seen(0, 120)); /* padded */
}

static void behind_a_router(void **state)
{
	(void)state;
	assert_false(seen(0, 114));
	frame[22]--; /* hops left */
	frame[24]++; /* checksum */
	assert_false(seen(0, 114));
	frame[22]--;
	frame[24]++;
	frame[0] = frame[6] = 4;
	assert_true(seen(0, 114));
	frame[18]++;
	assert_false(seen(0, 114));
	frame[0] = frame[6] = 6;
	assert_false(seen(0, 114)); /* another station forwards it, but is no router */
	frame[22] -= 20;
	assert_false(seen(0, 114));
}

/* Two of three numbered packets come twice, 100 us apart. */
static void prove_a_mirror(int64_t ts_ns)
{
	for (int i = 0; i < 100; i++) {
		frame[18] = (uint8_t)(0x20 + i);
		seen(ts_ns + i * OTO_MS, 114);
		if (i % 3)
			assert_true(seen(ts_ns + i * OTO_MS + 100000, 114));
	}
}

static void unnumbered_packets_once_a_mirror_is_proven(void **state)
{
	(void)state;
	uint8_t arp[60] = { 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 6, 0, 1 }, ip[60];
	memcpy(ip, frame, sizeof ip);
	prove_a_mirror(0);
	memcpy(frame, arp, sizeof arp);
	assert_false(seen(OTO_SECOND, 60));
	assert_true(seen(OTO_SECOND + 150000, 60));  /* as close behind as copies come */
	assert_false(seen(OTO_SECOND + OTO_MS, 60)); /* the next cycle of the same frame */
	assert_false(seen(20 * OTO_SECOND, 60));     /* nothing was proven for long */
	assert_false(seen(20 * OTO_SECOND + 100000, 60));
	memcpy(frame, ip, sizeof ip);
}

/* A cyclic PROFINET frame, its CycleCounter, DataStatus and TransferStatus at the end. */
static void profinet(uint16_t frame_id, uint16_t cycle)
{
	memset(frame, 0, 64);
	memcpy(frame, (const uint8_t[]){ 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0x81, 0, 0xc0, 0, 0x88, 0x92 }, 18);
	frame[18] = (uint8_t)(frame_id >> 8);
	frame[19] = (uint8_t)frame_id;
	frame[60] = (uint8_t)(cycle >> 8);
	frame[61] = (uint8_t)cycle;
	frame[62] = 0x35;
}

static void frames_that_count_prove_a_mirror_without_ip(void **state)
{
	(void)state;
	static const uint8_t lldp[] = { 1, 0x80, 0xc2, 0, 0, 0x0e, 2, 0, 0, 0, 0, 2, 0x88, 0xcc, 2, 7 };
	for (int i = 0; i < 50; i++) {
		profinet(0x8000, (uint16_t)(i * 32));
		assert_false(seen(i * OTO_MS, 64));
		assert_true(seen(i * OTO_MS + 30000, 64) == (i >= 10)); /* until then they may be replayed ones */
	}
	assert_false(seen(55 * OTO_MS, 64)); /* sent again, later than copies come */
	memset(frame, 0, 64);
	memcpy(frame, lldp, sizeof lldp);
	assert_false(seen(56 * OTO_MS, 64)); /* what does not count is known by them */
	assert_true(seen(56 * OTO_MS + 30000, 64));
	assert_false(seen(57 * OTO_MS, 64));
	assert_int_equal(oto_duplicates_stats(d).numbered, 101);
}

static void cycles_without_a_number_are_no_copies(void **state)
{
	(void)state;
	static const uint8_t types[][2] = { { 0x88, 0xa4 }, { 0x89, 0x0f }, { 0x88, 0x92 } }; /* EtherCAT, CC-Link IE, PROFINET's DCP */
	for (size_t k = 0; k < sizeof types / sizeof *types; k++) {
		profinet(0xfefe, 0);
		memcpy(frame + 16, types[k], 2);
		for (int i = 0; i < 100; i++)
			assert_false(seen(i * OTO_MS, 64));
	}
	assert_int_equal(oto_duplicates_stats(d).numbered, 0);
}

/* Bursts of equal frames, as a replay makes them: the counter goes on only from burst to burst. */
static void a_replayed_frame_is_none(void **state)
{
	(void)state;
	for (int burst = 0; burst < 20; burst++) {
		profinet(0x8000, (uint16_t)burst);
		for (int i = 0; i < 30; i++)
			assert_false(seen(burst * 20 * OTO_SECOND + i * INT64_C(76000), 64));
	}
}

static void a_counter_that_stands_still_does_not_silence(void **state)
{
	(void)state;
	profinet(0x8000, 7);
	for (int i = 0; i < 1000; i++)
		assert_false(seen(i * OTO_MS, 64));
}

static void a_loop_shows(void **state)
{
	(void)state;
	int dropped = 0;
	for (int i = 0; i < 1000; i++)
		dropped += seen(i * INT64_C(1000), 114);
	assert_int_equal(dropped, 64);
	memset(frame + 12, 0, 2); /* and proves no mirror */
	assert_false(seen(2 * OTO_MS, 114));
	assert_false(seen(2 * OTO_MS, 114));
}

/* Two packets that fall on one place are told apart; with a single place one in thousands would hide another's copy. */
static void others_in_between(void **state)
{
	(void)state;
	int dropped = 0;
	for (int i = 0; i < 20000; i++) {
		for (int k = 0; k < 4; k++) {
			frame[18] = (uint8_t)(0x40 + (k & 1));
			frame[40] = (uint8_t)i;
			frame[41] = (uint8_t)(i >> 8);
			dropped += seen(i * OTO_MS + k, 114);
		}
	}
	assert_int_equal(dropped, 40000);
}

static void late_copies_are_counted(void **state)
{
	(void)state;
	assert_false(seen(0, 114));
	assert_false(seen(20 * OTO_MS, 114));
	assert_int_equal(oto_duplicates_stats(d).late, 1);
	oto_duplicates_free(d);
	d = oto_duplicates_new(50 * OTO_MS);
	assert_false(seen(0, 114));
	assert_true(seen(20 * OTO_MS, 114));
	assert_int_equal(oto_duplicates_stats(d).late, 0);
	assert_false(seen(5 * OTO_SECOND, 114));
	assert_int_equal(oto_duplicates_stats(d).late, 0);
}

/* A switch fills short frames up; what it puts there is not the sender's. */
static void padding_does_not_count(void **state)
{
	(void)state;
	frame[17] = 40;
	assert_false(seen(0, 60));
	frame[57] ^= 0x40;
	assert_true(seen(5000, 60));
	assert_true(seen(5000, 64));
	assert_true(seen(5000, 54));
	frame[53] ^= 0x40;
	assert_false(seen(5000, 60));
}

static void thousands_of_long_packets(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < 5000; i++) {
		frame[18] = (uint8_t)(i >> 8 | 0x40);
		frame[19] = (uint8_t)i;
		uint32_t len = 1000 + i % 500;
		frame[16] = (uint8_t)((len - 14) >> 8);
		frame[17] = (uint8_t)(len - 14);
		assert_false(seen(i, len));
		assert_true(seen(i, len));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_copy_within_the_window, setup, teardown),
		cmocka_unit_test_setup_teardown(every_byte_counts, setup, teardown),
		cmocka_unit_test_setup_teardown(whatever_the_length, setup, teardown),
		cmocka_unit_test_setup_teardown(only_numbered_packets, setup, teardown),
		cmocka_unit_test_setup_teardown(tagged, setup, teardown),
		cmocka_unit_test_setup_teardown(behind_a_router, setup, teardown),
		cmocka_unit_test_setup_teardown(unnumbered_packets_once_a_mirror_is_proven, setup, teardown),
		cmocka_unit_test_setup_teardown(frames_that_count_prove_a_mirror_without_ip, setup, teardown),
		cmocka_unit_test_setup_teardown(cycles_without_a_number_are_no_copies, setup, teardown),
		cmocka_unit_test_setup_teardown(a_replayed_frame_is_none, setup, teardown),
		cmocka_unit_test_setup_teardown(a_loop_shows, setup, teardown),
		cmocka_unit_test_setup_teardown(others_in_between, setup, teardown),
		cmocka_unit_test_setup_teardown(a_counter_that_stands_still_does_not_silence, setup, teardown),
		cmocka_unit_test_setup_teardown(late_copies_are_counted, setup, teardown),
		cmocka_unit_test_setup_teardown(padding_does_not_count, setup, teardown),
		cmocka_unit_test_setup_teardown(thousands_of_long_packets, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
