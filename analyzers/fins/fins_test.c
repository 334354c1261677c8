/* fins_test.c - commands and responses, values, lists, transfers, addresses behind networks, FINS/TCP, the probe, and what damaged messages
 * do. */
#include "../testing.h"
#include "fins.h"

extern const struct oto_analyzer *const oto_analyzer_fins;

static int setup(void **state)
{
	*state = test_host_new(oto_analyzer_fins, OTO_UDP, 49152, 9600);
	return 0;
}

#define HAS_NO(said, text) assert_null(strstr(said, text))
#define ASK "80 00 02 00 02 00 00 01 00 05 "
#define ANSWER "c0 00 02 00 01 00 00 02 00 05 "

static void reads(void **state)
{
	struct test_host *t = *state;
	const char *s = test_pdu(t, true, ASK "0101 82 0064 00 0003");
	HAS(s, "operation read memory_area_read target=DM:100-102 unit=2\n");
	HAS(s, "memory_area_code=DM beginning_address=100 bit=0 address=0x6400 number_of_items=3");
	s = test_pdu(t, false, ANSWER "0101 0000 1234 0002 1def");
	HAS(s, "outcome ok\n");
	HAS(s, "memory_area_code=DM beginning_address=100");
	HAS(s, "values=4660,2,7663");
	s = test_pdu(t, true, ASK "0101 30 0005 04 0002"); /* bits are counted from the area's first */
	HAS(s, "target=CIO_bit:84-85");
	HAS(test_pdu(t, false, ANSWER "0101 0000 01 00"), "values=1,0");
	test_pdu(t, true, ASK "0101 82 0064 00 0003");
	HAS(test_pdu(t, false, ANSWER "0101 0000 1234 00"), "data=123400"); /* too short for its words */
	HAS(test_pdu(t, false, ANSWER "0101 0000 1234"), "unmatched memory_area_read");
}

static void lists(void **state)
{
	struct test_host *t = *state;
	const char *s = test_pdu(t, true, ASK "0104 82 000a 00 30 0005 03 b2 0007 00");
	HAS(s, "operation read multiple_memory_area_read target=memory:DM:10,CIO_bit:5.3,H:7");
	HAS(test_pdu(t, false, ANSWER "0104 0000 82 1234 30 01 b2 0007"), "items=DM=4660,CIO_bit=1,H=7");
	HAS(test_pdu(t, false, ANSWER "0104 0000 82 1234 fe 01"), "data=821234fe01"); /* an area nobody knows */
	HAS(test_pdu(t, false, ANSWER "0104 0000 82 12"), "data=8212");
	s = test_pdu(t, true, ASK "2301 0002 0001 30 0005 03 8000 30 0005 04");
	HAS(s, "operation write forced_set_reset target=memory:CIO_bit:5.3=on,CIO_bit:5.4=let_go");
}

static void writes(void **state)
{
	struct test_host *t = *state;
	const char *s = test_pdu(t, true, ASK "0102 82 00c8 00 0002 0001 abcd");
	HAS(s, "operation write memory_area_write target=DM:200-201");
	HAS(s, "values=1,43981");
	HAS(test_pdu(t, true, ASK "0103 82 012c 00 0032 5a5a"), "values=23130");
	HAS(test_pdu(t, true, ASK "0105 82 0064 00 b1 01f4 00 0014"), "target=W:500-519"); /* what is written counts */
	HAS(test_pdu(t, true, ASK "0202 8010 0000 8003 0001 0002 0003"),
	    "operation configure parameter_area_write target=parameters:plc_setup");
	s = test_pdu(t, true, "81 00 02 00 02 00 00 01 00 05 0102 82 0000 00 0001 0007");
	HAS(s, "response_required=F");
	HAS(test_pdu(t, false, ANSWER "0102 0000"), "outcome ok"); /* that of the first */
	HAS(test_pdu(t, false, ANSWER "0102 0000"), "unmatched");
}

