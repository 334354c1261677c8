/* policy_hook_test.c - events that are said again by their key while scripts listen: who is told, and what is counted in which row. */
#include "engine.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

struct toy {
	struct oto_slice name;
	uint64_t serial;
	uint32_t value;
	bool has_value;
};
static const struct oto_field toy_fields[] = {
	OTO_FIELD(struct toy, name, "who"),
	OTO_FIELD(struct toy, serial, "counts on", .flags = OTO_VARIES),
	OTO_FIELD(struct toy, value, "is measured", .flags = OTO_VARIES, .guard = OTO_IF(struct toy, has_value)),
};
static const struct oto_event_type toy_type = OTO_EVENT("toy.message", struct toy, toy_fields, "One message.", .whole_keys = true);
static const struct oto_field ask_fields[] = { OTO_FIELD(struct toy, name, "of whom") };
static const struct oto_event_type ask_type = OTO_EVENT("toy.question", struct toy, ask_fields, "The script tells what it counted.");

enum { KEY = 77, OTHER, BOTH };

struct stage {
	struct oto_engine *engine;
	struct oto_event_def *message, *question;
	struct oto_buf printed;
	struct oto_head head;
	struct toy toy;
};

static void swallow(void *who, const char *text, size_t len)
{
	oto_buf_add(who, text, len);
}

static void begin_with(struct stage *s, const char *script, bool costs)
{
	struct oto_engine_options options = {
		.policy = { .library = OTO_SOURCE_DIR "/lua", .print = swallow, .print_who = &s->printed, .quiet = true, .costs = costs }
	};
	struct oto_error err = { "" };

	s->engine = oto_engine_new(&options, &err);
	assert_non_null(s->engine);
	s->message = oto_bus_add(s->engine->bus, &toy_type, NULL, &err);
	s->question = oto_bus_add(s->engine->bus, &ask_type, NULL, &err);
	if (!oto_policy_text(s->engine->policy, "x.lua", script, &err) || !oto_engine_start(s->engine, &err))
		fail_msg("%s", err.text);
	s->toy = (struct toy){ .name = oto_slice_of("pump") };
}

static void begin(struct stage *s, const char *script)
{
	begin_with(s, script, false);
}

static void end(struct stage *s, const char *printed)
{
	assert_string_equal(s->printed.data ? s->printed.data : "", printed);
	oto_engine_free(s->engine);
	oto_buf_free(&s->printed);
}

static void say(struct stage *s, int64_t ms, uint64_t key)
{
	s->head.ts.ns = ms * OTO_MS;
	s->toy.serial++;
	oto_bus_emit_more(s->engine->bus, s->message, &s->head, &s->toy, 0, key);
	oto_bus_drain(s->engine->bus);
}

/* The first finds out who takes it, the second in which row. */
static void say_until_known(struct stage *s, int64_t ms, uint64_t key)
{
	say(s, ms, key);
	say(s, ms, key);
}

static bool again_more(struct stage *s, int64_t ms, uint64_t key, uint32_t more)
{
	struct oto_head head = s->head;

	head.ts.ns = ms * OTO_MS;
	bool is_known = oto_bus_again(s->engine->bus, s->message, key, &(struct oto_repeat){ .head = &head, .more = more });
	oto_bus_drain(s->engine->bus);
	return is_known;
}

static bool again(struct stage *s, int64_t ms, uint64_t key)
{
	return again_more(s, ms, key, 0);
}

static void ask(struct stage *s)
{
	oto_bus_emit(s->engine->bus, s->question, &s->head, &s->toy);
	oto_bus_drain(s->engine->bus);
}

#define ASKED                                                                                                                              \
	"on('toy.question', function()\n"                                                                                                  \
	"  for key, row in t:take() do print(key, row.n, row.first:seconds(), row.last:seconds()) end\n"                                   \
	"end)\n"

