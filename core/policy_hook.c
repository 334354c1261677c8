/* policy_hook.c - who hears an event: the hooks of its type in load order, their conditions asked and their keys counted in C before Lua is
 * entered.
 *
 * One listener per event type. What the first hooks of a type read is laid out as soon as an event comes, so that events like earlier ones
 * need one look-up for all of them (hook_cache.h); it is laid out anew when a hook comes or goes. A hook that comes while an event is being
 * told hears it, too.
 *
 * Of events whose author says them again by a key (oto_bus_again()) it is remembered which tallies count them: when these are all that
 * takes one, it is never built.
 */
#include "hook_cache.h"
#include "policy_hook.h"

#include <stdlib.h>

/* A handler on one event type, its filter compiled for it. */
struct hook {
	struct oto_handler *handler;
	struct oto_filter *filter;
	struct oto_tally_source *source;
	struct oto_window_source *counted;
	struct oto_ranged *ranged;
	struct hook *next;
};

#define FEW_HOOKS 4u
#define REMEMBERED 4096u
#define TALLIES 24u

/* All that takes an event with this key, and where it counts it. */
struct remembered {
	uint64_t key;
	uint32_t n, refused;
	struct {
		const struct oto_tally_source *source;
		struct oto_row_ref row;
	} counted[TALLIES];
};

struct oto_listener {
	struct oto_listener *next;
	struct oto_policy *policy;
	struct oto_event_def *def;
	struct hook *first, **end;
	bool stale;     /* a hook came or went */
	uint32_t nlaid; /* 0: no cache is worth it */
	const struct hook *laid[OTO_HOOK_CACHED];
	uint8_t width[OTO_HOOK_CACHED];  /* whose cache knows about it */
	uint8_t row_at[OTO_HOOK_CACHED]; /* where its rows begin there */
	uint64_t alone;                  /* no cache does */
	struct oto_hook_cache *cache[OTO_HOOK_WIDTHS];
	bool forgetful;                /* some hook reads what keys do not tell, or there are too many */
	struct remembered *remembered; /* by key; NULL until there is one */
	struct oto_cost *cost, *again_cost;
};

/* ------------------------------------------------------------------------------------------------ dispatch */

static bool call(struct oto_policy *p, const struct oto_handler *h, int function, const struct oto_event *event, uint32_t n, int nresults)
{
	struct oto_lua *lua = &p->scripts;

	lua->generation++;
	p->pattern = h->wildcard ? h->event : NULL;
	lua_rawgeti(lua->L, LUA_REGISTRYINDEX, function);
	oto_push_view(lua->L, event);
	lua_pushinteger(lua->L, n);
	bool ok = oto_lua_run(lua, h->script, 2, nresults);
	p->pattern = NULL;
	lua->generation++;
	return ok;
}

bool oto_hook_call(struct oto_policy *p, const struct oto_handler *h, int function, const struct oto_event *event, int nresults)
{
	return call(p, h, function, event, 1, nresults);
}

static bool handle(struct oto_policy *p, const struct hook *k, const struct oto_event *event, uint32_t n, int nresults)
{
	return call(p, k->handler, k->handler->function, event, n, nresults);
}

/* The first of its key. A text that the function returns is its label, false: there is more to do. */
static void meet(struct oto_policy *p, const struct hook *k, const struct oto_event *event)
{
	lua_State *L = p->scripts.L;

	if (!handle(p, k, event, 1, 1))
		return;
	if (lua_isboolean(L, -1) && !lua_toboolean(L, -1))
		oto_tally_not_done(k->source, event);
	else if (!lua_isnil(L, -1))
		oto_lua_label(p, k->source, event);
	lua_settop(L, -2);
}

/* `known`: an event like this one was taken, and there is where it was counted. */
static inline void dispatch(struct oto_policy *p, const struct hook *k, const struct oto_event *event, struct oto_row_ref *known)
{
	const struct oto_handler *h = k->handler;
	uint32_t n = 1;

	if (h->off)
		return;
	if (!known && k->filter && !oto_filter_match(k->filter, event)) {
		p->stats.filtered++;
		return;
	}
	if (k->ranged) {
		oto_ranged_hear(k->ranged, p, k->source, event, known);
		return;
	}
	if (k->source && !oto_tally_add(k->source, event, known))
		return;
	if (k->counted)
		n = oto_window_add(k->counted, event, known && k->source ? known + 1 : known);
	if (h->function == LUA_NOREF || n < h->many)
		return;
	if (k->source && !k->counted)
		meet(p, k, event);
	else
		handle(p, k, event, n, 0);
}

