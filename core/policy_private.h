/* policy_private.h - what the policy_*.c files share: the two Lua states with their limits, values, views, declared event types.
 *
 * A `struct oto_lua` is one Lua state and what bounds it; the policy owns two of them, one for scripts and one for dissectors. Slot 1 of
 * each main stack holds the traceback function for good, so that a protected call costs nothing to prepare.
 */
#ifndef OTO_POLICY_PRIVATE_H
#define OTO_POLICY_PRIVATE_H

#include "engine.h"
#include "policy.h"
#include "pool.h"

#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>
#include <time.h>

#define OTO_LUA_COROUTINE 1000                 /* instructions that making one costs */
#define OTO_LUA_SUBJECT_MAX 65536u             /* bytes a pattern or LPeg may chew at once */
#define OTO_LUA_TEXT_MAX (16u * 1024u * 1024u) /* longest string a function of the library makes */

/* A loaded file. `env` is its table of globals; memory counts the live blocks that were made while it ran. */
struct oto_script {
	char *name, *dir;
	int env, modules;
	uint16_t id;
	uint64_t memory, calls, errors;
	bool standard;
	uint32_t overruns; /* calls in a row that spent their budget */
};

struct oto_addr_slot {
	struct oto_addr addr;
	bool used;
};
#define OTO_ADDR_SLOTS 1024u

/* Of the outermost call. What a signal reads or writes is volatile. */
struct oto_watch {
	timer_t timer;
	bool has_timer;
	volatile bool counting;         /* its instructions */
	volatile uint64_t calls;        /* so far */
	volatile uint64_t blocks;       /* of memory that it made or resized */
	uint64_t ticked, ticked_blocks; /* calls and blocks at the last tick */
};

/* Of userdata. luaL_checkudata(), which finds a metatable by its name, takes longer than most methods do. */
enum oto_type {
	OTO_TYPE_ADDR,
	OTO_TYPE_SUBNET,
	OTO_TYPE_TIME,
	OTO_TYPE_INTERVAL,
	OTO_TYPE_VIEW,
	OTO_TYPE_NUMBERS,
	OTO_TYPE_HANDLER,
	OTO_TYPE_TIMER,
	OTO_TYPE_STORE,
	OTO_TYPE_TALLY,
	OTO_TYPE_ROW,
	OTO_TYPE_RANGES,
	OTO_TYPE_RHYTHMS,
	OTO_TYPE_SUMS,
	OTO_TYPE_LEDGER,
	OTO_TYPE_LOG,
	OTO_TYPE_CONTEXT,
	OTO_TYPE_MATCH,
	OTO_TYPES
};

struct oto_lua {
	lua_State *L;
	struct oto_policy *policy;
	bool dissectors;
	/* Scripts that load now are the project's own. They go through all that a plant has, once in a while, so that their calls may take
	 * longer; and they have one of each module together. */
	bool standard;
	struct oto_script *shared; /* whose these modules are; NULL: there is none yet */
	bool answering;            /* a person's question: what error() says without a position is meant for that person */
	struct oto_pool pool;      /* of its small blocks */
	uint64_t memory, peak, limit, budget;
	uint64_t used; /* instructions of the outermost call that were counted */
	struct oto_watch watch;
	uint64_t lpeg_at; /* where LPeg last looked at the budget, in its subject */
	bool over_budget, over_memory;
	bool closing; /* all goes: nobody counts any more */
	bool bounded; /* the memory limit holds: inside a protected call only, where running out is an error and not the end */
	struct oto_script **scripts;
	uint16_t nscripts;
	struct oto_script *volatile now; /* who runs; NULL: the engine itself */
	uint64_t generation;             /* of views: rises at the begin and end of each handler */
	struct oto_field_cache *caches;  /* by event id: fields by interned name */
	uint32_t ncaches;
	int anchors; /* names in the caches, kept alive */
	struct {
		const void *meta; /* what tells an object apart */
		int reference;    /* to the same */
		const char *name;
	} type[OTO_TYPES];
	int addr_recent, addr_all, time_recent; /* 0: there is none yet */
	int64_t time_recent_ns;
	struct oto_addr_slot addr_slots[OTO_ADDR_SLOTS];
};

