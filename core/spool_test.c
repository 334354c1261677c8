/* spool_test.c - the spool: order, numbers that never come again, a message once, the bound and what it says of the lost. */
#include "spool.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include <sqlite3.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static char dir[] = "/tmp/otoscope-spool-XXXXXX";

static int make_dir(void **state)
{
	(void)state;
	memcpy(dir + sizeof dir - 7, "XXXXXX", 6);
	return mkdtemp(dir) ? 0 : -1;
}

static int remove_dir(void **state)
{
	static const char *const files[] = { "spool.db", "spool.db-wal", "spool.db-shm", "send.lua" };
	char path[128];

	(void)state;
	for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
		snprintf(path, sizeof path, "%s/%s", dir, files[i]);
		unlink(path);
	}
	return rmdir(dir);
}

static struct oto_spool *make(uint64_t rows, uint64_t bytes)
{
	return oto_spool_new(&(struct oto_spool_options){ .mode = OTO_SPOOL_ALWAYS, .dir = dir, .rows = rows, .bytes = bytes });
}

static void put(struct oto_spool *s, const char *mark, const char *record)
{
	struct oto_error err = { "" };

	assert_true(oto_spool_write(s, mark, 5, oto_slice_of(record), &err));
}

/* The one text or number that the query gives. */
static const char *ask(const char *sql)
{
	static char text[256];
	char path[128];
	sqlite3 *db;
	sqlite3_stmt *s;

	snprintf(path, sizeof path, "%s/spool.db", dir);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &s, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(s), SQLITE_ROW);
	snprintf(text, sizeof text, "%s", (const char *)sqlite3_column_text(s, 0));
	sqlite3_finalize(s);
	sqlite3_close(db);
	return text;
}

#define ROWS "SELECT group_concat(seq || record, ' ') FROM (SELECT * FROM spool ORDER BY seq)"

static void messages_stay_in_order_over_runs(void **state)
{
	struct oto_spool *s = make(0, 0);
	char id[64];

	(void)state;
	put(s, "", "a");
	put(s, "", "b");
	snprintf(id, sizeof id, "%s", ask("SELECT value FROM meta WHERE key = 'id'"));
	assert_int_equal(strlen(id), 16);
	oto_spool_free(s);
	s = make(0, 0);
	put(s, "", "c");
	oto_spool_free(s);
	assert_string_equal(ask(ROWS), "1a 2b 3c");
	assert_string_equal(ask("SELECT value FROM meta WHERE key = 'id'"), id);
}

static void the_same_message_is_written_once(void **state)
{
	struct oto_spool *s = make(0, 0);

	(void)state;
	put(s, "x 1", "a");
	put(s, "x 1", "again");
	put(s, "", "b");
	put(s, "", "b");
	assert_int_equal(oto_spool_stats(s).written, 3);
	assert_int_equal(oto_spool_stats(s).again, 1);
	oto_spool_free(s);
	assert_string_equal(ask(ROWS), "1a 2b 3b");
}

static void the_bound_takes_the_oldest_and_says_so(void **state)
{
	struct oto_spool *s = make(3, 0);
	char record[8];

	(void)state;
	for (int i = 0; i < 10; i++) {
		snprintf(record, sizeof record, "-%d", i);
		put(s, "", record);
	}
	assert_int_equal(oto_spool_stats(s).dropped, 7);
	oto_spool_free(s);
	assert_string_equal(ask(ROWS), "8-7 9-8 10-9");
	assert_string_equal(ask("SELECT value FROM meta WHERE key = 'dropped'"), "7");
	/* a later run counts what is there */
	s = make(2, 0);
	put(s, "", "-x");
	oto_spool_free(s);
	assert_string_equal(ask(ROWS), "10-9 11-x");
	assert_string_equal(ask("SELECT value FROM meta WHERE key = 'dropped'"), "9");
}

