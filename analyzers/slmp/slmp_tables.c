/* slmp_tables.c - what the numbers of MC protocol and SLMP mean. Facts from SH-080008 (MC protocol) and SH-080956 (SLMP). */
#include "slmp_tables.h"

/* Commands of frame 1E are below 0x100, those of 3E and 4E above; what is asked most comes first, tables are searched in order. Layout
 * letters: R W batch read and write of devices, r w random, b B blocks, a A array labels, l L labels, e E extension file registers, j
 * memory of a module (1E), c remote control, and parts in order: s address (4), q count (2), u module, g bytes and G words by the count, k
 * loopback data, p file password by subcommand, K a password of four bytes, o open mode, v drive, z size (4), t attribute, y file number, n
 * name with its length (N a copy's), m short name (M a copy's), h file pointer, F content of a file, P password with its length, x two
 * bytes, Y four, X eight, i node search, I address setting, O index of an object. What follows is kept as data. */
#define COMMANDS(X)                                                                                                                        \
	X(0x0401, "read", READ, "R", "reads consecutive devices")                                                                          \
	X(0x1401, "write", WRITE, "W", "overwrites consecutive devices: outputs, set points, counters change at once")                     \
	X(0x0403, "read_random", READ, "r", "reads devices one by one")                                                                    \
	X(0x1402, "write_random", WRITE, "w", "overwrites devices one by one")                                                             \
	X(0x0406, "read_block", READ, "b", "reads blocks of devices")                                                                      \
	X(0x1406, "write_block", WRITE, "B", "overwrites blocks of devices")                                                               \
	X(0x0801, "entry_monitor_device", READ, "r", "names the devices that execute_monitor reads")                                       \
	X(0x0802, "execute_monitor", READ, "", "reads the registered devices")                                                             \
	X(0x0001, "batch_read_word", READ, "R", "reads word devices")                                                                      \
	X(0x0000, "batch_read_bit", READ, "R", "reads bit devices")                                                                        \
	X(0x0002, "batch_write_bit", WRITE, "W", "sets or clears bit devices")                                                             \
	X(0x0003, "batch_write_word", WRITE, "W", "overwrites word devices")                                                               \
	X(0x0004, "test_bit", WRITE, "w", "sets or clears single bit devices")                                                             \
	X(0x0005, "test_word", WRITE, "w", "overwrites single word devices")                                                               \
	X(0x0006, "monitor_registration_bit", READ, "r", "names the bit devices that the monitor command reads")                           \
	X(0x0007, "monitor_registration_word", READ, "r", "names the word devices that the monitor command reads")                         \
	X(0x0008, "monitor_bit", READ, "", "reads the registered bit devices")                                                             \
	X(0x0009, "monitor_word", READ, "", "reads the registered word devices")                                                           \
	X(0x000e, "module_buffer_read", READ, "j", "reads the buffer memory of a module")                                                  \
	X(0x000f, "module_buffer_write", WRITE, "j", "overwrites the buffer memory of a module")                                           \
	X(0x0013, "remote_run_1e", START, "", "the CPU executes its program")                                                              \
	X(0x0014, "remote_stop_1e", STOP, "", "the CPU stops executing its program; outputs go off")                                       \
	X(0x0015, "cpu_type_read", DISCOVER, "", "reads the type of the CPU")                                                              \
	X(0x0016, "loopback_test_1e", DIAGNOSE, "k", "sends data back")                                                                    \
	X(0x0017, "extension_file_register_read", READ, "e", "reads file registers of a block")                                            \
	X(0x0018, "extension_file_register_write", WRITE, "E", "overwrites file registers of a block")                                     \
	X(0x0019, "extension_file_register_test", WRITE, "E", "overwrites single file registers")                                          \
	X(0x001a, "extension_file_register_monitor_registration", READ, "e", "names file registers to monitor")                            \
	X(0x001b, "extension_file_register_monitor", READ, "", "reads the registered file registers")                                      \
	X(0x003b, "extension_file_register_direct_read", READ, "R", "reads file registers by number")                                      \
	X(0x003c, "extension_file_register_direct_write", WRITE, "W", "overwrites file registers by number")                               \
	X(0x0101, "read_type_name", DISCOVER, "", "reads the model name of the CPU")                                                       \
	X(0x041a, "array_label_read", READ, "a", "reads array labels by name")                                                             \
	X(0x041c, "label_read_random", READ, "l", "reads labels by name")                                                                  \
	X(0x141a, "array_label_write", WRITE, "A", "overwrites array labels by name")                                                      \
	X(0x141b, "label_write_random", WRITE, "L", "overwrites labels by name")                                                           \
	X(0x0601, "extend_unit_read", READ, "squ", "reads the buffer memory of an intelligent module")                                     \
	X(0x1601, "extend_unit_write", WRITE, "squg", "overwrites the buffer memory of an intelligent module: its settings and outputs")   \
	X(0x0613, "memory_read", READ, "sq", "reads the buffer memory of the communication module")                                        \
	X(0x1613, "memory_write", WRITE, "sqG", "overwrites the buffer memory of the communication module: its settings")                  \
	X(0x1001, "remote_run", START, "c",                                                                                                \
	  "the CPU executes its program; mode force overrides another's stop; clear mode 1 clears devices first, 2 latched ones too")      \
	X(0x1002, "remote_stop", STOP, "c", "the CPU stops executing its program; outputs go off")                                         \
	X(0x1003, "remote_pause", STOP, "c", "the CPU stops executing its program; outputs keep their state")                              \
	X(0x1005, "remote_latch_clear", RESET, "c", "latched devices are cleared; only while stopped")                                     \
	X(0x1006, "remote_reset", RESET, "c", "the CPU starts anew; only while stopped, and mostly without an answer")                     \
	X(0x1630, "remote_password_unlock", AUTHENTICATE, "P", "shows the password; the CPU accepts commands")                             \
	X(0x1631, "remote_password_lock", AUTHENTICATE, "P", "the CPU refuses commands until it is unlocked")                              \
	X(0x0619, "self_test", DIAGNOSE, "k", "sends data back")                                                                           \
	X(0x1617, "clear_error", CLEAR, "", "switches the error LED off and forgets the error")                                            \
	X(0x1619, "clear_error_history", CLEAR, "", "the history of errors is lost")                                                       \
	X(0x161a, "clear_event_history", CLEAR, "", "the history of events is lost, traces of who did what among them")                    \
	X(0x0201, "read_file_information", PROGRAM_READ, "Kvxq", "lists files")                                                            \
	X(0x0202, "read_file_information_with_title", PROGRAM_READ, "Kvxq", "lists files with their titles")                               \
	X(0x0203, "search_file_by_name", PROGRAM_READ, "Kvm", "looks a file up")                                                           \
	X(0x0204, "read_file_usage", PROGRAM_READ, "Kv", "lists which file numbers are used")                                              \
	X(0x0205, "read_drive_usage", READ, "v", "reads how much of a drive is used")                                                      \
	X(0x0206, "read_file", PROGRAM_READ, "Kvxmsq", "reads a file: program, parameters or comments")                                    \
	X(0x0808, "lock_file", PROGRAM_READ, "xvxm", "locks a file against others, or gives it free")                                      \
	X(0x1202, "new_file_of_size", PROGRAM_WRITE, "KvYmzx", "makes a file: program, parameters or comments")                            \
	X(0x1203, "write_file", PROGRAM_WRITE, "KvxmsqF", "overwrites a part of a file")                                                   \
	X(0x1204, "change_file_information", PROGRAM_WRITE, "Kvxm", "renames a file, changes its size or date")                            \
	X(0x1205, "delete_file_by_number", PROGRAM_WRITE, "Kvxm", "deletes a file")                                                        \
	X(0x1206, "copy_file_by_number", PROGRAM_WRITE, "KvxmsqxKvxMs", "copies a file over another")                                      \
	X(0x1207, "defragment_drive", CONFIGURE, "v", "moves the files of a drive together")                                               \
	X(0x1810, "read_directory", PROGRAM_READ, "pvyqn", "lists files")                                                                  \
	X(0x1811, "search_file", PROGRAM_READ, "pvxn", "looks a file up")                                                                  \
	X(0x1820, "new_file", PROGRAM_WRITE, "pvzn", "makes a file: program, parameters or comments")                                      \
	X(0x1822, "delete_file", PROGRAM_WRITE, "pvn", "deletes a file")                                                                   \
	X(0x1824, "copy_file", PROGRAM_WRITE, "XpvNpvn", "copies a file")                                                                  \
	X(0x1825, "change_file_state", PROGRAM_WRITE, "pvtn", "changes the attribute of a file: read only or not")                         \
	X(0x1826, "change_file_date", PROGRAM_WRITE, "pvxxn", "changes the date of a file")                                                \
	X(0x1827, "open_file", PROGRAM_READ, "povn", "opens a file, locking it for others; to be written with open mode 0x0100")           \
	X(0x1828, "read_file_data", PROGRAM_READ, "hsq", "reads from an open file")                                                        \
	X(0x1829, "write_file_data", PROGRAM_WRITE, "hsqF", "overwrites a part of an open file")                                           \
	X(0x182a, "close_file", PROGRAM_READ, "hx", "closes a file")                                                                       \
	X(0x2101, "on_demand", OTHER, "", "data that a CPU sends by itself")                                                               \
	X(0x0e30, "node_search", DISCOVER, "i", "asks who is on the network")                                                              \
	X(0x0e31, "ip_address_set", CONFIGURE, "I", "gives a device another IP address")                                                   \
	X(0x0e28, "device_identification_get", DISCOVER, "", "reads the identification of a device")                                       \
	X(0x0e29, "node_data_monitoring", READ, "", "reads data of a device")                                                              \
	X(0x0e32, "device_info_compare", DISCOVER, "", "compares the identification of a device")                                          \
	X(0x0e33, "parameter_get", READ, "", "reads parameters of a device")                                                               \
	X(0x0e34, "parameter_set", CONFIGURE, "", "changes parameters of a device")                                                        \
	X(0x0e35, "parameter_set_start", CONFIGURE, "", "begins to change parameters")                                                     \
	X(0x0e36, "parameter_set_end", CONFIGURE, "", "puts changed parameters into effect")                                               \
	X(0x0e3a, "parameter_set_cancel", CONFIGURE, "", "gives up a change of parameters")                                                \
	X(0x0e44, "status_read", DIAGNOSE, "", "reads the status of a device")                                                             \
	X(0x0e45, "communication_setting_get", READ, "", "reads communication settings")                                                   \
	X(0x0e53, "status_read_several", DIAGNOSE, "", "reads the status of several devices")                                              \
	X(0x0eb0, "backup_setting_get", READ, "", "reads how a device may be backed up")                                                   \
	X(0x0eb1, "backup_list_get", READ, "", "lists what can be backed up")                                                              \
	X(0x0eb2, "backup_device_info_get", READ, "", "reads of which device a backup would be")                                           \
	X(0x0eb3, "backup_start", PROGRAM_READ, "", "begins to read all settings of a device")                                             \
	X(0x0eb4, "backup_end", PROGRAM_READ, "", "ends reading all settings")                                                             \
	X(0x0eb5, "backup_request", PROGRAM_READ, "", "a device asks to be backed up")                                                     \
	X(0x0eb6, "backup_parameter_get", PROGRAM_READ, "", "reads settings of a device")                                                  \
	X(0x0eb7, "restore_check", DIAGNOSE, "", "asks whether a backup fits a device")                                                    \
	X(0x0eb8, "restore_start", PROGRAM_WRITE, "", "begins to overwrite all settings of a device")                                      \
	X(0x0eb9, "restore_end", PROGRAM_WRITE, "", "ends overwriting all settings")                                                       \
	X(0x0eba, "restore_parameter_set", PROGRAM_WRITE, "", "overwrites settings of a device")                                           \
	X(0x0ebe, "parameter_delivery_check", CONFIGURE, "", "makes a device take its parameters")                                         \
	X(0x3040, "communication_test", DIAGNOSE, "", "tests the way to a station")                                                        \
	X(0x3050, "cable_test", DIAGNOSE, "", "tests cables; the line is interrupted")                                                     \
	X(0x3060, "event_history_count", READ, "", "reads how many events there are")                                                      \
	X(0x3061, "event_history_get", READ, "", "reads events")                                                                           \
	X(0x3062, "event_history_clock", TIME, "", "tells a device the time of its events")                                                \
	X(0x3070, "node_indication", DIAGNOSE, "", "makes a device blink")                                                                 \
	X(0x3072, "communication_speed", CONFIGURE, "", "changes the speed of communication")                                              \
	X(0x3119, "node_info_get", DISCOVER, "", "asks a station what it is")                                                              \
	X(0x3206, "cyclic_stop", STOP, "", "a station no longer exchanges cyclic data: its outputs go off or stay, as set")                \
	X(0x3207, "cyclic_start", START, "", "a station exchanges cyclic data again")                                                      \
	X(0x3208, "cyclic_stop_other", STOP, "", "other stations no longer exchange cyclic data")                                          \
	X(0x3209, "cyclic_start_other", START, "", "other stations exchange cyclic data again")                                            \
	X(0x320a, "link_parameter_write", CONFIGURE, "", "changes which data a station exchanges")                                         \
	X(0x320b, "link_parameter_check", DIAGNOSE, "", "asks for a check of what a station exchanges")                                    \
	X(0x320c, "link_parameter_check_result", DIAGNOSE, "", "the result of that check")                                                 \
	X(0x320d, "reserved_station_release", CONFIGURE, "", "a reserved station takes part")                                              \
	X(0x320e, "reserved_station_set", CONFIGURE, "", "a station is no longer missed")                                                  \
	X(0x3210, "watchdog_counter_set", CONFIGURE, "", "switches the supervision of a station on or off")                                \
	X(0x3211, "watchdog_counter_offset", CONFIGURE, "", "sets that supervision's counter")                                             \
	X(0x3230, "node_info_accept", CONFIGURE, "", "takes a station's description over")                                                 \
	X(0x4020, "object_access", OTHER, "O",                                                                                             \
	  "reads or writes an object of a CAN application profile: settings and set points of a drive")                                    \
	X(0xa445, "data_collection", READ, "", "reads collected data")                                                                     \
	X(0x0610, "user_frame_read", READ, "q", "reads a registered frame of a serial module")                                             \
	X(0x1610, "user_frame_write", CONFIGURE, "", "registers or deletes a frame of a serial module")                                    \
	X(0x1612, "mode_switch", MODE, "", "a serial module speaks another protocol")                                                      \
	X(0x1615, "transmission_initialize", RESET, "", "a serial module forgets what it was sending")                                     \
	X(0x1618, "global_signal", WRITE, "", "switches an input of the CPU through a serial module")                                      \
	X(0x0630, "cpu_monitoring_register", CONFIGURE, "", "a serial module reports devices and errors of the CPU by itself")             \
	X(0x0631, "cpu_monitoring_cancel", CONFIGURE, "", "ends that")
