/* ledger.c - rows of a tally posted to accounts, and accounts held against limits or what was learned of them. See ledger.h. */
#include "ledger.h"

#include <math.h>
#include <stdlib.h>

#define SEED UINT64_C(0x6c6564676572)
#define SEEN_MOST 200000u /* values of parts of keys that are remembered over windows */

/* ------------------------------------------------------------------------------------------------ accounts */

static void *room_for(void *all, uint32_t n, uint32_t *room, size_t size)
{
	if (n < *room)
		return all;
	*room = *room ? 2 * *room : 64;
	return oto_realloc(all, *room * size);
}

static void append(struct oto_accounts *list, struct oto_account *a)
{
	list->of = room_for(list->of, list->n, &list->room, sizeof(struct oto_account *));
	list->of[list->n++] = a;
}

struct oto_ledger *oto_ledger_new(const struct oto_ledger *as)
{
	struct oto_ledger *l = oto_calloc(1, sizeof *l);

	*l = *as;
	l->era = l->window = l->take = l->limited = 1;
	for (uint32_t i = 0; i < OTO_SUMS_MOST; i++)
		l->limit[i] = HUGE_VAL;
	return l;
}

struct oto_account *oto_ledger_open(struct oto_ledger *l)
{
	if (l->all.n >= l->max) {
		l->refused++;
		return NULL;
	}
	struct oto_account *a = oto_calloc(1, sizeof *a + 2 * l->columns * sizeof *a->number);
	a->index = l->all.n;
	append(&l->all, a);
	return a;
}

void oto_ledger_forget(struct oto_account *a)
{
	free(a->sums);
	free(a->model);
	a->sums = NULL;
	a->model = NULL;
	a->is_modelled = false;
}

static struct oto_sums *sums_of(const struct oto_ledger *l, struct oto_account *a)
{
	if (!a->sums) {
		a->sums = oto_calloc(1, oto_sums_size(l->columns));
		oto_sums_begin(a->sums, l->columns);
	}
	return a->sums;
}

void oto_ledger_put(struct oto_ledger *l, struct oto_account *a, const void *text)
{
	oto_ledger_forget(a);
	oto_sums_read(sums_of(l, a), l->columns, text);
}

static void forget_seen(struct oto_ledger *l)
{
	free(l->seen);
	free(l->slot);
	l->seen = NULL;
	l->slot = NULL;
	l->nseen = l->seen_room = 0;
}

void oto_ledger_clear(struct oto_ledger *l)
{
	for (uint32_t i = 0; i < l->all.n; i++) {
		oto_ledger_forget(l->all.of[i]);
		free(l->all.of[i]);
	}
	l->all.n = l->present.n = l->posted.n = l->changed.n = l->nfound = l->found_at = 0;
	forget_seen(l);
	l->era++;
}

void oto_ledger_free(struct oto_ledger *l)
{
	oto_ledger_clear(l);
	free(l->all.of);
	free(l->present.of);
	free(l->posted.of);
	free(l->changed.of);
	free(l->found);
	oto_buf_free(&l->text);
	free(l);
}

static void change(struct oto_ledger *l, struct oto_account *a)
{
	if (!a->is_changed)
		append(&l->changed, a);
	a->is_changed = true;
}

/* Its numbers are those of this window, and something is posted to it. */
static void touch(struct oto_ledger *l, struct oto_account *a)
{
	if (a->window != l->window) {
		memset(a->number, 0, l->columns * sizeof *a->number);
		a->window = l->window;
		append(&l->present, a);
	}
	if (a->take != l->take) {
		a->take = l->take;
		append(&l->posted, a);
		if (!l->scale)
			change(l, a);
	}
}

void oto_ledger_add(struct oto_ledger *l, struct oto_account *a, const double *number)
{
	touch(l, a);
	for (uint32_t i = 0; i < l->columns; i++)
		a->number[i] += number[i];
}

/* ------------------------------------------------------------------------------------------------ different values of a part of the key */

/* Of an account and a column; 64 bits tell them apart. */
struct oto_seen {
	uint64_t hash;
	uint64_t window; /* in which it counted last */
};

static uint32_t *slot_of(const struct oto_ledger *l, uint64_t hash)
{
	uint32_t mask = 2 * l->seen_room - 1, at = (uint32_t)hash & mask;

	while (l->slot[at] && l->seen[l->slot[at] - 1].hash != hash)
		at = (at + 1) & mask;
	return &l->slot[at];
}

static void more_room_for_seen(struct oto_ledger *l)
{
	l->seen = room_for(l->seen, l->nseen, &l->seen_room, sizeof *l->seen);
	free(l->slot);
	l->slot = oto_calloc(2 * l->seen_room, sizeof *l->slot);
	for (uint32_t i = 0; i < l->nseen; i++)
		*slot_of(l, l->seen[i].hash) = i + 1;
}

