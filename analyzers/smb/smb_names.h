/* smb_names.h - SMB's words: commands, dialects, status codes. */
#ifndef OTO_SMB_NAMES_H
#define OTO_SMB_NAMES_H

#include "oto_plugin.h"

extern const struct oto_names smb1_commands, smb2_commands, smb2_dialects, smb_statuses;

#endif
