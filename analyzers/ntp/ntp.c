/* ntp.c - Network Time Protocol, versions 1 to 4 (RFC 5905, RFC 1305), its control messages (mode 6, RFC 9327) and ntpd's private ones
 * (mode 7): who tells the time to whom, how far from the source, and who asks a daemon for more than the time.
 *
 * Owns ntp.message, ntp.control and ntp.private. A server's answer repeats the client's transmit time: that pairs them.
 */
#include "ntp_tables.h"

#include "../say.h"

enum { EXTENSION_MIN = 16, MAC_MAX = 24, KISS_OF_DEATH = 0, PRIMARY = 1, STRATUM_MAX = 15 };
#define EPOCH INT64_C(2208988800) /* NTP counts from 1900 */
#define NS INT64_C(1000000000)

/* ------------------------------------------------------------------------------------------------ ntp.message */

struct ntp_event {
	struct oto_time ref_time, org_time, rec_time, xmt_time;
	struct oto_interval poll, precision, root_delay, root_disp, latency, clock_offset;
	struct oto_slice ref_id;
	uint32_t key_id, num_exts;
	uint8_t leap, version, mode, mode_name, stratum;
	bool has_mac, matched, has_offset;
};

#define M(m, doc_, ...) OTO_FIELD(struct ntp_event, m, doc_, __VA_ARGS__)
#define M_IF(m, has, doc_, ...) M(m, doc_, .guard = OTO_IF(struct ntp_event, has), __VA_ARGS__)
static const struct oto_field message_fields[] = {
	M(version, "version number"),
	M(mode, "mode, 1 to 5"),
	M(mode_name, "what the mode stands for", .names = &ntp_modes),
	M(leap, "leap indicator", .names = &ntp_leaps),
	M(stratum, "how far from a reference clock: 1 has one, 0 says nothing, 16 is not synchronized"),
	M(poll, "longest time between messages"),
	M(precision, "of the sender's clock"),
	M(root_delay, "round trip to the reference clock"),
	M(root_disp, "dispersion to the reference clock"),
	M(ref_id, "stratum 0: kiss code; stratum 1: reference clock; above: its server's IPv4 address, or a part of IPv6's MD5 hash"),
	M(ref_time, "when the clock was last set"),
	M(org_time, "in an answer, the client's time when it asked"),
	M(rec_time, "in an answer, when the question came"),
	M(xmt_time, "when this was sent"),
	M(num_exts, "number of extension fields"),
	M_IF(key_id, has_mac, "key that authenticates the message"),
	M(matched, "an answer to a question of this flow"),
	M_IF(latency, matched, "time since that question"),
	M_IF(clock_offset, has_offset, "a server's clock less the capture's"),
};
static const struct oto_log message_logs[] = {
	{ .name = "ntp",
	  .doc = "A row per message that tells the time or asks for it.",
	  .columns = "version mode stratum poll precision root_delay root_disp ref_id ref_time org_time rec_time xmt_time num_exts",
	  .extra = "leap key_id latency clock_offset",
	  .form = OTO_FORM_DETAIL },
};
static const struct oto_event_type message_event =
    OTO_EVENT("ntp.message", struct ntp_event, message_fields, "A message that tells the time or asks for it.", OTO_LOGS(message_logs));

/* ------------------------------------------------------------------------------------------------ ntp.control, ntp.private */

struct ntp_control {
	struct oto_slice data;
	uint16_t sequence, status, association, offset;
	uint8_t version, opcode;
	bool response, error, more, has_data;
};

#define C(m, doc_, ...) OTO_FIELD(struct ntp_control, m, doc_, __VA_ARGS__)
static const struct oto_field control_fields[] = {
	C(version, "version number"),
	C(opcode, "what is asked", .names = &ntp_control_opcodes),
	C(response, "the daemon's answer"),
	C(error, "it refuses"),
	C(more, "more of the answer follows"),
	C(sequence, "joins answer and question"),
	C(status, "status word of the system, the association or the clock"),
	C(association, "which association; 0 is the system"),
	C(offset, "where this piece of the answer belongs"),
	C(data, "variables as text; those that are written are not shown", .guard = OTO_IF(struct ntp_control, has_data)),
};
static const struct oto_event_type control_event =
    OTO_EVENT("ntp.control", struct ntp_control, control_fields, "A control message (mode 6): a daemon's variables are read or changed.");

struct ntp_private {
	uint16_t items;
	uint8_t version, implementation, request, error;
	bool response, authenticated, more;
};

