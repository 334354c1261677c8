/* recognised.c - protocols that are known by their first bytes and ports, and not read: a name for the flow, and what its server serves.
 *
 * Asked last: a flow that an analyzer understands never comes here. The rules are data: those of services.tsv, which a site may have,
 * before those of table.c.
 */
#include "../say.h"
#include "rule.h"
#include "table.h"

/* ------------------------------------------------------------------------------------------------ events */

static const struct oto_name evidence_rows[] = {
	{ 1, "bytes and port", 0, "on its own port, and its first bytes are right" },
	{ 2, "bytes", 0, "its first bytes are right, on a port of another's or nobody's" },
	{ 3, "port", 0, "the port alone" },
	{ 4, "number", 0, "the EtherType, service access points or IP protocol number, which are given to it alone" },
};
static const struct oto_names evidence_names = OTO_NAMES(evidence_rows);
enum evidence { BYTES_AND_PORT = 1, BYTES, PORT, NUMBER };

struct recognised_flow {
	const char *service;
	uint8_t evidence;
	struct oto_addr client, server;
	uint16_t port;
	bool has_port;
};
#define F(m, doc_, ...) OTO_FIELD(struct recognised_flow, m, doc_, __VA_ARGS__)
static const struct oto_field flow_fields[] = {
	F(service, "the protocol"),
	F(evidence, "what it was recognised by", .names = &evidence_names),
	F(client, "who asks; of a protocol without roles, who sent"),
	F(server, "who answers; of a protocol without roles, to whom"),
	F(port, "port of the server", .guard = OTO_IF(struct recognised_flow, has_port), .flags = OTO_PORT),
};
static const struct oto_log flow_logs[] = {
	{ .name = "recognised",
	  .doc = "Flows of protocols that are recognised and not read.",
	  .columns = "service evidence client server port",
	  .key = "service evidence client server port",
	  .form = OTO_FORM_AGGREGATE,
	  .flags = OTO_LOG_NOT_ZEEK | OTO_LOG_NOT_SENSOR | OTO_LOG_NO_ID },
};
static const struct oto_event_type flow_event = OTO_EVENT("recognised.flow", struct recognised_flow, flow_fields,
							  "A flow of a protocol that is recognised and not read.", OTO_LOGS(flow_logs));
static const struct oto_event_type *const events[] = { &flow_event };

/* ------------------------------------------------------------------------------------------------ rules */

struct shared {
	struct rule *rules;
	uint32_t n;
	/* by transport: those with ports first, then those of any port alone; in each part in the order of the tables */
	struct rule *first[RULE_TRANSPORTS], *last[RULE_TRANSPORTS];
};

static const char *keep_name(const struct oto_setup *how, struct oto_slice name)
{
	char *kept = how->keep(how, name.len + 1);

	memcpy(kept, name.data, name.len);
	return kept;
}

static uint32_t count_lines(struct oto_slice text)
{
	struct oto_slice line;
	uint32_t n = 0;

	while (say_line(&text, &line))
		n++;
	return n;
}

static void add(struct shared *s, struct rule *r)
{
	struct rule **link = s->last[r->transport] ? &s->last[r->transport]->next : &s->first[r->transport];

	*link = s->last[r->transport] = r;
	s->n++;
}

/* The rows of one table that name a port, or that do not. */
static bool read_table(const struct oto_setup *how, struct oto_slice text, const char *file, bool with_port, struct shared *s)
{
	struct rule_text row;
	const char *why;
	uint32_t line = 0;

	while (rule_next(&text, &line, &row, &why)) {
		struct rule *r = &s->rules[s->n];
		why = why ? why : rule_read(&row, NULL, r);
		if (why)
			return how->fail(how, "%s, line %u: %s", file, line, why);
		if ((r->nranges != 0) != with_port)
			continue;
		r->name = keep_name(how, row.name);
		add(s, r);
	}
	return true;
}

static bool setup(const struct oto_setup *how, void *at)
{
	struct shared *s = at;
	struct oto_slice site = how->read(how, "services.tsv", "/etc/otoscope/services.tsv"), own = oto_slice_of(recognised_rows);

	/* one more: a row that is left out is read into the place behind the last */
	s->rules = how->keep(how, (count_lines(site) + count_lines(own) + 1) * sizeof *s->rules);
	if (!read_table(how, site, "services.tsv", true, s) || !read_table(how, own, "table.c", true, s))
		return false;
	return read_table(how, site, "services.tsv", false, s) && read_table(how, own, "table.c", false, s);
}

/* ------------------------------------------------------------------------------------------------ flows */

