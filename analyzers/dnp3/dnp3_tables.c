/* dnp3_tables.c - the words of IEEE 1815: functions with what they do to an outstation, statuses, attributes; all types of objects. */
#include "dnp3.h"

/* 4.2.2.5, words of Zeek. What a WRITE is, its objects tell: dnp3.c. */
static const struct oto_name function_rows[] = {
	{ 0, "CONFIRM", 0, NULL },
	{ 1, "READ", OTO_OP_READ, NULL },
	{ 2, "WRITE", OTO_OP_WRITE, "by object: a value, the clock, a setting, a file; or the restart bit is acknowledged" },
	{ 3, "SELECT", OTO_OP_OTHER, "an output is made ready; nothing moves yet, and it is forgotten without an OPERATE" },
	{ 4, "OPERATE", OTO_OP_WRITE, "the output that was selected switches or is set" },
	{ 5, "DIRECT_OPERATE", OTO_OP_WRITE, "an output switches or is set at once" },
	{ 6, "DIRECT_OPERATE_NR", OTO_OP_WRITE, "the same, and nobody answers" },
	{ 7, "IMMED_FREEZE", OTO_OP_WRITE, "frozen values are overwritten with the present ones" },
	{ 8, "IMMED_FREEZE_NR", OTO_OP_WRITE, "the same, and nobody answers" },
	{ 9, "FREEZE_CLEAR", OTO_OP_CLEAR, "as IMMED_FREEZE, and counters begin at zero" },
	{ 10, "FREEZE_CLEAR_NR", OTO_OP_CLEAR, "the same, and nobody answers" },
	{ 11, "FREEZE_AT_TIME", OTO_OP_CONFIGURE, "when values will be frozen" },
	{ 12, "FREEZE_AT_TIME_NR", OTO_OP_CONFIGURE, "the same, and nobody answers" },
	{ 13, "COLD_RESTART", OTO_OP_RESET, "the device restarts as when it is switched on" },
	{ 14, "WARM_RESTART", OTO_OP_RESET, "its DNP3 application restarts" },
	{ 15, "INITIALIZE_DATA", OTO_OP_RESET, "values are lost; obsolete" },
	{ 16, "INITIALIZE_APPL", OTO_OP_RESET, "an application is set back to its begin" },
	{ 17, "START_APPL", OTO_OP_START, NULL },
	{ 18, "STOP_APPL", OTO_OP_STOP, NULL },
	{ 19, "SAVE_CONFIG", OTO_OP_CONFIGURE, "settings are kept over restarts; obsolete" },
	{ 20, "ENABLE_UNSOLICITED", OTO_OP_CONFIGURE, "events are told without being asked for" },
	{ 21, "DISABLE_UNSOLICITED", OTO_OP_CONFIGURE, "events wait until they are asked for" },
	{ 22, "ASSIGN_CLASS", OTO_OP_CONFIGURE, "which events are told, and how soon" },
	{ 23, "DELAY_MEASURE", OTO_OP_DIAGNOSE, NULL },
	{ 24, "RECORD_CURRENT_TIME", OTO_OP_OTHER, "the moment from which a clock is set by the WRITE that follows" },
	{ 25, "OPEN_FILE", OTO_OP_READ, "by mode: to read, or to write" },
	{ 26, "CLOSE_FILE", OTO_OP_OTHER, NULL },
	{ 27, "DELETE_FILE", OTO_OP_WRITE, NULL },
	{ 28, "GET_FILE_INFO", OTO_OP_READ, NULL },
	{ 29, "AUTHENTICATE_FILE", OTO_OP_AUTHENTICATE, NULL },
	{ 30, "ABORT_FILE", OTO_OP_OTHER, NULL },
	{ 31, "ACTIVATE_CONFIG", OTO_OP_PROGRAM_WRITE, "what files hold is in force from now on" },
	{ 32, "AUTHENTICATE_REQ", OTO_OP_AUTHENTICATE, NULL },
	{ 33, "AUTHENTICATE_REQ_NR", OTO_OP_AUTHENTICATE, NULL },
	{ 129, "RESPONSE", 0, NULL },
	{ 130, "UNSOLICITED_RESPONSE", OTO_OP_CYCLIC, NULL },
	{ 131, "AUTHENTICATE_RESP", 0, NULL },
};
const struct oto_names dnp3_functions = OTO_NAMES(function_rows);

