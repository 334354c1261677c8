/* mms_transfer.c - files that are opened, read and closed, and domains that are loaded into or out of a device segment by segment: each
 * told as one transfer, with the SHA-256 of what was seen from the first byte to the last. Owns the transfers of a flow.
 *
 * A download's segments are asked for by the device (ISO 9506-2 clause 11.3), which turns client and server around.
 */
#include "mms.h"

static struct mms_transfer *find(struct mms_flow *flow, const char *kind, uint32_t handle, struct oto_slice name)
{
	for (uint32_t i = 0; i < MMS_TRANSFERS; i++) {
		struct mms_transfer *t = &flow->transfers[i];
		if (!t->open || strcmp(t->kind, kind) != 0)
			continue;
		if (t->down ? t->name_len == name.len && (!name.len || !memcmp(t->name, name.data, name.len)) : t->handle == handle)
			return t;
	}
	return NULL;
}

static void end(struct oto_ctx *cx, struct mms_transfer *t, enum oto_program_result result, const char *error, bool by_receiver)
{
	t->open = false;
	oto_program(cx, &(struct oto_program){ .self_size = sizeof(struct oto_program),
					       .direction = t->down ? OTO_PROGRAM_DOWNLOAD : OTO_PROGRAM_UPLOAD,
					       .result = result == OTO_PROGRAM_COMPLETE && t->lost ? OTO_PROGRAM_CUT : result,
					       .kind = t->kind,
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

static void begin(struct mms_parse *p, const struct oto_match *match, const char *kind, bool down, uint32_t handle, struct oto_slice name)
{
	struct mms_flow *flow = p->cx->state;
	struct mms_transfer *t = &flow->transfers[flow->opened++ % MMS_TRANSFERS];

	if (t->open)
		end(p->cx, t, OTO_PROGRAM_CUT, NULL, true);
	*t = (struct mms_transfer){
		.open = true, .down = down, .kind = kind, .handle = handle, .since_ns = match->asked.ns, .op_id = match->op_id
	};
	t->name_len = (uint8_t)(name.len < MMS_NAME ? name.len : MMS_NAME);
	if (t->name_len)
		memcpy(t->name, name.data, t->name_len);
}

static void tell(struct mms_parse *p, const struct oto_match *match, enum oto_program_direction direction, const char *kind,
		 struct oto_slice name)
{
	bool failed = p->m->pdu_type != MMS_RESPONSE;

	oto_program(p->cx, &(struct oto_program){ .self_size = sizeof(struct oto_program),
						  .direction = direction,
						  .result = failed ? OTO_PROGRAM_ABORTED : OTO_PROGRAM_COMPLETE,
						  .kind = kind,
						  .name = name,
						  .error = failed ? p->m->error ? p->m->error : "refused" : NULL,
						  .op_id = match->op_id,
						  .by_receiver = true });
}

/* The device says that a download is over: with a reason when it gives up, which is told when it is confirmed. */
void mms_transfer_request(struct mms_parse *p, uint64_t op_id)
{
	(void)op_id;
	if (p->m->service != MMS_TERMINATE_DOWNLOAD)
		return;
	struct mms_transfer *t = find(p->cx->state, "domain", 0, p->m->variables);
	if (t) /* all segments but the last say that more follow */
		end(p->cx, t, t->content.seen ? OTO_PROGRAM_COMPLETE : OTO_PROGRAM_ABORTED, NULL, true);
}

static void segment(struct mms_parse *p, struct mms_transfer *t)
{
	if (!t)
		return;
	if (p->m->pdu_type != MMS_RESPONSE) {
		end(p->cx, t, OTO_PROGRAM_ABORTED, p->m->error ? p->m->error : "refused", !t->down);
		return;
	}
	content_add(&t->content, t->content.size, p->m->data);
	if (!p->m->more_follows && !t->down)
		end(p->cx, t, OTO_PROGRAM_COMPLETE, NULL, true);
}

static void closed(struct mms_parse *p, const char *kind, uint32_t handle)
{
	struct mms_transfer *t = find(p->cx->state, kind, handle, (struct oto_slice){ 0 });

	if (t)
		end(p->cx, t, OTO_PROGRAM_CUT, NULL, true); /* before the last piece: only some of it was wanted */
}

void mms_transfer_answer(struct mms_parse *p, const struct oto_match *match)
{
	struct mms_flow *flow = p->cx->state;
	const struct mms_message *m = p->m;
	struct mms_note note;
	bool good = m->pdu_type == MMS_RESPONSE;

	if (!match->found)
		return;
	memcpy(&note, match->note, sizeof note);
	struct oto_slice name = m->file_name.len ? m->file_name : m->variables;
	switch (m->service) {
	case MMS_FILE_OPEN:
		if (good && m->has_handle)
			begin(p, match, "file", false, m->handle, name);
		break;
	case MMS_FILE_READ:
		segment(p, find(flow, "file", note.handle, name));
		break;
	case MMS_FILE_CLOSE:
		closed(p, "file", note.handle);
		break;
	case MMS_FILE_DELETE:
		tell(p, match, OTO_PROGRAM_DELETE, "file", name);
		break;
	case MMS_INITIATE_UPLOAD:
		if (good && m->has_handle)
			begin(p, match, "domain", false, m->handle, name);
		break;
	case MMS_UPLOAD_SEGMENT:
		segment(p, find(flow, "domain", note.handle, name));
		break;
	case MMS_TERMINATE_UPLOAD:
		closed(p, "domain", note.handle);
		break;
	case MMS_INITIATE_DOWNLOAD:
		if (good)
			begin(p, match, "domain", true, 0, name);
		break;
	case MMS_DOWNLOAD_SEGMENT:
		segment(p, find(flow, "domain", 0, name));
		break;
	case MMS_DELETE_DOMAIN:
		tell(p, match, OTO_PROGRAM_DELETE, "domain", name);
		break;
	case MMS_LOAD_DOMAIN:
		tell(p, match, OTO_PROGRAM_INSERT, "domain", name);
		break;
	default:
		break;
	}
}

void mms_transfer_gap(struct mms_flow *flow)
{
	for (uint32_t i = 0; i < MMS_TRANSFERS; i++)
		flow->transfers[i].lost = flow->transfers[i].content.broken = true;
}

void mms_transfer_close(struct oto_ctx *cx)
{
	struct mms_flow *flow = cx->state;

	for (uint32_t i = 0; i < MMS_TRANSFERS; i++) {
		if (flow->transfers[i].open)
			end(cx, &flow->transfers[i], OTO_PROGRAM_CUT, NULL, !cx->is_orig); /* who connected asked */
	}
}
