/* ber_name.h - names of X.500 (X.501 9.2) as text, and where a certificate (RFC 5280 4.1) keeps its fields.
 *
 * The text is RFC 2253's, as OpenSSL prints it and Zeek logs it: the last part first, parts with commas between, several attributes of a
 * part with plus signs, other characters than plain ASCII as backslash and hexadecimal.
 */
#ifndef OTO_ANALYZERS_BER_NAME_H
#define OTO_ANALYZERS_BER_NAME_H

#include "ber.h"

enum { BER_NAME_MAX = 32 };

struct ber_text {
	char *out;
	uint32_t len, size; /* what does not fit is left out */
};

static inline void ber_put(struct ber_text *t, char c)
{
	if (t->len < t->size)
		t->out[t->len++] = c;
}

static inline void ber_puts(struct ber_text *t, const char *s)
{
	while (*s)
		ber_put(t, *s++);
}

static inline void ber_put_hex(struct ber_text *t, uint8_t octet)
{
	static const char digits[] = "0123456789ABCDEF";

	ber_put(t, digits[octet >> 4]);
	ber_put(t, digits[octet & 15]);
}

/* RFC 2253 2.4. */
static inline void ber_put_escaped(struct ber_text *t, uint8_t octet, bool first, bool last)
{
	bool special = octet && strchr(",+\"\\<>;", octet);

	if (octet < ' ' || octet >= 0x7f) {
		ber_put(t, '\\');
		ber_put_hex(t, octet);
		return;
	}
	if (special || (first && (octet == '#' || octet == ' ')) || (last && octet == ' '))
		ber_put(t, '\\');
	ber_put(t, (char)octet);
}

static inline void ber_put_utf8(struct ber_text *t, uint32_t code, bool first, bool last)
{
	if (code < 0x80) {
		ber_put_escaped(t, (uint8_t)code, first, last);
	} else if (code < 0x800) {
		ber_put_escaped(t, (uint8_t)(0xc0 | code >> 6), false, false);
		ber_put_escaped(t, 0x80 | (code & 0x3f), false, false);
	} else if (code < 0x10000) {
		ber_put_escaped(t, (uint8_t)(0xe0 | code >> 12), false, false);
		ber_put_escaped(t, 0x80 | (code >> 6 & 0x3f), false, false);
		ber_put_escaped(t, 0x80 | (code & 0x3f), false, false);
	} else {
		ber_put_escaped(t, 0xf0 | (code >> 18 & 7), false, false);
		ber_put_escaped(t, 0x80 | (code >> 12 & 0x3f), false, false);
		ber_put_escaped(t, 0x80 | (code >> 6 & 0x3f), false, false);
		ber_put_escaped(t, 0x80 | (code & 0x3f), false, false);
	}
}

/* Octets of a character of this string type; 0: not a string of characters. */
static inline uint32_t ber_character_width(uint32_t tag)
{
	switch (tag) {
	case BER_BMP_STRING:
		return 2;
	case BER_UNIVERSAL_STRING:
		return 4;
	case BER_UTF8_STRING:
	case BER_PRINTABLE_STRING:
	case BER_TELETEX_STRING:
	case BER_IA5_STRING:
	case BER_VISIBLE_STRING:
	case BER_GENERAL_STRING:
	case 0x12: /* NumericString */
		return 1;
	default:
		return 0;
	}
}

static inline void ber_put_value(struct ber_text *t, const struct ber *value)
{
	struct oto_cur c = oto_cur_of(value->value);
	uint32_t width = ber_character_width(value->tag);

	if (!width || value->value.len % width) {
		ber_put(t, '#');
		for (c = oto_cur_of(value->whole); oto_left(&c);)
			ber_put_hex(t, oto_u8(&c));
		return;
	}
	for (bool first = true; oto_left(&c); first = false) {
		uint32_t code = width == 1 ? oto_u8(&c) : width == 2 ? oto_be16(&c) : oto_be32(&c);
		if (value->tag == BER_UTF8_STRING)
			ber_put_escaped(t, (uint8_t)code, first, !oto_left(&c));
		else
			ber_put_utf8(t, code, first, !oto_left(&c));
	}
}

