/* attach.c - which analyzer a flow belongs to: claims by key, probes, children of a parent, and the calls into an analyzer. */
#include "analysis.h"

/* Decided: no analyzer wants this flow. Shared and never written. */
static const struct oto_analysis nobody_is;
#define EXPECTED UINT64_MAX /* the key of an announced flow: never found by chance, so never let go */
#define LLC_KEY 0x10000u
#define NOBODY ((struct oto_analysis *)(uintptr_t)&nobody_is)

/* ------------------------------------------------------------------------------------------------ calls */

static inline struct oto_run run_begin(struct oto_analyzers *as, struct oto_flow *f, enum oto_dir dir)
{
	struct oto_run r = { .as = as, .flow = f, .dir = dir };

	r.cx.host = &as->host.host;
	r.cx.head = oto_engine_head(as->engine, f, dir);
	r.cx.is_orig = dir == OTO_ORIG;
	r.cx.transport = f->transport;
	return r;
}

static inline void run_on(struct oto_run *r, struct oto_instance *in)
{
	r->in = in;
	r->ends = 0;
	r->cx.self = in->entry->origin;
	r->cx.state = in->state;
	r->cx.shared = in->entry->shared;
	r->cx.key = in->key;
	r->cx.depth = in->depth;
}

enum oto_answer oto_run_probe(struct oto_run *r, const struct oto_analyzer_entry *entry, struct oto_slice bytes)
{
	if (!entry->a.probe)
		return OTO_MINE;
	oto_cost(entry)->probes++;
	const struct oto_analyzer *self = r->cx.self;
	void *shared = r->cx.shared;
	r->cx.self = entry->origin;
	r->cx.shared = entry->shared;
	enum oto_answer answer = entry->a.probe(&r->cx, oto_cur_of(bytes));
	r->cx.self = self;
	r->cx.shared = shared;
	return answer;
}

bool oto_run_pdu(struct oto_run *r, struct oto_slice pdu)
{
	struct oto_analyzer_cost *cost = oto_cost(r->in->entry);
	struct oto_bus_mark mark = oto_bus_mark(r->as->bus);
	struct oto_cur c = oto_cur_of(pdu);

	r->cur = &c;
	r->matched = NULL;
	r->request = NULL;
	r->more = 0;
	cost->pdus++;
	cost->bytes += pdu.len;
	const char *before = r->flow ? r->flow->service : NULL;
	r->in->entry->a.pdu(&r->cx, &c);
	r->cur = NULL;
	if (!c.bad) {
		if (!r->in->understood && !r->loose) {
			r->in->understood = true;
			bool named = r->flow->service && r->flow->service != before; /* by the PDU itself */
			if (!named && (!r->flow->service || r->in->depth))           /* the innermost names the flow */
				r->flow->service = r->in->entry->a.name;
		}
		return true;
	}
	oto_bus_rewind(r->as->bus, mark);
	if (!r->in->understood && r->in->tries < UINT8_MAX)
		r->in->tries++;
	cost->truncated++;
	if (!r->cut) {
		cost->weirds++;
		oto_engine_weird(r->as->engine, r->cx.head, r->in->entry->a.name, "truncated", (struct oto_slice){ 0 });
	}
	return false;
}

/* ------------------------------------------------------------------------------------------------ candidates */

/* Where a flow's claims are looked up: its transport, and the numbers in order of preference. */
struct place {
	uint32_t parent, nkeys;
	uint64_t key[2];
	const struct oto_any_port *any;
};

static struct place place_of(const struct oto_analyzers *as, const struct oto_flow *f)
{
	const struct oto_layers *l = as->engine->layers;

