/* slmp_tables.h - what the numbers of MC protocol and SLMP mean: commands, devices, end codes. Owns constants only. */
#ifndef OTO_SLMP_TABLES_H
#define OTO_SLMP_TABLES_H

#include "oto_plugin.h"

/* How a device is written in ASCII, and whether its numbers are read as hexadecimal. */
struct slmp_device {
	char ascii[3];
	bool hex, bit;
};

extern const struct oto_names slmp_commands, slmp_devices, slmp_end_codes, slmp_cpu_types;

/* What follows command and subcommand in a request, by the command's row or NULL. "" when nothing does. */
const char *slmp_layout(const struct oto_name *row);
/* Row by row with slmp_devices. NULL for an unknown code. */
const struct slmp_device *slmp_device_of(uint16_t code);
/* Device code from its letters in an ASCII frame ("D*", "TN", "LCN*"), 0 when unknown. */
uint16_t slmp_device_code(struct oto_slice letters);
/* Device code of the A-compatible frame 1E (two letters, "D ") as the code of the other frames, 0 when unknown. */
uint16_t slmp_device_of_1e(uint16_t letters);
/* The word for an end code; ranges have words of their own. */
const char *slmp_end_word(uint16_t code);

#endif
