/* mms_value.c - names of objects and values of every type as text, short, with a bound on how deep values may lie in each other. */
#include "mms.h"

bool mms_text_begin(struct mms_parse *p, struct mms_text *t)
{
	if (!t->at)
		t->at = oto_scratch(p->cx, MMS_TEXT);
	return t->at;
}

struct oto_slice mms_text_end(const struct mms_text *t)
{
	return (struct oto_slice){ t->len ? t->at : NULL, t->at ? t->len : 0 };
}

static void put_byte(struct mms_text *t, uint8_t b)
{
	if (t->at && t->len < MMS_TEXT)
		t->at[t->len++] = b;
}

void mms_put(struct mms_text *t, const char *s)
{
	for (; *s; s++)
		put_byte(t, (uint8_t)*s);
}

void mms_put_slice(struct mms_text *t, struct oto_slice s)
{
	for (uint32_t i = 0; i < s.len; i++)
		put_byte(t, s.data[i]);
}

static void put_unsigned(struct mms_text *t, uint64_t n)
{
	char digits[20];
	uint32_t count = ber_put_number(digits, 0, n);

	mms_put_slice(t, (struct oto_slice){ (const uint8_t *)digits, count });
}

static void put_hex(struct mms_text *t, struct oto_slice s)
{
	static const char digit[] = "0123456789abcdef";

	for (uint32_t i = 0; i < s.len; i++) {
		put_byte(t, (uint8_t)digit[s.data[i] >> 4]);
		put_byte(t, (uint8_t)digit[s.data[i] & 15]);
	}
}

/* ------------------------------------------------------------------------------------------------ names */

void mms_take_name(struct mms_parse *p, struct oto_cur *c)
{
	struct ber e, domain, item;
	struct mms_text *t = &p->name;

	if (!mms_text_begin(p, t) || !ber_next(c, &e))
		return;
	if (e.tag == BER_CONTEXT(1)) {
		struct oto_cur both = oto_cur_of(e.value);
		if (!ber_next(&both, &domain) || !ber_next(&both, &item)) {
			c->bad = true;
			return;
		}
		mms_put_slice(t, domain.value);
		put_byte(t, '/');
		mms_put_slice(t, item.value);
		if (!p->m->domain.len)
			p->m->domain = domain.value;
	} else {
		mms_put(t, e.tag == BER_CONTEXT_PRIMITIVE(2) ? "@" : "");
		mms_put_slice(t, e.value);
	}
}

/* One variable of a list: by its name, or an address of which only that is told. */
static void take_variable(struct mms_parse *p, struct oto_cur item)
{
	struct ber e;

	if (!ber_next(&item, &e))
		return;
	if (e.tag == BER_CONTEXT(0)) {
		struct oto_cur name = oto_cur_of(e.value);
		mms_take_name(p, &name);
	} else {
		mms_put(&p->name, "?");
	}
}

void mms_take_variables(struct mms_parse *p, struct oto_cur *c)
{
	struct ber e;
	uint32_t n = 0;

	if (!mms_text_begin(p, &p->name) || !ber_next(c, &e))
		return;
	struct oto_cur inner = oto_cur_of(e.value);
	if (e.tag == BER_CONTEXT(1)) {
		mms_take_name(p, &inner);
		n = 1;
	} else if (e.tag == BER_CONTEXT(0)) {
		for (struct ber item; ber_next(&inner, &item); n++) {
			if (n)
				put_byte(&p->name, ',');
			take_variable(p, oto_cur_of(item.value));
		}
	} else {
		c->bad = true;
	}
	c->bad |= inner.bad;
	p->m->number_of_items = n;
	p->m->has_items = true;
}

struct oto_slice mms_take_file(struct mms_parse *p, struct oto_cur *c)
{
	struct mms_text t = { 0 };

	if (!mms_text_begin(p, &t))
		return (struct oto_slice){ 0 };
	for (struct ber part; ber_next(c, &part);)
		mms_put_slice(&t, part.value);
	return mms_text_end(&t);
}

/* ------------------------------------------------------------------------------------------------ values */

