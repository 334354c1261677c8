/* policy_fold.c - a list of numbers folded into another of which a store keeps the bytes: sums, least and most, bits (map:fold); and
 * numbers into those that stand packed in a text (map:fold_bytes).
 *
 * What scripts count they write to rows of sums again and again. In Lua each is read into a table, added up and packed anew.
 */
#include "policy_packed.h"

#include <endian.h>

#define NUMBER_BYTES 9u /* with its tag */

/* Behind its tag. */
static uint64_t number_at(const uint8_t *at)
{
	return oto_get64(&(const uint8_t *){ at + 1 });
}

static void put_number(struct oto_buf *out, uint8_t tag, uint64_t u)
{
	uint8_t both[NUMBER_BYTES] = { tag };

	u = htobe64(u);
	memcpy(both + 1, &u, sizeof u);
	oto_buf_add(out, both, sizeof both);
}

static double real_at(const uint8_t *at)
{
	uint64_t u = number_at(at);
	double d;

	if (*at == TAG_INTEGER)
		return (double)(int64_t)u;
	memcpy(&d, &u, sizeof d);
	return d;
}

static void put_real(struct oto_buf *out, double d)
{
	uint64_t u;

	memcpy(&u, &d, sizeof u);
	put_number(out, TAG_NUMBER, u);
}

static bool is_real(uint8_t tag)
{
	return tag == TAG_INTEGER || tag == TAG_NUMBER;
}

static bool is_whole(uint8_t tag)
{
	return tag == TAG_INTEGER || tag == TAG_TIME || tag == TAG_INTERVAL;
}

/* One place of a list. */
struct entry {
	const uint8_t *at, *value; /* `at` is its number */
	size_t len;                /* of both */
};

/* Moves on to the next; false: there is none. *problem: and there should be. */
static bool next_entry(const uint8_t **at, const uint8_t *end, struct entry *e, const char **problem)
{
	if (*at < end && **at == TAG_END && end - *at == 1)
		return false;
	bool ok = (size_t)(end - *at) > NUMBER_BYTES && **at == TAG_INTEGER;
	bool is_short = ok && (size_t)(end - *at) >= 2 * NUMBER_BYTES && is_whole((*at)[NUMBER_BYTES]); /* most are */
	size_t len = is_short ? NUMBER_BYTES : ok ? oto_packed_bytes(*at + NUMBER_BYTES, end) : 0;
	if (!len) {
		*problem = "what is no list of numbers, times and texts";
		return false;
	}
	*e = (struct entry){ *at, *at + NUMBER_BYTES, NUMBER_BYTES + len };
	*at += e->len;
	return true;
}

static bool is_less(const uint8_t *a, const uint8_t *b)
{
	return *a == *b && is_whole(*a) ? (int64_t)number_at(a) < (int64_t)number_at(b) : real_at(a) < real_at(b);
}

static void put_sum(const uint8_t *a, const uint8_t *b, struct oto_buf *out)
{
	if (*a == *b && is_whole(*a))
		put_number(out, *a, number_at(a) + number_at(b));
	else
		put_real(out, real_at(a) + real_at(b));
}

static const char *fold_value(char how, const struct entry *was, const struct entry *is, struct oto_buf *out)
{
	const uint8_t *a = was->value, *b = is->value;
	bool alike = (*a == *b && is_whole(*a)) || (is_real(*a) && is_real(*b));

	oto_buf_add(out, was->at, NUMBER_BYTES);
	if (how == '=')
		oto_buf_add(out, a, was->len - NUMBER_BYTES);
	else if (how == '|' && *a == TAG_INTEGER && *b == TAG_INTEGER)
		put_number(out, TAG_INTEGER, number_at(a) | number_at(b));
	else if (how == '+' && alike && *a != TAG_TIME)
		put_sum(a, b, out);
	else if ((how == '<' || how == '>') && alike)
		oto_buf_add(out, is_less(how == '<' ? b : a, how == '<' ? a : b) ? b : a, NUMBER_BYTES);
	else
		return "values that do not go together so";
	return NULL;
}

static bool begins(struct oto_slice list)
{
	return list.len >= 2 && list.data[0] == TAG_TABLE;
}

