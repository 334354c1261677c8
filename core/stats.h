/* stats.h - what the engine did: the event `stats`, each minute of packet time and at the end, which is stats.log.
 *
 * Listens to nobody: reads the stages' own counters. Everything is counted in packet time and in counted bytes, never in wall time or
 * resident memory, so that a replay gives the same rows.
 */
#ifndef OTO_STATS_H
#define OTO_STATS_H

#include "base.h"

struct oto_engine;
struct oto_stats;

/* Registers the event. */
struct oto_stats *oto_stats_new(struct oto_engine *engine, struct oto_error *err);
void oto_stats_free(struct oto_stats *s);
/* Packet time went on: emits when a minute is over. To be called at least once a second of packet time, outside of a packet. */
void oto_stats_tick(struct oto_stats *s, int64_t now_ns);
/* The clock was set: the interval is as long as before. */
void oto_stats_shift(struct oto_stats *s, int64_t by_ns);
/* The run is over: the last one. Before the logs close; the caller drains the bus. */
void oto_stats_finish(struct oto_stats *s);

#endif
