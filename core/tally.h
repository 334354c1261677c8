/* tally.h - how often each key was seen and what its numbers were like, counted in C: the part of tally.new that knows no Lua.
 *
 * A tally is a bounded table (state.h) that events feed. Keys are fields of the event, packed as stores pack them; a row's value is a fixed
 * struct that is changed in place. policy_tally.c is what scripts see of it.
 */
#ifndef OTO_TALLY_H
#define OTO_TALLY_H

#include "event.h"
#include "state.h"

enum { OTO_TALLY_KEYS = 10, OTO_TALLY_SUMS = 16, OTO_TALLY_COUNTS = 6, OTO_TALLY_KEY_BYTES = 1024 }; /* at most */

struct oto_sum {
	double n, total, squares, least, most, latest;
};

/* The value of a row; behind it the label that the script gave it, if any. */
struct oto_counted {
	uint64_t fresh;           /* events since they were last taken */
	uint64_t round;           /* of the tally; from an earlier one these and the sums are void */
	int64_t heard_ns;         /* when the script heard of it */
	int64_t from_ns, last_ns; /* the first of these, and the latest event */
	struct oto_sum sum[];     /* the declared ones, then the gaps if they are asked for */
};

struct oto_handlers;
struct oto_tally {
	struct oto_tally *next;
	struct oto_store *store;
	uint32_t nkeys, nsums;
	int64_t again_ns; /* the script hears of a key anew after so long; 0: never */
	uint32_t rivals;  /* but not of that which it heard of last of those that have so many first parts in common; 0: of that, too */
	uint32_t apart;   /* rivals differ in so many first parts: those that do not are one */
	struct oto_store *latest; /* of these first parts: the row that it heard of last */
	int64_t expire_ns;
	uint32_t ncounts; /* types of events that are counted in it, in their order; of no more than so many it is known which */
	const struct oto_event_def *counts[OTO_TALLY_COUNTS];
	uint32_t unsettled;                             /* how often oto_tally_unsettle() was called */
	void (*catch_up)(struct oto_handlers *waiting); /* counts what waits to be, before a full table gives up a row */
	struct oto_handlers *waiting;
	bool may_wait;                       /* some of what waits may be counted in it */
	bool gaps, time[OTO_TALLY_SUMS + 1]; /* these sums are of times */
	bool is_taken;                       /* by rhythms (rhythm.h), whose its labels are */
	struct oto_row *recent;              /* messages come in runs; NULL when a row may have gone */
	uint64_t round;                      /* how often all that was counted was passed over at once */
	uint64_t fresh;                      /* all its rows have no more events that were not taken */
	struct oto_buf text;                 /* of a value that is shown as text */
	int tables;                          /* policy_tally.c: where the labels that are tables are; 0: there are none */
	uint64_t ntables;
	char *sum[OTO_TALLY_SUMS];
};
void oto_tally_free(struct oto_tally *t);
int oto_tally_sum_called(const struct oto_tally *t, const char *name); /* its number; -1: there is none */

/* Where one event type's values of it are. */
struct oto_tally_source {
	struct oto_tally *tally;
	struct oto_field_ref key[OTO_TALLY_KEYS], sum[OTO_TALLY_SUMS];
	int64_t span_ns[OTO_TALLY_KEYS]; /* of the key there is only in which one of these spans since 1970 the time lies; 0: all */
	uint32_t loose;                  /* this part of the key, from 1, may not matter: oto_tally_settle(); 0: all do */
	char loose_behind;               /* only what stands behind the first of these in it; 0: all of it */
};
/* Fields of an event type that make the key and the sums (NULL, or an entry NULL: this type has none). "ts/1h": the hour of ts. */
struct oto_tally_source *oto_tally_source(struct oto_tally *t, const struct oto_event_def *def, char *const *key, char *const *sum,
					  struct oto_error *err);

