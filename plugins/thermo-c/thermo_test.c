/* thermo_test.c - what each message says, and what damaged ones do. */
#define OTO_BUILTIN
#include "thermo.c"

#include "../../analyzers/testing.h"

static int setup(void **state)
{
	*state = test_host_new(&thermo, OTO_TCP, 1025, 7171);
	return 0;
}

static int teardown(void **state)
{
	test_host_free(*state);
	return 0;
}

static void said(struct test_host *t, bool is_request, const char *hex, const char *expected)
{
	assert_string_equal(test_pdu(t, is_request, hex), expected);
}

static void an_exchange(void **state)
{
	said(*state, true, "54 06 08 02 00d7",
	     "operation write set_target target=target\n"
	     "thermo.message exchange=8 code=set_target response=F degrees=21.5\n");
	said(*state, false, "54 05 08 82 00",
	     "outcome ok\n"
	     "thermo.message exchange=8 code=set_target response=T error=ok\n");
	said(*state, true, "54 04 09 01",
	     "operation read get_temperature\n"
	     "thermo.message exchange=9 code=get_temperature response=F\n");
	said(*state, false, "54 07 09 81 00 ffce",
	     "outcome ok\n"
	     "thermo.message exchange=9 code=get_temperature response=T error=ok degrees=-5\n");
}

static void refusals(void **state)
{
	said(*state, false, "54 05 08 82 02",
	     "outcome error out_of_range unmatched set_target\n"
	     "thermo.message exchange=8 code=set_target response=T error=out_of_range\n");
	said(*state, false, "54 05 08 82 77",
	     "outcome error unknown_error unmatched set_target\n"
	     "thermo.message exchange=8 code=set_target response=T error=unknown-119\n");
}

static void a_model(void **state)
{
	said(*state, false, "54 0a 07 84 00 04 41432d31",
	     "outcome ok unmatched identify\n"
	     "fact model=AC-1\n"
	     "thermo.message exchange=7 code=identify response=T error=ok\n");
}

static void another_question(void **state)
{
	test_pdu(*state, true, "54 04 01 01");
	assert_non_null(test_line(test_pdu(*state, false, "54 05 01 83 00"), "weird answer_to_another_question"));
}

/* Whole messages, each cut at every byte: never a word before the last byte is there. */
static void cut_anywhere(void **state)
{
	static const char *const messages[] = { "5406080200d7", "5407098100ffce", "540a0784000441432d31", "54040109" };
	char hex[64];

	for (size_t i = 0; i < sizeof messages / sizeof *messages; i++) {
		for (int n = 2; n < (int)strlen(messages[i]); n += 2) {
			uint8_t bytes[32];
			snprintf(hex, sizeof hex, "%.*s", n, messages[i]);
			struct oto_cur c = oto_cur_of(test_hex(hex, bytes, sizeof bytes));
			assert_true(probe(NULL, c) == (n < 8 ? OTO_NEED_MORE : OTO_MINE));
			assert_true(pdu_len(NULL, c) == (n < 4 ? 0 : (int64_t)strlen(messages[i]) / 2));
			struct test_host *t = *state;
			t->said.len = 0;
			t->cur = &c;
			pdu(&t->cx, &c);
			t->cur = NULL;
			assert_true(c.bad);
			oto_bus_drain(t->bus);
		}
	}
}

static void others(void **state)
{
	static const char *const foreign[] = { "47455420", "54030109", "54040110" };
	uint8_t bytes[8];

	(void)state;
	for (size_t i = 0; i < sizeof foreign / sizeof *foreign; i++)
		assert_true(probe(NULL, oto_cur_of(test_hex(foreign[i], bytes, sizeof bytes))) == OTO_NOT_MINE);
	assert_true(pdu_len(NULL, oto_cur_of(test_hex("4745", bytes, sizeof bytes))) < 0);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = { CASE(an_exchange),      CASE(refusals),     CASE(a_model),
					    CASE(another_question), CASE(cut_anywhere), CASE(others) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
