/* ssl_test.c - hellos of every age, handshakes in pieces and lost, certificates and their names, fingerprints, and damaged messages. */
#include "../ber_testing.h"
#include "tls_certificate.h"
#include "tls_fingerprint.h"
#include "tls_session.h"

extern const struct oto_analyzer *const oto_analyzer_ssl;

static int setup(void **state)
{
	*state = test_host_new(oto_analyzer_ssl, OTO_TCP, 40000, 443);
	return 0;
}

#define RANDOM "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
#define SNI "0000 0012 0010 00 000d 706c632e6578616d706c652e31"
#define GROUPS "000a 0006 0004 001d 0017"
#define POINTS "000b 0002 01 00"
#define SIGNATURES "000d 0006 0004 0403 0804"
#define ALPN "0010 0007 0005 04 6d717474"
/* body of 106 bytes: ciphers c02f, GREASE, 002f */
#define HELLO_BODY "0303" RANDOM "00 0006 c02f 1a1a 002f 01 00 003b" SNI GROUPS POINTS SIGNATURES ALPN
#define HELLO "16 0301 006e 01 00006a" HELLO_BODY
#define ANSWER_BODY "0303" RANDOM "00 c02f 00"
#define ANSWER "16 0303 002a 02 000026" ANSWER_BODY
#define DONE "16 0303 0004 0e 000000"
#define CLIENT_KEY "16 0303 0008 10 000004 01020304"
#define CHANGE "14 0303 0001 01"
#define FINISHED "16 0303 0010 00112233445566778899aabbccddeeff"
#define DATA "17 0303 0010 00112233445566778899aabbccddeeff"

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
	const char *s = client(t, HELLO);

	HAS(s, "tls.client_hello version=TLSv12 offered=TLSv12 server_name=plc.example.1 protocols=mqtt ");
	HAS(s, "groups=x25519,secp256r1 ");
	HAS(s, "fact hostname=plc.example.1\n");
	HAS(s, "fact tls_fingerprint=t12d0205mt_");
	HAS(server(t, ANSWER), "tls.server_hello version=TLSv12 chosen=TLSv12 cipher=TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256 ");
	/* a named curve, 0018, in front of its point */
	assert_string_equal(server(t, "16 0303 0009 0c 000005 03 0018 01 04"), "");
	assert_string_equal(server(t, DONE), "");
	assert_string_equal(client(t, CLIENT_KEY CHANGE FINISHED), "");
	s = server(t, CHANGE FINISHED);
	HAS(s, "tls.established version=TLSv12 cipher=TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256 server_name=plc.example.1 resumed=F");
	HAS(s, "tls.connection ts=1.001000 version=TLSv12 cipher=TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256 curve=secp384r1 "
	       "server_name=plc.example.1 resumed=F established=T ssl_history=CsknGIi ");
	/* what follows says nothing */
	assert_string_equal(client(t, DATA DATA), "");
	assert_string_equal(server(t, CHANGE DATA "15 0303 0002 0100"), "");
	assert_string_equal(test_closing(t), "");
}

static void it_ends_before(void **state)
{
	struct test_host *t = *state;

	client(t, HELLO);
	HAS(server(t, "15 0303 0002 02 46"), "tls.alert level=fatal description=protocol_version from_client=F");
	HAS(test_closing(t), "server_name=plc.example.1 resumed=F last_alert=protocol_version established=F ssl_history=Cl ");
}

/* Each byte of the flight in a record of its own, the header of messages included. */
static void messages_over_records(void **state)
{
	struct test_host *t = *state;
	uint8_t bytes[256], record[6] = { 22, 3, 3, 0, 1, 0 };
	const char *s = "";

	client(t, HELLO);
	struct oto_slice flight = test_hex("02 000026" ANSWER_BODY "0e 000000", bytes, sizeof bytes);
	for (uint32_t i = 0; i < flight.len; i++) {
		record[5] = flight.data[i];
		s = test_bytes(t, false, (struct oto_slice){ record, sizeof record });
		if (i == 41)
			HAS(s, "tls.server_hello");
		else
			assert_string_equal(s, "");
	}
	HAS(test_closing(t), "ssl_history=Csn ");
}

static void several_in_a_record(void **state)
{
	struct test_host *t = *state;

	client(t, HELLO);
	HAS(server(t, "16 0303 002e 02 000026" ANSWER_BODY "0e 000000"), "tls.server_hello");
	HAS(test_closing(t), "ssl_history=Csn ");
}

