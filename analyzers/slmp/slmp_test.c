/* slmp_test.c - frames 1E, 3E and 4E in both formats, pairing, the probe, and what damaged messages do. */
#include "../testing.h"
#include "slmp_tables.h"

extern const struct oto_analyzer *const oto_analyzer_slmp;

static int setup(void **state)
{
	*state = test_host_new(oto_analyzer_slmp, OTO_TCP, 49152, 5007);
	return 0;
}

/* The manual's own example: D100, three points. */
static void reads(void **state)
{
	struct test_host *t = *state;
	const char *s = test_pdu(t, true, "5000 00 ff ff03 00 0c00 1000 0104 0000 640000 a8 0300");
	HAS(s, "operation read read target=D:100-102\n");
	HAS(s, "device_code=D head_device=100 points=3");
	s = test_pdu(t, false, "d000 00 ff ff03 00 0800 0000 3412 0200 ef1d");
	HAS(s, "outcome ok");
	HAS(s, "values=4660,2,7663");
	test_pdu(t, true, "5000 00 ff ff03 00 0c00 1000 0104 0100 640000 90 0500");
	HAS(test_pdu(t, false, "d000 00 ff ff03 00 0500 0000 000110"), "values=0,0,0,1,1");
}

static void ascii(void **state)
{
	struct test_host *t = *state;
	static const char ask[] = "500000FF03FF000018001004010000D*0001000003", answer[] = "D00000FF03FF000010000012340002ABCD";
	const char *s = test_bytes(t, true, (struct oto_slice){ (const uint8_t *)ask, sizeof ask - 1 });
	HAS(s, "operation read read target=D:100-102\n");
	s = test_bytes(t, false, (struct oto_slice){ (const uint8_t *)answer, sizeof answer - 1 });
	HAS(s, "values=4660,2,43981");
	static const char wrong[] = "500000FF03FF000018001004010000D*00010G0003";
	s = test_bytes(t, true, (struct oto_slice){ (const uint8_t *)wrong, sizeof wrong - 1 });
	HAS(s, "weird unexpected_content");
	HAS(s, "operation read read\n");
}

static void serials(void **state)
{
	struct test_host *t = *state;
	test_pdu(t, true, "5400 0100 0000 00 ff ff03 00 0c00 1000 0104 0000 640000 a8 0100");
	test_pdu(t, true, "5400 0200 0000 00 ff ff03 00 0a00 1000 0210 0000 0100 0000");
	HAS(test_pdu(t, false, "d400 0200 0000 00 ff ff03 00 0200 0000"), "command=remote_stop");
	HAS(test_pdu(t, false, "d400 0100 0000 00 ff ff03 00 0b00 56c0 00ff ff03 00 0104 0000"), "outcome error address_out_of_range\n");
	HAS(test_pdu(t, false, "d400 0900 0000 00 ff ff03 00 0b00 56c0 00ff ff03 00 0104 0000"), "unmatched read");
}

static void remote(void **state)
{
	struct test_host *t = *state;
	HAS(test_pdu(t, true, "5000 00 ff ff03 00 0a00 1000 0110 0000 0300 0200"), "operation start remote_run");
	HAS(test_pdu(t, true, "5000 00 ff ff03 00 0800 1000 0610 0000 0100"), "operation reset remote_reset");
	const char *s = test_pdu(t, true, "5000 02 05 ff03 00 0c00 1000 3016 0000 0400 31323334");
	HAS(s, "operation authenticate remote_password_unlock unit=517");
	HAS(s, "password_length=4");
	assert_null(strstr(s, "1234"));
	test_pdu(t, true, "5000 00 01 ff03 00 0600 1000 0101 0000");
	HAS(test_pdu(t, false, "d000 00 01 ff03 00 1400 0000 5130335544564350552020202020202066 03"),
	    "fact model=Q03UDVCPU sub=network 0 station 1");
}

static void old_frame(void **state)
{
	struct test_host *t = *state;
	HAS(test_pdu(t, true, "01 ff 0a00 64000000 2044 03 00"), "operation read batch_read_word target=D:100-102\n");
	HAS(test_pdu(t, false, "81 00 0100 0200 0300"), "values=1,2,3");
	HAS(test_pdu(t, true, "14 ff 0a00"), "operation stop remote_stop_1e");
	HAS(test_pdu(t, false, "94 5b 1000"), "outcome error cpu_error_1e");
	/* two answers in one segment: what was asked says where the first ends */
	test_pdu(t, true, "01 ff 0a00 64000000 2044 01 00 01 ff 0a00 64000000 2044 02 00");
	HAS(test_pdu(t, false, "81 00 0100 81 00 0200 0300"), "values=2,3");
}

