/* fins_part.c - reads what follows a command or an end code, part by part, as the letters of its layout say.
 *
 *   a memory area       w word address      b bit              n number of items   A W B the same of what a transfer writes
 *   V values written    R values read       M areas to be read L areas read, with their values
 *   p parameter area    k first word        l number of words with the flag of the last
 *   g program number    o first byte of it  E last one         c number of bytes with the flag of the last   S password
 *   P one parameter     q one of two bytes  m run mode         v model and version or units   u unit and number   U units with models
 *   s CPU status        t cycle times       C clock            e what of messages   h messages   H who holds the access right
 *   d disk              f file name         x Y the second     G names   y directory   O position   X length, with the flag of the last
 *   z size              F FAL number        j first record     r how many   J error records   I records of writes   Q list of files
 *   i identity of a table   T nodes of it   K forced bits      N network status   $ a name that is the rest   1 content
 *   D all the rest      ? what follows may be missing
 */
#include "fins.h"

enum { LAST = 0x8000, IDENTITY = 92 /* W342 5-3-13: model, version, 40 bytes of system use, 12 of sizes */, UNITS = 67, UNITS_MAX = 32 };

unsigned fins_bcd(uint8_t byte)
{
	return byte >> 4 > 9 || (byte & 15) > 9 ? 100 : (byte >> 4) * 10u + (byte & 15u);
}

bool fins_time(const struct fins_date *d, struct oto_time *out)
{
	if (d->month < 1 || d->month > 12 || d->day < 1 || d->day > 31 || d->hour > 23 || d->minute > 59 || d->second > 59)
		return false;
	/* days since 1970 in the Gregorian calendar, counted in years that begin in March */
	unsigned y = d->year - (d->month <= 2), m = d->month + (d->month > 2 ? -3 : 9);
	int64_t days = y * 365 + y / 4 - y / 100 + y / 400 + (m * 153 + 2) / 5 + d->day - 1 - 719468;
	out->ns = (days * 86400 + d->hour * 3600 + d->minute * 60 + d->second) * INT64_C(1000000000);
	return true;
}

unsigned fins_year(uint8_t byte)
{
	unsigned year = fins_bcd(byte);

	return year > 99 ? 0 : year + (year < 98 ? 2000 : 1900);
}

/* Year, month, day, hour, minute, then second and weekday, which a clock write may leave out (W342 5-3-19). */
static void take_clock(struct fins_parse *p)
{
	struct oto_cur *c = &p->c;
	struct fins_date d = { .year = fins_year(oto_u8(c)) };

	d.month = fins_bcd(oto_u8(c));
	d.day = fins_bcd(oto_u8(c));
	d.hour = fins_bcd(oto_u8(c));
	d.minute = fins_bcd(oto_u8(c));
	d.second = oto_left(c) ? fins_bcd(oto_u8(c)) : 0;
	if (oto_left(c))
		oto_skip(c, 1);
	p->m->has_clock = !c->bad && d.year && fins_time(&d, &p->m->clock);
}

/* Eight characters, a point, three: filled up with blanks. */
struct oto_slice fins_take_name(struct fins_parse *p)
{
	struct oto_slice name = fins_trim(oto_take(&p->c, FINS_NAME));

	if (say_find(name, ' ') == name.len || !fins_text_begin(p))
		return name;
	for (uint32_t i = 0; i < name.len; i++) {
		if (name.data[i] != ' ')
			fins_put_byte(p, name.data[i]);
	}
	return fins_text_end(p);
}

/* Values of an area, as many as are there: none where the area's elements are not known. */
static void take_values(struct fins_parse *p, uint32_t most)
{
	struct fins_message *m = p->m;
	const struct fins_area *area = m->has_area ? fins_area_of(m->memory_area_code) : NULL;
	uint32_t width = area ? area->width : 0, there = width ? oto_left(&p->c) / width : 0;

	if (!there || width * there != oto_left(&p->c) || there > most)
		return;
	m->values = oto_take_vec(&p->c, width == 1 ? OTO_VEC_U8 : width == 2 ? OTO_VEC_U16BE : OTO_VEC_U32BE, there);
	m->has_values = !p->c.bad;
}

