/* log_file.h - one log's file: whole rows buffered, rotation, compression, and the disk's errors. Knows nothing of events.
 *
 * The current file is NAME.log: it appears with its header and first rows, taking the place of an earlier run's file in one step, and only
 * grows by whole rows, so that `tail -F` follows it. A file with no row is never made. When rotation is on, a finished file is
 * NAME-YYYYmmddTHHMMSSZ.log, named after its first row's packet time (-2, -3 ... behind it if the second repeats), then with .gz behind it
 * once the compressed copy is whole.
 */
#ifndef OTO_LOG_FILE_H
#define OTO_LOG_FILE_H

#include "base.h"

/* What the files of a run share. */
struct oto_log_place;
/* dir is made if it is missing; "-" is standard output, to which all files of the place write. */
struct oto_log_place *oto_log_place_new(const char *dir, bool rotating, bool gzip, struct oto_error *err);
/* Waits for the compression that is under way. Returns false and the first error that any file had. */
bool oto_log_place_close(struct oto_log_place *place, struct oto_error *err);
void oto_log_place_free(struct oto_log_place *place);

struct oto_log_file;
/* `before` and `after` surround the #open line of the header; NULL: a file without header (JSON lines). Copied. A file of that name that an
 * earlier run left is removed; with rotation on, it is kept under the name that rotation would have given it. */
struct oto_log_file *oto_log_file_new(struct oto_log_place *place, const char *name, const char *before, const char *after);
void oto_log_file_free(struct oto_log_file *f);

/* Where the next row is to be appended. `ns` is its packet time. */
struct oto_buf *oto_log_file_row(struct oto_log_file *f, int64_t ns);
/* The row is whole. */
void oto_log_file_row_done(struct oto_log_file *f);
/* Give the disk what is buffered. */
void oto_log_file_flush(struct oto_log_file *f);
/* Finish the file: #close line, and its rotated name when rotation is on. The next row begins another. */
void oto_log_file_finish(struct oto_log_file *f, int64_t now_ns);

/* Bytes of the current file, buffered ones included; of all files; rows that a full disk cost. */
uint64_t oto_log_file_size(const struct oto_log_file *f);
uint64_t oto_log_file_bytes(const struct oto_log_file *f);
uint64_t oto_log_file_lost(const struct oto_log_file *f);

#endif
