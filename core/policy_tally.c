/* policy_tally.c - tally.new: how often each key was seen and what its numbers were like, counted in C, so that a script is entered only
 * for what is new and when it asks.
 *
 * A tally is a bounded table (state.h) that events feed through conditions compiled like those of on(). Keys are fields of the event,
 * packed as stores pack them; a row's value is a fixed struct that is changed in place. Nothing is saved: what a script makes of it, it
 * keeps in stores.
 */
#include "policy_private.h"
#include "state.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

#define TALLY "oto.tally"
#define ROW "oto.tally.row"
#define KEY_BYTES 1024u

struct sum {
	double n, total, squares, least, most, latest;
};

/* The value of a row; behind it the label that the script gave it, if any. */
struct counted {
	uint64_t fresh;           /* events since they were last taken */
	int64_t heard_ns;         /* when the script heard of it */
	int64_t from_ns, last_ns; /* the first of these, and the latest event */
	struct sum sum[];         /* the declared ones, then the gaps */
};

struct oto_tally {
	struct oto_tally *next;
	struct oto_policy *policy;
	struct oto_store *store;
	uint32_t nkeys, nsums;
	int64_t again_ns; /* the script hears of a key anew after so long; 0: never */
	int64_t expire_ns;
	bool gaps, time[OTO_TALLY_SUMS + 1]; /* these sums are of times */
	struct oto_row *recent;              /* messages come in runs; NULL when a row may have gone */
	struct oto_buf text;                 /* of a value that is shown as text */
	char *sum[OTO_TALLY_SUMS];
};

/* Where one event type's values of it are. */
struct oto_tally_source {
	struct oto_tally *tally;
	struct oto_field_ref key[OTO_TALLY_KEYS], sum[OTO_TALLY_SUMS];
};

/* ------------------------------------------------------------------------------------------------ counting */

struct key {
	uint32_t len;
	uint8_t data[KEY_BYTES];
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

/* Pushes the parts of a key. */
static int push_key(lua_State *L, struct oto_slice key, uint32_t nkeys)
{
	const uint8_t *at = key.data, *end = key.data + key.len;
	struct oto_addr a;
	uint64_t u;
	uint16_t n;

	for (uint32_t i = 0; i < nkeys; i++) {
		uint8_t tag = at < end ? *at++ : 'n';
		if (tag == 'i' && end - at >= (ptrdiff_t)sizeof u) {
			memcpy(&u, at, sizeof u);
			at += sizeof u;
			lua_pushinteger(L, (lua_Integer)u);
		} else if (tag == 's' && end - at >= (ptrdiff_t)sizeof n) {
			memcpy(&n, at, sizeof n);
			at += sizeof n;
			size_t len = n < end - at ? n : (size_t)(end - at);
			lua_pushlstring(L, (const char *)at, len);
			at += len;
		} else if (tag == 'a' && end - at >= (ptrdiff_t)sizeof a) {
			memcpy(&a, at, sizeof a);
			at += sizeof a;
			oto_push_addr(L, &a);
		} else if (tag == 'y' || tag == 'f') {
			lua_pushboolean(L, tag == 'y');
		} else {
			lua_pushnil(L);
		}
	}
	return (int)nkeys;
}

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

static void add_to(struct sum *s, double x)
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

static double element(const struct oto_vec *v, uint32_t i)
{
	switch (oto_vec_item_kind(v)) {
	case OTO_F64:
		return oto_vec_real(v, i);
	case OTO_I64:
		return (double)(int64_t)oto_vec_at(v, i);
	default:
		return (double)oto_vec_at(v, i);
	}
}

/* A number, or each of several. */
static void add_value_to(struct sum *s, const struct oto_value *v)
{
	double number;

	if (v->kind == OTO_VEC) {
		for (uint32_t i = 0; i < v->vec.count; i++) {
			number = element(&v->vec, i);
			if (isfinite(number))
				add_to(s, number);
		}
	} else if (number_of(v, &number)) {
		add_to(s, number);
	}
}

static uint32_t counted_bytes(const struct oto_tally *t)
{
	return (uint32_t)(sizeof(struct counted) + (t->nsums + 1) * sizeof(struct sum));
}

static struct counted *counted_of(struct oto_tally *t, struct oto_row *r)
{
	static const uint64_t zeros[(sizeof(struct counted) + (OTO_TALLY_SUMS + 1) * sizeof(struct sum)) / 8] = { 0 };