	switch (f->transport) {
	case OTO_TCP:
		return (struct place){ OTO_PARENT_TCP, 2, { f->side[OTO_RESP].port, f->side[OTO_ORIG].port }, &as->any_tcp };
	case OTO_UDP:
		return (struct place){ OTO_PARENT_UDP, 2, { f->side[OTO_RESP].port, f->side[OTO_ORIG].port }, &as->any_udp };
	case OTO_ICMP:
		return (struct place){ OTO_PARENT_ICMP, 1, { l ? l->icmp_type : 0 }, NULL };
	case OTO_ICMP6:
		return (struct place){ OTO_PARENT_ICMP6, 1, { l ? l->icmp_type : 0 }, NULL };
	case OTO_ETH:
		return (struct place){ f->llc ? OTO_PARENT_LLC : OTO_PARENT_ETH, 1, { f->ethertype }, NULL };
	default:
		return (struct place){ OTO_PARENT_IP, 1, { f->ip_proto }, NULL };
	}
}

static struct oto_analyzer_entry *choose_any(struct oto_run *r, const struct oto_any_port *all, struct oto_slice bytes, bool *need,
					     bool *any)
{
	for (uint32_t i = 0; i < all->n; i++) {
		*any = true;
		enum oto_answer answer = oto_run_probe(r, all->who[i], bytes);
		if (answer == OTO_MINE)
			return all->who[i];
		*need |= answer == OTO_NEED_MORE;
	}
	return NULL;
}

/* Asks the candidates in turn: those whose key fits, then those that take any port. *need: somebody wants more bytes first; *claimed: a key
 * fits. The probe decides; order only tells who is asked first. */
static struct oto_analyzer_entry *choose(struct oto_run *r, struct oto_slice bytes, bool *need, bool *claimed, bool *any)
{
	const struct oto_analyzers *as = r->as;
	struct place at = place_of(as, r->flow);

	for (uint32_t k = 0; k < at.nkeys; k++) {
		struct oto_claims_span claims = oto_claims_at(&as->claims, at.parent, at.key[k]);
		for (const struct oto_claim *claim = claims.from; claim < claims.to; claim++) {
			*claimed = true;
			r->cx.key = claim->key;
			enum oto_answer answer = oto_run_probe(r, claim->who, bytes);
			if (answer == OTO_MINE)
				return claim->who;
			*need |= answer == OTO_NEED_MORE;
		}
	}
	r->cx.key = 0;
	return at.any ? choose_any(r, at.any, bytes, need, any) : NULL;
}

struct oto_instance *oto_attach_new(struct oto_analyzers *as, struct oto_analyzer_entry *entry)
{
	struct oto_instance *in = oto_pool_get(&as->pool, sizeof *in + (entry ? entry->a.state_size : 0));

	in->entry = entry;
	return in;
}

static struct oto_analysis *analysis_of(struct oto_analyzers *as, struct oto_flow *f)
{
	if (!f->analysis)
		f->analysis = oto_pool_get(&as->pool, sizeof *f->analysis);
	return f->analysis;
}

/* A flow that another one announced. */
static bool attach_expected(struct oto_run *r, struct oto_analysis *an)
{
	const struct oto_flow *f = r->flow;
	struct oto_analyzer_entry *entry = NULL;

	for (int side = OTO_RESP; side >= OTO_ORIG && !entry; side--)
		entry = oto_expected_take(r->as->expected, f->transport, &f->side[side].addr, f->side[side].port, r->as->engine->now_ns);
	if (!entry)
		return false;
	an->instance = oto_attach_new(r->as, entry);
	an->instance->key = EXPECTED;
	return true;
}

static void free_instances(struct oto_run *r, struct oto_instance *in);

/* ------------------------------------------------------------------------------------------------ asked last */

static uint64_t number_of(const struct oto_analyzers *as, const struct oto_flow *f)
{
	struct place at = place_of(as, f);
	return at.parent == OTO_PARENT_LLC ? LLC_KEY | at.key[0] : at.key[0];
}

