/* dhcp_tables.h - the words of DHCP: message types as Zeek has them, operations, hardware types, and what option 60 says of a client.
 * Knows no wire format.
 */
#ifndef DHCP_TABLES_H
#define DHCP_TABLES_H

#include "oto_plugin.h"

enum dhcp_option {
	DHCP_PAD = 0,
	DHCP_SUBNET_MASK = 1,
	DHCP_ROUTERS = 3,
	DHCP_DNS_SERVERS = 6,
	DHCP_HOST_NAME = 12,
	DHCP_DOMAIN = 15,
	DHCP_NTP_SERVERS = 42,
	DHCP_NETBIOS_SERVERS = 44,
	DHCP_REQUESTED_ADDRESS = 50,
	DHCP_LEASE_TIME = 51,
	DHCP_OVERLOAD = 52,
	DHCP_MESSAGE_TYPE = 53,
	DHCP_SERVER_ID = 54,
	DHCP_PARAMETER_LIST = 55,
	DHCP_MESSAGE = 56,
	DHCP_CLASS_ID = 60,
	DHCP_CLIENT_ID = 61,
	DHCP_TFTP_SERVER = 66,
	DHCP_BOOT_FILE = 67,
	DHCP_USER_CLASS = 77,
	DHCP_CLIENT_FQDN = 81,
	DHCP_RELAY_AGENT = 82,
	DHCP_VENDOR_CLASS = 124,
	DHCP_TFTP_ADDRESSES = 150,
	DHCP_END = 255,
};

enum dhcp_message_type { DHCP_DISCOVER = 1, DHCP_OFFER, DHCP_REQUEST, DHCP_DECLINE, DHCP_ACK, DHCP_NAK, DHCP_RELEASE, DHCP_INFORM };

extern const struct oto_names dhcp_message_types, dhcp_operations;

/* What a class identifier (option 60) that begins with `class` says; NULL where it says nothing of the kind. */
struct dhcp_class {
	const char *class, *os, *role, *vendor;
	bool software;      /* the class names the client's software, and a version behind it */
	uint8_t confidence; /* of os */
};
const struct dhcp_class *dhcp_class_of(struct oto_slice class_id);

/* The operating system whose clients ask for exactly these options in this order, or NULL. A hint: others can ask the same. */
const char *dhcp_os_of_parameters(struct oto_slice list);

#endif