static void put_item(struct fins_parse *p, bool first, uint8_t area, uint16_t word, uint8_t bit)
{
	if (!first)
		fins_put(p, ",");
	fins_put_area(p, area, word, bit);
}

/* W342 5-3-5: areas to be read, four bytes each. */
static void take_areas(struct fins_parse *p)
{
	uint32_t n = 0;

	if (!fins_text_begin(p))
		return;
	for (; oto_left(&p->c) >= 4; n++) {
		uint8_t area = oto_u8(&p->c);
		uint16_t word = oto_be16(&p->c);
		put_item(p, !n, area, word, oto_u8(&p->c));
	}
	p->m->items = fins_text_end(p);
	p->m->number_of_items = (uint16_t)n;
	p->m->has_items = true;
}

/* The response to it: each area's code and its value. */
static void take_area_values(struct fins_parse *p)
{
	struct oto_slice all = { p->c.at, oto_left(&p->c) };

	if (!fins_text_begin(p))
		return;
	for (uint32_t n = 0; oto_left(&p->c) && !p->c.bad; n++) {
		const struct fins_area *area = fins_area_of(oto_u8(&p->c));
		if (!area)
			break;
		uint32_t value = area->width == 1 ? oto_u8(&p->c) : area->width == 2 ? oto_be16(&p->c) : oto_be32(&p->c);
		fins_put(p, n ? "," : "");
		fins_put(p, area->name.name);
		fins_put(p, "=");
		fins_put_number(p, value);
	}
	if (!p->c.bad && !oto_left(&p->c)) {
		p->m->items = fins_text_end(p);
		return;
	}
	p->c = oto_cur_of(all); /* an area that is not known, or a value that is cut: all of it as it stands */
	p->m->data = oto_rest(&p->c);
	p->m->has_data = p->m->data.len != 0;
}

/* W342 5-3-42: bits that are forced on or off or let go. */
static void take_forced(struct fins_parse *p)
{
	uint32_t n = 0;

	if (!fins_text_begin(p))
		return;
	for (; oto_left(&p->c) >= 6; n++) {
		uint16_t what = oto_be16(&p->c);
		uint8_t area = oto_u8(&p->c);
		uint16_t word = oto_be16(&p->c);
		put_item(p, !n, area, word, oto_u8(&p->c));
		fins_put(p, what == 0 ? "=off" : what == 1 ? "=on" : what == 0xffff ? "=let_go" : what & LAST ? "=let_go" : "=?");
	}
	p->m->items = fins_text_end(p);
}

static struct oto_list flags_of(struct fins_parse *p, uint16_t bits, const char *const words[16])
{
	struct oto_slice *items = bits ? oto_scratch(p->cx, 16 * sizeof *items) : NULL;
	struct oto_list list = { items, 0 };

	for (uint32_t i = 0; items && i < 16; i++) {
		if (bits >> i & 1)
			items[list.count++] = oto_slice_of(words[i] ? words[i] : "unknown");
	}
	return list;
}

static void take_status(struct fins_parse *p)
{
	struct fins_message *m = p->m;
	struct oto_cur *c = &p->c;

	m->status = oto_u8(c);
	m->run_mode = oto_u8(c);
	m->fatal_flags = oto_be16(c);
	m->non_fatal_flags = oto_be16(c);
	m->message_flags = oto_be16(c);
	m->fal_fals_no = oto_be16(c);
	m->error_message = fins_trim(oto_take(c, 16));
	m->has_status = m->has_mode = m->has_fal = !c->bad;
	m->fatal_error = flags_of(p, m->fatal_flags, fins_fatal_flags);
	m->non_fatal_error = flags_of(p, m->non_fatal_flags, fins_non_fatal_flags);
}