/* Nobody wanted these bytes so far: may they be of one who is asked last? */
static void guess(struct oto_run *r, struct oto_analysis *an, struct oto_slice bytes)
{
	struct oto_claims_span last = oto_claims_under(&r->as->claims, OTO_PARENT_LAST);

	bytes.len = bytes.len < GUESS_BYTES ? bytes.len : GUESS_BYTES;
	for (const struct oto_claim *claim = last.from; claim < last.to && !an->guess; claim++) {
		r->cx.key = number_of(r->as, r->flow);
		if (oto_run_probe(r, claim->who, bytes) != OTO_MINE)
			continue;
		an->guess = oto_pool_get(&r->as->pool, sizeof *an->guess + bytes.len);
		*an->guess = (struct oto_guess){ .entry = claim->who, .key = r->cx.key, .len = bytes.len, .dir = (uint8_t)r->dir };
		memcpy(an->guess->bytes, bytes.data, bytes.len);
	}
}

/* Nobody else took the flow. */
static void settle(struct oto_analyzers *as, struct oto_flow *f, struct oto_guess *g)
{
	struct oto_run r = run_begin(as, f, g->dir);
	struct oto_instance *in = oto_attach_new(as, g->entry);
	struct oto_slice bytes = { oto_bus_copy(as->bus, g->bytes, g->len), g->len };

	in->key = g->key;
	run_on(&r, in);
	if (bytes.data)
		oto_run_pdu(&r, bytes);
	free_instances(&r, in);
	oto_pool_put(&as->pool, g, sizeof *g + g->len);
}

static void nobody_wants(struct oto_analyzers *as, struct oto_flow *f)
{
	struct oto_guess *g = f->analysis->guess;

	oto_framing_release(as, &f->analysis->side[0]);
	oto_framing_release(as, &f->analysis->side[1]);
	oto_pool_put(&as->pool, f->analysis, sizeof *f->analysis);
	f->analysis = NOBODY;
	if (g)
		settle(as, f, g);
}

/* A probe on any port may be mistaken; what never made sense is let go, and the flow with it. */
static void let_go_if_mistaken(struct oto_run *r)
{
	struct oto_instance *in = r->flow->analysis->instance;

	if (in->key || in->understood || in->tries < MAX_MISTAKES)
		return;
	free_instances(r, in);
	nobody_wants(r->as, r->flow);
}

/* ------------------------------------------------------------------------------------------------ datagrams */

static bool attach_datagram(struct oto_run *r, struct oto_analysis *an, struct oto_slice payload)
{
	bool need = false, claimed = false, any = false;

	if (!an->tries && attach_expected(r, an))
		return true;
	struct oto_analyzer_entry *entry = choose(r, payload, &need, &claimed, &any);

	if (entry) {
		uint64_t key = r->cx.key;
		an->instance = oto_attach_new(r->as, entry);
		an->instance->key = key;
		return true;
	}
	guess(r, an, payload);
	if (++an->tries >= OFFER_SEGMENTS || !(claimed || any))
		nobody_wants(r->as, r->flow);
	return false;
}

void oto_analyzer_datagram(struct oto_analyzers *as, struct oto_flow *f, enum oto_dir dir, struct oto_slice payload, uint32_t lost)
{
	if (f->analysis == NOBODY || !payload.len)
		return;
	struct oto_analysis *an = analysis_of(as, f);
	struct oto_run r = run_begin(as, f, dir);
	if (!an->instance && !attach_datagram(&r, an, payload))
		return;
	run_on(&r, an->instance);
	if (f->transport == OTO_ICMP6 || f->transport == OTO_ICMP)
		r.cx.key = as->engine->layers ? as->engine->layers->icmp_type : 0;
	r.cut = lost != 0;
	const struct oto_analyzer *a = &an->instance->entry->a;
	/* Several PDUs in a datagram are framed like a stream's; what does not end inside it is malformed. */
	while (payload.len) {
		int64_t n = a->pdu_len ? a->pdu_len(&r.cx, oto_cur_of(payload)) : payload.len;
		if (n <= 0 || n > payload.len)
			n = payload.len;
		if (!oto_run_pdu(&r, (struct oto_slice){ payload.data, (uint32_t)n }))
			break;
		payload.data += n;
		payload.len -= (uint32_t)n;
	}
	let_go_if_mistaken(&r);
}

/* ------------------------------------------------------------------------------------------------ streams */

