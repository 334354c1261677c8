/* nbdgm_tables.h - the words of NetBIOS datagrams, the browser service and Netlogon's mailslots (RFC 1002 4.4, MS-BRWS 2.2, MS-ADTS 6.3.1),
 * and the names of the Windows versions that announce themselves. Knows no wire format.
 */
#ifndef NBDGM_TABLES_H
#define NBDGM_TABLES_H

#include "oto_plugin.h"

enum nbdgm_type { NBDGM_DIRECT = 0x10, NBDGM_GROUP = 0x11, NBDGM_BROADCAST = 0x12, NBDGM_ERROR = 0x13, NBDGM_QUERY = 0x14 };
enum browser_command {
	BROWSER_HOST = 1,
	BROWSER_ANNOUNCE_REQUEST = 2,
	BROWSER_ELECTION = 8,
	BROWSER_BACKUP_REQUEST = 9,
	BROWSER_BACKUP_RESPONSE = 10,
	BROWSER_BECOME_BACKUP = 11,
	BROWSER_DOMAIN = 12,
	BROWSER_MASTER = 13,
	BROWSER_RESET = 14,
	BROWSER_LOCAL_MASTER = 15,
};
enum server_type {
	SV_PDC = 0x8,
	SV_BDC = 0x10,
	SV_UNIX = 0x800,
	SV_NT = 0x1000,
	SV_NT_SERVER = 0x8000,
	SV_MASTER = 0x40000,
	SV_WINDOWS95 = 0x400000,
};
enum netlogon_op {
	NETLOGON_REQUEST = 0,
	NETLOGON_RESPONSE2 = 6,
	NETLOGON_PRIMARY_QUERY = 7,
	NETLOGON_PRIMARY_RESPONSE = 12,
	NETLOGON_SAM_REQUEST = 18,
	NETLOGON_SAM_RESPONSE = 19,
	NETLOGON_SAM_USER_UNKNOWN = 21,
	NETLOGON_SAM_RESPONSE_EX = 23,
};

extern const struct oto_names nbdgm_types, nbdgm_suffixes, browser_commands, netlogon_ops;

/* Each bit of a server type: its word, and the role that it means, or NULL. */
struct server_bit {
	uint32_t bit;
	const char *name, *role;
};
extern const struct server_bit server_bits[];
extern const uint32_t nserver_bits;

/* The system that announces this version with these bits; NULL where that is not known. */
const char *browser_os(uint8_t major, uint8_t minor, uint32_t server_type);

#endif
