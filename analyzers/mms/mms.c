/* mms.c - MMS (IEC 61850, ISO 9506) on ISO transport: session, presentation and association around it, or none of them; PDUs, their
 * pairing, and what is said.
 *
 * Owns the events and the pairing by invoke identifier. Services are read by mms_service.c.
 */
#include "mms.h"

/* ------------------------------------------------------------------------------------------------ 1. what is said */

#define F(m, doc, ...) OTO_FIELD(struct mms_message, m, doc, __VA_ARGS__)
#define IF(has) .guard = OTO_IF(struct mms_message, has)
static const struct oto_field message_fields[] = {
	F(pdu_type, "kind of PDU", .names = &mms_pdus),
	F(invoke_id, "copied into the response", IF(has_invoke)),
	F(service, "service; in a response that of its request", .names = &mms_services, IF(has_service)),
	F(domain, "domain, a logical device of IEC 61850"),
	F(variables, "what it touches: domain/item of variables and lists, names of domains, program invocations and others"),
	F(number_of_items, "how many variables, names or files", IF(has_items)),
	F(values, "values written, read or reported; names and files of a list; results of a write"),
	F(failures, "how many of the variables failed", .guard = OTO_IF(struct mms_message, is_access_error)),
	F(error, "why, in a word"),
	F(error_class, "class of an error", .names = &mms_error_classes, IF(has_error)),
	F(error_code, "code within the class", IF(has_error)),
	F(reject_type, "what was rejected", .names = &mms_rejects, IF(has_reject)),
	F(reject_reason, "why", IF(has_reject)),
	F(object_class, "class of the objects that are listed", .names = &mms_classes, IF(has_class)),
	F(scope, "vmd, domain or association"),
	F(continue_after, "the list goes on behind this name"),
	F(more_follows, "there is more of a list, file or domain", IF(has_more)),
	F(vendor, "vendor of the device"),
	F(model, "its model"),
	F(revision, "its revision"),
	F(logical_status, "what the device allows", .names = &mms_logical, IF(has_status)),
	F(physical_status, "is it well?", .names = &mms_physical, IF(has_status)),
	F(file_name, "name of a file"),
	F(new_file_name, "its new name, or where it goes"),
	F(handle, "stands for an open file or an upload", IF(has_handle)),
	F(file_position, "first byte to be read", IF(has_position)),
	F(file_size, "size of the file", IF(has_size)),
	F(data, "piece of a file or domain", .flags = OTO_HEX, IF(has_data)),
	F(max_pdu_size, "longest PDU, asked for or agreed", IF(has_max_pdu)),
	F(max_calling, "open requests of the client", IF(has_initiate)),
	F(max_called, "open requests of the server", IF(has_initiate)),
	F(nesting, "how deep data may lie in data", IF(has_nesting)),
	F(version, "version of MMS", IF(has_initiate)),
	F(parameter_cbb, "parameters supported, as they stand", .flags = OTO_HEX),
	F(services_supported, "services supported, as they stand", .flags = OTO_HEX),
	F(authentication, "the association was asked for with a password or certificate"),
	F(latency, "time since the request", IF(matched)),
};
static const struct oto_log message_logs[] = {
	{ .name = "mms",
	  .doc = "MMS requests, responses, reports and associations.",
	  .form = OTO_FORM_AGGREGATE,
	  .flags = OTO_LOG_NOT_ZEEK,
	  .columns = "pdu_type service variables error",
	  .key = "orig_h resp_h resp_p is_orig pdu_type service object_class domain variables file_name new_file_name error vendor model "
		 "revision logical_status physical_status" },
	{ .name = "mms",
	  .doc = "What devices say of themselves by MMS.",
	  .form = OTO_FORM_OFF,
	  .where = "pdu_type == 'initiate_response' or (pdu_type == 'confirmed_response' and service == 'identify')",
	  .columns = "deviceVendor=vendor deviceModel=model deviceRevision=revision protocolVersion=version parameterCBB=parameter_cbb "
		     "servicesSupported=services_supported" },
};
static const struct oto_event_type message_type =
    OTO_EVENT("mms.pdu", struct mms_message, message_fields, "One PDU of MMS.", OTO_LOGS(message_logs));
