/* main.c - the program: picks the subcommand. Everything it can do is in cli.h. */
#include "cli.h"
#include "doc.h"
#include "selftest.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

/* TZ is a name below the system's folder of zones, or a rule by POSIX ("JST-9"). The C library takes what is neither for UTC. */
static bool is_zone(const char *name)
{
	char path[PATH_MAX];
	const char *folder = getenv("TZDIR");
	size_t letters = *name == '<' ? strcspn(name, ">") + 1 : strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

	name += *name == ':';
	if (!*name || !strcmp(name, "UTC") || !strcmp(name, "GMT"))
		return true;
	if (letters >= 3 && letters < strlen(name) && strspn(name + letters, "+-0123456789"))
		return true;
	snprintf(path, sizeof path, "%s/%s", *name == '/' ? "" : folder ? folder : "/usr/share/zoneinfo", name);
	return access(path, R_OK) == 0;
}

static void check_zone(void)
{
	const char *zone = getenv("TZ");

	if (zone && !is_zone(zone))
		oto_cli_say("TZ=%s is no time zone of this machine: local times are in UTC", zone);
}

static int run(int argc, char **argv)
{
	struct oto_cli cli;
	int exit_code = OTO_EXIT_OK;
	if (oto_cli_parse(&cli, argc, argv, &exit_code)) {
		oto_cli_catch_signals();
		exit_code = cli.each ? oto_cli_each(&cli) : oto_cli_timeline(&cli);
	}
	free(cli.inputs.items);
	free(cli.plugins.items);
	free(cli.scripts);
	return oto_cli_exit_code(exit_code);
}

/* --plugin FILE is the engine's, the rest is the reference's. */
static int doc(int argc, char **argv)
{
	struct oto_cli_list plugins = { 0 };
	struct oto_error err;
	int kept = 0, exit_code = OTO_EXIT_USAGE;
	for (int i = 0; i < argc; i++) {
		if (!strcmp(argv[i], "--plugin") && i + 1 < argc)
			oto_cli_list_add(&plugins, argv[++i]);
		else
			argv[kept++] = argv[i];
	}
	argv[kept] = NULL;
	struct oto_engine_options options = { .plugins = plugins.items, .nplugins = plugins.n, .policy = { .library = oto_cli_library() } };
	struct oto_engine *e = oto_engine_new(&options, &err);
	if (e)
		exit_code = oto_doc_main(e, kept, argv);
	else
		oto_cli_say("%s", err.text);
	oto_engine_free(e);
	free(plugins.items);
	return exit_code;
}

/* What speaks to the network is a program of its own beside this one: this one has no such code, and cannot be made to. */
static int send_program(char **argv)
{
	char path[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", path, sizeof path - sizeof "-send");

	if (n > 0) {
		memcpy(path + n, "-send", sizeof "-send");
		execv(path, argv);
	}
	oto_cli_say("%s: %s; it is built and installed beside otoscope", n > 0 ? path : "otoscope-send", strerror(errno));
	return OTO_EXIT_FAILED;
}

/* A first word that is neither an option nor a file is a command: one of scripts, which are read to know it. */
static bool is_command(const char *word)
{
	return word[0] >= 'a' && word[0] <= 'z' && !strchr(word, '.') && !strchr(word, '/') && access(word, F_OK) != 0;
}

int main(int argc, char **argv)
{
	const char *subcommand = argc > 1 ? argv[1] : "";
	check_zone();
	int exit_code = !strcmp(subcommand, "doc")    ? doc(argc - 1, argv + 1)
			: !strcmp(subcommand, "send") ? send_program(argv + 1)
			: !strcmp(subcommand, "test") ? oto_selftest(argc - 1, argv + 1, oto_cli_library())
			: is_command(subcommand)      ? oto_cli_command(argc, argv)
						      : run(argc, argv);
	/* A full disk behind stdout must not look like success. */
	if (fflush(stdout) && exit_code == OTO_EXIT_OK) {
		oto_cli_say("standard output cannot be written");
		exit_code = OTO_EXIT_FAILED;
	}
	return exit_code;
}
