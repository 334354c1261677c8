/* quic_test.c - keys and packets against the examples of RFC 9001 and RFC 9369, hellos in pieces, and damaged packets. */
#include "../testing.h"
#include "quic_crypto.h"

extern const struct oto_analyzer *const oto_analyzer_quic;

static int setup(void **state)
{
	*state = test_host_new(oto_analyzer_quic, OTO_UDP, 40000, 443);
	return 0;
}

#define DCID "8394c8f03e515708"

static void is(const uint8_t *bytes, uint32_t n, const char *hex)
{
	uint8_t expected[64];

	assert_int_equal(test_hex(hex, expected, sizeof expected).len, n);
	assert_memory_equal(bytes, expected, n);
}

/* RFC 9001 A.1, RFC 9369 A.1. */
static void keys(void **state)
{
	struct quic_keys client, server;
	uint8_t dcid[8];

	(void)state;
	struct oto_slice id = test_hex(DCID, dcid, sizeof dcid);
	quic_initial_keys(QUIC_V1, id, &client, &server);
	is(client.key, 16, "1f369613dd76d5467730efcbe3b1a22d");
	is(client.iv, 12, "fa044b2f42a3fd3b46fb255c");
	is(client.hp, 16, "9f50449e04a0e810283a1e9933adedd2");
	is(server.key, 16, "cf3a5331653c364c88f0f379b6067e37");
	is(server.iv, 12, "0ac1493ca1905853b0bba03e");
	is(server.hp, 16, "c206b8d9b9f0f37644430b490eeaa314");
	quic_initial_keys(QUIC_V2, id, &client, &server);
	is(client.key, 16, "8b1a0bc121284290a29e0971b5cd045d");
	is(client.iv, 12, "91f73e2351d8fa91660e909f");
	is(client.hp, 16, "45b95e15235d6f45a6b19cbcb0294ba9");
	assert_true(quic_is_known(0xff00001d));
	assert_false(quic_is_known(0x51303433));
}

/* RFC 9001 A.3: the server's initial packet, with an acknowledgement and its hello. */
#define SERVER_PACKET                                                                                                                      \
	"cf000000010008f067a5502a4262b5004075c0d95a482cd0991cd25b0aac406a5816b6394100f37a1c69797554780bb38cc5a99f5ede4cf73c3ec2493a1839b3" \
	"db"                                                                                                                               \
	"cba3f6ea46c5b7684df3548e7ddeb9c3bf9c73cc3f3bded74b562bfb19fb84022f8ef4cdd93795d77d06edbb7aaf2f58891850abbdca3d20398c276456cbc421" \
	"58407dd074ee"

static void a_packet(void **state)
{
	struct quic_keys client, server;
	uint8_t dcid[8], bytes[200], frames[200];
	uint32_t len = 0;

	(void)state;
	quic_initial_keys(QUIC_V1, test_hex(DCID, dcid, sizeof dcid), &client, &server);
	struct oto_slice packet = test_hex(SERVER_PACKET, bytes, sizeof bytes);
	assert_true(quic_open(&server, packet, 18, frames, &len));
	assert_int_equal(len, 99);
	assert_int_equal(frames[5], 0x06);
	assert_false(quic_open(&client, packet, 18, frames, &len));
	for (uint32_t n = 0; n < packet.len; n++) {
		uint8_t *exact = oto_calloc(1, n + 1);
		memcpy(exact, bytes, n);
		assert_false(quic_open(&server, (struct oto_slice){ exact, n }, 18, frames, &len));
		free(exact);
	}
	bytes[40] ^= 1;
	assert_false(quic_open(&server, packet, 18, frames, &len));
}

/* What a server says cannot be read without the client's first packet; that it speaks can. */
static void joined_late(void **state)
{
	struct test_host *t = *state;

	HAS(test_pdu(t, false, SERVER_PACKET), "scid=f067a5502a4262b5 token=0 from_client=F readable=F");
	assert_string_equal(test_pdu(t, false, "41 00112233445566778899aabbccddeeff00112233"), "");
	HAS(test_closing(t), "version=1 server_scid=f067a5502a4262b5 history=i");
}

static void unreadable(void **state)
{
	struct test_host *t = *state;

	HAS(test_pdu(t, true, "c3 00000001 08" DCID "00 00 4020 00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"),
	    "weird unreadable_initial");
	HAS(test_closing(t), "history=I");
}

static void other_packets(void **state)
{
	struct test_host *t = *state;

	assert_string_equal(test_pdu(t, true, "d3 00000001 08" DCID "00 05 0011223344 e3 00000001 08" DCID "00 02 aabb"), "");
	assert_string_equal(test_pdu(t, false, "f0 00000001 00 08" DCID "0011223344556677"), "");
	assert_string_equal(test_pdu(t, false, "80 00000000 00 08" DCID "00000001"), "");
	assert_string_equal(test_pdu(t, false, "c0 0a0a0a0a 00 00"), "");
	HAS(test_closing(t), "history=ZHrv");
}

static void probes(void **state)
{
	static const struct {
		const char *hex;
		enum oto_answer own, other;
	} tries[] = {
		{ SERVER_PACKET, OTO_MINE, OTO_MINE },
		{ "c3 00000001 08" DCID "00 00 4020 00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff", OTO_MINE, OTO_MINE },
		{ "c3 00000001 08" DCID "00 00 4021 00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff", OTO_NOT_MINE,
		  OTO_NOT_MINE },
		{ "e3 00000001 08" DCID "00 4020 00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff", OTO_MINE,
		  OTO_NOT_MINE },
		{ "c3 00000099 08" DCID "00 00 4020 00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff", OTO_NOT_MINE,
		  OTO_NOT_MINE },
		{ "c3 00000001 15 00112233445566778899aabbccddeeff0011223344 00 00 01 00", OTO_NOT_MINE, OTO_NOT_MINE },
		{ "41 00112233", OTO_NOT_MINE, OTO_NOT_MINE },
		{ "c3", OTO_NOT_MINE, OTO_NOT_MINE },
	};
	struct test_host *t = *state;
	uint8_t bytes[512];

	for (size_t i = 0; i < sizeof tries / sizeof *tries; i++) {
		struct oto_cur c = oto_cur_of(test_hex(tries[i].hex, bytes, sizeof bytes));
		t->cx.key = 443;
		assert_int_equal(t->analyzer->probe(&t->cx, c), tries[i].own);
		t->cx.key = 0;
		assert_int_equal(t->analyzer->probe(&t->cx, c), tries[i].other);
	}
}

static void damaged(void **state)
{
	struct test_host *t = *state;

	test_cut(t, false, SERVER_PACKET);
	test_cut(t, true, "c3 00000001 08" DCID "00 00 4020 00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff");
	test_closing(t);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, test_teardown)
	const struct CMUnitTest tests[] = { TEST(keys),          TEST(a_packet), TEST(joined_late), TEST(unreadable),
					    TEST(other_packets), TEST(probes),   TEST(damaged) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