static const struct oto_event_type *const events[] = { &message_type };
enum { EV_PDU };

/* ------------------------------------------------------------------------------------------------ 2. the way to the PDU */

enum { FULLY_ENCODED = 0x61, AARQ = 0x60, AARE = 0x61, RLRQ = 0x62, ABRT = 0x64, EXTERNAL = 0x28, PASSWORD = 0xac, INFORMATION = 0xbe };
enum { SPDU_DATA = 1, SPDU_FINISH = 9, SPDU_DISCONNECT = 10, SPDU_CONNECT = 13, SPDU_ACCEPT = 14 };

/* The user data of a session PDU (8.3): data transfer behind give tokens as it stands, of others the parameter 193. */
static struct oto_slice user_data(struct oto_cur c)
{
	enum { USER_DATA = 0xc1 };
	uint8_t spdu = oto_u8(&c);

	if (spdu == SPDU_DATA) {
		oto_skip(&c, oto_u8(&c));
		if (oto_left(&c) >= 2 && oto_u8(&c) == SPDU_DATA)
			oto_skip(&c, oto_u8(&c));
		return c.bad ? (struct oto_slice){ 0 } : oto_rest(&c);
	}
	uint32_t length = oto_u8(&c);
	length = length == 0xff ? oto_be16(&c) : length;
	struct oto_cur inner = oto_sub(&c, length);
	while (oto_left(&inner) && !inner.bad) {
		uint8_t kind = oto_u8(&inner);
		uint32_t n = oto_u8(&inner);
		n = n == 0xff ? oto_be16(&inner) : n;
		struct oto_slice value = oto_take(&inner, n);
		if (kind == USER_DATA)
			return value;
	}
	return (struct oto_slice){ 0 };
}

/* The value of the first PDV of fully encoded data (X.226 8.4.2). */
static struct oto_slice presented(struct oto_slice fully)
{
	struct oto_cur c = oto_cur_of(fully), list = ber_enter(&c, BER_SEQUENCE);

	for (struct ber e; ber_next(&list, &e);) {
		if (e.tag == BER_CONTEXT(0) || e.tag == BER_CONTEXT_PRIMITIVE(1))
			return e.value;
	}
	return (struct oto_slice){ 0 };
}

/* Presentation: fully encoded data, or a connect PDU with it among its normal mode parameters (X.226 8.2). */
static struct oto_slice presentation(struct oto_slice s)
{
	struct oto_cur c = oto_cur_of(s), inner;
	struct ber e;

	if (!ber_next(&c, &e))
		return (struct oto_slice){ 0 };
	if (e.tag == FULLY_ENCODED)
		return presented(e.value);
	for (inner = oto_cur_of(e.value); ber_next(&inner, &e);) {
		if (e.tag != BER_CONTEXT(2))
			continue;
		struct oto_cur mode = oto_cur_of(e.value);
		while (ber_next(&mode, &e)) {
			if (e.tag == FULLY_ENCODED)
				return presented(e.value);
		}
	}
	return (struct oto_slice){ 0 };
}

/* The user information of an association request or response; none of others (X.227 9.1). */
static struct oto_slice association(struct oto_slice s, bool *authentication)
{
	struct oto_cur c = oto_cur_of(s);
	struct oto_slice found = { 0 };
	struct ber e;

	if (!ber_next(&c, &e) || (e.tag != AARQ && e.tag != AARE))
		return found;
	for (struct oto_cur inner = oto_cur_of(e.value); ber_next(&inner, &e);) {
		*authentication |= e.tag == PASSWORD;
		if (e.tag != INFORMATION)
			continue;
		struct oto_cur external = oto_cur_of(e.value), parts = ber_enter(&external, EXTERNAL);
		while (ber_next(&parts, &e)) {
			if (e.tag == BER_CONTEXT(0) || e.tag == BER_CONTEXT_PRIMITIVE(1))
				found = e.value;
		}
	}
	return found;
}

