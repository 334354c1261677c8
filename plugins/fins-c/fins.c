/* fins.c - Omron FINS over UDP and TCP, as a plugin written in C. The same dissector in Lua is ../fins.lua; both say the same.
 *
 * Build it against the installed header (see README.md), then: otoscope -r plant.pcap --plugin ./fins.so
 * Clauses: W342 is Omron's "CS/CJ Series Communications Commands Reference Manual", W421 the "Ethernet Units Construction of Applications".
 */
#include <otoscope/oto_plugin.h>

#include <stdio.h>

/* ------------------------------------------------------------------------------------------------ 1. what the numbers mean */

/* Commands (W342 5-1-1): what each does to the device, and what follows the command code, a letter a part:
 *
 *   a memory area      w word address     b bit            n number of items    A W B the same of a transfer's destination
 *   p parameter area   g program number   o word offset    m run mode           v model and version, if they are here
 *   s CPU status       c clock            t cycle times    d disk               f file name, N its new name
 *   F FAL number       x two bytes of no interest          D all the rest       ? what follows may be missing
 */
struct command {
	const char *request, *response;
};
#define COMMANDS(X)                                                                                                                        \
	X(0x0101, "memory_area_read", READ, "awbn", "D")                                                                                   \
	X(0x0102, "memory_area_write", WRITE, "awbnD", "")                                                                                 \
	X(0x0103, "memory_area_fill", WRITE, "awbnD", "")                                                                                  \
	X(0x0104, "multiple_memory_area_read", READ, "awbD", "D")                                                                          \
	X(0x0105, "memory_area_transfer", WRITE, "awbAWBn", "")                                                                            \
	X(0x0201, "parameter_area_read", READ, "pwn", "pwnD")                                                                              \
	X(0x0202, "parameter_area_write", CONFIGURE, "pwnD", "")                                                                           \
	X(0x0203, "parameter_area_clear", CONFIGURE, "pwnD", "")                                                                           \
	X(0x0220, "data_link_table_read", READ, "D", "D")                                                                                  \
	X(0x0221, "data_link_table_write", CONFIGURE, "D", "")                                                                             \
	X(0x0304, "program_area_protect", AUTHENTICATE, "gD", "")                                                                          \
	X(0x0305, "program_area_protect_clear", AUTHENTICATE, "gD", "")                                                                    \
	X(0x0306, "program_area_read", PROGRAM_READ, "gon", "gonD")                                                                        \
	X(0x0307, "program_area_write", PROGRAM_WRITE, "gonD", "gon")                                                                      \
	X(0x0308, "program_area_clear", PROGRAM_WRITE, "gD", "")                                                                           \
	X(0x0401, "run", START, "?gm", "")                                                                                                 \
	X(0x0402, "stop", STOP, "?g", "")                                                                                                  \
	X(0x0403, "reset", RESET, "?D", "")                                                                                                \
	X(0x0501, "cpu_unit_data_read", DISCOVER, "?D", "vD")                                                                              \
	X(0x0502, "connection_data_read", DISCOVER, "?D", "D")                                                                             \
	X(0x0601, "cpu_unit_status_read", DIAGNOSE, "", "s")                                                                               \
	X(0x0602, "network_status_read", DIAGNOSE, "?D", "D")                                                                              \
	X(0x0603, "data_link_status_read", DIAGNOSE, "?D", "D")                                                                            \
	X(0x0620, "cycle_time_read", DIAGNOSE, "D", "?t")                                                                                  \
	X(0x0701, "clock_read", READ, "", "c")                                                                                             \
	X(0x0702, "clock_write", TIME, "c", "")                                                                                            \
	X(0x0801, "internode_echo_test", DIAGNOSE, "D", "D")                                                                               \
	X(0x0802, "broadcast_test_results_read", DIAGNOSE, "?D", "D")                                                                      \
	X(0x0803, "broadcast_test_data_send", DIAGNOSE, "D", "")                                                                           \
	X(0x0920, "message_read_clear", DIAGNOSE, "D", "?D")                                                                               \
	X(0x0c01, "access_right_acquire", AUTHENTICATE, "?g", "?D")                                                                        \
	X(0x0c02, "access_right_forced_acquire", AUTHENTICATE, "?g", "")                                                                   \
	X(0x0c03, "access_right_release", AUTHENTICATE, "?g", "")                                                                          \
	X(0x2101, "error_clear", RESET, "F", "")                                                                                           \
	X(0x2102, "error_log_read", DIAGNOSE, "D", "D")                                                                                    \
	X(0x2103, "error_log_clear", RESET, "", "")                                                                                        \
	X(0x2140, "write_access_log_read", DIAGNOSE, "D", "D")                                                                             \
	X(0x2141, "write_access_log_clear", RESET, "", "")                                                                                 \
	X(0x2201, "file_name_read", READ, "dD", "D")                                                                                       \
	X(0x2202, "single_file_read", READ, "dfD", "D")                                                                                    \
	X(0x2203, "single_file_write", WRITE, "xdfD", "")                                                                                  \
	X(0x2204, "file_memory_format", WRITE, "d", "")                                                                                    \
	X(0x2205, "file_delete", WRITE, "dxfD", "?D")                                                                                      \
	X(0x2206, "volume_label_create_delete", WRITE, "dD", "")                                                                           \
	X(0x2207, "file_copy", WRITE, "dfxND", "")                                                                                         \
	X(0x2208, "file_name_change", WRITE, "dfND", "")                                                                                   \
	X(0x2209, "file_data_check", DIAGNOSE, "dfD", "")                                                                                  \
	X(0x220a, "memory_area_file_transfer", WRITE, "xawbndfD", "?D")                                                                    \
	X(0x220b, "parameter_area_file_transfer", CONFIGURE, "xpwndfD", "?D")                                                              \
	X(0x220c, "program_area_file_transfer", PROGRAM_WRITE, "xgoxxdfD", "?D")                                                           \
	X(0x220f, "file_memory_index_read", READ, "D", "D")                                                                                \
	X(0x2210, "file_memory_read", READ, "D", "D")                                                                                      \
	X(0x2211, "file_memory_write", WRITE, "D", "")                                                                                     \
	X(0x2215, "directory_create_delete", WRITE, "dD", "")                                                                              \
	X(0x2220, "memory_cassette_transfer", PROGRAM_WRITE, "D", "?D")                                                                    \
	X(0x2301, "forced_set_reset", WRITE, "nxawbD", "")                                                                                 \
	X(0x2302, "forced_set_reset_cancel", WRITE, "", "")                                                                                \
	X(0x230a, "multiple_forced_status_read", READ, "awbD", "D")                                                                        \
	X(0x2601, "name_set", CONFIGURE, "D", "")                                                                                          \
	X(0x2602, "name_delete", CONFIGURE, "?D", "")                                                                                      \
	X(0x2603, "name_read", READ, "?D", "D")