static void what_only_counts_is_counted_when_somebody_looks(void **state)
{
	struct stage s = { 0 };

	(void)state;
	begin(&s, "local t = tally.new { keys = 1 }\n"
		  "t:count { on = 'toy.message', key = { 'name' }, where = 'name == pump' }\n" ASKED);
	assert_false(again(&s, 1000, KEY));
	say_until_known(&s, 1000, KEY);
	assert_true(again(&s, 1250, KEY));
	assert_true(again_more(&s, 1500, KEY, 2));
	assert_false(again(&s, 1500, OTHER));
	ask(&s);
	assert_true(again(&s, 1750, KEY));
	assert_true(again(&s, 5000, KEY));
	assert_true(again(&s, 4500, KEY)); /* packets of a mirror port are not always in order */
	ask(&s);
	ask(&s);
	end(&s, "pump\t6\t1.0\t1.5\npump\t3\t1.75\t5.0\n");
}

static void its_cost_changes_nothing(void **state)
{
	struct stage s = { 0 };

	(void)state;
	begin_with(&s,
		   "local t = tally.new { keys = 1 }\n"
		   "t:count { on = 'toy.message', key = { 'name' } }\n" ASKED,
		   true);
	say_until_known(&s, 1000, KEY);
	say(&s, 1250, KEY);
	assert_true(again(&s, 1500, KEY));
	ask(&s);
	end(&s, "pump\t4\t1.0\t1.5\n");
}

/* What goes when it was not seen for a while goes when a clock was set back and forth again, too. */
static void a_clock_that_is_set_back_is_noticed(void **state)
{
	struct stage s = { 0 };

	(void)state;
	begin(&s, "local t = tally.new { keys = 1, expire = '10s' }\n"
		  "t:count { on = 'toy.message', key = { 'name' }, new = function(e) print(e.name, e.ts:seconds()) end }\n");
	say_until_known(&s, 100000, KEY);
	s.toy.name = oto_slice_of("valve");
	say_until_known(&s, 50000, OTHER);
	assert_true(again(&s, 51000, OTHER));
	assert_true(again(&s, 105000, KEY));
	assert_false(again(&s, 107000, OTHER)); /* more than ten seconds after 51 */
	say(&s, 107000, OTHER);
	end(&s, "pump\t100.0\nvalve\t50.0\nvalve\t107.0\n");
}

static void gaps_are_counted_at_once(void **state)
{
	struct stage s = { 0 };

	(void)state;
	begin(&s, "local t = tally.new { keys = 1, gaps = true }\n"
		  "t:count { on = 'toy.message', key = { 'name' } }\n"
		  "on('toy.question', function() for _, row in t:take() do print(row.n, row.gap.sum, row.gap.max) end end)\n");
	say_until_known(&s, 1000, KEY);
	assert_true(again(&s, 1250, KEY));
	assert_true(again(&s, 2000, KEY));
	ask(&s);
	end(&s, "4\t1.0\t0.75\n");
}

/* The key stands for who takes it, not for its values. */
static void values_are_looked_at_each_time(void **state)
{
	struct stage s = { 0 };

	(void)state;
	begin(&s, "local t = tally.new { keys = 1, sum = { 'value' } }\n"
		  "t:count { on = 'toy.message', key = { 'name' }, where = 'value', sum = { 'value' } }\n"
		  "on('toy.question', function() for _, row in t:take() do print(row.n, row.value.sum) end end)\n");
	s.toy.has_value = true;
	for (s.toy.value = 5; s.toy.value < 8; s.toy.value++) {
		assert_false(again(&s, 1000, KEY));
		say(&s, 1000, KEY);
	}
	s.toy.has_value = false;
	say(&s, 1000, OTHER);
	assert_true(again(&s, 1000, OTHER)); /* nobody takes it */
	ask(&s);
	end(&s, "3\t18.0\n");
}

static bool again_with(struct stage *s, int64_t ms, uint64_t key, const struct toy *varying)
{
	struct oto_head head = s->head;

	head.ts.ns = ms * OTO_MS;
	bool is_known = oto_bus_again(s->engine->bus, s->message, key, &(struct oto_repeat){ .head = &head, .data = varying });
	if (is_known)
		memset((void *)(uintptr_t)varying, 0xff, sizeof *varying); /* it was copied */
	oto_bus_drain(s->engine->bus);
	return is_known;
}

