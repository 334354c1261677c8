/* smb_test.c - both generations' messages, compounds and chains, contents in pieces and with losses, pipes, removal and renaming, damage.
 */
#include "../testing.h"

extern const struct oto_analyzer *const oto_analyzer_smb;

static int setup(void **state)
{
	*state = test_host_new(oto_analyzer_smb, OTO_TCP, 40000, 445);
	return 0;
}

#define SHARE "\\\\\\\\s\\\\d" /* \\s\d as logs write it */
#define ZERO4 "00000000"
#define ZERO8 ZERO4 ZERO4
#define ZERO16 ZERO8 ZERO8
/* Status, command, flags, next, message number (a byte), tree (a byte). */
#define HEAD2(status, command, flags, next, id, tree)                                                                                      \
	"fe534d42 4000 0000" status command "0100" flags next id "00000000000000" ZERO4 tree "000000 0500000000000000" ZERO16
#define ASK(command, id, tree) HEAD2(ZERO4, command, ZERO4, ZERO4, id, tree)
#define ANSWER(command, id, tree) HEAD2(ZERO4, command, "01000000", ZERO4, id, tree)
#define FAILED(status, command, id) HEAD2(status, command, "01000000", ZERO4, id, "01")
#define FILE_ID "0100000000000000 0200000000000000"

/* \\s\d */
#define TREE "00000052" HEAD2(ZERO4, "0300", ZERO4, ZERO4, "01", "00") "0900 0000 4800 0a00 5c005c0073005c006400"
#define TREE_ANSWER(type) "00000050" ANSWER("0300", "01", "01") "1000" type "00" ZERO4 ZERO4 "ff011f00"
/* Opens a.exe. */
#define CREATE(options)                                                                                                                    \
	"00000082" ASK("0500", "02", "01") "3900 00 00" ZERO4 ZERO16 "ff011f00" ZERO4 ZERO4 "05000000" options "7800 0a00" ZERO8           \
					   "61002e00650078006500"
#define CREATE_ANSWER                                                                                                                      \
	"00000098" ANSWER("0500", "02", "01") "5900 00 00 02000000 0080c5a19de0da01 0080c5a19de0da01 0080c5a19de0da01 0080c5a19de0da01"    \
					      "0010000000000000 4200000000000000 20000000" ZERO4 FILE_ID ZERO8
#define WRITE(len, count, data) "000000" len ASK("0900", "03", "01") "3100 7000" count "0000000000000000" FILE_ID ZERO8 ZERO8 data
#define SET_INFO(len, class, count, info) "000000" len ASK("1100", "04", "01") "2100 01" class count "6000 0000" ZERO4 FILE_ID info
#define CLOSE "00000058" ASK("0600", "05", "01") "1800 0000" ZERO4 FILE_ID

static void open_share(struct test_host *t, const char *answer)
{
	test_pdu(t, true, TREE);
	test_pdu(t, false, answer);
	test_pdu(t, true, CREATE(ZERO4));
	test_pdu(t, false, CREATE_ANSWER);
}

static void files(void **state)
{
	struct test_host *t = *state;

	test_pdu(t, true, TREE);
	const char *said = test_pdu(t, false, TREE_ANSWER("01"));
	SAID(said, "smb.tree", "ts=1.001000 path=" SHARE " share_type=DISK");
	HAS(said, "fact share=d\nfact role=file server\n");
	HAS(said, "smb.command ts=1.001000 version=SMB2 command=TREE_CONNECT message_id=1 status=SUCCESS rtt=0.001000");
	test_pdu(t, true, CREATE(ZERO4));
	SAID(test_pdu(t, false, CREATE_ANSWER), "smb.file",
	     "ts=1.003000 action=SMB::FILE_OPEN path=" SHARE " name=a.exe size=66 modified=1722137058.941337 accessed=1722137058.941337 "
	     "created=1722137058.941337 changed=1722137058.941337 share=" SHARE " version=SMB2 logged=T");
	said = test_pdu(t, true, WRITE("74", "04000000", "4d5a9000"));
	HAS(said, "action=SMB::FILE_WRITE");
	SAID(said, "smb.executable_written", "share=" SHARE " name=a.exe kind=windows");
	HAS(test_pdu(t, true, SET_INFO("61", "0d", "01000000", "01")), "action=SMB::FILE_DELETE");
	HAS_NOT(test_pdu(t, true, SET_INFO("61", "0d", "01000000", "00")), "FILE_DELETE");
	HAS(test_pdu(t, true, SET_INFO("76", "0a", "16000000", "00 00000000000000" ZERO8 "02000000 6200")),
	    "action=SMB::FILE_RENAME path=" SHARE " name=b prev_name=a.exe");
	HAS(test_pdu(t, true, CLOSE), "action=SMB::FILE_CLOSE");
	HAS_NOT(test_pdu(t, true, CLOSE), "FILE_CLOSE");
}

