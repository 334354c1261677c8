/* rdp_tables.h - RDP's words: protocols, failures, encryption, versions of the client, keyboard layouts. */
#ifndef OTO_RDP_TABLES_H
#define OTO_RDP_TABLES_H

#include "oto_plugin.h"

extern const struct oto_names rdp_protocols, rdp_failures, rdp_results, rdp_certificates, rdp_methods, rdp_levels, rdp_depths, rdp_builds,
    rdp_keyboards;

/* The Windows that a client program of this build comes with; NULL when it is not known. */
const char *rdp_windows(uint32_t build);

#endif
