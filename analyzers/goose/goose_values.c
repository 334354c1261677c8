/* goose_values.c - a GOOSE data set (IEC 61850-8-1 annex A, Data of ISO 9506-2) as words: for the moments when something changed.
 */
#include <inttypes.h>

#include "goose.h"

enum {
	ARRAY = 0xa1,
	STRUCTURE = 0xa2,
	BOOLEAN = 0x83,
	BITS = 0x84,
	INTEGER = 0x85,
	UNSIGNED = 0x86,
	REAL = 0x87,
	OCTETS = 0x89,
	VISIBLE = 0x8a
};
enum { BCD = 0x8d, MMS_STRING = 0x90, UTC_TIME = 0x91 };
enum { DEPTH_MAX = 6, TEXT_MAX = 40 };

static struct oto_slice hex(struct oto_ctx *cx, struct oto_slice s)
{
	static const char digit[] = "0123456789abcdef";
	char *text;

	s = say_first(s, TEXT_MAX / 2);
	text = oto_scratch(cx, 2 + 2 * (size_t)s.len);
	if (!text)
		return (struct oto_slice){ 0 };
	memcpy(text, "0x", 2);
	for (uint32_t i = 0; i < s.len; i++) {
		text[2 + 2 * i] = digit[s.data[i] >> 4];
		text[3 + 2 * i] = digit[s.data[i] & 15];
	}
	return (struct oto_slice){ (const uint8_t *)text, 2 + 2 * s.len };
}

/* The first octet says how many bits of the last do not count. */
static struct oto_slice bits(struct oto_ctx *cx, struct oto_slice s)
{
	uint32_t unused = s.len ? s.data[0] & 7 : 0, count = s.len > 1 ? (s.len - 1) * 8 - unused : 0;
	char *text;

	if (count > TEXT_MAX)
		return hex(cx, say_from(s, 1));
	text = oto_scratch(cx, count + 1);
	for (uint32_t i = 0; text && i < count; i++)
		text[i] = s.data[1 + i / 8] >> (7 - i % 8) & 1 ? '1' : '0';
	return (struct oto_slice){ (const uint8_t *)text, text ? count : 0 };
}

/* A length of the exponent, then IEEE 754 of four or eight octets. */
static struct oto_slice real(struct oto_ctx *cx, struct oto_slice s)
{
	struct oto_cur c = oto_cur_of(s);
	double value;

	oto_skip(&c, 1);
	if (s.len == 5) {
		uint32_t raw = oto_be32(&c);
		float single;
		memcpy(&single, &raw, sizeof single);
		value = (double)single;
	} else if (s.len == 9) {
		uint64_t raw = oto_be64(&c);
		memcpy(&value, &raw, sizeof value);
	} else {
		return hex(cx, s);
	}
	return say_text(cx, 24, "%.7g", value);
}

static struct oto_slice value(struct oto_ctx *cx, const struct ber *e)
{
	uint64_t positive;
	int64_t number;

	switch (e->tag) {
	case BOOLEAN:
		return oto_slice_of(e->value.len && e->value.data[0] ? "true" : "false");
	case BITS:
		return bits(cx, e->value);
	case INTEGER:
	case BCD:
		return ber_integer_of(e->value, &number) ? say_text(cx, 24, "%" PRId64, number) : hex(cx, e->value);
	case UNSIGNED:
		return ber_unsigned_of(e->value, &positive) ? say_text(cx, 24, "%" PRIu64, positive) : hex(cx, e->value);
	case REAL:
		return real(cx, e->value);
	case VISIBLE:
	case MMS_STRING:
		return say_first(e->value, TEXT_MAX);
	case UTC_TIME:
	case OCTETS:
	default:
		return hex(cx, e->value);
	}
}

struct oto_list goose_values(struct oto_ctx *cx, struct oto_slice all_data, uint32_t *total)
{
	struct oto_slice *items = oto_scratch(cx, GOOSE_VALUES_MAX * sizeof *items);
	struct oto_cur level[DEPTH_MAX] = { oto_cur_of(all_data) };
	uint32_t depth = 0, count = 0;
	struct ber e;

	*total = 0;
	for (;;) {
		if (!ber_next(&level[depth], &e)) {
			if (!depth)
				break;
			depth--;
			continue;
		}
		if ((e.tag == ARRAY || e.tag == STRUCTURE) && depth + 1 < DEPTH_MAX) {
			level[++depth] = oto_cur_of(e.value);
			continue;
		}
		++*total;
		if (items && count < GOOSE_VALUES_MAX)
			items[count++] = value(cx, &e);
	}
	return (struct oto_list){ items, items ? count : 0 };
}
