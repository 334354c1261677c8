/* cip_objects_test.c - what the object classes say: identity and network facts, tags with values, symbols, templates, transfers. */
#include "../testing.h"

extern const struct oto_analyzer *const oto_analyzer_cip;

#define LACKS(said, text) assert_null(strstr(said, text))

static int setup(void **state)
{
	struct test_host *t = test_host_new(oto_analyzer_cip, OTO_TCP, 49152, 44818);

	t->cx.depth = 1;
	*state = t;
	return 0;
}

/* A message in SendRRData: a request has a sender context of its own, a response that of the last request. */
static const char *say_bytes(struct test_host *t, bool is_orig, struct oto_slice message)
{
	static uint8_t frame[2048];
	static uint8_t context;
	const uint8_t length[] = { (uint8_t)(message.len + 16), (uint8_t)((message.len + 16) >> 8) };
	const uint8_t item[] = { 2, 0, 0, 0, 0, 0, 0xb2, 0, (uint8_t)message.len, (uint8_t)(message.len >> 8) };
	uint32_t n = 0;

	memset(frame, 0, sizeof frame);
	frame[0] = 0x6f;
	memcpy(frame + 2, length, sizeof length);
	context += is_orig;
	frame[12] = context;
	n = 30;
	memcpy(frame + n, item, sizeof item);
	n += sizeof item;
	assert_true(n + message.len < sizeof frame);
	if (message.len)
		memcpy(frame + n, message.data, message.len);
	return test_bytes(t, is_orig, (struct oto_slice){ frame, n + message.len });
}

static const char *ask(struct test_host *t, const char *hex)
{
	static uint8_t bytes[1024];
	return say_bytes(t, true, test_hex(hex, bytes, sizeof bytes));
}

static const char *answer(struct test_host *t, const char *hex)
{
	static uint8_t bytes[1024];
	return say_bytes(t, false, test_hex(hex, bytes, sizeof bytes));
}

#define IDENTITY "0100 0c00 3a00 0403 3000 8e4d5200 0b 313735362d454e42542f41"

static void identity(void **state)
{
	struct test_host *t = *state;

	HAS(ask(t, "0102 2001 2401"), "operation read Get Attributes All");
	const char *s = answer(t, "8100 0000" IDENTITY);
	HAS(s, "fact vendor=Rockwell Automation/Allen-Bradley\n");
	HAS(s, "fact device_type=Communications Adapter\n");
	HAS(s, "fact product_code=58\n");
	HAS(s, "fact firmware=4.3\n");
	HAS(s, "fact serial=0x00524d8e\n");
	HAS(s, "fact model=1756-ENBT/A\n");
	HAS(ask(t, "0302 2001 2401 0300 0600 6300 0700"), "attributes=6,99,7");
	LACKS(ask(t, "0302 2001 2401 0300 0600"), "attributes="); /* fewer than it says */
	answer(t, "8300 0800");
	ask(t, "0302 2001 2401 0300 0600 6300 0700");
	s = answer(t, "8300 0000 0300 0600 0000 8e4d5200 6300 1400 0700 0000 03 414243");
	HAS(s, "fact serial=0x00524d8e\n");
	HAS(s, "fact model=ABC\n");
	ask(t, "0302 2001 2401 0200 6300 0600"); /* of an unknown attribute the width is not known: nothing behind it is read */
	LACKS(answer(t, "8300 0000 0200 6300 0000 aabb 0600 0000 8e4d5200"), "fact");
	ask(t, "0e03 2001 2401 3001");
	HAS(answer(t, "8e00 0000 fefe"), "fact vendor=65278\n");
	ask(t, "0102 2001 2400"); /* the class itself */
	LACKS(answer(t, "8100 0000 0100 0100"), "fact");
	ask(t, "0e03 2001 2401 3007");
	LACKS(answer(t, "8e00 1400"), "fact");
	HAS(ask(t, "0502 2001 2401 01"), "operation reset Reset");
	ask(t, "5202 2006 2401 0a0e 0600 0102 2001 2401 01 00 01 02");
	HAS(answer(t, "8100 0000" IDENTITY), "fact model=1756-ENBT/A sub=1/2\n");
}