static void too_long_a_message(void **state)
{
	struct test_host *t = *state;

	client(t, HELLO);
	HAS(server(t, "16 0303 0006 0b ffffff 0102"), "weird message_too_long");
	assert_string_equal(server(t, "16 0303 0004 02030405"), "");
	HAS(test_closing(t), "ssl_history=C ");
}

/* Bytes of data are passed over however they come; those that are lost, too. */
static void data_is_passed_over(void **state)
{
	struct test_host *t = *state;

	client(t, HELLO);
	server(t, "16 0303 0028 02 000024 0303" RANDOM "00 1301 00");
	assert_string_equal(client(t, "17 0303 4000 aabb"), "");
	test_side(t, true);
	assert_true(t->analyzer->lost_inside(&t->cx, 16382));
	assert_false(t->analyzer->lost_inside(&t->cx, 1));
	assert_string_equal(client(t, "17 0303 0002 aabb"), "");
	/* with the header lost the place is lost, too */
	t->analyzer->gap(&t->cx, 5);
	assert_string_equal(client(t, FINISHED), "");
}

static void tls_13(void **state)
{
	struct test_host *t = *state;

	client(t, HELLO);
	HAS(server(t, "16 0303 0038 02 000034 0303" RANDOM "00 1301 00 000c 002b 0002 0304 0033 0002 001d"),
	    "chosen=TLSv13 cipher=TLS_AES_128_GCM_SHA256 group=x25519 ");
	assert_string_equal(server(t, CHANGE DATA), "");
	HAS(client(t, CHANGE DATA), "version=TLSv13 cipher=TLS_AES_128_GCM_SHA256 curve=x25519 server_name=plc.example.1 resumed=F "
				    "established=T ssl_history=CsiI ");
}

static void a_retry(void **state)
{
	struct test_host *t = *state;

	client(t, HELLO);
	HAS(server(t, "16 0303 0038 02 000034 0303 cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c 00 1301 00 "
		      "000c 002b 0002 0304 0033 0002 0018" CHANGE),
	    "retry=T");
	const char *s = client(t, CHANGE HELLO);
	HAS(s, "ssl_history=CjiI ");
	HAS(s, "tls.client_hello");
	HAS(server(t, "16 0303 0038 02 000034 0303" RANDOM "00 1301 00 000c 002b 0002 0304 0033 0002 0018"), "tls.server_hello");
}

static void resumed(void **state)
{
	struct test_host *t = *state;

	client(t, "16 0301 002f 01 00002b 0303" RANDOM "02 abcd 0002 002f 01 00");
	server(t, "16 0303 002c 02 000028 0303" RANDOM "02 abcd 002f 00" CHANGE FINISHED);
	HAS(client(t, CHANGE FINISHED), "resumed=T established=T ssl_history=CsiI ");
}

/* By ticket alone: the client changes its cipher without having sent a key. */
static void resumed_by_ticket(void **state)
{
	struct test_host *t = *state;

	client(t, "16 0301 0037 01 000033 0303" RANDOM "00 0002 002f 01 00 0008 0023 0004 01020304");
	server(t, ANSWER CHANGE FINISHED);
	HAS(client(t, CHANGE FINISHED), "resumed=T ");
}

static void old_hellos(void **state)
{
	struct test_host *t = *state;

	HAS(client(t, "80 1c 01 0300 0003 0000 0010 00002f 000102030405060708090a0b0c0d0e0f"), "tls.client_hello version=SSLv3");
	HAS(server(t, "16 0300 002a 02 000026 0300" RANDOM "00 0005 00"),
	    "fact weak_tls=SSLv3\nfact weak_cipher=TLS_RSA_WITH_RC4_128_SHA\n");
	HAS(test_closing(t), "version=SSLv3 cipher=TLS_RSA_WITH_RC4_128_SHA resumed=F established=F ssl_history=Cs ");
}

static void ssl_2(void **state)
{
	struct test_host *t = *state;

	client(t, "80 1c 01 0002 0003 0000 0010 010080 000102030405060708090a0b0c0d0e0f");
	HAS(server(t, "80 12 04 00 01 0002 0000 0003 0004 010080 01020304"),
	    "fact weak_tls=SSLv2\nfact weak_cipher=SSLv20_CK_RC4_128_WITH_MD5\n");
	assert_string_equal(client(t, "80 04 02 010080"), "");
	HAS(server(t, "80 04 aabbccdd"), "version=SSLv2 cipher=SSLv20_CK_RC4_128_WITH_MD5 resumed=F established=T ssl_history=Cs\n");
	assert_string_equal(client(t, "aabbccddeeff"), "");
}

