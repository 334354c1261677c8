/* cip_path.c - EPATHs: all kinds of segments, volume 1, appendix C. Knows nothing of services. */
#include "cip.h"

enum { SEGMENTS_MAX = 64, TEXT_MAX = 256 };
enum { PORT = 0, LOGICAL, NETWORK, SYMBOLIC, DATA, CONSTRUCTED_TYPE, ELEMENTARY_TYPE };
enum { CLASS = 0, INSTANCE, MEMBER, POINT, ATTRIBUTE, SPECIAL, SERVICE, EXTENDED };
enum { ANSI_SYMBOL = 0x91, SIMPLE_DATA = 0x80, EXTENDED_PORT = 15, EXTENDED_LINK = 0x10 };
enum { INHIBIT_MS = 0x43, SAFETY = 0x50, INHIBIT_US = 0x51, NETWORK_SIZED = 0x10 };

/* Text put together in scratch memory, taken when the first byte is put. */
struct text {
	uint8_t *at;
	uint32_t len;
};

struct reader {
	struct oto_ctx *cx;
	struct oto_cur c;
	struct cip_path *path;
	struct text symbol, route;
	bool padded, in_index; /* the last segment was an index: the next one goes behind a comma */
	uint8_t hops;
};

static void put(struct reader *r, struct text *t, uint8_t b)
{
	if (!t->at)
		t->at = oto_scratch(r->cx, TEXT_MAX);
	if (t->at && t->len < TEXT_MAX)
		t->at[t->len++] = b;
}

static void put_bytes(struct reader *r, struct text *t, struct oto_slice s)
{
	for (uint32_t i = 0; i < s.len; i++)
		put(r, t, s.data[i]);
}

static void put_number(struct reader *r, struct text *t, uint32_t n)
{
	uint8_t reversed[10];
	uint32_t len = 0;

	do
		reversed[len++] = (uint8_t)('0' + n % 10);
	while (n /= 10);
	while (len)
		put(r, t, reversed[--len]);
}

/* ------------------------------------------------------------------------------------------------ ports: the way over networks */

static bool is_text(struct oto_slice s)
{
	for (uint32_t i = 0; i < s.len; i++) {
		if (s.data[i] < 0x20 || s.data[i] > 0x7e)
			return false;
	}
	return s.len != 0;
}

/* C-1.4.1: the port, and the link address as one byte or, of an IP address in letters, as many as said; the whole is even. */
static void take_port(struct reader *r, uint8_t type)
{
	uint32_t size = type & EXTENDED_LINK ? oto_u8(&r->c) : 1;
	uint32_t port = (type & 15) == EXTENDED_PORT ? oto_le16(&r->c) : type & 15;
	struct oto_slice link = oto_take(&r->c, size);

	if (type & EXTENDED_LINK && size & 1)
		oto_skip(&r->c, oto_left(&r->c) ? 1 : 0);
	if (r->c.bad)
		return;
	if (r->hops++)
		put(r, &r->route, '/');
	put_number(r, &r->route, port);
	put(r, &r->route, '/');
	while (link.len && link.data[link.len - 1] == 0 && size > 1) /* some count the padding */
		link.len--;
	if (size > 1 && is_text(link)) {
		put_bytes(r, &r->route, link);
		return;
	}
	for (uint32_t i = 0; i < link.len; i++) {
		if (i)
			put(r, &r->route, '.');
		put_number(r, &r->route, link.data[i]);
	}
	r->path->has_slot = r->hops == 1 && port == 1 && size == 1;
	r->path->slot = link.len ? link.data[0] : 0;
}

/* ------------------------------------------------------------------------------------------------ symbols */

/* Names are joined by dots; the path itself stays on the wire when it is a single name. */
static void take_name(struct reader *r, struct oto_slice name)
{
	if (!name.len)
		return;
	if (!r->path->symbol.len && !r->symbol.len) {
		r->path->symbol = name;
	} else {
		if (!r->symbol.len)
			put_bytes(r, &r->symbol, r->path->symbol);
		put(r, &r->symbol, '.');
		put_bytes(r, &r->symbol, name);
	}
	r->in_index = false;
}

