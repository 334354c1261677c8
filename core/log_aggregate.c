/* log_aggregate.c - equal events counted together. See log_aggregate.h.
 *
 * Owns one growing array of rows, one of key bytes, and an open-addressed index over them. A key is written at the end of the key bytes and
 * stays there only if it is new.
 */
#include "log_aggregate.h"

#include <stdlib.h>

#define FIRST_ROWS 64u
#define FIXED_MAX 20u /* bytes of the longest fixed-size field with its presence mark */
#define FIRST_BYTES 8192u

struct oto_aggregate {
	struct oto_field fields[OTO_AGGREGATE_FIELDS];
	uint32_t nfields;
	uint64_t seed;
	struct oto_aggregate_row *rows;
	uint32_t nrows, rows_cap;
	uint32_t *index; /* row number plus one; a power of two, at least twice rows_cap */
	uint32_t index_mask;
	uint8_t *keys;
	size_t keys_len, keys_cap;
	struct oto_arena values; /* lists and targets of the row being read */
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

struct oto_aggregate *oto_aggregate_new(const struct oto_field_ref *fields, uint32_t n, uint64_t seed)
{
	struct oto_aggregate *a = oto_calloc(1, sizeof *a);

	a->seed = seed;
	a->nfields = n < OTO_AGGREGATE_FIELDS ? n : OTO_AGGREGATE_FIELDS;
	for (uint32_t i = 0; i < a->nfields; i++)
		a->fields[i] = *fields[i].field;
	a->keys = oto_realloc(NULL, FIRST_BYTES);
	a->keys_cap = FIRST_BYTES;
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
	oto_arena_free(&a->values);
	free(a);
}

/* ------------------------------------------------------------------------------------------------ writing a key */

/* A key on its way. Its hash is made of what is put, not read back from the key: loads that span fresh stores wait for them. */
struct writer {
	uint8_t *at;
	uint64_t hash, seed;
};

static inline void absorb(struct writer *w, uint64_t a, uint64_t b)
{
	w->hash = oto_mix(w->hash ^ a, b ^ w->seed);
}

/* Bytes into key and hash, in words that may overlap. */
static inline void put_text(struct writer *w, const uint8_t *p, uint32_t n)
{
	uint64_t word = 0, more = 0;

	if (n >= 8) {
		for (uint32_t i = 0; i + 8 < n; i += 8) {
			memcpy(&word, p + i, 8);
			memcpy(w->at + i, &word, 8);
			absorb(w, word, i);
		}
		memcpy(&word, p + n - 8, 8);
		memcpy(w->at + n - 8, &word, 8);
	} else if (n >= 4) {
		uint32_t low, high;
		memcpy(&low, p, 4);
		memcpy(&high, p + n - 4, 4);
		memcpy(w->at, &low, 4);
		memcpy(w->at + n - 4, &high, 4);
		word = low;
		more = (uint64_t)high << 32;
	} else if (n) {
		w->at[0] = p[0];
		w->at[n / 2] = p[n / 2];
		w->at[n - 1] = p[n - 1];
		word = p[0] | (uint64_t)p[n / 2] << 8 | (uint64_t)p[n - 1] << 16;
	}
	w->at += n;
	absorb(w, word, more | n);
}

/* Room for `more` bytes and, behind them, for all fixed-size fields: so those need not ask. `w` is where the key ends. */
static void key_grow(struct oto_aggregate *a, struct writer *w, size_t more)
{
	size_t used = (size_t)(w->at - a->keys);

	while (a->keys_cap < used + more)
		a->keys_cap *= 2;
	a->keys = oto_realloc(a->keys, a->keys_cap);
	w->at = a->keys + used;
}

static inline void key_room(struct oto_aggregate *a, struct writer *w, size_t more)
{
	more += (size_t)OTO_AGGREGATE_FIELDS * FIXED_MAX;
	if (more > a->keys_cap - (size_t)(w->at - a->keys))
		key_grow(a, w, more);
}

static inline void put(struct writer *w, const void *data, size_t n)
{
	memcpy(w->at, data, n);
	w->at += n;
}

/* Length, bytes and a NUL (so that a constant can be read back as a C string). */
static inline void put_bytes(struct oto_aggregate *a, struct writer *w, struct oto_slice s)
{
	key_room(a, w, sizeof s.len + s.len + 1);
	put(w, &s.len, sizeof s.len);
	put_text(w, s.data, s.len);
	*w->at++ = 0;
}

static size_t vec_bytes(const struct oto_vec *v)
{
	static const uint8_t width[OTO_VEC_KINDS] = { 0, 1, 2, 2, 4, 4, 8, 1, 2, 4, 8, 4, 8 };

	return v->kind == OTO_VEC_BITS ? ((size_t)v->count + 7) / 8 : (size_t)v->count * width[v->kind];
}

static void put_vec(struct oto_aggregate *a, struct writer *w, const struct oto_vec *v)
{
	put(w, &v->kind, 1);
	put(w, &v->count, 4);
	put_bytes(a, w, (struct oto_slice){ v->data, (uint32_t)vec_bytes(v) });
}

static void put_list(struct oto_aggregate *a, struct writer *w, const struct oto_list *l)
{
	put(w, &l->count, 4);
	for (uint32_t i = 0; i < l->count; i++)
		put_bytes(a, w, l->items[i]);
}

static void put_target(struct oto_aggregate *a, struct writer *w, const struct oto_target *t)
{
	put_bytes(a, w, oto_slice_of(t->space));
	put_bytes(a, w, t->name);
	put(w, &t->first, 8);
	put(w, &t->count, 4);
	absorb(w, t->first, t->count);
}

/* Fields of any length. False: absent after all. */
static bool put_variable(struct oto_aggregate *a, struct writer *w, const struct oto_field *f, const char *p)
{
	const struct oto_slice *bytes = (const void *)p;
	const char *s;

	switch (f->kind) {
	case OTO_STR:
		s = f->flags & OTO_INLINE ? p : *(const char *const *)(const void *)p;
		if (!s)
			return false;
		put_bytes(a, w, oto_slice_of(s));
		break;
	case OTO_BYTES:
		if (!bytes->data)
			return false;
		put_bytes(a, w, *bytes);
		break;
	case OTO_VEC:
		put_vec(a, w, (const void *)p);
		break;
	case OTO_LIST:
		put_list(a, w, (const void *)p);
		break;
	case OTO_TARGET:
		put_target(a, w, (const void *)p);
		break;
	}
	return true;
}

static inline void put_number(struct writer *w, uint64_t u, const char *p, size_t n)
{
	put(w, p, n);
	absorb(w, u, n);
}

static inline void put_addr(struct writer *w, const char *p)
{
	uint64_t half[2];

	memcpy(half, p, sizeof half);
	put(w, p, sizeof(struct oto_addr));
	absorb(w, half[0], half[1]);
}

static inline void put_mac(struct writer *w, const char *p)
{
	uint64_t u = 0;

	memcpy(&u, p, sizeof(struct oto_mac));
	put_number(w, u, p, sizeof(struct oto_mac));
}

/* One field's binary form: a presence mark, then the member as it is in memory, or its bytes. */
static inline void put_field(struct oto_aggregate *a, struct writer *w, struct oto_field_ref ref, const struct oto_event *event)
{
	const struct oto_field *f = ref.field;
	const char *base = ref.in_head ? (const char *)event->head : event->data;
	bool present = base && (!f->guard || *(const bool *)(base + f->guard - 1));

	*w->at++ = present;
	w->hash = w->hash << 1 | w->hash >> 63; /* so that it matters which field is absent */
	if (!present)
		return;
	const char *p = base + f->offset;
	switch (f->kind) {
	case OTO_BOOL:
	case OTO_U8:
		put_number(w, *(const uint8_t *)p, p, 1);
		break;
	case OTO_U16:
		put_number(w, *(const uint16_t *)(const void *)p, p, 2);
		break;
	case OTO_U32:
		put_number(w, *(const uint32_t *)(const void *)p, p, 4);
		break;
	case OTO_U64:
	case OTO_I64:
	case OTO_F64:
	case OTO_TIME:
	case OTO_INTERVAL:
		put_number(w, *(const uint64_t *)(const void *)p, p, 8);
		break;
	case OTO_ADDR:
		put_addr(w, p);
		break;
	case OTO_MAC:
		put_mac(w, p);
		break;
	default:
		if (!put_variable(a, w, f, p))
			w->at[-1] = 0;
	}
}

/* ------------------------------------------------------------------------------------------------ counting */

static struct oto_aggregate_row *row_find(struct oto_aggregate *a, const uint8_t *key, uint32_t len, uint32_t hash)
{
	for (uint32_t at = hash & a->index_mask; a->index[at]; at = (at + 1) & a->index_mask) {
		struct oto_aggregate_row *row = &a->rows[a->index[at] - 1];
		if (row->hash == hash && row->len == len && memcmp(a->keys + row->key, key, len) == 0)
			return row;
	}
	return NULL;
}

static struct oto_aggregate_row *row_new(struct oto_aggregate *a, size_t key, uint32_t hash, int64_t ns)
{
	if (a->nrows && (a->nrows == OTO_AGGREGATE_ROWS || a->keys_len > OTO_AGGREGATE_BYTES)) {
		a->keys_len = key;
		return NULL;
	}
	if (a->nrows == a->rows_cap)
		rows_grow(a);
	struct oto_aggregate_row *row = &a->rows[a->nrows];
	*row = (struct oto_aggregate_row){
		.first_ns = ns, .last_ns = ns, .number = 1, .key = (uint32_t)key, .len = (uint32_t)(a->keys_len - key), .hash = hash
	};
	index_add(a, a->nrows++);
	return row;
}

struct oto_aggregate_row *oto_aggregate_add(struct oto_aggregate *a, const struct oto_field_ref *fields, const struct oto_event *event)
{
	size_t key = a->keys_len;
	int64_t ns = event->head ? event->head->ts.ns : 0;
	struct writer w = { a->keys + key, a->seed, a->seed };

