/* dnp3_objects.c - object headers (4.2.2.7): which objects, how many of them, and where each lies. Owns no state and says nothing. */
#include "dnp3.h"

enum { ADDRESS_8 = 3, ADDRESS_32 = 5, ALL = 6, COUNT_8 = 7, COUNT_32 = 9, VARIABLE = 11 };

static uint32_t take_number(struct oto_cur *c, uint8_t size)
{
	return size == 0 ? oto_u8(c) : size == 1 ? oto_le16(c) : oto_le32(c);
}

/* Told is what is wrong first. */
static bool odd(struct dnp3_parse *p, const char *what)
{
	p->odd = p->odd ? p->odd : what;
	return false;
}

/* 4.2.2.7.3.3; false: a code that is reserved, or a range that ends before it begins. */
static bool take_range(struct dnp3_parse *p, struct oto_cur *c, struct dnp3_header *h)
{
	if (h->range <= ADDRESS_32) {
		uint8_t size = h->range % ADDRESS_8;
		h->low = take_number(c, size);
		uint32_t high = take_number(c, size);
		h->has_range = h->has_count = true;
		h->count = high - h->low + 1;
		if (high < h->low || !h->count)
			return odd(p, "range_reversed");
	} else if (h->range >= COUNT_8 && h->range <= COUNT_32) {
		h->count = take_number(c, (uint8_t)(h->range - COUNT_8));
		h->has_count = true;
	} else if (h->range == VARIABLE) {
		h->count = oto_u8(c);
		h->has_count = true;
	} else if (h->range != ALL) {
		return odd(p, "reserved_qualifier");
	}
	return true;
}

/* Requests that only name objects. What is authenticated, a file's block and the time to freeze at are there all the same. */
static bool has_data(const struct dnp3_parse *p, const struct dnp3_header *h)
{
	uint8_t f = p->m.function;
	bool names = f == DNP3_READ || (f >= DNP3_IMMED_FREEZE && f <= DNP3_FREEZE_AT_TIME_NR) ||
		     (f >= DNP3_INITIALIZE_DATA && f <= DNP3_ASSIGN_CLASS && f != DNP3_START_APPL && f != DNP3_STOP_APPL &&
		      f != DNP3_INITIALIZE_APPL);

	if (!names || h->prefix >= DNP3_SIZE_8 || h->group == GROUP_AUTHENTICATION)
		return true;
	return h->group == GROUP_TIME && f != DNP3_READ;
}

/* Bytes of one object behind its prefix; 0 when it tells itself or has none. */
static uint32_t size_of(const struct dnp3_header *h)
{
	uint32_t size = 0;

	for (const char *at = h->type ? h->type->layout : ""; *at; at++) {
		switch (*at) {
		case 'n':
			size += h->variation;
			break;
		case 'i':
		case 'u':
		case 'f':
			size += 4;
			break;
		case 's':
		case 'w':
		case 'r':
		case 'a':
			size += 2;
			break;
		case 'g':
			size += 8;
			break;
		case 't':
			size += 6;
			break;
		case 'C':
			size += 11;
			break;
		case 'B':
		case 'D':
		case '*':
			break;
		default:
			size++;
		}
	}
	return size;
}

/* The length of what tells its own: attributes by their second byte, two messages of secure authentication by what they are. */
static bool own_size(const struct dnp3_header *h, struct oto_cur c, uint32_t *size)
{
	if (h->group == GROUP_ATTRIBUTE) {
		oto_skip(&c, 1);
		*size = 2u + oto_u8(&c);
		return !c.bad;
	}
	*size = h->variation == AUTH_AGGRESSIVE ? 6 : 2;
	return h->group == GROUP_AUTHENTICATION && (h->variation == AUTH_AGGRESSIVE || h->variation == AUTH_KEY_STATUS_REQUEST);
}

static bool is_packed(const struct dnp3_header *h)
{
	return h->type && (*h->type->layout == 'B' || *h->type->layout == 'D');
}

static bool tells_itself(const struct dnp3_header *h)
{
	return h->type && *h->type->layout == '*';
}

/* All objects of a header, one behind the other. */
static bool take_objects(struct dnp3_parse *p, struct oto_cur *c, struct dnp3_header *h)
{
	static const uint8_t prefix_size[] = { 0, 1, 2, 4, 1, 2, 4, 0 };
	uint64_t each = h->has_data ? size_of(h) : 0, all;
	struct oto_cur begin = *c;

	if (h->has_data && (h->prefix >= DNP3_SIZE_8 || tells_itself(h))) {
		for (uint32_t n = 0; n < h->count && !c->bad; n++) {
			uint32_t size = 0;
			if (h->prefix >= DNP3_SIZE_8) {
				size = take_number(c, (uint8_t)(h->prefix - DNP3_SIZE_8));
			} else {
				oto_skip(c, prefix_size[h->prefix]);
				if (!own_size(h, *c, &size))
					return odd(p, c->bad || h->group == GROUP_ATTRIBUTE ? "malformed_object" : "unknown_object");
			}
			oto_skip(c, size);
		}
		all = oto_tell(c) - oto_tell(&begin);
	} else if (h->has_data && is_packed(h)) {
		all = ((uint64_t)h->count * (*h->type->layout == 'B' ? 1 : 2) + 7) / 8;
	} else {
		all = (each + prefix_size[h->prefix]) * h->count;
		if (h->has_data && !h->type && h->count)
			return odd(p, "unknown_object");
	}
	if (c->bad || all > oto_left(&begin))
		return odd(p, "malformed_object");
	*c = begin;
	h->objects = oto_sub(c, (uint32_t)all);
	return true;
}

static bool take_header(struct dnp3_parse *p, struct oto_cur *c, struct dnp3_header *h)
{
	*h = (struct dnp3_header){ .group = oto_u8(c), .variation = oto_u8(c) };
	uint8_t qualifier = oto_u8(c);
	h->prefix = qualifier >> 4 & 7;
	h->range = qualifier & 0x0f;
	h->type = dnp3_object_type(h->group, h->variation);
	if (!take_range(p, c, h))
		return false;
	if (c->bad || qualifier >> 7 || h->prefix == 7)
		return odd(p, c->bad ? "malformed_object" : "reserved_qualifier");
	h->has_data = has_data(p, h);
	return take_objects(p, c, h);
}

void dnp3_walk(struct dnp3_parse *p, dnp3_each *each)
{
	struct oto_cur c = p->objects;
	struct dnp3_header h;

	while (oto_left(&c) && take_header(p, &c, &h))
		each(p, &h);
}

/* The n-th object of a header, whose cursor moves behind it. */
bool dnp3_next(struct oto_cur *c, const struct dnp3_header *h, uint32_t *n, struct dnp3_item *item)
{
	uint32_t size = h->has_data ? size_of(h) : 0;

	if (*n >= h->count || !oto_left(c))
		return false;
	*item = (struct dnp3_item){ .index = h->low + *n, .has_index = h->has_range };
	if (h->prefix >= DNP3_SIZE_8) {
		size = take_number(c, (uint8_t)(h->prefix - DNP3_SIZE_8));
	} else if (h->prefix) {
		item->index = take_number(c, (uint8_t)(h->prefix - DNP3_INDEX_8));
		item->has_index = true;
	}
	if (h->has_data && tells_itself(h) && h->prefix < DNP3_SIZE_8)
		own_size(h, *c, &size);
	item->body = oto_sub(c, size);
	(*n)++;
	return !c->bad;
}