static void heartbleed(void **state)
{
	struct test_host *t = *state;

	client(t, HELLO);
	HAS(client(t, "18 0302 0003 01 4000"), "weird heartbleed");
	assert_string_equal(client(t, "18 0302 0005 01 0002 0000"), "");
	HAS(test_closing(t), "ssl_history=CBB ");
}

static void the_responder_is_the_client(void **state)
{
	struct test_host *t = *state;

	server(t, HELLO);
	client(t, ANSWER);
	HAS(test_closing(t), "ssl_history=^Cs ");
}

/* A line of STARTTLS held back with the hello; the answer to it in front of the server's. */
static void behind_a_preface(void **state)
{
	struct test_host *t = *state;

	HAS(client(t, "2e205354415254544c530d0a" HELLO), "tls.client_hello");
	HAS(server(t, "2e204f4b0d0a" ANSWER), "tls.server_hello");
	HAS(test_closing(t), "ssl_history=Cs ");
}

static void probes(void **state)
{
	static const struct {
		const char *hex;
		enum oto_answer own, other;
	} tries[] = {
		{ HELLO, OTO_MINE, OTO_MINE },
		{ ANSWER, OTO_MINE, OTO_MINE },
		{ "16 0301 0069 01 00", OTO_NEED_MORE, OTO_NEED_MORE },
		{ "16", OTO_NEED_MORE, OTO_NEED_MORE },
		{ "80 1c 01 0300 0003 0000 0010", OTO_MINE, OTO_MINE },
		{ "80 1c 01 0300", OTO_NEED_MORE, OTO_NEED_MORE },
		{ "80 1c 01 0300 0003 0000 0011", OTO_NOT_MINE, OTO_NOT_MINE },
		{ DATA, OTO_MINE, OTO_MINE },
		{ DATA "17 0303 4000 aabb", OTO_MINE, OTO_NOT_MINE },
		{ "17 0303 4000 aabb", OTO_MINE, OTO_NOT_MINE },
		{ "15 0303 0002 0228", OTO_MINE, OTO_MINE },
		{ "16 0301 0009 48454c4c4f20746865", OTO_MINE, OTO_MINE }, /* a whole record, whatever is in it */
		{ "16 0301 0019 48454c4c4f20746865", OTO_MINE, OTO_NOT_MINE },
		{ "19 0303 0002 0000", OTO_NOT_MINE, OTO_NOT_MINE },
		{ "17 0303 ffff", OTO_NOT_MINE, OTO_NOT_MINE },
		{ "16 0403 0002", OTO_NOT_MINE, OTO_NOT_MINE },
		{ "474554202f20", OTO_NOT_MINE, OTO_NOT_MINE },
		{ "0401 01bb 01020304 00" HELLO, OTO_MINE, OTO_NOT_MINE },
	};
	struct test_host *t = *state;
	uint8_t bytes[512];

	t->cx.state = NULL;
	for (size_t i = 0; i < sizeof tries / sizeof *tries; i++) {
		struct oto_cur c = oto_cur_of(test_hex(tries[i].hex, bytes, sizeof bytes));
		t->cx.key = 443;
		assert_int_equal(t->analyzer->probe(&t->cx, c), tries[i].own);
		t->cx.key = 0;
		assert_int_equal(t->analyzer->probe(&t->cx, c), tries[i].other);
	}
	t->cx.state = t->state;
}

static void damaged(void **state)
{
	struct test_host *t = *state;

	HAS(client(t, "16 0301 0006 01 000002 0303"), "weird bad_client_hello");
	HAS(server(t, "16 0301 0006 02 000002 0303"), "weird bad_server_hello");
	HAS(server(t, "16 0301 0009 0b 000005 000009 0000"), "weird bad_certificate_message");
	HAS(server(t, "16 0301 000d 0b 000009 000006 000003 010203"), "weird bad_certificate");
	HAS(server(t, "ff 0301 0000"), "pdu_len -1");
	HAS(test_closing(t), "ssl_history=Csxx\n");
}

/* Every message at every length, in records that say so. */
/* A list whose last entry ends behind it: what was read holds, and reading ends. */
static void a_name_longer_than_its_list(void **state)
{
	static const char hello[] = "16 0301 004e 01 00004a 0303" RANDOM "00 0006 c02f 1a1a 002f 01 00 001b"
				    "0000 0017 0015 00 000d 706c632e6578616d706c652e31 00 00ff 6162";
	struct test_host *t = *state;

	HAS(client(t, hello), "tls.client_hello version=TLSv12 offered=TLSv12 server_name=plc.example.1 ");
}

