/* ethercat_slave.c - registers of slaves: states that are wanted and reached, EEPROMs, station addresses, where mailboxes lie.
 *
 * Owns what is known of a slave besides its mailbox's messages, and what happens to it by itself.
 */
#include "ethercat.h"

enum { STATION = 0x0010, AL_CONTROL = 0x0120, AL_STATUS = 0x0130, AL_CODE = 0x0134, SYNC_MANAGERS = 0x0800 };
enum { NOT_KNOWN = 0x0f }; /* no state: what was wanted was not taken */
enum { EEPROM_CONTROL = 0x0502, EEPROM_ADDRESS = 0x0504, EEPROM_DATA = 0x0508 };

/* The part of an access that begins at a register; empty when it does not reach `least` bytes of it. */
static struct oto_cur part_of(const struct ecat_datagram *d, uint16_t reg, uint32_t least)
{
	struct oto_slice rest = d->offset <= reg ? say_from(d->data, (uint32_t)(reg - d->offset)) : (struct oto_slice){ 0 };

	return oto_cur_of(d->has_physical && rest.len >= least ? rest : (struct oto_slice){ 0 });
}

static const char *code_word(uint16_t code)
{
	return code ? ecat_word(&ecat_al_codes, code, "al_error") : "al_error";
}

void ecat_tell_change(struct oto_ctx *cx, struct ecat_change *change, const struct ecat_who *who)
{
	change->src_mac = ecat_own_mac(say_sender_mac(cx));
	change->station = who->station;
	change->has_station = who->has_station;
	change->position = who->position;
	change->has_position = who->has_position;
	oto_emit(cx, ECAT_CHANGE, change);
}

/* ------------------------------------------------------------------------------------------------ facts */

void ecat_slave_fact(struct oto_ctx *cx, const struct ecat_who *who, const char *key, struct oto_slice value)
{
	oto_fact(cx,
		 &(struct oto_fact){
		     .self_size = sizeof(struct oto_fact), .key = key, .value = value, .confidence = SAY_SURE, .sub = ecat_sub(cx, who) });
}

void ecat_number_fact(struct oto_ctx *cx, const struct ecat_who *who, const char *key, uint32_t n, bool hex)
{
	enum { ROOM = 10 };

	ecat_slave_fact(cx, who, key, hex ? say_text(cx, ROOM, "0x%08x", n) : say_text(cx, ROOM, "%u", n));
}

void ecat_vendor_fact(struct oto_ctx *cx, const struct ecat_who *who, uint32_t vendor)
{
	const struct oto_name *row = oto_name_of(&ecat_vendors, vendor);

	ecat_number_fact(cx, who, "vendor_id", vendor, true);
	if (row)
		ecat_slave_fact(cx, who, "vendor", oto_slice_of(row->name));
}

/* ------------------------------------------------------------------------------------------------ states */

bool ecat_is_control(const struct ecat_access *a)
{
	struct oto_cur c = part_of(a->d, AL_CONTROL, 1);

	return a->writes && oto_left(&c);
}

void ecat_decode_state(struct ecat_access *a)
{
	enum { ERROR = 0x10, STATE = 0x0f };
	struct ecat_datagram *d = a->d;
	struct oto_cur status = part_of(d, AL_STATUS, 1), code = part_of(d, AL_CODE, 2);
	uint8_t n = oto_u8(&status);

	if (!status.bad) { /* of several slaves the bits are mixed; one bit alone is no mixture */
		d->al_state = n & STATE;
		d->al_error = n & ERROR;
		d->has_error = true;
		d->has_state = !a->who.all || !(d->al_state & (d->al_state - 1));
	}
	d->al_status_code = oto_le16(&code);
	d->has_code = !code.bad && !a->who.all;
}

/* IEC 61158-6-12 5.3.1: what the new state does depends on the one before. */
static uint32_t control_op(uint8_t wanted, bool acknowledges, bool was_op, uint8_t now)
{
	if (wanted == STATE_OP)
		return OTO_OP_START;
	if (acknowledges && wanted == now)
		return OTO_OP_CLEAR;
	return was_op && wanted != STATE_BOOT ? OTO_OP_STOP : OTO_OP_MODE;
}

/* The state that it was told to have last, by itself or with all. */
static uint8_t last_wanted(const struct ecat_slave *slave, const struct ecat_segment *segment)
{
	return segment->wanted && segment->wanted_ns >= slave->wanted_ns ? segment->wanted : slave->wanted;
}

