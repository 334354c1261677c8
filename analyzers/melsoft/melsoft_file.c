/* melsoft_file.c - files that are opened, read or written piece by piece and closed: told as one transfer, with the SHA-256 of what was
 * seen from the first byte to the last without a hole. Owns the open files of a segment: a tool that does not know the controller's address
 * broadcasts and is answered by broadcast, so that requests and responses are flows of their own.
 */
#include "melsoft.h"

#include <nettle/sha2.h>

struct file {
	bool open, read, written, broken; /* broken: not seen from the first byte to the last in order */
	uint32_t size, announced;
	int64_t since_ns;
	uint64_t op_id;
	uint8_t name_len;
	uint8_t name[MELSOFT_NAME_MAX];
	struct sha256_ctx sha;
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

/* What was seen before, or sent twice, does not count again. */
static void add(struct file *f, uint32_t at, struct oto_slice content)
{
	struct oto_cur c = oto_cur_of(content);

	if (at > f->size)
		f->broken = true;
	else
		oto_skip(&c, f->size - at < content.len ? f->size - at : content.len);
	struct oto_slice more = oto_rest(&c);
	f->size += more.len;
	if (!f->broken && more.len)
		sha256_update(&f->sha, more.len, more.data);
}

static void tell(struct oto_ctx *cx, struct file *f, enum oto_program_result result, const char *error)
{
	struct oto_program e = { .self_size = sizeof e,
				 .direction = f->written ? OTO_PROGRAM_DOWNLOAD : OTO_PROGRAM_UPLOAD,
				 .result = result,
				 .kind = "file",
				 .error = error,
				 .size = f->size,
				 .has_size = true,
				 .announced = f->announced,
				 .has_announced = f->announced != 0,
				 .duration = { cx->head->ts.ns - f->since_ns },
				 .has_duration = true,
				 .op_id = f->op_id,
				 .by_receiver = true };
	uint8_t *text = oto_scratch(cx, MELSOFT_NAME_MAX + SHA256_DIGEST_SIZE);

	f->open = false;
	if (!text || (!f->read && !f->written))
		return;
	memcpy(text, f->name, f->name_len);
	e.name = (struct oto_slice){ text, f->name_len };
	if (!f->broken && f->size) {
		sha256_digest(&f->sha, SHA256_DIGEST_SIZE, text + MELSOFT_NAME_MAX);
		e.sha256 = (struct oto_slice){ text + MELSOFT_NAME_MAX, SHA256_DIGEST_SIZE };
	}
	oto_program(cx, &e);
}

void melsoft_file_request(struct oto_ctx *cx, const struct melsoft_message *m)
{
	struct oto_addr tool = oto_sender(cx);
	struct file *f = m->command == MELSOFT_WRITE ? oto_recall(cx, &files, key_of(&tool, m->file_pointer)) : NULL;

	if (!f || !f->open)
		return;
	f->written = true;
	add(f, m->position, m->content);
}

static void opened(struct oto_ctx *cx, const struct melsoft_message *m, const struct melsoft_note *note, const struct oto_match *match)
{
	struct file *f = oto_remember(cx, &files, key_of(&note->tool, m->file_pointer));

	if (!f)
		return;
	if (f->open)
		tell(cx, f, OTO_PROGRAM_CUT, NULL);
	*f = (struct file){ .open = true, .since_ns = match->asked.ns, .op_id = match->op_id, .name_len = note->name_len };
	memcpy(f->name, note->name, note->name_len);
	f->announced = note->mode == MELSOFT_TO_WRITE ? note->size : 0;
	sha256_init(&f->sha);
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
		tell(cx, f, OTO_PROGRAM_ABORTED, "error");
	} else if (m->command == MELSOFT_READ) {
		f->read = true;
		add(f, note->position, m->content);
	} else if (m->command == MELSOFT_CLOSE) {
		bool whole = !f->written || !f->announced || f->size == f->announced;
		tell(cx, f, whole ? OTO_PROGRAM_COMPLETE : OTO_PROGRAM_CUT, NULL);
	}
}
