/* slmp.c - MELSEC communication protocol and SLMP: frames 1E, 3E and 4E, binary and ASCII, TCP and UDP, any port by a strict probe; LMT
 * where CC-Link IE TSN carries it.
 *
 * Owns the event, the pairing of requests and responses, and the flow's memory of what was asked. What stands in a message is read by the
 * other files of this folder (slmp.h).
 */
#include "slmp.h"

/* ------------------------------------------------------------------------------------------------ 1. what is said */

#define F(m, doc, ...) OTO_FIELD(struct slmp_message, m, doc, __VA_ARGS__)
#define IF(has) .guard = OTO_IF(struct slmp_message, has)
static const struct oto_field message_fields[] = {
	F(frame, "1E, 3E, 4E or LMT"),
	F(format, "binary or ascii"),
	F(pdu_type, "request or response"),
	F(serial, "joins request and response of a 4E frame", IF(has_serial)),
	F(network, "network number, 0 the own network", IF(has_route)),
	F(station, "station or PC number, 255 the addressed device itself", IF(has_route)),
	F(module_io, "module I/O number, 1023 the own CPU", IF(has_route)),
	F(multidrop, "station behind a serial module", IF(has_route)),
	F(monitoring_timer, "how long the device may take, in 250 ms; 0 for ever", IF(has_timer)),
	F(command, "command; in a response that of its request", .names = &slmp_commands, IF(has_command)),
	F(subcommand, "subcommand", IF(has_subcommand)),
	F(unit_size, "bit or word, how the devices are read or written"),
	F(device_code, "device", .names = &slmp_devices, IF(has_device)),
	F(head_device, "number of the first device", IF(has_device)),
	F(points, "how many devices, labels, or words or bytes of memory", IF(has_points)),
	F(devices, "devices of a random, block or monitor command or behind a module or network, labels of a label command",
	  IF(has_devices)),
	F(values, "values written or read, with double words among them all as such; of labels and module memory bytes", IF(has_values)),
	F(end_code, "0 is success", .names = &slmp_end_codes, IF(has_end_code)),
	F(end_word, "what the end code means, or of whom it is"),
	F(abnormal_code, "detail of end code 5B of frame 1E", IF(has_abnormal)),
	F(mode, "of a remote command: 1 normal, 3 force; of an opened file: 0 read, 256 write", IF(has_mode)),
	F(clear_mode, "of remote run: 0 keeps devices, 1 clears all but latched ones, 2 all", IF(has_clear_mode)),
	F(model, "model name of the CPU", IF(has_model)),
	F(model_code, "model code of the CPU", IF(has_model_code)),
	F(address, "first word of a memory, position in a file, or index of an object", IF(has_address)),
	F(module, "number of an intelligent module", IF(has_module)),
	F(block, "block of file registers, of the first device", IF(has_block)),
	F(password_length, "length of the password that was sent", IF(has_password)),
	F(drive, "drive of the CPU", IF(has_drive)),
	F(name, "file name or path, host name", IF(has_name)),
	F(new_name, "name that a copy gets", IF(has_new_name)),
	F(file_pointer, "stands for an open file", IF(has_file_pointer)),
	F(size, "size of a file that is made, in bytes", IF(has_size)),
	F(attribute, "attribute that a file gets: 1 is read only", IF(has_attribute)),
	F(node_mac, "MAC address of the node found or set", IF(has_node_mac)),
	F(node_ip, "IP address of the node found"),
	F(new_ip, "IP address that the node is given"),
	F(netmask, "its network mask"),
	F(gateway, "its default gateway"),
	F(vendor_code, "vendor code of the CC-Link Partner Association, of the node found", IF(has_node)),
	F(node_model, "the vendor's code of its model", IF(has_node)),
	F(node_version, "version of the node", IF(has_node)),
	F(node_status, "0 is normal, others are the vendor's", IF(has_node)),
	F(node_port, "port on which it takes commands", IF(has_node)),
	F(data, "everything else", .flags = OTO_HEX, IF(has_data)),
	F(latency, "time since the request", IF(matched)),
};
static const struct oto_log message_logs[] = {
	{ .name = "slmp",
	  .doc = "MELSEC communication protocol and SLMP, requests and responses.",
	  .form = OTO_FORM_AGGREGATE,
	  .flags = OTO_LOG_NOT_ZEEK,
	  .columns = "frame format pdu_type serial network station command subcommand unit_size device_code head_device points devices "
		     "values end_code end_word mode clear_mode model address name",
	  .extra = "latency data",
	  .key = "orig_h resp_h resp_p frame format pdu_type network station command device_code head_device points devices mode name "
		 "end_code" },
};
static const struct oto_event_type message_type =
    OTO_EVENT("slmp.message", struct slmp_message, message_fields, "One request or response.", OTO_LOGS(message_logs));
