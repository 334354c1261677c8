/* cli_command.c - `otoscope NAME ...` for what scripts declare with command.new: finds it, gives it its arguments, shows its answer.
 *
 * The question is put to what a state folder remembers (--state), or to captures that are replayed first (-r), or both. Knows commands and
 * their arguments; no question in particular.
 */
#include "cli_rows.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MOST_WORDS = 8 };

/* ------------------------------------------------------------------------------------------------ the command line */

/* Where the value of an option goes that is not the engine's and no argument's; NULL: it is none of these. */
static const char **own_option(struct oto_question *r, const char *name, const char **limit)
{
	return !strcmp(name, "where")     ? &r->where
	       : !strcmp(name, "sort")    ? &r->sort
	       : !strcmp(name, "columns") ? &r->columns
	       : !strcmp(name, "limit")   ? limit
					  : NULL;
}

static bool take_limit(struct oto_question *r, const char *text)
{
	char *end;

	errno = 0;
	r->limit = strtoul(text, &end, 10);
	if (!errno && r->limit && !*end && text[0] != '-')
		return true;
	oto_cli_say("--limit %s: how many rows at most, a number from 1 on", text);
	return false;
}

static bool own_flag(struct oto_question *r, const char *name)
{
	if (!strcmp(name, "csv"))
		r->format = OTO_ANSWER_CSV;
	else if (!strcmp(name, "json"))
		r->format = OTO_ANSWER_JSON;
	else if (!strcmp(name, "help"))
		r->help = true;
	else
		return false;
	return true;
}

/* One long option; returns how many words it takes, 0 after an error. */
static int take_option(struct oto_question *r, char *const *argv, int left)
{
	char name[64];
	const char *equals = strchr(argv[0], '=');
	const char *value = equals ? equals + 1 : left > 1 ? argv[1] : NULL;

	snprintf(name, sizeof name, "%.*s", equals ? (int)(equals - argv[0] - 2) : (int)sizeof name - 1, argv[0] + 2);
	if (own_flag(r, name))
		return 1;
	int kind = oto_cli_option_kind(name);
	if (kind >= 0) {
		oto_cli_list_add(&r->engine, argv[0]);
		if (kind == 0 || equals)
			return 1;
		if (value)
			oto_cli_list_add(&r->engine, value);
		return 2;
	}
	if (!value || (!equals && strncmp(value, "--", 2) == 0))
		value = "true";
	int taken = equals || value != argv[1] ? 1 : 2;
	const char *limit = NULL, **own = own_option(r, name, &limit);
	if (own && !equals && taken == 1)
		return oto_cli_say("--%s wants a value; --help tells more", name), 0;
	if (own)
		*own = value;
	if (own)
		return !limit || take_limit(r, limit) ? taken : 0;
	if (r->narguments == OTO_QUESTION_WORDS)
		return oto_cli_say("more than %d arguments", OTO_QUESTION_WORDS), 0;
	memcpy(r->names[r->narguments], name, sizeof name);
	r->arguments[r->narguments] = (struct oto_command_argument){ r->names[r->narguments], value };
	r->narguments++;
	return taken;
}

/* -r takes all names up to the next option. */
static int take_letters(struct oto_question *r, char *const *argv, int left)
{
	int n = 1;

	if (!strcmp(argv[0], "-h")) {
		r->help = true;
		return 1;
	}
	oto_cli_list_add(&r->engine, argv[0]);
	if (!strcmp(argv[0], "-r")) {
		for (; n < left && argv[n][0] != '-'; n++)
			oto_cli_list_add(&r->engine, argv[n]);
	} else if (oto_cli_option_kind((char[]){ argv[0][1], '\0' }) > 0 && !argv[0][2] && left > 1) {
		oto_cli_list_add(&r->engine, argv[n++]);
	}
	return n;
}

static bool read_arguments(struct oto_question *r, int argc, char **argv)
{
	oto_cli_list_add(&r->engine, argv[0]);
	for (int i = 1, n; i < argc; i += n) {
		if (strncmp(argv[i], "--", 2) == 0 && argv[i][2]) {
			n = take_option(r, argv + i, argc - i);
		} else if (argv[i][0] == '-' && argv[i][1]) {
			n = take_letters(r, argv + i, argc - i);
		} else if (strlen(argv[i]) > 4 && !strcmp(argv[i] + strlen(argv[i]) - 4, ".lua")) {
			oto_cli_list_add(&r->engine, argv[i]);
			n = 1;
		} else {
			n = r->nwords < OTO_QUESTION_WORDS;
			if (n)
				r->words[r->nwords++] = argv[i];
		}
		if (!n)
			return false;
	}
	return true;
}

