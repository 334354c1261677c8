/* log.h - events to files: an event type's log specifications become Zeek-style TSV or JSON lines, in detail or aggregated.
 *
 * Listens on the bus. Aggregates before it formats. Files are valid UTF-8, rotated by time and size, compressed when rotated; a
 * rotated file appears under its name only when it is whole.
 */
#ifndef OTO_LOG_H
#define OTO_LOG_H

#include "event.h"

enum oto_profile { OTO_PROFILE_OTOSCOPE = 0, OTO_PROFILE_ZEEK, OTO_PROFILE_SENSOR };

struct oto_log_options {
	const char *dir; /* NULL: no files; "-" : all rows as JSON lines on standard output */
	bool json;
	enum oto_profile profile;
	int64_t interval_ns;    /* of aggregation, from a log's first event after its last interval; 0: 60 s */
	int64_t rotate_ns;      /* of packet time, aligned; 0: never */
	uint64_t rotate_bytes;  /* 0: never */
	bool gzip;              /* rotated files */
	const char *only, *off; /* comma-separated log names; NULL: by specification. `only` turns on logs that are off by specification */
};

struct oto_logs;
struct oto_logs *oto_logs_new(const struct oto_log_options *options, struct oto_bus *bus, struct oto_error *err);
/* Listen for all log specifications of the types registered so far; call again after more were registered (a script's log.new registers a
 * type whose specification is its log). Specifications of several types that name one log share its file and must declare the same columns.
 */
bool oto_logs_attach(struct oto_logs *logs, struct oto_error *err);
/* Packet time went on: close aggregation intervals, rotate, flush. Cheap when nothing is due. */
void oto_logs_tick(struct oto_logs *logs, int64_t now_ns);
/* Packet time goes on at this earlier one: intervals end, and so do files that are rotated. */
void oto_logs_set_back(struct oto_logs *logs, int64_t now_ns);
/* A function that sees the event of a row before it is written and may refuse it (log.filter): for each row of a detail log; for an
 * aggregated one at the first event of a key in an interval, and the answer holds for that key and interval. */
typedef bool oto_log_filter(void *who, const char *log, const struct oto_event *event);
void oto_logs_filter(struct oto_logs *logs, oto_log_filter *filter, void *who);
/* Write what is left, close, rename. Returns false and the first error met (disk full, ...). Events after that are not logged. */
bool oto_logs_close(struct oto_logs *logs, struct oto_error *err);
/* Closes first if need be. The bus is not told: it must not dispatch any more. */
void oto_logs_free(struct oto_logs *logs);
/* Rows and bytes per log, for stats and the command line's last word. Valid after the close, too. */
struct oto_log_count {
	const char *name;
	uint64_t rows, bytes, events;
	uint64_t early; /* intervals written before their time because OTO_AGGREGATE_ROWS or _BYTES was reached */
	uint64_t lost;  /* rows that the disk did not take */
};
uint32_t oto_logs_counts(const struct oto_logs *logs, const struct oto_log_count **counts);

/* ------------------------------------------------------------------------------------------------ what a log consists of */

struct oto_log_column {
	char name[64];
	struct oto_field_ref ref; /* field NULL: an aggregate's own count or ts_end */
};
#define OTO_LOG_COLUMNS 128u
/* The form of a specification under a profile: zeek writes everything in detail but what Zeek does not have; sensor has names of its own.
 */
enum oto_form oto_log_form(const struct oto_log *spec, enum oto_profile profile);
/* Its columns in order, at most OTO_LOG_COLUMNS; 0 and a message that names the unknown field and its near names. */
uint32_t oto_log_columns(const struct oto_event_def *def, const struct oto_log *spec, enum oto_profile profile, enum oto_form form,
			 struct oto_log_column *columns, struct oto_error *err);
/* Everything that can be wrong with the logs of a type, whether they are written or not: names, columns, key, condition. */
bool oto_log_check(const struct oto_event_def *def, struct oto_error *err);
/* Zeek's name for a column's type: "addr", "vector[count]". */
const char *oto_log_column_type(const struct oto_log_column *column);
/* Specification i of a type, completed with zeros where an older object's rows are shorter. */
struct oto_log oto_log_spec(const struct oto_event_type *type, uint32_t i);

#endif
