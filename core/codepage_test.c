/* codepage_test.c - Japanese text of CP932 becomes UTF-8; what is UTF-8 is known; what is neither stays. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "codepage.h"
#include "event.h"

#define TEXT(s) ((struct oto_slice){ (const uint8_t *)(s), sizeof(s) - 1 })

static void japanese(void **state)
{
	(void)state;
	struct oto_code_page *p = oto_code_page_new("CP932");
	uint8_t out[64];

	assert_non_null(p);
	/* "工場" (plant), then a half-width katakana */
	uint32_t n = oto_code_page_decode(p, TEXT("\x8d\x48\x8f\xea-1 \xb1"), out, sizeof out);
	assert_int_equal(n, 12);
	assert_memory_equal(out, "\xe5\xb7\xa5\xe5\xa0\xb4-1 \xef\xbd\xb1", 12);
	assert_int_equal(oto_code_page_decode(p, TEXT("\x8d"), out, sizeof out), 0);
	assert_int_equal(oto_code_page_decode(p, TEXT("\x8d\x48"), out, 2), 0);
	assert_int_equal(oto_code_page_decode(p, TEXT("A"), out, sizeof out), 1); /* as if nothing had been before */
	oto_code_page_free(p);
	assert_null(oto_code_page_new("no-such-page"));
	assert_false(oto_code_page_known("no-such-page"));
}

static void what_is_utf8(void **state)
{
	(void)state;
	assert_true(oto_is_utf8(TEXT("plain")));
	assert_true(oto_is_utf8(TEXT("\xe5\xb7\xa5\xf0\x9f\x8f\xad")));
	assert_false(oto_is_utf8(TEXT("\xe5\xb7")));
	assert_false(oto_is_utf8(TEXT("\xc0\xaf")));
	assert_false(oto_is_utf8(TEXT("\xed\xa0\x80")));
	assert_false(oto_is_utf8(TEXT("\xf5\x80\x80\x80")));
	assert_false(oto_is_utf8(TEXT("\x8d\x48")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(japanese),
		cmocka_unit_test(what_is_utf8),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
