/* cli_anew.c - when a live run ends and another takes its place: the clock was set back, or scripts are to be read again.
 *
 * Both begin over the same state, so the next run knows what this one knew, and has its logs beside it; flows that were open are two. New
 * scripts are tried before, in a process of their own: with a mistake in one of them the old ones go on.
 */
#include "cli.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define SET_BACK (60 * OTO_SECOND) /* less than this passes by itself */

int64_t oto_cli_wall_ns(void)
{
	struct timespec t;
	clock_gettime(CLOCK_REALTIME, &t);
	return t.tv_sec * OTO_SECOND + t.tv_nsec;
}

/* The wall's clock against one that nobody sets: how far was it set back since the run began, all in all? */
static int64_t set_back(int64_t *most)
{
	int64_t ahead = oto_cli_wall_ns() - oto_cli_clock_ns();
	if (!*most || ahead > *most)
		*most = ahead;
	return *most - ahead;
}

/* A run that may begin anew keeps its time: until the clock is where it was, nothing would be counted, expire or be saved. */
static bool clock_was_set(struct oto_anew *a)
{
	int64_t back_ns = set_back(&a->ahead);
	if (back_ns < SET_BACK)
		return false;
	oto_cli_say("the clock was set back by %lld s: beginning anew with what is known",
		    (long long)((back_ns + OTO_SECOND / 2) / OTO_SECOND));
	return true;
}

/* Without the state, which is the running engine's: what handlers say of that is no mistake of theirs. Only what cannot start is told. */
static void try_all(const struct oto_cli *cli)
{
	struct oto_engine_options options = cli->engine;
	struct oto_error err = { { 0 } };
	int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
	int told = dup(STDERR_FILENO);

	if (nowhere >= 0) {
		dup2(nowhere, STDOUT_FILENO);
		dup2(nowhere, STDERR_FILENO);
	}
	options.log.dir = NULL;
	options.policy.state_dir = NULL;
	struct oto_engine *e = oto_engine_new(&options, &err);
	bool ok = e && oto_cli_load_scripts(cli, e->policy, &err) && oto_engine_start(e, &err);
	if (told >= 0)
		dup2(told, STDERR_FILENO);
	if (!ok)
		oto_cli_say("%s", err.text);
	_exit(ok ? OTO_EXIT_OK : OTO_EXIT_USAGE);
}

bool oto_cli_try(const struct oto_cli *cli)
{
	int status = 1;

	fflush(stdout);
	pid_t pid = fork();
	if (pid == 0)
		try_all(cli);
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR && !oto_cli_stopped())
		;
	return status == 0;
}

static bool scripts_are_new(const struct oto_cli *cli)
{
	if (!oto_cli_reload_asked())
		return false;
	if (!oto_cli_try(cli)) {
		oto_cli_say("reload: the scripts that run go on as they are");
		return false;
	}
	oto_cli_say("reload: scripts and Lua dissectors are read anew, with what is known");
	return true;
}

bool oto_cli_may_begin_anew(const struct oto_cli *cli)
{
	return cli->interface && cli->engine.policy.state_dir;
}

bool oto_cli_anew(struct oto_anew *a)
{
	if (!oto_cli_may_begin_anew(a->cli))
		return false;
	return clock_was_set(a) || scripts_are_new(a->cli);
}