/* W342 5-3-13: model and sizes, the units of the CPU bus, or both. */
static void take_identity(struct fins_parse *p)
{
	struct fins_message *m = p->m;
	struct oto_cur *c = &p->c;

	if (oto_left(c) >= IDENTITY) {
		m->controller_model = fins_trim(oto_take(c, 20));
		m->controller_version = fins_trim(oto_take(c, 20));
		oto_skip(c, 40);
		m->program_area_size = oto_be16(c);
		m->iom_size = oto_u8(c);
		m->no_of_dm_words = oto_be16(c);
		m->timer_size = oto_u8(c);
		m->expansion_dm_size = oto_u8(c);
		m->no_of_steps_transitions = oto_be16(c);
		m->kind_of_memory_card = oto_u8(c);
		m->memory_card_size = oto_be16(c);
		m->has_identity = !c->bad;
	}
	if (oto_left(c) >= UNITS) {
		m->cpu_bus_unit_config = oto_take_vec(c, OTO_VEC_U16BE, FINS_CPU_BUS_UNITS);
		m->has_bus_units = !c->bad;
		oto_skip(c, UNITS - 2 * FINS_CPU_BUS_UNITS);
	}
}

/* W342 5-3-14: units and their models. */
static void take_units(struct fins_parse *p)
{
	struct fins_message *m = p->m;
	struct oto_slice *items = oto_scratch(p->cx, UNITS_MAX * sizeof *items);

	m->no_of_units = oto_u8(&p->c) & 0x7f;
	m->has_units_read = !p->c.bad;
	m->units = (struct oto_list){ items, 0 };
	m->has_unit_list = true;
	while (items && m->units.count < UNITS_MAX && oto_left(&p->c) >= 21 && fins_text_begin(p)) {
		fins_put_number(p, oto_u8(&p->c));
		fins_put(p, " ");
		struct oto_slice model = fins_trim(oto_take(&p->c, 20));
		for (uint32_t i = 0; i < model.len; i++)
			fins_put_byte(p, model.data[i]);
		items[m->units.count++] = fins_text_end(p);
	}
}

/* W342 5-3-21 to 23: the two high bits say which command it is. */
static void take_message_command(struct fins_parse *p)
{
	p->m->message_flags = oto_be16(&p->c);
	p->m->message_command = (uint8_t)(p->m->message_flags >> 14);
	p->m->message_flags &= 0x3fff;
	p->m->has_message = !p->c.bad;
}

/* Messages of 32 characters behind the flags that tell which, or one of 16 behind a FAL number. */
static void take_messages(struct fins_parse *p)
{
	enum { TEXT = 32, FAL_TEXT = 16, MOST = 8 };
	struct fins_message *m = p->m;

	if (!oto_left(&p->c))
		return;
	uint16_t first = oto_be16(&p->c);
	if (oto_left(&p->c) == FAL_TEXT) {
		m->fal_fals_no = first & 0x3fff;
		m->has_fal = true;
		m->error_message = fins_trim(oto_take(&p->c, FAL_TEXT));
		return;
	}
	struct oto_slice *items = oto_scratch(p->cx, MOST * sizeof *items);
	m->message_flags = first & 0x3fff;
	m->has_message = !p->c.bad;
	m->messages = (struct oto_list){ items, 0 };
	m->has_messages = true;
	while (items && m->messages.count < MOST && oto_left(&p->c) >= TEXT)
		items[m->messages.count++] = fins_trim(oto_take(&p->c, TEXT));
}

/* W342 5-3-36: how many, then their names. */
static void take_names(struct fins_parse *p)
{
	enum { MOST = 64 };
	struct fins_message *m = p->m;
	struct oto_slice *items = oto_scratch(p->cx, MOST * sizeof *items);

	m->count = oto_be16(&p->c);
	m->has_count = !p->c.bad;
	m->files = (struct oto_list){ items, 0 };
	m->has_files = true;
	for (uint32_t i = 0; items && i < m->count && i < MOST && !p->c.bad; i++) {
		items[i] = fins_take_name(p);
		m->files.count += !p->c.bad;
	}
	if (m->files.count)
		m->file_name = items[0];
}

