/* pccc_test.c - commands and replies in their three carriers, addresses, values, modes, transfers, and what damaged messages do. */
#include "../testing.h"

extern const struct oto_analyzer *const oto_analyzer_pccc;

#define LACKS(said, text) assert_null(strstr(said, text))
#define EXECUTE "4b02 2067 2401 07 4d00 eeffc000 "
#define EXECUTED "cb00 0000 07 4d00 eeffc000 "
#define EMPTY16 "00000000 00000000 00000000 00000000"

enum { CLASS_PCCC = 0x67, CLASS_DH_PLUS = 0xa6 };

/* In CIP the parent delivers whole messages: nothing is framed here. */
struct fixture {
	struct test_host *t;
	struct oto_analyzer child;
};

static int setup(void **state)
{
	struct fixture *f = oto_calloc(1, sizeof *f);

	f->child = *oto_analyzer_pccc;
	f->child.pdu_len = NULL;
	f->t = test_host_new(oto_analyzer_pccc, OTO_TCP, 49152, 44818);
	f->t->analyzer = &f->child;
	f->t->cx.depth = 2;
	f->t->cx.key = CLASS_PCCC;
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	test_host_free(f->t);
	free(f);
	return 0;
}

static struct test_host *host(void **state)
{
	return ((struct fixture *)*state)->t;
}

static void reads_and_writes(void **state)
{
	struct test_host *t = host(state);
	const char *s = test_pdu(t, true, EXECUTE "0f00 0100 a2 0a 07 89 00 00");

	HAS(s, "operation read Protected typed logical read with three address fields target=data_file:N7:0");
	HAS(s, "size=10");
	s = test_pdu(t, false, EXECUTED "4f00 0100 2a00 feff");
	HAS(s, "values=42,-2");
	HAS(s, "address=N7:0");
	HAS(s, "outcome ok");
	HAS(test_pdu(t, true, EXECUTE "0f00 0200 a2 04 08 8a 01 00"), "target=data_file:F8:1");
	HAS(test_pdu(t, false, EXECUTED "4f00 0200 0000c03f"), "values=1.5");
	HAS(test_pdu(t, true, EXECUTE "0f00 0300 a2 02 04 86 03 02"), "target=data_file:T4:3.ACC");
	HAS(test_pdu(t, true, EXECUTE "0f00 0400 a2 02 06 88 03 01"), "target=data_file:R6:3.LEN");
	HAS(test_pdu(t, true, EXECUTE "0f00 0500 a2 02 ff2c01 89 ffe803 00"), "target=data_file:N300:1000");
	HAS(test_pdu(t, true, EXECUTE "0f00 0600 a2 02 02 84 01 00"), "target=data_file:S:1");
	HAS(test_pdu(t, true, EXECUTE "0f00 0700 a1 02 00 8b 01"), "target=data_file:O:1");
	HAS(test_pdu(t, true, EXECUTE "0f00 0800 a2 02 02 22 00 00"), "target=data_file:2:0");
	s = test_pdu(t, true, EXECUTE "0f00 0900 aa 02 07 89 00 00 2b00");
	HAS(s, "operation write");
	HAS(s, "values=43");
	s = test_pdu(t, true, EXECUTE "0f00 0a00 ab 02 03 85 00 00 0400 0400");
	HAS(s, "operation write Protected typed logical masked write with three address fields target=data_file:B3:0");
	HAS(s, "values=4");
	HAS(test_pdu(t, true, EXECUTE "0f00 0b00 a9 02 07 89 01 2c00"), "target=data_file:N7:1");
}

static void plc5_addresses(void **state)
{
	struct test_host *t = host(state);
	const char *s = test_pdu(t, true, EXECUTE "0f00 0100 01 0000 0400 06 07 0a 08");

	HAS(s, "operation read Word range read target=data_file:7:10");
	HAS(s, "size=8");
	HAS(test_pdu(t, true, EXECUTE "0f00 0200 68 0000 0400 06 07 0a 0400"), "operation read Typed read");
	HAS(test_pdu(t, true, EXECUTE "0f00 0300 67 0000 0100 00 24 4e373a3500 42 01 0500"), "target=data_file:$N7:5");
	HAS(test_pdu(t, true, EXECUTE "0f00 0400 26 06 03 01 feff 0100"), "operation write Read-modify-write target=data_file:3:1");
	HAS(test_pdu(t, true, EXECUTE "0f00 0500 02 0e 03 01 02 0100 0000"), "target=data_file:3:1.2");
}

