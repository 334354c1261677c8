/* slmp_device.c - devices and labels of a command, and the values that are written or read. Knows how iQ-R and Q/L write a device, in
 * binary and in ASCII, alone and with extensions (MC appendix 1).
 */
#include "slmp.h"

enum { POINTS_MAX = 16384 };

/* ------------------------------------------------------------------------------------------------ values */

/* Words stay on the wire in binary; ASCII ones are turned into the same form. */
static struct oto_vec numbers(struct slmp_parse *p, uint32_t n, uint32_t width, enum oto_vec_kind kind)
{
	if (!p->r.ascii)
		return oto_take_vec(&p->r.c, kind, n);
	if (n > POINTS_MAX || !oto_need(&p->r.c, 2 * width * n)) {
		p->r.c.bad = true;
		return (struct oto_vec){ 0 };
	}
	uint8_t *out = oto_scratch(p->cx, (size_t)width * n + 1);
	for (uint32_t i = 0; out && i < n; i++) {
		uint32_t value = slmp_num(&p->r, width);
		for (uint32_t k = 0; k < width; k++)
			out[width * i + k] = (uint8_t)(value >> 8 * k);
	}
	return (struct oto_vec){ out, out ? n : 0, (uint8_t)kind };
}

void slmp_take_words(struct slmp_parse *p, uint32_t n)
{
	p->m->values = numbers(p, n, 2, OTO_VEC_U16LE);
	p->m->has_values = !p->r.c.bad && p->m->values.count;
}

void slmp_take_bytes(struct slmp_parse *p, uint32_t n)
{
	p->m->values = numbers(p, n, 1, OTO_VEC_U8);
	p->m->has_values = !p->r.c.bad && p->m->values.count;
}

/* Bits are a half byte each, the first in the upper half; in ASCII a character each, and frame 1E fills up to an even number. */
static void take_bits(struct slmp_parse *p, uint32_t n)
{
	struct slmp_message *m = p->m;
	uint32_t even = p->frame_1e ? (n + 1) & ~1u : n;
	struct oto_slice raw = oto_take(&p->r.c, p->r.ascii ? even : (n + 1) / 2);
	uint8_t *out = raw.len ? oto_scratch(p->cx, n) : NULL;

	for (uint32_t i = 0; out && i < n; i++)
		out[i] = p->r.ascii ? raw.data[i] == '1' : raw.data[i / 2] >> (i % 2 ? 0 : 4) & 1;
	m->values = (struct oto_vec){ out, out ? n : 0, OTO_VEC_U8 };
	m->has_values = out != NULL;
}

void slmp_take_values(struct slmp_parse *p, uint32_t points, bool bits)
{
	if (points > POINTS_MAX)
		p->r.c.bad = true;
	else if (bits)
		take_bits(p, points);
	else
		slmp_take_words(p, points);
}

/* Values that stand behind one device each, put side by side. */
struct gathered {
	uint8_t *at;
	uint32_t count, width, max;
};

static struct gathered gather(struct slmp_parse *p, uint32_t max, uint32_t width)
{
	return (struct gathered){ max && max <= POINTS_MAX ? oto_scratch(p->cx, (size_t)max * width) : NULL, 0, width, max };
}

static void gather_one(struct gathered *g, uint32_t value)
{
	if (!g->at || g->count == g->max)
		return;
	for (uint32_t k = 0; k < g->width; k++)
		g->at[g->width * g->count + k] = (uint8_t)(value >> 8 * k);
	g->count++;
}

/* ------------------------------------------------------------------------------------------------ devices */

struct device {
	uint16_t code, extension, unit; /* unit: of a module or network */
	uint32_t number;
	uint8_t direct;               /* enum direct */
	uint8_t index, network_index; /* index register that is added, plus one */
	bool indirect, long_index;
};
/* What the extension says the device is behind (MC appendix 1). */
enum direct { DIRECT_NONE, DIRECT_BLOCK /* of file registers, frame 1E */, DIRECT_MODULE = 0xf8, DIRECT_LINK = 0xf9, DIRECT_CPU = 0xfa };
enum { INDEX_Z = 4, INDEX_LZ = 8, INDIRECT = 8 };

/* "Z04", "Z004", "LZ04": an index register; zeros when there is none. */
static uint8_t index_digits(struct slmp_reader *r, uint32_t n, bool *is_long)
{
	struct oto_slice s = oto_take(&r->c, n);
	uint32_t value = 0, letters = 0;

	for (uint32_t i = 0; i < s.len; i++) {
		letters += s.data[i] == 'Z' || s.data[i] == 'L';
		*is_long |= s.data[i] == 'L';
		value = value * 10 + (slmp_digit(s.data[i]) > 0 && slmp_digit(s.data[i]) < 10 ? (uint32_t)slmp_digit(s.data[i]) : 0);
	}
	return letters ? (uint8_t)(value + 1) : 0;
}