static void modes(void **state)
{
	struct test_host *t = *state;
	HAS(test_pdu(t, true, ASK "0402"), "operation stop stop unit=2\n");
	const char *s = test_pdu(t, false, ANSWER "0402 2201");
	HAS(s, "outcome error not_executable_while_running\n");
	HAS(s, "response_code=not_executable_while_running relay_error=F fatal_cpu_error=F");
	HAS(test_pdu(t, true, ASK "0401 ffff 04"), "operation start run target=program:65535 unit=2\n");
	s = test_pdu(t, false, ANSWER "0401 80c0"); /* flags are no error */
	HAS(s, "outcome ok");
	HAS(s, "relay_error=T fatal_cpu_error=T non_fatal_cpu_error=T");
	HAS(test_pdu(t, true, ASK "2141"), "operation clear write_access_log_clear target=log:writes unit=2\n");
	HAS(test_pdu(t, true, ASK "0403"), "operation reset reset");
	HAS(test_pdu(t, true, ASK "0920 4001"), "operation clear message_read_clear");
	HAS(test_pdu(t, true, ASK "0920 0001"), "operation diagnose message_read_clear");
	HAS(test_pdu(t, true, ASK "7f01 aa"), "weird unknown_command");
	HAS(test_pdu(t, true, ASK "0101 82"), "weird short_message");
	HAS_NO(test_pdu(t, true, ASK "0502 10"), "weird");
	s = test_pdu(t, true, ASK "0304 0000 00 00000000 ffffffff 50415353");
	HAS(s, "password_length=4");
	HAS_NO(s, " data=");
}

static void status(void **state)
{
	struct test_host *t = *state;
	const char *s = test_pdu(t, false, ANSWER "0601 0000 01 04 8000 0004 0001 0007 4845 4c50 2020 2020 2020 2020 2020 2020");
	HAS(s, "status=running fatal_error=memory non_fatal_error=battery");
	HAS(s, "error_message=HELP");
	HAS(test_pdu(t, false, ANSWER "0620 0000 0000000c 0000001f 00000009"), "average_cycle_time=12 max_cycle_time=31 min_cycle_time=9");
	HAS(test_pdu(t, false, ANSWER "0701 0000 24 05 13 08 00 01 01"), "clock=1715587201");
	HAS_NO(test_pdu(t, false, ANSWER "0701 0000 24 15 13 08 00 01 01"), "clock=");
	s = test_pdu(t, false, ANSWER "2102 0000 0014 0002 0001 80f1 0000 12 34 13 08 24 05");
	HAS(s, "fins.record kind=error error_code_1=0x80f1 error_code_2=0x0000 time=1715587954");
	s = test_pdu(t, false, ANSWER "2140 0000 0014 0001 0001 00 0a 00 00 0402 12 34 13 08 24 05");
	HAS(s, "fins.record kind=write network=0 node=10 unit=0 command_code=stop");
	s = test_pdu(t, false,
		     ANSWER "0602 0000 01 b0" /* nodes 1 and 4 */
			    "00000000000000000000000000000000000000000000000000000000 00 0005");
	HAS(s, "fins.node node_number=1 in_network=T exit_error=F no_polling=F\n");
	HAS(s, "fins.node node_number=4 in_network=T exit_error=T no_polling=T\n");
	HAS(s, "data=0005");
	HAS(test_pdu(t, false, ANSWER "0c01 3001 00 05 00"), "response_code=no_access_right");
	HAS(test_pdu(t, false, ANSWER "0c01 0000 00 05 00"), "acquire_node_number=5");
}

#define MODEL "434a324d2d435055333320202020202020202020"   /* CJ2M-CPU33 */
#define VERSION "30322e3031202020202020202020202020202020" /* 02.01 */
#define SYSTEM "0000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
#define SIZES "003c 17 8000 08 03 0000 04 0040"

static void identity(void **state)
{
	struct test_host *t = *state;
	const char *s = test_pdu(t, false,
				 ANSWER "0501 0000" MODEL VERSION
					"00000000000000000000000000000000000000000000000000000000000000000000000000000000" SIZES);
	HAS(s, "fact vendor=Omron\nfact model=CJ2M-CPU33\nfact firmware=02.01\n");
	HAS(s, "program_area_size=60 iom_size=23 no_of_dm_words=32768");
	s = test_pdu(t, false, "c0 00 02 00 01 00 03 02 00 05 0501 0000" MODEL VERSION SYSTEM SIZES);
	HAS(s, "fact model=CJ2M-CPU33 sub=network 3 node 2 unit 0\n");
	s = test_pdu(t, false, ANSWER "0502 0000 02 00" MODEL "10" MODEL);
	HAS(s, "fact model=CJ2M-CPU33\nfact model=CJ2M-CPU33 sub=unit 16\n");
	HAS(s, "units=0 CJ2M-CPU33,16 CJ2M-CPU33");
	HAS(test_pdu(t, true, "80 00 02 03 02 10 00 01 00 05 0402"), "destination_unit=CPU Bus Unit");
}

