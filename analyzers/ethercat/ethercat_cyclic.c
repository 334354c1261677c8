/* ethercat_cyclic.c - what repeats itself each cycle: the process image, the common clock. Spoken once a minute; who no longer takes part
 * shows by the working counter.
 */
#include "ethercat.h"

enum { LOWS = 3, TURNS = 10 };

/* A datagram of the cycle, known by command and address. */
struct cycle {
	int64_t told_ns, good_ns;
	uint16_t usual; /* the working counter when all take part */
	uint8_t lows;
	bool known, low;
};
static const struct oto_memory cycles = {
	.self_size = sizeof cycles, .size = sizeof(struct cycle), .bound = 4096, .scope = OTO_SCOPE_SEGMENT, .name = "ethercat.cycle"
};

static struct cycle *cycle_of(struct oto_ctx *cx, const struct ecat_datagram *d)
{
	bool by_position = d->command == ARMW; /* which counts on */

	return oto_remember(cx, &cycles,
			    oto_key_mix((uint64_t)d->command << 16 | d->length, by_position ? d->offset : d->logical, d->has_logical));
}

static struct oto_operation operation_of(struct oto_ctx *cx, const struct ecat_access *a)
{
	const struct ecat_datagram *d = a->d;

	return (struct oto_operation){ .self_size = sizeof(struct oto_operation),
				       .op = OTO_OP_CYCLIC,
				       .func = oto_name_of(&ecat_commands, d->command)->name,
				       .func_code = d->command,
				       .target = { .space = d->has_logical ? "logical" : d->reg,
						   .first = d->has_logical ? d->logical : d->offset,
						   .count = d->length },
				       .unit = a->who.station,
				       .has_unit = a->who.has_station,
				       .sub = d->has_logical ? (struct oto_slice){ 0 } : ecat_sub(cx, &a->who) };
}

static void due(struct oto_ctx *cx, const struct ecat_access *a, struct cycle *cycle)
{
	int64_t now_ns = cx->head->ts.ns;

	if (cycle->told_ns && now_ns - cycle->told_ns < ECAT_MINUTE && now_ns >= cycle->told_ns)
		return;
	cycle->told_ns = now_ns;
	struct oto_operation o = operation_of(cx, a);
	oto_operation(cx, &o);
}

void ecat_cyclic_sent(struct oto_ctx *cx, const struct ecat_access *a)
{
	struct cycle *cycle = cycle_of(cx, a->d);

	if (cycle)
		due(cx, a, cycle);
}

static void tell(struct oto_ctx *cx, const struct ecat_access *a, const struct cycle *cycle, enum ecat_change_kind what)
{
	struct ecat_change change = {
		.what = what, .command = a->d->command, .logical = a->d->logical, .wkc = a->d->wkc, .was_wkc = cycle->usual, .has_wkc = true
	};

	ecat_tell_change(cx, &change, &(struct ecat_who){ 0 });
}

/* Fewer than usual, several times on end. Where a state was changed since all was well, what is usual is learned anew. */
static void follow(struct oto_ctx *cx, const struct ecat_access *a, struct cycle *cycle, int64_t control_ns)
{
	uint16_t wkc = a->d->wkc;

	if (!cycle->known || control_ns > cycle->good_ns || (wkc > cycle->usual && !cycle->low)) {
		*cycle = (struct cycle){ .told_ns = cycle->told_ns, .good_ns = cx->head->ts.ns, .usual = wkc, .known = true };
		return;
	}
	if (wkc < cycle->usual) {
		cycle->lows = cycle->low ? LOWS : cycle->lows + 1;
		if (cycle->lows < LOWS || cycle->low)
			return;
		cycle->low = true;
		tell(cx, a, cycle, ECAT_COUNTER_LOW);
		return;
	}
	if (cycle->low)
		tell(cx, a, cycle, ECAT_COUNTER_BACK);
	cycle->low = false;
	cycle->lows = 0;
	cycle->good_ns = cx->head->ts.ns;
}

void ecat_cyclic_back(struct oto_ctx *cx, const struct ecat_access *a)
{
	const struct ecat_segment *segment = ecat_segment_of(cx);
	int64_t control_ns = segment ? segment->control_ns : 0;
	struct cycle *cycle = cycle_of(cx, a->d);

	if (!cycle)
		return;
	due(cx, a, cycle); /* when only what comes back was captured */
	if (a->d->has_logical)
		follow(cx, a, cycle, control_ns);
}

/* A segment has one master. Another one that sends a frame now and then (a tool that looks for slaves, by its card's address and then by
 * another) is not told of: two that go on by turns are. */
void ecat_watch_masters(struct oto_ctx *cx, struct ecat_segment *segment, struct oto_mac mac)
{
	struct oto_mac before = segment->master;
	int64_t now_ns = cx->head->ts.ns;

	if (memcmp(&before, &mac, sizeof mac) == 0)
		return;
	bool by_turns = memcmp(&segment->other, &mac, sizeof mac) == 0;
	segment->turns = by_turns ? segment->turns + (segment->turns < TURNS) : 0;
	segment->other = before;
	segment->master = mac;
	if (segment->turns < TURNS || (segment->other_told_ns && now_ns - segment->other_told_ns < ECAT_MINUTE))
		return;
	segment->other_told_ns = now_ns;
	struct ecat_change change = { .what = ECAT_SECOND_MASTER, .other_mac = before, .has_other = true };
	ecat_tell_change(cx, &change, &(struct ecat_who){ 0 });
}
