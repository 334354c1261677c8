/* cotp.c - ISO transport on TCP: TPKT packets (RFC 1006) with one COTP TPDU each (ISO 8073, RFC 905).
 *
 * Owns the framing, the TPDU's header fields and the putting together of data that comes in several DT TPDUs. It is a parent: whole
 * messages go to the children that claim the channel "cotp" (S7comm, MMS, RDP). Says nothing of what they mean.
 */
#include "cotp.h"

/* ------------------------------------------------------------------------------------------------ value tables */

/* ISO 8073 13.1: the upper half of the second octet; the words are ICSNPP's. */
enum { EA = 2, AK = 6, RJ = 5, ED = 1, ER = 7, DR = 8, DC = 12, CC = 13, CR = 14, DT = 15 };
static const struct oto_name pdu_rows[] = {
	{ DT, "DT Data", 0, "data" },
	{ CR, "CR Connection Request", 0, "opens a connection; names the two transport selectors" },
	{ CC, "CC Connection Confirm", 0, "accepts it" },
	{ DR, "DR Disconnect Request", 0, "refuses or closes it" },
	{ DC, "DC Disconnect Confirm", 0, "confirms the end" },
	{ ED, "ED Expedited Data", 0, "urgent data (not in class 0)" },
	{ EA, "EA Expedited Data Acknowledgement", 0, "confirms it" },
	{ RJ, "RJ Reject", 0, "asks for data again (not in class 0)" },
	{ AK, "AK Data Acknowledgement", 0, "confirms data (not in class 0)" },
	{ ER, "ER TPDU Error", 0, "a TPDU could not be understood" },
	{ 0, "Unknown COTP PDU-0x00", 0, NULL },
	{ 3, "Unknown COTP PDU-0x03", 0, NULL },
	{ 4, "Unknown COTP PDU-0x04", 0, NULL },
	{ 9, "Unknown COTP PDU-0x09", 0, NULL },
	{ 10, "Unknown COTP PDU-0x0a", 0, NULL },
	{ 11, "Unknown COTP PDU-0x0b", 0, NULL },
};
static const struct oto_names pdu_names = OTO_NAMES(pdu_rows);

static const struct oto_name code_rows[] = {
	{ 0, "0x00", 0, NULL },  { 1, "0x01", 0, NULL },  { 2, "0x02", 0, NULL },  { 3, "0x03", 0, NULL },
	{ 4, "0x04", 0, NULL },  { 5, "0x05", 0, NULL },  { 6, "0x06", 0, NULL },  { 7, "0x07", 0, NULL },
	{ 8, "0x08", 0, NULL },  { 9, "0x09", 0, NULL },  { 10, "0x0a", 0, NULL }, { 11, "0x0b", 0, NULL },
	{ 12, "0x0c", 0, NULL }, { 13, "0x0d", 0, NULL }, { 14, "0x0e", 0, NULL }, { 15, "0x0f", 0, NULL },
};
static const struct oto_names codes = OTO_NAMES(code_rows);

/* ISO 8073 13.5.3. */
static const struct oto_name reason_rows[] = {
	{ 0, "not specified", 0, NULL },
	{ 1, "congestion", 0, NULL },
	{ 2, "session entity not attached", 0, NULL },
	{ 3, "address unknown", 0, NULL },
	{ 128, "normal", 0, NULL },
	{ 129, "remote congestion", 0, NULL },
	{ 130, "negotiation failed", 0, NULL },
	{ 131, "duplicate source reference", 0, NULL },
	{ 132, "mismatched references", 0, NULL },
	{ 133, "protocol error", 0, NULL },
	{ 135, "reference overflow", 0, NULL },
	{ 136, "connection refused", 0, NULL },
	{ 138, "header length invalid", 0, NULL },
};
static const struct oto_names reasons = OTO_NAMES(reason_rows);

/* ISO 8073 13.12.3. */
static const struct oto_name cause_rows[] = {
	{ 0, "not specified", 0, NULL },
	{ 1, "invalid parameter code", 0, NULL },
	{ 2, "invalid TPDU type", 0, NULL },
	{ 3, "invalid parameter value", 0, NULL },
};
static const struct oto_names causes = OTO_NAMES(cause_rows);

