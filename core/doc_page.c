/* doc_page.c - a page as text or Markdown. See doc_page.h. */
#include "doc_page.h"

#include <stdlib.h>

#define WIDTH 100u
#define LAST_MIN 30u

static char *text_of(const char *format, va_list ap)
{
	char *text = NULL;

	if (vasprintf(&text, format, ap) < 0)
		return oto_strdup("");
	return text;
}

/* Words from column `indent` on, broken at `width`, further lines indented. */
static void put_wrapped(FILE *out, const char *text, size_t indent, size_t width)
{
	size_t column = indent;
	bool first = true;

	for (const char *p = text; *p;) {
		size_t n = strcspn(p, " \n");
		if (!first && column + 1 + n > width) {
			fprintf(out, "\n%*s", (int)indent, "");
			column = indent;
		} else if (!first) {
			fputc(' ', out);
			column++;
		}
		fwrite(p, 1, n, out);
		column += n;
		first = false;
		p += n;
		p += strspn(p, " \n");
	}
	fputc('\n', out);
}

void oto_page_head(struct oto_page *p, int level, const char *format, ...)
{
	static const char marks[] = "######";
	va_list ap;

	va_start(ap, format);
	char *text = text_of(format, ap);
	va_end(ap);
	if (p->markdown) {
		fprintf(p->out, "%.*s %s\n\n", level < 6 ? level : 6, marks, text);
	} else {
		fprintf(p->out, "%s\n", text);
		for (size_t i = 0; i < strlen(text); i++)
			fputc(level == 1 ? '=' : '-', p->out);
		fputs("\n\n", p->out);
	}
	free(text);
}

void oto_page_text(struct oto_page *p, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	char *text = text_of(format, ap);
	va_end(ap);
	if (p->markdown)
		fprintf(p->out, "%s\n\n", text);
	else
		put_wrapped(p->out, text, 0, WIDTH), fputc('\n', p->out);
	free(text);
}

static void cell_add(struct oto_page *p, char *text)
{
	p->cells = oto_realloc(p->cells, (p->ncells + 1) * sizeof *p->cells);
	p->cells[p->ncells++] = text;
}

void oto_page_table(struct oto_page *p, const char *names)
{
	p->columns = 0;
	for (const char *at = names; p->columns < OTO_PAGE_COLUMNS; at++) {
		size_t n = strcspn(at, "|");
		cell_add(p, strndup(at, n));
		p->columns++;
		at += n;
		if (!*at)
			break;
	}
}

void oto_page_cell(struct oto_page *p, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	char *text = text_of(format, ap);
	va_end(ap);
	if (!*text) {
		free(text);
		text = oto_strdup("-");
	}
	cell_add(p, text);
}

static void markdown_cell(FILE *out, const char *text)
{
	for (; *text; text++) {
		if (strchr("|<>", *text))
			fputc('\\', out);
		fputc(*text, out);
	}
}

static void markdown_table(const struct oto_page *p)
{
	for (uint32_t i = 0; i < p->ncells; i++) {
		fputs(i % p->columns ? " | " : "| ", p->out);
		markdown_cell(p->out, p->cells[i]);
		if ((i + 1) % p->columns)
			continue;
		fputs(" |\n", p->out);
		for (uint32_t k = 0; i + 1 == p->columns && k < p->columns; k++)
			fputs(k + 1 < p->columns ? "|---" : "|---|\n", p->out);
	}
}

/* Two columns of which the first is long: each row as a line of its own with the second below it. */
static void text_list(const struct oto_page *p)
{
	for (uint32_t i = 2; i < p->ncells; i += 2) {
		fprintf(p->out, "%s\n    ", p->cells[i]);
		put_wrapped(p->out, p->cells[i + 1], 4, WIDTH);
	}
}

static void text_table(const struct oto_page *p)
{
	size_t width[OTO_PAGE_COLUMNS] = { 0 }, last = p->columns - 1, indent = 0;

	for (uint32_t i = 0; i < p->ncells; i++) {
		size_t n = strlen(p->cells[i]);
		if (n > width[i % p->columns])
			width[i % p->columns] = n;
	}
	for (size_t k = 0; k < last; k++)
		indent += width[k] + 2;
	if (p->columns == 2 && indent > WIDTH - 40) {
		text_list(p);
		return;
	}
	for (uint32_t i = 0; i < p->ncells; i++) {
		size_t k = i % p->columns;
		if (k == last)
			put_wrapped(p->out, p->cells[i], indent, indent + LAST_MIN > WIDTH ? indent + LAST_MIN : WIDTH);
		else
			fprintf(p->out, "%-*s  ", (int)width[k], p->cells[i]);
	}
}

void oto_page_table_end(struct oto_page *p)
{
	if (p->markdown)
		markdown_table(p);
	else
		text_table(p);
	fputc('\n', p->out);
	for (uint32_t i = 0; i < p->ncells; i++)
		free(p->cells[i]);
	free(p->cells);
	p->cells = NULL;
	p->ncells = p->columns = 0;
}