#define NAME(code, name, op, request, response) { code, name, OTO_OP_##op, NULL },
#define LAYOUT(code, name, op, request, response) { request, response },
static const struct oto_name command_rows[] = { COMMANDS(NAME) };
static const struct command layouts[] = { COMMANDS(LAYOUT) }; /* row by row with command_rows */
static const struct oto_names commands = OTO_NAMES(command_rows);

/* Memory areas (W342 5-2-2): word areas by their manuals' letters, the bits of an area with "_bit". CV: addresses of CV-mode units. */
static const struct oto_name area_rows[] = {
	{ 0x82, "DM", 0, NULL },
	{ 0x02, "DM_bit", 0, NULL },
	{ 0xb0, "CIO", 0, NULL },
	{ 0x30, "CIO_bit", 0, NULL },
	{ 0xb1, "W", 0, NULL },
	{ 0x31, "W_bit", 0, NULL },
	{ 0xb2, "H", 0, NULL },
	{ 0x32, "H_bit", 0, NULL },
	{ 0xb3, "A", 0, NULL },
	{ 0x33, "A_bit", 0, NULL },
	{ 0xf0, "CIO_forced", 0, NULL },
	{ 0x70, "CIO_bit_forced", 0, NULL },
	{ 0xf1, "W_forced", 0, NULL },
	{ 0x71, "W_bit_forced", 0, NULL },
	{ 0xf2, "H_forced", 0, NULL },
	{ 0x72, "H_bit_forced", 0, NULL },
	{ 0x89, "TC", 0, NULL },
	{ 0x09, "TC_flag", 0, NULL },
	{ 0x49, "TC_flag_forced", 0, NULL },
	{ 0x06, "task_bit", 0, NULL },
	{ 0x46, "task", 0, NULL },
	{ 0xdc, "IR", 0, NULL },
	{ 0xbc, "DR", 0, NULL },
	{ 0x07, "clock_pulse", 0, NULL },
	{ 0x98, "EM", 0, NULL },
	{ 0x0a, "EM_bit", 0, NULL },
	{ 0xa0, "E0", 0, NULL },
	{ 0xa1, "E1", 0, NULL },
	{ 0xa2, "E2", 0, NULL },
	{ 0xa3, "E3", 0, NULL },
	{ 0xa4, "E4", 0, NULL },
	{ 0xa5, "E5", 0, NULL },
	{ 0xa6, "E6", 0, NULL },
	{ 0xa7, "E7", 0, NULL },
	{ 0xa8, "E8", 0, NULL },
	{ 0xa9, "E9", 0, NULL },
	{ 0xaa, "EA", 0, NULL },
	{ 0xab, "EB", 0, NULL },
	{ 0xac, "EC", 0, NULL },
	{ 0x20, "E0_bit", 0, NULL },
	{ 0x21, "E1_bit", 0, NULL },
	{ 0x22, "E2_bit", 0, NULL },
	{ 0x23, "E3_bit", 0, NULL },
	{ 0x24, "E4_bit", 0, NULL },
	{ 0x25, "E5_bit", 0, NULL },
	{ 0x26, "E6_bit", 0, NULL },
	{ 0x27, "E7_bit", 0, NULL },
	{ 0x28, "E8_bit", 0, NULL },
	{ 0x29, "E9_bit", 0, NULL },
	{ 0x2a, "EA_bit", 0, NULL },
	{ 0x2b, "EB_bit", 0, NULL },
	{ 0x2c, "EC_bit", 0, NULL },
	{ 0x80, "CV_CIO", 0, NULL },
	{ 0x00, "CV_CIO_bit", 0, NULL },
	{ 0xc0, "CV_CIO_forced", 0, NULL },
	{ 0x40, "CV_CIO_bit_forced", 0, NULL },
	{ 0x81, "CV_TC", 0, NULL },
	{ 0x01, "CV_TC_flag", 0, NULL },
	{ 0x41, "CV_TC_flag_forced", 0, NULL },
	{ 0x03, "CV_transition", 0, NULL },
	{ 0x04, "CV_step", 0, NULL },
	{ 0x90, "CV_E0", 0, NULL },
	{ 0x91, "CV_E1", 0, NULL },
	{ 0x92, "CV_E2", 0, NULL },
	{ 0x93, "CV_E3", 0, NULL },
	{ 0x94, "CV_E4", 0, NULL },
	{ 0x95, "CV_E5", 0, NULL },
	{ 0x96, "CV_E6", 0, NULL },
	{ 0x97, "CV_E7", 0, NULL },
	{ 0x9c, "CV_register", 0, NULL },
	{ 0x1b, "CV_action", 0, NULL },
	{ 0xdd, "CV_interrupt", 0, NULL },
};
static const struct oto_names areas = OTO_NAMES(area_rows);