static uint32_t number_of_seen(struct oto_ledger *l, uint32_t account, uint32_t column, struct oto_slice part)
{
	if (l->nseen == l->seen_room)
		more_room_for_seen(l);
	uint64_t hash = oto_hash(SEED + (uint64_t)account * OTO_SUMS_MOST + column, part.data, part.len);
	uint32_t *slot = slot_of(l, hash);
	if (!*slot) {
		l->seen[l->nseen++] = (struct oto_seen){ .hash = hash };
		*slot = l->nseen;
	}
	return *slot - 1;
}

static struct oto_slice part_of(struct oto_slice key, uint32_t part)
{
	struct oto_slice before = oto_tally_first_parts(key, part), with = oto_tally_first_parts(key, part + 1);

	return (struct oto_slice){ key.data + before.len, with.len - before.len };
}

/* ------------------------------------------------------------------------------------------------ whose rows are */

/* The label of a row: whose it was in that era (1 + index; 0: nobody's), and for each entry that counts different values which that is. */
struct posting {
	uint64_t era;
	uint32_t account[OTO_LEDGER_SIDES];
	uint32_t seen[];
};

static uint32_t posting_size(const struct oto_ledger *l)
{
	return (uint32_t)(sizeof(struct posting) + (l->ndifferent + 1) / 2 * 2 * sizeof(uint32_t));
}

/* NULL: it is not known. */
static const struct posting *posting_of(const struct oto_ledger *l, const struct oto_row *r)
{
	uint32_t len = oto_tally_bytes(l->of);

	if (r->value.len != len + posting_size(l))
		return NULL;
	const struct posting *p = (const struct posting *)(const void *)(r->value.data + len);
	return p->era == l->era ? p : NULL;
}

void oto_ledger_unknown(struct oto_ledger *l, struct oto_buf *keys)
{
	struct oto_row **rows = NULL;
	uint32_t n = 0, room = 0;

	oto_tally_settle_up(l->of);
	for (struct oto_row *r = oto_tally_newest_news(l->of); r; r = oto_tally_older_news(l->of, r)) {
		if (posting_of(l, r))
			continue;
		rows = room_for(rows, n, &room, sizeof *rows);
		rows[n++] = r;
	}
	if (!n) /* most often */
		return;
	oto_tally_in_order(rows, n);
	for (uint32_t i = 0; i < n; i++) {
		oto_buf_add(keys, &rows[i]->key.len, sizeof rows[i]->key.len);
		oto_buf_add(keys, rows[i]->key.data, rows[i]->key.len);
	}
	free(rows);
}

void oto_ledger_know(struct oto_ledger *l, struct oto_slice key, const struct oto_account *const *whose, int64_t now_ns)
{
	uint32_t seen[OTO_LEDGER_SIDES * OTO_SUMS_MOST + 1] = { 0 }, n = 0;
	struct posting p = { .era = l->era };

	l->of->recent = NULL; /* what is old goes when something is looked for */
	struct oto_row *r = oto_store_get(l->of->store, key, now_ns);
	if (!r)
		return;
	for (uint32_t side = 0; side < OTO_LEDGER_SIDES; side++) {
		p.account[side] = whose[side] ? whose[side]->index + 1 : 0;
		for (uint32_t i = 0; i < l->nentries[side]; i++) {
			const struct oto_entry *e = &l->entry[side][i];
			if (e->kind == OTO_ENTRY_DIFFERENT && whose[side])
				seen[n] = number_of_seen(l, whose[side]->index, e->column, part_of(key, e->part));
			n += e->kind == OTO_ENTRY_DIFFERENT;
		}
	}
	oto_tally_counted(l->of, r);
	l->text.len = 0;
	oto_buf_add(&l->text, r->value.data, oto_tally_bytes(l->of));
	oto_buf_add(&l->text, &p, sizeof p);
	oto_buf_add(&l->text, seen, posting_size(l) - sizeof p);
	oto_row_set(l->of->store, r, (struct oto_slice){ (const uint8_t *)l->text.data, (uint32_t)l->text.len });
}

void oto_ledger_anew(struct oto_ledger *l)
{
	l->era++;
}

/* ------------------------------------------------------------------------------------------------ posting */

static double total_of(const struct oto_counted *c, uint32_t sums)
{
	double total = 0;

	for (uint32_t i = 0; sums; i++, sums >>= 1)
		total += sums & 1 ? c->sum[i].total : 0;
	return total;
}

