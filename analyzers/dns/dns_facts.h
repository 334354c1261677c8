/* dns_facts.h - what a DNS message reveals of hosts, and the NetBIOS names it carries. */
#ifndef DNS_FACTS_H
#define DNS_FACTS_H

#include "dns_message.h"

/* One NetBIOS name as a station registers, renews, releases, answers or lists it. */
struct nbns_event {
	struct oto_slice name;
	struct oto_addr address, src_ip;
	struct oto_mac src_mac;
	const char *service_type;
	uint32_t ttl;
	uint8_t opcode, suffix, node_type;
	bool response, status, group, has_ttl, has_mac;
};

/* Facts from all records of a message. For NetBIOS names `nbns` (an event of the analyzer) is emitted as well. */
void dns_facts(struct oto_ctx *cx, const struct dns_message *m, uint32_t nbns);

#endif
