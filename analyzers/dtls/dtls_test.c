/* dtls_test.c - the cookie, fragments in every order, messages sent again, what shares the port, and damaged datagrams. */
#include "../testing.h"

extern const struct oto_analyzer *const oto_analyzer_dtls;

static int setup(void **state)
{
	*state = test_host_new(oto_analyzer_dtls, OTO_UDP, 40000, 5684);
	return 0;
}

#define RANDOM "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
#define HELLO_1 "16 fefd 0000 000000000000 0036 01 00002a 0000 000000 00002a fefd" RANDOM "00 00 0002 c02b 01 00"
#define VERIFY "16 feff 0000 000000000000 0011 03 000005 0000 000000 000005 feff 02 abcd"
#define HELLO_2 "16 fefd 0000 000000000001 0038 01 00002c 0001 000000 00002c fefd" RANDOM "00 02 abcd 0002 c02b 01 00"
#define ANSWER "16 fefd 0000 000000000001 0032 02 000026 0001 000000 000026 fefd" RANDOM "00 c02b 00"
#define CHANGE "14 fefd 0000 000000000009 0001 01"
#define SECRET "16 fefd 0001 000000000000 0010 00112233445566778899aabbccddeeff"

static const char *client(struct test_host *t, const char *hex)
{
	return test_pdu(t, true, hex);
}

static const char *server(struct test_host *t, const char *hex)
{
	return test_pdu(t, false, hex);
}

static void a_handshake(void **state)
{
	struct test_host *t = *state;

	HAS(client(t, HELLO_1), "tls.client_hello version=DTLSv12 offered=DTLSv12 ");
	assert_string_equal(server(t, VERIFY), "");
	HAS(client(t, HELLO_2), "cookie=T");
	HAS(server(t, ANSWER), "chosen=DTLSv12 cipher=TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256 ");
	assert_string_equal(client(t, CHANGE SECRET), "");
	HAS(server(t, CHANGE SECRET),
	    "version=DTLSv12 cipher=TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256 resumed=F established=T ssl_history=CvCsIi ");
	assert_string_equal(client(t, SECRET), "");
	assert_string_equal(test_closing(t), "");
}

/* Three fragments, the last first, one of them twice. */
static void fragments(void **state)
{
	struct test_host *t = *state;

	client(t, HELLO_2);
	assert_string_equal(server(t, "16 fefd 0000 000000000003 0012 02 000026 0001 000020 000006 1e1f 00 c02b 00"), "");
	assert_string_equal(server(t, "16 fefd 0000 000000000001 001c 02 000026 0001 000000 000010 fefd 000102030405060708090a0b0c0d"), "");
	assert_string_equal(server(t, "16 fefd 0000 000000000001 001c 02 000026 0001 000000 000010 fefd 000102030405060708090a0b0c0d"), "");
	HAS(server(t, "16 fefd 0000 000000000002 0020 02 000026 0001 00000e 000014 0c0d0e0f101112131415161718191a1b1c1d1e1f"),
	    "tls.server_hello version=DTLSv12 chosen=DTLSv12 cipher=TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256 ");
	HAS(test_closing(t), "ssl_history=Cs ");
}

static void sent_again(void **state)
{
	struct test_host *t = *state;

	client(t, HELLO_2);
	assert_string_equal(client(t, HELLO_2), "");
	server(t, ANSWER);
	assert_string_equal(server(t, ANSWER), "");
	HAS(server(t, "15 fefd 0000 000000000005 0002 02 28"), "tls.alert level=fatal description=handshake_failure");
	HAS(test_closing(t), "ssl_history=Csl ");
}

/* STUN, media, and DTLS 1.3 behind its hellos. */
static void neighbours(void **state)
{
	struct test_host *t = *state;

	assert_string_equal(client(t, "0001 0000 2112a442 000102030405060708090a0b"), "");
	assert_string_equal(client(t, "80 60 0001 00000001 00000002 ffff"), "");
	assert_string_equal(client(t, "2f 0001 00112233445566778899aabbccddeeff0011"), "");
	HAS(server(t, HELLO_1), "tls.client_hello");
	HAS(test_closing(t), "ssl_history=^C ");
}

static void damaged(void **state)
{
	struct test_host *t = *state;

	HAS(client(t, "16 fefd 0000 000000000000 000e 01 000004 0000 000003 000002 0000"), "weird bad_fragment");
	HAS(client(t, "16 fefd 0000 000000000000 000e 01 00ffff 0000 000000 000002 0000"), "weird message_too_long");
	HAS(client(t, "16 fefd 0000 000000000000 000d 01 000004 0000 000000 000002 00"), "weird bad_handshake");
	HAS(client(t, "16 fefd 0000 000000000000 000e 01 000002 0000 000000 000002 fefd"), "weird bad_client_hello");
	HAS(client(t, "16 fefd 0000 000000000000 0040 01"), "weird truncated");
	test_cut(t, true, HELLO_2);
	test_cut(t, false, ANSWER CHANGE SECRET);
	test_closing(t);
}

static void probes(void **state)
{
	static const struct {
		const char *hex;
		enum oto_answer answer;
	} tries[] = {
		{ HELLO_1, OTO_MINE },
		{ ANSWER CHANGE SECRET, OTO_MINE },
		{ CHANGE "00", OTO_NOT_MINE },
		{ "16 0303 0000 000000000000 0000", OTO_NOT_MINE },
		{ "16 fefd 0000 000000000000 0040 01", OTO_NOT_MINE },
		{ "0001 0000 2112a442 000102030405060708090a0b", OTO_NOT_MINE },
		{ "", OTO_NOT_MINE },
	};
	struct test_host *t = *state;

	for (size_t i = 0; i < sizeof tries / sizeof *tries; i++)
		assert_int_equal(test_probe(t, tries[i].hex), tries[i].answer);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, test_teardown)
	const struct CMUnitTest tests[] = { TEST(a_handshake), TEST(fragments), TEST(sent_again),
					    TEST(neighbours),  TEST(damaged),   TEST(probes) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
