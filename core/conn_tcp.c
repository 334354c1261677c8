/* conn_tcp.c - TCP endpoint states, history, sizes and gaps. See conn_tcp.h.
 *
 * The rules are those Zeek users know from conn.log; where they look odd (a SYN-ACK whose SYN comes later flips the roles, a close waits
 * for data behind a hole, sizes trust sequence numbers), existing tools and habits depend on the result.
 */
#include "conn_tcp.h"

#include <ctype.h>

#define TOO_LARGE_DELTA (1 << 20)     /* a SYN or RST that jumps further says nothing of the size */
#define MAX_ABOVE_HOLE_UNACKED 16384u /* behind a hole while nothing was ever acknowledged: one-sided, give up */
#define MAX_INITIAL_WINDOW 16384u
#define MAX_UNACKED (10u * 1024u * 1024u)

#define ATTEMPT_DELAY (5 * OTO_SECOND)
#define CLOSE_DELAY (5 * OTO_SECOND)
#define LINGER (5 * OTO_SECOND)
#define SESSION_TIMER (6 * OTO_SECOND)

/* History letters that are told once a direction, then only when the sequence number differs. */
enum letter_bit { SAW_SYN = 1, SAW_FIN = 2, SAW_RST = 4, SAW_FIN_RST = 8, SAW_DATA = 16, SAW_ACK = 32, SAW_MULTI = 64 };

/* One segment on its way through the connection. */
struct segment {
	const struct oto_tcp_tracker *tr;
	struct oto_flow *f;
	struct oto_tcp *t;
	enum oto_dir dir; /* as the packet was found; a flip does not change it */
	enum oto_dir at;  /* where its sender's side stands now */
	uint32_t seq, ack, len;
	uint16_t flags;
	int64_t now;
	bool do_close;
};

static struct oto_tcp_side *sender(const struct segment *g)
{
	return &g->t->side[g->at];
}

static struct oto_tcp_side *peer(const struct segment *g)
{
	return &g->t->side[!g->at];
}

static int32_t seq_delta(uint32_t a, uint32_t b)
{
	return (int32_t)(a - b);
}

static uint64_t full_seq(uint32_t seq, uint32_t wraps)
{
	return ((uint64_t)wraps << 32) + seq;
}

/* ------------------------------------------------------------------------------------------------ memory */

struct oto_tcp *oto_tcp_make(const struct oto_tcp_tracker *tr)
{
	struct oto_tcp *t = memset(oto_slab_get(tr->slab), 0, sizeof *t);

	for (int d = 0; d < 2; d++)
		t->side[d].delivered = t->side[d].acked = 1;
	return t;
}

static void drop_ranges(struct oto_pool *pool, struct oto_tcp_side *s)
{
	for (struct oto_tcp_range *r = s->trouble ? s->trouble->ranges : NULL, *next; r; r = next) {
		next = r->next;
		oto_pool_put(pool, r, sizeof *r);
	}
	if (s->trouble)
		s->trouble->ranges = NULL;
}

void oto_tcp_release(const struct oto_tcp_tracker *tr, struct oto_tcp *t)
{
	if (!t)
		return;
	for (int d = 0; d < 2; d++) {
		drop_ranges(tr->pool, &t->side[d]);
		oto_pool_put(tr->pool, t->side[d].trouble, sizeof *t->side[d].trouble);
	}
	oto_slab_put(tr->slab, t);
}

static struct oto_tcp_trouble *trouble(const struct segment *g, struct oto_tcp_side *s)
{
	if (!s->trouble)
		s->trouble = oto_pool_get(g->tr->pool, sizeof *s->trouble);
	return s->trouble;
}

/* ------------------------------------------------------------------------------------------------ weirds and letters */

enum weird {
	ORIGINATOR_SYN_ACK,
	BAD_SYN_ACK,
	SIMULTANEOUS_OPEN,
	UNSOLICITED_SYN_RESPONSE,
	SPONTANEOUS_FIN,
	SPONTANEOUS_RST,
	SYN_AFTER_PARTIAL,
	INAPPROPRIATE_FIN,
	DATA_BEFORE_ESTABLISHED,
	SYN_AFTER_CLOSE,
	FIN_ADVANCED,
	SYN_AFTER_RESET,
	FIN_AFTER_RESET,
	DATA_AFTER_RESET,
	SEQ_UNDERFLOW,
	ACK_UNDERFLOW,
	SPLIT_ROUTING,
	SYN_SEQ_JUMP,
	SYN_INSIDE,
	ACTIVE_REUSE,
	PREMATURE_REUSE,
	ABOVE_HOLE,
	EXCESSIVE_DATA,
	TRUNCATED_PAYLOAD,
	SYN_WITH_DATA,
	CHRISTMAS,
	WEIRDS
};

