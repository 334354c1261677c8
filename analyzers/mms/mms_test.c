/* mms_test.c - the way through session, presentation and association; services, values, transfers, errors, and what damaged messages do. */
#include "../testing.h"
#include "mms.h"

extern const struct oto_analyzer *const oto_analyzer_mms;

static int setup(void **state)
{
	*state = test_host_new(oto_analyzer_mms, OTO_TCP, 49152, 102);
	return 0;
}

#define HAS_NO(said, text) assert_null(strstr(said, text))

/* Whole messages as devices sent them: from MMS on (plain), or with all that is around it. */
#define READ_PLAIN "a018 020101 a413 a111 a00f 300d a00b a109 1a03 4c4430 1a02 4d58"
#define CONNECT                                                                                                                            \
	"0dca 0506130100160102 14020002 33020001 34020001 c1b4 3181b1 a003800101 a281a9 810400000001 820400000001 "                        \
	"a423300f020101060452010001"                                                                                                       \
	"3004060251013010020103060528ca2202013004060251016176307402 0101 a06f 606d a107060528ca220203 a20706052901876701 a30302010c "      \
	"a403020100"                                                                                                                       \
	"a503020100 a606060429018767 a70302010c a803020100 a903020100 be33 2831 0602 5101 020103 a028 a826 800300fde8 81010a 82010a "      \
	"830105 a416"                                                                                                                      \
	"800101 810305f100 820c03ee1c00000000000000ed18"

static void layers(void **state)
{
	struct test_host *t = *state;
	const char *s = test_pdu(t, true, CONNECT);
	HAS(s, "mms.pdu pdu_type=initiate_request");
	HAS(s, "max_pdu_size=65000 max_calling=10 max_called=10 nesting=5 version=1 parameter_cbb=05f100");
	HAS(s, "authentication=F");
	HAS(test_pdu(t, true, "01000100 6115 3013 020103 a00e a00c 020101 a107 a003 800109 a100"), "service=getNameList");
	HAS(test_pdu(t, true, READ_PLAIN), "operation read read target=variable:LD0/MX\n");
	HAS_NO(test_pdu(t, true, "01000100 6107 3005 020101 6200"), "mms.pdu"); /* no MMS in it */
	HAS_NO(test_pdu(t, true, "0902c100"), "mms.pdu");
}

static void reads_and_writes(void **state)
{
	struct test_host *t = *state;
	test_pdu(t, true, READ_PLAIN);
	const char *s = test_pdu(t, false, "a111 020101 a40c a10a 8301ff 8502fffd 860105");
	HAS(s, "outcome ok\n");
	HAS(s, "variables=LD0/MX values=true,-3,5");
	test_pdu(t, true, READ_PLAIN);
	s = test_pdu(t, false, "a11b 020101 a416 a114 a212 8705 08 449a5000 8a024142 8402 04f0 80010a");
	HAS(s, "outcome error object_non_existent\n");
	HAS(s, "values={1234.5,AB,1111,object_non_existent} failures=1 error=object_non_existent");
	s = test_pdu(t, true, "a01c 020102 a517 a00e 300c a00a a108 1a024c44 1a024f70 a005 8301ff 8500");
	HAS(s, "operation write write target=variable:LD/Op\n");
	HAS(s, "values=true,");
	s = test_pdu(t, false, "a108 020102 a503 800103");
	HAS(s, "outcome error object_access_denied\n");
	HAS(test_pdu(t, false, "a107 020109 a502 8100"), "unmatched write");
	s = test_pdu(t, false, "a312 a010 a105 8003525054 a007 8a01 61 8602 012c");
	HAS(s, "operation cyclic informationReport target=variable:RPT\n");
	HAS(s, "values=a,300");
}

static void identity(void **state)
{
	struct test_host *t = *state;
	HAS(test_pdu(t, true, "a005 020101 8200"), "operation discover identify\n");
	const char *s = test_pdu(t, false, "a111 020101 a20c 8002 4142 8102 4344 8202 4546");
	HAS(s, "fact vendor=AB\nfact model=CD\nfact firmware=EF\n");
	HAS(test_pdu(t, true, "a006 020102 800100"), "operation diagnose status\n");
	HAS(test_pdu(t, false, "a10b 020102 a006 800100 810102"), "logical_status=state_changes_allowed physical_status=inoperable");
	s = test_pdu(t, true, "a00f 020103 a10a a003 800109 a103 8101 44");
	HAS(s, "object_class=domain scope=domain");
	HAS(s, "target=domain:D\n");
	HAS(test_pdu(t, false, "a10f 020103 a10a a005 1a0141 1a00 8101ff"), "number_of_items=2 values=A, more_follows=T");
}

