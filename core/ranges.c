/* ranges.c - see ranges.h. An array in the order of first sight, and a table of hashes that finds a place in it; of a message only the
 * first value is looked for, the next ones follow it.
 */
#include "ranges.h"

#include <math.h>
#include <stdlib.h>

#define SHARE 16u
#define FIRST_ROOM 64u

struct oto_ranges *oto_ranges_new(uint64_t seed, uint32_t max, uint32_t most)
{
	struct oto_ranges *rs = oto_calloc(1, sizeof *rs);

	*rs = (struct oto_ranges){ .seed = seed, .max = max, .most = most, .anew = 1 };
	return rs;
}

void oto_ranges_free(struct oto_ranges *rs)
{
	free(rs->range);
	free(rs->slot);
	free(rs);
}

/* ------------------------------------------------------------------------------------------------ finding */

/* Where its position, from 1, stands or is to stand. */
static uint32_t *slot_of(const struct oto_ranges *rs, uint32_t group, uint64_t place)
{
	uint32_t mask = rs->slots - 1, i = (uint32_t)oto_mix(rs->seed ^ group, place ^ UINT64_C(0x9e3779b97f4a7c15)) & mask;

	for (; rs->slot[i]; i = (i + 1) & mask) {
		const struct oto_range *r = &rs->range[rs->slot[i] - 1];
		if (r->place == place && r->group == group)
			break;
	}
	return &rs->slot[i];
}

struct oto_range *oto_range_find(const struct oto_ranges *rs, uint32_t group, uint64_t place)
{
	uint32_t at = rs->n ? *slot_of(rs, group, place) : 0;

	return at ? &rs->range[at - 1] : NULL;
}

static void grow(struct oto_ranges *rs)
{
	rs->room = rs->room ? rs->room * 2 : FIRST_ROOM;
	rs->range = oto_realloc(rs->range, rs->room * sizeof *rs->range);
	free(rs->slot);
	rs->slots = rs->room * 2;
	rs->slot = oto_calloc(rs->slots, sizeof *rs->slot);
	for (uint32_t i = 0; i < rs->n; i++)
		*slot_of(rs, rs->range[i].group, rs->range[i].place) = i + 1;
}

/* Made if need be, with nothing seen; NULL: the table is full. */
static struct oto_range *make(struct oto_ranges *rs, uint32_t group, uint64_t place)
{
	struct oto_range *r = oto_range_find(rs, group, place);

	if (r)
		return r;
	if (rs->n >= rs->max) {
		rs->refused++;
		return NULL;
	}
	if (rs->n == rs->room)
		grow(rs);
	r = &rs->range[rs->n++];
	*r = (struct oto_range){ .group = group, .place = place };
	*slot_of(rs, group, place) = rs->n;
	return r;
}

/* The one that was first seen behind `before` is most often the one looked for. */
static struct oto_range *find_behind(const struct oto_ranges *rs, struct oto_range *before, uint32_t group, uint64_t place)
{
	struct oto_range *r = before ? before + 1 : NULL;

	return r && r < rs->range + rs->n && r->place == place && r->group == group ? r : oto_range_find(rs, group, place);
}

/* ------------------------------------------------------------------------------------------------ the numbers of a message */

struct number {
	double value;
	bool is_whole;
};

static uint32_t count_of(const struct oto_ranges *rs, const struct oto_value *v)
{
	uint32_t n = v->kind == OTO_VEC ? v->vec.kind == OTO_VEC_BITS ? 0 : v->vec.count : v->kind == OTO_I64 || v->kind == OTO_F64;

	return n < rs->most ? n : rs->most;
}

static struct number whole(int64_t i)
{
	return (struct number){ (double)i, true };
}

/* As scripts read them: what is more than their whole numbers hold is none. */
static struct number item(const struct oto_vec *v, uint32_t i)
{
	enum oto_kind kind = oto_vec_item_kind(v);

	if (kind == OTO_F64)
		return (struct number){ oto_vec_real(v, i), false };
	uint64_t u = oto_vec_at(v, i);
	if (kind == OTO_U64 && u > INT64_MAX)
		return (struct number){ (double)u, false };
	return whole((int64_t)u);
}

static struct number number_of(const struct oto_value *v, uint32_t i)
{
	if (v->kind == OTO_VEC)
		return item(&v->vec, i);
	return v->kind == OTO_I64 ? whole(v->i) : (struct number){ v->f, false };
}

