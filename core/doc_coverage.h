/* doc_coverage.h - what the goldens of an analyzer have seen: its golden folder's *.coverage files, read back.
 *
 * A line is event, field, value, direction (orig, resp), count and capture, separated by tabs; "-" where a column does not apply. The test
 * tool writes them with --coverage.
 */
#ifndef OTO_DOC_COVERAGE_H
#define OTO_DOC_COVERAGE_H

#include "base.h"

struct oto_seen_row {
	char *event, *field, *value, *direction, *capture;
	uint64_t count;
};
struct oto_seen {
	struct oto_seen_row *rows;
	uint32_t n;
};

/* All coverage files of SOURCE/analyzers/NAME/golden, or of SOURCE/plugins/NAME/golden. None is no error: nothing was seen. */
void oto_seen_read(struct oto_seen *s, const char *source, const char *analyzer);
void oto_seen_free(struct oto_seen *s);

struct oto_seen_sum {
	uint64_t orig, resp;
	uint32_t captures;
	const char *example; /* one capture, or NULL */
};
/* NULL for field or value: any. */
struct oto_seen_sum oto_seen_sum(const struct oto_seen *s, const char *event, const char *field, const char *value);

#endif
