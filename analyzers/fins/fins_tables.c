/* fins_tables.c - what the numbers of FINS mean: commands with what they do to a machine and how they are laid out, memory areas with the
 * form of their elements, end codes, and the flags of a CPU unit. See fins_tables.h.
 */
#include "fins_tables.h"

#define ROWS_OF(rows)                                                                                                                      \
	{                                                                                                                                  \
		sizeof(struct oto_names), sizeof(rows) / sizeof(*(rows)), sizeof(*(rows)), &(rows)[0].name                                 \
	}

/* W342 5-1-1, W227 and the manuals of Ethernet units for 27 and 28; by code. */
static const struct fins_command command_rows[] = {
	{ { 0x0101, "memory_area_read", OTO_OP_READ, NULL }, "awbn", "R" },
	{ { 0x0102, "memory_area_write", OTO_OP_WRITE, NULL }, "awbnV", "" },
	{ { 0x0103, "memory_area_fill", OTO_OP_WRITE, NULL }, "awbnV", "" },
	{ { 0x0104, "multiple_memory_area_read", OTO_OP_READ, NULL }, "M", "L" },
	{ { 0x0105, "memory_area_transfer", OTO_OP_WRITE, NULL }, "awbAWBn", "" },
	{ { 0x0110, "composite_registration_read", OTO_OP_READ, NULL }, "D", "D" },
	{ { 0x0111, "register_composite_read", OTO_OP_OTHER, NULL }, "D", "D" },
	{ { 0x0201, "parameter_area_read", OTO_OP_READ, NULL }, "pkl", "pklD" },
	{ { 0x0202, "parameter_area_write", OTO_OP_CONFIGURE, NULL }, "pklD", "" },
	{ { 0x0203, "parameter_area_clear", OTO_OP_CONFIGURE, NULL }, "pklD", "" },
	{ { 0x0220, "data_link_table_read", OTO_OP_READ, NULL }, "ikl", "TD" },
	{ { 0x0221, "data_link_table_write", OTO_OP_CONFIGURE, NULL }, "iklTD", "" },
	{ { 0x0304, "program_area_protect", OTO_OP_AUTHENTICATE, NULL }, "gPoES", "" },
	{ { 0x0305, "program_area_protect_clear", OTO_OP_AUTHENTICATE, NULL }, "gPoES", "" },
	{ { 0x0306, "program_area_read", OTO_OP_PROGRAM_READ, NULL }, "goc", "goc1" },
	{ { 0x0307, "program_area_write", OTO_OP_PROGRAM_WRITE, NULL }, "goc1", "goc" },
	{ { 0x0308, "program_area_clear", OTO_OP_PROGRAM_WRITE, NULL }, "gP", "" },
	{ { 0x0401, "run", OTO_OP_START, NULL }, "?gm", "" },
	{ { 0x0402, "stop", OTO_OP_STOP, NULL }, "?g", "" },
	{ { 0x0403, "reset", OTO_OP_RESET, NULL }, "?D", "" },
	{ { 0x0501, "controller_data_read", OTO_OP_DISCOVER, NULL }, "?P", "v" },
	{ { 0x0502, "connection_data_read", OTO_OP_DISCOVER, NULL }, "?u", "U" },
	{ { 0x0601, "controller_status_read", OTO_OP_DIAGNOSE, NULL }, "", "s" },
	{ { 0x0602, "network_status_read", OTO_OP_DIAGNOSE, NULL }, "?D", "N" },
	{ { 0x0603, "data_link_status_read", OTO_OP_DIAGNOSE, NULL }, "?D", "?D" },
	{ { 0x0620, "cycle_time_read", OTO_OP_DIAGNOSE, NULL }, "P", "?t" },
	{ { 0x0701, "clock_read", OTO_OP_READ, NULL }, "", "C" },
	{ { 0x0702, "clock_write", OTO_OP_TIME, NULL }, "C", "" },
	{ { 0x0801, "internode_echo_test", OTO_OP_DIAGNOSE, NULL }, "D", "D" },
	{ { 0x0802, "broadcast_test_results_read", OTO_OP_DIAGNOSE, NULL }, "?D", "?r" },
	{ { 0x0803, "broadcast_test_data_send", OTO_OP_DIAGNOSE, NULL }, "D", "" },
	{ { 0x0920, "message_read_clear", OTO_OP_DIAGNOSE, NULL }, "e", "?h" },
	{ { 0x0c01, "access_right_acquire", OTO_OP_AUTHENTICATE, NULL }, "?g", "?H" },
	{ { 0x0c02, "access_right_forced_acquire", OTO_OP_AUTHENTICATE, NULL }, "?g", "" },
	{ { 0x0c03, "access_right_release", OTO_OP_AUTHENTICATE, NULL }, "?g", "" },
	{ { 0x2101, "error_clear", OTO_OP_CLEAR, NULL }, "F", "" },
	{ { 0x2102, "error_log_read", OTO_OP_DIAGNOSE, NULL }, "jr", "J" },
	{ { 0x2103, "error_log_clear", OTO_OP_CLEAR, NULL }, "", "" },
	{ { 0x2140, "write_access_log_read", OTO_OP_DIAGNOSE, NULL }, "jr", "I" },
	{ { 0x2141, "write_access_log_clear", OTO_OP_CLEAR, NULL }, "", "" },
	{ { 0x2201, "file_name_read", OTO_OP_READ, NULL }, "djr?y", "Q" },
	{ { 0x2202, "single_file_read", OTO_OP_READ, NULL }, "dfOX?y", "zOX1" },
	{ { 0x2203, "single_file_write", OTO_OP_WRITE, NULL }, "qdfOX1?y", "" },
	{ { 0x2204, "file_memory_format", OTO_OP_WRITE, NULL }, "d", "" },
	{ { 0x2205, "file_delete", OTO_OP_WRITE, NULL }, "dG", "?r" },
	{ { 0x2206, "volume_label_create_delete", OTO_OP_WRITE, NULL }, "dqf", "" },
	{ { 0x2207, "file_copy", OTO_OP_WRITE, NULL }, "dfxY", "" },
	{ { 0x2208, "file_name_change", OTO_OP_WRITE, NULL }, "dfY?y", "" },
	{ { 0x2209, "file_data_check", OTO_OP_DIAGNOSE, NULL }, "df?y", "" },
	{ { 0x220a, "memory_area_file_transfer", OTO_OP_WRITE, NULL }, "qawbndf?y", "?r" },
	{ { 0x220b, "parameter_area_file_transfer", OTO_OP_CONFIGURE, NULL }, "qpkldf?y", "?r" },
	{ { 0x220c, "program_area_file_transfer", OTO_OP_PROGRAM_WRITE, NULL }, "qgozdf?y", "?z" },
	{ { 0x220f, "file_memory_index_read", OTO_OP_READ, NULL }, "D", "D" },
	{ { 0x2210, "file_memory_read", OTO_OP_READ, NULL }, "D", "D" },
	{ { 0x2211, "file_memory_write", OTO_OP_WRITE, NULL }, "D", "" },
	{ { 0x2215, "directory_create_delete", OTO_OP_WRITE, NULL }, "dqf?y", "" },
	{ { 0x2220, "memory_cassette_transfer", OTO_OP_PROGRAM_WRITE, NULL }, "qD", "?D" },
	{ { 0x2301, "forced_set_reset", OTO_OP_WRITE, NULL }, "nK", "" },
	{ { 0x2302, "forced_set_reset_cancel", OTO_OP_WRITE, NULL }, "", "" },
	{ { 0x230a, "multiple_forced_status_read", OTO_OP_READ, NULL }, "awbn", "awbnD" },
	{ { 0x2601, "name_set", OTO_OP_CONFIGURE, NULL }, "$", "" },
	{ { 0x2602, "name_delete", OTO_OP_CONFIGURE, NULL }, "", "" },
	{ { 0x2603, "name_read", OTO_OP_READ, NULL }, "", "?$" },
	{ { 0x2701, "udp_open_request", OTO_OP_OTHER, NULL }, "D", "D" },
	{ { 0x2702, "udp_receive_request", OTO_OP_OTHER, NULL }, "D", "D" },
	{ { 0x2703, "udp_send_request", OTO_OP_OTHER, NULL }, "D", "D" },
	{ { 0x2704, "udp_close_request", OTO_OP_OTHER, NULL }, "D", "D" },
	{ { 0x2710, "passive_tcp_open_request", OTO_OP_OTHER, NULL }, "D", "D" },
	{ { 0x2711, "active_tcp_open_request", OTO_OP_OTHER, NULL }, "D", "D" },
	{ { 0x2712, "tcp_receive_request", OTO_OP_OTHER, NULL }, "D", "D" },
	{ { 0x2713, "tcp_send_request", OTO_OP_OTHER, NULL }, "D", "D" },
	{ { 0x2714, "tcp_close_request", OTO_OP_OTHER, NULL }, "D", "D" },
	{ { 0x2720, "ping", OTO_OP_DIAGNOSE, NULL }, "D", "?D" },
	{ { 0x2730, "ftp_server_run_stop", OTO_OP_CONFIGURE, NULL }, "D", "?D" },
	{ { 0x2750, "ip_address_table_write", OTO_OP_CONFIGURE, NULL }, "D", "" },
	{ { 0x2757, "ip_address_write", OTO_OP_CONFIGURE, NULL }, "D", "" },
	{ { 0x2760, "ip_address_table_read", OTO_OP_READ, NULL }, "?D", "D" },
	{ { 0x2761, "ip_router_table_read", OTO_OP_READ, NULL }, "?D", "D" },
	{ { 0x2762, "protocol_status_read", OTO_OP_DIAGNOSE, NULL }, "?D", "D" },
	{ { 0x2763, "memory_status_read", OTO_OP_DIAGNOSE, NULL }, "?D", "D" },
	{ { 0x2764, "socket_status_read", OTO_OP_DIAGNOSE, NULL }, "?D", "D" },
	{ { 0x2765, "address_information_read", OTO_OP_DISCOVER, NULL }, "?D", "D" },
	{ { 0x2767, "ip_address_read", OTO_OP_READ, NULL }, "?D", "D" },
	{ { 0x2801, "explicit_message_send", OTO_OP_OTHER, NULL }, "D", "?D" },
	{ { 0x2803, "compoway_f_message_send", OTO_OP_OTHER, NULL }, "D", "?D" },
	{ { 0x2804, "modbus_rtu_message_send", OTO_OP_OTHER, NULL }, "D", "?D" },
	{ { 0x2805, "modbus_ascii_message_send", OTO_OP_OTHER, NULL }, "D", "?D" },
	{ { 0x2810, "cip_ucmm_message_send", OTO_OP_OTHER, NULL }, "D", "?D" },
};
const struct oto_names fins_commands = ROWS_OF(command_rows);

