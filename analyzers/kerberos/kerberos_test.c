/* kerberos_test.c - each message, the row of a flow, facts, recognition, and damaged messages. */
#include "../ber_testing.h"

extern const struct oto_analyzer *const oto_analyzer_kerberos;

static int setup(void **state)
{
	*state = test_host_new(oto_analyzer_kerberos, OTO_UDP, 40000, 88);
	return 0;
}

#define REALM "1b{ 504c414e54 }" /* PLANT */
#define NAME(type, ...) "30{ a0{ 0201" type "} a1{ 30{" __VA_ARGS__ "} } }"
#define USER NAME("01", "1b{ 6f7031 }")                          /* op1 */
#define MACHINE NAME("01", "1b{ 686d6931 24 }")                  /* hmi1$ */
#define KRBTGT NAME("02", "1b{ 6b7262746774 } 1b{ 504c414e54 }") /* krbtgt/PLANT */
#define TILL "18{ 32303337303931333032343830355a }"              /* 20370913024805Z */
#define TICKET "61{ 30{ a0{ 020105 } a1{" REALM "} a2{" KRBTGT "} a3{ 30{ a0{ 020112 } a2{ 04{ 74696b } } } } } }"
#define NETBIOS "a9{ 30{ 30{ a0{ 020114 } a1{ 04{ 484d4931 202020202020202020202020 } } } } }"
#define AS_REQ                                                                                                                             \
	"6a{ 30{ a1{ 020105 } a2{ 02010a } a3{ 30{ 30{ a1{ 020102 } a2{ 04{ 30 00 } } } } } a4{ 30{ a0{ 0305 0040810010 } a1{" USER        \
	"} a2{" REALM "} a3{" KRBTGT "} a5{" TILL "} a7{ 020107 } a8{ 30{ 020112 020117 } }" NETBIOS "} } } }"
#define TGS_REQ                                                                                                                            \
	"6c{ 30{ a1{ 020105 } a2{ 02010c } a4{ 30{ a0{ 0305 0000000000 } a2{" REALM "} a3{" KRBTGT "} a5{" TILL "} a7{ 020107 } a8{ 30{ "  \
	"020117 } } } } } }"
#define REP(tag, type, client)                                                                                                             \
	tag "{ 30{ a0{ 020105 } a1{ 0201" type "} a3{" REALM "} a4{" client "} a5{" TICKET "} a6{ 30{ a0{ 020112 } a2{ 04{ 7365 } } } } "  \
	    "} }"
#define ERROR(code, text)                                                                                                                  \
	"7e{ 30{ a0{ 020105 } a1{ 02011e } a4{ 18{ 32303236303130323033303430355a } } a5{ 020100 } a6{ 0201" code "} a9{" REALM            \
	"} aa{" KRBTGT "}" text "} }"
#define AP_REQ "6e{ 30{ a0{ 020105 } a1{ 02010e } a2{ 0305 0020000000 } a3{" TICKET "} a4{ 30{ a0{ 020112 } a2{ 04{ 7365 } } } } } }"

static const char *message(struct test_host *t, bool is_orig, const char *text)
{
	return test_bytes(t, is_orig, test_ber(text));
}

static void first_ticket(void **state)
{
	struct test_host *t = *state;
	const char *s = message(t, true, AS_REQ);

	SAID(s, "kerberos.message",
	     "message=AS-REQ client=op1 service=krbtgt/PLANT realm=PLANT etypes=aes256-cts-hmac-sha1-96,rc4-hmac preauth=T forwardable=T "
	     "renewable=T till=2136422885.000000 netbios_name=HMI1");
	assert_non_null(strstr(s, "fact hostname=HMI1\n"));
	assert_null(test_line(s, "kerberos.exchange"));
	s = message(t, false, REP("6b", "0b", USER));
	SAID(s, "kerberos.message",
	     "message=AS-REP client=op1 client_realm=PLANT service=krbtgt/PLANT realm=PLANT cipher=aes256-cts-hmac-sha1-96");
	SAID(s, "kerberos.exchange",
	     "ts=1.001000 request_type=AS client=op1/PLANT service=krbtgt/PLANT success=T till=2136422885.000000 "
	     "cipher=aes256-cts-hmac-sha1-96 forwardable=T renewable=T");
	assert_non_null(strstr(s, "fact user=op1\n"));
	assert_non_null(strstr(s, "fact domain=PLANT\n"));
	assert_non_null(strstr(s, "fact role=kerberos server\n"));
	/* one row a flow */
	s = message(t, true, TGS_REQ);
	assert_null(test_line(s, "kerberos.exchange"));
	s = message(t, false, REP("6d", "0d", MACHINE));
	assert_null(test_line(s, "kerberos.exchange"));
	assert_non_null(strstr(s, "fact hostname=hmi1\n"));
	assert_string_equal(test_closing(t), "");
}

