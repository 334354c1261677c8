/* rhythm.h - how evenly what a tally counts recurs: windows of gaps, what two in a row have in common, and what stays silent.
 *
 * Turn by turn (a script says when one is over) the rhythms of the keys that were counted are fed with what was measured of them. What is
 * done costs what was counted: that nothing came for long is found by looking at each rhythm when that may be so, and not before.
 * policy_rhythm.c is what scripts see of it.
 */
#ifndef OTO_RHYTHM_H
#define OTO_RHYTHM_H

#include "tally.h"

/* A window that is open: turns in which there was something, the gaps of them, and what came of what was asked. */
struct oto_rhythm_window {
	uint32_t turns;
	double n, sum, squares, asks, lost, answers, late;
};

struct oto_rhythm_measured {
	double mean, dev, lost, late;
};

/* What two windows have in common: the mean of neither was less than most, nor more than least, so that one of them alone widens nothing.
 */
struct oto_rhythm_common {
	double least, most, dev, lost, late;
};

/* What is kept of a rhythm. */
struct oto_rhythm_learned {
	double windows, longest, steady; /* longest, and steady: most turns with nothing, and in an even rhythm; steady < 0: never asked */
	struct oto_rhythm_common common;
};

struct oto_rhythm {
	struct oto_slice key;
	struct oto_rhythm_window open;
	struct oto_rhythm_measured former;
	struct oto_rhythm_learned learned;
	double steady; /* turns in an even rhythm until now */
	double lost, answers, late;
	uint64_t answered;             /* in which turn these were */
	uint64_t heard;                /* of the turns that count for silence, the one in which it came last */
	uint64_t look;                 /* ... and the one in which it is looked at */
	struct oto_rhythm *next, **at; /* of those looked at then */
	uint64_t number;               /* of its row: the order of first sight */
	bool has_former, is_news, is_interrupted, is_told;
};

/* What is not as it was learned. Those without a bound are not looked for (HUGE_VAL). */
struct oto_rhythm_limits {
	double windows;             /* learned before it is held against anything but `silent` before */
	double factor, jitter;      /* times the mean, and the spread */
	double lost;                /* share without an answer, more than learned */
	double late, slow;          /* times the time that answers take, where that is more than so many seconds */
	double pause, pause_factor; /* seconds, and times the mean gap */
	double young, steady;       /* of what has learned fewer windows: turns in an even rhythm, and three times those learned */
};

enum oto_rhythm_how {
	OTO_RHYTHM_PAUSE,
	OTO_RHYTHM_STEADY,
	OTO_RHYTHM_SLOWER,
	OTO_RHYTHM_FASTER,
	OTO_RHYTHM_IRREGULAR,
	OTO_RHYTHM_LOST,
	OTO_RHYTHM_LATE,
	OTO_RHYTHM_SILENT
};

struct oto_rhythm_found {
	const struct oto_rhythm *rhythm;
	enum oto_rhythm_how how;
	uint32_t order;
	double value, usual;
};

enum oto_rhythms_mode { OTO_RHYTHMS_LEARN, OTO_RHYTHMS_WATCH, OTO_RHYTHMS_OFF };

struct oto_rhythms_turn {
	enum oto_rhythms_mode mode;
	bool silence; /* it counts for how long something is silent ... */
	bool whole;   /* ... and what is for long is told */
	bool pauses;  /* are told */
	int64_t now_ns;
};

enum { OTO_RHYTHM_SLOTS = 64 };
struct oto_rhythms {
	struct oto_rhythms *next;
	struct oto_tally *of, *lost, *late; /* with the same keys: what recurs, went without an answer, was answered; or NULL */
	double least;                       /* gaps that make a window ... */
	uint32_t longest;                   /* ... unless so many turns are over */
	bool counts_steady;
	uint32_t max, within, most; /* rhythms; of those that have their first `within` parts in common; 0: no bound */
	struct oto_rhythm_limits limits;
	uint64_t refused;
	struct oto_rhythm **rhythm;
	uint32_t n, room;
	struct oto_store *index, *groups;
	uint64_t turn, turns;                      /* all; those that count for silence */
	struct oto_rhythm *slot[OTO_RHYTHM_SLOTS]; /* which are looked at in the turns that have so much left of their number */
	struct oto_rhythm **news;
	uint32_t nnews, news_room, news_at; /* to be taken from there on */
	int64_t news_ns;                    /* when something had news since somebody asked; 0: nothing had */
	struct oto_rhythm_found *found;     /* in the last turn */
	uint32_t nfound, found_room, found_at;
	struct oto_row **unknown;
	uint32_t nunknown, unknown_room;
	struct oto_buf text;
};

struct oto_rhythms *oto_rhythms_new(struct oto_tally *of, uint32_t max);
void oto_rhythms_free(struct oto_rhythms *rs);

/* Know that of a key, as it was learned before. False: there is no room for it. */
bool oto_rhythm_put(struct oto_rhythms *rs, struct oto_slice key, const struct oto_rhythm_learned *known, int64_t now_ns);
/* NULL: it is not known. */
struct oto_rhythm *oto_rhythm_find(const struct oto_rhythms *rs, struct oto_slice key, int64_t now_ns);
extern const struct oto_rhythm_learned oto_rhythm_nothing;
extern const struct oto_rhythm_limits oto_rhythm_no_limits;

/* A turn is over: what the tallies counted is taken. What was found is then told by oto_rhythms_found(), in the order of first sight. */
void oto_rhythms_turn(struct oto_rhythms *rs, const struct oto_rhythms_turn *turn);
const struct oto_rhythm_found *oto_rhythms_found(struct oto_rhythms *rs);
/* Nothing was captured for a while: windows that are open say nothing, and nobody was silent. */
void oto_rhythms_interrupt(struct oto_rhythms *rs);
/* The one that has had more to keep for longest, which is taken then; NULL: none. */
struct oto_rhythm *oto_rhythms_take(struct oto_rhythms *rs);

#endif
