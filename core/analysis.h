/* analysis.h - what is attached to a flow: the analyzer stage's own structures, shared by its files and by nobody else.
 *
 *   analyzer.c  the registry
 *   services.c  the service table: what an analyzer may call
 *   attach.c    which analyzer a flow belongs to: claims, probes, children
 *   framing.c   where PDUs begin and end in a stream
 *   pairing.c, memory.c, expect.c   what an analyzer knows beyond one PDU: open requests, slots across flows, announced flows
 */
#ifndef OTO_ANALYSIS_H
#define OTO_ANALYSIS_H

#include "analyzer.h"
#include "analyzer_key.h"
#include "engine.h"
#include "expect.h"
#include "memory.h"
#include "pairing.h"
#include "pool.h"

#define MAX_DEPTH 16u
#define MAX_CHILDREN 64u
#define MAX_REENTRY 64u
#define MAX_MISTAKES 4u /* malformed PDUs before a good one: a probe on any port was mistaken */
#define DEFAULT_MAX_PDU 65536u
#define HELD_BY_FLOW (256u << 10)
#define HELD_BY_ALL (256u << 20)

/* How long an unclaimed or lost stream is offered to probes (DESIGN: 16 segments or 64 KiB). */
#define OFFER_SEGMENTS 16u
#define OFFER_BYTES 65536u
#define GUESS_BYTES 2048u /* at most, for those who are asked last */

/* A registered analyzer, completed to this build's struct. */
struct oto_analyzer_entry {
	struct oto_analyzers *as;
	const struct oto_analyzer *origin; /* as registered: what cx->self points at */
	struct oto_analyzer a;
	struct oto_event_def **events;
	uint32_t *channels, nchannels; /* parent numbers of what it delivers on */
	struct oto_pairs *pairs;
	void *shared;               /* what setup() filled */
	struct oto_instance *loose; /* what is called without a flow of its own ("tcp.syn"); NULL: never */
	uint32_t cost;              /* index into oto_analyzers.costs */
	uint32_t mistakes;          /* of its author, that were told: services.c's bits */
};

/* Who asks to be offered what no port claims, OTO_ANY_PORT, in order of registration. */
struct oto_any_port {
	struct oto_analyzer_entry **who;
	uint32_t n;
};

struct oto_analyzers {
	struct oto_engine *engine;
	struct oto_bus *bus;
	struct oto_pool pool;
	struct oto_claims claims;
	struct oto_memories *memories;
	struct oto_code_page *code_page;   /* NULL: none that is known */
	uint64_t held_bytes, held_refused; /* of oto_hold() */
	uint64_t secret;                   /* of keys that nobody sees */
	struct oto_expected *expected;
	int64_t pairs_due_ns; /* no open request expires before */
	struct oto_analyzer_entry **entries;
	const struct oto_analyzer **origins;
	struct oto_analyzer_cost *costs;
	uint32_t n;
	struct oto_any_port any_tcp, any_udp; /* for those that have a key of the transport */
	void **objects;                       /* handles of loaded plugins */
	uint32_t nobjects;
	struct oto_host_slot {
		struct oto_host host;
		struct oto_analyzers *as;
	} host;
	struct oto_error *adding;  /* where add_analyzer reports while a plugin initialises */
	uint64_t packet, op_count; /* op_id is made of both */
	uint64_t mistakes;         /* calls that no analyzer should make */
};

/* What oto_assemble() keeps between fragments. */
struct oto_fragments {
	struct oto_fragments *next; /* of the other direction */
	uint8_t dir;
	uint32_t len, cap; /* cap: bytes behind the header */
	bool dropping;     /* too long: pass over up to the last */
	uint8_t data[];
};

/* A block of oto_hold(). */
struct oto_held {
	struct oto_held *next, **link;
	uint32_t size; /* of what follows */
	uint8_t bytes[] __attribute__((aligned(16)));
};

/* One direction of a stream: the unfinished PDU, and whether we know where the next one starts. */
struct oto_framing {
	uint8_t *held;
	uint32_t len, cap;
	uint32_t want; /* length of the unfinished PDU; 0: not known yet */
	uint32_t skip; /* bytes of a PDU that is passed over */
	uint32_t tried_bytes;
	uint8_t tries;
	bool lost; /* the next PDU must be found by probe at a segment start */
};

