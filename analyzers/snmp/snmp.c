/* snmp.c - SNMP over UDP and TCP: versions 1, 2c and 3, requests, responses, reports, traps and informs.
 *
 * Owns the events, snmp.log (a row a flow, Zeek's columns), the pairing of requests with responses, and the operations: managed switches,
 * power supplies and gateways are devices of the plant, and a set changes them. Community strings and keys are compared at most, never
 * shown. Reading is snmp_message.c's, facts are snmp_facts.c's.
 */
#include "snmp_facts.h"
#include "../ber.h"

/* ------------------------------------------------------------------------------------------------ snmp.pdu */

struct snmp_pdu {
	uint8_t version, pdu_type, generic_trap;
	uint32_t enterprise, msg_id, engine_boots, engine_time;
	int64_t request_id, error_index, non_repeaters, max_repetitions, specific_trap;
	uint32_t error, bindings;
	const char *object, *security_level, *report;
	struct oto_slice engine_id, user, context, trap_oid;
	struct oto_addr agent;
	struct oto_interval latency, uptime;
	bool has_error, has_bulk, has_request, has_enterprise, has_v3, has_usm, has_user, has_engine, has_context, has_trap, has_specific,
	    has_uptime, has_match, default_community, has_community;
};

#define P(m, doc_, ...) OTO_FIELD(struct snmp_pdu, m, doc_, __VA_ARGS__)
#define P_IF(has) .guard = OTO_IF(struct snmp_pdu, has)
static const struct oto_field pdu_fields[] = {
	P(version, "of the message", .names = &snmp_versions),
	P(pdu_type, "what the message does", .names = &snmp_pdus),
	P(request_id, "joins request and response", P_IF(has_request)),
	P(error, "how it went", .names = &snmp_errors, P_IF(has_error)),
	P(error_index, "number of the binding that is in error, from 1", P_IF(has_error)),
	P(non_repeaters, "of get-bulk: how many objects are read once", P_IF(has_bulk)),
	P(max_repetitions, "of get-bulk: how often the others", P_IF(has_bulk)),
	P(bindings, "how many objects"),
	P(object, "the first object, or its group, by name"),
	P(enterprise, "maker in whose tree the first object or the trap lies", .names = &snmp_enterprises, P_IF(has_enterprise)),
	P(default_community, "the community is one of the two that all the world knows", P_IF(has_community)),
	P(msg_id, "of version 3: joins request and response", P_IF(has_v3)),
	P(security_level, "of version 3: noAuthNoPriv, authNoPriv or authPriv"),
	P(user, "of version 3: who asks", P_IF(has_user)),
	P(engine_id, "of version 3: the authoritative engine, as a rule the device", .flags = OTO_HEX, P_IF(has_engine)),
	P(engine_boots, "how often it started", P_IF(has_usm)),
	P(engine_time, "seconds since then", .flags = OTO_SECONDS, P_IF(has_usm)),
	P(context, "of version 3: which of the device's contexts", P_IF(has_context)),
	P(report, "of a report: which of the counters, and so why"),
	P(generic_trap, "what happened", .names = &snmp_traps, P_IF(has_trap)),
	P(specific_trap, "of a version 1 trap: the maker's number of what happened", P_IF(has_specific)),
	P(trap_oid, "what happened, as an object identifier", P_IF(has_trap)),
	P(agent, "of a version 1 trap: who sent it first"),
	P(uptime, "of a trap: how long the device runs", P_IF(has_uptime)),
	P(latency, "from the request to this response", P_IF(has_match)),
};
static const struct oto_log pdu_logs[] = {
	{ .name = "snmp_detailed",
	  .doc = "What is read, set and told by SNMP.",
	  .form = OTO_FORM_AGGREGATE,
	  .flags = OTO_LOG_NOT_ZEEK,
	  .columns = "version pdu_type object enterprise error generic_trap specific_trap trap_oid report user security_level engine_id",
	  .extra = "default_community bindings agent uptime latency",
	  .key = "orig_h resp_h resp_p version pdu_type object enterprise error generic_trap specific_trap trap_oid report user "
		 "security_level "
		 "engine_id" },
};
static const struct oto_event_type pdu_event = OTO_EVENT("snmp.pdu", struct snmp_pdu, pdu_fields, "One SNMP message.", OTO_LOGS(pdu_logs));

