/* cli.h - the command line: what a person asked for, the runs made from it, and how they end.
 *
 * main.c picks the subcommand; cli_options.c turns arguments into a struct oto_cli; cli_inputs.c turns names into capture files;
 * cli_run.c is one run of one engine; cli_each.c makes a run per file in processes of their own; cli_progress.c shows how far;
 * cli_command.c answers what scripts declare as commands; cli_signal.c says when to stop; cli_measure.c writes what the goldens compare.
 * Nothing here knows a protocol.
 */
#ifndef OTO_CLI_H
#define OTO_CLI_H

#include "engine.h"

/* Documented in --help and README.md, tested: people's shell scripts depend on them. */
enum oto_exit {
	OTO_EXIT_OK = 0,
	OTO_EXIT_FAILED = 1,        /* a capture missing, damaged or unreadable; logs that cannot be written */
	OTO_EXIT_USAGE = 2,         /* a wrong option, BPF filter, script or plugin */
	OTO_EXIT_SOME_FAILED = 3,   /* --each: some files failed, the others are done */
	OTO_EXIT_INTERRUPTED = 130, /* Ctrl-C or SIGTERM; logs are whole. When they could not be written it is 1 */
	OTO_EXIT_PIPE = 141,        /* nobody reads our output any more; logs are whole */
};

/* A growing list of texts; owns the array, and the texts where `owned` says so. */
struct oto_cli_list {
	const char **items;
	size_t n, cap;
};
void oto_cli_list_add(struct oto_cli_list *list, const char *text);

/* Lua to run, in the order given. */
struct oto_cli_script {
	const char *text; /* a path, or code */
	bool is_code;     /* from -e */
};

struct oto_cli {
	struct oto_engine_options engine;
	struct oto_cli_list inputs; /* of -r, as given */
	struct oto_cli_list plugins;
	struct oto_cli_script *scripts;
	size_t nscripts;
	const char *interface, *bpf;
	const char *of_logs;         /* an option that was given and is about logs; NULL: none */
	const char *coverage, *cost; /* files to write what cli_measure.c counted */
	const char *script_cost;     /* file to write what each handler took */
	uint32_t jobs;
	bool each, resume, quiet, verbose;
	bool send;            /* what a replay tells goes out, too */
	bool no_packets;      /* none around alerts */
	bool bare;            /* without the standard scripts */
	bool standard;        /* with them: inventory, learning and alerts: with --state, and for commands */
	uint64_t fingerprint; /* of everything that changes the output but the captures: what --resume compares */
};

