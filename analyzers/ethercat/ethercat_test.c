/* ethercat_test.c - datagrams on their way out and back, what a slave is told and says, mailboxes, and what damaged frames do.
 */
#include "../testing.h"

extern const struct oto_analyzer *const oto_analyzer_ethercat;

static int setup(void **state)
{
	struct test_host *t = test_host_frames(oto_analyzer_ethercat, (struct oto_mac){ { 0x01, 0x01, 0x05, 1, 0, 0 } });

	t->head.orig_mac = (struct oto_mac){ { 0x00, 0, 0, 0, 0, 1 } };
	*state = t;
	return 0;
}

static unsigned bytes_of(const char *hex)
{
	unsigned digits = 0;

	for (; *hex; hex++)
		digits += *hex != ' ';
	return digits / 2;
}

static const char *swapped(unsigned n)
{
	static char text[4][5];
	static unsigned turn;

	turn = (turn + 1) % 4;
	snprintf(text[turn], sizeof text[turn], "%02x%02x", n & 255, n >> 8 & 255);
	return text[turn];
}

/* A frame of one datagram: command and index, address and offset, data, working counter; out or back. */
static const char *frame(void **state, bool back, const char *command, const char *address, const char *data, unsigned wkc)
{
	struct test_host *t = *state;
	unsigned n = bytes_of(data);
	char hex[1200];

	t->head.orig_mac.byte[0] = back ? 2 : 0;
	snprintf(hex, sizeof hex, "%s %s %s %s 0000 %s %s", swapped(0x1000 | (n + 12)), command, address, swapped(n), data, swapped(wkc));
	return test_pdu(t, true, hex);
}

static const char *out(void **state, const char *command, const char *address, const char *data)
{
	return frame(state, false, command, address, data, 0);
}

static const char *back(void **state, const char *command, const char *address, const char *data)
{
	return frame(state, true, command, address, data, 1);
}

static void registers(void **state)
{
	const char *s = out(state, "0401", "e9033001", "000000000000");

	HAS(s, "operation diagnose FPRD target=al_status:304-309 unit=1001\n");
	HAS(s, "ethercat.datagram src_mac=00:00:00:00:00:01 dst_mac=01:01:05:01:00:00 returned=F command=FPRD index=1 slave_addr=0x3e9 "
	       "station=1001 "
	       "offset=0x0130 reg=al_status length=6 data=000000000000 ");
	HAS_NOT(s, "al_state");
	s = back(state, "0401", "e9033001", "020000000000");
	HAS(s, "outcome ok\n");
	HAS(s, "al_state=PREOP al_error=F al_status_code=no_error");
	HAS(s, "fact mode=PREOP sub=slave 1001\n");
	out(state, "0502", "e9032004", "6400");
	HAS(frame(state, true, "0502", "e9032004", "6400", 0), "outcome error working_counter_zero\n");
	out(state, "0603", "e9032004", "6400");
	HAS(frame(state, true, "0603", "e9032004", "6400", 2), "outcome error not_read\n");
	HAS(out(state, "0804", "00000003", "0000"), "operation clear BWR target=rx_error_counter:768-769\n");
	HAS(out(state, "0405", "e9037003", "0000"), "target=unknown:880-881 ");
	HAS(out(state, "0006", "00000000", "00"), "command=NOP");
}

/* A position counts on with each slave; the station address that it is given names it from then on. */
static void positions(void **state)
{
	HAS(out(state, "0101", "ffff1000", "0000"), "operation read APRD target=station_address:16-17\n");
	HAS(back(state, "0101", "01001000", "0000"), " position=1 ");
	out(state, "0202", "ffff1000", "ea03");
	back(state, "0202", "01001000", "ea03");
	HAS(out(state, "0103", "ffff3001", "0000"), " station=1002 position=1 ");
	out(state, "0804", "00001000", "0000"); /* numbers begin anew */
	frame(state, true, "0804", "02001000", "0000", 2);
	HAS_NOT(out(state, "0105", "ffff3001", "0000"), "station=");
	HAS(back(state, "0106", "01000000", "11000300080808 0ffc00"), "ethercat.device src_mac=02:00:00:00:00:01 position=1 type=0x11 ");
}

