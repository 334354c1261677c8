/* cip_waiting.h - what was asked on a flow and is not answered: which request an answer belongs to that does not say so by itself.
 *
 * An answer on a connection repeats the sequence count and has the connection's other identifier; a refusal by the encapsulation repeats
 * session and sender context. Where several requests fit, none is named.
 */
#ifndef OTO_ANALYZERS_CIP_WAITING_H
#define OTO_ANALYZERS_CIP_WAITING_H

#include "oto_plugin.h"

struct cip_asked {
	uint64_t key;     /* of the pairing */
	uint64_t context; /* sender context of the encapsulation */
	int64_t ts;
	uint32_t session, connection; /* connection: as it is identified towards the target */
	uint16_t command, sequence;
	uint8_t service;
	bool strange; /* the connection's identifier towards the originator is not known */
};
/* More than this are in nobody's pipeline; the oldest is forgotten. */
enum { CIP_WAITING_MAX = 16 };
struct cip_waiting {
	struct cip_asked asked[CIP_WAITING_MAX]; /* oldest first */
	uint32_t count;
};

void cip_waiting_put(struct cip_waiting *w, const struct cip_asked *a);

/* It is answered. False: nothing with this key was waited for. */
static inline bool cip_waiting_take(struct cip_waiting *w, uint64_t key)
{
	uint32_t i = 0;

	while (i < w->count && w->asked[i].key != key)
		i++;
	if (i == w->count)
		return false;
	w->count--;
	if (i < w->count)
		memmove(&w->asked[i], &w->asked[i + 1], (w->count - i) * sizeof *w->asked);
	return true;
}

/* The only request with this sequence count on strange connections; of several the only one for this service. NULL: none, or one cannot
 * tell. */
const struct cip_asked *cip_waiting_in_sequence(const struct cip_waiting *w, uint16_t sequence, uint8_t service);

/* The only request that a refusal can mean. NULL: none, or one cannot tell. */
const struct cip_asked *cip_waiting_refused(const struct cip_waiting *w, uint16_t command, uint32_t session, uint64_t context);

#endif
