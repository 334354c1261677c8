/* cip.c - the Common Industrial Protocol: messages of the Message Router, in EtherNet/IP unconnected and on connections, and I/O over UDP.
 *
 * Volume 1 and 2 are ODVA's "The CIP Networks Library". Owns the way from an encapsulation message to services: pairing, services inside of
 * services, operations and outcomes. What a class means stands in cip_objects.c, connections in cip_connection.c, I/O in cip_io.c.
 */
#include "analyzers/enip/enip.h"
#include "cip_connection.h"
#include "cip_objects.h"

/* ------------------------------------------------------------------------------------------------ 1. what is said */

#define F(m, doc, ...) OTO_FIELD(struct cip_message, m, doc, __VA_ARGS__)
/* Another name for a member: its word, or its number in requests only, as ICSNPP logs them. */
#define AS(alias, m, doc_, ...)                                                                                                            \
	{                                                                                                                                  \
		.name = #alias, .doc = doc_, .kind = OTO_KIND(((struct cip_message *)0)->m), .offset = offsetof(struct cip_message, m),    \
		__VA_ARGS__                                                                                                                \
	}
#define IF(has) .guard = OTO_IF(struct cip_message, has)
static const struct oto_field message_fields[] = {
	F(source_h, "sender"),
	F(source_p, "its port", .flags = OTO_PORT),
	F(destination_h, "receiver"),
	F(destination_p, "its port", .flags = OTO_PORT),
	F(packet_correlation_id, "the same for everything that a message carries", .flags = OTO_HEX | OTO_WIDE),
	F(cip_sequence_count, "joins request and response on a connection", IF(has_sequence)),
	F(direction, "request or response"),
	F(cip_service_code, "service", .flags = OTO_HEX),
	F(cip_service, "its word; of a class's own service by the class"),
	AS(common_service, cip_service_code, "a service that means the same in every class", .names = &cip_services, IF(has_common)),
	F(cip_status_code, "general status of a response", .flags = OTO_HEX, IF(has_status)),
	AS(cip_status, cip_status_code, "its word", .names = &cip_statuses, IF(has_status)),
	F(cip_extended_status_code, "first word of the additional status", .flags = OTO_HEX | OTO_WIDE, IF(has_extended)),
	F(cip_extended_status, "its word, when the class has one"),
	F(class_id, "class that is asked; in a response that of its request", .flags = OTO_HEX, IF(has_class)),
	AS(class_name, class_id, "its word", .names = &cip_classes, IF(has_class)),
	F(instance_id, "instance of the class, 0 the class itself", .flags = OTO_HEX, IF(has_instance)),
	F(attribute_id, "attribute of the instance", .flags = OTO_HEX, IF(has_attribute)),
	F(member_id, "member of the attribute", IF(has_member)),
	F(attributes, "attributes that Get Attribute List asks for", IF(has_attributes)),
	AS(path_class, class_id, "class, of a request only", .flags = OTO_HEX, IF(has_path_class)),
	AS(path_class_name, class_id, "its word", .names = &cip_classes, IF(has_path_class)),
	AS(path_instance, instance_id, "instance, of a request only", .flags = OTO_HEX, IF(has_path_instance)),
	AS(path_attribute, attribute_id, "attribute, of a request only", .flags = OTO_HEX, IF(has_path_attribute)),
	F(symbol, "tag; in a response that of its request", IF(has_symbol)),
	F(route, "way from the addressed device to who is asked: port and link address, as in 1/0 for slot 0", IF(has_route)),
	F(connected, "on a connection"),
	F(connection_id, "connection that the message travels on", .flags = OTO_HEX | OTO_WIDE, IF(has_connection)),
	F(depth, "0 directly in the encapsulation, more inside of other services"),
	F(name, "name of a file, program or template", IF(has_name)),
	F(data_type, "type of the values"),
	F(elements, "how many values; of a Multiple Service Packet, services", IF(has_elements)),
	F(offset, "where in the whole they begin", IF(has_offset)),
	F(size, "how long the whole is", IF(has_size)),
	F(values, "values read or written", IF(has_values)),
	F(data, "service data that nobody has read", .flags = OTO_HEX, IF(has_data)),
	F(latency, "time since the request", IF(matched)),
};
static const struct oto_log message_logs[] = {
	{ .name = "cip",
	  .doc = "CIP services, requests and responses, each once; ICSNPP's columns.",
	  .form = OTO_FORM_AGGREGATE,
	  .columns = "is_orig source_h source_p destination_h destination_p packet_correlation_id cip_sequence_count direction "
		     "cip_service_code cip_service cip_status_code cip_status cip_extended_status_code cip_extended_status "
		     "class_id=path_class class_name=path_class_name instance_id=path_instance attribute_id=path_attribute",
	  .extra = "symbol route connection_id name data_type elements offset size values data latency",
	  .key = "orig_h resp_h direction cip_service cip_status class_id class_name instance_id attribute_id symbol route" },
};
static const struct oto_event_type message_type =
    OTO_EVENT("cip.message", struct cip_message, message_fields, "One service, request or response.", OTO_LOGS(message_logs));
