/* pairing.h - which response answers which request: open requests by scope and key, bounded and expiring.
 *
 * Owned by the analyzer stage, one table an analyzer. Matching takes the oldest open request with the response's key. A request whose key
 * is already open and older than 200 ms repeats the older one (a retry), which is given up. Unkeyed pairing is first in, first out, and a
 * gap closes everything open in its scope.
 */
#ifndef OTO_PAIRING_H
#define OTO_PAIRING_H

#include "pool.h"

struct oto_pairs;

/* The open requests of one flow, host pair or segment, oldest first. It goes with the last of them. */
struct oto_pair_scope {
	struct oto_pair_scope *chain; /* in the table of scopes */
	struct oto_request *oldest, *newest;
	uint64_t hash;
	uint32_t count;
	bool of_flow; /* held by a flow, and in no table */
};

struct oto_request {
	struct oto_request *prev, *next;   /* in its scope */
	struct oto_request *older, *newer; /* in its table */
	struct oto_pair_scope *scope;
	uint64_t key;
	uint32_t retries, more, told; /* more: that it stands for, all alike; told: how many of these had an outcome */
	bool unsure, answered;        /* answered: kept for further answers (pairing.many) */
	/* the operation spoken with it, op_id 0 if none; those of the ones that are alike follow it */
	uint64_t op_id;
	const char *func;
	uint32_t func_code, op, unit;
	bool has_unit, by_receiver;
	uint8_t sub_len;
	struct oto_head head; /* of the request, for what is said when no answer comes; what stands before it begins zeroed */
	uint8_t sub[OTO_SUB_MAX];
	uint8_t note[] __attribute__((aligned(16)));
};

/* Called for a request that is given up without an answer: expiry, retry, bound, gap or end of its flow. */
typedef void oto_pair_given_up(void *who, const struct oto_request *r);

/* *due_ns: no request of all those that share it expires before; lowered here, set to INT64_MAX by its owner before all are asked. */
struct oto_pairs *oto_pairs_new(const struct oto_pairing *spec, struct oto_pool *pool, uint64_t seed, int64_t *due_ns,
				oto_pair_given_up *given_up, void *who);
void oto_pairs_free(struct oto_pairs *p);
/* The scope of a flow, a host pair or a segment. `flow_scope` is the flow's own anchor. create: NULL is returned only when false. */
struct oto_pair_scope *oto_pairs_scope(struct oto_pairs *p, struct oto_pair_scope **flow_scope, const struct oto_head *head, bool create);
struct oto_request *oto_pairs_open(struct oto_pairs *p, struct oto_pair_scope *scope, uint64_t key, const struct oto_head *head,
				   const void *note);
/* Fills *m. The request is closed unless the spec says many answers. Returns it, valid until the next call, or NULL. */
struct oto_request *oto_pairs_match(struct oto_pairs *p, struct oto_pair_scope *scope, uint64_t key, int64_t now_ns, struct oto_match *m);
void oto_pairs_gap(struct oto_pairs *p, struct oto_pair_scope *scope);
void oto_pairs_flow_end(struct oto_pairs *p, struct oto_pair_scope **flow_scope);
void oto_pairs_expire(struct oto_pairs *p, int64_t now_ns);

#endif
