/* s7comm_test.c - jobs, answers and user data on bytes: what is said, what is kept between them, and what damaged PDUs do. */
#include "../testing.h"
#include "s7comm_tables.h"

extern const struct oto_analyzer *const oto_analyzer_s7comm;

static int setup(void **state)
{
	*state = test_host_new(oto_analyzer_s7comm, OTO_TCP, 49152, 102);
	return 0;
}

static bool says(const char *said, const char *what)
{
	return strstr(said, what) != NULL;
}

static void variables(void **state)
{
	struct test_host *t = *state;
	const char *s = test_pdu(t, true, "32010000 0100 001a 0000 0402 120a10020004 000184000050 120a10010001 000083000053");
	assert_true(says(s, "operation read Read Variable target=DB1:10-13,M:10.3\n"));
	assert_true(
	    says(s, "access=read pdu_type=request syntax=S7ANY area=DB db=1 address=10 transport_size=BYTE count=4 target=DB1:10-13"));
	assert_true(says(s, "area=M address=10 bit=3 transport_size=BIT count=1 target=M:10.3"));
	assert_true(says(s, "rosctr_name=Job-Request pdu_reference=1 function_code=0x04 function_name=Read Variable item_count=2"));
	s = test_pdu(t, false, "32030000 0100 0002 000d 0000 0402 ff04 0020 01020304 0a00 0001 00");
	assert_true(says(s, "outcome error object_does_not_exist\n"));
	assert_true(says(s, "number=1 access=read pdu_type=response syntax=S7ANY area=DB db=1 address=10 transport_size=BYTE count=4 "
			    "target=DB1:10-13 data_transport=BYTE_WORD_DWORD return_code=Success values=1,2,3,4 data=01020304 matched=T"));
	assert_true(says(s, "number=2 access=read pdu_type=response syntax=S7ANY area=M address=10 bit=3"));
	assert_true(says(s, "return_code=Object does not exist matched=T"));
	s = test_pdu(t, true, "32010000 0200 000e 0008 0501 120a10080001 000584000060 0004 0020 40490fdb");
	assert_true(says(s, "operation write Write Variable target=DB5:12-15\n"));
	assert_true(says(s, "values=1078530011 real=3.14159"));
	s = test_pdu(t, false, "32030000 0200 0002 0001 0000 0501 ff");
	assert_true(says(s, "outcome ok\n"));
	assert_true(says(s, "target=DB5:12-15 return_code=Success matched=T"));
	/* an answer whose request was not seen */
	s = test_pdu(t, false, "32030000 0900 0002 0006 0000 0401 ff04 0010 abcd");
	assert_true(says(s, "outcome ok unmatched Read Variable\n"));
	assert_true(says(s, "values=171,205 data=abcd matched=F"));
}

static void syntaxes(void **state)
{
	struct test_host *t = *state;
	const char *s = test_pdu(t, true, "32010000 0100 0010 0000 0401 120cb002 04 0001 000a 02 0002 0004");
	assert_true(says(s, "target=DB1:10-13,DB2:4-5\n"));
	assert_true(says(s, "syntax=DBREAD area=DB db=2 address=4 transport_size=BYTE count=2 target=DB2:4-5"));
	s = test_pdu(t, true, "32010000 0200 0016 0000 0401 1212b2ff 8a0e 0005 0badcafe 20000009 40000002");
	assert_true(says(s, "operation read Read Variable target=DB5:crc_0badcafe.9.2\n"));
	s = test_pdu(t, true, "32010000 0300 0012 0000 0401 120eb2ff 0000 0052 0badcafe 20000009");
	assert_true(says(s, "target=M:crc_0badcafe.9\n"));
	s = test_pdu(t, true, "32010000 0400 000c 0000 0401 12088241 0003 0002 7f01");
	assert_true(says(s, "target=NCK:C1.0x7f.3.2\n"));
	s = test_pdu(t, true, "32010000 0500 000e 0000 0401 120aa200 00000000 0348 0001");
	assert_true(says(s, "target=drive:p840[1]\n"));
	s = test_pdu(t, true, "32010000 0600 000e 0000 0401 120a101d0002 00001d000005");
	assert_true(says(s, "target=T:5-6\n"));
	s = test_pdu(t, true, "32010000 0700 0007 0000 0401 12038401 02");
	assert_true(says(s, "syntax=NCK_I"));
	s = test_pdu(t, true, "32010000 0800 0007 0000 0401 11038401 02");
	assert_true(says(s, "weird truncated"));
}

static void control(void **state)
{
	struct test_host *t = *state;
	const char *s = test_pdu(t, true, "32010000 0100 0010 0000 29 0000000000 09 505f50524f4752414d");
	assert_true(says(s, "operation stop PLC Stop target=program:P_PROGRAM\n"));
	assert_true(says(test_pdu(t, false, "32030000 0100 0001 0000 0000 29"), "outcome ok\n"));
	s = test_pdu(t, true, "32010000 0200 0014 0000 28 000000000000fd 0000 09 505f50524f4752414d");
	assert_true(says(s, "operation start PLC Start target=program:P_PROGRAM\n"));
	assert_true(says(s, "subfunction_code=P_PROGRAM subfunction_name=PLC Start / Stop"));
	s = test_pdu(t, false, "32020000 0200 0000 0000 d241");
	assert_true(says(s, "outcome error forbidden_by_protection_level\n"));
	assert_true(says(s, "rosctr_name=ACK pdu_reference=2 error_class=Unknown error class-0xd2 error_code=0x41 "
			    "error=forbidden_by_protection_level"));
	s = test_pdu(t, true, "32010000 0300 0016 0000 28 000000000000fd 0002 4320 09 505f50524f4752414d");
	assert_true(says(s, "operation start PLC Cold Start"));
	s = test_pdu(t, true, "32010000 0400 0012 0000 28 000000000000fd 0002 4550 05 5f4d4f4455");
	assert_true(says(s, "operation configure Copy RAM to ROM target=program:EP\n"));
	s = test_pdu(t, true, "32010000 0500 0010 0000 28 000000000000fd 0000 05 5f47415242");
	assert_true(says(s, "operation configure Compress Memory"));
	s = test_pdu(t, true, "32010000 0600 0022 0000 28 000000000000fd 0012 0200 3041303030303141 3038303030303142 05 5f44454c45");
	assert_true(says(s, "operation program_write Delete Block target=block:DB1,OB1\n"));
	s = test_pdu(t, false, "32030000 0600 0001 0000 0000 28");
	assert_true(says(s, "program delete complete block DB1 by receiver\n"));
	assert_true(says(s, "program delete complete block OB1 by receiver\n"));
	/* a password is counted, not shown */
	s = test_pdu(t, true, "32010000 0700 001b 0000 28 000000000000fd 0007 06 736563726574 09 5f4e5f4c4f47494e5f");
	assert_true(says(s, "operation authenticate PI _N_LOGIN_\n"));
	assert_true(says(s, "password_length=7"));
	assert_false(says(s, "secret"));
}

