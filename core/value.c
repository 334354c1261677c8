/* value.c - a field's value: found by name, read from the event's struct, shown as text or JSON. The value part of event.h.
 *
 * Owns the head's field table. Everything that shows an event comes through here, so that Lua, a log
 * and the reference print the same text. Knows nothing of buses, files or Lua.
 */
#include "event.h"
#include "value_text.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <math.h>
#include <stdlib.h>

/* ------------------------------------------------------------------------------------------------ the head's table */

static const struct oto_name transport_rows[] = {
	{ OTO_ETH, "eth", 0, "a frame that carries no IP" },
	{ OTO_ICMP, "icmp", 0, "ICMP" },
	{ OTO_TCP, "tcp", 0, "TCP" },
	{ OTO_UDP, "udp", 0, "UDP" },
	{ OTO_ICMP6, "icmp6", 0, "ICMP for IPv6" },
	{ OTO_IP, "ip", 0, "any other IP protocol" },
};
static const struct oto_names transport_names = OTO_NAMES(transport_rows);

#define HEAD(m, doc_, ...) OTO_FIELD(struct oto_head, m, doc_, __VA_ARGS__)
#define HEAD_IF(m, has, doc_, ...) HEAD(m, doc_, .guard = OTO_IF(struct oto_head, has), __VA_ARGS__)
static const struct oto_field head_fields[] = {
	HEAD(ts, "time of the packet that completed the message"),
	HEAD(packet, "number of that packet in the capture, from 1"),
	{ .name = "uid",
	  .doc = "identity of the flow, the same in every run",
	  .kind = OTO_STR,
	  .offset = offsetof(struct oto_head, uid),
	  .guard = OTO_IF(struct oto_head, has_flow),
	  .flags = OTO_INLINE },
	HEAD(orig_h, "address that opened the flow"),
	HEAD_IF(orig_p, has_ports, "its port", .flags = OTO_PORT),
	HEAD(resp_h, "address that answers"),
	HEAD_IF(resp_p, has_ports, "its port", .flags = OTO_PORT),
	HEAD_IF(transport, has_flow, "what the flow travels on", .names = &transport_names),
	HEAD_IF(is_orig, has_flow, "the originator sent the packet"),
	HEAD_IF(vlan, has_vlan, "VLAN identifier, the outer one of two"),
	HEAD_IF(inner_vlan, has_inner_vlan, "inner VLAN identifier of a double-tagged frame"),
	HEAD(ethertype, "EtherType after VLAN tags"),
	HEAD_IF(orig_mac, has_mac, "MAC address of the originator's side"),
	HEAD_IF(resp_mac, has_mac, "MAC address of the responder's side"),
	HEAD(interface, "capture interface"),
	HEAD(sensor, "name of the sensor"),
};

const struct oto_field *oto_head_fields(uint32_t *n)
{
	*n = sizeof head_fields / sizeof *head_fields;
	return head_fields;
}

const struct oto_field *oto_head_port(void)
{
	const struct oto_field *port = head_fields;

	while (strcmp(port->name, "orig_p") != 0)
		port++;
	return port;
}

bool oto_head_is_of_ends(const struct oto_field *of_head)
{
	static const char *const others[] = { "ts", "packet", "vlan", "inner_vlan", "interface", "sensor" };

	for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
		if (strcmp(of_head->name, others[i]) == 0)
			return false;
	}
	return true;
}

static const struct oto_field *field_named(const struct oto_field *fields, uint32_t n, const char *name, size_t len)
{
	for (uint32_t i = 0; i < n; i++) {
		if (len && fields[i].name[0] == name[0] && strncmp(fields[i].name, name, len) == 0 && fields[i].name[len] == '\0')
			return &fields[i];
	}
	return NULL;
}

struct oto_field_ref oto_field_find(const struct oto_event_def *def, const char *name, size_t len)
{
	uint32_t n;
	const struct oto_field *head = oto_head_fields(&n), *own = field_named(def->fields, def->nfields, name, len);

	if (own)
		return (struct oto_field_ref){ own, false };
	if (len > 3 && memcmp(name, "id.", 3) == 0)
		name += 3, len -= 3;
	return (struct oto_field_ref){ field_named(head, n, name, len), true };
}

