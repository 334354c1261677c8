/* ledger.h - what a tally counts, posted to the accounts of those whose it is: the numbers of each terminal or pair in a window of time,
 * held against limits, or learned and held against what was learned.
 *
 * Each row of the tally is posted to up to two accounts, that of the one and that of the other (who asked, who was asked). Which these are
 * is asked once for each row. What a window costs is what was counted in it, however much is known. policy_ledger.c is what scripts see of
 * it.
 */
#ifndef OTO_LEDGER_H
#define OTO_LEDGER_H

#include "sums.h"
#include "tally.h"

enum { OTO_LEDGER_SIDES = 2 };

/* What of a row goes into a column of an account. */
enum oto_entry_kind { OTO_ENTRY_EVENTS = 1, OTO_ENTRY_SUMS, OTO_ENTRY_DIFFERENT };
struct oto_entry {
	uint8_t column, kind;
	uint8_t part;  /* DIFFERENT: how many values this part of the key has in the window; from 0 */
	uint32_t sums; /* SUMS: bits, which of the tally's */
};

struct oto_account {
	uint64_t window;  /* of which its numbers are; in any other they are 0 */
	uint64_t take;    /* in which something was posted last */
	uint32_t index;   /* among all, in the order of first sight */
	uint32_t beyond;  /* windows in a row, held against what was learned, with a number beyond */
	uint64_t limited; /* of which limits() its own limits are */
	bool is_changed, is_modelled;
	struct oto_sums *sums;   /* NULL: nothing was learned */
	struct oto_model *model; /* NULL though it is modelled: too little was learned */
	double number[];         /* of its columns, then their limits */
};

enum oto_scale { OTO_SCALE_NONE, OTO_SCALE_PLAIN, OTO_SCALE_LOG }; /* nothing is learned; numbers; log(1 + number) */

/* How what was learned is held against a window. */
struct oto_ledger_habits {
	double least, young; /* windows learned before it is; before it is old */
	double renew;        /* the model is made anew after so many */
	double spread;       /* that nothing is below */
	double notable;      /* spreads: told while it is learned */
	/* A number is beyond what is more than the most, or less than the least that was learned by so much (in the scale; while that is
	 * young), and by this as a number. */
	double margin[OTO_SUMS_MOST], young_margin[OTO_SUMS_MOST], more[OTO_SUMS_MOST];
};

struct oto_found {
	uint32_t account;
	uint32_t column, beyond; /* the number that is furthest beyond what was learned, and for how many windows in a row one was */
	double far, component;   /* spreads: of that number, and along the component that shows most */
	double mean;             /* of that number, as a number */
	double number[OTO_SUMS_MOST], scaled[OTO_SUMS_MOST];
};

enum oto_ledger_mode { OTO_LEDGER_LEARN, OTO_LEDGER_WATCH, OTO_LEDGER_OFF };

struct oto_accounts { /* a list of them */
	struct oto_account **of;
	uint32_t n, room;
};

struct oto_ledger {
	struct oto_ledger *next;
	struct oto_tally *of;
	uint32_t columns, max;
	enum oto_scale scale;
	struct oto_entry entry[OTO_LEDGER_SIDES][OTO_SUMS_MOST];
	uint32_t nentries[OTO_LEDGER_SIDES], ndifferent; /* entries of both that are OTO_ENTRY_DIFFERENT */
	uint32_t other_if;                               /* bits: nothing goes to the other where these sums are 0; 0: always */
	struct oto_ledger_habits habits;
	double limit[OTO_SUMS_MOST];
	uint64_t limited, window, take, era, refused;
	struct oto_accounts all, present, posted, changed; /* in this window; in the last take; to be kept */
	struct oto_found *found;
	uint32_t nfound, found_room, found_at;
	struct oto_seen *seen; /* values of parts of keys */
	uint32_t nseen, seen_room;
	uint32_t *slot; /* of these, by hash: 1 + which; 0: none */
	struct oto_buf text;
};

/* Of that tally, with these columns and entries. */
struct oto_ledger *oto_ledger_new(const struct oto_ledger *as);
void oto_ledger_free(struct oto_ledger *l);

/* A new account; NULL: there is no room. */
struct oto_account *oto_ledger_open(struct oto_ledger *l);
/* It learned that before; text of oto_sums_text_size(). */
void oto_ledger_put(struct oto_ledger *l, struct oto_account *a, const void *text);
/* What it learned is forgotten. */
void oto_ledger_forget(struct oto_account *a);
/* So much more in this window. */
void oto_ledger_add(struct oto_ledger *l, struct oto_account *a, const double *number);

/* The keys of rows with news of which it is not known whose they are, in the order of first sight, each behind its length (uint32_t). */
void oto_ledger_unknown(struct oto_ledger *l, struct oto_buf *keys);
/* The row of this key is of these; NULL: of nobody. */
void oto_ledger_know(struct oto_ledger *l, struct oto_slice key, const struct oto_account *const *whose, int64_t now_ns);
/* Whose rows are is to be asked again. */
void oto_ledger_anew(struct oto_ledger *l);

/* What was counted is posted; what is of nobody is passed over. */
void oto_ledger_take(struct oto_ledger *l);
/* The window is over. */
void oto_ledger_close(struct oto_ledger *l);
/* All accounts go. */
void oto_ledger_clear(struct oto_ledger *l);

/* These find accounts, which oto_ledger_found() then tells, in the order of first sight. */
void oto_ledger_each(struct oto_ledger *l);    /* in this window */
void oto_ledger_changed(struct oto_ledger *l); /* since this was asked: what is learned of it, or where nothing is, its numbers */
void oto_ledger_over(struct oto_ledger *l);    /* posted in the last take, and a number is above its limit */
/* The window is over and learned, or held against what was: found is what was notable or beyond. */
void oto_ledger_turn(struct oto_ledger *l, enum oto_ledger_mode mode);
const struct oto_found *oto_ledger_found(struct oto_ledger *l);

/* Limits of all accounts that have none of their own; those of one, until then. */
void oto_ledger_limits(struct oto_ledger *l, const double *limit);
void oto_ledger_limit(struct oto_ledger *l, struct oto_account *a, const double *limit);
/* How it is watched; models are made anew. */
void oto_ledger_habits(struct oto_ledger *l, const struct oto_ledger_habits *habits);

#endif
