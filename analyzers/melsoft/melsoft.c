/* melsoft.c - MELSOFT direct connection: what the engineering tools of MELSEC controllers speak on TCP and UDP 5000-5008 and 5560-5562.
 *
 * There is no public specification. The frame is that of public captures; the commands 1001-1006 and 1810-182a are those of SH-080008, the
 * names of others come from what the captures show, as the README says. Owns nothing between messages but the engine's pairing.
 */
#include "melsoft.h"

/* ------------------------------------------------------------------------------------------------ 1. what the numbers mean */

enum { PING_BASE = 0x5a00, READ_MODEL = 0x0101, READ_MODEL_LONG = 0x0121 };

static const struct oto_name command_rows[] = {
	{ 0x0410, "read_memory", OTO_OP_READ, "reads devices or settings; answers their bytes (named from captures)" },
	{ 0x0411, "read_monitor", OTO_OP_READ, "reads monitored values (named from captures)" },
	{ 0x0413, "read_state", OTO_OP_DIAGNOSE, "reads a state word (named from captures)" },
	{ 0x0101, "read_type_name", OTO_OP_DISCOVER, "reads the model of the CPU" },
	{ 0x0121, "read_type_name_long", OTO_OP_DISCOVER, "reads the model of the CPU; the form of later tools" },
	{ 0x01a0, "exchange_numbers", OTO_OP_AUTHENTICATE, "four bytes each way when a session begins (named from captures)" },
	{ 0x0401, "read", OTO_OP_READ, "reads consecutive devices" },
	{ 0x0403, "read_random", OTO_OP_READ, "reads devices one by one" },
	{ 0x0701, "command_0701", OTO_OP_OTHER, "seen without data in a session that writes a project" },
	{ 0x0b2a, "read_module", OTO_OP_DIAGNOSE, "reads a table of the CPU (named from captures)" },
	{ 0x0b2b, "read_module_state", OTO_OP_DIAGNOSE, "reads a short table of the CPU (named from captures)" },
	{ 0x1001, "remote_run", OTO_OP_START, "the CPU executes its program" },
	{ 0x1002, "remote_stop", OTO_OP_STOP, "the CPU stops executing its program" },
	{ 0x1003, "remote_pause", OTO_OP_STOP, "the CPU stops executing its program; outputs keep their state" },
	{ 0x1005, "remote_latch_clear", OTO_OP_RESET, "latched devices are cleared" },
	{ 0x1006, "remote_reset", OTO_OP_RESET, "the CPU starts anew" },
	{ 0x1401, "write", OTO_OP_WRITE, "overwrites consecutive devices" },
	{ 0x1402, "write_random", OTO_OP_WRITE, "overwrites devices one by one" },
	{ 0x1410, "write_memory", OTO_OP_WRITE, "overwrites devices or settings (named from captures)" },
	{ 0x1630, "password_unlock", OTO_OP_AUTHENTICATE, "shows the password" },
	{ 0x1631, "password_lock", OTO_OP_AUTHENTICATE, "the CPU refuses commands until it is unlocked" },
	{ 0x1810, "read_directory", OTO_OP_PROGRAM_READ, "lists files" },
	{ 0x1811, "search_file", OTO_OP_PROGRAM_READ, "looks a file up" },
	{ 0x1820, "new_file", OTO_OP_PROGRAM_WRITE, "makes a file" },
	{ 0x1822, "delete_file", OTO_OP_PROGRAM_WRITE, "deletes a file" },
	{ 0x1827, "open_file", OTO_OP_PROGRAM_READ, "opens a file" },
	{ 0x1828, "read_file_data", OTO_OP_PROGRAM_READ, "reads from an open file" },
	{ 0x1829, "write_file_data", OTO_OP_PROGRAM_WRITE, "overwrites a part of an open file" },
	{ 0x182a, "close_file", OTO_OP_PROGRAM_READ, "closes a file" },
	{ 0x1859, "list_files", OTO_OP_PROGRAM_READ, "lists a folder of the CPU (named from captures)" },
	{ 0x185f, "find_file", OTO_OP_PROGRAM_READ, "looks up size and date of a file (named from captures)" },
	{ 0x1867, "open_file_wide", OTO_OP_PROGRAM_READ, "opens a file of a project, to read or to write (named from captures)" },
	{ 0x1868, "read_file_wide", OTO_OP_PROGRAM_READ, "reads from an open file (named from captures)" },
	{ 0x1869, "write_file_wide", OTO_OP_PROGRAM_WRITE, "overwrites an open file: program or parameters (named from captures)" },
	{ 0x186a, "close_file_wide", OTO_OP_PROGRAM_READ, "closes a file (named from captures)" },
	{ 0x187e, "read_file_details", OTO_OP_PROGRAM_READ, "reads details of several files (named from captures)" },
	{ 0x18a0, "read_drive", OTO_OP_READ, "reads sizes of a drive (named from captures)" },
	{ PING_BASE + 0x01, "search", OTO_OP_DISCOVER, "who is there? (named from captures)" },
	{ PING_BASE + 0x11, "search_state", OTO_OP_DISCOVER, "a search of another kind (named from captures)" },
	{ PING_BASE + 0x22, "search_address", OTO_OP_DISCOVER, "a search of another kind (named from captures)" },
	{ PING_BASE + 0xff, "search_identity", OTO_OP_DISCOVER, "asks for the model code (named from captures)" },
};
static const struct oto_names commands = OTO_NAMES(command_rows);