/* ------------------------------------------------------------------------------------------------ the event */

struct cotp_pdu {
	struct oto_addr source_h, destination_h;
	uint16_t source_p, destination_p, dst_ref, src_ref, length;
	uint8_t pdu_code, pdu_name, class, options, reason, cause, number;
	uint32_t tpdu_size;
	struct oto_slice calling_tsap, called_tsap;
	bool eot, has_dst_ref, has_src_ref, has_class, has_reason, has_cause, has_number, has_eot, has_size, has_calling, has_called;
	const char *odd; /* what is wrong with it, a weird's name */
};

#define P(m, doc, ...) OTO_FIELD(struct cotp_pdu, m, doc, __VA_ARGS__)
#define P_IF(has) .guard = OTO_IF(struct cotp_pdu, has)
static const struct oto_field fields[] = {
	P(source_h, "sender"),
	P(source_p, "its port", .flags = OTO_PORT),
	P(destination_h, "receiver"),
	P(destination_p, "its port", .flags = OTO_PORT),
	P(pdu_code, "TPDU code", .names = &codes),
	P(pdu_name, "what the TPDU is", .names = &pdu_names),
	P(dst_ref, "the receiver's reference of the connection", P_IF(has_dst_ref)),
	P(src_ref, "the sender's reference of the connection", P_IF(has_src_ref)),
	P(class, "protocol class, 0 on TCP", P_IF(has_class)),
	P(options, "option bits", P_IF(has_class)),
	P(calling_tsap, "transport selector of who opens the connection", P_IF(has_calling)),
	P(called_tsap, "transport selector of who is called; S7 puts rack and slot into it", P_IF(has_called)),
	P(tpdu_size, "longest TPDU in bytes, proposed or accepted", P_IF(has_size)),
	P(reason, "why the connection ends", .names = &reasons, P_IF(has_reason)),
	P(cause, "what was not understood", .names = &causes, P_IF(has_cause)),
	P(number, "TPDU number", P_IF(has_number)),
	P(eot, "the last TPDU of a message", P_IF(has_eot)),
	P(length, "bytes of user data"),
};
static const struct oto_log logs[] = {
	{ .name = "cotp",
	  .doc = "ISO transport on TCP: every TPDU, ICSNPP's columns.",
	  .form = OTO_FORM_OFF,
	  .columns = "is_orig source_h source_p destination_h destination_p pdu_code pdu_name" },
	/* data is told by the protocol that it is of, and costs nothing here */
	{ .name = "cotp",
	  .doc = "ISO transport on TCP: how connections begin, end and fail, with their transport selectors.",
	  .form = OTO_FORM_AGGREGATE,
	  .flags = OTO_LOG_NOT_ZEEK,
	  .where = "pdu_code != 15",
	  .key = "orig_h resp_h resp_p is_orig pdu_code pdu_name calling_tsap called_tsap reason" },
};
static const struct oto_event_type pdu_type =
    OTO_EVENT("cotp.pdu", struct cotp_pdu, fields, "One COTP TPDU, the unit of ISO transport on TCP.", OTO_LOGS(logs));
static const struct oto_event_type *const events[] = { &pdu_type };
enum { EV_PDU };
enum { CHANNEL_COTP };

/* ------------------------------------------------------------------------------------------------ framing */

enum { TPKT_HEADER = 4, TPKT_VERSION = 3, TPKT_MIN = 7, PORT = 102, STRICT_LEN = 12 };
enum { EOT = 0x80 };

/* RFC 1006 6: version 3, a reserved zero, the length with these four bytes. */
static int64_t cotp_pdu_len(const struct oto_ctx *cx, struct oto_cur c)
{
	uint32_t left = oto_left(&c);
	uint8_t version = oto_u8(&c), reserved = oto_u8(&c);
	uint16_t length = oto_be16(&c);

	(void)cx;
	if ((left >= 1 && version != TPKT_VERSION) || (left >= 2 && reserved != 0))
		return -1;
	if (left < TPKT_HEADER)
		return 0;
	return length < TPKT_MIN ? -1 : length;
}