/* Clause 7.1: numbers and nulls are primitive. */
static bool is_pdu(uint32_t tag)
{
	enum { PRIMITIVE = 1 << MMS_CANCEL | 1 << 6 | 1 << MMS_CONCLUDE | 1 << 12, CONSTRUCTED = (1 << MMS_PDUS) - 1 - PRIMITIVE };
	uint32_t kind = 1u << (tag & 0x1f), form = tag & ~0x1fu;

	return (form == BER_CONTEXT(0) && kind & CONSTRUCTED) || (form == BER_CONTEXT_PRIMITIVE(0) && kind & PRIMITIVE);
}

/* The MMS PDU of a message; empty when it has none. */
static struct oto_slice pdu_of(struct oto_slice whole, bool *authentication)
{
	struct oto_cur c = oto_cur_of(whole);
	uint8_t first = ber_peek(&c);

	if (is_pdu(first))
		return whole;
	struct oto_slice inside = presentation(user_data(c));
	struct oto_cur look = oto_cur_of(inside);
	uint8_t tag = inside.len ? ber_peek(&look) : 0;
	if (tag >= AARQ && tag <= ABRT)
		return association(inside, authentication);
	return inside;
}

/* ------------------------------------------------------------------------------------------------ 3. operations */

/* The device asks for the pieces of what it is given. */
static bool asked_by_device(uint8_t service)
{
	return service == MMS_DOWNLOAD_SEGMENT || service == MMS_TERMINATE_DOWNLOAD || service == MMS_REQUEST_DOWNLOAD ||
	       service == MMS_REQUEST_UPLOAD;
}

static const char *space_of(uint8_t service)
{
	if (service == MMS_READ || service == MMS_WRITE || service == MMS_GET_VARIABLE || service == MMS_INFORMATION_REPORT)
		return "variable";
	if (service >= MMS_DEFINE_LIST && service <= MMS_DELETE_LIST)
		return "list";
	if ((service >= MMS_INITIATE_DOWNLOAD && service <= 37) || service == MMS_GET_NAME_LIST)
		return "domain";
	if (service >= MMS_READ_JOURNAL && service <= MMS_DELETE_JOURNAL)
		return "log";
	return service >= 38 && service <= 45 ? "program" : "object";
}

static struct oto_operation operation_of(const struct mms_message *m)
{
	const struct oto_name *row = m->has_service ? oto_name_of(&mms_services, m->service) : NULL;
	struct oto_operation o = { .self_size = sizeof o,
				   .op = row ? row->op : OTO_OP_OTHER,
				   .func = row ? row->name : "unknown",
				   .func_code = m->service,
				   .by_receiver = m->has_service && asked_by_device(m->service) };

	if (m->file_name.len)
		o.target = (struct oto_target){ .space = "file", .name = m->file_name };
	else if (m->variables.len)
		o.target = (struct oto_target){ .space = space_of(m->service), .name = m->variables };
	return o;
}

static struct mms_note note_of(const struct mms_message *m)
{
	struct mms_note note = { .handle = m->handle, .service = m->service, .has_handle = m->has_handle };
	struct oto_slice name = m->file_name.len ? m->file_name : m->variables;

	note.name_len = (uint8_t)(name.len < MMS_NAME ? name.len : MMS_NAME);
	if (note.name_len)
		memcpy(note.name, name.data, note.name_len);
	return note;
}

static bool names_file(uint8_t service)
{
	return service >= MMS_FILE_OPEN && service <= MMS_FILE_DIRECTORY;
}

/* Both sides number their own requests: a device asks for the segments of a download while the client asks for other things. */
static uint64_t key_of(const struct mms_parse *p, bool is_request)
{
	return (uint64_t)p->m->invoke_id << 1 | (p->cx->is_orig == is_request);
}

