/* value_test.c - fields found by name, values as text and JSON, addresses both ways. */
#include "event.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <arpa/inet.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

static const struct oto_name func_rows[] = { { 1, "READ_COILS", OTO_OP_READ, "" }, { 5, "WRITE_SINGLE_COIL", OTO_OP_WRITE, "" } };
static const struct oto_names func_names = OTO_NAMES(func_rows);

struct sample {
	bool flag, has_count;
	uint8_t func;
	uint16_t count, status, code;
	uint32_t ttl;
	uint64_t big;
	int64_t level;
	double value;
	const char *word;
	struct oto_slice text, raw;
	struct oto_addr host;
	struct oto_mac mac;
	struct oto_time when;
	struct oto_interval span;
	struct oto_vec regs, ttls, funcs;
	struct oto_list names;
	struct oto_target target;
};
#define F(m, ...) OTO_FIELD(struct sample, m, #m, __VA_ARGS__)
static const struct oto_field sample_fields[] = {
	F(flag),
	F(func, .names = &func_names),
	F(count, .guard = OTO_IF(struct sample, has_count)),
	F(status, .flags = OTO_HEX | OTO_WIDE),
	F(code, .flags = OTO_HEX),
	F(ttl, .flags = OTO_SECONDS),
	F(big),
	F(level),
	F(value),
	F(word),
	F(text),
	F(raw, .flags = OTO_HEX),
	F(host),
	F(mac),
	F(when),
	F(span),
	F(regs),
	F(ttls, .flags = OTO_SECONDS),
	F(funcs, .names = &func_names),
	F(names),
	F(target),
};
static const struct oto_event_def def = {
	.name = "sample", .fields = sample_fields, .nfields = sizeof sample_fields / sizeof *sample_fields, .size = sizeof(struct sample)
};

static struct sample sample;
static struct oto_head head;

static void read_value(const char *name, struct oto_value *v)
{
	struct oto_event event = { .def = &def, .head = &head, .data = &sample };
	struct oto_field_ref ref = oto_field_find(&def, name, strlen(name));

	assert_non_null(ref.field);
	oto_value_get(&event, ref, v);
}

static void check_text(const char *name, const char *text)
{
	struct oto_value v;
	struct oto_buf out = { 0 };

	read_value(name, &v);
	oto_value_text(&v, &out);
	assert_string_equal(out.data, text);
	oto_buf_free(&out);
}

static void check_json(const char *name, const char *text)
{
	struct oto_value v;
	struct oto_buf out = { 0 };

	read_value(name, &v);
	oto_value_json(&v, &out);
	assert_string_equal(out.data, text);
	oto_buf_free(&out);
}

static void check_both(const char *name, const char *text, const char *json)
{
	check_text(name, text);
	check_json(name, json);
}

static void check_printed(const struct oto_value *v, const char *printed)
{
	struct oto_buf out = { 0 };

	oto_value_text(v, &out);
	assert_string_equal(out.data, printed);
	oto_buf_free(&out);
}

static void numbers_of_any_length(void **state)
{
	char text[64];
	uint64_t u = 1;

	(void)state;
	for (uint32_t i = 0; i < 200000; i++) {
		u = i < 20000 ? i : oto_mix(u, 0x9e3779b97f4a7c15) >> i % 64;
		snprintf(text, sizeof text, "%" PRIu64, u);
		check_printed(&(struct oto_value){ .kind = OTO_U64, .u = u }, text);
		snprintf(text, sizeof text, "%" PRIu64 ".%06" PRIu64, u / OTO_SECOND, u % OTO_SECOND / 1000);
		if (u <= INT64_MAX)
			check_printed(&(struct oto_value){ .kind = OTO_TIME, .i = (int64_t)u }, text);
	}
	for (u = 1; u < UINT64_MAX / 10; u *= 10) {
		for (uint64_t near = u - 1; near <= u + 1; near++) {
			snprintf(text, sizeof text, "%" PRIu64, near);
			check_printed(&(struct oto_value){ .kind = OTO_U64, .u = near }, text);
		}
	}
}

static struct oto_slice bytes(const char *s, uint32_t n)
{
	return (struct oto_slice){ (const uint8_t *)s, n };
}

