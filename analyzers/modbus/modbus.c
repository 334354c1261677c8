/* modbus.c - Modbus/TCP, and the same frames over UDP.
 *
 * Owns the typed request and response fields of every public function code, the pairing of the two by (transaction identifier, unit
 * identifier), and the logs that Zeek and ICSNPP have for Modbus. Knows nothing of other protocols. Clauses: MAP is the "MODBUS Application
 * Protocol Specification V1.1b3", MTG the "MODBUS Messaging on TCP/IP Implementation Guide V1.0b".
 */
#include "modbus.h"

/* ------------------------------------------------------------------------------------------------ direction */

/* Kept per flow off port 502: which side is the client, once a PDU's form has told. */
struct modbus_flow {
	uint8_t client; /* 0 unknown, 1 the originator, 2 the responder */
};

static bool sent_by_client(const struct oto_ctx *cx, uint8_t code, struct oto_cur body)
{
	if (modbus_on_port(cx) && oto_dest_port(cx) != oto_source_port(cx))
		return oto_dest_port(cx) == MODBUS_PORT;
	struct modbus_flow *flow = cx->state;
	if (!flow->client) {
		enum shape shape = modbus_shape_of(code, body);
		if (shape == SHAPE_NONE || shape == SHAPE_EITHER)
			return cx->is_orig;
		flow->client = (shape == SHAPE_REQUEST) == cx->is_orig ? 1 : 2;
	}
	return (flow->client == 1) == cx->is_orig;
}

/* ------------------------------------------------------------------------------------------------ pairing */

enum { NOTE_VALUES = 252 }; /* all that fits into a PDU: MAP 4.1 */
enum note_kind { NOTE_NOTHING, NOTE_BITS, NOTE_REGISTERS, NOTE_DATA };

/* What a request leaves for its response: enough to tell both sides in one row. */
struct modbus_note {
	uint64_t packet; /* of the request; names the exchange */
	uint16_t tid, address, quantity, subfunction;
	uint16_t count; /* bits, registers or bytes kept */
	uint8_t unit, func, mei_type, umas_function;
	uint8_t kind; /* enum note_kind */
	bool has_address : 1, has_quantity : 1, has_subfunction : 1, has_mei : 1;
	uint8_t values[NOTE_VALUES];
};
_Static_assert(sizeof(struct modbus_note) <= OTO_NOTE_MAX, "the note must fit");

static void note_bytes(struct modbus_note *n, enum note_kind kind, const uint8_t *data, uint32_t bytes, uint32_t count)
{
	if (!bytes || bytes > NOTE_VALUES)
		return;
	n->kind = (uint8_t)kind;
	n->count = (uint16_t)count;
	memcpy(n->values, data, bytes);
}

/* The bytes of `values` beyond `count` are never read, so they are not cleared. */
static void take_note(const struct oto_ctx *cx, const struct modbus_pdu *p, struct modbus_note *n)
{
	n->packet = cx->head->packet;
	n->tid = p->tid;
	n->address = p->address;
	n->quantity = p->quantity;
	n->subfunction = p->subfunction;
	n->unit = p->unit;
	n->func = p->func;
	n->mei_type = p->mei_type;
	n->umas_function = p->has_umas ? p->umas_function : 0;
	n->has_address = p->has_address;
	n->has_quantity = p->has_quantity;
	n->has_subfunction = p->has_subfunction;
	n->has_mei = p->has_mei;
	n->kind = NOTE_NOTHING;
	n->count = 0;
	if (p->has_values && p->values.kind == OTO_VEC_BITS)
		note_bytes(n, NOTE_BITS, p->values.data, (p->values.count + 7) / 8, p->values.count);
	else if (p->has_values && p->values.kind == OTO_VEC_U16BE)
		note_bytes(n, NOTE_REGISTERS, p->values.data, p->values.count * 2, p->values.count);
	else if (p->has_data)
		note_bytes(n, NOTE_DATA, p->data.data, p->data.len, p->data.len);
}

/* Transaction and unit identifier; the function too, because some clients never change the former. */
static uint64_t pair_key(const struct modbus_pdu *p)
{
	return (uint64_t)p->tid << 16 | (uint64_t)p->unit << 8 | p->func;
}

