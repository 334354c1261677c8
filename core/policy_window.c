/* policy_window.c - window:count{...}: events counted by key within a span of time in C, so that a rule about many of them enters Lua only
 * when there are many.
 *
 * The key is the text of the event's fields, joined by blanks, as scripts that count by themselves write it; the window is a store like any
 * other (policy_store.c) and is saved with them. Where a handler only says what holds for events that are alike (policy_echo.c), there is a
 * set of its own instead, which is not saved.
 */
#include "policy_private.h"
#include "state.h"

#include <stdlib.h>

#define MOST_FIELDS 8u
#define KEY_BYTES 1000u

struct oto_window_source {
	struct oto_store *window;
	struct oto_field_ref field[MOST_FIELDS];
	uint32_t n;
	struct oto_buf text, key;
};

struct oto_window_source *oto_window_source(struct oto_store *window, const struct oto_event_def *def, char *const *fields, uint32_t n,
					    struct oto_error *err)
{
	struct oto_window_source *s = oto_calloc(1, sizeof *s);
	char near[256];

	s->window = window;
	for (; s->n < n; s->n++) {
		const char *name = fields[s->n];
		s->field[s->n] = oto_field_find(def, name, strlen(name));
		if (s->field[s->n].field)
			continue;
		oto_fail(err, "%s has no field %s%s", def->name, name, oto_field_near(def, name, near, sizeof near));
		oto_window_source_free(s);
		return NULL;
	}
	return s;
}

void oto_window_source_free(struct oto_window_source *s)
{
	if (!s)
		return;
	oto_buf_free(&s->text);
	oto_buf_free(&s->key);
	free(s);
}

static void join(struct oto_window_source *s, const struct oto_event *event)
{
	struct oto_value v;

	s->text.len = 0;
	for (uint32_t i = 0; i < s->n; i++) {
		if (i)
			oto_buf_chr(&s->text, ' ');
		oto_value_get(event, s->field[i], &v);
		if (v.kind)
			oto_value_text(&v, &s->text);
		else
			oto_buf_chr(&s->text, '-');
	}
}

const struct oto_field_ref *oto_window_key(const struct oto_window_source *s, uint32_t *n)
{
	*n = s->n;
	return s->field;
}

static struct oto_row *find_row(struct oto_window_source *s, const struct oto_event *event, struct oto_row_ref *known)
{
	struct oto_row *r = known ? oto_store_put_again(s->window, known, event->head->ts.ns) : NULL;
	bool made;

	if (r)
		return r;
	join(s, event);
	s->key.len = 0;
	oto_store_text_key(&s->key, s->text.data, s->text.len < KEY_BYTES ? s->text.len : KEY_BYTES);
	struct oto_slice key = { (const uint8_t *)s->key.data, (uint32_t)s->key.len };
	r = oto_store_put(s->window, key, event->head->ts.ns, &made);
	if (known)
		*known = oto_row_keep(s->window, r);
	return r;
}

struct oto_row *oto_window_row(struct oto_window_source *s, const struct oto_event *event, struct oto_row_ref *known)
{
	struct oto_row *r = find_row(s, event, known);

	r->count++;
	return r;
}

uint32_t oto_window_tick(struct oto_window_source *s, struct oto_row *row, const struct oto_event *event, int64_t now_ns)
{
	return oto_row_tick(s->window, row, event->head->ts.ns, now_ns);
}