enum { LLC = 0x10000 };

static bool flow_of(const struct oto_ctx *cx, struct oto_slice bytes, struct rule_flow *f)
{
	*f = (struct rule_flow){ .from_orig = cx->is_orig, .bytes = bytes, .source = (uint16_t)cx->key, .destination = (uint16_t)cx->key };
	switch (cx->transport) {
	case OTO_TCP:
	case OTO_UDP:
		f->transport = cx->transport == OTO_TCP ? RULE_TCP : RULE_UDP;
		f->source = oto_source_port(cx);
		f->destination = oto_dest_port(cx);
		return true;
	case OTO_ETH:
		f->transport = cx->key & LLC ? RULE_LLC : RULE_ETH;
		return true;
	case OTO_IP:
		f->transport = RULE_IP;
		return true;
	default:
		return false;
	}
}

static const struct rule *find(const struct oto_ctx *cx, struct oto_slice bytes, struct rule_flow *f)
{
	const struct shared *s = cx->shared;

	if (!flow_of(cx, bytes, f))
		return NULL;
	const struct rule *r = s->first[f->transport];
	while (r && !rule_fits(r, f))
		r = r->next;
	return r;
}

static enum evidence evidence_of(const struct rule *r, const struct rule_flow *f)
{
	if (r->transport != RULE_TCP && r->transport != RULE_UDP)
		return NUMBER;
	return !rule_on_port(r, (enum rule_side)r->side, f) ? BYTES : r->nsteps ? BYTES_AND_PORT : PORT;
}

/* Did the server say what was seen? By the rule; else by the ports: the one of the rule, or the responder's. */
static bool from_server(const struct rule *r, const struct rule_flow *f)
{
	if (r->side != RULE_ANY_SIDE)
		return r->side == RULE_SERVER;
	return rule_on_port(r, RULE_ANY_SIDE, f) ? !rule_on_port(r, RULE_CLIENT, f) : !f->from_orig;
}

static struct oto_addr address(const struct oto_ctx *cx, bool of_orig)
{
	struct oto_addr a = of_orig ? cx->head->orig_h : cx->head->resp_h;

	if (a.family == OTO_FAMILY_NONE && cx->head->has_mac) {
		a.family = OTO_FAMILY_MAC;
		memcpy(a.byte, (of_orig ? cx->head->orig_mac : cx->head->resp_mac).byte, 6);
	}
	return a;
}

static void tell_fact(struct oto_ctx *cx, const struct rule *r, enum evidence evidence, bool by_server)
{
	static const uint8_t confidence[] = {
		[BYTES_AND_PORT] = SAY_STATED, [BYTES] = SAY_INFERRED, [PORT] = SAY_HINT, [NUMBER] = SAY_STATED
	};
	bool number = evidence == NUMBER;

	oto_fact(cx, &(struct oto_fact){ .self_size = sizeof(struct oto_fact),
					 .key = number ? "protocol" : "service",
					 .value = oto_slice_of(r->name),
					 .confidence = confidence[evidence],
					 .whose = number || by_server ? OTO_SENDER : OTO_RECEIVER });
}

static enum oto_answer probe(const struct oto_ctx *cx, struct oto_cur c)
{
	struct rule_flow f;

	return find(cx, oto_rest(&c), &f) ? OTO_MINE : OTO_NOT_MINE;
}

static void pdu(struct oto_ctx *cx, struct oto_cur *c)
{
	struct rule_flow f;
	const struct rule *r = find(cx, oto_rest(c), &f);

	if (!r)
		return;
	enum evidence evidence = evidence_of(r, &f);
	bool by_server = evidence != NUMBER && from_server(r, &f), client_is_orig = cx->is_orig != by_server;
	struct recognised_flow e = {
		.service = r->name,
		.evidence = (uint8_t)evidence,
		.client = address(cx, client_is_orig),
		.server = address(cx, !client_is_orig),
		.port = client_is_orig ? cx->head->resp_p : cx->head->orig_p,
		.has_port = evidence != NUMBER,
	};
	oto_service(cx, r->name);
	tell_fact(cx, r, evidence, by_server);
	oto_emit(cx, 0, &e);
}

static const struct oto_analyzer recognised = {
	.self_size = sizeof recognised,
	.name = "recognised",
	.doc = "Protocols that are known by their first bytes and ports, and not read.",
	.keys = "last",
	.probe = probe,
	.pdu = pdu,
	.events = events,
	.nevents = 1,
	.shared_size = sizeof(struct shared),
	.setup = setup,
};
OTO_ANALYZER(recognised);