/* Parameter codes have their highest bit set (ISO 8073 13.3.4). RDP, which has an analyzer of its own, puts text or numbers there. */
static bool has_parameters(struct oto_cur c)
{
	oto_skip(&c, 3); /* source reference and class */
	return !oto_left(&c) || oto_u8(&c) & 0x80;
}

/* Does the TPDU fill its TPKT as class 0 wants it? */
static bool is_strict(struct oto_cur c, uint16_t length)
{
	uint8_t indicator = oto_u8(&c), code = oto_u8(&c);
	uint16_t dst_ref = oto_be16(&c);
	bool whole = indicator + TPKT_HEADER + 1u == length;

	switch (code >> 4) {
	case CR:
		return whole && indicator >= 6 && dst_ref == 0 && has_parameters(c);
	case CC:
	case DR:
		return whole && indicator >= 6;
	case DT: /* dst_ref holds end-of-TSDU, a zero number and the first data byte */
		return indicator == 2 && code == DT << 4 && length > TPKT_MIN && (dst_ref >> 8 & 0x7f) == 0;
	default:
		return false;
	}
}

static enum oto_answer cotp_probe(const struct oto_ctx *cx, struct oto_cur c)
{
	bool named = cx->head->has_ports && (cx->head->orig_p == PORT || cx->head->resp_p == PORT);
	int64_t length = cotp_pdu_len(cx, c);

	if (length <= 0)
		return length ? OTO_NOT_MINE : OTO_NEED_MORE;
	if (named)
		return OTO_MINE;
	if (oto_left(&c) < (length < STRICT_LEN ? length : STRICT_LEN))
		return OTO_NEED_MORE;
	oto_skip(&c, TPKT_HEADER);
	return is_strict(c, (uint16_t)length) ? OTO_MINE : OTO_NOT_MINE;
}

/* ------------------------------------------------------------------------------------------------ TPDUs */

static void take_refs(struct cotp_pdu *p, struct oto_cur *c)
{
	p->dst_ref = oto_be16(c);
	p->src_ref = oto_be16(c);
	p->has_dst_ref = p->has_src_ref = !c->bad;
}

/* ISO 8073 13.3.4: code, length, value. RDP puts a line of text here, which is not looked into. */
static void take_parameters(struct cotp_pdu *p, struct oto_cur c)
{
	enum { IS_CODE = 0x80 };
	struct oto_cur first = c;
	bool ours = oto_u8(&first) & IS_CODE;

	while (oto_left(&c)) {
		uint8_t code = oto_u8(&c);
		struct oto_slice value = oto_take(&c, oto_u8(&c));
		if (c.bad) {
			p->odd = ours ? "bad_parameters" : NULL;
			return;
		}
		if (code == 0xc1) {
			p->calling_tsap = value;
			p->has_calling = true;
		} else if (code == 0xc2) {
			p->called_tsap = value;
			p->has_called = true;
		} else if (code == 0xc0 && value.len == 1 && value.data[0] >= 7 && value.data[0] <= 13) {
			p->tpdu_size = 1u << value.data[0];
			p->has_size = true;
		}
	}
}

static void take_connection(struct cotp_pdu *p, struct oto_cur *c)
{
	take_refs(p, c);
	uint8_t class = oto_u8(c);
	p->class = class >> 4;
	p->options = class & 15;
	p->has_class = !c->bad;
	take_parameters(p, *c);
}

/* Class 0 and 1 have no reference in data: ISO 8073 13.7. */
static void take_data(struct cotp_pdu *p, struct oto_cur *c)
{
	if (oto_left(c) > 1) {
		p->dst_ref = oto_be16(c);
		p->has_dst_ref = true;
	}
	uint8_t number = oto_u8(c);
	p->number = number & (EOT - 1);
	p->eot = number & EOT;
	p->has_number = p->has_eot = !c->bad;
}

