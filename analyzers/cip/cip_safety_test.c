/* cip_safety_test.c - safety segments and messages: both formats, both directions, each bit that falls over, every length. */
#include "cip_safety.h"

#include "../testing.h"

static const uint8_t sender[CIP_SAFETY_SENDER] = { 0x4d, 0, 0xee, 0xff, 0xc0, 0, 1, 0 };

static struct cip_safety_way way_of(uint8_t format, bool produces, bool multicast)
{
	struct cip_safety_way way = { .format = format, .produces = produces, .multicast = multicast };

	cip_safety_sender(&way, sender);
	return way;
}

static struct cip_safety_message read_hex(const struct cip_safety_way *way, const char *hex)
{
	static uint8_t bytes[64];

	return cip_safety_read(way, test_hex(hex, bytes, sizeof bytes));
}

static const char SHORT[] = "a55a854d919001de", LONG[] = "0102030414524cfefdfcfb494e2c0123", TIME[] = "099301f6368b",
		  EXTENDED[] = "0f14ce9564001c";

static void data(void **state)
{
	struct cip_safety_way base = way_of(CIP_SAFETY_BASE, true, false), extended = way_of(CIP_SAFETY_EXTENDED, true, false);
	struct cip_safety_message m = read_hex(&base, SHORT);

	(void)state;
	assert_null(m.odd);
	assert_int_equal(m.kind, CIP_SAFETY_DATA);
	assert_int_equal(m.io.len, 2);
	assert_true(m.run);
	assert_int_equal(m.ping, 1);
	assert_int_equal(m.time, 400);
	m = read_hex(&base, LONG);
	assert_null(m.odd);
	assert_int_equal(m.io.len, 4);
	assert_false(m.run);
	assert_int_equal(m.time, 300);
	m = read_hex(&extended, EXTENDED);
	assert_null(m.odd);
	assert_int_equal(m.io.len, 1);
	assert_int_equal(m.time, 100);
	base.has_sender = false; /* nothing can be proved then */
	assert_null(read_hex(&base, SHORT).odd);
}

static void time_coordination(void **state)
{
	struct cip_safety_way base = way_of(CIP_SAFETY_BASE, false, false);
	struct cip_safety_message m = read_hex(&base, TIME);

	(void)state;
	assert_null(m.odd);
	assert_int_equal(m.kind, CIP_SAFETY_TIME);
	assert_true(m.answers);
	assert_int_equal(m.ping, 1);
	assert_int_equal(m.time, 403);
	assert_string_equal(read_hex(&base, "0900930100ff").odd, "safety_checksum");
	assert_string_equal(read_hex(&base, "090093").odd, "safety_length");
}

/* What a consumer would not take is told, whichever bit it is. */
static void fallen_bits(void **state)
{
	struct cip_safety_way base = way_of(CIP_SAFETY_BASE, true, false);
	const char *const messages[] = { SHORT, LONG };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		uint8_t bytes[64];
		struct oto_slice s = test_hex(messages[i], bytes, sizeof bytes);
		for (uint32_t bit = 0; bit < 8 * s.len; bit++) {
			bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
			assert_non_null(cip_safety_read(&base, s).odd);
			bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
		}
		assert_null(cip_safety_read(&base, s).odd);
	}
}

static void lengths(void **state)
{
	(void)state;
	for (uint32_t len = 0; len < 64; len++) {
		uint8_t *exact = malloc(len ? len : 1);
		memset(exact, 0xa5, len ? len : 1);
		for (uint32_t kind = 0; kind < 8; kind++) {
			struct cip_safety_way way = way_of(kind & 1 ? CIP_SAFETY_EXTENDED : CIP_SAFETY_BASE, kind & 2, kind & 4);
			struct cip_safety_message m = cip_safety_read(&way, (struct oto_slice){ exact, len });
			assert_true(m.kind != CIP_SAFETY_NOTHING || m.odd);
			assert_true(m.io.len <= len);
		}
		cip_safety_take_segment((struct oto_slice){ exact, len });
		free(exact);
	}
}

static void segments(void **state)
{
	uint8_t bytes[64];
	struct cip_safety_segment s = cip_safety_take_segment(
	    test_hex("0200 11eeffc0 010203040506 00000000 0000 1122334455660a06020d 1122334455660a06020b e803", bytes, sizeof bytes));

	(void)state;
	assert_int_equal(s.format, CIP_SAFETY_EXTENDED);
	assert_int_equal(s.configuration_crc, 0xc0ffee11);
	assert_true(s.has_nodes);
	assert_int_equal(s.target.data[9], 0x0d);
	assert_int_equal(s.originator.data[9], 0x0b);
	assert_false(cip_safety_take_segment(test_hex("0100 11eeffc0", bytes, sizeof bytes)).has_nodes);
	assert_false(cip_safety_take_segment(test_hex("0000 11eeffc0 01", bytes, sizeof bytes)).has_nodes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(data),    cmocka_unit_test(time_coordination), cmocka_unit_test(fallen_bits),
		cmocka_unit_test(lengths), cmocka_unit_test(segments),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
