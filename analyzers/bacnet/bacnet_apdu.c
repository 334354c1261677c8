/* bacnet_apdu.c - the application layer (clause 20): types of APDU, segments put together, requests paired with what became of them.
 *
 * Owns the way of an APDU: header, segments, match, parameters (other files), operation or outcome, and what is told of it.
 */
#include "bacnet.h"

enum { SEGMENTED = 8, MORE_FOLLOWS = 4, NEGATIVE = 2, BY_SERVER = 1 };

/* ------------------------------------------------------------------------------------------------ what is told */

struct oto_slice bacnet_word(struct oto_ctx *cx, const struct oto_names *names, uint32_t value)
{
	const struct oto_name *row = oto_name_in_order(names, value);

	return row ? oto_slice_of(row->name) : say_text(cx, 24, "unknown-%u", value);
}

void bacnet_fact(struct bacnet_parse *p, const char *key, struct oto_slice value, uint8_t confidence)
{
	const struct bacnet_message *m = p->m;
	struct oto_fact f = { .self_size = sizeof f, .key = key, .value = value, .confidence = confidence, .sub = m->ends.source_sub };

	if (m->has_origin && say_is_set(&m->origin_h) && !say_same(&m->origin_h, &m->ends.source_h)) {
		f.whose = OTO_OTHER;
		f.ip = m->origin_h;
	}
	oto_fact(p->cx, &f);
}

static void tell_service(struct bacnet_parse *p)
{
	const struct bacnet_message *m = p->m;
	const struct oto_name *object = p->place.has_object ? oto_name_in_order(&bacnet_object_types, p->place.object_type) : NULL;
	struct oto_slice nothing = oto_slice_of(""), word = m->has_service ? bacnet_word(p->cx, &bacnet_services, m->pdu_service) : nothing;

	if (!m->has_service && !m->has_type)
		word = bacnet_word(p->cx, &bacnet_bvlc_functions, m->bvlc_function);
	oto_emit(p->cx, EV_SERVICE,
		 &(struct bacnet_service){ .proto = p->cx->transport == OTO_UDP ? "udp" : "ethernet",
					   .pdu_service = m->pdu_service >= BACNET_SERVICE_REJECT ? nothing : word,
					   .pdu_type = m->has_type ? m->pdu_type : 9,
					   .obj_type = object ? object->name : "" });
}

void bacnet_tell(struct bacnet_parse *p)
{
	oto_emit(p->cx, EV_MESSAGE, p->m);
	if (oto_wanted(p->cx, EV_SERVICE))
		tell_service(p);
}

/* ------------------------------------------------------------------------------------------------ pairing */

/* The invoke identifier is the client's, and counts for one server (5.4): both may stand behind routers. */
static uint64_t key_of(const struct bacnet_parse *p, bool by_client)
{
	const struct bacnet_message *m = p->m;
	uint64_t to = m->has_dnet ? oto_key_of(UINT64_C(1) << 16 | m->dnet, m->dadr) : 0,
		 from = m->has_snet ? oto_key_of(UINT64_C(1) << 16 | m->snet, m->sadr) : 0;
	uint64_t client = by_client ? from : to, server = by_client ? to : from;

	return ((client * 31 + server) << 9) | (uint64_t)(by_client == p->cx->is_orig) << 8 | m->invoke_id;
}

void bacnet_speak(struct bacnet_parse *p)
{
	const struct bacnet_message *m = p->m;
	const struct oto_name *row = oto_name_in_order(&bacnet_services, m->pdu_service);

	p->op.func = row ? row->name : "unknown_service";
	p->op.func_code = m->pdu_service;
	if (!p->op.op)
		p->op.op = row ? row->op : (uint32_t)OTO_OP_OTHER;
	bool tells =
	    p->op.op == OTO_OP_CYCLIC || m->pdu_service == CONFIRMED_EVENT_NOTIFICATION || m->pdu_service == UNCONFIRMED_EVENT_NOTIFICATION;
	p->op.by_receiver = tells && p->is_request; /* the device speaks */
	if (tells && (p->broadcast || !p->is_request))
		p->op.op = OTO_OP_NONE; /* to nobody in particular; an answer alone does not tell which side it is */
	bool by_client = p->is_request != p->op.by_receiver;
	p->op.sub = by_client ? m->ends.destination_sub : m->ends.source_sub;
	if (p->place.has_object && !p->op.target.space) {
		const struct oto_name *type = oto_name_in_order(&bacnet_object_types, p->place.object_type);
		p->op.target.space = type ? type->name : "proprietary-object";
		p->op.target.name = bacnet_place_text(p->cx, &p->place);
	}
}

