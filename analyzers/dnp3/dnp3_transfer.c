/* dnp3_transfer.c - files that are opened, moved block by block and closed (4.4.20 to 4.4.26), each told as one transfer, with the SHA-256
 * of what was seen from the first block to the last. Owns the transfers of a flow.
 */
#include "dnp3.h"

enum { MODE_READ = 1 };

static struct dnp3_transfer *find(const struct dnp3_parse *p, uint32_t handle)
{
	for (uint32_t i = 0; i < DNP3_TRANSFERS; i++) {
		struct dnp3_transfer *t = &p->flow->transfers[i];
		if (t->open && t->handle == handle && t->outstation == p->m.outstation)
			return t;
	}
	return NULL;
}

static void end(struct oto_ctx *cx, struct dnp3_transfer *t, enum oto_program_result result, const char *error, bool by_receiver)
{
	bool cut = result == OTO_PROGRAM_COMPLETE && (t->lost || !t->last);

	t->open = false;
	oto_program(cx, &(struct oto_program){ .self_size = sizeof(struct oto_program),
					       .direction = t->down ? OTO_PROGRAM_DOWNLOAD : OTO_PROGRAM_UPLOAD,
					       .result = cut ? OTO_PROGRAM_CUT : result,
					       .kind = "file",
					       .name = say_copy(cx, (struct oto_slice){ t->name, t->name_len }),
					       .error = error,
					       .size = t->content.size,
					       .has_size = true,
					       .announced = t->announced,
					       .has_announced = t->announced && t->announced != UINT32_MAX,
					       .sha256 = t->last ? content_digest(cx, &t->content) : (struct oto_slice){ 0 },
					       .duration = { cx->head->ts.ns - t->since_ns },
					       .has_duration = true,
					       .op_id = t->op_id,
					       .by_receiver = by_receiver });
}

/* The answer to OPEN_FILE gives a handle to what the request named. */
static void begin(struct dnp3_parse *p, const struct oto_match *match, const struct dnp3_note *note)
{
	struct dnp3_flow *flow = p->flow;
	struct dnp3_transfer *t = find(p, p->file.handle);

	if (!t)
		t = &flow->transfers[flow->opened++ % DNP3_TRANSFERS];
	if (t->open)
		end(p->cx, t, OTO_PROGRAM_CUT, NULL, true);
	*t = (struct dnp3_transfer){ .open = true,
				     .down = note->mode != MODE_READ,
				     .outstation = p->m.outstation,
				     .handle = p->file.handle,
				     .announced = note->mode != MODE_READ ? note->size : p->file.size,
				     .since_ns = match->asked.ns,
				     .op_id = match->op_id,
				     .name_len = note->name_len };
	memcpy(t->name, note->name, note->name_len);
}

/* Blocks are numbered from 0. One that was sent again does not count; where one is missing, the content is not known. */
static void add_block(struct dnp3_parse *p, struct dnp3_transfer *t)
{
	const struct dnp3_file *f = &p->file;

	if (f->block < t->next)
		return;
	t->lost |= f->block != t->next;
	t->content.broken |= t->lost;
	t->next = f->block + 1;
	t->last |= f->last;
	content_add(&t->content, t->content.size, p->file_data);
}

void dnp3_transfer_request(struct dnp3_parse *p)
{
	struct dnp3_transfer *t = p->has_file ? find(p, p->file.handle) : NULL;

	if (t && t->down && p->m.function == DNP3_WRITE && p->file.has_block)
		add_block(p, t);
	else if (t && p->m.function == DNP3_ABORT_FILE)
		end(p->cx, t, OTO_PROGRAM_ABORTED, "aborted", false);
}

/* Of a file that was deleted, or put in force. */
static void tell(struct dnp3_parse *p, const struct oto_match *match, const struct dnp3_note *note, uint32_t direction, const char *error)
{
	oto_program(p->cx, &(struct oto_program){ .self_size = sizeof(struct oto_program),
						  .direction = direction,
						  .result = error ? OTO_PROGRAM_ABORTED : OTO_PROGRAM_COMPLETE,
						  .kind = "file",
						  .name = say_copy(p->cx, (struct oto_slice){ note->name, note->name_len }),
						  .error = error,
						  .op_id = match->op_id,
						  .by_receiver = true });
}

void dnp3_transfer_response(struct dnp3_parse *p, const struct oto_match *match, const struct dnp3_note *note, const char *error)
{
	struct dnp3_transfer *t = find(p, note->handle);

	switch (note->func) {
	case DNP3_OPEN_FILE:
		if (!error && p->has_file && p->file.has_handle && note->mode)
			begin(p, match, note);
		break;
	case DNP3_READ:
		if (t && !t->down && error)
			end(p->cx, t, OTO_PROGRAM_ABORTED, error, true);
		else if (t && !t->down && p->has_file && p->file.has_block)
			add_block(p, t);
		break;
	case DNP3_WRITE:
		if (t && t->down && error)
			end(p->cx, t, OTO_PROGRAM_ABORTED, error, true);
		break;
	case DNP3_CLOSE_FILE:
		if (t)
			end(p->cx, t, OTO_PROGRAM_COMPLETE, NULL, true);
		break;
	case DNP3_DELETE_FILE:
		tell(p, match, note, OTO_PROGRAM_DELETE, error);
		break;
	case DNP3_ACTIVATE_CONFIG:
		tell(p, match, note, OTO_PROGRAM_INSERT, error);
		break;
	default:
		break;
	}
}

void dnp3_transfer_gap(struct dnp3_flow *flow)
{
	for (uint32_t i = 0; i < DNP3_TRANSFERS; i++)
		flow->transfers[i].lost = flow->transfers[i].content.broken = true;
}

void dnp3_transfer_close(struct oto_ctx *cx)
{
	struct dnp3_flow *flow = cx->state;

	for (uint32_t i = 0; i < DNP3_TRANSFERS; i++) {
		if (flow->transfers[i].open)
			end(cx, &flow->transfers[i], OTO_PROGRAM_COMPLETE, NULL, cx->is_orig != flow->master_is_orig);
	}
}
