/* cli_command.h - a question to the commands of scripts, as it travels from the command line to who answers it: this process, or the engine
 * that runs over the state. Shared by cli_command.c and cli_control.c.
 */
#ifndef OTO_CLI_COMMAND_H
#define OTO_CLI_COMMAND_H

#include "cli.h"

#include <stdio.h>

enum { OTO_QUESTION_WORDS = 64 };
enum oto_answer_format { OTO_ANSWER_TABLE, OTO_ANSWER_CSV, OTO_ANSWER_JSON };

/* Texts are borrowed. */
struct oto_question {
	const char *words[OTO_QUESTION_WORDS]; /* the command's name, then arguments in their order */
	size_t nwords;
	struct oto_command_argument arguments[OTO_QUESTION_WORDS];
	char names[OTO_QUESTION_WORDS][64]; /* of those given by name */
	size_t narguments;
	const char *where, *sort, *columns;
	size_t limit;        /* 0: all */
	bool help, replayed; /* captures were read before it is answered */
	bool live;           /* it came to an engine that runs */
	enum oto_answer_format format;
	const char *folder;         /* of who asks: names of files are relative to it; NULL: this process's */
	size_t width;               /* of the terminal that shows the answer; 0: as wide as it is */
	FILE *out, *err;            /* where the answer goes, and what is wrong with the question */
	struct oto_cli_list engine; /* options that are the engine's */
};

/* Answer with the scripts of this engine; returns the exit code. */
int oto_command_answer(struct oto_question *q, struct oto_engine *e);

/* The engine's ear: a socket in its state folder, for its own user only. NULL: no folder, or it cannot be made (err says why). */
struct oto_control;
struct oto_control *oto_control_open(const char *state_dir, struct oto_error *err);
void oto_control_close(struct oto_control *c);
/* Answer who asks; returns at once when nobody does. Called between packets. */
void oto_control_poll(struct oto_control *c, struct oto_engine *e);
/* Ask the engine that runs over this state. False: there is none. */
bool oto_control_ask(const char *state_dir, struct oto_question *q, int *exit_code);

#endif