static const struct oto_name parameter_rows[] = {
	{ 0x8000, "all", 0, NULL },      { 0x8010, "plc_setup", 0, NULL },      { 0x8011, "peripheral_settings", 0, NULL },
	{ 0x8012, "io_table", 0, NULL }, { 0x8013, "routing_tables", 0, NULL }, { 0x8002, "cpu_bus_unit_setup", 0, NULL },
};
static const struct oto_names parameters = OTO_NAMES(parameter_rows);

static const struct oto_name mode_rows[] = {
	{ 0, "program", 0, NULL }, { 1, "debug", 0, NULL }, { 2, "monitor", 0, NULL }, { 4, "run", 0, NULL }
};
static const struct oto_names modes = OTO_NAMES(mode_rows);
static const struct oto_name status_rows[] = { { 0, "stopped", 0, NULL }, { 1, "running", 0, NULL }, { 0x80, "standby", 0, NULL } };
static const struct oto_names statuses = OTO_NAMES(status_rows);

/* End codes (W342 5-1-3). */
static const struct oto_name end_code_rows[] = {
	{ 0x0000, "normal", 0, NULL },
	{ 0x0001, "service_interrupted", 0, NULL },
	{ 0x0101, "local_node_not_in_network", 0, NULL },
	{ 0x0102, "token_timeout", 0, NULL },
	{ 0x0103, "retries_failed", 0, NULL },
	{ 0x0104, "too_many_send_frames", 0, NULL },
	{ 0x0105, "node_address_range", 0, NULL },
	{ 0x0106, "node_address_duplicated", 0, NULL },
	{ 0x0201, "destination_node_not_in_network", 0, NULL },
	{ 0x0202, "unit_missing", 0, NULL },
	{ 0x0203, "third_node_missing", 0, NULL },
	{ 0x0204, "destination_node_busy", 0, NULL },
	{ 0x0205, "response_timeout", 0, NULL },
	{ 0x0301, "communications_controller_error", 0, NULL },
	{ 0x0302, "cpu_unit_error", 0, NULL },
	{ 0x0303, "controller_error", 0, NULL },
	{ 0x0304, "unit_number_error", 0, NULL },
	{ 0x0401, "undefined_command", 0, NULL },
	{ 0x0402, "not_supported_by_model_or_version", 0, NULL },
	{ 0x0501, "destination_address_setting_error", 0, NULL },
	{ 0x0502, "no_routing_tables", 0, NULL },
	{ 0x0503, "routing_table_error", 0, NULL },
	{ 0x0504, "too_many_relays", 0, NULL },
	{ 0x1001, "command_too_long", 0, NULL },
	{ 0x1002, "command_too_short", 0, NULL },
	{ 0x1003, "elements_data_mismatch", 0, NULL },
	{ 0x1004, "command_format_error", 0, NULL },
	{ 0x1005, "header_error", 0, NULL },
	{ 0x1101, "area_classification_missing", 0, NULL },
	{ 0x1102, "access_size_error", 0, NULL },
	{ 0x1103, "address_range_error", 0, NULL },
	{ 0x1104, "address_range_exceeded", 0, NULL },
	{ 0x1106, "program_missing", 0, NULL },
	{ 0x1109, "relational_error", 0, NULL },
	{ 0x110a, "duplicate_data_access", 0, NULL },
	{ 0x110b, "response_too_long", 0, NULL },
	{ 0x110c, "parameter_error", 0, NULL },
	{ 0x2002, "read_protected", 0, NULL },
	{ 0x2003, "read_table_missing", 0, NULL },
	{ 0x2004, "read_data_missing", 0, NULL },
	{ 0x2005, "read_program_missing", 0, NULL },
	{ 0x2006, "read_file_missing", 0, NULL },
	{ 0x2007, "read_data_mismatch", 0, NULL },
	{ 0x2101, "write_read_only", 0, NULL },
	{ 0x2102, "write_protected", 0, NULL },
	{ 0x2103, "write_cannot_register", 0, NULL },
	{ 0x2105, "write_program_missing", 0, NULL },
	{ 0x2106, "write_file_missing", 0, NULL },
	{ 0x2107, "write_file_exists", 0, NULL },
	{ 0x2108, "write_cannot_change", 0, NULL },
	{ 0x2201, "not_executable_while_running", 0, NULL },
	{ 0x2202, "not_executable_while_stopped", 0, NULL },
	{ 0x2203, "wrong_mode_program", 0, NULL },
	{ 0x2204, "wrong_mode_debug", 0, NULL },
	{ 0x2205, "wrong_mode_monitor", 0, NULL },
	{ 0x2206, "wrong_mode_run", 0, NULL },
	{ 0x2207, "not_polling_node", 0, NULL },
	{ 0x2208, "step_not_executable", 0, NULL },
	{ 0x2301, "file_device_missing", 0, NULL },
	{ 0x2302, "memory_missing", 0, NULL },
	{ 0x2303, "clock_missing", 0, NULL },
	{ 0x2401, "table_missing", 0, NULL },
	{ 0x2502, "memory_error", 0, NULL },
	{ 0x2503, "io_setting_error", 0, NULL },
	{ 0x2504, "too_many_io_points", 0, NULL },
	{ 0x2505, "cpu_bus_error", 0, NULL },
	{ 0x2506, "io_duplication", 0, NULL },
	{ 0x2507, "io_bus_error", 0, NULL },
	{ 0x2509, "sysmac_bus2_error", 0, NULL },
	{ 0x250a, "cpu_bus_unit_error", 0, NULL },
	{ 0x250d, "sysmac_bus_duplication", 0, NULL },
	{ 0x250f, "internal_memory_error", 0, NULL },
	{ 0x2510, "sysmac_bus_terminator_missing", 0, NULL },
	{ 0x2601, "not_protected", 0, NULL },
	{ 0x2602, "incorrect_password", 0, NULL },
	{ 0x2604, "protected", 0, NULL },
	{ 0x2605, "service_already_executing", 0, NULL },
	{ 0x2606, "service_stopped", 0, NULL },
	{ 0x2607, "no_execution_right", 0, NULL },
	{ 0x2608, "settings_required", 0, NULL },
	{ 0x2609, "necessary_items_not_set", 0, NULL },
	{ 0x260a, "number_already_defined", 0, NULL },
	{ 0x260b, "error_will_not_clear", 0, NULL },
	{ 0x3001, "no_access_right", 0, NULL },
	{ 0x4001, "service_aborted", 0, NULL },
};
static const struct oto_names end_codes = OTO_NAMES(end_code_rows);