/* Attribute types with a name of their own: X.520 under 2.5.4, and the few others that certificates have. */
static inline const char *ber_attribute_word(struct oto_slice oid)
{
	static const char *const x520[] = { [3] = "CN",
					    [4] = "SN",
					    [5] = "serialNumber",
					    [6] = "C",
					    [7] = "L",
					    [8] = "ST",
					    [9] = "street",
					    [10] = "O",
					    [11] = "OU",
					    [12] = "title",
					    [13] = "description",
					    [15] = "businessCategory",
					    [16] = "postalAddress",
					    [17] = "postalCode",
					    [18] = "postOfficeBox",
					    [20] = "telephoneNumber",
					    [41] = "name",
					    [42] = "GN",
					    [43] = "initials",
					    [44] = "generationQualifier",
					    [46] = "dnQualifier",
					    [65] = "pseudonym",
					    [97] = "organizationIdentifier" };

	if (BER_OID_UNDER(oid, "\x55\x04") && oid.len == 3)
		return oid.data[2] < sizeof x520 / sizeof *x520 ? x520[oid.data[2]] : NULL;
	if (BER_OID_IS(oid, "\x2a\x86\x48\x86\xf7\x0d\x01\x09\x01"))
		return "emailAddress";
	if (BER_OID_IS(oid, "\x2a\x86\x48\x86\xf7\x0d\x01\x09\x02"))
		return "unstructuredName";
	if (BER_OID_IS(oid, "\x2a\x86\x48\x86\xf7\x0d\x01\x09\x08"))
		return "unstructuredAddress";
	if (BER_OID_IS(oid, "\x09\x92\x26\x89\x93\xf2\x2c\x64\x01\x19"))
		return "DC";
	if (BER_OID_IS(oid, "\x09\x92\x26\x89\x93\xf2\x2c\x64\x01\x01"))
		return "UID";
	if (BER_OID_IS(oid, "\x2b\x06\x01\x04\x01\x82\x37\x3c\x02\x01\x01"))
		return "jurisdictionL";
	if (BER_OID_IS(oid, "\x2b\x06\x01\x04\x01\x82\x37\x3c\x02\x01\x02"))
		return "jurisdictionST";
	if (BER_OID_IS(oid, "\x2b\x06\x01\x04\x01\x82\x37\x3c\x02\x01\x03"))
		return "jurisdictionC";
	return NULL;
}

struct ber_attribute {
	struct oto_slice type;
	struct ber value;
	uint32_t part; /* of the name, from 0 */
};

static inline void ber_put_attribute(struct ber_text *t, const struct ber_attribute *a)
{
	const char *word = ber_attribute_word(a->type);
	char dotted[BER_OID_TEXT_MAX];
	struct ber value = a->value;

	if (word) {
		ber_puts(t, word);
	} else {
		struct oto_cur c = oto_cur_of(ber_oid_text(a->type, dotted));
		while (oto_left(&c))
			ber_put(t, (char)oto_u8(&c));
		value.tag = 0; /* its encoding, since nobody knows how it reads: RFC 2253 2.4 */
	}
	ber_put(t, '=');
	ber_put_value(t, &value);
}

/* The attributes of a Name, given as the whole element, in the order of the wire. False when it is malformed, or has more than
 * BER_NAME_MAX of them. */
static inline bool ber_name_attributes(struct oto_slice name, struct ber_attribute *attribute, uint32_t *count)
{
	struct oto_cur outer = oto_cur_of(name), parts = ber_enter(&outer, BER_SEQUENCE);

	*count = 0;
	for (uint32_t part = 0; oto_left(&parts); part++) {
		struct oto_cur set = ber_enter(&parts, BER_SET);
		while (oto_left(&set) && *count < BER_NAME_MAX) {
			struct oto_cur one = ber_enter(&set, BER_SEQUENCE);
			struct ber_attribute *a = &attribute[(*count)++];
			a->part = part;
			a->type = ber_take(&one, BER_OID);
			if (!ber_next(&one, &a->value))
				return false;
		}
		if (set.bad || oto_left(&set))
			return false;
	}
	return !parts.bad;
}

