/* ntp_tables.h - the words of NTP: modes, leap indicator, control and private requests (RFC 5905, RFC 9327, ntpd's ntp_request.h). Knows no
 * wire format.
 */
#ifndef NTP_TABLES_H
#define NTP_TABLES_H

#include "oto_plugin.h"

enum ntp_mode { NTP_SYMMETRIC_ACTIVE = 1, NTP_SYMMETRIC_PASSIVE, NTP_CLIENT, NTP_SERVER, NTP_BROADCAST, NTP_CONTROL, NTP_PRIVATE };

extern const struct oto_names ntp_modes, ntp_leaps, ntp_control_opcodes, ntp_private_requests, ntp_private_errors;

#endif
