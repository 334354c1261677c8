/* ethercat_foe.c - files over EtherCAT (FoE, IEC 61158-6-12 5.8): firmware on its way into a slave, files out of it, told as one transfer
 * with the SHA-256 of what was seen from the first byte to the last.
 */
#include "ethercat.h"

/* Each message asks for one packet: a file that is asked for for its first, data for their confirmation, that for the next. */
static uint64_t key_of(const struct ecat_message *e, uint32_t packet)
{
	return ecat_wait_key(WAIT_FOE, &e->who, packet);
}

static void finish(struct ecat_message *e, struct ecat_file *file, enum oto_program_result result, bool matched)
{
	struct oto_program p = { .self_size = sizeof p,
				 .direction = file->down ? OTO_PROGRAM_DOWNLOAD : OTO_PROGRAM_UPLOAD,
				 .result = result,
				 .kind = file->firmware ? "firmware" : "file",
				 .name = say_copy(e->cx, (struct oto_slice){ file->name, file->name_len }),
				 .error = result == OTO_PROGRAM_ABORTED ? e->m->error : NULL,
				 .size = file->content.size,
				 .has_size = true,
				 .duration = { e->cx->head->ts.ns - file->since_ns },
				 .has_duration = true,
				 .op_id = file->op_id,
				 .by_receiver = !e->m->to_slave && (matched || !e->ring),
				 .sub = ecat_sub(e->cx, &e->who) };

	file->open = false;
	p.sha256 = result == OTO_PROGRAM_COMPLETE ? content_digest(e->cx, &file->content) : (struct oto_slice){ 0 };
	oto_program(e->cx, &p);
}

static struct ecat_file *file_of(const struct ecat_message *e)
{
	struct ecat_slave *slave = ecat_slave_of(e->cx, &e->who);

	return slave && slave->file.open ? &slave->file : NULL;
}

static struct oto_operation operation_of(struct ecat_message *e, bool down, bool firmware, struct oto_slice name)
{
	struct oto_operation o = ecat_mailbox_operation(e, OTO_OP_PROGRAM_READ, down ? "foe_write" : "foe_read");

	if (down)
		o.op = firmware ? OTO_OP_FIRMWARE : OTO_OP_PROGRAM_WRITE;
	o.target = (struct oto_target){ .space = "file", .name = name };
	return o;
}

static void request(struct ecat_message *e, struct oto_cur *c)
{
	struct ecat_mailbox *m = e->m;
	bool down = m->opcode == FOE_WRITE;

	m->password = oto_le32(c);
	m->has_password = m->password != 0;
	m->name = say_string(oto_rest(c));
	if (c->bad || e->quiet)
		return;
	struct ecat_slave *slave = ecat_slave_of(e->cx, &e->who);
	bool firmware = down && slave && (slave->state == STATE_BOOT || slave->wanted == STATE_BOOT);
	if (slave && slave->file.open)
		finish(e, &slave->file, OTO_PROGRAM_CUT, false);
	struct oto_operation o = operation_of(e, down, firmware, m->name);
	uint64_t id = ecat_ask(e, key_of(e, !down), &o);
	if (!slave)
		return;
	struct ecat_file file = {
		.open = true, .down = down, .firmware = firmware, .op_id = id, .since_ns = e->cx->head->ts.ns, .packet = 1
	};
	struct oto_slice name = say_first(m->name, ECAT_NAME_MAX);
	file.name_len = (uint8_t)name.len;
	if (name.len)
		memcpy(file.name, name.data, name.len);
	slave->file = file;
}

/* What was read ends with a packet that is not full, what is written with its confirmation. Without the mailbox's size the first packet
 * tells how much a full one holds. */
static void data(struct ecat_message *e, struct oto_cur *c)
{
	enum { FOE_HEAD = 6 };
	struct ecat_mailbox *m = e->m;

	m->packet = oto_le32(c);
	m->has_packet = true;
	m->data = oto_rest(c);
	struct ecat_file *file = file_of(e);
	if (c->bad || !file || e->quiet || m->to_slave != file->down)
		return;
	bool matched = false;
	if (m->packet == 1) {
		file->room = e->room > FOE_HEAD ? e->room - FOE_HEAD : m->data.len;
		if (!file->down)
			matched = ecat_answer(e, key_of(e, 1), NULL, operation_of(e, false, false, m->name));
	}
	if (m->packet > file->packet)
		file->content.broken = true;
	if (m->packet >= file->packet) {
		content_add(&file->content, file->content.size, m->data);
		file->packet = m->packet + 1;
	}
	file->last = m->data.len < file->room;
	if (file->down) {
		oto_request(e->cx, key_of(e, m->packet), &(struct ecat_note){ 0 });
		return;
	}
	if (file->last) {
		struct oto_match match = { 0 };
		if (!matched)
			oto_response(e->cx, key_of(e, m->packet), &match);
		finish(e, file, OTO_PROGRAM_COMPLETE, matched || match.found);
	}
}

static void ack(struct ecat_message *e, struct oto_cur *c)
{
	struct ecat_mailbox *m = e->m;
	struct oto_match match = { 0 };

	m->packet = oto_le32(c);
	m->has_packet = true;
	struct ecat_file *file = file_of(e);
	if (c->bad || !file || e->quiet)
		return;
	if (m->to_slave) {
		oto_request(e->cx, key_of(e, m->packet + 1), &(struct ecat_note){ 0 });
	} else if (!m->packet) {
		ecat_answer(e, key_of(e, 0), NULL, operation_of(e, true, file->firmware, m->name));
	} else {
		oto_response(e->cx, key_of(e, m->packet), &match);
		if (file->last && m->packet + 1 == file->packet)
			finish(e, file, OTO_PROGRAM_COMPLETE, match.found);
	}
}

/* An error ends it, whoever sends it. It answers what asked for the file, or the last packet. */
static void error(struct ecat_message *e, struct oto_cur *c)
{
	struct ecat_mailbox *m = e->m;

	m->error_code = oto_le32(c);
	m->has_error = true;
	m->name = say_string(oto_rest(c));
	if (c->bad)
		return;
	m->error = ecat_word(&ecat_foe_errors, m->error_code, "error");
	struct ecat_file *file = file_of(e);
	if (!file)
		return;
	struct oto_match match = { 0 };
	if (m->to_slave || file->content.seen)
		oto_response(e->cx, key_of(e, file->packet - file->down), &match);
	else
		match.found = ecat_answer(e, key_of(e, !file->down), m->error, operation_of(e, file->down, file->firmware, m->name));
	finish(e, file, OTO_PROGRAM_ABORTED, match.found);
}

static void busy(struct ecat_message *e, struct oto_cur *c)
{
	struct ecat_mailbox *m = e->m;

	m->done = oto_le16(c);
	m->entire = oto_le16(c);
	m->has_busy = true;
	m->name = say_trim(say_string(oto_rest(c)));
}

void ecat_foe(struct ecat_message *e, struct oto_cur *c)
{
	static void (*const opcodes[])(struct ecat_message *, struct oto_cur *) = {
		[FOE_READ] = request, [FOE_WRITE] = request, [FOE_DATA] = data, [FOE_ACK] = ack, [FOE_ERROR] = error, [FOE_BUSY] = busy,
	};
	struct ecat_mailbox *m = e->m;

	m->opcode = oto_u8(c);
	oto_skip(c, 1);
	m->foe_opcode = ecat_word(&ecat_foe_opcodes, m->opcode, "unknown");
	if (m->opcode >= FOE_READ && m->opcode <= FOE_BUSY)
		opcodes[m->opcode](e, c);
}
