/* mqtt.c - MQTT 3.1, 3.1.1 and 5.0: who connects as whom, who publishes and subscribes to what, as Zeek's mqtt logs have them.
 *
 * Publishing is an operation that writes a topic, subscribing one that reads it, both on the broker. Payloads are counted and passed over;
 * passwords are passed over, that there was one is a fact. A long PUBLISH is framed as its head, and its payload skipped. What waits for an
 * acknowledgement is a request of the contract's pairing; its note holds the row.
 *
 * Specification: MQTT 3.1 (IBM), 3.1.1 and 5.0 (OASIS).
 */
#include "../say.h"
#include "mqtt_packet.h"
#include "mqtt_tables.h"

/* ------------------------------------------------------------------------------------------------ events */

struct mqtt_message {
	uint8_t type;
	uint32_t length;
	bool from_client;
};
#define M(m, doc_, ...) OTO_FIELD(struct mqtt_message, m, doc_, __VA_ARGS__)
static const struct oto_field message_fields[] = {
	M(type, "control packet", .names = &mqtt_types),
	M(length, "bytes behind its fixed header"),
	M(from_client, "sent to the broker"),
};
static const struct oto_event_type message_event = OTO_EVENT("mqtt.message", struct mqtt_message, message_fields, "Any control packet.");

struct mqtt_connect {
	struct oto_time ts;
	struct oto_slice proto_name, client_id, connect_status, will_topic, user, auth_method;
	const char *proto_version, *will_payload;
	uint32_t will_payload_len, keep_alive;
	uint8_t will_qos;
	bool clean, has_will, will_retain, password, has_connect;
};
#define C(m, doc_, ...) OTO_FIELD(struct mqtt_connect, m, doc_, __VA_ARGS__)
#define C_IF(has) .guard = OTO_IF(struct mqtt_connect, has)
static const struct oto_field connect_fields[] = {
	C(ts, "of CONNECT"),
	C(proto_name, "MQTT, or MQIsdp before 3.1.1"),
	C(proto_version, "version"),
	C(client_id, "the client's identifier, or the one that the broker gave"),
	C(connect_status, "the broker's answer; absent: none was seen"),
	C(will_topic, "topic of the last will"),
	C(will_payload, "never"),
	C(will_payload_len, "its length", C_IF(has_will)),
	C(will_qos, "its quality of service", .names = &mqtt_qos, C_IF(has_will)),
	C(will_retain, "the broker keeps it", C_IF(has_will)),
	C(user, "user name"),
	C(password, "there was one", C_IF(has_connect)),
	C(auth_method, "extended authentication"),
	C(clean, "earlier subscriptions are forgotten", C_IF(has_connect)),
	C(keep_alive, "seconds within which the client speaks", .flags = OTO_SECONDS, C_IF(has_connect)),
};
static const struct oto_log connect_logs[] = {
	{ .name = "mqtt_connect",
	  .doc = "Clients and how brokers received them: Zeek's columns.",
	  .columns = "proto_name proto_version client_id connect_status will_topic will_payload",
	  .extra = "user password auth_method will_payload_len clean keep_alive",
	  .form = OTO_FORM_DETAIL },
};
static const struct oto_event_type connect_event =
    OTO_EVENT("mqtt.connect", struct mqtt_connect, connect_fields, "A client connects; told at the broker's answer or when the flow ends.",
	      OTO_LOGS(connect_logs));