/* A response does not say what was asked: the request's address and quantity do, and cut the padding off bits. */
static void complete(struct modbus_pdu *p, const struct modbus_note *n)
{
	if (!p->has_address && n->has_address) {
		p->address = n->address;
		p->has_address = true;
	}
	if (!p->has_quantity && n->has_quantity) {
		p->quantity = n->quantity;
		p->has_quantity = true;
	}
	if (!p->has_values || !n->has_quantity)
		return;
	if (p->values.kind == OTO_VEC_BITS && p->func <= READ_DISCRETE_INPUTS) {
		if ((n->quantity + 7u) / 8 != p->values.count / 8)
			modbus_odd(p, "byte_count_mismatch");
		if (n->quantity < p->values.count)
			p->values.count = n->quantity;
	} else if (p->func <= READ_INPUT_REGISTERS || p->func == READ_WRITE_MULTIPLE_REGISTERS) {
		if (n->quantity != p->values.count)
			modbus_odd(p, "byte_count_mismatch");
	}
}

/* ------------------------------------------------------------------------------------------------ speaking */

static const char *space_of(uint8_t func)
{
	switch (func) {
	case READ_COILS:
	case WRITE_SINGLE_COIL:
	case WRITE_MULTIPLE_COILS:
		return "coil";
	case READ_DISCRETE_INPUTS:
		return "discrete_input";
	case READ_INPUT_REGISTERS:
		return "input_register";
	case READ_HOLDING_REGISTERS:
	case WRITE_SINGLE_REGISTER:
	case WRITE_MULTIPLE_REGISTERS:
	case MASK_WRITE_REGISTER:
	case READ_WRITE_MULTIPLE_REGISTERS:
		return "holding_register";
	case READ_FILE_RECORD:
	case WRITE_FILE_RECORD:
		return "file";
	case READ_FIFO_QUEUE:
		return "fifo";
	default:
		return NULL;
	}
}

/* The registers touched; of a read/write those written, of file functions the first record's file. */
static struct oto_target target_of(const struct modbus_pdu *p)
{
	struct oto_target t = { .space = space_of(p->func), .first = p->address, .count = p->has_quantity ? p->quantity : p->has_address };

	if (p->has_write) {
		t.first = p->write_address;
		t.count = p->write_quantity;
	}
	if (p->has_records && p->data.len) {
		struct oto_cur c = oto_cur_of(p->data);
		struct modbus_file_record r;
		modbus_take_file_record(p, &c, &r);
		t.first = r.file;
		t.count = r.has_place;
	}
	return t;
}

/* What a command does follows from the function, or from the function inside it. */
static struct oto_operation operation_of(const struct modbus_pdu *p)
{
	const struct oto_name *row = oto_name_of(&modbus_functions, p->func), *inner = NULL;
	struct oto_operation o = { .self_size = sizeof o,
				   .op = row ? row->op : OTO_OP_OTHER,
				   .func = row ? row->name : "unknown",
				   .func_code = p->func,
				   .target = target_of(p),
				   .unit = p->unit,
				   .has_unit = true };

	if (p->has_subfunction)
		inner = oto_name_of(&modbus_subfunctions, p->subfunction);
	else if (p->has_mei)
		inner = oto_name_of(&modbus_mei_types, p->mei_type);
	else if (p->has_umas && p->request)
		inner = oto_name_of(&modbus_umas_functions, p->umas_function);
	if (inner) {
		o.op = inner->op;
		o.func = inner->name;
	}
	return o;
}

/* Decimal digits of n, written so that they end before text[end]; returns where they begin. */
static uint32_t put_number(uint8_t *text, uint32_t end, uint64_t n)
{
	do
		text[--end] = (uint8_t)('0' + n % 10);
	while ((n /= 10));
	return end;
}

/* "PACKET-TID" of the request: the same name on both sides, without chance. */
static struct oto_slice link_of(struct oto_ctx *cx, uint64_t packet, uint16_t tid)
{
	enum { SIZE = 28 };
	uint8_t *text = oto_scratch(cx, SIZE);

