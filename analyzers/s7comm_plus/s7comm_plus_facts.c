/* s7comm_plus_facts.c - what messages reveal: order number, serial number and firmware of controllers, their names, the names of
 * engineering stations; and the blocks that go in and out.
 *
 * Everything here stands in plain sight in versions 1 to 3 without TLS. Names and versions are Siemens' own forms.
 */
#include <nettle/sha2.h>

#include "../say.h"
#include "s7comm_plus.h"

_Static_assert(sizeof((struct s7p_note *)0)->sha256 == SHA256_DIGEST_SIZE, "a note has room for the hash");

static void fact(struct oto_ctx *cx, const char *key, struct oto_slice value, enum oto_whose whose, uint8_t confidence,
		 struct oto_slice sub)
{
	while (value.len && (value.data[value.len - 1] == ' ' || value.data[value.len - 1] == 0))
		value.len--;
	oto_fact(cx, &(struct oto_fact){
			 .self_size = sizeof(struct oto_fact),
			 .key = key,
			 .value = value,
			 .whose = (uint8_t)whose,
			 .confidence = confidence,
			 .sub = sub,
		     });
}

static const struct oto_slice itself;

/* The next piece up to a semicolon. */
static struct oto_slice piece(struct oto_cur *c)
{
	struct oto_cur ahead = *c;
	uint32_t n = 0;

	while (oto_left(&ahead) && oto_u8(&ahead) != ';')
		n++;
	struct oto_slice out = oto_take(c, n);
	oto_skip(c, oto_left(c) ? 1 : 0);
	return out;
}

/* "1;6ES7 214-1AE30-0XB0 ;V3.0": form, order number, firmware. */
static void version_string(struct oto_ctx *cx, struct oto_slice text, enum oto_whose whose)
{
	struct oto_cur c = oto_cur_of(text);
	struct oto_slice form = piece(&c), order = piece(&c), firmware = piece(&c);

	if (form.len != 1 || form.data[0] != '1' || !order.len)
		return;
	fact(cx, "vendor", oto_slice_of("Siemens"), whose, 80, itself);
	fact(cx, "model", order, whose, 80, itself);
	fact(cx, "order_number", order, whose, 80, itself);
	fact(cx, "firmware", firmware, whose, 80, itself);
}

static bool is_host_name(struct oto_slice text)
{
	for (uint32_t i = 0; i < text.len; i++) {
		uint8_t c = text.data[i];
		if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_' || c == '.'))
			return false;
	}
	return true;
}

/* "TIA-MUHPC_238250": the computer's name and a number. Some clients write other things here. */
static void session_host(struct oto_ctx *cx, struct oto_slice text)
{
	uint32_t n = text.len;

	while (n && text.data[n - 1] >= '0' && text.data[n - 1] <= '9')
		n--;
	if (n > 1 && text.data[n - 1] == '_')
		text.len = n - 1;
	if (is_host_name(text))
		fact(cx, "hostname", text, OTO_SENDER, 80, itself);
}

/* I&M0 (PROFINET, IEC 61158-6-10): block header, vendor, order number, serial number, hardware and firmware version. */
static void identification(struct oto_ctx *cx, struct oto_slice blob, struct oto_slice sub)
{
	enum { BLOCK_IM0 = 0x0020, SIEMENS = 0x002a, BLOCK_LENGTH = 0x38 };
	struct oto_cur c = oto_cur_of(blob);
	uint16_t block = oto_be16(&c), length = oto_be16(&c);

	oto_skip(&c, 2);
	uint16_t vendor = oto_be16(&c);
	struct oto_slice order = oto_take(&c, 20), serial = oto_take(&c, 16);
	uint16_t hardware = oto_be16(&c);
	uint8_t prefix = oto_u8(&c), major = oto_u8(&c), minor = oto_u8(&c), patch = oto_u8(&c);
	if (c.bad || block != BLOCK_IM0 || length != BLOCK_LENGTH)
		return;
	if (vendor == SIEMENS)
		fact(cx, "vendor", oto_slice_of("Siemens"), OTO_SENDER, 100, sub);
	fact(cx, "model", order, OTO_SENDER, 100, sub);
	fact(cx, "order_number", order, OTO_SENDER, 100, sub);
	fact(cx, "serial", serial, OTO_SENDER, 100, sub);
	fact(cx, "hardware", say_text(cx, 8, "%u", hardware), OTO_SENDER, 100, sub);
	if (prefix >= 'A' && prefix <= 'Z')
		fact(cx, "firmware", say_text(cx, 16, "%c%u.%u.%u", prefix, major, minor, patch), OTO_SENDER, 100, sub);
}

/* ------------------------------------------------------------------------------------------------ trees */

struct teller {
	struct oto_ctx *cx;
	enum oto_whose device; /* whose the objects are */
	struct oto_cur tree;
	uint64_t op_id;
	bool from_client;
	struct s7p_alarm_taker alarm;
};

