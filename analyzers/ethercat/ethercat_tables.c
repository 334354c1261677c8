/* ethercat_tables.c - what the numbers of EtherCAT mean and do. See ethercat_tables.h. */
#include "ethercat_tables.h"
#include "ethercat.h"

/* ------------------------------------------------------------------------------------------------ frames and datagrams */

/* IEC 61158-4-12 5.4.1. What an access to a register does stands with the register. */
static const struct oto_name command_rows[] = {
	{ NOP, "NOP", 0, "nothing; it only goes round" },
	{ APRD, "APRD", 0, "read of the slave at a position" },
	{ APWR, "APWR", 0, "write to the slave at a position" },
	{ APRW, "APRW", 0, "read and write of the slave at a position" },
	{ FPRD, "FPRD", 0, "read of the slave with a station address" },
	{ FPWR, "FPWR", 0, "write to the slave with a station address" },
	{ FPRW, "FPRW", 0, "read and write of the slave with a station address" },
	{ BRD, "BRD", 0, "read of all slaves; what they have is combined by OR" },
	{ BWR, "BWR", 0, "write to all slaves" },
	{ BRW, "BRW", 0, "read and write of all slaves" },
	{ LRD, "LRD", 0, "read of the process image: inputs" },
	{ LWR, "LWR", 0, "write of the process image: outputs follow it" },
	{ LRW, "LRW", 0, "read and write of the process image: outputs follow it" },
	{ ARMW, "ARMW", 0, "the slave at a position is read, all behind it are written" },
	{ FRMW, "FRMW", 0, "the slave with a station address is read, all others are written" },
};
const struct oto_names ecat_commands = OTO_NAMES(command_rows);

static const struct oto_name ring_error_rows[] = {
	{ ECAT_NOT_PROCESSED, "working_counter_zero", 0, "the frame came back, and no slave did what it says" },
	{ ECAT_NOT_WRITTEN, "not_written", 0, "the slave was read, but not written" },
	{ ECAT_NOT_READ, "not_read", 0, "the slave was written, but not read" },
};
const struct oto_names ecat_ring_errors = OTO_NAMES(ring_error_rows);