static void cut(void **state)
{
	static const char *const messages[] = { "01 00006a" HELLO_BODY, "02 000026" ANSWER_BODY, "0c 000005 03 0018 01 04" };
	struct test_host *t = *state;

	test_cut(t, true, HELLO);
	test_cut(t, false, ANSWER DONE CHANGE FINISHED);
	for (size_t m = 0; m < sizeof messages / sizeof *messages; m++) {
		uint8_t bytes[256];
		struct oto_slice whole = test_hex(messages[m], bytes, sizeof bytes);
		for (uint32_t n = 4; n < whole.len; n++) {
			uint8_t *exact = oto_calloc(1, n + 5u);
			memcpy(exact, (uint8_t[]){ 22, 3, 3, 0, (uint8_t)n }, 5);
			memcpy(exact + 5, bytes, n);
			exact[8] = (uint8_t)(n - 4);
			test_bytes(t, m == 0, (struct oto_slice){ exact, n + 5 });
			free(exact);
		}
	}
	test_closing(t);
}

/* ------------------------------------------------------------------------------------------------ certificates */

#define FINGERPRINT_HEX "6070129ddbe2081d6bc52f73fc0acc15e77501c3cfed3f88bc385d5525c78003"

static struct oto_slice der(uint8_t *out, uint32_t size)
{
	return test_hex(TEST_CERTIFICATE, out, size);
}

static const char *show(struct test_host *t, bool from_client, struct oto_slice certificate)
{
	uint8_t message[2048] = { 22, 3, 3 };
	uint32_t n = certificate.len;

	message[3] = (uint8_t)((n + 10) >> 8);
	message[4] = (uint8_t)(n + 10);
	memcpy(&message[5],
	       (uint8_t[]){ 11, 0, (uint8_t)((n + 6) >> 8), (uint8_t)(n + 6), 0, (uint8_t)((n + 3) >> 8), (uint8_t)(n + 3), 0,
			    (uint8_t)(n >> 8), (uint8_t)n },
	       10);
	memcpy(&message[15], certificate.data, n);
	return test_bytes(t, from_client, (struct oto_slice){ message, n + 15 });
}

static void certificates(void **state)
{
	struct test_host *t = *state;
	uint8_t bytes[1024];

	t->head.ts.ns = INT64_C(1700000000000000000);
	client(t, HELLO);
	server(t, ANSWER);
	const char *s = show(t, false, der(bytes, sizeof bytes));
	HAS(s, "tls.certificate ts=1700000000.003000 fingerprint=" FINGERPRINT_HEX " version=3 serial=");
	HAS(s, " subject=serialNumber=S-1,O=Works,CN=plc.example issuer=serialNumber=S-1,O=Works,CN=plc.example "
	       "not_valid_before=1577836800.000000 not_valid_after=1609459200.000000 key_alg=id-ecPublicKey "
	       "sig_alg=ecdsa-with-SHA256 key_type=ecdsa key_length=256 curve=prime256v1 san_dns=plc.example,*.plc.example san_uri=urn:x "
	       "san_ip=10.0.0.2 ca=T host_cert=T client_cert=F self_signed=T expired=T not_yet_valid=F repeated=F\n");
	HAS(s, "fact certificate_name=plc.example\nfact certificate_organization=Works\nfact hostname=plc.example\n");
	HAS(s, "fact serial=S-1\n");
	HAS(s, "fact vendor=Works\nfact certificate_expired=2021-01-01\n");
	HAS(show(t, false, der(bytes, sizeof bytes)), "repeated=T");
	HAS(show(t, true, der(bytes, sizeof bytes)), "client_cert=T self_signed=T expired=T not_yet_valid=F repeated=F");
	HAS(test_closing(t),
	    "cert_chain_fps=" FINGERPRINT_HEX "," FINGERPRINT_HEX " client_cert_chain_fps=" FINGERPRINT_HEX " sni_matches_cert=F");
}

static void certificates_cut(void **state)
{
	struct test_host *t = *state;
	uint8_t bytes[1024];
	struct oto_slice whole = der(bytes, sizeof bytes);

	client(t, HELLO);
	server(t, ANSWER);
	for (uint32_t n = 1; n < whole.len; n++) {
		uint8_t *exact = oto_calloc(1, n);
		memcpy(exact, bytes, n);
		show(t, false, (struct oto_slice){ exact, n });
		free(exact);
	}
	/* and with each octet another one */
	for (uint32_t i = 0; i < whole.len; i++) {
		bytes[i] ^= 0xff;
		show(t, false, whole);
		bytes[i] ^= 0xff;
	}
}

