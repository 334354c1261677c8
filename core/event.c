/* event.c - the event bus: registered types, the queue of the packet at hand, dispatch. See event.h.
 *
 * Owns the definitions and one arena that holds queued events, scratch memory and heads until the drain.
 */
#include "event.h"
#include "contract.h"

#include <stdlib.h>

#define SCRATCH_LIMIT (256u * 1024u)
#define RAISED_LIMIT (8u << 20) /* of scripts: when a network dies, hundreds of alerts are raised at one moment */
#define ROUNDS 8

#define KNOWING 4u         /* listeners of an event that may be said again */
#define UNWANTED 16384u    /* sets of keys that a listener is known not to want */
#define NOTHING UINT32_MAX /* a row in which nothing is counted */

/* An event that is said again: all that its listeners need to count it. */
struct repeat {
	const struct oto_event_def *def;
	struct oto_repeat again;
	uint32_t row[KNOWING];
};

struct oto_bus {
	struct oto_event_def **defs;
	uint32_t ndefs;
	struct oto_arena arena;
	size_t scratch_used, raised_used;
	struct oto_event *queue;
	uint32_t queued, capacity;
	struct repeat *repeat;
	uint32_t repeats, repeat_capacity;
	bool draining, tells_port;
	uint64_t round; /* from 1, until the drain */
	struct oto_bus_stats stats;
};

/* A packet cannot emit without end: the arena's limit bounds it, and what does not fit is counted as overflow. */
#define ARENA_LIMIT (16u * 1024u * 1024u)

struct oto_bus *oto_bus_new(void)
{
	struct oto_bus *bus = oto_calloc(1, sizeof *bus);
	bus->arena.limit = ARENA_LIMIT;
	bus->round = 1;
	return bus;
}

void oto_bus_free(struct oto_bus *bus)
{
	if (!bus)
		return;
	for (uint32_t i = 0; i < bus->ndefs; i++) {
		free((void *)(uintptr_t)bus->defs[i]->fields);
		for (uint32_t l = 0; l < bus->defs[i]->nlisteners; l++)
			free(bus->defs[i]->listeners[l].unwanted);
		free(bus->defs[i]->listeners);
		free(bus->defs[i]);
	}
	free(bus->defs);
	free(bus->queue);
	free(bus->repeat);
	oto_arena_free(&bus->arena);
	free(bus);
}

/* ------------------------------------------------------------------------------------------------ types */

/* A copy with this build's stride: an older object's shorter rows are completed with zeros. */
static struct oto_field *fields_copy(const struct oto_event_type *type)
{
	struct oto_field *fields = oto_calloc(type->nfields, sizeof *fields);
	size_t known = type->field_stride < sizeof *fields ? type->field_stride : sizeof *fields;

	for (uint32_t i = 0; i < type->nfields; i++)
		memcpy(&fields[i], (const char *)type->fields + (size_t)i * type->field_stride, known);
	return fields;
}

struct oto_event_def *oto_bus_add(struct oto_bus *bus, const struct oto_event_type *type, const char *analyzer, struct oto_error *err)
{
	if (!type->name || !*type->name || !type->doc)
		return oto_fail(err, "an event type needs a name and a doc"), NULL;
	struct oto_event_def *known = oto_bus_find(bus, type->name);
	if (known && known->type == type) /* the same table in another analyzer's list: one event that several speak */
		return known;
	if (known)
		return oto_fail(err, "event %s is registered twice: %s has one of that name", type->name,
				known->analyzer ? known->analyzer : "the engine or a script"),
		       NULL;
	struct oto_field *fields = fields_copy(type);
	if (!oto_contract_event(type, fields, err)) {
		free(fields);
		return NULL;
	}
	struct oto_event_def *def = oto_calloc(1, sizeof *def);
	*def = (struct oto_event_def){
		.type = type,
		.name = type->name,
		.doc = type->doc,
		.fields = fields,
		.nfields = type->nfields,
		.size = type->size,
		.id = bus->ndefs,
		.tells_ends = true,
		.whole_keys = type->self_size >= offsetof(struct oto_event_type, whole_keys) + sizeof type->whole_keys && type->whole_keys,
		.analyzer = analyzer
	};
	bus->defs = oto_realloc(bus->defs, (bus->ndefs + 1) * sizeof *bus->defs);
	bus->defs[bus->ndefs++] = def;
	return def;
}