struct mqtt_publish {
	struct oto_time ts;
	struct oto_slice topic;
	const char *qos, *status, *payload;
	uint64_t payload_len;
	bool from_client, retain, dup;
};
#define P(m, doc_) OTO_FIELD(struct mqtt_publish, m, doc_)
static const struct oto_field publish_fields[] = {
	P(ts, "of PUBLISH"),
	P(from_client, "to the broker; otherwise to a subscriber"),
	P(retain, "the broker keeps it"),
	P(dup, "sent before"),
	P(qos, "quality of service"),
	P(status, "ok, or incomplete_qos when acknowledgements are missing"),
	P(topic, "topic"),
	P(payload, "never"),
	P(payload_len, "bytes of payload"),
};
static const struct oto_log publish_logs[] = {
	{ .name = "mqtt_publish",
	  .doc = "Messages: Zeek's columns, in detail; otherwise who publishes what and how often.",
	  .columns = "from_client retain qos status topic payload payload_len",
	  .key = "orig_h resp_h resp_p from_client topic qos retain status",
	  .form = OTO_FORM_AGGREGATE },
};
static const struct oto_event_type publish_event =
    OTO_EVENT("mqtt.publish", struct mqtt_publish, publish_fields,
	      "A message, told when its quality of service is reached, or when that does not happen in time.", OTO_LOGS(publish_logs));

struct mqtt_subscribe {
	struct oto_time ts;
	const char *action;
	struct oto_list topics;
	struct oto_vec qos_levels;
	uint64_t granted_qos_level;
	uint32_t count;
	bool ack, has_granted, has_topics, has_qos;
};
#define S(m, doc_, ...) OTO_FIELD(struct mqtt_subscribe, m, doc_, __VA_ARGS__)
#define S_IF(has) .guard = OTO_IF(struct mqtt_subscribe, has)
static const struct oto_field subscribe_fields[] = {
	S(ts, "of SUBSCRIBE or UNSUBSCRIBE"),
	S(action, "MQTT::SUBSCRIBE or MQTT::UNSUBSCRIBE"),
	S(topics, "topic filters", S_IF(has_topics)),
	S(qos_levels, "quality of service asked for, of each", S_IF(has_qos)),
	S(granted_qos_level, "what the broker grants the first", S_IF(has_granted)),
	S(ack, "the broker answered"),
	S(count, "how many filters there were, with those that found no room here"),
};
static const struct oto_log subscribe_logs[] = {
	{ .name = "mqtt_subscribe",
	  .doc = "Subscriptions and their ends: Zeek's columns.",
	  .columns = "action topics qos_levels granted_qos_level ack",
	  .form = OTO_FORM_DETAIL },
};
static const struct oto_event_type subscribe_event =
    OTO_EVENT("mqtt.subscribe", struct mqtt_subscribe, subscribe_fields,
	      "A client subscribes or ends that; told at the broker's answer, or when none comes.", OTO_LOGS(subscribe_logs));

struct mqtt_end {
	uint8_t reason;
	bool from_client;
};
static const struct oto_field end_fields[] = {
	OTO_FIELD(struct mqtt_end, from_client, "sent by the client"),
	OTO_FIELD(struct mqtt_end, reason, "why", .names = &mqtt_reasons),
};
static const struct oto_event_type end_event = OTO_EVENT("mqtt.disconnect", struct mqtt_end, end_fields, "A side takes its leave.");

static const struct oto_event_type *const events[] = { &message_event, &connect_event, &publish_event, &subscribe_event, &end_event };
enum { EV_MESSAGE, EV_CONNECT, EV_PUBLISH, EV_SUBSCRIBE, EV_END };

/* ------------------------------------------------------------------------------------------------ state */

enum { NAME_MAX_LEN = 16, ID_MAX = 256, USER_MAX = 128, TOPIC_MAX = 384, ALIASES = 32, WHOLE_MAX = 8192, HEAD_MAX = 60000 };

struct alias {
	uint16_t alias, len;
	uint8_t topic[];
};

struct state {
	uint8_t level; /* 0: not known */
	bool known, client_is_orig, connecting, told_role, has_will, will_retain, has_password, clean;
	uint8_t will_qos, name_len;
	uint16_t id_len, will_topic_len, user_len, keep_alive, method_len;
	uint32_t will_len;
	uint64_t skip[2]; /* payload still to come, by sender */
	bool passed_over; /* what is lost lay inside of it */
	struct oto_time asked;
	struct alias *alias[2][ALIASES]; /* topics that MQTT 5.0 abbreviates, by sender */
	uint8_t name[NAME_MAX_LEN], id[ID_MAX], will_topic[TOPIC_MAX], user[USER_MAX], method[USER_MAX];
};
_Static_assert(sizeof(struct state) <= OTO_STATE_MAX, "the state must fit");

