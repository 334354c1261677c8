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

#endif
