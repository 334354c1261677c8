/* s7comm.c - Siemens S7comm (protocol identifier 0x32) on ISO transport: the header, jobs and their answers.
 *
 * Owns pairing by PDU reference, and the state of a flow. The parts, each of which calls only those behind it: s7comm_userdata.c user
 * data, s7comm_szl.c system status lists, s7comm_alarm.c alarms, s7comm_block.c blocks and services, s7comm_cyclic.c subscriptions,
 * s7comm_item.c and s7comm_spec.c variables, s7comm_text.c texts, times and who speaks, s7comm_events.c what is said;
 * s7comm_tables.c and s7comm_services.c the words. S7comm-plus (0x72) is another protocol.
 */
#include "s7comm.h"

/* ------------------------------------------------------------------------------------------------ jobs and answers */

static void take_setup(struct s7_message *m, struct oto_cur *c)
{
	oto_skip(c, 1);
	m->max_amq_calling = oto_be16(c);
	m->max_amq_called = oto_be16(c);
	m->pdu_size = oto_be16(c);
	m->has_setup = !c->bad;
}

static void name_function(struct s7_pdu *p, uint8_t function)
{
	const struct oto_name *row = oto_name_of(&s7_functions, function);

	p->m.function_code = function;
	p->m.function_name = function;
	p->m.has_function = true;
	p->op.op = row ? row->op : OTO_OP_OTHER;
	p->op.func = row ? row->name : "unknown";
	p->op.func_code = function;
}

static void job(struct s7_pdu *p, struct oto_cur *c, struct oto_cur *data)
{
	struct s7_message *m = &p->m;

	name_function(p, oto_u8(c));
	if (c->bad)
		return;
	p->left.function = m->function_code;
	switch (m->function_code) {
	case S7_SETUP:
		take_setup(m, c);
		break;
	case S7_READ:
	case S7_WRITE:
		m->item_count = oto_u8(c);
		m->has_items = true;
		if (!m->item_count)
			s7_note_odd(p, "no_items");
		if (m->function_code == S7_READ)
			s7_read_request(p, c);
		else
			s7_write_request(p, c, data);
		break;
	case S7_PI_SERVICE:
	case S7_PLC_STOP:
		s7_service_job(p, c);
		break;
	case S7_CPU_SERVICES:
		break;
	default:
		if (m->function_code >= S7_REQUEST_DOWNLOAD && m->function_code <= S7_END_UPLOAD)
			s7_block_job(p, c);
		else
			s7_note_odd(p, "unknown_function");
	}
}

static void take_error(struct s7_pdu *p, uint8_t class, uint8_t code)
{
	const struct oto_name *row = oto_name_of(&s7_error_classes, class);
	struct s7_message *m = &p->m;

	m->error = (uint16_t)(class << 8 | code);
	m->error_code = code;
	m->error_class = oto_slice_of(row ? row->name : NULL);
	m->has_error = true;
	if (!row) {
		struct s7_text t = s7_text_new(p->cx, 32);
		s7_put(&t, "Unknown error class-0x");
		s7_put_hex(&t, class, 2);
		m->error_class = s7_text_of(&t);
	}
	if (m->error)
		p->failed = s7_error_word(m->error);
}

/* An answer has its job's function; a refusal often nothing at all. */
static void answer(struct s7_pdu *p, struct oto_cur *c, struct oto_cur *data)
{
	struct s7_message *m = &p->m;

	s7_find_request(p);
	bool empty = !oto_left(c);
	if (!empty)
		name_function(p, oto_u8(c));
	else if (p->match.found && p->note->rosctr == JOB)
		p->op.func_code = p->note->function;
	if (p->match.found && (p->note->rosctr != JOB || (!empty && p->op.func_code != p->note->function)))
		s7_answered_otherwise(p);
	if (empty) {
		s7_transfers_refused(p);
		if (p->match.found && p->note->service)
			s7_service_answer(p);
		return;
	}
	switch (m->function_code) {
	case S7_SETUP:
		if (oto_left(c))
			take_setup(m, c);
		break;
	case S7_READ:
	case S7_WRITE:
		if (!oto_left(c))
			break;
		m->item_count = oto_u8(c);
		m->has_items = true;
		if (m->function_code == S7_READ)
			s7_read_response(p, data, oto_left(data) ? m->item_count : 0);
		else
			s7_write_response(p, data, oto_left(data) ? m->item_count : 0);
		break;
	case S7_PI_SERVICE:
		s7_service_answer(p);
		break;
	default:
		if (m->function_code >= S7_REQUEST_DOWNLOAD && m->function_code <= S7_END_UPLOAD)
			s7_block_answer(p, c, data);
	}
}