/* Offer a stream's next bytes. On success *bytes is what the analyzer gets for this direction, held bytes included. */
static bool attach_stream(struct oto_run *r, struct oto_analysis *an, struct oto_slice *bytes, bool midstream)
{
	struct oto_framing *s = &an->side[r->dir], *other = &an->side[!r->dir];
	bool need = false, claimed = false, any = false;

	an->midstream |= midstream;
	if (!s->tries && !s->len && attach_expected(r, an))
		return true;
	if (s->len) {
		oto_framing_hold(r->as, s, *bytes, 0);
		*bytes = (struct oto_slice){ oto_bus_copy(r->as->bus, s->held, s->len), s->len };
		if (!bytes->data)
			return false;
	}
	struct oto_analyzer_entry *entry = choose(r, *bytes, &need, &claimed, &any);
	if (entry) {
		uint64_t key = r->cx.key;
		oto_framing_release(r->as, s);
		an->instance = oto_attach_new(r->as, entry);
		an->instance->key = key;
		if (other->len) { /* it spoke first, but too little to tell */
			struct oto_run first = run_begin(r->as, r->flow, !r->dir);
			struct oto_slice held = { oto_bus_copy(r->as->bus, other->held, other->len), other->len };
			oto_framing_release(r->as, other);
			run_on(&first, an->instance);
			if (held.data)
				oto_framing_feed(&first, other, held);
		}
		return true;
	}
	if (need && bytes->len < 2048) {
		if (!s->len)
			oto_framing_hold(r->as, s, *bytes, 0);
		return false;
	}
	guess(r, an, *bytes);
	s->tries += s->tries < UINT8_MAX;
	s->tried_bytes += bytes->len;
	oto_framing_release(r->as, s);
	bool patient = claimed || an->midstream;
	uint32_t tries = s->tries + other->tries, limit = patient ? OFFER_SEGMENTS : 4;
	bool heard_both = !patient && s->tries && other->tries;
	if (!(claimed || any) || heard_both || tries >= limit || s->tried_bytes + other->tried_bytes >= OFFER_BYTES)
		nobody_wants(r->as, r->flow);
	return false;
}

void oto_analyzer_bytes(struct oto_analyzers *as, struct oto_flow *f, enum oto_dir dir, struct oto_slice bytes, bool midstream)
{
	if (f->analysis == NOBODY || !bytes.len)
		return;
	struct oto_analysis *an = analysis_of(as, f);
	struct oto_run r = run_begin(as, f, dir);
	if (!an->instance && !attach_stream(&r, an, &bytes, midstream))
		return;
	run_on(&r, an->instance);
	oto_framing_feed(&r, &an->side[dir], bytes);
	let_go_if_mistaken(&r);
}

static void gap_for(struct oto_run *r, struct oto_instance *in, uint64_t n)
{
	for (; in; in = in->next) {
		if (!in->entry)
			continue;
		gap_for(r, in->children, n);
		run_on(r, in);
		oto_framing_forget(r);
		if (in->inner)
			oto_framing_gap(r, &in->inner[r->dir], 0);
		if (in->entry->pairs)
			oto_pairs_gap(in->entry->pairs, oto_pairs_scope(in->entry->pairs, &in->scope, r->cx.head, false));
		if (in->entry->a.gap)
			in->entry->a.gap(&r->cx, n);
	}
}

void oto_analyzer_gap(struct oto_analyzers *as, struct oto_flow *f, enum oto_dir dir, uint64_t n)
{
	struct oto_analysis *an = f->analysis;

	if (!an || an == NOBODY)
		return;
	struct oto_run r = run_begin(as, f, dir);
	if (!an->instance) {
		an->midstream = true;
		oto_framing_release(as, &an->side[dir]);
		return;
	}
	run_on(&r, an->instance);
	oto_framing_gap(&r, &an->side[dir], n);
	gap_for(&r, an->instance, n);
}

/* ------------------------------------------------------------------------------------------------ children */

static struct oto_instance *child_at(struct oto_run *r, uint32_t parent, uint64_t key)
{
	uint32_t n = 0;

