/* log_aggregate.h - equal events counted together: a row per distinct key, in order of first appearance.
 *
 * A key is the binary form of some fields, in words; it becomes text only when its row is written. Bounded; keeps its memory over a reset,
 * so that the steady state allocates nothing. Knows fields and events, nothing of files or time.
 */
#ifndef OTO_LOG_AGGREGATE_H
#define OTO_LOG_AGGREGATE_H

#include "event.h"

#define OTO_AGGREGATE_ROWS 65536u                /* rows at most */
#define OTO_AGGREGATE_BYTES (8u * 1024u * 1024u) /* bytes of keys at most */
#define OTO_AGGREGATE_FIELDS 64u                 /* fields of a key at most */

struct oto_aggregate_row {
	int64_t first_ns, last_ns;
	uint64_t number;   /* of events */
	uint32_t key, len; /* where its key lies, in words */
	uint32_t hash;
	uint32_t next; /* row that was counted after this one the last time */
	bool refused;  /* the caller's mark: not to be written */
};

/* Where a field of the key is read: as much of its table as every event needs. Those of one kind follow each other; kind 0 ends them. */
struct oto_aggregate_step {
	uint16_t offset, guard;
	uint8_t kind, column; /* column: its place among the fields */
	bool in_head, in_place;
};
/* The steps of n fields; room for one more. */
void oto_aggregate_steps(const struct oto_field_ref *fields, uint32_t n, struct oto_aggregate_step *steps);

struct oto_aggregate;
/* The key's fields; other event types may feed the same aggregate with fields of the same kinds. `seed` shapes no output. */
struct oto_aggregate *oto_aggregate_new(const struct oto_field_ref *fields, uint32_t n, uint64_t seed);
void oto_aggregate_free(struct oto_aggregate *a);

/* Count an event, and the more that are alike, under the key that `steps` give. NULL: the table is full and must be written and reset first
 * (never when empty). */
struct oto_aggregate_row *oto_aggregate_add(struct oto_aggregate *a, const struct oto_aggregate_step *steps, const struct oto_event *event);

/* The row (from 1) that an event with this key of its author's was counted under since the last reset; 0: not known, or the table may be
 * full before the packet is done. */
uint32_t oto_aggregate_known(struct oto_aggregate *a, uint64_t key);
/* From now on `key` stands for all the events that these n keys stand for, and is known when each of them is. They are counted once for all
 * until oto_aggregate_settle(), which must come before rows are read. */
void oto_aggregate_together(struct oto_aggregate *a, uint64_t key, const uint64_t *keys, uint32_t n);
void oto_aggregate_settle(struct oto_aggregate *a);
/* Count 1 + more events at `ns` under that row. */
void oto_aggregate_again(struct oto_aggregate *a, uint32_t row, uint32_t more, int64_t ns);

uint32_t oto_aggregate_count(const struct oto_aggregate *a);
/* Row i < count. `event` has its values in the fields that oto_aggregate_shows() names: so a row is written like any event. They live until
 * the next call. */
const struct oto_aggregate_row *oto_aggregate_get(struct oto_aggregate *a, uint32_t i, struct oto_event *event);
/* First time, the n fields of the key, number, last time: n + 3 of them. */
void oto_aggregate_shows(const struct oto_aggregate *a, struct oto_field_ref *refs);
void oto_aggregate_reset(struct oto_aggregate *a);

#endif