static bool is_new_in(struct oto_seen *seen, uint64_t window)
{
	bool is_new = seen->window != window;

	seen->window = window;
	return is_new;
}

static double part_in(struct oto_ledger *l, const struct oto_entry *e, const struct oto_counted *c, const uint32_t *seen)
{
	switch (e->kind) {
	case OTO_ENTRY_EVENTS:
		return (double)c->fresh;
	case OTO_ENTRY_SUMS:
		return total_of(c, e->sums);
	}
	return is_new_in(&l->seen[*seen], l->window);
}

static void post(struct oto_ledger *l, const struct posting *p, const struct oto_counted *c)
{
	const uint32_t *seen = p->seen;

	for (uint32_t side = 0; side < OTO_LEDGER_SIDES; side++) {
		struct oto_account *a = p->account[side] ? l->all.of[p->account[side] - 1] : NULL;
		bool is_empty = side && l->other_if && total_of(c, l->other_if) == 0;
		if (a)
			touch(l, a);
		for (uint32_t i = 0; i < l->nentries[side]; i++) {
			const struct oto_entry *e = &l->entry[side][i];
			if (a && !is_empty)
				a->number[e->column] += part_in(l, e, c, seen);
			seen += e->kind == OTO_ENTRY_DIFFERENT;
		}
	}
}

void oto_ledger_take(struct oto_ledger *l)
{
	struct oto_tally *t = l->of;

	l->take++;
	l->posted.n = 0;
	oto_tally_settle_up(t);
	for (struct oto_row *r = oto_tally_newest_news(t); r; r = oto_tally_older_news(t, r)) {
		const struct posting *p = posting_of(l, r);
		if (p)
			post(l, p, (const struct oto_counted *)(const void *)r->value.data);
	}
	oto_tally_pass_over(t);
}

void oto_ledger_close(struct oto_ledger *l)
{
	l->window++;
	l->present.n = l->posted.n = 0;
	if (l->nseen <= SEEN_MOST)
		return;
	forget_seen(l);
	l->era++;
}

/* ------------------------------------------------------------------------------------------------ what is found */

static double scaled(const struct oto_ledger *l, double number)
{
	return l->scale == OTO_SCALE_LOG ? log(1 + number) : number;
}

/* But for a constant, the number that x is of. */
static double unscaled(const struct oto_ledger *l, double x)
{
	return l->scale == OTO_SCALE_LOG ? exp(x) : x;
}

static struct oto_found *find(struct oto_ledger *l, const struct oto_account *a)
{
	l->found = room_for(l->found, l->nfound, &l->found_room, sizeof *l->found);
	struct oto_found *f = &l->found[l->nfound++];

	*f = (struct oto_found){ .account = a->index };
	if (a->window == l->window)
		memcpy(f->number, a->number, l->columns * sizeof *a->number);
	return f;
}

static int by_account(const void *a, const void *b)
{
	uint32_t x = ((const struct oto_found *)a)->account, y = ((const struct oto_found *)b)->account;

	return (x > y) - (x < y);
}

/* In which order things were posted is that in which they were counted last: they are told in that of first sight. */
static void put_in_order(struct oto_ledger *l)
{
	l->found_at = 0;
	if (l->nfound > 1)
		qsort(l->found, l->nfound, sizeof *l->found, by_account);
}

const struct oto_found *oto_ledger_found(struct oto_ledger *l)
{
	return l->found_at < l->nfound ? &l->found[l->found_at++] : NULL;
}

void oto_ledger_each(struct oto_ledger *l)
{
	l->nfound = 0;
	for (uint32_t i = 0; i < l->present.n; i++)
		find(l, l->present.of[i]);
	put_in_order(l);
}

void oto_ledger_changed(struct oto_ledger *l)
{
	l->nfound = 0;
	for (uint32_t i = 0; i < l->changed.n; i++) {
		l->changed.of[i]->is_changed = false;
		if (l->scale || l->changed.of[i]->window == l->window)
			find(l, l->changed.of[i]);
	}
	l->changed.n = 0;
	put_in_order(l);
}

/* ------------------------------------------------------------------------------------------------ limits */

void oto_ledger_limits(struct oto_ledger *l, const double *limit)
{
	memcpy(l->limit, limit, l->columns * sizeof *limit);
	l->limited++;
}

void oto_ledger_limit(struct oto_ledger *l, struct oto_account *a, const double *limit)
{
	memcpy(a->number + l->columns, limit, l->columns * sizeof *limit);
	a->limited = l->limited;
}

static bool is_over(const struct oto_ledger *l, const struct oto_account *a)
{
	const double *limit = a->limited == l->limited ? a->number + l->columns : l->limit;

	for (uint32_t i = 0; i < l->columns; i++) {
		if (a->number[i] > limit[i])
			return true;
	}
	return false;
}

