/* snmp_test.c - every version and PDU, sessions, operations, facts, what must never be shown, and damaged messages. */
#include "../ber_testing.h"
#include "snmp_facts.h"

extern const struct oto_analyzer *const oto_analyzer_snmp;

static int setup(void **state)
{
	*state = test_host_new(oto_analyzer_snmp, OTO_UDP, 40000, 161);
	return 0;
}

#define OPEN_2C "020101 04{736563726574636d}" /* secretcm */
#define OPEN_1 "020100 04{7075626c6963}"      /* public */
#define PUBLIC_2C "020101 04{7075626c6963}"
#define SYS_DESCR "06{2b06010201010100}"
#define SYS_UP_TIME "06{2b06010201010300}"
#define SEVEN "020107 020100 020100"
#define GET "30{" OPEN_2C "a0{" SEVEN "30{ 30{" SYS_DESCR "0500} 30{" SYS_UP_TIME "0500} } } }"
#define ENGINE "04{8000106403001b1b010203}" /* enterprise 4196, MAC address 00:1b:1b:01:02:03 */
#define HEAD_3(flags) "020103 30{ 0204 09d16c31 0203 00ffe3 0401 " flags " 020103 }"
#define REPORT                                                                                                                             \
	"30{" HEAD_3("00") "04{ 30{" ENGINE "020103 020205dc 0400 0400 0400 } } 30{" ENGINE                                                \
			   "0400 a8{ 020427a4d500 020100 020100 30{ 30{ 06{2b060106030f01010400} 410105 } } } } }"
#define ENCRYPTED "30{" HEAD_3("07") "04{ 30{" ENGINE "020103 020205dc 04{61646d696e} 0400 0400 } } 0404 01020304 }"
#define TRAP "30{" OPEN_1 "a4{ 06{2b06010401a06401} 4004 0a000005 020102 020100 43020400 30{ 30{ 06022b06 0500 } } } }"

static const char *message(struct test_host *t, bool is_orig, const char *text)
{
	return test_bytes(t, is_orig, test_ber(text));
}

static void get_and_response(void **state)
{
	struct test_host *t = *state;
	const char *s = message(t, true, GET);

	SAID(s, "snmp.pdu", "version=2c pdu_type=get-request request_id=7 bindings=2 object=sysDescr default_community=F");
	SAID(s, "operation", "read get-request target=object:sysDescr");
	assert_non_null(strstr(s, "oid=1.3.6.1.2.1.1.1.0 object=sysDescr type=null"));
	s = message(t, false, "30{" OPEN_2C "a2{" SEVEN "30{ 30{" SYS_DESCR "0403504c43} 30{" SYS_UP_TIME "430164} } } }");
	SAID(s, "snmp.pdu",
	     "version=2c pdu_type=response request_id=7 error=noError error_index=0 bindings=2 object=sysDescr default_community=F "
	     "latency=0.001000");
	SAID(s, "outcome", "ok");
	assert_non_null(strstr(s, "fact description=PLC\n"));
	assert_non_null(strstr(s, "fact cleartext_login=SNMP community\n"));
	assert_null(strstr(s, "default_credentials"));
	assert_null(strstr(s, "secretcm"));
	s = test_closing(t);
	SAID(s, "snmp.session",
	     "ts=1.001000 duration=0.001000 version=2c community=*** get_requests=2 get_bulk_requests=0 get_responses=2 set_requests=0 "
	     "display_string=PLC up_since=0.002000");
	assert_null(strstr(s, "secretcm"));
}

static void silent_without_messages(void **state)
{
	struct test_host *t = *state;

	test_pdu(t, true, "300302 01");
	assert_string_equal(test_closing(t), "");
}

static void sets(void **state)
{
	struct test_host *t = *state;
	/* a port goes down */
	const char *s = message(t, true, "30{" OPEN_1 "a3{" SEVEN "30{ 30{ 06{2b06010201020201078102} 020102 } } } }");
	SAID(s, "operation", "stop set-request target=object:ifAdminStatus.130");
	s = message(t, false, "30{" OPEN_1 "a2{ 020107 020103 020101 30{ 30{ 06{2b06010201020201078102} 020102 } } } }");
	SAID(s, "outcome", "error badValue");
	assert_non_null(strstr(s, "fact default_credentials=SNMP community"));
	assert_non_null(strstr(s, "oid=1.3.6.1.2.1.2.2.1.7.130 object=ifAdminStatus type=integer value=2"));
	s = message(t, true, "30{" OPEN_1 "a3{" SEVEN "30{ 30{ 06{2b060102010202010703} 020101 } } } }");
	SAID(s, "operation", "start set-request target=object:ifAdminStatus.3");
	s = message(t, true, "30{" OPEN_1 "a3{" SEVEN "30{ 30{ 06{2b06010201010500} 040178 } } } }");
	SAID(s, "operation", "configure set-request target=object:sysName.0");
	s = message(t, true, "30{" OPEN_1 "a3{" SEVEN "30{ 30{ 06{2b06010401090209 0900} 020102 } } } }");
	SAID(s, "operation", "reset set-request target=object:tsMsgSend.0");
	s = test_closing(t);
	SAID(s, "snmp.session",
	     "ts=1.001000 duration=0.004000 version=1 community=*** get_requests=0 get_bulk_requests=0 get_responses=1 set_requests=4");
}