static void find_request(struct bacnet_parse *p)
{
	oto_response(p->cx, key_of(p, false), &p->match);
	p->m->matched = p->match.found;
	p->m->latency = p->match.latency;
	if (p->match.found)
		memcpy(&p->note, p->match.note, sizeof p->note);
}

/* ------------------------------------------------------------------------------------------------ segments */

static struct bacnet_segmented *assembly_of(struct bacnet_flow *flow, uint64_t key)
{
	for (uint32_t i = 0; i < SEGMENTED_MAX; i++) {
		if (flow->segmented[i].bytes && flow->segmented[i].key == key)
			return &flow->segmented[i];
	}
	return NULL;
}

static void forget(struct oto_ctx *cx, struct bacnet_segmented *s)
{
	oto_let_go(cx, s->bytes);
	*s = (struct bacnet_segmented){ 0 };
}

static struct bacnet_segmented *assembly_begin(struct oto_ctx *cx, uint64_t key)
{
	enum { FIRST_ROOM = 4096 };
	struct bacnet_flow *flow = cx->state;
	struct bacnet_segmented *s = assembly_of(flow, key), *oldest = &flow->segmented[0];

	for (uint32_t i = 0; !s && i < SEGMENTED_MAX; i++) {
		if (!flow->segmented[i].bytes || flow->segmented[i].age < oldest->age)
			oldest = &flow->segmented[i];
	}
	s = s ? s : oldest;
	if (s->bytes)
		forget(cx, s);
	*s = (struct bacnet_segmented){ .bytes = oto_hold(cx, FIRST_ROOM), .key = key, .room = FIRST_ROOM, .age = ++flow->clock };
	return s->bytes ? s : NULL;
}

static void assembly_add(struct oto_ctx *cx, struct bacnet_segmented *s, struct oto_slice segment)
{
	uint32_t room = s->room;

	while (room < s->len + segment.len)
		room *= 2;
	if (room > MESSAGE_MAX) {
		s->broken = true;
		oto_weird(cx, "segmented_too_long", (struct oto_slice){ 0 });
		return;
	}
	if (room != s->room) {
		void *bytes = oto_hold(cx, room);
		if (!bytes) {
			s->broken = true;
			return;
		}
		memcpy(bytes, s->bytes, s->len);
		oto_let_go(cx, s->bytes);
		s->bytes = bytes;
		s->room = room;
	}
	struct oto_cur to = oto_cur_of((struct oto_slice){ s->bytes, s->room });
	oto_skip(&to, s->len);
	if (segment.len)
		memcpy((void *)(uintptr_t)oto_take(&to, segment.len).data, segment.data, segment.len);
	s->len += segment.len;
	s->next++;
}

/* Puts segments together. True when the message is whole, or its end came and some of it is lost: then *lost. What a receiver misses it
 * asks for again (5.4.2), so a segment that is out of order is passed over, and one that was seen before as well. Sequence numbers begin
 * again after 255. */
static bool assemble(struct bacnet_parse *p, bool *lost)
{
	const struct bacnet_message *m = p->m;
	uint64_t key = key_of(p, p->is_request) ^ (uint64_t)p->is_request << 63;
	struct bacnet_segmented *s = assembly_of(p->cx->state, key);

	if (!m->sequence && !(s && s->len && !s->next))
		s = assembly_begin(p->cx, key);
	if (!s)
		return false;
	bool fits = s->next == m->sequence;
	if (fits && !s->broken)
		assembly_add(p->cx, s, p->content);
	bool ahead = !fits && (uint8_t)(m->sequence - s->next) < 128;
	if (m->more_follows || !(fits || ahead))
		return false;
	*lost = ahead || s->broken;
	if (*lost)
		oto_weird(p->cx, "segments_lost", (struct oto_slice){ 0 });
	else
		p->content = say_copy(p->cx, (struct oto_slice){ s->bytes, s->len });
	*lost = *lost || p->content.len != s->len;
	forget(p->cx, s);
	return true;
}

static void take_segment(struct bacnet_message *m, struct oto_cur *c, uint8_t flags)
{
	m->segmented = flags & SEGMENTED;
	m->more_follows = flags & MORE_FOLLOWS;
	if (!m->segmented)
		return;
	m->sequence = oto_u8(c);
	m->window = oto_u8(c);
	m->has_sequence = true;
}

/* ------------------------------------------------------------------------------------------------ requests */

