/* pairing.c - open requests by scope and key. See pairing.h. */
#include "pairing.h"
#include "memory.h"

#include <stdlib.h>

#define RETRY_AFTER (200 * OTO_MS) /* no poller gives up sooner, no pipeline is longer */
#define DEFAULT_BOUND 64u
#define DEFAULT_EXPIRY (10 * OTO_SECOND)
#define SCOPE_BUCKETS 1024u

struct oto_pairs {
	struct oto_pairing spec;
	struct oto_pool *pool;
	struct oto_pool_kind request_kind, scope_kind;
	uint64_t seed;
	oto_pair_given_up *given_up;
	void *who;
	struct oto_request *oldest, *newest;
	struct oto_request *closed; /* matched last; its note may still be read */
	int64_t *due_ns;            /* before which nothing is overdue, of all pairs that share it */
	struct oto_pair_scope *scopes[SCOPE_BUCKETS];
};

struct oto_pairs *oto_pairs_new(const struct oto_pairing *spec, struct oto_pool *pool, uint64_t seed, int64_t *due_ns,
				oto_pair_given_up *given_up, void *who)
{
	struct oto_pairs *p = oto_calloc(1, sizeof *p);

	*p = (struct oto_pairs){ .pool = pool, .seed = seed, .due_ns = due_ns, .given_up = given_up, .who = who };
	/* A pairing of an older object is shorter: what it did not know is zero. */
	memcpy(&p->spec, spec, spec->self_size < sizeof p->spec ? spec->self_size : sizeof p->spec);
	if (!p->spec.bound)
		p->spec.bound = DEFAULT_BOUND;
	if (!p->spec.expiry_ns)
		p->spec.expiry_ns = DEFAULT_EXPIRY;
	p->request_kind = oto_pool_kind_of(sizeof(struct oto_request) + p->spec.note_size);
	p->scope_kind = oto_pool_kind_of(sizeof(struct oto_pair_scope));
	return p;
}

void oto_pairs_free(struct oto_pairs *p)
{
	free(p); /* requests and scopes live in the pool */
}

static void release_closed(struct oto_pairs *p)
{
	if (p->closed)
		oto_pool_give(p->pool, p->request_kind, p->closed);
	p->closed = NULL;
}

/* ------------------------------------------------------------------------------------------------ scopes */

static __attribute__((noinline)) struct oto_pair_scope *scope_of_flow(struct oto_pairs *p, struct oto_pair_scope **flow_scope)
{
	*flow_scope = oto_pool_take(p->pool, p->scope_kind);
	**flow_scope = (struct oto_pair_scope){ .of_flow = true };
	return *flow_scope;
}

static __attribute__((noinline)) struct oto_pair_scope *scope_of_many(struct oto_pairs *p, const struct oto_head *head, bool create)
{
	uint64_t hash = oto_scope_hash(p->seed, p->spec.scope, head);
	struct oto_pair_scope **bucket = &p->scopes[hash % SCOPE_BUCKETS], *s = *bucket;

	while (s && s->hash != hash)
		s = s->chain;
	if (!s && create) {
		s = oto_pool_take(p->pool, p->scope_kind);
		*s = (struct oto_pair_scope){ .hash = hash, .chain = *bucket };
		*bucket = s;
	}
	return s;
}

struct oto_pair_scope *oto_pairs_scope(struct oto_pairs *p, struct oto_pair_scope **flow_scope, const struct oto_head *head, bool create)
{
	if (p->spec.scope != OTO_SCOPE_FLOW)
		return scope_of_many(p, head, create);
	return *flow_scope || !create ? *flow_scope : scope_of_flow(p, flow_scope);
}

/* A flow that asks goes on asking: its scope stays until it ends. */
static void scope_gone(struct oto_pairs *p, struct oto_pair_scope *s)
{
	if (s->count || s->of_flow)
		return;
	struct oto_pair_scope **link = &p->scopes[s->hash % SCOPE_BUCKETS];
	while (*link != s)
		link = &(*link)->chain;
	*link = s->chain;
	oto_pool_give(p->pool, p->scope_kind, s);
}

/* ------------------------------------------------------------------------------------------------ requests */

static void unlink_request(struct oto_pairs *p, struct oto_request *r)
{
	struct oto_pair_scope *s = r->scope;

	*(r->prev ? &r->prev->next : &s->oldest) = r->next;
	*(r->next ? &r->next->prev : &s->newest) = r->prev;
	*(r->older ? &r->older->newer : &p->oldest) = r->newer;
	*(r->newer ? &r->newer->older : &p->newest) = r->older;
	s->count--;
}

