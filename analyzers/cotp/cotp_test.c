/* cotp_test.c - TPDUs, messages in pieces, the probe, and what damaged packets do. */
#include "cotp.h"

#include "../testing.h"

extern const struct oto_analyzer *const oto_analyzer_cotp;

static int setup(void **state)
{
	*state = test_host_new(oto_analyzer_cotp, OTO_TCP, 49152, 102);
	return 0;
}

static bool says(const char *said, const char *what)
{
	return strstr(said, what) != NULL;
}

static void connection(void **state)
{
	struct test_host *t = *state;
	const char *s = test_pdu(t, true, "03000016 11 e0 0000 0001 00 c1020100 c2020102 c0010a");
	assert_true(says(
	    s, "source_h=10.0.0.1 source_p=49152 destination_h=10.0.0.2 destination_p=102 pdu_code=0x0e pdu_name=CR Connection Request "
	       "dst_ref=0 src_ref=1 class=0 options=0 calling_tsap=\\x01\\x00 called_tsap=\\x01\\x02 tpdu_size=1024 length=0"));
	s = test_pdu(t, false, "0300000b 06 d0 0001 0044 00");
	assert_true(says(s, "pdu_code=0x0d pdu_name=CC Connection Confirm dst_ref=1 src_ref=68 class=0"));
	s = test_pdu(t, false, "0300000b 06 80 0001 0044 80");
	assert_true(says(s, "pdu_name=DR Disconnect Request dst_ref=1 src_ref=68 reason=normal"));
	assert_true(says(test_pdu(t, true, "0300000a 05 c0 0001 0044"), "pdu_name=DC Disconnect Confirm dst_ref=1 src_ref=68"));
	assert_true(says(test_pdu(t, true, "03000009 04 70 0001 02"), "pdu_name=ER TPDU Error dst_ref=1 cause=invalid TPDU type"));
	assert_true(says(test_pdu(t, true, "03000009 04 60 0001 05"), "pdu_name=AK Data Acknowledgement dst_ref=1 number=5"));
	/* RDP puts a line of text where the parameters are */
	assert_true(says(test_pdu(t, true, "0300000f 0a e0 0000 0000 00 436f6f6b"),
			 "pdu_name=CR Connection Request dst_ref=0 src_ref=0 class=0 options=0 length=0"));
}

static void data(void **state)
{
	struct test_host *t = *state;
	const char *s = test_pdu(t, true, "0300000a 02 f0 80 320107");
	assert_true(says(s, "pdu_name=DT Data number=0 eot=T length=3"));
	assert_true(says(s, "deliver 0/0 320107\n"));
	s = test_pdu(t, true, "0300000a 02 f0 00 aabbcc 0300000a 02 f0 00 ddeeff");
	assert_true(says(s, "eot=F length=3"));
	assert_false(says(s, "deliver"));
	assert_true(says(test_pdu(t, true, "03000008 02 f0 80 01"), "deliver 0/0 aabbccddeeff01\n"));
	assert_false(says(test_pdu(t, true, "03000007 02 f0 80"), "deliver"));
}

/* The selector of an S7 route is remembered under the key of what is delivered; one that does not hold what it says is none. */
static void routes(void **state)
{
	struct test_host *t = *state;
	static const char *const none[] = {
		"03000019 14 e0 0000 0001 00 c20c 0106 0102 0152 0000 0013 0401",      /* its end is cut */
		"0300001b 16 e0 0000 0001 00 c20e 0106 0702 0152 0000 0013 04010000",  /* an address too long */
		"0300001b 16 e0 0000 0001 00 c20e 0206 0102 0152 0000 0013 0400 0102", /* two routes */
	};

	test_pdu(t, true, "0300001a 15 e0 0000 0001 00 c20d 0106 0102 0152 0000 0013 04 0102");
	assert_true(says(test_pdu(t, true, "03000008 02 f0 80 01"), "deliver 0/"));
	assert_string_equal(t->remembered[0].memory->name, "cotp.route");
	const struct cotp_route *r = (const void *)t->remembered[0].bytes;
	assert_memory_equal(r, "\1\x52\0\0\0\x13\4\0\0\0\0\0\1\1\2", sizeof *r);
	assert_true(t->remembered[0].key & COTP_ROUTED);
	for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
		test_pdu(t, true, none[i]);
		assert_true(says(test_pdu(t, true, "03000008 02 f0 80 01"), "deliver 0/0 01"));
	}
	assert_null(t->remembered[1].memory);
	test_pdu(t, true, "03000029 24 e0 0000 0001 00 c21c 01000002 00000000000000000000000000000000000000000000 0104");
	assert_true(says(test_pdu(t, true, "03000008 02 f0 80 01"), "deliver 0/260 01"));
}

