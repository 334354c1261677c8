/* slmp_text.c - words that are put together in scratch memory: devices, labels, names in UTF-16, stations. Knows no command. */
#include "slmp.h"

enum { TEXT_MAX = 1024, ROOM = 48 /* for one more device */ };

void slmp_text_begin(struct slmp_parse *p)
{
	p->text.at = oto_scratch(p->cx, TEXT_MAX);
	p->text.len = 0;
}

struct oto_slice slmp_text_end(const struct slmp_parse *p)
{
	return (struct oto_slice){ p->text.at, p->text.len };
}

bool slmp_text_full(const struct slmp_parse *p)
{
	return !p->text.at || p->text.len + ROOM > TEXT_MAX;
}

void slmp_put_byte(struct slmp_parse *p, uint8_t b)
{
	if (p->text.at && p->text.len < TEXT_MAX)
		p->text.at[p->text.len++] = b;
}

void slmp_put(struct slmp_parse *p, const char *s)
{
	for (; *s; s++)
		slmp_put_byte(p, (uint8_t)*s);
}

void slmp_put_number(struct slmp_parse *p, uint32_t n, uint32_t base)
{
	uint8_t reversed[10];
	uint32_t len = 0;

	do {
		reversed[len++] = (uint8_t) "0123456789ABCDEF"[n % base];
		n /= base;
	} while (n);
	while (len)
		slmp_put_byte(p, reversed[--len]);
}

void slmp_put_wide(struct slmp_parse *p, uint32_t characters)
{
	for (uint32_t i = 0; i < characters && !p->r.c.bad; i++) {
		uint32_t character = slmp_num(&p->r, 2);
		if (character)
			slmp_put_byte(p, character > 0x20 && character < 0x7f ? (uint8_t)character : '?');
	}
}
