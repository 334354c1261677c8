/* rdp_test.c - negotiation with and without a cookie, TLS behind it, RDP's own encryption with what both sides say, and damaged messages.
 */
#include "../ber_testing.h"

extern const struct oto_analyzer *const oto_analyzer_rdp;

static int setup(void **state)
{
	*state = test_host_new(oto_analyzer_rdp, OTO_TCP, 40000, 3389);
	return 0;
}

/* "Cookie: mstshash=op1" and a request for TLS and CredSSP. */
#define REQUEST "03000029 24 e0 0000 0000 00 436f6f6b69653a206d737473686173683d6f7031 0d0a 01000800 03000000"
#define REQUEST_BARE "03000013 0e e0 0000 0000 00 01000800 0b000000"
#define CONFIRM(type, value) "03000013 0e d0 0000 1234 00" type "000800" value

static void tls(void **state)
{
	struct test_host *t = *state;

	SAID(test_pdu(t, true, REQUEST), "fact", "user=op1");
	SAID(test_pdu(t, false, CONFIRM("02", "02000000")), "fact", "role=rdp server");
	SAID(test_pdu(t, true, "1603010001"), "stream", "0/0 1603010001");
	SAID(test_pdu(t, false, "1603030001"), "stream", "0/0 1603030001");
	SAID(test_closing(t), "rdp.session",
	     "ts=1.001000 cookie=op1 requested_protocols=3 result=encrypted security_protocol=HYBRID cert_count=0");
}

static void no_cookie(void **state)
{
	struct test_host *t = *state;

	test_pdu(t, true, REQUEST_BARE);
	test_pdu(t, false, CONFIRM("02", "08000000"));
	SAID(test_closing(t), "rdp.session",
	     "ts=1.002000 requested_protocols=11 result=encrypted security_protocol=HYBRID_EX cert_count=0");
}

static void refused(void **state)
{
	struct test_host *t = *state;

	test_pdu(t, true, REQUEST);
	test_pdu(t, false, CONFIRM("03", "05000000"));
	SAID(test_closing(t), "rdp.session", "ts=1.001000 cookie=op1 requested_protocols=3 result=HYBRID_REQUIRED_BY_SERVER cert_count=0");
}

static void nothing_said(void **state)
{
	struct test_host *t = *state;

	test_pdu(t, true, "0300000b 06 e0 0000 0000 00");
	test_pdu(t, false, "0300000b 06 d0 0000 1234 00");
	assert_string_equal(test_closing(t), "");
}

static char *append_zeros(char *at, int octets)
{
	memset(at, '0', (size_t)octets * 2);
	at[octets * 2] = '\0';
	return at + (size_t)octets * 2;
}

/* A Connect-Initial: client core data of a German variant of a keyboard and an unknown build, with the name "HMI-\u5de5", and two channels.
 */
static struct oto_slice connect_initial(uint8_t *out)
{
	char core[1024] = "01c0 d200 04000800 0005 0003 01ca 03aa 07040a00 5d580000 48004d0049002d00e55d", *at = core + strlen(core);
	at = append_zeros(at, 32 - 10);
	at = append_zeros(at, 12 + 64);
	at += sprintf(at, "01ca 0100 00000000 1000 0700 0200 41004200");
	append_zeros(at, 64 - 4);
	static const char network[] = "03c0 2000 02000000 7264706472000000 80800000 636c697072647200 a0c00000";
	char user[2048], hex[4096];
	snprintf(user, sizeof user, "000500147c0001 8108 00 08001000 01c000 44756361 80f2 %s %s", core, network);
	snprintf(hex, sizeof hex, "7f65{ 0401 01 0401 01 0101 ff 30{ 020122 } 30{ 020101 } 30{ 0202 ffff } 04{ %s } }", user);
	struct oto_slice mcs = test_ber(hex);
	uint32_t len = mcs.len + 7;
	const uint8_t head[] = { 3, 0, (uint8_t)(len >> 8), (uint8_t)len, 2, 0xf0, 0x80 };
	memcpy(out, head, sizeof head);
	memcpy(out + sizeof head, mcs.data, mcs.len);
	return (struct oto_slice){ out, len };
}

static struct oto_slice connect_response(uint8_t *out, const char *certificate)
{
	char hex[3000];
	struct oto_slice security = test_ber(certificate);
	snprintf(
	    hex, sizeof hex,
	    "7f66{ 0a0100 020100 30{ 020122 } 04{ 000500147c0001 2a 14760a 0101 00 01c000 4d63446e %04x 010c0800 04000800 020c %02x%02x "
	    "%s } }",
	    0x8000 | (8 + 4 + security.len), (4 + security.len) & 0xff, (4 + security.len) >> 8, certificate);
	struct oto_slice mcs = test_ber(hex);
	uint32_t len = mcs.len + 7;
	const uint8_t head[] = { 3, 0, (uint8_t)(len >> 8), (uint8_t)len, 2, 0xf0, 0x80 };
	memcpy(out, head, sizeof head);
	memcpy(out + sizeof head, mcs.data, mcs.len);
	return (struct oto_slice){ out, len };
}

