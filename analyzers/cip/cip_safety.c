/* cip_safety.c - CIP Safety, the CIP Networks Library's volume 5: connections that prove each message by what it says twice.
 *
 * Data and what proves them are looked at as they stand; what they mean to the machine is not known here. The checksums S1, S2 and S3 of
 * the base format are proved. S5 of the extended format counts a rollover that is not on the wire, and is not.
 */
#include "cip_safety.h"

static const struct oto_name format_rows[] = {
	{ CIP_SAFETY_BASE, "base", 0, "target format: data in the base format" },
	{ CIP_SAFETY_ROUTER, "router", 0, "for a router between links of different kinds" },
	{ CIP_SAFETY_EXTENDED, "extended", 0, "data in the extended format" },
};
const struct oto_names cip_safety_formats = OTO_NAMES(format_rows);
static const struct oto_name kind_rows[] = {
	{ CIP_SAFETY_DATA, "data", 0, "with a time stamp and checksums" },
	{ CIP_SAFETY_TIME, "time coordination", 0, "what the consumer answers" },
};
const struct oto_names cip_safety_kinds = OTO_NAMES(kind_rows);

/* ------------------------------------------------------------------------------------------------ the segment of a Forward Open */

struct cip_safety_segment cip_safety_take_segment(struct oto_slice bytes)
{
	enum { STAMP = 6, CORRECTION = 6, NODE = 10 };
	struct oto_cur c = oto_cur_of(bytes);
	struct cip_safety_segment s = { .format = oto_u8(&c) };

	if (s.format == CIP_SAFETY_ROUTER)
		return s;
	oto_skip(&c, 1);
	s.configuration_crc = oto_le32(&c);
	oto_skip(&c, STAMP + CORRECTION);
	s.target = oto_take(&c, NODE);
	s.originator = oto_take(&c, NODE);
	s.has_nodes = !c.bad;
	return s;
}

/* ------------------------------------------------------------------------------------------------ checksums */

/* By half bytes: x^8 + x^5 + x^4 + x^2 + x + 1; x^8 + x^5 + x^4 + x^3 + x + 1; x^16 + x^11 + x^3 + x^2 + x + 1. */
static const uint8_t s1_table[16] = { 0x00, 0x37, 0x6e, 0x59, 0xdc, 0xeb, 0xb2, 0x85, 0x8f, 0xb8, 0xe1, 0xd6, 0x53, 0x64, 0x3d, 0x0a };
static const uint8_t s2_table[16] = { 0x00, 0x3b, 0x76, 0x4d, 0xec, 0xd7, 0x9a, 0xa1, 0xe3, 0xd8, 0x95, 0xae, 0x0f, 0x34, 0x79, 0x42 };
static const uint16_t s3_table[16] = { 0x0000, 0x080f, 0x101e, 0x1811, 0x203c, 0x2833, 0x3022, 0x382d,
				       0x4078, 0x4877, 0x5066, 0x5869, 0x6044, 0x684b, 0x705a, 0x7855 };

static uint8_t crc8(const uint8_t table[16], uint8_t crc, uint8_t byte)
{
	crc ^= byte;
	crc = (uint8_t)(crc << 4) ^ table[crc >> 4];
	return (uint8_t)(crc << 4) ^ table[crc >> 4];
}

static uint16_t crc16(uint16_t crc, uint8_t byte)
{
	crc ^= (uint16_t)(byte << 8);
	crc = (uint16_t)(crc << 4) ^ s3_table[crc >> 12];
	return (uint16_t)(crc << 4) ^ s3_table[crc >> 12];
}

static uint8_t crc8_of(const uint8_t table[16], uint8_t crc, struct oto_slice s, uint8_t invert)
{
	for (uint32_t i = 0; i < s.len; i++)
		crc = crc8(table, crc, s.data[i] ^ invert);
	return crc;
}

static uint16_t crc16_of(uint16_t crc, struct oto_slice s)
{
	for (uint32_t i = 0; i < s.len; i++)
		crc = crc16(crc, s.data[i]);
	return crc;
}

void cip_safety_sender(struct cip_safety_way *way, const uint8_t sender[CIP_SAFETY_SENDER])
{
	struct oto_slice s = { sender, CIP_SAFETY_SENDER };

	way->s1 = crc8_of(s1_table, 0, s, 0);
	way->s3 = crc16_of(0, s);
	way->has_sender = true;
}

/* ------------------------------------------------------------------------------------------------ messages */

/* Volume 5, 2-3: the mode byte. Each bit stands twice, so that one that fell over is seen. */
enum { RUN = 0x80, TBD_2 = 0x40, TBD = 0x20, NOT_RUN = 0x10, TBD_2_COPY = 0x08, NOT_TBD = 0x04, PING = 0x03 };
enum { MODE_OF_DATA = 0xe0, MODE_OF_TIME = 0x1f };

static bool mode_fits(uint8_t mode)
{
	return !(mode & RUN) == !!(mode & NOT_RUN) && !(mode & TBD) == !!(mode & NOT_TBD) && !(mode & TBD_2) == !(mode & TBD_2_COPY);
}