/* ------------------------------------------------------------------------------------------------ PDUs */

enum { PROTOCOL = 0x32, HEADER = 10 };

/* A ROSCTR that nobody knows is one if the lengths behind it are. */
static enum oto_answer s7comm_probe(const struct oto_ctx *cx, struct oto_cur c)
{
	uint32_t length = oto_left(&c);
	uint8_t protocol = oto_u8(&c), rosctr = oto_u8(&c);

	(void)cx;
	if (length < HEADER || protocol != PROTOCOL)
		return OTO_NOT_MINE;
	if ((rosctr >= JOB && rosctr <= ACK_DATA) || rosctr == USERDATA)
		return OTO_MINE;
	oto_skip(&c, 4);
	uint32_t parameters = oto_be16(&c), data = oto_be16(&c);
	return parameters + data && HEADER + parameters + data == length ? OTO_MINE : OTO_NOT_MINE;
}

static void speak_request(struct s7_pdu *p)
{
	p->left.rosctr = p->m.rosctr_code;
	p->op.by_receiver = p->by_receiver;
	p->op.sub = s7_sub(p->cx, p->cx->is_orig != p->by_receiver);
	oto_request(p->cx, (uint64_t)p->cx->is_orig << 16 | p->m.pdu_reference, &p->left);
	s7_transfer_asked(p, oto_operation(p->cx, &p->op));
}

/* The answer to what was answered just now, or a further part that nobody asked for: nothing new was done. */
static bool is_spoken(struct s7_pdu *p)
{
	struct s7_flow *flow = p->cx->state;
	uint64_t *last = &flow->answered[p->cx->is_orig];
	uint64_t this = (uint64_t)1 << 63 | (uint64_t)p->op.func_code << 16 | p->m.pdu_reference;

	if (p->match.found) {
		*last = this;
		return false;
	}
	if (p->follows)
		return true;
	if (*last != this)
		return false;
	oto_weird(p->cx, "answered_twice", oto_slice_of(NULL));
	return true;
}

static void speak_answer(struct s7_pdu *p)
{
	p->match.found = p->match.found || p->otherwise;
	if (p->otherwise)
		p->failed = "answered_otherwise";
	if (is_spoken(p))
		return;
	p->m.matched = p->match.found;
	p->m.latency = p->match.latency;
	p->op.by_receiver = p->by_receiver;
	if (!p->match.found)
		p->op.sub = s7_sub(p->cx, p->cx->is_orig == p->by_receiver);
	oto_outcome(p->cx, &p->match, p->failed ? OTO_OUTCOME_ERROR : OTO_OUTCOME_OK, p->failed, p->op.func ? &p->op : NULL);
}

/* Of all that the event holds but its latency and what numbers it: reference, sequence, data unit. 0: there is more to it, which is rare,
 * and of services it is not worth a key. */
static uint64_t key_of(const struct s7_pdu *p)
{
	enum { NUMBERS, THERE, MORE, WORDS };
	uint64_t word[WORDS];

	memcpy(word, &p->m, sizeof word);
	if (word[MORE] || (p->m.subfunction_name && !p->m.has_subfunction))
		return 0;
	return oto_key_mix(p->ends, word[NUMBERS], word[THERE]);
}

