/* hook_cache.c - the key of what a type's hooks read, and a set-associative table of what followed from it. See hook_cache.h. */
#include "hook_cache.h"
#include "filter_program.h"

#include <stdlib.h>

#define KEY_BYTES 384u
#define KEY_STEP 64u    /* room for keys grows by: most need far less than they may */
#define FIXED_BYTES 40u /* a part without text needs less */
#define TESTS 64u
#define PARTS 64u
#define WAYS 4u
#define FEWEST_SETS 64u
#define MOST_SETS 4096u
#define WINDOW 1024u /* after so many events it is asked whether the cache pays */
#define REST 16384u  /* events for which one that does not rests */
#define SEED UINT64_C(0x686f6f6b73)
#define LONG (INT64_C(3600) * OTO_SECOND)

/* A field whose value is in the key. */
struct part {
	bool in_head;
	uint16_t kind, offset, guard, flags;
	int64_t span_ns; /* of a time: in which one of these it lies */
};

struct oto_hook_cache {
	const struct oto_hook_cache *narrow; /* whose parts and answers stand for themselves by a number */
	struct part part[PARTS];
	struct oto_filter_test test[TESTS]; /* whose answers are in the key; side by side, as they are asked one after another */
	uint32_t nparts, ntests;
	uint64_t hooks;
	const struct oto_filter *filter[OTO_HOOK_CACHED];
	uint8_t row_at[OTO_HOOK_CACHED];
	uint32_t nrows, nfields /* of their keys */, key_room, known_bytes;
	uint32_t nsets, looked, evicted, resting;
	uint32_t (*tag)[WAYS]; /* 0: free */
	uint8_t *next_out;     /* way of each set that is given away next */
	char *known;
	struct oto_hook_cache_stats stats;
};

/* ------------------------------------------------------------------------------------------------ what the hooks read */

/* Text from the wire and what is inside a device; and the port that a client takes anew for each connection. */
static bool is_wide(const struct oto_field *f)
{
	return f->kind == OTO_TARGET || f->kind == OTO_BYTES || strcmp(f->name, "orig_p") == 0;
}

/* Looking for something inside of text costs what the text is long: such a condition is better asked last. */
static bool is_heavy(const struct oto_filter_test *t)
{
	if (t->op == OTO_FILTER_PRESENT || t->length)
		return false;
	return t->kind == OTO_BYTES || t->kind == OTO_LIST || t->kind == OTO_VEC || t->kind == OTO_TARGET;
}

bool oto_hook_key_is_settled(const struct oto_field_ref *key, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++) {
		if (key[i].field && oto_never_repeats(key[i].field->kind, key[i].field->flags))
			return false;
	}
	return true;
}

/* The span in which a time lies counts, if that is the same for a good while. */
static int64_t span_of(const struct oto_hook_reads *h, uint32_t k, uint32_t i)
{
	const struct oto_field *f = h->row[k].field[i].field;
	int64_t span_ns = h->row[k].span_ns ? h->row[k].span_ns[i] : 0;

	return f && f->kind == OTO_TIME && span_ns >= LONG ? span_ns : 0;
}

static bool suits(const struct oto_hook_reads *h, enum oto_hook_width width)
{
	enum oto_hook_width own = OTO_HOOK_NARROW;

	for (uint32_t k = 0; k < OTO_HOOK_ROWS; k++) {
		for (uint32_t i = 0; h->row[k].field && i < h->row[k].n; i++) {
			const struct oto_field *f = h->row[k].field[i].field;
			if (f && oto_never_repeats(f->kind, f->flags) && !span_of(h, k, i))
				return false;
			if (f && span_of(h, k, i) && own == OTO_HOOK_NARROW)
				own = OTO_HOOK_HOURLY;
			if (f && is_wide(f))
				own = OTO_HOOK_WIDE;
		}
	}
	for (uint32_t i = 0; h->filter && i < h->filter->n; i++) {
		if (is_heavy(&h->filter->tests[i]))
			return false;
	}
	return own == width;
}

