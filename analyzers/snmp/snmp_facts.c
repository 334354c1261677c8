/* snmp_facts.c - see snmp_facts.h. */
#include "snmp_facts.h"
#include "../ber.h"

enum { SURE = 100, STATED = 80, INFERRED = 50 };
enum { TEXT_MAX = 256 };
enum { IP_ADDRESS = 0x40, OPAQUE = 0x44, TIMETICKS = 0x43, COUNTER64 = 0x46, PRIVATE = 0x2b060104 };

/* ------------------------------------------------------------------------------------------------ text */

static struct oto_slice kept(struct oto_ctx *cx, struct oto_slice s)
{
	void *copy = s.len ? oto_scratch(cx, s.len) : NULL;

	if (!copy)
		return (struct oto_slice){ 0 };
	memcpy(copy, s.data, s.len);
	return (struct oto_slice){ copy, s.len };
}

struct oto_slice snmp_oid_text(struct oto_ctx *cx, struct oto_slice oid)
{
	const struct snmp_object *o = snmp_object_of(oid);
	char text[BER_OID_TEXT_MAX];

	return kept(cx, ber_oid_text(o && o->sense == SNMP_SECRET ? o->oid : oid, text));
}

/* The arcs behind an object: its instance, with a dot in front. */
static struct oto_slice instance_text(struct oto_slice oid, const struct snmp_object *o, char text[BER_OID_TEXT_MAX])
{
	struct oto_cur c = oto_cur_of(oid);
	uint8_t octets[64] = { 0x2b }; /* two arcs in one octet, so that the first of the instance is not taken for two */

	oto_skip(&c, o->oid.len);
	struct oto_slice rest = oto_rest(&c);
	if (!rest.len || rest.len >= sizeof octets || o->sense == SNMP_SECRET)
		return (struct oto_slice){ 0 };
	memcpy(octets + 1, rest.data, rest.len);
	struct oto_slice all = ber_oid_text((struct oto_slice){ octets, rest.len + 1 }, text);
	c = oto_cur_of(all);
	oto_skip(&c, 3);
	return oto_rest(&c);
}

/* Up to three pieces, one behind the other. */
static struct oto_slice joined(struct oto_ctx *cx, const struct oto_slice *piece, uint32_t count)
{
	uint32_t len = 0, at = 0;

	for (uint32_t i = 0; i < count; i++)
		len += piece[i].len;
	uint8_t *text = len ? oto_scratch(cx, len) : NULL;
	for (uint32_t i = 0; text && i < count; i++) {
		if (piece[i].len)
			memcpy(text + at, piece[i].data, piece[i].len);
		at += piece[i].len;
	}
	return (struct oto_slice){ text, text ? len : 0 };
}

struct oto_slice snmp_object_text(struct oto_ctx *cx, struct oto_slice oid)
{
	const struct snmp_object *o = snmp_object_of(oid);
	char text[BER_OID_TEXT_MAX];

	if (!o)
		return kept(cx, ber_oid_text(oid, text));
	struct oto_slice piece[] = { oto_slice_of(o->name), instance_text(oid, o, text) };
	return joined(cx, piece, 2);
}

static struct oto_slice number_text(struct oto_ctx *cx, uint64_t n, bool negative)
{
	char text[24] = "-";
	uint32_t len = ber_put_number(text, negative, n);

	return kept(cx, (struct oto_slice){ (const uint8_t *)text, len });
}

static struct oto_slice dotted(struct oto_ctx *cx, struct oto_slice octets)
{
	struct oto_cur c = oto_cur_of(octets);
	char text[16];
	uint32_t len = 0;

	if (octets.len != 4)
		return (struct oto_slice){ 0 };
	while (oto_left(&c)) {
		if (len)
			text[len++] = '.';
		len = ber_put_number(text, len, oto_u8(&c));
	}
	return kept(cx, (struct oto_slice){ (const uint8_t *)text, len });
}

static struct oto_slice hexadecimal(struct oto_ctx *cx, struct oto_slice octets, char between)
{
	static const char digits[] = "0123456789abcdef";
	struct oto_cur c = oto_cur_of(octets);
	char *text = octets.len ? oto_scratch(cx, (size_t)octets.len * 3) : NULL;
	uint32_t len = 0;

	while (text && oto_left(&c)) {
		uint8_t octet = oto_u8(&c);
		if (len && between)
			text[len++] = between;
		text[len++] = digits[octet >> 4];
		text[len++] = digits[octet & 15];
	}
	return (struct oto_slice){ (const uint8_t *)text, len };
}

struct oto_slice snmp_value_text(struct oto_ctx *cx, const struct snmp_binding *b)
{
	const struct snmp_object *o = snmp_object_of(b->oid);
	int64_t n;
	uint64_t u;

	if (o && o->sense == SNMP_SECRET)
		return (struct oto_slice){ 0 };
	if (b->type == BER_INTEGER && ber_integer_of(b->value, &n))
		return number_text(cx, n < 0 ? 0 - (uint64_t)n : (uint64_t)n, n < 0);
	if (snmp_number(b, &u))
		return number_text(cx, u, false);
	switch (b->type) {
	case BER_OID:
		return snmp_oid_text(cx, b->value);
	case IP_ADDRESS:
		return dotted(cx, b->value);
	case OPAQUE:
		return hexadecimal(cx, b->value, 0);
	case BER_OCTETS:
		return o && o->sense == SNMP_MAC ? hexadecimal(cx, b->value, ':') : b->value;
	default:
		return (struct oto_slice){ 0 };
	}
}

/* ------------------------------------------------------------------------------------------------ facts */