static void programs(void **state)
{
	struct test_host *t = *state;
	test_pdu(t, true, ASK "0307 ffff 00000000 0004 41424344");
	HAS_NO(test_pdu(t, false, ANSWER "0307 0000 ffff 00000000 0004"), "program download");
	test_pdu(t, true, ASK "0307 ffff 00000004 8002 4546");
	HAS(test_pdu(t, false, ANSWER "0307 0000 ffff 00000004 8002"),
	    "program download complete program all size=6 sha256=e9c0f8b575cbfcb42ab3b78ecc87efa3b011d9a5d10b09fa4e96f240bf6a82f5");
	test_pdu(t, true, ASK "0306 0001 00000000 0100");
	HAS(test_pdu(t, false, ANSWER "0306 0000 0001 00000000 8002 4546"), "program upload complete program 1 size=2");
	test_pdu(t, true, ASK "0307 ffff 00000000 0004 41424344");
	HAS(test_pdu(t, false, ANSWER "0307 2102"), "program download aborted program all size=4");
	test_pdu(t, true, ASK "0308 ffff 00");
	HAS(test_pdu(t, false, ANSWER "0308 0000"), "program delete complete program all");
	test_pdu(t, true, ASK "0307 ffff 00000000 0004 41424344");
	t->analyzer->gap(&t->cx, 10);
	HAS(test_closing(t), "program download cut program all size=4");
}

#define NOTES "4e4f54455320 20202e545854"

static void files(void **state)
{
	struct test_host *t = *state;
	const char *s = test_pdu(t, true, ASK "2203 0000 8000" NOTES "00000000 0003 616263 0000");
	HAS(s, "operation write single_file_write target=file:NOTES.TXT");
	HAS(s, "data=616263");
	test_pdu(t, false, ANSWER "2203 0000");
	s = test_pdu(t, true, ASK "2202 8000" NOTES "00000000 0010 0000"); /* another way: goes on beside it */
	HAS_NO(s, "program download");
	s = test_pdu(t, false, ANSWER "2202 0000 00000003 00000000 8003 616263");
	HAS(s, "program upload complete file NOTES.TXT size=3 sha256=ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	HAS(test_closing(t), "program download complete file NOTES.TXT size=3 sha256=ba7816bf");
	test_pdu(t, true, ASK "2205 8000 0001" NOTES);
	HAS(test_pdu(t, false, ANSWER "2205 0000 0001"), "program delete complete file NOTES.TXT");
	HAS(test_pdu(t, true, ASK "2208 8000" NOTES "4f4c4420202020202e545854"), "file_name=NOTES.TXT new_file_name=OLD.TXT");
	HAS(test_pdu(t, true, ASK "220c 0001 ffff 00000000 00005000 8000" NOTES "0000"),
	    "operation program_write program_area_file_transfer");
	HAS(test_pdu(t, false, ANSWER "220c 0000 00005000"), "program insert complete program NOTES.TXT");
	HAS(test_pdu(t, true, ASK "220c 0000 ffff 00000000 00005000 8000" NOTES "0000"), "operation program_read");
	HAS(test_pdu(t, true, ASK "220a 0002 82 0000 00 0064 8000" NOTES "0000"), "operation diagnose");
	s = test_pdu(t, false, ANSWER "2201 0000 434152442020202020202020 58ad4000 03a98000 03938700 0002 8001" NOTES "58ad4000 00005000");
	HAS(s, "volume_label=CARD no_of_files=2 total_capacity=61440000");
	HAS(s, "file_name=NOTES.TXT file_capacity=20480 changed=1715587200");
}

static void streams(void **state)
{
	struct test_host *t = test_host_new(oto_analyzer_fins, OTO_TCP, 49152, 9600);
	(void)state;
	const char *s = test_pdu(t, true, "46494e53 0000000c 00000000 00000000 00000000");
	HAS(s, "fins.tcp command=client_node_address error=normal client_node=0\n");
	s = test_pdu(t, false, "46494e53 00000010 00000001 00000000 0000001e 0000000b");
	HAS(s, "client_node=30 server_node=11");
	s = test_pdu(t, true, "46494e53 00000014 00000002 00000000" ASK "0402 46494e53 00000014 00000002 00000000" ASK "0601");
	HAS(s, "operation stop");
	HAS(s, "operation diagnose");
	HAS(test_pdu(t, false, "46494e53 00000008 00000003 00000020"), "error=all_connections_in_use");
	HAS(test_pdu(t, true, "46494e54"), "pdu_len -1");
	HAS(test_pdu(t, true, "46494e53 00000007"), "pdu_len -1");
	HAS(test_pdu(t, true, "46494e53 00"), "pdu_len 0");
	test_host_free(t);
}

static void malformed(void **state)
{
	struct test_host *t = *state;
	static const char *const bodies[] = { ASK "0101 82 0064 00 0003",
					      ASK "0104 82 000a 00 30 0005 03",
					      ASK "2203 0000 8000" NOTES "00000000 0003 616263 0004 5c4142",
					      ASK "2205 8000 0002" NOTES NOTES,
					      ASK "0221 0000 534e 0000 0001 01 0a 0001 00 0001 0002",
					      ANSWER "0104 0000 82 1234 30 01",
					      ANSWER "0502 0000 02 00" MODEL "10" MODEL,
					      ANSWER "0601 0000 01 04 8000 0004 0001 0007 4845 4c50 2020 2020 2020 2020 2020 2020",
					      ANSWER "2102 0000 0014 0002 0001 80f1 0000 12 34 13 08 24 05",
					      ANSWER "2201 0000 434152442020202020202020 58ad4000 03a98000 03938700 0002 8001" NOTES
						     "58ad4000 00005000",
					      ANSWER "0920 0000 0001 4845 4c50 2020 2020 2020 2020 2020 2020" };

	for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++)
		test_cut(t, i < 5, bodies[i]);
	HAS(test_pdu(t, true, "80 00 02 00 02 00 00 01 00 05 04"), "weird truncated");
	HAS(test_pdu(t, false, ANSWER "0402 00"), "weird truncated");
}

