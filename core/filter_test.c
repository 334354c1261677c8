/* filter_test.c - expressions and table filters: what matches, what absence does, and what each mistake is told. */
#include "filter.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <math.h>
#include <stdlib.h>

static const struct oto_name func_rows[] = {
	{ 1, "READ_COILS", OTO_OP_READ, "" },
	{ 3, "READ_HOLDING_REGISTERS", OTO_OP_READ, "" },
	{ 5, "WRITE_SINGLE_COIL", OTO_OP_WRITE, "" },
	{ 15, "WRITE_MULTIPLE_COILS", OTO_OP_WRITE, "" },
	{ 43, "READ_DEVICE_ID", OTO_OP_DISCOVER, "" },
	{ 200, "vendor", 0, "" },
	{ 201, "vendor", 0, "" },
};
static const struct oto_names func_names = OTO_NAMES(func_rows);

struct sample {
	bool exception, has_unit;
	uint8_t func, unit;
	uint16_t port;
	uint32_t ttl;
	int64_t level;
	uint64_t big;
	double value;
	const char *word;
	struct oto_slice text, raw;
	struct oto_addr client;
	struct oto_mac mac;
	struct oto_interval latency;
	struct oto_vec regs;
	struct oto_list names;
	struct oto_target target;
};
#define F(m, ...) OTO_FIELD(struct sample, m, #m, __VA_ARGS__)
static const struct oto_field sample_fields[] = {
	F(exception),
	F(func, .names = &func_names),
	F(unit, .guard = OTO_IF(struct sample, has_unit)),
	F(port, .flags = OTO_PORT),
	F(ttl, .flags = OTO_SECONDS),
	F(level),
	F(big),
	F(value),
	F(word),
	F(text),
	F(raw, .flags = OTO_HEX),
	F(client),
	F(mac),
	F(latency),
	F(regs),
	F(names),
	F(target),
};
static const struct oto_event_def def = {
	.name = "sample", .fields = sample_fields, .nfields = sizeof sample_fields / sizeof *sample_fields, .size = sizeof(struct sample)
};

static struct sample sample;
static struct oto_head head;

static bool match_of(struct oto_filter *f)
{
	struct oto_event event = { .def = &def, .head = &head, .data = &sample };
	bool match = oto_filter_match(f, &event);

	oto_filter_free(f);
	return match;
}

static bool holds(const char *expression)
{
	struct oto_error err = { "" };
	struct oto_filter *f = oto_filter_compile(&def, expression, &err);

	if (!f)
		fail_msg("%s: %s", expression, err.text);
	return match_of(f);
}

static void fails(const char *expression, const char *message)
{
	struct oto_error err = { "" };

	assert_null(oto_filter_compile(&def, expression, &err));
	assert_string_equal(err.text, message);
}

#define yes(e) assert_true(holds(e))
#define no(e) assert_false(holds(e))

static int fresh(void **state)
{
	static const uint8_t wire[] = { 0, 7, 0, 9 };
	static const struct oto_slice names[] = { { (const uint8_t *)"plc1.local", 10 }, { (const uint8_t *)"hmi", 3 } };

	(void)state;
	sample = (struct sample){ .func = 5,
				  .port = 502,
				  .ttl = 60,
				  .level = -5,
				  .big = UINT64_MAX,
				  .value = 2.5,
				  .word = "udp",
				  .text = oto_slice_of("start motor"),
				  .raw = { wire, 4 },
				  .mac = { { 0, 0x80, 0xf4, 1, 2, 3 } },
				  .latency = { 15 * OTO_MS },
				  .regs = { wire, 2, OTO_VEC_U16BE },
				  .names = { names, 2 },
				  .target = { .space = "coil", .first = 10, .count = 5 } };
	assert_true(oto_addr_parse("10.1.2.3", &sample.client));
	head = (struct oto_head){
		.has_flow = true, .has_ports = true, .orig_p = 1025, .resp_p = 502, .transport = OTO_TCP, .uid = "CtestuidA"
	};
	assert_true(oto_addr_parse("fe80::12", &head.orig_h));
	return 0;
}

