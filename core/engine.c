/* engine.c - the stages put together, and the life of one packet: read oto_engine_packet() first.
 *
 * Owns every stage. Data flows one way: capture, decode, flow, stream, analyzer, event, then policy and logs.
 */
#include "engine.h"
#include "duplicate.h"
#include "tongue.h"

#include <stdlib.h>

#define DEFAULT_SEED UINT64_C(0x6f746f73636f7065)
#define DEFAULT_DUPLICATE (10 * OTO_MS)
#define SWEEP (10 * OTO_SECOND)
#define SPOOL_AGAIN (60 * OTO_SECOND)
#define FAR_FUTURE (24 * 3600 * OTO_SECOND)
#define SET_BACK (60 * OTO_SECOND) /* less than this passes by itself */
#define SET_BACK_PACKETS 8
#define PAUSE (30 * OTO_SECOND)
#define SILENCE (300 * OTO_SECOND)
#define KNOWN_PACKETS 10000 /* after so many it is known how long a pause may be here ... */
#define UNUSUAL 8           /* ... and so many times the longest is none */
#define MAX_PASSES 16       /* envelopes in one packet, frames found inside PDUs included */

/* ------------------------------------------------------------------------------------------------ heads and weirds */

/* Who sent the packet at hand; false: it is of another flow. Bytes of a direction may be told of when a packet of the other one, or of
 * none, shows that no more will come before them. */
static bool sender_of(const struct oto_engine *e, const struct oto_flow *f, enum oto_dir *sender)
{
	const struct oto_layers *l = e->layers;

	if (e->sent.flow == f) {
		*sender = e->sent.dir;
		return true;
	}
	for (*sender = OTO_ORIG; *sender <= OTO_RESP; ++*sender) {
		const struct oto_flow_side *from = &f->side[*sender], *to = &f->side[!*sender];
		if (f->transport == OTO_ETH) {
			if (!l->has_ip && memcmp(&l->src_mac, &from->mac, sizeof from->mac) == 0)
				return true;
			continue;
		}
		bool to_itself = oto_addr_equal(&from->addr, &to->addr);
		if (oto_addr_equal(&l->src, &from->addr) && oto_addr_equal(&l->dst, &to->addr) && (!to_itself || l->sport == from->port))
			return true;
	}
	return false;
}

static void head_uid(struct oto_head *h, struct oto_engine *e, const uint64_t uid[2])
{
	struct oto_uid_cache *known = &e->uids[uid[0] % (sizeof e->uids / sizeof *e->uids)];

	if (known->uid[0] != uid[0] || known->uid[1] != uid[1]) {
		known->uid[0] = uid[0];
		known->uid[1] = uid[1];
		oto_uid_text(uid, known->text);
	}
	memcpy(h->uid, known->text, sizeof h->uid);
}

/* Who speaks to whom: of the flow. */
static void head_flow(struct oto_head *h, struct oto_engine *e, const struct oto_flow *f)
{
	const struct oto_flow_side *orig = &f->side[OTO_ORIG], *resp = &f->side[OTO_RESP];

	h->has_flow = true;
	head_uid(h, e, f->uid);
	h->transport = f->transport;
	h->has_ports = f->transport != OTO_ETH && (f->transport != OTO_IP || orig->port || resp->port);
	h->orig_p = orig->port;
	h->resp_p = resp->port;
	if (f->transport != OTO_ETH) {
		h->orig_h = orig->addr;
		h->resp_h = resp->addr;
	}
}

/* What is between them, as the packet at hand shows it. */
static void head_link(struct oto_head *h, const struct oto_layers *l, enum oto_dir sender)
{
	if (l->has_mac) {
		h->has_mac = true;
		h->orig_mac = sender == OTO_ORIG ? l->src_mac : l->dst_mac;
		h->resp_mac = sender == OTO_ORIG ? l->dst_mac : l->src_mac;
	}
	h->ethertype = l->ethertype;
	h->vlan = l->vlan;
	h->has_vlan = l->has_vlan;
	h->inner_vlan = l->inner_vlan;
	h->has_inner_vlan = l->has_inner_vlan;
	h->interface = l->packet ? l->packet->interface : NULL;
}

