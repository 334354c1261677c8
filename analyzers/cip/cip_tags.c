/* cip_tags.c - tags of Logix controllers: reads and writes with types and values, the list of symbols, structure templates.
 *
 * Rockwell 1756-PM020 "Logix 5000 Controllers Data Access"; the elementary types are volume 1, table C-6.1. A structure's members are not
 * taken apart: its template is rarely seen beside it.
 */
#include "cip_objects.h"

enum { READ_TAG = 0x4c, WRITE_TAG, MODIFY_TAG, READ_FRAGMENT = 0x52, WRITE_FRAGMENT, LIST_SYMBOLS = 0x55 };

static const struct oto_name tag_rows[] = {
	{ READ_TAG, "Read Tag", OTO_OP_READ, "values of a tag" },
	{ WRITE_TAG, "Write Tag", OTO_OP_WRITE, "values of a tag" },
	{ MODIFY_TAG, "Read Modify Write Tag", OTO_OP_WRITE, "sets and clears bits of a tag" },
	{ READ_FRAGMENT, "Read Tag Fragmented", OTO_OP_READ, "values of a tag that are too long for one response" },
	{ WRITE_FRAGMENT, "Write Tag Fragmented", OTO_OP_WRITE, "values of a tag that are too long for one request" },
	{ LIST_SYMBOLS, "Get Instance Attribute List", OTO_OP_DISCOVER, "names and types of all tags" },
};
static const struct oto_names tag_services = OTO_NAMES(tag_rows);

static const struct oto_name symbol_rows[] = {
	{ READ_TAG, "Read Tag", OTO_OP_READ, "values of a tag" },
	{ WRITE_TAG, "Write Tag", OTO_OP_WRITE, "values of a tag" },
	{ MODIFY_TAG, "Read Modify Write Tag", OTO_OP_WRITE, "sets and clears bits of a tag" },
	{ READ_FRAGMENT, "Read Tag Fragmented", OTO_OP_READ, "values of a tag that are too long for one response" },
	{ WRITE_FRAGMENT, "Write Tag Fragmented", OTO_OP_WRITE, "values of a tag that are too long for one request" },
	{ LIST_SYMBOLS, "Get Instance Attribute List", OTO_OP_DISCOVER, "names and types of all tags" },
	{ CIP_SET_ATTRIBUTE_LIST, "Set Attribute List", OTO_OP_PROGRAM_WRITE, "a tag's name and type" },
	{ CIP_CREATE, "Create", OTO_OP_PROGRAM_WRITE, "a tag comes to be" },
	{ CIP_DELETE, "Delete", OTO_OP_PROGRAM_WRITE, "a tag goes" },
};
static const struct oto_names symbol_services = OTO_NAMES(symbol_rows);

static const struct oto_name template_rows[] = {
	{ READ_TAG, "Read Template", OTO_OP_READ, "names and types of a structure's members" },
	{ CIP_SET_ATTRIBUTE_LIST, "Set Attribute List", OTO_OP_PROGRAM_WRITE, "a structure" },
	{ CIP_CREATE, "Create", OTO_OP_PROGRAM_WRITE, "a structure comes to be" },
	{ CIP_DELETE, "Delete", OTO_OP_PROGRAM_WRITE, "a structure goes" },
};
static const struct oto_names template_services = OTO_NAMES(template_rows);

/* ------------------------------------------------------------------------------------------------ types and values */

enum { FIRST_TYPE = 0xc1, LAST_TYPE = 0xde, STRUCTURE = 0xa0, STRING = 0xd0, SHORT_STRING = 0xda };

/* The handle of Logix's own STRING: a length and 82 characters. */
enum { LOGIX_STRING = 0x0fce };

