/* ber_name_test.c - names as text, and the fields of a certificate, on a self-signed one and on damaged octets. */
#include "testing.h"
#include "ber_name.h"

/* openssl req -x509 -utf8 -multivalue-rdn -subj '/DC=plant/C=JP/O=Works, "Hall 3"/OU=a+OU=b/CN=#1 Ger\u00e4t /emailAddress=x@example.org'
 */
static const char certificate[] =
    "308202ec30820255a0030201020214772f317ad6f248743475b156f9c7970c548d49f6300d06092a864886f70d01010b05003081873115301306"
    "0a0992268993f22c6401191605706c616e74310b3009060355040613024a5031183016060355040a0c0f576f726b732c202248616c6c20332231"
    "143008060355040b0c01613008060355040b0c01623113301106035504030c0a233120476572c3a47420311c301a06092a864886f70d01090116"
    "0d78406578616d706c652e6f7267301e170d3236313132313037303530355a170d3336313131383037303530355a30818731153013060a099226"
    "8993f22c6401191605706c616e74310b3009060355040613024a5031183016060355040a0c0f576f726b732c202248616c6c2033223114300806"
    "0355040b0c01613008060355040b0c01623113301106035504030c0a233120476572c3a47420311c301a06092a864886f70d010901160d784065"
    "78616d706c652e6f726730819f300d06092a864886f70d010101050003818d0030818902818100a7294c1ac707af44bd9eabc578a34672593fa9"
    "cd0110c4da917315fa3d79b4e70495b88c4a0ee5905453c68a99e8cb1a7e9ac1ff3b2623076d42c365622195454cee8018e1287289efb0ff116e"
    "942452bb063aeb38a00fe3b9ed4100538e1a8531933e507e8b3331d4bef317a1fcc16e3cb2b542171d53b74b01a5a5bf26e8a10203010001a353"
    "3051301d0603551d0e041604145accb226bc55c98c695175ab34602d445aac1d19301f0603551d230418301680145accb226bc55c98c695175ab"
    "34602d445aac1d19300f0603551d130101ff040530030101ff300d06092a864886f70d01010b05000381810022fa7086e0abef30d739abef35ae"
    "78e66c77701c6e20ab2207e9076e173111ddceeee8c22f2488fedac8395e8c8dae42e020240c9a355eb0a2c231e57178f4c839f3d1642ce54adf"
    "7d5b280d1af79028111db204788c17b55ae82168730467ecf2f3cb518b9f76aeab6b50d75cd8f368464affae4b59d126722827a092c2c381";

#define SUBJECT "emailAddress=x@example.org,CN=\\#1 Ger\\C3\\A4t\\ ,OU=b+OU=a,O=Works\\, \\\"Hall 3\\\",C=JP,DC=plant"

static void fields(void **state)
{
	(void)state;
	uint8_t der[2048];
	char text[512];
	struct oto_slice subject, issuer;
	struct ber_certificate x;

	assert_true(ber_read_certificate(test_hex(certificate, der, sizeof der), &x));
	assert_int_equal(x.version, 3);
	assert_int_equal(x.serial.len, 20);
	assert_true(BER_OID_IS(x.signature_algorithm, "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0b"));
	assert_true(BER_OID_IS(x.key_algorithm, "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01"));
	assert_int_equal(x.key_parameters.len, 2);
	assert_int_equal(x.key.len, 140);
	assert_int_equal(x.not_after.ns - x.not_before.ns, INT64_C(3650) * 86400 * 1000000000);
	assert_true(x.extensions.len > 0);
	assert_true(ber_name_text(x.subject, text, sizeof text, &subject));
	assert_int_equal(subject.len, sizeof SUBJECT - 1);
	assert_memory_equal(subject.data, SUBJECT, subject.len);
	assert_true(ber_name_text(x.issuer, text, 10, &issuer));
	assert_int_equal(issuer.len, 10);
}

/* A name of one attribute: type and value as they stand. */
static void texts(void **state)
{
	(void)state;
	static const struct {
		const char *hex, *text;
	} cases[] = {
		{ "300b 3109 3007 0603 550403 1300", "CN=" },
		{ "300d 310b 3009 0603 550406 1302 4a50", "C=JP" },
		{ "300f 310d 300b 0603 550403 1e04 30ab 0041", "CN=\\E3\\82\\ABA" },
		{ "300f 310d 300b 0603 550403 1c04 0001f600", "CN=\\F0\\9F\\98\\80" },
		{ "300c 310a 3008 0603 550403 1401 e9", "CN=\\C3\\A9" },
		{ "300e 310c 300a 0603 550403 1e03 30ab00", "CN=#1E0330AB00" },
		{ "300c 310a 3008 0603 550463 1301 41", "2.5.4.99=#130141" },
		{ "3010 310e 300c 0603 550403 1305 203c0a3e20", "CN=\\ \\<\\0A\\>\\ " },
		{ "3000", "" },
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		uint8_t bytes[64];
		char out[64];
		struct oto_slice text;
		assert_true(ber_name_text(test_hex(cases[i].hex, bytes, sizeof bytes), out, sizeof out, &text));
		assert_int_equal(text.len, strlen(cases[i].text));
		assert_memory_equal(out, cases[i].text, text.len);
	}
	/* More attributes than are read. */
	uint8_t many[4 + 40 * 11] = { 0x30, 0x82, 40 * 11 >> 8, 40 * 11 & 255 };
	char out[64];
	struct oto_slice text;
	for (uint32_t i = 0; i < 40; i++)
		memcpy(many + 4 + i * 11, "\x31\x09\x30\x07\x06\x03\x55\x04\x03\x13\x00", 11);
	assert_false(ber_name_text((struct oto_slice){ many, sizeof many }, out, sizeof out, &text));
}

static void damaged(void **state)
{
	(void)state;
	uint8_t der[2048];
	struct oto_slice good = test_hex(certificate, der, sizeof der);
	char text[256];

	for (uint32_t len = 0; len <= good.len; len++) {
		uint8_t *copy = malloc(good.len);
		memcpy(copy, good.data, len);
		struct ber_certificate x;
		struct oto_slice name;
		assert_int_equal(ber_read_certificate((struct oto_slice){ copy, len }, &x), len == good.len);
		memcpy(copy, good.data, good.len);
		copy[len < good.len ? len : 0] ^= 0x11;
		if (ber_read_certificate((struct oto_slice){ copy, good.len }, &x))
			ber_name_text(x.subject, text, sizeof text, &name);
		free(copy);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(fields), cmocka_unit_test(texts), cmocka_unit_test(damaged) };
	return cmocka_run_group_tests_name("ber_name", tests, NULL, NULL);
}