/* The same, as the flow's packets showed it before. */
static void head_link_of_flow(struct oto_head *h, const struct oto_flow *f, enum oto_dir dir)
{
	const struct oto_flow_side *orig = &f->side[OTO_ORIG], *resp = &f->side[OTO_RESP];

	h->ethertype = f->ethertype;
	h->orig_mac = orig->mac;
	h->resp_mac = resp->mac;
	h->has_mac = orig->has_mac || resp->has_mac;
	h->vlan = f->side[dir].vlan;
	h->has_vlan = f->side[dir].has_vlan;
	h->inner_vlan = f->side[dir].inner_vlan;
	h->has_inner_vlan = f->side[dir].has_inner_vlan;
}

static void head_ends(struct oto_head *h, struct oto_engine *e, const struct oto_flow *f, enum oto_dir dir)
{
	const struct oto_layers *l = e->layers;
	enum oto_dir sender = dir;

	if (f) {
		head_flow(h, e, f);
	} else if (l && l->has_ip) {
		h->transport = l->transport;
		h->has_ports = l->has_ports;
		h->orig_h = l->src;
		h->resp_h = l->dst;
		h->orig_p = l->sport;
		h->resp_p = l->dport;
	}
	bool here = l && (!f || sender_of(e, f, &sender));
	if (f && !(here && l->has_mac))
		head_link_of_flow(h, f, dir);
	if (here)
		head_link(h, l, sender);
}

const struct oto_head *oto_engine_head(struct oto_engine *e, const struct oto_flow *f, enum oto_dir dir)
{
	struct oto_head_cache *cache = &e->head_cache;

	if (cache->flow == f && cache->head[dir])
		return cache->head[dir];
	if (cache->flow != f)
		*cache = (struct oto_head_cache){ .flow = f };
	struct oto_head *h = oto_bus_bytes(e->bus, sizeof *h);
	if (!h)
		h = &e->last_head;
	*h = (struct oto_head){ .ts.ns = e->layers && e->layers->packet ? e->layers->packet->ts_ns : e->now_ns,
				.packet = e->stats.packets,
				.is_orig = dir == OTO_ORIG,
				.sensor = e->options.sensor };
	head_ends(h, e, f, dir);
	cache->head[dir] = h;
	return h;
}

struct weird_event {
	struct oto_slice name, addl;
	bool notice;
	const char *peer, *source;
};
#define W(m, doc) OTO_FIELD(struct weird_event, m, doc)
static const struct oto_field weird_fields[] = {
	W(name, "what is odd: who saw it and what, as in modbus.truncated"),
	W(addl, "more about it"),
	W(notice, "always false here; Zeek's column"),
	W(peer, "the sensor"),
	W(source, "the stage or analyzer that saw it"),
};
static const struct oto_log weird_logs[] = {
	{ .name = "weird",
	  .doc = "Bytes that a protocol does not allow.",
	  .form = OTO_FORM_AGGREGATE,
	  .columns = "name addl notice peer source",
	  .key = "orig_h resp_h resp_p name source" },
};
static const struct oto_event_type weird_type = OTO_EVENT(
    "weird", struct weird_event, weird_fields, "Bytes that do not fit their protocol; never a crash, never silent.", OTO_LOGS(weird_logs));

struct gap_event {
	struct oto_time from, to;
	struct oto_interval length;
	bool inside;
};
#define G(m, doc) OTO_FIELD(struct gap_event, m, doc)
static const struct oto_field gap_fields[] = {
	G(from, "last packet before"),
	G(to, "first packet after"),
	G(length, "time without capture"),
	G(inside, "within one capture, where packets came all the time before: its source or its clock failed"),
};
static const struct oto_event_type gap_type = OTO_EVENT(
    "capture.gap", struct gap_event, gap_fields,
    "Nothing was captured for a while, between two files or because packets were lost: nobody's silence in this time means anything.");

struct silent_event {
	struct oto_time since;
};
static const struct oto_field silent_fields[] = { OTO_FIELD(struct silent_event, since, "last packet") };
static const struct oto_event_type silent_type = OTO_EVENT(
    "capture.silent", struct silent_event, silent_fields,
    "Live: nothing at all comes from the interface, far longer than ever. With the next packet, capture.gap tells how long it was.");

