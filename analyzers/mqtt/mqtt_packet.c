/* mqtt_packet.c - see mqtt_packet.h. */
#include "mqtt_packet.h"

#include "../say.h"
#include "mqtt_tables.h"

/* ------------------------------------------------------------------------------------------------ pieces */

/* 1.5.5 of 5.0: seven bits a byte, at most four. */
static uint32_t take_varint(struct oto_cur *c)
{
	uint32_t n = 0;

	for (uint32_t shift = 0; shift < 28; shift += 7) {
		uint8_t byte = oto_u8(c);
		n |= (uint32_t)(byte & 0x7f) << shift;
		if (!(byte & 0x80))
			return n;
	}
	c->bad = true;
	return 0;
}

static struct oto_slice take_text(struct oto_cur *c)
{
	return oto_take(c, oto_be16(c));
}

static bool flags_fit(uint8_t type, uint8_t flags)
{
	switch (type) {
	case 0:
		return false;
	case MQTT_PUBLISH:
		return (flags >> 1 & 3) != 3;
	case MQTT_PUBREL:
	case MQTT_SUBSCRIBE:
	case MQTT_UNSUBSCRIBE:
		/* 3.1 has the quality of service and DUP here as well */
		return (flags & 0x7) == 2;
	default:
		return flags == 0;
	}
}

static bool length_fits(uint8_t type, uint32_t n)
{
	static const uint8_t least[] = { 0, 10, 2, 2, 2, 2, 2, 2, 5, 3, 4, 2, 0, 0, 0, 0 };

	return n >= least[type] && !((type == MQTT_PINGREQ || type == MQTT_PINGRESP) && n);
}

int mqtt_header_read(struct oto_cur c, struct mqtt_header *h)
{
	uint8_t first = oto_u8(&c);

	h->type = first >> 4;
	h->flags = first & 15;
	if (c.bad)
		return 0;
	if (!flags_fit(h->type, h->flags))
		return -1;
	uint32_t left = oto_left(&c);
	h->rest = take_varint(&c);
	if (c.bad)
		return left >= 4 ? -1 : 0;
	h->size = oto_tell(&c);
	return length_fits(h->type, h->rest) ? 1 : -1;
}

/* ------------------------------------------------------------------------------------------------ properties */

enum form { NONE, BYTE, TWO, FOUR, VARINT, TEXT, PAIR };

static enum form form_of(uint32_t property)
{
	static const uint8_t forms[] = {
		[0x01] = BYTE, [0x02] = FOUR, [0x03] = TEXT, [0x08] = TEXT, [0x09] = TEXT, [0x0b] = VARINT, [0x11] = FOUR,
		[0x12] = TEXT, [0x13] = TWO,  [0x15] = TEXT, [0x16] = TEXT, [0x17] = BYTE, [0x18] = FOUR,   [0x19] = BYTE,
		[0x1a] = TEXT, [0x1c] = TEXT, [0x1f] = TEXT, [0x21] = TWO,  [0x22] = TWO,  [0x23] = TWO,    [0x24] = BYTE,
		[0x25] = BYTE, [0x26] = PAIR, [0x27] = FOUR, [0x28] = BYTE, [0x29] = BYTE, [0x2a] = BYTE,
	};

	return property < sizeof forms ? (enum form)forms[property] : NONE;
}

enum { MQTT_TOPIC_ALIAS = 0x23, MQTT_USER_PROPERTY = 0x26 };

static void take_property(struct oto_cur *c, struct mqtt_properties *p)
{
	enum { ASSIGNED_ID = 0x12, AUTH_METHOD = 0x15, REASON = 0x1f };
	uint32_t id = take_varint(c);
	struct oto_slice text = { 0 };
	uint16_t number = 0;

	switch (form_of(id)) {
	case BYTE:
		oto_skip(c, 1);
		break;
	case TWO:
		number = oto_be16(c);
		break;
	case FOUR:
		oto_skip(c, 4);
		break;
	case VARINT:
		take_varint(c);
		break;
	case PAIR:
		take_text(c);
		take_text(c);
		break;
	case TEXT:
		text = take_text(c);
		break;
	default:
		c->bad = true;
	}
	if (id == ASSIGNED_ID)
		p->assigned_id = text;
	else if (id == AUTH_METHOD)
		p->auth_method = text;
	else if (id == REASON)
		p->reason = text;
	p->has_alias |= id == MQTT_TOPIC_ALIAS;
	p->alias = id == MQTT_TOPIC_ALIAS ? number : p->alias;
}

void mqtt_properties_read(struct oto_cur *c, struct mqtt_properties *p)
{
	struct oto_cur inner = oto_sub(c, take_varint(c));

	*p = (struct mqtt_properties){ 0 };
	while (!inner.bad && oto_left(&inner))
		take_property(&inner, p);
	c->bad |= inner.bad;
}

/* ------------------------------------------------------------------------------------------------ packets */

enum oto_answer mqtt_is_connect(struct oto_cur c)
{
	static const char now[] = "\0\4MQTT", before[] = "\0\6MQIsdp";
	uint32_t here = oto_left(&c);
	bool could_be_now = true, could_be_before = true;

	for (uint32_t i = 0; i < here && i < 8; i++) {
		uint8_t byte = oto_u8(&c);
		could_be_now &= i < 6 ? byte == (uint8_t)now[i] : i > 6 || (byte & 0x7f) == 4 || byte == MQTT_LEVEL_5;
		could_be_before &= byte == (uint8_t)before[i];
	}
	if (!could_be_now && !could_be_before)
		return OTO_NOT_MINE;
	return here >= 8 ? OTO_MINE : OTO_NEED_MORE;
}

