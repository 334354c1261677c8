/* analyzer.h - from payload to PDUs: which analyzer a flow belongs to, where its PDUs begin and end, and what pairs with what.
 *
 * Owns the registry of analyzers and, per flow, the attached instances with their state and stream buffers. Knows flows and the event
 * bus; nothing of capture or Lua. The contract it serves is oto_plugin.h's.
 */
#ifndef OTO_ANALYZER_H
#define OTO_ANALYZER_H

#include "event.h"
#include "flow.h"

struct oto_engine;
struct oto_analyzers;

struct oto_analyzers *oto_analyzers_new(struct oto_engine *engine);
void oto_analyzers_free(struct oto_analyzers *as);

/* Register one (borrowed for the life of the engine). Fails on a duplicate name, an ill-formed key or event. */
bool oto_analyzers_add(struct oto_analyzers *as, const struct oto_analyzer *a, struct oto_error *err);
/* All of this build's folders. */
bool oto_analyzers_add_builtin(struct oto_analyzers *as, struct oto_error *err);
/* Load a shared object and call its oto_plugin_init. */
bool oto_analyzers_load(struct oto_analyzers *as, const char *path, struct oto_error *err);
const struct oto_analyzer *const *oto_analyzers_all(const struct oto_analyzers *as, uint32_t *n);
/* Calls so far that no analyzer should make (a request without a pairing): each kind was told once on standard error. */
uint64_t oto_analyzers_mistakes(const struct oto_analyzers *as);
/* The service table, for tests and for Lua dissectors. */
const struct oto_host *oto_analyzers_host(const struct oto_analyzers *as);

/* Payload of a datagram, or of a non-IP frame. `lost` bytes at its end were cut off by the snap length. */
void oto_analyzer_datagram(struct oto_analyzers *as, struct oto_flow *f, enum oto_dir dir, struct oto_slice payload, uint32_t lost);
/* The next bytes of a TCP direction, in order, each byte once. `midstream`: the direction was joined after its SYN. */
void oto_analyzer_bytes(struct oto_analyzers *as, struct oto_flow *f, enum oto_dir dir, struct oto_slice bytes, bool midstream);
/* A TCP packet with SYN, from its IP header on: for those that look at handshakes, beside whatever owns the flow. */
void oto_analyzer_syn(struct oto_analyzers *as, struct oto_flow *f, enum oto_dir dir, struct oto_slice ip_packet);
/* n bytes of a direction will never come. */
void oto_analyzer_gap(struct oto_analyzers *as, struct oto_flow *f, enum oto_dir dir, uint64_t n);
/* The flow ended: unanswered requests are told, memory is given back. */
void oto_analyzer_end(struct oto_analyzers *as, struct oto_flow *f);
/* Give up requests that waited too long. */
void oto_analyzer_expire(struct oto_analyzers *as, int64_t now_ns);
/* Packet time goes on at this earlier one. */
void oto_analyzer_set_back(struct oto_analyzers *as, int64_t now_ns);

/* Bytes and PDUs per analyzer, for coverage.log, the cost goldens and stats.log. */
struct oto_analyzer_cost {
	const char *name;
	uint64_t probes, pdus, bytes, bytes_copied, truncated, weirds, events, requests, unanswered;
};
uint32_t oto_analyzer_costs(const struct oto_analyzers *as, const struct oto_analyzer_cost **costs);
/* Slots of oto_remember() and flows of oto_expect() that had to make room for newer ones. */
uint64_t oto_analyzer_forgotten(const struct oto_analyzers *as);

#endif