static const char *const weird_name[WEIRDS] = {
	[ORIGINATOR_SYN_ACK] = "connection_originator_SYN_ack",
	[BAD_SYN_ACK] = "bad_SYN_ack",
	[SIMULTANEOUS_OPEN] = "simultaneous_open",
	[UNSOLICITED_SYN_RESPONSE] = "unsolicited_SYN_response",
	[SPONTANEOUS_FIN] = "spontaneous_FIN",
	[SPONTANEOUS_RST] = "spontaneous_RST",
	[SYN_AFTER_PARTIAL] = "SYN_after_partial",
	[INAPPROPRIATE_FIN] = "inappropriate_FIN",
	[DATA_BEFORE_ESTABLISHED] = "data_before_established",
	[SYN_AFTER_CLOSE] = "SYN_after_close",
	[FIN_ADVANCED] = "FIN_advanced_last_seq",
	[SYN_AFTER_RESET] = "SYN_after_reset",
	[FIN_AFTER_RESET] = "FIN_after_reset",
	[DATA_AFTER_RESET] = "data_after_reset",
	[SEQ_UNDERFLOW] = "TCP_seq_underflow_or_misorder",
	[ACK_UNDERFLOW] = "TCP_ack_underflow_or_misorder",
	[SPLIT_ROUTING] = "possible_split_routing",
	[SYN_SEQ_JUMP] = "SYN_seq_jump",
	[SYN_INSIDE] = "SYN_inside_connection",
	[ACTIVE_REUSE] = "active_connection_reuse",
	[PREMATURE_REUSE] = "premature_connection_reuse",
	[ABOVE_HOLE] = "above_hole_data_without_any_acks",
	[EXCESSIVE_DATA] = "excessive_data_without_further_acks",
	[TRUNCATED_PAYLOAD] = "truncated_tcp_payload",
	[SYN_WITH_DATA] = "SYN_with_data",
	[CHRISTMAS] = "TCP_christmas",
};

static void weird(const struct segment *g, enum weird w)
{
	if (g->t->weirds & UINT32_C(1) << w)
		return;
	g->t->weirds |= UINT32_C(1) << w;
	if (g->tr->weird)
		g->tr->weird(g->tr->who, g->f, g->at, weird_name[w]);
}

static void letter_of(const struct segment *g, const struct oto_tcp_side *s, char upper)
{
	oto_flow_letter(g->f, s == &g->t->side[OTO_ORIG] ? upper : (char)tolower(upper));
}

/* True when the letter had been told before. */
static bool letter_once(const struct segment *g, enum letter_bit bit, char upper)
{
	struct oto_tcp_side *s = sender(g);

	if (s->letters & bit)
		return true;
	s->letters |= (uint8_t)bit;
	letter_of(g, s, upper);
	return false;
}

/* The first, the tenth, the hundredth ... of a kind. */
static void letter_scaled(const struct segment *g, const struct oto_tcp_side *s, uint32_t *count, char upper)
{
	uint32_t n = ++*count;

	while (n >= 10 && n % 10 == 0)
		n /= 10;
	if (n == 1)
		letter_of(g, s, upper);
}

static void history(const struct segment *g, uint64_t rel_seq)
{
	struct oto_tcp_side *s = sender(g);
	uint16_t control = g->flags & (OTO_SYN | OTO_FIN | OTO_RST);

	if (control & (control - 1)) {
		if ((control & (OTO_FIN | OTO_RST)) == (OTO_FIN | OTO_RST))
			letter_once(g, SAW_FIN_RST, 'I');
		else
			letter_once(g, SAW_MULTI, 'Q');
	} else if (control == OTO_SYN) {
		char code = g->flags & OTO_ACK ? 'H' : 'S';
		uint32_t last = s->trouble ? s->trouble->last_syn : 0;
		if (letter_once(g, SAW_SYN, code) && (uint32_t)rel_seq != last)
			letter_of(g, s, code);
		if ((uint32_t)rel_seq != last)
			trouble(g, s)->last_syn = (uint32_t)rel_seq;
	} else if (control == OTO_FIN) {
		uint32_t now = (uint32_t)rel_seq + g->len, *last = &trouble(g, s)->last_fin;
		if (letter_once(g, SAW_FIN, 'F') && now != *last)
			letter_of(g, s, 'F');
		*last = now;
	} else if (control == OTO_RST) {
		uint32_t *last = &trouble(g, s)->last_rst;
		if (letter_once(g, SAW_RST, 'R') && (uint32_t)rel_seq != *last)
			letter_of(g, s, 'R');
		*last = (uint32_t)rel_seq;
	} else if (g->len) {
		letter_once(g, SAW_DATA, 'D');
	} else if (g->flags & OTO_ACK) {
		letter_once(g, SAW_ACK, 'A');
	}
}

/* ------------------------------------------------------------------------------------------------ sequence space */

/* Position of seq in a side's space, near `last`. *underflow: before its begin. */
static uint64_t relative(const struct oto_tcp_side *s, uint32_t seq, uint32_t last, uint32_t wraps, bool *underflow)
{
	int32_t delta = seq_delta(seq, last);

	if (delta < 0 && wraps && seq > last)
		wraps--;
	else if (delta > 0 && seq < last)
		wraps++;
	if (wraps)
		return full_seq(seq, wraps) - s->start_seq;
	delta = seq_delta(seq, s->start_seq);
	*underflow = delta < 0;
	return (uint64_t)(int64_t)delta;
}