struct type {
	const char *word;
	uint8_t width; /* 0: shown as bytes */
	uint8_t kind;  /* enum oto_vec_kind */
};
static const struct type types[LAST_TYPE - FIRST_TYPE + 1] = {
	{ "BOOL", 1, OTO_VEC_U8 },
	{ "SINT", 1, OTO_VEC_I8 },
	{ "INT", 2, OTO_VEC_I16LE },
	{ "DINT", 4, OTO_VEC_I32LE },
	{ "LINT", 8, OTO_VEC_I64LE },
	{ "USINT", 1, OTO_VEC_U8 },
	{ "UINT", 2, OTO_VEC_U16LE },
	{ "UDINT", 4, OTO_VEC_U32LE },
	{ "ULINT", 8, OTO_VEC_U64LE },
	{ "REAL", 4, OTO_VEC_F32LE },
	{ "LREAL", 8, OTO_VEC_F64LE },
	{ "STIME", 4, OTO_VEC_U32LE },
	{ "DATE", 2, OTO_VEC_U16LE },
	{ "TIME_OF_DAY", 4, OTO_VEC_U32LE },
	{ "DATE_AND_TIME", 0, 0 },
	{ "STRING", 0, 0 },
	{ "BYTE", 1, OTO_VEC_U8 },
	{ "WORD", 2, OTO_VEC_U16LE },
	{ "DWORD", 4, OTO_VEC_U32LE },
	{ "LWORD", 8, OTO_VEC_U64LE },
	{ "STRING2", 0, 0 },
	{ "FTIME", 4, OTO_VEC_I32LE },
	{ "LTIME", 8, OTO_VEC_I64LE },
	{ "ITIME", 2, OTO_VEC_I16LE },
	{ "STRINGN", 0, 0 },
	{ "SHORT_STRING", 0, 0 },
	{ "TIME", 4, OTO_VEC_I32LE },
	{ "EPATH", 0, 0 },
	{ "ENGUNITS", 2, OTO_VEC_U16LE },
	{ "STRINGI", 0, 0 },
};

/* What a tag's request tells its response. */
struct tag_note {
	uint32_t offset;
	uint16_t elements;
	uint8_t attributes; /* of a list of symbols: how many of attribute[] */
	uint8_t attribute[16];
};
_Static_assert(sizeof(struct tag_note) <= CIP_NOTE_OBJECT, "fits into the note of a request");

static const struct type *type_of(uint16_t code)
{
	uint8_t low = (uint8_t)code;

	return low >= FIRST_TYPE && low <= LAST_TYPE ? &types[low - FIRST_TYPE] : NULL;
}

static bool is_structure(uint16_t code)
{
	return (code & 0xff) == STRUCTURE;
}

/* The abbreviated type: one word, and the handle of a structure behind it. Returns what the values are, NULL for bytes. */
static const struct type *take_type(struct cip_talk *t, bool *is_string)
{
	uint16_t code = oto_le16(&t->data);
	const struct type *type = type_of(code);
	uint16_t handle = is_structure(code) ? oto_le16(&t->data) : 0;

	*is_string = handle == LOGIX_STRING;
	t->m->structure = handle;
	t->m->has_structure = is_structure(code) && !t->data.bad;
	t->m->data_type = type ? type->word : *is_string ? "STRING" : is_structure(code) ? "STRUCT" : NULL;
	return type;
}

static void show_elements(struct cip_talk *t, uint32_t elements)
{
	t->m->elements = elements;
	t->m->has_elements = true;
}

static void show_offset(struct cip_talk *t, uint32_t offset)
{
	t->m->offset = offset;
	t->m->has_offset = true;
}

/* Text of a STRING in each of its three forms; false when it is none. */
static bool take_text(struct oto_cur *c, uint32_t len, struct cip_talk *t)
{
	if (len > oto_left(c))
		return false;
	cip_show_name(t, oto_take(c, len));
	(void)oto_rest(c);
	return true;
}

static void take_values(struct cip_talk *t, const struct type *type, bool is_string)
{
	struct oto_cur peek = t->data;
	bool is_short = type == type_of(SHORT_STRING);

	if (is_string || is_short || type == type_of(STRING)) {
		uint32_t len = is_string ? oto_le32(&peek) : is_short ? oto_u8(&peek) : oto_le16(&peek);
		if (!peek.bad && take_text(&peek, len, t))
			t->data = peek;
		return;
	}
	if (!type || !type->width)
		return;
	t->m->values = oto_take_vec(&t->data, (enum oto_vec_kind)type->kind, oto_left(&t->data) / type->width);
	t->m->has_values = t->m->values.count != 0;
}

/* ------------------------------------------------------------------------------------------------ requests */

