/* base.h - the few things every stage shares: errors as values, checked assertions, a bump arena, a hash, near names.
 *
 * Knows nothing of packets. Owns no state: an arena belongs to who holds it.
 */
#ifndef OTO_BASE_H
#define OTO_BASE_H

#include "oto_plugin.h"

#include <endian.h>
#include <stdarg.h>
#include <stdio.h>

/* What went wrong, where, and what to do, in one line for a person. text is empty while nothing has failed. */
struct oto_error {
	char text[512];
};

/* Set the message (err may be NULL); returns false so that a function can `return oto_fail(err, ...)`. */
bool oto_fail(struct oto_error *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* What fails again and again (a disk that is full) is told on standard error when it begins and when it is over: a sensor must not drown in
 * its own complaints. */
struct oto_trouble {
	uint64_t times; /* since it began; 0: all is well */
	uint32_t well;  /* successes since it failed last */
};
void oto_trouble_again(struct oto_trouble *t, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* It worked. True, and told, when that was `enough` times in a row after a failure: what fails now and then is not over. */
bool oto_trouble_over(struct oto_trouble *t, uint32_t enough, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* Our own mistakes: aborts in a sanitizer or debug build, counts and goes on in a release build. Never for wire bytes. */
#ifdef NDEBUG
#define OTO_CHECK(cond) (__builtin_expect(!!(cond), 1) || oto_check_failed(#cond, __FILE__, __LINE__))
#else
#define OTO_CHECK(cond) (__builtin_expect(!!(cond), 1) || (oto_check_failed(#cond, __FILE__, __LINE__), __builtin_trap(), false))
#endif
bool oto_check_failed(const char *what, const char *file, int line);

/* Allocation outside the packet path: ends the process with a message when memory is gone. */
void *oto_calloc(size_t count, size_t size);
void *oto_realloc(void *old, size_t size);
char *oto_strdup(const char *s);

/* A bump arena in chunks that are kept over a reset, so that the steady state allocates nothing. */
struct oto_arena_chunk {
	struct oto_arena_chunk *next;
	size_t size, used;
	_Alignas(16) uint8_t data[];
};
struct oto_arena {
	struct oto_arena_chunk *first, *now;
	size_t used;  /* bytes handed out since the last reset */
	size_t limit; /* 0: none */
};
struct oto_arena_mark {
	struct oto_arena_chunk *chunk;
	size_t chunk_used, used;
};
void *oto_arena_next(struct oto_arena *a, size_t size); /* of oto_arena_get(): another chunk */
/* 16-byte aligned, not zeroed; NULL beyond the limit. */
static inline void *oto_arena_get(struct oto_arena *a, size_t size)
{
	size = (size + 15) & ~(size_t)15;
	if (a->limit && a->used + size > a->limit)
		return NULL;
	if (!a->now || a->now->size - a->now->used < size)
		return oto_arena_next(a, size);
	void *p = a->now->data + a->now->used;
	a->now->used += size;
	a->used += size;
	return p;
}
void oto_arena_reset(struct oto_arena *a);
static inline struct oto_arena_mark oto_arena_mark(const struct oto_arena *a)
{
	return (struct oto_arena_mark){ a->now, a->now ? a->now->used : 0, a->used };
}
void oto_arena_rewind(struct oto_arena *a, struct oto_arena_mark m);
void oto_arena_free(struct oto_arena *a);

/* Keyed 64-bit hash (not cryptographic; keyed so that hostile traffic cannot aim at one bucket). */
uint64_t oto_hash(uint64_t seed, const void *data, size_t len);
static inline uint64_t oto_mix(uint64_t a, uint64_t b)
{
	unsigned __int128 m = (unsigned __int128)(a ^ 0x9e3779b97f4a7c15u) * (b ^ 0xe7037ed1a0b428dbu);
	return (uint64_t)m ^ (uint64_t)(m >> 64);
}

/* n < 8 bytes as the word that has them first and zeros behind. */
static inline uint64_t oto_last_word(const uint8_t *p, size_t n)
{
	uint32_t low, high;

	if (n >= 4) {
		memcpy(&low, p, 4);
		memcpy(&high, p + n - 4, 4);
		return htole64(le32toh(low) | (uint64_t)le32toh(high) << (n * 8 - 32));
	}
	return n ? htole64(p[0] | (uint64_t)p[n / 2] << (n / 2 * 8) | (uint64_t)p[n - 1] << (n - 1) * 8) : 0;
}

/* These bytes are written soon: into the processor's cache with them, while something else is done. Any address will do. */
static inline void oto_fetch(const void *p, size_t len)
{
	for (uintptr_t at = (uintptr_t)p & ~(uintptr_t)63, end = (uintptr_t)p + len; at < end; at += 64)
		__builtin_prefetch((const void *)at, 1);
}

/* A literal of the program never changes; other memory may hold another text the next time. */
static inline bool oto_is_literal(const char *text)
{
	extern const char __executable_start, edata; /* of the program as it is linked */

	return (uintptr_t)text >= (uintptr_t)&__executable_start && (uintptr_t)text < (uintptr_t)&edata;
}

/* A growing byte buffer for text on its way out. */
struct oto_buf {
	char *data;
	size_t len, cap;
};
void oto_buf_grow(struct oto_buf *b, size_t more);
/* Where the next `more` bytes go; oto_buf_end() says how far they went. For text of few bytes that is made in place. */
static inline char *oto_buf_room(struct oto_buf *b, size_t more)
{
	if (__builtin_expect(b->len + more + 1 > b->cap, 0))
		oto_buf_grow(b, more);
	return b->data + b->len;
}
static inline void oto_buf_end(struct oto_buf *b, char *end)
{
	*end = '\0';
	b->len = (size_t)(end - b->data);
}
static inline void oto_buf_chr(struct oto_buf *b, char c)
{
	char *p = oto_buf_room(b, 1);
	*p = c;
	oto_buf_end(b, p + 1);
}
static inline void oto_buf_add(struct oto_buf *b, const void *data, size_t len)
{
	char *p = oto_buf_room(b, len);
	if (len)
		memcpy(p, data, len);
	oto_buf_end(b, p + len);
}
void oto_buf_str(struct oto_buf *b, const char *s);
void oto_buf_fmt(struct oto_buf *b, const char *format, ...) __attribute__((format(printf, 2, 3)));
void oto_buf_free(struct oto_buf *b);

/* " (did you mean x, y?)" from the nearest of n candidates, or "" when none is near. Returns out. */
const char *oto_near(char *out, size_t size, const char *word, const char *const *candidates, size_t n);

/* One word of a space-separated list; advances *list. An empty slice at the end. */
struct oto_slice oto_word(const char **list);

static inline bool oto_slice_is(struct oto_slice s, const char *text)
{
	size_t n = strlen(text);
	return s.len == n && memcmp(s.data, text, n) == 0;
}

static inline bool oto_addr_equal(const struct oto_addr *a, const struct oto_addr *b)
{
	return memcmp(a, b, sizeof *a) == 0;
}

#define OTO_SECOND INT64_C(1000000000)
#define OTO_MS INT64_C(1000000)

#endif
