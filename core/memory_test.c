/* memory_test.c - slots found again across flows, told apart by pair, segment and key, and bounded. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "memory.h"

static const struct oto_memory by_pair = { sizeof by_pair, 8, 4, OTO_SCOPE_PAIR, "test.pair" };
static const struct oto_memory by_segment = { sizeof by_segment, 8, 4, OTO_SCOPE_SEGMENT, "test.segment" };

struct fixture {
	struct oto_pool pool;
	struct oto_memories *ms;
	struct oto_head ab, ba, ac;
};

static struct oto_addr host(uint8_t last)
{
	return (struct oto_addr){ { 10, 0, 0, last }, OTO_FAMILY_IPV4 };
}

static int set_up(void **state)
{
	struct fixture *f = oto_calloc(1, sizeof *f);

	f->ms = oto_memories_new(&f->pool, 7);
	f->ab = (struct oto_head){ .orig_h = host(1), .resp_h = host(2) };
	f->ba = (struct oto_head){ .orig_h = host(2), .resp_h = host(1) };
	f->ac = (struct oto_head){ .orig_h = host(1), .resp_h = host(3) };
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	oto_memories_free(f->ms);
	oto_pool_free(&f->pool);
	free(f);
	return 0;
}

static void both_directions_of_a_pair_meet(void **state)
{
	struct fixture *f = *state;
	uint64_t *slot = oto_memories_slot(f->ms, &by_pair, &f->ab, 5, true);

	assert_int_equal(*slot, 0);
	*slot = 42;
	assert_ptr_equal(oto_memories_slot(f->ms, &by_pair, &f->ba, 5, false), slot);
	assert_null(oto_memories_slot(f->ms, &by_pair, &f->ac, 5, false));
	assert_null(oto_memories_slot(f->ms, &by_pair, &f->ab, 6, false));
}

static void a_segment_is_a_vlan(void **state)
{
	struct fixture *f = *state;
	void *slot = oto_memories_slot(f->ms, &by_segment, &f->ab, 5, true);

	assert_ptr_equal(oto_memories_slot(f->ms, &by_segment, &f->ac, 5, false), slot);
	f->ac.has_vlan = true;
	assert_null(oto_memories_slot(f->ms, &by_segment, &f->ac, 5, false));
}

static void the_slot_unused_for_longest_goes(void **state)
{
	struct fixture *f = *state;

	for (uint64_t key = 0; key < 4; key++)
		assert_non_null(oto_memories_slot(f->ms, &by_pair, &f->ab, key, true));
	oto_memories_slot(f->ms, &by_pair, &f->ab, 0, false);
	oto_memories_slot(f->ms, &by_pair, &f->ab, 9, true);
	assert_non_null(oto_memories_slot(f->ms, &by_pair, &f->ab, 0, false));
	assert_null(oto_memories_slot(f->ms, &by_pair, &f->ab, 1, false));
	assert_int_equal(oto_memories_evicted(f->ms), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(both_directions_of_a_pair_meet, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_segment_is_a_vlan, set_up, tear_down),
		cmocka_unit_test_setup_teardown(the_slot_unused_for_longest_goes, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
