/* doc_facts.c - the page of fact keys. See doc_facts.h. */
#include "doc_facts.h"

#include "fact_keys.h"

#include <glob.h>
#include <stdlib.h>

/* ------------------------------------------------------------------------------------------------ who says what, in goldens */

enum { MOST_COLUMNS = 16 };

static uint32_t split(char *line, char sep, char **column)
{
	uint32_t n = 0;

	line[strcspn(line, "\n")] = '\0';
	for (char *p = line; n < MOST_COLUMNS; p++) {
		column[n++] = p;
		p = strchr(p, sep);
		if (!p)
			break;
		*p = '\0';
	}
	return n;
}

struct columns {
	uint32_t key, source, confidence;
};

/* "#fields	ts	ip ...": rows have no name before their first column. */
static void read_head(struct columns *c, char *line)
{
	char *name[MOST_COLUMNS];
	uint32_t n = split(line, '\t', name);

	for (uint32_t i = 1; i < n; i++) {
		c->key = strcmp(name[i], "key") == 0 ? i - 1 : c->key;
		c->source = strcmp(name[i], "source") == 0 ? i - 1 : c->source;
		c->confidence = strcmp(name[i], "confidence") == 0 ? i - 1 : c->confidence;
	}
}

static void read_log(const char *path, void (*seen)(void *who, const char *key, const char *by, uint32_t confidence), void *who)
{
	FILE *f = fopen(path, "r");
	char *line = NULL, *cell[MOST_COLUMNS];
	size_t cap = 0;
	struct columns c = { 0 };

	while (f && getline(&line, &cap, f) > 0) {
		if (strncmp(line, "#fields", 7) == 0)
			read_head(&c, line);
		if (line[0] == '#')
			continue;
		uint32_t n = split(line, '\t', cell);
		if (c.confidence && c.key < n && c.source < n && c.confidence < n)
			seen(who, cell[c.key], cell[c.source], (uint32_t)strtoul(cell[c.confidence], NULL, 10));
	}
	free(line);
	if (f)
		fclose(f);
}

void oto_doc_facts_said(const char *source, void (*seen)(void *who, const char *key, const char *by, uint32_t confidence), void *who)
{
	static const char *const folders[] = { "analyzers", "plugins" };

	for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
		struct oto_buf pattern = { 0 };
		glob_t found;

		oto_buf_fmt(&pattern, "%s/%s/*/golden/*asset_fact.log", source, folders[i]);
		if (glob(pattern.data, 0, NULL, &found) == 0) {
			for (size_t k = 0; k < found.gl_pathc; k++)
				read_log(found.gl_pathv[k], seen, who);
			globfree(&found);
		}
		oto_buf_free(&pattern);
	}
}

/* ------------------------------------------------------------------------------------------------ the page */

enum { MOST_SAID = 4096 };

struct said {
	char by[32];
	const struct oto_fact_key *key;
	uint32_t low, high;
};
struct all_said {
	struct said *rows;
	uint32_t n;
};

static void add(void *who, const char *key, const char *by, uint32_t confidence)
{
	struct all_said *all = who;
	const struct oto_fact_key *known = oto_fact_key(key);

	for (uint32_t i = 0; i < all->n; i++) {
		struct said *s = &all->rows[i];
		if (s->key != known || strcmp(s->by, by) != 0)
			continue;
		s->low = confidence < s->low ? confidence : s->low;
		s->high = confidence > s->high ? confidence : s->high;
		return;
	}
	if (!known || all->n == MOST_SAID)
		return;
	all->rows = oto_realloc(all->rows, (all->n + 1) * sizeof *all->rows);
	struct said *s = &all->rows[all->n++];
	*s = (struct said){ .key = known, .low = confidence, .high = confidence };
	snprintf(s->by, sizeof s->by, "%s", by);
}

static int order(const void *a, const void *b)
{
	const struct said *x = a, *y = b;
	return x->key != y->key ? (x->key > y->key) - (x->key < y->key) : strcmp(x->by, y->by);
}

/* "cip 100, dns 20-80": who says it, with what confidence. */
static void speakers(const struct all_said *all, const struct oto_fact_key *key, struct oto_buf *out)
{
	for (uint32_t i = 0; i < all->n; i++) {
		const struct said *s = &all->rows[i];
		if (s->key != key)
			continue;
		oto_buf_fmt(out, "%s%s %u", out->len ? ", " : "", s->by, s->low);
		if (s->high != s->low)
			oto_buf_fmt(out, "-%u", s->high);
	}
}

static void explain_uses(struct oto_page *p)
{
	uint32_t n;
	const struct oto_fact_use *uses = oto_fact_uses(&n);

	oto_page_head(p, 2, "What the inventory does with them");
	oto_page_table(p, "use|meaning");
	for (uint32_t i = 0; i < n; i++) {
		oto_page_cell(p, "%s", uses[i].use);
		oto_page_cell(p, "%s", uses[i].doc);
	}
	oto_page_cell(p, "change");
	oto_page_cell(p, "a device has one: another value from the same source is told, asset.changed");
	oto_page_table_end(p);
}

bool oto_doc_facts(struct oto_page *p, const char *source, const char *only)
{
	uint32_t n, shown = 0;
	const struct oto_fact_key *keys = oto_fact_keys(&n);
	struct all_said all = { 0 };

	if (only && !oto_fact_key(only))
		return false;
	oto_doc_facts_said(source, add, &all);
	if (all.n)
		qsort(all.rows, all.n, sizeof *all.rows, order);
	oto_page_head(p, 1, "%s", only ? only : "Facts");
	if (!only)
		oto_page_text(
		    p, "What packets reveal of devices: the keys of asset.fact, in the captures that come with the analyzers said by "
		       "whom, with which confidence in percent. 100: the device says so in a protocol made for that, 80: in passing, "
		       "50: inferred, 20: a hint. Every value is kept with its source and time; the surest, then the newest, is shown.");
	oto_page_table(p, "key|use|meaning|said by");
	for (uint32_t i = 0; i < n; i++) {
		struct oto_buf by = { 0 };
		if (only && strcmp(keys[i].key, only) != 0)
			continue;
		speakers(&all, &keys[i], &by);
		oto_page_cell(p, "%s", keys[i].key);
		oto_page_cell(p, "%s%s", keys[i].use, keys[i].single ? ", change" : "");
		oto_page_cell(p, "%s", keys[i].meaning);
		oto_page_cell(p, "%s", by.len ? by.data : "");
		oto_buf_free(&by);
		shown++;
	}
	oto_page_table_end(p);
	if (!only)
		explain_uses(p);
	free(all.rows);
	return shown > 0;
}
