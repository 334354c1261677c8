/* pccc_request.c - what commands hold: addresses in the forms of SLC 500 and PLC-5 (chapter 13), sizes, values, modes. */
#include "pccc.h"

void pccc_put_word(struct pccc_text *t, const char *word)
{
	for (; *word && t->len < ADDRESS_MAX; word++)
		t->at[t->len++] = (uint8_t)*word;
}

void pccc_put_number(struct pccc_text *t, uint32_t n)
{
	uint8_t reversed[10];
	uint32_t len = 0;

	do
		reversed[len++] = (uint8_t)('0' + n % 10);
	while (n /= 10);
	while (len && t->len < ADDRESS_MAX)
		t->at[t->len++] = reversed[--len];
}

static void put_sub(struct pccc_text *t, const struct pccc_file *file, uint32_t sub)
{
	const char *word = file && sub < sizeof file->subs / sizeof *file->subs ? file->subs[sub] : NULL;

	if (!sub)
		return;
	pccc_put_word(t, ".");
	if (word)
		pccc_put_word(t, word);
	else
		pccc_put_number(t, sub);
}

static void show_address(struct pccc_talk *t, struct pccc_text text)
{
	t->m.address = (struct oto_slice){ text.at, text.len };
	t->m.has_address = text.len != 0;
}

/* "N7:0", "T4:3.ACC", "S:1"; a type without a letter is named by its number, "0x22:2". */
static void name_address(struct pccc_talk *t)
{
	const struct pccc_file *file = t->m.has_file_type ? pccc_file_of(t->m.file_type) : NULL;
	struct pccc_text text = { oto_scratch(t->cx, ADDRESS_MAX), 0 };

	if (!text.at)
		return;
	if (file)
		pccc_put_word(&text, file->letter);
	if (!file || file->usual < 0 || (uint32_t)file->usual != t->m.file)
		pccc_put_number(&text, t->m.file);
	if (t->m.has_element) {
		pccc_put_word(&text, ":");
		pccc_put_number(&text, t->m.element);
		put_sub(&text, file, t->m.sub_element);
	}
	show_address(t, text);
}

/* A field of an address: a byte, or 0xff and two. */
static uint32_t take_field(struct oto_cur *c)
{
	uint32_t n = oto_u8(c);

	return n == 0xff ? oto_le16(c) : n;
}

static void take_slc_address(struct pccc_talk *t, bool sub)
{
	t->m.file = take_field(&t->data);
	t->m.file_type = oto_u8(&t->data);
	t->m.element = take_field(&t->data);
	t->m.sub_element = sub ? take_field(&t->data) : 0;
	t->m.has_sub = sub;
	t->m.has_file = t->m.has_file_type = t->m.has_element = true;
	name_address(t);
}

/* A PLC-5 address (13-11): the levels that a mask names, or text behind a zero and a dollar. */
static void take_plc5_address(struct pccc_talk *t)
{
	enum { FILE_LEVEL = 1, ELEMENT_LEVEL, SUB_LEVEL, LEVELS = 7 };
	struct oto_cur peek = t->data;
	uint32_t level[LEVELS] = { 0 };
	uint8_t mask = oto_u8(&t->data);

	if (!mask && oto_u8(&peek) == 0 && oto_u8(&peek) == '$') {
		struct oto_cur begin_text = t->data;
		uint32_t len = 0;
		while (oto_left(&t->data) && oto_u8(&t->data))
			len++;
		t->m.address = oto_take(&begin_text, len);
		t->m.has_address = len != 0;
		return;
	}
	for (uint32_t i = 0; i < LEVELS; i++) {
		if (mask >> i & 1)
			level[i] = take_field(&t->data);
	}
	t->m.file = level[FILE_LEVEL];
	t->m.element = level[ELEMENT_LEVEL];
	t->m.sub_element = level[SUB_LEVEL];
	t->m.has_file = true;
	t->m.has_element = mask >> ELEMENT_LEVEL & 1;
	t->m.has_sub = mask >> SUB_LEVEL & 1;
	name_address(t);
}

static void show_size(struct pccc_talk *t, uint32_t size)
{
	t->m.size = size;
	t->m.has_size = true;
}

static void show_offset(struct pccc_talk *t, uint32_t offset)
{
	t->m.offset = offset;
	t->m.has_offset = true;
}

static void show_mask(struct pccc_talk *t, uint16_t mask)
{
	t->m.mask = mask;
	t->m.has_mask = !t->data.bad;
}

