/* policy_cost.c - what scripts cost: how often each of their handlers, tallies, windows and timers was called, and for how long.
 *
 * For people who write scripts (--script-cost). Times are those of this machine on this day and no result: nothing else reads them. Without
 * the option there are no rows, and nobody looks at a clock. It is the time that passed: the processor's time of a thread is had only by a
 * call of the system, which takes longer than most of what is measured, while this clock is read where it stands. What reading it takes is
 * taken off.
 */
#include "policy_private.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>

struct oto_cost {
	struct oto_cost *next;
	char *kind, *event, *where;
	uint64_t calls, passed, called_ns, passed_ns, longest_ns;
	uint64_t entered; /* calls into Lua of all scripts, when it began */
};

struct oto_costs {
	struct oto_cost *first, **end;
	uint64_t clock_ns; /* what looking at the clock takes */
};

static uint64_t clock_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * (uint64_t)OTO_SECOND + (uint64_t)t.tv_nsec;
}

void oto_costs_open(struct oto_policy *p)
{
	struct oto_costs *all = oto_calloc(1, sizeof *all);

	all->end = &all->first;
	all->clock_ns = UINT64_MAX;
	for (int i = 0; i < 1000; i++) {
		uint64_t begin = clock_now(), took = clock_now() - begin;
		all->clock_ns = took < all->clock_ns ? took : all->clock_ns;
	}
	p->costs = all;
}

/* One script line may make timers again and again: they are one row. */
struct oto_cost *oto_cost_of(struct oto_policy *p, const char *kind, const char *event, const char *where)
{
	struct oto_cost *c;

	if (!p->costs)
		return NULL;
	for (c = p->costs->first; c; c = c->next) {
		if (strcmp(c->where, where) == 0 && strcmp(c->kind, kind) == 0 && strcmp(c->event, event) == 0)
			return c;
	}
	c = oto_calloc(1, sizeof *c);
	*c = (struct oto_cost){ .kind = oto_strdup(kind), .event = oto_strdup(event), .where = oto_strdup(where) };
	*p->costs->end = c;
	p->costs->end = &c->next;
	return c;
}

uint64_t oto_cost_begin(const struct oto_policy *p, struct oto_cost *c)
{
	c->entered = p->stats.calls;
	return clock_now();
}

void oto_cost_end(const struct oto_policy *p, struct oto_cost *c, uint64_t begin)
{
	uint64_t took = clock_now() - begin;

	took -= took < p->costs->clock_ns ? took : p->costs->clock_ns;
	if (p->stats.calls == c->entered) {
		c->passed++;
		c->passed_ns += took;
		return;
	}
	c->calls++;
	c->called_ns += took;
	if (took > c->longest_ns)
		c->longest_ns = took;
}

static uint64_t whole_ns(const struct oto_cost *c)
{
	return c->called_ns + c->passed_ns;
}

static int by_time(const void *a, const void *b)
{
	const struct oto_cost *x = *(const struct oto_cost *const *)a, *y = *(const struct oto_cost *const *)b;
	uint64_t m = whole_ns(x), n = whole_ns(y);

	return (m < n) - (m > n);
}

static double share(uint64_t ns, uint64_t n)
{
	return n ? (double)ns / (double)n : 0;
}

static void write_row(FILE *f, const struct oto_cost *c, uint64_t packets)
{
	fprintf(f, "%.1f\t%.3f\t%llu\t%.0f\t%.0f\t%llu\t%.0f\t%s\t%s\t%s\n", share(whole_ns(c), packets), (double)whole_ns(c) / 1e6,
		(unsigned long long)c->calls, share(c->called_ns, c->calls), (double)c->longest_ns / 1e3, (unsigned long long)c->passed,
		share(c->passed_ns, c->passed), c->kind, c->event, c->where);
}

static void write_rows(FILE *f, struct oto_cost **rows, size_t n, uint64_t packets)
{
	struct oto_cost all = { .kind = "all", .event = "-", .where = "-" };

	fputs("#ns_a_packet\tms\tcalls\tns_a_call\tlongest_us\tin_c\tns_in_c\tkind\tevent\twhere\n", f);
	for (size_t i = 0; i < n; i++) {
		const struct oto_cost *c = rows[i];
		all.calls += c->calls;
		all.passed += c->passed;
		all.called_ns += c->called_ns;
		all.passed_ns += c->passed_ns;
		all.longest_ns = c->longest_ns > all.longest_ns ? c->longest_ns : all.longest_ns;
	}
	write_row(f, &all, packets);
	for (size_t i = 0; i < n; i++) {
		if (rows[i]->calls || rows[i]->passed)
			write_row(f, rows[i], packets);
	}
}

bool oto_policy_costs(const struct oto_policy *p, const char *path, struct oto_error *err)
{
	FILE *f = fopen(path, "w");
	struct oto_cost **rows = NULL;
	size_t n = 0;

	if (!f)
		return oto_fail(err, "%s: cannot be written: %s", path, strerror(errno));
	for (struct oto_cost *c = p->costs ? p->costs->first : NULL; c; c = c->next) {
		rows = oto_realloc(rows, (n + 1) * sizeof *rows);
		rows[n++] = c;
	}
	if (n)
		qsort(rows, n, sizeof *rows, by_time);
	write_rows(f, rows, n, p->engine->stats.packets);
	free(rows);
	return fclose(f) == 0 || oto_fail(err, "%s: cannot be written: %s", path, strerror(errno));
}

void oto_costs_free(struct oto_policy *p)
{
	if (!p->costs)
		return;
	for (struct oto_cost *c = p->costs->first, *next; c; c = next) {
		next = c->next;
		free(c->kind);
		free(c->event);
		free(c->where);
		free(c);
	}
	free(p->costs);
}
