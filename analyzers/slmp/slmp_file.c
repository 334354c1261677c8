/* slmp_file.c - files that are opened, read or written piece by piece and closed: told as one transfer each way, with the SHA-256 of what
 * was seen from the first byte to the last without a hole. Owns the open files of a flow.
 */
#include "slmp.h"

static struct slmp_file *file_of(struct slmp_flow *flow, uint16_t pointer)
{
	for (uint32_t i = 0; i < SLMP_FILES_MAX; i++) {
		if (flow->files[i].open && flow->files[i].pointer == pointer)
			return &flow->files[i];
	}
	return NULL;
}

static void tell(struct oto_ctx *cx, struct slmp_file *f, struct content *content, enum oto_program_result result, const char *error,
		 bool by_receiver)
{
	struct oto_program e = { .self_size = sizeof e,
				 .direction = content == &f->written ? OTO_PROGRAM_DOWNLOAD : OTO_PROGRAM_UPLOAD,
				 .result = result,
				 .kind = "file",
				 .error = error,
				 .size = content->size,
				 .has_size = true,
				 .duration = { cx->head->ts.ns - f->since_ns },
				 .has_duration = true,
				 .op_id = f->op_id,
				 .by_receiver = by_receiver };
	uint8_t *name = oto_scratch(cx, SLMP_NAME_MAX);

	if (!name || !content->seen)
		return;
	memcpy(name, f->name, f->name_len);
	e.name = (struct oto_slice){ name, f->name_len };
	e.sha256 = content_digest(cx, content);
	oto_program(cx, &e);
}

static void end(struct oto_ctx *cx, struct slmp_file *f, enum oto_program_result result, bool by_receiver)
{
	f->open = false;
	tell(cx, f, &f->read, result, NULL, by_receiver);
	tell(cx, f, &f->written, result, NULL, by_receiver);
}

/* What was refused was reading or writing; how the other of the two went is not known then. */
static void refused(struct slmp_parse *p, struct slmp_file *f)
{
	uint16_t command = p->m->command;
	const char *error = slmp_end_word(p->m->end_code);
	bool reading = command != 0x1829, writing = command != 0x1828;

	f->open = false;
	tell(p->cx, f, &f->read, reading ? OTO_PROGRAM_ABORTED : OTO_PROGRAM_CUT, reading ? error : NULL, true);
	tell(p->cx, f, &f->written, writing ? OTO_PROGRAM_ABORTED : OTO_PROGRAM_CUT, writing ? error : NULL, true);
}

void slmp_file_request(struct slmp_parse *p)
{
	const struct slmp_message *m = p->m;
	struct slmp_file *f = m->command == 0x1829 ? file_of(p->cx->state, m->file_pointer) : NULL;

	if (f)
		content_add(&f->written, m->address, p->content);
}

static void opened(struct slmp_parse *p, const struct oto_match *match)
{
	struct slmp_flow *flow = p->cx->state;
	const struct slmp_message *m = p->m;
	struct slmp_file *f = file_of(flow, m->file_pointer);

	if (!f)
		f = &flow->files[flow->opened++ % SLMP_FILES_MAX];
	if (f->open)
		end(p->cx, f, OTO_PROGRAM_CUT, true);
	*f = (struct slmp_file){ .pointer = m->file_pointer, .open = true, .since_ns = match->asked.ns, .op_id = match->op_id };
	f->name_len = (uint8_t)(m->name.len < SLMP_NAME_MAX ? m->name.len : SLMP_NAME_MAX);
	if (f->name_len)
		memcpy(f->name, m->name.data, f->name_len);
}

static void deleted(struct slmp_parse *p, const struct oto_match *match)
{
	const struct slmp_message *m = p->m;

	oto_program(p->cx, &(struct oto_program){ .self_size = sizeof(struct oto_program),
						  .direction = OTO_PROGRAM_DELETE,
						  .result = m->end_code ? OTO_PROGRAM_ABORTED : OTO_PROGRAM_COMPLETE,
						  .kind = "file",
						  .name = m->name,
						  .error = m->end_code ? slmp_end_word(m->end_code) : NULL,
						  .op_id = match->op_id,
						  .by_receiver = true });
}

void slmp_file_answer(struct slmp_parse *p, const struct oto_match *match)
{
	const struct slmp_message *m = p->m;
	struct slmp_file *f = m->command >> 4 == 0x182 && m->command != 0x1827 ? file_of(p->cx->state, m->file_pointer) : NULL;

	if (!m->matched)
		return;
	if (m->command == 0x1827 && !m->end_code && m->has_file_pointer) {
		opened(p, match);
	} else if (m->command == 0x1822 || m->command == 0x1205) {
		deleted(p, match);
	} else if (f && m->end_code) {
		refused(p, f);
	} else if (f && m->command == 0x1828) {
		content_add(&f->read, m->address, p->content);
	} else if (f && m->command == 0x182a) {
		end(p->cx, f, f->lost ? OTO_PROGRAM_CUT : OTO_PROGRAM_COMPLETE, true);
	}
}

void slmp_files_gap(struct slmp_flow *flow)
{
	for (uint32_t i = 0; i < SLMP_FILES_MAX; i++)
		flow->files[i].read.broken = flow->files[i].written.broken = flow->files[i].lost = true;
}

void slmp_files_end(struct oto_ctx *cx)
{
	struct slmp_flow *flow = cx->state;

	for (uint32_t i = 0; i < SLMP_FILES_MAX; i++) {
		if (flow->files[i].open)
			end(cx, &flow->files[i], OTO_PROGRAM_CUT, !cx->is_orig); /* who connected asked */
	}
}
