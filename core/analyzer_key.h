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
	} * claim; /* in order of registration */
	uint32_t n;
	char **parents; /* names of channels, from number OTO_PARENTS_FIXED */
	uint32_t nparents;
};

/* Number of a parent by name; made when it is new (a child may be registered before its parent). */
uint32_t oto_claims_parent(struct oto_claims *c, struct oto_slice name);
/* Add "parent/key" or "parent". Key: a number (decimal or 0x), else text, hashed. */
bool oto_claims_add(struct oto_claims *c, struct oto_slice text, struct oto_analyzer_entry *who, struct oto_error *err);
void oto_claims_free(struct oto_claims *c);

#endif