static void programs(void **state)
{
	struct test_host *t = *state;
	HAS(test_pdu(t, true, "a009 020101 bf2903 800150"), "operation stop stop target=program:P\n");
	HAS(test_pdu(t, false, "a20a 800101 a205 a003 840102"), "outcome error service.object_state_conflict\n");
	test_pdu(t, true, "a00a 020102 ba05 800144 8200");
	test_pdu(t, false, "a105 020102 9a00");
	HAS(test_pdu(t, false, "a006 020103 9b0144"), "operation program_write downloadSegment target=domain:D\n");
	test_pdu(t, true, "a10d 020103 bb08 8003 616263 810100");
	HAS(test_pdu(t, false, "a008 020104 bc03 800144"), "program download complete domain D size=3 sha256=ba7816bf");
	test_pdu(t, false, "a006 020105 9b0144"); /* each side has its own numbers */
	HAS(test_pdu(t, true, "a006 020105 800100"), "operation diagnose status\n");
	HAS(test_pdu(t, false, "a10b 020105 a006 800100 810100"), "service=status");
	HAS(test_pdu(t, true, "a10d 020105 bb08 8003 616263 810100"), "service=downloadSegment");
	test_pdu(t, true, "a006 020105 9d0144");
	test_pdu(t, false, "a108 020105 bd03 800109");
	test_pdu(t, true, "a006 020106 9e0109");
	HAS(test_pdu(t, false, "a10d 020106 be08 8003 616263 810100"), "program upload complete domain D size=3 sha256=ba7816bf");
	test_pdu(t, true, "a007 020107 9f24 0144");
	HAS(test_pdu(t, false, "a106 020107 9f24 00"), "program delete complete domain D");
}

static void files(void **state)
{
	struct test_host *t = *state;
	HAS(test_pdu(t, true, "a00e 020101 bf48 08 a003 190141 810100"), "operation read fileOpen target=file:A\n");
	test_pdu(t, false, "a10e 020101 bf48 08 800107 a103 800103");
	test_pdu(t, true, "a007 020102 9f49 0107");
	t->analyzer->gap(&t->cx, 5);
	HAS(test_pdu(t, false, "a10e 020102 bf49 08 8003 616263 810100"), "program upload cut file A size=3 by receiver\n");
	test_pdu(t, true, "a00a 020103 bf4c 04 1902 4142");
	HAS(test_pdu(t, false, "a20a 800103 a205 a003 8b0107"), "program delete aborted file AB error=file.file_non_existent");
	test_pdu(t, true, "a00e 020101 bf48 08 a003 190141 810100");
	test_pdu(t, false, "a10e 020101 bf48 08 800107 a103 800103");
	HAS(test_closing(t), "program upload cut file A size=0");
}

static void refusals(void **state)
{
	struct test_host *t = *state;
	test_pdu(t, true, READ_PLAIN);
	const char *s = test_pdu(t, false, "a406 800101 810101");
	HAS(s, "outcome error rejected\n");
	HAS(s, "service=read");
	HAS(s, "reject_type=confirmed_request reject_reason=1");
	HAS(test_pdu(t, false, "aa05 a003 880103"), "error=initiate.max_services_outstanding_calling_insufficient");
	HAS(test_pdu(t, true, "8b00"), "pdu_type=conclude_request");
	HAS(test_pdu(t, true, "850101"), "pdu_type=cancel_request invoke_id=1");
	HAS(test_pdu(t, true, "a005 020101 9f7f00"), "weird truncated"); /* the service is cut */
	s = test_pdu(t, true, "a003 020101");
	HAS(s, "weird no_service");
	HAS_NO(s, "operation");
	HAS(test_pdu(t, true, "a007 020101 a402 a109"), "weird unexpected_content");
}

static void malformed(void **state)
{
	struct test_host *t = *state;
	static const char *const messages[] = { CONNECT,
						READ_PLAIN,
						"a11b 020101 a416 a114 a212 8705 08 449a5000 8a024142 8402 04f0 80010a",
						"a01c 020102 a517 a00e 300c a00a a108 1a024c44 1a024f70 a005 8301ff 8500",
						"a312 a010 a105 8003525054 a007 8a01 61 8602 012c",
						"a00e 020101 bf48 08 a003 190141 810100" };
	char deep[400] = "a181b0 020101 a481aa a181a7 ";

	for (size_t i = 0; i < sizeof messages / sizeof *messages; i++)
		test_cut(t, i != 2, messages[i]);
	for (int n = 0xa4; n > 0x80; n -= 3) /* structures in structures */
		snprintf(deep + strlen(deep), sizeof deep - strlen(deep), "a281%02x", n);
	test_cut(t, false, deep);
}

static void probes(void **state)
{
	struct test_host *t = *state;
	assert_int_equal(test_probe(t, CONNECT), OTO_MINE);
	assert_int_equal(test_probe(t, READ_PLAIN), OTO_MINE);
	assert_int_equal(test_probe(t, "01000100 6115"), OTO_MINE);
	assert_int_equal(test_probe(t, "32010000"), OTO_NOT_MINE); /* S7 */
	assert_int_equal(test_probe(t, "720100"), OTO_NOT_MINE);
	assert_int_equal(test_probe(t, "a018 0201"), OTO_NOT_MINE);
	assert_int_equal(test_probe(t, "01000100 32"), OTO_NOT_MINE);
	assert_int_equal(test_probe(t, ""), OTO_NOT_MINE);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, test_teardown)
	static const struct CMUnitTest tests[] = { TEST(layers), TEST(reads_and_writes), TEST(identity),  TEST(programs),
						   TEST(files),  TEST(refusals),         TEST(malformed), TEST(probes) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