#define R_(op) OTO_OP_##op
static const struct ecat_register registers[] = {
	{ 0x0000, 0x0000, "type", R_(DISCOVER), R_(OTHER), NULL },
	{ 0x0001, 0x0001, "revision", R_(DISCOVER), R_(OTHER), NULL },
	{ 0x0002, 0x0003, "build", R_(DISCOVER), R_(OTHER), NULL },
	{ 0x0004, 0x0004, "fmmus", R_(DISCOVER), R_(OTHER), NULL },
	{ 0x0005, 0x0005, "sync_managers", R_(DISCOVER), R_(OTHER), NULL },
	{ 0x0006, 0x0006, "ram_size", R_(DISCOVER), R_(OTHER), NULL },
	{ 0x0007, 0x0007, "port_descriptor", R_(DISCOVER), R_(OTHER), NULL },
	{ 0x0008, 0x0009, "features", R_(DISCOVER), R_(OTHER), NULL },
	{ 0x0010, 0x0011, "station_address", R_(READ), R_(CONFIGURE), "the slave answers to another number" },
	{ 0x0012, 0x0013, "station_alias", R_(READ), R_(CONFIGURE), "the slave answers to a second number" },
	{ 0x0020, 0x0021, "register_write_protection", R_(READ), R_(CONFIGURE), NULL },
	{ 0x0030, 0x0031, "esc_write_protection", R_(READ), R_(CONFIGURE), NULL },
	{ 0x0040, 0x0041, "esc_reset", R_(READ), R_(RESET), "with three special values the slave's controller starts anew" },
	{ 0x0100, 0x0103, "dl_control", R_(READ), R_(CONFIGURE), "ports are opened and closed: slaves behind a closed port are gone" },
	{ 0x0108, 0x0109, "read_write_offset", R_(READ), R_(CONFIGURE), NULL },
	{ 0x0110, 0x0111, "dl_status", R_(DIAGNOSE), R_(OTHER), NULL },
	{ 0x0120, 0x0121, "al_control", R_(READ), R_(MODE), "the slave goes into another state" },
	{ 0x0130, 0x0131, "al_status", R_(DIAGNOSE), R_(OTHER), NULL },
	{ 0x0134, 0x0135, "al_status_code", R_(DIAGNOSE), R_(OTHER), NULL },
	{ 0x0138, 0x0139, "led_override", R_(READ), R_(CONFIGURE), "its lamps show what they are told" },
	{ 0x0140, 0x0140, "pdi_control", R_(DISCOVER), R_(OTHER), NULL },
	{ 0x0141, 0x0141, "esc_configuration", R_(DISCOVER), R_(OTHER), NULL },
	{ 0x014e, 0x014f, "pdi_information", R_(DISCOVER), R_(OTHER), NULL },
	{ 0x0150, 0x0153, "pdi_configuration", R_(DISCOVER), R_(OTHER), NULL },
	{ 0x0200, 0x0201, "ecat_event_mask", R_(READ), R_(CONFIGURE), NULL },
	{ 0x0204, 0x0207, "al_event_mask", R_(READ), R_(CONFIGURE), NULL },
	{ 0x0210, 0x0211, "ecat_event_request", R_(DIAGNOSE), R_(OTHER), NULL },
	{ 0x0220, 0x0223, "al_event_request", R_(DIAGNOSE), R_(OTHER), NULL },
	{ 0x0300, 0x0307, "rx_error_counter", R_(DIAGNOSE), R_(CLEAR), "the counters begin at 0" },
	{ 0x0308, 0x030b, "forwarded_rx_error_counter", R_(DIAGNOSE), R_(CLEAR), NULL },
	{ 0x030c, 0x030c, "processing_unit_error_counter", R_(DIAGNOSE), R_(CLEAR), NULL },
	{ 0x030d, 0x030d, "pdi_error_counter", R_(DIAGNOSE), R_(CLEAR), NULL },
	{ 0x030e, 0x030f, "pdi_error_code", R_(DIAGNOSE), R_(CLEAR), NULL },
	{ 0x0310, 0x0313, "lost_link_counter", R_(DIAGNOSE), R_(CLEAR), NULL },
	{ 0x0400, 0x0401, "watchdog_divider", R_(READ), R_(CONFIGURE), "how long outputs are held when the master is gone" },
	{ 0x0410, 0x0411, "watchdog_time_pdi", R_(READ), R_(CONFIGURE), NULL },
	{ 0x0420, 0x0421, "watchdog_time_process_data", R_(READ), R_(CONFIGURE),
	  "how long outputs are held when the master is gone; 0: for ever" },
	{ 0x0440, 0x0441, "watchdog_status", R_(DIAGNOSE), R_(CLEAR), NULL },
	{ 0x0442, 0x0442, "watchdog_counter_process_data", R_(DIAGNOSE), R_(CLEAR), NULL },
	{ 0x0443, 0x0443, "watchdog_counter_pdi", R_(DIAGNOSE), R_(CLEAR), NULL },
	{ 0x0500, 0x0500, "eeprom_configuration", R_(READ), R_(CONFIGURE),
	  "who may use the slave's EEPROM: the master or the slave itself" },
	{ 0x0501, 0x0501, "eeprom_pdi_access", R_(READ), R_(CONFIGURE), NULL },
	{ 0x0502, 0x0503, "eeprom_control", R_(READ), R_(OTHER), "a command to the EEPROM; see eeprom_read, eeprom_write, eeprom_reload" },
	{ 0x0504, 0x0507, "eeprom_address", R_(READ), R_(OTHER), "where the next command reads or writes" },
	{ 0x0508, 0x050f, "eeprom_data", R_(READ), R_(OTHER), "what the next command writes" },
	{ 0x0510, 0x0511, "mii_control", R_(READ), R_(CONFIGURE), "a command to the chips of its ports" },
	{ 0x0512, 0x0512, "phy_address", R_(READ), R_(CONFIGURE), NULL },
	{ 0x0513, 0x0513, "phy_register", R_(READ), R_(CONFIGURE), NULL },
	{ 0x0514, 0x0515, "phy_data", R_(READ), R_(CONFIGURE), NULL },
	{ 0x0516, 0x0517, "mii_access", R_(READ), R_(CONFIGURE), NULL },
	{ 0x0518, 0x051b, "phy_port_status", R_(DIAGNOSE), R_(CLEAR), NULL },
	{ 0x0600, 0x06ff, "fmmu", R_(READ), R_(CONFIGURE), "which bits of the process image are this slave's" },
	{ 0x0800, 0x08ff, "sync_manager", R_(READ), R_(CONFIGURE), "where mailboxes and process data lie" },
	{ 0x0900, 0x090f, "dc_receive_time", R_(READ), R_(TIME), "the time at which the frame comes to each port is kept" },
	{ 0x0910, 0x0917, "dc_system_time", R_(READ), R_(TIME), "the slave's clock follows what is written" },
	{ 0x0918, 0x091f, "dc_receive_time_unit", R_(READ), R_(OTHER), NULL },
	{ 0x0920, 0x0927, "dc_system_time_offset", R_(READ), R_(TIME), NULL },
	{ 0x0928, 0x092b, "dc_system_time_delay", R_(READ), R_(TIME), NULL },
	{ 0x092c, 0x092f, "dc_system_time_difference", R_(DIAGNOSE), R_(TIME), NULL },
	{ 0x0930, 0x0931, "dc_speed_counter_start", R_(READ), R_(TIME), NULL },
	{ 0x0932, 0x0933, "dc_speed_counter_difference", R_(READ), R_(OTHER), NULL },
	{ 0x0934, 0x0936, "dc_filter", R_(READ), R_(TIME), NULL },
	{ 0x0980, 0x0981, "dc_sync_activation", R_(READ), R_(CONFIGURE), "the slave works in step with the common clock, or not" },
	{ 0x0982, 0x0984, "dc_sync_pulse", R_(READ), R_(CONFIGURE), NULL },
	{ 0x098e, 0x098f, "dc_sync_status", R_(DIAGNOSE), R_(OTHER), NULL },
	{ 0x0990, 0x0997, "dc_start_time", R_(READ), R_(CONFIGURE), NULL },
	{ 0x0998, 0x099f, "dc_next_sync1", R_(READ), R_(OTHER), NULL },
	{ 0x09a0, 0x09a3, "dc_sync0_cycle_time", R_(READ), R_(CONFIGURE), NULL },
	{ 0x09a4, 0x09a7, "dc_sync1_cycle_time", R_(READ), R_(CONFIGURE), NULL },
	{ 0x09a8, 0x09a9, "dc_latch_control", R_(READ), R_(CONFIGURE), NULL },
	{ 0x09ae, 0x09cf, "dc_latch", R_(READ), R_(OTHER), NULL },
	{ 0x09f0, 0x09ff, "dc_event_time", R_(READ), R_(OTHER), NULL },
	{ 0x0e00, 0x0eff, "esc_specific", R_(DISCOVER), R_(CONFIGURE), "what the maker of the slave's controller put there" },
	{ 0x0f00, 0x0f03, "digital_outputs", R_(READ), R_(WRITE), "outputs of a slave without a processor" },
	{ 0x0f10, 0x0f17, "general_outputs", R_(READ), R_(WRITE), NULL },
	{ 0x0f18, 0x0f1f, "general_inputs", R_(READ), R_(OTHER), NULL },
	{ 0x0f80, 0x0fff, "user_ram", R_(READ), R_(WRITE), NULL },
	{ 0x1000, 0xffff, "process_ram", R_(READ), R_(WRITE), "mailboxes and process data" },
};

