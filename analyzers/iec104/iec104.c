/* iec104.c - IEC 60870-5-104: APDUs with their sequence numbers, which side is the controlling station, ASDUs, commands and what became of
 * them.
 *
 * Owns the direction, and the pairing of activation and confirmation by (type, common address, object address). Framing is in
 * iec104_frame.c, objects are read by iec104_object.c, files followed by iec104_file.c.
 */
#include "iec104.h"

enum { NUMBERS = 1 << 15, NEGATIVE = 0x40, TEST = 0x80, EVERYBODY = 0xffff, ADDRESSES = 1 << 24 };

/* ------------------------------------------------------------------------------------------------ 1. direction */

enum sender { NOBODY, CONTROLLING, CONTROLLED };

/* Who sends such an ASDU. */
static enum sender sender_of(uint8_t type, uint8_t cause)
{
	if ((type >= M_FIRST && type <= M_LAST) || type == M_EI_NA_1 || type == F_DR_TA_1)
		return CONTROLLED;
	if ((type < C_FIRST || type > C_LAST) && (type < C_IC_NA_1 || type > P_LAST))
		return NOBODY;
	return cause == CAUSE_ACTIVATION || cause == CAUSE_DEACTIVATION || cause == CAUSE_REQUEST ? CONTROLLING : CONTROLLED;
}

/* Only the controlling station starts and stops the transfer of data (104, 5.3); else it is the one that called port 2404; elsewhere the
 * first ASDU tells. */
static bool sent_by_client(struct iec104_parse *p)
{
	struct iec104_flow *flow = p->cx->state;
	const struct iec104_apdu *m = p->m;
	const struct oto_head *h = p->cx->head;
	bool is_orig = p->cx->is_orig;
	enum sender sender = m->has_asdu ? sender_of(m->type_id, m->cause_tx) : NOBODY;

	if (m->has_u_function && m->u_function < TESTFR_ACT)
		flow->client = (m->u_function == STARTDT_ACT || m->u_function == STOPDT_ACT) == is_orig ? 1 : 2;
	if (!flow->client && (h->resp_p == IEC104_PORT) != (h->orig_p == IEC104_PORT))
		flow->client = h->resp_p == IEC104_PORT ? 1 : 2;
	if (!flow->client && sender)
		flow->client = (sender == CONTROLLING) == is_orig ? 1 : 2;
	return flow->client ? (flow->client == 1) == is_orig : is_orig;
}

/* ------------------------------------------------------------------------------------------------ 2. commands and answers */

static bool is_command(uint8_t type)
{
	return (type >= C_FIRST && type <= C_LAST) || (type >= C_IC_NA_1 && type <= P_LAST);
}

static bool is_monitored(uint8_t type)
{
	return type >= M_FIRST && type <= M_LAST;
}

static bool is_answer(uint8_t cause)
{
	return cause == CAUSE_ACTIVATION_CON || cause == CAUSE_DEACTIVATION_CON ||
	       (cause >= CAUSE_UNKNOWN_TYPE && cause <= CAUSE_UNKNOWN_OBJECT);
}

/* What the command is called, with what it does: a select, a deactivation and what becomes of counters and buffers have words of their own.
 */
static const struct oto_name *row_of(const struct iec104_object *o)
{
	const struct oto_name *row = NULL;

	if (o->cause_tx == CAUSE_DEACTIVATION || o->cause_tx == CAUSE_DEACTIVATION_CON)
		row = oto_name_of(&iec104_deactivations, o->type_id);
	else if (o->has_select && o->select)
		row = oto_name_of(&iec104_selections, o->type_id);
	else if (o->has_freeze)
		row = oto_name_of(&iec104_counter_commands, o->freeze);
	else if (o->type_id == C_RP_NA_1)
		row = oto_name_of(&iec104_reset_commands, o->qualifier);
	return row ? row : oto_name_of(&iec104_types, o->type_id);
}

static struct oto_target target_of(const struct iec104_object *o)
{
	bool names_group = o->type_id == C_IC_NA_1 || o->type_id == C_CI_NA_1;

	if (names_group)
		return (struct oto_target){ .space = o->type_id == C_IC_NA_1 ? "interrogation" : "counters",
					    .name = oto_slice_of(o->qualifier_name ? o->qualifier_name : "private") };
	if (o->type_id >= C_CS_NA_1 && o->type_id < P_FIRST) /* of the station */
		return (struct oto_target){ 0 };
	return (struct oto_target){ .space = "object", .first = o->info_obj_addr, .count = 1 };
}

static struct oto_operation operation_of(const struct iec104_object *o)
{
	const struct oto_name *row = row_of(o);