/* Nothing is near: some of what there is. */
static void list_fields(const struct oto_event_def *def, char *out, size_t size)
{
	enum { SHOWN = 10 };
	size_t at = 0;

	for (uint32_t i = 0; i < def->nfields && i < SHOWN && at < size; i++)
		at += (size_t)snprintf(out + at, size - at, "%s%s", i ? ", " : "; it has ", def->fields[i].name);
	if (def->nfields > SHOWN && at < size)
		snprintf(out + at, size - at, ", ... (%u fields)", def->nfields);
}

const char *oto_field_near(const struct oto_event_def *def, const char *name, char *out, size_t size)
{
	enum { MOST = 512 };
	const char *names[MOST];
	uint32_t nhead, n = 0;
	const struct oto_field *head = oto_head_fields(&nhead);

	for (uint32_t i = 0; i < def->nfields && n < MOST; i++)
		names[n++] = def->fields[i].name;
	for (uint32_t i = 0; i < nhead && n < MOST; i++)
		names[n++] = head[i].name;
	oto_near(out, size, name, names, n);
	if (size && !out[0])
		list_fields(def, out, size);
	return out;
}

/* ------------------------------------------------------------------------------------------------ reading */

static bool target_is_empty(const struct oto_target *t)
{
	return !t->space && !t->name.len && !t->count;
}

/* The member at p, by its kind. */
static void value_read(const struct oto_field *f, const void *p, struct oto_value *out)
{
	switch (f->kind) {
	case OTO_BOOL:
		out->u = *(const bool *)p;
		break;
	case OTO_U8:
		out->u = *(const uint8_t *)p;
		break;
	case OTO_U16:
		out->u = *(const uint16_t *)p;
		break;
	case OTO_U32:
		out->u = *(const uint32_t *)p;
		break;
	case OTO_U64:
		out->u = *(const uint64_t *)p;
		break;
	case OTO_I64:
	case OTO_TIME:
	case OTO_INTERVAL:
		out->i = *(const int64_t *)p;
		break;
	case OTO_F64:
		out->f = *(const double *)p;
		break;
	case OTO_STR:
		out->str = f->flags & OTO_INLINE ? p : *(const char *const *)p;
		if (!out->str)
			out->kind = 0;
		break;
	case OTO_BYTES:
		out->bytes = *(const struct oto_slice *)p;
		if (!out->bytes.data)
			out->kind = 0;
		break;
	case OTO_ADDR:
		out->addr = p;
		if (out->addr->family == OTO_FAMILY_NONE)
			out->kind = 0;
		break;
	case OTO_MAC:
		out->mac = p;
		break;
	case OTO_VEC:
		out->vec = *(const struct oto_vec *)p;
		break;
	case OTO_LIST:
		out->list = *(const struct oto_list *)p;
		break;
	case OTO_TARGET:
		out->target = p;
		if (target_is_empty(out->target))
			out->kind = 0;
		break;
	default:
		out->kind = 0;
	}
}

void oto_value_get(const struct oto_event *event, struct oto_field_ref ref, struct oto_value *out)
{
	const struct oto_field *f = ref.field;
	const char *base = ref.in_head ? (const char *)event->head : event->data;

	out->kind = 0;
	out->flags = f->flags;
	out->names = f->names;
	if (oto_value_is_absent(event, ref))
		return;
	out->kind = f->kind;
	value_read(f, base + f->offset, out);
}

enum oto_kind oto_vec_item_kind(const struct oto_vec *v)
{
	if (v->kind >= OTO_VEC_F32LE)
		return OTO_F64;
	return v->kind >= OTO_VEC_I8 ? OTO_I64 : OTO_U64;
}

static uint64_t little(const uint8_t *d, size_t index, uint32_t width)
{
	uint64_t u = 0;

	d += index * width;
	for (uint32_t i = width; i; i--)
		u = u << 8 | d[i - 1];
	return u;
}