const struct ecat_register *ecat_register_of(uint16_t offset)
{
	static const struct ecat_register unknown = { 0, 0xffff, "unknown", R_(READ), R_(OTHER), NULL };
	uint32_t low = 0, n = sizeof registers / sizeof *registers;

	while (n > 1) { /* the last whose first is not above */
		uint32_t half = n / 2;
		low = registers[low + half].first <= offset ? low + half : low;
		n -= half;
	}
	return offset <= registers[low].last ? &registers[low] : &unknown;
}

/* ------------------------------------------------------------------------------------------------ states */

/* IEC 61158-6-12 5.3, ETG.1020. */
static const struct oto_name state_rows[] = {
	{ STATE_INIT, "INIT", 0, "no mailbox, no process data" },
	{ STATE_PREOP, "PREOP", 0, "mailbox, no process data" },
	{ STATE_BOOT, "BOOT", 0, "the slave takes firmware, and does nothing else" },
	{ STATE_SAFEOP, "SAFEOP", 0, "inputs are valid, outputs are safe" },
	{ STATE_OP, "OP", 0, "outputs follow the master" },
};
const struct oto_names ecat_states = OTO_NAMES(state_rows);

static const struct oto_name al_code_rows[] = {
	{ 0x0000, "no_error", 0, NULL },
	{ 0x0001, "unspecified_error", 0, NULL },
	{ 0x0002, "no_memory", 0, NULL },
	{ 0x0003, "invalid_device_setup", 0, NULL },
	{ 0x0004, "invalid_revision", 0, NULL },
	{ 0x0006, "sii_does_not_match_firmware", 0, NULL },
	{ 0x0007, "firmware_update_failed", 0, NULL },
	{ 0x000e, "license_error", 0, NULL },
	{ 0x0011, "invalid_requested_state_change", 0, NULL },
	{ 0x0012, "unknown_requested_state", 0, NULL },
	{ 0x0013, "bootstrap_not_supported", 0, NULL },
	{ 0x0014, "no_valid_firmware", 0, NULL },
	{ 0x0015, "invalid_mailbox_configuration_boot", 0, NULL },
	{ 0x0016, "invalid_mailbox_configuration_preop", 0, NULL },
	{ 0x0017, "invalid_sync_manager_configuration", 0, NULL },
	{ 0x0018, "no_valid_inputs", 0, NULL },
	{ 0x0019, "no_valid_outputs", 0, NULL },
	{ 0x001a, "synchronization_error", 0, NULL },
	{ 0x001b, "sync_manager_watchdog", 0, "no process data came in time" },
	{ 0x001c, "invalid_sync_manager_types", 0, NULL },
	{ 0x001d, "invalid_output_configuration", 0, NULL },
	{ 0x001e, "invalid_input_configuration", 0, NULL },
	{ 0x001f, "invalid_watchdog_configuration", 0, NULL },
	{ 0x0020, "needs_cold_start", 0, NULL },
	{ 0x0021, "needs_init", 0, NULL },
	{ 0x0022, "needs_preop", 0, NULL },
	{ 0x0023, "needs_safeop", 0, NULL },
	{ 0x0024, "invalid_input_mapping", 0, NULL },
	{ 0x0025, "invalid_output_mapping", 0, NULL },
	{ 0x0026, "inconsistent_settings", 0, NULL },
	{ 0x0027, "freerun_not_supported", 0, NULL },
	{ 0x0028, "synchronization_not_supported", 0, NULL },
	{ 0x0029, "freerun_needs_three_buffers", 0, NULL },
	{ 0x002a, "background_watchdog", 0, NULL },
	{ 0x002b, "no_valid_inputs_and_outputs", 0, NULL },
	{ 0x002c, "fatal_sync_error", 0, NULL },
	{ 0x002d, "no_sync_error", 0, NULL },
	{ 0x0030, "invalid_dc_sync_configuration", 0, NULL },
	{ 0x0031, "invalid_dc_latch_configuration", 0, NULL },
	{ 0x0032, "pll_error", 0, NULL },
	{ 0x0033, "dc_sync_io_error", 0, NULL },
	{ 0x0034, "dc_sync_timeout", 0, NULL },
	{ 0x0035, "invalid_dc_sync_cycle_time", 0, NULL },
	{ 0x0036, "dc_sync0_cycle_time", 0, NULL },
	{ 0x0037, "dc_sync1_cycle_time", 0, NULL },
	{ 0x0041, "mailbox_aoe", 0, NULL },
	{ 0x0042, "mailbox_eoe", 0, NULL },
	{ 0x0043, "mailbox_coe", 0, NULL },
	{ 0x0044, "mailbox_foe", 0, NULL },
	{ 0x0045, "mailbox_soe", 0, NULL },
	{ 0x004f, "mailbox_voe", 0, NULL },
	{ 0x0050, "eeprom_no_access", 0, NULL },
	{ 0x0051, "eeprom_error", 0, NULL },
	{ 0x0052, "external_hardware_not_ready", 0, NULL },
	{ 0x0060, "restarted_locally", 0, NULL },
	{ 0x0061, "identification_updated", 0, NULL },
	{ 0x0070, "modules_do_not_match", 0, NULL },
	{ 0x00f0, "application_controller_available", 0, NULL },
};
const struct oto_names ecat_al_codes = OTO_NAMES(al_code_rows);