static void network(void **state)
{
	struct test_host *t = *state;

	ask(t, "0e03 20f5 2401 3005");
	const char *s = answer(t, "8e00 0000 0b00060a 00ffffff 0100060a 00000000 00000000 0500 706c616e74 00");
	HAS(s, "fact ip=10.6.0.11\n");
	HAS(s, "fact netmask=255.255.255.0\n");
	HAS(s, "fact gateway=10.6.0.1\n");
	HAS(s, "fact domain=plant\n");
	LACKS(s, "fact dns");
	ask(t, "0102 20f5 2401");
	s = answer(t,
		   "8100 0000 02000000 14000000 02000000 0200 20f6 2401 0b00060a 00ffffff 0100060a 00000000 00000000 0000 0300 61626300");
	HAS(s, "fact hostname=abc\n");
	ask(t, "0102 20f6 2401");
	s = answer(t, "8100 0000 64000000 0f000000 0000bc010203");
	HAS(s, "fact link_speed=100\n");
	HAS(s, "fact mac=00:00:bc:01:02:03\n");
	HAS(ask(t, "1003 20f5 2401 3006 0200 6162"), "operation configure Set Attributes Single");
	HAS(ask(t, "0402 208b 2401 0100 0600 0000000000000000"), "operation time Set Attribute List");
	ask(t, "0e03 20f4 2401 3004");
	HAS(answer(t, "8e00 0000 09 4261636b706c616e65"), "name=Backplane");
}

static void drives_and_gateways(void **state)
{
	struct test_host *t = *state;

	HAS(ask(t, "1003 2029 2401 3003 01"), "operation start Set Attributes Single target=Control Supervisor:1/3\n");
	HAS(ask(t, "1003 2029 2401 3004 00"), "operation stop Set Attributes Single target=Control Supervisor:1/4\n");
	HAS(ask(t, "1003 2029 2401 300c 01"), "operation clear Set");
	HAS(ask(t, "1003 2029 2401 3006 01"), "operation write Set");
	HAS(ask(t, "1003 2029 2401 3003"), "operation write Set"); /* no value */
	HAS(ask(t, "4e02 2044 2401 0000 0100"), "operation read Read Holding Registers target=Modbus:1\n");
	HAS(ask(t, "5002 2044 2401 0000 0100 0a00"), "operation write Write Holding Registers");
	HAS(ask(t, "4c02 2042 2401 01000000"), "operation write Set Axis Attributes List target=Motion Device Axis:1\n");
	HAS(ask(t, "4f02 2042 2401"), "operation start Run Motor Test");
	HAS(ask(t, "4c02 20f3 2401"), "operation configure Open Connection target=Connection Configuration:1\n");
	HAS(ask(t, "4e02 2093 2400 90010000 05000000"), "operation write Set Attributes Scattered target=DPI Parameter:0\n");
	HAS(ask(t, "4d02 209f 2400 90010000 00000000"), "operation read Get Attributes Scattered");
	HAS(ask(t, "1003 2097 2400 3003 01"), "operation clear Set Attributes Single target=DPI Fault:0/3\n");
	HAS(ask(t, "1003 2097 2400 3003 03"), "operation reset Set Attributes Single target=DPI Fault:0/3\n");
	HAS(ask(t, "1003 209b 2401 3005 00"), "operation time Set");
}