double oto_vec_real(const struct oto_vec *v, uint32_t index)
{
	double f;

	if (v->kind == OTO_VEC_F32LE) {
		uint32_t bits = (uint32_t)little(v->data, index, 4);
		float narrow;
		memcpy(&narrow, &bits, sizeof narrow);
		return (double)narrow;
	}
	uint64_t bits = little(v->data, index, 8);
	memcpy(&f, &bits, sizeof f);
	return f;
}

/* The whole part, within what a number holds; not a number is zero. */
static uint64_t whole_part(double f)
{
	if (f > -9.2e18 && f < 9.2e18)
		return (uint64_t)(int64_t)f;
	return f > 0 ? (uint64_t)INT64_MAX : f < 0 ? (uint64_t)INT64_MIN : 0;
}

uint64_t oto_vec_at(const struct oto_vec *v, uint32_t index)
{
	const uint8_t *d = v->data;

	switch (v->kind) {
	case OTO_VEC_BITS:
		return d[index / 8] >> (index % 8) & 1;
	case OTO_VEC_U8:
		return d[index];
	case OTO_VEC_U16BE:
		d += (size_t)index * 2;
		return (uint64_t)d[0] << 8 | d[1];
	case OTO_VEC_U16LE:
		return little(d, index, 2);
	case OTO_VEC_U32BE:
		d += (size_t)index * 4;
		return (uint64_t)d[0] << 24 | (uint64_t)d[1] << 16 | (uint64_t)d[2] << 8 | d[3];
	case OTO_VEC_U32LE:
		return little(d, index, 4);
	case OTO_VEC_U64LE:
	case OTO_VEC_I64LE:
		return little(d, index, 8);
	case OTO_VEC_I8:
		return (uint64_t)(int64_t)(int8_t)d[index];
	case OTO_VEC_I16LE:
		return (uint64_t)(int64_t)(int16_t)little(d, index, 2);
	case OTO_VEC_I32LE:
		return (uint64_t)(int64_t)(int32_t)little(d, index, 4);
	case OTO_VEC_F32LE:
	case OTO_VEC_F64LE:
		return whole_part(oto_vec_real(v, index));
	}
	return 0;
}

/* ------------------------------------------------------------------------------------------------ numbers as text */

static const char hex_digit[] = "0123456789abcdef";

static void put_u64(uint64_t u, struct oto_buf *out)
{
	oto_buf_end(out, oto_text_u64(u, oto_buf_room(out, OTO_U64_TEXT)));
}

static void put_i64(int64_t i, struct oto_buf *out)
{
	if (i < 0)
		oto_buf_chr(out, '-');
	put_u64(i < 0 ? 0 - (uint64_t)i : (uint64_t)i, out);
}

static void put_seconds(int64_t ns, struct oto_buf *out)
{
	oto_buf_end(out, oto_text_seconds(ns, oto_buf_room(out, OTO_SECONDS_TEXT)));
}

static void put_whole_seconds(uint64_t s, struct oto_buf *out)
{
	put_u64(s, out);
	oto_buf_str(out, ".000000");
}

/* Zeek's form: up to six decimals, no trailing zeros; nine significant digits where that would lose the value. */
static void put_double(double f, struct oto_buf *out)
{
	char text[64];
	double size = fabs(f);

	if (size != 0 && (size < 1e-4 || size >= 1e15)) {
		oto_buf_fmt(out, "%.9g", f);
		return;
	}
	int n = snprintf(text, sizeof text, "%.6f", f);
	while (n > 1 && text[n - 1] == '0')
		n--;
	if (text[n - 1] == '.')
		n--;
	oto_buf_add(out, text, (size_t)n);
}

static void put_hex(struct oto_slice s, struct oto_buf *out)
{
	char *at = oto_buf_room(out, (size_t)s.len * 2);

	for (uint32_t i = 0; i < s.len; i++)
		at = oto_text_hex(s.data[i], at);
	oto_buf_end(out, at);
}

static void put_mac(const uint8_t *byte, struct oto_buf *out)
{
	oto_buf_end(out, oto_text_mac(byte, oto_buf_room(out, OTO_MAC_TEXT)));
}

