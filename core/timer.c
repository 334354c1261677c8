/* timer.c - timers on packet time: a binary heap ordered by (due, id). See timer.h. */
#include "timer.h"

#include <stdlib.h>

struct timer {
	int64_t due;
	uint64_t id; /* rising: the order of making breaks ties */
	oto_timer_fn *fn;
	void *who;
};

struct oto_timers {
	struct timer *heap;
	size_t n, cap;
	uint64_t made;
};

struct oto_timers *oto_timers_new(void)
{
	return oto_calloc(1, sizeof(struct oto_timers));
}

void oto_timers_free(struct oto_timers *t)
{
	if (!t)
		return;
	free(t->heap);
	free(t);
}

static bool before(const struct timer *a, const struct timer *b)
{
	return a->due != b->due ? a->due < b->due : a->id < b->id;
}

static void rise(struct oto_timers *t, size_t i)
{
	while (i > 0 && before(&t->heap[i], &t->heap[(i - 1) / 2])) {
		struct timer swap = t->heap[i];
		t->heap[i] = t->heap[(i - 1) / 2];
		t->heap[(i - 1) / 2] = swap;
		i = (i - 1) / 2;
	}
}

static void sink(struct oto_timers *t, size_t i)
{
	for (;;) {
		size_t least = i, left = 2 * i + 1, right = left + 1;
		if (left < t->n && before(&t->heap[left], &t->heap[least]))
			least = left;
		if (right < t->n && before(&t->heap[right], &t->heap[least]))
			least = right;
		if (least == i)
			return;
		struct timer swap = t->heap[i];
		t->heap[i] = t->heap[least];
		t->heap[least] = swap;
		i = least;
	}
}

static void drop(struct oto_timers *t, size_t i)
{
	t->heap[i] = t->heap[--t->n];
	if (i < t->n) {
		rise(t, i);
		sink(t, i);
	}
}

uint64_t oto_timers_add(struct oto_timers *t, int64_t due_ns, oto_timer_fn *fn, void *who)
{
	if (t->n == t->cap) {
		t->cap = t->cap ? t->cap * 2 : 16;
		t->heap = oto_realloc(t->heap, t->cap * sizeof *t->heap);
	}
	t->heap[t->n] = (struct timer){ due_ns, ++t->made, fn, who };
	rise(t, t->n++);
	return t->made;
}

bool oto_timers_cancel(struct oto_timers *t, uint64_t id)
{
	for (size_t i = 0; i < t->n; i++) {
		if (t->heap[i].id != id)
			continue;
		drop(t, i);
		return true;
	}
	return false;
}

void oto_timers_run(struct oto_timers *t, int64_t now_ns)
{
	while (t->n && t->heap[0].due <= now_ns) {
		struct timer due = t->heap[0];
		drop(t, 0);
		due.fn(due.who, due.due, now_ns);
	}
}

void oto_timers_shift(struct oto_timers *t, int64_t by_ns)
{
	for (size_t i = 0; i < t->n; i++) {
		if (t->heap[i].due != INT64_MAX) /* never; the order stays */
			t->heap[i].due += by_ns;
	}
}

int64_t oto_timers_next(const struct oto_timers *t)
{
	return t->n ? t->heap[0].due : INT64_MAX;
}
