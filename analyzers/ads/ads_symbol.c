/* ads_symbol.c - symbols: which name stands behind a handle, a notification or an address, of which type it is, and what values say.
 *
 * Owns both memories. Handles are each client's own, so they are remembered by the two hosts and both AMS addresses;
 * what a sum command asks for is kept until its answer, under the request's key.
 */
#include "ads.h"

static const struct oto_memory symbols = {
	.self_size = sizeof symbols, .size = sizeof(struct ads_symbol), .bound = 16384, .scope = OTO_SCOPE_PAIR, .name = "symbols"
};
enum { LIST = 480 };
struct list {
	uint32_t len;
	uint8_t text[LIST];
};
static const struct oto_memory lists = {
	.self_size = sizeof lists, .size = sizeof(struct list), .bound = 1024, .scope = OTO_SCOPE_PAIR, .name = "lists"
};
static const struct oto_memory items = {
	.self_size = sizeof items, .size = sizeof(struct ads_symbol), .bound = 4096, .scope = OTO_SCOPE_PAIR, .name = "items"
};
enum by { BY_HANDLE = 1, BY_NOTIFICATION, BY_ADDRESS, BY_NAME, BY_ITEM };

static struct oto_slice name_of(const struct ads_symbol *s)
{
	return (struct oto_slice){ s->name, s->name_len };
}

/* Handles are each client's own, names and addresses the server's. */
static uint64_t place_of(const struct ads_parse *p, enum by by, uint64_t key)
{
	return oto_key_mix(by <= BY_NOTIFICATION ? p->talk : p->server, key, by);
}

static void learn(const struct ads_parse *p, enum by by, uint64_t key, const struct ads_symbol *s)
{
	struct ads_symbol *slot = oto_remember(p->cx, &symbols, place_of(p, by, key));

	((struct ads_flow *)p->cx->state)->changes++;
	if (slot)
		*slot = *s;
}

static const struct ads_symbol *recall(const struct ads_parse *p, enum by by, uint64_t key)
{
	return oto_recall(p->cx, &symbols, place_of(p, by, key));
}

static uint64_t address_key(const struct ads_symbol *s)
{
	return (uint64_t)s->group << 32 | s->offset;
}

void ads_name_symbol(struct ads_symbol *s, struct oto_slice name)
{
	name = say_first(say_string(name), ADS_NAME);
	s->name_len = (uint8_t)name.len;
	if (name.len)
		memcpy(s->name, name.data, name.len);
}

/* A handle; where there is room, size and type behind it. The type is known as well when the symbol table was read before. */
void ads_learn_handle(const struct ads_parse *p, struct oto_slice answer, const struct ads_symbol *s)
{
	struct oto_cur c = oto_cur_of(answer);
	struct ads_symbol known = *s;
	uint32_t handle = oto_le32(&c);

	if (c.bad || !s->name_len)
		return;
	const struct ads_symbol *row = recall(p, BY_NAME, oto_key_of(0, name_of(s)));
	oto_skip(&c, 4);
	uint32_t type = oto_le32(&c);
	if (!c.bad && oto_name_of(&ads_types, type))
		known.type = (uint8_t)type;
	else
		known.type = row ? row->type : 0;
	learn(p, BY_HANDLE, handle, &known);
}

void ads_learn_notification(const struct ads_parse *p, uint32_t handle, const struct ads_symbol *s)
{
	learn(p, BY_NOTIFICATION, handle, s);
}

void ads_learn_address(const struct ads_parse *p, struct oto_slice name, uint32_t group, uint32_t offset)
{
	struct ads_symbol s = { .group = group, .offset = offset };

	ads_name_symbol(&s, name);
	learn(p, BY_ADDRESS, address_key(&s), &s);
}

