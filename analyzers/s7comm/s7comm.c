/* s7comm.c - Siemens S7comm (protocol identifier 0x32) on ISO transport: the header, jobs and their answers, and what all parts say.
 *
 * Owns the event types, pairing by PDU reference, and the state of a flow. The parts: s7comm_item.c variables, s7comm_block.c blocks and
 * services, s7comm_userdata.c user data, s7comm_szl.c system status lists; s7comm_tables.c and s7comm_services.c the words. S7comm-plus
 * (0x72) is another protocol.
 */
#include "analyzers/cotp/cotp.h"
#include "s7comm.h"

/* ------------------------------------------------------------------------------------------------ events */

#define M(m, doc, ...) OTO_FIELD(struct s7_message, m, doc, __VA_ARGS__)
#define M_IF(has) .guard = OTO_IF(struct s7_message, has)
static const struct oto_field message_fields[] = {
	M(source_h, "sender"),
	M(source_p, "its port", .flags = OTO_PORT),
	M(destination_h, "receiver"),
	M(destination_p, "its port", .flags = OTO_PORT),
	M(rosctr_code, "remote operating service control: 1 job, 2 acknowledgement, 3 answer with data, 7 user data"),
	M(rosctr_name, "its name", .names = &s7_rosctrs),
	M(pdu_reference, "joins request and answer"),
	M(function_code, "function; of user data type and group", .flags = OTO_HEX, M_IF(has_function)),
	M(function_name, "its name", .names = &s7_functions, M_IF(has_function)),
	M(subfunction_code, "subfunction of user data, service of PLC control", M_IF(has_subfunction_code)),
	M(subfunction_name, "its name"),
	M(subfunction, "group and subfunction of user data", .names = &s7_subfunctions, M_IF(has_subfunction)),
	M(error_class, "class of the error, of an answer", M_IF(has_error)),
	M(error_code, "error within its class; of user data the whole error", .flags = OTO_HEX, M_IF(has_error)),
	M(error, "what went wrong", .names = &s7_errors, M_IF(has_error)),
	M(max_amq_calling, "parallel jobs that the caller offers or gets", M_IF(has_setup)),
	M(max_amq_called, "parallel jobs of the called side", M_IF(has_setup)),
	M(pdu_size, "longest PDU in bytes", M_IF(has_setup)),
	M(item_count, "how many variables", M_IF(has_items)),
	M(return_code, "of a unit of user data", .names = &s7_return_codes, M_IF(has_return_code)),
	M(sequence, "sequence number of user data", M_IF(has_sequence)),
	M(data_unit, "number of the data unit that an answer in parts has", M_IF(has_data_unit)),
	M(last_unit, "no further unit follows", M_IF(has_data_unit)),
	M(arguments, "of a PI service: blocks, files, modes", M_IF(has_arguments)),
	M(password_length, "bytes of the password that was sent", M_IF(has_password)),
	M(clock, "the clock as read or set", M_IF(has_clock)),
	M(session_events, "messages that are subscribed to: 1 mode, 2 system, 4 user, 128 alarms", M_IF(has_events)),
	M(user, "name of the subscriber", M_IF(has_user)),
	M(cycle, "milliseconds between cyclic data", M_IF(has_cycle)),
	M(latency, "time since the request", M_IF(matched)),
};
static const struct oto_log message_logs[] = {
	{ .name = "s7comm",
	  .doc = "S7comm PDUs, ICSNPP's columns.",
	  .form = OTO_FORM_AGGREGATE,
	  .columns =
	      "is_orig source_h source_p destination_h destination_p rosctr_code rosctr_name pdu_reference function_code function_name "
	      "subfunction_code subfunction_name error_class error_code",
	  .extra = "error item_count arguments pdu_size max_amq_calling max_amq_called password_length clock user latency",
	  .key =
	      "orig_h resp_h resp_p is_orig rosctr_name function_name subfunction_code subfunction_name error_class error_code arguments" },
};
static const struct oto_event_type message_type =
    OTO_EVENT("s7comm.message", struct s7_message, message_fields, "One PDU.", OTO_LOGS(message_logs));