	for (struct oto_instance *in = r->in->children; in; in = in->next, n++) {
		if (in->channel == parent && in->key == key)
			return in;
	}
	if (n >= MAX_CHILDREN || r->in->depth + 1u >= MAX_DEPTH)
		return NULL;
	struct oto_instance *in = oto_attach_new(r->as, NULL);
	in->channel = parent;
	in->key = key;
	in->next = r->in->children;
	r->in->children = in;
	return in;
}

/* Who says that the bytes are his: the claims of the channel, and inside a stream those who take any port. *need: somebody wants more. */
static struct oto_analyzer_entry *choose_child(struct oto_run *r, const struct oto_instance *undecided, struct oto_slice bytes, bool *need)
{
	const struct oto_analyzers *as = r->as;
	struct oto_claims_span claims = oto_claims_under(&as->claims, undecided->channel);
	bool any;

	r->cx.key = undecided->key;
	r->cx.depth = (uint16_t)(r->in->depth + 1);
	for (const struct oto_claim *claim = claims.from; claim < claims.to; claim++) {
		if (claim->key && claim->key != undecided->key)
			continue;
		enum oto_answer answer = oto_run_probe(r, claim->who, bytes);
		if (answer == OTO_MINE)
			return claim->who;
		*need |= answer == OTO_NEED_MORE;
	}
	return undecided->channel == OTO_PARENT_STREAM ? choose_any(r, &as->any_tcp, bytes, need, &any) : NULL;
}

/* The child that the probes choose takes the place of the undecided entry. */
static struct oto_instance *decide(struct oto_run *r, struct oto_instance *undecided, struct oto_slice bytes, bool *need)
{
	struct oto_analyzer_entry *entry = choose_child(r, undecided, bytes, need);

	if (!entry)
		return undecided;
	struct oto_instance **link = &r->in->children;
	while (*link != undecided)
		link = &(*link)->next;
	struct oto_instance *in = oto_attach_new(r->as, entry);
	in->next = undecided->next;
	in->channel = undecided->channel;
	in->key = undecided->key;
	in->inner = undecided->inner;
	in->depth = (uint16_t)(r->in->depth + 1);
	*link = in;
	oto_pool_put(&r->as->pool, undecided, sizeof *undecided);
	return in;
}

void oto_attach_deliver(struct oto_run *parent, uint32_t channel, uint64_t key, struct oto_slice pdu)
{
	struct oto_instance *in = child_at(parent, channel, key);
	bool need = false;

	if (!in)
		return;
	struct oto_run r = *parent;
	if (!in->entry && in->tries < OFFER_SEGMENTS) {
		in = decide(&r, in, pdu, &need);
		in->tries += !in->entry;
	}
	if (!in->entry)
		return;
	run_on(&r, in);
	oto_run_pdu(&r, pdu);
}

/* As oto_attach_deliver(), but the first bytes may be too few to tell, and are held. False: nobody's, or not yet. */
static bool decide_stream(struct oto_run *r, struct oto_instance **in, struct oto_slice *bytes)
{
	struct oto_framing *s = &(*in)->inner[r->dir];
	bool need = false;

	if ((*in)->tries >= OFFER_SEGMENTS)
		return false;
	oto_framing_hold(r->as, s, *bytes, 0);
	*bytes = (struct oto_slice){ oto_bus_copy(r->as->bus, s->held, s->len), s->len };
	if (bytes->data)
		*in = decide(r, *in, *bytes, &need);
	if ((*in)->entry || !need || bytes->len >= 2048)
		oto_framing_release(r->as, s);
	(*in)->tries += !(*in)->entry && !need;
	return (*in)->entry;
}

