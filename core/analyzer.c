/* analyzer.c - the registry of analyzers. See analyzer.h; services.c, attach.c and framing.c do the rest of the stage. */
#include "analysis.h"
#include "codepage.h"
#include "contract.h"
#include "datafile.h"

#include <dlfcn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

struct oto_analyzers *oto_analyzers_new(struct oto_engine *engine)
{
	struct oto_analyzers *as = oto_calloc(1, sizeof *as);

	as->engine = engine;
	as->bus = engine->bus;
	as->pairs_due_ns = INT64_MAX;
	as->host = (struct oto_host_slot){ oto_services, as };
	as->memories = oto_memories_new(&as->pool, engine->options.seed);
	as->expected = oto_expected_new(engine->options.seed);
	if (getrandom(&as->secret, sizeof as->secret, GRND_NONBLOCK) != sizeof as->secret)
		as->secret = (uintptr_t)as;
	as->code_page = oto_code_page_new(engine->options.oem ? engine->options.oem : "CP932");
	return as;
}

void oto_analyzers_free(struct oto_analyzers *as)
{
	if (!as)
		return;
	for (uint32_t i = 0; i < as->n; i++) {
		free(as->entries[i]->loose);
		oto_pairs_free(as->entries[i]->pairs);
		free(as->entries[i]->events);
		free(as->entries[i]->channels);
		free(as->entries[i]);
	}
	free(as->entries);
	free(as->origins);
	free(as->costs);
	free(as->any_tcp.who);
	free(as->any_udp.who);
	oto_claims_free(&as->claims);
	oto_memories_free(as->memories);
	oto_expected_free(as->expected);
	oto_code_page_free(as->code_page);
	oto_pool_free(&as->pool);
	for (uint32_t i = 0; i < as->nobjects; i++)
		dlclose(as->objects[i]);
	free(as->objects);
	free(as);
}

static bool is_new(const struct oto_analyzers *as, const struct oto_analyzer *a, struct oto_error *err)
{
	for (uint32_t i = 0; i < as->n; i++) {
		if (strcmp(as->entries[i]->a.name, a->name) == 0)
			return oto_fail(err, "analyzer %s is registered twice; --analyzers can leave one out", a->name);
	}
	return true;
}

/* Who has no probe takes all that a transport brings under its key. */
static bool is_reached(const struct oto_analyzers *as, const struct oto_claim *mine, struct oto_slice key, struct oto_error *err)
{
	struct oto_claims_span all = oto_claims_at(&as->claims, mine->parent, mine->key);

	for (const struct oto_claim *c = all.from; mine->parent < OTO_PARENT_SYN && c < mine; c++) {
		if (!c->who->a.probe)
			return oto_fail(err, "key %.*s belongs to %s, which takes all of it; --analyzers can leave that out", (int)key.len,
					(const char *)key.data, c->who->a.name);
	}
	return true;
}

static void add_any(struct oto_any_port *any, struct oto_analyzer_entry *entry)
{
	if (any->n && any->who[any->n - 1] == entry)
		return;
	any->who = oto_realloc(any->who, (any->n + 1) * sizeof(struct oto_analyzer_entry *));
	any->who[any->n++] = entry;
}

static bool add_keys(struct oto_analyzers *as, struct oto_analyzer_entry *entry, struct oto_error *err)
{
	const char *keys = entry->a.keys;
	struct oto_error why;

	for (struct oto_slice word; (word = oto_word(&keys)).len;) {
		const struct oto_claim *claim = oto_claims_add(&as->claims, word, entry, &why);
		if (!claim || !is_reached(as, claim, word, &why))
			return oto_fail(err, "analyzer %s: %.400s", entry->a.name, why.text);
		if (claim->parent == OTO_PARENT_SYN && !entry->loose) {
			entry->loose = oto_calloc(1, sizeof *entry->loose + entry->a.state_size);
			entry->loose->entry = entry;
		}
		if (!(entry->a.flags & OTO_ANY_PORT))
			continue;
		if (claim->parent == OTO_PARENT_TCP)
			add_any(&as->any_tcp, entry);
		else if (claim->parent == OTO_PARENT_UDP)
			add_any(&as->any_udp, entry);
	}
	return true;
}

