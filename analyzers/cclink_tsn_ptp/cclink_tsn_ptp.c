/* cclink_tsn_ptp.c - the clock synchronization of CC-Link IE TSN: PTP over Ethernet with a major SDO identifier other than 0.
 *
 * Owns the PTP header of those frames and cclink-ie-tsn-ptp.log. Leaves alone what plain IEEE 1588 sends: its major SDO identifier is 0.
 * What other users of IEEE 802.1AS send looks the same and is taken for CC-Link's. Clauses are those of IEEE 1588-2019.
 */
#include "oto_plugin.h"

enum { PTP_ANNOUNCE = 11, PTP_SIGNALING = 12, PTP_MANAGEMENT = 13, PTP_VERSION = 2, HEADER = 34 };

/* 13.3.2.3; the words are NTT's, who has none for the last two. */
static const struct oto_name message_rows[] = {
	{ 0, "ptpSync", OTO_OP_NONE, "the master's clock, several times a second" },
	{ 8, "ptpFollowUp", OTO_OP_NONE, "the precise time of the last ptpSync" },
	{ 2, "ptpPdelayReq", OTO_OP_NONE, "a port measures the delay to its neighbour" },
	{ 3, "ptpPdelayResp", OTO_OP_NONE, "the neighbour's answer" },
	{ 10, "ptpPdelayRespFollowUp", OTO_OP_NONE, "the precise time of that answer" },
	{ PTP_ANNOUNCE, "ptpAnnounce", OTO_OP_NONE,
	  "a clock offers itself as grandmaster; whoever announces the best one sets everybody's time" },
	{ 1, "ptpdelayReq", OTO_OP_NONE, "a station measures the delay to the master" },
	{ 9, "ptpdelayResp", OTO_OP_NONE, "the master's answer" },
	{ PTP_SIGNALING, "ptpSignaling", OTO_OP_OTHER, "asks a clock for other message rates" },
	{ PTP_MANAGEMENT, "ptpManagement", OTO_OP_CONFIGURE, "reads or changes how a clock works" },
};
static const struct oto_names messages = OTO_NAMES(message_rows);

/* 7.1.4; IEEE 802.1AS-2020 8.1. */
static const struct oto_name sdo_rows[] = {
	{ 0, "ieee1588", 0, "IEEE 1588 without a profile of its own" },
	{ 1, "ieee802.1as", 0, "IEEE 802.1AS, which CC-Link IE TSN uses" },
	{ 2, "cmlds", 0, "IEEE 802.1AS common mean link delay service" },
};
static const struct oto_names sdos = OTO_NAMES(sdo_rows);

struct ptp_message {
	struct oto_mac src_mac, dst_mac;
	const char *service, *flame_type;
	struct oto_slice clock, grandmaster;
	uint16_t port, sequence;
	uint8_t pdu_type, sdo, version, domain, priority1, priority2, clock_class;
	bool has_grandmaster;
};

#define P(m, doc_, ...) OTO_FIELD(struct ptp_message, m, doc_, __VA_ARGS__)
#define P_IF(has) .guard = OTO_IF(struct ptp_message, has)
static const struct oto_field message_fields[] = {
	P(src_mac, "MAC address of the sender"),
	P(dst_mac, "MAC address of the receiver, most often a group"),
	P(service, "the protocol"),
	P(flame_type, "ptp (the name is NTT's)"),
	P(pdu_type, "message type", .names = &messages),
	P(sdo, "major SDO identifier: whose PTP this is", .names = &sdos),
	P(version, "version of PTP"),
	P(domain, "domain number"),
	P(sequence, "sequence number"),
	P(clock, "identity of the sending clock; most often its MAC address with fffe in the middle", .flags = OTO_HEX),
	P(port, "port of that clock"),
	P(grandmaster, "identity of the announced grandmaster", .flags = OTO_HEX, P_IF(has_grandmaster)),
	P(priority1, "the first thing that decides between grandmasters, lowest wins", P_IF(has_grandmaster)),
	P(clock_class, "the second", P_IF(has_grandmaster)),
	P(priority2, "the last but the identity", P_IF(has_grandmaster)),
};
static const struct oto_log message_logs[] = {
	{ .name = "cclink-ie-tsn-ptp",
	  .doc = "Clock synchronization of CC-Link IE TSN: who sends which messages to whom, how often.",
	  .key = "src_mac dst_mac service flame_type pdu_type",
	  .form = OTO_FORM_AGGREGATE,
	  .flags = OTO_LOG_NO_ID },
};
static const struct oto_event_type message_event =
    OTO_EVENT("cclink_tsn_ptp.message", struct ptp_message, message_fields, "A message of CC-Link IE TSN's clock synchronization.",
	      OTO_LOGS(message_logs));