struct oto_handlers;
struct oto_lua_timer;
struct oto_lua_store;
struct oto_store;
struct oto_tally;
struct oto_ranges;
struct oto_rhythms;
struct oto_ledger;
struct oto_declared;
struct oto_lua_dissector;
struct oto_log_function;
struct oto_database;
struct oto_command_entry;
struct oto_registry;
struct oto_cost;
struct oto_costs;
struct oto_said;

struct oto_policy {
	struct oto_engine *engine;
	struct oto_lua scripts, dissectors;
	char *library, *state_dir;
	struct oto_handlers *handlers;
	struct oto_said *said; /* of events that are alike */
	struct oto_lua_timer *timers;
	struct oto_lua_store *stores;
	struct oto_tally *tallies;
	uint64_t tally_drops; /* rows that tallies dropped */
	struct oto_ranges *ranges;
	struct oto_rhythms *rhythms;
	struct oto_ledger *ledgers;
	struct oto_declared *declared;
	struct oto_lua_dissector *dissector_list;
	struct oto_log_function *log_functions;
	const char *asked_from; /* folder of who gave the command at hand */
	size_t asked_width;     /* of his terminal; 0: as wide as it takes */
	struct oto_command_entry *commands;
	struct oto_registry *registry; /* NULL until a script asks */
	struct oto_database *database;
	struct oto_costs *costs; /* NULL: nobody asks */
	struct oto_trouble unsaved;
	struct oto_event_def *script_error;
	const struct oto_event *event; /* that handlers are looking at; NULL between events */
	const char *pattern;           /* under which the handler that runs hears it, when that is a wildcard; else NULL */
	uint32_t ntimers;
	uint64_t begin_timer, save_timer, birth_timer; /* ids in the engine's timers, 0: none */
	bool started, reporting, quiet, rehearsal, whole;
	void (*print)(void *who, const char *text, size_t len); /* NULL: standard output */
	void *print_who;
	void (*print_first)(void *who, const char *text, size_t len); /* as the options said */
	void *print_first_who;
	void (*remark)(void *who, const char *text); /* beside the answer to a command; NULL: nobody asks */
	void *remark_who;
	struct oto_policy_stats stats;
};

/* ---------------------------------------------------------------------------------- policy_pattern.c: patterns within the budget */

/* For the table on top, string's: find, match, gmatch and gsub whose steps count as instructions. */
void oto_lua_count_patterns(lua_State *L);
/* Raises when the text there is too long for patterns and LPeg. */
void oto_lua_check_subject(lua_State *L, int at);

/* ---------------------------------------------------------------------------------- policy_lpeg.c: LPeg within the budget */

/* For LPeg's table, on top; once for each state. */
void oto_lua_count_lpeg(lua_State *L);

/* ---------------------------------------------------------------------------------- policy_sandbox.c: states and their limits */

bool oto_lua_open(struct oto_lua *lua, struct oto_policy *p, bool dissectors, const struct oto_policy_options *o, struct oto_error *err);
void oto_lua_collect(struct oto_lua *lua); /* from now on, what nobody holds any more is given back */
void oto_lua_close(struct oto_lua *lua);
static inline struct oto_lua *oto_lua_of(lua_State *L)
{
	return *(struct oto_lua **)lua_getextraspace(L);
}

/* Call the function below nargs arguments on behalf of a script, with a fresh budget. False: *message (on the stack top) says why,
 * with a traceback. A call inside a call shares the outer budget. */
bool oto_lua_call(struct oto_lua *lua, struct oto_script *script, int nargs, int nresults);
/* The same, and the error is counted, logged and forgotten. */
bool oto_lua_run(struct oto_lua *lua, struct oto_script *script, int nargs, int nresults);
/* Count and report the error message at the stack top, and pop it. */
void oto_lua_report(struct oto_lua *lua, struct oto_script *script);
/* Message at the stack top into err, and pop it. */
bool oto_lua_fail(struct oto_lua *lua, struct oto_error *err);

