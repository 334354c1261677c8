/* s7comm_spec.c - specifications: how each syntax addresses a variable, and what that is called. */
#include "s7comm.h"

/* ------------------------------------------------------------------------------------------------ specifications */

void s7_take_area(struct oto_cur *c, struct s7_spot *s)
{
	s->size = 2;
	s->area = S7_AREA_DB;
	s->count = oto_u8(c);
	s->db = oto_be16(c);
	uint32_t bits = (uint32_t)oto_be16(c) << 3;
	s->high = (uint8_t)(bits >> 16);
	s->low = (uint16_t)bits;
}

static void take_nck(struct oto_cur *c, struct s7_spot *s)
{
	s->area = oto_u8(c);
	s->db = oto_be16(c);
	s->count = oto_be16(c);
	s->low = oto_u8(c);
	s->high = oto_u8(c);
}

static void take_drive(struct oto_cur *c, struct s7_spot *s)
{
	oto_skip(c, 5);
	s->db = oto_be16(c);
	s->count = oto_be16(c);
}

/* A root that is a data block or one of the areas, the CRC of the symbol, the steps to it. */
static void take_symbol(struct oto_cur *c, struct s7_spec *out)
{
	enum { IS_DB = 0x8a0e };
	struct s7_spot *s = &out->spot;

	oto_skip(c, 1);
	bool is_db = oto_be16(c) == IS_DB;
	uint16_t root = oto_be16(c);
	s->db = is_db ? root : 0;
	s->area = is_db ? S7_AREA_DB : root >= 0x50 && root <= 0x54 ? (uint8_t[]){ 0x81, 0x82, 0x83, 0x1c, 0x1d }[root - 0x50] : 0;
	s->count = oto_be16(c);
	s->low = oto_be16(c);
	out->rest = oto_rest(c);
}

static void judge_any(struct s7_spec *out)
{
	if (!s7_is_area(out->spot.area))
		out->odd = "unknown_area";
	else if (!s7_size_width(out->spot.size) && !oto_name_of(&s7_sizes, out->spot.size))
		out->odd = "unknown_transport_size";
}

bool s7_take_spec(struct oto_cur *from, struct s7_spec *out)
{
	uint8_t type = oto_u8(from);
	struct oto_cur c = oto_sub(from, oto_u8(from));
	struct s7_spot *s = &out->spot;

	*out = (struct s7_spec){ .more = 0 };
	if (type != S7_SPECIFICATION || from->bad)
		return false;
	s->syntax = oto_u8(&c);
	switch (s->syntax) {
	case S7_ANY:
		s7_put_any(s, oto_take(&c, S7_ANY_BYTES));
		judge_any(out);
		break;
	case S7_DB:
		out->more = oto_u8(&c);
		s7_take_area(&c, s);
		out->more = out->more ? out->more - 1 : 0;
		out->rest = oto_rest(&c);
		break;
	case S7_NCK:
	case S7_NCK_M:
	case S7_NCK_I:
		take_nck(&c, s);
		break;
	case S7_DRIVE:
		take_drive(&c, s);
		break;
	case S7_SYMBOL:
		take_symbol(&c, out);
		break;
	default:
		out->odd = "unknown_syntax";
	}
	if (c.bad) /* shorter than its syntax wants: nobody knows what it says */
		*out = (struct s7_spec){ .spot = { .syntax = s->syntax }, .odd = "short_specification" };
	return true;
}

/* ------------------------------------------------------------------------------------------------ where it lies */

static void put_nck(struct s7_text *t, const struct s7_spot *s)
{
	static const char letter[] = "NBCATVMM";

	s7_put_byte(t, (uint8_t)letter[s->area >> 5]);
	s7_put_number(t, s->area & 31);
	s7_put(t, ".0x");
	s7_put_hex(t, s->low, 2);
	s7_put_byte(t, '.');
	s7_put_number(t, s->db);
	s7_put_byte(t, '.');
	s7_put_number(t, s->count);
}

static void put_symbol(struct s7_text *t, const struct s7_spec *spec)
{
	struct oto_cur c = oto_cur_of(spec->rest);

	s7_put(t, "crc_");
	s7_put_hex(t, (uint32_t)spec->spot.count << 16 | spec->spot.low, 8);
	for (uint32_t step = 0; oto_left(&c) >= 4 && step < 16; step++) {
		s7_put_byte(t, '.');
		s7_put_number(t, oto_be32(&c) & 0x0fffffff);
	}
}

