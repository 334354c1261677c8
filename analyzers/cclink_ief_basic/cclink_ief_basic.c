/* cclink_ief_basic.c - CC-Link IE Field Basic: cyclic data over UDP.
 *
 * Owns the cyclic request and response, and cclink-ief-basic.log. Knows nothing of what the cyclic data mean, nor of the SLMP node search
 * with which stations are found: that is slmp's. Layouts as in NTT's capture, whose words these are.
 */
#include "oto_plugin.h"

#include <stdio.h>

#define MINUTE INT64_C(60000000000)

enum { CYCLIC = 0x0e70 };
static const struct oto_name command_rows[] = {
	{ CYCLIC, "cyclic", OTO_OP_CYCLIC,
	  "the master sets the outputs of a group of stations and asks for their inputs, every link scan" },
};
static const struct oto_names commands = OTO_NAMES(command_rows);

/* 80CF is how NTT's parser writes stop; CFxx are the codes of the specification. */
static const struct oto_name end_code_rows[] = {
	{ 0x0000, "normal", 0, NULL },
	{ 0x80cf, "stop", 0, "the station stopped exchanging data" },
	{ 0xcfe0, "master_duplication", 0, "the station already has another master" },
	{ 0xcfe1, "wrong_occupied_stations", 0, "the station counts other occupied stations than the master" },
	{ 0xcff0, "station_error", 0, "the station has an error of its own" },
	{ 0xcfff, "station_leaves", 0, "the station asks to be left out" },
};
static const struct oto_names end_codes = OTO_NAMES(end_code_rows);

/* ------------------------------------------------------------------------------------------------ events */

struct iefb_request {
	const char *pdu, *cmd;
	struct oto_addr master, first_station;
	uint64_t clock_ms;
	uint16_t command, protocol_version, sequence, timeout_ms, timeouts, parameter, stations, transmission;
	uint8_t group;
	bool operating;
};
#define Q(m, doc_, ...) OTO_FIELD(struct iefb_request, m, doc_, __VA_ARGS__)
static const struct oto_field request_fields[] = {
	Q(pdu, "cyclicDataReq"),
	Q(cmd, "command, as NTT's log writes it"),
	Q(command, "command", .names = &commands),
	Q(protocol_version, "version of the protocol"),
	Q(operating, "the master's application runs"),
	Q(clock_ms, "the master's clock, milliseconds since 1970, often of local time"),
	Q(master, "address that the master gives as its own"),
	Q(group, "group of stations"),
	Q(sequence, "number of the frame"),
	Q(timeout_ms, "time after which a station misses the master, in milliseconds"),
	Q(timeouts, "missed answers after which the master gives a station up"),
	Q(parameter, "number of the parameters in force"),
	Q(stations, "stations that the group occupies"),
	Q(transmission, "a bit for each station that takes part, the first lowest"),
	Q(first_station, "address of the first station"),
};
struct iefb_response {
	const char *pdu, *cmd;
	struct oto_addr station;
	uint32_t model_code, management;
	uint16_t protocol_version, end_code, vendor_code, version, error, sequence;
	uint8_t group;
	bool operating;
};
#define R(m, doc_, ...) OTO_FIELD(struct iefb_response, m, doc_, __VA_ARGS__)
static const struct oto_field response_fields[] = {
	R(pdu, "cyclicDataRes"),
	R(cmd, "always absent: a response repeats no command"),
	R(protocol_version, "version of the protocol"),
	R(end_code, "why the station does not take part; 0 when it does", .names = &end_codes),
	R(vendor_code, "vendor code of the CC-Link Partner Association"),
	R(model_code, "the vendor's code of the model"),
	R(version, "version of the device"),
	R(operating, "the station's application runs"),
	R(error, "error code of the station"),
	R(management, "the station's own management information"),
	R(station, "address that the station gives as its own"),
	R(group, "group of stations"),
	R(sequence, "number of the request's frame"),
};
#define BASIC_LOG                                                                                                                          \
	{                                                                                                                                  \
		{ .name = "cclink-ief-basic",                                                                                              \
		  .doc = "CC-Link IE Field Basic: who exchanges cyclic data with whom, how often.",                                        \
		  .columns = "pdu cmd",                                                                                                    \
		  .key = "uid orig_h orig_p resp_h resp_p pdu cmd",                                                                        \
		  .form = OTO_FORM_AGGREGATE },                                                                                            \
	}
