/* s7comm_tables.c - the words of S7comm. See s7comm_tables.h. Long words are those of ICSNPP's logs. */
#include "s7comm_tables.h"

/* ------------------------------------------------------------------------------------------------ PDUs and functions */

static const struct oto_name rosctr_rows[] = {
	{ 1, "Job-Request", 0, "asks for something" },
	{ 2, "ACK", 0, "answers without data: mostly a refusal" },
	{ 3, "ACK-Data", 0, "answers a job" },
	{ 7, "User-Data", 0, "what is beyond jobs: programmer, blocks, SZL, alarms, clock" },
};
const struct oto_names s7_rosctrs = OTO_NAMES(rosctr_rows);

#define GROUPS(type, word)                                                                                                                 \
	{ S7_USER | (type) << 4 | S7_MODE, word "Mode-Transition", 0, "operating mode changes" },                                          \
	    { S7_USER | (type) << 4 | S7_PROGRAMMER, word "Programmer Controls", 0, "watch, modify and force variables, debug blocks" },   \
	    { S7_USER | (type) << 4 | S7_CYCLIC, word "Cyclic Services", 0, "variables sent again and again" },                            \
	    { S7_USER | (type) << 4 | S7_BLOCKS, word "Block Functions", 0, "which blocks there are, and what they are" },                 \
	    { S7_USER | (type) << 4 | S7_CPU, word "CPU Functions", 0, "system status lists, messages and alarms" },                       \
	    { S7_USER | (type) << 4 | S7_SECURITY, word "Security", 0, "the password" },                                                   \
	    { S7_USER | (type) << 4 | S7_PBC, word "PBC BSEND-BRECV", 0, "blocks of data between programs" },                              \
	    { S7_USER | (type) << 4 | S7_TIME, word "Time Functions", 0, "the clock" },                                                    \
	{                                                                                                                                  \
		S7_USER | (type) << 4 | (S7_NC & 15), word "NC Programming", 0, "programs of a numeric control"                            \
	}
static const struct oto_name function_rows[] = {
	{ S7_READ, "Read Variable", OTO_OP_READ, "reads variables" },
	{ S7_WRITE, "Write Variable", OTO_OP_WRITE, "changes variables" },
	{ S7_SETUP, "Setup Communication", OTO_OP_OTHER, "agrees on PDU size and parallel jobs" },
	{ S7_CPU_SERVICES, "CPU Services", OTO_OP_OTHER, "an old form of CPU services" },
	{ S7_REQUEST_DOWNLOAD, "Request Download", OTO_OP_PROGRAM_WRITE, "announces a block to the PLC" },
	{ S7_DOWNLOAD_BLOCK, "Download Block", OTO_OP_PROGRAM_WRITE, "the PLC fetches a part of the block" },
	{ S7_DOWNLOAD_ENDED, "Download Ended", OTO_OP_PROGRAM_WRITE, "the PLC has the block, or gives up" },
	{ S7_START_UPLOAD, "Start Upload", OTO_OP_PROGRAM_READ, "asks for a block of the PLC" },
	{ S7_UPLOAD, "Upload", OTO_OP_PROGRAM_READ, "fetches a part of it" },
	{ S7_END_UPLOAD, "End Upload", OTO_OP_PROGRAM_READ, "ends it" },
	{ S7_PI_SERVICE, "PLC Control", OTO_OP_OTHER, "program invocation; what it does follows from the service" },
	{ S7_PLC_STOP, "PLC Stop", OTO_OP_STOP, "the program stops" },
	GROUPS(0, "Push: "),
	GROUPS(4, "Request: "),
	GROUPS(8, "Response: "),
	GROUPS(3, "NC Push: "),
	GROUPS(7, "NC Request: "),
	GROUPS(11, "NC Response: "),
	{ S7_USER | S7_ROUTED, "Push: Data Record Routing", 0, "records of field devices on PROFIBUS" },
	{ S7_USER | 0x40 | S7_ROUTED, "Request: Data Record Routing", 0, "records of field devices on PROFIBUS" },
	{ S7_USER | 0x80 | S7_ROUTED, "Response: Data Record Routing", 0, "records of field devices on PROFIBUS" },
};
const struct oto_names s7_functions = OTO_NAMES(function_rows);

