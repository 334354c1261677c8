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
	s->next = s->until = s->wait = 0;
	s->odd = false;
	return !data.bad;
}

struct oto_slice cip_services_next(struct cip_services *s)
{
	struct oto_cur c = oto_cur_of(s->whole);
	uint32_t from = offset_at(s, s->next), to = offset_at(s, s->next + 1);

	s->next++;
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

/* What services begin with that are alike: four bytes at least, and most are no longer than eight, which two words tell. */
struct head {
	struct oto_slice bytes;
	uint32_t first, last;
};

static uint32_t word_at(struct oto_slice s, uint32_t at)
{
	uint32_t word;

	memcpy(&word, s.data + at, sizeof word);
	return word;
}

static bool is_same(const struct head *h, struct oto_slice s)
{
	uint32_t last = s.len - (uint32_t)sizeof h->last;

	return word_at(s, 0) == h->first && word_at(s, last) == h->last && (last <= 4 || memcmp(s.data + 4, h->bytes.data + 4, last - 4) == 0);
}

uint32_t cip_services_pass(struct cip_services *s, struct oto_slice head, uint32_t most)
{
	uint32_t first = first_offset(s), end = s->count < CIP_SERVICES_MAX ? s->count : CIP_SERVICES_MAX, at = s->next;
	struct oto_cur all = oto_cur_of(s->whole);

	if (head.len < sizeof(uint32_t) || at >= end)
		return 0;
	const struct head h = { head, word_at(head, 0), word_at(head, head.len - (uint32_t)sizeof(uint32_t)) };
	end = most < end - at ? at + most : end;
	for (uint32_t from = offset_at(s, at), to; at < end; from = to, at++) {
		struct oto_cur c = oto_seek(&all, from);
		struct oto_slice begin = oto_take(&c, head.len);
		to = offset_at(s, at + 1);
		if (c.bad || from < first || from + head.len > to || !is_same(&h, begin))
			break;
	}
	uint32_t n = at - s->next;
	s->next = at;
	return n;
}