static bool tells_fact(uint32_t class, uint32_t id)
{
	return id == S7P_ATTR_VERSION_STRING || (id == S7P_ATTR_SESSION_HOST && class == S7P_CLASS_SESSION) ||
	       (id == S7P_ATTR_NAME && (class == S7P_CLASS_CPU || class == S7P_CLASS_DEVICE));
}

/* The hardware configuration names the station and its CPU. */
static void tell(const struct teller *t, uint32_t class, uint32_t id, struct oto_slice text)
{
	if (id == S7P_ATTR_VERSION_STRING)
		version_string(t->cx, text, OTO_SENDER);
	else if (id == S7P_ATTR_NAME)
		fact(t->cx, class == S7P_CLASS_CPU ? "module_name" : "station_name", text, t->device, 80, itself);
	else if (t->from_client)
		session_host(t->cx, text);
}

static bool is_text(const struct s7p_value *value)
{
	return value->bytes.len && !value->flags;
}

static void on_attribute(void *who, const struct s7p_place *at, uint32_t id, const struct s7p_value *value)
{
	struct teller *t = who;

	if (at->class == S7P_CLASS_ALARM)
		s7p_take_alarm(&t->alarm, id, value);
	else if (!t->from_client)
		s7p_tell_state(t->cx, id, value);
	if (is_text(value) && tells_fact(at->class, id))
		tell(t, at->class, id, value->bytes);
}

static struct oto_program program_of(const char *kind, uint32_t direction, uint32_t result)
{
	return (struct oto_program){ .self_size = sizeof(struct oto_program), .kind = kind, .direction = direction, .result = result };
}

static void hash_of(struct oto_slice content, uint8_t *sha256)
{
	struct sha256_ctx hash;

	sha256_init(&hash);
	sha256_update(&hash, content.len, content.data);
	sha256_digest(&hash, SHA256_DIGEST_SIZE, sha256);
}

static void block_read(struct oto_ctx *cx, const char *block, uint32_t object, struct oto_slice bytes, uint64_t op_id)
{
	struct oto_slice name = say_text(cx, 16, "%s%u", block, object & 0xffff);
	uint8_t *sha256 = oto_scratch(cx, SHA256_DIGEST_SIZE);

	if (!name.len || !sha256)
		return;
	hash_of(bytes, sha256);
	struct oto_program p = program_of("block", OTO_PROGRAM_UPLOAD, OTO_PROGRAM_COMPLETE);
	p.name = name;
	p.size = bytes.len;
	p.sha256 = (struct oto_slice){ sha256, SHA256_DIGEST_SIZE };
	p.op_id = op_id;
	p.has_size = p.by_receiver = true;
	oto_program(cx, &p);
}

/* A block with its code in an answer: somebody reads the program. */
static void on_object_end(void *who, const struct s7p_place *at, uint32_t length)
{
	struct teller *t = who;
	const char *block = s7p_block_of_class(at->class);
	struct oto_cur c = oto_seek(&t->tree, at->start);

	if (at->class == S7P_CLASS_ALARM)
		s7p_tell_alarm(t->cx, &t->alarm);
	if (!t->from_client && block && at->has_code)
		block_read(t->cx, block, at->object, oto_take(&c, length), t->op_id);
}

/* An answer to who reads the program that is too long to look into. */
static void large_upload(struct oto_ctx *cx, const struct s7p_message *m, const struct oto_match *match)
{
	struct oto_program p = program_of("program", OTO_PROGRAM_UPLOAD, OTO_PROGRAM_CUT);

	p.name = m->target;
	p.size = m->length;
	p.op_id = match->op_id;
	p.has_size = p.by_receiver = true;
	oto_program(cx, &p);
}

/* Trees begin where their start mark is: right at the cursor, or behind a number. */
static void walk(struct oto_cur body, struct teller *t)
{
	enum { START_OBJECT = 0xa1 };
	struct oto_cur ahead = body;

	if (oto_left(&body) && oto_u8(&ahead) != START_OBJECT)
		s7p_vlq32(&body);
	t->tree = body;
	s7p_walk_object(&body, &(struct s7p_visitor){ t, on_attribute, NULL, on_object_end });
}

void s7p_begin_told(struct s7p_told *told)
{
	told->name = (struct oto_slice){ 0 };
	told->count = 0;
	told->more = false;
}

void s7p_keep_told(struct s7p_told *told, const struct s7p_place *at, uint32_t id, const struct s7p_value *value)
{
	if (!is_text(value))
		return;
	if (id == S7P_ATTR_NAME && !told->name.len)
		told->name = value->bytes;
	if (!tells_fact(at->class, id))
		return;
	if (told->count == sizeof told->item / sizeof *told->item) {
		told->more = true;
		return;
	}
	told->item[told->count].class = at->class;
	told->item[told->count].id = id;
	told->item[told->count++].text = value->bytes;
}

void s7p_facts_of_request(struct oto_ctx *cx, struct s7p_message *m, const struct s7p_told *told, struct oto_slice object)
{
	struct teller t = { .cx = cx, .device = OTO_RECEIVER, .from_client = true };

	m->name = told->name;
	if (told->more)
		walk(oto_cur_of(object), &t);
	else
		for (uint32_t i = 0; i < told->count; i++)
			tell(&t, told->item[i].class, told->item[i].id, told->item[i].text);
}

