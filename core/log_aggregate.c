/* log_aggregate.c - equal events counted together. See log_aggregate.h.
 *
 * Owns one growing array of rows, one of their keys, and an open-addressed index over them. A key is written behind all others and stays
 * there only if it is new.
 */
#include "log_aggregate.h"

#include "log_text.h"

#include <stdlib.h>

#define FIRST_ROWS 64u
#define FIRST_WORDS 1024u
#define FIXED_MAX 3u /* words of the longest field of fixed size, an address */
#define KNOWN 8192u  /* at least */
#define GROUPS 4096u
#define MEMBERS 65536u       /* of all groups */
#define IS_GROUP 0x80000000u /* beside a group's place, in what stands for a row */
#define SPARE 4              /* a table that is full but for one in so many may be full before a packet is done */

struct known {
	uint64_t key;
	uint32_t row;        /* from 1 */
	uint32_t generation; /* it lives in the one of the table */
};

/* Events that are said together: their rows, and how often all of them were counted that their rows do not have yet. */
struct group {
	uint64_t key; /* 0: none */
	uint64_t number;
	int64_t first_ns, last_ns;
	uint32_t first, n;   /* where its members stand */
	uint32_t generation; /* in which their rows were found, plus one */
};
struct groups {
	struct group group[GROUPS];
	struct {
		uint64_t key;
		uint32_t row;
	} member[MEMBERS];
	uint32_t members;
	uint16_t counted[GROUPS]; /* which groups have a number */
	uint32_t ncounted;
};

/* A row as it is read: a struct with a member for each field of the key, as an event's would be. */
union member {
	bool b;
	uint8_t u8;
	uint16_t u16;
	uint32_t u32;
	uint64_t u64; /* and what else has eight bytes */
	const char *str;
	struct oto_slice bytes;
	struct oto_addr addr;
	struct oto_mac mac;
	struct oto_vec vec;
	struct oto_list list;
	struct oto_target target;
};
struct shown {
	struct oto_time first, last;
	uint64_t number;
	bool has[OTO_AGGREGATE_FIELDS];
	union member key[OTO_AGGREGATE_FIELDS];
};
static const struct oto_field own_fields[] = {
	OTO_FIELD(struct shown, first, ""),
	OTO_FIELD(struct shown, number, ""),
	OTO_FIELD(struct shown, last, ""),
};

struct oto_aggregate {
	struct oto_field fields[OTO_AGGREGATE_FIELDS]; /* of the key, as they stand in `shown` */
	struct shown shown;                            /* the row being read */
	struct oto_aggregate_step steps[OTO_AGGREGATE_FIELDS + 1];
	uint32_t nfields;
	uint64_t seed;
	struct oto_aggregate_row *rows;
	uint32_t nrows, rows_cap;
	uint32_t *index; /* row number plus one; a power of two, at least twice rows_cap */
	uint32_t index_mask;
	uint64_t *keys, *full;     /* up to `full` there is room for a key of fixed size */
	size_t keys_len, keys_cap; /* in words */
	uint32_t last;             /* row that was counted last */
	struct oto_arena items;    /* of the lists of the row being read */
	struct oto_texts texts;
	struct known *known; /* rows by the keys of authors, a power of two; NULL until one has such a key */
	uint32_t known_mask;
	uint32_t generation;   /* of rows: resets so far */
	struct groups *groups; /* NULL until somebody says events together */
};

static void index_add(struct oto_aggregate *a, uint32_t row)
{
	uint32_t at = a->rows[row].hash & a->index_mask;

	while (a->index[at])
		at = (at + 1) & a->index_mask;
	a->index[at] = row + 1;
}

static void rows_grow(struct oto_aggregate *a)
{
	a->rows_cap = a->rows_cap ? a->rows_cap * 2 : FIRST_ROWS;
	a->rows = oto_realloc(a->rows, a->rows_cap * sizeof *a->rows);
	free(a->index);
	a->index = oto_calloc((size_t)a->rows_cap * 2, sizeof *a->index);
	a->index_mask = a->rows_cap * 2 - 1;
	for (uint32_t i = 0; i < a->nrows; i++)
		index_add(a, i);
}

/* A field of the key, where it stands when its row is read; words of the program were kept, wherever they were. */
static struct oto_field shown_field(const struct oto_field *field, uint32_t i)
{
	struct oto_field f = *field;