static void add_channels(struct oto_analyzers *as, struct oto_analyzer_entry *entry)
{
	const char *channels = entry->a.channels;

	for (struct oto_slice word; channels && (word = oto_word(&channels)).len;) {
		entry->channels = oto_realloc(entry->channels, (entry->nchannels + 1) * sizeof *entry->channels);
		entry->channels[entry->nchannels++] = oto_claims_parent(&as->claims, word);
	}
}

static bool add_events(struct oto_analyzers *as, struct oto_analyzer_entry *entry, struct oto_error *err)
{
	entry->events = oto_calloc(entry->a.nevents, sizeof *entry->events);
	for (uint32_t i = 0; i < entry->a.nevents; i++) {
		entry->events[i] = oto_bus_add(as->bus, entry->a.events[i], entry->a.name, err);
		if (!entry->events[i] || !oto_log_check(entry->events[i], err))
			return false;
	}
	return true;
}

/* One setup() call; what it reads lives as long. */
struct setup {
	struct oto_setup how; /* first: the functions find the rest from it */
	struct oto_analyzer_entry *entry;
	struct oto_error *err;
	struct oto_buf text[4]; /* of the files read */
	uint32_t ntexts;
};

static struct setup *setup_of(const struct oto_setup *how)
{
	return (struct setup *)(uintptr_t)how;
}

static struct oto_slice setup_read(const struct oto_setup *how, const char *name, const char *path)
{
	struct setup *s = setup_of(how);

	if (!OTO_CHECK(s->ntexts < sizeof s->text / sizeof *s->text))
		return (struct oto_slice){ 0 };
	struct oto_buf *text = &s->text[s->ntexts++];
	if (!oto_data_read(s->entry->as->engine->options.data_dir, name, path, text))
		return (struct oto_slice){ 0 };
	return (struct oto_slice){ (const uint8_t *)text->data, (uint32_t)text->len };
}

static void *setup_keep(const struct oto_setup *how, size_t size)
{
	return oto_pool_get(&setup_of(how)->entry->as->pool, size);
}

static bool setup_fail(const struct oto_setup *how, const char *format, ...)
{
	char why[400];
	va_list args;

	va_start(args, format);
	vsnprintf(why, sizeof why, format, args);
	va_end(args);
	return oto_fail(setup_of(how)->err, "analyzer %s: %s", setup_of(how)->entry->a.name, why);
}

static bool set_up(struct oto_analyzer_entry *entry, struct oto_error *err)
{
	struct setup s = { { sizeof s.how, setup_read, setup_keep, setup_fail }, .entry = entry, .err = err };

	if (entry->a.shared_size)
		entry->shared = oto_pool_get(&entry->as->pool, entry->a.shared_size);
	bool ok = !entry->a.setup || entry->a.setup(&s.how, entry->shared);
	for (uint32_t i = 0; i < s.ntexts; i++)
		oto_buf_free(&s.text[i]);
	return ok;
}

bool oto_analyzers_add(struct oto_analyzers *as, const struct oto_analyzer *a, struct oto_error *err)
{
	struct oto_analyzer full = { 0 };

	/* An object built against an older header is shorter: what it did not know is zero. */
	memcpy(&full, a, a->self_size < sizeof full ? a->self_size : sizeof full);
	if (!oto_contract_analyzer(&full, a, err) || !is_new(as, &full, err))
		return false;
	struct oto_analyzer_entry *entry = oto_calloc(1, sizeof *entry);
	*entry = (struct oto_analyzer_entry){ .as = as, .origin = a, .a = full, .cost = as->n };
	as->entries = oto_realloc(as->entries, (as->n + 1) * sizeof *as->entries);
	as->origins = oto_realloc(as->origins, (as->n + 1) * sizeof *as->origins);
	as->costs = oto_realloc(as->costs, (as->n + 1) * sizeof *as->costs);
	as->costs[as->n] = (struct oto_analyzer_cost){ .name = full.name };
	as->origins[as->n] = a;
	as->entries[as->n++] = entry;
	if (full.pairing)
		entry->pairs =
		    oto_pairs_new(full.pairing, &as->pool, as->engine->options.seed, &as->pairs_due_ns, oto_services_given_up, entry);
	add_channels(as, entry);
	return add_keys(as, entry, err) && add_events(as, entry, err) && set_up(entry, err);
}