static void unknown_everything(void **state)
{
	struct test_host *t = *state;
	char hex[128];

	for (unsigned code = 0; code < 0x2900; code++) { /* no command trips over arbitrary bytes */
		snprintf(hex, sizeof hex, ASK "%04x ffffffffffffffffffffffffffffffffffffffff", code);
		test_pdu(t, true, hex);
		snprintf(hex, sizeof hex, ANSWER "%04x 0000 ffffffffffffffffffffffffffffffffffffffff", code);
		test_pdu(t, false, hex);
	}
}

static enum oto_answer ask(struct test_host *t, const char *hex)
{
	static uint8_t bytes[256];

	return t->analyzer->probe(&t->cx, oto_cur_of(test_hex(hex, bytes, sizeof bytes)));
}

static void probes(void **state)
{
	struct test_host *t = *state;
	assert_int_equal(ask(t, ASK "7f01"), OTO_MINE); /* on its port little is asked */
	assert_int_equal(ask(t, "82 00 02 00 02 00 00 01 00 05 0101"), OTO_NOT_MINE);
	assert_int_equal(ask(t, "80 00 02"), OTO_NOT_MINE);
	t->head.resp_p = 9601;
	assert_int_equal(ask(t, ASK "0101"), OTO_MINE);
	assert_int_equal(ask(t, ASK "7f01"), OTO_NOT_MINE);
	assert_int_equal(ask(t, "80 00 09 00 02 00 00 01 00 05 0101"), OTO_NOT_MINE);
	assert_int_equal(ask(t, "00 00 00 00 00 00 00 00 00 00 0101"), OTO_NOT_MINE);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, test_teardown)
	static const struct CMUnitTest tests[] = { TEST(reads),
						   TEST(lists),
						   TEST(writes),
						   TEST(modes),
						   TEST(status),
						   TEST(identity),
						   TEST(programs),
						   TEST(files),
						   TEST(streams),
						   TEST(malformed),
						   TEST(unknown_everything),
						   TEST(probes) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