const struct fins_command *fins_command_of(uint16_t code)
{
	return (const struct fins_command *)(const void *)oto_name_in_order(&fins_commands, code);
}

/* W342 5-2-2: word areas by their manuals' letters, the bits of an area with "_bit"; those read most often first. CV: W227 2-2, addresses
 * of CV-mode units. An element of a forced word area is the word and which of its bits are forced. */
static const struct fins_area area_rows[] = {
	{ { 0x82, "DM", 0, NULL }, 2, false },
	{ { 0x02, "DM_bit", 0, NULL }, 1, true },
	{ { 0xb0, "CIO", 0, NULL }, 2, false },
	{ { 0x30, "CIO_bit", 0, NULL }, 1, true },
	{ { 0xb1, "W", 0, NULL }, 2, false },
	{ { 0x31, "W_bit", 0, NULL }, 1, true },
	{ { 0xb2, "H", 0, NULL }, 2, false },
	{ { 0x32, "H_bit", 0, NULL }, 1, true },
	{ { 0xb3, "A", 0, NULL }, 2, false },
	{ { 0x33, "A_bit", 0, NULL }, 1, true },
	{ { 0x89, "TC", 0, NULL }, 2, false },
	{ { 0x09, "TC_flag", 0, NULL }, 1, false },
	{ { 0xf0, "CIO_forced", 0, NULL }, 4, false },
	{ { 0x70, "CIO_bit_forced", 0, NULL }, 1, true },
	{ { 0xf1, "W_forced", 0, NULL }, 4, false },
	{ { 0x71, "W_bit_forced", 0, NULL }, 1, true },
	{ { 0xf2, "H_forced", 0, NULL }, 4, false },
	{ { 0x72, "H_bit_forced", 0, NULL }, 1, true },
	{ { 0x49, "TC_flag_forced", 0, NULL }, 1, false },
	{ { 0x06, "task_bit", 0, NULL }, 1, false },
	{ { 0x46, "task", 0, NULL }, 1, false },
	{ { 0xdc, "IR", 0, NULL }, 4, false },
	{ { 0xbc, "DR", 0, NULL }, 2, false },
	{ { 0x07, "clock_pulse", 0, NULL }, 1, false },
	{ { 0x98, "EM", 0, NULL }, 2, false },
	{ { 0x0a, "EM_bit", 0, NULL }, 1, true },
	{ { 0xa0, "E0", 0, NULL }, 2, false },
	{ { 0xa1, "E1", 0, NULL }, 2, false },
	{ { 0xa2, "E2", 0, NULL }, 2, false },
	{ { 0xa3, "E3", 0, NULL }, 2, false },
	{ { 0xa4, "E4", 0, NULL }, 2, false },
	{ { 0xa5, "E5", 0, NULL }, 2, false },
	{ { 0xa6, "E6", 0, NULL }, 2, false },
	{ { 0xa7, "E7", 0, NULL }, 2, false },
	{ { 0xa8, "E8", 0, NULL }, 2, false },
	{ { 0xa9, "E9", 0, NULL }, 2, false },
	{ { 0xaa, "EA", 0, NULL }, 2, false },
	{ { 0xab, "EB", 0, NULL }, 2, false },
	{ { 0xac, "EC", 0, NULL }, 2, false },
	{ { 0x20, "E0_bit", 0, NULL }, 1, true },
	{ { 0x21, "E1_bit", 0, NULL }, 1, true },
	{ { 0x22, "E2_bit", 0, NULL }, 1, true },
	{ { 0x23, "E3_bit", 0, NULL }, 1, true },
	{ { 0x24, "E4_bit", 0, NULL }, 1, true },
	{ { 0x25, "E5_bit", 0, NULL }, 1, true },
	{ { 0x26, "E6_bit", 0, NULL }, 1, true },
	{ { 0x27, "E7_bit", 0, NULL }, 1, true },
	{ { 0x28, "E8_bit", 0, NULL }, 1, true },
	{ { 0x29, "E9_bit", 0, NULL }, 1, true },
	{ { 0x2a, "EA_bit", 0, NULL }, 1, true },
	{ { 0x2b, "EB_bit", 0, NULL }, 1, true },
	{ { 0x2c, "EC_bit", 0, NULL }, 1, true },
	{ { 0xad, "ED", 0, NULL }, 2, false },
	{ { 0xae, "EE", 0, NULL }, 2, false },
	{ { 0xaf, "EF", 0, NULL }, 2, false },
	{ { 0x2d, "ED_bit", 0, NULL }, 1, true },
	{ { 0x2e, "EE_bit", 0, NULL }, 1, true },
	{ { 0x2f, "EF_bit", 0, NULL }, 1, true },
	{ { 0x60, "E10", 0, NULL }, 2, false },
	{ { 0x61, "E11", 0, NULL }, 2, false },
	{ { 0x62, "E12", 0, NULL }, 2, false },
	{ { 0x63, "E13", 0, NULL }, 2, false },
	{ { 0x64, "E14", 0, NULL }, 2, false },
	{ { 0x65, "E15", 0, NULL }, 2, false },
	{ { 0x66, "E16", 0, NULL }, 2, false },
	{ { 0x67, "E17", 0, NULL }, 2, false },
	{ { 0x68, "E18", 0, NULL }, 2, false },
	{ { 0xe0, "E10_bit", 0, NULL }, 1, true },
	{ { 0xe1, "E11_bit", 0, NULL }, 1, true },
	{ { 0xe2, "E12_bit", 0, NULL }, 1, true },
	{ { 0xe3, "E13_bit", 0, NULL }, 1, true },
	{ { 0xe4, "E14_bit", 0, NULL }, 1, true },
	{ { 0xe5, "E15_bit", 0, NULL }, 1, true },
	{ { 0xe6, "E16_bit", 0, NULL }, 1, true },
	{ { 0xe7, "E17_bit", 0, NULL }, 1, true },
	{ { 0xe8, "E18_bit", 0, NULL }, 1, true },
	{ { 0x80, "CV_CIO", 0, NULL }, 2, false },
	{ { 0x00, "CV_CIO_bit", 0, NULL }, 1, true },
	{ { 0xc0, "CV_CIO_forced", 0, NULL }, 4, false },
	{ { 0x40, "CV_CIO_bit_forced", 0, NULL }, 1, true },
	{ { 0x81, "CV_TC", 0, NULL }, 2, false },
	{ { 0x01, "CV_TC_flag", 0, NULL }, 1, false },
	{ { 0x41, "CV_TC_flag_forced", 0, NULL }, 1, false },
	{ { 0x03, "CV_transition", 0, NULL }, 1, false },
	{ { 0x43, "CV_transition_forced", 0, NULL }, 1, false },
	{ { 0x04, "CV_step", 0, NULL }, 1, false },
	{ { 0x44, "CV_step_status", 0, NULL }, 1, false },
	{ { 0x84, "CV_step_time", 0, NULL }, 2, false },
	{ { 0x05, "CV_forced_bit", 0, NULL }, 1, true },
	{ { 0x85, "CV_forced", 0, NULL }, 2, false },
	{ { 0x9c, "CV_register", 0, NULL }, 2, false },
	{ { 0x1b, "CV_action", 0, NULL }, 1, false },
	{ { 0xdd, "CV_interrupt", 0, NULL }, 2, false },
	{ { 0x90, "CV_E0", 0, NULL }, 2, false },
	{ { 0x91, "CV_E1", 0, NULL }, 2, false },
	{ { 0x92, "CV_E2", 0, NULL }, 2, false },
	{ { 0x93, "CV_E3", 0, NULL }, 2, false },
	{ { 0x94, "CV_E4", 0, NULL }, 2, false },
	{ { 0x95, "CV_E5", 0, NULL }, 2, false },
	{ { 0x96, "CV_E6", 0, NULL }, 2, false },
	{ { 0x97, "CV_E7", 0, NULL }, 2, false },
};
const struct oto_names fins_areas = ROWS_OF(area_rows);

