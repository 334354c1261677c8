/* cotp.h - what COTP tells its children beyond their bytes: the key under which it delivers holds the transport selectors of the
 * connection, as far as they are of two bytes, as S7's are, or the name of an S7 route. A child that claims "cotp" gets every key; the same
 * for the whole of a connection.
 */
#ifndef COTP_H
#define COTP_H

#include "oto_plugin.h"

#define COTP_HAS_CALLED (UINT64_C(1) << 32)
#define COTP_HAS_CALLING (UINT64_C(1) << 33)
#define COTP_ROUTED (UINT64_C(1) << 34) /* the rest of the key names the route */

/* S7 routing: the called station leads on to another, in a subnet of its own. */
struct cotp_route {
	uint8_t subnet[6];
	uint8_t address[6];  /* of the station there: one byte on MPI and PROFIBUS, four of IP, six of a MAC */
	uint8_t address_len; /* 0: no route */
	uint8_t kind, place; /* as in a selector of two bytes */
};
static const struct oto_memory cotp_routes = {
	.self_size = sizeof cotp_routes, .size = sizeof(struct cotp_route), .bound = 1024, .scope = OTO_SCOPE_PAIR, .name = "cotp.route"
};

/* Where the connection leads that delivers under this key; NULL: no further than to whom it was opened. */
static inline const struct cotp_route *cotp_route_of(struct oto_ctx *cx)
{
	return cx->key & COTP_ROUTED ? oto_recall(cx, &cotp_routes, cx->key) : NULL;
}

static inline bool cotp_called_tsap(uint64_t key, uint16_t *tsap)
{
	*tsap = (uint16_t)key;
	return key & COTP_HAS_CALLED;
}

static inline bool cotp_calling_tsap(uint64_t key, uint16_t *tsap)
{
	*tsap = (uint16_t)(key >> 16);
	return key & COTP_HAS_CALLING;
}

/* S7: the first byte is the kind of connection (1 programmer, 2 operator, 3 others), the second rack and slot. */
static inline bool cotp_place(uint8_t kind, uint8_t place, uint8_t *rack, uint8_t *slot)
{
	*rack = place >> 5;
	*slot = place & 31;
	return kind >= 1 && kind <= 3;
}

static inline bool cotp_rack_slot(uint64_t key, uint8_t *rack, uint8_t *slot)
{
	uint16_t tsap;
	bool called = cotp_called_tsap(key, &tsap);

	return cotp_place((uint8_t)(tsap >> 8), (uint8_t)tsap, rack, slot) && called;
}

#endif
