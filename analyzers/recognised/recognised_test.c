/* recognised_test.c - the language of rows, every error by line, what fits and what does not, whose service it is, damaged messages. */
#include "../say.h"
#include "../testing.h"
#include "rule.h"
#include "table.h"

extern const struct oto_analyzer *const oto_analyzer_recognised;

/* ------------------------------------------------------------------------------------------------ rows */

static const char *read(const char *transport, const char *ports, const char *side, const char *bytes, struct rule *r)
{
	struct rule_text text = { oto_slice_of("x"), oto_slice_of(transport), oto_slice_of(ports), oto_slice_of(side),
				  oto_slice_of(bytes) };
	return rule_read(&text, "x", r);
}

static bool fits(const char *pattern, const char *hex)
{
	struct rule r;
	uint8_t bytes[512];

	assert_null(read("tcp", "7", "any", pattern, &r));
	return rule_fits(&r, &(struct rule_flow){ RULE_TCP, true, 40000, 7, test_hex(hex, bytes, sizeof bytes) });
}

static void patterns(void **state)
{
	(void)state;
	assert_true(fits("-", "00"));
	assert_true(fits("-", ""));
	assert_true(fits("16 0301", "160301ff"));
	assert_false(fits("16 0301", "1603"));
	assert_false(fits("16 0301", "160302"));
	assert_true(fits("80-8f ?? 01", "85ff01"));
	assert_false(fits("80-8f ?? 01", "90ff01"));
	assert_false(fits("80-8f ?? 01", "85ff"));
	assert_true(fits("\"GET \" 2f", "474554202f"));
	assert_false(fits("\"GET \"", "67657420"));
	assert_true(fits("'Get '", "67657420"));
	assert_true(fits("'get '", "47455420"));
	assert_true(fits("@2 05", "000005"));
	assert_true(fits("05 @3 06", "05000006"));
	assert_true(fits("be16=len", "000401ff"));
	assert_false(fits("be16=len", "000501ff"));
	assert_true(fits("be16=rest", "000201ff"));
	assert_true(fits("01 le16=rest+1", "01 0300 aabb"));
	assert_true(fits("le24=rest-1 00", "020000 00 aabb"));
	assert_true(fits("be32=len 01", "00000005 01"));
	assert_true(fits("le32=len", "04000000"));
	assert_false(fits("be32=len", "000000"));
	assert_true(fits("01 len=3", "010203"));
	assert_false(fits("01 len=3", "0102"));
	assert_true(fits("01 len>2", "010203"));
	assert_false(fits("01 len>3", "010203"));
}

static void places(void **state)
{
	struct rule r;
	uint8_t bytes[] = { 1, 2, 3 };
	const struct oto_slice s = { bytes, 3 };

	(void)state;
	assert_null(read("udp", "1000-1002,53", "client", "-", &r));
	assert_true(rule_fits(&r, &(struct rule_flow){ RULE_UDP, true, 9, 1001, s }));
	assert_true(rule_fits(&r, &(struct rule_flow){ RULE_UDP, false, 9, 53, s }));   /* the capture began with the answer */
	assert_false(rule_fits(&r, &(struct rule_flow){ RULE_UDP, true, 1001, 9, s })); /* that is the server */
	assert_false(rule_fits(&r, &(struct rule_flow){ RULE_TCP, true, 9, 1001, s }));
	assert_null(read("udp", "53", "server", "-", &r));
	assert_true(rule_fits(&r, &(struct rule_flow){ RULE_UDP, false, 53, 9, s }));
	assert_false(rule_fits(&r, &(struct rule_flow){ RULE_UDP, true, 9, 53, s }));
	assert_null(read("tcp", "-", "server", "010203", &r));
	assert_true(rule_fits(&r, &(struct rule_flow){ RULE_TCP, false, 9, 8, s }));
	assert_false(rule_fits(&r, &(struct rule_flow){ RULE_TCP, true, 9, 8, s }));
	assert_null(read("tcp", "7,*", "client", "010203", &r));
	assert_true(rule_fits(&r, &(struct rule_flow){ RULE_TCP, true, 9, 8, s }));
	assert_true(rule_fits(&r, &(struct rule_flow){ RULE_TCP, false, 9, 7, s }));
	assert_true(rule_on_port(&r, RULE_CLIENT, &(struct rule_flow){ RULE_TCP, false, 9, 7, s }));
	assert_false(rule_on_port(&r, RULE_SERVER, &(struct rule_flow){ RULE_TCP, false, 9, 7, s }));
}