static void begin_at(struct oto_tcp_side *s, uint32_t syn, uint32_t last)
{
	s->start_seq = s->ack_seq = syn;
	s->last_seq = last;
}

static void update_last(struct oto_tcp_side *s, uint32_t seq)
{
	s->seq_wraps += seq < s->last_seq;
	s->last_seq = seq;
}

static bool none_acked(const struct oto_tcp_side *s)
{
	uint64_t ack = full_seq(s->ack_seq, s->ack_wraps);
	return ack == s->start_seq || ack == (uint64_t)s->start_seq + 1;
}

uint64_t oto_tcp_size(const struct oto_tcp *t, enum oto_dir dir)
{
	const struct oto_tcp_side *s = &t->side[dir];

	/* A half-open connection was found and aborted: the ACK is of another life. */
	if (s->prev_state == OTO_TCP_SYN_SENT && s->state == OTO_TCP_RESET && t->side[!dir].state == OTO_TCP_INACTIVE && !none_acked(s))
		return 0;
	uint64_t last = full_seq(s->last_seq, s->seq_wraps), ack = full_seq(s->ack_seq, s->ack_wraps);
	uint64_t size = (last > ack ? last : ack) - s->start_seq;
	size -= size != 0; /* the SYN */
	size -= s->has_fin && size != 0;
	return size;
}

uint64_t oto_tcp_missed(const struct oto_tcp *t)
{
	uint64_t n = 0;

	for (int d = 0; d < 2; d++)
		n += t->side[d].trouble ? t->side[d].trouble->missed_bytes : 0;
	return n;
}

static void set_state(struct oto_tcp_side *s, enum oto_tcp_state state)
{
	if (state == s->state)
		return;
	s->prev_state = s->state;
	s->state = (uint8_t)state;
}

/* A direction's numbering begins with its SYN, or one before its first byte. */
static void begin_numbering(const struct segment *g, uint32_t end)
{
	struct oto_tcp_side *s = sender(g);
	bool syn = g->flags & OTO_SYN;

	switch ((enum oto_tcp_state)s->state) {
	case OTO_TCP_INACTIVE:
		begin_at(s, syn ? g->seq : g->seq - 1, syn ? end : g->seq);
		break;
	case OTO_TCP_SYN_SENT:
	case OTO_TCP_SYN_ACK_SENT:
	case OTO_TCP_ESTABLISHED:
	case OTO_TCP_PARTIAL:
		if (!syn)
			break;
		if (s->state >= OTO_TCP_PARTIAL && oto_tcp_size(g->t, g->at) > 0)
			weird(g, SYN_INSIDE);
		if (g->seq != s->start_seq)
			weird(g, SYN_SEQ_JUMP);
		if (g->seq != s->start_seq || s->state >= OTO_TCP_PARTIAL)
			begin_at(s, g->seq, end);
		break;
	case OTO_TCP_RESET: /* its numbers were a RST's, perhaps a forged one */
		if (syn && s->prev_state == OTO_TCP_INACTIVE)
			begin_at(s, g->seq, end);
		break;
	case OTO_TCP_CLOSED:
		break;
	}
}

/* Returns how far the segment went beyond what its sender had sent. */
static int32_t advance_last(const struct segment *g, uint32_t end)
{
	struct oto_tcp_side *s = sender(g);
	int32_t delta = seq_delta(end, s->last_seq);

	if ((g->flags & (OTO_SYN | OTO_RST)) && (delta > TOO_LARGE_DELTA || delta < -TOO_LARGE_DELTA))
		return delta;
	if ((g->flags & OTO_FIN) && s->last_seq == s->start_seq + 1) /* only SYN and FIN of a huge transfer were seen */
		update_last(s, end);
	else if (s->state == OTO_TCP_RESET)
		return delta;
	else if (delta > 0)
		update_last(s, end);
	else if (g->len)
		letter_scaled(g, s, &trouble(g, s)->retransmitted, 'T');
	return delta;
}

/* ------------------------------------------------------------------------------------------------ gaps */

static bool is_clean(const struct oto_tcp_side *s)
{
	return s->state == OTO_TCP_ESTABLISHED || (s->state == OTO_TCP_CLOSED && s->prev_state == OTO_TCP_ESTABLISHED);
}

static bool has_kept(const struct oto_tcp_side *s)
{
	return s->seen_end > s->acked;
}

static struct oto_tcp_range *first_range(const struct oto_tcp_side *s)
{
	return s->trouble ? s->trouble->ranges : NULL;
}

static void pop_range(const struct segment *g, struct oto_tcp_side *s)
{
	struct oto_tcp_range *r = s->trouble->ranges;

	s->trouble->ranges = r->next;
	oto_pool_put(g->tr->pool, r, sizeof *r);
}

/* Only a cleanly established connection has gaps: elsewhere they are artefacts of RSTs and of what came before the capture. */
static void tell_gap(const struct segment *g, struct oto_tcp_side *s, uint64_t len)
{
	if (!is_clean(&g->t->side[0]) || !is_clean(&g->t->side[1]))
		return;
	letter_scaled(g, s, &trouble(g, s)->gaps, 'G');
	s->trouble->missed_bytes += len;
}

