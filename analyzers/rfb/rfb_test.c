/* rfb_test.c - the handshake in each version and security type, refusals, losses, what must never be shown, and damaged messages. */
#include "../testing.h"

extern const struct oto_analyzer *const oto_analyzer_rfb;

static int setup(void **state)
{
	*state = test_host_new(oto_analyzer_rfb, OTO_TCP, 40000, 5900);
	return 0;
}

#define V33 "524642203030332e3030330a"
#define V37 "524642203030332e3030370a"
#define V38 "524642203030332e3030380a"
#define APPLE "524642203030332e3838390a"
#define SIXTEEN "000102030405060708090a0b0c0d0e0f"
#define INIT "0500 02d0" SIXTEEN "00000005 68616c6c33"

static const char *client(struct test_host *t, const char *hex)
{
	return test_pdu(t, true, hex);
}

static const char *server(struct test_host *t, const char *hex)
{
	return test_pdu(t, false, hex);
}

static void password(void **state)
{
	struct test_host *t = *state;

	assert_non_null(strstr(server(t, V38), "fact role=vnc server\n"));
	client(t, V38);
	server(t, "02 02 10");
	client(t, "02");
	server(t, SIXTEEN);
	client(t, "ff0102030405060708090a0b0c0d0eff");
	server(t, "00000000");
	client(t, "01");
	const char *s = server(t, INIT);
	SAID(s, "rfb.session",
	     "ts=1.002000 client_major_version=003 client_minor_version=008 server_major_version=003 server_minor_version=008 "
	     "offered=VNC,Tight authentication_method=VNC auth=T share_flag=T desktop_name=hall3 width=1280 height=720");
	SAID(s, "fact", "desktop_name=hall3");
	/* keys pressed say nothing */
	assert_string_equal(client(t, "04 01 0000 00000061"), "");
	assert_string_equal(test_closing(t), "");
}

static void wrong_password(void **state)
{
	struct test_host *t = *state;

	server(t, V38);
	client(t, V38);
	server(t, "01 02");
	client(t, "02");
	server(t, SIXTEEN);
	client(t, SIXTEEN);
	server(t, "00000001 00000004 6e6f7065");
	SAID(test_closing(t), "rfb.session",
	     "ts=1.002000 client_major_version=003 client_minor_version=008 server_major_version=003 server_minor_version=008 offered=VNC "
	     "authentication_method=VNC auth=F reason=nope");
}

/* The server decides, without a result where there is nothing to prove. */
static void version_3_3(void **state)
{
	struct test_host *t = *state;

	server(t, V38);
	client(t, V33);
	server(t, "00000001");
	client(t, "00");
	SAID(server(t, INIT), "rfb.session",
	     "ts=1.002000 client_major_version=003 client_minor_version=003 server_major_version=003 server_minor_version=008 "
	     "authentication_method=None share_flag=F desktop_name=hall3 width=1280 height=720");
}

static void version_3_3_with_password(void **state)
{
	struct test_host *t = *state;

	server(t, V33);
	client(t, V33);
	server(t, "00000002" SIXTEEN);
	client(t, SIXTEEN);
	server(t, "00000000");
	client(t, "00");
	assert_non_null(strstr(server(t, INIT), "authentication_method=VNC auth=T share_flag=F desktop_name=hall3"));
}

static void version_3_7(void **state)
{
	struct test_host *t = *state;

	server(t, V37);
	client(t, V37);
	assert_non_null(strstr(server(t, "01 01"), "fact no_authentication=VNC\n"));
	client(t, "0101");
	assert_non_null(strstr(server(t, INIT), "authentication_method=None share_flag=T"));
}

static void refused(void **state)
{
	struct test_host *t = *state;

	server(t, V38);
	client(t, V38);
	server(t, "00 00000003 627573");
	assert_non_null(strstr(test_closing(t), "server_minor_version=008 reason=bus\n"));
}

static void apple(void **state)
{
	struct test_host *t = *state;

	assert_non_null(strstr(server(t, APPLE), "fact os=macOS\n"));
	client(t, V38);
	server(t, "01 1e");
	client(t, "1e");
	server(t, "0002 0004 00000000 11111111");
	char answer[2 * 132 + 1];
	memset(answer, '5', sizeof answer - 1);
	answer[sizeof answer - 1] = '\0';
	client(t, answer);
	server(t, "00000000");
	client(t, "01");
	assert_non_null(strstr(server(t, INIT), "authentication_method=Apple Remote Desktop auth=T share_flag=T"));
}

static void tight(void **state)
{
	struct test_host *t = *state;

	server(t, V38);
	client(t, V38);
	server(t, "01 10");
	client(t, "10");
	server(t, "00000001" SIXTEEN);
	client(t, "00000000");
	server(t, "00000001" SIXTEEN);
	client(t, "00000002");
	server(t, SIXTEEN);
	client(t, SIXTEEN);
	server(t, "00000000");
	client(t, "01");
	assert_non_null(strstr(server(t, INIT), "authentication_method=Tight auth=T share_flag=T desktop_name=hall3"));
}

