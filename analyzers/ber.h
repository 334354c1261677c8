/* ber.h - a bounds-checked reader of ASN.1's basic and distinguished encoding (X.690), over the contract's cursor.
 *
 * For analyzers whose messages are ASN.1: SNMP, Kerberos, LDAP, certificates, MMS. Knows elements (identifier, length, contents) and the
 * primitive types; nothing of any protocol. A tag is its identifier octets as they stand on the wire, so that 0x30 is a SEQUENCE,
 * 0xa0 the constructed context tag 0 and 0xbf4d the constructed context tag 77. Reading goes element by element, without recursion;
 * the only nesting that is followed by itself is that of indefinite lengths, BER_DEPTH_MAX deep. Errors are the cursor's sticky `bad`.
 */
#ifndef OTO_ANALYZERS_BER_H
#define OTO_ANALYZERS_BER_H

#include "oto_plugin.h"

enum {
	BER_BOOLEAN = 0x01,
	BER_INTEGER = 0x02,
	BER_BITS = 0x03,
	BER_OCTETS = 0x04,
	BER_NULL = 0x05,
	BER_OID = 0x06,
	BER_ENUMERATED = 0x0a,
	BER_UTF8_STRING = 0x0c,
	BER_PRINTABLE_STRING = 0x13,
	BER_TELETEX_STRING = 0x14,
	BER_IA5_STRING = 0x16,
	BER_UTC_TIME = 0x17,
	BER_GENERALIZED_TIME = 0x18,
	BER_VISIBLE_STRING = 0x1a,
	BER_GENERAL_STRING = 0x1b,
	BER_UNIVERSAL_STRING = 0x1c,
	BER_BMP_STRING = 0x1e,
	BER_SEQUENCE = 0x30,
	BER_SET = 0x31,
};
enum { BER_CONSTRUCTED = 0x20 };

/* The constructed and the primitive context-specific tag n, 0 to 30. */
#define BER_CONTEXT(n) (0xa0u | (n))
#define BER_CONTEXT_PRIMITIVE(n) (0x80u | (n))
#define BER_APPLICATION(n) (0x60u | (n))

enum { BER_DEPTH_MAX = 16, BER_OID_TEXT_MAX = 128 };

struct ber {
	uint32_t tag;
	struct oto_slice value; /* the contents, without an end-of-contents mark */
	struct oto_slice whole; /* with identifier and length, as a signature or a hash wants it */
};

/* X.690 8.1.2. Numbers above 30 take up to three octets here; more nobody uses, and is bad. A long form that the rules forbid, zeros in
 * front or a number below 31, comes out as the form it should have had: readers take it, and so it must not hide anything. */
static inline uint32_t ber_read_tag(struct oto_cur *c)
{
	uint32_t first = oto_u8(c), tag = first, number = 0;
	uint8_t octet = 0x80;

	if ((first & 0x1f) != 0x1f)
		return first;
	for (int i = 0; octet & 0x80 && i < 6; i++) {
		octet = oto_u8(c);
		number = number << 7 | (octet & 0x7f);
		if (number)
			tag = tag << 8 | octet;
	}
	if (octet & 0x80 || number >> 21)
		c->bad = true;
	return c->bad ? 0 : number < 0x1f ? (first & 0xe0) | number : tag;
}

/* X.690 8.1.3: false in *definite is the indefinite form, with a length of 0. */
static inline uint32_t ber_read_length(struct oto_cur *c, bool *definite)
{
	uint8_t first = oto_u8(c);
	uint64_t length = 0;

	*definite = first != 0x80;
	if (first < 0x80 || !*definite)
		return first & 0x7f;
	/* Leading zeros are allowed; 127 octets is reserved. */
	if (first == 0xff)
		c->bad = true;
	for (uint8_t i = first & 0x7f; i && !c->bad; i--) {
		length = length << 8 | oto_u8(c);
		if (length > UINT32_MAX)
			c->bad = true;
	}
	return c->bad ? 0 : (uint32_t)length;
}

/* Skips contents of indefinite length with the mark behind them (X.690 8.1.5); returns the contents. */
static inline struct oto_slice ber_take_indefinite(struct oto_cur *c)
{
	struct oto_cur from = *c;
	uint32_t begin = oto_tell(c), end = begin;

	for (int depth = 1; depth > 0 && !c->bad;) {
		bool definite;
		end = oto_tell(c);
		uint32_t tag = ber_read_tag(c), length = ber_read_length(c, &definite);
		if (!tag && !length && definite)
			depth--;
		else if (definite)
			oto_skip(c, length);
		else if (++depth > BER_DEPTH_MAX)
			c->bad = true;
	}
	return c->bad ? (struct oto_slice){ 0 } : oto_take(&from, end - begin);
}

/* The next element, whatever it is. False at the end, and when the bytes are no element: then the cursor is bad. */
static inline bool ber_next(struct oto_cur *c, struct ber *e)
{
	struct oto_cur from = *c;
	bool definite;

	*e = (struct ber){ 0 };
	if (c->bad || !oto_left(c))
		return false;
	e->tag = ber_read_tag(c);
	uint32_t length = ber_read_length(c, &definite);
	e->value = definite ? oto_take(c, length) : ber_take_indefinite(c);
	if (c->bad)
		return false;
	e->whole = oto_take(&from, oto_tell(c) - oto_tell(&from));
	return true;
}