static void states(void **state)
{
	HAS(out(state, "0501", "e9032001", "0800"), "operation start al_control target=state:OP unit=1001\n");
	back(state, "0501", "e9032001", "0800");
	HAS_NOT(back(state, "0402", "e9033001", "0400"), "outcome ok\noutcome");
	HAS(back(state, "0403", "e9033001", "0800"), "outcome ok\n");
	HAS(back(state, "0404", "e9033001", "1400"), "what=left_op station=1001 al_state=SAFEOP was_state=OP\n");
	HAS(back(state, "0405", "e9033401", "1b00"), "what=al_error station=1001 al_state=SAFEOP al_status_code=sync_manager_watchdog\n");
	HAS(out(state, "0506", "e9032001", "1400"), "operation clear al_control target=state:SAFEOP");
	HAS(out(state, "0507", "e9032001", "0800"), "operation start al_control");
	HAS(back(state, "0408", "e9033001", "140000001a00"), "outcome error synchronization_error\n");
	HAS(out(state, "0509", "e9032001", "0300"), "operation mode al_control target=state:BOOT");
	HAS(out(state, "080a", "00002001", "0800"), "operation start al_control target=state:OP\n");
	HAS(frame(state, true, "080a", "02002001", "0800", 2), "outcome ok\n");
	HAS(out(state, "080b", "00002001", "0100"), "operation stop al_control target=state:INIT\n");
	HAS(frame(state, true, "080b", "00002001", "0100", 0), "outcome error working_counter_zero\n");
}

static void cycles(void **state)
{
	const char *s = out(state, "0c01", "00000100", "01020304");
	struct test_host *t = *state;

	HAS(s, "operation cyclic LRW target=logical:65536-65539\n");
	HAS(s, " logical=0x00010000 length=4 ");
	for (int i = 0; i < 3; i++)
		HAS_NOT(frame(state, true, "0c01", "00000100", "01020304", 6), "operation");
	frame(state, true, "0c01", "00000100", "01020304", 3);
	frame(state, true, "0c01", "00000100", "01020304", 3);
	HAS(frame(state, true, "0c01", "00000100", "01020304", 3),
	    "what=working_counter_low command=LRW logical=0x00010000 wkc=3 was_wkc=6\n");
	HAS_NOT(frame(state, true, "0c01", "00000100", "01020304", 3), "ethercat.change");
	HAS(frame(state, true, "0c01", "00000100", "01020304", 6), "what=working_counter_back ");
	t->head.ts.ns += INT64_C(60000000000);
	HAS(out(state, "0c01", "00000100", "01020304"), "operation cyclic LRW");
	HAS(out(state, "0e02", "e9031009", "0000000000000000"), "operation cyclic FRMW target=dc_system_time:2320-2327 unit=1001\n");
	HAS(back(state, "0d03", "01001009", "0000000000000000"), "operation cyclic ARMW target=dc_system_time:2320-2327\n");
}

static void two_masters(void **state)
{
	struct test_host *t = *state;
	int told = 0;

	for (uint8_t i = 0; i < 20; i++) {
		t->head.orig_mac.byte[5] = i % 2 + 1;
		const char *s = out(state, "0701", "00003001", "0000");
		told += strstr(s, "what=second_master other_mac=00:00:00:00:00:0") != NULL;
	}
	assert_int_equal(told, 1);
}

static void eeproms(void **state)
{
	HAS(out(state, "0501", "e9030205", "000108000000"), "operation read eeprom_read target=eeprom:8 unit=1001\n");
	back(state, "0501", "e9030205", "000108000000");
	HAS_NOT(back(state, "0402", "e9030205", "408008000000 0200000052103004"), "fact");
	const char *s = back(state, "0403", "e9030205", "400008000000 0200000052103004");
	HAS(s,
	    "fact vendor_id=0x00000002 sub=slave 1001\nfact vendor=Beckhoff sub=slave 1001\nfact product_code=0x04301052 sub=slave 1001\n");
	out(state, "0504", "e9030405", "0e000000");
	back(state, "0504", "e9030405", "0e000000");
	HAS(back(state, "0405", "e9030805", "0a000000"), "fact serial=10 sub=slave 1001\n");
	HAS(out(state, "0506", "e9030205", "0002"), "operation configure eeprom_write target=eeprom:14 unit=1001\n");
	HAS(out(state, "0507", "e9030205", "000400000000"), "operation configure eeprom_reload ");
}

/* ------------------------------------------------------------------------------------------------ mailboxes */

static const char *mailbox(void **state, bool to_slave, unsigned type, const char *message)
{
	static unsigned counter;
	char hex[1000];

	counter = counter % 7 + 1;
	snprintf(hex, sizeof hex, "%s 0000 00 %02x %s", swapped(bytes_of(message)), counter << 4 | type, message);
	return to_slave ? out(state, "0501", "e9030010", hex) : back(state, "0401", "e9038010", hex);
}