static const struct oto_name change_rows[] = {
	{ ECAT_STATE_CHANGED, "state", 0, "a slave is in another state than before, as its master wanted" },
	{ ECAT_LEFT_OP, "left_op", 0, "a slave left OP though nobody told it to" },
	{ ECAT_AL_ERROR, "al_error", 0, "a slave tells of an error" },
	{ ECAT_COUNTER_LOW, "working_counter_low", 0, "fewer slaves take part in cyclic data than before, and no state was changed" },
	{ ECAT_COUNTER_BACK, "working_counter_back", 0, "they take part again" },
	{ ECAT_SECOND_MASTER, "second_master", 0, "two masters send by turns" },
};
const struct oto_names ecat_changes = OTO_NAMES(change_rows);

/* Vendor identities that the EtherCAT Technology Group gave away: the well-known ones. */
static const struct oto_name vendor_rows[] = {
	{ 0x00000002, "Beckhoff", 0, NULL },          { 0x0000001b, "HMS", 0, NULL },        { 0x0000001d, "Festo", 0, NULL },
	{ 0x0000006a, "Kollmorgen", 0, NULL },        { 0x00000083, "Omron", 0, NULL },      { 0x0000009a, "Elmo", 0, NULL },
	{ 0x000000ab, "Copley Controls", 0, NULL },   { 0x000000fb, "maxon", 0, NULL },      { 0x00000114, "SMC", 0, NULL },
	{ 0x000001dd, "Delta Electronics", 0, NULL }, { 0x00000286, "Trinamic", 0, NULL },   { 0x00000539, "Yaskawa", 0, NULL },
	{ 0x0000066f, "Panasonic", 0, NULL },         { 0x000022d2, "Synapticon", 0, NULL }, { 0x00100000, "Inovance", 0, NULL },
};
const struct oto_names ecat_vendors = OTO_NAMES(vendor_rows);

