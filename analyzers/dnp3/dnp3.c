/* dnp3.c - DNP3 (IEEE Std 1815-2012) over TCP and UDP: application fragments, the pairing of requests with responses, and what they mean.
 *
 * Owns the analyzer and the state of a flow. Frames and segments are put together by dnp3_link.c, objects are read by dnp3_objects.c and
 * what stands below it. Who asks and who is asked is told by the function of the fragment; that the link's direction bit says the same is
 * checked. The unit is the outstation's link address.
 */
#include "dnp3.h"

/* ------------------------------------------------------------------------------------------------ what the objects are */

/* Which points, as people write it; a command's by its index. */
static struct oto_target target_of(const struct dnp3_header *h)
{
	struct oto_target t = { .space = h->type ? h->type->space : "object" };
	struct oto_cur c = h->objects;
	struct dnp3_item item;
	uint32_t n = 0;

	if (h->group == GROUP_CLASS && h->variation) {
		t.first = h->variation - 1u;
		t.count = 1;
	} else if (h->has_range) {
		t.first = h->low;
		t.count = h->count;
	} else if (h->prefix && dnp3_next(&c, h, &n, &item) && item.has_index) {
		t.first = item.index;
		t.count = 1;
	}
	return t;
}

static void gather_file(struct dnp3_parse *p, const struct dnp3_header *h)
{
	struct oto_cur c = h->objects;
	struct dnp3_item item;

	for (uint32_t n = 0; dnp3_next(&c, h, &n, &item);) {
		if (!dnp3_take_file(p, h->variation, item.body, &p->file, &p->file_data))
			p->odd = "malformed_object";
		p->has_file = true;
	}
}

static void gather_authentication(struct dnp3_parse *p, const struct dnp3_header *h)
{
	struct oto_cur c = h->objects;
	struct dnp3_item item;
	struct dnp3_authentication a;

	for (uint32_t n = 0; dnp3_next(&c, h, &n, &item);) {
		if (!dnp3_take_authentication(p, h->variation, item.body, &a))
			p->odd = "malformed_object";
		if (!p->has_auth)
			p->auth_message = a.message;
		if (a.has_error)
			p->auth_error = a.error_code;
		p->has_auth = true;
	}
}

static void gather(struct dnp3_parse *p, const struct dnp3_header *h)
{
	bool is_command = h->group == GROUP_COMMAND || h->group == GROUP_ANALOG_COMMAND;

	if (!p->m.headers++)
		p->first_group = h->group;
	p->key = oto_key_mix(p->key, (uint64_t)h->group << 8 | h->variation, p->m.headers);
	if (is_command && h->has_data && p->is_response && !p->control_status)
		p->control_status = dnp3_refused(h);
	if (h->group == GROUP_FILE && h->has_data)
		gather_file(p, h);
	if (h->group == GROUP_AUTHENTICATION) {
		gather_authentication(p, h);
		return; /* around the objects of a request in aggressive mode: names nothing */
	}
	if (!p->targets++)
		p->target = target_of(h);
	p->more_items |= h->prefix && h->prefix <= DNP3_INDEX_32 && h->count > 1;
}

/* ------------------------------------------------------------------------------------------------ operations */

enum { TARGET_TEXT = 160 };

static void put_target(struct text *t, const struct oto_target *target)
{
	text_put(t, t->len ? "," : "");
	text_put(t, target->space);
	if (!target->count)
		return;
	text_put(t, ":");
	text_put_number(t, target->first);
	if (target->count > 1) {
		text_put(t, "-");
		text_put_number(t, target->first + target->count - 1);
	}
}

/* Every index of a command; of others one target a header. */
static void list_targets(struct dnp3_parse *p, const struct dnp3_header *h)
{
	enum { ROOM_FOR_ONE = 48 };
	struct oto_target target = target_of(h);
	struct oto_cur c = h->objects;
	struct dnp3_item item;
	struct text *t = p->listing;

	if (h->group == GROUP_AUTHENTICATION)
		return;
	if (!h->prefix || h->prefix > DNP3_INDEX_32) {
		if (t->len + ROOM_FOR_ONE < t->room)
			put_target(t, &target);
		return;
	}
	for (uint32_t n = 0; t->len + ROOM_FOR_ONE < t->room && dnp3_next(&c, h, &n, &item);) {
		target.first = item.index;
		target.count = 1;
		put_target(t, &target);
	}
}