	if (!r->value.len)
		oto_row_set(t->store, r, (struct oto_slice){ (const uint8_t *)zeros, counted_bytes(t) });
	return (struct counted *)(uintptr_t)r->value.data; /* the row's own */
}

/* A new row may push out others. The recent one is the one seen last, so its place in the order of age is right already. */
static struct oto_row *row_of(struct oto_tally *t, const struct key *key, int64_t now_ns, bool *made)
{
	struct oto_row *r = t->recent;

	*made = false;
	bool is_old = r && t->expire_ns && now_ns - r->when_ns >= t->expire_ns;
	if (r && !is_old && r->key.len == key->len && memcmp(r->key.data, key->data, key->len) == 0) {
		r->when_ns = now_ns;
		return r;
	}
	r = oto_store_put(t->store, (struct oto_slice){ key->data, key->len }, now_ns, made);
	t->recent = r;
	return r;
}

static void key_of(const struct oto_tally_source *from, const struct oto_event *event, struct key *key)
{
	struct oto_tally *t = from->tally;
	struct oto_value v;

	key->len = 0;
	for (uint32_t i = 0; i < t->nkeys; i++) {
		v.kind = 0;
		if (from->key[i].field)
			oto_value_get(event, from->key[i], &v);
		add_value(key, &v, t->nkeys - i, &t->text);
	}
}

bool oto_tally_add(const struct oto_tally_source *from, const struct oto_event *event)
{
	struct oto_tally *t = from->tally;
	int64_t now = event->head->ts.ns;
	bool is_heard;
	struct key key;
	struct oto_value v;
	bool made;

	key_of(from, event, &key);
	struct oto_row *r = row_of(t, &key, now, &made);
	struct counted *c = counted_of(t, r);
	r->count++;
	if (t->gaps && c->last_ns && now >= c->last_ns)
		add_to(&c->sum[t->nsums], (double)(now - c->last_ns) / (double)OTO_SECOND);
	if (!c->fresh++)
		c->from_ns = now;
	c->last_ns = now;
	for (uint32_t i = 0; i < t->nsums; i++) {
		if (!from->sum[i].field)
			continue;
		oto_value_get(event, from->sum[i], &v);
		add_value_to(&c->sum[i], &v);
	}
	is_heard = made || (t->again_ns && now - c->heard_ns >= t->again_ns);
	if (is_heard)
		c->heard_ns = now;
	return is_heard;
}

void oto_tally_label(const struct oto_tally_source *from, const struct oto_event *event, struct oto_slice label)
{
	struct oto_tally *t = from->tally;
	struct key key;

	key_of(from, event, &key);
	t->recent = NULL; /* what is old goes when something is looked for */
	struct oto_row *r = oto_store_get(t->store, (struct oto_slice){ key.data, key.len }, event->head->ts.ns);
	if (!r)
		return; /* the script cleared the tally */
	uint32_t len = r->value.len ? counted_bytes(t) : 0;
	uint8_t *both = oto_bus_scratch(t->policy->engine->bus, len + label.len);
	if (!both)
		return;
	memcpy(both, r->value.data, len);
	memcpy(both + len, label.data, label.len);
	oto_row_set(t->store, r, (struct oto_slice){ both, len + label.len });
}

/* ------------------------------------------------------------------------------------------------ finding the fields */

static bool find_field(const struct oto_event_def *def, const char *name, struct oto_field_ref *out, struct oto_error *err)
{
	char near[256];

	*out = oto_field_find(def, name, strlen(name));
	return out->field || oto_fail(err, "%s has no field %s%s", def->name, name, oto_field_near(def, name, near, sizeof near));
}

struct oto_tally_source *oto_tally_source(struct oto_tally *t, const struct oto_event_def *def, char *const *key, char *const *sum,
					  struct oto_error *err)
{
	struct oto_tally_source *s = oto_calloc(1, sizeof *s);
	bool ok = true;