	return (struct oto_operation){ .self_size = sizeof(struct oto_operation),
				       .op = row ? row->op : OTO_OP_OTHER,
				       .func = row ? row->name : "unknown",
				       .func_code = o->type_id,
				       .target = target_of(o),
				       .unit = o->common_address,
				       .has_unit = true };
}

static void match(struct iec104_parse *p, uint8_t type, const struct iec104_object *o, struct oto_match *found)
{
	bool for_all = type >= C_IC_NA_1 && type <= C_RP_NA_1;

	oto_response(p->cx, iec104_key(type, o->common_address, o->info_obj_addr), found);
	if (!found->found && for_all && o->common_address != EVERYBODY) /* each station answers with its own address (101, 7.2.4) */
		oto_response(p->cx, iec104_key(type, EVERYBODY, o->info_obj_addr), found);
	p->m->matched = found->found;
	p->m->latency = found->latency;
}

static void outcome(struct iec104_parse *p, const struct iec104_object *o)
{
	struct oto_operation unmatched = operation_of(o);
	const struct oto_name *cause = oto_name_of(&iec104_causes, o->cause_tx);
	struct oto_match found;
	const char *error = o->cause_tx >= CAUSE_UNKNOWN_TYPE && cause ? cause->name : o->negative ? "negative" : NULL;

	match(p, o->type_id, o, &found);
	oto_outcome(p->cx, &found, error ? OTO_OUTCOME_ERROR : OTO_OUTCOME_OK, error, &unmatched);
}

/* The value that C_RD_NA_1 asked for comes as what it is. */
static void answer_read(struct iec104_parse *p, struct iec104_object o)
{
	struct oto_match found;

	o.type_id = C_RD_NA_1;
	struct oto_operation unmatched = operation_of(&o);
	match(p, C_RD_NA_1, &o, &found);
	oto_outcome(p->cx, &found, OTO_OUTCOME_OK, NULL, &unmatched);
}

static void operate(struct iec104_parse *p, const struct iec104_object *o)
{
	if (is_monitored(o->type_id)) {
		if (o->cause_tx == CAUSE_REQUEST && !p->is_client)
			answer_read(p, *o);
		return;
	}
	if (!is_command(o->type_id) || o->cause_tx == CAUSE_TERMINATION)
		return;
	if (is_answer(o->cause_tx)) {
		outcome(p, o);
	} else if (p->is_client || sender_of(o->type_id, o->cause_tx) == CONTROLLING) {
		struct oto_operation operation = operation_of(o);
		struct iec104_note note = { 0 };
		oto_request(p->cx, iec104_key(o->type_id, o->common_address, o->info_obj_addr), &note);
		oto_operation(p->cx, &operation);
	}
}

/* What comes by itself goes to who wanted it. One operation for all of an ASDU's objects, which are many and are told one by one elsewhere.
 */
static void operate_whole(struct iec104_parse *p)
{
	const struct iec104_apdu *m = p->m;
	const struct oto_name *row = oto_name_of(&iec104_types, m->type_id);
	struct oto_operation o = { .self_size = sizeof o,
				   .op = row ? row->op : OTO_OP_OTHER,
				   .func = row ? row->name : "unknown",
				   .func_code = m->type_id,
				   .unit = m->common_address,
				   .has_unit = true };
	bool by_itself = m->cause_tx <= CAUSE_SPONTANEOUS || m->cause_tx == CAUSE_RETURN_REMOTE || m->cause_tx == CAUSE_RETURN_LOCAL;

	if (is_command(m->type_id) || iec104_is_file(m->type_id))
		return;
	if (is_monitored(m->type_id) && !p->is_client) {
		o.by_receiver = true;
		if (by_itself)
			oto_operation(p->cx, &o);
	} else if (p->is_client) {
		o.op = is_monitored(m->type_id) ? OTO_OP_OTHER : o.op; /* as if it were a station itself */
		oto_operation(p->cx, &o);
	}
}

static void operate_function(struct iec104_parse *p)
{
	bool confirms = p->m->u_function == STARTDT_CON || p->m->u_function == STOPDT_CON;
	uint8_t act = p->m->u_function == STARTDT_CON ? STARTDT_ACT : p->m->u_function == STOPDT_CON ? STOPDT_ACT : p->m->u_function;
	const struct oto_name *row = oto_name_of(&iec104_functions, act);
	struct oto_operation o = {
		.self_size = sizeof o, .op = row->op, .func = act == STARTDT_ACT ? "STARTDT" : "STOPDT", .func_code = act
	};
	struct iec104_note note = { 0 };
	struct oto_match found;

	if (act >= TESTFR_ACT)
		return;
	if (!confirms) {
		oto_request(p->cx, iec104_key(act, 0, UINT32_MAX), &note);
		oto_operation(p->cx, &o);
		return;
	}
	oto_response(p->cx, iec104_key(act, 0, UINT32_MAX), &found);
	p->m->matched = found.found;
	p->m->latency = found.latency;
	oto_outcome(p->cx, &found, OTO_OUTCOME_OK, NULL, &o);
}

