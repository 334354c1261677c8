/* tally.c - counting by key: the key packed from an event's fields, its row found, its numbers added. See tally.h. */
#include "tally.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

#define SEED UINT64_C(0x726976616c)

/* ------------------------------------------------------------------------------------------------ the key */

struct key {
	uint32_t len;
	uint8_t data[OTO_TALLY_KEY_BYTES];
};

/* Texts longer than the key has room for are cut: they count as one from there on. */
static void add_bytes(struct key *k, const void *data, size_t len)
{
	size_t room = sizeof k->data - k->len;

	len = len < room ? len : room;
	memcpy(k->data + k->len, data, len);
	k->len += (uint32_t)len;
}

static void add_number(struct key *k, uint64_t u)
{
	add_bytes(k, "i", 1);
	add_bytes(k, &u, sizeof u);
}

static void add_text(struct key *k, const void *text, size_t len, uint32_t left)
{
	size_t most = (sizeof k->data - k->len) / (left ? left : 1) - 3;
	uint16_t n = (uint16_t)(len < most ? len : most);

	add_bytes(k, "s", 1);
	add_bytes(k, &n, sizeof n);
	add_bytes(k, text, n);
}

static void add_addr(struct key *k, const struct oto_addr *a)
{
	add_bytes(k, "a", 1);
	add_bytes(k, a, sizeof *a);
}

/* A coded number as its word, as handlers read it. */
static void add_word(struct key *k, const struct oto_value *v, uint32_t left)
{
	const struct oto_name *row = v->u <= UINT32_MAX ? oto_name_of(v->names, (uint32_t)v->u) : NULL;
	char unknown[32];

	if (!row)
		snprintf(unknown, sizeof unknown, "unknown-%" PRIu64, v->u);
	const char *word = row ? row->name : unknown;
	add_text(k, word, strlen(word), left);
}

/* `left`: parts still to come, this one included. A part that is absent is nil. */
static void add_value(struct key *k, const struct oto_value *v, uint32_t left, struct oto_buf *text)
{
	struct oto_addr mac = { .family = OTO_FAMILY_MAC };

	switch (v->kind) {
	case 0:
		add_bytes(k, "n", 1);
		break;
	case OTO_BOOL:
		add_bytes(k, v->u ? "y" : "f", 1);
		break;
	case OTO_U8:
	case OTO_U16:
	case OTO_U32:
	case OTO_U64:
		v->names ? add_word(k, v, left) : add_number(k, v->u);
		break;
	case OTO_I64:
		add_number(k, (uint64_t)v->i);
		break;
	case OTO_STR:
		add_text(k, v->str, strlen(v->str), left);
		break;
	case OTO_BYTES:
		add_text(k, v->bytes.data, v->bytes.len, left);
		break;
	case OTO_ADDR:
		add_addr(k, v->addr);
		break;
	case OTO_MAC:
		memcpy(mac.byte, v->mac->byte, sizeof v->mac->byte);
		add_addr(k, &mac);
		break;
	default:
		text->len = 0;
		oto_value_text(v, text);
		add_text(k, text->data, text->len, left);
	}
}

static uint32_t part_size(const uint8_t *at, const uint8_t *end)
{
	uint16_t n = 0;

	switch (*at) {
	case 'i':
		return 1 + sizeof(uint64_t);
	case 'a':
		return 1 + sizeof(struct oto_addr);
	case 's':
		memcpy(&n, at + 1, end - at > (ptrdiff_t)sizeof n ? sizeof n : 0);
		return 1 + (uint32_t)sizeof n + n;
	}
	return 1;
}

struct oto_slice oto_tally_first_parts(struct oto_slice key, uint32_t parts)
{
	uint32_t len = 0;

	for (uint32_t i = 0; i < parts && len < key.len; i++)
		len += part_size(key.data + len, key.data + key.len);
	return (struct oto_slice){ key.data, len < key.len ? len : key.len };
}

/* ------------------------------------------------------------------------------------------------ its numbers */

static bool number_of(const struct oto_value *v, double *out)
{
	switch (v->kind) {
	case OTO_U8:
	case OTO_U16:
	case OTO_U32:
	case OTO_U64:
		*out = (double)v->u;
		return true;
	case OTO_I64:
		*out = (double)v->i;
		return true;
	case OTO_TIME: /* since 1970, for the first and the last */
	case OTO_INTERVAL:
		*out = (double)v->i / (double)OTO_SECOND;
		return true;
	case OTO_F64:
		*out = v->f;
		return isfinite(v->f);
	}
	return false;
}