/* Does the next element have this tag? */
static inline bool ber_at(const struct oto_cur *c, uint32_t tag)
{
	struct oto_cur look = *c;

	return !c->bad && oto_left(c) && ber_read_tag(&look) == tag && !look.bad;
}

/* The contents of the next element, which must have this tag: bad otherwise. */
static inline struct oto_slice ber_take(struct oto_cur *c, uint32_t tag)
{
	struct ber e;

	if (!ber_at(c, tag))
		c->bad = true;
	return ber_next(c, &e) ? e.value : (struct oto_slice){ 0 };
}

/* A cursor over the contents of the next element, which must have this tag: both are bad otherwise. What goes wrong inside is the inner
 * cursor's; ber_leave() passes it on. */
static inline struct oto_cur ber_enter(struct oto_cur *c, uint32_t tag)
{
	struct oto_cur inner = oto_cur_of(ber_take(c, tag));

	inner.bad = c->bad;
	return inner;
}

static inline void ber_leave(struct oto_cur *c, const struct oto_cur *inner)
{
	c->bad = c->bad || inner->bad;
}

/* The same for an element that may be missing: true, and its contents, when it is the next one. */
static inline bool ber_enter_if(struct oto_cur *c, uint32_t tag, struct oto_cur *inner)
{
	if (!ber_at(c, tag))
		return false;
	*inner = ber_enter(c, tag);
	return !inner->bad;
}

/* Two's complement contents of INTEGER or ENUMERATED. False when empty or longer than 64 bits: a serial number or a key, for which the
 * contents themselves are the value. */
static inline bool ber_integer_of(struct oto_slice value, int64_t *out)
{
	struct oto_cur c = oto_cur_of(value);

	if (!value.len || value.len > 8)
		return false;
	uint64_t n = oto_u8(&c);
	n = n & 0x80 ? n | ~UINT64_C(0xff) : n;
	while (oto_left(&c))
		n = n << 8 | oto_u8(&c);
	*out = (int64_t)n;
	return true;
}

/* A number that is never negative (SNMP's Counter64 fills 64 bits behind a zero). */
static inline bool ber_unsigned_of(struct oto_slice value, uint64_t *out)
{
	struct oto_cur c = oto_cur_of(value);
	uint64_t n = 0;

	if (!value.len || value.len > 9)
		return false;
	if (value.len == 9 && oto_u8(&c) != 0)
		return false;
	while (oto_left(&c))
		n = n << 8 | oto_u8(&c);
	*out = n;
	return true;
}

/* The next element as a whole number under this tag (BER_INTEGER, BER_ENUMERATED, an implicit one). */
static inline int64_t ber_int_as(struct oto_cur *c, uint32_t tag)
{
	int64_t n = 0;

	if (!ber_integer_of(ber_take(c, tag), &n))
		c->bad = true;
	return n;
}

static inline int64_t ber_int(struct oto_cur *c)
{
	return ber_int_as(c, BER_INTEGER);
}

/* How many bytes the element that starts here has, for an analyzer's pdu_len: 0 when more are needed, negative when it is none of `tag`,
 * of indefinite length, or longer than `most`. */
static inline int64_t ber_whole_len(struct oto_cur c, uint32_t tag, uint32_t most)
{
	uint32_t left = oto_left(&c);
	bool definite;

	if (!left)
		return 0;
	uint32_t found = ber_read_tag(&c);
	if (!c.bad && found != tag)
		return -1;
	uint32_t length = ber_read_length(&c, &definite);
	if (c.bad)
		return left < 8 ? 0 : -1;
	if (!definite || length > most)
		return -1;
	return (int64_t)oto_tell(&c) + length;
}

/* An object identifier's contents against octets written in C: BER_OID_IS(value, "\x2b\x06\x01"). */
#define BER_OID_IS(value, octets) ((value).len == sizeof(octets) - 1 && memcmp((value).data, octets, sizeof(octets) - 1) == 0)
#define BER_OID_UNDER(value, octets) ((value).len > sizeof(octets) - 1 && memcmp((value).data, octets, sizeof(octets) - 1) == 0)

static inline uint32_t ber_put_number(char *out, uint32_t at, uint64_t n)
{
	char digits[20];
	uint32_t count = 0;

	do
		digits[count++] = (char)('0' + n % 10);
	while (n /= 10);
	while (count)
		out[at++] = digits[--count];
	return at;
}

/* X.690 8.19: the contents of an OBJECT IDENTIFIER in dotted form, into `out`. Empty when malformed: no octets, an arc beyond 64 bits or
 * cut off, more text than BER_OID_TEXT_MAX. */
