/* policy_hook.c - who hears an event: the hooks of its type in load order, their conditions asked and their keys counted in C before Lua is
 * entered.
 *
 * One listener per event type. What the first hooks of a type read is laid out as soon as an event comes, so that events like earlier ones
 * need one look-up for all of them (hook_cache.h); it is laid out anew when a hook comes or goes. A hook that comes while an event is being
 * told hears it, too.
 *
 * Of events whose author says them again by a key (oto_bus_again()) it is remembered which hooks take them, and in which rows: with whole
 * keys no condition is asked again. When all that these do is count, the event is never built; and where no time of each matters, it is
 * counted when somebody looks, or a second later, for all that came until then.
 */
#include "hook_cache.h"
#include "policy_echo.h"
#include "policy_hook.h"

#include <stdlib.h>

/* A store, and the fields that are keys there. */
struct keys {
	struct oto_lua_store *store;
	struct oto_field_ref part[OTO_WINDOW_KEYS];
	uint32_t n;
	struct oto_buf key; /* room to write one */
};

/* A handler on one event type, its filter compiled for it. */
struct hook {
	struct oto_handler *handler;
	struct oto_filter *filter;
	struct oto_tally_source *source;
	struct oto_window_source *counted;
	struct oto_echoes *echoes; /* where it is counted so */
	struct oto_ranged *ranged;
	struct keys *among, *unless, *adds;
	/* Of events that are said again: keys tell in which rows it counts; it does nothing else; it sums up fields; it may be later. */
	bool is_settled, only_counts, sums, can_wait;
	bool in_order; /* and its tally counts other types as well, in their order */
	struct hook *next;
};

#define FEW_HOOKS 4u
#define REMEMBERED 32768u /* keys of one type, where that is no more than REMEMBERED_BYTES; else some fewer */
#define REMEMBERED_FEWEST 8192u
#define REMEMBERED_BYTES (16u << 20)
#define TAKERS 24u /* hooks that take one event, at most */
#define WAIT OTO_SECOND

/* A hook that takes an event, and the rows in which it counts it. */
struct taker {
	const struct hook *hook;
	struct oto_row_ref row[OTO_HOOK_ROWS];
};

/* All that takes an event with this key. What is only counted, and may be counted later, waits until somebody looks or a second is over. */
struct remembered {
	uint64_t key; /* 0: free */
	uint32_t n, refused;
	bool only_counts, sums;     /* sums: it must be told what varies */
	bool in_order;              /* not before what waits to be told, of other types */
	uint32_t can_wait, at_once; /* a bit for each taker */
	uint64_t drops;             /* none of their rows is gone, nor does a script want to hear, while no tally drops any ... */
	int64_t until_ns;           /* ... and before this time */
	uint64_t waiting;           /* events */
	int64_t first_ns, last_ns;
	struct taker taker[];
};

#define GROUPS 2048u
#define MEMBERS 64u

/* What one PDU says together: of all its keys those that somebody takes. */
struct group {
	uint64_t key, packet; /* packet: in which it was said last */
	uint32_t events, refused, n;
	bool sums;
	struct {
		uint64_t key;
		uint32_t place, event; /* where it is remembered; which of the events it is */
	} member[MEMBERS];
};

