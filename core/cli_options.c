/* cli_options.c - from arguments to a struct oto_cli. One table has every option; parsing, --help and the advice on a misspelt one read it.
 */
#include "cli.h"
#include "codepage.h"

#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <lua.h>
#include <pcap/pcap.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define HELP_COLUMN 28

/* Long-only options count up from here; the others are their letter. */
// clang-format off
enum {
	OPT_EACH = 256, OPT_JOBS, OPT_RESUME, OPT_STATE, OPT_DATA, OPT_OEM, OPT_BARE, OPT_PLUGIN, OPT_JSON,
	OPT_PROFILE, OPT_LOG, OPT_NO_LOG, OPT_ROTATE, OPT_ROTATE_SIZE, OPT_GZIP, OPT_INTERVAL, OPT_SENSOR, OPT_SEED,
	OPT_ANALYZERS, OPT_DUPLICATES, OPT_KEEP_DUPLICATES, OPT_COVERAGE, OPT_COST, OPT_SCRIPT_COST, OPT_VERSION, OPT_SEND,
	OPT_SPOOL, OPT_PACKETS,
};
// clang-format on

struct row {
	int code;
	const char *name, *arg, *help; /* no code: a heading */
	enum {
		HARMLESS = 1, /* does not change what a run writes */
		OF_LOGS = 2,  /* says how logs are written, so they must be */
	} kind;
};

static const struct row rows[] = {
	{ .help = "Packets from" },
	{ 'r', "read", "FILE...", "capture files, folders, patterns or - (standard input): one timeline", HARMLESS },
	{ 'i', "interface", "IFACE", "a live interface", 0 },
	{ 'f', "filter", "BPF", "only packets that this libpcap filter lets through", 0 },
	{ OPT_DUPLICATES, "duplicates", "TIME", "copies that mirror ports make come within this time (10ms)", 0 },
	{ OPT_KEEP_DUPLICATES, "keep-duplicates", NULL, "do not drop them", 0 },
	{ .help = "Logs to" },
	{ 'l', "logs", "DIR", "write logs into this folder (- : all rows as JSON lines on stdout)", HARMLESS },
	{ OPT_JSON, "json", NULL, "JSON lines instead of Zeek's tab-separated columns", OF_LOGS },
	{ OPT_PROFILE, "profile", "NAME", "otoscope (default; OT logs aggregated), zeek (Zeek's rows), sensor", 0 },
	{ OPT_LOG, "log", "NAME,..", "only these logs", OF_LOGS },
	{ OPT_NO_LOG, "no-log", "NAME,..", "all but these logs", OF_LOGS },
	{ OPT_INTERVAL, "interval", "TIME", "length of an aggregated row, from a log's first event on (60s)", OF_LOGS },
	{ OPT_ROTATE, "rotate", "TIME", "begin new files every so often in packet time (1h)", OF_LOGS },
	{ OPT_ROTATE_SIZE, "rotate-size", "SIZE", "begin a new file at this size (100M)", OF_LOGS },
	{ OPT_GZIP, "gzip", NULL, "compress rotated files", OF_LOGS },
	{ .help = "Scripts" },
	{ 'e', "execute", "LUA", "run this line of Lua; may be repeated", 0 },
	{ OPT_PLUGIN, "plugin", "FILE", "load a dissector: .so or .lua; may be repeated", 0 },
	{ OPT_ANALYZERS, "analyzers", "NAME,..", "only these analyzers", 0 },
	{ OPT_DATA, "data", "DIR", "tables (p0f.fp, oui.csv ...) from this folder instead of the system's", 0 },
	{ OPT_OEM, "oem", "NAME", "code page of text that is not UTF-8 (CP932), as iconv calls it", 0 },
	{ OPT_STATE, "state", "DIR", "keep what scripts remember in this folder; without it nothing is kept", 0 },
	{ OPT_BARE, "bare", NULL, "without the standard scripts, which --state brings in", 0 },
	{ OPT_SEND, "send", NULL, "with -r: hand the alerts to otoscope send, as a live run does", 0 },
	{ OPT_SPOOL, "spool", "ROWS", "keep so many alerts for otoscope send (50000)", HARMLESS },
	{ OPT_PACKETS, "packets", "LIMITS", "around an alert, kept in DIR/packets: off, or before=30s,...", HARMLESS },
	{ OPT_SENSOR, "sensor", "NAME", "the name of this sensor in every row", 0 },
	{ OPT_SEED, "seed", "N", "of uids and hashes; the same seed and input give the same bytes", 0 },
	{ .help = "Many files" },
	{ OPT_EACH, "each", NULL, "each file alone, logs into DIR/NAME/; a JSON line per file on stdout", HARMLESS },
	{ OPT_JOBS, "jobs", "N", "so many at a time (the number of processors)", HARMLESS },
	{ OPT_RESUME, "resume", NULL, "pass over files that an earlier run with these options has done", HARMLESS },
	{ .help = "And" },
	{ 'q', "quiet", NULL, "no progress and no closing line", HARMLESS },
	{ 'v', "verbose", NULL, "say what every stage saw", HARMLESS },
	{ OPT_COVERAGE, "coverage", "FILE", "write which events, fields and named values were seen", HARMLESS },
	{ OPT_COST, "cost", "FILE", "write what each analyzer did", HARMLESS },
	{ OPT_SCRIPT_COST, "script-cost", "FILE", "write how long each handler and timer of scripts took", HARMLESS },
	{ OPT_VERSION, "version", NULL, "print the version", HARMLESS },
	{ 'h', "help", NULL, "print this", HARMLESS },
};
#define NROWS (sizeof rows / sizeof *rows)

