/* pccc.c - PCCC, the commands of PLC-5, SLC 500 and MicroLogix: inside of CIP, over DH+ behind CIP, and in the frames from before CIP.
 *
 * "DF1 Protocol and Command Set" (1770-6.5.16): commands are chapter 7, addresses chapter 13. Owns the transfer of a program that is under
 * way on a flow. Knows of CIP only the header of its messages.
 */
#include <nettle/sha2.h>

#include "analyzers/cip/cip.h"
#include "pccc_tables.h"

/* ------------------------------------------------------------------------------------------------ 1. what is said */

struct pccc_message {
	const char *direction, *function, *mode;
	uint8_t command, function_code, status, extended_status, file_type;
	uint16_t transaction, vendor;
	uint32_t serial;
	uint32_t file, element, sub_element, offset, size, node;
	struct oto_slice address, model, revision, data;
	struct oto_vec values;
	struct oto_interval latency;
	bool has_node; /* behind DH+ */
	bool has_function, has_status, has_extended, has_file_type, has_file, has_element, has_sub, has_offset, has_size, has_requestor,
	    has_address, has_model, has_data, has_values, matched;
};
enum { EV_MESSAGE };

#define F(m, doc, ...) OTO_FIELD(struct pccc_message, m, doc, __VA_ARGS__)
#define IF(has) .guard = OTO_IF(struct pccc_message, has)
static const struct oto_field fields[] = {
	F(direction, "request or response"),
	F(command, "command, without the bit of a response", .names = &pccc_commands),
	F(function_code, "function of the command", .flags = OTO_HEX, IF(has_function)),
	F(function, "word of command and function; of a response that of its request"),
	F(transaction, "joins request and response"),
	F(vendor, "requestor's vendor", .names = &cip_vendors, IF(has_requestor)),
	F(serial, "requestor's serial number", .flags = OTO_HEX | OTO_WIDE, IF(has_requestor)),
	F(node, "station on the DH+ network behind the address; of a response that of its request", IF(has_node)),
	F(status, "status of a response", .names = &pccc_statuses, IF(has_status)),
	F(extended_status, "why the node refused", .names = &pccc_extended_statuses, IF(has_extended)),
	F(address, "address in the data table; of a response that of its request", IF(has_address)),
	F(file_type, "type of the file", .names = &pccc_file_types, IF(has_file_type)),
	F(file, "number of the file", IF(has_file)),
	F(element, "element of the file", IF(has_element)),
	F(sub_element, "part of the element", IF(has_sub)),
	F(offset, "where in the file or memory", IF(has_offset)),
	F(size, "bytes, elements in typed commands", IF(has_size)),
	F(mode, "mode that is asked for"),
	F(values, "values read or written", IF(has_values)),
	F(model, "catalog number, of diagnostic status", IF(has_model)),
	F(revision, "series and revision, of diagnostic status", IF(has_model)),
	F(data, "data that nobody has read", .flags = OTO_HEX, IF(has_data)),
	F(latency, "time since the request", IF(matched)),
};
static const struct oto_log logs[] = {
	{ .name = "pccc",
	  .doc = "PCCC commands and replies.",
	  .form = OTO_FORM_AGGREGATE,
	  .flags = OTO_LOG_NOT_ZEEK,
	  .columns = "is_orig direction transaction command function_code function status extended_status node address size mode values",
	  .extra = "file_type offset model revision data latency",
	  .key = "orig_h resp_h resp_p direction command function status extended_status node address mode" },
};
static const struct oto_event_type message_type =
    OTO_EVENT("pccc.message", struct pccc_message, fields, "One command or reply.", OTO_LOGS(logs));
static const struct oto_event_type *const events[] = { [EV_MESSAGE] = &message_type };

/* ------------------------------------------------------------------------------------------------ 2. what is kept */

enum { ADDRESS_MAX = 32 };

struct note {
	uint32_t code;
	uint32_t node;
	uint8_t file_type, address_len;
	bool has_file_type, has_node;
	uint8_t address[ADDRESS_MAX];
};

/* A program on its way: from "all request" to "completed". */
struct transfer {
	struct sha256_ctx sha;
	uint64_t size;
	int64_t began;
	uint16_t last; /* transaction that was counted last: a repeated one is not counted again */
	bool used, whole;
};
struct state {
	struct transfer upload, download;
};

/* One message while it is read. */
struct talk {
	struct oto_ctx *cx;
	struct pccc_message m;
	struct oto_cur data;
	uint32_t code; /* of tables: command and function */
	uint32_t op;
	struct note note;
};

/* ------------------------------------------------------------------------------------------------ 3. transfers of programs */

