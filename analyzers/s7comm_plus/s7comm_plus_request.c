/* s7comm_plus_request.c - what a request asks: object, attributes, variables, and what that does to the device.
 *
 * A part that cannot be read to its end is said as far as it was understood: `unreadable` tells.
 */
#include "s7comm_plus.h"

enum { START_OBJECT = 0xa1 };

static uint32_t op_in(const struct oto_names *names, uint32_t value)
{
	const struct oto_name *row = oto_name_in_order(names, value);
	return row ? row->op : OTO_OP_NONE;
}

static bool is_program(uint32_t object)
{
	return object == S7P_OBJ_PLC_PROGRAM || s7p_block_of_object(object) || object >> 24 == 0x8a;
}

/* Sessions, subscriptions and other objects that exist while somebody is connected. */
static bool is_passing(const struct s7p_message *m, uint32_t object)
{
	return object == m->session || object >> 28 == 7;
}

static bool is_variable(uint32_t area, uint32_t what)
{
	if (what != S7P_ATTR_VALUE_ACTUAL && what != S7P_ATTR_AREA_VALUE_ACTUAL)
		return false;
	return (area >= S7P_OBJ_I_AREA && area <= S7P_OBJ_TIMERS) || s7p_block_of_object(area);
}

/* -------------------------------------------------------------------------------------------- one object and its attributes */

static void put_object(struct s7p_text *t, uint32_t object, uint32_t session)
{
	if (object == session)
		s7p_text_word(t, "session", 0);
	else
		s7p_text_object(t, object);
}

static void take_object(struct oto_cur *c, struct s7p_message *m, struct s7p_request *r)
{
	m->object = oto_be32(c);
	m->has_object = true;
	put_object(r->target, m->object, m->session);
	r->space = is_program(m->object) && m->object != S7P_OBJ_PLC_PROGRAM ? "block" : "object";
}

static void add_attribute(struct s7p_message *m, struct s7p_request *r, uint32_t attribute)
{
	if (!m->has_attribute)
		m->attribute = attribute;
	m->has_attribute = true;
	s7p_text_attribute(r->target, attribute);
}

/* The operating state asked for. */
static uint32_t op_of_state(const struct s7p_value *value)
{
	enum { STOP = 1, RUN = 3 };
	if (!value->has_number)
		return OTO_OP_MODE;
	return value->number == STOP ? OTO_OP_STOP : value->number == RUN ? OTO_OP_START : OTO_OP_MODE;
}

/* What writing an attribute does. */
static uint32_t op_of_writing(const struct s7p_message *m, uint32_t object, uint32_t attribute, const struct s7p_value *value)
{
	uint32_t op = op_in(&s7p_attributes, attribute);

	if (attribute == S7P_ATTR_OPERATING_STATE)
		return op_of_state(value);
	if (op)
		return op;
	if (is_passing(m, object))
		return OTO_OP_OTHER;
	return is_program(object) ? OTO_OP_PROGRAM_WRITE : OTO_OP_CONFIGURE;
}

/* Of several things done at once the one that matters most: control, then change, then who may. */
static uint32_t stronger(uint32_t a, uint32_t b)
{
	static const uint8_t rank[OTO_OP_COUNT] = {
		[OTO_OP_OTHER] = 1,        [OTO_OP_CYCLIC] = 2, [OTO_OP_DIAGNOSE] = 3,  [OTO_OP_READ] = 4,          [OTO_OP_WRITE] = 5,
		[OTO_OP_AUTHENTICATE] = 6, [OTO_OP_TIME] = 7,   [OTO_OP_CONFIGURE] = 8, [OTO_OP_PROGRAM_WRITE] = 9, [OTO_OP_MODE] = 10,
		[OTO_OP_START] = 11,       [OTO_OP_RESET] = 12, [OTO_OP_STOP] = 13
	};
	return rank[b] > rank[a] ? b : a;
}

static const struct s7p_value nothing;