/* 9.2.4.1.4: the primary station's by 16 more. */
static const struct oto_name link_function_rows[] = {
	{ 0, "ACK", 0, NULL },
	{ 1, "NACK", 0, NULL },
	{ 11, "LINK_STATUS", 0, NULL },
	{ 14, "NOT_FUNCTIONING", 0, NULL },
	{ 15, "NOT_SUPPORTED", 0, NULL },
	{ 16, "RESET_LINK_STATES", 0, NULL },
	{ 17, "RESET_USER_PROCESS", 0, NULL },
	{ 18, "TEST_LINK_STATES", 0, NULL },
	{ 19, "CONFIRMED_USER_DATA", 0, NULL },
	{ 20, "UNCONFIRMED_USER_DATA", 0, NULL },
	{ 25, "REQUEST_LINK_STATUS", 0, NULL },
};
const struct oto_names dnp3_link_functions = OTO_NAMES(link_function_rows);

/* 4.2.2.6. */
const char *const dnp3_indications[16] = {
	"broadcast",         "class_1_events", "class_2_events",       "class_3_events", "need_time",       "local_control",
	"device_trouble",    "device_restart", "no_func_code_support", "object_unknown", "parameter_error", "event_buffer_overflow",
	"already_executing", "config_corrupt", "reserved_2",           "reserved_1"
};

/* 4.2.2.7.3. */
static const struct oto_name prefix_rows[] = {
	{ 0, "none", 0, NULL },   { 1, "index_8", 0, NULL }, { 2, "index_16", 0, NULL }, { 3, "index_32", 0, NULL },
	{ 4, "size_8", 0, NULL }, { 5, "size_16", 0, NULL }, { 6, "size_32", 0, NULL },  { 7, "reserved", 0, NULL },
};
const struct oto_names dnp3_prefixes = OTO_NAMES(prefix_rows);

static const struct oto_name range_rows[] = {
	{ 0, "start_stop_8", 0, NULL }, { 1, "start_stop_16", 0, NULL }, { 2, "start_stop_32", 0, NULL }, { 3, "address_8", 0, NULL },
	{ 4, "address_16", 0, NULL },   { 5, "address_32", 0, NULL },    { 6, "all", 0, NULL },           { 7, "count_8", 0, NULL },
	{ 8, "count_16", 0, NULL },     { 9, "count_32", 0, NULL },      { 11, "variable_8", 0, NULL },
};
const struct oto_names dnp3_ranges = OTO_NAMES(range_rows);

/* A.8.1; words of ICSNPP. */
static const struct oto_name trip_rows[] = {
	{ 0, "Nul", 0, NULL },
	{ 1, "Close", 0, NULL },
	{ 2, "Trip", 0, NULL },
	{ 3, "Reserved", 0, NULL },
};
const struct oto_names dnp3_trip_codes = OTO_NAMES(trip_rows);

static const struct oto_name operation_rows[] = {
	{ 0, "Nul", 0, NULL },      { 1, "Pulse On", 0, NULL },  { 2, "Pulse Off", 0, NULL },
	{ 3, "Latch On", 0, NULL }, { 4, "Latch Off", 0, NULL },
};
const struct oto_names dnp3_operation_types = OTO_NAMES(operation_rows);

static const struct oto_name control_status_rows[] = {
	{ 0, "Success", 0, NULL },
	{ 1, "Timeout", 0, "the select was too long ago" },
	{ 2, "No Select", 0, NULL },
	{ 3, "Format Error", 0, NULL },
	{ 4, "Not Supported", 0, NULL },
	{ 5, "Already Active", 0, NULL },
	{ 6, "Hardware Error", 0, NULL },
	{ 7, "Local", 0, "the switch at the outstation stands on local" },
	{ 8, "Too Many Objs", 0, NULL },
	{ 9, "Not Authorized", 0, NULL },
	{ 10, "Automation Inhibit", 0, NULL },
	{ 11, "Processing Limited", 0, NULL },
	{ 12, "Out of Range", 0, NULL },
	{ 13, "Downstream Local", 0, NULL },
	{ 14, "Already Complete", 0, NULL },
	{ 15, "Blocked", 0, NULL },
	{ 16, "Cancelled", 0, NULL },
	{ 17, "Blocked Other Master", 0, NULL },
	{ 18, "Downstream Fail", 0, NULL },
	{ 126, "Non Participating", 0, NULL },
	{ 127, "Undefined", 0, NULL },
};
const struct oto_names dnp3_control_statuses = OTO_NAMES(control_status_rows);

/* A.25: g70. */
static const struct oto_name file_mode_rows[] = {
	{ 0, "null", 0, NULL },
	{ 1, "read", 0, NULL },
	{ 2, "write", 0, NULL },
	{ 3, "append", 0, NULL },
};
const struct oto_names dnp3_file_modes = OTO_NAMES(file_mode_rows);

static const struct oto_name file_type_rows[] = {
	{ 0, "directory", 0, NULL },
	{ 1, "file", 0, NULL },
};
const struct oto_names dnp3_file_types = OTO_NAMES(file_type_rows);