static void add_to(struct oto_sum *s, double x)
{
	if (s->n == 0 || x < s->least)
		s->least = x;
	if (s->n == 0 || x > s->most)
		s->most = x;
	s->n++;
	s->latest = x;
	s->total += x;
	s->squares += x * x;
}

static void add_real_to(struct oto_sum *s, double x)
{
	if (isfinite(x))
		add_to(s, x);
}

/* Blocks of bytes are the most that is read. Summed up as whole numbers, which is exact. */
static void add_bytes_to(struct oto_sum *s, const uint8_t *bytes, uint32_t n)
{
	uint64_t total = 0, squares = 0;
	uint8_t least = UINT8_MAX, most = 0;

	for (uint32_t i = 0; i < n; i++) {
		total += bytes[i];
		squares += (uint32_t)bytes[i] * bytes[i];
		least = bytes[i] < least ? bytes[i] : least;
		most = bytes[i] > most ? bytes[i] : most;
	}
	s->least = s->n == 0 || least < s->least ? least : s->least;
	s->most = s->n == 0 || most > s->most ? most : s->most;
	s->n += n;
	s->latest = bytes[n - 1];
	s->total += (double)total;
	s->squares += (double)squares;
}

/* Each of several numbers. */
static void add_all_to(struct oto_sum *s, const struct oto_vec *v)
{
	enum oto_kind kind = oto_vec_item_kind(v);

	if (v->kind == OTO_VEC_U8 && v->count) {
		add_bytes_to(s, v->data, v->count);
		return;
	}
	for (uint32_t i = 0; i < v->count; i++) {
		if (kind == OTO_F64)
			add_real_to(s, oto_vec_real(v, i));
		else
			add_to(s, kind == OTO_I64 ? (double)(int64_t)oto_vec_at(v, i) : (double)oto_vec_at(v, i));
	}
}

static void add_value_to(struct oto_sum *s, const struct oto_value *v)
{
	double number;

	if (v->kind == OTO_VEC)
		add_all_to(s, &v->vec);
	else if (number_of(v, &number))
		add_to(s, number);
}

uint32_t oto_tally_bytes(const struct oto_tally *t)
{
	return (uint32_t)(sizeof(struct oto_counted) + (t->nsums + t->gaps) * sizeof(struct oto_sum));
}

struct oto_counted *oto_tally_counted(const struct oto_tally *t, struct oto_row *r)
{
	static const uint64_t zeros[(sizeof(struct oto_counted) + (OTO_TALLY_SUMS + 1) * sizeof(struct oto_sum)) / 8] = { 0 };

	if (!r->value.len)
		oto_row_set(t->store, r, (struct oto_slice){ (const uint8_t *)zeros, oto_tally_bytes(t) });
	return (struct oto_counted *)(uintptr_t)r->value.data; /* the row's own */
}

static bool is_old(const struct oto_tally *t, const struct oto_row *r, int64_t now_ns)
{
	return t->expire_ns && now_ns - r->when_ns >= t->expire_ns;
}

/* The row seen last keeps its place in the order of age. */
static struct oto_row *recent_again(const struct oto_tally *t, int64_t now_ns)
{
	oto_row_again(t->store, t->recent, now_ns);
	return t->recent;
}

/* A new row may push out others. */
static struct oto_row *row_of(struct oto_tally *t, const struct key *key, int64_t now_ns, bool *made)
{
	struct oto_row *r = t->recent;

	*made = false;
	if (r && !is_old(t, r, now_ns) && r->key.len == key->len && memcmp(r->key.data, key->data, key->len) == 0)
		return recent_again(t, now_ns);
	if (t->may_wait && oto_store_is_full(t->store))
		t->catch_up(t->waiting);
	r = oto_store_put(t->store, (struct oto_slice){ key->data, key->len }, now_ns, made);
	t->recent = r;
	return r;
}

/* The same for a row that was found before; NULL: it is to be looked for. */
static struct oto_row *row_known(struct oto_tally *t, const struct oto_row_ref *known, int64_t now_ns)
{
	struct oto_row *r = oto_row_kept(t->store, known);