static const char *say(struct test_host *t, bool is_orig, const char *text)
{
	return test_bytes(t, is_orig, (struct oto_slice){ (const uint8_t *)text, (uint32_t)strlen(text) });
}

/* A request of frame 3E with the right length: command, subcommand and what follows in hexadecimal. */
static const char *asks(struct test_host *t, const char *content)
{
	static char hex[1024];
	uint8_t bytes[512];
	struct oto_slice s = test_hex(content, bytes, sizeof bytes);
	snprintf(hex, sizeof hex, "5000 00 ff ff03 00 %02x%02x 1000 %s", (s.len + 2) & 255, (s.len + 2) >> 8, content);
	return test_pdu(t, true, hex);
}

static const char *answers(struct test_host *t, const char *content)
{
	static char hex[1024];
	uint8_t bytes[512];
	struct oto_slice s = test_hex(content, bytes, sizeof bytes);
	snprintf(hex, sizeof hex, "d000 00 ff ff03 00 %02x%02x %s", s.len & 255, s.len >> 8, content);
	return test_pdu(t, false, hex);
}

/* Forms of iQ-R and the manual's examples of devices behind modules, networks, index registers and addresses. */
static void extended_devices(void **state)
{
	struct test_host *t = *state;
	HAS(asks(t, "0104 0200 64000000 a800 0300"), "operation read read target=D:100-102\n");
	HAS(asks(t, "0104 0300 64000000 9000 0800"), "unit_size=bit device_code=M head_device=100 points=8");
	HAS(asks(t, "0104 8000 0000 010000 ab 0000 0300 f8 0100"), "target=device:U3\\\\G1\n");
	HAS(asks(t, "0104 8000 0000 000100 b4 0000 0100 f9 0200"), "target=device:J1\\\\W100-101\n");
	HAS(asks(t, "0104 8000 0000 000100 b4 0040 0100 f9 0100"), "target=device:J1Z0\\\\W100\n");
	HAS(asks(t, "0104 8000 0440 640000 a8 0000 0000 00 0100"), "target=device:D100Z4\n");
	HAS(asks(t, "0104 8000 0008 000000 a8 0000 0000 00 0100"), "target=device:@D0\n");
	HAS(asks(t, "0104 8200 0000 01000000 ab00 0000 e003 fa 0100"), "target=device:U3E0\\\\G1\n");
	HAS(asks(t, "0104 8200 0280 64000000 a800 0000 0000 00 0100"), "target=device:D100LZ2\n");
	HAS(asks(t, "0104 8000 0000 640000 a8 0000 0000 00 0300"), "target=D:100-102\n");
	HAS(asks(t, "0304 8000 01 01 0000 010000 ab 0000 0300 f8 0000 640000 a8 0000 0000 00"), "target=device:U3\\\\G1 D100-101\n");
	HAS(say(t, true,
		"500000FF03FF0000240010"
		"04010080"
		"00U003000G*000001000"
		"0001"),
	    "target=device:U3\\\\G1\n");
	HAS(say(t, true,
		"500000FF03FF0000240010"
		"04010080"
		"00J001000W*000100000"
		"0001"),
	    "target=device:J1\\\\W100\n");
	HAS(say(t, true,
		"500000FF03FF0000240010"
		"04010080"
		"0@0000000D*000000Z02"
		"0001"),
	    "target=device:@D0Z2\n");
	HAS(say(t, true,
		"500000FF03FF00002C0010"
		"04010082"
		"00U3E00000G***00000000010000"
		"0001"),
	    "target=device:U3E0\\\\G1\n");
	HAS(say(t, true,
		"500000FF03FF00001C0010"
		"04010002"
		"D***00000100"
		"0003"),
	    "target=D:100-102\n");
	HAS(say(t, true,
		"500000FF03FF0000180010"
		"04010000"
		"D*   100"
		"0003"),
	    "target=D:100-102\n");
}