static const struct oto_name file_status_rows[] = {
	{ 0, "success", 0, NULL },         { 1, "permission_denied", 0, NULL },
	{ 2, "invalid_mode", 0, NULL },    { 3, "file_not_found", 0, NULL },
	{ 4, "file_locked", 0, NULL },     { 5, "too_many_open", 0, NULL },
	{ 6, "invalid_handle", 0, NULL },  { 7, "write_block_size", 0, NULL },
	{ 8, "comm_lost", 0, NULL },       { 9, "cannot_abort", 0, NULL },
	{ 16, "not_opened", 0, NULL },     { 17, "handle_expired", 0, NULL },
	{ 18, "buffer_overrun", 0, NULL }, { 19, "fatal", 0, NULL },
	{ 20, "block_sequence", 0, NULL }, { 255, "undefined", 0, NULL },
};
const struct oto_names dnp3_file_statuses = OTO_NAMES(file_status_rows);

/* A.1: g0, variations of set 0. `doc` is the fact that the attribute tells. */
static const struct oto_name attribute_rows[] = {
	{ 196, "configuration_id", 0, NULL },
	{ 197, "configuration_version", 0, NULL },
	{ 198, "configuration_build_date", 0, NULL },
	{ 199, "configuration_change_date", 0, NULL },
	{ 200, "configuration_signature", 0, NULL },
	{ 201, "configuration_signature_algorithm", 0, NULL },
	{ 202, "master_resource_id", 0, NULL },
	{ 203, "altitude", 0, NULL },
	{ 204, "longitude", 0, NULL },
	{ 205, "latitude", 0, NULL },
	{ 206, "secondary_operator_name", 0, NULL },
	{ 207, "primary_operator_name", 0, NULL },
	{ 208, "system_name", 0, NULL },
	{ 209, "secure_authentication_version", 0, NULL },
	{ 210, "security_statistics", 0, NULL },
	{ 211, "user_specific_attributes", 0, NULL },
	{ 212, "master_data_set_prototypes", 0, NULL },
	{ 213, "outstation_data_set_prototypes", 0, NULL },
	{ 214, "master_data_sets", 0, NULL },
	{ 215, "outstation_data_sets", 0, NULL },
	{ 216, "binary_outputs_per_request", 0, NULL },
	{ 217, "local_timing_accuracy", 0, NULL },
	{ 218, "duration_of_time_accuracy", 0, NULL },
	{ 219, "analog_output_events", 0, NULL },
	{ 220, "max_analog_output_index", 0, NULL },
	{ 221, "analog_outputs", 0, NULL },
	{ 222, "binary_output_events", 0, NULL },
	{ 223, "max_binary_output_index", 0, NULL },
	{ 224, "binary_outputs", 0, NULL },
	{ 225, "frozen_counter_events", 0, NULL },
	{ 226, "frozen_counters", 0, NULL },
	{ 227, "counter_events", 0, NULL },
	{ 228, "max_counter_index", 0, NULL },
	{ 229, "counters", 0, NULL },
	{ 230, "frozen_analog_inputs", 0, NULL },
	{ 231, "analog_input_events", 0, NULL },
	{ 232, "max_analog_input_index", 0, NULL },
	{ 233, "analog_inputs", 0, NULL },
	{ 234, "double_bit_input_events", 0, NULL },
	{ 235, "max_double_bit_input_index", 0, NULL },
	{ 236, "double_bit_inputs", 0, NULL },
	{ 237, "binary_input_events", 0, NULL },
	{ 238, "max_binary_input_index", 0, NULL },
	{ 239, "binary_inputs", 0, NULL },
	{ 240, "max_transmit_fragment", 0, NULL },
	{ 241, "max_receive_fragment", 0, NULL },
	{ 242, "software_version", 0, NULL },
	{ 243, "hardware_version", 0, NULL },
	{ 244, "owner_name", 0, NULL },
	{ 245, "location_name", 0, NULL },
	{ 246, "id_code", 0, NULL },
	{ 247, "device_name", 0, NULL },
	{ 248, "serial_number", 0, NULL },
	{ 249, "subset_and_conformance", 0, NULL },
	{ 250, "product_name", 0, NULL },
	{ 252, "manufacturer_name", 0, NULL },
	{ 254, "all_attributes", 0, NULL },
	{ 255, "list_of_attributes", 0, NULL },
};
const struct oto_names dnp3_attributes = OTO_NAMES(attribute_rows);

/* What each attribute is among the facts that other protocols tell of devices. */
const char *dnp3_attribute_fact(uint8_t variation)
{
	static const struct oto_name rows[] = {
		{ 208, "plant", 0, NULL },    { 242, "firmware", 0, NULL }, { 243, "hardware", 0, NULL },
		{ 245, "location", 0, NULL }, { 246, "asset_id", 0, NULL }, { 247, "device_name", 0, NULL },
		{ 248, "serial", 0, NULL },   { 250, "model", 0, NULL },    { 252, "vendor", 0, NULL },
	};
	static const struct oto_names names = OTO_NAMES(rows);
	const struct oto_name *row = oto_name_of(&names, variation);

	return row ? row->name : NULL;
}

