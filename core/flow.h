/* flow.h - who talks to whom: the bounded table of connections and Ethernet flows, their expiry, and their identity.
 *
 * A flow's key is the unordered pair of endpoints plus the tunnel it came through (plus VLAN by option). Non-IP frames are flows keyed by MAC
 * pair, VLAN and EtherType or LLC SAP. Flows live in 64 shards chosen by the unordered innermost host pair, so that limits and
 * order do not depend on the number of workers. What a connection *means* (state, history, bytes) is conn.h's.
 */
#ifndef OTO_FLOW_H
#define OTO_FLOW_H

#include "base.h"
#include "packet.h"

#define OTO_SHARDS 64u

enum oto_dir { OTO_ORIG = 0, OTO_RESP = 1 };

struct oto_analysis; /* analyzer.h: what is attached to a flow */
struct oto_tcp;      /* conn.h, stream.h: sequence state of both directions, allocated for TCP only */

/* Totals of one direction. */
struct oto_flow_side {
	struct oto_addr addr;
	uint16_t port;
	bool has_mac, has_vlan, has_inner_vlan;
	struct oto_mac mac;      /* source MAC of its first packet; a change is an event */
	uint16_t vlan, inner_vlan;
	uint64_t packets, ip_bytes, payload_bytes, missed_bytes;
};

struct oto_flow {
	struct oto_flow *chain;            /* next in the hash bucket */
	struct oto_flow *older, *newer;    /* expiry list of the flow's timeout class */
	struct oto_flow *tunnel;           /* the flow this one travels in, or NULL (copied uid when that one ends) */
	struct oto_analysis *analysis;     /* NULL until the first payload */
	struct oto_tcp *tcp;
	uint64_t uid[2];                   /* hash of seed, sensor, first packet number and tuple */
	uint64_t parent_uid[2];
	uint64_t hash;
	uint64_t first_packet;
	int64_t first_ns, last_ns;
	struct oto_flow_side side[2];      /* by enum oto_dir */
	uint16_t ethertype;                /* non-IP; LLC SAPs with llc */
	uint8_t transport, ip_proto, state, timeout_class, shard;
	bool llc, has_mac, has_vlan, ended, flipped;
	char history[32];                  /* Zeek's letters, NUL-terminated */
	const char *service;               /* set by the first analyzer that understood a PDU */
};

/* "C" and 17 characters of base 62, NUL-terminated, as Zeek's look. */
void oto_uid_text(const uint64_t uid[2], char out[20]);

#endif
