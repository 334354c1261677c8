/* iec104_frame.c - is it IEC 60870-5-104, and where does an APDU end? (104, 5.1) */
#include "iec104.h"

enum { START = 0x68, HEAD = 2 };

static bool on_port(const struct oto_ctx *cx)
{
	return cx->head->orig_p == IEC104_PORT || cx->head->resp_p == IEC104_PORT;
}

int iec104_format_of(const uint8_t control[CONTROL])
{
	if (!(control[0] & 1))
		return control[2] & 1 ? -1 : IEC104_I;
	if (control[0] == 1)
		return control[1] || control[2] & 1 ? -1 : IEC104_S;
	return oto_name_of(&iec104_functions, control[0]) && !control[1] && !control[2] && !control[3] ? IEC104_U : -1;
}

uint32_t iec104_size_of_objects(const struct iec104_layout *layout, uint8_t structure, struct oto_cur c)
{
	uint32_t n = structure & ~(uint32_t)SEQUENCE, size = iec104_size_of(layout);

	if (layout->type == F_SG_NA_1 && n) {
		oto_skip(&c, ADDRESS + size - 1);
		return ADDRESS + size + oto_u8(&c);
	}
	return !n ? 0 : structure & SEQUENCE ? ADDRESS + n * size : n * (ADDRESS + size);
}

/* Type, cause and length of an ASDU agree: elsewhere than on its port that is what tells format I from anything else. */
static bool is_sound(struct oto_cur c)
{
	const struct iec104_layout *layout = iec104_layout_of(oto_u8(&c));
	uint8_t structure = oto_u8(&c), cause = oto_u8(&c) & CAUSE;

	oto_skip(&c, 3);
	return !c.bad && layout && structure & ~SEQUENCE && oto_name_of(&iec104_causes, cause) &&
	       iec104_size_of_objects(layout, structure, c) == oto_left(&c);
}

bool iec104_is_keep_alive(struct oto_cur c)
{
	return oto_left(&c) && oto_u8(&c) == 0 && (!oto_left(&c) || oto_u8(&c) == START);
}

/* What stands here. */
enum sight {
	NOTHING,    /* no APDU */
	TOO_LITTLE, /* of its control field, to tell */
	CUT,        /* an APDU, whose end is not here */
	NUMBERED,   /* format I or S */
	FUNCTION,   /* format U: six octets of which none is free */
};

static enum sight look(struct oto_cur *c, bool port)
{
	if (oto_u8(c) != START)
		return NOTHING;
	bool has_length = oto_left(c);
	uint32_t length = oto_u8(c), left = oto_left(c);
	struct oto_cur apdu = oto_sub(c, length < left ? length : left);
	struct oto_slice control = oto_take(&apdu, CONTROL);

	if (has_length && (length < CONTROL || length > IEC104_LENGTH_MAX))
		return NOTHING;
	if (!control.len)
		return TOO_LITTLE;
	int format = iec104_format_of(control.data);
	if (format < 0 || (format != IEC104_I && length != CONTROL))
		return NOTHING;
	if (left < length)
		return CUT;
	if (!port && format == IEC104_I && !is_sound(apdu))
		return NOTHING;
	return format == IEC104_U ? FUNCTION : NUMBERED;
}

/* One after the other, as far as they are here. On the port the form of each must be right; elsewhere there must be a function, or two of
 * which those of format I have a sound ASDU. */
enum oto_answer iec104_probe(const struct oto_ctx *cx, struct oto_cur c)
{
	bool port = on_port(cx), sure = port;
	uint32_t n = 0;

	if (cx->transport != OTO_TCP)
		return OTO_NOT_MINE;
	if (port && iec104_is_keep_alive(c))
		oto_skip(&c, 1);
	for (; oto_left(&c); n++) {
		enum sight sight = look(&c, port);
		if (sight == NOTHING)
			return OTO_NOT_MINE;
		if (sight == TOO_LITTLE)
			return n && sure ? OTO_MINE : OTO_NEED_MORE;
		if (sight == CUT)
			return sure ? OTO_MINE : OTO_NEED_MORE;
		sure |= sight == FUNCTION || n;
	}
	return n && sure ? OTO_MINE : OTO_NEED_MORE;
}

int64_t iec104_pdu_len(const struct oto_ctx *cx, struct oto_cur c)
{
	(void)cx;
	if (iec104_is_keep_alive(c))
		return 1;
	if (oto_u8(&c) != START && !c.bad)
		return -1;
	uint8_t length = oto_u8(&c);
	return c.bad ? 0 : HEAD + length;
}
