/* policy_echo.h - what a script says once of events that are alike, so that it is not entered for each of them. */
#ifndef OTO_POLICY_ECHO_H
#define OTO_POLICY_ECHO_H

#include "policy_private.h"

struct oto_row;

/* What was said to one hook. */
struct oto_echoes;
struct oto_echoes *oto_echoes_new(struct oto_policy *p);
void oto_echoes_free(struct oto_echoes *e);

/* Does what was said of events like this one hold? Then their rows are written. `row`: what makes them alike. */
bool oto_echo(struct oto_echoes *e, const struct oto_row *row);
/* A handler is about to hear an event, and has. What it said meanwhile is kept for events like that, by the number of their row. */
void oto_echo_begin(struct oto_echoes *e);
void oto_echo_end(struct oto_echoes *e, uint64_t row);

#endif
