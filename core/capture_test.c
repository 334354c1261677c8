/* capture_test.c - capture files made byte by byte: formats, orders, precisions, endings, hostile lengths, the timeline, the filter. */
#include "capture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

/* ------------------------------------------------------------------------------------------------ making files */

struct maker {
	bool big; /* byte order */
	size_t n, block;
	uint8_t data[1 << 17];
};

static struct maker m;
static char folder[] = "/tmp/oto-capture-XXXXXX";

static void begin(bool big)
{
	m.big = big;
	m.n = 0;
}

static void put(const void *data, size_t n)
{
	assert_true(m.n + n <= sizeof m.data);
	memcpy(m.data + m.n, data, n);
	m.n += n;
}

static void put_number(uint64_t v, size_t width)
{
	for (size_t i = 0; i < width; i++)
		m.data[m.n + i] = (uint8_t)(v >> 8 * (m.big ? width - 1 - i : i));
	m.n += width;
}

static void put16(uint32_t v)
{
	put_number(v, 2);
}

static void put32(uint32_t v)
{
	put_number(v, 4);
}

static void pcap_header(uint32_t magic, uint16_t minor, uint32_t link)
{
	put32(magic);
	put16(2);
	put16(minor);
	put32(0);
	put32(0);
	put32(65535);
	put32(link);
}

static void pcap_record(uint32_t sec, uint32_t fraction, uint32_t caplen, uint32_t len)
{
	put32(sec);
	put32(fraction);
	put32(caplen);
	put32(len);
	for (uint32_t i = 0; i < caplen; i++)
		put_number(sec + i, 1);
}

static void block_begin(uint32_t type)
{
	m.block = m.n;
	put32(type);
	put32(0);
}

static void block_end(void)
{
	while (m.n % 4)
		put_number(0, 1);
	size_t end = m.n + 4;
	uint32_t total = (uint32_t)(end - m.block);
	m.n = m.block + 4;
	put32(total);
	m.n = end - 4;
	put32(total);
}

static void option(uint16_t code, const void *data, uint16_t len)
{
	put16(code);
	put16(len);
	put(data, len);
	while (m.n % 4)
		put_number(0, 1);
}

static void section(void)
{
	block_begin(0x0a0d0d0a);
	put32(0x1a2b3c4d);
	put16(1);
	put16(0);
	put32(0xffffffff);
	put32(0xffffffff);
	block_end();
}

static void interface(uint16_t link, uint32_t snaplen, const char *name, int resolution, int64_t offset)
{
	block_begin(1);
	put16(link);
	put16(0);
	put32(snaplen);
	if (name)
		option(2, name, (uint16_t)strlen(name));
	if (resolution >= 0)
		option(9, &(uint8_t){ (uint8_t)resolution }, 1);
	if (offset) {
		put16(14);
		put16(8);
		put_number((uint64_t)offset, 8);
	}
	put32(0);
	block_end();
}

static void enhanced(uint32_t id, uint64_t units, uint32_t caplen, uint32_t len)
{
	block_begin(6);
	put32(id);
	put32((uint32_t)(units >> 32));
	put32((uint32_t)units);
	put32(caplen);
	put32(len);
	for (uint32_t i = 0; i < caplen; i++)
		put_number(i, 1);
	block_end();
}

static const char *path_of(const char *name)
{
	static char path[4][256];
	static int turn;
	turn = (turn + 1) % 4;
	snprintf(path[turn], sizeof path[turn], "%s/%s", folder, name);
	return path[turn];
}

static const char *save(const char *name)
{
	const char *path = path_of(name);
	FILE *f = fopen(path, "wb");
	assert_non_null(f);
	assert_int_equal(fwrite(m.data, 1, m.n, f), m.n);
	fclose(f);
	return path;
}

static const char *save_gzip(const char *name, size_t members)
{
	const char *path = path_of(name);
	remove(path);
	for (size_t i = 0; i < members; i++) {
		gzFile f = gzopen(path, "ab");
		assert_non_null(f);
		size_t from = m.n * i / members, to = m.n * (i + 1) / members;
		assert_int_equal(gzwrite(f, m.data + from, (unsigned)(to - from)), to - from);
		gzclose(f);
	}
	return path;
}

/* A small pcap with one packet at each of the given seconds; the length on the wire tells the files apart by the first letter of their
 * name. */
