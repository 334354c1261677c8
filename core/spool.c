/* spool.c - see spool.h. A row is a transaction of its own: in WAL mode that is one write to the log file and no wait for the disk, and
 * what was written survives the end of this process, however it comes. After a power cut the last seconds may be missing; the file is
 * whole. */
#include "spool.h"

#include <sqlite3.h>
#include <stdlib.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#define DEFAULT_ROWS 50000u
#define DEFAULT_BYTES (UINT64_C(64) << 20)
#define CONFIGURATION "send.lua"
#define WAITING_ROWS 10000u /* in memory, while the file cannot be written */
#define WAITING_BYTES (16u << 20)
#define WELL_AGAIN 10u /* times without a failure, after which trouble counts as over: a disk that is nearly full fails now and then */

/* A message that could not be written yet. */
struct waiting {
	struct waiting *next;
	int64_t ts_ns;
	char *mark;
	struct oto_slice record;
};

struct oto_spool {
	struct oto_spool_options options;
	char *dir;
	sqlite3 *db;
	sqlite3_stmt *insert, *oldest, *remove, *dropped;
	uint64_t rows, bytes;
	struct waiting *first, **last;
	uint64_t waiting_bytes;
	struct oto_trouble trouble;
	struct oto_spool_stats stats;
	struct oto_field_ref id, state, at;
};

static const char schema[] = "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;"
			     "CREATE TABLE IF NOT EXISTS spool (seq INTEGER PRIMARY KEY AUTOINCREMENT, mark TEXT UNIQUE, ts_ns INTEGER, "
			     "record TEXT);"
			     "CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value) WITHOUT ROWID;"
			     "INSERT OR IGNORE INTO meta VALUES ('dropped', 0);";

struct oto_spool *oto_spool_new(const struct oto_spool_options *options)
{
	struct oto_spool *s = oto_calloc(1, sizeof *s);

	s->options = *options;
	s->dir = oto_strdup(options->dir);
	s->last = &s->first;
	if (!s->options.rows)
		s->options.rows = DEFAULT_ROWS;
	if (!s->options.bytes)
		s->options.bytes = DEFAULT_BYTES;
	return s;
}

static void forget_first(struct oto_spool *s)
{
	struct waiting *w = s->first;

	s->first = w->next;
	if (!s->first)
		s->last = &s->first;
	s->stats.waiting--;
	s->waiting_bytes -= w->record.len;
	free(w->mark);
	free((void *)(uintptr_t)w->record.data);
	free(w);
}

static void close_file(struct oto_spool *s)
{
	sqlite3_stmt **all[] = { &s->insert, &s->oldest, &s->remove, &s->dropped };

	for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
		sqlite3_finalize(*all[i]);
		*all[i] = NULL;
	}
	sqlite3_close(s->db);
	s->db = NULL;
}

void oto_spool_free(struct oto_spool *s)
{
	if (!s)
		return;
	while (s->first)
		forget_first(s);
	close_file(s);
	free(s->dir);
	free(s);
}

struct oto_spool_stats oto_spool_stats(const struct oto_spool *s)
{
	return s->stats;
}

/* ------------------------------------------------------------------------------------------------ the file */

static bool failed(struct oto_spool *s, struct oto_error *err)
{
	return oto_fail(err, "%s/spool.db: %s", s->dir, sqlite3_errmsg(s->db));
}

static bool prepare(struct oto_spool *s, sqlite3_stmt **statement, const char *sql, struct oto_error *err)
{
	return sqlite3_prepare_v3(s->db, sql, -1, SQLITE_PREPARE_PERSISTENT, statement, NULL) == SQLITE_OK || failed(s, err);
}

/* A name that no other spool has, however often the folder is made anew. */
static bool name_it(struct oto_spool *s, struct oto_error *err)
{
	uint64_t chance[2] = { 0 };
	char sql[128];

	if (getrandom(chance, sizeof chance, 0) != sizeof chance)
		return oto_fail(err, "%s/spool.db: the system gives no random number", s->dir);
	snprintf(sql, sizeof sql, "INSERT OR IGNORE INTO meta VALUES ('id', '%016llx')", (unsigned long long)(chance[0] ^ chance[1]));
	return sqlite3_exec(s->db, sql, NULL, NULL, NULL) == SQLITE_OK || failed(s, err);
}

static bool measure(struct oto_spool *s, struct oto_error *err)
{
	sqlite3_stmt *all = NULL;

	if (!prepare(s, &all, "SELECT count(*), coalesce(sum(length(CAST(record AS BLOB))), 0) FROM spool", err))
		return false;
	bool ok = sqlite3_step(all) == SQLITE_ROW;
	if (ok) {
		s->rows = (uint64_t)sqlite3_column_int64(all, 0);
		s->bytes = (uint64_t)sqlite3_column_int64(all, 1);
	}
	sqlite3_finalize(all);
	return ok || failed(s, err);
}