/* Extension specification of four characters: U and a module's number, or J and a network's. */
static void unit_digits(struct slmp_reader *r, struct device *d)
{
	uint8_t letter = oto_u8(&r->c);

	d->unit = (uint16_t)slmp_digits(r, 3);
	d->direct = letter == 'J' ? DIRECT_LINK : letter != 'U' ? DIRECT_NONE : d->unit >= 0x3e0 ? DIRECT_CPU : DIRECT_MODULE;
}

/* Leading zeros may be blanks. */
static uint32_t device_digits(struct slmp_reader *r, uint32_t n, bool hex)
{
	uint32_t value = 0;

	while (n && oto_left(&r->c) && *r->c.at == ' ') {
		oto_skip(&r->c, 1);
		n--;
	}
	for (uint32_t i = 0; i < n; i++) {
		uint32_t d = slmp_digits(r, 1);
		r->c.bad |= !hex && d > 9;
		value = value * (hex ? 16 : 10) + d;
	}
	return value;
}

static void device_ascii(struct slmp_reader *r, struct device *d, bool iqr, bool extended)
{
	if (extended) {
		oto_skip(&r->c, 1);
		d->indirect = oto_u8(&r->c) == '@';
		unit_digits(r, d);
		d->network_index = index_digits(r, iqr ? 4 : 3, &d->long_index);
	}
	d->code = slmp_device_code(oto_take(&r->c, iqr ? 4 : 2));
	const struct slmp_device *row = slmp_device_of(d->code);
	if (!row)
		r->c.bad = true;
	d->number = device_digits(r, !iqr ? 6 : extended ? 10 : 8, row && row->hex);
	if (extended)
		d->index = index_digits(r, iqr ? 4 : 3, &d->long_index);
}

static void device_binary(struct slmp_reader *r, struct device *d, bool iqr, bool extended)
{
	uint8_t index = 0, how = 0;

	if (extended) {
		index = oto_u8(&r->c);
		how = oto_u8(&r->c);
	}
	d->number = slmp_num(r, iqr ? 4 : 3);
	d->code = (uint16_t)slmp_num(r, iqr ? 2 : 1);
	if (!extended)
		return;
	uint8_t network_index = oto_u8(&r->c), network_how = oto_u8(&r->c);
	d->unit = (uint16_t)slmp_num(r, 2);
	d->direct = oto_u8(&r->c);
	d->indirect = how & INDIRECT;
	d->long_index = how >> 4 == INDEX_LZ;
	d->index = how >> 4 ? (uint8_t)(index + 1) : 0;
	d->network_index = network_how >> 4 ? (uint8_t)(network_index + 1) : 0;
}

/* SLMP 5.3: subcommand bit 1 has devices of iQ-R, four bytes of number and two of code; bit 7 has extensions for modules and links. */
static struct device take_device(struct slmp_parse *p)
{
	struct slmp_reader *r = &p->r;
	struct device d = { 0 };

	if (p->frame_1e && r->ascii) {
		d.code = slmp_device_of_1e((uint16_t)slmp_num(r, 2));
		d.number = slmp_num(r, 4);
	} else if (p->frame_1e) {
		d.number = slmp_num(r, 4);
		d.code = slmp_device_of_1e((uint16_t)slmp_num(r, 2));
	} else if (r->ascii) {
		device_ascii(r, &d, p->m->subcommand & 2, p->m->subcommand & 0x80);
	} else {
		device_binary(r, &d, p->m->subcommand & 2, p->m->subcommand & 0x80);
	}
	return d;
}

enum unit { UNIT_BIT, UNIT_WORD, UNIT_DOUBLE };

static bool is_plain(const struct device *d)
{
	return !d->direct && !d->indirect && !d->index && !d->network_index;
}

static void put_unit(struct slmp_parse *p, const struct device *d)
{
	if (!d->direct)
		return;
	if (d->direct != DIRECT_BLOCK)
		slmp_put_byte(p, d->direct == DIRECT_LINK ? 'J' : 'U');
	slmp_put_number(p, d->unit, d->direct < DIRECT_MODULE || d->direct == DIRECT_LINK ? 10 : 16);
	if (d->network_index) {
		slmp_put_byte(p, 'Z');
		slmp_put_number(p, d->network_index - 1u, 10);
	}
	slmp_put_byte(p, '\\');
}

/* A word of a bit device is sixteen of them, a double word 32; of a word device a double word is two. */
static uint32_t extent(const struct device *d, uint32_t points, enum unit unit)
{
	const struct slmp_device *row = slmp_device_of(d->code);

	return points * (unit == UNIT_BIT ? 1 : unit * (row && row->bit ? 16u : 1u));
}