/* ------------------------------------------------------------------------------------------------ mailboxes */

/* IEC 61158-6-12 5.6, IEC 61158-4-12 5.6. */
static const struct oto_name mailbox_rows[] = {
	{ MAILBOX_ERROR, "error", 0, "the slave did not understand" },
	{ AOE, "AoE", 0, "ADS" },
	{ EOE, "EoE", 0, "Ethernet frames, in pieces" },
	{ COE, "CoE", 0, "CANopen's objects" },
	{ FOE, "FoE", 0, "files" },
	{ SOE, "SoE", 0, "SERCOS' identifiers of drives" },
	{ VOE, "VoE", 0, "what the maker put there" },
};
const struct oto_names ecat_mailbox_types = OTO_NAMES(mailbox_rows);

static const struct oto_name mailbox_error_rows[] = {
	{ 1, "syntax", 0, NULL },          { 2, "unsupported_protocol", 0, NULL },
	{ 3, "invalid_channel", 0, NULL }, { 4, "service_not_supported", 0, NULL },
	{ 5, "invalid_header", 0, NULL },  { 6, "too_short", 0, NULL },
	{ 7, "no_memory", 0, NULL },       { 8, "inconsistent_size", 0, NULL },
};
const struct oto_names ecat_mailbox_errors = OTO_NAMES(mailbox_error_rows);

static const struct oto_name coe_rows[] = {
	{ COE_EMERGENCY, "emergency", 0, "a fault of the slave" },
	{ COE_SDO_REQUEST, "sdo_request", 0, "an object is read, written, or the transfer aborted" },
	{ COE_SDO_RESPONSE, "sdo_response", 0, NULL },
	{ 4, "tx_pdo", 0, "process data of the slave" },
	{ 5, "rx_pdo", OTO_OP_WRITE, "process data for the slave" },
	{ 6, "tx_pdo_remote_request", OTO_OP_READ, NULL },
	{ 7, "rx_pdo_remote_request", OTO_OP_READ, NULL },
	{ COE_INFORMATION, "sdo_information", 0, "which objects there are" },
};
const struct oto_names ecat_coe_services = OTO_NAMES(coe_rows);

