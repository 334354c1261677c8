/* fragment.c - see fragment.h. Offsets count 8 bytes, so one bit a unit of 8 bytes says what has arrived. */
#include "fragment.h"

#include <stdlib.h>

enum {
	UNIT = 8,
	MAX_DATA = 65535, /* the longest IP datagram; the header makes the limit stricter still */
	UNITS = (MAX_DATA + UNIT - 1) / UNIT,
	WORDS = (UNITS + 63) / 64,
	FIRST_SIZE = 4096,
	BUCKETS = 1024,
};

/* A datagram in the making. Kept for ever once made: its buffer serves the next one. */
struct entry {
	struct entry *chain;         /* bucket, or the list of spare or finished ones */
	struct entry *older, *newer; /* by arrival of the first fragment */
	struct oto_addr src, dst;
	uint32_t id, bucket;
	uint8_t proto, first_proto, depth;
	bool weird_told;
	int64_t since_ns;
	uint32_t total; /* 0: last fragment not seen */
	uint32_t units; /* that have arrived */
	uint32_t header_len;
	uint32_t size;
	uint8_t *data;
	uint64_t have[WORDS];
};

struct oto_fragments {
	struct entry *bucket[BUCKETS];
	struct entry *oldest, *newest, *spare, *finished;
	uint32_t count, max;
	int64_t timeout_ns;
	uint64_t dropped;
};

struct oto_fragments *oto_fragments_new(uint32_t max, int64_t timeout_ns)
{
	struct oto_fragments *fs = oto_calloc(1, sizeof *fs);
	fs->max = max;
	fs->timeout_ns = timeout_ns;
	return fs;
}

static void free_list(struct entry *e)
{
	while (e) {
		struct entry *next = e->chain;
		free(e->data);
		free(e);
		e = next;
	}
}

static void unlink_entry(struct oto_fragments *fs, struct entry *e)
{
	struct entry **at = &fs->bucket[e->bucket];
	while (*at != e)
		at = &(*at)->chain;
	*at = e->chain;
	*(e->older ? &e->older->newer : &fs->oldest) = e->newer;
	*(e->newer ? &e->newer->older : &fs->newest) = e->older;
	fs->count--;
}

static void give_up(struct oto_fragments *fs, struct entry *e)
{
	unlink_entry(fs, e);
	e->chain = fs->spare;
	fs->spare = e;
	fs->dropped++;
}

void oto_fragments_next_packet(struct oto_fragments *fs)
{
	while (fs->finished) {
		struct entry *e = fs->finished;
		fs->finished = e->chain;
		e->chain = fs->spare;
		fs->spare = e;
	}
}

void oto_fragments_free(struct oto_fragments *fs)
{
	if (!fs)
		return;
	for (int i = 0; i < BUCKETS; i++)
		free_list(fs->bucket[i]);
	free_list(fs->spare);
	free_list(fs->finished);
	free(fs);
}

uint64_t oto_fragments_dropped(const struct oto_fragments *fs)
{
	return fs->dropped;
}

/* RFC 791: identification, addresses and protocol name a datagram. In IPv6 the protocol may differ among fragments (RFC 8200 4.5). */
static bool same(const struct entry *e, const struct oto_fragment *f)
{
	return e->id == f->id && e->depth == f->depth && (f->src.family == OTO_FAMILY_IPV6 || e->proto == f->proto) &&
	       oto_addr_equal(&e->src, &f->src) && oto_addr_equal(&e->dst, &f->dst);
}

static struct entry *find(struct oto_fragments *fs, const struct oto_fragment *f)
{
	uint64_t hash = oto_hash(oto_hash(f->id, &f->src, sizeof f->src), &f->dst, sizeof f->dst);
	uint32_t bucket = (uint32_t)(hash % BUCKETS);
	for (struct entry *e = fs->bucket[bucket]; e; e = e->chain)
		if (same(e, f))
			return e;