static void finish(struct oto_ctx *cx, struct transfer *x, uint32_t direction, enum oto_program_result result, const char *error,
		   bool by_receiver)
{
	bool whole = x->whole && result == OTO_PROGRAM_COMPLETE;
	struct oto_program p = { .self_size = sizeof p,
				 .direction = direction,
				 .result = result == OTO_PROGRAM_COMPLETE && !x->whole ? OTO_PROGRAM_CUT : result,
				 .kind = "program",
				 .error = error,
				 .size = x->size,
				 .duration = { cx->head->ts.ns - x->began },
				 .has_size = true,
				 .has_duration = true,
				 .by_receiver = by_receiver };
	uint8_t *digest = whole ? oto_scratch(cx, SHA256_DIGEST_SIZE) : NULL;

	if (digest) {
		sha256_digest(&x->sha, SHA256_DIGEST_SIZE, digest);
		p.sha256 = (struct oto_slice){ digest, SHA256_DIGEST_SIZE };
	}
	x->used = false;
	oto_program(cx, &p);
}

static void begin(struct talk *t, struct transfer *x)
{
	*x = (struct transfer){ .used = true, .whole = true, .began = t->cx->head->ts.ns };
	sha256_init(&x->sha);
}

static void add(struct talk *t, struct transfer *x, struct oto_slice bytes)
{
	if (!x->used || !bytes.len || (x->size && x->last == t->m.transaction))
		return;
	sha256_update(&x->sha, bytes.len, bytes.data);
	x->size += bytes.len;
	x->last = t->m.transaction;
}

/* Responses decide: a transfer that the processor refuses has not begun, or was aborted. */
static void follow_transfer(struct talk *t, bool ok, const char *error)
{
	struct state *s = t->cx->state;

	switch (t->code) {
	case PCCC_DOWNLOAD_ALL:
		if (ok)
			begin(t, &s->download);
		break;
	case PCCC_UPLOAD_ALL:
		if (ok)
			begin(t, &s->upload);
		break;
	case PCCC_DOWNLOAD_COMPLETED:
		if (s->download.used)
			finish(t->cx, &s->download, OTO_PROGRAM_DOWNLOAD, ok ? OTO_PROGRAM_COMPLETE : OTO_PROGRAM_ABORTED, error, true);
		break;
	case PCCC_UPLOAD_COMPLETED:
		if (s->upload.used)
			finish(t->cx, &s->upload, OTO_PROGRAM_UPLOAD, ok ? OTO_PROGRAM_COMPLETE : OTO_PROGRAM_ABORTED, error, true);
		break;
	case PCCC_READ_PHYSICAL:
	case PCCC_READ_FILE:
		if (ok)
			add(t, &s->upload, t->m.data);
		break;
	default:
		break;
	}
}

static void pccc_gap(struct oto_ctx *cx, uint64_t n)
{
	struct state *s = cx->state;

	(void)n;
	s->upload.whole = s->download.whole = false;
}

static void pccc_closing(struct oto_ctx *cx)
{
	struct state *s = cx->state;

	if (s->upload.used && s->upload.size)
		finish(cx, &s->upload, OTO_PROGRAM_UPLOAD, OTO_PROGRAM_CUT, NULL, !cx->is_orig);
	if (s->download.used && s->download.size)
		finish(cx, &s->download, OTO_PROGRAM_DOWNLOAD, OTO_PROGRAM_CUT, NULL, !cx->is_orig);
}

/* ------------------------------------------------------------------------------------------------ 4. addresses */

struct text {
	uint8_t *at;
	uint32_t len;
};

static void put_word(struct text *t, const char *word)
{
	for (; *word && t->len < ADDRESS_MAX; word++)
		t->at[t->len++] = (uint8_t)*word;
}

static void put_number(struct text *t, uint32_t n)
{
	uint8_t reversed[10];
	uint32_t len = 0;

	do
		reversed[len++] = (uint8_t)('0' + n % 10);
	while (n /= 10);
	while (len && t->len < ADDRESS_MAX)
		t->at[t->len++] = reversed[--len];
}

static void put_sub(struct text *t, const struct pccc_file *file, uint32_t sub)
{
	const char *word = file && sub < sizeof file->subs / sizeof *file->subs ? file->subs[sub] : NULL;

	if (!sub)
		return;
	put_word(t, ".");
	if (word)
		put_word(t, word);
	else
		put_number(t, sub);
}

static void show_address(struct talk *t, struct text text)
{
	t->m.address = (struct oto_slice){ text.at, text.len };
	t->m.has_address = text.len != 0;
}