/* AdsSymbolEntry: its length, where it stands, its size, type and flags, then three texts that each end in a zero. */
bool ads_learn_entry(const struct ads_parse *p, struct oto_cur *c)
{
	enum { HEAD = 30 };
	struct oto_cur look = *c;
	uint32_t length = oto_le32(&look);

	if (look.bad || length < HEAD || length > oto_left(c))
		return false;
	struct oto_cur e = oto_sub(c, length);
	oto_skip(&e, 4);
	struct ads_symbol s = { .group = oto_le32(&e) };
	s.offset = oto_le32(&e);
	s.length = oto_le32(&e);
	uint32_t type = oto_le32(&e);
	oto_skip(&e, 4);
	uint16_t name_length = oto_le16(&e);
	oto_skip(&e, 4);
	ads_name_symbol(&s, oto_take(&e, name_length));
	if (e.bad)
		return false;
	s.type = type < 256 ? (uint8_t)type : 0;
	learn(p, BY_NAME, oto_key_of(0, name_of(&s)), &s);
	learn(p, BY_ADDRESS, address_key(&s), &s);
	return true;
}

void ads_find(const struct ads_parse *p, struct ads_symbol *s)
{
	const struct ads_symbol *row = NULL;

	if (s->group == ADS_VALUE_BY_HANDLE)
		row = recall(p, BY_HANDLE, s->offset);
	else if (s->name_len)
		row = recall(p, BY_NAME, oto_key_of(0, name_of(s)));
	else if (s->group > ADS_LAST_SERVICE)
		row = recall(p, BY_ADDRESS, address_key(s));
	if (!row)
		return;
	s->type = row->type;
	ads_name_symbol(s, name_of(row));
}

bool ads_find_notification(const struct ads_parse *p, uint32_t handle, struct ads_symbol *s)
{
	const struct ads_symbol *row = recall(p, BY_NOTIFICATION, handle);

	if (row)
		*s = *row;
	return row;
}

void ads_keep_item(const struct ads_parse *p, uint64_t sum, uint32_t i, const struct ads_symbol *s)
{
	struct ads_symbol *slot = oto_remember(p->cx, &items, oto_key_mix(sum, i, BY_ITEM));

	if (slot)
		*slot = *s;
}

/* What is gone is made anew when it is asked for again. */
bool ads_kept_item(const struct ads_parse *p, uint64_t sum, uint32_t i, struct ads_symbol *s)
{
	const struct ads_symbol *row = oto_recall(p->cx, &items, oto_key_mix(sum, i, BY_ITEM));

	if (row)
		*s = *row;
	else
		((struct ads_flow *)p->cx->state)->changes++;
	return row;
}

void ads_keep_list(const struct ads_parse *p, uint64_t sum)
{
	struct list *slot = p->list.len ? oto_remember(p->cx, &lists, sum) : NULL;

	if (!slot)
		return;
	slot->len = p->list.len;
	memcpy(slot->text, p->list.at, p->list.len);
}

bool ads_kept_list(struct ads_parse *p, uint64_t sum)
{
	const struct list *row = oto_recall(p->cx, &lists, sum);

	if (!row)
		return false;
	p->list = text_new(p->cx, LIST);
	text_put_slice(&p->list, (struct oto_slice){ row->text, row->len });
	return true;
}

/* ------------------------------------------------------------------------------------------------ what is touched */

struct oto_target ads_target(const struct ads_parse *p, const struct ads_symbol *s)
{
	const struct ads_group *group = ads_group_of(p->m->port, s->group);

	if (s->name_len)
		return (struct oto_target){ .space = "symbol", .name = say_copy(p->cx, name_of(s)) };
	if (!group)
		return (struct oto_target){ .name = say_text(p->cx, 24, "0x%x:0x%x", (unsigned)s->group, (unsigned)s->offset) };
	return (struct oto_target){ .space = group->space ? group->space : group->name.name,
				    .first = s->offset,
				    .count = group->space && s->length ? s->length : 1 };
}

/* As a target is written. */
static void put_target(struct text *t, const struct oto_target *target)
{
	if (target->space) {
		text_put(t, target->space);
		text_put(t, ":");
	}
	if (target->name.len) {
		text_put_slice(t, target->name);
		return;
	}
	text_put_number(t, target->first);
	if (target->count > 1) {
		text_put(t, "-");
		text_put_number(t, target->first + target->count - 1);
	}
}