	f.offset = (uint16_t)(offsetof(struct shown, key) + i * sizeof(union member));
	f.guard = (uint16_t)(offsetof(struct shown, has) + i + 1);
	f.flags &= (uint16_t)~OTO_INLINE;
	return f;
}

struct oto_aggregate *oto_aggregate_new(const struct oto_field_ref *fields, uint32_t n, uint64_t seed)
{
	struct oto_aggregate *a = oto_calloc(1, sizeof *a);

	a->seed = seed;
	a->nfields = n < OTO_AGGREGATE_FIELDS ? n : OTO_AGGREGATE_FIELDS;
	for (uint32_t i = 0; i < a->nfields; i++)
		a->fields[i] = shown_field(fields[i].field, i);
	oto_aggregate_steps(fields, a->nfields, a->steps);
	a->keys_cap = FIRST_WORDS;
	oto_texts_init(&a->texts, seed);
	rows_grow(a);
	return a;
}

void oto_aggregate_free(struct oto_aggregate *a)
{
	if (!a)
		return;
	free(a->rows);
	free(a->index);
	free(a->keys);
	oto_arena_free(&a->items);
	oto_texts_free(&a->texts);
	free(a->known);
	free(a->groups);
	free(a);
}

/* ------------------------------------------------------------------------------------------------ writing a key */

/* A key: a word whose bits say which fields are there, and behind it what these hold. Numbers are a word each, words of the program where
 * they are kept; bytes are their length and then themselves, at least one NUL behind them. All is written, hashed and compared in words: a
 * load that spans fresh stores waits for them. */

/* Kinds that are written alike are one. */
static uint8_t written_as(uint16_t kind)
{
	switch (kind) {
	case OTO_BOOL:
		return OTO_U8;
	case OTO_I64:
	case OTO_F64:
	case OTO_TIME:
	case OTO_INTERVAL:
		return OTO_U64;
	default:
		return (uint8_t)kind;
	}
}

void oto_aggregate_steps(const struct oto_field_ref *fields, uint32_t n, struct oto_aggregate_step *steps)
{
	uint32_t at = 0;

	for (uint8_t kind = OTO_BOOL; kind <= OTO_TARGET; kind++) {
		for (uint32_t i = 0; i < n; i++) {
			const struct oto_field *f = fields[i].field;
			if (written_as(f->kind) == kind)
				steps[at++] = (struct oto_aggregate_step){ f->offset,  f->guard,          kind,
									   (uint8_t)i, fields[i].in_head, f->flags & OTO_INLINE };
		}
	}
	steps[at] = (struct oto_aggregate_step){ .kind = 0 };
}

/* Room for `more` words and, behind them, for all fields of fixed size: so those need not ask. `at` is where the key ends. */
static uint64_t *reserve(struct oto_aggregate *a, uint64_t *at, size_t more)
{
	size_t used = (size_t)(at - a->keys), always = 1 + (size_t)OTO_AGGREGATE_FIELDS * FIXED_MAX;

	while (a->keys_cap < used + more + always)
		a->keys_cap *= 2;
	a->keys = oto_realloc(a->keys, a->keys_cap * sizeof *a->keys);
	a->full = a->keys + a->keys_cap - always;
	return a->keys + used;
}

/* Each of these writes a field and returns where the key goes on: where it was when the field is absent after all. */
static inline uint64_t *put_text(struct oto_aggregate *a, uint64_t *at, const void *data, size_t len)
{
	const uint8_t *p = data;

	if (__builtin_expect(at + len / 8 + 2 > a->full, 0))
		at = reserve(a, at, len / 8 + 2);
	*at++ = len;
	for (; len >= 8; len -= 8, p += 8)
		memcpy(at++, p, 8);
	*at++ = oto_last_word(p, len);
	return at;
}

static inline uint64_t *put_addr(uint64_t *at, const struct oto_addr *addr)
{
	memcpy(at, addr->byte, sizeof addr->byte);
	at[2] = addr->family;
	return at + (addr->family == OTO_FAMILY_NONE ? 0 : FIXED_MAX);
}

static size_t vec_bytes(const struct oto_vec *v)
{
	static const uint8_t width[OTO_VEC_KINDS] = { 0, 1, 2, 2, 4, 4, 8, 1, 2, 4, 8, 4, 8 };

	return v->kind == OTO_VEC_BITS ? ((size_t)v->count + 7) / 8 : (size_t)v->count * width[v->kind];
}