static void tags(void **state)
{
	struct test_host *t = *state;
	const char *s = ask(t, "4c04 9105 5370656564 00 0100");

	HAS(s, "operation read Read Tag target=tag:Speed");
	HAS(s, "elements=1");
	s = answer(t, "cc00 0000 ca00 0010b544");
	HAS(s, "symbol=Speed");
	HAS(s, "data_type=REAL");
	HAS(s, "values=1448.5");
	s = ask(t, "4d03 9104 52617465 c300 0300 0100 feff 0300");
	HAS(s, "operation write Write Tag target=tag:Rate");
	HAS(s, "data_type=INT elements=3");
	HAS(s, "values=1,-2,3");
	HAS(answer(t, "cd00 ff01 0721"), "outcome error Data type does not match the tag's");
	ask(t, "4d03 9104 52617465 c300 0100 feff");
	HAS(answer(t, "cd00 ff01 0799"), "outcome error Still Processing");
	HAS(ask(t, "5303 9104 52617465 c400 c800 f0000000 07000000"), "offset=240");
	HAS(ask(t, "5203 9104 52617465 c800 e0010000"), "offset=480");
	HAS(answer(t, "d200 0000 c400 07000000"), "elements=200 offset=480 values=7");
	s = ask(t, "4e03 9104 52617465 0400 03000000 fdffffef");
	HAS(s, "operation write Read Modify Write Tag");
	HAS(s, "set_bits=0x01 clear_bits=0x10000002");
	HAS(ask(t, "4e03 9104 52617465 0800 0000000000000080 ffffffffffffffff"), "set_bits=0x8000000000000000 clear_bits=0x00");
	HAS_NOT(ask(t, "4e03 9104 52617465 0c00 000000000000000000000000 ffffffffffffffffffffffff"), "set_bits");
	HAS(ask(t, "4e03 9104 52617465 0400 01000000"), "weird malformed_tag_request");
	HAS(ask(t, "4c03 9104 52617465 01"), "weird malformed_tag_request");
	ask(t, "4c03 9104 4e616d65 0100");
	s = answer(t, "cc00 0000 a002 ce0f 03000000 616263 0000000000000000");
	HAS(s, "data_type=STRING");
	HAS(s, "name=abc");
	ask(t, "4c03 9104 4e616d65 0100");
	s = answer(t, "cc00 0000 a002 3412 0102");
	HAS(s, "data_type=STRUCT");
	HAS(s, "structure=0x1234");
	HAS(s, "data=0102");
	ask(t, "4c03 9104 4e616d65 0100");
	HAS(answer(t, "cc00 0000 d000 0200 6162"), "name=ab data_type=STRING elements=1");
	ask(t, "4c03 9104 4e616d65 0100");
	HAS(answer(t, "cc00 0000 c4"), "weird malformed_tag_response");
}

/* Clocks as tools read and set them; what is no time, or behind an attribute of unknown width, is none. */
static void clocks(void **state)
{
	struct test_host *t = *state;

	HAS(ask(t, "1003 208b 2401 3005 f4070000 02000000 1d000000 0c000000 1e000000 05000000 90d00300"), "clock=2087901005.25");
	HAS_NOT(ask(t, "1003 208b 2401 3005 f4070000 0d000000 1d000000 0c000000 1e000000 05000000 90d00300"), "clock=");
	HAS_NOT(ask(t, "1003 208b 2401 3005 00000000 00000000 00000000 00000000 00000000 00000000 00000000"), "clock=");
	HAS_NOT(ask(t, "1003 208b 2401 3005 f4070000"), "clock=");
	const char *s = ask(t, "0402 208b 2401 0100 0600 0000db1ba4610300");
	HAS(s, "operation time Set Attribute List target=Wall Clock Time:1");
	HAS(s, "clock=951782400");
	HAS_NOT(answer(t, "8400 0000 0100 0600 0000"), "clock=");
	HAS_NOT(ask(t, "0402 208b 2401 0200 6300 0600 0000db1ba4610300"), "clock=");
	HAS_NOT(ask(t, "0402 208b 2401 0100 0600 ffffffffffffffff"), "clock=");
	ask(t, "0302 2043 2401 0300 0100 0900 0300");
	HAS(answer(t, "8300 0000 0300 0100 0000 01 0900 1400 0300 0000 0000db1ba4610300"), "clock=951782400");
	ask(t, "0e03 2043 2401 3004");
	HAS(answer(t, "8e00 0000 00ca9a3b00000000"), "clock=1.000000 ");
}

static void symbols(void **state)
{
	struct test_host *t = *state;

	HAS(ask(t, "5502 206b 2400 0200 0100 0200"), "operation discover Get Instance Attribute List");
	const char *s = answer(t, "d500 0000 01000000 0200 4162 c400 05000000 0100 43 c300");
	HAS(s, "name=Ab,C ");
	HAS(s, "elements=2");
	HAS(ask(t, "0302 206c 2405 0400 0400 0500 0200 0100"), "operation read Get Attribute List");
	s = answer(t, "8300 0000 0400 0400 0000 11000000 0500 0000 0c000000 0200 0000 0300 0100 0000 3412");
	HAS(s, "elements=3 size=12");
	ask(t, "4c02 206c 2405 00000000 2000");
	HAS(answer(t, "cc00 0000 0000 c400 00000000 4d6f746f723b6e00 537461746500"), "name=Motor");
	HAS(ask(t, "0802 206b 2405"), "operation program_write Create target=Symbol:5");
}