static const struct oto_event_type *const events[] = {
	[CIP_EV_MESSAGE] = &message_type, [CIP_EV_CONNECTION] = &cip_connection_type, [CIP_EV_IO] = &cip_io_type
};
enum { CHANNEL_CLASS };

/* ------------------------------------------------------------------------------------------------ 2. how a message came */

enum { DEPTH_MAX = 4, SERVICES_MAX = 512 };

/* What a Multiple Service Packet carries (volume 1, A-4.10): a count, an offset each from the count on, and the services. Where nobody
 * looks at each single one, those that are alike and follow each other are told once, and so are their responses. */
struct services {
	struct oto_slice whole;
	struct oto_cur offsets;
	uint32_t count, next;
	/* responses: the request that was found last, up to which service it stands for, and how many have not answered */
	struct oto_match match;
	uint32_t until, wait;
};

struct envelope {
	uint64_t key; /* what a response repeats */
	uint64_t correlation;
	uint32_t connection_id;
	uint16_t sequence;
	bool connected, has_slot;
	bool astray; /* on a connection whose opening was not seen */
	bool sent;   /* by an Unconnected Send */
	bool single; /* somebody looks at each single service */
	uint8_t depth;
	struct services *among; /* the others in the same packet; NULL: none */
	uint32_t slot;
	struct oto_slice route;
};

/* A sequence of services has a key each, derived from that of the whole. */
static uint64_t key_mix(uint64_t key, uint64_t with)
{
	key = (key ^ with) * 0x9e3779b97f4a7c15u;
	return key ^ key >> 29;
}

static struct envelope inside(const struct envelope *outer, uint32_t index)
{
	struct envelope e = *outer;

	e.key = key_mix(outer->key, index + 1u);
	e.depth++;
	e.sent = false;
	e.among = NULL;
	return e;
}

static void malformed(struct oto_ctx *cx, const char *what, struct oto_slice bytes)
{
	oto_weird(cx, what, bytes);
}

static void begin_message(struct oto_ctx *cx, struct cip_message *m, const struct envelope *e)
{
	m->source_h = oto_sender(cx);
	m->destination_h = cx->is_orig ? cx->head->resp_h : cx->head->orig_h;
	m->source_p = oto_source_port(cx);
	m->destination_p = oto_dest_port(cx);
	m->packet_correlation_id = e->correlation;
	m->connected = m->has_connection = m->has_sequence = e->connected;
	m->connection_id = e->connection_id;
	m->cip_sequence_count = e->sequence;
	m->depth = e->depth;
	m->route = e->route;
	m->has_route = e->route.len != 0;
}

static void name_service(struct cip_talk *t, const struct cip_object *object)
{
	struct cip_meaning meaning = cip_meaning_of(object, t->service);

	t->func = meaning.word;
	t->op = meaning.op;
	t->m->cip_service_code = t->service;
	t->m->cip_service = meaning.word;
	t->m->has_common = t->service < CIP_COMMON_END;
}