static uint64_t *put_vec(struct oto_aggregate *a, uint64_t *at, const struct oto_vec *v)
{
	*at++ = (uint64_t)v->kind << 32 | v->count;
	return put_text(a, at, v->data, vec_bytes(v));
}

static uint64_t *put_list(struct oto_aggregate *a, uint64_t *at, const struct oto_list *l)
{
	*at++ = l->count;
	for (uint32_t i = 0; i < l->count; i++)
		at = put_text(a, at, l->items[i].data, l->items[i].len);
	return at;
}

static uint64_t *put_target(struct oto_aggregate *a, uint64_t *at, const struct oto_target *t)
{
	if (!t->space && !t->name.len && !t->count)
		return at;
	*at++ = t->first;
	*at++ = t->count;
	*at++ = t->space && *t->space ? (uintptr_t)oto_texts_keep(&a->texts, t->space) : 0;
	return put_text(a, at, t->name.data, t->name.len);
}

static inline uint64_t *put_str(struct oto_aggregate *a, uint64_t *at, bool in_place, const void *p)
{
	const char *s = in_place ? p : *(const char *const *)p;

	if (!s)
		return at;
	*at = (uintptr_t)oto_texts_keep(&a->texts, s);
	return at + 1;
}

static inline uint64_t *put_bytes(struct oto_aggregate *a, uint64_t *at, const struct oto_slice *s)
{
	return s->data ? put_text(a, at, s->data, s->len) : at;
}

/* All fields of a kind by what writes the one at p: so that the kind is asked once, not for each. */
#define PUT_ALL(put)                                                                                                                       \
	do {                                                                                                                               \
		const char *from = base[s->in_head];                                                                                       \
		if (!s->guard || *(const bool *)(from + s->guard - 1)) {                                                                   \
			const void *p = from + s->offset;                                                                                  \
			uint64_t *end = put;                                                                                               \
			there |= (uint64_t)(end != at) << s->column;                                                                       \
			at = end;                                                                                                          \
		}                                                                                                                          \
	} while ((++s)->kind == kind)
/* Numbers are written in any case, and stay when they are there: no branch that depends on the event. */
#define PUT_NUMBERS(type)                                                                                                                  \
	do {                                                                                                                               \
		const char *from = base[s->in_head], *guard = s->guard ? from + s->guard - 1 : always;                                     \
		uint64_t is = *(const uint8_t *)guard;                                                                                     \
		*at = *(const type *)(const void *)(from + s->offset);                                                                     \
		at += is;                                                                                                                  \
		there |= is << s->column;                                                                                                  \
	} while ((++s)->kind == kind)

/* Writes the event's key behind all others; returns its end. */
static uint64_t *put_key(struct oto_aggregate *a, const struct oto_aggregate_step *s, const struct oto_event *event)
{
	static const struct oto_head nobody;
	static const char always[] = { 1 };
	const char *base[] = { event->data, (const char *)(event->head ? event->head : &nobody) };
	uint64_t *at = a->keys_len ? a->keys + a->keys_len : a->keys, there = 0;

	if (at >= a->full)
		at = reserve(a, at, 0);
	at++; /* for what is there */
	while (s->kind) {
		const uint8_t kind = s->kind;
		switch (kind) {
		case OTO_U8:
			PUT_NUMBERS(uint8_t);
			break;
		case OTO_U16:
			PUT_NUMBERS(uint16_t);
			break;
		case OTO_U32:
			PUT_NUMBERS(uint32_t);
			break;
		case OTO_U64:
			PUT_NUMBERS(uint64_t);
			break;
		case OTO_STR:
			PUT_ALL(put_str(a, at, s->in_place, p));
			break;
		case OTO_BYTES:
			PUT_ALL(put_bytes(a, at, p));
			break;
		case OTO_ADDR:
			PUT_ALL(put_addr(at, p));
			break;
		case OTO_MAC:
			PUT_ALL((*at = oto_last_word(p, sizeof(struct oto_mac)), at + 1));
			break;
		case OTO_VEC:
			PUT_ALL(put_vec(a, at, p));
			break;
		case OTO_LIST:
			PUT_ALL(put_list(a, at, p));
			break;
		default:
			PUT_ALL(put_target(a, at, p));
		}
	}
	a->keys[a->keys_len] = there;
	return at;
}

