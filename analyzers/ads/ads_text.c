/* ads_text.c - addresses of AMS as text. */
#include "ads.h"

static void put_net_id(struct text *t, struct oto_slice raw)
{
	for (uint32_t i = 0; i < raw.len && t->len + 4 <= t->room; i++) {
		if (i)
			t->at[t->len++] = '.';
		t->len += say_put_octet(raw.data[i], &t->at[t->len]);
	}
}

struct oto_slice ads_net_id(struct oto_ctx *cx, struct oto_slice raw)
{
	struct text t = text_new(cx, sizeof "255.255.255.255.255.255");

	put_net_id(&t, raw);
	return text_end(&t);
}

struct oto_slice ads_sub(const struct ads_parse *p)
{
	if (p->m->port == ADS_SYSTEM_SERVICE)
		return (struct oto_slice){ 0 };
	struct text t = text_new(p->cx, OTO_SUB_MAX);
	text_put_slice(&t, p->m->net_id);
	text_put(&t, ":");
	text_put_number(&t, p->m->port);
	return text_end(&t);
}
