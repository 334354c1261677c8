/* cli_inputs.c - from the names a person typed to capture files, each once and in an order that does not depend on the file system. */
#include "cli.h"

#include <errno.h>
#include <fts.h>
#include <glob.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

void oto_cli_list_add(struct oto_cli_list *list, const char *text)
{
	if (list->n == list->cap) {
		list->cap = list->cap ? list->cap * 2 : 16;
		list->items = oto_realloc(list->items, list->cap * sizeof *list->items);
	}
	list->items[list->n++] = text;
}

/* The path as given, without a leading "/", "./" and "../": stays the same whatever other files are given beside it. */
static const char *tame_name(const char *path)
{
	for (;;) {
		if (*path == '/')
			path++;
		else if (!strncmp(path, "./", 2))
			path += 2;
		else if (!strncmp(path, "../", 3))
			path += 3;
		else
			return *path ? path : "capture";
	}
}

/* "a/../b" inside a name would leave the output folder. */
static bool climbs(const char *name)
{
	for (const char *at = strstr(name, ".."); at; at = strstr(at + 2, ".."))
		if ((at == name || at[-1] == '/') && (at[2] == '/' || !at[2]))
			return true;
	return false;
}

static void add_file(struct oto_cli_files *out, const char *path, const char *name)
{
	if (out->n == out->cap) {
		out->cap = out->cap ? out->cap * 2 : 64;
		out->file = oto_realloc(out->file, out->cap * sizeof *out->file);
	}
	if (climbs(name))
		name = strrchr(name, '/') ? strrchr(name, '/') + 1 : "capture";
	out->file[out->n++] = (struct oto_cli_file){ oto_strdup(path), oto_strdup(name) };
}

/* A name that promises a capture: a damaged one must be reported, not passed over. ".pcap3" is how tcpdump -C numbers them. */
static bool is_capture_name(const char *name)
{
	static const char *const ends[] = { ".pcap", ".pcapng", ".cap", ".dmp", ".ntar" };
	size_t len = strlen(name);
	if (len > 3 && !strcmp(name + len - 3, ".gz"))
		len -= 3;
	while (len && name[len - 1] >= '0' && name[len - 1] <= '9')
		len--;
	for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
		if (len >= strlen(ends[i]) && !memcmp(name + len - strlen(ends[i]), ends[i], strlen(ends[i])))
			return true;
	return false;
}

static bool is_capture_start(const char *path)
{
	static const uint8_t magics[][4] = {
		{ 0xa1, 0xb2, 0xc3, 0xd4 }, { 0xd4, 0xc3, 0xb2, 0xa1 }, { 0xa1, 0xb2, 0x3c, 0x4d },
		{ 0x4d, 0x3c, 0xb2, 0xa1 }, { 0x0a, 0x0d, 0x0d, 0x0a },
	};
	uint8_t head[4] = { 0 };
	FILE *f = fopen(path, "rb");
	if (!f)
		return false;
	size_t n = fread(head, 1, sizeof head, f);
	fclose(f);
	for (size_t i = 0; n == sizeof head && i < sizeof magics / sizeof *magics; i++)
		if (!memcmp(head, magics[i], sizeof head))
			return true;
	return false;
}

static int by_name(const FTSENT **a, const FTSENT **b)
{
	return strcmp((*a)->fts_name, (*b)->fts_name);
}

/* Every capture below a directory. `whole`: names keep the directory in front, because several were given. */
static bool add_directory(struct oto_cli_files *out, const char *dir, bool whole, struct oto_error *err)
{
	char *const roots[] = { (char *)dir, NULL };
	FTS *fts = fts_open(roots, FTS_LOGICAL | FTS_NOCHDIR, by_name);
	if (!fts)
		return oto_fail(err, "%s: cannot be searched: %s", dir, strerror(errno));
	size_t before = out->n, skip = strlen(dir);
	for (FTSENT *entry = fts_read(fts); entry; entry = fts_read(fts)) {
		if (entry->fts_level > 0 && entry->fts_name[0] == '.') {
			fts_set(fts, entry, FTS_SKIP);
			continue;
		}
		if (entry->fts_info == FTS_DNR && !oto_fail(err, "%s: cannot be searched: %s", entry->fts_path, strerror(entry->fts_errno)))
			break;
		if (entry->fts_info != FTS_F)
			continue;
		if (!is_capture_name(entry->fts_name) && !is_capture_start(entry->fts_path)) {
			out->passed_over++;
			continue;
		}
		const char *below = entry->fts_path + skip;
		add_file(out, entry->fts_path, tame_name(whole ? entry->fts_path : below));
	}
	fts_close(fts);
	if (err->text[0])
		return false;
	if (out->n == before)
		return oto_fail(err, "%s: no capture files in this folder (looked for .pcap, .pcapng, .cap, and pcap magic numbers)", dir);
	return true;
}