#define I(m, doc, ...) OTO_FIELD(struct s7_item, m, doc, __VA_ARGS__)
#define I_IF(has) .guard = OTO_IF(struct s7_item, has)
static const struct oto_field item_fields[] = {
	I(client, "who reads, writes or subscribes"),
	I(server, "whose variable it is"),
	I(pdu_reference, "of the PDU"),
	I(number, "of the variable in its PDU, from 1"),
	I(access, "what is done", .names = &s7_accesses),
	I(pdu_type, "request, response, or push", .names = &s7_pdu_types),
	I(syntax, "how the variable is addressed", .names = &s7_syntaxes, I_IF(has_syntax)),
	I(area, "memory area", .names = &s7_areas, I_IF(has_area)),
	I(db, "number of the data block", I_IF(has_db)),
	I(address, "first byte; number of a counter or timer", I_IF(has_address)),
	I(bit, "bit in that byte", I_IF(has_bit)),
	I(transport_size, "type of an element", .names = &s7_sizes, I_IF(has_size)),
	I(count, "elements", I_IF(has_count)),
	I(target, "the variable: DB1:10-13, M:0.3"),
	I(data_transport, "kind of the data", .names = &s7_data_sizes, I_IF(has_data_transport)),
	I(return_code, "how it went for this variable", .names = &s7_return_codes, I_IF(has_return_code)),
	I(values, "values that are written or were read", I_IF(has_values)),
	I(real, "a single floating point value", I_IF(has_real)),
	I(data, "the same as bytes", .flags = OTO_HEX, I_IF(has_data)),
	I(matched, "the request was seen, in an answer"),
};
static const struct oto_log item_logs[] = {
	{ .name = "s7comm_item",
	  .doc = "Variables that are read, written, watched or subscribed to.",
	  .form = OTO_FORM_AGGREGATE,
	  .flags = OTO_LOG_NOT_ZEEK,
	  .columns =
	      "client server pdu_reference access pdu_type target syntax area db address bit transport_size count values return_code",
	  .extra = "number data_transport real data matched",
	  .key = "client server access pdu_type target transport_size return_code",
	  .where = "pdu_type != response or return_code != 'Success'" },
};
static const struct oto_event_type item_type =
    OTO_EVENT("s7comm.item", struct s7_item, item_fields, "A variable in a request or an answer.", OTO_LOGS(item_logs));

#define Z(m, doc, ...) OTO_FIELD(struct s7_szl, m, doc, __VA_ARGS__)
static const struct oto_field szl_fields[] = {
	Z(source_h, "sender"),
	Z(source_p, "its port", .flags = OTO_PORT),
	Z(destination_h, "receiver"),
	Z(destination_p, "its port", .flags = OTO_PORT),
	Z(pdu_reference, "joins request and answer"),
	Z(method, "request or response", .names = &s7_methods),
	Z(szl_id, "the list and its extract", .flags = OTO_HEX | OTO_WIDE),
	Z(szl_id_name, "the list", .names = &s7_szls),
	Z(szl_index, "what of the list", .flags = OTO_HEX | OTO_WIDE),
	Z(return_code, "how it went", .flags = OTO_HEX),
	Z(return_code_name, "in words", .names = &s7_return_codes),
	Z(record_length, "bytes of a record", .guard = OTO_IF(struct s7_szl, has_records)),
	Z(records, "records", .guard = OTO_IF(struct s7_szl, has_records)),
};
static const struct oto_log szl_logs[] = {
	{ .name = "s7comm_read_szl",
	  .doc = "System status lists that are read, ICSNPP's columns.",
	  .form = OTO_FORM_AGGREGATE,
	  .columns = "is_orig source_h source_p destination_h destination_p pdu_reference method szl_id szl_id_name szl_index return_code "
		     "return_code_name",
	  .extra = "record_length records",
	  .key = "orig_h resp_h resp_p is_orig method szl_id szl_id_name szl_index return_code return_code_name" },
};
static const struct oto_event_type szl_type =
    OTO_EVENT("s7comm.szl", struct s7_szl, szl_fields, "A system status list is asked for or told.", OTO_LOGS(szl_logs));