static void read_request(struct cip_talk *t, struct tag_note *note)
{
	note->elements = oto_le16(&t->data);
	show_elements(t, note->elements);
	if (t->service == READ_FRAGMENT) {
		note->offset = oto_le32(&t->data);
		show_offset(t, note->offset);
	}
}

static void write_request(struct cip_talk *t)
{
	bool is_string;
	const struct type *type = take_type(t, &is_string);

	show_elements(t, oto_le16(&t->data));
	if (t->service == WRITE_FRAGMENT)
		show_offset(t, oto_le32(&t->data));
	if (!t->data.bad)
		take_values(t, type, is_string);
}

static uint64_t take_mask(struct oto_cur *c, uint32_t size)
{
	uint64_t mask = 0;

	for (uint32_t i = 0; i < size; i++)
		mask |= (uint64_t)oto_u8(c) << 8 * i;
	return mask;
}

/* The masks: which bits to set, then which to keep. Structures may have longer ones. */
static void modify_request(struct cip_talk *t)
{
	struct oto_cur peek = t->data;
	uint16_t size = oto_le16(&peek);

	t->m->size = size;
	t->m->has_size = true;
	if (oto_left(&peek) != 2u * size)
		t->data.bad = true;
	if (t->data.bad || !size || size > sizeof t->m->set_bits)
		return;
	uint64_t all = UINT64_MAX >> (64 - 8 * size), set = take_mask(&peek, size), keep = take_mask(&peek, size);
	t->m->set_bits = set & keep;
	t->m->clear_bits = ~keep & all;
	t->m->has_bits = true;
	t->data = peek;
}

static void list_request(struct cip_talk *t, struct tag_note *note)
{
	struct oto_cur peek = t->data;
	uint16_t count = oto_le16(&peek);

	for (uint16_t i = 0; i < count && i < sizeof note->attribute; i++)
		note->attribute[note->attributes++] = (uint8_t)oto_le16(&peek);
}

static void tag_request(struct cip_talk *t)
{
	struct tag_note *note = (void *)t->note->object;

	switch (t->service) {
	case READ_TAG:
	case READ_FRAGMENT:
		read_request(t, note);
		break;
	case WRITE_TAG:
	case WRITE_FRAGMENT:
		write_request(t);
		break;
	case MODIFY_TAG:
		modify_request(t);
		break;
	case LIST_SYMBOLS:
		list_request(t, note);
		break;
	default:
		break;
	}
	if (t->data.bad)
		t->odd = "malformed_tag_request";
}

static void symbol_request(struct cip_talk *t)
{
	if (t->op == OTO_OP_PROGRAM_WRITE)
		cip_program_part(t);
	else
		tag_request(t);
}

/* ------------------------------------------------------------------------------------------------ responses */

enum { NAMES_MAX = 480, SYMBOL_NAME = 1, SYMBOL_TYPE = 2 };

/* Attributes of a symbol: their widths behind the name and type. Others are not asked for by anybody. */
static uint32_t attribute_width(uint8_t attribute)
{
	switch (attribute) {
	case SYMBOL_TYPE:
	case 7: /* bytes of one element */
		return 2;
	case 3: /* address of the symbol */
	case 5: /* of the object */
	case 6: /* software control */
		return 4;
	case 8: /* dimensions */
		return 12;
	case 10: /* external access */
		return 1;
	default:
		return UINT32_MAX;
	}
}

struct names {
	uint8_t *text;
	uint32_t len;
};

static void add_name(struct names *n, struct oto_slice name)
{
	if (!n->text || !name.len || n->len + name.len + 1 > NAMES_MAX)
		return;
	if (n->len)
		n->text[n->len++] = ',';
	memcpy(n->text + n->len, name.data, name.len);
	n->len += name.len;
}

/* Instance by instance: its number, then each attribute that was asked for. */
static void symbols_response(struct cip_talk *t, const struct tag_note *note)
{
	struct names names = { .text = oto_scratch(t->cx, NAMES_MAX) };
	struct oto_cur c = t->data;
	uint32_t count = 0;

	while (oto_left(&c) && !c.bad) {
		oto_skip(&c, 4);
		for (uint8_t i = 0; i < note->attributes; i++) {
			if (note->attribute[i] == SYMBOL_NAME)
				add_name(&names, oto_take(&c, oto_le16(&c)));
			else
				oto_skip(&c, attribute_width(note->attribute[i]));
		}
		count += !c.bad;
	}
	if (!count)
		return;
	show_elements(t, count);
	cip_show_name(t, (struct oto_slice){ names.text, names.len });
	if (!c.bad)
		t->data = c;
}