/* ------------------------------------------------------------------------------------------------ 2. what is said */

#define F(m, doc, ...) OTO_FIELD(struct melsoft_message, m, doc, __VA_ARGS__)
#define IF(has) .guard = OTO_IF(struct melsoft_message, has)
static const struct oto_field message_fields[] = {
	F(pdu_type, "request or response"),
	F(command, "command", .names = &commands),
	F(serial, "joins request and response", IF(has_serial)),
	F(network, "network number of the station that is asked, 0 the own network", IF(has_route)),
	F(station, "station that is asked, 255 the addressed device itself", IF(has_route)),
	F(module_io, "module I/O number that is asked, 1023 the own CPU", IF(has_route)),
	F(area, "memory that is read or written", .names = &melsoft_areas, IF(has_area)),
	F(address, "first device of the area", IF(has_address)),
	F(position, "position in a file", IF(has_position)),
	F(points, "how many devices, or bytes of a file", IF(has_points)),
	F(devices, "devices of a monitor command", IF(has_devices)),
	F(mode, "of an opened file: 0 read, 256 write; of a remote command: 1 normal, 3 force", IF(has_mode)),
	F(drive, "drive of the CPU", IF(has_drive)),
	F(file_pointer, "stands for an open file", IF(has_file_pointer)),
	F(size, "size of a file, in bytes", IF(has_size)),
	F(end_code, "0 is success", IF(has_end_code)),
	F(model, "model name of the CPU", IF(has_model)),
	F(model_code, "model code of the CPU", IF(has_model_code)),
	F(file, "first file or folder that is named", IF(has_file)),
	F(data, "everything behind command and serial", .flags = OTO_HEX, IF(has_data)),
	F(latency, "time since the request", IF(matched)),
};
static const struct oto_log message_logs[] = {
	{ .name = "melsoft",
	  .doc = "MELSOFT direct connection, requests and responses.",
	  .form = OTO_FORM_AGGREGATE,
	  .flags = OTO_LOG_NOT_ZEEK,
	  .columns = "pdu_type command serial end_code area address points devices mode model model_code file",
	  .extra = "latency data",
	  .key = "orig_h resp_h pdu_type command area address points devices mode file model end_code" },
};
static const struct oto_event_type message_type =
    OTO_EVENT("melsoft.message", struct melsoft_message, message_fields, "One request or response.", OTO_LOGS(message_logs));
static const struct oto_event_type *const events[] = { &message_type };
enum { EV_MESSAGE };

/* ------------------------------------------------------------------------------------------------ 3. frames */

enum { HEADER = 21, BODY_MIN = 14, BODY_MAX = 8192, REQUEST = 0x57, PING = 0x5a, RESPONSE = 0x80, FILLER = 0x11, PING_ANSWER_MAX = 64 };

