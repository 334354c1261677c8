/* base.c - errors, checked assertions, arena, hash, text buffer, near names. See base.h. */
#include "base.h"

#include <ctype.h>
#include <stdlib.h>

bool oto_fail(struct oto_error *err, const char *format, ...)
{
	va_list ap;

	if (!err)
		return false;
	va_start(ap, format);
	vsnprintf(err->text, sizeof err->text, format, ap);
	va_end(ap);
	return false;
}

static void complain(const char *format, va_list ap)
{
	struct oto_error line;

	vsnprintf(line.text, sizeof line.text, format, ap);
	fprintf(stderr, "otoscope: %s\n", line.text);
}

void oto_trouble_again(struct oto_trouble *t, const char *format, ...)
{
	va_list ap;

	t->well = 0;
	if (t->times++)
		return;
	va_start(ap, format);
	complain(format, ap);
	va_end(ap);
}

bool oto_trouble_over(struct oto_trouble *t, uint32_t enough, const char *format, ...)
{
	va_list ap;

	if (!t->times || ++t->well < enough)
		return false;
	t->times = 0;
	va_start(ap, format);
	complain(format, ap);
	va_end(ap);
	return true;
}

bool oto_check_failed(const char *what, const char *file, int line)
{
	/* Rate: one line a place is enough for a report, and a sensor must not drown in its own complaint. */
	static _Thread_local int last_line;

	if (line != last_line)
		fprintf(stderr, "otoscope: internal check failed: %s (%s:%d); please report this\n", what, file, line);
	last_line = line;
	return false;
}

static void *must(void *p)
{
	if (!p) {
		fputs("otoscope: out of memory\n", stderr);
		abort();
	}
	return p;
}

void *oto_calloc(size_t count, size_t size)
{
	return must(calloc(count ? count : 1, size ? size : 1));
}

void *oto_realloc(void *old, size_t size)
{
	return must(realloc(old, size ? size : 1));
}

char *oto_strdup(const char *s)
{
	return must(strdup(s));
}

/* ------------------------------------------------------------------------------------------------ arena */

#define CHUNK_BYTES (64u * 1024u)

static struct oto_arena_chunk *chunk_for(struct oto_arena *a, size_t size)
{
	struct oto_arena_chunk **link = a->now ? &a->now->next : &a->first;

	while (*link && (*link)->size < size)
		link = &(*link)->next;
	if (!*link) {
		size_t bytes = size > CHUNK_BYTES ? size : CHUNK_BYTES;
		*link = must(malloc(sizeof **link + bytes));
		**link = (struct oto_arena_chunk){ .size = bytes };
	}
	(*link)->used = 0;
	return *link;
}

void *oto_arena_next(struct oto_arena *a, size_t size)
{
	a->now = chunk_for(a, size);
	a->now->used = size;
	a->used += size;
	return a->now->data;
}

void oto_arena_reset(struct oto_arena *a)
{
	a->now = a->first;
	if (a->now)
		a->now->used = 0;
	a->used = 0;
}

void oto_arena_rewind(struct oto_arena *a, struct oto_arena_mark m)
{
	if (!m.chunk) {
		oto_arena_reset(a);
		return;
	}
	a->now = m.chunk;
	a->now->used = m.chunk_used;
	a->used = m.used;
}

void oto_arena_free(struct oto_arena *a)
{
	for (struct oto_arena_chunk *c = a->first, *next; c; c = next) {
		next = c->next;
		free(c);
	}
	*a = (struct oto_arena){ .limit = a->limit };
}

/* ------------------------------------------------------------------------------------------------ hash */

static uint64_t load64(const uint8_t *p, size_t n)
{
	uint64_t v = 0;
	memcpy(&v, p, n);
	return v;
}

