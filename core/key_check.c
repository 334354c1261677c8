/* key_check.c - see key_check.h. Of each key a hash of each field is kept; keys that fall into one place push each other out. */
#include "key_check.h"

#include <stdlib.h>

#define PLACES 65536u

struct oto_key_check {
	const struct oto_event_def *def;
	const struct oto_field *head, *port;
	uint32_t nhead, stride; /* stride: words of a place, the key first */
	uint64_t *place;
	struct oto_buf text;
};

struct oto_key_check *oto_key_check_new(const struct oto_event_def *def)
{
	struct oto_key_check *c = oto_calloc(1, sizeof *c);

	c->def = def;
	c->head = oto_head_fields(&c->nhead);
	c->port = oto_head_port();
	c->stride = 1 + def->nfields + c->nhead;
	return c;
}

void oto_key_check_free(struct oto_key_check *c)
{
	if (!c)
		return;
	free(c->place);
	oto_buf_free(&c->text);
	free(c);
}

static struct oto_field_ref field_at(const struct oto_key_check *c, uint32_t i)
{
	if (i < c->def->nfields)
		return (struct oto_field_ref){ .field = &c->def->fields[i] };
	return (struct oto_field_ref){ .field = &c->head[i - c->def->nfields], .in_head = true };
}

/* Of what varies the key tells no more than whether it is there; of a head not even that: it has what is in no packet twice, the port that
 * its originator took, and of some types all of the two ends. */
static uint64_t told_of(struct oto_key_check *c, const struct oto_event *event, struct oto_field_ref ref)
{
	struct oto_value v;

	if (ref.in_head && (oto_never_repeats(ref.field->kind, ref.field->flags) || ref.field == c->port ||
			    (!c->def->tells_ends && oto_head_is_of_ends(ref.field))))
		return 0;
	oto_value_get(event, ref, &v);
	if (!v.kind || oto_never_repeats(ref.field->kind, ref.field->flags))
		return v.kind != 0;
	c->text.len = 0;
	oto_value_text(&v, &c->text);
	return oto_hash(v.kind, c->text.data, c->text.len);
}

const char *oto_key_check(struct oto_key_check *c, const struct oto_event *event)
{
	const char *differs = NULL;

	if (!event->key)
		return NULL;
	if (!c->place)
		c->place = oto_calloc((size_t)PLACES * c->stride, sizeof *c->place);
	uint64_t *place = &c->place[(event->key % PLACES) * c->stride];
	bool is_known = place[0] == event->key;
	place[0] = event->key;
	for (uint32_t i = 0; i + 1 < c->stride; i++) {
		struct oto_field_ref ref = field_at(c, i);
		uint64_t told = told_of(c, event, ref);
		if (is_known && told != place[1 + i] && !differs)
			differs = ref.field->name;
		place[1 + i] = told;
	}
	return differs;
}