static void files(void **state)
{
	struct test_host *t = *state;

	HAS(ask(t, "4b02 2037 24c8 80"), "operation program_read Initiate Upload");
	answer(t, "cb00 0000 06000000 80");
	ask(t, "4f02 2037 24c8 00");
	LACKS(answer(t, "cf00 0000 00 00 616263"), "program");
	ask(t, "4f02 2037 24c8 00"); /* asked again */
	LACKS(answer(t, "cf00 0000 00 00 616263"), "program");
	ask(t, "4f02 2037 24c8 01");
	HAS(answer(t, "cf00 0000 01 02 616263 b4fd"),
	    "program upload complete file 200 size=6 announced=6 sha256=bbb59da3af939f7af5f360f2ceb80a496e3bae1cd87dde426db0ae40677e1c2c "
	    "by receiver");
	HAS(ask(t, "4c02 2037 2401 03000000 0100 0103 01 656e67 da 0400 05 412e42494e"), "name=A.BIN");
	answer(t, "cc00 0000 00000000 0000 80");
	ask(t, "5002 2037 2401 00 04 616263 dafe");
	HAS(answer(t, "d000 0000 00"), "program download complete file A.BIN size=3 announced=3 sha256=");
	ask(t, "5002 2037 2402 03 01 616263"); /* joined in the middle */
	answer(t, "d000 0000 03");
	ask(t, "5002 2037 2402 04 02 616263 0000");
	HAS(answer(t, "d000 0000 04"), "program download cut file 2 size=6 by receiver");
	ask(t, "5002 2037 2403 00 00 616263");
	HAS(answer(t, "d000 1000"), "program download aborted file 3 size=3 error=");
	ask(t, "5002 2037 2404 00 00 616263");
	answer(t, "d000 0000 00");
	HAS(ask(t, "5002 2037 2404 01 03"), "program download aborted file 4 size=3 error=aborted by the client\n");
	HAS(ask(t, "5002 2037 2405 00 04 616263 0000"), "weird wrong_file_checksum");
	ask(t, "5002 2037 2406 00 00 616263");
	HAS(test_closing(t), "program download cut file 6 size=3");
}

static void programs(void **state)
{
	struct test_host *t = *state;

	HAS(ask(t, "0702 208e 2401"), "operation stop Stop target=Controller:1");
	HAS(ask(t, "4b02 2074 2401 00"), "operation configure Lock");
	HAS(ask(t, "0402 206d 2401 0100"), "operation program_write");
	HAS(ask(t, "0802 206d 2401 0100"), "operation program_write Create");
	HAS(ask(t, "0402 2064 2401 0100 0100 0300 414243"), "name=ABC");
	HAS(ask(t, "5002 206a 2401 00000000 0100 55"), "operation program_write Write Content");
	ask(t, "0802 20ac 2401 0100");
	const char *s = ask(t, "0402 20ac 2401 0100");
	HAS(s, "operation program_write Set Attribute List");
	HAS(s, "program download complete program ABC size=22 sha256=");
	HAS(ask(t, "0402 20ac 2401 0100"), "operation configure Set Attribute List");
	HAS(ask(t, "4c02 206d 2401 000000000000"), "operation program_read Read");
	answer(t, "cc00 0000 01020304");
	HAS(test_closing(t), "program upload cut program ABC size=4");
	HAS(ask(t, "4b02 20a1 2401 e8030000"), "operation firmware Update");
	HAS(ask(t, "4d02 20a1 2401 01020304"), "operation firmware Transfer");
	HAS(test_closing(t), "program download cut firmware 1 size=4 "
			     "sha256=9f64a747e1b97f131fabb6b447296c9b6f0201e79fb3c5356e6c77e89b6a806a");
	ask(t, "4b02 20a1 2401 e8030000");
	ask(t, "4d02 20a1 2401 01020304");
	answer(t, "cd00 0c00");
	HAS_NOT(test_closing(t), "sha256");
}