/* Element 3 of a timer is three words: values of a sub-element of a float are words all the same. */
static void slc_command(struct pccc_talk *t, bool sub, bool write)
{
	show_size(t, oto_u8(&t->data));
	take_slc_address(t, sub);
	if (t->code == PCCC_WRITE_MASKED)
		show_mask(t, oto_le16(&t->data));
	if (write)
		pccc_take_values(t, true, t->m.file_type);
}

static void plc5_command(struct pccc_talk *t)
{
	show_offset(t, oto_le16(&t->data));
	show_size(t, oto_le16(&t->data));
	take_plc5_address(t);
	if (t->code == PCCC_WORD_RANGE_READ)
		show_size(t, oto_u8(&t->data));
	else if (t->code == PCCC_TYPED_READ)
		show_size(t, oto_le16(&t->data));
	else if (t->code == PCCC_TYPED_WRITE)
		pccc_take_typed(t);
}

/* Programs are files, too: those below the data types. */
enum { FIRST_DATA_FILE = 0x80 };

static void file_command(struct pccc_talk *t)
{
	bool write = t->code == PCCC_WRITE_FILE;

	show_size(t, oto_u8(&t->data));
	oto_skip(&t->data, 2); /* what Open file called it */
	show_offset(t, oto_le16(&t->data));
	t->m.file_type = oto_u8(&t->data);
	t->m.has_file_type = true;
	if (t->m.file_type < FIRST_DATA_FILE)
		t->op = write ? OTO_OP_PROGRAM_WRITE : OTO_OP_PROGRAM_READ;
}

static void open_command(struct pccc_talk *t)
{
	oto_skip(&t->data, 1); /* how much it wants: reading, or writing as well */
	t->m.file = oto_le16(&t->data);
	t->m.file_type = oto_u8(&t->data);
	t->m.has_file = t->m.has_file_type = true;
	name_address(t);
}

static void mode_command(struct pccc_talk *t, const struct oto_names *modes, uint8_t mask)
{
	const struct oto_name *row = oto_name_of(modes, oto_u8(&t->data) & mask);

	t->m.mode = row ? row->name : "unknown";
	if (row)
		t->op = row->op;
}

static void word_command(struct pccc_talk *t, bool read)
{
	struct pccc_text text = { oto_scratch(t->cx, ADDRESS_MAX), 0 };

	show_offset(t, oto_le16(&t->data));
	if (read)
		show_size(t, oto_u8(&t->data));
	if (!text.at)
		return;
	pccc_put_word(&text, "word ");
	pccc_put_number(&text, t->m.offset);
	show_address(t, text);
}

static void physical_command(struct pccc_talk *t)
{
	show_offset(t, oto_le32(&t->data));
	if (t->code == PCCC_READ_PHYSICAL)
		show_size(t, oto_u8(&t->data));
}

void pccc_read_request(struct pccc_talk *t)
{
	switch (t->code) {
	case PCCC_READ_2:
	case PCCC_READ_3:
		slc_command(t, t->code == PCCC_READ_3, false);
		break;
	case PCCC_WRITE_2:
	case PCCC_WRITE_3:
	case PCCC_WRITE_MASKED:
		slc_command(t, t->code != PCCC_WRITE_2, true);
		break;
	case PCCC_TYPED_READ:
	case PCCC_TYPED_WRITE:
	case PCCC_WORD_RANGE_READ:
	case PCCC_WORD_RANGE_WRITE:
		plc5_command(t);
		break;
	case PCCC_BIT_WRITE:
	case PCCC_READ_MODIFY_WRITE:
		take_plc5_address(t);
		break;
	case PCCC_READ_FILE:
	case PCCC_WRITE_FILE:
		file_command(t);
		break;
	case PCCC_OPEN_FILE:
		open_command(t);
		break;
	case PCCC_CHANGE_MODE:
		mode_command(t, &pccc_slc_modes, 0xff);
		break;
	case PCCC_SET_CPU_MODE:
		mode_command(t, &pccc_plc5_modes, 3);
		break;
	case PCCC_READ_PHYSICAL:
	case PCCC_WRITE_PHYSICAL:
		physical_command(t);
		break;
	case PCCC_UNPROTECTED_READ:
		word_command(t, true);
		break;
	case PCCC_UNPROTECTED_WRITE:
	case PCCC_PROTECTED_WRITE:
	case PCCC_PROTECTED_BIT_WRITE:
	case PCCC_UNPROTECTED_BIT_WRITE:
		word_command(t, false);
		break;
	default:
		break;
	}
	if (!t->m.has_data && t->code != PCCC_EXECUTE_MULTIPLE)
		pccc_take_values(t, false, 0);
}
