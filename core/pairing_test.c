/* pairing_test.c - the contract of pairing.h: order, retries, gaps, bounds, expiry, several answers, and scopes. */
#include "pairing.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

struct bench {
	struct oto_pool pool;
	struct oto_pairs *pairs;
	struct oto_pair_scope *flow;
	int64_t due_ns;
	uint32_t given_up;
	uint64_t last_key;
};

static void count(void *who, const struct oto_request *r)
{
	struct bench *b = who;
	b->given_up++;
	b->last_key = r->key;
}

static void begin(struct bench *b, struct oto_pairing spec)
{
	*b = (struct bench){ .due_ns = INT64_MAX };
	spec.self_size = sizeof spec;
	spec.note_size = 1;
	b->pairs = oto_pairs_new(&spec, &b->pool, 7, &b->due_ns, count, b);
}

static void end(struct bench *b)
{
	oto_pairs_flow_end(b->pairs, &b->flow);
	oto_pairs_expire(b->pairs, INT64_MAX);
	oto_pairs_free(b->pairs);
	oto_pool_free(&b->pool);
}

static void ask(struct bench *b, uint64_t key, int64_t at, uint8_t note)
{
	struct oto_head h = { .ts = { at } };
	oto_pairs_open(b->pairs, oto_pairs_scope(b->pairs, &b->flow, &h, true), key, &h, &note);
}

static struct oto_match answer(struct bench *b, uint64_t key, int64_t at)
{
	struct oto_match m;
	struct oto_head h = { .ts = { at } };
	oto_pairs_match(b->pairs, oto_pairs_scope(b->pairs, &b->flow, &h, false), key, at, &m);
	return m;
}

static void keyed_answers_meet_their_request(void **state)
{
	(void)state;
	struct bench b;
	begin(&b, (struct oto_pairing){ .keyed = true });
	ask(&b, 1, 0, 'a');
	ask(&b, 2, 10, 'b');
	struct oto_match m = answer(&b, 2, 30);
	assert_true(m.found);
	assert_int_equal(m.note[0], 'b');
	assert_int_equal(m.latency.ns, 20);
	assert_false(answer(&b, 2, 31).found);
	assert_int_equal(answer(&b, 1, 40).note[0], 'a');
	end(&b);
	assert_int_equal(b.given_up, 0);
}

static void same_key_at_once_is_pipelining_later_a_retry(void **state)
{
	(void)state;
	struct bench b;
	begin(&b, (struct oto_pairing){ .keyed = true });
	ask(&b, 1, 0, 'a');
	ask(&b, 1, 10, 'b');
	assert_int_equal(answer(&b, 1, 20).note[0], 'a');
	ask(&b, 1, 2 * OTO_SECOND, 'c'); /* b is older than 200 ms: given up */
	struct oto_match m = answer(&b, 1, 2 * OTO_SECOND + 5);
	assert_int_equal(m.note[0], 'c');
	assert_int_equal(m.retries, 1);
	assert_int_equal(b.given_up, 1);
	end(&b);
}

static void unkeyed_is_first_in_first_out_and_not_across_a_gap(void **state)
{
	(void)state;
	struct bench b;
	begin(&b, (struct oto_pairing){ .keyed = false });
	ask(&b, 0, 0, 'a');
	ask(&b, 0, 1, 'b');
	assert_int_equal(answer(&b, 0, 2).note[0], 'a');
	oto_pairs_gap(b.pairs, b.flow);
	assert_false(answer(&b, 0, 3).found);
	assert_int_equal(b.given_up, 1);
	end(&b);
}

static void a_gap_makes_keyed_ones_unsure(void **state)
{
	(void)state;
	struct bench b;
	begin(&b, (struct oto_pairing){ .keyed = true });
	ask(&b, 9, 0, 'a');
	oto_pairs_gap(b.pairs, b.flow);
	struct oto_match m = answer(&b, 9, 3);
	assert_true(m.found);
	assert_true(m.unsure);
	end(&b);
}

static void bound_and_expiry_give_up_the_oldest(void **state)
{
	(void)state;
	struct bench b;
	begin(&b, (struct oto_pairing){ .keyed = true, .bound = 2, .expiry_ns = 100 });
	ask(&b, 1, 0, 'a');
	ask(&b, 2, 1, 'b');
	ask(&b, 3, 2, 'c');
	assert_int_equal(b.given_up, 1);
	assert_int_equal(b.last_key, 1);
	assert_int_equal(b.due_ns, 100);
	b.due_ns = INT64_MAX;
	oto_pairs_expire(b.pairs, 101);
	assert_int_equal(b.due_ns, 102);
	assert_int_equal(b.given_up, 2);
	assert_int_equal(b.last_key, 2);
	end(&b);
	assert_int_equal(b.given_up, 3);
}

static void many_answers_keep_the_request_open(void **state)
{
	(void)state;
	struct bench b;
	begin(&b, (struct oto_pairing){ .keyed = true, .many = true });
	ask(&b, 1, 0, 'a');
	assert_true(answer(&b, 1, 1).found);
	assert_true(answer(&b, 1, 2).found);
	end(&b);
	assert_int_equal(b.given_up, 0); /* it was answered */
}

static void pairs_of_hosts_meet_whatever_their_ports(void **state)
{
	(void)state;
	struct bench b;
	begin(&b, (struct oto_pairing){ .keyed = true, .scope = OTO_SCOPE_PAIR });
	struct oto_head ab = { .orig_h = { { 1 }, 4 }, .resp_h = { { 2 }, 4 } }, ba = { .orig_h = { { 2 }, 4 }, .resp_h = { { 1 }, 4 } };
	struct oto_head other = { .orig_h = { { 2 }, 4 }, .resp_h = { { 3 }, 4 } };
	uint8_t note = 'x';
	struct oto_match m;
	oto_pairs_open(b.pairs, oto_pairs_scope(b.pairs, &b.flow, &ab, true), 5, &ab, &note);
	assert_null(oto_pairs_scope(b.pairs, &b.flow, &other, false));
	assert_non_null(oto_pairs_match(b.pairs, oto_pairs_scope(b.pairs, &b.flow, &ba, false), 5, 1, &m));
	assert_null(oto_pairs_scope(b.pairs, &b.flow, &ba, false)); /* an empty scope is gone */
	end(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keyed_answers_meet_their_request),
		cmocka_unit_test(same_key_at_once_is_pipelining_later_a_retry),
		cmocka_unit_test(unkeyed_is_first_in_first_out_and_not_across_a_gap),
		cmocka_unit_test(a_gap_makes_keyed_ones_unsure),
		cmocka_unit_test(bound_and_expiry_give_up_the_oldest),
		cmocka_unit_test(many_answers_keep_the_request_open),
		cmocka_unit_test(pairs_of_hosts_meet_whatever_their_ports),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