/* A message, subscription or connection that waits to be acknowledged. */
struct note {
	struct oto_time ts;
	uint64_t payload_len;
	uint32_t count;
	uint8_t type, qos, kept; /* kept: topics in the text, each behind a zero byte but the first */
	bool from_client, retain, dup, received, released;
	uint16_t text_len;
	uint8_t level[MQTT_TOPICS_MAX];
	uint8_t text[TOPIC_MAX];
};
_Static_assert(sizeof(struct note) <= OTO_NOTE_MAX, "the note must fit");

static bool from_client(const struct oto_ctx *cx)
{
	const struct state *st = cx->state;

	if (st->known)
		return cx->is_orig == st->client_is_orig;
	return cx->key ? oto_dest_port(cx) == cx->key : cx->is_orig;
}

static uint64_t key_of(bool by_orig, uint8_t type, uint16_t id)
{
	return (uint64_t)by_orig << 32 | (uint64_t)type << 16 | id;
}

static uint16_t keep_text(uint8_t *to, uint32_t room, struct oto_slice s)
{
	uint32_t n = s.len < room ? s.len : room;

	if (n)
		memcpy(to, s.data, n);
	return (uint16_t)n;
}

static struct oto_slice text_of(struct oto_ctx *cx, const uint8_t *text, uint32_t len)
{
	return say_copy(cx, (struct oto_slice){ text, len });
}

/* ------------------------------------------------------------------------------------------------ rows */

static const char *word(const struct oto_names *names, uint32_t value)
{
	const struct oto_name *row = oto_name_of(names, value);
	return row ? row->name : NULL;
}

static void tell_publish(struct oto_ctx *cx, const struct note *n, bool ok)
{
	if (!oto_wanted(cx, EV_PUBLISH))
		return;
	struct mqtt_publish e = {
		.ts = n->ts,
		.topic = text_of(cx, n->text, n->text_len),
		.qos = word(&mqtt_qos, n->qos),
		.status = ok ? "ok" : "incomplete_qos",
		.payload_len = n->payload_len,
		.from_client = n->from_client,
		.retain = n->retain,
		.dup = n->dup,
	};
	oto_emit(cx, EV_PUBLISH, &e);
}

static struct oto_list topics_of(struct oto_ctx *cx, const struct note *n)
{
	struct oto_slice *items = n->kept ? oto_scratch(cx, n->kept * sizeof *items) : NULL;
	struct oto_slice rest = text_of(cx, n->text, n->text_len);

	for (uint32_t i = 0; items && i < n->kept; i++) {
		items[i] = say_string(rest);
		rest = say_from(rest, items[i].len + 1);
	}
	return (struct oto_list){ items, items ? n->kept : 0 };
}

static void tell_subscribe(struct oto_ctx *cx, const struct note *n, bool ack, bool granted, uint8_t qos)
{
	bool subscribe = n->type == MQTT_SUBSCRIBE;

	if (!oto_wanted(cx, EV_SUBSCRIBE))
		return;
	struct oto_slice levels = text_of(cx, n->level, subscribe ? n->kept : 0);
	struct mqtt_subscribe e = {
		.ts = n->ts,
		.action = subscribe ? "MQTT::SUBSCRIBE" : "MQTT::UNSUBSCRIBE",
		.topics = topics_of(cx, n),
		.has_topics = true,
		.qos_levels = { levels.data, levels.len, OTO_VEC_U8 },
		.has_qos = subscribe,
		.granted_qos_level = qos,
		.has_granted = granted,
		.ack = ack,
		.count = n->count,
	};
	oto_emit(cx, EV_SUBSCRIBE, &e);
}