static const struct oto_name abort_rows[] = {
	{ 0x05030000, "toggle_bit", 0, NULL },
	{ 0x05040000, "timeout", 0, NULL },
	{ 0x05040001, "unknown_command", 0, NULL },
	{ 0x05040005, "no_memory", 0, NULL },
	{ 0x06010000, "unsupported_access", 0, NULL },
	{ 0x06010001, "write_only", 0, NULL },
	{ 0x06010002, "read_only", 0, NULL },
	{ 0x06010003, "subindex_zero_first", 0, "an entry cannot be written while subindex 0 is not 0" },
	{ 0x06010004, "no_complete_access", 0, NULL },
	{ 0x06010005, "mailbox_too_small", 0, NULL },
	{ 0x06010006, "mapped_to_pdo", 0, NULL },
	{ 0x06020000, "no_such_object", 0, NULL },
	{ 0x06040041, "cannot_be_mapped", 0, NULL },
	{ 0x06040042, "pdo_too_long", 0, NULL },
	{ 0x06040043, "incompatible_parameter", 0, NULL },
	{ 0x06040047, "incompatible_device", 0, NULL },
	{ 0x06060000, "hardware_error", 0, NULL },
	{ 0x06070010, "wrong_length", 0, NULL },
	{ 0x06070012, "too_long", 0, NULL },
	{ 0x06070013, "too_short", 0, NULL },
	{ 0x06090011, "no_such_subindex", 0, NULL },
	{ 0x06090030, "out_of_range", 0, NULL },
	{ 0x06090031, "too_great", 0, NULL },
	{ 0x06090032, "too_small", 0, NULL },
	{ 0x06090033, "modules_do_not_match", 0, NULL },
	{ 0x06090036, "maximum_below_minimum", 0, NULL },
	{ 0x08000000, "general_error", 0, NULL },
	{ 0x08000020, "cannot_be_stored", 0, NULL },
	{ 0x08000021, "local_control", 0, NULL },
	{ 0x08000022, "not_in_this_state", 0, NULL },
	{ 0x08000023, "no_object_dictionary", 0, NULL },
};
const struct oto_names ecat_sdo_aborts = OTO_NAMES(abort_rows);

static const struct oto_name info_rows[] = {
	{ 1, "list", OTO_OP_DISCOVER, "which objects there are" },
	{ 2, "list_response", 0, NULL },
	{ 3, "object", OTO_OP_DISCOVER, "what an object is called" },
	{ 4, "object_response", 0, NULL },
	{ 5, "entry", OTO_OP_DISCOVER, "what an entry is called, its type, who may write it" },
	{ 6, "entry_response", 0, NULL },
	{ 7, "error", 0, NULL },
};
const struct oto_names ecat_info_opcodes = OTO_NAMES(info_rows);

static const struct oto_name foe_rows[] = {
	{ FOE_READ, "read", 0, "a file is read out of the slave" },
	{ FOE_WRITE, "write", 0, "a file is written into the slave; in BOOT it is firmware" },
	{ FOE_DATA, "data", 0, NULL },
	{ FOE_ACK, "ack", 0, NULL },
	{ FOE_ERROR, "error", 0, NULL },
	{ FOE_BUSY, "busy", 0, "the slave needs time; it tells how far it is" },
};
const struct oto_names ecat_foe_opcodes = OTO_NAMES(foe_rows);

static const struct oto_name foe_error_rows[] = {
	{ 0x8000, "not_defined", 0, NULL },    { 0x8001, "not_found", 0, NULL }, { 0x8002, "access_denied", 0, NULL },
	{ 0x8003, "disk_full", 0, NULL },      { 0x8004, "illegal", 0, NULL },   { 0x8005, "packet_number_wrong", 0, NULL },
	{ 0x8006, "already_exists", 0, NULL }, { 0x8007, "no_user", 0, NULL },   { 0x8008, "bootstrap_only", 0, NULL },
	{ 0x8009, "not_bootstrap", 0, NULL },  { 0x800a, "no_rights", 0, NULL }, { 0x800b, "program_error", 0, NULL },
};
const struct oto_names ecat_foe_errors = OTO_NAMES(foe_error_rows);

static const struct oto_name soe_rows[] = {
	{ SOE_READ, "read", 0, "an identifier of a drive is read" },
	{ SOE_READ_RESPONSE, "read_response", 0, NULL },
	{ SOE_WRITE, "write", 0, "an identifier is written, or a procedure started" },
	{ SOE_WRITE_RESPONSE, "write_response", 0, NULL },
	{ SOE_NOTIFICATION, "notification", 0, "a procedure ended" },
	{ SOE_EMERGENCY, "emergency", 0, "a fault of the drive" },
};
const struct oto_names ecat_soe_opcodes = OTO_NAMES(soe_rows);