#define P(m, doc_, ...) OTO_FIELD(struct ntp_private, m, doc_, __VA_ARGS__)
static const struct oto_field private_fields[] = {
	P(version, "version number"),
	P(request, "what is asked", .names = &ntp_private_requests),
	P(implementation, "whose request codes: 3 is ntpd's"),
	P(response, "the daemon's answer"),
	P(authenticated, "the message carries a key"),
	P(more, "more of the answer follows"),
	P(error, "how it went", .names = &ntp_private_errors),
	P(items, "number of items"),
};
static const struct oto_event_type private_event =
    OTO_EVENT("ntp.private", struct ntp_private, private_fields, "One of ntpd's private messages (mode 7).");

static const struct oto_event_type *const events[] = { &message_event, &control_event, &private_event };
enum { EV_MESSAGE, EV_CONTROL, EV_PRIVATE };

/* ------------------------------------------------------------------------------------------------ numbers */

/* A time of zero is "not known", and stays zero. */
static struct oto_time timestamp(uint64_t wire)
{
	int64_t seconds = (int64_t)(wire >> 32), fraction = (int64_t)((wire & UINT32_MAX) * (uint64_t)NS >> 32);

	return (struct oto_time){ wire ? (seconds - EPOCH) * NS + fraction : 0 };
}

static struct oto_interval short_time(uint32_t wire)
{
	return (struct oto_interval){ (int64_t)((uint64_t)wire * (uint64_t)NS >> 16) };
}

/* Two to the power of a signed byte, in seconds; what 64 bits of nanoseconds do not hold is their end. */
static struct oto_interval power_of_two(int8_t exponent)
{
	if (exponent > 33)
		return (struct oto_interval){ INT64_MAX };
	return (struct oto_interval){ exponent >= 0 ? NS << exponent : exponent > -31 ? NS >> -exponent : 0 };
}

static struct oto_slice reference(struct oto_ctx *cx, uint8_t stratum, struct oto_slice id)
{
	struct oto_cur c = oto_cur_of(id);

	if (stratum <= PRIMARY)
		return id;
	struct oto_addr a = oto_take_ipv4(&c);
	return say_addr(cx, &a);
}

/* ------------------------------------------------------------------------------------------------ time */

struct ntp_flow {
	uint16_t told; /* one more than the stratum that was told of the server */
};

static void server_facts(struct oto_ctx *cx, const struct ntp_event *m)
{
	struct ntp_flow *flow = cx->state;

	if (m->stratum == KISS_OF_DEATH || m->stratum > STRATUM_MAX || flow->told == m->stratum + 1u)
		return;
	flow->told = (uint16_t)(m->stratum + 1);
	say_fact(cx, "role", oto_slice_of("ntp server"), SAY_STATED);
	say_fact(cx, "ntp_stratum", say_text(cx, 3, "%u", m->stratum), SAY_STATED);
	say_fact(cx, "ntp_reference", say_string(m->ref_id), SAY_STATED);
}

/* RFC 7822: what is left and longer than a MAC can be is extension fields, each with its length. */
static uint32_t skip_extensions(struct oto_cur *c)
{
	uint32_t n = 0;

	while (oto_left(c) > MAC_MAX) {
		struct oto_cur ahead = *c;
		oto_skip(&ahead, 2);
		uint16_t len = oto_be16(&ahead);
		if (len < EXTENSION_MIN || len % 4 || len > oto_left(c))
			break;
		oto_skip(c, len);
		n++;
	}
	return n;
}

static void pair(struct oto_ctx *cx, struct ntp_event *m, uint64_t org, uint64_t xmt)
{
	struct oto_match match;

	if (m->mode == NTP_CLIENT || m->mode == NTP_SYMMETRIC_ACTIVE) {
		oto_request(cx, xmt, NULL);
	} else if (m->mode != NTP_BROADCAST) {
		oto_response(cx, org, &match);
		m->matched = match.found;
		m->latency = match.latency;
	}
}

static void time_message(struct oto_ctx *cx, struct oto_cur *c, uint8_t first)
{
	struct ntp_event m = { .leap = first >> 6, .version = first >> 3 & 7, .mode = first & 7, .mode_name = first & 7 };

	m.stratum = oto_u8(c);
	m.poll = power_of_two((int8_t)oto_u8(c));
	m.precision = power_of_two((int8_t)oto_u8(c));
	m.root_delay = short_time(oto_be32(c));
	m.root_disp = short_time(oto_be32(c));
	struct oto_slice id = oto_take(c, 4);
	m.ref_time = timestamp(oto_be64(c));
	uint64_t org = oto_be64(c), rec = oto_be64(c), xmt = oto_be64(c);
	if (c->bad)
		return;
	m.ref_id = reference(cx, m.stratum, id);
	m.org_time = timestamp(org);
	m.rec_time = timestamp(rec);
	m.xmt_time = timestamp(xmt);
	m.num_exts = skip_extensions(c);
	/* the key's identifier, then 16 or 20 bytes of digest (RFC 5905 7.3), which nobody needs to see */
	m.has_mac = oto_left(c) == 20 || oto_left(c) == MAC_MAX;
	m.key_id = m.has_mac ? oto_be32(c) : 0;
	pair(cx, &m, org, xmt);
	bool server = m.mode == NTP_SERVER || m.mode == NTP_BROADCAST;
	m.has_offset = server && xmt;
	m.clock_offset.ns = m.has_offset ? m.xmt_time.ns - cx->head->ts.ns : 0;
	oto_emit(cx, EV_MESSAGE, &m);
	if (server)
		server_facts(cx, &m);
}