/* A value is told when it is a number and no secret. */
static void wrote(struct s7p_message *m, struct s7p_request *r, uint32_t object, uint32_t attribute, const struct s7p_value *value)
{
	uint32_t op = is_variable(object, attribute) ? OTO_OP_WRITE : op_of_writing(m, object, attribute, value);

	r->op = stronger(r->op, op);
	if (op == OTO_OP_AUTHENTICATE || !value->has_number || value->flags || m->has_value)
		return;
	m->value = value->number;
	m->has_value = true;
}

static void set_variable(struct oto_cur *c, struct s7p_message *m, struct s7p_request *r)
{
	take_object(c, m, r);
	m->count = s7p_vlq32(c);
	m->has_count = true;
	for (uint32_t i = 0; i < m->count && !c->bad; i++) {
		uint32_t attribute = s7p_vlq32(c);
		if (c->bad)
			return;
		add_attribute(m, r, attribute);
		struct s7p_value value;
		s7p_take_value(c, &value, NULL, NULL);
		wrote(m, r, m->object, attribute, c->bad ? &nothing : &value);
	}
}

static void get_variable(struct oto_cur *c, struct s7p_message *m, struct s7p_request *r)
{
	take_object(c, m, r);
	m->count = s7p_vlq32(c);
	m->has_count = true;
	for (uint32_t i = 0; i < m->count && !c->bad; i++)
		add_attribute(m, r, s7p_vlq32(c));
}

/* The attributes as an array of numbers: the first one, then elements within it. */
static void substreamed(struct oto_cur *c, struct s7p_message *m, struct s7p_request *r)
{
	take_object(c, m, r);
	uint8_t flags = oto_u8(c), type = oto_u8(c);
	if (!(flags & (S7P_ARRAY | S7P_ADDRESS_ARRAY)) || type != S7P_UDINT) {
		c->bad = true;
		return;
	}
	uint32_t count = s7p_vlq32(c);
	for (uint32_t i = 0; i < count && !c->bad; i++) {
		r->member = s7p_vlq32(c);
		add_attribute(m, r, r->member);
	}
}

/* ------------------------------------------------------------------------------------------------ variables */

/* What the values that follow are for, as far as there is room. */
struct items {
	struct {
		uint32_t object, attribute;
	} item[16];
	uint32_t count;
};

static void keep_item(struct items *items, uint32_t object, uint32_t attribute)
{
	if (items && items->count < sizeof items->item / sizeof *items->item) {
		items->item[items->count].object = object;
		items->item[items->count].attribute = attribute;
		items->count++;
	}
}

/* Which variable of an area. The number 3 stands for all of it as it lies in memory: from which byte on, and how many. */
static void put_numbers(struct oto_cur *c, struct s7p_text *t, uint32_t count, bool variable)
{
	enum { AS_IT_LIES = 3 };
	struct oto_cur ahead = *c;

	if (variable && count == 3 && s7p_vlq32(&ahead) == AS_IT_LIES) {
		uint32_t first = s7p_vlq32(&ahead), size = s7p_vlq32(&ahead);
		s7p_text_word(t, ".B", 0);
		s7p_text_number(t, first);
		if (size > 1)
			s7p_text_word(t, "-", 0);
		if (size > 1)
			s7p_text_number(t, first + size - 1);
		*c = ahead;
		return;
	}
	for (uint32_t i = 0; i < count && !c->bad; i++)
		s7p_text_element(t, s7p_vlq32(c));
}

/* A check value, where it lies, how many numbers follow, what of it, and which variable in it. */
static void take_address(struct oto_cur *c, struct s7p_text *t, struct items *items)
{
	s7p_vlq32(c);
	uint32_t area = s7p_vlq32(c), depth = s7p_vlq32(c), what = s7p_vlq32(c);

	if (c->bad)
		return;
	keep_item(items, area, what);
	if (t->count)
		s7p_text_word(t, " ", 0);
	s7p_text_object(t, area);
	if (!is_variable(area, what))
		s7p_text_attribute(t, what);
	if (depth)
		put_numbers(c, t, depth - 1, is_variable(area, what));
}

