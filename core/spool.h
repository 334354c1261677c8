/* spool.h - what is to be told to other systems, on its way out: the engine writes here, `otoscope send` delivers.
 *
 * spool.db in the state folder, SQLite in WAL mode, so that a reader never keeps the engine waiting and a killed engine loses nothing that
 * it wrote. The schema is the contract with tools/send:
 *
 *   spool   one row a message, in order: seq (never used twice), mark (what makes a message the same: it is written once), ts_ns, record
 *           (JSON)
 *   meta    id (of this spool: numbers of another mean nothing here), dropped (the highest seq that the bound took away)
 *
 * Owns the file. Messages are events "alert.message" (scripts/alerts/messages.lua); knows nothing of who they are for.
 */
#ifndef OTO_SPOOL_H
#define OTO_SPOOL_H

#include "event.h"

enum oto_spool_mode {
	OTO_SPOOL_OFF = 0,
	OTO_SPOOL_CONFIGURED, /* while send.lua is in the state folder */
	OTO_SPOOL_ALWAYS,
};
struct oto_spool_options {
	enum oto_spool_mode mode;
	const char *dir;
	uint64_t rows;  /* the oldest go beyond them; 0: 50,000 */
	uint64_t bytes; /* of records; 0: 64 MiB */
};

struct oto_spool;
struct oto_spool *oto_spool_new(const struct oto_spool_options *options);
void oto_spool_free(struct oto_spool *s);
/* After the scripts are loaded: listen to what they tell. */
void oto_spool_attach(struct oto_spool *s, struct oto_bus *bus);
/* One message; opens the file at the first. mark "": it is like no other. False: it is not written (err says why). */
bool oto_spool_write(struct oto_spool *s, const char *mark, int64_t ts_ns, struct oto_slice record, struct oto_error *err);
/* Events that could not be written wait in memory: write them now, in order. False: they still wait. */
bool oto_spool_retry(struct oto_spool *s, struct oto_error *err);
/* "2026-01-31T12:00:00.123Z". Returns out. */
const char *oto_iso_time(int64_t ns, char out[32]);

struct oto_spool_stats {
	uint64_t written, again, dropped, waiting,
	    failed; /* again: the same message was there; failed: too many waited, the oldest are lost */
} oto_spool_stats(const struct oto_spool *s);

#endif
