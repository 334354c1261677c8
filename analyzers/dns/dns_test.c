/* dns_test.c - queries and responses of all four services, every kind of record, rows of dns.log, facts, the probe, and damaged messages.
 */
#include "../testing.h"

extern const struct oto_analyzer *const oto_analyzer_dns;

#define A_TEST "0161 0474657374 00" /* a.test */
#define POINTER "c00c"              /* to the first question's name */
#define IN_A "0001 0001"
#define TTL "0000012c"

static struct test_host *host(uint8_t transport, uint16_t port)
{
	return test_host_new(oto_analyzer_dns, transport, 40000, port);
}

/* The one answer to a question for a.test of the given type. */
static const char *answer(struct test_host *t, const char *type, const char *data)
{
	char hex[4096];
	size_t n = 0;

	for (const char *p = data; *p; p++)
		n += *p != ' ';
	test_pdu(t, true, "0001 0100 0001 0000 0000 0000" A_TEST IN_A);
	snprintf(hex, sizeof hex, "0001 8180 0001 0001 0000 0000 " A_TEST IN_A POINTER "%s 0001" TTL "%04zx %s", type, n / 2, data);
	return test_pdu(t, false, hex);
}

static void query_and_response(void **state)
{
	(void)state;
	struct test_host *t = host(OTO_UDP, 53);
	const char *s = test_pdu(t, true, "1234 0110 0001 0000 0000 0001 0141 0454455374 00 0001 0001 00 0029 1000 00000000 0000");
	SAID(s, "dns.query",
	     "service=dns trans_id=4660 opcode=query query=a.test qtype=A qclass=C_INTERNET question=0 questions=1 TC=F RD=T Z=1");
	s = test_pdu(t, false, "1234 8580 0001 0002 0000 0000" A_TEST IN_A POINTER "0005 0001" TTL "0004 01620c00" POINTER);
	assert_non_null(test_line(s, "weird"));
	s = test_pdu(t, true, "1234 0100 0001 0000 0000 0000" A_TEST IN_A);
	s = test_pdu(t, false,
		     "1234 8580 0001 0002 0000 0000" A_TEST IN_A POINTER "0005 0001" TTL "0004 0162c00e" POINTER "0001 0001" TTL
		     "0004 0a000007");
	SAID(s, "dns.response",
	     "service=dns trans_id=4660 opcode=query rcode=NOERROR query=a.test qtype=A qclass=C_INTERNET queries=a.test qtypes=A "
	     "questions=1 "
	     "answers=b.test,10.0.0.7 TTLs=300.000000,300.000000 authority=0 additional=0 AA=T TC=F RD=T RA=T Z=0 matched=T "
	     "latency=0.001000");
	SAID(s, "dns.transaction",
	     "ts=1.003000 service=dns trans_id=4660 rtt=0.001000 query=a.test qclass=1 qclass_name=C_INTERNET qtype=1 qtype_name=A rcode=0 "
	     "rcode_name=NOERROR AA=T TC=F RD=T RA=T Z=0 answers=b.test,10.0.0.7 TTLs=300.000000,300.000000 rejected=F pkts=2");
	HAS(s, "fact hostname=a.test\n");
	HAS_NOT(s, "fact role"); /* told by the response before */
	test_host_free(t);
}

static void unanswered_and_unasked(void **state)
{
	(void)state;
	struct test_host *t = host(OTO_UDP, 53);
	const char *s;

	test_pdu(t, true, "0007 0300 0001 0000 0000 0000" A_TEST "03e7 0063");
	oto_analyzer_dns->unanswered(&t->cx, t->asked[0].note);
	t->said.len = 0;
	oto_bus_drain(t->bus);
	oto_buf_add(&t->said, "", 1);
	SAID(t->said.data, "dns.transaction",
	     "ts=1.001000 service=dns trans_id=7 query=a.test qclass=99 qclass_name=qclass-99 qtype=999 qtype_name=query-999 AA=F TC=T "
	     "RD=T RA=F Z=0 "
	     "rejected=F pkts=1");
	s = test_pdu(t, false, "0009 8580 0001 0001 0000 0000" A_TEST IN_A POINTER IN_A TTL "0004 0a000007");
	SAID(s, "dns.transaction",
	     "ts=1.002000 service=dns trans_id=9 query=a.test rcode=0 rcode_name=NOERROR AA=T TC=F RD=F RA=T Z=0 answers=10.0.0.7 "
	     "TTLs=300.000000 "
	     "rejected=F pkts=1");
	s = test_pdu(t, false, "000a 8583 0001 0000 0000 0000" A_TEST IN_A);
	HAS(s, "rcode_name=NXDOMAIN AA=F TC=F RD=F RA=F Z=0 rejected=T");
	s = test_pdu(t, false, "000b 8585 0000 0000 0000 0000");
	HAS(s, "rcode_name=REFUSED AA=F TC=F RD=F RA=F Z=0 rejected=T");
	test_host_free(t);
}