static void values_of_many(void **state)
{
	struct test_host *t = *state;
	asks(t, "0304 0000 02 01 640000 a8 000000 c2 dc0500 a8");
	const char *s = answers(t, "0000 9519 0212 4e4f544c");
	HAS(s, "values=6549,4610,1280593742");
	s = asks(t, "0214 0000 01 01 000000 a8 5005 dc0500 a8 02074743");
	HAS(s, "devices=D0 D1500-1501 values=1360,1128728322");
	HAS(asks(t, "0214 0100 02 320000 90 00 2f0000 9d 01"), "devices=M50 Y2F values=0,1");
	HAS(asks(t, "0214 0300 02 32000000 9000 0000 2f000000 9d00 0100"), "devices=M50 Y2F values=0,1");
	s = asks(t, "0614 0000 01 01 000000 a8 0200 0800 2030 000000 90 0100 0220");
	HAS(s, "target=device:D0-1 M0-15\n");
	HAS(s, "values=8,12320,8194");
	for (int i = 0; i < 4; i++)
		answers(t, "0000");
	asks(t, "0604 0000 01 01 000000 a8 0200 000000 90 0100");
	HAS(answers(t, "0000 0800 2030 0220"), "values=8,12320,8194");
	asks(t, "0108 0000 01 01 000000 a8 640000 a8");
	answers(t, "0000");
	asks(t, "0208 0000");
	HAS(answers(t, "0000 0100 02000300"), "values=1,196610");
}

static void labels(void **state)
{
	struct test_host *t = *state;
	const char *s = asks(t, "1a04 0000 0100 0000 0600 4c0062006c005b0032005d00 01 00 0a00");
	HAS(s, "operation read array_label_read target=label:Lbl[2]\n");
	s = answers(t, "0000 0100 02 01 0a00 44006100740061003100");
	HAS(s, "values=68,0,97,0,116,0,97,0,49,0");
	s = asks(t, "1b14 0000 0100 0100 0400 4d006f0074006f00 0400 2500310041004200 0200 3100");
	HAS(s, "operation write label_write_random target=label:%Moto %1AB\n");
	HAS(s, "values=49,0");
	HAS(asks(t, "1a14 0000 0100 0000 0300 4c0062006c00 00 00 0200 0300"), "values=3,0");
	HAS(asks(t, "1c04 0000 0100 0000 0300 4c0062006c00"), "target=label:Lbl\n");
}

static void files(void **state)
{
	struct test_host *t = *state;
	HAS(asks(t, "2718 0000 31323334 0001 0000 0700 4142432e515047"), "operation program_write open_file target=file:ABC.QPG\n");
	HAS(answers(t, "0000 0100"), "file_pointer=1");
	asks(t, "2918 0000 0100 00000000 0300 616263");
	answers(t, "0000 0300");
	asks(t, "2a18 0000 0100 0000");
	HAS(answers(t, "0000"), "program download complete file ABC.QPG");
	const char *s = asks(t, "2418 0000 0000000000000000 31323334 0000 0700 4342412e515047 31323334 0000 0700 4142432e515047");
	HAS(s, "operation program_write copy_file target=file:CBA.QPG\n");
	assert_null(strstr(s, "1234"));
	s = asks(t, "2518 4000 0400 41424344 0400 0100 0800 4c0049004e0045002e00430053005600");
	HAS(s, "target=file:LINE.CSV\n");
	HAS(s, "attribute=1");
	answers(t, "0000");
	answers(t, "0000");
	s = asks(t, "2218 0400 4142434431323334202020202020202020202020202020202020202020202020 0000 0800 4d41494e2e515047");
	HAS(s, "operation program_write delete_file target=file:MAIN.QPG\n");
	assert_null(strstr(s, "ABCD"));
	HAS(answers(t, "2240"), "program delete aborted file MAIN.QPG");
	HAS(asks(t, "1018 4000 0000 0400 01000000 0300 0600 530055004200440049005200"), "target=file:SUBDIR\n");
	HAS(asks(t, "1118 0000 20202020 0000 0000 0700 4142432e515047"), "operation program_read search_file target=file:ABC.QPG\n");
	HAS(asks(t, "0512 0000 00000000 0100 0200 4d41494e20202020 515047 00"),
	    "operation program_write delete_file_by_number target=file:MAIN.QPG\n");
	s = asks(t, "2718 0000 313233");
	HAS(s, "weird unexpected_content");
	assert_null(strstr(s, "data="));
}

