/* enip_test.c - every command of the encapsulation, framing, discovery, CIP Security, and what damaged bytes do. */
#include "../testing.h"
#include "enip.h"

extern const struct oto_analyzer *const oto_analyzer_enip;

static int setup(void **state)
{
	*state = test_host_new(oto_analyzer_enip, OTO_TCP, 49152, 44818);
	return 0;
}

static int setup_udp(void **state)
{
	*state = test_host_new(oto_analyzer_enip, OTO_UDP, 49152, 44818);
	return 0;
}

static int setup_security(void **state)
{
	*state = test_host_new(oto_analyzer_enip, OTO_TCP, 49152, 2221);
	return 0;
}

/* Command, length, session, status, context 1, options. */
#define HEADER(command, length, session, status) command length session status "0100000000000000 00000000 "
#define IDENTITY                                                                                                                           \
	HEADER("6300", "3300", "00000000", "00000000")                                                                                     \
	"0100 0c00 2d00 0100 0002 af12 0a0101a4 0000000000000000 0100 0c00 3a00 04 03 3000 8e4d5200 0b 313735362d454e42542f41 03"

static void sessions(void **state)
{
	struct test_host *t = *state;

	const char *s = test_pdu(t, true, HEADER("6500", "0400", "00000000", "00000000") "0100 0000");
	HAS(s, "enip_command=Register Session length=4 session_handle=0x00000000 enip_status=Success sender_context=0x0100000000000000");
	HAS(s, "operation other Register Session\n");
	s = test_pdu(t, false, HEADER("6500", "0400", "78563412", "00000000") "0100 0000");
	HAS(s, "session_handle=0x12345678");
	HAS(s, "direction=response");
	HAS(s, "outcome ok\n");
	test_pdu(t, true, HEADER("6500", "0400", "00000000", "00000000") "0900 0000");
	HAS(test_pdu(t, false, HEADER("6500", "0400", "00000000", "69000000") "0100 0000"),
	    "outcome error Unsupported Protocol Revision\n");
	HAS(test_pdu(t, true, HEADER("6600", "0000", "78563412", "00000000")), "operation other Unregister Session\n");
	HAS_NOT(test_pdu(t, true, HEADER("0000", "0000", "78563412", "00000000")), "operation");
	HAS(test_pdu(t, true, HEADER("7200", "0000", "78563412", "00000000")), "enip_command=Indicate Status");
	HAS(test_pdu(t, true, HEADER("7300", "0000", "78563412", "00000000")), "enip_command=Cancel");
	HAS(test_pdu(t, true, HEADER("0100", "0000", "00000000", "00000000")), "enip_command=Legacy 0x01");
}

static void discovery(void **state)
{
	struct test_host *t = *state;

	HAS(test_pdu(t, true, HEADER("6300", "0000", "00000000", "00000000")), "operation discover List Identity\n");
	const char *s = test_pdu(t, false, IDENTITY);
	HAS(s, "vendor_name=Rockwell Automation/Allen-Bradley device_type_id=12 device_type_name=Communications Adapter product_code=58 "
	       "revision=4.3 device_status=0x0030 serial_number=0x00524d8e product_name=1756-ENBT/A device_state=0x0003 state=operational");
	HAS(s, "fact model=1756-ENBT/A\n");
	HAS(s, "fact serial=0x00524d8e\n");
	HAS(s, "fact firmware=4.3\n");
	HAS(s, "fact ip=10.1.1.164\n");
	HAS(s, "outcome ok\n");
	HAS(test_pdu(t, true, HEADER("0400", "0000", "00000000", "00000000")), "operation discover List Services\n");
	s = test_pdu(t, false, HEADER("0400", "1a00", "00000000", "00000000") "0100 0001 1400 0100 2001 436f6d6d756e69636174696f6e730000");
	HAS(s, "items=services protocol_version=1 service_name=Communications capability_flags=0x0120");
	HAS(test_pdu(t, true, HEADER("6400", "0000", "00000000", "00000000")), "operation discover List Interfaces\n");
	HAS(test_pdu(t, false, HEADER("6400", "0200", "00000000", "00000000") "0000"), "outcome ok\n");
}