static void tell_connect(struct oto_ctx *cx, const char *status)
{
	struct state *st = cx->state;

	bool whole = st->connecting;
	st->connecting = false;
	if (!oto_wanted(cx, EV_CONNECT))
		return;
	struct mqtt_connect e = { .ts = whole ? st->asked : cx->head->ts, .connect_status = oto_slice_of(status), .has_connect = whole };
	e.client_id = text_of(cx, st->id, st->id_len);
	if (whole) {
		e.proto_name = text_of(cx, st->name, st->name_len);
		e.proto_version = word(&mqtt_versions, st->level);
		e.will_topic = text_of(cx, st->will_topic, st->will_topic_len);
		e.user = text_of(cx, st->user, st->user_len);
		e.auth_method = text_of(cx, st->method, st->method_len);
		e.has_will = st->has_will;
		e.will_payload_len = st->will_len;
		e.will_qos = st->will_qos;
		e.will_retain = st->will_retain;
		e.password = st->has_password;
		e.clean = st->clean;
		e.keep_alive = st->keep_alive;
	}
	oto_emit(cx, EV_CONNECT, &e);
}

/* ------------------------------------------------------------------------------------------------ connecting */

static void tell_client(struct oto_ctx *cx, const struct mqtt_connect_packet *p)
{
	bool secret = p->has_password && p->password_len;

	say_fact(cx, "role", oto_slice_of("mqtt client"), SAY_STATED);
	say_fact(cx, "mqtt_client_id", p->client_id, SAY_SURE);
	say_fact(cx, "user", p->user, SAY_STATED);
	if (secret)
		say_fact(cx, "cleartext_login",
			 say_text(cx, USER_MAX + 16, "mqtt, user %.*s", (int)say_first(p->user, USER_MAX).len, (const char *)p->user.data),
			 SAY_SURE);
}

static void connect_packet(struct oto_ctx *cx, struct oto_cur *c)
{
	struct state *st = cx->state;
	struct mqtt_connect_packet p;

	mqtt_connect_read(c, &p);
	if (c->bad)
		return;
	st->known = true;
	st->client_is_orig = cx->is_orig;
	st->level = p.level;
	st->connecting = true;
	st->asked = cx->head->ts;
	st->name_len = (uint8_t)keep_text(st->name, NAME_MAX_LEN, p.name);
	st->id_len = keep_text(st->id, ID_MAX, p.client_id);
	st->will_topic_len = keep_text(st->will_topic, TOPIC_MAX, p.will_topic);
	st->user_len = keep_text(st->user, USER_MAX, p.user);
	st->method_len = keep_text(st->method, USER_MAX, p.auth_method);
	st->has_will = p.will;
	st->will_qos = p.will_qos;
	st->will_retain = p.will_retain;
	st->will_len = p.will_len;
	st->has_password = p.has_password;
	st->clean = p.clean;
	st->keep_alive = p.keep_alive;
	tell_client(cx, &p);
	if (!p.has_user && !p.has_password && !p.auth_method.len)
		return;
	struct note n = { .ts = cx->head->ts, .type = MQTT_CONNECT };
	oto_request(cx, key_of(cx->is_orig, MQTT_CONNECT, 0), &n);
	oto_operation(cx, &(struct oto_operation){ .self_size = sizeof(struct oto_operation),
						   .op = OTO_OP_AUTHENTICATE,
						   .func = "connect",
						   .func_code = MQTT_CONNECT,
						   .target = { .space = "user", .name = p.user } });
}

static const char *status_of(struct oto_ctx *cx, const struct state *st, uint8_t code)
{
	const char *known = st->level >= MQTT_LEVEL_5 ? (code ? word(&mqtt_reasons, code) : NULL) : NULL;

	if (!known)
		known = word(&mqtt_return_codes, code);
	return known ? known : (const char *)say_text(cx, 40, "unknown-return-code-%u", code).data;
}

/* Behind what every version has in a packet, only version 5 has more (3.4.2.1 and the like). */
static void learn_level(struct state *st, bool more)
{
	if (!st->level && more)
		st->level = MQTT_LEVEL_5;
}