void oto_cli_say(const char *format, ...)
{
	va_list args;
	va_start(args, format);
	fputs("otoscope: ", stderr);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
	va_end(args);
}

static void print_help(void)
{
	puts("Otoscope reads packets of an industrial network and writes logs and events for Lua scripts.\n\n"
	     "usage: otoscope -r FILE... [-l DIR] [options] [script.lua...]\n"
	     "       otoscope -i IFACE   [-l DIR] [options] [script.lua...]\n"
	     "       otoscope COMMAND    ask what was remembered or captured; otoscope commands lists what\n"
	     "       otoscope send       deliver alerts: syslog, webhook, mail, Redis; --help tells how\n"
	     "       otoscope doc        the reference: events, fields, logs, Lua functions\n"
	     "       otoscope test PATH  run the tests that lie beside scripts and dissectors");
	for (size_t i = 0; i < NROWS; i++) {
		const struct row *r = &rows[i];
		if (!r->code) {
			printf("\n%s\n", r->help);
			continue;
		}
		char left[64];
		int n = r->code < 256 ? snprintf(left, sizeof left, "  -%c, --%s", r->code, r->name)
				      : snprintf(left, sizeof left, "      --%s", r->name);
		snprintf(left + n, sizeof left - (size_t)n, "%s%s", r->arg ? " " : "", r->arg ? r->arg : "");
		printf("%-*s %s\n", HELP_COLUMN, left, r->help);
	}
	puts("\nArguments that end in .lua are scripts, all others are further captures.\n\n"
	     "Examples\n"
	     "  otoscope -r plant.pcap -l logs/                      write logs\n"
	     "  otoscope -r plant.pcap watch.lua                     run a script, write no logs\n"
	     "  otoscope -r plant.pcap -e 'on(\"modbus.request\", { func = 6 }, print)'\n"
	     "  otoscope -r 'day-*.pcap.gz' -f 'port 502' -l -       rows as JSON lines, for jq\n"
	     "  otoscope -r archive/ --each --resume -l out/         a thousand files, each by itself\n\n"
	     "Exit codes\n"
	     "  0 done   1 a capture is missing, damaged or unreadable, or logs cannot be written\n"
	     "  2 a wrong option, filter, script or plugin   3 some files of --each failed, the others are done\n"
	     "  130 stopped by Ctrl-C or SIGTERM, 141 nobody reads the output: logs are whole in both cases\n\n"
	     "SIGHUP lets a run on an interface that has --state read its scripts and Lua dissectors anew.");
}

static void print_version(void)
{
	printf("otoscope " OTO_VERSION " (%s, %s, plugin ABI %u)\n", LUA_RELEASE, pcap_lib_version(), OTO_ABI);
}

static bool wrong(int *exit_code)
{
	fputs("otoscope: --help lists the options\n", stderr);
	*exit_code = OTO_EXIT_USAGE;
	return false;
}

