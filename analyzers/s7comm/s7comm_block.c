/* s7comm_block.c - blocks that go up and down, and program invocation (PI) services.
 *
 * A download is asked for by the client, but then the PLC fetches: it sends the jobs and the client answers with the data. What is under
 * way is kept in the flow, with a running SHA-256 of the content; program.transfer is spoken at the end.
 */
#include "s7comm.h"

enum { STATUS_MORE = 1, STATUS_ERROR = 2, FILE_NAME = 9 };

/* ------------------------------------------------------------------------------------------------ names */

/* Digits of a text, 0 when there is something else. */
static uint64_t number_of(struct oto_slice digits)
{
	uint64_t n = 0;

	for (uint32_t i = 0; i < digits.len; i++) {
		if (digits.data[i] < '0' || digits.data[i] > '9')
			return 0;
		n = n * 10 + (digits.data[i] - '0');
	}
	return n;
}

static struct oto_slice part_of(struct oto_slice s, uint32_t from, uint32_t len)
{
	struct oto_cur c = oto_cur_of(s);

	oto_skip(&c, from);
	return oto_take(&c, len);
}

/* "_0A00001P": a mark, the type, five digits, the file system. Numeric controls and others have names of their own kind. */
static bool is_block_file(struct oto_slice name)
{
	return name.len == FILE_NAME && name.data[0] == '_';
}

static const char *filesystem(struct oto_slice one)
{
	return one.len == 1 && one.data[0] == 'P' ? "Passive" : one.len == 1 && one.data[0] == 'A' ? "Active" : "Unknown";
}

static void put_block(struct s7_text *t, struct oto_slice type, struct oto_slice digits)
{
	s7_put(t, s7_block_short(type));
	s7_put_number(t, (uint32_t)number_of(digits));
}

/* "DB1" of "_0A00001P"; other names as they are. */
static struct oto_slice block_name(struct oto_ctx *cx, struct oto_slice file)
{
	if (!is_block_file(file)) {
		uint8_t *copy = oto_scratch(cx, file.len);
		if (copy && file.len)
			memcpy(copy, file.data, file.len);
		return (struct oto_slice){ copy, copy ? file.len : 0 };
	}
	struct s7_text t = s7_text_new(cx, 12);
	put_block(&t, part_of(file, 1, 2), part_of(file, 3, 5));
	return s7_text_of(&t);
}

static void tell_file(struct s7_block *e, struct oto_slice file)
{
	e->filename = file;
	e->has_filename = true;
	e->block_type = is_block_file(file) ? s7_block_long(part_of(file, 1, 2)) : "Unknown";
	e->block_number = is_block_file(file) ? part_of(file, 3, 5) : part_of(file, 0, 0);
	e->has_block = is_block_file(file);
	e->destination_filesystem = is_block_file(file) ? filesystem(part_of(file, 8, 1)) : "Unknown";
}

/* ------------------------------------------------------------------------------------------------ transfers */

static struct oto_slice name_of(const struct s7_transfer *t)
{
	return (struct oto_slice){ t->name, t->name_len };
}

struct s7_transfer *s7_transfer_at(struct s7_flow *flow, uint8_t slot)
{
	return slot && slot <= TRANSFERS_MAX && flow->transfer[slot - 1].used ? &flow->transfer[slot - 1] : NULL;
}

uint8_t s7_transfer_slot(const struct s7_flow *flow, const struct s7_transfer *t)
{
	for (uint8_t i = 0; i < TRANSFERS_MAX; i++) {
		if (t == &flow->transfer[i])
			return (uint8_t)(i + 1);
	}
	return 0;
}

