/* p0f_test.c - headers into p0f's terms and text, its file of signatures with every error named by line, the look-up, and the event. */
#include "../testing.h"
#include "signature.h"

extern const struct oto_analyzer *const oto_analyzer_p0f;

/* ------------------------------------------------------------------------------------------------ a packet's signature */

#define IP4(len, id_df, ttl) "4500 " len " " id_df " " ttl "06 0000 0a000001 0a000002"
#define PORTS "9c40 01f6"
#define LINUX_OPTIONS "0204 05b4 0402 080a 00000001 00000000 01 0303 07"
#define LINUX_SYN IP4("003c", "1234 4000", "40") PORTS "00000001 00000000 a002 faf0 0000 0000" LINUX_OPTIONS
#define WINDOWS_OPTIONS "0204 05b4 01 0303 08 0101 0402"
#define WINDOWS_SYN IP4("0034", "0001 4000", "7f") PORTS "00000001 00000000 8002 2000 0000 0000" WINDOWS_OPTIONS

static bool read_hex(const char *hex, uint16_t peer_mss, struct p0f_packet *p)
{
	uint8_t bytes[256];
	struct oto_cur c = oto_cur_of(test_hex(hex, bytes, sizeof bytes));

	p0f_read(&c, peer_mss, p);
	return !c.bad;
}

static void text_is(const char *hex, uint16_t peer_mss, const char *expected)
{
	struct p0f_packet p;
	char text[P0F_TEXT_MAX];

	assert_true(read_hex(hex, peer_mss, &p));
	uint32_t n = p0f_text(&p, text);
	assert_string_equal(text, expected);
	assert_int_equal(n, strlen(expected));
}

static void signatures(void **state)
{
	(void)state;
	text_is(LINUX_SYN, 0, "4:64+0:0:1460:mss*44,7:mss,sok,ts,nop,ws:df,id+:0");
	text_is(WINDOWS_SYN, 0, "4:127+1:0:1460:8192,8:mss,nop,ws,nop,nop,sok:df,id+:0");
	/* the window in segments of what the other side announced */
	text_is(IP4("002c", "0000 4000", "40") PORTS "00000001 00000001 6012 1df1 0000 0000 0204 05b4", 1095,
		"4:64+0:0:1460:mss*7,0:mss:df:0");
	text_is(IP4("002c", "0000 4000", "40") PORTS "00000001 00000001 6012 2328 0000 0000 0204 05b4", 0,
		"4:64+0:0:1460:mtu*6,0:mss:df:0");
	/* no options, no don't fragment, far away, with data */
	text_is(IP4("0029", "0000 0000", "01") PORTS "00000001 00000000 5002 0200 0000 0000 41", 0, "4:1+31:0:0:512,0::id-:+");
	text_is(IP4("0028", "0000 0000", "c8") PORTS "00000001 00000000 5002 0200 0000 0000", 0, "4:200+?:0:0:512,0::id-:0");
	/* IP options */
	text_is("4600 002c 0001 0000 4006 0000 0a000001 0a000002 01010100" PORTS "00000001 00000000 5002 0200 0000 0000", 0,
		"4:64+0:4:0:512,0:::0");
}

static void quirks(void **state)
{
	(void)state;
	text_is("4503 0028 0001 8000 4006 0000 0a000001 0a000002" PORTS "00000000 00000005 59ea 0200 0000 0007", 0,
		"4:64+0:0:0:512,0::ecn,0+,seq-,ack+,urgf+,pushf+:0");
	text_is(IP4("0028", "0001 0000", "40") PORTS "00000001 00000000 5012 0200 0000 0007", 0, "4:64+0:0:0:512,0::ack-,uptr+:0");
	/* own timestamp 0, a peer's on the first packet, something behind the end, a scale too large, an unknown option */
	text_is(IP4("003c", "0001 0000", "40") PORTS
		"00000001 00000000 a002 0200 0000 0000 080a 00000000 00000001 0303 0f fe02 00 0001 0000",
		0, "4:64+0:0:0:512,15:ts,ws,?254,eol+4:ts1-,ts2+,opt+,exws:0");
	/* lengths that are wrong: too short, too long, not what the kind has */
	static const char *const bad[] = { "0201 0000", "0206 05b4", "0203 0500", "0402 0801", "0303 01 05", "0505 0101" };
	char hex[256], text[P0F_TEXT_MAX];
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct p0f_packet p;
		snprintf(hex, sizeof hex, IP4("002c", "0001 0000", "40") PORTS "00000001 00000000 6002 0200 0000 0000 %s", bad[i]);
		assert_true(read_hex(hex, 0, &p));
		p0f_text(&p, text);
		HAS(text, ":bad:0");
	}
}

