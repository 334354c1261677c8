/* announce.h - what analyzers of announcements share (LLDP, CDP): was this sender heard before, does it say something else, are facts due?
 *
 * Header only, for folders of analyzers/. Remembers of each port in a segment, beyond flows, because some announce themselves only every
 * few minutes: a digest of the settings that it said last, and when facts were told.
 */
#ifndef OTO_ANALYZERS_ANNOUNCE_H
#define OTO_ANALYZERS_ANNOUNCE_H

#include "oto_plugin.h"

struct announced {
	bool known;
	uint64_t digest;
	int64_t told_ns; /* when facts were told last */
};

#define ANNOUNCE_MEMORY(protocol)                                                                                                          \
	{                                                                                                                                  \
		.self_size = sizeof(struct oto_memory), .size = sizeof(struct announced), .scope = OTO_SCOPE_SEGMENT, .name = (protocol)   \
	}

static inline uint64_t announce_key(struct oto_mac port_mac, struct oto_slice port_id)
{
	return oto_key_of(oto_key_of(0, (struct oto_slice){ port_mac.byte, sizeof port_mac.byte }), port_id);
}

/* The digest with one more setting; begins with 0. */
static inline uint64_t announce_setting(uint64_t digest, uint16_t type, struct oto_slice value)
{
	return oto_key_of(digest ^ type, value);
}

/* Marks what is new; true when facts are due: at every change, else once a minute. */
static inline bool announce_is_due(struct oto_ctx *cx, const struct oto_memory *memory, uint64_t key, uint64_t digest, bool *first,
				   bool *changed)
{
	const int64_t minute = INT64_C(60000000000);
	struct announced *said = oto_remember(cx, memory, key);

	if (!said)
		return true;
	*first = !said->known;
	*changed = !*first && said->digest != digest;
	bool due = *first || *changed || cx->head->ts.ns - said->told_ns >= minute;
	said->known = true;
	said->digest = digest;
	if (due)
		said->told_ns = cx->head->ts.ns;
	return due;
}

#endif