static bool unknown_option(const char *given, int *exit_code)
{
	const char *names[NROWS];
	size_t n = 0, len = strcspn(given, "=");
	for (size_t i = 0; i < NROWS; i++)
		if (rows[i].code)
			names[n++] = rows[i].name;
	char word[64], near[256];
	snprintf(word, sizeof word, "%.*s", (int)(len < sizeof word ? len : sizeof word - 1), given);
	oto_cli_say("there is no option --%s%s", word, oto_near(near, sizeof near, word, names, n));
	return wrong(exit_code);
}

static const struct row *row_of(int code)
{
	for (size_t i = 0; i < NROWS; i++)
		if (rows[i].code == code)
			return &rows[i];
	return NULL;
}

struct unit {
	const char *name;
	double factor;
};

/* "1.5h", "100M": a positive number and a unit of the table, whose first row is the default. */
static bool measure(const char *option, const char *text, const struct unit *units, double *out)
{
	char *end;
	errno = 0;
	*out = strtod(text, &end);
	const struct unit *unit = units;
	if (*end)
		while (unit->name && strcmp(unit->name, end))
			unit++;
	*out *= unit->factor;
	if (end != text && !errno && unit->name && *out > 0 && *out < 9e18)
		return true;
	struct oto_buf known = { 0 };
	for (unit = units; unit->name; unit++)
		oto_buf_fmt(&known, "%s%s", unit == units ? "" : ", ", unit->name);
	oto_cli_say("--%s %s: expected a number above 0 and one of %.*s", option, text, (int)known.len, known.data);
	oto_buf_free(&known);
	return false;
}

static bool measure_time(const char *option, const char *text, int64_t *out_ns)
{
	static const struct unit units[] = { { "s", 1e9 },    { "ms", 1e6 },    { "m", 60e9 }, { "min", 60e9 },
					     { "h", 3600e9 }, { "d", 86400e9 }, { 0 } };
	double ns = 0;
	bool ok = measure(option, text, units, &ns);
	*out_ns = (int64_t)ns;
	return ok;
}

static bool measure_size(const char *option, const char *text, uint64_t *out)
{
	static const struct unit units[] = { { "B", 1 }, { "K", 1024.0 }, { "M", 1048576.0 }, { "G", 1073741824.0 }, { 0 } };
	double size = 0;
	bool ok = measure(option, text, units, &size);
	*out = (uint64_t)size;
	return ok;
}

static bool whole_number(const char *option, const char *text, uint64_t least, uint64_t most, uint64_t *out)
{
	char *end;
	errno = 0;
	*out = strtoull(text, &end, 0);
	if (end != text && !*end && !errno && text[0] != '-' && *out >= least && *out <= most)
		return true;
	oto_cli_say("--%s %s: expected a whole number from %llu to %llu", option, text, (unsigned long long)least,
		    (unsigned long long)most);
	return false;
}

/* "before=1m,bytes=1M": each by its name, commas between them. */
static bool packets_limit(struct oto_packets_options *o, char *text)
{
	static const char *const names[] = { "before", "after", "packets", "bytes", "files", "all", "memory" };
	char *value = strchr(text, '='), near[256], option[32];

	if (value)
		*value++ = 0;
	snprintf(option, sizeof option, "packets %.16s", text);
	if (value && !strcmp(text, "before"))
		return measure_time(option, value, &o->before_ns);
	if (value && !strcmp(text, "after"))
		return measure_time(option, value, &o->after_ns);
	if (value && !strcmp(text, "packets"))
		return whole_number(option, value, 1, 1000000, &o->packets);
	if (value && !strcmp(text, "bytes"))
		return measure_size(option, value, &o->bytes);
	if (value && !strcmp(text, "files"))
		return whole_number(option, value, 1, 1000000, &o->files);
	if (value && !strcmp(text, "all"))
		return measure_size(option, value, &o->all_bytes);
	if (value && !strcmp(text, "memory"))
		return measure_size(option, value, &o->memory);
	oto_cli_say("--packets %s: off, or limits as in before=30s,after=5s,packets=500,bytes=512K,files=500,all=64M,memory=16M%s", text,
		    oto_near(near, sizeof near, text, names, sizeof names / sizeof *names));
	return false;
}