/* As programmers write it: D100, X1F, D100-102, U3\G1, J1\W100, @D0, D100Z4; 2\R70 is in block 2. */
static void put_device(struct slmp_parse *p, const struct device *d, uint32_t count)
{
	const struct oto_name *name = oto_name_of(&slmp_devices, d->code);
	const struct slmp_device *row = slmp_device_of(d->code);
	uint32_t base = row && row->hex ? 16 : 10;

	if (slmp_text_full(p))
		return;
	if (p->text.len)
		slmp_put_byte(p, ' ');
	put_unit(p, d);
	if (d->indirect)
		slmp_put_byte(p, '@');
	slmp_put(p, name ? name->name : "?");
	slmp_put_number(p, d->number, base);
	if (count > 1) {
		slmp_put_byte(p, '-');
		slmp_put_number(p, d->number + count - 1, base);
	}
	if (d->index) {
		slmp_put(p, d->long_index ? "LZ" : "Z");
		slmp_put_number(p, d->index - 1u, 10);
	}
}

static void first_device(struct slmp_message *m, const struct device *d)
{
	m->device_code = d->code;
	m->head_device = d->number;
	m->has_device = true;
}

static void tell_devices(struct slmp_parse *p)
{
	p->m->devices = slmp_text_end(p);
	p->m->has_devices = p->m->devices.len != 0;
}

/* MC 18.3: 0 stands for 256. */
static uint32_t points_1e(struct slmp_parse *p)
{
	uint32_t n = slmp_num(&p->r, 1);

	slmp_num(&p->r, 1);
	return n ? n : 256;
}

/* ------------------------------------------------------------------------------------------------ commands on devices */

void slmp_take_range(struct slmp_parse *p, bool writes)
{
	struct slmp_message *m = p->m;
	struct device d = take_device(p);

	first_device(m, &d);
	m->points = p->frame_1e ? points_1e(p) : slmp_num(&p->r, 2);
	m->has_points = true;
	m->extent = extent(&d, m->points, slmp_by_bit(m) ? UNIT_BIT : UNIT_WORD);
	if (!is_plain(&d)) {
		slmp_text_begin(p);
		put_device(p, &d, m->extent);
		tell_devices(p);
	}
	if (writes)
		slmp_take_values(p, m->points, slmp_by_bit(m));
}

/* Single devices: words, then double words; or bits. A write has each value behind its device. Bits of iQ-R are written as words. */
void slmp_take_random(struct slmp_parse *p, bool writes)
{
	struct slmp_message *m = p->m;
	bool bits = slmp_by_bit(m);
	uint32_t words = p->frame_1e ? points_1e(p) : slmp_num(&p->r, 1), doubles = p->frame_1e || bits ? 0 : slmp_num(&p->r, 1);
	uint32_t width = bits && (p->frame_1e || !(m->subcommand & 2)) ? 1 : 2;
	struct gathered values = gather(p, writes ? words + doubles : 0, doubles ? 4 : width);

	m->points = words + doubles;
	m->doubles = doubles;
	m->has_points = true;
	slmp_text_begin(p);
	for (uint32_t i = 0; i < words + doubles && !p->r.c.bad; i++) {
		struct device d = take_device(p);
		put_device(p, &d, extent(&d, 1, bits ? UNIT_BIT : i < words ? UNIT_WORD : UNIT_DOUBLE));
		if (i == 0)
			first_device(m, &d);
		if (writes)
			gather_one(&values, slmp_num(&p->r, i < words ? width : 4));
	}
	m->values = (struct oto_vec){ values.at, values.count,
				      values.width == 4 ? OTO_VEC_U32LE
				      : width == 1      ? OTO_VEC_U8
							: OTO_VEC_U16LE };
	m->has_values = values.count;
	tell_devices(p);
}

/* The answer: widened to double words when there are any. */
void slmp_take_mixed(struct slmp_parse *p, uint32_t doubles)
{
	uint32_t words = oto_left(&p->r.c) / (p->r.ascii ? 4 : 2);

	words = words > 2 * doubles ? words - 2 * doubles : 0;
	if (!doubles) {
		slmp_take_words(p, words);
		return;
	}
	struct gathered values = gather(p, words + doubles, 4);
	for (uint32_t i = 0; i < words + doubles; i++)
		gather_one(&values, slmp_num(&p->r, i < words ? 2 : 4));
	p->m->values = (struct oto_vec){ values.at, values.count, OTO_VEC_U32LE };
	p->m->has_values = values.count;
}

