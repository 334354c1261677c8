/* fins_text.c - words that are put together in scratch memory: addresses, lists of them, the way to a device behind a network. */
#include "fins.h"

bool fins_text_begin(struct fins_parse *p)
{
	p->text.len = 0;
	p->text.at = oto_scratch(p->cx, FINS_TEXT_MAX);
	return p->text.at;
}

struct oto_slice fins_text_end(const struct fins_parse *p)
{
	return (struct oto_slice){ p->text.at, p->text.at ? p->text.len : 0 };
}

void fins_put_byte(struct fins_parse *p, uint8_t c)
{
	if (p->text.at && p->text.len < FINS_TEXT_MAX)
		p->text.at[p->text.len++] = c;
}

void fins_put(struct fins_parse *p, const char *s)
{
	for (; *s; s++)
		fins_put_byte(p, (uint8_t)*s);
}

void fins_put_number(struct fins_parse *p, uint32_t n)
{
	char digits[10];
	uint32_t count = 0;

	do
		digits[count++] = (char)('0' + n % 10);
	while (n /= 10);
	while (count)
		fins_put_byte(p, (uint8_t)digits[--count]);
}

void fins_put_area(struct fins_parse *p, uint8_t code, uint16_t word, uint8_t bit)
{
	const struct fins_area *area = fins_area_of(code);

	fins_put(p, area ? area->name.name : "memory");
	fins_put_byte(p, ':');
	fins_put_number(p, word);
	if (area && area->by_bit) {
		fins_put_byte(p, '.');
		fins_put_number(p, bit);
	}
}

struct oto_slice fins_sub(struct fins_parse *p, uint8_t network, uint8_t node, uint8_t unit)
{
	if ((!network && !unit) || !fins_text_begin(p))
		return (struct oto_slice){ 0 };
	if (network) {
		fins_put(p, "network ");
		fins_put_number(p, network);
		fins_put(p, " node ");
		fins_put_number(p, node);
		fins_put_byte(p, ' ');
	}
	fins_put(p, "unit ");
	fins_put_number(p, unit);
	return fins_text_end(p);
}

struct oto_slice fins_trim(struct oto_slice s)
{
	s = say_string(s);
	while (s.len && s.data[s.len - 1] == ' ')
		s.len--;
	return s;
}
