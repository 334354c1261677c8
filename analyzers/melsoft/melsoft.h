/* melsoft.h - what the files of this folder share: the message, what a request leaves for its response, who reads which content.
 */
#ifndef OTO_MELSOFT_H
#define OTO_MELSOFT_H

#include "oto_plugin.h"

enum { MELSOFT_NAME_MAX = 96, MELSOFT_TO_WRITE = 0x0100, MELSOFT_ERROR_MIN = 0x1000 };
enum melsoft_command {
	MELSOFT_READ_MEMORY = 0x0410,
	MELSOFT_MONITOR = 0x0411,
	MELSOFT_WRITE_MEMORY = 0x1410,
	MELSOFT_FIND = 0x185f,
	MELSOFT_OPEN = 0x1867,
	MELSOFT_READ = 0x1868,
	MELSOFT_WRITE = 0x1869,
	MELSOFT_CLOSE = 0x186a,
};

struct melsoft_message {
	const char *pdu_type;
	uint16_t command, serial, end_code, model_code, module_io, area, mode, drive, file_pointer;
	uint8_t network, station;
	uint32_t address, position, points, size;
	struct oto_slice model, file, devices, data;
	struct oto_slice content; /* a part of a file; not a field */
	struct oto_interval latency;
	bool has_serial, has_end_code, has_model, has_model_code, has_file, has_data, has_route, has_area, has_address, has_position,
	    has_points, has_devices, has_mode, has_drive, has_file_pointer, has_size, matched;
};

struct melsoft_note {
	uint16_t word; /* the one at the place of the end code: some responses repeat it */
	uint16_t mode, file_pointer;
	uint32_t position, size;
	struct oto_addr tool;
	uint8_t name_len;
	uint8_t name[MELSOFT_NAME_MAX];
};

/* melsoft_content.c. What does not fit the layout that captures show is left in `data`. */
extern const struct oto_names melsoft_areas;
void melsoft_request_content(struct oto_ctx *cx, struct oto_cur c, struct melsoft_message *m);
void melsoft_answer_content(struct oto_cur c, struct melsoft_message *m);
void melsoft_note_file(const struct melsoft_message *m, struct melsoft_note *note);
/* May what stands behind a command be shown as it is? Not where a password may be in it. */
bool melsoft_may_show(uint16_t command, bool response);

/* melsoft_file.c: files that are read and written piece by piece, told as one transfer. */
void melsoft_file_request(struct oto_ctx *cx, const struct melsoft_message *m);
void melsoft_file_answer(struct oto_ctx *cx, const struct melsoft_message *m, const struct melsoft_note *note,
			 const struct oto_match *match);

#endif