#define B(m, doc, ...) OTO_FIELD(struct s7_block, m, doc, __VA_ARGS__)
#define B_IF(has) .guard = OTO_IF(struct s7_block, has)
static const struct oto_field block_fields[] = {
	B(source_h, "sender"),
	B(source_p, "its port", .flags = OTO_PORT),
	B(destination_h, "receiver"),
	B(destination_p, "its port", .flags = OTO_PORT),
	B(rosctr, "job or answer", .names = &s7_rosctrs),
	B(pdu_reference, "joins request and answer"),
	B(function_name, "what is done", .names = &s7_block_functions),
	B(function_status, "status byte of jobs and uploads: 1 more follows, 2 error", .flags = OTO_HEX, B_IF(has_status)),
	B(session_id, "number of an upload", B_IF(has_session)),
	B(blocklength, "bytes in this PDU; at the start of an upload those of the block", B_IF(has_length)),
	B(filename, "type, number and file system in one word", B_IF(has_filename)),
	B(block_type, "type of the block"),
	B(block_number, "number of the block", B_IF(has_block)),
	B(destination_filesystem, "passive (loaded) or active (in force)"),
	B(load_memory, "bytes in load memory, announced", B_IF(has_sizes)),
	B(mc7_length, "bytes of code, announced", B_IF(has_sizes)),
	B(more, "more follows", B_IF(has_more)),
};
static const struct oto_log block_logs[] = {
	{ .name = "s7comm_upload_download",
	  .doc = "Blocks that go up and down, PDU by PDU, ICSNPP's columns.",
	  .form = OTO_FORM_DETAIL,
	  .columns = "is_orig source_h source_p destination_h destination_p rosctr pdu_reference function_name function_status session_id "
		     "blocklength filename block_type block_number destination_filesystem",
	  .extra = "load_memory mc7_length more" },
};
static const struct oto_event_type block_type =
    OTO_EVENT("s7comm.block", struct s7_block, block_fields, "A step of an upload or download.", OTO_LOGS(block_logs));

#define N(m, doc, ...) OTO_FIELD(struct s7_block_info, m, doc, __VA_ARGS__)
#define N_IF(has) .guard = OTO_IF(struct s7_block_info, has)
static const struct oto_field info_fields[] = {
	N(client, "who asked"),
	N(server, "whose blocks they are"),
	N(function, "which question it answers", .names = &s7_info_functions),
	N(block_type, "OB, DB, SDB, FC, SFC, FB, SFB"),
	N(count, "blocks of this type", N_IF(has_count)),
	N(number, "number of the block", N_IF(has_number)),
	N(flags, "flags of the block", .flags = OTO_HEX, N_IF(has_flags)),
	N(language, "in which it is written", .names = &s7_languages, N_IF(has_language)),
	N(author, "author in the header", N_IF(has_info)),
	N(family, "family in the header", N_IF(has_info)),
	N(header, "name in the header", N_IF(has_info)),
	N(version, "version, major in the upper half", .flags = OTO_HEX, N_IF(has_info)),
	N(checksum, "checksum of the block", .flags = OTO_HEX | OTO_WIDE, N_IF(has_info)),
	N(load_memory, "bytes in load memory", N_IF(has_info)),
	N(mc7_length, "bytes of code", N_IF(has_info)),
	N(interface_length, "bytes of the interface", N_IF(has_info)),
	N(local_length, "bytes of local data", N_IF(has_info)),
	N(protection, "3: know-how protected", N_IF(has_info)),
	N(code_changed, "when the code was changed", N_IF(has_info)),
	N(interface_changed, "when the interface was changed", N_IF(has_info)),
};
static const struct oto_log info_logs[] = {
	{ .name = "s7comm_block",
	  .doc = "Blocks of a PLC as it lists them.",
	  .form = OTO_FORM_AGGREGATE,
	  .flags = OTO_LOG_NOT_ZEEK,
	  .columns =
	      "client server function block_type count number flags language author family header version checksum load_memory mc7_length "
	      "code_changed interface_changed",
	  .extra = "interface_length local_length protection",
	  .key = "client server function block_type count number language checksum code_changed" },
};
static const struct oto_event_type info_type =
    OTO_EVENT("s7comm.block_info", struct s7_block_info, info_fields, "What a PLC tells of its blocks.", OTO_LOGS(info_logs));

