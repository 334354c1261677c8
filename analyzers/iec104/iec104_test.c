/* iec104_test.c - formats, directions, objects of every element, commands with their answers, files, and what damaged APDUs do. */
#include "../testing.h"
#include "iec104.h"

extern const struct oto_analyzer *const oto_analyzer_iec104;

static int setup(void **state)
{
	*state = test_host_new(oto_analyzer_iec104, OTO_TCP, 49152, 2404);
	return 0;
}

static int setup_elsewhere(void **state)
{
	*state = test_host_new(oto_analyzer_iec104, OTO_TCP, 49152, 12404);
	return 0;
}

#define HAS_NO(said, text) assert_null(strstr(said, text))
enum { BUFFER = 600, NUMBER = 4 };

/* An APDU of format I around an ASDU, with this number. */
static const char *apdu(uint32_t n, const char *asdu)
{
	static char text[BUFFER];
	uint8_t bytes[BUFFER];
	struct oto_slice s = test_hex(asdu, bytes, sizeof bytes);

	snprintf(text, sizeof text, "68%02x%02x%02x0000 %s", s.len + NUMBER, (n << 1) & 0xff, n >> 7 & 0xff, asdu);
	return text;
}

/* Both sides count on by themselves. */
static const char *say(struct test_host *t, bool is_orig, const char *asdu)
{
	struct iec104_flow *flow = t->cx.state;

	return test_pdu(t, is_orig, apdu(flow->side[is_orig].next, asdu));
}

static void functions(void **state)
{
	struct test_host *t = *state;
	const char *s = test_pdu(t, true, "680407000000");
	HAS(s, "operation other STARTDT\n");
	HAS(s, "apci_type=U direction=control apdu_len=4 u_function=STARTDT act\n");
	s = test_pdu(t, false, "68040b000000");
	HAS(s, "outcome ok\n");
	HAS(s, "direction=monitor apdu_len=4 u_function=STARTDT con");
	HAS_NO(test_pdu(t, true, "680443000000"), "operation"); /* is somebody there? */
	HAS(test_pdu(t, false, "680483000000"), "u_function=TESTFR con");
	HAS(test_pdu(t, false, "680401000a00"), "apci_type=S direction=monitor apdu_len=4 apci_rx=5\n");
	HAS(test_pdu(t, true, "680413000000"), "operation other STOPDT\n");
	HAS(test_pdu(t, false, "680423000000"), "outcome ok\n");
	HAS(test_pdu(t, false, "680423000000"), "outcome ok unmatched STOPDT\n");
}

/* Whoever opened the connection: STARTDT tells, then the port, then the first ASDU. */
static void directions(void **state)
{
	struct test_host *t = *state;
	HAS(test_pdu(t, false, "680407000000"), "direction=control");
	HAS(test_pdu(t, true, "68040b000000"), "direction=monitor");
	HAS(say(t, false, "64010600 0300 000000 14"), "direction=control");
}

static void directions_elsewhere(void **state)
{
	struct test_host *t = *state;
	HAS(say(t, true, "01010300 0300 010000 01"), "direction=monitor");
	HAS(test_pdu(t, false, "680401000200"), "direction=control");
}

static void numbers(void **state)
{
	struct test_host *t = *state;
	const char *point = "01010300 0300 010000 01";
	HAS(test_pdu(t, false, apdu(32766, point)), "apci_tx=32766 apci_rx=0");
	test_pdu(t, false, apdu(32767, point));
	HAS_NO(test_pdu(t, false, apdu(0, point)), "weird"); /* 15 bits */
	HAS(test_pdu(t, false, apdu(2, point)), "weird sequence_jump\n");
	HAS_NO(test_pdu(t, false, apdu(3, point)), "weird");
	t->analyzer->gap(&t->cx, 100);
	HAS_NO(test_pdu(t, false, apdu(9, point)), "weird");
	HAS(test_pdu(t, false, apdu(9, point)), "weird sequence_jump\n");
}

