/* smtp_test.c - greetings, names, logins, mail that is passed over, TLS, damaged lines. */
#include "../testing.h"

extern const struct oto_analyzer *const oto_analyzer_smtp;

static int setup(void **state)
{
	struct test_host *t = test_host_new(oto_analyzer_smtp, OTO_TCP, 40000, 25);

	t->cx.key = 25;
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

static void greet(struct test_host *t)
{
	const char *said = server(t, "220 mail.plant.example ESMTP Exim 4.91 #1 Wed, 01 Aug 2018\r\n");

	has(said, "fact role=mail server\nfact hostname=mail.plant.example\nfact software=Exim 4.91\n");
	has(client(t, "EHLO press-7\r\n"), "fact hostname=press-7\n");
	server(t, "250-mail\r\n250-STARTTLS\r\n250 AUTH LOGIN\r\n");
}

static void mail(void **state)
{
	struct test_host *t = *state;

	greet(t);
	client(t, "AUTH LOGIN\r\n");
	server(t, "334 VXNlcm5hbWU6\r\n");
	assert_string_equal(client(t, "aHVzaA==\r\n"), "");
	server(t, "334 UGFzc3dvcmQ6\r\n");
	assert_string_equal(client(t, "aHVzaA==\r\n"), "");
	server(t, "235 ok\r\n");
	has(client(t, "MAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\n"), "smtp.command verb=DATA\n");
	assert_null(strstr(t->said.data, "a@b"));
	server(t, "250 ok\r\n250 ok\r\n354 go\r\n");
	assert_string_equal(client(t, "Subject: x\r\nQUIT\r\n..\r\n"), "");
	has(client(t, ".\r\nQUIT\r\n"), "smtp.command verb=QUIT\n");
	server(t, "250 taken\r\n221 bye\r\n");
	assert_string_equal(test_closing(t),
			    "smtp.session ts=1.001000 helo=press-7 server_name=mail.plant.example banner=ESMTP Exim 4.91 #1 Wed, "
			    "01 Aug 2018 starttls=T tls=F auth=LOGIN login=T mails=1 last_reply=221\n");
}

static void chunks(void **state)
{
	struct test_host *t = *state;

	greet(t);
	has(client(t, "BDAT 6\r\nQUIT\r\nBDAT 3 LAST\r\nabcRSET\r\n"), "verb=RSET\n");
	assert_null(strstr(t->said.data, "QUIT"));
	server(t, "250 ok\r\n250 ok\r\n250 ok\r\n");
	client(t, "BDAT 100\r\nabc");
	assert_true(t->analyzer->lost_inside(&t->cx, 97));
	assert_false(t->analyzer->lost_inside(&t->cx, 1));
	has(client(t, "QUIT\r\n"), "verb=QUIT\n");
	has(test_closing(t), "mails=1");
}

static void refused(void **state)
{
	struct test_host *t = *state;

	greet(t);
	client(t, "AUTH PLAIN AGEAYg==\r\n");
	assert_null(strstr(t->said.data, "AGE"));
	server(t, "535 no\r\n");
	client(t, "DATA\r\n");
	server(t, "503 no\r\n");
	has(client(t, "QUIT\r\n"), "verb=QUIT\n");
	has(test_closing(t), "auth=PLAIN login=F mails=0 last_reply=503");
}

static void tls(void **state)
{
	struct test_host *t = *state;

	greet(t);
	client(t, "STARTTLS\r\n");
	has(server(t, "220 go ahead\r\n"), "starttls=T tls=T mails=0 last_reply=220\n");
	has(test_pdu(t, true, "160301"), "stream 0/0 160301\n");
	assert_string_equal(test_closing(t), "");
}

static enum oto_answer asked(struct test_host *t, bool is_orig, const char *text)
{
	test_side(t, is_orig);
	return test_probe_text(t, text);
}

static void probed(void **state)
{
	struct test_host *t = *state;

	assert_int_equal(asked(t, false, "250 ok\r\n"), OTO_MINE);
	assert_int_equal(asked(t, true, "RCPT TO:<a>\r\n"), OTO_MINE);
	assert_int_equal(asked(t, true, "RC"), OTO_NEED_MORE);
	assert_int_equal(asked(t, true, "GET / HTTP/1.0\r\n"), OTO_NOT_MINE);
	t->cx.key = 0;
	assert_int_equal(asked(t, false, "220 a ESMTP b\r\n"), OTO_MINE);
	assert_int_equal(asked(t, false, "220 ready\r\n"), OTO_NEED_MORE);
	assert_int_equal(asked(t, false, "220 my FTP\r\n"), OTO_NOT_MINE);
	assert_int_equal(asked(t, false, "250 ok\r\n"), OTO_NOT_MINE);
	assert_int_equal(asked(t, true, "EHLO x\r\n"), OTO_MINE);
	assert_int_equal(asked(t, true, "RCPT TO:<a>\r\n"), OTO_NOT_MINE);
}

static void damaged(void **state)
{
	test_cut(*state, false, "323230 20 61 0d0a");
	test_cut(*state, true, "45484c4f 20 61 0d0a");
	test_cut(*state, true, "44415441 0d0a 2e 0d0a");
	test_cut(*state, true, "42444154 20 39 0d0a");
	test_cut(*state, true, "41555448 20 504c41494e 20 4147 0d0a");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(mail, setup, test_teardown),
		cmocka_unit_test_setup_teardown(chunks, setup, test_teardown),
		cmocka_unit_test_setup_teardown(refused, setup, test_teardown),
		cmocka_unit_test_setup_teardown(tls, setup, test_teardown),
		cmocka_unit_test_setup_teardown(probed, setup, test_teardown),
		cmocka_unit_test_setup_teardown(damaged, setup, test_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