#define A(m, doc, ...) OTO_FIELD(struct s7_alarm, m, doc, __VA_ARGS__)
#define A_IF(has) .guard = OTO_IF(struct s7_alarm, has)
static const struct oto_field alarm_fields[] = {
	A(source_h, "sender"),
	A(destination_h, "receiver"),
	A(subfunction, "what kind of message it is", .names = &s7_subfunctions),
	A(syntax, "form of the object", .names = &s7_syntaxes, A_IF(has_syntax)),
	A(number, "of the object or entry in its PDU, from 1"),
	A(event_id, "number of the alarm or event", .flags = OTO_HEX, A_IF(has_event)),
	A(event_state, "its eight signals", .flags = OTO_HEX, A_IF(has_state)),
	A(state, "state of the message", .flags = OTO_HEX, A_IF(has_state)),
	A(ack_going, "acknowledged going signals", .flags = OTO_HEX, A_IF(has_ack)),
	A(ack_coming, "acknowledged coming signals", .flags = OTO_HEX, A_IF(has_ack)),
	A(event_class, "class of a diagnostic event", .names = &s7_event_classes, A_IF(has_diagnosis)),
	A(priority, "priority class", A_IF(has_diagnosis)),
	A(ob_number, "organization block", A_IF(has_diagnosis)),
	A(info, "more of the event", .flags = OTO_HEX, A_IF(has_diagnosis)),
	A(clock, "when it happened, by the clock of the PLC", A_IF(has_clock)),
	A(values, "associated values", .flags = OTO_HEX, A_IF(has_values)),
};
static const struct oto_log alarm_logs[] = {
	{ .name = "s7comm_alarm",
	  .doc = "Alarms, notifications, diagnostic messages, and what is done about them.",
	  .form = OTO_FORM_AGGREGATE,
	  .flags = OTO_LOG_NOT_ZEEK,
	  .columns = "source_h destination_h subfunction syntax event_id event_state state ack_going ack_coming event_class priority "
		     "ob_number clock",
	  .extra = "number info values",
	  .key = "source_h destination_h subfunction event_id event_state state ack_going ack_coming" },
};
static const struct oto_event_type alarm_type =
    OTO_EVENT("s7comm.alarm", struct s7_alarm, alarm_fields, "An alarm or a diagnostic message.", OTO_LOGS(alarm_logs));

#define D(m, doc, ...) OTO_FIELD(struct s7_device, m, doc, __VA_ARGS__)
#define D_IF(has) .guard = OTO_IF(struct s7_device, has)
static const struct oto_field device_fields[] = {
	D(is_orig, "not said: the row is of the connection"),
	D(source_h, "not said"),
	D(source_p, "not said", D_IF(has_source)),
	D(destination_h, "not said"),
	D(destination_p, "not said", D_IF(has_source)),
	D(automation_system_name, "name of the station", D_IF(has_as)),
	D(module_name, "name of the module", D_IF(has_module)),
	D(plant_name, "plant designation", D_IF(has_plant)),
	D(module_serial, "serial number", D_IF(has_serial)),
};
static const struct oto_log device_logs[] = {
	{ .name = "s7comm_known_devices",
	  .doc = "Devices that told their names, a row at the end of a connection, ICSNPP's columns.",
	  .form = OTO_FORM_DETAIL,
	  .columns = "is_orig source_h source_p destination_h destination_p automation_system_name module_name plant_name module_serial" },
};
static const struct oto_event_type device_type =
    OTO_EVENT("s7comm.device", struct s7_device, device_fields, "A device told its names in this connection.", OTO_LOGS(device_logs));

static const struct oto_event_type *const events[] = {
	[EV_MESSAGE] = &message_type, [EV_ITEM] = &item_type,   [EV_SZL] = &szl_type,      [EV_BLOCK] = &block_type,
	[EV_BLOCK_INFO] = &info_type, [EV_ALARM] = &alarm_type, [EV_DEVICE] = &device_type
};

/* ------------------------------------------------------------------------------------------------ text */

struct s7_text s7_text_new(struct oto_ctx *cx, uint32_t cap)
{
	struct s7_text t = { oto_scratch(cx, cap), 0, cap };

	if (!t.at)
		t.cap = 0;
	return t;
}

void s7_put_byte(struct s7_text *t, uint8_t b)
{
	if (t->len < t->cap)
		t->at[t->len++] = b;
}

void s7_put(struct s7_text *t, const char *s)
{
	while (*s)
		s7_put_byte(t, (uint8_t)*s++);
}

void s7_put_number(struct s7_text *t, uint32_t n)
{
	uint8_t digits[10];
	uint32_t len = 0;

	do
		digits[len++] = (uint8_t)('0' + n % 10);
	while ((n /= 10) != 0);
	while (len)
		s7_put_byte(t, digits[--len]);
}

void s7_put_hex(struct s7_text *t, uint32_t n, uint32_t digits)
{
	while (digits)
		s7_put_byte(t, (uint8_t) "0123456789abcdef"[n >> 4 * --digits & 15]);
}