static const char *save_seconds(const char *name, const uint32_t *sec, size_t n)
{
	begin(false);
	pcap_header(0xa1b2c3d4, 4, 1);
	for (size_t i = 0; i < n; i++)
		pcap_record(sec[i], 0, 20, 1000 + (uint32_t)name[0]);
	return save(name);
}
#define SECONDS(name, ...) save_seconds(name, (const uint32_t[]){ __VA_ARGS__ }, sizeof((const uint32_t[]){ __VA_ARGS__ }) / 4)

/* ------------------------------------------------------------------------------------------------ reading them */

static struct oto_error err;

static struct oto_capture *open_one(const char *path)
{
	err.text[0] = 0;
	struct oto_capture *c = oto_capture_files(&path, 1, NULL, &err);
	if (!c)
		fail_msg("%s", err.text);
	return c;
}

static struct oto_packet expect_packet(struct oto_capture *c)
{
	struct oto_packet p;
	enum oto_capture_result r = oto_capture_next(c, &p, &err);
	if (r != OTO_CAPTURE_PACKET)
		fail_msg("result %d: %s", r, err.text);
	return p;
}

static void expect_end(struct oto_capture *c)
{
	struct oto_packet p;
	assert_int_equal(oto_capture_next(c, &p, &err), OTO_CAPTURE_END);
	assert_int_equal(oto_capture_next(c, &p, &err), OTO_CAPTURE_END);
	oto_capture_close(c);
}

static void expect_error(struct oto_capture *c, const char *part)
{
	struct oto_packet p;
	assert_int_equal(oto_capture_next(c, &p, &err), OTO_CAPTURE_ERROR);
	if (!strstr(err.text, part))
		fail_msg("'%s' does not say '%s'", err.text, part);
}

static void refused(const char *path, const char *part)
{
	err.text[0] = 0;
	assert_null(oto_capture_files(&path, 1, NULL, &err));
	if (!strstr(err.text, part))
		fail_msg("'%s' does not say '%s'", err.text, part);
}

/* ------------------------------------------------------------------------------------------------ pcap */

static void pcap_orders(void **state)
{
	(void)state;
	static const struct {
		uint32_t magic;
		int64_t unit_ns;
		size_t extra;
	} kinds[] = { { 0xa1b2c3d4, 1000, 0 }, { 0xa1b23c4d, 1, 0 }, { 0xa1b2cd34, 1000, 8 } };
	for (size_t kind = 0; kind < 3; kind++) {
		for (int big = 0; big < 2; big++) {
			begin(big);
			pcap_header(kinds[kind].magic, 4, 1);
			for (uint32_t i = 0; i < 3; i++) {
				uint32_t head[] = { 1700000000 + i, 123456, 60, 1514 };
				for (size_t k = 0; k < 4; k++)
					put32(head[k]);
				m.n += kinds[kind].extra;
				for (uint32_t k = 0; k < 60; k++)
					put_number(i + k, 1);
			}
			struct oto_capture *c = open_one(save("order.pcap"));
			for (uint32_t i = 0; i < 3; i++) {
				struct oto_packet p = expect_packet(c);
				assert_int_equal(p.ts_ns, (1700000000 + i) * OTO_SECOND + 123456 * kinds[kind].unit_ns);
				assert_int_equal(p.number, i + 1);
				assert_int_equal(p.caplen, 60);
				assert_int_equal(p.len, 1514);
				assert_int_equal(p.link, 1);
				assert_null(p.interface);
				assert_int_equal(p.data[59], (uint8_t)(i + 59));
			}
			expect_end(c);
		}
	}
}

static void pcap_old_lengths(void **state)
{
	(void)state;
	begin(false);
	pcap_header(0xa1b2c3d4, 2, 1);
	put32(1), put32(0), put32(100), put32(60); /* len, caplen */
	m.n += 60;
	struct oto_capture *c = open_one(save("old.pcap"));
	struct oto_packet p = expect_packet(c);
	assert_int_equal(p.caplen, 60);
	assert_int_equal(p.len, 100);
	expect_end(c);
}

