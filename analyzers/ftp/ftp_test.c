/* ftp_test.c - replies and the commands that they fit, data connections announced, paths, what must never be shown, damaged lines. */
#include "../testing.h"
#include "ftp_text.h"

extern const struct oto_analyzer *const oto_analyzer_ftp;

static int setup(void **state)
{
	struct test_host *t = test_host_new(oto_analyzer_ftp, OTO_TCP, 40000, 21);

	t->cx.key = 21;
	*state = t;
	return 0;
}

static const char *client(struct test_host *t, const char *lines)
{
	return test_bytes(t, true, oto_slice_of(lines));
}

static const char *server(struct test_host *t, const char *lines)
{
	return test_bytes(t, false, oto_slice_of(lines));
}

static void has(const char *said, const char *part)
{
	if (!said || !strstr(said, part))
		fail_msg("no \"%s\" in:\n%s", part, said ? said : "");
}

static void log_in(struct test_host *t)
{
	has(server(t, "220 (vsFTPd 3.0.3)\r\n"), "fact software=vsFTPd 3.0.3\n");
	has(client(t, "user press\r\n"), "fact user=press\n");
	server(t, "331 Please specify the password.\r\n");
	const char *said = client(t, "PASS oil-and-water\r\n");
	has(said, "fact cleartext_login=ftp, user press\n");
	has(said, "ftp.request command=PASS arg=<hidden>\n");
	has(said, "ftp.command ts=1.002000 user=press command=USER arg=press reply_code=331");
	assert_null(strstr(said, "oil"));
	server(t, "230 Login successful.\r\n");
}

static void passive(void **state)
{
	struct test_host *t = *state;

	log_in(t);
	client(t, "CWD recipes\r\n");
	server(t, "250 ok\r\n");
	client(t, "PASV\r\n");
	has(server(t, "227 Entering Passive Mode (10,0,0,2,156,65).\r\n"), "expect ftp_data port 40001 transport 6\n");
	has(client(t, "RETR dough.csv\r\n"), "command=PASV reply_code=227 reply_msg=Entering Passive Mode (10,0,0,2,156,65). passive=T "
					     "channel_orig=10.0.0.1 channel_resp=10.0.0.2 port=40001 logged=T\n");
	server(t, "150 Opening connection for dough.csv (3000 bytes).\r\n");
	has(server(t, "226 Transfer complete.\r\n"), "program upload complete file ./recipes/dough.csv by receiver\n");
	has(test_closing(t), "command=RETR arg=ftp://10.0.0.2/./recipes/dough.csv file_size=3000 reply_code=226 reply_msg=Transfer "
			     "complete. logged=T\n");
}

static void active(void **state)
{
	struct test_host *t = *state;

	log_in(t);
	has(client(t, "PORT 10,0,0,1,200,1\r\n"), "expect ftp_data port 51201 transport 6\n");
	server(t, "200 ok\r\n");
	has(client(t, "EPRT |2|fd00::1|50001|\r\n"), "expect ftp_data port 50001 transport 6\n");
	has(client(t, "EPRT |1|10.0.0.1|0|\r\nPORT 1,2,3\r\nPORT 10,0,0,1,300,1\r\n"), "ftp.request command=PORT arg=10,0,0,1,300,1\n");
	assert_null(strstr(t->said.data, "expect"));
	client(t, "EPSV\r\n");
	has(server(t, "229 Entering Extended Passive Mode (|||40002|)\r\n"), "expect ftp_data port 40002 transport 6\n");
	client(t, "DELE old.bin\r\n");
	has(server(t, "250 gone\r\n"), "program delete complete file ./old.bin by receiver\n");
	client(t, "STOR new.bin\r\n");
	has(server(t, "426 broken\r\n"), "program download aborted file ./new.bin error=broken off by receiver\n");
}

/* Clients do not wait; a reply goes to the command that it fits. */
static void pipelined(void **state)
{
	struct test_host *t = *state;

	server(t, "220 FTP\r\n");
	client(t, "SYST\r\nPWD\r\nSIZE a.bin\r\n");
	const char *said = server(t, "257 \"/plant/line 1\" is the current directory\r\n213 1234\r\n215 UNIX Type: L8\r\n");
	has(said, "command=PWD reply_code=257");
	has(said, "fact os=Unix\n");
	has(said, "command=SIZE arg=ftp://10.0.0.2/plant/line/a.bin file_size=1234 reply_code=213");
	has(test_closing(t), "command=SYST reply_code=215");
}

