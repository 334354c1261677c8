/* ber_test.c - the BER reader on good, odd and damaged octets. */
#include "testing.h"
#include "ber.h"

static struct oto_slice hex(const char *text)
{
	static uint8_t bytes[4][2048];
	static unsigned next;

	next = (next + 1) % 4;
	return test_hex(text, bytes[next], sizeof bytes[next]);
}

static void elements(void **state)
{
	(void)state;
	struct oto_cur c = oto_cur_of(hex("30 0b 02 01 05 04 02 6869 bf4d 01 ff 0500"));
	struct ber e;

	assert_true(ber_at(&c, BER_SEQUENCE));
	struct oto_cur in = ber_enter(&c, BER_SEQUENCE);
	assert_int_equal(ber_int(&in), 5);
	assert_int_equal(ber_take(&in, BER_OCTETS).len, 2);
	assert_true(ber_next(&in, &e));
	assert_int_equal(e.tag, 0xbf4d);
	assert_int_equal(e.whole.len, 4);
	assert_false(ber_next(&in, &e));
	assert_false(in.bad);
	assert_false(ber_enter_if(&c, BER_SEQUENCE, &in));
	assert_true(ber_enter_if(&c, BER_NULL, &in));
	assert_int_equal(oto_left(&in), 0);
	assert_int_equal(oto_left(&c), 0);
	assert_false(c.bad);
}

static void wrong_tag_is_bad(void **state)
{
	(void)state;
	struct oto_cur c = oto_cur_of(hex("0401aa")), outer = oto_cur_of(hex("30020401"));

	assert_int_equal(ber_int(&c), 0);
	assert_true(c.bad);
	struct oto_cur in = ber_enter(&outer, BER_SEQUENCE);
	assert_int_equal(ber_take(&in, BER_OCTETS).len, 0);
	assert_true(in.bad);
	assert_false(outer.bad);
	ber_leave(&outer, &in);
	assert_true(outer.bad);
}

static void lengths(void **state)
{
	(void)state;
	static const struct {
		const char *bytes;
		uint32_t len;
		bool bad;
	} cases[] = {
		{ "0400", 0, false },
		{ "048101aa", 1, false },
		{ "04840000 0001aa", 1, false },
		{ "0489 000000000000000001 aa", 1, false },
		{ "0485 0100000001 aa", 0, true },
		{ "04ff", 0, true },
		{ "0482ffff aa", 0, true },
		{ "0484ffffffff aa", 0, true },
		{ "04", 0, true },
		{ "3080 0401aa 0000", 3, false },
		{ "3080 3080 0401aa 0000 0000", 7, false },
		{ "3080 0401aa", 0, true },
		{ "3080", 0, true },
		{ "1f81818101 00", 0, true },
		{ "1f818181818181 00", 0, true },
		{ "1fffff7f 00", 0, false },
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct oto_cur c = oto_cur_of(hex(cases[i].bytes));
		struct ber e;
		assert_int_equal(ber_next(&c, &e), !cases[i].bad);
		assert_int_equal(c.bad, cases[i].bad);
		assert_int_equal(e.value.len, cases[i].len);
	}
}

static void tags(void **state)
{
	(void)state;
	static const struct {
		const char *bytes;
		uint32_t tag;
	} cases[] = { { "30", 0x30 },       { "bf4d", 0xbf4d },     { "bf814d", 0xbf814d },    { "bf04", 0xa4 },
		      { "bf808004", 0xa4 }, { "bf80804d", 0xbf4d }, { "9fffff7f", 0x9fffff7f } };
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct oto_cur c = oto_cur_of(hex(cases[i].bytes));
		assert_int_equal(ber_read_tag(&c), cases[i].tag);
		assert_false(c.bad);
		assert_int_equal(oto_left(&c), 0);
	}
}

