/* sums.c - sums of numbers measured together, their principal components, and how far a measurement is from them. See sums.h. */
#include "sums.h"

#include <endian.h>
#include <math.h>

#define SWEEPS 12

typedef double matrix[OTO_SUMS_MOST][OTO_SUMS_MOST];

/* ------------------------------------------------------------------------------------------------ sums */

static uint32_t kept_of(uint32_t k)
{
	return 1 + k + k * (k + 1) / 2 + 2 * k;
}

size_t oto_sums_size(uint32_t k)
{
	return sizeof(struct oto_sums) + kept_of(k) * sizeof(double);
}

size_t oto_sums_text_size(uint32_t k)
{
	return kept_of(k) * sizeof(double);
}

void oto_sums_begin(struct oto_sums *s, uint32_t k)
{
	s->k = k;
	s->n = kept_of(k);
	memset(s->number, 0, s->n * sizeof *s->number);
	for (uint32_t i = s->n - 2 * k; i < s->n; i++)
		s->number[i] = i < s->n - k ? HUGE_VAL : -HUGE_VAL;
}

void oto_sums_read(struct oto_sums *s, uint32_t k, const void *text)
{
	s->k = k;
	s->n = kept_of(k);
	for (uint32_t i = 0; i < s->n; i++) {
		uint64_t bits;
		memcpy(&bits, (const uint8_t *)text + i * sizeof bits, sizeof bits);
		bits = le64toh(bits);
		memcpy(&s->number[i], &bits, sizeof bits);
	}
}

void oto_sums_text(const struct oto_sums *s, void *text)
{
	for (uint32_t i = 0; i < s->n; i++) {
		uint64_t bits;
		memcpy(&bits, &s->number[i], sizeof bits);
		bits = htole64(bits);
		memcpy((uint8_t *)text + i * sizeof bits, &bits, sizeof bits);
	}
}

void oto_sums_add(struct oto_sums *s, const double *x)
{
	double *at = s->number;

	*at++ += 1;
	for (uint32_t i = 0; i < s->k; i++)
		*at++ += x[i];
	for (uint32_t i = 0; i < s->k; i++) {
		for (uint32_t j = i; j < s->k; j++)
			*at++ += x[i] * x[j];
	}
	for (uint32_t i = 0; i < s->k; i++, at++) {
		*at = x[i] < *at ? x[i] : *at;
		at[s->k] = x[i] > at[s->k] ? x[i] : at[s->k];
	}
}

void oto_sums_merge(struct oto_sums *s, const struct oto_sums *other)
{
	for (uint32_t i = 0; i < s->n; i++) {
		double *mine = &s->number[i], theirs = other->number[i];
		if (i < s->n - 2 * s->k)
			*mine += theirs;
		else if (i < s->n - s->k)
			*mine = theirs < *mine ? theirs : *mine;
		else
			*mine = theirs > *mine ? theirs : *mine;
	}
}

/* ------------------------------------------------------------------------------------------------ principal components */

/* Turns a, and the vectors (rows of v), in the plane of p and q so that nothing is left between these. True where there was something. */
static bool rotate(matrix a, double *v, uint32_t k, uint32_t p, uint32_t q)
{
	if (fabs(a[p][q]) < 1e-12)
		return false;
	double theta = (a[q][q] - a[p][p]) / (2 * a[p][q]);
	double t = (theta >= 0 ? 1 : -1) / (fabs(theta) + sqrt(theta * theta + 1));
	double c = 1 / sqrt(t * t + 1), s = t * c;
	for (uint32_t i = 0; i < k; i++) {
		double x = a[i][p], y = a[i][q];
		a[i][p] = c * x - s * y;
		a[i][q] = s * x + c * y;
	}
	for (uint32_t i = 0; i < k; i++) {
		double x = a[p][i], y = a[q][i];
		a[p][i] = c * x - s * y;
		a[q][i] = s * x + c * y;
		x = v[p * k + i];
		y = v[q * k + i];
		v[p * k + i] = c * x - s * y;
		v[q * k + i] = s * x + c * y;
	}
	return true;
}

