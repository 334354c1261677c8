/* pccc_transfer.c - programs that go up and down: from "all request" to "completed", with the SHA-256 of what went over. */
#include "pccc.h"

static void finish(struct oto_ctx *cx, struct pccc_transfer *x, uint32_t direction, enum oto_program_result result, const char *error,
		   bool by_receiver)
{
	bool whole = x->whole && result == OTO_PROGRAM_COMPLETE;
	struct oto_program p = { .self_size = sizeof p,
				 .direction = direction,
				 .result = result == OTO_PROGRAM_COMPLETE && !x->whole ? OTO_PROGRAM_CUT : result,
				 .kind = "program",
				 .error = error,
				 .size = x->size,
				 .duration = { cx->head->ts.ns - x->began },
				 .has_size = true,
				 .has_duration = true,
				 .by_receiver = by_receiver };
	uint8_t *digest = whole ? oto_scratch(cx, SHA256_DIGEST_SIZE) : NULL;

	if (digest) {
		sha256_digest(&x->sha, SHA256_DIGEST_SIZE, digest);
		p.sha256 = (struct oto_slice){ digest, SHA256_DIGEST_SIZE };
	}
	x->used = false;
	oto_program(cx, &p);
}

static void begin(struct pccc_talk *t, struct pccc_transfer *x)
{
	*x = (struct pccc_transfer){ .used = true, .whole = true, .began = t->cx->head->ts.ns };
	sha256_init(&x->sha);
}

void pccc_transfer_add(struct pccc_talk *t, struct pccc_transfer *x, struct oto_slice bytes)
{
	if (!x->used || !bytes.len || (x->size && x->last == t->m.transaction))
		return;
	sha256_update(&x->sha, bytes.len, bytes.data);
	x->size += bytes.len;
	x->last = t->m.transaction;
}

/* Responses decide: a transfer that the processor refuses has not begun, or was aborted. */
void pccc_transfer_follow(struct pccc_talk *t, bool ok, const char *error)
{
	struct pccc_state *s = t->cx->state;

	switch (t->code) {
	case PCCC_DOWNLOAD_ALL:
		if (ok)
			begin(t, &s->download);
		break;
	case PCCC_UPLOAD_ALL:
		if (ok)
			begin(t, &s->upload);
		break;
	case PCCC_DOWNLOAD_COMPLETED:
		if (s->download.used)
			finish(t->cx, &s->download, OTO_PROGRAM_DOWNLOAD, ok ? OTO_PROGRAM_COMPLETE : OTO_PROGRAM_ABORTED, error, true);
		break;
	case PCCC_UPLOAD_COMPLETED:
		if (s->upload.used)
			finish(t->cx, &s->upload, OTO_PROGRAM_UPLOAD, ok ? OTO_PROGRAM_COMPLETE : OTO_PROGRAM_ABORTED, error, true);
		break;
	case PCCC_READ_PHYSICAL:
	case PCCC_READ_FILE:
		if (ok)
			pccc_transfer_add(t, &s->upload, t->m.data);
		break;
	default:
		break;
	}
}

void pccc_transfer_gap(struct oto_ctx *cx, uint64_t n)
{
	struct pccc_state *s = cx->state;

	(void)n;
	s->upload.whole = s->download.whole = false;
}

void pccc_transfer_closing(struct oto_ctx *cx)
{
	struct pccc_state *s = cx->state;

	if (s->upload.used && s->upload.size)
		finish(cx, &s->upload, OTO_PROGRAM_UPLOAD, OTO_PROGRAM_CUT, NULL, !cx->is_orig);
	if (s->download.used && s->download.size)
		finish(cx, &s->download, OTO_PROGRAM_DOWNLOAD, OTO_PROGRAM_CUT, NULL, !cx->is_orig);
}
