/* profinet_dcp_tables.c - the words of PROFINET DCP (IEC 61158-6-10 4.3).
 */
#include "profinet_dcp.h"

static const struct oto_name service_rows[] = {
	{ SERVICE_GET, "get", 0, "read settings of one device" },
	{ SERVICE_SET, "set", 0, "change settings of one device, or have it do something" },
	{ SERVICE_IDENTIFY, "identify", 0, "who is there, by name or all" },
	{ SERVICE_HELLO, "hello", 0, "a device says that it has started" },
};
const struct oto_names dcp_services = OTO_NAMES(service_rows);

static const struct oto_name command_rows[] = {
	{ COMMAND_HELLO, "hello", 0, "a device says that it has started" },
	{ COMMAND_IDENTIFY, "identify", OTO_OP_DISCOVER, "asks for one device by name, alias or kind" },
	{ COMMAND_IDENTIFY_ALL, "identify_all", OTO_OP_DISCOVER, "asks all devices who they are" },
	{ COMMAND_GET, "get", OTO_OP_READ, "nothing changes" },
	{ COMMAND_SET, "set", OTO_OP_CONFIGURE, "a setting changes" },
	{ COMMAND_SIGNAL, "signal", OTO_OP_OTHER, "the device blinks so that somebody finds it" },
	{ COMMAND_SET_DHCP, "set_dhcp", OTO_OP_CONFIGURE, "where the device gets its address from changes" },
	{ COMMAND_SET_IP, "set_ip", OTO_OP_CONFIGURE, "the device gets another address: its connections break" },
	{ COMMAND_SET_NAME, "set_name", OTO_OP_CONFIGURE, "the device gets another name: its controller no longer finds it" },
	{ COMMAND_FACTORY_RESET, "factory_reset", OTO_OP_RESET, "name, address and settings are lost" },
	{ COMMAND_RESET_TO_FACTORY, "reset_to_factory", OTO_OP_RESET, "what the mode says is lost: settings, name, program, all" },
};
const struct oto_names dcp_commands = OTO_NAMES(command_rows);

static const struct oto_name block_rows[] = {
	{ BLOCK_MAC, "mac", 0, NULL },
	{ BLOCK_IP, "ip", 0, NULL },
	{ BLOCK_IP_SUITE, "ip_suite", 0, NULL },
	{ BLOCK_VENDOR_VALUE, "vendor_value", 0, NULL },
	{ BLOCK_STATION_NAME, "station_name", 0, NULL },
	{ BLOCK_DEVICE_ID, "device_id", 0, NULL },
	{ BLOCK_ROLE, "role", 0, NULL },
	{ BLOCK_OPTIONS, "device_options", 0, NULL },
	{ BLOCK_ALIAS, "alias", 0, NULL },
	{ BLOCK_INSTANCE, "instance", 0, NULL },
	{ BLOCK_OEM_ID, "oem_id", 0, NULL },
	{ 0x020a, "rsi_properties", 0, NULL },
	{ 0x030c, "dhcp_host_name", 0, NULL },
	{ 0x032b, "dhcp_vendor", 0, NULL },
	{ 0x0336, "dhcp_server", 0, NULL },
	{ 0x0337, "dhcp_parameters", 0, NULL },
	{ 0x033c, "dhcp_class", 0, NULL },
	{ 0x033d, "dhcp_client", 0, NULL },
	{ 0x0351, "dhcp_fqdn", 0, NULL },
	{ 0x0361, "dhcp_uuid", 0, NULL },
	{ 0x03ff, "dhcp_control", 0, NULL },
	{ BLOCK_CONTROL_START, "start_transaction", 0, NULL },
	{ BLOCK_CONTROL_STOP, "end_transaction", 0, NULL },
	{ BLOCK_SIGNAL, "signal", 0, NULL },
	{ BLOCK_RESPONSE, "response", 0, NULL },
	{ BLOCK_FACTORY_RESET, "factory_reset", 0, NULL },
	{ BLOCK_RESET_TO_FACTORY, "reset_to_factory", 0, NULL },
	{ BLOCK_INITIATIVE, "device_initiative", 0, NULL },
	{ 0x0701, "tsn_domain_name", 0, NULL },
	{ 0x0702, "nme_manager", 0, NULL },
	{ 0x0703, "nme_parameter_uuid", 0, NULL },
	{ 0x0704, "nme_agent", 0, NULL },
	{ 0x0705, "cim_interface", 0, NULL },
	{ BLOCK_ALL, "all", 0, NULL },
};
const struct oto_names dcp_blocks = OTO_NAMES(block_rows);

static const struct oto_name error_rows[] = {
	{ 1, "option not supported", 0, NULL }, { 2, "suboption not supported", 0, NULL }, { 3, "suboption not set", 0, NULL },
	{ 4, "resource error", 0, NULL },       { 5, "set not possible", 0, NULL },        { 6, "set not possible in operation", 0, NULL },
};
const struct oto_names dcp_errors = OTO_NAMES(error_rows);

static const struct oto_name ip_rows[] = {
	{ 0, "not set", 0, NULL },
	{ 1, "set", 0, NULL },
	{ 2, "set by DHCP", 0, NULL },
};
const struct oto_names dcp_ip_states = OTO_NAMES(ip_rows);

static const struct oto_name reset_rows[] = {
	{ 0, "default", 0, "as the maker of the device means it" },
	{ 1, "application data", 0, "parameters of the application" },
	{ 2, "communication parameters", 0, "name and address" },
	{ 3, "engineering parameters", 0, "what the project gave it" },
	{ 4, "all stored data", 0, NULL },
	{ 5, "engineering parameters (5)", 0, NULL },
	{ 8, "all to factory values", 0, NULL },
	{ 9, "reset and restore", 0, "the program of the device, too" },
};
const struct oto_names dcp_reset_modes = OTO_NAMES(reset_rows);
