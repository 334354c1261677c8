/* capture_file.c - see capture_file.h. pcap: draft-ietf-opsawg-pcap; pcapng: draft-ietf-opsawg-pcapng (section numbers below are its). */
#include "capture_file.h"

#include <stdlib.h>

enum {
	MAGIC_US = 0xa1b2c3d4,
	MAGIC_NS = 0xa1b23c4d,
	MAGIC_MODIFIED = 0xa1b2cd34, /* Kuznetzov's: 8 more bytes a record header */
	MAGIC_PCAPNG = 0x0a0d0d0a,
	MAGIC_ORDER = 0x1a2b3c4d,
	BLOCK_INTERFACE = 1,
	BLOCK_PACKET = 2,
	BLOCK_SIMPLE = 3,
	BLOCK_ENHANCED = 6,
	OPTION_END = 0,
	OPTION_NAME = 2,
	OPTION_RESOLUTION = 9,
	OPTION_OFFSET = 14,
	MAX_INTERFACES = 65536,
	MAX_NAME = 255,
	LINKTYPE_RAW = 101,
	DLT_RAW_IP = 12,
};

struct interface {
	uint32_t link, snaplen;
	uint64_t multiply, divide; /* a timestamp unit in nanoseconds is multiply / divide / 2^shift */
	uint8_t shift;
	int64_t offset_s;
	const char *name;
};

struct oto_capture_file {
	struct oto_source *source;
	struct oto_source_window *window;
	char *path;
	struct oto_capture_names *names;
	uint64_t packets;
	bool swapped, ng, over;
	/* pcap */
	uint32_t link, record_header, version_minor;
	uint32_t fraction_ns; /* of one unit of the second timestamp word */
	/* pcapng */
	struct interface *interface;
	uint32_t ninterfaces, cap_interfaces;
	int64_t last_ns; /* for blocks without a time */
};

void oto_capture_names_free(struct oto_capture_names *names)
{
	for (uint32_t i = 0; i < names->n; i++)
		free(names->name[i]);
	names->n = 0;
}

/* NULL when there are more names than any real capture has. */
static const char *intern(struct oto_capture_names *names, struct oto_slice text)
{
	while (text.len && text.data[text.len - 1] == 0)
		text.len--;
	if (text.len == 0 || text.len > MAX_NAME)
		return NULL;
	for (uint32_t i = 0; i < names->n; i++)
		if (oto_slice_is(text, names->name[i]))
			return names->name[i];
	if (names->n == sizeof names->name / sizeof *names->name)
		return NULL;
	char *name = oto_calloc(1, text.len + 1);
	memcpy(name, text.data, text.len);
	return names->name[names->n++] = name;
}

static uint32_t u32(const struct oto_capture_file *f, const uint8_t *p)
{
	uint32_t v;
	memcpy(&v, p, sizeof v);
	return f->swapped ? __builtin_bswap32(v) : v;
}

static uint64_t u64(const struct oto_capture_file *f, const uint8_t *p)
{
	uint64_t v;
	memcpy(&v, p, sizeof v);
	return f->swapped ? __builtin_bswap64(v) : v;
}

static uint16_t u16(const struct oto_capture_file *f, const uint8_t *p)
{
	uint16_t v;
	memcpy(&v, p, sizeof v);
	return f->swapped ? __builtin_bswap16(v) : v;
}

/* The numbers in files are libpcap's DLT_ numbers, but for the one of our link types that differs among systems. */
static uint32_t dlt_of(uint32_t linktype)
{
	return linktype == LINKTYPE_RAW ? DLT_RAW_IP : linktype;
}

static const char *shown(const struct oto_capture_file *f)
{
	return strcmp(f->path, "-") == 0 ? "standard input" : f->path;
}

/* ------------------------------------------------------------------------------------------------ endings */

static enum oto_capture_file_result damaged(struct oto_capture_file *f, uint64_t offset, struct oto_error *err, const char *why)
{
	f->over = true;
	oto_fail(err, "%s: damaged at byte %llu: %s; the %llu packets before it were read", shown(f), (unsigned long long)offset, why,
		 (unsigned long long)f->packets);
	return OTO_FILE_DAMAGED;
}