#define OCTET(n)                                                                                                                           \
	{                                                                                                                                  \
		{ (n) < 10    ? '0' + (n)                                                                                                  \
		  : (n) < 100 ? '0' + (n) / 10                                                                                             \
			      : '0' + (n) / 100,                                                                                           \
		  (n) < 100 ? '0' + (n) % 10 : '0' + (n) / 10 % 10, '0' + (n) % 10 },                                                      \
		    (n) < 10    ? 1                                                                                                        \
		    : (n) < 100 ? 2                                                                                                        \
				: 3                                                                                                        \
	}
#define OCTETS_4(n) OCTET(n), OCTET((n) + 1), OCTET((n) + 2), OCTET((n) + 3)
#define OCTETS_16(n) OCTETS_4(n), OCTETS_4((n) + 4), OCTETS_4((n) + 8), OCTETS_4((n) + 12)
#define OCTETS_64(n) OCTETS_16(n), OCTETS_16((n) + 16), OCTETS_16((n) + 32), OCTETS_16((n) + 48)
const struct oto_octet oto_octet[256] = { OCTETS_64(0), OCTETS_64(64), OCTETS_64(128), OCTETS_64(192) };

/* Without zeros in front. */
static char *text_hex_group(const uint8_t *byte, char *at)
{
	char text[4], *from = text;

	oto_text_hex(byte[1], oto_text_hex(byte[0], text));
	while (from < text + 3 && *from == '0')
		from++;
	while (from < text + 4)
		*at++ = *from++;
	return at;
}

/* The groups of an IPv6 address that "::" stands for: the first of the longest runs of two or more zeros. */
static uint32_t zero_groups(const uint8_t *byte, uint32_t *from)
{
	uint32_t most = 1, run = 0;

	*from = 8;
	for (uint32_t i = 0; i < 8; i++) {
		run = byte[2 * i] | byte[2 * i + 1] ? 0 : run + 1;
		if (run > most) {
			most = run;
			*from = i + 1 - run;
		}
	}
	return *from < 8 ? most : 0;
}

/* As RFC 5952 wants it, and inet_ntop(), which takes a walk through printf. */
static char *text_ipv6(const uint8_t *byte, char *at)
{
	uint32_t from, zeros = zero_groups(byte, &from);
	bool holds_ipv4 = from == 0 && (zeros == 6 || (zeros == 5 && byte[10] == 0xff && byte[11] == 0xff));

	for (uint32_t i = 0; i < 8; i++) {
		if (i == from || (i && i - from >= zeros))
			*at++ = ':';
		if (i - from < zeros)
			continue;
		if (i == 6 && holds_ipv4)
			return oto_text_ipv4(byte + 12, at);
		at = text_hex_group(byte + (size_t)2 * i, at);
	}
	if (from + zeros == 8 && zeros)
		*at++ = ':';
	return at;
}

char *oto_text_addr(const struct oto_addr *addr, char *at)
{
	switch (addr->family) {
	case OTO_FAMILY_IPV4:
		return oto_text_ipv4(addr->byte, at);
	case OTO_FAMILY_MAC:
		return oto_text_mac(addr->byte, at);
	case OTO_FAMILY_IPV6:
		return text_ipv6(addr->byte, at);
	default:
		*at = '-';
		return at + 1;
	}
}

void oto_addr_text(const struct oto_addr *a, struct oto_buf *out)
{
	oto_buf_end(out, oto_text_addr(a, oto_buf_room(out, OTO_ADDR_TEXT)));
}

static int hex_value(char c)
{
	const char *at = c ? strchr(hex_digit, c | 0x20) : NULL;
	return at ? (int)(at - hex_digit) : -1;
}

static bool mac_parse(const char *text, uint8_t *byte)
{
	for (int i = 0; i < 6; i++, text += 3) {
		int high = hex_value(text[0]), low = high < 0 ? -1 : hex_value(text[1]);
		if (low < 0)
			return false;
		if (i < 5 ? text[2] != ':' && text[2] != '-' : text[2] != '\0')
			return false;
		byte[i] = (uint8_t)(high << 4 | low);
	}
	return true;
}

