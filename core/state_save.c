/* state_save.c - stores in SQLite: one file, WAL, one transaction per save, only what changed. The schema is the contract with who reads or
 * merges it:
 *
 *   stores  one row a store: kind, key, and the merge rule ("last writer" or "sum over sensors")
 *   rows    one row a key and sensor: value, count, first and last time, epoch (the run that wrote it), deleted (a tombstone), position
 *
 * `key` and `value` are the typed bytes of policy_store.c; `shown` is the key as people read it.
 */
#include "state.h"

#include <sqlite3.h>
#include <stdlib.h>

struct oto_database {
	sqlite3 *db;
	char *path, *sensor;
	int64_t epoch;
	sqlite3_stmt *gone, *all_gone, *store, *row, *load, *known;
};

#define SCHEMA 1 /* its number, in meta: another one is another layout */
static const char schema[] = "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;"
			     "CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value INTEGER) WITHOUT ROWID;"
			     "CREATE TABLE IF NOT EXISTS stores (name TEXT PRIMARY KEY, kind TEXT, key TEXT, merge TEXT) WITHOUT ROWID;"
			     "CREATE TABLE IF NOT EXISTS rows (store TEXT, key BLOB, sensor TEXT, epoch INTEGER, position INTEGER, shown "
			     "TEXT, value BLOB, count INTEGER,"
			     " first_ns INTEGER, when_ns INTEGER, deleted INTEGER, PRIMARY KEY (store, sensor, key)) WITHOUT ROWID;"
			     "INSERT OR IGNORE INTO meta VALUES ('schema', 1), ('epoch', 0);";

static const char *kind_name(uint8_t kind)
{
	static const char *const names[] = {
		[OTO_STORE_SET] = "set", [OTO_STORE_MAP] = "map", [OTO_STORE_COUNT] = "count", [OTO_STORE_WINDOW] = "window"
	};
	return names[kind];
}

static bool failed(struct oto_database *d, struct oto_error *err)
{
	int code = sqlite3_errcode(d->db);

	if (code == SQLITE_CORRUPT || code == SQLITE_NOTADB)
		return oto_fail(err, "%s is damaged (%s): put a copy in its place, or move it away to begin anew", d->path,
				sqlite3_errmsg(d->db));
	return oto_fail(err, "%s: %s", d->path, sqlite3_errmsg(d->db));
}

static bool prepare(struct oto_database *d, sqlite3_stmt **statement, const char *sql, struct oto_error *err)
{
	return sqlite3_prepare_v3(d->db, sql, -1, SQLITE_PREPARE_PERSISTENT, statement, NULL) == SQLITE_OK || failed(d, err);
}

static bool read_meta(struct oto_database *d, const char *sql, int64_t *value, struct oto_error *err)
{
	sqlite3_stmt *s;

	if (!prepare(d, &s, sql, err))
		return false;
	bool ok = sqlite3_step(s) == SQLITE_ROW;
	*value = ok ? sqlite3_column_int64(s, 0) : 0;
	sqlite3_finalize(s);
	return ok || failed(d, err);
}

static bool layout_known(struct oto_database *d, struct oto_error *err)
{
	int64_t layout;

	if (!read_meta(d, "SELECT value FROM meta WHERE key = 'schema'", &layout, err))
		return false;
	return layout == SCHEMA ||
	       oto_fail(err, "%s is of layout %lld, this otoscope knows %d: use the one that wrote it, or another folder", d->path,
			(long long)layout, SCHEMA);
}

static bool begin_epoch(struct oto_database *d, struct oto_error *err)
{
	bool ok = sqlite3_exec(d->db, "UPDATE meta SET value = value + 1 WHERE key = 'epoch'", NULL, NULL, NULL) == SQLITE_OK;

	return (ok || failed(d, err)) && read_meta(d, "SELECT value FROM meta WHERE key = 'epoch'", &d->epoch, err);
}

