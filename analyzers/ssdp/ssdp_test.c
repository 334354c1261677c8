/* ssdp_test.c - announcements, searches, answers, facts, limits, and what is no SSDP. */
#include "../testing.h"

extern const struct oto_analyzer *const oto_analyzer_ssdp;

static struct test_host *host(void)
{
	return test_host_new(oto_analyzer_ssdp, OTO_UDP, 1900, 1900);
}

static const char *text(struct test_host *t, const char *said)
{
	return test_bytes(t, true, (struct oto_slice){ (const uint8_t *)said, (uint32_t)strlen(said) });
}

static void notify(void **state)
{
	(void)state;
	struct test_host *t = host();
	const char *root =
	    "NOTIFY * HTTP/1.1\r\nHost: 239.255.255.250:1900\r\ncache-control: max-age = 1800\r\nLOCATION: http://10.0.0.1/d.xml\r\n"
	    "NT: upnp:rootdevice\r\nNTS: ssdp:alive\r\nServer:Linux/4.9 UPnP/1.1 Box/2\r\nUSN: uuid:1234::upnp:rootdevice\r\n\r\n";
	const char *s = text(t, root);
	SAID(s, "ssdp.message",
	     "method=NOTIFY src_ip=10.0.0.1 server_or_user_agent=Linux/4.9 UPnP/1.1 Box/2 type=upnp:rootdevice nts=ssdp:alive "
	     "usn=uuid:1234::upnp:rootdevice location=http://10.0.0.1/d.xml max_age=1800.000000");
	HAS(s, "fact user_agent=Linux/4.9 UPnP/1.1 Box/2\nfact os=Linux/4.9\nfact software=Box/2\n");
	HAS(s, "fact upnp_location=http://10.0.0.1/d.xml\nfact uuid=1234\n");
	HAS_NOT(text(t, root), "fact"); /* told before */
	s = text(t, "NOTIFY * HTTP/1.1\r\nNT: urn:schemas-upnp-org:device:Printer:1\r\nNTS: ssdp:alive\r\n\r\n");
	HAS(s, "fact device_type=Printer\nfact role=printer\n");
	s = text(t, "NOTIFY * HTTP/1.1\r\nNT: urn:schemas-upnp-org:device:MediaServer:1\r\nNTS: ssdp:byebye\r\n\r\n");
	HAS_NOT(s, "fact");
	test_host_free(t);
}

static void search(void **state)
{
	(void)state;
	struct test_host *t = host();
	const char *s =
	    text(t, "M-SEARCH * HTTP/1.1\r\nMAN: \"ssdp:discover\"\r\nST: ssdp:all\r\nServer: not this\r\nUser-Agent: Agent/1\r\n"
		    "CPFN.UPNP.ORG: panel\r\nNT: not this\r\n\r\nST: behind the head\r\n");
	SAID(s, "ssdp.message", "method=M-SEARCH Request src_ip=10.0.0.1 server_or_user_agent=Agent/1 type=ssdp:all friendly_name=panel");
	HAS(s, "fact user_agent=Agent/1\nfact hostname=panel\n");
	s = text(t, "HTTP/1.1 200 OK\nST: upnp:rootdevice\nSERVER: Windows NT/5.0, UPnP/1.0\n");
	HAS(s, "method=M-SEARCH Response");
	HAS_NOT(s, "fact user_agent"); /* one agent a flow */
	test_host_free(t);
}

static void limits(void **state)
{
	(void)state;
	struct test_host *t = host();
	static char many[8192];
	size_t n = (size_t)snprintf(many, sizeof many, "M-SEARCH * HTTP/1.1\r\n");
	for (int i = 0; i < 200; i++)
		n += (size_t)snprintf(&many[n], sizeof many - n, "X-%d: y\r\n", i);
	snprintf(&many[n], sizeof many - n, "ST: too late\r\n");
	SAID(text(t, many), "ssdp.message", "method=M-SEARCH Request src_ip=10.0.0.1");
	HAS(text(t, "NOTIFY * HTTP/1.1\r\nCACHE-CONTROL: max-age=99999999999999999999\r\n"), "max_age=4294967295.000000");
	HAS_NOT(text(t, "NOTIFY * HTTP/1.1\r\nCACHE-CONTROL: no-cache\r\nno colon\r\n: empty\r\nNT:\r\n"), "max_age");
	test_host_free(t);
}

static void others(void **state)
{
	(void)state;
	struct test_host *t = host();
	SAID(text(t, "GET / HTTP/1.1\r\n\r\n"), "weird", "unknown_message");
	SAID(text(t, "HTTP/1.1 404 Not Found\r\n\r\n"), "weird", "unknown_message");
	struct oto_slice answer = oto_slice_of("HTTP/1.1 200 OK\r\n"), notify = oto_slice_of("NOTIFY * HTTP/1.1\r\n");
	assert_int_equal(oto_analyzer_ssdp->probe(&t->cx, oto_cur_of(answer)), OTO_MINE);
	assert_int_equal(oto_analyzer_ssdp->probe(&t->cx, oto_cur_of((struct oto_slice){ 0 })), OTO_NOT_MINE);
	t->head.orig_p = t->head.resp_p = 4000;
	assert_int_equal(oto_analyzer_ssdp->probe(&t->cx, oto_cur_of(answer)), OTO_NOT_MINE);
	assert_int_equal(oto_analyzer_ssdp->probe(&t->cx, oto_cur_of(notify)), OTO_MINE);
	test_cut(t, true,
		 "4e4f54494659202a20485454502f312e310d0a53455256455220203a20614c0d0a4e543a2075726e3a613a6465766963653a623a310d0a0d0a");
	test_host_free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(notify),
		cmocka_unit_test(search),
		cmocka_unit_test(limits),
		cmocka_unit_test(others),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