static void pcap_check_sequence_bits(void **state)
{
	(void)state;
	begin(false);
	pcap_header(0xa1b2c3d4, 4, 0x24000001);
	pcap_record(1, 0, 20, 20);
	struct oto_capture *c = open_one(save("fcs.pcap"));
	assert_int_equal(expect_packet(c).link, 1);
	expect_end(c);
}

static void pcap_endings(void **state)
{
	(void)state;
	begin(false);
	pcap_header(0xa1b2c3d4, 4, 1);
	pcap_record(1, 0, 20, 20);
	pcap_record(2, 0, 20, 20);
	size_t whole = m.n;
	for (size_t cut = 1; cut < 36; cut++) {
		m.n = whole - cut;
		struct oto_capture *c = open_one(save("cut.pcap"));
		assert_int_equal(expect_packet(c).ts_ns, OTO_SECOND);
		expect_error(c, "truncated");
		assert_non_null(strstr(err.text, "cut.pcap"));
		assert_non_null(strstr(err.text, "at byte 60"));
		assert_int_equal(oto_capture_stats(c).truncated_files, 1);
		assert_int_equal(oto_capture_stats(c).packets, 1);
		expect_end(c);
	}
	m.n = 24; /* no packet at all is a capture */
	expect_end(open_one(save("none.pcap")));

	m.n = 60;
	pcap_record(2, 0, 20, 20);
	m.n = 60 + 8;
	put32(0x7fffffff);
	m.n = whole;
	struct oto_capture *c = open_one(save("hostile.pcap"));
	expect_packet(c);
	expect_error(c, "damaged at byte 60");
	expect_end(c);
}

/* ------------------------------------------------------------------------------------------------ pcapng */

static void pcapng_everything(void **state)
{
	(void)state;
	for (int big = 0; big < 2; big++) {
		begin(big);
		section();
		interface(1, 0, "eth0", -1, 0);
		interface(113, 30, "any", 9, 0);
		interface(101, 0, NULL, 0x80 | 20, 100);
		block_begin(0xbad); /* unknown */
		m.n += 300;
		block_end();
		enhanced(0, UINT64_C(1700000000123456), 60, 1514);
		enhanced(1, UINT64_C(1700000000123456789), 17, 17);
		enhanced(2, UINT64_C(3) << 20 | 1 << 19, 40, 40);
		block_begin(2); /* obsolete packet block */
		put16(0), put16(7), put32(0), put32(5000000), put32(20), put32(20);
		m.n += 20;
		block_end();
		block_begin(3); /* simple packet block */
		put32(50);
		m.n += 52;
		block_end();
		m.big = !big; /* a second section, of another machine */
		section();
		interface(1, 0, "eth0", 3, 0);
		enhanced(0, 6001, 14, 14);

		struct oto_capture *c = open_one(save("all.pcapng"));
		struct oto_packet p = expect_packet(c);
		assert_int_equal(p.ts_ns, INT64_C(1700000000123456000));
		assert_string_equal(p.interface, "eth0");
		assert_int_equal(p.caplen, 60);
		assert_int_equal(p.len, 1514);
		assert_int_equal(p.data[59], 59);
		const char *name = p.interface;
		p = expect_packet(c);
		assert_int_equal(p.ts_ns, INT64_C(1700000000123456789));
		assert_string_equal(p.interface, "any");
		assert_int_equal(p.link, 113);
		p = expect_packet(c);
		assert_int_equal(p.ts_ns, 103 * OTO_SECOND + OTO_SECOND / 2);
		assert_null(p.interface);
		assert_int_equal(p.link, 12); /* DLT_RAW */
		p = expect_packet(c);
		assert_int_equal(p.ts_ns, 5 * OTO_SECOND);
		p = expect_packet(c);
		assert_int_equal(p.ts_ns, 5 * OTO_SECOND);
		assert_int_equal(p.caplen, 50);
		p = expect_packet(c);
		assert_int_equal(p.ts_ns, 6001 * OTO_MS);
		assert_ptr_equal(p.interface, name);
		expect_end(c);
	}
}