/* Load a chunk as a new script with an environment of its own and run it with `results` results. */
struct oto_script *oto_lua_script(struct oto_lua *lua, const char *name, const char *dir);
bool oto_lua_load(struct oto_lua *lua, struct oto_script *script, const char *code, size_t len, int nresults, struct oto_error *err);
char *oto_file_read(const char *path, size_t *len, struct oto_error *err); /* with a 0 behind it; the caller frees */
char *oto_lua_read(const char *path, size_t *len, struct oto_error *err);  /* the same, of Lua code */
/* "script.lua:12" of the Lua code that called; for messages at load. */
const char *oto_lua_where(lua_State *L, char *out, size_t size);
/* The event script.error; policy.c has its table. */
struct oto_script_error {
	const char *script;
	struct oto_slice message, trace;
	uint64_t count;
};
extern const char oto_dissector_sentinel; /* its address is thrown by oto.analyzer in a policy state */

/* ---------------------------------------------------------------------------------- policy_watch.c: the budget of a call */

void oto_watch_open(struct oto_lua *lua);
void oto_watch_close(struct oto_lua *lua);
void oto_watch_begin(struct oto_lua *lua); /* the outermost call */
void oto_watch_end(struct oto_lua *lua);
/* The call that runs is a long one: its instructions count from here on. */
void oto_watch_lasts(struct oto_lua *lua);
/* Those of this state or coroutine do. */
void oto_lua_counts(lua_State *L);
/* Instructions that the running call may still spend; UINT64_MAX: as many as it likes. */
uint64_t oto_lua_left(const struct oto_lua *lua);
/* The budget is spent: raises. `how` goes behind "is spent". */
int oto_lua_spent(lua_State *L, const char *how);

/* ---------------------------------------------------------------------------------- policy_library.c: what scripts see of Lua */
void oto_lua_library(struct oto_lua *lua);
void oto_lua_environment(struct oto_lua *lua, struct oto_script *script);

/* ---------------------------------------------------------------------------------- policy_option.c: tables of options */
/* The first key of the table at `index` that is none of n known ones, or NULL; lists may stand in it when `list` says so. */
const char *oto_unknown_key(lua_State *L, int index, bool list, const char *const *known, size_t n);
int oto_lua_unknown_key(lua_State *L); /* what scripts ask */
/* Raises "WHAT has no 'key' (did you mean ...?)" for such a key: what is misspelt must not pass silently. */
void oto_check_keys(lua_State *L, int index, bool list, const char *what, const char *const *known, size_t n);
#define OTO_CHECK_KEYS(L, index, list, what, ...)                                                                                          \
	oto_check_keys(L, index, list, what, (const char *const[]){ __VA_ARGS__ },                                                         \
		       sizeof((const char *const[]){ __VA_ARGS__ }) / sizeof(const char *))
/* What the table at `index` says; that need not be a table: then nothing is given. All raise what names the option.
 * `otherwise` stands for one that is not given, and is refused like one that is. */
int64_t oto_option_whole(lua_State *L, int index, const char *name, int64_t otherwise, int64_t least, int64_t most);
int64_t oto_option_span(lua_State *L, int index, const char *name); /* ns, not negative; 0: not given */
bool oto_option_flag(lua_State *L, int index, const char *name);

/* ---------------------------------------------------------------------------------- policy_value.c, policy_addr.c, policy_moment.c: addr,
 * subnet, time, interval */
