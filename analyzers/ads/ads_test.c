/* ads_test.c - commands and what comes back, symbols behind handles and addresses, sum commands, notifications, files, states, facts, the
 * router's datagrams, the probe, and what damaged messages do. */
#include "../testing.h"
#include "ads.h"

extern const struct oto_analyzer *const oto_analyzer_ads;

static int setup(void **state)
{
	*state = test_host_new(oto_analyzer_ads, OTO_TCP, 49152, 48898);
	return 0;
}

#define DEVICE "0517 2d43 0101 "
#define CLIENT "0a11 0014 0101 0f80 "
#define RUNTIME "5303"
#define SYSTEM "1027"

static uint32_t bytes_of(const char *hex)
{
	uint32_t n = 0;

	for (; *hex; hex++)
		n += *hex != ' ';
	return n / 2;
}

static const char *le32(uint32_t n, char *out)
{
	snprintf(out, 9, "%02x%02x%02x%02x", n & 0xff, n >> 8 & 0xff, n >> 16 & 0xff, n >> 24);
	return out;
}

/* One message of command `command` between the client and `port` of the device, invoke identifier 7. */
static const char *said_with(struct test_host *t, bool from_client, const char *port, uint32_t command, const char *error, const char *body)
{
	static char hex[8192];
	char whole[9], length[9];
	bool response = !from_client && command != ADS_NOTIFICATION;

	snprintf(hex, sizeof hex, "0000 %s %s%s%s%s %02x00 %s00 %s %s 07000000 %s", le32(32 + bytes_of(body), whole),
		 from_client ? DEVICE : CLIENT, from_client ? port : "", from_client ? CLIENT : DEVICE, from_client ? "" : port, command,
		 response ? "05" : "04", le32(bytes_of(body), length), error, body);
	return test_pdu(t, from_client, hex);
}

static const char *ask(struct test_host *t, const char *port, uint32_t command, const char *body)
{
	return said_with(t, true, port, command, "00000000", body);
}

static const char *answer(struct test_host *t, const char *port, uint32_t command, const char *body)
{
	return said_with(t, false, port, command, "00000000", body);
}

#define ASK(command, body) ask(t, RUNTIME, command, body)
#define ANSWER(command, body) answer(t, RUNTIME, command, body)
#define OK "00000000 "

static void plain(void **state)
{
	struct test_host *t = *state;
	const char *s = ASK(ADS_READ, "20400000 04000000 02000000");
	HAS(s, "operation read Read target=memory:4-5 unit=851\n");
	HAS(s, "net_id=5.23.45.67.1.1 port=plc_tc3_1 client_net_id=10.17.0.20.1.1 client_port=32783 command=Read state_flags=0x0004");
	HAS(s, "index_group=0x4020 group=PLC_RWM index_offset=0x04");
	s = ANSWER(ADS_READ, OK "02000000 d204");
	HAS(s, "outcome ok\n");
	HAS(s, "target=memory:4-5 access=read type=UINT16 number=1234 text=1234\n");
	HAS(s, "index_group=0x4020");
	s = ASK(ADS_WRITE, "31f00000 11000000 01000000 01");
	HAS(s, "operation write Write target=output_bit:17 unit=851");
	HAS(s, "access=write type=UINT8 number=1");
	HAS(ANSWER(ADS_WRITE, "03070000"), "outcome error ADSERR_DEVICE_INVALIDOFFSET\n");
	HAS(ASK(ADS_READ, "77770000 09000000 02000000"), "target=0x7777:0x9 ");
	HAS(ANSWER(ADS_READ, "99990000"), "outcome error error\n");
	ASK(ADS_READ_DEVICE_INFO, "");
	s = ANSWER(ADS_READ_DEVICE_INFO, OK "03 01 b80f 506c6333302041707000000000000000");
	HAS(s, "fact service=Plc30 App sub=5.23.45.67.1.1:851\nfact firmware=3.1.4024 sub=5.23.45.67.1.1:851\n");
	ASK(ADS_READ_STATE, "");
	HAS(ANSWER(ADS_READ_STATE, OK "0600 0100"), "fact state=STOP sub=5.23.45.67.1.1:851\n");
	ASK(ADS_READ_STATE, "");
	HAS(said_with(t, false, RUNTIME, ADS_READ_STATE, "06000000", ""), "outcome error GLOBALERR_TARGET_PORT\n");
	HAS(ANSWER(ADS_READ, OK "02000000 0100"), "unmatched Read");
}