/* FINS/TCP (W421 7-4). */
enum { TCP_FRAME = 2 };
static const struct oto_name tcp_command_rows[] = {
	{ 0, "client_node_address", 0, NULL },      { 1, "server_node_address", 0, NULL },     { TCP_FRAME, "frame", 0, NULL },
	{ 3, "frame_error_notification", 0, NULL }, { 6, "connection_confirmation", 0, NULL },
};
static const struct oto_names tcp_commands = OTO_NAMES(tcp_command_rows);
static const struct oto_name tcp_error_rows[] = {
	{ 0x00, "normal", 0, NULL },
	{ 0x01, "not_fins", 0, NULL },
	{ 0x02, "too_long", 0, NULL },
	{ 0x03, "unknown_command", 0, NULL },
	{ 0x20, "all_connections_in_use", 0, NULL },
	{ 0x21, "node_already_connected", 0, NULL },
	{ 0x22, "address_not_allowed", 0, NULL },
	{ 0x23, "client_node_out_of_range", 0, NULL },
	{ 0x24, "node_address_in_use", 0, NULL },
	{ 0x25, "no_node_address_left", 0, NULL },
};
static const struct oto_names tcp_errors = OTO_NAMES(tcp_error_rows);

/* ------------------------------------------------------------------------------------------------ 2. what is said */