/* ------------------------------------------------------------------------------------------------ snmp.binding */

struct snmp_binding_event {
	uint8_t version, pdu_type;
	uint32_t type, number;
	int64_t request_id;
	const char *object;
	struct oto_slice oid, value;
};

#define B(m, doc_, ...) OTO_FIELD(struct snmp_binding_event, m, doc_, __VA_ARGS__)
static const struct oto_field binding_fields[] = {
	B(version, "of the message", .names = &snmp_versions),
	B(pdu_type, "what the message does", .names = &snmp_pdus),
	B(request_id, "joins request and response"),
	B(number, "of this binding in its message, from 1"),
	B(oid, "object identifier in dotted form; of objects that hold keys or communities without the instance"),
	B(object, "the object, or its group, by name"),
	B(type, "of the value", .names = &snmp_types),
	B(value, "the value as text; absent where it is a secret"),
};
static const struct oto_event_type binding_event =
    OTO_EVENT("snmp.binding", struct snmp_binding_event, binding_fields, "One object with its value, of any message that can be read.");

/* ------------------------------------------------------------------------------------------------ snmp.session */

struct snmp_session {
	struct oto_time ts, up_since;
	struct oto_interval duration;
	uint8_t version;
	const char *community;
	uint64_t get_requests, get_bulk_requests, get_responses, set_requests;
	struct oto_slice display_string;
	bool has_up, has_display;
};

#define S(m, doc_, ...) OTO_FIELD(struct snmp_session, m, doc_, __VA_ARGS__)
static const struct oto_field session_fields[] = {
	S(ts, "time of the first message"),
	S(duration, "from the first message to the last"),
	S(version, "of the first message", .names = &snmp_versions),
	S(community, "*** when one was sent; never what it is"),
	S(get_requests, "objects asked for by get-request and get-next-request"),
	S(get_bulk_requests, "get-bulk-request messages"),
	S(get_responses, "objects in responses"),
	S(set_requests, "objects that were to be set"),
	S(display_string, "the device's description (sysDescr.0)", .guard = OTO_IF(struct snmp_session, has_display)),
	S(up_since, "when the device started (sysUpTime.0)", .guard = OTO_IF(struct snmp_session, has_up)),
};
static const struct oto_log session_logs[] = {
	{ .name = "snmp",
	  .doc = "SNMP by flow, Zeek's columns; the community is masked.",
	  .form = OTO_FORM_DETAIL,
	  .columns = "duration version community get_requests get_bulk_requests get_responses set_requests display_string up_since" },
};
static const struct oto_event_type session_event = OTO_EVENT("snmp.session", struct snmp_session, session_fields,
							     "What a flow's SNMP messages were, told at its end.", OTO_LOGS(session_logs));

static const struct oto_event_type *const events[] = { &pdu_event, &binding_event, &session_event };
enum { EV_PDU, EV_BINDING, EV_SESSION };

/* ------------------------------------------------------------------------------------------------ what is kept of a flow */

enum { DISPLAY_MAX = 1024, MESSAGE_MAX = 65535, PORT = 161, TRAP_PORT = 162 };
#define SYS_DESCR "\x2b\x06\x01\x02\x01\x01\x01\x00"
#define SYS_UP_TIME "\x2b\x06\x01\x02\x01\x01\x03\x00"
#define TRAP_OID "\x2b\x06\x01\x06\x03\x01\x01\x04\x01\x00"
#define GENERIC_TRAPS "\x2b\x06\x01\x06\x03\x01\x01\x05"

struct snmp_flow {
	bool seen, has_community, told_clear, has_up, has_display;
	uint8_t version;
	uint16_t display_len;
	struct oto_time first, last, up_since;
	uint64_t gets, bulks, responses, sets;
	uint8_t display[DISPLAY_MAX];
};

struct snmp_note {
	bool operation; /* one was spoken, and wants an outcome */
	bool looks_for_engine;
};