void oto_lua_values(struct oto_lua *lua);
void oto_push_addr(lua_State *L, const struct oto_addr *a);
void oto_push_time(lua_State *L, int64_t ns);
void oto_push_interval(lua_State *L, int64_t ns);
bool oto_is_time(lua_State *L, int index);
bool oto_is_interval(lua_State *L, int index);
bool oto_to_addr(lua_State *L, int index, struct oto_addr *out); /* a value or its text */
bool oto_to_time(lua_State *L, int index, int64_t *ns);          /* a value or seconds since 1970 */
bool oto_to_interval(lua_State *L, int index, int64_t *ns);      /* a value, seconds, or "10s" */
int64_t oto_check_interval(lua_State *L, int index);
struct oto_subnet {
	struct oto_addr addr;
	uint8_t bits;
};
bool oto_subnet_parse(const char *text, struct oto_subnet *out);
bool oto_subnet_has(const struct oto_subnet *s, const struct oto_addr *a);
/* The text of a value, as tostring gives it: for keys and filter literals. NULL when it is no scalar. Pushes the text. */
const char *oto_push_text(lua_State *L, int index);
/* Gives the type its metatable; `name` is "oto." and what it is. A misspelt method is an error, and scripts cannot change the metatable.
 * Either list may be NULL; without methods, `meta` indexes. */
void oto_type_define(lua_State *L, enum oto_type type, const char *name, const luaL_Reg *meta, const luaL_Reg *methods);
void oto_type_push(lua_State *L, enum oto_type type); /* its metatable */
void oto_type_give(lua_State *L, enum oto_type type); /* to the object on top of the stack */
/* The object; NULL: it is of another type, or none. */
void *oto_type_test(lua_State *L, int index, enum oto_type type);
void *oto_type_check(lua_State *L, int index, enum oto_type type); /* raises otherwise */

/* ---------------------------------------------------------------------------------- policy_view.c: events as Lua sees them */
void oto_lua_views(struct oto_lua *lua);
void oto_lua_views_free(struct oto_lua *lua);
void oto_push_view(lua_State *L, const struct oto_event *event);
void oto_push_value(lua_State *L, const struct oto_value *v);
void oto_push_copy(lua_State *L, const struct oto_event *event);
/* A number, or the vector or list of an event; raises otherwise. */
void oto_check_numbers(lua_State *L, int index, struct oto_value *out);

/* ---------------------------------------------------------------------------------- policy_on.c: handlers */
void oto_lua_handlers(struct oto_lua *lua);
bool oto_handlers_start(struct oto_policy *p, struct oto_error *err);
void oto_handlers_pseudo(struct oto_policy *p, const char *name);
/* The script is ended: it hears nothing more, and what it holds is let go. The same below. */
void oto_handlers_end(struct oto_policy *p, const struct oto_script *script);
void oto_handlers_free(struct oto_policy *p);
int oto_on_tally(lua_State *L);                             /* tally:count{...} */
int oto_on_ranges(lua_State *L, struct oto_ranges *ranges); /* ranges:count{...} */

/* ---------------------------------------------------------------------------------- policy_cost.c: what each of them takes */
void oto_costs_open(struct oto_policy *p);
void oto_costs_free(struct oto_policy *p);
/* The row of what stands in this line, counted together with its like; NULL: nobody asks. */
struct oto_cost *oto_cost_of(struct oto_policy *p, const char *kind, const char *event, const char *where);
uint64_t oto_cost_begin(const struct oto_policy *p, struct oto_cost *c);
void oto_cost_end(const struct oto_policy *p, struct oto_cost *c, uint64_t begin);

/* ---------------------------------------------------------------------------------- policy_time.c: every, after, now */
void oto_lua_timers(struct oto_lua *lua);
void oto_lua_timers_end(struct oto_policy *p, const struct oto_script *script);
void oto_lua_timers_free(struct oto_policy *p);

/* ---------------------------------------------------------------------------------- policy_declare.c, policy_event.c: types declared in
 * Lua */
/* The declaration table at `index`: { doc =, {field, type, doc, ...}, ... } as an event type called `name`; not registered yet. `strict`: a
 * field that is not marked optional must be given. Owned by the policy. Raises Lua errors. */
