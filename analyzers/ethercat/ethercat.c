/* ethercat.c - EtherCAT (IEC 61158-4-12, -6-12): frames, their datagrams, and which way they go.
 *
 * Owns the frame, the way out and back, and the pairing of the two. What a register means to a slave is ethercat_slave.c's, process data
 * are ethercat_cyclic.c's, mailboxes have files of their own.
 */
#include "ethercat.h"

enum { PORT = 34980, DATAGRAM_LEAST = 12, TYPE_COMMANDS = 1, TYPE_VARIABLES = 4, TYPE_GATEWAY = 5 };
enum { LOCAL_BIT = 2, LENGTH_BITS = 0x7ff, RESERVED_BIT = 0x800 };

/* ------------------------------------------------------------------------------------------------ who */

struct oto_mac ecat_own_mac(struct oto_mac mac)
{
	mac.byte[0] &= (uint8_t)~LOCAL_BIT;
	return mac;
}

uint64_t ecat_slave_key(const struct ecat_who *who)
{
	if (who->all)
		return 1;
	if (who->has_station)
		return 0x10000u | who->station;
	return who->has_position ? 0x20000u | who->position : 0;
}

uint64_t ecat_wait_key(enum ecat_wait wait, const struct ecat_who *who, uint64_t what)
{
	return oto_key_mix((uint64_t)wait, ecat_slave_key(who), what);
}

struct oto_slice ecat_sub(struct oto_ctx *cx, const struct ecat_who *who)
{
	enum { ROOM = 20 };

	if (who->all)
		return oto_slice_of("all slaves");
	if (who->has_station)
		return say_text(cx, ROOM, "slave %u", who->station);
	return who->has_position ? say_text(cx, ROOM, "position %u", who->position) : (struct oto_slice){ 0 };
}

const char *ecat_word(const struct oto_names *names, uint32_t n, const char *otherwise)
{
	const struct oto_name *row = oto_name_of(names, n);

	return row ? row->name : otherwise;
}

static const struct oto_memory segments = { .self_size = sizeof segments,
					    .size = sizeof(struct ecat_segment),
					    .bound = 64,
					    .scope = OTO_SCOPE_SEGMENT,
					    .name = "ethercat.segment" };
static const struct oto_memory slaves = {
	.self_size = sizeof slaves, .size = sizeof(struct ecat_slave), .bound = 4096, .scope = OTO_SCOPE_SEGMENT, .name = "ethercat.slave"
};

struct ecat_segment *ecat_segment_of(struct oto_ctx *cx)
{
	return oto_remember(cx, &segments, 1);
}

struct ecat_slave *ecat_slave_of(struct oto_ctx *cx, const struct ecat_who *who)
{
	uint64_t key = ecat_slave_key(who);

	return key ? oto_remember(cx, &slaves, key) : NULL;
}

/* The station address that the slave at a position was given; a new numbering begins when all get the same. */
static void name_position(struct oto_ctx *cx, struct ecat_who *who, uint16_t epoch)
{
	const struct ecat_slave *slave = ecat_slave_of(cx, who);

	if (!slave || !slave->station || slave->epoch != epoch)
		return;
	who->station = slave->station;
	who->has_station = true;
}

/* ------------------------------------------------------------------------------------------------ one datagram */

enum { READS = 1, WRITES = 2, BY_POSITION = 4, BY_STATION = 8, TO_ALL = 16, LOGICAL = 32, CLOCK = 64 };
static const uint8_t forms[ECAT_COMMANDS] = {
	[APRD] = BY_POSITION | READS,
	[APWR] = BY_POSITION | WRITES,
	[APRW] = BY_POSITION | READS | WRITES,
	[FPRD] = BY_STATION | READS,
	[FPWR] = BY_STATION | WRITES,
	[FPRW] = BY_STATION | READS | WRITES,
	[BRD] = TO_ALL | READS,
	[BWR] = TO_ALL | WRITES,
	[BRW] = TO_ALL | READS | WRITES,
	[LRD] = LOGICAL | READS,
	[LWR] = LOGICAL | WRITES,
	[LRW] = LOGICAL | READS | WRITES,
	[ARMW] = BY_POSITION | CLOCK | READS | WRITES,
	[FRMW] = BY_STATION | CLOCK | READS | WRITES,
};