bool oto_addr_parse(const char *text, struct oto_addr *out)
{
	static const uint8_t family[] = { OTO_FAMILY_IPV4, OTO_FAMILY_IPV6, OTO_FAMILY_MAC };
	struct oto_addr got[3] = { { .family = 0 } };
	bool ok[] = { inet_pton(AF_INET, text, got[0].byte) == 1, inet_pton(AF_INET6, text, got[1].byte) == 1,
		      mac_parse(text, got[2].byte) };

	for (int i = 0; i < 3; i++) {
		if (!ok[i])
			continue;
		*out = got[i];
		out->family = family[i];
		return true;
	}
	return false;
}

/* ------------------------------------------------------------------------------------------------ bytes as text */

/* Length of the well-formed UTF-8 character at p (Unicode 15, table 3-7), 0 when there is none. */
static uint32_t utf8_length(const uint8_t *p, uint32_t left)
{
	uint8_t c = p[0], low = 0x80, high = 0xbf;
	uint32_t n;

	if (c < 0x80)
		return 1;
	if (c >= 0xc2 && c <= 0xdf)
		n = 2;
	else if (c >= 0xe0 && c <= 0xef)
		n = 3;
	else if (c >= 0xf0 && c <= 0xf4)
		n = 4;
	else
		return 0;
	if (c == 0xe0)
		low = 0xa0;
	else if (c == 0xed)
		high = 0x9f;
	else if (c == 0xf0)
		low = 0x90;
	else if (c == 0xf4)
		high = 0x8f;
	if (left < n || p[1] < low || p[1] > high)
		return 0;
	for (uint32_t i = 2; i < n; i++) {
		if (p[i] < 0x80 || p[i] > 0xbf)
			return 0;
	}
	return n;
}

bool oto_is_utf8(struct oto_slice s)
{
	for (uint32_t at = 0, n; at < s.len; at += n) {
		n = utf8_length(s.data + at, s.len - at);
		if (!n)
			return false;
	}
	return true;
}

/* Length of the printable character at p, or 0: it is escaped. U+0080 to U+009F are controls too, and some terminals obey them. */
static uint32_t printable_length(const uint8_t *p, uint32_t left)
{
	uint32_t n = utf8_length(p, left);

	if (n == 1 && (*p < 0x20 || *p == 0x7f))
		return 0;
	if (n == 2 && p[0] == 0xc2 && p[1] < 0xa0)
		return 0;
	return n;
}

/* How a kind of text escapes. A backslash is doubled where a program may read it, so that \\xNN is never ambiguous there. */
struct escape_style {
	const char *byte, *control; /* what stands before the two digits of a byte that is not UTF-8, of an ASCII control */
	char special;               /* a printable character that must not stand bare, or NUL */
	bool plain, lines;          /* a backslash stands for itself; so do line ends and tabs */
};
static const struct escape_style tsv_style = { .byte = "\\x", .control = "\\x" };
static const struct escape_style item_style = { .byte = "\\x", .control = "\\x", .special = ',' };
static const struct escape_style json_style = { .byte = "\\\\x", .control = "\\u00", .special = '"' };
static const struct escape_style plain_style = { .byte = "\\x", .control = "\\x", .plain = true };
static const struct escape_style lines_style = { .byte = "\\x", .control = "\\x", .plain = true, .lines = true };

static void put_escape(uint8_t byte, const struct escape_style *style, struct oto_buf *out)
{
	char digits[] = { hex_digit[byte >> 4], hex_digit[byte & 15] };

	oto_buf_str(out, byte < 0x80 ? style->control : style->byte);
	oto_buf_add(out, digits, 2);
}

static void put_special(uint8_t c, const struct escape_style *style, struct oto_buf *out)
{
	char pair[] = { '\\', (char)c };

	if (c == ',')
		put_escape(c, style, out);
	else
		oto_buf_add(out, pair, 2);
}

/* Are the eight bytes at p printable ASCII that stands as it is? A carry may blame the neighbour of a byte that is not: it is looked at
 * again alone. */
