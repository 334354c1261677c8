/* log_row_test.c - a row is what its values look like one by one: in detail and aggregated, whatever stood there before. */
#include "log_row.h"

#include "log_aggregate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <stdlib.h>

static const struct oto_name name_rows[] = { { 3, "READ", OTO_OP_READ, "" },
					     { 7, "-", OTO_OP_READ, "" },
					     { 300, "a word that is longer than the words that are kept", OTO_OP_READ, "" } };
static const struct oto_names names = OTO_NAMES(name_rows);

struct all {
	bool flag, has;
	uint8_t u8, name8, hex8;
	uint16_t u16, name16, hex16;
	uint32_t u32, name32, ttl;
	uint64_t u64, hex64;
	int64_t i64;
	double f64;
	const char *literal, *other;
	struct oto_slice text, raw;
	struct oto_addr addr;
	struct oto_mac mac;
	struct oto_time when;
	struct oto_interval span;
	struct oto_vec regs;
	struct oto_list list;
	struct oto_target target;
};
#define F(m, ...) OTO_FIELD(struct all, m, #m, __VA_ARGS__)
static const struct oto_field fields[] = {
	F(flag),
	F(u8),
	F(name8, .names = &names),
	F(hex8, .flags = OTO_HEX),
	F(u16, .guard = OTO_IF(struct all, has)),
	F(name16, .names = &names, .guard = OTO_IF(struct all, has)),
	F(hex16, .flags = OTO_HEX | OTO_WIDE),
	F(u32),
	F(name32, .names = &names),
	F(ttl, .flags = OTO_SECONDS),
	F(u64),
	F(hex64, .flags = OTO_HEX | OTO_WIDE),
	F(i64),
	F(f64),
	F(literal),
	F(other),
	F(text),
	F(raw, .flags = OTO_HEX),
	F(addr),
	F(mac),
	F(when),
	F(span),
	F(regs),
	F(list, .flags = OTO_SET),
	F(target),
};
enum { N = sizeof fields / sizeof *fields };
static const struct oto_event_def def = { .name = "all", .fields = fields, .nfields = N, .size = sizeof(struct all) };

static uint64_t seed = 1;

static uint64_t any(void)
{
	seed = oto_mix(seed, UINT64_C(0x9e3779b97f4a7c15));
	return seed;
}

/* Small ones are as likely as large ones, and some come again and again. */
static uint64_t number(void)
{
	return any() % 2 ? any() % 8 : any() >> any() % 64;
}

static struct oto_addr address(void)
{
	static const uint8_t family[] = { OTO_FAMILY_NONE, OTO_FAMILY_IPV4, OTO_FAMILY_IPV6, OTO_FAMILY_MAC };
	struct oto_addr a = { .family = family[any() % 4] };
	uint32_t len = a.family == OTO_FAMILY_IPV4 ? 4 : a.family == OTO_FAMILY_IPV6 ? 16 : a.family == OTO_FAMILY_MAC ? 6 : 0;

	for (uint32_t i = 0; i < len; i++)
		a.byte[i] = (uint8_t)number();
	return a;
}

static struct all random_event(char *other, const struct oto_slice *items)
{
	static const char *const literals[] = { NULL, "", "-", "cyclic", "tab\t", "a literal that is longer than what is kept of one" };
	static const char *const others[] = { "one", "two", "(empty)", "some other text that a script made, longer than others" };
	static const uint8_t bytes[] = "plain text, \xff and \xc3\xa4 and so on";
	struct all e = {
		.flag = any() % 2,
		.has = any() % 2,
		.u8 = (uint8_t)number(),
		.name8 = (uint8_t)number(),
		.hex8 = (uint8_t)number(),
		.u16 = (uint16_t)number(),
		.name16 = (uint16_t)(any() % 4 ? number() : 300),
		.hex16 = (uint16_t)number(),
		.u32 = (uint32_t)number(),
		.name32 = (uint32_t)number(),
		.ttl = (uint32_t)number(),
		.u64 = number(),
		.hex64 = number(),
		.i64 = (int64_t)number(),
		.f64 = (double)(int64_t)number() / 8,
		.literal = literals[any() % 6],
		.text = { bytes, (uint32_t)(any() % sizeof bytes) },
		.raw = { any() % 4 ? bytes : NULL, (uint32_t)(any() % 3) },
		.addr = address(),
		.when = { (int64_t)number() },
		.span = { (int64_t)number() },
		.regs = { bytes, (uint32_t)(any() % 5), OTO_VEC_U16BE },
		.list = { items, (uint32_t)(any() % 3) },
		.target = { any() % 2 ? "DB1" : NULL, { bytes, (uint32_t)(any() % 2 * 5) }, number(), (uint32_t)(any() % 3) },
	};

