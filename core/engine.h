/* engine.h - one engine: its stages, and the life of one packet. Everything mutable hangs off struct oto_engine; there are no globals.
 */
#ifndef OTO_ENGINE_H
#define OTO_ENGINE_H

#include "analyzer.h"
#include "capture.h"
#include "conn.h"
#include "coverage.h"
#include "decode.h"
#include "event.h"
#include "log.h"
#include "packets.h"
#include "policy.h"
#include "spool.h"
#include "stats.h"
#include "stream.h"
#include "timer.h"

struct oto_engine_options {
	uint64_t seed;        /* of uids and hashes; 0: a fixed default, so that replays agree */
	const char *sensor;   /* name in the event head; NULL: "otoscope" */
	bool keeps_time;      /* it stands still where the capture's clock was set back, by however much. Zeek's does */
	int64_t duplicate_ns; /* a byte-equal copy within this time is dropped; 0: 10 ms (off under profile zeek), negative: off */
	struct oto_log_options log;
	struct oto_conn_options conn;
	struct oto_policy_options policy;
	struct oto_spool_options spool;     /* off unless said */
	struct oto_packets_options packets; /* the same */
	const char *const *plugins;         /* .so or .lua */
	size_t nplugins;
	const char *oem;            /* code page of the site's machines; NULL: CP932 */
	const char *data_dir;       /* where fingerprints and registries are read from; NULL: where the system keeps them */
	const char *only_analyzers; /* comma-separated names; NULL: all. For tests and bench */
};

struct oto_engine_stats {
	uint64_t packets, bytes, duplicates, weirds, reentry_dropped; /* packets: read, duplicates included */
	int64_t passed_ns;                                            /* packet time since the first packet */
};

/* Packets of several queues are never that much out of order: a clock was set, or there are two. */
#define OTO_PAST (5 * OTO_SECOND)

struct oto_engine {
	struct oto_engine_options options;
	struct oto_bus *bus;
	struct oto_timers *timers;
	struct oto_decoder *decoder;
	struct oto_conns *conns;
	struct oto_streams *streams;
	struct oto_analyzers *analyzers;
	struct oto_logs *logs;
	struct oto_policy *policy;
	struct oto_duplicates *duplicates;
	struct oto_stats *reporter;
	struct oto_coverage *coverage;
	struct oto_spool *spool;     /* NULL: off */
	struct oto_packets *packets; /* NULL: off */
	struct oto_engine_stats stats;
	int64_t now_ns; /* packet time, back only where a clock was set back */
	struct oto_sweeps sweeps;
	const struct oto_layers *layers; /* of the packet being decoded; NULL between packets */
	struct oto_sent {                /* the flow that those layers are of, and who sent them; NULL: not known yet, or none */
		const struct oto_flow *flow;
		enum oto_dir dir;
	} sent;
	struct oto_uid_cache { /* texts of flows that spoke of late */
		uint64_t uid[2];
		char text[20];
	} uids[64];
	struct oto_head_cache {
		const struct oto_flow *flow;
		const struct oto_head *head[2];
	} head_cache;
	struct oto_head last_head; /* stands in when the packet's arena is full */
	struct oto_reentry {
		struct oto_flow *flow;
		struct oto_slice frame;
		enum oto_link link;
		uint8_t depth;
	} reentry[64];
	uint32_t nreentry;
	int64_t leap_ns;      /* time of a packet that seemed to come from the far future, while no other agrees; else 0 */
	int64_t next_tick_ns; /* of the once-a-second work */
	int64_t due_ns;       /* before which nothing happens but packets and timers */
	struct oto_pace {
		int64_t heard_ns, longest_ns; /* latest time of a packet; longest time between two */
		bool is_silent, is_back;      /* told of */
	} pace;
	struct oto_set_back {
		int64_t from_ns, to_ns; /* the last time; 0: never */
		int64_t late_ns;        /* of the packet before, where that came from long ago ... */
		uint32_t late;          /* ... as so many did, one after another */
		uint64_t first_late;    /* number of the first of these */
		bool is_told;           /* that they are in no order */
		bool is_other_clock;    /* there are two: time stands still where the later one is behind */
	} back;
	struct oto_event_def *weird, *operation, *outcome, *fact, *program, *capture_gap, *capture_silent, *capture_clock, *packets_kept;
};

/* Stages, built-in analyzers, plugins. Scripts are loaded next (oto_policy_file), then oto_engine_start. */
struct oto_engine *oto_engine_new(const struct oto_engine_options *options, struct oto_error *err);
bool oto_engine_start(struct oto_engine *e, struct oto_error *err); /* attach logs: the set of event types is complete */
void oto_engine_packet(struct oto_engine *e, const struct oto_packet *p);
void oto_engine_idle(struct oto_engine *e, int64_t now_ns); /* no packet, but time passes */
void oto_engine_gap(struct oto_engine *e, int64_t from_ns, int64_t to_ns);
bool oto_engine_finish(struct oto_engine *e, struct oto_error *err); /* flows end, logs are written */
void oto_engine_free(struct oto_engine *e);

/* The head for events of flow f (or NULL) sent by `dir` in the current packet; made once a packet, lives until the drain. */
const struct oto_head *oto_engine_head(struct oto_engine *e, const struct oto_flow *f, enum oto_dir dir);
/* A frame found inside a PDU of flow f: decoded after the packet's own passes, depth bounded. */
void oto_engine_reenter(struct oto_engine *e, struct oto_flow *f, enum oto_link link, struct oto_slice frame);
/* One weird: counted, and an event. name is constant; source is who saw it ("decode", "tcp", an analyzer). */
void oto_engine_weird(struct oto_engine *e, const struct oto_head *head, const char *source, const char *name, struct oto_slice detail);

#endif
