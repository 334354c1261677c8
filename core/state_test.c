/* state_test.c - stores: bound, expiry, order, windows, and what comes back from the database. */
#include "state.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include <sqlite3.h>
#include <stdlib.h>
#include <unistd.h>

static struct oto_slice k(const char *text)
{
	return oto_slice_of(text);
}

static struct oto_store *make(struct oto_store_spec spec)
{
	spec.name = "s";
	spec.shape = "string";
	if (!spec.kind)
		spec.kind = OTO_STORE_SET;
	return oto_store_new(&spec);
}

static struct oto_row *put(struct oto_store *s, const char *key, int64_t at)
{
	bool made;
	return oto_store_put(s, k(key), at, &made);
}

static void order_is(const struct oto_store *s, const char *keys)
{
	char got[64] = "";

	for (const struct oto_row *r = oto_store_first(s); r; r = r->after)
		strncat(got, (const char *)r->key.data, r->key.len);
	assert_string_equal(got, keys);
}

static void bound_evicts_the_row_written_longest_ago(void **state)
{
	struct oto_store *s = make((struct oto_store_spec){ .max = 3 });

	(void)state;
	put(s, "a", 1);
	put(s, "b", 2);
	put(s, "c", 3);
	put(s, "a", 4);
	put(s, "d", 5);
	order_is(s, "acd"); /* iteration stays in order of insertion */
	assert_int_equal(oto_store_stats(s).evicted, 1);
	assert_null(oto_store_get(s, k("b"), 6));
	oto_store_free(s);
}

static void a_kept_row_is_written_until_it_goes(void **state)
{
	struct oto_store *s = make((struct oto_store_spec){ .max = 3, .expire_ns = 100 });
	struct oto_row_ref none = { 0 }, ref, other;
	struct oto_row *a = put(s, "a", 1);

	(void)state;
	assert_null(oto_store_put_again(s, &none, 1));
	ref = oto_row_keep(s, a);
	other = oto_row_keep(s, put(s, "b", 2));
	assert_ptr_equal(oto_store_put_again(s, &ref, 3), a);
	assert_ptr_equal(oto_store_newest(s), a);
	assert_int_equal(a->when_ns, 3);
	assert_ptr_equal(oto_store_put_again(s, &ref, 102), a); /* b expired */
	assert_null(oto_row_kept(s, &other));
	assert_null(oto_store_put_again(s, &ref, 300)); /* and now a itself */
	a = put(s, "a", 301);
	assert_null(oto_row_kept(s, &ref)); /* it is another row */
	ref = oto_row_keep(s, a);
	other = oto_row_keep(s, a);
	assert_int_equal(ref.place, other.place);
	put(s, "b", 302);
	put(s, "c", 303);
	put(s, "d", 304); /* pushes a out */
	assert_null(oto_row_kept(s, &ref));
	ref = oto_row_keep(s, put(s, "d", 305));
	oto_store_empty(s);
	assert_null(oto_store_put_again(s, &ref, 306));
	oto_store_free(s);
}

/* Places of those that went are taken again, and say nothing of who was there. */
static void many_rows_are_kept(void **state)
{
	enum { MOST = 100 };
	struct oto_store *s = make((struct oto_store_spec){ .max = MOST });
	struct oto_row_ref ref[10 * MOST];
	char name[16];

	(void)state;
	for (int i = 0; i < 10 * MOST; i++) {
		snprintf(name, sizeof name, "%d", i);
		ref[i] = oto_row_keep(s, put(s, name, i + 1));
		assert_true(ref[i].place <= MOST + 1);
	}
	for (int i = 0; i < 10 * MOST; i++)
		assert_int_equal(oto_row_kept(s, &ref[i]) != NULL, i >= 9 * MOST);
	oto_rows_let_go(s);
	for (int i = 9 * MOST; i < 10 * MOST; i++)
		assert_null(oto_row_kept(s, &ref[i]));
	struct oto_row_ref again = oto_row_keep(s, oto_store_newest(s)); /* in its place, and not who kept it before */
	assert_int_equal(again.place, ref[10 * MOST - 1].place);
	assert_ptr_equal(oto_row_kept(s, &again), oto_store_newest(s));
	assert_null(oto_row_kept(s, &ref[10 * MOST - 1]));
	oto_store_free(s);
}

