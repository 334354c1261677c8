/* cip_multiple.c - see cip_multiple.h. */
#include "cip_multiple.h"

static uint32_t next_offset(const struct cip_services *s, struct oto_cur *offsets)
{
	uint32_t offset = oto_left(offsets) ? oto_le16(offsets) : s->whole.len;

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
	s->from = next_offset(s, &s->offsets);
	s->next = s->until = s->wait = 0;
	s->odd = false;
	return !data.bad;
}

struct oto_slice cip_services_next(struct cip_services *s)
{
	struct oto_cur c = oto_cur_of(s->whole);
	uint32_t from = s->from, to = s->from = next_offset(s, &s->offsets);

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

/* Heads are short: a few words of four bytes, the last one laid over the one before it. */
static bool is_same(const uint8_t *a, const uint8_t *b, uint32_t n)
{
	uint32_t at = 0, x, y;

	if (n < sizeof x)
		return memcmp(a, b, n) == 0;
	for (bool last = false; !last; at += sizeof x) {
		last = n - at <= sizeof x;
		at = last ? n - (uint32_t)sizeof x : at;
		memcpy(&x, a + at, sizeof x);
		memcpy(&y, b + at, sizeof y);
		if (x != y)
			return false;
	}
	return true;
}

uint32_t cip_services_pass(struct cip_services *s, struct oto_slice head, uint32_t most)
{
	struct oto_cur offsets = s->offsets;
	uint32_t n = 0, from = s->from, first = first_offset(s), left = s->count < CIP_SERVICES_MAX ? s->count : CIP_SERVICES_MAX;

	left = s->next < left ? left - s->next : 0;
	for (; n < most && n < left; n++) {
		struct oto_cur behind = offsets, c = oto_cur_of(s->whole);
		uint32_t to = next_offset(s, &behind);
		oto_skip(&c, from);
		struct oto_slice begin = oto_take(&c, head.len);
		if (c.bad || from < first || from + head.len > to || !is_same(begin.data, head.data, head.len))
			break;
		offsets = behind;
		from = to;
	}
	s->offsets = offsets;
	s->from = from;
	s->next += n;
	return n;
}