static void keep_answer(struct oto_ctx *cx, struct snmp_flow *f, const struct snmp_message *m)
{
	struct snmp_binding b;
	uint64_t ticks;

	for (struct oto_cur all = m->bindings; snmp_next(&all, &b);) {
		if (BER_OID_IS(b.oid, SYS_DESCR) && b.type == BER_OCTETS) {
			f->has_display = true;
			f->display_len = (uint16_t)(b.value.len < DISPLAY_MAX ? b.value.len : DISPLAY_MAX);
			if (f->display_len)
				memcpy(f->display, b.value.data, f->display_len);
		} else if (BER_OID_IS(b.oid, SYS_UP_TIME) && snmp_number(&b, &ticks)) {
			f->has_up = true;
			f->up_since.ns = cx->head->ts.ns - (int64_t)(ticks & UINT32_MAX) * 10000000;
		}
	}
}

static void keep(struct oto_ctx *cx, const struct snmp_message *m)
{
	struct snmp_flow *f = cx->state;

	if (!f->seen) {
		f->seen = true;
		f->first = cx->head->ts;
		f->version = m->version;
	}
	f->last = cx->head->ts;
	f->has_community = f->has_community || m->version != SNMP_V3;
	/* Zeek counts the objects of requests and responses, and get-bulk by messages. */
	f->gets += m->type == SNMP_GET || m->type == SNMP_GET_NEXT ? m->count : 0;
	f->bulks += m->type == SNMP_GET_BULK;
	f->sets += m->type == SNMP_SET ? m->count : 0;
	f->responses += m->type == SNMP_RESPONSE ? m->count : 0;
	if (m->type == SNMP_RESPONSE)
		keep_answer(cx, f, m);
}

static void snmp_closing(struct oto_ctx *cx)
{
	const struct snmp_flow *f = cx->state;

	if (!f->seen || !oto_wanted(cx, EV_SESSION))
		return;
	uint8_t *display = f->display_len ? oto_scratch(cx, f->display_len) : NULL;
	if (display)
		memcpy(display, f->display, f->display_len);
	oto_emit(cx, EV_SESSION,
		 &(struct snmp_session){ .ts = f->first,
					 .duration = { f->last.ns - f->first.ns },
					 .version = f->version,
					 .community = f->has_community ? "***" : NULL,
					 .get_requests = f->gets,
					 .get_bulk_requests = f->bulks,
					 .get_responses = f->responses,
					 .set_requests = f->sets,
					 .has_display = f->has_display,
					 .display_string = { display, display ? f->display_len : 0 },
					 .has_up = f->has_up,
					 .up_since = f->up_since });
}

/* ------------------------------------------------------------------------------------------------ requests and responses */

static bool is_request(uint8_t type)
{
	return type == SNMP_GET || type == SNMP_GET_NEXT || type == SNMP_GET_BULK || type == SNMP_SET || type == SNMP_INFORM ||
	       type == SNMP_ENCRYPTED;
}

/* Does the sender speak for the device, so that what is said is said of it? What is encrypted goes by the port. */
static bool is_agents(const struct oto_ctx *cx, const struct snmp_message *m)
{
	switch (m->type) {
	case SNMP_RESPONSE: /* a manager answers informs */
		return oto_source_port(cx) != TRAP_PORT;
	case SNMP_TRAP:
	case SNMP_TRAP_V2:
	case SNMP_REPORT:
		return true;
	case SNMP_ENCRYPTED:
		return oto_source_port(cx) == PORT;
	default:
		return false;
	}
}

/* Version 3 messages are joined by their own number: a report does not repeat the request's (RFC 3412 6.2). */
static uint64_t key_of(const struct snmp_message *m)
{
	return m->version == SNMP_V3 ? UINT64_C(1) << 32 | m->msg_id : (uint32_t)m->request_id;
}

static bool first_binding(const struct snmp_message *m, struct snmp_binding *b)
{
	struct oto_cur all = m->bindings;

	*b = (struct snmp_binding){ 0 };
	return snmp_next(&all, b);
}