/* MMS is named by the session in front of it, once. */
static void session(void **state)
{
	struct test_host *t = *state;

	assert_false(says(test_pdu(t, true, "0300000a 02 f0 80 320107"), "service"));
	assert_false(says(test_pdu(t, true, "0300000b 02 f0 80 01000100"), "service"));
	assert_false(says(test_pdu(t, true, "0300000a 02 f0 80 0d0106"), "service"));
	assert_true(says(test_pdu(t, true, "0300000e 02 f0 80 0dca0506130100"), "service mms\n"));
	assert_false(says(test_pdu(t, false, "0300000e 02 f0 80 0eaf0506130100"), "service"));
	memset(t->state, 0, sizeof t->state);
	assert_true(says(test_pdu(t, false, "03000010 02 f0 80 0eff01af0506130100"), "service mms\n"));
	memset(t->state, 0, sizeof t->state);
	assert_true(says(test_pdu(t, true, "0300000c 02 f0 80 0100010061"), "service mms\n"));
}

static void damage(void **state)
{
	struct test_host *t = *state;
	assert_true(says(test_pdu(t, true, "03000007 00 0f 80"), "weird no_tpdu"));
	assert_true(says(test_pdu(t, true, "03000008 ff f0 80 01"), "weird bad_length_indicator"));
	assert_true(says(test_pdu(t, true, "03000008 01 f0 80 01"), "weird bad_length_indicator"));
	assert_true(says(test_pdu(t, true, "03000008 02 30 80 01"), "weird unknown_tpdu"));
	assert_true(says(test_pdu(t, true, "0300000f 0a e0 0000 0001 00 c1ff0100"), "weird bad_parameters"));
	assert_true(says(test_pdu(t, true, "03000006 01 f0"), "pdu_len -1"));
	assert_true(says(test_pdu(t, true, "16030100"), "pdu_len -1"));
	assert_true(says(test_pdu(t, true, "0300"), "pdu_len 0"));
	for (unsigned cut = 7; cut < 22; cut++) {
		for (unsigned code = 0; code < 256; code++) {
			char hex[80];
			snprintf(hex, sizeof hex, "0300%04x 11 %02x 0000 0001 00 c1020100 c2020102 c0010a", cut, code);
			uint8_t bytes[64], *exact = malloc(cut);
			struct oto_slice in = test_hex(hex, bytes, sizeof bytes);
			memcpy(exact, in.data, cut);
			assert_true(says(test_bytes(t, true, (struct oto_slice){ exact, cut }), "cotp.pdu"));
			free(exact);
		}
	}
}

static enum oto_answer probe(uint16_t port, const char *hex)
{
	struct test_host *t = test_host_new(oto_analyzer_cotp, OTO_TCP, 40000, port);
	enum oto_answer answer = test_probe(t, hex);
	test_host_free(t);
	return answer;
}

static void probes(void **state)
{
	(void)state;
	assert_int_equal(probe(102, "03000007 00 0f 80"), OTO_MINE);
	assert_int_equal(probe(102, "03"), OTO_NEED_MORE);
	assert_int_equal(probe(102, "0301"), OTO_NOT_MINE);
	assert_int_equal(probe(3389, "0300000b 06 e0 0000 0000 00"), OTO_MINE);
	assert_int_equal(probe(3389, "0300000b 06 e0 0001 0000 00"), OTO_NOT_MINE);
	assert_int_equal(probe(3389, "0300000b 06 d0 0001 0000 00"), OTO_MINE);
	assert_int_equal(probe(3389, "03000008 02 f0 80 01"), OTO_MINE);
	assert_int_equal(probe(3389, "03000008 02 f0 81 01"), OTO_NOT_MINE);
	assert_int_equal(probe(3389, "03000008 02"), OTO_NEED_MORE);
	assert_int_equal(probe(3389, "474554202f"), OTO_NOT_MINE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(connection, setup, test_teardown),
		cmocka_unit_test_setup_teardown(data, setup, test_teardown),
		cmocka_unit_test_setup_teardown(session, setup, test_teardown),
		cmocka_unit_test_setup_teardown(routes, setup, test_teardown),
		cmocka_unit_test_setup_teardown(damage, setup, test_teardown),
		cmocka_unit_test(probes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
