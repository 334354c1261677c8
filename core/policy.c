/* policy.c - the Lua runtime put together: two states, the scripts in them, their begin and end. See policy.h.
 *
 * The rest is told by the file names: policy_sandbox (memory, budget, errors), policy_library (what Lua offers), policy_value with
 * policy_addr and policy_moment (values), policy_view (events as Lua sees them), policy_on, policy_hook, policy_tally, policy_ranged,
 * policy_window and policy_echo (handlers), policy_ranges, policy_sums, policy_ledger, policy_rhythm, policy_tabbed, policy_time (timers),
 * policy_declare and policy_event (declared types), policy_log, policy_store, policy_command, policy_cost, policy_dissector.
 */
#include "policy_private.h"
#include "registry.h"

#include <stdlib.h>

#define F(m, doc) OTO_FIELD(struct oto_script_error, m, doc)
static const struct oto_field error_fields[] = {
	F(script, "the script"),
	F(message, "what went wrong, with file and line"),
	F(trace, "how the script got there"),
	F(count, "errors of this script so far"),
};
static const struct oto_log error_logs[] = {
	{ .name = "script_error",
	  .doc = "Errors of scripts and Lua dissectors.",
	  .columns = "script message count trace",
	  .form = OTO_FORM_DETAIL,
	  .flags = OTO_LOG_NO_ID | OTO_LOG_NOT_ZEEK },
};
static const struct oto_event_type error_type = OTO_EVENT("script.error", struct oto_script_error, error_fields,
							  "A script failed; it goes on with the next event.", OTO_LOGS(error_logs));

struct oto_policy *oto_policy_new(struct oto_engine *engine, const struct oto_policy_options *options, struct oto_error *err)
{
	struct oto_policy *p = oto_calloc(1, sizeof *p);

	p->engine = engine;
	p->library = options->library ? oto_strdup(options->library) : NULL;
	p->state_dir = options->state_dir ? oto_strdup(options->state_dir) : NULL;
	p->print = p->print_first = options->print;
	p->print_who = p->print_first_who = options->print_who;
	p->quiet = options->quiet;
	p->rehearsal = options->rehearsal;
	p->whole = options->whole;
	if (options->costs)
		oto_costs_open(p);
	p->script_error = oto_bus_add(engine->bus, &error_type, NULL, err);
	if (p->script_error && oto_lua_open(&p->scripts, p, false, options, err) && oto_lua_open(&p->dissectors, p, true, options, err) &&
	    oto_stores_open(p, err))
		return p;
	oto_policy_free(p);
	return NULL;
}

void oto_policy_free(struct oto_policy *p)
{
	if (!p)
		return;
	oto_lua_timers_free(p);
	oto_lua_close(&p->scripts);
	oto_lua_close(&p->dissectors);
	oto_handlers_free(p);
	free(p->said);
	oto_stores_free(p);
	oto_tallies_free(p);
	oto_all_ranges_free(p);
	oto_all_rhythms_free(p);
	oto_ledgers_free(p);
	oto_lua_logs_free(p);
	oto_lua_commands_free(p);
	oto_registry_free(p->registry);
	oto_dissectors_free(p);
	oto_declared_free(p);
	oto_costs_free(p);
	free(p->library);
	free(p->state_dir);
	free(p);
}

static void dir_of(const char *path, char *out, size_t size)
{
	const char *slash = strrchr(path, '/');

	if (slash)
		snprintf(out, size, "%.*s", (int)(slash - path), path);
	else
		snprintf(out, size, ".");
}

/* A file that calls oto.analyzer is a dissector, whatever its name: it starts over in the state for those. */
static bool load(struct oto_policy *p, const char *name, const char *dir, const char *code, size_t len, struct oto_error *err)
{
	struct oto_error why = { "" };
	struct oto_script *script = oto_lua_script(&p->scripts, name, dir);

	if (oto_lua_load(&p->scripts, script, code, len, 0, &why))
		return true;
	if (why.text[0] == '\0')
		return oto_dissector_load(p, name, code, len, err);
	return oto_fail(err, "%s", why.text);
}

bool oto_policy_file(struct oto_policy *p, const char *path, struct oto_error *err)
{
	char dir[4096];
	size_t len;
	char *code = oto_lua_read(path, &len, err);

	if (!code)
		return false;
	dir_of(path, dir, sizeof dir);
	bool ok = load(p, path, dir, code, len, err);
	free(code);
	return ok;
}

bool oto_policy_standard(struct oto_policy *p, const char *path, struct oto_error *err)
{
	p->scripts.standard = true;
	bool ok = oto_policy_file(p, path, err);
	p->scripts.standard = false;
	return ok;
}

bool oto_policy_text(struct oto_policy *p, const char *name, const char *code, struct oto_error *err)
{
	return load(p, name, ".", code, strlen(code), err);
}

bool oto_policy_dissector(struct oto_policy *p, const char *path, struct oto_error *err)
{
	size_t len;
	char *code = oto_lua_read(path, &len, err);

	if (!code)
		return false;
	bool ok = oto_dissector_load(p, path, code, len, err);
	free(code);
	return ok;
}

bool oto_policy_start(struct oto_policy *p, struct oto_error *err)
{
	p->started = true;
	oto_lua_collect(&p->scripts);
	oto_lua_collect(&p->dissectors);
	if (!oto_handlers_start(p, err))
		return false;
	oto_handlers_pseudo(p, "start");
	return true;
}

bool oto_policy_finish(struct oto_policy *p, struct oto_error *err)
{
	oto_handlers_pseudo(p, "finish");
	fflush(stdout);
	struct oto_error why = { "" };
	return oto_stores_save(p, &why) || oto_fail(err, "%.400s: what scripts learned since it was last saved is lost", why.text);
}

struct oto_policy_stats oto_policy_stats(const struct oto_policy *p)
{
	struct oto_policy_stats s = p->stats;

	s.memory = p->scripts.memory + p->dissectors.memory;
	s.memory_peak = p->scripts.peak + p->dissectors.peak;
	s.store_evicted = oto_stores_evicted(p) + oto_ranges_refused(p) + oto_rhythms_refused(p) + oto_ledgers_refused(p);
	return s;
}
