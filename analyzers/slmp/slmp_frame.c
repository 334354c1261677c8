/* slmp_frame.c - where a message of the frames 1E, 3E, 4E and LMT begins and ends, and whether this is one. Knows no command's content
 * but the lengths that frame 1E leaves to it.
 */
#include "slmp.h"

static bool is_1e_command(uint32_t code)
{
	return code < 0x40 && oto_name_of(&slmp_commands, code);
}

struct slmp_shape slmp_take_subheader(struct slmp_reader *r)
{
	struct slmp_shape s = { 0 };
	struct oto_cur look = r->c;
	uint8_t first = oto_u8(&look), second = oto_u8(&look);

	r->ascii = false;
	if (first == 0x50 || first == 0xd0 || first == 0x54 || first == 0xd4 || first == 0x68 || first == 0xe8) {
		uint8_t kind = first & 0x7f;
		s.frame = second ? 0 : kind == 0x50 ? SLMP_3E : kind == 0x54 ? SLMP_4E : SLMP_LMT;
		s.response = first & 0x80;
		oto_skip(&r->c, 2);
	} else if (first == '5' || first == 'D') {
		uint8_t third = oto_u8(&look), fourth = oto_u8(&look);
		s.ascii = r->ascii = true;
		s.frame = third != '0' || fourth != '0' ? 0 : second == '0' ? SLMP_3E : second == '4' ? SLMP_4E : 0;
		s.response = first == 'D';
		oto_skip(&r->c, 4);
	} else if (slmp_digit(first) >= 0 && slmp_digit(second) >= 0) {
		uint32_t code = (uint32_t)(slmp_digit(first) << 4 | slmp_digit(second));
		s.ascii = r->ascii = true;
		s.frame = is_1e_command(code & 0x7f);
		s.response = code & 0x80;
	} else if (is_1e_command(first & 0x7f)) {
		s.frame = SLMP_1E;
		s.response = first & 0x80;
	}
	return s;
}

enum { ROUTE_IO_OWN = 0x3ff, LENGTH_MAX = 8194, REQUEST_MIN = 6, ANSWER_MIN = 2 };

/* MC 5.3: control CPUs and multiple CPUs are 03d0-03d3 and 03e0-03e3. */
static bool plausible_io(uint32_t io)
{
	return io == ROUTE_IO_OWN || io < 0x200 || (io >= 0x3d0 && io <= 0x3d3) || (io >= 0x3e0 && io <= 0x3e3);
}

bool slmp_take_route(struct slmp_reader *r, const struct slmp_shape *s, struct slmp_message *m, uint32_t *length, bool strict)
{
	uint32_t zero = 0;

	if (s->frame >= SLMP_4E) {
		m->serial = (uint16_t)slmp_num(r, 2);
		zero = slmp_num(r, 2);
		m->has_serial = true;
	}
	m->network = (uint8_t)slmp_num(r, 1);
	m->station = (uint8_t)slmp_num(r, 1);
	m->module_io = (uint16_t)slmp_num(r, 2);
	m->multidrop = (uint8_t)slmp_num(r, 1);
	m->has_route = true;
	if (s->frame == SLMP_LMT)
		slmp_num(r, 3); /* a reserved byte and the extension station */
	*length = slmp_num(r, 2);
	bool station_fits = m->station <= 120 || m->station == 0x7d || m->station == 0x7e || m->station >= 0xfe;
	bool fits = m->network != 0xff && station_fits && plausible_io(m->module_io) && m->multidrop <= 31;
	uint32_t unit = s->ascii ? 2 : 1;
	return !zero && (fits || !strict) && *length <= LENGTH_MAX * unit && *length >= (s->response ? ANSWER_MIN : REQUEST_MIN) * unit;
}

/* ------------------------------------------------------------------------------------------------ frame 1E */

/* MC 18.3: 0 stands for 256. */
static uint32_t points_of(uint32_t raw)
{
	return raw ? raw : 256;
}

/* A range of devices; `head` bytes stand before its count of points. */
static int32_t range_length(struct slmp_reader r, uint32_t head, bool reads, bool by_bit, uint16_t *answer)
{
	oto_skip(&r.c, r.ascii ? 2 * head : head);
	uint32_t n = points_of(slmp_num(&r, 1)), bytes = by_bit ? (n + 1) / 2 : 2 * n;

	if (reads)
		*answer = (uint16_t)bytes;
	return r.c.bad ? -2 : (int32_t)(head + 2 + (reads ? 0 : bytes));
}