static bool is_directory(const char *path)
{
	struct stat st;
	return !stat(path, &st) && S_ISDIR(st.st_mode);
}

static bool add_pattern(struct oto_cli_files *out, const char *pattern, bool whole, struct oto_error *err)
{
	glob_t found;
	int rc = glob(pattern, GLOB_BRACE, NULL, &found);
	if (rc)
		return oto_fail(err, rc == GLOB_NOMATCH ? "%s: no file matches this pattern" : "%s: the pattern cannot be expanded",
				pattern);
	bool ok = true;
	for (size_t i = 0; ok && i < found.gl_pathc; i++) {
		if (is_directory(found.gl_pathv[i]))
			ok = add_directory(out, found.gl_pathv[i], whole || found.gl_pathc > 1, err);
		else
			add_file(out, found.gl_pathv[i], tame_name(found.gl_pathv[i]));
	}
	globfree(&found);
	return ok;
}

static bool add_input(struct oto_cli_files *out, const char *input, bool whole, struct oto_error *err)
{
	struct stat st;
	if (!strcmp(input, "-")) {
		add_file(out, input, "stdin");
		return true;
	}
	if (is_directory(input))
		return add_directory(out, input, whole, err);
	/* A file whose name has a bracket in it is still a file. A missing file is the capture stage's to report. */
	if (stat(input, &st) && strpbrk(input, "*?[{"))
		return add_pattern(out, input, whole, err);
	add_file(out, input, tame_name(input));
	return true;
}

bool oto_cli_inputs(const struct oto_cli_list *inputs, struct oto_cli_files *out, struct oto_error *err)
{
	*out = (struct oto_cli_files){ 0 };
	err->text[0] = 0;
	for (size_t i = 0; i < inputs->n; i++)
		if (!add_input(out, inputs->items[i], inputs->n > 1, err))
			return false;
	return true;
}

void oto_cli_files_free(struct oto_cli_files *files)
{
	for (size_t i = 0; i < files->n; i++) {
		free(files->file[i].path);
		free(files->file[i].name);
	}
	free(files->file);
}

bool oto_cli_make_dir(const char *path, struct oto_error *err)
{
	char *copy = oto_strdup(path);
	bool ok = true;
	for (char *at = copy + 1; ok && *copy; at++) {
		char was = *at;
		if (was && was != '/')
			continue;
		*at = 0;
		if (mkdir(copy, 0777) && !(errno == EEXIST && is_directory(copy)))
			ok = oto_fail(err, "%s: the folder cannot be made: %s", copy, strerror(errno == EEXIST ? ENOTDIR : errno));
		*at = was;
		if (!was)
			break;
	}
	free(copy);
	return ok;
}

/* Kept for the life of the process: every engine of it uses the same library. */
const char *oto_cli_library(void)
{
	static const char *const places[] = { "../share/otoscope/lua", "../lua", "lua" };
	static char path[PATH_MAX + 32];
	ssize_t n = readlink("/proc/self/exe", path, PATH_MAX);
	char *slash = n > 0 ? memrchr(path, '/', (size_t)n) : NULL;
	for (size_t i = 0; slash && i < sizeof places / sizeof *places; i++) {
		strcpy(slash + 1, places[i]);
		if (is_directory(path))
			return path;
	}
#ifdef OTO_LUA_DIR
	if (is_directory(OTO_LUA_DIR))
		return OTO_LUA_DIR;
#endif
	return NULL;
}

void oto_cli_standard_scripts(struct oto_cli_list *out)
{
	const char *library = oto_cli_library();
	glob_t found = { 0 };
	char pattern[PATH_MAX + 64];

	snprintf(pattern, sizeof pattern, "%s/../scripts/{inventory,learning,alerts}/*.lua", library ? library : ".");
	if (library && glob(pattern, GLOB_BRACE, NULL, &found) == 0) {
		for (size_t i = 0; i < found.gl_pathc; i++) {
			size_t n = strlen(found.gl_pathv[i]);
			if (n < 9 || strcmp(found.gl_pathv[i] + n - 9, ".test.lua") != 0)
				oto_cli_list_add(out, oto_strdup(found.gl_pathv[i]));
		}
	}
	globfree(&found);
}