static bool open_file(struct oto_spool *s, struct oto_error *err)
{
	struct oto_buf path = { 0 };

	oto_buf_fmt(&path, "%s/spool.db", s->dir);
	bool ok = sqlite3_open(path.data, &s->db) == SQLITE_OK && sqlite3_busy_timeout(s->db, 2000) == SQLITE_OK &&
		  sqlite3_exec(s->db, schema, NULL, NULL, NULL) == SQLITE_OK;
	oto_buf_free(&path);
	if (!ok)
		failed(s, err);
	ok = ok && name_it(s, err) && measure(s, err) &&
	     prepare(s, &s->insert,
		     "INSERT INTO spool (mark, ts_ns, record) SELECT ?1, ?2, ?3 WHERE NOT EXISTS (SELECT 1 FROM spool WHERE mark = ?1)",
		     err) &&
	     prepare(s, &s->oldest, "SELECT seq, length(CAST(record AS BLOB)) FROM spool ORDER BY seq LIMIT 1", err) &&
	     prepare(s, &s->remove, "DELETE FROM spool WHERE seq = ?1", err) &&
	     prepare(s, &s->dropped, "UPDATE meta SET value = ?1 WHERE key = 'dropped'", err);
	if (!ok)
		close_file(s);
	return ok;
}

static bool done(sqlite3_stmt *statement)
{
	bool ok = sqlite3_step(statement) == SQLITE_DONE;

	sqlite3_reset(statement);
	return ok;
}

static bool drop_oldest(struct oto_spool *s)
{
	bool ok = sqlite3_step(s->oldest) == SQLITE_ROW;
	int64_t seq = ok ? sqlite3_column_int64(s->oldest, 0) : 0;
	uint64_t bytes = ok ? (uint64_t)sqlite3_column_int64(s->oldest, 1) : 0;

	sqlite3_reset(s->oldest);
	sqlite3_bind_int64(s->dropped, 1, seq);
	sqlite3_bind_int64(s->remove, 1, seq);
	if (!ok || !done(s->dropped) || !done(s->remove))
		return false;
	s->rows--;
	s->bytes -= bytes;
	s->stats.dropped++;
	return true;
}

static bool insert(struct oto_spool *s, const char *mark, int64_t ts_ns, struct oto_slice record)
{
	if (mark[0])
		sqlite3_bind_text(s->insert, 1, mark, -1, SQLITE_STATIC);
	else
		sqlite3_bind_null(s->insert, 1);
	sqlite3_bind_int64(s->insert, 2, ts_ns);
	sqlite3_bind_text(s->insert, 3, (const char *)record.data, (int)record.len, SQLITE_STATIC);
	return done(s->insert);
}

bool oto_spool_write(struct oto_spool *s, const char *mark, int64_t ts_ns, struct oto_slice record, struct oto_error *err)
{
	if (!s->db && !open_file(s, err))
		return false;
	bool ok = sqlite3_exec(s->db, "BEGIN IMMEDIATE", NULL, NULL, NULL) == SQLITE_OK && insert(s, mark, ts_ns, record);
	bool is_new = ok && sqlite3_changes(s->db) > 0;
	if (is_new) {
		s->rows++;
		s->bytes += record.len;
	}
	while (ok && s->rows > 1 && (s->rows > s->options.rows || s->bytes > s->options.bytes))
		ok = drop_oldest(s);
	ok = ok && sqlite3_exec(s->db, "COMMIT", NULL, NULL, NULL) == SQLITE_OK;
	if (ok) {
		*(is_new ? &s->stats.written : &s->stats.again) += 1;
		return true;
	}
	failed(s, err);
	close_file(s); /* rolls back; the next message opens it anew */
	return false;
}

/* ------------------------------------------------------------------------------------------------ while it cannot be written */

static void wait(struct oto_spool *s, const char *mark, int64_t ts_ns, struct oto_slice record)
{
	struct waiting *w = oto_calloc(1, sizeof *w);

	*w = (struct waiting){ .ts_ns = ts_ns, .mark = oto_strdup(mark), .record.len = record.len };
	w->record.data = memcpy(oto_calloc(1, record.len), record.data, record.len);
	*s->last = w;
	s->last = &w->next;
	s->stats.waiting++;
	s->waiting_bytes += record.len;
	while (s->stats.waiting > WAITING_ROWS || s->waiting_bytes > WAITING_BYTES) {
		forget_first(s);
		s->stats.failed++;
	}
}