const struct fins_area *fins_area_of(uint8_t code)
{
	for (uint32_t i = 0; i < sizeof area_rows / sizeof *area_rows; i++) {
		if (area_rows[i].name.value == code)
			return &area_rows[i];
	}
	return NULL;
}

static const struct oto_name parameter_rows[] = {
	{ 0x8000, "all", 0, NULL },      { 0x8010, "plc_setup", 0, NULL },      { 0x8011, "peripheral_settings", 0, NULL },
	{ 0x8012, "io_table", 0, NULL }, { 0x8013, "routing_tables", 0, NULL }, { 0x8002, "cpu_bus_unit_setup", 0, NULL },
};
const struct oto_names fins_parameters = OTO_NAMES(parameter_rows);

static const struct oto_name mode_rows[] = {
	{ 0, "program", 0, NULL }, { 1, "debug", 0, NULL }, { 2, "monitor", 0, NULL }, { 4, "run", 0, NULL }
};
const struct oto_names fins_modes = OTO_NAMES(mode_rows);

static const struct oto_name status_rows[] = { { 0, "stopped", 0, NULL }, { 1, "running", 0, NULL }, { 0x80, "standby", 0, NULL } };
const struct oto_names fins_statuses = OTO_NAMES(status_rows);

/* W342 5-1-3. */
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
const struct oto_names fins_end_codes = OTO_NAMES(end_code_rows);