static void ipv6(void **state)
{
	(void)state;
#define IP6(first, next) first " 0018 " next "40 fe80000000000000 0000000000000001 fe80000000000000 0000000000000002"
	text_is(IP6("60012345", "06") PORTS "00000001 00000000 6002 ff60 0000 0000 0204 05a0", 0, "6:64+0:0:1440:65376,0:mss:flow:0");
	text_is(IP6("60300000", "06") PORTS "00000001 00000000 6002 2d00 0000 0000 0204 05a0", 0, "6:64+0:0:1440:mss*8,0:mss:ecn:0");
	struct p0f_packet p;
	assert_false(read_hex(IP6("60000000", "00") PORTS "00000001 00000000 6002 2d00 0000 0000 0204 05a0", 0, &p));
}

/* Cut anywhere, and headers that lie about lengths: refused, and nothing is read behind the end. */
static void damaged(void **state)
{
	static const char *const whole[] = { LINUX_SYN, WINDOWS_SYN,
					     IP6("60012345", "06") PORTS "00000001 00000000 6002 ff60 0000 0000 0204 05a0" };
	struct p0f_packet p;
	uint8_t bytes[256];

	(void)state;
	for (size_t i = 0; i < sizeof whole / sizeof *whole; i++) {
		struct oto_slice s = test_hex(whole[i], bytes, sizeof bytes);
		for (uint32_t n = 0; n < s.len; n++) {
			uint8_t *exact = oto_calloc(1, n + 1);
			memcpy(exact, bytes, n);
			struct oto_cur c = oto_cur_of((struct oto_slice){ exact, n });
			p0f_read(&c, 0, &p);
			assert_true(c.bad);
			free(exact);
		}
	}
	assert_false(read_hex("4400 0028 0001 0000 4006 0000 0a000001 0a000002" PORTS "00000001 00000000 5002 0200 0000 0000", 0, &p));
	assert_false(read_hex(IP4("0010", "0001 0000", "40") PORTS "00000001 00000000 5002 0200 0000 0000", 0, &p));
	assert_false(read_hex(IP4("0028", "0001 0000", "40") PORTS "00000001 00000000 4002 0200 0000 0000", 0, &p));
	assert_false(read_hex(IP4("0028", "0001 0000", "40") PORTS "00000001 00000000 f002 0200 0000 0000", 0, &p));
	/* forty bytes of one-byte options are more than are kept */
	char hex[512] = IP4("0050", "0001 0000", "40") PORTS "00000001 00000000 f002 0200 0000 0000";
	for (int i = 0; i < 40; i++)
		strcat(hex, "01");
	assert_true(read_hex(hex, 0, &p));
	assert_int_equal(p.sig.noptions, P0F_OPTIONS_MAX);
}

/* ------------------------------------------------------------------------------------------------ the base */

static struct test_setup *fake(const char *text)
{
	return test_setup_new("p0f.fp", "/etc/p0f/p0f.fp", text);
}

static const char BASE[] = "; comment\n"
			   "classes = win,unix\r\n"
			   "[mtu]\nlabel = Ethernet\nsig = 1500\n"
			   "[tcp:request]\n"
			   "label = s:unix:Linux:3.11 and newer\nsys = Linux\n"
			   "sig   = *:64:0:*:mss*20,10:mss,sok,ts,nop,ws:df,id+:0\n"
			   "sig   = *:64:0:*:mss*44,7:mss,sok,ts,nop,ws:df,id+:0\r\n"
			   "label = g:unix:Linux:2.2.x-3.x\n"
			   "sig = *:64:0:*:*,*:mss,sok,ts,nop,ws:df,id+:0\n"
			   "label = s:win:Windows:7 or 8\n"
			   "sig = *:128:0:*:8192,8:mss,nop,ws,nop,nop,sok:df,id+:0\n"
			   "label = s:!:Nmap:SYN scan\n"
			   "sig = *:64-:0:1460:1024,0:mss::0\n"
			   "label = s:other:Modulo:\n"
			   "sig = 4:255:0:*:%512,*:eol+1,?254,sack:0+,bad:*\n"
			   "[http:request]\nlabel = s:!:curl:\nsig = *:Host=[x]::\n"
			   "[tcp:response]\n"
			   "label = s:other:Server:\n"
			   "sig = 4:64:0:*:mtu*6,0:mss:df:0";

static const char *find(struct p0f_base *base, const char *hex, uint16_t peer_mss, bool *fuzzy)
{
	struct p0f_packet p;

	assert_true(read_hex(hex, peer_mss, &p));
	const struct p0f_label *label = p0f_base_find(base, &p, fuzzy);
	return label ? label->os : NULL;
}