/* Name and password in clear: the name is told, the password never. */
static void plain(void **state)
{
	struct test_host *t = *state;

	server(t, V38);
	client(t, V38);
	server(t, "01 13");
	client(t, "13");
	server(t, "0002");
	client(t, "0002");
	server(t, "00");
	server(t, "01 00000100");
	client(t, "00000100");
	const char *s = client(t, "00000003 00000006 6f7031 736563726574");
	SAID(s, "fact", "cleartext_login=VNC password");
	assert_null(strstr(s, "secret"));
	server(t, "00000000");
	client(t, "01");
	s = server(t, INIT);
	assert_non_null(strstr(s, "authentication_method=VeNCrypt auth=T user=op1 share_flag=T"));
	assert_null(strstr(s, "secret"));
}

static void tls(void **state)
{
	struct test_host *t = *state;

	server(t, V38);
	client(t, V38);
	server(t, "01 13");
	client(t, "13");
	server(t, "0002");
	client(t, "0002");
	server(t, "00");
	server(t, "01 00000102");
	client(t, "00000102");
	server(t, "01");
	SAID(client(t, "1603010001"), "stream", "0/0 1603010001");
	SAID(server(t, "1603030001"), "stream", "0/0 1603030001");
	assert_non_null(strstr(test_closing(t), "authentication_method=VeNCrypt"));
}

static void unknown_type(void **state)
{
	struct test_host *t = *state;

	server(t, V38);
	client(t, V38);
	server(t, "01 05");
	client(t, "05");
	assert_string_equal(server(t, "aabbcc"), "");
	assert_non_null(strstr(test_closing(t), "authentication_method=RealVNC"));
}

static void lost(void **state)
{
	struct test_host *t = *state;

	server(t, V38);
	client(t, V38);
	oto_analyzer_rfb->gap(&t->cx, 4);
	assert_string_equal(server(t, "00000000"), "");
	assert_non_null(strstr(test_closing(t), "client_minor_version=008"));
}

static void one_version_is_none(void **state)
{
	struct test_host *t = *state;

	server(t, V38);
	assert_non_null(strstr(client(t, "474554202f20485454502f31"), "weird no_version"));
	assert_string_equal(test_closing(t), "");
}

static void recognition(void **state)
{
	struct test_host *t = *state;
	uint8_t bytes[16];
	struct oto_slice v = test_hex(V38, bytes, sizeof bytes);

	for (uint32_t len = 0; len < v.len; len++)
		assert_int_equal(oto_analyzer_rfb->probe(&t->cx, oto_cur_of((struct oto_slice){ bytes, len })), OTO_NEED_MORE);
	assert_int_equal(oto_analyzer_rfb->probe(&t->cx, oto_cur_of(v)), OTO_MINE);
	for (uint32_t at = 0; at < v.len; at++) {
		bytes[at] ^= 0x40;
		assert_int_equal(oto_analyzer_rfb->probe(&t->cx, oto_cur_of(v)), OTO_NOT_MINE);
		bytes[at] ^= 0x40;
	}
}

/* A name, a reason and a key too long, and every message cut short. */
static void damaged(void **state)
{
	struct test_host *t = *state;

	server(t, V38);
	client(t, V38);
	assert_string_equal(server(t, "00 ffffffff"), "weird truncated\n");
	static const char *const messages[] = { V38, "02 02 10", SIXTEEN, "00000001 00000004 6e6f7065", INIT };
	for (int step = 0; step < 14; step++) {
		for (size_t i = 0; i < sizeof messages / sizeof *messages; i++) {
			uint8_t bytes[64];
			struct oto_slice m = test_hex(messages[i], bytes, sizeof bytes);
			for (uint32_t len = 0; len <= m.len; len++) {
				memset(t->state, 0, sizeof t->state);
				server(t, V38);
				client(t, V38);
				server(t, step & 1 ? "03 02 10 13" : "01 1e");
				client(t, step & 2 ? "02" : step & 4 ? "10" : step & 8 ? "13" : "1e");
				uint8_t *copy = malloc(len + 1);
				memcpy(copy, bytes, len);
				for (int n = 0; n < 4; n++)
					test_bytes(t, (n + step) & 1, (struct oto_slice){ copy, len });
				free(copy);
			}
		}
	}
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, test_teardown)
	const struct CMUnitTest tests[] = {
		T(password),
		T(wrong_password),
		T(version_3_3),
		T(version_3_3_with_password),
		T(version_3_7),
		T(refused),
		T(apple),
		T(tight),
		T(plain),
		T(tls),
		T(unknown_type),
		T(lost),
		T(one_version_is_none),
		T(recognition),
		T(damaged),
	};
	return cmocka_run_group_tests_name("rfb", tests, NULL, NULL);
}
