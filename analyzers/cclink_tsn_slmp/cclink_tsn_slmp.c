/* cclink_tsn_slmp.c - SLMP as CC-Link IE TSN uses it: the frames with which a master configures the network and its stations.
 *
 * Owns the LMT frame (subheader 68 and E8), the 3E and 4E frames where CC-Link IE TSN carries them, the pairing of both, and
 * cclink-ie-tsn-slmp.log. Knows nothing of other commands: it counts them and hands them to slmp. Words are those of NTT's Zeek parser;
 * layout as in its capture.
 */
#include "oto_plugin.h"

/* Command, subcommand, the word twice (as pdu_type and cmd write it), what it does. */
#define COMMANDS(X)                                                                                                                        \
	X(0x0e90, 0, networkConfigMain, NetworkConfigMain, CONFIGURE, "sets the cycle, the clock and the time slots of the network")       \
	X(0x0e90, 1, networkConfigTslt, NetworkConfigTslt, CONFIGURE, "sets one time slot")                                                \
	X(0x0e91, 0, masterConfig, MasterConfig, CONFIGURE, "gives another master its settings")                                           \
	X(0x0e92, 0, slaveConfig, SlaveConfig, CONFIGURE, "gives a station its settings")                                                  \
	X(0x0e93, 0, cyclicConfigMain, CyclicConfigMain, CONFIGURE, "sets what a station sends and receives every cycle")                  \
	X(0x0e93, 1, cyclicConfigTrnSubPayload, CyclicConfigTrnSubPayload, CONFIGURE, "sets the parts of what it sends")                   \
	X(0x0e93, 2, cyclicConfigRcvSubPayload, CyclicConfigRcvSubPayload, CONFIGURE, "sets the parts of what it receives")                \
	X(0x0e93, 3, cyclicConfigRcvSrcInfo, CyclicConfigRcvSrcInfo, CONFIGURE, "sets from whom it receives")                              \
	X(0x0e94, 0, notification, Notification, DIAGNOSE, "tells that a station is ready, or is not")

#define CODE(command, sub) ((uint32_t)(command) << 16 | (sub))
#define NAME_ROW(command, sub, word, cmd, op, doc) { CODE(command, sub), #word, OTO_OP_##op, doc },
static const struct oto_name command_rows[] = { COMMANDS(NAME_ROW) };
static const struct oto_names commands = OTO_NAMES(command_rows);

/* In the order of command_rows. */
#define TEXT_ROW(command, sub, word, cmd, op, doc) { "slmp-" #word, "Req" #cmd, "Res" #cmd },
static const struct command_text {
	const char *pdu_type, *request, *response;
} command_texts[] = { COMMANDS(TEXT_ROW) };
static const struct command_text no_text = { "slmp", NULL, NULL };

enum slmp_frame { SLMP_3E, SLMP_4E, SLMP_LMT };
static const struct oto_name frame_rows[] = {
	{ SLMP_3E, "3E", 0, "without serial number" },
	{ SLMP_4E, "4E", 0, "with serial number" },
	{ SLMP_LMT, "LMT", 0, "with serial number and extension station; a response repeats the command" },
};
static const struct oto_names frames = OTO_NAMES(frame_rows);

/* ------------------------------------------------------------------------------------------------ events */

struct slmp_message {
	const char *protocol, *flame_type, *pdu_type, *cmd;
	uint32_t command;
	uint16_t serial, module, end_code, extension;
	uint8_t frame, network, station, multidrop;
	bool response, matched;
	bool has_serial, has_command, has_end_code;
	struct oto_slice data;
	struct oto_interval latency;
};

