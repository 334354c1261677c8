/* cip_hostile_test.c - messages that were made to break a reader: each is told by one weird that says what is wrong, and no more. */
#include "../testing.h"
#include "cip.h"

extern const struct oto_analyzer *const oto_analyzer_cip;

static uint8_t packet[4096], bytes[4000];

static uint32_t put_le(uint8_t *out, uint64_t value, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		out[i] = (uint8_t)(value >> 8 * i);
	return n;
}

/* Off connections, two items; the request and response of one number belong together. */
static const char *say(struct test_host *t, bool is_orig, uint8_t context, const char *hex)
{
	struct oto_slice cip = test_hex(hex, bytes, sizeof bytes);
	uint32_t n = 30;

	memset(packet, 0, 64);
	packet[0] = 0x6f;
	packet[12] = context;
	n += put_le(packet + n, 2, 2);
	n += put_le(packet + n, 0, 4);
	n += put_le(packet + n, 0xb2, 2);
	n += put_le(packet + n, cip.len, 2);
	memcpy(packet + n, cip.data, cip.len);
	n += cip.len;
	put_le(packet + 2, n - 24, 2);
	return test_bytes(t, is_orig, (struct oto_slice){ packet, n });
}

#define IDENTITY "02 2001 2401 "
#define ROUTER "02 2002 2401 "
#define MANAGER "02 2006 2401 "

static const struct {
	const char *what, *request, *response, *weird; /* weird: NULL for none */
} tricks[] = {
	{ "a path longer than the message", "0e 20 2001 2401", NULL, "malformed_request" },
	{ "nothing but a service", "0e", NULL, "malformed_request" },
	{ "a name longer than its path", "4c 03 91 ff 41424344", NULL, "malformed_path" },
	{ "a link longer than its path", "0e 02 15 ff 3139", NULL, "malformed_path" },
	{ "a key of another format", "0e 03 34 09 00000000", NULL, "malformed_path" },
	{ "a segment that is reserved", "0e 02 e001 2401", NULL, "malformed_path" },
	{ "a network segment with a size of its own that is too big", "0e 02 50 ff 2401", NULL, "malformed_path" },
	{ "a logical segment of 32 bits, cut", "0e 02 2001 26 00", NULL, "malformed_path" },
	{ "65535 services, no offsets", "0a " ROUTER "ffff", NULL, "malformed_multiple_service" },
	{ "offsets that go back", "0a " ROUTER "0300 0c00 0a00 0800 0e 02 2001 2401 0e 02 2001 2401", NULL, "malformed_multiple_service" },
	{ "offsets into the offsets", "0a " ROUTER "0200 0000 0200 0e 02 2001 2401", NULL, "malformed_multiple_service" },
	{ "offsets that are the same", "0a " ROUTER "0200 0600 0600 0e 02 2001 2401", NULL, "malformed_multiple_service" },
	{ "offsets behind the end", "0a " ROUTER "0200 0600 ffff 0e 02 2001 2401", NULL, "malformed_multiple_service" },
	{ "services in services in services", "0a " ROUTER "0100 0400 0a " ROUTER "0100 0400 0a " ROUTER "0100 0400 0e " IDENTITY, NULL,
	  NULL },
	{ "too many services in services",
	  "0a " ROUTER "0100 0400 0a " ROUTER "0100 0400 0a " ROUTER "0100 0400 0a " ROUTER "0100 0400 0a " ROUTER "0100 0400 0a " ROUTER
	  "0100 0400 0e " IDENTITY,
	  NULL, "nested_too_deep" },
	{ "a send in a send", "52 " MANAGER "059d 1400 52 " MANAGER "059d 0600 0e " IDENTITY "0100 0102 0100 0103", NULL, NULL },
	{ "sends in sends in services in sends",
	  "52 " MANAGER "059d 3a00 52 " MANAGER "059d 2c00 0a " ROUTER "0100 0400 52 " MANAGER "059d 1400 52 " MANAGER
	  "059d 0600 0e " IDENTITY "0100 0102 0100 0103 0100 0103 0100 0103",
	  NULL, "nested_too_deep" },
	{ "a send that is shorter than it says", "52 " MANAGER "059d ffff 0e " IDENTITY, NULL, "malformed_unconnected_send" },
	{ "a send of nothing", "52 " MANAGER "059d 0000 0100 0100", NULL, "malformed_request" },
	{ "a route that is none", "52 " MANAGER "059d 0600 0e " IDENTITY "0100 e0ff", NULL, "malformed_route" },
	{ "a connection, cut", "54 " MANAGER "059d 01000000 02000000 0100 0100", NULL, "malformed_forward_open" },
	{ "a path of a connection that is none",
	  "54 " MANAGER "059d 01000000 02000000 0100 0100 78563412 00 000000 10270000 f443 10270000 f443 a3 02 e0ff 0000", NULL,
	  "malformed_connection_path" },
	{ "a connection to close, cut", "4e " MANAGER "059d 0100 0100 78563412 20 00 2002", NULL, "malformed_forward_close" },
	{ "an opened connection, cut",
	  "54 " MANAGER "059d 01000000 02000000 0100 0100 78563412 00 000000 10270000 f443 10270000 f443 a3 02 2002 2401",
	  "d4 00 00 00 01000000", "malformed_forward_open" },
	{ "a status longer than the response", "0e " IDENTITY, "8e 00 00 ff 0100", "malformed_response" },
	{ "a response of one byte", "0e " IDENTITY, "8e", "malformed_response" },
	{ "a tag's read without a count", "4c 03 91 04 41424344", NULL, "malformed_tag_request" },
	{ "a tag's values without their type", "4c 03 91 04 41424344 0100", "cc 00 00 00 c4", "malformed_tag_response" },
	{ "a template's read, cut",
	  "4c "
	  "02 206c 2401"
	  "0000",
	  NULL, "malformed_template_request" },
	{ "a response among others, cut", "0a " ROUTER "0100 0400 0e " IDENTITY, "8a 00 00 00 0100 0400 8e00", "malformed_response" },
	{ "65535 attributes, none there", "03 " IDENTITY "ffff", NULL, NULL },
};

