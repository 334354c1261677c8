/* main.c - the program: picks the subcommand. Everything it can do is in cli.h. */
#include "cli.h"

#include <stdlib.h>

int main(int argc, char **argv)
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
	/* A full disk behind stdout must not look like success. */
	if (fflush(stdout) && exit_code == OTO_EXIT_OK && !oto_cli_stopped()) {
		oto_cli_say("standard output cannot be written");
		exit_code = OTO_EXIT_FAILED;
	}
	return oto_cli_stopped() ? oto_cli_stopped() : exit_code;
}