static void bytes_are_bounded_too(void **state)
{
	struct oto_store *s = make((struct oto_store_spec){ .kind = OTO_STORE_MAP, .max_bytes = 100 });
	char value[60] = { 0 };

	(void)state;
	oto_row_set(s, put(s, "a", 1), (struct oto_slice){ (uint8_t *)value, sizeof value });
	oto_row_set(s, put(s, "b", 2), (struct oto_slice){ (uint8_t *)value, sizeof value });
	order_is(s, "b");
	assert_int_equal(oto_store_stats(s).bytes, 61);
	oto_store_free(s);
}

static void rows_expire_on_their_last_write(void **state)
{
	struct oto_store *s = make((struct oto_store_spec){ .expire_ns = 10 });

	(void)state;
	put(s, "a", 1);
	put(s, "b", 2);
	put(s, "a", 8);
	assert_non_null(oto_store_get(s, k("b"), 11));
	assert_null(oto_store_get(s, k("b"), 12));
	assert_non_null(oto_store_get(s, k("a"), 17));
	assert_null(oto_store_get(s, k("a"), 18));
	assert_int_equal(oto_store_stats(s).expired, 2);
	oto_store_free(s);
}

static void touch_renews_on_reading(void **state)
{
	struct oto_store *s = make((struct oto_store_spec){ .expire_ns = 10, .touch = true });

	(void)state;
	put(s, "a", 1);
	assert_non_null(oto_store_get(s, k("a"), 10));
	assert_non_null(oto_store_get(s, k("a"), 19));
	assert_null(oto_store_get(s, k("a"), 29));
	oto_store_free(s);
}

static void what_was_made_before_time_begins_ages_from_the_first(void **state)
{
	struct oto_store *s = make((struct oto_store_spec){ .expire_ns = 10 });

	(void)state;
	put(s, "a", 0);
	oto_store_expire(s, 1000);
	assert_non_null(oto_store_get(s, k("a"), 1009));
	assert_null(oto_store_get(s, k("a"), 1010));
	oto_store_free(s);
}

static void window_counts_what_is_recent(void **state)
{
	struct oto_store *s = make((struct oto_store_spec){ .kind = OTO_STORE_WINDOW, .window_ns = 10, .each = 4 });
	struct oto_row *r = put(s, "a", 1);

	(void)state;
	assert_int_equal(oto_row_tick(s, r, 1, 1), 1);
	assert_int_equal(oto_row_tick(s, r, 5, 5), 2);
	assert_int_equal(oto_row_tick(s, r, 10, 10), 3);
	assert_int_equal(oto_row_ticks(s, r, 11), 2);
	for (int i = 12; i < 18; i++)
		oto_row_tick(s, r, i, i);
	assert_int_equal(oto_row_ticks(s, r, 18), 4); /* saturates */
	oto_store_free(s);
}

static void window_counts_in_any_order(void **state)
{
	struct oto_store *s = make((struct oto_store_spec){ .kind = OTO_STORE_WINDOW, .window_ns = 10, .each = 4 });
	struct oto_row *r = put(s, "a", 1);
	static const int64_t at[] = { 20, 15, 17, 9, 25 }; /* 9 is too old, and 25 leaves 15 behind */
	static const uint32_t n[] = { 1, 2, 3, 3, 3 };

	(void)state;
	for (size_t i = 0; i < sizeof at / sizeof *at; i++)
		assert_int_equal(oto_row_tick(s, r, at[i], 25), n[i]);
	assert_int_equal(oto_row_ticks(s, r, 26), 3);
	assert_int_equal(oto_row_ticks(s, r, 27), 2);
	oto_store_free(s);
}