static void connack_packet(struct oto_ctx *cx, struct oto_cur *c)
{
	struct state *st = cx->state;
	struct mqtt_properties p = { 0 };
	struct oto_match m;

	oto_skip(c, 1);
	uint8_t code = oto_u8(c);
	learn_level(st, oto_left(c));
	if (st->level >= MQTT_LEVEL_5 && oto_left(c))
		mqtt_properties_read(c, &p);
	if (c->bad)
		return;
	if (p.assigned_id.len)
		st->id_len = keep_text(st->id, ID_MAX, p.assigned_id);
	if (!st->told_role) {
		st->told_role = true;
		say_fact(cx, "role", oto_slice_of("mqtt broker"), SAY_SURE);
	}
	oto_response(cx, key_of(!cx->is_orig, MQTT_CONNECT, 0), &m);
	if (m.found) {
		const char *why = word(st->level >= MQTT_LEVEL_5 ? &mqtt_reasons : &mqtt_return_codes, code);
		oto_outcome(cx, &m, code ? OTO_OUTCOME_ERROR : OTO_OUTCOME_OK, code ? (why ? why : "refused") : NULL, NULL);
	}
	tell_connect(cx, status_of(cx, st, code));
}

/* ------------------------------------------------------------------------------------------------ messages */

/* MQTT 5.0 3.3.2.3.4: a number stands for a topic that was named before. */
static struct oto_slice resolve(struct oto_ctx *cx, const struct mqtt_publish_packet *p)
{
	struct state *st = cx->state;

	if (!p->has_alias || !p->alias || p->alias > ALIASES)
		return p->topic;
	struct alias **at = &st->alias[cx->is_orig][p->alias - 1];
	if (!p->topic.len)
		return *at ? text_of(cx, (*at)->topic, (*at)->len) : p->topic;
	if (*at && (*at)->len == p->topic.len && memcmp((*at)->topic, p->topic.data, p->topic.len) == 0)
		return p->topic;
	if (*at)
		oto_let_go(cx, *at);
	*at = oto_hold(cx, (uint32_t)sizeof **at + p->topic.len);
	if (*at)
		(*at)->len = keep_text((*at)->topic, p->topic.len, p->topic);
	return p->topic;
}

static void operate(struct oto_ctx *cx, const char *func, uint32_t code, uint32_t op, struct oto_slice topic)
{
	oto_operation(cx, &(struct oto_operation){ .self_size = sizeof(struct oto_operation),
						   .op = op,
						   .func = func,
						   .func_code = code,
						   .target = { .space = "topic", .name = topic } });
}

static void publish_packet(struct oto_ctx *cx, struct oto_cur *c, const struct mqtt_header *h)
{
	struct state *st = cx->state;
	struct mqtt_publish_packet p;

	struct oto_cur again = *c;
	mqtt_publish_read(c, h, st->level, &p);
	if (c->bad && !st->level) { /* the head alone of a long one, which ends before what would be properties */
		*c = again;
		mqtt_publish_read(c, h, MQTT_LEVEL_311, &p);
	}
	if (c->bad)
		return;
	st->level = p.level;
	uint32_t here = oto_left(c);
	st->skip[cx->is_orig] = h->rest - p.head - here;
	struct oto_slice topic = resolve(cx, &p);
	struct note n = { .ts = cx->head->ts,
			  .type = MQTT_PUBLISH,
			  .payload_len = h->rest - p.head,
			  .qos = p.qos,
			  .from_client = from_client(cx),
			  .retain = p.retain,
			  .dup = p.dup };
	n.text_len = keep_text(n.text, TOPIC_MAX, topic);
	if (p.qos)
		oto_request(cx, key_of(cx->is_orig, MQTT_PUBLISH, p.id), &n);
	if (n.from_client)
		operate(cx, "publish", MQTT_PUBLISH, OTO_OP_WRITE, topic);
	if (!p.qos)
		tell_publish(cx, &n, true);
}

/* Identifier and, from version 5 on, a reason; without one it is success. */
static uint8_t take_reason(struct oto_cur *c)
{
	return oto_left(c) ? oto_u8(c) : 0;
}

