/* cip_message.c - messages of the Message Router: pairing, services inside of services, operations and outcomes.
 *
 * Volume 1 and 2 are ODVA's "The CIP Networks Library". What a class means stands in cip_objects.c. What nobody looks at one by one is only
 * counted (oto_again()): then nothing of the event is built but what the objects' hooks fill in.
 */
#include "analyzers/enip/enip.h"
#include "cip_connection.h"
#include "cip_message.h"
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
	F(source_p, "its port", .flags = OTO_PORT | OTO_VARIES),
	F(destination_h, "receiver"),
	F(destination_p, "its port", .flags = OTO_PORT | OTO_VARIES),
	F(packet_correlation_id, "the same for everything that a message carries", .flags = OTO_HEX | OTO_WIDE | OTO_VARIES),
	F(cip_sequence_count, "joins request and response on a connection", .flags = OTO_VARIES, IF(has_sequence)),
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
	F(name, "name of a file, program or template", .flags = OTO_VARIES, IF(has_name)),
	F(data_type, "type of the values"),
	F(structure, "handle of the structure's template", .flags = OTO_HEX | OTO_WIDE, IF(has_structure)),
	F(elements, "how many values; of a Multiple Service Packet, services", IF(has_elements)),
	F(offset, "where in the whole they begin", .flags = OTO_VARIES, IF(has_offset)),
	F(size, "how long the whole is", .flags = OTO_VARIES, IF(has_size)),
	F(values, "values read or written", .flags = OTO_VARIES, IF(has_values)),
	F(set_bits, "bits of the tag that are set", .flags = OTO_HEX | OTO_VARIES, IF(has_bits)),
	F(clear_bits, "bits of the tag that are cleared", .flags = OTO_HEX | OTO_VARIES, IF(has_bits)),
	F(clock, "the clock as read or set", .flags = OTO_VARIES, IF(has_clock)),
	F(data, "service data that nobody has read", .flags = OTO_HEX | OTO_VARIES, IF(has_data)),
	F(latency, "time since the request", .flags = OTO_VARIES, IF(matched)),
};
static const struct oto_log message_logs[] = {
	{ .name = "cip",
	  .doc = "CIP services, requests and responses, each once; ICSNPP's columns.",
	  .form = OTO_FORM_AGGREGATE,
	  .columns = "is_orig source_h source_p destination_h destination_p packet_correlation_id cip_sequence_count direction "
		     "cip_service_code cip_service cip_status_code cip_status cip_extended_status_code cip_extended_status "
		     "class_id=path_class class_name=path_class_name instance_id=path_instance attribute_id=path_attribute",
	  .extra = "symbol route connection_id name data_type structure elements offset size values set_bits clear_bits clock data "
		   "latency",
	  .key = "orig_h resp_h direction cip_service cip_status class_id class_name instance_id attribute_id symbol route" },
};
const struct oto_event_type cip_message_type = OTO_EVENT("cip.message", struct cip_message, message_fields,
							 "One service, request or response.", OTO_LOGS(message_logs), .whole_keys = true);

/* ------------------------------------------------------------------------------------------------ 2. how a message came */

enum { DEPTH_MAX = 4 };

/* Of what a Multiple Service Packet under this key carries. */
static uint64_t key_inside(uint64_t outer, uint32_t index)
{
	return cip_key_mix(outer, index + 1u);
}

/* Who speaks to whom on which connection, through which devices and how deep: what the keys of all events begin with that come so. */
static void seal(struct oto_ctx *cx, struct cip_envelope *e)
{
	e->manner = oto_key_mix(oto_ends(cx), (uint64_t)e->connection_id << 8 | e->depth, e->connected);
	if (e->route.len)
		e->manner = oto_key_of(e->manner, e->route);
}

static void malformed(struct oto_ctx *cx, const char *what, struct oto_slice bytes)
{
	oto_weird(cx, what, bytes);
}