static inline bool plain(const uint8_t *p, const struct escape_style *style)
{
	const uint64_t ones = UINT64_MAX / 255, tops = ones * 128;
	uint64_t word, backslash, special;

	memcpy(&word, p, sizeof word);
	backslash = word ^ ones * '\\';
	special = word ^ ones * (uint8_t)style->special;
	return !(((word - ones * 0x20) | (word + ones) | word | (backslash - ones) | (special - ones)) & tops);
}

/* Most text stands as it is, and then it is looked at and copied in words, the last of which may overlap the one before. */
static inline bool put_plain(struct oto_slice s, const struct escape_style *style, struct oto_buf *out)
{
	char *to = oto_buf_room(out, (size_t)s.len + 8);
	const uint8_t *p = s.data;
	uint32_t at = 0;

	if (s.len < 8) {
		uint64_t word = oto_last_word(p, s.len) | htole64(UINT64_MAX / 255 * 'a' << s.len * 8);
		memcpy(to, &word, sizeof word);
		at = plain((const uint8_t *)&word, style) ? s.len : 0;
	} else {
		for (; at + 8 <= s.len && plain(p + at, style); at += 8)
			memcpy(to + at, p + at, 8);
		if (at + 8 > s.len && plain(p + s.len - 8, style)) {
			memcpy(to + s.len - 8, p + s.len - 8, 8);
			at = s.len;
		}
	}
	if (at < s.len)
		return false;
	oto_buf_end(out, to + s.len);
	return true;
}

static void put_text(struct oto_slice s, const struct escape_style *style, struct oto_buf *out)
{
	uint32_t from = 0, i = 0;

	if (put_plain(s, style, out))
		return;
	for (;;) {
		while (s.len - i >= 8 && plain(s.data + i, style))
			i += 8;
		if (i == s.len)
			break;
		uint8_t c = s.data[i];
		bool special = (c == '\\' && !style->plain) || (c && c == (uint8_t)style->special);
		bool bare = (c >= 0x20 && c < 0x7f) || (style->lines && (c == '\n' || c == '\t'));
		uint32_t n = special ? 0 : bare ? 1 : printable_length(s.data + i, s.len - i);
		if (n) {
			i += n;
			continue;
		}
		if (i > from)
			oto_buf_add(out, s.data + from, i - from);
		if (special)
			put_special(c, style, out);
		else
			put_escape(c, style, out);
		from = ++i;
	}
	if (i > from)
		oto_buf_add(out, s.data + from, i - from);
}

void oto_plain_text(struct oto_slice s, struct oto_buf *out)
{
	put_text(s, &plain_style, out);
}

void oto_plain_lines(struct oto_slice s, struct oto_buf *out)
{
	put_text(s, &lines_style, out);
}

void oto_json_text(struct oto_slice s, struct oto_buf *out)
{
	oto_buf_chr(out, '"');
	put_text(s, &json_style, out);
	oto_buf_chr(out, '"');
}

/* Text in a column. What could be taken for "unset" or "empty" has its first byte escaped, as Zeek does. */
static void put_column(struct oto_slice s, const struct escape_style *style, struct oto_buf *out)
{
	if (!s.len) {
		oto_buf_str(out, "(empty)");
	} else if (oto_slice_is(s, "-") || oto_slice_is(s, "(empty)")) {
		put_escape(s.data[0], style, out);
		oto_buf_add(out, s.data + 1, s.len - 1);
	} else {
		put_text(s, style, out);
	}
}

static void put_target(const struct oto_target *t, const struct escape_style *style, struct oto_buf *out)
{
	if (t->space)
		put_text(oto_slice_of(t->space), style, out);
	if (t->space && (t->count || t->name.len))
		oto_buf_chr(out, ':');
	if (t->name.len) {
		put_text(t->name, style, out);
		return;
	}
	if (!t->count)
		return;
	put_u64(t->first, out);
	if (t->count > 1) {
		oto_buf_chr(out, '-');
		put_u64(t->first + t->count - 1, out);
	}
}

/* ------------------------------------------------------------------------------------------------ values as text */

