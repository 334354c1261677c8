/* dns_tables.c - see dns_tables.h. */
#include "dns_tables.h"

/* What is asked most comes first: tables are searched in order. */
static const struct oto_name type_rows[] = {
	{ 1, "A", 0, "IPv4 address" },
	{ 28, "AAAA", 0, "IPv6 address" },
	{ 12, "PTR", 0, "name of an address, instance of a service" },
	{ 33, "SRV", 0, "host and port of a service; on port 137 NBSTAT, the status of a node" },
	{ 16, "TXT", 0, "text" },
	{ 32, "NIMLOC", 0, "Nimrod locator; on port 137 NB, a NetBIOS name" },
	{ 255, "*", 0, "all types" },
	{ 65, "HTTPS", 0, "how to reach a web service" },
	{ 5, "CNAME", 0, "canonical name" },
	{ 15, "MX", 0, "mail exchange" },
	{ 2, "NS", 0, "name server" },
	{ 6, "SOA", 0, "start of a zone of authority" },
	{ 3, "MD", 0, NULL },
	{ 4, "MF", 0, NULL },
	{ 7, "MB", 0, NULL },
	{ 8, "MG", 0, NULL },
	{ 9, "MR", 0, NULL },
	{ 10, "NULL", 0, "anything" },
	{ 11, "WKS", 0, "well-known services" },
	{ 13, "HINFO", 0, "host information: processor and operating system" },
	{ 14, "MINFO", 0, NULL },
	{ 17, "RP", 0, "responsible person" },
	{ 18, "AFSDB", 0, NULL },
	{ 19, "X25", 0, NULL },
	{ 20, "ISDN", 0, NULL },
	{ 21, "RT", 0, NULL },
	{ 22, "NSAP", 0, NULL },
	{ 23, "NSAP-PTR", 0, NULL },
	{ 24, "SIG", 0, "signature" },
	{ 25, "KEY", 0, "public key" },
	{ 26, "PX", 0, NULL },
	{ 27, "GPOS", 0, NULL },
	{ 29, "LOC", 0, "location" },
	{ 30, "NXT", 0, NULL },
	{ 31, "EID", 0, NULL },
	{ 34, "ATMA", 0, NULL },
	{ 35, "NAPTR", 0, "rewriting rule" },
	{ 36, "KX", 0, "key exchanger" },
	{ 37, "CERT", 0, "certificate" },
	{ 38, "A6", 0, "IPv6 address, abandoned form" },
	{ 39, "DNAME", 0, "redirection of a subtree" },
	{ 40, "SINK", 0, NULL },
	{ 41, "OPT", 0, "extension of the message, no record" },
	{ 42, "APL", 0, "address prefixes" },
	{ 43, "DS", 0, "delegation signer" },
	{ 44, "SSHFP", 0, "fingerprint of an SSH key" },
	{ 45, "IPSECKEY", 0, "IPsec key" },
	{ 46, "RRSIG", 0, "signature of a record set" },
	{ 47, "NSEC", 0, "next name that exists" },
	{ 48, "DNSKEY", 0, "public key of a zone" },
	{ 49, "DHCID", 0, "DHCP identifier" },
	{ 50, "NSEC3", 0, "next hashed name that exists" },
	{ 51, "NSEC3PARAM", 0, "how names are hashed" },
	{ 52, "TLSA", 0, "certificate of a TLS service" },
	{ 53, "SMIMEA", 0, NULL },
	{ 55, "HIP", 0, NULL },
	{ 56, "NINFO", 0, NULL },
	{ 57, "RKEY", 0, NULL },
	{ 58, "TALINK", 0, NULL },
	{ 59, "CDS", 0, NULL },
	{ 60, "CDNSKEY", 0, NULL },
	{ 61, "OPENPGPKEY", 0, NULL },
	{ 62, "CSYNC", 0, NULL },
	{ 63, "ZONEMD", 0, "digest of a zone" },
	{ 64, "SVCB", 0, "how to reach a service" },
	{ 99, "SPF", 0, "who may send mail" },
	{ 100, "UINFO", 0, NULL },
	{ 101, "UID", 0, NULL },
	{ 102, "GID", 0, NULL },
	{ 103, "UNSPEC", 0, NULL },
	{ 104, "NID", 0, NULL },
	{ 105, "L32", 0, NULL },
	{ 106, "L64", 0, NULL },
	{ 107, "LP", 0, NULL },
	{ 108, "EUI48", 0, "MAC address" },
	{ 109, "EUI64", 0, "64-bit link-layer address" },
	{ 249, "TKEY", 0, "establishes a key" },
	{ 250, "TSIG", 0, "signature of the message" },
	{ 251, "IXFR", 0, "changes of a zone" },
	{ 252, "AXFR", 0, "a whole zone" },
	{ 253, "MAILB", 0, NULL },
	{ 254, "MAILA", 0, NULL },
	{ 256, "URI", 0, "locator of a service" },
	{ 257, "CAA", 0, "who may issue certificates" },
	{ 32768, "TA", 0, NULL },
	{ 32769, "DLV", 0, NULL },
	{ 65281, "WINS", 0, "ask a WINS server" },
	{ 65282, "WINS-R", 0, "ask a WINS server, by address" },
	{ 65422, "XPF", 0, NULL },
	{ 65521, "INTEGRITY", 0, NULL },
};
const struct oto_names dns_types = OTO_NAMES(type_rows);

