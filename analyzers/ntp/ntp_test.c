/* ntp_test.c - times, pairs, extensions, control and private messages, facts, and what damaged messages do. */
#include "../testing.h"

extern const struct oto_analyzer *const oto_analyzer_ntp;

#define TIMES "e9f0c080 80000000"
#define SERVER_HEAD "24 02 06 ec 00000312 00000800 c0000201"

static struct test_host *host(void)
{
	return test_host_new(oto_analyzer_ntp, OTO_UDP, 40000, 123);
}

static void exchange(void **state)
{
	(void)state;
	struct test_host *t = host();
	const char *s = test_pdu(t, true,
				 "e3 00 04 00 00000000 00000000 00000000"
				 "0000000000000000 0000000000000000 0000000000000000" TIMES);
	SAID(s, "ntp.message",
	     "version=4 mode=3 mode_name=client leap=unsynchronized stratum=0 poll=16.000000 precision=1.000000 root_delay=0.000000 "
	     "root_disp=0.000000 ref_id=\\x00\\x00\\x00\\x00 ref_time=0.000000 org_time=0.000000 rec_time=0.000000 "
	     "xmt_time=1715880448.500000 "
	     "num_exts=0 matched=F");
	assert_null(test_line(s, "fact"));
	s = test_pdu(t, false, SERVER_HEAD TIMES TIMES TIMES TIMES);
	HAS(s, "leap=none stratum=2 poll=64.000000 precision=0.000000 root_delay=0.011993 root_disp=0.031250 ref_id=192.0.2.1");
	HAS(s, "matched=T latency=0.001000 clock_offset=1715880447.498000");
	HAS(s, "fact role=ntp server\nfact ntp_stratum=2\nfact ntp_reference=192.0.2.1\n");
	s = test_pdu(t, false, SERVER_HEAD TIMES TIMES TIMES TIMES);
	HAS(s, "matched=F");
	HAS_NOT(s, "fact"); /* nothing new */
	s = test_pdu(t, false, "24 01 06 ec 00000312 00000800 47505300" TIMES TIMES TIMES TIMES);
	HAS(s, "ref_id=GPS\\x00");
	HAS(s, "fact ntp_stratum=1\nfact ntp_reference=GPS\n");
	s = test_pdu(t, false, "24 00 06 ec 00000312 00000800 52415445" TIMES TIMES TIMES TIMES);
	HAS(s, "ref_id=RATE");
	HAS_NOT(s, "fact"); /* a kiss of death says nothing of the clock */
	test_host_free(t);
}

static void numbers(void **state)
{
	(void)state;
	struct test_host *t = host();
	/* an exponent beyond what 64 bits hold, and one below a nanosecond */
	const char *s = test_pdu(t, false, "25 10 7f 80 ffffffff ffffffff 00000000" TIMES TIMES TIMES "00000025 00000000");
	HAS(s, "mode_name=broadcast");
	HAS(s, "poll=9223372036.854775 precision=0.000000 root_delay=65535.999984");
	HAS(s, "xmt_time=-2208988763.000000");
	HAS_NOT(s, "fact");
	test_host_free(t);
}

static void trailers(void **state)
{
	(void)state;
	struct test_host *t = host();
	const char *s = test_pdu(t, false, SERVER_HEAD TIMES TIMES TIMES TIMES "00000005 00112233445566778899aabbccddeeff");
	HAS(s, "num_exts=0 key_id=5");
	s = test_pdu(t, false,
		     SERVER_HEAD TIMES TIMES TIMES TIMES "0104 001c 000000000000000000000000000000000000000000000000"
							 "0204 0010 000000000000000000000000"
							 "00000007 00112233445566778899aabbccddeeff00112233");
	HAS(s, "num_exts=2 key_id=7");
	s = test_pdu(t, false, SERVER_HEAD TIMES TIMES TIMES TIMES "0104 0003 000000000000000000000000000000000000000000000000");
	HAS(s, "num_exts=0 matched");
	test_host_free(t);
}

static void control(void **state)
{
	(void)state;
	struct test_host *t = host();
	SAID(test_pdu(t, true, "16 02 0001 0000 0000 0000 0000"), "ntp.control",
	     "version=2 opcode=read_variables response=F error=F more=F sequence=1 status=0 association=0 offset=0");
	/* version="n 4", system="L/5, x", processor="p" */
	const char *s = test_pdu(t, false,
				 "16 82 0001 0615 0000 0000 002c 76657273696f6e3d226e2034222c2073797374656d3d224c2f352c2078222c0d0a"
				 "70726f636573736f723d2270");
	HAS(s, "response=T");
	HAS(s, "fact software=n 4\nfact os=L/5, x\n");
	s = test_pdu(t, true, "16 08 0002 0000 0000 0000 0006 6b6579203132"); /* what is written may be a key */
	HAS(s, "opcode=configure");
	HAS_NOT(s, "key");
	HAS(test_pdu(t, false, "16 c8 0002 0000 0000 0000 0000"), "error=T");
	SAID(test_pdu(t, false, "16 82 0001 0615 0000 0000 0100 76"), "weird", "truncated");
	test_host_free(t);
}

static void private(void **state)
{
	(void)state;
	struct test_host *t = host();
	SAID(test_pdu(t, true, "17 00 03 2a 0000 0000"), "ntp.private",
	     "version=2 request=MON_GETLIST_1 implementation=3 response=F authenticated=F more=F error=ok items=0");
	SAID(test_pdu(t, false, "d7 00 03 2a 4003 0048"), "ntp.private",
	     "version=2 request=MON_GETLIST_1 implementation=3 response=T authenticated=F more=T error=no_data items=3");
	test_host_free(t);
}

static void damaged(void **state)
{
	(void)state;
	struct test_host *t = host();
	SAID(test_cut(t, true, SERVER_HEAD TIMES TIMES TIMES TIMES), "weird", "truncated");
	SAID(test_cut(t, true, "16 82 0001 0615 0000 0000 0004 61626364"), "weird", "truncated");
	SAID(test_cut(t, true, "17 00 03 2a 0000"), "weird", "truncated");
	SAID(test_pdu(t, true, "20 00"), "weird", "reserved_mode");
	struct oto_cur none = oto_cur_of((struct oto_slice){ 0 });
	assert_int_equal(oto_analyzer_ntp->probe(&t->cx, none), OTO_NOT_MINE);
	uint8_t old = 0x03, fine = 0x23;
	assert_int_equal(oto_analyzer_ntp->probe(&t->cx, oto_cur_of((struct oto_slice){ &old, 1 })), OTO_NOT_MINE);
	assert_int_equal(oto_analyzer_ntp->probe(&t->cx, oto_cur_of((struct oto_slice){ &fine, 1 })), OTO_MINE);
	test_host_free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(exchange), cmocka_unit_test(numbers), cmocka_unit_test(trailers),
		cmocka_unit_test(control),  cmocka_unit_test(private), cmocka_unit_test(damaged),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
