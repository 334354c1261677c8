/* rhythm.c - rhythms fed from tallies, held against what was learned of them, and silent ones found. See rhythm.h. */
#include "rhythm.h"

#include <math.h>
#include <stdlib.h>

#define FORGETS 4u     /* turns with nothing after which what comes has nothing in common with what was */
#define SILENT 3u      /* turns before which nobody is silent */
#define MUCH_LATER 2.0 /* times the longest silence */
#define FOR_LONGER 3.0 /* times the longest even rhythm */
#define LONG 1e9       /* turns: for ever */

const struct oto_rhythm_learned oto_rhythm_nothing = { .steady = -1, .common = { .least = HUGE_VAL } };
const struct oto_rhythm_limits oto_rhythm_no_limits = { .factor = HUGE_VAL,
							.jitter = HUGE_VAL,
							.lost = HUGE_VAL,
							.late = HUGE_VAL,
							.pause = HUGE_VAL,
							.pause_factor = 1,
							.young = HUGE_VAL,
							.steady = HUGE_VAL };

/* ------------------------------------------------------------------------------------------------ windows */

static double more_of(double a, double b)
{
	return a > b ? a : b;
}

static double less_of(double a, double b)
{
	return a < b ? a : b;
}

/* True when the window is over and shows something: *n gaps in so many turns. */
static bool close_window(const struct oto_rhythms *rs, struct oto_rhythm *r, double *n, uint32_t *turns, struct oto_rhythm_measured *m)
{
	struct oto_rhythm_window w = r->open;

	if (w.n < rs->least && w.turns < rs->longest)
		return false;
	r->open = (struct oto_rhythm_window){ 0 };
	if (w.n < 2)
		return false;
	*n = w.n;
	*turns = w.turns;
	m->mean = w.sum / w.n;
	double variance = w.squares / w.n - m->mean * m->mean;
	m->dev = variance > 0 ? sqrt(variance) : 0;
	m->lost = w.asks > 0 ? w.lost / w.asks : 0;
	m->late = w.answers > 0 ? w.late / w.answers : 0;
	return true;
}

/* The sums of mean and deviation are made again, as windows add up. */
static void add_turn(const struct oto_rhythms *rs, struct oto_rhythm *r, const struct oto_counted *c)
{
	const struct oto_sum *gaps = &c->sum[rs->of->nsums];
	double mean = gaps->n > 0 ? gaps->total / gaps->n : 0, dev = oto_sum_dev(gaps);
	struct oto_rhythm_window *w = &r->open;

	w->turns++;
	w->n += gaps->n;
	w->sum += gaps->n * mean;
	w->squares += gaps->n * (dev * dev + mean * mean);
	w->asks += (double)c->fresh;
	if (r->answered != rs->turn)
		return;
	w->lost += r->lost;
	w->answers += r->answers;
	w->late += r->late;
}

/* How long it is steady now. */
static double steady_with(const struct oto_rhythm *r, double mean, uint32_t turns)
{
	double off = fabs(mean - r->former.mean);

	return r->has_former && 4 * off < mean ? r->steady + turns : 0;
}

static struct oto_rhythm_common common_of(const struct oto_rhythm_measured *a, const struct oto_rhythm_measured *b)
{
	return (struct oto_rhythm_common){ .least = more_of(a->mean, b->mean),
					   .most = less_of(a->mean, b->mean),
					   .dev = less_of(a->dev, b->dev),
					   .lost = less_of(a->lost, b->lost),
					   .late = less_of(a->late, b->late) };
}

static void widen(struct oto_rhythm_common *known, const struct oto_rhythm_common *c)
{
	known->least = less_of(c->least, known->least);
	known->most = more_of(known->most, c->most);
	known->dev = more_of(known->dev, c->dev);
	known->lost = more_of(known->lost, c->lost);
	known->late = more_of(known->late, c->late);
}

/* ------------------------------------------------------------------------------------------------ those that are known */

static void *room_for(void *all, uint32_t n, uint32_t *room, size_t size)
{
	if (n < *room)
		return all;
	*room = *room ? 2 * *room : 64;
	return oto_realloc(all, *room * size);
}

struct oto_rhythms *oto_rhythms_new(struct oto_tally *of, uint32_t max)
{
	struct oto_rhythms *rs = oto_calloc(1, sizeof *rs);
	struct oto_store_spec spec = { .name = "rhythms", .shape = "", .kind = OTO_STORE_COUNT, .max = max, .max_bytes = UINT64_MAX };

