/* opcua_value.c - the built-in types of the binary encoding (OPC 10000-6 5.2.2), values of every type as text.
 *
 * Values lie in each other as deep as DEEP; elements of an array take an octet at least, so that the message bounds the work.
 */
#include "opcua.h"

enum { DEEP = 8 };

struct oto_slice opcua_take_string(struct oto_cur *c)
{
	int32_t n = (int32_t)oto_le32(c);

	if (n < 0) /* null; some write any negative number */
		return (struct oto_slice){ 0 };
	return oto_take(c, (uint32_t)n);
}

uint32_t opcua_take_count(struct oto_cur *c)
{
	int32_t n = (int32_t)oto_le32(c);

	if (n <= 0)
		return 0;
	if ((uint32_t)n > oto_left(c))
		c->bad = true;
	return c->bad ? 0 : (uint32_t)n;
}

struct oto_slice opcua_take_localized(struct oto_cur *c)
{
	uint8_t has = oto_u8(c);

	if (has & 1)
		opcua_take_string(c);
	return has & 2 ? opcua_take_string(c) : (struct oto_slice){ 0 };
}

void opcua_take_name(struct oto_cur *c, struct text *t)
{
	uint16_t space = oto_le16(c);
	struct oto_slice name = opcua_take_string(c);

	if (space) {
		text_put_number(t, space);
		text_put_byte(t, ':');
	}
	text_put_slice(t, name);
}

struct oto_time opcua_take_time(struct oto_cur *c)
{
	const int64_t epoch = INT64_C(116444736000000000), most = epoch + INT64_MAX / 100; /* ticks of 100 ns from 1601 to 1970 */
	int64_t ticks = (int64_t)oto_le64(c);

	return (struct oto_time){ ticks > epoch && ticks < most ? (ticks - epoch) * 100 : 0 };
}

/* ------------------------------------------------------------------------------------------------ nodes */

struct opcua_node opcua_take_node(struct oto_cur *c)
{
	enum { TWO_BYTE, FOUR_BYTE, NUMERIC, STRING, GUID, BYTES, KINDS, SERVER = 0x40, URI = 0x80 };
	static const uint8_t kinds[KINDS] = { 'i', 'i', 'i', 's', 'g', 'b' };
	uint8_t encoding = oto_u8(c), kind = encoding & 0x3f;
	struct opcua_node n = { .kind = kind < KINDS ? kinds[kind] : 0 };

	if (kind == FOUR_BYTE)
		n.space = oto_u8(c);
	else if (kind != TWO_BYTE)
		n.space = oto_le16(c);
	switch (kind) {
	case TWO_BYTE:
		n.number = oto_u8(c);
		break;
	case FOUR_BYTE:
		n.number = oto_le16(c);
		break;
	case NUMERIC:
		n.number = oto_le32(c);
		break;
	case STRING:
	case BYTES:
		n.id = opcua_take_string(c);
		break;
	case GUID:
		n.id = oto_take(c, 16);
		break;
	default:
		c->bad = true;
	}
	n.uri = encoding & URI ? opcua_take_string(c) : (struct oto_slice){ 0 };
	n.server = encoding & SERVER ? oto_le32(c) : 0;
	return n;
}

void opcua_put_node(struct text *t, const struct opcua_node *n)
{
	if (n->server) {
		text_put(t, "svr=");
		text_put_number(t, n->server);
		text_put_byte(t, ';');
	}
	if (n->uri.len) {
		text_put(t, "nsu=");
		text_put_slice(t, n->uri);
		text_put_byte(t, ';');
	} else if (n->space) {
		text_put(t, "ns=");
		text_put_number(t, n->space);
		text_put_byte(t, ';');
	}
	text_put_byte(t, n->kind);
	text_put_byte(t, '=');
	if (n->kind == 'i')
		text_put_number(t, n->number);
	else if (n->kind == 's')
		text_put_slice(t, n->id);
	else if (n->kind == 'g')
		opcua_put_guid(t, n->id);
	else
		opcua_put_base64(t, n->id);
}

struct opcua_extension opcua_take_extension(struct oto_cur *c)
{
	enum { NO_BODY, BINARY, XML };
	struct opcua_node type = opcua_take_node(c);
	uint8_t encoding = oto_u8(c);
	struct opcua_extension e = { .type = type.kind == 'i' && !type.space ? type.number : 0 };