static void records(void **state)
{
	static const struct {
		const char *type, *data, *text;
	} kinds[] = {
		{ "0001", "0a000001", "answers=10.0.0.1 " },
		{ "001c", "20010db8000000000000000000000001", "answers=2001:db8::1 " },
		{ "0026", "20010db8000000000000000000000001", "answers=2001:db8::1 " },
		{ "0002", "014e c00e", "answers=n.test " },
		{ "0005", "0163 c00e", "answers=c.test " },
		{ "000c", "0170 c00e", "answers=p.test " },
		{ "0006", "016d c00e 0172 c00e 00000001 00000002 00000003 00000004 00000005", "answers=m.test " },
		{ "000f", "000a 016d c00e", "answers=m.test " },
		{ "0021", "0000 0000 0050 0173 c00e", "answers=s.test " },
		{ "0010", "03616263 00 0178", "answers=TXT 3 abc TXT 0  TXT 1 x " },
		{ "0063", "03616263", "answers=SPF 3 abc " },
		{ "002e", "0001 08 02 00000e10 00000000 00000000 1234 0173 c00e ffff", "answers=RRSIG 1 s.test " },
		{ "002e", "0030 08 00 00000e10 00000000 00000000 1234 00 ffff", "answers=RRSIG 48 <Root> " },
		{ "002f", "0162 c00e 0001 40", "answers=NSEC a.test b.test " },
		{ "0030", "0101 03 08 abcd", "answers=DNSKEY 8 " },
		{ "002b", "1234 08 02 abcd", "answers=DS 8 2 " },
		{ "0032", "01 00 0001 00 01 ff", "answers=NSEC3 " },
		{ "0033", "01 00 0001 00", "answers=NSEC3PARAM " },
		{ "fffe", "08 0001 00 01", "answers=BIND9 signing signal " },
		{ "002c", "01 02 ab0c", "answers=SSHFP: ab0c " },
		{ "001d", "00 12 16 13 80000000 80000000 00989680", "answers=LOC:  18 22 19 " },
		{ "0300", "00", "answers=<unknown type=768> " },
		{ "0027", "0164 c00e", "answers=<unknown type=39> " },
	};
	static const char *const silent[] = { "000b", "000d", "0020", "0040", "0041", "0101" };

	(void)state;
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		struct test_host *t = host(OTO_UDP, 53);
		const char *s = answer(t, kinds[i].type, kinds[i].data);
		HAS(s, kinds[i].text);
		HAS(s, " rtt=0.001000");
		assert_null(test_line(s, "weird"));
		test_host_free(t);
	}
	for (size_t i = 0; i < sizeof silent / sizeof *silent; i++) {
		struct test_host *t = host(OTO_UDP, 53);
		const char *s = answer(t, silent[i], "0000 0000");
		HAS(s, "rejected=F");
		HAS_NOT(test_line(s, "dns.transaction"), "answers=");
		HAS_NOT(s, " rtt=");
		test_host_free(t);
	}
}

