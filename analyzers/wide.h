/* wide.h - UTF-16 (little endian) of Windows' protocols as the UTF-8 of logs.
 *
 * Header only, for folders of analyzers/. Owns nothing; texts are scratch memory of the packet.
 */
#ifndef OTO_ANALYZERS_WIDE_H
#define OTO_ANALYZERS_WIDE_H

#include "oto_plugin.h"

static inline uint32_t wide_put(uint8_t *out, uint32_t code)
{
	static const uint8_t lead[] = { 0, 0xc0, 0xe0, 0xf0 };
	uint32_t more = code < 0x80 ? 0 : code < 0x800 ? 1 : code < 0x10000 ? 2 : 3, n = 0;

	out[n++] = (uint8_t)(lead[more] | code >> (6 * more));
	while (more--)
		out[n++] = (uint8_t)(0x80 | (code >> (6 * more) & 0x3f));
	return n;
}

/* The next character; half a surrogate pair becomes a question mark. */
static inline uint32_t wide_next(struct oto_cur *c)
{
	uint32_t code = oto_le16(c);

	if (code < 0xd800 || code >= 0xe000)
		return code;
	if (code >= 0xdc00 || oto_left(c) < 2)
		return '?';
	struct oto_cur look = *c;
	uint32_t low = oto_le16(&look);
	if (low < 0xdc00 || low >= 0xe000)
		return '?';
	*c = look;
	return 0x10000 + ((code & 0x3ff) << 10 | (low & 0x3ff));
}

/* Into `out`, up to a zero character, the end or no more room; the length. */
static inline uint32_t wide_into(uint8_t *out, uint32_t room, struct oto_slice wide)
{
	struct oto_cur c = oto_cur_of(wide);
	uint32_t n = 0;

	while (oto_left(&c) >= 2 && n + 4 <= room) {
		uint32_t code = wide_next(&c);
		if (!code)
			break;
		n += wide_put(&out[n], code);
	}
	return n;
}

enum { WIDE_MAX = 8192 }; /* bytes of a text that are read */

/* As scratch memory; empty (but there) for empty text. */
static inline struct oto_slice wide_text(struct oto_ctx *cx, struct oto_slice wide)
{
	uint32_t len = wide.len < WIDE_MAX ? wide.len : WIDE_MAX, room = len * 2 + 4;
	uint8_t *out = oto_scratch(cx, room);

	return out ? (struct oto_slice){ out, wide_into(out, room, (struct oto_slice){ wide.data, len }) } : (struct oto_slice){ 0 };
}

#endif
