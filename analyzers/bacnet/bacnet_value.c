/* bacnet_value.c - tags (20.2.1) and what stands in them, as numbers and as text. Knows no service.
 *
 * Texts are put together by hand: values are told all day.
 */
#include "bacnet.h"

enum { CONTEXT = 8, EXTENDED = 5, OPENING = 6, CLOSING = 7 };
enum {
	TYPE_NULL,
	TYPE_BOOLEAN,
	TYPE_UNSIGNED,
	TYPE_SIGNED,
	TYPE_REAL,
	TYPE_DOUBLE,
	TYPE_OCTETS,
	TYPE_STRING,
	TYPE_BITS,
	TYPE_ENUMERATED,
	TYPE_DATE,
	TYPE_TIME,
	TYPE_OBJECT
};
enum { TEXT_MAX = 512 };

/* ------------------------------------------------------------------------------------------------ tags */

static uint32_t extended_length(struct oto_cur *c)
{
	uint8_t length = oto_u8(c);

	return length == 254 ? oto_be16(c) : length == 255 ? oto_be32(c) : length;
}

bool bacnet_next(struct oto_cur *c, struct bacnet_tag *tag)
{
	if (c->bad || !oto_left(c))
		return false;
	uint8_t first = oto_u8(c), kind = first & 7;
	*tag = (struct bacnet_tag){ .number = first >> 4, .context = first & CONTEXT };
	if (tag->number == 15)
		tag->number = oto_u8(c);
	tag->opening = tag->context && kind == OPENING;
	tag->closing = tag->context && kind == CLOSING;
	if (tag->opening || tag->closing)
		return !c->bad;
	if (!tag->context && kind >= OPENING)
		c->bad = true;
	tag->value = kind == EXTENDED ? extended_length(c) : kind;
	if (tag->context || tag->number != TYPE_BOOLEAN)
		tag->data = oto_take(c, tag->value);
	return !c->bad;
}

bool bacnet_well_formed(struct oto_slice content)
{
	uint32_t open[DEPTH_MAX], depth = 0;
	struct oto_cur c = oto_cur_of(content);
	struct bacnet_tag tag;

	while (bacnet_next(&c, &tag)) {
		if (tag.opening && depth == DEPTH_MAX)
			return false;
		if (tag.opening)
			open[depth++] = tag.number;
		else if (tag.closing && (!depth || open[--depth] != tag.number))
			return false;
	}
	return !c.bad && !depth;
}

bool bacnet_take_context(struct oto_cur *c, uint32_t number, struct bacnet_tag *tag)
{
	struct oto_cur look = *c;

	if (!bacnet_next(&look, tag) || !tag->context || tag->opening || tag->closing || tag->number != number)
		return false;
	*c = look;
	return true;
}

bool bacnet_take_application(struct oto_cur *c, uint32_t number, struct bacnet_tag *tag)
{
	struct oto_cur look = *c;

	if (!bacnet_next(&look, tag) || tag->context || tag->number != number)
		return false;
	*c = look;
	return true;
}

static bool take_bracket(struct oto_cur *c, uint32_t number, bool opening)
{
	struct oto_cur look = *c;
	struct bacnet_tag tag;

	if (!bacnet_next(&look, &tag) || (opening ? !tag.opening : !tag.closing) || tag.number != number)
		return false;
	*c = look;
	return true;
}

bool bacnet_take_opening(struct oto_cur *c, uint32_t number)
{
	return take_bracket(c, number, true);
}

bool bacnet_take_closing(struct oto_cur *c, uint32_t number)
{
	return take_bracket(c, number, false);
}

struct oto_cur bacnet_inside(struct oto_cur *c)
{
	uint32_t from = oto_tell(c), to = from, depth = 1;
	struct bacnet_tag tag;

	while (depth && bacnet_next(c, &tag)) {
		depth += tag.opening;
		depth -= tag.closing;
		if (depth)
			to = oto_tell(c);
	}
	struct oto_cur start = oto_seek(c, from);
	return oto_sub(&start, to - from);
}