/* ------------------------------------------------------------------------------------------------ learning */

static void note_news(struct oto_ranges *rs, struct oto_range *r)
{
	uint32_t at = (uint32_t)(r - rs->range) + 1;

	if (r->is_news)
		return;
	r->is_news = true;
	r->next_news = 0;
	*(rs->last_news ? &rs->range[rs->last_news - 1].next_news : &rs->first_news) = at;
	rs->last_news = at;
}

struct oto_range *oto_ranges_take(struct oto_ranges *rs)
{
	struct oto_range *r = rs->first_news ? &rs->range[rs->first_news - 1] : NULL;

	if (!r)
		return NULL;
	rs->first_news = r->next_news;
	if (!rs->first_news)
		rs->last_news = 0;
	r->is_news = false;
	return r;
}

static void count_write(struct oto_range *r, double value)
{
	r->writes++;
	if (r->has_last) {
		r->ups += value > r->last;
		r->downs += value < r->last;
	}
	r->last = value;
	r->has_last = true;
}

static void widen(struct oto_range *r, struct number x)
{
	double was = r->high - r->low;

	if (x.value > r->high) {
		r->high = x.value;
		r->high_is_whole = x.is_whole;
		r->rises++;
	} else {
		r->low = x.value;
		r->low_is_whole = x.is_whole;
		r->falls++;
	}
	double share = was / (r->high - r->low);
	r->swings *= share * share;
}

static void count_swing(struct oto_range *r, double value)
{
	double quarter = (r->high - r->low) / 4;
	uint8_t end = value >= r->high - quarter ? OTO_RANGE_TOP : value <= r->low + quarter ? OTO_RANGE_BOTTOM : r->end;

	if (end != r->end) {
		r->end = end;
		r->swings++;
	}
}

static uint64_t next_due(uint64_t n)
{
	return n + n / SHARE;
}

/* True: that is news. */
static bool take_in(struct oto_range *r, struct number x, bool is_written)
{
	if (!r->n && !r->by_hand) {
		r->low = r->high = x.value;
		r->low_is_whole = r->high_is_whole = x.is_whole;
	}
	bool is_due = ++r->n >= r->due;
	if (is_written)
		count_write(r, x.value);
	if (x.value < r->low || x.value > r->high) {
		is_due = true;
		widen(r, x);
	}
	if (r->high > r->low)
		count_swing(r, x.value);
	if (is_due)
		r->due = next_due(r->n);
	return is_due;
}

bool oto_ranges_add(struct oto_ranges *rs, uint32_t group, uint64_t place, const struct oto_value *v, bool is_written)
{
	uint32_t n = count_of(rs, v);
	struct oto_range *r = NULL;
	bool is_news = false;

	for (uint32_t i = 0; i < n; i++) {
		struct number x = number_of(v, i);
		if (isnan(x.value))
			break;
		r = find_behind(rs, r, group, place + i);
		if (!r)
			r = make(rs, group, place + i);
		if (!r)
			continue;
		r->passed = 0;
		if (take_in(r, x, is_written)) {
			note_news(rs, r);
			is_news = true;
		}
	}
	return is_news;
}

void oto_range_put(struct oto_ranges *rs, uint32_t group, uint64_t place, const struct oto_range *known)
{
	struct oto_range *r = make(rs, group, place);

	if (!r)
		return;
	struct oto_range was = *r;
	*r = *known;
	r->group = group;
	r->place = place;
	r->is_news = was.is_news;
	r->next_news = was.next_news;
	r->due = next_due(r->n);
	r->taken = r->n;
}

/* ------------------------------------------------------------------------------------------------ watching */

uint32_t oto_ranges_outside(struct oto_ranges *rs, uint32_t group, uint64_t place, const struct oto_value *v, uint32_t from)
{
	uint32_t n = count_of(rs, v);
	struct oto_range *r = NULL;

	for (uint32_t i = from - 1; i < n; i++) {
		struct number x = number_of(v, i);
		if (isnan(x.value))
			break;
		r = find_behind(rs, r, group, place + i);
		if (r && (x.value < r->low || x.value > r->high) && r->passed != rs->anew)
			return i + 1;
	}
	return 0;
}