/* True: the script hears of it. `known` (or NULL) is the row of an earlier event with this key, kept for the next one. */
bool oto_tally_add(const struct oto_tally_source *from, const struct oto_event *event, struct oto_row_ref *known);
/* Before this time the script does not hear of another event in the row, while that row is there; INT64_MIN: it
 * may hear, or the row is gone. */
int64_t oto_tally_silent_until(struct oto_tally *t, const struct oto_row_ref *known, int64_t now_ns);
/* 1 + more events in such a row, of which no more need be filled than is summed up. */
void oto_tally_repeat(const struct oto_tally_source *from, const struct oto_row_ref *known, const struct oto_event *event);
/* Does it come to the same when events in known rows are counted later than they came? Not where gaps or values are summed up, nor where
 * what was not seen for a while goes. */
bool oto_tally_can_wait(const struct oto_tally_source *from);
/* n events in such a row that came from first_ns to last_ns. */
void oto_tally_catch_up(const struct oto_tally_source *from, const struct oto_row_ref *known, uint64_t n, int64_t first_ns,
			int64_t last_ns);
/* The event's row; NULL: the script cleared the tally. */
struct oto_row *oto_tally_row(const struct oto_tally_source *from, const struct oto_event *event);
/* The row of a key of so many parts (kind 0: nil); NULL: there is none. */
struct oto_row *oto_tally_get(struct oto_tally *t, const struct oto_value *part, int64_t now_ns);
/* The script is not done with this key: it hears of it again whatever else it hears of. */
void oto_tally_not_done(const struct oto_tally_source *from, const struct oto_event *event);
/* The same of all that have their first parts, as many as rivals have, in common with this key. */
void oto_tally_renew(struct oto_tally *t, const struct oto_value *part, int64_t now_ns);
/* The event's row is from now on that of all that differ from it in nothing but the loose part of the key, and the script does not hear
 * of them, until what was settled so is settled no more. NULL: the script cleared the tally. */
struct oto_row *oto_tally_settle(const struct oto_tally_source *from, const struct oto_event *event);
void oto_tally_unsettle(struct oto_tally *t);
/* What the script wants to be reminded of with this key when it takes it. */
void oto_tally_label(const struct oto_tally *t, struct oto_row *r, struct oto_slice label, struct oto_bus *bus);

/* Counts what waits to be counted in it. */
void oto_tally_settle_up(struct oto_tally *t);
/* Has it events that were not taken? */
bool oto_tally_has_news(const struct oto_tally *t, const struct oto_row *r);
/* False: no row has n of them. No row is looked at. */
bool oto_tally_may_have(struct oto_tally *t, uint64_t n);
/* What was counted in the row is taken; in all rows. */
void oto_tally_taken(struct oto_tally *t, struct oto_counted *c);
void oto_tally_pass_over(struct oto_tally *t);

/* The row's value, made when it is new. */
struct oto_counted *oto_tally_counted(const struct oto_tally *t, struct oto_row *r);
/* Its size without a label. */
uint32_t oto_tally_bytes(const struct oto_tally *t);
/* What identifies a key of so many parts, behind what stands there; of a key, the part that those have in common with whom it shares its
 * first parts. */
void oto_tally_key(struct oto_tally *t, const struct oto_value *part, struct oto_buf *out);
struct oto_slice oto_tally_first_parts(struct oto_slice key, uint32_t parts);

/* The rows with events that were not taken yet, the one counted last first; NULL: no more. What has news was written since it was taken, so
 * it stands behind all that was not. */
struct oto_row *oto_tally_newest_news(const struct oto_tally *t);
struct oto_row *oto_tally_older_news(const struct oto_tally *t, const struct oto_row *r);
/* Which row was counted last is chance where events wait to be counted: by the order of first sight. */
void oto_tally_in_order(struct oto_row **rows, size_t n);
/* The standard deviation of what was added. */
double oto_sum_dev(const struct oto_sum *s);

#endif