static void file_both_ways(void **state)
{
	struct test_host *t = *state;
	asks(t, "2718 0000 31323334 0003 0000 0700 4142432e515047");
	answers(t, "0000 0100");
	asks(t, "2818 0000 0100 00000000 0300");
	answers(t, "0000 0300 616263");
	asks(t, "2918 0000 0100 00000000 0200 7879");
	answers(t, "0000 0200");
	asks(t, "2a18 0000 0100 0000");
	const char *s = answers(t, "0000");
	HAS(s, "program upload complete file ABC.QPG size=3 sha256=ba7816bf");   /* of "abc" */
	HAS(s, "program download complete file ABC.QPG size=2 sha256=769a4e6d"); /* of "xy" */

	asks(t, "2718 0000 31323334 0003 0000 0700 4142432e515047");
	answers(t, "0000 0100");
	asks(t, "2818 0000 0100 00000000 0300");
	answers(t, "0000 0300 616263");
	asks(t, "2918 0000 0100 00000000 0200 7879");
	s = answers(t, "2240");
	HAS(s, "program upload cut file ABC.QPG");
	HAS(s, "program download aborted file ABC.QPG");
}

static void old_frame_in_full(void **state)
{
	struct test_host *t = *state;
	HAS(test_pdu(t, true, "0e ff 0a00 f00700 04 13 00"), "operation read module_buffer_read target=module_memory:2032-2035\n");
	HAS(test_pdu(t, false, "8e 00 09 18 20 34"), "values=9,24,32,52");
	HAS(test_pdu(t, true, "17 ff 0a00 46000000 2052 0200 03 00"), "target=R:70-72\n");
	HAS(test_pdu(t, false, "97 00 3412 6587 3f01"), "values=4660,34661,319");
	HAS(test_pdu(t, true, "19 ff 0a00 01 00 46000000 2052 0200 3412"), "values=4660");
	HAS(test_pdu(t, true, "3b ff 0a00 46000000 2052 04 00"), "operation read extension_file_register_direct_read target=R:70-73\n");
	HAS(test_pdu(t, true, "16 ff 0a00 03 414243"), "operation diagnose loopback_test_1e\n");
	HAS(say(t, true,
		"01FF000A44200000006403"
		"00"),
	    "operation read batch_read_word target=D:100-102\n");
	HAS(say(t, false, "8100123400020003"), "values=4660,2,3");
	HAS(say(t, true,
		"02FF000A4D20000000320300"
		"1010"),
	    "values=1,0,1");
	HAS(say(t, true,
		"05FF000A0200"
		"4420000000640102"
		"4420000000650003"),
	    "devices=D100 D101 values=258,3");
}

static void nodes(void **state)
{
	struct test_host *t = *state;
	t->cx.transport = t->head.transport = OTO_UDP;
	HAS(test_pdu(t, true, "5400 0100 0000 00 ff ff03 00 1100 0000 300e 0000 060504030201 04 0100000a"),
	    "operation discover node_search\n");
	const char *s = test_pdu(t, false,
				 "d400 0100 0000 00 ff ff03 00 3500 0000 060504030201 04 0100000a 060504032600 04 0200000a 00ffffff "
				 "ffffffff 00 3412 01100000 0200 04 ffffffff ffff 0000 0bf0 01");
	HAS(s, "fact ip=10.0.0.2\nfact vendor_code=0x1234\nfact model_code=0x00001001\nfact device_version=0x0002\n");
	HAS(s, "node_mac=00:26:03:04:05:06 node_ip=10.0.0.2 netmask=255.255.255.0 vendor_code=4660 node_model=4097 node_version=2 "
	       "node_status=0 "
	       "node_port=61451");
	s = test_pdu(t, true,
		     "5400 0200 0000 00 ff ff03 00 2900 0000 310e 0000 060504030201 04 0100000a 060504032600 04 0300000a 00ffffff ffffffff "
		     "00 04 ffffffff ffff 01");
	HAS(s, "operation configure ip_address_set\n");
	HAS(s, "new_ip=10.0.0.3");
	HAS(test_pdu(t, false, "d400 0200 0000 00 ff ff03 00 0800 0000 060504030201"), "fact ip=10.0.0.3\n");
}

/* What a CC-Link IE TSN frame carries beside its own configuration. */
static void lmt(void **state)
{
	struct test_host *t = *state;
	t->cx.transport = t->head.transport = OTO_UDP;
	t->cx.depth = 1;
	HAS(test_pdu(t, true, "6800 0500 0000 00 ff ff03 00 00 0000 0800 0000 0210 0000 0100"), "operation stop remote_stop\n");
	HAS(test_pdu(t, false, "e800 0500 0000 00 ff ff03 00 00 0000 0600 0000 0210 0000"), "outcome ok\n");
	HAS(test_pdu(t, true, "6800 0600 0000 00 ff ff03 00 00 0000 0c00 0000 2040 0200 8160 0001 0200"),
	    "operation write object_access target=object:24705\n");
}