void ecat_control(struct oto_ctx *cx, const struct ecat_access *a)
{
	struct oto_cur c = part_of(a->d, AL_CONTROL, 1);
	uint8_t control = oto_u8(&c), state = control & 0x0f;
	struct ecat_segment *segment = ecat_segment_of(cx), before = { 0 };

	if (segment) {
		before = *segment;
		segment->control_ns = cx->head->ts.ns;
		if (a->who.all) {
			segment->wanted = state;
			segment->wanted_ns = cx->head->ts.ns;
		} else if (state == STATE_OP) {
			segment->any_op = true;
		}
		if (a->who.all)
			segment->any_op = state == STATE_OP;
	}
	struct ecat_slave *slave = ecat_slave_of(cx, &a->who);
	bool was_op = a->who.all ? before.any_op : slave && (slave->state == STATE_OP || last_wanted(slave, &before) == STATE_OP);
	struct oto_operation o = { .self_size = sizeof o,
				   .op = control_op(state, control & 0x10, was_op, slave ? slave->state : 0),
				   .func = "al_control",
				   .func_code = AL_CONTROL,
				   .target = { .space = "state", .name = oto_slice_of(ecat_word(&ecat_states, state, "unknown")) },
				   .unit = a->who.station,
				   .has_unit = a->who.has_station,
				   .sub = ecat_sub(cx, &a->who) };
	if (slave) {
		slave->wanted = state;
		slave->wanted_ns = cx->head->ts.ns;
		slave->waits = !a->who.all;
	}
	if (slave && slave->waits) { /* of all together the working counter tells */
		struct ecat_note note = { 0 };
		oto_request(cx, ecat_wait_key(WAIT_STATE, &a->who, 0), &note);
	}
	oto_operation(cx, &o);
}

static void settle(struct oto_ctx *cx, const struct ecat_who *who, const char *error)
{
	struct ecat_slave *slave = ecat_slave_of(cx, who);
	struct oto_match match = { 0 };

	if (!slave || !slave->waits)
		return;
	slave->waits = false;
	oto_response(cx, ecat_wait_key(WAIT_STATE, who, 0), &match);
	if (match.found)
		oto_outcome(cx, &match, error ? OTO_OUTCOME_ERROR : OTO_OUTCOME_OK, error, NULL);
}

void ecat_control_lost(struct oto_ctx *cx, const struct ecat_access *a)
{
	struct ecat_segment *segment = a->who.all ? ecat_segment_of(cx) : NULL;
	struct ecat_slave *slave = ecat_slave_of(cx, &a->who);

	if (segment)
		segment->wanted = NOT_KNOWN;
	if (slave)
		slave->wanted = NOT_KNOWN;
	settle(cx, &a->who, oto_name_of(&ecat_ring_errors, ECAT_NOT_PROCESSED)->name);
}

/* An error stands in two registers, which may be read one after the other. */
static void follow_error(struct oto_ctx *cx, const struct ecat_access *a, const struct ecat_slave *was)
{
	const struct ecat_datagram *d = a->d;
	bool error = d->has_error ? d->al_error : was->al_error, again = was->al_error;
	struct ecat_slave *slave = ecat_slave_of(cx, &a->who);

	slave->al_error = error;
	slave->error_told &= error;
	if (!error)
		return;
	if (!slave->error_told && (d->has_code || again)) {
		struct ecat_change change = { .what = ECAT_AL_ERROR,
					      .al_state = slave->state,
					      .has_state = slave->state,
					      .al_status_code = d->al_status_code,
					      .has_code = d->has_code };
		slave->error_told = true;
		ecat_tell_change(cx, &change, &a->who);
	}
	if (d->has_code)
		settle(cx, &a->who, code_word(d->al_status_code));
}

static void follow_state(struct oto_ctx *cx, const struct ecat_access *a, const struct ecat_slave *was)
{
	const struct ecat_datagram *d = a->d;
	struct ecat_segment *segment = ecat_segment_of(cx);
	struct ecat_change change = { .what = ECAT_STATE_CHANGED,
				      .al_state = d->al_state,
				      .was_state = was->state,
				      .has_state = true,
				      .has_was_state = true,
				      .al_status_code = d->al_status_code,
				      .has_code = d->has_code && d->al_error };
	uint8_t wanted = segment ? last_wanted(was, segment) : was->wanted;

	if (segment && d->al_state == STATE_OP)
		segment->any_op = true;
	ecat_slave_of(cx, &a->who)->state = d->al_state;
	if (d->al_state == wanted && !d->al_error)
		settle(cx, &a->who, NULL);
	if (d->al_state == was->state)
		return;
	const struct oto_name *row = oto_name_of(&ecat_states, d->al_state);
	if (row)
		ecat_slave_fact(cx, &a->who, "mode", oto_slice_of(row->name));
	if (was->state == STATE_OP && (wanted == STATE_OP || !wanted))
		change.what = ECAT_LEFT_OP;
	if (was->state)
		ecat_tell_change(cx, &change, &a->who);
}

