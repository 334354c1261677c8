/* state.c - stores in memory: a hash table, a list by last write (expiry and eviction take from its old end), a list by insertion. */
#include "state.h"

#include <stdlib.h>

#define DEFAULT_ROWS 100000u
#define DEFAULT_BYTES (64u * 1024u * 1024u)
#define DEFAULT_EACH 4096u
#define SEED UINT64_C(0x73746f7265)

/* A row that is kept at hand, or the next place that is free. */
struct kept {
	struct oto_row *row;
	uint64_t number; /* of the times that a row was kept */
	uint32_t next;
};

struct oto_store {
	struct oto_store_spec spec;
	struct oto_row **bucket;
	uint32_t nbuckets;
	struct oto_row *oldest, *newest, *first, *last;
	struct oto_store_stats stats;
	uint64_t made;
	struct kept *kept; /* the first is nobody's */
	uint32_t nkept, free_place;
	uint64_t times_kept, let_go; /* what was kept that often or less is let go */
	bool changed;
	struct oto_tombstone *tombstones;
	uint32_t ntombstones, next_tombstone;
	struct oto_slice *gone;
	uint32_t ngone;
	bool all_gone; /* more than the list holds */
};

struct oto_store *oto_store_new(const struct oto_store_spec *spec)
{
	struct oto_store *s = oto_calloc(1, sizeof *s);

	s->spec = *spec;
	s->spec.name = oto_strdup(spec->name);
	s->spec.shape = oto_strdup(spec->shape);
	if (!s->spec.max)
		s->spec.max = DEFAULT_ROWS;
	if (!s->spec.max_bytes)
		s->spec.max_bytes = DEFAULT_BYTES;
	if (!s->spec.each)
		s->spec.each = DEFAULT_EACH;
	s->nbuckets = 64;
	s->bucket = oto_calloc(s->nbuckets, sizeof(*s->bucket));
	s->kept = oto_calloc(1, sizeof *s->kept);
	s->nkept = 1;
	return s;
}

const struct oto_store_spec *oto_store_spec(const struct oto_store *s)
{
	return &s->spec;
}

struct oto_store_stats oto_store_stats(const struct oto_store *s)
{
	return s->stats;
}

/* ------------------------------------------------------------------------------------------------ lists and buckets */

static struct oto_slice copy(struct oto_slice s)
{
	uint8_t *p = s.len ? oto_calloc(1, s.len) : NULL;

	if (s.len)
		memcpy(p, s.data, s.len);
	return (struct oto_slice){ p, s.len };
}

static void discard(struct oto_slice s)
{
	free((void *)(uintptr_t)s.data);
}

static bool same(struct oto_slice a, struct oto_slice b)
{
	return a.len == b.len && (!a.len || memcmp(a.data, b.data, a.len) == 0);
}

static uint64_t hash_of(struct oto_slice key)
{
	return oto_hash(SEED, key.data, key.len);
}

static struct oto_row **link_of(const struct oto_store *s, struct oto_slice key, uint64_t hash)
{
	struct oto_row **link = &s->bucket[hash & (s->nbuckets - 1)];

	while (*link && ((*link)->hash != hash || !same((*link)->key, key)))
		link = &(*link)->chain;
	return link;
}

static void grow(struct oto_store *s)
{
	free(s->bucket);
	s->nbuckets *= 2;
	s->bucket = oto_calloc(s->nbuckets, sizeof(*s->bucket));
	for (struct oto_row *r = s->first; r; r = r->after) {
		struct oto_row **link = &s->bucket[r->hash & (s->nbuckets - 1)];
		r->chain = *link;
		*link = r;
	}
}

static void unlist(struct oto_store *s, struct oto_row *r)
{
	*(r->older ? &r->older->newer : &s->oldest) = r->newer;
	*(r->newer ? &r->newer->older : &s->newest) = r->older;
}

static void list_newest(struct oto_store *s, struct oto_row *r)
{
	r->older = s->newest;
	r->newer = NULL;
	*(s->newest ? &s->newest->newer : &s->oldest) = r;
	s->newest = r;
}

/* Where a clock was set back rows do not lie in the order of their times: one may go before the time that oto_store_next_old() said. */
static void check_order(const struct oto_store *s, int64_t oldest_ns)
{
	if (s->spec.drops && s->oldest->when_ns < oldest_ns)
		++*s->spec.drops;
}

void oto_row_again(struct oto_store *s, struct oto_row *r, int64_t now_ns)
{
	int64_t oldest_ns = s->oldest->when_ns;

	r->when_ns = now_ns;
	check_order(s, oldest_ns);
}