/* Every command's content cut short: the command is told, nothing is read beyond the end. */
static void cut(void **state)
{
	struct test_host *t = *state;
	for (uint32_t i = 0; i < slmp_commands.count; i++) {
		uint32_t code = slmp_commands.row[i].value;
		for (uint32_t n = 0; n < 40 && code >= 0x100; n++) {
			uint8_t pdu[15 + 40] = {
				0x50, 0, 0, 0xff, 0xff, 3, 0, (uint8_t)(6 + n), 0, 0x10, 0, (uint8_t)code, (uint8_t)(code >> 8)
			};
			memset(pdu + 15, 1, n);
			HAS(test_bytes(t, true, (struct oto_slice){ pdu, 15 + n }), "operation ");
			pdu[0] = 0xd0;
			pdu[7] = (uint8_t)(2 + n);
			pdu[9] = 0;
			HAS(test_bytes(t, false, (struct oto_slice){ pdu, 11 + n }), "slmp.message ");
		}
	}
}

static void malformed(void **state)
{
	struct test_host *t = *state;
	HAS(test_pdu(t, true, "5001 00 ff ff03 00 0c00 1000"), "pdu_len -1");
	HAS(test_pdu(t, true, "5000 00 ff ff03 00 0200 1000"), "pdu_len -1");
	HAS(test_pdu(t, true, "5000 00 ff ff03"), "pdu_len 0");
	HAS(asks(t, "0104 0000 640000 a8"), "weird unexpected_content");
	HAS(asks(t, "0114 0000 640000 a8 ffff"), "weird unexpected_content");
	HAS(asks(t, "0304 0000 ffff"), "weird unexpected_content");
	HAS(asks(t, "1c04 0000 ffff ffff"), "weird unexpected_content");
	HAS(asks(t, "7777 0000"), "weird unknown_command");
	HAS(asks(t, "0210 0000"), "operation stop remote_stop\n");
	t->head.resp_p = 9000;
	HAS(test_pdu(t, true, "5000 00 ff ff09 00 0c00 1000"), "pdu_len -1");
}

static enum oto_answer ask(struct test_host *t, const char *hex)
{
	uint8_t bytes[256];
	return oto_analyzer_slmp->probe(&t->cx, oto_cur_of(test_hex(hex, bytes, sizeof bytes)));
}

static void probes(void **state)
{
	struct test_host *t = *state;
	assert_int_equal(ask(t, "5000 00 ff ff03 00 0c00 1000 0104 0000 640000 a8 0300"), OTO_MINE);
	assert_int_equal(ask(t, "5000 00 ff ff03 00 0c00"), OTO_NEED_MORE);
	assert_int_equal(ask(t, "5000 00 ff ff03 00 0c00 1000 7777 0000 640000 a8 0300"), OTO_NOT_MINE);
	assert_int_equal(ask(t, "d000 00 ff ff03 00 0200 0000"), OTO_MINE);
	assert_int_equal(ask(t, "01 ff 0a00 64000000 2044 03 00"), OTO_MINE);
	assert_int_equal(ask(t, "01 ff 0a00 64000000 5151 03 00"), OTO_NOT_MINE);
	assert_int_equal(ask(t, "0000 0000 0006 01 03 0000 0001"), OTO_NOT_MINE);
	assert_int_equal(ask(t, "474554202f20485454502f312e310d0a"), OTO_NOT_MINE);
	t->cx.state = NULL; /* a probe has none */
	assert_int_equal(ask(t, "81 00 0100 0200 0300"), OTO_MINE);
	t->head.resp_p = 61450;
	assert_int_equal(ask(t, "5000 00 ff ff03 00 0c00 1000 0104 0000 640000 a8 0300"), OTO_NOT_MINE);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, test_teardown)
	static const struct CMUnitTest tests[] = { TEST(reads),
						   TEST(ascii),
						   TEST(serials),
						   TEST(remote),
						   TEST(old_frame),
						   TEST(old_frame_in_full),
						   TEST(extended_devices),
						   TEST(values_of_many),
						   TEST(labels),
						   TEST(files),
						   TEST(file_both_ways),
						   TEST(nodes),
						   TEST(lmt),
						   TEST(cut),
						   TEST(malformed),
						   TEST(probes) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