static void many_lines(void **state)
{
	struct test_host *t = *state;

	server(t, "220-Hello\r\n 220 not yet\r\n220-more\r\n220 ProFTPD 1.3.5 Server\r\n");
	client(t, "STAT\r\n");
	server(t, "211-Status\r\n226 in the middle\r\n");
	has(client(t, "NOOP\r\n"), "command=STAT reply_code=226 reply_msg=in the middle");
	has(server(t, "what\r\n"), "weird invalid_reply\n");
	has(server(t, "200x\r\n"), "weird invalid_reply\n");
}

static void secrets(void **state)
{
	static const char *const lines[] = { "PASS hush-hush\r\n", "pass hush-hush\r\n", "PASShush-hush\r\n", "ACCT hush-hush\r\n",
					     "ADAT hush-hush\r\n" };
	struct test_host *t = *state;

	server(t, "220 FTP\r\n");
	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
		const char *said = client(t, lines[i]);
		assert_null(strstr(said, "hush"));
		assert_null(strstr(said, "HUSH"));
	}
	assert_null(strstr(server(t, "230 ok\r\n"), "hush"));
	assert_null(strstr(test_closing(t), "hush"));
}

static void tls(void **state)
{
	struct test_host *t = *state;

	server(t, "220 FTP\r\n");
	client(t, "AUTH TLS\r\n");
	has(server(t, "234 Proceed\r\n"), "command=AUTH arg=TLS reply_code=234");
	has(test_pdu(t, true, "160301000101"), "stream 0/0 160301000101\n");
	has(test_pdu(t, false, "160303000102"), "stream 0/0 160303000102\n");
	/* records are passed on whole; behind the alert that ends TLS the two go on in clear */
	assert_int_equal(
	    oto_analyzer_ftp->pdu_len(&t->cx, oto_cur_of((struct oto_slice){ (const uint8_t *)"\x17\x03\x03\x00\x02PASV", 9 })), 7);
	assert_int_equal(oto_analyzer_ftp->pdu_len(&t->cx, oto_cur_of((struct oto_slice){ (const uint8_t *)"\x17\x03\x03", 3 })), 0);
	assert_int_equal(oto_analyzer_ftp->pdu_len(&t->cx, oto_cur_of((struct oto_slice){ (const uint8_t *)"\x80\x03", 2 })), 2);
	has(client(t, "PASV\r\n"), "stream 0/0 504153560d0a\n");
	has(test_pdu(t, true, "15030300020100"), "stream 0/0 15030300020100\n");
	has(client(t, "PASV\r\n"), "ftp.request command=PASV\n");
}

static void odd(void **state)
{
	struct test_host *t = *state;
	char many[6 * 30 + 1] = "";

	has(client(t, "\xff\xf4\xff\xf2"
		      "ABOR\r\n"),
	    "ftp.request command=ABOR\n");
	has(client(t, "ab\r\n"), "weird invalid_command\n");
	has(client(t, "X\x01Y z\r\n"), "weird invalid_command\n");
	assert_string_equal(client(t, "\r\n"), "");
	for (int i = 0; i < 30; i++)
		memcpy(&many[6 * i], "NOOP\r\n", 7);
	has(client(t, many), "weird too_many_pending_commands\n");
	static char longest[200];
	memset(longest, 'A', sizeof longest - 3);
	memcpy(&longest[sizeof longest - 3], "\r\n", 3);
	has(client(t, longest), "weird command_too_long\n");
	t->analyzer->gap(&t->cx, 100);
	has(client(t, "RETR a\r\n"), "ftp.request command=RETR arg=a\n");
}

