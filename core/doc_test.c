/* doc_test.c - the parts of the reference that need no engine: pages, coverage read back, schemas, the Lua page. */
#include "doc_coverage.h"
#include "doc_facts.h"
#include "doc_lua.h"
#include "doc_page.h"
#include "doc_schema.h"
#include "fact_keys.h"
#include "policy.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* Stands in for the policy's table. */
const struct oto_policy_api_entry *oto_policy_api(uint32_t *n)
{
	static const struct oto_policy_api_entry api[] = { { "on", "on(event, [filter,] handler)", "Calls the handler." },
							   { "log.new", "log.new{...}", "A log." } };

	*n = 2;
	return api;
}

/* ------------------------------------------------------------------------------------------------ pages */

struct sheet {
	struct oto_page page;
	char *text;
	size_t size;
};

static struct oto_page *sheet_begin(struct sheet *s, bool markdown)
{
	*s = (struct sheet){ 0 };
	s->page.out = open_memstream(&s->text, &s->size);
	s->page.markdown = markdown;
	return &s->page;
}

static void sheet_is(struct sheet *s, const char *want)
{
	fclose(s->page.out);
	assert_string_equal(s->text, want);
	free(s->text);
}

static void fill(struct oto_page *p)
{
	oto_page_head(p, 1, "Title %d", 1);
	oto_page_text(p, "One  line.");
	oto_page_table(p, "name|what");
	oto_page_cell(p, "a|b");
	oto_page_cell(p, "%s", "");
	oto_page_cell(p, "longer");
	oto_page_cell(p, "five words that are so long that they have to be broken where the page ends, which is at column 100");
	oto_page_table_end(p);
}

static void long_first_columns_become_lists(void **state)
{
	struct sheet s;
	struct oto_page *p = sheet_begin(&s, false);

	(void)state;
	oto_page_table(p, "call|what it does");
	oto_page_cell(p, "a_function(with, many, arguments, so, that, nothing, fits, behind, it)");
	oto_page_cell(p, "Does it.");
	oto_page_table_end(p);
	sheet_is(&s, "a_function(with, many, arguments, so, that, nothing, fits, behind, it)\n    Does it.\n\n");
}

static void pages(void **state)
{
	struct sheet s;

	(void)state;
	fill(sheet_begin(&s, false));
	sheet_is(&s, "Title 1\n=======\n\nOne line.\n\nname    what\na|b     -\n"
		     "longer  five words that are so long that they have to be broken where the page ends, which is at\n"
		     "        column 100\n\n");
	fill(sheet_begin(&s, true));
	sheet_is(&s,
		 "# Title 1\n\nOne  line.\n\n| name | what |\n|---|---|\n| a\\|b | - |\n"
		 "| longer | five words that are so long that they have to be broken where the page ends, which is at column 100 |\n\n");
}

/* ------------------------------------------------------------------------------------------------ files */

static void put_file(const char *dir, const char *name, const char *content)
{
	char path[256];

	snprintf(path, sizeof path, "%s/%s", dir, name);
	for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		mkdir(path, 0777);
		*slash = '/';
	}
	FILE *f = fopen(path, "w");
	assert_non_null(f);
	fputs(content, f);
	fclose(f);
}

static void remove_file(const char *dir, const char *name)
{
	char path[256];

	snprintf(path, sizeof path, "%s/%s", dir, name);
	unlink(path);
	for (char *slash = strrchr(path, '/'); slash && (size_t)(slash - path) >= strlen(dir); slash = strrchr(path, '/')) {
		*slash = '\0';
		rmdir(path);
	}
}

