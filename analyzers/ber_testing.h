/* ber_testing.h - for unit tests: BER written in hexadecimal with braces around contents, whose lengths are computed. */
#ifndef OTO_ANALYZERS_BER_TESTING_H
#define OTO_ANALYZERS_BER_TESTING_H

#include "testing.h"

enum { TEST_BER_DEPTH = 16, TEST_BER_MAX = 4096 };

/* "30{ 020101 04{ 616263 } }" becomes 30 08 02 01 01 04 03 61 62 63; contents from 128 octets on get a length of two octets more. */
static inline struct oto_slice test_ber(const char *text)
{
	static uint8_t ring[4][TEST_BER_MAX];
	static unsigned next;
	uint8_t *out = ring[next++ % 4];
	uint32_t at = 0, begin[TEST_BER_DEPTH], depth = 0;

	for (; *text; text++) {
		unsigned byte;
		if (*text == ' ')
			continue;
		assert_true(at + 4 < TEST_BER_MAX);
		if (*text == '{') {
			assert_true(depth < TEST_BER_DEPTH);
			begin[depth++] = at++;
		} else if (*text == '}') {
			assert_true(depth > 0);
			uint32_t from = begin[--depth], len = at - from - 1;
			if (len > 127) {
				memmove(out + from + 3, out + from + 1, len);
				out[from] = 0x82;
				out[from + 1] = (uint8_t)(len >> 8);
				out[from + 2] = (uint8_t)len;
				at += 2;
			} else {
				out[from] = (uint8_t)len;
			}
		} else {
			assert_true(sscanf(text, "%2x", &byte) == 1);
			out[at++] = (uint8_t)byte;
			text++;
		}
	}
	assert_true(depth == 0);
	return (struct oto_slice){ out, at };
}

/* Made by OpenSSL: CN=plc.example O=Works serialNumber=S-1, self-signed, P-256, from 2020-01-01 to 2021-01-01, names plc.example,
 * *.plc.example, 10.0.0.2, urn:x. */
#define TEST_CERTIFICATE                                                                                                                   \
	"308201ba30820160a003020102020101300a06082a8648ce3d04030230343114301206035504030c0b706c632e6578616d706c65310e300c06035504"         \
	"0a0c05576f726b73310c300a06035504051303532d31301e170d3230303130313030303030305a170d3231303130313030303030305a303431143012"         \
	"06035504030c0b706c632e6578616d706c65310e300c060355040a0c05576f726b73310c300a06035504051303532d313059301306072a8648ce3d02"         \
	"0106082a8648ce3d030107034200042b128c9aaff48818a6262984f4257cfabb33c4a874783e99b8db6254b95dc0d26f8bab162f0dd62cfd48f61ca3"         \
	"be977ce38f1338aac5f1ee847e25288f2b5a28a3633061300c0603551d13040530030101ff30320603551d11042b3029820b706c632e6578616d706c"         \
	"65820d2a2e706c632e6578616d706c6587040a000002860575726e3a78301d0603551d0e04160414b1bf10d781249e57104abeb00adb51049fcd8399"         \
	"300a06082a8648ce3d040302034800304502205e88ee1e666402ebb851968cf717e5589523cdbac673c6b7363d9be4bb4aa818022100ac18c8876808"         \
	"49ae0f62e9ba02c8f13385a46ebe3ba7fb0cd0bf636f35b3ff95"

#endif
