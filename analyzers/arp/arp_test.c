/* arp_test.c - requests, replies, announcements, probes, reverse and inverse forms, conflicts, and what damaged messages do. */
#include "../testing.h"

extern const struct oto_analyzer *const oto_analyzer_arp;

static int setup(void **state)
{
	*state = test_host_frames(oto_analyzer_arp, (struct oto_mac){ { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff } });
	return 0;
}

/* A message of Ethernet and IPv4 addresses from 02:00:00:00:00:01. */
static const char *say(struct test_host *t, const char *op, const char *sender_ip, const char *target_mac, const char *target_ip)
{
	char hex[128];

	snprintf(hex, sizeof hex, "0001 0800 06 04 %s 020000000001 %s %s %s", op, sender_ip, target_mac, target_ip);
	return test_pdu(t, true, hex);
}

static void request_and_reply(void **state)
{
	struct test_host *t = *state;
	const char *s = say(t, "0001", "0a000001", "000000000000", "0a000002");
	SAID(s, "arp.request",
	     "op=request sender_mac=02:00:00:00:00:01 sender_ip=10.0.0.1 target_ip=10.0.0.2 who_has=10.0.0.2 gratuitous=F probe=F "
	     "relayed=F");
	SAID(s, "fact", "ip=10.0.0.1");
	s = say(t, "0002", "0a000001", "020000000002", "0a000002");
	SAID(s, "arp.reply",
	     "op=reply sender_mac=02:00:00:00:00:01 sender_ip=10.0.0.1 target_mac=02:00:00:00:00:02 target_ip=10.0.0.2 "
	     "is_at=02:00:00:00:00:01 gratuitous=F probe=F relayed=F");
	assert_null(test_line(s, "fact")); /* told a millisecond ago */
}

static void announcement_and_probe(void **state)
{
	struct test_host *t = *state;
	SAID(say(t, "0001", "0a000001", "000000000000", "0a000001"), "arp.request",
	     "op=request sender_mac=02:00:00:00:00:01 sender_ip=10.0.0.1 target_ip=10.0.0.1 who_has=10.0.0.1 gratuitous=T probe=F "
	     "relayed=F");
	const char *s = say(t, "0001", "00000000", "000000000000", "0a000009");
	SAID(
	    s, "arp.request",
	    "op=request sender_mac=02:00:00:00:00:01 sender_ip=0.0.0.0 target_ip=10.0.0.9 who_has=10.0.0.9 gratuitous=F probe=T relayed=F");
	assert_null(test_line(s, "fact"));
}

static void reverse_and_inverse(void **state)
{
	struct test_host *t = *state;
	const char *s = say(t, "0003", "00000000", "020000000001", "00000000");
	SAID(s, "arp.request",
	     "op=reverse_request sender_mac=02:00:00:00:00:01 sender_ip=0.0.0.0 target_mac=02:00:00:00:00:01 target_ip=0.0.0.0 "
	     "gratuitous=F probe=F "
	     "relayed=F");
	s = say(t, "0004", "0a000001", "020000000007", "0a000007");
	assert_non_null(test_line(s, "arp.reply"));
	assert_non_null(strstr(s, "fact ip=10.0.0.7\n"));
	assert_non_null(test_line(say(t, "0008", "0a000001", "000000000000", "00000000"), "arp.request"));
	assert_non_null(test_line(say(t, "0009", "0a000001", "020000000007", "0a000007"), "arp.reply"));
}

static void conflict(void **state)
{
	struct test_host *t = *state;
	say(t, "0001", "0a000001", "000000000000", "0a000002");
	const char *s = test_pdu(t, true, "0001 0800 06 04 0002 020000000066 0a000001 020000000002 0a000002");
	SAID(s, "arp.conflict", "ip=10.0.0.1 mac=02:00:00:00:00:66 other_mac=02:00:00:00:00:01 since=0.001000");
	assert_non_null(strstr(s, "relayed=T")); /* the frame came from another station */
	SAID(s, "fact", "ip=10.0.0.1");
	s = say(t, "0001", "0a000001", "000000000000", "0a000002");
	SAID(s, "arp.conflict", "ip=10.0.0.1 mac=02:00:00:00:00:01 other_mac=02:00:00:00:00:66 since=0.001000");
}

static void fact_every_minute(void **state)
{
	struct test_host *t = *state;
	assert_non_null(test_line(say(t, "0001", "0a000001", "000000000000", "0a000002"), "fact"));
	t->head.ts.ns += INT64_C(30000000000);
	assert_null(test_line(say(t, "0001", "0a000001", "000000000000", "0a000002"), "fact"));
	t->head.ts.ns += INT64_C(30000000000);
	assert_non_null(test_line(say(t, "0001", "0a000001", "000000000000", "0a000002"), "fact"));
}

static void malformed(void **state)
{
	struct test_host *t = *state;
	SAID(test_pdu(t, true, "0006 0800"), "weird", "truncated");
	SAID(test_pdu(t, true, "0001 0800 06 04 0001 020000000001 0a000001 000000000000 0a0000"), "weird", "truncated");
	SAID(test_pdu(t, true, "0001 0800 08 04 0001 0200000000010000 0a000001 0000000000000000 0a000002"), "weird",
	     "wrong_address_length");
	SAID(test_pdu(t, true, "0001 0800 06 10 0001 020000000001 0a000001 000000000000 0a000002"), "weird", "wrong_address_length");
	SAID(test_pdu(t, true, "0018 0800 08 04 0001 0200000000010000 0a000001 0a000002"), "weird", "unknown_address_type");
	SAID(test_pdu(t, true, "0001 0801 06 04 0001 020000000001 0a000001 000000000000 0a000002"), "weird", "unknown_address_type");
	SAID(say(t, "0017", "0a000001", "000000000000", "0a000002"), "weird", "unknown_operation");
	const char *s = test_pdu(t, true, "0001 0800 06 04 0002 ffffffffffff 0a000001 020000000002 0a000002");
	SAID(s, "weird", "illegal_sender_mac");
	assert_null(test_line(s, "fact"));
	assert_non_null(test_line(test_pdu(t, true, "0006 0800 06 04 0001 020000000001 0a000001 000000000000 0a000002"), "arp.request"));
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, test_teardown)
	const struct CMUnitTest tests[] = {
		TEST(request_and_reply), TEST(announcement_and_probe), TEST(reverse_and_inverse),
		TEST(conflict),          TEST(fact_every_minute),      TEST(malformed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
