/* syslog_test.c - priorities, both headers, facts, the probe, and damaged messages. */
#include "../testing.h"

extern const struct oto_analyzer *const oto_analyzer_syslog;

static struct test_host *host(uint16_t port)
{
	return test_host_new(oto_analyzer_syslog, OTO_UDP, 40000, port);
}

static const char *text(struct test_host *t, const char *said)
{
	return test_bytes(t, true, (struct oto_slice){ (const uint8_t *)said, (uint32_t)strlen(said) });
}

static void priorities(void **state)
{
	(void)state;
	struct test_host *t = host(514);
	SAID(text(t, "<0>a"), "syslog.message", "facility=KERN severity=EMERG message=a text=a");
	SAID(text(t, "<191>a"), "syslog.message", "facility=LOCAL7 severity=DEBUG message=a text=a");
	SAID(text(t, "no priority\n"), "syslog.message",
	     "facility=UNSPECIFIED severity=UNSPECIFIED message=no priority\\x0a text=no priority");
	SAID(text(t, "<1234>x"), "syslog.message", "facility=UNSPECIFIED severity=UNSPECIFIED message=<1234>x text=<1234>x");
	SAID(text(t, "<>x"), "syslog.message", "facility=UNSPECIFIED severity=UNSPECIFIED message=<>x text=<>x");
	SAID(text(t, "<13>"), "syslog.message", "facility=USER severity=NOTICE message=(empty) text=(empty)");
	test_host_free(t);
}

static void headers(void **state)
{
	(void)state;
	struct test_host *t = host(514);
	const char *s = text(t, "<34>Oct 11 22:14:15 mymachine su[12]: failed");
	HAS(s, "timestamp=Oct 11 22:14:15 hostname=mymachine app=su procid=12 text=failed\n");
	HAS(s, "fact hostname=mymachine\nfact software=su\n");
	s = text(t, "<34>Oct  1 22:14:16 mymachine su: again");
	HAS(s, "app=su text=again\n");
	HAS_NOT(s, "fact"); /* told before */
	HAS(text(t, "<34>Oct  1 22:14:17 cron: no host"), "timestamp=Oct  1 22:14:17 app=cron text=no host\n");
	HAS(text(t, "<34>Oct  1 22:14:17 10.0.0.7 plain words"), "hostname=10.0.0.7 text=plain words\n");
	s = text(t, "<165>1 2003-10-11T22:14:15.003Z host.example evntslog 87 ID47 [a b=\"c\"] text");
	HAS(s, "hostname=host.example app=evntslog procid=87 msgid=ID47 text=[a b=\"c\"] text\n");
	HAS(s, "fact software=evntslog\n");
	HAS(text(t, "<165>1 - - - - - -"), "message=1 - - - - - - text=\\x2d\n");
	HAS(text(t, "<165>1 only three"), "text=1 only three\n");
	HAS(text(t, "<165>Oct 11 22:14:15 "), "timestamp=Oct 11 22:14:15 text=(empty)\n");
	HAS(text(t, "<165>Oct 11 22:14:15 app[1 open"), "hostname=app[1");
	test_host_free(t);
}

static void few_programs_are_remembered(void **state)
{
	(void)state;
	struct test_host *t = host(514);
	char line[64];
	for (int i = 0; i < 40; i++) {
		snprintf(line, sizeof line, "<34>Oct 11 22:14:15 h prog%d: x", i);
		const char *s = text(t, line);
		assert_true((strstr(s, "fact software") != NULL) == (i < 16));
	}
	test_host_free(t);
}

static void probes(void **state)
{
	(void)state;
	struct test_host *t = host(514);
	test_side(t, true);
	assert_int_equal(test_probe_text(t, "anything"), OTO_MINE);
	assert_int_equal(test_probe_text(t, "\x01"), OTO_NOT_MINE);
	assert_int_equal(test_probe_text(t, ""), OTO_NOT_MINE);
	test_host_free(t);
	t = host(5514);
	test_side(t, true);
	assert_int_equal(test_probe_text(t, "<34>Oct 11 22:14:15 mymachine su: failed"), OTO_MINE);
	assert_int_equal(test_probe_text(t, "<34>1 2003-10-11T22:14:15.003Z h e - - - x"), OTO_MINE);
	assert_int_equal(test_probe_text(t, "<34>words without any header"), OTO_NOT_MINE);
	assert_int_equal(test_probe_text(t, "<192>Oct 11 22:14:15 mymachine su: failed"), OTO_NOT_MINE);
	assert_int_equal(test_probe_text(t, "Oct 11 22:14:15 mymachine su: failed"), OTO_NOT_MINE);
	test_host_free(t);
}

static void damaged(void **state)
{
	(void)state;
	struct test_host *t = host(514);
	test_cut(t, true, "3c33343e4f63742031312032323a31343a3135206d796d616368696e652073755b31325d3a20666f6f");
	test_cut(t, true, "3c3136353e3120323030332d31302d313120686f7374206170702031204944202d20666f6f");
	test_host_free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(priorities), cmocka_unit_test(headers), cmocka_unit_test(few_programs_are_remembered),
		cmocka_unit_test(probes),     cmocka_unit_test(damaged),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
