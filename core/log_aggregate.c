/* log_aggregate.c - equal events counted together. See log_aggregate.h.
 *
 * Owns one growing array of rows, one of key bytes, and an open-addressed index over them. A key is written at the end of the key bytes and
 * stays there only if it is new.
 */
#include "log_aggregate.h"

#include <stdlib.h>

#define FIRST_ROWS 64u
#define FIXED_MAX 20u /* bytes of the longest fixed-size field with its presence mark */
#define KEY_ALIGN 16u

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

/* Room for `more` bytes and, behind them, for all fixed-size fields and the padding: so those need not ask. */
static void key_room(struct oto_aggregate *a, size_t more)
{
	more += (size_t)OTO_AGGREGATE_FIELDS * FIXED_MAX + KEY_ALIGN;
	if (a->keys_len + more <= a->keys_cap)
		return;
	size_t cap = a->keys_cap ? a->keys_cap : 4096;
	while (cap < a->keys_len + more)
		cap *= 2;
	a->keys = oto_realloc(a->keys, cap);
	a->keys_cap = cap;
}

static void key_put(struct oto_aggregate *a, const void *data, size_t n)
{
	memcpy(a->keys + a->keys_len, data, n);
	a->keys_len += n;
}

/* Length, bytes and a NUL (so that a constant can be read back as a C string). */
static void key_put_bytes(struct oto_aggregate *a, struct oto_slice s)
{
	key_room(a, sizeof s.len + s.len + 1);
	key_put(a, &s.len, sizeof s.len);
	if (s.len)
		key_put(a, s.data, s.len);
	key_put(a, "", 1);
}

static size_t vec_bytes(const struct oto_vec *v)
{
	static const uint8_t width[OTO_VEC_KINDS] = { 0, 1, 2, 2, 4, 4, 8, 1, 2, 4, 8, 4, 8 };

	return v->kind == OTO_VEC_BITS ? ((size_t)v->count + 7) / 8 : (size_t)v->count * width[v->kind];
}

static void key_put_vec(struct oto_aggregate *a, const struct oto_vec *v)
{
	key_put(a, &v->kind, 1);
	key_put(a, &v->count, 4);
	key_put_bytes(a, (struct oto_slice){ v->data, (uint32_t)vec_bytes(v) });
}

static void key_put_list(struct oto_aggregate *a, const struct oto_list *l)
{
	key_put(a, &l->count, 4);
	for (uint32_t i = 0; i < l->count; i++)
		key_put_bytes(a, l->items[i]);
}

static void key_put_target(struct oto_aggregate *a, const struct oto_target *t)
{
	key_put_bytes(a, oto_slice_of(t->space));
	key_put_bytes(a, t->name);
	key_put(a, &t->first, 8);
	key_put(a, &t->count, 4);
}

static void key_put_str(struct oto_aggregate *a, const struct oto_field *f, const char *p)
{
	const char *s = f->flags & OTO_INLINE ? p : *(const char *const *)(const void *)p;

	if (s)
		key_put_bytes(a, oto_slice_of(s));
	else
		a->keys[a->keys_len - 1] = 0; /* takes the presence mark back */
}

/* Fields of any length. `at` is where the key ends so far; returns the same. */
static uint8_t *key_variable(struct oto_aggregate *a, uint8_t *at, const struct oto_field *f, const char *p)
{
	a->keys_len = (size_t)(at - a->keys);
	switch (f->kind) {
	case OTO_STR:
		key_put_str(a, f, p);
		break;
	case OTO_BYTES:
		if (((const struct oto_slice *)(const void *)p)->data)
			key_put_bytes(a, *(const struct oto_slice *)(const void *)p);
		else
			a->keys[a->keys_len - 1] = 0; /* absent: takes the presence mark back */
		break;
	case OTO_VEC:
		key_put_vec(a, (const void *)p);
		break;
	case OTO_LIST:
		key_put_list(a, (const void *)p);
		break;
	case OTO_TARGET:
		key_put_target(a, (const void *)p);
		break;
	}
	key_room(a, 0);
	return a->keys + a->keys_len;
}

static inline uint8_t *key_fixed(uint8_t *at, const char *p, size_t n)
{
	memcpy(at, p, n);
	return at + n;
}

/* One field's binary form: a presence mark, then the member as it is in memory, or its bytes. */
static inline uint8_t *key_field(struct oto_aggregate *a, uint8_t *at, struct oto_field_ref ref, const struct oto_event *event)
{
	const struct oto_field *f = ref.field;
	const char *base = ref.in_head ? (const char *)event->head : event->data;
	bool present = base && (!f->guard || *(const bool *)(base + f->guard - 1));

	*at++ = present;
	if (!present)
		return at;
	const char *p = base + f->offset;
	switch (f->kind) {
	case OTO_BOOL:
	case OTO_U8:
		return key_fixed(at, p, 1);
	case OTO_U16:
		return key_fixed(at, p, 2);
	case OTO_U32:
		return key_fixed(at, p, 4);
	case OTO_U64:
	case OTO_I64:
	case OTO_F64:
	case OTO_TIME:
	case OTO_INTERVAL:
		return key_fixed(at, p, 8);
	case OTO_ADDR:
		return key_fixed(at, p, sizeof(struct oto_addr));
	case OTO_MAC:
		return key_fixed(at, p, sizeof(struct oto_mac));
	default:
		return key_variable(a, at, f, p);
	}
}

/* ------------------------------------------------------------------------------------------------ counting */

/* oto_hash's mixing over whole words: keys are padded for it. */
static inline uint32_t key_hash(uint64_t seed, const uint8_t *key, uint32_t len)
{
	uint64_t h = seed, w[2];

	for (uint32_t i = 0; i < len; i += sizeof w) {
		memcpy(w, key + i, sizeof w);
		h = oto_mix(h ^ w[0], w[1]);
	}
	return (uint32_t)oto_mix(h, seed ^ len);
}

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

	key_room(a, 0);
	uint8_t *at = a->keys + key;
	for (uint32_t i = 0; i < a->nfields; i++)
		at = key_field(a, at, fields[i], event);
	memset(at, 0, KEY_ALIGN);
	uint32_t len = ((uint32_t)(at - a->keys - (ptrdiff_t)key) + KEY_ALIGN - 1) & ~(KEY_ALIGN - 1u);
	a->keys_len = key + len;
	uint32_t hash = key_hash(a->seed, a->keys + key, len);
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
