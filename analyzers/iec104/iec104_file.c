/* iec104_file.c - files that go over in sections and segments, either way, are deleted or listed (101, 7.4.11): the commands, what became
 * of them, and each file as one transfer with the SHA-256 of what was seen from the first segment to the last.
 *
 * Owns the transfers of a flow. Out of a station: select file, file ready, call file, section ready, call section, segments, last segment,
 * section acknowledged, and so on to the last section and the file's acknowledgement. Into it: the same with the sides turned round.
 */
#include "iec104.h"

enum { CALL_DIRECTORY = 0, CALL_DEACTIVATE_FILE = 3, CALL_DELETE_FILE = 4, CALL_DEACTIVATE_SECTION = 7 };
enum { END_FILE = 1, END_FILE_DEACTIVATED = 2, END_SECTION = 3 };
enum { ACK_FILE = 1, ACK_FILE_REFUSED = 2, ACK_SECTION_REFUSED = 4 };

/* "object address/name of file" */
static struct oto_slice name_of(struct oto_ctx *cx, uint32_t address, uint16_t file)
{
	enum { ROOM = 16 };

	return say_text(cx, ROOM, "%u/%u", address, file);
}

/* ------------------------------------------------------------------------------------------------ commands and answers */

/* A directory has the addresses of its files, not the one that was called. */
static uint64_t key_of(const struct iec104_file *f)
{
	bool directory = f->type_id == F_DR_TA_1 || (f->type_id == F_SC_NA_1 && f->call == CALL_DIRECTORY);

	return directory ? iec104_key(F_DR_TA_1, f->common_address, 0) : iec104_key(0, f->common_address, f->info_obj_addr);
}

static struct oto_operation operation_of(struct iec104_parse *p, const struct iec104_file *f)
{
	const struct oto_name *row =
	    f->type_id == F_SC_NA_1 ? oto_name_of(&iec104_file_commands, f->call) : oto_name_of(&iec104_types, f->type_id);

	return (struct oto_operation){
		.self_size = sizeof(struct oto_operation),
		.op = row ? row->op : OTO_OP_OTHER,
		.func = row ? row->name : "F_SC_NA_1",
		.func_code = f->type_id,
		.target = { .space = "file", .name = name_of(p->cx, f->info_obj_addr, f->file) },
		.unit = f->common_address,
		.has_unit = true,
	};
}

/* Segments are not answered one by one; acknowledgements, and what is given up, not at all. */
static uint64_t command(struct iec104_parse *p, const struct iec104_file *f)
{
	struct oto_operation o = operation_of(p, f);
	struct iec104_note note = { .call = f->call };
	bool gives_up = f->call == CALL_DEACTIVATE_FILE || f->call == CALL_DEACTIVATE_SECTION;

	if (o.op != OTO_OP_NONE && f->type_id != F_SG_NA_1 && !gives_up)
		oto_request(p->cx, key_of(f), &note);
	return oto_operation(p->cx, &o);
}

static const char *error_of(const struct iec104_file *f)
{
	const struct oto_name *cause = oto_name_of(&iec104_causes, f->cause_tx);

	if (f->cause_tx >= CAUSE_UNKNOWN_TYPE)
		return cause ? cause->name : "unknown";
	if (f->error)
		return f->error;
	if (f->has_ready && !f->ready)
		return "not_ready";
	return f->has_ack && (f->ack == ACK_FILE_REFUSED || f->ack == ACK_SECTION_REFUSED) ? "refused" : NULL;
}

/* Whose request it was is only known when that was seen: a segment comes with the first or the hundredth. */
static void answer(struct iec104_parse *p, const struct iec104_file *f, struct oto_match *match)
{
	const char *error = error_of(f);

	oto_response(p->cx, key_of(f), match);
	if (!match->found)
		return;
	p->m->matched = true;
	p->m->latency = match->latency;
	oto_outcome(p->cx, match, error ? OTO_OUTCOME_ERROR : OTO_OUTCOME_OK, error, NULL);
}

/* ------------------------------------------------------------------------------------------------ transfers */

static void end(struct oto_ctx *cx, struct iec104_transfer *t, enum oto_program_result result, const char *error, bool by_receiver)
{
	t->open = false;
	oto_program(cx, &(struct oto_program){ .self_size = sizeof(struct oto_program),
					       .direction = t->down ? OTO_PROGRAM_DOWNLOAD : OTO_PROGRAM_UPLOAD,
					       .result = result == OTO_PROGRAM_COMPLETE && t->content.broken ? OTO_PROGRAM_CUT : result,
					       .kind = "file",
					       .name = name_of(cx, t->info_obj_addr, t->file),
					       .error = error,
					       .size = t->content.size,
					       .has_size = true,
					       .announced = t->announced,
					       .has_announced = t->announced != 0,
					       .sha256 = content_digest(cx, &t->content),
					       .duration = { cx->head->ts.ns - t->since_ns },
					       .has_duration = true,
					       .op_id = t->op_id,
					       .by_receiver = by_receiver });
}

static struct iec104_transfer *find(struct iec104_flow *flow, const struct iec104_file *f)
{
	for (uint32_t i = 0; i < IEC104_TRANSFERS; i++) {
		struct iec104_transfer *t = &flow->transfer[i];
		if (t->open && t->common_address == f->common_address && t->info_obj_addr == f->info_obj_addr && t->file == f->file)
			return t;
	}
	return NULL;
}