/* Two lanes, so that multiplications need not wait for each other. */
static uint64_t hash_words(uint64_t seed, const uint64_t *w, uint32_t n)
{
	uint64_t a = seed, b = ~seed;

	for (; n >= 4; n -= 4, w += 4) {
		a = oto_mix(a ^ w[0], w[1] ^ seed);
		b = oto_mix(b ^ w[2], w[3] ^ seed);
	}
	if (n & 2) {
		a = oto_mix(a ^ w[0], w[1] ^ seed);
		w += 2;
	}
	if (n & 1)
		b = oto_mix(b ^ w[0], seed);
	return oto_mix(a, b ^ seed);
}

/* ------------------------------------------------------------------------------------------------ counting */

static struct oto_aggregate_row *row_find(struct oto_aggregate *a, const uint64_t *key, uint32_t len, uint32_t hash)
{
	for (uint32_t at = hash & a->index_mask; a->index[at]; at = (at + 1) & a->index_mask) {
		struct oto_aggregate_row *row = &a->rows[a->index[at] - 1];
		if (row->hash == hash && row->len == len && memcmp(a->keys + row->key, key, len * sizeof *key) == 0)
			return row;
	}
	return NULL;
}

/* The key that stands behind all others is a new row's. */
static struct oto_aggregate_row *row_new(struct oto_aggregate *a, uint32_t len, uint32_t hash, int64_t ns)
{
	size_t key = a->keys_len;

	if (a->nrows && (a->nrows == OTO_AGGREGATE_ROWS || (key + len) * sizeof *a->keys + a->texts.bytes > OTO_AGGREGATE_BYTES))
		return NULL;
	if (a->nrows == a->rows_cap)
		rows_grow(a);
	a->keys_len += len;
	struct oto_aggregate_row *row = &a->rows[a->nrows];
	*row = (struct oto_aggregate_row){ .first_ns = ns, .last_ns = ns, .key = (uint32_t)key, .len = len, .hash = hash };
	index_add(a, a->nrows++);
	return row;
}

/* Machines repeat themselves: what followed the row that was counted last will likely follow it again, and then nothing is hashed. */
static struct oto_aggregate_row *row_of(struct oto_aggregate *a, uint32_t len, int64_t ns)
{
	const uint64_t *key = a->keys + a->keys_len;
	struct oto_aggregate_row *last = &a->rows[a->last], *row = &a->rows[last->next];

	if (a->nrows && row->len == len && memcmp(a->keys + row->key, key, len * sizeof *key) == 0) {
		a->last = last->next;
		return row;
	}
	uint32_t hash = (uint32_t)hash_words(a->seed, key, len), before = a->last;
	row = row_find(a, key, len, hash);
	if (!row)
		row = row_new(a, len, hash, ns);
	if (row) {
		a->last = (uint32_t)(row - a->rows);
		a->rows[before].next = a->last;
	}
	return row;
}

static inline void count(struct oto_aggregate_row *row, uint64_t n, int64_t first_ns, int64_t last_ns)
{
	row->number += n;
	if (last_ns > row->last_ns)
		row->last_ns = last_ns;
	if (first_ns < row->first_ns) /* packets of a mirror port are not always in order */
		row->first_ns = first_ns;
}

/* The two places that a key may have; the latest stands in the first. */
static struct known *places_of(const struct oto_aggregate *a, uint64_t key)
{
	return &a->known[key & a->known_mask & ~UINT64_C(1)];
}

static void put_known(struct oto_aggregate *a, struct known new)
{
	struct known *p = places_of(a, new.key);

	if (p->key != new.key)
		p[1] = p[0];
	p[0] = new;
}

/* Half full at most when all rows are there. */
static void known_grow(struct oto_aggregate *a)
{
	const struct known *old = a->known;
	uint32_t n = old ? a->known_mask + 1 : 0, size = n ? n : KNOWN;

	while (size < a->rows_cap * 2)
		size *= 2;
	a->known = oto_calloc(size, sizeof *a->known);
	a->known_mask = size - 1;
	for (uint32_t i = n; i--;) {
		if (old[i].key)
			put_known(a, old[i]);
	}
	free((void *)(uintptr_t)old);
}

static void know(struct oto_aggregate *a, uint64_t key, uint32_t row)
{
	if (__builtin_expect(!a->known || a->known_mask < a->rows_cap, 0))
		known_grow(a);
	put_known(a, (struct known){ key, row, a->generation });
}