/* Of a request, and of a response what is known from its request. */
static void show_path(struct cip_message *m, const struct cip_path *p, bool request)
{
	m->class_id = p->class_id;
	m->instance_id = p->instance_id;
	m->attribute_id = p->attribute_id;
	m->member_id = p->member_id;
	m->symbol = p->symbol;
	m->has_class = p->has_class;
	m->has_instance = p->has_instance;
	m->has_attribute = p->has_attribute;
	m->has_member = p->has_member;
	m->has_path_class = request && p->has_class;
	m->has_path_instance = request && p->has_instance;
	m->has_path_attribute = request && p->has_attribute;
	m->has_symbol = p->symbol.len != 0;
}

/* What stands around a service, and the service itself. */
static void show_message(struct cip_talk *t, const struct cip_envelope *e)
{
	struct oto_ctx *cx = t->cx;
	struct cip_message *m = t->m;

	m->source_h = oto_sender(cx);
	m->destination_h = cx->is_orig ? cx->head->resp_h : cx->head->orig_h;
	m->source_p = oto_source_port(cx);
	m->destination_p = oto_dest_port(cx);
	m->packet_correlation_id = enip_correlation(cx, e->encapsulation);
	m->connected = m->has_connection = m->has_sequence = e->connected;
	m->connection_id = e->connection_id;
	m->cip_sequence_count = e->sequence;
	m->depth = e->depth;
	m->has_route = m->route.len != 0;
	m->cip_service_code = t->service;
	m->cip_service = t->func;
	m->has_common = t->service < CIP_COMMON_END;
	show_path(m, &t->path, !t->response);
}

static void begin_talk(struct cip_talk *t, struct oto_ctx *cx, struct cip_message *m, const struct cip_envelope *e)
{
	*t = (struct cip_talk){ .cx = cx, .m = m, .depth = e->depth, .astray = e->astray };
}

static void name_service(struct cip_talk *t, const struct cip_object *object)
{
	struct cip_meaning meaning = cip_meaning_of(object, t->service);

	t->func = meaning.word;
	t->op = meaning.op;
}

static void keep_rest(struct cip_talk *t)
{
	if (t->data.bad || !oto_left(&t->data) || t->m->has_values)
		return;
	t->m->data = oto_rest(&t->data);
	t->m->has_data = true;
}

/* What the service data fills in, but the values themselves and where in a transfer they stand: the same tag may be read for ever. */
static uint64_t mix_shown(uint64_t key, const struct cip_message *m)
{
	enum { FIRST = offsetof(struct cip_message, has_elements), REST = offsetof(struct cip_message, has_attributes) };
	_Static_assert(REST - FIRST == sizeof(uint64_t) && offsetof(struct cip_message, has_structure) - REST == 3, "two words hold them");
	uint64_t first;
	uint32_t rest;

	memcpy(&first, (const uint8_t *)m + FIRST, sizeof first);
	memcpy(&rest, (const uint8_t *)m + REST, sizeof rest);
	key = oto_key_mix(key, first, (uint64_t)m->elements << 32 | rest);
	return m->data_type ? oto_key_of(oto_key_mix(key, m->structure, 1), oto_slice_of(m->data_type)) : key;
}

static struct oto_operation operation_of(const struct cip_talk *t, struct oto_slice route, bool has_slot, uint32_t slot)
{
	return (struct oto_operation){ .self_size = sizeof(struct oto_operation),
				       .op = t->op,
				       .func = t->func,
				       .func_code = t->service,
				       .target = t->target,
				       .unit = slot,
				       .has_unit = has_slot,
				       .sub = route };
}

/* ------------------------------------------------------------------------------------------------ 3. requests */

static uint8_t keep_text(uint8_t *out, uint32_t size, struct oto_slice text)
{
	uint32_t n = text.len < size ? text.len : size;

	if (n)
		memcpy(out, text.data, n);
	return (uint8_t)n;
}