void s7_transfer_finish(struct oto_ctx *cx, struct s7_transfer *t, uint32_t result, const char *error)
{
	struct oto_program program = { .self_size = sizeof program,
				       .direction = t->download ? OTO_PROGRAM_DOWNLOAD : OTO_PROGRAM_UPLOAD,
				       .result = result,
				       .kind = t->is_nc ? "program" : "block",
				       .name = s7_transfer_name(cx, t),
				       .error = error,
				       .size = t->size,
				       .announced = t->announced,
				       .duration = { cx->head->ts.ns - t->began },
				       .op_id = t->op_id,
				       .has_size = true,
				       .has_announced = t->has_announced,
				       .has_duration = true,
				       .by_receiver = cx->is_orig != t->client_is_orig,
				       .sub = s7_sub(cx, t->client_is_orig) };

	if (!t->partial && result == OTO_PROGRAM_COMPLETE) {
		uint8_t *digest = oto_scratch(cx, SHA256_DIGEST_SIZE);
		if (digest) {
			sha256_digest(&t->hash, SHA256_DIGEST_SIZE, digest);
			program.sha256 = (struct oto_slice){ digest, SHA256_DIGEST_SIZE };
		}
	}
	t->used = false;
	oto_program(cx, &program);
}

/* A slot for a new transfer; the oldest is given up when all are taken. */
struct s7_transfer *s7_transfer_begin(struct s7_pdu *p, bool download, struct oto_slice name, bool partial)
{
	struct s7_flow *flow = p->cx->state;
	struct s7_transfer *t = &flow->transfer[0];

	for (uint32_t i = 0; i < TRANSFERS_MAX && t->used; i++) {
		if (!flow->transfer[i].used || flow->transfer[i].began < t->began)
			t = &flow->transfer[i];
	}
	if (t->used)
		s7_transfer_finish(p->cx, t, OTO_PROGRAM_CUT, NULL);
	*t = (struct s7_transfer){ .used = true,
				   .download = download,
				   .client_is_orig = p->cx->is_orig != p->by_receiver,
				   .partial = partial,
				   .began = p->cx->head->ts.ns };
	t->name_len = (uint8_t)(name.len < sizeof t->name ? name.len : sizeof t->name);
	if (t->name_len)
		memcpy(t->name, name.data, t->name_len);
	sha256_init(&t->hash);
	return t;
}

struct oto_slice s7_transfer_name(struct oto_ctx *cx, const struct s7_transfer *t)
{
	return block_name(cx, name_of(t));
}

static struct s7_transfer *download_of(struct s7_flow *flow, struct oto_slice name)
{
	for (uint32_t i = 0; i < TRANSFERS_MAX; i++) {
		struct s7_transfer *t = &flow->transfer[i];
		uint32_t len = name.len < sizeof t->name ? name.len : sizeof t->name;
		if (t->used && t->download && !t->is_nc && t->name_len == len && (!len || !memcmp(t->name, name.data, len)))
			return t;
	}
	return NULL;
}

static struct s7_transfer *upload_of(struct s7_flow *flow, uint32_t id)
{
	for (uint32_t i = 0; i < TRANSFERS_MAX; i++) {
		struct s7_transfer *t = &flow->transfer[i];
		if (t->used && !t->download && !t->is_nc && t->upload_id == id)
			return t;
	}
	return NULL;
}

void s7_transfer_add(struct s7_transfer *t, struct oto_slice content, bool more)
{
	t->more = more;
	t->size += content.len;
	if (content.len)
		sha256_update(&t->hash, content.len, content.data);
}

void s7_transfers_gap(struct s7_flow *flow)
{
	for (uint32_t i = 0; i < TRANSFERS_MAX; i++)
		flow->transfer[i].partial = true;
}

void s7_transfers_cut(struct oto_ctx *cx)
{
	struct s7_flow *flow = cx->state;

	for (uint32_t i = 0; i < TRANSFERS_MAX; i++) {
		if (flow->transfer[i].used)
			s7_transfer_finish(cx, &flow->transfer[i], OTO_PROGRAM_CUT, NULL);
	}
}

/* ------------------------------------------------------------------------------------------------ jobs */

static struct s7_block block_event(struct s7_pdu *p)
{
	struct s7_block e = { .pdu_reference = p->m.pdu_reference, .rosctr = p->m.rosctr_code, .function_name = p->m.function_code };

	s7_speakers(p->cx, &e.source_h, &e.source_p, &e.destination_h, &e.destination_p);
	return e;
}

static void put_status(struct s7_block *e, uint8_t status)
{
	e->function_status = status;
	e->has_status = true;
}