static void words(void **state)
{
	struct test_host *t = host(state);

	HAS(test_pdu(t, true, EXECUTE "0100 0100 0a00 04"), "operation read Unprotected read target=data_file:word 10");
	HAS(test_pdu(t, false, EXECUTED "4100 0100 5a5a5a5a"), "outcome ok");
	HAS(test_pdu(t, true, EXECUTE "0800 0200 0a00 0100"), "operation write Unprotected write");
	HAS(test_pdu(t, true, EXECUTE "0f00 0300 17 00400000 08"), "operation program_read Read bytes physical target=memory:16384-16391");
}

static void modes(void **state)
{
	struct test_host *t = host(state);

	HAS(test_pdu(t, true, EXECUTE "0f00 0100 80 01"), "operation stop Change mode");
	HAS(test_pdu(t, true, EXECUTE "0f00 0200 80 06"), "operation start Change mode");
	HAS(test_pdu(t, true, EXECUTE "0f00 0300 80 07"), "operation mode Change mode");
	HAS(test_pdu(t, true, EXECUTE "0f00 0400 80 77"), "mode=unknown");
	HAS(test_pdu(t, true, EXECUTE "0f00 0500 3a 00"), "operation stop Set CPU mode");
	HAS(test_pdu(t, true, EXECUTE "0f00 0600 3a 02"), "operation start Set CPU mode");
	HAS(test_pdu(t, true, EXECUTE "0f00 0700 57"), "operation program_write Initialize memory");
	HAS(test_pdu(t, true, EXECUTE "0700 0800 00"), "operation stop Disable outputs");
}

static void diagnostic_status(void **state)
{
	struct test_host *t = host(state);

	HAS(test_pdu(t, true, EXECUTE "0600 0100 03"), "operation discover Diagnostic status");
	const char *s = test_pdu(t, false, EXECUTED "4600 0100 00 ee 49 9f 41 313736332d4c45432020 20 0000 26 00 005a 21fc");
	HAS(s, "fact model=1763-LEC\n");
	HAS(s, "fact revision=C/1\n");
	test_pdu(t, true, EXECUTE "0600 0200 03");
	LACKS(test_pdu(t, false, EXECUTED "4600 0200 00 eb 49 9f 41 313736332d4c45432020 20 0000"), "fact");
	test_pdu(t, true, EXECUTE "0600 0300 03");
	LACKS(test_pdu(t, false, EXECUTED "4600 0300 00 ee 49 9f 41 01020304050607080910 11"), "fact");
}

static void refusals(void **state)
{
	struct test_host *t = host(state);

	test_pdu(t, true, EXECUTE "0f00 0100 a2 02 63 89 00 00");
	HAS(test_pdu(t, false, EXECUTED "4ff0 0100 0b"), "outcome error Access denied, improper privilege");
	test_pdu(t, true, EXECUTE "0f00 0200 a2 02 63 89 00 00");
	HAS(test_pdu(t, false, EXECUTED "4f10 0200"), "outcome error Illegal command or format");
	test_pdu(t, true, EXECUTE "0f00 0300 a2 02 63 89 00 00");
	HAS(test_pdu(t, false, EXECUTED "4ff0 0300 7e"), "outcome error unknown status");
	HAS(test_pdu(t, false, EXECUTED "4f00 0900 0000"), "unmatched Typed command");
	HAS(test_pdu(t, false, EXECUTED "4100 0900 0000"), "unmatched Unprotected read");
	HAS(test_pdu(t, true, EXECUTE "0f00 0400 fe"), "operation other Typed command");
	HAS(test_pdu(t, true, EXECUTE "0300 0500 fe"), "operation other Unknown command");
}

