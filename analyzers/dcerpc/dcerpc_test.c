/* dcerpc_test.c - calls over connections and datagrams, in fragments and both byte orders, what they do to a machine, the endpoint mapper,
 * damage.
 */
#include "../testing.h"

#include "dcerpc.h"

extern const struct oto_analyzer *const oto_analyzer_dcerpc;

static int setup(void **state)
{
	*state = test_host_new(oto_analyzer_dcerpc, OTO_TCP, 40000, 135);
	return 0;
}

static int setup_datagrams(void **state)
{
	*state = test_host_new(oto_analyzer_dcerpc, OTO_UDP, 49152, 34964);
	return 0;
}

#define NDR "045d888aeb1cc9119fe808002b104860 02000000"
/* Frame length and body; call number 2. */
#define PDU(type, flags, len, body) "0500" type flags "10000000" len "0000 02000000" body
#define BIND(uuid) PDU("0b", "03", "4800", "d016 d016 00000000 01000000 0000 0100" uuid "02000000" NDR)
#define BIND_ACK PDU("0c", "03", "3c00", "d016 d016 63100000 0400 31333500 0000 01000000 0000 0000" NDR)
#define SVCCTL "81bb7a364498f135ad3298f038001003"

static void connection(void **state)
{
	struct test_host *t = *state;

	SAID(test_pdu(t, true, BIND(SVCCTL)), "dcerpc.bind",
	     "context_id=0 interface=367abb81-9844-35f1-ad32-98f038001003 endpoint=svcctl major=2 minor=0 alter=F");
	test_pdu(t, false, BIND_ACK);
	const char *said = test_pdu(t, true, PDU("00", "03", "1c00", "04000000 0000 0200 01020304"));
	SAID(said, "dcerpc.request",
	     "call_id=2 context_id=0 interface=367abb81-9844-35f1-ad32-98f038001003 endpoint=svcctl opnum=2 operation=DeleteService "
	     "named_pipe=135 stub_len=4 encrypted=F");
	HAS(said, "dcerpc.action action=service_delete");
	HAS(said, "service dce_rpc");
	said = test_pdu(t, false, PDU("02", "03", "1c00", "04000000 0000 0000 00000000"));
	SAID(said, "dcerpc.call",
	     "ts=1.003000 rtt=0.001000 named_pipe=135 endpoint=svcctl operation=DeleteService "
	     "interface=367abb81-9844-35f1-ad32-98f038001003 opnum=2 call_id=2 stub_len=4 encrypted=F quiet=F datagram=F");
	test_pdu(t, true, PDU("00", "03", "1c00", "04000000 0000 0200 01020304"));
	said = test_pdu(t, false, PDU("03", "03", "2000", "20000000 0000 0000 0200011c 00000000"));
	HAS(said, "status=operation out of range");
}

/* A name in the second fragment belongs to the arguments all the same. */
static void fragments(void **state)
{
	struct test_host *t = *state;

	test_pdu(t, true, BIND(SVCCTL));
	const char *said = test_pdu(
	    t, true, PDU("00", "01", "3400", "00000000 0000 0c00 00000000 00000000 00000000 00000000 00000000 0200 0000 0000 0000"));
	assert_null(test_line(said, "dcerpc.request"));
	said = test_pdu(
	    t, true,
	    PDU("00", "02", "4400",
		"00000000 0000 0c00 02000000 61000000 00000000 00000000 00000000 00000000 00000000 02000000 00000000 02000000 62000000"));
	SAID(said, "dcerpc.action",
	     "action=service_create meaning=a service is installed endpoint=svcctl operation=CreateServiceW name=a command=b");
	/* Broken off by another call. */
	test_pdu(t, true, PDU("00", "01", "1c00", "00000000 0000 0c00 00000000"));
	said = test_pdu(t, true, "050000031000000018000000 03000000 00000000 0000 0000");
	HAS(said, "call_id=3");
	test_line(said, "dcerpc.request");
}

static void unknown_interface(void **state)
{
	struct test_host *t = *state;

	test_pdu(t, true, BIND("04030201 0605 0807 090a0b0c0d0e0f10"));
	test_pdu(t, true, PDU("00", "03", "1800", "00000000 0000 0700"));
	HAS(test_pdu(t, false, PDU("02", "03", "1800", "00000000 0000 0000")),
	    "endpoint=unknown-01020304-0506-0708-090a-0b0c0d0e0f10 operation=unknown-7");
	/* A response of which nothing was seen before. */
	assert_null(test_line(test_pdu(t, false, PDU("02", "03", "1800", "00000000 0500 0000")), "dcerpc.call"));
}