/* A count of points, a zero, and `each` bytes for every point. */
static int32_t list_length(struct slmp_reader r, uint32_t each)
{
	uint32_t n = points_of(slmp_num(&r, 1));

	return r.c.bad ? -2 : (int32_t)(2 + n * each);
}

int32_t slmp_length_1e(struct slmp_reader r, uint8_t command, uint16_t *answer)
{
	uint32_t n;

	*answer = 0;
	switch (command) {
	case 0x00:
	case 0x01:
	case 0x02:
	case 0x03:
		return range_length(r, 6, command < 2, !(command & 1), answer);
	case 0x17:
	case 0x18:
		return range_length(r, 8, command == 0x17, false, answer);
	case 0x3b:
	case 0x3c:
		return range_length(r, 6, command == 0x3b, false, answer);
	case 0x04:
		return list_length(r, 7);
	case 0x05:
		return list_length(r, 8);
	case 0x06:
	case 0x07:
		return list_length(r, 6);
	case 0x19:
		return list_length(r, 10);
	case 0x1a:
		return list_length(r, 8);
	case 0x0e:
	case 0x0f:
		slmp_num(&r, 3);
		n = points_of(slmp_num(&r, 1));
		*answer = command == 0x0e ? (uint16_t)n : 0;
		return r.c.bad ? -2 : (int32_t)(6 + (command == 0x0e ? 0 : n));
	case 0x16:
		n = slmp_num(&r, 1);
		*answer = (uint16_t)(1 + n);
		return r.c.bad ? -2 : (int32_t)(1 + n);
	case 0x15:
		*answer = 2;
		return 0;
	default:
		return 0;
	}
}

static int64_t length_1e(const struct oto_ctx *cx, struct slmp_reader r, const struct slmp_shape *s)
{
	const struct slmp_flow *flow = cx->state;
	uint32_t unit = s->ascii ? 2 : 1, left = oto_left(&r.c);
	uint16_t answer;

	if (left < (s->response ? 2 : 4) * unit)
		return 0;
	uint8_t command = (uint8_t)slmp_num(&r, 1) & 0x7f;
	if (!s->response) {
		oto_skip(&r.c, 3 * unit);
		int32_t n = slmp_length_1e(r, command, &answer);
		return n == -2 ? 0 : (int64_t)(4 + (uint32_t)n) * unit;
	}
	uint32_t end = slmp_num(&r, 1);
	if (end)
		return (int64_t)(end == 0x5b ? 4 : 2) * unit;
	for (uint32_t i = 0; flow && i < flow->count; i++) { /* a probe has no state */
		if (flow->asked[i].command == command && flow->asked[i].answer != UINT16_MAX)
			return (int64_t)(2u + flow->asked[i].answer) * unit;
	}
	return left;
}

/* ------------------------------------------------------------------------------------------------ framing and probe */

/* Ports of MELSEC modules and CPUs; inside another protocol's frame, that protocol has told. */
static bool port_in(uint16_t p)
{
	return (p >= 5000 && p <= 5010) || p == 5562 || p == 61451 || p == 2000 || p == 1025;
}

/* Handed over by CC-Link IE, which has told that this is SLMP. A probe sees its parent's depth; the keys of channels are below all ports.
 */
static bool is_inside(const struct oto_ctx *cx)
{
	return cx->depth || (cx->key && cx->key <= SLMP_INSIDE_MAX);
}

bool slmp_on_known_port(const struct oto_ctx *cx)
{
	return port_in(cx->head->orig_p) || port_in(cx->head->resp_p) || is_inside(cx);
}

/* RTP without marker and with payload type 0 begins like an answer of frame 1E. */
static bool maybe_rtp(const struct oto_ctx *cx)
{
	uint16_t a = cx->head->orig_p, b = cx->head->resp_p;

	return cx->transport == OTO_UDP && (a == 5004 || a == 5005 || b == 5004 || b == 5005);
}

/* Where the message ends; 0: more is needed to tell; negative: this is none. */
static int64_t message_length(const struct oto_ctx *cx, struct oto_cur c)
{
	static const uint8_t headers[] = { [SLMP_3E] = 9, [SLMP_4E] = 13, [SLMP_LMT] = 16 };
	struct slmp_reader r = { c, false };
	struct slmp_message m;
	uint32_t length;

	struct slmp_shape s = slmp_take_subheader(&r);
	if (oto_left(&c) < 4 && s.frame != SLMP_1E)
		return 0;
	if (!s.frame)
		return -1;
	if (s.frame == SLMP_1E)
		return length_1e(cx, r, &s);
	uint32_t need = headers[s.frame] * (s.ascii ? 2u : 1u);
	if (oto_left(&c) < need)
		return 0;
	if (!slmp_take_route(&r, &s, &m, &length, !slmp_on_known_port(cx)) || r.c.bad)
		return -1;
	return (int64_t)need + length;
}