/* False: *exit_code is set and everything was said (also for --help and --version). */
bool oto_cli_parse(struct oto_cli *cli, int argc, char **argv, int *exit_code);
/* The same for the options that stand around a command (cli_command.c): what is read may be left out, and standard scripts are loaded. */
bool oto_cli_parse_command(struct oto_cli *cli, int argc, char **argv, int *exit_code);
/* 1: an option of that name (or letter) takes a value; 0: it takes none; -1: there is no such option. */
int oto_cli_option_kind(const char *name);
/* One line on stderr, with the program's name in front. */
void oto_cli_say(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* A capture file and the name of its output folder under --each: relative, without "..". */
struct oto_cli_file {
	char *path, *name;
};
struct oto_cli_files {
	struct oto_cli_file *file;
	size_t n, cap;
	size_t passed_over; /* files of a folder that are no captures */
};
/* Directories are searched whole, patterns are expanded, all sorted by name. "-" stands for itself. Fails when one finds nothing. */
bool oto_cli_inputs(const struct oto_cli_list *inputs, struct oto_cli_files *out, struct oto_error *err);
void oto_cli_files_free(struct oto_cli_files *files);
/* mkdir -p; an existing folder is fine. */
bool oto_cli_make_dir(const char *path, struct oto_error *err);
/* The scripts that the program brings along, sorted: inventory, learning and alerts. The texts are the caller's to free. */
void oto_cli_standard_scripts(struct oto_cli_list *out);
/* Where the Lua library is: beside the installed program, or in the tree the program was built in. NULL when neither is there. */
const char *oto_cli_library(void);

struct oto_cli_result {
	int exit_code;
	uint64_t packets, bytes, duplicates, rows, events, weirds, script_errors;
	uint64_t mistakes;               /* oto_analyzers_mistakes() */
	double capture_seconds, seconds; /* of packet time; of work */
	struct oto_error error;          /* what failed, or what was wrong with the input */
	bool again;                      /* it ended because oto_cli_anew() said so: run anew */
};
/* One engine over these captures (n 0: the live interface), logs into log_dir (NULL: none). Says nothing but what scripts say. */
struct oto_cli_hooks {
	void (*progress)(void *who, const struct oto_capture_stats *stats);
	void (*done)(void *who, struct oto_engine *e); /* after the last log is written, before the engine is freed */
	void *who;
	bool (*ready)(void *who, struct oto_engine *e, struct oto_error *err); /* scripts are loaded, the first packet is to come */
};
void oto_cli_run(const struct oto_cli *cli, const char *const *paths, size_t n, const char *log_dir, const struct oto_cli_hooks *hooks,
		 struct oto_cli_result *result);
/* Everything of a run but the packets, the logs and the state, in a process of its own where nothing is printed but what is wrong: tells a
 * wrong option or script before a thousand files are read, or before the scripts that run are ended. */
bool oto_cli_try(const struct oto_cli *cli);
/* Is a live run that keeps state to end here and to begin anew? Says why. Zero but for `cli` when the run begins. */
struct oto_anew {
	const struct oto_cli *cli;
	int64_t ahead; /* the wall's clock, of the monotonic one, at most so far */
};
bool oto_cli_anew(struct oto_anew *a);
bool oto_cli_may_begin_anew(const struct oto_cli *cli); /* live, with a state that the next run finds */
int64_t oto_cli_wall_ns(void);                          /* since 1970 */
bool oto_cli_load_scripts(const struct oto_cli *cli, struct oto_policy *policy, struct oto_error *err);
/* `otoscope NAME ...` for a name that is declared by a script. */
int oto_cli_command(int argc, char **argv);
/* The two ways to run; each returns the exit code. */
int oto_cli_timeline(const struct oto_cli *cli);
int oto_cli_each(const struct oto_cli *cli);

/* A line on stderr that rewrites itself, on a terminal only. */
struct oto_progress {
	bool on;
	int64_t start_ns, shown_ns;
};
void oto_progress_start(struct oto_progress *p, bool quiet);
void oto_progress_packets(struct oto_progress *p, const struct oto_capture_stats *stats);
void oto_progress_files(struct oto_progress *p, size_t done, size_t all);
void oto_progress_clear(struct oto_progress *p);
int64_t oto_cli_clock_ns(void); /* monotonic; for progress and the final figure only, never for results */
/* "12,345,678". Returns out. */
const char *oto_cli_thousands(uint64_t n, char out[32]);

/* SIGINT, SIGTERM: finish and write; the second one ends at once. SIGPIPE: finish quietly. */
void oto_cli_catch_signals(void);
/* SIGHUP asks to read scripts anew; without this call it ends the program, as it does by itself. */
void oto_cli_catch_reload(void);
bool oto_cli_reload_asked(void);           /* since this was called last */
int oto_cli_stopped(void);                 /* the exit code to end with, 0 while nothing came */
int oto_cli_exit_code(int exit_code);      /* of a run that ended so, stopped or not: 1 stays when logs or state could not be written */
void oto_cli_wakes(struct oto_capture *c); /* a signal stops this capture's waiting; NULL: none */

/* What a run saw, for the goldens: which events, fields and named values (coverage), and what each analyzer did (cost). */
struct oto_measure;
struct oto_measure *oto_measure_new(struct oto_engine *e);
bool oto_measure_write(const struct oto_measure *m, const char *path, const char *capture, struct oto_error *err);
bool oto_measure_costs(const struct oto_engine *e, const char *path, struct oto_error *err);
void oto_measure_free(struct oto_measure *m);

/* Captures that a state folder has seen. False, and why, if one of these is among them. Paths are borrowed. */
bool oto_cli_not_counted(const char *dir, const char *const *paths, size_t n, struct oto_error *err);
/* All of them can be: what is cut short is not, and read again from its beginning. */
bool oto_cli_countable(const char *const *paths, size_t n);
/* Write them down, after a run that changed the state. */
bool oto_cli_counted(const char *dir, const char *const *paths, size_t n, struct oto_error *err);

#endif