/* ------------------------------------------------------------------------------------------------ finding the command */

/* How many of the request's first words are this command's name; 0: it is another. */
static size_t words_of_name(const struct oto_question *r, const char *name)
{
	size_t n = 0;

	while (*name) {
		size_t len = strcspn(name, " ");
		if (n == r->nwords || strlen(r->words[n]) != len || strncmp(r->words[n], name, len) != 0)
			return 0;
		n++;
		name += len + (name[len] == ' ');
	}
	return n;
}

static const struct oto_command *find(const struct oto_policy *p, const struct oto_question *r, size_t *words)
{
	const struct oto_command *found = NULL;

	*words = 0;
	for (const struct oto_command *c = oto_policy_commands(p, NULL); c; c = oto_policy_commands(p, c)) {
		size_t n = words_of_name(r, c->name);
		if (n > *words) {
			*words = n;
			found = c;
		}
	}
	return found;
}

static bool not_found(const struct oto_policy *p, const struct oto_question *r)
{
	const char *names[256];
	size_t n = 0;
	char near[256], asked[256] = "";

	for (const struct oto_command *c = oto_policy_commands(p, NULL); c && n < 256; c = oto_policy_commands(p, c))
		names[n++] = c->name;
	for (size_t i = 0; i < r->nwords && i < MOST_WORDS; i++)
		snprintf(asked + strlen(asked), sizeof asked - strlen(asked), "%s%s", i ? " " : "", r->words[i]);
	oto_question_say(r, "there is no command %s%s; otoscope commands lists them", asked, oto_near(near, sizeof near, asked, names, n));
	return false;
}

static void list(const struct oto_policy *p, const struct oto_question *r)
{
	for (const struct oto_command *c = oto_policy_commands(p, NULL); c; c = oto_policy_commands(p, c))
		fprintf(r->out, "%-26s %s\n", c->name, c->doc);
}

static void help(const struct oto_command *c, FILE *out)
{
	fprintf(out, "%s\n\nusage: otoscope %s", c->doc, c->name);
	for (uint32_t i = 0; c->arguments && i < c->arguments->nfields; i++)
		fprintf(out, " [%s]", c->arguments->fields[i].name);
	fprintf(out, " [--state DIR] [-r CAPTURE...]%s\n",
		c->row ? " [--where CONDITION] [--sort COLUMN] [--columns A,B] [--limit N] [--csv | --json]" : "");
	if (c->arguments)
		fprintf(out, "\nArguments, in this order or by name (--%s ...)\n", c->arguments->fields[0].name);
	for (uint32_t i = 0; c->arguments && i < c->arguments->nfields; i++)
		fprintf(out, "  %-18s %s\n", c->arguments->fields[i].name, c->arguments->fields[i].doc);
	if (c->row)
		fprintf(out, "\nColumns (otoscope doc filters tells what --where understands; --sort -COLUMN goes downwards)\n");
	for (uint32_t i = 0; c->row && i < c->row->nfields; i++)
		fprintf(out, "  %-18s %s\n", c->row->fields[i].name, c->row->fields[i].doc);
}

/* Words behind the name are the arguments in the order of their declaration. */
static bool positional(struct oto_question *r, const struct oto_command *c, size_t from)
{
	for (size_t i = from; i < r->nwords; i++) {
		if (!c->arguments || i - from >= c->arguments->nfields || r->narguments == OTO_QUESTION_WORDS) {
			oto_question_say(r, "%s: what is \"%s\"? otoscope %s --help tells its arguments", c->name, r->words[i], c->name);
			return false;
		}
		r->arguments[r->narguments++] = (struct oto_command_argument){ c->arguments->fields[i - from].name, r->words[i] };
	}
	return true;
}

/* ------------------------------------------------------------------------------------------------ running it */

static int fail(const struct oto_question *r, const struct oto_error *err)
{
	oto_question_say(r, "%s", err->text);
	return OTO_EXIT_USAGE;
}

static int asked_of_nothing(const struct oto_question *r, const struct oto_command *c)
{
	oto_question_say(r, "%s of what? Captures are named with -r FILE..., what a run remembered with --state DIR", c->name);
	return OTO_EXIT_USAGE;
}

static void print_to(void *who, const char *text, size_t len)
{
	const struct oto_question *r = who;
	fwrite(text, 1, len, r->out);
}

static void remark_to(void *who, const char *text)
{
	oto_question_say(who, "%s", text);
}

