/* opcua_message.c - one whole message: its service, its header (OPC 10000-4 7.32 and 7.33), its parameters, and what is said of it.
 *
 * Requests are paired with responses by the request identifier of the channel. A publish request waits for something to tell: it is no
 * question that must be answered soon, so that only its number is kept, to know what a fault is about.
 */
#include "opcua.h"

/* ------------------------------------------------------------------------------------------------ which service */

uint32_t opcua_encoding_of(struct oto_cur c)
{
	struct opcua_node n = opcua_take_node(&c);

	return !c.bad && n.kind == 'i' && !n.space && !n.server && !n.uri.data ? n.number : 0;
}

const struct oto_name *opcua_service_of(uint32_t encoding, bool *is_request)
{
	enum { RESPONSE = 3, LATEST = 12000 };
	const struct oto_name *row = oto_name_in_order(&opcua_services, encoding);

	*is_request = row;
	if (!row && encoding > RESPONSE)
		row = oto_name_in_order(&opcua_services, encoding - (encoding > LATEST ? 1 : RESPONSE));
	return row;
}

uint64_t opcua_key_of(const struct opcua_parse *p)
{
	enum { OPEN = 1 };
	/* one channel is opened at a time, and the identifier is encrypted where the channel is */
	return p->m->service == OPCUA_OPEN_CHANNEL ? (uint64_t)OPEN << 32 : p->m->request_id;
}

/* ------------------------------------------------------------------------------------------------ publish requests that wait */

static void poll_asked(struct opcua_flow *flow, uint32_t request_id)
{
	flow->polls[flow->next_poll++ % OPCUA_POLLS] = request_id + 1;
}

static bool poll_answered(struct opcua_flow *flow, uint32_t request_id)
{
	for (uint32_t i = 0; i < OPCUA_POLLS; i++) {
		if (flow->polls[i] == request_id + 1) {
			flow->polls[i] = 0;
			return true;
		}
	}
	return false;
}

/* ------------------------------------------------------------------------------------------------ operations */

static struct oto_operation operation_of(const struct opcua_parse *p)
{
	const struct opcua_message *m = p->m;
	const struct oto_name *row = oto_name_in_order(&opcua_services, m->service);
	const struct oto_name *method = m->has_method ? oto_name_of(&opcua_methods, m->method) : NULL;

	return (struct oto_operation){ .self_size = sizeof(struct oto_operation),
				       .op = method ? method->op
					     : row  ? row->op
						    : OTO_OP_OTHER,
				       .func = method ? method->name
					       : row  ? row->name
						      : "unknown",
				       .func_code = method ? m->method : m->service,
				       .target = { .name = m->nodes } };
}

static void leave_note(struct opcua_parse *p)
{
	struct opcua_note *note = &p->note;
	struct opcua_message *m = p->m;

	note->service = m->service;
	note->method = m->has_method ? m->method : 0;
	note->subscription = m->subscription_id;
	note->has_subscription = m->has_subscription;
	note->name_len = (uint8_t)say_first(m->nodes, sizeof note->name).len;
	if (note->name_len)
		memcpy(note->name, m->nodes.data, note->name_len);
	opcua_keep_items(p);
	oto_request(p->cx, opcua_key_of(p), note);
}

/* What was asked, by what the request left. */
static void find_request(struct opcua_parse *p, uint64_t key)
{
	struct opcua_message *m = p->m;

	oto_response(p->cx, key, &p->match);
	m->matched = p->match.found;
	m->latency = p->match.latency;
	if (!p->match.found)
		return;
	memcpy(&p->note, p->match.note, sizeof p->note);
	m->method = p->note.method;
	m->has_method = p->note.method;
	m->nodes = say_copy(p->cx, (struct oto_slice){ p->note.name, p->note.name_len });
	if (p->note.has_subscription) {
		m->subscription_id = p->note.subscription;
		m->has_subscription = true;
	}
}

void opcua_refused(struct opcua_parse *p, uint64_t key)
{
	find_request(p, key);
	if (!p->match.found)
		return;
	p->m->service = p->note.service;
	p->m->has_service = true;
	oto_outcome(p->cx, &p->match, OTO_OUTCOME_ERROR, p->m->status, NULL);
}

