/* s7comm_plus_notification.c - what a controller tells by itself: variables of subscriptions, its operating state, alarms.
 *
 * Which number stands for which variable says the subscription, and is chosen by who subscribes; only where the operating state is told
 * is remembered. Alarms come as objects, here and in the answer to who asks which alarms there are.
 */
#include "s7comm_plus.h"

/* What stands in front of each item of a notification. */
enum item_kind {
	ITEM_END = 0x00,
	ITEM_NOT_THERE = 0x03,
	ITEM_REFUSED = 0x13,
	ITEM_OBJECT = 0x81,
	ITEM_BARE = 0x83, /* a value without number, of old firmware */
	ITEM_VALUE = 0x92,
	ITEM_OF_ATTRIBUTE = 0x9b,
	ITEM_STATUS = 0x9c, /* of a watch table, without a value */
};
enum { START_OBJECT = 0xa1, WITH_NUMBER = 0x70000000 };

/* ------------------------------------------------------------------------------------------------ operating state */

void s7p_tell_state(struct oto_ctx *cx, uint32_t id, const struct s7p_value *value)
{
	const struct oto_name *row;

	if (id != S7P_ATTR_OPERATING_STATE_NOW || !value->has_number || value->flags || value->number < 0 || value->number > UINT8_MAX)
		return;
	row = oto_name_of(&s7p_states, (uint32_t)value->number);
	if (row)
		oto_fact(cx, &(struct oto_fact){ .self_size = sizeof(struct oto_fact),
						 .key = "mode",
						 .value = oto_slice_of(row->name),
						 .whose = OTO_SENDER,
						 .confidence = 100 });
}

static bool is_watched(const struct s7p_watched *watched, uint32_t reference)
{
	for (uint32_t i = 0; i < watched->count; i++)
		if (watched->reference[i] == reference)
			return true;
	return false;
}

void s7p_watch(struct s7p_watched *watched, uint32_t reference)
{
	enum { MOST = sizeof watched->reference / sizeof *watched->reference };

	if (is_watched(watched, reference))
		return;
	watched->reference[watched->next] = reference;
	watched->next = (watched->next + 1) % MOST;
	if (watched->count < MOST)
		watched->count++;
}

/* ------------------------------------------------------------------------------------------------ alarms */

/* Members of an alarm's coming or going are told before it: when it was, when it was acknowledged, what goes with it. */
static void take_happening(struct s7p_alarm_taker *t, uint16_t state)
{
	t->alarm.state = state;
	if (state == S7P_ALARM_COMING) {
		t->alarm.clock = t->clock;
		t->alarm.has_clock = t->clock.ns != 0;
	} else {
		t->alarm.gone = t->clock;
		t->alarm.has_gone = t->clock.ns != 0;
	}
	t->clock.ns = 0;
}

/* Texts of all languages: a number with language and kind, a number, the text. The alarm's own text is the second kind. */
static struct oto_slice alarm_text(struct oto_slice texts)
{
	enum { INFORMATION = 1, ALARM = 2 };
	struct oto_cur c = oto_cur_of(texts);
	struct oto_slice information = { 0 };

	for (uint32_t key = s7p_vlq32(&c); key && !c.bad; key = s7p_vlq32(&c)) {
		s7p_vlq32(&c);
		struct oto_slice text = oto_take(&c, s7p_vlq32(&c));
		if ((key & 0xffff) == ALARM && text.len)
			return text;
		if ((key & 0xffff) == INFORMATION && !information.len)
			information = text;
	}
	return information;
}

void s7p_take_alarm(struct s7p_alarm_taker *t, uint32_t id, const struct s7p_value *value)
{
	struct s7p_alarm *a = &t->alarm;

	switch (id) {
	case S7P_ATTR_NAME:
		a->name = value->bytes;
		break;
	case S7P_ATTR_ALARM_ID:
		a->alarm_id = (uint64_t)value->number;
		a->has_id = value->has_number;
		break;
	case S7P_ATTR_ALARM_STATES:
		a->states = (uint8_t)value->number;
		a->has_states = value->has_number;
		break;
	case S7P_ATTR_ALARM_DOMAIN:
		a->domain = (uint16_t)value->number;
		a->has_domain = value->has_number;
		break;
	case S7P_ATTR_ALARM_COMING:
	case S7P_ATTR_ALARM_GOING:
		take_happening(t, (uint16_t)id);
		break;
	case S7P_ATTR_ALARM_TEXTS:
		if (value->flags == S7P_SPARSE_ARRAY && value->type == S7P_BLOB)
			a->text = alarm_text(value->bytes);
		break;
	case S7P_ATTR_ALARM_NUMBER:
		a->number = (uint32_t)value->number;
		a->has_number = value->has_number;
		break;
	case S7P_ATTR_ALARM_CLOCK:
		t->clock.ns = value->has_number ? value->number : 0;
		break;
	case S7P_ATTR_ALARM_ACKNOWLEDGED:
		a->acknowledged.ns = value->has_number ? value->number : 0;
		a->has_acknowledged = a->acknowledged.ns != 0;
		break;
	case S7P_ATTR_ALARM_VALUES:
		a->values = value->bytes;
		break;
	default:
		break;
	}
}