	if (encoding > XML)
		c->bad = true;
	if (encoding != NO_BODY)
		e.body = opcua_take_string(c);
	if (encoding == XML)
		e = (struct opcua_extension){ 0 };
	return e;
}

/* ------------------------------------------------------------------------------------------------ diagnostics */

/* The inner one is the last field: a loop. The limit is the standard's. */
void opcua_take_diagnostic(struct oto_cur *c, struct opcua_diagnostic *d)
{
	enum { NUMBERS = 0x0f, INFO = 0x10, STATUS = 0x20, INNER = 0x40, MOST = 100 };

	for (uint32_t i = 0; i < MOST && !c->bad; i++) {
		uint8_t has = oto_u8(c);
		for (uint32_t bit = 1; bit & NUMBERS; bit <<= 1)
			oto_skip(c, has & bit ? 4 : 0);
		struct oto_slice info = has & INFO ? opcua_take_string(c) : (struct oto_slice){ 0 };
		if (!d->info.len)
			d->info = info;
		if (has & STATUS) {
			d->status = oto_le32(c);
			d->has_status = true;
		}
		if (!(has & INNER))
			return;
	}
	c->bad = true;
}

/* ------------------------------------------------------------------------------------------------ values */

enum type {
	BOOLEAN = 1,
	SBYTE,
	BYTE,
	INT16,
	UINT16,
	INT32,
	UINT32,
	INT64,
	UINT64,
	FLOAT,
	DOUBLE,
	STRING,
	DATE_TIME,
	GUID,
	BYTE_STRING,
	XML_ELEMENT,
	NODE_ID,
	EXPANDED_NODE_ID,
	STATUS_CODE,
	QUALIFIED_NAME,
	LOCALIZED_TEXT,
	EXTENSION_OBJECT,
	DATA_VALUE,
	VARIANT,
	DIAGNOSTIC_INFO,
	TYPES
};

static void take_variant(struct oto_cur *c, struct text *t, struct opcua_value *v, uint32_t depth);
static void take_data(struct oto_cur *c, struct text *t, struct opcua_data *d, uint32_t depth);

static int64_t whole_of(struct oto_cur *c, uint8_t type)
{
	switch (type) {
	case BOOLEAN:
		return oto_u8(c) != 0;
	case SBYTE:
		return (int8_t)oto_u8(c);
	case BYTE:
		return oto_u8(c);
	case INT16:
		return (int16_t)oto_le16(c);
	case UINT16:
		return oto_le16(c);
	case INT32:
		return (int32_t)oto_le32(c);
	case UINT32:
		return oto_le32(c);
	default:
		return (int64_t)oto_le64(c);
	}
}

static void take_whole(struct oto_cur *c, struct text *t, struct opcua_value *v, uint8_t type)
{
	int64_t n = whole_of(c, type);

	v->number = type == UINT64 ? (double)(uint64_t)n : (double)n;
	v->has_number = true;
	if (type == BOOLEAN)
		text_put(t, n ? "true" : "false");
	else if (type == UINT64)
		text_put_number(t, (uint64_t)n);
	else
		opcua_put_signed(t, n);
}

static void take_real(struct oto_cur *c, struct text *t, struct opcua_value *v, uint8_t type)
{
	enum { OF_FLOAT = 7, OF_DOUBLE = 15 };
	uint64_t bits = type == FLOAT ? oto_le32(c) : oto_le64(c);
	uint32_t low = (uint32_t)bits;
	float f;

	if (type == FLOAT) {
		memcpy(&f, &low, sizeof f);
		v->number = (double)f;
	} else {
		memcpy(&v->number, &bits, sizeof v->number);
	}
	v->has_number = v->number > -1e308 && v->number < 1e308; /* is a number, and finite */
	opcua_put_real(t, v->number, type == FLOAT ? OF_FLOAT : OF_DOUBLE);
}

static void put_extension(struct text *t, const struct opcua_extension *e)
{
	text_put(t, "i=");
	text_put_number(t, e->type);
	if (e->body.len) {
		text_put_byte(t, ' ');
		text_put_hex(t, e->body);
	}
}