/* ------------------------------------------------------------------------------------------------ 3. ASDUs */

/* Of all that the key of the log holds. */
static uint64_t key_of_apdu(struct iec104_parse *p)
{
	const struct iec104_apdu *m = p->m;
	uint64_t head = (uint64_t)m->apci_type << 56 | (uint64_t)m->u_function << 48 | (uint64_t)m->type_id << 40 |
			(uint64_t)m->cause_tx << 32 | (uint64_t)m->common_address << 16 | (uint64_t)m->originator_address << 8 |
			(uint64_t)m->freeze << 4 | (uint64_t)m->negative << 3 | (uint64_t)m->test << 2 | (uint64_t)m->select << 1 |
			m->direction;
	uint64_t rest = (uint64_t)m->qualifier << 8 | (uint64_t)m->has_qualifier << 1 | m->has_asdu;

	return oto_key_mix(oto_key_mix(oto_ends(p->cx), head, rest), p->cx->is_orig, 1);
}

/* Of all that the event holds but what varies. */
static uint64_t key_of_object(const struct iec104_parse *p, const struct iec104_object *o)
{
	uint64_t head = (uint64_t)o->info_obj_addr << 40 | (uint64_t)o->common_address << 24 | (uint64_t)o->type_id << 16 |
			(uint64_t)o->cause_tx << 8 | o->originator_address;
	uint64_t rest = (uint64_t)o->flags << 48 | (uint64_t)o->qualifier << 40 | (uint64_t)o->freeze << 32 | (uint64_t)o->direction << 8 |
			(uint64_t)o->negative << 7 | (uint64_t)o->test << 6 | (uint64_t)o->select << 5 | (uint64_t)o->time_invalid << 4 |
			(uint64_t)o->summer_time << 3 | (uint64_t)o->has_time << 2 | (uint64_t)o->has_hour_time << 1 | p->cx->is_orig;

	uint64_t command;

	memcpy(&command, &o->command, sizeof command);
	return oto_key_mix(oto_key_mix(oto_ends(p->cx), head, rest), command, 1);
}

static void tell_object(struct iec104_parse *p, struct iec104_object *o)
{
	uint64_t key = key_of_object(p, o);

	if (oto_again_with(p->cx, IEC104_EV_OBJECT, key, o))
		return;
	o->quality = iec104_quality_text(p->cx, o->flags);
	o->has_quality = o->quality.len != 0;
	oto_emit_as(p->cx, IEC104_EV_OBJECT, o, key);
}

static void put_le(uint8_t *at, uint64_t n, uint32_t bytes)
{
	for (uint32_t i = 0; i < bytes; i++)
		at[i] = (uint8_t)(n >> 8 * i);
}

/* Addresses and values of an ASDU as its event has them. */
struct columns {
	uint8_t *address, *value;
	uint32_t n, with_value;
};

static void put_columns(struct columns *columns, uint32_t address, const struct iec104_object *o)
{
	enum { WIDE = 4, DOUBLE = 8 };
	uint64_t bits;

	if (columns->address)
		put_le(columns->address + (size_t)WIDE * columns->n++, address, WIDE);
	if (!columns->value || !o || !o->has_value)
		return;
	memcpy(&bits, &o->value, sizeof bits);
	put_le(columns->value + (size_t)DOUBLE * columns->with_value++, bits, DOUBLE);
}

static void take_first(struct iec104_apdu *m, const struct iec104_object *o)
{
	m->select = o->select;
	m->has_select = o->has_select;
	m->qualifier = o->qualifier;
	m->has_qualifier = o->has_qualifier;
	m->qualifier_name = o->qualifier_name;
	m->freeze = o->freeze;
	m->has_freeze = o->has_freeze;
}

static void one_file(struct iec104_parse *p, struct oto_cur *c, uint32_t address, struct columns *columns)
{
	struct iec104_file f;

	iec104_take_file(p, c, address, &f);
	put_columns(columns, address, NULL);
	if (!c->bad)
		iec104_tell_file(p, &f);
}

