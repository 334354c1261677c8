/* text.h - a text that is put together piece by piece in scratch memory, without printf: targets, lists, values. What there is no room for
 * is left out.
 *
 * Header only, for folders of analyzers/. Knows the plugin contract and no protocol.
 */
#ifndef OTO_ANALYZERS_TEXT_H
#define OTO_ANALYZERS_TEXT_H

#include "oto_plugin.h"

struct text {
	uint8_t *at; /* NULL: nothing is kept */
	uint32_t len, room;
};

/* Borrowed like scratch memory; without room when the packet has none left. */
static inline struct text text_new(struct oto_ctx *cx, uint32_t room)
{
	uint8_t *at = oto_scratch(cx, room);

	return (struct text){ at, 0, at ? room : 0 };
}

static inline void text_put_byte(struct text *t, uint8_t b)
{
	if (t->len < t->room)
		t->at[t->len++] = b;
}

static inline void text_put_slice(struct text *t, struct oto_slice s)
{
	uint32_t n = s.len < t->room - t->len ? s.len : t->room - t->len;

	if (n)
		memcpy(&t->at[t->len], s.data, n);
	t->len += n;
}

static inline void text_put(struct text *t, const char *s)
{
	text_put_slice(t, oto_slice_of(s));
}

static inline void text_put_number(struct text *t, uint64_t n)
{
	uint8_t digits[20];
	uint32_t at = sizeof digits;

	do {
		digits[--at] = (uint8_t)('0' + n % 10);
		n /= 10;
	} while (n);
	text_put_slice(t, (struct oto_slice){ digits + at, (uint32_t)sizeof digits - at });
}

static inline void text_put_hex(struct text *t, struct oto_slice s)
{
	static const char digit[] = "0123456789abcdef";

	for (uint32_t i = 0; i < s.len && t->len < t->room; i++) {
		text_put_byte(t, (uint8_t)digit[s.data[i] >> 4]);
		text_put_byte(t, (uint8_t)digit[s.data[i] & 15]);
	}
}

/* Data NULL when nothing was put. */
static inline struct oto_slice text_end(const struct text *t)
{
	return (struct oto_slice){ t->len ? t->at : NULL, t->len };
}

#endif