static void numbers(void **state)
{
	(void)state;
	yes("func == 5");
	yes("func = 0x05");
	no("func != 5");
	yes("func in {1, 5, 15}");
	yes("func in {1, 4..6}");
	no("func in {1..4, 6..255}");
	yes("func not in {1..4, 6..255}");
	yes("func < 6 and func <= 5 and func > 4 and func >= 5");
	no("func < 5");
	no("func > 5");
	no("func < 0");
	no("func > 255");
	yes("port in {1..1023}");
	yes("port in {20, 21, 80..100, 500..600, 9000}");
	no("port in {20, 21, 80..100, 9000}");
	yes("port in {500..501, 502..502, 499..600}");
	yes("level == -5");
	yes("level < 0 and level > -6");
	yes("level in {-10..-1}");
	yes("big == 18446744073709551615");
	yes("big > 18446744073709551614");
	yes("value == 2.5 and value > 2.4 and value < 2.6");
	no("value > 2.5");
	sample.value = -0.0;
	yes("value == 0");
	sample.value = (double)NAN;
	no("value > 0");
	no("value < 0");
	no("value == 0");
	yes("value != 0");
}

static void words(void **state)
{
	(void)state;
	yes("func == WRITE_SINGLE_COIL");
	yes("func in {READ_COILS, \"WRITE_SINGLE_COIL\"}");
	yes("func ~ WRITE");
	no("func ~ READ");
	no("func == vendor");
	sample.func = 201;
	yes("func == vendor");
	sample.func = 99;
	yes("func == unknown-99");
	yes("transport == tcp");
	no("transport == udp");
	yes("word == udp");
	yes("word != tcp");
}

static void times(void **state)
{
	(void)state;
	yes("latency > 10ms");
	yes("latency == 15ms");
	yes("latency < 1s and latency < 5m and latency < 2h and latency < 1d");
	yes("latency > 0.01");
	yes("latency in {10ms..20ms}");
	yes("ttl == 1m");
	yes("ttl == 60");
	yes("ttl < 1h");
}

static void text(void **state)
{
	(void)state;
	yes("text == \"start motor\"");
	yes("text == 'start motor'");
	yes("text ~ \"start\" and text ~ motor");
	no("text ~ stop");
	no("text == start");
	yes("text in {a, \"start motor\"}");
	sample.text = (struct oto_slice){ (const uint8_t *)"a\"\n\xff", 4 };
	yes("text == \"a\\\"\\n\\xff\"");
	sample.text.len = 0;
	yes("text");
	yes("text == \"\"");
	yes("text ~ \"\"");
	no("text ~ a");
	yes("raw == 00070009");
	yes("raw == 0x00070009");
	yes("raw ~ 0700");
	no("raw == 0007");
	yes("names == hmi");
	yes("names ~ .local");
	no("names == plc1");
	yes("names in {x, hmi}");
	yes("regs == 9");
	yes("regs in {1, 7}");
	no("regs == 8");
	yes("regs > 8");
	yes("target == \"coil:10-14\"");
	yes("target ~ coil");
	sample.target.count = 1;
	yes("target == coil:10");
	sample.target.name = oto_slice_of("Motor1");
	yes("target == coil:Motor1");
	yes("uid == CtestuidA");
}

static void lengths(void **state)
{
	(void)state;
	yes("#text == 11");
	yes("#text > 10 and #text <= 11");
	yes("#text in {3, 5..20}");
	no("#text != 11");
	yes("#word == 3");
	yes("#raw == 4");
	yes("#names == 2 and #regs >= 2");
	sample.text.len = 300;
	yes("#text == 300");
	sample.text.len = 0;
	yes("#text == 0");
	sample.text.data = NULL;
	no("#text == 0");
	no("#text != 0");
	fails("#port > 5", "column 1: port is neither text nor a list: it has no length");
	fails("port == 502 and #texd > 5", "column 17: sample has no field texd (did you mean text?)");
	fails("#text", "column 6: #text is a number: with what is it compared?");
	fails("#text > a", "column 9: text is compared with a whole number, not with a");
}