/* Twenty-one bytes: kind, transport, three zeros, 11 11, the two routes, and the length of what follows. 0: more bytes are needed. */
static int64_t frame_length(struct oto_cur c)
{
	uint8_t kind = oto_u8(&c), transport = oto_u8(&c);

	if ((kind & 0x7f) != REQUEST || (!c.bad && transport > 1))
		return -1;
	uint32_t zeros = oto_be24(&c), filler = oto_be16(&c);
	if (!c.bad && (zeros || filler != (FILLER << 8 | FILLER)))
		return -1;
	oto_skip(&c, 12);
	uint16_t length = oto_le16(&c);
	if (c.bad)
		return 0;
	return length < BODY_MIN || length > BODY_MAX ? -1 : HEADER + (int64_t)length;
}

static int64_t melsoft_pdu_len(const struct oto_ctx *cx, struct oto_cur c)
{
	return cx->transport == OTO_TCP ? frame_length(c) : (int64_t)oto_left(&c); /* a datagram is one message */
}

static bool is_ping(struct oto_cur c)
{
	uint32_t left = oto_left(&c);
	uint8_t kind = oto_u8(&c);
	uint16_t zeros = oto_be16(&c);
	uint8_t what = oto_u8(&c);

	return !c.bad && !zeros && oto_name_of(&commands, PING_BASE + what) &&
	       (kind == PING ? left == 4 : kind == (PING | RESPONSE) && left >= 14 && left <= PING_ANSWER_MAX);
}

static enum oto_answer melsoft_probe(const struct oto_ctx *cx, struct oto_cur c)
{
	int64_t length = frame_length(c);

	if (cx->transport != OTO_TCP)
		return length == oto_left(&c) || is_ping(c) ? OTO_MINE : OTO_NOT_MINE;
	return length > 0 ? OTO_MINE : length ? OTO_NOT_MINE : OTO_NEED_MORE;
}

/* ------------------------------------------------------------------------------------------------ 4. reading it */

static struct oto_slice padded(struct oto_slice s)
{
	while (s.len && (s.data[s.len - 1] == ' ' || s.data[s.len - 1] == 0))
		s.len--;
	return s;
}

static void tell_model(struct oto_ctx *cx, const struct melsoft_message *m)
{
	struct oto_fact f = { .self_size = sizeof f, .confidence = 100 };

	f.key = "model";
	f.value = m->model;
	oto_fact(cx, &f);
	f.key = "vendor";
	f.value = oto_slice_of("Mitsubishi Electric");
	oto_fact(cx, &f);
}

/* Client port, command and serial: what is broadcast is answered by broadcast, so that flows and hosts do not match. */
static uint64_t key_of(const struct oto_ctx *cx, const struct melsoft_message *m, bool response)
{
	uint16_t client = response ? oto_dest_port(cx) : oto_source_port(cx);

	return (uint64_t)client << 32 | (uint32_t)m->command << 16 | m->serial;
}

static uint32_t op_of(const struct melsoft_message *m, const struct oto_name *row)
{
	if (m->has_mode && m->mode == MELSOFT_TO_WRITE && (m->command == MELSOFT_OPEN || m->command == 0x1827))
		return OTO_OP_PROGRAM_WRITE;
	return row ? row->op : OTO_OP_OTHER;
}

static struct oto_target target_of(const struct melsoft_message *m)
{
	const struct oto_name *area = m->has_area ? oto_name_of(&melsoft_areas, m->area) : NULL;

	if (m->has_devices)
		return (struct oto_target){ .space = "device", .name = m->devices };
	if (m->has_file)
		return (struct oto_target){ .space = "file", .name = m->file };
	if (m->has_area)
		return (struct oto_target){ .space = area ? area->name : "memory", .first = m->address, .count = m->points };
	return (struct oto_target){ 0 };
}

enum { STATION_ITSELF = 0xff, IO_OWN = 0x3ff };

static void tell(struct oto_ctx *cx, struct melsoft_message *m, bool response, struct melsoft_note *note)
{
	const struct oto_name *row = oto_name_of(&commands, m->command);
	struct oto_operation o = { .self_size = sizeof o,
				   .op = op_of(m, row),
				   .func = row ? row->name : "unknown",
				   .func_code = m->command,
				   .target = target_of(m),
				   .unit = (uint32_t)m->network << 8 | m->station,
				   .has_unit = m->has_route && (m->network || m->station != STATION_ITSELF || m->module_io != IO_OWN) };
	struct oto_match match;

	if (!response) {
		melsoft_file_request(cx, m);
		oto_request(cx, key_of(cx, m, false), note);
		oto_operation(cx, &o);
	} else {
		oto_response(cx, key_of(cx, m, true), &match);
		m->matched = match.found;
		m->latency = match.latency;
		uint16_t word = note->word;
		if (match.found)
			memcpy(note, match.note, sizeof *note);
		m->end_code = word && match.found && word == note->word ? 0 : word;
		m->has_end_code = true;
		o.has_unit = false; /* a response's route is the way back */
		oto_outcome(cx, &match, m->end_code ? OTO_OUTCOME_ERROR : OTO_OUTCOME_OK, m->end_code ? "error" : NULL, &o);
		if (match.found)
			melsoft_file_answer(cx, m, note, &match);
	}
	if (m->has_model)
		tell_model(cx, m);
	oto_emit(cx, EV_MESSAGE, m);
}