/* Programs of a numeric control. */
static void numeric_control(void **state)
{
	struct test_host *t = *state;
	const char *s;
	/* parts are pushed; two bytes stand in front of each, and length and time in front of all */
	test_pdu(t, true, "32070000 0100 0008 0018 00011204117f0100 ff0900142f5f4e5f4d50465f4449522f5f4e5f415f4d5046");
	test_pdu(t, false, "32070000 0100 000c 0006 0001120812bf010100000000 ff0900020200");
	test_pdu(t, true,
		 "32070000 0000 000c 0022 00011208123f020100010000 ff09001e00003030303030303131323032343035313330383030333030304e313020");
	assert_false(says(test_pdu(t, false, "32070000 0000 000c 0006 00011208123f030100000000 ff0900020200"), "program "));
	test_pdu(t, true, "32070000 0000 000c 000d 00011208123f020100000000 ff090009000047310a4d33300a");
	s = test_pdu(t, true, "32070000 0200 0008 0006 00011204117f0400 ff0900020000");
	assert_true(says(s, "operation program_write NC Download Ended target=nc:/_N_MPF_DIR/_N_A_MPF\n"));
	s = test_pdu(t, false, "32070000 0200 000c 0004 0001120812bf040100000000 0a090000");
	assert_true(says(s, "program download complete program /_N_MPF_DIR/_N_A_MPF size=11 announced=11 "
			    "sha256=bbe0e4194ce735dc68e5b06e1b5445dc9969a27ed1ecb9c0b55905c734d159ff by receiver\n"));
	/* back: the last part ends it */
	test_pdu(t, true, "32070000 0300 0008 001a 00011204117f0600 ff09001602002f5f4e5f4d50465f4449522f5f4e5f415f4d5046");
	test_pdu(t, false, "32070000 0300 000c 0006 0001120812bf060100000000 ff0900020000");
	assert_false(says(test_pdu(t, false, "32070000 0000 000c 000d 00011208123f070100010000 ff09000900004e31302047310a"), "program "));
	s = test_pdu(t, false, "32070000 0000 000c 000a 00011208123f070100000000 ff09000600004d33300a");
	assert_true(says(s, "program upload complete program /_N_MPF_DIR/_N_A_MPF size=11 "
			    "sha256=bbe0e4194ce735dc68e5b06e1b5445dc9969a27ed1ecb9c0b55905c734d159ff by receiver\n"));
	/* refused, and broken off by a part that is not taken */
	test_pdu(t, true, "32070000 0400 0008 0018 00011204117f0100 ff0900142f5f4e5f4d50465f4449522f5f4e5f415f4d5046");
	s = test_pdu(t, false, "32070000 0400 000c 0004 0001120812bf01010000d241 0a090000");
	assert_true(
	    says(s, "program download aborted program /_N_MPF_DIR/_N_A_MPF size=0 error=forbidden_by_protection_level by receiver\n"));
	test_pdu(t, true, "32070000 0500 0008 0018 00011204117f0100 ff0900142f5f4e5f4d50465f4449522f5f4e5f415f4d5046");
	test_pdu(t, false, "32070000 0500 000c 0006 0001120812bf010100000000 ff0900020200");
	test_pdu(t, true, "32070000 0000 000c 000a 00011208123f020100010000 ff09000600004e313020");
	s = test_pdu(t, false, "32070000 0000 000c 0006 00011208123f03010000d2a1 0a0900020000");
	assert_true(says(s, "program download aborted program /_N_MPF_DIR/_N_A_MPF size=4 error=block_function_active by receiver\n"));
	/* one whose beginning was not seen */
	s = test_pdu(t, false, "32070000 0000 000c 000a 00011208123f070100000000 ff09000600004d33300a");
	assert_true(says(s, "program upload complete program"));
	assert_true(says(s, "size=4"));
	assert_false(says(s, "sha256"));
}