static uint8_t form_of(uint8_t command)
{
	return command < ECAT_COMMANDS ? forms[command] : 0;
}

/* IEC 61158-4-12 5.4.1.2. Returns whether another one follows. */
static bool read_datagram(struct ecat_datagram *d, struct oto_cur *c)
{
	d->command = oto_u8(c);
	d->index = oto_u8(c);
	struct oto_cur address = *c;
	d->logical = oto_le32(c);
	d->slave_addr = oto_le16(&address);
	d->offset = oto_le16(&address);
	uint16_t flags = oto_le16(c);
	d->length = flags & LENGTH_BITS;
	d->circulating = flags & 0x4000;
	d->irq = oto_le16(c);
	d->data = oto_take(c, d->length);
	d->wkc = oto_le16(c);
	d->has_logical = form_of(d->command) & LOGICAL;
	d->has_physical = form_of(d->command) && !d->has_logical;
	d->reg = d->has_physical ? ecat_register_of(d->offset)->name : NULL;
	return flags & 0x8000;
}

/* As its master sent it: nobody counted yet, and positions count up to zero (IEC 61158-4-12 5.4.1.1). */
static bool looks_sent(const struct ecat_datagram *d)
{
	uint8_t form = form_of(d->command);

	if (d->wkc)
		return false;
	return form & TO_ALL ? !d->slave_addr : form & BY_POSITION ? !d->slave_addr || d->slave_addr >= 0x8000 : true;
}

static struct ecat_who who_of(const struct ecat_datagram *d)
{
	uint8_t form = form_of(d->command);
	struct ecat_who who = { .all = form & TO_ALL, .has_station = form & BY_STATION };

	who.station = who.has_station ? d->slave_addr : 0;
	who.has_position = form & BY_POSITION && !d->returned;
	who.position = who.has_position ? (uint16_t)-d->slave_addr : 0;
	return who;
}

/* The frame comes back with its datagrams in the same order; positions are other ones then. */
static uint64_t datagram_key(const struct ecat_datagram *d, uint32_t number)
{
	struct oto_mac mac = ecat_own_mac(d->src_mac);
	uint64_t what = (uint64_t)d->command << 56 | (uint64_t)d->index << 48 | (uint64_t)(d->length & LENGTH_BITS) << 32 | number,
		 master = 0;
	uint32_t address = d->has_logical || form_of(d->command) & BY_STATION ? d->logical : (uint32_t)d->offset << 16;

	memcpy(&master, mac.byte, sizeof mac.byte);
	return oto_key_mix((uint64_t)WAIT_DATAGRAM << 56 | master, what, address);
}

/* What ethercat.log tells rows apart by. */
static uint64_t said_key(struct oto_ctx *cx, const struct ecat_datagram *d)
{
	uint64_t flags = d->returned | d->has_station << 1 | d->has_position << 2 | d->has_logical << 3 | d->has_physical << 4 |
			 d->has_state << 5 | d->has_code << 6 | d->al_error << 7 | d->has_error << 8;
	uint64_t a = flags << 48 | (uint64_t)d->command << 40 | (uint64_t)d->al_state << 32 | (uint64_t)d->length << 16 | d->wkc;
	uint64_t b = (uint64_t)d->station << 48 | (uint64_t)d->position << 32 | (d->has_logical ? d->logical : d->offset);

	return oto_key_mix(oto_key_mix(oto_ends(cx), a, b), d->al_status_code, ECAT_DATAGRAM + 1);
}

static void speak(struct oto_ctx *cx, struct ecat_datagram *d, const struct ecat_who *who)
{
	if (!oto_wanted(cx, ECAT_DATAGRAM))
		return;
	d->has_station = who->has_station;
	d->station = who->station;
	d->has_position = who->has_position;
	d->position = who->position;
	uint64_t key = said_key(cx, d);
	if (!oto_again(cx, ECAT_DATAGRAM, key))
		oto_emit_as(cx, ECAT_DATAGRAM, d, key);
}

