/* doc_lua.c - the Lua interface. See doc_lua.h.
 *
 * In the library a run of lines that start with `---` documents the function that follows; before the first function it documents the file.
 */
#include "doc_lua.h"

#include "policy.h"

#include <ctype.h>
#include <glob.h>
#include <stdlib.h>

static bool wanted(const char *name, const char *only)
{
	size_t n = only ? strlen(only) : 0;

	return !only || strcmp(name, only) == 0 || (strncmp(name, only, n) == 0 && strchr(".:(", name[n]));
}

static uint32_t builtin(struct oto_page *p, const char *only)
{
	uint32_t n, shown = 0;
	const struct oto_policy_api_entry *api = oto_policy_api(&n);

	for (uint32_t i = 0; i < n; i++) {
		if (!wanted(api[i].name, only))
			continue;
		if (!shown++)
			oto_page_table(p, "call|what it does");
		oto_page_cell(p, "%s", api[i].signature);
		oto_page_cell(p, "%s", api[i].doc);
	}
	if (shown)
		oto_page_table_end(p);
	return shown;
}

/* "name(arguments)" of a line that defines a function, or "". */
static void signature_of(const char *line, char *out, size_t size)
{
	const char *at = strstr(line, "function"), *equals = strchr(line, '=');

	out[0] = '\0';
	if (!at)
		return;
	const char *name = at + strlen("function");
	if (equals && equals < at) { /* M.name = function(arguments) */
		int n = (int)(equals - line);
		while (n && isspace((unsigned char)line[n - 1]))
			n--;
		snprintf(out, size, "%.*s%.*s", n, line, (int)(strcspn(name, ")") + 1), name);
		return;
	}
	name += strspn(name, " \t");
	snprintf(out, size, "%.*s", (int)(strcspn(name, ")") + (strchr(name, ')') != NULL)), name);
}

struct reader {
	struct oto_page *page;
	const char *file, *only;
	struct oto_buf doc;
	bool headed, in_table;
	uint32_t shown;
};

static void head_once(struct reader *r)
{
	if (!r->headed)
		oto_page_head(r->page, 2, "%s", r->file);
	r->headed = true;
}

static void documented_function(struct reader *r, const char *signature)
{
	const char *bare = strchr(signature, '.') ? strchr(signature, '.') + 1 : signature;

	if (!wanted(signature, r->only) && !wanted(bare, r->only))
		return;
	head_once(r);
	if (!r->in_table)
		oto_page_table(r->page, "call|what it does");
	r->in_table = true;
	oto_page_cell(r->page, "%s", signature);
	oto_page_cell(r->page, "%s", r->doc.data);
	r->shown++;
}

static void read_line(struct reader *r, const char *line)
{
	char signature[256];

	if (strncmp(line, "---", 3) == 0) {
		const char *text = line + strspn(line, "- \t");
		if (r->doc.len)
			oto_buf_chr(&r->doc, ' ');
		oto_buf_add(&r->doc, text, strcspn(text, "\r\n"));
		return;
	}
	if (!r->doc.len)
		return;
	signature_of(line, signature, sizeof signature);
	if (signature[0]) {
		documented_function(r, signature);
	} else if (!r->in_table && !r->only) {
		head_once(r);
		oto_page_text(r->page, "%s", r->doc.data);
	}
	r->doc.len = 0;
}

static uint32_t library_file(struct oto_page *p, const char *path, const char *only)
{
	struct reader r = { .page = p, .file = strrchr(path, '/') + 1, .only = only };
	FILE *f = fopen(path, "r");
	char *line = NULL;
	size_t cap = 0;

	while (f && getline(&line, &cap, f) > 0)
		read_line(&r, line);
	if (r.in_table)
		oto_page_table_end(p);
	free(line);
	oto_buf_free(&r.doc);
	if (f)
		fclose(f);
	return r.shown;
}

static uint32_t library_folder(struct oto_page *p, const char *library, const char *only)
{
	struct oto_buf pattern = { 0 };
	uint32_t shown = 0;
	glob_t found;

	oto_buf_fmt(&pattern, "%s/*.lua", library);
	if (glob(pattern.data, 0, NULL, &found) == 0) {
		for (size_t i = 0; i < found.gl_pathc; i++) {
			size_t n = strlen(found.gl_pathv[i]);
			if (n < 9 || strcmp(found.gl_pathv[i] + n - 9, "_spec.lua") != 0)
				shown += library_file(p, found.gl_pathv[i], only);
		}
		globfree(&found);
	}
	oto_buf_free(&pattern);
	return shown;
}

uint32_t oto_doc_lua(struct oto_page *p, const char *library, const char *name)
{
	if (!name) {
		oto_page_head(p, 1, "Lua interface");
		oto_page_text(p, "What scripts can call without `require`, then the modules of the library.");
	}
	uint32_t shown = builtin(p, name);
	return shown + (library ? library_folder(p, library, name) : 0);
}
