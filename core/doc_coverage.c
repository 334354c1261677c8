/* doc_coverage.c - coverage files read back. See doc_coverage.h. */
#include "doc_coverage.h"

#include <glob.h>
#include <stdlib.h>

/* Goldens of several forms replay one capture; it is counted from the first of them. */
static bool counted(const struct oto_seen *s, uint32_t before, const char *capture)
{
	for (uint32_t i = 0; i < before; i++) {
		if (strcmp(s->rows[i].capture, capture) == 0)
			return true;
	}
	return false;
}

/* `before`: rows of the files before this one. */
static void add_line(struct oto_seen *s, uint32_t before, char *line)
{
	char *column[6];
	int n = 0;

	line[strcspn(line, "\n")] = '\0';
	for (char *p = line; n < 6; n++) {
		column[n] = p;
		p = strchr(p, '\t');
		if (!p)
			break;
		*p++ = '\0';
	}
	if (n != 5 || column[0][0] == '#' || counted(s, before, column[5]))
		return;
	s->rows = oto_realloc(s->rows, (s->n + 1) * sizeof *s->rows);
	s->rows[s->n++] = (struct oto_seen_row){ oto_strdup(column[0]), oto_strdup(column[1]), oto_strdup(column[2]),
						 oto_strdup(column[3]), oto_strdup(column[5]), strtoull(column[4], NULL, 10) };
}

static void read_file(struct oto_seen *s, const char *path)
{
	FILE *f = fopen(path, "r");
	char *line = NULL;
	size_t cap = 0;
	uint32_t before = s->n;

	while (f && getline(&line, &cap, f) > 0)
		add_line(s, before, line);
	free(line);
	if (f)
		fclose(f);
}

static void read_folder(struct oto_seen *s, const char *source, const char *folder, const char *analyzer)
{
	struct oto_buf pattern = { 0 };
	glob_t found;

	oto_buf_fmt(&pattern, "%s/%s/%s/golden/*.coverage", source, folder, analyzer);
	if (glob(pattern.data, 0, NULL, &found) == 0) {
		for (size_t i = 0; i < found.gl_pathc; i++)
			read_file(s, found.gl_pathv[i]);
		globfree(&found);
	}
	oto_buf_free(&pattern);
}

void oto_seen_read(struct oto_seen *s, const char *source, const char *analyzer)
{
	*s = (struct oto_seen){ 0 };
	read_folder(s, source, "analyzers", analyzer);
	read_folder(s, source, "plugins", analyzer);
}

void oto_seen_free(struct oto_seen *s)
{
	for (uint32_t i = 0; i < s->n; i++) {
		free(s->rows[i].event);
		free(s->rows[i].field);
		free(s->rows[i].value);
		free(s->rows[i].direction);
		free(s->rows[i].capture);
	}
	free(s->rows);
	*s = (struct oto_seen){ 0 };
}

/* Rows of one capture stand together in a file, so a change of name is a new capture; the count is only shown. */
struct oto_seen_sum oto_seen_sum(const struct oto_seen *s, const char *event, const char *field, const char *value)
{
	struct oto_seen_sum sum = { 0 };
	const char *last = NULL;

	for (uint32_t i = 0; i < s->n; i++) {
		const struct oto_seen_row *r = &s->rows[i];
		if (strcmp(r->event, event) != 0 || (field && strcmp(r->field, field) != 0) || (value && strcmp(r->value, value) != 0))
			continue;
		if (strcmp(r->direction, "resp") == 0)
			sum.resp += r->count;
		else
			sum.orig += r->count;
		if (!last || strcmp(last, r->capture) != 0)
			sum.captures++;
		last = r->capture;
		sum.example = sum.example ? sum.example : r->capture;
	}
	return sum;
}