#define NAME(code, name, op, layout, doc) { code, name, OTO_OP_##op, doc },
#define LAYOUT(code, name, op, layout, doc) layout,
static const struct oto_name command_rows[] = { COMMANDS(NAME) };
static const char *const layouts[] = { COMMANDS(LAYOUT) }; /* row by row with command_rows */
const struct oto_names slmp_commands = OTO_NAMES(command_rows);

/* Code, name, letters in ASCII, numbered in hexadecimal, holds bits (SH-080956 5.2). */
#define DEVICES(X)                                                                                                                         \
	X(0x91, "SM", "SM", 0, 1)                                                                                                          \
	X(0xa9, "SD", "SD", 0, 0)                                                                                                          \
	X(0x9c, "X", "X*", 1, 1)                                                                                                           \
	X(0x9d, "Y", "Y*", 1, 1)                                                                                                           \
	X(0x90, "M", "M*", 0, 1)                                                                                                           \
	X(0x92, "L", "L*", 0, 1)                                                                                                           \
	X(0x93, "F", "F*", 0, 1)                                                                                                           \
	X(0x94, "V", "V*", 0, 1)                                                                                                           \
	X(0xa0, "B", "B*", 1, 1)                                                                                                           \
	X(0xa8, "D", "D*", 0, 0)                                                                                                           \
	X(0xb4, "W", "W*", 1, 0)                                                                                                           \
	X(0xc1, "TS", "TS", 0, 1)                                                                                                          \
	X(0xc0, "TC", "TC", 0, 1)                                                                                                          \
	X(0xc2, "TN", "TN", 0, 0)                                                                                                          \
	X(0x51, "LTS", "", 0, 1)                                                                                                           \
	X(0x50, "LTC", "", 0, 1)                                                                                                           \
	X(0x52, "LTN", "", 0, 0)                                                                                                           \
	X(0xc7, "STS", "SS", 0, 1)                                                                                                         \
	X(0xc6, "STC", "SC", 0, 1)                                                                                                         \
	X(0xc8, "STN", "SN", 0, 0)                                                                                                         \
	X(0x59, "LSTS", "", 0, 1)                                                                                                          \
	X(0x58, "LSTC", "", 0, 1)                                                                                                          \
	X(0x5a, "LSTN", "", 0, 0)                                                                                                          \
	X(0xc4, "CS", "CS", 0, 1)                                                                                                          \
	X(0xc3, "CC", "CC", 0, 1)                                                                                                          \
	X(0xc5, "CN", "CN", 0, 0)                                                                                                          \
	X(0x55, "LCS", "", 0, 1)                                                                                                           \
	X(0x54, "LCC", "", 0, 1)                                                                                                           \
	X(0x56, "LCN", "", 0, 0)                                                                                                           \
	X(0xa1, "SB", "SB", 1, 1)                                                                                                          \
	X(0xb5, "SW", "SW", 1, 0)                                                                                                          \
	X(0x98, "S", "S*", 0, 1)                                                                                                           \
	X(0xa2, "DX", "DX", 1, 1)                                                                                                          \
	X(0xa3, "DY", "DY", 1, 1)                                                                                                          \
	X(0xcc, "Z", "Z*", 0, 0)                                                                                                           \
	X(0x62, "LZ", "", 0, 0)                                                                                                            \
	X(0xaf, "R", "R*", 0, 0)                                                                                                           \
	X(0xb0, "ZR", "ZR", 1, 0)                                                                                                          \
	X(0x2c, "RD", "RD", 0, 0)                                                                                                          \
	X(0xab, "G", "G*", 0, 0)                                                                                                           \
	X(0x2e, "HG", "HG", 0, 0)                                                                                                          \
	X(0xe0, "#", "#*", 0, 0)
