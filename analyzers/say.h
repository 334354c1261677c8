/* say.h - what analyzers of IT protocols share when they speak: the sender's MAC, facts with their owner, short texts in scratch memory.
 *
 * Header only, for folders of analyzers/. Knows the plugin contract and no protocol. Texts are formatted where something new is
 * told, not per packet of a steady stream.
 */
#ifndef OTO_ANALYZERS_SAY_H
#define OTO_ANALYZERS_SAY_H

#include <arpa/inet.h>
#include <stdarg.h>
#include <stdio.h>

#include "oto_plugin.h"

/* Confidence of a fact, see struct oto_fact. */
enum { SAY_SURE = 100, SAY_STATED = 80, SAY_INFERRED = 50, SAY_HINT = 20 };

static inline struct oto_mac say_sender_mac(const struct oto_ctx *cx)
{
	return cx->is_orig ? cx->head->orig_mac : cx->head->resp_mac;
}

static inline bool say_is_set(const struct oto_addr *a)
{
	static const uint8_t none[16];
	return a->family != OTO_FAMILY_NONE && memcmp(a->byte, none, sizeof none) != 0;
}

static inline bool say_same(const struct oto_addr *a, const struct oto_addr *b)
{
	return memcmp(a, b, sizeof *a) == 0;
}

/* Neither zero nor a group address (IEEE 802 8.2: the lowest bit of the first byte). */
static inline bool say_is_station(const struct oto_mac *mac)
{
	static const struct oto_mac none;
	return !oto_mac_is_group(mac) && memcmp(mac, &none, sizeof none) != 0;
}

/* Formatted text of at most `room` bytes; empty when the packet has no memory left. */
__attribute__((format(printf, 3, 4))) static inline struct oto_slice say_text(struct oto_ctx *cx, uint32_t room, const char *format, ...)
{
	char *text = oto_scratch(cx, (size_t)room + 1);
	va_list args;

	if (!text)
		return (struct oto_slice){ 0 };
	va_start(args, format);
	vsnprintf(text, (size_t)room + 1, format, args);
	va_end(args);
	return oto_slice_of(text);
}

static inline struct oto_slice say_copy(struct oto_ctx *cx, struct oto_slice s)
{
	uint8_t *text = s.len ? oto_scratch(cx, s.len) : NULL;

	if (text)
		memcpy(text, s.data, s.len);
	return (struct oto_slice){ text, text ? s.len : 0 };
}

static inline uint32_t say_put_octet(uint8_t n, uint8_t *at)
{
	uint32_t i = 0;

	if (n >= 100)
		at[i++] = (uint8_t)('0' + n / 100);
	if (n >= 10)
		at[i++] = (uint8_t)('0' + n / 10 % 10);
	at[i++] = (uint8_t)('0' + n % 10);
	return i;
}

/* Of IPv4, in which devices tell theirs with each frame, without a walk through printf. */
static inline struct oto_slice say_addr(struct oto_ctx *cx, const struct oto_addr *a)
{
	uint8_t *text = oto_scratch(cx, INET6_ADDRSTRLEN);
	uint32_t len = 0;

	if (text && a->family == OTO_FAMILY_IPV6)
		return inet_ntop(AF_INET6, a->byte, (char *)text, INET6_ADDRSTRLEN) ? oto_slice_of((char *)text) : (struct oto_slice){ 0 };
	for (uint32_t i = 0; text && i < 4; i++) {
		len += say_put_octet(a->byte[i], text + len);
		if (i < 3)
			text[len++] = '.';
	}
	return (struct oto_slice){ text, len };
}

static inline struct oto_slice say_mac(struct oto_ctx *cx, const uint8_t *b)
{
	enum { BYTES = 6, EACH = 3 };
	uint8_t *text = oto_scratch(cx, BYTES * EACH);

	for (uint32_t i = 0; text && i < BYTES; i++) {
		text[i * EACH] = (uint8_t) "0123456789abcdef"[b[i] >> 4];
		text[i * EACH + 1] = (uint8_t) "0123456789abcdef"[b[i] & 15];
		if (i < BYTES - 1)
			text[i * EACH + 2] = ':';
	}
	return (struct oto_slice){ text, text ? BYTES * EACH - 1 : 0 };
}

/* Without zero bytes, spaces and line ends at its end. */
static inline struct oto_slice say_trim(struct oto_slice s)
{
	while (s.len && (s.data[s.len - 1] <= ' '))
		s.len--;
	return s;
}

/* Up to the first zero byte: a string of C. */
static inline struct oto_slice say_string(struct oto_slice s)
{
	const void *zero = s.len ? memchr(s.data, 0, s.len) : NULL;

	return zero ? (struct oto_slice){ s.data, (uint32_t)((const uint8_t *)zero - s.data) } : s;
}

static inline uint8_t say_lower(uint8_t c)
{
	return c >= 'A' && c <= 'Z' ? (uint8_t)(c + ('a' - 'A')) : c;
}

/* Does it begin with these characters? Case does not matter. */
static inline bool say_begins(struct oto_slice s, const char *with)
{
	for (uint32_t i = 0; with[i]; i++) {
		if (i >= s.len || say_lower(s.data[i]) != say_lower((uint8_t)with[i]))
			return false;
	}
	return true;
}

static inline bool say_is(struct oto_slice s, const char *word)
{
	return s.len == strlen(word) && say_begins(s, word);
}

static inline struct oto_slice say_from(struct oto_slice s, uint32_t offset)
{
	return s.data && offset <= s.len ? (struct oto_slice){ &s.data[offset], s.len - offset } : (struct oto_slice){ 0 };
}

static inline struct oto_slice say_first(struct oto_slice s, uint32_t n)
{
	return (struct oto_slice){ s.data, s.len < n ? s.len : n };
}

/* Offset of a byte, or the length. */
static inline uint32_t say_find(struct oto_slice s, char byte)
{
	const void *at = s.len ? memchr(s.data, byte, s.len) : NULL;

	return at ? (uint32_t)((const uint8_t *)at - s.data) : s.len;
}

/* The next line of a text, without its end; *rest moves behind it. False when there is none. */
static inline bool say_line(struct oto_slice *rest, struct oto_slice *line)
{
	if (!rest->len)
		return false;
	uint32_t n = say_find(*rest, '\n');
	*line = say_first(*rest, n);
	*rest = say_from(*rest, n + 1);
	if (line->len && line->data[line->len - 1] == '\r')
		line->len--;
	return true;
}

/* A fact of the sender. */
static inline void say_fact(struct oto_ctx *cx, const char *key, struct oto_slice value, uint8_t confidence)
{
	oto_fact(cx, &(struct oto_fact){ .self_size = sizeof(struct oto_fact), .key = key, .value = value, .confidence = confidence });
}

/* A fact of somebody else, named by address, MAC or both (NULL: not known). */
static inline void say_fact_of(struct oto_ctx *cx, const struct oto_addr *ip, const struct oto_mac *mac, const char *key,
			       struct oto_slice value, uint8_t confidence)
{
	struct oto_fact f = { .self_size = sizeof f, .key = key, .value = value, .confidence = confidence, .whose = OTO_OTHER };

	if (ip)
		f.ip = *ip;
	if (mac) {
		f.mac = *mac;
		f.has_mac = true;
	}
	oto_fact(cx, &f);
}

#endif
