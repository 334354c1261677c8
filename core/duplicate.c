/* duplicate.c - see duplicate.h. */
#include "duplicate.h"
#include "base.h"

#include <stdlib.h>

enum {
	RING = 512 << 10,
	SETS = 2048,
	WAYS = 2, /* a packet that falls on another's place does not hide its copy; a set is a line of the cache */
	LINE = 64,
	LONGEST = RING / 4,
	MACS = 12,
	TYPE = 2,
	TAG = 4,
	TAGS = 3,
	IPV4_HEADER = 20,
	IPV6_HEADER = 40,
	HEAD = OTO_SIGHT_HEAD,
	HOPS = 8, /* routers between two copies */
	PROOF_ONE = 1 << 16,
	PROOF_STEPS = 64, /* packets over which the share is averaged */
	MOST_COPIES =
	    64, /* ports out of which one mirror shows a broadcast; what comes more often is a loop, a flood, or a counter that stands */
};
#define PROOF_LIFE (10 * OTO_SECOND)
#define JITTER (20 * INT64_C(1000))
#define LATE OTO_SECOND

struct slot {
	int64_t ts_ns;
	uint64_t at; /* bytes ever written to the ring before this packet; plus one, so that 0 is empty */
	uint32_t len, check;
	uint32_t link; /* hash of its addresses */
	uint16_t checksum;
	uint8_t hops, copies : 7, ip : 1;
};
_Static_assert(sizeof(struct slot) * WAYS == LINE && MOST_COPIES < 1 << 7, "each packet waits for one line of memory, no more");

/* What the numbered packets prove of late. */
struct proof {
	uint32_t share;    /* of copies among them, moving average; PROOF_ONE is all */
	int64_t latest_ns; /* when the last copy came */
	int64_t delay_ns;  /* how far behind the first copies follow: the longest, slowly forgotten */
};

struct oto_duplicates {
	int64_t window_ns;
	struct proof proof;
	struct oto_duplicates_stats stats;
	uint64_t written;
	struct slot (*slot)[WAYS]; /* [SETS], at the first line of: */
	uint8_t slots[SETS * LINE + LINE];
	uint8_t ring[RING];
};

struct oto_duplicates *oto_duplicates_new(int64_t window_ns)
{
	struct oto_duplicates *d = oto_calloc(1, sizeof *d);
	d->window_ns = window_ns;
	d->slot = (struct slot(*)[WAYS])(d->slots + (LINE - (uintptr_t)d->slots % LINE) % LINE);
	return d;
}

void oto_duplicates_free(struct oto_duplicates *d)
{
	free(d);
}

static uint16_t be16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

static bool is_tag(uint16_t type)
{
	return type == 0x8100 || type == 0x88a8 || type == 0x9100;
}

/* Header fields that a router changes, and padding that a tag makes shorter. */
static uint32_t without_route(struct oto_sight *s, uint16_t type, uint8_t *ip, uint32_t left)
{
	uint32_t total = left;

	if (type == 0x0800 && left >= IPV4_HEADER && ip[0] >> 4 == 4) {
		bool living = ip[4] || ip[5] > 1;
		s->ip = true;
		s->numbered = living && (ip[9] == 6 || ip[9] == 17 || ip[9] == 1);
		s->hops = ip[8];
		s->checksum = be16(ip + 10);
		ip[8] = ip[10] = ip[11] = 0;
		total = be16(ip + 2);
		total = total < IPV4_HEADER ? left : total;
	} else if (type == 0x86dd && left >= IPV6_HEADER && ip[0] >> 4 == 6) {
		s->ip = true;
		s->hops = ip[7];
		ip[7] = 0;
		total = IPV6_HEADER + be16(ip + 4);
	}
	return total < left ? total : left;
}