#define DEVICE_NAME(code, name, ascii, hex, bit) { code, name, 0, NULL },
#define DEVICE(code, name, ascii, hex, bit) { ascii, hex, bit },
static const struct oto_name device_rows[] = { DEVICES(DEVICE_NAME) };
static const struct slmp_device devices[] = { DEVICES(DEVICE) }; /* row by row with device_rows */
const struct oto_names slmp_devices = OTO_NAMES(device_rows);

static const struct oto_name end_code_rows[] = {
	{ 0x0000, "normal", 0, NULL },
	{ 0xc059, "unknown_command", 0, NULL },
	{ 0xc051, "points_out_of_range_word", 0, NULL },
	{ 0xc052, "points_out_of_range_bit", 0, NULL },
	{ 0xc053, "points_out_of_range_random", 0, NULL },
	{ 0xc054, "points_out_of_range_random_bit", 0, NULL },
	{ 0xc055, "file_data_size", 0, NULL },
	{ 0xc056, "address_out_of_range", 0, NULL },
	{ 0xc05b, "cannot_access_device", 0, NULL },
	{ 0xc05c, "request_data", 0, NULL },
	{ 0xc05d, "no_monitor_registration", 0, NULL },
	{ 0xc05e, "monitoring_timer", 0, NULL },
	{ 0xc05f, "cannot_execute_on_target", 0, NULL },
	{ 0xc060, "bit_data", 0, NULL },
	{ 0xc061, "length_and_data_differ", 0, NULL },
	{ 0x4031, "device_out_of_range", 0, NULL },
	{ 0x0002, "device_range_1e", 0, NULL },
	{ 0x0050, "subheader_code_1e", 0, NULL },
	{ 0x0051, "buffer_address_1e", 0, NULL },
	{ 0x0052, "buffer_range_1e", 0, NULL },
	{ 0x0053, "ascii_data_1e", 0, NULL },
	{ 0x0054, "ascii_conversion_1e", 0, NULL },
	{ 0x0055, "write_disabled_while_running_1e", 0, NULL },
	{ 0x0056, "device_error_1e", 0, NULL },
	{ 0x0057, "points_out_of_range_1e", 0, NULL },
	{ 0x0058, "address_out_of_range_1e", 0, NULL },
	{ 0x0059, "extension_file_register_1e", 0, NULL },
	{ 0x005b, "cpu_error_1e", 0, NULL },
	{ 0x0060, "cpu_communication_time_1e", 0, NULL },
	{ 0x4000, "checksum", 0, NULL },
	{ 0x4001, "unsupported_request", 0, NULL },
	{ 0x4002, "unsupported_subrequest", 0, NULL },
	{ 0x4003, "broadcast_not_allowed", 0, NULL },
	{ 0x4004, "serial_request_not_allowed", 0, NULL },
	{ 0x4005, "request_too_long", 0, NULL },
	{ 0x4006, "cannot_communicate", 0, NULL },
	{ 0x4008, "cpu_busy", 0, NULL },
	{ 0x4010, "not_while_running", 0, NULL },
	{ 0x4013, "not_while_running_or_paused", 0, NULL },
	{ 0x4021, "drive_missing", 0, NULL },
	{ 0x4022, "file_missing", 0, NULL },
	{ 0x4023, "file_name_or_number", 0, NULL },
	{ 0x4024, "file_not_accessible", 0, NULL },
	{ 0x4025, "file_busy", 0, NULL },
	{ 0x4026, "file_password", 0, NULL },
	{ 0x4027, "file_range", 0, NULL },
	{ 0x4028, "file_exists", 0, NULL },
	{ 0x4029, "drive_full", 0, NULL },
	{ 0x402a, "drive_abnormal", 0, NULL },
	{ 0x402b, "drive_not_executable", 0, NULL },
	{ 0x402c, "busy_retry", 0, NULL },
	{ 0x4030, "device_missing", 0, NULL },
	{ 0x4032, "device_qualification", 0, NULL },
	{ 0x4033, "device_system_area", 0, NULL },
	{ 0x4034, "not_completed", 0, NULL },
	{ 0x4035, "word_address_of_bit_device", 0, NULL },
	{ 0x4040, "module_unsupported_request", 0, NULL },
	{ 0x4041, "module_range", 0, NULL },
	{ 0x4042, "module_access", 0, NULL },
	{ 0x4043, "module_address", 0, NULL },
	{ 0x4044, "module_fault", 0, NULL },
	{ 0x4050, "write_protected", 0, NULL },
	{ 0x4051, "memory_access", 0, NULL },
	{ 0x4052, "read_only_file", 0, NULL },
	{ 0x4053, "drive_write", 0, NULL },
	{ 0x4080, "request_data", 0, NULL },
	{ 0x4081, "sort_object", 0, NULL },
	{ 0x4082, "not_executable", 0, NULL },
	{ 0x4083, "communication_refused", 0, NULL },
	{ 0x408b, "remote_request_refused", 0, NULL },
	{ 0x4b00, "target_error", 0, NULL },
	{ 0x4b02, "not_a_cpu", 0, NULL },
	{ 0x4b03, "routing", 0, NULL },
	{ 0xc035, "peer_not_alive", 0, NULL },
	{ 0xc050, "ascii_conversion", 0, NULL },
	{ 0xc057, "length_and_points_differ", 0, NULL },
	{ 0xc058, "length_and_data_differ_ascii", 0, NULL },
	{ 0xc05a, "cannot_access_device", 0, NULL },
	{ 0xc06f, "ascii_binary_mixed", 0, NULL },
	{ 0xc070, "device_extension_not_allowed", 0, NULL },
	{ 0xc071, "points_out_of_range", 0, NULL },
	{ 0xc072, "bit_access_of_word_device", 0, NULL },
	{ 0xc073, "bit_access_of_double_word", 0, NULL },
	{ 0xc074, "cannot_access_target", 0, NULL },
	{ 0xc075, "label_data_size", 0, NULL },
	{ 0xc081, "reinitializing", 0, NULL },
	{ 0xc083, "communication_aborted", 0, NULL },
	{ 0xc084, "communication_aborted", 0, NULL },
	{ 0xc085, "channel_in_use", 0, NULL },
	{ 0xc0b2, "relay_buffer_full", 0, NULL },
	{ 0xc0b3, "cannot_be_handled", 0, NULL },
	{ 0xc0b5, "data_cannot_be_handled", 0, NULL },
	{ 0xc0b6, "channel_number", 0, NULL },
	{ 0xc0ba, "closing", 0, NULL },
	{ 0xc0d0, "data_length", 0, NULL },
	{ 0xc0d3, "too_many_relays", 0, NULL },
	{ 0xc0d4, "too_many_relays", 0, NULL },
	{ 0xc0d6, "network_or_station", 0, NULL },
	{ 0xc0d7, "not_initialized", 0, NULL },
	{ 0xc0d8, "too_many_blocks", 0, NULL },
	{ 0xc0d9, "subcommand", 0, NULL },
	{ 0xc0db, "no_answer_in_time", 0, NULL },
	{ 0xc0de, "no_answer_in_time", 0, NULL },
	{ 0xc200, "wrong_password", 0, NULL },
	{ 0xc201, "locked", 0, NULL },
	{ 0xc202, "unlock_refused", 0, NULL },
	{ 0xc203, "password_check", 0, NULL },
	{ 0xc204, "other_device_unlocked", 0, NULL },
	{ 0xc205, "unlock_from_other_station", 0, NULL },
	{ 0xc207, "file_name_length", 0, NULL },
	{ 0xc208, "password_length", 0, NULL },
	{ 0xc61c, "length_and_data_differ", 0, NULL },
	{ 0xc810, "wrong_password", 0, NULL },
	{ 0xc811, "wrong_password", 0, NULL },
	{ 0xc812, "wrong_password", 0, NULL },
	{ 0xc813, "wrong_password", 0, NULL },
	{ 0xc814, "wrong_password", 0, NULL },
	{ 0xc815, "password_locked_out", 0, NULL },
	{ 0xc816, "password_locked_out", 0, NULL },
	{ 0xccc7, "object_state", 0, NULL },
	{ 0xccc8, "object_write_only", 0, NULL },
	{ 0xccc9, "object_read_only", 0, NULL },
	{ 0xccca, "object_missing", 0, NULL },
	{ 0xcccb, "object_mapping", 0, NULL },
	{ 0xcccc, "object_mapping_length", 0, NULL },
	{ 0xccd0, "object_value_length", 0, NULL },
	{ 0xccd1, "object_value_too_long", 0, NULL },
	{ 0xccd2, "object_value_too_short", 0, NULL },
	{ 0xccd3, "object_subindex_missing", 0, NULL },
	{ 0xccd4, "object_parameter", 0, NULL },
	{ 0xccd5, "object_value_too_high", 0, NULL },
	{ 0xccd6, "object_value_too_low", 0, NULL },
	{ 0xccda, "object_cannot_be_stored", 0, NULL },
	{ 0xccff, "object_other", 0, NULL },
	{ 0xcee0, "already_processing", 0, NULL },
	{ 0xcee1, "request_too_long", 0, NULL },
	{ 0xcee2, "response_too_long", 0, NULL },
	{ 0xcf00, "gateway_error", 0, NULL },
	{ 0xcf10, "no_information", 0, NULL },
	{ 0xcf20, "setting_out_of_range", 0, NULL },
	{ 0xcf30, "parameter_missing", 0, NULL },
	{ 0xcf31, "parameter_writing_not_begun", 0, NULL },
	{ 0xcf40, "fragment_timeout", 0, NULL },
	{ 0xcf41, "fragment_twice", 0, NULL },
	{ 0xcf42, "fragment_data", 0, NULL },
	{ 0xcf43, "fragment_lost", 0, NULL },
	{ 0xcf44, "fragments_not_supported", 0, NULL },
	{ 0xcf70, "path_error", 0, NULL },
	{ 0xcf71, "timeout", 0, NULL },
};
const struct oto_names slmp_end_codes = OTO_NAMES(end_code_rows);