/* What public attack tools send: a stop with a message that is too long, services that are none, a reset with an attribute. */
static void attacks(void **state)
{
	struct test_host *t = *state;

	HAS(ask(t, "5202 2006 2401 03f0 0c00 0702 2064 2401 deadbeefcafe 0100 0100"), "operation stop Stop");
	HAS(ask(t, "5202 2006 2401 03f0 0c00 0a02 2002 2401 f4f009098804 0100 0100"), "weird malformed_multiple_service");
	HAS(ask(t, "0a02 2002 2401 0200 0600 0c00 0102 2001 2401 0102 2001 2402"), "elements=2");
	HAS(ask(t, "0503 2001 2401 3003"), "operation reset Reset");
	HAS(ask(t, "0802 2072 2401"), "operation other Create");
	HAS(ask(t, "4c02 20b2 2401"), "operation read Read");
}

/* Passwords of safety devices stand in no output. */
static void secrets(void **state)
{
	struct test_host *t = *state;

	LACKS(ask(t, "5002 2039 2401 736563726574"), "data=");
	LACKS(ask(t, "4b02 2039 2401 00 736563726574"), "data=");
	LACKS(ask(t, "1003 2061 2401 3001 736563726574"), "data=");
}

static void cut(void **state)
{
	static const char *const pairs[][2] = {
		{ "0102 2001 2401", "8100 0000" IDENTITY },
		{ "0302 2001 2401 0300 0600 6300 0700", "8300 0000 0300 0600 0000 8e4d5200 6300 1400 0700 0000 03 414243" },
		{ "0102 20f5 2401",
		  "8100 0000 02000000 14000000 02000000 0200 20f6 2401 0b00060a 00ffffff 0100060a 00000000 00000000 0000" },
		{ "4c04 9105 5370656564 00 0100", "cc00 0000 ca00 0010b544" },
		{ "5502 206b 2400 0200 0100 0200", "d500 0000 01000000 0200 4162 c400 05000000 0100 43 c300" },
		{ "4c02 206c 2405 00000000 2000", "cc00 0000 0000 c400 00000000 4d6f746f723b6e00" },
		{ "4f02 2037 24c8 00", "cf00 0000 00 04 616263 dafe" },
		{ "4c02 2037 2401 03000000 0100 0103 01 656e67 da 0400 05 412e42494e", "cc00 0000 00000000 0000 80" },
		{ "0402 2064 2401 0100 0100 0300 414243", "8400 0000" },
	};
	struct test_host *t = *state;
	uint8_t asked[128], answered[128];

	for (uint32_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
		struct oto_slice q = test_hex(pairs[i][0], asked, sizeof asked), a = test_hex(pairs[i][1], answered, sizeof answered);
		for (uint32_t n = 0; n <= q.len; n++) {
			say_bytes(t, true, (struct oto_slice){ q.data, n });
			say_bytes(t, false, (struct oto_slice){ a.data, n < a.len ? n : a.len });
		}
		for (uint32_t n = 0; n <= a.len; n++) {
			say_bytes(t, true, q);
			say_bytes(t, false, (struct oto_slice){ a.data, n });
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(identity, setup, test_teardown),
		cmocka_unit_test_setup_teardown(network, setup, test_teardown),
		cmocka_unit_test_setup_teardown(drives_and_gateways, setup, test_teardown),
		cmocka_unit_test_setup_teardown(tags, setup, test_teardown),
		cmocka_unit_test_setup_teardown(clocks, setup, test_teardown),
		cmocka_unit_test_setup_teardown(symbols, setup, test_teardown),
		cmocka_unit_test_setup_teardown(files, setup, test_teardown),
		cmocka_unit_test_setup_teardown(programs, setup, test_teardown),
		cmocka_unit_test_setup_teardown(attacks, setup, test_teardown),
		cmocka_unit_test_setup_teardown(secrets, setup, test_teardown),
		cmocka_unit_test_setup_teardown(cut, setup, test_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
