/* duplicate.c - see duplicate.h. */
#include "duplicate.h"
#include "base.h"

#include <stdlib.h>
#include <sys/random.h>

enum {
	SETS = 2048,
	WAYS = 2, /* a packet that falls on another's place does not hide its copy; a set is a line of the cache */
	LINE = 64,
	MACS = 12,
	TYPE = 2,
	TAG = 4,
	TAGS = 3,
	IPV4_HEADER = 20,
	IPV6_HEADER = 40,
	IPV4 = 0x0800,
	IPV6 = 0x86dd,
	HEAD = 64, /* network and most of the transport header */
	LANES = 4, /* that are mixed side by side: each alone would wait for its own multiplication */
	PAIR = 16,
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
	uint64_t print; /* 0 is empty */
	uint32_t len;
	uint32_t link; /* hash of its addresses */
	uint16_t checksum;
	uint8_t hops, copies : 7, ip : 1;
};
_Static_assert(sizeof(struct slot) * WAYS == LINE && MOST_COPIES < 1 << 7, "each packet waits for one line of memory, no more");

/* What the numbered packets prove of late. */
struct proof {
	uint32_t share;    /* of copies among them, moving average; PROOF_ONE is all */
	int64_t latest_ns; /* when the last copy came */
	uint64_t delay_ns; /* how far behind the first copies follow: the longest, slowly forgotten */
};

struct oto_duplicates {
	int64_t window_ns;
	struct proof proof;
	struct oto_duplicates_stats stats;
	uint64_t secret[LANES * 2];
	struct slot (*slot)[WAYS]; /* [SETS], at the first line of: */
	uint8_t slots[SETS * LINE + LINE];
};