/* Plain C. An optional field has a bool that guards it. */
struct fins_message {
	const char *icf_data_type;
	uint8_t gateway_count, service_id, destination_network_address, destination_node_number, destination_unit_address;
	uint8_t source_network_address, source_node_number, source_unit_address;
	uint8_t memory_area_code, bit, to_memory_area_code, to_bit, run_mode, status;
	uint16_t command_code, response_code, beginning_address, number_of_items, to_address, parameter_area_code, program_no, fatal_error,
	    non_fatal_error, message_flags, fal_fals_no, disk_no;
	uint32_t word_offset, average_cycle_time, max_cycle_time, min_cycle_time;
	struct oto_slice controller_model, controller_version, error_message, file_name, new_file_name, data;
	struct oto_time clock;
	struct oto_interval latency;
	bool response_required, relay_error, cpu_error;
	bool is_response, matched, has_area, has_address, has_bit, has_items, has_to_area, has_to_address, has_to_bit, has_parameter,
	    has_program, has_offset, has_mode, has_identity, has_status, has_clock, has_times, has_disk, has_file, has_new_file, has_fal,
	    has_data;
};

/* The table says name, meaning, words and guard of each field. From it come Lua access, filters, logs and the reference page. */
#define F(m, doc, ...) OTO_FIELD(struct fins_message, m, doc, __VA_ARGS__)
#define IF(has) .guard = OTO_IF(struct fins_message, has)
static const struct oto_field message_fields[] = {
	F(icf_data_type, "command or response"),
	F(response_required, "the sender of the command wants a response"),
	F(gateway_count, "relays that are still allowed"),
	F(destination_network_address, "0 is the local network"),
	F(destination_node_number, "0 is the addressed device itself, 255 all nodes"),
	F(destination_unit_address, "0 is the CPU unit"),
	F(source_network_address, "0 is the local network"),
	F(source_node_number, "node of the sender"),
	F(source_unit_address, "0 is the CPU unit"),
	F(service_id, "copied into the response"),
	F(command_code, "MRC and SRC", .names = &commands),
	F(response_code, "MRES and SRES without flags", .names = &end_codes, IF(is_response)),
	F(relay_error, "the error arose in a relay", IF(is_response)),
	F(cpu_error, "the CPU unit has an error", IF(is_response)),
	F(latency, "time since the command", IF(matched)),
	F(memory_area_code, "memory area", .names = &areas, IF(has_area)),
	F(beginning_address, "first word", IF(has_address)),
	F(bit, "bit of that word", IF(has_bit)),
	F(number_of_items, "words, bits or bytes", IF(has_items)),
	F(to_memory_area_code, "memory area that a transfer writes", .names = &areas, IF(has_to_area)),
	F(to_address, "first word that a transfer writes", IF(has_to_address)),
	F(to_bit, "bit of that word", IF(has_to_bit)),
	F(parameter_area_code, "parameter area", .names = &parameters, IF(has_parameter)),
	F(program_no, "program number, 65535 for all", IF(has_program)),
	F(word_offset, "first word of the program area", IF(has_offset)),
	F(run_mode, "operating mode, asked for or told", .names = &modes, IF(has_mode)),
	F(controller_model, "model of the CPU unit", IF(has_identity)),
	F(controller_version, "its version", IF(has_identity)),
	F(status, "does the CPU unit execute its program?", .names = &statuses, IF(has_status)),
	F(fatal_error, "fatal error flags", IF(has_status)),
	F(non_fatal_error, "non-fatal error flags", IF(has_status)),
	F(message_flags, "which messages there are", IF(has_status)),
	F(fal_fals_no, "error number set by the program", IF(has_fal)),
	F(error_message, "error text set by the program", IF(has_status)),
	F(average_cycle_time, "in units of 0.1 ms", IF(has_times)),
	F(max_cycle_time, "in units of 0.1 ms", IF(has_times)),
	F(min_cycle_time, "in units of 0.1 ms", IF(has_times)),
	F(clock, "the controller's clock, read or set, taken as UTC", IF(has_clock)),
	F(disk_no, "0x8000 the memory card, 0x8001 file memory", IF(has_disk)),
	F(file_name, "name of a file", IF(has_file)),
	F(new_file_name, "its new name, or the copy's", IF(has_new_file)),
	F(data, "everything else", .flags = OTO_HEX, IF(has_data)),
};
static const struct oto_log message_logs[] = {
	{ .name = "omron_fins",
	  .doc = "Omron FINS commands and responses.",
	  .form = OTO_FORM_AGGREGATE,
	  .flags = OTO_LOG_NOT_ZEEK,
	  .columns = "icf_data_type gateway_count destination_network_address destination_node_number destination_unit_address "
		     "source_network_address source_node_number source_unit_address service_id command_code response_code memory_area_code "
		     "beginning_address number_of_items parameter_area_code program_no run_mode controller_model controller_version clock "
		     "file_name",
	  .extra = "latency data",
	  .key = "orig_h resp_h resp_p is_orig icf_data_type command_code response_code" },
};
static const struct oto_event_type message_type =
    OTO_EVENT("fins.message", struct fins_message, message_fields, "One FINS command or response.", OTO_LOGS(message_logs));