/* Of what is said again no more is there than what varies: enough for sums of it, of the time, and for several counts of one type. */
static void values_that_are_said_again_are_summed_up(void **state)
{
	struct stage s = { 0 };

	(void)state;
	begin(&s,
	      "local t = tally.new { keys = 1, sum = { 'value', 'when' } }\n"
	      "t:count { on = 'toy.message', key = { 'name' }, where = 'value', sum = { 'value' } }\n"
	      "t:count { on = 'toy.message', key = { 'name' }, where = 'not value', sum = { nil, 'ts' } }\n"
	      "on('toy.question', function() for _, row in t:take() do print(row.n, row.value.sum, row.value.max, row.when.n) end end)\n");
	s.toy.has_value = true;
	s.toy.value = 5;
	say_until_known(&s, 1000, KEY);
	s.toy.has_value = false;
	say_until_known(&s, 1000, OTHER);
	for (uint32_t value = 6; value < 9; value++)
		assert_true(again_with(&s, 2000, KEY, &(struct toy){ .value = value, .has_value = true }));
	assert_false(again(&s, 2000, KEY));
	assert_true(again(&s, 2000, OTHER)); /* there is nothing to sum up but the time */
	ask(&s);
	end(&s, "8\t31.0\t8.0\t3\n");
}

static void a_key_that_varies_is_made_each_time(void **state)
{
	struct stage s = { 0 };

	(void)state;
	begin(&s, "local t = tally.new { keys = 1 }\n"
		  "t:count { on = 'toy.message', key = { 'serial' } }\n" ASKED);
	for (int i = 0; i < 3; i++) {
		assert_false(again(&s, 1000, KEY));
		say(&s, 1000, KEY);
	}
	ask(&s);
	end(&s, "1\t1\t1.0\t1.0\n2\t1\t1.0\t1.0\n3\t1\t1.0\t1.0\n");
}

static void a_condition_on_what_varies_is_asked_each_time(void **state)
{
	struct stage s = { 0 };

	(void)state;
	begin(&s, "on('toy.message', 'value > 6', function(e) print(e.value) end)\n");
	s.toy.has_value = true;
	for (s.toy.value = 5; s.toy.value < 9; s.toy.value++) {
		assert_false(again(&s, 1000, KEY));
		say(&s, 1000, KEY);
	}
	end(&s, "7\n8\n");
}

static void a_row_that_is_read_stays_counted(void **state)
{
	struct stage s = { 0 };

	(void)state;
	begin(&s, "local t = tally.new { keys = 2 }\n"
		  "t:count { on = 'toy.message', key = { 'name', false } }\n"
		  "on('toy.question', function()\n"
		  "  local row = t:get('pump')\n"
		  "  print(row and row.n, row and row.total, t:get('pump', 1), t:get('valve'))\n"
		  "end)\n"
		  "on('toy.question', function() for key, _, row in t:take() do print(key, row.n, t:get(key)) end end)\n");
	say_until_known(&s, 1000, KEY);
	assert_true(again(&s, 1250, KEY));
	ask(&s);
	ask(&s);
	say(&s, 2000, KEY);
	ask(&s);
	end(&s, "3\t3\tnil\npump\t3\nnil\tnil\tnil\n1\t4\tnil\npump\t1\n");
}

/* A new handler hears what was known to be nobody's. */
static void who_comes_later_hears(void **state)
{
	struct stage s = { 0 };

	(void)state;
	begin(&s, "local t = tally.new { keys = 1 }\n"
		  "t:count { on = 'toy.message', key = { 'name' } }\n"
		  "on('toy.question', function() on('toy.message', function(e) print(e.name) end) end)\n");
	say_until_known(&s, 1000, KEY);
	assert_true(again(&s, 1000, KEY));
	ask(&s);
	assert_false(again(&s, 1000, KEY));
	say(&s, 1000, KEY);
	end(&s, "pump\n");
}

