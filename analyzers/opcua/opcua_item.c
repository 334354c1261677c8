/* opcua_item.c - what is done with the items of a list: values are told with the node they belong to, which the request named, or the
 * client when it began to monitor it. */
#include "opcua.h"

/* ------------------------------------------------------------------------------------------------ what is monitored */

struct watched {
	uint32_t attribute, number; /* number: of a node of namespace 0 */
	uint8_t len;
	uint8_t node[115];
};
static const struct oto_memory watched_memory = {
	.self_size = sizeof watched_memory,
	.size = sizeof(struct watched),
	.bound = 65536,
	.scope = OTO_SCOPE_PAIR,
	.name = "opcua.monitored",
};
enum watched_by { BY_HANDLE, BY_ID };

/* Subscriptions are numbered by the server, items by either side. */
static uint64_t watched_key(const struct opcua_parse *p, enum watched_by by, uint32_t number)
{
	uint16_t server = p->by_client ? oto_dest_port(p->cx) : oto_source_port(p->cx);

	return oto_key_mix((uint64_t)p->m->subscription_id << 32 | number, (uint64_t)server << 1 | by, 1);
}

static void watch(struct opcua_parse *p, enum watched_by by, uint32_t number, const struct watched *w)
{
	struct watched *slot = w->len ? oto_remember(p->cx, &watched_memory, watched_key(p, by, number)) : NULL;

	if (slot)
		*slot = *w;
}

/* Empty when nobody knows. */
static struct watched watched_of(struct opcua_parse *p, enum watched_by by, uint32_t number)
{
	const struct watched *slot = oto_recall(p->cx, &watched_memory, watched_key(p, by, number));

	return slot ? *slot : (struct watched){ 0 };
}

/* What a client calls an item, in the order of the request: the answer gives the server's number for it. */
static void keep_handle(struct opcua_parse *p, uint32_t handle)
{
	struct opcua_note *note = &p->note;
	uint32_t at = note->items_len;

	if (at + sizeof handle > sizeof note->items)
		return;
	memcpy(note->items + at, &handle, sizeof handle);
	note->items_len = (uint16_t)(at + sizeof handle);
}

static void item_asked(struct opcua_parse *p)
{
	struct opcua_item *item = &p->item;
	struct watched w = { .attribute = item->attribute };
	struct text t = { w.node, 0, sizeof w.node };

	if (p->m->service == OPCUA_CREATE_ITEMS) {
		opcua_put_node(&t, &item->node);
		w.number = item->node.kind == 'i' && !item->node.space ? item->node.number : 0;
		w.len = (uint8_t)t.len;
		watch(p, BY_HANDLE, item->handle, &w);
		keep_handle(p, item->handle);
		return;
	}
	w = watched_of(p, BY_ID, item->id);
	if (w.len)
		opcua_put_comma(&p->nodes);
	text_put_slice(&p->nodes, (struct oto_slice){ w.node, w.len });
	if (item->has_handle)
		watch(p, BY_HANDLE, item->handle, &w);
}

static void item_created(struct opcua_parse *p)
{
	uint32_t at = p->index * (uint32_t)sizeof(uint32_t), handle;

	if (opcua_is_bad(p->item.status) || at + sizeof handle > p->note.items_len)
		return;
	memcpy(&handle, p->note.items + at, sizeof handle);
	struct watched w = watched_of(p, BY_HANDLE, handle);
	watch(p, BY_ID, p->item.id, &w);
}

/* ------------------------------------------------------------------------------------------------ what is told of each */

static struct oto_slice copy_of(struct oto_ctx *cx, const struct text *t)
{
	return say_copy(cx, (struct oto_slice){ t->at, t->len });
}

static void tell(struct opcua_parse *p, struct oto_slice node, uint32_t attribute)
{
	const struct opcua_item *item = &p->item;
	const struct opcua_message *m = p->m;
	const struct oto_addr *sender = p->cx->is_orig ? &p->cx->head->orig_h : &p->cx->head->resp_h;
	const struct oto_addr *receiver = p->cx->is_orig ? &p->cx->head->resp_h : &p->cx->head->orig_h;
	struct opcua_value_event e = { .client = p->by_client ? *sender : *receiver,
				       .server = p->by_client ? *receiver : *sender,
				       .access = p->access,
				       .status = opcua_status_word(item->data.status),
				       .status_code = item->data.status,
				       .attribute = (uint16_t)attribute,
				       .data_type = item->data.value.type,
				       .has_type = item->data.value.has_type,
				       .number = item->data.value.number,
				       .has_number = item->data.value.has_number && !item->data.value.is_array,
				       .source_time = item->data.source_time,
				       .has_time = item->data.has_time,
				       .subscription_id = m->subscription_id,
				       .has_subscription = m->has_subscription,
				       .client_handle = item->handle,
				       .has_handle = item->has_handle,
				       .node_id = node,
				       .index_range = say_copy(p->cx, item->range),
				       .user = m->user,
				       .value = copy_of(p->cx, &item->value) };

	oto_emit(p->cx, EV_VALUE, &e);
}