static void keep_rest(struct cip_talk *t)
{
	if (t->data.bad || !oto_left(&t->data) || t->m->has_values)
		return;
	t->m->data = oto_rest(&t->data);
	t->m->has_data = true;
}

static struct oto_operation operation_of(const struct cip_talk *t, bool has_slot, uint32_t slot)
{
	return (struct oto_operation){ .self_size = sizeof(struct oto_operation),
				       .op = t->op,
				       .func = t->func,
				       .func_code = t->service,
				       .target = t->target,
				       .unit = slot,
				       .has_unit = has_slot,
				       .sub = t->m->route };
}

/* ------------------------------------------------------------------------------------------------ 3. requests */

static void message(struct oto_ctx *cx, const struct envelope *e, struct oto_slice bytes);

static void show_path(struct cip_message *m, const struct cip_path *p)
{
	m->class_id = p->class_id;
	m->instance_id = p->instance_id;
	m->attribute_id = p->attribute_id;
	m->member_id = p->member_id;
	m->symbol = p->symbol;
	m->has_class = m->has_path_class = p->has_class;
	m->has_instance = m->has_path_instance = p->has_instance;
	m->has_attribute = m->has_path_attribute = p->has_attribute;
	m->has_member = p->has_member;
	m->has_symbol = p->symbol.len != 0;
}

static uint8_t keep_text(uint8_t *out, uint32_t size, struct oto_slice text)
{
	uint32_t n = text.len < size ? text.len : size;

	if (n)
		memcpy(out, text.data, n);
	return (uint8_t)n;
}

static void fill_note(struct cip_note *note, const struct cip_talk *t, const struct envelope *e)
{
	note->class_id = t->path.class_id;
	note->instance_id = t->path.instance_id;
	note->attribute_id = t->path.attribute_id;
	note->has_class = t->path.has_class;
	note->has_instance = t->path.has_instance;
	note->has_attribute = t->path.has_attribute;
	note->connection_id = e->connection_id;
	note->service = t->service;
	note->sent = e->sent;
	note->alike = 1;
	note->has_slot = e->has_slot;
	note->slot = e->slot;
	note->symbol_len = keep_text(note->symbol, sizeof note->symbol, t->path.symbol);
	note->route_len = keep_text(note->route, sizeof note->route, e->route);
}

/* Volume 1, 3-5.5.4: priority, ticks, the message with its length, padding, the route. Who answers is who the message is for. */
static bool take_sent(struct oto_slice bytes, struct oto_slice *inner, struct oto_slice *route)
{
	struct oto_cur data = oto_cur_of(bytes);

	oto_skip(&data, 2);
	uint16_t size = oto_le16(&data);
	*inner = oto_take(&data, size);
	oto_skip(&data, size & 1);
	uint32_t words = oto_u8(&data);
	oto_skip(&data, 1);
	*route = oto_take(&data, 2 * words);
	return !data.bad;
}

static void unconnected_send(struct oto_ctx *cx, const struct envelope *outer, struct oto_slice whole, struct oto_slice data)
{
	struct oto_slice inner, route_bytes;
	struct cip_path route = { 0 };
	struct envelope e = *outer;

	if (!take_sent(data, &inner, &route_bytes)) {
		malformed(cx, "malformed_unconnected_send", whole);
		return;
	}
	if (!cip_path_read(cx, route_bytes, true, &route))
		malformed(cx, "malformed_route", route_bytes);
	e.route = route.route;
	e.slot = route.slot;
	e.has_slot = route.has_slot;
	e.sent = true;
	e.depth++;
	message(cx, &e, inner);
}

static bool take_services(struct oto_slice bytes, struct services *s)
{
	struct oto_cur data = oto_cur_of(bytes);

	s->whole = bytes;
	s->count = oto_le16(&data);
	s->offsets = oto_sub(&data, 2u * s->count);
	s->next = s->until = s->wait = 0;
	return !data.bad;
}