static void control(void **state)
{
	struct test_host *t = *state;
	HAS(ASK(ADS_WRITE_CONTROL, "0600 0000 00000000"), "operation stop WriteControl target=state:STOP unit=851");
	HAS(ANSWER(ADS_WRITE_CONTROL, OK), "ads_state=STOP");
	HAS(ASK(ADS_WRITE_CONTROL, "0500 0000 00000000"), "operation start");
	HAS(ASK(ADS_WRITE_CONTROL, "0200 0000 00000000"), "operation reset");
	HAS(ask(t, SYSTEM, ADS_WRITE_CONTROL, "1000 0000 00000000"), "operation mode WriteControl target=state:RECONFIG unit=10000\n");
	HAS(ask(t, SYSTEM, ADS_WRITE_CONTROL, "0c00 0000 00000000"), "operation stop");
	HAS(ask(t, SYSTEM, ADS_WRITE_CONTROL, "0c00 0100 00000000"), "operation reset");
	HAS(ASK(ADS_WRITE_CONTROL, "6300 0000 00000000"), "operation mode WriteControl unit=851");
}

#define ENTRY "000000 40400000 64000000 04000000 04000000 00000000 0b00 0400 0000 4d41494e2e665370656564 00 5245414c 00 00"

static void symbols(void **state)
{
	struct test_host *t = *state;
	ASK(ADS_READ, "0bf00000 00000000 31000000");
	ANSWER(ADS_READ, OK "30000000 31" ENTRY); /* longer than what there is */
	ASK(ADS_READ, "0bf00000 00000000 31000000");
	ANSWER(ADS_READ, OK "30000000 30" ENTRY);
	const char *s = ASK(ADS_READ, "40400000 64000000 04000000");
	HAS(s, "operation read Read target=symbol:MAIN.fSpeed");
	HAS(ANSWER(ADS_READ, OK "04000000 0000c03f"), "type=REAL32 number=1.5 text=1.5");
	s = ASK(ADS_READ_WRITE, "03f00000 00000000 04000000 0c000000 4d41494e2e66537065656400");
	HAS(s, "operation discover SYM_HNDBYNAME target=symbol:MAIN.fSpeed");
	ANSWER(ADS_READ_WRITE, OK "04000000 01100000");
	HAS(ASK(ADS_READ, "05f00000 01100000 04000000"), "target=symbol:MAIN.fSpeed");
	HAS(ANSWER(ADS_READ, OK "04000000 00002041"), "target=symbol:MAIN.fSpeed access=read type=REAL32 number=10 ");
	HAS(ASK(ADS_WRITE, "05f00000 01100000 04000000 0000a040"), "access=write type=REAL32 number=5 ");
	ANSWER(ADS_WRITE, OK);
	HAS(ASK(ADS_WRITE, "06f00000 00000000 04000000 01100000"), "operation other SYM_RELEASEHND target=symbol:MAIN.fSpeed");
	HAS(ASK(ADS_READ, "05f00000 02200000 04000000"), "target=SYM_VALBYHND:8194");
	HAS(ANSWER(ADS_READ, OK "04000000 00002041"), "text=00002041"); /* of which nobody knows what it is */
	ASK(ADS_READ_WRITE, "07f00000 00000000 0c000000 07000000 4d41494e2e7800");
	ANSWER(ADS_READ_WRITE, OK "0c000000 40400000 c8000000 02000000");
	HAS(ASK(ADS_READ, "40400000 c8000000 02000000"), "target=symbol:MAIN.x ");
	HAS(ASK(ADS_READ_WRITE, "04f00000 00000000 04000000 0c000000 4d41494e2e66537065656400"), "operation read SYM_VALBYNAME");
	HAS(ANSWER(ADS_READ_WRITE, OK "04000000 0000c03f"), "number=1.5");
}