	if (!r)
		return NULL;
	if (r == t->recent && !is_old(t, r, now_ns))
		return recent_again(t, now_ns);
	/* Looking for it lets what is old go, the recent one perhaps. */
	return t->recent = oto_store_put_again(t->store, known, now_ns);
}

/* The text of it, which may be made; none: it is no text. */
static struct oto_slice text_of(const struct oto_value *v, struct oto_buf *made)
{
	switch (v->kind) {
	case OTO_STR:
		return (struct oto_slice){ (const uint8_t *)v->str, (uint32_t)strlen(v->str) };
	case OTO_BYTES:
		return v->bytes;
	case OTO_TARGET:
		made->len = 0;
		oto_value_text(v, made);
		return (struct oto_slice){ (const uint8_t *)made->data, (uint32_t)made->len };
	}
	return (struct oto_slice){ 0 };
}

/* Of a text, all up to the first of these; false: there is none in it. */
static bool cut_behind(struct oto_value *v, char mark, struct oto_buf *made)
{
	struct oto_slice text = text_of(v, made);
	const uint8_t *end = text.len ? memchr(text.data, mark, text.len) : NULL;

	if (!end)
		return false;
	v->kind = OTO_BYTES;
	v->bytes = (struct oto_slice){ text.data, (uint32_t)(end + 1 - text.data) };
	return true;
}

/* Without what may not matter of its part `loose` it is none that an event has; false: all of that matters. */
static bool key_of(const struct oto_tally_source *from, const struct oto_event *event, uint32_t loose, struct key *key)
{
	struct oto_tally *t = from->tally;
	struct oto_value v;

	key->len = 0;
	for (uint32_t i = 0; i < t->nkeys; i++) {
		bool is_loose = i + 1 == loose;
		v.kind = 0;
		if (from->key[i].field && (!is_loose || from->loose_behind))
			oto_value_get(event, from->key[i], &v);
		if (is_loose && from->loose_behind && !cut_behind(&v, from->loose_behind, &t->text))
			return false;
		if (from->span_ns[i] && v.kind == OTO_TIME)
			add_number(key, (uint64_t)(v.i / from->span_ns[i]));
		else
			add_value(key, &v, t->nkeys - i, &t->text);
	}
	if (loose)
		add_bytes(key, &t->unsettled, sizeof t->unsettled);
	return true;
}

/* The row of all that differ in nothing but the loose part of their key; NULL: that matters. */
static struct oto_row *settled_row(const struct oto_tally_source *from, const struct oto_event *event)
{
	struct oto_tally *t = from->tally;
	int64_t now = event->head->ts.ns;
	struct key key;

	if (!key_of(from, event, from->loose, &key))
		return NULL;
	if (t->expire_ns)
		t->recent = NULL; /* what is old goes when something is looked for */
	struct oto_row *r = oto_store_get(t->store, (struct oto_slice){ key.data, key.len }, now);
	if (!r)
		return NULL;
	struct oto_row_ref ref = oto_row_keep(t->store, r);
	return t->recent = oto_store_put_again(t->store, &ref, now);
}

/* *made: it is the first event with this key. */
static struct oto_row *find_row(const struct oto_tally_source *from, const struct oto_event *event, struct oto_row_ref *known, bool *made)
{
	int64_t now = event->head->ts.ns;
	struct oto_row *r = known ? row_known(from->tally, known, now) : NULL;
	struct key key;

	*made = false;
	if (r)
		return r;
	if (from->loose)
		r = settled_row(from, event);
	if (!r) {
		key_of(from, event, 0, &key);
		r = row_of(from->tally, &key, now, made);
	}
	if (known)
		*known = oto_row_keep(from->tally->store, r);
	return r;
}

static void add_sums(const struct oto_tally_source *from, const struct oto_event *event, struct oto_counted *c)
{
	struct oto_value v;

	for (uint32_t i = 0; i < from->tally->nsums; i++) {
		if (!from->sum[i].field)
			continue;
		oto_value_get(event, from->sum[i], &v);
		add_value_to(&c->sum[i], &v);
	}
}

void oto_tally_settle_up(struct oto_tally *t)
{
	if (t->may_wait)
		t->catch_up(t->waiting);
}

bool oto_tally_may_have(struct oto_tally *t, uint64_t n)
{
	oto_tally_settle_up(t);
	return t->fresh >= n;
}

