/* nd_test.c - solicitations, advertisements, duplicate address detection, conflicts, and what damaged messages do. */
#include "../testing.h"

extern const struct oto_analyzer *const oto_analyzer_nd;

static int setup(void **state)
{
	struct test_host *t = test_host_new(oto_analyzer_nd, OTO_ICMP6, 135, 136);

	t->head.orig_h = (struct oto_addr){ { 0xfe, 0x80, [15] = 1 }, OTO_FAMILY_IPV6 };
	t->head.resp_h = (struct oto_addr){ { 0xff, 0x02, [11] = 1, [12] = 0xff, [15] = 2 }, OTO_FAMILY_IPV6 };
	t->head.has_mac = true;
	t->head.orig_mac = (struct oto_mac){ { 0x02, 0, 0, 0, 0, 1 } };
	t->head.resp_mac = (struct oto_mac){ { 0x33, 0x33, 0xff, 0, 0, 2 } };
	*state = t;
	return 0;
}

static const char *say(struct test_host *t, unsigned type, const char *hex)
{
	t->cx.key = type;
	return test_pdu(t, true, hex);
}

#define TARGET "fe800000000000000000000000000002"
#define OWN "fe800000000000000000000000000001"

static void solicitation(void **state)
{
	const char *s = say(*state, 135, "00000000" TARGET "0101 020000000001");
	SAID(s, "nd.solicitation",
	     "target=fe80::2 who_has=fe80::2 sender_ip=fe80::1 sender_mac=02:00:00:00:00:01 link_address=02:00:00:00:00:01 router=F "
	     "solicited=F "
	     "override=F probe=F relayed=F");
	SAID(s, "fact", "ip=fe80::1");
}

static void probe(void **state)
{
	struct test_host *t = *state;
	t->head.orig_h = (struct oto_addr){ { 0 }, OTO_FAMILY_IPV6 };
	const char *s = say(t, 135, "00000000" TARGET);
	assert_non_null(strstr(s, "sender_ip=:: "));
	assert_non_null(strstr(s, "probe=T"));
	assert_null(test_line(s, "fact"));
}

static void advertisement(void **state)
{
	struct test_host *t = *state;
	t->head.resp_h = (struct oto_addr){ { 0xfe, 0x80, [15] = 9 }, OTO_FAMILY_IPV6 };
	t->head.resp_mac = (struct oto_mac){ { 0x02, 0, 0, 0, 0, 9 } };
	const char *s = say(t, 136, "e0000000" OWN "0201 020000000001");
	SAID(s, "nd.advertisement",
	     "target=fe80::1 is_at=02:00:00:00:00:01 sender_ip=fe80::1 sender_mac=02:00:00:00:00:01 dest_ip=fe80::9 "
	     "dest_mac=02:00:00:00:00:09 "
	     "link_address=02:00:00:00:00:01 router=T solicited=T override=T probe=F relayed=F");
	SAID(s, "fact", "ip=fe80::1");
	/* without the option the frame's own address counts; other options are passed over */
	s = say(t, 136, "40000000" OWN "0e01 000000000000");
	assert_non_null(strstr(s, "is_at=02:00:00:00:00:01"));
	assert_null(test_line(s, "fact"));
}

static void conflict(void **state)
{
	struct test_host *t = *state;
	say(t, 136, "20000000" OWN "0201 020000000001");
	const char *s = say(t, 136, "20000000" OWN "0201 020000000066");
	SAID(s, "nd.conflict", "ip=fe80::1 mac=02:00:00:00:00:66 other_mac=02:00:00:00:00:01 since=0.001000");
	assert_non_null(strstr(s, "relayed=T"));
	assert_null(test_line(say(t, 136, "20000000" OWN "0201 020000000066"), "nd.conflict"));
}

static void malformed(void **state)
{
	struct test_host *t = *state;
	SAID(say(t, 135, "00000000 fe80"), "weird", "truncated");
	SAID(say(t, 135, "00000000" TARGET "0101 0200"), "weird", "truncated");
	SAID(say(t, 135, "00000000" TARGET "0100 020000000001"), "weird", "option_length_zero");
	SAID(say(t, 136, "00000000 ff020000000000000000000000000001"), "weird", "target_is_group");
	assert_null(test_line(say(t, 136, "00000000" OWN "0201 ffffffffffff"), "fact"));
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, test_teardown)
	const struct CMUnitTest tests[] = { TEST(solicitation), TEST(probe), TEST(advertisement), TEST(conflict), TEST(malformed) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