static void put_hex_number(const struct oto_value *v, uint64_t u, struct oto_buf *out)
{
	static const uint8_t digits[] = { [OTO_U8] = 2, [OTO_U16] = 4, [OTO_U32] = 8, [OTO_U64] = 16 };
	uint32_t least = v->flags & OTO_WIDE ? digits[v->kind] : 2;
	char text[16], *p = text + sizeof text;

	do
		*--p = "0123456789abcdef"[u & 15];
	while ((u >>= 4) || text + sizeof text - p < least);
	oto_buf_str(out, "0x");
	oto_buf_add(out, p, (size_t)(text + sizeof text - p));
}

static void put_number(const struct oto_value *v, uint64_t u, struct oto_buf *out)
{
	const struct oto_name *row = v->names ? oto_name_of(v->names, (uint32_t)u) : NULL;

	if (row && u <= UINT32_MAX) {
		oto_buf_str(out, row->name);
	} else if (v->names) {
		oto_buf_str(out, "unknown-");
		put_u64(u, out);
	} else if (v->flags & OTO_SECONDS) {
		put_whole_seconds(u, out);
	} else if (v->flags & OTO_HEX && v->kind != OTO_VEC) {
		put_hex_number(v, u, out);
	} else {
		put_u64(u, out);
	}
}

static void put_item(const struct oto_value *v, uint32_t i, struct oto_buf *out)
{
	if (oto_vec_item_kind(&v->vec) == OTO_F64)
		put_double(oto_vec_real(&v->vec, i), out);
	else if (oto_vec_item_kind(&v->vec) == OTO_I64)
		put_i64((int64_t)oto_vec_at(&v->vec, i), out);
	else
		put_number(v, oto_vec_at(&v->vec, i), out);
}

static void put_vec(const struct oto_value *v, struct oto_buf *out)
{
	if (!v->vec.count)
		oto_buf_str(out, "(empty)");
	for (uint32_t i = 0; i < v->vec.count; i++) {
		if (i)
			oto_buf_chr(out, ',');
		put_item(v, i, out);
	}
}

static void put_list(const struct oto_value *v, struct oto_buf *out)
{
	if (!v->list.count)
		oto_buf_str(out, "(empty)");
	for (uint32_t i = 0; i < v->list.count; i++) {
		if (i)
			oto_buf_chr(out, ',');
		if (v->flags & OTO_HEX && v->list.items[i].len)
			put_hex(v->list.items[i], out);
		else
			put_column(v->list.items[i], &item_style, out);
	}
}

void oto_value_text(const struct oto_value *v, struct oto_buf *out)
{
	switch (v->kind) {
	case OTO_BOOL:
		oto_buf_chr(out, v->u ? 'T' : 'F');
		break;
	case OTO_U8:
	case OTO_U16:
	case OTO_U32:
	case OTO_U64:
		put_number(v, v->u, out);
		break;
	case OTO_I64:
		put_i64(v->i, out);
		if (v->flags & OTO_SECONDS)
			oto_buf_str(out, ".000000");
		break;
	case OTO_TIME:
	case OTO_INTERVAL:
		put_seconds(v->i, out);
		break;
	case OTO_F64:
		put_double(v->f, out);
		break;
	case OTO_STR:
		put_column(oto_slice_of(v->str), &tsv_style, out);
		break;
	case OTO_BYTES:
		if (v->flags & OTO_HEX && v->bytes.len)
			put_hex(v->bytes, out);
		else
			put_column(v->bytes, &tsv_style, out);
		break;
	case OTO_ADDR:
		oto_addr_text(v->addr, out);
		break;
	case OTO_MAC:
		put_mac(v->mac->byte, out);
		break;
	case OTO_VEC:
		put_vec(v, out);
		break;
	case OTO_LIST:
		put_list(v, out);
		break;
	case OTO_TARGET:
		put_target(v->target, &tsv_style, out);
		break;
	default:
		oto_buf_chr(out, '-');
	}
}

/* ------------------------------------------------------------------------------------------------ values as JSON */

static void json_bytes(const struct oto_value *v, struct oto_slice s, struct oto_buf *out)
{
	if (!(v->flags & OTO_HEX)) {
		oto_json_text(s, out);
		return;
	}
	oto_buf_chr(out, '"');
	put_hex(s, out);
	oto_buf_chr(out, '"');
}

