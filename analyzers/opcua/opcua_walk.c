/* opcua_walk.c - reads the parameters of services by their forms: what is passed over, what is told. Knows the letters, no service. */
#include "opcua.h"

static void put_whole(struct text *t, const struct opcua_node *n)
{
	uint32_t before = t->len;

	opcua_put_comma(t);
	opcua_put_node(t, n);
	if (t->len == t->room) /* half of a name would be another's */
		t->len = before;
}

/* Methods whose arguments are passwords or keys: of users, of PubSub, of credentials, of the server's certificate. */
static bool is_secret(const struct opcua_node *n)
{
	static const uint32_t methods[] = { 12616, 13737, 17296, 17364, 18006, 24269, 24271, 24275, 24304, 24306, 24310 };
	bool found = false;

	for (uint32_t i = 0; n->kind == 'i' && !n->space && i < sizeof methods / sizeof *methods; i++)
		found |= methods[i] == n->number;
	return found;
}

static void take_touched(struct opcua_parse *p, struct oto_cur *c)
{
	p->item.node = opcua_take_node(c);
	p->item.touched = true;
	if (c->bad)
		return;
	put_whole(&p->nodes, &p->item.node);
	if (p->m->service != OPCUA_CALL)
		return;
	p->item.secret = is_secret(&p->item.node);
	if (!p->m->has_method && p->item.node.kind == 'i' && !p->item.node.space) {
		p->m->method = p->item.node.number;
		p->m->has_method = oto_name_of(&opcua_methods, p->m->method) != NULL;
	}
}

static void take_status(struct opcua_parse *p, uint32_t status, uint32_t depth)
{
	p->item.touched = true;
	p->item.status = status;
	p->m->has_failures = true;
	if (!opcua_is_bad(status))
		return;
	p->m->failures += depth < 2;
	if (!p->m->failure)
		p->m->failure = opcua_status_word(status);
}

static void take_data(struct opcua_parse *p, struct oto_cur *c, uint32_t depth)
{
	struct opcua_item *item = &p->item;

	opcua_put_comma(&p->values);
	item->value = p->tells_values ? (struct text){ item->text, 0, sizeof item->text } : (struct text){ 0 };
	item->data = (struct opcua_data){ 0 };
	opcua_take_data(c, p->tells_values ? &item->value : &p->values, &item->data);
	if (p->tells_values)
		text_put_slice(&p->values, (struct oto_slice){ item->text, item->value.len });
	item->has_data = item->touched = true;
	if (!p->is_request)
		take_status(p, item->data.status, depth);
}

static void take_argument(struct opcua_parse *p, struct oto_cur *c)
{
	struct text nowhere = { 0 };
	struct opcua_value v = { 0 };

	if (!p->item.secret)
		opcua_put_comma(&p->values);
	opcua_take_variant(c, p->item.secret ? &nowhere : &p->values, &v);
}

static void take_diagnostic(struct opcua_parse *p, struct oto_cur *c)
{
	struct opcua_diagnostic d = { 0 };

	opcua_take_diagnostic(c, &d);
	if (!p->m->diagnostics.len)
		p->m->diagnostics = d.info;
}

/* What a node or name is added to the values by the answer. */
static void take_answered(struct opcua_parse *p, struct oto_cur *c)
{
	struct opcua_node n = opcua_take_node(c);

	p->item.touched = true;
	if (!c->bad && !opcua_is_null(&n))
		put_whole(&p->values, &n);
}

static void take_below(struct opcua_parse *p, struct oto_cur *c)
{
	uint32_t before = p->nodes.len;

	text_put_byte(&p->nodes, '/');
	opcua_take_name(c, &p->nodes);
	if (p->nodes.len == before + 1)
		p->nodes.len = before;
}

static void take_extension(struct opcua_parse *p, struct oto_cur *c)
{
	struct opcua_extension e = opcua_take_extension(c);
	const char *form = opcua_content_of(e.type);
	struct oto_cur inside = oto_cur_of(e.body);

	if (form && e.body.len) {
		p->inside++;
		opcua_walk(p, &inside, form);
		p->inside--;
		c->bad |= inside.bad;
	}
}