/* Answers of frame 1E's cpu_type_read (SH-080008 18.6). */
static const struct oto_name cpu_type_rows[] = {
	{ 0xa1, "A0J2HCPU, A1CPU, A1NCPU", 0, NULL },
	{ 0xa2, "A2CPU, A2NCPU, A2SCPU", 0, NULL },
	{ 0x92, "A2ACPU", 0, NULL },
	{ 0x93, "A2ACPU-S1", 0, NULL },
	{ 0x98, "A0J2HCPU, A1SCPU, A1SJCPU", 0, NULL },
	{ 0xa3, "A3CPU, A3NCPU", 0, NULL },
	{ 0x94, "A3ACPU", 0, NULL },
	{ 0xa4, "A3HCPU, A3MCPU", 0, NULL },
	{ 0xf3, "FX3U, FX3UC", 0, NULL },
};
const struct oto_names slmp_cpu_types = OTO_NAMES(cpu_type_rows);

/* Letters of frame 1E (SH-080008 18.2): two characters, the second often a blank. */
static const struct {
	uint16_t letters;
	uint8_t code;
} devices_1e[] = {
	{ 0x4420, 0xa8 }, { 0x5720, 0xb4 }, { 0x5220, 0xaf }, { 0x544e, 0xc2 }, { 0x5453, 0xc1 }, { 0x5443, 0xc0 },
	{ 0x434e, 0xc5 }, { 0x4353, 0xc4 }, { 0x4343, 0xc3 }, { 0x5820, 0x9c }, { 0x5920, 0x9d }, { 0x4d20, 0x90 },
	{ 0x4c20, 0x92 }, { 0x5320, 0x98 }, { 0x4220, 0xa0 }, { 0x4620, 0x93 },
};