/* One analyzer at one place of one flow. */
struct oto_instance {
	struct oto_instance *next, *children;
	struct oto_analyzer_entry *entry; /* NULL: nobody wants this channel and key */
	struct oto_pair_scope *scope;
	struct oto_fragments *fragments; /* of messages that come in pieces, one a direction; mostly none */
	struct oto_framing *inner;       /* both directions of a stream inside the parent's; NULL: the parent delivers whole PDUs */
	struct oto_held *held;
	uint32_t held_bytes;
	uint64_t key; /* under which it was claimed; 0: found by probe on any port */
	uint32_t channel;
	uint16_t depth;
	uint8_t tries; /* PDUs not understood before the first that was */
	bool understood;
	uint8_t state[] __attribute__((aligned(8)));
};

struct oto_analysis {
	struct oto_instance *instance; /* NULL while undecided */
	uint16_t tries;
	bool midstream;
	struct oto_framing side[2];
	struct oto_guess *guess; /* who takes it when nobody else does ("last"); NULL: nobody yet */
};

/* What an analyzer that is asked last took for its own. */
struct oto_guess {
	struct oto_analyzer_entry *entry;
	uint64_t key;
	uint32_t len;
	uint8_t dir;
	uint8_t bytes[];
};

/* One call into an analyzer. The services find it from the context, which comes first. */
struct oto_run {
	struct oto_ctx cx;
	struct oto_analyzers *as;
	struct oto_flow *flow;
	enum oto_dir dir;
	struct oto_instance *in;
	struct oto_cur *cur;
	struct oto_request *matched; /* of the last oto_response() of this PDU */
	struct oto_request *request; /* of the last oto_request() of this PDU */
	uint64_t ends;               /* oto_ends() of the analyzer at hand; 0: not asked yet */
	uint32_t more;               /* what is said stands for so many more */
	bool cut;                    /* the snap length took the end */
	bool loose;                  /* beside the flow's own analyzer */
	bool closing;                /* the flow is ending: nothing new begins */
};

static inline struct oto_run *oto_run_of(struct oto_ctx *cx)
{
	return (struct oto_run *)(void *)cx;
}

static inline struct oto_analyzer_cost *oto_cost(const struct oto_analyzer_entry *entry)
{
	return &entry->as->costs[entry->cost];
}

/* services.c */
extern const struct oto_host oto_services;
/* No answer came to a request of the entry `who`: said with the head of the request, at the time it is noticed. */
void oto_services_given_up(void *who, const struct oto_request *q);

/* attach.c */
enum oto_answer oto_run_probe(struct oto_run *r, const struct oto_analyzer_entry *entry, struct oto_slice bytes);
void oto_attach_let_go_all(struct oto_analyzers *as, struct oto_instance *in);
/* Parse one PDU; false when it was malformed and what it said was dropped. */
bool oto_run_pdu(struct oto_run *r, struct oto_slice pdu);
void oto_attach_deliver(struct oto_run *r, uint32_t parent, uint64_t key, struct oto_slice pdu);
void oto_attach_stream(struct oto_run *r, uint32_t parent, uint64_t key, struct oto_slice bytes);
struct oto_instance *oto_attach_new(struct oto_analyzers *as, struct oto_analyzer_entry *entry);

/* framing.c */
void oto_framing_feed(struct oto_run *r, struct oto_framing *s, struct oto_slice in);
void oto_framing_gap(struct oto_run *r, struct oto_framing *s, uint64_t n);
void oto_framing_hold(struct oto_analyzers *as, struct oto_framing *s, struct oto_slice in, uint32_t want);
void oto_framing_release(struct oto_analyzers *as, struct oto_framing *s);
struct oto_slice oto_framing_add(struct oto_run *r, struct oto_slice fragment, bool last);
void oto_framing_drop(struct oto_analyzers *as, struct oto_instance *in);
/* What is kept of this direction: bytes of it are lost. */
void oto_framing_forget(struct oto_run *r);

#endif