/* Blocks of words, then blocks of bits in units of sixteen. A write has each block's data behind it. */
void slmp_take_blocks(struct slmp_parse *p, bool writes)
{
	enum { BLOCK_WORDS_MAX = 960 };
	struct slmp_message *m = p->m;
	uint32_t words = slmp_num(&p->r, 1), bits = slmp_num(&p->r, 1);
	struct gathered values = gather(p, writes ? BLOCK_WORDS_MAX : 0, 2);

	slmp_text_begin(p);
	for (uint32_t i = 0; i < words + bits && !p->r.c.bad; i++) {
		struct device d = take_device(p);
		uint32_t n = slmp_num(&p->r, 2);
		put_device(p, &d, i < words ? n : 16 * n);
		if (i == 0)
			first_device(m, &d);
		m->points += n;
		for (uint32_t k = 0; writes && k < n && !p->r.c.bad; k++)
			gather_one(&values, slmp_num(&p->r, 2));
	}
	m->values = (struct oto_vec){ values.at, values.count, OTO_VEC_U16LE };
	m->has_values = values.count;
	m->has_points = true;
	tell_devices(p);
}

/* MC 18.5: file registers in blocks. One range (17, 18), or single ones (19, 1a), each with the number of its block. */
void slmp_take_extension_files(struct slmp_parse *p, bool writes)
{
	struct slmp_message *m = p->m;
	bool range = m->command == 0x17 || m->command == 0x18;
	uint32_t n = range ? 1 : points_1e(p);
	struct gathered values = gather(p, writes && !range ? n : 0, 2);

	slmp_text_begin(p);
	for (uint32_t i = 0; i < n && !p->r.c.bad; i++) {
		struct device d = take_device(p);
		d.direct = DIRECT_BLOCK;
		d.unit = (uint16_t)slmp_num(&p->r, 2);
		m->points = range ? points_1e(p) : n;
		put_device(p, &d, 1);
		if (i == 0) {
			first_device(m, &d);
			m->block = d.unit;
			m->has_block = true;
		}
		if (writes && !range)
			gather_one(&values, slmp_num(&p->r, 2));
	}
	m->values = (struct oto_vec){ values.at, values.count, OTO_VEC_U16LE };
	m->has_values = values.count;
	m->has_points = true;
	m->extent = m->points;
	if (!range)
		tell_devices(p);
	else if (writes)
		slmp_take_words(p, m->points);
}

/* ------------------------------------------------------------------------------------------------ labels (MC 9) */

enum { LABEL_BYTES_MAX = 1920 };

/* Bits come in words. */
static uint32_t label_bytes(bool by_byte, uint32_t length)
{
	return by_byte ? length : (length + 15) / 16 * 2;
}

static void gather_label(struct slmp_parse *p, struct gathered *values, uint32_t bytes)
{
	for (uint32_t i = 0; i < bytes && !p->r.c.bad; i++)
		gather_one(values, slmp_num(&p->r, 1));
}

static void tell_label_values(struct slmp_message *m, const struct gathered *values)
{
	m->values = (struct oto_vec){ values->at, values->count, OTO_VEC_U8 };
	m->has_values = values->count;
}

/* Labels by name, after abbreviations of which %1, %2 ... in the names stand for. */
void slmp_take_labels(struct slmp_parse *p, bool arrays, bool writes)
{
	struct slmp_message *m = p->m;
	uint32_t labels = slmp_num(&p->r, 2), abbreviations = slmp_num(&p->r, 2);
	struct gathered values = gather(p, writes ? LABEL_BYTES_MAX : 0, 1);

	slmp_text_begin(p);
	for (uint32_t i = 0; i < abbreviations + labels && !p->r.c.bad; i++) {
		uint32_t characters = slmp_num(&p->r, 2), length = 0;
		if (p->text.len)
			slmp_put_byte(p, ' ');
		if (i < abbreviations)
			slmp_put_byte(p, '%');
		slmp_put_wide(p, characters);
		if (i < abbreviations)
			continue;
		if (arrays) {
			bool by_byte = slmp_num(&p->r, 1);
			slmp_num(&p->r, 1);
			length = label_bytes(by_byte, slmp_num(&p->r, 2));
		} else if (writes) {
			length = slmp_num(&p->r, 2);
		}
		if (writes)
			gather_label(p, &values, length);
	}
	m->points = labels;
	m->has_points = true;
	tell_label_values(m, &values);
	tell_devices(p);
}

/* Of each label its type, a unit (arrays) or a spare byte, the length and the value. */
void slmp_take_label_values(struct slmp_parse *p, bool arrays)
{
	struct gathered values = gather(p, LABEL_BYTES_MAX, 1);
	uint32_t labels = slmp_num(&p->r, 2);

	for (uint32_t i = 0; i < labels && !p->r.c.bad; i++) {
		slmp_num(&p->r, 1);
		bool by_byte = slmp_num(&p->r, 1);
		uint32_t length = slmp_num(&p->r, 2);
		gather_label(p, &values, arrays ? label_bytes(by_byte, length) : length);
	}
	tell_label_values(p->m, &values);
}