/* Behind the name of a download: a mark, the bytes in load memory and of code, both in digits. */
static void take_sizes(struct s7_block *e, struct oto_cur *c)
{
	struct oto_cur part = oto_sub(c, oto_u8(c));

	oto_skip(&part, 1);
	struct oto_slice load = oto_take(&part, 6), code = oto_take(&part, 6);
	if (part.bad)
		return;
	e->load_memory = number_of(load);
	e->mc7_length = number_of(code);
	e->has_sizes = true;
}

void s7_block_job(struct s7_pdu *p, struct oto_cur *c)
{
	struct s7_flow *flow = p->cx->state;
	struct s7_block e = block_event(p);
	struct s7_transfer *t = NULL;
	uint8_t status = oto_u8(c), function = p->m.function_code;
	uint16_t error = oto_be16(c);
	struct oto_slice name = { 0 };

	e.session_id = oto_be32(c);
	e.has_session = true;
	if (function != S7_UPLOAD && function != S7_END_UPLOAD)
		name = oto_take(c, oto_u8(c));
	if (c->bad)
		return;
	put_status(&e, status);
	p->by_receiver = function == S7_DOWNLOAD_BLOCK || function == S7_DOWNLOAD_ENDED;
	if (name.len)
		tell_file(&e, name);
	switch (function) {
	case S7_REQUEST_DOWNLOAD:
		if (oto_left(c))
			take_sizes(&e, c);
		t = s7_transfer_begin(p, true, name, false);
		t->announced = e.load_memory;
		t->has_announced = e.has_sizes;
		break;
	case S7_DOWNLOAD_BLOCK:
	case S7_DOWNLOAD_ENDED:
		t = download_of(flow, name);
		if (!t)
			t = s7_transfer_begin(p, true, name, true);
		break;
	case S7_START_UPLOAD:
		t = s7_transfer_begin(p, false, name, false);
		break;
	default:
		t = upload_of(flow, e.session_id);
		if (!t) {
			t = s7_transfer_begin(p, false, name, true);
			t->upload_id = e.session_id;
		}
	}
	if (t->name_len) {
		p->op.target = (struct oto_target){ .space = "block", .name = s7_transfer_name(p->cx, t) };
	} else {
		struct s7_text text = s7_text_new(p->cx, 12);
		s7_put_number(&text, e.session_id);
		p->op.target = (struct oto_target){ .space = "upload", .name = s7_text_of(&text) };
	}
	p->note->transfer = s7_transfer_slot(flow, t);
	p->note->status = status;
	p->note->szl_index = function == S7_DOWNLOAD_ENDED && status & STATUS_ERROR ? error : 0;
	oto_emit(p->cx, EV_BLOCK, &e);
}

/* ------------------------------------------------------------------------------------------------ answers */

/* Length, a mark, content. */
static struct oto_slice take_content(struct oto_cur *data, struct s7_block *e)
{
	uint32_t length = oto_be16(data);

	oto_skip(data, 2);
	e->blocklength = length;
	e->has_length = !data->bad;
	return oto_take(data, length);
}

static void settle(struct s7_pdu *p, struct s7_transfer *t)
{
	if (p->failed)
		s7_transfer_finish(p->cx, t, OTO_PROGRAM_ABORTED, p->failed);
	else if (p->note->status & STATUS_ERROR)
		s7_transfer_finish(p->cx, t, OTO_PROGRAM_ABORTED, p->note->szl_index ? s7_error_word(p->note->szl_index) : "ended_by_plc");
	else if (t->more)
		s7_transfer_finish(p->cx, t, OTO_PROGRAM_ABORTED, "ended_early");
	else
		s7_transfer_finish(p->cx, t, OTO_PROGRAM_COMPLETE, NULL);
}