static void one_object(struct iec104_parse *p, struct oto_cur *c, uint32_t address, struct columns *columns)
{
	struct iec104_object o;

	iec104_take_object(p, c, address, &o);
	put_columns(columns, address, &o);
	operate(p, &o);
	if (oto_heard(p->cx, IEC104_EV_OBJECT, &o))
		tell_object(p, &o);
}

static void objects(struct iec104_parse *p, struct oto_cur *c, uint32_t n, struct columns *columns)
{
	bool in_sequence = p->m->seq;
	uint32_t address = 0;

	for (uint32_t i = 0; i < n; i++) {
		if (!in_sequence || !i) {
			address = oto_le16(c);
			address |= (uint32_t)oto_u8(c) << 16;
		}
		if (iec104_is_file(p->m->type_id))
			one_file(p, c, address, columns);
		else
			one_object(p, c, address, columns);
		address = (address + 1) % ADDRESSES;
	}
}

/* How many objects are here: as many as are said when the length is right, else those that are whole. */
static uint32_t count_objects(struct iec104_parse *p, const struct oto_cur *c)
{
	uint8_t structure = (uint8_t)(p->m->num_ix | (p->m->seq ? SEQUENCE : 0));
	uint32_t n = p->m->num_ix, left = oto_left(c), size = iec104_size_of(p->layout), fit;

	if (iec104_size_of_objects(p->layout, structure, *c) == left)
		return p->m->type_id == F_SG_NA_1 && n ? 1 : n;
	p->odd = "objects_do_not_fill_length";
	if (p->m->type_id == F_SG_NA_1)
		return 0;
	if (p->m->seq)
		fit = left < ADDRESS ? 0 : size ? (left - ADDRESS) / size : 1;
	else
		fit = left / (ADDRESS + size);
	return fit < n ? fit : n;
}

static void look_first(struct iec104_parse *p, struct oto_cur c)
{
	struct iec104_object o;

	if (iec104_is_file(p->m->type_id))
		return;
	oto_skip(&c, ADDRESS);
	iec104_take_object(p, &c, 0, &o);
	take_first(p->m, &o);
}

static void take_head(struct iec104_apdu *m, struct oto_cur *c)
{
	m->type_id = oto_u8(c);
	uint8_t structure = oto_u8(c), cause = oto_u8(c);
	m->num_ix = structure & (SEQUENCE - 1);
	m->seq = structure & SEQUENCE;
	m->cause_tx = cause & CAUSE;
	m->negative = cause & NEGATIVE;
	m->test = cause & TEST;
	m->originator_address = oto_u8(c);
	m->common_address = oto_le16(c);
	m->has_asdu = true;
}

static bool is_known_cause(uint8_t cause)
{
	enum { SPECIAL = 48 }; /* from here on they are a maker's own */

	return cause >= SPECIAL || oto_name_of(&iec104_causes, cause);
}

static void emit_apdu(struct iec104_parse *p, const struct columns *columns, uint64_t key)
{
	struct iec104_apdu *m = p->m;

	m->info_obj_addr = (struct oto_vec){ columns->address, columns->n, OTO_VEC_U32LE };
	m->values = (struct oto_vec){ columns->value, columns->with_value, OTO_VEC_F64LE };
	m->has_values = columns->with_value != 0;
	oto_emit_as(p->cx, IEC104_EV_APDU, m, key);
}

static void asdu(struct iec104_parse *p, struct oto_cur *c)
{
	struct iec104_apdu *m = p->m;
	struct columns columns = { 0 };
	uint32_t n = 0;

	if (p->layout) {
		n = count_objects(p, c);
		if (n)
			look_first(p, *c);
	} else if (m->type_id < SPECIAL_FIRST && !oto_name_of(&iec104_types, m->type_id)) {
		p->odd = "unknown_type";
	}
	if (!is_known_cause(m->cause_tx))
		p->odd = "unknown_cause";
	uint64_t key = key_of_apdu(p);
	bool said = !oto_wanted(p->cx, IEC104_EV_APDU) || oto_again(p->cx, IEC104_EV_APDU, key);
	if (!said && n) {
		columns.address = oto_scratch(p->cx, n * sizeof(uint32_t));
		columns.value = oto_scratch(p->cx, n * sizeof(double));
	}
	operate_whole(p);
	objects(p, c, n, &columns);
	if (!said)
		emit_apdu(p, &columns, key);
}

/* ------------------------------------------------------------------------------------------------ 4. APDUs */

/* Each direction counts its own (104, 5.1): one that is left out or comes again, with no octet of TCP missing, was not sent by the station.
 */