/* What a WRITE does, its first object tells (4.4.2); what is opened, the mode. */
static uint32_t op_of(const struct dnp3_parse *p, uint32_t op)
{
	enum { MODE_READ = 1 };

	if (p->m.function == DNP3_OPEN_FILE)
		return p->has_file && p->file.mode > MODE_READ ? OTO_OP_PROGRAM_WRITE : op;
	if (p->m.function != DNP3_WRITE || !p->m.headers)
		return op;
	switch (p->first_group) {
	case GROUP_TIME:
	case GROUP_CTO:
		return OTO_OP_TIME;
	case GROUP_IIN:
		return OTO_OP_CLEAR;
	case GROUP_FILE:
		return OTO_OP_PROGRAM_WRITE;
	case GROUP_ATTRIBUTE:
	case GROUP_DEADBAND:
	case GROUP_PROTOTYPE:
	case GROUP_DESCRIPTOR:
	case GROUP_TERMINAL:
		return OTO_OP_CONFIGURE;
	case GROUP_AUTHENTICATION:
		return OTO_OP_AUTHENTICATE;
	default:
		return op;
	}
}

static struct oto_slice file_name(const struct dnp3_parse *p)
{
	if (p->file.file_name.len)
		return p->file.file_name;
	for (uint32_t i = 0; i < DNP3_TRANSFERS; i++) {
		const struct dnp3_transfer *t = &p->flow->transfers[i];
		if (t->open && p->file.has_handle && t->handle == p->file.handle)
			return say_copy(p->cx, (struct oto_slice){ t->name, t->name_len });
	}
	return (struct oto_slice){ 0 };
}

static struct oto_operation operation_of(struct dnp3_parse *p)
{
	const struct oto_name *row = oto_name_of(&dnp3_functions, p->m.function);
	struct oto_operation o = { .self_size = sizeof o,
				   .op = op_of(p, row ? row->op : OTO_OP_OTHER),
				   .func = row ? row->name : "unknown",
				   .func_code = p->m.function,
				   .target = p->target,
				   .unit = p->m.outstation,
				   .has_unit = true };

	if (p->has_file) {
		o.target = (struct oto_target){ .space = "file", .name = file_name(p) };
	} else if (p->targets > 1 || p->more_items) {
		struct text t = text_new(p->cx, TARGET_TEXT);
		p->listing = &t;
		dnp3_walk(p, list_targets);
		o.target = (struct oto_target){ .name = text_end(&t) };
	}
	return o;
}

/* ------------------------------------------------------------------------------------------------ pairing */

/* Both stations and the sequence number (4.2.2.4.4); secure authentication has requests of its own between a request and its response. */
static uint64_t pair_key(const struct dnp3_message *m, bool is_request, bool authentication)
{
	uint16_t master = is_request ? m->source : m->destination;

	return (uint64_t)authentication << 40 | (uint64_t)master << 24 | (uint64_t)m->outstation << 8 | m->seq;
}

static bool is_broadcast(uint16_t address)
{
	return address >= 0xfffd;
}

static bool is_answered(const struct dnp3_message *m)
{
	uint8_t f = m->function;

	return f != DNP3_DIRECT_OPERATE_NR && f != DNP3_IMMED_FREEZE_NR && f != DNP3_FREEZE_CLEAR_NR && f != DNP3_FREEZE_AT_TIME_NR &&
	       f != DNP3_AUTHENTICATE_REQ_NR && !is_broadcast(m->destination);
}

static void take_note(const struct dnp3_parse *p, const struct oto_operation *o, struct dnp3_note *note)
{
	struct oto_slice name = say_first(o->target.name, DNP3_NAME);

	*note = (struct dnp3_note){
		.func = p->m.function, .name_len = (uint8_t)name.len, .mode = p->file.mode, .handle = p->file.handle, .size = p->file.size
	};
	if (name.len)
		memcpy(note->name, name.data, name.len);
}

/* The first of what the outstation complains of: of the request, of a command, of a file, of who asks. */
static const char *error_of(const struct dnp3_parse *p)
{
	enum { REFUSED = 0x17, SECOND_OCTET = 8 };
	const struct oto_name *row = NULL;

	for (unsigned bit = 0; bit < 8; bit++) {
		if (p->m.has_iin && p->m.iin & REFUSED & 1u << bit)
			return dnp3_indications[SECOND_OCTET + bit];
	}
	if (p->auth_error)
		row = oto_name_of(&dnp3_auth_errors, p->auth_error);
	else if (p->control_status)
		row = oto_name_of(&dnp3_control_statuses, p->control_status);
	else if (p->has_file && p->file.has_status && p->file.status)
		row = oto_name_of(&dnp3_file_statuses, p->file.status);
	else
		return NULL;
	return row ? row->name : "unknown";
}