/* An index behind a name: Motor[3], Grid[1,2]. */
static void take_index(struct reader *r, uint32_t index)
{
	if (!r->symbol.len)
		put_bytes(r, &r->symbol, r->path->symbol);
	if (r->in_index && r->symbol.len)
		r->symbol.len--;
	put(r, &r->symbol, r->in_index ? ',' : '[');
	put_number(r, &r->symbol, index);
	put(r, &r->symbol, ']');
	r->in_index = true;
}

static void take_number_name(struct reader *r, uint32_t size)
{
	struct text text = { 0 };
	uint32_t n = size == 1 ? oto_u8(&r->c) : size == 2 ? oto_le16(&r->c) : oto_le32(&r->c);

	put_number(r, &text, n);
	take_name(r, (struct oto_slice){ text.at, text.len });
}

/* C-1.4.4: a name of up to 31 characters, or, with size zero, of wide characters or a number. */
static void take_symbolic(struct reader *r, uint8_t type)
{
	uint32_t size = type & 31;

	if (size) {
		take_name(r, oto_take(&r->c, size));
		size++;
	} else {
		uint8_t format = oto_u8(&r->c);
		uint32_t width = format >> 5 == 1 ? 2 : format >> 5 == 2 ? 3 : 0;
		size = width ? width * (format & 31u) : (format & 31) == 6 ? 1 : (format & 31) == 7 ? 2 : 4;
		if (width)
			take_name(r, oto_take(&r->c, size));
		else
			take_number_name(r, size);
	}
	if (r->padded && size & 1)
		oto_skip(&r->c, oto_left(&r->c) ? 1 : 0);
}

/* ------------------------------------------------------------------------------------------------ logical segments */

static uint32_t take_value(struct reader *r, uint8_t format)
{
	if (format == 0)
		return oto_u8(&r->c);
	if (r->padded)
		oto_skip(&r->c, 1);
	return format == 1 ? oto_le16(&r->c) : oto_le32(&r->c);
}

/* C-1.4.2.5: key format 4 is all there is in the field; another one cannot be skipped. */
static void take_special(struct reader *r, uint8_t format)
{
	struct cip_path *p = r->path;

	if (format != 0) {
		p->odd = true;
		return;
	}
	uint8_t key_format = oto_u8(&r->c);
	if (key_format != 4 && key_format != 5) {
		p->odd = true;
		return;
	}
	p->key.vendor = oto_le16(&r->c);
	p->key.device_type = oto_le16(&r->c);
	p->key.product = oto_le16(&r->c);
	p->key.major = oto_u8(&r->c);
	p->key.minor = oto_u8(&r->c);
	if (key_format == 5)
		oto_skip(&r->c, 4); /* serial number */
	p->has_key = !r->c.bad;
}

static void take_point(struct cip_path *p, uint32_t value)
{
	if (p->points < sizeof p->point / sizeof *p->point)
		p->point[p->points++] = value;
	p->point_id = value;
	p->has_point = true;
}

static void take_logical(struct reader *r, uint8_t type)
{
	struct cip_path *p = r->path;
	uint8_t kind = type >> 2 & 7, format = type & 3;

	if (format == 3 && kind != SPECIAL) {
		p->odd = true;
		return;
	}
	if (kind == SPECIAL) {
		take_special(r, format);
		return;
	}
	if (kind == EXTENDED) {
		oto_skip(&r->c, 1); /* which kind of index */
		take_value(r, format);
		return;
	}
	uint32_t value = take_value(r, format);
	switch (kind) {
	case CLASS:
		/* Of several classes the last is talked to; the path of a connection may repeat the same one for each direction. */
		if (p->has_class && p->class_id != value)
			p->has_instance = p->has_member = p->has_attribute = false;
		p->class_id = value;
		p->has_class = true;
		break;
	case INSTANCE:
		if (p->has_instance)
			take_point(p, value);
		else
			p->instance_id = value;
		p->has_instance = true;
		break;
	case MEMBER:
		p->member_id = value;
		p->has_member = true;
		if (p->symbol.len)
			take_index(r, value);
		break;
	case POINT:
		take_point(p, value);
		break;
	case ATTRIBUTE:
		p->attribute_id = value;
		p->has_attribute = true;
		break;
	default:
		p->service_id = value;
		p->has_service = true;
	}
}

