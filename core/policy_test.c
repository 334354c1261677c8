/* policy_test.c - the Lua runtime from the C side: what loading says when it fails, and that the list of calls is the truth. What scripts
 * see is tested in Lua, in lua/tests/. */
#include "engine.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include <stdlib.h>
#include <unistd.h>

static void swallow(void *who, const char *text, size_t len)
{
	oto_buf_add(who, text, len);
}

static struct oto_engine *engine(struct oto_buf *printed)
{
	struct oto_engine_options options = {
		.policy = { .library = OTO_SOURCE_DIR "/lua", .print = swallow, .print_who = printed, .quiet = true }
	};
	struct oto_error err = { "" };
	struct oto_engine *e = oto_engine_new(&options, &err);

	assert_string_equal(err.text, "");
	assert_non_null(e);
	return e;
}

static void refused(const char *code, const char *because)
{
	struct oto_buf printed = { 0 };
	struct oto_engine *e = engine(&printed);
	struct oto_error err = { "" };
	bool ok = oto_policy_text(e->policy, "x.lua", code, &err) && oto_engine_start(e, &err);

	assert_false(ok);
	if (!strstr(err.text, because))
		fail_msg("'%s' is not in: %s", because, err.text);
	oto_engine_free(e);
	oto_buf_free(&printed);
}

static void loading_says_where_it_failed(void **state)
{
	(void)state;
	refused("local x = = 1", "x.lua:1:");
	refused("\n\nerror 'no'", "x.lua:3: no");
	refused("error { }", "error() was called with a table instead of a message");
	refused("\033Lua", "binary chunk");
	refused("on('nope.nope', print)", "x.lua:1: on(\"nope.nope\"): there is no such event");
	refused("while true do end", "x.lua:1: budget of 10000000 instructions");
	refused("log.new { name = 'x', columns = { { 'a', 'strin' } } }", "did you mean string");
	refused("log.filter('weerd', print)", "did you mean weird");
	refused("state.window { name = 'x', key = 'addr' }", "span");
	refused("every('1 parsec', print)", "no time span");
	refused("local oto = require 'oto' return oto.analyzer { name = 'x', doc = 'x' }", "no function pdu");
}

static void missing_files_are_said(void **state)
{
	struct oto_buf printed = { 0 };
	struct oto_engine *e = engine(&printed);
	struct oto_error err = { "" };

	(void)state;
	assert_false(oto_policy_file(e->policy, "/nonexistent.lua", &err));
	assert_string_equal(err.text, "/nonexistent.lua: cannot read: No such file or directory");
	assert_false(oto_policy_dissector(e->policy, "/nonexistent.lua", &err));
	assert_false(oto_policy_file(e->policy, "/", &err));
	oto_engine_free(e);
	oto_buf_free(&printed);
}

/* Freed without a finish, with everything a script can hold in use. */
static void ends_cleanly_at_any_point(void **state)
{
	static const char code[] =
	    "local l = log.new { name = 'l', columns = { { 'a', 'string' } }, key = 'a' } log.filter('l', function() return true end)"
	    "state.set { name = 's', key = 'addr' } every('1s', print) after('1s', print) on('*', print) on('start', function() l { a = "
	    "'x' } end)";
	struct oto_buf printed = { 0 };
	struct oto_error err = { "" };

	(void)state;
	for (int until = 0; until < 3; until++) {
		struct oto_engine *e = engine(&printed);
		assert_true(oto_policy_text(e->policy, "x", code, &err));
		if (until > 0)
			assert_true(oto_engine_start(e, &err));
		if (until > 1)
			oto_engine_idle(e, OTO_SECOND);
		oto_engine_free(e);
	}
	oto_buf_free(&printed);
}

/* ------------------------------------------------------------------------------------------------ modules */

enum { PATHS = 64 };

static void write_script(const char *dir, const char *name, const char *code, char path[PATHS])
{
	snprintf(path, PATHS, "%s/%s", dir, name);
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_true(fputs(code, f) >= 0 && fclose(f) == 0);
}

static void standard_scripts_have_modules_together(void **state)
{
	static const char code[] = "local counts = require 'tests.data.counts' on('start', function() print(counts.add()) end)";
	char dir[] = "/tmp/otoscope-modules-XXXXXX", one[PATHS], two[PATHS];
	struct oto_buf printed = { 0 };
	struct oto_engine *e = engine(&printed);
	struct oto_error err = { "" };

	(void)state;
	assert_non_null(mkdtemp(dir));
	write_script(dir, "one.lua", code, one);
	write_script(dir, "two.lua", code, two);
	assert_true(oto_policy_standard(e->policy, one, &err) && oto_policy_standard(e->policy, two, &err));
	assert_true(oto_policy_file(e->policy, one, &err) && oto_policy_text(e->policy, "x.lua", code, &err));
	assert_true(oto_engine_start(e, &err));
	assert_string_equal(printed.data, "1\n2\n1\n1\n");
	oto_engine_free(e);
	oto_buf_free(&printed);
	assert_int_equal(unlink(one) | unlink(two) | rmdir(dir), 0);
}