struct oto_event_def *oto_bus_find(const struct oto_bus *bus, const char *name)
{
	for (uint32_t i = 0; i < bus->ndefs; i++) {
		if (strcmp(bus->defs[i]->name, name) == 0)
			return bus->defs[i];
	}
	return NULL;
}

struct oto_event_def *const *oto_bus_types(const struct oto_bus *bus, uint32_t *n)
{
	*n = bus->ndefs;
	return bus->defs;
}

const char *oto_bus_near(const struct oto_bus *bus, const char *name, char *out, size_t size)
{
	const char **names = oto_calloc(bus->ndefs, sizeof *names);
	size_t of = strcspn(name, "."), n = 0, at = 0;

	for (uint32_t i = 0; i < bus->ndefs; i++) /* of the same protocol, where it has events */
		if (name[of] && strncmp(bus->defs[i]->name, name, of + 1) == 0)
			names[n++] = bus->defs[i]->name;
	bool kin = n > 0;
	for (uint32_t i = 0; !kin && i < bus->ndefs; i++)
		names[n++] = bus->defs[i]->name;
	oto_near(out, size, name, names, n);
	if (kin && !*out)
		for (size_t i = 0; i < n && at + 1 < size; i++)
			at += (size_t)snprintf(out + at, size - at, "%s%s", i ? ", " : "; there are ", names[i]);
	free(names);
	return out;
}

void oto_bus_listen(struct oto_bus *bus, struct oto_event_def *def, oto_listener *call, void *who)
{
	oto_bus_listen_if(bus, def, NULL, call, who);
}

void oto_bus_listen_if(struct oto_bus *bus, struct oto_event_def *def, oto_accepts *accepts, oto_listener *call, void *who)
{
	(void)bus;
	def->listeners = oto_realloc(def->listeners, (def->nlisteners + 1) * sizeof *def->listeners);
	def->picky = accepts && (def->picky || !def->nlisteners);
	def->listeners[def->nlisteners++] = (struct oto_event_listener){ .call = call, .who = who, .accepts = accepts };
}

void oto_bus_count(struct oto_bus *bus, struct oto_event_def *def, oto_accepts *accepts, oto_listener *call, oto_known *known,
		   oto_repeated *repeated, oto_joined *joined, void *who)
{
	oto_bus_listen_if(bus, def, accepts, call, who);
	struct oto_event_listener *l = &def->listeners[def->nlisteners - 1];
	l->known = known;
	l->repeated = repeated;
	l->joined = joined;
	l->alike = true;
	def->ncounting++;
}

void oto_bus_listen_known(struct oto_bus *bus, struct oto_event_def *def, oto_listener *call, oto_known *known, oto_repeated *repeated,
			  oto_joined *joined, void *who)
{
	oto_bus_listen_if(bus, def, NULL, call, who);
	if (!def->whole_keys)
		return;
	def->listeners[def->nlisteners - 1].known = known;
	def->listeners[def->nlisteners - 1].repeated = repeated;
	def->listeners[def->nlisteners - 1].joined = joined;
}

/* ------------------------------------------------------------------------------------------------ emission */

static inline bool accepted(const struct oto_event_listener *l, const struct oto_event *event)
{
	return !l->accepts || l->accepts(l->who, event);
}

bool oto_bus_heard(const struct oto_event_def *def, const struct oto_head *head, const void *data)
{
	struct oto_event event = { .def = def, .head = head, .data = data };

	if (!def->picky)
		return oto_event_wanted(def);
	for (uint32_t i = 0; i < def->nlisteners; i++) {
		if (accepted(&def->listeners[i], &event))
			return true;
	}
	return false;
}

void oto_bus_emit(struct oto_bus *bus, struct oto_event_def *def, const struct oto_head *head, const void *data)
{
	oto_bus_emit_more(bus, def, head, data, 0, 0);
}

static void emitted(struct oto_bus *bus, struct oto_event_def *def, uint64_t n)
{
	def->emitted += n;
	bus->stats.emitted += n;
}

