/* policy_ranged.c - ranges:count{...}: the values that events bring, learned in C and held against what was learned, so that a script is
 * entered only for a key that is new and for values outside.
 *
 * Which group a key is, the script says once; the number is the label of the key's row in a tally of their own. It is asked anew when
 * something else may hold now: the mode changed, or the script put in a range by itself.
 */
#include "policy_hook.h"
#include "ranges.h"

#include <stdlib.h>

struct oto_ranged {
	const struct oto_handler *handler;
	struct oto_field_ref place, values;
};

/* What the script said of a key, and in which span of time its values were last looked at. */
struct said {
	uint32_t asked, group; /* in which round of asking */
	bool is_known;
	int64_t span; /* from 1; 0: never */
};

/* ------------------------------------------------------------------------------------------------ numbers of an event */

/* As scripts read them: what is more than their whole numbers hold is none. */
static void get_numbers(const struct oto_event *event, struct oto_field_ref ref, struct oto_value *v)
{
	oto_value_get(event, ref, v);
	switch (v->kind) {
	case OTO_U8:
	case OTO_U16:
	case OTO_U32:
	case OTO_U64:
		*v = v->u > INT64_MAX ? (struct oto_value){ .kind = OTO_F64, .f = (double)v->u }
				      : (struct oto_value){ .kind = OTO_I64, .i = (int64_t)v->u };
	}
}

/* False: there is none. */
static bool get_place(const struct oto_ranged *r, const struct oto_event *event, uint64_t *place)
{
	struct oto_value v;

	*place = 0;
	if (!r->place.field)
		return true;
	get_numbers(event, r->place, &v);
	*place = (uint64_t)v.i;
	return v.kind == OTO_I64 && v.i >= 0;
}

/* ------------------------------------------------------------------------------------------------ which group a key is */

static struct said *said_of(const struct oto_tally *keys, const struct oto_row *row)
{
	uint32_t before = oto_tally_bytes(keys);

	if (!row || row->value.len != before + sizeof(struct said))
		return NULL;
	return (struct said *)(uintptr_t)(row->value.data + before); /* the row's own */
}

static void take_answer(lua_State *L, struct said *said)
{
	lua_Integer group = lua_isinteger(L, -1) ? lua_tointeger(L, -1) : -1;

	said->group = (uint32_t)group;
	said->is_known = group >= 0 && group <= UINT32_MAX;
}

/* `was`: what it said before, if anything. */
static struct said *ask(const struct oto_ranged *r, struct oto_policy *p, const struct oto_tally_source *source,
			const struct oto_event *event, const struct said *was)
{
	struct said said = { .asked = r->handler->ranges->round, .span = was ? was->span : 0 };

	if (oto_hook_call(p, r->handler, r->handler->function, event, 1)) {
		take_answer(p->scripts.L, &said);
		lua_settop(p->scripts.L, -2);
	}
	struct oto_row *row = oto_tally_row(source, event);
	if (!row)
		return NULL;
	oto_tally_label(source->tally, row, (struct oto_slice){ (const uint8_t *)&said, sizeof said }, p->engine->bus);
	return said_of(source->tally, row);
}

/* ------------------------------------------------------------------------------------------------ hearing */

/* Of what is read all the time, the first in each span will do. */
static bool is_due(const struct oto_ranged *r, const struct oto_engine *engine, struct said *said)
{
	const int64_t once = r->handler->once_ns, was = said->span;

	if (!once)
		return true;
	said->span = engine->stats.passed_ns / once + 1;
	return said->span != was;
}

struct oto_ranged *oto_ranged_new(const struct oto_handler *h, const struct oto_event_def *def, struct oto_error *err)
{
	struct oto_ranged *r = oto_calloc(1, sizeof *r);
	const char *const name[] = { h->place, h->values };
	struct oto_field_ref *const ref[] = { &r->place, &r->values };
	char near[256];

	r->handler = h;
	for (size_t i = 0; i < sizeof name / sizeof *name; i++) {
		if (!name[i])
			continue;
		*ref[i] = oto_field_find(def, name[i], strlen(name[i]));
		if (ref[i]->field)
			continue;
		oto_fail(err, "%s has no field %s%s", def->name, name[i], oto_field_near(def, name[i], near, sizeof near));
		free(r);
		return NULL;
	}
	return r;
}

void oto_ranged_hear(const struct oto_ranged *r, struct oto_policy *p, const struct oto_tally_source *source, const struct oto_event *event,
		     struct oto_row_ref *known)
{
	struct oto_ranges *rs = r->handler->ranges;
	struct oto_value v;
	uint64_t place;

	if (rs->mode == OTO_RANGES_OFF || !get_place(r, event, &place))
		return;
	oto_tally_add(source, event, known);
	struct said *said = said_of(source->tally, source->tally->recent);
	if (!said || said->asked != rs->round)
		said = ask(r, p, source, event, said);
	if (!said || !said->is_known || !is_due(r, p->engine, said))
		return;
	get_numbers(event, r->values, &v);
	if (rs->mode == OTO_RANGES_WATCH) {
		if (oto_ranges_outside(rs, said->group, place, &v, 1))
			oto_hook_call(p, r->handler, r->handler->outside, event, 0);
	} else if (oto_ranges_add(rs, said->group, place, &v, r->handler->written)) {
		rs->news_ns = event->head->ts.ns;
	}
}

/* ------------------------------------------------------------------------------------------------ the tally of its keys */

struct oto_tally *oto_ranged_keys(struct oto_policy *p, const struct oto_ranges *rs, uint32_t n)
{
	struct oto_tally *t = oto_calloc(1, sizeof *t);

	*t = (struct oto_tally){
		.next = p->tallies,
		.nkeys = n,
		.store = oto_store_new(&(struct oto_store_spec){
		    .name = "ranges", .shape = "", .kind = OTO_STORE_MAP, .max = rs->max, .drops = &p->tally_drops }),
	};
	p->tallies = t;
	return t;
}