static void download(void **state)
{
	struct test_host *t = *state;
	const char *s =
	    test_pdu(t, true, "32010000 0e00 0020 0000 1a 00 0100 00000000 09 5f30413030303031 50 0d 31 303030303130 303030303034");
	assert_true(says(s, "operation program_write Request Download target=block:DB1\n"));
	assert_true(says(s, "filename=_0A00001P block_type=Data Block block_number=00001 destination_filesystem=Passive load_memory=10 "
			    "mc7_length=4"));
	test_pdu(t, false, "32030000 0e00 0001 0000 0000 1a");
	s = test_pdu(t, false, "32010000 0100 0012 0000 1b 00 0000 00000000 09 5f3041303030303150");
	assert_true(says(s, "operation program_write Download Block target=block:DB1\n"));
	assert_true(says(test_pdu(t, true, "32030000 0100 0002 0008 0000 1b01 0004 00fb 61626364"), "blocklength=4 more=T"));
	test_pdu(t, false, "32010000 0300 0012 0000 1b 00 0000 00000000 09 5f3041303030303150");
	test_pdu(t, true, "32030000 0300 0002 000a 0000 1b00 0006 00fb 656667686970");
	test_pdu(t, false, "32010000 0500 0012 0000 1c 00 0000 00000000 09 5f3041303030303150");
	s = test_pdu(t, true, "32030000 0500 0001 0000 0000 1c");
	/* of "abcdefghip", by the client, who answers here */
	assert_true(says(s, "program download complete block DB1 size=10 announced=10 "
			    "sha256=264e01293cad6da6dc993d2e2614b74e0e343c61ed132a69131f39ff32252495\n"));
	assert_false(says(s, "by receiver"));
	/* refused */
	test_pdu(t, true, "32010000 0f00 0020 0000 1a 00 0100 00000000 09 5f30413030303032 50 0d 31 303030303130 303030303034");
	s = test_pdu(t, false, "32030000 0f00 0001 0000 d602 1a");
	assert_true(says(s, "program download aborted block DB2 size=0 announced=10 error=wrong_password by receiver\n"));
	/* joined in the middle: no hash */
	test_pdu(t, false, "32010000 0700 0012 0000 1b 00 0000 00000000 09 5f3041303030303350");
	test_pdu(t, true, "32030000 0700 0002 0008 0000 1b00 0004 00fb 61626364");
	test_pdu(t, false, "32010000 0900 0012 0000 1c 00 0000 00000000 09 5f3041303030303350");
	s = test_pdu(t, true, "32030000 0900 0001 0000 0000 1c");
	assert_true(says(s, "program download complete block DB3 size=4\n"));
}

static void upload(void **state)
{
	struct test_host *t = *state;
	const char *s = test_pdu(t, true, "32010000 0100 0012 0000 1d 00 0000 00000000 09 5f3043303030303341");
	assert_true(says(s, "operation program_read Start Upload target=block:FC3\n"));
	s = test_pdu(t, false, "32030000 0100 0010 0000 0000 1d 00 0100 00000007 07 30303030303036");
	assert_true(says(s, "session_id=7 blocklength=6"));
	assert_true(
	    says(test_pdu(t, true, "32010000 0200 0008 0000 1e 00 0000 00000007"), "operation program_read Upload target=block:FC3\n"));
	test_pdu(t, false, "32030000 0200 0002 0007 0000 1e01 0003 00fb 616263");
	test_pdu(t, true, "32010000 0300 0008 0000 1e 00 0000 00000007");
	test_pdu(t, false, "32030000 0300 0002 0007 0000 1e00 0003 00fb 646566");
	test_pdu(t, true, "32010000 0400 0008 0000 1f 00 0000 00000007");
	s = test_pdu(t, false, "32030000 0400 0001 0000 0000 1f");
	assert_true(says(s, "program upload complete block FC3 size=6 announced=6 "
			    "sha256=bef57ec7f53a6d40beb640a780a639c83bc29ac8a9816f1fc6c5c6dcd93c4721 by receiver\n"));
	/* ended with more to come; refused without parameters; never ended */
	test_pdu(t, true, "32010000 0500 0012 0000 1d 00 0000 00000000 09 5f3043303030303441");
	test_pdu(t, false, "32030000 0500 0010 0000 0000 1d 00 0100 00000008 07 30303030303036");
	test_pdu(t, true, "32010000 0600 0008 0000 1e 00 0000 00000008");
	test_pdu(t, false, "32030000 0600 0002 0007 0000 1e01 0003 00fb 616263");
	test_pdu(t, true, "32010000 0700 0008 0000 1f 00 0000 00000008");
	s = test_pdu(t, false, "32030000 0700 0001 0000 0000 1f");
	assert_true(says(s, "program upload aborted block FC4 size=3 announced=6 error=ended_early by receiver\n"));
	test_pdu(t, true, "32010000 0800 0012 0000 1d 00 0000 00000000 09 5f3043303030303541");
	s = test_pdu(t, false, "32020000 0800 0000 0000 d209");
	assert_true(says(s, "program upload aborted block FC5 size=0 error=block_not_found by receiver\n"));
	test_pdu(t, true, "32010000 0900 0012 0000 1d 00 0000 00000000 09 5f3043303030303641");
	t->said.len = 0;
	oto_analyzer_s7comm->closing(&t->cx);
	oto_buf_add(&t->said, "", 1);
	assert_true(says(t->said.data, "program upload cut block FC6 size=0"));
}