/* The outcome of an operation: what a client published or subscribed to. */
static void settle(struct oto_ctx *cx, const struct oto_match *m, uint8_t reason)
{
	enum { REFUSED = 0x80 };
	const char *why = word(&mqtt_reasons, reason);

	if (reason < REFUSED)
		oto_outcome(cx, m, OTO_OUTCOME_OK, NULL, NULL);
	else
		oto_outcome(cx, m, OTO_OUTCOME_ERROR, why ? why : "refused", NULL);
}

/* PUBACK; PUBREC, PUBREL, PUBCOMP in turn. The receiver of the message sends all but PUBREL. */
static void acknowledge(struct oto_ctx *cx, struct oto_cur *c, uint8_t type)
{
	enum { REFUSED = 0x80 };
	bool by_orig = type == MQTT_PUBREL ? cx->is_orig : !cx->is_orig;
	uint16_t id = oto_be16(c);
	struct oto_match m;
	struct note n;

	learn_level(cx->state, oto_left(c));
	uint8_t reason = take_reason(c);
	if (c->bad)
		return;
	oto_response(cx, key_of(by_orig, MQTT_PUBLISH, id), &m);
	if (!m.found)
		return;
	memcpy(&n, m.note, sizeof n);
	n.received |= type == MQTT_PUBREC;
	n.released |= type == MQTT_PUBREL;
	if (n.from_client && (type == MQTT_PUBACK || type == MQTT_PUBREC))
		settle(cx, &m, reason);
	bool done = type == MQTT_PUBACK || type == MQTT_PUBCOMP || reason >= REFUSED;
	bool whole = n.qos == 1 ? type == MQTT_PUBACK : n.received && n.released && type == MQTT_PUBCOMP;
	if (done)
		tell_publish(cx, &n, whole && reason < REFUSED);
	else
		oto_request(cx, key_of(by_orig, MQTT_PUBLISH, id), &n);
}

/* ------------------------------------------------------------------------------------------------ subscriptions */

static void keep_topics(struct note *n, const struct mqtt_topics *t)
{
	for (uint32_t i = 0; i < t->count && i < MQTT_TOPICS_MAX; i++) {
		uint32_t at = n->text_len + (n->kept ? 1u : 0u);
		if (at + t->topic[i].len > TOPIC_MAX)
			break;
		keep_text(&n->text[at], TOPIC_MAX - at, t->topic[i]);
		n->text_len = (uint16_t)(at + t->topic[i].len);
		n->level[n->kept++] = t->qos[i];
	}
}

static void topics_packet(struct oto_ctx *cx, struct oto_cur *c, uint8_t type)
{
	struct state *st = cx->state;
	struct mqtt_topics t;

	mqtt_topics_read(c, type == MQTT_SUBSCRIBE, st->known ? st->level : 0, &t);
	if (c->bad)
		return;
	st->level = t.level;
	struct note n = { .ts = cx->head->ts, .type = type, .count = t.count };
	keep_topics(&n, &t);
	oto_request(cx, key_of(cx->is_orig, type, t.id), &n);
	for (uint32_t i = 0; type == MQTT_SUBSCRIBE && i < t.count && i < MQTT_TOPICS_MAX; i++)
		operate(cx, "subscribe", MQTT_SUBSCRIBE, OTO_OP_READ, t.topic[i]);
}

/* Without a version known, that in which there is a code for each filter (3.9.3); before version 5 UNSUBACK has none. */
static void level_by_codes(struct state *st, uint32_t here, uint8_t asked, const struct note *n)
{
	uint32_t expected = asked == MQTT_UNSUBSCRIBE ? 0 : n ? n->count : 1;

	if (!st->level && here == expected)
		st->level = MQTT_LEVEL_311;
	learn_level(st, n || asked == MQTT_UNSUBSCRIBE);
}