/* The source gave fewer bytes than the record at `offset` needs. */
static enum oto_capture_file_result ended(struct oto_capture_file *f, uint64_t offset, struct oto_error *err)
{
	f->over = true;
	if (oto_source_failed(f->source, err))
		return OTO_FILE_DAMAGED;
	if (oto_window_tell(f->window) == offset && oto_window_left(f->window) == 0 && !oto_source_cut(f->source))
		return OTO_FILE_END;
	oto_fail(err, "%s: ends in the middle of a packet at byte %llu (truncated); the %llu whole packets before it were read", shown(f),
		 (unsigned long long)offset, (unsigned long long)f->packets);
	return OTO_FILE_CUT;
}

/* ------------------------------------------------------------------------------------------------ pcap */

static bool pcap_start(struct oto_capture_file *f, uint32_t magic, struct oto_error *err)
{
	const uint8_t *h = oto_source_need(f->source, f->window, 24);
	if (!h)
		return !oto_source_failed(f->source, err) && oto_fail(err, "%s: ends inside the file header (truncated)", shown(f));
	uint16_t major = u16(f, h + 4);
	f->version_minor = u16(f, h + 6);
	if (major != 2 && major != 543)
		return oto_fail(err, "%s: pcap version %u.%u is not supported", shown(f), major, f->version_minor);
	/* The upper bits say how long a frame check sequence is. */
	f->link = dlt_of(u32(f, h + 20) & 0x03ffffff);
	f->fraction_ns = magic == MAGIC_NS ? 1 : 1000;
	f->record_header = magic == MAGIC_MODIFIED ? 24 : 16;
	f->window->at += 24;
	return true;
}

static enum oto_capture_file_result pcap_next(struct oto_capture_file *f, struct oto_packet *p, struct oto_error *err)
{
	struct oto_source_window *w = f->window;
	const uint8_t *h = oto_source_need(f->source, w, f->record_header);
	if (__builtin_expect(!h, 0))
		return ended(f, oto_window_tell(w), err);
	uint32_t caplen = u32(f, h + 8), len = u32(f, h + 12);
	/* Before version 2.3 the two lengths stood the other way round, and some programs went on so in 2.3. */
	if (__builtin_expect(f->version_minor < 3 || (f->version_minor == 3 && caplen > len), 0)) {
		uint32_t other = caplen;
		caplen = len;
		len = other;
	}
	if (__builtin_expect(caplen > OTO_CAPTURE_MAX_PACKET, 0))
		return damaged(f, oto_window_tell(w), err, "a packet length larger than any packet");
	h = oto_source_need(f->source, w, f->record_header + caplen);
	if (__builtin_expect(!h, 0))
		return ended(f, oto_window_tell(w), err);
	/* libpcap takes the fraction as signed: damaged records go back in time, not ahead. */
	p->ts_ns = u32(f, h) * OTO_SECOND + (int64_t)(int32_t)u32(f, h + 4) * f->fraction_ns;
	p->data = h + f->record_header;
	p->caplen = caplen;
	p->len = len < caplen ? caplen : len;
	p->link = f->link;
	p->interface = NULL;
	w->at += f->record_header + caplen;
	f->packets++;
	return OTO_FILE_PACKET;
}

/* ------------------------------------------------------------------------------------------------ pcapng */

/* 4.2, if_tsresol: a negative power of ten, or with the top bit of two. What is finer than any clock counts as zero. */
static void set_resolution(struct interface *i, uint8_t resolution)
{
	unsigned exponent = resolution & 0x7f;
	i->multiply = i->divide = 1;
	i->shift = 0;
	if (resolution & 0x80) {
		i->multiply = exponent > 63 ? 0 : (uint64_t)OTO_SECOND;
		i->shift = (uint8_t)(exponent & 63);
		return;
	}
	for (; exponent < 9; exponent++)
		i->multiply *= 10;
	for (; exponent > 9 && i->divide < UINT64_MAX / 10; exponent--)
		i->divide *= 10;
	if (exponent > 9)
		i->multiply = 0;
}

/* Clamped to what the packet clock can hold. */
static int64_t to_ns(const struct interface *i, uint64_t units)
{
	const int64_t limit = INT64_MAX / 2;
	if (i->divide > 1)
		units /= i->divide;
	__int128 ns = ((__int128)units * i->multiply >> i->shift) + (__int128)i->offset_s * OTO_SECOND;
	return ns < 0 ? 0 : ns > limit ? limit : (int64_t)ns;
}