static void errors(void **state)
{
	static const struct {
		const char *transport, *ports, *side, *bytes, *why;
	} cases[] = {
		{ "tpc", "7", "any", "-", "the transport is" },
		{ "tcp", "x", "any", "-", "a port is" },
		{ "tcp", "", "any", "-", "a port is" },
		{ "tcp", "65536", "any", "-", "a port is" },
		{ "tcp", "9-7", "any", "-", "a range of ports" },
		{ "tcp", "1,2,3,4,5,6,7,8,9", "any", "-", "too many ports" },
		{ "tcp", "7", "both", "-", "who speaks is" },
		{ "tcp", "7", "any", "1", "bytes are two" },
		{ "tcp", "7", "any", "zz", "bytes are two" },
		{ "tcp", "7", "any", "90-80", "bytes are two" },
		{ "tcp", "7", "any", "80-", "bytes are two" },
		{ "tcp", "7", "any", "\"abc", "a quoted text" },
		{ "tcp", "7", "any", "\"\"", "a quoted text" },
		{ "tcp", "7", "any", "@256", "an offset is" },
		{ "tcp", "7", "any", "@", "an offset is" },
		{ "tcp", "7", "any", "@255 0102", "reaches too far" },
		{ "tcp", "7", "any", "be8=len", "a length is" },
		{ "tcp", "7", "any", "be16=x", "a length is" },
		{ "tcp", "7", "any", "be16=len*2", "a length is" },
		{ "tcp", "7", "any", "len=", "the length of all" },
		{ "tcp", "7", "any", "len=999", "the length of all" },
		{ "tcp", "7", "any", "len<3", "the length of all" },
		{ "tcp", "7", "any", "\"this text is longer than a row may have steps\"", "too long" },
		{ "tcp", "-", "any", "-", "three bytes" },
		{ "tcp", "-", "any", "01 02", "three bytes" },
		{ "tcp", "7,*", "any", "01 02 ?? 03-04", "three bytes" },
	};
	struct rule r;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const char *why = read(cases[i].transport, cases[i].ports, cases[i].side, cases[i].bytes, &r);
		assert_non_null(why);
		HAS(why, cases[i].why);
	}
}

/* ------------------------------------------------------------------------------------------------ the analyzer */

static struct test_setup *fake(const char *site)
{
	return test_setup_new("services.tsv", "/etc/otoscope/services.tsv", site);
}

struct bench {
	struct test_setup *setup;
	struct test_host *t;
};

static struct bench bench(const char *site, uint8_t transport, uint16_t port)
{
	struct bench b = { fake(site), test_host_new(oto_analyzer_recognised, transport, 40000, port) };

	b.t->cx.shared = oto_calloc(1, oto_analyzer_recognised->shared_size);
	assert_true(oto_analyzer_recognised->setup(&b.setup->how, b.t->cx.shared));
	b.t->cx.key = port;
	return b;
}

static void bench_free(struct bench *b)
{
	free(b->t->cx.shared);
	test_host_free(b->t);
	test_setup_free(b->setup);
}

static enum oto_answer probe(struct bench *b, bool is_orig, const char *hex)
{
	static uint8_t bytes[2048];

	test_side(b->t, is_orig);
	return oto_analyzer_recognised->probe(&b->t->cx, oto_cur_of(test_hex(hex, bytes, sizeof bytes)));
}

static void streams(void **state)
{
	struct bench b = bench("", OTO_TCP, 5432);

	(void)state;
	assert_int_equal(probe(&b, true, "0000000804d2162f"), OTO_MINE);
	assert_string_equal(test_pdu(b.t, true, "0000000804d2162f"),
			    "service postgresql\nfact service=postgresql\n"
			    "recognised.flow service=postgresql evidence=bytes and port client=10.0.0.1 server=10.0.0.2 port=5432\n");
	assert_int_equal(probe(&b, true, "0000000804d21630"), OTO_NOT_MINE);
	bench_free(&b);
	b = bench("", OTO_TCP, 9999);
	HAS(test_pdu(b.t, true, "0000000804d2162f"), "service=postgresql evidence=bytes client=10.0.0.1 server=10.0.0.2 port=9999\n");
	bench_free(&b);
	b = bench("", OTO_TCP, 110); /* the server speaks first */
	HAS(test_pdu(b.t, false, "2b4f4b20"), "service=pop3 evidence=bytes and port client=10.0.0.1 server=10.0.0.2 port=110\n");
	assert_int_equal(probe(&b, true, "2b4f4b20"), OTO_NOT_MINE);
	bench_free(&b);
	b = bench("", OTO_TCP, 6568);
	HAS(test_pdu(b.t, true, "00"), "service=anydesk evidence=port");
	bench_free(&b);
}

/* The capture began with the answer: its sender, who looks like the originator, is the server. */
static void sides(void **state)
{
	struct bench b = bench("", OTO_UDP, 33000);

	(void)state;
	b.t->head.orig_p = 1812;
	HAS(test_pdu(b.t, true, "02050014 01010101010101010101010101010101"),
	    "service=radius evidence=bytes and port client=10.0.0.2 server=10.0.0.1 port=1812\n");
	bench_free(&b);
	b = bench("", OTO_UDP, 51000); /* nobody's port: who was called is the server */
	HAS(test_pdu(b.t, false, "0101000c 2112a442 0000000000000000000000000000"),
	    "service=stun evidence=bytes client=10.0.0.1 server=10.0.0.2");
	bench_free(&b);
}