bool oto_spool_retry(struct oto_spool *s, struct oto_error *err)
{
	while (s->first) {
		if (!oto_spool_write(s, s->first->mark, s->first->ts_ns, s->first->record, err))
			return false;
		forget_first(s);
	}
	oto_trouble_over(&s->trouble, WELL_AGAIN, "alerts are handed to otoscope send again; %llu were lost",
			 (unsigned long long)s->stats.failed);
	return true;
}

/* ------------------------------------------------------------------------------------------------ the event */

const char *oto_iso_time(int64_t ns, char out[32])
{
	time_t seconds = (time_t)(ns / OTO_SECOND);
	struct tm tm;
	size_t n = gmtime_r(&seconds, &tm) ? strftime(out, 32, "%Y-%m-%dT%H:%M:%S", &tm) : 0;

	snprintf(out + n, 32 - n, ".%03dZ", (int)(ns % OTO_SECOND / OTO_MS));
	return out;
}

static void field(const struct oto_event *e, const struct oto_field *f, struct oto_buf *out)
{
	struct oto_value v;

	oto_value_get(e, (struct oto_field_ref){ f, false }, &v);
	if (!v.kind)
		return;
	oto_buf_fmt(out, ",\"%s\":", f->name);
	oto_value_json(&v, out);
}

static int64_t time_of(const struct oto_spool *s, const struct oto_event *e)
{
	struct oto_value v = { 0 };

	if (s->at.field)
		oto_value_get(e, s->at, &v);
	return v.kind == OTO_TIME && v.i > 0 ? v.i : e->head->ts.ns;
}

static void text_of(const struct oto_event *e, struct oto_field_ref ref, struct oto_buf *out)
{
	struct oto_value v = { 0 };

	if (ref.field)
		oto_value_get(e, ref, &v);
	if (v.kind)
		oto_value_text(&v, out);
}

/* An alert is new once, also when a run that was cut short is made again over the same packets. What people do with it may be the same
 * twice. */
static void mark_of(const struct oto_spool *s, const struct oto_event *e, int64_t ts_ns, struct oto_buf *out)
{
	text_of(e, s->state, out);
	bool is_new = out->len == 3 && memcmp(out->data, "new", 3) == 0;

	out->len = 0;
	if (is_new) {
		text_of(e, s->id, out);
		oto_buf_fmt(out, " %lld", (long long)ts_ns);
	}
	oto_buf_add(out, "", 1);
}

static bool wanted(const struct oto_spool *s)
{
	struct oto_buf path = { 0 };

	if (s->options.mode == OTO_SPOOL_ALWAYS)
		return true;
	oto_buf_fmt(&path, "%s/" CONFIGURATION, s->dir);
	bool there = access(path.data, F_OK) == 0;
	oto_buf_free(&path);
	return there;
}

static void on_message(void *who, const struct oto_event *e)
{
	struct oto_spool *s = who;
	struct oto_buf record = { 0 }, mark = { 0 };
	struct oto_error err = { "" };
	char text[32];

	if (!wanted(s))
		return;
	int64_t ts_ns = time_of(s, e);
	oto_buf_fmt(&record, "{\"time\":\"%s\",\"sensor\":", oto_iso_time(ts_ns, text));
	const char *sensor = e->head->sensor ? e->head->sensor : "";
	oto_json_text((struct oto_slice){ (const uint8_t *)sensor, (uint32_t)strlen(sensor) }, &record);
	for (uint32_t i = 0; i < e->def->nfields; i++) {
		if (&e->def->fields[i] != s->at.field)
			field(e, &e->def->fields[i], &record);
	}
	oto_buf_chr(&record, '}');
	mark_of(s, e, ts_ns, &mark);
	struct oto_slice json = { (const uint8_t *)record.data, (uint32_t)record.len };
	if (!oto_spool_retry(s, &err) || !oto_spool_write(s, mark.data, ts_ns, json, &err)) {
		oto_trouble_again(&s->trouble, "alerts are not handed to otoscope send: %s", err.text);
		wait(s, mark.data, ts_ns, json);
	}
	oto_buf_free(&mark);
	oto_buf_free(&record);
}

void oto_spool_attach(struct oto_spool *s, struct oto_bus *bus)
{
	struct oto_event_def *def = oto_bus_find(bus, "alert.message");

	if (!def)
		return;
	s->id = oto_field_find(def, "id", 2);
	s->state = oto_field_find(def, "state", 5);
	s->at = oto_field_find(def, "at", 2);
	oto_bus_listen(bus, def, on_message, s);
}