static const struct oto_event_type *const events[] = { &message_event };

static enum oto_answer ptp_probe(const struct oto_ctx *cx, struct oto_cur c)
{
	(void)cx;
	if (oto_left(&c) < 2)
		return OTO_NEED_MORE;
	uint8_t first = oto_u8(&c), version = oto_u8(&c);
	return first >> 4 && (version & 0x0f) == PTP_VERSION && oto_name_of(&messages, first & 0x0f) ? OTO_MINE : OTO_NOT_MINE;
}

/* 13.5: behind the header time, UTC offset, a reserved byte, then what the choice of a grandmaster looks at. */
static void announce(struct oto_cur *c, struct ptp_message *m)
{
	oto_skip(c, 13);
	m->priority1 = oto_u8(c);
	m->clock_class = oto_u8(c);
	oto_skip(c, 3);
	m->priority2 = oto_u8(c);
	m->grandmaster = oto_take(c, 8);
	m->has_grandmaster = true;
}

static void speak(struct oto_ctx *cx, const struct ptp_message *m)
{
	const struct oto_name *row = oto_name_of(&messages, m->pdu_type);

	oto_operation(cx, &(struct oto_operation){ .self_size = sizeof(struct oto_operation),
						   .op = row->op,
						   .func = row->name,
						   .func_code = m->pdu_type,
						   .target = { .space = "domain", .first = m->domain, .count = 1 } });
}

static void ptp_pdu(struct oto_ctx *cx, struct oto_cur *c)
{
	enum { BEST = 61 }; /* length of an announcement up to the grandmaster's identity */
	struct oto_slice whole = { c->at, oto_left(c) };
	struct ptp_message m = { .src_mac = cx->is_orig ? cx->head->orig_mac : cx->head->resp_mac,
				 .dst_mac = cx->is_orig ? cx->head->resp_mac : cx->head->orig_mac,
				 .service = "cclink_ie_tsn",
				 .flame_type = "ptp" };
	uint8_t first = oto_u8(c);

	m.version = oto_u8(c) & 0x0f;
	uint16_t length = oto_be16(c);
	m.domain = oto_u8(c);
	oto_skip(c, 15); /* minor SDO identifier, flags, correction, and what is specific to a type */
	m.clock = oto_take(c, 8);
	m.port = oto_be16(c);
	m.sequence = oto_be16(c);
	oto_skip(c, 2);
	if (c->bad)
		return;
	m.sdo = first >> 4;
	m.pdu_type = first & 0x0f;
	if (m.version != PTP_VERSION || !oto_name_of(&messages, m.pdu_type)) {
		oto_weird(cx, "unknown_message", whole);
		return;
	}
	if (length < HEADER || length > whole.len)
		oto_weird(cx, "wrong_length", whole);
	if (m.pdu_type == PTP_ANNOUNCE && length >= BEST && whole.len >= BEST)
		announce(c, &m);
	oto_emit(cx, 0, &m);
	if (m.pdu_type >= PTP_SIGNALING)
		speak(cx, &m);
}

static const struct oto_analyzer cclink_tsn_ptp = {
	.self_size = sizeof cclink_tsn_ptp,
	.name = "cclink_tsn_ptp",
	.doc = "PTP of CC-Link IE TSN (IEEE 802.1AS)",
	.keys = "eth/0x88f7",
	.probe = ptp_probe,
	.pdu = ptp_pdu,
	.events = events,
	.nevents = sizeof events / sizeof *events,
};

OTO_ANALYZER(cclink_tsn_ptp);