static void names(void **state)
{
	static const struct {
		const char *host;
		bool fits;
	} tries[] = {
		{ "plc.example", true },      { "PLC.Example", true },   { "a.plc.example", true },
		{ "a.b.plc.example", false }, { ".plc.example", false }, { "plc.example.", false },
		{ "10.0.0.2", false },        { "xplc.example", false }, { "", false },
	};
	uint8_t bytes[1024];
	struct oto_slice certificate = der(bytes, sizeof bytes);

	(void)state;
	for (size_t i = 0; i < sizeof tries / sizeof *tries; i++)
		assert_int_equal(tls_certificate_is_for(certificate, oto_slice_of(tries[i].host)), tries[i].fits);
	assert_false(tls_certificate_is_for((struct oto_slice){ 0 }, oto_slice_of("plc.example")));
}

/* ------------------------------------------------------------------------------------------------ fingerprints */

/* The published example of JA4: a browser's hello with SNI and h2. */
static void ja4(void **state)
{
	static const char ciphers[] = "1301 1302 1303 c02b c02f c02c c030 cca9 cca8 c013 c014 009c 009d 002f 0035";
	static const char extensions[] = "001b 0000 0033 0010 4469 0017 002d 000d 0005 0023 0012 002b ff01 000b 000a 0015";
	static const char signatures[] = "0403 0804 0401 0503 0805 0501 0806 0601";
	struct test_host *t = *state;
	uint8_t c[64], e[64], s[32], v[2] = { 3, 4 };
	struct tls_hello h = { .version = TLS_1_2, .has_sni = true, .protocols = { (const uint8_t *)"\2h2", 3 } };

	test_hex(ciphers, c, sizeof c);
	test_hex(extensions, e, sizeof e);
	test_hex(signatures, s, sizeof s);
	h.ciphers = (struct oto_vec){ c, 15, OTO_VEC_U16BE };
	h.extensions = (struct oto_vec){ e, 16, OTO_VEC_U16BE };
	h.signatures = (struct oto_vec){ s, 8, OTO_VEC_U16BE };
	h.versions = (struct oto_vec){ v, 1, OTO_VEC_U16BE };
	tls_fingerprint_client(&t->cx, &h, 't');
	assert_int_equal(h.ja4.len, TLS_JA4_LEN);
	assert_memory_equal(h.ja4.data, "t13d1516h2_8daaf6152771_e5627efa2ab1", TLS_JA4_LEN);
	h = (struct tls_hello){ .version = TLS_DTLS_1_2, .protocols = { (const uint8_t *)"\1\xab", 2 } };
	tls_fingerprint_client(&t->cx, &h, 'd');
	assert_memory_equal(h.ja4.data, "dd2i0000ab_000000000000_000000000000", TLS_JA4_LEN);
}

static void words(void **state)
{
	struct test_host *t = *state;
	bool hint;

	assert_memory_equal(tls_version_word(&t->cx, 0x7f1c).data, "TLSv13-draft28", 14);
	assert_memory_equal(tls_word(&t->cx, &tls_groups, 9999).data, "unknown-9999", 12);
	assert_true(tls_cipher_has_curve(0xc02f, &hint) && !hint);
	assert_true(tls_cipher_has_curve(0xc035, &hint) && hint);
	assert_false(tls_cipher_has_curve(0x002f, &hint));
	assert_string_equal(tls_cipher_weakness(0x0017), "export grade");
	assert_string_equal(tls_cipher_weakness(0x0002), "no encryption");
	assert_string_equal(tls_cipher_weakness(0x000a), "triple DES");
	assert_null(tls_cipher_weakness(0x1301));
	assert_true(tls_is_grease(0xdada) && !tls_is_grease(0xdaca));
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, test_teardown)
	const struct CMUnitTest tests[] = {
		TEST(a_handshake),
		TEST(it_ends_before),
		TEST(messages_over_records),
		TEST(several_in_a_record),
		TEST(too_long_a_message),
		TEST(data_is_passed_over),
		TEST(tls_13),
		TEST(a_retry),
		TEST(resumed),
		TEST(resumed_by_ticket),
		TEST(old_hellos),
		TEST(ssl_2),
		TEST(heartbleed),
		TEST(the_responder_is_the_client),
		TEST(behind_a_preface),
		TEST(probes),
		TEST(damaged),
		TEST(a_name_longer_than_its_list),
		TEST(cut),
		TEST(certificates),
		TEST(certificates_cut),
		TEST(names),
		TEST(ja4),
		TEST(words),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