static void renew(struct oto_store *s, struct oto_row *r, int64_t now_ns)
{
	int64_t oldest_ns = s->oldest->when_ns;

	r->when_ns = now_ns;
	r->changed = true;
	if (s->newest != r) {
		unlist(s, r);
		list_newest(s, r);
	}
	check_order(s, oldest_ns);
}

static void forget_gone(struct oto_store *s)
{
	for (uint32_t i = 0; i < s->ngone; i++)
		discard(s->gone[i]);
	free(s->gone);
	s->gone = NULL;
	s->ngone = 0;
	s->all_gone = false;
}

/* The key is ours now. While nothing can be saved the list must not grow for ever. */
static void list_gone(struct oto_store *s, struct oto_slice key)
{
	if (s->ngone == s->spec.max) {
		forget_gone(s);
		s->all_gone = true;
	}
	if (s->all_gone) {
		discard(key);
		return;
	}
	s->gone = oto_realloc(s->gone, (s->ngone + 1) * sizeof *s->gone);
	s->gone[s->ngone++] = key;
}

static void let_go(struct oto_store *s, uint32_t place)
{
	if (!place)
		return;
	s->kept[place] = (struct kept){ .number = UINT64_MAX, .next = s->free_place };
	s->free_place = place;
}

void oto_rows_let_go(struct oto_store *s)
{
	s->let_go = s->times_kept;
	if (s->spec.drops)
		++*s->spec.drops;
}

static void row_free(struct oto_row *r)
{
	discard(r->value);
	free(r->times);
	free(r);
}

static void drop(struct oto_store *s, struct oto_row *r)
{
	struct oto_row **link = link_of(s, r->key, r->hash);

	*link = r->chain;
	unlist(s, r);
	*(r->before ? &r->before->after : &s->first) = r->after;
	*(r->after ? &r->after->before : &s->last) = r->before;
	let_go(s, r->place);
	if (s->spec.drops)
		++*s->spec.drops;
	s->stats.rows--;
	s->stats.bytes -= r->key.len + r->value.len + r->cap_times * sizeof *r->times;
	s->changed = true;
	if (r->position)
		list_gone(s, copy(r->key));
	row_free(r);
}

static void make_room(struct oto_store *s, const struct oto_row *keep)
{
	while (s->oldest && s->oldest != keep && (s->stats.rows > s->spec.max || s->stats.bytes > s->spec.max_bytes)) {
		drop(s, s->oldest);
		s->stats.evicted++;
	}
}

/* ------------------------------------------------------------------------------------------------ time */

void oto_store_expire(struct oto_store *s, int64_t now_ns)
{
	if (!s->spec.expire_ns)
		return;
	/* A row made before the first packet had no time: its life begins now. */
	while (s->oldest && s->oldest->when_ns == 0 && now_ns > 0)
		renew(s, s->oldest, now_ns);
	while (s->oldest && now_ns - s->oldest->when_ns >= s->spec.expire_ns) {
		drop(s, s->oldest);
		s->stats.expired++;
	}
}

bool oto_store_is_full(const struct oto_store *s)
{
	return s->stats.rows >= s->spec.max;
}

int64_t oto_store_next_old(const struct oto_store *s)
{
	return s->spec.expire_ns && s->oldest ? s->oldest->when_ns + s->spec.expire_ns : INT64_MAX;
}

/* ------------------------------------------------------------------------------------------------ rows */

struct oto_row *oto_store_get(struct oto_store *s, struct oto_slice key, int64_t now_ns)
{
	oto_store_expire(s, now_ns);
	struct oto_row *r = *link_of(s, key, hash_of(key));
	if (r && s->spec.touch)
		renew(s, r, now_ns);
	return r;
}

struct oto_row *oto_store_put(struct oto_store *s, struct oto_slice key, int64_t now_ns, bool *made)
{
	oto_store_expire(s, now_ns);
	uint64_t hash = hash_of(key);
	struct oto_row **link = link_of(s, key, hash), *r = *link;

	*made = r == NULL;
	s->changed = true;
	if (r) {
		renew(s, r, now_ns);
		return r;
	}
	if (s->stats.rows >= s->nbuckets) {
		grow(s);
		link = link_of(s, key, hash);
	}
	r = oto_calloc(1, sizeof *r + key.len);
	uint8_t *behind = (uint8_t *)(r + 1);
	if (key.len)
		memcpy(behind, key.data, key.len);
	*r = (struct oto_row){ .hash = hash,
			       .key = { behind, key.len },
			       .first_ns = now_ns,
			       .when_ns = now_ns,
			       .before = s->last,
			       .number = s->made++,
			       .changed = true };
	*link = r;
	*(s->last ? &s->last->after : &s->first) = r;
	s->last = r;
	list_newest(s, r);
	s->stats.rows++;
	s->stats.bytes += key.len;
	make_room(s, r);
	return r;
}