static void a_module_outlives_who_loaded_it(void **state)
{
	char dir[] = "/tmp/otoscope-modules-XXXXXX", ticks[PATHS], one[PATHS], two[PATHS];
	struct oto_buf printed = { 0 };
	struct oto_engine_options options = {
		.policy = { .library = OTO_SOURCE_DIR "/lua", .print = swallow, .print_who = &printed, .quiet = true, .instructions = 1000 }
	};
	struct oto_error err = { "" };
	struct oto_engine *e = oto_engine_new(&options, &err);

	(void)state;
	assert_non_null(mkdtemp(dir));
	write_script(dir, "ticks.lua", "local n = 0 every('1s', function() n = n + 1 end) return function() return n end", ticks);
	write_script(dir, "one.lua", "require 'ticks' every('1s', function() while true do end end)", one);
	write_script(dir, "two.lua", "local ticks = require 'ticks' on('finish', function() print(ticks()) end)", two);
	assert_true(oto_policy_standard(e->policy, one, &err) && oto_policy_standard(e->policy, two, &err));
	for (int64_t at = 1; at <= 30; at++)
		oto_engine_idle(e, at * OTO_SECOND);
	assert_true(oto_engine_finish(e, &err));
	assert_string_equal(printed.data, "29\n"); /* from the second after the first on */
	assert_int_equal(oto_policy_stats(e->policy).over_budget, 20);
	assert_int_equal(oto_policy_stats(e->policy).errors, 20); /* and is called no more */
	oto_engine_free(e);
	oto_buf_free(&printed);
	assert_int_equal(unlink(ticks) | unlink(one) | unlink(two) | rmdir(dir), 0);
}

/* ------------------------------------------------------------------------------------------------ what scripts cost */

static struct oto_buf costs_of(const char *code, void (*print)(void *who, const char *text, size_t len))
{
	char path[] = "/tmp/otoscope-costs-XXXXXX";
	struct oto_engine_options options = {
		.policy = { .library = OTO_SOURCE_DIR "/lua", .quiet = true, .costs = code != NULL, .print = print }
	};
	struct oto_error err = { "" };
	struct oto_engine *e = oto_engine_new(&options, &err);
	struct oto_buf out = { 0 };
	int fd = mkstemp(path);

	assert_true(fd >= 0 && close(fd) == 0);
	if (!oto_policy_text(e->policy, "x.lua", code ? code : "on('finish', function() end)", &err) || !oto_engine_start(e, &err))
		fail_msg("%s", err.text);
	for (int64_t at = 1; at <= 10; at++)
		oto_engine_idle(e, at * OTO_SECOND);
	assert_true(oto_engine_finish(e, &err));
	assert_false(oto_policy_costs(e->policy, "/nonexistent/x", &err));
	assert_true(oto_policy_costs(e->policy, path, &err));
	FILE *f = fopen(path, "r");
	assert_non_null(f);
	for (int c = fgetc(f); c != EOF; c = fgetc(f))
		oto_buf_chr(&out, (char)c);
	oto_buf_chr(&out, 0);
	fclose(f);
	unlink(path);
	oto_engine_free(e);
	return out;
}

static void each_handler_and_timer_has_its_cost(void **state)
{
	struct oto_buf table = costs_of("event.new { name = 'own.event', doc = 'x', { 'n', 'count', 'x' } }\n"
					"every('1s', function() raise('own.event', { n = 1 }) after('1ms', function() end) end)\n"
					"on('own.event', { n = 1 }, function() end)\n"
					"on('own.event', { n = 2 }, function() error 'never' end)\n"
					"local t = tally.new { keys = 1 }\n"
					"t:count { on = 'own.event', key = { 'n' }, new = function() end }\n"
					"on('own.*', function() end)\n"
					"on('start', function() end)\n"
					"on('weird', function() end)\n",
					NULL);
	const char *const rows[] = {
		"\tevery\t1s\tx.lua:2\n",        "\tafter\t0.001s\tx.lua:2\n", "\ton\town.event\tx.lua:3\n", "\ton\town.event\tx.lua:4\n",
		"\ttally\town.event\tx.lua:6\n", "\ton\town.*\tx.lua:7\n",     "\ton\tstart\tx.lua:8\n",     "\tall\t-\t-\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		if (!strstr(table.data, rows[i]))
			fail_msg("'%s' is not in:\n%s", rows[i], table.data);
	}
	assert_null(strstr(table.data, "x.lua:9")); /* nothing happened there */
	assert_true(strncmp(table.data, "#ns_a_packet\tms\tcalls\t", strlen("#ns_a_packet\tms\tcalls\t")) == 0);
	oto_buf_free(&table);
}