/* ------------------------------------------------------------------------------------------------ dnp3.message */

static void put_header(struct dnp3_parse *p, const struct dnp3_header *h)
{
	struct text *t = p->listing;
	uint32_t type = (uint32_t)h->group << 8 | h->variation;

	if (t->len + 12 > t->room || (t->len && type == p->listed))
		return;
	p->listed = type;
	text_put(t, t->len ? " g" : "g");
	text_put_number(t, h->group);
	text_put(t, "v");
	text_put_number(t, h->variation);
}

static struct oto_slice indications_of(struct oto_ctx *cx, uint16_t iin)
{
	enum { ROOM = 240 };
	struct text t = text_new(cx, iin ? ROOM : 1);

	for (unsigned i = 0; i < 16; i++) {
		unsigned bit = i < 8 ? i + 8 : i - 8;
		if (!(iin >> bit & 1))
			continue;
		text_put(&t, t.len ? "," : "");
		text_put(&t, dnp3_indications[i]);
	}
	return text_end(&t);
}

static void tell_message(struct dnp3_parse *p)
{
	enum { OBJECTS_TEXT = 120 };
	struct dnp3_message *m = &p->m;
	uint64_t stations = (uint64_t)m->source << 48 | (uint64_t)m->destination << 32 | (uint64_t)m->outstation << 16 | m->iin;
	uint64_t flags = (uint64_t)m->from_master << 8 | m->fir << 7 | m->fin << 6 | m->con << 5 | m->uns << 4 | m->has_iin << 3 |
			 m->matched << 2 | m->unsure << 1 | m->has_request;
	uint64_t what = flags << 32 | (uint64_t)m->function << 8 | m->request;
	uint64_t key = oto_key_mix(oto_key_mix(oto_ends(p->cx), stations, what), p->key, (uint64_t)m->confirms << 32 | EV_MESSAGE);

	if (!oto_wanted(p->cx, EV_MESSAGE) || oto_again_with(p->cx, EV_MESSAGE, key, m))
		return;
	struct text t = text_new(p->cx, OBJECTS_TEXT);
	p->listing = &t;
	dnp3_walk(p, put_header);
	m->objects = text_end(&t);
	if (m->has_iin)
		m->indications = indications_of(p->cx, m->iin);
	oto_emit_as(p->cx, EV_MESSAGE, m, key);
}

/* ------------------------------------------------------------------------------------------------ Zeek's rows */

static void zeek_request(struct dnp3_parse *p)
{
	p->flow->fc_request = p->m.function;
	p->flow->requested_ns = p->cx->head->ts.ns;
	p->flow->has_request = true;
}

static void zeek_reply(struct dnp3_parse *p)
{
	struct dnp3_exchange e = { .ts = p->cx->head->ts,
				   .fc_request = p->flow->fc_request,
				   .has_request = p->flow->has_request,
				   .fc_reply = p->m.function,
				   .iin = p->m.iin,
				   .has_reply = true };

	p->flow->has_request = false;
	oto_emit(p->cx, EV_EXCHANGE, &e);
}

/* ------------------------------------------------------------------------------------------------ fragments */

static struct dnp3_side *side_of(struct dnp3_parse *p, bool sender)
{
	return &p->flow->side[p->cx->is_orig == sender];
}

/* 4.2.2.4.3: the other side said that it wants this. */
static void confirm(struct dnp3_parse *p)
{
	struct dnp3_side *s = side_of(p, false);
	struct dnp3_message *m = &p->m;

	m->matched = m->confirms = s->awaits && s->awaits_seq == m->seq && s->awaits_uns == m->uns;
	if (!m->matched)
		return;
	m->latency.ns = p->cx->head->ts.ns - s->awaits_ns;
	s->awaits = false;
}

static void await_confirm(struct dnp3_parse *p)
{
	struct dnp3_side *s = side_of(p, true);

	s->awaits = true;
	s->awaits_uns = p->m.uns;
	s->awaits_seq = p->m.seq;
	s->awaits_ns = p->cx->head->ts.ns;
}