static const struct oto_name class_rows[] = {
	{ 1, "C_INTERNET", 0, "Internet" },
	{ 2, "C_CSNET", 0, "CSNET" },
	{ 3, "C_CHAOS", 0, "Chaosnet; also a server's version" },
	{ 4, "C_HESIOD", 0, "Hesiod" },
	{ 254, "C_NONE", 0, "none (updates)" },
	{ 255, "C_ANY", 0, "any class" },
};
const struct oto_names dns_classes = OTO_NAMES(class_rows);

static const struct oto_name rcode_rows[] = {
	{ 0, "NOERROR", 0, "no error" },
	{ 1, "FORMERR", 0, "the server cannot read the query" },
	{ 2, "SERVFAIL", 0, "the server failed" },
	{ 3, "NXDOMAIN", 0, "the name does not exist" },
	{ 4, "NOTIMP", 0, "the server cannot do this" },
	{ 5, "REFUSED", 0, "the server does not want to" },
	{ 6, "YXDOMAIN", 0, "a name exists that must not" },
	{ 7, "YXRRSET", 0, "a record set exists that must not" },
	{ 8, "NXRRSet", 0, "a record set does not exist that must" },
	{ 9, "NOTAUTH", 0, "the server has no authority for the zone" },
	{ 10, "NOTZONE", 0, "the name is not in the zone" },
	{ 11, "unassigned-11", 0, NULL },
	{ 12, "unassigned-12", 0, NULL },
	{ 13, "unassigned-13", 0, NULL },
	{ 14, "unassigned-14", 0, NULL },
	{ 15, "unassigned-15", 0, NULL },
};
const struct oto_names dns_rcodes = OTO_NAMES(rcode_rows);

static const struct oto_name opcode_rows[] = {
	{ 0, "query", 0, "asks for records" },
	{ 1, "inverse_query", 0, "asks for names (obsolete)" },
	{ 2, "status", 0, "asks for a server's state" },
	{ 4, "notify", 0, "a zone has changed" },
	{ 5, "update", 0, "changes a zone" },
	{ 6, "stateful", 0, "a session's own messages" },
};
const struct oto_names dns_opcodes = OTO_NAMES(opcode_rows);