/* The same file again within minutes is not told again. */
static void once(void **state)
{
	struct test_host *t = *state;

	open_share(t, TREE_ANSWER("01"));
	test_pdu(t, true, CREATE(ZERO4));
	HAS(test_pdu(t, false, CREATE_ANSWER), "logged=F");
	t->head.ts.ns += INT64_C(200000000000);
	test_pdu(t, true, CREATE("00100000")); /* to be removed when it is closed */
	const char *said = test_pdu(t, false, CREATE_ANSWER);
	HAS(said, "logged=T");
	HAS(said, "FILE_DELETE");
}

static void refused(void **state)
{
	struct test_host *t = *state;

	test_pdu(t, true, CREATE(ZERO4));
	const char *said = test_pdu(t, false, "00000049" FAILED("220000c0", "0500", "02") "0900 0000" ZERO4 "00");
	HAS_NOT(said, "smb.file");
	HAS(said, "status=ACCESS_DENIED");
	/* Later, not now: the answer proper is still to come. */
	test_pdu(t, true, CREATE(ZERO4));
	HAS_NOT(test_pdu(t, false, "00000049" HEAD2("03010000", "0500", "03000000", ZERO4, "02", "01") "0900 0000" ZERO4 "00"),
		"smb.command");
	HAS(test_pdu(t, false, CREATE_ANSWER), "SMB::FILE_OPEN");
	said = test_pdu(t, false, "00000049" FAILED("6d0000c0", "0100", "09") "0900 0000" ZERO4 "00");
	HAS(said, "smb.session version=SMB2 session=0x05 status=LOGON_FAILURE success=F");
}

/* Contents come as they come: head, pieces of any size, a loss in their midst, the next message behind them. */
static void contents(void **state)
{
	struct test_host *t = *state;

	open_share(t, TREE_ANSWER("01"));
	const char *said = test_pdu(t, true, "00001070" ASK("0900", "03", "01") "3100 7000 00100000 0000000000000000" FILE_ID ZERO8 ZERO8);
	HAS_NOT(said, "pdu_len");
	HAS_NOT(test_pdu(t, true, "4d"), "executable");
	HAS(test_pdu(t, true, "5a90 00"), "smb.executable_written");
	assert_true(t->analyzer->lost_inside(&t->cx, 4000));
	t->analyzer->gap(&t->cx, 4000);
	assert_false(t->analyzer->lost_inside(&t->cx, 4000));
	/* 92 bytes are left. */
	uint8_t rest[92] = { 0 };
	test_bytes(t, true, (struct oto_slice){ rest, sizeof rest });
	HAS(test_pdu(t, true, CLOSE), "FILE_CLOSE");
	t->analyzer->gap(&t->cx, 0);
}