bool oto_tally_has_news(const struct oto_tally *t, const struct oto_row *r)
{
	const struct oto_counted *c = (const void *)r->value.data;

	return r->value.len && c->round == t->round && c->fresh;
}

static void count_anew(const struct oto_tally *t, struct oto_counted *c)
{
	c->fresh = 0;
	memset(c->sum, 0, oto_tally_bytes(t) - sizeof *c);
}

void oto_tally_taken(struct oto_tally *t, struct oto_counted *c)
{
	t->fresh -= c->fresh < t->fresh ? c->fresh : t->fresh;
	count_anew(t, c);
}

void oto_tally_pass_over(struct oto_tally *t)
{
	oto_tally_settle_up(t);
	t->round++;
	t->fresh = 0;
}

/* Of this round, in which n events more are counted. */
static struct oto_counted *counted_now(struct oto_tally *t, struct oto_row *r, uint64_t n)
{
	struct oto_counted *c = oto_tally_counted(t, r);

	if (c->round != t->round) {
		count_anew(t, c);
		c->round = t->round;
	}
	r->count += n;
	t->fresh += n;
	return c;
}

/* But for its sums. */
static struct oto_counted *count(struct oto_tally *t, struct oto_row *r, int64_t now_ns)
{
	struct oto_counted *c = counted_now(t, r, 1);

	if (t->gaps && c->last_ns && now_ns >= c->last_ns)
		add_to(&c->sum[t->nsums], (double)(now_ns - c->last_ns) / (double)OTO_SECOND);
	if (!c->fresh++ || now_ns < c->from_ns) /* copies of what was sent are not always in order */
		c->from_ns = now_ns;
	c->last_ns = now_ns;
	return c;
}

/* Which of those that have their first parts in common the script heard of last; 0: it is not done with that. */
static uint64_t *latest_of(struct oto_tally *t, struct oto_slice key, int64_t now_ns)
{
	bool made;

	return &oto_store_put(t->latest, oto_tally_first_parts(key, t->rivals), now_ns, &made)->count;
}

/* What of a row the rivals of it differ in, as a number other than 0. */
static uint64_t identity(const struct oto_tally *t, const struct oto_row *r)
{
	if (t->apart == t->nkeys)
		return r->number + 1;
	struct oto_slice parts = oto_tally_first_parts(r->key, t->apart);
	return oto_hash(SEED, parts.data, parts.len) | 1;
}

static bool is_heard(struct oto_tally *t, const struct oto_row *r, struct oto_counted *c, bool made, int64_t now_ns)
{
	if (!made && (!t->again_ns || now_ns - c->heard_ns < t->again_ns))
		return false;
	c->heard_ns = now_ns;
	if (!t->latest)
		return true;
	uint64_t *latest = latest_of(t, r->key, now_ns), was = *latest;
	*latest = identity(t, r);
	return made || was != *latest;
}

bool oto_tally_add(const struct oto_tally_source *from, const struct oto_event *event, struct oto_row_ref *known)
{
	struct oto_tally *t = from->tally;
	int64_t now = event->head->ts.ns;
	bool made;

	struct oto_row *r = find_row(from, event, known, &made);
	struct oto_counted *c = count(t, r, now);
	add_sums(from, event, c);
	return is_heard(t, r, c, made, now);
}

/* When the script may hear of the row anew. Of what it heard of last it would not: that is as good as heard now. */
static int64_t again_at(struct oto_tally *t, const struct oto_row *r, int64_t now_ns)
{
	struct oto_counted *c = (struct oto_counted *)(uintptr_t)r->value.data;

	if (now_ns - c->heard_ns >= t->again_ns && t->latest && *latest_of(t, r->key, now_ns) == identity(t, r))
		c->heard_ns = now_ns;
	return c->heard_ns + t->again_ns;
}

int64_t oto_tally_silent_until(struct oto_tally *t, const struct oto_row_ref *known, int64_t now_ns)
{
	if (oto_store_next_old(t->store) <= now_ns) {
		t->recent = NULL;
		oto_store_expire(t->store, now_ns);
	}
	const struct oto_row *r = oto_row_kept(t->store, known);
	int64_t until = oto_store_next_old(t->store);

	if (!r || until <= now_ns)
		return INT64_MIN;
	if (t->again_ns) {
		int64_t again = again_at(t, r, now_ns);
		until = again < until ? again : until;
	}
	return until > now_ns ? until : INT64_MIN;
}