static void a_full_window_keeps_the_newest(void **state)
{
	struct oto_store *s = make((struct oto_store_spec){ .kind = OTO_STORE_WINDOW, .window_ns = 10, .each = 4 });
	struct oto_row *r = put(s, "a", 1);
	static const int64_t at[] = { 17, 18, 19, 20, 13, 12, 18 };

	(void)state;
	for (size_t i = 0; i < sizeof at / sizeof *at; i++)
		oto_row_tick(s, r, at[i], 20);
	assert_int_equal(oto_row_ticks(s, r, 20), 4);
	assert_int_equal(oto_row_ticks(s, r, 27), 4); /* 18, 18, 19, 20 */
	assert_int_equal(oto_row_ticks(s, r, 28), 2);
	oto_store_free(s);
}

static void window_counts_anew_when_time_goes_back(void **state)
{
	struct oto_store *s = make((struct oto_store_spec){ .kind = OTO_STORE_WINDOW, .window_ns = 10 });
	struct oto_row *r = put(s, "a", 1);

	(void)state;
	for (int i = 1; i < 5; i++)
		assert_int_equal(oto_row_tick(s, r, i, i), i);
	for (int i = 1; i < 5; i++)
		assert_int_equal(oto_row_tick(s, r, i, i), i);
	assert_int_equal(oto_row_ticks(s, r, 4), 4);
	assert_int_equal(oto_row_ticks(s, r, 3), 2);
	assert_int_equal(oto_row_ticks(s, r, 0), 0);
	oto_store_free(s);
}

static void many_rows_survive_growth(void **state)
{
	struct oto_store *s = make((struct oto_store_spec){ 0 });
	char key[16];

	(void)state;
	for (int i = 0; i < 5000; i++) {
		snprintf(key, sizeof key, "%d", i);
		put(s, key, i);
	}
	for (int i = 0; i < 5000; i += 2) {
		snprintf(key, sizeof key, "%d", i);
		assert_true(oto_store_remove(s, k(key), 5000));
	}
	assert_int_equal(oto_store_stats(s).rows, 2500);
	assert_null(oto_store_get(s, k("4998"), 5000));
	assert_non_null(oto_store_get(s, k("4999"), 5000));
	oto_store_clear(s, 5000);
	assert_null(oto_store_first(s));
	oto_store_free(s);
}

static void show(struct oto_slice key, struct oto_buf *out)
{
	oto_buf_add(out, key.data, key.len);
}

static void save(struct oto_store *s, const char *dir)
{
	struct oto_error err = { "" };
	struct oto_database *d = oto_database_open(dir, "here", &err);

	assert_non_null(d);
	assert_true(oto_database_begin(d, &err) && oto_database_save(d, s, show, &err) && oto_database_end(d, &err));
	oto_store_saved(s);
	oto_database_close(d);
}

static bool load(struct oto_store *s, const char *dir, const char *sensor, struct oto_error *err)
{
	struct oto_database *d = oto_database_open(dir, sensor, err);

	assert_non_null(d);
	bool ok = oto_database_load(d, s, err);
	oto_database_close(d);
	return ok;
}

static int deleted_rows(const char *dir)
{
	char path[256];
	sqlite3 *db;
	sqlite3_stmt *q;

	snprintf(path, sizeof path, "%s/state.db", dir);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db, "SELECT count(*) FROM rows WHERE deleted = 1 AND when_ns = 9", -1, &q, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(q), SQLITE_ROW);
	int n = sqlite3_column_int(q, 0);
	sqlite3_finalize(q);
	sqlite3_close(db);
	return n;
}