static void follow_numbers(struct iec104_parse *p)
{
	struct iec104_flow *flow = p->cx->state;
	bool side = p->cx->is_orig;

	if (flow->side[side].known && p->m->apci_tx != flow->side[side].next)
		p->odd = "sequence_jump";
	flow->side[side].known = true;
	flow->side[side].next = (uint16_t)((p->m->apci_tx + 1) % NUMBERS);
}

static void take_ends(struct iec104_parse *p)
{
	const struct oto_head *h = p->cx->head;

	p->is_client = sent_by_client(p);
	p->m->direction = !p->is_client;
	bool client_is_orig = p->is_client == p->cx->is_orig;
	p->m->client = client_is_orig ? h->orig_h : h->resp_h;
	p->m->server = client_is_orig ? h->resp_h : h->orig_h;
}

static void numbered(struct iec104_parse *p, struct oto_cur *c)
{
	if (!oto_left(c)) {
		p->odd = "no_asdu";
		return;
	}
	take_head(p->m, c);
	if (c->bad)
		return;
	p->layout = iec104_layout_of(p->m->type_id);
	take_ends(p);
	asdu(p, c);
}

static void others(struct iec104_parse *p)
{
	take_ends(p);
	if (p->m->has_u_function)
		operate_function(p);
	uint64_t key = key_of_apdu(p);
	if (oto_wanted(p->cx, IEC104_EV_APDU) && !oto_again(p->cx, IEC104_EV_APDU, key))
		oto_emit_as(p->cx, IEC104_EV_APDU, p->m, key);
}

static void apdu(struct iec104_parse *p, struct oto_cur *c)
{
	struct iec104_apdu *m = p->m;
	struct oto_slice control = oto_take(c, CONTROL);
	int format = control.len ? iec104_format_of(control.data) : -1;

	if (format < 0) {
		p->odd = control.len ? "bad_control_field" : NULL;
		return;
	}
	m->apci_type = (uint8_t)format;
	m->has_tx = format == IEC104_I;
	m->has_rx = format != IEC104_U;
	m->has_u_function = format == IEC104_U;
	m->u_function = m->has_u_function ? control.data[0] : 0;
	m->apci_tx = m->has_tx ? (uint16_t)(control.data[1] << 7 | control.data[0] >> 1) : 0;
	m->apci_rx = m->has_rx ? (uint16_t)(control.data[3] << 7 | control.data[2] >> 1) : 0;
	if (format == IEC104_I) {
		follow_numbers(p);
		numbered(p, c);
		return;
	}
	if (oto_left(c))
		p->odd = "octets_behind_control_field";
	others(p);
}

static void iec104_pdu(struct oto_ctx *cx, struct oto_cur *c)
{
	struct iec104_apdu m = { 0 };
	struct iec104_parse p = { .cx = cx, .m = &m };
	struct oto_slice whole = { c->start, oto_left(c) };

	if (iec104_is_keep_alive(*c))
		return;
	oto_skip(c, 1);
	m.apdu_len = oto_u8(c);
	if (m.apdu_len < CONTROL || m.apdu_len > IEC104_LENGTH_MAX) {
		oto_weird(cx, "impossible_length", whole);
		return;
	}
	struct oto_cur body = oto_sub(c, m.apdu_len);
	apdu(&p, &body);
	c->bad |= body.bad;
	if (p.odd)
		oto_weird(cx, p.odd, whole);
}

static void iec104_gap(struct oto_ctx *cx, uint64_t n)
{
	struct iec104_flow *flow = cx->state;

	(void)n;
	flow->side[cx->is_orig].known = false;
	iec104_files_lost(flow);
}

/* Commands of one object are answered in their order, a select before its execute. */
static const struct oto_pairing pairing = { .self_size = sizeof pairing,
					    .note_size = sizeof(struct iec104_note),
					    .scope = OTO_SCOPE_FLOW,
					    .keyed = true,
					    .repeats = true,
					    .bound = 256 };

static const struct oto_analyzer iec104 = {
	.self_size = sizeof iec104,
	.flags = OTO_ANY_PORT,
	.name = "iec104",
	.doc = "IEC 60870-5-104, telecontrol over TCP",
	.keys = "tcp/2404",
	.probe = iec104_probe,
	.pdu_len = iec104_pdu_len,
	.pdu = iec104_pdu,
	.gap = iec104_gap,
	.closing = iec104_files_close,
	.state_size = sizeof(struct iec104_flow),
	.max_pdu = 2 + UINT8_MAX,
	.events = iec104_events,
	.nevents = IEC104_EV_COUNT,
	.pairing = &pairing,
};

OTO_ANALYZER(iec104);