static bool statements(struct oto_database *d, struct oto_error *err)
{
	return prepare(d, &d->known, "SELECT kind, key FROM stores WHERE name = ?1", err) &&
	       prepare(d, &d->store, "INSERT OR REPLACE INTO stores VALUES (?1, ?2, ?3, ?4)", err) &&
	       prepare(d, &d->gone, "DELETE FROM rows WHERE store = ?1 AND sensor = ?2 AND key = ?3 AND deleted = 0", err) &&
	       prepare(d, &d->all_gone, "DELETE FROM rows WHERE store = ?1 AND sensor = ?2 AND deleted = 0", err) &&
	       prepare(d, &d->row, "INSERT OR REPLACE INTO rows VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)", err) &&
	       prepare(d, &d->load,
		       "SELECT key, value, count, first_ns, when_ns, position FROM rows WHERE store = ?1 AND sensor = ?2 AND deleted = 0 "
		       "ORDER BY "
		       "position",
		       err);
}

struct oto_database *oto_database_open(const char *dir, const char *sensor, struct oto_error *err)
{
	struct oto_database *d = oto_calloc(1, sizeof *d);
	struct oto_buf path = { 0 };

	oto_buf_fmt(&path, "%s/state.db", dir);
	d->path = path.data;
	d->sensor = oto_strdup(sensor);
	bool ok = sqlite3_open(d->path, &d->db) == SQLITE_OK && sqlite3_busy_timeout(d->db, 5000) == SQLITE_OK &&
		  sqlite3_exec(d->db, schema, NULL, NULL, NULL) == SQLITE_OK;
	if (!ok)
		failed(d, err);
	if (ok && layout_known(d, err) && begin_epoch(d, err) && statements(d, err))
		return d;
	oto_database_close(d);
	return NULL;
}

void oto_database_close(struct oto_database *d)
{
	if (!d)
		return;
	sqlite3_stmt *all[] = { d->gone, d->all_gone, d->store, d->row, d->load, d->known };
	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		sqlite3_finalize(all[i]);
	sqlite3_close(d->db);
	free(d->path);
	free(d->sensor);
	free(d);
}

/* ------------------------------------------------------------------------------------------------ loading */

static bool fits(struct oto_database *d, const struct oto_store_spec *spec, struct oto_error *err)
{
	sqlite3_bind_text(d->known, 1, spec->name, -1, SQLITE_STATIC);
	bool ok = true;
	if (sqlite3_step(d->known) == SQLITE_ROW) {
		const char *kind = (const char *)sqlite3_column_text(d->known, 0), *key = (const char *)sqlite3_column_text(d->known, 1);
		if (strcmp(kind, kind_name(spec->kind)) != 0 || strcmp(key, spec->shape) != 0)
			ok = oto_fail(err, "%s keeps store '%s' as a %s of (%s), the script declares a %s of (%s): give it another name",
				      d->path, spec->name, kind, key, kind_name(spec->kind), spec->shape);
	}
	sqlite3_reset(d->known);
	return ok;
}

static struct oto_slice blob(sqlite3_stmt *s, int column)
{
	const void *data = sqlite3_column_blob(s, column);
	return (struct oto_slice){ data, (uint32_t)sqlite3_column_bytes(s, column) };
}

static void load_times(struct oto_store *s, struct oto_row *r, struct oto_slice times)
{
	for (uint32_t at = 0; at + 8 <= times.len; at += 8) {
		int64_t ns;
		memcpy(&ns, times.data + at, sizeof ns);
		oto_row_tick(s, r, ns, ns);
	}
}

bool oto_database_load(struct oto_database *d, struct oto_store *s, struct oto_error *err)
{
	const struct oto_store_spec *spec = oto_store_spec(s);
	bool made;
	int step;

	if (!fits(d, spec, err))
		return false;
	sqlite3_bind_text(d->load, 1, spec->name, -1, SQLITE_STATIC);
	sqlite3_bind_text(d->load, 2, d->sensor, -1, SQLITE_STATIC);
	while ((step = sqlite3_step(d->load)) == SQLITE_ROW) {
		struct oto_row *r = oto_store_put(s, blob(d->load, 0), sqlite3_column_int64(d->load, 4), &made);
		r->count = (uint64_t)sqlite3_column_int64(d->load, 2);
		r->first_ns = sqlite3_column_int64(d->load, 3);
		r->position = sqlite3_column_int64(d->load, 5);
		if (spec->kind == OTO_STORE_WINDOW)
			load_times(s, r, blob(d->load, 1));
		else
			oto_row_set(s, r, blob(d->load, 1));
	}
	sqlite3_reset(d->load);
	oto_store_saved(s);
	return step == SQLITE_DONE || failed(d, err);
}

