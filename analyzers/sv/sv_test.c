/* sv_test.c - sets of samples and their fields, numbers that do not follow, what a second held, and what damaged messages do.
 */
#include "../testing.h"

extern const struct oto_analyzer *const oto_analyzer_sv;

static int setup(void **state)
{
	*state = test_host_frames(oto_analyzer_sv, (struct oto_mac){ { 0x01, 0x0c, 0xcd, 4, 0, 1 } });
	return 0;
}

static unsigned bytes_of(const char *hex)
{
	unsigned digits = 0;

	for (; *hex; hex++)
		digits += *hex != ' ';
	return digits / 2;
}

/* A frame around these fields, given in hex: one set of samples. */
static const char *say(void **state, const char *fields)
{
	unsigned n = bytes_of(fields);
	char hex[700];

	snprintf(hex, sizeof hex, "4000 %04x 0000 0000 60%02x 800101 a2%02x 30%02x %s", n + 17, n + 7, n + 2, n, fields);
	return test_pdu(*state, true, hex);
}

/* mu1, the number, revision 1, clock; two channels. */
static const char *sample(void **state, unsigned number, const char *values)
{
	char fields[300];

	snprintf(fields, sizeof fields, "80036d7531 8202%04x 830400000001 850102 %s", number, values);
	return say(state, fields);
}
#define GOOD "8710 00000064 00000000 ffffff38 00002000"
#define INVALID "8710 ffffff00 00000001 00000001 00000000"

static void message(void **state)
{
	const char *s =
	    say(state, "80036d7531 8103612f62 82020007 830400000002 8408 00000001 800000 0a 850105 86020fa0 8704 01020304 88020001 8908"
		       "0102030405060708");

	HAS(s, "sv.asdu src_mac=02:00:00:00:00:01 dst_mac=01:0c:cd:04:00:01 appid=0x4000 length=");
	HAS(s, " asdus=1 sv_id=mu1 dataset=a/b smp_cnt=7 conf_rev=2 refr_tm=1.500000 refr_tm_quality=0x0a smp_synch=numbered local_clock=5 "
	       "smp_rate=4000 "
	       "smp_mod=samples_per_second sample=01020304 identity=0102030405060708 simulation=F security=F\n");
	HAS(s, "operation cyclic sampled_values target=sv:mu1\n");
	HAS(s, "fact device_type=merging unit (IEC 61850)\n");
	HAS(s,
	    "sv.change src_mac=02:00:00:00:00:01 appid=0x4000 sv_id=mu1 what=first smp_cnt=7 conf_rev=2 smp_synch=numbered simulation=F\n");
}

static void several_sets(void **state)
{
	const char *s = test_pdu(*state, true,
				 "4000 003d 8000 0000 6033 800102 8100 a22c"
				 "3014 80026d61 82020001 830101 850101 8704 00000000"
				 "3014 80026d62 82020001 830101 850101 8704 00000000");

	HAS(s, " asdus=2 sv_id=ma smp_cnt=1 conf_rev=1 smp_synch=local sample=00000000 simulation=T security=T\n");
	HAS(s, " asdus=2 sv_id=mb ");
	HAS(s, "what=simulation ");
	HAS_NOT(s, "weird");
}

static void numbers(void **state)
{
	sample(state, 3997, GOOD);
	HAS_NOT(sample(state, 3998, GOOD), "sv.change");
	HAS_NOT(sample(state, 3997, GOOD), "sv.change"); /* on both ways of a redundant network */
	HAS(sample(state, 3998, INVALID), "what=back smp_cnt=3998 was_smp_cnt=3998 ");
	HAS_NOT(sample(state, 3999, GOOD), "sv.change");
	HAS_NOT(sample(state, 0, GOOD), "sv.change"); /* now it is known where numbers begin anew */
	HAS(sample(state, 3, GOOD), "what=gap smp_cnt=3 was_smp_cnt=0 missing=2 ");
	HAS(sample(state, 1, GOOD), "what=back smp_cnt=1 was_smp_cnt=3 ");
	sample(state, 3999, INVALID);
	HAS(sample(state, 2, GOOD), "what=gap smp_cnt=2 was_smp_cnt=3999 missing=2 ");
	sample(state, 500, GOOD);
	HAS(sample(state, 0, INVALID), "what=restart ");
	sample(state, 20, GOOD);
	HAS(sample(state, 0, "8704 00000000"), "what=restart ");
}