/* What the counter says: each slave adds 1 for what it read, 1 for what it wrote, both together 3 (IEC 61158-4-12 5.4.1.1). Of what went to
 * all, 0 says no more than that no slave has this register: masters clear all that there could be. */
static const char *ring_error(const struct ecat_access *a)
{
	bool passed = a->who.all && a->d->slave_addr && !ecat_is_control(a);
	uint32_t error = 0;

	if (!a->d->wkc)
		error = passed ? 0 : ECAT_NOT_PROCESSED;
	else if (a->reads && a->writes && !a->who.all && a->d->wkc < 3)
		error = a->d->wkc == 1 ? ECAT_NOT_WRITTEN : ECAT_NOT_READ;
	return error ? oto_name_of(&ecat_ring_errors, error)->name : NULL;
}

/* Where nothing ever comes back (a capture of one direction), nothing is waited for. */
static void ask(struct oto_ctx *cx, const struct ecat_access *a, uint64_t key)
{
	enum { ENOUGH = 64 };
	struct ecat_segment *segment = ecat_segment_of(cx);
	struct ecat_note note = { .position = a->who.position, .has_position = a->who.has_position };

	if (!segment || segment->unreturned >= ENOUGH)
		return;
	segment->unreturned++;
	oto_request(cx, key, &note);
}

static void sent(struct oto_ctx *cx, struct ecat_access *a, uint64_t key)
{
	if (a->d->has_logical || form_of(a->d->command) & CLOCK) {
		ecat_cyclic_sent(cx, a);
		return;
	}
	ask(cx, a, key);
	if (ecat_is_control(a)) {
		ecat_control(cx, a);
	} else if (!ecat_is_mailbox(cx, a)) {
		struct oto_operation o = ecat_register_operation(cx, a);
		oto_operation(cx, &o);
	} else if (a->writes) {
		ecat_mailbox_access(cx, a);
	}
}

/* Position of what nobody saw going out: it counts on with each slave. */
static void find_position(struct oto_ctx *cx, struct ecat_access *a, const struct oto_match *match)
{
	const struct ecat_segment *segment = ecat_segment_of(cx);
	struct ecat_note note;

	if (!(form_of(a->d->command) & BY_POSITION) || !segment)
		return;
	if (match->found) {
		memcpy(&note, match->note, sizeof note);
		a->who.has_position = note.has_position;
		a->who.position = note.position;
	} else if (segment->slaves && segment->slaves >= a->d->slave_addr) {
		a->who.has_position = true;
		a->who.position = (uint16_t)(segment->slaves - a->d->slave_addr);
	}
	name_position(cx, &a->who, segment->epoch);
}

/* What one slave makes of a wanted state is told by its AL status; of all together it is known only that they took it. */
static void control_outcome(struct oto_ctx *cx, const struct ecat_access *a, uint64_t key, struct oto_match *match, const char *error)
{
	if (!match->found) {
		ask(cx, a, key);
		ecat_control(cx, a);
		oto_response(cx, key, match);
	}
	if (a->who.all)
		oto_outcome(cx, match, error ? OTO_OUTCOME_ERROR : OTO_OUTCOME_OK, error, NULL);
	if (error)
		ecat_control_lost(cx, a);
}

static void outcome(struct oto_ctx *cx, struct ecat_access *a, uint64_t key, struct oto_match *match)
{
	const char *error = ring_error(a);

	if (ecat_is_control(a)) {
		control_outcome(cx, a, key, match, error);
	} else if (match->op_id || !ecat_is_mailbox(cx, a)) {
		struct oto_operation o = ecat_register_operation(cx, a);
		o.by_receiver = true; /* it is the master's own frame */
		oto_outcome(cx, match, error ? OTO_OUTCOME_ERROR : OTO_OUTCOME_OK, error, &o);
	}
}