static uint32_t take_place(struct oto_store *s)
{
	uint32_t place = s->free_place ? s->free_place : s->nkept;

	if (s->free_place) {
		s->free_place = s->kept[place].next;
		return place;
	}
	if (!(s->nkept & (s->nkept - 1)))
		s->kept = oto_realloc(s->kept, 2 * s->nkept * sizeof *s->kept);
	s->kept[s->nkept++] = (struct kept){ 0 };
	return place;
}

struct oto_row_ref oto_row_keep(struct oto_store *s, struct oto_row *row)
{
	if (!row->place)
		row->place = take_place(s);
	struct kept *k = &s->kept[row->place];
	if (k->row != row || k->number <= s->let_go)
		*k = (struct kept){ .row = row, .number = ++s->times_kept };
	return (struct oto_row_ref){ row->place, k->number };
}

struct oto_row *oto_row_kept(const struct oto_store *s, const struct oto_row_ref *ref)
{
	const struct kept *k = &s->kept[ref->place];

	return k->number == ref->number && ref->number > s->let_go ? k->row : NULL;
}

void oto_row_fetch(const struct oto_store *s, const struct oto_row_ref *ref, int step)
{
	const struct oto_row *r = step ? oto_row_kept(s, ref) : NULL;

	if (step == 0)
		oto_fetch(&s->kept[ref->place], sizeof *s->kept);
	else if (r && step == 1)
		oto_fetch(r, offsetof(struct oto_row, chain));
	if (!r || step != 2)
		return;
	oto_fetch(r->value.data, r->value.len);
	oto_fetch(r->older, 1);
	oto_fetch(r->newer, 1);
}

struct oto_row *oto_store_put_again(struct oto_store *s, const struct oto_row_ref *ref, int64_t now_ns)
{
	struct oto_row *r;

	oto_store_expire(s, now_ns);
	r = oto_row_kept(s, ref);
	if (r) {
		s->changed = true;
		renew(s, r, now_ns);
	}
	return r;
}

void oto_row_set(struct oto_store *s, struct oto_row *row, struct oto_slice value)
{
	row->changed = s->changed = true;
	if (row->value.len == value.len) {
		if (value.len) /* the row's own */
			memmove((void *)(uintptr_t)row->value.data, value.data, value.len);
		return;
	}
	struct oto_slice mine = copy(value);
	s->stats.bytes += value.len;
	s->stats.bytes -= row->value.len;
	discard(row->value);
	row->value = mine;
	make_room(s, row);
}

bool oto_store_remove(struct oto_store *s, struct oto_slice key, int64_t now_ns)
{
	oto_store_expire(s, now_ns);
	struct oto_row *r = *link_of(s, key, hash_of(key));

	if (!r)
		return false;
	/* The latest removals are remembered until they are saved, as many as the store has rows. */
	if (s->ntombstones < s->spec.max) {
		s->tombstones = oto_realloc(s->tombstones, (s->ntombstones + 1) * sizeof *s->tombstones);
		s->next_tombstone = s->ntombstones++;
	} else {
		s->next_tombstone = (s->next_tombstone + 1) % s->ntombstones;
		discard(s->tombstones[s->next_tombstone].key);
	}
	s->tombstones[s->next_tombstone] = (struct oto_tombstone){ copy(key), now_ns };
	drop(s, r);
	return true;
}

bool oto_store_forget(struct oto_store *s, struct oto_slice key, int64_t now_ns)
{
	oto_store_expire(s, now_ns);
	struct oto_row *r = *link_of(s, key, hash_of(key));

	if (r)
		drop(s, r);
	return r;
}

void oto_store_clear(struct oto_store *s, int64_t now_ns)
{
	while (s->first) {
		struct oto_slice key = copy(s->first->key);
		oto_store_remove(s, key, now_ns);
		discard(key);
	}
}

void oto_store_empty(struct oto_store *s)
{
	while (s->first)
		drop(s, s->first);
}

struct oto_row *oto_store_first(const struct oto_store *s)
{
	return s->first;
}

struct oto_row *oto_store_newest(const struct oto_store *s)
{
	return s->newest;
}

struct oto_row *oto_store_last(const struct oto_store *s)
{
	return s->last;
}

/* ------------------------------------------------------------------------------------------------ windows */

static int64_t newest_time(const struct oto_row *r)
{
	return r->times[(r->first_time + r->ntimes - 1) % r->cap_times];
}