static void malformed_records(void **state)
{
	static const char *const kinds[][2] = {
		{ "0001", "0a0000" },   { "001c", "2001" },
		{ "0005", "0163" },     { "000f", "00" },
		{ "0010", "05616263" }, { "002e", "0001" },
		{ "002f", "3f" },       { "0030", "0101 03" },
		{ "002c", "01" },       { "001d", "00 12" },
		{ "0005", "c0ff" },     { "0005", "8061" },
		{ "0005", "c0" },       { "002e", "0001 08 02 00000e10 00000000 00000000 1234 41" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		struct test_host *t = host(OTO_UDP, 53);
		const char *s = answer(t, kinds[i][0], kinds[i][1]);
		SAID(s, "weird", "malformed_record");
		assert_non_null(test_line(s, "dns.response")); /* what was readable is said */
		test_host_free(t);
	}
}

static void malformed_messages(void **state)
{
	(void)state;
	struct test_host *t = host(OTO_UDP, 53);
	char hex[2048];

	SAID(test_pdu(t, true, "0001 0100 0001 0000 0000 00"), "weird", "truncated");
	SAID(test_pdu(t, true, "0001 0100 0001 0000 0000 0000 0161 04746573"), "weird", "name_cut");
	SAID(test_pdu(t, true, "0001 0100 0001 0000 0000 0000" A_TEST "0001 00"), "weird", "question_cut");
	SAID(test_pdu(t, true, "0001 0100 0001 0000 0000 0000 c00c 0001 0001"), "weird", "forward_pointer");
	SAID(test_pdu(t, true, "0001 0100 0001 0000 0000 0000 0161 c00c 0001 0001"), "weird", "forward_pointer");
	SAID(test_pdu(t, true, "0001 0100 0001 0000 0000 0000 4161 00 0001 0001"), "weird", "unknown_label_type");
	SAID(test_pdu(t, true, "0001 0100 0081 0000 0000 0000"), "weird", "too_many_questions");
	SAID(test_pdu(t, false, "0001 8100 0000 0001 0000 0000 00 0001 0001" TTL "0010 0a000001"), "weird", "record_cut");
	size_t n = (size_t)snprintf(hex, sizeof hex, "0001 0100 0001 0000 0000 0000 ");
	for (int i = 0; i < 128; i++)
		n += (size_t)snprintf(&hex[n], sizeof hex - n, "0161");
	snprintf(&hex[n], sizeof hex - n, "00 0001 0001");
	SAID(test_pdu(t, true, hex), "weird", "name_too_long");
	test_host_free(t);
}

static void other_opcodes(void **state)
{
	(void)state;
	struct test_host *t = host(OTO_UDP, 53);
	const char *s = test_pdu(t, true, "0001 2800 0001 0000 0000 0000" A_TEST "0006 0001");
	HAS(s, "opcode=update");
	assert_false(t->asked[0].open);
	s = test_pdu(t, false, "0001 a800 0001 0000 0000 0000" A_TEST "0006 0001");
	assert_non_null(test_line(s, "dns.response"));
	assert_null(test_line(s, "dns.transaction"));
	HAS(test_pdu(t, true, "0001 5800 0001 0000 0000 0000" A_TEST "0006 0001"), "opcode=unknown");
	test_host_free(t);
}

static void over_tcp(void **state)
{
	(void)state;
	struct test_host *t = host(OTO_TCP, 53);
	/* two in one segment; pointers count from behind the length */
	const char *s =
	    test_pdu(t, true, "0018 0001 0100 0001 0000 0000 0000" A_TEST IN_A "0018 0002 0100 0001 0000 0000 0000" A_TEST "001c 0001");
	HAS(s, "trans_id=1 ");
	HAS(s, "trans_id=2 ");
	HAS(test_pdu(t, false, "0028 0001 8180 0001 0001 0000 0000" A_TEST IN_A POINTER IN_A TTL "0004 0a000007"), "answers=10.0.0.7");
	HAS(test_pdu(t, true, "0003 000102"), "pdu_len -1");
	HAS(test_pdu(t, true, "00"), "pdu_len 0");
	test_host_free(t);
}

static void mdns(void **state)
{
	(void)state;
	struct test_host *t = host(OTO_UDP, 5353);
	t->head.orig_p = 5353;
	const char *s = test_pdu(t, true, "0000 0000 0002 0000 0000 0000 045f6970 70 045f746370 056c6f63616c 00 000c 8001 c00c 0010 0001");
	HAS(s, "service=mdns trans_id=0 opcode=query query=_ipp._tcp.local qtype=PTR qclass=unknown-32769 question=0 questions=2");
	HAS(s, "qtype=TXT qclass=C_INTERNET question=1");
	/* Press.local is 10.0.0.1, the sender, and 10.0.0.9; it prints, is a P1 and runs VxWorks */
	s = test_pdu(t, true,
		     "0000 8400 0000 0005 0000 0000 055072657373 056c6f63616c 00 0001 8001 00000078 0004 0a000001 c00c 0001 8001 00000078 "
		     "0004 0a000009 "
		     "04446573 6b 045f697070 045f746370 c012 0021 8001 00000078 0008 0000 0000 0277 c00c "
		     "01 70 0c5f6465766963652d696e666f c041 0010 8001 00000078 0009 086d6f64656c3d5031 c00c 000d 8001 00000078 000a 00 "
		     "085678576f726b7320");
	HAS(s, "answers=10.0.0.1,10.0.0.9,press.local,TXT 8 model=P1 ");
	HAS(s, "fact hostname=Press\n");
	HAS(s, "fact service=Desk._ipp._tcp\nfact role=printer\n");
	HAS(s, "fact os=VxWorks \n");
	HAS(s, "fact model=P1\n");
	/* Desk._ipp._tcp.local TXT "txtvers=1" "ty=HL-5210"; of another service "ty" is no model */
	s = test_pdu(t, true,
		     "0000 8400 0000 0002 0000 0000 04446573 6b 045f697070 045f746370 056c6f63616c 00 0010 8001 00000078 0015 "
		     "0974787476 6572733d31 0a74793d48 4c2d35323130 0161 045f786d70 c016 0010 8001 00000078 0005 0474793d41");
	HAS(s, "fact model=HL-5210\n");
	assert_null(strstr(s, "model=A"));
	test_host_free(t);
}

static void llmnr(void **state)
{
	(void)state;
	struct test_host *t = host(OTO_UDP, 5355);
	HAS(test_pdu(t, true, "0001 0000 0001 0000 0000 0000" A_TEST IN_A), "service=llmnr");
	HAS(test_pdu(t, false, "0001 8000 0001 0001 0000 0000" A_TEST IN_A POINTER IN_A TTL "0004 0a000002"), "fact hostname=a.test\n");
	test_host_free(t);
}

/* "PLC1" as a workstation, and as first-level encoding. */
#define NB_PLC1 "20 4641 454d 4544 4442 4341 4341 4341 4341 4341 4341 4341 4341 4341 4341 4341 4141 00"
#define NB_STAR "20 434b 4141 4141 4141 4141 4141 4141 4141 4141 4141 4141 4141 4141 4141 4141 4141 00"

static void nbns(void **state)
{
	(void)state;
	struct test_host *t = host(OTO_UDP, 137);
	t->head.orig_p = 137;
	const char *s = test_pdu(t, true, "0001 2910 0001 0000 0000 0001" NB_PLC1 "0020 0001 c00c 0020 0001 000493e0 0006 0000 0a000001");
	SAID(s, "dns.query",
	     "service=nbns trans_id=1 opcode=registration query=PLC1 suffix=workstation qtype=NIMLOC qclass=C_INTERNET question=0 "
	     "questions=1 TC=F RD=T "
	     "Z=1");
	SAID(s, "nbns.name",
	     "opcode=registration response=F status=F name=PLC1 suffix=workstation group=F node_type=B address=10.0.0.1 ttl=300000.000000 "
	     "seconds=300000 src_ip=10.0.0.1 "
	     "service_type=Workstation");
	HAS(s, "fact hostname=PLC1\n");
	assert_false(t->asked[0].open);
	s = test_pdu(t, true, "0002 2910 0001 0000 0000 0001" NB_PLC1 "0020 0001 c00c 0020 0001 000493e0 0006 e000 0a000009");
	HAS(s, "group=T node_type=H address=10.0.0.9");
	HAS(s, "fact workgroup=PLC1\n");
	s = test_pdu(t, true, "0003 3010 0001 0000 0000 0001" NB_PLC1 "0020 0001 c00c 0020 0001 00000000 0006 0000 0a000001");
	HAS(s, "opcode=release");
	HAS_NOT(s, "fact");
	/* a query, its answer of two addresses, and a row without the answer, as Zeek has it */
	test_pdu(t, true, "0004 0110 0001 0000 0000 0000" NB_PLC1 "0020 0001");
	s = test_pdu(t, false, "0004 8500 0000 0001 0000 0000" NB_PLC1 "0020 0001 000493e0 000c 0000 0a000002 0000 0a000005");
	HAS(s, "query=PLC1 qclass=1 qclass_name=C_INTERNET qtype=32 qtype_name=NIMLOC rcode=0 rcode_name=NOERROR AA=F TC=F RD=T RA=F Z=1 "
	       "rejected=F");
	HAS(s, "address=10.0.0.5");
	test_host_free(t);
}

static void nbns_status(void **state)
{
	(void)state;
	struct test_host *t = host(OTO_UDP, 137);
	HAS(test_pdu(t, true, "0005 0000 0001 0000 0000 0000" NB_STAR "0021 0001"), "query=* suffix=workstation qtype=SRV");
	const char *s = test_pdu(t, false,
				 "0005 8400 0000 0001 0000 0000" NB_STAR "0021 0001 00000000 0087 07"
				 "504c4331 2020202020202020202020 00 0400 504c4331 2020202020202020202020 20 0400"
				 "504c414e54 20202020202020202020 00 8400 504c414e54 20202020202020202020 1d 0400"
				 "504c414e54 20202020202020202020 1b 0400 504c414e54 20202020202020202020 1c 8400"
				 "0102 5f5f4d5342524f5753455f5f 02 01 8400 02000000000a 0000");
	HAS(s, "qtype_name=NBSTAT");
	HAS(s, "nbns.name opcode=query response=T status=T name=PLC1 suffix=workstation group=F node_type=B src_ip=");
	HAS(s, "fact hostname=PLC1\n");
	HAS(s, "fact workgroup=PLANT\n");
	HAS(s, "fact role=file server\n");
	HAS(s, "fact role=master browser\n");
	HAS(s, "fact role=domain master browser\n");
	HAS(s, "fact role=domain controller\n");
	HAS(s, "fact mac=02:00:00:00:00:0a\n");
	HAS_NOT(s, "fact hostname=\x01");
	s = test_pdu(t, false, "0005 8400 0000 0001 0000 0000" NB_STAR "0021 0001 00000000 0002 07 50");
	HAS_NOT(s, "fact mac");
	test_host_free(t);
}

static void probes(void **state)
{
	static const struct {
		uint8_t transport;
		uint16_t port;
		const char *hex;
		enum oto_answer answer;
	} cases[] = {
		{ OTO_UDP, 53, "0001 0100 0001 0000 0000 0000" A_TEST IN_A, OTO_MINE },
		{ OTO_UDP, 53, "0001 0100 0001", OTO_NOT_MINE },
		{ OTO_UDP, 53, "0001 0100 ffff 0000 0000 0000", OTO_NOT_MINE },
		{ OTO_UDP, 5300, "0001 0100 0001 0000 0000 0000" A_TEST IN_A, OTO_MINE },
		{ OTO_UDP, 5300, "0001 8180 0001 0001 0000 0000" A_TEST IN_A POINTER IN_A TTL "0004 0a000007", OTO_MINE },
		{ OTO_UDP, 5300, "0001 0100 0001 0000 0000 0000" A_TEST IN_A "00", OTO_NOT_MINE },
		{ OTO_UDP, 5300, "0001 0100 0001 0000 0000 0000" A_TEST "0001 0009", OTO_NOT_MINE },
		{ OTO_UDP, 5300, "0001 0100 0001 0000 0000 0000" A_TEST "0999 0001", OTO_NOT_MINE },
		{ OTO_UDP, 5300, "0001 0100 0001 0000 0000 0000 0161 00" IN_A, OTO_NOT_MINE },
		{ OTO_UDP, 5300, "0001 0100 0001 0000 0000 0000 03612162 00" IN_A, OTO_NOT_MINE },
		{ OTO_UDP, 5300, "0001 2900 0001 0000 0000 0000" A_TEST IN_A, OTO_NOT_MINE },
		{ OTO_UDP, 5300, "0001 0183 0001 0000 0000 0000" A_TEST IN_A, OTO_NOT_MINE },
		{ OTO_TCP, 53, "00", OTO_NEED_MORE },
		{ OTO_TCP, 53, "0018 0001 0100", OTO_NEED_MORE },
		{ OTO_TCP, 53, "0018 0001 0100 0001 0000 0000 0000", OTO_MINE },
		{ OTO_TCP, 53, "0003 0001 0100", OTO_NOT_MINE },
		{ OTO_TCP, 5300, "0018 0001 0100 0001 0000 0000 0000", OTO_NEED_MORE },
		{ OTO_TCP, 5300, "0018 0001 0100 0007 0000 0000 0000", OTO_NOT_MINE },
		{ OTO_TCP, 5300, "0018 0001 0100 0001 0000 0000 0000" A_TEST IN_A, OTO_MINE },
	};
	uint8_t bytes[256];

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct test_host *t = host(cases[i].transport, cases[i].port);
		test_side(t, true);
		assert_int_equal(oto_analyzer_dns->probe(&t->cx, oto_cur_of(test_hex(cases[i].hex, bytes, sizeof bytes))), cases[i].answer);
		test_host_free(t);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(query_and_response),
		cmocka_unit_test(unanswered_and_unasked),
		cmocka_unit_test(records),
		cmocka_unit_test(malformed_records),
		cmocka_unit_test(malformed_messages),
		cmocka_unit_test(other_opcodes),
		cmocka_unit_test(over_tcp),
		cmocka_unit_test(mdns),
		cmocka_unit_test(llmnr),
		cmocka_unit_test(nbns),
		cmocka_unit_test(nbns_status),
		cmocka_unit_test(probes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
