/* dhcp_message.h - the wire format of BOOTP and DHCP messages (RFC 951, RFC 2131 2, RFC 2132): fixed part and options, also those that lie
 * in the fields for file and server name (RFC 2131 4.1, option 52). Reads only; says nothing.
 */
#ifndef DHCP_MESSAGE_H
#define DHCP_MESSAGE_H

#include "dhcp_tables.h"

enum { DHCP_REQUESTS = 1, DHCP_REPLIES = 2, DHCP_HW_MAX = 16, DHCP_ADDRESSES_MAX = 8 };

/* Slices borrow the message; an option that is absent is an empty slice. Of an option given twice the last counts, as in Zeek. */
struct dhcp_message {
	uint8_t op, htype, hlen, hops, type;
	uint16_t secs;
	uint32_t xid, lease_time;
	bool broadcast, has_cookie, has_type, has_lease_time, odd;
	bool overloaded; /* reading options where the file's or the server's name should be: what is known stays */
	struct oto_addr ciaddr, yiaddr, siaddr, giaddr, requested, server_id, subnet_mask;
	struct oto_slice chaddr; /* all sixteen bytes */
	struct oto_slice server_name, boot_file;
	struct oto_slice host_name, domain, fqdn, message, class_id, client_id, parameters, user_class, vendor_class;
	struct oto_slice routers, dns_servers, ntp_servers, circuit_id, remote_id, tftp_server;
	uint32_t enterprise; /* of vendor_class (RFC 3925) */
	uint8_t codes[64];   /* option codes in the order sent */
	uint32_t ncodes;
};

/* False: too short for the fixed part. */
bool dhcp_read(struct oto_cur *c, struct dhcp_message *m);

#endif