static void undelivered(const struct segment *g, struct oto_tcp_side *s, uint64_t up_to)
{
	if (up_to <= 2 && g->t->partial) /* the SYN we made up, or a keep-alive at the begin */
		return;
	if (!s->skip) {
		for (struct oto_tcp_range *r = first_range(s); r && r->from < up_to; r = first_range(s)) {
			if (r->from > s->delivered)
				tell_gap(g, s, r->from - s->delivered);
			if (r->to > s->delivered)
				s->delivered = r->to;
			pop_range(g, s);
		}
		if (up_to > s->delivered)
			tell_gap(g, s, up_to - s->delivered);
	}
	if (up_to > s->delivered)
		s->delivered = up_to;
}

static void join_ranges(const struct segment *g, struct oto_tcp_side *s)
{
	for (struct oto_tcp_range *r = first_range(s); r && r->from <= s->delivered; r = first_range(s)) {
		if (r->to > s->delivered)
			s->delivered = r->to;
		pop_range(g, s);
	}
}

/* All below seq is done with. */
static void trim(const struct segment *g, struct oto_tcp_side *s, uint64_t seq)
{
	if (seq > s->delivered)
		undelivered(g, s, seq);
	for (struct oto_tcp_range *r = first_range(s); r && r->to <= seq; r = first_range(s))
		pop_range(g, s);
	if (first_range(s) && first_range(s)->from == s->delivered)
		join_ranges(g, s);
	s->acked = seq;
}

static void give_up(const struct segment *g, struct oto_tcp_side *s, enum weird w)
{
	weird(g, w);
	drop_ranges(g->tr->pool, s);
	s->seen_end = 0;
	s->skip = true;
}

static void keep_range(const struct segment *g, struct oto_tcp_side *s, uint64_t from, uint64_t to)
{
	struct oto_tcp_range **at = &trouble(g, s)->ranges;

	while (*at && (*at)->to < from)
		at = &(*at)->next;
	if (!*at || (*at)->from > to) {
		struct oto_tcp_range *r = oto_pool_get(g->tr->pool, sizeof *r);
		*r = (struct oto_tcp_range){ *at, from, to };
		*at = r;
		return;
	}
	struct oto_tcp_range *r = *at;
	r->from = from < r->from ? from : r->from;
	r->to = to > r->to ? to : r->to;
	while (r->next && r->next->from <= r->to) {
		struct oto_tcp_range *next = r->next;
		r->to = next->to > r->to ? next->to : r->to;
		r->next = next->next;
		oto_pool_put(g->tr->pool, next, sizeof *next);
	}
}

static uint64_t bytes_kept(const struct oto_tcp_side *s)
{
	uint64_t n = s->delivered - s->acked;

	for (const struct oto_tcp_range *r = first_range(s); r; r = r->next)
		n += r->to - r->from;
	return n;
}

static void data_sent(const struct segment *g, uint64_t from)
{
	struct oto_tcp_side *s = sender(g);
	uint64_t to = from + g->len, ack = full_seq(s->ack_seq, s->ack_wraps) - s->start_seq;

	if (s->skip)
		return;
	if (from < ack)
		from = ack;
	if (from < s->acked)
		from = s->acked;
	if (to <= ack || to <= s->acked)
		return;
	if (to > s->seen_end)
		s->seen_end = to;
	if (from > s->delivered) {
		keep_range(g, s, from, to);
	} else if (to > s->delivered) {
		s->delivered = to;
		if (first_range(s))
			join_ranges(g, s);
		if (s->delivered > MAX_INITIAL_WINDOW && none_acked(s) && oto_tcp_size(g->t, g->at) > MAX_INITIAL_WINDOW)
			trim(g, s, s->delivered);
	}
	if (has_kept(s) && s->seen_end > s->delivered + MAX_ABOVE_HOLE_UNACKED && none_acked(s))
		give_up(g, s, ABOVE_HOLE);
	else if (s->seen_end > s->acked + MAX_UNACKED && bytes_kept(s) > MAX_UNACKED)
		give_up(g, s, EXCESSIVE_DATA);
}

/* ------------------------------------------------------------------------------------------------ closing */

/* Bytes that this side sent before it closed, or that the other side has not acknowledged, may still come. */
static bool data_pending(const struct oto_tcp_side *s, const struct oto_tcp_side *other)
{
	uint64_t delivered = s->start_seq + s->delivered, last = full_seq(s->last_seq, s->seq_wraps);

	if (s->skip || last < delivered)
		return false;
	if (delivered != last - 1 && delivered != last)
		return true;
	return s->state != OTO_TCP_RESET && has_kept(other);
}