static void take_header(struct cotp_pdu *p, struct oto_cur *c)
{
	switch (p->pdu_code) {
	case CR:
	case CC:
		take_connection(p, c);
		break;
	case DR:
		take_refs(p, c);
		p->reason = oto_u8(c);
		p->has_reason = !c->bad;
		break;
	case DC:
		take_refs(p, c);
		break;
	case ED:
	case DT:
		take_data(p, c);
		break;
	case AK:
	case EA:
	case RJ:
		p->dst_ref = oto_be16(c);
		p->number = oto_u8(c) & (EOT - 1);
		p->has_dst_ref = p->has_number = !c->bad;
		break;
	case ER:
		p->dst_ref = oto_be16(c);
		p->cause = oto_u8(c);
		p->has_dst_ref = p->has_cause = !c->bad;
		break;
	default:
		p->odd = "unknown_tpdu";
	}
}

static void speak(struct oto_ctx *cx, struct cotp_pdu *p)
{
	const struct oto_head *h = cx->head;

	if (!oto_heard(cx, EV_PDU, p))
		return;
	p->source_h = oto_sender(cx);
	p->destination_h = cx->is_orig ? h->resp_h : h->orig_h;
	p->source_p = oto_source_port(cx);
	p->destination_p = oto_dest_port(cx);
	oto_emit(cx, EV_PDU, p);
}

/* The selectors of a connection, as children get them; of each direction, whether a message has begun. */
struct cotp_flow {
	uint64_t key;
	bool named, begun[2];
};

/* As STEP 7 writes it: one route, the lengths of its parts, the parts; the last stands at the end of the selector, whatever lies between.
 */
static bool take_route(struct oto_slice tsap, struct cotp_route *route)
{
	enum { ROUTES = 1, PLACE = 2 };
	struct oto_cur c = oto_cur_of(tsap);
	bool one = oto_u8(&c) == ROUTES;
	uint8_t subnet = oto_u8(&c), address = oto_u8(&c), place = oto_u8(&c);

	if (!one || subnet != sizeof route->subnet || !address || address > sizeof route->address || place != PLACE)
		return false;
	struct oto_slice net = oto_take(&c, subnet), station = oto_take(&c, address);
	if (oto_left(&c) < PLACE)
		return false;
	memcpy(route->subnet, net.data, net.len);
	memcpy(route->address, station.data, station.len);
	route->address_len = address;
	oto_skip(&c, oto_left(&c) - PLACE);
	route->kind = oto_u8(&c);
	route->place = oto_u8(&c);
	return true;
}

/* Two bytes, or a selector as long as a route's that leads nowhere: they stand at its end. */
static bool take_selector(struct oto_slice tsap, uint16_t *selector)
{
	static const uint8_t no_route[] = { 1, 0, 0, 2 };
	struct oto_cur c = oto_cur_of(tsap);

	if (tsap.len > 2 && (tsap.len < sizeof no_route + 2 || memcmp(tsap.data, no_route, sizeof no_route) != 0))
		return false;
	oto_skip(&c, tsap.len > 2 ? tsap.len - 2 : 0);
	*selector = oto_be16(&c);
	return !c.bad;
}

static void note_route(struct oto_ctx *cx, struct oto_slice tsap)
{
	struct cotp_flow *flow = cx->state;
	struct cotp_route route = { 0 };

	if (!take_route(tsap, &route))
		return;
	flow->key = oto_text_key(tsap) | COTP_ROUTED;
	flow->key &= ~(COTP_HAS_CALLED | COTP_HAS_CALLING);
	struct cotp_route *kept = oto_remember(cx, &cotp_routes, flow->key);
	if (kept)
		*kept = route;
}

static void note_selectors(struct oto_ctx *cx, const struct cotp_pdu *p)
{
	struct cotp_flow *flow = cx->state;

	if (p->pdu_code != CR && (p->pdu_code != CC || flow->key))
		return;
	flow->key = 0;
	note_route(cx, p->called_tsap);
	if (flow->key)
		return;
	uint16_t called, calling;
	if (take_selector(p->called_tsap, &called))
		flow->key |= COTP_HAS_CALLED | called;
	if (take_selector(p->calling_tsap, &calling))
		flow->key |= COTP_HAS_CALLING | (uint64_t)calling << 16;
}

/* OSI's session in front of presentation (ISO 8327-1 8.3, ISO 8823): in a plant that is MMS. CONNECT or ACCEPT with the connect/accept item
 * first, or GIVE TOKENS and DATA TRANSFER before presentation's user data. */