static void pcapng_clamps_time(void **state)
{
	(void)state;
	begin(false);
	section();
	interface(1, 0, NULL, 0, 0);
	interface(1, 0, NULL, 6, INT64_MIN);
	interface(1, 0, NULL, 127, INT64_MAX);
	interface(1, 0, NULL, 255, 0);
	for (uint32_t i = 0; i < 4; i++)
		enhanced(i, UINT64_MAX, 14, 14);
	struct oto_capture *c = open_one(save("time.pcapng"));
	assert_int_equal(expect_packet(c).ts_ns, INT64_MAX / 2);
	assert_int_equal(expect_packet(c).ts_ns, 0);
	assert_int_equal(expect_packet(c).ts_ns, INT64_MAX / 2);
	assert_int_equal(expect_packet(c).ts_ns, 0);
	expect_end(c);
}

static void pcapng_hostile(void **state)
{
	(void)state;
	static const struct {
		size_t offset; /* in the second packet's block */
		uint32_t value;
		const char *says;
	} harm[] = { { 4, 8, "shorter than its own header" },
		     { 4, 0x7ffffff0, "larger than any block" },
		     { 4, 44, "two lengths differ" },
		     { 8, 1, "never described" },
		     { 20, 100, "longer than its block" } };
	for (size_t i = 0; i < sizeof harm / sizeof *harm; i++) {
		begin(false);
		section();
		interface(1, 0, "eth0", -1, 0);
		enhanced(0, 1000000, 20, 20);
		size_t second = m.n;
		enhanced(0, 2000000, 20, 20);
		size_t end = m.n;
		m.n = second + harm[i].offset;
		put32(harm[i].value);
		m.n = end;
		struct oto_capture *c = open_one(save("hostile.pcapng"));
		expect_packet(c);
		expect_error(c, harm[i].says);
		expect_end(c);
	}
	begin(false);
	section();
	m.data[8] = 0;
	struct oto_capture *c = open_one(save("order.pcapng"));
	expect_error(c, "byte order");
	expect_end(c);
}

static void pcapng_cut_anywhere(void **state)
{
	(void)state;
	begin(true);
	section();
	interface(1, 0, "eth0", -1, 0);
	size_t first = m.n;
	enhanced(0, 1000000, 20, 20);
	block_begin(5);
	m.n += 40;
	block_end();
	for (size_t end = m.n; end > first; end--) {
		m.n = end;
		struct oto_capture *c = open_one(save("cut.pcapng"));
		struct oto_packet p;
		enum oto_capture_result r;
		while ((r = oto_capture_next(c, &p, &err)) == OTO_CAPTURE_PACKET)
			;
		bool boundary = end == first + 52 || end == first + 52 + 52;
		assert_int_equal(r, boundary ? OTO_CAPTURE_END : OTO_CAPTURE_ERROR);
		expect_end(c);
	}
}

/* ------------------------------------------------------------------------------------------------ gzip, pipe, messages */

static void gzip_members(void **state)
{
	(void)state;
	for (size_t members = 1; members < 4; members++) {
		begin(false);
		pcap_header(0xa1b2c3d4, 4, 1);
		for (uint32_t i = 0; i < 500; i++)
			pcap_record(i, 0, 100 + i % 50, 200);
		struct oto_capture *c = open_one(save_gzip("many.pcap.gz", members));
		for (uint32_t i = 0; i < 500; i++)
			assert_int_equal(expect_packet(c).data[10], (uint8_t)(i + 10));
		expect_end(c);
	}
}

static void gzip_truncated(void **state)
{
	(void)state;
	begin(false);
	pcap_header(0xa1b2c3d4, 4, 1);
	for (uint32_t i = 0; i < 500; i++)
		pcap_record(i * 7919, i, 100, 200);
	const char *path = save_gzip("cut.pcap.gz", 1);
	struct stat st;
	stat(path, &st);
	assert_int_equal(truncate(path, st.st_size - 9), 0); /* the trailer and the end of the data */
	struct oto_capture *c = open_one(path);
	struct oto_packet p;
	enum oto_capture_result r;
	while ((r = oto_capture_next(c, &p, &err)) == OTO_CAPTURE_PACKET)
		;
	assert_int_equal(r, OTO_CAPTURE_ERROR);
	assert_non_null(strstr(err.text, "truncated"));
	expect_end(c);

	FILE *f = fopen(path, "r+b");
	fseek(f, st.st_size / 2, SEEK_SET);
	fwrite("garbage garbage garbage", 1, 23, f);
	fclose(f);
	c = open_one(path);
	while ((r = oto_capture_next(c, &p, &err)) == OTO_CAPTURE_PACKET)
		;
	assert_int_equal(r, OTO_CAPTURE_ERROR);
	expect_end(c);
}