static const struct oto_event_type *const events[] = { &message_type };
enum { EV_MESSAGE };

/* ------------------------------------------------------------------------------------------------ 2. requests */

/* By serial where there is one. 3E and 1E have none: first in, first out for the same station, or the same command. */
static uint64_t key_of(const struct slmp_message *m, const struct slmp_shape *s)
{
	if (s->frame >= SLMP_4E)
		return UINT64_C(4) << 32 | m->serial;
	if (s->frame == SLMP_3E)
		return UINT64_C(3) << 60 | (uint64_t)m->module_io << 32 | (uint32_t)m->network << 16 | (uint32_t)m->station << 8 |
		       m->multidrop;
	return UINT64_C(1) << 60 | m->command;
}

static void remember_1e(struct oto_ctx *cx, struct slmp_reader r, const struct slmp_message *m)
{
	struct slmp_flow *flow = cx->state;
	uint16_t answer;
	int32_t length = slmp_length_1e(r, (uint8_t)m->command, &answer);

	if (m->command == 0x06 || m->command == 0x07 || m->command == 0x1a) {
		flow->monitor_points = (uint16_t)m->points;
		flow->monitored = (uint16_t)(m->command == 0x06 ? (m->points + 1) / 2 : 2 * m->points);
	}
	if (m->command == 0x08 || m->command == 0x09 || m->command == 0x1b)
		answer = flow->monitored ? flow->monitored : UINT16_MAX;
	if (flow->count == SLMP_ASKED_MAX) {
		memmove(flow->asked, &flow->asked[1], sizeof flow->asked - sizeof *flow->asked);
		flow->count--;
	}
	flow->asked[flow->count].command = (uint8_t)m->command;
	flow->asked[flow->count++].answer = length < 0 ? UINT16_MAX : answer;
}

/* What was asked before and never answered goes with it. */
static void forget_1e(struct oto_ctx *cx, uint16_t command)
{
	struct slmp_flow *flow = cx->state;

	for (uint8_t i = 0; i < flow->count; i++) {
		if (flow->asked[i].command != command)
			continue;
		flow->count = (uint8_t)(flow->count - i - 1);
		memmove(flow->asked, &flow->asked[i + 1], flow->count * sizeof *flow->asked);
		return;
	}
}

static void take_rest(struct slmp_parse *p)
{
	struct oto_slice rest = oto_rest(&p->r.c);

	if (!rest.len)
		return;
	p->m->data = rest;
	p->m->has_data = true;
}

/* May what stands behind a command be shown as it is? Not where a password may be in it. */
static bool may_show(uint16_t command)
{
	return command != 0x1630 && command != 0x1631 && command >> 8 != 0x18 && command >> 8 != 0x12 && command >> 8 != 0x02;
}

/* The content by the command's layout. When that does not fit, the command is told without it: what it does is known all the same. */
static void take_content(struct slmp_parse *p)
{
	struct slmp_message plain = *p->m;
	struct slmp_reader all = p->r;

	for (const char *layout = slmp_layout(p->row); *layout && !p->r.c.bad; layout++)
		slmp_take_part(p, *layout);
	if (p->r.c.bad) {
		*p->m = plain;
		p->r = all;
		p->content = (struct oto_slice){ 0 };
		oto_weird(p->cx, "unexpected_content", (struct oto_slice){ 0 });
	}
	if (may_show(p->m->command))
		take_rest(p);
}