static void numbers(void **state)
{
	(void)state;
	sample = (struct sample){
		.flag = true, .func = 5, .ttl = 60, .big = UINT64_MAX, .level = INT64_MIN, .value = 23.5, .status = 5, .code = 0x350
	};
	check_both("status", "0x0005", "\"0x0005\"");
	check_both("code", "0x350", "\"0x350\"");
	check_both("flag", "T", "true");
	check_both("func", "WRITE_SINGLE_COIL", "\"WRITE_SINGLE_COIL\"");
	check_both("count", "-", "null");
	check_both("ttl", "60.000000", "60.000000");
	check_both("big", "18446744073709551615", "18446744073709551615");
	check_both("level", "-9223372036854775808", "-9223372036854775808");
	check_both("value", "23.5", "23.5");
	sample = (struct sample){ .func = 99, .has_count = true, .count = 0, .value = 100 };
	check_both("code", "0x00", "\"0x00\"");
	check_both("flag", "F", "false");
	check_both("func", "unknown-99", "\"unknown-99\"");
	check_both("count", "0", "0");
	check_both("value", "100", "100");
	sample.value = 1e-9;
	check_both("value", "1e-09", "1e-09");
	sample.value = -0.1;
	check_both("value", "-0.1", "-0.1");
	sample.value = 1e300;
	check_both("value", "1e+300", "1e+300");
	sample.value = (double)INFINITY;
	check_both("value", "inf", "null");
	sample.value = (double)NAN;
	check_json("value", "null");
}

static void times(void **state)
{
	(void)state;
	sample = (struct sample){ .when = { INT64_C(1646154201431428999) }, .span = { -1500000000 } };
	check_both("when", "1646154201.431428", "1646154201.431428");
	check_both("span", "-1.500000", "-1.500000");
	sample.span.ns = -999; /* below a microsecond: no minus zero */
	check_text("span", "0.000000");
	sample.span.ns = INT64_MIN;
	check_text("span", "-9223372036.854775");
}

static void text_is_always_utf8(void **state)
{
	(void)state;
	sample.text = bytes("motor 1", 7);
	check_both("text", "motor 1", "\"motor 1\"");
	sample.text = bytes("", 0);
	check_both("text", "(empty)", "\"\"");
	sample.text = bytes("-", 1);
	check_both("text", "\\x2d", "\"-\"");
	sample.text = bytes("(empty)", 7);
	check_both("text", "\\x28empty)", "\"(empty)\"");
	sample.text = bytes("a\tb\n\"\\\0\x7f,", 9);
	check_both("text", "a\\x09b\\x0a\"\\\\\\x00\\x7f,", "\"a\\u0009b\\u000a\\\"\\\\\\u0000\\u007f,\"");
	sample.text = bytes("\xe6\xb8\xa9\xf0\x9f\x98\x80\xc3\xbc", 9);
	check_both("text", "\xe6\xb8\xa9\xf0\x9f\x98\x80\xc3\xbc", "\"\xe6\xb8\xa9\xf0\x9f\x98\x80\xc3\xbc\"");
	sample.text = bytes("\xff\xc0\xaf\xed\xa0\x80\xe6\xb8", 8); /* invalid, overlong, surrogate, cut off */
	check_both("text", "\\xff\\xc0\\xaf\\xed\\xa0\\x80\\xe6\\xb8", "\"\\\\xff\\\\xc0\\\\xaf\\\\xed\\\\xa0\\\\x80\\\\xe6\\\\xb8\"");
	sample.text = bytes("\xf4\x90\x80\x80\xf0\x80\x80\x80\xe0\x80\x80", 11); /* above U+10FFFF, overlong */
	check_text("text", "\\xf4\\x90\\x80\\x80\\xf0\\x80\\x80\\x80\\xe0\\x80\\x80");
	sample.text = bytes("\xc2\x9b[2J", 5); /* a terminal's control sequence introducer */
	check_text("text", "\\xc2\\x9b[2J");
	sample.raw = bytes("\x01\xab", 2);
	check_both("raw", "01ab", "\"01ab\"");
	sample.raw = bytes("", 0);
	check_both("raw", "(empty)", "\"\"");
	sample.word = NULL;
	check_both("word", "-", "null");
	sample.word = "udp";
	check_both("word", "udp", "\"udp\"");
}