static void points(void **state)
{
	struct test_host *t = *state;
	const char *s = say(t, false, "01831400 0300 e90300 00 91 f0");
	HAS(s, "type_id=M_SP_NA_1 seq=T num_ix=3 cause_tx=interrogated_station negative=F test=F originator_address=0 common_address=3 "
	       "info_obj_addr=1001,1002,1003 values=0,1,0\n");
	HAS(s, "info_obj_addr=1002 originator_address=0 negative=F test=F value=1 quality=IV,BL invalid=T");
	HAS(s, "info_obj_addr=1003 originator_address=0 negative=F test=F value=0 quality=IV,NT,SB,BL");
	HAS_NO(s, "operation"); /* it was asked for */
	s = say(t, false, "03010300 0300 4d0400 02");
	HAS(s, "operation cyclic M_DP_NA_1 unit=3\n");
	HAS(s, "value=2");
	HAS(say(t, false, "05010300 0300 010000 fd 01"), "value=-3 quality=OV,T");
	HAS(say(t, false, "07010300 0300 010000 010000a5 00"), "value=2768240641");
	HAS(say(t, false, "09010300 0300 010000 00e0 00"), "value=-0.25");
	HAS(say(t, false, "0b010300 0300 010000 06ff 00"), "value=-250");
	HAS(say(t, false, "0d010300 0300 010000 00004842 00"), "value=50");
	HAS(say(t, false, "0f010300 0300 010000 f9ffffff e3"), "value=-7 quality=IV,CA,CY invalid=T counter_sequence=3");
	HAS(say(t, false, "14010300 0300 010000 ff00 8100 00"), "value=255 changes=129");
	HAS(say(t, false, "15010300 0300 010000 0060"), "value=0.75");
	HAS(say(t, false, "02010300 0300 010000 01 3930 88"), "hour_time=492.345000 time_invalid=T");
	HAS(say(t, false, "26010300 0300 010000 0a 2d00 3930082d0d0518"), "value=2 quality=EI invalid=F time=1715");
	HAS(say(t, false, "27010300 0300 010000 23 08 2d00 3930082d0d0518"), "elapsed=0.045000");
	HAS(say(t, false, "1e010300 0300 010000 01 00000000000000"), "time_invalid=F"); /* a time that is none */
	HAS(say(t, false, "46010400 0300 000000 82"), "quality=LPC invalid=F qualifier=2 qualifier_name=remote_reset");
	HAS(say(t, true, "01010300 0300 010000 01"), "operation other M_SP_NA_1 unit=3\n"); /* as if it were a station */
}

static void commands(void **state)
{
	struct test_host *t = *state;
	const char *s = say(t, true, "2d010600 0300 da0700 81");
	HAS(s, "operation write C_SC_NA_1 select target=object:2010 unit=3\n");
	HAS(s, "select=T qualifier=0 qualifier_name=default");
	HAS(say(t, false, "2d010700 0300 da0700 81"), "outcome ok\n");
	HAS(say(t, true, "2d010600 0300 da0700 05"), "operation write C_SC_NA_1 target=object:2010 unit=3\n");
	s = say(t, false, "2d014700 0300 da0700 05");
	HAS(s, "outcome error negative\n");
	HAS(s, "qualifier_name=short_pulse");
	HAS_NO(say(t, false, "2d010a00 0300 da0700 05"), "outcome");
	HAS(say(t, true, "2d010800 0300 da0700 81"), "operation other C_SC_NA_1 deactivation target=object:2010");
	HAS(say(t, false, "2d010900 0300 da0700 81"), "outcome ok\n");
	HAS(say(t, true, "2e010600 0300 010000 02"), "operation write C_DC_NA_1 target=object:1 ");
	HAS(say(t, false, "2e016f00 0300 010000 02"), "outcome error unknown_object_address\n");
	HAS(say(t, true, "32010600 0300 010000 0000ac41 80"), "value=21.5");
	HAS(say(t, false, "33010700 0300 010000 ff00ff00"), "outcome ok unmatched C_BO_NA_1\n");
	s = say(t, true, "2d020600 0300 010000 01 020000 00");
	HAS(s, "target=object:1 unit=3\n");
	HAS(s, "target=object:2 unit=3\n");
	HAS(say(t, true, "2d018607 0300 010000 01"), "test=T originator_address=7");
	HAS(say(t, true, "6f010600 0300 010000 0500 42"), "operation configure P_ME_NB_1 target=object:1 ");
	HAS(say(t, true, "70010600 0300 010000 0000a042 83"), "quality=POP");
	HAS(say(t, true, "71010600 0300 010000 03"), "qualifier_name=cyclic_transmission");
}