int64_t slmp_pdu_len(const struct oto_ctx *cx, struct oto_cur c)
{
	int64_t length = message_length(cx, c);

	if (cx->transport == OTO_TCP || length < 0)
		return length;
	return oto_left(&c); /* a datagram is one message */
}

/* A whole 1E request with a device that exists: the frame has no other mark. */
static enum oto_answer probe_1e(const struct oto_ctx *cx, struct oto_cur c, struct slmp_reader r, const struct slmp_shape *s,
				int64_t length)
{
	uint32_t unit = s->ascii ? 2 : 1;
	bool known = slmp_on_known_port(cx);
	bool whole = length == oto_left(&c) || (known && cx->transport == OTO_TCP && length < oto_left(&c));

	if (s->response)
		return known && length == oto_left(&c) && oto_left(&c) > 4 * unit && !maybe_rtp(cx) ? OTO_MINE : OTO_NOT_MINE;
	uint8_t command = (uint8_t)slmp_num(&r, 1), pc = (uint8_t)slmp_num(&r, 1);
	uint32_t timer = slmp_num(&r, 2);
	if (r.c.bad || pc != 0xff || timer > 0x1ff || !whole)
		return OTO_NOT_MINE;
	if (command > 0x07)
		return known ? OTO_MINE : OTO_NOT_MINE;
	if (command >= 0x04)
		slmp_num(&r, 2);
	uint32_t number = s->ascii ? 0 : slmp_num(&r, 4);
	uint16_t letters = (uint16_t)slmp_num(&r, 2);
	return slmp_device_of_1e(letters) && !r.c.bad && number < 0x10000 ? OTO_MINE : OTO_NOT_MINE;
}

/* On an unknown port, only a request with PC number 255 may still become one. */
static bool may_become_1e(const struct oto_ctx *cx, struct slmp_reader r, const struct slmp_shape *s)
{
	slmp_num(&r, 1);
	return slmp_on_known_port(cx) || (!s->response && slmp_num(&r, 1) == 0xff);
}

/* CC-Link IE Field Basic and TSN have headers of this kind and commands of their own. */
static bool elsewhere(const struct oto_ctx *cx)
{
	static const uint16_t others[] = { 61450, 45237, 45238, 45239 };

	for (uint32_t i = 0; i < sizeof others / sizeof *others && !is_inside(cx); i++) {
		if (cx->head->orig_p == others[i] || cx->head->resp_p == others[i])
			return true;
	}
	return false;
}

enum oto_answer slmp_probe(const struct oto_ctx *cx, struct oto_cur c)
{
	struct slmp_reader r = { c, false };
	struct slmp_message m;
	uint32_t length;

	if (elsewhere(cx))
		return OTO_NOT_MINE;
	if (oto_left(&c) < 4)
		return cx->transport == OTO_TCP ? OTO_NEED_MORE : OTO_NOT_MINE;
	struct slmp_shape s = slmp_take_subheader(&r);
	if (s.frame == SLMP_LMT && !is_inside(cx))
		return OTO_NOT_MINE;
	int64_t whole = message_length(cx, c);
	bool waits = whole == 0 || (s.frame == SLMP_1E && whole > oto_left(&c));
	if (waits && cx->transport == OTO_TCP && (s.frame != SLMP_1E || may_become_1e(cx, r, &s)))
		return OTO_NEED_MORE;
	if (whole <= 0 ||
	    (is_inside(cx) ? whole > oto_left(&c) /* frames are padded */ : cx->transport != OTO_TCP && whole != oto_left(&c)))
		return OTO_NOT_MINE;
	if (s.frame == SLMP_1E)
		return probe_1e(cx, c, r, &s, whole);
	slmp_take_route(&r, &s, &m, &length, false);
	if (s.response) {
		uint32_t end = slmp_num(&r, 2);
		bool known = end == 0 || oto_name_of(&slmp_end_codes, end) || (end >= 0x4000 && slmp_on_known_port(cx));
		return r.c.bad ? OTO_NEED_MORE : known ? OTO_MINE : OTO_NOT_MINE;
	}
	slmp_num(&r, 2);
	uint32_t command = slmp_num(&r, 2), subcommand = slmp_num(&r, 2);
	if (r.c.bad)
		return OTO_NEED_MORE;
	if (is_inside(cx))
		return OTO_MINE;
	return command >= 0x100 && oto_name_of(&slmp_commands, command) && subcommand <= 0xff ? OTO_MINE : OTO_NOT_MINE;
}
