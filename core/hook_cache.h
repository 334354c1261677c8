/* hook_cache.h - what is known of an event because one like it was seen: which hooks take it, and the rows in which they count it.
 *
 * Dozens of hooks look at each operation, and machines repeat themselves all day. The cache brings together what those hooks read: the
 * fields of their keys and, of their conditions, the fields that are words and the answers of all other tests. Events that agree in that
 * are alike to all of them. One look-up then stands for all conditions and keys. It is an optimisation and nothing else: with and without
 * it the same hooks take the same events into the same rows.
 *
 * Bounded and exact: keys are compared in full, and a cache that does not pay (values that never repeat, made ones among them) rests.
 */
#ifndef OTO_HOOK_CACHE_H
#define OTO_HOOK_CACHE_H

#include "filter.h"
#include "state.h"

enum { OTO_HOOK_CACHED = 64 /* hooks at most */, OTO_HOOK_ROWS = 2 /* of each */ };

/* What decides about a hook. */
struct oto_hook_reads {
	const struct oto_filter *filter; /* NULL: it takes all */
	struct {
		/* Of the key of the row; NULL: there is no such row. An entry without a field is fixed. */
		const struct oto_field_ref *field;
		const int64_t *span_ns; /* the key has only in which one of these spans a time lies; NULL, or 0: whole */
		uint32_t n;
	} row[OTO_HOOK_ROWS];
};

/* Keys of words, addresses and ports come in thousands; with the hour of a time in them all are new each hour; with what they name inside a
 * device they come in hundreds of thousands. Each has a cache of its own, so that the many do not push out the few. */
enum oto_hook_width { OTO_HOOK_NARROW, OTO_HOOK_HOURLY, OTO_HOOK_WIDE, OTO_HOOK_WIDTHS };

struct oto_hook_cache;
struct oto_hook_known {
	uint64_t taken;  /* by these of its hooks, of the first from bit 0 on */
	uint64_t number; /* of all that were ever learned */
	uint32_t refused;
	uint32_t len;
	struct oto_row_ref row[]; /* then the key */
};

/* Is the key of n fields the same for events that differ in nothing but what never repeats (oto_never_repeats())? */
bool oto_hook_key_is_settled(const struct oto_field_ref *key, uint32_t n);

/* For those of n hooks (the first 64 are looked at) on a type that suit this width; NULL: there are too few to be worth it. The filters and
 * refs are borrowed. `narrow` (or NULL) is the narrow cache of the same hooks: what that has in its keys is not read again. */
struct oto_hook_cache *oto_hook_cache_new(const struct oto_event_def *def, const struct oto_hook_reads *hooks, uint32_t n,
					  enum oto_hook_width width, const struct oto_hook_cache *narrow);
void oto_hook_cache_free(struct oto_hook_cache *c);
/* A bit for each that it knows about. */
uint64_t oto_hook_cache_hooks(const struct oto_hook_cache *c);
/* What is known of events like this one, valid until the next is looked for; NULL: nothing, each hook decides for itself. `narrow` is what
 * the narrow cache, if one was given, has found. */
struct oto_hook_known *oto_hook_cache_find(struct oto_hook_cache *c, const struct oto_event *event, const struct oto_hook_known *narrow);
/* Where in the rows of what is known those of the hook begin. */
uint32_t oto_hook_cache_row(const struct oto_hook_cache *c, uint32_t hook);
void oto_hook_cache_forget(struct oto_hook_cache *c);

struct oto_hook_cache_stats {
	uint64_t found, learned, evicted, rested, unfit; /* events; unfit: longer than a key may be */
	uint32_t places;
} oto_hook_cache_stats(const struct oto_hook_cache *c);

#endif
