/* ethercat_mailbox.c - mailboxes of slaves (IEC 61158-4-12 5.6): where they are, their header, and who reads what is in them.
 */
#include "ethercat.h"

enum { HEADER = 6, PROCESS_RAM = 0x1000 };

/* ------------------------------------------------------------------------------------------------ where */

/* Without having seen how the slave was set up, what lies in its memory must look like a message. */
static bool plausible(struct oto_slice data)
{
	struct oto_cur c = oto_cur_of(data);
	uint16_t length = oto_le16(&c), address = oto_le16(&c);
	uint8_t channel = oto_u8(&c), type = oto_u8(&c);
	uint16_t head = oto_le16(&c);

	if (c.bad || length < 2 || length > data.len - HEADER || address || channel & 0x3f || type & 0x80)
		return false;
	switch (type & 0x0f) {
	case COE:
		return length >= 8 && !(head & 0x0e00) && oto_name_of(&ecat_coe_services, head >> 12);
	case FOE:
		return length >= 6 && oto_name_of(&ecat_foe_opcodes, head & 0xff);
	case SOE:
		return length >= 4 && oto_name_of(&ecat_soe_opcodes, head & 7);
	case EOE:
		return length >= 4 && oto_name_of(&ecat_eoe_types, head & 0x0f);
	case AOE:
		return length >= 32;
	case MAILBOX_ERROR:
		return length == 4 && head == 1;
	default:
		return false;
	}
}

bool ecat_is_mailbox(struct oto_ctx *cx, const struct ecat_access *a)
{
	const struct ecat_datagram *d = a->d;
	bool one_way = a->reads != a->writes && !a->who.all;
	const struct ecat_slave *slave = one_way && d->offset >= PROCESS_RAM && d->length > HEADER ? ecat_slave_of(cx, &a->who) : NULL;

	if (!slave)
		return false;
	if (a->writes ? slave->has_out : slave->has_in)
		return d->offset == (a->writes ? slave->out_start : slave->in_start);
	return (a->writes || (d->returned && d->wkc)) && plausible(d->data);
}

/* ------------------------------------------------------------------------------------------------ what all have in common */

struct oto_operation ecat_mailbox_operation(struct ecat_message *e, uint32_t op, const char *func)
{
	return (struct oto_operation){ .self_size = sizeof(struct oto_operation),
				       .op = op,
				       .func = func,
				       .func_code = e->m->type,
				       .unit = e->who.station,
				       .has_unit = e->who.has_station,
				       .sub = ecat_sub(e->cx, &e->who) };
}

uint64_t ecat_ask(struct ecat_message *e, uint64_t key, const struct oto_operation *o)
{
	struct ecat_note note = { 0 };

	if (e->quiet)
		return 0;
	oto_request(e->cx, key, &note);
	return oto_operation(e->cx, o);
}

bool ecat_answer(struct ecat_message *e, uint64_t key, const char *error, struct oto_operation unmatched)
{
	struct oto_match match = { 0 };

	unmatched.by_receiver = e->ring;
	e->m->error = error;
	oto_response(e->cx, key, &match);
	oto_outcome(e->cx, &match, error ? OTO_OUTCOME_ERROR : OTO_OUTCOME_OK, error, &unmatched);
	return match.found;
}

static void mailbox_error(struct ecat_message *e, struct oto_cur *c)
{
	oto_skip(c, 2);
	e->m->error_code = oto_le16(c);
	e->m->has_error = !c->bad;
	e->m->error = ecat_word(&ecat_mailbox_errors, e->m->error_code, "mailbox_error");
}

static void plain(struct ecat_message *e, struct oto_cur *c)
{
	e->m->data = oto_rest(c);
}

void ecat_mailbox_message(struct ecat_message *e, struct oto_cur *c)
{
	static void (*const protocols[])(struct ecat_message *, struct oto_cur *) = {
		[MAILBOX_ERROR] = mailbox_error, [AOE] = ecat_aoe, [EOE] = ecat_eoe, [COE] = ecat_coe, [FOE] = ecat_foe, [SOE] = ecat_soe,
	};
	struct oto_slice whole = { c->at, oto_left(c) };
	struct ecat_mailbox *m = e->m;

	m->length = oto_le16(c);
	m->address = oto_le16(c);
	uint8_t channel = oto_u8(c), type = oto_u8(c);
	m->channel = channel & 0x3f;
	m->priority = channel >> 6;
	m->type = type & 0x0f;
	m->counter = type >> 4 & 7;
	m->station = e->who.station;
	m->has_station = e->who.has_station;
	m->position = e->who.position;
	m->has_position = e->who.has_position;
	struct oto_cur body = oto_sub(c, m->length);
	if (!c->bad)
		(m->type < sizeof protocols / sizeof *protocols ? protocols[m->type] : plain)(e, &body);
	if (c->bad || body.bad)
		oto_weird(e->cx, "bad_mailbox", whole);
	else
		oto_emit(e->cx, ECAT_MAILBOX, m);
}

static uint64_t digest_of(struct oto_slice data)
{
	return 1 | oto_key_of(1, say_first(data, 128));
}

/* What the slave's mailbox has not taken is sent again, the same with its counter. */
void ecat_mailbox_access(struct oto_ctx *cx, const struct ecat_access *a)
{
	const struct ecat_datagram *d = a->d;
	struct ecat_mailbox m = { .src_mac = d->src_mac, .dst_mac = d->dst_mac, .to_slave = a->writes };
	struct ecat_message e = { .cx = cx, .m = &m, .who = a->who, .room = d->length - HEADER, .ring = true };
	const struct ecat_slave *slave = ecat_slave_of(cx, &a->who);
	struct oto_cur c = oto_cur_of(d->data);

	e.quiet = slave && a->writes && slave->refused == digest_of(d->data);
	ecat_mailbox_message(&e, &c);
}

void ecat_mailbox_taken(struct oto_ctx *cx, const struct ecat_access *a)
{
	struct ecat_slave *slave = ecat_slave_of(cx, &a->who);

	if (slave)
		slave->refused = a->d->wkc ? 0 : digest_of(a->d->data);
}