uint64_t oto_hash(uint64_t seed, const void *data, size_t len)
{
	const uint8_t *p = data;
	uint64_t h = seed ^ len * UINT64_C(0xa0761d6478bd642f);

	for (; len >= 16; p += 16, len -= 16)
		h = oto_mix(h ^ load64(p, 8), load64(p + 8, 8));
	uint64_t a = load64(p, len < 8 ? len : 8), b = len > 8 ? load64(p + 8, len - 8) : 0;
	return oto_mix(oto_mix(h ^ a, b ^ UINT64_C(0x8ebc6af09c88c6e3)), seed);
}

/* ------------------------------------------------------------------------------------------------ text buffer */

void oto_buf_grow(struct oto_buf *b, size_t more)
{
	size_t cap = b->cap ? b->cap * 2 : 256;
	while (cap < b->len + more + 1)
		cap *= 2;
	b->data = oto_realloc(b->data, cap);
	b->cap = cap;
}

void oto_buf_str(struct oto_buf *b, const char *s)
{
	oto_buf_add(b, s, strlen(s));
}

void oto_buf_fmt(struct oto_buf *b, const char *format, ...)
{
	va_list ap;

	for (size_t room = 64;;) {
		oto_buf_room(b, room);
		va_start(ap, format);
		int n = vsnprintf(b->data + b->len, b->cap - b->len, format, ap);
		va_end(ap);
		if (n < 0)
			return;
		if ((size_t)n < b->cap - b->len) {
			b->len += (size_t)n;
			return;
		}
		room = (size_t)n + 1;
	}
}

void oto_buf_free(struct oto_buf *b)
{
	free(b->data);
	*b = (struct oto_buf){ 0 };
}

/* ------------------------------------------------------------------------------------------------ words */

#define WORD_MAX 48

/* Levenshtein distance, case-blind; words beyond WORD_MAX count as far away. */
static size_t distance(const char *a, const char *b)
{
	size_t na = strlen(a), nb = strlen(b), row[WORD_MAX + 1];

	if (na > WORD_MAX || nb > WORD_MAX)
		return WORD_MAX;
	for (size_t j = 0; j <= nb; j++)
		row[j] = j;
	for (size_t i = 1; i <= na; i++) {
		size_t diagonal = row[0];
		row[0] = i;
		for (size_t j = 1; j <= nb; j++) {
			size_t same = diagonal + (tolower((unsigned char)a[i - 1]) != tolower((unsigned char)b[j - 1]));
			diagonal = row[j];
			size_t step = (row[j] < row[j - 1] ? row[j] : row[j - 1]) + 1;
			row[j] = same < step ? same : step;
		}
	}
	return row[nb];
}

const char *oto_near(char *out, size_t size, const char *word, const char *const *candidates, size_t n)
{
	enum { SHOWN = 3 };
	const char *best[SHOWN] = { NULL };
	size_t score[SHOWN], len = strlen(word);
	size_t near = len > 3 ? len / 3 + 1 : len / 3; /* half of a short word changed is another word */

	for (size_t i = 0; i < n; i++) {
		size_t d = distance(word, candidates[i]);
		if (d > near && !(len >= 3 && strstr(candidates[i], word)))
			continue;
		for (size_t k = 0; k < SHOWN; k++) {
			if (best[k] && strcmp(best[k], candidates[i]) == 0)
				break;
			if (best[k] && score[k] <= d)
				continue;
			for (size_t m = SHOWN - 1; m > k; m--)
				best[m] = best[m - 1], score[m] = score[m - 1];
			best[k] = candidates[i], score[k] = d;
			break;
		}
	}
	if (!size)
		return out;
	out[0] = '\0';
	size_t at = 0;
	for (size_t k = 0; k < SHOWN && best[k] && at < size; k++)
		at += (size_t)snprintf(out + at, size - at, "%s%s", k ? ", " : " (did you mean ", best[k]);
	if (at && at < size)
		snprintf(out + at, size - at, "?)");
	return out;
}

struct oto_slice oto_word(const char **list)
{
	const char *p = *list;

	while (p && *p == ' ')
		p++;
	const char *start = p;
	while (p && *p && *p != ' ')
		p++;
	*list = p;
	return (struct oto_slice){ (const uint8_t *)start, p ? (uint32_t)(p - start) : 0 };
}