/* Parts of the CPU say the same of it. */
static bool is_cpu(uint32_t object)
{
	return object == S7P_OBJ_CPU || object == S7P_OBJ_CPU_PROXY || object == S7P_OBJ_CPU_COMMON || object == S7P_OBJ_CPU_EXEC_UNIT;
}

/* A value that was read alone: a number, the operating state, the code of a block, who the device is. */
static void value_read(struct oto_ctx *cx, struct s7p_message *m, const struct s7p_note *note, const struct oto_match *match,
		       struct oto_cur body)
{
	bool found = match->found;
	const char *block = found && note->attribute == S7P_ATTR_CODE ? s7p_block_of_object(note->object) : NULL;
	struct teller t = { .cx = cx };
	struct s7p_value value;
	struct s7p_text sub;

	oto_skip(&body, 1);
	s7p_take_value(&body, &value, &(struct s7p_visitor){ &t, on_attribute, NULL, NULL }, NULL);
	if (body.bad || value.flags)
		return;
	if (found && note->object == S7P_OBJ_CPU_EXEC_UNIT)
		s7p_tell_state(cx, note->member, &value);
	if (found && note->op != OTO_OP_AUTHENTICATE && value.has_number) {
		m->value = value.number;
		m->has_value = true;
	}
	if (value.type != S7P_BLOB)
		return;
	if (block && value.bytes.len)
		block_read(cx, block, note->object, value.bytes, match->op_id);
	s7p_text_begin(&sub);
	if (found && !is_cpu(note->object))
		s7p_text_object(&sub, note->object);
	identification(cx, value.bytes, s7p_text_words(cx, &sub, 16));
}

void s7p_facts_of_response(struct oto_ctx *cx, struct s7p_message *m, const struct s7p_note *note, const struct oto_match *match,
			   struct oto_cur body)
{
	struct teller t = { .cx = cx, .device = OTO_SENDER, .op_id = match->op_id };

	if (m->partial) {
		if (match->found && note->op == OTO_OP_PROGRAM_READ)
			large_upload(cx, m, match);
		return;
	}
	switch (m->function_code) {
	case S7P_CREATE_OBJECT: /* the identifiers of what was made; when it is a session, it follows */
		for (uint32_t n = oto_u8(&body); n && !body.bad; n--)
			s7p_vlq32(&body);
		walk(body, &t);
		break;
	case S7P_EXPLORE:
		oto_skip(&body, 4);
		walk(body, &t);
		break;
	case S7P_GET_VAR_SUBSTREAMED:
		value_read(cx, m, note, match, body);
		break;
	default:
		break;
	}
}

/* ------------------------------------------------------------------------------------------------ transfers */

void s7p_transfer_begins(const struct s7p_message *m, const struct s7p_request *r, struct s7p_note *note)
{
	bool configuration = m->has_class && m->class == S7P_CLASS_HW_CONFIGURATION;

	if (m->function_code == S7P_CREATE_OBJECT && (configuration || (m->has_class && s7p_block_of_class(m->class)))) {
		hash_of(r->object, note->sha256);
		note->transfer = S7P_LOADS;
		note->size = r->object.len; /* 0: not all of it was read */
	} else if (m->function_code == S7P_DELETE_OBJECT && s7p_block_of_object(m->object)) {
		note->transfer = S7P_DELETES;
	} else {
		return;
	}
	note->is_block = !configuration;
	note->name_len = m->target.len < sizeof note->name ? (uint8_t)m->target.len : sizeof note->name;
	memcpy(note->name, m->target.data, note->name_len);
}

void s7p_transfer_ends(struct oto_ctx *cx, const struct s7p_note *note, const struct oto_match *match, const char *error)
{
	if (note->transfer == S7P_NO_TRANSFER)
		return;
	struct oto_program p =
	    program_of(note->is_block ? "block" : "configuration", note->transfer == S7P_LOADS ? OTO_PROGRAM_DOWNLOAD : OTO_PROGRAM_DELETE,
		       error ? OTO_PROGRAM_ABORTED : OTO_PROGRAM_COMPLETE);
	char *name = oto_scratch(cx, sizeof note->name);
	uint8_t *sha256 = oto_scratch(cx, sizeof note->sha256);
	if (!name || !sha256)
		return;
	memcpy(name, note->name, note->name_len);
	memcpy(sha256, note->sha256, sizeof note->sha256);
	p.name = (struct oto_slice){ (const uint8_t *)name, note->name_len };
	p.error = error;
	p.op_id = match->op_id;
	p.by_receiver = true;
	if (note->size) {
		p.size = note->size;
		p.sha256 = (struct oto_slice){ sha256, sizeof note->sha256 };
		p.has_size = true;
	}
	p.duration = match->latency;
	p.has_duration = match->latency.ns > 0;
	oto_program(cx, &p);
}