static void back(struct oto_ctx *cx, struct ecat_access *a, uint64_t key)
{
	struct oto_match match = { 0 };

	if (a->d->has_logical || form_of(a->d->command) & CLOCK) {
		ecat_cyclic_back(cx, a);
		return;
	}
	oto_response(cx, key, &match);
	find_position(cx, a, &match);
	outcome(cx, a, key, &match);
	if (ecat_is_mailbox(cx, a)) {
		if (a->d->wkc && (!match.found || !a->writes))
			ecat_mailbox_access(cx, a);
		else if (a->writes)
			ecat_mailbox_taken(cx, a);
		return;
	}
	if (a->writes && a->d->wkc)
		ecat_written(cx, a);
	if (a->reads && a->d->wkc)
		ecat_read_back(cx, a);
}

static void take(struct oto_ctx *cx, struct ecat_datagram *d, uint32_t number)
{
	uint8_t form = form_of(d->command);
	struct ecat_access a = { .d = d, .who = who_of(d), .reads = form & READS, .writes = form & WRITES };
	uint64_t key = datagram_key(d, number);

	if (a.who.has_position) {
		const struct ecat_segment *segment = ecat_segment_of(cx);
		name_position(cx, &a.who, segment ? segment->epoch : 0);
	}
	if (d->returned && d->wkc && a.reads)
		ecat_decode_state(&a);
	if (form && d->returned)
		back(cx, &a, key);
	else if (form)
		sent(cx, &a, key);
	speak(cx, d, &a.who);
}

/* ------------------------------------------------------------------------------------------------ a frame */

/* The first slave sets the bit. A master whose own address has it (a virtual machine) is told by what nobody has counted in yet. */
static bool is_back(struct oto_ctx *cx, struct oto_mac src, bool fresh)
{
	struct ecat_segment *segment = ecat_segment_of(cx);

	if (!segment)
		return src.byte[0] & LOCAL_BIT;
	if (!(src.byte[0] & LOCAL_BIT))
		segment->sends_plain = true;
	bool returned = src.byte[0] & LOCAL_BIT && (segment->sends_plain || !fresh);
	if (returned)
		segment->unreturned = 0;
	ecat_watch_masters(cx, segment, ecat_own_mac(src));
	return returned;
}

/* Some masters count the padding of a short frame in. */
static bool is_padding(struct oto_cur c)
{
	uint8_t bits = 0;

	while (oto_left(&c))
		bits |= oto_u8(&c);
	return !bits;
}

static void commands(struct oto_ctx *cx, struct oto_cur *c)
{
	struct oto_mac src = say_sender_mac(cx), dst = cx->is_orig ? cx->head->resp_mac : cx->head->orig_mac;
	struct oto_cur first = *c;
	bool more = true, fresh = true, unknown = false;
	uint32_t n = 0;

	while (more && !c->bad) {
		struct ecat_datagram d = { 0 };
		more = read_datagram(&d, c);
		fresh &= looks_sent(&d);
		unknown |= d.command >= ECAT_COMMANDS;
		n++;
	}
	if (c->bad)
		return;
	if (unknown)
		oto_weird(cx, "unknown_command", (struct oto_slice){ first.at, oto_left(&first) });
	if (!is_padding(*c))
		oto_weird(cx, "trailing_data", oto_rest(c));
	bool returned = is_back(cx, src, fresh);
	for (uint32_t i = 0; i < n; i++) {
		struct ecat_datagram d = { .src_mac = src, .dst_mac = dst, .returned = returned };
		read_datagram(&d, &first);
		take(cx, &d, i);
	}
}

/* Values that one controller publishes to others. */
static void variables(struct oto_ctx *cx, struct oto_cur *c)
{
	struct ecat_variable v = { .src_mac = say_sender_mac(cx), .dst_mac = cx->is_orig ? cx->head->resp_mac : cx->head->orig_mac };

	v.publisher = oto_take_mac(c);
	uint16_t n = oto_le16(c);
	v.cycle = oto_le16(c);
	oto_skip(c, 2);
	struct oto_cur first = *c;
	for (int pass = 0; pass < 2; pass++) {
		*c = pass ? first : *c;
		for (uint32_t i = 0; i < n && !c->bad; i++) {
			v.id = oto_le16(c);
			v.hash = oto_le16(c);
			v.length = oto_le16(c);
			v.quality = oto_le16(c);
			v.data = oto_take(c, v.length);
			if (pass && !c->bad)
				oto_emit(cx, ECAT_VARIABLE, &v);
		}
		if (c->bad)
			return;
	}
}