static const struct oto_name service_rows[] = {
	{ DNS_SERVICE_DNS, "dns", 0, "Domain Name System (RFC 1035)" },
	{ DNS_SERVICE_MDNS, "mdns", 0, "Multicast DNS, port 5353 (RFC 6762)" },
	{ DNS_SERVICE_LLMNR, "llmnr", 0, "Link-Local Multicast Name Resolution, port 5355 (RFC 4795)" },
	{ DNS_SERVICE_NBNS, "nbns", 0, "NetBIOS Name Service, port 137 (RFC 1002)" },
};
const struct oto_names dns_services = OTO_NAMES(service_rows);

/* RFC 1002 4.2.1.1 */
static const struct oto_name nb_opcode_rows[] = {
	{ 0, "query", 0, "asks for a name" },
	{ NBNS_REGISTRATION, "registration", 0, "claims a name" },
	{ NBNS_RELEASE, "release", 0, "gives a name back" },
	{ 7, "wait", 0, "a name server asks for patience" },
	{ NBNS_REFRESH, "refresh", 0, "renews a name" },
	{ NBNS_REFRESH_ALTERNATE, "refresh_alternate", 0, "renews a name, as some implementations number it" },
	{ NBNS_MULTIHOMED, "multihomed_registration", 0, "claims a name for one of several addresses" },
};
const struct oto_names nbns_opcodes = OTO_NAMES(nb_opcode_rows);

/* The sixteenth byte of a NetBIOS name says what it stands for. */
static const struct oto_name suffix_rows[] = {
	{ NBNS_WORKSTATION, "workstation", 0, "the station; of a group: the workgroup or domain" },
	{ 0x01, "messenger", 0, "message service; of the group __MSBROWSE__: master browsers" },
	{ 0x03, "messenger", 0, "message service: a station or a user" },
	{ 0x06, "ras_server", 0, "remote access server" },
	{ NBNS_DOMAIN_MASTER, "domain_master_browser", 0, "the domain's master browser" },
	{ NBNS_CONTROLLERS, "domain_controllers", 0, "the domain's controllers" },
	{ NBNS_MASTER, "master_browser", 0, "the segment's master browser" },
	{ NBNS_ELECTIONS, "browser_elections", 0, "who takes part in elections of a browser" },
	{ 0x1f, "netdde", 0, "NetDDE" },
	{ NBNS_SERVER, "server", 0, "file and print server" },
	{ 0x21, "ras_client", 0, "remote access client" },
	{ 0xbe, "monitor_agent", 0, "network monitor agent" },
	{ 0xbf, "monitor", 0, "network monitor" },
};
const struct oto_names nbns_suffixes = OTO_NAMES(suffix_rows);

static const struct oto_name service_type_rows[] = {
	{ 0x00, "Workstation", 0, NULL },
	{ 0x01, "Master Browser", 0, NULL },
	{ 0x03, "Messenger", 0, NULL },
	{ 0x06, "RAS Server", 0, NULL },
	{ 0x1b, "Domain Master Browser", 0, NULL },
	{ 0x1c, "Domain Controllers", 0, NULL },
	{ 0x1d, "Master Browser", 0, NULL },
	{ 0x1e, "Browser Service Elections", 0, NULL },
	{ 0x1f, "NetDDE", 0, NULL },
	{ 0x20, "Server", 0, NULL },
	{ 0x21, "RAS Client", 0, NULL },
	{ 0xbe, "Network Monitor Agent", 0, NULL },
	{ 0xbf, "Network Monitor Application", 0, NULL },
};
const struct oto_names nbns_service_types = OTO_NAMES(service_type_rows);

static const struct oto_name node_type_rows[] = {
	{ 0, "B", 0, "broadcasts" },
	{ 1, "P", 0, "asks a name server" },
	{ 2, "M", 0, "broadcasts, then asks" },
	{ 3, "H", 0, "asks, then broadcasts" },
};
const struct oto_names nbns_node_types = OTO_NAMES(node_type_rows);