/* "N7:0", "T4:3.ACC", "S:1"; a type without a letter is named by its number, "0x22:2". */
static void name_address(struct talk *t)
{
	const struct pccc_file *file = t->m.has_file_type ? pccc_file_of(t->m.file_type) : NULL;
	struct text text = { oto_scratch(t->cx, ADDRESS_MAX), 0 };

	if (!text.at)
		return;
	if (file)
		put_word(&text, file->letter);
	if (!file || file->usual < 0 || (uint32_t)file->usual != t->m.file)
		put_number(&text, t->m.file);
	if (t->m.has_element) {
		put_word(&text, ":");
		put_number(&text, t->m.element);
		put_sub(&text, file, t->m.sub_element);
	}
	show_address(t, text);
}

/* A field of an address: a byte, or 0xff and two. */
static uint32_t take_field(struct oto_cur *c)
{
	uint32_t n = oto_u8(c);

	return n == 0xff ? oto_le16(c) : n;
}

static void take_slc_address(struct talk *t, bool sub)
{
	t->m.file = take_field(&t->data);
	t->m.file_type = oto_u8(&t->data);
	t->m.element = take_field(&t->data);
	t->m.sub_element = sub ? take_field(&t->data) : 0;
	t->m.has_sub = sub;
	t->m.has_file = t->m.has_file_type = t->m.has_element = true;
	name_address(t);
}

/* A PLC-5 address (13-11): the levels that a mask names, or text behind a zero and a dollar. */
static void take_plc5_address(struct talk *t)
{
	enum { FILE_LEVEL = 1, ELEMENT_LEVEL, SUB_LEVEL, LEVELS = 7 };
	struct oto_cur peek = t->data;
	uint32_t level[LEVELS] = { 0 };
	uint8_t mask = oto_u8(&t->data);

	if (!mask && oto_u8(&peek) == 0 && oto_u8(&peek) == '$') {
		struct oto_cur begin_text = t->data;
		uint32_t len = 0;
		while (oto_left(&t->data) && oto_u8(&t->data))
			len++;
		t->m.address = oto_take(&begin_text, len);
		t->m.has_address = len != 0;
		return;
	}
	for (uint32_t i = 0; i < LEVELS; i++) {
		if (mask >> i & 1)
			level[i] = take_field(&t->data);
	}
	t->m.file = level[FILE_LEVEL];
	t->m.element = level[ELEMENT_LEVEL];
	t->m.sub_element = level[SUB_LEVEL];
	t->m.has_file = true;
	t->m.has_element = mask >> ELEMENT_LEVEL & 1;
	t->m.has_sub = mask >> SUB_LEVEL & 1;
	name_address(t);
}

/* ------------------------------------------------------------------------------------------------ 5. requests */

static void show_size(struct talk *t, uint32_t size)
{
	t->m.size = size;
	t->m.has_size = true;
}

static void show_offset(struct talk *t, uint32_t offset)
{
	t->m.offset = offset;
	t->m.has_offset = true;
}

/* Values of a data file, by its type; bytes otherwise. */
static void take_values(struct talk *t, bool has_type, uint8_t type)
{
	const struct pccc_file *file = has_type ? pccc_file_of(type) : NULL;

	if (!oto_left(&t->data))
		return;
	if (file && file->width && oto_left(&t->data) % file->width == 0) {
		t->m.values = oto_take_vec(&t->data, (enum oto_vec_kind)file->kind, oto_left(&t->data) / file->width);
		t->m.has_values = true;
	} else {
		t->m.data = oto_rest(&t->data);
		t->m.has_data = true;
	}
}

/* Element 3 of a timer is three words: values of a sub-element of a float are words all the same. */
static void slc_command(struct talk *t, bool sub, bool write)
{
	show_size(t, oto_u8(&t->data));
	take_slc_address(t, sub);
	if (t->code == PCCC_WRITE_MASKED)
		oto_skip(&t->data, 2);
	if (write)
		take_values(t, true, t->m.file_type);
}

static void plc5_command(struct talk *t)
{
	show_offset(t, oto_le16(&t->data));
	show_size(t, oto_le16(&t->data));
	take_plc5_address(t);
	if (t->code == PCCC_WORD_RANGE_READ)
		show_size(t, oto_u8(&t->data));
	else if (t->code == PCCC_TYPED_READ)
		show_size(t, oto_le16(&t->data));
}

/* Programs are files, too: those below the data types. */
enum { FIRST_DATA_FILE = 0x80 };