static void speak_message(struct s7_pdu *p)
{
	struct s7_message *m = &p->m;
	uint64_t key = key_of(p);

	if (key && oto_again(p->cx, EV_MESSAGE, key))
		return;
	s7_speakers(p->cx, &m->source_h, &m->source_p, &m->destination_h, &m->destination_p);
	if (m->has_subfunction) {
		struct s7_text t = s7_text_new(p->cx, 4);
		s7_put(&t, "0x");
		s7_put_hex(&t, m->subfunction & 0xff, 2);
		m->subfunction_code = s7_text_of(&t);
		m->has_subfunction_code = true;
	}
	oto_emit_as(p->cx, EV_MESSAGE, m, key);
}

static void s7comm_pdu(struct oto_ctx *cx, struct oto_cur *c)
{
	struct s7_pdu p;
	struct s7_message *m = &p.m;

	memset(&p, 0, offsetof(struct s7_pdu, left.spot));
	memset(&p.match, 0, offsetof(struct oto_match, note));
	p.cx = cx;
	p.ends = oto_ends(cx);
	p.note = &p.left;
	p.op.self_size = sizeof p.op;
	p.match.self_size = sizeof p.match;
	if (oto_u8(c) != PROTOCOL) {
		oto_weird(cx, "other_protocol", oto_rest(c));
		return;
	}
	m->rosctr_code = m->rosctr_name = oto_u8(c);
	oto_skip(c, 2);
	m->pdu_reference = oto_le16(c); /* as Siemens counts it; others count the other way */
	uint16_t parameters = oto_be16(c), length = oto_be16(c);
	uint8_t class = 0, code = 0;
	if (m->rosctr_code == ACK || m->rosctr_code == ACK_DATA) {
		class = oto_u8(c);
		code = oto_u8(c);
	}
	struct oto_cur parameter = oto_sub(c, parameters), data = oto_sub(c, length);
	if (c->bad)
		return;
	if (oto_left(c))
		s7_note_odd(&p, "lengths_differ");
	bool asks = m->rosctr_code == JOB;
	switch (m->rosctr_code) {
	case JOB:
		job(&p, &parameter, &data);
		break;
	case ACK:
	case ACK_DATA:
		take_error(&p, class, code);
		answer(&p, &parameter, &data);
		break;
	case USERDATA:
		s7_userdata(&p, &parameter, &data);
		asks = s7_type_of(m->function_code) == REQUEST;
		break;
	default:
		oto_weird(cx, "unknown_rosctr", (struct oto_slice){ 0 });
		return;
	}
	if (parameter.bad || data.bad) {
		c->bad = true;
		return;
	}
	if (p.odd)
		oto_weird(cx, p.odd, oto_slice_of(NULL));
	if (asks)
		speak_request(&p);
	else if (m->rosctr_code != USERDATA || s7_type_of(m->function_code) == RESPONSE)
		speak_answer(&p);
	speak_message(&p);
}

static void s7comm_gap(struct oto_ctx *cx, uint64_t n)
{
	struct s7_flow *flow = cx->state;

	(void)n;
	s7_transfers_gap(flow);
	memset(flow->answered, 0, sizeof flow->answered);
	flow->fragment[cx->is_orig].function = 0;
}

static void s7comm_closing(struct oto_ctx *cx)
{
	s7_transfers_cut(cx);
	s7_device_known(cx);
}

static const struct oto_pairing pairing = {
	.self_size = sizeof pairing, .note_size = sizeof(struct s7_note), .scope = OTO_SCOPE_FLOW, .keyed = true, .bound = 128
};

static const struct oto_analyzer s7comm = {
	.self_size = sizeof s7comm,
	.name = "s7comm",
	.doc = "Siemens S7comm: variables, blocks, programmer functions of S7-200 to S7-1500",
	.keys = "cotp",
	.probe = s7comm_probe,
	.pdu = s7comm_pdu,
	.gap = s7comm_gap,
	.closing = s7comm_closing,
	.state_size = sizeof(struct s7_flow),
	.shared_size = sizeof(struct s7_shared),
	.events = s7_events,
	.nevents = EV_COUNT,
	.pairing = &pairing,
};

OTO_ANALYZER(s7comm);