struct clock_event {
	struct oto_time before, after;
	struct oto_interval back;
};
#define C(m, doc) OTO_FIELD(struct clock_event, m, doc)
static const struct oto_field clock_fields[] = {
	C(before, "latest time of a packet"),
	C(after, "time of the packet that came next"),
	C(back, "how far its clock was set back"),
};
static const struct oto_event_type clock_type =
    OTO_EVENT("capture.clock", struct clock_event, clock_fields,
	      "The clock of the capture was set back. By a minute or more, as packet after packet says: what is open ends, as where a "
	      "capture ends, and time goes on from there. By less, where two sources have a clock each, or where packets are in no order "
	      "at all: time stands still until they are as late again, so what is counted for a span of time is of a longer one. Flows go "
	      "on then, and none is idle because its packets say that they are old.");

void oto_engine_weird(struct oto_engine *e, const struct oto_head *head, const char *source, const char *name, struct oto_slice detail)
{
	e->stats.weirds++;
	if (!oto_event_wanted(e->weird))
		return;
	size_t ns = strlen(source), nn = strlen(name);
	char *full = oto_bus_bytes(e->bus, ns + 1 + nn);
	if (!full)
		return;
	memcpy(full, source, ns);
	full[ns] = '.';
	memcpy(full + ns + 1, name, nn);
	struct weird_event w = {
		.name = { (uint8_t *)full, (uint32_t)(ns + 1 + nn) }, .addl = detail, .peer = e->options.sensor, .source = source
	};
	oto_bus_emit(e->bus, e->weird, head, &w);
}

static void decode_weird(void *who, const char *name, const struct oto_layers *layers)
{
	struct oto_engine *e = who;
	const struct oto_layers *outer = e->layers;

	e->layers = layers;
	e->head_cache = (struct oto_head_cache){ 0 };
	oto_engine_weird(e, oto_engine_head(e, NULL, OTO_ORIG), "decode", name, (struct oto_slice){ 0 });
	e->layers = outer;
	e->head_cache = (struct oto_head_cache){ 0 };
}

/* ------------------------------------------------------------------------------------------------ the life of one packet */

static void settle(struct oto_engine *e)
{
	e->layers = NULL;
	e->sent.flow = NULL;
	e->head_cache = (struct oto_head_cache){ 0 };
	oto_bus_drain(e->bus);
	oto_conns_sweep(e->conns);
}

/* One packet from the far future is a damaged record, and would stop every timer for good; two that agree are a pause. */
static bool astray(struct oto_engine *e, int64_t ts_ns)
{
	bool far = e->now_ns && ts_ns - e->now_ns > FAR_FUTURE;
	bool agrees = e->leap_ns && ts_ns - e->leap_ns < FAR_FUTURE && e->leap_ns - ts_ns < FAR_FUTURE;

	e->leap_ns = far ? ts_ns : 0;
	return far && !agrees;
}

static void tell_gap(struct oto_engine *e, int64_t from_ns, int64_t to_ns, bool inside)
{
	struct gap_event g = { .from = { from_ns }, .to = { to_ns }, .length = { to_ns - from_ns }, .inside = inside };

	oto_bus_emit(e->bus, e->capture_gap, oto_engine_head(e, NULL, OTO_ORIG), &g);
	settle(e);
}

static void tell_clock(struct oto_engine *e, int64_t before_ns, int64_t after_ns)
{
	struct clock_event c = { .before = { before_ns }, .after = { after_ns }, .back = { before_ns - after_ns } };

	oto_bus_emit(e->bus, e->capture_clock, oto_engine_head(e, NULL, OTO_ORIG), &c);
	settle(e);
}