static void standard_input(void **state)
{
	(void)state;
	int ends[2], before = dup(STDIN_FILENO);
	assert_int_equal(pipe(ends), 0);
	begin(false);
	pcap_header(0xa1b2c3d4, 4, 1);
	for (uint32_t i = 0; i < 100; i++)
		pcap_record(i, 0, 100, 100);
	assert_int_equal(write(ends[1], m.data, m.n), m.n);
	close(ends[1]);
	dup2(ends[0], STDIN_FILENO);
	close(ends[0]);
	struct oto_capture *c = open_one("-");
	for (uint32_t i = 0; i < 100; i++)
		assert_int_equal(expect_packet(c).ts_ns, i * OTO_SECOND);
	assert_int_equal(oto_capture_stats(c).file_bytes, 0);
	expect_end(c);
	dup2(before, STDIN_FILENO);
	close(before);
}

static void messages(void **state)
{
	(void)state;
	refused(path_of("nowhere.pcap"), "nowhere.pcap: no such file");
	refused(folder, "is a directory");
	begin(false);
	refused(save("empty.pcap"), "is empty");
	refused(save_gzip("empty.pcap.gz", 1), "is empty");
	put("hello", 5);
	refused(save("text.pcap"), "is not a capture file");
	begin(false);
	put("\x28\xb5\x2f\xfdxxxx", 8);
	refused(save("a.zst"), "packed by zstd");
	begin(false);
	pcap_header(0xa1b2c3d4, 4, 1);
	m.n = 20;
	refused(save("head.pcap"), "inside the file header");
	begin(false);
	pcap_header(0xa1b2c3d4, 4, 195);
	pcap_record(1, 0, 20, 20);
	refused(save("zigbee.pcap"), "link type 195 (IEEE802_15_4) is not supported");
	if (geteuid() != 0) {
		const char *path = SECONDS("secret.pcap", 1);
		chmod(path, 0);
		refused(path, "permission denied");
	}
	assert_null(oto_capture_live("no-such-interface", NULL, &err));
	assert_non_null(strstr(err.text, "no-such-interface"));
}

/* ------------------------------------------------------------------------------------------------ timeline */

static void timeline(void **state)
{
	(void)state;
	const char *late = SECONDS("late.pcap", 20, 21);
	const char *one = SECONDS("one.pcap", 1, 3, 5, 7);
	const char *two = SECONDS("two.pcap", 3, 4, 6);
	begin(false);
	pcap_header(0xa1b2c3d4, 4, 1);
	const char *none = save("nothing.pcap");
	const char *paths[] = { late, two, none, one };
	struct oto_capture *c = oto_capture_files(paths, 4, NULL, &err);
	assert_non_null(c);
	/* At second 3 both have a packet: the file given first comes first. */
	static const struct {
		uint32_t sec;
		char file;
	} expected[] = { { 1, 'o' }, { 3, 't' }, { 3, 'o' }, { 4, 't' }, { 5, 'o' }, { 6, 't' }, { 7, 'o' } };
	for (size_t i = 0; i < 7; i++) {
		struct oto_packet p = expect_packet(c);
		assert_int_equal(p.ts_ns, expected[i].sec * OTO_SECOND);
		assert_int_equal(p.len, 1000 + expected[i].file);
		assert_int_equal(p.number, i + 1);
	}
	struct oto_packet p;
	assert_int_equal(oto_capture_next(c, &p, &err), OTO_CAPTURE_GAP);
	struct oto_capture_gap gap = oto_capture_last_gap(c);
	assert_int_equal(gap.from_ns, 7 * OTO_SECOND);
	assert_int_equal(gap.to_ns, 20 * OTO_SECOND);
	assert_int_equal(expect_packet(c).number, 8);
	expect_packet(c);
	struct oto_capture_stats stats = oto_capture_stats(c);
	assert_int_equal(stats.file_bytes, 11 * 36 + 24 * 4 - 2 * 36);
	expect_end(c);
}

