/* thermo.c - the thermostats of ../examples/thermo.lua in C, line by line: a made-up protocol with every part of a dissector, to be copied.
 *
 * On the wire: 'T', length of the whole message, number of the exchange, code (bit 7: response), data.
 */
#include <otoscope/oto_plugin.h>

/* ------------------------------------------------------------------------------------------------ 1. what the numbers mean */

enum { GET_TEMPERATURE = 1, SET_TARGET, SWITCH, IDENTIFY, KEEP_ALIVE = 9 };
enum { HEADER = 4, IS_RESPONSE = 0x80 };

/* The last word of a row tells what a code does to the device. */
static const struct oto_name code_rows[] = {
	{ GET_TEMPERATURE, "get_temperature", OTO_OP_READ, NULL },
	{ SET_TARGET, "set_target", OTO_OP_WRITE, "the temperature to hold, in tenths of a degree" },
	{ SWITCH, "switch", OTO_OP_MODE, NULL },
	{ IDENTIFY, "identify", OTO_OP_DISCOVER, NULL },
	{ KEEP_ALIVE, "keep_alive", OTO_OP_NONE, NULL },
};
static const struct oto_names codes = OTO_NAMES(code_rows);

static const struct oto_name error_rows[] = {
	{ 0, "ok", 0, NULL },
	{ 1, "unknown_code", 0, NULL },
	{ 2, "out_of_range", 0, NULL },
};
static const struct oto_names errors = OTO_NAMES(error_rows);

/* ------------------------------------------------------------------------------------------------ 2. what is said */

struct message {
	uint8_t exchange, code, error;
	bool response, has_error, has_degrees;
	double degrees;
};
static const struct oto_field message_fields[] = {
	OTO_FIELD(struct message, exchange, "copied into the response"),
	OTO_FIELD(struct message, code, "what is asked", .names = &codes),
	OTO_FIELD(struct message, response, "true for a response"),
	OTO_FIELD(struct message, error, "why it was refused", .names = &errors, .guard = OTO_IF(struct message, has_error)),
	OTO_FIELD(struct message, degrees, "temperature", .guard = OTO_IF(struct message, has_degrees)),
};
static const struct oto_log message_logs[] = { {
    .name = "thermo",
    .doc = "One request or response.",
    .columns = "code response error degrees",
    .key = "orig_h resp_h code response error",
    .form = OTO_FORM_AGGREGATE,
    .flags = OTO_LOG_NOT_ZEEK,
} };
static const struct oto_event_type message =
    OTO_EVENT("thermo.message", struct message, message_fields, "One request or response.", OTO_LOGS(message_logs));

enum { MESSAGE };
static const struct oto_event_type *const events[] = { [MESSAGE] = &message };

/* ------------------------------------------------------------------------------------------------ 3. is it mine? where does it end? */

static enum oto_answer probe(const struct oto_ctx *cx, struct oto_cur c)
{
	(void)cx;
	if (oto_left(&c) < HEADER)
		return OTO_NEED_MORE;
	bool begins = oto_u8(&c) == 'T' && oto_u8(&c) >= HEADER;
	oto_skip(&c, 1);
	return begins && oto_name_of(&codes, oto_u8(&c) & ~IS_RESPONSE) ? OTO_MINE : OTO_NOT_MINE;
}

static int64_t pdu_len(const struct oto_ctx *cx, struct oto_cur c)
{
	(void)cx;
	if (oto_left(&c) < 2)
		return 0;
	bool begins = oto_u8(&c) == 'T';
	uint8_t length = oto_u8(&c);
	return begins && length >= HEADER ? length : -1;
}

/* ------------------------------------------------------------------------------------------------ 4. what does it say? */

static double degrees(struct oto_cur *c)
{
	return (int16_t)oto_be16(c) / 10.0;
}

static struct oto_operation operation_of(const struct message *m)
{
	const struct oto_name *row = oto_name_of(&codes, m->code);

	return (struct oto_operation){
		.self_size = sizeof(struct oto_operation),
		.op = row ? row->op : OTO_OP_NONE,
		.func = row ? row->name : NULL,
		.func_code = m->code,
	};
}

static void request(struct oto_ctx *cx, struct oto_cur *c, struct message *m)
{
	struct oto_operation operation = operation_of(m);

	if (m->code == SET_TARGET) {
		m->degrees = degrees(c);
		m->has_degrees = true;
		operation.target.space = "target";
	}
	oto_request(cx, m->exchange, &m->code);
	oto_operation(cx, &operation);
	oto_emit(cx, MESSAGE, m);
}

static void response(struct oto_ctx *cx, struct oto_cur *c, struct message *m)
{
	struct oto_operation operation = operation_of(m);
	struct oto_slice model = { 0 };
	struct oto_match match;

	m->error = oto_u8(c);
	m->has_error = true;
	m->has_degrees = m->error == 0 && m->code == GET_TEMPERATURE;
	if (m->has_degrees)
		m->degrees = degrees(c);
	if (m->error == 0 && m->code == IDENTIFY)
		model = oto_take(c, oto_u8(c));
	if (c->bad)
		return; /* what was read is not all there: the engine says "thermo.truncated" */

	const struct oto_name *refusal = oto_name_of(&errors, m->error);
	oto_response(cx, m->exchange, &match);
	if (match.found && match.note[0] != m->code)
		oto_weird(cx, "answer_to_another_question", (struct oto_slice){ 0 });
	if (m->error)
		oto_outcome(cx, &match, OTO_OUTCOME_ERROR, refusal ? refusal->name : "unknown_error", &operation);
	else
		oto_outcome(cx, &match, OTO_OUTCOME_OK, NULL, &operation);
	oto_fact(cx, &(struct oto_fact){ .self_size = sizeof(struct oto_fact), .key = "model", .value = model, .confidence = 100 });
	oto_emit(cx, MESSAGE, m);
}

static void pdu(struct oto_ctx *cx, struct oto_cur *c)
{
	struct message m = { 0 };

	oto_skip(c, 2);
	m.exchange = oto_u8(c);
	uint8_t code = oto_u8(c);
	m.code = code & (uint8_t)~IS_RESPONSE;
	m.response = code & IS_RESPONSE;
	if (m.response)
		response(cx, c, &m);
	else
		request(cx, c, &m);
}

/* ------------------------------------------------------------------------------------------------ 5. the analyzer */

static const struct oto_pairing pairing = {
	.self_size = sizeof pairing,
	.keyed = true,
	.note_size = 1, /* the code that was asked */
	.expiry_ns = INT64_C(5000000000),
};

static const struct oto_analyzer thermo = {
	.self_size = sizeof thermo,
	.name = "thermo",
	.doc = "Thermostats of the ACME house",
	.keys = "udp/7171 tcp/7171",
	.probe = probe,
	.pdu_len = pdu_len,
	.pdu = pdu,
	.events = events,
	.nevents = sizeof events / sizeof *events,
	.pairing = &pairing,
};

OTO_ANALYZER(thermo);