/* ------------------------------------------------------------------------------------------------ control */

/* The next of `name="value", name=value`; commas may be within quotes. */
static struct oto_slice next_variable(struct oto_slice *data)
{
	uint32_t quotes = 0, end = 0;

	while (data->len && (data->data[0] <= ' ' || data->data[0] == ','))
		*data = say_from(*data, 1);
	while (end < data->len && (quotes % 2 || data->data[end] != ','))
		quotes += data->data[end++] == '"';
	struct oto_slice item = say_first(*data, end);
	*data = say_from(*data, end);
	return item;
}

static struct oto_slice variable(struct oto_slice data, const char *name)
{
	while (data.len) {
		struct oto_slice item = next_variable(&data);
		uint32_t equals = say_find(item, '=');
		if (!say_is(say_trim(say_first(item, equals)), name))
			continue;
		item = say_trim(say_from(item, equals + 1));
		if (item.len >= 2 && item.data[0] == '"' && item.data[item.len - 1] == '"')
			item = say_first(say_from(item, 1), item.len - 2);
		return item;
	}
	return (struct oto_slice){ 0 };
}

/* Configuration that is written may hold keys: only what a daemon says itself is shown. */
static void control_message(struct oto_ctx *cx, struct oto_cur *c, uint8_t first)
{
	struct ntp_control m = { .version = first >> 3 & 7 };
	uint8_t second = oto_u8(c);

	m.response = second & 0x80;
	m.error = second & 0x40;
	m.more = second & 0x20;
	m.opcode = second & 0x1f;
	m.sequence = oto_be16(c);
	m.status = oto_be16(c);
	m.association = oto_be16(c);
	m.offset = oto_be16(c);
	struct oto_slice data = say_trim(oto_take(c, oto_be16(c)));
	if (c->bad)
		return;
	m.data = data;
	m.has_data = m.response && data.len;
	oto_emit(cx, EV_CONTROL, &m);
	if (!m.response || m.error || m.association)
		return;
	say_fact(cx, "software", variable(data, "version"), SAY_SURE);
	say_fact(cx, "os", variable(data, "system"), SAY_SURE);
	say_fact(cx, "processor", variable(data, "processor"), SAY_SURE);
}

static void private_message(struct oto_ctx *cx, struct oto_cur *c, uint8_t first)
{
	struct ntp_private m = { .response = first & 0x80, .more = first & 0x40, .version = first >> 3 & 7 };

	m.authenticated = oto_u8(c) & 0x80;
	m.implementation = oto_u8(c);
	m.request = oto_u8(c);
	uint16_t items = oto_be16(c);
	m.error = (uint8_t)(items >> 12);
	m.items = items & 0xfff;
	if (!c->bad)
		oto_emit(cx, EV_PRIVATE, &m);
}

static void ntp_pdu(struct oto_ctx *cx, struct oto_cur *c)
{
	struct oto_slice whole = { c->at, oto_left(c) };
	uint8_t first = oto_u8(c);

	switch (first & 7) {
	case 0:
		oto_weird(cx, "reserved_mode", whole);
		break;
	case NTP_CONTROL:
		control_message(cx, c, first);
		break;
	case NTP_PRIVATE:
		private_message(cx, c, first);
		break;
	default:
		time_message(cx, c, first);
	}
}

static enum oto_answer ntp_probe(const struct oto_ctx *cx, struct oto_cur c)
{
	(void)cx;
	uint8_t version = oto_u8(&c) >> 3 & 7;

	return !c.bad && version >= 1 && version <= 4 ? OTO_MINE : OTO_NOT_MINE;
}

static const struct oto_pairing pairing = {
	.self_size = sizeof pairing,
	.scope = OTO_SCOPE_FLOW,
	.keyed = true,
};

static const struct oto_analyzer ntp = {
	.self_size = sizeof ntp,
	.name = "ntp",
	.doc = "Network Time Protocol with its control messages",
	.keys = "udp/123",
	.probe = ntp_probe,
	.pdu = ntp_pdu,
	.state_size = sizeof(struct ntp_flow),
	.events = events,
	.nevents = sizeof events / sizeof *events,
	.pairing = &pairing,
};

OTO_ANALYZER(ntp);
