/* cip_message.h - one service with all that it carries, as the encapsulation hands it over. */
#ifndef OTO_ANALYZERS_CIP_MESSAGE_H
#define OTO_ANALYZERS_CIP_MESSAGE_H

#include "cip.h"
#include "cip_multiple.h"

/* How a message came. */
struct cip_envelope {
	uint64_t key;                   /* what a response repeats */
	uint64_t manner;                /* who speaks to whom and how it came: keys of events begin with it; cip_message_read() makes it */
	struct oto_slice encapsulation; /* the whole of it, for the number that names it */
	uint32_t connection_id;
	uint16_t sequence;
	bool connected, has_slot;
	bool astray; /* on a connection whose opening was not seen */
	bool sent;   /* by an Unconnected Send */
	bool single; /* somebody looks at each single service */
	uint8_t depth;
	struct cip_services *among; /* the others in the same packet; NULL: none */
	uint32_t slot;
	struct oto_slice route;
};

/* Services inside of services have a key each, derived from that of the whole. */
static inline uint64_t cip_key_mix(uint64_t key, uint64_t with)
{
	key = (key ^ with) * 0x9e3779b97f4a7c15u;
	return key ^ key >> 29;
}

/* What was asked under this key was not even looked at. */
void cip_message_refused(struct oto_ctx *cx, uint64_t key, const char *error);
void cip_message_read(struct oto_ctx *cx, struct cip_envelope *e, struct oto_slice bytes);

extern const struct oto_event_type cip_message_type;

/* The channel of objects that carry a protocol of their own. */
enum { CIP_CHANNEL_CLASS };

#endif