void s7_block_answer(struct s7_pdu *p, struct oto_cur *c, struct oto_cur *data)
{
	struct s7_flow *flow = p->cx->state;
	struct s7_block e = block_event(p);
	struct s7_transfer *t = p->match.found ? s7_transfer_at(flow, p->note->transfer) : NULL;
	struct oto_slice content = { 0 };
	uint8_t function = p->m.function_code;

	p->by_receiver = function == S7_DOWNLOAD_BLOCK || function == S7_DOWNLOAD_ENDED;
	if (t && p->match.unsure)
		t->partial = true;
	switch (function) {
	case S7_START_UPLOAD:
		if (oto_left(c))
			put_status(&e, oto_u8(c));
		oto_skip(c, oto_left(c) >= 6 ? 2 : 0);
		if (oto_left(c) >= 4) {
			e.session_id = oto_be32(c);
			e.has_session = true;
		}
		if (oto_left(c)) {
			struct oto_slice digits = oto_take(c, oto_u8(c));
			e.blocklength = number_of(digits);
			e.has_length = !c->bad;
		}
		break;
	case S7_UPLOAD:
	case S7_DOWNLOAD_BLOCK:
		if (oto_left(c)) {
			uint8_t status = oto_u8(c);
			e.more = status & STATUS_MORE;
			e.has_more = true;
			if (function == S7_UPLOAD)
				put_status(&e, status);
		}
		if (oto_left(data))
			content = take_content(data, &e);
		break;
	default:
		break;
	}
	if (c->bad || data->bad)
		return;
	if (t && t->name_len)
		p->op.target = (struct oto_target){ .space = "block", .name = s7_transfer_name(p->cx, t) };
	oto_emit(p->cx, EV_BLOCK, &e);
	if (!t)
		return;
	if (function == S7_DOWNLOAD_ENDED || function == S7_END_UPLOAD) {
		settle(p, t);
	} else if (p->failed) {
		s7_transfer_finish(p->cx, t, OTO_PROGRAM_ABORTED, p->failed);
	} else if (function == S7_START_UPLOAD) {
		t->upload_id = e.session_id;
		t->announced = e.blocklength;
		t->has_announced = e.has_length;
	} else if (function != S7_REQUEST_DOWNLOAD) {
		s7_transfer_add(t, content, e.more);
	}
}

void s7_transfer_asked(struct s7_pdu *p, uint64_t op_id)
{
	struct s7_transfer *t = s7_transfer_at(p->cx->state, p->note->transfer);

	if (t && !t->op_id)
		t->op_id = op_id;
}

/* A refusal without parameters: which function it was only the request knows. */
void s7_transfers_refused(struct s7_pdu *p)
{
	struct s7_transfer *t = p->match.found ? s7_transfer_at(p->cx->state, p->note->transfer) : NULL;

	if (t)
		s7_transfer_finish(p->cx, t, OTO_PROGRAM_ABORTED, p->failed ? p->failed : "refused");
}

/* ------------------------------------------------------------------------------------------------ PI services */

static bool is_named(struct oto_slice service, const char *name)
{
	return service.len == strlen(name) && !memcmp(service.data, name, service.len);
}

/* A count, a filler, and for each block its type, five digits and the file system. */
static void take_blocks(struct s7_pdu *p, struct oto_slice arguments)
{
	struct oto_cur c = oto_cur_of(arguments);
	uint32_t count = oto_u8(&c);
	struct s7_text t = s7_text_new(p->cx, 12 * NAMED_MAX);

	oto_skip(&c, 1);
	if (count > oto_left(&c) / 8)
		s7_note_odd(p, "argument_cut");
	for (uint32_t i = 0; i < count && oto_left(&c) >= 8; i++) {
		struct oto_slice type = oto_take(&c, 2), digits = oto_take(&c, 5);
		uint8_t place = oto_u8(&c);
		if (t.len)
			s7_put_byte(&t, ',');
		put_block(&t, type, digits);
		if (i >= NAMED_MAX)
			continue;
		memcpy(p->note->named[i].type, type.data, 2);
		memcpy(p->note->named[i].number, digits.data, 5);
		p->note->named[i].filesystem = place;
		p->note->items = (uint8_t)(i + 1);
	}
	p->m.arguments = s7_text_of(&t);
	p->m.has_arguments = t.len != 0;
	p->op.target = (struct oto_target){ .space = "block", .name = p->m.arguments };
}