static bool packets_limits(struct oto_cli *cli, const char *text)
{
	char *copy = oto_strdup(text), *save = NULL;
	bool ok = true;

	cli->no_packets = !strcmp(text, "off");
	for (char *limit = strtok_r(copy, ",", &save); ok && limit && !cli->no_packets; limit = strtok_r(NULL, ",", &save))
		ok = packets_limit(&cli->engine.packets, limit);
	free(copy);
	return ok;
}

static bool choose_profile(struct oto_cli *cli, const char *name)
{
	static const char *const names[] = {
		[OTO_PROFILE_OTOSCOPE] = "otoscope", [OTO_PROFILE_ZEEK] = "zeek", [OTO_PROFILE_SENSOR] = "sensor"
	};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		if (!strcmp(names[i], name)) {
			cli->engine.log.profile = (enum oto_profile)i;
			return true;
		}
	}
	char near[256];
	oto_cli_say("there is no profile %s%s; profiles are otoscope, zeek and sensor", name, oto_near(near, sizeof near, name, names, 3));
	return false;
}

static bool is_folder(const char *option, const char *path)
{
	struct stat st;

	if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
		return true;
	oto_cli_say("--%s %s is not a folder", option, path);
	return false;
}

static void add_script(struct oto_cli *cli, const char *text, bool is_code)
{
	cli->scripts = oto_realloc(cli->scripts, (cli->nscripts + 1) * sizeof *cli->scripts);
	cli->scripts[cli->nscripts++] = (struct oto_cli_script){ text, is_code };
}

static bool ends_with(const char *text, const char *end)
{
	size_t n = strlen(text), m = strlen(end);
	return n >= m && !strcmp(text + n - m, end);
}

/* A script's content counts for --resume, so that an edited rule runs again. */
static uint64_t script_mark(const char *path)
{
	struct stat st;
	if (stat(path, &st))
		return 0;
	return oto_mix((uint64_t)st.st_size, (uint64_t)st.st_mtim.tv_sec * 1000000007u + (uint64_t)st.st_mtim.tv_nsec);
}

static void fingerprint(struct oto_cli *cli, int code, const char *arg)
{
	cli->fingerprint = oto_mix(cli->fingerprint + (uint64_t)code, arg ? oto_hash(1, arg, strlen(arg)) : 7);
	if (arg && (ends_with(arg, ".lua") || ends_with(arg, ".so")))
		cli->fingerprint = oto_mix(cli->fingerprint, script_mark(arg));
}

static void take_operand(struct oto_cli *cli, const char *arg)
{
	if (!ends_with(arg, ".lua")) {
		oto_cli_list_add(&cli->inputs, arg);
		return;
	}
	add_script(cli, arg, false);
	fingerprint(cli, 1, arg);
}