static bool is_session(struct oto_slice message)
{
	enum { CONNECT = 0x0d, ACCEPT = 0x0e, CONNECT_ITEM = 0x05, USER_DATA = 0x61 };
	struct oto_cur c = oto_cur_of(message);
	uint8_t spdu = oto_u8(&c);

	if (spdu == CONNECT || spdu == ACCEPT) {
		uint8_t length = oto_u8(&c);
		oto_skip(&c, length == 0xff ? 2 : 0);
		return oto_u8(&c) == CONNECT_ITEM && !c.bad;
	}
	return spdu == 1 && oto_be24(&c) == 0x000100 && oto_u8(&c) == USER_DATA && !c.bad;
}

static void name_session(struct oto_ctx *cx, struct oto_slice message)
{
	struct cotp_flow *flow = cx->state;

	if (flow->named || !is_session(message))
		return;
	flow->named = true;
	oto_service(cx, "mms");
}

/* A TPDU's data; most messages are in one. */
static void pass_on(struct oto_ctx *cx, struct oto_slice data, bool eot)
{
	struct cotp_flow *flow = cx->state;
	bool *begun = &flow->begun[cx->is_orig];

	if (!eot || *begun)
		data = oto_assemble(cx, data, eot);
	*begun = !eot;
	if (!data.len)
		return;
	name_session(cx, data);
	oto_deliver(cx, CHANNEL_COTP, flow->key, data);
}

/* Nearly all TPDUs are data of class 0. Who only counts leaves them out, see above: they are not even offered. */
static bool pass_plain(struct oto_ctx *cx, struct oto_cur *c)
{
	enum { INDICATOR = 2, HEAD = TPKT_HEADER + INDICATOR + 1 };
	static const struct cotp_pdu plain = { .pdu_code = DT };
	const uint8_t *head = c->at;

	if (oto_left(c) < HEAD || head[TPKT_HEADER] != INDICATOR || head[TPKT_HEADER + 1] >> 4 != DT)
		return false;
	if (oto_single(cx, EV_PDU) && oto_heard(cx, EV_PDU, &plain))
		return false;
	oto_skip(c, HEAD);
	pass_on(cx, oto_rest(c), head[HEAD - 1] & EOT);
	return true;
}

static void cotp_pdu(struct oto_ctx *cx, struct oto_cur *c)
{
	if (pass_plain(cx, c))
		return;
	struct cotp_pdu p = { 0 };
	struct oto_slice whole = { c->start, (uint32_t)(c->end - c->start) };

	oto_skip(c, TPKT_HEADER);
	uint8_t indicator = oto_u8(c), code = oto_u8(c);
	if (c->bad)
		return;
	if (!indicator) { /* no header, so no TPDU */
		oto_weird(cx, "no_tpdu", whole);
		return;
	}
	uint32_t header_len = indicator - 1u;
	if (header_len > oto_left(c)) {
		p.odd = "bad_length_indicator";
		header_len = oto_left(c);
	}
	struct oto_cur header = oto_sub(c, header_len);
	struct oto_slice data = oto_rest(c);

	p.pdu_code = p.pdu_name = code >> 4;
	p.length = (uint16_t)data.len;
	take_header(&p, &header);
	if (header.bad && !p.odd)
		p.odd = "bad_length_indicator";
	note_selectors(cx, &p);
	speak(cx, &p);
	if (p.odd)
		oto_weird(cx, p.odd, whole);
	if (p.pdu_code == DT && p.has_eot)
		pass_on(cx, data, p.eot);
}

static const struct oto_analyzer cotp = {
	.self_size = sizeof cotp,
	.flags = OTO_ANY_PORT,
	.name = "cotp",
	.doc = "ISO transport on TCP: TPKT and COTP",
	.keys = "tcp/102",
	.channels = "cotp",
	.probe = cotp_probe,
	.pdu_len = cotp_pdu_len,
	.pdu = cotp_pdu,
	.state_size = sizeof(struct cotp_flow),
	.events = events,
	.nevents = sizeof events / sizeof *events,
};

OTO_ANALYZER(cotp);