static int carry_out(struct oto_question *r, struct oto_engine *e, const struct oto_command *c)
{
	struct oto_error err = { "" };
	int exit_code = OTO_EXIT_OK;
	struct oto_rows *a = oto_rows_new(r, c->row, &err);
	oto_policy_asked_from(e->policy, r->folder, r->width);
	if (!a || !oto_policy_command(e->policy, c, r->arguments, r->narguments, oto_rows_add, a, &err))
		exit_code = fail(r, &err);
	else if (c->row && !oto_rows_put(a) && !e->options.policy.state_dir && !r->replayed)
		exit_code = asked_of_nothing(r, c);
	oto_policy_asked_from(e->policy, NULL, 0);
	oto_rows_free(a);
	return exit_code;
}

/* A command that writes says what it did when it is kept, and not before. */
static int when_kept(struct oto_question *r, struct oto_engine *e, const struct oto_command *c)
{
	FILE *out = r->out;
	char *said = NULL;
	size_t len = 0;
	struct oto_error err = { "" };

	r->out = open_memstream(&said, &len);
	if (!r->out) {
		r->out = out;
		oto_fail(&err, "%s: %s", c->name, strerror(errno));
		return fail(r, &err);
	}
	int exit_code = carry_out(r, e, c);
	oto_bus_drain(e->bus); /* what it raised is heard before the answer is given */
	fclose(r->out);
	r->out = out;
	bool kept = exit_code != OTO_EXIT_OK || oto_policy_save(e->policy, &err);
	if (kept)
		fwrite(said, 1, len, out);
	else
		oto_question_say(r, "%s: not kept: %s%s", c->name, err.text,
				 r->live ? "; the engine that runs knows it, and tries again" : "");
	free(said);
	return kept ? exit_code : OTO_EXIT_FAILED;
}

static int answered(struct oto_question *r, struct oto_engine *e)
{
	size_t words;
	const struct oto_command *c = find(e->policy, r, &words);

	if (!c && r->nwords == 1 && !strcmp(r->words[0], "commands"))
		return list(e->policy, r), OTO_EXIT_OK;
	if (!c)
		return not_found(e->policy, r), OTO_EXIT_USAGE;
	if (r->help)
		return help(c, r->out), OTO_EXIT_OK;
	if (!positional(r, c, words))
		return OTO_EXIT_USAGE;
	if (c->writes && !e->options.policy.state_dir) {
		oto_question_say(r, "%s changes what is remembered: say where with --state DIR", c->name);
		return OTO_EXIT_USAGE;
	}
	return c->writes ? when_kept(r, e, c) : carry_out(r, e, c);
}

int oto_command_answer(struct oto_question *r, struct oto_engine *e)
{
	oto_policy_prints(e->policy, print_to, r);
	oto_policy_remarks(e->policy, remark_to, r);
	int exit_code = answered(r, e);
	oto_policy_prints(e->policy, NULL, NULL);
	oto_policy_remarks(e->policy, NULL, NULL);
	return exit_code;
}