static const struct oto_name attribute_type_rows[] = {
	{ 1, "text", 0, NULL },  { 2, "unsigned", 0, NULL },     { 3, "signed", 0, NULL },
	{ 4, "float", 0, NULL }, { 5, "octet_string", 0, NULL }, { 6, "bit_string", 0, NULL },
	{ 7, "time", 0, NULL },  { 254, "list", 0, NULL },       { 255, "extended_list", 0, NULL },
};
const struct oto_names dnp3_attribute_types = OTO_NAMES(attribute_type_rows);

/* A.45: g120. */
static const struct oto_name auth_message_rows[] = {
	{ 1, "challenge", 0, NULL },
	{ 2, "reply", 0, NULL },
	{ 3, "aggressive_mode_request", 0, NULL },
	{ 4, "session_key_status_request", 0, NULL },
	{ 5, "session_key_status", 0, NULL },
	{ 6, "session_key_change", 0, NULL },
	{ 7, "error", 0, NULL },
	{ 8, "user_certificate", 0, NULL },
	{ 9, "mac", 0, NULL },
	{ 10, "user_status_change", 0, NULL },
	{ 11, "update_key_change_request", 0, NULL },
	{ 12, "update_key_change_reply", 0, NULL },
	{ 13, "update_key_change", 0, NULL },
	{ 14, "update_key_change_signature", 0, NULL },
	{ 15, "update_key_change_confirmation", 0, NULL },
};
const struct oto_names dnp3_auth_messages = OTO_NAMES(auth_message_rows);

static const struct oto_name auth_error_rows[] = {
	{ 1, "authentication_failed", 0, NULL },
	{ 2, "unexpected_reply", 0, NULL },
	{ 3, "no_reply", 0, NULL },
	{ 4, "aggressive_mode_not_supported", 0, NULL },
	{ 5, "mac_algorithm_not_supported", 0, NULL },
	{ 6, "key_wrap_algorithm_not_supported", 0, NULL },
	{ 7, "authorization_failed", 0, NULL },
	{ 8, "key_change_method_not_permitted", 0, NULL },
	{ 9, "invalid_signature", 0, NULL },
	{ 10, "invalid_certification_data", 0, NULL },
	{ 11, "unknown_user", 0, NULL },
	{ 12, "too_many_session_key_status_requests", 0, NULL },
};
const struct oto_names dnp3_auth_errors = OTO_NAMES(auth_error_rows);

static const struct oto_name mac_rows[] = {
	{ 0, "none", 0, NULL },      { 1, "sha1_4", 0, NULL }, { 2, "sha1_10", 0, NULL },     { 3, "sha256_8", 0, NULL },
	{ 4, "sha256_16", 0, NULL }, { 5, "sha1_8", 0, NULL }, { 6, "aes_gmac_12", 0, NULL },
};
const struct oto_names dnp3_mac_algorithms = OTO_NAMES(mac_rows);

static const struct oto_name wrap_rows[] = {
	{ 1, "aes_128", 0, NULL },
	{ 2, "aes_256", 0, NULL },
};
const struct oto_names dnp3_key_wraps = OTO_NAMES(wrap_rows);

static const struct oto_name key_status_rows[] = {
	{ 1, "ok", 0, NULL },
	{ 2, "not_init", 0, NULL },
	{ 3, "comm_fail", 0, NULL },
	{ 4, "auth_fail", 0, NULL },
};
const struct oto_names dnp3_key_statuses = OTO_NAMES(key_status_rows);

static const struct oto_name key_change_rows[] = {
	{ 3, "aes_128_sha1", 0, NULL },       { 4, "aes_256_sha256", 0, NULL },       { 5, "aes_256_gmac", 0, NULL },
	{ 67, "rsa_1024_dsa_sha1", 0, NULL }, { 68, "rsa_2048_dsa_sha256", 0, NULL }, { 69, "rsa_3072_dsa_sha256", 0, NULL },
	{ 70, "rsa_2048_dsa_gmac", 0, NULL }, { 71, "rsa_3072_dsa_gmac", 0, NULL },
};
const struct oto_names dnp3_key_changes = OTO_NAMES(key_change_rows);

static const struct oto_name user_operation_rows[] = {
	{ 1, "add", 0, NULL },
	{ 2, "delete", 0, NULL },
	{ 3, "change", 0, NULL },
};
const struct oto_names dnp3_user_operations = OTO_NAMES(user_operation_rows);