void bacnet_skip(struct oto_cur *c)
{
	struct bacnet_tag tag;

	if (bacnet_next(c, &tag) && tag.opening)
		bacnet_inside(c);
}

/* ------------------------------------------------------------------------------------------------ numbers */

uint64_t bacnet_unsigned(struct oto_slice data)
{
	uint64_t value = 0;

	for (uint32_t i = 0; i < data.len; i++)
		value = value << 8 | data.data[i];
	return data.len > 8 ? UINT64_MAX : value;
}

int64_t bacnet_signed(struct oto_slice data)
{
	uint64_t value = bacnet_unsigned(data);

	if (data.len && data.len < 8 && data.data[0] & 0x80)
		value |= UINT64_MAX << (8 * data.len);
	return (int64_t)value;
}

bool bacnet_object(struct oto_slice data, struct bacnet_place *place)
{
	uint32_t both = (uint32_t)bacnet_unsigned(data);

	if (data.len != 4)
		return false;
	place->object_type = (uint16_t)(both >> 22);
	place->instance = both & 0x3fffff;
	return place->has_object = true;
}

static double real_of(const struct bacnet_tag *tag)
{
	uint64_t bits = bacnet_unsigned(tag->data);
	uint32_t low = (uint32_t)bits;
	float single;
	double value;

	if (tag->number == TYPE_DOUBLE) {
		memcpy(&value, &bits, sizeof value);
		return value;
	}
	memcpy(&single, &low, sizeof single);
	return (double)single;
}

/* ------------------------------------------------------------------------------------------------ text */

struct text {
	uint8_t *at;
	uint32_t len, room;
};

static struct text text_begin(struct oto_ctx *cx, uint32_t room)
{
	uint8_t *at = oto_scratch(cx, room);

	return (struct text){ at, 0, at ? room : 0 };
}

static struct oto_slice text_end(const struct text *t)
{
	return (struct oto_slice){ t->at, t->len };
}

static void put_byte(struct text *t, uint8_t byte)
{
	if (t->len < t->room)
		t->at[t->len++] = byte;
}

static void put(struct text *t, const char *word)
{
	while (*word)
		put_byte(t, (uint8_t)*word++);
}

static void put_number(struct text *t, uint64_t n)
{
	uint8_t digits[20];
	uint32_t k = 0;

	do
		digits[k++] = (uint8_t)('0' + n % 10);
	while (n /= 10);
	while (k)
		put_byte(t, digits[--k]);
}

static void put_signed(struct text *t, int64_t n)
{
	if (n < 0)
		put_byte(t, '-');
	put_number(t, n < 0 ? 0 - (uint64_t)n : (uint64_t)n);
}

static void put_hex(struct text *t, uint8_t byte)
{
	put_byte(t, (uint8_t) "0123456789abcdef"[byte >> 4]);
	put_byte(t, (uint8_t) "0123456789abcdef"[byte & 15]);
}

/* As printf's %f has it. A float has 24 bits and a million 14 beside its powers of two: their product is exact, and so is the rounding. */
static void put_real(struct text *t, double value, bool is_single)
{
	double most = 9e12, whole = value < 0 ? -value : value;

	if (!is_single || !(whole < most)) {
		char slow[340];
		snprintf(slow, sizeof slow, "%f", value);
		put(t, slow);
		return;
	}
	double scaled = whole * 1e6;
	uint64_t micro = (uint64_t)scaled;
	double rest = scaled - (double)micro;
	micro += rest > 0.5 || (rest >= 0.5 && micro & 1);
	if (value < 0 || (value == 0 && 1 / value < 0))
		put_byte(t, '-');
	put_number(t, micro / 1000000);
	put_byte(t, '.');
	for (uint32_t unit = 100000; unit; unit /= 10)
		put_byte(t, (uint8_t)('0' + micro / unit % 10));
}

