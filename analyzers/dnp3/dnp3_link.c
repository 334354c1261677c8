/* dnp3_link.c - link frames and their checksums (clause 9), and the transport function that puts fragments together (clause 8).
 *
 * Owns the framing: where a frame begins and ends, also behind bytes that are none. A frame with a wrong checksum is told once and not
 * read, as a station would do.
 */
#include "dnp3.h"

enum { START_0 = 0x05, START_1 = 0x64, HEADER = 10, HEADER_CRC = 8, LENGTH_MIN = 5, BLOCK = 16, CRC = 2, USER_DATA = 250 };
enum { DIR = 0x80, PRM = 0x40, FCB = 0x20, FCV = 0x10, FUNCTION = 0x0f };
enum { CONFIRMED_DATA = 19, UNCONFIRMED_DATA = 20 };
enum { FIN = 0x80, FIR = 0x40, SEQUENCE = 0x3f };

/* ------------------------------------------------------------------------------------------------ checksums */

/* crc[n][byte]: what a byte with n more bytes behind it adds to the checksum of a block. It begins at zero, so that these add up. */
struct dnp3_shared {
	uint16_t crc[BLOCK][256];
};
_Static_assert(sizeof(struct dnp3_shared) == DNP3_SHARED, "as declared");

/* 9.2.5: x16 + x13 + x12 + x11 + x10 + x8 + x6 + x5 + x2 + 1, the lowest bit first. */
bool dnp3_setup(const struct oto_setup *how, void *shared)
{
	enum { POLYNOMIAL = 0xa6bc };
	struct dnp3_shared *t = shared;

	(void)how;
	for (unsigned byte = 0; byte < 256; byte++) {
		uint16_t crc = (uint16_t)byte;
		for (int bit = 0; bit < 8; bit++)
			crc = (uint16_t)(crc & 1 ? crc >> 1 ^ POLYNOMIAL : crc >> 1);
		t->crc[0][byte] = crc;
	}
	for (unsigned n = 1; n < BLOCK; n++) {
		for (unsigned byte = 0; byte < 256; byte++) {
			uint16_t before = t->crc[n - 1][byte];
			t->crc[n][byte] = (uint16_t)(before >> 8 ^ t->crc[0][before & 0xff]);
		}
	}
	return true;
}

static bool is_right(const struct oto_ctx *cx, struct oto_slice block, uint16_t crc)
{
	const struct dnp3_shared *t = cx->shared;
	uint16_t sum = 0;

	for (uint32_t i = 0; i < block.len; i++)
		sum ^= t->crc[block.len - 1 - i][block.data[i]];
	return (sum ^ crc) == 0xffff;
}

/* ------------------------------------------------------------------------------------------------ where frames are */

static bool begins(struct oto_cur *c)
{
	return oto_u8(c) == START_0 && oto_u8(c) == START_1 && !c->bad;
}

/* A header with a length that can be and a right checksum; its length in *length. */
static bool is_header(const struct oto_ctx *cx, struct oto_cur c, uint8_t *length)
{
	struct oto_cur look = c;
	struct oto_slice header = oto_take(&look, HEADER_CRC);
	uint16_t crc = oto_le16(&look);

	if (!begins(&c) || look.bad)
		return false;
	*length = oto_u8(&c);
	return *length >= LENGTH_MIN && is_right(cx, header, crc);
}

/* 9.2.4.1.2: the length counts neither start, itself nor checksums. */
static uint32_t frame_size(uint8_t length)
{
	uint32_t data = length - (uint32_t)LENGTH_MIN;

	return HEADER + data + CRC * ((data + BLOCK - 1) / BLOCK);
}

/* How many bytes there are before the next place where a frame could begin; all when there is none. */
static uint32_t junk(struct oto_cur c)
{
	uint32_t n = 1;

	for (oto_skip(&c, 1); oto_left(&c); n++, oto_skip(&c, 1)) {
		struct oto_cur look = c;
		if (oto_u8(&look) == START_0 && (!oto_left(&look) || oto_u8(&look) == START_1))
			return n;
	}
	return n;
}

static bool on_port(const struct oto_ctx *cx)
{
	enum { PORT = 20000, TLS_PORT = 19999 };
	uint16_t a = cx->head->orig_p, b = cx->head->resp_p;

	return cx->head->has_ports && (a == PORT || b == PORT || a == TLS_PORT || b == TLS_PORT);
}

/* On its own port the start bytes decide, elsewhere the checksum, too. */
enum oto_answer dnp3_probe(const struct oto_ctx *cx, struct oto_cur c)
{
	struct oto_cur look = c;
	uint8_t length;

