/* cclink_ie_test.c - headers of Field, Control and TSN, commands of transients with their outcome, facts of detected stations, and what
 * damaged frames do.
 */
#include "../testing.h"

extern const struct oto_analyzer *const oto_analyzer_cclink_ie;

static int setup(void **state)
{
	*state = test_host_frames(oto_analyzer_cclink_ie, (struct oto_mac){ { 0x02, 0, 0, 0, 0, 2 } });
	return 0;
}

static void field_frames(void **state)
{
	struct test_host *t = *state;
	const char *s = test_pdu(t, true, "82 01 0001 0000 0003 01 00 00000000 5a5a5a5a");
	SAID(s, "cclink_ie.frame",
	     "src_mac=02:00:00:00:00:01 dst_mac=02:00:00:00:00:02 service=cclink_ie_field pdu_type=cyclicDataRWw node_id=1 "
	     "src_node_number=0x0003 source=3 data_type=1 response=F");
	SAID(s, "operation", "cyclic cyclicDataRWw target=station:1");
	HAS_NOT(test_pdu(t, true, "82 01 0001 0000 0003 01 00 00000000"), "operation"); /* a millisecond later */
	t->head.ts.ns += INT64_C(60000000000);
	HAS(test_pdu(t, true, "82 01 0001 0000 0003 01 00 00000000"), "operation");
	s = test_pdu(t, false, "20 01 0001 13 34 0002 01 00 00000000");
	HAS(s, "pdu_type=myStatus node_type=remote device node node_id=1 src_node_number=0x0002 node=remote device node");
	s = test_pdu(t, false, "10 01 000000 77 0002 11 00 00000000");
	HAS(s, "service=cclink_ie_field pdu_type=persuasion node_type=unknownNodetypew ");
	s = test_pdu(t, true, "28 03 0000 13 01 0000 01 00 00000000");
	HAS(s, "pdu_type=paramCheck node_id=0 connection_info=0x13");
}

static void control_frames(void **state)
{
	struct test_host *t = *state;
	const char *s = test_pdu(t, true, "06 00 000001 00 0004 7f 00 00000000");
	HAS(s, "service=cclink_ie_control pdu_type=token src_node_number=0x0004 source=4 response=F\n");
	HAS_NOT(s, "operation");
	SAID(test_pdu(t, true, "8c 00 000001 00 0004 00 00 00000000"), "operation", "cyclic cyclicDataOut1 target=station:4");
	HAS(test_pdu(t, true, "10 00 000000 02 0004 00 00 00000000"), "node_type=normal node ");
	HAS(test_pdu(t, true, "40 00 0001 0000 0004 00 00 00000000"), "pdu_type=measure src_node_number=0x0004"); /* no node_id */
}

static void setup_and_ack(void **state)
{
	struct test_host *t = *state;
	SAID(test_pdu(t, true, "13 01 0001 0000 0000 01 00 00000000"), "operation", "configure setup target=station:1");
	SAID(test_pdu(t, false, "14 01 0000 0000 0001 01 00 00000000"), "outcome", "ok");
	SAID(test_pdu(t, false, "14 01 0000 0000 0001 01 00 00000000"), "outcome", "ok unmatched setup");
}

/* L, RSV, TP/SF, FNO, DT, DA, SA, four modules, two networks and identifiers, L1, CT, RSV, APS. */
#define COMPATIBLE(da, ct) "1600 00 00 00 00 " da " 00 00000000 0000 ff03 0000 ff03 0400 " ct " 00 0000 "

static void transient2(void **state)
{
	struct test_host *t = *state;
	const char *s = test_pdu(t, true, "25 02 0005 21 00 0000 01 00 00000000 " COMPATIBLE("05", "09"));
	HAS(s, "pdu_type=transient2 cmd=stop node_id=5 connection_info=0x21");
	HAS(s, "command=stop response=F destination=5\n");
	SAID(s, "operation", "stop stop target=station:5");
	s = test_pdu(t, false, "25 02 0000 21 00 0005 01 00 00000000 " COMPATIBLE("00", "89") "0000");
	HAS(s, "cmd=unknownCt\\x89 ");
	HAS(s, "command=stop response=T destination=0 status=0\n");
	SAID(s, "outcome", "ok");
	SAID(test_pdu(t, true, "25 02 0005 22 00 0000 00 00 00000000 " COMPATIBLE("05", "12")), "operation",
	     "write writeMemory target=station:5");
	SAID(test_pdu(t, false, "25 02 0000 22 00 0005 00 00 00000000 " COMPATIBLE("00", "92") "a0d2"), "outcome", "error return status");
	s = test_pdu(t, true, "25 02 0005 22 00 0000 01 00 00000000 " COMPATIBLE("05", "00"));
	HAS(s, "cmd=unknownCt\\x00 ");
	SAID(s, "operation", "other transient2 target=station:5");
	HAS(test_pdu(t, true, "25 02 0005 22 00 0000 01 00 00000000 " COMPATIBLE("05", "20")), "cmd=messageTransfer ");
	HAS(test_pdu(t, true, "25 02 0005 22 00 0000 00 00 00000000 " COMPATIBLE("05", "20")),
	    "cmd=unknownCt "); /* a blank: Control has none */
}

#define FRAGMENT(offset) "80 01 1000 " offset " 1000 0200 "