static void service_ticket(void **state)
{
	struct test_host *t = *state;

	message(t, true, TGS_REQ);
	SAID(message(t, false, REP("6d", "0d", USER)), "kerberos.exchange",
	     "ts=1.001000 request_type=TGS client=op1/PLANT service=krbtgt/PLANT success=T till=2136422885.000000 "
	     "cipher=aes256-cts-hmac-sha1-96 forwardable=F renewable=F");
}

static void refused(void **state)
{
	struct test_host *t = *state;

	message(t, true, AS_REQ);
	const char *s = message(t, false, ERROR("18", ""));
	SAID(s, "kerberos.message",
	     "message=ERROR service=krbtgt/PLANT realm=PLANT error=KDC_ERR_PREAUTH_FAILED server_time=1767323045.000000");
	SAID(s, "kerberos.exchange",
	     "ts=1.001000 request_type=AS client=op1/PLANT service=krbtgt/PLANT success=F error_msg=KDC_ERR_PREAUTH_FAILED "
	     "till=2136422885.000000 forwardable=T renewable=T");
}

/* "NEEDED_PREAUTH" is no exchange; what the client asks then is. */
static void refused_to_say_how(void **state)
{
	struct test_host *t = *state;

	message(t, true, AS_REQ);
	const char *s = message(t, false, ERROR("19", "ab{ 1b{ 4e45454445445f50524541555448 } }"));
	assert_null(test_line(s, "kerberos.exchange"));
	assert_non_null(strstr(s, "error_text=NEEDED_PREAUTH"));
	assert_string_equal(test_closing(t), "");
	message(t, true, AS_REQ);
	s = message(t, false, ERROR("06", "ab{ 1b{ 7768617420 } }"));
	assert_non_null(strstr(s, "ts=1.003000 request_type=AS client=op1/PLANT service=krbtgt/PLANT success=F error_msg=what "));
}

static void unanswered(void **state)
{
	struct test_host *t = *state;

	message(t, true, AS_REQ);
	SAID(test_closing(t), "kerberos.exchange",
	     "ts=1.001000 request_type=AS client=op1/PLANT service=krbtgt/PLANT till=2136422885.000000 forwardable=T renewable=T");
}

static void shown_to_a_service(void **state)
{
	struct test_host *t = *state;

	SAID(message(t, true, AP_REQ), "kerberos.message",
	     "message=AP-REQ service=krbtgt/PLANT realm=PLANT cipher=aes256-cts-hmac-sha1-96");
	SAID(test_closing(t), "kerberos.exchange", "ts=1.001000");
}

/* RFC 4120 5.2.7, RFC 4556 3.2.1: what the client signs carries its certificate. */
static void public_key(void **state)
{
	const char *s =
	    message(*state, true,
		    "6a{ 30{ a1{ 020105 } a2{ 02010a } a3{ 30{ 30{ a1{ 020110 } a2{ 04{ 30{ 80{ 30{ 0609 2a864886f70d010702 a0{ 30{ "
		    "020103 31{ } 30{ } a0{ " TEST_CERTIFICATE "} } } } } } } } } } } a4{ 30{ a0{ 0305 0040810010 } a1{" USER "} a2{" REALM
		    "} a3{" KRBTGT "} a5{" TILL "} a7{ 020107 } a8{ 30{ 020112 } } } } } }");

	assert_non_null(strstr(s, "tls.certificate ts="));
	assert_non_null(strstr(s, "host_cert=T client_cert=T self_signed=T"));
	assert_non_null(strstr(test_closing(*state), "client_cert_subject=serialNumber=S-1,O=Works,CN=plc.example"));
}

#define KRB5 "0609 2a864886f712010202"
#define SPNEGO "0606 2b0601050502"
#define GSS "60{" KRB5 "0100" AP_REQ "}"