static void tag_response(struct cip_talk *t)
{
	const struct tag_note *note = t->asked ? (const void *)t->asked->object : NULL;
	bool is_string;

	if (!cip_succeeded(t) || !note || !oto_left(&t->data))
		return;
	if (t->service == LIST_SYMBOLS) {
		symbols_response(t, note);
	} else if (t->service == READ_TAG || t->service == READ_FRAGMENT) {
		const struct type *type = take_type(t, &is_string);
		show_elements(t, note->elements);
		if (t->service == READ_FRAGMENT)
			show_offset(t, note->offset);
		if (t->data.bad)
			t->odd = "malformed_tag_response";
		else
			take_values(t, type, is_string);
	}
}

/* ------------------------------------------------------------------------------------------------ templates */

enum { TEMPLATE_HANDLE = 1, TEMPLATE_MEMBERS, TEMPLATE_WORDS = 4, TEMPLATE_SIZE };

static void template_request(struct cip_talk *t)
{
	if (t->op == OTO_OP_PROGRAM_WRITE) {
		cip_program_part(t);
	} else if (t->service == READ_TAG) {
		struct tag_note *note = (void *)t->note->object;
		note->offset = oto_le32(&t->data);
		show_offset(t, note->offset);
		t->m->size = oto_le16(&t->data);
		t->m->has_size = !t->data.bad;
		t->odd = t->data.bad ? "malformed_template_request" : NULL;
	}
}

static void template_attributes(struct cip_talk *t)
{
	struct oto_cur c = t->data;

	for (uint16_t n = oto_le16(&c); n && !c.bad; n--) {
		uint16_t attribute = oto_le16(&c), status = oto_le16(&c);
		if (status)
			continue;
		uint32_t value = attribute == TEMPLATE_WORDS || attribute == TEMPLATE_SIZE ? oto_le32(&c) : oto_le16(&c);
		if (attribute == TEMPLATE_MEMBERS && !c.bad)
			show_elements(t, value);
		if (attribute == TEMPLATE_SIZE && !c.bad) {
			t->m->size = value;
			t->m->has_size = true;
		}
	}
}

static bool is_name_letter(uint8_t b)
{
	return (b >= '0' && b <= '9') || (b >= 'A' && b <= 'Z') || (b >= 'a' && b <= 'z') || b == '_' || b == ':';
}

/* Behind the members (eight bytes each) stand their names, first the structure's own, which ends in ";n". How many members there are
 * was said elsewhere, so the name is the word in front of the first ";n". */
static struct oto_slice template_name(struct oto_cur c)
{
	struct oto_cur begin = c;
	uint32_t len = 0;

	while (oto_left(&c)) {
		uint8_t b = oto_u8(&c);
		struct oto_cur behind = c;
		if (b == ';' && len && oto_left(&c) && oto_u8(&behind) == 'n')
			return oto_take(&begin, len);
		len = is_name_letter(b) ? len + 1 : 0;
		if (!len)
			begin = c;
	}
	return (struct oto_slice){ 0 };
}

static void template_response(struct cip_talk *t)
{
	const struct tag_note *note = t->asked ? (const void *)t->asked->object : NULL;

	if (!cip_succeeded(t) || !note)
		return;
	if (t->service == CIP_GET_ATTRIBUTE_LIST) {
		template_attributes(t);
	} else if (t->service == READ_TAG) {
		show_offset(t, note->offset);
		cip_show_name(t, template_name(t->data));
	}
}

const struct cip_object cip_tag = {
	.class_id = CIP_CLASS_TAG, .name = "tag", .services = &tag_services, .request = tag_request, .response = tag_response
};
const struct cip_object cip_symbol = {
	.class_id = CIP_CLASS_SYMBOL, .services = &symbol_services, .request = symbol_request, .response = tag_response
};
const struct cip_object cip_template = {
	.class_id = CIP_CLASS_TEMPLATE, .services = &template_services, .request = template_request, .response = template_response
};