static void take_directory(struct fins_parse *p)
{
	uint16_t length = oto_be16(&p->c);

	p->m->directory = oto_take(&p->c, length);
}

/* A password's characters stay where they are: only how many there were is told. */
static void take_password(struct fins_parse *p)
{
	p->m->password_length = oto_rest(&p->c).len;
	p->m->has_password = true;
}

static void take_content(struct fins_parse *p)
{
	struct fins_message *m = p->m;
	uint32_t most = m->has_length ? m->data_length : m->has_bytes ? m->number_of_bytes : UINT32_MAX, left = oto_left(&p->c);

	m->data = oto_take(&p->c, left < most ? left : most);
	m->has_data = m->data.len != 0;
}

static uint16_t take_with_flag(struct oto_cur *c, bool *flag)
{
	uint16_t n = oto_be16(c);

	*flag = n & LAST;
	return n & (LAST - 1);
}

static void take_memory_part(struct fins_parse *p, char part)
{
	struct fins_message *m = p->m;
	struct oto_cur *c = &p->c;

	switch (part) {
	case 'a':
		m->memory_area_code = oto_u8(c);
		m->has_area = !c->bad;
		break;
	case 'w':
		m->beginning_address = oto_be16(c);
		m->has_address = !c->bad;
		break;
	case 'b':
		m->bit = oto_u8(c);
		m->address = (uint32_t)m->beginning_address << 8 | m->bit;
		m->has_bit = !c->bad;
		break;
	case 'n':
		m->number_of_items = oto_be16(c);
		m->has_items = !c->bad;
		break;
	case 'A':
		m->to_memory_area_code = oto_u8(c);
		break;
	case 'W':
		m->to_address = oto_be16(c);
		break;
	case 'B':
		m->to_bit = oto_u8(c);
		m->has_to = !c->bad;
		break;
	case 'V':
		take_values(p, UINT32_MAX);
		take_content(p);
		break;
	case 'R':
		take_values(p, m->number_of_items);
		take_content(p);
		break;
	case 'M':
		take_areas(p);
		break;
	case 'L':
		take_area_values(p);
		break;
	case 'K':
		take_forced(p);
		break;
	default:
		break;
	}
}

static void take_program_part(struct fins_parse *p, char part)
{
	struct fins_message *m = p->m;
	struct oto_cur *c = &p->c;

	switch (part) {
	case 'p':
		m->parameter_area_code = oto_be16(c);
		m->has_parameter_area = !c->bad;
		break;
	case 'k':
		m->beginning_word = oto_be16(c);
		break;
	case 'l':
		m->number_of_words = take_with_flag(c, &m->last_word_bit);
		m->has_words = !c->bad;
		break;
	case 'g':
		m->program_no = oto_be16(c);
		m->has_program = !c->bad;
		break;
	case 'o':
		m->word_offset = oto_be32(c);
		m->has_offset = !c->bad;
		break;
	case 'E':
		m->last_word = oto_be32(c);
		m->has_last_word = !c->bad;
		break;
	case 'c':
		m->number_of_bytes = take_with_flag(c, &m->last_data);
		m->has_bytes = !c->bad;
		break;
	case 'S':
		take_password(p);
		break;
	case 'i':
		oto_skip(c, 2);
		m->intelligent_id = oto_be16(c);
		m->has_link = !c->bad;
		break;
	case 'T':
		m->num_of_link_nodes = oto_u8(c) & 0x7f;
		m->has_links = !c->bad;
		break;
	default:
		break;
	}
}

