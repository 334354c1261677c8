/* pccc.c - PCCC, the commands of PLC-5, SLC 500 and MicroLogix: inside of CIP, over DH+ behind CIP, and in the frames from before CIP.
 *
 * "DF1 Protocol and Command Set" (1770-6.5.16): commands are chapter 7, addresses chapter 13. Owns pairing,
 * also of several commands in one. Knows of CIP only the header of
 * its messages. pccc_events.c is what is said, pccc_request.c reads commands, pccc_transfer.c follows programs, pccc_tables.c has the
 * words.
 */
#include "pccc.h"

/* ------------------------------------------------------------------------------------------------ 1. commands */

static struct oto_target target_of(const struct pccc_talk *t)
{
	if (t->m.has_address)
		return (struct oto_target){ .space = "data_file", .name = t->m.address };
	if (t->m.has_offset)
		return (struct oto_target){ .space = "memory", .first = t->m.offset, .count = t->m.size ? t->m.size : t->m.data.len };
	return (struct oto_target){ 0 };
}

static void keep_note(struct pccc_talk *t)
{
	struct pccc_note *note = &t->note;

	note->code = t->code;
	note->node = t->m.node;
	note->has_node = t->m.has_node;
	note->file_type = t->m.file_type;
	note->has_file_type = t->m.has_file_type;
	note->address_len = (uint8_t)(t->m.address.len < ADDRESS_MAX ? t->m.address.len : ADDRESS_MAX);
	if (note->address_len)
		memcpy(note->address, t->m.address.data, note->address_len);
}

/* Behind a bridge it is a station of the DH+ network that is asked, and that tells of itself. */
static struct oto_slice sub_of(const struct pccc_talk *t)
{
	struct pccc_text sub = { t->m.has_node ? oto_scratch(t->cx, ADDRESS_MAX) : NULL, 0 };

	if (!sub.at)
		return (struct oto_slice){ 0 };
	pccc_put_word(&sub, "node ");
	pccc_put_number(&sub, t->m.node);
	return (struct oto_slice){ sub.at, sub.len };
}

static struct oto_operation operation_of(const struct pccc_talk *t)
{
	return (struct oto_operation){ .self_size = sizeof(struct oto_operation),
				       .op = t->op,
				       .func = t->m.function,
				       .func_code = t->code,
				       .target = target_of(t),
				       .unit = t->m.node,
				       .has_unit = t->m.has_node,
				       .sub = sub_of(t) };
}

static void malformed(struct pccc_talk *t)
{
	oto_weird(t->cx, "malformed_command", (struct oto_slice){ t->data.start, (uint32_t)(t->data.end - t->data.start) });
	t->m.has_values = t->m.has_data = t->m.has_text = false;
}

static void name_function(struct pccc_talk *t)
{
	const struct oto_name *row = pccc_function_of(t->code);
	const struct oto_name *command = oto_name_of(&pccc_commands, t->m.command);

	t->m.function = row ? row->name : command ? command->name : "Unknown command";
	t->op = row ? row->op : OTO_OP_OTHER;
}

/* Commands inside of another one have a key each. */
static uint64_t key_of(const struct pccc_talk *t)
{
	return (uint64_t)t->place << 16 | t->m.transaction;
}

/* A command as it was read, told with what it does. */
static void tell(struct pccc_talk *t)
{
	keep_note(t);
	oto_emit(t->cx, EV_MESSAGE, &t->m);
	oto_request(t->cx, key_of(t), &t->note);
	struct oto_operation o = operation_of(t);
	oto_operation(t->cx, &o);
	pccc_transfer_ask(t);
}

/* What the whole does, when it cannot be taken apart. */
static void untold(struct pccc_talk *t)
{
	malformed(t);
	t->op = OTO_OP_OTHER;
}

/* Function 0x88: a count, then of each command its length, function and the rest; all are of command 0x0f. It is not nested. */
static void take_inner(struct pccc_talk *t, struct oto_cur *c, uint16_t place)
{
	struct pccc_talk in = { .cx = t->cx, .m = t->m, .place = place };

	in.data = oto_sub(c, oto_u8(c));
	in.m.function_code = oto_u8(&in.data);
	if (in.data.bad) {
		malformed(t);
		return;
	}
	in.m.has_size = false;
	in.code = PCCC_CODE(t->m.command, in.m.function_code);
	name_function(&in);
	if (in.code == PCCC_EXECUTE_MULTIPLE) {
		untold(&in);
	} else {
		pccc_read_request(&in);
		if (in.data.bad)
			malformed(&in);
	}
	tell(&in);
}

