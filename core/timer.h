/* timer.h - timers on packet time: a heap ordered by (due, order of making), so that the same capture fires them in the same order. */
#ifndef OTO_TIMER_H
#define OTO_TIMER_H

#include "base.h"

typedef void oto_timer_fn(void *who, int64_t due_ns, int64_t now_ns);
struct oto_timers;
struct oto_timers *oto_timers_new(void);
void oto_timers_free(struct oto_timers *t);
/* Returns an id for oto_timers_cancel, never 0. */
uint64_t oto_timers_add(struct oto_timers *t, int64_t due_ns, oto_timer_fn *fn, void *who);
bool oto_timers_cancel(struct oto_timers *t, uint64_t id);
/* Fire all that is due at or before now, earliest first; timers added meanwhile fire too if due. */
void oto_timers_run(struct oto_timers *t, int64_t now_ns);
/* The clock was set: all is due in as long as before. */
void oto_timers_shift(struct oto_timers *t, int64_t by_ns);
int64_t oto_timers_next(const struct oto_timers *t); /* INT64_MAX: none */

#endif