void ads_list_symbol(struct ads_parse *p, const struct ads_symbol *s)
{
	struct oto_target target = ads_target(p, s);

	if (!p->list.at)
		p->list = text_new(p->cx, LIST);
	if (p->list.len)
		text_put(&p->list, ",");
	put_target(&p->list, &target);
}

/* ------------------------------------------------------------------------------------------------ values */

/* Where nobody told the type: a byte or a word is a number, longer ones may be anything. */
static uint8_t type_of(const struct ads_symbol *s, uint32_t len)
{
	if (s->type)
		return s->type;
	return len == 1 ? ADS_UINT8 : len == 2 ? ADS_UINT16 : 0;
}

static double real_of(uint64_t bits, bool is_double)
{
	uint32_t half = (uint32_t)bits;
	double d;
	float f;

	memcpy(&d, &bits, sizeof d);
	memcpy(&f, &half, sizeof f);
	return is_double ? d : (double)f;
}

static bool number_of(uint8_t type, struct oto_slice data, double *out)
{
	struct oto_cur c = oto_cur_of(data);

	switch (type) {
	case ADS_BIT:
	case ADS_UINT8:
		*out = oto_u8(&c);
		break;
	case ADS_INT8:
		*out = (int8_t)oto_u8(&c);
		break;
	case ADS_UINT16:
		*out = oto_le16(&c);
		break;
	case ADS_INT16:
		*out = (int16_t)oto_le16(&c);
		break;
	case ADS_UINT32:
		*out = oto_le32(&c);
		break;
	case ADS_INT32:
		*out = (int32_t)oto_le32(&c);
		break;
	case ADS_UINT64:
		*out = (double)oto_le64(&c);
		break;
	case ADS_INT64:
		*out = (double)(int64_t)oto_le64(&c);
		break;
	case ADS_REAL32:
		*out = real_of(oto_le32(&c), false);
		break;
	case ADS_REAL64:
		*out = real_of(oto_le64(&c), true);
		break;
	default:
		return false;
	}
	return !c.bad && !oto_left(&c) && *out == *out; /* arrays are no number, nor is NaN */
}

static struct oto_slice text_of(const struct ads_parse *p, const struct ads_value *v, struct oto_slice data)
{
	enum { HEX = 32 };

	if (v->has_number)
		return say_text(p->cx, 32, "%.*g", v->type == ADS_REAL32 ? 7 : 15, v->number);
	if (v->type == ADS_STRING)
		return say_string(data);
	struct text t = text_new(p->cx, 2 * HEX);
	text_put_hex(&t, data);
	return text_end(&t);
}

void ads_tell_value(struct ads_parse *p, const struct ads_symbol *s, struct oto_slice data, enum ads_access access)
{
	enum { VALUES = 480 };

	if (!data.len || (!p->wants_values && !p->wants_text))
		return;
	bool to_server = p->cx->is_orig == (access == ADS_IS_WRITTEN); /* is the flow's originator the client? */
	const struct oto_head *h = p->cx->head;
	struct ads_value v = { .client = to_server ? h->orig_h : h->resp_h,
			       .server = to_server ? h->resp_h : h->orig_h,
			       .net_id = p->m->net_id,
			       .unit = p->m->port,
			       .access = (uint8_t)access,
			       .type = type_of(s, data.len) };
	v.has_type = v.type;
	v.has_number = number_of(v.type, data, &v.number);
	v.text = text_of(p, &v, data);
	if (!p->value.at)
		p->value = text_new(p->cx, VALUES);
	if (p->value.len)
		text_put(&p->value, ",");
	text_put_slice(&p->value, v.text);
	if (!p->wants_values)
		return;
	struct oto_target target = ads_target(p, s);
	struct text label = text_new(p->cx, ADS_NAME + 32);
	put_target(&label, &target);
	v.target = text_end(&label);
	oto_emit(p->cx, ADS_EV_VALUE, &v);
}
