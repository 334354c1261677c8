/* stats.c - what the engine did. See stats.h. Owns the counters at the last report. */
#include "stats.h"

#include "duplicate.h"
#include "engine.h"

#include <stdlib.h>

#define INTERVAL_NS (60 * OTO_SECOND)

/* ------------------------------------------------------------------------------------------------ the event */

/* Counters, which are reported as what came since the last report; from `flows` on, gauges, reported as they stand. */
struct stats_event {
	struct oto_interval interval;
	uint64_t packets, bytes, duplicates, truncated, bad_lengths, bad_checksums, fragments, fragments_dropped, tunnels_too_deep,
	    frames_dropped, numbered, copies_late;
	uint64_t flows_new, flows_ended, flows_evicted, out_of_order, retransmitted, gaps, gap_bytes;
	uint64_t probes, pdus, pdu_bytes, unanswered, forgotten, weirds, events, events_dropped, rows, rows_lost, intervals_early;
	uint64_t script_calls, script_errors, script_over_budget, store_evicted;
	uint64_t flows, flow_bytes, held_bytes;
};

#define S(m, doc) OTO_FIELD(struct stats_event, m, doc)
static const struct oto_field stats_fields[] = {
	S(interval, "packet time since the last report"),
	S(packets, "packets read, duplicates included"),
	S(bytes, "their bytes on the wire"),
	S(duplicates, "packets dropped because an equal one came just before (a mirror port shows packets twice)"),
	S(numbered, "packets that their senders number, so that copies of them are known"),
	S(copies_late, "of these, equal ones that came too late to be dropped: --duplicates says how long to wait"),
	S(truncated, "packets that end inside a header"),
	S(bad_lengths, "packets whose headers disagree about their length"),
	S(bad_checksums, "wrong IP, TCP, UDP and ICMP checksums; counted, not obeyed"),
	S(fragments, "IP fragments"),
	S(fragments_dropped, "fragments given up: too many datagrams in pieces at a time, or pieces that never came"),
	S(tunnels_too_deep, "tunnels in tunnels beyond the limit"),
	S(frames_dropped, "frames found inside PDUs beyond the limit of a packet"),
	S(flows_new, "flows that began"),
	S(flows_ended, "flows that ended"),
	S(flows_evicted, "of these, ended early because the flow table was full"),
	S(out_of_order, "TCP segments that came before their turn"),
	S(retransmitted, "TCP segments that brought nothing new"),
	S(gaps, "holes in TCP streams that were never filled"),
	S(gap_bytes, "bytes lost in them"),
	S(probes, "probes asked whether bytes are theirs"),
	S(pdus, "protocol messages decoded"),
	S(pdu_bytes, "bytes of these; a message inside another counts in both"),
	S(unanswered, "requests without a response"),
	S(forgotten, "things remembered of hosts, and announced flows, whose place newer ones took"),
	S(weirds, "weirds"),
	S(events, "events that somebody listened to"),
	S(events_dropped, "events and values that exceeded a packet's memory or rounds"),
	S(rows, "log rows written"),
	S(rows_lost, "log rows that the disk did not take"),
	S(intervals_early, "aggregation intervals written before their time because a table was full"),
	S(script_calls, "calls of script handlers"),
	S(script_errors, "errors in them"),
	S(script_over_budget, "calls ended because they took too many instructions"),
	S(store_evicted,
	  "rows of scripts' stores whose place newer ones took, as the store was full, and values their ranges had no room for"),
	S(flows, "flows open now"),
	S(flow_bytes, "bytes of memory for flows now"),
	S(held_bytes, "bytes of TCP segments now waiting for their turn"),
};
#undef S
static const struct oto_log stats_logs[] = {
	{ .name = "stats",
	  .doc = "What the engine did, each minute of packet time and at the end.",
	  .form = OTO_FORM_DETAIL,
	  .flags = OTO_LOG_NO_ID | OTO_LOG_NOT_ZEEK,
	  .columns =
	      "interval packets bytes duplicates truncated bad_lengths bad_checksums fragments fragments_dropped tunnels_too_deep "
	      "frames_dropped flows flows_new flows_ended flows_evicted flow_bytes out_of_order retransmitted gaps gap_bytes held_bytes "
	      "probes pdus pdu_bytes unanswered forgotten weirds events events_dropped rows rows_lost intervals_early script_calls "
	      "script_errors script_over_budget store_evicted" },
};
static const struct oto_event_type stats_type =
    OTO_EVENT("stats", struct stats_event, stats_fields, "What the engine did in a minute of packet time; the last one in what was left.",
	      OTO_LOGS(stats_logs));

/* ------------------------------------------------------------------------------------------------ the state */

struct oto_stats {
	struct oto_engine *engine;
	struct oto_event_def *stats;
	struct stats_event last;
	int64_t last_ns, due_ns;
};