	rs->of = of;
	rs->max = max;
	rs->limits = oto_rhythm_no_limits;
	rs->index = oto_store_new(&spec);
	rs->groups = oto_store_new(&spec);
	return rs;
}

void oto_rhythms_free(struct oto_rhythms *rs)
{
	for (uint32_t i = 0; i < rs->n; i++)
		free(rs->rhythm[i]);
	free(rs->rhythm);
	free(rs->news);
	free(rs->found);
	free(rs->unknown);
	oto_store_free(rs->index);
	oto_store_free(rs->groups);
	oto_buf_free(&rs->text);
	free(rs);
}

static void look_in(struct oto_rhythms *rs, struct oto_rhythm *r, uint64_t turns)
{
	struct oto_rhythm **slot = &rs->slot[(rs->turns + turns) % OTO_RHYTHM_SLOTS];

	if (r->at && (*r->at = r->next))
		r->next->at = r->at;
	if ((r->next = *slot))
		r->next->at = &r->next;
	*slot = r;
	r->at = slot;
	r->look = rs->turns + turns;
}

/* Its number, from 1; 0: it is not known. */
static uint32_t number_of(const struct oto_rhythms *rs, struct oto_slice key, int64_t now_ns)
{
	const struct oto_row *row = oto_store_get(rs->index, key, now_ns);

	return row ? (uint32_t)row->count : 0;
}

struct oto_rhythm *oto_rhythm_find(const struct oto_rhythms *rs, struct oto_slice key, int64_t now_ns)
{
	uint32_t number = number_of(rs, key, now_ns);

	return number ? rs->rhythm[number - 1] : NULL;
}

static bool has_room(struct oto_rhythms *rs, struct oto_slice key, int64_t now_ns)
{
	const struct oto_row *group = NULL;

	if (rs->within)
		group = oto_store_get(rs->groups, oto_tally_first_parts(key, rs->within), now_ns);
	if (rs->n < rs->max)
		return !group || group->count < rs->most;
	rs->refused++;
	return false;
}

/* Its number; 0: there is no room for it. */
static uint32_t add(struct oto_rhythms *rs, struct oto_slice key, const struct oto_rhythm_learned *known, int64_t now_ns)
{
	struct oto_rhythm *r = oto_calloc(1, sizeof *r);
	bool made;

	rs->rhythm = room_for(rs->rhythm, rs->n, &rs->room, sizeof(struct oto_rhythm *));
	rs->rhythm[rs->n++] = r;
	struct oto_row *row = oto_store_put(rs->index, key, now_ns, &made);
	row->count = rs->n;
	r->key = row->key;
	if (rs->within)
		oto_store_put(rs->groups, oto_tally_first_parts(key, rs->within), now_ns, &made)->count++;
	r->learned = *known;
	r->heard = rs->turns;
	look_in(rs, r, SILENT);
	return rs->n;
}

bool oto_rhythm_put(struct oto_rhythms *rs, struct oto_slice key, const struct oto_rhythm_learned *known, int64_t now_ns)
{
	struct oto_rhythm *r = oto_rhythm_find(rs, key, now_ns);

	if (r)
		r->learned = *known;
	else if (rs->n < rs->max)
		add(rs, key, known, now_ns);
	else
		rs->refused++;
	return r || rs->n < rs->max;
}

/* The label of a row in which something is counted: which rhythm it is, and where it is none, how many there were then. */
struct bound {
	uint32_t number, known;
	bool is_refused;
};

static struct bound *bound_of(const struct oto_tally *t, const struct oto_row *row)
{
	uint32_t len = oto_tally_bytes(t);

	if (row->value.len != len + sizeof(struct bound))
		return NULL;
	return (struct bound *)(uintptr_t)(row->value.data + len); /* the row's own */
}

static void bind(struct oto_rhythms *rs, struct oto_tally *t, struct oto_row *row, uint32_t number, bool is_refused)
{
	struct bound *was = bound_of(t, row), b = { number, rs->n, is_refused };

	if (was) {
		*was = b;
		return;
	}
	rs->text.len = 0;
	oto_buf_add(&rs->text, row->value.data, oto_tally_bytes(t));
	oto_buf_add(&rs->text, &b, sizeof b);
	oto_row_set(t->store, row, (struct oto_slice){ (const uint8_t *)rs->text.data, (uint32_t)rs->text.len });
}

