/* s7comm_userdata.c - user data (ROSCTR 7): what is beyond jobs. A group and a subfunction say what it is; answers may come in several data
 * units, which are put together before they are read.
 */
#include "s7comm.h"

enum { ANSWERS = 0x12, UNIT_HEAD = 4 };

/* One data unit: return code, kind, length, and what it holds. */
struct unit {
	uint8_t return_code, transport;
	struct oto_cur body;
	bool present, cut; /* cut: it says to be longer than what there is */
};

static struct unit take_unit(struct oto_cur *data)
{
	struct unit u = { 0 };

	if (oto_left(data) < UNIT_HEAD)
		return u;
	u.return_code = oto_u8(data);
	u.transport = oto_u8(data);
	uint32_t length = oto_be16(data);
	u.present = true;
	u.cut = length > oto_left(data);
	u.body = oto_sub(data, length <= oto_left(data) ? length : oto_left(data));
	return u;
}

/* ------------------------------------------------------------------------------------------------ programmer */

/* Watching a block: nine words of how and when, the trigger, the block, where in it. */
static void watched_block(struct s7_pdu *p, struct oto_cur c)
{
	enum { CODE_ADDRESS = 0x0600 };
	static const char digits[] = "0123456789ABCDEF";

	oto_skip(&c, 18);
	uint16_t trigger = oto_be16(&c), type = oto_be16(&c), number = oto_be16(&c);
	if (c.bad || trigger != CODE_ADDRESS || type > 15)
		return;
	struct s7_text t = s7_text_new(p->cx, 12);
	s7_put(&t, s7_block_short((struct oto_slice){ (const uint8_t[]){ '0', (uint8_t)digits[type] }, 2 }));
	s7_put_number(&t, number);
	p->op.target = (struct oto_target){ .space = "block", .name = s7_text_of(&t) };
}

/* A test job is named by its function and the number of its answers. */
static void test_job(struct s7_pdu *p, struct oto_cur c)
{
	oto_skip(&c, 1);
	uint8_t number = oto_u8(&c);
	if (!c.bad)
		p->op.target = (struct oto_target){ .space = "job", .first = number, .count = 1 };
}

/* Lengths of parameters and of data, the parameters, then rows of a variable table where the function has them. */
static void programmer(struct s7_pdu *p, struct oto_cur c, uint8_t type, uint8_t sub)
{
	enum { BLOCK = 1, WATCH = 2, MODIFY = 8, FORCE = 9, FIRST_JOB = 13, LAST_JOB = 18, BLOCK_2 = 19, LIST_JOBS = 16 };
	uint32_t parameters = oto_be16(&c), length = oto_be16(&c);

	if (!c.bad && type == REQUEST && (sub == BLOCK || sub == BLOCK_2))
		watched_block(p, c);
	else if (!c.bad && type == REQUEST && sub >= FIRST_JOB && sub <= LAST_JOB && sub != LIST_JOBS)
		test_job(p, c);
	if (c.bad || (sub != WATCH && sub != MODIFY && sub != FORCE))
		return;
	oto_skip(&c, parameters);
	struct oto_cur rows = oto_sub(&c, length <= oto_left(&c) ? length : oto_left(&c));
	if (rows.bad || oto_left(&rows) < 2)
		return;
	if (type == REQUEST) {
		s7_watch_request(p, &rows, sub != WATCH);
	} else if (sub == WATCH) {
		uint16_t count = oto_be16(&rows);
		s7_items_response(p, &rows, count, ACCESS_WATCH);
		p->failed = NULL;
	}
}

/* ------------------------------------------------------------------------------------------------ blocks */

static struct s7_block_info block_info(struct s7_pdu *p, uint8_t sub, bool response)
{
	struct s7_block_info e = { .function = sub };

	s7_client_server(p, response, &e.client, &e.server);
	return e;
}

/* How many blocks of each type: two characters and a number. */
static void block_counts(struct s7_pdu *p, struct oto_cur c, uint8_t sub)
{
	while (oto_left(&c) >= 4) {
		struct s7_block_info e = block_info(p, sub, true);
		e.block_type = s7_block_short(oto_take(&c, 2));
		e.count = oto_be16(&c);
		e.has_count = true;
		oto_emit(p->cx, EV_BLOCK_INFO, &e);
	}
}