	strcpy(other, others[any() % 4]); /* at the same place each time */
	e.other = any() % 8 ? other : NULL;
	return e;
}

/* Value by value. */
static void expected(const struct oto_event *event, const struct oto_field_ref *refs, uint32_t n, struct oto_buf *out)
{
	struct oto_value v;

	for (uint32_t i = 0; i < n; i++) {
		oto_value_get(event, refs[i], &v);
		oto_value_text(&v, out);
		oto_buf_chr(out, '\t');
	}
}

static void fill_refs(struct oto_field_ref *refs)
{
	for (uint32_t i = 0; i < N; i++)
		refs[i] = (struct oto_field_ref){ .field = &fields[i] };
}

static void a_row_is_its_values(void **state)
{
	const struct oto_slice items[] = { oto_slice_of("x,y"), oto_slice_of("") };
	struct oto_field_ref refs[N];
	struct oto_row_step steps[N];
	struct oto_buf row = { 0 }, values = { 0 };
	char other[64];

	(void)state;
	fill_refs(refs);
	oto_row_steps(refs, N, steps);
	for (uint32_t i = 0; i < 20000; i++) {
		struct all e = random_event(other, items);
		struct oto_event event = { .def = &def, .data = &e };
		row.len = values.len = 0;
		oto_row_write(steps, N, &event, &row);
		expected(&event, refs, N, &values);
		assert_string_equal(row.data, values.data);
	}
	oto_buf_free(&row);
	oto_buf_free(&values);
}

static void an_aggregated_row_is_its_event(void **state)
{
	const struct oto_slice items[] = { oto_slice_of("x,y"), oto_slice_of("") };
	struct oto_field_ref refs[N], shown[N + 3];
	struct oto_row_step steps[N + 3];
	struct oto_aggregate_step key[N + 1];
	struct oto_buf row = { 0 }, values = { 0 };
	char other[64];

	(void)state;
	fill_refs(refs);
	struct oto_aggregate *a = oto_aggregate_new(refs, N, 1);
	oto_aggregate_steps(refs, N, key);
	oto_aggregate_shows(a, shown);
	oto_row_steps(shown, N + 3, steps);
	for (uint32_t i = 0; i < 20000; i++) {
		struct all e = random_event(other, items);
		struct oto_head head = { .ts = { (int64_t)number() & INT64_MAX } };
		struct oto_event event = { .def = &def, .head = &head, .data = &e, .more = (uint32_t)(i % 3) }, got;
		row.len = values.len = 0;
		assert_non_null(oto_aggregate_add(a, key, &event));
		assert_int_equal(oto_aggregate_count(a), 1);
		oto_aggregate_get(a, 0, &got);
		oto_row_write(steps, N + 3, &got, &row);
		oto_value_text(&(struct oto_value){ .kind = OTO_TIME, .i = head.ts.ns }, &values);
		oto_buf_chr(&values, '\t');
		expected(&event, refs, N, &values);
		oto_buf_fmt(&values, "%u\t", i % 3 + 1);
		oto_value_text(&(struct oto_value){ .kind = OTO_TIME, .i = head.ts.ns }, &values);
		oto_buf_chr(&values, '\t');
		assert_string_equal(row.data, values.data);
		oto_aggregate_reset(a); /* its texts are gone; others come to stand there */
	}
	oto_aggregate_free(a);
	oto_buf_free(&row);
	oto_buf_free(&values);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_row_is_its_values),
		cmocka_unit_test(an_aggregated_row_is_its_event),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