static void together_where_nobody_takes_one(void **state)
{
	static const uint64_t keys[] = { KEY, OTHER };
	struct stage s = { 0 };

	(void)state;
	begin(&s, "on('toy.message', 'name == valve', function(e) print(e.name) end)\n");
	say(&s, 1000, KEY);
	oto_bus_together(s.message, BOTH, keys, 2);
	assert_false(again_more(&s, 1000, BOTH, 1)); /* the other is not known */
	say(&s, 1000, OTHER);
	oto_bus_together(s.message, BOTH, keys, 2);
	assert_true(again_more(&s, 1000, BOTH, 1));
	s.toy.name = oto_slice_of("valve");
	say(&s, 1000, KEY + 10);
	oto_bus_together(s.message, BOTH + 1, (const uint64_t[]){ KEY, KEY + 10 }, 2);
	assert_false(again_more(&s, 1000, BOTH + 1, 1));
	end(&s, "valve\n");
}

static bool again_each(struct stage *s, int64_t ms, uint64_t key, struct toy *varying, uint32_t n)
{
	struct oto_head head = s->head;

	head.ts.ns = ms * OTO_MS;
	bool is_known = oto_bus_again(s->engine->bus, s->message, key,
				      &(struct oto_repeat){ .head = &head, .more = n - 1, .each = true, .data = varying });
	if (is_known)
		memset(varying, 0xff, n * sizeof *varying); /* they were copied */
	oto_bus_drain(s->engine->bus);
	return is_known;
}

static void together_each_counts_what_is_its_own(void **state)
{
	static const uint64_t keys[] = { KEY, OTHER };
	struct stage s = { 0 };

	(void)state;
	begin(&s, "local t = tally.new { keys = 1, sum = { 'value' } }\n"
		  "t:count { on = 'toy.message', key = { 'name' }, where = 'value', sum = { 'value' } }\n"
		  "on('toy.question', function() for name, row in t:take() do print(name, row.n, row.value.sum) end end)\n");
	s.toy.has_value = true;
	s.toy.value = 1;
	say_until_known(&s, 1000, KEY);
	s.toy.name = oto_slice_of("valve");
	say_until_known(&s, 1000, OTHER);
	oto_bus_together(s.message, BOTH, keys, 2);
	assert_false(again_more(&s, 2000, BOTH, 1)); /* nobody says what there is to sum up */
	assert_false(again_each(&s, 2000, BOTH, (struct toy[3]){ { .value = 1 } }, 3));
	assert_true(
	    again_each(&s, 2000, BOTH, (struct toy[]){ { .value = 10, .has_value = true }, { .value = 20, .has_value = true } }, 2));
	ask(&s);
	assert_true(again_each(&s, 3000, BOTH, (struct toy[]){ { .value = 3, .has_value = true }, { .value = 4, .has_value = true } }, 2));
	ask(&s);
	end(&s, "pump\t3\t12.0\nvalve\t3\t22.0\npump\t1\t3.0\nvalve\t1\t4.0\n");
}