static uint32_t op_of_set(const struct snmp_binding *b)
{
	const struct snmp_object *o = snmp_object_of(b->oid);
	int64_t n = 0;

	switch (o ? o->sense : SNMP_NO_FACT) {
	case SNMP_SWITCH:
		return !ber_integer_of(b->value, &n) ? OTO_OP_WRITE : n == 1 ? OTO_OP_START : n == 2 ? OTO_OP_STOP : OTO_OP_MODE;
	case SNMP_START:
		return OTO_OP_START;
	case SNMP_STOP:
		return OTO_OP_STOP;
	case SNMP_RESET:
		return OTO_OP_RESET;
	case SNMP_TEXT: /* name, place, contact */
		return OTO_OP_CONFIGURE;
	case SNMP_SECRET:
		return OTO_OP_AUTHENTICATE;
	default:
		return OTO_OP_WRITE;
	}
}

static struct oto_operation operation_of(struct oto_ctx *cx, uint8_t type, const struct snmp_binding *b)
{
	const struct oto_name *row = oto_name_of(&snmp_pdus, type);
	const struct snmp_object *o = snmp_object_of(b->oid);
	struct oto_operation op = {
		.self_size = sizeof op, .op = row ? row->op : OTO_OP_NONE, .func = row ? row->name : NULL, .func_code = type
	};
	if (!b->oid.len) { /* looks for the engine: RFC 3414 4 */
		op.op = op.op == OTO_OP_READ ? OTO_OP_DISCOVER : op.op;
		return op;
	}
	op.target.space = "object";
	if (type == SNMP_SET) {
		op.op = op_of_set(b);
		op.target.name = snmp_object_text(cx, b->oid);
	} else {
		op.target.name = oto_slice_of(o ? o->name : "other");
	}
	return op;
}

static void ask(struct oto_ctx *cx, const struct snmp_message *m)
{
	struct snmp_binding b;

	first_binding(m, &b);
	struct oto_operation op = operation_of(cx, m->type, &b);
	bool speaks = op.op != OTO_OP_NONE;
	oto_request(cx, key_of(m), &(struct snmp_note){ .operation = speaks, .looks_for_engine = speaks && !m->count });
	if (speaks)
		oto_operation(cx, &op);
}

static const char *report_of(const struct snmp_message *m)
{
	struct snmp_binding b;

	if (m->type != SNMP_REPORT || !first_binding(m, &b))
		return NULL;
	const struct snmp_object *o = snmp_object_of(b.oid);
	return o ? o->name : NULL;
}

static const char *error_of(const struct snmp_message *m)
{
	if (m->type == SNMP_REPORT) {
		const char *report = report_of(m);
		return report ? report : "report";
	}
	if (m->type == SNMP_ENCRYPTED || !m->error_status)
		return NULL;
	const struct oto_name *row = oto_name_of(&snmp_errors, (uint32_t)m->error_status);
	return row ? row->name : "unknown error";
}

/* An answer to an operation alone: a response to an inform, or one whose request was not seen and may have been one, is none. */
static void answer(struct oto_ctx *cx, const struct snmp_message *m, struct oto_match *match)
{
	oto_response(cx, key_of(m), match);
	const struct snmp_note *note = (const struct snmp_note *)(const void *)match->note;
	const char *error = note->looks_for_engine && m->type == SNMP_REPORT ? NULL : error_of(m);

	if (match->found && note->operation)
		oto_outcome(cx, match, error ? OTO_OUTCOME_ERROR : OTO_OUTCOME_OK, error, NULL);
}

/* ------------------------------------------------------------------------------------------------ the message */

static bool is_default(struct oto_slice community)
{
	return (community.len == 6 && memcmp(community.data, "public", 6) == 0) ||
	       (community.len == 7 && memcmp(community.data, "private", 7) == 0);
}

/* That the device takes a community in clear, and one that everybody knows, is told once a flow, when it answers. */
static void tell_clear(struct oto_ctx *cx, const struct snmp_message *m)
{
	struct snmp_flow *f = cx->state;
	struct oto_fact clear = { .self_size = sizeof clear, .key = "cleartext_login", .value = oto_slice_of("SNMP community") };

	if (f->told_clear || m->version == SNMP_V3)
		return;
	f->told_clear = true;
	oto_fact(cx, &clear);
	if (is_default(m->community)) {
		clear.key = "default_credentials";
		oto_fact(cx, &clear);
	}
}