static const struct oto_name subfunction_rows[] = {
	{ S7_SUB(S7_MODE, 0), "Stop", 0, "the PLC goes to STOP" },
	{ S7_SUB(S7_MODE, 1), "Warm Restart", 0, "it restarts" },
	{ S7_SUB(S7_MODE, 2), "Run", 0, "it goes to RUN" },
	{ S7_SUB(S7_MODE, 3), "Hot Restart", 0, "it goes on where it was" },
	{ S7_SUB(S7_MODE, 4), "Hold", 0, "it halts at a breakpoint" },
	{ S7_SUB(S7_MODE, 6), "Cold Restart", 0, "it restarts with initial values" },
	{ S7_SUB(S7_MODE, 9), "Run_R", 0, "redundant RUN" },
	{ S7_SUB(S7_MODE, 11), "Link-Up", 0, "the pair of an H system joins" },
	{ S7_SUB(S7_MODE, 12), "Update", 0, "the reserve is brought up to date" },
	{ S7_SUB(S7_PROGRAMMER, 1), "Block Status", OTO_OP_DIAGNOSE, "watches a block run" },
	{ S7_SUB(S7_PROGRAMMER, 2), "Variable Status", OTO_OP_READ, "watches variables" },
	{ S7_SUB(S7_PROGRAMMER, 3), "Output ISTACK", OTO_OP_DIAGNOSE, "reads the interrupt stack" },
	{ S7_SUB(S7_PROGRAMMER, 4), "Output BSTACK", OTO_OP_DIAGNOSE, "reads the block stack" },
	{ S7_SUB(S7_PROGRAMMER, 5), "Output LSTACK", OTO_OP_DIAGNOSE, "reads the local data stack" },
	{ S7_SUB(S7_PROGRAMMER, 6), "Time Measurement", OTO_OP_DIAGNOSE, "measures run time" },
	{ S7_SUB(S7_PROGRAMMER, 7), "Force Selection", OTO_OP_DIAGNOSE, "reads which variables are forced" },
	{ S7_SUB(S7_PROGRAMMER, 8), "Modify Variable", OTO_OP_WRITE, "changes variables" },
	{ S7_SUB(S7_PROGRAMMER, 9), "Force", OTO_OP_WRITE, "holds variables at values, whatever the program says" },
	{ S7_SUB(S7_PROGRAMMER, 10), "Breakpoint", OTO_OP_MODE, "halts the program at a point" },
	{ S7_SUB(S7_PROGRAMMER, 11), "Exit HOLD", OTO_OP_START, "lets the program run on" },
	{ S7_SUB(S7_PROGRAMMER, 12), "Memory Reset", OTO_OP_RESET, "clears the memory of the PLC" },
	{ S7_SUB(S7_PROGRAMMER, 13), "Disable Job", OTO_OP_OTHER, "suspends a test job" },
	{ S7_SUB(S7_PROGRAMMER, 14), "Enable Job", OTO_OP_OTHER, "runs a test job" },
	{ S7_SUB(S7_PROGRAMMER, 15), "Delete Job", OTO_OP_OTHER, "ends a test job" },
	{ S7_SUB(S7_PROGRAMMER, 16), "Read Job List", OTO_OP_DIAGNOSE, "which test jobs there are" },
	{ S7_SUB(S7_PROGRAMMER, 17), "Read Job", OTO_OP_DIAGNOSE, "reads a test job" },
	{ S7_SUB(S7_PROGRAMMER, 18), "Replace Job", OTO_OP_OTHER, "changes a test job" },
	{ S7_SUB(S7_PROGRAMMER, 19), "Block Status v2", OTO_OP_DIAGNOSE, "watches a block run" },
	{ S7_SUB(S7_PROGRAMMER, 22), "Flash LED", OTO_OP_DIAGNOSE, "lets the module blink" },
	{ S7_SUB(S7_CYCLIC, 1), "Cyclic Transfer", OTO_OP_CYCLIC, "variables again and again" },
	{ S7_SUB(S7_CYCLIC, 4), "Unsubscribe", OTO_OP_OTHER, "ends a subscription" },
	{ S7_SUB(S7_CYCLIC, 5), "Change Driven Transfer", OTO_OP_CYCLIC, "variables when they change" },
	{ S7_SUB(S7_CYCLIC, 7), "Change Driven Transfer Modify", OTO_OP_CYCLIC, "changes such a subscription" },
	{ S7_SUB(S7_CYCLIC, 8), "RDREC", OTO_OP_READ, "reads a data record" },
	{ S7_SUB(S7_BLOCKS, 1), "List Blocks", OTO_OP_PROGRAM_READ, "how many blocks of each type" },
	{ S7_SUB(S7_BLOCKS, 2), "List Blocks of Type", OTO_OP_PROGRAM_READ, "the blocks of one type" },
	{ S7_SUB(S7_BLOCKS, 3), "Get Block Info", OTO_OP_PROGRAM_READ, "header of a block" },
	{ S7_SUB(S7_CPU, 1), "Read SZL", OTO_OP_DIAGNOSE, "reads a system status list" },
	{ S7_SUB(S7_CPU, 2), "Message Service", OTO_OP_OTHER, "subscribes to messages" },
	{ S7_SUB(S7_CPU, 3), "Diagnostic Message", 0, "an entry of the diagnostic buffer" },
	{ S7_SUB(S7_CPU, 5), "ALARM_8 Indication", 0, "an alarm with eight signals" },
	{ S7_SUB(S7_CPU, 6), "NOTIFY Indication", 0, "a message without acknowledgement" },
	{ S7_SUB(S7_CPU, 7), "ALARM_8 Lock", OTO_OP_CONFIGURE, "silences alarms" },
	{ S7_SUB(S7_CPU, 8), "ALARM_8 Unlock", OTO_OP_CONFIGURE, "lets them sound again" },
	{ S7_SUB(S7_CPU, 9), "SCAN Indication", 0, "a scan message" },
	{ S7_SUB(S7_CPU, 11), "ALARM ACK", OTO_OP_OTHER, "acknowledges alarms" },
	{ S7_SUB(S7_CPU, 12), "ALARM ACK Indication", 0, "somebody acknowledged" },
	{ S7_SUB(S7_CPU, 13), "ALARM Lock Indication", 0, "somebody silenced alarms" },
	{ S7_SUB(S7_CPU, 14), "ALARM Unlock Indication", 0, "somebody unlocked alarms" },
	{ S7_SUB(S7_CPU, 17), "ALARM_SQ Indication", 0, "an alarm to be acknowledged" },
	{ S7_SUB(S7_CPU, 18), "ALARM_S Indication", 0, "an alarm that needs no acknowledgement" },
	{ S7_SUB(S7_CPU, 19), "ALARM Query", OTO_OP_DIAGNOSE, "which alarms there are" },
	{ S7_SUB(S7_CPU, 22), "NOTIFY_8 Indication", 0, "a message with eight signals" },
	{ S7_SUB(S7_SECURITY, 1), "PLC Password", OTO_OP_AUTHENTICATE, "sends the password" },
	{ S7_SUB(S7_SECURITY, 2), "PLC Password Reset", OTO_OP_AUTHENTICATE, "gives the rights back" },
	{ S7_SUB(S7_PBC, 0), "BSEND-BRECV", OTO_OP_WRITE, "a block of data to another program" },
	{ S7_SUB(S7_TIME, 1), "Read Clock", OTO_OP_READ, "reads the clock" },
	{ S7_SUB(S7_TIME, 2), "Set Clock", OTO_OP_TIME, "sets the clock" },
	{ S7_SUB(S7_TIME, 3), "Read Clock (Following)", OTO_OP_READ, "reads the clock" },
	{ S7_SUB(S7_TIME, 4), "Set Clock (2)", OTO_OP_TIME, "sets the clock" },
	{ S7_SUB(S7_NC, 1), "NC Request Download", OTO_OP_PROGRAM_WRITE, "announces a program" },
	{ S7_SUB(S7_NC, 2), "NC Download Block", OTO_OP_PROGRAM_WRITE, "a part of it" },
	{ S7_SUB(S7_NC, 3), "NC Continue Download", OTO_OP_PROGRAM_WRITE, "asks for more" },
	{ S7_SUB(S7_NC, 4), "NC Download Ended", OTO_OP_PROGRAM_WRITE, "ends it" },
	{ S7_SUB(S7_NC, 6), "NC Start Upload", OTO_OP_PROGRAM_READ, "asks for a program" },
	{ S7_SUB(S7_NC, 7), "NC Upload", OTO_OP_PROGRAM_READ, "a part of it" },
	{ S7_SUB(S7_NC, 8), "NC Continue Upload", OTO_OP_PROGRAM_READ, "asks for more" },
};
const struct oto_names s7_subfunctions = OTO_NAMES(subfunction_rows);