/* The blocks of the type that was asked for: number, flags, language. */
static void blocks_of_type(struct s7_pdu *p, struct oto_cur c, uint8_t sub)
{
	uint8_t type[2] = { (uint8_t)(p->note->szl_id >> 8), (uint8_t)p->note->szl_id };

	while (oto_left(&c) >= 4) {
		struct s7_block_info e = block_info(p, sub, true);
		e.block_type = p->match.found ? s7_block_short((struct oto_slice){ type, 2 }) : NULL;
		e.number = oto_be16(&c);
		e.flags = oto_u8(&c);
		e.language = oto_u8(&c);
		e.has_number = e.has_flags = e.has_language = true;
		oto_emit(p->cx, EV_BLOCK_INFO, &e);
	}
}

/* The header of a block, 78 bytes. */
static void block_header(struct s7_pdu *p, struct oto_cur c, uint8_t sub)
{
	static const char digits[] = "0123456789ABCDEF";
	struct s7_block_info e = block_info(p, sub, true);

	oto_skip(&c, 9); /* type and lengths of this answer, "pp", a filler */
	e.flags = oto_u8(&c);
	e.language = oto_u8(&c);
	uint8_t type = oto_u8(&c);
	e.number = oto_be16(&c);
	e.load_memory = oto_be32(&c);
	e.protection = oto_be32(&c);
	e.code_changed = s7_take_block_time(&c);
	e.interface_changed = s7_take_block_time(&c);
	oto_skip(&c, 2);
	e.interface_length = oto_be16(&c);
	e.local_length = oto_be16(&c);
	e.mc7_length = oto_be16(&c);
	e.author = s7_trimmed(oto_take(&c, 8));
	e.family = s7_trimmed(oto_take(&c, 8));
	e.header = s7_trimmed(oto_take(&c, 8));
	e.version = oto_u8(&c);
	oto_skip(&c, 1);
	e.checksum = oto_be16(&c);
	if (c.bad)
		return;
	e.block_type = s7_block_short((struct oto_slice){ (const uint8_t[]){ '0', (uint8_t)digits[type & 15] }, 2 });
	e.has_number = e.has_flags = e.has_language = e.has_info = true;
	oto_emit(p->cx, EV_BLOCK_INFO, &e);
}

static void blocks_request(struct s7_pdu *p, struct oto_cur c, uint8_t sub)
{
	enum { LIST = 1, OF_TYPE = 2, INFO = 3 };
	struct s7_text t = s7_text_new(p->cx, 16);

	if (sub == LIST || oto_left(&c) < 2)
		return;
	struct oto_slice type = oto_take(&c, 2);
	p->note->szl_id = (uint16_t)(type.data[0] << 8 | type.data[1]);
	s7_put(&t, s7_block_short(type));
	if (sub == INFO) {
		struct oto_slice number = oto_take(&c, 5);
		uint32_t n = 0;
		for (uint32_t i = 0; i < number.len; i++)
			n = n * 10 + (number.data[i] & 15);
		s7_put_number(&t, n);
	}
	p->op.target = (struct oto_target){ .space = "block", .name = s7_text_of(&t) };
}

static void blocks_answer(struct s7_pdu *p, struct oto_cur c, uint8_t sub)
{
	enum { LIST = 1, OF_TYPE = 2, INFO = 3 };

	if (!oto_wanted(p->cx, EV_BLOCK_INFO))
		return;
	if (sub == LIST)
		block_counts(p, c, sub);
	else if (sub == OF_TYPE)
		blocks_of_type(p, c, sub);
	else if (sub == INFO)
		block_header(p, c, sub);
}

/* ------------------------------------------------------------------------------------------------ the rest */

/* That a password was sent is told; the eight bytes are only turned around and never leave. */
static void security(struct s7_pdu *p, struct oto_cur c, uint8_t type, uint8_t sub)
{
	if (type != REQUEST || sub != 1)
		return;
	p->m.password_length = oto_left(&c);
	p->m.has_password = true;
}

static void clock_of(struct s7_pdu *p, struct oto_cur c)
{
	oto_skip(&c, 2); /* a filler and the century */
	p->m.has_clock = s7_take_time(&c, &p->m.clock);
}

