/* s7comm_alarm.c - messages of the CPU: alarms, notifications, diagnostic entries, who subscribes to them and what is done about them. */
#include "s7comm.h"

static struct s7_alarm alarm_event(struct s7_pdu *p)
{
	struct s7_alarm e = { .subfunction = p->m.subfunction };
	uint16_t port;

	s7_speakers(p->cx, &e.source_h, &port, &e.destination_h, &port);
	return e;
}

/* An entry of the diagnostic buffer: event, priority class, OB, more. */
void s7_diagnostic(struct s7_pdu *p, struct oto_cur c)
{
	struct s7_alarm e = alarm_event(p);

	e.number = p->entry;
	e.event_id = oto_be16(&c);
	e.event_class = (uint16_t)(e.event_id >> 12);
	e.priority = oto_u8(&c);
	e.ob_number = oto_u8(&c);
	oto_skip(&c, 2);
	oto_skip(&c, 2);
	e.info = oto_be32(&c);
	if (c.bad)
		return;
	e.has_clock = s7_take_time(&c, &e.clock);
	e.has_event = e.has_diagnosis = true;
	oto_emit(p->cx, EV_ALARM, &e);
}

/* Signals, state, acknowledgements: what follows an alarm's number, by syntax. */
static void take_signals(struct s7_alarm *e, struct oto_cur *spec)
{
	bool told = e->syntax == S7_ALARM_IND || e->syntax == S7_NOTIFY_IND;

	if (told && oto_left(spec) >= 2) {
		e->event_state = oto_u8(spec);
		e->state = oto_u8(spec);
		e->has_signals = e->has_state = true;
	}
	if ((e->has_state || e->syntax == S7_ALARM_ACK) && oto_left(spec) >= 2) {
		e->ack_going = oto_u8(spec);
		e->ack_coming = oto_u8(spec);
		e->has_ack = true;
	}
	if (e->syntax == S7_NOTIFY_IND && oto_left(spec) >= 3) {
		e->going = oto_u8(spec);
		e->coming = oto_u8(spec);
		e->changed = oto_u8(spec);
		e->has_changes = true;
	}
}

/* Alarms are asked for by their kind or by number. */
static void take_query(struct s7_alarm *e, struct oto_cur *spec)
{
	enum { BY_KIND = 1 };
	uint8_t by = oto_u8(spec);

	oto_skip(spec, 1);
	if (by == BY_KIND) {
		e->kind = (uint8_t)oto_be32(spec);
		e->has_kind = !spec->bad;
		return;
	}
	e->event_id = oto_be32(spec);
	e->has_event = !spec->bad;
}

static bool take_object(struct oto_cur *c, struct s7_alarm *e, bool last)
{
	enum { SPECIFICATION = 0x12 };

	if (oto_left(c) < 3 || oto_u8(c) != SPECIFICATION)
		return false;
	uint8_t length = oto_u8(c);
	if (length > oto_left(c))
		return false;
	struct oto_cur spec = oto_sub(c, length);
	e->syntax = oto_u8(&spec);
	e->has_syntax = true;
	uint8_t values = oto_u8(&spec);
	if (e->syntax == S7_ALARM_QUERY) {
		take_query(e, &spec);
		return true;
	}
	e->event_id = oto_be32(&spec);
	e->has_event = !spec.bad;
	take_signals(e, &spec);
	if (e->has_state) {
		e->values = s7_take_values(c, values, last);
		e->has_values = e->values.len != 0;
	}
	return true;
}

/* "0x60000007,0x60000008", or the kind that is asked for. */
static void put_name(struct s7_text *t, const struct s7_alarm *e)
{
	const struct oto_name *kind = e->has_kind ? oto_name_of(&s7_alarm_kinds, e->kind) : NULL;

	if (t->len && (e->has_event || kind))
		s7_put_byte(t, ',');
	if (kind)
		s7_put(t, kind->name);
	if (!e->has_event)
		return;
	s7_put(t, "0x");
	s7_put_hex(t, e->event_id, 8);
}

