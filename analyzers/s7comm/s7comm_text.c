/* s7comm_text.c - what all parts of the analyzer lean on: texts in scratch memory, Siemens' times, who speaks to whom, facts. */
#include "analyzers/cotp/cotp.h"
#include "s7comm.h"

/* ------------------------------------------------------------------------------------------------ text */

struct s7_text s7_text_new(struct oto_ctx *cx, uint32_t cap)
{
	struct s7_text t = { oto_scratch(cx, cap), 0, cap };

	if (!t.at)
		t.cap = 0;
	return t;
}

void s7_put(struct s7_text *t, const char *s)
{
	while (*s)
		s7_put_byte(t, (uint8_t)*s++);
}

void s7_put_long_number(struct s7_text *t, uint32_t n)
{
	uint8_t digits[10];
	uint32_t len = 0;

	do
		digits[len++] = (uint8_t)('0' + n % 10);
	while ((n /= 10) != 0);
	while (len)
		s7_put_byte(t, digits[--len]);
}

void s7_put_hex(struct s7_text *t, uint32_t n, uint32_t digits)
{
	while (digits)
		s7_put_byte(t, (uint8_t) "0123456789abcdef"[n >> 4 * --digits & 15]);
}

struct oto_slice s7_trimmed(struct oto_slice s)
{
	while (s.len && (s.data[s.len - 1] == ' ' || s.data[s.len - 1] == 0))
		s.len--;
	return s;
}

/* ------------------------------------------------------------------------------------------------ times */

/* Days from 1970-01-01 of a date of the Gregorian calendar. */
static int64_t days_of(int32_t year, uint32_t month, uint32_t day)
{
	static const uint16_t before[] = { 0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334 };
	int32_t years = year - 1970;
	int32_t leaps = (year - 1) / 4 - (year - 1) / 100 + (year - 1) / 400 - 477;
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return (int64_t)years * 365 + leaps + before[month - 1] + (leap && month > 2) + (int64_t)day - 1;
}

static uint32_t bcd(struct oto_cur *c)
{
	uint8_t b = oto_u8(c);

	return (b >> 4) <= 9 && (b & 15) <= 9 ? (b >> 4) * 10u + (b & 15u) : 100;
}

bool s7_take_time(struct oto_cur *c, struct oto_time *out)
{
	uint32_t year = bcd(c), month = bcd(c), day = bcd(c), hour = bcd(c), minute = bcd(c), second = bcd(c);
	uint16_t rest = oto_be16(c); /* three digits of milliseconds, the day of the week */

	if (c->bad || year > 99 || month < 1 || month > 12 || day < 1 || day > 31 || hour > 23 || minute > 59 || second > 59)
		return false;
	int64_t days = days_of((int32_t)(year < 90 ? 2000 + year : 1900 + year), month, day);
	int64_t ms = (rest >> 12) * 100 + (rest >> 8 & 15) * 10 + (rest >> 4 & 15);
	out->ns = ((days * 86400 + hour * 3600 + minute * 60 + second) * 1000 + ms) * 1000000;
	return true;
}

struct oto_time s7_take_block_time(struct oto_cur *c)
{
	enum { DAYS_TO_1984 = 5113 };
	uint32_t ms = oto_be32(c);
	int64_t days = oto_be16(c);

	return (struct oto_time){ ((days + DAYS_TO_1984) * 86400000 + ms) * 1000000 };
}

/* ------------------------------------------------------------------------------------------------ who */

void s7_speakers(const struct oto_ctx *cx, struct oto_addr *source, uint16_t *source_p, struct oto_addr *destination,
		 uint16_t *destination_p)
{
	const struct oto_head *h = cx->head;

	*source = oto_sender(cx);
	*destination = cx->is_orig ? h->resp_h : h->orig_h;
	*source_p = oto_source_port(cx);
	*destination_p = oto_dest_port(cx);
}

void s7_client_server(const struct s7_pdu *p, bool response, struct oto_addr *client, struct oto_addr *server)
{
	const struct oto_head *h = p->cx->head;
	bool client_is_orig = p->cx->is_orig != response;

	*client = client_is_orig ? h->orig_h : h->resp_h;
	*server = client_is_orig ? h->resp_h : h->orig_h;
}

/* Every request says where it leads, so all places there are stand here. */
#define SLOT(rack, slot) "rack " #rack " slot " #slot
#define SLOTS(r, ten)                                                                                                                      \
	SLOT(r, ten##0), SLOT(r, ten##1), SLOT(r, ten##2), SLOT(r, ten##3), SLOT(r, ten##4), SLOT(r, ten##5), SLOT(r, ten##6),             \
	    SLOT(r, ten##7), SLOT(r, ten##8), SLOT(r, ten##9)
#define RACK(r) SLOTS(r, ), SLOTS(r, 1), SLOTS(r, 2), SLOT(r, 30), SLOT(r, 31)
static const char *const places[8][32] = { { RACK(0) }, { RACK(1) }, { RACK(2) }, { RACK(3) },
					   { RACK(4) }, { RACK(5) }, { RACK(6) }, { RACK(7) } };

/* As STEP 7 shows it: the identifier's two middle bytes are zero and left out. */
static void put_subnet(struct s7_text *t, const uint8_t id[6])
{
	s7_put(t, "subnet ");
	s7_put_hex(t, (uint32_t)id[0] << 8 | id[1], 4);
	s7_put_byte(t, '-');
	s7_put_hex(t, (uint32_t)id[4] << 8 | id[5], 4);
}

static void put_station(struct s7_text *t, const struct cotp_route *r)
{
	enum { IP = 4, MAC = 6 };

	if (r->address_len < IP)
		s7_put(t, " station ");
	else
		s7_put_byte(t, ' ');
	for (uint32_t i = 0; i < r->address_len; i++) {
		if (i)
			s7_put_byte(t, r->address_len == MAC ? ':' : '.');
		if (r->address_len == MAC)
			s7_put_hex(t, r->address[i], 2);
		else
			s7_put_number(t, r->address[i]);
	}
}

/* "subnet 0152-0013 station 4 rack 0 slot 2" */
static struct oto_slice route_text(struct oto_ctx *cx, const struct cotp_route *r)
{
	struct s7_text t = s7_text_new(cx, OTO_SUB_MAX);
	uint8_t rack, slot;

	put_subnet(&t, r->subnet);
	put_station(&t, r);
	if (cotp_place(r->kind, r->place, &rack, &slot)) {
		s7_put_byte(&t, ' ');
		s7_put(&t, places[rack][slot]);
	}
	return s7_text_of(&t);
}

/* Rack and slot are those that were called, so they are of who was called: the flow's responder. So is what lies behind it. */
struct oto_slice s7_sub(struct oto_ctx *cx, bool of_responder)
{
	const struct cotp_route *route = of_responder ? cotp_route_of(cx) : NULL;
	uint8_t rack, slot;

	if (route)
		return route_text(cx, route);
	if (!of_responder || !cotp_rack_slot(cx->key, &rack, &slot))
		return (struct oto_slice){ 0 };
	return oto_slice_of(places[rack][slot]);
}

/* What a device says of itself. */
void s7_fact(struct s7_pdu *p, const char *key, struct oto_slice value, uint8_t confidence)
{
	struct oto_fact f = { .self_size = sizeof f, .key = key, .value = value, .confidence = confidence };

	if (!value.len)
		return;
	f.sub = s7_sub(p->cx, !p->cx->is_orig);
	oto_fact(p->cx, &f);
}
