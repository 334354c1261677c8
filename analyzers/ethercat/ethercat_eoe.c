/* ethercat_eoe.c - Ethernet over EtherCAT (EoE, IEC 61158-6-12 5.7): frames in pieces, put together for each slave and handed on; the
 * addresses that a slave is given.
 */
#include "ethercat.h"

enum { UNIT = 32 };

/* The frame that comes in pieces to or from a slave; a new one takes the place that was taken longest ago. */
static struct ecat_eoe_frame *frame_of(struct ecat_message *e, bool begins)
{
	struct ecat_flow *flow = e->cx->state;
	uint64_t slave = ecat_slave_key(&e->who) << 1 | e->m->to_slave;
	uint32_t i = 0;

	while (i < ECAT_EOE_SLAVES && flow->eoe[i].slave != slave)
		i++;
	if (i == ECAT_EOE_SLAVES) {
		if (!begins)
			return NULL;
		i = flow->eoe_turn++ % ECAT_EOE_SLAVES;
		flow->eoe[i].slave = slave;
	}
	struct ecat_eoe_frame *frame = &flow->eoe[i];
	if (!frame->bytes)
		frame->bytes = oto_hold(e->cx, ECAT_EOE_FRAME);
	return frame->bytes ? frame : NULL;
}

static void hand_on(struct ecat_message *e, struct oto_slice frame)
{
	if (frame.len)
		oto_reenter(e->cx, OTO_LINK_ETHERNET, frame);
}

/* A piece that does not follow the one before ends what was gathered. */
static void fragment(struct ecat_message *e, uint16_t offset, struct oto_slice piece)
{
	struct ecat_mailbox *m = e->m;
	bool first = !m->fragment;

	if (e->quiet)
		return;
	if (first && m->last) {
		hand_on(e, piece);
		return;
	}
	struct ecat_eoe_frame *frame = frame_of(e, first);
	if (!frame)
		return;
	if (first)
		*frame = (struct ecat_eoe_frame){ .slave = frame->slave, .bytes = frame->bytes, .number = (uint8_t)m->frame_number };
	bool follows = m->fragment == frame->next && m->frame_number == frame->number && (first || offset * UNIT == frame->len);
	if (!follows || frame->len + piece.len > ECAT_EOE_FRAME) {
		frame->next = UINT8_MAX; /* no piece has this number: the next frame begins anew */
		oto_weird(e->cx, "eoe_fragment_lost", piece);
		return;
	}
	if (piece.len)
		memcpy(frame->bytes + frame->len, piece.data, piece.len);
	frame->len += (uint16_t)piece.len;
	frame->next++;
	if (m->last)
		hand_on(e, say_copy(e->cx, (struct oto_slice){ frame->bytes, frame->len }));
}

/* Addresses stand with their last byte first. */
static struct oto_slice address(struct oto_ctx *cx, struct oto_cur *c)
{
	enum { ROOM = 16 };
	uint32_t n = oto_le32(c);

	return say_text(cx, ROOM, "%u.%u.%u.%u", n >> 24, n >> 16 & 255, n >> 8 & 255, n & 255);
}

static void settings(struct ecat_message *e, struct oto_slice s)
{
	enum { HAS_MAC = 1, HAS_IP = 2 };
	struct oto_cur c = oto_cur_of(s);
	uint32_t flags = oto_le32(&c);

	if (flags & HAS_MAC)
		oto_skip(&c, 6);
	if (!(flags & HAS_IP) || oto_left(&c) < 4)
		return;
	e->m->name = address(e->cx, &c);
}

static void control(struct ecat_message *e)
{
	enum { SET_IP = 2, SET_FILTER = 4 };
	struct ecat_mailbox *m = e->m;
	bool response = m->opcode & 1;
	const struct oto_name *row = oto_name_of(&ecat_eoe_types, m->opcode & ~1u);
	struct oto_operation o = ecat_mailbox_operation(e, row->op, row->name);
	uint64_t key = ecat_wait_key(WAIT_EOE, &e->who, row->value);

	if (m->opcode == SET_IP)
		settings(e, m->data);
	o.target = (struct oto_target){ .space = row->value == SET_FILTER ? "filter" : "ip", .name = m->name };
	if (!response)
		ecat_ask(e, key, &o);
	else
		ecat_answer(e, key, m->error_code ? "not_done" : NULL, o);
}

void ecat_eoe(struct ecat_message *e, struct oto_cur *c)
{
	enum { FRAGMENT = 0, TIMESTAMP = 1, STAMPED = 0x200, STAMP = 4 };
	struct ecat_mailbox *m = e->m;
	uint16_t head = oto_le16(c), second = oto_le16(c);

	m->opcode = head & 0x0f;
	m->last = head & 0x100;
	m->eoe_type = ecat_word(&ecat_eoe_types, m->opcode, "unknown");
	m->data = oto_rest(c);
	if (c->bad)
		return;
	if (m->opcode == FRAGMENT) {
		m->fragment = second & 0x3f;
		m->frame_number = second >> 12;
		m->has_fragment = true;
		if (head & STAMPED && m->last && m->data.len >= STAMP)
			m->data.len -= STAMP;
		fragment(e, second >> 6 & 0x3f, m->data);
	} else if (m->opcode > TIMESTAMP && oto_name_of(&ecat_eoe_types, m->opcode)) {
		m->error_code = m->opcode & 1 ? second : 0;
		m->has_error = m->error_code != 0;
		control(e);
	}
}