static struct slmp_note note_of(const struct slmp_message *m)
{
	struct slmp_note note = { .head_device = m->head_device,
				  .points = m->points,
				  .extent = m->extent,
				  .doubles = m->doubles,
				  .address = m->address,
				  .command = m->command,
				  .subcommand = m->subcommand,
				  .device_code = m->device_code,
				  .drive = m->drive,
				  .file_pointer = m->file_pointer,
				  .module = m->module,
				  .has_device = m->has_device,
				  .has_points = m->has_points,
				  .has_subcommand = m->has_subcommand,
				  .has_address = m->has_address,
				  .has_drive = m->has_drive,
				  .has_file_pointer = m->has_file_pointer,
				  .has_module = m->has_module,
				  .has_node_mac = m->has_node_mac,
				  .node_mac = m->node_mac,
				  .new_ip = m->new_ip };

	note.name_len = (uint8_t)(m->name.len < SLMP_NAME_MAX ? m->name.len : SLMP_NAME_MAX);
	if (note.name_len)
		memcpy(note.name, m->name.data, note.name_len);
	return note;
}

/* Many answer a search, to other flows; nobody an on-demand message. */
static bool is_answered(const struct slmp_message *m)
{
	return m->command != 0x0e30 && m->command != 0x2101;
}

static void request(struct slmp_parse *p, const struct slmp_shape *s)
{
	struct slmp_message *m = p->m;
	struct slmp_reader data = p->r;
	struct slmp_flow *flow = p->cx->state;

	m->has_command = true;
	take_content(p);
	if (m->has_device)
		m->unit_size = slmp_by_bit(m) ? "bit" : "word";
	if (!p->row)
		oto_weird(p->cx, "unknown_command", m->data);
	if (s->frame == SLMP_1E)
		remember_1e(p->cx, data, m);
	if (m->command == 0x0801)
		flow->doubles = (uint8_t)m->doubles;
	slmp_file_request(p);
	if (is_answered(m)) {
		struct slmp_note note = note_of(m);
		oto_request(p->cx, key_of(m, s), &note);
	}
	struct oto_operation o = slmp_operation(p);
	oto_operation(p->cx, &o);
	oto_emit(p->cx, EV_MESSAGE, m);
}

/* ------------------------------------------------------------------------------------------------ 3. responses */

/* SLMP 4.3: behind an error's end code stand the route of who found it, command and subcommand. */
static void error_information(struct slmp_parse *p)
{
	struct slmp_reader r = p->r;

	slmp_num(&r, 2);
	slmp_num(&r, 2);
	slmp_num(&r, 1);
	uint16_t command = (uint16_t)slmp_num(&r, 2), subcommand = (uint16_t)slmp_num(&r, 2);
	if (r.c.bad)
		return; /* optional: old modules send none */
	p->r = r;
	p->m->command = command;
	p->m->subcommand = subcommand;
	p->m->has_command = p->m->has_subcommand = true;
}

static void from_note(struct slmp_parse *p, const struct slmp_note *note)
{
	struct slmp_message *m = p->m;

	m->command = note->command;
	m->subcommand = note->subcommand;
	m->device_code = note->device_code;
	m->head_device = note->head_device;
	m->points = note->points;
	m->extent = note->extent;
	m->doubles = note->doubles;
	m->address = note->address;
	m->drive = note->drive;
	m->file_pointer = note->file_pointer;
	m->module = note->module;
	m->has_device = note->has_device;
	m->has_points = note->has_points;
	m->has_subcommand = note->has_subcommand;
	m->has_address = note->has_address;
	m->has_drive = note->has_drive;
	m->has_file_pointer = note->has_file_pointer;
	m->has_module = note->has_module;
	m->has_command = true;
	m->unit_size = note->has_device ? slmp_by_bit(m) ? "bit" : "word" : NULL;
	m->node_mac = note->node_mac;
	m->new_ip = note->new_ip;
	m->has_node_mac = note->has_node_mac;
	uint8_t *name = note->name_len ? oto_scratch(p->cx, SLMP_NAME_MAX) : NULL;
	if (!name)
		return;
	memcpy(name, note->name, note->name_len);
	m->name = (struct oto_slice){ name, note->name_len };
	m->has_name = true;
}