static void fact(struct oto_ctx *cx, const char *key, struct oto_slice value, struct oto_slice sub, uint8_t confidence)
{
	oto_fact(cx, &(struct oto_fact){
			 .self_size = sizeof(struct oto_fact), .key = key, .value = value, .sub = sub, .confidence = confidence });
}

/* An agent that is a program of its own says so, not whose machine it runs on. */
static void vendor_fact(struct oto_ctx *cx, uint32_t enterprise, uint8_t confidence)
{
	enum { UCD_SNMP = 2021, NET_SNMP = 8072 };
	static const struct oto_slice none;
	const struct oto_name *row = oto_name_of(&snmp_enterprises, enterprise);
	bool program = enterprise == UCD_SNMP || enterprise == NET_SNMP;

	if (row)
		fact(cx, program ? "software" : "vendor", oto_slice_of(row->name), none, confidence);
}

uint32_t snmp_enterprise_of(struct oto_slice oid)
{
	struct oto_cur c = oto_cur_of(oid);
	uint32_t number = 0;
	uint8_t octet;

	if (oto_be32(&c) != PRIVATE || oto_u8(&c) != 1)
		return 0;
	do {
		octet = oto_u8(&c);
		number = number << 7 | (octet & 0x7f);
	} while (octet & 0x80 && !c.bad && number < 1u << 24);
	return c.bad || octet & 0x80 ? 0 : number;
}

/* Words of MIBs are padded with blanks and zeros, and are often nothing but that. */
static struct oto_slice trimmed(struct oto_slice s)
{
	while (s.len && (s.data[s.len - 1] == ' ' || s.data[s.len - 1] == '\0' || s.data[s.len - 1] == '\n' || s.data[s.len - 1] == '\r'))
		s.len--;
	s.len = s.len > TEXT_MAX ? TEXT_MAX : s.len;
	return s;
}

static bool is_unicast_mac(struct oto_slice s)
{
	static const uint8_t none[6];

	return s.len == 6 && !(s.data[0] & 1) && memcmp(s.data, none, sizeof none) != 0;
}

/* 127.0.0.1 is everybody's. */
static bool is_host_ipv4(struct oto_slice s)
{
	return s.len == 4 && s.data[0] != 0 && s.data[0] != 127 && s.data[0] < 224;
}

static struct oto_slice subject(struct oto_ctx *cx, const struct snmp_binding *b, const struct snmp_object *o)
{
	char text[BER_OID_TEXT_MAX];

	if (!o->sub)
		return (struct oto_slice){ 0 };
	struct oto_cur instance = oto_cur_of(instance_text(b->oid, o, text));
	oto_skip(&instance, oto_left(&instance) ? 1 : 0);
	struct oto_slice piece[] = { oto_slice_of(o->sub), oto_rest(&instance) };
	return joined(cx, piece, 2);
}

static void binding_fact(struct oto_ctx *cx, const struct snmp_binding *b)
{
	const struct snmp_object *o = snmp_object_of(b->oid);

	if (!o)
		return;
	if (o->sense == SNMP_TEXT && b->type == BER_OCTETS)
		fact(cx, o->fact, trimmed(b->value), subject(cx, b, o), SURE);
	else if (o->sense == SNMP_MAC && b->type == BER_OCTETS && is_unicast_mac(b->value))
		fact(cx, o->fact, hexadecimal(cx, b->value, ':'), subject(cx, b, o), SURE);
	else if (o->sense == SNMP_IPV4 && b->type == IP_ADDRESS && is_host_ipv4(b->value))
		fact(cx, o->fact, dotted(cx, b->value), subject(cx, b, o), SURE);
	else if (o->sense == SNMP_ENTERPRISE && b->type == BER_OID) {
		fact(cx, "object_id", snmp_oid_text(cx, b->value), (struct oto_slice){ 0 }, SURE);
		vendor_fact(cx, snmp_enterprise_of(b->value), STATED);
	}
}

/* RFC 3411 5, SnmpEngineID: the maker's number, then by the fifth octet an address, a MAC, text or what the maker likes. The number is
 * that of the software as often as that of the device. */
static void engine_facts(struct oto_ctx *cx, struct oto_slice engine)
{
	enum { ENGINE_IPV4 = 1, ENGINE_IPV6, ENGINE_MAC, ENGINE_TEXT };
	static const struct oto_slice none;
	struct oto_cur c = oto_cur_of(engine);
	uint32_t enterprise = oto_be32(&c);

	if (engine.len < 5 || engine.len > 32)
		return;
	fact(cx, "snmp_engine_id", hexadecimal(cx, engine, 0), none, SURE);
	vendor_fact(cx, enterprise & 0x7fffffff, INFERRED);
	if (!(enterprise >> 31))
		return;
	uint8_t format = oto_u8(&c);
	struct oto_slice rest = oto_rest(&c);
	if (format == ENGINE_IPV4 && is_host_ipv4(rest))
		fact(cx, "ip", dotted(cx, rest), none, STATED);
	else if (format == ENGINE_MAC && is_unicast_mac(rest))
		fact(cx, "mac", hexadecimal(cx, rest, ':'), none, STATED);
	else if (format == ENGINE_TEXT)
		fact(cx, "snmp_engine_name", trimmed(rest), none, STATED);
}

void snmp_facts(struct oto_ctx *cx, const struct snmp_message *m)
{
	struct snmp_binding b;

	if (m->usm)
		engine_facts(cx, m->engine);
	if (m->type == SNMP_TRAP)
		vendor_fact(cx, snmp_enterprise_of(m->enterprise), STATED);
	/* A refusal repeats what was asked for. */
	if (m->type == SNMP_RESPONSE && m->error_status)
		return;
	for (struct oto_cur all = m->bindings; snmp_next(&all, &b);)
		binding_fact(cx, &b);
}