/* Before time goes on: what timers find then may be the fault of the capture. */
static void notice(struct oto_engine *e, int64_t ts_ns)
{
	struct oto_pace *p = &e->pace;
	int64_t pause = p->heard_ns ? ts_ns - p->heard_ns : 0;

	if (pause > FAR_FUTURE || (pause >= 0 && pause <= p->longest_ns && !p->is_silent && !p->is_back)) /* the second as nearly always */
		return;
	if (pause < -OTO_PAST && !p->is_back && !e->back.is_other_clock && (pause >= -SET_BACK || e->options.keeps_time))
		tell_clock(e, p->heard_ns, ts_ns);
	p->is_back = pause < -OTO_PAST;
	if (p->is_silent || (e->stats.packets > KNOWN_PACKETS && pause >= PAUSE && pause / UNUSUAL > p->longest_ns))
		tell_gap(e, p->heard_ns, ts_ns, true);
	else if (pause > p->longest_ns)
		p->longest_ns = pause;
	p->is_silent = false;
}

static void notice_silence(struct oto_engine *e, int64_t now_ns)
{
	struct oto_pace *p = &e->pace;

	if (!p->heard_ns)
		p->heard_ns = now_ns;
	int64_t pause = now_ns - p->heard_ns;
	bool is_unusual = pause / UNUSUAL > p->longest_ns && (pause >= SILENCE || (pause >= PAUSE && e->stats.packets > KNOWN_PACKETS));
	if (p->is_silent || !is_unusual)
		return;
	struct silent_event s = { .since = { p->heard_ns } };
	p->is_silent = true;
	oto_bus_emit(e->bus, e->capture_silent, oto_engine_head(e, NULL, OTO_ORIG), &s);
	settle(e);
}

/* Whatever is due by now. Flows are looked at by the second, as the tick is, or ten of them after they began: none is due before due_ns. */
static __attribute__((noinline)) void run_due(struct oto_engine *e, int64_t now_ns)
{
	if (!e->sweeps.first.ns)
		e->sweeps.first.ns = now_ns;
	if (now_ns - e->sweeps.last.ns >= SWEEP)
		e->sweeps.last.ns = now_ns;
	while (oto_conns_expire(e->conns, now_ns))
		settle(e);
	if (now_ns >= e->next_tick_ns) {
		e->next_tick_ns = now_ns - now_ns % OTO_SECOND + OTO_SECOND;
		oto_analyzer_expire(e->analyzers, now_ns);
		oto_stats_tick(e->reporter, now_ns);
		if (e->packets)
			oto_packets_tick(e->packets, now_ns);
		settle(e);
		oto_logs_tick(e->logs, now_ns);
	}
	if (now_ns >= oto_timers_next(e->timers)) {
		settle(e);
		oto_timers_run(e->timers, now_ns);
		settle(e);
	}
	e->due_ns = e->next_tick_ns;
	if (e->sweeps.last.ns + SWEEP < e->due_ns)
		e->due_ns = e->sweeps.last.ns + SWEEP;
	if (oto_conns_due(e->conns) < e->due_ns)
		e->due_ns = oto_conns_due(e->conns);
}

/* Packet time goes on: whatever is due happens before the packet that could revive it. */
static void advance(struct oto_engine *e, int64_t ts_ns)
{
	if (ts_ns <= e->now_ns || astray(e, ts_ns))
		return;
	e->stats.passed_ns += e->now_ns ? ts_ns - e->now_ns : 0;
	e->now_ns = ts_ns;
	if (ts_ns >= e->due_ns || ts_ns >= oto_timers_next(e->timers))
		run_due(e, ts_ns);
}

/* All that began before this packet. */
static void end_flows(struct oto_engine *e, uint64_t before)
{
	e->layers = NULL;
	e->head_cache = (struct oto_head_cache){ 0 };
	while (oto_conns_finish(e->conns, before))
		settle(e);
	settle(e);
}