static void coverage_files(void **state)
{
	char dir[] = "/tmp/oto_doc_test_XXXXXX";
	struct oto_seen seen;

	(void)state;
	assert_non_null(mkdtemp(dir));
	oto_seen_read(&seen, dir, "toy");
	assert_int_equal(seen.n, 0);
	put_file(dir, "analyzers/toy/golden/a.coverage",
		 "toy.message\t-\t-\torig\t3\ta.pcap\ntoy.message\tfunc\tREAD\torig\t2\ta.pcap\ntoy.message\tfunc\tWRITE\tresp\t1\ta."
		 "pcap\nbroken\tline\n");
	put_file(dir, "analyzers/toy/golden/b.coverage",
		 "# a comment\ntoy.message\tfunc\tREAD\torig\t5\tb.pcap\n"
		 "toy.message\tfunc\tREAD\torig\t9\ta.pcap\n");
	oto_seen_read(&seen, dir, "toy");
	assert_int_equal(seen.n, 4);
	struct oto_seen_sum sum = oto_seen_sum(&seen, "toy.message", "func", "READ");
	assert_int_equal(sum.orig, 7);
	assert_int_equal(sum.resp, 0);
	assert_int_equal(sum.captures, 2);
	assert_string_equal(sum.example, "a.pcap");
	sum = oto_seen_sum(&seen, "toy.message", "func", NULL);
	assert_int_equal(sum.orig, 7);
	assert_int_equal(sum.resp, 1);
	assert_null(oto_seen_sum(&seen, "toy.message", "func", "STOP").example);
	oto_seen_free(&seen);
	remove_file(dir, "analyzers/toy/golden/a.coverage");
	remove_file(dir, "analyzers/toy/golden/b.coverage");
}

static void lua_page(void **state)
{
	char dir[] = "/tmp/oto_doc_test_XXXXXX";
	struct sheet s;

	(void)state;
	assert_non_null(mkdtemp(dir));
	put_file(dir, "text.lua",
		 "--- Text helpers.\nlocal M = {}\n\n--- Split at a mark.\n--- Returns a list.\nfunction M.split(text, mark)\nend\n"
		 "--- Joins.\nM.join = function(list)\nend\n-- not documented\nfunction M.hidden() end\nreturn M\n");
	put_file(dir, "text_spec.lua", "--- A test.\nfunction it() end\n");
	oto_doc_lua(sheet_begin(&s, true), dir, NULL);
	sheet_is(&s,
		 "# Lua interface\n\nWhat scripts can call without `require`, then the modules of the library.\n\n"
		 "| call | what it does |\n|---|---|\n| on(event, [filter,] handler) | Calls the handler. |\n| log.new{...} | A log. |\n\n"
		 "## text.lua\n\nText helpers.\n\n"
		 "| call | what it does |\n|---|---|\n| M.split(text, mark) | Split at a mark. Returns a list. |\n| M.join(list) | Joins. "
		 "|\n\n");
	assert_int_equal(oto_doc_lua(sheet_begin(&s, true), dir, "split"), 1);
	sheet_is(&s, "## text.lua\n\n| call | what it does |\n|---|---|\n| M.split(text, mark) | Split at a mark. Returns a list. |\n\n");
	assert_int_equal(oto_doc_lua(sheet_begin(&s, true), NULL, "nothing"), 0);
	sheet_is(&s, "");
	remove_file(dir, "text.lua");
	remove_file(dir, "text_spec.lua");
}

/* ------------------------------------------------------------------------------------------------ schemas */

static const struct oto_name rows[] = { { 1, "READ", 0, "" } };
static const struct oto_names names = OTO_NAMES(rows);
struct toy {
	uint8_t func;
	double value;
	struct oto_vec regs;
	struct oto_slice raw;
};
static const struct oto_field fields[] = {
	OTO_FIELD(struct toy, func, "function", .names = &names),
	OTO_FIELD(struct toy, value, ""),
	OTO_FIELD(struct toy, regs, ""),
	OTO_FIELD(struct toy, raw, "", .flags = OTO_HEX),
};
static const struct oto_log logs[] = { { .name = "toy", .doc = "a \"toy\"", .key = "resp_h func", .form = OTO_FORM_AGGREGATE } };
static const struct oto_event_type type = OTO_EVENT("toy", struct toy, fields, "toys", OTO_LOGS(logs));
static const struct oto_event_def def = {
	.type = &type, .name = "toy", .doc = "toys", .fields = fields, .nfields = 4, .size = sizeof(struct toy)
};

