/* value_text.h - numbers, times and addresses as text, written where a caller has made room. For those who print values: value.c,
 * log_row.c.
 *
 * Each function writes at `at` and returns where the text ends.
 */
#ifndef OTO_VALUE_TEXT_H
#define OTO_VALUE_TEXT_H

#include "base.h"

#define OTO_U64_TEXT 20u     /* the most digits of a number */
#define OTO_SECONDS_TEXT 28u /* the longest time: a sign, a number, a point and six decimals */
#define OTO_MAC_TEXT 17u
#define OTO_IPV4_TEXT 16u /* with a point behind that is cut off again */

/* Two digits at a time: half the divisions. */
static inline char *oto_text_two(uint32_t n, char *at)
{
	static const char digits[] =
	    "0001020304050607080910111213141516171819202122232425262728293031323334353637383940414243444546474849505152535455565758"
	    "5960616263646566676869707172737475767778798081828384858687888990919293949596979899";

	memcpy(at, &digits[2 * n], 2);
	return at + 2;
}

static inline char *oto_text_u64(uint64_t u, char *at)
{
	char text[OTO_U64_TEXT], *p = text + sizeof text;

	if (u < 10) {
		*at = (char)('0' + u);
		return at + 1;
	}
	if (u < 100)
		return oto_text_two((uint32_t)u, at);
	for (; u > UINT32_MAX; u /= 100) /* 64 bits divide slowly */
		oto_text_two((uint32_t)(u % 100), p -= 2);
	uint32_t rest = (uint32_t)u;
	for (; rest >= 10; rest /= 100)
		oto_text_two(rest % 100, p -= 2);
	if (rest)
		*--p = (char)('0' + rest);
	for (; p < text + sizeof text; p++)
		*at++ = *p;
	return at;
}

/* Seconds with six decimals; what lies below a microsecond is cut off, as libpcap does for Zeek. */
static inline char *oto_text_seconds(int64_t ns, char *at)
{
	uint64_t us = (ns < 0 ? 0 - (uint64_t)ns : (uint64_t)ns) / 1000;
	uint32_t fraction = (uint32_t)(us % 1000000);

	if (ns < 0 && us)
		*at++ = '-';
	at = oto_text_u64(us / 1000000, at);
	*at++ = '.';
	at = oto_text_two(fraction / 10000, at);
	at = oto_text_two(fraction / 100 % 100, at);
	return oto_text_two(fraction % 100, at);
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

static inline char *oto_text_ipv4(const uint8_t *byte, char *at)
{
	for (int i = 0; i < 4; i++) {
		uint8_t b = byte[i];
		if (b >= 100) {
			*at++ = (char)('0' + b / 100);
			at = oto_text_two(b % 100, at);
		} else if (b >= 10) {
			at = oto_text_two(b, at);
		} else {
			*at++ = (char)('0' + b);
		}
		*at++ = '.';
	}
	return at - 1;
}

#endif