/* RFC 3584 3.1: the traps that every device has are the same in both forms. */
static void take_trap(struct oto_ctx *cx, const struct snmp_message *m, struct snmp_pdu *e)
{
	struct snmp_binding b;
	uint64_t ticks;

	if (m->type == SNMP_TRAP) {
		e->has_trap = e->has_specific = e->has_uptime = true;
		e->generic_trap = (uint8_t)m->generic_trap;
		e->specific_trap = m->specific_trap;
		e->trap_oid = snmp_oid_text(cx, m->enterprise);
		e->agent = m->agent;
		e->uptime.ns = (int64_t)(m->uptime & UINT32_MAX) * 10000000;
		e->enterprise = snmp_enterprise_of(m->enterprise);
		return;
	}
	for (struct oto_cur all = m->bindings; snmp_next(&all, &b);) {
		if (BER_OID_IS(b.oid, SYS_UP_TIME) && snmp_number(&b, &ticks)) {
			e->has_uptime = true;
			e->uptime.ns = (int64_t)(ticks & UINT32_MAX) * 10000000;
		} else if (BER_OID_IS(b.oid, TRAP_OID) && b.type == BER_OID) {
			uint32_t generic = BER_OID_UNDER(b.value, GENERIC_TRAPS) && b.value.len == sizeof GENERIC_TRAPS
					       ? b.value.data[b.value.len - 1]
					       : 0;
			e->has_trap = true;
			e->generic_trap = (uint8_t)(generic >= 1 && generic <= 6 ? generic - 1 : SNMP_ENTERPRISE_SPECIFIC);
			e->trap_oid = snmp_oid_text(cx, b.value);
			e->enterprise = snmp_enterprise_of(b.value);
		}
	}
}

static void take_v3(const struct snmp_message *m, struct snmp_pdu *e)
{
	static const char *const levels[] = { "noAuthNoPriv", "authNoPriv", "privNoAuth", "authPriv" };

	e->has_v3 = true;
	e->msg_id = m->msg_id;
	e->security_level = levels[m->flags & (SNMP_AUTHENTICATED | SNMP_PRIVATE)];
	e->context = m->context;
	e->has_context = m->context.len;
	e->has_usm = m->usm;
	e->has_user = m->user.len;
	e->has_engine = m->engine.len;
	e->user = m->user;
	e->engine_id = m->engine;
	e->engine_boots = m->engine_boots;
	e->engine_time = m->engine_time;
}

static void take_pdu(const struct snmp_message *m, struct snmp_pdu *e)
{
	bool bulk = m->type == SNMP_GET_BULK;

	if (m->type >= SNMP_UNKNOWN || m->type == SNMP_TRAP)
		return;
	e->has_request = true;
	e->request_id = m->request_id;
	e->has_bulk = bulk;
	e->non_repeaters = bulk ? m->error_status : 0;
	e->max_repetitions = bulk ? m->error_index : 0;
	e->has_error = m->type == SNMP_RESPONSE;
	e->error = (uint32_t)m->error_status;
	e->error_index = m->error_index;
}

static void tell_pdu(struct oto_ctx *cx, const struct snmp_message *m, const struct oto_match *match)
{
	struct snmp_pdu e = { .version = m->version, .pdu_type = m->type, .bindings = m->count };
	struct snmp_binding b;

	if (!oto_wanted(cx, EV_PDU))
		return;
	if (first_binding(m, &b)) {
		const struct snmp_object *o = snmp_object_of(b.oid);
		e.object = o ? o->name : NULL;
		e.enterprise = snmp_enterprise_of(b.oid);
	}
	take_pdu(m, &e);
	e.report = report_of(m);
	if (m->type == SNMP_TRAP || m->type == SNMP_TRAP_V2 || m->type == SNMP_INFORM)
		take_trap(cx, m, &e);
	if (m->version == SNMP_V3)
		take_v3(m, &e);
	e.has_community = m->version != SNMP_V3;
	e.default_community = is_default(m->community);
	e.has_enterprise = e.enterprise != 0;
	e.has_match = match->found;
	e.latency = match->latency;
	oto_emit(cx, EV_PDU, &e);
}