/* Where its first message was not seen, what comes is not all of it. */
static struct iec104_transfer *begin(struct iec104_parse *p, const struct iec104_file *f, const struct oto_match *match, uint64_t op_id)
{
	struct iec104_flow *flow = p->cx->state;
	struct iec104_transfer *t = find(flow, f);

	t = t ? t : &flow->transfer[flow->begun++ % IEC104_TRANSFERS];
	if (t->open)
		end(p->cx, t, OTO_PROGRAM_CUT, NULL, !p->is_client);
	*t = (struct iec104_transfer){ .open = true,
				       .down = p->is_client,
				       .common_address = f->common_address,
				       .info_obj_addr = f->info_obj_addr,
				       .file = f->file,
				       .announced = f->length,
				       .since_ns = match->found ? match->asked.ns : p->cx->head->ts.ns,
				       .op_id = match->found ? match->op_id : op_id };
	t->content.broken = f->type_id != F_FR_NA_1;
	t->before = t->content;
	return t;
}

static void segment(struct iec104_transfer *t, struct oto_slice data)
{
	struct oto_cur c = oto_cur_of(data);

	content_add(&t->content, t->content.size, data);
	while (oto_left(&c))
		t->sum = (uint8_t)(t->sum + oto_u8(&c));
}

static void last(struct iec104_parse *p, struct iec104_transfer *t, const struct iec104_file *f)
{
	if (f->end == END_SECTION && f->checksum != t->sum && !t->content.broken)
		p->odd = "wrong_checksum";
	if (f->end == END_SECTION || f->end == END_FILE)
		t->sum = 0;
	if (f->end == END_FILE_DEACTIVATED)
		end(p->cx, t, OTO_PROGRAM_ABORTED, "deactivated", !p->is_client);
}

/* A section that is refused is sent once more. */
static void acknowledged(struct iec104_parse *p, struct iec104_transfer *t, const struct iec104_file *f)
{
	const char *error = error_of(f);

	if (f->ack == ACK_FILE)
		end(p->cx, t, OTO_PROGRAM_COMPLETE, NULL, !p->is_client);
	else if (f->ack == ACK_FILE_REFUSED)
		end(p->cx, t, OTO_PROGRAM_ABORTED, error, !p->is_client);
	else if (f->ack == ACK_SECTION_REFUSED)
		t->content = t->before;
}

static void deleted(struct iec104_parse *p, const struct iec104_file *f, const struct oto_match *match)
{
	const char *error = error_of(f);

	oto_program(p->cx, &(struct oto_program){ .self_size = sizeof(struct oto_program),
						  .direction = OTO_PROGRAM_DELETE,
						  .result = error ? OTO_PROGRAM_ABORTED : OTO_PROGRAM_COMPLETE,
						  .kind = "file",
						  .name = name_of(p->cx, f->info_obj_addr, f->file),
						  .error = error,
						  .op_id = match->op_id,
						  .by_receiver = !p->is_client });
}

static void follow(struct iec104_parse *p, const struct iec104_file *f, const struct oto_match *match, uint64_t op_id)
{
	struct iec104_transfer *t = find(p->cx->state, f);

	switch (f->type_id) {
	case F_FR_NA_1:
		if (f->ready)
			begin(p, f, match, op_id);
		break;
	case F_SR_NA_1:
		t = t || !f->ready ? t : begin(p, f, match, op_id);
		if (t) {
			t->sum = 0;
			t->before = t->content;
		}
		break;
	case F_SG_NA_1:
		segment(t ? t : begin(p, f, match, op_id), f->data);
		break;
	case F_LS_NA_1:
		if (t)
			last(p, t, f);
		break;
	case F_AF_NA_1:
		if (t)
			acknowledged(p, t, f);
		break;
	case F_SC_NA_1:
		if (t && f->call == CALL_DEACTIVATE_FILE)
			end(p->cx, t, OTO_PROGRAM_ABORTED, "deactivated", !p->is_client);
		break;
	default:
		break;
	}
}

void iec104_tell_file(struct iec104_parse *p, const struct iec104_file *f)
{
	struct oto_match match = { .found = false };
	uint64_t op_id = 0;
	struct iec104_note note = { 0 };

	if (p->is_client && f->cause_tx < CAUSE_UNKNOWN_TYPE)
		op_id = command(p, f);
	else
		answer(p, f, &match);
	if (match.found)
		memcpy(&note, match.note, sizeof note);
	if (note.call == CALL_DELETE_FILE)
		deleted(p, f, &match);
	else if (f->cause_tx < CAUSE_UNKNOWN_TYPE)
		follow(p, f, &match, op_id);
	oto_emit(p->cx, IEC104_EV_FILE, f);
}

void iec104_files_lost(struct iec104_flow *flow)
{
	for (uint32_t i = 0; i < IEC104_TRANSFERS; i++)
		flow->transfer[i].content.broken = flow->transfer[i].before.broken = true;
}

void iec104_files_close(struct oto_ctx *cx)
{
	struct iec104_flow *flow = cx->state;
	bool is_client = (flow->client == 1) == cx->is_orig;

	for (uint32_t i = 0; i < IEC104_TRANSFERS; i++) {
		if (flow->transfer[i].open)
			end(cx, &flow->transfer[i], OTO_PROGRAM_CUT, NULL, !is_client);
	}
}
