/* queue.c - the spool as a destination sees it, and how far it is.
 *
 * The spool (core/spool.h) is the engine's: it is only read here. What was delivered is kept in delivery.db beside it, so that engine and
 * senders never wait for one another's locks. A commit there waits for the disk: what a far end accepted is not sent again unmarked, not
 * even after a power cut.
 */
#include "send.h"

#include <stdlib.h>
#include <sys/stat.h>

static const char schema[] =
    "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
    "CREATE TABLE IF NOT EXISTS destinations (name TEXT PRIMARY KEY, position INTEGER, reached INTEGER, tries INTEGER, flying "
    "INTEGER, delivered INTEGER, refused INTEGER, lost INTEGER, spool TEXT) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS refused (destination TEXT, seq INTEGER, record TEXT, why TEXT);";

static bool failed(sqlite3 *db, const char *dir, const char *file, struct oto_error *err)
{
	return oto_fail(err, "%s/%s: %s", dir, file, db ? sqlite3_errmsg(db) : "no memory");
}

static bool failed_own(struct queue *q, struct oto_error *err)
{
	return failed(q->own, q->dir, "delivery.db", err);
}

static bool failed_spool(struct queue *q, struct oto_error *err)
{
	return failed(q->spool, q->dir, "spool.db", err);
}

/* ------------------------------------------------------------------------------------------------ how far */

static bool load(struct queue *q, struct oto_error *err)
{
	sqlite3_stmt *s = NULL;
	bool ok = sqlite3_prepare_v2(
		      q->own, "SELECT position, reached, tries, flying, delivered, refused, lost, spool FROM destinations WHERE name = ?1",
		      -1, &s, NULL) == SQLITE_OK;

	if (ok) {
		sqlite3_bind_text(s, 1, q->name, -1, SQLITE_STATIC);
		q->known = sqlite3_step(s) == SQLITE_ROW;
	}
	if (ok && q->known) {
		int64_t *const numbers[] = { &q->at.position,  &q->at.reached, &q->at.tries, &q->at.flying,
					     &q->at.delivered, &q->at.refused, &q->at.lost };
		for (int i = 0; i < 7; i++)
			*numbers[i] = sqlite3_column_int64(s, i);
		const char *spool = (const char *)sqlite3_column_text(s, 7);
		snprintf(q->at.spool, sizeof q->at.spool, "%s", spool ? spool : "");
	}
	sqlite3_finalize(s);
	return ok || failed_own(q, err);
}

bool queue_open(struct queue *q, const char *dir, const char *name, struct oto_error *err)
{
	struct oto_buf path = { 0 };

	*q = (struct queue){ .dir = dir, .name = name };
	oto_buf_fmt(&path, "%s/delivery.db", dir);
	bool ok = sqlite3_open(path.data, &q->own) == SQLITE_OK && sqlite3_busy_timeout(q->own, 10000) == SQLITE_OK &&
		  sqlite3_exec(q->own, schema, NULL, NULL, NULL) == SQLITE_OK &&
		  sqlite3_prepare_v2(q->own, "INSERT OR REPLACE INTO destinations VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)", -1,
				     &q->save, NULL) == SQLITE_OK &&
		  sqlite3_prepare_v2(q->own, "INSERT INTO refused VALUES (?1, ?2, ?3, ?4)", -1, &q->refuse, NULL) == SQLITE_OK;
	oto_buf_free(&path);
	if (!ok)
		failed_own(q, err);
	if (ok && load(q, err))
		return true;
	queue_close(q);
	return false;
}

static void close_spool(struct queue *q)
{
	sqlite3_finalize(q->next);
	sqlite3_finalize(q->fields);
	sqlite3_finalize(q->meta);
	sqlite3_close(q->spool);
	q->next = q->fields = q->meta = NULL;
	q->spool = NULL;
	q->inode = 0;
}

void queue_close(struct queue *q)
{
	close_spool(q);
	sqlite3_finalize(q->save);
	sqlite3_finalize(q->refuse);
	sqlite3_close(q->own);
	q->save = q->refuse = NULL;
	q->own = NULL;
}

bool queue_save(struct queue *q, struct oto_error *err)
{
	const int64_t numbers[] = { q->at.position, q->at.reached, q->at.tries, q->at.flying, q->at.delivered, q->at.refused, q->at.lost };

	sqlite3_bind_text(q->save, 1, q->name, -1, SQLITE_STATIC);
	for (int i = 0; i < 7; i++)
		sqlite3_bind_int64(q->save, i + 2, numbers[i]);
	sqlite3_bind_text(q->save, 9, q->at.spool, -1, SQLITE_STATIC);
	bool ok = sqlite3_step(q->save) == SQLITE_DONE;
	sqlite3_reset(q->save);
	return ok || failed_own(q, err);
}