struct fins_tcp {
	uint32_t command, error, client_node, server_node;
	bool has_client, has_server;
};
#define T(m, doc, ...) OTO_FIELD(struct fins_tcp, m, doc, __VA_ARGS__)
static const struct oto_field tcp_fields[] = {
	T(command, "FINS/TCP command", .names = &tcp_commands),
	T(error, "FINS/TCP error code", .names = &tcp_errors),
	T(client_node, "node address of the client; 0 asks for one", .guard = OTO_IF(struct fins_tcp, has_client)),
	T(server_node, "node address of the server", .guard = OTO_IF(struct fins_tcp, has_server)),
};
static const struct oto_event_type tcp_type =
    OTO_EVENT("fins.tcp", struct fins_tcp, tcp_fields, "A FINS/TCP header that carries no FINS message: node addresses, errors.");

static const struct oto_event_type *const events[] = { &message_type, &tcp_type };
enum { EV_MESSAGE, EV_TCP };

/* ------------------------------------------------------------------------------------------------ 3. is it FINS, and where does it end */

enum { PORT = 9600, HEADER = 12, TCP_HEADER = 16, TCP_LENGTH_MAX = 65528 };
enum { ICF_GATEWAY = 0x80, ICF_RESPONSE = 0x40, ICF_NO_RESPONSE = 0x01, ICF_ZERO = 0x3e };

/* W421: "FINS", then the length of what follows the length. 0: it takes more bytes to tell; negative: this is no PDU. */
static int64_t fins_pdu_len(const struct oto_ctx *cx, struct oto_cur c)
{
	uint32_t left = oto_left(&c);

	if (cx->transport != OTO_TCP)
		return left; /* a datagram is one message */
	for (uint32_t i = 0; i < 4 && i < left; i++) {
		if (oto_u8(&c) != "FINS"[i])
			return -1;
	}
	uint32_t length = oto_be32(&c);
	if (c.bad)
		return 0;
	return length >= 8 && length <= TCP_LENGTH_MAX ? 8 + (int64_t)length : -1;
}

static enum oto_answer fins_probe(const struct oto_ctx *cx, struct oto_cur c)
{
	if (cx->transport == OTO_TCP) {
		int64_t length = fins_pdu_len(cx, c);
		return length > 0 ? OTO_MINE : length ? OTO_NOT_MINE : OTO_NEED_MORE;
	}
	bool our_port = oto_dest_port(cx) == PORT || oto_source_port(cx) == PORT;
	uint8_t icf = oto_u8(&c), reserved = oto_u8(&c), gateways = oto_u8(&c);
	oto_skip(&c, 7);
	uint16_t command = oto_be16(&c);
	if (c.bad || icf & ICF_ZERO || reserved)
		return OTO_NOT_MINE;
	return our_port || (icf & ICF_GATEWAY && gateways <= 7 && oto_name_of(&commands, command)) ? OTO_MINE : OTO_NOT_MINE;
}

/* ------------------------------------------------------------------------------------------------ 4. reading it */

/* Text in a field of fixed length ends at its first NUL or at trailing blanks. */
static struct oto_slice text(struct oto_slice s)
{
	uint32_t n = 0;

	while (n < s.len && s.data[n])
		n++;
	while (n && s.data[n - 1] == ' ')
		n--;
	return (struct oto_slice){ s.data, n };
}

/* Two decimal digits in a byte; above 99 when they are none. */
static unsigned bcd(uint8_t byte)
{
	return byte >> 4 > 9 || (byte & 15) > 9 ? 100 : (byte >> 4) * 10u + (byte & 15u);
}

/* Year (98-97 is 1998-2097), month, day, hour, minute, then second and weekday, which a clock write may leave out. */
static bool take_clock(struct oto_cur *c, struct oto_time *out)
{
	unsigned year = bcd(oto_u8(c)), month = bcd(oto_u8(c)), day = bcd(oto_u8(c)), hour = bcd(oto_u8(c)), minute = bcd(oto_u8(c));
	unsigned second = oto_left(c) ? bcd(oto_u8(c)) : 0;

	if (c->bad || year > 99 || month < 1 || month > 12 || day < 1 || day > 31 || hour > 23 || minute > 59 || second > 59)
		return false;
	/* days since 1970 in the Gregorian calendar, counted in years that begin in March */
	unsigned y = year + (year < 98 ? 2000 : 1900) - (month <= 2), m = month + (month > 2 ? -3 : 9);
	int64_t days = y * 365 + y / 4 - y / 100 + y / 400 + (m * 153 + 2) / 5 + day - 1 - 719468;
	out->ns = (days * 86400 + hour * 3600 + minute * 60 + second) * INT64_C(1000000000);
	return true;
}

enum { IDENTITY = 92 }; /* model, version, 40 bytes of system use, 12 of sizes: W342 5-3-15 */