/* What lies in the future comes from a saved run over later packets, or over these: then what it saw at this very moment is seen again. */
static void forget_future(struct oto_row *r, int64_t now_ns)
{
	if (!r->ntimes || newest_time(r) <= now_ns)
		return;
	while (r->ntimes && newest_time(r) >= now_ns)
		r->ntimes--;
}

static void forget_oldest(struct oto_row *r)
{
	r->first_time = (r->first_time + 1) % r->cap_times;
	r->ntimes--;
}

/* What no window that ends now or later has. */
static void forget_old(const struct oto_store *s, struct oto_row *r, int64_t now_ns)
{
	while (r->ntimes && now_ns - r->times[r->first_time] >= s->spec.window_ns)
		forget_oldest(r);
}

static void grow_times(struct oto_store *s, struct oto_row *r)
{
	uint32_t cap = r->cap_times ? r->cap_times * 2 : 4;

	if (cap > s->spec.each)
		cap = s->spec.each;
	int64_t *times = oto_calloc(cap, sizeof *times);
	for (uint32_t i = 0; i < r->ntimes; i++)
		times[i] = r->times[(r->first_time + i) % r->cap_times];
	s->stats.bytes += (cap - r->cap_times) * sizeof *times;
	free(r->times);
	r->times = times;
	r->first_time = 0;
	r->cap_times = cap;
}

/* Room for one more time behind those that are there. */
static void make_time(struct oto_store *s, struct oto_row *row)
{
	if (row->ntimes == row->cap_times && row->cap_times < s->spec.each)
		grow_times(s, row);
	if (row->ntimes == row->cap_times)
		forget_oldest(row);
	row->ntimes++;
}

static int64_t *time_at(const struct oto_row *row, uint32_t i)
{
	return &row->times[(row->first_time + i) % row->cap_times];
}

/* Of more than a row keeps it keeps the newest. */
static bool is_older_than_kept(const struct oto_store *s, const struct oto_row *row, int64_t at_ns)
{
	return row->ntimes && row->ntimes == s->spec.each && at_ns < *time_at(row, 0);
}

uint32_t oto_row_tick(struct oto_store *s, struct oto_row *row, int64_t at_ns, int64_t now_ns)
{
	forget_future(row, now_ns);
	int64_t newest = row->ntimes && newest_time(row) > at_ns ? newest_time(row) : at_ns;
	forget_old(s, row, newest);
	if (newest - at_ns >= s->spec.window_ns || is_older_than_kept(s, row, at_ns))
		return row->ntimes;
	make_time(s, row);
	/* in order: a connection is told of when it ends, and counts from when it began */
	uint32_t i = row->ntimes - 1;
	for (; i && *time_at(row, i - 1) > at_ns; i--)
		*time_at(row, i) = *time_at(row, i - 1);
	*time_at(row, i) = at_ns;
	row->changed = s->changed = true;
	make_room(s, row);
	return row->ntimes;
}

uint32_t oto_row_ticks(const struct oto_store *s, struct oto_row *row, int64_t now_ns)
{
	forget_future(row, now_ns);
	forget_old(s, row, now_ns);
	return row->ntimes;
}

/* ------------------------------------------------------------------------------------------------ saving */

bool oto_store_changed(const struct oto_store *s)
{
	return s->changed;
}

static void forget_tombstones(struct oto_store *s)
{
	for (uint32_t i = 0; i < s->ntombstones; i++)
		discard(s->tombstones[i].key);
	free(s->tombstones);
	s->tombstones = NULL;
	s->ntombstones = s->next_tombstone = 0;
}

void oto_store_saved(struct oto_store *s)
{
	s->changed = false;
	for (struct oto_row *r = s->newest; r && r->changed; r = r->older)
		r->changed = false;
	forget_tombstones(s);
	forget_gone(s);
}

const struct oto_slice *oto_store_gone(const struct oto_store *s, uint32_t *n, bool *all)
{
	*n = s->ngone;
	*all = s->all_gone;
	return s->gone;
}

const struct oto_tombstone *oto_store_tombstones(const struct oto_store *s, uint32_t *n)
{
	*n = s->ntombstones;
	return s->tombstones;
}

void oto_store_free(struct oto_store *s)
{
	if (!s)
		return;
	for (struct oto_row *r = s->first, *next; r; r = next) {
		next = r->after;
		row_free(r);
	}
	forget_tombstones(s);
	forget_gone(s);
	free(s->kept);
	free(s->bucket);
	free((void *)(uintptr_t)s->spec.name);
	free((void *)(uintptr_t)s->spec.shape);
	free(s);
}
