/* profinet_test.c - kinds of frames, the status of cyclic data, alarms, what goes to DCP, and what damaged frames do.
 */
#include "../testing.h"

extern const struct oto_analyzer *const oto_analyzer_profinet;

static int setup(void **state)
{
	*state = test_host_frames(oto_analyzer_profinet, (struct oto_mac){ { 0x02, 0, 0, 0, 0, 2 } });
	return 0;
}

static void cyclic_data(void **state)
{
	struct test_host *t = *state;
	const char *s = test_pdu(t, true, "8001 80808080 0800 35 00");

	HAS(s, "profinet.frame src_mac=02:00:00:00:00:01 dst_mac=02:00:00:00:00:02 frame_id=0x8001 kind=rt_class_1 cycle_counter=2048 "
	       "data_status=0x35 valid=T run=T primary=T problem=F\n");
	HAS(s, "operation cyclic rt_class_1 target=frame_id:32769\n");
	HAS_NOT(test_pdu(t, true, "8001 80808080 0900 35 00"), "operation");
	HAS(test_pdu(t, false, "8002 80808080 0900 05 00"), "valid=T run=F primary=T problem=T\n");
	HAS(test_pdu(t, true, "c000 80808080 0900 20 00"),
	    "kind=rt_class_1 cycle_counter=2304 data_status=0x20 valid=F run=F primary=F problem=F\n");
	t->head.ts.ns += INT64_C(60000000000);
	HAS(test_pdu(t, true, "8001 80808080 0a00 35 00"), "operation cyclic");
}

static void kinds(void **state)
{
	static const struct {
		const char *frame, *kind;
	} cases[] = {
		{ "0020 00000000", "kind=sync\n" },      { "0100 00000035", "kind=rt_class_3 " },
		{ "0fff 00000035", "kind=rt_class_3 " }, { "1000 00000035", "kind=reserved\n" },
		{ "bbff 00000035", "kind=rt_class_1 " }, { "bc00 00000035", "kind=rt_multicast " },
		{ "f7ff 00000035", "kind=rt_class_1 " }, { "fbff 00000035", "kind=rt_multicast " },
		{ "fc00 00000000", "kind=reserved\n" },  { "fe02 00000000", "kind=reserved\n" },
		{ "ff00 00000000", "kind=ptcp\n" },      { "ff43 00000000", "kind=ptcp\n" },
		{ "ff44 00000000", "kind=reserved\n" },  { "ff80 00000000", "kind=fragment\n" },
		{ "ffff 00000000", "kind=reserved\n" },
	};
	for (uint32_t i = 0; i < sizeof cases / sizeof *cases; i++)
		HAS(test_pdu(*state, true, cases[i].frame), cases[i].kind);
	HAS(test_pdu(*state, true, "fefd 0304"), "deliver 0/65277 0304\n");
}

#define ALARM(pdu, length) "0001 0002 " pdu " 11 0001 ffff " length " "
#define DIAGNOSIS "0001 0018 0100 0001 00000000 0003 8001 00000030 00000001 8801"

static void alarms(void **state)
{
	struct test_host *t = *state;
	const char *s = test_pdu(t, true, "fc01 " ALARM("11", "001a") DIAGNOSIS);

	HAS(s, "profinet.alarm src_mac=02:00:00:00:00:01 dst_mac=02:00:00:00:00:02 high=T pdu=data type=diagnosis api=0x00 slot=3 "
	       "subslot=0x8001 "
	       "module=0x00000030 submodule=0x00000001 specifier=0x8801\n");
	HAS(s, "operation diagnose alarm target=slot:3\n");
	s = test_pdu(t, false, "fe01 " ALARM("11", "0012") "8001 0008 0100 0001 00000000 0003 8001 0000");
	HAS(s, "high=F pdu=data type=diagnosis api=0x00 slot=3 subslot=0x8001\n");
	HAS_NOT(s, "operation");
	HAS(test_pdu(t, false, "fe01 " ALARM("13", "0000") "000000"), "high=F pdu=ack\n");
	HAS(test_pdu(t, false, "fe01 " ALARM("11", "0004") "00010002"), "weird truncated\n");
}

static void damaged(void **state)
{
	struct test_host *t = *state;

	HAS(test_pdu(t, true, "80"), "weird truncated\n");
	HAS(test_pdu(t, true, "8001 080035"), "weird truncated\n");
	HAS(test_pdu(t, true, "fe01 " ALARM("11", "0018") "0001"), "weird truncated\n");
	HAS(test_pdu(t, true, "fe01 0001"), "weird truncated\n");
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, test_teardown)
	const struct CMUnitTest tests[] = { TEST(cyclic_data), TEST(kinds), TEST(alarms), TEST(damaged) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