/* How many there are; false when the data is too short for that. */
static bool show_services(struct cip_message *m, struct oto_slice data)
{
	struct oto_cur c = oto_cur_of(data);

	m->elements = oto_le16(&c);
	m->has_elements = oto_left(&c) >= 2 * m->elements;
	return !c.bad && m->has_elements;
}

/* Volume 1, A-4.4: a count, and the attributes. */
static void show_attributes(struct cip_message *m, struct oto_slice data)
{
	struct oto_cur c = oto_cur_of(data);
	uint16_t count = oto_le16(&c);

	m->attributes = oto_take_vec(&c, OTO_VEC_U16LE, count);
	m->has_attributes = m->attributes.count != 0;
}

/* The next service ends where the one behind it begins. Empty when the offsets make no sense. */
static struct oto_slice next_service(struct services *s)
{
	uint32_t from = oto_le16(&s->offsets);
	struct oto_cur peek = s->offsets, c = oto_cur_of(s->whole);
	uint32_t to = oto_left(&s->offsets) ? oto_le16(&peek) : s->whole.len;

	if (to > s->whole.len)
		to = s->whole.len;
	s->next++;
	oto_skip(&c, from);
	return oto_take(&c, to > from ? to - from : UINT32_MAX);
}

/* Passes over the next services, at most so many, that begin with these bytes, too. */
static uint32_t pass_alike(struct services *s, struct oto_slice head, uint32_t most)
{
	uint32_t n = 0;

	for (; n < most && s->next < s->count && s->next < SERVICES_MAX; n++) {
		struct oto_cur before = s->offsets;
		struct oto_slice one = next_service(s);
		if (one.len < head.len || memcmp(one.data, head.data, head.len) != 0) {
			s->offsets = before;
			s->next--;
			break;
		}
	}
	return n;
}

/* Nothing but service, path and status is looked at. */
static bool is_plain(const struct cip_object *object)
{
	return !object || (!object->request && !object->response && !object->carries);
}

enum { ANY_SERVICE = 0xff };

static bool answers(const struct oto_match *match, uint8_t service)
{
	const struct cip_note *note = (const void *)match->note;

	return service == ANY_SERVICE || note->service == service || (note->sent && service == CIP_UNCONNECTED_SEND);
}

static uint32_t alike(const struct oto_match *match)
{
	return ((const struct cip_note *)(const void *)match->note)->alike;
}

/* An outcome of all requests that were told as one. */
static void speak_alike(struct oto_ctx *cx, const struct oto_match *match, uint32_t n, enum oto_outcome_code code, const char *error)
{
	oto_alike(cx, n);
	oto_outcome(cx, match, code, error, NULL);
	oto_alike(cx, 1);
}

/* What the whole packet did not answer will not be answered. */
static void give_up(struct oto_ctx *cx, struct services *s)
{
	if (s->wait)
		speak_alike(cx, &s->match, s->wait, OTO_OUTCOME_NO_ANSWER, NULL);
	s->wait = s->until = 0;
}

static void multiple_services(struct oto_ctx *cx, const struct envelope *outer, struct oto_slice whole, struct oto_slice data)
{
	struct services s;
	uint32_t bad = 0;

	if (!take_services(data, &s)) {
		malformed(cx, "malformed_multiple_service", whole);
		return;
	}
	while (s.next < s.count && s.next < SERVICES_MAX) {
		struct envelope e = inside(outer, s.next);
		struct oto_slice one = next_service(&s);
		e.among = &s;
		if (!one.len)
			bad++;
		else
			message(cx, &e, one);
	}
	give_up(cx, &s);
	if (bad)
		malformed(cx, "malformed_multiple_service", whole);
	if (s.count > SERVICES_MAX)
		malformed(cx, "too_many_services", whole);
}