/* ETG.8200: mailbox messages over UDP and TCP; the slave's station address stands in the message. */
static void gateway(struct oto_ctx *cx, struct oto_cur *c)
{
	struct ecat_mailbox m = { .src_mac = say_sender_mac(cx), .to_slave = oto_dest_port(cx) == PORT };
	struct ecat_message e = { .cx = cx, .m = &m };
	struct oto_cur peek = *c;

	m.dst_mac = cx->is_orig ? cx->head->resp_mac : cx->head->orig_mac;
	oto_skip(&peek, 2);
	e.who.station = oto_le16(&peek);
	e.who.has_station = true;
	ecat_mailbox_message(&e, c);
}

static void ethercat_pdu(struct oto_ctx *cx, struct oto_cur *c)
{
	struct oto_slice whole = { c->at, oto_left(c) };
	uint16_t header = oto_le16(c), type = header >> 12;
	struct oto_cur body = oto_sub(c, header & LENGTH_BITS);

	if (c->bad)
		return;
	if (type == TYPE_COMMANDS)
		commands(cx, &body);
	else if (type == TYPE_VARIABLES)
		variables(cx, &body);
	else if (type == TYPE_GATEWAY)
		gateway(cx, &body);
	else
		oto_weird(cx, "unknown_type", whole);
	c->bad |= body.bad;
}

/* ------------------------------------------------------------------------------------------------ the analyzer */

static int64_t ethercat_pdu_len(const struct oto_ctx *cx, struct oto_cur c)
{
	uint32_t left = oto_left(&c);
	uint16_t header = oto_le16(&c);

	if (cx->transport != OTO_TCP)
		return left;
	if (c.bad)
		return 0;
	return header >> 12 == TYPE_GATEWAY && !(header & RESERVED_BIT) ? 2 + (header & LENGTH_BITS) : -1;
}

/* Below IP the EtherType tells. Above, the port is all there is, and others use it too. */
static enum oto_answer ethercat_probe(const struct oto_ctx *cx, struct oto_cur c)
{
	if (cx->transport == OTO_ETH)
		return OTO_MINE;
	uint16_t header = oto_le16(&c), type = header >> 12;
	uint32_t length = header & LENGTH_BITS;
	if (c.bad)
		return cx->transport == OTO_TCP ? OTO_NEED_MORE : OTO_NOT_MINE;
	bool known =
	    cx->transport == OTO_TCP ? type == TYPE_GATEWAY : type == TYPE_COMMANDS || type == TYPE_VARIABLES || type == TYPE_GATEWAY;
	if (!known || header & RESERVED_BIT || length < (type == TYPE_COMMANDS ? DATAGRAM_LEAST : 6))
		return OTO_NOT_MINE;
	if (cx->transport == OTO_UDP && length > oto_left(&c))
		return OTO_NOT_MINE;
	return type != TYPE_COMMANDS || oto_u8(&c) < ECAT_COMMANDS ? OTO_MINE : OTO_NOT_MINE;
}

/* The frame that comes back has another sender than the one that went out. */
static const struct oto_pairing pairing = {
	.self_size = sizeof pairing, .note_size = sizeof(struct ecat_note), .scope = OTO_SCOPE_SEGMENT, .keyed = true, .bound = 512
};

static const struct oto_analyzer ethercat = {
	.self_size = sizeof ethercat,
	.name = "ethercat",
	.doc = "EtherCAT: masters and slaves of one frame, their registers, process data and mailboxes",
	.keys = "eth/0x88a4 udp/34980 tcp/34980",
	.probe = ethercat_probe,
	.pdu_len = ethercat_pdu_len,
	.pdu = ethercat_pdu,
	.state_size = sizeof(struct ecat_flow),
	.events = ecat_events,
	.nevents = ECAT_EVENTS,
	.pairing = &pairing,
};

OTO_ANALYZER(ethercat);