static void own_encryption(void **state)
{
	struct test_host *t = *state;
	uint8_t bytes[2048];

	test_pdu(t, true, REQUEST);
	test_pdu(t, false, CONFIRM("02", "00000000"));
	const char *s = test_bytes(t, true, connect_initial(bytes));
	assert_non_null(strstr(s, "fact hostname=HMI-\xe5\xb7\xa5\n"));
	assert_non_null(strstr(s, "fact keyboard_layout=German - Germany (Best Guess for 656391)\n"));
	/* level 2, 128 bit; eight octets of random; a chain of two certificates, issued for the time being */
	test_bytes(t, false,
		   connect_response(
		       bytes, "02000000 02000000 08000000 18000000 0001020304050607 02000080 02000000 02000000 3000 04000000 30020500"));
	s = test_closing(t);
	SAID(s, "rdp.session",
	     "ts=1.001000 cookie=op1 requested_protocols=3 result=Success security_protocol=RDP client_channels=rdpdr,cliprdr "
	     "keyboard_layout=German - Germany (Best Guess for 656391) client_build=client_build-22621 client_name=HMI-\xe5\xb7\xa5 "
	     "client_dig_product_id=AB desktop_width=1280 desktop_height=768 requested_color_depth=32bit cert_type=X.509 cert_count=2 "
	     "cert_permanent=F encryption_level=Client compatible encryption_method=128bit");
	assert_string_equal(test_pdu(t, true, "0300000c 02f080 04 01 00 01 00"), "");
}

static void own_certificate(void **state)
{
	struct test_host *t = *state;
	uint8_t bytes[2048];
	struct oto_slice der = test_ber(TEST_CERTIFICATE);
	char chain[1500];

	test_pdu(t, true, REQUEST);
	snprintf(chain, sizeof chain, "02000000 02000000 00000000 %02x%02x0000 02000080 01000000 %02x%02x0000 " TEST_CERTIFICATE,
		 (der.len + 12) & 0xff, (der.len + 12) >> 8, der.len & 0xff, der.len >> 8);
	assert_non_null(strstr(test_bytes(t, false, connect_response(bytes, chain)), "tls.certificate ts="));
}

static void own_key(void **state)
{
	struct test_host *t = *state;
	uint8_t bytes[2048];

	test_pdu(t, true, REQUEST);
	test_bytes(t, false, connect_response(bytes, "01000000 03000000 04000000 08000000 00010203 01000000 00000000"));
	assert_non_null(strstr(test_closing(t),
			       "result=Success cert_type=RSA cert_count=1 cert_permanent=T encryption_level=High encryption_method=40bit"));
}

static void recognition(void **state)
{
	struct test_host *t = *state;
	uint8_t bytes[64];
	struct oto_slice m = test_hex(REQUEST, bytes, sizeof bytes);

	for (int port = 3389; port <= 13389; port += 10000) {
		t->head.resp_p = (uint16_t)port;
		for (uint32_t len = 0; len < m.len; len++)
			assert_int_equal(oto_analyzer_rdp->probe(&t->cx, oto_cur_of((struct oto_slice){ bytes, len })), OTO_NEED_MORE);
		assert_int_equal(oto_analyzer_rdp->probe(&t->cx, oto_cur_of(m)), OTO_MINE);
	}
	m = test_hex(REQUEST_BARE, bytes, sizeof bytes);
	assert_int_equal(oto_analyzer_rdp->probe(&t->cx, oto_cur_of(m)), OTO_MINE);
	/* S7's connection request, on either port */
	m = test_hex("03000016 11 e0 0000 0001 00 c0010a c1020100 c2020102", bytes, sizeof bytes);
	assert_int_equal(oto_analyzer_rdp->probe(&t->cx, oto_cur_of(m)), OTO_NOT_MINE);
	m = test_hex("474554202f20", bytes, sizeof bytes);
	assert_int_equal(oto_analyzer_rdp->probe(&t->cx, oto_cur_of(m)), OTO_NOT_MINE);
}

static void damaged(void **state)
{
	struct test_host *t = *state;
	uint8_t bytes[2048];

	for (int which = 0; which < 2; which++) {
		struct oto_slice m =
		    which ? connect_initial(bytes)
			  : connect_response(bytes, "02000000 02000000 04000000 18000000 00010203 02000080 02000000 02000000 3000 0400");
		for (uint32_t at = 0; at < m.len; at++) {
			uint8_t *copy = malloc(m.len);
			for (int change = 1; change < 256; change = change * 5 + 2) {
				memcpy(copy, m.data, m.len);
				copy[at] ^= (uint8_t)change;
				copy[2] = (uint8_t)(m.len >> 8);
				copy[3] = (uint8_t)m.len;
				memset(t->state, 0, sizeof t->state);
				test_pdu(t, true, REQUEST);
				test_bytes(t, which, (struct oto_slice){ copy, m.len });
				test_closing(t);
			}
			free(copy);
		}
	}
	oto_analyzer_rdp->gap(&t->cx, 1);
	assert_string_equal(test_pdu(t, true, REQUEST), "");
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, test_teardown)
	const struct CMUnitTest tests[] = {
		T(tls),     T(no_cookie),   T(refused), T(nothing_said), T(own_encryption), T(own_certificate),
		T(own_key), T(recognition), T(damaged),
	};
	return cmocka_run_group_tests_name("rdp", tests, NULL, NULL);
}