static bool is_connection_manager(const struct cip_path *p)
{
	return p->has_class && p->class_id == CIP_CLASS_CONNECTION_MANAGER;
}

static void request(struct oto_ctx *cx, const struct envelope *e, struct oto_slice whole)
{
	struct oto_cur c = oto_cur_of(whole);
	struct cip_message m = { .direction = "request" };
	struct cip_note note = { 0 };
	struct cip_talk t = { .cx = cx, .m = &m, .note = &note, .service = oto_u8(&c), .depth = e->depth, .astray = e->astray };
	struct oto_slice path = oto_take(&c, oto_u8(&c) * 2u);

	if (c.bad) {
		malformed(cx, "malformed_request", whole);
		return;
	}
	struct oto_slice data = { c.at, oto_left(&c) };
	t.data = (struct oto_cur){ c.start, c.at, c.end, false };
	bool clear = cip_path_read(cx, path, true, &t.path);
	if (!clear)
		malformed(cx, "malformed_path", path);
	const struct cip_object *object = t.path.has_class || t.path.symbol.len ? cip_object_of(t.path.class_id) : NULL;
	bool sends = t.service == CIP_UNCONNECTED_SEND && is_connection_manager(&t.path);
	bool several = t.service == CIP_MULTIPLE_SERVICE;

	begin_message(cx, &m, e);
	show_path(&m, &t.path);
	name_service(&t, object);
	if (e->single)
		t.target = cip_target_of(cx, &t.path, object);
	fill_note(&note, &t, e);
	if (e->among && !e->single && clear && !sends && !several && is_plain(object))
		note.alike += (uint16_t)pass_alike(e->among, (struct oto_slice){ whole.data, path.len + 2 }, SERVICES_MAX);
	if (several && show_services(&m, data)) {
		note.inner = (uint16_t)(m.elements < SERVICES_MAX ? m.elements : SERVICES_MAX);
	} else if (several) {
		t.op = OTO_OP_OTHER; /* carries nothing that could speak: some controllers stop at that */
	}
	if (t.service == CIP_GET_ATTRIBUTE_LIST)
		show_attributes(&m, data);
	if (object && object->request)
		object->request(&t);
	if (!sends && !several)
		keep_rest(&t);
	if (note.alike > 1)
		oto_alike(cx, note.alike);
	note.key = oto_key_of(oto_key_of(oto_ends(cx), (struct oto_slice){ whole.data, path.len + 2 }), e->route);
	if (!oto_again(cx, CIP_EV_MESSAGE, note.key))
		oto_emit_as(cx, CIP_EV_MESSAGE, &m, note.key);
	if (t.odd)
		malformed(cx, t.odd, whole);
	if (!sends) { /* whoever is sent to answers in its place */
		struct oto_operation o = operation_of(&t, e->has_slot, e->slot);
		oto_request(cx, e->key, &note);
		oto_operation(cx, &o);
	}
	if (note.alike > 1)
		oto_alike(cx, 1);
	if (object && object->carries)
		oto_deliver(cx, CHANNEL_CLASS, t.path.class_id, whole);
	if (e->depth >= DEPTH_MAX && (sends || several))
		malformed(cx, "nested_too_deep", whole);
	else if (sends)
		unconnected_send(cx, e, whole, data);
	else if (several)
		multiple_services(cx, e, whole, data);
}

/* ------------------------------------------------------------------------------------------------ 4. responses */

enum { SUCCESS = 0, CONNECTION_FAILURE = 1, PARTIAL = 6, EMBEDDED_ERROR = 0x1e, STALE_MAX = 8 };

/* Some clients repeat the sender context for ever: what was asked before and never answered has another service. */
static void find_request(struct oto_ctx *cx, uint64_t key, uint8_t service, struct oto_match *match)
{
	for (uint32_t i = 0; i < STALE_MAX; i++) {
		oto_response(cx, key, match);
		if (!match->found || answers(match, service))
			return;
		speak_alike(cx, match, alike(match), OTO_OUTCOME_NO_ANSWER, NULL);
	}
	match->found = false;
}