	if (!text)
		return (struct oto_slice){ 0 };
	uint32_t at = put_number(text, SIZE, tid);
	text[--at] = '-';
	at = put_number(text, at, packet);
	return (struct oto_slice){ &text[at], SIZE - at };
}

static bool is_compound(uint8_t func)
{
	return func == MASK_WRITE_REGISTER || func == READ_WRITE_MULTIPLE_REGISTERS;
}

static struct modbus_ends ends_of(const struct oto_ctx *cx)
{
	const struct oto_head *h = cx->head;

	return (struct modbus_ends){ cx->is_orig ? h->orig_h : h->resp_h, cx->is_orig ? h->resp_h : h->orig_h, oto_source_port(cx),
				     oto_dest_port(cx) };
}

static void tell_compound(struct oto_ctx *cx, const struct modbus_pdu *p, struct oto_slice link)
{
	struct modbus_compound e = { .ends = ends_of(cx),
				     .tid = p->tid,
				     .unit = p->unit,
				     .func = p->func,
				     .modbus_detailed_link_id = link,
				     .has_link = link.len != 0,
				     .request_response = p->request ? "REQUEST" : "RESPONSE",
				     .address = p->address,
				     .and_mask = p->and_mask,
				     .or_mask = p->or_mask,
				     .has_masks = p->has_masks,
				     .has_write = p->has_write,
				     .write_start_address = p->write_address,
				     .read_start_address = p->address,
				     .read_quantity = p->quantity };

	if (p->request)
		e.write_registers = p->values;
	else
		e.read_registers = p->values;
	e.has_read = !p->request && p->has_values;
	oto_emit(cx, EV_COMPOUND, &e);
}

static void tell_device_ids(struct oto_ctx *cx, const struct modbus_pdu *p, struct oto_slice link)
{
	struct modbus_device_id e = { .ends = ends_of(cx),
				      .tid = p->tid,
				      .unit = p->unit,
				      .func = p->func,
				      .mei_type = p->mei_type,
				      .device_id_code = p->device_id_code,
				      .object_id = p->object_id,
				      .conformity_level = p->conformity,
				      .request_response = p->request ? "REQUEST" : "RESPONSE",
				      .modbus_detailed_link_id = link,
				      .has_link = link.len != 0,
				      .has_value = !p->request };
	struct oto_cur c = oto_cur_of(p->data);

	if (p->request)
		oto_emit(cx, EV_DEVICE_ID, &e);
	for (unsigned i = 0; i < p->items; i++) {
		e.object_id = oto_u8(&c);
		e.object_value = oto_take(&c, oto_u8(&c));
		oto_emit(cx, EV_DEVICE_ID, &e);
	}
}

static void tell_file_records(struct oto_ctx *cx, const struct modbus_pdu *p)
{
	struct oto_cur c = oto_cur_of(p->data);
	struct modbus_file_record r;

	for (unsigned i = 0; i < p->items; i++) {
		modbus_take_file_record(p, &c, &r);
		r.index = (uint8_t)(i + 1);
		oto_emit(cx, EV_FILE_RECORD, &r);
	}
}

/* Events that only some functions have. */
static void tell_parts(struct oto_ctx *cx, const struct modbus_pdu *p, uint64_t request_packet)
{
	bool linked = request_packet != 0;

	if (p->has_records && oto_wanted(cx, EV_FILE_RECORD))
		tell_file_records(cx, p);
	else if (is_compound(p->func) && (p->has_masks || p->has_write || p->has_values) && oto_wanted(cx, EV_COMPOUND))
		tell_compound(cx, p, linked ? link_of(cx, request_packet, p->tid) : (struct oto_slice){ 0 });
	else if (p->has_object && oto_wanted(cx, EV_DEVICE_ID))
		tell_device_ids(cx, p, linked ? link_of(cx, request_packet, p->tid) : (struct oto_slice){ 0 });
}

static uint32_t note_size(const struct modbus_note *n)
{
	return n->kind == NOTE_BITS ? (n->count + 7u) / 8 : n->kind == NOTE_REGISTERS ? n->count * 2u : n->count;
}