static bool take(struct oto_cli *cli, int code, const char *arg)
{
	struct oto_engine_options *o = &cli->engine;
	uint64_t n = 0;
	bool ok = true;
	switch (code) {
	case 'r':
		oto_cli_list_add(&cli->inputs, arg);
		break;
	case 'i':
		cli->interface = arg;
		break;
	case 'f':
		cli->bpf = arg;
		break;
	case 'l':
		o->log.dir = arg;
		break;
	case 'e':
		add_script(cli, arg, true);
		break;
	case 'q':
		cli->quiet = true;
		break;
	case 'v':
		cli->verbose = true;
		break;
	case OPT_DUPLICATES:
		ok = measure_time("duplicates", arg, &o->duplicate_ns);
		if (ok && o->duplicate_ns > OTO_SECOND) {
			oto_cli_say("--duplicates %s: at most 1s; what comes later is sent again", arg);
			ok = false;
		}
		break;
	case OPT_KEEP_DUPLICATES:
		o->duplicate_ns = -1;
		break;
	case OPT_JSON:
		o->log.json = true;
		break;
	case OPT_PROFILE:
		return choose_profile(cli, arg);
	case OPT_LOG:
		o->log.only = arg;
		break;
	case OPT_NO_LOG:
		o->log.off = arg;
		break;
	case OPT_INTERVAL:
		ok = measure_time("interval", arg, &o->log.interval_ns);
		break;
	case OPT_ROTATE:
		ok = measure_time("rotate", arg, &o->log.rotate_ns);
		break;
	case OPT_ROTATE_SIZE:
		ok = measure_size("rotate-size", arg, &o->log.rotate_bytes);
		break;
	case OPT_GZIP:
		o->log.gzip = true;
		break;
	case OPT_PLUGIN:
		oto_cli_list_add(&cli->plugins, arg);
		break;
	case OPT_ANALYZERS:
		o->only_analyzers = arg;
		break;
	case OPT_DATA:
		o->data_dir = arg;
		ok = is_folder("data", arg);
		break;
	case OPT_OEM:
		o->oem = arg;
		ok = oto_code_page_known(arg);
		if (!ok)
			oto_cli_say("--oem %s: iconv knows no such code page (iconv -l lists them)", arg);
		break;
	case OPT_BARE:
		cli->bare = true;
		break;
	case OPT_STATE:
		o->policy.state_dir = arg;
		break;
	case OPT_SEND:
		cli->send = true;
		break;
	case OPT_SPOOL:
		return whole_number("spool", arg, 1, 10000000, &o->spool.rows);
	case OPT_PACKETS:
		return packets_limits(cli, arg);
	case OPT_SENSOR:
		o->sensor = arg;
		break;
	case OPT_SEED:
		ok = whole_number("seed", arg, 1, UINT64_MAX, &o->seed);
		break;
	case OPT_EACH:
		cli->each = true;
		break;
	case OPT_JOBS:
		ok = whole_number("jobs", arg, 1, 1024, &n);
		cli->jobs = (uint32_t)n;
		break;
	case OPT_RESUME:
		cli->resume = true;
		break;
	case OPT_COVERAGE:
		cli->coverage = arg;
		break;
	case OPT_COST:
		cli->cost = arg;
		break;
	case OPT_SCRIPT_COST:
		cli->script_cost = arg;
		o->policy.costs = true;
		break;
	}
	return ok;
}

/* BPF text that no link type could make sense of is a usage error; what only this capture's link type refuses is told when it is opened. */
static bool check_bpf(const char *text)
{
	static const int links[] = { DLT_EN10MB, DLT_LINUX_SLL, DLT_RAW };
	char why[256] = "";
	for (size_t i = 0; i < sizeof links / sizeof *links; i++) {
		pcap_t *dead = pcap_open_dead(links[i], 65535);
		struct bpf_program program;
		bool ok = dead && !pcap_compile(dead, &program, text, 1, PCAP_NETMASK_UNKNOWN);
		if (ok)
			pcap_freecode(&program);
		else if (dead && !why[0])
			snprintf(why, sizeof why, "%s", pcap_geterr(dead));
		if (dead)
			pcap_close(dead);
		if (ok)
			return true;
	}
	oto_cli_say("-f '%s': %s (the language is pcap-filter(7), as in tcpdump)", text, why);
	return false;
}

static bool check(const struct oto_cli *cli)
{
	size_t from_stdin = 0;
	for (size_t i = 0; i < cli->inputs.n; i++)
		from_stdin += !strcmp(cli->inputs.items[i], "-");
	const char *why = NULL;
	char about_logs[128];
	snprintf(about_logs, sizeof about_logs, "--%s is about logs, and none are written: say where with -l DIR",
		 cli->of_logs ? cli->of_logs : "");
	if (!cli->inputs.n && !cli->interface)
		why = "nothing to read: give a capture with -r FILE or an interface with -i IFACE";
	else if (cli->inputs.n && cli->interface)
		why = "-r and -i together: read captures or an interface, not both";
	else if (from_stdin > 1)
		why = "standard input (-) can be read once";
	else if (cli->each && (from_stdin || cli->interface))
		why = "--each works on files: give them with -r";
	else if (cli->each && cli->script_cost)
		why = "--script-cost is of one run, and --each makes many";
	else if (cli->each && cli->engine.policy.state_dir)
		why = "--each runs files side by side and cannot share one --state";
	else if (cli->each && cli->engine.log.dir && !strcmp(cli->engine.log.dir, "-"))
		why = "--each writes a folder a file: give one with -l DIR";
	else if (cli->resume && !(cli->each && cli->engine.log.dir))
		why = "--resume needs --each and -l DIR, where it finds what was done";
	else if (cli->jobs && !cli->each)
		why = "--jobs needs --each";
	else if (cli->send && !cli->engine.policy.state_dir)
		why = "--send needs --state DIR: alerts wait there for otoscope send";
	else if (cli->of_logs && !cli->engine.log.dir)
		why = about_logs;
	if (why)
		oto_cli_say("%s", why);
	return !why && (!cli->bpf || check_bpf(cli->bpf));
}