struct oto_duplicates *oto_duplicates_new(int64_t window_ns)
{
	struct oto_duplicates *d = oto_calloc(1, sizeof *d);
	d->window_ns = window_ns;
	if (getrandom(d->secret, sizeof d->secret, GRND_NONBLOCK) != sizeof d->secret)
		d->secret[0] = (uint64_t)(uintptr_t)d; /* early at boot: better than none */
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

static inline uint64_t word_at(const uint8_t *p)
{
	uint64_t word;

	memcpy(&word, p, sizeof word);
	return word;
}

/* ------------------------------------------------------------------------------------------------ what is the same in all copies */

/* A packet behind its tags: IP from its header on and without padding, anything else from its EtherType on. */
struct sight {
	int64_t ts_ns;
	const uint8_t *at;
	uint64_t front[2]; /* its first 16 bytes, zeros behind what is there; of IP without what a router changes */
	uint32_t len;
	uint32_t link; /* hash of its addresses */
	uint16_t checksum;
	uint8_t hops;
	bool ip, numbered;
	bool plain; /* IPv4 with at least two pairs of words, as nearly all are */
};

static bool is_tag(uint16_t type)
{
	return type == 0x8100 || type == 0x88a8 || type == 0x9100;
}

/* Takes out the hops left and the checksum. A tag makes the padding shorter: it does not count. */
static inline void look_at_ipv4(struct sight *s)
{
	const uint8_t *ip = s->at;
	uint32_t said = be16(ip + 2);

	if (said >= IPV4_HEADER && said < s->len)
		s->len = said;
	s->ip = true;
	s->plain = s->len >= 2 * PAIR;
	s->numbered = (ip[4] || ip[5] > 1) && (ip[9] == 6 || ip[9] == 17 || ip[9] == 1);
	s->hops = ip[8];
	s->checksum = be16(ip + 10);
	s->front[0] = word_at(ip);
	s->front[1] = word_at(ip + 8) & htole64(0xffffffff0000ff00);
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

/* By value, as all that is rare here: whose address is taken nowhere stays in registers. */
static __attribute__((noinline)) struct sight look_at_other(struct sight s, uint16_t type)
{
	const uint8_t *body = s.at + TYPE;
	uint32_t left = s.len - TYPE;

	if (type == IPV4 || type == IPV6) {
		s.at = body;
		s.len = left;
	} else {
		s.numbered = counts(type, body, left);
	}
	s.ip = type == IPV6 && left >= IPV6_HEADER && body[0] >> 4 == 6;
	uint32_t said = s.ip ? IPV6_HEADER + (uint32_t)be16(body + 4) : left;
	if (said < left)
		s.len = said;
	memcpy(s.front, s.at, s.len < PAIR ? s.len : PAIR);
	if (s.ip) {
		s.hops = body[7];
		s.front[0] &= htole64(0x00ffffffffffffff);
	}
	return s;
}

static inline bool look_at(struct sight *s, const struct oto_packet *p)
{
	uint32_t at = MACS;

	if (oto_frame_of(p->link) != OTO_FRAME_ETHERNET || p->caplen < MACS + TYPE)
		return false;
	uint16_t type = be16(p->data + at);
	for (int tags = 0; type != IPV4 && is_tag(type) && tags < TAGS && at + TAG + TYPE <= p->caplen; tags++)
		type = be16(p->data + (at += TAG));
	const uint8_t *body = p->data + at + TYPE;
	uint32_t left = p->caplen - at - TYPE;
	*s = (struct sight){ .ts_ns = p->ts_ns,
			     .at = p->data + at,
			     .len = left + TYPE,
			     .link = (uint32_t)oto_mix(word_at(p->data), word_at(p->data + MACS - 8)) };
	if (type == IPV4 && left >= IPV4_HEADER && body[0] >> 4 == 4) {
		s->at = body;
		s->len = left;
		look_at_ipv4(s);
	} else {
		*s = look_at_other(*s, type);
	}
	return true;
}

/* ------------------------------------------------------------------------------------------------ where it is remembered, and as what */

static inline uint64_t turned(uint64_t word, int bits)
{
	return word << bits | word >> (64 - bits);
}

/* Without identification, or with one that says less: what tells one from another may stand further behind. */
static __attribute__((noinline)) uint64_t place_of_other(struct sight s)
{
	uint64_t h[HEAD / 8] = { 0 };

	memcpy(h, s.at, s.len < HEAD ? s.len : HEAD);
	return oto_mix(s.front[0] ^ turned(h[2], 17) ^ turned(h[4], 31) ^ turned(h[6], 47) ^ s.len,
		       s.front[1] ^ turned(h[3], 17) ^ turned(h[5], 31) ^ turned(h[7], 47));
}

/* Chooses the set, the same one in each run: which packets are forgotten must not depend on chance. */
static inline uint64_t place(const struct sight *s)
{
	if (!s->plain)
		return place_of_other(*s);
	return oto_mix(s->front[0] ^ turned(word_at(s->at + PAIR), 17) ^ s->len, s->front[1] ^ turned(word_at(s->at + PAIR + 8), 17));
}

static inline void fold(const struct oto_duplicates *d, uint64_t lane[LANES], int i, uint64_t a, uint64_t b)
{
	unsigned __int128 m = (unsigned __int128)(lane[i] ^ a ^ d->secret[2 * i]) * (b ^ d->secret[2 * i + 1]);

	lane[i] = (uint64_t)m ^ (uint64_t)(m >> 64);
}

static inline void fold_pair(const struct oto_duplicates *d, uint64_t lane[LANES], int i, const uint8_t *at)
{
	fold(d, lane, i, word_at(at), word_at(at + 8));
}

/* All behind the front. The last pair may overlap the one before it: the length is in the print, too. */
static inline void fold_rest(const struct oto_duplicates *d, uint64_t lane[LANES], const struct sight *s)
{
	const uint8_t *at = s->at + PAIR, *end = s->at + s->len;

	for (; end - at > LANES * PAIR; at += LANES * PAIR) {
		for (int i = 0; i < LANES; i++)
			fold_pair(d, lane, i, at + i * PAIR);
	}
	for (int i = 0; i < LANES - 1 && end - at > PAIR; i++, at += PAIR)
		fold_pair(d, lane, i, at);
	fold_pair(d, lane, LANES - 1, end - PAIR);
}

static inline uint64_t print_of_lanes(const uint64_t lane[LANES])
{
	uint64_t print = oto_mix(lane[0] ^ turned(lane[1], 17), lane[2] ^ turned(lane[3], 17));
	return print ? print : 1;
}

/* Where the last pair would reach into the front. */
static __attribute__((noinline)) uint64_t print_of_short(const struct oto_duplicates *d, struct sight s)
{
	uint64_t lane[LANES] = { s.len };
	uint8_t rest[PAIR] = { 0 };

	if (s.len > PAIR)
		memcpy(rest, s.at + PAIR, s.len - PAIR);
	fold(d, lane, 0, s.front[0], s.front[1]);
	fold_pair(d, lane, LANES - 1, rest);
	return print_of_lanes(lane);
}

/* Of all bytes, by a secret of this run: nobody can make a packet that passes for a copy of another. */
static inline uint64_t print_of(const struct oto_duplicates *d, const struct sight *s)
{
	uint64_t lane[LANES] = { s->len };

	if (s->len < 2 * PAIR)
		return print_of_short(d, *s);
	fold(d, lane, 0, s->front[0], s->front[1]);
	fold_rest(d, lane, s);
	return print_of_lanes(lane);
}

/* ------------------------------------------------------------------------------------------------ copies */

/* Behind a router the link has other addresses and fewer hops are left; on one link nothing differs. */
static bool same_way(const struct slot *a, const struct sight *b)
{
	uint8_t apart = a->hops > b->hops ? a->hops - b->hops : b->hops - a->hops;

	if (a->link == b->link)
		return apart == 0 && a->checksum == b->checksum;
	return a->ip && b->ip && apart >= 1 && apart <= HOPS;
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
	if ((uint64_t)age > p->delay_ns)
		p->delay_ns = (uint64_t)age;
}

/* How far behind its first a packet counts as a copy whose number alone does not tell; negative: not at all. */
static int64_t proven_window(const struct oto_duplicates *d, int64_t ts_ns)
{
	const struct proof *p = &d->proof;
	if (p->share < PROOF_ONE / 8 || ts_ns - p->latest_ns > PROOF_LIFE)
		return -1;
	int64_t window = 2 * (int64_t)p->delay_ns + JITTER;
	return window < d->window_ns ? window : d->window_ns;
}

static struct slot *find(struct slot set[WAYS], const struct sight *s, uint64_t print)
{
	for (struct slot *slot = set; slot < set + WAYS; slot++) {
		if (slot->print == print && slot->len == s->len && same_way(slot, s))
			return slot;
	}
	return NULL;
}

static struct slot *oldest(struct slot set[WAYS])
{
	struct slot *o = set;

	for (struct slot *slot = set + 1; slot < set + WAYS; slot++)
		o = slot->ts_ns < o->ts_ns || !slot->print ? slot : o;
	return o;
}

/* The first of the same packets, when it came no longer ago than the window and not too often since; else NULL, and this one is the first.
 */
static const struct slot *first_of(struct oto_duplicates *d, const struct sight *s, int64_t window)
{
	struct slot *set = d->slot[place(s) % SETS];
	__builtin_prefetch(set, 1); /* comes while the print is made */
	uint64_t print = print_of(d, s);
	struct slot *slot = find(set, s, print);
	uint8_t copies = 0;

	if (slot && apart(s->ts_ns, slot->ts_ns) <= LATE) {
		if (slot->copies == MOST_COPIES) {
			slot->ts_ns = s->ts_ns;
			return NULL;
		}
		if (apart(s->ts_ns, slot->ts_ns) <= window) {
			slot->copies++;
			return slot;
		}
		d->stats.late += s->numbered;
		copies = s->numbered ? slot->copies : 0; /* its number stands still */
	}
	slot = slot ? slot : oldest(set);
	*slot = (struct slot){ .ts_ns = s->ts_ns,
			       .print = print,
			       .len = s->len,
			       .link = s->link,
			       .checksum = s->checksum,
			       .hops = s->hops,
			       .copies = copies & 127,
			       .ip = s->ip };
	return NULL;
}

bool oto_duplicates_seen(struct oto_duplicates *d, const struct oto_packet *p)
{
	struct sight s;

	if (!look_at(&s, p))
		return false;
	int64_t window = s.numbered && s.ip ? d->window_ns : proven_window(d, s.ts_ns);
	if (window < 0 && !s.numbered)
		return false;
	const struct slot *first = first_of(d, &s, s.numbered ? d->window_ns : window);
	int64_t age = first ? apart(s.ts_ns, first->ts_ns) : 0;
	if (s.numbered) {
		d->stats.numbered++;
		learn(&d->proof, s.ts_ns, first ? first->copies : 0, age);
	}
	return first && age <= window;
}

void oto_duplicates_forget(struct oto_duplicates *d)
{
	memset(d->slots, 0, sizeof d->slots);
	d->proof = (struct proof){ 0 };
}

struct oto_duplicates_stats oto_duplicates_stats(const struct oto_duplicates *d)
{
	return d->stats;
}