/* ------------------------------------------------------------------------------------------------ requests */

static void take_request_header(struct opcua_parse *p, struct oto_cur *c)
{
	struct opcua_message *m = p->m;
	const uint8_t *at = c->at;

	opcua_take_node(c);
	struct oto_slice token = { at, c->bad ? 0 : (uint32_t)(c->at - at) };
	oto_skip(c, 8);
	m->request_handle = oto_le32(c);
	m->has_handle = true;
	oto_skip(c, 4);
	opcua_take_string(c);
	oto_skip(c, 4);
	opcua_take_extension(c);
	if (!c->bad)
		opcua_find_session(p, token);
}

static void read_request(struct opcua_parse *p, struct oto_cur *c)
{
	const struct opcua_form *form = opcua_form_of(p->m->service);

	if (!opcua_session_request(p, c) && form)
		opcua_walk(p, c, form->request);
}

static void speak_request(struct opcua_parse *p)
{
	if (p->m->service == OPCUA_PUBLISH) {
		poll_asked(p->flow, p->m->request_id);
		return;
	}
	struct oto_operation o = operation_of(p);
	if (p->m->service != OPCUA_CLOSE_CHANNEL) /* the one without an answer, OPC 10000-4 5.6.3 */
		leave_note(p);
	oto_operation(p->cx, &o);
}

/* ------------------------------------------------------------------------------------------------ responses */

static void take_response_header(struct opcua_parse *p, struct oto_cur *c)
{
	struct opcua_diagnostic d = { 0 };
	struct opcua_message *m = p->m;

	oto_skip(c, 8);
	m->request_handle = oto_le32(c);
	m->has_handle = true;
	m->status_code = oto_le32(c);
	m->status = opcua_status_word(m->status_code);
	m->has_status = true;
	opcua_take_diagnostic(c, &d);
	m->diagnostics = d.info;
	for (uint32_t n = opcua_take_count(c); n && !c->bad; n--) {
		struct oto_slice text = opcua_take_string(c);
		if (!m->diagnostics.len)
			m->diagnostics = text;
	}
	opcua_take_extension(c);
}

static void find_asked(struct opcua_parse *p, bool is_fault)
{
	struct opcua_message *m = p->m;
	uint16_t service = m->service;

	if ((is_fault || service == OPCUA_PUBLISH) && poll_answered(p->flow, m->request_id)) {
		m->service = OPCUA_PUBLISH;
		m->has_service = true;
		p->note.session = p->flow->session;
	} else {
		find_request(p, opcua_key_of(p));
		if (p->match.found && !is_fault && p->note.service != service)
			oto_weird(p->cx, "another_service", (struct oto_slice){ 0 });
		else if (p->match.found)
			m->service = p->note.service;
		m->has_service |= p->match.found;
	}
	opcua_show_session(p, p->note.session);
	if (p->match.found && m->service == OPCUA_ACTIVATE_SESSION) {
		m->user = say_copy(p->cx, (struct oto_slice){ p->note.user, p->note.user_len });
		m->identity = p->note.identity;
		m->has_identity = p->note.has_identity;
	}
}

static void read_response(struct opcua_parse *p, struct oto_cur *c)
{
	const struct opcua_form *form = opcua_form_of(p->m->service);

	if (p->match.found)
		opcua_find_items(p);
	if (!opcua_session_response(p, c) && form && form->response)
		opcua_walk(p, c, form->response);
}

/* The service as a whole failed, or one of its operations. */
static void speak_response(struct opcua_parse *p, bool is_fault)
{
	struct opcua_message *m = p->m;
	bool failed = is_fault || opcua_is_bad(m->status_code);
	const char *why = failed ? m->status : m->failures ? m->failure : NULL;

	if (m->service == OPCUA_PUBLISH || (is_fault && !p->match.found))
		return; /* nobody waits for it, or nobody knows what was asked */
	struct oto_operation o = operation_of(p);
	oto_outcome(p->cx, &p->match, why ? OTO_OUTCOME_ERROR : OTO_OUTCOME_OK, why, &o);
}