/* IEC 61800-7-304. */
static const struct oto_name soe_error_rows[] = {
	{ 0x1001, "no_idn", 0, NULL },
	{ 0x1009, "invalid_access", 0, NULL },
	{ 0x2001, "no_name", 0, NULL },
	{ 0x3004, "attribute_read_only", 0, NULL },
	{ 0x4001, "no_unit", 0, NULL },
	{ 0x5001, "no_minimum", 0, NULL },
	{ 0x6001, "no_maximum", 0, NULL },
	{ 0x7002, "too_short", 0, NULL },
	{ 0x7003, "too_long", 0, NULL },
	{ 0x7004, "read_only", 0, NULL },
	{ 0x7005, "read_only_now", 0, NULL },
	{ 0x7006, "too_small", 0, NULL },
	{ 0x7007, "too_great", 0, NULL },
	{ 0x7008, "invalid_data", 0, NULL },
	{ 0x7009, "password", 0, NULL },
	{ 0x700a, "mapped_to_cyclic_data", 0, NULL },
	{ 0x700b, "invalid_indirect_address", 0, NULL },
	{ 0x700c, "locked_by_other_settings", 0, NULL },
	{ 0x7010, "procedure_active", 0, NULL },
	{ 0x7011, "procedure_not_interruptible", 0, NULL },
	{ 0x7012, "procedure_not_executable_now", 0, NULL },
};
const struct oto_names ecat_soe_errors = OTO_NAMES(soe_error_rows);

static const struct oto_name aoe_rows[] = {
	{ 1, "read_device_info", OTO_OP_DISCOVER, NULL },
	{ 2, "read", OTO_OP_READ, NULL },
	{ 3, "write", OTO_OP_WRITE, NULL },
	{ 4, "read_state", OTO_OP_DIAGNOSE, NULL },
	{ 5, "write_control", OTO_OP_MODE, "the device goes into another ADS state: run starts, stop stops, reset resets it" },
	{ 6, "add_notification", OTO_OP_READ, NULL },
	{ 7, "delete_notification", OTO_OP_OTHER, NULL },
	{ 8, "notification", 0, NULL },
	{ 9, "read_write", OTO_OP_WRITE, NULL },
};
const struct oto_names ecat_aoe_commands = OTO_NAMES(aoe_rows);

static const struct oto_name aoe_error_rows[] = {
	{ 0x0006, "no_such_port", 0, NULL },
	{ 0x0007, "no_such_machine", 0, NULL },
	{ 0x0700, "general_error", 0, NULL },
	{ 0x0701, "service_not_supported", 0, NULL },
	{ 0x0702, "invalid_index_group", 0, NULL },
	{ 0x0703, "invalid_index_offset", 0, NULL },
	{ 0x0704, "access_not_permitted", 0, NULL },
	{ 0x0705, "invalid_size", 0, NULL },
	{ 0x0706, "invalid_data", 0, NULL },
	{ 0x0707, "not_ready", 0, NULL },
	{ 0x0708, "busy", 0, NULL },
	{ 0x070a, "no_memory", 0, NULL },
	{ 0x070b, "invalid_parameter", 0, NULL },
	{ 0x070c, "not_found", 0, NULL },
	{ 0x0712, "invalid_state", 0, NULL },
};
const struct oto_names ecat_aoe_errors = OTO_NAMES(aoe_error_rows);

static const struct oto_name eoe_rows[] = {
	{ 0, "fragment", 0, "a piece of a frame" },
	{ 1, "timestamp", 0, NULL },
	{ 2, "set_ip", OTO_OP_CONFIGURE, "the slave gets addresses and a name" },
	{ 3, "set_ip_response", 0, NULL },
	{ 4, "set_filter", OTO_OP_CONFIGURE, "which frames reach the slave" },
	{ 5, "set_filter_response", 0, NULL },
	{ 6, "get_ip", OTO_OP_READ, NULL },
	{ 7, "get_ip_response", 0, NULL },
	{ 8, "get_filter", OTO_OP_READ, NULL },
	{ 9, "get_filter_response", 0, NULL },
};
const struct oto_names ecat_eoe_types = OTO_NAMES(eoe_rows);