static void file_command(struct talk *t)
{
	bool write = t->code == PCCC_WRITE_FILE;

	show_size(t, oto_u8(&t->data));
	oto_skip(&t->data, 2); /* what Open file called it */
	show_offset(t, oto_le16(&t->data));
	t->m.file_type = oto_u8(&t->data);
	t->m.has_file_type = true;
	if (t->m.file_type < FIRST_DATA_FILE)
		t->op = write ? OTO_OP_PROGRAM_WRITE : OTO_OP_PROGRAM_READ;
}

static void open_command(struct talk *t)
{
	oto_skip(&t->data, 1); /* how much it wants: reading, or writing as well */
	t->m.file = oto_le16(&t->data);
	t->m.file_type = oto_u8(&t->data);
	t->m.has_file = t->m.has_file_type = true;
	name_address(t);
}

static void mode_command(struct talk *t, const struct oto_names *modes, uint8_t mask)
{
	const struct oto_name *row = oto_name_of(modes, oto_u8(&t->data) & mask);

	t->m.mode = row ? row->name : "unknown";
	if (row)
		t->op = row->op;
}

static void word_command(struct talk *t, bool read)
{
	struct text text = { oto_scratch(t->cx, ADDRESS_MAX), 0 };

	show_offset(t, oto_le16(&t->data));
	if (read)
		show_size(t, oto_u8(&t->data));
	if (!text.at)
		return;
	put_word(&text, "word ");
	put_number(&text, t->m.offset);
	show_address(t, text);
}

static void physical_command(struct talk *t)
{
	show_offset(t, oto_le32(&t->data));
	if (t->code == PCCC_READ_PHYSICAL)
		show_size(t, oto_u8(&t->data));
}

static void read_request(struct talk *t)
{
	switch (t->code) {
	case PCCC_READ_2:
	case PCCC_READ_3:
		slc_command(t, t->code == PCCC_READ_3, false);
		break;
	case PCCC_WRITE_2:
	case PCCC_WRITE_3:
	case PCCC_WRITE_MASKED:
		slc_command(t, t->code != PCCC_WRITE_2, true);
		break;
	case PCCC_TYPED_READ:
	case PCCC_TYPED_WRITE:
	case PCCC_WORD_RANGE_READ:
	case PCCC_WORD_RANGE_WRITE:
		plc5_command(t);
		break;
	case PCCC_BIT_WRITE:
	case PCCC_READ_MODIFY_WRITE:
		take_plc5_address(t);
		break;
	case PCCC_READ_FILE:
	case PCCC_WRITE_FILE:
		file_command(t);
		break;
	case PCCC_OPEN_FILE:
		open_command(t);
		break;
	case PCCC_CHANGE_MODE:
		mode_command(t, &pccc_slc_modes, 0xff);
		break;
	case PCCC_SET_CPU_MODE:
		mode_command(t, &pccc_plc5_modes, 3);
		break;
	case PCCC_READ_PHYSICAL:
	case PCCC_WRITE_PHYSICAL:
		physical_command(t);
		break;
	case PCCC_UNPROTECTED_READ:
		word_command(t, true);
		break;
	case PCCC_UNPROTECTED_WRITE:
	case PCCC_PROTECTED_WRITE:
	case PCCC_PROTECTED_BIT_WRITE:
	case PCCC_UNPROTECTED_BIT_WRITE:
		word_command(t, false);
		break;
	default:
		break;
	}
	if (!t->m.has_data)
		take_values(t, false, 0);
}

static struct oto_target target_of(const struct talk *t)
{
	if (t->m.has_address)
		return (struct oto_target){ .space = "data_file", .name = t->m.address };
	if (t->m.has_offset)
		return (struct oto_target){ .space = "memory", .first = t->m.offset, .count = t->m.size ? t->m.size : t->m.data.len };
	return (struct oto_target){ 0 };
}

