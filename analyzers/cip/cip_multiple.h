/* cip_multiple.h - a Multiple Service Packet as a sequence: a count, an offset each from the count on, and the services (volume 1, A-4.10).
 * It is cut here, and nothing is told. */
#ifndef OTO_ANALYZERS_CIP_MULTIPLE_H
#define OTO_ANALYZERS_CIP_MULTIPLE_H

#include "oto_plugin.h"

enum { CIP_SERVICES_MAX = 512 };

/* Up to where they were taken: the number of the next one, and where it begins. */
struct cip_place {
	uint32_t next, from;
};

/* Services that are alike and follow each other are told once, and so are their responses: where nobody looks at each single one, or while
 * their messages are only counted. */
struct cip_services {
	struct oto_slice whole;
	struct oto_cur offsets;
	uint32_t count;
	struct cip_place at;
	bool odd; /* an offset makes no sense, or is behind the one that follows it */
	/* responses: the request that was found last, up to which service it stands for, and how many have not answered */
	struct oto_match match;
	uint32_t until, wait;
};

/* The count as it stands in the packet; false when offsets are missing. */
bool cip_services_take(struct oto_slice bytes, struct cip_services *s);

static inline bool cip_services_left(const struct cip_services *s)
{
	return s->at.next < s->count && s->at.next < CIP_SERVICES_MAX;
}

/* The next service ends where the one behind it begins, or at the end of all when that begins before it. Empty when its offset makes no
 * sense, or is that of the one behind it: each service is taken once. */
struct oto_slice cip_services_next(struct cip_services *s);

/* Passes over the next services, at most so many, that begin with these bytes, too, and have data behind them (or have none). Says how
 * many. */
uint32_t cip_services_pass(struct cip_services *s, struct oto_slice head, bool data, uint32_t most);

#endif