/* Variables by their addresses, or attributes of one object. */
static void take_items(struct oto_cur *c, struct s7p_message *m, struct s7p_request *r, struct items *items)
{
	struct oto_cur ahead = *c;
	bool of_object = oto_be32(&ahead) != 0;

	if (of_object)
		take_object(c, m, r);
	else
		oto_skip(c, 4);
	m->count = s7p_vlq32(c);
	m->has_count = true;
	uint32_t numbers = s7p_vlq32(c); /* in all addresses; of attributes */
	if (of_object) {
		for (uint32_t i = 0; i < numbers && !c->bad; i++) {
			uint32_t attribute = s7p_vlq32(c);
			keep_item(items, m->object, attribute);
			add_attribute(m, r, attribute);
		}
		return;
	}
	r->space = "variable";
	for (uint32_t i = 0; i < m->count && !c->bad; i++)
		take_address(c, r->target, items);
}

static void get_multi_variables(struct oto_cur *c, struct s7p_message *m, struct s7p_request *r)
{
	take_items(c, m, r, NULL);
}

/* What a subscription is for: after the numbers of the list each variable with how many numbers follow, the number under which it will be
 * told, where it lies, a check value, what of it, and which variable in it. */
struct subscription {
	uint32_t count;
	uint32_t state_reference; /* as of the request */
	struct s7p_text text;
};

static void take_subscribed(struct oto_cur *c, struct subscription *s)
{
	uint32_t numbers = s7p_vlq32(c) & 0xffff, reference = s7p_vlq32(c);
	s7p_vlq32(c);
	uint32_t area = s7p_vlq32(c);
	s7p_vlq32(c);
	uint32_t what = numbers ? s7p_vlq32(c) : 0;
	struct oto_cur ahead = *c;

	if (c->bad)
		return;
	if (area == S7P_OBJ_CPU_EXEC_UNIT && numbers == 2 && s7p_vlq32(&ahead) == S7P_ATTR_OPERATING_STATE_NOW)
		s->state_reference = reference;
	if (s->count++)
		s7p_text_word(&s->text, " ", 0);
	s7p_text_object(&s->text, area);
	if (!is_variable(area, what))
		s7p_text_attribute(&s->text, what);
	if (numbers)
		put_numbers(c, &s->text, numbers - 1, is_variable(area, what));
}

static void take_list(struct subscription *s, uint32_t attribute, const struct s7p_value *value)
{
	struct oto_cur c = oto_cur_of(value->bytes);

	if (attribute != S7P_ATTR_SUBSCRIBED || value->type != S7P_UDINT || !(value->flags & (S7P_ARRAY | S7P_ADDRESS_ARRAY)))
		return;
	s7p_vlq32(&c);
	s7p_vlq32(&c);
	for (uint32_t count = s7p_vlq32(&c); count && !c.bad; count--)
		take_subscribed(&c, s);
}

static void begin_subscription(struct subscription *s)
{
	s->count = s->state_reference = 0;
	s7p_text_begin(&s->text);
}

static void target_of_subscription(struct s7p_message *m, struct s7p_request *r, const struct subscription *s)
{
	if (!s->count)
		return;
	r->space = "variable";
	r->state_reference = s->state_reference;
	*r->target = s->text;
	m->count = s->count;
	m->has_count = true;
}

