/* policy_packed.h - values of stores as bytes (policy_store.c), and lists of them that are folded where they lie (policy_fold.c). */
#ifndef OTO_POLICY_PACKED_H
#define OTO_POLICY_PACKED_H

#include "base.h"

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

/* One packed list folded into another, place by place: `how` has a letter for each. '+' adds, '<' keeps the least, '>' the most, '|' the
 * bits of both, '=' what was there. What one of them lacks is the other's. Returns what is wrong; NULL: nothing, and the result is in out.
 */
const char *oto_fold(struct oto_slice into, struct oto_slice list, const char *how, struct oto_buf *out);

#endif
