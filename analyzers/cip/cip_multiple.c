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

uint32_t cip_services_pass(struct cip_services *s, struct oto_slice head, uint32_t most)
{
	uint32_t n = 0;

	for (; n < most && cip_services_left(s); n++) {
		struct oto_cur behind = s->offsets, c = oto_cur_of(s->whole);
		uint32_t to = next_offset(s, &behind);
		oto_skip(&c, s->from);
		struct oto_slice begin = oto_take(&c, head.len);
		if (c.bad || s->from < first_offset(s) || s->from + head.len > to || memcmp(begin.data, head.data, head.len) != 0)
			break;
		s->offsets = behind;
		s->from = to;
		s->next++;
	}
	return n;
}