static void nesting_is_bounded(void **state)
{
	(void)state;
	for (int depth = 1; depth < 40; depth++) {
		char text[40 * 8 + 1] = "";
		for (int i = 0; i < depth; i++)
			strcat(text, "3080");
		for (int i = 0; i < depth; i++)
			strcat(text, "0000");
		struct oto_cur c = oto_cur_of(hex(text));
		struct ber e;
		assert_int_equal(ber_next(&c, &e), depth <= BER_DEPTH_MAX);
	}
}

static void integers(void **state)
{
	(void)state;
	int64_t n;
	uint64_t u;

	assert_true(ber_integer_of(hex("00"), &n) && n == 0);
	assert_true(ber_integer_of(hex("7f"), &n) && n == 127);
	assert_true(ber_integer_of(hex("0080"), &n) && n == 128);
	assert_true(ber_integer_of(hex("80"), &n) && n == -128);
	assert_true(ber_integer_of(hex("ff7f"), &n) && n == -129);
	assert_true(ber_integer_of(hex("8000000000000000"), &n) && n == INT64_MIN);
	assert_false(ber_integer_of(hex("008000000000000000"), &n));
	assert_false(ber_integer_of(hex(""), &n));
	assert_true(ber_unsigned_of(hex("00ffffffffffffffff"), &u) && u == UINT64_MAX);
	assert_true(ber_unsigned_of(hex("ffffffff"), &u) && u == UINT32_MAX);
	assert_false(ber_unsigned_of(hex("01ffffffffffffffff"), &u));
	assert_false(ber_unsigned_of(hex(""), &u));
	struct oto_cur c = oto_cur_of(hex("0a0102 0200"));
	assert_int_equal(ber_int_as(&c, BER_ENUMERATED), 2);
	assert_int_equal(ber_int(&c), 0);
	assert_true(c.bad);
}

static void object_identifiers(void **state)
{
	(void)state;
	static const struct {
		const char *bytes, *text;
	} cases[] = {
		{ "2b06010201010100", "1.3.6.1.2.1.1.1.0" },
		{ "2a864886f70d01010b", "1.2.840.113549.1.1.11" },
		{ "550403", "2.5.4.3" },
		{ "00", "0.0" },
		{ "4f", "1.39" },
		{ "8837", "2.999" },
		{ "2b81ffffffffffffffff7f", "1.3.18446744073709551615" },
		{ "2b83ffffffffffffffff7f", "" },
		{ "2b86", "" },
		{ "", "" },
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char out[BER_OID_TEXT_MAX];
		struct oto_slice s = ber_oid_text(hex(cases[i].bytes), out);
		assert_int_equal(s.len, strlen(cases[i].text));
		assert_memory_equal(out, cases[i].text, s.len);
	}
	/* As many long arcs as there is room for, then one more. */
	uint8_t many[200];
	char out[BER_OID_TEXT_MAX];
	memset(many, 0x7f, sizeof many);
	assert_int_equal(ber_oid_text((struct oto_slice){ many, sizeof many }, out).len, 0);
	assert_true(BER_OID_IS(hex("550403"), "\x55\x04\x03"));
	assert_false(BER_OID_IS(hex("550403"), "\x55\x04\x04"));
	assert_true(BER_OID_UNDER(hex("550403"), "\x55\x04"));
	assert_false(BER_OID_UNDER(hex("5504"), "\x55\x04"));
}