static void sleep_a_little(void *who, const char *text, size_t len)
{
	(void)who;
	(void)text;
	(void)len;
	usleep(3000);
}

/* Not the processor's time, which costs more to ask for than most handlers take. */
static void costs_are_the_time_that_passed(void **state)
{
	struct oto_buf table = costs_of("on('start', function() print 'slow' end)", sleep_a_little);
	double ms = 0; /* of the first row: all */

	(void)state;
	assert_int_equal(sscanf(strchr(table.data, '\n') + 1, "%*f\t%lf", &ms), 1);
	assert_true(ms >= 3);
	oto_buf_free(&table);
}

static void costs_nobody_asked_for_are_none(void **state)
{
	struct oto_buf table = costs_of(NULL, NULL);
	char *second = strchr(table.data, '\n') + 1;

	(void)state;
	assert_non_null(strstr(second, "\tall\t-\t-\n"));
	assert_ptr_equal(strchr(second, '\n')[1], 0);
	oto_buf_free(&table);
}

/* ------------------------------------------------------------------------------------------------ the list of calls */

static bool listed(const char *name)
{
	uint32_t n;
	const struct oto_policy_api_entry *api = oto_policy_api(&n);

	for (uint32_t i = 0; i < n; i++) {
		if (strcmp(api[i].name, name) == 0)
			return true;
	}
	return false;
}

/* Everything that scripts have beyond plain Lua, one name a line. */
static const char own_names[] =
    "local lua = {} for name in ('_G _VERSION assert error getmetatable ipairs next pairs pcall print rawequal rawget rawlen rawset "
    "require select '"
    " .. 'setmetatable tonumber tostring type xpcall coroutine math string table utf8 sorted'):gmatch '%S+' do lua[name] = true end "
    "for name, value in pairs(_G) do if not lua[name] then if type(value) == 'table' then for inner in pairs(value) do print(name .. '.' "
    ".. inner) end "
    "else print(name) end end end "
    "local s = state.set { name = 's', key = 'addr' } print(type(s.add))";

static void every_function_of_scripts_is_listed(void **state)
{
	struct oto_buf printed = { 0 };
	struct oto_engine *e = engine(&printed);
	struct oto_error err = { "" };

	(void)state;
	assert_true(oto_policy_text(e->policy, "x", own_names, &err));
	oto_engine_free(e);
	int n = 0;
	for (char *name = strtok(printed.data, "\n"); name; name = strtok(NULL, "\n")) {
		if (strcmp(name, "function") != 0 && !listed(name))
			fail_msg("'%s' is not in the list of calls", name);
		n++;
	}
	assert_true(n > 15);
	oto_buf_free(&printed);
}

static void every_listed_function_exists(void **state)
{
	uint32_t n;
	const struct oto_policy_api_entry *api = oto_policy_api(&n);
	struct oto_buf printed = { 0 }, code = { 0 };
	struct oto_error err = { "" };

	(void)state;
	for (uint32_t i = 0; i < n; i++) {
		const char *name = api[i].name, *dot = strchr(name, '.');
		/* methods and fields of things that a script is handed are seen in lua/tests/ */
		if (strchr(name, ':') ||
		    (dot && (strncmp(name, "e.", 2) == 0 || strncmp(name, "cx.", 3) == 0 || strncmp(name, "oto.", 4) == 0)))
			continue;
		oto_buf_fmt(&code, "assert(type(%s) == 'function', '%s')\n", name, name);
	}
	struct oto_engine *e = engine(&printed);
	if (!oto_policy_text(e->policy, "x", code.data, &err))
		fail_msg("%s", err.text);
	oto_engine_free(e);
	oto_buf_free(&code);
	oto_buf_free(&printed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(loading_says_where_it_failed),
		cmocka_unit_test(missing_files_are_said),
		cmocka_unit_test(ends_cleanly_at_any_point),
		cmocka_unit_test(every_function_of_scripts_is_listed),
		cmocka_unit_test(every_listed_function_exists),
		cmocka_unit_test(each_handler_and_timer_has_its_cost),
		cmocka_unit_test(costs_nobody_asked_for_are_none),
		cmocka_unit_test(costs_are_the_time_that_passed),
		cmocka_unit_test(standard_scripts_have_modules_together),
		cmocka_unit_test(a_module_outlives_who_loaded_it),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