static void take_unit_part(struct fins_parse *p, char part)
{
	struct fins_message *m = p->m;
	struct oto_cur *c = &p->c;

	switch (part) {
	case 'P':
		m->parameter = oto_u8(c);
		m->has_parameter = !c->bad;
		break;
	case 'q':
		m->parameter_code = oto_be16(c);
		m->has_parameter_code = !c->bad;
		break;
	case 'm':
		m->run_mode = oto_u8(c);
		m->has_mode = !c->bad;
		break;
	case 'v':
		take_identity(p);
		break;
	case 'u':
		m->parameter = oto_u8(c);
		m->has_parameter = !c->bad;
		if (!oto_left(c)) /* 25 are meant: W342 5-3-16 */
			break;
		m->no_of_units = oto_u8(c);
		m->has_units_read = !c->bad;
		break;
	case 'U':
		take_units(p);
		break;
	case 's':
		take_status(p);
		break;
	case 'C':
		take_clock(p);
		break;
	case 't':
		m->average_cycle_time = oto_be32(c);
		m->max_cycle_time = oto_be32(c);
		m->min_cycle_time = oto_be32(c);
		m->has_times = !c->bad;
		break;
	case 'e':
		take_message_command(p);
		break;
	case 'h':
		take_messages(p);
		break;
	case 'H':
		m->acquire_network_address = oto_u8(c);
		m->acquire_node_number = oto_u8(c);
		m->acquire_unit_address = oto_u8(c);
		m->has_holder = !c->bad;
		break;
	case 'F':
		m->fal_fals_no = oto_be16(c);
		m->has_fal = !c->bad;
		break;
	case 'N':
		fins_tell_nodes(p);
		break;
	case '$':
		m->label = fins_trim(oto_rest(c));
		break;
	default:
		break;
	}
}

static void take_file_part(struct fins_parse *p, char part)
{
	struct fins_message *m = p->m;
	struct oto_cur *c = &p->c;

	switch (part) {
	case 'd':
		m->disk_no = oto_be16(c);
		m->has_disk = !c->bad;
		break;
	case 'f':
		m->file_name = fins_take_name(p);
		break;
	case 'x':
		m->new_disk_no = oto_be16(c);
		m->has_new_disk = !c->bad;
		break;
	case 'Y':
		m->new_file_name = fins_take_name(p);
		break;
	case 'G':
		take_names(p);
		break;
	case 'y':
		take_directory(p);
		break;
	case 'O':
		m->file_position = oto_be32(c);
		m->has_position = !c->bad;
		break;
	case 'X':
		m->data_length = take_with_flag(c, &m->last_data);
		m->has_length = !c->bad;
		break;
	case 'z':
		m->file_capacity = oto_be32(c);
		m->has_capacity = !c->bad;
		break;
	case 'j':
		m->first_record = oto_be16(c);
		m->has_record = !c->bad;
		break;
	case 'r':
		m->count = oto_be16(c);
		m->has_count = !c->bad;
		break;
	case 'J':
		fins_tell_errors(p);
		break;
	case 'I':
		fins_tell_writes(p);
		break;
	case 'Q':
		fins_tell_files(p);
		break;
	default:
		break;
	}
}

static void take_part(struct fins_parse *p, char part)
{
	if (part == '1') {
		take_content(p);
	} else if (part == 'D') {
		p->m->data = oto_rest(&p->c);
		p->m->has_data = p->m->data.len != 0;
	} else if (strchr("awbnAWBVRMLK", part)) {
		take_memory_part(p, part);
	} else if (strchr("pklgoEcSiT", part)) {
		take_program_part(p, part);
	} else if (strchr("dfxYGyOXzjrJIQ", part)) {
		take_file_part(p, part);
	} else {
		take_unit_part(p, part);
	}
}

void fins_take_parts(struct fins_parse *p, const char *layout)
{
	bool optional = false;

	for (; *layout && !p->c.bad; layout++) {
		optional |= *layout == '?';
		if (optional && !oto_left(&p->c))
			return;
		if (*layout != '?')
			take_part(p, *layout);
	}
	p->short_of = p->c.bad;
}