static void comes_back_from_the_database_in_order(void **state)
{
	char dir[] = "/tmp/otoscope-state-XXXXXX", command[256];
	struct oto_error err = { "" };

	(void)state;
	assert_non_null(mkdtemp(dir));
	struct oto_store *s = make((struct oto_store_spec){ .kind = OTO_STORE_MAP });
	oto_row_set(s, put(s, "b", 3), k("two"));
	oto_row_set(s, put(s, "a", 4), k("one"));
	put(s, "gone", 5);
	oto_store_remove(s, k("gone"), 9);
	save(s, dir);
	oto_store_free(s);

	s = make((struct oto_store_spec){ .kind = OTO_STORE_MAP });
	assert_true(load(s, dir, "here", &err));
	order_is(s, "ba");
	struct oto_row *r = oto_store_get(s, k("a"), 10);
	assert_memory_equal(r->value.data, "one", 3);
	assert_int_equal(r->when_ns, 4);
	assert_false(oto_store_changed(s));
	oto_store_free(s);
	assert_int_equal(deleted_rows(dir), 1);

	s = make((struct oto_store_spec){ .kind = OTO_STORE_MAP });
	assert_true(load(s, dir, "elsewhere", &err)); /* another sensor's rows are its own */
	assert_null(oto_store_first(s));
	oto_store_free(s);

	s = make((struct oto_store_spec){ .kind = OTO_STORE_SET });
	assert_false(load(s, dir, "here", &err));
	assert_non_null(strstr(err.text, "keeps store 's' as a map"));
	oto_store_free(s);
	snprintf(command, sizeof command, "rm -r %s", dir);
	assert_int_equal(system(command), 0);
}

static void order_after_saving_is(const char *dir, const char *expected)
{
	struct oto_error err = { "" };
	struct oto_store *s = make((struct oto_store_spec){ .kind = OTO_STORE_MAP, .max = 3 });

	assert_true(load(s, dir, "here", &err));
	order_is(s, expected);
	oto_store_free(s);
}

static int epoch_rows(const char *dir, int epoch)
{
	char path[256], question[128];
	sqlite3 *db;
	sqlite3_stmt *q;

	snprintf(path, sizeof path, "%s/state.db", dir);
	snprintf(question, sizeof question, "SELECT count(*) FROM rows WHERE epoch = %d", epoch);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db, question, -1, &q, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(q), SQLITE_ROW);
	int n = sqlite3_column_int(q, 0);
	sqlite3_finalize(q);
	sqlite3_close(db);
	return n;
}

static void only_what_changed_is_written_again(void **state)
{
	char dir[] = "/tmp/otoscope-state-XXXXXX", command[256];
	struct oto_store *s = make((struct oto_store_spec){ .kind = OTO_STORE_MAP, .max = 3 });

	(void)state;
	assert_non_null(mkdtemp(dir));
	put(s, "a", 1);
	put(s, "b", 2);
	put(s, "c", 3);
	save(s, dir); /* each opens the database: epochs 1, 2 ... */
	oto_row_set(s, put(s, "b", 4), k("new"));
	save(s, dir);
	assert_int_equal(epoch_rows(dir, 1), 2);
	assert_int_equal(epoch_rows(dir, 2), 1);
	order_after_saving_is(dir, "abc");

	put(s, "d", 5); /* evicts a */
	save(s, dir);
	order_after_saving_is(dir, "bcd");
	oto_store_remove(s, k("c"), 6);
	put(s, "c", 7); /* the same key again, now the last */
	save(s, dir);
	order_after_saving_is(dir, "bdc");
	for (const char *key = "efghijklmnop"; *key; key++) /* more come and go than are listed one by one */
		put(s, (char[]){ *key, 0 }, 8);
	save(s, dir);
	order_after_saving_is(dir, "nop");
	assert_true(oto_store_forget(s, k("o"), 9) && !oto_store_forget(s, k("o"), 9));
	save(s, dir);
	order_after_saving_is(dir, "np");
	assert_int_equal(deleted_rows(dir), 0); /* no tombstone */
	oto_store_free(s);
	snprintf(command, sizeof command, "rm -r %s", dir);
	assert_int_equal(system(command), 0);
}