/* What is open ends as where a capture ends, and what is due is so in as long as before. */
static void go_back(struct oto_engine *e, int64_t ts_ns)
{
	int64_t by_ns = ts_ns - e->now_ns;

	end_flows(e, e->back.first_late);
	if (e->packets)
		oto_packets_tick(e->packets, INT64_MAX);
	settle(e);
	if (e->duplicates)
		oto_duplicates_forget(e->duplicates);
	oto_logs_set_back(e->logs, ts_ns);
	oto_timers_shift(e->timers, by_ns);
	oto_policy_shift(e->policy, by_ns);
	oto_stats_shift(e->reporter, by_ns);
	e->back = (struct oto_set_back){ .from_ns = e->now_ns, .to_ns = ts_ns };
	e->now_ns = e->pace.heard_ns = ts_ns;
	e->pace.is_back = false;
	e->sweeps = (struct oto_sweeps){ 0 };
	e->next_tick_ns = e->due_ns = 0;
	oto_conns_shift(e->conns, by_ns);
	oto_analyzer_set_back(e->analyzers, ts_ns);
	settle(e);
	tell_clock(e, e->back.from_ns, ts_ns); /* now, and not before: who remembers when something was lost remembers this time */
}

/* Of two sources with a clock each, the other one goes on where it was, and as much later as time went on meanwhile. */
static bool is_other_clock(const struct oto_engine *e, int64_t ts_ns)
{
	int64_t since = e->now_ns - e->back.to_ns, beyond = ts_ns - e->back.from_ns;

	return e->back.from_ns && ts_ns - e->now_ns > SET_BACK && beyond > -SET_BACK && beyond - since < SET_BACK;
}

/* A packet from long ago is a damaged record, and a few are a capture in no order of time; many, each later than the one before, are a
 * clock that was set back. */
static void follow_clock(struct oto_engine *e, const struct oto_packet *p)
{
	struct oto_set_back *b = &e->back;
	bool is_late = e->now_ns - p->ts_ns > SET_BACK;
	bool goes_on = p->ts_ns > b->late_ns - OTO_PAST && p->ts_ns - b->late_ns < FAR_FUTURE;

	b->is_other_clock |= is_other_clock(e, p->ts_ns);
	if (is_late && b->late && !goes_on && !b->is_told)
		tell_clock(e, e->now_ns, p->ts_ns);
	b->is_told = is_late && (b->is_told || (b->late && !goes_on));
	b->late = !is_late ? 0 : goes_on ? b->late + 1 : 1;
	b->late_ns = p->ts_ns;
	if (b->late == 1)
		b->first_late = p->number;
	if (b->late >= SET_BACK_PACKETS && !b->is_other_clock)
		go_back(e, p->ts_ns);
}

/* One pass: the flow of one envelope, and what its payload says. Returns the flow, or NULL. */
static struct oto_flow *pass(struct oto_engine *e, const struct oto_layers *l, struct oto_flow *parent)
{
	enum oto_dir dir;

	e->layers = l;
	e->head_cache = (struct oto_head_cache){ 0 };
	e->sent.flow = NULL;
	if (l->fragment)
		return NULL; /* it counts when its datagram is whole */
	struct oto_flow *f = oto_conns_packet(e->conns, l, parent, &dir);
	if (!f)
		return NULL;
	e->sent = (struct oto_sent){ f, dir };
	if (l->transport == OTO_TCP) {
		if (l->tcp_flags & OTO_SYN)
			oto_analyzer_syn(e->analyzers, f, dir, l->l3);
		oto_stream_segment(e->streams, f, dir, l);
		return f;
	}
	struct oto_slice body = l->payload;
	if ((l->transport == OTO_ICMP || l->transport == OTO_ICMP6) && l->l4.len > 4)
		body = (struct oto_slice){ l->l4.data + 4, l->l4.len - 4 }; /* behind type, code and checksum */
	oto_analyzer_datagram(e->analyzers, f, dir, body, l->payload_len > l->payload.len ? l->payload_len - l->payload.len : 0);
	return f;
}

static void envelopes(struct oto_engine *e, struct oto_layers *l, struct oto_flow *parent)
{
	for (int n = 0; n < MAX_PASSES; n++) {
		struct oto_flow *f = pass(e, l, parent);
		if (l->inner_tunnel == OTO_TUNNEL_NONE)
			return;
		struct oto_layers inner;
		if (!oto_decode_inner(e->decoder, l, &inner))
			return;
		*l = inner;
		parent = f ? f : parent;
	}
}

void oto_engine_reenter(struct oto_engine *e, struct oto_flow *f, enum oto_link link, struct oto_slice frame)
{
	if (e->nreentry == sizeof e->reentry / sizeof *e->reentry) {
		e->stats.reentry_dropped++;
		return;
	}
	uint8_t depth = e->layers ? e->layers->depth : 0;
	e->reentry[e->nreentry++] = (struct oto_reentry){ f, frame, link, depth };
}

