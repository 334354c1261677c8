/* dns_answer.c - see dns_answer.h. */
#include "dns_answer.h"
#include "../say.h"

#include <stdio.h>

struct oto_slice dns_lower_copy(struct oto_ctx *cx, struct oto_slice s)
{
	uint8_t *copy = s.len ? oto_scratch(cx, s.len) : NULL;

	for (uint32_t i = 0; copy && i < s.len; i++)
		copy[i] = dns_lower(s.data[i]);
	return (struct oto_slice){ copy, copy ? s.len : 0 };
}

struct oto_slice dns_numbered(struct oto_ctx *cx, const char *prefix, uint32_t number)
{
	enum { ROOM = 48 };
	char *text = oto_scratch(cx, ROOM);

	if (!text)
		return (struct oto_slice){ 0 };
	snprintf(text, ROOM, "%s%u", prefix, number);
	return oto_slice_of(text);
}

/* ------------------------------------------------------------------------------------------------ a growing line */

struct line {
	uint8_t *data;
	uint32_t len, room;
};

static struct line line_new(struct oto_ctx *cx, uint32_t room)
{
	uint8_t *data = oto_scratch(cx, room);
	return (struct line){ data, 0, data ? room : 0 };
}

static void put(struct line *l, struct oto_slice s)
{
	uint32_t n = s.len < l->room - l->len ? s.len : l->room - l->len;

	if (n)
		memcpy(&l->data[l->len], s.data, n);
	l->len += n;
}

static void put_lower(struct line *l, struct oto_slice s)
{
	uint32_t from = l->len;

	put(l, s);
	for (uint32_t i = from; i < l->len; i++)
		l->data[i] = dns_lower(l->data[i]);
}

static void put_number(struct line *l, uint32_t number)
{
	char text[12];

	snprintf(text, sizeof text, "%u", number);
	put(l, oto_slice_of(text));
}

static struct oto_slice done(const struct line *l)
{
	return (struct oto_slice){ l->data, l->len };
}

/* ------------------------------------------------------------------------------------------------ kinds of data */

static bool name_text(struct oto_ctx *cx, struct oto_cur d, uint32_t skip, struct oto_slice *text)
{
	struct dns_name name;
	const char *odd;

	oto_skip(&d, skip);
	if (!dns_read_name(&d, &name, &odd))
		return false;
	*text = dns_lower_copy(cx, dns_slice(&name));
	return true;
}

/* "TXT 3 abc TXT 1 x": each string with its kind and length. */
static bool strings_text(struct oto_ctx *cx, const char *kind, struct oto_cur d, struct oto_slice *text)
{
	struct oto_cur count = d;
	uint32_t n = 0;

	for (; oto_left(&count) && !count.bad; n++)
		oto_skip(&count, oto_u8(&count));
	if (count.bad)
		return false;
	struct line l = line_new(cx, oto_left(&d) + 10 * n);
	for (uint32_t i = 0; i < n; i++) {
		uint8_t length = oto_u8(&d);
		put(&l, oto_slice_of(i ? " " : ""));
		put(&l, oto_slice_of(kind));
		put(&l, oto_slice_of(" "));
		put_number(&l, length);
		put(&l, oto_slice_of(" "));
		put(&l, oto_take(&d, length));
	}
	*text = done(&l);
	return true;
}

/* RFC 4034 3.1: the type that is signed, and by whom. */
static bool rrsig_text(struct oto_ctx *cx, struct oto_cur d, struct oto_slice *text)
{
	struct dns_name signer;
	const char *odd;
	uint16_t covered = oto_be16(&d);

	oto_skip(&d, 16);
	if (d.bad || !dns_read_name(&d, &signer, &odd))
		return false;
	struct line l = line_new(cx, 16u + DNS_NAME_MAX);
	put(&l, oto_slice_of("RRSIG "));
	put_number(&l, covered);
	put(&l, oto_slice_of(" "));
	if (signer.len)
		put_lower(&l, dns_slice(&signer));
	else
		put(&l, oto_slice_of("<Root>"));
	*text = done(&l);
	return true;
}

static bool nsec_text(struct oto_ctx *cx, const struct dns_record *rr, struct oto_slice *text)
{
	struct oto_cur d = rr->data;
	struct dns_name next;
	const char *odd;

	if (!dns_read_name(&d, &next, &odd))
		return false;
	struct line l = line_new(cx, 8u + 2u * DNS_NAME_MAX);
	put(&l, oto_slice_of("NSEC "));
	put_lower(&l, dns_slice(&rr->sent));
	put(&l, oto_slice_of(" "));
	put_lower(&l, dns_slice(&next));
	*text = done(&l);
	return true;
}

