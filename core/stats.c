/* stats.c - what the engine did and what it understood. See stats.h.
 *
 * Owns the counters at the last report and the coverage table: a row per (whose bytes, service), bounded; what does not fit is summed in one row.
 */
#include "stats.h"

#include "engine.h"

#include <stdlib.h>

#define INTERVAL_NS (60 * OTO_SECOND)
#define COVERAGE_ROWS 8192u

/* ------------------------------------------------------------------------------------------------ the events */

/* Counters, which are reported as what came since the last report; from `flows` on, gauges, reported as they stand. */
struct stats_event {
	struct oto_interval interval;
	uint64_t packets, bytes, duplicates, truncated, bad_lengths, bad_checksums, fragments, fragments_dropped, tunnels_too_deep, frames_dropped;
	uint64_t flows_new, flows_ended, flows_evicted, out_of_order, retransmitted, gaps, gap_bytes;
	uint64_t probes, pdus, pdu_bytes, unanswered, weirds, events, events_dropped, rows, rows_lost, intervals_early;
	uint64_t script_calls, script_errors, script_over_budget;
	uint64_t flows, flow_bytes, held_bytes;
};

#define S(m, doc) OTO_FIELD(struct stats_event, m, doc)
static const struct oto_field stats_fields[] = {
	S(interval, "packet time since the last report"),
	S(packets, "packets read, duplicates included"),
	S(bytes, "their bytes on the wire"),
	S(duplicates, "packets dropped because an equal one came just before (a mirror port shows packets twice)"),
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
	S(weirds, "weirds"),
	S(events, "events that somebody listened to"),
	S(events_dropped, "events and values that exceeded a packet's memory or rounds"),
	S(rows, "log rows written"),
	S(rows_lost, "log rows that the disk did not take"),
	S(intervals_early, "aggregation intervals written before their time because a table was full"),
	S(script_calls, "calls of script handlers"),
	S(script_errors, "errors in them"),
	S(script_over_budget, "calls ended because they took too many instructions"),
	S(flows, "flows open now"),
	S(flow_bytes, "bytes of memory for flows now"),
	S(held_bytes, "bytes of TCP segments now waiting for their turn"),
};
#undef S
static const struct oto_log stats_logs[] = {
	{ .name = "stats", .doc = "What the engine did, each minute of packet time and at the end.", .form = OTO_FORM_DETAIL,
	  .flags = OTO_LOG_NO_ID | OTO_LOG_NOT_ZEEK,
	  .columns = "interval packets bytes duplicates truncated bad_lengths bad_checksums fragments fragments_dropped tunnels_too_deep "
		     "frames_dropped flows flows_new flows_ended flows_evicted flow_bytes out_of_order retransmitted gaps gap_bytes held_bytes "
		     "probes pdus pdu_bytes unanswered weirds events events_dropped rows rows_lost intervals_early script_calls script_errors "
		     "script_over_budget" },
};
static const struct oto_event_type stats_type =
	OTO_EVENT("stats", struct stats_event, stats_fields, "What the engine did in a minute of packet time; the last one in what was left.",
		  OTO_LOGS(stats_logs));

struct coverage_event {
	struct oto_slice key;
	const char *transport, *service;
	uint16_t port, ethertype;
	bool has_port, has_ethertype;
	uint64_t flows, one_way, packets, bytes, payload, understood;
};

#define C(m, doc, ...) OTO_FIELD(struct coverage_event, m, doc, __VA_ARGS__)
static const struct oto_field coverage_fields[] = {
	C(key, "whose bytes, as an analyzer would claim them: tcp/502, udp/53, eth/0x8892, llc/0x4242, ip/89; `other` sums what did not fit"),
	C(transport, "what the flows travel on"),
	C(port, "the responder's port", .guard = OTO_IF(struct coverage_event, has_port), .flags = OTO_PORT),
	C(ethertype, "EtherType of frames without IP", .guard = OTO_IF(struct coverage_event, has_ethertype)),
	C(service, "the analyzer that understood these flows; absent: none did"),
	C(flows, "flows"),
	C(one_way, "of these, to a single host that never answered: half the conversation may pass elsewhere"),
	C(packets, "packets"),
	C(bytes, "bytes, headers included"),
	C(payload, "bytes of payload"),
	C(understood, "of these, in flows that an analyzer understood"),
};
#undef C
static const struct oto_log coverage_logs[] = {
	{ .name = "coverage", .doc = "How much of the traffic was understood, by port and EtherType; written at the end.", .form = OTO_FORM_DETAIL,
	  .flags = OTO_LOG_NO_ID | OTO_LOG_NOT_ZEEK, .columns = "key service flows one_way packets bytes payload understood" },
};
static const struct oto_event_type coverage_type =
	OTO_EVENT("coverage", struct coverage_event, coverage_fields, "At the end of a run: what came on a port or EtherType, and who understood it.",
		  OTO_LOGS(coverage_logs));

