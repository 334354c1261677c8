/* state.h - what scripts remember: bounded, expiring tables in C, iterated in the order of insertion, saved to SQLite.
 *
 * Keys and values are byte strings to this stage; policy_store.c gives them types. Every store has a bound: when it is full the row written
 * longest ago goes, counted. Rows expire on packet time. A row knows when it was first and last written and how often.
 */
#ifndef OTO_STATE_H
#define OTO_STATE_H

#include "base.h"

enum oto_store_kind { OTO_STORE_SET = 1, OTO_STORE_MAP, OTO_STORE_COUNT, OTO_STORE_WINDOW };

struct oto_store_spec {
	const char *name, *shape; /* of the key: "addr, port" */
	uint8_t kind;             /* enum oto_store_kind */
	uint32_t max;             /* rows; 0: 100,000 */
	uint64_t max_bytes;       /* keys and values; 0: 64 MiB */
	int64_t expire_ns;        /* since the last write; 0: never */
	bool touch;               /* reading a row renews it, too */
	int64_t window_ns;        /* OTO_STORE_WINDOW */
	uint32_t each;            /* events kept per key in a window; 0: 4,096. More than that count as that many */
	uint64_t *drops;          /* of several stores: counts the rows that they drop or may drop early; or NULL */
};

struct oto_row {
	/* What each write of a row that is at hand needs stands together: it is in memory that nobody else has touched for a while. */
	struct oto_row *older, *newer; /* by last write */
	struct oto_slice value;        /* owned */
	uint64_t count;                /* writes; of OTO_STORE_COUNT the number counted */
	int64_t when_ns;
	bool changed;                   /* since it was saved */
	struct oto_row *chain;          /* in the hash bucket */
	struct oto_row *before, *after; /* by insertion */
	uint64_t hash;                  /* of the key */
	struct oto_slice key;           /* owned; it stands behind the row */
	uint64_t number;                /* of the rows ever made in this store: their order of insertion */
	int64_t first_ns;
	int64_t position; /* in the database, by insertion; 0: it is not there */
	int64_t *times;   /* OTO_STORE_WINDOW: a ring */
	uint32_t ntimes, first_time, cap_times;
	uint32_t place; /* of struct oto_row_ref; 0: nobody keeps it */
};

struct oto_store_stats {
	uint64_t rows, bytes, evicted, expired;
};
struct oto_store;
struct oto_store *oto_store_new(const struct oto_store_spec *spec);
void oto_store_free(struct oto_store *s);
const struct oto_store_spec *oto_store_spec(const struct oto_store *s);
struct oto_store_stats oto_store_stats(const struct oto_store *s);

/* The row, or NULL. A row that has expired by now_ns is not found. */
struct oto_row *oto_store_get(struct oto_store *s, struct oto_slice key, int64_t now_ns);
/* The row, made if need be (*made), marked as written now. */
struct oto_row *oto_store_put(struct oto_store *s, struct oto_slice key, int64_t now_ns, bool *made);
/* A row that somebody keeps at hand. All zero: none. */
struct oto_row_ref {
	uint32_t place; /* among those of its store that are kept */
	uint64_t number;
};
struct oto_row_ref oto_row_keep(struct oto_store *s, struct oto_row *row);
/* The row; NULL: it is gone. */
struct oto_row *oto_row_kept(const struct oto_store *s, const struct oto_row_ref *ref);
/* Of none that is kept is the row known any more: who keeps them is to look again. */
void oto_rows_let_go(struct oto_store *s);
/* It is written soon: what that needs is read ahead into the processor's cache, in three steps of which each needs what the one before has
 * brought. With those of many rows one step after another, all are waited for at once. */
enum { OTO_FETCH_STEPS = 3 };
void oto_row_fetch(const struct oto_store *s, const struct oto_row_ref *ref, int step);
/* As oto_store_put() of its key; NULL: it is gone. */
struct oto_row *oto_store_put_again(struct oto_store *s, const struct oto_row_ref *ref, int64_t now_ns);
void oto_row_set(struct oto_store *s, struct oto_row *row, struct oto_slice value);
/* One more event, of the time at_ns, which is not after now_ns; returns how many there are in the window that ends with the latest. Events
 * come in any order: one that began before that window counts no more. */
uint32_t oto_row_tick(struct oto_store *s, struct oto_row *row, int64_t at_ns, int64_t now_ns);
uint32_t oto_row_ticks(const struct oto_store *s, struct oto_row *row, int64_t now_ns);
bool oto_store_remove(struct oto_store *s, struct oto_slice key, int64_t now_ns);
/* Without a tombstone, as what expires: of the rows that a script tidies up there is no end. */
bool oto_store_forget(struct oto_store *s, struct oto_slice key, int64_t now_ns);
void oto_store_clear(struct oto_store *s, int64_t now_ns);
/* Without tombstones: for tables that are never saved. */
void oto_store_empty(struct oto_store *s);
void oto_store_expire(struct oto_store *s, int64_t now_ns);
/* Does another row push out the oldest? */
bool oto_store_is_full(const struct oto_store *s);
/* Seen again; its place in the order of age stays. */
void oto_row_again(struct oto_store *s, struct oto_row *row, int64_t now_ns);
/* When that lets a row go next; INT64_MAX: never. Where it may be earlier after all, because a clock was set back, spec.drops counts. */
int64_t oto_store_next_old(const struct oto_store *s);
/* In order of insertion; NULL at the end. */
struct oto_row *oto_store_first(const struct oto_store *s);
struct oto_row *oto_store_last(const struct oto_store *s);
/* The row written last; from it by `older` to the one written longest ago. Those that changed since they were saved come first: a change
 * is a write. */
struct oto_row *oto_store_newest(const struct oto_store *s);

/* ------------------------------------------------------------------------------------------------ saved state */

/* state.db in a folder: SQLite in WAL mode, one writer. Rows carry when, count, sensor and epoch (the number of the run), so that several
 * databases can be merged: sets and maps by the last writer with tombstones, counts as a sum over sensors. */
struct oto_database;
struct oto_database *oto_database_open(const char *dir, const char *sensor, struct oto_error *err);
void oto_database_close(struct oto_database *db);
/* Fill a new store from the database; fails when it was saved with another kind or key. */
bool oto_database_load(struct oto_database *db, struct oto_store *s, struct oto_error *err);
/* Save what changed; in one transaction with all stores between begin and end. */
bool oto_database_begin(struct oto_database *db, struct oto_error *err);
bool oto_database_save(struct oto_database *db, struct oto_store *s, void (*show)(struct oto_slice key, struct oto_buf *out),
		       struct oto_error *err);
bool oto_database_end(struct oto_database *db, struct oto_error *err);
/* Nothing since begin has been. */
void oto_database_undo(struct oto_database *db);
/* What was saved has reached the disk. */
void oto_store_saved(struct oto_store *s);
/* The sensors that something is kept of, by name, and when each wrote last in packet time. */
bool oto_database_sensors(struct oto_database *db, void (*visit)(void *who, const char *sensor, int64_t last_ns), void *who,
			  struct oto_error *err);

/* Between state.c and state_save.c. */
bool oto_store_changed(const struct oto_store *s);
/* Keys of saved rows that are no longer there; *all: there are too many to list, all rows are to be saved anew. */
const struct oto_slice *oto_store_gone(const struct oto_store *s, uint32_t *n, bool *all);
/* Keys that a script removed since the last save; each with its time. */
struct oto_tombstone {
	struct oto_slice key;
	int64_t when_ns;
};
const struct oto_tombstone *oto_store_tombstones(const struct oto_store *s, uint32_t *n);

#endif