/* The same for a service among others, whose request may stand for several of them. */
static void find_among(struct oto_ctx *cx, const struct envelope *e, uint8_t service)
{
	struct services *s = e->among;

	if (s->next > s->until || !answers(&s->match, service)) {
		give_up(cx, s);
		find_request(cx, e->key, service, &s->match);
		s->wait = s->match.found ? alike(&s->match) : 0;
		s->until = s->next + s->wait - 1;
	}
}

/* What is known of a response from its request. */
static void show_note(struct cip_talk *t, const struct cip_note *note)
{
	struct cip_message *m = t->m;
	struct cip_path *p = &t->path;

	t->asked = note;
	p->class_id = m->class_id = note->class_id;
	p->instance_id = m->instance_id = note->instance_id;
	p->attribute_id = m->attribute_id = note->attribute_id;
	p->has_class = m->has_class = note->has_class;
	p->has_instance = m->has_instance = note->has_instance;
	p->has_attribute = m->has_attribute = note->has_attribute;
	struct oto_slice symbol = cip_borrow(t->cx, (struct oto_slice){ note->symbol, note->symbol_len });
	p->symbol = symbol;
	m->symbol = symbol;
	m->has_symbol = note->symbol_len != 0;
	p->route = cip_borrow(t->cx, (struct oto_slice){ note->route, note->route_len });
	p->slot = note->slot;
	p->has_slot = note->has_slot;
}

static void take_status(struct cip_talk *t, struct oto_cur extended)
{
	struct cip_message *m = t->m;

	m->cip_status_code = t->status;
	m->has_status = true;
	if (oto_left(&extended) < 2)
		return;
	m->cip_extended_status_code = oto_le16(&extended);
	m->has_extended = true;
	if (t->status == CONNECTION_FAILURE)
		m->cip_extended_status = cip_word(&cip_extended_statuses, m->cip_extended_status_code);
}

static bool is_ok(uint8_t status)
{
	return status == SUCCESS || status == PARTIAL;
}

static const char *error_word(const struct cip_message *m)
{
	const char *word = cip_word(&cip_statuses, m->cip_status_code);

	return m->cip_extended_status ? m->cip_extended_status : word ? word : "unknown status";
}

/* Those behind it that answer the same request in the same way. */
static uint32_t more_answers(struct services *s, struct oto_slice head)
{
	uint32_t n = pass_alike(s, head, s->wait);

	s->wait -= n;
	return n;
}

/* The whole packet of services was refused: so was each of them. */
static void refuse_all(struct oto_ctx *cx, const struct envelope *outer, const struct cip_note *note, const char *error)
{
	for (uint32_t i = 0; i < note->inner; i++) {
		struct oto_match match;
		oto_response(cx, inside(outer, i).key, &match);
		if (match.found)
			speak_alike(cx, &match, alike(&match), OTO_OUTCOME_ERROR, error);
	}
}

