/* coverage.h - what the traffic consisted of and who understood it: the event `coverage`, told at the end of a run, which is coverage.log.
 *
 * Is told of each flow that ends and sums them by port or EtherType and by the analyzer that understood them. Knows flows and the event
 * bus.
 */
#ifndef OTO_COVERAGE_H
#define OTO_COVERAGE_H

#include "event.h"
#include "flow.h"

struct oto_coverage;

/* Registers the event. */
struct oto_coverage *oto_coverage_new(struct oto_bus *bus, struct oto_error *err);
void oto_coverage_free(struct oto_coverage *c);
/* A flow ended. Nothing is counted while nobody listens, or when c is NULL. */
void oto_coverage_flow(struct oto_coverage *c, const struct oto_flow *f);
/* The run is over: an event per row, ordered. The caller drains the bus. */
void oto_coverage_emit(struct oto_coverage *c, const struct oto_head *head);

struct oto_coverage_sum {
	uint64_t flows, one_way, packets, bytes, payload, understood;
} oto_coverage_total(const struct oto_coverage *c);

#endif