/* The rhythm of what is counted there; NULL: there is none. */
static struct oto_rhythm *rhythm_of(struct oto_rhythms *rs, struct oto_tally *t, struct oto_row *row, int64_t now_ns)
{
	const struct bound *b = bound_of(t, row);

	if (!b || (!b->number && !b->is_refused && b->known != rs->n)) {
		bind(rs, t, row, number_of(rs, row->key, now_ns), false);
		b = bound_of(t, row);
	}
	return b->number ? rs->rhythm[b->number - 1] : NULL;
}

/* ------------------------------------------------------------------------------------------------ what is told */

static void tell(struct oto_rhythms *rs, const struct oto_rhythm *r, enum oto_rhythm_how how, double value, double usual)
{
	rs->found = room_for(rs->found, rs->nfound, &rs->found_room, sizeof *rs->found);
	rs->found[rs->nfound] = (struct oto_rhythm_found){ r, how, rs->nfound, value, usual };
	rs->nfound++;
}

static void tell_pause(struct oto_rhythms *rs, const struct oto_rhythm *r, double pause)
{
	const struct oto_rhythm_limits *l = &rs->limits;
	double usual = r->learned.common.most;

	if (r->learned.windows >= l->windows && pause > more_of(l->pause, l->pause_factor * usual))
		tell(rs, r, OTO_RHYTHM_PAUSE, pause, usual);
}

static void tell_steady(struct oto_rhythms *rs, const struct oto_rhythm *r, double mean, double before)
{
	const struct oto_rhythm_limits *l = &rs->limits;
	double limit = more_of(l->steady, FOR_LONGER * r->learned.steady);

	if (r->learned.windows < l->young && before < limit && r->steady >= limit)
		tell(rs, r, OTO_RHYTHM_STEADY, mean, 0);
}

static void judge(struct oto_rhythms *rs, const struct oto_rhythm *r, const struct oto_rhythm_common *c)
{
	const struct oto_rhythm_limits *l = &rs->limits;
	const struct oto_rhythm_common *known = &r->learned.common;

	if (c->most > known->most * l->factor)
		tell(rs, r, OTO_RHYTHM_SLOWER, c->most, known->most);
	else if (c->least < known->least / l->factor)
		tell(rs, r, OTO_RHYTHM_FASTER, c->least, known->least);
	else if (c->dev > more_of(known->dev, c->most / 20) * l->jitter)
		tell(rs, r, OTO_RHYTHM_IRREGULAR, c->dev, known->dev);
	if (c->lost > known->lost + l->lost)
		tell(rs, r, OTO_RHYTHM_LOST, c->lost, known->lost);
	if (c->late > known->late * l->late && c->late > l->slow)
		tell(rs, r, OTO_RHYTHM_LATE, c->late, known->late);
}

static int by_first_sight(const void *a, const void *b)
{
	const struct oto_rhythm_found *x = a, *y = b;

	if (x->rhythm->number != y->rhythm->number)
		return x->rhythm->number < y->rhythm->number ? -1 : 1;
	return x->order < y->order ? -1 : 1;
}

const struct oto_rhythm_found *oto_rhythms_found(struct oto_rhythms *rs)
{
	return rs->found_at < rs->nfound ? &rs->found[rs->found_at++] : NULL;
}

/* ------------------------------------------------------------------------------------------------ news */

static void has_news(struct oto_rhythms *rs, struct oto_rhythm *r, int64_t now_ns)
{
	rs->news_ns = now_ns;
	if (r->is_news)
		return;
	r->is_news = true;
	rs->news = room_for(rs->news, rs->nnews, &rs->news_room, sizeof(struct oto_rhythm *));
	rs->news[rs->nnews++] = r;
}

static int by_number(const void *a, const void *b)
{
	const struct oto_rhythm *x = *(struct oto_rhythm *const *)a, *y = *(struct oto_rhythm *const *)b;

	return (x->number > y->number) - (x->number < y->number);
}

struct oto_rhythm *oto_rhythms_take(struct oto_rhythms *rs)
{
	if (rs->news_at == rs->nnews) {
		rs->news_at = rs->nnews = 0;
		return NULL;
	}
	struct oto_rhythm *r = rs->news[rs->news_at++];
	r->is_news = false;
	return r;
}

/* ------------------------------------------------------------------------------------------------ a turn of one */