static void times(void **state)
{
	(void)state;
	static const struct {
		uint32_t tag;
		const char *text;
		int64_t ns;
	} cases[] = {
		{ BER_UTC_TIME, "700101000000Z", 0 },
		{ BER_UTC_TIME, "500101000000Z", INT64_C(-631152000000000000) },
		{ BER_UTC_TIME, "491231235959Z", INT64_C(2524607999000000000) },
		{ BER_UTC_TIME, "2002292359+0130", INT64_C(1583015340000000000) },
		{ BER_UTC_TIME, "200229235900-0130", INT64_C(1583026140000000000) },
		{ BER_GENERALIZED_TIME, "20380119031408Z", INT64_C(2147483648000000000) },
		{ BER_GENERALIZED_TIME, "20380119031408.25Z", INT64_C(2147483648250000000) },
		{ BER_GENERALIZED_TIME, "2038011903", INT64_C(2147482800000000000) },
		{ BER_GENERALIZED_TIME, "99991231235959Z", INT64_C(9223372035000000000) },
		{ BER_GENERALIZED_TIME, "00000101000000Z", INT64_C(-9223372035000000000) },
	};
	static const char *const wrong[] = { "",
					     "7",
					     "700001000000Z",
					     "701301000000Z",
					     "700132000000Z",
					     "210229000000Z",
					     "700101240000Z",
					     "700101006000Z",
					     "70010100000Z",
					     "700101000000X",
					     "700101000000Zz",
					     "700101000000+2400",
					     "700101000000+",
					     "7001010000000",
					     "\xff\xff" };
	struct oto_time t;

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		assert_true(ber_time_of(cases[i].tag, oto_slice_of(cases[i].text), &t));
		assert_int_equal(t.ns, cases[i].ns);
	}
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		assert_false(ber_time_of(BER_UTC_TIME, oto_slice_of(wrong[i]), &t));
	struct oto_cur c = oto_cur_of(hex("170b 373030313031303030315a 0401aa"));
	assert_int_equal(ber_time(&c).ns, INT64_C(60000000000));
	assert_int_equal(ber_time(&c).ns, 0);
	assert_true(c.bad);
}

static void framing(void **state)
{
	(void)state;
	assert_int_equal(ber_whole_len(oto_cur_of(hex("")), 0x30, 1000), 0);
	assert_int_equal(ber_whole_len(oto_cur_of(hex("30")), 0x30, 1000), 0);
	assert_int_equal(ber_whole_len(oto_cur_of(hex("3082")), 0x30, 1000), 0);
	assert_int_equal(ber_whole_len(oto_cur_of(hex("30820100")), 0x30, 1000), 260);
	assert_int_equal(ber_whole_len(oto_cur_of(hex("30823000")), 0x30, 1000), -1);
	assert_int_equal(ber_whole_len(oto_cur_of(hex("3080")), 0x30, 1000), -1);
	assert_int_equal(ber_whole_len(oto_cur_of(hex("31")), 0x30, 1000), -1);
	assert_int_equal(ber_whole_len(oto_cur_of(hex("bf4d05")), 0xbf4d, 1000), 8);
	assert_int_equal(ber_whole_len(oto_cur_of(hex("308affffffffffff")), 0x30, 1000), -1);
}

/* Every start of a certificate-like message, each octet changed in turn: nothing is read outside, and all of it ends. */
static void damaged(void **state)
{
	(void)state;
	uint8_t bytes[64];
	struct oto_slice good =
	    test_hex("3026 3080 0603 550403 1305 68656c6c6f 0000 170d 3730303130313030303030305a 8005 0102030405 020101", bytes, 64);

	for (uint32_t len = 0; len <= good.len; len++) {
		for (uint32_t at = 0; at < good.len; at++) {
			uint8_t *copy = malloc(len + 1);
			memcpy(copy, bytes, len);
			if (at < len)
				copy[at] ^= 0xff;
			struct oto_cur c = oto_cur_of((struct oto_slice){ copy, len }), in = ber_enter(&c, BER_SEQUENCE);
			struct ber e;
			char text[BER_OID_TEXT_MAX];
			struct oto_time t;
			while (ber_next(&in, &e)) {
				ber_oid_text(e.value, text);
				ber_time_of(BER_GENERALIZED_TIME, e.value, &t);
				ber_time_of(BER_UTC_TIME, e.value, &t);
			}
			free(copy);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(elements),
		cmocka_unit_test(tags),
		cmocka_unit_test(wrong_tag_is_bad),
		cmocka_unit_test(lengths),
		cmocka_unit_test(nesting_is_bounded),
		cmocka_unit_test(integers),
		cmocka_unit_test(object_identifiers),
		cmocka_unit_test(times),
		cmocka_unit_test(framing),
		cmocka_unit_test(damaged),
	};
	return cmocka_run_group_tests_name("ber", tests, NULL, NULL);
}