/* What is neither a number nor lies in another. */
static void take_plain(struct oto_cur *c, struct text *t, struct opcua_value *v, uint8_t type)
{
	struct opcua_diagnostic d = { 0 };
	struct opcua_node n;

	switch (type) {
	case STRING:
	case XML_ELEMENT:
		v->text = opcua_take_string(c);
		text_put_slice(t, v->text);
		break;
	case DATE_TIME:
		opcua_put_time(t, (int64_t)oto_le64(c));
		break;
	case GUID:
		opcua_put_guid(t, oto_take(c, 16));
		break;
	case NODE_ID:
	case EXPANDED_NODE_ID:
		n = opcua_take_node(c);
		opcua_put_node(t, &n);
		break;
	case STATUS_CODE:
		text_put(t, opcua_status_word(oto_le32(c)));
		break;
	case QUALIFIED_NAME:
		opcua_take_name(c, t);
		break;
	case LOCALIZED_TEXT:
		v->text = opcua_take_localized(c);
		text_put_slice(t, v->text);
		break;
	case EXTENSION_OBJECT:
		v->extension = opcua_take_extension(c);
		put_extension(t, &v->extension);
		break;
	case DIAGNOSTIC_INFO:
		opcua_take_diagnostic(c, &d);
		text_put_slice(t, d.info);
		break;
	default: /* byte strings; numbers above those of types are read as such, too (5.2.2.16) */
		text_put_hex(t, opcua_take_string(c));
	}
}

static void take_element(struct oto_cur *c, struct text *t, struct opcua_value *v, uint8_t type, uint32_t depth)
{
	struct opcua_value inner = { 0 };
	struct opcua_data data = { 0 };

	if (type == VARIANT) {
		take_variant(c, t, &inner, depth + 1);
	} else if (type == DATA_VALUE) {
		take_data(c, t, &data, depth + 1);
	} else if (type == FLOAT || type == DOUBLE) {
		take_real(c, t, v, type);
	} else if (type && type < FLOAT) {
		take_whole(c, t, v, type);
	} else if (type) {
		take_plain(c, t, v, type);
	}
}

static void take_array(struct oto_cur *c, struct text *t, struct opcua_value *v, uint32_t depth)
{
	uint32_t n = opcua_take_count(c);

	text_put_byte(t, '{');
	for (uint32_t i = 0; i < n && !c->bad; i++) {
		struct opcua_value element = { 0 };
		if (i)
			text_put_byte(t, ',');
		take_element(c, t, &element, v->type, depth);
		if (!i && element.extension.type)
			v->extension = element.extension;
	}
	text_put_byte(t, '}');
}

static void take_variant(struct oto_cur *c, struct text *t, struct opcua_value *v, uint32_t depth)
{
	enum { ARRAY = 0x80, DIMENSIONS = 0x40 };
	uint8_t encoding = oto_u8(c);

	v->type = encoding & 0x3f;
	v->has_type = true;
	v->is_array = encoding & ARRAY;
	if (depth >= DEEP) {
		c->bad = true;
		return;
	}
	if (v->is_array)
		take_array(c, t, v, depth);
	else
		take_element(c, t, v, v->type, depth);
	if (encoding & DIMENSIONS)
		oto_skip(c, 4 * (opcua_take_count(c) & 0xffffff));
}

void opcua_take_variant(struct oto_cur *c, struct text *t, struct opcua_value *v)
{
	take_variant(c, t, v, 0);
}

static void take_data(struct oto_cur *c, struct text *t, struct opcua_data *d, uint32_t depth)
{
	enum { VALUE = 1, STATUS = 2, SOURCE = 4, SERVER = 8, SOURCE_FINE = 0x10, SERVER_FINE = 0x20 };
	uint8_t has = oto_u8(c);

	if (has & VALUE)
		take_variant(c, t, &d->value, depth);
	d->status = has & STATUS ? oto_le32(c) : 0;
	if (has & SOURCE) {
		d->source_time = opcua_take_time(c);
		d->has_time = d->source_time.ns != 0;
	}
	oto_skip(c, has & SOURCE_FINE ? 2 : 0);
	oto_skip(c, has & SERVER ? 8 : 0);
	oto_skip(c, has & SERVER_FINE ? 2 : 0);
}

void opcua_take_data(struct oto_cur *c, struct text *t, struct opcua_data *d)
{
	take_data(c, t, d, 0);
}
