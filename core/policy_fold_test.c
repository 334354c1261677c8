/* policy_fold_test.c - lists of numbers folded into each other, whole and broken. */
#include "policy_packed.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

static void put(struct oto_buf *b, uint8_t tag, uint64_t u)
{
	oto_buf_chr(b, (char)tag);
	for (int shift = 56; shift >= 0; shift -= 8)
		oto_buf_chr(b, (char)(u >> shift));
}

/* A list of numbers; `tags` has one for each. */
static struct oto_slice list_of(struct oto_buf *b, const char *tags, const int64_t *number)
{
	b->len = 0;
	oto_buf_chr(b, TAG_TABLE);
	for (uint64_t i = 0; tags[i]; i++) {
		put(b, TAG_INTEGER, i + 1);
		put(b, (uint8_t)tags[i], (uint64_t)number[i]);
	}
	oto_buf_chr(b, TAG_END);
	return (struct oto_slice){ (const uint8_t *)b->data, (uint32_t)b->len };
}

static void assert_list(const struct oto_buf *out, const char *tags, const int64_t *number)
{
	struct oto_buf b = { 0 };
	struct oto_slice wanted = list_of(&b, tags, number);

	assert_int_equal(out->len, wanted.len);
	assert_memory_equal(out->data, wanted.data, wanted.len);
	oto_buf_free(&b);
}

static void place_by_place(void **state)
{
	struct oto_buf a = { 0 }, b = { 0 }, out = { 0 };

	(void)state;
	struct oto_slice into = list_of(&a, "ttiii", (int64_t[]){ 50, 60, 5, 6, -7 });
	struct oto_slice list = list_of(&b, "ttiii", (int64_t[]){ 40, 55, 3, 9, 8 });
	assert_null(oto_fold(into, list, "<>+|=", &out));
	assert_list(&out, "ttiii", (int64_t[]){ 40, 60, 8, 15, -7 });
	out.len = 0;
	assert_null(oto_fold(into, list_of(&b, "ttiii", (int64_t[]){ -1, 61, 0, 0, -9 }), "<>++<", &out));
	assert_list(&out, "ttiii", (int64_t[]){ -1, 61, 5, 6, -9 });
	oto_buf_free(&a);
	oto_buf_free(&b);
	oto_buf_free(&out);
}

static void what_one_lacks_is_the_others(void **state)
{
	struct oto_buf a = { 0 }, b = { 0 }, out = { 0 };

	(void)state;
	struct oto_slice into = list_of(&a, "ii", (int64_t[]){ 1, 2 }), list = list_of(&b, "iii", (int64_t[]){ 10, 20, 30 });
	assert_null(oto_fold(into, list, "+++", &out));
	assert_list(&out, "iii", (int64_t[]){ 11, 22, 30 });
	out.len = 0;
	assert_null(oto_fold(list, into, "++", &out));
	assert_list(&out, "iii", (int64_t[]){ 11, 22, 30 });
	oto_buf_free(&a);
	oto_buf_free(&b);
	oto_buf_free(&out);
}

static void what_does_not_go_together_is_told(void **state)
{
	struct oto_buf a = { 0 }, b = { 0 }, out = { 0 };

	(void)state;
	struct oto_slice into = list_of(&a, "ti", (int64_t[]){ 1, 2 }), list = list_of(&b, "ti", (int64_t[]){ 3, 4 });
	assert_non_null(oto_fold(into, list, "+", &out));
	assert_non_null(oto_fold(into, list, "++", &out));
	assert_non_null(oto_fold(into, list, "<?", &out));
	assert_non_null(oto_fold(into, list_of(&b, "it", (int64_t[]){ 3, 4 }), "<<", &out));
	assert_non_null(oto_fold((struct oto_slice){ (const uint8_t *)"i", 1 }, into, "<<", &out));
	oto_buf_free(&a);
	oto_buf_free(&b);
	oto_buf_free(&out);
}

/* A database may have been edited. */
static void cut_anywhere_is_no_list(void **state)
{
	struct oto_buf a = { 0 }, b = { 0 }, out = { 0 };

	(void)state;
	struct oto_slice list = list_of(&b, "is", (int64_t[]){ 3, 0 });
	for (uint32_t len = 0; len < list.len; len++) {
		uint8_t *cut = oto_calloc(1, len ? len : 1);
		memcpy(cut, list.data, len);
		out.len = 0;
		assert_non_null(oto_fold((struct oto_slice){ cut, len }, list, "+=", &out));
		assert_non_null(oto_fold(list, (struct oto_slice){ cut, len }, "+=", &out));
		free(cut);
	}
	struct oto_slice huge = list_of(&a, "s", (int64_t[]){ -1 });
	assert_non_null(oto_fold(huge, list, "=+", &out));
	oto_buf_free(&a);
	oto_buf_free(&b);
	oto_buf_free(&out);
}

static void numbers_in_a_text_stay_in_their_place(void **state)
{
	uint8_t text[20] = { 1, 0xff, 0xfe, 0, 0, 0x80, 0x3f, 9 }; /* 1 byte, I2 65279, f 1, 1 byte */
	uint32_t n;

	(void)state;
	assert_int_equal(oto_fold_layout("<I2fI4d", &n), 18);
	assert_int_equal(n, 4);
	for (const char *const *none = (const char *const[]){ "", "<", "I2", "<I", "<I3", "<I2 f", "<s", NULL }; *none; none++)
		assert_int_equal(oto_fold_layout(*none, &n), 0);
	oto_fold_packed(text + 1, "<I2f", "++", (double[]){ 256, 1.5 });
	assert_memory_equal(text, ((uint8_t[]){ 1, 0xff, 0xff, 0, 0, 0x20, 0x40, 9 }), 8);
	oto_fold_packed(text + 1, "<I2f", ">=", (double[]){ -1, 7 });
	assert_memory_equal(text, ((uint8_t[]){ 1, 0xff, 0xff, 0, 0, 0x20, 0x40, 9 }), 8);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(place_by_place),
		cmocka_unit_test(what_one_lacks_is_the_others),
		cmocka_unit_test(what_does_not_go_together_is_told),
		cmocka_unit_test(cut_anywhere_is_no_list),
		cmocka_unit_test(numbers_in_a_text_stay_in_their_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