/* Arguments of a numeric control's service: texts with their lengths in front. */
static void take_texts(struct s7_pdu *p, struct oto_slice arguments)
{
	struct oto_cur c = oto_cur_of(arguments);
	struct s7_text t = s7_text_new(p->cx, arguments.len + 16);

	while (oto_left(&c)) {
		struct oto_slice text = oto_take(&c, oto_u8(&c));
		if (c.bad)
			break;
		if (oto_left(&c) && (text.len & 1) == 0 && oto_tell(&c) & 1)
			oto_skip(&c, 1);
		if (t.len)
			s7_put_byte(&t, ',');
		for (uint32_t i = 0; i < text.len; i++)
			s7_put_byte(&t, text.data[i]);
	}
	p->m.arguments = s7_text_of(&t);
	p->m.has_arguments = t.len != 0;
	p->op.target = (struct oto_target){ .space = "nc", .name = p->m.arguments };
}

/* Without an argument, or with one that is not C, it is a warm restart (S7-300) or a hot one (S7-400): the wire does not tell. */
static const char *start_word(struct oto_slice arguments)
{
	return arguments.len && (arguments.data[0] == 'C' || arguments.data[0] == 'c') ? "PLC Cold Start" : "PLC Start";
}

void s7_service_job(struct s7_pdu *p, struct oto_cur *c)
{
	struct oto_slice arguments = { 0 };
	struct s7_message *m = &p->m;

	if (m->function_code == S7_PI_SERVICE) {
		oto_skip(c, 7);
		arguments = oto_take(c, oto_be16(c));
	} else {
		oto_skip(c, 5);
	}
	struct oto_slice name = oto_take(c, oto_u8(c));
	if (c->bad)
		return;
	const struct s7_service *service = s7_service_of(name);
	m->subfunction_code = name;
	m->has_subfunction_code = m->function_code == S7_PI_SERVICE;
	if (m->function_code == S7_PLC_STOP) {
		p->op.target = (struct oto_target){ .space = "program", .name = name };
		return;
	}
	m->subfunction_name = service ? service->word : "unknown";
	p->note->service = (uint8_t)s7_service_row(service);
	p->op.op = service ? service->op : OTO_OP_OTHER;
	p->op.func = service ? service->func : "PI unknown";
	if (service && service->secret) {
		m->password_length = arguments.len;
		m->has_password = true;
		return;
	}
	if (is_named(name, "_INSE") || is_named(name, "_INS2") || is_named(name, "_DELE")) {
		take_blocks(p, arguments);
	} else if (name.len > 3 && !memcmp(name.data, "_N_", 3)) {
		take_texts(p, arguments);
	} else {
		m->arguments = arguments;
		m->has_arguments = arguments.len != 0;
		p->op.target = (struct oto_target){ .space = "program", .name = arguments };
	}
	if (is_named(name, "P_PROGRAM")) {
		p->op.func = start_word(arguments);
		p->op.target.name = name;
	}
}

/* Blocks that were put in force or deleted. */
void s7_service_answer(struct s7_pdu *p)
{
	const struct s7_service *service = p->match.found ? s7_service_at(p->note->service) : NULL;

	if (!service || service->op != OTO_OP_PROGRAM_WRITE)
		return;
	for (uint32_t i = 0; i < p->note->items && i < NAMED_MAX; i++) {
		struct s7_text t = s7_text_new(p->cx, 12);
		put_block(&t, (struct oto_slice){ p->note->named[i].type, 2 }, (struct oto_slice){ p->note->named[i].number, 5 });
		struct oto_program program = { .self_size = sizeof program,
					       .direction = !strcmp(service->name, "_DELE") ? OTO_PROGRAM_DELETE : OTO_PROGRAM_INSERT,
					       .result = p->failed ? OTO_PROGRAM_ABORTED : OTO_PROGRAM_COMPLETE,
					       .kind = "block",
					       .name = s7_text_of(&t),
					       .error = p->failed,
					       .duration = p->match.latency,
					       .has_duration = true,
					       .op_id = p->match.op_id,
					       .by_receiver = true,
					       .sub = s7_sub(p->cx, !p->cx->is_orig) };
		oto_program(p->cx, &program);
	}
}
