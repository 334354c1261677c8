/* stats.h - what the engine did and what it understood: the events `stats` (each minute and at the end) and `coverage` (at the end), which are
 * stats.log and coverage.log.
 *
 * Listens to nobody: reads the stages' own counters, and is told of each flow that ends. Everything is counted in packet time and in counted
 * bytes, never in wall time or resident memory, so that a replay gives the same rows.
 */
#ifndef OTO_STATS_H
#define OTO_STATS_H

#include "flow.h"

struct oto_engine;
struct oto_stats;

/* Registers the events. */
struct oto_stats *oto_stats_new(struct oto_engine *engine, struct oto_error *err);
void oto_stats_free(struct oto_stats *s);
/* Packet time went on: emits `stats` when a minute is over. To be called at least once a second of packet time, outside of a packet. */
void oto_stats_tick(struct oto_stats *s, int64_t now_ns);
/* A flow ended; before its service is forgotten. */
void oto_stats_flow(struct oto_stats *s, const struct oto_flow *f);
/* The run is over: the last `stats`, and `coverage`. After the flows ended, before the logs close; the caller drains the bus. */
void oto_stats_finish(struct oto_stats *s);

/* The sum of all coverage rows. */
struct oto_coverage {
	uint64_t flows, one_way, packets, bytes, payload, understood;
} oto_stats_coverage(const struct oto_stats *s);

#endif
