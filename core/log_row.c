/* log_row.c - a row as tab-separated text. See log_row.h. */
#include "log_row.h"

#include "value_text.h"

/* How a column is written: numbers as they are and times from where they stand; words, which are what eight bytes at most stand for, as
 * they were written the last time; the rest by its value. */
enum how { BY_VALUE, HOW_NUMBER, HOW_SECONDS, HOW_ADDR, HOW_MAC, HOW_WORD, HOW_STR };

enum { ROOM = OTO_ADDR_TEXT + 2 }; /* for a column of fixed size or a word, and its tab */

static enum how how_of(const struct oto_field *f)
{
	bool bare = !f->names && !(f->flags & (OTO_SECONDS | OTO_HEX));

	switch (f->kind) {
	case OTO_U8:
	case OTO_U16:
	case OTO_U32:
	case OTO_U64:
		return bare ? HOW_NUMBER : HOW_WORD;
	case OTO_BOOL:
	case OTO_I64:
	case OTO_F64:
		return HOW_WORD;
	case OTO_TIME:
	case OTO_INTERVAL:
		return HOW_SECONDS;
	case OTO_ADDR:
		return HOW_ADDR;
	case OTO_MAC:
		return HOW_MAC;
	case OTO_STR:
		return f->flags & OTO_INLINE ? BY_VALUE : HOW_STR;
	default:
		return BY_VALUE;
	}
}

static uint8_t size_of(const struct oto_field *f)
{
	switch (f->kind) {
	case OTO_BOOL:
	case OTO_U8:
		return 1;
	case OTO_U16:
		return 2;
	case OTO_U32:
		return 4;
	default:
		return 8;
	}
}

void oto_row_steps(const struct oto_field_ref *refs, uint32_t n, struct oto_row_step *steps)
{
	for (uint32_t i = 0; i < n; i++)
		steps[i] = (struct oto_row_step){ .ref = refs[i],
						  .offset = refs[i].field->offset,
						  .guard = refs[i].field->guard,
						  .how = (uint8_t)how_of(refs[i].field),
						  .size = size_of(refs[i].field) };
}

static inline uint64_t bits_at(const void *p, uint8_t size)
{
	switch (size) {
	case 1:
		return *(const uint8_t *)p;
	case 2:
		return *(const uint16_t *)p;
	case 4:
		return *(const uint32_t *)p;
	default:
		return *(const uint64_t *)p;
	}
}

/* A column of any length or kind; room is made for `more` columns behind it. */
static char *by_value(const struct oto_row_step *s, const struct oto_event *event, struct oto_buf *out, char *at, uint32_t more)
{
	struct oto_value v;

	oto_buf_end(out, at);
	oto_value_get(event, s->ref, &v);
	oto_value_text(&v, out);
	return oto_buf_room(out, (size_t)(more + 1) * ROOM);
}

/* A column whose text depends on `value` alone. */
static inline char *by_word(struct oto_row_step *s, uint64_t value, const struct oto_event *event, struct oto_buf *out, char *at,
			    uint32_t more)
{
	struct oto_row_word *word = &s->word[value * UINT64_C(0x9e3779b97f4a7c15) >> 62];
	size_t start = (size_t)(at - out->data);

	if (__builtin_expect(word->value == value && word->len, 1)) {
		memcpy(at, word->text, sizeof word->text);
		return at + word->len;
	}
	at = by_value(s, event, out, at, more);
	if (out->len - start <= sizeof word->text) {
		word->value = value;
		word->len = (uint8_t)(out->len - start);
		memcpy(word->text, out->data + start, word->len);
	}
	return at;
}

void oto_row_write(struct oto_row_step *steps, uint32_t n, const struct oto_event *event, struct oto_buf *out)
{
	const char *base[] = { event->data, (const char *)event->head };
	char *at = oto_buf_room(out, (size_t)(n + 1) * ROOM);
	const char *text;

	for (struct oto_row_step *s = steps, *end = steps + n; s < end; s++) {
		const char *from = base[s->ref.in_head];
		const void *p = from + s->offset;
		if (!from || (s->guard && !*(const bool *)(from + s->guard - 1))) { /* most columns of most rows */
			memcpy(at, "-\t", 2);
			at += 2;
			continue;
		}
		switch ((enum how)s->how) {
		case HOW_NUMBER:
			at = oto_text_u64(bits_at(p, s->size), at);
			break;
		case HOW_SECONDS:
			at = oto_text_seconds(*(const int64_t *)p, at);
			break;
		case HOW_MAC:
			at = oto_text_mac(p, at);
			break;
		case HOW_ADDR:
			at = oto_text_addr(p, at);
			break;
		case HOW_WORD:
			at = by_word(s, bits_at(p, s->size), event, out, at, (uint32_t)(end - s));
			break;
		case HOW_STR: /* words of the program stay what they are; of others the next may stand at the same place */
			text = *(const char *const *)p;
			if (!text)
				*at++ = '-';
			else if (oto_is_literal(text))
				at = by_word(s, (uintptr_t)text, event, out, at, (uint32_t)(end - s));
			else
				at = by_value(s, event, out, at, (uint32_t)(end - s));
			break;
		case BY_VALUE:
			at = by_value(s, event, out, at, (uint32_t)(end - s));
		}
		*at++ = '\t';
	}
	oto_buf_end(out, at);
}
