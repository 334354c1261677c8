/* dns_tables.h - the words of DNS: types, classes, codes (IANA "Domain Name System Parameters"; RFC 1002 for NetBIOS). The names of types,
 * classes and response codes are Zeek's. Knows no wire format.
 */
#ifndef DNS_TABLES_H
#define DNS_TABLES_H

#include "oto_plugin.h"

enum dns_type {
	DNS_A = 1,
	DNS_NS = 2,
	DNS_CNAME = 5,
	DNS_SOA = 6,
	DNS_WKS = 11,
	DNS_PTR = 12,
	DNS_HINFO = 13,
	DNS_MX = 15,
	DNS_TXT = 16,
	DNS_AAAA = 28,
	DNS_LOC = 29,
	DNS_NB = 32, /* NIMLOC elsewhere */
	DNS_SRV = 33,
	DNS_NBSTAT = 33, /* on port 137 */
	DNS_A6 = 38,
	DNS_OPT = 41,
	DNS_DS = 43,
	DNS_SSHFP = 44,
	DNS_RRSIG = 46,
	DNS_NSEC = 47,
	DNS_DNSKEY = 48,
	DNS_NSEC3 = 50,
	DNS_NSEC3PARAM = 51,
	DNS_SVCB = 64,
	DNS_HTTPS = 65,
	DNS_SPF = 99,
	DNS_TSIG = 250,
	DNS_CAA = 257,
	DNS_BINDS = 65534,
};

extern const struct oto_names dns_types, dns_classes, dns_rcodes, dns_opcodes, dns_services;
/* nbns_service_types: the suffixes in the words of netbios-ns.log. */
extern const struct oto_names nbns_opcodes, nbns_suffixes, nbns_node_types, nbns_service_types;

enum dns_service { DNS_SERVICE_DNS = 0, DNS_SERVICE_MDNS, DNS_SERVICE_LLMNR, DNS_SERVICE_NBNS };

enum { NBNS_REGISTRATION = 5, NBNS_RELEASE = 6, NBNS_REFRESH = 8, NBNS_REFRESH_ALTERNATE = 9, NBNS_MULTIHOMED = 15 };
enum {
	NBNS_WORKSTATION = 0x00,
	NBNS_DOMAIN_MASTER = 0x1b,
	NBNS_CONTROLLERS = 0x1c,
	NBNS_MASTER = 0x1d,
	NBNS_ELECTIONS = 0x1e,
	NBNS_SERVER = 0x20
};

#endif