static bool has_part(const struct oto_hook_cache *c, bool in_head, uint16_t kind, uint16_t offset, int64_t span_ns)
{
	for (uint32_t i = 0; i < c->nparts; i++) {
		const struct part *p = &c->part[i];
		if (p->in_head == in_head && p->kind == kind && p->offset == offset && p->span_ns == span_ns)
			return true;
	}
	return c->narrow && has_part(c->narrow, in_head, kind, offset, span_ns);
}

static bool add_part(struct oto_hook_cache *c, const struct oto_field *f, bool in_head, int64_t span_ns)
{
	if (has_part(c, in_head, f->kind, f->offset, span_ns))
		return true;
	if (c->nparts == PARTS)
		return false;
	c->part[c->nparts++] = (struct part){ in_head, f->kind, f->offset, f->guard, f->flags, span_ns };
	return true;
}

static bool add_keys(struct oto_hook_cache *c, const struct oto_hook_reads *h)
{
	bool ok = true;

	for (uint32_t k = 0; k < OTO_HOOK_ROWS; k++) {
		for (uint32_t i = 0; h->row[k].field && i < h->row[k].n; i++) {
			const struct oto_field_ref *ref = &h->row[k].field[i];
			ok = ok && (!ref->field || add_part(c, ref->field, ref->in_head, span_of(h, k, i)));
		}
	}
	return ok;
}

/* The field that a test reads, when it is a word: a dozen conditions ask for one each, and it is one byte of the key. */
static const struct oto_field *word_of(const struct oto_event_def *def, const struct oto_filter_test *t)
{
	uint32_t n = def->nfields;
	const struct oto_field *fields = t->in_head ? oto_head_fields(&n) : def->fields;

	for (uint32_t i = 0; i < n; i++) {
		if (fields[i].offset == t->offset && fields[i].kind == t->kind)
			return fields[i].kind == OTO_BOOL || fields[i].names ? &fields[i] : NULL;
	}
	return NULL;
}

static bool same_test(const struct oto_filter_test *a, const struct oto_filter_test *b)
{
	if (a->op != b->op || a->in_head != b->in_head || a->kind != b->kind || a->offset != b->offset || a->negate != b->negate ||
	    a->length != b->length)
		return false;
	if (a->op == OTO_FILTER_PRESENT)
		return true;
	if (a->n != b->n || memcmp(a->bitmap, b->bitmap, sizeof a->bitmap) != 0)
		return false;
	if (a->op == OTO_FILTER_BITMAP)
		return true;
	return a->op == OTO_FILTER_RANGES && memcmp(a->ranges, b->ranges, a->n * sizeof *a->ranges) == 0;
}

static bool has_test(const struct oto_hook_cache *c, const struct oto_filter_test *t)
{
	for (uint32_t i = 0; i < c->ntests; i++) {
		if (same_test(&c->test[i], t))
			return true;
	}
	return c->narrow && has_test(c->narrow, t);
}

static bool add_test(struct oto_hook_cache *c, const struct oto_filter_test *t)
{
	if (has_test(c, t))
		return true;
	if (c->ntests == TESTS)
		return false;
	c->test[c->ntests++] = *t;
	return true;
}

static bool add_filter(struct oto_hook_cache *c, const struct oto_event_def *def, const struct oto_filter *f)
{
	bool ok = true;

	for (uint32_t i = 0; ok && f && i < f->n; i++) {
		const struct oto_filter_test *t = &f->tests[i];
		const struct oto_field *word = word_of(def, t);
		if (has_part(c, t->in_head, t->kind, t->offset, 0))
			continue;
		ok = word ? add_part(c, word, t->in_head, 0) : add_test(c, t);
	}
	return ok;
}

