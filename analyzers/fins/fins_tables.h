/* fins_tables.h - the numbers of FINS and what they mean.
 *
 * Owns nothing that changes. Clauses: W342 is Omron's "CS/CJ Series Communications Commands Reference Manual", W227 the "FINS Commands
 * Reference Manual" of CV-mode units, W421 the "Ethernet Units Construction of Applications".
 */
#ifndef OTO_FINS_TABLES_H
#define OTO_FINS_TABLES_H

#include "oto_plugin.h"

/* What follows a command code, and the end code of a normal response, a letter a part; the letters are fins_part.c's. What follows a ? may
 * be missing. */
struct fins_command {
	struct oto_name name;
	const char *request, *response;
};
const struct fins_command *fins_command_of(uint16_t code);

struct fins_area {
	struct oto_name name;
	uint8_t width; /* bytes of an element in a message */
	bool by_bit;   /* an element is one bit of a word */
};
const struct fins_area *fins_area_of(uint8_t code);

enum { FINS_TCP_FRAME = 2 };

extern const struct oto_names fins_commands, fins_areas, fins_parameters, fins_modes, fins_statuses, fins_end_codes, fins_tcp_commands,
    fins_tcp_errors;
extern const char *const fins_fatal_flags[16], *const fins_non_fatal_flags[16];
const char *fins_unit_word(uint8_t address);

#endif