/* Objects of an alarm: specification, event, signals, then associated values. */
static void alarm_objects(struct s7_pdu *p, struct oto_cur c, bool timed)
{
	enum { OBJECTS_MAX = 64, NAMES = 256 };
	struct s7_text names = s7_text_new(p->cx, p->op.op ? NAMES : 0);
	struct oto_time clock = { 0 };
	bool has_clock = timed && s7_take_time(&c, &clock);

	oto_skip(&c, 1); /* function identifier */
	uint8_t count = oto_u8(&c);
	for (uint32_t i = 0; i < count && i < OBJECTS_MAX; i++) {
		struct s7_alarm e = alarm_event(p);
		e.clock = clock;
		e.has_clock = has_clock;
		e.number = (uint8_t)(i + 1);
		if (!take_object(&c, &e, i + 1u == count))
			break;
		put_name(&names, &e);
		oto_emit(p->cx, EV_ALARM, &e);
	}
	if (names.len)
		p->op.target = (struct oto_target){ .space = "alarm", .name = s7_text_of(&names) };
}

/* What is done to alarms is answered by a return code for each. */
static void alarm_results(struct s7_pdu *p, struct oto_cur c)
{
	oto_skip(&c, 1);
	for (uint8_t count = oto_u8(&c); count && oto_left(&c) && !p->failed; count--) {
		uint8_t code = oto_u8(&c);
		if (code != S7_OK && code != 0)
			p->failed = s7_return_word(code);
	}
}

/* When it came and went, each with a value. */
static void take_times(struct s7_alarm *e, struct oto_cur set)
{
	e->has_clock = s7_take_time(&set, &e->clock);
	e->values = s7_take_values(&set, 1, true);
	e->has_values = e->values.len != 0;
	e->has_gone = s7_take_time(&set, &e->gone);
}

/* The alarms that there are: a return code, the length of all, then a data set for each. */
static void alarms_there(struct s7_pdu *p, struct oto_cur c)
{
	enum { SETS_MAX = 256, KIND_S = 4 };

	oto_skip(&c, 2);
	uint8_t code = oto_u8(&c);
	oto_skip(&c, 1);
	uint32_t length = oto_be16(&c);
	struct oto_cur all = oto_sub(&c, length < oto_left(&c) ? length : oto_left(&c));
	for (uint32_t i = 0; i < SETS_MAX && code == S7_OK && oto_left(&all) >= 12; i++) {
		struct oto_cur at = all, set = oto_sub(&all, oto_u8(&at) + 2u);
		struct s7_alarm e = alarm_event(p);
		oto_skip(&set, 3); /* its length, a filler */
		e.kind = oto_u8(&set);
		e.event_id = oto_be32(&set);
		oto_skip(&set, 1);
		e.event_state = oto_u8(&set);
		e.ack_going = oto_u8(&set);
		e.ack_coming = oto_u8(&set);
		if (set.bad)
			return;
		e.number = (uint8_t)(i + 1);
		e.has_event = e.has_signals = e.has_ack = e.has_kind = true;
		if (e.kind == KIND_S)
			take_times(&e, set);
		oto_emit(p->cx, EV_ALARM, &e);
	}
}

/* Which messages a client wants, and its name. */
static void subscription(struct s7_pdu *p, struct oto_cur c)
{
	p->m.session_events = oto_u8(&c);
	oto_skip(&c, 1);
	struct oto_slice user = s7_trimmed(oto_take(&c, 8));
	if (c.bad)
		return;
	p->m.has_events = true;
	p->m.user = user;
	p->m.has_user = user.len != 0;
}

void s7_cpu_message(struct s7_pdu *p, struct oto_cur c, uint8_t type, uint8_t sub)
{
	enum {
		MESSAGES = 2,
		DIAGNOSTIC,
		ALARM_8 = 5,
		NOTIFY,
		LOCK,
		UNLOCK,
		SCAN,
		ACKNOWLEDGE = 11,
		ACKNOWLEDGED,
		LOCKED,
		UNLOCKED,
		ALARM_SQ = 17,
		ALARM_S,
		QUERY,
		NOTIFY_8 = 22
	};

	switch (sub) {
	case MESSAGES:
		if (type == REQUEST)
			subscription(p, c);
		break;
	case DIAGNOSTIC:
		s7_diagnostic(p, c);
		break;
	case LOCK:
	case UNLOCK:
	case ACKNOWLEDGE:
		if (type == REQUEST)
			alarm_objects(p, c, false);
		else
			alarm_results(p, c);
		break;
	case QUERY:
		if (type == REQUEST)
			alarm_objects(p, c, false);
		else
			alarms_there(p, c);
		break;
	case LOCKED:
	case UNLOCKED:
		alarm_objects(p, c, false);
		break;
	case ALARM_8:
	case NOTIFY:
	case SCAN:
	case ACKNOWLEDGED:
	case ALARM_SQ:
	case ALARM_S:
	case NOTIFY_8:
		alarm_objects(p, c, true);
		break;
	default:
		break;
	}
}