static void mode_told(struct s7_pdu *p, uint8_t sub)
{
	s7_fact(p, "mode", oto_slice_of(s7_mode_word(sub)), 100);
}

/* BSEND: a specification with the number that joins sender and receiver, R_ID, then what is sent. */
static void pbc(struct s7_pdu *p, struct oto_cur c)
{
	enum { SPECIFICATION = 0x12, R_ID = 0x13 };

	if (oto_u8(&c) != SPECIFICATION)
		return;
	struct oto_cur spec = oto_sub(&c, oto_u8(&c));
	uint8_t syntax = oto_u8(&spec);
	oto_skip(&spec, 1);
	uint32_t id = oto_be32(&spec);
	if (spec.bad || syntax != R_ID)
		return;
	struct s7_text t = s7_text_new(p->cx, 12);
	s7_put(&t, "0x");
	s7_put_hex(&t, id, 8);
	p->op.target = (struct oto_target){ .space = "R_ID", .name = s7_text_of(&t) };
}

static void content(struct s7_pdu *p, struct unit *u, uint8_t type, uint8_t group, uint8_t sub)
{
	switch (group) {
	case S7_PROGRAMMER:
		programmer(p, u->body, type, sub);
		break;
	case S7_CYCLIC:
		s7_cyclic(p, u->body, type, sub);
		break;
	case S7_BLOCKS:
		if (type == REQUEST)
			blocks_request(p, u->body, sub);
		else
			blocks_answer(p, u->body, sub);
		break;
	case S7_CPU:
		if (sub == 1)
			s7_szl_facts(p, u->body);
		else
			s7_cpu_message(p, u->body, type, sub);
		break;
	case S7_SECURITY:
		security(p, u->body, type, sub);
		break;
	case S7_TIME:
		clock_of(p, u->body);
		break;
	case S7_PBC:
		if (type == REQUEST)
			pbc(p, u->body);
		break;
	case S7_NC:
		s7_nc_request(p, u->body, sub);
		break;
	default:
		break;
	}
}

/* Data units of one answer come with its sequence number, all but the last marked. What began out of sight is not put together. */
static bool whole_unit(struct s7_pdu *p, struct unit *u)
{
	struct s7_flow *flow = p->cx->state;
	uint32_t side = p->cx->is_orig;
	uint16_t function = (uint16_t)(p->m.subfunction + 1);
	bool going = flow->fragment[side].function != 0, follows;

	follows = going && flow->fragment[side].function == function && flow->fragment[side].sequence == p->m.sequence;
	p->follows = follows;
	if (going && !follows) {
		oto_assemble(p->cx, (struct oto_slice){ 0 }, true);
		flow->fragment[side].function = 0;
	}
	if (!follows && p->m.last_unit)
		return true;
	if (!follows && p->match.found && p->note->status) /* it asked for a later part */
		return false;
	struct oto_slice whole = oto_assemble(p->cx, oto_rest(&u->body), p->m.last_unit);
	flow->fragment[side].function = p->m.last_unit ? 0 : function;
	flow->fragment[side].sequence = p->m.sequence;
	u->body = oto_cur_of(whole);
	return whole.len != 0;
}

static void request(struct s7_pdu *p, struct oto_cur *data, uint8_t group, uint8_t sub)
{
	struct oto_cur again = *data;
	struct unit u = take_unit(&again);
	if (u.cut)
		s7_note_odd(p, "data_unit_cut");
	/* Nothing but a number: the next part of an answer. */
	bool goes_on = p->m.has_data_unit && u.return_code == S7_NO_OBJECT && !oto_left(&u.body);

	p->note->status = goes_on;
	p->m.return_code = u.return_code;
	p->m.has_return_code = u.present;
	if (!u.present || goes_on)
		return;
	if (group == S7_CPU && sub == 1)
		s7_szl_request(p, data);
	else
		content(p, &u, REQUEST, group, sub);
}