static void keep_note(struct talk *t)
{
	struct note *note = &t->note;

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
static struct oto_slice sub_of(const struct talk *t)
{
	struct text sub = { t->m.has_node ? oto_scratch(t->cx, ADDRESS_MAX) : NULL, 0 };

	if (!sub.at)
		return (struct oto_slice){ 0 };
	put_word(&sub, "node ");
	put_number(&sub, t->m.node);
	return (struct oto_slice){ sub.at, sub.len };
}

static struct oto_operation operation_of(const struct talk *t)
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

static void request(struct talk *t)
{
	struct state *s = t->cx->state;

	read_request(t);
	if (t->data.bad) {
		oto_weird(t->cx, "malformed_command", (struct oto_slice){ t->data.start, (uint32_t)(t->data.end - t->data.start) });
		t->m.has_values = t->m.has_data = false;
	}
	keep_note(t);
	oto_emit(t->cx, EV_MESSAGE, &t->m);
	oto_request(t->cx, t->m.transaction, &t->note);
	struct oto_operation o = operation_of(t);
	oto_operation(t->cx, &o);
	if (t->code == PCCC_WRITE_PHYSICAL || t->code == PCCC_WRITE_FILE)
		add(t, &s->download, t->m.data);
}

/* ------------------------------------------------------------------------------------------------ 6. replies */

/* What the family calls the model is less than the catalogue number of CIP's identity, where both are told. */
static void fact(struct talk *t, const char *key, struct oto_slice value)
{
	struct oto_fact f = { .self_size = sizeof f, .key = key, .value = value, .confidence = 90, .sub = sub_of(t) };

	oto_fact(t->cx, &f);
}

/* "B/1": the three high bits are the series, the others the revision. */
static struct oto_slice revision_text(struct talk *t, uint8_t revision)
{
	struct text text = { oto_scratch(t->cx, ADDRESS_MAX), 0 };
	const char letter[] = { (char)('A' + (revision >> 5)), '/', 0 };

	if (!text.at)
		return (struct oto_slice){ 0 };
	put_word(&text, letter);
	put_number(&text, revision & 0x1fu);
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
static void diagnostic_status(struct talk *t)
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

static void show_note(struct talk *t, const struct oto_match *match)
{
	const struct note *note = (const void *)match->note;
	struct note *kept = oto_scratch(t->cx, sizeof *kept);
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
static const char *take_status(struct talk *t)
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

static void response(struct talk *t)
{
	struct oto_match match;
	const char *error = take_status(t);

	t->m.has_status = true;
	oto_response(t->cx, t->m.transaction, &match);
	if (match.found)
		show_note(t, &match);
	if (!error && t->code == PCCC_DIAGNOSTIC_STATUS)
		diagnostic_status(t);
	bool typed = t->code == PCCC_READ_2 || t->code == PCCC_READ_3;
	take_values(t, typed && t->m.has_file_type, t->m.file_type);
	oto_emit(t->cx, EV_MESSAGE, &t->m);
	struct oto_operation o = operation_of(t);
	oto_outcome(t->cx, &match, error ? OTO_OUTCOME_ERROR : OTO_OUTCOME_OK, error, &o);
	if (match.found)
		follow_transfer(t, !error, error);
}

/* ------------------------------------------------------------------------------------------------ 7. how a message came */

enum { REPLY = 0x40, PRIORITY = 0x20 };

static bool has_function(uint8_t command)
{
	return command == 0x06 || command == 0x07 || command == 0x0f;
}

/* Command, status, transaction; a request goes on with its function. A reply does not say its function: without its request it is
 * known by its command only. */
static void message(struct oto_ctx *cx, struct oto_cur c, struct pccc_message m)
{
	struct talk t = { .cx = cx, .m = m };
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
	const struct oto_name *row = reply && has_function(t.m.command) ? NULL : pccc_function_of(t.code);
	const struct oto_name *command = oto_name_of(&pccc_commands, t.m.command);
	t.m.function = row ? row->name : command ? command->name : "Unknown command";
	t.op = row ? row->op : OTO_OP_OTHER;
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

/* A whole CIP message of class 0x67. Other services of the class are CIP's own; a refused one has no reply inside. */
static void in_cip(struct oto_ctx *cx, struct oto_cur *c)
{
	struct pccc_message m = { 0 };
	struct cip_header h = cip_take_header(c);
	struct oto_cur data = oto_cur_of(h.data);

	if (c->bad || h.service < EXECUTE || h.service > EXECUTE_LOCAL || h.status)
		return;
	if (h.service == EXECUTE && !take_requestor(&data, &m)) {
		oto_weird(cx, "malformed_requestor", h.data);
		return;
	}
	if (h.service == EXECUTE_DH_PLUS)
		take_stations(&data, &m);
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
	.self_size = sizeof pairing, .note_size = sizeof(struct note), .scope = OTO_SCOPE_FLOW, .keyed = true, .bound = 256
};

static const struct oto_analyzer pccc = {
	.self_size = sizeof pccc,
	.name = "pccc",
	.doc = "PCCC: commands of PLC-5, SLC 500 and MicroLogix, in CIP and before it",
	.keys = "tcp/2222 cip.class/0x67 cip.class/0xa6",
	.probe = pccc_probe,
	.pdu_len = pccc_len,
	.pdu = pccc_pdu,
	.gap = pccc_gap,
	.closing = pccc_closing,
	.state_size = sizeof(struct state),
	.events = events,
	.nevents = sizeof events / sizeof *events,
	.pairing = &pairing,
};

OTO_ANALYZER(pccc);