/* Frames found inside PDUs; they may find more, so the list grows while it is walked. */
static void reentries(struct oto_engine *e, const struct oto_packet *p)
{
	for (uint32_t i = 0; i < e->nreentry; i++) {
		struct oto_layers outer = { .packet = p,
					    .inner_tunnel = OTO_TUNNEL_REENTRY,
					    .inner_link = e->reentry[i].link,
					    .inner = e->reentry[i].frame,
					    .depth = e->reentry[i].depth },
				  l;
		if (oto_decode_inner(e->decoder, &outer, &l))
			envelopes(e, &l, e->reentry[i].flow);
	}
	e->nreentry = 0;
}

void oto_engine_packet(struct oto_engine *e, const struct oto_packet *p)
{
	struct oto_layers l;

	e->stats.packets++;
	e->stats.bytes += p->len;
	notice(e, p->ts_ns);
	if (__builtin_expect(e->back.late || p->ts_ns < e->now_ns - SET_BACK || p->ts_ns > e->now_ns + SET_BACK, 0) &&
	    !e->options.keeps_time)
		follow_clock(e, p);
	advance(e, p->ts_ns);
	e->pace.heard_ns = e->now_ns;
	if (e->duplicates && oto_duplicates_seen(e->duplicates, p)) {
		e->stats.duplicates++;
		return;
	}
	bool is_decoded = oto_decode(e->decoder, p, &l);
	if (e->packets)
		oto_packets_keep(e->packets, p, is_decoded ? &l : NULL);
	if (is_decoded) {
		envelopes(e, &l, NULL);
		reentries(e, p);
	}
	settle(e);
}

void oto_engine_idle(struct oto_engine *e, int64_t now_ns)
{
	notice_silence(e, now_ns);
	advance(e, now_ns);
	settle(e);
}

void oto_engine_gap(struct oto_engine *e, int64_t from_ns, int64_t to_ns)
{
	tell_gap(e, from_ns, to_ns, false);
	e->pace.heard_ns = to_ns;
}

/* ------------------------------------------------------------------------------------------------ birth and end */

static bool core_events(struct oto_engine *e, struct oto_error *err)
{
	const struct {
		const struct oto_event_type *type;
		struct oto_event_def **def;
	} core[] = {
		{ &weird_type, &e->weird },         { &gap_type, &e->capture_gap },         { &silent_type, &e->capture_silent },
		{ &clock_type, &e->capture_clock }, { &oto_operation_type, &e->operation }, { &oto_outcome_type, &e->outcome },
		{ &oto_fact_type, &e->fact },       { &oto_program_type, &e->program },     { &oto_packets_type, &e->packets_kept },
	};

	for (size_t i = 0; i < sizeof core / sizeof *core; i++) {
		*core[i].def = oto_bus_add(e->bus, core[i].type, NULL, err);
		if (!*core[i].def)
			return false;
	}
	e->fact->tells_ends = false; /* it names the device itself */
	return true;
}

static bool ends_in(const char *s, const char *tail)
{
	size_t n = strlen(s), t = strlen(tail);
	return n >= t && strcmp(s + n - t, tail) == 0;
}

static bool plugins(struct oto_engine *e, struct oto_error *err)
{
	for (size_t i = 0; i < e->options.nplugins; i++) {
		const char *path = e->options.plugins[i];
		bool lua = ends_in(path, ".lua");
		if (!(lua ? oto_policy_dissector(e->policy, path, err) : oto_analyzers_load(e->analyzers, path, err)))
			return false;
	}
	return true;
}