const struct oto_name *s7_subfunction(uint16_t subfunction)
{
	return oto_name_in_order(&s7_subfunctions, subfunction >> 8 == S7_PBC ? S7_SUB(S7_PBC, 0) : subfunction);
}

/* ------------------------------------------------------------------------------------------------ errors */

static const struct oto_name error_classes_rows[] = {
	{ 0x00, "No error", 0, NULL },
	{ 0x81, "Application relationship error", 0, NULL },
	{ 0x82, "Object definition error", 0, NULL },
	{ 0x83, "No ressources available error", 0, NULL },
	{ 0x84, "Error on service processing", 0, NULL },
	{ 0x85, "Error on supplies", 0, NULL },
	{ 0x87, "Access error", 0, NULL },
};
const struct oto_names s7_error_classes = OTO_NAMES(error_classes_rows);

/* Class and code of a header, or the error of a parameter: one space of numbers. */
static const struct oto_name errors_rows[] = {
	{ 0x0000, "no_error", 0, NULL },
	{ 0x0110, "invalid_block_number", 0, NULL },
	{ 0x0111, "invalid_request_length", 0, NULL },
	{ 0x0112, "invalid_parameter", 0, NULL },
	{ 0x0113, "invalid_block_type", 0, NULL },
	{ 0x0114, "block_not_found", 0, NULL },
	{ 0x0115, "block_exists", 0, NULL },
	{ 0x0116, "block_write_protected", 0, NULL },
	{ 0x0117, "block_too_large", 0, NULL },
	{ 0x0118, "invalid_block_number", 0, NULL },
	{ 0x0119, "wrong_password", 0, NULL },
	{ 0x011a, "pg_resource_error", 0, NULL },
	{ 0x011b, "plc_resource_error", 0, NULL },
	{ 0x011c, "protocol_error", 0, NULL },
	{ 0x011d, "too_many_blocks", 0, NULL },
	{ 0x011e, "no_connection", 0, NULL },
	{ 0x011f, "result_buffer_too_small", 0, NULL },
	{ 0x0120, "end_of_block_list", 0, NULL },
	{ 0x0140, "insufficient_memory", 0, NULL },
	{ 0x0141, "lack_of_resources", 0, NULL },
	{ 0x8001, "block_state_forbids_service", 0, NULL },
	{ 0x8003, "block_transfer_error", 0, NULL },
	{ 0x8100, "service_unknown_to_remote", 0, NULL },
	{ 0x8104, "service_not_implemented", 0, NULL },
	{ 0x8204, "inconsistent_type", 0, NULL },
	{ 0x8205, "copied_block_exists", 0, NULL },
	{ 0x8301, "insufficient_memory", 0, NULL },
	{ 0x8302, "resources_unavailable", 0, NULL },
	{ 0x8304, "no_further_parallel_upload", 0, NULL },
	{ 0x8305, "function_not_available", 0, NULL },
	{ 0x8306, "insufficient_work_memory", 0, NULL },
	{ 0x8307, "insufficient_retentive_memory", 0, NULL },
	{ 0x8401, "invalid_service_sequence", 0, NULL },
	{ 0x8402, "object_state_forbids_service", 0, NULL },
	{ 0x8404, "function_cannot_be_performed", 0, NULL },
	{ 0x8405, "remote_block_disabled", 0, NULL },
	{ 0x8500, "wrong_frames", 0, NULL },
	{ 0x8503, "service_cancelled_by_module", 0, NULL },
	{ 0x8701, "object_addressing_error", 0, NULL },
	{ 0x8702, "service_not_supported", 0, NULL },
	{ 0x8703, "access_refused", 0, NULL },
	{ 0x8704, "object_damaged", 0, NULL },
	{ 0xd001, "illegal_job_number", 0, NULL },
	{ 0xd002, "illegal_job_variant", 0, NULL },
	{ 0xd003, "debugging_not_supported", 0, NULL },
	{ 0xd004, "illegal_job_status", 0, NULL },
	{ 0xd005, "illegal_job_termination", 0, NULL },
	{ 0xd006, "illegal_link_disconnection", 0, NULL },
	{ 0xd007, "illegal_buffer_elements", 0, NULL },
	{ 0xd008, "illegal_scan_rate", 0, NULL },
	{ 0xd009, "illegal_execution_count", 0, NULL },
	{ 0xd00a, "illegal_trigger_event", 0, NULL },
	{ 0xd00b, "illegal_trigger_condition", 0, NULL },
	{ 0xd011, "call_path_block_missing", 0, NULL },
	{ 0xd012, "wrong_address_in_block", 0, NULL },
	{ 0xd014, "block_being_changed", 0, NULL },
	{ 0xd015, "illegal_tag_address", 0, NULL },
	{ 0xd016, "test_impossible_program_errors", 0, NULL },
	{ 0xd017, "illegal_trigger_number", 0, NULL },
	{ 0xd025, "invalid_path", 0, NULL },
	{ 0xd026, "illegal_access_type", 0, NULL },
	{ 0xd027, "illegal_data_block_count", 0, NULL },
	{ 0xd031, "internal_protocol_error", 0, NULL },
	{ 0xd032, "wrong_result_buffer_length", 0, NULL },
	{ 0xd033, "wrong_job_length", 0, NULL },
	{ 0xd03f, "coding_error_in_parameters", 0, NULL },
	{ 0xd041, "illegal_status_list", 0, NULL },
	{ 0xd042, "illegal_tag_address", 0, NULL },
	{ 0xd043, "referenced_job_not_found", 0, NULL },
	{ 0xd044, "illegal_tag_value", 0, NULL },
	{ 0xd045, "odis_exit_forbidden_in_hold", 0, NULL },
	{ 0xd046, "illegal_measuring_stage", 0, NULL },
	{ 0xd047, "illegal_job_list_hierarchy", 0, NULL },
	{ 0xd048, "illegal_deletion", 0, NULL },
	{ 0xd049, "invalid_substitute", 0, NULL },
	{ 0xd04a, "program_status_error", 0, NULL },
	{ 0xd05f, "coding_error_in_data", 0, NULL },
	{ 0xd061, "no_memory_for_job", 0, NULL },
	{ 0xd062, "job_list_full", 0, NULL },
	{ 0xd063, "trigger_event_occupied", 0, NULL },
	{ 0xd064, "no_memory_for_result", 0, NULL },
	{ 0xd065, "no_memory_for_results", 0, NULL },
	{ 0xd066, "timer_occupied", 0, NULL },
	{ 0xd067, "too_many_modify_jobs", 0, NULL },
	{ 0xd081, "function_forbidden_in_mode", 0, NULL },
	{ 0xd082, "cannot_exit_hold", 0, NULL },
	{ 0xd0a1, "forbidden_by_protection_level", 0, NULL },
	{ 0xd0a2, "memory_being_modified", 0, NULL },
	{ 0xd0a3, "too_many_modify_jobs_on_io", 0, NULL },
	{ 0xd0a4, "forcing_already_established", 0, NULL },
	{ 0xd0a5, "referenced_job_not_found", 0, NULL },
	{ 0xd0a6, "job_cannot_be_enabled", 0, NULL },
	{ 0xd0a7, "job_cannot_be_deleted", 0, NULL },
	{ 0xd0a8, "job_cannot_be_replaced", 0, NULL },
	{ 0xd0a9, "job_cannot_be_read", 0, NULL },
	{ 0xd0aa, "time_limit_exceeded", 0, NULL },
	{ 0xd0ab, "invalid_job_parameters", 0, NULL },
	{ 0xd0ac, "invalid_job_data", 0, NULL },
	{ 0xd0ad, "mode_already_set", 0, NULL },
	{ 0xd0ae, "job_of_other_connection", 0, NULL },
	{ 0xd0c1, "tag_access_error", 0, NULL },
	{ 0xd0c2, "change_to_stop_or_hold", 0, NULL },
	{ 0xd0c3, "tag_access_error_and_stop", 0, NULL },
	{ 0xd0c4, "measurement_timeout", 0, NULL },
	{ 0xd0c5, "block_stack_inconsistent", 0, NULL },
	{ 0xd0c6, "job_deleted_with_its_reference", 0, NULL },
	{ 0xd0c7, "job_deleted_on_leaving_stop", 0, NULL },
	{ 0xd0c8, "block_status_aborted", 0, NULL },
	{ 0xd0c9, "status_area_left", 0, NULL },
	{ 0xd0ca, "status_area_left_access_error", 0, NULL },
	{ 0xd0cb, "output_disable_active_again", 0, NULL },
	{ 0xd0cc, "time_limit_on_debug_data", 0, NULL },
	{ 0xd201, "block_name_syntax", 0, NULL },
	{ 0xd202, "function_parameter_syntax", 0, NULL },
	{ 0xd205, "linked_block_in_ram", 0, NULL },
	{ 0xd206, "linked_block_in_eprom", 0, NULL },
	{ 0xd208, "too_many_copied_blocks", 0, NULL },
	{ 0xd209, "block_not_found", 0, NULL },
	{ 0xd20a, "too_many_blocks_to_link", 0, NULL },
	{ 0xd20b, "too_many_blocks_to_delete", 0, NULL },
	{ 0xd20c, "priority_class_missing", 0, NULL },
	{ 0xd20d, "sdb_not_interpretable", 0, NULL },
	{ 0xd20e, "no_block_available", 0, NULL },
	{ 0xd20f, "module_block_size_exceeded", 0, NULL },
	{ 0xd210, "invalid_block_number", 0, NULL },
	{ 0xd212, "incorrect_header_attribute", 0, NULL },
	{ 0xd213, "too_many_sdbs", 0, NULL },
	{ 0xd216, "invalid_user_program", 0, NULL },
	{ 0xd217, "protection_level_not_permitted", 0, NULL },
	{ 0xd218, "incorrect_attribute", 0, NULL },
	{ 0xd219, "incorrect_block_lengths", 0, NULL },
	{ 0xd21a, "incorrect_local_data_length", 0, NULL },
	{ 0xd21b, "compression_interrupted", 0, NULL },
	{ 0xd21d, "illegal_project_data_volume", 0, NULL },
	{ 0xd21e, "parameters_not_assignable", 0, NULL },
	{ 0xd220, "invalid_language", 0, NULL },
	{ 0xd221, "invalid_connection_data", 0, NULL },
	{ 0xd222, "invalid_global_data_parameters", 0, NULL },
	{ 0xd223, "instance_data_block_error", 0, NULL },
	{ 0xd224, "invalid_scan_block", 0, NULL },
	{ 0xd225, "invalid_dp_block", 0, NULL },
	{ 0xd226, "block_structure_error", 0, NULL },
	{ 0xd230, "block_structure_error", 0, NULL },
	{ 0xd231, "priority_class_missing", 0, NULL },
	{ 0xd232, "illegal_block_number", 0, NULL },
	{ 0xd234, "block_twice", 0, NULL },
	{ 0xd235, "wrong_block_checksum", 0, NULL },
	{ 0xd236, "no_block_checksum", 0, NULL },
	{ 0xd237, "same_block_loaded_already", 0, NULL },
	{ 0xd238, "not_a_data_block", 0, NULL },
	{ 0xd239, "no_linked_variant", 0, NULL },
	{ 0xd23a, "data_block_differs", 0, NULL },
	{ 0xd240, "coordination_rules_violated", 0, NULL },
	{ 0xd241, "forbidden_by_protection_level", 0, NULL },
	{ 0xd242, "f_block_protection_violated", 0, NULL },
	{ 0xd250, "update_does_not_match_module", 0, NULL },
	{ 0xd251, "wrong_component_sequence", 0, NULL },
	{ 0xd252, "checksum_error", 0, NULL },
	{ 0xd253, "no_executable_loader", 0, NULL },
	{ 0xd254, "storage_error", 0, NULL },
	{ 0xd280, "block_compile_error", 0, NULL },
	{ 0xd2a1, "block_function_active", 0, NULL },
	{ 0xd2a2, "block_trigger_active", 0, NULL },
	{ 0xd2a3, "block_not_active", 0, NULL },
	{ 0xd2a4, "block_in_use", 0, NULL },
	{ 0xd2a6, "cannot_save_and_change", 0, NULL },
	{ 0xd2a7, "block_unlinked", 0, NULL },
	{ 0xd2a8, "debugging_prevents_parameters", 0, NULL },
	{ 0xd2a9, "cpu_parameters_being_assigned", 0, NULL },
	{ 0xd2aa, "module_parameters_being_assigned", 0, NULL },
	{ 0xd2ab, "limits_being_changed", 0, NULL },
	{ 0xd2ac, "activation_prevents_change", 0, NULL },
	{ 0xd2b0, "configuring_in_run_error", 0, NULL },
	{ 0xd2c0, "too_many_technology_objects", 0, NULL },
	{ 0xd2c1, "technology_block_exists", 0, NULL },
	{ 0xd2c2, "download_not_possible", 0, NULL },
	{ 0xd401, "information_unavailable", 0, NULL },
	{ 0xd402, "information_unavailable", 0, NULL },
	{ 0xd403, "already_logged_on_or_off", 0, NULL },
	{ 0xd404, "too_many_nodes", 0, NULL },
	{ 0xd405, "service_not_supported", 0, NULL },
	{ 0xd406, "information_currently_unavailable", 0, NULL },
	{ 0xd407, "diagnostics_error", 0, NULL },
	{ 0xd408, "update_aborted", 0, NULL },
	{ 0xd409, "dp_bus_error", 0, NULL },
	{ 0xd601, "function_parameter_syntax", 0, NULL },
	{ 0xd602, "wrong_password", 0, NULL },
	{ 0xd603, "already_legitimised", 0, NULL },
	{ 0xd604, "already_enabled", 0, NULL },
	{ 0xd605, "no_password_set", 0, NULL },
	{ 0xd801, "invalid_tag_address", 0, NULL },
	{ 0xd802, "no_such_job", 0, NULL },
	{ 0xd803, "illegal_job_status", 0, NULL },
	{ 0xd804, "illegal_cycle_time", 0, NULL },
	{ 0xd805, "no_more_cyclic_jobs", 0, NULL },
	{ 0xd806, "job_state_forbids_function", 0, NULL },
	{ 0xd807, "function_overload", 0, NULL },
	{ 0xdc01, "invalid_time", 0, NULL },
	{ 0xe201, "already_master", 0, NULL },
	{ 0xe202, "other_user_program", 0, NULL },
	{ 0xe203, "other_firmware", 0, NULL },
	{ 0xe204, "other_memory_configuration", 0, NULL },
	{ 0xe205, "synchronisation_error", 0, NULL },
	{ 0xe206, "coordination_violation", 0, NULL },
	{ 0xef01, "id2_not_zero", 0, NULL },
	{ 0xef02, "no_such_resources", 0, NULL },
};
const struct oto_names s7_errors = OTO_NAMES(errors_rows);