static void addresses(void **state)
{
	(void)state;
	yes("client == 10.1.2.3");
	yes("client in 10.0.0.0/8");
	yes("client == 10.1.0.0/16");
	no("client in {10.1.2.4, 192.168.0.0/16}");
	yes("client in {192.168.0.0/16, 10.1.2.2/31}");
	yes("client in 0.0.0.0/0");
	no("client in ::/0");
	yes("client != 10.1.2.4");
	yes("id.orig_h in fe80::/10 and orig_h == fe80::12");
	no("orig_h in 10.0.0.0/8");
	yes("mac == 00:80:f4:01:02:03");
	yes("mac == 00:80:f4");
	yes("mac == 00-80-F4");
	no("mac in {00:80:f5, 00:0c:29}");
	assert_true(oto_addr_parse("00:80:f4:01:02:03", &sample.client));
	yes("client == 00:80:f4:01:02:03");
	yes("client == 00:80:f4");
}

static void absent_is_false(void **state)
{
	(void)state;
	no("unit");
	no("unit == 0");
	no("unit != 0");
	no("unit < 10");
	yes("not unit == 0");
	yes("not unit");
	no("exception");
	yes("!exception");
	sample.has_unit = sample.exception = true;
	yes("unit");
	yes("unit == 0");
	yes("exception");
	yes("exception == true");
	sample.word = NULL;
	no("word != udp");
	no("word");
	sample.text.data = NULL;
	no("text");
	no("text == \"\"");
	sample.client = (struct oto_addr){ 0 };
	no("client != 10.0.0.1");
	sample.target = (struct oto_target){ 0 };
	no("target");
	no("vlan == 0");
}

static void logic(void **state)
{
	/* Every truth table of three tests under the precedence not > and > or. */
	static const char *const shapes[] = { "%s and %s or %s",   "%s or %s and %s",      "not %s and %s or not %s",
					      "(%s or %s) and %s", "not (%s or %s) or %s", "not (%s and not (%s or %s))",
					      "!%s && !%s || %s" };
	char text[256];

	(void)state;
	for (int bits = 0; bits < 8; bits++) {
		bool a = bits & 1, b = bits & 2, c = bits & 4;
		bool want[] = { (a && b) || c,  a || (b && c),     (!a && b) || !c, (a || b) && c,
				!(a || b) || c, !(a && !(b || c)), (!a && !b) || c };
		for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
			snprintf(text, sizeof text, shapes[i], a ? "func=5" : "func=6", b ? "port=502" : "port=1", c ? "ttl=60" : "ttl=1");
			assert_int_equal(holds(text), want[i]);
		}
	}
}

static void mistakes(void **state)
{
	char deep[512];

	(void)state;
	fails("fun == 5", "column 1: sample has no field fun (did you mean func?)");
	fails("func == 5 and prot == 1", "column 15: sample has no field prot (did you mean port?)");
	fails("func == READ_COIL", "column 9: func knows no word READ_COIL (did you mean READ_COILS?)");
	fails("func == xyz", "column 9: func knows no word xyz; it knows READ_COILS, READ_HOLDING_REGISTERS, WRITE_SINGLE_COIL, "
			     "WRITE_MULTIPLE_COILS, READ_DEVICE_ID, vendor");
	fails("func == 300", "column 9: func holds 0 to 255, never 300");
	fails("port == x", "column 9: port is compared with a whole number, not with x");
	fails("latency > soon", "column 11: latency is compared with a time span like 10s, 5m or 100ms, not with soon");
	fails("exception == maybe", "column 14: exception is compared with true or false, not with maybe");
	fails("ttl == 1.5s", "column 8: ttl is compared with whole seconds or a time span like 10s or 5m, not with 1.5s");
	fails("func in {9..5}", "column 10: the range 9..5 ends before it begins");
	fails("client == 10.0.0", "column 11: client is compared with an address, a subnet (10.0.0.0/8) or a MAC address, not with 10.0.0");
	fails("client in 10.0.0.0/33",
	      "column 11: client is compared with an address, a subnet (10.0.0.0/8) or a MAC address, not with 10.0.0.0/33");
	fails("client < 10.0.0.1", "column 10: client is an address: it knows ==, != and in");
	fails("mac == 10.0.0.1", "column 8: mac is compared with a MAC address or its first octets (00:80:f4), not with 10.0.0.1");
	fails("text < a", "column 8: text is text: it knows ==, !=, ~ (contains) and in");
	fails("port ~ 5", "column 8: port is a number: ~ looks into text");
	fails("raw == 0x1", "column 8: raw is compared with hexadecimal digits, not with 0x1");
	fails("", "column 1: a field is expected, not the end");
	fails("func == ", "column 9: a value is expected, not the end");
	fails("func == 5 port", "column 11: `and`, `or` or the end is expected, not `port`");
	fails("(func == 5", "column 11: a ) is missing before the end");
	fails("func in {5, 6", "column 14: the list needs , or } before the end");
	fails("func in {5 6}", "column 12: the list needs , or } before `6}`");
	fails("text == \"abc", "column 9: the string has no closing \"");
	fails("text == \"abc\\", "column 9: the string has no closing \"");
	fails("func == 5 and", "column 14: a field is expected, not the end");
	memset(deep, '(', 300);
	snprintf(deep + 300, 20, "func");
	fails(deep, "column 65: more than 64 brackets and nots inside each other");
}