/* ------------------------------------------------------------------------------------------------ the others */

/* C-1.4.3: bit 4 says that a size in words follows. */
static void take_network(struct reader *r, uint8_t type)
{
	struct cip_path *p = r->path;
	struct oto_cur body = oto_sub(&r->c, type & NETWORK_SIZED ? oto_u8(&r->c) * 2u : 1u);

	switch (type) {
	case INHIBIT_MS:
		p->production_inhibit = oto_u8(&body) * 1000u;
		p->has_inhibit = true;
		break;
	case INHIBIT_US:
		p->production_inhibit = oto_le32(&body);
		p->has_inhibit = !body.bad;
		break;
	case SAFETY:
		p->safety = true;
		p->safety_segment = oto_rest(&body);
		break;
	default:
		break;
	}
}

static void take_data(struct reader *r, uint8_t type)
{
	if (type == ANSI_SYMBOL) {
		uint32_t size = oto_u8(&r->c);
		take_name(r, oto_take(&r->c, size));
		if (size & 1)
			oto_skip(&r->c, oto_left(&r->c) ? 1 : 0);
	} else if (type == SIMPLE_DATA) {
		oto_skip(&r->c, oto_u8(&r->c) * 2u); /* configuration of a module */
	} else {
		r->path->odd = true;
	}
}

static void take_segment(struct reader *r)
{
	uint8_t type = oto_u8(&r->c);

	switch (type >> 5) {
	case PORT:
		take_port(r, type);
		break;
	case LOGICAL:
		take_logical(r, type);
		break;
	case NETWORK:
		take_network(r, type);
		break;
	case SYMBOLIC:
		take_symbolic(r, type);
		break;
	case DATA:
		take_data(r, type);
		break;
	case ELEMENTARY_TYPE:
		break; /* a byte that names a type */
	case CONSTRUCTED_TYPE:
		oto_skip(&r->c, oto_u8(&r->c));
		break;
	default:
		r->path->odd = true;
	}
}

/* Most paths by far: a class and an instance. */
static bool is_short(struct oto_slice bytes, struct cip_path *path)
{
	struct oto_cur c = oto_cur_of(bytes);
	uint32_t head = bytes.len == 4 || bytes.len == 6 ? oto_be32(&c) : 0;

	if (bytes.len == 4 && (head & 0xff00ff00) == 0x20002400)
		path->instance_id = head & 0xff;
	else if (bytes.len == 6 && (head & 0xff00ffff) == 0x20002500)
		path->instance_id = oto_le16(&c);
	else
		return false;
	path->class_id = head >> 16 & 0xff;
	path->has_class = path->has_instance = true;
	return true;
}

bool cip_path_read(struct oto_ctx *cx, struct oto_slice bytes, bool padded, struct cip_path *path)
{
	if (padded && is_short(bytes, path))
		return true;
	struct reader r = { .cx = cx, .c = oto_cur_of(bytes), .path = path, .padded = padded };

	for (uint32_t i = 0; oto_left(&r.c) && !r.c.bad && !path->odd; i++) {
		if (i == SEGMENTS_MAX)
			path->odd = true;
		else
			take_segment(&r);
	}
	if (r.c.bad)
		path->odd = true;
	if (r.symbol.len)
		path->symbol = (struct oto_slice){ r.symbol.at, r.symbol.len };
	path->route = (struct oto_slice){ r.route.at, r.route.len };
	if (r.hops != 1)
		path->has_slot = false;
	if (path->symbol.len && !path->has_class)
		path->class_id = CIP_CLASS_TAG;
	return !path->odd;
}
