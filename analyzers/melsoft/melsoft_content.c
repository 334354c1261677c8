/* melsoft_content.c - devices and files inside MELSOFT commands, as public captures of an FX5U show them; no specification is published.
 * Which area is which device follows from how many points of each a tool reads and writes: they are those of an FX5U's devices. M and L are
 * equally many, so are W and SW: the order is that of their codes in SLMP.
 */
#include "melsoft.h"

static const struct oto_name area_rows[] = {
	{ 0x01, "M", 0, "7,680 bits" },  { 0x02, "SM", 0, "10,000 bits" },    { 0x03, "L", 0, "7,680 bits" },
	{ 0x04, "F", 0, "128 bits" },    { 0x08, "S", 0, "4,096 bits" },      { 0x10, "X", 0, "1,024 bits" },
	{ 0x11, "Y", 0, "1,024 bits" },  { 0x14, "B", 0, "256 bits" },        { 0x15, "SB", 0, "512 bits" },
	{ 0x20, "D", 0, "8,000 words" }, { 0x21, "SD", 0, "12,000 words" },   { 0x27, "R", 0, "32,768 words" },
	{ 0x30, "W", 0, "512 words" },   { 0x31, "SW", 0, "512 words" },      { 0x42, "TN", 0, "512 words" },
	{ 0x46, "CN", 0, "256 words" },  { 0x4a, "STN", 0, "16 words" },      { 0x56, "LCN", 0, "64 double words" },
	{ 0x60, "Z", 0, "20 words" },    { 0x62, "LZ", 0, "2 double words" },
};
const struct oto_names melsoft_areas = OTO_NAMES(area_rows);

/* A name of UTF-16 characters: a length in bytes, the characters, a NUL. */
static struct oto_slice wide_name(struct oto_ctx *cx, struct oto_cur *c)
{
	uint16_t length = oto_le16(c);
	struct oto_cur name = oto_sub(c, length);
	uint8_t *text = c->bad || length < 4 || length > 520 ? NULL : oto_scratch(cx, length / 2u);
	uint32_t n = 0;

	while (text && n < length / 2u - 1) {
		uint16_t character = oto_le16(&name);
		text[n++] = character > 0x20 && character < 0x7f ? (uint8_t)character : '?';
	}
	return (struct oto_slice){ text, n };
}

/* The first name anywhere behind the command, where its place is not known. */
static struct oto_slice find_name(struct oto_ctx *cx, struct oto_cur c)
{
	for (; oto_left(&c) > 8; oto_skip(&c, 1)) {
		struct oto_cur look = c;
		uint16_t length = oto_le16(&look);
		if (length < 6 || length > 520 || length & 1 || length > oto_left(&look))
			continue;
		struct oto_cur name = oto_sub(&look, length);
		uint32_t left = length / 2u;
		uint16_t character = oto_le16(&name);
		for (; character > 0x20 && character < 0x7f && left; left--)
			character = oto_le16(&name);
		if (left == 1 && !character && !name.bad) {
			look = c;
			return wide_name(cx, &look);
		}
	}
	return (struct oto_slice){ 0 };
}

/* Behind the word: ten bytes, area, address, four bytes, points. */
static void memory(struct oto_cur c, struct melsoft_message *m)
{
	oto_skip(&c, 10);
	m->area = oto_le16(&c);
	m->address = oto_le32(&c);
	oto_skip(&c, 4);
	m->points = oto_le16(&c);
	m->has_area = m->has_address = m->has_points = !c.bad;
}

static uint32_t put_number(uint8_t *at, uint32_t n)
{
	uint8_t reversed[10];
	uint32_t len = 0, done = 0;

	do
		reversed[len++] = (uint8_t)('0' + n % 10);
	while (n /= 10);
	while (len)
		at[done++] = reversed[--len];
	return done;
}