struct oto_declared *oto_declare(lua_State *L, int index, const char *name, bool strict);
/* A flag of fields declared here only: the value is the name of a file, whose text a command gets (type "file"). */
enum { OTO_OF_FILE = 0x8000 };
const struct oto_event_type *oto_declared_type(const struct oto_declared *d);
/* Give it a log, as the table at `index` says. Before it is registered. */
void oto_declared_log(lua_State *L, struct oto_declared *d, int index, const char *name);
struct oto_event_def *oto_declared_register(lua_State *L, struct oto_declared *d);
void oto_declared_drop(lua_State *L);
/* Fill `data` (type->size bytes, zeroed here) from the table at `index`. Bytes go to `scratch`. */
typedef void *oto_scratch_fn(void *who, size_t size);
void oto_declared_fill(lua_State *L, const struct oto_declared *d, int index, void *data, oto_scratch_fn *scratch, void *who);
/* Queue one, made of the table at `index`; ts_ns INT64_MIN: the time of the event at hand. */
void oto_declared_raise(lua_State *L, const struct oto_declared *d, int index, int64_t ts_ns);
const char *oto_intern(lua_State *L, int index); /* a text that lives as long as the state */
struct oto_target oto_check_target(lua_State *L, int index, oto_scratch_fn *scratch, void *who);
uint32_t oto_check_op(lua_State *L, int index);
void oto_lua_events(struct oto_lua *lua);
void oto_declared_free(struct oto_policy *p);

/* ---------------------------------------------------------------------------------- policy_tally.c: what scripts see of tally.h */
void oto_lua_tallies(struct oto_lua *lua);
void oto_tallies_free(struct oto_policy *p);
struct oto_tally *oto_check_tally(lua_State *L, int index);
/* Pushes the parts of a key. */
int oto_push_tally_key(lua_State *L, struct oto_slice key, uint32_t nkeys);
/* Its rows with events that were not taken, in the order of first sight: what is pushed tells one after another, NULL at the end, while
 * rows may come and go. */
struct oto_taking;
struct oto_taking *oto_push_news(lua_State *L, struct oto_tally *t);
struct oto_row *oto_next_news(lua_State *L, struct oto_taking *all);
int oto_tally_fold(lua_State *L); /* policy_tally_fold.c: tally:fold(map, {...}) */
/* A part of a key that a script has; *a: room for an address. */
void oto_check_tally_part(lua_State *L, int index, struct oto_value *v, struct oto_addr *a);
struct oto_tally_source;
/* The text or the table on top of the scripts' stack becomes the label of the event's key, or of all like it (oto_tally_settle()). */
void oto_lua_label(struct oto_policy *p, const struct oto_tally_source *source, const struct oto_event *event, bool settles);

/* ---------------------------------------------------------------------------------- policy_sums.c: what scripts see of sums.h */

void oto_lua_sums(struct oto_lua *lua);
/* A list of k numbers; raises otherwise. */
void oto_check_list(lua_State *L, int index, uint32_t k, double *x);
void oto_push_list(lua_State *L, const double *x, uint32_t k);
struct oto_sums;
void oto_push_sums_text(lua_State *L, const struct oto_sums *s);

/* ---------------------------------------------------------------------------------- policy_ledger.c: what scripts see of ledger.h */

void oto_lua_ledgers(struct oto_lua *lua);
uint64_t oto_ledgers_refused(const struct oto_policy *p);
void oto_ledgers_free(struct oto_policy *p);

/* ---------------------------------------------------------------------------------- policy_rhythm.c: what scripts see of rhythm.h */

void oto_lua_rhythms(struct oto_lua *lua);
uint64_t oto_rhythms_refused(const struct oto_policy *p);
void oto_all_rhythms_free(struct oto_policy *p);

/* ---------------------------------------------------------------------------------- policy_tabbed.c: values as lines */
void oto_lua_tabbed(struct oto_lua *lua);