static void status_lists(void **state)
{
	struct test_host *t = *state;
	const char *s = test_pdu(t, true, "32070000 0100 0008 0008 0001120411440100 ff090004 0011 0000");
	assert_true(says(s, "operation diagnose Read SZL target=SZL:0x0011/0x0000\n"));
	assert_true(says(s, "method=Request szl_id=0x0011 szl_id_name=Module identification szl_index=0x0000 return_code=0xff "
			    "return_code_name=Success\n"));
	t->cx.key = UINT64_C(1) << 32 | 0x0102;
	s = test_pdu(t, false,
		     "32070000 0100 000c 0044 000112081284010100000000 ff090040 0011 0000 001c 0002"
		     "0001 36455337203331352d32454831342d304142302000c0 0004 0001"
		     "0007 2020202020202020202020202020202020202020 00c0 5603 0206");
	assert_true(says(s, "method=Response szl_id=0x0011 szl_id_name=Module identification szl_index=0x0000 return_code=0xff "
			    "return_code_name=Success record_length=28 records=2\n"));
	assert_true(says(s, "fact order_number=6ES7 315-2EH14-0AB0 sub=rack 0 slot 2\n"));
	assert_true(says(s, "fact firmware=V3.2.6 sub=rack 0 slot 2\n"));
	assert_true(says(s, "error_class=No error error_code=0x00 error=no_error"));
	s = test_pdu(t, false,
		     "32070000 0200 000c 0020 000112081284010100000000 ff09001c 0424 0000 0014 0001 5144ff08 "
		     "00000000 00000000 24100421 24250005");
	assert_true(says(s, "fact mode=RUN sub=rack 0 slot 2\n"));
	/* in two data units, the second asked for */
	test_pdu(t, true, "32070000 0300 0008 0008 0001120411440100 ff090004 001c 0000");
	s = test_pdu(t, false,
		     "32070000 0300 000c 001a 00011208128401 05 e1 01 0000 ff090016 001c 0000 0022 0001 0005 53204320582d313233000000");
	assert_true(says(s, "szl_id=0x001c szl_id_name=Component Identification szl_index=0x0000"));
	assert_false(says(s, "fact"));
	s = test_pdu(t, true, "32070000 0400 000c 0004 00011208124401 05 00 00 0000 0a000000");
	assert_false(says(s, "s7comm.szl"));
	s = test_pdu(t, false, "32070000 0400 000c 0018 00011208128401 05 e1 00 0000 ff090014 00000000000000000000 00000000000000000000");
	assert_true(says(s, "fact serial=S C X-123 sub=rack 0 slot 2\n"));
	assert_false(says(s, "s7comm.szl"));
	t->said.len = 0;
	oto_analyzer_s7comm->closing(&t->cx);
	oto_bus_drain(t->bus);
	oto_buf_add(&t->said, "", 1);
	assert_true(says(t->said.data, "s7comm.device module_serial=S C X-123"));
}

static void user_data(void **state)
{
	struct test_host *t = *state;
	const char *s = test_pdu(t, true, "32070000 0100 0008 000c 0001120411450100 ff090008 213a1b1d6e681b1d");
	assert_true(says(s, "operation authenticate PLC Password\n"));
	assert_true(says(s, "function_name=Request: Security subfunction_code=0x01 subfunction_name=PLC Password"));
	assert_true(says(s, "password_length=8"));
	assert_false(says(s, "213a"));
	s = test_pdu(t, false, "32070000 0100 000c 0004 000112081285010100 00d602 0a000000");
	assert_true(says(s, "outcome error wrong_password\n"));
	assert_true(says(s, "error_class=Parameter Error error_code=0xd602 error=wrong_password"));
	s = test_pdu(t, true, "32070000 0200 0008 000e 0001120411470200 ff09000a 0019 14051308003025 02");
	assert_true(says(s, "operation time Set Clock\n"));
	s = test_pdu(t, false, "32070000 0000 0008 0000 0100101000000200");
	assert_true(says(s, "fact mode=RUN\n"));
	s = test_pdu(t, true, "32070000 0300 0008 0006 0001120411430200 ff090002 3041");
	assert_true(says(s, "operation program_read List Blocks of Type target=block:DB\n"));
	s = test_pdu(t, false, "32070000 0300 000c 000c 000112081283020100000000 ff090008 00012205 00022205");
	assert_true(says(s, "s7comm.block_info client=10.0.0.1 server=10.0.0.2 function=list_of_type block_type=DB number=2 flags=0x22 "
			    "language=DB\n"));
	s = test_pdu(t, true,
		     "32070000 0400 000c 0044 000112081241080000000000 ff090040 0014 0028 00000001000100060001000100010001000102 00"
		     "0003 030100000000 020100000004 100100000008 00090004 4133851f 00090002 dead 00090001 0100");
	assert_true(says(s, "operation write Modify Variable target=M:0-3,M:4-5,I:8.1\n"));
	assert_true(says(s, "access=modify pdu_type=request syntax=WATCH area=M address=0 transport_size=DWORD count=1 target=M:0-3 "
			    "data_transport=OCTETS values=1093895455 data=4133851f"));
	s = test_pdu(t, true, "32070000 0500 0008 0014 0001120411420100 ff090010 00010105 120a10020004 000184000050");
	assert_true(says(s, "operation cyclic Cyclic Transfer target=DB1:10-13\n"));
	assert_true(says(s, "cycle=5000"));
	s = test_pdu(t, false, "32070000 0500 000c 000e 000112081282010100000000 ff09000a 0001 ff040020 00000007");
	assert_true(says(s, "access=cyclic pdu_type=response"));
	assert_true(says(s, "target=DB1:10-13 data_transport=BYTE_WORD_DWORD return_code=Success values=0,0,0,7"));
	s = test_pdu(t, false, "32070000 0000 0008 001c 0001120411041200 ff090018 9401060027203975 4001 120a16 00 000000af 0100fefe 0000");
	assert_true(says(s,
			 "s7comm.alarm source_h=10.0.0.2 destination_h=10.0.0.1 subfunction=ALARM_S Indication syntax=ALARM_IND number=1 "
			 "event_id=0x000000af event_state=0x01 state=0x00 ack_going=0xfe ack_coming=0xfe") ||
		    says(s, "event_id=0xaf event_state=0x01 state=0x00 ack_going=0xfe ack_coming=0xfe"));
	s = test_pdu(t, true, "32070000 0600 0008 000e 0001120411440200 ff09000a 8100 486d6952746d2020");
	assert_true(says(s, "session_events=129 user=HmiRtm"));
}