/* Texts of all lengths with each byte at each place, in memory that ends where they end. */
static void wherever_a_byte_stands(void **state)
{
	(void)state;
	enum { LONGEST = 18 };
	for (uint32_t len = 1; len <= LONGEST; len++) {
		uint8_t *text = oto_calloc(1, len);
		for (uint32_t at = 0; at < len * 256; at++) {
			char right[LONGEST + 4] = { 0 };
			uint8_t odd = (uint8_t)at;
			memset(text, 'x', len);
			text[at / 256] = odd;
			memset(right, 'x', at / 256);
			if (odd == '\\')
				strcat(right, "\\\\");
			else if (odd < 0x20 || odd >= 0x7f || (len == 1 && odd == '-'))
				snprintf(right + at / 256, 5, "\\x%02x", odd);
			else
				right[at / 256] = (char)odd;
			memset(right + strlen(right), 'x', len - 1 - at / 256);
			sample.text = (struct oto_slice){ text, len };
			check_text("text", right);
		}
		free(text);
	}
	sample.text = bytes("", 0);
}

static void lists(void **state)
{
	static const uint8_t wire[] = { 0x12, 0x34, 0x56, 0x78, 0x05 };
	struct oto_slice items[] = { bytes("a,b", 3), bytes("", 0), bytes("-", 1), bytes("\\", 1) };

	(void)state;
	sample.regs = (struct oto_vec){ wire, 2, OTO_VEC_U16BE };
	check_both("regs", "4660,22136", "[4660,22136]");
	sample.regs.kind = OTO_VEC_U16LE;
	check_text("regs", "13330,30806");
	sample.regs = (struct oto_vec){ wire, 1, OTO_VEC_U32BE };
	check_text("regs", "305419896");
	sample.regs.kind = OTO_VEC_U32LE;
	check_text("regs", "2018915346");
	sample.regs = (struct oto_vec){ wire + 4, 5, OTO_VEC_BITS };
	check_both("regs", "1,0,1,0,0", "[1,0,1,0,0]");
	static const uint8_t minus_two[] = { 0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };
	static const uint8_t reals[] = { 0, 0, 0x20, 0xc0, 0, 0, 0, 0, 0, 0, 0xd0, 0x3f }; /* -2.5 as REAL, 0.25 as LREAL */
	sample.regs = (struct oto_vec){ minus_two, 1, OTO_VEC_I8 };
	check_both("regs", "-2", "[-2]");
	sample.regs.kind = OTO_VEC_I16LE;
	check_both("regs", "-2", "[-2]");
	sample.regs.kind = OTO_VEC_I32LE;
	check_both("regs", "-2", "[-2]");
	sample.regs.kind = OTO_VEC_I64LE;
	check_both("regs", "-2", "[-2]");
	sample.regs.kind = OTO_VEC_U64LE;
	check_text("regs", "18446744073709551614");
	sample.regs = (struct oto_vec){ reals, 1, OTO_VEC_F32LE };
	check_both("regs", "-2.5", "[-2.5]");
	assert_int_equal((int64_t)oto_vec_at(&sample.regs, 0), -2);
	sample.regs = (struct oto_vec){ reals + 4, 1, OTO_VEC_F64LE };
	check_both("regs", "0.25", "[0.25]");
	sample.regs = (struct oto_vec){ 0 };
	check_both("regs", "(empty)", "[]");
	sample.ttls = (struct oto_vec){ wire, 2, OTO_VEC_U8 };
	check_both("ttls", "18.000000,52.000000", "[18.000000,52.000000]");
	sample.funcs = (struct oto_vec){ wire + 3, 2, OTO_VEC_U8 };
	check_both("funcs", "unknown-120,WRITE_SINGLE_COIL", "[\"unknown-120\",\"WRITE_SINGLE_COIL\"]");
	sample.names = (struct oto_list){ items, 4 };
	check_both("names", "a\\x2cb,(empty),\\x2d,\\\\", "[\"a,b\",\"\",\"-\",\"\\\\\"]");
}

static void targets(void **state)
{
	(void)state;
	sample.target = (struct oto_target){ 0 };
	check_both("target", "-", "null");
	sample.target = (struct oto_target){ .space = "holding_register", .first = 100, .count = 10 };
	check_both("target", "holding_register:100-109", "\"holding_register:100-109\"");
	sample.target.count = 1;
	check_text("target", "holding_register:100");
	sample.target = (struct oto_target){ .space = "tag", .name = bytes("Motor1", 6) };
	check_text("target", "tag:Motor1");
	sample.target.space = NULL;
	check_text("target", "Motor1");
	sample.target = (struct oto_target){ .space = "device" };
	check_text("target", "device");
}