static void transfers(void **state)
{
	struct test_host *t = host(state);

	test_pdu(t, true, EXECUTE "0f00 0100 50 01 0000 0010");
	test_pdu(t, false, EXECUTED "4f00 0100");
	HAS(test_pdu(t, true, EXECUTE "0f00 0200 af 03 0700 0000 22 616263"), "operation program_write");
	test_pdu(t, true, EXECUTE "0f00 0200 af 03 0700 0000 22 616263"); /* sent again */
	test_pdu(t, true, EXECUTE "0f00 0300 52");
	HAS(test_pdu(t, false, EXECUTED "4f00 0300"),
	    "program download complete program  size=3 "
	    "sha256=ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad by receiver");
	test_pdu(t, true, EXECUTE "0f00 0400 53 01 0000 0010");
	test_pdu(t, false, EXECUTED "4f00 0400");
	test_pdu(t, true, EXECUTE "0f00 0500 17 00400000 03");
	test_pdu(t, false, EXECUTED "4f00 0500 616263");
	t->analyzer->gap(&t->cx, 10);
	test_pdu(t, true, EXECUTE "0f00 0600 55");
	HAS(test_pdu(t, false, EXECUTED "4f00 0600"), "program upload cut program  size=3 by receiver");
	test_pdu(t, true, EXECUTE "0f00 0700 50");
	test_pdu(t, false, EXECUTED "4ff0 0700 1b");
	test_pdu(t, true, EXECUTE "0f00 0800 52");
	LACKS(test_pdu(t, false, EXECUTED "4f00 0800"), "program download");
	test_pdu(t, true, EXECUTE "0f00 0900 50");
	test_pdu(t, false, EXECUTED "4f00 0900");
	test_pdu(t, true, EXECUTE "0f00 0a00 18 00400000 616263");
	test_pdu(t, true, EXECUTE "0f00 0b00 52");
	HAS(test_pdu(t, false, EXECUTED "4ff0 0b00 0e"), "program download aborted program  size=3 error=Command cannot be executed");
	test_pdu(t, true, EXECUTE "0f00 0c00 50");
	test_pdu(t, false, EXECUTED "4f00 0c00");
	test_pdu(t, true, EXECUTE "0f00 0d00 18 00400000 616263");
	HAS(test_closing(t), "program download cut program  size=3");
}

static void open_files(void **state)
{
	struct test_host *t = host(state);

	HAS(test_pdu(t, true, EXECUTE "0f00 0100 81 01 0200 22"), "operation other Open file target=data_file:2");
	HAS(test_pdu(t, false, EXECUTED "4f00 0100 0700"), "outcome ok");
	HAS(test_pdu(t, true, EXECUTE "0f00 0200 a7 28 0700 0000 22"), "operation program_read Protected typed file read");
	HAS(test_pdu(t, true, EXECUTE "0f00 0300 a7 28 0700 0000 89"), "operation read Protected typed file read");
}

static void carriers(void **state)
{
	struct test_host *t = host(state);

	HAS(test_pdu(t, true, "4c02 2067 2401 0000 0200 0000 0500 0f00 0100 80 01"), "operation stop Change mode");
	HAS(test_pdu(t, true, "4d02 2067 2401 0f00 0200 80 01"), "operation stop Change mode");
	assert_string_equal(test_pdu(t, true, "0302 2067 2401 0100 0100"), ""); /* another service of the class */
	assert_string_equal(test_pdu(t, false, "cb00 1300"), "");
	t->cx.key = CLASS_DH_PLUS;
	HAS(test_pdu(t, true, "0000 0200 0000 0500 0f00 0300 80 01"), "operation stop Change mode unit=2");
	test_pdu(t, true, "0000 0200 0000 0500 0600 0500 03");
	HAS(test_pdu(t, false, "0000 0500 0000 0200 4600 0500 00 ee 49 9f 41 313736332d4c45432020 20 0000"),
	    "fact model=1763-LEC sub=node 2");
	t->cx.depth = 0;
	t->analyzer = oto_analyzer_pccc;
	assert_string_equal(test_pdu(t, true, "0101 0000 00000000 00000000" EMPTY16), "");
	HAS(test_pdu(t, true, "0107 000a 01020304 00000000" EMPTY16 "00050000 0f00 0400 80 01"), "operation stop Change mode");
	HAS(test_pdu(t, false, "0207 0008 01020304 00000000" EMPTY16 "00050000 4f00 0400"), "outcome ok");
	HAS(test_pdu(t, true, "0107 0002 01020304 00000000" EMPTY16 "0005"), "weird malformed_command");
}

static enum oto_answer ask(struct test_host *t, const char *hex)
{
	uint8_t bytes[64];
	return oto_analyzer_pccc->probe(&t->cx, oto_cur_of(test_hex(hex, bytes, sizeof bytes)));
}