	if (!begins(&look))
		return look.bad && cx->transport == OTO_TCP && (!oto_left(&c) || oto_u8(&c) == START_0) ? OTO_NEED_MORE : OTO_NOT_MINE;
	if (oto_left(&c) < HEADER)
		return cx->transport == OTO_TCP ? OTO_NEED_MORE : OTO_NOT_MINE;
	return is_header(cx, c, &length) || on_port(cx) ? OTO_MINE : OTO_NOT_MINE;
}

/* What is no frame ends where the next could begin, so that what follows it is read. */
int64_t dnp3_pdu_len(const struct oto_ctx *cx, struct oto_cur c)
{
	struct oto_cur look = c;
	uint8_t length;

	if (is_header(cx, c, &length))
		return frame_size(length);
	if (begins(&look) ? oto_left(&c) < HEADER : look.bad)
		return cx->transport == OTO_TCP ? 0 : (int64_t)oto_left(&c);
	return junk(c);
}

/* ------------------------------------------------------------------------------------------------ a frame */

static void take_header(struct oto_cur *c, struct dnp3_link *l)
{
	oto_skip(c, 2);
	l->length = oto_u8(c);
	uint8_t control = oto_u8(c);
	l->destination = oto_le16(c);
	l->source = oto_le16(c);
	oto_skip(c, CRC);
	l->from_master = control & DIR;
	l->primary = control & PRM;
	l->fcb = control & FCB;
	l->fcv = control & FCV;
	l->function = (uint8_t)((control & FUNCTION) | (l->primary ? 16 : 0));
}

bool dnp3_take_frame(struct oto_ctx *cx, struct oto_cur *c, struct dnp3_link *l, struct oto_slice *user_data)
{
	struct oto_slice whole = { c->at, oto_left(c) };
	struct oto_cur look = *c;
	uint8_t length;

	if (!is_header(cx, *c, &length)) {
		bool starts = begins(&look);
		if (starts && oto_left(c) < HEADER)
			c->bad = true;
		else
			oto_weird(cx, !starts ? "not_a_frame" : oto_u8(&look) < LENGTH_MIN ? "impossible_length" : "wrong_checksum", whole);
		return false;
	}
	take_header(c, l);
	uint32_t left = length - (uint32_t)LENGTH_MIN;
	uint8_t *data = left ? oto_scratch(cx, left) : NULL;
	*user_data = (struct oto_slice){ data, data ? left : 0 };
	while (left && data) {
		uint32_t n = left < BLOCK ? left : BLOCK;
		struct oto_slice block = oto_take(c, n);
		uint16_t crc = oto_le16(c);
		if (c->bad)
			return false;
		if (!is_right(cx, block, crc)) {
			oto_weird(cx, "wrong_checksum", whole);
			return false;
		}
		memcpy(data, block.data, n);
		data += n;
		left -= n;
	}
	return !left;
}

/* ------------------------------------------------------------------------------------------------ segments */

/* A segment that belongs behind the one before. What was heard first, or after a loss, is nobody's fault; nor is a segment sent again. */
static bool continues(struct oto_ctx *cx, const struct dnp3_side *s, const struct dnp3_link *l, uint8_t sequence)
{
	bool same = s->source == l->source && s->destination == l->destination;

	if (s->open && same && sequence == ((s->sequence + 1) & SEQUENCE))
		return true;
	if (s->heard && !(same && sequence == s->sequence))
		oto_weird(cx, "segment_out_of_order", (struct oto_slice){ 0 });
	return false;
}

static void forget(struct oto_ctx *cx, struct dnp3_side *s)
{
	if (s->open)
		oto_assemble(cx, (struct oto_slice){ 0 }, true);
	s->open = false;
}

struct oto_slice dnp3_transport(struct oto_ctx *cx, const struct dnp3_link *l, struct oto_slice segment)
{
	struct dnp3_flow *flow = cx->state;
	struct dnp3_side *s = &flow->side[cx->is_orig];
	struct oto_cur c = oto_cur_of(segment);
	uint8_t control = oto_u8(&c), sequence = control & SEQUENCE;
	bool first = control & FIR, last = control & FIN;

	if ((l->function != CONFIRMED_DATA && l->function != UNCONFIRMED_DATA) || c.bad)
		return (struct oto_slice){ 0 };
	if (first && last) /* of another station maybe, between the segments of one: those stay */
		return oto_rest(&c);
	bool again = s->open && !first && sequence == s->sequence && s->source == l->source;
	if (again)
		return (struct oto_slice){ 0 };
	if (first) {
		if (s->open)
			oto_weird(cx, "message_not_ended", (struct oto_slice){ 0 });
		forget(cx, s);
	} else if (!continues(cx, s, l, sequence)) {
		forget(cx, s);
		s->sequence = sequence;
		return (struct oto_slice){ 0 };
	}
	s->source = l->source;
	s->destination = l->destination;
	s->sequence = sequence;
	s->heard = true;
	s->open = !last;
	return oto_assemble(cx, oto_rest(&c), last);
}