static void interface_options(struct oto_capture_file *f, struct interface *i, const uint8_t *at, const uint8_t *end)
{
	while (end - at >= 4) {
		uint16_t code = u16(f, at), len = u16(f, at + 2);
		at += 4;
		if (code == OPTION_END || len > end - at)
			return;
		if (code == OPTION_NAME)
			i->name = intern(f->names, (struct oto_slice){ at, len });
		if (code == OPTION_RESOLUTION && len == 1)
			set_resolution(i, *at);
		if (code == OPTION_OFFSET && len == 8)
			i->offset_s = (int64_t)u64(f, at);
		at += end - at < (len + 3) / 4 * 4 ? end - at : (len + 3) / 4 * 4;
	}
}

static const char *block_interface(struct oto_capture_file *f, const uint8_t *body, uint32_t len)
{
	if (len < 8)
		return "an interface block that is too short";
	if (f->ninterfaces == MAX_INTERFACES)
		return "more than 65,536 interfaces";
	if (f->ninterfaces == f->cap_interfaces) {
		f->cap_interfaces = f->cap_interfaces ? f->cap_interfaces * 2 : 4;
		f->interface = oto_realloc(f->interface, f->cap_interfaces * sizeof *f->interface);
	}
	struct interface *i = &f->interface[f->ninterfaces++];
	*i = (struct interface){ .link = dlt_of(u16(f, body)), .snaplen = u32(f, body + 4) };
	set_resolution(i, 6);
	interface_options(f, i, body + 8, body + len);
	return NULL;
}

/* A packet block's fixed part ends at `head`; NULL is fine, otherwise what is wrong. */
static const char *packet_of(struct oto_capture_file *f, struct oto_packet *p, uint32_t id, const uint8_t *data, uint32_t room,
			     uint32_t caplen, uint32_t len)
{
	if (id >= f->ninterfaces)
		return "a packet of an interface that was never described";
	if (caplen > room)
		return "a packet that is longer than its block";
	if (caplen > OTO_CAPTURE_MAX_PACKET)
		return "a packet length larger than any packet";
	p->data = data;
	p->caplen = caplen;
	p->len = len < caplen ? caplen : len;
	p->link = f->interface[id].link;
	p->interface = f->interface[id].name;
	return NULL;
}

static const char *block_packet(struct oto_capture_file *f, uint32_t type, const uint8_t *body, uint32_t len, struct oto_packet *p)
{
	const char *wrong;
	if (type == BLOCK_SIMPLE) {
		if (len < 4)
			return "a packet block that is too short";
		uint32_t wire = u32(f, body), caplen = wire;
		if (f->ninterfaces && f->interface[0].snaplen && caplen > f->interface[0].snaplen)
			caplen = f->interface[0].snaplen;
		if (caplen > len - 4)
			caplen = len - 4;
		wrong = packet_of(f, p, 0, body + 4, len - 4, caplen, wire);
		p->ts_ns = f->last_ns; /* 4.4: it has no time */
		return wrong;
	}
	if (len < 20)
		return "a packet block that is too short";
	uint32_t id = type == BLOCK_PACKET ? u16(f, body) : u32(f, body);
	wrong = packet_of(f, p, id, body + 20, len - 20, u32(f, body + 12), u32(f, body + 16));
	if (!wrong)
		p->ts_ns = f->last_ns = to_ns(&f->interface[id], (uint64_t)u32(f, body + 4) << 32 | u32(f, body + 8));
	return wrong;
}

/* 4.1: the byte-order magic decides how even the block's own length is read. */
static bool section_order(struct oto_capture_file *f, const uint8_t *block)
{
	f->swapped = false;
	uint32_t order = u32(f, block + 8);
	f->swapped = order != MAGIC_ORDER;
	return u32(f, block + 8) == MAGIC_ORDER;
}

static const char *block_section(struct oto_capture_file *f, const uint8_t *body, uint32_t len)
{
	if (len < 16)
		return "a section header that is too short";
	if (u16(f, body + 4) != 1)
		return "a pcapng version that is not supported";
	f->ninterfaces = 0;
	return NULL;
}