static const struct oto_log request_logs[] = BASIC_LOG, response_logs[] = BASIC_LOG;
static const struct oto_event_type request_event = OTO_EVENT("cclink_ief_basic.request", struct iefb_request, request_fields,
							     "A master sends outputs to a group of stations.", OTO_LOGS(request_logs));
static const struct oto_event_type response_event = OTO_EVENT("cclink_ief_basic.response", struct iefb_response, response_fields,
							      "A station answers with its inputs.", OTO_LOGS(response_logs));

static const struct oto_event_type *const events[] = { &request_event, &response_event };
enum { EV_REQUEST, EV_RESPONSE };

/* Cyclic data are spoken of once a minute, an error of a station when it changes. */
struct iefb_state {
	struct iefb_side {
		int64_t spoken_ns, facts_ns;
		uint16_t end_code;
	} side[2];
};

/* ------------------------------------------------------------------------------------------------ the SLMP envelope */

enum { REQUEST_3E = 0x5000, RESPONSE_3E = 0xd000 };
struct envelope {
	uint16_t command;
	bool response;
};

/* The cursor then covers what follows the command; of a response, what follows a reserved word where other SLMP responses have their end
 * code. */
static bool open_envelope(struct oto_cur *c, struct envelope *e)
{
	uint16_t subheader = oto_be16(c);

	if (subheader != REQUEST_3E && subheader != RESPONSE_3E)
		return false;
	e->response = subheader == RESPONSE_3E;
	oto_skip(c, 5);
	uint16_t length = oto_le16(c);
	*c = oto_sub(c, length);
	oto_skip(c, 2);
	if (!e->response) {
		e->command = oto_le16(c);
		oto_skip(c, 2);
	}
	return !c->bad;
}

static enum oto_answer iefb_probe(const struct oto_ctx *cx, struct oto_cur c)
{
	enum { RESPONSE_MIN = 48 };
	struct envelope e = { 0 };

	(void)cx;
	if (!open_envelope(&c, &e))
		return OTO_NOT_MINE;
	return (e.response ? oto_left(&c) >= RESPONSE_MIN : e.command == CYCLIC) ? OTO_MINE : OTO_NOT_MINE;
}

/* ------------------------------------------------------------------------------------------------ cyclic data */

/* Addresses are sent lowest byte first. */
static struct oto_addr take_address(struct oto_cur *c)
{
	struct oto_slice s = oto_take(c, 4);
	struct oto_addr a = { .family = OTO_FAMILY_NONE };

	for (uint32_t i = 0; i < s.len; i++) {
		a.byte[i] = s.data[s.len - 1 - i];
		a.family = a.family || a.byte[i] ? OTO_FAMILY_IPV4 : OTO_FAMILY_NONE;
	}
	return a;
}

static struct oto_operation cyclic_operation(uint8_t group)
{
	return (struct oto_operation){ .self_size = sizeof(struct oto_operation),
				       .op = OTO_OP_CYCLIC,
				       .func = "cyclic",
				       .func_code = CYCLIC,
				       .target = { .space = "group", .first = group, .count = 1 } };
}

static struct iefb_side *side_of(struct oto_ctx *cx)
{
	return &((struct iefb_state *)cx->state)->side[cx->is_orig];
}