/* Texts are as long as is said, and object[] is its hook's: what lies behind them is nobody's. */
static void fill_note(struct cip_note *note, const struct cip_talk *t, const struct cip_envelope *e)
{
	memset(note, 0, offsetof(struct cip_note, symbol));
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

static void unconnected_send(struct oto_ctx *cx, const struct cip_envelope *outer, struct oto_slice whole, struct oto_slice data)
{
	struct oto_slice inner, route_bytes;
	struct cip_path route = { 0 };
	struct cip_envelope e = *outer;

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
	cip_message_read(cx, &e, inner);
}

/* How many services a Multiple Service Packet holds; false when the data is too short for that. */
static bool count_services(struct oto_slice data, uint32_t *count)
{
	struct oto_cur c = oto_cur_of(data);

	*count = oto_le16(&c);
	return !c.bad && oto_left(&c) >= 2 * *count;
}

static void show_services(struct cip_message *m, struct oto_slice data)
{
	bool fits = count_services(data, &m->elements);

	m->has_elements = fits || !m->elements;
}

/* What can be known of service data that is not read: all that it shows, but for the attributes of a list. */
static uint64_t mix_unread(uint64_t key, struct oto_slice data, bool several)
{
	uint32_t count = 0;
	bool fits = several && count_services(data, &count);

	return oto_key_mix(key, data.len != 0, (uint64_t)fits << 32 | count);
}

/* Volume 1, A-4.4: a count, and the attributes. */
static void show_attributes(struct cip_message *m, struct oto_slice data)
{
	struct oto_cur c = oto_cur_of(data);
	uint16_t count = oto_le16(&c);

	m->attributes = oto_take_vec(&c, OTO_VEC_U16LE, count);
	m->has_attributes = m->attributes.count != 0;
}

/* Of a protocol inside, what its refusal is handed over with. */
static void keep_carried(struct cip_note *note, struct oto_slice data)
{
	note->object_len = keep_text(note->object, sizeof note->object, data);
}

/* To the protocol inside. A refusal says nothing of what it refuses: it is handed over with what the request began with. */
static void deliver_carried(const struct cip_talk *t, struct oto_slice whole)
{
	const struct cip_note *asked = t->asked;
	uint8_t *bytes = asked && t->status ? oto_scratch(t->cx, CIP_STATUS_HEADER + (size_t)asked->object_len) : NULL;

	if (bytes) {
		memcpy(bytes, whole.data, CIP_STATUS_HEADER);
		bytes[CIP_STATUS_HEADER - 1] = 0; /* words of extended status */
		memcpy(bytes + CIP_STATUS_HEADER, asked->object, asked->object_len);
		whole = (struct oto_slice){ bytes, CIP_STATUS_HEADER + (uint32_t)asked->object_len };
	}
	oto_deliver(t->cx, CIP_CHANNEL_CLASS, t->path.class_id, whole);
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

/* Is a message only counted? Those of the services behind it that are alike, *n of them, `most` at most, are then counted with it: if it
 * was said before, or if nobody looks at each. */
static bool count_alike(struct oto_ctx *cx, const struct cip_envelope *e, struct oto_slice head, bool data, uint32_t most, uint64_t key,
			uint32_t *n)
{
	struct cip_services *s = e->among;
	struct cip_place before;

	if (!most)
		return key && oto_again(cx, CIP_EV_MESSAGE, key);
	before = s->at;
	*n = cip_services_pass(s, head, data, most);
	if (*n)
		oto_alike(cx, *n + 1);
	if (key && oto_again(cx, CIP_EV_MESSAGE, key))
		return true;
	if (*n && e->single) {
		s->at = before;
		*n = 0;
		oto_alike(cx, 1);
	}
	return false;
}

/* What the whole packet did not answer will not be answered. */
static void give_up(struct oto_ctx *cx, struct cip_services *s)
{
	if (s->wait)
		speak_alike(cx, &s->match, s->wait, OTO_OUTCOME_NO_ANSWER, NULL);
	s->wait = s->until = 0;
}

static void read_one(struct oto_ctx *cx, const struct cip_envelope *e, struct oto_slice bytes);

static void multiple_services(struct oto_ctx *cx, const struct cip_envelope *outer, struct oto_slice whole, struct oto_slice data)
{
	struct cip_services s;

	if (!cip_services_take(data, &s)) {
		malformed(cx, "malformed_multiple_service", whole);
		return;
	}
	struct cip_envelope e = *outer;
	e.depth++;
	e.sent = false;
	e.among = &s;
	seal(cx, &e);
	while (cip_services_left(&s)) {
		e.key = key_inside(outer->key, s.at.next);
		struct oto_slice one = cip_services_next(&s);
		if (one.len)
			read_one(cx, &e, one);
	}
	give_up(cx, &s);
	if (s.odd)
		malformed(cx, "malformed_multiple_service", whole);
	if (s.count > CIP_SERVICES_MAX)
		malformed(cx, "too_many_services", whole);
}

/* Of a request: it carries one for somebody else. */
static bool is_sending(const struct cip_talk *t)
{
	return t->service == CIP_UNCONNECTED_SEND && t->path.has_class && t->path.class_id == CIP_CLASS_CONNECTION_MANAGER;
}

static void count_inner(struct cip_talk *t, struct oto_slice data)
{
	uint32_t count;

	if (count_services(data, &count))
		t->note->inner = (uint16_t)(count < CIP_SERVICES_MAX ? count : CIP_SERVICES_MAX);
	else
		t->op = OTO_OP_OTHER; /* carries nothing that could speak: some controllers stop at that */
}

/* The service data of a request: what it means in every class, and what its class reads. */
static void read_request(struct cip_talk *t, const struct cip_envelope *e, const struct cip_object *object, struct oto_slice data)
{
	bool several = t->service == CIP_MULTIPLE_SERVICE;
	struct cip_message *m = t->m;

	memset(m, 0, sizeof *m);
	m->direction = "request";
	m->route = e->route;
	if (several)
		show_services(m, data);
	if (t->service == CIP_GET_ATTRIBUTE_LIST)
		show_attributes(m, data);
	if (!is_plain(object))
		memset(t->note->object, 0, sizeof t->note->object);
	if (object && object->request)
		object->request(t);
	if (object && object->carries)
		keep_carried(t->note, data);
	if (!several && !is_sending(t))
		keep_rest(t);
}

static uint64_t request_key(const struct cip_talk *t, const struct cip_envelope *e, struct oto_slice head, struct oto_slice data,
			    bool built)
{
	uint64_t key = oto_key_of(e->manner, head);

	if (t->service == CIP_GET_ATTRIBUTE_LIST)
		key = oto_key_of(key, data);
	return built ? mix_shown(key, t->m) : mix_unread(key, data, t->service == CIP_MULTIPLE_SERVICE);
}

static void request(struct oto_ctx *cx, const struct cip_envelope *e, struct oto_slice whole)
{
	struct oto_cur c = oto_cur_of(whole);
	struct cip_message m;
	struct cip_note note;
	struct cip_talk t;

	begin_talk(&t, cx, &m, e);
	t.note = &note;
	t.service = oto_u8(&c);
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
	bool sends = is_sending(&t);
	bool several = t.service == CIP_MULTIPLE_SERVICE;
	struct oto_slice head = { whole.data, path.len + 2 };
	bool built = !is_plain(object);                                  /* the event is, even if it is only counted */
	bool listed = e->single && t.service == CIP_GET_ATTRIBUTE_LIST;  /* tells its attributes */
	bool alike = e->among && clear && !several && !built && !listed; /* what begins with the same head is */
	uint32_t more = 0;

	name_service(&t, object);
	if (e->single)
		t.target = cip_target_of(cx, &t.path, object);
	fill_note(&note, &t, e);
	if (several)
		count_inner(&t, data);
	if (built)
		read_request(&t, e, object, data);
	note.key = request_key(&t, e, head, data, built);
	if (!count_alike(cx, e, head, data.len != 0, alike ? CIP_SERVICES_MAX : 0, note.key, &more)) {
		if (!built)
			read_request(&t, e, object, data);
		show_message(&t, e);
		oto_emit_as(cx, CIP_EV_MESSAGE, &m, note.key);
	}
	note.alike += (uint16_t)more;
	if (t.odd)
		malformed(cx, t.odd, whole);
	if (!sends) { /* whoever is sent to answers in its place */
		struct oto_operation o = operation_of(&t, e->route, e->has_slot, e->slot);
		oto_request(cx, e->key, &note);
		oto_operation(cx, &o);
	}
	if (more)
		oto_alike(cx, 1);
	if (object && object->carries)
		deliver_carried(&t, whole);
	if (e->depth >= DEPTH_MAX && (sends || several))
		malformed(cx, "nested_too_deep", whole);
	else if (sends)
		unconnected_send(cx, e, whole, data);
	else if (several)
		multiple_services(cx, e, whole, data);
}

/* ------------------------------------------------------------------------------------------------ 4. responses */

enum { SUCCESS = 0, CONNECTION_FAILURE = 1, PARTIAL = 6, EMBEDDED_ERROR = 0x1e, GENERAL_ERROR = 0xff, STALE_MAX = 8 };

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
static void find_among(struct oto_ctx *cx, const struct cip_envelope *e, uint8_t service)
{
	struct cip_services *s = e->among;

	if (s->at.next > s->until || !answers(&s->match, service)) {
		give_up(cx, s);
		find_request(cx, e->key, service, &s->match);
		s->wait = s->match.found ? alike(&s->match) : 0;
		s->until = s->at.next + s->wait - 1;
	}
}

/* What is known of a response from its request. */
static void take_note(struct cip_talk *t, const struct cip_note *note)
{
	struct cip_path *p = &t->path;

	t->asked = note;
	p->class_id = note->class_id;
	p->instance_id = note->instance_id;
	p->attribute_id = note->attribute_id;
	p->has_class = note->has_class;
	p->has_instance = note->has_instance;
	p->has_attribute = note->has_attribute;
	p->symbol = (struct oto_slice){ note->symbol, note->symbol_len };
	p->route = (struct oto_slice){ note->route, note->route_len };
	p->slot = note->slot;
	p->has_slot = note->has_slot;
}

static void take_extended(struct cip_talk *t, struct oto_cur words)
{
	t->has_extended = oto_left(&words) >= 2;
	t->extended = t->has_extended ? oto_le16(&words) : 0;
}

static const char *extended_word(const struct cip_talk *t)
{
	if (t->has_extended && t->status == CONNECTION_FAILURE)
		return cip_word(&cip_extended_statuses, t->extended);
	if (t->has_extended && t->status == GENERAL_ERROR)
		return cip_word(&cip_logix_statuses, t->extended);
	return NULL;
}

static bool is_ok(uint8_t status)
{
	return status == SUCCESS || status == PARTIAL;
}

static const char *error_word(const struct cip_talk *t)
{
	const char *extended = extended_word(t), *word = cip_word(&cip_statuses, t->status);

	return extended ? extended : word ? word : "unknown status";
}

/* Status and service data of a response, as its class reads them. */
static void read_response(struct cip_talk *t, const struct cip_envelope *e, const struct cip_object *object, struct oto_slice data,
			  bool several)
{
	struct cip_message *m = t->m;

	name_service(t, t->asked && t->service != t->asked->service ? &cip_connection_manager : object);
	memset(m, 0, sizeof *m);
	m->direction = "response";
	m->route = t->path.route.len ? t->path.route : e->route;
	m->cip_status_code = t->status;
	m->has_status = true;
	m->cip_extended_status_code = t->extended;
	m->has_extended = t->has_extended;
	m->cip_extended_status = extended_word(t);
	if (several)
		show_services(m, data);
	if (object && object->response)
		object->response(t);
	if (!several)
		keep_rest(t);
}

/* As of its request, and what came back. */
static uint64_t response_key(const struct cip_talk *t, const struct cip_envelope *e, struct oto_slice data, bool several, bool built)
{
	uint64_t came = (uint64_t)t->service << 32 | (uint64_t)t->status << 24 | (uint64_t)t->has_extended << 16 | t->extended;
	uint64_t key = oto_key_mix(t->asked->key, e->manner, came);

	return built ? mix_shown(key, t->m) : mix_unread(key, data, several);
}

/* The whole packet of services was refused: so was each of them. */
static void refuse_all(struct oto_ctx *cx, uint64_t key, const struct cip_note *note, const char *error)
{
	for (uint32_t i = 0; i < note->inner; i++) {
		struct oto_match match;
		oto_response(cx, key_inside(key, i), &match);
		if (match.found)
			speak_alike(cx, &match, alike(&match), OTO_OUTCOME_ERROR, error);
	}
}

static void speak_outcome(struct cip_talk *t, const struct oto_match *match, const struct cip_object *object, const char *error)
{
	enum oto_outcome_code code = error ? OTO_OUTCOME_ERROR : OTO_OUTCOME_OK;

	if (match->found) {
		oto_outcome(t->cx, match, code, error, NULL);
		return;
	}
	t->target = cip_target_of(t->cx, &t->path, object);
	struct oto_operation o = operation_of(t, t->m->route, false, 0);
	oto_outcome(t->cx, match, code, error, &o);
}

static void response(struct oto_ctx *cx, const struct cip_envelope *e, struct oto_slice whole)
{
	struct oto_cur c = oto_cur_of(whole);
	struct cip_message m;
	struct cip_talk t;
	struct oto_match alone, *match = e->among ? &e->among->match : &alone;
	uint32_t more = 0;

	begin_talk(&t, cx, &m, e);
	t.response = true;
	t.service = oto_u8(&c) & (CIP_RESPONSE - 1);
	oto_skip(&c, 1);
	t.status = oto_u8(&c);
	take_extended(&t, oto_sub(&c, oto_u8(&c) * 2u));
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
	if (note)
		take_note(&t, note);
	const struct cip_object *object = t.path.has_class || t.path.symbol.len ? cip_object_of(t.path.class_id) : NULL;
	if (!note && (t.service == CIP_FORWARD_OPEN || t.service == CIP_LARGE_FORWARD_OPEN || t.service == CIP_FORWARD_CLOSE ||
		      t.service == CIP_UNCONNECTED_SEND))
		object = &cip_connection_manager;
	bool several = t.service == CIP_MULTIPLE_SERVICE && (is_ok(t.status) || t.status == EMBEDDED_ERROR) && oto_left(&t.data) >= 2;
	bool built = !note || !is_plain(object);
	const struct oto_slice head = { whole.data, whole.len - data.len };
	uint32_t wait = e->among && !several && !built ? e->among->wait : 0; /* answers to the same request */
	if (built)
		read_response(&t, e, object, data, several);
	uint64_t key = note ? response_key(&t, e, data, several, built) : 0;
	if (!count_alike(cx, e, head, data.len != 0, wait, key, &more)) {
		if (!built)
			read_response(&t, e, object, data, several);
		t.path.symbol = cip_borrow(cx, t.path.symbol);
		m.route = cip_borrow(cx, m.route);
		m.latency = match->latency;
		m.matched = match->found;
		show_message(&t, e);
		oto_emit_as(cx, CIP_EV_MESSAGE, &m, key);
	}
	if (t.odd)
		malformed(cx, t.odd, whole);
	bool ok = is_ok(t.status) || (several && t.status == EMBEDDED_ERROR);
	speak_outcome(&t, match, object, ok ? NULL : error_word(&t));
	if (more) {
		e->among->wait -= more;
		oto_alike(cx, 1);
	}
	if (object && object->carries)
		deliver_carried(&t, whole);
	if (several && e->depth < DEPTH_MAX)
		multiple_services(cx, e, whole, data);
	else if (!several && note && note->inner)
		refuse_all(cx, e->key, note, error_word(&t));
}

void cip_message_refused(struct oto_ctx *cx, uint64_t key, const char *error)
{
	struct oto_match match;

	find_request(cx, key, ANY_SERVICE, &match);
	if (!match.found)
		return;
	speak_alike(cx, &match, alike(&match), OTO_OUTCOME_ERROR, error);
	refuse_all(cx, key, (const void *)match.note, error);
}

static void read_one(struct oto_ctx *cx, const struct cip_envelope *e, struct oto_slice bytes)
{
	struct oto_cur peek = oto_cur_of(bytes);

	if (oto_u8(&peek) & CIP_RESPONSE)
		response(cx, e, bytes);
	else
		request(cx, e, bytes);
}

void cip_message_read(struct oto_ctx *cx, struct cip_envelope *e, struct oto_slice bytes)
{
	seal(cx, e);
	read_one(cx, e, bytes);
}