#define M(m, doc_, ...) OTO_FIELD(struct slmp_message, m, doc_, __VA_ARGS__)
#define M_IF(has) .guard = OTO_IF(struct slmp_message, has)
static const struct oto_field message_fields[] = {
	M(protocol, "the protocol"),
	M(flame_type, "ip (the name is NTT's); ethernet where a frame of CC-Link IE TSN carried it"),
	M(pdu_type, "what the command is about"),
	M(cmd, "request or response of which command"),
	M(command, "command, and subcommand in the low half", .names = &commands, M_IF(has_command)),
	M(response, "answers a command"),
	M(frame, "form of the frame", .names = &frames),
	M(serial, "serial number, copied into the response", M_IF(has_serial)),
	M(network, "network that the request is for; 0 is the own one"),
	M(station, "station that the request is for; 255 is the addressed one itself"),
	M(module, "module that the request is for; 0x03ff is the controller itself"),
	M(multidrop, "station behind a serial line"),
	M(end_code, "0 is success", M_IF(has_end_code)),
	M(data, "what follows the command or the end code", .flags = OTO_HEX),
	M(matched, "its request was seen"),
	M(latency, "time since the request", M_IF(matched)),
};
static const struct oto_log message_logs[] = {
	{ .name = "cclink-ie-tsn-slmp",
	  .doc = "SLMP of CC-Link IE TSN: who configures whom with which commands, how often.",
	  .columns = "protocol flame_type pdu_type cmd",
	  .key = "uid orig_h orig_p resp_h resp_p protocol flame_type pdu_type cmd",
	  .form = OTO_FORM_AGGREGATE },
};
static const struct oto_event_type message_event = OTO_EVENT("cclink_tsn_slmp.message", struct slmp_message, message_fields,
							     "A request or response of SLMP in CC-Link IE TSN.", OTO_LOGS(message_logs));
static const struct oto_event_type *const events[] = { &message_event };
enum { CHANNEL_COMMAND, FOREIGN = 3 /* its key */ };

/* What a request leaves for its response, which in a 3E or 4E frame does not repeat the command. */
struct slmp_note {
	uint32_t command;
};

/* ------------------------------------------------------------------------------------------------ frames */

/* Subheaders. The second byte is always 0. */
enum { REQUEST_3E = 0x50, RESPONSE_3E = 0xd0, REQUEST_4E = 0x54, RESPONSE_4E = 0xd4, REQUEST_LMT = 0x68, RESPONSE_LMT = 0xe8 };

static bool subheader(uint8_t first, uint8_t second, struct slmp_message *m)
{
	m->response = first & 0x80;
	switch (first & 0x7f) {
	case REQUEST_3E:
		m->frame = SLMP_3E;
		break;
	case REQUEST_4E:
		m->frame = SLMP_4E;
		break;
	case REQUEST_LMT:
		m->frame = SLMP_LMT;
		break;
	default:
		return false;
	}
	return second == 0;
}

/* Up to the length, which counts what follows it; the cursor then covers just that. */
static bool envelope(struct oto_cur *c, struct slmp_message *m)
{
	uint8_t first = oto_u8(c), second = oto_u8(c);

	if (c->bad || !subheader(first, second, m))
		return false;
	m->has_serial = m->frame != SLMP_3E;
	if (m->has_serial) {
		m->serial = oto_le16(c);
		oto_skip(c, 2);
	}
	m->network = oto_u8(c);
	m->station = oto_u8(c);
	m->module = oto_le16(c);
	m->multidrop = oto_u8(c);
	if (m->frame == SLMP_LMT) {
		oto_skip(c, 1);
		m->extension = oto_le16(c);
	}
	uint16_t length = oto_le16(c);
	*c = oto_sub(c, length);
	return !c->bad;
}

/* A request begins with a timer, a response with its end code. */
static bool body(struct oto_cur *c, struct slmp_message *m)
{
	uint16_t first = oto_le16(c);

	m->has_end_code = m->response;
	m->end_code = first;
	m->has_command = !m->response || m->frame == SLMP_LMT;
	if (m->has_command) {
		uint16_t command = oto_le16(c), sub = oto_le16(c);
		m->command = CODE(command, sub);
	}
	m->data = oto_rest(c);
	return !c->bad;
}

static enum oto_answer slmp_probe(const struct oto_ctx *cx, struct oto_cur c)
{
	struct slmp_message m = { 0 };

	(void)cx;
	return envelope(&c, &m) && body(&c, &m) ? OTO_MINE : OTO_NOT_MINE;
}

/* ------------------------------------------------------------------------------------------------ messages */

static const struct command_text *text_of(uint32_t command)
{
	for (size_t i = 0; i < sizeof command_rows / sizeof *command_rows; i++) {
		if (command_rows[i].value == command)
			return &command_texts[i];
	}
	return &no_text;
}