static void response(struct oto_ctx *cx, const struct envelope *e, struct oto_slice whole)
{
	struct oto_cur c = oto_cur_of(whole);
	struct cip_message m = { .direction = "response" };
	struct cip_talk t = { .cx = cx, .m = &m, .response = true, .depth = e->depth, .astray = e->astray };
	struct oto_match alone, *match = e->among ? &e->among->match : &alone;
	uint32_t n = 1;

	t.service = oto_u8(&c) & (CIP_RESPONSE - 1);
	oto_skip(&c, 1);
	t.status = oto_u8(&c);
	struct oto_cur extended = oto_sub(&c, oto_u8(&c) * 2u);
	if (c.bad) {
		if (e->among)
			find_among(cx, e, ANY_SERVICE);
		malformed(cx, "malformed_response", whole);
		return;
	}
	struct oto_slice data = { c.at, oto_left(&c) };
	t.data = (struct oto_cur){ c.start, c.at, c.end, false };
	if (e->among) {
		find_among(cx, e, t.service);
		e->among->wait -= e->among->wait != 0;
	} else {
		find_request(cx, e->key, t.service, &alone);
	}
	const struct cip_note *note = match->found ? (const void *)match->note : NULL;
	begin_message(cx, &m, e);
	if (note) {
		show_note(&t, note);
		if (t.path.route.len)
			m.route = t.path.route, m.has_route = true;
	}
	const struct cip_object *object = t.path.has_class || t.path.symbol.len ? cip_object_of(t.path.class_id) : NULL;
	if (!note && (t.service == CIP_FORWARD_OPEN || t.service == CIP_LARGE_FORWARD_OPEN || t.service == CIP_FORWARD_CLOSE ||
		      t.service == CIP_UNCONNECTED_SEND))
		object = &cip_connection_manager;
	name_service(&t, note && t.service != note->service ? &cip_connection_manager : object);
	take_status(&t, extended);
	m.latency = match->latency;
	m.matched = match->found;
	bool several = t.service == CIP_MULTIPLE_SERVICE && (is_ok(t.status) || t.status == EMBEDDED_ERROR) && oto_left(&t.data) >= 2;
	if (several)
		show_services(&m, data);
	else if (note && e->among && !e->single && is_plain(object))
		n += more_answers(e->among, (struct oto_slice){ whole.data, whole.len - data.len });
	if (object && object->response)
		object->response(&t);
	if (!several)
		keep_rest(&t);
	if (n > 1)
		oto_alike(cx, n);
	uint64_t key = note ? oto_key_mix(note->key, (uint64_t)t.service << 8 | t.status, 1) : 0;
	if (!key || !oto_again(cx, CIP_EV_MESSAGE, key))
		oto_emit_as(cx, CIP_EV_MESSAGE, &m, key);
	if (t.odd)
		malformed(cx, t.odd, whole);
	struct oto_operation o = operation_of(&t, false, 0);
	if (!match->found)
		o.target = cip_target_of(cx, &t.path, object);
	bool ok = is_ok(t.status) || (several && t.status == EMBEDDED_ERROR);
	oto_outcome(cx, match, ok ? OTO_OUTCOME_OK : OTO_OUTCOME_ERROR, ok ? NULL : error_word(&m), &o);
	if (n > 1)
		oto_alike(cx, 1);
	if (object && object->carries)
		oto_deliver(cx, CHANNEL_CLASS, object->class_id, whole);
	if (several && e->depth < DEPTH_MAX)
		multiple_services(cx, e, whole, data);
	else if (note && note->inner)
		refuse_all(cx, e, note, error_word(&m));
}

static void message(struct oto_ctx *cx, const struct envelope *e, struct oto_slice bytes)
{
	struct oto_cur peek = oto_cur_of(bytes);

	if (oto_u8(&peek) & CIP_RESPONSE)
		response(cx, e, bytes);
	else
		request(cx, e, bytes);
}

/* ------------------------------------------------------------------------------------------------ 5. the encapsulation */

/* A connection to an object that is no Message Router: its messages are the object's own. */
static bool is_other(const struct cip_open *open)
{
	return open && open->has_class && open->class_id != CIP_CLASS_MESSAGE_ROUTER;
}

/* Which side asks is known from the message: a service, or its response. */
static void connected(struct oto_ctx *cx, uint64_t correlation, uint32_t id, struct oto_cur c)
{
	const struct cip_flow *flow = cx->state;
	uint16_t sequence = oto_le16(&c);
	struct oto_cur peek = c;
	bool asks = !(oto_u8(&peek) & CIP_RESPONSE);
	const struct cip_open *open = cip_open_of(flow, id, asks);
	struct envelope e = { .correlation = correlation,
			      .connection_id = id,
			      .sequence = sequence,
			      .connected = true,
			      .single = oto_single(cx, CIP_EV_MESSAGE) };

	if (is_other(open)) {
		oto_deliver(cx, CHANNEL_CLASS, open->class_id, oto_rest(&c));
		return;
	}
	if (c.bad)
		return; /* an empty item keeps a connection alive */
	if (!oto_left(&c))
		return;
	e.key = key_mix(sequence, open ? (uint64_t)open->to_target << 16 | 3 : 1);
	e.astray = !open;
	if (open) {
		e.slot = open->slot;
		e.has_slot = open->has_slot;
		e.route = cip_borrow(cx, (struct oto_slice){ open->route, open->route_len });
	}
	message(cx, &e, oto_rest(&c));
}

