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
	const char *dir;          /* NULL: no files; "-" : all rows as JSON lines on standard output */
	bool json;
	enum oto_profile profile;
	int64_t interval_ns;      /* of aggregation; 0: 60 s */
	int64_t rotate_ns;        /* of packet time, aligned; 0: never */
	uint64_t rotate_bytes;    /* 0: never */
	bool gzip;                /* rotated files */
	const char *only, *off;   /* comma-separated log names; NULL: by specification */
};

struct oto_logs;
struct oto_logs *oto_logs_new(const struct oto_log_options *options, struct oto_bus *bus, struct oto_error *err);
/* Listen for all log specifications of the types registered so far; call again after more were registered. */
bool oto_logs_attach(struct oto_logs *logs, struct oto_error *err);
/* A log with columns of a script's own (log.new): a registered type made at run time carries the columns; see event.h. */
/* Packet time went on: close aggregation intervals, rotate. Cheap when nothing is due. */
void oto_logs_tick(struct oto_logs *logs, int64_t now_ns);
/* A function that sees each finished row's event before it is written and may refuse it (log.filter). */
typedef bool oto_log_filter(void *who, const char *log, const struct oto_event *event);
void oto_logs_filter(struct oto_logs *logs, oto_log_filter *filter, void *who);
/* Write what is left, close, rename. Returns false and the first error met (disk full, ...) . */
bool oto_logs_close(struct oto_logs *logs, struct oto_error *err);
/* Rows and bytes per log, for stats and the command line's last word. */
struct oto_log_count { const char *name; uint64_t rows, bytes, events; };
uint32_t oto_logs_counts(const struct oto_logs *logs, const struct oto_log_count **counts);

#endif