/* Lost around the beginning of a second before it is known where that is. */
static void unknown_turn(void **state)
{
	sample(state, 3990, GOOD);
	HAS_NOT(sample(state, 12, GOOD), "sv.change");
	HAS(sample(state, 2, GOOD), "what=back ");
}

static void settings(void **state)
{
	struct test_host *t = *state;

	sample(state, 1, GOOD);
	HAS(say(state, "80036d7531 82020002 830400000009 850102" GOOD),
	    "what=configuration smp_cnt=2 was_smp_cnt=1 conf_rev=9 was_conf_rev=1 ");
	HAS(say(state, "80036d7531 82020003 830400000009 850100" GOOD), "what=synchronisation ");
	HAS(say(state, "80036d7531 82020004 830400000009 850100 86020fa0" GOOD), "what=configuration ");
	t->head.orig_mac.byte[5] = 9;
	HAS(say(state, "80036d7531 82020005 830400000009 850100 86020fa0" GOOD), " other_mac=02:00:00:00:00:01 simulation=F\n");
}

static void seconds(void **state)
{
	struct test_host *t = *state;

	sample(state, 1, GOOD);
	sample(state, 2, INVALID);
	sample(state, 4, GOOD);
	HAS_NOT(sample(state, 3, GOOD), "sv.second");
	sample(state, 1, GOOD);
	t->head.ts.ns += INT64_C(1000000000);
	HAS(sample(state, 4, "8704 00000000"), " samples=4 copies=1 missing=1 backward=1 invalid=1 peaks=-256,-200\n");
	t->head.ts.ns += INT64_C(1000000000);
	HAS(sample(state, 5, "8710 00000064 80000000 00000064 00000000"), " samples=1 copies=0 missing=0 backward=0\n"); /* no channels */
	t->head.ts.ns += INT64_C(1000000000);
	HAS(sample(state, 6, GOOD), " samples=1 copies=0 missing=0 backward=0\n"); /* that is no quality */
	t->head.ts.ns -= INT64_C(60000000000);
	HAS(sample(state, 7, GOOD), " samples=1 copies=0 missing=0 backward=0 invalid=0 peaks=100,-200\n");
}

static void damaged(void **state)
{
	static const uint8_t frame[] = { 0x40, 0,    0, 31,  0,    0, 0, 0,    0x60, 21, 0x80, 1, 1, 0xa2, 16, 0x30,
					 14,   0x80, 1, 'm', 0x82, 1, 7, 0x83, 1,    1,  0x85, 1, 0, 0x87, 0 };
	struct test_host *t = *state;

	for (uint32_t n = 1; n < sizeof frame; n++) {
		char hex[2 * sizeof frame + 1] = "";
		for (uint32_t i = 0; i < n; i++)
			snprintf(hex + 2 * i, 3, "%02x", frame[i]);
		HAS(test_pdu(t, true, hex), "weird truncated\n");
	}
	HAS(test_pdu(t, true, "4000 0007 0000 0000 6000"), "weird bad_length\n");
	HAS(test_pdu(t, true, "4000 000a 0000 0000 6100"), "weird unknown_pdu\n");
	HAS(test_pdu(t, true, "4000 000d 0000 0000 6003 800100"), "weird missing_field\n");
	HAS(test_pdu(t, true, "4000 000f 0000 0000 6005 800102 a200"), "weird asdu_count\n");
	HAS(test_pdu(t, true, "4000 0011 0000 0000 6007 800100 8f00 a200"), "weird unknown_field\n");
	HAS(test_pdu(t, true, "4000 0011 0000 0000 6007 800100 a202 0500"), "weird unknown_field\n");
	HAS(say(state, "80016d 8203010000"), "weird truncated\n"); /* a number too great */
	HAS(say(state, "80016d 8e00 82020001 830101 850100 870100"), "weird unknown_field\n");
	HAS(say(state, "80016d 830101 850100 870100"), "weird missing_field\n");
	/* A length that is four too small, in a frame that holds all of it. */
	const char *s = test_pdu(t, true, "4000 001d 0000 0000 6017 800101 a212 3010 80016d 82020001 830101 850100 870100");
	HAS(s, "weird bad_length\n");
	HAS(s, "sv_id=m smp_cnt=1 ");
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, test_teardown)
	const struct CMUnitTest tests[] = { TEST(message),  TEST(several_sets), TEST(numbers), TEST(unknown_turn),
					    TEST(settings), TEST(seconds),      TEST(damaged) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