static void closed(const struct segment *g, struct oto_tcp_side *s, const struct oto_tcp_side *other)
{
	struct oto_tcp *t = g->t;

	t->close_deferred = data_pending(s, other);
	if (t->close_deferred || s->did_close)
		return;
	s->did_close = true;
	if (s->state == OTO_TCP_RESET || other->did_close || other->state == OTO_TCP_INACTIVE) {
		t->timer = OTO_TCP_DELETE;
		t->timer_ns = oto_flow_heard_ns(g->f) + CLOSE_DELAY;
	} else {
		t->timer = OTO_TCP_HALF_CLOSED;
		t->timer_ns = oto_flow_heard_ns(g->f) + SESSION_TIMER;
	}
}

static void check_end(const struct segment *g, struct oto_tcp_side *s, const struct oto_tcp_side *other)
{
	if (s->at_end || !(s->has_fin || s->state >= OTO_TCP_CLOSED) || data_pending(s, other))
		return;
	s->at_end = true;
	if (!g->t->close_deferred)
		return;
	closed(g, s, other);
	g->t->close_deferred = false;
}

static void ack_received(const struct segment *g, uint64_t seq)
{
	struct oto_tcp_side *s = peer(g);

	if (s->has_fin && seq >= s->trouble->fin_seq)
		seq = s->trouble->fin_seq - 1;
	if (seq <= s->acked)
		return;
	trim(g, s, seq);
	check_end(g, s, sender(g));
}

/* ------------------------------------------------------------------------------------------------ states */

/* Ports of services on which people sit and think. */
static bool patient_port(uint16_t port)
{
	return port == 21 || port == 22 || port == 23 || port == 513;
}

/* The SYN to a SYN-ACK seen first, as happens with two capture interfaces: the SYN's sender is the originator. */
static void reverse(struct segment *g)
{
	struct oto_tcp *t = g->t;
	struct oto_tcp_side swap = t->side[OTO_ORIG];
	struct oto_flow *f = g->f;
	struct oto_flow_side orig = f->side[OTO_ORIG], resp = f->side[OTO_RESP];
	bool first = t->first_orig;

	t->side[OTO_ORIG] = t->side[OTO_RESP];
	t->side[OTO_RESP] = swap;
	t->first_orig = t->first_resp;
	t->first_resp = first;
	t->partial = false;
	oto_flow_flip(f);
	f->side[OTO_ORIG] = resp; /* here the counts go with their sender */
	f->side[OTO_RESP] = orig;
	g->at = !g->at;
	set_state(peer(g), OTO_TCP_ESTABLISHED);
	t->first_orig = true;
}

static void inactive_syn(struct segment *g)
{
	if (g->dir == OTO_ORIG) {
		if (g->flags & OTO_ACK)
			weird(g, ORIGINATOR_SYN_ACK);
		set_state(sender(g), g->flags & OTO_ACK ? OTO_TCP_SYN_ACK_SENT : OTO_TCP_SYN_SENT);
		g->t->timer = OTO_TCP_ATTEMPT;
		g->t->timer_ns = oto_flow_heard_ns(g->f) + ATTEMPT_DELAY;
		return;
	}
	if (g->flags & OTO_ACK) {
		struct oto_tcp_side *p = peer(g);
		bool between = p->start_seq <= p->last_seq ? p->start_seq <= g->ack && g->ack <= p->last_seq
							   : p->start_seq <= g->ack || g->ack <= p->last_seq;
		if (p->state != OTO_TCP_INACTIVE && p->state != OTO_TCP_PARTIAL && !between)
			weird(g, BAD_SYN_ACK);
	} else if (peer(g)->state == OTO_TCP_SYN_ACK_SENT && g->seq == sender(g)->start_seq) {
		reverse(g);
	} else {
		weird(g, SIMULTANEOUS_OPEN);
	}
	if (peer(g)->state == OTO_TCP_SYN_SENT)
		set_state(peer(g), OTO_TCP_ESTABLISHED);
	else if (peer(g)->state == OTO_TCP_INACTIVE)
		weird(g, UNSOLICITED_SYN_RESPONSE);
	set_state(sender(g), OTO_TCP_ESTABLISHED);
	if (peer(g)->state == OTO_TCP_ESTABLISHED)
		g->t->patient = patient_port(g->f->side[OTO_RESP].port);
}

static void inactive_plain(const struct segment *g)
{
	/* Some answer a SYN with an ACK before the SYN-ACK. */
	if (g->dir == OTO_RESP && g->len == 0 && g->t->side[OTO_ORIG].state == OTO_TCP_SYN_SENT)
		return;
	if ((g->flags & OTO_ACK) && peer(g)->state == OTO_TCP_ESTABLISHED) { /* only the SYN was missed */
		set_state(sender(g), OTO_TCP_ESTABLISHED);
		g->t->partial = false;
		return;
	}
	set_state(sender(g), OTO_TCP_PARTIAL);
}

static void inactive(struct segment *g)
{
	if (g->flags & OTO_SYN)
		inactive_syn(g);
	if (g->flags & OTO_FIN) {
		set_state(sender(g), OTO_TCP_CLOSED);
		g->do_close = true;
		if (peer(g)->state != OTO_TCP_PARTIAL && !(g->flags & OTO_SYN))
			weird(g, SPONTANEOUS_FIN);
	}
	if (g->flags & OTO_RST) {
		enum oto_tcp_state other = peer(g)->state;
		set_state(sender(g), OTO_TCP_RESET);
		g->do_close = true;
		if (other == OTO_TCP_INACTIVE)
			weird(g, SPONTANEOUS_RST);
	}
	if (sender(g)->state == OTO_TCP_INACTIVE)
		inactive_plain(g);
}

