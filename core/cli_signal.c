/* cli_signal.c - when to stop, and when to read scripts anew: turns signals into flags that the packet loop looks at, and wakes a capture
 * that waits.
 *
 * A signal handler can reach nothing but globals; these are the program's, not an engine's.
 */
#include "cli.h"

#include <signal.h>
#include <unistd.h>

static volatile sig_atomic_t stop_code, reload;
static struct oto_capture *volatile waiting;

static void stop(int code)
{
	stop_code = code;
	if (waiting)
		oto_capture_stop(waiting);
}

static void on_stop(int number)
{
	(void)number;
	if (stop_code == OTO_EXIT_INTERRUPTED)
		_exit(OTO_EXIT_INTERRUPTED);
	stop(OTO_EXIT_INTERRUPTED);
}

static void on_pipe(int number)
{
	(void)number;
	if (!stop_code)
		stop(OTO_EXIT_PIPE);
}

void oto_cli_catch_signals(void)
{
	/* No SA_RESTART: a read from a pipe that delivers nothing must give way to Ctrl-C. */
	struct sigaction end = { .sa_handler = on_stop }, pipe = { .sa_handler = on_pipe };
	sigaction(SIGINT, &end, NULL);
	sigaction(SIGTERM, &end, NULL);
	sigaction(SIGPIPE, &pipe, NULL);
}

static void on_hup(int number)
{
	(void)number;
	reload = 1;
}

void oto_cli_catch_reload(void)
{
	struct sigaction again = { .sa_handler = on_hup, .sa_flags = SA_RESTART };
	sigaction(SIGHUP, &again, NULL);
}

bool oto_cli_reload_asked(void)
{
	bool asked = reload;
	reload = 0;
	return asked;
}

int oto_cli_stopped(void)
{
	return stop_code;
}

/* Whoever was stopped and lost something on the way out tells of the loss; nobody reads what broke a pipe. */
int oto_cli_exit_code(int exit_code)
{
	return stop_code && (stop_code == OTO_EXIT_PIPE || exit_code != OTO_EXIT_FAILED) ? stop_code : exit_code;
}

void oto_cli_wakes(struct oto_capture *c)
{
	waiting = c;
	if (c && stop_code)
		oto_capture_stop(c);
}