/* What a command does is known even when its parameters make no sense. */
static void take_parameters(struct bacnet_parse *p, bool (*read)(struct bacnet_parse *), bool lost)
{
	if (lost)
		return;
	if (!bacnet_well_formed(p->content))
		oto_weird(p->cx, "bad_tags", (struct oto_slice){ 0 });
	else if (!read(p))
		oto_weird(p->cx, "unexpected_content", (struct oto_slice){ 0 });
}

static void confirmed_request(struct bacnet_parse *p, uint8_t flags)
{
	static const uint16_t sizes[16] = { 50, 128, 206, 480, 1024, 1476 };
	struct bacnet_message *m = p->m;
	bool lost = false;
	uint8_t accepted = oto_u8(&p->c);

	m->max_apdu = sizes[accepted & 15];
	m->has_max_apdu = m->max_apdu;
	m->invoke_id = oto_u8(&p->c);
	m->has_invoke = true;
	take_segment(m, &p->c, flags);
	m->pdu_service = oto_u8(&p->c);
	m->has_service = true;
	p->content = oto_rest(&p->c);
	p->is_request = true;
	if (p->c.bad)
		return;
	if (m->segmented && !assemble(p, &lost)) {
		bacnet_tell(p);
		return;
	}
	p->note.service = m->pdu_service;
	oto_emit(p->cx, EV_MESSAGE, m);
	take_parameters(p, bacnet_service_request, lost);
	bacnet_speak(p);
	p->note.place = p->place;
	p->note.spoken = true;
	oto_request(p->cx, key_of(p, true), &p->note);
	uint64_t op_id = oto_operation(p->cx, &p->op);
	if (p->begun)
		p->begun->op_id = op_id;
	if (oto_wanted(p->cx, EV_SERVICE))
		tell_service(p);
}

static void unconfirmed_request(struct bacnet_parse *p)
{
	struct bacnet_message *m = p->m;

	m->pdu_service = BACNET_UNCONFIRMED + oto_u8(&p->c);
	m->has_service = true;
	p->content = oto_rest(&p->c);
	p->is_request = true;
	if (p->c.bad)
		return;
	oto_emit(p->cx, EV_MESSAGE, m);
	take_parameters(p, bacnet_service_request, false);
	bacnet_speak(p);
	oto_operation(p->cx, &p->op);
	if (oto_wanted(p->cx, EV_SERVICE))
		tell_service(p);
}

/* ------------------------------------------------------------------------------------------------ what became of them */

static void acknowledged(struct bacnet_parse *p, uint8_t flags, bool simple)
{
	struct bacnet_message *m = p->m;
	bool lost = simple;

	m->invoke_id = oto_u8(&p->c);
	m->has_invoke = true;
	if (!simple)
		take_segment(m, &p->c, flags);
	m->pdu_service = oto_u8(&p->c);
	m->has_service = true;
	p->content = oto_rest(&p->c);
	if (p->c.bad)
		return;
	if (m->segmented && !assemble(p, &lost)) {
		bacnet_tell(p);
		return;
	}
	find_request(p);
	p->place = p->match.found ? p->note.place : (struct bacnet_place){ 0 };
	oto_emit(p->cx, EV_MESSAGE, m);
	if (simple)
		bacnet_service_ack(p);
	else
		take_parameters(p, bacnet_service_ack, lost);
	bacnet_speak(p);
	oto_outcome(p->cx, &p->match, OTO_OUTCOME_OK, NULL, &p->op);
	if (oto_wanted(p->cx, EV_SERVICE))
		tell_service(p);
}

/* An error is a class and a code; some services put them into brackets and say more (21, BACnet-Error). */
static void take_error(struct bacnet_parse *p)
{
	struct bacnet_message *m = p->m;
	struct oto_cur c = oto_cur_of(p->content);
	struct bacnet_tag class, code;

	bacnet_take_opening(&c, 0);
	if (!bacnet_take_application(&c, 9, &class) || !bacnet_take_application(&c, 9, &code))
		return;
	m->error_class = (uint16_t)bacnet_unsigned(class.data);
	m->error_code = (uint16_t)bacnet_unsigned(code.data);
	m->has_error = true;
	m->result_code = bacnet_word(p->cx, &bacnet_error_codes, m->error_code);
}

static const char *constant_word(const struct oto_names *names, uint32_t value, const char *otherwise)
{
	const struct oto_name *row = oto_name_in_order(names, value);

	return row ? row->name : otherwise;
}

