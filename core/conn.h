/* conn.h - the flow table at work and what a connection means: Zeek's state, history, byte counts and timeouts, and the events conn and
 * conn_delta.
 *
 * Finds or makes the flow of a decoded packet, keeps its totals, decides when it has ended, and reports. Knows decode's layers, the event
 * bus and (to tell it of the end) the analyzer stage.
 */
#ifndef OTO_CONN_H
#define OTO_CONN_H

#include "event.h"
#include "flow.h"

struct oto_engine;
struct oto_conns;

struct oto_conn_options {
	uint64_t seed;
	const char *sensor;
	bool key_vlan;      /* the VLAN is part of the key (flow.key = vlan); of non-IP frames it always is */
	uint32_t max_flows; /* over all shards, each has its part; 0: 2,000,000. The flow idle longest is ended, counted */
	int64_t delta_ns;   /* conn_delta interval; 0: 60 s */
};

struct oto_conns *oto_conns_new(struct oto_engine *engine, const struct oto_conn_options *options, struct oto_error *err);
void oto_conns_free(struct oto_conns *cs);
/* The flow of these layers, made if need be (parent: the flow of the tunnel, or NULL); totals, state and history are brought up to date.
 * dir is who sent the packet. NULL for an IP fragment: the flow sees the datagram when it is complete. */
struct oto_flow *oto_conns_packet(struct oto_conns *cs, const struct oto_layers *l, struct oto_flow *parent, enum oto_dir *dir);
/* Timers up to now: inactivity, attempts, lingering closes, deltas. Ended flows emit conn and are freed by the next sweep. A bounded number
 * at a time, in order of first packet: true when more are waiting; drain the bus, sweep and call again. */
bool oto_conns_expire(struct oto_conns *cs, int64_t now_ns);
/* Before this time oto_conns_expire() has nothing to do; what comes afterwards asks for ten seconds at least. */
int64_t oto_conns_due(const struct oto_conns *cs);
/* End of the run: every flow that began before this packet ends, in order of first packet. True when more are waiting, as above. */
bool oto_conns_finish(struct oto_conns *cs, uint64_t before);
/* After that, where packet time goes on at an earlier one: the others are looked at in as long as before. */
void oto_conns_shift(struct oto_conns *cs, int64_t by_ns);
/* Free what ended; after every drain of the bus. */
void oto_conns_sweep(struct oto_conns *cs);

struct oto_conn_stats {
	uint64_t flows, peak, made, evicted, ended, bytes;
} oto_conn_stats(const struct oto_conns *cs);

#endif