/* Whose sender counts in each frame, so that it never sends two that are equal. */
static bool counts(uint16_t type, const uint8_t *body, uint32_t left)
{
	enum { PROFINET = 0x8892, GOOSE = 0x88b8, SAMPLED_VALUES = 0x88ba, PTP = 0x88f7 };

	if (type == GOOSE || type == SAMPLED_VALUES || type == PTP)
		return true;
	if (type != PROFINET || left < 2)
		return false;
	uint16_t id = be16(body); /* FrameID of cyclic data, classes 3 and 1 (IEC 61158-6-10 4.2) */
	return (id >= 0x0100 && id < 0x1000) || (id >= 0x8000 && id < 0xfc00);
}

/* In words, the last of which may overlap the one before: GCC copies up to 64 bytes one by one. */
static inline void copy_head(uint8_t *to, const uint8_t *from, uint32_t n)
{
	uint32_t at = 0;

	for (; at + 8 <= n; at += 8)
		memcpy(to + at, from + at, 8);
	if (n >= 8)
		memcpy(to + n - 8, from + n - 8, 8);
	else
		memcpy(to, from, n);
}

static uint32_t link_of(const uint8_t *macs)
{
	uint64_t first, last;

	memcpy(&first, macs, sizeof first);
	memcpy(&last, macs + MACS - sizeof last, sizeof last);
	return (uint32_t)oto_mix(first, last);
}

static bool look_at(struct oto_sight *s, const struct oto_packet *p)
{
	uint32_t at = MACS;

	if (p->caplen < MACS + TYPE)
		return false;
	for (int tags = 0; tags < TAGS && at + TAG + TYPE <= p->caplen && is_tag(be16(p->data + at)); tags++)
		at += TAG;
	uint16_t type = be16(p->data + at);
	bool ip = type == 0x0800 || type == 0x86dd;
	at += ip ? TYPE : 0;
	uint32_t left = p->caplen - at, n = left < HEAD ? left : HEAD;
	s->link = link_of(p->data);
	s->ip = false;
	s->numbered = !ip && counts(type, p->data + at + TYPE, left - TYPE);
	s->hops = 0;
	s->checksum = 0;
	copy_head(s->head, p->data + at, n);
	s->len = ip ? without_route(s, type, s->head, left) : left;
	s->head_len = s->len < n ? s->len : n;
	s->rest = p->data + at + s->head_len;
	return true;
}

static uint64_t key(const struct oto_sight *s)
{
	uint64_t hash = s->len, word[2];
	for (uint32_t i = 0; i + sizeof word <= s->head_len; i += sizeof word) {
		memcpy(word, s->head + i, sizeof word);
		hash = oto_mix(hash ^ word[0], word[1]);
	}
	return hash;
}

/* Behind a router the link has other addresses and fewer hops are left; on one link nothing differs. */
static bool same_way(const struct slot *a, const struct oto_sight *b)
{
	uint8_t apart = a->hops > b->hops ? a->hops - b->hops : b->hops - a->hops;

	if (a->link == b->link)
		return apart == 0 && a->checksum == b->checksum;
	return a->ip && b->ip && apart >= 1 && apart <= HOPS;
}

/* Where n bytes go: never across the end of the ring. */
static uint64_t claim(struct oto_duplicates *d, uint32_t n)
{
	uint64_t room = RING - d->written % RING;
	if (room < n)
		d->written += room;
	uint64_t at = d->written;
	d->written += n;
	return at;
}

static int64_t apart(int64_t a_ns, int64_t b_ns)
{
	return a_ns > b_ns ? a_ns - b_ns : b_ns - a_ns;
}

/* Only the first copy of a packet proves something: the same one sent on and on is no mirror. */
static void learn(struct proof *p, int64_t ts_ns, uint8_t copies, int64_t age)
{
	if (copies > 1)
		return;
	if (ts_ns - p->latest_ns > PROOF_LIFE)
		p->share = 0;
	p->share -= p->share / PROOF_STEPS;
	p->delay_ns -= p->delay_ns / PROOF_STEPS;
	if (!copies)
		return;
	p->share += PROOF_ONE / PROOF_STEPS;
	p->latest_ns = ts_ns;
	if (age > p->delay_ns)
		p->delay_ns = age;
}

