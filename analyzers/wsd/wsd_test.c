/* wsd_test.c - every kind of message, facts, limits, and what is no WS-Discovery. */
#include "../testing.h"

extern const struct oto_analyzer *const oto_analyzer_wsd;

#define ENVELOPE(action, header, body)                                                                                                     \
	"<?xml version='1.0'?>\n<s:Envelope xmlns:s='x'><s:Header><a:Action>http://x/discovery/" action "</a:Action>" header               \
	"</s:Header><s:Body>" body "</s:Body></s:Envelope>"
#define ADDRESS "<a:EndpointReference><a:Address> urn:uuid:77 </a:Address></a:EndpointReference>"

static struct test_host *host(void)
{
	return test_host_new(oto_analyzer_wsd, OTO_UDP, 3702, 3702);
}

static const char *text(struct test_host *t, const char *said)
{
	return test_bytes(t, true, (struct oto_slice){ (const uint8_t *)said, (uint32_t)strlen(said) });
}

static void hello(void **state)
{
	(void)state;
	struct test_host *t = host();
	const char *message = ENVELOPE("Hello", "<a:MessageID>urn:uuid:1</a:MessageID>",
				       "<d:Hello>" ADDRESS "<d:Types>dn:NetworkVideoTransmitter\n x:Thing</d:Types><d:Scopes a='b'>"
				       "onvif://www.onvif.org/name/Gate%20A%zz onvif://www.onvif.org/hardware/C1 other</d:Scopes>"
				       "<d:XAddrs>http://10.0.0.1/x</d:XAddrs></d:Hello>");
	const char *s = text(t, message);
	HAS(s, "action=Hello address=urn:uuid:77 types=dn:NetworkVideoTransmitter\\x0a x:Thing");
	HAS(s, "xaddrs=http://10.0.0.1/x message_id=urn:uuid:1\n");
	HAS(s, "fact uuid=77\nfact device_type=NetworkVideoTransmitter\nfact role=camera\nfact device_type=Thing\n");
	HAS(s, "fact device_name=Gate A%zz\nfact model=C1\nfact wsd_address=http://10.0.0.1/x\n");
	HAS_NOT(text(t, message), "fact"); /* told before */
	test_host_free(t);
}

static void others(void **state)
{
	static const char *const kinds[] = { "Bye", "Probe", "Resolve" };
	(void)state;
	struct test_host *t = host();
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		char message[512];
		snprintf(message, sizeof message, ENVELOPE("%s", "", "<d:Types>x:Computer</d:Types>"), kinds[i]);
		const char *s = text(t, message);
		HAS(s, kinds[i]);
		HAS_NOT(s, "fact"); /* who asks for something is not it */
	}
	HAS(text(t,
		 ENVELOPE("ResolveMatches",
			  "<a:RelatesTo>urn:uuid:4</a:RelatesTo><a:ReplyTo><a:Address>http://anonymous</a:Address></a:ReplyTo>", ADDRESS)),
	    "action=ResolveMatches address=urn:uuid:77 relates_to=urn:uuid:4\n");
	HAS(text(t, ENVELOPE("ProbeMatches", "", ADDRESS "<d:Types>pub:Computer</d:Types>")), "fact role=computer\n");
	SAID(text(t, ENVELOPE("Invented", "", "")), "weird", "unknown_action");
	SAID(text(t, "<a:Envelope>"), "weird", "unknown_action");
	SAID(text(t, "no tags"), "weird", "unknown_action");
	test_host_free(t);
}

static enum oto_answer probe(struct test_host *t, const char *said)
{
	return oto_analyzer_wsd->probe(&t->cx, oto_cur_of((struct oto_slice){ (const uint8_t *)said, (uint32_t)strlen(said) }));
}

static void limits(void **state)
{
	(void)state;
	struct test_host *t = host();
	static char many[16384];
	size_t n = 0;
	for (int i = 0; i < 1000; i++)
		n += (size_t)snprintf(&many[n], sizeof many - n, "<tag%d>", i);
	snprintf(&many[n], sizeof many - n, "<a:Action>x/Hello</a:Action>");
	SAID(text(t, many), "weird", "unknown_action");
	assert_int_equal(probe(t, "\xef\xbb\xbf<?xml?><x:Envelope>"), OTO_MINE);
	assert_int_equal(probe(t, " \n<Envelope a='b'>"), OTO_MINE);
	assert_int_equal(probe(t, "<a><b><c><d><Envelope>"), OTO_NOT_MINE);
	assert_int_equal(probe(t, "Envelope"), OTO_NOT_MINE);
	assert_int_equal(probe(t, ""), OTO_NOT_MINE);
	assert_int_equal(probe(t, "<"), OTO_NOT_MINE);
	test_cut(t, true,
		 "3c613a456e76656c6f70653e3c616374696f6e3e6a2f48656c6c6f3c2f616374696f6e3e3c41646472657373203e757569643a313c2f613e3c547970"
		 "65733e613a623c2f633e");
	test_host_free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(hello), cmocka_unit_test(others), cmocka_unit_test(limits) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
