/* ranges.h - between which values many numbers stay: for each the least and the most, how often it was seen, and how it moves between them.
 *
 * A number is found by a group and its place in it, as a register by its unit and address. A message brings those of many places at once;
 * what comes side by side lies side by side here. Nothing is ever removed; when the table is full, a place that is not in it is not taken
 * in, and counted. policy_ranges.c is what scripts see of it.
 */
#ifndef OTO_RANGES_H
#define OTO_RANGES_H

#include "event.h"

/* A quarter of the range, at one of its ends, in which the number was last. */
enum oto_range_end { OTO_RANGE_NOWHERE, OTO_RANGE_BOTTOM, OTO_RANGE_TOP };

struct oto_range {
	uint32_t group;
	uint32_t passed; /* outside passes it over while this is the `anew` of all */
	uint64_t place;
	double low, high;
	uint64_t n, due; /* values seen; how many are the next news */
	double swings;   /* from one quarter at the end to the other; those in a range that was smaller count less */
	uint8_t end;     /* enum oto_range_end */
	bool low_is_whole, high_is_whole, by_hand, is_news, has_last;
	/* Seldom looked at: behind what a line of a processor's cache holds. */
	uint32_t next_news;    /* position, from 1, of the one that had news next; 0: none */
	uint64_t rises, falls; /* how often it grew, at either end */
	uint64_t writes;       /* of the values */
	uint64_t ups, downs;   /* writes of more, and of less, than the one before */
	double last;           /* written */
	uint64_t taken;        /* n when it was last taken */
};

/* What is done with values that events bring (policy_ranged.c). */
enum oto_ranges_mode { OTO_RANGES_LEARN, OTO_RANGES_WATCH, OTO_RANGES_OFF };

struct oto_ranges {
	struct oto_ranges *next;
	enum oto_ranges_mode mode;
	uint32_t round;  /* groups of keys that were asked for in an earlier one are asked for anew */
	int64_t news_ns; /* when something had news since somebody asked; 0: nothing had */
	struct oto_range *range;
	uint32_t n, room, max;
	uint32_t most; /* values of one message */
	uint32_t *slot, slots;
	uint32_t first_news, last_news, anew;
	uint64_t seed, refused;
};

struct oto_ranges *oto_ranges_new(uint64_t seed, uint32_t max, uint32_t most);
void oto_ranges_free(struct oto_ranges *rs);

/* NULL: it is not known. Pointers are good until one is made. */
struct oto_range *oto_range_find(const struct oto_ranges *rs, uint32_t group, uint64_t place);
/* Know that of it (what is found and listed by is not taken from there). */
void oto_range_put(struct oto_ranges *rs, uint32_t group, uint64_t place, const struct oto_range *known);

/* Take in a number or a vector of them, the first of which is at `place`; what follows one that is not a number is passed over. True: one
 * of them has news, as its range grew or it was seen a sixteenth more often than at its last news. */
bool oto_ranges_add(struct oto_ranges *rs, uint32_t group, uint64_t place, const struct oto_value *v, bool is_written);
/* The next value, from position `from` (from 1) on, that is outside of the range known of it; 0: none is. */
uint32_t oto_ranges_outside(struct oto_ranges *rs, uint32_t group, uint64_t place, const struct oto_value *v, uint32_t from);

/* The one that had news first since it was taken, which it is then; NULL: none. */
struct oto_range *oto_ranges_take(struct oto_ranges *rs);

#endif