static void keep_values(struct oto_ctx *cx, struct modbus_transaction *t, const struct modbus_note *n)
{
	uint8_t *copy = n->kind == NOTE_NOTHING ? NULL : oto_scratch(cx, note_size(n));

	if (!copy)
		return;
	memcpy(copy, n->values, note_size(n));
	if (n->kind == NOTE_DATA) {
		t->request_data = (struct oto_slice){ copy, n->count };
		t->has_request_data = true;
	} else {
		t->request_values = (struct oto_vec){ copy, n->count, n->kind == NOTE_BITS ? OTO_VEC_BITS : OTO_VEC_U16BE };
		t->has_request_values = true;
	}
}

static void transaction_request(struct oto_ctx *cx, struct modbus_transaction *t, const struct modbus_note *n)
{
	*t = (struct modbus_transaction){ .tid = n->tid,
					  .unit = n->unit,
					  .func = n->func,
					  .address = n->address,
					  .quantity = n->quantity,
					  .request_subfunction_code = n->subfunction,
					  .mei_type = n->mei_type,
					  .has_address = n->has_address,
					  .has_quantity = n->has_quantity,
					  .has_request_sub = n->has_subfunction,
					  .has_mei = n->has_mei };
	if (is_compound(n->func) || (n->has_mei && n->mei_type == MEI_DEVICE_IDENTIFICATION)) {
		t->modbus_detailed_link_id = link_of(cx, n->packet, n->tid);
		t->has_link = t->modbus_detailed_link_id.len != 0;
	}
	if (!is_compound(n->func))
		keep_values(cx, t, n);
}

static void tell_transaction(struct oto_ctx *cx, const struct modbus_pdu *p, const struct modbus_note *n)
{
	struct modbus_transaction t;

	if (n) {
		transaction_request(cx, &t, n);
		t.matched = true;
	} else {
		t = (struct modbus_transaction){ .tid = p->tid,
						 .unit = p->unit,
						 .func = p->func,
						 .address = p->address,
						 .has_address = p->has_address,
						 .quantity = p->quantity,
						 .has_quantity = p->has_quantity,
						 .mei_type = p->mei_type,
						 .has_mei = p->has_mei };
	}
	t.answered = true;
	if (!t.has_quantity && p->has_values) {
		t.quantity = (uint16_t)p->values.count;
		t.has_quantity = true;
	}
	t.latency = p->latency;
	t.has_latency = n != NULL;
	t.response_values = p->values;
	t.has_response_values = p->has_values && !is_compound(p->func);
	t.response_subfunction_code = p->subfunction;
	t.has_response_sub = p->has_subfunction;
	t.response_data = p->has_server_id ? p->server_id : p->data;
	t.has_response_data = p->has_data || p->has_server_id;
	t.exception_code = p->exception;
	t.has_exception = p->has_exception;
	oto_emit(cx, EV_TRANSACTION, &t);
}

/* Units 0 and 255 are the addressed device itself (MTG 4.4.1.2); others are stations behind it. */
static struct oto_slice station(struct oto_ctx *cx, uint8_t unit)
{
	enum { SIZE = 8 };
	uint8_t *text = unit == 0 || unit == 255 ? NULL : oto_scratch(cx, SIZE);

	if (!text)
		return (struct oto_slice){ 0 };
	uint32_t at = put_number(text, SIZE, unit) - 5;
	memcpy(&text[at], "unit ", 5);
	return (struct oto_slice){ &text[at], SIZE - at };
}

static bool is_text(struct oto_slice s)
{
	struct oto_cur c = oto_cur_of(s);
	bool text = s.len >= 2;

	while (text && oto_left(&c)) {
		uint8_t byte = oto_u8(&c);
		text = byte >= 0x20 && byte < 0x7f;
	}
	return text;
}

