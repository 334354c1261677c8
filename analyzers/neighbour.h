/* neighbour.h - which MAC claimed which address last, for ARP (RFC 5227 2.4) and neighbour discovery (RFC 4862 5.4.4): the fact, and the
 * conflict when another one claims it.
 */
#ifndef NEIGHBOUR_H
#define NEIGHBOUR_H

#include "say.h"

struct neighbour_conflict {
	struct oto_addr ip;
	struct oto_mac mac, other_mac;
	struct oto_interval since;
};
#define NEIGHBOUR_FIELD(m, doc_) OTO_FIELD(struct neighbour_conflict, m, doc_)
static const struct oto_field neighbour_fields[] = {
	NEIGHBOUR_FIELD(ip, "address that two stations claim"),
	NEIGHBOUR_FIELD(mac, "MAC address that claims it now"),
	NEIGHBOUR_FIELD(other_mac, "MAC address that claimed it before"),
	NEIGHBOUR_FIELD(since, "time since that earlier claim"),
};

/* A claim waits as an open request, keyed by the address, for the next claim of the same address in the segment. */
struct neighbour_claim {
	struct oto_addr ip; /* the key is a digest: this is the address itself */
	struct oto_mac mac;
	int64_t fact_ns; /* when the fact was last told */
};
static const struct oto_pairing neighbour_claims = {
	.self_size = sizeof neighbour_claims,
	.note_size = sizeof(struct neighbour_claim),
	.scope = OTO_SCOPE_SEGMENT,
	.keyed = true,
	.bound = 512,
	.expiry_ns = INT64_C(600000000000),
};

static inline void neighbour_tell(struct oto_ctx *cx, const struct oto_mac *mac, const struct oto_addr *ip, uint8_t confidence)
{
	oto_fact(cx, &(struct oto_fact){ .self_size = sizeof(struct oto_fact),
					 .key = "ip",
					 .value = say_addr(cx, ip),
					 .whose = OTO_OTHER,
					 .mac = *mac,
					 .has_mac = true,
					 .confidence = confidence });
}

/* A station states its own address; a relay states somebody else's. `conflict` is the event of that name. */
static inline void neighbour_claims_address(struct oto_ctx *cx, const struct oto_addr *ip, const struct oto_mac *mac, bool relayed,
					    uint32_t conflict)
{
	const int64_t fact_every = INT64_C(60000000000);
	struct neighbour_claim now = { .ip = *ip, .mac = *mac, .fact_ns = cx->head->ts.ns }, before = { .mac = *mac };
	struct oto_match match;
	uint64_t high, low;

	memcpy(&high, &ip->byte[0], sizeof high);
	memcpy(&low, &ip->byte[8], sizeof low);
	uint64_t key = high * UINT64_C(0x9e3779b97f4a7c15) ^ low;
	oto_response(cx, key, &match);
	if (match.found)
		memcpy(&before, match.note, sizeof before);
	bool same_ip = match.found && memcmp(&before.ip, ip, sizeof *ip) == 0;
	if (same_ip && memcmp(&before.mac, mac, sizeof *mac) != 0) {
		struct neighbour_conflict c = { .ip = *ip, .mac = *mac, .other_mac = before.mac, .since = match.latency };
		oto_emit(cx, conflict, &c);
	} else if (same_ip && now.fact_ns - before.fact_ns < fact_every) {
		now.fact_ns = before.fact_ns;
	}
	if (now.fact_ns == cx->head->ts.ns)
		neighbour_tell(cx, mac, ip, relayed ? SAY_INFERRED : SAY_STATED);
	oto_request(cx, key, &now);
}

#endif