static void pipes(void **state)
{
	struct test_host *t = *state;

	open_share(t, TREE_ANSWER("02"));
	HAS(test_pdu(t, true, WRITE("74", "04000000", "05000b03")), "stream 0/1 05000b03");
	test_pdu(t, true, "00000071" ASK("0800", "06", "01") "3100 5000 00040000" ZERO8 FILE_ID ZERO16 "00");
	HAS(test_pdu(t, false, "00000052" ANSWER("0800", "06", "01") "1100 5000 02000000" ZERO8 "0500"), "stream 0/1 0500");
	/* A transaction: question and answer at once. */
	HAS(test_pdu(t, true,
		     "0000007a" ASK("0b00", "07", "01") "3900 0000 17c01100" FILE_ID "78000000 02000000" ZERO4 ZERO8
							"00040000 01000000" ZERO4 "0102"),
	    "stream 0/1 0102");
	HAS(test_pdu(t, false,
		     "00000072" ANSWER("0b00", "07", "01") "3100 0000 17c01100" FILE_ID "70000000" ZERO4 "70000000 02000000" ZERO8 "0304"),
	    "stream 0/1 0304");
}

/* Created, removed and closed in one frame: the second and third name the first one's file. */
static void compound(void **state)
{
	struct test_host *t = *state;
	const char *any = "ffffffffffffffff ffffffffffffffff";
	char hex[2048];

	snprintf(hex, sizeof hex,
		 "00000148" HEAD2(ZERO4, "0500", ZERO4, "88000000", "02",
				  "01") "3900 00 00" ZERO4 ZERO16 "ff011f00" ZERO4 ZERO4 "05000000" ZERO4 "7800 0a00" ZERO8
					"61002e00650078006500 000000000000" HEAD2(ZERO4, "1100", "04000000", "68000000", "03",
										  "01") "2100 010d 01000000 6000 0000" ZERO4
											"%s 01 00000000000000" HEAD2(
											    ZERO4, "0600", "04000000", ZERO4, "04",
											    "01") "1800 0000" ZERO4 "%s",
		 any, any);
	const char *said = test_pdu(t, true, hex);
	HAS(said, "action=SMB::FILE_DELETE name=a.exe");
	HAS(said, "action=SMB::FILE_CLOSE name=a.exe");
}

static void negotiated(void **state)
{
	struct test_host *t = *state;
	const char *said =
	    test_pdu(t, false,
		     "00000084" ANSWER("0000", "00", "00") "4100 0300 1103 0000 00112233445566778899aabbccddeeff" ZERO4
							   "00008000 00008000 00008000" ZERO8 ZERO8 "8000 0400" ZERO4 "4e544c4d");

	SAID(said, "smb.negotiated",
	     "version=SMB2 dialect=3.1.1 signing_enabled=T signing_required=T plaintext_passwords=F "
	     "server_guid=00112233445566778899aabbccddeeff");
	HAS(said, "deliver 1/0 4e544c4d\ndeliver 2/0 4e544c4d\nservice smb");
	said = test_pdu(t, true, "00000038 fd534d42" ZERO16 ZERO16 "10000000 0000 0100 0500000000000000 00000000");
	SAID(said, "smb.encrypted", "session=0x05");
	HAS_NOT(said, "pdu_len");
	said = test_pdu(t, true, "00000038 fd534d42" ZERO16 ZERO16 "10000000 0000 0100 0500000000000000 00000000");
	HAS_NOT(said, "smb.encrypted");
}

/* ------------------------------------------------------------------------------------------------ SMB1 */

/* Command, flags, tree; message number 7. */
#define HEAD1(command, flags, flags2, tree) "ff534d42" command ZERO4 flags flags2 "0000" ZERO8 "0000" tree "feff 0100 0700"

static void old_tree(struct test_host *t, const char *answer)
{
	test_pdu(t, true, "00000038" HEAD1("75", "08", "0000", "0000") "04 ff000000 0000 0100 0d00 00 5c5c735c64 00 3f3f3f3f3f 00");
	test_pdu(t, false, answer);
}

#define OLD_DISK "00000030" HEAD1("75", "88", "0000", "0200") "03 ff000000 0000 0700 413a00 46415400"
#define OLD_IPC "0000002b" HEAD1("75", "88", "0000", "0200") "02 ff000000 0400 49504300"