static uint32_t row_known(const struct oto_aggregate *a, uint64_t key)
{
	const struct known *p = places_of(a, key);

	p += p->key != key;
	return p->key == key && p->generation == a->generation ? p->row : 0;
}

struct oto_aggregate_row *oto_aggregate_add(struct oto_aggregate *a, const struct oto_aggregate_step *steps, const struct oto_event *event)
{
	int64_t ns = event->head ? event->head->ts.ns : 0;
	uint32_t known = event->key && a->known ? row_known(a, event->key) : 0;

	if (known) {
		count(&a->rows[known - 1], (uint64_t)event->more + 1, ns, ns);
		return &a->rows[known - 1];
	}
	const uint64_t *end = put_key(a, steps, event);
	struct oto_aggregate_row *row = row_of(a, (uint32_t)(end - a->keys - a->keys_len), ns);
	if (!row)
		return NULL;
	count(row, (uint64_t)event->more + 1, ns, ns);
	if (event->key)
		know(a, event->key, (uint32_t)(row - a->rows) + 1);
	return row;
}

/* ------------------------------------------------------------------------------------------------ counting again */

static bool rows_found(struct oto_aggregate *a, struct group *g)
{
	for (uint32_t i = g->first; i < g->first + g->n; i++) {
		a->groups->member[i].row = row_known(a, a->groups->member[i].key);
		if (!a->groups->member[i].row)
			return false;
	}
	g->generation = a->generation + 1;
	return true;
}

static __attribute__((noinline)) uint32_t group_known(struct oto_aggregate *a, uint64_t key)
{
	struct group *g = &a->groups->group[key % GROUPS];

	if (g->key != key || (g->generation != a->generation + 1 && !rows_found(a, g)))
		return 0;
	return IS_GROUP | (uint32_t)(key % GROUPS);
}

uint32_t oto_aggregate_known(struct oto_aggregate *a, uint64_t key)
{
	bool room = a->nrows < OTO_AGGREGATE_ROWS - OTO_AGGREGATE_ROWS / SPARE &&
		    a->keys_len * sizeof *a->keys < OTO_AGGREGATE_BYTES - OTO_AGGREGATE_BYTES / SPARE;

	if (!room || !a->known)
		return 0;
	uint32_t row = row_known(a, key);
	return row || !a->groups ? row : group_known(a, key);
}

static void settle(struct oto_aggregate *a, struct group *g)
{
	for (uint32_t i = g->first; i < g->first + g->n; i++)
		count(&a->rows[a->groups->member[i].row - 1], g->number, g->first_ns, g->last_ns);
	g->number = 0;
}

void oto_aggregate_settle(struct oto_aggregate *a)
{
	struct groups *all = a->groups;

	while (all && all->ncounted)
		settle(a, &all->group[all->counted[--all->ncounted]]);
}

void oto_aggregate_together(struct oto_aggregate *a, uint64_t key, const uint64_t *keys, uint32_t n)
{
	if (!a->groups)
		a->groups = oto_calloc(1, sizeof *a->groups);
	struct groups *all = a->groups;
	struct group *g = &all->group[key % GROUPS];
	bool in_use = g->generation == a->generation + 1;
	if (!key || !n || n > MEMBERS - all->members || g->key == key || in_use)
		return;
	*g = (struct group){ .key = key, .first = all->members, .n = n };
	for (uint32_t i = 0; i < n; i++)
		all->member[all->members++].key = keys[i];
}

static __attribute__((noinline)) void group_again(struct groups *all, uint32_t place, uint32_t more, int64_t ns)
{
	struct group *g = &all->group[place];
	uint32_t times = (more + 1) / g->n;

	if (!times)
		return;
	if (!g->number) {
		all->counted[all->ncounted++] = (uint16_t)place;
		g->first_ns = g->last_ns = ns;
	}
	g->number += times;
	if (ns > g->last_ns)
		g->last_ns = ns;
	if (ns < g->first_ns)
		g->first_ns = ns;
}

void oto_aggregate_again(struct oto_aggregate *a, uint32_t row, uint32_t more, int64_t ns)
{
	if (row & IS_GROUP)
		group_again(a->groups, row % GROUPS, more, ns);
	else if (OTO_CHECK(row - 1 < a->nrows))
		count(&a->rows[row - 1], (uint64_t)more + 1, ns, ns);
}

/* ------------------------------------------------------------------------------------------------ reading a key */