	s->tally = t;
	for (uint32_t i = 0; ok && i < t->nkeys; i++)
		ok = !key[i] || find_field(def, key[i], &s->key[i], err);
	for (uint32_t i = 0; ok && sum && i < t->nsums; i++) {
		ok = !sum[i] || find_field(def, sum[i], &s->sum[i], err);
		t->time[i] |= ok && s->sum[i].field && s->sum[i].field->kind == OTO_TIME;
	}
	if (ok)
		return s;
	free(s);
	return NULL;
}

uint32_t oto_tally_keys(const struct oto_tally *t, uint32_t *nsums)
{
	*nsums = t->nsums;
	return t->nkeys;
}

/* ------------------------------------------------------------------------------------------------ what scripts see */

struct oto_tally *oto_check_tally(lua_State *L, int index)
{
	return *(struct oto_tally **)luaL_checkudata(L, index, TALLY);
}

static void set_number(lua_State *L, const char *name, double number)
{
	lua_pushnumber(L, number);
	lua_setfield(L, -2, name);
}

/* A double holds a time of today to some 200 ns: captures have microseconds. */
static void set_time(lua_State *L, const char *name, double seconds)
{
	oto_push_time(L, llround(seconds * 1e6) * 1000);
	lua_setfield(L, -2, name);
}

static void push_times(lua_State *L, const struct sum *s)
{
	lua_createtable(L, 0, 3);
	lua_pushinteger(L, (lua_Integer)s->n);
	lua_setfield(L, -2, "n");
	if (s->n <= 0)
		return;
	set_time(L, "min", s->least);
	set_time(L, "max", s->most);
}

static double dev_of(const struct sum *s)
{
	double variance = s->n > 1 ? (s->squares - s->total * (s->total / s->n)) / (s->n - 1) : 0;

	return variance > 0 ? sqrt(variance) : 0;
}

/* { n, sum, mean, dev, min, max, latest, squares }; nothing was added: n is 0 and the rest is absent. */
static void push_sum(lua_State *L, const struct sum *s)
{
	lua_createtable(L, 0, 8);
	lua_pushinteger(L, (lua_Integer)s->n);
	lua_setfield(L, -2, "n");
	if (s->n <= 0)
		return;
	set_number(L, "sum", s->total);
	set_number(L, "squares", s->squares);
	set_number(L, "mean", s->total / s->n);
	set_number(L, "dev", dev_of(s));
	set_number(L, "min", s->least);
	set_number(L, "max", s->most);
	set_number(L, "latest", s->latest);
}

/* A row that was taken: a copy, of which scripts most often read one or two fields. */
struct taken_row {
	const struct oto_tally *tally; /* lives as long as the state */
	uint64_t total;
	uint32_t label; /* bytes, behind all else */
	struct counted counted;
};

static void push_counted(lua_State *L, const struct oto_tally *t, const struct oto_row *r)
{
	uint32_t len = counted_bytes(t), label = r->value.len > len ? r->value.len - len : 0;
	struct taken_row *row = lua_newuserdatauv(L, offsetof(struct taken_row, counted) + len + label, 0);

	row->tally = t;
	row->total = r->count;
	row->label = label;
	memcpy(&row->counted, r->value.data, len + label);
	luaL_setmetatable(L, ROW);
}

static int push_sum_called(lua_State *L, const struct taken_row *row, uint32_t i)
{
	row->tally->time[i] ? push_times(L, &row->counted.sum[i]) : push_sum(L, &row->counted.sum[i]);
	return 1;
}

static const struct sum *sum_called(lua_State *L)
{
	const struct taken_row *row = luaL_checkudata(L, 1, ROW);
	const struct oto_tally *t = row->tally;
	const char *name = luaL_checkstring(L, 2);

	for (uint32_t i = 0; i < t->nsums; i++) {
		if (t->sum[i] == name || strcmp(t->sum[i], name) == 0)
			return &row->counted.sum[i];
	}
	if (!t->gaps || strcmp(name, "gap") != 0)
		luaL_error(L, "this tally has no sum '%s'", name);
	return &row->counted.sum[t->nsums];
}

/* row:total_of("bytes"): without the table of all that is known of a sum, for those who read many rows. */
static int row_total_of(lua_State *L)
{
	lua_pushnumber(L, sum_called(L)->total);
	return 1;
}

/* row:spread_of("gap"): n, mean and standard deviation; nothing was added: 0, 0, 0. */
static int row_spread_of(lua_State *L)
{
	const struct sum *s = sum_called(L);

	lua_pushinteger(L, (lua_Integer)s->n);
	lua_pushnumber(L, s->n > 0 ? s->total / s->n : 0);
	lua_pushnumber(L, dev_of(s));
	return 3;
}

/* Names are the script's own: a sum may be called as what every row has. */
static int row_index(lua_State *L)
{
	const struct taken_row *row = luaL_checkudata(L, 1, ROW);
	const struct oto_tally *t = row->tally;
	const char *name = luaL_checkstring(L, 2);

	for (uint32_t i = 0; i < t->nsums; i++) {
		if (t->sum[i] == name || strcmp(t->sum[i], name) == 0)
			return push_sum_called(L, row, i);
	}
	if (t->gaps && strcmp(name, "gap") == 0)
		return push_sum_called(L, row, t->nsums);
	if (strcmp(name, "n") == 0)
		lua_pushinteger(L, (lua_Integer)row->counted.fresh);
	else if (strcmp(name, "last") == 0)
		oto_push_time(L, row->counted.last_ns);
	else if (strcmp(name, "first") == 0)
		oto_push_time(L, row->counted.from_ns);
	else if (strcmp(name, "total") == 0)
		lua_pushinteger(L, (lua_Integer)row->total);
	else if (strcmp(name, "total_of") == 0 || strcmp(name, "spread_of") == 0)
		lua_pushcfunction(L, name[0] == 't' ? row_total_of : row_spread_of);
	else if (strcmp(name, "label") != 0)
		return luaL_error(L, "a row of this tally has no '%s'", name);
	else if (row->label)
		lua_pushlstring(L, (const char *)&row->counted + counted_bytes(t), row->label);
	else
		lua_pushnil(L);
	return 1;
}

static bool has_news(const struct oto_row *r)
{
	return r->value.len && ((const struct counted *)(const void *)r->value.data)->fresh;
}

static void taken(const struct oto_tally *t, struct counted *c)
{
	c->fresh = 0;
	memset(c->sum, 0, (t->nsums + 1) * sizeof *c->sum);
}

/* upvalues: the keys, the position, the tally. What is told is told once. */
static int next_taken(lua_State *L)
{
	struct oto_tally *t = oto_check_tally(L, lua_upvalueindex(3));
	lua_Integer i = lua_tointeger(L, lua_upvalueindex(2));
	size_t len;

	t->recent = NULL;
	while (lua_rawgeti(L, lua_upvalueindex(1), ++i) == LUA_TSTRING) {
		struct oto_slice key = { (const uint8_t *)lua_tolstring(L, -1, &len), 0 };
		key.len = (uint32_t)len;
		struct oto_row *r = oto_store_get(t->store, key, t->policy->engine->now_ns);
		if (!r || !has_news(r)) {
			lua_settop(L, -2);
			continue;
		}
		lua_pushinteger(L, i);
		lua_replace(L, lua_upvalueindex(2));
		push_key(L, key, t->nkeys);
		push_counted(L, t, r);
		taken(t, counted_of(t, r));
		return (int)t->nkeys + 1;
	}
	lua_pushnil(L);
	return 1;
}

static lua_Integer take_option(lua_State *L, const char *name, lua_Integer otherwise)
{
	lua_Integer n = otherwise;

	if (lua_istable(L, 2)) {
		lua_getfield(L, 2, name);
		n = luaL_optinteger(L, -1, otherwise);
		lua_settop(L, 2);
	}
	return n;
}

/* The oldest row with news; how many there are. What has news was written since it was taken, so it stands behind all that was not. */
static struct oto_row *oldest_news(const struct oto_tally *t, size_t *n)
{
	struct oto_row *oldest = NULL;