	key_room(a, &w, 0);
	for (uint32_t i = 0; i < a->nfields; i++)
		put_field(a, &w, fields[i], event);
	a->keys_len = (size_t)(w.at - a->keys);
	uint32_t len = (uint32_t)(a->keys_len - key), hash = (uint32_t)oto_mix(w.hash, w.seed);
	struct oto_aggregate_row *row = row_find(a, a->keys + key, len, hash);
	if (!row)
		return row_new(a, key, hash, ns);
	a->keys_len = key;
	row->number++;
	if (ns > row->last_ns)
		row->last_ns = ns;
	if (ns < row->first_ns) /* packets of a mirror port are not always in order */
		row->first_ns = ns;
	return row;
}

/* ------------------------------------------------------------------------------------------------ reading a key */

static uint32_t get_u32(const uint8_t **p)
{
	uint32_t u;

	memcpy(&u, *p, sizeof u);
	*p += sizeof u;
	return u;
}

static uint64_t get_u64(const uint8_t **p)
{
	uint64_t u;

	memcpy(&u, *p, sizeof u);
	*p += sizeof u;
	return u;
}

static uint16_t get_u16(const uint8_t **p)
{
	uint16_t u;

	memcpy(&u, *p, sizeof u);
	*p += sizeof u;
	return u;
}

static struct oto_slice get_bytes(const uint8_t **p)
{
	uint32_t len = get_u32(p);