static void follow(struct oto_ctx *cx, const struct ecat_access *a)
{
	const struct ecat_slave *slave = a->who.all ? NULL : ecat_slave_of(cx, &a->who);

	if (!slave)
		return;
	struct ecat_slave was = *slave;
	if (a->d->has_state)
		follow_state(cx, a, &was);
	follow_error(cx, a, &was);
}

/* ------------------------------------------------------------------------------------------------ EEPROM */

enum { EEPROM_READ = 1, EEPROM_WRITE = 2, EEPROM_RELOAD = 4 };
static const struct oto_name eeprom_rows[] = {
	{ EEPROM_READ, "eeprom_read", OTO_OP_READ, "who made the slave, what it is, how it is to be set up" },
	{ EEPROM_WRITE, "eeprom_write", OTO_OP_CONFIGURE, "the slave is another one after its next start, or none that works" },
	{ EEPROM_RELOAD, "eeprom_reload", OTO_OP_CONFIGURE, "what stands in the EEPROM comes into force" },
};
static const struct oto_names eeprom_commands = OTO_NAMES(eeprom_rows);

static const struct oto_name *eeprom_command(const struct ecat_access *a)
{
	struct oto_cur c = part_of(a->d, EEPROM_CONTROL, 2);

	return a->writes && oto_left(&c) ? oto_name_of(&eeprom_commands, oto_le16(&c) >> 8 & 7) : NULL;
}

static bool eeprom_address(const struct ecat_datagram *d, uint32_t *address)
{
	struct oto_cur c = part_of(d, EEPROM_ADDRESS, 4);

	if (oto_left(&c))
		*address = oto_le32(&c);
	return !c.bad && c.at != c.start;
}

/* The words that identify it (ETG.1000.6 5.4, table 16): vendor, product code, revision, serial number. */
static void eeprom_word(struct oto_ctx *cx, const struct ecat_who *who, uint32_t address, uint32_t value)
{
	switch (address) {
	case 0x08:
		ecat_vendor_fact(cx, who, value);
		break;
	case 0x0a:
		ecat_number_fact(cx, who, "product_code", value, true);
		break;
	case 0x0c:
		ecat_number_fact(cx, who, "revision", value, true);
		break;
	case 0x0e:
		if (value)
			ecat_number_fact(cx, who, "serial", value, false);
		break;
	default:
		break;
	}
}

/* Four bytes or eight come at once, as its status says. */
static void eeprom_back(struct oto_ctx *cx, const struct ecat_access *a)
{
	enum { BUSY = 0x8000, WIDE = 0x40, ERRORS = 0x7800 };
	struct oto_cur control = part_of(a->d, EEPROM_CONTROL, 2), data = part_of(a->d, EEPROM_DATA, 4);
	struct ecat_slave *slave = a->who.all ? NULL : ecat_slave_of(cx, &a->who);
	uint16_t status = oto_le16(&control);

	if (!slave)
		return;
	if (!control.bad)
		slave->eeprom_wide = status & WIDE;
	eeprom_address(a->d, &slave->eeprom_address);
	uint32_t address = slave->eeprom_address;
	bool wide = slave->eeprom_wide;
	if ((!control.bad && status & (BUSY | ERRORS)) || !oto_left(&data))
		return;
	eeprom_word(cx, &a->who, address, oto_le32(&data));
	if (wide && oto_left(&data) >= 4)
		eeprom_word(cx, &a->who, address + 2, oto_le32(&data));
}

/* ------------------------------------------------------------------------------------------------ operations */

struct oto_operation ecat_register_operation(struct oto_ctx *cx, const struct ecat_access *a)
{
	const struct ecat_datagram *d = a->d;
	const struct ecat_register *reg = ecat_register_of(d->offset);
	const struct oto_name *command = oto_name_of(&ecat_commands, d->command), *eeprom = eeprom_command(a);
	struct oto_operation o = { .self_size = sizeof o,
				   .op = a->writes ? reg->write_op : reg->read_op,
				   .func = command->name,
				   .func_code = d->command,
				   .target = { .space = reg->name, .first = d->offset, .count = d->length },
				   .unit = a->who.station,
				   .has_unit = a->who.has_station,
				   .sub = ecat_sub(cx, &a->who) };

