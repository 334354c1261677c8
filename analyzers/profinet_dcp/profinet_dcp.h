/* profinet_dcp.h - what the files of PROFINET DCP share: the message as it is told, its words.
 */
#ifndef PROFINET_DCP_H
#define PROFINET_DCP_H

#include "../describe.h"

enum { EV_MESSAGE, EV_CONFLICT, EV_COUNT };
enum { FRAME_HELLO = 0xfefc, FRAME_GET_SET, FRAME_IDENTIFY, FRAME_IDENTIFIED };
enum { SERVICE_GET = 3, SERVICE_SET, SERVICE_IDENTIFY, SERVICE_HELLO };
enum { DCP_LIST_MAX = 16 };

/* Options of blocks, each with its suboptions; written together as one number: option, suboption. */
#define DCP_BLOCK(option, suboption) ((uint32_t)((option) << 8 | (suboption)))
enum {
	BLOCK_MAC = 0x0101,
	BLOCK_IP = 0x0102,
	BLOCK_IP_SUITE = 0x0103,
	BLOCK_VENDOR_VALUE = 0x0201,
	BLOCK_STATION_NAME = 0x0202,
	BLOCK_DEVICE_ID = 0x0203,
	BLOCK_ROLE = 0x0204,
	BLOCK_OPTIONS = 0x0205,
	BLOCK_ALIAS = 0x0206,
	BLOCK_INSTANCE = 0x0207,
	BLOCK_OEM_ID = 0x0208,
	BLOCK_CONTROL_START = 0x0501,
	BLOCK_CONTROL_STOP = 0x0502,
	BLOCK_SIGNAL = 0x0503,
	BLOCK_RESPONSE = 0x0504,
	BLOCK_FACTORY_RESET = 0x0505,
	BLOCK_RESET_TO_FACTORY = 0x0506,
	BLOCK_INITIATIVE = 0x0601,
	BLOCK_ALL = 0xffff,
};

/* What a message wants: the weightiest of its blocks comes last. */
enum dcp_command {
	COMMAND_HELLO = 1,
	COMMAND_IDENTIFY,
	COMMAND_IDENTIFY_ALL,
	COMMAND_GET,
	COMMAND_SET,
	COMMAND_SIGNAL,
	COMMAND_SET_DHCP,
	COMMAND_SET_IP,
	COMMAND_SET_NAME,
	COMMAND_FACTORY_RESET,
	COMMAND_RESET_TO_FACTORY,
};

struct dcp_message {
	struct oto_mac src_mac, dst_mac, mac;
	struct oto_addr ip, netmask, gateway;
	struct oto_slice station_name, alias, vendor_value;
	struct oto_list blocks, roles, errors;
	const char *error; /* the first */
	uint32_t xid;
	uint16_t command, response_delay, vendor_id, device_id, oem_vendor_id, oem_device_id, instance, ip_status, signal, reset_mode;
	uint8_t service, service_type;
	bool response, permanent, ip_conflict;
	bool has_command, has_delay, has_device_id, has_oem_id, has_instance, has_mac, has_ip_status, has_signal, has_reset_mode,
	    has_permanent, has_blocks, has_roles, has_errors;
	struct oto_slice block_item[DCP_LIST_MAX], role_item[4], error_item[DCP_LIST_MAX];
};

extern const struct oto_names dcp_commands, dcp_services, dcp_blocks, dcp_errors, dcp_ip_states, dcp_reset_modes;

/* Reads the blocks of a message, whose head is read. */
void dcp_read_blocks(struct oto_ctx *cx, struct dcp_message *m, struct oto_cur *c);

#endif