static void cyclic_request(struct oto_ctx *cx, struct oto_cur *c)
{
	struct iefb_request q = { .pdu = "cyclicDataReq", .cmd = "cyclic", .command = CYCLIC };
	struct iefb_side *side = side_of(cx);

	q.protocol_version = oto_le16(c);
	oto_skip(c, 18);
	q.operating = oto_le16(c) & 1;
	oto_skip(c, 2);
	q.clock_ms = oto_le64(c);
	q.master = take_address(c);
	q.group = oto_u8(c);
	oto_skip(c, 1);
	q.sequence = oto_le16(c);
	q.timeout_ms = oto_le16(c);
	q.timeouts = oto_le16(c);
	q.parameter = oto_le16(c);
	q.stations = oto_le16(c);
	q.transmission = oto_le16(c);
	oto_skip(c, 2);
	if (q.stations)
		q.first_station = take_address(c);
	if (c->bad)
		return;
	oto_emit(cx, EV_REQUEST, &q);
	if (side->spoken_ns && cx->head->ts.ns - side->spoken_ns < MINUTE)
		return;
	side->spoken_ns = cx->head->ts.ns;
	struct oto_operation o = cyclic_operation(q.group);
	oto_operation(cx, &o);
}

static void tell_number(struct oto_ctx *cx, struct oto_fact *fact, const char *key, uint32_t value, int digits)
{
	enum { ROOM = 16 };
	char *text = oto_scratch(cx, ROOM);

	if (!text || !value)
		return;
	snprintf(text, ROOM, "0x%0*x", digits, value);
	fact->key = key;
	fact->value = oto_slice_of(text);
	oto_fact(cx, fact);
}

static void cyclic_response(struct oto_ctx *cx, struct oto_cur *c)
{
	struct iefb_response r = { .pdu = "cyclicDataRes" };
	struct iefb_side *side = side_of(cx);

	r.protocol_version = oto_le16(c);
	r.end_code = oto_le16(c);
	oto_skip(c, 16);
	r.vendor_code = oto_le16(c);
	oto_skip(c, 2);
	r.model_code = oto_le32(c);
	r.version = oto_le16(c);
	oto_skip(c, 2);
	r.operating = oto_le16(c) & 1;
	r.error = oto_le16(c);
	r.management = oto_le32(c);
	r.station = take_address(c);
	r.group = oto_u8(c);
	oto_skip(c, 1);
	r.sequence = oto_le16(c);
	if (c->bad)
		return;
	oto_emit(cx, EV_RESPONSE, &r);
	if (r.end_code != side->end_code) {
		const struct oto_name *why = oto_name_of(&end_codes, r.end_code);
		struct oto_match none = { .self_size = sizeof none };
		struct oto_operation o = cyclic_operation(r.group);
		oto_outcome(cx, &none, r.end_code ? OTO_OUTCOME_ERROR : OTO_OUTCOME_OK, r.end_code ? (why ? why->name : "end code") : NULL,
			    &o);
		side->end_code = r.end_code;
	}
	if (side->facts_ns && cx->head->ts.ns - side->facts_ns < MINUTE)
		return;
	side->facts_ns = cx->head->ts.ns;
	struct oto_fact fact = { .self_size = sizeof fact, .confidence = 100 };
	tell_number(cx, &fact, "vendor_code", r.vendor_code, 4);
	tell_number(cx, &fact, "model_code", r.model_code, 8);
	tell_number(cx, &fact, "device_version", r.version, 4);
}

/* ------------------------------------------------------------------------------------------------ the analyzer */

static void iefb_pdu(struct oto_ctx *cx, struct oto_cur *c)
{
	struct oto_slice whole = { c->at, oto_left(c) };
	struct envelope e = { 0 };
	struct oto_cur in = *c;

	if (!open_envelope(&in, &e)) {
		if (in.bad)
			c->bad = true;
		else
			oto_weird(cx, "unknown_subheader", whole);
		return;
	}
	if (e.response)
		cyclic_response(cx, &in);
	else if (e.command == CYCLIC)
		cyclic_request(cx, &in);
	else
		oto_weird(cx, "unknown_command", whole);
	c->bad |= in.bad;
}

static const struct oto_analyzer cclink_ief_basic = {
	.self_size = sizeof cclink_ief_basic,
	.name = "cclink_ief_basic",
	.doc = "CC-Link IE Field Basic",
	.keys = "udp/61450",
	.probe = iefb_probe,
	.pdu = iefb_pdu,
	.state_size = sizeof(struct iefb_state),
	.events = events,
	.nevents = sizeof events / sizeof *events,
};

OTO_ANALYZER(cclink_ief_basic);
