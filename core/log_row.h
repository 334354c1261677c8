/* log_row.h - a row in detail as tab-separated text: its columns, compiled once into steps.
 *
 * Prints what oto_value_text() prints, and quickly what most columns are: absent, numbers as they are, times, addresses, short words. Knows
 * fields and events, nothing of files.
 */
#ifndef OTO_LOG_ROW_H
#define OTO_LOG_ROW_H

#include "event.h"

struct oto_row_step {
	struct oto_field_ref ref;
	uint16_t offset, guard; /* of the field */
	uint8_t how;
};

void oto_row_steps(const struct oto_field_ref *refs, uint32_t n, struct oto_row_step *steps);
/* n columns of the event, a tab behind each. */
void oto_row_write(const struct oto_row_step *steps, uint32_t n, const struct oto_event *event, struct oto_buf *out);

#endif