static void timeline_goes_on_after_damage(void **state)
{
	(void)state;
	begin(false);
	pcap_header(0xa1b2c3d4, 4, 1);
	pcap_record(1, 0, 20, 20);
	m.n -= 3;
	const char *cut = save("first-cut.pcap"); /* not even its first packet is whole */
	const char *paths[] = { SECONDS("good.pcap", 1, 2), cut };
	struct oto_capture *c = oto_capture_files(paths, 2, NULL, &err);
	assert_non_null(c);
	expect_error(c, "first-cut.pcap: ends in the middle");
	assert_int_equal(expect_packet(c).number, 1);
	assert_int_equal(expect_packet(c).number, 2);
	assert_int_equal(oto_capture_stats(c).truncated_files, 1);
	expect_end(c);
}

static void many_files_need_few_descriptors(void **state)
{
	(void)state;
	enum { FILES = 200 };
	static char names[FILES][300];
	const char *paths[FILES];
	for (uint32_t i = 0; i < FILES; i++) {
		char name[32];
		snprintf(name, sizeof name, "part-%u.pcap", i);
		/* Every file is open at second 1,000. */
		snprintf(names[i], sizeof names[i], "%s", SECONDS(name, FILES - i, 1000, 2000 + i));
		paths[i] = names[i];
	}
	struct rlimit before, few;
	getrlimit(RLIMIT_NOFILE, &before);
	few = before;
	few.rlim_cur = 32;
	setrlimit(RLIMIT_NOFILE, &few);
	struct oto_capture *c = oto_capture_files(paths, FILES, NULL, &err);
	assert_non_null(c);
	int64_t last = 0;
	for (uint32_t i = 0; i < 3 * FILES; i++) {
		struct oto_packet p = expect_packet(c);
		assert_true(p.ts_ns >= last);
		last = p.ts_ns;
	}
	expect_end(c);
	setrlimit(RLIMIT_NOFILE, &before);
}

static void filters(void **state)
{
	(void)state;
	begin(false);
	section();
	interface(1, 0, "eth0", 0, 0);
	interface(101, 0, "tun0", 0, 0);
	static const uint8_t arp[14] = { [12] = 8, [13] = 6 };
	for (uint32_t i = 0; i < 4; i++) {
		enhanced(i % 2, i, 40, 40);
		uint8_t *packet = m.data + m.n - 4 - 40;
		memset(packet, 0, 40);
		if (i == 2)
			memcpy(packet, arp, sizeof arp);
		if (i == 3)
			packet[0] = 0x45, packet[9] = 17;
	}
	const char *path = save("filter.pcapng");
	struct oto_capture *c = oto_capture_files(&path, 1, "arp or udp", &err);
	assert_non_null(c);
	struct oto_packet p = expect_packet(c);
	assert_int_equal(p.number, 3); /* numbers are those of the file */
	assert_int_equal(expect_packet(c).number, 4);
	expect_end(c);

	assert_null(oto_capture_files(&path, 1, "tcp prot 80", &err));
	assert_non_null(strstr(err.text, "filter 'tcp prot 80'"));

	c = oto_capture_files(&path, 1, "ether src 00:00:00:00:00:01", &err); /* means nothing on tun0 */
	assert_non_null(c);
	expect_error(c, "filter");
	expect_end(c);
}

static void stops(void **state)
{
	(void)state;
	struct oto_capture *c = open_one(SECONDS("stop.pcap", 1, 2, 3));
	expect_packet(c);
	oto_capture_stop(c);
	expect_end(c);
}

static int make_folder(void **state)
{
	(void)state;
	return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
	(void)state;
	char command[64];
	snprintf(command, sizeof command, "rm -r %s", folder);
	return system(command);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pcap_orders),
		cmocka_unit_test(pcap_old_lengths),
		cmocka_unit_test(pcap_check_sequence_bits),
		cmocka_unit_test(pcap_endings),
		cmocka_unit_test(pcapng_everything),
		cmocka_unit_test(pcapng_clamps_time),
		cmocka_unit_test(pcapng_hostile),
		cmocka_unit_test(pcapng_cut_anywhere),
		cmocka_unit_test(gzip_members),
		cmocka_unit_test(gzip_truncated),
		cmocka_unit_test(standard_input),
		cmocka_unit_test(messages),
		cmocka_unit_test(timeline),
		cmocka_unit_test(timeline_goes_on_after_damage),
		cmocka_unit_test(many_files_need_few_descriptors),
		cmocka_unit_test(filters),
		cmocka_unit_test(stops),
	};
	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
