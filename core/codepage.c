/* codepage.c - see codepage.h. */
#include "codepage.h"

#include <iconv.h>
#include <stdlib.h>

struct oto_code_page {
	iconv_t to_utf8;
};

static iconv_t opened(const char *name)
{
	return iconv_open("UTF-8", name);
}

bool oto_code_page_known(const char *name)
{
	iconv_t to_utf8 = opened(name);
	bool known = to_utf8 != (iconv_t)-1;

	if (known)
		iconv_close(to_utf8);
	return known;
}

struct oto_code_page *oto_code_page_new(const char *name)
{
	iconv_t to_utf8 = opened(name);

	if (to_utf8 == (iconv_t)-1)
		return NULL;
	struct oto_code_page *p = oto_calloc(1, sizeof *p);
	p->to_utf8 = to_utf8;
	return p;
}

void oto_code_page_free(struct oto_code_page *p)
{
	if (p)
		iconv_close(p->to_utf8);
	free(p);
}

uint32_t oto_code_page_decode(struct oto_code_page *p, struct oto_slice text, uint8_t *utf8, uint32_t room)
{
	char *in = (char *)(uintptr_t)text.data, *out = (char *)utf8;
	size_t in_left = text.len, out_left = room;

	iconv(p->to_utf8, NULL, NULL, NULL, NULL); /* its first state */
	if (iconv(p->to_utf8, &in, &in_left, &out, &out_left) == (size_t)-1)
		return 0;
	return room - (uint32_t)out_left;
}