/* NTLM's negotiate behind a bind, and a request that is sealed. */
static void authentication(void **state)
{
	struct test_host *t = *state;
	const char *said = test_pdu(t, true,
				    "05000b03100000005c000c0002000000 d016 d016 00000000 01000000 0000 0100" SVCCTL "02000000" NDR
				    "0a060000 00000000 4e544c4d53535000 01000000");

	HAS(said, "auth_type=NTLM auth_level=privacy");
	HAS(said, "deliver 1/0 4e544c4d5353500001000000");
	said =
	    test_pdu(t, true, "050000031000000030000c00 02000000 00000000 0000 0c00 00000000 0a060400 00000000 01000000 00000000 00000000");
	HAS(said, "encrypted=T");
	assert_null(strstr(said, "deliver 0/"));
	HAS(said, "action=service_create");
}

static void endpoint_mapper(void **state)
{
	struct test_host *t = *state;

	test_pdu(t, true, BIND("0883afe11f5dc91191a408002b14a0fa"));
	test_pdu(t, true, PDU("00", "03", "1800", "00000000 0000 0300"));
	const char *said =
	    test_pdu(t, false,
		     PDU("02", "03", "9800",
			 "00000000 0000 0000 0000000000000000000000000000000000000000 01000000 04000000 00000000 01000000 03000000"
			 "4b000000 4b000000 0500 1300 0d" SVCCTL "0200 0200 0000 1300 0d 045d888aeb1cc9119fe808002b104860 0200"
			 "0200 0000 0100 0b 0200 0000 0100 07 0200 c003 0100 09 0400 0a000002 00 00000000"));
	SAID(said, "dcerpc.endpoint",
	     "interface=367abb81-9844-35f1-ad32-98f038001003 endpoint=svcctl transport=tcp host=10.0.0.2 port=49155");
	HAS(said, "expect dcerpc port 49155 transport 6");
}

#define DEVICE_LE "0100a0de 976c d111 8271 00a02442df7d"
#define DEVICE_BE "dea00001 6c97 11d1 8271 00a02442df7d"
#define ZERO16 "00000000000000000000000000000000"
#define ACTIVITY "01020304 0506 0708 090a0b0c0d0e0f10"

static void datagrams(void **state)
{
	struct test_host *t = *state;
	const char *said = test_pdu(
	    t, true, "04002000 100000 00" ZERO16 DEVICE_LE ACTIVITY "00000000 01000000 07000000 0200 ffff ffff 0400 0000 0000 aabbccdd");

	HAS(said, "endpoint=pn_io_device opnum=2 operation=Read");
	HAS(said, "aabbccdd\n");
	said = test_pdu(t, false,
			"04020000 000000 00" ZERO16 DEVICE_BE
			"0403020106050807090a0b0c0d0e0f10 00000000 00000001 00000007 0002 ffff ffff 0000 0000 0000");
	HAS(said, "rtt=0.001000 endpoint=pn_io_device operation=Read");
	said = test_pdu(t, false,
			"04060000 100000 00" ZERO16 DEVICE_LE ACTIVITY "00000000 01000000 07000000 0200 ffff ffff 0400 0000 0000 0300011c");
	HAS(said, "status=unknown interface");
	assert_null(test_line(
	    test_pdu(t, true, "04010000 100000 00" ZERO16 DEVICE_LE ACTIVITY "00000000 01000000 07000000 0200 ffff ffff 0000 0000 0000"),
	    "dcerpc.request"));
}

#define PIECE(flags, number, byte)                                                                                                         \
	"0400" flags "00 100000 00" ZERO16 DEVICE_LE ACTIVITY "00000000 01000000 09000000 0300 ffff ffff 0100" number "0000" byte