static void granted(struct oto_ctx *cx, struct oto_cur *c, uint8_t asked)
{
	struct state *st = cx->state;
	struct mqtt_properties ignored;
	struct oto_match m;
	uint16_t id = oto_be16(c);

	oto_response(cx, key_of(!cx->is_orig, asked, id), &m);
	const struct note *n = m.found ? (const struct note *)(const void *)m.note : NULL;
	level_by_codes(st, oto_left(c), asked, n);
	if (st->level >= MQTT_LEVEL_5)
		mqtt_properties_read(c, &ignored);
	bool has_code = oto_left(c);
	uint8_t code = take_reason(c);
	if (c->bad || !n)
		return;
	if (asked == MQTT_SUBSCRIBE)
		settle(cx, &m, code);
	tell_subscribe(cx, n, true, has_code && asked == MQTT_SUBSCRIBE, code);
}

/* ------------------------------------------------------------------------------------------------ packets */

static void tell_message(struct oto_ctx *cx, const struct mqtt_header *h)
{
	if (!oto_wanted(cx, EV_MESSAGE))
		return;
	struct mqtt_message e = { .type = h->type, .length = h->rest, .from_client = from_client(cx) };
	oto_emit(cx, EV_MESSAGE, &e);
}

static void disconnect(struct oto_ctx *cx, struct oto_cur *c)
{
	learn_level(cx->state, oto_left(c));
	struct mqtt_end e = { .reason = take_reason(c), .from_client = from_client(cx) };
	oto_emit(cx, EV_END, &e);
}

static void packet(struct oto_ctx *cx, struct oto_cur *c, const struct mqtt_header *h)
{
	switch (h->type) {
	case MQTT_CONNECT:
		connect_packet(cx, c);
		break;
	case MQTT_CONNACK:
		connack_packet(cx, c);
		break;
	case MQTT_PUBLISH:
		publish_packet(cx, c, h);
		break;
	case MQTT_PUBACK:
	case MQTT_PUBREC:
	case MQTT_PUBREL:
	case MQTT_PUBCOMP:
		acknowledge(cx, c, h->type);
		break;
	case MQTT_SUBSCRIBE:
	case MQTT_UNSUBSCRIBE:
		topics_packet(cx, c, h->type);
		break;
	case MQTT_SUBACK:
		granted(cx, c, MQTT_SUBSCRIBE);
		break;
	case MQTT_UNSUBACK:
		granted(cx, c, MQTT_UNSUBSCRIBE);
		break;
	case MQTT_DISCONNECT:
		disconnect(cx, c);
		break;
	case MQTT_AUTH:
		learn_level(cx->state, true);
		break;
	default:
		break;
	}
}

static void pdu(struct oto_ctx *cx, struct oto_cur *c)
{
	struct state *st = cx->state;
	uint64_t *skip = &st->skip[cx->is_orig];
	struct mqtt_header h;

	if (*skip) {
		uint32_t here = oto_left(c);
		*skip -= here < *skip ? here : *skip;
		return;
	}
	if (mqtt_header_read(*c, &h) != 1) {
		c->bad = true;
		return;
	}
	oto_skip(c, h.size);
	packet(cx, c, &h);
	if (!c->bad)
		tell_message(cx, &h);
}

/* A long PUBLISH is its head alone; what it carries is passed over as it comes. */
static int64_t head_length(const struct state *st, struct oto_cur c, const struct mqtt_header *h)
{
	struct mqtt_publish_packet p;
	uint32_t here = oto_left(&c);

	oto_skip(&c, h->size);
	mqtt_publish_read(&c, h, st->level, &p);
	if (!c.bad)
		return (int64_t)h->size + p.head;
	return here < HEAD_MAX ? 0 : -1;
}

static int64_t pdu_len(const struct oto_ctx *cx, struct oto_cur c)
{
	const struct state *st = cx->state;
	uint64_t skip = st->skip[cx->is_orig];
	struct mqtt_header h;

	if (skip)
		return skip < oto_left(&c) ? (int64_t)skip : oto_left(&c);
	int read = mqtt_header_read(c, &h);
	if (read < 1)
		return read;
	if (h.type == MQTT_PUBLISH && h.rest > WHOLE_MAX)
		return head_length(st, c, &h);
	return (int64_t)h.size + h.rest;
}