/* Volume 5, 2-4: the time stamp of the base format, with the lower half of the mode byte. */
static bool stamp_fits(const struct cip_safety_way *way, uint8_t mode, struct oto_slice time, uint8_t crc)
{
	return crc8_of(s1_table, crc8(s1_table, way->s1, mode & MODE_OF_TIME), time, 0) == crc;
}

static bool proves(const struct cip_safety_way *way)
{
	return way->has_sender && way->format == CIP_SAFETY_BASE;
}

/* One or two bytes: checksums of the data and of their complement, which is not sent. */
static bool short_fits(const struct cip_safety_way *way, uint8_t mode, struct oto_slice io, struct oto_slice checks)
{
	return crc8_of(s1_table, crc8(s1_table, way->s1, mode & MODE_OF_DATA), io, 0) == checks.data[0] &&
	       crc8_of(s2_table, crc8(s2_table, way->s1, ~mode & MODE_OF_DATA), io, 0xff) == checks.data[1];
}

static bool long_fits(const struct cip_safety_way *way, uint8_t mode, struct oto_slice io, uint16_t crc)
{
	return crc16_of(crc16(way->s3, mode & MODE_OF_DATA), io) == crc;
}

static bool is_complement(struct oto_slice a, struct oto_slice b)
{
	for (uint32_t i = 0; i < a.len && i < b.len; i++) {
		if ((a.data[i] ^ b.data[i]) != 0xff)
			return false;
	}
	return a.len == b.len;
}

/* What both lengths have; false: the mode byte contradicts itself. */
static bool take_mode(struct cip_safety_message *m, uint8_t mode, struct oto_slice time)
{
	m->run = mode & RUN;
	m->ping = mode & PING;
	m->time = (uint16_t)(time.data[0] | time.data[1] << 8);
	if (!mode_fits(mode))
		m->odd = "safety_mode_differs";
	return !m->odd;
}

static void take_short(const struct cip_safety_way *way, struct oto_cur *c, struct cip_safety_message *m, uint32_t size)
{
	m->io = oto_take(c, size);
	uint8_t mode = oto_u8(c);
	struct oto_slice checks = oto_take(c, 2), time = oto_take(c, 2);
	uint8_t last = oto_u8(c);

	if (c->bad || !take_mode(m, mode, time))
		return;
	if (proves(way) && !(short_fits(way, mode, m->io, checks) && stamp_fits(way, mode, time, last)))
		m->odd = "safety_checksum";
}

static void take_long(const struct cip_safety_way *way, struct oto_cur *c, struct cip_safety_message *m, uint32_t size)
{
	m->io = oto_take(c, size);
	uint8_t mode = oto_u8(c);
	uint16_t crc = oto_le16(c);
	struct oto_slice complement = oto_take(c, size);
	uint16_t complement_crc = oto_le16(c);
	struct oto_slice time = oto_take(c, 2);
	uint8_t last = oto_u8(c);

	if (c->bad || !take_mode(m, mode, time))
		return;
	if (!is_complement(m->io, complement))
		m->odd = "safety_data_differ";
	else if (proves(way) && !(long_fits(way, mode, m->io, crc) && long_fits(way, ~mode, complement, complement_crc) &&
				  stamp_fits(way, mode, time, last)))
		m->odd = "safety_checksum";
}

/* Volume 5, 2-4.3: the consumer's answer to a ping. */
static void take_time(const struct cip_safety_way *way, struct oto_cur *c, struct cip_safety_message *m)
{
	enum { ANSWERS = 0x08 };
	uint8_t ack = oto_u8(c);
	struct oto_slice time = oto_take(c, 2);

	oto_skip(c, way->format == CIP_SAFETY_BASE ? 1 : 0);
	uint16_t crc = oto_le16(c);
	if (c->bad)
		return;
	m->ping = ack & PING;
	m->answers = ack & ANSWERS;
	m->time = (uint16_t)(time.data[0] | time.data[1] << 8);
	if (proves(way) && crc16_of(crc16(way->s3, ack), time) != crc)
		m->odd = "safety_checksum";
}

struct cip_safety_message cip_safety_read(const struct cip_safety_way *way, struct oto_slice bytes)
{
	enum { AROUND_SHORT = 6, AROUND_LONG = 8, SHORT_MAX = 2, CORRECTION = 6, TIME = 6 };
	struct cip_safety_message m = { .kind = way->produces ? CIP_SAFETY_DATA : CIP_SAFETY_TIME };
	uint32_t correction = way->multicast ? CORRECTION : 0;
	struct oto_cur c = oto_cur_of(bytes);

	if (!way->produces && bytes.len == TIME)
		take_time(way, &c, &m);
	else if (way->produces && bytes.len > AROUND_SHORT + correction && bytes.len <= AROUND_SHORT + SHORT_MAX + correction)
		take_short(way, &c, &m, bytes.len - AROUND_SHORT - correction);
	else if (way->produces && bytes.len > AROUND_LONG + 2 * SHORT_MAX + correction && !(bytes.len & 1))
		take_long(way, &c, &m, (bytes.len - AROUND_LONG - correction) / 2);
	else
		m = (struct cip_safety_message){ .odd = "safety_length" };
	return m;
}
