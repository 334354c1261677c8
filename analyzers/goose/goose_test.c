/* goose_test.c - messages and their fields, what is other than before, values as words, and what damaged messages do.
 */
#include "../testing.h"

extern const struct oto_analyzer *const oto_analyzer_goose;

static int setup(void **state)
{
	*state = test_host_frames(oto_analyzer_goose, (struct oto_mac){ { 0x01, 0x0c, 0xcd, 1, 0, 1 } });
	return 0;
}

/* a/b, 16 ms, a/c, g, 1970-01-01T00:00:01.5, state, sequence, no test, revision, ready, entries, data */
static const char *say(void **state, const char *st, const char *sq, const char *rest)
{
	char hex[700], body[600];
	int digits = 0;

	snprintf(body, sizeof body, "8003612f62 810110 8203612f63 830167 8408000000018000000a 8501%s 8601%s %s", st, sq, rest);
	for (const char *c = body; *c; c++)
		digits += *c != ' ';
	snprintf(hex, sizeof hex, "0001 %04x 0000 0000 61%02x %s", (unsigned)digits / 2 + 10, (unsigned)digits / 2, body);
	return test_pdu(*state, true, hex);
}
#define REST "870100 880101 890100 8a0101 ab03 8301ff"

static void message(void **state)
{
	const char *s = say(state, "01", "00", REST);

	HAS(s, "goose.frame src_mac=02:00:00:00:00:01 dst_mac=01:0c:cd:01:00:01 appid=0x0001 length=");
	HAS(s, " gocb_ref=a/b dataset=a/c go_id=g ttl_ms=16 t=1.500000 t_quality=0x0a st_num=1 sq_num=0 simulation=F conf_rev=1 nds_com=F "
	       "entries=1 "
	       "security=F\n");
	HAS(s, "operation cyclic goose target=gocb:a/b\n");
	HAS(s, "fact device_type=IED (IEC 61850)\n");
	HAS(s,
	    "goose.change src_mac=02:00:00:00:00:01 appid=0x0001 gocb_ref=a/b dataset=a/c go_id=g what=first st_num=1 sq_num=0 conf_rev=1 "
	    "simulation=F value_count=1 values=true\n");
	HAS_NOT(say(state, "01", "01", REST), "goose.change");
	HAS_NOT(say(state, "01", "01", REST), "goose.change"); /* on both ways of a redundant network */
	HAS_NOT(say(state, "01", "02", REST), "operation");
}

static void numbers(void **state)
{
	say(state, "01", "00", REST);
	HAS(say(state, "02", "00", REST), "what=state st_num=2 sq_num=0 was_st_num=1 was_sq_num=0 ");
	HAS(say(state, "02", "05", REST), "what=sequence_gap ");
	HAS(say(state, "02", "02", REST), "what=sequence_back ");
	HAS(say(state, "09", "00", REST), "what=state_gap ");
	HAS(say(state, "03", "01", REST), "what=state_back ");
	HAS(say(state, "01", "01", REST), "what=restart ");
	say(state, "01", "07", REST);
	HAS(say(state, "01", "01", REST), "what=restart ");
}

static void settings(void **state)
{
	struct test_host *t = *state;

	say(state, "01", "00", REST);
	HAS(say(state, "01", "01", "870100 880102 890100 8a0101 ab03 8301ff"), "what=configuration ");
	HAS(say(state, "01", "02", "870100 880102 8901ff 8a0101 ab03 8301ff"), "what=commissioning ");
	HAS(say(state, "01", "03", "8701ff 880102 8901ff 8a0101 ab03 8301ff"), "what=simulation ");
	t->head.ts.ns += INT64_C(20000000);
	HAS(say(state, "01", "04", "8701ff 880102 8901ff 8a0101 ab03 8301ff"), "what=late ");
	t->head.orig_mac.byte[5] = 9;
	HAS(say(state, "01", "05", "8701ff 880102 8901ff 8a0101 ab03 8301ff"), "what=publisher st_num=1 sq_num=5 ");
	HAS(say(state, "01", "06", "8701ff 880102 8901ff 8a0101 ab03 8301ff ac00"), "security=T\n");
}

static void values(void **state)
{
	const char *s =
	    say(state, "01", "00",
		"880101 8a010c ab57 830100 84020640 8502ff38 860200c8 870508 3fc00000 8709 0b 4009000000000000 8902abcd 8a026f6b 900161"
		"9108 0000000100000000 a205 a103 850107 8509 010203040506070809 8401 00 8701 08 840700ffffffffffff");

	HAS(s, "value_count=15 values=false,01,-200,200,1.5,3.125,0xabcd,ok,a,0x0000000100000000,7,0x010203040506070809,");
	HAS(s, "0x08,0xffffffffffff\n");
}

static void damaged(void **state)
{
	static const uint8_t frame[] = { 0, 1, 0, 23, 0, 0, 0, 0, 0x61, 13, 0x80, 3, 'a', '/', 'b', 0x85, 1, 1, 0x86, 1, 0, 0x82, 0 };
	struct test_host *t = *state;

	for (uint32_t n = 1; n < sizeof frame; n++) {
		char hex[2 * sizeof frame + 1] = "";
		for (uint32_t i = 0; i < n; i++)
			snprintf(hex + 2 * i, 3, "%02x", frame[i]);
		HAS(test_pdu(t, true, hex), "weird truncated\n");
	}
	HAS(test_pdu(t, true, "0001 0007 0000 0000"), "weird bad_length\n");
	HAS(test_pdu(t, true, "0001 000a 0000 0000 6000"), "weird unknown_pdu\n");
	HAS(test_pdu(t, true, "0001 000a 0000 0000 6100"), "weird missing_field\n");
	HAS(test_pdu(t, true, "0001 000e 0000 8000 6104 8f02 0000"), "weird unknown_field\n");
	HAS(test_pdu(t, true, "0001 000a 8000 0000 6100"), " simulation=T ");
	HAS(test_pdu(t, true, "0001 0013 0000 0000 6109 8507 01000000000000"), "weird truncated\n"); /* a number too great */
	HAS(test_pdu(t, true, "0001 000e 0000 0000 6102 8505 0000"), "weird truncated\n");
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, test_teardown)
	const struct CMUnitTest tests[] = { TEST(message), TEST(numbers), TEST(settings), TEST(values), TEST(damaged) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