/* Clause 14.4.2.7: the width of the exponent, then IEEE 754. Six digits, without help of the locale. */
static void put_float(struct mms_text *t, struct oto_slice s)
{
	enum { FLOAT = 5, DOUBLE = 9, FRACTION = 1000000 };
	struct oto_cur c = oto_cur_of(s);
	double value = 0;

	oto_skip(&c, 1);
	if (s.len == FLOAT) {
		uint32_t bits = oto_be32(&c);
		float f;
		memcpy(&f, &bits, sizeof f);
		value = (double)f;
	} else if (s.len == DOUBLE) {
		uint64_t bits = oto_be64(&c);
		memcpy(&value, &bits, sizeof value);
	} else {
		put_hex(t, s);
		return;
	}
	if (!(value > -1e12 && value < 1e12)) {
		mms_put(t, value > 0 ? "large" : value < 0 ? "-large" : "nan");
		return;
	}
	if (value < 0) {
		put_byte(t, '-');
		value = -value;
	}
	uint64_t scaled = (uint64_t)(value * FRACTION + 0.5), rest = scaled % FRACTION;
	put_unsigned(t, scaled / FRACTION);
	put_byte(t, '.');
	for (uint64_t unit = FRACTION / 10; unit; unit /= 10) {
		put_byte(t, (uint8_t)('0' + rest / unit % 10));
		if (!(rest % unit))
			break;
	}
}

static void put_bits(struct mms_text *t, struct oto_slice s)
{
	uint32_t unused = s.len ? s.data[0] & 7u : 0;

	for (uint32_t i = 8; i + unused < 8 * s.len; i++)
		put_byte(t, s.data[i / 8] >> (7 - i % 8) & 1 ? '1' : '0');
}

static void put_integer(struct mms_text *t, struct oto_slice s)
{
	int64_t n;

	if (!ber_integer_of(s, &n)) {
		put_hex(t, s);
		return;
	}
	if (n < 0)
		put_byte(t, '-');
	put_unsigned(t, n < 0 ? 0 - (uint64_t)n : (uint64_t)n);
}

/* Data, clause 14.4.2. */
static void put_simple(struct mms_text *t, const struct ber *e)
{
	uint64_t n;

	switch (e->tag & 0x1f) {
	case 3:
		mms_put(t, e->value.len && e->value.data[0] ? "true" : "false");
		break;
	case 4:
		put_bits(t, e->value);
		break;
	case 5:
		put_integer(t, e->value);
		break;
	case 6:
		if (ber_unsigned_of(e->value, &n))
			put_unsigned(t, n);
		else
			put_hex(t, e->value);
		break;
	case 7:
		put_float(t, e->value);
		break;
	case 10:
	case 11:
	case 16:
		mms_put_slice(t, e->value);
		break;
	default: /* octets, times */
		put_hex(t, e->value);
		break;
	}
}

void mms_put_failure(struct mms_parse *p, struct oto_slice value)
{
	int64_t code = 0;
	const struct oto_name *row = ber_integer_of(value, &code) ? oto_name_of(&mms_access_errors, (uint32_t)code) : NULL;

	mms_put(&p->value, row ? row->name : "error");
	if (!p->m->failures++)
		p->m->error = row ? row->name : "error";
}

void mms_take_values(struct mms_parse *p, struct oto_cur *c)
{
	enum { DEEP = 8, ARRAY = 0xa1, STRUCTURE = 0xa2, FAILURE = 0x80 };
	struct oto_cur level[DEEP];
	uint32_t depth = 0;
	bool first = true;

	if (!mms_text_begin(p, &p->value))
		return;
	level[0] = *c;
	for (struct ber e;;) {
		if (!ber_next(&level[depth], &e)) {
			c->bad |= level[depth].bad;
			if (!depth || c->bad)
				break;
			depth--;
			put_byte(&p->value, '}');
			continue;
		}
		if (!first)
			put_byte(&p->value, ',');
		first = e.tag == ARRAY || e.tag == STRUCTURE;
		if (first && depth + 1 < DEEP) {
			put_byte(&p->value, '{');
			level[++depth] = oto_cur_of(e.value);
			first = e.value.len != 0;
		} else if (e.tag == FAILURE) {
			mms_put_failure(p, e.value);
			first = false;
		} else {
			put_simple(&p->value, &e);
			first = false;
		}
	}
	oto_rest(c);
}
