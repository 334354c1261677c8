/* opcua_facts.c - what a server says of itself in the values of its well-known nodes (OPC 10000-5 6.3, 12.4) and in its addresses. */
#include "opcua.h"

enum { BUILD_INFO = 340, SERVER_STATUS = 864 }; /* encoding ids */
enum { STATE = 2259, PRODUCT = 2261, MANUFACTURER = 2263, SOFTWARE = 2264, BUILD = 2265 };

static const char *key_of(uint32_t node)
{
	switch (node) {
	case PRODUCT:
		return "model";
	case MANUFACTURER:
		return "vendor";
	case SOFTWARE:
		return "firmware";
	case BUILD:
		return "build";
	default:
		return NULL;
	}
}

/* An empty string is no fact, and a long one is no name. */
static void tell(struct opcua_parse *p, const char *key, struct oto_slice value)
{
	enum { LONGEST = 120 };

	if (key && value.len && value.len <= LONGEST)
		say_fact(p->cx, key, say_trim(value), SAY_STATED);
}

static void tell_state(struct opcua_parse *p, uint32_t state)
{
	const struct oto_name *row = oto_name_of(&opcua_states, state);

	if (row)
		tell(p, "state", oto_slice_of(row->name));
}

/* BuildInfo: productUri, manufacturerName, productName, softwareVersion, buildNumber, buildDate. */
static void tell_build(struct opcua_parse *p, struct oto_cur *c)
{
	static const uint32_t order[] = { MANUFACTURER, PRODUCT, SOFTWARE, BUILD };
	struct oto_slice text[sizeof order / sizeof *order];

	opcua_take_string(c);
	for (uint32_t i = 0; i < sizeof order / sizeof *order; i++)
		text[i] = opcua_take_string(c);
	for (uint32_t i = 0; i < sizeof order / sizeof *order && !c->bad; i++)
		tell(p, key_of(order[i]), text[i]);
}

/* ServerStatusDataType: startTime, currentTime, state, buildInfo, secondsTillShutdown, shutdownReason. */
static void tell_status(struct opcua_parse *p, struct oto_cur *c)
{
	oto_skip(c, 16);
	uint32_t state = oto_le32(c);
	if (c->bad)
		return;
	tell_state(p, state);
	tell_build(p, c);
}

void opcua_tell_value(struct opcua_parse *p, const struct opcua_node *node, const struct opcua_value *v)
{
	struct oto_cur c = oto_cur_of(v->extension.body);

	if (v->extension.type == BUILD_INFO)
		tell_build(p, &c);
	else if (v->extension.type == SERVER_STATUS)
		tell_status(p, &c);
	else if (node->kind != 'i' || node->space)
		return;
	else if (node->number == STATE)
		tell_state(p, v->has_number && v->number >= 0 && v->number < opcua_states.count ? (uint32_t)v->number : opcua_states.count);
	else
		tell(p, key_of(node->number), v->text);
}

/* Letters make a name of a host of what else would be an address. */
static bool is_name(struct oto_slice host)
{
	bool letter = false;

	for (uint32_t i = 0; i < host.len; i++) {
		uint8_t b = say_lower(host.data[i]);
		if (b == ':')
			return false;
		letter |= b >= 'a' && b <= 'z';
	}
	return letter && !say_is(host, "localhost");
}

/* "opc.tcp://HOST:4840/path" */
void opcua_tell_host(struct opcua_parse *p, struct oto_slice url, uint8_t confidence)
{
	static const char scheme[] = "opc.tcp://";
	enum { SCHEME = sizeof scheme - 1 };

	if (!say_begins(url, scheme))
		return;
	struct oto_slice host = say_from(url, SCHEME);
	host = say_first(host, say_find(host, '/'));
	if (!host.len || host.data[0] == '[')
		return;
	host = say_first(host, say_find(host, ':'));
	if (is_name(host))
		say_fact(p->cx, "hostname", host, confidence);
}