static void data(void **state)
{
	struct test_host *t = *state;

	const char *s =
	    test_pdu(t, true, HEADER("6f00", "1600", "78563412", "00000000") "00000000 0a00 0200 0000 0000 b200 0600 0e02 2001 2401");
	HAS(s, "items=null address,unconnected data");
	HAS(s, "deliver 0/0 6f00160078563412");
	s = test_pdu(t, true,
		     HEADER("6f00", "3800", "78563412", "00000000") "00000000 0a00 0400 0000 0000 b200 0000 0080 1000 0002 08ae c0a80001 "
								    "0000000000000000 0180 1000 0002 08ae efc00100 0000000000000000");
	HAS(s, "ot_address=192.168.0.1 ot_port=2222 to_address=239.192.1.0 to_port=2222");
	HAS(test_pdu(t, false, HEADER("6f00", "0000", "78563412", "64000000")), "deliver 0/0 6f00000078563412");
	HAS_NOT(test_pdu(t, true, HEADER("6f00", "0000", "78563412", "64000000")), "deliver");
	s = test_pdu(t, true, HEADER("6f00", "0200", "78563412", "00000000") "0000");
	HAS(s, "weird short_data");
	HAS(s, "enip_command=Send RR Data");
	HAS_NOT(s, "deliver");
}

static int64_t framed(struct test_host *t, const char *hex)
{
	static uint8_t in[4096];
	return t->analyzer->pdu_len(&t->cx, oto_cur_of(test_hex(hex, in, sizeof in)));
}

static void framing(void **state)
{
	struct test_host *t = *state;

	assert_int_equal(framed(t, "6f"), 0);
	assert_int_equal(framed(t, "6f00"), 0);
	assert_int_equal(framed(t, "4745"), -1);
	assert_int_equal(framed(t, HEADER("6f00", "1600", "78563412", "00000000")), 46);
	assert_int_equal(framed(t, HEADER("6f00", "0200", "78563412", "00000000")), 26);
	assert_int_equal(framed(t, HEADER("6f00", "1600", "78563412", "01010101")), -1);
	assert_int_equal(framed(t, HEADER("0000", "0000", "00000000", "00000000")), 24);
	assert_int_equal(framed(t, HEADER("0000", "0000", "00000000", "00000000") "0000"), -1);
	assert_int_equal(framed(t, HEADER("0000", "0000", "00000000", "00000000") "6f00"), 24);
}

static enum oto_answer probe(uint8_t transport, uint16_t port, const char *hex)
{
	struct test_host *t = test_host_new(oto_analyzer_enip, transport, 40000, port);
	enum oto_answer answer = test_probe(t, hex);

	test_host_free(t);
	return answer;
}

static void probes(void **state)
{
	(void)state;
	assert_int_equal(probe(OTO_TCP, 44818, "6f00"), OTO_NEED_MORE);
	assert_int_equal(probe(OTO_TCP, 44818, "4745"), OTO_NOT_MINE);
	assert_int_equal(probe(OTO_UDP, 44818, "6f00"), OTO_NOT_MINE);
	assert_int_equal(probe(OTO_UDP, 44818, IDENTITY), OTO_MINE);
	assert_int_equal(probe(OTO_UDP, 44818, IDENTITY "00"), OTO_NOT_MINE);
	assert_int_equal(probe(OTO_TCP, 44818, IDENTITY), OTO_MINE);
	assert_int_equal(probe(OTO_TCP, 5000, IDENTITY), OTO_NOT_MINE);
	assert_int_equal(probe(OTO_TCP, 5000, HEADER("6500", "0400", "00000000", "00000000") "0100 0000"), OTO_MINE);
	assert_int_equal(probe(OTO_TCP, 5000, HEADER("6500", "0400", "00000000", "00000000") "0200 0000"), OTO_NOT_MINE);
	assert_int_equal(probe(OTO_TCP, 5000, HEADER("6500", "0400", "00000000", "00000000") "0100"), OTO_NEED_MORE);
	assert_int_equal(probe(OTO_TCP, 5000, HEADER("6f00", "1600", "00000000", "00000000") "00000000 0a00 0200 0000 0000 b200"),
			 OTO_MINE);
	assert_int_equal(probe(OTO_TCP, 5000, HEADER("6f00", "1600", "00000000", "00000000") "00000001 0a00 0200 0000 0000 b200"),
			 OTO_NOT_MINE);
	assert_int_equal(probe(OTO_TCP, 2221, "1603010030"), OTO_MINE);
	assert_int_equal(probe(OTO_TCP, 2221, "160301"), OTO_NEED_MORE);
	assert_int_equal(probe(OTO_TCP, 2221, "4745542020"), OTO_NOT_MINE);
	assert_int_equal(probe(OTO_UDP, 2221, "16fefd0000000000000000000101"), OTO_MINE);
	assert_int_equal(probe(OTO_UDP, 2221, "1603010030"), OTO_NOT_MINE);
}

