/* policy.h - Lua: handlers on events, timers, stores and logs of scripts, and dissectors written in Lua.
 *
 * Two kinds of Lua state. The policy state runs people's scripts: one stream of events, in order. The dissector state runs Lua analyzers on
 * the packet path, without stores, alerts or writable globals. Both allocate from a counted arena and run under an instruction budget. A
 * script error is caught, logged with its traceback to stderr and script_error.log, counted, rate-limited, and never stops the engine.
 */
#ifndef OTO_POLICY_H
#define OTO_POLICY_H

#include "event.h"

struct oto_engine;
struct oto_policy;

struct oto_policy_options {
	const char *library;                                    /* folder of the Lua library (lua/) */
	const char *state_dir;                                  /* stores are saved here; NULL: a stateless run */
	bool rehearsal;                                         /* stores are loaded and never saved */
	bool whole;                                             /* they are saved when the run is over, and not now and then */
	uint64_t instructions;                                  /* budget of one handler call; 0: 10,000,000 */
	uint64_t memory;                                        /* bytes per state; 0: 512 MiB */
	void (*print)(void *who, const char *text, size_t len); /* where print() writes; NULL: standard output */
	void *print_who;
	bool quiet; /* script errors are events and log rows only, not lines on standard error */
	bool costs; /* oto_policy_costs() will be asked */
};
struct oto_policy *oto_policy_new(struct oto_engine *engine, const struct oto_policy_options *options, struct oto_error *err);
void oto_policy_free(struct oto_policy *p);

/* Load a script; the message has file:line. A file whose chunk returns an analyzer table (oto.analyzer) is a dissector and is registered.
 */
bool oto_policy_file(struct oto_policy *p, const char *path, struct oto_error *err);
/* One that comes along: now and then it goes through all that a plant has, and may take fifty times the budget for that. */
bool oto_policy_standard(struct oto_policy *p, const char *path, struct oto_error *err);
bool oto_policy_text(struct oto_policy *p, const char *name, const char *code, struct oto_error *err);
/* A Lua dissector (--plugin x.lua): registered with the analyzers before the logs attach. */
bool oto_policy_dissector(struct oto_policy *p, const char *path, struct oto_error *err);
/* All event types are known: handlers find theirs (the message names script, line and near names), on("start") runs. */
bool oto_policy_start(struct oto_policy *p, struct oto_error *err);
/* The run is over: on("finish") handlers, stores saved. */
bool oto_policy_finish(struct oto_policy *p, struct oto_error *err);
/* The clock was set, and the engine's timers with it: what scripts wait for comes in as long as before. */
void oto_policy_shift(struct oto_policy *p, int64_t by_ns);

/* What scripts offer on the command line (command.new). Owned by the policy. */
struct oto_command {
	const char *name, *doc;                 /* name may be of several words: "ledger import" */
	bool writes;                            /* changes what is remembered */
	bool rehearses;                         /* wants captures replayed on what is remembered, and nothing of it kept */
	const struct oto_event_type *arguments; /* its fields are the arguments, in the order of positional ones; NULL: none */
	const struct oto_event_def *row;        /* the columns of its answer; NULL: it prints */
};
struct oto_command_argument {
	const char *name, *value;
};
typedef void oto_command_row(void *who, const struct oto_event *row); /* borrowed until it returns */
/* One after the other, in the order of their declaration; NULL at the end. */
const struct oto_command *oto_policy_commands(const struct oto_policy *p, const struct oto_command *after);
/* Run one; its rows are shown one by one. */
bool oto_policy_command(struct oto_policy *p, const struct oto_command *command, const struct oto_command_argument *arguments, size_t n,
			oto_command_row *row, void *who, struct oto_error *err);
/* Where print() writes from now on; NULL: as the options said. */
void oto_policy_prints(struct oto_policy *p, void (*print)(void *who, const char *text, size_t len), void *who);
/* Where command.remark() says what belongs beside an answer and not into it; NULL: nowhere. */
void oto_policy_remarks(struct oto_policy *p, void (*remark)(void *who, const char *text), void *who);
/* Before the first packet of a rehearsal. */
bool oto_policy_rehearse(struct oto_policy *p, const struct oto_command *command, const struct oto_command_argument *arguments, size_t n,
			 struct oto_error *err);
/* Who asks: names of files in a command's arguments are relative to his folder, borrowed until the command is done (NULL: to this
 * process's); his terminal is so wide (0: as wide as it takes), scripts find that under args["terminal.width"]. */
void oto_policy_asked_from(struct oto_policy *p, const char *folder, size_t width);
/* Save the stores now. */
bool oto_policy_save(struct oto_policy *p, struct oto_error *err);

/* What each handler and timer took, the most expensive first, as a table with a heading. After the run. */
bool oto_policy_costs(const struct oto_policy *p, const char *path, struct oto_error *err);

struct oto_policy_stats {
	uint64_t calls, filtered, errors, over_budget, memory, memory_peak, store_evicted;
} oto_policy_stats(const struct oto_policy *p);

/* What scripts can call, for `otoscope doc lua`: the one list, kept beside the functions. */
struct oto_policy_api_entry {
	const char *name, *signature, *doc;
};
const struct oto_policy_api_entry *oto_policy_api(uint32_t *n);

#endif
