/* sums.h - several numbers measured together, again and again: sums that add up over restarts and sites, and the model that they make.
 *
 * A model says of each number the mean, the spread, the least and the most, and along which directions the numbers vary together (principal
 * components). policy_sums.c and ledger.h are who uses it.
 */
#ifndef OTO_SUMS_H
#define OTO_SUMS_H

#include "base.h"

enum { OTO_SUMS_MOST = 16 }; /* numbers measured together */

/* How many there were, then those of each number, of their products (upper triangle, row by row), the least and the most of each. */
struct oto_sums {
	uint32_t k, n; /* numbers measured; numbers kept */
	double number[];
};

/* Bytes of the struct; of its text, which is doubles as string.pack "<d" has them. */
size_t oto_sums_size(uint32_t k);
size_t oto_sums_text_size(uint32_t k);
void oto_sums_begin(struct oto_sums *s, uint32_t k);
void oto_sums_read(struct oto_sums *s, uint32_t k, const void *text);
void oto_sums_text(const struct oto_sums *s, void *text);
void oto_sums_add(struct oto_sums *s, const double *x);
/* Those of another site, of as many numbers. */
void oto_sums_merge(struct oto_sums *s, const struct oto_sums *other);

/* Of k numbers and components: what stands in a list has so many. The vector of component c begins at vector[c * k]. */
struct oto_model {
	uint32_t k;
	double n;
	double *mean, *dev, *low, *high, *value, *spread, *vector;
	double of[];
};

size_t oto_model_size(uint32_t k);
/* In memory of so many bytes. `least` is a spread that nothing is below: in what never changed every change would be endless. */
struct oto_model *oto_model_make(void *room, const struct oto_sums *s, double least);
/* Is a number so many deviations from its mean and beyond all that was seen by a quarter, or all of them so far along a component? */
bool oto_model_is_far(const struct oto_model *m, const double *x, double far);
/* How far they are along the component along which they are furthest. */
double oto_model_component(const struct oto_model *m, const double *x);

#endif