static void tables(void **state)
{
	static const char *const funcs[] = { "5", "READ_COILS", "10..20" }, *const none[] = { "7" }, *const bad[] = { "REED" };
	struct oto_error err = { "" };

	(void)state;
	assert_true(match_of(oto_filter_any_of(&def, "func", funcs, 3, &err)));
	assert_false(match_of(oto_filter_any_of(&def, "func", none, 1, &err)));
	assert_false(match_of(oto_filter_any_of(&def, "func", funcs, 0, &err)));
	assert_null(oto_filter_any_of(&def, "func", bad, 1, &err));
	assert_string_equal(err.text, "func knows no word REED; it knows READ_COILS, READ_HOLDING_REGISTERS, WRITE_SINGLE_COIL, "
				      "WRITE_MULTIPLE_COILS, READ_DEVICE_ID, vendor");
	assert_null(oto_filter_any_of(&def, "fun", funcs, 1, &err));
	assert_string_equal(err.text, "sample has no field fun (did you mean func?)");
	assert_true(match_of(oto_filter_compare(&def, "port", ">", "500", &err)));
	assert_null(oto_filter_compare(&def, "port", "=>", "500", &err));
	assert_string_equal(err.text, "=> is no comparison; there are == != < <= > >= ~ in");
	struct oto_filter *both =
	    oto_filter_all(oto_filter_compile(&def, "func = 5 or func = 6", &err), oto_filter_compile(&def, "port = 502", &err));
	assert_true(match_of(both));
	both = oto_filter_all(oto_filter_compile(&def, "port = 502", &err), oto_filter_compile(&def, "func = 7 or func = 6", &err));
	assert_false(match_of(both));
	assert_true(match_of(oto_filter_all(NULL, oto_filter_compile(&def, "func", &err))));
	assert_null(oto_filter_all(NULL, NULL));
	assert_true(oto_filter_match(NULL, NULL));
}

static void random_text_never_hurts(void **state)
{
	static const char pieces[][12] = { "func", "and", "or",      "not",    "(",          ")",   "in",    "{",      "}", ",",
					   "==",   "5",   "..",      "client", "10.0.0.0/8", "\"",  "text",  "~",      "!", "\\",
					   "1..",  "<",   "latency", "10s",    "unit",       "mac", "00:80", "target", "#" };
	uint64_t seed = 1;
	char text[256];

	(void)state;
	for (int i = 0; i < 20000; i++) {
		size_t at = 0;
		for (int k = 0; k < 12; k++) {
			seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407u;
			at += (size_t)snprintf(text + at, sizeof text - at, "%s ", pieces[(seed >> 33) % (sizeof pieces / sizeof *pieces)]);
		}
		struct oto_error err = { "" };
		struct oto_filter *f = oto_filter_compile(&def, text, &err);
		if (f)
			match_of(f);
		else
			assert_true(err.text[0] != '\0');
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(numbers, fresh),
		cmocka_unit_test_setup(words, fresh),
		cmocka_unit_test_setup(times, fresh),
		cmocka_unit_test_setup(text, fresh),
		cmocka_unit_test_setup(lengths, fresh),
		cmocka_unit_test_setup(addresses, fresh),
		cmocka_unit_test_setup(absent_is_false, fresh),
		cmocka_unit_test_setup(logic, fresh),
		cmocka_unit_test_setup(mistakes, fresh),
		cmocka_unit_test_setup(tables, fresh),
		cmocka_unit_test_setup(random_text_never_hurts, fresh),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