static uint32_t count(const char *said, const char *word)
{
	uint32_t n = 0;

	for (const char *p = said; (p = strstr(p, word)); p++)
		n++;
	return n;
}

static void one_weird_each(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < sizeof tricks / sizeof *tricks; i++) {
		struct test_host *t = test_host_new(oto_analyzer_cip, OTO_TCP, 49152, 44818);
		char wanted[64];
		t->cx.depth = 1;
		const char *said = say(t, true, 1, tricks[i].request);
		if (tricks[i].response) {
			assert_int_equal(count(said, "weird "), 0);
			said = say(t, false, 1, tricks[i].response);
		}
		snprintf(wanted, sizeof wanted, "weird %s", tricks[i].weird ? tricks[i].weird : "");
		if (count(said, "weird ") != (tricks[i].weird ? 1 : 0) || !strstr(said, tricks[i].weird ? wanted : ""))
			fail_msg("%s: not one %s in\n%s", tricks[i].what, wanted, said);
		test_host_free(t);
	}
}

/* The encapsulation refuses a session that is none: so was what was asked in it, all of it, and nothing else is said. */
static void sessions_that_are_none(void **state)
{
	static const char refused[] = "00000000 64000000 0100000000000000 00000000";
	struct test_host *t = test_host_new(oto_analyzer_cip, OTO_TCP, 49152, 44818);
	char pdu[128];

	(void)state;
	t->cx.depth = 1;
	snprintf(pdu, sizeof pdu, "6f00 0000 %s", refused);
	say(t, true, 1, "0a " ROUTER "0200 0600 0c00 0e " IDENTITY "07 " IDENTITY);
	const char *said = test_pdu(t, false, pdu);
	assert_int_equal(count(said, "outcome error Invalid Session Handle\n"), 3);
	assert_null(strstr(said, "cip.message"));
	assert_string_equal(test_pdu(t, false, pdu), "");
	test_pdu(t, true,
		 "7000 1c00 00000000 00000000 0100000000000000 00000000 00000000 0000 0200 a100 0400 99000000 b100 0800 0500 06 " IDENTITY);
	snprintf(pdu, sizeof pdu, "7000 0000 %s", refused);
	assert_int_equal(count(test_pdu(t, false, pdu), "outcome error Invalid Session Handle\n"), 1);
	assert_string_equal(test_pdu(t, false, pdu), "");
	test_host_free(t);
}

#define STOP_ON(context)                                                                                                                   \
	"7000 1c00 00000000 00000000 0" context "00000000000000 00000000 00000000 0000 0200 a100 0400 99000000 b100 0800 0" context        \
	"00 06 " IDENTITY
#define REFUSED(context) "7000 0000 00000000 64000000 0" context "00000000000000 00000000"

/* What is refused is what has its sender context; where two have the same, nobody can tell. */
static void refusals_on_connections(void **state)
{
	struct test_host *t = test_host_new(oto_analyzer_cip, OTO_TCP, 49152, 44818);

	(void)state;
	t->cx.depth = 1;
	test_pdu(t, true, STOP_ON("1"));
	test_pdu(t, true, STOP_ON("2"));
	assert_string_equal(test_pdu(t, false, REFUSED("3")), "");
	assert_int_equal(count(test_pdu(t, false, REFUSED("1")), "outcome error Invalid Session Handle\n"), 1);
	assert_string_equal(test_pdu(t, false, REFUSED("1")), "");
	test_pdu(t, true, STOP_ON("2"));
	assert_string_equal(test_pdu(t, false, REFUSED("2")), "");
	test_host_free(t);
}

/* Items that are not there do not hide those that are. */
static void fewer_items_than_said(void **state)
{
	struct test_host *t = test_host_new(oto_analyzer_cip, OTO_TCP, 49152, 44818);

	(void)state;
	t->cx.depth = 1;
	const char *said =
	    test_pdu(t, true, "6f00 1600 00000000 00000000 0100000000000000 00000000 00000000 0000 ffff 0000 0000 b200 0600 05 " IDENTITY);
	assert_int_equal(count(said, "operation reset"), 1);
	assert_int_equal(count(said, "weird "), 1);
	assert_non_null(strstr(said, "weird missing_items"));
	test_host_free(t);
}

/* Offsets that do not ascend hide nothing. */
static void services_in_another_order(void **state)
{
	struct test_host *t = test_host_new(oto_analyzer_cip, OTO_TCP, 49152, 44818);

	(void)state;
	t->cx.depth = 1;
	const char *said = say(t, true, 1, "0a " ROUTER "0300 1400 0800 0e00 05 " IDENTITY "06 " IDENTITY "07 " IDENTITY);
	assert_non_null(strstr(said, "operation reset"));
	assert_non_null(strstr(said, "operation start"));
	assert_non_null(strstr(said, "operation stop"));
	assert_int_equal(count(said, "weird malformed_multiple_service"), 1);
	said = say(t, true, 2, "0a " ROUTER "0300 0800 0800 0800 05 " IDENTITY);
	assert_int_equal(count(said, "operation reset"), 1);
	test_host_free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_weird_each),
		cmocka_unit_test(sessions_that_are_none),
		cmocka_unit_test(refusals_on_connections),
		cmocka_unit_test(fewer_items_than_said),
		cmocka_unit_test(services_in_another_order),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