typedef void dispatch_fn(struct oto_policy *p, const struct hook *k, const struct oto_event *event, struct oto_row_ref *known);

static void dispatch_measured(struct oto_policy *p, const struct hook *k, const struct oto_event *event, struct oto_row_ref *known)
{
	struct oto_cost *cost = k->handler->cost;
	uint64_t begin = oto_cost_begin(p, cost);

	dispatch(p, k, event, known);
	oto_cost_end(p, cost, begin);
}

/* ------------------------------------------------------------------------------------------------ events said again */

/* Does it only count, by what keys tell, in a row that it knows? Where the script would hear, it is asked each time. What events of several
 * types are counted in is counted in their order. */
static bool only_counts(const struct oto_listener *l, const struct hook *k)
{
	for (uint32_t i = 0; k->source && i < k->source->tally->nsums; i++) {
		if (k->source->sum[i].field && k->source->sum[i].field != l->def->measured)
			return false;
	}
	return k->source && !k->ranged && k->source->tally->sources == 1;
}

static void forget(struct oto_listener *l)
{
	if (l->remembered)
		memset(l->remembered, 0, REMEMBERED * sizeof *l->remembered);
	l->forgetful = !l->nlaid;
	for (const struct hook *k = l->nlaid ? l->laid[l->nlaid - 1]->next : NULL; k; k = k->next)
		l->forgetful |= !k->handler->off;
	for (uint32_t i = 0; i < l->nlaid; i++)
		l->forgetful |= !oto_hook_is_settled(l->laid[i]->filter);
}

/* `told`: by what is known, if it is. */
static void remember(struct oto_listener *l, const struct oto_event *event, uint64_t told, struct oto_hook_known *const *known)
{
	struct remembered r = { .key = event->key };

	for (uint32_t w = 0; w < OTO_HOOK_WIDTHS; w++) {
		if (l->cache[w] && !known[w])
			return;
		r.refused += known[w] ? known[w]->refused : 0;
	}
	for (; told; told &= told - 1) {
		uint32_t i = (uint32_t)__builtin_ctzll(told);
		const struct hook *k = l->laid[i];
		bool is_alone = l->alone >> i & 1;
		if (k->handler->off)
			return; /* it will be laid out anew */
		if (is_alone && !oto_filter_match(k->filter, event)) {
			r.refused++;
			continue;
		}
		if (is_alone || !only_counts(l, k) || r.n == TALLIES)
			return;
		r.counted[r.n].source = k->source;
		r.counted[r.n++].row = known[l->width[i]]->row[l->row_at[i]];
	}
	if (!l->remembered)
		l->remembered = oto_calloc(REMEMBERED, sizeof *l->remembered);
	l->remembered[r.key % REMEMBERED] = r;
}

static uint32_t known_again(void *who, const struct oto_head *head, uint64_t key)
{
	const struct oto_listener *l = who;
	const struct remembered *r = l->remembered && !l->stale ? &l->remembered[key % REMEMBERED] : NULL;

	if (!r || r->key != key)
		return 0;
	for (uint32_t i = 0; i < r->n; i++) {
		if (!oto_tally_is_silent(r->counted[i].source->tally, &r->counted[i].row, head->ts.ns))
			return 0;
	}
	return (uint32_t)(r - l->remembered) + 1;
}

static void count_again(void *who, uint32_t row, const struct oto_repeat *again)
{
	struct oto_listener *l = who;
	const struct remembered *r = &l->remembered[row - 1];
	uint64_t begin = l->again_cost ? oto_cost_begin(l->policy, l->again_cost) : 0;

	for (uint32_t i = 0; i < r->n; i++)
		oto_tally_repeat(r->counted[i].source, &r->counted[i].row, again->head->ts.ns, again->more, again->measured);
	l->policy->stats.filtered += r->refused * ((uint64_t)again->more + 1);
	if (l->again_cost)
		oto_cost_end(l->policy, l->again_cost, begin);
}

