/* stream.c - TCP segments to bytes in order. See stream.h.
 *
 * The place of a direction (next byte, hole) is kept in struct oto_tcp. In-order payload goes straight from the packet to the analyzers;
 * only what comes above a hole is copied. A hole is given up when the receiver acknowledged beyond it, when too much waits behind it, or,
 * where the receiver is not seen at all, soon.
 */
#include "stream.h"

#include "analyzer.h"
#include "conn_tcp.h"
#include "engine.h"

#include <stdlib.h>

#define DEFAULT_PER_SIDE (1024u * 1024u)
#define DEFAULT_HELD (256ull * 1024u * 1024u)
#define SEGMENTS_PER_SIDE 2048u
#define ONE_SIDED_BYTES (64u * 1024u)
#define ONE_SIDED_SEGMENTS 64u
#define ONE_SIDED_WAIT (2 * OTO_SECOND)
#define REJOIN (64 * 1024 * 1024) /* no retransmission is that old: the numbering is another one */

struct held {
	struct held *next;
	uint32_t seq, len, captured; /* len as the headers said */
	uint8_t data[];
};

struct oto_stream_hole {
	struct held *first; /* ascending, apart */
	uint32_t bytes, segments;
	int64_t since_ns;
};

struct oto_streams {
	struct oto_engine *engine;
	struct oto_stream_options options;
	struct oto_pool pool;
	struct oto_stream_stats stats;
};

struct oto_streams *oto_streams_new(struct oto_engine *engine, const struct oto_stream_options *options)
{
	struct oto_streams *ss = oto_calloc(1, sizeof *ss);

	ss->engine = engine;
	if (options)
		ss->options = *options;
	if (!ss->options.max_held_per_side)
		ss->options.max_held_per_side = DEFAULT_PER_SIDE;
	if (!ss->options.max_held)
		ss->options.max_held = DEFAULT_HELD;
	return ss;
}

void oto_streams_free(struct oto_streams *ss)
{
	if (!ss)
		return;
	oto_pool_free(&ss->pool);
	free(ss);
}

struct oto_stream_stats oto_stream_stats(const struct oto_streams *ss)
{
	return ss->stats;
}

/* ------------------------------------------------------------------------------------------------ delivery */

/* One direction at work. */
struct place {
	struct oto_streams *ss;
	struct oto_flow *f;
	struct oto_tcp_side *s;
	enum oto_dir dir;
};

static int32_t ahead(const struct place *p, uint32_t seq)
{
	return (int32_t)(seq - p->s->stream_next);
}

static void lose(struct place *p, uint32_t n)
{
	p->s->stream_next += n;
	p->ss->stats.gaps++;
	p->ss->stats.gap_bytes += n;
	oto_analyzer_gap(p->ss->engine->analyzers, p->f, p->dir, n);
}

/* len bytes were sent at the place; `bytes` is what was captured of them. */
static void deliver(struct place *p, struct oto_slice bytes, uint32_t len)
{
	p->s->stream_next += bytes.len;
	if (bytes.len)
		oto_analyzer_bytes(p->ss->engine->analyzers, p->f, p->dir, bytes, p->s->stream_midstream);
	if (bytes.len < len && !p->f->ended)
		lose(p, len - bytes.len);
}

static struct held *first_held(const struct place *p)
{
	return p->s->hole ? p->s->hole->first : NULL;
}

static void release(struct place *p, struct held *h)
{
	oto_pool_put(&p->ss->pool, h, sizeof *h + h->captured);
}

static struct held *take_first(struct place *p)
{
	struct oto_stream_hole *hole = p->s->hole;
	struct held *h = hole->first;

	hole->first = h->next;
	hole->bytes -= h->captured;
	hole->segments--;
	p->ss->stats.held -= h->captured;
	if (!hole->first) {
		oto_pool_put(&p->ss->pool, hole, sizeof *hole);
		p->s->hole = NULL;
	}
	return h;
}

static struct oto_slice cut_front(struct oto_slice s, uint32_t n)
{
	return n < s.len ? (struct oto_slice){ s.data + n, s.len - n } : (struct oto_slice){ 0 };
}

/* What is held and has become next in order. A listener may end the flow meanwhile: then all was delivered by that. */
static void deliver_held(struct place *p)
{
	for (struct held *h; !p->f->ended && (h = first_held(p)) && ahead(p, h->seq) <= 0;) {
		uint32_t old = (uint32_t)-ahead(p, h->seq);
		take_first(p);
		if (old < h->len)
			deliver(p, cut_front((struct oto_slice){ h->data, h->captured }, old), h->len - old);
		release(p, h);
	}
}