/* A report of a node is an operation of its own: which of them come together is chance. */
static void tell_report(struct opcua_parse *p, struct oto_slice node)
{
	enum { MOST = 64 };
	struct oto_operation o = { .self_size = sizeof o,
				   .op = OTO_OP_CYCLIC,
				   .func = "Publish",
				   .func_code = OPCUA_PUBLISH,
				   .by_receiver = true,
				   .target = { .name = node } };

	if (p->index < MOST)
		oto_operation(p->cx, &o);
}

static void item_reported(struct opcua_parse *p)
{
	struct watched w = watched_of(p, BY_HANDLE, p->item.handle);
	struct oto_slice node = say_copy(p->cx, (struct oto_slice){ w.node, w.len });

	struct opcua_node well_known = { .kind = 'i', .number = w.number };
	tell_report(p, node);
	if (p->item.has_data && w.attribute == OPCUA_VALUE)
		opcua_tell_value(p, &well_known, &p->item.data.value);
	if (p->item.has_data && p->tells_values)
		tell(p, node, w.attribute);
	p->index++;
}

static void item_told(struct opcua_parse *p)
{
	struct opcua_item *item = &p->item;
	uint8_t bytes[OPCUA_VALUE_TEXT];
	struct text t = { bytes, 0, sizeof bytes };

	if (!p->is_request && item->attribute == OPCUA_VALUE)
		opcua_tell_value(p, &item->node, &item->data.value);
	if (!p->tells_values || !item->node.kind)
		return;
	opcua_put_node(&t, &item->node);
	tell(p, copy_of(p->cx, &t), item->attribute);
}

/* ------------------------------------------------------------------------------------------------ lists */

void opcua_list_begins(struct opcua_parse *p, const struct oto_cur *c)
{
	if (p->inside)
		return;
	p->index = 0;
	if (p->is_request && !p->list.data)
		p->list.data = c->at;
	opcua_item_begins(p);
}

/* Which item of its request is answered: a value or history of it follows. */
void opcua_item_begins(struct opcua_parse *p)
{
	struct text nowhere = { 0 };
	struct oto_cur *asked = &p->asked;

	if (p->inside || p->is_request || !oto_left(asked))
		return;
	struct opcua_node node = opcua_take_node(asked);
	uint32_t attribute = p->m->service == OPCUA_READ ? oto_le32(asked) : OPCUA_VALUE;
	struct oto_slice range = opcua_take_string(asked);
	opcua_take_name(asked, &nowhere);
	if (p->m->service == OPCUA_HISTORY_READ)
		opcua_take_string(asked);
	p->item.node = asked->bad ? (struct opcua_node){ 0 } : node;
	p->item.attribute = attribute;
	p->item.range = range;
}

void opcua_item_ends(struct opcua_parse *p, const struct oto_cur *c)
{
	struct opcua_item *item = &p->item;
	bool counts = item->touched && (!p->inside || item->has_handle); /* values of a history are one result */

	p->m->number_of_items += counts;
	p->m->has_items |= counts;
	if (p->is_request && (item->has_handle || item->has_id))
		item_asked(p);
	else if (item->has_handle)
		item_reported(p);
	else if (item->has_id)
		item_created(p);
	else if (item->has_data)
		item_told(p);
	if (!p->inside) {
		p->index++;
		p->list.len = p->is_request && p->list.data ? (uint32_t)(c->at - p->list.data) : 0;
	}
	item->touched &= p->inside && !item->has_handle;
	item->has_data = item->has_handle = item->has_id = false;
}

void opcua_drop_items(struct oto_ctx *cx, struct opcua_asked *a)
{
	if (a->items)
		oto_let_go(cx, a->items);
	*a = (struct opcua_asked){ 0 };
}

/* Long lists, of reads with many nodes, are held apart. */
void opcua_keep_items(struct opcua_parse *p)
{
	enum { MOST = 16 * 1024 };
	struct opcua_flow *flow = p->flow;
	struct oto_slice list = say_first(p->list, MOST);

	if ((p->m->service != OPCUA_READ && p->m->service != OPCUA_HISTORY_READ) || !list.len)
		return;
	if (list.len <= sizeof p->note.items) {
		memcpy(p->note.items, list.data, list.len);
		p->note.items_len = (uint16_t)list.len;
		return;
	}
	uint32_t slot = flow->next_asked++ % OPCUA_ASKED;
	struct opcua_asked *a = &flow->asked[slot];
	opcua_drop_items(p->cx, a);
	*a = (struct opcua_asked){ oto_hold(p->cx, list.len), p->m->request_id, list.len };
	if (a->items)
		memcpy(a->items, list.data, list.len);
	p->note.slot = a->items ? (uint8_t)(slot + 1) : 0;
}

void opcua_find_items(struct opcua_parse *p)
{
	struct opcua_asked *a = p->note.slot ? &p->flow->asked[p->note.slot - 1] : NULL;

	if (p->m->service != OPCUA_READ && p->m->service != OPCUA_HISTORY_READ)
		return;
	if (a && a->items && a->request_id == p->m->request_id) {
		p->asked = oto_cur_of(say_copy(p->cx, (struct oto_slice){ a->items, a->len }));
		opcua_drop_items(p->cx, a);
	} else {
		p->asked = oto_cur_of((struct oto_slice){ p->note.items, p->note.items_len });
	}
}