bool queue_refuse(struct queue *q, const struct message *m, const char *why, struct oto_error *err)
{
	sqlite3_bind_text(q->refuse, 1, q->name, -1, SQLITE_STATIC);
	sqlite3_bind_int64(q->refuse, 2, m->seq);
	sqlite3_bind_text(q->refuse, 3, m->record, -1, SQLITE_STATIC);
	sqlite3_bind_text(q->refuse, 4, why, -1, SQLITE_STATIC);
	bool ok = sqlite3_exec(q->own, "BEGIN IMMEDIATE", NULL, NULL, NULL) == SQLITE_OK && sqlite3_step(q->refuse) == SQLITE_DONE;
	sqlite3_reset(q->refuse);
	ok = ok && queue_save(q, err) && sqlite3_exec(q->own, "COMMIT", NULL, NULL, NULL) == SQLITE_OK;
	if (ok)
		return true;
	failed_own(q, err);
	sqlite3_exec(q->own, "ROLLBACK", NULL, NULL, NULL);
	return false;
}

/* ------------------------------------------------------------------------------------------------ the spool */

/* A value of the spool's own, as text; false: it has none. */
static bool meta(struct queue *q, const char *key, char *out, size_t size, struct oto_error *err)
{
	sqlite3_bind_text(q->meta, 1, key, -1, SQLITE_STATIC);
	int step = sqlite3_step(q->meta);
	const char *text = step == SQLITE_ROW ? (const char *)sqlite3_column_text(q->meta, 0) : NULL;
	snprintf(out, size, "%s", text ? text : "");
	sqlite3_reset(q->meta);
	return step == SQLITE_ROW || step == SQLITE_DONE || failed_spool(q, err);
}

static bool open_spool(struct queue *q, const char *path, uint64_t inode, struct oto_error *err)
{
	bool ok = sqlite3_open_v2(path, &q->spool, SQLITE_OPEN_READWRITE, NULL) == SQLITE_OK &&
		  sqlite3_busy_timeout(q->spool, 5000) == SQLITE_OK &&
		  sqlite3_exec(q->spool, "PRAGMA query_only = 1", NULL, NULL, NULL) == SQLITE_OK &&
		  sqlite3_prepare_v2(q->spool, "SELECT seq, ts_ns, record FROM spool WHERE seq > ?1 ORDER BY seq LIMIT ?2", -1, &q->next,
				     NULL) == SQLITE_OK &&
		  sqlite3_prepare_v2(q->spool, "SELECT key, atom FROM json_each(?1)", -1, &q->fields, NULL) == SQLITE_OK &&
		  sqlite3_prepare_v2(q->spool, "SELECT value FROM meta WHERE key = ?1", -1, &q->meta, NULL) == SQLITE_OK;
	if (!ok) {
		failed_spool(q, err);
		close_spool(q);
	}
	q->inode = inode;
	return ok;
}

static bool last_seq(struct queue *q, int64_t *last, struct oto_error *err)
{
	sqlite3_stmt *s = NULL;
	bool ok = sqlite3_prepare_v2(q->spool, "SELECT coalesce(max(seq), 0) FROM spool", -1, &s, NULL) == SQLITE_OK &&
		  sqlite3_step(s) == SQLITE_ROW;

	*last = ok ? sqlite3_column_int64(s, 0) : 0;
	sqlite3_finalize(s);
	return ok || failed_spool(q, err);
}

bool queue_look(struct queue *q, bool *there, struct oto_error *err)
{
	struct oto_buf path = { 0 };
	struct stat st;
	char id[sizeof q->at.spool];

	oto_buf_fmt(&path, "%s/spool.db", q->dir);
	*there = stat(path.data, &st) == 0;
	bool ok = true;
	if (q->spool && (!*there || st.st_ino != q->inode))
		close_spool(q); /* the folder was made anew */
	if (*there && !q->spool)
		ok = open_spool(q, path.data, st.st_ino, err);
	oto_buf_free(&path);
	if (!ok || !*there)
		return ok;
	if (!meta(q, "id", id, sizeof id, err))
		return false;
	if (!strcmp(id, q->at.spool))
		return true;
	q->at.position = q->at.reached = q->at.tries = q->at.flying = 0;
	snprintf(q->at.spool, sizeof q->at.spool, "%s", id);
	return q->only_look || queue_save(q, err);
}

