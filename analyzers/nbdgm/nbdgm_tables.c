/* nbdgm_tables.c - see nbdgm_tables.h. */
#include "nbdgm_tables.h"

static const struct oto_name type_rows[] = {
	{ NBDGM_DIRECT, "direct_unique", 0, "to one name" },
	{ NBDGM_GROUP, "direct_group", 0, "to a group's name" },
	{ NBDGM_BROADCAST, "broadcast", 0, "to all" },
	{ NBDGM_ERROR, "error", 0, "a datagram could not be delivered" },
	{ NBDGM_QUERY, "query_request", 0, "to a distribution server: do you pass on for this name?" },
	{ 0x15, "positive_query_response", 0, "it does" },
	{ 0x16, "negative_query_response", 0, "it does not" },
};
const struct oto_names nbdgm_types = OTO_NAMES(type_rows);

static const struct oto_name suffix_rows[] = {
	{ 0x00, "workstation", 0, "or a workgroup" },
	{ 0x01, "master_browser_list", 0, "the group of master browsers" },
	{ 0x03, "messenger", 0, "a user or computer for pop-up messages" },
	{ 0x1b, "domain_master_browser", 0, "the domain's primary controller" },
	{ 0x1c, "domain_controllers", 0, "all controllers of a domain" },
	{ 0x1d, "master_browser", 0, "the master browser of the segment" },
	{ 0x1e, "browser_elections", 0, "all browsers of a workgroup" },
	{ 0x20, "server", 0, "the file server service" },
};
const struct oto_names nbdgm_suffixes = OTO_NAMES(suffix_rows);

static const struct oto_name command_rows[] = {
	{ BROWSER_HOST, "host_announcement", 0, "a host is here" },
	{ BROWSER_ANNOUNCE_REQUEST, "announcement_request", 0, "hosts shall announce themselves" },
	{ BROWSER_ELECTION, "request_election", 0, "who shall be master browser?" },
	{ BROWSER_BACKUP_REQUEST, "get_backup_list_request", 0, "who has the list of hosts?" },
	{ BROWSER_BACKUP_RESPONSE, "get_backup_list_response", 0, "those have" },
	{ BROWSER_BECOME_BACKUP, "become_backup", 0, "a host shall keep a copy of the list" },
	{ BROWSER_DOMAIN, "domain_announcement", 0, "a workgroup or domain and its master browser" },
	{ BROWSER_MASTER, "master_announcement", 0, "a master browser, to the domain's" },
	{ BROWSER_RESET, "reset_state", 0, "a browser shall stop or clear its list" },
	{ BROWSER_LOCAL_MASTER, "local_master_announcement", 0, "the master browser of the segment is here" },
};
const struct oto_names browser_commands = OTO_NAMES(command_rows);

static const struct oto_name netlogon_rows[] = {
	{ NETLOGON_REQUEST, "logon_request", 0, "LAN Manager: who can log this user on?" },
	{ NETLOGON_RESPONSE2, "logon_response", 0, "LAN Manager: this server can" },
	{ NETLOGON_PRIMARY_QUERY, "primary_query", 0, "who is the primary domain controller?" },
	{ 10, "announce_change", 0, "the primary controller's database has changed" },
	{ NETLOGON_PRIMARY_RESPONSE, "primary_response", 0, "this server is" },
	{ NETLOGON_SAM_REQUEST, "sam_logon_request", 0, "which controller can log this user on?" },
	{ NETLOGON_SAM_RESPONSE, "sam_logon_response", 0, "this one can" },
	{ 20, "sam_pause_response", 0, "this one is paused" },
	{ NETLOGON_SAM_USER_UNKNOWN, "sam_user_unknown", 0, "it does not know the user" },
	{ NETLOGON_SAM_RESPONSE_EX, "sam_logon_response_ex", 0, "this one can, in Active Directory's form" },
};
const struct oto_names netlogon_ops = OTO_NAMES(netlogon_rows);

const struct server_bit server_bits[] = {
	{ 0x1, "workstation", NULL },
	{ 0x2, "server", NULL },
	{ 0x4, "sql_server", "sql server" },
	{ SV_PDC, "domain_controller", "domain controller" },
	{ SV_BDC, "backup_domain_controller", "domain controller" },
	{ 0x20, "time_source", "time server" },
	{ 0x40, "apple_server", NULL },
	{ 0x80, "novell_server", NULL },
	{ 0x100, "domain_member", NULL },
	{ 0x200, "print_server", "print server" },
	{ 0x400, "dialin_server", "dial-in server" },
	{ SV_UNIX, "unix_server", NULL },
	{ SV_NT, "nt_workstation", NULL },
	{ 0x2000, "windows_for_workgroups", NULL },
	{ 0x4000, "file_print_for_netware", NULL },
	{ SV_NT_SERVER, "nt_server", NULL },
	{ 0x10000, "potential_browser", NULL },
	{ 0x20000, "backup_browser", "backup browser" },
	{ SV_MASTER, "master_browser", "master browser" },
	{ 0x80000, "domain_master_browser", "domain master browser" },
	{ 0x100000, "osf", NULL },
	{ 0x200000, "vms", NULL },
	{ SV_WINDOWS95, "windows_95", NULL },
	{ 0x800000, "dfs_root", NULL },
	{ 0x1000000, "cluster", NULL },
	{ 0x2000000, "terminal_server", "terminal server" },
	{ 0x4000000, "virtual_cluster", NULL },
	{ 0x10000000, "dce", NULL },
	{ 0x20000000, "alternate_transport", NULL },
	{ 0x40000000, "local_list_only", NULL },
	{ 0x80000000, "domain_enumeration", NULL },
};
const uint32_t nserver_bits = sizeof server_bits / sizeof *server_bits;

static const struct {
	uint8_t major, minor;
	const char *workstation, *server;
} versions[] = {
	{ 3, 51, "Windows NT 3.51", "Windows NT 3.51" },   { 4, 0, "Windows NT 4.0", "Windows NT 4.0" },
	{ 5, 0, "Windows 2000", "Windows 2000 Server" },   { 5, 1, "Windows XP", "Windows XP" },
	{ 5, 2, "Windows XP x64", "Windows Server 2003" }, { 6, 0, "Windows Vista", "Windows Server 2008" },
	{ 6, 1, "Windows 7", "Windows Server 2008 R2" },   { 6, 2, "Windows 8", "Windows Server 2012" },
	{ 6, 3, "Windows 8.1", "Windows Server 2012 R2" }, { 10, 0, "Windows 10 or later", "Windows Server 2016 or later" },
};

/* Samba announces whatever version it is told to, and the bit of Unix. */
const char *browser_os(uint8_t major, uint8_t minor, uint32_t server_type)
{
	bool server = server_type & (SV_NT_SERVER | SV_PDC | SV_BDC);

	if (server_type & SV_UNIX)
		return "Unix with Samba";
	if (server_type & SV_WINDOWS95 && major == 4)
		return minor >= 90 ? "Windows Me" : minor >= 10 ? "Windows 98" : "Windows 95";
	if (!(server_type & (SV_NT | SV_NT_SERVER)))
		return NULL;
	for (uint32_t i = 0; i < sizeof versions / sizeof *versions; i++) {
		if (versions[i].major == major && versions[i].minor == minor)
			return server ? versions[i].server : versions[i].workstation;
	}
	return NULL;
}