/* How far behind its first a packet counts as a copy whose number alone does not tell; negative: not at all. */
static int64_t proven_window(const struct oto_duplicates *d, int64_t ts_ns)
{
	const struct proof *p = &d->proof;
	if (p->share < PROOF_ONE / 8 || ts_ns - p->latest_ns > PROOF_LIFE)
		return -1;
	int64_t window = 2 * p->delay_ns + JITTER;
	return window < d->window_ns ? window : d->window_ns;
}

static bool same_bytes(const struct oto_duplicates *d, uint64_t at, const struct oto_sight *s)
{
	const uint8_t *kept = d->ring + at % RING;

	return d->written - at <= RING && memcmp(kept, s->head, s->head_len) == 0 &&
	       memcmp(kept + s->head_len, s->rest, s->len - s->head_len) == 0;
}

static struct slot *find(struct slot set[WAYS], const struct oto_sight *s, uint32_t check)
{
	for (struct slot *slot = set; slot < set + WAYS; slot++) {
		if (slot->at && slot->check == check && slot->len == s->len && same_way(slot, s))
			return slot;
	}
	return NULL;
}

static struct slot *oldest(struct slot set[WAYS])
{
	struct slot *o = set;

	for (struct slot *slot = set + 1; slot < set + WAYS; slot++)
		o = slot->at < o->at ? slot : o;
	return o;
}

static void remember(struct oto_duplicates *d, struct slot *slot, const struct oto_sight *s, uint32_t check, int64_t ts_ns)
{
	uint64_t at = claim(d, s->len);
	copy_head(d->ring + at % RING, s->head, s->head_len);
	memcpy(d->ring + at % RING + s->head_len, s->rest, s->len - s->head_len);
	*slot = (struct slot){ .ts_ns = ts_ns,
			       .at = at + 1,
			       .len = s->len,
			       .check = check,
			       .link = s->link,
			       .checksum = s->checksum,
			       .hops = s->hops,
			       .ip = s->ip };
}

/* The first of the same packets, when it came no longer ago than the window and not too often since; else NULL, and this one is the first.
 */
static const struct slot *first_of(struct oto_duplicates *d, const struct oto_sight *s, int64_t ts_ns, int64_t window)
{
	uint64_t hash = s->hash;
	uint32_t check = (uint32_t)(hash >> 32);
	struct slot *set = d->slot[hash % SETS], *slot = find(set, s, check);
	uint8_t copies = 0;

	if (slot && apart(ts_ns, slot->ts_ns) <= LATE && same_bytes(d, slot->at - 1, s)) {
		if (slot->copies == MOST_COPIES) {
			slot->ts_ns = ts_ns;
			return NULL;
		}
		if (apart(ts_ns, slot->ts_ns) <= window) {
			slot->copies++;
			return slot;
		}
		d->stats.late += s->numbered;
		copies = s->numbered ? slot->copies : 0; /* its number stands still */
	}
	slot = slot ? slot : oldest(set);
	remember(d, slot, s, check, ts_ns);
	slot->copies = copies & 127;
	return NULL;
}

bool oto_duplicates_look(const struct oto_duplicates *d, const struct oto_packet *p, struct oto_sight *s)
{
	if (p->caplen > LONGEST || oto_frame_of(p->link) != OTO_FRAME_ETHERNET || !look_at(s, p))
		return false;
	s->ts_ns = p->ts_ns;
	s->hash = key(s);
	__builtin_prefetch(d->slot[s->hash % SETS], 1);
	return true;
}

bool oto_duplicates_seen(struct oto_duplicates *d, const struct oto_sight *s)
{
	int64_t window = s->numbered && s->ip ? d->window_ns : proven_window(d, s->ts_ns);

	if (window < 0 && !s->numbered)
		return false;
	const struct slot *first = first_of(d, s, s->ts_ns, s->numbered ? d->window_ns : window);
	int64_t age = first ? apart(s->ts_ns, first->ts_ns) : 0;
	if (s->numbered) {
		d->stats.numbered++;
		learn(&d->proof, s->ts_ns, first ? first->copies : 0, age);
	}
	return first && age <= window;
}

struct oto_duplicates_stats oto_duplicates_stats(const struct oto_duplicates *d)
{
	return d->stats;
}