static struct oto_slice get_text(const uint64_t **w)
{
	struct oto_slice s = { (const uint8_t *)(*w + 1), (uint32_t) * *w };

	*w += s.len / 8 + 2;
	return s;
}

static struct oto_vec get_vec(const uint64_t **w)
{
	uint64_t shape = *(*w)++;

	return (struct oto_vec){ get_text(w).data, (uint32_t)shape, (uint8_t)(shape >> 32) };
}

static struct oto_list get_list(struct oto_aggregate *a, const uint64_t **w)
{
	uint32_t count = (uint32_t) * (*w)++;
	struct oto_slice *items = oto_arena_get(&a->items, (size_t)count * sizeof *items + 1);

	for (uint32_t i = 0; i < count; i++)
		items[i] = get_text(w);
	return (struct oto_list){ items, count };
}

static struct oto_target get_target(const uint64_t **w)
{
	struct oto_target t = { .space = (const char *)(uintptr_t)(*w)[2], .first = (*w)[0], .count = (uint32_t)(*w)[1] };

	*w += 3;
	t.name = get_text(w);
	return t;
}

static void get_addr(const uint64_t **w, struct oto_addr *addr)
{
	memcpy(addr->byte, *w, sizeof addr->byte);
	addr->family = (uint8_t)(*w)[2];
	*w += FIXED_MAX;
}

static void get_member(struct oto_aggregate *a, uint16_t kind, const uint64_t **w, union member *m)
{
	switch (kind) {
	case OTO_BOOL:
		m->b = *(*w)++ != 0;
		break;
	case OTO_U8:
		m->u8 = (uint8_t) * (*w)++;
		break;
	case OTO_U16:
		m->u16 = (uint16_t) * (*w)++;
		break;
	case OTO_U32:
		m->u32 = (uint32_t) * (*w)++;
		break;
	case OTO_STR:
		m->str = (const char *)(uintptr_t) * (*w)++;
		break;
	case OTO_BYTES:
		m->bytes = get_text(w);
		break;
	case OTO_ADDR:
		get_addr(w, &m->addr);
		break;
	case OTO_MAC:
		memcpy(&m->mac, (*w)++, sizeof m->mac);
		break;
	case OTO_VEC:
		m->vec = get_vec(w);
		break;
	case OTO_LIST:
		m->list = get_list(a, w);
		break;
	case OTO_TARGET:
		m->target = get_target(w);
		break;
	default:
		m->u64 = *(*w)++;
	}
}

uint32_t oto_aggregate_count(const struct oto_aggregate *a)
{
	return a->nrows;
}

const struct oto_aggregate_row *oto_aggregate_get(struct oto_aggregate *a, uint32_t i, struct oto_event *event)
{
	const struct oto_aggregate_row *row = &a->rows[i];
	const uint64_t *w = a->keys + row->key, there = *w++;
	struct shown *shown = &a->shown;

	oto_arena_reset(&a->items);
	shown->first.ns = row->first_ns;
	shown->last.ns = row->last_ns;
	shown->number = row->number;
	for (const struct oto_aggregate_step *s = a->steps; s->kind; s++) {
		shown->has[s->column] = there >> s->column & 1;
		if (shown->has[s->column])
			get_member(a, a->fields[s->column].kind, &w, &shown->key[s->column]);
	}
	*event = (struct oto_event){ .data = shown };
	return row;
}

void oto_aggregate_shows(const struct oto_aggregate *a, struct oto_field_ref *refs)
{
	*refs++ = (struct oto_field_ref){ .field = &own_fields[0] };
	for (uint32_t i = 0; i < a->nfields; i++)
		*refs++ = (struct oto_field_ref){ .field = &a->fields[i] };
	*refs++ = (struct oto_field_ref){ .field = &own_fields[1] };
	*refs++ = (struct oto_field_ref){ .field = &own_fields[2] };
}

void oto_aggregate_reset(struct oto_aggregate *a)
{
	memset(a->index, 0, ((size_t)a->index_mask + 1) * sizeof *a->index);
	a->nrows = 0;
	a->last = 0;
	a->keys_len = 0;
	a->generation++;
	if (a->groups && a->groups->members > MEMBERS / 2) { /* as long as none is in use */
		memset(a->groups->group, 0, sizeof a->groups->group);
		a->groups->members = 0;
	}
	oto_texts_reset(&a->texts);
}