static void datagrams_in_fragments(void **state)
{
	struct test_host *t = *state;

	assert_null(test_line(test_pdu(t, true, PIECE("04", "0000", "01")), "dcerpc.request"));
	assert_null(test_line(test_pdu(t, true, PIECE("04", "0100", "02")), "dcerpc.request"));
	assert_null(test_line(test_pdu(t, true, PIECE("04", "0100", "02")), "dcerpc.request")); /* sent again */
	const char *said = test_pdu(t, true, PIECE("06", "0200", "03"));
	HAS(said, "stub_len=3");
	HAS(said, "010203\n");
	/* One is missing. */
	test_pdu(t, true, PIECE("04", "0000", "01"));
	assert_null(test_line(test_pdu(t, true, PIECE("06", "0200", "03")), "dcerpc.request"));
}

/* What a child reads is what was put. */
static void for_children(void **state)
{
	uint8_t bytes[DCERPC_CALL_HEAD + 1];
	struct dcerpc_call in = { .version = 4,
				  .type = 2,
				  .little_endian = true,
				  .has_opnum = true,
				  .opnum = 0x1234,
				  .minor = 3,
				  .major = 1,
				  .sequence = 0x01020304,
				  .status = 0x1c010002,
				  .object = { 1 },
				  .activity = { 2 } },
			   out;

	(void)state;
	dcerpc_put_call(bytes, &in);
	bytes[DCERPC_CALL_HEAD] = 9;
	struct oto_cur c = oto_cur_of((struct oto_slice){ bytes, sizeof bytes });
	assert_true(dcerpc_take_call(&c, &out));
	uint8_t again[DCERPC_CALL_HEAD];
	dcerpc_put_call(again, &out);
	assert_memory_equal(bytes, again, sizeof again);
	assert_int_equal(oto_left(&c), 1);
	c = oto_cur_of((struct oto_slice){ bytes, DCERPC_CALL_HEAD - 1 });
	assert_false(dcerpc_take_call(&c, &out));
}

static void probes(void **state)
{
	struct test_host *t = *state;

	assert_int_equal(test_probe(t, BIND(SVCCTL)), OTO_MINE);
	assert_int_equal(test_probe(t, "05"), OTO_NEED_MORE);
	assert_int_equal(test_probe(t, "05000b0310"), OTO_NEED_MORE);
	assert_int_equal(test_probe(t, "05000401"), OTO_NOT_MINE);
	assert_int_equal(test_probe(t, "0500010310000000180000000200000000"), OTO_NOT_MINE);
	assert_int_equal(test_probe(t, "05000b03100000000f00000002000000"), OTO_NOT_MINE);
	assert_int_equal(test_probe(t, "16030102"), OTO_NOT_MINE);
	t->cx.transport = OTO_UDP;
	assert_int_equal(test_probe(t, "04002000"), OTO_NOT_MINE);
}

static void damage(void **state)
{
	struct test_host *t = *state;

	test_cut(t, true, BIND(SVCCTL));
	test_cut(t, false, BIND_ACK);
	test_cut(t, false, PDU("03", "03", "2000", "20000000 0000 0000 0200011c 00000000"));
	/* More contexts than there are, an address longer than the PDU, a trailer larger than all. */
	HAS(test_pdu(t, true, PDU("0b", "03", "2000", "d016 d016 00000000 ff000000 0000 0100")), "truncated");
	HAS(test_pdu(t, false, PDU("0c", "03", "1c00", "d016 d016 63100000 ffff 3133")), "truncated");
	HAS(test_pdu(t, true, "0500000310000000180008000200000000000000 00000000"), "truncated");
}

static void datagram_damage(void **state)
{
	test_cut(*state, true, PIECE("06", "0000", "03"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(connection, setup, test_teardown),
		cmocka_unit_test_setup_teardown(fragments, setup, test_teardown),
		cmocka_unit_test_setup_teardown(unknown_interface, setup, test_teardown),
		cmocka_unit_test_setup_teardown(authentication, setup, test_teardown),
		cmocka_unit_test_setup_teardown(endpoint_mapper, setup, test_teardown),
		cmocka_unit_test_setup_teardown(datagrams, setup_datagrams, test_teardown),
		cmocka_unit_test_setup_teardown(datagrams_in_fragments, setup_datagrams, test_teardown),
		cmocka_unit_test(for_children),
		cmocka_unit_test_setup_teardown(probes, setup, test_teardown),
		cmocka_unit_test_setup_teardown(damage, setup, test_teardown),
		cmocka_unit_test_setup_teardown(datagram_damage, setup_datagrams, test_teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
