/* conn_report.h - what is said of flows: the events conn, conn_delta, eth.flow, eth.delta, flow.new, flow.mac_changed, flow.vlan_changed,
 * and their logs.
 *
 * Reads flows and fills events; decides nothing about them.
 */
#ifndef OTO_CONN_REPORT_H
#define OTO_CONN_REPORT_H

#include "community_id.h"
#include "engine.h"

struct oto_conn_report {
	struct oto_engine *engine;
	struct oto_event_def *conn, *delta, *eth, *eth_delta, *ip, *made, *mac_changed, *vlan_changed;
	bool zeek; /* profile zeek: microseconds, and no row for IP protocols Zeek keeps no connections of */
};

/* Totals when the last conn_delta of a flow was written, and what it need not work out again. */
struct oto_delta {
	int64_t told_ns, last_ns, bytes[2];
	uint64_t ip_bytes[2], missed_bytes;
	uint32_t packets[2];                      /* modulo 2^32: enough between two reports */
	char community_id[OTO_COMMUNITY_ID_SIZE]; /* "": not told yet */
};

bool oto_conn_report_add(struct oto_conn_report *r, struct oto_engine *engine, struct oto_error *err);
/* The flow ended: totals, and the closing delta. `reason`: why, a constant. */
void oto_conn_report_end(const struct oto_conn_report *r, struct oto_flow *f, const char *reason);
/* What went on since the last delta; f->delta is the memory of it. */
void oto_conn_report_delta(const struct oto_conn_report *r, struct oto_flow *f, int64_t now_ns);
void oto_conn_report_new(const struct oto_conn_report *r, const struct oto_flow *f, enum oto_dir dir);
void oto_conn_report_mac(const struct oto_conn_report *r, const struct oto_flow *f, enum oto_dir dir, struct oto_mac now);
void oto_conn_report_vlan(const struct oto_conn_report *r, const struct oto_flow *f, enum oto_dir dir, const struct oto_layers *l);

#endif
