/* opcua_text.c - short texts in scratch memory: numbers, octets, times. What there is no room for is left out. */
#include <inttypes.h>
#include <time.h>

#include "opcua.h"

struct opcua_text opcua_text_new(struct oto_ctx *cx, uint32_t room)
{
	uint8_t *at = oto_scratch(cx, room);

	return (struct opcua_text){ at, 0, at ? room : 0 };
}

struct oto_slice opcua_text_end(const struct opcua_text *t)
{
	return (struct oto_slice){ t->len ? t->at : NULL, t->len };
}

void opcua_put_byte(struct opcua_text *t, uint8_t b)
{
	if (t->len < t->room)
		t->at[t->len++] = b;
}

void opcua_put_slice(struct opcua_text *t, struct oto_slice s)
{
	uint32_t n = s.len < t->room - t->len ? s.len : t->room - t->len;

	if (n)
		memcpy(&t->at[t->len], s.data, n);
	t->len += n;
}

void opcua_put(struct opcua_text *t, const char *s)
{
	opcua_put_slice(t, oto_slice_of(s));
}

void opcua_put_unsigned(struct opcua_text *t, uint64_t n)
{
	uint8_t digits[20];
	uint32_t at = sizeof digits;

	do {
		digits[--at] = (uint8_t)('0' + n % 10);
		n /= 10;
	} while (n);
	opcua_put_slice(t, (struct oto_slice){ &digits[at], (uint32_t)sizeof digits - at });
}

void opcua_put_signed(struct opcua_text *t, int64_t n)
{
	if (n < 0)
		opcua_put_byte(t, '-');
	opcua_put_unsigned(t, n < 0 ? 0 - (uint64_t)n : (uint64_t)n);
}

static void put_hex_byte(struct opcua_text *t, uint8_t b)
{
	static const char digit[] = "0123456789abcdef";

	opcua_put_byte(t, (uint8_t)digit[b >> 4]);
	opcua_put_byte(t, (uint8_t)digit[b & 15]);
}

void opcua_put_hex(struct opcua_text *t, struct oto_slice s)
{
	for (uint32_t i = 0; i < s.len && t->len < t->room; i++)
		put_hex_byte(t, s.data[i]);
}

void opcua_put_base64(struct opcua_text *t, struct oto_slice s)
{
	static const char digit[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

	for (uint32_t i = 0; i < s.len && t->len < t->room; i += 3) {
		uint32_t left = s.len - i;
		uint32_t bits = (uint32_t)s.data[i] << 16 | (left > 1 ? (uint32_t)s.data[i + 1] << 8 : 0) | (left > 2 ? s.data[i + 2] : 0);
		for (uint32_t k = 0; k < 4; k++)
			opcua_put_byte(t, k > left ? '=' : (uint8_t)digit[bits >> (18 - 6 * k) & 63]);
	}
}

/* 5.2.2.6: the first three parts stand with their lowest octet first. */
void opcua_put_guid(struct opcua_text *t, struct oto_slice s)
{
	static const uint8_t order[] = { 3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15 };

	for (uint32_t i = 0; i < sizeof order && s.len == sizeof order; i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			opcua_put_byte(t, '-');
		put_hex_byte(t, s.data[order[i]]);
	}
}

void opcua_put_real(struct opcua_text *t, double value, int digits)
{
	enum { EXACT = 1000000 };
	char text[32];

	if (value > -EXACT && value < EXACT && value == (double)(int64_t)value) { /* whole numbers, as most are */
		opcua_put_signed(t, (int64_t)value);
		return;
	}
	int n = snprintf(text, sizeof text, "%.*g", digits, value);
	opcua_put_slice(t, (struct oto_slice){ (const uint8_t *)text, n > 0 ? (uint32_t)n : 0 });
}

enum { TICKS = 10000000 }; /* a second */

void opcua_put_time(struct opcua_text *t, int64_t ticks)
{
	const int64_t epoch = INT64_C(11644473600); /* from 1601 to 1970 */
	int64_t seconds = ticks / TICKS - epoch;
	time_t when = (time_t)seconds;
	struct tm tm;
	char text[40];

	if (ticks <= 0 || !gmtime_r(&when, &tm) || tm.tm_year > 9999 - 1900)
		return; /* the least and the most there is stand for none */
	size_t n = strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &tm);
	opcua_put_slice(t, (struct oto_slice){ (const uint8_t *)text, (uint32_t)n });
	if (ticks % TICKS) {
		snprintf(text, sizeof text, ".%07" PRId64, ticks % TICKS);
		opcua_put(t, text);
	}
	opcua_put_byte(t, 'Z');
}
