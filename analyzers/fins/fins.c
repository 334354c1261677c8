/* fins.c - Omron FINS over UDP and over TCP: what is a message, which response answers which command, and what is said of both.
 *
 * Owns the pairing and the header. What stands behind it is read by fins_part.c. Clauses as in fins_tables.h.
 */
#include "fins.h"

enum { PORT = 9600, TCP_LENGTH_MAX = 65528 };
enum { ICF_GATEWAY = 0x80, ICF_RESPONSE = 0x40, ICF_NO_RESPONSE = 0x01, ICF_ZERO = 0x3e };

/* ------------------------------------------------------------------------------------------------ 1. is it FINS, and where does it end */

/* W421 7-4: "FINS", then the length of what follows the length. */
static int64_t fins_pdu_len(const struct oto_ctx *cx, struct oto_cur c)
{
	uint32_t left = oto_left(&c);

	if (cx->transport != OTO_TCP)
		return left; /* a datagram is one message */
	for (uint32_t i = 0; i < 4 && i < left; i++) {
		if (oto_u8(&c) != "FINS"[i])
			return -1;
	}
	uint32_t length = oto_be32(&c);
	if (c.bad)
		return 0;
	return length >= 8 && length <= TCP_LENGTH_MAX ? 8 + (int64_t)length : -1;
}

static enum oto_answer fins_probe(const struct oto_ctx *cx, struct oto_cur c)
{
	enum { RELAYS_MAX = 7 };

	if (cx->transport == OTO_TCP) {
		int64_t length = fins_pdu_len(cx, c);
		return length > 0 ? OTO_MINE : length ? OTO_NOT_MINE : OTO_NEED_MORE;
	}
	bool our_port = oto_dest_port(cx) == PORT || oto_source_port(cx) == PORT;
	uint8_t icf = oto_u8(&c), reserved = oto_u8(&c), gateways = oto_u8(&c);
	oto_skip(&c, 7);
	uint16_t code = oto_be16(&c);
	if (c.bad || icf & ICF_ZERO || reserved)
		return OTO_NOT_MINE;
	if (our_port)
		return OTO_MINE;
	return icf & ICF_GATEWAY && gateways && gateways <= RELAYS_MAX && fins_command_of(code) ? OTO_MINE : OTO_NOT_MINE;
}

/* ------------------------------------------------------------------------------------------------ 2. commands and responses */

/* Service ID, command and the client's address: a response goes back to who asked. */
static uint64_t pair_key(const struct fins_message *m)
{
	uint64_t command = (uint64_t)m->command_code << 32 | (uint64_t)m->service_id << 24;

	if (m->is_response)
		return command | (uint32_t)m->destination_network_address << 16 | (uint32_t)m->destination_node_number << 8 |
		       m->destination_unit_address;
	return command | (uint32_t)m->source_network_address << 16 | (uint32_t)m->source_node_number << 8 | m->source_unit_address;
}

static struct fins_note note_of(const struct fins_message *m)
{
	struct fins_note n = { .address = m->address,
			       .word_offset = m->word_offset,
			       .file_position = m->file_position,
			       .beginning_address = m->beginning_address,
			       .number_of_items = m->number_of_items,
			       .parameter_area_code = m->parameter_area_code,
			       .program_no = m->program_no,
			       .disk_no = m->disk_no,
			       .parameter_code = m->parameter_code,
			       .memory_area_code = m->memory_area_code,
			       .bit = m->bit,
			       .run_mode = m->run_mode,
			       .has_area = m->has_area && m->has_items,
			       .has_parameter_area = m->has_parameter_area,
			       .has_program = m->has_program,
			       .has_offset = m->has_offset,
			       .has_disk = m->has_disk,
			       .has_parameter_code = m->has_parameter_code,
			       .has_mode = m->has_mode,
			       .has_position = m->has_position };