void mqtt_connect_read(struct oto_cur *c, struct mqtt_connect_packet *p)
{
	enum { CLEAN = 2, WILL = 4, WILL_RETAIN = 32, PASSWORD = 64, USER = 128, BRIDGE = 128 };
	struct mqtt_properties properties = { 0 };

	*p = (struct mqtt_connect_packet){ .name = take_text(c) };
	p->level = oto_u8(c) & (uint8_t)~BRIDGE; /* mosquitto's bridges set the highest bit */
	uint8_t flags = oto_u8(c);
	p->clean = flags & CLEAN;
	p->will = flags & WILL;
	p->will_qos = flags >> 3 & 3;
	p->will_retain = flags & WILL_RETAIN;
	p->has_password = flags & PASSWORD;
	p->has_user = flags & USER;
	p->keep_alive = oto_be16(c);
	if (p->level >= MQTT_LEVEL_5)
		mqtt_properties_read(c, &properties);
	p->auth_method = properties.auth_method;
	p->client_id = take_text(c);
	if (p->will && p->level >= MQTT_LEVEL_5)
		mqtt_properties_read(c, &properties);
	if (p->will) {
		p->will_topic = take_text(c);
		p->will_len = take_text(c).len;
	}
	if (p->has_user)
		p->user = take_text(c);
	if (p->has_password)
		p->password_len = take_text(c).len;
}

/* Those of PUBLISH (3.3.2.3) among the properties, and their end where they say: nobody's payload looks so by chance. */
static enum oto_answer are_publish_properties(struct oto_cur c, uint32_t rest)
{
	enum { OF_PUBLISH = 1u << 0x01 | 1u << 0x02 | 1u << 0x03 | 1u << 0x08 | 1u << 0x09 | 1u << 0x0b };
	uint32_t from = oto_left(&c), length = take_varint(&c), size = from - oto_left(&c);

	if (c.bad)
		return rest && from < 4 && from < rest ? OTO_NEED_MORE : OTO_NOT_MINE;
	if (length > rest - size)
		return OTO_NOT_MINE;
	bool cut = length > oto_left(&c);
	struct oto_cur inner = oto_sub(&c, cut ? oto_left(&c) : length);
	while (!inner.bad && oto_left(&inner)) {
		struct mqtt_properties ignored = { 0 };
		struct oto_cur peek = inner;
		uint32_t id = oto_u8(&peek);
		if (id != MQTT_TOPIC_ALIAS && id != MQTT_USER_PROPERTY && (id > 0x0b || !(OF_PUBLISH >> id & 1)))
			return OTO_NOT_MINE;
		take_property(&inner, &ignored);
	}
	return cut ? OTO_NEED_MORE : inner.bad ? OTO_NOT_MINE : OTO_MINE;
}

/* A payload that is empty, or begins unlike properties, is not version 5; no properties at all may be a payload's zero byte. */
static uint8_t publish_level(struct oto_cur *c, uint32_t rest, uint8_t level)
{
	struct oto_cur first = *c;

	if (level || c->bad)
		return level;
	enum oto_answer properties = are_publish_properties(*c, rest);
	c->bad |= properties == OTO_NEED_MORE;
	return properties != OTO_MINE ? MQTT_LEVEL_311 : oto_u8(&first) ? MQTT_LEVEL_5 : 0;
}

void mqtt_publish_read(struct oto_cur *c, const struct mqtt_header *h, uint8_t level, struct mqtt_publish_packet *p)
{
	struct mqtt_properties properties = { 0 };
	uint32_t from = oto_tell(c);

	*p = (struct mqtt_publish_packet){ .topic = take_text(c), .qos = h->flags >> 1 & 3, .retain = h->flags & 1, .dup = h->flags & 8 };
	if (p->qos)
		p->id = oto_be16(c);
	uint32_t head = oto_tell(c) - from;
	p->level = publish_level(c, h->rest > head ? h->rest - head : 0, level);
	if (p->level >= MQTT_LEVEL_5 || !p->level)
		mqtt_properties_read(c, &properties);
	p->alias = properties.alias;
	p->has_alias = properties.has_alias;
	p->head = oto_tell(c) - from;
}

static void read_topics(struct oto_cur *c, bool subscribe, uint8_t level, struct mqtt_topics *t)
{
	enum { RESERVED = 0xc0 };
	struct mqtt_properties ignored;

	*t = (struct mqtt_topics){ .id = oto_be16(c), .level = level };
	if (level >= MQTT_LEVEL_5)
		mqtt_properties_read(c, &ignored);
	while (!c->bad && oto_left(c)) {
		struct oto_slice topic = take_text(c);
		uint8_t options = subscribe ? oto_u8(c) : 0;
		c->bad |= !topic.len || options & RESERVED || (options & 3) == 3;
		if (t->count < MQTT_TOPICS_MAX) {
			t->topic[t->count] = topic;
			t->qos[t->count] = options & 3;
		}
		t->count++;
	}
	c->bad |= !t->count;
}

void mqtt_topics_read(struct oto_cur *c, bool subscribe, uint8_t level, struct mqtt_topics *t)
{
	struct oto_cur again = *c;

	read_topics(c, subscribe, level ? level : MQTT_LEVEL_311, t);
	if (!c->bad || level)
		return;
	read_topics(&again, subscribe, MQTT_LEVEL_5, t);
	*c = again;
}
