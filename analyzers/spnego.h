/* spnego.h - the envelope of security tokens (RFC 4178 in RFC 2743 3.1): which token is in it, and how the negotiation stands. */
#ifndef SPNEGO_H
#define SPNEGO_H

#include "ber.h"

enum { SPNEGO_ACCEPTED = 0, SPNEGO_INCOMPLETE = 1, SPNEGO_NONE = 0xff }; /* 4.2.2 */

struct spnego {
	struct oto_slice token; /* of the mechanism; empty when there is none */
	uint8_t state;          /* as the server says it, else SPNEGO_NONE */
};

/* 4.2: NegTokenInit [0] or NegTokenResp [1], of which the token and the state are read. */
static inline bool spnego_read_choice(struct oto_cur *c, struct spnego *s)
{
	bool answer = ber_at(c, BER_CONTEXT(1));
	struct ber e;
	struct oto_cur choice = ber_enter(c, answer ? BER_CONTEXT(1) : BER_CONTEXT(0)), seq = ber_enter(&choice, BER_SEQUENCE);

	while (ber_next(&seq, &e)) {
		struct oto_cur member = oto_cur_of(e.value);
		if (e.tag == BER_CONTEXT(2))
			s->token = ber_take(&member, BER_OCTETS);
		else if (e.tag == BER_CONTEXT(0) && answer)
			s->state = (uint8_t)ber_int_as(&member, BER_ENUMERATED);
		seq.bad |= member.bad;
	}
	ber_leave(&choice, &seq);
	ber_leave(c, &choice);
	return !c->bad;
}

/* False when it is no envelope, or is damaged. A first token of another mechanism than SPNEGO (RFC 2743 3.1) is its own token. */
static inline bool spnego_read(struct oto_cur *c, struct spnego *s)
{
	struct oto_cur whole = *c;

	*s = (struct spnego){ .state = SPNEGO_NONE };
	if (ber_at(c, BER_CONTEXT(0)) || ber_at(c, BER_CONTEXT(1)))
		return spnego_read_choice(c, s);
	if (!ber_at(c, BER_APPLICATION(0)))
		return false;
	struct oto_cur framed = ber_enter(c, BER_APPLICATION(0));
	struct oto_slice mechanism = ber_take(&framed, BER_OID);
	if (BER_OID_IS(mechanism, "\x2b\x06\x01\x05\x05\x02"))
		spnego_read_choice(&framed, s);
	else
		s->token = oto_rest(&whole);
	ber_leave(c, &framed);
	return !c->bad;
}

#endif