static void syn_sent(struct segment *g)
{
	if (g->flags & OTO_FIN) {
		if (peer(g)->state == OTO_TCP_INACTIVE || peer(g)->state == OTO_TCP_SYN_SENT)
			weird(g, INAPPROPRIATE_FIN);
		set_state(sender(g), OTO_TCP_CLOSED);
		g->do_close = true;
	}
	if (g->flags & OTO_RST) {
		set_state(sender(g), OTO_TCP_RESET);
		g->t->inactive = true;
		g->do_close = true;
	} else if (g->len) {
		weird(g, DATA_BEFORE_ESTABLISHED);
	}
}

static void established(struct segment *g)
{
	struct oto_tcp_side *s = sender(g), *p = peer(g);

	if ((g->flags & (OTO_SYN | OTO_ACK)) == OTO_SYN && s->state == OTO_TCP_PARTIAL && p->state == OTO_TCP_INACTIVE) {
		weird(g, SYN_AFTER_PARTIAL);
		set_state(s, OTO_TCP_SYN_SENT);
	}
	if ((g->flags & (OTO_FIN | OTO_RST)) == OTO_FIN) {
		set_state(s, OTO_TCP_CLOSED);
		if (p->state == OTO_TCP_RESET && p->prev_state == OTO_TCP_CLOSED) /* FIN, RST, and now our FIN: a normal end */
			set_state(p, OTO_TCP_CLOSED);
		g->do_close = true;
	}
	if (g->flags & OTO_RST) {
		set_state(s, OTO_TCP_RESET);
		g->do_close = true;
		if (p->state != OTO_TCP_RESET || p->prev_state != OTO_TCP_ESTABLISHED)
			g->t->inactive = true;
	}
}

static void after_close(struct segment *g, int32_t advanced)
{
	struct oto_tcp_side *s = sender(g);

	if (g->flags & OTO_SYN)
		weird(g, SYN_AFTER_CLOSE);
	if ((g->flags & OTO_FIN) && advanced > 0)
		weird(g, FIN_ADVANCED);
	if ((g->flags & OTO_RST) && peer(g)->state != OTO_TCP_CLOSED) {
		set_state(s, OTO_TCP_RESET);
		g->do_close = !s->did_close;
	}
}

static void after_reset(const struct segment *g)
{
	if (g->flags & OTO_SYN)
		weird(g, SYN_AFTER_RESET);
	if (g->flags & OTO_FIN)
		weird(g, FIN_AFTER_RESET);
	if (g->len && !(g->flags & OTO_RST))
		weird(g, DATA_AFTER_RESET);
}

static void next_state(struct segment *g, int32_t advanced)
{
	switch ((enum oto_tcp_state)sender(g)->state) {
	case OTO_TCP_INACTIVE:
		inactive(g);
		break;
	case OTO_TCP_SYN_SENT:
	case OTO_TCP_SYN_ACK_SENT:
		syn_sent(g);
		break;
	case OTO_TCP_ESTABLISHED:
	case OTO_TCP_PARTIAL:
		established(g);
		break;
	case OTO_TCP_CLOSED:
		after_close(g, advanced);
		break;
	case OTO_TCP_RESET:
		after_reset(g);
		break;
	}
}

/* ------------------------------------------------------------------------------------------------ a segment */

static void set_partial(const struct segment *g)
{
	struct oto_tcp *t = g->t;
	bool syn = g->flags & OTO_SYN;

	if (g->dir == OTO_ORIG && !t->first_orig)
		t->partial = !syn || (g->flags & OTO_ACK);
	else if (g->dir == OTO_RESP && !t->first_resp && !t->partial)
		t->partial = !syn;
}

/* What the segment acknowledges, relative to the other side's begin. */
static uint64_t acknowledge(const struct segment *g)
{
	struct oto_tcp_side *p = peer(g), *s = sender(g);
	bool underflow = false;

	if (p->state == OTO_TCP_INACTIVE) {
		if (!(g->flags & (OTO_SYN | OTO_FIN | OTO_RST)) &&
		    (s->state == OTO_TCP_SYN_SENT || s->state == OTO_TCP_SYN_ACK_SENT || s->state == OTO_TCP_ESTABLISHED))
			weird(g, SPLIT_ROUTING);
		begin_at(p, g->ack - 1, g->ack - 1);
		return 1;
	}
	uint64_t rel = relative(p, g->ack, p->ack_seq, p->ack_wraps, &underflow);
	if (underflow) {
		weird(g, ACK_UNDERFLOW);
		return 0;
	}
	int32_t delta = seq_delta(g->ack, p->ack_seq);
	if (!(g->flags & OTO_RST) && delta > 0 && !(g->ack == 0 && delta > TOO_LARGE_DELTA)) {
		p->ack_wraps += g->ack < p->ack_seq;
		p->ack_seq = g->ack;
	}
	return rel;
}

