/* cip_multiple.c - see cip_multiple.h. */
#include "cip_multiple.h"

/* Where a service begins; behind the last one all ends. */
static uint32_t offset_at(const struct cip_services *s, uint32_t index)
{
	struct oto_cur c = oto_seek(&s->offsets, 2 * index);
	uint32_t offset = oto_left(&c) ? oto_le16(&c) : s->whole.len;

	return offset < s->whole.len ? offset : s->whole.len;
}

/* The count and the offsets themselves are no services. */
static uint32_t first_offset(const struct cip_services *s)
{
	return 2 + 2 * s->count;
}

bool cip_services_take(struct oto_slice bytes, struct cip_services *s)
{
	struct oto_cur data = oto_cur_of(bytes);

	s->whole = bytes;
	s->count = oto_le16(&data);
	s->offsets = oto_sub(&data, 2u * s->count);
	s->at = (struct cip_place){ .from = offset_at(s, 0) };
	s->until = s->wait = 0;
	s->odd = false;
	return !data.bad;
}

struct oto_slice cip_services_next(struct cip_services *s)
{
	struct oto_cur c = oto_cur_of(s->whole);
	uint32_t from = s->at.from, to = s->at.from = offset_at(s, ++s->at.next);

	if (to < from) { /* a device follows offsets that do not ascend all the same */
		s->odd = true;
		to = s->whole.len;
	}
	oto_skip(&c, from);
	if (from >= first_offset(s) && to > from)
		return oto_take(&c, to - from);
	s->odd = true;
	return (struct oto_slice){ 0 };
}

static uint32_t word_at(const uint8_t *at)
{
	uint32_t word;

	memcpy(&word, at, sizeof word);
	return word;
}

/* Of four bytes at least; most heads are no longer than eight, which two words tell that may overlap. */
static bool is_same(const uint8_t *a, const uint8_t *b, uint32_t n)
{
	uint32_t last = n - (uint32_t)sizeof(uint32_t);

	return word_at(a) == word_at(b) && word_at(a + last) == word_at(b + last) && (n <= 8 || memcmp(a, b, n) == 0);
}

uint32_t cip_services_pass(struct cip_services *s, struct oto_slice head, bool data, uint32_t most)
{
	uint32_t first = first_offset(s), end = s->count < CIP_SERVICES_MAX ? s->count : CIP_SERVICES_MAX, at = s->at.next,
		 from = s->at.from;
	struct oto_cur all = oto_cur_of(s->whole);

	if (head.len < sizeof(uint32_t) || at >= end)
		return 0;
	for (end = most < end - at ? at + most : end; at < end; at++) {
		struct oto_cur c = oto_seek(&all, from);
		struct oto_slice begin = oto_take(&c, head.len);
		uint32_t to = offset_at(s, at + 1);
		bool fits = !c.bad && from >= first && from + head.len <= to && (from + head.len < to) == data;
		if (!fits || !is_same(begin.data, head.data, head.len))
			break;
		from = to;
	}
	uint32_t n = at - s->at.next;
	s->at = (struct cip_place){ at, from };
	return n;
}