/* ------------------------------------------------------------------------------------------------ both */

static const char *access_of(const struct opcua_parse *p)
{
	switch (p->m->service) {
	case OPCUA_WRITE:
	case OPCUA_HISTORY_UPDATE:
		return "write";
	case OPCUA_HISTORY_READ:
		return "history";
	case OPCUA_PUBLISH:
	case OPCUA_REPUBLISH:
		return "notify";
	default:
		return "read";
	}
}

/* Room for texts that somebody may look at. */
static void begin_texts(struct opcua_parse *p)
{
	bool single = oto_single(p->cx, EV_MESSAGE);

	p->nodes = p->is_request ? text_new(p->cx, OPCUA_TEXT) : (struct text){ 0 };
	p->objects = p->is_request && p->m->service == OPCUA_CALL ? text_new(p->cx, OPCUA_TEXT) : (struct text){ 0 };
	p->values = single ? text_new(p->cx, OPCUA_TEXT) : (struct text){ 0 };
	p->tells_values = oto_wanted(p->cx, EV_VALUE);
	p->access = access_of(p);
}

static void end_texts(struct opcua_parse *p)
{
	if (p->nodes.len)
		p->m->nodes = text_end(&p->nodes);
	p->m->objects = text_end(&p->objects);
	p->m->values = text_end(&p->values);
}

/* As long as a signature of one of the policies, or none. */
static bool is_signature(uint32_t octets)
{
	return !octets || octets == 16 || octets == 20 || octets == 32 || octets == 48;
}

/* Behind the parameters stands the signature. Of a channel that was opened before we looked this tells that there is one. */
static void take_rest(struct opcua_parse *p, struct oto_cur *c)
{
	struct opcua_flow *flow = p->flow;
	uint32_t left = oto_left(c);

	if (flow->signature_known) {
		if (left)
			oto_weird(p->cx, "trailing_octets", (struct oto_slice){ 0 });
		return;
	}
	if (!is_signature(left))
		return;
	flow->signature_known = true;
	flow->signature = (uint8_t)left;
	flow->mode = left ? OPCUA_MODE_SIGN : OPCUA_MODE_NONE;
	p->m->security_mode = flow->mode;
	p->m->has_mode = true;
}

/* What a command does is known even when its parameters make no sense. */
static void take_parameters(struct opcua_parse *p, struct oto_cur c, void (*read)(struct opcua_parse *, struct oto_cur *))
{
	read(p, &c);
	end_texts(p);
	if (c.bad)
		oto_weird(p->cx, "unexpected_content", (struct oto_slice){ 0 });
	else if (p->m->service != OPCUA_OPEN_CHANNEL)
		take_rest(p, &c);
}

void opcua_message(struct opcua_parse *p, struct oto_cur *body, bool whole)
{
	uint32_t encoding = opcua_encoding_of(*body);
	const struct oto_name *row = opcua_service_of(encoding, &p->is_request);
	struct opcua_message *m = p->m;
	bool is_fault = encoding == OPCUA_SERVICE_FAULT;

	opcua_take_node(body);
	p->by_client = p->is_request;
	if (!row && !is_fault) { /* nobody knows who asks whom for what */
		m->service = (uint16_t)encoding;
		m->has_service = encoding && encoding <= UINT16_MAX;
		oto_weird(p->cx, "unknown_service", (struct oto_slice){ 0 });
		return;
	}
	m->pdu_type = is_fault ? "fault" : p->is_request ? "request" : "response";
	m->service = is_fault ? 0 : (uint16_t)row->value;
	m->has_service = m->service;
	if (p->is_request)
		take_request_header(p, body);
	else
		take_response_header(p, body);
	if (body->bad)
		return;
	if (!p->is_request)
		find_asked(p, is_fault);
	begin_texts(p);
	whole &= p->flow->signature_known || m->chunks == 1; /* else there may be signatures in it */
	if (whole && !is_fault && (p->is_request || !opcua_is_bad(m->status_code) || oto_left(body)))
		take_parameters(p, *body, p->is_request ? read_request : read_response);
	if (p->is_request)
		speak_request(p);
	else
		speak_response(p, is_fault);
}