/* A response's service, and what it touched, stand in its request. */
static void match_request(struct mms_parse *p, struct oto_match *match)
{
	struct mms_message *m = p->m;
	struct mms_note note;

	oto_response(p->cx, key_of(p, false), match);
	m->matched = match->found;
	m->latency = match->latency;
	if (!match->found)
		return;
	memcpy(&note, match->note, sizeof note);
	m->service = note.service;
	m->has_service = true;
	struct oto_slice name = note.name_len ? say_copy(p->cx, (struct oto_slice){ note.name, note.name_len }) : (struct oto_slice){ 0 };
	if (names_file(note.service))
		m->file_name = name;
	else
		m->variables = name;
}

static void outcome(struct mms_parse *p, const struct oto_match *match, bool good)
{
	struct oto_operation o = operation_of(p->m);

	oto_outcome(p->cx, match, good ? OTO_OUTCOME_OK : OTO_OUTCOME_ERROR, good ? NULL : p->m->error ? p->m->error : "error", &o);
}

/* ------------------------------------------------------------------------------------------------ 4. PDUs */

/* The number of a context tag, as ber.h gives it. */
static uint32_t number_of_tag(uint32_t tag)
{
	return tag > 0xff ? tag & 0x7f : tag & 0x1f;
}

static bool take_invoke(struct mms_parse *p, struct oto_slice s)
{
	uint64_t n;

	p->m->has_invoke = ber_unsigned_of(s, &n) && n < UINT32_MAX;
	p->m->invoke_id = p->m->has_invoke ? (uint32_t)n : 0;
	return p->m->has_invoke;
}

/* What stands behind the invoke identifier and the modifiers: the service. */
static bool take_service(struct mms_parse *p, struct oto_cur *c, struct ber *e)
{
	if (!take_invoke(p, ber_take(c, BER_INTEGER)))
		return false;
	if (ber_at(c, BER_SEQUENCE))
		ber_take(c, BER_SEQUENCE);
	if (!ber_next(c, e)) {
		*e = (struct ber){ 0 };
		return false;
	}
	p->m->service = (uint8_t)number_of_tag(e->tag);
	p->m->has_service = true;
	return true;
}

static void request(struct mms_parse *p, struct oto_cur *c)
{
	struct mms_message *m = p->m;
	struct ber e;

	if (!take_service(p, c, &e)) {
		c->bad |= !m->has_invoke;
		if (!c->bad)
			oto_weird(p->cx, "no_service", (struct oto_slice){ 0 });
		return;
	}
	mms_take_request(p, m->service, e.value);
	m->variables = mms_text_end(&p->name);
	m->values = mms_text_end(&p->value);
	struct mms_note note = note_of(m);
	oto_request(p->cx, key_of(p, true), &note);
	struct oto_operation o = operation_of(m);
	mms_transfer_request(p, oto_operation(p->cx, &o));
}

static void tell_facts(struct mms_parse *p)
{
	const struct mms_message *m = p->m;

	say_fact(p->cx, "vendor", say_trim(m->vendor), SAY_SURE);
	say_fact(p->cx, "model", say_trim(m->model), SAY_SURE);
	say_fact(p->cx, "firmware", say_trim(m->revision), SAY_SURE);
}

static void response(struct mms_parse *p, struct oto_cur *c)
{
	struct mms_message *m = p->m;
	struct oto_match match;
	struct ber e;

	if (!take_service(p, c, &e)) {
		c->bad |= !m->has_invoke;
		m->has_service = false;
	}
	if (c->bad)
		return;
	uint8_t service = m->service;
	bool has_service = m->has_service;
	match_request(p, &match);
	if (has_service && match.found && service != m->service)
		oto_weird(p->cx, "another_service", (struct oto_slice){ 0 });
	if (has_service) {
		m->service = service;
		m->has_service = true;
		mms_take_response(p, service, e.value);
	}
	if (!m->variables.len)
		m->variables = mms_text_end(&p->name);
	m->values = mms_text_end(&p->value);
	m->is_access_error = m->failures != 0;
	if (match.found || has_service) /* else nobody knows what was answered */
		outcome(p, &match, !m->failures);
	mms_transfer_answer(p, &match);
	tell_facts(p);
}