/* Without a serial nothing is paired across lost bytes: what was open then is let go. */
static void find_request(struct slmp_parse *p, const struct slmp_shape *s, struct oto_match *match)
{
	struct slmp_message *m = p->m;

	do {
		oto_response(p->cx, key_of(m, s), match);
	} while (match->found && match->unsure && !m->has_serial);
	m->matched = match->found;
	m->latency = match->latency;
	if (!match->found)
		return;
	struct slmp_note note;
	memcpy(&note, match->note, sizeof note);
	from_note(p, &note);
}

/* The answer to a broadcast is on a flow of its own: told by its form. */
static bool is_found_node(const struct slmp_parse *p)
{
	enum { FOUND_MIN = 51 };
	struct slmp_reader r = p->r;

	if (p->m->end_code || p->m->matched || p->cx->transport != OTO_UDP || oto_left(&r.c) < FOUND_MIN * (r.ascii ? 2u : 1u))
		return false;
	oto_skip(&r.c, r.ascii ? 12 : 6);
	bool first = slmp_num(&r, 1) == 4;
	oto_skip(&r.c, r.ascii ? 20 : 10);
	return first && slmp_num(&r, 1) == 4 && !r.c.bad;
}

static void take_answer(struct slmp_parse *p)
{
	struct slmp_message plain = *p->m;
	struct slmp_reader all = p->r;

	slmp_take_answer(p);
	if (p->r.c.bad) {
		*p->m = plain;
		p->r = all;
		p->content = (struct oto_slice){ 0 };
		oto_weird(p->cx, "unexpected_content", (struct oto_slice){ 0 });
	}
	take_rest(p);
}

static void response(struct slmp_parse *p, const struct slmp_shape *s)
{
	struct slmp_message *m = p->m;
	struct oto_match match;

	if (s->frame == SLMP_LMT) { /* the response repeats the command */
		m->command = (uint16_t)slmp_num(&p->r, 2);
		m->subcommand = (uint16_t)slmp_num(&p->r, 2);
		m->has_command = m->has_subcommand = true;
	}
	find_request(p, s, &match);
	if (!m->has_command && s->frame == SLMP_4E && is_found_node(p)) {
		m->command = 0x0e30;
		m->has_command = true;
	}
	if (m->end_code && s->frame == SLMP_1E && oto_left(&p->r.c)) {
		m->abnormal_code = (uint16_t)slmp_num(&p->r, 1);
		m->has_abnormal = true;
	} else if (m->end_code) {
		error_information(p);
	}
	p->row = m->has_command ? oto_name_of(&slmp_commands, m->command) : NULL;
	if (!m->end_code && m->has_command)
		take_answer(p);
	else
		take_rest(p);
	struct oto_operation o = slmp_operation(p);
	if (!m->has_command)
		o.op = OTO_OP_NONE;
	if (m->matched || m->has_command)
		oto_outcome(p->cx, &match, m->end_code ? OTO_OUTCOME_ERROR : OTO_OUTCOME_OK,
			    m->end_code ? slmp_end_word(m->end_code) : NULL, &o);
	if (!m->end_code)
		slmp_tell_facts(p);
	slmp_file_answer(p, &match);
	oto_emit(p->cx, EV_MESSAGE, m);
}

/* ------------------------------------------------------------------------------------------------ 4. the analyzer */