	n.name_len = (uint8_t)(m->file_name.len < FINS_NAME ? m->file_name.len : FINS_NAME);
	if (n.name_len)
		memcpy(n.name, m->file_name.data, n.name_len);
	return n;
}

/* What a response leaves unsaid stands in its command. */
static void from_note(struct fins_parse *p, const struct fins_note *n)
{
	struct fins_message *m = p->m;

	m->address = n->address;
	m->word_offset = n->word_offset;
	m->file_position = n->file_position;
	m->beginning_address = n->beginning_address;
	m->number_of_items = n->number_of_items;
	m->parameter_area_code = n->parameter_area_code;
	m->program_no = n->program_no;
	m->disk_no = n->disk_no;
	m->parameter_code = n->parameter_code;
	m->memory_area_code = n->memory_area_code;
	m->bit = n->bit;
	m->run_mode = n->run_mode;
	m->has_area = m->has_address = m->has_bit = m->has_items = n->has_area;
	m->has_parameter_area = n->has_parameter_area;
	m->has_program = n->has_program;
	m->has_offset = n->has_offset;
	m->has_disk = n->has_disk;
	m->has_parameter_code = n->has_parameter_code;
	m->has_mode = n->has_mode;
	m->has_position = n->has_position;
	m->file_name = n->name_len ? say_copy(p->cx, (struct oto_slice){ n->name, n->name_len }) : (struct oto_slice){ 0 };
}

static const char *log_of(uint16_t code)
{
	if (code == 0x2102 || code == 0x2103)
		return "errors";
	return code == 0x2140 || code == 0x2141 ? "writes" : NULL;
}

/* What a command touches: a log, a file, a program, memory. Of a transfer, what it writes. A bit is counted from the area's first. */
static struct oto_target target_of(const struct fins_message *m)
{
	uint8_t code = m->has_to ? m->to_memory_area_code : m->memory_area_code;
	const struct fins_area *area = m->has_area ? fins_area_of(code) : NULL;
	const char *log = log_of(m->command_code);
	uint32_t word = m->has_to ? m->to_address : m->beginning_address, bit = m->has_to ? m->to_bit : m->bit;

	if (log)
		return (struct oto_target){ .space = "log", .name = oto_slice_of(log) };
	if (m->file_name.len)
		return (struct oto_target){ .space = "file", .name = m->file_name };
	if (m->items.len && !m->is_response)
		return (struct oto_target){ .space = "memory", .name = m->items };
	if (m->has_program)
		return (struct oto_target){ .space = "program", .first = m->program_no, .count = 1 };
	if (m->has_parameter_area) {
		const struct oto_name *row = oto_name_of(&fins_parameters, m->parameter_area_code);
		return (struct oto_target){ .space = "parameters", .name = oto_slice_of(row ? row->name : "unknown") };
	}
	if (m->has_area)
		return (struct oto_target){ .space = area ? area->name.name : "memory",
					    .first = area && area->by_bit ? 16 * word + bit : word,
					    .count = m->has_items ? m->number_of_items : 1 };
	return (struct oto_target){ 0 };
}

/* What it does to the machine; some commands go two ways, by a parameter. */
static uint32_t op_of(const struct fins_message *m, const struct fins_command *command)
{
	enum { TO_FILE = 0, COMPARE = 2, CLEAR = 1 };
	uint16_t code = m->command_code;

	if (!command)
		return OTO_OP_OTHER;
	if (code == 0x0920 && m->has_message && m->message_command == CLEAR && !m->is_response)
		return OTO_OP_CLEAR;
	if (code < 0x220a || code > 0x220c || !m->has_parameter_code)
		return command->name.op;
	if (m->parameter_code == TO_FILE)
		return code == 0x220c ? OTO_OP_PROGRAM_READ : OTO_OP_READ;
	return m->parameter_code == COMPARE ? OTO_OP_DIAGNOSE : command->name.op;
}