extern const struct oto_analyzer *const *const oto_builtin[];

/* Is name in a comma-separated list? */
static bool listed(const char *list, const char *name)
{
	size_t n = strlen(name);

	for (const char *p = list; (p = strstr(p, name)); p += n) {
		if ((p == list || p[-1] == ',') && (p[n] == '\0' || p[n] == ','))
			return true;
	}
	return false;
}

#define MAX_NAMES 512

/* Every name of a comma-separated list is an analyzer of this build, or "none". */
static bool check_listed(const char *list, struct oto_error *err)
{
	const char *names[MAX_NAMES];
	size_t n = 0;

	for (const struct oto_analyzer *const *const *a = oto_builtin; *a && n < MAX_NAMES; a++)
		names[n++] = (**a)->name;
	for (const char *p = list; *p;) {
		size_t len = strcspn(p, ","), i = 0;
		char word[64], near[256];

		snprintf(word, sizeof word, "%.*s", (int)len, p);
		while (i < n && strcmp(names[i], word))
			i++;
		if (i == n && *word && strcmp(word, "none"))
			return oto_fail(err, "there is no analyzer %s%s; otoscope doc lists them", word,
					oto_near(near, sizeof near, word, names, n));
		p += len + (p[len] == ',');
	}
	return true;
}

bool oto_analyzers_add_builtin(struct oto_analyzers *as, struct oto_error *err)
{
	const char *only = as->engine->options.only_analyzers;

	if (only && !check_listed(only, err))
		return false;
	for (const struct oto_analyzer *const *const *a = oto_builtin; *a; a++) {
		if (only && !listed(only, (**a)->name))
			continue;
		if (!oto_analyzers_add(as, **a, err))
			return false;
	}
	return true;
}

bool oto_analyzers_load(struct oto_analyzers *as, const char *path, struct oto_error *err)
{
	char where[4096];
	struct oto_error inner = { .text =
				       "its oto_plugin_init refused (built for another ABI, or it needs a service this version lacks)" };

	/* dlopen searches the system's folders for a bare name; a plugin is a path */
	snprintf(where, sizeof where, "%s%s", strchr(path, '/') ? "" : "./", path);
	void *object = dlopen(where, RTLD_NOW | RTLD_LOCAL);
	if (!object)
		return oto_fail(err, "plugin %s: %s", path, dlerror());
	as->objects = oto_realloc(as->objects, (as->nobjects + 1) * sizeof *as->objects);
	as->objects[as->nobjects++] = object;
	bool (*init)(const struct oto_host *) = (bool (*)(const struct oto_host *))dlsym(object, "oto_plugin_init");
	if (!init)
		return oto_fail(err, "plugin %s: exports no oto_plugin_init; does its last line say OTO_ANALYZER(name)?", path);
	as->adding = &inner;
	bool ok = init(&as->host.host);
	as->adding = NULL;
	return ok || oto_fail(err, "plugin %s: %.300s", path, inner.text);
}

const struct oto_analyzer *const *oto_analyzers_all(const struct oto_analyzers *as, uint32_t *n)
{
	*n = as->n;
	return as->origins;
}

uint64_t oto_analyzers_mistakes(const struct oto_analyzers *as)
{
	return as->mistakes;
}

const struct oto_host *oto_analyzers_host(const struct oto_analyzers *as)
{
	return &as->host.host;
}

void oto_analyzer_expire(struct oto_analyzers *as, int64_t now_ns)
{
	if (now_ns < as->pairs_due_ns)
		return;
	as->pairs_due_ns = INT64_MAX;
	for (uint32_t i = 0; i < as->n; i++) {
		if (as->entries[i]->pairs)
			oto_pairs_expire(as->entries[i]->pairs, now_ns);
	}
}

void oto_analyzer_set_back(struct oto_analyzers *as, int64_t now_ns)
{
	as->pairs_due_ns = INT64_MIN;
	oto_analyzer_expire(as, now_ns);
}

uint32_t oto_analyzer_costs(const struct oto_analyzers *as, const struct oto_analyzer_cost **costs)
{
	*costs = as->costs;
	return as->n;
}

uint64_t oto_analyzer_forgotten(const struct oto_analyzers *as)
{
	return oto_memories_evicted(as->memories) + oto_expected_evicted(as->expected);
}