static void objects(void **state)
{
	const char *s = mailbox(state, true, 3, "0020 40 0810 00 00000000");

	HAS(s, "operation read sdo_upload target=object:0x1008:00 unit=1001\n");
	HAS(s, "to_slave=T station=1001 type=CoE length=10 ");
	HAS(s, " service=sdo_request sdo_command=0x40 object=0x1008 subindex=0 ");
	s = mailbox(state, false, 3, "0030 41 0810 00 09000000 536572766f");
	HAS_NOT(s, "outcome");
	mailbox(state, true, 3, "0020 60 00000000000000");
	s = mailbox(state, false, 3, "0030 07 20343030000000");
	HAS(s, "outcome ok\nfact model=Servo 400 sub=slave 1001\n");
	mailbox(state, true, 3, "0020 50 1810 00 00000000");
	s = mailbox(state, false, 3, "0030 51 1810 00 0e000000 0400 9a000000 01000000 02000000");
	HAS(s, "fact vendor=Elmo sub=slave 1001\nfact product_code=0x00000001 sub=slave 1001\nfact revision=0x00000002 sub=slave 1001\n");
	HAS(mailbox(state, true, 3, "0020 23 111001 6c6f6164"), "operation reset sdo_download target=object:0x1011:01 ");
	HAS(mailbox(state, false, 3, "0020 80 111001 20000008"), "outcome error cannot_be_stored\n");
	HAS(mailbox(state, true, 3, "0080 01000000 0100"), "operation discover sdo_information ");
	HAS(mailbox(state, false, 3, "0080 07000000 02000108"), "outcome error abort\n");
	HAS(mailbox(state, false, 3, "0010 3081 11 0102030405"), "emergency_code=0x8130 ");
}

static void files(void **state)
{
	HAS(mailbox(state, true, 4, "0200 00000000 612e656677"), "operation program_write foe_write target=file:a.efw unit=1001\n");
	HAS(mailbox(state, false, 4, "0400 00000000"), "outcome ok\n");
	mailbox(state, true, 4, "0300 01000000 01020304");
	mailbox(state, false, 4, "0400 01000000");
	mailbox(state, true, 4, "0300 02000000");
	HAS(mailbox(state, false, 4, "0600 3200 6400 77616974"), " foe_opcode=busy ");
	HAS(mailbox(state, false, 4, "0400 02000000"),
	    "program download complete file a.efw size=4 sha256=9f64a747e1b97f131fabb6b447296c9b6f0201e79fb3c5356e6c77e8"
	    "9b6a806a by receiver\n");
	mailbox(state, true, 4, "0100 00000000 78");
	HAS(mailbox(state, false, 4, "0500 01800000 6e6f"),
	    "outcome error not_found\nprogram upload aborted file x size=0 error=not_found");
	out(state, "0502", "e9032001", "0300");
	HAS(mailbox(state, true, 4, "0200 00000000 62"), "operation firmware foe_write target=file:b ");
}

static void drives(void **state)
{
	HAS(mailbox(state, true, 5, "0340 0f80 0700"), "operation write soe_write target=idn:P-0-0015 unit=1001\n");
	HAS(mailbox(state, false, 5, "1440 0f80 0470"), "outcome error read_only\n");
	const char *ams = "0a1100010201 e803 0a1100010101 016d 0500 0400 08000000 00000000 01000000 0600 0000 00000000";
	HAS(mailbox(state, true, 1, ams), "operation stop write_control unit=1001\n");
	HAS(mailbox(state, true, 1, ams), "target_id=10.17.0.1.2.1 target_port=1000 sender_id=10.17.0.1.1.1 sender_port=27905 ");
}

static void tunnels(void **state)
{
	static char piece[2 * 64 + 1];

	memset(piece, 'a', sizeof piece - 1);
	char hex[200];
	snprintf(hex, sizeof hex, "0000 0011 %s", piece);
	HAS_NOT(mailbox(state, true, 2, hex), "reenter");
	snprintf(hex, sizeof hex, "0001 8110 %s", piece);
	HAS(mailbox(state, true, 2, hex), "reenter 1 128\n");
	HAS(mailbox(state, true, 2, "0003 0010 aabb 00000000"), "reenter 1 2\n"); /* with the time behind it */
	HAS(mailbox(state, true, 2, "0200 0000 02000000 02011fac"), "operation configure set_ip target=ip:172.31.1.2 unit=1001\n");
	HAS(mailbox(state, false, 2, "0300 0000"), "outcome ok\n");
}