static void station(void **state)
{
	struct test_host *t = *state;
	HAS(say(t, true, "64010600 ffff 000000 14"), "operation read C_IC_NA_1 target=interrogation:station unit=65535\n");
	HAS(say(t, false, "64010700 0300 000000 14"), "outcome ok\n"); /* with its own address */
	HAS(say(t, true, "64010600 0300 000000 07"), "target=interrogation:private");
	HAS(say(t, true, "65010600 0300 000000 05"), "operation read C_CI_NA_1 target=counters:general");
	HAS(say(t, true, "65010600 0300 000000 45"), "operation write C_CI_NA_1 freeze target=");
	HAS(say(t, true, "65010600 0300 000000 85"), "operation clear C_CI_NA_1 freeze with reset target=");
	HAS(say(t, true, "65010600 0300 000000 c5"), "operation clear C_CI_NA_1 reset target=");
	HAS(say(t, true, "66010500 0300 410600"), "operation read C_RD_NA_1 target=object:1601 unit=3\n");
	HAS(say(t, false, "0d010500 0300 410600 00004842 00"), "outcome ok\n");
	HAS(say(t, true, "67010600 0300 000000 3930082d0d0518"), "operation time C_CS_NA_1 unit=3\n");
	HAS(say(t, true, "68010600 0300 000000 aa55"), "operation diagnose C_TS_NA_1 unit=3\n");
	HAS(say(t, true, "69010600 0300 000000 01"), "operation reset C_RP_NA_1 unit=3\n");
	HAS(say(t, true, "69010600 0300 000000 02"), "operation clear C_RP_NA_1 event buffer unit=3\n");
	HAS(say(t, true, "6a010600 0300 000000 9600"), "elapsed=0.150000");
	HAS(say(t, true, "51010e00 0300 00000000"), "operation authenticate S_CH_NA_1 unit=3\n");
	HAS(say(t, true, "c8013200 0300 00000000"), "operation other unknown unit=3\n"); /* a maker's own */
}

static void files(void **state)
{
	struct test_host *t = *state;
	HAS(say(t, true, "7a010500 0300 b80b00 0000 00 00"), "operation read F_SC_NA_1 target=file:3000/0 unit=3\n");
	const char *s = say(t, false, "7e820500 0300 b90b00 0200 6c0200 00 3930082d0d0518 0100 210000 a0 3930082d0d0518");
	HAS(s, "info_obj_addr=3002 file=1 length=33 status=160");
	HAS(say(t, true, "7a010d00 0300 b90b00 0200 00 01"), "operation read F_SC_NA_1 select file target=file:3001/2");
	s = say(t, false, "78010d00 0300 b90b00 0200 030000 00");
	HAS(s, "outcome ok\n");
	HAS(s, "length=3 ready=T");
	say(t, true, "7a010d00 0300 b90b00 0200 00 02");
	say(t, false, "79010d00 0300 b90b00 0200 01 030000 00");
	say(t, true, "7a010d00 0300 b90b00 0200 01 06");
	say(t, false, "7d010d00 0300 b90b00 0200 01 03 616278");
	HAS(say(t, false, "7b010d00 0300 b90b00 0200 01 03 3b"), "end=section checksum=59");
	HAS_NO(say(t, true, "7c010d00 0300 b90b00 0200 01 24"), "operation"); /* once more */
	say(t, false, "7d010d00 0300 b90b00 0200 01 03 616263");
	say(t, false, "7b010d00 0300 b90b00 0200 01 03 26");
	say(t, false, "7b010d00 0300 b90b00 0200 01 01 00");
	s = say(t, true, "7c010d00 0300 b90b00 0200 01 01");
	HAS(s, "program upload complete file 3001/2 size=3 announced=3 sha256=ba7816bf");
	say(t, true, "7a010d00 0300 b90b00 0200 00 04");
	s = say(t, false, "78010d00 0300 b90b00 0200 000000 80");
	HAS(s, "outcome error not_ready\n");
	HAS(s, "program delete aborted file 3001/2 error=not_ready by receiver\n");
	say(t, true, "7a010d00 0300 b90b00 0900 00 01");
	HAS(say(t, false, "7a010d00 0300 b90b00 0900 00 41"), "outcome error unexpected_file\n");
	say(t, true, "7f010d00 0300 b90b00 0300 3930082d0d0518 0000000c0d0518");
	HAS(say(t, false, "7f012d00 0300 b90b00 0300 3930082d0d0518 0000000c0d0518"), "outcome error unknown_cause\n");
}