static void text(void **state)
{
	static const struct {
		const char *directory, *name, *path;
	} paths[] = { { ".", "a", "./a" },          { "/x", "a/", "/x/a" },    { "/x", "../a", "/a" },     { "/x", "/y/./z", "/y/z" },
		      { "/", "..", "/" },           { ".", "../a", "a" },      { "", "../a", "../a" },     { "/x", "C:\\a", "C:\\a" },
		      { "/x//y", "../../..", "/" }, { "a/b", "../../c", "c" }, { "..", "../a", "../../a" } };
	struct ftp_endpoint at;
	uint8_t out[64];
	uint64_t n;

	(void)state;
	for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
		uint32_t len = ftp_path(oto_slice_of(paths[i].directory), oto_slice_of(paths[i].name), out, sizeof out);
		assert_int_equal(len, strlen(paths[i].path));
		assert_memory_equal(out, paths[i].path, len);
	}
	assert_int_equal(ftp_path(oto_slice_of("/abc"), oto_slice_of("defg"), out, 6), 6);
	assert_true(ftp_port(oto_slice_of("=1,2,3,4,5,6"), &at) && at.port == 5 * 256 + 6);
	assert_false(ftp_port(oto_slice_of("Entering"), &at));
	assert_false(ftp_port(oto_slice_of("(1,2,3,4,5)"), &at));
	assert_true(ftp_extended_port(oto_slice_of("(|||5|)"), &at) && at.addr.family == OTO_FAMILY_NONE);
	assert_false(ftp_extended_port(oto_slice_of("|1|10.0.0.300|5|"), &at));
	assert_false(ftp_extended_port(oto_slice_of("|2|fd00::1|66000|"), &at));
	assert_false(ftp_extended_port(oto_slice_of("|1"), &at));
	assert_true(ftp_last_number(oto_slice_of("a.bin 7 (42 bytes)"), &n) && n == 42);
	assert_false(ftp_last_number(oto_slice_of("none"), &n));
	assert_int_equal(ftp_code(oto_slice_of("099 x")), 0);
	assert_int_equal(ftp_code(oto_slice_of("22")), 0);
	assert_int_equal(ftp_directory(oto_slice_of("\"C:\\a b\"")).len, 4);
}

static enum oto_answer asked(struct test_host *t, bool is_orig, const char *text)
{
	test_side(t, is_orig);
	return test_probe_text(t, text);
}

static void probed(void **state)
{
	struct test_host *t = *state;

	assert_int_equal(asked(t, false, "220 hello\r\n"), OTO_MINE);
	assert_int_equal(asked(t, true, "RETR x\r\n"), OTO_MINE);
	assert_int_equal(asked(t, true, "GET / HTTP/1.1\r\n"), OTO_NOT_MINE);
	t->cx.key = 0;
	assert_int_equal(asked(t, false, "220 hello\r\n"), OTO_NEED_MORE);
	assert_int_equal(asked(t, false, "220 hello\r\n331 password\r\n"), OTO_MINE);
	assert_int_equal(asked(t, false, "220 hello\r\n250 mail\r\n"), OTO_NOT_MINE);
	assert_int_equal(asked(t, false, "220 mail ESMTP\r\n"), OTO_NOT_MINE);
	assert_int_equal(asked(t, false, "220 my FTP server\r\n"), OTO_MINE);
	assert_int_equal(asked(t, false, "+OK pop\r\n"), OTO_NOT_MINE);
	assert_int_equal(asked(t, true, "USER a\r\n"), OTO_NEED_MORE);
	assert_int_equal(asked(t, true, "RETR 1\r\n"), OTO_NOT_MINE);
}

static void damaged(void **state)
{
	/* "220 (x)", "USER a", "227 (1,2,3,4,5,6)", "229 (|||5|)" */
	test_cut(*state, false, "3232302028782900 0d0a");
	test_cut(*state, true, "5553455220 61 0d0a");
	test_cut(*state, false, "32323720 28312c322c332c342c352c3629 0d0a");
	test_cut(*state, true, "4550525420 7c317c31302e302e302e317c357c 0d0a");
	test_cut(*state, true, "fff4fffb01 fff2 41424f52 0d0a");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(passive, setup, test_teardown),
		cmocka_unit_test_setup_teardown(active, setup, test_teardown),
		cmocka_unit_test_setup_teardown(pipelined, setup, test_teardown),
		cmocka_unit_test_setup_teardown(many_lines, setup, test_teardown),
		cmocka_unit_test_setup_teardown(secrets, setup, test_teardown),
		cmocka_unit_test_setup_teardown(tls, setup, test_teardown),
		cmocka_unit_test_setup_teardown(odd, setup, test_teardown),
		cmocka_unit_test_setup_teardown(probed, setup, test_teardown),
		cmocka_unit_test_setup_teardown(damaged, setup, test_teardown),
		cmocka_unit_test(text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
