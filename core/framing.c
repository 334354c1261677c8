/* framing.c - where PDUs begin and end in a stream: whole ones straight from the packet, cut ones put together, lost ones passed over.
 *
 * The author's pdu_len() is all it knows of a protocol. Bytes are copied only for a PDU that does not lie in one segment, and an
 * assembled PDU lives in the packet's arena, because events borrow it until they are dispatched.
 */
#include "analysis.h"

#define RESYNC_HELD 64u /* bytes of a segment's start that a probe may find too few, behind a gap */

static uint32_t max_pdu(const struct oto_run *r)
{
	return r->in->entry->a.max_pdu ? r->in->entry->a.max_pdu : DEFAULT_MAX_PDU;
}

static int64_t pdu_length(struct oto_run *r, struct oto_slice in)
{
	const struct oto_analyzer *a = &r->in->entry->a;

	return a->pdu_len ? a->pdu_len(&r->cx, oto_cur_of(in)) : in.len;
}

static void weird(struct oto_run *r, const char *name)
{
	oto_cost(r->in->entry)->weirds++;
	oto_engine_weird(r->as->engine, r->cx.head, r->in->entry->a.name, name, (struct oto_slice){ 0 });
}

void oto_framing_release(struct oto_analyzers *as, struct oto_framing *s)
{
	oto_pool_put(&as->pool, s->held, s->cap);
	s->held = NULL;
	s->len = s->cap = s->want = 0;
}

void oto_framing_hold(struct oto_analyzers *as, struct oto_framing *s, struct oto_slice in, uint32_t want)
{
	uint32_t need = s->len + in.len;

	if (need < want)
		need = want;
	if (need > s->cap) {
		uint32_t cap = want ? need : need * 2;
		uint8_t *grown = oto_pool_get(&as->pool, cap);
		if (s->len)
			memcpy(grown, s->held, s->len);
		oto_pool_put(&as->pool, s->held, s->cap);
		s->held = grown;
		s->cap = cap;
	}
	memcpy(s->held + s->len, in.data, in.len);
	s->len += in.len;
	s->want = want;
}

static void lose(struct oto_run *r, struct oto_framing *s)
{
	oto_framing_release(r->as, s);
	s->lost = true;
	s->tries = s->tried_bytes = 0;
	weird(r, "not_a_pdu");
}

/* What is held and what came now, as one piece in the packet's arena. */
static bool join(struct oto_run *r, struct oto_framing *s, struct oto_slice *in)
{
	uint32_t total = s->len + in->len;
	uint8_t *whole = oto_bus_bytes(r->as->bus, total);

	if (!whole) {
		lose(r, s);
		return false;
	}
	memcpy(whole, s->held, s->len);
	memcpy(whole + s->len, in->data, in->len);
	oto_cost(r->in->entry)->bytes_copied += total;
	*in = (struct oto_slice){ whole, total };
	oto_framing_release(r->as, s);
	return true;
}

/* Is this segment's start the start of a PDU? A start too short to tell is held until the next segment comes. */
static bool found_again(struct oto_run *r, struct oto_framing *s, struct oto_slice *in)
{
	const struct oto_analyzer *a = &r->in->entry->a;

	/* On its own port the protocol comes back sooner or later; elsewhere it may never have been it. */
	if (!r->in->key && (s->tries >= OFFER_SEGMENTS || s->tried_bytes >= OFFER_BYTES))
		return false;
	if (s->len && !join(r, s, in))
		return false;
	int64_t n = a->probe ? (int64_t)oto_run_probe(r, r->in->entry, *in) : pdu_length(r, *in);
	if (n == 0 && in->len < RESYNC_HELD) {
		oto_framing_hold(r->as, s, *in, 0);
		return false;
	}
	s->tries += s->tries < UINT8_MAX;
	s->tried_bytes += in->len;
	s->lost = n <= 0;
	return !s->lost;
}

static struct oto_slice behind(struct oto_slice s, uint64_t n)
{
	uint32_t step = n < s.len ? (uint32_t)n : s.len;
	return (struct oto_slice){ s.data + step, s.len - step };
}