/* Types of every width, as the symbol table tells them. */
static void types(void **state)
{
	struct test_host *t = *state;
	static const struct {
		uint32_t type, length;
		const char *value, *said;
	} cases[] = {
		{ ADS_INT16, 2, "feff", "type=INT16 number=-2 " },
		{ ADS_INT32, 4, "feffffff", "type=INT32 number=-2 " },
		{ ADS_REAL64, 8, "0000000000002840", "type=REAL64 number=12 " },
		{ ADS_INT8, 1, "fe", "type=INT8 number=-2 " },
		{ ADS_UINT32, 4, "ffffffff", "type=UINT32 number=4294967295 " },
		{ ADS_INT64, 8, "feffffffffffffff", "type=INT64 number=-2 " },
		{ ADS_UINT64, 8, "0300000000000000", "type=UINT64 number=3 " },
		{ ADS_BIT, 1, "01", "type=BIT number=1 " },
		{ ADS_STRING, 4, "41420000", "type=STRING text=AB\n" },
		{ ADS_INT16, 4, "01000200", "type=INT16 text=01000200\n" }, /* an array */
		{ ADS_REAL32, 4, "0000c07f", "type=REAL32 text=0000c07f\n" },
		{ 65, 2, "0102", "type=BIGTYPE text=0102\n" },
	};
	for (uint32_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char body[300], value[64], length[9];
		ASK(ADS_READ, "0bf00000 00000000 31000000");
		snprintf(body, sizeof body,
			 OK "23000000 23000000 40400000 64000000 %02x000000 %02x000000 00000000 0100 0100 0000 41 00 42 00 00",
			 cases[i].length, cases[i].type);
		ANSWER(ADS_READ, body);
		ASK(ADS_READ, "40400000 64000000 04000000");
		snprintf(value, sizeof value, OK "%s %s", le32(cases[i].length, length), cases[i].value);
		HAS(ANSWER(ADS_READ, value), cases[i].said);
	}
}

static void sums(void **state)
{
	struct test_host *t = *state;
#define TWO "20400000 00000000 02000000 20400000 08000000 01000000"
	const char *s = ASK(ADS_READ_WRITE, "80f00000 02000000 0b000000 18000000" TWO);
	HAS(s, "operation read SUMUP_READ target=memory:0-1,memory:8 unit=851");
	HAS(s, "items=2 failures=0");
	s = ANSWER(ADS_READ_WRITE, OK "0b000000 00000000 03070000 0500 00");
	HAS(s, "outcome error ADSERR_DEVICE_INVALIDOFFSET\n");
	HAS(s, "target=memory:0-1 access=read type=UINT16 number=5 ");
	HAS(s, "items=2 failures=1 value=5");
	ASK(ADS_READ_WRITE, "84f00000 02000000 13000000 18000000" TWO);
	HAS(ANSWER(ADS_READ_WRITE, OK "11000000 03070000 00000000 00000000 01000000 09"),
	    "target=memory:8 access=read type=UINT8 number=9 ");
	ASK(ADS_READ_WRITE, "83f00000 02000000 13000000 18000000" TWO);
	HAS(ANSWER(ADS_READ_WRITE, OK "13000000 00000000 02000000 00000000 01000000 0100 09"), "value=1,9");
	s = ASK(ADS_READ_WRITE, "81f00000 02000000 08000000 1b000000" TWO "0700 08");
	HAS(s, "operation write SUMUP_WRITE");
	HAS(s, "value=7,8");
	HAS(ANSWER(ADS_READ_WRITE, OK "08000000 00000000 00000000"), "outcome ok");
	ASK(ADS_READ_WRITE, "82f00000 01000000 0c000000 14000000 03f00000 00000000 04000000 04000000 412e6200");
	ANSWER(ADS_READ_WRITE, OK "0c000000 00000000 04000000 55000000");
	HAS(ASK(ADS_READ, "05f00000 55000000 04000000"), "target=symbol:A.b ");
	ASK(ADS_READ_WRITE, "82f00000 01000000 2b000000 14000000 09f00000 00000000 23000000 04000000 412e6200");
	ANSWER(ADS_READ_WRITE,
	       OK "2b000000 00000000 23000000 23000000 40400000 64000000 02000000 02000000 00000000 0100 0100 0000 4100420000");
	ASK(ADS_READ_WRITE, "85f00000 01000000 08000000 28000000 20400000 02000000 01000000 04000000 00000000 00000000"
			    "00000000000000000000000000000000");
	ANSWER(ADS_READ_WRITE, OK "08000000 00000000 31000000");
	HAS(ASK(ADS_DELETE_NOTIFICATION, "31000000"), "target=memory:2 ");
	HAS(ASK(ADS_READ_WRITE, "86f00000 01000000 04000000 04000000 31000000"), "operation cyclic SUMUP_DELDEVNOTE target=memory:2 ");
	ANSWER(ADS_READ_WRITE, OK "04000000 00000000");
	HAS(ASK(ADS_READ_WRITE, "80f00000 05000000 0b000000 18000000" TWO), "weird sum_too_long");
	HAS(ASK(ADS_READ_WRITE, "81f00000 02000000 0b000000 19000000" TWO "00"), "weird sum_too_short");
	ASK(ADS_READ_WRITE, "80f00000 02000000 0b000000 18000000" TWO);
	HAS(ANSWER(ADS_READ_WRITE, OK "04000000 00000000"), "outcome ok"); /* cut */
}

