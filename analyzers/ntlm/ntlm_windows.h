/* ntlm_windows.h - which Windows a version and build number are. */
#ifndef OTO_NTLM_WINDOWS_H
#define OTO_NTLM_WINDOWS_H

#include "oto_plugin.h"

/* NULL when it is not known: no such version, or one that other programs announce as well (Samba says 6.1 with build 0). */
const char *ntlm_windows(uint8_t major, uint8_t minor, uint16_t build);

#endif