	*p += len + 1;
	return (struct oto_slice){ *p - len - 1, len };
}

static struct oto_vec get_vec(const uint8_t **p)
{
	uint8_t kind = *(*p)++;
	uint32_t count = get_u32(p);

	return (struct oto_vec){ get_bytes(p).data, count, kind };
}

static struct oto_list get_list(struct oto_aggregate *a, const uint8_t **p)
{
	uint32_t count = get_u32(p);
	struct oto_slice *items = oto_arena_get(&a->values, (size_t)count * sizeof *items + 1);

	for (uint32_t i = 0; i < count; i++)
		items[i] = get_bytes(p);
	return (struct oto_list){ items, count };
}

static const struct oto_target *get_target(struct oto_aggregate *a, const uint8_t **p)
{
	struct oto_target *t = oto_arena_get(&a->values, sizeof *t);
	struct oto_slice space = get_bytes(p), name = get_bytes(p);
	uint64_t first = get_u64(p);

	*t = (struct oto_target){ space.len ? (const char *)space.data : NULL, name, first, get_u32(p) };
	return t->space || name.len || t->count ? t : NULL;
}

static void get_value(struct oto_aggregate *a, const struct oto_field *f, const uint8_t **p, struct oto_value *v)
{
	*v = (struct oto_value){ .kind = f->kind, .flags = f->flags, .names = f->names };
	if (!*(*p)++) {
		v->kind = 0;
		return;
	}
	switch (f->kind) {
	case OTO_BOOL:
	case OTO_U8:
		v->u = *(*p)++;
		break;
	case OTO_U16:
		v->u = get_u16(p);
		break;
	case OTO_U32:
		v->u = get_u32(p);
		break;
	case OTO_U64:
	case OTO_I64:
	case OTO_F64:
	case OTO_TIME:
	case OTO_INTERVAL:
		v->u = get_u64(p); /* the union's members share their eight bytes */
		break;
	case OTO_ADDR:
		v->addr = (const void *)*p;
		*p += sizeof *v->addr;
		if (v->addr->family == OTO_FAMILY_NONE)
			v->kind = 0;
		break;
	case OTO_MAC:
		v->mac = (const void *)*p;
		*p += sizeof *v->mac;
		break;
	case OTO_STR:
		v->str = (const char *)get_bytes(p).data;
		break;
	case OTO_BYTES:
		v->bytes = get_bytes(p);
		break;
	case OTO_VEC:
		v->vec = get_vec(p);
		break;
	case OTO_LIST:
		v->list = get_list(a, p);
		break;
	case OTO_TARGET:
		v->target = get_target(a, p);
		if (!v->target)
			v->kind = 0;
		break;
	}
}

uint32_t oto_aggregate_count(const struct oto_aggregate *a)
{
	return a->nrows;
}

const struct oto_aggregate_row *oto_aggregate_get(struct oto_aggregate *a, uint32_t i, struct oto_value *values)
{
	const uint8_t *p = a->keys + a->rows[i].key;

	oto_arena_reset(&a->values);
	for (uint32_t k = 0; k < a->nfields; k++)
		get_value(a, &a->fields[k], &p, &values[k]);
	return &a->rows[i];
}

void oto_aggregate_reset(struct oto_aggregate *a)
{
	memset(a->index, 0, ((size_t)a->index_mask + 1) * sizeof *a->index);
	a->nrows = 0;
	a->keys_len = 0;
}