const char *oto_fold(struct oto_slice into, struct oto_slice list, const char *how, struct oto_buf *out)
{
	const char *problem = begins(into) && begins(list) ? NULL : "what is no list";
	const uint8_t *a = into.data + 1, *a_end = into.data + into.len, *b = list.data + 1, *b_end = list.data + list.len;
	size_t places = strlen(how);
	struct entry was = { 0 }, is = { 0 };

	oto_buf_chr(out, TAG_TABLE);
	bool had = !problem && next_entry(&a, a_end, &was, &problem), has = !problem && next_entry(&b, b_end, &is, &problem);
	while (!problem && (had || has)) {
		int order = !had ? 1 : !has ? -1 : memcmp(was.at, is.at, NUMBER_BYTES);
		uint64_t place = order >= 0 ? number_at(is.at) : 0;
		if (place > places || (order >= 0 && !place))
			return "a list that is longer than what is to be done with it";
		if (order == 0)
			problem = fold_value(how[place - 1], &was, &is, out);
		else
			oto_buf_add(out, order < 0 ? was.at : is.at, order < 0 ? was.len : is.len);
		had = order <= 0 && !problem ? next_entry(&a, a_end, &was, &problem) : had;
		has = order >= 0 && !problem ? next_entry(&b, b_end, &is, &problem) : has;
	}
	oto_buf_chr(out, TAG_END);
	return problem;
}

/* ------------------------------------------------------------------------------------------------ numbers packed in a text */

/* The size of the number that the layout begins with; 0: it is none. */
static uint32_t packed_size(const char *layout)
{
	switch (*layout) {
	case 'I':
		return layout[1] == '2' ? 2 : layout[1] == '4' ? 4 : 0;
	case 'f':
		return sizeof(float);
	case 'd':
		return sizeof(double);
	}
	return 0;
}

static const char *next_packed(const char *layout)
{
	return layout + (*layout == 'I' ? 2 : 1);
}

uint32_t oto_fold_layout(const char *layout, uint32_t *n)
{
	uint32_t size = 0;

	*n = 0;
	if (*layout++ != '<')
		return 0;
	for (; *layout; layout = next_packed(layout)) {
		uint32_t more = packed_size(layout);
		if (!more)
			return 0;
		size += more;
		++*n;
	}
	return size;
}

static uint64_t bits_at(const uint8_t *at, uint32_t size)
{
	uint64_t bits = 0;

	for (uint32_t i = 0; i < size; i++)
		bits |= (uint64_t)at[i] << 8 * i;
	return bits;
}

static double packed_at(char kind, const uint8_t *at, uint32_t size)
{
	uint64_t bits = bits_at(at, size);
	uint32_t half = (uint32_t)bits;
	float f;
	double d;

	memcpy(&f, &half, sizeof f);
	memcpy(&d, &bits, sizeof d);
	return kind == 'I' ? (double)bits : kind == 'f' ? (double)f : d;
}

/* A whole number that has no room is the most that there is room for. */
static void put_packed(char kind, uint8_t *at, uint32_t size, double number)
{
	double most = size == 2 ? UINT16_MAX : UINT32_MAX;
	float f = (float)number;
	uint32_t half;
	uint64_t bits;

	memcpy(&half, &f, sizeof half);
	memcpy(&bits, &number, sizeof bits);
	if (kind == 'I')
		bits = number >= most ? (uint64_t)most : number > 0 ? (uint64_t)number : 0;
	else if (kind == 'f')
		bits = half;
	for (uint32_t i = 0; i < size; i++)
		at[i] = (uint8_t)(bits >> 8 * i);
}

static double folded(char how, double was, double is)
{
	switch (how) {
	case '<':
		return is < was ? is : was;
	case '>':
		return is > was ? is : was;
	case '+':
		return was + is;
	}
	return was;
}

void oto_fold_packed(uint8_t *at, const char *layout, const char *how, const double *with)
{
	for (layout++; *layout && *how; layout = next_packed(layout), how++, with++) {
		uint32_t size = packed_size(layout);
		put_packed(*layout, at, size, folded(*how, packed_at(*layout, at, size), *with));
		at += size;
	}
}
