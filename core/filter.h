/* filter.h - conditions on events, checked against the schema when they are made and run in C without touching Lua.
 *
 * A filter is a small expression tree over one event type's fields. The policy builds it from a Lua table or from an expression
 * like people's display filters: `func in {5, 6, 15, 16} and orig_h in 10.0.0.0/8 and not exception`.
 */
#ifndef OTO_FILTER_H
#define OTO_FILTER_H

#include "event.h"

struct oto_filter;

/* Compile an expression. Grammar, loosest first: or, and, not, ( ), comparison. A comparison is `field OP value` with == (=) != < <= > >=
 * ~ (contains, for text) or `field in {v, v, a..b}` or `field in subnet`; a bare field means present (and true, for a bool),
 * #field the length of text or of a list. A value is a number (decimal, 0x), a "string", a word of the field's value table, an address,
 * subnet, MAC, time span ("10s"), true, false. On failure the message names the column of the expression, the field and its near names, or
 * the words the field knows. */
struct oto_filter *oto_filter_compile(const struct oto_event_def *def, const char *expression, struct oto_error *err);

/* The builder behind it, for table filters: `field` one of `values` (each a literal as text, ranges "a..b" included). */
struct oto_filter *oto_filter_all(struct oto_filter *a, struct oto_filter *b); /* takes both; either may be NULL */
struct oto_filter *oto_filter_any_of(const struct oto_event_def *def, const char *field, const char *const *values, size_t n,
				     struct oto_error *err);
struct oto_filter *oto_filter_compare(const struct oto_event_def *def, const char *field, const char *op, const char *value,
				      struct oto_error *err);

bool oto_filter_match(const struct oto_filter *f, const struct oto_event *event); /* NULL matches all */
bool oto_filter_reads(const struct oto_filter *f, const struct oto_field *field,
		      bool in_head); /* of the event itself, or of its head; NULL: none */
/* Tells the bus which fields of the head it (NULL: none) reads, as oto_bus_tell(). */
void oto_filter_tell(const struct oto_filter *f, struct oto_bus *bus, struct oto_event_def *def);
/* Does the filter (NULL: all) say the same of events that differ in nothing but what never repeats (oto_never_repeats())? */
bool oto_filter_is_settled(const struct oto_filter *f);
void oto_filter_free(struct oto_filter *f);

#endif