static void addresses(void **state)
{
	static const char *const good[] = { "10.0.200.19", "255.255.255.255",        "0.0.0.0",          "fe80::1",
					    "::",          "2001:db8::ff00:42:8329", "00:80:f4:01:02:0a" };
	static const char *const bad[] = { "",   "10.0.0", "10.0.0.256", "fe80:::1", "00:80:f4", "00:80:f4:01:02:0g", "00:80:f4:01:02:0a:",
					   "tag" };
	struct oto_addr a;

	(void)state;
	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		struct oto_buf out = { 0 };
		assert_true(oto_addr_parse(good[i], &a));
		oto_addr_text(&a, &out);
		assert_string_equal(out.data, good[i]);
		oto_buf_free(&out);
	}
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_false(oto_addr_parse(bad[i], &a));
	assert_true(oto_addr_parse("00-80-F4-01-02-0A", &a));
	assert_int_equal(a.family, OTO_FAMILY_MAC);
	sample.host = a;
	check_both("host", "00:80:f4:01:02:0a", "\"00:80:f4:01:02:0a\"");
	sample.host = (struct oto_addr){ 0 };
	check_both("host", "-", "null");
	sample.mac = (struct oto_mac){ { 1, 2, 3, 4, 5, 255 } };
	check_both("mac", "01:02:03:04:05:ff", "\"01:02:03:04:05:ff\"");
}

static void addresses_as_the_system_prints_them(void **state)
{
	char text[INET6_ADDRSTRLEN];
	uint64_t u = 1;

	(void)state;
	for (uint32_t i = 0; i < 200000; i++) {
		struct oto_addr a = { .family = i % 4 ? OTO_FAMILY_IPV6 : OTO_FAMILY_IPV4 };
		for (uint32_t k = 0; k < 16; k++) {
			u = oto_mix(u, 0x9e3779b97f4a7c15);
			a.byte[k] = (uint8_t)(u >> 32 & 3 ? 0 : u >> 16 & 7 ? u : 0xff);
		}
		if (i % 16 == 1) /* an IPv4 address within */
			memset(a.byte, 0, 10);
		check_printed(&(struct oto_value){ .kind = OTO_ADDR, .addr = &a },
			      inet_ntop(a.family == OTO_FAMILY_IPV4 ? AF_INET : AF_INET6, a.byte, text, sizeof text));
	}
}

static void head_fields_have_aliases(void **state)
{
	char near[128];

	(void)state;
	head = (struct oto_head){ .ts = { 1000000000 }, .packet = 7, .uid = "CabcdefghijklmnopQ", .orig_p = 1025, .transport = OTO_TCP };
	check_both("ts", "1.000000", "1.000000");
	check_text("packet", "7");
	check_text("uid", "-");
	check_text("id.orig_p", "-");
	check_text("transport", "-");
	check_text("interface", "-");
	head.has_flow = head.has_ports = true;
	head.sensor = "plant-1";
	assert_true(oto_addr_parse("10.0.0.1", &head.orig_h));
	check_both("uid", "CabcdefghijklmnopQ", "\"CabcdefghijklmnopQ\"");
	check_text("id.orig_h", "10.0.0.1");
	check_text("orig_h", "10.0.0.1");
	check_text("id.orig_p", "1025");
	check_text("transport", "tcp");
	check_text("sensor", "plant-1");
	assert_null(oto_field_find(&def, "nothing", 7).field);
	assert_null(oto_field_find(&def, "fun", 3).field);
	assert_null(oto_field_find(&def, "id.", 3).field);
	assert_string_equal(oto_field_near(&def, "flagg", near, sizeof near), " (did you mean flag?)");
	assert_memory_equal(oto_field_near(&def, "zz", near, sizeof near), "; it has ", 9);
}

static void without_a_head_its_fields_are_absent(void **state)
{
	struct oto_event event = { .def = &def, .data = &sample };
	struct oto_value v;

	(void)state;
	oto_value_get(&event, oto_field_find(&def, "uid", 3), &v);
	assert_int_equal(v.kind, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers),
		cmocka_unit_test(numbers_of_any_length),
		cmocka_unit_test(times),
		cmocka_unit_test(text_is_always_utf8),
		cmocka_unit_test(wherever_a_byte_stands),
		cmocka_unit_test(lists),
		cmocka_unit_test(targets),
		cmocka_unit_test(addresses),
		cmocka_unit_test(addresses_as_the_system_prints_them),
		cmocka_unit_test(head_fields_have_aliases),
		cmocka_unit_test(without_a_head_its_fields_are_absent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
