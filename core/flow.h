/* flow.h - who talks to whom: the bounded table of connections and Ethernet flows, their place in time, and their identity.
 *
 * A flow's key is the unordered pair of endpoints plus the tunnel it came through (plus VLAN by option). Non-IP frames are flows keyed by
 * MAC pair, VLAN and EtherType or LLC SAP. Flows live in 64 shards chosen by the unordered innermost host pair, so that limits and order do
 * not depend on the number of workers. What a connection *means* (state, history, bytes) is conn.h's.
 */
#ifndef OTO_FLOW_H
#define OTO_FLOW_H

#include "base.h"
#include "packet.h"
#include "slab.h"

#define OTO_SHARDS 64u

enum oto_dir { OTO_ORIG = 0, OTO_RESP = 1 };

struct oto_analysis; /* analyzer.h: what is attached to a flow */
struct oto_tcp;      /* conn_tcp.h: sequence state of both directions, allocated for TCP only */
struct oto_delta;    /* conn_report.h: totals at the last conn_delta */

/* One direction: its sender and its totals. */
struct oto_flow_side {
	struct oto_addr addr;
	bool has_mac : 1, has_vlan : 1, has_inner_vlan : 1;
	bool has_sent : 1; /* false: the MAC is only what the other side's first frame was sent to */
	uint16_t port, vlan, inner_vlan;
	struct oto_mac mac; /* source MAC of its last packet; a change is an event */
	uint64_t packets, ip_bytes, payload_bytes;
};

#define OTO_PARENTS_MAX 8u
/* The tunnels a flow was seen in: the uids of the flows that carried it. */
struct oto_flow_parents {
	uint32_t count;
	uint64_t uid[OTO_PARENTS_MAX][2];
};

#define OTO_HISTORY_INLINE 16u
#define OTO_HISTORY_MAX 255u

/* Four cache lines: what every packet needs stands in the first three. */
struct oto_flow {
	struct oto_flow *chain; /* next in the hash bucket; when ended, next to be freed */
	uint64_t hash;
	struct oto_tcp *tcp;
	struct oto_analysis *analysis; /* NULL until the first payload */
	int64_t first_ns, last_ns;
	const char *service; /* set by the first analyzer that understood a PDU; constant */
	uint16_t ethertype;  /* non-IP; LLC SAPs with llc */
	uint8_t transport, ip_proto, shard;
	uint8_t changes;           /* of MAC or VLAN, told so far */
	bool llc : 1, one_way : 1; /* one_way: an answer would be another flow (most ICMP types) */
	bool ended : 1, flipped : 1, evicted : 1;
	bool sent_orig : 1, sent_resp : 1; /* UDP, ICMP: which side counts as active */
	bool dns_first : 1;                /* UDP: the first DNS message was looked at */
	bool long_history : 1;
	bool is_late : 1;                 /* its last packet was from the past: a clock was set back, or there are two */
	struct oto_flow_side side[2];     /* by enum oto_dir */
	struct oto_flow *next, **link;    /* neighbours in the slot of the timing wheel */
	struct oto_flow_parents *parents; /* NULL outside of tunnels */
	struct oto_delta *delta;          /* NULL until the first conn_delta */
	uint64_t uid[2];                  /* hash of seed, sensor, first packet number and tuple */
	uint64_t first_packet;
	int64_t came_ns; /* when that packet came, by the engine's clock; only with is_late */
	union {
		char letters[OTO_HISTORY_INLINE]; /* Zeek's, NUL-terminated */
		char *more;                       /* with long_history: up to OTO_HISTORY_MAX of them */
	} history;
};

/* Its last packet by the clock that timers go by. */
static inline int64_t oto_flow_heard_ns(const struct oto_flow *f)
{
	return f->is_late ? f->came_ns : f->last_ns;
}

static inline const char *oto_flow_history(const struct oto_flow *f)
{
	return f->long_history ? f->history.more : f->history.letters;
}