static void interrupt(struct oto_rhythm *r)
{
	r->has_former = false;
	r->steady = 0;
	r->is_interrupted = true;
}

static void learn(struct oto_rhythms *rs, struct oto_rhythm *r, double silent, int64_t now_ns)
{
	struct oto_rhythm_learned *known = &r->learned;
	struct oto_rhythm_measured m;
	uint32_t turns;
	double n;

	if (!close_window(rs, r, &n, &turns, &m))
		return;
	if (rs->counts_steady) {
		r->steady = steady_with(r, m.mean, turns);
		known->steady = more_of(known->steady, r->steady);
	}
	if (r->has_former && n >= rs->least) {
		struct oto_rhythm_common c = common_of(&m, &r->former);
		known->windows++;
		known->longest = more_of(known->longest, silent);
		widen(&known->common, &c);
		has_news(rs, r, now_ns);
	}
	r->former = m;
	r->has_former = true;
}

static void watch(struct oto_rhythms *rs, struct oto_rhythm *r)
{
	struct oto_rhythm_measured m, former = r->former;
	bool has_former = r->has_former;
	double n, before = r->steady;
	uint32_t turns;

	if (!close_window(rs, r, &n, &turns, &m))
		return;
	if (rs->counts_steady) {
		r->steady = steady_with(r, m.mean, turns);
		tell_steady(rs, r, m.mean, before);
	}
	r->former = m;
	r->has_former = true;
	if (!has_former || r->learned.windows < rs->limits.windows)
		return;
	struct oto_rhythm_common c = common_of(&m, &former);
	judge(rs, r, &c);
}

/* It came in this turn. */
static void hear(struct oto_rhythms *rs, struct oto_rhythm *r, const struct oto_counted *c, const struct oto_rhythms_turn *turn)
{
	uint64_t silent = rs->turns - r->heard;

	if (silent >= FORGETS && !r->is_interrupted)
		interrupt(r);
	if (turn->mode == OTO_RHYTHMS_WATCH && turn->pauses)
		tell_pause(rs, r, c->sum[rs->of->nsums].most);
	add_turn(rs, r, c);
	if (turn->mode == OTO_RHYTHMS_LEARN)
		learn(rs, r, (double)silent, turn->now_ns);
	else
		watch(rs, r);
	if (turn->silence) {
		r->heard = rs->turns + 1;
		r->is_told = r->is_interrupted = false;
	}
	uint64_t soonest = turn->silence ? 1 + SILENT : 1;
	if (r->look > rs->turns + soonest)
		look_in(rs, r, soonest);
}

/* ------------------------------------------------------------------------------------------------ silence */

/* In how many turns from now it is to be looked at; 0: it is silent for too long. */
static uint64_t due_in(const struct oto_rhythms *rs, const struct oto_rhythm *r, const struct oto_rhythms_turn *turn)
{
	double longest = more_of(ceil(r->learned.longest * MUCH_LATER), SILENT);
	uint64_t due = r->heard + (uint64_t)less_of(longest, LONG);

	if (r->is_told || r->learned.windows < rs->limits.windows)
		return OTO_RHYTHM_SLOTS - 1;
	if (due > rs->turns)
		return due - rs->turns < OTO_RHYTHM_SLOTS ? due - rs->turns : OTO_RHYTHM_SLOTS - 1;
	return turn->whole ? 0 : 1;
}

/* Those that are to be looked at in this turn. That somebody is silent is learned, too: it is no news later. */
static void look_for_silence(struct oto_rhythms *rs, const struct oto_rhythms_turn *turn)
{
	struct oto_rhythm *next = rs->slot[++rs->turns % OTO_RHYTHM_SLOTS];

	for (struct oto_rhythm *r = next; r; r = next) {
		uint64_t due = due_in(rs, r, turn);
		next = r->next;
		look_in(rs, r, due ? due : OTO_RHYTHM_SLOTS - 1);
		if (due)
			continue;
		r->is_told = true;
		if (turn->mode == OTO_RHYTHMS_WATCH)
			tell(rs, r, OTO_RHYTHM_SILENT, (double)(rs->turns - r->heard), r->learned.common.most);
	}
}

