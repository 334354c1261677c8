/* cotp.h - what COTP tells its children beyond their bytes: the key under which it delivers holds the transport selectors of the
 * connection, as far as they are of two bytes, as S7's are. A child that claims "cotp" gets every key; the same for the whole of a
 * connection.
 */
#ifndef COTP_H
#define COTP_H

#include "oto_plugin.h"

#define COTP_HAS_CALLED (UINT64_C(1) << 32)
#define COTP_HAS_CALLING (UINT64_C(1) << 33)

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
static inline bool cotp_rack_slot(uint64_t key, uint8_t *rack, uint8_t *slot)
{
	uint16_t tsap;
	bool called = cotp_called_tsap(key, &tsap);

	*rack = tsap >> 5 & 7;
	*slot = tsap & 31;
	return called && tsap >> 8 >= 1 && tsap >> 8 <= 3;
}

#endif