/* Keys first: a test of a field that is in the key anyway needs no answer there. */
static bool read_all(struct oto_hook_cache *c, const struct oto_event_def *def, const struct oto_hook_reads *hooks)
{
	bool ok = true;

	for (uint32_t i = 0; i < OTO_HOOK_CACHED; i++)
		ok = ok && (!(c->hooks >> i & 1) || add_keys(c, &hooks[i]));
	for (uint32_t i = 0; i < OTO_HOOK_CACHED; i++)
		ok = ok && (!(c->hooks >> i & 1) || add_filter(c, def, hooks[i].filter));
	return ok;
}

/* ------------------------------------------------------------------------------------------------ the key of an event */

struct key {
	uint32_t len;
	uint8_t data[KEY_BYTES];
};

enum { ABSENT, PRESENT, LITERAL, SHORT };

static inline uint8_t *add(uint8_t *at, const void *data, uint32_t len)
{
	memcpy(at, data, len);
	return at + len;
}

static inline uint8_t *add_byte(uint8_t *at, uint8_t byte)
{
	*at = byte;
	return at + 1;
}

/* NULL, here and below: there is no room. */
static inline uint8_t *add_text(uint8_t *at, const uint8_t *end, const void *text, uint32_t len)
{
	if (end - at < (ptrdiff_t)len + (ptrdiff_t)FIXED_BYTES)
		return NULL;
	at = add(at, &len, sizeof len);
	return len ? add(at, text, len) : at;
}

/* A literal is as good as its place in the program. */
static inline uint8_t *add_word(uint8_t *at, const uint8_t *end, const char *text)
{
	extern const char __executable_start;
	uint32_t place = (uint32_t)(text - &__executable_start);

	if (oto_is_literal(text))
		return add(add_byte(at, LITERAL), &place, sizeof place);
	return add_text(add_byte(at, PRESENT), end, text, (uint32_t)strnlen(text, KEY_BYTES));
}

/* Whole, because rows tell apart what lies behind an IPv4 address, too; but nothing does. */
static inline uint8_t *add_addr(uint8_t *at, const struct oto_addr *a)
{
	uint64_t behind;
	uint32_t between;

	memcpy(&between, a->byte + 4, sizeof between);
	memcpy(&behind, a->byte + 8, sizeof behind);
	at = add_byte(add_byte(at, a->family), between || behind ? PRESENT : SHORT);
	return add(at, a->byte, between || behind ? 16 : 4);
}

static uint8_t *add_target(uint8_t *at, const uint8_t *end, const struct oto_target *t)
{
	at = add(at, &t->first, sizeof t->first);
	at = add(at, &t->count, sizeof t->count);
	at = t->space ? add_word(at, end, t->space) : add_byte(at, ABSENT);
	return at ? add_text(at, end, t->name.data, t->name.len) : NULL;
}

/* Its length follows from the kind, or stands before. */
static inline uint8_t *add_value(uint8_t *at, const uint8_t *end, uint16_t kind, const void *p)
{
	const struct oto_slice *bytes = p;
	const char *text;

	switch (kind) {
	case OTO_BOOL:
	case OTO_U8:
		return add(at, p, 1);
	case OTO_U16:
		return add(at, p, 2);
	case OTO_U32:
		return add(at, p, 4);
	case OTO_ADDR: /* absence is a family */
		return add_addr(at, p);
	case OTO_MAC:
		return add(at, p, sizeof(struct oto_mac));
	case OTO_STR:
		text = *(const char *const *)p;
		return text ? add_word(at, end, text) : add_byte(at, ABSENT);
	case OTO_BYTES:
		at = add_byte(at, bytes->data ? PRESENT : ABSENT);
		return bytes->data ? add_text(at, end, bytes->data, bytes->len) : at;
	default:
		return add_target(at, end, p);
	}
}

static uint8_t *add_span(uint8_t *at, const void *time, int64_t span_ns)
{
	int64_t number = *(const int64_t *)time / span_ns;

	return add(at, &number, sizeof number);
}