	if (fs->count >= fs->max)
		give_up(fs, fs->oldest);
	struct entry *e = fs->spare;
	if (e)
		fs->spare = e->chain;
	else
		e = oto_calloc(1, sizeof *e);
	uint8_t *data = e->data;
	uint32_t size = e->size;
	*e = (struct entry){ .chain = fs->bucket[bucket],
			     .older = fs->newest,
			     .src = f->src,
			     .dst = f->dst,
			     .id = f->id,
			     .bucket = bucket,
			     .proto = f->proto,
			     .depth = f->depth,
			     .since_ns = f->ts_ns,
			     .data = data,
			     .size = size };
	fs->bucket[bucket] = e;
	*(fs->newest ? &fs->newest->newer : &fs->oldest) = e;
	fs->newest = e;
	fs->count++;
	return e;
}

static void make_room(struct entry *e, uint32_t end)
{
	uint32_t size = e->size ? e->size : FIRST_SIZE;
	while (size < end)
		size *= 2;
	if (size == e->size)
		return;
	e->data = oto_realloc(e->data, size);
	e->size = size;
}

/* Copy what has not arrived before; true when some of it had. */
static bool copy_new(struct entry *e, const struct oto_fragment *f)
{
	bool overlap = false;
	uint32_t first = f->offset / UNIT, units = (f->data.len + UNIT - 1) / UNIT;
	for (uint32_t i = 0; i < units; i++) {
		uint64_t *word = &e->have[(first + i) / 64], bit = UINT64_C(1) << (first + i) % 64;
		if (*word & bit) {
			overlap = true;
			continue;
		}
		uint32_t at = i * UNIT, n = f->data.len - at < UNIT ? f->data.len - at : UNIT;
		memcpy(e->data + f->offset + at, f->data.data + at, n);
		*word |= bit;
		e->units++;
	}
	return overlap;
}

/* The whole fragment arrived before with the same bytes: a mirror port or a retransmission, nothing wrong. */
static bool is_copy(const struct entry *e, const struct oto_fragment *f)
{
	uint32_t end = f->offset + f->data.len;
	for (uint32_t unit = f->offset / UNIT; unit * UNIT < end; unit++)
		if (!(e->have[unit / 64] >> unit % 64 & 1))
			return false;
	return (e->total == 0 || (f->more ? end < e->total : end == e->total)) &&
	       memcmp(e->data + f->offset, f->data.data, f->data.len) == 0;
}

static const char *add(struct entry *e, const struct oto_fragment *f)
{
	uint32_t end = f->offset + f->data.len;
	if (end + f->header_len > MAX_DATA + (f->src.family == OTO_FAMILY_IPV6 ? 40u : 0u))
		return "fragment_too_large";
	if (f->data.len == 0 || (f->more && f->data.len % UNIT))
		return "fragment_bad_length";
	if (e->total && (end > e->total || (!f->more && end != e->total)))
		return "fragment_size_inconsistent";
	make_room(e, end);
	if (is_copy(e, f))
		return NULL;
	if (!f->more && e->total == 0) {
		for (uint32_t unit = (end + UNIT - 1) / UNIT; unit < UNITS; unit++)
			if (e->have[unit / 64] >> unit % 64 & 1)
				return "fragment_size_inconsistent";
		e->total = end;
	}
	if (f->offset == 0 && !(e->have[0] & 1)) {
		e->header_len = f->header_len;
		e->first_proto = f->proto;
	}
	return copy_new(e, f) ? "fragment_overlap" : NULL;
}

bool oto_fragments_add(struct oto_fragments *fs, const struct oto_fragment *f, struct oto_datagram *whole, const char **weird)
{
	while (fs->oldest && f->ts_ns - fs->oldest->since_ns > fs->timeout_ns)
		give_up(fs, fs->oldest);
	struct entry *e = find(fs, f);
	*weird = add(e, f);
	if (*weird && e->weird_told)
		*weird = NULL;
	e->weird_told |= *weird != NULL;
	if (e->total == 0 || e->units != (e->total + UNIT - 1) / UNIT)
		return false;
	*whole = (struct oto_datagram){ { e->data, e->total }, e->header_len, e->first_proto };
	unlink_entry(fs, e);
	e->chain = fs->finished;
	fs->finished = e;
	return true;
}