/* FINS/TCP: W421 7-4. */
static const struct oto_name tcp_command_rows[] = {
	{ 0, "client_node_address", 0, NULL },      { 1, "server_node_address", 0, NULL },     { FINS_TCP_FRAME, "frame", 0, NULL },
	{ 3, "frame_error_notification", 0, NULL }, { 6, "connection_confirmation", 0, NULL },
};
const struct oto_names fins_tcp_commands = OTO_NAMES(tcp_command_rows);

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
const struct oto_names fins_tcp_errors = OTO_NAMES(tcp_error_rows);

/* Fatal and non-fatal error data of a status (W342 5-3-16), from bit 0. */
const char *const fins_fatal_flags[16] = {
	[1] = "watchdog_timer",     [5] = "fals",     [6] = "fatal_sfc",    [7] = "cycle_time_over", [8] = "program", [9] = "io_setting",
	[10] = "io_point_overflow", [11] = "cpu_bus", [12] = "duplication", [13] = "io_bus",         [15] = "memory",
};
const char *const fins_non_fatal_flags[16] = {
	[0] = "sysmac_bus2",
	[1] = "sysmac_bus",
	[2] = "battery",
	[3] = "cpu_bus_unit_setting",
	[4] = "special_io_unit_setting",
	[5] = "special_io_unit",
	[6] = "cpu_bus_unit",
	[7] = "non_fatal_sfc",
	[8] = "indirect_dm_bcd",
	[9] = "jmp",
	[10] = "plc_setup",
	[11] = "basic_io_unit",
	[12] = "interrupt_task",
	[13] = "interrupt_input",
	[14] = "io_verify",
	[15] = "fal",
};

/* Where in a device a message goes to or comes from (W342 3-2); as the sensor says it. */
const char *fins_unit_word(uint8_t address)
{
	if (address == 0x00)
		return "CPU Unit";
	if (address == 0x01)
		return "Computer";
	if (address >= 0x10 && address <= 0x1f)
		return "CPU Bus Unit";
	if (address >= 0x20 && address <= 0x7f)
		return "Special I/O Unit";
	if (address == 0xe1)
		return "Inner Board";
	return address == 0xfe ? "Communications Unit with specified node address" : "unknown";
}
