/* duplicate.c - see duplicate.h. */
#include "duplicate.h"
#include "base.h"

#include <stdlib.h>

enum {
	RING = 512 << 10,
	SLOTS = 8192,
	LONGEST = RING / 4,
	ETHERNET = 14,
	IP_HEADER = 20,
	KEY = 64, /* bytes of the frame that choose the slot: link, network and most of the transport header */
	PROOF_ONE = 1 << 16,
	PROOF_STEPS = 64, /* packets over which the share is averaged */
};
#define PROOF_LIFE (10 * OTO_SECOND)
#define JITTER (20 * INT64_C(1000))

struct slot {
	int64_t ts_ns;
	uint64_t at; /* bytes ever written to the ring before this packet; plus one, so that 0 is empty */
	uint32_t len, check;
};

/* What the numbered packets prove of late. */
struct proof {
	uint32_t share;    /* of copies among them, moving average; PROOF_ONE is all */
	int64_t latest_ns; /* when the last copy came */
	int64_t delay_ns;  /* how far behind the first copies follow: the longest, slowly forgotten */
};

struct oto_duplicates {
	int64_t window_ns;
	struct proof proof;
	uint64_t written;
	struct slot slot[SLOTS];
	uint8_t ring[RING];
};

struct oto_duplicates *oto_duplicates_new(int64_t window_ns)
{
	struct oto_duplicates *d = oto_calloc(1, sizeof *d);
	d->window_ns = window_ns;
	return d;
}

void oto_duplicates_free(struct oto_duplicates *d)
{
	free(d);
}

/* Does the sender number its packets? */
static bool numbered(const struct oto_packet *p)
{
	uint32_t at = ETHERNET - 2;
	for (int tags = 0; tags < 2 && at + 6 <= p->caplen && p->data[at] != 8; tags++) {
		uint16_t type = (uint16_t)(p->data[at] << 8 | p->data[at + 1]);
		if (type != 0x8100 && type != 0x88a8 && type != 0x9100)
			return false;
		at += 4;
	}
	if (at + 2 + IP_HEADER > p->caplen || p->data[at] != 8 || p->data[at + 1] != 0)
		return false;
	const uint8_t *ip = p->data + at + 2;
	bool living = ip[4] || ip[5] > 1;
	return ip[0] >> 4 == 4 && living && (ip[9] == 6 || ip[9] == 17 || ip[9] == 1);
}

static uint64_t key(const struct oto_packet *p)
{
	uint64_t hash = p->caplen, word[2];
	for (uint32_t i = 0; i + sizeof word <= p->caplen && i < KEY; i += sizeof word) {
		memcpy(word, p->data + i, sizeof word);
		hash = oto_mix(hash ^ word[0], word[1]);
	}
	return hash;
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

static void learn(struct proof *p, int64_t ts_ns, bool copy, int64_t age)
{
	p->share -= p->share / PROOF_STEPS;
	p->delay_ns -= p->delay_ns / PROOF_STEPS;
	if (!copy)
		return;
	p->share += PROOF_ONE / PROOF_STEPS;
	p->latest_ns = ts_ns;
	if (age > p->delay_ns)
		p->delay_ns = age;
}

/* How far behind its first an unnumbered packet counts as a copy; negative: not at all. */
static int64_t unnumbered_window(const struct oto_duplicates *d, int64_t ts_ns)
{
	const struct proof *p = &d->proof;
	if (p->share < PROOF_ONE / 8 || ts_ns - p->latest_ns > PROOF_LIFE)
		return -1;
	int64_t window = 2 * p->delay_ns + JITTER;
	return window < d->window_ns ? window : d->window_ns;
}

/* How long ago the same bytes came; -1: not within memory. Otherwise they are remembered from now on. */
static int64_t age_of(struct oto_duplicates *d, const struct oto_packet *p, int64_t window)
{
	uint64_t hash = key(p);
	uint32_t check = (uint32_t)(hash >> 32);
	struct slot *s = &d->slot[hash % SLOTS];
	if (s->at && s->check == check && s->len == p->caplen) {
		int64_t age = p->ts_ns > s->ts_ns ? p->ts_ns - s->ts_ns : s->ts_ns - p->ts_ns;
		uint64_t at = s->at - 1;
		bool kept = d->written - at <= RING;
		if (kept && age <= window && memcmp(d->ring + at % RING, p->data, p->caplen) == 0)
			return age;
	}
	uint64_t at = claim(d, p->caplen);
	memcpy(d->ring + at % RING, p->data, p->caplen);
	*s = (struct slot){ .ts_ns = p->ts_ns, .at = at + 1, .len = p->caplen, .check = check };
	return -1;
}

bool oto_duplicates_seen(struct oto_duplicates *d, const struct oto_packet *p)
{
	if (p->caplen > LONGEST || oto_frame_of(p->link) != OTO_FRAME_ETHERNET)
		return false;
	bool number = numbered(p);
	int64_t window = number ? d->window_ns : unnumbered_window(d, p->ts_ns);
	if (window < 0)
		return false;
	int64_t age = age_of(d, p, window);
	if (number)
		learn(&d->proof, p->ts_ns, age >= 0, age);
	return age >= 0;
}