void oto_framing_feed(struct oto_run *r, struct oto_framing *s, struct oto_slice in)
{
	if (s->skip) {
		uint32_t passed = s->skip < in.len ? s->skip : in.len;
		s->skip -= passed;
		in = behind(in, passed);
	}
	if (!in.len)
		return;
	if (s->lost && !found_again(r, s, &in))
		return;
	if (s->len) {
		if (s->want > s->len + in.len) {
			oto_framing_hold(r->as, s, in, s->want);
			return;
		}
		if (!join(r, s, &in))
			return;
	}
	while (in.len) {
		int64_t n = pdu_length(r, in);
		if (n < 0) {
			lose(r, s);
			return;
		}
		if (n > max_pdu(r)) {
			weird(r, "pdu_too_long");
			if (n - in.len > UINT32_MAX) {
				lose(r, s);
				return;
			}
			s->skip = n > in.len ? (uint32_t)(n - in.len) : 0;
			in = behind(in, (uint64_t)n);
			continue;
		}
		if (n == 0 || n > in.len) {
			if (in.len > max_pdu(r))
				lose(r, s);
			else
				oto_framing_hold(r->as, s, in, (uint32_t)n);
			return;
		}
		oto_run_pdu(r, (struct oto_slice){ in.data, (uint32_t)n });
		in = behind(in, (uint64_t)n);
	}
}

/* Lost bytes inside a PDU of known length cost that PDU only; anything else costs the place. */
void oto_framing_gap(struct oto_run *r, struct oto_framing *s, uint64_t n)
{
	bool (*knows)(struct oto_ctx *, uint64_t) = r->in->entry ? r->in->entry->a.lost_inside : NULL;

	if (n && knows && !s->len && !s->skip && !s->lost && knows(&r->cx, n))
		return;
	bool inside = n && (s->skip ? n <= s->skip : s->want && s->len + n <= s->want);

	if (s->skip && inside)
		s->skip -= (uint32_t)n;
	else if (inside)
		s->skip = s->want - s->len - (uint32_t)n;
	else
		s->skip = 0;
	oto_framing_release(r->as, s);
	s->lost = !inside;
	s->tries = s->tried_bytes = 0;
}

/* ------------------------------------------------------------------------------------------------ messages in fragments */

void oto_framing_drop(struct oto_analyzers *as, struct oto_instance *in)
{
	for (struct oto_fragments *f = in->fragments, *next; f; f = next) {
		next = f->next;
		oto_pool_put(&as->pool, f, sizeof *f + f->cap);
	}
	in->fragments = NULL;
}

/* Where the fragments of this direction hang, or would. */
static struct oto_fragments **kept(struct oto_run *r)
{
	struct oto_fragments **f = &r->in->fragments;

	while (*f && (*f)->dir != r->dir)
		f = &(*f)->next;
	return f;
}

void oto_framing_forget(struct oto_run *r)
{
	struct oto_fragments **f = kept(r), *gone = *f;

	if (!gone)
		return;
	*f = gone->next;
	oto_pool_put(&r->as->pool, gone, sizeof *gone + gone->cap);
}

static void keep(struct oto_run *r, struct oto_slice fragment)
{
	struct oto_fragments **f = kept(r);
	uint32_t have = *f ? (*f)->len : 0, need = have + fragment.len;

	if (*f && (*f)->dropping)
		return;
	if (need > DEFAULT_MAX_PDU) {
		weird(r, "too_many_fragments");
		if (*f)
			(*f)->dropping = true;
		return;
	}
	if (!*f || need > (*f)->cap) {
		struct oto_fragments *grown = oto_pool_get(&r->as->pool, sizeof *grown + need * 2u), *old = *f;
		grown->cap = need * 2u;
		grown->dir = (uint8_t)r->dir;
		if (old) {
			grown->next = old->next;
			memcpy(grown->data, old->data, have);
			oto_pool_put(&r->as->pool, old, sizeof *old + old->cap);
		}
		*f = grown;
	}
	memcpy((*f)->data + have, fragment.data, fragment.len);
	(*f)->len = need;
}

struct oto_slice oto_framing_add(struct oto_run *r, struct oto_slice fragment, bool last)
{
	struct oto_fragments **f = kept(r), *done = *f;
	struct oto_slice whole = { 0 };

	if (last && !done)
		return fragment;
	if (fragment.len)
		keep(r, fragment);
	done = *f;
	if (!last || !done)
		return whole;
	if (!done->dropping) {
		whole.data = oto_bus_copy(r->as->bus, done->data, done->len);
		whole.len = whole.data ? done->len : 0;
		oto_cost(r->in->entry)->bytes_copied += whole.len;
	}
	*f = done->next;
	oto_pool_put(&r->as->pool, done, sizeof *done + done->cap);
	return whole;
}
