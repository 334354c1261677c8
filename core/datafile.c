/* datafile.c - see datafile.h. */
#include "datafile.h"

#include <stdio.h>

#define LARGEST (64u << 20)

bool oto_data_read(const char *dir, const char *name, const char *path, struct oto_buf *text)
{
	char where[4096], piece[65536];

	if (dir)
		snprintf(where, sizeof where, "%s/%s", dir, name);
	FILE *f = fopen(dir ? where : path, "re");
	if (!f)
		return false;
	size_t begin = text->len, n;
	while ((n = fread(piece, 1, sizeof piece, f)) > 0 && text->len - begin <= LARGEST)
		oto_buf_add(text, piece, n);
	bool ok = !ferror(f) && text->len - begin <= LARGEST;
	fclose(f);
	return ok;
}