static bool read_fields(struct queue *q, struct message *m, struct oto_error *err)
{
	int step;

	sqlite3_bind_text(q->fields, 1, m->record, -1, SQLITE_STATIC);
	while ((step = sqlite3_step(q->fields)) == SQLITE_ROW) {
		const char *key = (const char *)sqlite3_column_text(q->fields, 0), *value = (const char *)sqlite3_column_text(q->fields, 1);
		m->fields = oto_realloc(m->fields, (m->nfields + 1) * sizeof *m->fields);
		m->fields[m->nfields++] = (struct field){ oto_strdup(key ? key : ""), oto_strdup(value ? value : "") };
	}
	sqlite3_reset(q->fields);
	return step == SQLITE_DONE || failed_spool(q, err);
}

bool queue_next(struct queue *q, int64_t after, struct message *out, size_t n, size_t *got, struct oto_error *err)
{
	int step;
	bool ok = true;

	*got = 0;
	sqlite3_bind_int64(q->next, 1, after);
	sqlite3_bind_int64(q->next, 2, (int64_t)n);
	while (ok && (step = sqlite3_step(q->next)) == SQLITE_ROW) {
		struct message *m = &out[(*got)++];
		const char *record = (const char *)sqlite3_column_text(q->next, 2);
		*m = (struct message){ .seq = sqlite3_column_int64(q->next, 0),
				       .ts_ns = sqlite3_column_int64(q->next, 1),
				       .record = oto_strdup(record ? record : "{}"),
				       .attempt = 1 };
		snprintf(m->key, sizeof m->key, "%s-%lld", q->at.spool, (long long)m->seq);
		ok = read_fields(q, m, err);
	}
	sqlite3_reset(q->next);
	if (ok && step != SQLITE_DONE)
		ok = failed_spool(q, err);
	char dropped[24] = "0";
	if (ok && *got)
		ok = meta(q, "dropped", dropped, sizeof dropped, err);
	int64_t gone = strtoll(dropped, NULL, 10);
	if (ok && *got && gone > after)
		out[0].lost = (gone < out[0].seq ? gone : out[0].seq - 1) - after;
	return ok;
}

bool queue_waiting(struct queue *q, int64_t *waiting, int64_t *last, struct oto_error *err)
{
	sqlite3_stmt *s = NULL;

	*waiting = *last = 0;
	if (!q->spool)
		return true;
	bool ok = sqlite3_prepare_v2(q->spool, "SELECT count(*) FROM spool WHERE seq > ?1", -1, &s, NULL) == SQLITE_OK;
	if (ok) {
		sqlite3_bind_int64(s, 1, q->at.position);
		ok = sqlite3_step(s) == SQLITE_ROW;
	}
	if (ok)
		*waiting = sqlite3_column_int64(s, 0);
	sqlite3_finalize(s);
	return (ok || failed_spool(q, err)) && last_seq(q, last, err);
}

/* ------------------------------------------------------------------------------------------------ who is new */

static bool is_first(struct queue *q, bool *first, struct oto_error *err)
{
	sqlite3_stmt *s = NULL;
	bool ok =
	    sqlite3_prepare_v2(q->own, "SELECT count(*) FROM destinations", -1, &s, NULL) == SQLITE_OK && sqlite3_step(s) == SQLITE_ROW;

	*first = ok && sqlite3_column_int64(s, 0) == 0;
	sqlite3_finalize(s);
	return ok || failed_own(q, err);
}

static bool add_one(struct queue *q, const char *name, bool first, struct oto_error *err)
{
	bool there;

	q->name = name;
	q->at = (struct progress){ 0 };
	q->known = false;
	if (!load(q, err))
		return false;
	if (q->known)
		return true;
	if (!queue_look(q, &there, err))
		return false;
	if (there && !first && !last_seq(q, &q->at.position, err))
		return false;
	return queue_save(q, err);
}

bool queue_register(const char *dir, const struct configuration *c, struct oto_error *err)
{
	struct queue q;
	bool first;

	if (!queue_open(&q, dir, "", err))
		return false;
	bool ok = sqlite3_exec(q.own, "BEGIN IMMEDIATE", NULL, NULL, NULL) == SQLITE_OK || failed_own(&q, err);
	ok = ok && is_first(&q, &first, err);
	for (size_t i = 0; ok && i < c->n; i++)
		ok = add_one(&q, c->items[i].name, first, err);
	ok = ok && (sqlite3_exec(q.own, "COMMIT", NULL, NULL, NULL) == SQLITE_OK || failed_own(&q, err));
	queue_close(&q);
	return ok;
}