static void ping(struct oto_ctx *cx, struct oto_cur *c)
{
	struct melsoft_message m = { 0 };
	bool response = oto_u8(c) & RESPONSE;

	oto_skip(c, 2);
	m.command = (uint16_t)(PING_BASE + oto_u8(c));
	m.pdu_type = response ? "response" : "request";
	struct oto_cur look = *c;
	if (response && m.command == PING_BASE + 0xff) {
		m.model_code = oto_le16(&look);
		m.has_model_code = !look.bad;
	}
	m.data = oto_rest(c);
	m.has_data = m.data.len != 0;
	tell(cx, &m, response, &(struct melsoft_note){ 0 });
}

static void melsoft_pdu(struct oto_ctx *cx, struct oto_cur *c)
{
	struct melsoft_message m = { 0 };
	struct oto_cur look = *c;

	if ((oto_u8(&look) & 0x7f) == PING) {
		ping(cx, c);
		return;
	}
	bool response = oto_u8(c) & RESPONSE;
	oto_skip(c, 8);
	m.network = oto_u8(c);
	m.station = oto_u8(c);
	m.module_io = oto_le16(c);
	m.has_route = !response;
	oto_skip(c, HEADER - 13);
	/* the third byte counts the bytes between it and the command, the fourth counted in */
	oto_skip(c, 2);
	uint8_t skip = oto_u8(c);
	oto_skip(c, skip ? skip - 1u : 0);
	m.command = oto_be16(c);
	m.serial = oto_le16(c);
	m.has_serial = true;
	m.pdu_type = response ? "response" : "request";
	struct oto_cur body = *c;
	struct melsoft_note note = { .word = oto_left(c) >= 2 ? oto_le16(c) : 0 };
	if (c->bad)
		return;
	if (response && (m.command == READ_MODEL || m.command == READ_MODEL_LONG) && !note.word && oto_left(c) >= 18) {
		look = *c;
		m.model = padded(oto_take(&look, 16));
		m.model_code = oto_le16(&look);
		m.has_model = m.has_model_code = true;
	}
	if (!response)
		melsoft_request_content(cx, *c, &m);
	else if (!note.word || note.word < MELSOFT_ERROR_MIN)
		melsoft_answer_content(*c, &m);
	melsoft_note_file(&m, &note);
	note.tool = oto_sender(cx);
	if (melsoft_may_show(m.command, response))
		m.data = oto_rest(&body);
	m.has_data = m.data.len != 0;
	tell(cx, &m, response, &note);
}

static const struct oto_pairing pairing = {
	.self_size = sizeof pairing, .note_size = sizeof(struct melsoft_note), .scope = OTO_SCOPE_SEGMENT, .keyed = true, .bound = 1024
};

static const struct oto_analyzer melsoft = {
	.self_size = sizeof melsoft,
	.name = "melsoft",
	.doc = "MELSOFT direct connection of MELSEC engineering tools",
	.keys = "tcp/5000 tcp/5001 tcp/5002 tcp/5003 tcp/5004 tcp/5005 tcp/5006 tcp/5007 tcp/5008 tcp/5560 tcp/5561 tcp/5562 "
		"udp/5000 udp/5001 udp/5002 udp/5003 udp/5004 udp/5005 udp/5006 udp/5007 udp/5008 udp/5560 udp/5561 udp/5562",
	.probe = melsoft_probe,
	.pdu_len = melsoft_pdu_len,
	.pdu = melsoft_pdu,
	.events = events,
	.nevents = sizeof events / sizeof *events,
	.pairing = &pairing,
};

OTO_ANALYZER(melsoft);