/* Data that were subscribed to have the job's number, until the job ends. */
static void subscriptions(void **state)
{
	struct test_host *t = *state;

	test_pdu(t, true, "32070000 0500 0008 0014 0001120411420100 ff090010 00010105 120a10020004 000184000050");
	test_pdu(t, false, "32070000 0500 000c 000e 000112081282010700000000 ff09000a 0001 ff040020 00000007");
	const char *s = test_pdu(t, false, "32070000 0000 000c 000e 000112081202010700000000 ff09000a 0001 ff040020 00000008");
	assert_true(says(s, "access=cyclic pdu_type=push"));
	assert_true(says(s, "target=DB1:10-13 data_transport=BYTE_WORD_DWORD return_code=Success values=0,0,0,8"));
	assert_false(says(s, "operation") || says(s, "outcome"));
	s = test_pdu(t, false, "32070000 0000 000c 000e 000112081202010800000000 ff09000a 0001 ff040020 00000008");
	assert_true(says(s, "pdu_type=push data_transport")); /* another job's */
	s = test_pdu(t, true, "32070000 0600 0008 0006 0001120411420400 ff090002 0507");
	assert_true(says(s, "operation other Unsubscribe target=job:7\n"));
	test_pdu(t, false, "32070000 0600 000c 0004 000112081282040700000000 0a000000");
	s = test_pdu(t, false, "32070000 0000 000c 000e 000112081202010700000000 ff09000a 0001 ff040020 00000008");
	assert_true(says(s, "pdu_type=push data_transport"));
	for (unsigned job = 0; job < 300; job++) { /* more jobs than are kept: the oldest is forgotten */
		char hex[200];
		test_pdu(t, true, "32070000 0500 0008 0014 0001120411420100 ff090010 00010105 120a10020004 000184000050");
		snprintf(hex, sizeof hex, "32070000 0500 000c 000e 00011208128201%02x00000000 ff09000a 0001 ff040020 00000007", job & 255);
		s = test_pdu(t, false, hex);
	}
	s = test_pdu(t, false, "32070000 0000 000c 000e 000112081202012b00000000 ff09000a 0001 ff040020 00000008");
	assert_true(says(s, "target=DB1:10-13"));
}

/* Each area of a DBREAD has its return code; of a change driven message what is the same is left out. */
static void areas(void **state)
{
	struct test_host *t = *state;

	test_pdu(t, true, "32010000 0100 0010 0000 0401 120cb002 04 0001 000a 02 0002 0004");
	const char *s = test_pdu(t, false, "32030000 0100 0002 000c 0000 0401 ff04 0040 ff01020304 ff0506");
	assert_true(says(s, "target=DB1:10-13 data_transport=BYTE_WORD_DWORD return_code=Success values=1,2,3,4"));
	assert_true(says(s, "target=DB2:4-5 data_transport=BYTE_WORD_DWORD return_code=Success values=5,6"));
	test_pdu(t, true, "32010000 0200 0010 0000 0401 120cb002 04 0001 000a 02 0002 0004");
	s = test_pdu(t, false, "32030000 0200 0002 0008 0000 0401 ff04 0020 0a ff0506");
	assert_true(says(s, "outcome error object_does_not_exist\n"));
	assert_true(says(s, "target=DB1:10-13 data_transport=BYTE_WORD_DWORD return_code=Object does not exist matched=T"));
	test_pdu(t, true, "32010000 0300 0010 0000 0401 120cb002 04 0001 000a 02 0002 0004");
	s = test_pdu(t, false,
		     "32030000 0300 0002 0007 0000 0401 ff04 0018 ff0506"); /* lies otherwise: said as it is, without an address */
	assert_true(says(s, "pdu_type=response data_transport=BYTE_WORD_DWORD return_code=Success"));
	test_pdu(t, true, "32070000 0500 0008 0016 0001120411420500 ff090012 0001010a 120cb002 04 0001 000a 02 0002 0004");
	test_pdu(t, false, "32070000 0500 000c 0012 000112081282050900000000 ff09000e 0001 ff040040 ff01020304 ff0506");
	s = test_pdu(t, false, "32070000 0000 000c 000e 000112081202050900000000 ff09000a 0001 ff040020 fe ff0507");
	assert_true(says(s, "pdu_type=push syntax=DBREAD area=DB db=1"));
	assert_true(says(s, "return_code=Unchanged matched=T"));
	assert_true(says(
	    s, "db=2 address=4 transport_size=BYTE count=2 target=DB2:4-5 data_transport=BYTE_WORD_DWORD return_code=Success values=5,7"));
}

static void named_things(void **state)
{
	struct test_host *t = *state;
	const char *s = test_pdu(t, true,
				 "32070000 0100 0008 0026 0001120411411300 ff090022 001c 0002 "
				 "0000 0001 0000 002e 0001 0001 0001 0001 0001 0600 000c 0003 0000 0010 0006");
	assert_true(says(s, "operation diagnose Block Status v2 target=block:FC3\n"));
	s = test_pdu(t, true, "32070000 0200 0008 000c 0001120411410e00 ff090008 0000 0004 13070000");
	assert_true(says(s, "operation other Enable Job target=job:7\n"));
	s = test_pdu(t, true, "32070000 0300 0008 000e 0001120411460100 ff09000a 1206 1300 00000011 abcd");
	assert_true(says(s, "operation write BSEND-BRECV target=R_ID:0x00000011\n"));
	s = test_pdu(t, true, "32070000 0400 0008 000c 00011204117f0100 ff090008 3030 2f5f4e5f 4d00");
	assert_true(says(s, "operation program_write NC Request Download target=nc:/_N_M\n"));
}