/* ---------------------------------------------------------------------------------- policy_ranges.c: what scripts see of ranges.h */
void oto_lua_ranges(struct oto_lua *lua);
uint64_t oto_ranges_refused(const struct oto_policy *p);
void oto_all_ranges_free(struct oto_policy *p);

/* ---------------------------------------------------------------------------------- policy_window.c: so many in a time, counted in C */
struct oto_window_source;
struct oto_row;
struct oto_row_ref;
/* Fields whose texts, joined by blanks, are the key; NULL: err says which of them the event type has not. */
struct oto_window_source *oto_window_source(struct oto_store *window, const struct oto_event_def *def, char *const *fields, uint32_t n,
					    struct oto_error *err);
/* The event's row, written. `known` as in oto_tally_add(). */
struct oto_row *oto_window_row(struct oto_window_source *from, const struct oto_event *event, struct oto_row_ref *known);
/* One more event in it; how many there are now. */
uint32_t oto_window_tick(struct oto_window_source *from, struct oto_row *row, const struct oto_event *event, int64_t now_ns);
/* The fields of its key; *n how many. */
const struct oto_field_ref *oto_window_key(const struct oto_window_source *from, uint32_t *n);
void oto_window_source_free(struct oto_window_source *from);
/* The window at `index`, which must have one text as its key; raises otherwise. */
struct oto_store *oto_check_window(lua_State *L, int index);
/* A store of this kind (enum oto_store_kind) whose key is one string. */
struct oto_store *oto_check_text_store(lua_State *L, int index, unsigned kind);
struct oto_field_ref;
struct oto_lua_store *oto_check_store(lua_State *L, int index);
uint32_t oto_store_parts(const struct oto_lua_store *s); /* of its key */
/* A packed list into the row of a packed key: a map's, see oto_fold(). What is wrong; NULL: nothing. */
const char *oto_store_fold(struct oto_lua_store *s, struct oto_slice key, struct oto_slice list, const char *how, int64_t now_ns);
/* Are these fields of the event a key in it? `key` is room to write it. */
bool oto_store_knows(const struct oto_lua_store *s, const struct oto_event *event, const struct oto_field_ref *part, struct oto_buf *key,
		     int64_t now_ns);
/* Their key is added to the set, or was there and is written again. */
void oto_store_note(struct oto_lua_store *s, const struct oto_event *event, const struct oto_field_ref *part, struct oto_buf *key,
		    int64_t now_ns);
bool oto_store_is_set(const struct oto_lua_store *s);
/* A text as the key of a store that has one text: packed at the end of `out`. */
void oto_store_text_key(struct oto_buf *out, const char *text, size_t len);
int oto_on_window(lua_State *L); /* window:count{...} */

/* ---------------------------------------------------------------------------------- policy_echo.c: what is said once of events that are
 * alike */
void oto_lua_echoes(struct oto_lua *lua);
/* The row of the key at index + 1 in the store at `index`, a set or a count, which is given as well; NULL: there is no such row. */
struct oto_row *oto_check_row(lua_State *L, int index, struct oto_store **store);

/* ---------------------------------------------------------------------------------- policy_store.c, policy_log.c, policy_command.c,
 * policy_dissector*.c */
void oto_lua_stores(struct oto_lua *lua);
bool oto_stores_open(struct oto_policy *p, struct oto_error *err);
bool oto_stores_save(struct oto_policy *p, struct oto_error *err);
uint64_t oto_stores_evicted(const struct oto_policy *p);
void oto_stores_free(struct oto_policy *p);
void oto_lua_logs(struct oto_lua *lua);
void oto_lua_logs_end(struct oto_policy *p, const struct oto_script *script);
void oto_lua_logs_free(struct oto_policy *p);
void oto_lua_commands(struct oto_lua *lua);
void oto_lua_commands_free(struct oto_policy *p);
void oto_lua_analyzers(struct oto_lua *lua);
bool oto_dissector_load(struct oto_policy *p, const char *path, const char *code, size_t len, struct oto_error *err);
void oto_dissectors_free(struct oto_policy *p);

#endif
