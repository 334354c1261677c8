/* fact_keys.c - the keys of asset.fact. See fact_keys.h. */
#include "fact_keys.h"

static const struct oto_fact_use uses[] = {
	{ "address", "decides which addresses are one asset" },
	{ "name", "name of the asset; the first of these that is known" },
	{ "vendor", "maker" },
	{ "model", "model; the first of these that is known" },
	{ "column", "a column of its own in the inventory" },
	{ "role", "counts for the role, with what the device does" },
	{ "os", "weighed into the operating system" },
	{ "page", "stands on the page of the asset" },
	{ "kept", "kept, and told by `otoscope inventory facts`: for programs, and for comparisons" },
};

#define SINGLE true
#define SEVERAL false
static const struct oto_fact_key keys[] = {
	/* addresses */
	{ "ip", "IP address of the device, as it announces it or as somebody gives it out", "address", SEVERAL },
	{ "mac", "MAC address of the device, told in a protocol above Ethernet", "kept", SEVERAL },
	{ "chassis_mac", "MAC address of the device that this port belongs to", "address", SEVERAL },
	{ "management_address", "where the device is managed", "page", SEVERAL },
	{ "netmask", "mask of its network", "page", SEVERAL },
	{ "gateway", "router that it uses", "page", SEVERAL },
	{ "port", "port of the device that sends, with its name", "page", SEVERAL },
	{ "port_alias", "PROFINET's other name of the port", "page", SEVERAL },
	{ "wired_to", "port of the neighbour that it is plugged into: port-001.switch1", "page", SEVERAL },
	{ "link_speed", "speed of its interface in Mbit/s", "page", SEVERAL },
	/* what it is called */
	{ "hostname", "name of the host", "name", SINGLE },
	{ "station_name", "name of the station in its engineering project", "name", SINGLE },
	{ "fqdn", "name of the host with its domain", "name", SEVERAL },
	{ "module_name", "name of the module in its engineering project", "name", SINGLE },
	{ "device_name", "name that its owner gave it", "name", SEVERAL },
	{ "desktop_name", "name of the screen that it shows to remote viewers", "page", SEVERAL },
	{ "domain", "domain of its names or accounts", "page", SEVERAL },
	{ "workgroup", "Windows workgroup or domain", "page", SEVERAL },
	{ "plant", "name of the plant in its engineering project", "page", SINGLE },
	{ "location", "place, as the device was told", "page", SINGLE },
	{ "contact", "person, as the device was told", "page", SEVERAL },
	{ "description", "description, as the device was told or as its maker wrote it", "page", SEVERAL },
	{ "asset_id", "number in the owner's books, as the device was told", "page", SEVERAL },
	{ "application", "name of the user's application in it", "page", SINGLE },
	{ "application_name", "name of an OPC UA application that runs on it", "page", SEVERAL },
	{ "application_uri", "identifier of an OPC UA application that runs on it", "page", SEVERAL },
	/* what it is */
	{ "vendor", "maker, as the device says", "vendor", SINGLE },
	{ "model", "model, as the device says", "model", SINGLE },
	{ "model_name", "model by its name, where `model` is a code", "model", SINGLE },
	{ "product", "product line", "model", SINGLE },
	{ "order_number", "number by which it is ordered", "model", SINGLE },
	{ "model_code", "number of the model in its maker's tables", "model", SEVERAL },
	{ "vendor_id", "number of its maker in the protocol's tables", "kept", SEVERAL },
	{ "device_id", "number of the device in its maker's tables", "kept", SEVERAL },
	{ "product_code", "number of the product in its maker's tables", "kept", SEVERAL },
	{ "serial", "serial number", "column", SINGLE },
	{ "firmware", "version of the firmware", "column", SINGLE },
	{ "build", "number of the build of an OPC UA server", "page", SEVERAL },
	{ "product_uri", "identifier of the product that an OPC UA application is", "kept", SEVERAL },
	{ "hardware", "version of the hardware", "column", SINGLE },
	{ "revision", "series and revision, as its maker counts", "page", SEVERAL },
	{ "device_version", "version of the device in its maker's tables", "page", SEVERAL },
	{ "device_type", "kind of device, as it says", "role", SINGLE },
	{ "boot_loader", "version of the boot loader", "page", SINGLE },
	{ "memory_card_serial", "serial number of its memory card", "page", SINGLE },
	{ "server_id", "identification text of a Modbus device", "page", SEVERAL },
	{ "processor", "processor of the machine", "page", SEVERAL },
	{ "device_instance", "BACnet's number of the device", "page", SEVERAL },
	{ "ams_net_id", "AMS NetId of a Beckhoff device", "page", SEVERAL },
	{ "ams_fingerprint", "fingerprint of its certificate for Secure ADS", "kept", SEVERAL },
	{ "bacnet_network", "number of a BACnet network that it routes to", "page", SEVERAL },
	{ "bacnet_own_network", "number of the BACnet network that it is in", "page", SEVERAL },
	{ "uuid", "identifier that it gave itself", "kept", SEVERAL },
	{ "object_id", "SNMP's identifier of the product", "kept", SEVERAL },
	{ "snmp_engine_name", "name that SNMPv3 gives the device", "page", SEVERAL },
	{ "snmp_engine_id", "SNMPv3's identifier of the device", "kept", SEVERAL },
	{ "mud_url", "where its maker says what it may do (RFC 8520)", "page", SEVERAL },
	{ "vendor_url", "web page of its maker", "page", SEVERAL },
	/* in which state it is */
	{ "state", "state, as it says", "page", SEVERAL },
	{ "mode", "operating mode: RUN, STOP ...", "page", SINGLE },
	{ "mode_switch", "position of its mode switch", "page", SINGLE },
	{ "safety_mode", "whether what it produces over CIP Safety is to be used: run or idle", "page", SEVERAL },
	{ "protection_level", "protection against writing", "page", SINGLE },
	/* what runs on it */
	{ "os", "operating system", "os", SEVERAL },
	{ "os_version", "version of the operating system", "os", SEVERAL },
	{ "software", "program that speaks, with its version", "os", SEVERAL },
	{ "program", "name of the program that it runs", "page", SEVERAL },
	{ "application_software", "version of the application that its engineer loaded", "page", SEVERAL },
	{ "user_agent", "program that speaks SSDP", "page", SEVERAL },
	{ "vendor_class", "what a DHCP client says of itself", "page", SEVERAL },
	{ "keyboard_layout", "keyboard of who sits before it", "page", SEVERAL },
	{ "telnet_banner", "first line of its Telnet server", "page", SEVERAL },
	{ "role", "what it does for others: dns server, router, domain controller ...", "role", SEVERAL },
	{ "service", "a service that it announces, or that was recognised", "page", SEVERAL },
	{ "protocol_revision", "revision of the standard that it follows", "page", SEVERAL },
	{ "protocol", "a protocol that it speaks and that is only recognised", "kept", SEVERAL },
	{ "share", "a share that it offers", "page", SEVERAL },
	{ "user", "account that is used from it, or on it", "page", SEVERAL },
	{ "mqtt_client_id", "name by which it signs in at a message broker", "page", SEVERAL },
	{ "ntp_reference", "where it has its time from", "page", SEVERAL },
	{ "ntp_stratum", "how far it is from a reference clock", "page", SEVERAL },
	{ "upnp_location", "address of its UPnP description", "page", SEVERAL },
	{ "wsd_address", "address of its WS-Discovery service", "page", SEVERAL },
	/* how safe it is */
	{ "cleartext_login", "it takes or sends logins that everybody on the way can read", "page", SEVERAL },
	{ "no_authentication", "it lets in who asks", "page", SEVERAL },
	{ "certificate_name", "name in its certificate", "page", SEVERAL },
	{ "certificate_organization", "organization in its certificate", "page", SEVERAL },
	{ "certificate_expired", "its certificate ended on this day", "page", SEVERAL },
	{ "certificate_not_yet_valid", "its certificate begins on this day: one of the clocks is wrong", "page", SEVERAL },
	{ "self_signed_certificate", "subject of a certificate that nobody else vouches for", "page", SEVERAL },
	{ "weak_certificate", "its certificate is signed with an algorithm that is broken", "page", SEVERAL },
	{ "weak_tls", "it speaks a version of TLS that is broken", "page", SEVERAL },
	{ "weak_cipher", "it agrees on an encryption that is broken", "page", SEVERAL },
	{ "default_credentials", "it takes the credentials that everybody knows", "page", SEVERAL },
	{ "weakness", "it offers something else that is known to be broken", "page", SEVERAL },
	/* fingerprints */
	{ "ssh_host_key", "fingerprint of its SSH key", "kept", SEVERAL },
	{ "hassh", "fingerprint of its SSH client (HASSH)", "kept", SEVERAL },
	{ "hassh_server", "fingerprint of its SSH server (HASSH)", "kept", SEVERAL },
	{ "tls_fingerprint", "fingerprint of its TLS handshake (JA4)", "kept", SEVERAL },
	{ "dhcp_fingerprint", "options that it asks a DHCP server for", "kept", SEVERAL },
	{ "dhcpv6_fingerprint", "options that it asks a DHCPv6 server for", "kept", SEVERAL },
};

const struct oto_fact_key *oto_fact_keys(uint32_t *n)
{
	*n = sizeof keys / sizeof *keys;
	return keys;
}

const struct oto_fact_key *oto_fact_key(const char *key)
{
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
		if (strcmp(keys[i].key, key) == 0)
			return &keys[i];
	}
	return NULL;
}

const struct oto_fact_use *oto_fact_uses(uint32_t *n)
{
	*n = sizeof uses / sizeof *uses;
	return uses;
}
