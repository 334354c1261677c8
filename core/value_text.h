/* value_text.h - numbers, times and addresses as text, written where a caller has made room. For those who print values: value.c,
 * log_row.c.
 *
 * Each function writes at `at` and returns where the text ends.
 */
#ifndef OTO_VALUE_TEXT_H
#define OTO_VALUE_TEXT_H

#include "base.h"

#define OTO_U64_TEXT 20u     /* the most digits of a number */
#define OTO_SECONDS_TEXT 28u /* the longest time: a sign, a number, a point and six decimals, and two more bytes that are written */
#define OTO_MAC_TEXT 17u
#define OTO_ADDR_TEXT 46u /* of any family, with a point behind an IPv4 address that is cut off again */

/* The eight digits of a number below 10^8 as bytes from 0 to 9 in a word, the first in the lowest byte: three divisions for all of them,
 * by multiplication in lanes. */
static inline uint64_t oto_eight_digits(uint32_t n)
{
	uint64_t fours = n / 10000 | (uint64_t)(n % 10000) << 32;
	uint64_t hundreds = (fours * 10486 >> 20) & 0x7f0000007f;
	uint64_t twos = hundreds | (fours - hundreds * 100) << 16;
	uint64_t tens = (twos * 103 >> 10) & 0xf000f000f000f;

	return tens | (twos - tens * 10) << 8;
}

/* Digits from a word, the first in its lowest byte. Eight bytes are written. */
static inline void oto_text_digits(uint64_t digits, char *at)
{
	digits = htole64(digits | UINT64_MAX / 255 * '0');
	memcpy(at, &digits, sizeof digits);
}

/* Up to eight bytes are written behind the digits before the last ones: less than OTO_U64_TEXT in all. */
static inline char *oto_text_u64(uint64_t u, char *at)
{
	const uint32_t all = 100000000;

	if (u < 10) {
		*at = (char)('0' + u);
		return at + 1;
	}
	if (u >= all) {
		at = oto_text_u64(u / all, at);
		oto_text_digits(oto_eight_digits((uint32_t)(u % all)), at);
		return at + 8;
	}
	uint64_t digits = oto_eight_digits((uint32_t)u);
	uint32_t zeros = (uint32_t)__builtin_ctzll(digits) / 8; /* in front */
	oto_text_digits(digits >> zeros * 8, at);
	return at + 8 - zeros;
}

/* Seconds with six decimals; what lies below a microsecond is cut off, as libpcap does for Zeek. */
static inline char *oto_text_seconds(int64_t ns, char *at)
{
	uint64_t us = (ns < 0 ? 0 - (uint64_t)ns : (uint64_t)ns) / 1000, front = us / 100000000;
	uint64_t digits = oto_eight_digits((uint32_t)(us % 100000000)); /* two of the seconds and the decimals */

	if (ns < 0 && us)
		*at++ = '-';
	if (front) {
		at = oto_text_u64(front, at);
		oto_text_digits(digits, at);
		at += 2;
	} else {
		at = oto_text_u64(us / 1000000, at);
	}
	*at++ = '.';
	oto_text_digits(digits >> 16, at);
	return at + 6;
}

static inline char *oto_text_hex(uint8_t byte, char *at)
{
	at[0] = "0123456789abcdef"[byte >> 4];
	at[1] = "0123456789abcdef"[byte & 15];
	return at + 2;
}

static inline char *oto_text_mac(const uint8_t *byte, char *at)
{
	at = oto_text_hex(byte[0], at);
	for (int i = 1; i < 6; i++) {
		*at++ = ':';
		at = oto_text_hex(byte[i], at);
	}
	return at;
}

extern const struct oto_octet {
	char text[3];
	uint8_t len;
} oto_octet[256]; /* as decimals */

static inline char *oto_text_ipv4(const uint8_t *byte, char *at)
{
	for (int i = 0; i < 4; i++) {
		const struct oto_octet *octet = &oto_octet[byte[i]];
		memcpy(at, octet, sizeof *octet); /* its length goes where the point belongs, or is written over */
		at += octet->len;
		*at++ = '.';
	}
	return at - 1;
}

/* "-": of no family. */
char *oto_text_addr(const struct oto_addr *addr, char *at);

#endif