static void cip_pdu(struct oto_ctx *cx, struct oto_cur *c)
{
	if (cx->depth == 0) {
		cip_io_pdu(cx, c);
		return;
	}
	struct enip_header h = enip_take_header(c);
	oto_skip(c, 6); /* interface handle and timeout */
	uint16_t items = oto_le16(c);
	uint64_t correlation = enip_correlation(cx, (struct oto_slice){ c->start, (uint32_t)(c->end - c->start) });
	uint32_t id = 0;

	for (uint32_t i = 0; i < items && i < CPF_ITEMS_MAX && !c->bad; i++) {
		struct cpf_item item = cpf_take_item(c);
		struct oto_cur data = oto_cur_of(item.data);
		struct envelope e = { .key = key_mix(h.context, (uint64_t)h.session << 8 | 2),
				      .correlation = correlation,
				      .single = oto_single(cx, CIP_EV_MESSAGE) };
		if (c->bad)
			return;
		switch (item.type) {
		case CPF_CONNECTED_ADDRESS:
			id = oto_le32(&data);
			break;
		case CPF_CONNECTED_DATA:
			connected(cx, correlation, id, data);
			break;
		case CPF_UNCONNECTED_DATA:
			if (item.data.len)
				message(cx, &e, item.data);
			break;
		default:
			break;
		}
	}
}

static enum oto_answer cip_probe(const struct oto_ctx *cx, struct oto_cur c)
{
	bool implicit = cx->transport == OTO_UDP && (cx->head->orig_p == ENIP_IO_PORT || cx->head->resp_p == ENIP_IO_PORT);

	return implicit ? cip_io_probe(c) : OTO_MINE;
}

enum { INFERRED = 50 };

void cip_fact(struct cip_talk *t, const char *key, struct oto_slice value, uint8_t confidence)
{
	struct oto_fact f = { .self_size = sizeof f,
			      .key = key,
			      .value = value,
			      .confidence = t->astray && confidence > INFERRED ? INFERRED : confidence,
			      .whose = t->response ? OTO_SENDER : OTO_RECEIVER,
			      .sub = t->m->route };

	oto_fact(t->cx, &f);
}

void *cip_flow_object(struct oto_ctx *cx)
{
	struct cip_flow *flow = cx->state;

	return flow->object;
}

static void cip_gap(struct oto_ctx *cx, uint64_t n)
{
	(void)n;
	cip_transfer_gap(cx);
}

static const struct oto_pairing pairing = {
	.self_size = sizeof pairing,
	.note_size = sizeof(struct cip_note),
	.scope = OTO_SCOPE_FLOW,
	.keyed = true,
	.bound = 1024,
	.repeats = true,
};
_Static_assert(sizeof(struct cip_note) <= OTO_NOTE_MAX, "a note holds what a request leaves");
_Static_assert(sizeof(struct cip_flow) <= OTO_STATE_MAX, "a flow's state holds its connections");

static const struct oto_analyzer cip = {
	.self_size = sizeof cip,
	.name = "cip",
	.doc = "Common Industrial Protocol: services, connections and I/O",
	.keys = "udp/2222 enip",
	.channels = "cip.class",
	.probe = cip_probe,
	.pdu = cip_pdu,
	.gap = cip_gap,
	.closing = cip_transfer_closing,
	.state_size = sizeof(struct cip_flow),
	.events = events,
	.nevents = sizeof events / sizeof *events,
	.pairing = &pairing,
};

OTO_ANALYZER(cip);