static void notifications(void **state)
{
	struct test_host *t = *state;
	const char *s = ASK(ADS_ADD_NOTIFICATION, "20400000 04000000 02000000 04000000 10270000 80841e00 00000000000000000000000000000000");
	HAS(s, "operation cyclic AddDeviceNotification target=memory:4-5");
	HAS(s, "transmission_mode=on_change max_delay=0.001000 cycle_time=0.200000");
	HAS(ANSWER(ADS_ADD_NOTIFICATION, OK "41000000"), "notification_handle=65");
	s = ANSWER(ADS_NOTIFICATION, "2b000000 01000000 80a9d79007a5da01 02000000 41000000 02000000 0900 99000000 01000000 01");
	assert_null(test_line(s, "operation")); /* the length is wrong: truncated */
	s = ANSWER(ADS_NOTIFICATION, "23000000 01000000 80a9d79007a5da01 02000000 41000000 02000000 0900 99000000 01000000 01");
	HAS(s, "operation cyclic DeviceNotification target=memory:4-5 unit=851");
	HAS(s, "access=notification type=UINT16 number=9 ");
	HAS(s, "pdu_type=notification");
	HAS(s, "items=2 failures=0 value=9 notification_handle=65 stamps=1 time=17155");
}

#define NAME "433a5c6100" /* C:\a */

static void files(void **state)
{
	struct test_host *t = *state;
	const char *s = ask(t, SYSTEM, ADS_READ_WRITE, "78000000 11000100 04000000 05000000" NAME);
	HAS(s, "operation read FOPEN target=file:C:\\\\a unit=10000\n");
	answer(t, SYSTEM, ADS_READ_WRITE, OK "04000000 01050000");
	HAS(ask(t, SYSTEM, ADS_READ_WRITE, "7a000000 01050000 04000000 00000000"), "operation read FREAD target=file:C:\\\\a");
	answer(t, SYSTEM, ADS_READ_WRITE, OK "04000000 61626364");
	ask(t, SYSTEM, ADS_READ_WRITE, "7a000000 01050000 04000000 00000000");
	HAS(answer(t, SYSTEM, ADS_READ_WRITE, OK "01000000 65"), "file_name=C:\\\\a");
	ask(t, SYSTEM, ADS_READ_WRITE, "79000000 01050000 00000000 00000000");
	HAS(answer(t, SYSTEM, ADS_READ_WRITE, OK "00000000"), "program upload complete file C:\\a size=5");
	s = ask(t, SYSTEM, ADS_READ_WRITE, "78000000 12000200 04000000 05000000" NAME);
	HAS(s, "operation program_write FOPEN target=file:boot_project/C:\\\\a");
	answer(t, SYSTEM, ADS_READ_WRITE, OK "04000000 02050000");
	HAS(ask(t, SYSTEM, ADS_READ_WRITE, "7b000000 02050000 00000000 02000000 6162"), "operation program_write FWRITE");
	answer(t, SYSTEM, ADS_READ_WRITE, OK "00000000");
	ask(t, SYSTEM, ADS_READ_WRITE, "79000000 02050000 00000000 00000000");
	HAS(answer(t, SYSTEM, ADS_READ_WRITE, OK "00000000"), "program download complete boot_project boot_project/C:\\a size=2");
	ask(t, SYSTEM, ADS_READ_WRITE, "83000000 00000100 00000000 05000000" NAME);
	HAS(answer(t, SYSTEM, ADS_READ_WRITE, "0c070000"), "program delete aborted file C:\\a");
	for (uint32_t i = 0; i <= ADS_TRANSFERS; i++) { /* the oldest gives way */
		ask(t, SYSTEM, ADS_READ_WRITE, "78000000 11000100 04000000 05000000" NAME);
		s = answer(t, SYSTEM, ADS_READ_WRITE, OK "04000000 03050000");
	}
	HAS(s, "program upload cut file C:\\a");
}