void oto_attach_stream(struct oto_run *parent, uint32_t channel, uint64_t key, struct oto_slice bytes)
{
	struct oto_instance *in = child_at(parent, channel, key);
	struct oto_run r = *parent;

	if (!in)
		return;
	if (!in->inner)
		in->inner = oto_pool_get(&r.as->pool, 2 * sizeof *in->inner);
	bool undecided = !in->entry;
	if (undecided && !decide_stream(&r, &in, &bytes))
		return;
	struct oto_framing *other = &in->inner[!r.dir];
	if (undecided && other->len) { /* it spoke first, but too little to tell */
		struct oto_run first = run_begin(r.as, r.flow, !r.dir);
		struct oto_slice held = { oto_bus_copy(r.as->bus, other->held, other->len), other->len };
		oto_framing_release(r.as, other);
		run_on(&first, in);
		if (held.data)
			oto_framing_feed(&first, other, held);
	}
	run_on(&r, in);
	oto_framing_feed(&r, &in->inner[r.dir], bytes);
}

/* ------------------------------------------------------------------------------------------------ handshakes */

void oto_analyzer_syn(struct oto_analyzers *as, struct oto_flow *f, enum oto_dir dir, struct oto_slice ip_packet)
{
	for (uint32_t i = 0; i < as->n; i++) {
		if (!as->entries[i]->loose)
			continue;
		struct oto_run r = run_begin(as, f, dir);
		r.loose = true;
		run_on(&r, as->entries[i]->loose);
		if (as->entries[i]->a.state_size)
			memset(r.cx.state, 0, as->entries[i]->a.state_size);
		oto_run_pdu(&r, ip_packet);
	}
}

/* ------------------------------------------------------------------------------------------------ end */

/* Outermost first, as they spoke. */
static void close_instances(struct oto_run *r, struct oto_instance *in)
{
	struct oto_cur nothing = { 0 };

	for (; in; in = in->next) {
		if (in->entry && in->entry->a.closing && in->understood) {
			run_on(r, in);
			r->matched = NULL;
			r->request = NULL;
			r->cur = &nothing;
			r->closing = true;
			in->entry->a.closing(&r->cx);
			r->closing = false;
			r->cur = NULL;
		}
		close_instances(r, in->children);
	}
}

static void free_instances(struct oto_run *r, struct oto_instance *in)
{
	for (struct oto_instance *next; in; in = next) {
		next = in->next;
		free_instances(r, in->children);
		if (in->inner) {
			oto_framing_release(r->as, &in->inner[0]);
			oto_framing_release(r->as, &in->inner[1]);
			oto_pool_put(&r->as->pool, in->inner, 2 * sizeof *in->inner);
		}
		if (!in->entry) {
			oto_pool_put(&r->as->pool, in, sizeof *in);
			continue;
		}
		run_on(r, in);
		if (in->entry->pairs && in->entry->a.pairing->scope == OTO_SCOPE_FLOW)
			oto_pairs_flow_end(in->entry->pairs, &in->scope);
		if (in->entry->a.ended)
			in->entry->a.ended(&r->cx);
		oto_framing_drop(r->as, in);
		oto_attach_let_go_all(r->as, in);
		oto_pool_put(&r->as->pool, in, sizeof *in + in->entry->a.state_size);
	}
}

void oto_analyzer_end(struct oto_analyzers *as, struct oto_flow *f)
{
	struct oto_analysis *an = f->analysis;

	f->analysis = NOBODY;
	if (!an || an == NOBODY)
		return;
	for (int dir = OTO_ORIG; dir <= OTO_RESP && !an->instance; dir++) { /* too few bytes for anybody to be sure */
		struct oto_run held = run_begin(as, f, (enum oto_dir)dir);
		if (an->side[dir].len)
			guess(&held, an, (struct oto_slice){ an->side[dir].held, an->side[dir].len });
	}
	if (an->guess && an->instance)
		oto_pool_put(&as->pool, an->guess, sizeof *an->guess + an->guess->len);
	else if (an->guess)
		settle(as, f, an->guess);
	struct oto_run r = run_begin(as, f, OTO_ORIG);
	close_instances(&r, an->instance);
	free_instances(&r, an->instance);
	oto_framing_release(as, &an->side[0]);
	oto_framing_release(as, &an->side[1]);
	oto_pool_put(&as->pool, an, sizeof *an);
}
