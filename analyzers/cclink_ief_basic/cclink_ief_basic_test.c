/* cclink_ief_basic_test.c - cyclic requests and responses, changes of a station's end code, and what damaged frames do. */
#include "../testing.h"

extern const struct oto_analyzer *const oto_analyzer_cclink_ief_basic;

static int setup(void **state)
{
	*state = test_host_new(oto_analyzer_cclink_ief_basic, OTO_UDP, 61450, 61450);
	return 0;
}

#define ZERO14 "0000000000000000000000000000"
#define REQUEST(command)                                                                                                                   \
	"5000 00 ff ff03 00 3e00 0000 " command " 0000 0100 0000 2400 " ZERO14 "0100 0000 2baf8d6881010000 "                               \
	"0100000a 01 00 0700 f401 0300 0b00 0100 0100 0000 0200000a"
#define RESPONSE(end, error)                                                                                                               \
	"d000 00 ff ff03 00 3200 0000 0100 " end " 2800 " ZERO14 "3412 0000 eeffc000 0201 0000 0100 " error " 00000000 "                   \
	"0200000a 01 00 0700"

static void cyclic(void **state)
{
	struct test_host *t = *state;
	const char *s = test_pdu(t, true, REQUEST("700e"));
	SAID(s, "cclink_ief_basic.request",
	     "pdu=cyclicDataReq cmd=cyclic command=cyclic protocol_version=1 operating=T clock_ms=1655316524843 master=10.0.0.1 group=1 "
	     "sequence=7 timeout_ms=500 timeouts=3 parameter=11 stations=1 transmission=1 first_station=10.0.0.2");
	SAID(s, "operation", "cyclic cyclic target=group:1");
	HAS_NOT(test_pdu(t, true, REQUEST("700e")), "operation"); /* a millisecond later */
	t->head.ts.ns += INT64_C(60000000000);
	HAS(test_pdu(t, true, REQUEST("700e")), "operation");
	s = test_pdu(t, false, RESPONSE("0000", "0000"));
	SAID(s, "cclink_ief_basic.response",
	     "pdu=cyclicDataRes protocol_version=1 end_code=normal vendor_code=4660 model_code=12648430 version=258 operating=T error=0 "
	     "management=0 station=10.0.0.2 group=1 sequence=7");
	HAS(s, "fact vendor_code=0x1234\nfact model_code=0x00c0ffee\nfact device_version=0x0102\n");
	HAS_NOT(s, "outcome");
	SAID(test_pdu(t, false, RESPONSE("f0cf", "6021")), "outcome", "error station_error unmatched cyclic");
	HAS_NOT(test_pdu(t, false, RESPONSE("f0cf", "6021")), "outcome"); /* the same as before */
	SAID(test_pdu(t, false, RESPONSE("0000", "0000")), "outcome", "ok unmatched cyclic");
}

static enum oto_answer probe(struct test_host *t, const char *hex)
{
	uint8_t bytes[256];
	return t->analyzer->probe(&t->cx, oto_cur_of(test_hex(hex, bytes, sizeof bytes)));
}

static void malformed(void **state)
{
	struct test_host *t = *state;
	SAID(test_pdu(t, true, "4200 00 ff"), "weird", "unknown_subheader");
	SAID(test_pdu(t, true, "5000 00 ff ff03"), "weird", "truncated");
	SAID(test_pdu(t, true, REQUEST("990e")), "weird", "unknown_command");
	SAID(test_pdu(t, true, "5000 00 ff ff03 00 0a00 0000 700e 0000 0100 0000"), "weird", "truncated");
	SAID(test_pdu(t, false, "d000 00 ff ff03 00 0600 0000 0100 0000"), "weird", "truncated");
	assert_int_equal(probe(t, "5000 00 ff ff03 00 0600 0000 0104 0000"), OTO_NOT_MINE);
	assert_int_equal(probe(t, "d000 00 ff ff03 00 0200 0000"), OTO_NOT_MINE);
	assert_int_equal(probe(t, "d400 0100 0000 00 ff ff03 00 0200 70cf"), OTO_NOT_MINE);
	assert_int_equal(probe(t, REQUEST("700e")), OTO_MINE);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, test_teardown)
	const struct CMUnitTest tests[] = { TEST(cyclic), TEST(malformed) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