static bool lost_inside(struct oto_ctx *cx, uint64_t n)
{
	struct state *st = cx->state;
	uint64_t *skip = &st->skip[cx->is_orig];

	if (n > *skip)
		return false;
	*skip -= n;
	st->passed_over = true;
	return true;
}

static void gap(struct oto_ctx *cx, uint64_t n)
{
	struct state *st = cx->state;

	(void)n;
	if (!st->passed_over)
		st->skip[cx->is_orig] = 0;
	st->passed_over = false;
}

static void unanswered(struct oto_ctx *cx, const void *note)
{
	const struct note *n = note;

	if (n->type == MQTT_PUBLISH)
		tell_publish(cx, n, false);
	else if (n->type != MQTT_CONNECT)
		tell_subscribe(cx, n, false, false, 0);
}

static void closing(struct oto_ctx *cx)
{
	const struct state *st = cx->state;

	if (st->connecting)
		tell_connect(cx, NULL);
}

/* ------------------------------------------------------------------------------------------------ recognising */

/* A topic has no control characters, and that of a message no wildcards (4.7). */
static bool is_topic(struct oto_slice s)
{
	for (uint32_t i = 0; i < s.len; i++) {
		if (s.data[i] < ' ' || s.data[i] == 0x7f || s.data[i] == '#' || s.data[i] == '+')
			return false;
	}
	return true;
}

/* What may stand at the start of a segment of a connection that was joined late. */
static enum oto_answer any_packet(struct oto_cur c, const struct mqtt_header *h)
{
	enum { ACK_MAX = 64 };
	uint32_t here = oto_left(&c) - h->size;

	oto_skip(&c, h->size);
	if (h->type == MQTT_PUBLISH) {
		uint16_t n = oto_be16(&c);
		struct oto_slice topic = oto_take(&c, here >= 2 && n > here - 2 ? here - 2 : n);
		return c.bad ? OTO_NEED_MORE : n + 2u <= h->rest && is_topic(topic) ? OTO_MINE : OTO_NOT_MINE;
	}
	if (h->type == MQTT_SUBSCRIBE || h->type == MQTT_UNSUBSCRIBE)
		return h->rest < WHOLE_MAX ? OTO_MINE : OTO_NOT_MINE;
	return h->rest <= ACK_MAX || h->type == MQTT_CONNACK ? OTO_MINE : OTO_NOT_MINE;
}

static enum oto_answer probe(const struct oto_ctx *cx, struct oto_cur c)
{
	struct mqtt_header h;
	int read = mqtt_header_read(c, &h);

	if (read < 1)
		return read ? OTO_NOT_MINE : OTO_NEED_MORE;
	if (h.type == MQTT_CONNECT) {
		oto_skip(&c, h.size);
		return mqtt_is_connect(c);
	}
	return cx->key ? any_packet(c, &h) : OTO_NOT_MINE;
}

static const struct oto_pairing pairing = {
	.self_size = sizeof pairing,
	.note_size = sizeof(struct note),
	.scope = OTO_SCOPE_FLOW,
	.keyed = true,
	.expiry_ns = INT64_C(5000000000), /* as long as Zeek waits */
};

static const struct oto_analyzer mqtt = {
	.self_size = sizeof mqtt,
	.name = "mqtt",
	.doc = "MQTT 3.1, 3.1.1 and 5.0 on any port.",
	.keys = "tcp/1883",
	.flags = OTO_ANY_PORT,
	.probe = probe,
	.pdu_len = pdu_len,
	.pdu = pdu,
	.gap = gap,
	.lost_inside = lost_inside,
	.unanswered = unanswered,
	.closing = closing,
	.state_size = sizeof(struct state),
	.events = events,
	.nevents = sizeof events / sizeof *events,
	.pairing = &pairing,
};
OTO_ANALYZER(mqtt);