static const struct oto_name return_codes_rows[] = {
	{ 0x00, "Reserved", 0, NULL },
	{ 0x01, "Hardware error", 0, NULL },
	{ 0x03, "Accessing the object not allowed", 0, NULL },
	{ 0x05, "Invalid address", 0, NULL },
	{ 0x06, "Data type not supported", 0, NULL },
	{ 0x07, "Data type inconsistent", 0, NULL },
	{ 0x0a, "Object does not exist", 0, NULL },
	{ 0xfe, "Unchanged", 0, "since the last message of a change driven subscription" },
	{ 0xff, "Success", 0, NULL },
};
const struct oto_names s7_return_codes = OTO_NAMES(return_codes_rows);

const char *s7_error_word(uint16_t error)
{
	static const struct oto_name classes[] = {
		{ 0x81, "application_relationship_error", 0, NULL },
		{ 0x82, "object_definition_error", 0, NULL },
		{ 0x83, "no_resources", 0, NULL },
		{ 0x84, "service_processing_error", 0, NULL },
		{ 0x85, "supplies_error", 0, NULL },
		{ 0x87, "access_error", 0, NULL },
	};
	static const struct oto_names class_names = OTO_NAMES(classes);
	const struct oto_name *row = oto_name_of(&s7_errors, error);

	if (!row)
		row = oto_name_of(&class_names, error >> 8);
	return row ? row->name : "unknown_error";
}