static struct oto_operation operation_of(struct fins_parse *p)
{
	const struct fins_message *m = p->m;
	struct oto_operation o = { .self_size = sizeof o,
				   .op = op_of(m, p->command),
				   .func = p->command ? p->command->name.name : "unknown",
				   .func_code = m->command_code,
				   .target = target_of(m),
				   .has_unit = true };

	o.unit = m->is_response ? m->source_node_number : m->destination_node_number;
	o.sub = m->is_response ? fins_sub(p, m->source_network_address, m->source_node_number, m->source_unit_address)
			       : fins_sub(p, m->destination_network_address, m->destination_node_number, m->destination_unit_address);
	return o;
}

static void tell_unit(struct fins_parse *p, struct oto_slice row)
{
	struct oto_fact f = { .self_size = sizeof f, .key = "model", .confidence = SAY_SURE };
	uint32_t space = say_find(row, ' ');

	f.value = say_from(row, space + 1);
	if (!fins_text_begin(p))
		return;
	fins_put(p, "unit ");
	for (uint32_t i = 0; i < space; i++)
		fins_put_byte(p, row.data[i]);
	if (!say_is(say_first(row, space), "0")) /* the CPU unit is the device itself */
		f.sub = fins_text_end(p);
	oto_fact(p->cx, &f);
}

static void tell_facts(struct fins_parse *p)
{
	const struct fins_message *m = p->m;
	struct oto_fact f = { .self_size = sizeof f, .confidence = SAY_SURE };

	for (uint32_t i = 0; i < m->units.count; i++)
		tell_unit(p, m->units.items[i]);
	if (!m->has_identity)
		return;
	f.sub = fins_sub(p, m->source_network_address, m->source_node_number, m->source_unit_address);
	f.key = "vendor";
	f.value = oto_slice_of("Omron");
	oto_fact(p->cx, &f);
	f.key = "model";
	f.value = m->controller_model;
	oto_fact(p->cx, &f);
	f.key = "firmware";
	f.value = m->controller_version;
	oto_fact(p->cx, &f);
}

/* The parts of a message; when they do not fit, the command is told with what was read. */
static void take(struct fins_parse *p, const char *layout)
{
	struct oto_slice whole = { p->c.at, oto_left(&p->c) };

	fins_take_parts(p, layout);
	if (!p->command)
		oto_weird(p->cx, "unknown_command", whole);
	else if (p->short_of)
		oto_weird(p->cx, "short_message", whole);
}

static bool is_file_command(uint16_t code)
{
	return code >= 0x2201 && code <= 0x2215;
}

static void command(struct fins_parse *p)
{
	struct fins_message *m = p->m;

	take(p, p->command ? p->command->request : "?D");
	if (m->response_required) {
		struct fins_note note = note_of(m);
		oto_request(p->cx, pair_key(m), &note);
	}
	struct oto_operation o = operation_of(p);
	fins_transfer_request(p, oto_operation(p->cx, &o));
}

static void response(struct fins_parse *p)
{
	struct fins_message *m = p->m;
	struct oto_match match;
	struct fins_note note;
	struct oto_cur *c = &p->c;

	/* W342 5-1-3: bit 15 says that a relay found the error, bits 7 and 6 that the CPU unit has one, whatever became of the command. */
	uint16_t end = oto_be16(c);
	m->response_code = end & 0x7f3f;
	m->relay_error = end & 0x8000;
	m->non_fatal_cpu_error = end & 0x0080;
	m->fatal_cpu_error = end & 0x0040;
	if (c->bad) /* no response: what asked for one is still open */
		return;
	oto_response(p->cx, pair_key(m), &match);
	m->matched = match.found;
	m->latency = match.latency;
	if (match.found) {
		memcpy(&note, match.note, sizeof note);
		from_note(p, &note);
	}
	take(p, p->command && m->response_code == 0 ? p->command->response : "?D");
	struct oto_operation o = operation_of(p);
	if (m->response_code == 0)
		oto_outcome(p->cx, &match, OTO_OUTCOME_OK, NULL, &o);
	else
		oto_outcome(p->cx, &match, OTO_OUTCOME_ERROR, fins_end_word(m->response_code), &o);
	fins_transfer_answer(p, &match);
	tell_facts(p);
}