/* False: it does not fit. */
static bool key_of(const struct oto_hook_cache *c, const struct oto_event *event, const struct oto_hook_known *narrow, struct key *k)
{
	uint8_t *at = k->data;
	const uint8_t *end = k->data + KEY_BYTES;
	uint64_t answers = 0;

	if (narrow)
		at = add(at, &narrow->number, sizeof narrow->number);
	for (uint32_t i = 0; i < c->ntests; i++)
		answers |= (uint64_t)oto_filter_holds(&c->test[i], event) << i;
	if (c->ntests)
		at = add(at, &answers, sizeof answers);
	for (uint32_t i = 0; i < c->nparts; i++) {
		const struct part *part = &c->part[i];
		const char *base = part->in_head ? (const char *)event->head : event->data;
		if (end - at < (ptrdiff_t)FIXED_BYTES)
			return false;
		bool present = !part->guard || *(const bool *)(base + part->guard - 1);
		if (part->guard)
			at = add_byte(at, present ? PRESENT : ABSENT);
		if (present && part->span_ns)
			at = add_span(at, base + part->offset, part->span_ns);
		else if (present)
			at = add_value(at, end, part->kind, base + part->offset);
		if (!at)
			return false;
	}
	k->len = (uint32_t)(at - k->data);
	return true;
}

/* ------------------------------------------------------------------------------------------------ the table */

static struct oto_hook_known *known_at(const struct oto_hook_cache *c, uint32_t place)
{
	return (struct oto_hook_known *)(void *)(c->known + (size_t)place * c->known_bytes);
}

static uint8_t *key_behind(const struct oto_hook_cache *c, struct oto_hook_known *known)
{
	return (uint8_t *)&known->row[c->nrows];
}

static void set_places(struct oto_hook_cache *c, uint32_t nsets, uint32_t key_room)
{
	c->key_room = key_room;
	c->known_bytes = (uint32_t)(sizeof(struct oto_hook_known) + c->nrows * sizeof(struct oto_row_ref)) + key_room;
	free(c->tag);
	free(c->next_out);
	free(c->known);
	c->nsets = nsets;
	c->tag = oto_calloc(nsets, sizeof *c->tag);
	c->next_out = oto_calloc(nsets, sizeof *c->next_out);
	c->known = oto_calloc((size_t)nsets * WAYS, c->known_bytes);
	c->stats.places = nsets * WAYS;
}

void oto_hook_cache_forget(struct oto_hook_cache *c)
{
	memset(c->tag, 0, c->nsets * sizeof *c->tag);
}

/* When most events push out what another has brought, the table is too small, or there is nothing to remember. */
static void look_back(struct oto_hook_cache *c)
{
	bool pays = c->evicted < WINDOW / 2, full = c->nsets == MOST_SETS;

	if (!full && c->evicted > WINDOW / 8)
		set_places(c, c->nsets * 4 < MOST_SETS ? c->nsets * 4 : MOST_SETS, c->key_room);
	else if (!pays)
		c->resting = REST;
	c->looked = c->evicted = 0;
}

static uint32_t way_out(struct oto_hook_cache *c, uint32_t set)
{
	for (uint32_t w = 0; w < WAYS; w++) {
		if (!c->tag[set][w])
			return w;
	}
	c->evicted++;
	c->stats.evicted++;
	return c->next_out[set]++ % WAYS;
}

static struct oto_hook_known *learn(struct oto_hook_cache *c, const struct oto_event *event, const struct key *k, uint32_t set,
				    uint32_t tag)
{
	uint32_t way = way_out(c, set);
	struct oto_hook_known *known = known_at(c, set * WAYS + way);

	c->tag[set][way] = tag;
	memset(known, 0, sizeof *known + c->nrows * sizeof *known->row);
	known->number = ++c->stats.learned;
	known->len = k->len;
	memcpy(key_behind(c, known), k->data, k->len);
	for (uint64_t left = c->hooks; left; left &= left - 1) {
		uint32_t i = (uint32_t)__builtin_ctzll(left);
		if (oto_filter_match(c->filter[i], event))
			known->taken |= UINT64_C(1) << i;
		else
			known->refused++;
	}
	return known;
}

