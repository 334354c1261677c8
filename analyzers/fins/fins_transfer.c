/* fins_transfer.c - programs and files that go over piece by piece, told as one transfer with the SHA-256 of what was seen from the first
 * byte to the last without a hole; deletions, and what a controller takes from its own card.
 *
 * Owns the transfer of each way of a flow. Nothing closes a file that is written: it ends with the next one, or with the flow.
 */
#include "fins.h"

static struct oto_slice copy_name(struct oto_ctx *cx, const struct fins_transfer *t)
{
	return say_copy(cx, (struct oto_slice){ t->name, t->name_len });
}

static void end(struct oto_ctx *cx, struct fins_transfer *t, bool down, enum oto_program_result result, const char *error, bool by_receiver)
{
	struct oto_program e = { .self_size = sizeof e,
				 .direction = down ? OTO_PROGRAM_DOWNLOAD : OTO_PROGRAM_UPLOAD,
				 .result = result,
				 .kind = t->kind,
				 .name = copy_name(cx, t),
				 .error = error,
				 .size = t->content.size,
				 .has_size = true,
				 .duration = { cx->head->ts.ns - t->since_ns },
				 .has_duration = true,
				 .op_id = t->op_id,
				 .by_receiver = by_receiver };

	t->open = false;
	e.sha256 = content_digest(cx, &t->content);
	oto_program(cx, &e);
}

/* What was not ended by a last piece: whole as far as one can see, when each piece was confirmed. */
static void leave(struct oto_ctx *cx, struct fins_transfer *t, bool down, bool by_receiver)
{
	if (t->open)
		end(cx, t, down, down && !t->unanswered && !t->lost && !strcmp(t->kind, "file") ? OTO_PROGRAM_COMPLETE : OTO_PROGRAM_CUT,
		    NULL, by_receiver);
}

/* A program's name is its number; what else there is of it is told with the operations. */
static void name_it(struct fins_parse *p, struct fins_transfer *t)
{
	const struct fins_message *m = p->m;
	struct oto_slice name = m->file_name;

	if (m->has_program && fins_text_begin(p)) {
		if (m->program_no == 0xffff)
			fins_put(p, "all");
		else
			fins_put_number(p, m->program_no);
		name = fins_text_end(p);
	}
	t->name_len = (uint8_t)(name.len < FINS_NAME ? name.len : FINS_NAME);
	if (t->name_len)
		memcpy(t->name, name.data, t->name_len);
}

static struct fins_transfer *begin(struct fins_parse *p, bool down, const char *kind, uint64_t op_id, bool anew)
{
	struct fins_flow *flow = p->cx->state;
	struct fins_transfer *t = down ? &flow->down : &flow->up, next = { .open = true, .kind = kind, .since_ns = p->cx->head->ts.ns };

	next.op_id = op_id;
	name_it(p, &next);
	bool same = t->open && t->kind == kind && t->name_len == next.name_len && !memcmp(t->name, next.name, next.name_len);
	if (same && !anew)
		return t;
	leave(p->cx, t, down, false);
	*t = next;
	return t;
}

static const char *const PROGRAM = "program", *const FILE_KIND = "file";

void fins_transfer_request(struct fins_parse *p, uint64_t op_id)
{
	enum { APPEND = 2 };
	const struct fins_message *m = p->m;
	struct fins_transfer *t;

	switch (m->command_code) {
	case 0x0306:
		begin(p, false, PROGRAM, op_id, false);
		break;
	case 0x0307:
		t = begin(p, true, PROGRAM, op_id, false);
		content_add(&t->content, m->word_offset, m->data);
		t->finishing |= m->last_data;
		t->unanswered++;
		break;
	case 0x2202:
		begin(p, false, FILE_KIND, op_id, false);
		break;
	case 0x2203:
		t = begin(p, true, FILE_KIND, op_id, false);
		if (m->parameter_code == APPEND && !t->content.seen)
			t->content.broken = true; /* what stands before it is not known */
		content_add(&t->content, m->parameter_code == APPEND ? t->content.size : m->file_position, m->data);
		t->unanswered++;
		break;
	default:
		break;
	}
}

static void tell(struct fins_parse *p, const struct oto_match *match, enum oto_program_direction direction, const char *kind,
		 struct oto_slice name)
{
	const struct fins_message *m = p->m;

	oto_program(p->cx, &(struct oto_program){ .self_size = sizeof(struct oto_program),
						  .direction = direction,
						  .result = m->response_code ? OTO_PROGRAM_ABORTED : OTO_PROGRAM_COMPLETE,
						  .kind = kind,
						  .name = name,
						  .error = m->response_code ? fins_end_word(m->response_code) : NULL,
						  .op_id = match->op_id,
						  .by_receiver = true });
}

static void read_answer(struct fins_parse *p, struct fins_transfer *t, uint32_t at)
{
	const struct fins_message *m = p->m;

	if (!t->open)
		return;
	if (m->response_code) {
		end(p->cx, t, false, OTO_PROGRAM_ABORTED, fins_end_word(m->response_code), true);
		return;
	}
	content_add(&t->content, at, m->data);
	if (m->last_data || (m->has_capacity && t->content.size >= m->file_capacity))
		end(p->cx, t, false, t->lost ? OTO_PROGRAM_CUT : OTO_PROGRAM_COMPLETE, NULL, true);
}

static void write_answer(struct fins_parse *p, struct fins_transfer *t)
{
	const struct fins_message *m = p->m;

	if (!t->open)
		return;
	t->unanswered -= t->unanswered != 0;
	if (m->response_code)
		end(p->cx, t, true, OTO_PROGRAM_ABORTED, fins_end_word(m->response_code), true);
	else if (t->finishing)
		end(p->cx, t, true, t->lost ? OTO_PROGRAM_CUT : OTO_PROGRAM_COMPLETE, NULL, true);
}

void fins_transfer_answer(struct fins_parse *p, const struct oto_match *match)
{
	enum { FROM_FILE = 1 };
	struct fins_flow *flow = p->cx->state;
	const struct fins_message *m = p->m;

	if (!match->found)
		return;
	switch (m->command_code) {
	case 0x0306:
		read_answer(p, &flow->up, m->word_offset);
		break;
	case 0x2202:
		read_answer(p, &flow->up, m->file_position);
		break;
	case 0x0307:
	case 0x2203:
		write_answer(p, &flow->down);
		break;
	case 0x0308:
		tell(p, match, OTO_PROGRAM_DELETE, PROGRAM, oto_slice_of("all"));
		break;
	case 0x2205:
		tell(p, match, OTO_PROGRAM_DELETE, FILE_KIND, m->file_name);
		break;
	case 0x220b:
	case 0x220c:
		if (m->parameter_code == FROM_FILE)
			tell(p, match, OTO_PROGRAM_INSERT, m->command_code == 0x220c ? PROGRAM : "parameters", m->file_name);
		break;
	default:
		break;
	}
}

void fins_transfer_gap(struct fins_flow *flow)
{
	flow->up.lost = flow->down.lost = flow->up.content.broken = flow->down.content.broken = true;
}

void fins_transfer_close(struct oto_ctx *cx)
{
	struct fins_flow *flow = cx->state;

	leave(cx, &flow->up, false, !cx->is_orig); /* who connected asked */
	leave(cx, &flow->down, true, !cx->is_orig);
}