static void request(struct dnp3_parse *p)
{
	struct oto_operation o = operation_of(p);
	struct dnp3_note note;

	take_note(p, &o, &note);
	bool authentication = p->m.function == DNP3_AUTHENTICATE_REQ;
	/* nobody answers a reply to a challenge: what was challenged is answered */
	if (is_answered(&p->m) && !(authentication && p->auth_message == AUTH_REPLY))
		oto_request(p->cx, pair_key(&p->m, true, authentication), &note);
	oto_operation(p->cx, &o);
	dnp3_transfer_request(p);
}

static void outcome(struct dnp3_parse *p, const struct oto_match *match, const struct oto_operation *unmatched)
{
	const char *error = error_of(p);

	oto_outcome(p->cx, match, error ? OTO_OUTCOME_ERROR : OTO_OUTCOME_OK, error, unmatched);
}

/* A challenge leaves its request open: the response comes when the challenge was met. */
static void authentication_response(struct dnp3_parse *p)
{
	struct oto_match match;
	struct oto_operation o = operation_of(p);

	if (p->auth_message == AUTH_CHALLENGE)
		return;
	o.func = "AUTHENTICATE_REQ";
	o.op = OTO_OP_AUTHENTICATE;
	oto_response(p->cx, pair_key(&p->m, false, true), &match);
	outcome(p, &match, p->auth_error || match.found ? &o : NULL);
	if (!p->auth_error)
		return;
	oto_response(p->cx, pair_key(&p->m, false, false), &match);
	if (match.found)
		outcome(p, &match, NULL);
}

/* Values that nobody was seen to ask for were read. */
static void response(struct dnp3_parse *p)
{
	struct dnp3_message *m = &p->m;
	struct dnp3_note note;
	struct oto_match match;
	struct oto_operation o = operation_of(p);

	if (!m->fir) /* went with the first */
		return;
	oto_response(p->cx, pair_key(m, false, false), &match);
	m->matched = m->has_request = match.found;
	m->unsure = match.unsure;
	m->latency = match.latency;
	o.func = "READ";
	o.op = OTO_OP_READ;
	bool is_data = p->targets && p->first_group && p->first_group < GROUP_TIME && p->first_group != GROUP_COMMAND &&
		       p->first_group != GROUP_ANALOG_COMMAND;
	if (match.found || is_data)
		outcome(p, &match, &o);
	if (!match.found)
		return;
	memcpy(&note, match.note, sizeof note);
	m->request = note.func;
	dnp3_transfer_response(p, &match, &note, error_of(p));
}

static void unsolicited(struct dnp3_parse *p)
{
	struct oto_operation o = operation_of(p);

	o.by_receiver = true;
	oto_operation(p->cx, &o);
}

/* Which side is whose, by what it sends; and does the link say the same? */
static void check_roles(struct dnp3_parse *p)
{
	const struct dnp3_message *m = &p->m;

	if (p->is_response && m->from_master)
		p->odd = "response_by_master";
	else if (!p->is_response && m->function != DNP3_CONFIRM && !m->from_master)
		p->odd = "request_by_outstation";
	else if (m->function != DNP3_CONFIRM && !oto_name_of(&dnp3_functions, m->function))
		p->odd = "reserved_function";
}

static void speak(struct dnp3_parse *p)
{
	struct dnp3_message *m = &p->m;

	if (p->is_response)
		zeek_reply(p);
	else
		zeek_request(p);
	if (m->function == DNP3_CONFIRM)
		confirm(p);
	else if (!p->is_response)
		request(p);
	else if (m->function == DNP3_UNSOLICITED)
		unsolicited(p);
	else if (m->function == DNP3_AUTHENTICATE_RESP)
		authentication_response(p);
	else
		response(p);
	if (p->is_response && m->con)
		await_confirm(p);
}

static const char *pdu_type_of(const struct dnp3_message *m)
{
	if (m->function == DNP3_CONFIRM)
		return "confirm";
	return m->function < DNP3_RESPONSE ? "request" : m->function == DNP3_UNSOLICITED ? "unsolicited" : "response";
}