/* COLUMNS is somebody's wish; without it a terminal says how wide it is, and a pipe is as wide as it takes. */
static size_t terminal_width(void)
{
	struct winsize size;
	const char *columns = getenv("COLUMNS");

	if (columns && atoi(columns) > 0)
		return (size_t)atoi(columns);
	return isatty(STDOUT_FILENO) && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

struct after_replay {
	struct oto_question *request;
	int exit_code;
};

static bool on_ready(void *who, struct oto_engine *e, struct oto_error *err)
{
	struct after_replay *after = who;
	struct oto_question *r = after->request;
	size_t words;
	const struct oto_command *c = find(e->policy, r, &words);

	if (!c || !c->rehearses)
		return true;
	size_t named = r->narguments;
	bool ok = positional(r, c, words) && oto_policy_rehearse(e->policy, c, r->arguments, r->narguments, err);
	r->narguments = named;
	return ok;
}

/* Whether the command wants a rehearsal must be known before the engine is made that replays. */
static bool is_rehearsal(const struct oto_cli *cli, const struct oto_question *r)
{
	struct oto_engine_options options = cli->engine;
	struct oto_error err = { "" };
	size_t words;

	options.policy.state_dir = NULL;
	struct oto_engine *e = oto_engine_new(&options, &err);
	const struct oto_command *c = e && oto_cli_load_scripts(cli, e->policy, &err) ? find(e->policy, r, &words) : NULL;
	bool rehearses = c && c->rehearses;
	oto_engine_free(e);
	return rehearses;
}

static void on_done(void *who, struct oto_engine *e)
{
	struct after_replay *after = who;

	if (!oto_cli_stopped())
		after->exit_code = oto_command_answer(after->request, e);
}

static int replay_then_answer(struct oto_cli *cli, struct oto_question *r)
{
	struct oto_cli_files files = { 0 };
	struct oto_cli_list paths = { 0 };
	struct oto_cli_result result;
	struct oto_error err;
	struct after_replay after = { r, OTO_EXIT_OK };

	if (!oto_cli_inputs(&cli->inputs, &files, &err)) {
		oto_cli_say("%s", err.text);
		oto_cli_files_free(&files);
		return OTO_EXIT_FAILED;
	}
	for (size_t i = 0; i < files.n; i++)
		oto_cli_list_add(&paths, files.file[i].path);
	r->replayed = true;
	cli->engine.policy.rehearsal = cli->engine.policy.state_dir && is_rehearsal(cli, r);
	oto_cli_run(cli, paths.items, paths.n, cli->engine.log.dir,
		    &(struct oto_cli_hooks){ .done = on_done, .who = &after, .ready = on_ready }, &result);
	if (result.error.text[0])
		oto_cli_say("%s", result.error.text);
	free(paths.items);
	oto_cli_files_free(&files);
	return result.exit_code ? result.exit_code : after.exit_code;
}

/* A question to a folder in which nothing is kept has no answer, and must not leave a state there. */
static bool has_state(const char *dir)
{
	char path[4096];

	return snprintf(path, sizeof path, "%s/state.db", dir) < (int)sizeof path && access(path, F_OK) == 0;
}

static void remove_state(const char *dir)
{
	static const char *const files[] = { "state.db", "state.db-wal", "state.db-shm" };
	char path[4096];

	for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
		if (snprintf(path, sizeof path, "%s/%s", dir, files[i]) < (int)sizeof path)
			unlink(path);
	}
}

static int nothing_kept(const struct oto_question *r, const char *dir)
{
	oto_question_say(r, "nothing is kept in %s: no run has had it as its --state", dir);
	return OTO_EXIT_USAGE;
}

static int answer_from_state(const struct oto_cli *cli, struct oto_question *r)
{
	struct oto_error err = { "" };
	const char *state = cli->engine.policy.state_dir;
	bool fresh = state && !has_state(state);
	bool writes = false;
	int exit_code = OTO_EXIT_OK;
	struct stat st;

	if (state && stat(state, &st)) {
		oto_question_say(r, "--state %s: %s", state, strerror(errno));
		return OTO_EXIT_USAGE;
	}

	/* An engine that runs over this state knows more than was saved, and is the only one that may write. */
	if (state && oto_control_ask(state, r, &exit_code))
		return exit_code;
	struct oto_engine_options options = cli->engine;
	options.spool.dir = state;
	options.spool.mode = state ? OTO_SPOOL_CONFIGURED : OTO_SPOOL_OFF;
	struct oto_engine *e = oto_engine_new(&options, &err);
	if (!e || !oto_cli_load_scripts(cli, e->policy, &err)) {
		exit_code = fail(r, &err);
	} else {
		size_t words;
		const struct oto_command *c = find(e->policy, r, &words);
		writes = c && c->writes && !r->help;
		if (fresh && c && !writes && !r->help)
			exit_code = nothing_kept(r, state);
		else
			exit_code = oto_engine_start(e, &err) ? oto_command_answer(r, e) : fail(r, &err);
	}
	oto_engine_free(e);
	if (fresh && (!writes || exit_code != OTO_EXIT_OK))
		remove_state(state);
	return exit_code;
}

int oto_cli_command(int argc, char **argv)
{
	static struct oto_question r; /* large, and one a program */
	r.out = stdout;
	r.err = stderr;
	r.width = terminal_width();
	char folder[PATH_MAX];
	r.folder = getcwd(folder, sizeof folder);
	struct oto_cli cli = { 0 };
	int exit_code = OTO_EXIT_USAGE;

	if (read_arguments(&r, argc, argv) &&
	    oto_cli_parse_command(&cli, (int)r.engine.n, (char **)(uintptr_t)r.engine.items, &exit_code)) {
		oto_cli_catch_signals();
		exit_code = cli.inputs.n && !r.help ? replay_then_answer(&cli, &r) : answer_from_state(&cli, &r);
	}
	free(r.engine.items);
	free(cli.inputs.items);
	free(cli.plugins.items);
	free(cli.scripts);
	return oto_cli_exit_code(exit_code);
}
