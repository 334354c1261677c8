/* registry.c - see registry.h. */
#include "registry.h"

#include "datafile.h"

#include <maxminddb.h>
#include <stdlib.h>

/* ------------------------------------------------------------------------------------------------ vendors */

struct block {
	uint64_t prefix; /* of a MAC, in the upper bits of 48 */
	uint32_t name;   /* in the texts */
	uint8_t bits;
};

struct database {
	MMDB_s db;
	bool open;
};

struct oto_registry {
	char *data_dir;
	struct block *blocks; /* by bits, then prefix */
	size_t nblocks;
	struct oto_buf names;
	struct oto_buf answer; /* of the last question about an internet address */
	struct oto_buf operator_name;
	bool vendors_read, databases_read;
	struct database country, as;
};

struct oto_registry *oto_registry_new(const char *data_dir)
{
	struct oto_registry *r = oto_calloc(1, sizeof *r);

	r->data_dir = data_dir ? oto_strdup(data_dir) : NULL;
	return r;
}

void oto_registry_free(struct oto_registry *r)
{
	if (!r)
		return;
	if (r->country.open)
		MMDB_close(&r->country.db);
	if (r->as.open)
		MMDB_close(&r->as.db);
	oto_buf_free(&r->names);
	oto_buf_free(&r->answer);
	oto_buf_free(&r->operator_name);
	free(r->blocks);
	free(r->data_dir);
	free(r);
}

/* One cell of CSV (RFC 4180), its quotes taken off; returns what is behind it. */
static const char *cell(const char *at, const char *end, struct oto_buf *out)
{
	bool quoted = at < end && *at == '"';

	out->len = 0;
	for (at += quoted; at < end; at++) {
		if (quoted && *at == '"') {
			if (at + 1 == end || at[1] != '"') {
				quoted = false;
				continue;
			}
			at++;
		} else if (!quoted && *at == ',') {
			at++;
			break;
		}
		oto_buf_chr(out, *at);
	}
	oto_buf_add(out, "", 1);
	return at;
}

/* "MA-L,002272,American Micro-Fuel Device Corp.,..." */
static void read_line(struct oto_registry *r, const char *line, const char *end, struct oto_buf *scratch)
{
	line = cell(line, end, scratch); /* the registry's name: the length of the assignment tells it, too */
	line = cell(line, end, scratch);
	size_t digits = scratch->len - 1;
	char *stop;
	uint64_t prefix = strtoull(scratch->data, &stop, 16);
	if (*stop || digits < 6 || digits > 9)
		return;
	cell(line, end, scratch);
	if (r->nblocks % 4096 == 0)
		r->blocks = oto_realloc(r->blocks, (r->nblocks + 4096) * sizeof *r->blocks);
	r->blocks[r->nblocks++] = (struct block){ prefix << (48 - 4 * digits), (uint32_t)r->names.len, (uint8_t)(4 * digits) };
	oto_buf_add(&r->names, scratch->data, scratch->len);
}

static void read_vendors_of(struct oto_registry *r, const char *name, const char *path)
{
	struct oto_buf text = { 0 }, scratch = { 0 };

	oto_data_read(r->data_dir, name, path, &text);
	for (const char *at = text.data, *end = at + text.len; at < end;) {
		const char *stop = memchr(at, '\n', (size_t)(end - at));
		if (!stop)
			stop = end;
		read_line(r, at, stop > at && stop[-1] == '\r' ? stop - 1 : stop, &scratch);
		at = stop + 1;
	}
	oto_buf_free(&text);
	oto_buf_free(&scratch);
}

static int by_prefix(const void *x, const void *y)
{
	const struct block *a = x, *b = y;

	if (a->bits != b->bits)
		return a->bits < b->bits ? -1 : 1;
	return (a->prefix > b->prefix) - (a->prefix < b->prefix);
}

static void read_vendors(struct oto_registry *r)
{
	r->vendors_read = true;
	read_vendors_of(r, "oui.csv", "/usr/share/ieee-data/oui.csv");
	read_vendors_of(r, "mam.csv", "/usr/share/ieee-data/mam.csv");
	read_vendors_of(r, "oui36.csv", "/usr/share/ieee-data/oui36.csv");
	if (r->nblocks)
		qsort(r->blocks, r->nblocks, sizeof *r->blocks, by_prefix);
}

const char *oto_registry_vendor(struct oto_registry *r, const struct oto_addr *mac)
{
	static const uint8_t lengths[] = { 36, 28, 24 };
	uint64_t value = 0;

	/* IEEE 802 8.2: bit 0 a group, bit 1 locally administered */
	if (mac->family != OTO_FAMILY_MAC || mac->byte[0] & 3)
		return NULL;
	if (!r->vendors_read)
		read_vendors(r);
	for (int i = 0; i < 6; i++)
		value = value << 8 | mac->byte[i];
	for (size_t i = 0; i < sizeof lengths && r->nblocks; i++) {
		struct block wanted = { value >> (48 - lengths[i]) << (48 - lengths[i]), 0, lengths[i] };
		const struct block *found = bsearch(&wanted, r->blocks, r->nblocks, sizeof wanted, by_prefix);
		if (found && strcmp(r->names.data + found->name, "IEEE Registration Authority") != 0)
			return r->names.data + found->name;
	}
	return NULL;
}

/* ------------------------------------------------------------------------------------------------ internet addresses */