struct oto_stats *oto_stats_new(struct oto_engine *engine, struct oto_error *err)
{
	struct oto_event_def *stats = oto_bus_add(engine->bus, &stats_type, NULL, err);

	if (!stats)
		return NULL;
	struct oto_stats *s = oto_calloc(1, sizeof *s);
	s->engine = engine;
	s->stats = stats;
	return s;
}

void oto_stats_free(struct oto_stats *s)
{
	free(s);
}

/* ------------------------------------------------------------------------------------------------ stats */

static void read_analyzers(const struct oto_engine *e, struct stats_event *now)
{
	const struct oto_analyzer_cost *costs;
	uint32_t n = oto_analyzer_costs(e->analyzers, &costs);

	for (uint32_t i = 0; i < n; i++) {
		now->probes += costs[i].probes;
		now->pdus += costs[i].pdus;
		now->pdu_bytes += costs[i].bytes;
		now->unanswered += costs[i].unanswered;
	}
}

static void read_logs(const struct oto_engine *e, struct stats_event *now)
{
	const struct oto_log_count *counts;
	uint32_t n = oto_logs_counts(e->logs, &counts);

	for (uint32_t i = 0; i < n; i++) {
		now->rows += counts[i].rows;
		now->rows_lost += counts[i].lost;
		now->intervals_early += counts[i].early;
	}
}

/* Everything since the start. */
static void read_all(const struct oto_engine *e, struct stats_event *now)
{
	struct oto_decode_stats decode = oto_decode_stats(e->decoder);
	struct oto_conn_stats conn = oto_conn_stats(e->conns);
	struct oto_stream_stats stream = oto_stream_stats(e->streams);
	struct oto_bus_stats bus = oto_bus_stats(e->bus);
	struct oto_policy_stats policy = oto_policy_stats(e->policy);
	struct oto_duplicates_stats copies = e->duplicates ? oto_duplicates_stats(e->duplicates) : (struct oto_duplicates_stats){ 0 };

	*now = (struct stats_event){
		.packets = e->stats.packets,
		.bytes = e->stats.bytes,
		.duplicates = e->stats.duplicates,
		.numbered = copies.numbered,
		.copies_late = copies.late,
		.forgotten = oto_analyzer_forgotten(e->analyzers),
		.weirds = e->stats.weirds,
		.frames_dropped = e->stats.reentry_dropped,
		.truncated = decode.truncated,
		.bad_lengths = decode.bad_length,
		.bad_checksums = decode.bad_checksum_ip + decode.bad_checksum_tcp + decode.bad_checksum_udp + decode.bad_checksum_icmp,
		.fragments = decode.fragments,
		.fragments_dropped = decode.fragments_dropped,
		.tunnels_too_deep = decode.too_deep,
		.flows_new = conn.made,
		.flows_ended = conn.ended,
		.flows_evicted = conn.evicted,
		.flows = conn.flows,
		.flow_bytes = conn.bytes,
		.out_of_order = stream.out_of_order,
		.retransmitted = stream.retransmitted,
		.gaps = stream.gaps,
		.gap_bytes = stream.gap_bytes,
		.held_bytes = stream.held,
		.events = bus.emitted,
		.events_dropped = bus.overflow + bus.scratch_refused,
		.script_calls = policy.calls,
		.script_errors = policy.errors,
		.script_over_budget = policy.over_budget,
		.store_evicted = policy.store_evicted,
	};
	read_analyzers(e, now);
	read_logs(e, now);
}

static void emit_stats(struct oto_stats *s, int64_t now_ns)
{
	struct stats_event now, report;

	read_all(s->engine, &now);
	report = now;
	for (uint32_t i = 0; i < s->stats->nfields; i++) {
		const struct oto_field *f = &s->stats->fields[i];
		if (f->kind == OTO_U64 && f->offset < offsetof(struct stats_event, flows))
			*(uint64_t *)(void *)((char *)&report + f->offset) -=
			    *(const uint64_t *)(const void *)((const char *)&s->last + f->offset);
	}
	report.interval.ns = now_ns - s->last_ns;
	s->last = now;
	s->last_ns = now_ns;
	oto_bus_emit(s->engine->bus, s->stats, oto_engine_head(s->engine, NULL, OTO_ORIG), &report);
}

void oto_stats_tick(struct oto_stats *s, int64_t now_ns)
{
	if (now_ns < s->due_ns)
		return;
	bool first = !s->due_ns;
	s->due_ns = now_ns - now_ns % INTERVAL_NS + INTERVAL_NS;
	if (first)
		s->last_ns = now_ns;
	else if (oto_event_wanted(s->stats))
		emit_stats(s, now_ns);
}

void oto_stats_shift(struct oto_stats *s, int64_t by_ns)
{
	s->last_ns += by_ns;
	s->due_ns += by_ns;
}

void oto_stats_finish(struct oto_stats *s)
{
	if (oto_event_wanted(s->stats))
		emit_stats(s, s->engine->now_ns);
}