static inline struct oto_slice ber_oid_text(struct oto_slice value, char out[BER_OID_TEXT_MAX])
{
	struct oto_cur c = oto_cur_of(value);
	uint32_t len = 0;

	while (oto_left(&c)) {
		uint64_t arc = 0;
		uint8_t octet;
		do {
			if (arc >> 57)
				return (struct oto_slice){ 0 };
			octet = oto_u8(&c);
			arc = arc << 7 | (octet & 0x7f);
		} while (octet & 0x80 && oto_left(&c));
		if (octet & 0x80 || len + 24 > BER_OID_TEXT_MAX)
			return (struct oto_slice){ 0 };
		if (!len) { /* two arcs in one */
			uint64_t top = arc < 80 ? arc / 40 : 2;
			out[len++] = (char)('0' + top);
			arc -= top * 40;
		}
		out[len++] = '.';
		len = ber_put_number(out, len, arc);
	}
	return (struct oto_slice){ (const uint8_t *)out, len };
}

/* Two decimal digits; -1 when they are none. */
static inline int ber_two_digits(struct oto_cur *c)
{
	uint8_t tens = (uint8_t)(oto_u8(c) - '0'), ones = (uint8_t)(oto_u8(c) - '0');

	if (tens > 9 || ones > 9)
		c->bad = true;
	return c->bad ? -1 : tens * 10 + ones;
}

/* The next character without taking it; 0 at the end. */
static inline uint8_t ber_peek(const struct oto_cur *c)
{
	struct oto_cur look = *c;

	return oto_left(c) ? oto_u8(&look) : 0;
}

static inline bool ber_at_digit(const struct oto_cur *c)
{
	return ber_peek(c) >= '0' && ber_peek(c) <= '9';
}

/* Days from 1970-01-01 to a date of the Gregorian calendar. */
static inline int64_t ber_days(int64_t year, int month, int day)
{
	static const uint16_t before[] = { 0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334 };
	int64_t y = month > 2 ? year : year - 1;

	return year * 365 + y / 4 - y / 100 + y / 400 + before[month - 1] + day - 719528;
}

static inline int ber_month_days(int year, int month)
{
	static const uint8_t days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };

	return days[month - 1] + (month == 2 && year % 4 == 0 && (year % 100 != 0 || year % 400 == 0));
}

/* "Z", "+hhmm", "-hhmm" or nothing, which in GeneralizedTime is local time and is read as UTC; seconds east of Greenwich. */
static inline int64_t ber_time_zone(struct oto_cur *c)
{
	if (!oto_left(c))
		return 0;
	uint8_t sign = oto_u8(c);
	if (sign == 'Z' && !oto_left(c))
		return 0;
	int hours = ber_two_digits(c), minutes = ber_two_digits(c);
	if ((sign != '+' && sign != '-') || hours > 23 || minutes > 59 || oto_left(c))
		c->bad = true;
	int64_t east = (int64_t)hours * 3600 + (int64_t)minutes * 60;
	return sign == '-' ? -east : east;
}

/* X.680 46 and 47: UTCTime (two digits of the year, 50 to 49 as in RFC 5280 4.1.2.5.1) and GeneralizedTime, with their options: seconds
 * left out, a fraction, a difference to UTC. False when it is no time. The years 1677 to 2262 that nanoseconds reach; beyond them the
 * nearest end, since certificates say 9999 for never. */
static inline bool ber_time_of(uint32_t tag, struct oto_slice value, struct oto_time *out)
{
	struct oto_cur c = oto_cur_of(value);
	int64_t fraction = 0, unit = 100000000, limit = INT64_MAX / 1000000000;
	int second = 0, minute = 0, year = ber_two_digits(&c);

	if (tag == BER_GENERALIZED_TIME)
		year = year * 100 + ber_two_digits(&c);
	else
		year += year < 50 ? 2000 : 1900;
	int month = ber_two_digits(&c), day = ber_two_digits(&c), hour = ber_two_digits(&c);
	if (ber_at_digit(&c))
		minute = ber_two_digits(&c);
	if (ber_at_digit(&c))
		second = ber_two_digits(&c);
	if (c.bad || month < 1 || month > 12 || day < 1 || day > ber_month_days(year, month) || hour > 23 || minute > 59 || second > 60)
		return false;
	if (tag == BER_GENERALIZED_TIME && (ber_peek(&c) == '.' || ber_peek(&c) == ',')) {
		oto_skip(&c, 1);
		for (; ber_at_digit(&c); unit /= 10)
			fraction += (oto_u8(&c) - '0') * unit;
	}
	int64_t east = ber_time_zone(&c);
	if (c.bad)
		return false;
	int64_t seconds = ber_days(year, month, day) * 86400 + hour * 3600 + minute * 60 + second - east;
	seconds = seconds >= limit ? limit - 1 : seconds <= -limit ? -limit + 1 : seconds;
	out->ns = seconds * 1000000000 + fraction;
	return true;
}

/* The next element as a time, of either type. */
static inline struct oto_time ber_time(struct oto_cur *c)
{
	struct oto_time t = { 0 };
	struct ber e;

	if (!ber_next(c, &e) || (e.tag != BER_UTC_TIME && e.tag != BER_GENERALIZED_TIME) || !ber_time_of(e.tag, e.value, &t))
		c->bad = true;
	return t;
}

#endif