const char *s7_return_word(uint8_t code)
{
	switch (code) {
	case 0x01:
		return "hardware_error";
	case 0x03:
		return "access_not_allowed";
	case 0x05:
		return "invalid_address";
	case 0x06:
		return "type_not_supported";
	case 0x07:
		return "type_inconsistent";
	case 0x0a:
		return "object_does_not_exist";
	default:
		return "unknown_error";
	}
}

/* ------------------------------------------------------------------------------------------------ variables */

static const struct oto_name syntaxes_rows[] = {
	{ 16, "S7ANY", 0, "area, address and type" },
	{ 19, "PBC-R_ID", 0, "a BSEND/BRECV number" },
	{ 21, "ALARM_LOCKFREE", 0, NULL },
	{ 22, "ALARM_IND", 0, NULL },
	{ 25, "ALARM_ACK", 0, NULL },
	{ 26, "ALARM_QUERYREQ", 0, NULL },
	{ 28, "NOTIFY_IND", 0, NULL },
	{ S7_NCK, "NCK", 0, "variable of a numeric control" },
	{ S7_NCK_M, "NCK_M", 0, NULL },
	{ S7_NCK_I, "NCK_I", 0, NULL },
	{ S7_DRIVE, "DRIVEESANY", 0, "parameter of a drive" },
	{ S7_DB, "DBREAD", 0, "bytes of data blocks" },
	{ S7_SYMBOL, "1200SYM", 0, "a symbol of an S7-1200" },
	{ S7_WATCH, "WATCH", 0, "a row of a variable table" },
};
const struct oto_names s7_syntaxes = OTO_NAMES(syntaxes_rows);

