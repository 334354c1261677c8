/* s7comm_tables.h - the words of S7comm: what its numbers mean, and what each command does to a machine. */
#ifndef S7COMM_TABLES_H
#define S7COMM_TABLES_H

#include "oto_plugin.h"

extern const struct oto_names s7_rosctrs, s7_functions, s7_error_classes, s7_errors, s7_return_codes, s7_syntaxes, s7_areas, s7_sizes,
    s7_data_sizes, s7_szls, s7_methods, s7_accesses, s7_pdu_types, s7_languages, s7_block_functions, s7_info_functions, s7_event_classes,
    s7_alarm_kinds;

/* Functions of jobs and answers are numbered as they are; those of user data by their type and group. */
enum { S7_USER = 0x100 };
enum {
	S7_CPU_SERVICES = 0,
	S7_READ = 0x04,
	S7_WRITE = 0x05,
	S7_REQUEST_DOWNLOAD = 0x1a,
	S7_DOWNLOAD_BLOCK,
	S7_DOWNLOAD_ENDED,
	S7_START_UPLOAD,
	S7_UPLOAD,
	S7_END_UPLOAD,
	S7_PI_SERVICE = 0x28,
	S7_PLC_STOP,
	S7_SETUP = 0xf0
};

/* Function groups of user data. */
enum { S7_MODE, S7_PROGRAMMER, S7_CYCLIC, S7_BLOCKS, S7_CPU, S7_SECURITY, S7_PBC, S7_TIME, S7_ROUTED = 0x20, S7_NC = 0x3f };

/* Subfunctions are numbered with their group above. */
#define S7_SUB(group, sub) ((uint16_t)((group) << 8 | (sub)))

enum { S7_ALARM_IND = 0x16, S7_ALARM_ACK = 0x19, S7_ALARM_QUERY = 0x1a, S7_NOTIFY_IND = 0x1c };
enum { S7_ANY = 0x10, S7_NCK = 0x82, S7_NCK_M, S7_NCK_I, S7_DRIVE = 0xa2, S7_DB = 0xb0, S7_SYMBOL = 0xb2, S7_WATCH = 0xfe };
enum { S7_AREA_C = 0x1c, S7_AREA_T = 0x1d, S7_AREA_DB = 0x84, S7_AREA_DI = 0x85, S7_AREA_M = 0x83 };
enum { S7_BIT = 1, S7_REAL = 8, S7_COUNTER = 28, S7_TIMER = 29 };
enum { S7_DATA_BIT = 3, S7_DATA_BYTE, S7_DATA_INTEGER, S7_DATA_DINTEGER, S7_DATA_REAL, S7_DATA_OCTETS = 9 };
enum { S7_UNCHANGED = 0xfe, S7_OK = 0xff, S7_NO_OBJECT = 0x0a };
enum { ACCESS_READ = 1, ACCESS_WRITE, ACCESS_CYCLIC, ACCESS_WATCH, ACCESS_MODIFY };

/* The word for a header's or a parameter's error; never NULL. */
const char *s7_error_word(uint16_t error);
/* The word for a variable's return code; never NULL. */
const char *s7_return_word(uint8_t code);
/* Bytes of an element of a transport size; 0 when that is not known. */
enum { S7_WIDTHS = 30 };
extern const uint8_t s7_widths[S7_WIDTHS];
static inline uint32_t s7_size_width(uint8_t size)
{
	return size < S7_WIDTHS ? s7_widths[size] : 0;
}
/* "M", "DB": the short name of an area that people write, or NULL. */
const char *s7_area_letter(uint8_t area);

/* PI services by name. */
struct s7_service {
	const char *name, *word;
	uint32_t op;
	const char *func;
	bool secret; /* an argument is a password */
};
const struct s7_service *s7_service_of(struct oto_slice name);
const struct s7_service *s7_service_at(uint32_t row); /* from 1 */
uint32_t s7_service_row(const struct s7_service *service);

/* "Data Block" of "0A" or "DB" as a file name or a block list writes it; "Unknown". */
const char *s7_block_long(struct oto_slice type);
const char *s7_block_short(struct oto_slice type);

/* Operating mode of a mode transition and of SZL 0x0424, as a fact. */
const char *s7_mode_word(uint8_t subfunction);
const char *s7_state_word(uint8_t state);
/* A subfunction's row: its name and op. NULL when it is not known. */
const struct oto_name *s7_subfunction(uint16_t subfunction);
extern const struct oto_names s7_subfunctions;

#endif
