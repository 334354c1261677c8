/* snmp_message.c - see snmp_message.h. */
#include "snmp_message.h"
#include "../ber.h"

enum { IP_ADDRESS = 0x40, COUNTER32 = 0x41, GAUGE32 = 0x42, TIMETICKS = 0x43, COUNTER64 = 0x46 };
enum { USM = 3 };

/* RFC 1157 4.1.6. */
static void read_trap(struct oto_cur *c, struct snmp_message *m)
{
	m->enterprise = ber_take(c, BER_OID);
	struct oto_cur address = ber_enter(c, IP_ADDRESS);
	m->agent = oto_take_ipv4(&address);
	if (address.bad)
		c->bad = true;
	m->generic_trap = ber_int(c);
	m->specific_trap = ber_int(c);
	if (!ber_unsigned_of(ber_take(c, TIMETICKS), &m->uptime))
		c->bad = true;
}

bool snmp_next(struct oto_cur *c, struct snmp_binding *b)
{
	struct ber value;

	if (!oto_left(c))
		return false;
	struct oto_cur pair = ber_enter(c, BER_SEQUENCE);
	b->oid = ber_take(&pair, BER_OID);
	if (!ber_next(&pair, &value))
		pair.bad = true;
	b->type = value.tag;
	b->value = value.value;
	ber_leave(c, &pair);
	return !c->bad;
}

bool snmp_number(const struct snmp_binding *b, uint64_t *n)
{
	bool number = b->type == COUNTER32 || b->type == GAUGE32 || b->type == TIMETICKS || b->type == COUNTER64;

	return number && ber_unsigned_of(b->value, n);
}

static void read_pdu(struct oto_cur *c, struct snmp_message *m)
{
	struct snmp_binding b;
	struct ber e;

	if (!ber_next(c, &e))
		c->bad = true;
	if (c->bad || e.tag < SNMP_GET || e.tag > SNMP_REPORT) {
		m->type = SNMP_UNKNOWN;
		return;
	}
	m->type = (uint8_t)e.tag;
	struct oto_cur pdu = oto_cur_of(e.value);
	if (m->type == SNMP_TRAP) {
		read_trap(&pdu, m);
	} else {
		m->request_id = ber_int(&pdu);
		m->error_status = ber_int(&pdu);
		m->error_index = ber_int(&pdu);
	}
	m->bindings = ber_enter(&pdu, BER_SEQUENCE);
	ber_leave(c, &pdu);
	struct oto_cur all = m->bindings;
	while (snmp_next(&all, &b))
		m->count++;
	ber_leave(c, &all);
}

/* RFC 3414 2.4; what authenticates and the salt are passed over. */
static void read_usm(struct oto_slice parameters, struct snmp_message *m)
{
	struct oto_cur outer = oto_cur_of(parameters), c = ber_enter(&outer, BER_SEQUENCE);
	struct oto_slice engine = ber_take(&c, BER_OCTETS);
	int64_t boots = ber_int(&c), time = ber_int(&c);
	struct oto_slice user = ber_take(&c, BER_OCTETS);

	if (c.bad)
		return;
	m->usm = true;
	m->engine = engine;
	m->engine_boots = (uint32_t)boots;
	m->engine_time = (uint32_t)time;
	m->user = user;
}

/* RFC 3412 6. */
static void read_v3(struct oto_cur *c, struct snmp_message *m)
{
	struct oto_cur head = ber_enter(c, BER_SEQUENCE);

	m->msg_id = (uint32_t)ber_int(&head);
	ber_int(&head); /* the longest message that the sender takes */
	struct oto_slice flags = ber_take(&head, BER_OCTETS);
	int64_t model = ber_int(&head);
	ber_leave(c, &head);
	struct oto_slice parameters = ber_take(c, BER_OCTETS);
	if (c->bad || flags.len != 1) {
		c->bad = true;
		return;
	}
	m->flags = flags.data[0];
	if (model == USM)
		read_usm(parameters, m);
	if (ber_at(c, BER_OCTETS)) {
		m->type = SNMP_ENCRYPTED;
		ber_take(c, BER_OCTETS);
		return;
	}
	struct oto_cur scoped = ber_enter(c, BER_SEQUENCE);
	ber_take(&scoped, BER_OCTETS); /* the context's engine: as a rule the authoritative one */
	m->context = ber_take(&scoped, BER_OCTETS);
	read_pdu(&scoped, m);
	ber_leave(c, &scoped);
}

bool snmp_read(struct oto_cur c, struct snmp_message *m)
{
	struct oto_cur message = ber_enter(&c, BER_SEQUENCE);
	int64_t version = ber_int(&message);

	*m = (struct snmp_message){ .version = (uint8_t)version };
	if (version == SNMP_V3) {
		read_v3(&message, m);
	} else if (version == SNMP_V1 || version == SNMP_V2C) {
		m->community = ber_take(&message, BER_OCTETS);
		read_pdu(&message, m);
	} else {
		return false;
	}
	return !message.bad;
}
