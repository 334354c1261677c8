/* policy_packed.h - values of stores as bytes (policy_packed.c), and lists of them that are folded where they lie (policy_fold.c). */
#ifndef OTO_POLICY_PACKED_H
#define OTO_POLICY_PACKED_H

#include "base.h"

#include <lua.h>

#define OTO_PACKED_BYTES 65536u /* the longest value */

/* The first byte of a value; numbers and times follow in big-endian, before the bytes of a text its length. */
enum {
	TAG_NIL = 'n',
	TAG_FALSE = 'f',
	TAG_TRUE = 'y',
	TAG_INTEGER = 'i',
	TAG_NUMBER = 'd',
	TAG_STRING = 's',
	TAG_ADDR = 'a',
	TAG_TIME = 't',
	TAG_INTERVAL = 'v',
	TAG_TABLE = '{',
	TAG_END = '}'
};

void oto_put64(struct oto_buf *out, uint64_t u);
uint64_t oto_get64(const uint8_t **at); /* and moves on */

/* The value at `index`, at the end of `out`. Returns what cannot be packed, and then what is there is of no use: raising would leak it. */
const char *oto_pack(lua_State *L, int index, struct oto_buf *out);
/* Pushes the value at *at, which moves on behind it; false, and nil is pushed: there is none. */
bool oto_unpack(lua_State *L, const uint8_t **at, const uint8_t *end);
/* How many bytes the value at `at` has; 0: it is none. */
size_t oto_packed_bytes(const uint8_t *at, const uint8_t *end);

/* One packed list folded into another, place by place: `how` has a letter for each. '+' adds, '<' keeps the least, '>' the most, '|' the
 * bits of both, '=' what was there. What one of them lacks is the other's. Returns what is wrong; NULL: nothing, and the result is in out.
 */
const char *oto_fold(struct oto_slice into, struct oto_slice list, const char *how, struct oto_buf *out);
/* How many bytes numbers take that string.pack writes by this layout ("<" and of each I2, I4, f or d), and how many there are; 0: it is
 * none. */
uint32_t oto_fold_layout(const char *layout, uint32_t *n);
/* The same with numbers that stand there in this layout; how has none but + < > =. */
void oto_fold_packed(uint8_t *at, const char *layout, const char *how, const double *with);

#endif