static void request(struct pccc_talk *t)
{
	struct oto_cur several = t->data;

	pccc_read_request(t);
	if (t->data.bad)
		malformed(t);
	if (t->code == PCCC_EXECUTE_MULTIPLE) {
		t->note.inner = oto_u8(&several);
		t->m.size = t->note.inner;
		t->m.has_size = true;
		if (!oto_left(&several))
			untold(t);
	}
	tell(t);
	for (uint16_t i = 1; i <= t->note.inner && oto_left(&several); i++)
		take_inner(t, &several, i);
}

/* ------------------------------------------------------------------------------------------------ 2. replies */

/* What the family calls the model is less than the catalogue number of CIP's identity, where both are told. */
static void fact(struct pccc_talk *t, const char *key, struct oto_slice value)
{
	struct oto_fact f = { .self_size = sizeof f, .key = key, .value = value, .confidence = 90, .sub = sub_of(t) };

	oto_fact(t->cx, &f);
}

/* "B/1": the three high bits are the series, the others the revision. */
static struct oto_slice revision_text(struct pccc_talk *t, uint8_t revision)
{
	struct pccc_text text = { oto_scratch(t->cx, ADDRESS_MAX), 0 };
	const char letter[] = { (char)('A' + (revision >> 5)), '/', 0 };

	if (!text.at)
		return (struct oto_slice){ 0 };
	pccc_put_word(&text, letter);
	pccc_put_number(&text, revision & 0x1fu);
	return (struct oto_slice){ text.at, text.len };
}

static struct oto_slice trimmed(struct oto_slice s)
{
	while (s.len && (s.data[s.len - 1] == ' ' || s.data[s.len - 1] == 0))
		s.len--;
	return s;
}

static bool is_text(struct oto_slice s)
{
	for (uint32_t i = 0; i < s.len; i++) {
		if (s.data[i] < 0x20 || s.data[i] > 0x7e)
			return false;
	}
	return s.len != 0;
}

/* SLC 500 and MicroLogix (10-23): status, type extender, interface, processor, series and revision, catalog number as text. */
static void diagnostic_status(struct pccc_talk *t)
{
	enum { SLC = 0xee, CATALOG = 11 };
	struct oto_cur c = t->data;

	oto_skip(&c, 1);
	if (oto_u8(&c) != SLC)
		return;
	oto_skip(&c, 2);
	uint8_t revision = oto_u8(&c);
	struct oto_slice catalog = trimmed(oto_take(&c, CATALOG));
	if (c.bad || !is_text(catalog))
		return;
	t->m.model = catalog;
	t->m.revision = revision_text(t, revision);
	t->m.has_model = true;
	fact(t, "model", t->m.model);
	fact(t, "revision", t->m.revision);
	fact(t, "vendor", oto_slice_of("Rockwell Automation/Allen-Bradley"));
	(void)oto_rest(&t->data);
}

static void show_note(struct pccc_talk *t, const struct oto_match *match)
{
	const struct pccc_note *note = (const void *)match->note;
	struct pccc_note *kept = oto_scratch(t->cx, sizeof *kept);
	const struct oto_name *row = pccc_function_of(note->code);

	t->m.matched = true;
	t->m.node = note->node;
	t->m.has_node = note->has_node;
	t->m.latency = match->latency;
	t->code = note->code;
	t->m.function = row ? row->name : t->m.function;
	t->op = row ? row->op : t->op;
	t->m.function_code = (uint8_t)note->code;
	t->m.has_function = (note->code & 0xff) != PCCC_NO_FUNCTION;
	if (!kept)
		return;
	*kept = *note;
	t->m.file_type = kept->file_type;
	t->m.has_file_type = kept->has_file_type;
	t->m.address = (struct oto_slice){ kept->address, kept->address_len };
	t->m.has_address = kept->address_len != 0;
}

/* The extended status stands in front of the data. */
static const char *take_status(struct pccc_talk *t)
{
	enum { EXTENDED = 0xf0 };
	const struct oto_name *row = oto_name_of(&pccc_statuses, t->m.status);

	if (!t->m.status)
		return NULL;
	if (t->m.status == EXTENDED && oto_left(&t->data)) {
		t->m.extended_status = oto_u8(&t->data);
		t->m.has_extended = true;
		row = oto_name_of(&pccc_extended_statuses, t->m.extended_status);
	}
	return row ? row->name : "unknown status";
}

