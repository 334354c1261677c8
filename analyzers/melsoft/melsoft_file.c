/* melsoft_file.c - files that are opened, read or written piece by piece and closed: told as one transfer, with the SHA-256 of what was
 * seen from the first byte to the last without a hole. Owns the open files of a segment: a tool that does not know the controller's address
 * broadcasts and is answered by broadcast, so that requests and responses are flows of their own.
 */
#include "analyzers/content.h"
#include "melsoft.h"

struct file {
	bool open;
	struct content read, written; /* what went over one handle both ways is two contents */
	uint32_t announced;
	int64_t since_ns;
	uint64_t op_id;
	uint8_t name_len;
	uint8_t name[MELSOFT_NAME_MAX];
};
static const struct oto_memory files = {
	.self_size = sizeof files, .size = sizeof(struct file), .scope = OTO_SCOPE_SEGMENT, .name = "melsoft.files", .bound = 256
};

/* By the tool and the pointer: its port changes with every request, and the controller's address is in no broadcast request. */
static uint64_t key_of(const struct oto_addr *tool, uint16_t pointer)
{
	uint64_t key = 0;

	for (uint32_t i = 0; i < sizeof tool->byte; i++)
		key = key * 257 + tool->byte[i];
	return key << 16 | pointer;
}

static void tell(struct oto_ctx *cx, struct file *f, struct content *content, enum oto_program_result result, const char *error)
{
	bool writes = content == &f->written;
	struct oto_program e = { .self_size = sizeof e,
				 .direction = writes ? OTO_PROGRAM_DOWNLOAD : OTO_PROGRAM_UPLOAD,
				 .result = result,
				 .kind = "file",
				 .error = error,
				 .size = content->size,
				 .has_size = true,
				 .announced = f->announced,
				 .has_announced = writes && f->announced,
				 .duration = { cx->head->ts.ns - f->since_ns },
				 .has_duration = true,
				 .op_id = f->op_id,
				 .by_receiver = true };
	uint8_t *name = oto_scratch(cx, MELSOFT_NAME_MAX);

	if (!name || !content->seen)
		return;
	memcpy(name, f->name, f->name_len);
	e.name = (struct oto_slice){ name, f->name_len };
	e.sha256 = content_digest(cx, content);
	oto_program(cx, &e);
}

static void cut(struct oto_ctx *cx, struct file *f)
{
	tell(cx, f, &f->read, OTO_PROGRAM_CUT, NULL);
	tell(cx, f, &f->written, OTO_PROGRAM_CUT, NULL);
}

static void closed(struct oto_ctx *cx, struct file *f)
{
	bool whole = !f->announced || f->written.size == f->announced;

	f->open = false;
	tell(cx, f, &f->read, OTO_PROGRAM_COMPLETE, NULL);
	tell(cx, f, &f->written, whole ? OTO_PROGRAM_COMPLETE : OTO_PROGRAM_CUT, NULL);
}

/* What was refused was reading or writing; how the other of the two went is not known then. */
static void refused(struct oto_ctx *cx, struct file *f, uint16_t command)
{
	bool reading = command != MELSOFT_WRITE, writing = command != MELSOFT_READ;

	f->open = false;
	tell(cx, f, &f->read, reading ? OTO_PROGRAM_ABORTED : OTO_PROGRAM_CUT, reading ? "error" : NULL);
	tell(cx, f, &f->written, writing ? OTO_PROGRAM_ABORTED : OTO_PROGRAM_CUT, writing ? "error" : NULL);
}

void melsoft_file_request(struct oto_ctx *cx, const struct melsoft_message *m)
{
	struct oto_addr tool = oto_sender(cx);
	struct file *f = m->command == MELSOFT_WRITE ? oto_recall(cx, &files, key_of(&tool, m->file_pointer)) : NULL;

	if (f && f->open)
		content_add(&f->written, m->position, m->content);
}

static void opened(struct oto_ctx *cx, const struct melsoft_message *m, const struct melsoft_note *note, const struct oto_match *match)
{
	struct file *f = oto_remember(cx, &files, key_of(&note->tool, m->file_pointer));

	if (!f)
		return;
	if (f->open)
		cut(cx, f);
	*f = (struct file){ .open = true, .since_ns = match->asked.ns, .op_id = match->op_id, .name_len = note->name_len };
	memcpy(f->name, note->name, note->name_len);
	f->announced = note->mode == MELSOFT_TO_WRITE ? note->size : 0;
}

void melsoft_file_answer(struct oto_ctx *cx, const struct melsoft_message *m, const struct melsoft_note *note,
			 const struct oto_match *match)
{
	if (m->command == MELSOFT_OPEN && !m->end_code && m->has_file_pointer)
		opened(cx, m, note, match);
	if (m->command < MELSOFT_READ || m->command > MELSOFT_CLOSE)
		return;
	struct file *f = oto_recall(cx, &files, key_of(&note->tool, note->file_pointer));
	if (!f || !f->open)
		return;
	if (m->end_code) {
		refused(cx, f, m->command);
	} else if (m->command == MELSOFT_READ) {
		content_add(&f->read, note->position, m->content);
	} else if (m->command == MELSOFT_CLOSE) {
		closed(cx, f);
	}
}