/* A row of snmpCommunityTable: the value, and the index that may tell it, are not shown. */
static void secrets_stay(void **state)
{
	struct test_host *t = *state;
	const char *s =
	    message(t, false, "30{ 020101 04{616263} a2{" SEVEN "30{ 30{ 06{2b060106031201010102016141} 04{7a7a7a7a7a} } } } }");
	assert_non_null(strstr(s, "oid=1.3.6.1.6.3.18 object=snmpCommunity type=octet-string\n"));
	assert_null(strstr(s, "zzzzz"));
	assert_null(strstr(s, "abc"));
	s = message(t, true, "30{ 020101 04{616263} a3{" SEVEN "30{ 30{ 06{2b060106031201010102016141} 04{7a7a7a7a7a} } } } }");
	SAID(s, "operation", "authenticate set-request target=object:snmpCommunity");
	assert_null(strstr(s, "zzzzz"));
}

static void bulk(void **state)
{
	struct test_host *t = *state;
	const char *s = message(t, true, "30{ 020101 04{616263} a5{ 020107 020101 020114 30{ 30{ 06{2b06010401a06401} 0500 } } } }");
	SAID(s, "snmp.pdu",
	     "version=2c pdu_type=get-bulk-request request_id=7 non_repeaters=1 max_repetitions=20 bindings=1 object=enterprises "
	     "enterprise=Siemens default_community=F");
	SAID(s, "operation", "read get-bulk-request target=object:enterprises");
}

static void traps(void **state)
{
	struct test_host *t = *state;
	const char *s = message(t, false, TRAP);
	SAID(s, "snmp.pdu",
	     "version=1 pdu_type=trap bindings=1 enterprise=Siemens default_community=T generic_trap=linkDown specific_trap=0 "
	     "trap_oid=1.3.6.1.4.1.4196.1 "
	     "agent=10.0.0.5 uptime=10.240000");
#define TRAP_2(type, oid) "30{" PUBLIC_2C type "{" SEVEN "30{ 30{" SYS_UP_TIME "43020400} 30{ 06{2b060106030101040100} 06{" oid "} } } } }"
	s = message(t, false, TRAP_2("a7", "2b0601060301010503"));
	assert_non_null(strstr(s, "pdu_type=snmpV2-trap"));
	assert_non_null(strstr(s, "generic_trap=linkDown trap_oid=1.3.6.1.6.3.1.1.5.3 uptime=10.240000"));
	s = message(t, false, TRAP_2("a7", "2b06010603010105"));
	assert_non_null(strstr(s, "generic_trap=enterpriseSpecific"));
	s = message(t, false, TRAP_2("a6", "2b06010401a06401"));
	assert_non_null(strstr(s, "pdu_type=inform-request"));
	assert_non_null(strstr(s, "enterprise=Siemens"));
	assert_null(test_line(s, "operation"));
}

/* Looks for the engine; the report names it. */
static void version_3(void **state)
{
	struct test_host *t = *state;
	const char *s =
	    message(t, true,
		    "30{" HEAD_3("04") "04{ 30{ 0400 020100 020100 0400 0400 0400 } } 30{ 0400 0400 a0{ 020427a4d500 020100 020100 "
				       "3000 } } }");
	SAID(s, "snmp.pdu",
	     "version=3 pdu_type=get-request request_id=665113856 bindings=0 msg_id=164719665 security_level=noAuthNoPriv "
	     "engine_boots=0 engine_time=0.000000");
	SAID(s, "operation", "discover get-request");
	s = message(t, false, REPORT);
	SAID(s, "outcome", "ok");
	assert_non_null(strstr(s, "fact snmp_engine_id=8000106403001b1b010203\n"));
	assert_non_null(strstr(s, "fact vendor=Siemens\n"));
	assert_non_null(strstr(s, "fact mac=00:1b:1b:01:02:03\n"));
	assert_non_null(strstr(s, "report=usmStatsUnknownEngineIDs"));
	assert_null(strstr(s, "cleartext"));
}

static void encrypted(void **state)
{
	struct test_host *t = *state;
	const char *s = message(t, true, ENCRYPTED);
	SAID(s, "snmp.pdu",
	     "version=3 pdu_type=encrypted bindings=0 msg_id=164719665 security_level=authPriv user=admin engine_id=8000106403001b1b010203 "
	     "engine_boots=3 engine_time=1500.000000");
	assert_null(test_line(s, "operation"));
	s = test_closing(t);
	SAID(s, "snmp.session",
	     "ts=1.001000 duration=0.000000 version=3 get_requests=0 get_bulk_requests=0 get_responses=0 set_requests=0");
}

#define UNKNOWN "30{ 020101 04{616263} aa{ 0500 } }"