/* Values follow, each behind its place in the list. What is written is told even where its value cannot be read. */
static void set_multi_variables(struct oto_cur *c, struct s7p_message *m, struct s7p_request *r)
{
	struct subscription subscribed;
	struct items items;

	items.count = 0;
	begin_subscription(&subscribed);
	take_items(c, m, r, &items);
	for (uint32_t i = 0; i < m->count && !c->bad; i++) {
		uint32_t place = s7p_vlq32(c);
		struct s7p_value value;
		s7p_take_value(c, &value, NULL, NULL);
		if (c->bad || place < 1 || place > items.count)
			continue;
		wrote(m, r, items.item[place - 1].object, items.item[place - 1].attribute, &value);
		if (items.item[place - 1].attribute == S7P_ATTR_SUBSCRIBED) {
			s7p_text_begin(&subscribed.text);
			take_list(&subscribed, S7P_ATTR_SUBSCRIBED, &value);
		}
	}
	target_of_subscription(m, r, &subscribed);
	for (uint32_t i = 0; i < items.count && c->bad; i++)
		wrote(m, r, items.item[i].object, items.item[i].attribute, &nothing);
	if (!r->op)
		r->op = OTO_OP_WRITE;
}

/* ------------------------------------------------------------------------------------------------ objects */

static void first_object(struct oto_cur *c, struct s7p_message *m, struct s7p_request *r, const struct s7p_visitor *visitor)
{
	struct oto_cur ahead = *c;

	if (oto_left(c) && oto_u8(&ahead) != START_OBJECT)
		s7p_vlq32(c);
	ahead = *c;
	oto_skip(&ahead, 1);
	m->object = oto_be32(&ahead);
	m->class = s7p_vlq32(&ahead);
	if (ahead.bad) {
		c->bad = true;
		return;
	}
	m->has_object = m->has_class = true;
	struct oto_cur object = *c;
	s7p_walk_object(c, visitor);
	if (!c->bad)
		r->object = oto_take(&object, oto_tell(c) - oto_tell(&object));
}

/* A block by kind and number, another by the word for its class. */
static void put_class(struct s7p_text *t, uint32_t class, uint32_t object)
{
	const char *block = s7p_block_of_class(class);
	const struct oto_name *row = oto_name_in_order(&s7p_classes, class);

	if (block && object >> 31) {
		s7p_text_word(t, block, class);
		s7p_text_number(t, object & 0xffff);
	} else if (row) {
		s7p_text_word(t, row->name, class);
	} else {
		s7p_text_object(t, object);
	}
}

struct created {
	struct subscription subscribed;
	struct s7p_told *told;
};

static void on_created(void *who, const struct s7p_place *at, uint32_t id, const struct s7p_value *value)
{
	struct created *created = who;

	if (at->class == S7P_CLASS_SUBSCRIPTION)
		take_list(&created->subscribed, id, value);
	s7p_keep_told(created->told, at, id, value);
}

static void on_created_end(void *who, const struct s7p_place *at, uint32_t length)
{
	(void)length;
	if (at->class == S7P_CLASS_ALARM)
		((struct created *)who)->told->more = true;
}

static void create_object(struct oto_cur *c, struct s7p_message *m, struct s7p_request *r)
{
	struct s7p_value unused;
	struct created created;

	begin_subscription(&created.subscribed);
	created.told = r->told;
	s7p_begin_told(r->told);
	oto_skip(c, 4); /* where to */
	s7p_take_value(c, &unused, NULL, NULL);
	oto_skip(c, 4);
	first_object(c, m, r, &(struct s7p_visitor){ &created, on_created, NULL, on_created_end });
	if (!m->has_class)
		return;
	const struct oto_name *row = oto_name_in_order(&s7p_classes, m->class);
	r->op = row                            ? row->op
		: s7p_block_of_class(m->class) ? OTO_OP_PROGRAM_WRITE
		: m->object >> 28 == 7         ? OTO_OP_OTHER
					       : OTO_OP_CONFIGURE;
	r->space = s7p_block_of_class(m->class) ? "block" : "object";
	put_class(r->target, m->class, m->object);
	if (m->class == S7P_CLASS_SUBSCRIPTION && r->object.len)
		target_of_subscription(m, r, &created.subscribed);
}