/* The header: W342 3-2. */
static void message(struct oto_ctx *cx, struct oto_cur *c, struct fins_message *m)
{
	struct fins_parse p = { .cx = cx, .m = m };
	uint8_t icf = oto_u8(c);

	oto_skip(c, 1);
	m->is_response = icf & ICF_RESPONSE;
	m->icf_data_type = m->is_response ? "response" : "command";
	m->icf_gateway = icf & ICF_GATEWAY ? "use" : "dont_use";
	m->response_required = !(icf & ICF_NO_RESPONSE);
	m->icf_response_setting = m->response_required ? "required" : "not_required";
	m->gateway_count = oto_u8(c);
	m->destination_network_address = oto_u8(c);
	m->destination_node_number = oto_u8(c);
	m->destination_unit_address = oto_u8(c);
	m->source_network_address = oto_u8(c);
	m->source_node_number = oto_u8(c);
	m->source_unit_address = oto_u8(c);
	m->destination_unit = fins_unit_word(m->destination_unit_address);
	m->source_unit = fins_unit_word(m->source_unit_address);
	m->service_id = oto_u8(c);
	m->command_code = oto_be16(c);
	if (m->is_response)
		oto_need(c, 2);
	if (c->bad)
		return; /* the engine says "fins.truncated" */
	p.command = fins_command_of(m->command_code);
	p.c = *c;
	if (m->is_response)
		response(&p);
	else
		command(&p);
	if (is_file_command(m->command_code))
		fins_tell_file(&p);
	oto_emit(cx, FINS_MESSAGE, m);
}

static void fins_pdu(struct oto_ctx *cx, struct oto_cur *c)
{
	struct fins_message m = { .has_tcp = cx->transport == OTO_TCP };
	struct fins_tcp t = { 0 };

	if (cx->transport != OTO_TCP) {
		message(cx, c, &m);
		return;
	}
	oto_skip(c, 4);
	m.tcp_length = oto_be32(c);
	m.tcp_command = t.command = oto_be32(c);
	m.tcp_error_code = t.error = oto_be32(c);
	if (t.command == FINS_TCP_FRAME) {
		message(cx, c, &m);
		return;
	}
	t.has_client = oto_left(c) >= 4;
	t.client_node = t.has_client ? oto_be32(c) : 0;
	t.has_server = oto_left(c) >= 4;
	t.server_node = t.has_server ? oto_be32(c) : 0;
	oto_emit(cx, FINS_TCP, &t);
}

static void fins_gap(struct oto_ctx *cx, uint64_t n)
{
	(void)n;
	fins_transfer_gap(cx->state);
}

/* Responses come back to the port the client sent from or to 9600: a pair of hosts, whatever the ports. */
static const struct oto_pairing pairing = {
	.self_size = sizeof pairing, .note_size = sizeof(struct fins_note), .scope = OTO_SCOPE_PAIR, .keyed = true
};

static const struct oto_analyzer fins = {
	.self_size = sizeof fins,
	.flags = OTO_ANY_PORT,
	.name = "fins",
	.doc = "Omron FINS over UDP and TCP",
	.keys = "udp/9600 tcp/9600",
	.probe = fins_probe,
	.pdu_len = fins_pdu_len,
	.pdu = fins_pdu,
	.gap = fins_gap,
	.closing = fins_transfer_close,
	.state_size = sizeof(struct fins_flow),
	.events = fins_events,
	.nevents = FINS_EVENTS,
	.pairing = &pairing,
};

OTO_ANALYZER(fins);
