/* dhcp_talk.h - what the messages of one transaction identifier say together: the row of Zeek's dhcp.log.
 *
 * A conversation is kept as the note of an open request (so by value, bounded) and is told when it is over. When that is, and which
 * message fills which column, is Zeek's rule.
 */
#ifndef DHCP_TALK_H
#define DHCP_TALK_H

#include "dhcp_message.h"

enum { TALK_TYPES_MAX = 50, TALK_UIDS_MAX = 10, TALK_MAC_MAX = 8 };
enum dhcp_text { TALK_HOST_NAME = 0, TALK_FQDN, TALK_DOMAIN, TALK_CLIENT_MESSAGE, TALK_SERVER_MESSAGE, TALK_TEXTS };

/* An address is set when it is in `has`; a text when its bit is. Texts lie one behind the other. */
struct dhcp_talk {
	int64_t first_ns, last_ns;
	uint32_t lease_time;
	uint16_t has; /* enum talk_has, and the texts' bits behind them */
	uint8_t client[4], server[4], requested[4], assigned[4];
	uint8_t mac[TALK_MAC_MAX], chaddr[TALK_MAC_MAX], mac_len, chaddr_len;
	uint8_t ntypes, nuids, types[TALK_TYPES_MAX], text_len[TALK_TEXTS];
	char uids[TALK_UIDS_MAX][19];
	uint8_t text[180];
};
_Static_assert(sizeof(struct dhcp_talk) <= OTO_NOTE_MAX, "the note must fit");

extern const struct oto_event_type dhcp_conversation_event;

void dhcp_talk_begin(struct dhcp_talk *t, int64_t now_ns);
/* True: it is full and must be told. */
bool dhcp_talk_add(struct dhcp_talk *t, const struct oto_ctx *cx, const struct dhcp_message *m);
/* Was it over when time was swept last? What comes now then begins another one with the same identifier. */
bool dhcp_talk_over(const struct dhcp_talk *t, struct oto_sweeps sweeps);
void dhcp_talk_tell(struct oto_ctx *cx, uint32_t event, const struct dhcp_talk *t);
/* Borrowed from *t. */
struct oto_slice dhcp_talk_text(const struct dhcp_talk *t, enum dhcp_text which);

#define TALK_IDLE INT64_C(20000000000) /* two sweeps: no message that comes later belongs to it */

#endif
