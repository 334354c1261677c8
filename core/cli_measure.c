/* cli_measure.c - what a run saw and what it cost, as plain text that goldens compare: which events, fields, named values and directions
 * occurred, and how much each analyzer did. Listens on the bus to everything, so a measured run builds every event; keys that do not tell
 * apart what they promise to are found by that, and are said in the same text.
 */
#include "cli.h"
#include "key_check.h"

#include <errno.h>
#include <stdlib.h>

/* Named values of one field told apart; more are counted together. */
#define MAX_WORDS 1024u

struct word {
	const char *text; /* of a value table, or a constant: lives as long as the analyzer */
	uint64_t count[2];
};

struct seen {
	uint64_t count[2]; /* by direction: from the originator, from the responder */
	struct word *words;
	uint32_t nwords;
};

struct seen_event {
	const struct oto_event_def *def;
	struct seen self, *fields;
	struct oto_key_check *keys; /* of a type whose keys are whole */
	struct seen untold;         /* fields that were not */
};

struct oto_measure {
	struct seen_event *events;
	uint32_t n;
};

static const char *word_of(const struct oto_value *v)
{
	if (v->kind == OTO_BOOL)
		return v->u ? "true" : "false";
	if (v->kind == OTO_STR)
		return v->str;
	if (!v->names || v->kind < OTO_U8 || v->kind > OTO_U64)
		return NULL;
	const struct oto_name *name = oto_name_of(v->names, (uint32_t)v->u);
	return name && name->value == v->u ? name->name : "unknown";
}

static void count_word(struct seen *s, const char *text, uint32_t dir)
{
	for (uint32_t i = 0; i < s->nwords; i++) {
		if (s->words[i].text == text || !strcmp(s->words[i].text, text)) {
			s->words[i].count[dir]++;
			return;
		}
	}
	if (s->nwords == MAX_WORDS)
		return;
	s->words = oto_realloc(s->words, (s->nwords + 1) * sizeof *s->words);
	s->words[s->nwords] = (struct word){ .text = text };
	s->words[s->nwords++].count[dir]++;
}

static void on_event(void *who, const struct oto_event *event)
{
	struct seen_event *s = who;
	uint32_t dir = event->head && event->head->is_orig ? 0 : 1;
	const char *untold = s->keys ? oto_key_check(s->keys, event) : NULL;
	if (untold)
		count_word(&s->untold, untold, dir);
	s->self.count[dir]++;
	for (uint32_t i = 0; i < event->def->nfields; i++) {
		struct oto_value v;
		oto_value_get(event, (struct oto_field_ref){ .field = &event->def->fields[i] }, &v);
		if (!v.kind)
			continue;
		s->fields[i].count[dir]++;
		const char *word = word_of(&v);
		if (word)
			count_word(&s->fields[i], word, dir);
	}
}

struct oto_measure *oto_measure_new(struct oto_engine *e)
{
	struct oto_measure *m = oto_calloc(1, sizeof *m);
	struct oto_event_def *const *types = oto_bus_types(e->bus, &m->n);
	m->events = oto_calloc(m->n + 1, sizeof *m->events);
	for (uint32_t i = 0; i < m->n; i++) {
		m->events[i].def = types[i];
		m->events[i].fields = oto_calloc(types[i]->nfields + 1, sizeof *m->events[i].fields);
		if (types[i]->whole_keys)
			m->events[i].keys = oto_key_check_new(types[i]);
		if (types[i]->analyzer || types[i]->whole_keys)
			oto_bus_listen(e->bus, types[i], on_event, &m->events[i]);
	}
	return m;
}

static void write_counts(FILE *f, const struct seen_event *e, const char *field, const char *word, const uint64_t count[2],
			 const char *capture)
{
	static const char *const dirs[] = { "orig", "resp" };
	for (int dir = 0; dir < 2; dir++)
		if (count[dir])
			fprintf(f, "%s\t%s\t%s\t%s\t%llu\t%s\n", e->def->name, field, word, dirs[dir], (unsigned long long)count[dir],
				capture);
}

static int by_text(const void *a, const void *b)
{
	return strcmp(((const struct word *)a)->text, ((const struct word *)b)->text);
}

static void write_event(FILE *f, struct seen_event *e, const char *capture)
{
	for (uint32_t i = 0; i < e->untold.nwords; i++)
		write_counts(f, e, e->untold.words[i].text, "not told by its key", e->untold.words[i].count, capture);
	if (!e->def->analyzer) /* what the core says is the same for all analyzers, and tested with it */
		return;
	write_counts(f, e, "-", "-", e->self.count, capture);
	for (uint32_t i = 0; i < e->def->nfields; i++) {
		struct seen *s = &e->fields[i];
		const char *name = e->def->fields[i].name;
		if (s->nwords)
			qsort(s->words, s->nwords, sizeof *s->words, by_text);
		else
			write_counts(f, e, name, "-", s->count, capture);
		for (uint32_t w = 0; w < s->nwords; w++)
			write_counts(f, e, name, s->words[w].text, s->words[w].count, capture);
	}
}

static FILE *open_report(const char *path, struct oto_error *err)
{
	FILE *f = fopen(path, "w");
	if (!f)
		oto_fail(err, "%s: cannot be written: %s", path, strerror(errno));
	return f;
}

static bool close_report(FILE *f, const char *path, struct oto_error *err)
{
	return fclose(f) == 0 || oto_fail(err, "%s: cannot be written: %s", path, strerror(errno));
}

bool oto_measure_write(const struct oto_measure *m, const char *path, const char *capture, struct oto_error *err)
{
	FILE *f = open_report(path, err);
	const char *base = strrchr(capture, '/');
	for (uint32_t i = 0; f && i < m->n; i++)
		write_event(f, &m->events[i], base ? base + 1 : capture);
	return f && close_report(f, path, err);
}

bool oto_measure_costs(const struct oto_engine *e, const char *path, struct oto_error *err)
{
	const struct oto_analyzer_cost *costs;
	uint32_t n = oto_analyzer_costs(e->analyzers, &costs);
	FILE *f = open_report(path, err);
	for (uint32_t i = 0; f && i < n; i++) {
		const struct oto_analyzer_cost *c = &costs[i];
		const struct {
			const char *what;
			uint64_t count;
		} rows[] = {
			{ "probes", c->probes },       { "pdus", c->pdus },         { "bytes", c->bytes },
			{ "events", c->events },       { "requests", c->requests }, { "unanswered", c->unanswered },
			{ "truncated", c->truncated }, { "weirds", c->weirds },
		};
		for (size_t k = 0; k < sizeof rows / sizeof *rows; k++)
			if (rows[k].count)
				fprintf(f, "%s\t%s\t%llu\n", c->name, rows[k].what, (unsigned long long)rows[k].count);
	}
	return f && close_report(f, path, err);
}

void oto_measure_free(struct oto_measure *m)
{
	if (!m)
		return;
	for (uint32_t i = 0; i < m->n; i++) {
		for (uint32_t k = 0; k < m->events[i].def->nfields; k++)
			free(m->events[i].fields[k].words);
		free(m->events[i].fields);
		free(m->events[i].untold.words);
		oto_key_check_free(m->events[i].keys);
	}
	free(m->events);
	free(m);
}