static void take_header_1e(struct slmp_parse *p, const struct slmp_shape *s)
{
	struct slmp_message *m = p->m;

	m->command = (uint16_t)(slmp_num(&p->r, 1) & 0x7f);
	m->has_command = true;
	if (s->response) {
		m->end_code = (uint16_t)slmp_num(&p->r, 1);
		forget_1e(p->cx, m->command);
		return;
	}
	slmp_num(&p->r, 1);
	m->monitoring_timer = (uint16_t)slmp_num(&p->r, 2);
	m->has_timer = true;
}

static void take_header(struct slmp_parse *p, const struct slmp_shape *s)
{
	struct slmp_message *m = p->m;

	if (s->response) {
		m->end_code = (uint16_t)slmp_num(&p->r, 2);
		return;
	}
	m->monitoring_timer = (uint16_t)slmp_num(&p->r, 2);
	m->command = (uint16_t)slmp_num(&p->r, 2);
	m->subcommand = (uint16_t)slmp_num(&p->r, 2);
	m->has_timer = m->has_subcommand = true;
}

static void slmp_pdu(struct oto_ctx *cx, struct oto_cur *c)
{
	static const char *const frames[] = { "", "1E", "", "3E", "4E", "LMT" };
	struct slmp_message m = { 0 };
	struct slmp_parse p = { .cx = cx, .m = &m, .r = { *c, false } };
	uint32_t length = 0;

	struct slmp_shape s = slmp_take_subheader(&p.r);
	p.frame_1e = s.frame == SLMP_1E;
	m.frame = frames[s.frame];
	m.format = s.ascii ? "ascii" : "binary";
	m.pdu_type = s.response ? "response" : "request";
	if (p.frame_1e) {
		take_header_1e(&p, &s);
	} else if (!s.frame || !slmp_take_route(&p.r, &s, &m, &length, !slmp_on_known_port(cx))) {
		oto_weird(cx, "bad_header", (struct oto_slice){ 0 });
		return;
	} else {
		if (length <= oto_left(&p.r.c))
			p.r.c = oto_sub(&p.r.c, length);
		take_header(&p, &s);
	}
	if (p.r.c.bad) {
		c->bad = true;
		return;
	}
	m.has_end_code = s.response;
	m.end_word = s.response ? slmp_end_word(m.end_code) : NULL;
	if (s.response) {
		response(&p, &s);
		return;
	}
	p.row = oto_name_of(&slmp_commands, m.command);
	request(&p, &s);
}

/* What was asked before lost bytes no longer says how long an answer is. */
static void slmp_gap(struct oto_ctx *cx, uint64_t n)
{
	struct slmp_flow *flow = cx->state;

	(void)n;
	flow->count = 0;
	slmp_files_gap(flow);
}

static const struct oto_pairing pairing = {
	.self_size = sizeof pairing, .note_size = sizeof(struct slmp_note), .scope = OTO_SCOPE_FLOW, .keyed = true
};

static const struct oto_analyzer slmp = {
	.self_size = sizeof slmp,
	.flags = OTO_ANY_PORT,
	.name = "slmp",
	.doc = "MELSEC communication protocol and SLMP, frames 1E, 3E and 4E",
	.keys =
	    "tcp/5000 tcp/5001 tcp/5002 tcp/5003 tcp/5004 tcp/5005 tcp/5006 tcp/5007 tcp/5008 tcp/5009 tcp/5010 tcp/5562 tcp/2000 tcp/1025 "
	    "udp/5000 udp/5001 udp/5002 udp/5003 udp/5004 udp/5005 udp/5006 udp/5007 udp/5008 udp/5009 udp/5010 udp/5562 udp/61451 "
	    "cclink_ie.slmp/2 cclink_tsn_slmp.command/3",
	.probe = slmp_probe,
	.pdu_len = slmp_pdu_len,
	.pdu = slmp_pdu,
	.gap = slmp_gap,
	.closing = slmp_files_end,
	.state_size = sizeof(struct slmp_flow),
	.max_pdu = 20000,
	.events = events,
	.nevents = sizeof events / sizeof *events,
	.pairing = &pairing,
};

OTO_ANALYZER(slmp);
