/* s7comm_cyclic.c - variables that a client subscribes to: cyclic and change driven transfer.
 *
 * The PLC answers a subscription with the number of its job, and every message with data has that number, not the reference of a request:
 * what the data belong to is kept in the flow until the job is over.
 */
#include "s7comm.h"

enum { TRANSFER = 1, UNSUBSCRIBE = S7_UNSUBSCRIBE, CHANGES = 5, MODIFY = 7 };

static struct s7_cyclic *job_of(struct s7_flow *flow, uint8_t job, bool orig)
{
	for (uint32_t i = 0; i < CYCLIC_MAX; i++) {
		struct s7_cyclic *j = &flow->cyclic[i];
		if (j->used && j->job == job && j->orig == orig)
			return j;
	}
	return NULL;
}

static void forget(struct oto_ctx *cx, struct s7_cyclic *j)
{
	if (j && j->spot)
		oto_let_go(cx, j->spot);
	if (j)
		*j = (struct s7_cyclic){ 0 };
}

static struct s7_cyclic *free_slot(struct oto_ctx *cx, struct s7_flow *flow)
{
	for (uint32_t i = 0; i < CYCLIC_MAX; i++) {
		if (!flow->cyclic[i].used)
			return &flow->cyclic[i];
	}
	struct s7_cyclic *oldest = &flow->cyclic[flow->cyclic_turn++ % CYCLIC_MAX];
	forget(cx, oldest);
	return oldest;
}

/* The answer says the job's number. A changed subscription keeps it. */
static void subscribed(struct s7_pdu *p)
{
	struct s7_flow *flow = p->cx->state;
	bool orig = !p->cx->is_orig;
	struct s7_spot *spot = p->note->items ? oto_hold(p->cx, p->note->items * (uint32_t)sizeof *spot) : NULL;

	forget(p->cx, job_of(flow, p->m.sequence, orig));
	if (!spot)
		return;
	uint8_t count = 0;
	for (const struct s7_spot *from; count < p->note->items && (from = s7_spot_of(p, count)) != NULL; count++)
		spot[count] = *from;
	*free_slot(p->cx, flow) = (struct s7_cyclic){ .used = true, .orig = orig, .job = p->m.sequence, .count = count, .spot = spot };
}

void s7_unsubscribed(struct s7_pdu *p)
{
	if (p->match.found && !p->failed)
		forget(p->cx, job_of(p->cx->state, (uint8_t)p->note->szl_index, !p->cx->is_orig));
}

/* The job that is to end, behind a function. */
static void unsubscribe(struct s7_pdu *p, struct oto_cur c)
{
	oto_skip(&c, 1);
	p->note->szl_index = oto_u8(&c);
	if (!c.bad)
		p->op.target = (struct oto_target){ .space = "job", .first = p->note->szl_index, .count = 1 };
}

static void subscription(struct s7_pdu *p, struct oto_cur *c)
{
	static const uint32_t base_ms[] = { 100, 1000, 10000 };
	uint8_t base = oto_u8(c), factor = oto_u8(c);

	if (base < sizeof base_ms / sizeof *base_ms) {
		p->m.cycle = base_ms[base] * factor;
		p->m.has_cycle = true;
	}
	s7_items_request(p, c, p->m.item_count, ACCESS_CYCLIC);
}

/* Function, number of variables, time base and factor, then specifications; answers have function, number and data items. */
void s7_cyclic(struct s7_pdu *p, struct oto_cur c, uint8_t type, uint8_t sub)
{
	bool variables = sub == TRANSFER || sub == CHANGES || sub == MODIFY;

	if (sub == UNSUBSCRIBE && type == REQUEST)
		unsubscribe(p, c);
	if (!variables || oto_left(&c) < 2)
		return;
	oto_skip(&c, 1);
	p->m.item_count = oto_u8(&c);
	p->m.has_items = true;
	if (type == REQUEST) {
		subscription(p, &c);
		return;
	}
	if (type == RESPONSE && p->match.found)
		subscribed(p);
	else if (type == PUSH)
		p->subscribed = job_of(p->cx->state, p->m.sequence, !p->cx->is_orig);
	s7_items_response(p, &c, p->m.item_count, ACCESS_CYCLIC);
	p->failed = NULL; /* a variable that cannot be read does not end the subscription */
}
