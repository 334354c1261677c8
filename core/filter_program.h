/* filter_program.h - inside the filter: the program that runs, what makes its tests, and what parses expressions into them.
 *
 * filter.c runs programs, filter_make.c makes a test from a field, an operator and literals, filter_parse.c reads expressions. Only they
 * include this, and hook_cache.c, which asks what filters read.
 */
#ifndef OTO_FILTER_PROGRAM_H
#define OTO_FILTER_PROGRAM_H

#include "filter.h"

#define OTO_FILTER_ACCEPT 0xffffu
#define OTO_FILTER_REJECT 0xfffeu
#define OTO_FILTER_TESTS 4096u
#define OTO_FILTER_LITERAL 256

enum oto_filter_op { OTO_FILTER_PRESENT, OTO_FILTER_BITMAP, OTO_FILTER_RANGES, OTO_FILTER_PREFIX, OTO_FILTER_EQUAL, OTO_FILTER_CONTAINS };

struct oto_filter_range {
	uint64_t low, high;
};

struct oto_filter_prefix {
	uint8_t family, bits, byte[16];
};

struct oto_filter_test {
	uint8_t op;                   /* enum oto_filter_op */
	bool in_head, negate, length; /* length: not its value is asked, but how long that is */
	uint16_t kind, offset, guard, flags;
	uint16_t on_true, on_false; /* number of a later test, OTO_FILTER_ACCEPT or OTO_FILTER_REJECT */
	uint32_t n;
	union {
		struct oto_filter_range *ranges; /* sorted, apart */
		struct oto_filter_prefix *prefixes;
		struct oto_slice *texts;
		void *any;
	};
	uint64_t bitmap[4]; /* instead of ranges when all lie below 256 */
};

struct oto_filter {
	struct oto_filter_test *tests;
	uint32_t n;
};

/* Unsigned keys in the order of the values. */
static inline uint64_t oto_filter_signed_key(int64_t i)
{
	return (uint64_t)i ^ UINT64_C(1) << 63;
}

static inline uint64_t oto_filter_double_key(double f)
{
	uint64_t bits;

	f += 0.0; /* minus zero equals zero */
	memcpy(&bits, &f, sizeof bits);
	return bits >> 63 ? ~bits : bits | UINT64_C(1) << 63;
}

bool oto_filter_holds(const struct oto_filter_test *t, const struct oto_event *event);
/* In tests [from, to), whoever would leave by `old` goes to `new`. */
void oto_filter_redirect(struct oto_filter *f, uint32_t from, uint32_t to, uint16_t old, uint16_t new);
/* The tests from `from` on hold when they did not. */
void oto_filter_negate(struct oto_filter *f, uint32_t from);

/* ------------------------------------------------------------------------------------------------ making */

struct oto_filter_literal {
	char text[OTO_FILTER_LITERAL];
	uint32_t len, column; /* column 0: not from an expression */
};

struct oto_filter_maker {
	const struct oto_event_def *def;
	struct oto_filter *filter;
	struct oto_error *err;
	struct oto_field_ref ref; /* of the comparison being made */
	struct oto_field length;  /* stands for `whose` while its length is asked */
	const struct oto_field *whose;
	const char *text, *at; /* of an expression */
	int depth;
};

/* Set the message, with the column in front when there is one. Returns false. */
bool oto_filter_fail(struct oto_filter_maker *m, uint32_t column, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* Look up the field that the next comparison is about. */
bool oto_filter_field(struct oto_filter_maker *m, const char *name, uint32_t column);
/* It is about its length: of text, or of a list. */
bool oto_filter_length(struct oto_filter_maker *m, uint32_t column);
/* Append a test of that field. Valid until the next one. */
struct oto_filter_test *oto_filter_add(struct oto_filter_maker *m, uint8_t op);
/* Append the comparison of that field with n literals; op is one of == != < <= > >= ~ in !in. */
bool oto_filter_make(struct oto_filter_maker *m, const char *op, const struct oto_filter_literal *values, size_t n);
/* The filter when all is well, else NULL and its memory is given back. */
struct oto_filter *oto_filter_finished(struct oto_filter_maker *m, bool ok);
/* Value of a hexadecimal digit, or -1. */
int oto_filter_hex(char c);

#endif