/* Where a slave's mailboxes are is known when it was set up in sight: then nothing else is taken for a message. */
static void places(void **state)
{
	out(state, "0501", "e9030008", "0020 1000 26000100 0030 1000 22000100");
	back(state, "0501", "e9030008", "0020 1000 26000100 0030 1000 22000100");
	HAS_NOT(mailbox(state, true, 3, "0020 40 0810 00 00000000"), "ethercat.mailbox");
	HAS(out(state, "0502", "e9030020", "0a0000000013 0020 40 0810 00 00000000"), "ethercat.mailbox ");
	HAS_NOT(out(state, "0403", "e9030030", "00000000000000000000000000000000"), "operation");
	HAS_NOT(frame(state, true, "0403", "e9030030", "00000000000000000000000000000000", 0), "outcome");
	HAS_NOT(frame(state, true, "0502", "e9030020", "0a0000000013 0020 40 0810 00 00000000", 0), "mailbox");
	HAS_NOT(out(state, "0504", "e9030020", "0a0000000013 0020 40 0810 00 00000000"), "operation"); /* once more */
	HAS(back(state, "0405", "e9030030", "ff0000000013 0020 40 0810 00 00000000"), "weird bad_mailbox\n");
}

/* ------------------------------------------------------------------------------------------------ frames */

static void one_way(void **state)
{
	const char *s = back(state, "0501", "e9032001", "0100");

	HAS(s, "operation mode al_control target=state:INIT unit=1001\n");
	s = back(state, "0402", "e9030000", "11");
	HAS(s, "outcome ok unmatched FPRD\n");
	HAS(back(state, "0501", "e9030010", "0a0000000013 0020 40 0810 00 00000000"), "operation read sdo_upload ");
}

/* The address of a virtual machine's card has the bit that the first slave sets. */
static void local_address(void **state)
{
	HAS(frame(state, true, "0701", "00000000", "00", 0), "returned=F ");
	HAS(frame(state, true, "0701", "02000000", "11", 2), "returned=T ");
}

static void gateway(void **state)
{
	struct test_host *t = test_host_new(oto_analyzer_ethercat, OTO_UDP, 40000, 34980);

	(void)state;
	assert_int_equal(test_probe(t, "1050 0a00e9030013 0020 40 0810 00 00000000"), OTO_MINE);
	assert_int_equal(test_probe(t, "0c10 07"), OTO_NOT_MINE);
	assert_int_equal(test_probe(t, "48454c4c4f"), OTO_NOT_MINE);
	HAS(test_pdu(t, true, "1050 0a00e9030013 0020 40 0810 00 00000000"),
	    "operation read sdo_upload target=object:0x1008:00 unit=1001\n");
	HAS(test_pdu(t, false, "1050 0a00e9030013 0030 43 0810 00 454c3230"), "outcome ok\nfact model=EL20 sub=slave 1001\n");
	test_host_free(t);
	t = test_host_new(oto_analyzer_ethercat, OTO_TCP, 40000, 34980);
	assert_int_equal(test_probe(t, "10"), OTO_NEED_MORE);
	HAS(test_pdu(t, true, "1010 0a00"), "pdu_len -1\n");
	test_host_free(t);
}

static void damaged(void **state)
{
	test_cut(*state, true, "1210 0401 e9033001 0600 0000 000000000000 0000");
	test_cut(*state, true, "1c40 000000000001 0100 0100 0000 0100 0000 0200 0000 0102");
	HAS(test_pdu(*state, true, "1440 000000000001 0100 0100 0000 0100 0000 0000 0000"),
	    "ethercat.variable src_mac=00:00:00:00:00:01 dst_mac=01:01:05:01:00:00 publisher=00:00:00:00:00:01 cycle=1 id=1 hash=0x0000 "
	    "length=0 ");
	HAS(test_pdu(*state, true, "1210 0401 e9033001 0600 0000 000000000000"), "weird truncated\n");
	HAS(test_pdu(*state, true, "1210 0401 e9033001 0680 0000 000000000000 0000"), "weird truncated\n"); /* another one follows */
	HAS(test_pdu(*state, true, "0d10 6301 e9033001 0100 0000 00 0000"), "weird unknown_command\n");
	HAS(test_pdu(*state, true, "0f10 0401 e9033001 0100 0000 00 0000 0001"), "weird trailing_data\n");
	HAS_NOT(test_pdu(*state, true, "0f10 0401 e9033001 0100 0000 00 0000 0000"), "weird");
	HAS(test_pdu(*state, true, "0270 0000"), "weird unknown_type\n");
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, test_teardown)
	const struct CMUnitTest tests[] = { TEST(registers), TEST(positions), TEST(states),        TEST(cycles),  TEST(two_masters),
					    TEST(eeproms),   TEST(objects),   TEST(files),         TEST(drives),  TEST(tunnels),
					    TEST(places),    TEST(one_way),   TEST(local_address), TEST(gateway), TEST(damaged) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