static void old_files(void **state)
{
	struct test_host *t = *state;

	test_pdu(t, true, "00000038" HEAD1("75", "08", "0000", "0000") "04 ff000000 0000 0100 0d00 00 5c5c735c64 00 3f3f3f3f3f 00");
	SAID(test_pdu(t, false, OLD_DISK), "smb.tree", "ts=1.001000 path=" SHARE " service=A: native_file_system=FAT share_type=DISK");
	HAS(test_pdu(t, true, "00000028" HEAD1("06", "08", "0000", "0200") "01 0600 0300 04 6100"), "action=SMB::FILE_DELETE name=a");
	HAS(test_pdu(t, true, "0000002b" HEAD1("07", "08", "0000", "0200") "01 0600 0600 04 6100 04 6200"),
	    "action=SMB::FILE_RENAME name=b prev_name=a");
	HAS(test_pdu(t, true, "0000002c" HEAD1("06", "08", "0080", "0200") "01 0600 0700 04 6100 6200 0000"), "name=ab");
}

#define OLD_CREATE                                                                                                                         \
	"00000056" HEAD1("a2", "08", "0000", "0200") "18 ff000000 00 0200" ZERO4 ZERO4 "ff011f00" ZERO8 ZERO4 ZERO4 "01000000" ZERO4       \
						     "02000000"                                                                            \
						     "00 0300 5c7000"
#define OLD_CREATE_ANSWER                                                                                                                  \
	"00000067" HEAD1("a2", "88", "0000", "0200") "22 ff000000 00 0440 01000000" ZERO16 ZERO16 "80000000" ZERO8 ZERO8 "0200 ff05 00 "   \
						     "0000"

static void old_pipes(void **state)
{
	struct test_host *t = *state;

	old_tree(t, OLD_IPC);
	test_pdu(t, true, OLD_CREATE);
	SAID(test_pdu(t, false, OLD_CREATE_ANSWER), "smb.file",
	     "ts=1.003000 action=SMB::FILE_OPEN name=\\\\p size=0 share=" SHARE " version=SMB1 logged=T");
	HAS(test_pdu(t, true,
		     "00000050" HEAD1("25", "08", "0000", "0200") "10 0000 0300 0000 0004 00 00 0000" ZERO4
								  "0000 0000 5000 0300 4d00 02 00 2600 0440 "
								  "0d00 5c504950455c00 000000 010203"),
	    "stream 0/1 010203");
	HAS(test_pdu(t, false,
		     "0000003c" HEAD1("25", "88", "0000", "0200") "0a 0000 0200 0000 0000 3800 0000 0200 3a00 0000 00 00 0500 000000 0405"),
	    "stream 0/1 0405");
	HAS(test_pdu(t, true,
		     "0000003f" HEAD1("2f", "08", "0000", "0200") "0c ff000000 0440" ZERO4 ZERO4 "0000 0000 0000 0300 3c00 0400 00 050000"),
	    "stream 0/1 050000");
}

static void old_session(void **state)
{
	struct test_host *t = *state;
	const char *said =
	    test_pdu(t, true,
		     "00000057" HEAD1("73", "08", "0000", "0000") "0d ff000000 0040 0200 0100" ZERO4 "0300 0000" ZERO4 ZERO4
								  "1a00 707764 7500 4400 556e697800 53616d6261 00 0000000000000000");

	HAS(said, "fact user=D\\u");
	HAS(said, "fact software=Samba");
	HAS_NOT(said, "pwd");
	said = test_pdu(t, false,
			"0000003c" HEAD1("73", "88", "0000", "0000") "03 ff000000 0100 1300 57696e646f777320352e31 00 4c4d00 444f4d 00");
	HAS(said, "fact os=Windows XP");
	HAS(said, "fact domain=DOM");
	HAS(said, "guest=T");
}

static void netbios(void **state)
{
	struct test_host *t = *state;
	const char *said = test_pdu(t, true,
				    "81000044 20 45444542 43414341 43414341 43414341 43414341 43414341 43414341 43414341 00"
				    "20 46414544 43414341 43414341 43414341 43414341 43414341 43414341 43414341 00");

	SAID(said, "smb.netbios_session", "called=CA calling=PC");
	HAS(said, "fact hostname=PC");
	HAS_NOT(test_pdu(t, false, "82000000"), "pdu_len");
	HAS_NOT(test_pdu(t, false, "85000000"), "pdu_len");
	HAS_NOT(test_pdu(t, false, "8300000180"), "pdu_len");
}