/* What a packet says of its flow. */
struct oto_flow_key {
	struct oto_addr src, dst;
	uint16_t sport, dport;
	uint16_t ethertype;
	uint8_t transport, ip_proto;
	bool one_way, llc;
	uint64_t salt; /* of tunnel, VLAN and SNAP where they are part of the key */
};

/* ------------------------------------------------------------------------------------------------ the table */

#define OTO_WHEEL_SLOTS 64u /* of one second */

struct oto_flow_shard {
	struct oto_flow **buckets;
	uint32_t mask, flows;
	struct oto_flow *slot[OTO_WHEEL_SLOTS];
};

_Static_assert(OTO_SHARDS == 64, "a bit of busy[] per shard");

/* Flows by key, and by the second in which they are looked at next. Nothing is ended here. */
struct oto_flows {
	uint64_t seed;
	int64_t tick; /* seconds of packet time; the slots up to here were visited */
	uint32_t flows, peak;
	uint64_t bytes; /* of buckets */
	struct oto_slab slab;
	uint64_t busy[OTO_WHEEL_SLOTS]; /* bits: the shards that have, or had, flows in that slot */
	struct oto_flow_shard shard[OTO_SHARDS];
};

void oto_flows_init(struct oto_flows *fs, uint64_t seed);
void oto_flows_free(struct oto_flows *fs);

struct oto_flow_hash {
	uint64_t key;
	uint32_t shard;
};
static inline uint64_t oto_host_hash(uint64_t seed, const struct oto_addr *a)
{
	uint64_t low, high;

	memcpy(&low, a->byte, 8);
	memcpy(&high, a->byte + 8, 8);
	return oto_mix(low ^ seed, high ^ a->family ^ seed << 8);
}
/* Sums of keyed hashes do not ask which side is which. */
static inline struct oto_flow_hash oto_flow_hash(const struct oto_flows *fs, const struct oto_flow_key *k)
{
	uint64_t src = oto_host_hash(fs->seed, &k->src), dst = oto_host_hash(fs->seed, &k->dst);
	uint64_t ends = oto_mix(src, k->sport) + oto_mix(dst, k->dport);
	uint64_t kind = (uint64_t)k->transport << 32 | (uint64_t)k->ip_proto << 24 | (uint64_t)k->llc << 16 | k->ethertype;

	return (struct oto_flow_hash){ oto_mix(ends, kind ^ k->salt), (uint32_t)((src + dst) >> 58) };
}
/* The flow of this key and which way the packet goes; NULL when there is none. */
struct oto_flow *oto_flows_find(struct oto_flows *fs, const struct oto_flow_key *k, struct oto_flow_hash h, enum oto_dir *dir);
/* A new flow whose originator is the sender, in the table but not yet on the wheel. */
struct oto_flow *oto_flows_make(struct oto_flows *fs, const struct oto_flow_key *k, struct oto_flow_hash h);
/* Out of the table and off the wheel; still valid until released. */
void oto_flows_remove(struct oto_flows *fs, struct oto_flow *f);
void oto_flows_release(struct oto_flows *fs, struct oto_flow *f);
/* Look at the flow again when `due_ns` has passed, at the latest after the wheel's span. */
void oto_flows_schedule(struct oto_flows *fs, struct oto_flow *f, int64_t due_ns);
/* All flows of that second's slot, linked by `next`, and off the wheel: what is put back while they are visited is not met again. */
struct oto_flow *oto_flows_take(struct oto_flows *fs, int64_t second, struct oto_flow *list);

/* Exchange the endpoints, not what was counted for them. */
void oto_flow_flip(struct oto_flow *f);
void oto_flow_letter(struct oto_flow *f, char letter);

/* 128 bits from seed, sensor, packet number and tuple. */
void oto_uid_make(uint64_t uid[2], uint64_t seed, const char *sensor, uint64_t packet, const struct oto_flow_key *k);
/* "C" and 17 characters of base 62, NUL-terminated, as Zeek's look. */
void oto_uid_text(const uint64_t uid[2], char out[20]);

#endif
