/* fins.h - what the files of this folder share: the message, and who reads and tells which part of it.
 *
 * Clauses as in fins_tables.h.
 */
#ifndef OTO_FINS_H
#define OTO_FINS_H

#include "analyzers/content.h"
#include "analyzers/say.h"
#include "fins_tables.h"

enum { FINS_NAME = 12, FINS_CPU_BUS_UNITS = 16 };

/* An optional field has a bool that guards it. Texts and lists that are absent need none. */
struct fins_message {
	const char *icf_data_type, *icf_gateway, *icf_response_setting, *destination_unit, *source_unit;
	uint8_t gateway_count, service_id, destination_network_address, destination_node_number, destination_unit_address;
	uint8_t source_network_address, source_node_number, source_unit_address;
	uint8_t memory_area_code, bit, to_memory_area_code, to_bit, run_mode, status, parameter, iom_size, timer_size, expansion_dm_size,
	    kind_of_memory_card, no_of_units, acquire_network_address, acquire_node_number, acquire_unit_address, message_command;
	uint16_t command_code, response_code, beginning_address, number_of_items, to_address, parameter_area_code, beginning_word,
	    number_of_words, program_no, number_of_bytes, program_area_size, no_of_dm_words, no_of_steps_transitions, memory_card_size,
	    fatal_flags, non_fatal_flags, message_flags, fal_fals_no, disk_no, new_disk_no, parameter_code, first_record, count,
	    data_length, num_of_link_nodes, intelligent_id, max_records, stored_records;
	uint32_t address, word_offset, last_word, password_length, average_cycle_time, max_cycle_time, min_cycle_time, file_position,
	    file_capacity, tcp_length, tcp_command, tcp_error_code;
	struct oto_slice controller_model, controller_version, error_message, file_name, new_file_name, directory, label, items, data;
	struct oto_list fatal_error, non_fatal_error, units, messages, files;
	struct oto_vec values, cpu_bus_unit_config;
	struct oto_time clock;
	struct oto_interval latency;
	bool response_required, relay_error, fatal_cpu_error, non_fatal_cpu_error, last_word_bit, last_data;
	bool is_response, matched, has_area, has_address, has_bit, has_items, has_to, has_parameter_area, has_words, has_program,
	    has_offset, has_last_word, has_password, has_bytes, has_parameter, has_mode, has_identity, has_bus_units, has_status, has_fal,
	    has_clock, has_times, has_disk, has_new_disk, has_parameter_code, has_record, has_count, has_position, has_capacity, has_length,
	    has_link, has_links, has_values, has_data, has_units_read, has_holder, has_message, has_records, has_unit_list, has_messages,
	    has_files, has_tcp;
};

/* What a request leaves for its response. */
struct fins_note {
	uint32_t address, word_offset, file_position;
	uint16_t beginning_address, number_of_items, parameter_area_code, program_no, disk_no, parameter_code;
	uint8_t memory_area_code, bit, run_mode, name_len;
	bool has_area, has_parameter_area, has_program, has_offset, has_disk, has_parameter_code, has_mode, has_position;
	uint8_t name[FINS_NAME];
};

/* A program or file on its way. */
struct fins_transfer {
	bool open, lost, finishing;
	const char *kind;
	uint32_t unanswered;
	struct content content;
	int64_t since_ns;
	uint64_t op_id;
	uint8_t name_len;
	uint8_t name[FINS_NAME];
};
struct fins_flow {
	struct fins_transfer up, down; /* out of and into the device */
};

struct fins_parse {
	struct oto_ctx *cx;
	struct fins_message *m;
	struct oto_cur c; /* what follows the command code, or the end code */
	const struct fins_command *command;
	bool short_of; /* a part that must be there is not */
	struct {       /* text being made */
		uint8_t *at;
		uint32_t len;
	} text;
};

/* fins_part.c: the parts of a message, by the letters of its layout. */
void fins_take_parts(struct fins_parse *p, const char *layout);
struct oto_slice fins_take_name(struct fins_parse *p);
/* Two decimal digits in a byte; above 99 when they are none. */
unsigned fins_bcd(uint8_t byte);
/* A year of two digits: 98 to 97 is 1998 to 2097; 0 when it is none. */
unsigned fins_year(uint8_t byte);
struct fins_date {
	unsigned year, month, day, hour, minute, second;
};
/* False when there is no such date. */
bool fins_time(const struct fins_date *d, struct oto_time *out);

/* fins_text.c: words that are put together in scratch memory. */
enum { FINS_TEXT_MAX = 480 };
bool fins_text_begin(struct fins_parse *p);
struct oto_slice fins_text_end(const struct fins_parse *p);
void fins_put(struct fins_parse *p, const char *s);
void fins_put_byte(struct fins_parse *p, uint8_t c);
void fins_put_number(struct fins_parse *p, uint32_t n);
/* A memory area's address as people write it: "DM:10", "CIO_bit:5.3". */
void fins_put_area(struct fins_parse *p, uint8_t area, uint16_t word, uint8_t bit);
/* What hides behind the address that a message goes to or comes from; empty for the device itself. */
struct oto_slice fins_sub(struct fins_parse *p, uint8_t network, uint8_t node, uint8_t unit);
/* Without the zero bytes and blanks at the end of a field of fixed length. */
struct oto_slice fins_trim(struct oto_slice s);

/* fins_events.c: what is said, and the rows of lists. */
enum fins_event { FINS_MESSAGE, FINS_TCP, FINS_FILE, FINS_RECORD, FINS_NODE, FINS_EVENTS };
extern const struct oto_event_type *const fins_events[FINS_EVENTS];
struct fins_tcp {
	uint32_t command, error, client_node, server_node;
	bool has_client, has_server;
};
/* The rows of lists in a response: files of a listing, records of a log, nodes of a network. p->c stands at the first. */
void fins_tell_files(struct fins_parse *p);
void fins_tell_file(struct fins_parse *p);
void fins_tell_errors(struct fins_parse *p);
void fins_tell_writes(struct fins_parse *p);
void fins_tell_nodes(struct fins_parse *p);

/* fins_transfer.c: programs and files that go over piece by piece, told as one transfer. */
void fins_transfer_request(struct fins_parse *p, uint64_t op_id);
void fins_transfer_answer(struct fins_parse *p, const struct oto_match *match);
void fins_transfer_gap(struct fins_flow *flow);
void fins_transfer_close(struct oto_ctx *cx);

static inline const char *fins_end_word(uint16_t code)
{
	const struct oto_name *row = oto_name_of(&fins_end_codes, code);

	return row ? row->name : "unknown";
}

#endif