static void more_files(void **state)
{
	struct test_host *t = *state;
	HAS(say(t, true, "78010d00 0300 010000 0100 030000 00"), "operation program_write F_FR_NA_1 target=file:1/1");
	HAS(say(t, false, "7a010d00 0300 010000 0100 00 02"), "outcome ok\n");
	say(t, true, "79010d00 0300 010000 0100 01 030000 00");
	say(t, false, "7a010d00 0300 010000 0100 01 06");
	HAS(say(t, true, "7d010d00 0300 010000 0100 01 03 616263"), "operation program_write F_SG_NA_1");
	HAS(say(t, true, "7b010d00 0300 010000 0100 01 03 00"), "weird wrong_checksum\n");
	HAS(say(t, false, "7c010d00 0300 010000 0100 01 12"), "program download aborted file 1/1 size=3 announced=3 sha256=ba78");
	say(t, false, "78010d00 0300 020000 0200 030000 00");
	HAS(say(t, true, "7a010d00 0300 020000 0200 00 03"), "program upload aborted file 2/2 size=0 announced=3 error=deactivated\n");
	say(t, false, "78010d00 0300 020000 0200 030000 00");
	HAS(say(t, false, "7b010d00 0300 020000 0200 00 02 00"), "error=deactivated by receiver\n");
	for (int i = 0; i < IEC104_TRANSFERS + 1; i++) {
		char text[BUFFER];
		snprintf(text, sizeof text, "78010d00 0300 %02x0000 0200 030000 00", i);
		const char *s = say(t, false, text);
		if (i == IEC104_TRANSFERS)
			HAS(s, "program upload cut file 0/2"); /* the oldest gives way */
	}
	say(t, false, "7d010d00 0300 090000 0900 01 03 616263"); /* its begin was not seen */
	t->analyzer->gap(&t->cx, 5);
	HAS(say(t, true, "7c010d00 0300 090000 0900 01 01"), "program upload cut file 9/9 size=3\n");
	HAS(test_closing(t), "program upload cut file 3/2");
}

static void odd(void **state)
{
	struct test_host *t = *state;
	HAS(test_pdu(t, true, "68020000"), "weird impossible_length\n");
	HAS(test_pdu(t, true, "680409000000"), "weird bad_control_field\n");
	HAS(test_pdu(t, true, "680400000100"), "weird bad_control_field\n");
	HAS(test_pdu(t, true, "680401010000"), "weird bad_control_field\n");
	HAS(test_pdu(t, true, "6806010000000102"), "weird octets_behind_control_field\n");
	HAS(test_pdu(t, true, "680400000000"), "weird no_asdu\n");
	HAS(test_pdu(t, true, "6807020000000101 03"), "weird truncated\n");
	HAS(say(t, false, "01050300 0300 010000 01"), "values=1\n");
	HAS(say(t, false, "01050300 0300 010000 01"), "weird objects_do_not_fill_length\n");
	HAS(say(t, false, "01000300 0300"), "num_ix=0");
	HAS(say(t, false, "0d830300 0300 010000 0000484200 0000"), "info_obj_addr=1 values=50\n");
	HAS(say(t, false, "0d830300 0300 01"), "weird objects_do_not_fill_length\n");
	HAS(say(t, true, "66830500 0300 010000"), "target=object:3"); /* objects without elements */
	HAS(say(t, true, "66830500 0300 0100"), "weird objects_do_not_fill_length\n");
	HAS(say(t, false, "7d010d00 0300 010000 0100 01 c8 6162"), "weird objects_do_not_fill_length\n");
	HAS(say(t, false, "16010300 0300 010000 01"), "weird unknown_type\n");
	HAS(say(t, false, "01012b00 0300 010000 01"), "weird unknown_cause\n");
	assert_string_equal(test_pdu(t, true, "00"), ""); /* a keep-alive of TCP */
}