void oto_rhythms_interrupt(struct oto_rhythms *rs)
{
	for (uint32_t i = 0; i < rs->n; i++) {
		struct oto_rhythm *r = rs->rhythm[i];
		if (rs->turns - r->heard >= FORGETS && !r->is_interrupted)
			interrupt(r);
		r->has_former = r->is_interrupted = r->is_told = false;
		r->open = (struct oto_rhythm_window){ 0 };
		r->heard = rs->turns;
		if (r->look > r->heard + SILENT)
			look_in(rs, r, SILENT);
	}
}

/* ------------------------------------------------------------------------------------------------ a turn of all */

/* What is counted and new becomes known, in the order of first sight. */
static void learn_unknown(struct oto_rhythms *rs, int64_t now_ns)
{
	oto_tally_in_order(rs->unknown, rs->nunknown);
	for (uint32_t i = 0; i < rs->nunknown; i++) {
		struct oto_row *row = rs->unknown[i];
		uint32_t number = has_room(rs, row->key, now_ns) ? add(rs, row->key, &oto_rhythm_nothing, now_ns) : 0;
		bind(rs, rs->of, row, number, !number);
	}
	rs->nunknown = 0;
}

static void find_all(struct oto_rhythms *rs, const struct oto_rhythms_turn *turn)
{
	oto_tally_settle_up(rs->of);
	for (struct oto_row *row = oto_tally_newest_news(rs->of); row; row = oto_tally_older_news(rs->of, row)) {
		if (rhythm_of(rs, rs->of, row, turn->now_ns) || turn->mode != OTO_RHYTHMS_LEARN || bound_of(rs->of, row)->is_refused)
			continue;
		rs->unknown = room_for(rs->unknown, rs->nunknown, &rs->unknown_room, sizeof(struct oto_row *));
		rs->unknown[rs->nunknown++] = row;
	}
	learn_unknown(rs, turn->now_ns);
}

/* What was counted there, at the rhythms: add() does. */
static void add_all(struct oto_rhythms *rs, struct oto_tally *t, int64_t now_ns,
		    void (*add_one)(const struct oto_tally *t, struct oto_rhythm *r, const struct oto_counted *c))
{
	if (!t)
		return;
	oto_tally_settle_up(t);
	for (struct oto_row *row = oto_tally_newest_news(t); row; row = oto_tally_older_news(t, row)) {
		struct oto_rhythm *r = rhythm_of(rs, t, row, now_ns);
		if (!r)
			continue;
		if (r->answered != rs->turn) {
			r->answered = rs->turn;
			r->lost = r->answers = r->late = 0;
		}
		add_one(t, r, oto_tally_counted(t, row));
	}
}

static void add_lost(const struct oto_tally *t, struct oto_rhythm *r, const struct oto_counted *c)
{
	(void)t;
	r->lost = (double)c->fresh;
}

static void add_late(const struct oto_tally *t, struct oto_rhythm *r, const struct oto_counted *c)
{
	r->answers = (double)c->fresh;
	r->late = t->nsums ? c->sum[0].total : 0;
}

static void hear_all(struct oto_rhythms *rs, const struct oto_rhythms_turn *turn)
{
	for (struct oto_row *row = oto_tally_newest_news(rs->of); row; row = oto_tally_older_news(rs->of, row)) {
		struct oto_rhythm *r = rhythm_of(rs, rs->of, row, turn->now_ns);
		if (!r)
			continue;
		r->number = row->number;
		hear(rs, r, oto_tally_counted(rs->of, row), turn);
	}
}

static void take_all(struct oto_tally *t)
{
	if (t)
		oto_tally_pass_over(t);
}

void oto_rhythms_turn(struct oto_rhythms *rs, const struct oto_rhythms_turn *turn)
{
	uint32_t had = rs->nnews;

	rs->turn++;
	rs->nfound = rs->found_at = 0;
	if (turn->mode != OTO_RHYTHMS_OFF) {
		find_all(rs, turn);
		add_all(rs, rs->lost, turn->now_ns, add_lost);
		add_all(rs, rs->late, turn->now_ns, add_late);
		hear_all(rs, turn);
	}
	take_all(rs->of);
	take_all(rs->lost);
	take_all(rs->late);
	/* Which was counted last is chance where events wait to be counted. */
	if (rs->nnews > had)
		qsort(rs->news + had, rs->nnews - had, sizeof *rs->news, by_number);
	if (rs->nfound)
		qsort(rs->found, rs->nfound, sizeof *rs->found, by_first_sight);
	if (turn->silence && turn->mode != OTO_RHYTHMS_OFF)
		look_for_silence(rs, turn);
}