struct oto_hook_known *oto_hook_cache_find(struct oto_hook_cache *c, const struct oto_event *event, const struct oto_hook_known *narrow)
{
	struct key k;

	if (!event->data || !event->head || (c->narrow && !narrow))
		return NULL;
	if (c->resting) {
		c->resting--;
		c->stats.rested++;
		return NULL;
	}
	oto_fetch(c->test, c->ntests * sizeof *c->test);
	if (c->looked++ == WINDOW)
		look_back(c);
	if (!key_of(c, event, c->narrow ? narrow : NULL, &k)) {
		c->stats.unfit++;
		return NULL;
	}
	if (k.len > c->key_room)
		set_places(c, c->nsets, (k.len + KEY_STEP - 1) / KEY_STEP * KEY_STEP);
	uint64_t hash = oto_hash(SEED, k.data, k.len);
	uint32_t set = (uint32_t)hash & (c->nsets - 1), tag = (uint32_t)(hash >> 32) | 1;
	for (uint32_t w = 0; w < WAYS; w++) {
		struct oto_hook_known *known = known_at(c, set * WAYS + w);
		if (c->tag[set][w] != tag)
			continue;
		oto_fetch(known, sizeof *known + c->nrows * sizeof *known->row + k.len);
		if (known->len != k.len || memcmp(key_behind(c, known), k.data, k.len) != 0)
			continue;
		c->stats.found++;
		return known;
	}
	return learn(c, event, &k, set, tag);
}

uint32_t oto_hook_cache_row(const struct oto_hook_cache *c, uint32_t hook)
{
	return c->row_at[hook];
}

/* ------------------------------------------------------------------------------------------------ life */

/* Several hooks with rows to find, a good many conditions, or a key of many fields cost more than one look-up. */
static bool is_worth_it(const struct oto_hook_cache *c)
{
	return (c->nrows >= 2 && (c->hooks & (c->hooks - 1))) || __builtin_popcountll(c->hooks) >= 12 || c->nfields >= 8;
}

struct oto_hook_cache *oto_hook_cache_new(const struct oto_event_def *def, const struct oto_hook_reads *hooks, uint32_t n,
					  enum oto_hook_width width, const struct oto_hook_cache *narrow)
{
	struct oto_hook_cache *c = oto_calloc(1, sizeof *c);

	c->narrow = narrow;
	for (uint32_t i = 0; i < n && i < OTO_HOOK_CACHED; i++) {
		if (!suits(&hooks[i], width))
			continue;
		c->hooks |= UINT64_C(1) << i;
		c->filter[i] = hooks[i].filter;
		c->row_at[i] = (uint8_t)c->nrows;
		c->nrows += (hooks[i].row[0].field != NULL) + (hooks[i].row[1].field != NULL);
		c->nfields += hooks[i].row[0].n + hooks[i].row[1].n;
	}
	if (!is_worth_it(c) || !read_all(c, def, hooks)) {
		free(c);
		return NULL;
	}
	set_places(c, FEWEST_SETS, KEY_STEP);
	return c;
}

void oto_hook_cache_free(struct oto_hook_cache *c)
{
	if (!c)
		return;
	free(c->tag);
	free(c->next_out);
	free(c->known);
	free(c);
}

uint64_t oto_hook_cache_hooks(const struct oto_hook_cache *c)
{
	return c->hooks;
}

struct oto_hook_cache_stats oto_hook_cache_stats(const struct oto_hook_cache *c)
{
	return c->stats;
}