static void transient1(void **state)
{
	struct test_host *t = *state;
	const char *s = test_pdu(t, true, "22 08 0005 30 00 0000 01 00 00000000 " FRAGMENT("00000000") "03 00 0000 1234");
	HAS(s, "cmd=objectWriteRequest ");
	SAID(s, "operation", "write objectWrite target=station:5");
	s = test_pdu(t, false, "22 08 0000 30 00 0005 01 00 00000000 " FRAGMENT("00000000") "03 80 a0d2");
	HAS(s, "cmd=objectWriteResponse ");
	SAID(s, "outcome", "error return status");
	HAS(test_pdu(t, true, "22 07 0005 30 00 0000 01 00 00000000 " FRAGMENT("00000000") "66 00 0000"), "cmd=unknownCmdf\\x00 ");
	s = test_pdu(t, true, "22 05 0005 30 00 0000 01 00 00000000 " FRAGMENT("00000000") COMPATIBLE("05", "30"));
	HAS(s, "cmd=slmpTransmitRequest ");
	SAID(s, "operation", "other slmpTransmit target=station:5");
	s = test_pdu(t, true, "22 08 0005 30 00 0000 01 00 00000000 " FRAGMENT("78050000") "03 00 0000");
	HAS_NOT(s, "cmd="); /* a later fragment */
	HAS_NOT(s, "operation");
	SAID(test_pdu(t, true, "22 08 0005 30 00 0000 01 00 00000000 " FRAGMENT("00000000") "03 00 00"), "weird", "truncated");
}

static void tsn(void **state)
{
	struct test_host *t = *state;
	const char *s = test_pdu(t, true, "c4 87 0102 0000 00000000 0000");
	HAS(s, "service=cclink_ie_tsn flame_type=cyclic pdu_type=cyclicM/cyclicMs frame_type=cyclicM/cyclicMs cycle=7 station=258\n");
	SAID(s, "operation", "cyclic cyclicM/cyclicMs target=station:258");
	s = test_pdu(t, true, "c1 00 0000 01 20 020000000001 020000000001 01 00 0000 0a000001 ffffff00");
	HAS(s, "pdu_type=acyclicDetection Ver.1 ");
	HAS(s, "ip=10.0.0.1 hop_count=0");
	SAID(s, "operation", "discover acyclicDetection target=station:1");
	HAS(test_pdu(t, true, "c0 000000000000000000 00000000 020000000001 01 00 020000000001 0002"),
	    "pdu_type=acyclicPriority frame_type=acyclicPriority manager_mac=02:00:00:00:00:01 station_mac=02:00:00:00:00:01 hop_count=2");
	HAS(test_pdu(t, true, "11 01 000000 03 0000 02 00 00000000 020000000001"),
	    "service=cclink_ie_tsn flame_type=acyclic pdu_type=acyclicTestData node_type=master station");
	HAS(test_pdu(t, true, "12 01 000000 03 0000 33 00 00000000 020000000001"), "service=cclink_ie_tsn&field flame_type=acyclic");
	SAID(test_pdu(t, true, "c3 00 0102 0000 5000"), "deliver", "0/1 5000");
	SAID(test_pdu(t, true, "c4 87 0102 0000 000000"), "weird", "truncated");
}

#define ZERO8 "0000000000000000"
#define ACK(version, rest)                                                                                                                 \
	"c200 01 " version " 20 02 020000000002 0000 020000000001 01 01 02 01 0000 " ZERO8 ZERO8 ZERO8                                     \
	"020000000001 0000 0a000002 ffffff00 00000000 " ZERO8 ZERO8 ZERO8 ZERO8 "00 00 0000 000000000000 000000000000"                     \
	"0203 1234 00c0ffee 0000 0021 " ZERO8 ZERO8 ZERO8 ZERO8 ZERO8 "00000000 66 00000000000000" rest

static void detected_station(void **state)
{
	struct test_host *t = *state;
	const char *s = test_pdu(t, false, ACK("00", ""));
	HAS(s, "pdu_type=acyclicDetectionAck Ver.0 node_type=slave station device_type=servo function_name=srwc ");
	HAS(s, "vendor_code=4660 model_code=12648430 expansion_model_code=0 device_version=515 certification_class=1\n");
	HAS(s, "fact ip=10.0.0.2\nfact device_type=servo\nfact role=slave station\nfact vendor_code=0x1234\n");
	HAS(s, "fact model_code=0x00c0ffee\nfact device_version=0x0203\n");
	s = test_pdu(t, false, ACK("01", "bd"));
	HAS(s, "pdu_type=acyclicDetectionAck Ver.1 node_type=slave station device_type=servo function_name=srwcvpdiIR ");
	HAS_NOT(s, "fact"); /* told a millisecond ago */
	SAID(test_pdu(t, false, ACK("01", "")), "weird", "truncated");
}

static void malformed(void **state)
{
	struct test_host *t = *state;
	SAID(test_pdu(t, true, "82"), "weird", "truncated");
	SAID(test_pdu(t, true, "82 01 0001 0000 0003 01 00 000000"), "weird", "truncated");
	SAID(test_pdu(t, true, "77 01 0001 0000 0003 01 00 00000000"), "weird", "unknown_frame_type");
	const char *s = test_pdu(t, true, "82 01 0001 0000 0003 7f 00 00000000");
	SAID(s, "weird", "unknown_protocol");
	HAS(s, "service=unknown pdu_type=cyclicDataRWw src_node_number=0x0003");
	SAID(test_pdu(t, true, "25 02 0005 21 00 0000 01 00 00000000 1600"), "weird", "truncated");
	SAID(test_pdu(t, true, "c2 00 01 00"), "weird", "truncated");
	SAID(test_pdu(t, true, "c3 00 01"), "weird", "truncated");
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, test_teardown)
	const struct CMUnitTest tests[] = {
		TEST(field_frames), TEST(control_frames),   TEST(setup_and_ack), TEST(transient2), TEST(transient1),
		TEST(tsn),          TEST(detected_station), TEST(malformed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