/* ------------------------------------------------------------------------------------------------ events like earlier ones */

static void lay_out(struct oto_listener *l)
{
	struct oto_hook_reads reads[OTO_HOOK_CACHED] = { 0 };
	uint64_t known = 0;

	l->nlaid = 0;
	for (struct hook *k = l->first; k && l->nlaid < OTO_HOOK_CACHED; k = k->next) {
		if (k->handler->off)
			continue;
		struct oto_hook_reads *r = &reads[l->nlaid];
		r->filter = k->filter;
		if (k->source) {
			r->row[0].field = k->source->key;
			r->row[0].n = k->source->tally->nkeys;
		}
		if (k->counted)
			r->row[1].field = oto_window_key(k->counted, &r->row[1].n);
		l->laid[l->nlaid++] = k;
	}
	for (uint32_t w = 0; w < OTO_HOOK_WIDTHS; w++) {
		oto_hook_cache_free(l->cache[w]);
		l->cache[w] = oto_hook_cache_new(l->def, reads, l->nlaid, w, w == OTO_HOOK_WIDE ? l->cache[OTO_HOOK_NARROW] : NULL);
		uint64_t hooks = l->cache[w] ? oto_hook_cache_hooks(l->cache[w]) : 0;
		for (uint32_t i = 0; i < l->nlaid; i++) {
			if (!(hooks >> i & 1))
				continue;
			l->width[i] = (uint8_t)w;
			l->row_at[i] = (uint8_t)oto_hook_cache_row(l->cache[w], i);
		}
		known |= hooks;
	}
	if (!known)
		l->nlaid = 0;
	forget(l);
	l->alone = (l->nlaid < 64 ? (UINT64_C(1) << l->nlaid) - 1 : UINT64_MAX) & ~known;
	l->cost = known ? oto_cost_of(l->policy, "look-up", l->def->name, "-") : NULL;
	l->again_cost = oto_cost_of(l->policy, "again", l->def->name, "-");
	l->stale = false;
}

/* ------------------------------------------------------------------------------------------------ telling */

/* Does one of a few hooks take it? What none does, as most that has no value, needs no look-up. */
static bool is_taken(const struct oto_listener *l, const struct oto_event *event)
{
	for (uint32_t i = 0; i < l->nlaid; i++) {
		if (oto_filter_match(l->laid[i]->filter, event))
			return true;
	}
	return false;
}

/* Which of the laid hooks are to be told; what is known of them. */
static uint64_t recall(struct oto_listener *l, const struct oto_event *event, struct oto_hook_known **known)
{
	uint64_t told = l->alone;

	if (l->nlaid <= FEW_HOOKS && !is_taken(l, event)) {
		l->policy->stats.filtered += l->nlaid;
		return 0;
	}
	for (uint32_t w = 0; w < OTO_HOOK_WIDTHS; w++) {
		known[w] = NULL;
		if (!l->cache[w])
			continue;
		known[w] = oto_hook_cache_find(l->cache[w], event, w == OTO_HOOK_WIDE ? known[OTO_HOOK_NARROW] : NULL);
		told |= known[w] ? known[w]->taken : oto_hook_cache_hooks(l->cache[w]);
		l->policy->stats.filtered += known[w] ? known[w]->refused : 0;
	}
	return told;
}

static uint64_t recall_measured(struct oto_listener *l, const struct oto_event *event, struct oto_hook_known **known)
{
	uint64_t begin = oto_cost_begin(l->policy, l->cost), told = recall(l, event, known);

	oto_cost_end(l->policy, l->cost, begin);
	return told;
}

typedef uint64_t recall_fn(struct oto_listener *l, const struct oto_event *event, struct oto_hook_known **known);