static void tell_bindings(struct oto_ctx *cx, const struct snmp_message *m)
{
	struct snmp_binding b;
	struct snmp_binding_event e = { .version = m->version, .pdu_type = m->type, .request_id = m->request_id };

	if (!m->count || !oto_wanted(cx, EV_BINDING))
		return;
	for (struct oto_cur all = m->bindings; snmp_next(&all, &b);) {
		const struct snmp_object *o = snmp_object_of(b.oid);
		e.number++;
		e.object = o ? o->name : NULL;
		e.oid = snmp_oid_text(cx, b.oid);
		e.type = b.type;
		e.value = snmp_value_text(cx, &b);
		oto_emit(cx, EV_BINDING, &e);
	}
}

static void snmp_pdu(struct oto_ctx *cx, struct oto_cur *c)
{
	struct oto_match match = { .self_size = sizeof match };
	struct snmp_message m;

	if (!snmp_read(*c, &m)) {
		c->bad = true;
		return;
	}
	bool agents = is_agents(cx, &m);
	keep(cx, &m);
	if (m.type == SNMP_RESPONSE || m.type == SNMP_REPORT || (m.type == SNMP_ENCRYPTED && agents))
		answer(cx, &m, &match);
	else if (is_request(m.type))
		ask(cx, &m);
	tell_pdu(cx, &m, &match);
	tell_bindings(cx, &m);
	if (m.type == SNMP_UNKNOWN)
		oto_weird(cx, "unknown_pdu", (struct oto_slice){ 0 });
	if (agents) {
		snmp_facts(cx, &m);
		tell_clear(cx, &m);
	}
}

/* ------------------------------------------------------------------------------------------------ recognition */

static int64_t snmp_pdu_len(const struct oto_ctx *cx, struct oto_cur c)
{
	if (cx->transport != OTO_TCP)
		return oto_left(&c);
	return ber_whole_len(c, BER_SEQUENCE, MESSAGE_MAX);
}

/* On its own ports the head must be SNMP's, elsewhere the whole message. */
static enum oto_answer snmp_probe(const struct oto_ctx *cx, struct oto_cur c)
{
	uint16_t a = cx->head->orig_p, b = cx->head->resp_p;
	bool named = a == PORT || b == PORT || a == TRAP_PORT || b == TRAP_PORT;
	int64_t length = ber_whole_len(c, BER_SEQUENCE, MESSAGE_MAX);
	struct snmp_message m;
	bool definite;

	if (length <= 0)
		return length ? OTO_NOT_MINE : OTO_NEED_MORE;
	struct oto_cur head = c;
	ber_read_tag(&head);
	ber_read_length(&head, &definite);
	int64_t version = ber_int(&head);
	if (head.bad)
		return oto_left(&c) < 16 && cx->transport == OTO_TCP ? OTO_NEED_MORE : OTO_NOT_MINE;
	bool plausible =
	    version == SNMP_V3 ? ber_at(&head, BER_SEQUENCE) : (version == SNMP_V1 || version == SNMP_V2C) && ber_at(&head, BER_OCTETS);
	if (named || !plausible)
		return plausible ? OTO_MINE : OTO_NOT_MINE;
	if (length > oto_left(&c))
		return cx->transport == OTO_TCP ? OTO_NEED_MORE : OTO_NOT_MINE;
	return snmp_read(c, &m) && m.type != SNMP_UNKNOWN ? OTO_MINE : OTO_NOT_MINE;
}

static const struct oto_pairing pairing = {
	.self_size = sizeof pairing,
	.note_size = sizeof(struct snmp_note),
	.scope = OTO_SCOPE_FLOW,
	.keyed = true,
};

static const struct oto_analyzer snmp = {
	.self_size = sizeof snmp,
	.flags = OTO_ANY_PORT,
	.name = "snmp",
	.doc = "SNMP versions 1, 2c and 3",
	.keys = "udp/161 udp/162 tcp/161 tcp/162",
	.probe = snmp_probe,
	.pdu_len = snmp_pdu_len,
	.pdu = snmp_pdu,
	.closing = snmp_closing,
	.state_size = sizeof(struct snmp_flow),
	.max_pdu = MESSAGE_MAX,
	.events = events,
	.nevents = sizeof events / sizeof *events,
	.pairing = &pairing,
};

OTO_ANALYZER(snmp);
