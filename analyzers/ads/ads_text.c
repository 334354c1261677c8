/* ads_text.c - texts that are put together in scratch memory: addresses of AMS, lists, digits. */
#include "ads.h"

struct ads_text ads_text_new(struct oto_ctx *cx, uint32_t cap)
{
	struct ads_text t = { oto_scratch(cx, cap), 0, cap };

	t.cap = t.at ? cap : 0;
	return t;
}

static void put_byte(struct ads_text *t, uint8_t c)
{
	if (t->len < t->cap)
		t->at[t->len++] = c;
}

void ads_put(struct ads_text *t, const char *s)
{
	while (*s)
		put_byte(t, (uint8_t)*s++);
}

void ads_put_slice(struct ads_text *t, struct oto_slice s)
{
	for (uint32_t i = 0; i < s.len; i++)
		put_byte(t, s.data[i]);
}

void ads_put_number(struct ads_text *t, uint64_t n)
{
	uint8_t digits[20];
	uint32_t len = 0;

	do
		digits[len++] = (uint8_t)('0' + n % 10);
	while ((n /= 10) != 0);
	while (len)
		put_byte(t, digits[--len]);
}

void ads_put_hex(struct ads_text *t, struct oto_slice s)
{
	for (uint32_t i = 0; i < s.len && t->len < t->cap; i++) {
		put_byte(t, (uint8_t) "0123456789abcdef"[s.data[i] >> 4]);
		put_byte(t, (uint8_t) "0123456789abcdef"[s.data[i] & 15]);
	}
}

struct oto_slice ads_text_end(const struct ads_text *t)
{
	return (struct oto_slice){ t->at, t->len };
}

static void put_net_id(struct ads_text *t, struct oto_slice raw)
{
	for (uint32_t i = 0; i < raw.len && t->len + 4 <= t->cap; i++) {
		if (i)
			t->at[t->len++] = '.';
		t->len += say_put_octet(raw.data[i], &t->at[t->len]);
	}
}

struct oto_slice ads_net_id(struct oto_ctx *cx, struct oto_slice raw)
{
	struct ads_text t = ads_text_new(cx, sizeof "255.255.255.255.255.255");

	put_net_id(&t, raw);
	return ads_text_end(&t);
}

struct oto_slice ads_sub(const struct ads_parse *p)
{
	if (p->m->port == ADS_SYSTEM_SERVICE)
		return (struct oto_slice){ 0 };
	struct ads_text t = ads_text_new(p->cx, OTO_SUB_MAX);
	ads_put_slice(&t, p->m->net_id);
	ads_put(&t, ":");
	ads_put_number(&t, p->m->port);
	return ads_text_end(&t);
}
