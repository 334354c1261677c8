/* dns_message.c - see dns_message.h. Clauses are RFC 1035's unless another is named. */
#include "dns_message.h"

enum { PORT_NBNS = 137, PORT_MDNS = 5353, PORT_LLMNR = 5355 };
enum { LABEL_KIND = 0xc0, LABEL_POINTER = 0xc0 };

static enum dns_service service_at(uint16_t port)
{
	switch (port) {
	case PORT_NBNS:
		return DNS_SERVICE_NBNS;
	case PORT_MDNS:
		return DNS_SERVICE_MDNS;
	case PORT_LLMNR:
		return DNS_SERVICE_LLMNR;
	default:
		return DNS_SERVICE_DNS;
	}
}

/* The responder's port decides; of a flow that was joined by an answer, the other one may be it. */
enum dns_service dns_service_of(const struct oto_ctx *cx)
{
	enum dns_service service = service_at(cx->head->resp_p);

	return service != DNS_SERVICE_DNS ? service : service_at(cx->head->orig_p);
}

bool dns_read_header(struct oto_cur c, struct dns_message *m)
{
	*m = (struct dns_message){ 0 };
	m->id = oto_be16(&c);
	m->flags = oto_be16(&c);
	for (int i = 0; i < DNS_SECTIONS; i++)
		m->count[i] = oto_be16(&c);
	m->response = m->flags & 0x8000;
	m->opcode = m->flags >> 11 & 0xf;
	m->aa = m->flags & 0x0400;
	m->tc = m->flags & 0x0200;
	m->rd = m->flags & 0x0100;
	m->ra = m->flags & 0x0080;
	m->z = m->flags >> 4 & 7;
	m->rcode = m->flags & 0xf;
	m->body = c;
	return !c.bad;
}

/* ------------------------------------------------------------------------------------------------ names */

static bool add_label(struct dns_name *n, struct oto_slice label)
{
	if (n->len + label.len + 1 > DNS_NAME_MAX)
		return false;
	memcpy(&n->text[n->len], label.data, label.len);
	n->len = (uint8_t)(n->len + label.len);
	n->text[n->len++] = '.';
	return true;
}

static bool name_fails(struct oto_cur *c, const char **odd, const char *why)
{
	c->bad = true;
	*odd = why;
	return false;
}

bool dns_read_name(struct oto_cur *c, struct dns_name *n, const char **odd)
{
	struct oto_cur at = *c;
	uint32_t floor = oto_tell(c); /* pointers lead further and further back, so that they end */
	bool jumped = false;

	n->len = 0;
	for (;;) {
		uint8_t length = oto_u8(&at);
		if ((length & LABEL_KIND) == LABEL_POINTER) {
			uint32_t target = (length & 0x3fu) << 8 | oto_u8(&at);
			if (!jumped)
				*c = at;
			jumped = true;
			if (at.bad || target >= floor)
				return name_fails(c, odd, at.bad ? "name_cut" : "forward_pointer");
			floor = target;
			at = oto_seek(&at, target);
			continue;
		}
		if (length & LABEL_KIND)
			return name_fails(c, odd, "unknown_label_type");
		struct oto_slice label = oto_take(&at, length);
		if (at.bad)
			return name_fails(c, odd, "name_cut");
		if (!length)
			break;
		if (!add_label(n, label))
			return name_fails(c, odd, "name_too_long");
	}
	if (!jumped)
		*c = at;
	if (n->len)
		n->len--;
	return true;
}

/* ------------------------------------------------------------------------------------------------ questions and records */

struct dns_reader dns_reader_of(const struct dns_message *m)
{
	return (struct dns_reader){ .message = m, .at = m->body, .section = DNS_QUESTION, .left = m->count[DNS_QUESTION] };
}

bool dns_next_question(struct dns_reader *r, struct dns_question *q)
{
	if (r->section != DNS_QUESTION || !r->left || r->odd)
		return false;
	r->left--;
	if (!dns_read_name(&r->at, &q->sent, &r->odd))
		return false;
	q->type = oto_be16(&r->at);
	q->class = oto_be16(&r->at);
	if (r->at.bad)
		r->odd = "question_cut";
	return !r->odd;
}

bool dns_next_record(struct dns_reader *r, struct dns_record *rr)
{
	while (!r->left && r->section < DNS_ADDITIONAL)
		r->left = r->message->count[++r->section];
	if (!r->left || r->odd)
		return false;
	r->left--;
	if (!dns_read_name(&r->at, &rr->sent, &r->odd))
		return false;
	rr->section = r->section;
	rr->type = oto_be16(&r->at);
	rr->class = oto_be16(&r->at);
	rr->ttl = oto_be32(&r->at);
	uint16_t length = oto_be16(&r->at);
	rr->data = r->at;
	oto_skip(&r->at, length);
	if (r->at.bad)
		r->odd = "record_cut";
	rr->data.end = r->at.at;
	return !r->odd;
}

/* ------------------------------------------------------------------------------------------------ NetBIOS names */

/* Spaces and zeros pad a name at its end (RFC 1001 14.1; a bare "*" is padded by zeros, RFC 1002 4.2.17). */
static void unpad(struct nbns_name *n)
{
	n->suffix = n->text[15];
	n->len = 15;
	while (n->len && (n->text[n->len - 1] == ' ' || n->text[n->len - 1] == '\0'))
		n->len--;
}

struct nbns_name nbns_plain(struct oto_slice sixteen)
{
	struct nbns_name n = { 0 };

	memcpy(n.text, sixteen.data, sixteen.len < sizeof n.text ? sixteen.len : sizeof n.text);
	unpad(&n);
	return n;
}

/* Each half byte is a letter from 'A' (RFC 1001 14.1). */
struct nbns_name nbns_decode(struct oto_slice encoded)
{
	struct nbns_name n = { 0 };

	for (uint32_t i = 0; i < sizeof n.text && 2 * i + 1 < encoded.len; i++) {
		uint8_t high = (uint8_t)(dns_lower(encoded.data[2 * i]) - 'a'), low = (uint8_t)(dns_lower(encoded.data[2 * i + 1]) - 'a');
		n.text[i] = (uint8_t)(high << 4 | (low & 0xf));
	}
	unpad(&n);
	return n;
}