const char *slmp_layout(const struct oto_name *row)
{
	return row ? layouts[row - command_rows] : "";
}

const struct slmp_device *slmp_device_of(uint16_t code)
{
	const struct oto_name *row = oto_name_of(&slmp_devices, code);

	return row ? &devices[row - device_rows] : NULL;
}

/* Two letters in the forms of Q and L, up to four in those of iQ-R; both padded with '*' or blanks. */
uint16_t slmp_device_code(struct oto_slice letters)
{
	char name[5] = "";

	for (uint32_t i = 0; i < letters.len && i < 4 && letters.data[i] != '*' && letters.data[i] != ' '; i++)
		name[i] = (char)letters.data[i];
	for (uint32_t i = 0; i < sizeof devices / sizeof *devices; i++) {
		char ascii = devices[i].ascii[1];
		if (strcmp(name, device_rows[i].name) == 0 || (ascii && ascii != '*' && strcmp(name, devices[i].ascii) == 0))
			return (uint16_t)device_rows[i].value;
	}
	return 0;
}

uint16_t slmp_device_of_1e(uint16_t letters)
{
	for (uint32_t i = 0; i < sizeof devices_1e / sizeof *devices_1e; i++) {
		if (devices_1e[i].letters == letters)
			return devices_1e[i].code;
	}
	return 0;
}

const char *slmp_end_word(uint16_t code)
{
	const struct oto_name *row = oto_name_of(&slmp_end_codes, code);

	if (row)
		return row->name;
	return code >= 0x4000 && code < 0x5000   ? "cpu_error"
	       : code >= 0xc000 && code < 0xd000 ? "ethernet_error"
	       : code >= 0xd000                  ? "link_error"
						 : "unknown";
}