/* UCS-2 and UCS-4, big endian, and Latin 1. */
static struct oto_slice wide_string(struct oto_ctx *cx, struct oto_slice data, uint32_t width)
{
	static const uint8_t lead[] = { 0, 0xc0, 0xe0, 0xf0 };
	struct oto_cur c = oto_cur_of(data);
	struct text t = text_begin(cx, TEXT_MAX);

	while (oto_left(&c) >= width && t.len + 4 <= t.room) {
		uint32_t code = width == 1 ? oto_u8(&c) : width == 2 ? oto_be16(&c) : oto_be32(&c);
		uint32_t more = code < 0x80 ? 0 : code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
		if (code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) {
			put_byte(&t, '?');
			continue;
		}
		put_byte(&t, (uint8_t)(lead[more] | code >> (6 * more)));
		while (more--)
			put_byte(&t, (uint8_t)(0x80 | (code >> (6 * more) & 0x3f)));
	}
	return text_end(&t);
}

struct oto_slice bacnet_string(struct oto_ctx *cx, struct oto_slice data)
{
	enum { UTF8, DBCS, JIS, UCS4, UCS2, LATIN1 };
	struct oto_slice text = say_from(data, 1);

	switch (data.len ? data.data[0] : UTF8) {
	case DBCS: /* two bytes name the code page */
		return oto_oem(cx, say_from(data, 3));
	case UCS4:
		return wide_string(cx, text, 4);
	case UCS2:
		return wide_string(cx, text, 2);
	case LATIN1:
		return wide_string(cx, text, 1);
	default:
		return text.data ? text : (struct oto_slice){ (const uint8_t *)"", 0 };
	}
}

/* ICSNPP writes all bits of the bytes; those that are not used (20.2.10) are left out here. */
static void put_bits(struct text *t, struct oto_slice data)
{
	uint32_t unused = data.len ? data.data[0] : 0, bits = data.len ? (data.len - 1) * 8 : 0;

	bits = unused < 8 && bits >= unused ? bits - unused : 0;
	for (uint32_t i = 0; i < bits; i++)
		put_byte(t, data.data[1 + i / 8] >> (7 - i % 8) & 1 ? 'T' : 'F');
}

static void put_part(struct text *t, uint32_t value)
{
	if (value == 255)
		put_byte(t, '*');
	else
		put_number(t, value);
}

static void put_date(struct text *t, struct oto_slice data)
{
	if (data.len != 4)
		return;
	put_part(t, data.data[1]);
	put_byte(t, '/');
	put_part(t, data.data[2]);
	put_byte(t, '/');
	put_part(t, data.data[0] == 255 ? 255 : 1900u + data.data[0]);
}

static void put_time(struct text *t, struct oto_slice data)
{
	static const char between[] = "::.";

	for (uint32_t i = 0; data.len == 4 && i < 4; i++) {
		put_part(t, data.data[i]);
		if (i < 3)
			put_byte(t, (uint8_t)between[i]);
	}
}

static void put_word(struct text *t, const struct oto_names *names, uint32_t value)
{
	const struct oto_name *row = names ? oto_name_in_order(names, value) : NULL;

	if (row)
		put(t, row->name);
	else
		put_number(t, value);
}

static void put_octets(struct text *t, struct oto_slice data)
{
	for (uint32_t i = 0; i < data.len && t->len + 2 <= t->room; i++)
		put_hex(t, data.data[i]);
}

static void put_object(struct text *t, struct oto_slice data)
{
	struct bacnet_place place = { 0 };

	if (!bacnet_object(data, &place))
		return;
	put_word(t, &bacnet_object_types, place.object_type);
	put(t, ": ");
	put_number(t, place.instance);
}

static struct oto_slice numeric_text(struct oto_ctx *cx, const struct bacnet_tag *tag, uint32_t property, double *number)
{
	struct text t = text_begin(cx, 24);

