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
	HEAD = OTO_SIGHT_WORDS * 8,
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
_Static_assert(sizeof(struct slot) * WAYS == LINE && LANES * PAIR == HEAD && MOST_COPIES < 1 << 7,
	       "each packet waits for one line of memory, no more");

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

static bool is_tag(uint16_t type)
{
	return type == 0x8100 || type == 0x88a8 || type == 0x9100;
}

/* The bytes that count: of IP without the padding, which a tag makes shorter. */
static uint32_t length_of(uint16_t type, const uint8_t *ip, uint32_t left)
{
	uint32_t total = left;

	if (type == 0x0800 && left >= IPV4_HEADER && ip[0] >> 4 == 4) {
		uint32_t said = be16(ip + 2);
		total = said < IPV4_HEADER ? left : said;
	} else if (type == 0x86dd && left >= IPV6_HEADER && ip[0] >> 4 == 6) {
		total = IPV6_HEADER + be16(ip + 4);
	}
	return total < left ? total : left;
}

/* Takes out what a router changes: of IPv4 the hops left and the checksum, of IPv6 the hops left. In words: a load of eight bytes must wait
 * for the store of one of them. */
static void without_route(struct oto_sight *s, uint16_t type, const uint8_t *ip)
{
	if (type == 0x0800 && s->len >= IPV4_HEADER && ip[0] >> 4 == 4) {
		bool living = ip[4] || ip[5] > 1;
		s->ip = true;
		s->numbered = living && (ip[9] == 6 || ip[9] == 17 || ip[9] == 1);
		s->hops = ip[8];
		s->checksum = be16(ip + 10);
		s->head[1] &= htole64(0xffffffff0000ff00);
	} else if (type == 0x86dd && s->len >= IPV6_HEADER && ip[0] >> 4 == 6) {
		s->ip = true;
		s->hops = ip[7];
		s->head[0] &= htole64(0x00ffffffffffffff);
	}
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

static inline uint64_t word_at(const uint8_t *p)
{
	uint64_t word;

	memcpy(&word, p, sizeof word);
	return word;
}

static inline void copy_head(uint64_t to[OTO_SIGHT_WORDS], const uint8_t *from, uint32_t n)
{
	uint32_t i = 0;

	if (n == HEAD) {
		memcpy(to, from, HEAD);
		return;
	}
	memset(to, 0, HEAD);
	for (; (i + 1) * 8 <= n; i++)
		to[i] = word_at(from + i * 8);
	to[i] = oto_last_word(from + i * 8, n - i * 8);
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
	uint32_t left = p->caplen - at;
	s->link = link_of(p->data);
	s->ip = false;
	s->numbered = !ip && counts(type, p->data + at + TYPE, left - TYPE);
	s->hops = 0;
	s->checksum = 0;
	s->len = ip ? length_of(type, p->data + at, left) : left;
	s->head_len = s->len < HEAD ? s->len : HEAD;
	copy_head(s->head, p->data + at, s->head_len);
	if (ip)
		without_route(s, type, p->data + at);
	s->rest = p->data + at + s->head_len;
	return true;
}

static inline uint64_t turned(uint64_t word, int bits)
{
	return word << bits | word >> (64 - bits);
}

/* Chooses the set, the same one in each run: which packets are forgotten must not depend on chance. */
static uint64_t place(const struct oto_sight *s)
{
	const uint64_t *h = s->head;

	return oto_mix(h[0] ^ turned(h[2], 17) ^ turned(h[4], 31) ^ turned(h[6], 47) ^ s->len,
		       h[1] ^ turned(h[3], 17) ^ turned(h[5], 31) ^ turned(h[7], 47));
}

static inline void fold(struct oto_duplicates *d, uint64_t lane[LANES], int i, uint64_t a, uint64_t b)
{
	unsigned __int128 m = (unsigned __int128)(lane[i] ^ a ^ d->secret[2 * i]) * (b ^ d->secret[2 * i + 1]);

	lane[i] = (uint64_t)m ^ (uint64_t)(m >> 64);
}

/* Of all bytes, by a secret of this run: nobody can make a packet that passes for a copy of another. */
static uint64_t print_of(struct oto_duplicates *d, const struct oto_sight *s)
{
	uint64_t lane[LANES] = { s->len };
	const uint8_t *at = s->rest;
	uint32_t left = s->len - s->head_len;

	for (int i = 0; i < LANES; i++)
		fold(d, lane, i, s->head[2 * i], s->head[2 * i + 1]);
	for (; left >= LANES * PAIR; left -= LANES * PAIR) {
		for (int i = 0; i < LANES; i++, at += PAIR)
			fold(d, lane, i, word_at(at), word_at(at + 8));
	}
	for (int i = 0; left >= PAIR; i++, at += PAIR, left -= PAIR)
		fold(d, lane, i, word_at(at), word_at(at + 8));
	if (left > 8)
		fold(d, lane, LANES - 1, word_at(at), oto_last_word(at + 8, left - 8));
	else if (left)
		fold(d, lane, LANES - 1, left == 8 ? word_at(at) : oto_last_word(at, left), 0);
	uint64_t print = oto_mix(oto_mix(lane[0], lane[1]), oto_mix(lane[2], lane[3]));
	return print ? print : 1;
}

/* Behind a router the link has other addresses and fewer hops are left; on one link nothing differs. */
static bool same_way(const struct slot *a, const struct oto_sight *b)
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

static struct slot *find(struct slot set[WAYS], const struct oto_sight *s, uint64_t print)
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
static const struct slot *first_of(struct oto_duplicates *d, const struct oto_sight *s, int64_t ts_ns, int64_t window)
{
	uint64_t print = print_of(d, s);
	struct slot *set = d->slot[s->place % SETS], *slot = find(set, s, print);
	uint8_t copies = 0;

	if (slot && apart(ts_ns, slot->ts_ns) <= LATE) {
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
	*slot = (struct slot){ .ts_ns = ts_ns,
			       .print = print,
			       .len = s->len,
			       .link = s->link,
			       .checksum = s->checksum,
			       .hops = s->hops,
			       .copies = copies & 127,
			       .ip = s->ip };
	return NULL;
}

bool oto_duplicates_look(const struct oto_duplicates *d, const struct oto_packet *p, struct oto_sight *s)
{
	if (oto_frame_of(p->link) != OTO_FRAME_ETHERNET || !look_at(s, p))
		return false;
	s->ts_ns = p->ts_ns;
	s->place = place(s);
	__builtin_prefetch(d->slot[s->place % SETS], 1);
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
