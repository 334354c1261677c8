/* community_id.h - Community ID version 1: the flow hash that other tools print too (Suricata, Zeek, Wireshark, Elastic). */
#ifndef OTO_COMMUNITY_ID_H
#define OTO_COMMUNITY_ID_H

#include "flow.h"

#define OTO_COMMUNITY_ID_SIZE 31 /* "1:" and 28 characters of base64, NUL-terminated */

/* False for a flow without IP addresses. */
bool oto_community_id(const struct oto_flow *f, uint16_t seed, char out[OTO_COMMUNITY_ID_SIZE]);

#endif