/* ------------------------------------------------------------------------------------------------ the state */

/* Flows of one kind. `number` is the responder's port, the EtherType, the LLC access point or the IP protocol. */
struct coverage_row {
	uint8_t transport;
	bool llc, other;
	uint16_t number;
	const char *service;
	struct oto_coverage sum;
};

struct oto_stats {
	struct oto_engine *engine;
	struct oto_event_def *stats, *coverage;
	struct stats_event last;
	int64_t last_ns, due_ns;
	struct coverage_row rows[COVERAGE_ROWS], other;
	uint32_t nrows;
	uint16_t index[COVERAGE_ROWS * 2]; /* row plus one */
};

struct oto_stats *oto_stats_new(struct oto_engine *engine, struct oto_error *err)
{
	struct oto_stats *s = oto_calloc(1, sizeof *s);

	s->engine = engine;
	s->other.other = true;
	s->stats = oto_bus_add(engine->bus, &stats_type, NULL, err);
	s->coverage = s->stats ? oto_bus_add(engine->bus, &coverage_type, NULL, err) : NULL;
	if (s->coverage)
		return s;
	free(s);
	return NULL;
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

	*now = (struct stats_event){
		.packets = e->stats.packets, .bytes = e->stats.bytes, .duplicates = e->stats.duplicates, .weirds = e->stats.weirds,
		.frames_dropped = e->stats.reentry_dropped, .truncated = decode.truncated, .bad_lengths = decode.bad_length,
		.bad_checksums = decode.bad_checksum_ip + decode.bad_checksum_tcp + decode.bad_checksum_udp + decode.bad_checksum_icmp,
		.fragments = decode.fragments, .fragments_dropped = decode.fragments_dropped, .tunnels_too_deep = decode.too_deep,
		.flows_new = conn.made, .flows_ended = conn.ended, .flows_evicted = conn.evicted, .flows = conn.flows, .flow_bytes = conn.bytes,
		.out_of_order = stream.out_of_order, .retransmitted = stream.retransmitted, .gaps = stream.gaps, .gap_bytes = stream.gap_bytes,
		.held_bytes = stream.held, .events = bus.emitted, .events_dropped = bus.overflow + bus.scratch_refused,
		.script_calls = policy.calls, .script_errors = policy.errors, .script_over_budget = policy.over_budget,
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
			*(uint64_t *)(void *)((char *)&report + f->offset) -= *(const uint64_t *)(const void *)((const char *)&s->last + f->offset);
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

/* ------------------------------------------------------------------------------------------------ coverage */

static uint16_t flow_number(const struct oto_flow *f)
{
	switch (f->transport) {
	case OTO_ETH:
		return f->ethertype;
	case OTO_TCP:
	case OTO_UDP:
		return f->side[OTO_RESP].port;
	case OTO_IP:
		return f->ip_proto;
	default:
		return 0;
	}
}

static bool row_is(const struct coverage_row *r, const struct oto_flow *f, uint16_t number)
{
	if (r->transport != f->transport || r->number != number || r->llc != (f->transport == OTO_ETH && f->llc) || !r->service != !f->service)
		return false;
	return r->service == f->service || strcmp(r->service, f->service) == 0;
}

/* The row of a flow's kind, made if need be. */
static struct coverage_row *row_of(struct oto_stats *s, const struct oto_flow *f)
{
	uint32_t mask = sizeof s->index / sizeof *s->index - 1;
	uint16_t number = flow_number(f);
	uint32_t at = (uint32_t)(oto_mix(number, f->transport) >> 32) & mask;

	for (; s->index[at]; at = (at + 1) & mask) {
		struct coverage_row *r = &s->rows[s->index[at] - 1];
		if (row_is(r, f, number))
			return r;
	}
	if (s->nrows == COVERAGE_ROWS)
		return &s->other;
	struct coverage_row *r = &s->rows[s->nrows++];
	*r = (struct coverage_row){ .transport = f->transport, .llc = f->transport == OTO_ETH && f->llc, .number = number, .service = f->service };
	s->index[at] = (uint16_t)s->nrows;
	return r;
}

/* Nobody answers a group. The mask of an IPv4 network is not known: an address that ends in 255 is taken for its broadcast. */
static bool is_group(const struct oto_addr *a)
{
	switch (a->family) {
	case OTO_FAMILY_IPV4:
		return a->byte[0] >= 224 || a->byte[3] == 255;
	case OTO_FAMILY_IPV6:
		return a->byte[0] == 0xff;
	case OTO_FAMILY_MAC:
		return a->byte[0] & 1;
	default:
		return true;
	}
}

void oto_stats_flow(struct oto_stats *s, const struct oto_flow *f)
{
	const struct oto_flow_side *orig = &f->side[OTO_ORIG], *resp = &f->side[OTO_RESP];

	if (!oto_event_wanted(s->coverage))
		return;
	struct oto_coverage *sum = &row_of(s, f)->sum;
	uint64_t payload = orig->payload_bytes + resp->payload_bytes;
	sum->flows++;
	sum->one_way += (!orig->packets || !resp->packets) && !is_group(&resp->addr) && !is_group(&orig->addr);
	sum->packets += orig->packets + resp->packets;
	sum->bytes += orig->ip_bytes + resp->ip_bytes;
	sum->payload += payload;
	sum->understood += f->service ? payload : 0;
}

static int row_order(const void *a, const void *b)
{
	const struct coverage_row *x = a, *y = b;

	if (x->transport != y->transport)
		return x->transport < y->transport ? -1 : 1;
	if (x->llc != y->llc)
		return x->llc - y->llc;
	if (x->number != y->number)
		return x->number < y->number ? -1 : 1;
	return strcmp(x->service ? x->service : "", y->service ? y->service : "");
}

static const char *transport_name(const struct coverage_row *r)
{
	switch (r->transport) {
	case OTO_ETH:
		return r->llc ? "llc" : "eth";
	case OTO_TCP:
		return "tcp";
	case OTO_UDP:
		return "udp";
	case OTO_ICMP:
		return "icmp";
	case OTO_ICMP6:
		return "icmp6";
	default:
		return "ip";
	}
}

static void emit_row(struct oto_stats *s, const struct coverage_row *r)
{
	bool ports = r->transport == OTO_TCP || r->transport == OTO_UDP, frames = r->transport == OTO_ETH;
	struct coverage_event c = { .transport = r->other ? NULL : transport_name(r), .service = r->service, .port = r->number,
				    .ethertype = r->number, .has_port = ports && !r->other, .has_ethertype = frames && !r->llc && !r->other,
				    .flows = r->sum.flows, .one_way = r->sum.one_way, .packets = r->sum.packets, .bytes = r->sum.bytes,
				    .payload = r->sum.payload, .understood = r->sum.understood };
	char *key = oto_bus_bytes(s->engine->bus, 32);

	if (!key)
		return;
	if (r->other)
		snprintf(key, 32, "other");
	else if (r->transport == OTO_ICMP || r->transport == OTO_ICMP6)
		snprintf(key, 32, "%s", c.transport);
	else
		snprintf(key, 32, frames ? "%s/0x%04x" : "%s/%u", c.transport, r->number);
	c.key = oto_slice_of(key);
	oto_bus_emit(s->engine->bus, s->coverage, oto_engine_head(s->engine, NULL, OTO_ORIG), &c);
}

void oto_stats_finish(struct oto_stats *s)
{
	if (oto_event_wanted(s->stats))
		emit_stats(s, s->engine->now_ns);
	if (!oto_event_wanted(s->coverage))
		return;
	qsort(s->rows, s->nrows, sizeof *s->rows, row_order);
	memset(s->index, 0, sizeof s->index); /* rows have moved; nothing is counted any more */
	for (uint32_t i = 0; i < s->nrows; i++)
		emit_row(s, &s->rows[i]);
	if (s->other.sum.flows)
		emit_row(s, &s->other);
}

struct oto_coverage oto_stats_coverage(const struct oto_stats *s)
{
	struct oto_coverage all = s->other.sum;

	for (uint32_t i = 0; i < s->nrows; i++) {
		const struct oto_coverage *sum = &s->rows[i].sum;
		all.flows += sum->flows;
		all.one_way += sum->one_way;
		all.packets += sum->packets;
		all.bytes += sum->bytes;
		all.payload += sum->payload;
		all.understood += sum->understood;
	}
	return all;
}