/* ------------------------------------------------------------------------------------------------ saving */

bool oto_database_begin(struct oto_database *d, struct oto_error *err)
{
	return sqlite3_exec(d->db, "BEGIN IMMEDIATE", NULL, NULL, NULL) == SQLITE_OK || failed(d, err);
}

bool oto_database_end(struct oto_database *d, struct oto_error *err)
{
	return sqlite3_exec(d->db, "COMMIT", NULL, NULL, NULL) == SQLITE_OK || failed(d, err);
}

void oto_database_undo(struct oto_database *d)
{
	if (!sqlite3_get_autocommit(d->db)) /* SQLite may have done so by itself */
		sqlite3_exec(d->db, "ROLLBACK", NULL, NULL, NULL);
}

static bool done(sqlite3_stmt *s)
{
	bool ok = sqlite3_step(s) == SQLITE_DONE;

	sqlite3_reset(s);
	return ok;
}

static void times_of(const struct oto_row *r, struct oto_buf *out)
{
	for (uint32_t i = 0; i < r->ntimes; i++)
		oto_buf_add(out, &r->times[(r->first_time + i) % r->cap_times], sizeof *r->times);
}

static void bind_key(struct oto_database *d, const struct oto_store_spec *spec, struct oto_slice key)
{
	sqlite3_bind_text(d->row, 1, spec->name, -1, SQLITE_STATIC);
	sqlite3_bind_blob(d->row, 2, key.data, (int)key.len, SQLITE_STATIC);
	sqlite3_bind_text(d->row, 3, d->sensor, -1, SQLITE_STATIC);
	sqlite3_bind_int64(d->row, 4, d->epoch);
}

static bool save_row(struct oto_database *d, const struct oto_store_spec *spec, const struct oto_row *r, int64_t position,
		     const char *shown)
{
	struct oto_buf times = { 0 };

	bind_key(d, spec, r->key);
	sqlite3_bind_int64(d->row, 5, position);
	sqlite3_bind_text(d->row, 6, shown, -1, SQLITE_STATIC);
	if (spec->kind == OTO_STORE_WINDOW) {
		times_of(r, &times);
		sqlite3_bind_blob(d->row, 7, times.data ? times.data : "", (int)times.len, SQLITE_STATIC);
	} else {
		sqlite3_bind_blob(d->row, 7, r->value.data, (int)r->value.len, SQLITE_STATIC);
	}
	sqlite3_bind_int64(d->row, 8, (int64_t)r->count);
	sqlite3_bind_int64(d->row, 9, r->first_ns);
	sqlite3_bind_int64(d->row, 10, r->when_ns);
	sqlite3_bind_int(d->row, 11, 0);
	bool ok = done(d->row);
	oto_buf_free(&times);
	return ok;
}

static bool save_tombstone(struct oto_database *d, const struct oto_store_spec *spec, const struct oto_tombstone *t, const char *shown)
{
	bind_key(d, spec, t->key);
	sqlite3_bind_int64(d->row, 5, 0);
	sqlite3_bind_text(d->row, 6, shown, -1, SQLITE_STATIC);
	sqlite3_bind_null(d->row, 7);
	sqlite3_bind_int64(d->row, 8, 0);
	sqlite3_bind_int64(d->row, 9, 0);
	sqlite3_bind_int64(d->row, 10, t->when_ns);
	sqlite3_bind_int(d->row, 11, 1);
	return done(d->row);
}

static bool save_tombstones(struct oto_database *d, const struct oto_store *s, void (*show)(struct oto_slice, struct oto_buf *))
{
	struct oto_buf shown = { 0 };
	uint32_t n;
	const struct oto_tombstone *t = oto_store_tombstones(s, &n);
	bool ok = true;

	for (uint32_t i = 0; ok && i < n; i++) {
		shown.len = 0;
		show(t[i].key, &shown);
		ok = save_tombstone(d, oto_store_spec(s), &t[i], shown.data);
	}
	oto_buf_free(&shown);
	return ok;
}