static void tell_facts(struct oto_ctx *cx, const struct modbus_pdu *p)
{
	struct oto_fact f = { .self_size = sizeof f, .confidence = 100, .sub = station(cx, p->unit) };
	struct oto_cur c = oto_cur_of(p->has_server_id ? p->server_id : p->data);

	for (unsigned i = 0; p->has_objects && i < p->items; i++) {
		uint8_t id = oto_u8(&c);
		f.value = oto_take(&c, oto_u8(&c));
		if (id >= sizeof modbus_object_facts / sizeof *modbus_object_facts)
			continue;
		f.key = modbus_object_facts[id];
		oto_fact(cx, &f);
	}
	if (!p->has_server_id)
		return;
	f.key = "server_id";
	f.value = p->server_id;
	uint8_t last = f.value.len ? f.value.data[f.value.len - 1] : 1;
	/* a number and the run indicator stand before the text; some put the indicator behind it */
	if (last == 0x00 || last == 0xff) {
		f.value.len--;
	} else if (!is_text(f.value) && p->has_running) {
		oto_skip(&c, 2);
		f.value = oto_rest(&c);
	}
	if (is_text(f.value))
		oto_fact(cx, &f);
}

/* The answer to UMAS_READ_ID: session, OK, 22 bytes of numbers, then what the controller is called ("140 CPU 311 10"). */
static void tell_umas_id(struct oto_ctx *cx, const struct modbus_pdu *p)
{
	enum { NUMBERS = 22 };
	struct oto_fact f = { .self_size = sizeof f, .key = "model", .confidence = 100, .sub = station(cx, p->unit) };
	struct oto_cur c = oto_cur_of(p->data);

	oto_skip(&c, 2 + NUMBERS);
	f.value = oto_take(&c, oto_u8(&c));
	if (c.bad || !is_text(f.value))
		return;
	oto_fact(cx, &f);
	f.key = "vendor";
	f.value = oto_slice_of("Schneider Electric");
	oto_fact(cx, &f);
}

static void tell_message(struct oto_ctx *cx, const struct modbus_pdu *p)
{
	struct modbus_message m = { .tid = p->tid,
				    .unit = p->unit,
				    .func = p->func,
				    .code = p->code,
				    .exception = p->exception,
				    .has_exception = p->has_exception,
				    .pdu_type = p->request ? "REQ" : "RESP" };
	uint64_t what =
	    (uint64_t)p->unit << 24 | (uint64_t)p->code << 16 | (uint64_t)p->exception << 8 | (uint64_t)p->has_exception << 1 | p->request;
	uint64_t key = oto_key_mix(oto_ends(cx), what, 0);

	if (!oto_again(cx, EV_MESSAGE, key))
		oto_emit_as(cx, EV_MESSAGE, &m, key);
}

/* Of all that a request or an answer holds but its transaction, its values and how long it took: all that stands in front of these. 0:
 * there are bytes of other kinds in it, which is rare. */
static uint64_t key_of(struct oto_ctx *cx, const struct modbus_pdu *p)
{
	enum { WORDS = 7 };
	uint64_t w[WORDS];

	_Static_assert(offsetof(struct modbus_pdu, tid) == 0 && offsetof(struct modbus_pdu, has_running) == sizeof w,
		       "seven words and has_running, nothing between them");
	if (p->has_data || p->has_event_log || p->has_server_id)
		return 0;
	memcpy(w, p, sizeof w);
	memset(w, 0, sizeof p->tid);
	uint64_t key = oto_key_mix(oto_ends(cx), w[0], w[1]);
	key = oto_key_mix(key, w[2], w[3]);
	return oto_key_mix(oto_key_mix(key, w[4], w[5]), w[6], p->has_running);
}

static void speak(struct oto_ctx *cx, uint32_t event, const struct modbus_pdu *p)
{
	uint64_t key = oto_wanted(cx, event) ? key_of(cx, p) : 0;

	if (!key || !oto_again(cx, event, key))
		oto_emit_as(cx, event, p, key);
}

static void speak_request(struct oto_ctx *cx, struct modbus_pdu *p)
{
	if (p->code & 0x80) {
		modbus_odd(p, "exception_by_client");
		return;
	}
	struct modbus_note note;
	struct oto_operation o = operation_of(p);
	take_note(cx, p, &note);
	oto_request(cx, pair_key(p), &note);
	oto_operation(cx, &o);
	if (oto_wanted(cx, EV_REQUEST))
		speak(cx, EV_REQUEST, p);
	tell_parts(cx, p, cx->head->packet);
}