/* Error, reject and abort: the request was not done. */
static void refused(struct bacnet_parse *p, const char *why)
{
	struct bacnet_message *m = p->m;
	bool named = p->match.found || m->pdu_type == BACNET_ERROR;

	p->why = why;
	p->place = p->match.found ? p->note.place : (struct bacnet_place){ 0 };
	oto_emit(p->cx, EV_MESSAGE, m);
	uint16_t said = m->pdu_service;
	m->pdu_service = p->match.found ? p->note.service : said;
	bacnet_service_refused(p);
	bacnet_speak(p);
	m->pdu_service = said;
	if (named)
		oto_outcome(p->cx, &p->match, OTO_OUTCOME_ERROR, why, &p->op);
	if (oto_wanted(p->cx, EV_SERVICE))
		tell_service(p);
}

static void error(struct bacnet_parse *p)
{
	struct bacnet_message *m = p->m;

	m->invoke_id = oto_u8(&p->c);
	m->has_invoke = true;
	m->pdu_service = oto_u8(&p->c);
	m->has_service = true;
	p->content = oto_rest(&p->c);
	if (p->c.bad)
		return;
	if (bacnet_well_formed(p->content))
		take_error(p);
	else
		oto_weird(p->cx, "bad_tags", (struct oto_slice){ 0 });
	find_request(p);
	refused(p, m->has_error ? constant_word(&bacnet_error_codes, m->error_code, "unknown-error") : "unknown-error");
}

static void reject(struct bacnet_parse *p)
{
	struct bacnet_message *m = p->m;

	m->invoke_id = oto_u8(&p->c);
	m->reject_reason = oto_u8(&p->c);
	m->pdu_service = BACNET_SERVICE_REJECT;
	m->has_invoke = m->has_reject = m->has_service = true;
	if (p->c.bad)
		return;
	m->result_code = bacnet_word(p->cx, &bacnet_reject_reasons, m->reject_reason);
	find_request(p);
	refused(p, constant_word(&bacnet_reject_reasons, m->reject_reason, "unknown-reject-reason"));
}

static void abort_transaction(struct bacnet_parse *p, uint8_t flags)
{
	struct bacnet_message *m = p->m;

	m->by_server = flags & BY_SERVER;
	m->invoke_id = oto_u8(&p->c);
	m->abort_reason = oto_u8(&p->c);
	m->pdu_service = BACNET_SERVICE_ABORT;
	m->has_invoke = m->has_abort = m->has_service = true;
	if (p->c.bad)
		return;
	m->result_code = bacnet_word(p->cx, &bacnet_abort_reasons, m->abort_reason);
	const char *why = constant_word(&bacnet_abort_reasons, m->abort_reason, "unknown-abort-reason");
	if (m->by_server) {
		find_request(p);
		refused(p, why);
		return;
	}
	/* the client gives its own request up: nobody answers it any more */
	oto_response(p->cx, key_of(p, true), &p->match);
	m->matched = p->match.found;
	if (m->matched)
		oto_outcome(p->cx, &p->match, OTO_OUTCOME_ERROR, why, NULL);
	bacnet_tell(p);
}

static void segment_ack(struct bacnet_parse *p, uint8_t flags)
{
	struct bacnet_message *m = p->m;

	m->negative = flags & NEGATIVE;
	m->by_server = flags & BY_SERVER;
	m->invoke_id = oto_u8(&p->c);
	m->sequence = oto_u8(&p->c);
	m->window = oto_u8(&p->c);
	m->has_invoke = m->has_sequence = m->has_segment_ack = true;
	if (!p->c.bad)
		bacnet_tell(p);
}

void bacnet_apdu(struct bacnet_parse *p)
{
	uint8_t first = oto_u8(&p->c);

	p->m->pdu_type = first >> 4;
	p->m->has_type = true;
	switch (p->m->pdu_type) {
	case BACNET_CONFIRMED_REQUEST:
		return confirmed_request(p, first);
	case BACNET_UNCONFIRMED_REQUEST:
		return unconfirmed_request(p);
	case BACNET_SIMPLE_ACK:
		return acknowledged(p, first, true);
	case BACNET_COMPLEX_ACK:
		return acknowledged(p, first, false);
	case BACNET_SEGMENT_ACK:
		return segment_ack(p, first);
	case BACNET_ERROR:
		return error(p);
	case BACNET_REJECT:
		return reject(p);
	case BACNET_ABORT:
		return abort_transaction(p, first);
	default:
		p->m->has_type = false;
		oto_weird(p->cx, "unknown_apdu_type", (struct oto_slice){ 0 });
		bacnet_tell(p);
	}
}