/* Jacobi's rotations: what is left on the diagonal of a are the values of the vectors, which are the rows of v. */
static void diagonalize(matrix a, double *v, uint32_t k)
{
	bool turned = true;

	for (uint32_t i = 0; i < k * k; i++)
		v[i] = i % (k + 1) == 0;
	for (uint32_t sweep = 0; sweep < SWEEPS && turned; sweep++) {
		turned = false;
		for (uint32_t p = 0; p + 1 < k; p++) {
			for (uint32_t q = p + 1; q < k; q++)
				turned = rotate(a, v, k, p, q) || turned;
		}
	}
}

/* ------------------------------------------------------------------------------------------------ models */

size_t oto_model_size(uint32_t k)
{
	return sizeof(struct oto_model) + (6 * k + k * k) * sizeof(double);
}

static struct oto_model *lay_out(void *room, uint32_t k)
{
	struct oto_model *m = room;
	double **list[] = { &m->mean, &m->dev, &m->low, &m->high, &m->value, &m->spread, &m->vector };

	m->k = k;
	for (uint32_t i = 0; i < sizeof list / sizeof *list; i++)
		*list[i] = &m->of[i * k];
	return m;
}

struct oto_model *oto_model_make(void *room, const struct oto_sums *s, double least)
{
	uint32_t k = s->k;
	struct oto_model *m = lay_out(room, k);
	const double *at = &s->number[1];
	matrix cov;

	m->n = s->number[0];
	for (uint32_t i = 0; i < k; i++)
		m->mean[i] = *at++ / m->n;
	for (uint32_t i = 0; i < k; i++) {
		for (uint32_t j = i; j < k; j++)
			cov[i][j] = cov[j][i] = *at++ / m->n - m->mean[i] * m->mean[j];
	}
	for (uint32_t i = 0; i < k; i++) {
		cov[i][i] = (cov[i][i] > 0 ? cov[i][i] : 0) + least * least;
		m->dev[i] = sqrt(cov[i][i]);
		m->low[i] = at[i];
		m->high[i] = at[k + i];
	}
	diagonalize(cov, m->vector, k);
	for (uint32_t i = 0; i < k; i++) {
		m->value[i] = cov[i][i] > least * least ? cov[i][i] : least * least;
		m->spread[i] = sqrt(m->value[i]);
	}
	return m;
}

/* Beyond all that was seen, by more than a quarter of what that spans. */
static bool is_beyond(const struct oto_model *m, uint32_t i, double x)
{
	double margin = (m->high[i] - m->low[i]) / 4;

	return x > m->high[i] + margin || x < m->low[i] - margin;
}

/* Along a component, of the distance d from the mean. */
static double score(const struct oto_model *m, uint32_t c, const double *d)
{
	double sum = 0;

	for (uint32_t i = 0; i < m->k; i++)
		sum += m->vector[c * m->k + i] * d[i];
	return fabs(sum) / m->spread[c];
}

bool oto_model_is_far(const struct oto_model *m, const double *x, double far)
{
	double d[OTO_SUMS_MOST], whole = 0;

	for (uint32_t i = 0; i < m->k; i++) {
		d[i] = x[i] - m->mean[i];
		whole += d[i] * d[i];
		if (fabs(d[i]) / m->dev[i] >= far && is_beyond(m, i, x[i]))
			return true;
	}
	/* A component with a wide spread needs no look: it is no further than the whole. */
	double narrow = 1.001 * whole / (far * far);
	for (uint32_t c = 0; c < m->k; c++) {
		if (m->value[c] <= narrow && score(m, c, d) >= far)
			return true;
	}
	return false;
}

double oto_model_component(const struct oto_model *m, const double *x)
{
	double d[OTO_SUMS_MOST], furthest = 0;

	for (uint32_t i = 0; i < m->k; i++)
		d[i] = x[i] - m->mean[i];
	for (uint32_t c = 0; c < m->k; c++) {
		double far = score(m, c, d);
		furthest = far > furthest ? far : furthest;
	}
	return furthest;
}