static void take_plain(struct opcua_parse *p, struct oto_cur *c, char letter)
{
	static const struct text none;
	struct text nowhere = none;
	struct opcua_value v = { 0 };

	switch (letter) {
	case '1':
	case '2':
	case '4':
	case '8':
		oto_skip(c, (uint32_t)(letter - '0'));
		break;
	case 's':
		opcua_take_string(c);
		break;
	case 'q':
		opcua_take_name(c, &nowhere);
		break;
	case 'l':
		opcua_take_localized(c);
		break;
	case 'n':
		opcua_take_node(c);
		break;
	case 'e':
		opcua_take_extension(c);
		break;
	case 'v':
		opcua_take_variant(c, &nowhere, &v);
		break;
	default:
		take_diagnostic(p, c);
	}
}

static void take_number(struct opcua_parse *p, struct oto_cur *c, char letter)
{
	struct opcua_item *item = &p->item;
	struct opcua_message *m = p->m;
	uint32_t n = letter == 'P' ? oto_u8(c) : oto_le32(c);

	switch (letter) {
	case 'A':
		item->attribute = n;
		if (!m->has_attribute)
			m->attribute = (uint16_t)n;
		m->has_attribute = true;
		break;
	case 'I':
		m->subscription_id = n;
		m->has_subscription = true;
		break;
	case 'H':
		item->handle = n;
		item->has_handle = item->touched = true;
		break;
	case 'M':
		item->id = n;
		item->has_id = item->touched = true;
		break;
	default:
		m->more_notifications = n;
		m->has_more = true;
	}
}

static void take_field(struct opcua_parse *p, struct oto_cur *c, char letter, uint32_t depth)
{
	struct opcua_node n;

	switch (letter) {
	case 'N':
		take_touched(p, c);
		break;
	case 'B':
		take_below(p, c);
		break;
	case 'O':
		n = opcua_take_node(c);
		put_whole(&p->objects, &n);
		break;
	case 'R':
		p->item.range = opcua_take_string(c);
		break;
	case 'D':
		take_data(p, c, depth);
		break;
	case 'V':
		take_argument(p, c);
		break;
	case 'S':
		take_status(p, oto_le32(c), depth);
		break;
	case 'T':
		take_answered(p, c);
		break;
	case 'W':
		opcua_put_comma(&p->values);
		opcua_take_name(c, &p->values);
		break;
	case 'w':
		opcua_put_comma(&p->values);
		text_put_slice(&p->values, opcua_take_string(c));
		p->item.touched = true;
		break;
	case 'E':
		take_extension(p, c);
		break;
	case 'A':
	case 'I':
	case 'H':
	case 'M':
	case 'P':
		take_number(p, c, letter);
		break;
	default:
		take_plain(p, c, letter);
	}
}

/* Behind the bracket that closes what begins here. */
static const char *behind(const char *form)
{
	for (uint32_t open = 1; open; form++)
		open += *form == '[' ? 1u : *form == ']' ? -1u : 0u;
	return form;
}

enum { LOOPS = 4 };
struct loop {
	const char *from;
	uint32_t left;
};

void opcua_walk(struct opcua_parse *p, struct oto_cur *c, const char *form)
{
	struct loop loop[LOOPS];
	uint32_t depth = 0;

	while (*form && !c->bad) {
		char letter = *form++;
		if (letter == '[') {
			uint32_t n = opcua_take_count(c);
			if (n && depth < LOOPS)
				loop[depth++] = (struct loop){ form, n };
			else
				form = behind(form);
			if (n && depth == 1)
				opcua_list_begins(p, c);
		} else if (letter == ']') {
			if (depth == 1 && !c->bad)
				opcua_item_ends(p, c);
			if (--loop[depth - 1].left)
				form = loop[depth - 1].from;
			else
				depth--;
			if (depth == 1 && form == loop[0].from)
				opcua_item_begins(p);
		} else {
			take_field(p, c, letter, depth);
		}
	}
}