static const struct oto_name areas_rows[] = {
	{ 1, "data_record", 0, NULL },
	{ 3, "system_info", 0, NULL },
	{ 5, "system_flags", 0, NULL },
	{ 6, "analog_inputs", 0, NULL },
	{ 7, "analog_outputs", 0, NULL },
	{ 128, "P", 0, "peripherals" },
	{ 129, "I", 0, "inputs" },
	{ 130, "Q", 0, "outputs" },
	{ 131, "M", 0, "flags" },
	{ 132, "DB", 0, "data blocks" },
	{ 133, "DI", 0, "instance data blocks" },
	{ 134, "L", 0, "local data" },
	{ 135, "V", 0, "local data of the caller" },
	{ 28, "C", 0, "counters" },
	{ 29, "T", 0, "timers" },
	{ 30, "iec_counters", 0, NULL },
	{ 31, "iec_timers", 0, NULL },
};
const struct oto_names s7_areas = OTO_NAMES(areas_rows);

static const struct oto_name sizes_rows[] = {
	{ 1, "BIT", 0, NULL },
	{ 2, "BYTE", 0, NULL },
	{ 3, "CHAR", 0, NULL },
	{ 4, "WORD", 0, NULL },
	{ 5, "INT", 0, NULL },
	{ 6, "DWORD", 0, NULL },
	{ 7, "DINT", 0, NULL },
	{ 8, "REAL", 0, NULL },
	{ 9, "DATE", 0, NULL },
	{ 10, "TOD", 0, NULL },
	{ 11, "TIME", 0, NULL },
	{ 12, "S5TIME", 0, NULL },
	{ 15, "DATE_AND_TIME", 0, NULL },
	{ 28, "COUNTER", 0, NULL },
	{ 29, "TIMER", 0, NULL },
	{ 30, "IEC_TIMER", 0, NULL },
	{ 31, "IEC_COUNTER", 0, NULL },
	{ 32, "HS_COUNTER", 0, NULL },
};
const struct oto_names s7_sizes = OTO_NAMES(sizes_rows);

