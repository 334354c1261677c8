/* opcua_text.c - numbers, octets and times of OPC UA as text. */
#include <inttypes.h>
#include <time.h>

#include "opcua.h"

void opcua_put_signed(struct text *t, int64_t n)
{
	if (n < 0)
		text_put_byte(t, '-');
	text_put_number(t, n < 0 ? 0 - (uint64_t)n : (uint64_t)n);
}

void opcua_put_base64(struct text *t, struct oto_slice s)
{
	static const char digit[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

	for (uint32_t i = 0; i < s.len && t->len < t->room; i += 3) {
		uint32_t left = s.len - i;
		uint32_t bits = (uint32_t)s.data[i] << 16 | (left > 1 ? (uint32_t)s.data[i + 1] << 8 : 0) | (left > 2 ? s.data[i + 2] : 0);
		for (uint32_t k = 0; k < 4; k++)
			text_put_byte(t, k > left ? '=' : (uint8_t)digit[bits >> (18 - 6 * k) & 63]);
	}
}

/* 5.2.2.6: the first three parts stand with their lowest octet first. */
void opcua_put_guid(struct text *t, struct oto_slice s)
{
	static const uint8_t order[] = { 3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15 };

	for (uint32_t i = 0; i < sizeof order && s.len == sizeof order; i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			text_put_byte(t, '-');
		text_put_hex(t, (struct oto_slice){ &s.data[order[i]], 1 });
	}
}

void opcua_put_real(struct text *t, double value, int digits)
{
	enum { EXACT = 1000000 };
	char text[32];

	if (value > -EXACT && value < EXACT && value == (double)(int64_t)value) { /* whole numbers, as most are */
		opcua_put_signed(t, (int64_t)value);
		return;
	}
	int n = snprintf(text, sizeof text, "%.*g", digits, value);
	text_put_slice(t, (struct oto_slice){ (const uint8_t *)text, n > 0 ? (uint32_t)n : 0 });
}

enum { TICKS = 10000000 }; /* a second */

void opcua_put_time(struct text *t, int64_t ticks)
{
	const int64_t epoch = INT64_C(11644473600); /* from 1601 to 1970 */
	int64_t seconds = ticks / TICKS - epoch;
	time_t when = (time_t)seconds;
	struct tm tm;
	char text[40];

	if (ticks <= 0 || !gmtime_r(&when, &tm) || tm.tm_year > 9999 - 1900)
		return; /* the least and the most there is stand for none */
	size_t n = strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &tm);
	text_put_slice(t, (struct oto_slice){ (const uint8_t *)text, (uint32_t)n });
	if (ticks % TICKS) {
		snprintf(text, sizeof text, ".%07" PRId64, ticks % TICKS);
		text_put(t, text);
	}
	text_put_byte(t, 'Z');
}