/* One part of a layout. What cannot be read sets c->bad, and its field stays absent. */
static void take_part(struct fins_message *m, struct oto_cur *c, char part)
{
	switch (part) {
	case 'a':
		m->memory_area_code = oto_u8(c);
		m->has_area = !c->bad;
		break;
	case 'w':
		m->beginning_address = oto_be16(c);
		m->has_address = !c->bad;
		break;
	case 'b':
		m->bit = oto_u8(c);
		m->has_bit = !c->bad;
		break;
	case 'n':
		m->number_of_items = oto_be16(c);
		m->has_items = !c->bad;
		break;
	case 'A':
		m->to_memory_area_code = oto_u8(c);
		m->has_to_area = !c->bad;
		break;
	case 'W':
		m->to_address = oto_be16(c);
		m->has_to_address = !c->bad;
		break;
	case 'B':
		m->to_bit = oto_u8(c);
		m->has_to_bit = !c->bad;
		break;
	case 'p':
		m->parameter_area_code = oto_be16(c);
		m->has_parameter = !c->bad;
		break;
	case 'g':
		m->program_no = oto_be16(c);
		m->has_program = !c->bad;
		break;
	case 'o':
		m->word_offset = oto_be32(c);
		m->has_offset = !c->bad;
		break;
	case 'm':
		m->run_mode = oto_u8(c);
		m->has_mode = !c->bad;
		break;
	case 'v':
		if (oto_left(c) < IDENTITY)
			break; /* the other half was asked for: unit configuration */
		m->controller_model = text(oto_take(c, 20));
		m->controller_version = text(oto_take(c, 20));
		m->has_identity = !c->bad;
		break;
	case 's':
		m->status = oto_u8(c);
		m->run_mode = oto_u8(c);
		m->fatal_error = oto_be16(c);
		m->non_fatal_error = oto_be16(c);
		m->message_flags = oto_be16(c);
		m->fal_fals_no = oto_be16(c);
		m->error_message = text(oto_take(c, 16));
		m->has_status = m->has_mode = m->has_fal = !c->bad;
		break;
	case 'c':
		m->has_clock = take_clock(c, &m->clock);
		break;
	case 't':
		m->average_cycle_time = oto_be32(c);
		m->max_cycle_time = oto_be32(c);
		m->min_cycle_time = oto_be32(c);
		m->has_times = !c->bad;
		break;
	case 'd':
		m->disk_no = oto_be16(c);
		m->has_disk = !c->bad;
		break;
	case 'f':
		m->file_name = text(oto_take(c, 12));
		m->has_file = !c->bad;
		break;
	case 'N':
		m->new_file_name = text(oto_take(c, 12));
		m->has_new_file = !c->bad;
		break;
	case 'F':
		m->fal_fals_no = oto_be16(c);
		m->has_fal = !c->bad;
		break;
	case 'x':
		oto_skip(c, 2);
		break;
	case 'D':
		m->data = oto_rest(c);
		m->has_data = m->data.len != 0;
		break;
	}
}

/* False when a part that must be there is not. */
static bool take_parts(struct fins_message *m, struct oto_cur c, const char *layout)
{
	bool optional = false;

	for (; *layout && !c.bad; layout++) {
		optional |= *layout == '?';
		take_part(m, &c, *layout);
	}
	return !c.bad || optional;
}

/* ------------------------------------------------------------------------------------------------ 5. saying it */

/* What a command touches: a memory area, a program, a file. Of a transfer, what it writes. */
static struct oto_target target_of(const struct fins_message *m)
{
	const struct oto_name *area = oto_name_of(&areas, m->has_to_area ? m->to_memory_area_code : m->memory_area_code);

	if (m->has_file)
		return (struct oto_target){ .space = "file", .name = m->file_name };
	if (m->has_program)
		return (struct oto_target){ .space = "program", .first = m->program_no, .count = 1 };
	if (m->has_area)
		return (struct oto_target){ .space = area ? area->name : "memory",
					    .first = m->has_to_address ? m->to_address : m->beginning_address,
					    .count = m->has_items ? m->number_of_items : 1 };
	return (struct oto_target){ 0 };
}

/* Service ID, command and the client's address: a response goes back to who asked. */
static uint64_t pair_key(const struct fins_message *m)
{
	uint64_t command = (uint64_t)m->command_code << 32 | (uint64_t)m->service_id << 24;

	if (m->is_response)
		return command | (uint32_t)m->destination_network_address << 16 | (uint32_t)m->destination_node_number << 8 |
		       m->destination_unit_address;
	return command | (uint32_t)m->source_network_address << 16 | (uint32_t)m->source_node_number << 8 | m->source_unit_address;
}

/* A device behind a relay is not the host that sent the packet. */
static struct oto_slice behind(struct oto_ctx *cx, const struct fins_message *m)
{
	enum { SIZE = 32 };
	char *name = m->source_network_address ? oto_scratch(cx, SIZE) : NULL;

	if (!name)
		return (struct oto_slice){ 0 };
	snprintf(name, SIZE, "network %u node %u unit %u", m->source_network_address, m->source_node_number, m->source_unit_address);
	return oto_slice_of(name);
}