static const struct oto_name data_sizes_rows[] = {
	{ 0, "NULL", 0, NULL },    { 3, "BIT", 0, NULL },           { 4, "BYTE_WORD_DWORD", 0, NULL },
	{ 5, "INTEGER", 0, NULL }, { 6, "DINTEGER", 0, NULL },      { 7, "REAL", 0, NULL },
	{ 9, "OCTETS", 0, NULL },  { 17, "NCK_ADDRESS1", 0, NULL }, { 18, "NCK_ADDRESS2", 0, NULL },
};
const struct oto_names s7_data_sizes = OTO_NAMES(data_sizes_rows);

static const struct oto_name accesses_rows[] = {
	{ ACCESS_READ, "read", 0, NULL },
	{ ACCESS_WRITE, "write", 0, NULL },
	{ ACCESS_CYCLIC, "cyclic", 0, "subscribed to" },
	{ ACCESS_WATCH, "watch", 0, "by the programmer" },
	{ ACCESS_MODIFY, "modify", 0, "by the programmer" },
};
const struct oto_names s7_accesses = OTO_NAMES(accesses_rows);

static const struct oto_name pdu_types_rows[] = {
	{ 1, "request", 0, NULL },
	{ 2, "response", 0, NULL },
	{ 3, "push", 0, "sent unasked" },
};
const struct oto_names s7_pdu_types = OTO_NAMES(pdu_types_rows);

const uint8_t s7_widths[S7_WIDTHS] = { [1] = 1, [2] = 1,  [3] = 1,  [4] = 2,  [5] = 2,  [6] = 4,  [7] = 4, [8] = 4,
				       [9] = 2, [10] = 4, [11] = 4, [12] = 2, [15] = 8, [28] = 2, [29] = 2 };

const char *s7_area_letter(uint8_t area)
{
	const struct oto_name *row = oto_name_of(&s7_areas, area);

	return row ? row->name : NULL;
}