static void security(void **state)
{
	struct test_host *t = *state;

	const char *s = test_pdu(t, true, "1603010007 01000003 0303 00");
	HAS(s, "enip.security what=client hello version=TLS 1.2");
	HAS(s, "fact protocol=CIP Security");
	HAS_NOT(test_pdu(t, true, "1603010007 01000003 0303 00"), "enip.security");
	HAS(test_pdu(t, false, "1603030007 02000003 0303 00"), "server hello");
	assert_string_equal(test_pdu(t, true, "1703030003 010203"), "");
	assert_int_equal(framed(t, "1703"), 0);
	assert_int_equal(framed(t, "1703030000"), -1);
}

static void security_of_identity(void **state)
{
	struct test_host *t = *state;

	const char *s = test_pdu(t, false, HEADER("6300", "0d00", "00000000", "00000000") "0100 8600 0700 0600 02 02 0c 0000");
	HAS(s, "what=capabilities profiles=0x0006 state=configured enip_state=configured iana_ports=0x0c");
}

/* Each message cut at each byte in memory of just that size; over UDP a datagram is what came. */
static void damage(void **state)
{
	static const char *const messages[] = { IDENTITY, HEADER("6500", "0400", "00000000", "00000000") "0100 0000",
						HEADER("6f00", "1600", "78563412",
						       "00000000") "00000000 0a00 0200 0000 0000 b200 0600 0e02 "
								   "2001 2401",
						HEADER("0400", "1a00", "00000000", "00000000") "0100 0001 1400 0100 2001 "
											       "436f6d6d756e69636174696f6e730000" };
	struct test_host *t = *state;
	static uint8_t bytes[512];

	for (uint32_t i = 0; i < sizeof messages / sizeof *messages; i++) {
		struct oto_slice whole = test_hex(messages[i], bytes, sizeof bytes);
		for (uint32_t cut = 0; cut <= whole.len; cut++) {
			uint8_t *exact = malloc(cut ? cut : 1);
			memcpy(exact, whole.data, cut);
			test_bytes(t, false, (struct oto_slice){ exact, cut });
			free(exact);
		}
		for (uint32_t at = 0; at < whole.len; at++) {
			bytes[at] ^= 0xff;
			test_bytes(t, false, whole);
			bytes[at] ^= 0xff;
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(sessions, setup, test_teardown),
		cmocka_unit_test_setup_teardown(discovery, setup, test_teardown),
		cmocka_unit_test_setup_teardown(discovery, setup_udp, test_teardown),
		cmocka_unit_test_setup_teardown(data, setup, test_teardown),
		cmocka_unit_test_setup_teardown(framing, setup, test_teardown),
		cmocka_unit_test(probes),
		cmocka_unit_test_setup_teardown(security, setup_security, test_teardown),
		cmocka_unit_test_setup_teardown(security_of_identity, setup, test_teardown),
		cmocka_unit_test_setup_teardown(damage, setup, test_teardown),
		cmocka_unit_test_setup_teardown(damage, setup_udp, test_teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