void oto_ledger_over(struct oto_ledger *l)
{
	l->nfound = 0;
	for (uint32_t i = 0; i < l->posted.n; i++) {
		if (is_over(l, l->posted.of[i]))
			find(l, l->posted.of[i]);
	}
	put_in_order(l);
}

/* ------------------------------------------------------------------------------------------------ what was learned */

static void model_anew(struct oto_account *a)
{
	free(a->model);
	a->model = NULL;
	a->is_modelled = false;
}

void oto_ledger_habits(struct oto_ledger *l, const struct oto_ledger_habits *habits)
{
	l->habits = *habits;
	for (uint32_t i = 0; i < l->all.n; i++)
		model_anew(l->all.of[i]);
}

static const struct oto_model *model_of(const struct oto_ledger *l, struct oto_account *a)
{
	if (a->is_modelled)
		return a->model;
	a->is_modelled = true;
	if (a->sums && a->sums->number[0] >= l->habits.least)
		a->model = oto_model_make(oto_calloc(1, oto_model_size(l->columns)), a->sums, l->habits.spread);
	return a->model;
}

static void scale_all(const struct oto_ledger *l, const struct oto_account *a, double *x)
{
	for (uint32_t i = 0; i < l->columns; i++)
		x[i] = scaled(l, a->number[i]);
}

static bool is_due(const struct oto_ledger_habits *h, double n)
{
	return h->renew > 0 && fmod(n, h->renew) == fmod(h->least, h->renew);
}

static void learn(struct oto_ledger *l, struct oto_account *a)
{
	const struct oto_model *m = model_of(l, a);
	struct oto_sums *s = sums_of(l, a);
	double x[OTO_SUMS_MOST];

	scale_all(l, a, x);
	if (m && oto_model_is_far(m, x, l->habits.notable))
		memcpy(find(l, a)->scaled, x, sizeof x);
	oto_sums_add(s, x);
	if (is_due(&l->habits, s->number[0]))
		model_anew(a);
	change(l, a);
}

static bool is_beyond(const struct oto_ledger *l, const struct oto_model *m, uint32_t i, double x)
{
	const struct oto_ledger_habits *h = &l->habits;
	double margin = m->n >= h->young ? h->margin[i] : h->young_margin[i];

	if (x <= m->high[i] + margin && x >= m->low[i] - margin)
		return false;
	double usual = x > m->mean[i] ? m->high[i] : m->low[i];
	return fabs(unscaled(l, x) - unscaled(l, usual)) >= h->more[i];
}

/* The number that is furthest beyond what was learned; true: there is one. */
static bool furthest(const struct oto_ledger *l, const struct oto_model *m, const double *x, uint32_t *column, double *far)
{
	*far = *column = 0;
	for (uint32_t i = 0; i < l->columns; i++) {
		double d = is_beyond(l, m, i, x[i]) ? fabs(x[i] - m->mean[i]) / m->dev[i] : 0;
		if (d <= *far)
			continue;
		*far = d;
		*column = i;
	}
	return *far > 0;
}

static void watch(struct oto_ledger *l, struct oto_account *a)
{
	const struct oto_model *m = model_of(l, a);
	double x[OTO_SUMS_MOST], far;
	uint32_t column;

	if (!m)
		return;
	scale_all(l, a, x);
	if (!furthest(l, m, x, &column, &far)) {
		a->beyond = 0;
		return;
	}
	struct oto_found *f = find(l, a);
	f->column = column;
	f->far = far;
	f->beyond = ++a->beyond;
	f->component = oto_model_component(m, x);
	f->mean = unscaled(l, m->mean[column]) - unscaled(l, 0);
	memcpy(f->scaled, x, sizeof x);
}

/* Nobody has touched it for a while: what the processor would have to wait for it is told of ahead. */
static void fetch_learned(const struct oto_ledger *l, const struct oto_account *a)
{
	if (a->sums)
		oto_fetch(a->sums, oto_sums_size(l->columns));
	if (a->model)
		oto_fetch(a->model, oto_model_size(l->columns));
}

void oto_ledger_turn(struct oto_ledger *l, enum oto_ledger_mode mode)
{
	l->nfound = 0;
	for (uint32_t i = 0; i < l->present.n && mode != OTO_LEDGER_OFF; i++) {
		if (i + 2 < l->present.n)
			fetch_learned(l, l->present.of[i + 2]);
		mode == OTO_LEDGER_LEARN ? learn(l, l->present.of[i]) : watch(l, l->present.of[i]);
	}
	put_in_order(l);
	oto_ledger_close(l);
}
