/* s7comm_plus_text.c - writes the names of objects, attributes and variables: "CPUexecUnit.OperatingStateREQ", "DB7.9.3". */
#include "s7comm_plus.h"

struct words {
	char *at;
	uint32_t len, size;
};

static void put(struct words *w, const char *s)
{
	uint32_t n = (uint32_t)strlen(s), room = w->size - w->len;

	n = n < room ? n : room;
	memcpy(&w->at[w->len], s, n);
	w->len += n;
}

static void put_number(struct words *w, uint32_t n, uint32_t base)
{
	char digits[12];
	int len = 0;

	do {
		digits[len++] = "0123456789abcdef"[n % base];
		n /= base;
	} while (n);
	while (len && w->len < w->size)
		w->at[w->len++] = digits[--len];
}

/* A block by kind and number, a native object by name, another by its identifier. */
static void put_object(struct words *w, uint32_t object)
{
	const char *block = s7p_block_of_object(object);
	const struct oto_name *row = block ? NULL : oto_name_in_order(&s7p_objects, object);

	put(w, block ? block : row ? row->name : "0x");
	if (!row)
		put_number(w, block ? object & 0xffff : object, block ? 10 : 16);
}

static void put_attribute(struct words *w, uint32_t attribute)
{
	const struct oto_name *row = oto_name_in_order(&s7p_attributes, attribute);

	put(w, ".");
	if (!row) {
		put_number(w, attribute, 10);
		return;
	}
	const char *dot = strchr(row->name, '.'); /* the class in front says what the object says */
	put(w, dot ? dot + 1 : row->name);
}

static void put_piece(struct words *w, const struct s7p_piece *p)
{
	switch ((enum s7p_piece_kind)p->kind) {
	case S7P_WORD_PIECE:
		put(w, p->word);
		break;
	case S7P_NUMBER_PIECE:
		put_number(w, p->number, 10);
		break;
	case S7P_ELEMENT_PIECE:
		put(w, ".");
		put_number(w, p->number, 10);
		break;
	case S7P_OBJECT_PIECE:
		put_object(w, p->number);
		break;
	case S7P_ATTRIBUTE_PIECE:
		put_attribute(w, p->number);
		break;
	}
}

struct oto_slice s7p_text_words(struct oto_ctx *cx, const struct s7p_text *t, uint32_t most)
{
	struct words w = { .at = oto_scratch(cx, most), .size = most };

	for (uint32_t i = 0; w.at && i < t->count && w.len < w.size; i++)
		put_piece(&w, &t->piece[i]);
	return (struct oto_slice){ (const uint8_t *)w.at, w.len };
}