static void bytes_are_bounded_too(void **state)
{
	struct oto_spool *s = make(0, 10);

	(void)state;
	put(s, "", "aaaa");
	put(s, "", "bbbb");
	put(s, "", "cccc");
	assert_string_equal(ask(ROWS), "2bbbb 3cccc");
	put(s, "", "larger than all of it");
	oto_spool_free(s);
	assert_string_equal(ask(ROWS), "4larger than all of it");
}

static void numbers_never_come_again(void **state)
{
	struct oto_spool *s = make(1, 0);

	(void)state;
	put(s, "", "a");
	put(s, "", "b");
	oto_spool_free(s);
	s = make(1, 0);
	put(s, "", "c");
	oto_spool_free(s);
	assert_string_equal(ask(ROWS), "3c");
}

static void a_folder_that_is_gone_is_an_error_and_no_crash(void **state)
{
	struct oto_spool *s = oto_spool_new(&(struct oto_spool_options){ .mode = OTO_SPOOL_ALWAYS, .dir = "/nowhere/at/all" });
	struct oto_error err = { "" };

	(void)state;
	assert_false(oto_spool_write(s, "", 5, oto_slice_of("a"), &err));
	assert_non_null(strstr(err.text, "/nowhere/at/all/spool.db"));
	oto_spool_free(s);
}

struct message {
	const char *id, *state;
};
static const struct oto_field message_fields[] = {
	OTO_FIELD(struct message, id, "Of the alert."),
	OTO_FIELD(struct message, state, "What it is."),
};
static const struct oto_event_type message_type = OTO_EVENT("alert.message", struct message, message_fields, "An alert.");

static void what_cannot_be_written_waits(void **state)
{
	struct oto_bus *bus = oto_bus_new();
	struct oto_error err = { "" };
	struct oto_event_def *def = oto_bus_add(bus, &message_type, NULL, &err);
	struct oto_spool *s = make(0, 0);
	struct oto_head head = { .ts = { 5 } };
	char path[128], id[16];

	(void)state;
	assert_non_null(def);
	oto_spool_attach(s, bus);
	snprintf(path, sizeof path, "%s/spool.db", dir);
	assert_int_equal(mkdir(path, 0700), 0); /* a folder in the place of the file */
	for (int i = 0; i < 10010; i++) {
		snprintf(id, sizeof id, "%05d", i);
		oto_bus_emit(bus, def, &head, &(struct message){ id, "new" });
		oto_bus_drain(bus);
	}
	assert_false(oto_spool_retry(s, &err));
	assert_int_equal(oto_spool_stats(s).waiting, 10000);
	assert_int_equal(oto_spool_stats(s).failed, 10); /* the oldest */
	rmdir(path);
	assert_true(oto_spool_retry(s, &err));
	assert_int_equal(oto_spool_stats(s).waiting, 0);
	assert_int_equal(oto_spool_stats(s).written, 10000);
	oto_spool_free(s);
	oto_bus_free(bus);
	assert_string_equal(ask("SELECT count(*) FROM spool"), "10000");
	assert_non_null(strstr(ask("SELECT record FROM spool ORDER BY seq"), "\"id\":\"00010\""));
}

static void times_are_told_in_utc(void **state)
{
	char text[32];

	(void)state;
	assert_string_equal(oto_iso_time(INT64_C(1700000000123999999), text), "2023-11-14T22:13:20.123Z");
	assert_string_equal(oto_iso_time(0, text), "1970-01-01T00:00:00.000Z");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(messages_stay_in_order_over_runs, make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(the_same_message_is_written_once, make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(the_bound_takes_the_oldest_and_says_so, make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(bytes_are_bounded_too, make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(numbers_never_come_again, make_dir, remove_dir),
		cmocka_unit_test(a_folder_that_is_gone_is_an_error_and_no_crash),
		cmocka_unit_test_setup_teardown(what_cannot_be_written_waits, make_dir, remove_dir),
		cmocka_unit_test(times_are_told_in_utc),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