/* Alarms with their time and what changed; asked for by kind and by number; what is done to them, answered one by one. */
static void alarms(void **state)
{
	struct test_host *t = *state;
	const char *s = test_pdu(
	    t, false, "32070000 0000 000c 0018 000112081204 0c01 00000000 ff090014 2405130800302502 0001 1208 19 00 60000007 0001");
	assert_true(says(s, "subfunction=ALARM ACK Indication syntax=ALARM_ACK number=1 event_id=0x60000007 ack_going=0x00 ack_coming=0x01 "
			    "clock=1715587230.25"));
	s = test_pdu(
	    t, false,
	    "32070000 0000 000c 0024 000112081204 0601 00000000 ff090020 2405130800302502 0001 120e 1c 01 60000007 0300fffe00020200 "
	    "ff090002 1234");
	assert_true(says(s, "event_state=0x03 state=0x00 ack_going=0xff ack_coming=0xfe going=0x00 coming=0x02 changed=0x02"));
	assert_true(says(s, "values=ff0900021234"));
	s = test_pdu(t, true, "32070000 0100 0008 0010 000112041144 1301 ff09000c 0001 1208 1a 00 0134 00000002");
	assert_true(says(s, "operation diagnose ALARM Query target=alarm:ALARM_8\n"));
	assert_true(says(s, "syntax=ALARM_QUERYREQ number=1 kind=ALARM_8\n"));
	s = test_pdu(t, true, "32070000 0200 0008 0010 000112041144 1301 ff09000c 0001 1208 1a 00 0334 60000007");
	assert_true(says(s, "target=alarm:0x60000007\n"));
	s = test_pdu(t, false,
		     "32070000 0200 000c 0030 000112081284 1301 00000000 ff09002c 0001 ff090026 24 0000 04 60000007 00 01 ff fe "
		     "2405130800302502 ff090002 1234 0000000000000000 ff090000");
	assert_true(
	    says(s, "number=1 kind=ALARM_S event_id=0x60000007 event_state=0x01 ack_going=0xff ack_coming=0xfe clock=1715587230.25"));
	s = test_pdu(t, true, "32070000 0300 0008 001a 000112041144 0b01 ff090016 0002 1208 19 00 60000007 0001 1208 19 00 60000008 0001");
	assert_true(says(s, "operation other ALARM ACK target=alarm:0x60000007,0x60000008\n"));
	s = test_pdu(t, false, "32070000 0300 000c 0008 000112081284 0b01 00000000 ff090004 0002 ff0a");
	assert_true(says(s, "outcome error object_does_not_exist\n"));
	s = test_pdu(t, false, "32070000 0000 000c 000e 000112081204 0d01 00000000 ff09000a 0001 1206 15 00 60000007");
	assert_true(says(s, "subfunction=ALARM Lock Indication syntax=ALARM_LOCKFREE number=1 event_id=0x60000007\n"));
}

/* Type and group share a byte: groups above 15 are no modes of the controller. */
static void groups(void **state)
{
	struct test_host *t = *state;
	const char *s = test_pdu(t, true, "32070000 0100 0008 0008 000112041160 0201 ff090004 00000000");
	assert_true(says(s, "function_code=0x60 function_name=Request: Data Record Routing"));
	assert_true(says(s, "operation other User Data\n"));
	assert_false(says(s, "weird") || says(s, "fact"));
	s = test_pdu(t, false, "32070000 0100 000c 0004 0001120812a0 0201 00000000 0a000000");
	assert_true(says(s, "outcome ok\n"));
	s = test_pdu(t, false, "32070000 0000 000c 0004 000112081210 0201 00000000 0a000000");
	assert_true(says(s, "weird unknown_function"));
	assert_false(says(s, "fact") || says(s, "outcome"));
	s = test_pdu(t, true, "32070000 0200 0008 0004 0001120411c4 0101 0a000000");
	assert_true(says(s, "weird unknown_function"));
	assert_false(says(s, "operation") || says(s, "outcome"));
}

/* An answer of another function answers the request that has its reference, wrongly; one to what was answered, nothing. */
static void answers(void **state)
{
	struct test_host *t = *state;

	test_pdu(t, true, "32010000 0100 0010 0000 29 0000000000 09 505f50524f4752414d");
	const char *s = test_pdu(t, false, "32030000 0100 0002 0005 0000 0401 ff04 0008 ff");
	assert_true(says(s, "weird other_answer"));
	assert_true(says(s, "outcome error answered_otherwise\n"));
	assert_false(says(s, "operation"));
	test_pdu(t, true, "32010000 0200 0010 0000 29 0000000000 09 505f50524f4752414d");
	assert_true(says(test_pdu(t, false, "32030000 0200 0001 0000 0000 29"), "outcome ok\n"));
	s = test_pdu(t, false, "32030000 0200 0001 0000 0000 29");
	assert_true(says(s, "weird answered_twice"));
	assert_false(says(s, "outcome"));
	oto_analyzer_s7comm->gap(&t->cx, 10);
	assert_true(says(test_pdu(t, false, "32030000 0200 0001 0000 0000 29"), "outcome ok unmatched PLC Stop\n"));
	/* parts of an answer that nobody asks for */
	test_pdu(t, true, "32070000 0300 0008 0006 000112041143 0200 ff090002 3041");
	s = test_pdu(t, false, "32070000 0300 000c 0008 000112081283 0205 b3010000 ff090004 00012205");
	assert_true(says(s, "outcome ok\n"));
	s = test_pdu(t, false, "32070000 0400 000c 0008 000112081283 0205 b3000000 ff090004 00022205");
	assert_true(says(s, "number=2 flags=0x22"));
	assert_false(says(s, "outcome"));
}

/* As many blocks as a PDU holds; fewer than there should be. */
static void deletion(void **state)
{
	struct test_host *t = *state;
	char hex[1024];
	size_t n = (size_t)snprintf(hex, sizeof hex, "32010000 0100 %04x 0000 28 000000000000fd %04x 2800", 16 + 2 + 320, 2 + 320);

	for (unsigned i = 0; i < 40; i++)
		n += (size_t)snprintf(hex + n, sizeof hex - n, "3041 30303030 %02x 50", '0' + i % 10);
	snprintf(hex + n, sizeof hex - n, "05 5f44454c45");
	test_pdu(t, true, hex);
	const char *s = test_pdu(t, false, "32030000 0100 0001 0000 0000 28");
	for (n = 0; (s = strstr(s, "program delete complete")) != NULL; s++)
		n++;
	assert_int_equal(n, 40);
	s = test_pdu(t, true, "32010000 0200 001a 0000 28 000000000000fd 000a 0900 3041303030303150 05 5f44454c45");
	assert_true(says(s, "weird argument_cut"));
	assert_true(says(s, "operation program_write Delete Block target=block:DB1\n"));
}

