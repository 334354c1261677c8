/* registry_test.c - vendors by the longest assigned block, special ranges at their edges; a folder without files knows nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>
#include <unistd.h>

#include "event.h"
#include "registry.h"

static struct oto_addr parsed(const char *text)
{
	struct oto_addr a;
	assert_true(oto_addr_parse(text, &a));
	return a;
}

static void put(const char *dir, const char *name, const char *text)
{
	char path[256];

	snprintf(path, sizeof path, "%s/%s", dir, name);
	FILE *f = fopen(path, "w");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static void vendor_is(struct oto_registry *r, const char *mac, const char *expected)
{
	struct oto_addr a = parsed(mac);
	const char *name = oto_registry_vendor(r, &a);

	if (expected)
		assert_string_equal(name, expected);
	else
		assert_null(name);
}

static void the_longest_block_names_the_vendor(void **state)
{
	(void)state;
	char dir[] = "registry-XXXXXX";
	assert_non_null(mkdtemp(dir));
	put(dir, "oui.csv",
	    "Registry,Assignment,Organization Name,Organization Address\r\nMA-L,001B1B,\"Siemens AG,\",Nuernberg\r\n"
	    "MA-L,70B3D5,IEEE Registration Authority,x\r\nMA-L,08C021,\"A \"\"quoted\"\" one\",x\r\n");
	put(dir, "mam.csv", "Registry,Assignment,Organization Name\r\nMA-M,741AE09,Private,\r\n");
	put(dir, "oui36.csv", "Registry,Assignment,Organization Name\nMA-S,70B3D5F2F,TELEPLATFORMS,x");
	struct oto_registry *r = oto_registry_new(dir);
	vendor_is(r, "00:1b:1b:02:e6:1f", "Siemens AG,");
	vendor_is(r, "70:b3:d5:f2:f0:01", "TELEPLATFORMS");
	vendor_is(r, "70:b3:d5:11:10:01", NULL); /* the block of blocks is nobody's */
	vendor_is(r, "74:1a:e0:9f:00:00", "Private");
	vendor_is(r, "08:c0:21:00:00:00", "A \"quoted\" one");
	vendor_is(r, "02:1b:1b:02:e6:1f", NULL); /* locally administered */
	vendor_is(r, "01:1b:1b:02:e6:1f", NULL); /* a group */
	vendor_is(r, "10.0.0.1", NULL);
	struct oto_addr a = parsed("8.8.8.8");
	const char *operator_name;
	assert_null(oto_registry_country(r, &a));
	assert_int_equal(oto_registry_as(r, &a, &operator_name), 0);
	oto_registry_free(r);
	for (const char **name = (const char *[]){ "oui.csv", "mam.csv", "oui36.csv", NULL }; *name; name++) {
		char path[256];
		snprintf(path, sizeof path, "%s/%s", dir, *name);
		unlink(path);
	}
	rmdir(dir);
}

static void special_ranges_end_where_they_end(void **state)
{
	(void)state;
	static const char *const rows[][2] = {
		{ "10.255.255.255", "private" }, { "11.0.0.0", NULL },
		{ "172.31.255.255", "private" }, { "172.32.0.0", NULL },
		{ "100.127.0.1", "shared" },     { "100.128.0.0", NULL },
		{ "239.1.2.3", "multicast" },    { "255.255.255.255", "broadcast" },
		{ "fe80::1", "link-local" },     { "2001:db8::1", "documentation" },
		{ "2001:4860::1", NULL },        { "::1", "loopback" },
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct oto_addr a = parsed(rows[i][0]);
		const char *name = oto_registry_special(&a);
		if (rows[i][1])
			assert_string_equal(name, rows[i][1]);
		else
			assert_null(name);
	}
}

static void country_is(struct oto_registry *r, const char *ip, const char *country, uint32_t as, const char *operator_name)
{
	struct oto_addr a = parsed(ip);
	const char *name = oto_registry_country(r, &a), *found = NULL;

	if (country)
		assert_string_equal(name, country);
	else
		assert_null(name);
	assert_int_equal(oto_registry_as(r, &a, &found), as);
	if (operator_name)
		assert_string_equal(found, operator_name);
}

/* testdata/data holds two databases of ours (tools/checks/make-geoip). */
static void databases_know_countries_and_operators(void **state)
{
	(void)state;
	struct oto_registry *r = oto_registry_new(OTO_SOURCE_DIR "/testdata/data");
	country_is(r, "8.8.8.8", "US", 64496, "Example Networks");
	country_is(r, "8.8.8.200", "JP", 64496, "Example Networks"); /* the smaller range counts */
	country_is(r, "2001:4860::8888", "DE", 4200000001u, "Example Six");
	country_is(r, "9.9.9.9", NULL, 0, NULL); /* a row without what is asked */
	country_is(r, "1.1.1.1", NULL, 0, NULL);
	country_is(r, "10.0.0.1", NULL, 0, NULL);
	country_is(r, "fe80::1", NULL, 0, NULL);
	country_is(r, "00:1b:1b:02:e6:1f", NULL, 0, NULL);
	oto_registry_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_longest_block_names_the_vendor),
		cmocka_unit_test(special_ranges_end_where_they_end),
		cmocka_unit_test(databases_know_countries_and_operators),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