static void give_up_hole(struct place *p)
{
	struct held *h = first_held(p);

	if (!h)
		return;
	if (ahead(p, h->seq) > 0)
		lose(p, (uint32_t)ahead(p, h->seq));
	deliver_held(p);
	if (first_held(p))
		p->s->hole->since_ns = p->ss->engine->now_ns;
}

/* ------------------------------------------------------------------------------------------------ out of order */

static struct held *hold_piece(struct place *p, struct held **at, uint32_t seq, struct oto_slice bytes, uint32_t len)
{
	struct held *h = oto_pool_get(&p->ss->pool, sizeof *h + bytes.len);

	*h = (struct held){ .next = *at, .seq = seq, .len = len, .captured = bytes.len };
	if (bytes.len)
		memcpy(h->data, bytes.data, bytes.len);
	*at = h;
	p->s->hole->bytes += bytes.len;
	p->s->hole->segments++;
	p->ss->stats.held += bytes.len;
	if (p->ss->stats.held > p->ss->stats.held_peak)
		p->ss->stats.held_peak = p->ss->stats.held;
	return h;
}

/* The same bytes came twice above a hole: a difference is somebody's mistake, or an evasion. */
static void compare(struct place *p, const struct held *h, uint32_t seq, struct oto_slice bytes, uint32_t n)
{
	uint32_t at = seq - h->seq, both;

	p->ss->stats.overlaps++;
	if (at >= h->captured)
		return;
	both = h->captured - at < bytes.len ? h->captured - at : bytes.len;
	both = both < n ? both : n;
	if (both && memcmp(h->data + at, bytes.data, both) != 0)
		oto_engine_weird(p->ss->engine, oto_engine_head(p->ss->engine, p->f, p->dir), "tcp", "overlap_differs",
				 (struct oto_slice){ 0 });
}

static struct oto_slice cut_back(struct oto_slice s, uint32_t n)
{
	return n < s.len ? (struct oto_slice){ s.data, n } : s;
}

/* Keep what of the segment is not held yet. */
static void hold(struct place *p, uint32_t seq, struct oto_slice bytes, uint32_t len)
{
	if (!p->s->hole) {
		p->s->hole = oto_pool_get(&p->ss->pool, sizeof *p->s->hole);
		p->s->hole->since_ns = p->ss->engine->now_ns;
	}
	p->ss->stats.out_of_order++;
	struct held **at = &p->s->hole->first;
	while (len) {
		while (*at && (int32_t)((*at)->seq + (*at)->len - seq) <= 0)
			at = &(*at)->next;
		struct held *h = *at;
		uint32_t before = h && (int32_t)(h->seq - seq) > 0 ? h->seq - seq : 0, n;
		if (!h || before) {
			n = h && before < len ? before : len;
			at = &hold_piece(p, at, seq, cut_back(bytes, n), n)->next;
		} else {
			n = h->seq + h->len - seq < len ? h->seq + h->len - seq : len;
			compare(p, h, seq, bytes, n);
		}
		seq += n;
		len -= n;
		bytes = cut_front(bytes, n);
	}
}

/* Has enough been waited for the bytes missing? */
static bool hole_is_hopeless(const struct place *p)
{
	const struct oto_stream_hole *hole = p->s->hole;
	const struct oto_streams *ss = p->ss;

	if ((int32_t)(p->s->ack_seq - hole->first->seq) >= 0)
		return true;
	if (hole->bytes > ss->options.max_held_per_side || hole->segments > SEGMENTS_PER_SIDE || ss->stats.held > ss->options.max_held)
		return true;
	return p->f->side[!p->dir].packets == 0 && (hole->bytes > ONE_SIDED_BYTES || hole->segments > ONE_SIDED_SEGMENTS ||
						    ss->engine->now_ns - hole->since_ns > ONE_SIDED_WAIT);
}

static void check_hole(struct place *p)
{
	while (!p->f->ended && first_held(p) && hole_is_hopeless(p))
		give_up_hole(p);
}

/* ------------------------------------------------------------------------------------------------ segments */

/* In order, perhaps with a part that was delivered before, perhaps over what is held: the first copy wins. */
static void in_order(struct place *p, uint32_t seq, struct oto_slice bytes, uint32_t len)
{
	uint32_t end = seq + len;

	while (!p->f->ended && ahead(p, end) > 0) {
		struct held *h = first_held(p);
		uint32_t old = p->s->stream_next - seq, n = end - p->s->stream_next;
		if (h && ahead(p, h->seq) <= 0) {
			deliver_held(p);
			continue;
		}
		if (h && (uint32_t)ahead(p, h->seq) < n)
			n = (uint32_t)ahead(p, h->seq);
		deliver(p, cut_back(cut_front(bytes, old), n), n);
	}
	if (p->s->hole)
		deliver_held(p);
}