/* ------------------------------------------------------------------------------------------------ status lists */

/* By the lower byte: the upper says which extract of the list. */
static const struct oto_name szls_rows[] = {
	{ 0x00, "List of all the SZL-IDs of a module", 0, NULL },
	{ 0x11, "Module identification", 0, NULL },
	{ 0x12, "CPU characteristics", 0, NULL },
	{ 0x13, "User memory areas", 0, NULL },
	{ 0x14, "System areas", 0, NULL },
	{ 0x15, "Block types", 0, NULL },
	{ 0x16, "Priority classes", 0, NULL },
	{ 0x17, "List of the permitted SDBs with a number < 1000", 0, NULL },
	{ 0x18, "Maximum S7-300 I/O configuration", 0, NULL },
	{ 0x19, "Status of the module LEDs", 0, NULL },
	{ 0x1c, "Component Identification", 0, NULL },
	{ 0x21, "Interrupt / error assignment", 0, NULL },
	{ 0x22, "Interrupt status", 0, NULL },
	{ 0x23, "Priority classes", 0, NULL },
	{ 0x24, "Modes", 0, NULL },
	{ 0x25, "Assignment between process image partitions and OBs", 0, NULL },
	{ 0x31, "Communication capability parameters", 0, NULL },
	{ 0x32, "Communication status data", 0, NULL },
	{ 0x33, "Diagnostics: device logon list", 0, NULL },
	{ 0x37, "Ethernet - Details of a Module", 0, NULL },
	{ 0x71, "H CPU group information", 0, NULL },
	{ 0x74, "Status of the module LEDs", 0, NULL },
	{ 0x75, "Switched DP slaves in the H-system", 0, NULL },
	{ 0x81, "Start information list", 0, NULL },
	{ 0x82, "Start event list", 0, NULL },
	{ 0x90, "DP Master System Information", 0, NULL },
	{ 0x91, "Module status information", 0, NULL },
	{ 0x92, "Rack / station status information", 0, NULL },
	{ 0x94, "Rack / station status information", 0, NULL },
	{ 0x95, "Extended DP master system information", 0, NULL },
	{ 0x96, "Module status information, PROFINET IO and PROFIBUS DP", 0, NULL },
	{ 0xa0, "Diagnostic buffer of the CPU", 0, NULL },
	{ 0xb1, "Module diagnostic information (data record 0)", 0, NULL },
	{ 0xb2, "Module diagnostic information (data record 1), geographical address", 0, NULL },
	{ 0xb3, "Module diagnostic information (data record 1), logical address", 0, NULL },
	{ 0xb4, "Diagnostic data of a DP slave", 0, NULL },
};
const struct oto_names s7_szls = OTO_NAMES(szls_rows);

static const struct oto_name methods_rows[] = {
	{ 17, "Request", 0, NULL },
	{ 18, "Response", 0, NULL },
};
const struct oto_names s7_methods = OTO_NAMES(methods_rows);

static const struct oto_name event_classes_rows[] = {
	{ 1, "Standard OB", 0, NULL },
	{ 2, "Synchronous error", 0, NULL },
	{ 3, "Asynchronous error", 0, NULL },
	{ 4, "Mode transition", 0, NULL },
	{ 5, "Run-time event", 0, NULL },
	{ 6, "Communication event", 0, NULL },
	{ 7, "Fail-safe or fault-tolerant event", 0, NULL },
	{ 8, "Module diagnosis", 0, NULL },
	{ 9, "Predefined user event", 0, NULL },
	{ 10, "User event", 0, NULL },
	{ 11, "User event", 0, NULL },
	{ 15, "Event of another module", 0, NULL },
};
const struct oto_names s7_event_classes = OTO_NAMES(event_classes_rows);

static const struct oto_name alarm_kinds_rows[] = {
	{ 1, "SCAN", 0, NULL },
	{ 2, "ALARM_8", 0, NULL },
	{ 4, "ALARM_S", 0, NULL },
};
const struct oto_names s7_alarm_kinds = OTO_NAMES(alarm_kinds_rows);

const char *s7_mode_word(uint8_t subfunction)
{
	static const char *const words[] = { [0] = "STOP",    [1] = "STARTUP", [2] = "RUN",      [3] = "STARTUP", [4] = "HOLD",
					     [6] = "STARTUP", [9] = "RUN",     [11] = "LINK-UP", [12] = "UPDATE" };

	return subfunction < sizeof words / sizeof *words ? words[subfunction] : NULL;
}

const char *s7_state_word(uint8_t state)
{
	static const char *const words[] = {
		[1] = "STOP", [2] = "STOP", [3] = "STOP",  [4] = "STOP",     [5] = "STARTUP", [6] = "STARTUP", [7] = "STARTUP",
		[8] = "RUN",  [9] = "RUN",  [10] = "HOLD", [11] = "LINK-UP", [12] = "UPDATE", [13] = "DEFECT"
	};

	return state < sizeof words / sizeof *words ? words[state] : NULL;
}
