/* dhcp_facts.h - what a DHCP message reveals of the client, the server, a relay, and the servers that it names. */
#ifndef DHCP_FACTS_H
#define DHCP_FACTS_H

#include "dhcp_message.h"

/* host_name: as the client gave it in an earlier message of the conversation; may be empty. */
void dhcp_facts(struct oto_ctx *cx, const struct dhcp_message *m, struct oto_slice host_name);
/* The client's hardware address when it is an Ethernet station's. */
bool dhcp_client_mac(const struct dhcp_message *m, struct oto_mac *mac);

#endif
