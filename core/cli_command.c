/* cli_command.c - `otoscope NAME ...` for what scripts declare with command.new: finds it, gives it its arguments, shows its answer.
 *
 * The question is put to what a state folder remembers (--state), or to captures that are replayed first (-r), or both. The answer is a
 * table that fits the terminal, CSV or JSON lines. Knows commands, events and text; no question in particular.
 */
#include "cli_command.h"
#include "filter.h"

#include <stdarg.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

enum { MOST_WORDS = 8, NARROWEST = 6, ENOUGH = 10 /* columns of words keep so much while others are whole */ };

static void say(const struct oto_question *r, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void say(const struct oto_question *r, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fputs("otoscope: ", r->err);
	vfprintf(r->err, format, args);
	fputc('\n', r->err);
	va_end(args);
}

/* ------------------------------------------------------------------------------------------------ the command line */

static bool own_option(struct oto_question *r, const char *name, const char *value)
{
	if (!strcmp(name, "where"))
		r->where = value;
	else if (!strcmp(name, "sort"))
		r->sort = value;
	else if (!strcmp(name, "limit"))
		r->limit = (size_t)strtoul(value, NULL, 10);
	else
		return false;
	return true;
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
	if (own_option(r, name, value))
		return taken;
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
	say(r, "there is no command %s%s; otoscope commands lists them", asked, oto_near(near, sizeof near, asked, names, n));
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
		c->row ? " [--where CONDITION] [--sort COLUMN] [--limit N] [--csv | --json]" : "");
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
			say(r, "%s: what is \"%s\"? otoscope %s --help tells its arguments", c->name, r->words[i], c->name);
			return false;
		}
		r->arguments[r->narguments++] = (struct oto_command_argument){ c->arguments->fields[i - from].name, r->words[i] };
	}
	return true;
}

/* ------------------------------------------------------------------------------------------------ the answer */

/* One row as texts, and the number it is sorted by. */
struct line {
	char **cell;
	double number;
	bool is_number;
	size_t order;
};

struct answer {
	const struct oto_question *request;
	const struct oto_event_def *row;
	struct oto_filter *where;
	uint32_t sort; /* column */
	bool sorted, downwards;
	struct line *lines;
	size_t n, cap;
};

/* For people, in the zone of the machine (TZ): seconds are enough. */
static void local_time(int64_t ns, struct oto_buf *out)
{
	time_t seconds = (time_t)(ns / OTO_SECOND);
	struct tm tm;
	char text[40];

	strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S", localtime_r(&seconds, &tm));
	oto_buf_str(out, text);
}

static void cell_text(const struct oto_event *e, uint32_t column, enum oto_answer_format format, struct oto_buf *out)
{
	struct oto_value v;

	oto_value_get(e, (struct oto_field_ref){ &e->def->fields[column], false }, &v);
	if (format == OTO_ANSWER_JSON)
		oto_value_json(&v, out);
	else if (v.kind == OTO_TIME && v.i)
		local_time(v.i, out);
	else if (v.kind)
		oto_value_text(&v, out);
	oto_buf_add(out, "", 1);
}

static void sort_key(const struct answer *a, const struct oto_event *e, struct line *l)
{
	struct oto_value v;

	if (!a->sorted)
		return;
	oto_value_get(e, (struct oto_field_ref){ &e->def->fields[a->sort], false }, &v);
	l->is_number = v.kind == OTO_F64 || v.kind == OTO_I64 || v.kind == OTO_TIME || v.kind == OTO_INTERVAL ||
		       (v.kind >= OTO_U8 && v.kind <= OTO_U64);
	l->number = v.kind == OTO_F64 ? v.f : v.kind == OTO_I64 || v.kind == OTO_TIME || v.kind == OTO_INTERVAL ? (double)v.i : (double)v.u;
	if (!v.kind)
		l->number = 0;
}

static void on_row(void *who, const struct oto_event *e)
{
	struct answer *a = who;

	if (!oto_filter_match(a->where, e))
		return;
	if (a->n == a->cap) {
		a->cap = a->cap ? a->cap * 2 : 64;
		a->lines = oto_realloc(a->lines, a->cap * sizeof *a->lines);
	}
	struct line *l = &a->lines[a->n];
	*l = (struct line){ .cell = oto_calloc(e->def->nfields, sizeof *l->cell), .order = a->n++ };
	for (uint32_t i = 0; i < e->def->nfields; i++) {
		struct oto_buf text = { 0 };
		cell_text(e, i, a->request->format, &text);
		l->cell[i] = text.data;
	}
	sort_key(a, e, l);
}

static int by_sort(const void *x, const void *y, void *who)
{
	const struct line *a = x, *b = y;
	const struct answer *answer = who;
	int order = a->is_number && b->is_number ? (a->number > b->number) - (a->number < b->number)
						 : strcmp(a->cell[answer->sort], b->cell[answer->sort]);

	if (answer->downwards)
		order = -order;
	return order ? order : (a->order > b->order) - (a->order < b->order);
}