struct oto_slice s7_trimmed(struct oto_slice s)
{
	while (s.len && (s.data[s.len - 1] == ' ' || s.data[s.len - 1] == 0))
		s.len--;
	return s;
}

/* ------------------------------------------------------------------------------------------------ times */

/* Days from 1970-01-01 of a date of the Gregorian calendar. */
static int64_t days_of(int32_t year, uint32_t month, uint32_t day)
{
	static const uint16_t before[] = { 0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334 };
	int32_t years = year - 1970;
	int32_t leaps = (year - 1) / 4 - (year - 1) / 100 + (year - 1) / 400 - 477;
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return (int64_t)years * 365 + leaps + before[month - 1] + (leap && month > 2) + (int64_t)day - 1;
}

static uint32_t bcd(struct oto_cur *c)
{
	uint8_t b = oto_u8(c);

	return (b >> 4) <= 9 && (b & 15) <= 9 ? (b >> 4) * 10u + (b & 15u) : 100;
}

bool s7_take_time(struct oto_cur *c, struct oto_time *out)
{
	uint32_t year = bcd(c), month = bcd(c), day = bcd(c), hour = bcd(c), minute = bcd(c), second = bcd(c);
	uint16_t rest = oto_be16(c); /* three digits of milliseconds, the day of the week */

	if (c->bad || year > 99 || month < 1 || month > 12 || day < 1 || day > 31 || hour > 23 || minute > 59 || second > 59)
		return false;
	int64_t days = days_of((int32_t)(year < 90 ? 2000 + year : 1900 + year), month, day);
	int64_t ms = (rest >> 12) * 100 + (rest >> 8 & 15) * 10 + (rest >> 4 & 15);
	out->ns = ((days * 86400 + hour * 3600 + minute * 60 + second) * 1000 + ms) * 1000000;
	return true;
}

struct oto_time s7_take_block_time(struct oto_cur *c)
{
	enum { DAYS_TO_1984 = 5113 };
	uint32_t ms = oto_be32(c);
	int64_t days = oto_be16(c);

	return (struct oto_time){ ((days + DAYS_TO_1984) * 86400000 + ms) * 1000000 };
}

/* ------------------------------------------------------------------------------------------------ who */

void s7_speakers(const struct oto_ctx *cx, struct oto_addr *source, uint16_t *source_p, struct oto_addr *destination,
		 uint16_t *destination_p)
{
	const struct oto_head *h = cx->head;

	*source = oto_sender(cx);
	*destination = cx->is_orig ? h->resp_h : h->orig_h;
	*source_p = oto_source_port(cx);
	*destination_p = oto_dest_port(cx);
}

void s7_client_server(const struct s7_pdu *p, bool response, struct oto_addr *client, struct oto_addr *server)
{
	const struct oto_head *h = p->cx->head;
	bool client_is_orig = p->cx->is_orig != response;

	*client = client_is_orig ? h->orig_h : h->resp_h;
	*server = client_is_orig ? h->resp_h : h->orig_h;
}

/* Rack and slot are those that were called, so they are of who was called: the flow's responder. */
struct oto_slice s7_sub(struct oto_ctx *cx, bool of_responder)
{
	uint8_t rack, slot;

	if (!of_responder || !cotp_rack_slot(cx->key, &rack, &slot))
		return (struct oto_slice){ 0 };
	struct s7_text t = s7_text_new(cx, 16);
	s7_put(&t, "rack ");
	s7_put_number(&t, rack);
	s7_put(&t, " slot ");
	s7_put_number(&t, slot);
	return s7_text_of(&t);
}

/* What a device says of itself. */
void s7_fact(struct s7_pdu *p, const char *key, struct oto_slice value, uint8_t confidence)
{
	struct oto_fact f = { .self_size = sizeof f, .key = key, .value = value, .confidence = confidence };

	if (!value.len)
		return;
	f.sub = s7_sub(p->cx, !p->cx->is_orig);
	oto_fact(p->cx, &f);
}

/* ------------------------------------------------------------------------------------------------ jobs and answers */

static void take_setup(struct s7_message *m, struct oto_cur *c)
{
	oto_skip(c, 1);
	m->max_amq_calling = oto_be16(c);
	m->max_amq_called = oto_be16(c);
	m->pdu_size = oto_be16(c);
	m->has_setup = !c->bad;
}