/* Security tokens of other protocols: bare, of the mechanism alone, negotiated; and those in which there is no ticket. */
static void in_tokens(void **state)
{
	static const char *const with[] = {
		AP_REQ,
		GSS,
		"60{" SPNEGO "a0{ 30{ a0{ 30{" KRB5 "} } a2{ 04{" GSS "} } } } }",
		"a1{ 30{ a0{ 0a0101 } a2{ 04{ 60{ 0609 2a864882f712010202 0100" AP_REQ "} } } } }",
	};
	static const char *const without[] = {
		"a1{ 30{ a0{ 0a0100 } } }",
		"60{" SPNEGO "a0{ 30{ a2{ 04{ 4e544c4d535350 00 } } } } }",
		"60{ 060a 2b06010401823702020a 0100" AP_REQ "}",
		"4e544c4d535350 00 01000000",
	};
	struct test_host *t = *state;

	t->cx.transport = OTO_TCP;
	t->cx.depth = 1;
	for (size_t i = 0; i < sizeof with / sizeof *with; i++) {
		struct oto_slice s = test_ber(with[i]);
		assert_int_equal(oto_analyzer_kerberos->probe(&t->cx, oto_cur_of(s)), OTO_MINE);
		assert_int_equal(oto_analyzer_kerberos->pdu_len(&t->cx, oto_cur_of(s)), s.len);
		assert_non_null(strstr(test_bytes(t, true, s), "message=AP-REQ service=krbtgt/PLANT"));
		for (uint32_t len = 0; len < s.len; len++) {
			uint8_t *copy = malloc(len + 1);
			memcpy(copy, s.data, len);
			assert_null(test_line(test_bytes(t, true, (struct oto_slice){ copy, len }), "kerberos.message"));
			free(copy);
		}
	}
	for (size_t i = 0; i < sizeof without / sizeof *without; i++) {
		struct oto_slice s = test_ber(without[i]);
		assert_int_equal(oto_analyzer_kerberos->probe(&t->cx, oto_cur_of(s)), OTO_NOT_MINE);
		assert_string_equal(test_bytes(t, true, s), "");
	}
}

/* Over TCP: a prefix of four octets, and messages in pieces. */
static void tcp(void **state)
{
	struct test_host *t = *state;
	uint8_t bytes[1024] = { 0 };
	struct oto_slice m = test_ber(AS_REQ);

	t->cx.transport = OTO_TCP;
	bytes[2] = (uint8_t)(m.len >> 8);
	bytes[3] = (uint8_t)m.len;
	memcpy(bytes + 4, m.data, m.len);
	struct oto_slice framed = { bytes, m.len + 4 };
	assert_int_equal(oto_analyzer_kerberos->pdu_len(&t->cx, oto_cur_of(framed)), framed.len);
	assert_int_equal(oto_analyzer_kerberos->pdu_len(&t->cx, oto_cur_of((struct oto_slice){ bytes, 3 })), 0);
	assert_non_null(test_line(test_bytes(t, true, framed), "kerberos.message"));
	for (uint32_t len = 0; len < 16; len++)
		assert_int_not_equal(oto_analyzer_kerberos->probe(&t->cx, oto_cur_of((struct oto_slice){ bytes, len })), OTO_NOT_MINE);
	assert_int_equal(oto_analyzer_kerberos->probe(&t->cx, oto_cur_of(framed)), OTO_MINE);
	bytes[3]++;
	assert_int_equal(oto_analyzer_kerberos->probe(&t->cx, oto_cur_of(framed)), OTO_NOT_MINE);
	bytes[0] = 0xff;
	assert_int_equal(oto_analyzer_kerberos->pdu_len(&t->cx, oto_cur_of(framed)), -1);
}

static void recognition(void **state)
{
	struct test_host *t = *state;

	assert_int_equal(oto_analyzer_kerberos->probe(&t->cx, oto_cur_of(test_ber(AS_REQ))), OTO_MINE);
	assert_int_equal(oto_analyzer_kerberos->probe(&t->cx, oto_cur_of(test_ber(AP_REQ))), OTO_MINE);
	assert_int_equal(oto_analyzer_kerberos->probe(&t->cx, oto_cur_of(test_ber("6a{ 30{ a1{ 020104 } } }"))), OTO_NOT_MINE);
	assert_int_equal(oto_analyzer_kerberos->probe(&t->cx, oto_cur_of(test_ber("60{ 30{ a1{ 020105 } } }"))), OTO_NOT_MINE);
	assert_int_equal(oto_analyzer_kerberos->probe(&t->cx, oto_cur_of(test_ber("6a{ }"))), OTO_NOT_MINE);
}

static void damaged(void **state)
{
	struct test_host *t = *state;
	static const char *const good[] = { AS_REQ, REP("6b", "0b", USER), ERROR("18", "ab{ 1b{ 41 } }"), AP_REQ };

	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		struct oto_slice s = test_ber(good[i]);
		for (uint32_t len = 1; len <= s.len; len++) {
			uint8_t *copy = malloc(len);
			memcpy(copy, s.data, len);
			const char *said = test_bytes(t, len & 1, (struct oto_slice){ copy, len });
			assert_true(len == s.len || strstr(said, "truncated") != NULL);
			for (uint32_t at = 0; at < len && len > s.len - 3; at++) {
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
		T(first_ticket), T(service_ticket), T(refused), T(refused_to_say_how), T(unanswered), T(shown_to_a_service),
		T(public_key),   T(in_tokens),      T(tcp),     T(recognition),        T(damaged),
	};
	return cmocka_run_group_tests_name("kerberos", tests, NULL, NULL);
}