static bool delete_of(struct oto_database *d, sqlite3_stmt *statement, const struct oto_store *s, const struct oto_slice *key)
{
	sqlite3_bind_text(statement, 1, oto_store_spec(s)->name, -1, SQLITE_STATIC);
	sqlite3_bind_text(statement, 2, d->sensor, -1, SQLITE_STATIC);
	if (key)
		sqlite3_bind_blob(statement, 3, key->data, (int)key->len, SQLITE_STATIC);
	return done(statement);
}

static bool delete_gone(struct oto_database *d, const struct oto_store *s, bool *all)
{
	uint32_t n;
	const struct oto_slice *gone = oto_store_gone(s, &n, all);
	bool ok = !*all || delete_of(d, d->all_gone, s, NULL);

	for (uint32_t i = 0; ok && i < n; i++)
		ok = delete_of(d, d->gone, s, &gone[i]);
	return ok;
}

/* Positions only grow, as new rows come behind all others. */
static void place_new(const struct oto_store *s)
{
	struct oto_row *r = oto_store_last(s);

	while (r && r->before && !r->position)
		r = r->before;
	for (int64_t position = 0; r; r = r->after) {
		if (!r->position)
			r->position = position + 1;
		position = r->position;
	}
}

static int order_of_keys(const void *a, const void *b)
{
	struct oto_slice x = (*(struct oto_row *const *)a)->key, y = (*(struct oto_row *const *)b)->key;
	int order = memcmp(x.data, y.data, x.len < y.len ? x.len : y.len);

	return order ? order : (x.len > y.len) - (x.len < y.len);
}

/* Only what changed is visited: a large store is saved as quickly as a small one. Written in the order of their keys, rows meet the pages
 * of the tree one after another. */
static bool save_rows(struct oto_database *d, struct oto_store *s, bool all, void (*show)(struct oto_slice, struct oto_buf *))
{
	struct oto_buf shown = { 0 }, list = { 0 };
	bool ok = true;

	place_new(s);
	for (struct oto_row *r = oto_store_newest(s); r && (all || r->changed); r = r->older)
		oto_buf_add(&list, &r, sizeof r);
	size_t n = list.len / sizeof(struct oto_row *);
	struct oto_row **row = (struct oto_row **)(void *)list.data;
	if (n)
		qsort(row, n, sizeof(struct oto_row *), order_of_keys);
	for (size_t i = 0; ok && i < n; i++) {
		shown.len = 0;
		show(row[i]->key, &shown);
		ok = save_row(d, oto_store_spec(s), row[i], row[i]->position, shown.data);
	}
	oto_buf_free(&shown);
	oto_buf_free(&list);
	return ok;
}

bool oto_database_save(struct oto_database *d, struct oto_store *s, void (*show)(struct oto_slice, struct oto_buf *), struct oto_error *err)
{
	const struct oto_store_spec *spec = oto_store_spec(s);

	bool all;

	if (!oto_store_changed(s))
		return true;
	sqlite3_bind_text(d->store, 1, spec->name, -1, SQLITE_STATIC);
	sqlite3_bind_text(d->store, 2, kind_name(spec->kind), -1, SQLITE_STATIC);
	sqlite3_bind_text(d->store, 3, spec->shape, -1, SQLITE_STATIC);
	sqlite3_bind_text(d->store, 4, spec->kind == OTO_STORE_COUNT ? "sum over sensors" : "last writer", -1, SQLITE_STATIC);
	/* In this order: a key that went and came again is alive. */
	bool ok = done(d->store) && save_tombstones(d, s, show) && delete_gone(d, s, &all) && save_rows(d, s, all, show);
	return ok || failed(d, err);
}

/* ------------------------------------------------------------------------------------------------ sensors */

bool oto_database_sensors(struct oto_database *d, void (*visit)(void *who, const char *sensor, int64_t last_ns), void *who,
			  struct oto_error *err)
{
	sqlite3_stmt *s;
	int step;

	if (!prepare(d, &s, "SELECT sensor, MAX(when_ns) FROM rows WHERE deleted = 0 GROUP BY sensor ORDER BY sensor", err))
		return false;
	while ((step = sqlite3_step(s)) == SQLITE_ROW)
		visit(who, (const char *)sqlite3_column_text(s, 0), sqlite3_column_int64(s, 1));
	sqlite3_finalize(s);
	return step == SQLITE_DONE || failed(d, err);
}