static inline bool is_unwanted(const struct oto_event_listener *l, uint64_t key)
{
	if (!l->unwanted || !key)
		return false;
	const uint64_t *set = l->unwanted[key % UNWANTED];
	return set[0] == key || set[1] == key || set[2] == key || set[3] == key;
}

static uint32_t known_to(const struct oto_event_listener *l, const struct oto_repeat *again, uint64_t key)
{
	if (is_unwanted(l, key))
		return NOTHING;
	return l->known ? l->known(l->who, again, key) : 0;
}

/* Of keys that are not whole it is not known whether the next event is wanted. */
static void not_wanted(const struct oto_event_def *def, uint32_t listener, uint64_t key)
{
	struct oto_event_listener *l = &def->listeners[listener];

	if (!key || !def->whole_keys)
		return;
	if (!l->unwanted)
		l->unwanted = oto_calloc(UNWANTED, sizeof *l->unwanted);
	uint64_t *set = l->unwanted[key % UNWANTED];
	if (is_unwanted(l, key))
		return;
	memmove(set + 1, set, sizeof *l->unwanted - sizeof *set);
	set[0] = key;
}

bool oto_bus_queues(const struct oto_bus *bus, const struct oto_event_def *def)
{
	return def->queued_in == bus->round;
}

void oto_bus_tell(struct oto_bus *bus, struct oto_event_def *def, const struct oto_field_ref *fields, uint32_t n)
{
	for (uint32_t i = 0; i < n && def->whole_keys; i++) {
		if (!fields[i].field || !fields[i].in_head)
			continue;
		bus->tells_port |= fields[i].field == oto_head_port();
		def->tells_ends |= oto_head_is_of_ends(fields[i].field);
	}
}

bool oto_bus_tells_port(const struct oto_bus *bus)
{
	return bus->tells_port;
}

bool oto_bus_again(struct oto_bus *bus, struct oto_event_def *def, uint64_t key, const struct oto_repeat *again)
{
	if (!key || def->nlisteners - 1 >= KNOWING || (oto_event_single(def) && oto_bus_queues(bus, def)))
		return false;
	if (__builtin_expect(bus->repeats == bus->repeat_capacity, 0)) {
		bus->repeat_capacity = bus->repeat_capacity ? bus->repeat_capacity * 2 : 64;
		bus->repeat = oto_realloc(bus->repeat, bus->repeat_capacity * sizeof *bus->repeat);
	}
	struct repeat *r = &bus->repeat[bus->repeats];
	for (uint32_t i = 0; i < def->nlisteners; i++) {
		r->row[i] = known_to(&def->listeners[i], again, key);
		if (!r->row[i])
			return false;
	}
	r->def = def;
	r->again = *again;
	if (again->data) {
		r->again.data = oto_bus_copy(bus, again->data, again->each ? ((size_t)again->more + 1) * def->size : def->size);
		if (!r->again.data)
			return false;
	}
	bus->repeats++;
	emitted(bus, def, (uint64_t)again->more + 1);
	return true;
}

static bool all_unwanted(const struct oto_event_listener *l, const uint64_t *keys, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++) {
		if (!is_unwanted(l, keys[i]))
			return false;
	}
	return n;
}

void oto_bus_together(const struct oto_event_def *def, uint64_t key, const uint64_t *keys, uint32_t n)
{
	for (uint32_t i = 0; i < def->nlisteners; i++) {
		if (!def->listeners[i].joined)
			return;
	}
	for (uint32_t i = 0; i < def->nlisteners; i++) {
		const struct oto_event_listener *l = &def->listeners[i];
		if (all_unwanted(l, keys, n))
			not_wanted(def, i, key);
		else
			l->joined(l->who, key, keys, n);
	}
}

void oto_bus_emit_more(struct oto_bus *bus, struct oto_event_def *def, const struct oto_head *head, const void *data, uint32_t more,
		       uint64_t key)
{
	uint64_t n = (uint64_t)more + 1;

	if (!oto_bus_heard(def, head, data)) {
		bus->stats.unheard += n;
		return;
	}
	void *copy = oto_arena_get(&bus->arena, def->size);
	if (!copy) {
		bus->stats.overflow += n;
		return;
	}
	memcpy(copy, data, def->size);
	emitted(bus, def, n);
	if (bus->queued == bus->capacity) {
		bus->capacity = bus->capacity ? bus->capacity * 2 : 64;
		bus->queue = oto_realloc(bus->queue, bus->capacity * sizeof *bus->queue);
	}
	bus->queue[bus->queued++] = (struct oto_event){ def, head, copy, more, key };
	def->queued_in = bus->round;
}