static void what_was_not_saved_is_saved_the_next_time(void **state)
{
	char dir[] = "/tmp/otoscope-state-XXXXXX", command[256];
	struct oto_error err = { "" };
	struct oto_store *s = make((struct oto_store_spec){ .kind = OTO_STORE_MAP, .max = 3 });

	(void)state;
	assert_non_null(mkdtemp(dir));
	put(s, "a", 1);
	put(s, "b", 2);
	put(s, "c", 3);
	save(s, dir);
	oto_store_remove(s, k("a"), 4);
	put(s, "d", 5);
	put(s, "e", 6); /* evicts b */
	struct oto_database *d = oto_database_open(dir, "here", &err);
	assert_true(oto_database_begin(d, &err) && oto_database_save(d, s, show, &err));
	oto_database_undo(d); /* as when the disk is full */
	assert_true(oto_store_changed(s));
	order_after_saving_is(dir, "abc");
	for (int i = 0; i < 100; i++) { /* and stays so, while rows come and go that never reached the database */
		assert_true(oto_database_begin(d, &err) && oto_database_save(d, s, show, &err));
		oto_database_undo(d);
		put(s, (char[]){ (char)('A' + i % 26), 0 }, 7 + i);
	}
	put(s, "d", 200);
	assert_true(oto_database_begin(d, &err) && oto_database_save(d, s, show, &err) && oto_database_end(d, &err));
	oto_database_undo(d); /* nothing to be undone */
	oto_store_saved(s);
	oto_database_close(d);
	order_after_saving_is(dir, "UVd");
	oto_store_free(s);
	snprintf(command, sizeof command, "rm -r %s", dir);
	assert_int_equal(system(command), 0);
}

static void change(const char *dir, const char *sql)
{
	char path[256];
	sqlite3 *db;

	snprintf(path, sizeof path, "%s/state.db", dir);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
}

static void another_layout_and_damage_are_told_and_left_alone(void **state)
{
	char dir[] = "/tmp/otoscope-state-XXXXXX", path[256], command[300];
	struct oto_error err = { "" };
	FILE *f;

	(void)state;
	assert_non_null(mkdtemp(dir));
	oto_database_close(oto_database_open(dir, "here", &err));
	change(dir, "UPDATE meta SET value = 2 WHERE key = 'schema'");
	assert_null(oto_database_open(dir, "here", &err));
	assert_non_null(strstr(err.text, "state.db is of layout 2, this otoscope knows 1"));
	change(dir, "UPDATE meta SET value = 1 WHERE key = 'schema'");
	struct oto_database *d = oto_database_open(dir, "here", &err);
	assert_non_null(d);
	oto_database_close(d);

	snprintf(path, sizeof path, "%s/state.db", dir);
	f = fopen(path, "r+");
	fputs("no database at all", f);
	fclose(f);
	assert_null(oto_database_open(dir, "here", &err));
	assert_non_null(strstr(err.text, "state.db is damaged (file is not a database): put a copy in its place"));
	f = fopen(path, "r");
	assert_non_null(fgets(command, 19, f));
	fclose(f);
	assert_string_equal(command, "no database at all");
	snprintf(command, sizeof command, "rm -r %s", dir);
	assert_int_equal(system(command), 0);
}

static void a_folder_that_is_none_is_said(void **state)
{
	struct oto_error err = { "" };

	(void)state;
	assert_null(oto_database_open("/nonexistent/folder", "here", &err));
	assert_non_null(strstr(err.text, "/nonexistent/folder/state.db"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bound_evicts_the_row_written_longest_ago),
		cmocka_unit_test(a_kept_row_is_written_until_it_goes),
		cmocka_unit_test(many_rows_are_kept),
		cmocka_unit_test(bytes_are_bounded_too),
		cmocka_unit_test(rows_expire_on_their_last_write),
		cmocka_unit_test(touch_renews_on_reading),
		cmocka_unit_test(what_was_made_before_time_begins_ages_from_the_first),
		cmocka_unit_test(window_counts_what_is_recent),
		cmocka_unit_test(window_counts_in_any_order),
		cmocka_unit_test(a_full_window_keeps_the_newest),
		cmocka_unit_test(window_counts_anew_when_time_goes_back),
		cmocka_unit_test(many_rows_survive_growth),
		cmocka_unit_test(comes_back_from_the_database_in_order),
		cmocka_unit_test(only_what_changed_is_written_again),
		cmocka_unit_test(what_was_not_saved_is_saved_the_next_time),
		cmocka_unit_test(another_layout_and_damage_are_told_and_left_alone),
		cmocka_unit_test(a_folder_that_is_none_is_said),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
