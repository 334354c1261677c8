/* pccc_tables.h - words of PCCC: commands and functions with what they do, statuses, file types. "DF1 Protocol and Command Set"
 * (1770-6.5.16). */
#ifndef OTO_ANALYZERS_PCCC_TABLES_H
#define OTO_ANALYZERS_PCCC_TABLES_H

#include "oto_plugin.h"

/* A command and, where it has one, its function as one number: 0x0fa2; 0x01ff has none. */
enum { PCCC_NO_FUNCTION = 0xff };
#define PCCC_CODE(command, function) ((uint32_t)(command) << 8 | (function))

enum {
	PCCC_PROTECTED_WRITE = 0x00ff,
	PCCC_UNPROTECTED_READ = 0x01ff,
	PCCC_PROTECTED_BIT_WRITE = 0x02ff,
	PCCC_UNPROTECTED_BIT_WRITE = 0x05ff,
	PCCC_UNPROTECTED_WRITE = 0x08ff,
	PCCC_DIAGNOSTIC_STATUS = 0x0603,
	PCCC_WORD_RANGE_WRITE = 0x0f00,
	PCCC_WORD_RANGE_READ = 0x0f01,
	PCCC_BIT_WRITE = 0x0f02,
	PCCC_READ_PHYSICAL = 0x0f17,
	PCCC_WRITE_PHYSICAL = 0x0f18,
	PCCC_READ_MODIFY_WRITE = 0x0f26,
	PCCC_SET_CPU_MODE = 0x0f3a,
	PCCC_DOWNLOAD_ALL = 0x0f50,
	PCCC_DOWNLOAD_COMPLETED = 0x0f52,
	PCCC_UPLOAD_ALL = 0x0f53,
	PCCC_UPLOAD_COMPLETED = 0x0f55,
	PCCC_TYPED_WRITE = 0x0f67,
	PCCC_TYPED_READ = 0x0f68,
	PCCC_READ_MODIFY_WRITE_N = 0x0f79,
	PCCC_CHANGE_MODE = 0x0f80,
	PCCC_OPEN_FILE = 0x0f81,
	PCCC_CLOSE_FILE = 0x0f82,
	PCCC_EXECUTE_MULTIPLE = 0x0f88,
	PCCC_READ_2 = 0x0fa1,
	PCCC_READ_3 = 0x0fa2,
	PCCC_READ_FILE = 0x0fa7,
	PCCC_WRITE_2 = 0x0fa9,
	PCCC_WRITE_3 = 0x0faa,
	PCCC_WRITE_MASKED = 0x0fab,
	PCCC_WRITE_FILE = 0x0faf,
};

extern const struct oto_names pccc_commands, pccc_functions, pccc_statuses, pccc_extended_statuses, pccc_file_types, pccc_slc_modes,
    pccc_plc5_modes;

/* The row of a command, or NULL. */
const struct oto_name *pccc_function_of(uint32_t code);

/* How a data file of an SLC is called in addresses, and what its words are. */
struct pccc_file {
	uint8_t type;
	const char *letter;
	uint8_t kind;        /* enum oto_vec_kind of its elements, with width */
	uint8_t width;       /* of one value; 0: shown as bytes */
	int8_t usual;        /* file number that addresses leave out; -1: none */
	const char *subs[3]; /* words for the sub-elements */
};
const struct pccc_file *pccc_file_of(uint8_t type);

#endif
