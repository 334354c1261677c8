/* iec61850.h - what GOOSE and sampled values share: the head behind their EtherTypes (IEC 61850-8-1 C.2, 9-2 C.2), numbers and times.
 *
 * Header only, for folders of analyzers/. Knows the plugin contract and ber.h, and no message.
 */
#ifndef OTO_ANALYZERS_IEC61850_H
#define OTO_ANALYZERS_IEC61850_H

#include "ber.h"

enum { IEC61850_HEAD_LEN = 8, IEC61850_SIMULATION = 0x8000 };

struct iec61850_head {
	uint16_t appid, length;
	bool simulation;
};

/* Bytes of the element that stands here, by its own word; 0: none. */
static inline uint64_t iec61850_element(struct oto_cur c)
{
	uint32_t begin = oto_tell(&c);
	bool definite;

	ber_read_tag(&c);
	uint64_t contents = ber_read_length(&c, &definite);
	return c.bad || !definite ? 0 : oto_tell(&c) - begin + contents;
}

/* Reads the head; *apdu is what it says follows. Some publishers count their head by half: what they send is then read to its own end, with
 * the weird bad_length. False: there is no message, which is a weird or leaves the cursor bad. */
static inline bool iec61850_begin(struct oto_ctx *cx, struct oto_cur *c, struct iec61850_head *h, struct oto_cur *apdu)
{
	struct oto_slice whole = { c->at, oto_left(c) };

	h->appid = oto_be16(c);
	h->length = oto_be16(c);
	h->simulation = oto_be16(c) & IEC61850_SIMULATION;
	oto_skip(c, 2);
	if (c->bad)
		return false;
	uint32_t len = h->length < IEC61850_HEAD_LEN ? 0 : h->length - (uint32_t)IEC61850_HEAD_LEN;
	uint64_t element = iec61850_element(*c);
	if (h->length < IEC61850_HEAD_LEN || (element > len && element <= oto_left(c))) {
		oto_weird(cx, "bad_length", whole);
		len = (uint32_t)element;
	}
	*apdu = oto_sub(c, len);
	return !c->bad && len;
}

/* INT32U as BER or in four octets; a greater one marks the cursor. */
static inline uint32_t iec61850_number(struct oto_cur *c, struct oto_slice s)
{
	uint64_t n = 0;

	if (!ber_unsigned_of(s, &n) || n > UINT32_MAX)
		c->bad = true;
	return (uint32_t)n;
}

/* UtcTime: seconds, a fraction in 2^-24, quality (IEC 61850-8-1 8.1.3.7). False: too short. */
static inline bool iec61850_time(struct oto_slice s, struct oto_time *t, uint8_t *quality)
{
	struct oto_cur c = oto_cur_of(s);
	uint32_t seconds = oto_be32(&c), fraction = oto_be24(&c);

	*quality = oto_u8(&c);
	t->ns = (int64_t)seconds * INT64_C(1000000000) + (int64_t)((uint64_t)fraction * UINT64_C(1000000000) >> 24);
	return !c.bad;
}

#endif