static void frames(void **state)
{
	struct bench b = bench("", OTO_ETH, 0);

	(void)state;
	b.t->head.has_mac = true;
	b.t->head.orig_h.family = b.t->head.resp_h.family = OTO_FAMILY_NONE;
	b.t->head.orig_mac = (struct oto_mac){ { 2, 0, 0, 0, 0, 1 } };
	b.t->cx.key = 0x88cc;
	HAS(test_pdu(b.t, true, "0207"),
	    "service lldp\nfact protocol=lldp\nrecognised.flow service=lldp evidence=number client=02:00:00:00:00:01");
	HAS_NOT(b.t->said.data, "port=");
	b.t->cx.key = 0x1aaaa;
	HAS(test_pdu(b.t, true, "aaaa03 00000c 2000 02b4"), "service=cdp");
	b.t->cx.key = 0xaaaa; /* the same number as an EtherType is another thing */
	assert_int_equal(probe(&b, true, "aaaa03 00000c 2000 02b4"), OTO_NOT_MINE);
	bench_free(&b);
	b = bench("", OTO_IP, 0);
	b.t->cx.key = 89;
	HAS(test_pdu(b.t, true, "0201"), "service=ospf evidence=number");
	b.t->cx.key = 112;
	assert_int_equal(probe(&b, true, "99"), OTO_NOT_MINE);
	bench_free(&b);
	b = bench("", OTO_ICMP, 8);
	assert_int_equal(probe(&b, true, "0000000804d2162f"), OTO_NOT_MINE);
	bench_free(&b);
}

static void of_the_site(void **state)
{
	struct bench b =
	    bench("# ours\n\npanel\ttcp\t7777,*\tclient\t\"PANEL/\"\r\npostgresql_of_line_1\ttcp\t5432\tany\t-\n", OTO_TCP, 5432);

	(void)state;
	HAS(test_pdu(b.t, true, "0000000804d2162f"), "service=postgresql_of_line_1 evidence=port");
	b.t->head.resp_p = 1;
	HAS(test_pdu(b.t, true, "50414e454c2f31"), "service=panel evidence=bytes ");
	bench_free(&b);
}

static void wrong_rows_are_named(void **state)
{
	static const struct {
		const char *site, *why;
	} cases[] = {
		{ "a\ttcp\t7\tany\n", "services.tsv, line 1: a row is" },
		{ "\ttcp\t7\tany\t-\n", "services.tsv, line 1: a row is" },
		{ "a\ttcp\t7\tany\t-\t-\n", "services.tsv, line 1: a row is" },
		{ "# x\n\na\ttcp\t-\tany\t01\n", "services.tsv, line 3: for any port" },
		{ "a\ttcp\t7\tany\t-\nb\tudp\tx\tany\t-\n", "services.tsv, line 2: a port is" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct test_setup *f = fake(cases[i].site);
		void *shared = oto_calloc(1, oto_analyzer_recognised->shared_size);
		assert_false(oto_analyzer_recognised->setup(&f->how, shared));
		HAS(f->why, cases[i].why);
		free(shared);
		test_setup_free(f);
	}
}

/* Any beginning of a site's table is read or refused, and nothing else. */
static void tables_cut(void **state)
{
	static const char site[] = "panel\ttcp\t7777-7778,*\tclient\t\"PANEL/\" 31-39 @9 be16=rest+1 len>3\n";

	(void)state;
	for (uint32_t n = 0; n < sizeof site; n++) {
		char *exact = oto_calloc(1, n + 1);
		memcpy(exact, site, n);
		struct test_setup *f = fake(exact);
		void *shared = oto_calloc(1, oto_analyzer_recognised->shared_size);
		bool ok = oto_analyzer_recognised->setup(&f->how, shared);
		assert_true(ok || f->why[0]);
		free(shared);
		test_setup_free(f);
		free(exact);
	}
}

/* Every row of the table against every beginning of a message: nothing is read behind its end. */
static void messages_cut(void **state)
{
	static const char *const messages[] = { "4142434445", "81 0a 0006 0120", "0000000804d2162f",
						"80000028 00000001 00000000 00000002 000186a3 00000003" };
	static const uint8_t transports[] = { OTO_TCP, OTO_UDP, OTO_ETH, OTO_IP };

	(void)state;
	for (size_t i = 0; i < sizeof transports; i++) {
		struct bench b = bench("", transports[i], 47808);
		for (size_t m = 0; m < sizeof messages / sizeof *messages; m++)
			test_cut(b.t, true, messages[m]);
		bench_free(&b);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(patterns),    cmocka_unit_test(places),
		cmocka_unit_test(errors),      cmocka_unit_test(streams),
		cmocka_unit_test(sides),       cmocka_unit_test(frames),
		cmocka_unit_test(of_the_site), cmocka_unit_test(wrong_rows_are_named),
		cmocka_unit_test(tables_cut),  cmocka_unit_test(messages_cut),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