static void probes(void **state)
{
	struct test_host *t = host(state);

	assert_int_equal(ask(t, "00"), OTO_MINE);
	t->cx.depth = 0;
	assert_int_equal(ask(t, "0101"), OTO_NEED_MORE);
	assert_int_equal(ask(t, "0107 000e"), OTO_MINE);
	assert_int_equal(ask(t, "0307 000e"), OTO_NOT_MINE);
	assert_int_equal(ask(t, "0109 000e"), OTO_NOT_MINE);
	assert_int_equal(ask(t, "0107 ffff"), OTO_NOT_MINE);
}

static uint32_t count(const char *said, const char *word)
{
	uint32_t n = 0;

	for (const char *p = said; (p = strstr(p, word)); p++)
		n++;
	return n;
}

/* A mode that is changed inside of another command is a mode that is changed. */
static void commands_in_commands(void **state)
{
	struct test_host *t = host(state);
	const char *s = test_pdu(t, true, EXECUTE "0f00 0100 88 03 02 8001 08 aa 02 07 89 00 00 2b00 04 88 01 02 80");

	LACKS(s, "operation none");
	HAS(s, "operation stop Change mode");
	HAS(s, "operation write Protected typed logical write with three address fields target=data_file:N7:0");
	HAS(s, "operation other Execute multiple commands");
	assert_int_equal(count(s, "weird malformed_command"), 1);
	s = test_pdu(t, false, EXECUTED "4ff0 0100 0b");
	assert_int_equal(count(s, "outcome error Access denied, improper privilege"), 4);
	assert_int_equal(count(test_pdu(t, false, EXECUTED "4f00 0100"), "outcome"), 1);
	HAS(test_pdu(t, true, EXECUTE "0f00 0200 88"), "operation other Execute multiple commands");
	s = test_pdu(t, true, EXECUTE "0f00 0300 88 02 09 80 01");
	assert_int_equal(count(s, "weird malformed_command"), 1);
	LACKS(s, "Change mode");
	test_pdu(t, true, EXECUTE "0f00 0400 88 04 01 50 0a af 03 0700 0000 22 616263 0a af 03 0700 0300 22 646566 01 52");
	HAS(test_pdu(t, false, EXECUTED "4f00 0400"), "program download complete program  size=6");
}

/* What CIP refuses says nothing inside: it comes with what its request began with. */
static void refused_by_cip(void **state)
{
	struct test_host *t = host(state);

	test_pdu(t, true, EXECUTE "0f00 0100 80 06");
	test_pdu(t, true, EXECUTE "0f00 0200 88 01 02 80 01");
	const char *s = test_pdu(t, false, "cb00 1000 07 4d00 eeffc000 0f00 0100 80 06");
	assert_int_equal(count(s, "outcome error Device state conflict"), 1);
	LACKS(s, "pccc.message");
	assert_int_equal(count(test_pdu(t, false, "cb00 1000 07 4d00 eeffc000 0f00 0200 88"), "outcome error Device state conflict"), 2);
	assert_string_equal(test_pdu(t, false, "cb00 1000 07 4d00 eeffc000 0f00 0200"), "");
	assert_string_equal(test_pdu(t, false, "cb00 1300"), "");
	assert_string_equal(test_pdu(t, false, "cb00 1300 07 4d00 eeffc000 0f"), "");
}