/* 4.2.2.2, 4.2.2.3: control, function, and indications of a response. */
static void take_control(struct dnp3_parse *p, const struct dnp3_link *l, struct oto_cur *c)
{
	struct dnp3_message *m = &p->m;
	uint8_t control = oto_u8(c);

	m->function = oto_u8(c);
	m->fir = control & 0x80;
	m->fin = control & 0x40;
	m->con = control & 0x20;
	m->uns = control & 0x10;
	m->seq = control & 0x0f;
	p->is_response = m->has_iin = m->function >= DNP3_RESPONSE;
	m->iin = m->has_iin ? oto_be16(c) : 0;
	m->pdu_type = pdu_type_of(m);
	m->source = l->source;
	m->destination = l->destination;
	m->from_master = l->from_master;
	bool by_outstation = m->function == DNP3_CONFIRM ? !l->from_master : p->is_response;
	m->outstation = by_outstation ? l->source : l->destination;
	bool server_is_orig = p->cx->is_orig == by_outstation;
	m->roles.server = server_is_orig ? p->cx->head->orig_h : p->cx->head->resp_h;
	m->roles.client = server_is_orig ? p->cx->head->resp_h : p->cx->head->orig_h;
}

static void fragment(struct oto_ctx *cx, const struct dnp3_link *l, struct oto_slice s)
{
	struct dnp3_parse p = { .cx = cx, .flow = cx->state };
	struct oto_cur c = oto_cur_of(s);

	take_control(&p, l, &c);
	if (c.bad) {
		oto_weird(cx, "short_fragment", s);
		return;
	}
	p.m.size = s.len;
	p.objects = oto_cur_of(oto_rest(&c));
	if (!p.flow->has_outstation && !is_broadcast(p.m.outstation)) {
		p.flow->first_outstation = p.m.outstation;
		p.flow->master_is_orig = cx->is_orig == !p.is_response;
		p.flow->has_outstation = true;
	}
	dnp3_walk(&p, gather);
	bool is_whole = !p.odd;
	if (is_whole)
		check_roles(&p);
	speak(&p);
	tell_message(&p);
	if (is_whole)
		dnp3_walk(&p, dnp3_tell_objects);
	if (p.odd)
		oto_weird(cx, p.odd, s);
}

/* ------------------------------------------------------------------------------------------------ the analyzer */

static void tell_link(struct oto_ctx *cx, const struct dnp3_link *l)
{
	uint64_t what = (uint64_t)l->source << 48 | (uint64_t)l->destination << 32 | (uint64_t)l->function << 8 | l->from_master << 3 |
			l->primary << 2 | l->fcb << 1 | l->fcv;
	uint64_t key = oto_key_mix(oto_ends(cx), what, EV_LINK);

	if (oto_heard(cx, EV_LINK, l) && !oto_again_with(cx, EV_LINK, key, l))
		oto_emit_as(cx, EV_LINK, l, key);
}

static void dnp3_pdu(struct oto_ctx *cx, struct oto_cur *c)
{
	struct dnp3_link link = { 0 };
	struct oto_slice user_data = { 0 };

	if (!dnp3_take_frame(cx, c, &link, &user_data))
		return;
	tell_link(cx, &link);
	struct oto_slice whole_fragment = user_data.len ? dnp3_transport(cx, &link, user_data) : (struct oto_slice){ 0 };
	if (whole_fragment.len)
		fragment(cx, &link, whole_fragment);
}

static void dnp3_gap(struct oto_ctx *cx, uint64_t n)
{
	struct dnp3_flow *flow = cx->state;

	(void)n;
	flow->side[cx->is_orig] = (struct dnp3_side){ 0 };
	dnp3_transfer_gap(flow);
}

static void dnp3_closing(struct oto_ctx *cx)
{
	struct dnp3_flow *flow = cx->state;

	if (flow->has_request)
		oto_emit(cx, EV_EXCHANGE,
			 &(struct dnp3_exchange){ .ts = { flow->requested_ns }, .fc_request = flow->fc_request, .has_request = true });
	dnp3_transfer_close(cx);
}

static const struct oto_pairing pairing = {
	.self_size = sizeof pairing, .note_size = sizeof(struct dnp3_note), .scope = OTO_SCOPE_FLOW, .keyed = true
};

static const struct oto_analyzer dnp3 = {
	.self_size = sizeof dnp3,
	.flags = OTO_ANY_PORT,
	.name = "dnp3",
	.doc = "DNP3 (IEEE 1815) over TCP and UDP",
	.keys = "tcp/20000 udp/20000 tcp/19999 udp/19999",
	.probe = dnp3_probe,
	.pdu_len = dnp3_pdu_len,
	.pdu = dnp3_pdu,
	.gap = dnp3_gap,
	.closing = dnp3_closing,
	.state_size = sizeof(struct dnp3_flow),
	.events = dnp3_events,
	.nevents = EV_COUNT,
	.pairing = &pairing,
	.shared_size = DNP3_SHARED,
	.setup = dnp3_setup,
};

OTO_ANALYZER(dnp3);