/* ServiceError (7.4): the class by its tag, the code as its content. */
static void take_error(struct mms_parse *p, struct oto_cur c)
{
	struct oto_cur class = ber_enter(&c, BER_CONTEXT(0));
	struct ber e;
	uint64_t code = 0;

	if (!ber_next(&class, &e) || !ber_unsigned_of(e.value, &code) || code > UINT32_MAX)
		return;
	p->m->error_class = (uint8_t)number_of_tag(e.tag);
	p->m->error_code = (uint32_t)code;
	p->m->has_error = true;
	p->m->error = mms_error_word(p->m->error_class, p->m->error_code);
}

static void error(struct mms_parse *p, struct oto_cur *c)
{
	struct oto_match match;

	for (struct ber e; ber_next(c, &e);) {
		if (e.tag == BER_CONTEXT_PRIMITIVE(0))
			take_invoke(p, e.value);
		else if (e.tag == BER_CONTEXT(2))
			take_error(p, oto_cur_of(e.value));
	}
	if (c->bad || !p->m->has_invoke) {
		c->bad = true;
		return;
	}
	match_request(p, &match);
	outcome(p, &match, false);
	mms_transfer_answer(p, &match);
}

static void reject(struct mms_parse *p, struct oto_cur *c)
{
	struct mms_message *m = p->m;
	struct oto_match match;

	for (struct ber e; ber_next(c, &e);) {
		uint64_t reason = 0;
		if (e.tag == BER_CONTEXT_PRIMITIVE(0)) {
			take_invoke(p, e.value);
		} else if (ber_unsigned_of(e.value, &reason)) {
			m->reject_type = (uint8_t)number_of_tag(e.tag);
			m->reject_reason = (uint8_t)reason;
			m->has_reject = true;
		}
	}
	m->error = "rejected";
	if (c->bad || !m->has_invoke)
		return;
	match_request(p, &match);
	if (match.found) /* else nobody knows whose request it was */
		outcome(p, &match, false);
	mms_transfer_answer(p, &match);
}

static void unconfirmed(struct mms_parse *p, struct oto_cur *c)
{
	struct mms_message *m = p->m;
	struct ber e;

	if (!ber_next(c, &e)) {
		c->bad = true;
		return;
	}
	m->service = (uint8_t)(MMS_UNCONFIRMED_BASE + (number_of_tag(e.tag) & 0xf));
	m->has_service = true;
	mms_take_unconfirmed(p, m->service, e.value);
	m->variables = mms_text_end(&p->name);
	m->values = mms_text_end(&p->value);
	m->is_access_error = m->failures != 0;
	struct oto_operation o = operation_of(m);
	o.by_receiver = true; /* a report goes to the client that wanted it */
	oto_operation(p->cx, &o);
}

/* 8.2 of the standard: sizes, then version, parameters and services. */
static void initiate(struct mms_parse *p, struct oto_cur *c)
{
	struct mms_message *m = p->m;

	for (struct ber e; ber_next(c, &e);) {
		if (e.tag == BER_CONTEXT_PRIMITIVE(0))
			m->has_max_pdu = mms_number_of(e.value, &m->max_pdu_size);
		else if (e.tag == BER_CONTEXT_PRIMITIVE(1))
			mms_number_of(e.value, &m->max_calling);
		else if (e.tag == BER_CONTEXT_PRIMITIVE(2))
			mms_number_of(e.value, &m->max_called);
		else if (e.tag == BER_CONTEXT_PRIMITIVE(3))
			m->has_nesting = mms_number_of(e.value, &m->nesting);
		if (e.tag != BER_CONTEXT(4))
			continue;
		for (struct oto_cur detail = oto_cur_of(e.value); ber_next(&detail, &e);) {
			if (e.tag == BER_CONTEXT_PRIMITIVE(0))
				mms_number_of(e.value, &m->version);
			else if (e.tag == BER_CONTEXT_PRIMITIVE(1))
				m->parameter_cbb = e.value;
			else if (e.tag == BER_CONTEXT_PRIMITIVE(2))
				m->services_supported = e.value;
		}
	}
	m->has_initiate = !c->bad;
}