static void make_getopt_table(struct option *options, char *letters)
{
	/* "-": operands arrive in order, as option 1; ":": we say what is missing. */
	letters += sprintf(letters, "-:");
	for (size_t i = 0; i < NROWS; i++) {
		const struct row *r = &rows[i];
		if (!r->code)
			continue;
		*options++ = (struct option){ r->name, r->arg ? required_argument : no_argument, NULL, r->code };
		if (r->code < 256)
			letters += sprintf(letters, "%c%s", r->code, r->arg ? ":" : "");
	}
	*options = (struct option){ 0 };
}

int oto_cli_option_kind(const char *name)
{
	for (size_t i = 0; i < NROWS; i++) {
		bool letter = name[0] && !name[1] && rows[i].code == name[0];
		if (rows[i].code && (letter || strcmp(rows[i].name, name) == 0))
			return rows[i].arg != NULL;
	}
	return -1;
}

static bool take_all(struct oto_cli *cli, int argc, char **argv, int *exit_code)
{
	struct option options[NROWS + 1];
	char letters[3 + 2 * NROWS];
	make_getopt_table(options, letters);
	opterr = 0;
	for (;;) {
		int at = optind, code = getopt_long(argc, argv, letters, options, NULL);
		if (code == -1)
			break;
		if (code == 'h' || code == OPT_VERSION) {
			code == 'h' ? print_help() : print_version();
			*exit_code = OTO_EXIT_OK;
			return false;
		}
		if (code == ':') {
			const struct row *r = row_of(optopt);
			oto_cli_say("%s needs %s: %s", argv[optind - 1], r ? r->arg : "a value", r ? r->help : "");
			return wrong(exit_code);
		}
		if (code == '?' && optopt && optopt < 256) {
			oto_cli_say("there is no option -%c", optopt);
			return wrong(exit_code);
		}
		if (code == '?' && optopt) {
			oto_cli_say("--%s takes no value", row_of(optopt)->name);
			return wrong(exit_code);
		}
		if (code == '?')
			return unknown_option(argv[at] + 2, exit_code);
		if (code == 1) {
			take_operand(cli, optarg);
			continue;
		}
		if (!take(cli, code, optarg))
			return wrong(exit_code);
		if (row_of(code)->kind == OF_LOGS)
			cli->of_logs = row_of(code)->name;
		if (row_of(code)->kind != HARMLESS)
			fingerprint(cli, code, optarg);
	}
	for (; optind < argc; optind++)
		take_operand(cli, argv[optind]);
	return true;
}

static void complete(struct oto_cli *cli)
{
	cli->engine.plugins = cli->plugins.items;
	cli->engine.nplugins = cli->plugins.n;
	cli->engine.policy.library = oto_cli_library();
	if (!cli->jobs) {
		long processors = sysconf(_SC_NPROCESSORS_ONLN);
		cli->jobs = processors > 0 ? (uint32_t)processors : 1;
	}
}

bool oto_cli_parse(struct oto_cli *cli, int argc, char **argv, int *exit_code)
{
	*cli = (struct oto_cli){ .fingerprint = oto_hash(1, OTO_VERSION, strlen(OTO_VERSION)) };
	if (!take_all(cli, argc, argv, exit_code))
		return false;
	if (!check(cli))
		return wrong(exit_code);
	cli->standard = cli->engine.policy.state_dir && !cli->bare;
	complete(cli);
	return true;
}

bool oto_cli_parse_command(struct oto_cli *cli, int argc, char **argv, int *exit_code)
{
	*cli = (struct oto_cli){ .standard = true };
	if (!take_all(cli, argc, argv, exit_code))
		return false;
	if (cli->each || cli->interface || (cli->bpf && !check_bpf(cli->bpf))) {
		oto_cli_say("a command is put to what --state remembers and to captures given with -r");
		return wrong(exit_code);
	}
	cli->standard = !cli->bare;
	complete(cli);
	return true;
}