static void keys_tell_the_port_where_it_is_read(void **state)
{
	static const struct {
		const char *script;
		bool tells;
	} all[] = {
		{ "on('toy.message', function(e) print(e.orig_p) end)\n", false },
		{ "on('toy.message', 'resp_p == 102', print)\n", false },
		{ "on('toy.message', 'orig_p == 102', print)\n", true },
		{ "tally.new { keys = 1 }:count { on = 'toy.message', key = { 'orig_p' } }\n", true },
		{ "tally.new { keys = 1 }:count { on = 'conn', key = { 'orig_p' } }\n", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
		struct stage s = { 0 };
		begin(&s, all[i].script);
		assert_int_equal(oto_bus_tells_port(s.engine->bus), all[i].tells);
		end(&s, "");
	}
}

/* A fact is the same whoever its packet went to, until somebody asks for that in C. */
static void keys_of_facts_tell_the_ends_where_they_are_read(void **state)
{
	static const struct {
		const char *script;
		bool tells;
	} all[] = {
		{ "on('asset.fact', function(e) print(e.resp_h) end)\n", false },
		{ "on('asset.fact', 'key == os and vlan == 5', print)\n", false },
		{ "on('asset.fact', 'resp_h == 10.0.0.1', print)\n", true },
		{ "tally.new { keys = 2, sum = { 'at' } }:count { on = 'asset.fact', key = { 'ip', 'vlan' }, sum = { 'ts' } }\n", false },
		{ "tally.new { keys = 1 }:count { on = 'asset.fact', key = { 'orig_mac' } }\n", true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
		struct stage s = { 0 };
		begin(&s, all[i].script);
		assert_int_equal(s.engine->fact->tells_ends, all[i].tells);
		assert_true(s.message->tells_ends);
		end(&s, "");
	}
}

/* Who is not heard anew of what was heard last counts that silently: the first of two rivals, until the other one speaks. */
static void a_row_heard_last_of_its_rivals_is_silent(void **state)
{
	struct stage s = { 0 };

	(void)state;
	begin(&s, "local t = tally.new { keys = 2, again = '10s', rivals = 1 }\n"
		  "t:count { on = 'toy.message', key = { false, 'name' }, new = function(e) print(e.name, e.ts:seconds()) end }\n"
		  "on('toy.question', function() print(t:get(nil, 'pump').n, t:get(nil, 'valve').n) end)\n");
	say_until_known(&s, 1000, KEY);
	assert_true(again(&s, 5000, KEY));
	assert_true(again(&s, 30000, KEY)); /* long after the ten seconds: nobody else spoke */
	s.toy.name = oto_slice_of("valve");
	say_until_known(&s, 31000, OTHER);
	assert_true(again(&s, 31000, KEY)); /* heard as of 30 */
	assert_false(again(&s, 41000, KEY));
	s.toy.name = oto_slice_of("pump");
	say(&s, 41000, KEY);
	assert_true(again(&s, 42000, KEY));
	ask(&s);
	end(&s, "pump\t1.0\nvalve\t31.0\npump\t41.0\n7\t2\n");
}

static bool again_behind_a_question(struct stage *s, int64_t ms, uint64_t key)
{
	struct oto_head head = s->head;

	head.ts.ns = ms * OTO_MS;
	oto_bus_emit(s->engine->bus, s->question, &head, &s->toy);
	bool is_known = oto_bus_again(s->engine->bus, s->message, key, &(struct oto_repeat){ .head = &head });
	oto_bus_drain(s->engine->bus);
	return is_known;
}

/* What the same tally counts waits for what was said before it, and nothing else does. */
static void types_are_counted_in_their_order(void **state)
{
	static const char *const both = "local t, other = tally.new { keys = 1 }, tally.new { keys = 1 }\n"
					"t:count { on = 'toy.message', key = { 'name' } }\n";
	static const char *const question[] = {
		"t:count { on = 'toy.question', key = { 'name' }, new = function(e) print(e.name) end }\n",
		"other:count { on = 'toy.question', key = { 'name' }, new = function(e) print(e.name) end }\n",
	};

	(void)state;
	for (int apart = 0; apart < 2; apart++) {
		struct stage s = { 0 };
		char script[512];
		snprintf(script, sizeof script, "%s%s", both, question[apart]);
		begin(&s, script);
		say_until_known(&s, 1000, KEY);
		assert_true(again(&s, 1000, KEY));
		assert_int_equal(again_behind_a_question(&s, 1000, KEY), apart);
		assert_true(again(&s, 1000, KEY));
		end(&s, apart ? "pump\n" : "");
	}
}

static void say_of(struct stage *s, int64_t ms, const char *name)
{
	s->engine->now_ns = ms * OTO_MS;
	s->toy.name = oto_slice_of(name);
	say(s, ms, 0);
}

static void what_is_said_once_holds_for_those_alike(void **state)
{
	struct stage s = { 0 };

	(void)state;
	begin(&s, "local told = state.count { name = 'told', key = 'string' }\n"
		  "on('toy.message', nil, function(e)\n"
		  "  print(e.name)\n"
		  "  told:add(e.name)\n"
		  "  echo.write('10s', told, e.name)\n"
		  "end, { 'name' })\n"
		  "on('toy.question', function(e)\n"
		  "  print(told:get 'pump', told:get 'valve')\n"
		  "  if e.name == 'forget' then echo.forget() elseif e.name == 'remove' then told:remove 'valve' end\n"
		  "end)\n");
	for (int64_t ms = 1000; ms <= 10900; ms += 900)
		say_of(&s, ms, "pump");
	say_of(&s, 10900, "valve");
	say_of(&s, 10950, "valve");
	ask(&s);
	say_of(&s, 11000, "pump"); /* its time is over */
	say_of(&s, 11050, "pump");
	s.toy.name = oto_slice_of("forget");
	ask(&s);
	say_of(&s, 11100, "pump");
	say_of(&s, 11150, "valve");
	say_of(&s, 11200, "valve");
	say_of(&s, 11100, "valve"); /* a clock that was set back */
	s.toy.name = oto_slice_of("remove");
	ask(&s);
	say_of(&s, 11300, "pump"); /* whose row is still there */
	say_of(&s, 11300, "valve");
	say_of(&s, 11350, "valve");
	ask(&s);
	end(&s, "pump\nvalve\n12\t2\npump\n14\t2\npump\nvalve\nvalve\n15\t5\nvalve\n16\t2\n");
}

/* The window counts all the same. */
static void who_counts_many_hears_once_of_those_alike(void **state)
{
	struct stage s = { 0 };

	(void)state;
	begin(&s, "local told = state.set { name = 'told', key = 'string' }\n"
		  "local many = state.window { name = 'many', key = 'string', span = '1m' }\n"
		  "many:count { on = 'toy.message', key = { 'name' }, many = 3, reached = function(e, n)\n"
		  "  print(e.name, n)\n"
		  "  told:add(e.name)\n"
		  "  echo.write('10s', told, e.name)\n"
		  "end }\n"
		  "on('toy.question', function() print(many:get 'pump') end)\n");
	for (int64_t ms = 1000; ms < 15000; ms += 1000)
		say_of(&s, ms, "pump");
	ask(&s);
	end(&s, "pump\t3\npump\t13\n14\n");
}

static void what_is_said_of_nothing_is_silence(void **state)
{
	struct stage s = { 0 };

	(void)state;
	begin(&s, "on('toy.message', function(e) print(e.name) echo.write '10s' end, { 'name' })\n"
		  "on('toy.message', 'name == valve', function(e) print('the', e.name) end, { 'name' })\n"
		  "on('toy.message', function(e) echo.write '10s' end)\n");
	for (int64_t ms = 1000; ms < 15000; ms += 5000)
		say_of(&s, ms, "pump");
	say_of(&s, 16000, "valve");
	say_of(&s, 16000, "valve");
	end(&s, "pump\npump\nvalve\nthe\tvalve\nthe\tvalve\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_only_counts_is_counted_when_somebody_looks),
		cmocka_unit_test(its_cost_changes_nothing),
		cmocka_unit_test(a_clock_that_is_set_back_is_noticed),
		cmocka_unit_test(gaps_are_counted_at_once),
		cmocka_unit_test(values_are_looked_at_each_time),
		cmocka_unit_test(values_that_are_said_again_are_summed_up),
		cmocka_unit_test(a_key_that_varies_is_made_each_time),
		cmocka_unit_test(a_condition_on_what_varies_is_asked_each_time),
		cmocka_unit_test(a_row_that_is_read_stays_counted),
		cmocka_unit_test(who_comes_later_hears),
		cmocka_unit_test(together_where_nobody_takes_one),
		cmocka_unit_test(together_each_counts_what_is_its_own),
		cmocka_unit_test(keys_tell_the_port_where_it_is_read),
		cmocka_unit_test(keys_of_facts_tell_the_ends_where_they_are_read),
		cmocka_unit_test(a_row_heard_last_of_its_rivals_is_silent),
		cmocka_unit_test(types_are_counted_in_their_order),
		cmocka_unit_test(what_is_said_once_holds_for_those_alike),
		cmocka_unit_test(who_counts_many_hears_once_of_those_alike),
		cmocka_unit_test(what_is_said_of_nothing_is_silence),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