static void speak_response(struct oto_ctx *cx, struct modbus_pdu *p)
{
	struct oto_match m;

	oto_response(cx, pair_key(p), &m);
	const struct modbus_note *note = m.found ? (const void *)m.note : NULL;
	if (note) {
		p->matched = true;
		p->unsure = m.unsure;
		p->latency = m.latency;
		complete(p, note);
	}
	struct oto_operation o = operation_of(p);
	const struct oto_name *why = oto_name_of(&modbus_exceptions, p->exception);
	bool refused = p->has_exception && p->exception != EXCEPTION_ACKNOWLEDGE;
	if (p->has_umas && p->umas_function == UMAS_ERROR)
		oto_outcome(cx, &m, OTO_OUTCOME_ERROR, "UMAS_ERROR", &o);
	else
		oto_outcome(cx, &m, refused ? OTO_OUTCOME_ERROR : OTO_OUTCOME_OK, !refused ? NULL : why ? why->name : "unknown", &o);
	if (p->code & 0x80)
		oto_emit(cx, EV_EXCEPTION, p);
	else
		speak(cx, EV_RESPONSE, p);
	tell_parts(cx, p, note ? note->packet : 0);
	if (oto_wanted(cx, EV_TRANSACTION))
		tell_transaction(cx, p, note);
	if (p->has_objects || p->has_server_id)
		tell_facts(cx, p);
	if (note && p->umas_function == UMAS_OK && note->umas_function == UMAS_READ_ID)
		tell_umas_id(cx, p);
}

static void modbus_pdu(struct oto_ctx *cx, struct oto_cur *c)
{
	struct modbus_pdu p = { .tid = oto_be16(c) };
	struct oto_slice whole = { c->start, (uint32_t)(c->end - c->start) };

	uint16_t protocol = oto_be16(c), length = oto_be16(c);
	p.unit = oto_u8(c);
	p.code = oto_u8(c);
	p.func = p.code & 0x7f;
	if (c->bad)
		return;
	if (protocol != 0 || length < LENGTH_MIN) { /* a datagram among others: in a stream pdu_len refuses it */
		oto_weird(cx, "not_modbus", whole);
		return;
	}
	uint32_t said = length - (uint32_t)LENGTH_MIN;
	struct oto_cur body = oto_sub(c, said < oto_left(c) ? said : oto_left(c));
	if (length > LENGTH_MAX || said != oto_left(&body))
		modbus_odd(&p, "illegal_length");
	if (p.func == 0)
		modbus_odd(&p, "function_code_zero");
	p.request = sent_by_client(cx, p.code, body);
	modbus_parse(&p, body);
	tell_message(cx, &p);
	if (p.request)
		speak_request(cx, &p);
	else
		speak_response(cx, &p);
	if (p.odd)
		oto_weird(cx, p.odd, whole);
}

/* Nobody answered: the request's half is all there is. */
static void modbus_unanswered(struct oto_ctx *cx, const void *note)
{
	const struct modbus_note *n = note;
	struct modbus_transaction t;

	if (!oto_wanted(cx, EV_TRANSACTION))
		return;
	transaction_request(cx, &t, n);
	oto_emit(cx, EV_TRANSACTION, &t);
}

static const struct oto_pairing pairing = {
	.self_size = sizeof pairing,
	.note_size = sizeof(struct modbus_note),
	.scope = OTO_SCOPE_FLOW,
	.keyed = true,
};

static const struct oto_analyzer modbus = {
	.self_size = sizeof modbus,
	.flags = OTO_ANY_PORT,
	.name = "modbus",
	.doc = "Modbus/TCP and Modbus over UDP",
	.keys = "tcp/502 udp/502",
	.probe = modbus_probe,
	.pdu_len = modbus_pdu_len,
	.pdu = modbus_pdu,
	.unanswered = modbus_unanswered,
	.state_size = sizeof(struct modbus_flow),
	.max_pdu = MBAP_COUNTED + UINT16_MAX,
	.events = modbus_events,
	.nevents = EV_COUNT,
	.pairing = &pairing,
};

OTO_ANALYZER(modbus);