static void setup_communication(void **state)
{
	struct test_host *t = *state;
	const char *s = test_pdu(t, true, "32010000 0200 0008 0000 f0000001000101e0");
	assert_true(says(s, "function_name=Setup Communication max_amq_calling=1 max_amq_called=1 pdu_size=480"));
	s = test_pdu(t, false, "32030000 0200 0008 0000 0000 f0000001000100f0");
	assert_true(says(s, "outcome ok\n"));
	assert_true(says(s, "pdu_size=240 latency=0.001"));
	assert_true(says(test_pdu(t, true, "32010000 0300 0001 0000 55"), "weird unknown_function"));
	assert_true(says(test_pdu(t, true, "32050000 0300 0001 0000 55"), "weird unknown_rosctr"));
}

/* Many variables: what does not fit a note is kept in the flow. */
static void many_variables(void **state)
{
	struct test_host *t = *state;
	static char hex[8192];
	size_t n = (size_t)snprintf(hex, sizeof hex, "32010000 0100 %04x 0000 0428", 2 + 40 * 12);

	for (unsigned i = 0; i < 40; i++)
		n += (size_t)snprintf(hex + n, sizeof hex - n, "120a10020001 0001 84 %06x", i * 8);
	test_pdu(t, true, hex);
	n = (size_t)snprintf(hex, sizeof hex, "32030000 0100 0002 %04x 0000 0428", 40 * 6 - 1);
	for (unsigned i = 0; i < 40; i++)
		n += (size_t)snprintf(hex + n, sizeof hex - n, "ff040008 %02x%s", i, i < 39 ? "00" : "");
	const char *s = test_pdu(t, false, hex);
	assert_true(says(s, "number=40 access=read pdu_type=response syntax=S7ANY area=DB db=1 address=39 transport_size=BYTE count=1 "
			    "target=DB1:39 data_transport=BYTE_WORD_DWORD return_code=Success values=39 data=27 matched=T"));
	assert_false(says(s, "matched=F"));
}

/* Every PDU cut at every length, and with every byte changed: nothing is read beyond its end. */
static void malformed(void **state)
{
	static const char *const pdus[] = {
		"32010000 0100 001a 0000 0402 120a10020004 000184000050 120a10010001 000083000053",
		"32030000 0100 0002 000d 0000 0402 ff04 0020 01020304 0a00 0001 00",
		"32010000 0200 000e 0008 0501 120a10080001 000584000060 0004 0020 40490fdb",
		"32010000 0100 0010 0000 0401 120cb002 04 0001 000a 02 0002 0004",
		"32010000 0200 0016 0000 0401 1212b2ff 8a0e 0005 0badcafe 20000009 40000002",
		"32010000 0e00 0020 0000 1a 00 0100 00000000 09 5f30413030303031 50 0d 31 303030303130 303030303034",
		"32030000 0100 0002 0008 0000 1b01 0004 00fb 61626364",
		"32030000 0100 0010 0000 0000 1d 00 0100 00000007 07 30303030303036",
		"32010000 0600 0022 0000 28 000000000000fd 0012 0200 3041303030303141 3038303030303142 05 5f44454c45",
		"32070000 0100 000c 0024 000112081284010100000000 ff090020 0011 0000 001c 0001 0001 36455337203331352d32454831342d3041",
		"32070000 0400 000c 0044 000112081241080000000000 ff090040 0014 0028 00000001000100060001000100010001000102 00"
		"0003 030100000000 020100000004 100100000008 00090004 4133851f 00090002 dead 00090001 0100",
		"32070000 0000 0008 001c 0001120411041200 ff090018 9401060027203975 4001 120a16 00 000000af 0100fefe 0000",
		"32070000 0500 0008 0016 0001120411420500 ff090012 0001010a 120cb002 04 0001 000a 02 0002 0004",
		"32070000 0300 0008 000e 0001120411460100 ff09000a 1206 1300 00000011 abcd",
		"32070000 0200 0008 000c 0001120411410e00 ff090008 0000 0004 13070000",
		"32070000 0000 000c 0024 000112081204 0601 00000000 ff090020 2405130800302502 0001 120e 1c 01 60000007 0300fffe00020200 "
		"ff090002 1234",
		"32070000 0200 000c 0030 000112081284 1301 00000000 ff09002c 0001 ff090026 24 0000 04 60000007 00 01 ff fe "
		"2405130800302502 ff090002 1234 0000000000000000 ff090000",
		"32070000 0400 0008 000c 00011204117f0100 ff090008 3030 2f5f4e5f 4d00",
		"32070000 0500 000c 000e 000112081282010100000000 ff09000a 0001 ff040020 00000007",
		"32070000 0a00 000c 003a 0001120812841301 00000000 ff090036 0001 ff090030 0a000002 0000002f 0000cfcf 0a000002 000000af "
		"0001fefe 0a000002 000000bb 0004fffb 0a000002 000000c2 0030ffcf",
		"32070000 0600 000c 0052 000112081283030100000000 ff09004e 0100 42 004a 0022 7070 01 22 05 0a 0001 00000080 00000000"
		"000000001234 000000001234 001c 0014 0000 0010 4175746f7200000046616d000000000048656164000000001000beef 0000000000000000",
	};
	uint8_t bytes[256];

	(void)state;
	for (unsigned i = 0; i < sizeof pdus / sizeof *pdus; i++) {
		struct oto_slice whole = test_hex(pdus[i], bytes, sizeof bytes);
		for (uint32_t len = 0; len <= whole.len; len++) {
			struct test_host *t = test_host_new(oto_analyzer_s7comm, OTO_TCP, 49152, 102);
			uint8_t *exact = malloc(len ? len : 1);
			memcpy(exact, whole.data, len);
			for (int orig = 0; orig < 2; orig++)
				test_bytes(t, orig, (struct oto_slice){ exact, len });
			for (uint32_t at = 10; at < len; at++) { /* lengths and counts that lie */
				uint8_t was = exact[at];
				exact[at] = 0xff;
				test_bytes(t, len & 1, (struct oto_slice){ exact, len });
				exact[at] = was;
			}
			free(exact);
			test_host_free(t);
		}
	}
}