static void give_up(struct oto_pairs *p, struct oto_request *r)
{
	struct oto_pair_scope *s = r->scope;

	unlink_request(p, r);
	if (!r->answered)
		p->given_up(p->who, r);
	oto_pool_give(p->pool, p->request_kind, r);
	scope_gone(p, s);
}

static struct oto_request *find(struct oto_pairs *p, struct oto_pair_scope *s, uint64_t key)
{
	struct oto_request *r = s->oldest;

	while (r && p->spec.keyed && r->key != key)
		r = r->next;
	return r;
}

static void be_due(const struct oto_pairs *p, const struct oto_request *r)
{
	if (r->head.ts.ns < *p->due_ns - p->spec.expiry_ns)
		*p->due_ns = r->head.ts.ns + p->spec.expiry_ns;
}

struct oto_request *oto_pairs_open(struct oto_pairs *p, struct oto_pair_scope *s, uint64_t key, const struct oto_head *head,
				   const void *note)
{
	struct oto_request *r = oto_pool_take(p->pool, p->request_kind);

	memset(r, 0, offsetof(struct oto_request, head));
	r->scope = s;
	r->key = key;
	r->head = *head;
	r->prev = s->newest;
	if (note)
		memcpy(r->note, note, p->spec.note_size);
	else
		memset(r->note, 0, p->spec.note_size);
	*(s->newest ? &s->newest->next : &s->oldest) = r;
	s->newest = r;
	r->older = p->newest;
	*(p->newest ? &p->newest->newer : &p->oldest) = r;
	p->newest = r;
	be_due(p, r);
	s->count++;

	struct oto_request *same = p->spec.keyed && !p->spec.repeats ? find(p, s, key) : r;
	if (same != r && head->ts.ns - same->head.ts.ns >= RETRY_AFTER) {
		r->retries = same->retries + 1;
		give_up(p, same);
	}
	if (s->count > p->spec.bound)
		give_up(p, s->oldest);
	return r;
}

struct oto_request *oto_pairs_match(struct oto_pairs *p, struct oto_pair_scope *s, uint64_t key, int64_t now_ns, struct oto_match *m)
{
	struct oto_request *r = s ? find(p, s, key) : NULL;

	release_closed(p);
	memset(m, 0, offsetof(struct oto_match, note)); /* the note is long, and read only when found */
	m->self_size = sizeof *m;
	if (!r)
		return NULL;
	m->found = true;
	m->unsure = r->unsure;
	m->retries = r->retries;
	m->asked = r->head.ts;
	m->latency.ns = now_ns - r->head.ts.ns;
	m->op_id = r->op_id;
	memcpy(m->note, r->note, p->spec.note_size);
	r->answered = true;
	if (!p->spec.many) {
		struct oto_pair_scope *scope = r->scope;
		unlink_request(p, r);
		p->closed = r;
		scope_gone(p, scope);
	}
	return r;
}

void oto_pairs_gap(struct oto_pairs *p, struct oto_pair_scope *s)
{
	if (!s)
		return;
	if (!p->spec.keyed) {
		for (uint32_t left = s->count; left > 0; left--)
			give_up(p, s->oldest); /* the scope goes with the last */
		return;
	}
	for (struct oto_request *r = s->oldest; r; r = r->next)
		r->unsure = true;
}

void oto_pairs_flow_end(struct oto_pairs *p, struct oto_pair_scope **flow_scope)
{
	struct oto_pair_scope *s = *flow_scope;

	if (!s)
		return;
	while (s->oldest)
		give_up(p, s->oldest);
	*flow_scope = NULL;
	oto_pool_give(p->pool, p->scope_kind, s);
}

/* What was asked in the future was so before the clock was set back. */
static bool is_over(const struct oto_pairs *p, int64_t asked_ns, int64_t now_ns)
{
	return now_ns - asked_ns >= p->spec.expiry_ns || asked_ns - now_ns >= p->spec.expiry_ns;
}

void oto_pairs_expire(struct oto_pairs *p, int64_t now_ns)
{
	while (p->oldest && is_over(p, p->oldest->head.ts.ns, now_ns))
		give_up(p, p->oldest);
	if (p->oldest)
		be_due(p, p->oldest);
}
