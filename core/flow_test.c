/* flow_test.c - the table of flows: keys without direction, growth, the timing wheel, identity. */
#include "flow.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

static struct oto_flows flows;

static int setup(void **state)
{
	(void)state;
	oto_flows_init(&flows, 7);
	flows.tick = 0;
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	oto_flows_free(&flows);
	return 0;
}

static struct oto_flow_key key_of(uint32_t src, uint16_t sport, uint32_t dst, uint16_t dport)
{
	struct oto_flow_key k = { .transport = OTO_UDP, .ip_proto = 17, .sport = sport, .dport = dport };

	k.src.family = k.dst.family = OTO_FAMILY_IPV4;
	memcpy(k.src.byte, &src, 4);
	memcpy(k.dst.byte, &dst, 4);
	return k;
}

static struct oto_flow_key turned(struct oto_flow_key k)
{
	struct oto_flow_key t = k;

	t.src = k.dst;
	t.sport = k.dport;
	t.dst = k.src;
	t.dport = k.sport;
	return t;
}

static struct oto_flow *make(struct oto_flow_key k)
{
	return oto_flows_make(&flows, &k, oto_flow_hash(&flows, &k));
}

static struct oto_flow *find(struct oto_flow_key k, enum oto_dir *dir)
{
	return oto_flows_find(&flows, &k, oto_flow_hash(&flows, &k), dir);
}

static void test_both_directions(void **state)
{
	(void)state;
	struct oto_flow_key k = key_of(1, 1000, 2, 502), swapped_ports = key_of(1, 502, 2, 1000), tcp = k, vlan = k;
	struct oto_flow *f = make(k);
	enum oto_dir dir;

	assert_ptr_equal(find(k, &dir), f);
	assert_int_equal(dir, OTO_ORIG);
	assert_ptr_equal(find(turned(k), &dir), f);
	assert_int_equal(dir, OTO_RESP);
	assert_null(find(swapped_ports, &dir));
	tcp.transport = OTO_TCP;
	assert_null(find(tcp, &dir));
	vlan.salt = 5;
	assert_null(find(vlan, &dir));
}

static void test_one_way(void **state)
{
	(void)state;
	struct oto_flow_key k = key_of(1, 3, 2, 3); /* port unreachable has type and code 3 */
	enum oto_dir dir;

	k.one_way = true;
	struct oto_flow *f = make(k);
	assert_ptr_equal(find(k, &dir), f);
	assert_null(find(turned(k), &dir));
}

static void test_many(void **state)
{
	(void)state;
	enum { N = 50000 };
	enum oto_dir dir;

	for (uint32_t i = 0; i < N; i++)
		make(key_of(i, 1, i * 7 + 1, 2));
	assert_int_equal(flows.flows, N);
	uint32_t fullest = 0;
	for (uint32_t i = 0; i < OTO_SHARDS; i++)
		fullest = flows.shard[i].flows > fullest ? flows.shard[i].flows : fullest;
	assert_in_range(fullest, N / OTO_SHARDS, N / OTO_SHARDS * 2);
	for (uint32_t i = 0; i < N; i++) {
		struct oto_flow *f = find(turned(key_of(i, 1, i * 7 + 1, 2)), &dir);
		assert_non_null(f);
		oto_flows_remove(&flows, f);
		oto_flows_release(&flows, f);
	}
	assert_int_equal(flows.flows, 0);
	assert_int_equal(flows.peak, N);
	uint64_t bytes = flows.bytes + flows.slab.bytes;
	for (uint32_t i = 0; i < N; i++)
		make(key_of(i, 1, i * 7 + 1, 2));
	assert_int_equal(flows.bytes + flows.slab.bytes, bytes); /* what was given back is used again */
}

static void test_same_hosts_same_shard(void **state)
{
	(void)state;
	struct oto_flow_key a = key_of(1, 1000, 2, 502), b = key_of(2, 7, 1, 44818);

	b.transport = OTO_TCP;
	assert_int_equal(oto_flow_hash(&flows, &a).shard, oto_flow_hash(&flows, &b).shard);
}