static void syn_weirds(const struct segment *g)
{
	if (g->flags & OTO_RST)
		weird(g, CHRISTMAS);
	if (g->len)
		weird(g, SYN_WITH_DATA);
}

/* Both ends speak, nothing is missing, and nothing of it wraps around. */
static bool is_calm(const struct oto_tcp_side *s)
{
	return (s->state == OTO_TCP_ESTABLISHED || s->state == OTO_TCP_PARTIAL) && !s->has_fin && !s->did_close && !s->at_end && !s->skip &&
	       !s->seq_wraps && !s->ack_wraps && !first_range(s);
}

/* Nearly all segments of a calm connection go on where the last one of their side ended, and acknowledge what was seen: to these the same
 * is done as by the long way, which has nothing else to say of them. False, and nothing is done: this one is another. */
static bool goes_on(struct oto_flow *f, enum oto_dir dir, const struct oto_layers *l)
{
	struct oto_tcp *t = f->tcp;
	struct oto_tcp_side *s = &t->side[dir], *p = &t->side[!dir];
	uint32_t len = l->payload_len, from = l->seq - s->start_seq, acked = l->ack - p->start_seq;
	uint64_t to = (uint64_t)from + len, ack = (uint64_t)s->ack_seq - s->start_seq;

	if (!t->calm || (l->tcp_flags & (OTO_SYN | OTO_FIN | OTO_RST | OTO_ACK)) != OTO_ACK || !l->window)
		return false;
	if (l->seq != s->last_seq || l->ack < p->ack_seq || ((l->ack - p->ack_seq) | acked) > INT32_MAX || acked > p->delivered)
		return false;
	if (!len) {
		if (!(s->letters & SAW_ACK) || from > INT32_MAX)
			return false;
	} else {
		if (!(s->letters & SAW_DATA) || to > INT32_MAX || l->seq + len < len || l->payload.len < len)
			return false;
		if (from != s->delivered || from < s->acked || from < ack || to < s->seen_end || to > s->acked + MAX_UNACKED ||
		    (to > MAX_INITIAL_WINDOW && ack <= 1))
			return false;
		s->last_seq = l->seq + len;
		s->seen_end = s->delivered = to;
	}
	p->ack_seq = l->ack;
	if (acked > p->acked)
		p->acked = acked;
	f->last_ns = l->packet->ts_ns;
	return true;
}

static __attribute__((noinline)) void long_way(const struct oto_tcp_tracker *tr, struct oto_flow *f, enum oto_dir dir,
					       const struct oto_layers *l)
{
	struct segment g = { .tr = tr,
			     .f = f,
			     .t = f->tcp,
			     .dir = dir,
			     .at = dir,
			     .seq = l->seq,
			     .ack = l->ack,
			     .len = l->payload_len,
			     .flags = l->tcp_flags,
			     .now = l->packet->ts_ns };
	struct oto_tcp_side *s = sender(&g);
	bool syn = g.flags & OTO_SYN, fin = g.flags & OTO_FIN, rst = g.flags & OTO_RST, underflow = false;
	uint32_t span = (rst ? 0 : g.len) + syn + fin; /* a RST's payload is not of the stream (RFC 9293 3.5.2) */
	uint32_t end = g.seq + span;

	set_partial(&g);
	begin_numbering(&g, end);
	uint64_t rel_seq = relative(s, g.seq, s->last_seq, s->seq_wraps, &underflow);
	if (underflow && !rst)
		weird(&g, SEQ_UNDERFLOW);
	history(&g, rel_seq);
	if (l->window == 0 && !rst && peer(&g)->state != OTO_TCP_CLOSED && s->state != OTO_TCP_RESET)
		letter_scaled(&g, s, &trouble(&g, s)->zero_windows, 'W');
	if (!s->did_close || !peer(&g)->did_close)
		f->last_ns = g.now;
	if (syn)
		syn_weirds(&g);
	if (fin) {
		s->has_fin = true;
		trouble(&g, s)->fin_seq = rel_seq + span;
	}
	uint64_t rel_ack = g.flags & OTO_ACK ? acknowledge(&g) : 0;
	next_state(&g, advance_last(&g, end));
	if (g.flags & OTO_ACK)
		ack_received(&g, rel_ack);
	if (dir == OTO_ORIG)
		f->tcp->first_orig = true;
	else
		f->tcp->first_resp = true;
	if (g.len && !rst && !underflow) {
		if (l->payload.len >= g.len)
			data_sent(&g, rel_seq + syn);
		else
			weird(&g, TRUNCATED_PAYLOAD);
	}
	check_end(&g, sender(&g), peer(&g));
	if (g.do_close)
		closed(&g, sender(&g), peer(&g));
	g.t->calm = g.t->first_orig && g.t->first_resp && is_calm(&g.t->side[0]) && is_calm(&g.t->side[1]);
}

