/* telnet_test.c - logins in characters and lines, refusals, what must never be kept, options, noise, and every cut. */
#include "../testing.h"

extern const struct oto_analyzer *const oto_analyzer_telnet;

static int setup(void **state)
{
	*state = test_host_new(oto_analyzer_telnet, OTO_TCP, 40000, 23);
	return 0;
}

static const char *text(struct test_host *t, bool is_orig, const char *s)
{
	return test_bytes(t, is_orig, oto_slice_of(s));
}

static const char *client(struct test_host *t, const char *s)
{
	return text(t, true, s);
}

static const char *server(struct test_host *t, const char *s)
{
	return text(t, false, s);
}

static void login_in_lines(void **state)
{
	struct test_host *t = *state;

	const char *s = server(t, "\r\nExample PLC 5, firmware 1.2\r\n\r\nplc5 login: ");
	assert_non_null(strstr(s, "fact telnet_banner=Example PLC 5, firmware 1.2\n"));
	assert_non_null(strstr(s, "fact role=telnet server\n"));
	client(t, "op1\r\n");
	server(t, "op1\r\nPassword: ");
	s = client(t, "geheim\r\n");
	SAID(s, "fact", "cleartext_login=Telnet password");
	assert_null(strstr(s, "geheim"));
	s = server(t, "\r\nLast login: Mon\r\n$ ");
	SAID(s, "telnet.login", "ts=1.002000 user=op1 password_sent=T success=T prompt=plc5 login:");
	SAID(s, "fact", "user=op1");
	/* what is typed behind is not looked at */
	assert_string_equal(client(t, "passwd\r\n"), "");
	assert_string_equal(test_closing(t), "");
}

static void typed(struct test_host *t, const char *s, bool echo)
{
	char one[2] = "";

	for (; *s; s++) {
		one[0] = *s;
		client(t, one);
		if (echo)
			server(t, one);
	}
}

static void login_in_characters(void **state)
{
	struct test_host *t = *state;

	server(t, "Username: ");
	typed(t, "admx\bin", true);
	client(t, "\r");
	server(t, "\r\nPassword: ");
	typed(t, "topsecret", false);
	client(t, "\r");
	server(t, "\r\nswitch>");
	const char *s = client(t, "show version\r");
	SAID(s, "telnet.login", "ts=1.002000 user=admin password_sent=T success=T prompt=Username:");
	assert_null(strstr(s, "topsecret"));
}

static void refused_and_asked_again(void **state)
{
	struct test_host *t = *state;

	server(t, "login: ");
	client(t, "root\r\n");
	server(t, "Password:");
	client(t, "one\r\n");
	SAID(server(t, "\r\nLogin incorrect\r\nlogin: "), "telnet.login", "ts=1.002000 user=root password_sent=T success=F prompt=login:");
	client(t, "root\r\n");
	server(t, "Password:");
	client(t, "two\r\n");
	server(t, "\r\nlogin: ");
	SAID(client(t, "admin\r\n"), "telnet.login", "ts=1.006000 user=root password_sent=T success=F prompt=login:");
	SAID(test_closing(t), "telnet.login", "ts=1.010000 user=admin password_sent=F prompt=login:");
}

/* A prompt that speaks of a user's password is one for a secret; so is one in other languages. */
static void secrets(void **state)
{
	static const char *const prompts[] = { "User password: ", "Enter PIN: ", "Mot de passe : ", "Passwort:",
					       "\xe3\x83\x91\xe3\x82\xb9\xe3\x83\xaf\xe3\x83\xbc\xe3\x83\x89:" };
	for (size_t i = 0; i < sizeof prompts / sizeof *prompts; i++) {
		test_teardown(state);
		setup(state);
		struct test_host *t = *state;
		server(t, prompts[i]);
		client(t, "geheim\r\n");
		const char *s = server(t, "\r\n# ");
		assert_null(strstr(s, "geheim"));
		client(t, "x");
		s = test_closing(t);
		assert_null(strstr(s, "geheim"));
	}
	/* an unknown prompt: nothing typed is kept */
	test_teardown(state);
	setup(state);
	struct test_host *t = *state;
	server(t, "??? ");
	client(t, "geheim\r\n");
	assert_string_equal(test_closing(t), "");
}

static void password_alone(void **state)
{
	struct test_host *t = *state;

	server(t, "\r\nUser Access Verification\r\n\r\nPassword: ");
	client(t, "cisco\r\n");
	server(t, "\r\nR1>");
	SAID(client(t, "en\r\n"), "telnet.login", "ts=1.002000 password_sent=T success=T prompt=Password:");
}

static void options(void **state)
{
	struct test_host *t = *state;

	SAID(test_pdu(t, false, "fffd18 fffd1f fffd23"), "fact", "role=telnet server");
	test_pdu(t, true, "fffb18 fffa1f 0050 0018 fff0 fffa18 00 787465726d fff0");
	SAID(test_pdu(t, true, "fffa23 00 656e67312e706c616e743a302e30 fff0"), "fact", "hostname=eng1.plant");
	server(t, "login: ");
	client(t, "op1\r\n");
	SAID(test_closing(t), "telnet.login",
	     "ts=1.005000 user=op1 password_sent=F prompt=login: terminal=xterm display=eng1.plant:0.0 width=80 height=24");
}