/* How parts of an answer look is not published: its status is that of all of them. */
static void answer_inner(struct pccc_talk *t, uint32_t inner, const char *error)
{
	for (uint16_t i = 1; i <= inner; i++) {
		struct pccc_talk in = { .cx = t->cx, .m = { .transaction = t->m.transaction }, .place = i };
		struct oto_match match;
		oto_response(t->cx, key_of(&in), &match);
		if (!match.found)
			return;
		show_note(&in, &match);
		oto_outcome(t->cx, &match, error ? OTO_OUTCOME_ERROR : OTO_OUTCOME_OK, error, NULL);
		pccc_transfer_follow(&in, !error, error);
	}
}

static void response(struct pccc_talk *t)
{
	struct oto_match match;
	const char *error = take_status(t);

	t->m.has_status = true;
	oto_response(t->cx, t->m.transaction, &match);
	if (match.found)
		show_note(t, &match);
	uint32_t inner = match.found ? ((const struct pccc_note *)(const void *)match.note)->inner : 0;
	if (!error && t->code == PCCC_DIAGNOSTIC_STATUS)
		diagnostic_status(t);
	bool typed = t->code == PCCC_READ_2 || t->code == PCCC_READ_3;
	if (!error && t->code == PCCC_TYPED_READ)
		pccc_take_typed(t);
	pccc_take_values(t, typed && !error && t->m.has_file_type, t->m.file_type);
	oto_emit(t->cx, EV_MESSAGE, &t->m);
	struct oto_operation o = operation_of(t);
	oto_outcome(t->cx, &match, error ? OTO_OUTCOME_ERROR : OTO_OUTCOME_OK, error, &o);
	if (match.found)
		pccc_transfer_follow(t, !error, error);
	answer_inner(t, inner, error);
}

/* ------------------------------------------------------------------------------------------------ 3. how a message came */

enum { REPLY = 0x40, PRIORITY = 0x20 };

static bool has_function(uint8_t command)
{
	return command == 0x06 || command == 0x07 || command == 0x0f;
}

/* Command, status, transaction; a request goes on with its function. A reply does not say its function: without its request it is
 * known by its command only. */
static void message(struct oto_ctx *cx, struct oto_cur c, struct pccc_message m)
{
	struct pccc_talk t = { .cx = cx, .m = m };
	uint8_t first = oto_u8(&c);
	bool reply = first & REPLY;

	t.m.command = first & (uint8_t) ~(REPLY | PRIORITY);
	t.m.direction = reply ? "response" : "request";
	t.m.status = oto_u8(&c);
	t.m.transaction = oto_le16(&c);
	t.m.has_node = t.m.has_node && !reply; /* a reply's comes from its request */
	t.m.has_function = !reply && has_function(t.m.command);
	t.m.function_code = t.m.has_function ? oto_u8(&c) : 0;
	if (c.bad) {
		oto_weird(cx, "malformed_command", (struct oto_slice){ c.start, (uint32_t)(c.end - c.start) });
		return;
	}
	t.code = PCCC_CODE(t.m.command, t.m.has_function ? t.m.function_code : PCCC_NO_FUNCTION);
	name_function(&t);
	t.data = c;
	if (reply)
		response(&t);
	else
		request(&t);
}

enum { EXECUTE = 0x4b, EXECUTE_DH_PLUS, EXECUTE_LOCAL, CLASS_DH_PLUS = 0xa6, DH_PLUS_HEADER = 8 };

/* The requestor's identification: its length, counting itself, vendor, serial number, and whatever else it wants back. */
static bool take_requestor(struct oto_cur *c, struct pccc_message *m)
{
	uint8_t len = oto_u8(c);
	struct oto_cur id = oto_sub(c, len ? len - 1u : UINT32_MAX);

	m->vendor = oto_le16(&id);
	m->serial = oto_le32(&id);
	m->has_requestor = !id.bad;
	return !c->bad;
}

/* Destination and source on the DH+ network: link, node and a control byte each. A reply's are those of the way back. */
static void take_stations(struct oto_cur *c, struct pccc_message *m)
{
	oto_skip(c, 2);
	m->node = oto_u8(c);
	m->has_node = true;
	oto_skip(c, DH_PLUS_HEADER - 3);
}

