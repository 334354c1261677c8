/* cli_rows.h - what a command answers with: rows, collected and shown as the question asks. */
#ifndef OTO_CLI_ROWS_H
#define OTO_CLI_ROWS_H

#include "cli_command.h"

struct oto_rows;

/* What is wrong with a question, to who asks: a line. */
void oto_question_say(const struct oto_question *q, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* An answer of rows of this kind (NULL: the command gives none). Keeps q; NULL with err when its --where, --sort or --columns is wrong. */
struct oto_rows *oto_rows_new(const struct oto_question *q, const struct oto_event_def *row, struct oto_error *err);
/* One row; `rows` is a struct oto_rows. */
void oto_rows_add(void *rows, const struct oto_event *row);
/* Shows them; returns how many there are. */
size_t oto_rows_put(struct oto_rows *a);
void oto_rows_free(struct oto_rows *a);

#endif
