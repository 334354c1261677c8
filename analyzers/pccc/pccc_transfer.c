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
	*x = (struct pccc_transfer){ .used = true, .whole = true, .began = t->cx->head->ts.ns, .asked = t->m.transaction };
	sha256_init(&x->sha);
}

static void add(struct pccc_talk *t, struct pccc_transfer *x, struct oto_slice bytes)
{
	uint32_t key = (uint32_t)t->place << 16 | t->m.transaction;

	if (!x->used || !bytes.len || (x->size && x->last == key))
		return;
	sha256_update(&x->sha, bytes.len, bytes.data);
	x->size += bytes.len;
	x->last = key;
}

/* What is written may follow in the same message, or its answers may not be seen. */
void pccc_transfer_ask(struct pccc_talk *t)
{
	struct pccc_state *s = t->cx->state;

	if (t->code == PCCC_DOWNLOAD_ALL)
		begin(t, &s->download);
	else if (t->code == PCCC_WRITE_PHYSICAL || t->code == PCCC_WRITE_FILE)
		add(t, &s->download, t->m.data);
}

/* Responses decide: a transfer that the processor refuses was not begun, or was aborted. */
void pccc_transfer_follow(struct pccc_talk *t, bool ok, const char *error)
{
	struct pccc_state *s = t->cx->state;

	switch (t->code) {
	case PCCC_DOWNLOAD_ALL:
		if (!ok && s->download.asked == t->m.transaction)
			s->download.used = false;
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
			add(t, &s->upload, t->m.data);
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