static size_t characters(const char *text)
{
	size_t n = 0;

	for (; *text; text++)
		n += ((unsigned char)*text & 0xc0) != 0x80;
	return n;
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

/* Half a word is still of use, half an address or time is not. */
static bool is_prose(const struct oto_field *f)
{
	return f->kind == OTO_BYTES || f->kind == OTO_STR || f->kind == OTO_LIST;
}

/* The widest column gives way until the line fits, those of words before all others. */
static void fit(size_t *width, const uint32_t *columns, uint32_t n, const struct oto_event_def *def, size_t terminal)
{
	for (;;) {
		size_t total = n ? 2 * (n - 1) : 0;
		uint32_t widest = 0, prose = n;
		for (uint32_t i = 0; i < n; i++) {
			total += width[i];
			if (width[i] > width[widest])
				widest = i;
			if (is_prose(&def->fields[columns[i]]) && width[i] > ENOUGH && (prose == n || width[i] > width[prose]))
				prose = i;
		}
		uint32_t narrower = prose < n ? prose : widest;
		if (!terminal || total <= terminal || width[narrower] <= NARROWEST)
			return;
		width[narrower]--;
	}
}

static void put_cell(FILE *out, const char *text, size_t width, bool last)
{
	size_t n = characters(text);

	if (n <= width) {
		fprintf(out, "%s%*s", text, last ? 0 : (int)(width - n + 2), "");
		return;
	}
	size_t bytes = 0;
	for (size_t shown = 0; shown + 1 < width; shown++) {
		bytes++;
		while (((unsigned char)text[bytes] & 0xc0) == 0x80)
			bytes++;
	}
	fprintf(out, "%.*s\xe2\x80\xa6%s", (int)bytes, text, last ? "" : "  ");
}

static size_t width_of(const struct answer *a, uint32_t column, size_t n, bool *empty)
{
	size_t width = strlen(a->row->fields[column].name);

	*empty = true;
	for (size_t i = 0; i < n; i++) {
		size_t w = characters(a->lines[i].cell[column]);
		width = w > width ? w : width;
		*empty &= w == 0;
	}
	return width;
}

/* The columns to show, and how wide each is. What holds nothing gives way first when a line is too long. */
static uint32_t lay_out(const struct answer *a, size_t n, uint32_t *columns, size_t *width)
{
	size_t terminal = a->request->width, total = 0;
	uint32_t all = a->row->nfields, shown = 0;
	bool empty;

	for (uint32_t c = 0; c < all; c++)
		total += width_of(a, c, n, &empty) + 2;
	for (uint32_t c = 0; c < all; c++) {
		size_t w = width_of(a, c, n, &empty);
		if (empty && n && terminal && total > terminal + 2)
			continue;
		columns[shown] = c;
		width[shown++] = w;
	}
	fit(width, columns, shown, a->row, terminal);
	return shown;
}

static void put_table(const struct answer *a, size_t n)
{
	const struct oto_event_def *def = a->row;
	FILE *out = a->request->out;
	size_t *width = oto_calloc(def->nfields, sizeof *width);
	uint32_t *columns = oto_calloc(def->nfields, sizeof *columns), shown = lay_out(a, n, columns, width);

	for (uint32_t k = 0; k < shown; k++)
		put_cell(out, def->fields[columns[k]].name, width[k], k + 1 == shown);
	fputc('\n', out);
	for (size_t i = 0; i < n; i++) {
		for (uint32_t k = 0; k < shown; k++) {
			const char *cell = a->lines[i].cell[columns[k]];
			put_cell(out, cell[0] ? cell : "-", width[k], k + 1 == shown);
		}
		fputc('\n', out);
	}
	free(columns);
	free(width);
}

/* RFC 4180. A cell that a spreadsheet would take for a formula gets an apostrophe: names come from the wire. */
static void put_csv_cell(FILE *out, const char *text)
{
	const char *guard = text[0] && strchr("=+-@", text[0]) && !(text[0] == '-' && strspn(text + 1, "0123456789.")) ? "'" : "";

	if (!strpbrk(text, ",\"\r\n")) {
		fprintf(out, "%s%s", guard, text);
		return;
	}
	fprintf(out, "\"%s", guard);
	for (; *text; text++)
		fprintf(out, *text == '"' ? "\"\"" : "%c", *text);
	fputc('"', out);
}

static void put_csv(const struct answer *a, size_t n)
{
	FILE *out = a->request->out;

	for (uint32_t c = 0; c < a->row->nfields; c++)
		fprintf(out, "%s%s", c ? "," : "", a->row->fields[c].name);
	fputs("\r\n", out);
	for (size_t i = 0; i < n; i++) {
		for (uint32_t c = 0; c < a->row->nfields; c++) {
			if (c)
				fputc(',', out);
			put_csv_cell(out, a->lines[i].cell[c]);
		}
		fputs("\r\n", out);
	}
}

static void put_json(const struct answer *a, size_t n)
{
	FILE *out = a->request->out;

	for (size_t i = 0; i < n; i++) {
		const char *comma = "{";
		for (uint32_t c = 0; c < a->row->nfields; c++) {
			if (strcmp(a->lines[i].cell[c], "null") == 0)
				continue;
			fprintf(out, "%s\"%s\":%s", comma, a->row->fields[c].name, a->lines[i].cell[c]);
			comma = ",";
		}
		fprintf(out, "%s\n", *comma == '{' ? "{}" : "}");
	}
}

static void put_answer(struct answer *a)
{
	size_t n = a->request->limit && a->request->limit < a->n ? a->request->limit : a->n;

	if (a->sorted)
		qsort_r(a->lines, a->n, sizeof *a->lines, by_sort, a);
	if (a->request->format == OTO_ANSWER_CSV)
		put_csv(a, n);
	else if (a->request->format == OTO_ANSWER_JSON)
		put_json(a, n);
	else
		put_table(a, n);
	if (n < a->n)
		say(a->request, "%zu of %zu rows shown", n, a->n);
}

static void free_answer(struct answer *a)
{
	for (size_t i = 0; i < a->n; i++) {
		for (uint32_t c = 0; c < a->row->nfields; c++)
			free(a->lines[i].cell[c]);
		free(a->lines[i].cell);
	}
	free(a->lines);
	oto_filter_free(a->where);
}

/* ------------------------------------------------------------------------------------------------ running it */

static bool prepare(struct answer *a, struct oto_error *err)
{
	const struct oto_question *r = a->request;
	char near[256];

	if ((r->where || r->sort) && !a->row)
		return oto_fail(err, "this command gives no rows: --where and --sort are for those that do");
	if (r->where && !(a->where = oto_filter_compile(a->row, r->where, err)))
		return false;
	if (!r->sort)
		return true;
	a->downwards = r->sort[0] == '-';
	const char *column = r->sort + a->downwards;
	for (a->sort = 0; a->sort < a->row->nfields; a->sort++) {
		if (strcmp(a->row->fields[a->sort].name, column) == 0)
			return a->sorted = true;
	}
	return oto_fail(err, "--sort %s: there is no such column%s", column, oto_field_near(a->row, column, near, sizeof near));
}

static int fail(const struct oto_question *r, const struct oto_error *err)
{
	say(r, "%s", err->text);
	return OTO_EXIT_USAGE;
}

static void print_to(void *who, const char *text, size_t len)
{
	const struct oto_question *r = who;
	fwrite(text, 1, len, r->out);
}

static int answered(struct oto_question *r, struct oto_engine *e)
{
	size_t words;
	const struct oto_command *c = find(e->policy, r, &words);
	struct answer a = { .request = r };
	struct oto_error err = { "" };

	if (!c && r->nwords == 1 && !strcmp(r->words[0], "commands"))
		return list(e->policy, r), OTO_EXIT_OK;
	if (!c)
		return not_found(e->policy, r), OTO_EXIT_USAGE;
	if (r->help)
		return help(c, r->out), OTO_EXIT_OK;
	if (!positional(r, c, words))
		return OTO_EXIT_USAGE;
	if (c->writes && !e->options.policy.state_dir) {
		say(r, "%s changes what is remembered: say where with --state DIR", c->name);
		return OTO_EXIT_USAGE;
	}
	a.row = c->row;
	int exit_code = OTO_EXIT_OK;
	oto_policy_asked_from(e->policy, r->folder);
	if (!prepare(&a, &err) || !oto_policy_command(e->policy, c, r->arguments, r->narguments, on_row, &a, &err))
		exit_code = fail(r, &err);
	else if (c->row)
		put_answer(&a);
	oto_policy_asked_from(e->policy, NULL);
	if (c->writes && exit_code == OTO_EXIT_OK && !oto_policy_save(e->policy, &err))
		exit_code = fail(r, &err);
	free_answer(&a);
	return exit_code;
}

int oto_command_answer(struct oto_question *r, struct oto_engine *e)
{
	oto_policy_prints(e->policy, print_to, r);
	int exit_code = answered(r, e);
	oto_policy_prints(e->policy, NULL, NULL);
	return exit_code;
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
	cli->engine.policy.rehearsal = cli->engine.policy.state_dir && is_rehearsal(cli, r);
	oto_cli_run(cli, paths.items, paths.n, cli->engine.log.dir,
		    &(struct oto_cli_hooks){ .done = on_done, .who = &after, .ready = on_ready }, &result);
	if (result.error.text[0])
		oto_cli_say("%s", result.error.text);
	free(paths.items);
	oto_cli_files_free(&files);
	return result.exit_code ? result.exit_code : after.exit_code;
}

static int answer_from_state(const struct oto_cli *cli, struct oto_question *r)
{
	struct oto_error err = { "" };
	const char *state = cli->engine.policy.state_dir;
	int exit_code;

	/* An engine that runs over this state knows more than was saved, and is the only one that may write. */
	if (state && oto_control_ask(state, r, &exit_code))
		return exit_code;
	struct oto_engine *e = oto_engine_new(&cli->engine, &err);
	if (e && oto_cli_load_scripts(cli, e->policy, &err) && oto_engine_start(e, &err))
		exit_code = oto_command_answer(r, e);
	else
		exit_code = fail(r, &err);
	oto_engine_free(e);
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
	return oto_cli_stopped() ? oto_cli_stopped() : exit_code;
}
