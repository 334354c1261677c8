/* dhcpv6_message.h - the wire format of DHCPv6 messages (RFC 8415 8, 9, 21): relay envelopes, options, DUIDs, names. Reads only. */
#ifndef DHCPV6_MESSAGE_H
#define DHCPV6_MESSAGE_H

#include "oto_plugin.h"

enum { DHCPV6_RELAYS_MAX = 8, DHCPV6_ADDRESSES_MAX = 8, DHCPV6_NAME_MAX = 255 };
enum dhcpv6_type {
	DHCPV6_SOLICIT = 1,
	DHCPV6_ADVERTISE = 2,
	DHCPV6_REQUEST = 3,
	DHCPV6_REPLY = 7,
	DHCPV6_RELEASE = 8,
	DHCPV6_DECLINE = 9,
	DHCPV6_RECONFIGURE = 10,
	DHCPV6_INFORMATION_REQUEST = 11,
	DHCPV6_RELAY_FORWARD = 12,
	DHCPV6_RELAY_REPLY = 13,
};

/* Slices borrow the message; absent is {0}. */
struct dhcpv6_message {
	uint8_t type, relays;
	uint32_t xid, enterprise, valid_lifetime;
	uint16_t elapsed, status;
	bool has_elapsed, has_status, has_enterprise, has_lifetime, has_mac, odd;
	bool mac_from_relay; /* not from a DUID, which may be older than the network card */
	struct oto_slice client_id, server_id, options_wanted, vendor_class, fqdn, status_message, dns_servers, domains, user_class,
	    boot_url, interface_id;
	struct oto_mac mac;         /* of the client, from its DUID or told by a relay */
	struct oto_addr peer, link; /* of the outermost relay's envelope; the client's address is the innermost peer's */
	struct oto_addr address[DHCPV6_ADDRESSES_MAX];
	struct {
		struct oto_addr base;
		uint8_t length;
	} prefix[DHCPV6_ADDRESSES_MAX];
	uint32_t naddresses, nprefixes;
};

/* False: malformed, or too deep. */
bool dhcpv6_read(struct oto_cur *c, struct dhcpv6_message *m);

/* A DNS name without compression (RFC 8415 10) as text, into out; returns its length, 0 when there is none or it is malformed. */
uint32_t dhcpv6_name(struct oto_cur *c, uint8_t out[static DHCPV6_NAME_MAX]);

#endif