static void *scratch(struct oto_bus *bus, size_t size, size_t *used, size_t limit)
{
	void *p = NULL;

	if (size <= limit && *used + size <= limit)
		p = oto_arena_get(&bus->arena, size);
	if (!p) {
		bus->stats.scratch_refused++;
		return NULL;
	}
	*used += size;
	return memset(p, 0, size);
}

void *oto_bus_scratch(struct oto_bus *bus, size_t size)
{
	return scratch(bus, size, &bus->scratch_used, SCRATCH_LIMIT);
}

void *oto_bus_raised(struct oto_bus *bus, size_t size)
{
	return scratch(bus, size, &bus->raised_used, RAISED_LIMIT);
}

struct oto_bus_mark oto_bus_mark(const struct oto_bus *bus)
{
	return (struct oto_bus_mark){ bus->queued, bus->repeats, oto_arena_mark(&bus->arena) };
}

void *oto_bus_bytes(struct oto_bus *bus, size_t size)
{
	return oto_arena_get(&bus->arena, size);
}

void *oto_bus_copy(struct oto_bus *bus, const void *data, size_t size)
{
	void *p = oto_bus_bytes(bus, size);

	return p ? memcpy(p, data, size) : NULL;
}

void oto_bus_rewind(struct oto_bus *bus, struct oto_bus_mark mark)
{
	bus->queued = mark.queued;
	bus->repeats = mark.repeats;
	oto_arena_rewind(&bus->arena, mark.arena);
}

static void tell(const struct oto_event_listener *l, const struct oto_event *event)
{
	if (l->alike || !event->more) {
		l->call(l->who, event);
		return;
	}
	struct oto_event single = { .def = event->def, .head = event->head, .data = event->data, .key = event->key };
	for (uint64_t left = (uint64_t)event->more + 1; left > 0; left--)
		l->call(l->who, &single);
}

static void dispatch(struct oto_bus *bus, const struct oto_event *event)
{
	bus->stats.dispatched += (uint64_t)event->more + 1;
	const struct oto_event_def *def = event->def;
	bool sure = def->picky && def->nlisteners == 1; /* asked when it was emitted */

	for (uint32_t i = 0; i < def->nlisteners; i++) {
		struct oto_event_listener l = def->listeners[i];
		if (is_unwanted(&l, event->key))
			continue;
		if (sure || accepted(&l, event))
			tell(&l, event);
		else
			not_wanted(def, i, event->key);
	}
}

/* Before all others: what these raise may end the rows that are meant. */
static void count_repeats(struct oto_bus *bus)
{
	for (uint32_t i = 0; i < bus->repeats; i++) {
		const struct repeat *r = &bus->repeat[i];
		bus->stats.dispatched += (uint64_t)r->again.more + 1;
		for (uint32_t k = 0; k < r->def->nlisteners; k++) {
			if (r->row[k] != NOTHING)
				r->def->listeners[k].repeated(r->def->listeners[k].who, r->row[k], &r->again);
		}
	}
	bus->repeats = 0;
}

void oto_bus_drain(struct oto_bus *bus)
{
	uint32_t next = 0;

	if (bus->draining) /* a listener must not drain: what it raises is drained by the loop below */
		return;
	bus->draining = true;
	count_repeats(bus);
	for (int round = 0; round < ROUNDS && next < bus->queued; round++) {
		for (uint32_t end = bus->queued; next < end; next++) {
			struct oto_event event = bus->queue[next]; /* the queue may move when a listener raises */
			dispatch(bus, &event);
		}
	}
	bus->stats.overflow += bus->queued - next;
	bus->queued = 0;
	bus->scratch_used = bus->raised_used = 0;
	oto_arena_reset(&bus->arena);
	bus->round++;
	bus->draining = false;
}

struct oto_bus_stats oto_bus_stats(const struct oto_bus *bus)
{
	return bus->stats;
}