void oto_tcp_packet(const struct oto_tcp_tracker *tr, struct oto_flow *f, enum oto_dir dir, const struct oto_layers *l)
{
	if (tr->long_way || !goes_on(f, dir, l))
		long_way(tr, f, dir, l);
}

/* ------------------------------------------------------------------------------------------------ reuse, timers, verdict */

bool oto_tcp_reuse(const struct oto_tcp_tracker *tr, const struct oto_flow *f, enum oto_dir dir, const struct oto_layers *l)
{
	struct oto_tcp *t = f->tcp;
	const struct oto_tcp_side *orig = &t->side[OTO_ORIG], *resp = &t->side[OTO_RESP];
	const struct oto_tcp_side *opener = l->tcp_flags & OTO_ACK ? resp : orig;
	const struct segment g = { .tr = tr, .f = (struct oto_flow *)(uintptr_t)f, .t = t, .dir = dir, .at = dir };

	if (!(l->tcp_flags & OTO_SYN))
		return false;
	if ((l->tcp_flags & OTO_ACK) && orig->state != OTO_TCP_INACTIVE)
		return false;
	if (!orig->did_close && !resp->did_close) {
		if (l->seq == opener->start_seq)
			return false;
		if (!(l->tcp_flags & OTO_ACK) && orig->state == OTO_TCP_SYN_ACK_SENT && resp->state == OTO_TCP_INACTIVE &&
		    l->seq == resp->start_seq)
			return false;
		weird(&g, opener->state == OTO_TCP_SYN_SENT ? SYN_SEQ_JUMP : ACTIVE_REUSE);
	} else if (orig->state != OTO_TCP_RESET && resp->state != OTO_TCP_RESET) {
		bool active =
		    (!orig->did_close && orig->state != OTO_TCP_INACTIVE) || (!resp->did_close && resp->state != OTO_TCP_INACTIVE);
		if (active || l->packet->ts_ns - f->last_ns < LINGER)
			weird(&g, active ? ACTIVE_REUSE : PREMATURE_REUSE);
	}
	return true;
}

bool oto_tcp_timer_due(struct oto_flow *f, int64_t now_ns)
{
	struct oto_tcp *t = f->tcp;
	enum oto_tcp_timer timer = t->timer;
	enum oto_tcp_state orig = t->side[OTO_ORIG].state, resp = t->side[OTO_RESP].state;

	t->timer = OTO_TCP_NO_TIMER;
	if (timer == OTO_TCP_DELETE)
		return true;
	if (t->inactive || timer == OTO_TCP_NO_TIMER)
		return false;
	if (timer == OTO_TCP_ATTEMPT)
		return (orig == OTO_TCP_SYN_SENT || orig == OTO_TCP_SYN_ACK_SENT) && resp == OTO_TCP_INACTIVE;
	if (oto_flow_heard_ns(f) + LINGER < now_ns &&
	    (orig == OTO_TCP_RESET || resp == OTO_TCP_RESET || orig == OTO_TCP_INACTIVE || resp == OTO_TCP_INACTIVE))
		return true;
	t->timer = OTO_TCP_HALF_CLOSED;
	t->timer_ns = now_ns + SESSION_TIMER;
	return false;
}

/* An originator's SYN, then its RST, and nothing of substance in between. */
static bool history_is_rstos0(const char *h)
{
	h += *h == '^';
	if (*h++ != 'S')
		return false;
	h += strcspn(h, "HAFGIQR");
	return *h == 'R';
}

const char *oto_tcp_conn_state(const struct oto_flow *f)
{
	const struct oto_tcp *t = f->tcp;
	enum oto_tcp_state orig = t->side[OTO_ORIG].state, resp = t->side[OTO_RESP].state;
	bool no_orig = orig == OTO_TCP_INACTIVE || orig == OTO_TCP_PARTIAL, no_resp = resp == OTO_TCP_INACTIVE || resp == OTO_TCP_PARTIAL;

	if (resp == OTO_TCP_RESET) {
		if (orig == OTO_TCP_SYN_SENT || orig == OTO_TCP_SYN_ACK_SENT ||
		    (orig == OTO_TCP_RESET && !oto_tcp_size(t, OTO_ORIG) && !oto_tcp_size(t, OTO_RESP)))
			return "REJ";
		return no_orig ? "RSTRH" : "RSTR";
	}
	if (orig == OTO_TCP_RESET) {
		if (!no_resp)
			return "RSTO";
		return history_is_rstos0(oto_flow_history(f)) ? "RSTOS0" : "OTH";
	}
	if (orig == OTO_TCP_CLOSED && resp == OTO_TCP_CLOSED)
		return "SF";
	if (orig == OTO_TCP_CLOSED)
		return no_resp ? "SH" : "S2";
	if (resp == OTO_TCP_CLOSED)
		return no_orig ? "SHR" : "S3";
	if (orig == OTO_TCP_SYN_SENT && resp == OTO_TCP_INACTIVE)
		return "S0";
	if (orig == OTO_TCP_ESTABLISHED && resp == OTO_TCP_ESTABLISHED)
		return "S1";
	return "OTH";
}
