/* analyzer_key.h - who claims which bytes: the map from a parent's key ("tcp/502", "cotp", "dcerpc/<uuid>") to the analyzers that want it.
 */
#ifndef OTO_ANALYZER_KEY_H
#define OTO_ANALYZER_KEY_H

#include "base.h"

/* Parents are transports (fixed numbers) and the channels that analyzers deliver on (numbered as they are named). */
enum {
	OTO_PARENT_TCP = 0,
	OTO_PARENT_UDP,
	OTO_PARENT_ETH,
	OTO_PARENT_LLC,
	OTO_PARENT_ICMP,
	OTO_PARENT_ICMP6,
	OTO_PARENT_IP,
	OTO_PARENT_SYN,    /* "tcp.syn": TCP packets with SYN, beside whatever owns their flow */
	OTO_PARENT_STREAM, /* "stream": bytes of a stream inside another */
	OTO_PARENT_LAST,   /* "last": flows of any transport that nobody else wants */
	OTO_PARENTS_FIXED
};

struct oto_analyzer_entry;
struct oto_claims {
	struct oto_claim {
		uint32_t parent;
		uint64_t key;
		struct oto_analyzer_entry *who;
	} * claim; /* by parent; those of a transport by key, too; among these in order of registration */
	uint32_t n;
	char **parents; /* names of channels, from number OTO_PARENTS_FIXED */
	uint32_t nparents;
};

/* Number of a parent by name; made when it is new (a child may be registered before its parent). */
uint32_t oto_claims_parent(struct oto_claims *c, struct oto_slice name);
/* Add "parent/key" or "parent". Key: a number (decimal or 0x), else text, hashed. The claim lives until the next is added; NULL: failed. */
const struct oto_claim *oto_claims_add(struct oto_claims *c, struct oto_slice text, struct oto_analyzer_entry *who, struct oto_error *err);
/* Those under a parent. */
struct oto_claims_span {
	const struct oto_claim *from, *to;
} oto_claims_under(const struct oto_claims *c, uint32_t parent);
/* Those under a number of a transport. */
struct oto_claims_span oto_claims_at(const struct oto_claims *c, uint32_t transport, uint64_t key);
void oto_claims_free(struct oto_claims *c);

#endif