static void name_function(struct s7_pdu *p, uint8_t function)
{
	const struct oto_name *row = oto_name_of(&s7_functions, function);

	p->m.function_code = function;
	p->m.function_name = function;
	p->m.has_function = true;
	p->note.function = function;
	p->op.op = row ? row->op : OTO_OP_OTHER;
	p->op.func = row ? row->name : "unknown";
	p->op.func_code = function;
}

static void job(struct s7_pdu *p, struct oto_cur *c, struct oto_cur *data)
{
	struct s7_message *m = &p->m;

	name_function(p, oto_u8(c));
	if (c->bad)
		return;
	switch (m->function_code) {
	case S7_SETUP:
		take_setup(m, c);
		break;
	case S7_READ:
	case S7_WRITE:
		m->item_count = oto_u8(c);
		m->has_items = true;
		if (m->function_code == S7_READ)
			s7_read_request(p, c);
		else
			s7_write_request(p, c, data);
		break;
	case S7_PI_SERVICE:
	case S7_PLC_STOP:
		s7_service_job(p, c);
		break;
	case S7_CPU_SERVICES:
		break;
	default:
		if (m->function_code >= S7_REQUEST_DOWNLOAD && m->function_code <= S7_END_UPLOAD)
			s7_block_job(p, c);
		else
			oto_weird(p->cx, "unknown_function", (struct oto_slice){ 0 });
	}
}

static void take_error(struct s7_pdu *p, uint8_t class, uint8_t code)
{
	const struct oto_name *row = oto_name_of(&s7_error_classes, class);
	struct s7_message *m = &p->m;

	m->error = (uint16_t)(class << 8 | code);
	m->error_code = code;
	m->error_class = oto_slice_of(row ? row->name : NULL);
	m->has_error = true;
	if (!row) {
		struct s7_text t = s7_text_new(p->cx, 32);
		s7_put(&t, "Unknown error class-0x");
		s7_put_hex(&t, class, 2);
		m->error_class = s7_text_of(&t);
	}
	if (m->error)
		p->failed = s7_error_word(m->error);
}

static void find_request(struct s7_pdu *p)
{
	oto_response(p->cx, (uint64_t)!p->cx->is_orig << 16 | p->m.pdu_reference, &p->match);
	if (p->match.found)
		memcpy(&p->note, p->match.note, sizeof p->note);
}

/* An answer has its job's function; a refusal often nothing at all. */
static void answer(struct s7_pdu *p, struct oto_cur *c, struct oto_cur *data)
{
	struct s7_message *m = &p->m;

	find_request(p);
	bool empty = !oto_left(c);
	if (!empty)
		name_function(p, oto_u8(c));
	else if (p->match.found && p->note.rosctr == JOB)
		p->op.func_code = p->note.function;
	if (p->match.found && (p->note.rosctr != JOB || (!empty && p->op.func_code != p->match.note[1])))
		p->match.found = false; /* the reference was used for something else */
	if (empty) {
		s7_transfers_refused(p);
		if (p->match.found && p->note.service)
			s7_service_answer(p);
		return;
	}
	switch (m->function_code) {
	case S7_SETUP:
		if (oto_left(c))
			take_setup(m, c);
		break;
	case S7_READ:
	case S7_WRITE:
		if (!oto_left(c))
			break;
		m->item_count = oto_u8(c);
		m->has_items = true;
		if (m->function_code == S7_READ)
			s7_read_response(p, data, oto_left(data) ? m->item_count : 0);
		else
			s7_write_response(p, data, oto_left(data) ? m->item_count : 0);
		break;
	case S7_PI_SERVICE:
		s7_service_answer(p);
		break;
	default:
		if (m->function_code >= S7_REQUEST_DOWNLOAD && m->function_code <= S7_END_UPLOAD)
			s7_block_answer(p, c, data);
	}
}

/* ------------------------------------------------------------------------------------------------ PDUs */

enum { PROTOCOL = 0x32, HEADER = 10 };

static enum oto_answer s7comm_probe(const struct oto_ctx *cx, struct oto_cur c)
{
	uint32_t length = oto_left(&c);
	uint8_t protocol = oto_u8(&c), rosctr = oto_u8(&c);

	(void)cx;
	if (length < HEADER || protocol != PROTOCOL)
		return OTO_NOT_MINE;
	return (rosctr >= JOB && rosctr <= ACK_DATA) || rosctr == USERDATA ? OTO_MINE : OTO_NOT_MINE;
}