/* A Name, given as the whole element, into `out`. False when it is malformed or has too many attributes. */
static inline bool ber_name_text(struct oto_slice name, char *out, uint32_t size, struct oto_slice *text)
{
	struct ber_attribute attribute[BER_NAME_MAX];
	struct ber_text t = { .out = out, .size = size };
	uint32_t count;

	if (!ber_name_attributes(name, attribute, &count))
		return false;
	for (uint32_t i = count; i > 0; i--) {
		if (i < count)
			ber_put(&t, attribute[i].part == attribute[i - 1].part ? '+' : ',');
		ber_put_attribute(&t, &attribute[i - 1]);
	}
	*text = (struct oto_slice){ (const uint8_t *)out, t.len };
	return true;
}

/* RFC 5280 4.1: the fields of a certificate in their order; slices are whole elements unless it is said otherwise. */
struct ber_certificate {
	uint64_t version;        /* 1 to 3 */
	struct oto_slice serial; /* contents of the INTEGER */
	struct oto_slice issuer, subject;
	struct oto_time not_before, not_after;
	struct oto_slice signature_algorithm; /* contents of its OBJECT IDENTIFIER */
	struct oto_slice key_algorithm;       /* the same of the subject's key */
	struct oto_slice key_parameters;      /* whole element behind it; of elliptic curves their name */
	struct oto_slice key;                 /* contents of the BIT STRING without the count of unused bits */
	struct oto_slice extensions;          /* contents of the SEQUENCE OF Extension; empty when there are none */
};

static inline struct oto_slice ber_algorithm(struct oto_cur *c, struct oto_slice *parameters)
{
	struct oto_cur algorithm = ber_enter(c, BER_SEQUENCE);
	struct oto_slice oid = ber_take(&algorithm, BER_OID);
	struct ber e;

	ber_leave(c, &algorithm);
	if (parameters && ber_next(&algorithm, &e))
		*parameters = e.whole;
	return oid;
}

static inline void ber_read_key(struct oto_cur *c, struct ber_certificate *x)
{
	struct oto_cur info = ber_enter(c, BER_SEQUENCE);

	x->key_algorithm = ber_algorithm(&info, &x->key_parameters);
	struct oto_cur bits = ber_enter(&info, BER_BITS);
	oto_u8(&bits);
	x->key = oto_rest(&bits);
	ber_leave(&info, &bits);
	ber_leave(c, &info);
}

/* False when it is no certificate up to the subject's key. */
static inline bool ber_read_certificate(struct oto_slice der, struct ber_certificate *x)
{
	struct oto_cur outer = oto_cur_of(der), certificate = ber_enter(&outer, BER_SEQUENCE), c = ber_enter(&certificate, BER_SEQUENCE),
		       in;
	struct ber e;

	*x = (struct ber_certificate){ .version = 1 };
	if (ber_enter_if(&c, BER_CONTEXT(0), &in))
		x->version = (uint64_t)ber_int(&in) + 1;
	x->serial = ber_take(&c, BER_INTEGER);
	x->signature_algorithm = ber_algorithm(&c, NULL);
	if (ber_next(&c, &e))
		x->issuer = e.whole;
	struct oto_cur validity = ber_enter(&c, BER_SEQUENCE);
	x->not_before = ber_time(&validity);
	x->not_after = ber_time(&validity);
	ber_leave(&c, &validity);
	if (ber_next(&c, &e))
		x->subject = e.whole;
	ber_read_key(&c, x);
	if (c.bad || x->version - 1 > 2) /* RFC 5280 4.1: there are three */
		return false;
	for (struct oto_cur rest = c; ber_next(&rest, &e);) {
		if (e.tag == BER_CONTEXT(3)) {
			in = oto_cur_of(e.value);
			x->extensions = ber_take(&in, BER_SEQUENCE);
		}
	}
	return true;
}

#endif
