/* flow.c - the table of flows: keyed hashing, 64 shards, slabs, a timing wheel. See flow.h. */
#include "flow.h"

#include <stdlib.h>

#define FIRST_BUCKETS 16u
void oto_flows_init(struct oto_flows *fs, uint64_t seed)
{
	*fs = (struct oto_flows){ .seed = seed, .tick = INT64_MIN };
	for (uint32_t i = 0; i < OTO_SHARDS; i++) {
		fs->shard[i].mask = FIRST_BUCKETS - 1;
		fs->shard[i].buckets = oto_calloc(FIRST_BUCKETS, sizeof *fs->shard[i].buckets);
	}
	fs->bytes = OTO_SHARDS * FIRST_BUCKETS * sizeof *fs->shard[0].buckets;
	oto_slab_init(&fs->slab, sizeof(struct oto_flow));
}

void oto_flows_free(struct oto_flows *fs)
{
	for (uint32_t i = 0; i < OTO_SHARDS; i++) {
		for (uint32_t b = 0; b <= fs->shard[i].mask; b++) {
			for (struct oto_flow *f = fs->shard[i].buckets[b], *next; f; f = next) {
				next = f->chain;
				oto_flows_release(fs, f);
			}
		}
	}
	oto_slab_free(&fs->slab);
	for (uint32_t i = 0; i < OTO_SHARDS; i++)
		free(fs->shard[i].buckets);
	*fs = (struct oto_flows){ 0 };
}

/* ------------------------------------------------------------------------------------------------ keys */

static bool endpoint_is(const struct oto_flow_side *s, const struct oto_addr *a, uint16_t port)
{
	uint64_t mine[2], other[2];

	memcpy(mine, s->addr.byte, sizeof mine);
	memcpy(other, a->byte, sizeof other);
	return s->port == port && mine[0] == other[0] && mine[1] == other[1] && s->addr.family == a->family;
}

/* The salt is in the 64 bits of keyed hash only, which is enough to tell tunnels apart. */
static bool same_kind(const struct oto_flow *f, const struct oto_flow_key *k)
{
	return f->transport == k->transport && f->ip_proto == k->ip_proto && f->ethertype == k->ethertype && f->llc == k->llc;
}

struct oto_flow *oto_flows_find(struct oto_flows *fs, const struct oto_flow_key *k, struct oto_flow_hash h, enum oto_dir *dir)
{
	const struct oto_flow_shard *s = &fs->shard[h.shard];

	for (struct oto_flow *f = s->buckets[h.key & s->mask]; f; f = f->chain) {
		if (f->hash != h.key || !same_kind(f, k))
			continue;
		for (enum oto_dir d = OTO_ORIG; d <= (k->one_way ? OTO_ORIG : OTO_RESP); d++) {
			if (endpoint_is(&f->side[d], &k->src, k->sport) && endpoint_is(&f->side[!d], &k->dst, k->dport)) {
				*dir = d;
				__builtin_prefetch(f->analysis); /* asked for when the flow has counted the packet */
				__builtin_prefetch(f->uid);
				return f;
			}
		}
	}
	return NULL;
}

/* ------------------------------------------------------------------------------------------------ making and removing */

static void grow(struct oto_flows *fs, struct oto_flow_shard *s)
{
	uint32_t count = (s->mask + 1) * 2;
	struct oto_flow **buckets = oto_calloc(count, sizeof *buckets);

	for (uint32_t i = 0; i <= s->mask; i++) {
		for (struct oto_flow *f = s->buckets[i], *next; f; f = next) {
			next = f->chain;
			f->chain = buckets[f->hash & (count - 1)];
			buckets[f->hash & (count - 1)] = f;
		}
	}
	free(s->buckets);
	fs->bytes += (count - s->mask - 1) * sizeof *buckets;
	s->buckets = buckets;
	s->mask = count - 1;
}

struct oto_flow *oto_flows_make(struct oto_flows *fs, const struct oto_flow_key *k, struct oto_flow_hash h)
{
	struct oto_flow_shard *s = &fs->shard[h.shard];

	if (s->flows > s->mask)
		grow(fs, s);
	struct oto_flow *f = oto_slab_get(&fs->slab), **bucket = &s->buckets[h.key & s->mask];
	*f = (struct oto_flow){ .chain = *bucket,
				.hash = h.key,
				.shard = (uint8_t)h.shard,
				.transport = k->transport,
				.ip_proto = k->ip_proto,
				.ethertype = k->ethertype,
				.llc = k->llc,
				.one_way = k->one_way };
	f->side[OTO_ORIG].addr = k->src;
	f->side[OTO_ORIG].port = k->sport;
	f->side[OTO_RESP].addr = k->dst;
	f->side[OTO_RESP].port = k->dport;
	*bucket = f;
	s->flows++;
	if (++fs->flows > fs->peak)
		fs->peak = fs->flows;
	return f;
}

static void unlink_slot(struct oto_flow *f)
{
	if (!f->link)
		return;
	*f->link = f->next;
	if (f->next)
		f->next->link = f->link;
	f->link = NULL;
}