static void text_and_typed_data(void **state)
{
	struct test_host *t = host(state);

	HAS(test_pdu(t, true, EXECUTE "0f00 0100 ab 02 02 84 01 00 0f00 0100"), "mask=0x000f");
	test_pdu(t, true, EXECUTE "0f00 0200 a2 04 0a 8e 00 00");
	HAS(test_pdu(t, false, EXECUTED "4f00 0200 42414443"), "text=ABCD");
	test_pdu(t, true, EXECUTE "0f00 0300 a2 54 09 8d 00 00");
	HAS(test_pdu(t, false, EXECUTED "4f00 0300 0300 4241 0043" EMPTY16 EMPTY16 EMPTY16 EMPTY16 "00000000 00000000 00000000 0000"),
	    "text=ABC");
	test_pdu(t, true, EXECUTE "0f00 0400 a2 54 09 8d 00 00");
	LACKS(test_pdu(t, false, EXECUTED "4f00 0400 6000 4241 0043" EMPTY16 EMPTY16 EMPTY16 EMPTY16 "00000000 00000000 00000000 0000"),
	      "text=");
	test_pdu(t, true, EXECUTE "0f00 0500 a2 02 0a 8e 00 00");
	LACKS(test_pdu(t, false, EXECUTED "4f00 0500 01ff"), "text=");
	test_pdu(t, true, EXECUTE "0f00 0600 68 0000 0200 06 07 0a 0200");
	HAS(test_pdu(t, false, EXECUTED "4f00 0600 990905 42 0100 feff"), "values=1,-2");
	HAS(test_pdu(t, true, EXECUTE "0f00 0700 67 0000 0100 06 08 00 9408 0000c03f"), "values=1.5");
	HAS(test_pdu(t, true, EXECUTE "0f00 0800 67 0000 0100 06 09 00 44 feffffff"), "values=-2");
	HAS(test_pdu(t, true, EXECUTE "0f00 0900 67 0000 0100 06 03 00 22 0f80"), "values=32783");
	HAS(test_pdu(t, true, EXECUTE "0f00 0a00 67 0000 0100 06 03 00 52 0f80"), "data=520f80");
	HAS(test_pdu(t, true, EXECUTE "0f00 0b00 67 0000 0100 06 03 00 ff"), "data=ff");
}

/* Cut at every length, nothing crashes, and what is cut says so. */
static void cut(void **state)
{
	static const char *const whole[] = {
		EXECUTE "0f00 0100 a2 0a 07 89 00 00",
		EXECUTE "0f00 0200 ab 02 03 85 00 00 0400 0400",
		EXECUTE "0f00 0300 01 0000 0400 06 07 0a 08",
		EXECUTE "0f00 0400 67 0000 0100 00 24 4e373a3500 42 01 0500",
		EXECUTE "0f00 0500 af 03 0700 0000 22 616263",
		EXECUTE "0f00 0600 81 01 0200 22",
		EXECUTE "0f00 0700 17 00400000 08",
		EXECUTED "4600 0800 00 ee 49 9f 41 313736332d4c45432020 20 0000",
		"4c02 2067 2401 0000 0200 0000 0500 0f00 0100 80 01",
		EXECUTE "0f00 0a00 88 02 02 8001 08 aa 02 07 89 00 00 2b00",
		EXECUTE "0f00 0b00 67 0000 0100 06 08 00 9408 0000c03f",
	};
	struct test_host *t = host(state);

	for (uint32_t i = 0; i < sizeof whole / sizeof *whole; i++) {
		uint8_t bytes[128];
		struct oto_slice s = test_hex(whole[i], bytes, sizeof bytes);
		for (uint32_t n = 0; n < s.len; n++)
			test_bytes(t, i != 7, (struct oto_slice){ s.data, n });
	}
	HAS(test_pdu(t, true, EXECUTE "0f00 0100 a2 0a 07"), "weird malformed_command");
	HAS(test_pdu(t, true, "4b02 2067 2401 09 4d00"), "weird malformed_requestor");
	HAS(test_pdu(t, true, "4b02 2067 2401 00"), "weird malformed_requestor");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(reads_and_writes, setup, teardown),
		cmocka_unit_test_setup_teardown(plc5_addresses, setup, teardown),
		cmocka_unit_test_setup_teardown(words, setup, teardown),
		cmocka_unit_test_setup_teardown(modes, setup, teardown),
		cmocka_unit_test_setup_teardown(diagnostic_status, setup, teardown),
		cmocka_unit_test_setup_teardown(refusals, setup, teardown),
		cmocka_unit_test_setup_teardown(transfers, setup, teardown),
		cmocka_unit_test_setup_teardown(open_files, setup, teardown),
		cmocka_unit_test_setup_teardown(carriers, setup, teardown),
		cmocka_unit_test_setup_teardown(probes, setup, teardown),
		cmocka_unit_test_setup_teardown(commands_in_commands, setup, teardown),
		cmocka_unit_test_setup_teardown(refused_by_cip, setup, teardown),
		cmocka_unit_test_setup_teardown(text_and_typed_data, setup, teardown),
		cmocka_unit_test_setup_teardown(cut, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
