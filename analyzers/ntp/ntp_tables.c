/* ntp_tables.c - see ntp_tables.h. */
#include "ntp_tables.h"

static const struct oto_name mode_rows[] = {
	{ NTP_SYMMETRIC_ACTIVE, "symmetric_active", 0, "a peer speaks first" },
	{ NTP_SYMMETRIC_PASSIVE, "symmetric_passive", 0, "a peer answers" },
	{ NTP_CLIENT, "client", 0, "asks for the time" },
	{ NTP_SERVER, "server", 0, "tells the time" },
	{ NTP_BROADCAST, "broadcast", 0, "tells the time to all" },
};
const struct oto_names ntp_modes = OTO_NAMES(mode_rows);

static const struct oto_name leap_rows[] = {
	{ 0, "none", 0, "no leap second" },
	{ 1, "insert", 0, "the last minute of the day has 61 seconds" },
	{ 2, "delete", 0, "it has 59" },
	{ 3, "unsynchronized", 0, "the clock was never set" },
};
const struct oto_names ntp_leaps = OTO_NAMES(leap_rows);

static const struct oto_name control_rows[] = {
	{ 1, "read_status", 0, "status of associations" },
	{ 2, "read_variables", 0, "version, system, offsets" },
	{ 3, "write_variables", 0, "changes them" },
	{ 4, "read_clock_variables", 0, "of a reference clock" },
	{ 5, "write_clock_variables", 0, "changes them" },
	{ 6, "set_trap", 0, "asks to be told of events" },
	{ 7, "trap", 0, "an event" },
	{ 8, "configure", 0, "configuration while running, as from its file" },
	{ 9, "save_configuration", 0, "writes it to a file" },
	{ 10, "read_mru", 0, "recent clients" },
	{ 11, "read_ordered_list", 0, "interfaces or access lists" },
	{ 12, "request_nonce", 0, "proof against forged senders, before read_mru" },
	{ 31, "unset_trap", 0, "ends set_trap" },
};
const struct oto_names ntp_control_opcodes = OTO_NAMES(control_rows);

#define FLOOD "recent clients: a long answer to a short question, used for floods"
static const struct oto_name private_rows[] = {
	{ 0, "PEER_LIST", 0, "associations" },
	{ 1, "PEER_LIST_SUM", 0, "associations with their state" },
	{ 2, "PEER_INFO", 0, "one association" },
	{ 3, "PEER_STATS", 0, "its counters" },
	{ 4, "SYS_INFO", 0, "the daemon's state" },
	{ 5, "SYS_STATS", 0, "its counters" },
	{ 6, "IO_STATS", 0, "counters of packets" },
	{ 7, "MEM_STATS", 0, "counters of memory" },
	{ 8, "LOOP_INFO", 0, "state of the clock's loop" },
	{ 9, "TIMER_STATS", 0, "counters of timers" },
	{ 10, "CONFIG", 0, "adds an association" },
	{ 11, "UNCONFIG", 0, "removes one" },
	{ 12, "SET_SYS_FLAG", 0, "switches something on" },
	{ 13, "CLR_SYS_FLAG", 0, "switches it off" },
	{ 16, "GET_RESTRICT", 0, "who may do what" },
	{ 17, "RESADDFLAGS", 0, "changes who may do what" },
	{ 18, "RESSUBFLAGS", 0, "changes who may do what" },
	{ 19, "UNRESTRICT", 0, "changes who may do what" },
	{ 20, "MON_GETLIST", 0, FLOOD },
	{ 21, "RESET_STATS", 0, "clears counters" },
	{ 22, "RESET_PEER", 0, "clears an association" },
	{ 23, "REREAD_KEYS", 0, "reads the file of keys again" },
	{ 26, "TRUSTKEY", 0, "trusts a key" },
	{ 27, "UNTRUSTKEY", 0, "no longer trusts it" },
	{ 28, "AUTHINFO", 0, "counters of authentication" },
	{ 29, "TRAPS", 0, "who is told of events" },
	{ 30, "ADD_TRAP", 0, "asks to be told of events" },
	{ 31, "CLR_TRAP", 0, "ends that" },
	{ 32, "REQUEST_KEY", 0, "changes the key for such requests" },
	{ 33, "CONTROL_KEY", 0, "changes the key for control messages" },
	{ 34, "CTL_STATS", 0, "counters of control messages" },
	{ 36, "GET_CLOCKINFO", 0, "a reference clock" },
	{ 37, "SET_CLKFUDGE", 0, "changes its settings" },
	{ 38, "GET_KERNEL", 0, "the kernel's clock" },
	{ 39, "GET_CLKBUGINFO", 0, "a reference clock, for its developers" },
	{ 42, "MON_GETLIST_1", 0, FLOOD },
	{ 43, "IF_STATS", 0, "interfaces" },
	{ 44, "IF_RELOAD", 0, "looks for interfaces again" },
};
const struct oto_names ntp_private_requests = OTO_NAMES(private_rows);

static const struct oto_name error_rows[] = {
	{ 0, "ok", 0, "done" },
	{ 1, "incompatible_implementation", 0, "another daemon's request" },
	{ 2, "unknown_request", 0, "not known or not allowed" },
	{ 3, "format_error", 0, "wrong length" },
	{ 4, "no_data", 0, "nothing to tell" },
	{ 7, "authentication_failure", 0, "wrong key or none" },
};
const struct oto_names ntp_private_errors = OTO_NAMES(error_rows);
