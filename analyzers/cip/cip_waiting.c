/* cip_waiting.c - see cip_waiting.h. */
#include "cip_waiting.h"

#define TOO_LONG INT64_C(10000000000) /* as the pairing gives up */

static void forget_oldest(struct cip_waiting *w)
{
	w->count--;
	memmove(&w->asked[0], &w->asked[1], w->count * sizeof *w->asked);
}

void cip_waiting_put(struct cip_waiting *w, const struct cip_asked *a)
{
	while (w->count && (w->count == CIP_WAITING_MAX || a->ts - w->asked[0].ts >= TOO_LONG))
		forget_oldest(w);
	w->asked[w->count++] = *a;
}

const struct cip_asked *cip_waiting_in_sequence(const struct cip_waiting *w, uint16_t sequence, uint8_t service)
{
	const struct cip_asked *any = NULL, *same = NULL;
	uint32_t anys = 0, sames = 0;

	for (uint32_t i = 0; i < w->count; i++) {
		const struct cip_asked *a = &w->asked[i];
		if (!a->strange || a->sequence != sequence)
			continue;
		any = a;
		anys++;
		if (a->service != service)
			continue;
		same = a;
		sames++;
	}
	return anys == 1 ? any : sames == 1 ? same : NULL;
}

const struct cip_asked *cip_waiting_refused(const struct cip_waiting *w, uint16_t command, uint32_t session, uint64_t context)
{
	const struct cip_asked *found = NULL;

	for (uint32_t i = 0; i < w->count; i++) {
		const struct cip_asked *a = &w->asked[i];
		if (a->command != command || a->session != session || a->context != context)
			continue;
		if (found)
			return NULL;
		found = a;
	}
	return found;
}