static __attribute__((noinline)) enum oto_capture_file_result pcapng_next(struct oto_capture_file *f, struct oto_packet *p,
									  struct oto_error *err)
{
	struct oto_source_window *w = f->window;
	for (;;) {
		uint64_t offset = oto_window_tell(w);
		const uint8_t *b = oto_source_need(f->source, w, 12);
		if (!b)
			return ended(f, offset, err);
		uint32_t type = u32(f, b);
		if (type == MAGIC_PCAPNG && !section_order(f, b))
			return damaged(f, offset, err, "a section without byte order");
		uint32_t total = u32(f, b + 4);
		if (total < 12)
			return damaged(f, offset, err, "a block shorter than its own header");
		bool packet = type == BLOCK_ENHANCED || type == BLOCK_SIMPLE || type == BLOCK_PACKET;
		bool known = packet || type == BLOCK_INTERFACE || type == MAGIC_PCAPNG;
		if (!known) {
			if (!oto_source_skip(f->source, total))
				return ended(f, offset, err);
			continue;
		}
		if (total > OTO_CAPTURE_MAX_BLOCK)
			return damaged(f, offset, err, "a block length larger than any block");
		b = oto_source_need(f->source, w, total);
		if (!b)
			return ended(f, offset, err);
		if (u32(f, b + total - 4) != total)
			return damaged(f, offset, err, "a block whose two lengths differ");
		const char *wrong = packet                    ? block_packet(f, type, b + 8, total - 12, p)
				    : type == BLOCK_INTERFACE ? block_interface(f, b + 8, total - 12)
							      : block_section(f, b + 8, total - 12);
		if (wrong)
			return damaged(f, offset, err, wrong);
		w->at += total;
		if (packet) {
			f->packets++;
			return OTO_FILE_PACKET;
		}
	}
}

/* ------------------------------------------------------------------------------------------------ either */

static bool not_a_capture(const struct oto_capture_file *f, const uint8_t *magic, struct oto_error *err)
{
	static const struct {
		uint8_t bytes[4];
		const char *packer;
	} packers[] = {
		{ { 0x28, 0xb5, 0x2f, 0xfd }, "zstd" }, { { 0xfd, '7', 'z', 'X' }, "xz" },     { { 'B', 'Z', 'h', '9' }, "bzip2" },
		{ { 'P', 'K', 3, 4 }, "zip" },          { { '7', 'z', 0xbc, 0xaf }, "7-Zip" }, { { 0x04, 0x22, 0x4d, 0x18 }, "lz4" }
	};
	for (size_t i = 0; magic && i < sizeof packers / sizeof *packers; i++)
		if (memcmp(magic, packers[i].bytes, 4) == 0)
			return oto_fail(err, "%s: is packed by %s: unpack it first (only gzip is read directly)", shown(f),
					packers[i].packer);
	return oto_fail(err, "%s: is not a capture file (pcap or pcapng, plain or gzipped)", shown(f));
}

static bool start(struct oto_capture_file *f, struct oto_error *err)
{
	const uint8_t *b = oto_source_need(f->source, f->window, 4);
	if (!b)
		return !oto_source_failed(f->source, err) && not_a_capture(f, NULL, err);
	for (int swapped = 0; swapped < 2; swapped++) {
		f->swapped = swapped;
		uint32_t magic = u32(f, b);
		if (magic == MAGIC_US || magic == MAGIC_NS || magic == MAGIC_MODIFIED)
			return pcap_start(f, magic, err);
	}
	f->ng = u32(f, b) == MAGIC_PCAPNG;
	return f->ng || not_a_capture(f, b, err);
}

struct oto_capture_file *oto_capture_file_open(struct oto_source *source, const char *path, struct oto_capture_names *names,
					       struct oto_error *err)
{
	struct oto_capture_file *f = oto_calloc(1, sizeof *f);
	f->source = source;
	f->window = oto_source_window(source);
	f->path = oto_strdup(path);
	f->names = names;
	if (start(f, err))
		return f;
	oto_capture_file_close(f);
	return NULL;
}

void oto_capture_file_close(struct oto_capture_file *f)
{
	if (!f)
		return;
	oto_source_close(f->source);
	free(f->interface);
	free(f->path);
	free(f);
}

enum oto_capture_file_result oto_capture_file_next(struct oto_capture_file *f, struct oto_packet *p, struct oto_error *err)
{
	if (__builtin_expect(f->over, 0))
		return OTO_FILE_END;
	return f->ng ? pcapng_next(f, p, err) : pcap_next(f, p, err);
}

struct oto_source *oto_capture_file_source(struct oto_capture_file *f)
{
	return f->source;
}