static void speak_request(struct s7_pdu *p)
{
	p->note.rosctr = p->m.rosctr_code;
	p->op.by_receiver = p->by_receiver;
	p->op.sub = s7_sub(p->cx, p->cx->is_orig != p->by_receiver);
	oto_request(p->cx, (uint64_t)p->cx->is_orig << 16 | p->m.pdu_reference, &p->note);
	s7_transfer_asked(p, oto_operation(p->cx, &p->op));
}

static void speak_answer(struct s7_pdu *p)
{
	p->m.matched = p->match.found;
	p->m.latency = p->match.latency;
	p->op.by_receiver = p->by_receiver;
	if (!p->match.found)
		p->op.sub = s7_sub(p->cx, p->cx->is_orig == p->by_receiver);
	oto_outcome(p->cx, &p->match, p->failed ? OTO_OUTCOME_ERROR : OTO_OUTCOME_OK, p->failed, p->op.func ? &p->op : NULL);
}

static void s7comm_pdu(struct oto_ctx *cx, struct oto_cur *c)
{
	struct s7_pdu p;
	struct s7_message *m = &p.m;

	memset(&p, 0, offsetof(struct s7_pdu, match) + offsetof(struct oto_match, note));
	p.cx = cx;
	p.op.self_size = sizeof p.op;
	p.match.self_size = sizeof p.match;
	oto_skip(c, 1);
	m->rosctr_code = m->rosctr_name = oto_u8(c);
	oto_skip(c, 2);
	m->pdu_reference = oto_le16(c); /* as Siemens counts it; others count the other way */
	uint16_t parameters = oto_be16(c), length = oto_be16(c);
	uint8_t class = 0, code = 0;
	if (m->rosctr_code == ACK || m->rosctr_code == ACK_DATA) {
		class = oto_u8(c);
		code = oto_u8(c);
	}
	struct oto_cur parameter = oto_sub(c, parameters), data = oto_sub(c, length);
	if (c->bad)
		return;
	s7_speakers(cx, &m->source_h, &m->source_p, &m->destination_h, &m->destination_p);
	bool asks = m->rosctr_code == JOB;
	switch (m->rosctr_code) {
	case JOB:
		job(&p, &parameter, &data);
		break;
	case ACK:
	case ACK_DATA:
		take_error(&p, class, code);
		answer(&p, &parameter, &data);
		break;
	case USERDATA:
		s7_userdata(&p, &parameter, &data);
		asks = (m->function_code >> 4 & 3) == 0 ? m->function_code >> 4 == REQUEST : m->function_code >> 4 == NC_REQUEST;
		break;
	default:
		oto_weird(cx, "unknown_rosctr", (struct oto_slice){ 0 });
		return;
	}
	if (parameter.bad || data.bad) {
		c->bad = true;
		return;
	}
	if (asks)
		speak_request(&p);
	else if (m->rosctr_code != USERDATA || m->function_code >> 4 == RESPONSE || m->function_code >> 4 == NC_RESPONSE)
		speak_answer(&p);
	oto_emit(cx, EV_MESSAGE, m);
}

static void s7comm_gap(struct oto_ctx *cx, uint64_t n)
{
	struct s7_flow *flow = cx->state;

	(void)n;
	s7_transfers_gap(flow);
	flow->fragment[cx->is_orig].function = 0;
}

static void s7comm_closing(struct oto_ctx *cx)
{
	s7_transfers_cut(cx);
	s7_device_known(cx);
}

static const struct oto_pairing pairing = {
	.self_size = sizeof pairing, .note_size = sizeof(struct s7_note), .scope = OTO_SCOPE_FLOW, .keyed = true, .bound = 128
};

static const struct oto_analyzer s7comm = {
	.self_size = sizeof s7comm,
	.name = "s7comm",
	.doc = "Siemens S7comm: variables, blocks, programmer functions of S7-200 to S7-1500",
	.keys = "cotp",
	.probe = s7comm_probe,
	.pdu = s7comm_pdu,
	.gap = s7comm_gap,
	.closing = s7comm_closing,
	.state_size = sizeof(struct s7_flow),
	.events = events,
	.nevents = sizeof events / sizeof *events,
	.pairing = &pairing,
};

OTO_ANALYZER(s7comm);