/* RFC 4034 2.1 and 5.1: four bytes of which some are shown. */
static bool key_text(struct oto_ctx *cx, const struct dns_record *rr, struct oto_slice *text)
{
	struct oto_cur d = rr->data;

	oto_skip(&d, 2);
	uint8_t third = oto_u8(&d), fourth = oto_u8(&d);
	if (d.bad)
		return false;
	if (rr->type == DNS_DNSKEY) {
		*text = dns_numbered(cx, "DNSKEY ", fourth);
		return true;
	}
	struct line l = line_new(cx, 16);
	put(&l, oto_slice_of("DS "));
	put_number(&l, third);
	put(&l, oto_slice_of(" "));
	put_number(&l, fourth);
	*text = done(&l);
	return true;
}

static bool sshfp_text(struct oto_ctx *cx, struct oto_cur d, struct oto_slice *text)
{
	static const char digits[] = "0123456789abcdef";

	oto_skip(&d, 2);
	struct oto_slice fingerprint = oto_rest(&d);
	if (d.bad)
		return false;
	struct line l = line_new(cx, 8 + 2 * fingerprint.len);
	put(&l, oto_slice_of("SSHFP: "));
	for (uint32_t i = 0; i < fingerprint.len; i++) {
		uint8_t pair[2] = { (uint8_t)digits[fingerprint.data[i] >> 4], (uint8_t)digits[fingerprint.data[i] & 0xf] };
		put(&l, (struct oto_slice){ pair, 2 });
	}
	*text = done(&l);
	return true;
}

/* RFC 1876 2: size and precisions. */
static bool loc_text(struct oto_ctx *cx, struct oto_cur d, struct oto_slice *text)
{
	oto_skip(&d, 1);
	uint8_t size = oto_u8(&d), horizontal = oto_u8(&d), vertical = oto_u8(&d);
	if (d.bad)
		return false;
	struct line l = line_new(cx, 24);
	put(&l, oto_slice_of("LOC:  "));
	put_number(&l, size);
	put(&l, oto_slice_of(" "));
	put_number(&l, horizontal);
	put(&l, oto_slice_of(" "));
	put_number(&l, vertical);
	*text = done(&l);
	return true;
}

static bool addr_text(struct oto_ctx *cx, struct oto_cur d, bool v6, struct oto_slice *text)
{
	struct oto_addr a = v6 ? oto_take_ipv6(&d) : oto_take_ipv4(&d);

	if (d.bad)
		return false;
	*text = say_addr(cx, &a);
	return true;
}

static bool unknown_text(struct oto_ctx *cx, uint16_t type, struct oto_slice *text)
{
	struct line l = line_new(cx, 32);

	put(&l, oto_slice_of("<unknown type="));
	put_number(&l, type);
	put(&l, oto_slice_of(">"));
	*text = done(&l);
	return true;
}

bool dns_answer_text(struct oto_ctx *cx, enum dns_service service, const struct dns_record *rr, struct oto_slice *text, bool *silent)
{
	*text = (struct oto_slice){ 0 };
	*silent = false;
	switch (rr->type) {
	case DNS_A:
		return addr_text(cx, rr->data, false, text);
	case DNS_AAAA:
	case DNS_A6:
		return addr_text(cx, rr->data, true, text);
	case DNS_NS:
	case DNS_CNAME:
	case DNS_PTR:
	case DNS_SOA:
		return name_text(cx, rr->data, 0, text);
	case DNS_MX:
		return name_text(cx, rr->data, 2, text);
	case DNS_SRV:
		*silent = service == DNS_SERVICE_NBNS; /* NBSTAT has the same number */
		return *silent || name_text(cx, rr->data, 6, text);
	case DNS_TXT:
		return strings_text(cx, "TXT", rr->data, text);
	case DNS_SPF:
		return strings_text(cx, "SPF", rr->data, text);
	case DNS_RRSIG:
		return rrsig_text(cx, rr->data, text);
	case DNS_NSEC:
		return nsec_text(cx, rr, text);
	case DNS_DNSKEY:
	case DNS_DS:
		return key_text(cx, rr, text);
	case DNS_NSEC3:
		*text = oto_slice_of("NSEC3");
		return true;
	case DNS_NSEC3PARAM:
		*text = oto_slice_of("NSEC3PARAM");
		return true;
	case DNS_BINDS:
		*text = oto_slice_of("BIND9 signing signal");
		return true;
	case DNS_SSHFP:
		return sshfp_text(cx, rr->data, text);
	case DNS_LOC:
		return loc_text(cx, rr->data, text);
	case DNS_WKS:
	case DNS_HINFO:
	case DNS_NB:
	case DNS_OPT:
	case DNS_TSIG:
	case DNS_CAA:
	case DNS_SVCB:
	case DNS_HTTPS:
		*silent = true;
		return true;
	default:
		return unknown_text(cx, rr->type, text);
	}
}
