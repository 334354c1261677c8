/* slmp.h - what the files of this folder share: the message, the reader of both formats, and who reads which part of it.
 *
 * Clauses: MC is SH-080008 "MELSEC Communication Protocol Reference Manual", SLMP is SH-080956 "SLMP Reference Manual".
 */
#ifndef OTO_SLMP_H
#define OTO_SLMP_H

#include "analyzers/content.h"
#include "slmp_tables.h"

struct slmp_message {
	const char *frame, *format, *pdu_type, *unit_size, *end_word;
	uint16_t serial, module_io, monitoring_timer, command, subcommand, device_code, end_code, mode, model_code, drive, file_pointer,
	    module, abnormal_code, attribute, vendor_code, node_version, node_port, node_status, block;
	uint8_t network, station, multidrop, clear_mode;
	uint32_t head_device, points, extent /* in devices */, doubles, address, password_length, size, node_model;
	struct oto_vec values;
	struct oto_slice devices, model, name, new_name, data;
	struct oto_addr node_ip, new_ip, netmask, gateway;
	struct oto_mac node_mac;
	struct oto_interval latency;
	bool has_serial, has_route, has_timer, has_command, has_subcommand, has_device, has_points, has_values, has_devices, has_end_code,
	    has_mode, has_clear_mode, has_model, has_model_code, has_address, has_password, has_drive, has_name, has_new_name,
	    has_file_pointer, has_module, has_abnormal, has_attribute, has_size, has_data, has_node_mac, has_node, has_block, matched;
};

/* Binary numbers are little endian, ASCII ones hexadecimal digits, most significant first. */
struct slmp_reader {
	struct oto_cur c;
	bool ascii;
};

static inline int slmp_digit(uint8_t b)
{
	return b >= '0' && b <= '9' ? b - '0' : b >= 'A' && b <= 'F' ? b - 'A' + 10 : b >= 'a' && b <= 'f' ? b - 'a' + 10 : -1;
}

static inline uint32_t slmp_digits(struct slmp_reader *r, uint32_t n)
{
	uint32_t value = 0;

	for (uint32_t i = 0; i < n; i++) {
		int d = slmp_digit(oto_u8(&r->c));
		if (d < 0)
			r->c.bad = true;
		value = value << 4 | (uint32_t)(d & 15);
	}
	return r->c.bad ? 0 : value;
}

static inline uint32_t slmp_num(struct slmp_reader *r, uint32_t bytes)
{
	uint32_t value = 0;

	if (r->ascii)
		return slmp_digits(r, 2 * bytes);
	for (uint32_t i = 0; i < bytes; i++)
		value |= (uint32_t)oto_u8(&r->c) << 8 * i;
	return r->c.bad ? 0 : value;
}

/* ------------------------------------------------------------------------------------------------ slmp_frame.c */

struct slmp_shape {
	uint8_t frame; /* enum slmp_frame, or 0 for none */
	bool ascii, response;
};
enum { SLMP_INSIDE_MAX = 15 }; /* keys of the channels that carry SLMP */
enum slmp_frame { SLMP_1E = 1, SLMP_3E = 3, SLMP_4E = 4, SLMP_LMT = 5 };

/* What frame 1E asked on this flow: its responses tell neither length nor points. */
enum { SLMP_ASKED_MAX = 8, SLMP_FILES_MAX = 4, SLMP_NAME_MAX = 64 };
struct slmp_file {
	uint16_t pointer;
	bool open, lost;              /* lost: bytes are missing since it was opened */
	struct content read, written; /* what went over one handle both ways is two contents */
	int64_t since_ns;
	uint64_t op_id;
	uint8_t name_len;
	uint8_t name[SLMP_NAME_MAX];
};
struct slmp_flow {
	struct {
		uint8_t command;
		uint16_t answer; /* bytes of data in binary */
	} asked[SLMP_ASKED_MAX];
	uint8_t count;
	uint16_t monitored;      /* bytes that the monitor command of frame 1E answers */
	uint8_t doubles;         /* double words that execute_monitor answers */
	uint16_t monitor_points; /* of frame 1E's monitor command */
	struct slmp_file files[SLMP_FILES_MAX];
	uint32_t opened; /* files so far: the oldest gives way */
};