void s7p_tell_alarm(struct oto_ctx *cx, struct s7p_alarm_taker *t)
{
	struct s7p_alarm *a = &t->alarm;

	a->source_h = oto_sender(cx);
	a->destination_h = cx->is_orig ? cx->head->resp_h : cx->head->orig_h;
	a->has_state = a->state != 0;
	a->has_name = a->name.len > 0;
	a->has_text = a->text.len > 0;
	a->has_values = a->values.len > 0;
	oto_emit(cx, EV_ALARM, a);
	*t = (struct s7p_alarm_taker){ 0 };
}

/* ------------------------------------------------------------------------------------------------ notifications */

struct teller {
	struct oto_ctx *cx;
	struct s7p_alarm_taker alarm;
};

static void on_attribute(void *who, const struct s7p_place *at, uint32_t id, const struct s7p_value *value)
{
	struct teller *t = who;

	if (at->class == S7P_CLASS_ALARM)
		s7p_take_alarm(&t->alarm, id, value);
	else
		s7p_tell_state(t->cx, id, value);
}

static void on_object_end(void *who, const struct s7p_place *at, uint32_t length)
{
	struct teller *t = who;

	(void)length;
	if (at->class == S7P_CLASS_ALARM)
		s7p_tell_alarm(t->cx, &t->alarm);
}

/* Of the values the first number is told. */
static void took(struct oto_ctx *cx, struct s7p_message *m, const struct s7p_watched *watched, uint32_t reference,
		 const struct s7p_value *value)
{
	m->count++;
	if (is_watched(watched, reference))
		s7p_tell_state(cx, S7P_ATTR_OPERATING_STATE_NOW, value);
	if (m->has_value || !value->has_number || value->flags)
		return;
	m->value = value->number;
	m->has_value = true;
}

static void take_items(struct oto_ctx *cx, struct oto_cur *c, struct s7p_message *m, const struct s7p_watched *watched)
{
	struct teller who = { .cx = cx };
	const struct s7p_visitor visitor = { &who, on_attribute, NULL, on_object_end };

	for (uint8_t kind = oto_u8(c); kind != ITEM_END && !c->bad; kind = oto_u8(c)) {
		uint32_t reference = 0;
		if (kind == ITEM_VALUE || kind == ITEM_STATUS || kind == ITEM_NOT_THERE || kind == ITEM_REFUSED)
			reference = oto_be32(c);
		else if (kind == ITEM_OF_ATTRIBUTE)
			reference = s7p_vlq32(c);
		switch (kind) {
		case ITEM_VALUE:
		case ITEM_OF_ATTRIBUTE:
		case ITEM_BARE: {
			struct s7p_value value;
			s7p_take_value(c, &value, &visitor, NULL);
			if (!c->bad)
				took(cx, m, watched, reference, &value);
			break;
		}
		case ITEM_NOT_THERE:
		case ITEM_REFUSED:
			m->failed++;
			break;
		case ITEM_OBJECT:
			s7p_walk_object(c, &visitor);
			break;
		case ITEM_STATUS:
			break;
		default:
			c->bad = true;
		}
	}
}

/* Behind the values a second part may follow, of alarms: the subscription again, two bytes, what it is, objects. */
static void take_second_part(struct oto_ctx *cx, struct oto_cur *c)
{
	struct oto_cur ahead = *c;
	struct teller who = { .cx = cx };

	if (oto_be32(&ahead) < 1u << 24 || ahead.bad)
		return;
	*c = ahead;
	oto_skip(c, 2);
	if (oto_u8(c) != ITEM_OBJECT) {
		c->bad = true;
		return;
	}
	do {
		s7p_walk_object(c, &(struct s7p_visitor){ &who, on_attribute, NULL, on_object_end });
		ahead = *c;
	} while (!c->bad && oto_left(c) && oto_u8(&ahead) == START_OBJECT);
}

/* How often the subscription was changed, never much. New firmware has the time in microseconds in front of it, which begins with a zero,
 * as an empty list does, but goes on with something else. */
static void take_change(struct oto_cur *c, struct s7p_message *m)
{
	enum { CHANGES_MAX = 0x0f, NS_OF_MICROSECOND = 1000 };
	struct oto_cur ahead = *c;
	uint8_t first = oto_u8(&ahead), second = oto_u8(&ahead);

	if (!ahead.bad && first == 0 && second >= 1 && second <= CHANGES_MAX) {
		m->clock.ns = (int64_t)oto_be64(c) * NS_OF_MICROSECOND;
		m->has_clock = true;
		oto_skip(c, 1);
	} else if (first >= 1 && first <= CHANGES_MAX) {
		oto_skip(c, 1);
	}
}

void s7p_read_notification(struct oto_ctx *cx, struct oto_cur *c, struct s7p_message *m, const struct s7p_watched *watched)
{
	m->object = oto_be32(c);
	m->has_object = true;
	oto_skip(c, 6);
	m->credit = oto_u8(c);
	m->has_number = m->object >= WITH_NUMBER;
	if (m->has_number)
		m->number = s7p_vlq32(c);
	take_change(c, m);
	m->has_credit = m->has_count = !c->bad;
	take_items(cx, c, m, watched);
	m->has_failed = m->failed > 0;
	if (m->failed)
		m->error = "addressing_error";
	if (!c->bad && oto_left(c))
		take_second_part(cx, c);
}