/* CIP refused to carry a command: so was the command. */
static void refused(struct oto_ctx *cx, struct oto_cur c, uint8_t status)
{
	struct pccc_talk t = { .cx = cx };
	const char *word = cip_word(&cip_statuses, status);
	struct oto_match match;

	oto_skip(&c, 2);
	t.m.transaction = oto_le16(&c);
	if (c.bad)
		return;
	oto_response(cx, t.m.transaction, &match);
	if (!match.found)
		return;
	uint32_t inner = ((const struct pccc_note *)(const void *)match.note)->inner;
	word = word ? word : "unknown status";
	show_note(&t, &match);
	oto_outcome(cx, &match, OTO_OUTCOME_ERROR, word, NULL);
	pccc_transfer_follow(&t, false, word);
	answer_inner(&t, inner, word);
}

/* A whole CIP message of class 0x67. Other services of the class are CIP's own; in a refused one stands the command. */
static void in_cip(struct oto_ctx *cx, struct oto_cur *c)
{
	struct pccc_message m = { 0 };
	struct cip_header h = cip_take_header(c);
	struct oto_cur data = oto_cur_of(h.data);

	if (c->bad || h.service < EXECUTE || h.service > EXECUTE_LOCAL)
		return;
	if (h.service == EXECUTE && !take_requestor(&data, &m)) {
		if (!h.status)
			oto_weird(cx, "malformed_requestor", h.data);
		return;
	}
	if (h.service == EXECUTE_DH_PLUS)
		take_stations(&data, &m);
	if (h.response && h.status)
		refused(cx, data, h.status);
	else
		message(cx, data, m);
}

/* Before CIP: a header of 28 bytes in network order, then addresses of the link layer and the command. */
enum { LEGACY_HEADER = 28, LEGACY_ASKS = 1, LEGACY_ANSWERS, LEGACY_CONNECT = 1, LEGACY_COMMAND = 7, LINK_ADDRESSES = 4 };
enum { LEGACY_MAX = 2048 };

static void in_legacy(struct oto_ctx *cx, struct oto_cur *c)
{
	oto_skip(c, 1);
	uint8_t kind = oto_u8(c);
	struct oto_cur body = oto_cur_of((struct oto_slice){ 0 });

	oto_skip(c, LEGACY_HEADER - 2);
	body = oto_cur_of(oto_rest(c));
	if (kind != LEGACY_COMMAND || c->bad)
		return;
	oto_skip(&body, LINK_ADDRESSES);
	message(cx, body, (struct pccc_message){ 0 });
}

static void pccc_pdu(struct oto_ctx *cx, struct oto_cur *c)
{
	if (cx->depth == 0) {
		in_legacy(cx, c);
	} else if (cx->key == CLASS_DH_PLUS) {
		struct pccc_message m = { 0 };
		take_stations(c, &m);
		message(cx, *c, m);
	} else {
		in_cip(cx, c);
	}
}

static int64_t pccc_len(const struct oto_ctx *cx, struct oto_cur c)
{
	(void)cx;
	if (oto_left(&c) < 4)
		return 0;
	uint8_t mode = oto_u8(&c), kind = oto_u8(&c);
	uint16_t len = oto_be16(&c);
	if ((mode != LEGACY_ASKS && mode != LEGACY_ANSWERS) || (kind != LEGACY_CONNECT && kind != LEGACY_COMMAND) || len > LEGACY_MAX)
		return -1;
	return LEGACY_HEADER + len;
}

static enum oto_answer pccc_probe(const struct oto_ctx *cx, struct oto_cur c)
{
	if (cx->depth)
		return OTO_MINE;
	int64_t len = pccc_len(cx, c);
	return len < 0 ? OTO_NOT_MINE : len ? OTO_MINE : OTO_NEED_MORE;
}

static const struct oto_pairing pairing = {
	.self_size = sizeof pairing, .note_size = sizeof(struct pccc_note), .scope = OTO_SCOPE_FLOW, .keyed = true, .bound = 256
};

static const struct oto_analyzer pccc = {
	.self_size = sizeof pccc,
	.name = "pccc",
	.doc = "PCCC: commands of PLC-5, SLC 500 and MicroLogix, in CIP and before it",
	.keys = "tcp/2222 cip.class/0x67 cip.class/0xa6",
	.probe = pccc_probe,
	.pdu_len = pccc_len,
	.pdu = pccc_pdu,
	.gap = pccc_transfer_gap,
	.closing = pccc_transfer_closing,
	.state_size = sizeof(struct pccc_state),
	.events = pccc_events,
	.nevents = EV_COUNT,
	.pairing = &pairing,
};

OTO_ANALYZER(pccc);