static void looks_up(void **state)
{
	struct test_setup *f = fake(BASE);
	const char *why = NULL;
	uint32_t line = 0;
	bool fuzzy = true;

	(void)state;
	struct p0f_base *base = p0f_base_read(&f->how, oto_slice_of(BASE), &line, &why);
	assert_non_null(base);
	for (int twice = 0; twice < 2; twice++) { /* the second time from the cache */
		assert_string_equal(find(base, LINUX_SYN, 0, &fuzzy), "Linux 3.11 and newer");
		assert_false(fuzzy);
	}
	/* another window: the family only */
	assert_string_equal(
	    find(base, IP4("003c", "1234 4000", "40") PORTS "00000001 00000000 a002 1111 0000 0000" LINUX_OPTIONS, 0, &fuzzy),
	    "Linux 2.2.x-3.x");
	assert_false(fuzzy);
	/* the identification cleared by a router */
	assert_string_equal(
	    find(base, IP4("0034", "0000 4000", "7f") PORTS "00000001 00000000 8002 2000 0000 0000" WINDOWS_OPTIONS, 0, &fuzzy),
	    "Windows 7 or 8");
	assert_true(fuzzy);
	/* too far away to be sure; a lower TTL than the known one is needed */
	assert_string_equal(
	    find(base, IP4("0034", "0001 4000", "50") PORTS "00000001 00000000 8002 2000 0000 0000" WINDOWS_OPTIONS, 0, &fuzzy),
	    "Windows 7 or 8");
	assert_true(fuzzy);
	assert_string_equal(find(base, IP4("002c", "0001 0000", "01") PORTS "00000001 00000000 6002 0400 0000 0000 0204 05b4", 0, &fuzzy),
			    "Nmap SYN scan");
	assert_null(find(base, IP4("002c", "0001 0000", "ff") PORTS "00000001 00000000 6002 0400 0000 0000 0204 05b4", 0, &fuzzy));
	/* requests and responses are told apart */
	assert_string_equal(find(base, IP4("002c", "0000 4000", "40") PORTS "00000001 00000001 6012 2328 0000 0000 0204 05b4", 0, &fuzzy),
			    "Server");
	assert_null(find(base, IP4("002c", "0001 4000", "40") PORTS "00000001 00000000 6002 2328 0000 0000 0204 05b4", 0, &fuzzy));
	test_setup_free(f);
}