struct groups {
	uint64_t packet; /* in which one was said last: until it is counted, it stays */
	struct group group[GROUPS];
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
	bool forgetful;                            /* the condition of some hook reads what keys do not tell, or there are too many */
	char *remembered;                          /* by key, in pairs of places; NULL until there is one */
	uint32_t remembered_bytes, places, takers; /* places: a power of two */
	struct groups *groups;                     /* NULL until there is one */
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

/* As others like it, if the script said what that is. */
static void handle_alike(struct oto_policy *p, const struct hook *k, const struct oto_event *event, uint32_t n, const struct oto_row *row)
{
	uint64_t number = row->number;

	if (oto_echo(k->echoes, row))
		return;
	oto_echo_begin(k->echoes);
	handle(p, k, event, n, 0);
	oto_echo_end(k->echoes, number);
}

/* Are all these keys there? */
static bool knows(struct keys *k, const struct oto_event *event, int64_t now_ns)
{
	for (uint32_t i = 0; i < k->n; i += oto_store_parts(k->store)) {
		if (!oto_store_knows(k->store, event, &k->part[i], &k->key, now_ns))
			return false;
	}
	return true;
}

static bool is_out(const struct hook *k, const struct oto_event *event, int64_t now_ns)
{
	return (k->among && !knows(k->among, event, now_ns)) || (k->unless && knows(k->unless, event, now_ns));
}

static void add_keys(struct keys *k, const struct oto_event *event, int64_t now_ns)
{
	for (uint32_t i = 0; i < k->n; i += oto_store_parts(k->store))
		oto_store_note(k->store, event, &k->part[i], &k->key, now_ns);
}

/* The first of its key. A text that the function returns is its label (with true behind it, whatever the loose part of the key is), false:
 * there is more to do. */
static void meet(struct oto_policy *p, const struct hook *k, const struct oto_event *event)
{
	lua_State *L = p->scripts.L;

	if (!handle(p, k, event, 1, 2))
		return;
	bool settles = lua_toboolean(L, -1);
	lua_settop(L, -2);
	if (lua_isboolean(L, -1) && !lua_toboolean(L, -1))
		oto_tally_not_done(k->source, event);
	else if (!lua_isnil(L, -1))
		oto_lua_label(p, k->source, event, settles);
	lua_settop(L, -2);
}

/* `known`: an event like this one was taken, and there is where it was counted. */
static inline void dispatch(struct oto_policy *p, const struct hook *k, const struct oto_event *event, struct oto_row_ref *known)
{
	const struct oto_handler *h = k->handler;
	struct oto_row *row = NULL;
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
	if ((k->among || k->unless) && is_out(k, event, p->engine->now_ns)) {
		p->stats.filtered++;
		return;
	}
	if (k->source && !oto_tally_add(k->source, event, known))
		return;
	if (k->counted)
		row = oto_window_row(k->counted, event, known && k->source ? known + 1 : known);
	if (h->window)
		n = oto_window_tick(k->counted, row, event, p->engine->now_ns);
	if (k->adds)
		add_keys(k->adds, event, p->engine->now_ns);
	if (h->function == LUA_NOREF || n < h->many)
		return;
	if (row)
		handle_alike(p, k, event, n, row);
	else if (k->source)
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

/* ------------------------------------------------------------------------------------------------ what is remembered of a key */

static struct remembered *place(const struct oto_listener *l, uint32_t i)
{
	return (struct remembered *)(void *)(l->remembered + (size_t)i * l->remembered_bytes);
}

/* Where the key is, or its place; *found which of them. */
static struct remembered *place_of(const struct oto_listener *l, uint64_t key, bool *found)
{
	uint32_t i = (uint32_t)key & (l->places - 1);
	struct remembered *own = place(l, i), *other = place(l, i ^ 1);

	*found = own->key == key || other->key == key;
	return own->key == key || (other->key != key && !own->key) ? own : other;
}

static struct remembered *remembered_of(const struct oto_listener *l, uint64_t key)
{
	bool found;

	if (!key || !l->remembered || l->stale)
		return NULL;
	struct remembered *r = place_of(l, key, &found);
	return found ? r : NULL;
}

static void catch_up(struct remembered *r)
{
	for (uint32_t left = r->can_wait; r->waiting && left; left &= left - 1) {
		const struct taker *t = &r->taker[__builtin_ctz(left)];
		oto_tally_catch_up(t->hook->source, &t->row[0], r->waiting, r->first_ns, r->last_ns);
	}
	r->waiting = 0;
}

void oto_hooks_catch_up(struct oto_handlers *all)
{
	for (uint32_t i = 0; i < all->nwaiting; i++)
		catch_up(all->waiting[i]);
	all->nwaiting = 0;
}

static void catch_up_in_time(struct oto_handlers *all, int64_t now_ns)
{
	if (now_ns - all->caught_up_ns < WAIT && now_ns >= all->caught_up_ns)
		return;
	all->caught_up_ns = now_ns;
	oto_hooks_catch_up(all);
}

static void wait_in(struct oto_handlers *all, struct remembered *r, uint64_t n, int64_t ns)
{
	if (!r->waiting) {
		if (all->nwaiting == all->waiting_room) {
			all->waiting_room = all->waiting_room ? all->waiting_room * 2 : 256;
			all->waiting = oto_realloc(all->waiting, all->waiting_room * sizeof *all->waiting);
		}
		all->waiting[all->nwaiting++] = r;
		r->first_ns = r->last_ns = ns;
	}
	r->waiting += n;
	r->first_ns = ns < r->first_ns ? ns : r->first_ns;
	r->last_ns = ns > r->last_ns ? ns : r->last_ns;
}

static void forget(struct oto_listener *l)
{
	oto_hooks_catch_up(l->policy->handlers);
	free(l->remembered);
	free(l->groups);
	l->remembered = NULL;
	l->groups = NULL;
	l->forgetful = !l->nlaid;
	for (const struct hook *k = l->nlaid ? l->laid[l->nlaid - 1]->next : NULL; k; k = k->next)
		l->forgetful |= !k->handler->off;
	for (uint32_t i = 0; i < l->nlaid; i++)
		l->forgetful |= !oto_filter_is_settled(l->laid[i]->filter);
	l->takers = l->nlaid < TAKERS ? l->nlaid : TAKERS;
	l->remembered_bytes = (uint32_t)(sizeof(struct remembered) + l->takers * sizeof(struct taker));
	for (l->places = REMEMBERED; l->places > REMEMBERED_FEWEST && l->places * l->remembered_bytes > REMEMBERED_BYTES;)
		l->places /= 2;
}

/* Does it sum up fields of the event? */
static bool sums(const struct hook *k)
{
	for (uint32_t i = 0; i < k->source->tally->nsums; i++) {
		if (k->source->sum[i].field && !k->source->sum[i].in_head)
			return true;
	}
	return false;
}

/* Does it only count, by what keys tell, in a row that it knows, and sum up what it is told when it is said again? Where the script would
 * hear, or a window counts what it hears, it is asked each time. What counts too many types to know their order is told each. */
static bool only_counts(const struct hook *k)
{
	for (uint32_t i = 0; k->source && i < k->source->tally->nsums; i++) {
		const struct oto_field_ref *sum = &k->source->sum[i];
		if (sum->field && !sum->in_head && !oto_never_repeats(sum->field->kind, sum->field->flags))
			return false;
	}
	return k->source && !k->ranged && !k->among && !k->unless && k->source->tally->ncounts <= OTO_TALLY_COUNTS;
}

/* Do keys tell in which rows it counts? */
static bool has_settled_rows(const struct hook *k)
{
	uint32_t n = 0;
	const struct oto_field_ref *window = k->counted ? oto_window_key(k->counted, &n) : NULL;

	return (!k->source || oto_hook_key_is_settled(k->source->key, k->source->tally->nkeys)) &&
	       (!window || oto_hook_key_is_settled(window, n));
}

static void judge(struct hook *k)
{
	k->is_settled = has_settled_rows(k);
	k->only_counts = k->is_settled && only_counts(k);
	k->sums = k->only_counts && sums(k);
	k->in_order = k->only_counts && k->source->tally->ncounts > 1;
	k->can_wait = k->only_counts && oto_tally_can_wait(k->source);
}

/* `told`: the hooks that may take it; `known`: what caches knew. */
static void remember(struct oto_listener *l, const struct oto_event *event, uint64_t told, struct oto_hook_known *const *known)
{
	bool found;

	if (!l->remembered)
		l->remembered = oto_calloc(l->places, l->remembered_bytes);
	struct remembered *r = place_of(l, event->key, &found);
	if (r->waiting)
		oto_hooks_catch_up(l->policy->handlers);
	*r = (struct remembered){ .refused = l->nlaid, .only_counts = true, .until_ns = INT64_MIN };
	for (; told; told &= told - 1) {
		uint32_t i = (uint32_t)__builtin_ctzll(told);
		const struct hook *k = l->laid[i];
		const struct oto_hook_known *of = l->alone >> i & 1 ? NULL : known[l->width[i]];
		if (k->handler->off || (!of && !oto_filter_match(k->filter, event)))
			continue;
		if (r->n == l->takers)
			return;
		struct taker *t = &r->taker[r->n];
		*t = (struct taker){ .hook = k };
		if (of)
			memcpy(t->row, of->row + l->row_at[i], (!!k->source + !!k->counted) * sizeof *t->row);
		r->only_counts &= k->only_counts;
		r->sums |= k->sums;
		r->in_order |= k->in_order;
		*(k->can_wait ? &r->can_wait : &r->at_once) |= UINT32_C(1) << r->n++;
		if (k->can_wait)
			k->source->tally->may_wait = true;
		r->refused--;
	}
	r->key = event->key;
}

/* ------------------------------------------------------------------------------------------------ events said again */

/* Are all its rows there, and would no script hear? */
static bool is_silent(const struct oto_listener *l, struct remembered *r, int64_t now_ns)
{
	uint64_t drops = l->policy->tally_drops;

	if (now_ns < r->until_ns && drops == r->drops)
		return true;
	r->until_ns = INT64_MAX;
	for (uint32_t i = 0; i < r->n && now_ns < r->until_ns; i++) {
		int64_t until = oto_tally_silent_until(r->taker[i].hook->source->tally, &r->taker[i].row[0], now_ns);
		r->until_ns = until < r->until_ns ? until : r->until_ns;
	}
	r->drops = drops;
	return now_ns < r->until_ns;
}

/* Does an event wait to be told that one of its tallies counts, too? */
static bool comes_later(const struct oto_listener *l, const struct remembered *r)
{
	for (uint32_t i = 0; r->in_order && i < r->n; i++) {
		const struct oto_tally *t = r->taker[i].hook->source->tally;
		for (uint32_t k = 0; k < t->ncounts; k++) {
			if (oto_bus_queues(l->policy->engine->bus, t->counts[k]))
				return true;
		}
	}
	return false;
}

static uint32_t index_of(const struct oto_listener *l, const struct remembered *r)
{
	return (uint32_t)((uint32_t)((const char *)r - l->remembered) / l->remembered_bytes);
}

enum { IS_GROUP = 1 << 30 };

/* Each of its members may have found another place meanwhile, or none. */
static bool group_is_silent(const struct oto_listener *l, struct group *g, int64_t now_ns)
{
	for (uint32_t i = 0; i < g->n; i++) {
		struct remembered *r = place(l, g->member[i].place);
		if (r->key != g->member[i].key) {
			r = remembered_of(l, g->member[i].key);
			if (!r)
				return false;
			g->member[i].place = index_of(l, r);
		}
		if (!r->only_counts || comes_later(l, r) || !is_silent(l, r, now_ns))
			return false;
	}
	return true;
}

static uint32_t group_known(const struct oto_listener *l, const struct oto_repeat *again, uint64_t key)
{
	struct groups *all = l->stale ? NULL : l->groups;
	struct group *g = all ? &all->group[key % GROUPS] : NULL;

	if (!g || g->key != key || g->events != again->more + 1 || (g->sums && !(again->each && again->data)))
		return 0;
	if (!group_is_silent(l, g, again->head->ts.ns))
		return 0;
	all->packet = g->packet = again->head->packet;
	return IS_GROUP | (uint32_t)(g - all->group);
}

static uint32_t known_again(void *who, const struct oto_repeat *again, uint64_t key)
{
	const struct oto_listener *l = who;
	struct remembered *r = remembered_of(l, key);

	if (!r)
		return group_known(l, again, key);
	if (again->each || !r->only_counts || (r->sums && !again->data) || comes_later(l, r) || !is_silent(l, r, again->head->ts.ns))
		return 0;
	return index_of(l, r) + 1;
}

static inline void count_in(struct oto_listener *l, struct remembered *r, const struct oto_event *event)
{
	if (r->can_wait)
		wait_in(l->policy->handlers, r, (uint64_t)event->more + 1, event->head->ts.ns);
	for (uint32_t left = r->at_once; left; left &= left - 1) {
		const struct taker *t = &r->taker[__builtin_ctz(left)];
		oto_tally_repeat(t->hook->source, &t->row[0], event);
	}
}

static uint64_t count_group(struct oto_listener *l, const struct group *g, const struct oto_repeat *again)
{
	struct oto_event event = { .def = l->def, .head = again->head };

	for (uint32_t i = 0; i < g->n; i++) {
		event.data = again->each ? (const char *)again->data + (size_t)g->member[i].event * l->def->size : NULL;
		count_in(l, place(l, g->member[i].place), &event);
	}
	return g->refused;
}

static uint64_t count_one(struct oto_listener *l, struct remembered *r, const struct oto_repeat *again)
{
	count_in(l, r, &(struct oto_event){ .def = l->def, .head = again->head, .data = again->data, .more = again->more });
	return r->refused * ((uint64_t)again->more + 1);
}

static void count_again(void *who, uint32_t row, const struct oto_repeat *again)
{
	struct oto_listener *l = who;
	uint64_t begin = l->again_cost ? oto_cost_begin(l->policy, l->again_cost) : 0;

	catch_up_in_time(l->policy->handlers, again->head->ts.ns);
	l->policy->stats.filtered +=
	    row & IS_GROUP ? count_group(l, &l->groups->group[row & ~(uint32_t)IS_GROUP], again) : count_one(l, place(l, row - 1), again);
	if (l->again_cost)
		oto_cost_end(l->policy, l->again_cost, begin);
}

/* False: not each of them is known, or one must be told each time. */
static bool gather(const struct oto_listener *l, struct group *g, const uint64_t *keys)
{
	for (uint32_t i = 0; i < g->events; i++) {
		const struct remembered *r = remembered_of(l, keys[i]);
		if (!r || !r->only_counts)
			return false;
		g->refused += r->refused;
		g->sums |= r->sums;
		if (!r->n)
			continue;
		if (g->n == MEMBERS)
			return false;
		g->member[g->n].key = keys[i];
		g->member[g->n].place = index_of(l, r);
		g->member[g->n++].event = i;
	}
	return true;
}

static void join(void *who, uint64_t key, const uint64_t *keys, uint32_t n)
{
	struct oto_listener *l = who;

	if (!l->groups)
		l->groups = oto_calloc(1, sizeof *l->groups);
	struct group *g = &l->groups->group[key % GROUPS];
	if (!key || !n || (g->key && g->packet == l->groups->packet))
		return;
	g->key = 0;
	g->events = n;
	g->refused = g->n = 0;
	g->sums = false;
	if (gather(l, g, keys))
		g->key = key;
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
		judge(k);
		r->filter = k->filter;
		if (k->source) {
			r->row[0].field = k->source->key;
			r->row[0].span_ns = k->source->span_ns;
			r->row[0].n = k->source->tally->nkeys;
		}
		if (k->counted)
			r->row[1].field = oto_window_key(k->counted, &r->row[1].n);
		l->laid[l->nlaid++] = k;
	}
	for (uint32_t w = 0; w < OTO_HOOK_WIDTHS; w++) {
		oto_hook_cache_free(l->cache[w]);
		l->cache[w] = oto_hook_cache_new(l->def, reads, l->nlaid, w, w != OTO_HOOK_NARROW ? l->cache[OTO_HOOK_NARROW] : NULL);
		uint64_t hooks = l->cache[w] ? oto_hook_cache_hooks(l->cache[w]) : 0;
		for (uint32_t i = 0; i < l->nlaid; i++) {
			if (!(hooks >> i & 1))
				continue;
			l->width[i] = (uint8_t)w;
			l->row_at[i] = (uint8_t)oto_hook_cache_row(l->cache[w], i);
		}
		known |= hooks;
	}
	if (!known && !l->def->whole_keys)
		l->nlaid = 0;
	forget(l);
	l->alone = (l->nlaid < 64 ? (UINT64_C(1) << l->nlaid) - 1 : UINT64_MAX) & ~known;
	l->cost = l->nlaid ? oto_cost_of(l->policy, "look-up", l->def->name, "-") : NULL;
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

	if (!l->alone && l->nlaid <= FEW_HOOKS && !is_taken(l, event)) {
		l->policy->stats.filtered += l->nlaid;
		return 0;
	}
	for (uint32_t w = 0; w < OTO_HOOK_WIDTHS; w++) {
		known[w] = NULL;
		if (!l->cache[w])
			continue;
		known[w] = oto_hook_cache_find(l->cache[w], event, w != OTO_HOOK_NARROW ? known[OTO_HOOK_NARROW] : NULL);
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

/* Where it counts first. */
static const struct oto_row_ref *row_of(const struct oto_listener *l, uint32_t i, struct oto_hook_known *const *known)
{
	const struct oto_hook_known *of = l->alone >> i & 1 ? NULL : known[l->width[i]];

	return of && l->laid[i]->source ? &of->row[l->row_at[i]] : NULL;
}

/* What is told now and then is counted in rows that were last touched long ago, in a dozen tables: waiting for them one after another would
 * take longer than all else. */
static void fetch_rows(const struct oto_listener *l, uint64_t told, struct oto_hook_known *const *known)
{
	for (int step = 0; step < OTO_FETCH_STEPS; step++) {
		for (uint64_t left = told; left; left &= left - 1) {
			uint32_t i = (uint32_t)__builtin_ctzll(left);
			const struct oto_row_ref *ref = row_of(l, i, known);
			if (ref)
				oto_row_fetch(l->laid[i]->source->tally->store, ref, step);
		}
	}
}

static inline void tell_laid(struct oto_listener *l, const struct oto_event *event, dispatch_fn *one, recall_fn *recall_all)
{
	struct oto_hook_known *known[OTO_HOOK_WIDTHS] = { NULL };
	const uint64_t all = recall_all(l, event, known);

	fetch_rows(l, all, known);
	for (uint64_t told = all; told; told &= told - 1) {
		uint32_t i = (uint32_t)__builtin_ctzll(told);
		struct oto_hook_known *of = l->alone >> i & 1 ? NULL : known[l->width[i]];
		one(l->policy, l->laid[i], event, of ? of->row + l->row_at[i] : NULL);
	}
	if (event->key && l->def->whole_keys && !l->forgetful && !l->stale)
		remember(l, event, all, known);
}

/* It is known who takes what has this key. */
static inline void tell_remembered(struct oto_listener *l, struct remembered *r, const struct oto_event *event, dispatch_fn *one)
{
	catch_up_in_time(l->policy->handlers, event->head->ts.ns);
	for (uint32_t i = 0; i < r->n; i++) {
		struct taker *t = &r->taker[i];
		if (!t->hook->is_settled)
			memset(t->row, 0, sizeof t->row);
		one(l->policy, t->hook, event, t->row);
	}
	l->policy->stats.filtered += r->refused;
}

static inline void hear_each(struct oto_listener *l, const struct oto_event *event, dispatch_fn *one, recall_fn *recall_all)
{
	struct oto_policy *p = l->policy;
	bool was_reporting = p->reporting;

	if (l->stale)
		lay_out(l);
	p->event = event;
	p->reporting |= event->def == p->script_error;
	struct remembered *r = remembered_of(l, event->key);
	if (r)
		tell_remembered(l, r, event, one);
	else if (l->nlaid)
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
	oto_bus_listen_known(p->engine->bus, def, p->costs ? hear_measured : hear, known_again, count_again, join, l);
	return l;
}

static bool find_keys(struct keys **out, const struct oto_keys *asked, const struct oto_event_def *def, struct oto_error *err)
{
	char near[256];

	if (!asked->store)
		return true;
	struct keys *k = *out = oto_calloc(1, sizeof *k);
	k->store = asked->store;
	for (; k->n < asked->n; k->n++) {
		const char *name = asked->part[k->n];
		k->part[k->n] = oto_field_find(def, name, strlen(name));
		if (!k->part[k->n].field)
			return oto_fail(err, "%s has no field %s%s", def->name, name, oto_field_near(def, name, near, sizeof near));
	}
	return true;
}

static bool find_all_keys(struct hook *k, const struct oto_handler *h, const struct oto_event_def *def, struct oto_error *err)
{
	return find_keys(&k->among, &h->among, def, err) && find_keys(&k->unless, &h->unless, def, err) &&
	       find_keys(&k->adds, &h->adds, def, err);
}

static void keys_free(struct keys *k)
{
	if (k)
		oto_buf_free(&k->key);
	free(k);
}

static void hook_free(struct hook *k)
{
	keys_free(k->among);
	keys_free(k->unless);
	keys_free(k->adds);
	oto_filter_free(k->filter);
	free(k->source);
	oto_window_source_free(k->counted);
	oto_echoes_free(k->echoes);
	free(k->ranged);
	free(k);
}

/* What it reads in C. What Lua reads stands in the event itself. */
static void tell_fields(struct oto_bus *bus, struct oto_event_def *def, const struct hook *k)
{
	uint32_t n = 0;
	const struct oto_field_ref *window = k->counted ? oto_window_key(k->counted, &n) : NULL;

	oto_filter_tell(k->filter, bus, def);
	oto_bus_tell(bus, def, window, n);
	if (k->source)
		oto_bus_tell(bus, def, k->source->key, k->source->tally->nkeys);
}

bool oto_hook_attach(struct oto_policy *p, struct oto_handler *h, struct oto_event_def *def, struct oto_filter *filter,
		     struct oto_error *err)
{
	struct oto_error why = { "" };
	struct hook *k = oto_calloc(1, sizeof *k);

	*k = (struct hook){ .handler = h, .filter = filter };
	k->source = h->tally ? oto_tally_source(h->tally, def, h->key, h->sum, &why) : NULL;
	struct oto_store *per = h->window ? h->window : h->alike;
	if (k->source) {
		k->source->loose = h->loose;
		k->source->loose_behind = h->loose_behind;
	}
	k->counted = per ? oto_window_source(per, def, h->per, h->nper, &why) : NULL;
	k->echoes = per ? oto_echoes_new(p) : NULL;
	k->ranged = h->ranges ? oto_ranged_new(h, def, &why) : NULL;
	if (!find_all_keys(k, h, def, &why) || (h->tally && !k->source) || (per && !k->counted) || (h->ranges && !k->ranged)) {
		hook_free(k);
		return oto_fail(err, "%s: count on %s: %s", h->where, h->event, why.text);
	}
	tell_fields(p->engine->bus, def, k);
	struct oto_listener *l = listener_of(p, def);
	*l->end = k;
	l->end = &k->next;
	l->stale = true;
	for (l = p->handlers->listeners; l && k->source && k->source->tally->ncounts > 1; l = l->next)
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
		free(l->groups);
		free(l);
	}
}
