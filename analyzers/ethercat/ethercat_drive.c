/* ethercat_drive.c - SERCOS' identifiers of drives (SoE, IEC 61158-6-12 5.9, IEC 61800-7-304) and ADS (AoE, ETG.1020) over EtherCAT: the
 * two that ask and answer in one message each.
 */
#include "ethercat.h"

/* ------------------------------------------------------------------------------------------------ SoE */

/* S-0-0015: standard or the maker's, set, number. */
static struct oto_slice idn_text(struct oto_ctx *cx, uint16_t idn)
{
	return say_text(cx, 12, "%c-%u-%04u", idn & 0x8000 ? 'P' : 'S', idn >> 12 & 7, idn & 0x0fff);
}

static void soe_speak(struct ecat_message *e)
{
	struct ecat_mailbox *m = e->m;
	bool read = m->opcode == SOE_READ || m->opcode == SOE_READ_RESPONSE;
	uint64_t key = ecat_wait_key(WAIT_SOE, &e->who, m->drive);
	struct oto_operation o = ecat_mailbox_operation(e, read ? OTO_OP_READ : OTO_OP_WRITE, read ? "soe_read" : "soe_write");

	o.target = (struct oto_target){ .space = "idn", .name = m->idn };
	if (m->opcode == SOE_READ || m->opcode == SOE_WRITE)
		ecat_ask(e, key, &o);
	else if (m->opcode == SOE_READ_RESPONSE || m->opcode == SOE_WRITE_RESPONSE)
		ecat_answer(e, key, m->has_error ? ecat_word(&ecat_soe_errors, m->error_code, "soe_error") : NULL, o);
}

void ecat_soe(struct ecat_message *e, struct oto_cur *c)
{
	struct ecat_mailbox *m = e->m;
	uint8_t head = oto_u8(c);

	m->opcode = head & 7;
	m->incomplete = head & 0x08;
	m->has_error = head & 0x10;
	m->drive = head >> 5;
	m->elements = oto_u8(c);
	m->has_soe = true;
	m->soe_opcode = ecat_word(&ecat_soe_opcodes, m->opcode, "unknown");
	uint16_t idn = oto_le16(c);
	if (m->incomplete) { /* it stands in the last piece */
		m->fragments_left = idn;
		m->has_fragments = true;
	} else if (m->opcode == SOE_EMERGENCY) {
		m->emergency_code = idn;
		m->has_emergency = true;
	} else {
		m->idn = idn_text(e->cx, idn);
	}
	if (m->has_error)
		m->error_code = oto_le16(c);
	m->data = oto_rest(c);
	if (!c->bad && !m->incomplete)
		soe_speak(e);
}

/* ------------------------------------------------------------------------------------------------ AoE */

static struct oto_slice net_id(struct oto_ctx *cx, struct oto_cur *c)
{
	enum { ROOM = 24 };
	struct oto_slice id = oto_take(c, 6);

	if (!id.len)
		return id;
	return say_text(cx, ROOM, "%u.%u.%u.%u.%u.%u", id.data[0], id.data[1], id.data[2], id.data[3], id.data[4], id.data[5]);
}

/* The states that are told to start, stop or reset it. */
static uint32_t control_op(struct oto_slice content)
{
	enum { RESET = 2, RUN = 5, STOP = 6 };
	struct oto_cur c = oto_cur_of(content);
	uint16_t state = oto_le16(&c);

	return state == RUN ? OTO_OP_START : state == STOP ? OTO_OP_STOP : state == RESET ? OTO_OP_RESET : OTO_OP_MODE;
}

static void aoe_speak(struct ecat_message *e, bool response)
{
	enum { READ_DEVICE_INFO = 1, READ_STATE = 4, WRITE_CONTROL = 5, ADD_NOTIFICATION = 6, READ_WRITE = 9 };
	struct ecat_mailbox *m = e->m;
	const struct oto_name *row = oto_name_of(&ecat_aoe_commands, m->number);
	struct oto_operation o = ecat_mailbox_operation(e, row ? row->op : OTO_OP_OTHER, row ? row->name : "unknown");
	uint64_t key = ecat_wait_key(WAIT_AOE, &e->who, m->invoke_id);
	struct oto_cur c = oto_cur_of(m->data);
	bool addressed = row && m->number != READ_DEVICE_INFO && m->number != READ_STATE && m->number <= READ_WRITE;

	o.func_code = m->number;
	if (m->number == WRITE_CONTROL && !response) {
		o.op = control_op(m->data);
	} else if (addressed && !response && m->data.len >= 12) {
		uint32_t group = oto_le32(&c);
		o.target = (struct oto_target){ .space = "ads", .name = say_text(e->cx, 24, "0x%x:0x%x", group, oto_le32(&c)) };
	}
	if (!response)
		ecat_ask(e, key, &o);
	else
		ecat_answer(e, key, m->error_code ? ecat_word(&ecat_aoe_errors, m->error_code, "ads_error") : NULL, o);
}

void ecat_aoe(struct ecat_message *e, struct oto_cur *c)
{
	struct ecat_mailbox *m = e->m;

	m->target_id = net_id(e->cx, c);
	m->target_port = oto_le16(c);
	m->sender_id = net_id(e->cx, c);
	m->sender_port = oto_le16(c);
	m->number = oto_le16(c);
	m->state_flags = oto_le16(c);
	uint32_t length = oto_le32(c);
	m->error_code = oto_le32(c);
	m->invoke_id = oto_le32(c);
	m->has_aoe = true;
	m->has_error = m->error_code != 0;
	m->data = oto_take(c, length);
	if (!c->bad)
		aoe_speak(e, m->state_flags & 1);
}