/* Behind the word: ten bytes, a count, six bytes; of each device its area, number, and four bytes. */
static void monitored(struct oto_ctx *cx, struct oto_cur c, struct melsoft_message *m)
{
	enum { ROOM = 24, DEVICES_MAX = 64 };
	oto_skip(&c, 10);
	uint16_t count = oto_le16(&c);
	oto_skip(&c, 8);
	uint8_t *text = c.bad || !count || count > DEVICES_MAX || oto_left(&c) < 10u * count ? NULL : oto_scratch(cx, (size_t)count * ROOM);
	uint32_t len = 0;

	for (uint32_t i = 0; text && i < count; i++) {
		uint16_t area = oto_le16(&c);
		uint32_t number = oto_le32(&c);
		const struct oto_name *row = oto_name_of(&melsoft_areas, area);
		struct oto_slice name = oto_slice_of(row ? row->name : "?");
		oto_skip(&c, 4);
		if (i)
			text[len++] = ' ';
		memcpy(text + len, name.data, name.len);
		len += name.len;
		len += put_number(text + len, number);
	}
	m->devices = (struct oto_slice){ text, len };
	m->has_devices = len != 0;
	m->points = count;
	m->has_points = m->has_devices;
}

static void open_file(struct oto_ctx *cx, struct oto_cur c, struct melsoft_message *m)
{
	oto_skip(&c, 4);
	m->mode = oto_le16(&c);
	m->drive = oto_le16(&c);
	m->size = oto_le32(&c);
	m->file = wide_name(cx, &c);
	m->has_mode = m->has_drive = m->has_file = m->file.len != 0;
	m->has_size = m->has_file && m->mode == MELSOFT_TO_WRITE;
}

static void part_of_file(struct oto_cur c, struct melsoft_message *m)
{
	m->file_pointer = oto_le16(&c);
	m->position = oto_le32(&c);
	m->points = oto_le16(&c);
	m->has_file_pointer = m->has_position = m->has_points = !c.bad;
	if (m->command == MELSOFT_WRITE && oto_left(&c) >= m->points)
		m->content = oto_take(&c, m->points);
}

void melsoft_request_content(struct oto_ctx *cx, struct oto_cur c, struct melsoft_message *m)
{
	switch (m->command) {
	case MELSOFT_READ_MEMORY:
	case MELSOFT_WRITE_MEMORY:
		memory(c, m);
		break;
	case MELSOFT_MONITOR:
		monitored(cx, c, m);
		break;
	case 0x1001:
	case 0x1002:
	case 0x1003:
	case 0x1005:
	case 0x1006:
		m->mode = oto_le16(&c);
		m->has_mode = !c.bad;
		break;
	case MELSOFT_OPEN:
		open_file(cx, c, m);
		break;
	case MELSOFT_READ:
	case MELSOFT_WRITE:
		part_of_file(c, m);
		break;
	case MELSOFT_CLOSE:
		m->file_pointer = oto_le16(&c);
		m->has_file_pointer = !c.bad;
		break;
	default:
		if (m->command >= 0x1810 && m->command <= 0x187e) {
			m->file = find_name(cx, c);
			m->has_file = m->file.len != 0;
		}
		break;
	}
}

void melsoft_answer_content(struct oto_cur c, struct melsoft_message *m)
{
	switch (m->command) {
	case MELSOFT_OPEN:
		m->file_pointer = oto_le16(&c);
		m->has_file_pointer = !c.bad;
		break;
	case MELSOFT_READ:
		m->points = oto_le16(&c);
		m->has_points = !c.bad;
		m->content = oto_take(&c, m->points);
		break;
	case MELSOFT_FIND: /* short name, attribute, dates, size */
		oto_skip(&c, 28);
		m->size = oto_le32(&c);
		m->has_size = !c.bad;
		break;
	default:
		break;
	}
}

void melsoft_note_file(const struct melsoft_message *m, struct melsoft_note *note)
{
	note->mode = m->mode;
	note->file_pointer = m->file_pointer;
	note->position = m->position;
	note->size = m->size;
	note->name_len = (uint8_t)(m->file.len < MELSOFT_NAME_MAX ? m->file.len : MELSOFT_NAME_MAX);
	if (note->name_len)
		memcpy(note->name, m->file.data, note->name_len);
}

bool melsoft_may_show(uint16_t command, bool response)
{
	bool may_have_password = command == 0x1630 || command == 0x1631 || command == 0x01a0 || (command >= 0x1810 && command <= 0x1827) ||
				 command == MELSOFT_OPEN;

	return response || !may_have_password;
}
