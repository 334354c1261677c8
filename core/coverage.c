/* coverage.c - what the traffic consisted of and who understood it. See coverage.h.
 *
 * Owns a table with a row per (whose bytes, service), bounded; what does not fit is summed in one row.
 */
#include "coverage.h"

#include <stdlib.h>

#define ROWS 8192u

struct coverage_event {
	struct oto_slice key;
	const char *transport, *service;
	uint16_t port, ethertype;
	bool has_port, has_ethertype;
	uint64_t flows, one_way, packets, bytes, payload, understood;
};

#define C(m, doc, ...) OTO_FIELD(struct coverage_event, m, doc, __VA_ARGS__)
static const struct oto_field coverage_fields[] = {
	C(key,
	  "whose bytes, as an analyzer would claim them: tcp/502, udp/53, eth/0x8892, llc/0x4242, ip/89; `other` sums what did not fit"),
	C(transport, "what the flows travel on"),
	C(port, "the responder's port", .guard = OTO_IF(struct coverage_event, has_port), .flags = OTO_PORT),
	C(ethertype, "EtherType of frames without IP", .guard = OTO_IF(struct coverage_event, has_ethertype)),
	C(service, "the analyzer that understood these flows; absent: none did"),
	C(flows, "flows"),
	C(one_way, "of these, TCP sessions that carry payload but of which only one side was seen: the other half passes elsewhere"),
	C(packets, "packets"),
	C(bytes, "bytes, headers included"),
	C(payload, "bytes of payload"),
	C(understood, "of these, in flows that an analyzer understood"),
};
#undef C
static const struct oto_log coverage_logs[] = {
	{ .name = "coverage",
	  .doc = "How much of the traffic was understood, by port and EtherType; written at the end.",
	  .form = OTO_FORM_DETAIL,
	  .flags = OTO_LOG_NO_ID | OTO_LOG_NOT_ZEEK,
	  .columns = "key service flows one_way packets bytes payload understood" },
};
static const struct oto_event_type coverage_type =
    OTO_EVENT("coverage", struct coverage_event, coverage_fields,
	      "At the end of a run: what came on a port or EtherType, and who understood it.", OTO_LOGS(coverage_logs));

/* ------------------------------------------------------------------------------------------------ counting */

/* Flows of one kind. `number` is the responder's port, the EtherType, the LLC access point or the IP protocol. */
struct coverage_row {
	uint8_t transport;
	bool llc, other;
	uint16_t number;
	const char *service;
	struct oto_coverage_sum sum;
};

struct oto_coverage {
	struct oto_bus *bus;
	struct oto_event_def *event;
	struct coverage_row rows[ROWS], other;
	uint32_t nrows;
	uint16_t index[ROWS * 2]; /* row plus one */
};

struct oto_coverage *oto_coverage_new(struct oto_bus *bus, struct oto_error *err)
{
	struct oto_event_def *event = oto_bus_add(bus, &coverage_type, NULL, err);

	if (!event)
		return NULL;
	struct oto_coverage *c = oto_calloc(1, sizeof *c);
	c->bus = bus;
	c->event = event;
	c->other.other = true;
	return c;
}

void oto_coverage_free(struct oto_coverage *c)
{
	free(c);
}

static uint16_t flow_number(const struct oto_flow *f)
{
	switch (f->transport) {
	case OTO_ETH:
		return f->ethertype;
	case OTO_TCP:
	case OTO_UDP:
		return f->side[OTO_RESP].port;
	case OTO_IP:
		return f->ip_proto;
	default:
		return 0;
	}
}

static bool row_is(const struct coverage_row *r, const struct oto_flow *f, uint16_t number)
{
	if (r->transport != f->transport || r->number != number || r->llc != (f->transport == OTO_ETH && f->llc) ||
	    !r->service != !f->service)
		return false;
	return r->service == f->service || strcmp(r->service, f->service) == 0;
}

/* The row of a flow's kind, made if need be. */
static struct coverage_row *row_of(struct oto_coverage *c, const struct oto_flow *f)
{
	uint32_t mask = sizeof c->index / sizeof *c->index - 1;
	uint16_t number = flow_number(f);
	uint32_t at = (uint32_t)(oto_mix(number, f->transport) >> 32) & mask;