static const char *numbered(struct s7_text t, const char *letter, uint16_t number)
{
	s7_put(&t, letter);
	s7_put_number(&t, number);
	s7_put_byte(&t, 0);
	return t.len ? (const char *)t.at : letter;
}

/* What is read and written is in data blocks for the most part, and in few of them. */
static const char *block_name(struct s7_pdu *p, uint16_t number)
{
	struct s7_shared *shared = p->cx->shared;
	struct s7_text place = { shared->block[number % BLOCK_NAMES].text, 0, sizeof shared->block->text };

	if (*place.at && shared->block[number % BLOCK_NAMES].number == number)
		return (const char *)place.at;
	if (*place.at)
		return numbered(s7_text_new(p->cx, place.cap), "DB", number);
	shared->block[number % BLOCK_NAMES].number = number;
	return numbered(place, "DB", number);
}

static const char *space_of(struct s7_pdu *p, const struct s7_spot *s)
{
	if (s->area == S7_AREA_DB)
		return block_name(p, s->db);
	const char *letter = s7_area_letter(s->area);
	if (s->area == S7_AREA_DI)
		return numbered(s7_text_new(p->cx, 10), letter, s->db);
	return letter ? letter : "area";
}

static void put_bit(struct s7_text *t, uint32_t bits)
{
	s7_put_number(t, bits >> 3);
	s7_put_byte(t, '.');
	s7_put_number(t, bits & 7);
}

/* DB1:10-13, M:0.3, T:5, NCK:C1.0x71.3.1, drive:p840[0], DB5:crc_0badcafe.9.2 */
struct oto_target s7_target_of(struct s7_pdu *p, const struct s7_spec *spec)
{
	const struct s7_spot *s = &spec->spot;
	struct oto_target target = { 0 };
	struct s7_text t;

	switch (s->syntax) {
	case S7_ANY:
	case S7_DB:
	case S7_WATCH:
		target.space = space_of(p, s);
		if (s->size == S7_BIT) {
			t = s7_text_new(p->cx, 32);
			put_bit(&t, s7_bits_of(s));
			if (s->count > 1) {
				s7_put_byte(&t, '-');
				put_bit(&t, s7_bits_of(s) + s->count - 1);
			}
			target.name = s7_text_of(&t);
			break;
		}
		uint32_t width = s7_size_width(s->size);
		target.first = s7_is_numbered(s->area) ? s7_bits_of(s) : s7_bits_of(s) >> 3;
		target.count = s7_is_numbered(s->area) || !width ? s->count : s->count * width;
		break;
	case S7_NCK:
	case S7_NCK_M:
	case S7_NCK_I:
		t = s7_text_new(p->cx, 40);
		put_nck(&t, s);
		target.space = "NCK";
		target.name = s7_text_of(&t);
		break;
	case S7_DRIVE:
		t = s7_text_new(p->cx, 24);
		s7_put_byte(&t, 'p');
		s7_put_number(&t, s->db);
		s7_put_byte(&t, '[');
		s7_put_number(&t, s->count);
		s7_put_byte(&t, ']');
		target.space = "drive";
		target.name = s7_text_of(&t);
		break;
	case S7_SYMBOL:
		t = s7_text_new(p->cx, 200);
		put_symbol(&t, spec);
		target.space = s->area ? space_of(p, s) : "symbol";
		target.name = s7_text_of(&t);
		break;
	default:
		break;
	}
	return target;
}

void s7_put_target(struct s7_text *t, const struct oto_target *target)
{
	if (t->len)
		s7_put_byte(t, ',');
	if (target->space)
		s7_put(t, target->space);
	s7_put_byte(t, ':');
	for (uint32_t i = 0; i < target->name.len; i++)
		s7_put_byte(t, target->name.data[i]);
	if (target->name.len)
		return;
	s7_put_number(t, (uint32_t)target->first);
	if (target->count > 1) {
		s7_put_byte(t, '-');
		s7_put_number(t, (uint32_t)target->first + target->count - 1);
	}
}