static void tell_identity(struct oto_ctx *cx, const struct fins_message *m)
{
	struct oto_fact f = { .self_size = sizeof f, .confidence = 100, .sub = behind(cx, m) };

	f.key = "vendor";
	f.value = oto_slice_of("Omron");
	oto_fact(cx, &f);
	f.key = "model";
	f.value = m->controller_model;
	oto_fact(cx, &f);
	f.key = "firmware";
	f.value = m->controller_version;
	oto_fact(cx, &f);
}

static void tell(struct oto_ctx *cx, struct fins_message *m)
{
	const struct oto_name *command = oto_name_of(&commands, m->command_code), *why = oto_name_of(&end_codes, m->response_code);
	struct oto_operation o = { .self_size = sizeof o,
				   .op = command ? command->op : OTO_OP_OTHER,
				   .func = command ? command->name : "unknown",
				   .func_code = m->command_code,
				   .target = target_of(m),
				   .has_unit = true,
				   .unit = m->is_response ? m->source_node_number : m->destination_node_number };
	struct oto_match match;

	if (!m->is_response) {
		if (m->response_required)
			oto_request(cx, pair_key(m), NULL);
		oto_operation(cx, &o);
	} else {
		oto_response(cx, pair_key(m), &match);
		m->matched = match.found;
		m->latency = match.latency;
		if (m->response_code == 0)
			oto_outcome(cx, &match, OTO_OUTCOME_OK, NULL, &o);
		else
			oto_outcome(cx, &match, OTO_OUTCOME_ERROR, why ? why->name : "unknown", &o);
	}
	if (m->has_identity)
		tell_identity(cx, m);
	oto_emit(cx, EV_MESSAGE, m);
}

/* The FINS header (W342 3-2), the command code and, in a response, the end code, whose bits 15, 7 and 6 are flags. */
static void fins_message(struct oto_ctx *cx, struct oto_cur *c)
{
	struct fins_message m = { 0 };
	struct oto_slice whole = { c->at, oto_left(c) };

	uint8_t icf = oto_u8(c);
	oto_skip(c, 1);
	m.is_response = icf & ICF_RESPONSE;
	m.icf_data_type = m.is_response ? "response" : "command";
	m.response_required = !(icf & ICF_NO_RESPONSE);
	m.gateway_count = oto_u8(c);
	m.destination_network_address = oto_u8(c);
	m.destination_node_number = oto_u8(c);
	m.destination_unit_address = oto_u8(c);
	m.source_network_address = oto_u8(c);
	m.source_node_number = oto_u8(c);
	m.source_unit_address = oto_u8(c);
	m.service_id = oto_u8(c);
	m.command_code = oto_be16(c);
	if (m.is_response) {
		uint16_t end = oto_be16(c);
		m.response_code = end & 0x7f3f;
		m.relay_error = end & 0x8000;
		m.cpu_error = end & 0x00c0;
	}
	if (c->bad)
		return; /* the engine says "fins.truncated" */

	const struct oto_name *row = oto_name_of(&commands, m.command_code);
	const char *layout = "?D";
	if (row && m.response_code == 0)
		layout = m.is_response ? layouts[row - command_rows].response : layouts[row - command_rows].request;
	if (!row)
		oto_weird(cx, "unknown_command", whole);
	if (!take_parts(&m, *c, layout))
		oto_weird(cx, "short_message", whole);
	tell(cx, &m);
}

static void fins_pdu(struct oto_ctx *cx, struct oto_cur *c)
{
	struct fins_tcp t = { 0 };

	if (cx->transport != OTO_TCP) {
		fins_message(cx, c);
		return;
	}
	oto_skip(c, 8);
	t.command = oto_be32(c);
	t.error = oto_be32(c);
	if (t.command == TCP_FRAME) {
		fins_message(cx, c);
		return;
	}
	t.has_client = oto_left(c) >= 4;
	t.client_node = t.has_client ? oto_be32(c) : 0;
	t.has_server = oto_left(c) >= 4;
	t.server_node = t.has_server ? oto_be32(c) : 0;
	oto_emit(cx, EV_TCP, &t);
}

/* ------------------------------------------------------------------------------------------------ 6. the analyzer */

/* Responses come back to the port the client sent from or to 9600: a pair of hosts, whatever the ports. */
static const struct oto_pairing pairing = { .self_size = sizeof pairing, .scope = OTO_SCOPE_PAIR, .keyed = true };

static const struct oto_analyzer fins = {
	.self_size = sizeof fins,
	.flags = OTO_ANY_PORT,
	.name = "fins",
	.doc = "Omron FINS over UDP and TCP",
	.keys = "udp/9600 tcp/9600",
	.probe = fins_probe,
	.pdu_len = fins_pdu_len,
	.pdu = fins_pdu,
	.events = events,
	.nevents = sizeof events / sizeof *events,
	.pairing = &pairing,
};

OTO_ANALYZER(fins);
