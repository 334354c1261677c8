/* dhcp_tables.c - see dhcp_tables.h. Message types: IANA "BOOTP/DHCP Parameters". */
#include "dhcp_tables.h"

#include "../say.h"

static const struct oto_name message_type_rows[] = {
	{ 1, "DISCOVER", 0, "a client looks for servers" },
	{ 2, "OFFER", 0, "a server offers an address" },
	{ 3, "REQUEST", 0, "a client takes an offer, or extends its lease" },
	{ 4, "DECLINE", 0, "a client found the address in use" },
	{ 5, "ACK", 0, "a server grants an address with its settings" },
	{ 6, "NAK", 0, "a server refuses" },
	{ 7, "RELEASE", 0, "a client gives its address back" },
	{ 8, "INFORM", 0, "a client that has an address asks for settings" },
	{ 9, "FORCERENEW", 0, "a server wants a client to renew (RFC 3203)" },
	{ 10, "LEASEQUERY", 0, "a relay asks who holds an address (RFC 4388)" },
	{ 11, "LEASEUNASSIGNED", 0, "nobody holds it" },
	{ 12, "LEASEUNKNOWN", 0, "the server does not know" },
	{ 13, "LEASEACTIVE", 0, "who holds it" },
	{ 14, "BULKLEASEQUERY", 0, "a relay asks for many leases (RFC 6926)" },
	{ 15, "LEASEQUERYDONE", 0, "the end of that answer" },
	{ 16, "ACTIVELEASEQUERY", 0, "a relay wants to be told of changes (RFC 7724)" },
	{ 17, "LEASEQUERYSTATUS", 0, "how a query went" },
	{ 18, "TLS", 0, "a connection shall be encrypted (RFC 7724)" },
};
const struct oto_names dhcp_message_types = OTO_NAMES(message_type_rows);

static const struct oto_name operation_rows[] = {
	{ 1, "request", 0, "from a client or relay" },
	{ 2, "reply", 0, "from a server or relay" },
};
const struct oto_names dhcp_operations = OTO_NAMES(operation_rows);

/* First match counts. Every Windows since 2000 sends the same class: it says no more than that. */
static const struct dhcp_class classes[] = {
	{ "MSFT 98", "Windows 98", NULL, NULL, false, SAY_STATED },
	{ "MSFT 5.0 XBOX", "Xbox", "game console", "Microsoft", false, SAY_STATED },
	{ "MSFT 5.0", "Windows 2000 or later", NULL, NULL, false, SAY_INFERRED },
	{ "MSFT", "Windows", NULL, NULL, false, SAY_INFERRED },
	{ "android-dhcp-", "Android", NULL, NULL, true, SAY_STATED },
	{ "dhcpcd", NULL, NULL, NULL, true, 0 },
	{ "udhcp", NULL, NULL, NULL, true, 0 },
	{ "PXEClient", NULL, "network boot client", NULL, false, 0 },
	{ "HTTPClient", NULL, "network boot client", NULL, false, 0 },
	{ "Cisco AP", NULL, "access point", "Cisco", false, 0 },
	{ "Cisco Systems, Inc. IP Phone", NULL, "phone", "Cisco", false, 0 },
	{ "yealink", NULL, "phone", "Yealink", false, 0 },
	{ "Polycom", NULL, "phone", "Polycom", false, 0 },
	{ "snom", NULL, "phone", "Snom", false, 0 },
	{ "Hewlett-Packard JetDirect", NULL, "printer", "Hewlett-Packard", false, 0 },
	{ "HP Printer", NULL, "printer", "Hewlett-Packard", false, 0 },
	{ "Mfg=Hewlett Packard", NULL, "printer", "Hewlett-Packard", false, 0 },
	{ "AXIS", NULL, "camera", "Axis", false, 0 },
	{ "docsis", NULL, "cable modem", NULL, false, 0 },
	{ "ArubaAP", NULL, "access point", "Aruba", false, 0 },
	{ "ubnt", NULL, NULL, "Ubiquiti", false, 0 },
	{ "AAPLBSDPC", "Mac OS", NULL, "Apple", false, SAY_INFERRED },
};

const struct dhcp_class *dhcp_class_of(struct oto_slice class_id)
{
	for (uint32_t i = 0; i < sizeof classes / sizeof *classes; i++) {
		if (say_begins(class_id, classes[i].class))
			return &classes[i];
	}
	return NULL;
}

/* Lists as the systems themselves send them. Windows' is one family's: the newest members ask no differently from the oldest named. */
static const struct {
	const char *os;
	uint8_t n, list[16];
} parameters[] = {
	{ "Windows 2000 or XP", 11, { 1, 15, 3, 6, 44, 46, 47, 31, 33, 249, 43 } },
	{ "Windows Vista or later", 12, { 1, 15, 3, 6, 44, 46, 47, 31, 33, 121, 249, 43 } },
	{ "Windows Vista or later", 13, { 1, 15, 3, 6, 44, 46, 47, 31, 33, 121, 249, 252, 43 } },
	{ "Windows 10 or later", 13, { 1, 3, 6, 15, 31, 33, 43, 44, 46, 47, 121, 249, 252 } },
	{ "Windows 10 or later", 14, { 1, 3, 6, 15, 31, 33, 43, 44, 46, 47, 119, 121, 249, 252 } },
	{ "Mac OS", 12, { 1, 121, 3, 6, 15, 108, 114, 119, 252, 95, 44, 46 } },
	{ "Mac OS", 10, { 1, 121, 3, 6, 15, 119, 252, 95, 44, 46 } },
	{ "iOS", 7, { 1, 121, 3, 6, 15, 119, 252 } },
	{ "Linux", 13, { 1, 28, 2, 3, 15, 6, 119, 12, 44, 47, 26, 121, 42 } },
};

const char *dhcp_os_of_parameters(struct oto_slice list)
{
	for (uint32_t i = 0; i < sizeof parameters / sizeof *parameters; i++) {
		if (list.len == parameters[i].n && memcmp(list.data, parameters[i].list, list.len) == 0)
			return parameters[i].os;
	}
	return NULL;
}