static void test_wheel(void **state)
{
	(void)state;
	struct oto_flow *a = make(key_of(1, 1, 2, 1)), *b = make(key_of(1, 2, 2, 2)), *far = make(key_of(1, 3, 2, 3));
	struct oto_flow_shard *s = &flows.shard[a->shard];

	oto_flows_schedule(&flows, a, 5 * OTO_SECOND);
	oto_flows_schedule(&flows, b, 5 * OTO_SECOND + 999 * OTO_MS);
	assert_ptr_equal(s->slot[6], b);
	assert_ptr_equal(b->next, a);
	oto_flows_schedule(&flows, b, 7 * OTO_SECOND); /* elsewhere, and no longer there */
	assert_ptr_equal(s->slot[6], a);
	assert_ptr_equal(s->slot[8], b);
	oto_flows_schedule(&flows, far, 3600 * OTO_SECOND); /* looked at once a turn */
	assert_ptr_equal(s->slot[OTO_WHEEL_SLOTS - 1], far);
	oto_flows_schedule(&flows, a, -OTO_SECOND); /* overdue: next */
	assert_ptr_equal(s->slot[1], a);
	oto_flows_remove(&flows, a);
	assert_null(s->slot[1]);
}

static void test_uid(void **state)
{
	(void)state;
	struct oto_flow_key k = key_of(1, 1000, 2, 502);
	uint64_t one[2], again[2], other[2];
	char text[20];

	oto_uid_make(one, 1, "sensor", 17, &k);
	oto_uid_make(again, 1, "sensor", 17, &k);
	assert_memory_equal(one, again, sizeof one);
	oto_uid_make(other, 1, "sensor", 18, &k);
	assert_memory_not_equal(one, other, sizeof one);
	oto_uid_make(other, 2, "sensor", 17, &k);
	assert_memory_not_equal(one, other, sizeof one);
	oto_uid_make(other, 1, "another", 17, &k);
	assert_memory_not_equal(one, other, sizeof one);
	oto_uid_text(one, text);
	assert_int_equal(text[0], 'C');
	assert_int_equal(strlen(text), 18);
	assert_int_equal(strspn(text, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"), 18);
}

static void test_flip(void **state)
{
	(void)state;
	struct oto_flow *f = make(key_of(1, 1000, 2, 502));

	f->side[OTO_ORIG].packets = 3;
	oto_flow_letter(f, 'D');
	oto_flow_flip(f);
	assert_int_equal(f->side[OTO_ORIG].port, 502);
	assert_int_equal(f->side[OTO_ORIG].packets, 3);
	assert_true(f->flipped);
	assert_string_equal(oto_flow_history(f), "D^");
}

static void test_history(void **state)
{
	(void)state;
	struct oto_flow *f = make(key_of(1, 1000, 2, 502));

	for (uint32_t i = 0; i < 1000; i++) {
		oto_flow_letter(f, i % 2 ? 'R' : 'r');
		assert_int_equal(strlen(oto_flow_history(f)), i < OTO_HISTORY_MAX ? i + 1 : OTO_HISTORY_MAX);
		assert_int_equal(strspn(oto_flow_history(f), "rR"), strlen(oto_flow_history(f)));
	}
	oto_flows_remove(&flows, f);
	oto_flows_release(&flows, f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_both_directions, setup, teardown),
		cmocka_unit_test_setup_teardown(test_one_way, setup, teardown),
		cmocka_unit_test_setup_teardown(test_many, setup, teardown),
		cmocka_unit_test_setup_teardown(test_same_hosts_same_shard, setup, teardown),
		cmocka_unit_test_setup_teardown(test_wheel, setup, teardown),
		cmocka_unit_test_setup_teardown(test_uid, setup, teardown),
		cmocka_unit_test_setup_teardown(test_flip, setup, teardown),
		cmocka_unit_test_setup_teardown(test_history, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
