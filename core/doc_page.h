/* doc_page.h - a page of reference as text for a terminal or as Markdown: headings, paragraphs, tables. Knows nothing of what it shows. */
#ifndef OTO_DOC_PAGE_H
#define OTO_DOC_PAGE_H

#include "base.h"

#define OTO_PAGE_COLUMNS 8u

struct oto_page {
	FILE *out;
	bool markdown;
	char **cells; /* of the table being filled, its header first */
	uint32_t ncells, columns;
};

void oto_page_head(struct oto_page *p, int level, const char *format, ...) __attribute__((format(printf, 3, 4)));
void oto_page_text(struct oto_page *p, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Names of the columns, separated by '|'. */
void oto_page_table(struct oto_page *p, const char *names);
/* The next cell, row by row. An empty cell stays visible as "-". */
void oto_page_cell(struct oto_page *p, const char *format, ...) __attribute__((format(printf, 2, 3)));
void oto_page_table_end(struct oto_page *p);

#endif