static void probes(void **state)
{
	struct test_host *t = *state;

	assert_int_equal(test_probe(t, "00000040 fe534d42"), OTO_MINE);
	assert_int_equal(test_probe(t, "00000040 ff534d42"), OTO_MINE);
	assert_int_equal(test_probe(t, "00000040 fe53"), OTO_NEED_MORE);
	assert_int_equal(test_probe(t, "0000"), OTO_NEED_MORE);
	assert_int_equal(test_probe(t, "00000040 03000000"), OTO_NOT_MINE);
	assert_int_equal(test_probe(t, "81000044 20"), OTO_MINE);
	assert_int_equal(test_probe(t, "81000044 21"), OTO_NOT_MINE);
	assert_int_equal(test_probe(t, "85000000"), OTO_NOT_MINE);
	t->cx.key = 139;
	assert_int_equal(test_probe(t, "85000000"), OTO_MINE);
	assert_int_equal(test_probe(t, "1603"), OTO_NOT_MINE);
}

/* Each message cut at each byte, but with a frame length that fits, so that it is parsed. */
static void cut_inside(struct test_host *t, bool is_orig, const char *hex)
{
	static uint8_t bytes[4096];
	struct oto_slice whole = test_hex(hex, bytes, sizeof bytes);

	for (uint32_t n = 36; n < whole.len; n++) {
		uint8_t *exact = oto_calloc(1, n);
		memcpy(exact, bytes, n);
		exact[1] = 0;
		exact[2] = (uint8_t)((n - 4) >> 8);
		exact[3] = (uint8_t)(n - 4);
		memset(t->state, 0, sizeof t->state);
		test_bytes(t, is_orig, (struct oto_slice){ exact, n });
		free(exact);
	}
	memset(t->state, 0, sizeof t->state);
}

static void damage(void **state)
{
	struct test_host *t = *state;

	cut_inside(t, true, TREE);
	cut_inside(t, false, TREE_ANSWER("01"));
	cut_inside(t, true, CREATE(ZERO4));
	cut_inside(t, false, CREATE_ANSWER);
	cut_inside(t, true, WRITE("74", "04000000", "4d5a9000"));
	cut_inside(t, true, SET_INFO("76", "0a", "16000000", "00 00000000000000" ZERO8 "02000000 6200"));
	cut_inside(t, true, OLD_CREATE);
	cut_inside(t, false, OLD_CREATE_ANSWER);
	cut_inside(t, false, OLD_DISK);
	/* A chain that points at itself, contents beyond the frame, a frame of something else. */
	test_pdu(t, true, "0000002b" HEAD1("75", "08", "0000", "0000") "04 75002100 0000 0100 0000");
	test_pdu(t, true, WRITE("74", "ffffff7f", "4d5a9000"));
	HAS(test_pdu(t, true, "00000024 aabbccdd"), "pdu_len -1");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(files, setup, test_teardown),
		cmocka_unit_test_setup_teardown(once, setup, test_teardown),
		cmocka_unit_test_setup_teardown(refused, setup, test_teardown),
		cmocka_unit_test_setup_teardown(contents, setup, test_teardown),
		cmocka_unit_test_setup_teardown(pipes, setup, test_teardown),
		cmocka_unit_test_setup_teardown(compound, setup, test_teardown),
		cmocka_unit_test_setup_teardown(negotiated, setup, test_teardown),
		cmocka_unit_test_setup_teardown(old_files, setup, test_teardown),
		cmocka_unit_test_setup_teardown(old_pipes, setup, test_teardown),
		cmocka_unit_test_setup_teardown(old_session, setup, test_teardown),
		cmocka_unit_test_setup_teardown(netbios, setup, test_teardown),
		cmocka_unit_test_setup_teardown(probes, setup, test_teardown),
		cmocka_unit_test_setup_teardown(damage, setup, test_teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