	for (; c->index[at]; at = (at + 1) & mask) {
		struct coverage_row *r = &c->rows[c->index[at] - 1];
		if (row_is(r, f, number))
			return r;
	}
	if (c->nrows == ROWS)
		return &c->other;
	struct coverage_row *r = &c->rows[c->nrows++];
	*r = (struct coverage_row){
		.transport = f->transport, .llc = f->transport == OTO_ETH && f->llc, .number = number, .service = f->service
	};
	c->index[at] = (uint16_t)c->nrows;
	return r;
}

/* TCP answers whatever carries payload. Attempts and datagrams may well stay unanswered. */
static bool is_one_way(const struct oto_flow *f, uint64_t payload)
{
	return f->transport == OTO_TCP && payload && (!f->side[OTO_ORIG].packets || !f->side[OTO_RESP].packets);
}

void oto_coverage_flow(struct oto_coverage *c, const struct oto_flow *f)
{
	if (!c || !oto_event_wanted(c->event))
		return;
	const struct oto_flow_side *orig = &f->side[OTO_ORIG], *resp = &f->side[OTO_RESP];
	struct oto_coverage_sum *sum = &row_of(c, f)->sum;
	uint64_t payload = orig->payload_bytes + resp->payload_bytes;
	sum->flows++;
	sum->one_way += is_one_way(f, payload);
	sum->packets += orig->packets + resp->packets;
	sum->bytes += orig->ip_bytes + resp->ip_bytes;
	sum->payload += payload;
	sum->understood += f->service ? payload : 0;
}

/* ------------------------------------------------------------------------------------------------ telling */

static int row_order(const void *a, const void *b)
{
	const struct coverage_row *x = a, *y = b;

	if (x->transport != y->transport)
		return x->transport < y->transport ? -1 : 1;
	if (x->llc != y->llc)
		return x->llc - y->llc;
	if (x->number != y->number)
		return x->number < y->number ? -1 : 1;
	return strcmp(x->service ? x->service : "", y->service ? y->service : "");
}

static const char *transport_name(const struct coverage_row *r)
{
	switch (r->transport) {
	case OTO_ETH:
		return r->llc ? "llc" : "eth";
	case OTO_TCP:
		return "tcp";
	case OTO_UDP:
		return "udp";
	case OTO_ICMP:
		return "icmp";
	case OTO_ICMP6:
		return "icmp6";
	default:
		return "ip";
	}
}

static void emit_row(const struct oto_coverage *c, const struct oto_head *head, const struct coverage_row *r)
{
	bool ports = r->transport == OTO_TCP || r->transport == OTO_UDP, frames = r->transport == OTO_ETH;
	struct coverage_event e = { .transport = r->other ? NULL : transport_name(r),
				    .service = r->service,
				    .port = r->number,
				    .ethertype = r->number,
				    .has_port = ports && !r->other,
				    .has_ethertype = frames && !r->llc && !r->other,
				    .flows = r->sum.flows,
				    .one_way = r->sum.one_way,
				    .packets = r->sum.packets,
				    .bytes = r->sum.bytes,
				    .payload = r->sum.payload,
				    .understood = r->sum.understood };
	char *key = oto_bus_bytes(c->bus, 32);

	if (!key)
		return;
	if (r->other)
		snprintf(key, 32, "other");
	else if (r->transport == OTO_ICMP || r->transport == OTO_ICMP6)
		snprintf(key, 32, "%s", e.transport);
	else
		snprintf(key, 32, frames ? "%s/0x%04x" : "%s/%u", e.transport, r->number);
	e.key = oto_slice_of(key);
	oto_bus_emit(c->bus, c->event, head, &e);
}

void oto_coverage_emit(struct oto_coverage *c, const struct oto_head *head)
{
	if (!oto_event_wanted(c->event))
		return;
	qsort(c->rows, c->nrows, sizeof *c->rows, row_order);
	memset(c->index, 0, sizeof c->index); /* rows have moved; nothing is counted any more */
	for (uint32_t i = 0; i < c->nrows; i++)
		emit_row(c, head, &c->rows[i]);
	if (c->other.sum.flows)
		emit_row(c, head, &c->other);
}

struct oto_coverage_sum oto_coverage_total(const struct oto_coverage *c)
{
	struct oto_coverage_sum all = c->other.sum;

	for (uint32_t i = 0; i < c->nrows; i++) {
		const struct oto_coverage_sum *sum = &c->rows[i].sum;
		all.flows += sum->flows;
		all.one_way += sum->one_way;
		all.packets += sum->packets;
		all.bytes += sum->bytes;
		all.payload += sum->payload;
		all.understood += sum->understood;
	}
	return all;
}