static void forget_held(struct place *p)
{
	while (first_held(p))
		release(p, take_first(p));
}

/* The direction's numbering begins here, or anew. */
static void join(struct place *p, uint32_t next, bool midstream)
{
	forget_held(p);
	if (p->s->stream_joined)
		oto_analyzer_gap(p->ss->engine->analyzers, p->f, p->dir, 0);
	p->s->stream_joined = true;
	p->s->stream_midstream = midstream;
	p->s->stream_next = next;
}

/* A SYN far from the place is another attempt; a near one is a retransmission. */
static bool begins_anew(const struct place *p, const struct oto_layers *l, uint32_t seq)
{
	int32_t delta = ahead(p, seq);

	return (l->tcp_flags & OTO_SYN) && p->s->start_seq == l->seq && (delta > REJOIN || delta < -REJOIN);
}

static void payload(struct place *p, uint32_t seq, const struct oto_layers *l)
{
	int32_t delta = ahead(p, seq);
	struct oto_slice bytes = cut_back(l->payload, l->payload_len);

	if (delta == 0 && !p->s->hole) {
		deliver(p, bytes, l->payload_len);
		return;
	}
	if (delta > 0) {
		hold(p, seq, bytes, l->payload_len);
		return;
	}
	if (delta < -REJOIN) {
		join(p, seq, true);
		in_order(p, seq, bytes, l->payload_len);
		return;
	}
	if (delta < 0)
		p->ss->stats.retransmitted++;
	in_order(p, seq, bytes, l->payload_len);
}

static __attribute__((noinline)) void out_of_step(struct place p, const struct oto_layers *l)
{
	struct oto_flow *f = p.f;
	uint32_t seq = l->seq + ((l->tcp_flags & OTO_SYN) != 0);

	if (l->tcp_flags & OTO_RST) /* its payload is a reason, not of the stream (RFC 9293 3.5.2) */
		return;
	if (!p.s->stream_joined || begins_anew(&p, l, seq))
		join(&p, seq, !(l->tcp_flags & OTO_SYN));
	bool waits = l->payload_len && ahead(&p, seq) > 0; /* held before anything is released: events still point into that */
	if (waits)
		payload(&p, seq, l);
	if (f->tcp->side[!p.dir].hole) { /* what this segment acknowledges was read before it was sent: a request before its answer */
		struct place other = { p.ss, f, &f->tcp->side[!p.dir], !p.dir };
		check_hole(&other);
	}
	if (!f->ended && l->payload_len && !waits)
		payload(&p, seq, l);
	if (!f->ended && p.s->hole)
		check_hole(&p);
}

/* As nearly all are: nothing is held, and what the segment carries comes next. */
static bool is_in_step(const struct oto_tcp *t, enum oto_dir dir, const struct oto_layers *l)
{
	const struct oto_tcp_side *s = &t->side[dir];

	return s->stream_joined && !s->hole && !t->side[!dir].hole && !(l->tcp_flags & (OTO_SYN | OTO_RST)) &&
	       (!l->payload_len || l->seq == s->stream_next);
}

void oto_stream_segment(struct oto_streams *ss, struct oto_flow *f, enum oto_dir dir, const struct oto_layers *l)
{
	struct place p = { ss, f, &f->tcp->side[dir], dir };

	if (!is_in_step(f->tcp, dir, l))
		out_of_step(p, l);
	else if (l->payload_len)
		deliver(&p, cut_back(l->payload, l->payload_len), l->payload_len);
}

void oto_stream_end(struct oto_streams *ss, struct oto_flow *f)
{
	for (enum oto_dir dir = OTO_ORIG; dir <= OTO_RESP; dir++) {
		struct place p = { ss, f, &f->tcp->side[dir], dir };
		for (struct held *h; (h = first_held(&p)); release(&p, h)) {
			int32_t missing = ahead(&p, h->seq);
			uint32_t old = missing < 0 ? (uint32_t)-missing : 0;
			take_first(&p);
			if (missing > 0)
				lose(&p, (uint32_t)missing);
			if (old >= h->len)
				continue;
			struct oto_slice bytes = cut_front((struct oto_slice){ h->data, h->captured }, old);
			p.s->stream_next += h->len - old;
			if (bytes.len)
				oto_analyzer_bytes(ss->engine->analyzers, f, dir, bytes, p.s->stream_midstream);
			if (bytes.len < h->len - old)
				oto_analyzer_gap(ss->engine->analyzers, f, dir, h->len - old - bytes.len);
		}
	}
}