/* Reads the subheader; MC 5: no code of one form begins another. */
struct slmp_shape slmp_take_subheader(struct slmp_reader *r);
/* Serial, route and length: what stands between subheader and timer or end code. False when this is none. */
bool slmp_take_route(struct slmp_reader *r, const struct slmp_shape *s, struct slmp_message *m, uint32_t *length, bool strict);
/* Bytes of data in binary behind the header of a 1E request, -1 when only the datagram or segment tells, -2 when more is needed. */
int32_t slmp_length_1e(struct slmp_reader r, uint8_t command, uint16_t *answer);
bool slmp_on_known_port(const struct oto_ctx *cx);
enum oto_answer slmp_probe(const struct oto_ctx *cx, struct oto_cur c);
int64_t slmp_pdu_len(const struct oto_ctx *cx, struct oto_cur c);

/* ------------------------------------------------------------------------------------------------ parts of a message */

/* What a request leaves for its response. */
struct slmp_note {
	uint32_t head_device, points, extent, doubles, address;
	uint16_t command, subcommand, device_code, drive, file_pointer, module;
	bool has_device, has_points, has_subcommand, has_address, has_drive, has_file_pointer, has_module, has_node_mac;
	uint8_t name_len;
	uint8_t name[SLMP_NAME_MAX];
	struct oto_mac node_mac;
	struct oto_addr new_ip;
};

struct slmp_parse {
	struct oto_ctx *cx;
	struct slmp_message *m;
	struct slmp_reader r;
	const struct oto_name *row; /* of the command, or NULL */
	bool frame_1e;
	struct oto_slice content; /* of a file, in binary; borrowed */
	struct {                  /* text being made */
		uint8_t *at;
		uint32_t len;
	} text;
};

static inline bool slmp_by_bit(const struct slmp_message *m)
{
	return m->command < 0x100 ? m->command <= 0x08 && !(m->command & 1) : m->subcommand & 1;
}

/* slmp_text.c: words that are put together in scratch memory. */
void slmp_text_begin(struct slmp_parse *p);
struct oto_slice slmp_text_end(const struct slmp_parse *p);
bool slmp_text_full(const struct slmp_parse *p);
void slmp_put(struct slmp_parse *p, const char *s);
void slmp_put_byte(struct slmp_parse *p, uint8_t b);
void slmp_put_number(struct slmp_parse *p, uint32_t n, uint32_t base);
/* UTF-16 characters, shown as far as they are ASCII. */
void slmp_put_wide(struct slmp_parse *p, uint32_t characters);

/* slmp_device.c: devices, labels, and their values. */
void slmp_take_range(struct slmp_parse *p, bool writes);
void slmp_take_random(struct slmp_parse *p, bool writes);
void slmp_take_blocks(struct slmp_parse *p, bool writes);
void slmp_take_extension_files(struct slmp_parse *p, bool writes);
void slmp_take_labels(struct slmp_parse *p, bool arrays, bool writes);
void slmp_take_label_values(struct slmp_parse *p, bool arrays);
void slmp_take_words(struct slmp_parse *p, uint32_t n);
void slmp_take_mixed(struct slmp_parse *p, uint32_t doubles);
void slmp_take_bytes(struct slmp_parse *p, uint32_t n);
void slmp_take_values(struct slmp_parse *p, uint32_t points, bool bits);

/* slmp_command.c: what else commands carry, by the letters of their layout; and what answers carry. */
void slmp_take_part(struct slmp_parse *p, char part);
void slmp_take_answer(struct slmp_parse *p);
struct oto_operation slmp_operation(const struct slmp_parse *p);
void slmp_tell_facts(struct slmp_parse *p);

/* slmp_file.c: files that are read and written piece by piece, told as one transfer. */
void slmp_file_request(struct slmp_parse *p);
void slmp_file_answer(struct slmp_parse *p, const struct oto_match *match);
void slmp_files_gap(struct slmp_flow *flow);
void slmp_files_end(struct oto_ctx *cx);

#endif
