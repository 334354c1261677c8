/* media_test.c - what first bytes show. */
#include "media.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

#define IS(bytes, type) assert_string_equal(media_type((struct oto_slice){ (const uint8_t *)(bytes), sizeof(bytes) - 1 }), type)

static void known(void **state)
{
	(void)state;
	IS("\xff\xd8\xff\xe0", "image/jpeg");
	IS("\x7f"
	   "ELF\1\1",
	   "application/x-executable");
	IS("PK\3\4rest", "application/zip");
	IS("\0\0\0\x18"
	   "ftypmp42",
	   "video/mp4");
	IS("<?xml version=\"1.0\"?><a/>", "application/xml");
	IS("\xef\xbb\xbf <!-- page --> <HTML>", "text/html");
	IS("<?xml version='1.0'?><html>", "text/html");
	IS(" { \"a\": 1 }", "text/json");
	IS("{ a: 1 }", "text/json");
	IS("speed;12\nheat;180\n", "text/plain");
}

static void unknown(void **state)
{
	(void)state;
	assert_null(media_type((struct oto_slice){ 0 }));
	assert_null(media_type(oto_slice_of("short")));
	assert_null(media_type((struct oto_slice){ (const uint8_t *)"\1\2\3\4\5\6\7\10\11\12\13\14", 12 }));
	assert_null(media_type(oto_slice_of("{")));
	/* every shorter form of a comment that does not end */
	static const char open[] = "<!-- it never ends";
	for (uint32_t n = 0; n < sizeof open; n++)
		media_type((struct oto_slice){ (const uint8_t *)open, n });
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(known), cmocka_unit_test(unknown) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