	*n = 0;
	for (struct oto_row *r = oto_store_newest(t->store); r && has_news(r); r = r->older) {
		oldest = r;
		++*n;
	}
	return oldest;
}

static int by_number(const void *a, const void *b)
{
	uint64_t x = (*(struct oto_row *const *)a)->number, y = (*(struct oto_row *const *)b)->number;

	return (x > y) - (x < y);
}

/* Rows from `r` on, `most` of them, in the order of first sight; what is less than `least` is taken without a word. How many. */
static size_t gather(struct oto_tally *t, struct oto_row *r, uint64_t least, uint64_t most, struct oto_row **out)
{
	size_t n = 0;

	for (; r && n < most; r = r->newer) {
		if (counted_of(t, r)->fresh < least)
			taken(t, counted_of(t, r));
		else
			out[n++] = r;
	}
	qsort(out, n, sizeof *out, by_number);
	return n;
}

/* tally:take([{ least = n, most = m }]) */
static int tally_take(lua_State *L)
{
	struct oto_tally *t = oto_check_tally(L, 1);
	lua_Integer least = take_option(L, "least", 1), most = take_option(L, "most", INT32_MAX);
	size_t all;

	luaL_argcheck(L, least >= 0 && most >= 0, 2, "least and most are no less than 0");
	struct oto_row *oldest = oldest_news(t, &all), **rows = lua_newuserdatauv(L, (all + 1) * sizeof *rows, 0);
	size_t n = gather(t, oldest, (uint64_t)least, (uint64_t)most, rows);
	lua_createtable(L, (int)n, 0);
	for (size_t i = 0; i < n; i++) {
		lua_pushlstring(L, (const char *)rows[i]->key.data, rows[i]->key.len);
		lua_rawseti(L, -2, (lua_Integer)i + 1);
	}
	lua_pushinteger(L, 0);
	lua_pushvalue(L, 1);
	lua_pushcclosure(L, next_taken, 3);
	return 1;
}

static int tally_clear(lua_State *L)
{
	struct oto_tally *t = oto_check_tally(L, 1);

	t->recent = NULL;
	oto_store_empty(t->store);
	return 0;
}

/* Nothing was captured for a while: the next gap would measure that. */
static int tally_pause(lua_State *L)
{
	struct oto_tally *t = oto_check_tally(L, 1);

	for (struct oto_row *r = oto_store_first(t->store); r; r = r->after)
		counted_of(t, r)->last_ns = 0;
	return 0;
}

static int tally_len(lua_State *L)
{
	lua_pushinteger(L, (lua_Integer)oto_store_stats(oto_check_tally(L, 1)->store).rows);
	return 1;
}

/* A list of names from the table at 1, into out; how many. */
static uint32_t names(lua_State *L, const char *option, char **out, uint32_t most)
{
	uint32_t n = 0;

	if (lua_getfield(L, 1, option) == LUA_TTABLE) {
		n = (uint32_t)lua_rawlen(L, -1);
		if (n > most)
			luaL_error(L, "a tally's %s has at most %d fields", option, (int)most);
		for (uint32_t i = 0; i < n; i++) {
			lua_rawgeti(L, -1, i + 1);
			out[i] = (char *)(uintptr_t)oto_intern(L, lua_gettop(L));
			lua_settop(L, -2);
		}
	}
	lua_settop(L, -2);
	return n;
}

/* tally.new { keys = 2, [sum = { "bytes" }], [gaps = true], [expire = "2m"], [again = "1m"], [max = 100000] } */
static int tally_new(lua_State *L)
{
	struct oto_policy *p = oto_lua_of(L)->policy;

	luaL_checktype(L, 1, LUA_TTABLE);
	lua_settop(L, 1);
	lua_getfield(L, 1, "keys");
	lua_Integer nkeys = luaL_checkinteger(L, -1);
	if (nkeys < 1 || nkeys > (lua_Integer)OTO_TALLY_KEYS)
		return luaL_error(L, "tally.new needs keys = 1 to %d: of how many fields a key is made", (int)OTO_TALLY_KEYS);
	lua_getfield(L, 1, "max");
	lua_Integer max = luaL_optinteger(L, -1, 0);
	lua_getfield(L, 1, "gaps");
	bool gaps = lua_toboolean(L, -1);
	int64_t expire_ns = lua_getfield(L, 1, "expire") == LUA_TNIL ? 0 : oto_check_interval(L, lua_gettop(L));
	int64_t again_ns = lua_getfield(L, 1, "again") == LUA_TNIL ? 0 : oto_check_interval(L, lua_gettop(L));
	struct oto_tally *t = oto_calloc(1, sizeof *t);
	*t = (struct oto_tally){ .next = p->tallies,
				 .policy = p,
				 .nkeys = (uint32_t)nkeys,
				 .again_ns = again_ns,
				 .gaps = gaps,
				 .expire_ns = expire_ns > 0 ? expire_ns : 0 };
	p->tallies = t;
	t->store = oto_store_new(&(struct oto_store_spec){
	    .name = "tally", .shape = "", .kind = OTO_STORE_MAP, .max = max > 0 ? (uint32_t)max : 0, .expire_ns = expire_ns });
	lua_settop(L, 1);
	t->nsums = names(L, "sum", t->sum, OTO_TALLY_SUMS);
	*(struct oto_tally **)lua_newuserdatauv(L, sizeof t, 0) = t;
	luaL_setmetatable(L, TALLY);
	return 1;
}

void oto_lua_tallies(struct oto_lua *lua)
{
	static const luaL_Reg methods[] = { { "count", oto_on_tally }, { "take", tally_take }, { "clear", tally_clear },
					    { "pause", tally_pause },  { "len", tally_len },   { 0 } };
	static const luaL_Reg functions[] = { { "new", tally_new }, { 0 } };
	lua_State *L = lua->L;

	luaL_newmetatable(L, TALLY);
	luaL_newlib(L, methods);
	lua_setfield(L, -2, "__index");
	lua_pushcfunction(L, tally_len);
	lua_setfield(L, -2, "__len");
	lua_pop(L, 1);
	luaL_newmetatable(L, ROW);
	lua_pushcfunction(L, row_index);
	lua_setfield(L, -2, "__index");
	lua_pop(L, 1);
	luaL_newlib(L, functions);
	lua_setglobal(L, "tally");
}

void oto_tallies_free(struct oto_policy *p)
{
	for (struct oto_tally *t = p->tallies, *next; t; t = next) {
		next = t->next;
		oto_store_free(t->store);
		oto_buf_free(&t->text);
		free(t);
	}
}
