/* nbdgm.c - NetBIOS Datagram Service (RFC 1002 4.4) with the mailslots that it carries in SMB transactions (MS-MAIL 2.2.1).
 *
 * Owns nbdgm.datagram, the way from a datagram to its mailslot, and the name that a station uses for itself. The messages of the browser
 * service and of Netlogon are read by nbdgm_browser.c and nbdgm_netlogon.c.
 */
#include "nbdgm.h"

#include "../say.h"

enum { FLAG_MORE = 1, ENCODED_NAME = 32, NAME_LEN = 16, SUFFIX_SERVER = 0x20, SUFFIX_WORKSTATION = 0 };
enum { SMB_TRANSACTION = 0x25, SMB_HEADER_REST = 27, SMB_WORDS_MIN = 17 };

struct nbdgm_event {
	struct oto_addr source_ip;
	struct oto_slice source_name, dest_name, mailslot;
	uint16_t id;
	uint8_t type, source_suffix, dest_suffix;
	bool has_names, has_mailslot;
};

#define D(m, doc_, ...) OTO_FIELD(struct nbdgm_event, m, doc_, __VA_ARGS__)
#define D_IF(m, has, doc_, ...) D(m, doc_, .guard = OTO_IF(struct nbdgm_event, has), __VA_ARGS__)
static const struct oto_field datagram_fields[] = {
	D(type, "kind of datagram", .names = &nbdgm_types),
	D(id, "datagram identifier"),
	D(source_ip, "address that the sender gives as its own"),
	D_IF(source_name, has_names, "the sender's NetBIOS name"),
	D_IF(source_suffix, has_names, "what that name stands for", .names = &nbdgm_suffixes),
	D_IF(dest_name, has_names, "name that it is for"),
	D_IF(dest_suffix, has_names, "what that name stands for", .names = &nbdgm_suffixes),
	D_IF(mailslot, has_mailslot, "mailslot that it is written to"),
};
static const struct oto_event_type datagram_event = OTO_EVENT("nbdgm.datagram", struct nbdgm_event, datagram_fields, "A NetBIOS datagram.");

static const struct oto_event_type *const events[] = {
	[NBDGM_EV_DATAGRAM] = &datagram_event, [NBDGM_EV_BROWSER] = &nbdgm_browser_event, [NBDGM_EV_NETLOGON] = &nbdgm_netlogon_event
};

/* ------------------------------------------------------------------------------------------------ names */

/* RFC 1001 14.1: each half byte is a letter from A; the sixteenth character says what the name stands for. Scope labels follow. */
static bool take_name(struct oto_ctx *cx, struct oto_cur *c, struct oto_slice *name, uint8_t *suffix)
{
	struct oto_slice encoded = oto_take(c, oto_u8(c));
	uint8_t label = oto_u8(c);

	while (label && !c->bad) {
		oto_skip(c, label);
		label = oto_u8(c);
	}
	uint8_t *text = encoded.len == ENCODED_NAME ? oto_scratch(cx, NAME_LEN) : NULL;
	if (!text)
		return false;
	for (uint32_t i = 0; i < NAME_LEN; i++)
		text[i] = (uint8_t)((encoded.data[2 * i] - 'A') * 16 + ((encoded.data[2 * i + 1] - 'A') & 0xf));
	*suffix = text[NAME_LEN - 1];
	*name = say_trim((struct oto_slice){ text, NAME_LEN - 1 });
	return true;
}

/* ------------------------------------------------------------------------------------------------ mailslots */

/* The transaction's name is narrow as a rule, wide where the header says so; a wide one is narrowed. */
static struct oto_slice slot_name(struct oto_ctx *cx, struct oto_cur *c, bool is_wide)
{
	if (!is_wide)
		return say_string((struct oto_slice){ c->at, oto_left(c) });
	oto_skip(c, oto_tell(c) % 2);
	uint32_t room = oto_left(c) / 2, n = 0;
	uint8_t *text = oto_scratch(cx, room + 1u);
	for (uint16_t unit = 1; text && n < room && (unit = oto_le16(c)) != 0;)
		text[n++] = unit < 0x80 ? (uint8_t)unit : '?';
	return (struct oto_slice){ text, text ? n : 0 };
}

struct slot {
	struct oto_slice name;
	struct oto_cur data;
};

