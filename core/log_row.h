/* log_row.h - a row as tab-separated text: its columns, compiled once into steps. A row in detail is an event's; an aggregated one's values
 * stand in a struct like an event's, so that both are written here.
 *
 * Prints what oto_value_text() prints, and quickly what most columns are: absent, numbers as they are, times, addresses, words. Knows
 * fields and events, nothing of files.
 */
#ifndef OTO_LOG_ROW_H
#define OTO_LOG_ROW_H

#include "event.h"

/* The words of a column are few: what a value looks like is kept, of those written of late. */
#define OTO_ROW_WORDS 4u
struct oto_row_word {
	uint64_t value;
	uint8_t len; /* 0: none */
	char text[31];
};
struct oto_row_step {
	struct oto_field_ref ref;
	uint16_t offset, guard; /* of the field */
	uint8_t how, size;
	struct oto_row_word word[OTO_ROW_WORDS];
};

void oto_row_steps(const struct oto_field_ref *refs, uint32_t n, struct oto_row_step *steps);
/* n columns of the event, a tab behind each. */
void oto_row_write(struct oto_row_step *steps, uint32_t n, const struct oto_event *event, struct oto_buf *out);

#endif