static void open_database(struct oto_registry *r, struct database *d, const char *const *names, size_t n)
{
	static const char *const folders[] = { "/var/lib/GeoIP", "/usr/share/GeoIP" };
	char path[4096];

	for (size_t i = 0; i < n && !d->open; i++) {
		for (size_t k = 0; k < (r->data_dir ? 1 : sizeof folders / sizeof *folders) && !d->open; k++) {
			snprintf(path, sizeof path, "%s/%s", r->data_dir ? r->data_dir : folders[k], names[i]);
			d->open = MMDB_open(path, MMDB_MODE_MMAP, &d->db) == MMDB_SUCCESS;
		}
	}
}

static void open_databases(struct oto_registry *r)
{
	static const char *const countries[] = { "GeoLite2-City.mmdb", "GeoIP2-City.mmdb", "GeoLite2-Country.mmdb", "GeoIP2-Country.mmdb",
						 "dbip-country-lite.mmdb" },
				 *const systems[] = { "GeoLite2-ASN.mmdb", "GeoIP2-ISP.mmdb", "dbip-asn-lite.mmdb" };

	r->databases_read = true;
	open_database(r, &r->country, countries, sizeof countries / sizeof *countries);
	open_database(r, &r->as, systems, sizeof systems / sizeof *systems);
}

static bool look_up(struct oto_registry *r, struct database *d, const struct oto_addr *ip, MMDB_lookup_result_s *result)
{
	struct sockaddr_in v4 = { .sin_family = AF_INET };
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6 };
	bool is_v6 = ip->family == OTO_FAMILY_IPV6;
	int error;

	if (!r->databases_read)
		open_databases(r);
	if (!d->open || (ip->family != OTO_FAMILY_IPV4 && !is_v6))
		return false;
	memcpy(&v4.sin_addr, ip->byte, 4);
	memcpy(&v6.sin6_addr, ip->byte, 16);
	*result = MMDB_lookup_sockaddr(&d->db, is_v6 ? (const struct sockaddr *)&v6 : (const struct sockaddr *)&v4, &error);
	return error == MMDB_SUCCESS && result->found_entry;
}

static const char *keep(struct oto_buf *out, const MMDB_entry_data_s *data)
{
	out->len = 0;
	oto_buf_add(out, data->utf8_string, data->data_size);
	oto_buf_add(out, "", 1);
	return out->data;
}

const char *oto_registry_country(struct oto_registry *r, const struct oto_addr *ip)
{
	MMDB_lookup_result_s result;
	MMDB_entry_data_s data;

	if (!look_up(r, &r->country, ip, &result) || MMDB_get_value(&result.entry, &data, "country", "iso_code", NULL) != MMDB_SUCCESS ||
	    !data.has_data || data.type != MMDB_DATA_TYPE_UTF8_STRING)
		return NULL;
	return keep(&r->answer, &data);
}

uint32_t oto_registry_as(struct oto_registry *r, const struct oto_addr *ip, const char **operator_name)
{
	MMDB_lookup_result_s result;
	MMDB_entry_data_s data;

	*operator_name = NULL;
	if (!look_up(r, &r->as, ip, &result) || MMDB_get_value(&result.entry, &data, "autonomous_system_number", NULL) != MMDB_SUCCESS ||
	    !data.has_data || data.type != MMDB_DATA_TYPE_UINT32)
		return 0;
	uint32_t number = data.uint32;
	if (MMDB_get_value(&result.entry, &data, "autonomous_system_organization", NULL) == MMDB_SUCCESS && data.has_data &&
	    data.type == MMDB_DATA_TYPE_UTF8_STRING)
		*operator_name = keep(&r->operator_name, &data);
	return number;
}

/* ------------------------------------------------------------------------------------------------ special ranges */

/* IANA's special-purpose address registries (RFC 6890) and the multicast ranges; the more special first. */
static const struct {
	uint8_t family, bits;
	uint8_t byte[16];
	const char *name;
} ranges[] = {
	{ 4, 32, { 255, 255, 255, 255 }, "broadcast" },
	{ 4, 8, { 0 }, "this network" },
	{ 4, 8, { 10 }, "private" },
	{ 4, 12, { 172, 16 }, "private" },
	{ 4, 16, { 192, 168 }, "private" },
	{ 4, 10, { 100, 64 }, "shared" },
	{ 4, 8, { 127 }, "loopback" },
	{ 4, 16, { 169, 254 }, "link-local" },
	{ 4, 24, { 192, 0, 2 }, "documentation" },
	{ 4, 24, { 198, 51, 100 }, "documentation" },
	{ 4, 24, { 203, 0, 113 }, "documentation" },
	{ 4, 24, { 192, 0, 0 }, "protocol assignments" },
	{ 4, 15, { 198, 18 }, "benchmarking" },
	{ 4, 4, { 224 }, "multicast" },
	{ 4, 4, { 240 }, "reserved" },
	{ 6, 128, { 0 }, "unspecified" },
	{ 6, 128, { [15] = 1 }, "loopback" },
	{ 6, 7, { 0xfc }, "private" },
	{ 6, 10, { 0xfe, 0x80 }, "link-local" },
	{ 6, 8, { 0xff }, "multicast" },
	{ 6, 32, { 0x20, 0x01, 0x0d, 0xb8 }, "documentation" },
	{ 6, 96, { [10] = 0xff, [11] = 0xff }, "IPv4-mapped" },
};

static bool within(const uint8_t *a, const uint8_t *b, uint8_t bits)
{
	uint8_t whole = bits / 8, rest = bits % 8;

	return memcmp(a, b, whole) == 0 && (!rest || (a[whole] ^ b[whole]) >> (8 - rest) == 0);
}

const char *oto_registry_special(const struct oto_addr *ip)
{
	for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++) {
		if (ip->family == ranges[i].family && within(ip->byte, ranges[i].byte, ranges[i].bits))
			return ranges[i].name;
	}
	return NULL;
}