static void delete_object(struct oto_cur *c, struct s7p_message *m, struct s7p_request *r)
{
	take_object(c, m, r);
	if (m->object == m->session)
		r->op = OTO_OP_NONE;
	else
		r->op = is_passing(m, m->object) ? OTO_OP_OTHER : is_program(m->object) ? OTO_OP_PROGRAM_WRITE : OTO_OP_CONFIGURE;
}

static void explore(struct oto_cur *c, struct s7p_message *m, struct s7p_request *r)
{
	take_object(c, m, r);
	if (is_program(m->object))
		r->op = OTO_OP_PROGRAM_READ;
}

/* Either with an object of its own, which is the transaction, or on the program. */
static void begin_sequence(struct oto_cur *c, struct s7p_message *m, struct s7p_request *r)
{
	enum { WITH_OBJECT = 2 };
	uint8_t kind = oto_u8(c);

	oto_skip(c, 2);
	if (kind != WITH_OBJECT) {
		take_object(c, m, r);
		return;
	}
	oto_skip(c, 1);
	first_object(c, m, r, &(struct s7p_visitor){ 0 });
	r->space = "object";
	if (m->has_class)
		put_class(r->target, m->class, m->object);
}

/* ------------------------------------------------------------------------------------------------ all */

/* Reading a block or its code is reading the program, reading a challenge is logging in. */
static void refine_reading(const struct s7p_message *m, struct s7p_request *r)
{
	if (r->op != OTO_OP_READ || !m->has_object)
		return;
	if (op_in(&s7p_attributes, m->attribute) == OTO_OP_AUTHENTICATE)
		r->op = OTO_OP_AUTHENTICATE;
	else if (m->attribute == S7P_ATTR_CODE)
		r->op = OTO_OP_PROGRAM_READ;
}

static void refine_writing(const struct s7p_message *m, struct s7p_request *r)
{
	if (m->has_object && m->has_attribute)
		r->op = op_of_writing(m, m->object, m->attribute, &nothing);
}

void s7p_read_request(struct oto_cur *c, struct s7p_message *m, struct s7p_request *r)
{
	r->op = op_in(&s7p_functions, m->function_code);
	switch (m->function_code) {
	case S7P_EXPLORE:
		explore(c, m, r);
		break;
	case S7P_CREATE_OBJECT:
		create_object(c, m, r);
		break;
	case S7P_DELETE_OBJECT:
		delete_object(c, m, r);
		break;
	case S7P_SET_VARIABLE:
		r->op = OTO_OP_NONE;
		set_variable(c, m, r);
		break;
	case S7P_GET_VARIABLE:
		get_variable(c, m, r);
		break;
	case S7P_SET_MULTI_VARIABLES:
		r->op = OTO_OP_NONE;
		set_multi_variables(c, m, r);
		break;
	case S7P_GET_MULTI_VARIABLES:
		get_multi_variables(c, m, r);
		break;
	case S7P_SET_VAR_SUBSTREAMED:
		substreamed(c, m, r);
		refine_writing(m, r);
		break;
	case S7P_GET_VAR_SUBSTREAMED:
		substreamed(c, m, r);
		break;
	case S7P_ADD_LINK:
	case S7P_REMOVE_LINK:
	case S7P_GET_LINK:
		take_object(c, m, r);
		add_attribute(m, r, s7p_vlq32(c));
		break;
	case S7P_BEGIN_SEQUENCE:
		begin_sequence(c, m, r);
		break;
	case S7P_INVOKE:
		take_object(c, m, r);
		break;
	default:
		break;
	}
	refine_reading(m, r);
	r->unreadable = c->bad;
}

void s7p_recall_target(struct s7p_message *m, const struct s7p_note *note, struct s7p_text *target)
{
	m->object = note->object;
	m->class = note->class;
	m->has_object = true;
	m->has_class = note->class != 0;
	if (m->has_class) {
		put_class(target, m->class, m->object);
		return;
	}
	put_object(target, m->object, note->session);
	if (note->attribute)
		s7p_text_attribute(target, note->attribute);
}