static enum oto_answer probe(const char *hex)
{
	uint8_t bytes[32];
	struct test_host *t = test_host_new(oto_analyzer_s7comm, OTO_TCP, 40000, 102);
	enum oto_answer answer = t->analyzer->probe(&t->cx, oto_cur_of(test_hex(hex, bytes, sizeof bytes)));

	test_host_free(t);
	return answer;
}

/* What is wrong with a PDU is told once, and what could be read is told all the same. */
static void odd_things(void **state)
{
	struct test_host *t = *state;
	static const struct {
		const char *pdu, *weird;
	} odd[] = {
		{ "32010000 0100 0002 0000 0400", "no_items" },
		{ "32010000 0200 000e 0000 0401 120a7702 0001 0001 84000000", "unknown_syntax" },
		{ "32010000 0300 000e 0000 0401 120a1002 0001 0001 99000000", "unknown_area" },
		{ "32010000 0b00 000e 0000 0401 120a104d 0001 0001 84000000", "unknown_transport_size" },
		{ "32010000 0c00 000e 0005 0501 120a1002 0001 0001 84000000 004d000155", "unknown_data_transport_size" },
		{ "32010000 0400 0004 0000 0401 1200", "short_specification" },
		{ "32010000 0500 000e 0000 0401 120a1002 0001 0001 84000000 01020304", "lengths_differ" },
		{ "32010000 0600 0001 0000 77", "unknown_function" },
		{ "32070000 0700 0008 0008 ffffff04 11440100 ff090004 00110001", "bad_user_data" },
		{ "32070000 0800 0008 0008 00011204 11440100 ff09ffff 00110001", "data_unit_cut" },
		{ "32070000 0900 0008 0008 00011204 114e0100 ff090004 00110001", "unknown_function" },
		/* a client that leaves out the byte to an even length: the first variable is written */
		{ "32010000 0a00 001a 0007 0502 120a1001 00010000 83000023 120a1002 00010001 84000000 0003000101 0004", "data_item_cut" },
	};

	for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
		const char *s = test_pdu(t, true, odd[i].pdu), *first = strstr(s, "weird ");
		assert_non_null(first);
		assert_memory_equal(first + 6, odd[i].weird, strlen(odd[i].weird));
		assert_null(strstr(first + 6, "weird "));
		assert_true(says(s, "operation "));
	}
	/* changes of mode have a head of their own */
	assert_false(says(test_pdu(t, false, "32070000 0000 0008 0000 01001010 00000000"), "weird"));
	assert_true(says(test_pdu(t, true, "99010000 0100 0002 0000 0400"), "weird other_protocol"));
}

/* Two data blocks whose names would have the same place, and a request that was named before. */
static void names(void **state)
{
	struct test_host *t = *state;

	for (int times = 0; times < 2; times++) {
		const char *s = test_pdu(t, true, "32010000 0100 001a 0000 0402 120a10020004 000184000050 120a10020004 040184000050");
		assert_true(says(s, "operation read Read Variable target=DB1:10-13,DB1025:10-13\n"));
		assert_true(says(s, "count=4 target=DB1:10-13"));
		assert_true(says(s, "count=4 target=DB1025:10-13"));
		s = test_pdu(t, true, "32010000 0200 001a 0000 0402 120a10020004 000184000050 120a10020004 040184000058");
		assert_true(says(s, "target=DB1:10-13,DB1025:11-14\n"));
	}
}

static void subfunctions(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < s7_subfunctions.count; i++)
		assert_ptr_equal(s7_subfunction((uint16_t)s7_subfunctions.row[i].value), &s7_subfunctions.row[i]);
	assert_null(s7_subfunction(S7_SUB(S7_MODE, 5)));
	assert_null(s7_subfunction(S7_SUB(S7_NC, 99)));
	assert_string_equal(s7_subfunction(S7_SUB(S7_PBC, 7))->name, "BSEND-BRECV");
}

static void probes(void **state)
{
	(void)state;
	assert_int_equal(probe("32010000 0200 0008 0000 f0"), OTO_MINE);
	assert_int_equal(probe("32070000 0200 0008 0000"), OTO_MINE);
	assert_int_equal(probe("32010000 02"), OTO_NOT_MINE);
	assert_int_equal(probe("32040000 0200 0008 0000"), OTO_NOT_MINE);
	assert_int_equal(probe("32090000 0200 0001 0000 29"), OTO_MINE); /* nobody knows what it is, but its lengths are right */
	assert_int_equal(probe("32090000 0200 0000 0000"), OTO_NOT_MINE);
	assert_int_equal(probe("72010000 0200 0008 0000"), OTO_NOT_MINE);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, test_teardown)
int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(variables),      TEST(syntaxes),     TEST(control),      TEST(numeric_control),
		TEST(download),       TEST(upload),       TEST(status_lists), TEST(user_data),
		TEST(subscriptions),  TEST(areas),        TEST(named_things), TEST(alarms),
		TEST(groups),         TEST(answers),      TEST(deletion),     TEST(setup_communication),
		TEST(many_variables), TEST(malformed),    TEST(odd_things),   TEST(probes),
		TEST(names),          TEST(subfunctions),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