void oto_tally_repeat(const struct oto_tally_source *from, const struct oto_row_ref *known, const struct oto_event *event)
{
	struct oto_tally *t = from->tally;
	int64_t now = event->head->ts.ns;
	struct oto_row *r = row_known(t, known, now);

	if (!OTO_CHECK(r))
		return;
	for (uint64_t left = (uint64_t)event->more + 1; left > 0; left--)
		add_sums(from, event, count(t, r, now));
}

bool oto_tally_can_wait(const struct oto_tally_source *from)
{
	const struct oto_tally *t = from->tally;

	for (uint32_t i = 0; i < t->nsums; i++) {
		if (from->sum[i].field)
			return false;
	}
	return !t->gaps && !t->expire_ns;
}

void oto_tally_catch_up(const struct oto_tally_source *from, const struct oto_row_ref *known, uint64_t n, int64_t first_ns, int64_t last_ns)
{
	struct oto_tally *t = from->tally;
	struct oto_row *r = row_known(t, known, last_ns);

	if (!r)
		return;
	struct oto_counted *c = counted_now(t, r, n);
	if (!c->fresh || first_ns < c->from_ns)
		c->from_ns = first_ns;
	c->fresh += n;
	if (last_ns > c->last_ns)
		c->last_ns = last_ns;
}

void oto_tally_not_done(const struct oto_tally_source *from, const struct oto_event *event)
{
	struct key key;

	if (!from->tally->latest)
		return;
	key_of(from, event, 0, &key);
	*latest_of(from->tally, (struct oto_slice){ key.data, key.len }, event->head->ts.ns) = 0;
}

static void key_of_parts(struct oto_tally *t, const struct oto_value *part, struct key *key)
{
	key->len = 0;
	for (uint32_t i = 0; i < t->nkeys; i++)
		add_value(key, &part[i], t->nkeys - i, &t->text);
}

void oto_tally_renew(struct oto_tally *t, const struct oto_value *part, int64_t now_ns)
{
	struct key key;

	if (!t->latest)
		return;
	key_of_parts(t, part, &key);
	*latest_of(t, (struct oto_slice){ key.data, key.len }, now_ns) = 0;
}

void oto_tally_key(struct oto_tally *t, const struct oto_value *part, struct oto_buf *out)
{
	struct key key;

	key_of_parts(t, part, &key);
	oto_buf_add(out, key.data, key.len);
}

struct oto_row *oto_tally_get(struct oto_tally *t, const struct oto_value *part, int64_t now_ns)
{
	struct key key;

	key_of_parts(t, part, &key);
	t->recent = NULL;
	return oto_store_get(t->store, (struct oto_slice){ key.data, key.len }, now_ns);
}

struct oto_row *oto_tally_row(const struct oto_tally_source *from, const struct oto_event *event)
{
	struct key key;

	key_of(from, event, 0, &key);
	from->tally->recent = NULL; /* what is old goes when something is looked for */
	return oto_store_get(from->tally->store, (struct oto_slice){ key.data, key.len }, event->head->ts.ns);
}

struct oto_row *oto_tally_settle(const struct oto_tally_source *from, const struct oto_event *event)
{
	struct oto_tally *t = from->tally;
	int64_t now = event->head->ts.ns;
	struct oto_row *was = oto_tally_row(from, event);
	struct key key;
	bool made;

	if (!was || !key_of(from, event, from->loose, &key))
		return was;
	struct oto_row *r = oto_store_put(t->store, (struct oto_slice){ key.data, key.len }, now, &made);
	if ((was = oto_tally_row(from, event))) {
		oto_row_set(t->store, r, was->value);
		r->count = was->count;
	}
	oto_tally_counted(t, r);
	key_of(from, event, 0, &key);
	oto_store_forget(t->store, (struct oto_slice){ key.data, key.len }, now);
	return r;
}

void oto_tally_unsettle(struct oto_tally *t)
{
	t->unsettled++;
	oto_rows_let_go(t->store);
}