static struct oto_operation operation_of(const struct slmp_message *m)
{
	const struct oto_name *row = oto_name_of(&commands, m->command);

	return (struct oto_operation){ .self_size = sizeof(struct oto_operation),
				       .op = row ? row->op : OTO_OP_OTHER,
				       .func = row ? row->name : "slmp",
				       .func_code = m->command,
				       .target = { .space = "station", .first = m->station, .count = 1 } };
}

/* Responses are sought among the requests that went the other way. */
static uint64_t key_of(const struct slmp_message *m, bool asked_by_orig)
{
	uint32_t command = m->frame == SLMP_LMT ? m->command : 0;

	return (uint64_t)m->serial << 40 | (uint64_t)asked_by_orig << 39 | (uint64_t)(m->frame == SLMP_LMT) << 38 | command;
}

/* A command that is not TSN's own: slmp speaks its operation and its outcome. */
static bool is_foreign(const struct slmp_message *m)
{
	return m->has_command && text_of(m->command) == &no_text;
}

static void request(struct oto_ctx *cx, const struct slmp_message *m, struct oto_slice whole)
{
	struct slmp_note note = { m->command };
	struct oto_operation o = operation_of(m);

	oto_emit(cx, 0, m);
	oto_request(cx, key_of(m, cx->is_orig), &note);
	if (is_foreign(m))
		oto_deliver(cx, CHANNEL_COMMAND, FOREIGN, whole);
	else
		oto_operation(cx, &o);
}

static void response(struct oto_ctx *cx, struct slmp_message *m, struct oto_slice whole)
{
	struct slmp_note note;
	struct oto_match match;

	oto_response(cx, key_of(m, !cx->is_orig), &match);
	m->matched = match.found;
	m->latency = match.latency;
	if (match.found && !m->has_command) {
		memcpy(&note, match.note, sizeof note);
		m->command = note.command;
		m->has_command = true;
	}
	if (m->has_command) {
		const struct command_text *text = text_of(m->command);
		m->pdu_type = text->pdu_type;
		m->cmd = text->response;
	}
	oto_emit(cx, 0, m);
	if (is_foreign(m)) {
		oto_deliver(cx, CHANNEL_COMMAND, FOREIGN, whole);
		return;
	}
	struct oto_operation o = operation_of(m);
	oto_outcome(cx, &match, m->end_code ? OTO_OUTCOME_ERROR : OTO_OUTCOME_OK, m->end_code ? "end code" : NULL,
		    m->has_command ? &o : NULL);
}

static void slmp_pdu(struct oto_ctx *cx, struct oto_cur *c)
{
	struct slmp_message m = { .protocol = "cclink_ie_tsn", .flame_type = cx->depth ? "ethernet" : "ip", .pdu_type = "slmp" };
	struct oto_slice whole = { c->at, oto_left(c) };
	struct oto_cur in = *c;

	if (!envelope(&in, &m)) {
		if (in.bad)
			c->bad = true;
		else
			oto_weird(cx, "unknown_subheader", whole);
		return;
	}
	if (!body(&in, &m)) {
		c->bad = true;
		return;
	}
	if (m.response) {
		response(cx, &m, whole);
		return;
	}
	const struct command_text *text = text_of(m.command);
	m.pdu_type = text->pdu_type;
	m.cmd = text->request;
	request(cx, &m, whole);
}

static const struct oto_pairing pairing = {
	.self_size = sizeof pairing,
	.note_size = sizeof(struct slmp_note),
	.scope = OTO_SCOPE_PAIR,
	.keyed = true,
	.repeats = true,
};

static const struct oto_analyzer cclink_tsn_slmp = {
	.self_size = sizeof cclink_tsn_slmp,
	.name = "cclink_tsn_slmp",
	.doc = "SLMP of CC-Link IE TSN",
	.keys = "udp/45238 udp/45239 cclink_ie.slmp/1",
	.channels = "cclink_tsn_slmp.command",
	.probe = slmp_probe,
	.pdu = slmp_pdu,
	.events = events,
	.nevents = sizeof events / sizeof *events,
	.pairing = &pairing,
};

OTO_ANALYZER(cclink_tsn_slmp);