	if (eeprom) {
		uint32_t address = 0;
		const struct ecat_slave *slave = ecat_slave_of(cx, &a->who);
		if (!eeprom_address(d, &address) && slave)
			address = slave->eeprom_address;
		o.op = eeprom->op;
		o.func = eeprom->name;
		o.func_code = EEPROM_CONTROL;
		o.target = (struct oto_target){ .space = "eeprom", .first = address, .count = 1 };
	}
	return o;
}

/* ------------------------------------------------------------------------------------------------ what was done */

static void name_it(struct oto_ctx *cx, const struct ecat_who *who, uint16_t station)
{
	const struct ecat_who position = { .has_position = true, .position = who->position };
	const struct ecat_segment *segment = ecat_segment_of(cx);
	uint16_t epoch = segment ? segment->epoch : 0;
	struct ecat_slave *slave = who->has_position ? ecat_slave_of(cx, &position) : NULL;

	if (!slave)
		return;
	slave->station = station;
	slave->epoch = epoch;
}

/* IEC 61158-4-12 6.1.7: the buffers that are mailboxes, and which way. */
static void learn_mailboxes(struct oto_ctx *cx, const struct ecat_access *a)
{
	enum { EACH = 8, MANY = 4, MODE = 3, MAILBOX = 2, TO_SLAVE = 4 };
	struct ecat_slave *slave = a->who.all ? NULL : ecat_slave_of(cx, &a->who);
	uint16_t first = a->d->offset;

	if (!slave || first < SYNC_MANAGERS || first % EACH || first >= SYNC_MANAGERS + MANY * EACH)
		return;
	struct oto_cur c = oto_cur_of(a->d->data);
	while (oto_left(&c) > 4) {
		struct oto_cur manager = oto_sub(&c, oto_left(&c) < EACH ? oto_left(&c) : EACH);
		uint16_t start = oto_le16(&manager), length = oto_le16(&manager);
		uint8_t control = oto_u8(&manager);
		if ((control & MODE) != MAILBOX || !length)
			continue;
		*(control & TO_SLAVE ? &slave->out_start : &slave->in_start) = start;
		*(control & TO_SLAVE ? &slave->out_length : &slave->in_length) = length;
		*(control & TO_SLAVE ? &slave->has_out : &slave->has_in) = true;
	}
}

static void count_slaves(struct oto_ctx *cx, const struct ecat_access *a)
{
	struct ecat_segment *segment = a->who.all ? ecat_segment_of(cx) : NULL;

	if (segment)
		segment->slaves = a->d->slave_addr;
}

void ecat_written(struct oto_ctx *cx, const struct ecat_access *a)
{
	struct oto_cur station = part_of(a->d, STATION, 2);

	count_slaves(cx, a);
	learn_mailboxes(cx, a);
	if (a->d->offset == STATION && oto_left(&station)) {
		struct ecat_segment *segment = a->who.all ? ecat_segment_of(cx) : NULL;
		if (segment)
			segment->epoch++;
		name_it(cx, &a->who, oto_le16(&station));
	}
	struct ecat_slave *slave = a->who.all ? NULL : ecat_slave_of(cx, &a->who);
	if (slave)
		eeprom_address(a->d, &slave->eeprom_address);
}

static void tell_device(struct oto_ctx *cx, const struct ecat_access *a)
{
	enum { ALL = 10 };
	struct oto_cur c = part_of(a->d, 0, ALL);
	struct ecat_device device = { .src_mac = say_sender_mac(cx),
				      .station = a->who.station,
				      .has_station = a->who.has_station,
				      .position = a->who.position,
				      .has_position = a->who.has_position };

	if (a->who.all || !oto_left(&c))
		return;
	device.type = oto_u8(&c);
	device.revision = oto_u8(&c);
	device.build = oto_le16(&c);
	device.fmmus = oto_u8(&c);
	device.sync_managers = oto_u8(&c);
	device.ram_size = oto_u8(&c);
	device.ports = oto_u8(&c);
	device.features = oto_le16(&c);
	oto_emit(cx, ECAT_DEVICE, &device);
}

void ecat_read_back(struct oto_ctx *cx, const struct ecat_access *a)
{
	const struct ecat_datagram *d = a->d;
	struct oto_cur station = part_of(d, STATION, 2);

	count_slaves(cx, a);
	if (d->offset <= AL_CODE && (d->has_error || d->has_code))
		follow(cx, a);
	if (!a->who.all && d->offset == STATION && oto_left(&station))
		name_it(cx, &a->who, oto_le16(&station));
	if (d->offset >= EEPROM_CONTROL && d->offset <= EEPROM_DATA)
		eeprom_back(cx, a);
	if (!d->offset)
		tell_device(cx, a);
}