static void schemas(void **state)
{
	struct oto_buf out = { 0 };

	(void)state;
	oto_schema_log(&def, &logs[0], &out);
	assert_string_equal(
	    out.data, "{\"title\":\"toy\",\"description\":\"a \\\"toy\\\"\",\"type\":\"object\",\"required\":[\"ts\"],\"properties\":{"
		      "\"ts\":{\"type\":\"number\",\"description\":\"time of the packet that completed the message\"},"
		      "\"id.resp_h\":{\"type\":\"string\",\"description\":\"address that answers\"},"
		      "\"func\":{\"type\":\"string\",\"anyOf\":[{\"enum\":[\"READ\"]},{\"pattern\":\"^unknown-[0-9]+$\"}],\"description\":"
		      "\"function\"},"
		      "\"number\":{\"type\":\"integer\",\"minimum\":0,\"description\":\"events in this row\"},"
		      "\"ts_end\":{\"type\":\"number\",\"description\":\"time of the last of them\"}}}");
	out.len = 0;
	oto_schema_event(&def, &out);
	assert_non_null(strstr(
	    out.data,
	    "\"value\":{\"type\":[\"number\",\"null\"]},\"regs\":{\"type\":\"array\",\"items\":{\"type\":\"integer\",\"minimum\":0}},"
	    "\"raw\":{\"type\":\"string\",\"pattern\":\"^([0-9a-f]{2})*$\"},\"ts\":{"));
	oto_buf_free(&out);
}

/* ------------------------------------------------------------------------------------------------ facts */

struct heard {
	bool of[256];
	uint32_t unknown;
};

static void hear(void *who, const char *key, const char *by, uint32_t confidence)
{
	struct heard *h = who;
	uint32_t n;
	const struct oto_fact_key *keys = oto_fact_keys(&n), *k = oto_fact_key(key);

	if (!k)
		print_error("%s says the fact %s (%u), which core/fact_keys.c does not describe\n", by, key, confidence);
	h->unknown += !k;
	if (k)
		h->of[k - keys] = true;
}

static void every_fact_of_a_golden_is_described(void **state)
{
	struct heard h = { 0 };

	(void)state;
	oto_doc_facts_said(OTO_SOURCE_DIR, hear, &h);
	assert_int_equal(h.unknown, 0);
	assert_true(h.of[oto_fact_key("serial") - oto_fact_key("ip")]);
}

static void every_key_has_a_use_once(void **state)
{
	uint32_t n, nuses;
	const struct oto_fact_key *keys = oto_fact_keys(&n);
	const struct oto_fact_use *uses = oto_fact_uses(&nuses);

	(void)state;
	for (uint32_t i = 0; i < n; i++) {
		uint32_t found = 0;
		for (uint32_t k = 0; k < nuses; k++)
			found += strcmp(uses[k].use, keys[i].use) == 0;
		assert_int_equal(found, 1);
		assert_ptr_equal(oto_fact_key(keys[i].key), &keys[i]);
	}
}

static void a_page_of_facts(void **state)
{
	struct sheet s;

	(void)state;
	assert_true(oto_doc_facts(sheet_begin(&s, true), OTO_SOURCE_DIR, "serial"));
	fclose(s.page.out);
	assert_non_null(strstr(s.text, "serial number"));
	assert_non_null(strstr(s.text, "s7comm 100"));
	assert_non_null(strstr(s.text, "column, change"));
	free(s.text);
	assert_false(oto_doc_facts(sheet_begin(&s, true), OTO_SOURCE_DIR, "nonsense"));
	sheet_is(&s, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pages),
		cmocka_unit_test(long_first_columns_become_lists),
		cmocka_unit_test(coverage_files),
		cmocka_unit_test(lua_page),
		cmocka_unit_test(schemas),
		cmocka_unit_test(every_fact_of_a_golden_is_described),
		cmocka_unit_test(every_key_has_a_use_once),
		cmocka_unit_test(a_page_of_facts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