static void unknown_pdu(void **state)
{
	struct test_host *t = *state;
	const char *s = message(t, true, UNKNOWN);
	SAID(s, "weird", "unknown_pdu");
	assert_non_null(strstr(s, "pdu_type=unknown"));
}

static enum oto_answer probe(struct test_host *t, const char *hex, uint16_t port)
{
	t->head.resp_p = port;
	return oto_analyzer_snmp->probe(&t->cx, oto_cur_of(test_ber(hex)));
}

static void recognition(void **state)
{
	struct test_host *t = *state;

	assert_int_equal(probe(t, GET, 161), OTO_MINE);
	assert_int_equal(probe(t, GET, 5000), OTO_MINE);
	assert_int_equal(probe(t, UNKNOWN, 5000), OTO_NOT_MINE);
	assert_int_equal(probe(t, "300c 020101 6007 0201030400800000", 161), OTO_NOT_MINE); /* LDAP */
	assert_int_equal(probe(t, "474554202f20485454502f312e310d0a", 161), OTO_NOT_MINE);
	assert_int_equal(probe(t, "3035020102", 161), OTO_NOT_MINE);
	t->cx.transport = OTO_TCP;
	assert_int_equal(probe(t, "30", 161), OTO_NEED_MORE);
	assert_int_equal(probe(t, "3035 0201", 161), OTO_NEED_MORE);
	uint8_t bytes[64];
	assert_int_equal(oto_analyzer_snmp->pdu_len(&t->cx, oto_cur_of(test_hex("3035 0201", bytes, 64))), 55);
	assert_int_equal(oto_analyzer_snmp->pdu_len(&t->cx, oto_cur_of(test_hex("4035 0201", bytes, 64))), -1);
}

/* The search relies on order; every object must be found under its own name, and text of any value must be made. */
static void objects(void **state)
{
	struct test_host *t = *state;
	static const struct {
		const char *oid, *name;
	} cases[] = { { "2b06010201010500", "sysName" },
		      { "2b0601020102020106", "ifPhysAddress" },
		      { "2b060102012f01010101 0b 01", "entPhysicalSerialNum" },
		      { "28c462010102010303 00", "lldpLocSysName" },
		      { "2b0601020110", "rmon" },
		      { "2b06010401090209 0900", "tsMsgSend" },
		      { "2b0601060312", "snmpCommunity" },
		      { "2b06010401", "enterprises" },
		      { "2b6f0286 22 01", "ieee802" } };
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		uint8_t bytes[32];
		const struct snmp_object *o = snmp_object_of(test_hex(cases[i].oid, bytes, sizeof bytes));
		assert_non_null(o);
		assert_string_equal(o->name, cases[i].name);
	}
	uint8_t bytes[32];
	assert_null(snmp_object_of(test_hex("2b", bytes, 32)));
	assert_null(snmp_object_of((struct oto_slice){ 0 }));
	assert_null(snmp_object_of(test_hex("ffff", bytes, 32)));
	static const struct {
		uint32_t type;
		const char *hex, *text;
	} values[] = { { 0x02, "ff7f", "-129" },
		       { 0x41, "00ffffffff", "4294967295" },
		       { 0x46, "00ffffffffffffffff", "18446744073709551615" },
		       { 0x40, "0a000001", "10.0.0.1" },
		       { 0x40, "0a", "" },
		       { 0x44, "9f7804", "9f7804" },
		       { 0x06, "2b0601", "1.3.6.1" },
		       { 0x05, "", "" },
		       { 0x82, "", "" } };
	for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
		uint8_t value[32];
		struct snmp_binding b = { test_hex("2b0601", bytes, 32), test_hex(values[i].hex, value, 32), values[i].type };
		struct oto_slice s = snmp_value_text(&t->cx, &b);
		assert_int_equal(s.len, strlen(values[i].text));
		assert_memory_equal(s.data, values[i].text, s.len);
	}
}

/* Every length of every kind of message, and every octet of it changed. */
static void damaged(void **state)
{
	struct test_host *t = *state;
	static const char *const good[] = { GET, TRAP, REPORT, ENCRYPTED };
	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		struct oto_slice s = test_ber(good[i]);
		for (uint32_t len = 0; len <= s.len; len++) {
			uint8_t *copy = malloc(len + 1);
			memcpy(copy, s.data, len);
			const char *said = test_bytes(t, len & 1, (struct oto_slice){ copy, len });
			assert_true(len == 0 || len == s.len || strstr(said, "truncated") != NULL);
			for (uint32_t at = 0; at < len; at++) {
				copy[at] ^= 0x81;
				test_bytes(t, at & 1, (struct oto_slice){ copy, len });
				copy[at] ^= 0x81;
			}
			free(copy);
		}
	}
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, test_teardown)
	const struct CMUnitTest tests[] = {
		T(get_and_response),
		T(silent_without_messages),
		T(sets),
		T(secrets_stay),
		T(bulk),
		T(traps),
		T(version_3),
		T(encrypted),
		T(unknown_pdu),
		T(recognition),
		T(objects),
		T(damaged),
	};
	return cmocka_run_group_tests_name("snmp", tests, NULL, NULL);
}
