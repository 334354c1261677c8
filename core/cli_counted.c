/* cli_counted.c - which captures a state folder has already seen. What scripts remember between runs must not count a capture twice, so
 * a replay with --state writes down what it read and refuses it the next time. A capture is known by its size and the bytes at its
 * two ends, whatever its name. Its state is saved when all of it was read: a replay that is killed has left nothing, and is made again.
 *
 * Owns the file captures.tsv in the state folder: fingerprint, bytes, name, a line a capture.
 */
#include "cli.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

#define END_BYTES 65536u
#define LIST "captures.tsv"

/* False for what cannot be told apart before it is read: standard input, a pipe. */
static bool is_file(const char *path, struct stat *st)
{
	return strcmp(path, "-") != 0 && !stat(path, st) && S_ISREG(st->st_mode);
}

bool oto_cli_countable(const char *const *paths, size_t n)
{
	struct stat st;

	for (size_t i = 0; i < n; i++) {
		if (!is_file(paths[i], &st))
			return false;
	}
	return n > 0;
}

static bool fingerprint(const char *path, uint64_t *print, uint64_t *bytes)
{
	struct stat st;
	FILE *f = is_file(path, &st) ? fopen(path, "rb") : NULL;

	if (!f)
		return false;
	uint8_t *end = oto_calloc(1, END_BYTES);
	*bytes = (uint64_t)st.st_size;
	*print = oto_hash(*bytes, end, fread(end, 1, END_BYTES, f));
	if (*bytes > END_BYTES && !fseeko(f, -(off_t)END_BYTES, SEEK_END))
		*print = oto_hash(*print, end, fread(end, 1, END_BYTES, f));
	free(end);
	fclose(f);
	return true;
}

static FILE *list(const char *dir, const char *mode)
{
	char path[4096];

	snprintf(path, sizeof path, "%s/%s", dir, LIST);
	return fopen(path, mode);
}

static bool is_listed(FILE *f, uint64_t print, uint64_t bytes)
{
	char line[8192];
	unsigned long long a, b;

	rewind(f);
	while (fgets(line, sizeof line, f)) {
		if (sscanf(line, "%llx\t%llu", &a, &b) == 2 && a == print && b == bytes)
			return true;
	}
	return false;
}

bool oto_cli_not_counted(const char *dir, const char *const *paths, size_t n, struct oto_error *err)
{
	FILE *f = list(dir, "r");
	uint64_t print, bytes;
	bool ok = true;

	for (size_t i = 0; f && ok && i < n; i++) {
		if (fingerprint(paths[i], &print, &bytes) && is_listed(f, print, bytes))
			ok = oto_fail(err,
				      "%s: was already counted in %s, and would count twice; leave it out, or use another --state folder",
				      paths[i], dir);
	}
	if (f)
		fclose(f);
	return ok;
}

bool oto_cli_counted(const char *dir, const char *const *paths, size_t n, struct oto_error *err)
{
	FILE *f = list(dir, "a");
	uint64_t print, bytes;

	for (size_t i = 0; f && i < n; i++) {
		if (fingerprint(paths[i], &print, &bytes))
			fprintf(f, "%016llx\t%llu\t%s\n", (unsigned long long)print, (unsigned long long)bytes, paths[i]);
	}
	if (!f || fclose(f))
		return oto_fail(err, "%s/%s: cannot be written (%s): the next run will not know what was counted", dir, LIST,
				strerror(errno));
	return true;
}