	switch (tag->number) {
	case TYPE_SIGNED:
		*number = (double)bacnet_signed(tag->data);
		put_signed(&t, bacnet_signed(tag->data));
		break;
	case TYPE_ENUMERATED: {
		const struct oto_names *names = bacnet_value_names(property);
		uint64_t value = bacnet_unsigned(tag->data);
		const struct oto_name *row = names && value <= UINT32_MAX ? oto_name_in_order(names, (uint32_t)value) : NULL;
		*number = (double)value;
		if (row)
			return oto_slice_of(row->name);
		put_number(&t, value);
		break;
	}
	default:
		*number = (double)bacnet_unsigned(tag->data);
		put_number(&t, bacnet_unsigned(tag->data));
	}
	return text_end(&t);
}

struct oto_slice bacnet_text(struct oto_ctx *cx, const struct bacnet_tag *tag, uint32_t property, double *number, bool *has_number)
{
	struct text t = { 0 };

	*has_number = !tag->context && (tag->number == TYPE_UNSIGNED || tag->number == TYPE_SIGNED || tag->number == TYPE_ENUMERATED) &&
		      tag->data.len && tag->data.len <= 8;
	if (*has_number)
		return numeric_text(cx, tag, property, number);
	if (!tag->context && tag->number == TYPE_NULL)
		return (struct oto_slice){ 0 };
	if (!tag->context && tag->number == TYPE_BOOLEAN) {
		*has_number = true;
		*number = tag->value == 1;
		return oto_slice_of(tag->value == 1 ? "true" : "false");
	}
	if (!tag->context && tag->number == TYPE_STRING)
		return bacnet_string(cx, tag->data);
	t = text_begin(cx, !tag->context && (tag->number == TYPE_OCTETS || tag->number == TYPE_BITS) ? TEXT_MAX : 64);
	if (tag->context) {
		put_octets(&t, tag->data);
		return text_end(&t);
	}
	switch (tag->number) {
	case TYPE_REAL:
	case TYPE_DOUBLE:
		if (tag->data.len != (tag->number == TYPE_REAL ? 4 : 8))
			break;
		*has_number = true;
		*number = real_of(tag);
		put_real(&t, *number, tag->number == TYPE_REAL);
		break;
	case TYPE_BITS:
		put_bits(&t, tag->data);
		break;
	case TYPE_DATE:
		put_date(&t, tag->data);
		break;
	case TYPE_TIME:
		put_time(&t, tag->data);
		break;
	case TYPE_OBJECT:
		put_object(&t, tag->data);
		break;
	default:
		put_octets(&t, tag->data);
	}
	return text_end(&t);
}

/* One byte is a station of MS/TP or ARCNET; six with a port of BACnet/IP at their end an address of it; others are told as bytes. */
struct oto_slice bacnet_station(struct oto_ctx *cx, uint16_t net, struct oto_slice address)
{
	struct text t = text_begin(cx, SUB_TEXT);
	struct oto_cur c = oto_cur_of(address);

	put_number(&t, net);
	put_byte(&t, ':');
	if (address.len == 1) {
		put_number(&t, oto_u8(&c));
	} else if (address.len == 6 && address.data[4] == 0xba && address.data[5] >> 4 == 0xc) {
		for (uint32_t i = 0; i < 4; i++) {
			put_number(&t, oto_u8(&c));
			put_byte(&t, i < 3 ? '.' : ':');
		}
		put_number(&t, oto_be16(&c));
	} else {
		put_octets(&t, address);
	}
	return text_end(&t);
}

struct oto_slice bacnet_place_text(struct oto_ctx *cx, const struct bacnet_place *place)
{
	struct text t = text_begin(cx, 80);

	put_number(&t, place->instance);
	if (place->has_property) {
		put_byte(&t, '.');
		put_word(&t, &bacnet_properties, place->property);
	}
	if (place->has_index) {
		put_byte(&t, '[');
		put_number(&t, place->array_index);
		put_byte(&t, ']');
	}
	return text_end(&t);
}

struct oto_slice bacnet_time_text(struct oto_ctx *cx, struct oto_slice date, struct oto_slice time)
{
	struct text t = text_begin(cx, 32);

	put_date(&t, date);
	put_byte(&t, ' ');
	put_time(&t, time);
	return text_end(&t);
}