void oto_tally_label(const struct oto_tally *t, struct oto_row *r, struct oto_slice label, struct oto_bus *bus)
{
	uint32_t len = r->value.len ? oto_tally_bytes(t) : 0;
	uint8_t *both = oto_bus_scratch(bus, len + label.len);
	if (!both)
		return;
	memcpy(both, r->value.data, len);
	memcpy(both + len, label.data, label.len);
	oto_row_set(t->store, r, (struct oto_slice){ both, len + label.len });
}

/* ------------------------------------------------------------------------------------------------ what was counted since */

struct oto_row *oto_tally_newest_news(const struct oto_tally *t)
{
	struct oto_row *r = oto_store_newest(t->store);

	return r && oto_tally_has_news(t, r) ? r : NULL;
}

struct oto_row *oto_tally_older_news(const struct oto_tally *t, const struct oto_row *r)
{
	return r->older && oto_tally_has_news(t, r->older) ? r->older : NULL;
}

static int by_number(const void *a, const void *b)
{
	uint64_t x = (*(struct oto_row *const *)a)->number, y = (*(struct oto_row *const *)b)->number;

	return (x > y) - (x < y);
}

void oto_tally_in_order(struct oto_row **rows, size_t n)
{
	for (size_t i = 1; i < n; i++) {
		if (rows[i - 1]->number > rows[i]->number) {
			qsort(rows, n, sizeof *rows, by_number);
			return;
		}
	}
}

double oto_sum_dev(const struct oto_sum *s)
{
	double variance = s->n > 1 ? (s->squares - s->total * (s->total / s->n)) / (s->n - 1) : 0;

	return variance > 0 ? sqrt(variance) : 0;
}

/* ------------------------------------------------------------------------------------------------ finding the fields */

static bool find_field(const struct oto_event_def *def, const char *name, struct oto_field_ref *out, struct oto_error *err)
{
	char near[256];

	*out = oto_field_find(def, name, strlen(name));
	return out->field || oto_fail(err, "%s has no field %s%s", def->name, name, oto_field_near(def, name, near, sizeof near));
}

/* A field, or the span of time in which it lies. */
static bool find_part(const struct oto_event_def *def, const char *name, struct oto_field_ref *out, int64_t *span_ns, struct oto_error *err)
{
	const char *slash = strchr(name, '/');
	char field[64];

	if (!slash)
		return find_field(def, name, out, err);
	snprintf(field, sizeof field, "%.*s", (int)(slash - name), name);
	if (!find_field(def, field, out, err))
		return false;
	if (out->field->kind != OTO_TIME || !oto_interval_parse(slash + 1, span_ns) || *span_ns <= 0)
		return oto_fail(err, "%s: '%s' is no time and a span, as ts/1h is", def->name, name);
	return true;
}

static void counts(struct oto_tally *t, const struct oto_event_def *def)
{
	for (uint32_t i = 0; i < t->ncounts && i < OTO_TALLY_COUNTS; i++) {
		if (t->counts[i] == def)
			return;
	}
	if (t->ncounts < OTO_TALLY_COUNTS)
		t->counts[t->ncounts] = def;
	t->ncounts++;
}

struct oto_tally_source *oto_tally_source(struct oto_tally *t, const struct oto_event_def *def, char *const *key, char *const *sum,
					  struct oto_error *err)
{
	struct oto_tally_source *s = oto_calloc(1, sizeof *s);
	bool ok = true;

	s->tally = t;
	for (uint32_t i = 0; ok && i < t->nkeys; i++)
		ok = !key[i] || find_part(def, key[i], &s->key[i], &s->span_ns[i], err);
	for (uint32_t i = 0; ok && sum && i < t->nsums; i++) {
		ok = !sum[i] || find_field(def, sum[i], &s->sum[i], err);
		t->time[i] |= ok && s->sum[i].field && s->sum[i].field->kind == OTO_TIME;
	}
	if (ok) {
		counts(t, def);
		return s;
	}
	free(s);
	return NULL;
}

int oto_tally_sum_called(const struct oto_tally *t, const char *name)
{
	for (uint32_t i = 0; i < t->nsums; i++) {
		if (t->sum[i] == name || strcmp(t->sum[i], name) == 0)
			return (int)i;
	}
	return -1;
}

void oto_tally_free(struct oto_tally *t)
{
	oto_store_free(t->store);
	if (t->latest)
		oto_store_free(t->latest);
	oto_buf_free(&t->text);
	free(t);
}