/* MS-CIFS 2.2.4.33.1: an SMB header, 17 words, the name; the data lies at an offset from the header. */
static bool find_slot(struct oto_ctx *cx, struct oto_slice smb, struct slot *slot)
{
	enum { UNICODE = 0x8000 };
	struct oto_cur c = oto_cur_of(smb);

	if (oto_be32(&c) != 0xff534d42u || oto_u8(&c) != SMB_TRANSACTION)
		return false;
	oto_skip(&c, 5);
	bool is_wide = oto_le16(&c) & UNICODE;
	oto_skip(&c, SMB_HEADER_REST - 7);
	uint8_t words = oto_u8(&c);
	oto_skip(&c, 22);
	uint16_t count = oto_le16(&c), offset = oto_le16(&c);
	oto_skip(&c, 2u + 2u * (words > 14 ? words - 14u : 0));
	oto_skip(&c, 2);
	if (c.bad || words < SMB_WORDS_MIN)
		return false;
	struct oto_cur data = oto_seek(&c, offset);
	slot->name = slot_name(cx, &c, is_wide);
	slot->data = oto_sub(&data, count < oto_left(&data) ? count : oto_left(&data));
	return !slot->data.bad && slot->name.len;
}

static void read_slot(struct oto_ctx *cx, const struct slot *slot)
{
	if (say_is(slot->name, "\\MAILSLOT\\BROWSE"))
		nbdgm_browser(cx, slot->data);
	else if (say_is(slot->name, "\\MAILSLOT\\LANMAN"))
		nbdgm_lanman(cx, slot->data);
	else if (say_begins(slot->name, "\\MAILSLOT\\NET\\"))
		nbdgm_netlogon(cx, slot->data);
}

/* ------------------------------------------------------------------------------------------------ datagrams */

struct nbdgm_flow {
	bool told;
};

/* A station's own name, once a flow; not of a router that passes a datagram on. */
static void tell_name(struct oto_ctx *cx, const struct nbdgm_event *e)
{
	struct nbdgm_flow *flow = cx->state;
	const struct oto_addr sender = oto_sender(cx);
	bool station = e->source_suffix == SUFFIX_SERVER || e->source_suffix == SUFFIX_WORKSTATION;

	if (flow->told || !station || !say_same(&sender, &e->source_ip))
		return;
	flow->told = true;
	say_fact(cx, "hostname", e->source_name, SAY_STATED);
	if (e->dest_suffix == 0x1d || e->dest_suffix == 0x1e)
		say_fact(cx, "workgroup", e->dest_name, SAY_STATED);
}

static void nbdgm_pdu(struct oto_ctx *cx, struct oto_cur *c)
{
	struct nbdgm_event e = { .type = oto_u8(c) };
	struct oto_slice whole = { c->start, (uint32_t)(c->end - c->start) };
	struct slot slot = { 0 };
	uint8_t flags = oto_u8(c);

	e.id = oto_be16(c);
	e.source_ip = oto_take_ipv4(c);
	oto_skip(c, 2);
	if (c->bad)
		return;
	if (e.type < NBDGM_DIRECT || e.type > NBDGM_BROADCAST) {
		if (oto_name_of(&nbdgm_types, e.type))
			oto_emit(cx, NBDGM_EV_DATAGRAM, &e);
		else
			oto_weird(cx, "unknown_type", whole);
		return;
	}
	oto_skip(c, 2);
	uint16_t offset = oto_be16(c);
	e.has_names = take_name(cx, c, &e.source_name, &e.source_suffix) && take_name(cx, c, &e.dest_name, &e.dest_suffix);
	if (c->bad)
		return;
	if (!e.has_names) {
		oto_weird(cx, "wrong_name_length", whole);
		return;
	}
	struct oto_slice data = oto_rest(c);
	if (flags & FLAG_MORE || offset)
		data = oto_assemble(cx, data, !(flags & FLAG_MORE));
	e.has_mailslot = data.len && find_slot(cx, data, &slot);
	e.mailslot = slot.name;
	oto_emit(cx, NBDGM_EV_DATAGRAM, &e);
	tell_name(cx, &e);
	if (e.has_mailslot)
		read_slot(cx, &slot);
}

static enum oto_answer nbdgm_probe(const struct oto_ctx *cx, struct oto_cur c)
{
	(void)cx;
	uint8_t type = oto_u8(&c);

	return oto_left(&c) >= 9 && type >= NBDGM_DIRECT && type <= 0x16 ? OTO_MINE : OTO_NOT_MINE;
}

static const struct oto_analyzer nbdgm = {
	.self_size = sizeof nbdgm,
	.name = "nbdgm",
	.doc = "NetBIOS Datagram Service: Windows' browser service and Netlogon",
	.keys = "udp/138",
	.probe = nbdgm_probe,
	.pdu = nbdgm_pdu,
	.state_size = sizeof(struct nbdgm_flow),
	.events = events,
	.nevents = sizeof events / sizeof *events,
};

OTO_ANALYZER(nbdgm);
