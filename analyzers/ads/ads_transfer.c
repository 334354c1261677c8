/* ads_transfer.c - files of the system service, opened, read or written piece by piece and closed: each told as one transfer, with the
 * SHA-256 of what was seen from the first byte to the last. Owns the transfers of a flow.
 */
#include "ads.h"

static struct ads_transfer *find(const struct ads_parse *p, uint32_t handle)
{
	struct ads_flow *flow = p->cx->state;

	for (uint32_t i = 0; i < ADS_TRANSFERS; i++) {
		struct ads_transfer *t = &flow->transfers[i];
		if (t->open && t->handle == handle && t->talk == p->talk)
			return t;
	}
	return NULL;
}

bool ads_transfer_is_boot(const struct ads_parse *p, uint32_t handle)
{
	const struct ads_transfer *t = find(p, handle);

	return t && t->boot;
}

struct oto_slice ads_transfer_name(const struct ads_parse *p, uint32_t handle)
{
	const struct ads_transfer *t = find(p, handle);

	return t ? say_copy(p->cx, (struct oto_slice){ t->name, t->name_len }) : (struct oto_slice){ 0 };
}

static const char *kind_of(bool boot)
{
	return boot ? "boot_project" : "file";
}

static void end(struct oto_ctx *cx, struct ads_transfer *t, enum oto_program_result result, const char *error, bool by_receiver)
{
	t->open = false;
	oto_program(cx, &(struct oto_program){ .self_size = sizeof(struct oto_program),
					       .direction = t->down ? OTO_PROGRAM_DOWNLOAD : OTO_PROGRAM_UPLOAD,
					       .result = result == OTO_PROGRAM_COMPLETE && t->lost ? OTO_PROGRAM_CUT : result,
					       .kind = kind_of(t->boot),
					       .name = say_copy(cx, (struct oto_slice){ t->name, t->name_len }),
					       .error = error,
					       .size = t->content.size,
					       .has_size = true,
					       .sha256 = content_digest(cx, &t->content),
					       .duration = { cx->head->ts.ns - t->since_ns },
					       .has_duration = true,
					       .op_id = t->op_id,
					       .by_receiver = by_receiver });
}

/* FOPEN: bits of the index offset say how, as fopen() of C has it. What is appended to is not known as a whole. */
static void begin(struct ads_parse *p, const struct ads_note *note, const struct oto_match *match)
{
	enum { WRITE = 2, APPEND = 4 };
	struct ads_flow *flow = p->cx->state;
	struct ads_transfer *t = &flow->transfers[flow->opened % ADS_TRANSFERS];
	struct oto_cur c = oto_cur_of(p->payload);
	uint32_t handle = oto_le32(&c);

	if (c.bad)
		return;
	flow->opened++;
	if (t->open)
		end(p->cx, t, OTO_PROGRAM_CUT, NULL, true);
	*t = (struct ads_transfer){ .open = true,
				    .handle = handle,
				    .talk = p->talk,
				    .down = note->at.offset & (WRITE | APPEND),
				    .boot = ads_is_boot_folder(note->at.offset),
				    .since_ns = match->asked.ns,
				    .op_id = match->op_id,
				    .name_len = note->at.name_len };
	t->content.broken = note->at.offset & APPEND;
	memcpy(t->name, note->at.name, sizeof t->name);
}

/* A piece that is written is told with its request: whether it was taken, its answer says. */
void ads_transfer_request(struct ads_parse *p)
{
	const struct ads_message *m = p->m;
	struct ads_transfer *t = m->port == ADS_SYSTEM_SERVICE && m->has_index ? find(p, m->index_offset) : NULL;

	if (!t)
		return;
	if (m->index_group == ADS_FWRITE)
		content_add(&t->content, t->content.size, p->payload);
	else if (m->index_group == ADS_FSEEK)
		t->content.broken = true;
}

static void read_piece(struct ads_parse *p, struct ads_transfer *t, uint32_t wanted)
{
	content_add(&t->content, t->content.size, p->payload);
	t->at_end = p->payload.len < wanted;
}

static void tell_deleted(struct ads_parse *p, const struct ads_note *note, const struct oto_match *match, const char *error)
{
	oto_program(p->cx, &(struct oto_program){ .self_size = sizeof(struct oto_program),
						  .direction = OTO_PROGRAM_DELETE,
						  .result = error ? OTO_PROGRAM_ABORTED : OTO_PROGRAM_COMPLETE,
						  .kind = "file",
						  .name = say_copy(p->cx, (struct oto_slice){ note->at.name, note->at.name_len }),
						  .error = error,
						  .op_id = match->op_id,
						  .by_receiver = true });
}

void ads_transfer_answer(struct ads_parse *p, const struct oto_match *match)
{
	const struct ads_message *m = p->m;
	struct ads_note note;

	if (!match->found || m->port != ADS_SYSTEM_SERVICE || !m->has_index)
		return;
	memcpy(&note, match->note, sizeof note);
	const char *error = m->error;
	struct ads_transfer *t = find(p, note.at.offset);
	if (note.at.group == ADS_FOPEN) {
		if (!error)
			begin(p, &note, match);
	} else if (note.at.group == ADS_FDELETE) {
		tell_deleted(p, &note, match, error);
	} else if (t && error && (note.at.group == ADS_FREAD || note.at.group == ADS_FWRITE)) {
		end(p->cx, t, OTO_PROGRAM_ABORTED, error, true);
	} else if (t && note.at.group == ADS_FREAD) {
		read_piece(p, t, note.at.length);
	} else if (t && note.at.group == ADS_FCLOSE) {
		end(p->cx, t, t->down || t->at_end ? OTO_PROGRAM_COMPLETE : OTO_PROGRAM_CUT, NULL, true);
	}
}

void ads_transfer_gap(struct ads_flow *flow)
{
	for (uint32_t i = 0; i < ADS_TRANSFERS; i++)
		flow->transfers[i].lost = flow->transfers[i].content.broken = true;
}

void ads_transfer_close(struct oto_ctx *cx)
{
	struct ads_flow *flow = cx->state;

	for (uint32_t i = 0; i < ADS_TRANSFERS; i++) {
		if (flow->transfers[i].open)
			end(cx, &flow->transfers[i], OTO_PROGRAM_CUT, NULL, !cx->is_orig); /* who connected asked */
	}
}