static void malformed(void **state)
{
	struct test_host *t = *state;
	static const char *const asdus[] = { "01831400 0300 e90300 00 91 f0",
					     "26010300 0300 010000 0a 2d00 3930082d0d0518",
					     "0f010300 0300 010000 f9ffffff e3",
					     "65010600 0300 000000 85",
					     "7d010d00 0300 010000 0100 01 03 616263",
					     "7e820500 0300 b90b00 0200 6c0200 00 3930082d0d0518 0100 210000 a0 3930082d0d0518",
					     "7f010d00 0300 b90b00 0300 3930082d0d0518 0000000c0d0518" };

	for (size_t i = 0; i < sizeof asdus / sizeof *asdus; i++)
		test_cut(t, i % 2, apdu(0, asdus[i]));
	test_cut(t, true, "680407000000");
}

static void probes(void **state)
{
	struct test_host *t = *state;
	assert_int_equal(test_probe(t, "680407000000"), OTO_MINE);
	assert_int_equal(test_probe(t, "680401000200"), OTO_MINE);
	assert_int_equal(test_probe(t, "00680401000200"), OTO_MINE);
	assert_int_equal(test_probe(t, "680e00000000 16010300"), OTO_MINE);
	assert_int_equal(test_probe(t, "68"), OTO_NEED_MORE);
	assert_int_equal(test_probe(t, "680401"), OTO_NEED_MORE);
	assert_int_equal(test_probe(t, "6803010002"), OTO_NOT_MINE);
	assert_int_equal(test_probe(t, "68fe00000000"), OTO_NOT_MINE);
	assert_int_equal(test_probe(t, "680405000000"), OTO_NOT_MINE);
	assert_int_equal(test_probe(t, "680e07000000 1601"), OTO_NOT_MINE);
	assert_int_equal(test_probe(t, "680407000000 55"), OTO_NOT_MINE);
	assert_int_equal(test_probe(t, "480407000000"), OTO_NOT_MINE);
}

static void probes_elsewhere(void **state)
{
	struct test_host *t = *state;
	assert_int_equal(test_probe(t, "680407000000"), OTO_MINE);
	assert_int_equal(test_probe(t, "680401000200"), OTO_NEED_MORE);
	assert_int_equal(test_probe(t, "680401000200 680e00000000 01010300 0300 010000 01"), OTO_MINE);
	assert_int_equal(test_probe(t, "680e00000000 01010300 0300 010000 01"), OTO_NEED_MORE);
	assert_int_equal(test_probe(t, "680e00000000 01010300 0300 010000 01 680401000200"), OTO_MINE);
	assert_int_equal(test_probe(t, "680e00000000 01010300 0300 010000 01 55"), OTO_NOT_MINE);
	assert_int_equal(test_probe(t, "680e00000000 01020300 0300 010000 01"), OTO_NOT_MINE);
	assert_int_equal(test_probe(t, "680e00000000 16010300 0300 010000 01"), OTO_NOT_MINE);
	assert_int_equal(test_probe(t, "680e00000000 01010000 0300 010000 01"), OTO_NOT_MINE);
	assert_int_equal(test_probe(t, "00680401000200"), OTO_NOT_MINE);
	assert_int_equal(test_probe(t, "6815"), OTO_NEED_MORE);
	t->cx.transport = OTO_UDP;
	assert_int_equal(test_probe(t, "680407000000"), OTO_NOT_MINE);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, test_teardown)
#define ELSEWHERE(f) cmocka_unit_test_setup_teardown(f, setup_elsewhere, test_teardown)
	static const struct CMUnitTest tests[] = {
		TEST(functions),
		TEST(directions),
		ELSEWHERE(directions_elsewhere),
		TEST(numbers),
		TEST(points),
		TEST(commands),
		TEST(station),
		TEST(files),
		TEST(more_files),
		TEST(odd),
		TEST(malformed),
		TEST(probes),
		ELSEWHERE(probes_elsewhere),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