static void json_number(const struct oto_value *v, uint64_t u, struct oto_buf *out)
{
	bool quoted = v->names || (v->flags & OTO_HEX && v->kind != OTO_VEC);

	if (quoted)
		oto_buf_chr(out, '"');
	put_number(v, u, out);
	if (quoted)
		oto_buf_chr(out, '"');
}

static void json_item(const struct oto_value *v, uint32_t i, struct oto_buf *out)
{
	enum oto_kind kind = oto_vec_item_kind(&v->vec);

	if (kind == OTO_F64 && !isfinite(oto_vec_real(&v->vec, i)))
		oto_buf_str(out, "null");
	else if (kind == OTO_U64)
		json_number(v, oto_vec_at(&v->vec, i), out);
	else
		put_item(v, i, out);
}

static void json_array(const struct oto_value *v, struct oto_buf *out)
{
	uint32_t n = v->kind == OTO_VEC ? v->vec.count : v->list.count;

	oto_buf_chr(out, '[');
	for (uint32_t i = 0; i < n; i++) {
		if (i)
			oto_buf_chr(out, ',');
		if (v->kind == OTO_VEC)
			json_item(v, i, out);
		else
			json_bytes(v, v->list.items[i], out);
	}
	oto_buf_chr(out, ']');
}

void oto_value_json(const struct oto_value *v, struct oto_buf *out)
{
	switch (v->kind) {
	case 0:
		oto_buf_str(out, "null");
		break;
	case OTO_BOOL:
		oto_buf_str(out, v->u ? "true" : "false");
		break;
	case OTO_U8:
	case OTO_U16:
	case OTO_U32:
	case OTO_U64:
		json_number(v, v->u, out);
		break;
	case OTO_F64:
		if (isfinite(v->f))
			put_double(v->f, out);
		else
			oto_buf_str(out, "null");
		break;
	case OTO_STR:
		oto_json_text(oto_slice_of(v->str), out);
		break;
	case OTO_BYTES:
		json_bytes(v, v->bytes, out);
		break;
	case OTO_VEC:
	case OTO_LIST:
		json_array(v, out);
		break;
	case OTO_ADDR:
	case OTO_MAC:
		oto_buf_chr(out, '"');
		oto_value_text(v, out);
		oto_buf_chr(out, '"');
		break;
	case OTO_TARGET:
		oto_buf_chr(out, '"');
		put_target(v->target, &json_style, out);
		oto_buf_chr(out, '"');
		break;
	default:
		oto_value_text(v, out);
	}
}

/* ------------------------------------------------------------------------------------------------ spans of time */

int64_t oto_ns_from_seconds(double seconds)
{
	double ns = seconds * 1e9;

	if (isnan(ns))
		return 0;
	if (ns >= 9.2e18 || ns <= -9.2e18)
		return ns > 0 ? INT64_C(9200000000000000000) : -INT64_C(9200000000000000000);
	return (int64_t)llround(ns);
}

bool oto_interval_parse(const char *text, int64_t *ns)
{
	static const struct {
		const char *unit;
		double seconds;
	} units[] = {
		{ "ns", 1e-9 }, { "us", 1e-6 }, { "ms", 1e-3 }, { "s", 1 },       { "sec", 1 },      { "m", 60 },
		{ "min", 60 },  { "h", 3600 },  { "d", 86400 }, { "day", 86400 }, { "days", 86400 }, { "w", 604800 },
	};
	double total = 0;

	while (*text == ' ')
		text++;
	if (!*text)
		return false;
	while (*text) {
		char *end;
		double number = strtod(text, &end);
		size_t unit = 0, len;
		if (end == text || !isfinite(number))
			return false;
		while (*end == ' ')
			end++;
		for (len = 0; isalpha((unsigned char)end[len]);)
			len++;
		while (unit < sizeof units / sizeof *units &&
		       !(strlen(units[unit].unit) == len && strncmp(units[unit].unit, end, len) == 0))
			unit++;
		if (unit == sizeof units / sizeof *units)
			return false;
		total += number * units[unit].seconds;
		for (text = end + len; *text == ' ';)
			text++;
	}
	*ns = oto_ns_from_seconds(total);
	return true;
}