static inline void tell_laid(struct oto_listener *l, const struct oto_event *event, dispatch_fn *one, recall_fn *recall_all)
{
	struct oto_hook_known *known[OTO_HOOK_WIDTHS] = { NULL };
	const uint64_t all = recall_all(l, event, known);

	for (uint64_t told = all; told; told &= told - 1) {
		uint32_t i = (uint32_t)__builtin_ctzll(told);
		struct oto_hook_known *of = l->alone >> i & 1 ? NULL : known[l->width[i]];
		one(l->policy, l->laid[i], event, of ? of->row + l->row_at[i] : NULL);
	}
	if (event->key && l->def->whole_keys && !l->forgetful && !l->stale)
		remember(l, event, all, known);
}

static inline void hear_each(struct oto_listener *l, const struct oto_event *event, dispatch_fn *one, recall_fn *recall_all)
{
	struct oto_policy *p = l->policy;
	bool was_reporting = p->reporting;

	if (l->stale)
		lay_out(l);
	p->event = event;
	p->reporting |= event->def == p->script_error;
	if (l->nlaid)
		tell_laid(l, event, one, recall_all);
	for (const struct hook *k = l->nlaid ? l->laid[l->nlaid - 1]->next : l->first; k; k = k->next)
		one(p, k, event, NULL);
	p->reporting = was_reporting;
	p->event = NULL;
}

static void hear(void *who, const struct oto_event *event)
{
	hear_each(who, event, dispatch, recall);
}

static void hear_measured(void *who, const struct oto_event *event)
{
	hear_each(who, event, dispatch_measured, recall_measured);
}

/* ------------------------------------------------------------------------------------------------ coming and going */

static struct oto_listener *listener_of(struct oto_policy *p, struct oto_event_def *def)
{
	struct oto_listener *l;

	for (l = p->handlers->listeners; l; l = l->next) {
		if (l->def == def)
			return l;
	}
	l = oto_calloc(1, sizeof *l);
	*l = (struct oto_listener){ .next = p->handlers->listeners, .policy = p, .def = def, .end = &l->first };
	p->handlers->listeners = l;
	oto_bus_listen_known(p->engine->bus, def, p->costs ? hear_measured : hear, known_again, count_again, l);
	return l;
}

static void hook_free(struct hook *k)
{
	oto_filter_free(k->filter);
	free(k->source);
	oto_window_source_free(k->counted);
	free(k->ranged);
	free(k);
}

bool oto_hook_attach(struct oto_policy *p, struct oto_handler *h, struct oto_event_def *def, struct oto_filter *filter,
		     struct oto_error *err)
{
	struct oto_error why = { "" };
	struct hook *k = oto_calloc(1, sizeof *k);

	*k = (struct hook){ .handler = h, .filter = filter };
	k->source = h->tally ? oto_tally_source(h->tally, def, h->key, h->sum, &why) : NULL;
	k->counted = h->window ? oto_window_source(h->window, def, h->per, h->nper, &why) : NULL;
	k->ranged = h->ranges ? oto_ranged_new(h, def, &why) : NULL;
	if ((h->tally && !k->source) || (h->window && !k->counted) || (h->ranges && !k->ranged)) {
		hook_free(k);
		return oto_fail(err, "%s: count on %s: %s", h->where, h->event, why.text);
	}
	struct oto_listener *l = listener_of(p, def);
	*l->end = k;
	l->end = &k->next;
	l->stale = true;
	for (l = p->handlers->listeners; l && k->source && k->source->tally->sources > 1; l = l->next)
		l->stale = true;
	return true;
}

void oto_hook_off(struct oto_policy *p, struct oto_handler *h)
{
	h->off = true;
	for (struct oto_listener *l = p->handlers->listeners; l; l = l->next) {
		for (const struct hook *k = l->first; k; k = k->next)
			l->stale |= k->handler == h;
	}
}

void oto_hooks_free(struct oto_handlers *all)
{
	for (struct oto_listener *l = all->listeners, *next; l; l = next) {
		next = l->next;
		for (struct hook *k = l->first, *after; k; k = after) {
			after = k->next;
			hook_free(k);
		}
		for (uint32_t w = 0; w < OTO_HOOK_WIDTHS; w++)
			oto_hook_cache_free(l->cache[w]);
		free(l->remembered);
		free(l);
	}
}
