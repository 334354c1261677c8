/* pccc_values.c - what stands in data files: numbers, text, and the typed data of PLC-5 (chapter 13). */
#include "pccc.h"

enum { STRING_FILE = 0x8d, ASCII_FILE = 0x8e, STRING_SIZE = 84 };

/* Text stands in words of two letters, the first in the higher byte. A string begins with its length; one at a time. */
static bool take_text(struct pccc_talk *t, uint8_t type)
{
	struct oto_cur c = t->data;
	uint32_t room = type == STRING_FILE ? STRING_SIZE - 2 : oto_left(&c), len = room;

	if (type == STRING_FILE)
		len = oto_le16(&c);
	uint8_t *text = oto_left(&c) == room && !(room & 1) && len <= room ? oto_scratch(t->cx, room) : NULL;
	if (!text || !room)
		return false;
	for (uint32_t i = 0; i < room; i++)
		text[i ^ 1] = oto_u8(&c);
	while (len && !text[len - 1])
		len--;
	for (uint32_t i = 0; i < len; i++) {
		if (text[i] < 0x20 || text[i] > 0x7e)
			return false;
	}
	t->m.text = (struct oto_slice){ text, len };
	t->m.has_text = true;
	t->data = c;
	return true;
}

static void take_numbers(struct pccc_talk *t, uint8_t kind, uint32_t width)
{
	t->m.values = oto_take_vec(&t->data, (enum oto_vec_kind)kind, oto_left(&t->data) / width);
	t->m.has_values = true;
}

/* Values of a data file, by its type; bytes otherwise. */
void pccc_take_values(struct pccc_talk *t, bool has_type, uint8_t type)
{
	const struct pccc_file *file = has_type ? pccc_file_of(type) : NULL;
	bool is_text = has_type && (type == STRING_FILE || type == ASCII_FILE);

	if (!oto_left(&t->data) || (is_text && take_text(t, type)))
		return;
	if (file && file->width && oto_left(&t->data) % file->width == 0) {
		take_numbers(t, file->kind, file->width);
	} else {
		t->m.data = oto_rest(&t->data);
		t->m.has_data = true;
	}
}

/* The type/data parameter: a type and a size, each in half a byte, or in as many bytes behind it as the half says. */
struct typed {
	uint32_t type, size;
};
enum { BIT_STRING = 2, INTEGER = 4, REAL = 8, ARRAY = 9, ELSEWHERE = 8 };

static uint32_t take_part(struct oto_cur *c, uint32_t half)
{
	uint32_t n = 0, bytes = half & 7;

	if (!(half & ELSEWHERE))
		return half;
	for (uint32_t i = 0; i < bytes; i++) {
		uint32_t b = oto_u8(c);
		n |= i < sizeof n ? b << 8 * i : 0;
	}
	return n;
}

static struct typed take_parameter(struct oto_cur *c)
{
	uint8_t flag = oto_u8(c);
	struct typed p = { .type = take_part(c, flag >> 4) };

	p.size = take_part(c, flag & 15);
	return p;
}

/* Of an array the parameter of its elements stands behind its own. */
void pccc_take_typed(struct pccc_talk *t)
{
	struct oto_cur c = t->data;
	struct typed p = take_parameter(&c);

	if (p.type == ARRAY)
		p = take_parameter(&c);
	uint32_t left = oto_left(&c);
	bool whole = left && p.size && left % p.size == 0;
	if (whole && p.type == INTEGER && (p.size == 2 || p.size == 4)) {
		t->data = c;
		take_numbers(t, p.size == 2 ? OTO_VEC_I16LE : OTO_VEC_I32LE, p.size);
	} else if (whole && p.type == BIT_STRING && p.size == 2) {
		t->data = c;
		take_numbers(t, OTO_VEC_U16LE, 2);
	} else if (whole && p.type == REAL && p.size == 4) {
		t->data = c;
		take_numbers(t, OTO_VEC_F32LE, 4);
	}
}