static void system_service(void **state)
{
	struct test_host *t = *state;
	HAS(ask(t, SYSTEM, ADS_WRITE, "f4010000 00000000 13000000 01000000 01000000 01000000 6300 6400 6500 00"),
	    "operation configure STARTPROCESS target=process:c e unit=10000");
	HAS(ask(t, SYSTEM, ADS_WRITE, "f4010000 00000000 04000000 ffffffff"), "operation configure STARTPROCESS");
	ask(t, SYSTEM, ADS_READ_WRITE, "c8000000 00000000 10000000 04000000 41004200");
	HAS(answer(t, SYSTEM, ADS_READ_WRITE, "02000000"), "outcome error SYSTEMSERVICE_REGISTRY_INVALIDVAL");
	const char *s = ask(t, SYSTEM, ADS_WRITE, "c8000000 00000000 12000000 410050617373776f726400 01 5365637265 00"); /* A\Password */
	HAS(s, "symbol=A\\\\Password");
	HAS_NOT(s, "data=");
	HAS_NOT(ask(t, SYSTEM, ADS_WRITE, "e6050000 00000000 04000000 61626364"), "data=");
	ask(t, SYSTEM, ADS_READ, "be020000 00000000 10000000");
	HAS(answer(t, SYSTEM, ADS_READ, OK "03000000 435800"), "fact hostname=CX\n");
	ask(t, SYSTEM, ADS_READ, "bc020000 01000000 10000000");
	s = answer(t, SYSTEM, ADS_READ,
		   OK "32000000 3c5463546172676574446573633e 3c546172676574547970653e4358353134303c2f546172676574547970653e"
		      "0000000000");
	HAS(s, "fact model=CX5140\n");
	ask(t, SYSTEM, ADS_READ, "f0000000 00000000 10000000");
	HAS(answer(t, SYSTEM, ADS_READ, OK "10000000 0500 0100 0000 03 01 b80f 01 00 0000 0000"), "fact firmware=3.1.4024\n");
	HAS(ask(t, SYSTEM, ADS_WRITE, "90010000 01000000 01000000 00"), "operation time TIMESERVICES");
}