static void one_pdu(struct mms_parse *p, struct oto_slice pdu, struct oto_cur *whole)
{
	struct oto_cur c = oto_cur_of(pdu);
	struct ber e;

	if (!ber_next(&c, &e)) {
		whole->bad = true;
		return;
	}
	struct oto_cur inner = oto_cur_of(e.value);
	p->m->pdu_type = is_pdu(e.tag) ? (uint8_t)(e.tag & 0x1f) : MMS_PDUS;
	switch (p->m->pdu_type) {
	case MMS_REQUEST:
		request(p, &inner);
		break;
	case MMS_RESPONSE:
		response(p, &inner);
		break;
	case MMS_ERROR:
		error(p, &inner);
		break;
	case MMS_UNCONFIRMED:
		unconfirmed(p, &inner);
		break;
	case MMS_REJECT:
		reject(p, &inner);
		break;
	case MMS_INITIATE:
	case MMS_INITIATE_RESPONSE:
		initiate(p, &inner);
		break;
	case MMS_INITIATE_ERROR:
		take_error(p, inner);
		break;
	default: /* cancel, conclude: an invoke identifier or nothing */
		if (p->m->pdu_type == MMS_CANCEL || p->m->pdu_type == MMS_CANCEL + 1)
			take_invoke(p, e.value);
		break;
	}
	whole->bad |= inner.bad || p->m->pdu_type >= MMS_PDUS;
	if (!whole->bad)
		oto_emit(p->cx, EV_PDU, p->m);
}

static enum oto_answer mms_probe(const struct oto_ctx *cx, struct oto_cur c)
{
	enum { CONNECT_ITEM = 5 };
	uint8_t first = ber_peek(&c);
	struct ber e;

	(void)cx;
	if (is_pdu(first)) /* no session: all of it is one element */
		return ber_next(&c, &e) && !oto_left(&c) && e.value.len >= 2 ? OTO_MINE : OTO_NOT_MINE;
	oto_skip(&c, 1);
	uint8_t length = oto_u8(&c);
	if (first == SPDU_CONNECT || first == SPDU_ACCEPT) {
		oto_skip(&c, length == 0xff ? 2 : 0);
		return oto_u8(&c) == CONNECT_ITEM && !c.bad ? OTO_MINE : OTO_NOT_MINE;
	}
	if (first == SPDU_FINISH || first == SPDU_DISCONNECT) {
		struct oto_cur look = c;
		while (oto_left(&look) > 2 && ber_peek(&look) != 0xc1) {
			oto_skip(&look, 1);
			oto_skip(&look, oto_u8(&look));
		}
		return ber_peek(&look) == 0xc1 && !look.bad ? OTO_MINE : OTO_NOT_MINE;
	}
	return first == SPDU_DATA && !length && oto_be16(&c) == 0x0100 && oto_u8(&c) == FULLY_ENCODED && !c.bad ? OTO_MINE : OTO_NOT_MINE;
}

static void mms_pdu(struct oto_ctx *cx, struct oto_cur *c)
{
	struct mms_message m = { 0 };
	struct mms_parse p = { .cx = cx, .m = &m };
	struct oto_slice pdu = pdu_of((struct oto_slice){ c->at, oto_left(c) }, &m.authentication);

	oto_service(cx, "mms");
	if (pdu.len)
		one_pdu(&p, pdu, c);
}

static void mms_gap(struct oto_ctx *cx, uint64_t n)
{
	(void)n;
	mms_transfer_gap(cx->state);
}

static const struct oto_pairing pairing = {
	.self_size = sizeof pairing, .note_size = sizeof(struct mms_note), .scope = OTO_SCOPE_FLOW, .keyed = true
};

static const struct oto_analyzer mms = {
	.self_size = sizeof mms,
	.name = "mms",
	.doc = "MMS, the messages of IEC 61850, on ISO transport",
	.keys = "cotp",
	.probe = mms_probe,
	.pdu = mms_pdu,
	.gap = mms_gap,
	.closing = mms_transfer_close,
	.state_size = sizeof(struct mms_flow),
	.events = events,
	.nevents = sizeof events / sizeof *events,
	.pairing = &pairing,
};

OTO_ANALYZER(mms);