void oto_flows_remove(struct oto_flows *fs, struct oto_flow *f)
{
	struct oto_flow_shard *s = &fs->shard[f->shard];
	struct oto_flow **at = &s->buckets[f->hash & s->mask];

	while (*at != f)
		at = &(*at)->chain;
	*at = f->chain;
	f->chain = NULL;
	unlink_slot(f);
	s->flows--;
	fs->flows--;
}

void oto_flows_release(struct oto_flows *fs, struct oto_flow *f)
{
	if (f->long_history)
		free(f->history.more);
	f->long_history = false;
	oto_slab_put(&fs->slab, f);
}

void oto_flows_schedule(struct oto_flows *fs, struct oto_flow *f, int64_t due_ns)
{
	int64_t second = due_ns / OTO_SECOND + 1, last = fs->tick + OTO_WHEEL_SLOTS - 1;

	if (second <= fs->tick)
		second = fs->tick + 1;
	if (second > last)
		second = last;
	unlink_slot(f);
	uint64_t at = (uint64_t)second % OTO_WHEEL_SLOTS;
	struct oto_flow **slot = &fs->shard[f->shard].slot[at];
	fs->busy[at] |= UINT64_C(1) << f->shard;
	f->next = *slot;
	f->link = slot;
	if (f->next)
		f->next->link = &f->next;
	*slot = f;
}

struct oto_flow *oto_flows_take(struct oto_flows *fs, int64_t second, struct oto_flow *list)
{
	uint64_t at = (uint64_t)second % OTO_WHEEL_SLOTS;

	for (uint64_t busy = fs->busy[at]; busy; busy &= busy - 1) {
		struct oto_flow **slot = &fs->shard[__builtin_ctzll(busy)].slot[at];
		for (struct oto_flow *f = *slot, *next; f; f = next) {
			next = f->next;
			f->link = NULL;
			f->next = list;
			list = f;
		}
		*slot = NULL;
	}
	fs->busy[at] = 0;
	return list;
}

/* ------------------------------------------------------------------------------------------------ what flows carry */

void oto_flow_flip(struct oto_flow *f)
{
	struct oto_flow_side orig = f->side[OTO_ORIG], resp = f->side[OTO_RESP];

	for (enum oto_dir d = OTO_ORIG; d <= OTO_RESP; d++) {
		struct oto_flow_side *s = &f->side[d], counted = *s;
		*s = d == OTO_ORIG ? resp : orig;
		s->packets = counted.packets;
		s->ip_bytes = counted.ip_bytes;
		s->payload_bytes = counted.payload_bytes;
	}
	f->flipped = !f->flipped;
	oto_flow_letter(f, '^');
}

/* Storms of resets have long histories; everything else stays inline. */
void oto_flow_letter(struct oto_flow *f, char letter)
{
	size_t n = strlen(oto_flow_history(f));

	if (n == OTO_HISTORY_MAX)
		return;
	if (!f->long_history && n + 1 == OTO_HISTORY_INLINE) {
		char *more = oto_calloc(1, OTO_HISTORY_MAX + 1);
		memcpy(more, f->history.letters, n);
		f->history.more = more;
		f->long_history = true;
	}
	(f->long_history ? f->history.more : f->history.letters)[n] = letter;
}

void oto_uid_make(uint64_t uid[2], uint64_t seed, const char *sensor, uint64_t packet, const struct oto_flow_key *k)
{
	struct {
		struct oto_addr src, dst;
		uint8_t transport, ip_proto;
		uint16_t sport, dport, ethertype;
		uint64_t salt, packet;
	} tuple;

	memset(&tuple, 0, sizeof tuple); /* padding is hashed too */
	tuple.src = k->src;
	tuple.dst = k->dst;
	tuple.transport = k->transport;
	tuple.ip_proto = k->ip_proto;
	tuple.sport = k->sport;
	tuple.dport = k->dport;
	tuple.ethertype = k->ethertype;
	tuple.salt = k->salt;
	tuple.packet = packet;
	seed = oto_hash(seed, sensor, sensor ? strlen(sensor) : 0);
	uid[0] = oto_hash(seed, &tuple, sizeof tuple);
	uid[1] = oto_hash(~seed, &tuple, sizeof tuple);
}

void oto_uid_text(const uint64_t uid[2], char out[20])
{
	static const char digits[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
	/* 9 and 8 digits, lowest first and in turns. Cut into short numbers, because divisions that wait for each other are what is slow.
	 */
	const uint32_t three = 62 * 62 * 62;
	uint64_t a = uid[1], b = uid[0], a3 = a / three, b3 = b / three;
	uint32_t part[6] = { (uint32_t)(a % three),  (uint32_t)(b % three),          (uint32_t)(a3 % three),
			     (uint32_t)(b3 % three), (uint32_t)(a3 / three % three), (uint32_t)(b3 / three % three) };

	out[0] = 'C';
	for (int i = 0; i < 6; i++) {
		char *at = out + 1 + i / 2 * 6 + i % 2;
		at[0] = digits[part[i] % 62];
		at[2] = digits[part[i] / 62 % 62];
		if (i < 5)
			at[4] = digits[part[i] / (62 * 62)];
	}
	out[18] = '\0';
}