static void errors_name_the_line(void **state)
{
#define SIG(sig) "[tcp:request]\nlabel = s:unix:Linux:x\nsig = " sig "\n"
	static const struct {
		const char *text;
		uint32_t line;
		const char *why;
	} cases[] = {
		{ "[tcp:request]\nsig = *:64:0:*:*,*:mss::0\n", 2, "before the first label" },
		{ "[tcp:request]\nlabel = Linux\n", 2, "a label is" },
		{ "[tcp:request]\nlabel = x:unix:Linux:1\n", 2, "a label is" },
		{ "[tcp:request]\n\n\nlabel = s:unix::1\n", 4, "a label is" },
		{ SIG("5:64:0:*:*,*:mss::0"), 3, "the version is" },
		{ SIG("*:0:0:*:*,*:mss::0"), 3, "the initial TTL" },
		{ SIG("*:256:0:*:*,*:mss::0"), 3, "the initial TTL" },
		{ SIG("*:64+x:0:*:*,*:mss::0"), 3, "the initial TTL" },
		{ SIG("*:64:x:*:*,*:mss::0"), 3, "the length of IP options" },
		{ SIG("*:64:0:65536:*,*:mss::0"), 3, "the maximum segment size" },
		{ SIG("*:64:0:*:mss*x,*:mss::0"), 3, "the window is" },
		{ SIG("*:64:0:*:%0,*:mss::0"), 3, "the window is" },
		{ SIG("*:64:0:*:1:mss::0"), 3, "the window is" },
		{ SIG("*:64:0:*:1,256:mss::0"), 3, "the window is" },
		{ SIG("*:64:0:*:*,*:msss::0"), 3, "options are" },
		{ SIG("*:64:0:*:*,*:eol+x::0"), 3, "options are" },
		{ SIG("*:64:0:*:*,*:?256::0"), 3, "options are" },
		{ SIG("*:64:0:*:*,*:nop,nop,nop,nop,nop,nop,nop,nop,nop,nop,nop,nop,nop,nop,nop,nop,nop,nop,nop,nop,nop,nop,nop,nop,nop::"
		      "0"),
		  3, "options are" },
		{ SIG("*:64:0:*:*,*:mss:dff:0"), 3, "an unknown quirk" },
		{ SIG("*:64:0:*:*,*:mss::1"), 3, "the payload is" },
		{ SIG("*"), 3, "the initial TTL" },
		{ SIG(""), 3, "the version is" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct test_setup *f = fake(cases[i].text);
		const char *why = NULL;
		uint32_t line = 0;
		assert_null(p0f_base_read(&f->how, oto_slice_of(cases[i].text), &line, &why));
		assert_int_equal(line, cases[i].line);
		HAS(why, cases[i].why);
		test_setup_free(f);
	}
}

/* Any beginning of a base is read or refused, and nothing else. */
static void bases_cut(void **state)
{
	(void)state;
	for (uint32_t n = 0; n < sizeof BASE - 1; n++) {
		struct test_setup *f = fake("");
		const char *why = NULL;
		uint32_t line;
		uint8_t *exact = oto_calloc(1, n + 1);
		memcpy(exact, BASE, n);
		struct p0f_base *base = p0f_base_read(&f->how, (struct oto_slice){ exact, n }, &line, &why);
		assert_true(base || why);
		free(exact);
		test_setup_free(f);
	}
}

/* ------------------------------------------------------------------------------------------------ the event */

static struct test_host *host(struct test_setup *f)
{
	struct test_host *t = test_host_new(oto_analyzer_p0f, OTO_TCP, 40000, 502);

	t->cx.shared = oto_calloc(1, oto_analyzer_p0f->shared_size);
	assert_true(oto_analyzer_p0f->setup(&f->how, t->cx.shared));
	t->head.has_mac = true;
	return t;
}

static void host_free(struct test_host *t, struct test_setup *f)
{
	free(t->cx.shared);
	test_host_free(t);
	test_setup_free(f);
}

static void tells(void **state)
{
	struct test_setup *f = fake(BASE);
	struct test_host *t = host(f);

	(void)state;
	const char *s = test_pdu(t, true, LINUX_SYN);
	HAS(s, "fact os=Linux 3.11 and newer\n");
	HAS(s, "p0f.handshake mod=syn src_ip=10.0.0.1 src_mac=00:00:00:00:00:00 os=Linux 3.11 and newer "
	       "raw_sig=4:64+0:0:1460:mss*44,7:mss,sok,ts,nop,ws:df,id+:0 match=specific\n");
	/* the last version that the base knows has successors */
	HAS(test_pdu(t, true, WINDOWS_SYN), "fact os=Windows 7 or newer\n");
	HAS(t->said.data, "os=Windows 7 or newer raw_sig");
	s = test_pdu(t, true, IP4("002c", "0001 0000", "01") PORTS "00000001 00000000 6002 0400 0000 0000 0204 05b4");
	HAS(s, "fact software=Nmap SYN scan\n"); /* a program, no system */
	HAS(s, "match=userland");
	HAS_NOT(s, "fact os");
	s = test_pdu(t, true, IP4("0028", "0001 0000", "40") PORTS "00000001 00000000 5002 0200 0000 0000");
	HAS_NOT(s, "fact");
	HAS(s, "p0f.handshake mod=syn src_ip=10.0.0.1 src_mac=00:00:00:00:00:00 raw_sig=4:64+0:0:0:512,0:::0\n");
	assert_string_equal(test_cut(t, true, LINUX_SYN), "");
	host_free(t, f);
}

/* The server's window is a multiple of what the client announced. */
static void announced_size(void **state)
{
	struct test_setup *f = fake("");
	struct test_host *t = host(f);

	(void)state;
	test_pdu(t, true, IP4("002c", "0001 4000", "40") PORTS "00000001 00000000 6002 2000 0000 0000 0204 0447");
	HAS(test_pdu(t, false, IP4("002c", "0000 4000", "40") PORTS "00000001 00000001 6012 1df1 0000 0000 0204 05b4"),
	    "mod=syn+ack src_ip=10.0.0.2 src_mac=00:00:00:00:00:00 raw_sig=4:64+0:0:1460:mss*7,0:mss:df:0\n");
	host_free(t, f);
}

static void refuses_a_wrong_base(void **state)
{
	struct test_setup *f = fake("[tcp:request]\nlabel = s:unix:Linux:x\nsig = nonsense\n");
	void *shared = oto_calloc(1, oto_analyzer_p0f->shared_size);

	(void)state;
	assert_false(oto_analyzer_p0f->setup(&f->how, shared));
	HAS(f->why, "p0f.fp, line 3: the version is 4, 6 or *");
	free(shared);
	test_setup_free(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(signatures),     cmocka_unit_test(quirks),
		cmocka_unit_test(ipv6),           cmocka_unit_test(damaged),
		cmocka_unit_test(looks_up),       cmocka_unit_test(errors_name_the_line),
		cmocka_unit_test(bases_cut),      cmocka_unit_test(tells),
		cmocka_unit_test(announced_size), cmocka_unit_test(refuses_a_wrong_base),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