static void escapes_are_no_text(void **state)
{
	struct test_host *t = *state;

	server(t, "\x1b[2J\x1b[1;1H\x1b[0mlogin\x1b[7m: \x1b[0m");
	client(t, "op1\r\n");
	SAID(test_closing(t), "telnet.login", "ts=1.002000 user=op1 password_sent=F prompt=login:");
}

static void encryption_ends_it(void **state)
{
	struct test_host *t = *state;

	test_pdu(t, false, "fffd26");
	test_pdu(t, true, "fffb26 fffa26 03 fff0");
	server(t, "login: ");
	client(t, "op1\r\n");
	assert_string_equal(test_closing(t), "");
}

static void noise(void **state)
{
	struct test_host *t = *state;
	const char *s = test_pdu(t, false, "8091a2b3c4d5e6f70102030405060e0f0d0a 6c6f67696e3a20 8f8f8f8f0d0a");
	assert_null(strstr(s, "banner"));
	test_pdu(t, false, "01020304 6c6f67696e3a20");
	client(t, "op1\r\n");
	assert_string_equal(test_closing(t), "");
}

static void lost(void **state)
{
	struct test_host *t = *state;

	server(t, "login: ");
	client(t, "o");
	test_side(t, true);
	oto_analyzer_telnet->gap(&t->cx, 3);
	client(t, "geheim\r\n");
	assert_null(strstr(test_closing(t), "geheim"));
}

static enum oto_answer probe(struct test_host *t, const char *hex, uint16_t port)
{
	uint8_t bytes[64];

	t->head.resp_p = port;
	return oto_analyzer_telnet->probe(&t->cx, oto_cur_of(test_hex(hex, bytes, sizeof bytes)));
}

static void recognition(void **state)
{
	struct test_host *t = *state;

	assert_int_equal(probe(t, "fffd18", 23), OTO_MINE);
	assert_int_equal(probe(t, "fffd18", 2323), OTO_NEED_MORE);
	assert_int_equal(probe(t, "fffd18fffb", 2323), OTO_NEED_MORE);
	assert_int_equal(probe(t, "fffd18fffb1f", 2323), OTO_MINE);
	assert_int_equal(probe(t, "fffd18fffb1f6c6f67", 2323), OTO_MINE);
	assert_int_equal(probe(t, "ff", 23), OTO_NEED_MORE);
	assert_int_equal(probe(t, "ffff", 23), OTO_NOT_MINE);
	assert_int_equal(probe(t, "fffdee", 2323), OTO_NOT_MINE);
	assert_int_equal(probe(t, "6c6f67696e3a20", 23), OTO_MINE);
	assert_int_equal(probe(t, "6c6f67696e3a20", 2323), OTO_NOT_MINE);
	assert_int_equal(probe(t, "2af367c3", 23), OTO_NOT_MINE);
	assert_int_equal(probe(t, "16030100", 23), OTO_NOT_MINE);
	assert_int_equal(probe(t, "", 23), OTO_NOT_MINE);
}

/* The same is said wherever segments are cut, and a line, a name and an option without end stay where they are. */
static void cut_anywhere(void **state)
{
	static const char banner[] = "\xff\xfd\x18\xff\xfd\x1fHall 3\r\nlogin: ", typed_in[] = "\xff\xfa\x1f\x00P\x00\x18\xff\xf0op1\r\n";
	for (uint32_t at = 1; at < sizeof typed_in - 1; at++) {
		test_teardown(state);
		setup(state);
		struct test_host *t = *state;
		uint32_t half = at % (sizeof banner - 1);
		test_bytes(t, false, (struct oto_slice){ (const uint8_t *)banner, half });
		test_bytes(t, false, (struct oto_slice){ (const uint8_t *)banner + half, (uint32_t)sizeof banner - 1 - half });
		test_bytes(t, true, (struct oto_slice){ (const uint8_t *)typed_in, at });
		test_bytes(t, true, (struct oto_slice){ (const uint8_t *)typed_in + at, (uint32_t)sizeof typed_in - 1 - at });
		assert_non_null(strstr(test_closing(t), "user=op1 password_sent=F prompt=login: width=80 height=24"));
	}
	struct test_host *t = *state;
	uint8_t many[1024];
	memset(many, 'a', sizeof many);
	test_bytes(t, false, (struct oto_slice){ many, sizeof many });
	server(t, "\r\nlogin: ");
	test_bytes(t, true, (struct oto_slice){ many, sizeof many });
	client(t, "\r\n");
	test_pdu(t, true, "fffa18");
	test_bytes(t, true, (struct oto_slice){ many, sizeof many });
	test_pdu(t, true, "fff0");
	test_closing(t);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, test_teardown)
	const struct CMUnitTest tests[] = {
		T(login_in_lines), T(login_in_characters), T(refused_and_asked_again), T(secrets), T(password_alone),
		T(options),        T(escapes_are_no_text), T(encryption_ends_it),      T(noise),   T(lost),
		T(recognition),    T(cut_anywhere),
	};
	return cmocka_run_group_tests_name("telnet", tests, NULL, NULL);
}