static bool stages(struct oto_engine *e, struct oto_error *err)
{
	const struct oto_engine_options *o = &e->options;

	e->bus = oto_bus_new();
	e->timers = oto_timers_new();
	e->decoder = oto_decoder_new(&(struct oto_decode_options){ .weird = decode_weird, .who = e });
	if (o->duplicate_ns > 0)
		e->duplicates = oto_duplicates_new(o->duplicate_ns);
	if (!core_events(e, err))
		return false;
	e->conns = oto_conns_new(e, &o->conn, err);
	e->streams = oto_streams_new(e, &(struct oto_stream_options){ 0 });
	e->analyzers = oto_analyzers_new(e);
	if (!e->conns || !oto_analyzers_add_builtin(e->analyzers, err))
		return false;
	e->logs = oto_logs_new(&o->log, e->bus, err);
	if (!e->logs)
		return false;
	e->reporter = oto_stats_new(e, err);
	e->coverage = oto_coverage_new(e->bus, err);
	if (!e->reporter || !e->coverage)
		return false;
	if (o->spool.mode)
		e->spool = oto_spool_new(&o->spool);
	if (o->packets.dir)
		e->packets = oto_packets_new(&o->packets, e->bus);
	e->policy = oto_policy_new(e, &o->policy, err);
	return e->policy && plugins(e, err);
}

struct oto_engine *oto_engine_new(const struct oto_engine_options *options, struct oto_error *err)
{
	struct oto_engine *e = oto_calloc(1, sizeof *e);

	e->options = *options;
	if (!e->options.seed)
		e->options.seed = DEFAULT_SEED;
	if (!e->options.sensor)
		e->options.sensor = "otoscope";
	if (!e->options.duplicate_ns) /* Zeek tells a copy as a retransmission */
		e->options.duplicate_ns = e->options.log.profile == OTO_PROFILE_ZEEK ? -1 : DEFAULT_DUPLICATE;
	e->options.conn.seed = e->options.seed;
	if (!e->options.conn.delta_ns)
		e->options.conn.delta_ns = e->options.log.interval_ns;
	e->options.conn.sensor = e->options.sensor;
	e->options.keeps_time |= e->options.log.profile == OTO_PROFILE_ZEEK;
	if (stages(e, err))
		return e;
	oto_engine_free(e);
	return NULL;
}

/* A disk that was full may have room again. */
static void retry_spool(void *who, int64_t due_ns, int64_t now_ns)
{
	struct oto_engine *e = who;

	(void)due_ns;
	oto_spool_retry(e->spool, NULL);
	oto_timers_add(e->timers, now_ns + SPOOL_AGAIN, retry_spool, e);
}

bool oto_engine_start(struct oto_engine *e, struct oto_error *err)
{
	if (e->spool) {
		oto_spool_attach(e->spool, e->bus);
		oto_timers_add(e->timers, 0, retry_spool, e);
	}
	if (e->packets)
		oto_packets_attach(e->packets);
	return oto_logs_attach(e->logs, err) && oto_policy_start(e->policy, err);
}

bool oto_engine_finish(struct oto_engine *e, struct oto_error *err)
{
	struct oto_error first = { "" };

	end_flows(e, UINT64_MAX);
	oto_analyzer_expire(e->analyzers, INT64_MAX);
	settle(e);
	oto_stats_finish(e->reporter);
	oto_coverage_emit(e->coverage, oto_engine_head(e, NULL, OTO_ORIG));
	settle(e);
	if (e->packets)
		oto_packets_tick(e->packets, INT64_MAX);
	settle(e);
	bool ok = oto_policy_finish(e->policy, &first);
	settle(e);
	ok = (!e->spool || oto_spool_retry(e->spool, ok ? &first : NULL)) && ok;
	ok = oto_logs_close(e->logs, ok ? &first : NULL) && ok;
	return ok || oto_fail(err, "%s", first.text);
}

void oto_engine_free(struct oto_engine *e)
{
	if (!e)
		return;
	oto_logs_free(e->logs); /* its last rows may be of types and pass functions of scripts */
	oto_policy_free(e->policy);
	oto_spool_free(e->spool);
	oto_packets_free(e->packets);
	oto_conns_free(e->conns);
	oto_stats_free(e->reporter);
	oto_coverage_free(e->coverage);
	oto_streams_free(e->streams);
	oto_analyzers_free(e->analyzers);
	oto_decoder_free(e->decoder);
	oto_duplicates_free(e->duplicates);
	oto_timers_free(e->timers);
	oto_bus_free(e->bus);
	free(e);
}
