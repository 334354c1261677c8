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

/* Objects of an alarm: specification, event, signals, then associated values. */
static void alarm_objects(struct s7_pdu *p, struct oto_cur c, bool timed)
{
	enum { OBJECTS_MAX = 64, IND = 0x16, ACK_SYNTAX = 0x19, QUERY = 0x1a, NOTIFY = 0x1c, LOCK = 0x15 };
	struct oto_time clock = { 0 };
	bool has_clock = timed && s7_take_time(&c, &clock);

	oto_skip(&c, 1); /* function identifier */
	uint8_t count = oto_u8(&c);
	for (uint32_t i = 0; i < count && i < OBJECTS_MAX && oto_left(&c) >= 3; i++) {
		struct s7_alarm e = alarm_event(p);
		if (oto_u8(&c) != 0x12)
			return;
		uint8_t length = oto_u8(&c);
		if (length > oto_left(&c))
			return;
		struct oto_cur spec = oto_sub(&c, length);
		e.clock = clock;
		e.has_clock = has_clock;
		e.number = (uint8_t)(i + 1);
		e.syntax = oto_u8(&spec);
		e.has_syntax = true;
		uint8_t values = oto_u8(&spec);
		if (e.syntax == QUERY) {
			oto_skip(&spec, 2);
			e.event_id = oto_be32(&spec);
		} else {
			e.event_id = oto_be32(&spec);
		}
		e.has_event = !spec.bad;
		if (e.syntax == ACK_SYNTAX && oto_left(&spec) >= 2) {
			e.ack_going = oto_u8(&spec);
			e.ack_coming = oto_u8(&spec);
			e.has_ack = true;
		}
		if ((e.syntax == IND || e.syntax == NOTIFY) && oto_left(&spec) >= 2) {
			e.event_state = oto_u8(&spec);
			e.state = oto_u8(&spec);
			e.has_signals = e.has_state = true;
		}
		if (e.has_state && oto_left(&spec) >= 2) {
			e.ack_going = oto_u8(&spec);
			e.ack_coming = oto_u8(&spec);
			e.has_ack = true;
		}
		if (e.syntax == IND || e.syntax == NOTIFY) {
			e.values = s7_take_values(&c, values, i + 1u == count);
			e.has_values = e.values.len != 0;
		}
		oto_emit(p->cx, EV_ALARM, &e);
	}
}

/* The alarms that there are: a return code, the length of all, then a data set for each. */
static void alarms_there(struct s7_pdu *p, struct oto_cur c)
{
	enum { SETS_MAX = 256 };

	oto_skip(&c, 2);
	uint8_t code = oto_u8(&c);
	oto_skip(&c, 1);
	uint32_t length = oto_be16(&c);
	struct oto_cur all = oto_sub(&c, length < oto_left(&c) ? length : oto_left(&c));
	for (uint32_t i = 0; i < SETS_MAX && code == S7_OK && oto_left(&all) >= 12; i++) {
		struct oto_cur at = all, set = oto_sub(&all, oto_u8(&at) + 2u);
		struct s7_alarm e = alarm_event(p);
		oto_skip(&set, 4); /* its length, a filler, the kind of alarm */
		e.event_id = oto_be32(&set);
		oto_skip(&set, 1);
		e.event_state = oto_u8(&set);
		e.ack_going = oto_u8(&set);
		e.ack_coming = oto_u8(&set);
		if (set.bad)
			return;
		e.number = (uint8_t)(i + 1);
		e.has_event = e.has_signals = e.has_ack = true;
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
	enum { MESSAGES = 2, DIAGNOSTIC = 3, ALARM_8 = 5, NOTIFY = 6, LOCK = 7, UNLOCK = 8, SCAN = 9, ACKNOWLEDGE = 11, QUERY = 19 };

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
	case QUERY:
		if (type == REQUEST)
			alarm_objects(p, c, false);
		else if (sub == QUERY)
			alarms_there(p, c);
		break;
	case ALARM_8:
	case NOTIFY:
	case SCAN:
	case 12:
	case 13:
	case 14:
	case 17:
	case 18:
	case 22:
		alarm_objects(p, c, sub != 12 && sub != 13 && sub != 14);
		break;
	default:
		break;
	}
}