/* The router's datagrams. */
#define MAGIC "03661471 00000000 "
static void router(void **state)
{
	struct test_host *t = *state;
	t->cx.transport = OTO_UDP;
	const char *s = test_pdu(t, true,
				 MAGIC "06000000 0a1100630101 1027 05000000 0c00 0300 736300 0700 0600 0a1100630101"
				       "0d00 0200 7500 0200 0300 707700 0500 0200 6800");
	HAS(s, "operation configure add_route target=route:sc\n");
	HAS(s, "user=u password=<hidden>");
	HAS(s, "fact cleartext_login=ads route, user u\n");
	HAS_NOT(s, "pw");
	s = test_pdu(t, false, MAGIC "06000080 05172d430101 1027 01000000 0100 0400 04070000");
	HAS(s, "outcome error ADSERR_DEVICE_INVALIDACCESS\n");
	test_pdu(t, true, MAGIC "01000000 0a1100630101 1027 00000000");
	s = test_pdu(t, false,
		     MAGIC "01000080 05172d430101 1027 05000000 0500 0300 435800 0300 0400 0301b80f"
			   "0400 1600 14010000 0a000000 00000000 654a0000 02000000 5300 1200 0300 616200 6300 0100 00");
	HAS(s, "fact hostname=CX\nfact ams_net_id=5.23.45.67.1.1\nfact firmware=3.1.4024\n");
	HAS(s, "fact os=Windows NT 10.0.19045 S\n");
	HAS(test_pdu(t, true, MAGIC "01b00000 0a1100630101 1027 02000000 0c00 0300 736300 0900 0400 01000000"),
	    "operation configure delete_route target=route:sc\n");
	HAS(test_pdu(t, true, MAGIC "22000000 0a1100630101 1027 00000000"), "operation other unknown");
	HAS(test_pdu(t, true, MAGIC "01000000 0a1100630101 1027 01000000"), "weird truncated");
	HAS(test_pdu(t, true, "00112233"), "weird not_ams");
	assert_int_equal(test_probe(t, MAGIC "01000000 0a1100630101 1027 00000000"), OTO_MINE);
	assert_int_equal(test_probe(t, "0011223344"), OTO_NOT_MINE);
}

static void probe(void **state)
{
	struct test_host *t = *state;
#define HEAD DEVICE RUNTIME CLIENT
	assert_int_equal(test_probe(t, "0000 20000000" HEAD "0400 0400 00000000 00000000 07000000"), OTO_MINE);
	assert_int_equal(test_probe(t, "0000 20000000" HEAD "0400 0000 00000000 00000000 07000000"), OTO_NOT_MINE);
	assert_int_equal(test_probe(t, "0000 20000000" HEAD "0a00 0400 00000000 00000000 07000000"), OTO_NOT_MINE);
	assert_int_equal(test_probe(t, "0000 21000000" HEAD "0400 0400 00000000 00000000 07000000"), OTO_NOT_MINE);
	assert_int_equal(test_probe(t, "0000 20000000" HEAD), OTO_NEED_MORE);
	assert_int_equal(test_probe(t, "0000 2000"), OTO_NEED_MORE);
	assert_int_equal(test_probe(t, "0000 1f000000"), OTO_NOT_MINE);
	assert_int_equal(test_probe(t, "0010 02000000 0000"), OTO_MINE);
	assert_int_equal(test_probe(t, "0010 09000000 0000"), OTO_NOT_MINE);
	HAS(test_pdu(t, true, "0010 02000000 0000"), "tcp_command=port_connect");
}

static void damage(void **state)
{
	struct test_host *t = *state;
	HAS(ASK(77, ""), "weird unknown_command");
	ASK(ADS_READ_STATE, "");
	HAS(ANSWER(ADS_READ_DEVICE_INFO, OK "03 01 b80f 506c6333302041707000000000000000"), "unmatched ReadDeviceInfo");
	HAS(test_pdu(t, true, "0000 22000000" HEAD "0400 0400 00000000 00000000 07000000 0000"), "weird length_mismatch");
	HAS(ASK(ADS_READ, "20400000 04"), "weird truncated");
	test_cut(t, true, "0000 2c000000" HEAD "0200 0400 0c000000 00000000 07000000 20400000 04000000 02000000");
	test_cut(t, false,
		 "0000 4b000000" CLIENT DEVICE RUNTIME
		 "0800 0400 2b000000 00000000 00000000 23000000 01000000 80a9d79007a5da01 02000000 41000000"
		 "02000000 0900 99000000 01000000 01");
	t->cx.transport = OTO_UDP;
	test_cut(t, true, MAGIC "06000000 0a1100630101 1027 02000000 0c00 0300 736300 0700 0600 0a1100630101");
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, test_teardown)
	static const struct CMUnitTest tests[] = { TEST(plain),  TEST(control),       TEST(symbols), TEST(types),
						   TEST(sums),   TEST(notifications), TEST(files),   TEST(system_service),
						   TEST(router), TEST(probe),         TEST(damage) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