static void answer(struct s7_pdu *p, struct oto_cur *data, uint8_t type, uint8_t group, uint8_t sub)
{
	struct s7_flow *flow = p->cx->state;
	struct unit u = take_unit(data);
	uint8_t code = u.return_code;
	if (u.cut)
		s7_note_odd(p, "data_unit_cut");

	p->m.return_code = code;
	p->m.has_return_code = u.present;
	if (!u.present)
		return;
	bool first = !flow->fragment[p->cx->is_orig].function && !(p->match.found && p->note->status);
	if (group == S7_CPU && sub == 1)
		s7_szl_said(p, u.body, code, first);
	/* "Object does not exist" without data is how an answer says that it has none. */
	if (code != S7_OK && code != 0 && code != S7_NO_OBJECT && !p->failed)
		p->failed = s7_return_word(code);
	if (group == S7_CYCLIC && sub == S7_UNSUBSCRIBE)
		s7_unsubscribed(p);
	if (group == S7_NC) /* each part by itself */
		s7_nc_said(p, u.body, sub, type == PUSH);
	else if ((code == S7_OK || code == 0) && whole_unit(p, &u))
		content(p, &u, type, group, sub);
}

/* ------------------------------------------------------------------------------------------------ pairing */

void s7_find_request(struct s7_pdu *p)
{
	oto_response(p->cx, (uint64_t)!p->cx->is_orig << 16 | p->m.pdu_reference, &p->match);
	if (p->match.found)
		p->note = (void *)p->match.note;
}

/* The request with this reference is another one. Where nothing was lost it is answered all the same, and wrongly. */
void s7_answered_otherwise(struct s7_pdu *p)
{
	p->match.found = false;
	p->otherwise = !p->match.unsure;
	if (p->otherwise)
		s7_note_odd(p, "other_answer");
}

/* Head, length, method, type and group, subfunction, sequence; in answers, and what goes on, also data unit, last and error. */
void s7_userdata(struct s7_pdu *p, struct oto_cur *c, struct oto_cur *data)
{
	enum { HEAD = 0x000112 };
	struct s7_message *m = &p->m;

	uint32_t head = oto_be24(c), length = oto_u8(c), left = oto_left(c);
	uint8_t method = oto_u8(c), kind = oto_u8(c), sub = oto_u8(c);
	uint8_t type = s7_type_of(kind), group = s7_group_of(kind);
	m->sequence = oto_u8(c);
	if (c->bad)
		return;
	if ((head != HEAD || length != left) && group != S7_MODE) /* modes have another one */
		s7_note_odd(p, "bad_user_data");
	if (type > RESPONSE || (group > S7_TIME && group != S7_NC && group != S7_ROUTED))
		s7_note_odd(p, "unknown_function");
	m->function_code = kind;
	m->function_name = S7_USER | kind;
	m->subfunction = S7_SUB(group, sub);
	m->has_function = m->has_subfunction = m->has_sequence = true;
	const struct oto_name *row = s7_subfunction(m->subfunction);
	m->subfunction_name = row ? row->name : "unknown";
	if (oto_left(c) >= 4) {
		m->data_unit = oto_u8(c);
		m->last_unit = oto_u8(c) == 0;
		m->error = m->error_code = oto_be16(c);
		m->has_data_unit = true;
		m->has_error = method == ANSWERS;
		m->error_class = oto_slice_of(m->error ? "Parameter Error" : "No error");
		if (m->error)
			p->failed = s7_error_word(m->error);
	} else {
		m->last_unit = true;
	}
	p->op.op = row ? row->op : group == S7_MODE ? OTO_OP_NONE : OTO_OP_OTHER;
	p->op.func = row ? row->name : "User Data";
	p->op.func_code = (uint32_t)USERDATA << 12 | m->subfunction;
	p->note->function = kind;
	p->note->subfunction = m->subfunction;
	switch (type) {
	case REQUEST:
		request(p, data, group, sub);
		break;
	case RESPONSE:
		s7_find_request(p);
		if (p->match.found && p->note->subfunction != m->subfunction)
			s7_answered_otherwise(p);
		answer(p, data, type, group, sub);
		break;
	case PUSH:
		if (group == S7_MODE)
			mode_told(p, sub);
		answer(p, data, type, group, sub);
		p->op.op = OTO_OP_NONE;
		break;
	default:
		break;
	}
	if (data->bad)
		c->bad = true;
}
