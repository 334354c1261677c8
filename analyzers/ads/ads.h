/* ads.h - what the files of this folder share: a message of ADS, what is remembered of symbols, and who reads which part.
 *
 * After Beckhoff's Information System, "TwinCAT ADS": "Specification for ADS/AMS" (AMS/TCP header, AMS header, commands), "ADS device
 * documentation" (index groups and offsets), "ADS return codes"; the router's UDP datagrams have no public specification. Numbers are
 * little endian.
 */
#ifndef OTO_ADS_H
#define OTO_ADS_H

#include "analyzers/content.h"
#include "analyzers/say.h"
#include "analyzers/text.h"

/* ------------------------------------------------------------------------------------------------ ads_tables.c */

enum ads_command {
	ADS_READ_DEVICE_INFO = 1,
	ADS_READ,
	ADS_WRITE,
	ADS_READ_STATE,
	ADS_WRITE_CONTROL,
	ADS_ADD_NOTIFICATION,
	ADS_DELETE_NOTIFICATION,
	ADS_NOTIFICATION,
	ADS_READ_WRITE,
};
enum ads_index_group {
	ADS_OPEN_CREATE = 100,
	ADS_OPEN_WRITE = 102,
	ADS_FOPEN = 120,
	ADS_FCLOSE = 121,
	ADS_FREAD = 122,
	ADS_FWRITE = 123,
	ADS_FSEEK = 124,
	ADS_FEOF = 130,
	ADS_FDELETE = 131,
	ADS_FRENAME = 132,
	ADS_FSIZE_BY_HANDLE = 135,
	ADS_RMDIR = 139,
	ADS_REGISTRY = 200,
	ADS_REGISTRY_LAST = 202,
	ADS_SERVICE_STATE = 240,
	ADS_START_PROCESS = 500,
	ADS_TARGET_INFO = 700,
	ADS_HOST_NAME = 702,
	ADS_DEFAULT_PASSWORD = 1510,
	ADS_LAST_SERVICE = 0xfff, /* behind it are places, not services */
	ADS_HANDLE_BY_NAME = 0xf003,
	ADS_VALUE_BY_NAME,
	ADS_VALUE_BY_HANDLE,
	ADS_RELEASE_HANDLE,
	ADS_INFO_BY_NAME,
	ADS_INFO_BY_NAME_EX = 0xf009,
	ADS_SYMBOL_UPLOAD = 0xf00b,
	ADS_TYPE_BY_NAME = 0xf011,
	ADS_SUM_READ = 0xf080,
	ADS_SUM_WRITE,
	ADS_SUM_READ_WRITE,
	ADS_SUM_READ_EX,
	ADS_SUM_READ_EX2,
	ADS_SUM_ADD_NOTIFICATION,
	ADS_SUM_DELETE_NOTIFICATION,
};
enum ads_state {
	ADS_IDLE = 1,
	ADS_RESET = 2,
	ADS_START = 4,
	ADS_RUN = 5,
	ADS_STOP = 6,
	ADS_SHUTDOWN = 12,
	ADS_SUSPEND = 13,
	ADS_RESUME = 14,
	ADS_CONFIG = 15,
	ADS_RECONFIG = 16,
};
enum ads_type {
	ADS_INT16 = 2,
	ADS_INT32 = 3,
	ADS_REAL32 = 4,
	ADS_REAL64 = 5,
	ADS_INT8 = 16,
	ADS_UINT8 = 17,
	ADS_UINT16 = 18,
	ADS_UINT32 = 19,
	ADS_INT64 = 20,
	ADS_UINT64 = 21,
	ADS_STRING = 30,
	ADS_BIT = 33,
};
enum ads_access { ADS_IS_READ, ADS_IS_WRITTEN, ADS_IS_NOTIFIED };
enum { ADS_SYSTEM_SERVICE = 10000 };

/* What an index group is for. The op of `name` is that of reading it, write_op that of writing it; 0: read and write. */
struct ads_group {
	struct oto_name name;
	uint32_t write_op;
	const char *space; /* of the addresses in it, counted in bytes; NULL: its offsets are no addresses */
};

extern const struct oto_names ads_commands, ads_ports, ads_states, ads_modes, ads_types, ads_errors, ads_tcp_commands, ads_accesses,
    ads_services, ads_groups, ads_control_ops;
/* Index groups mean something else in each server. NULL: not known. */
const struct ads_group *ads_group_of(uint16_t port, uint32_t group);
/* A constant; NULL without an error. The registry's results are its own. */
const char *ads_error_word(uint32_t code);
const char *ads_registry_error_word(uint32_t code);
/* Where TwinCAT keeps a file that is opened, by the upper half of the mode; NULL: the name is a path. */
const char *ads_folder_of(uint32_t mode);
bool ads_is_boot_folder(uint32_t mode);

/* ------------------------------------------------------------------------------------------------ what is said */

struct ads_message {
	uint16_t tcp_command, port, client_port, command, state_flags, ads_state, device_state;
	uint32_t length, error_code, invoke_id, index_group, group, index_offset, read_length, write_length, result, notification_handle,
	    transmission_mode, items, failures, stamps;
	const char *pdu_type, *error;
	struct oto_slice net_id, client_net_id, symbol, value, device_name, version, file_name, program, data;
	struct oto_interval max_delay, cycle_time, latency;
	struct oto_time time;
	bool has_ams, has_index, has_group, has_read, has_write, has_result, has_state, has_handle, has_mode, has_items, has_stamps,
	    has_time, has_data, matched;
};

struct ads_value {
	struct oto_addr client, server;
	struct oto_slice net_id, target, text;
	uint32_t unit;
	uint8_t access, type;
	double number;
	bool has_type, has_number;
};

struct ads_router {
	uint32_t invoke_id, service, status, number;
	uint16_t port;
	const char *pdu_type, *password;
	struct oto_slice net_id, host, route_name, route_net_id, user, twincat, os, fingerprint;
	struct oto_interval latency;
	bool has_status, temporary, matched;
};

enum { ADS_EV_MESSAGE, ADS_EV_VALUE, ADS_EV_ROUTER, ADS_EVENTS };
extern const struct oto_event_type *const ads_events[ADS_EVENTS];

/* ------------------------------------------------------------------------------------------------ what is kept */

/* What stands at an address or behind a handle, or is asked for by one part of a sum command. */
enum { ADS_NAME = 150 };
struct ads_symbol {
	uint32_t group, offset, length;
	uint8_t type, name_len;
	uint8_t name[ADS_NAME];
};

/* What a request leaves for its response. */
struct ads_note {
	struct ads_symbol at;
	uint64_t sum; /* what its parts are kept under */
	uint32_t items;
	uint16_t ads_state;
	bool has_index, has_items;
};

struct ads_transfer {
	bool open, down, boot, lost, at_end;
	uint32_t handle;
	uint64_t talk; /* whose handle it is */
	struct content content;
	int64_t since_ns;
	uint64_t op_id;
	uint8_t name_len;
	uint8_t name[ADS_NAME];
};
enum { ADS_TRANSFERS = 4 };
struct ads_flow {
	struct ads_transfer transfers[ADS_TRANSFERS];
	uint32_t opened;  /* so far: the oldest gives way */
	uint32_t changes; /* of what is known of symbols: what was made of them is made anew */
};

struct ads_parse {
	struct oto_ctx *cx;
	struct ads_message *m;
	const struct ads_group *group;
	struct oto_slice payload;       /* of a command, or what a response brings */
	struct text list, value;        /* what several parts touch, and their values */
	uint64_t server, talk, request; /* keys of the server's address, of it with the client's, and of a request's pair */
	bool is_response, wants_values, wants_text;
	const char *first_error; /* of the parts of a sum command */
};

/* ads_text.c */
struct oto_slice ads_net_id(struct oto_ctx *cx, struct oto_slice raw);
/* "5.13.117.96.1.1:851", as facts have it; empty of the system service, which is the device itself. */
struct oto_slice ads_sub(const struct ads_parse *p);

/* ads_symbol.c: names behind handles and at addresses, and values. */
void ads_learn_handle(const struct ads_parse *p, struct oto_slice answer, const struct ads_symbol *s);
void ads_learn_notification(const struct ads_parse *p, uint32_t handle, const struct ads_symbol *s);
/* One entry of the symbol table; false when there is no whole one. */
bool ads_learn_entry(const struct ads_parse *p, struct oto_cur *c);
void ads_learn_address(const struct ads_parse *p, struct oto_slice name, uint32_t group, uint32_t offset);
void ads_find(const struct ads_parse *p, struct ads_symbol *s); /* its name and type, by its group and offset */
bool ads_find_notification(const struct ads_parse *p, uint32_t handle, struct ads_symbol *s);
void ads_name_symbol(struct ads_symbol *s, struct oto_slice name);
/* Parts of a sum command, and the list of what they touch: a poll repeats them. */
void ads_keep_item(const struct ads_parse *p, uint64_t sum, uint32_t i, const struct ads_symbol *s);
bool ads_kept_item(const struct ads_parse *p, uint64_t sum, uint32_t i, struct ads_symbol *s);
void ads_keep_list(const struct ads_parse *p, uint64_t sum);
bool ads_kept_list(struct ads_parse *p, uint64_t sum);
struct oto_target ads_target(const struct ads_parse *p, const struct ads_symbol *s);
void ads_list_symbol(struct ads_parse *p, const struct ads_symbol *s);
/* Says a value, and puts it to the others of the message. */
void ads_tell_value(struct ads_parse *p, const struct ads_symbol *s, struct oto_slice data, enum ads_access access);

/* ads_command.c: what stands behind the AMS header. */
void ads_take_request(struct ads_parse *p, struct oto_cur *c, struct ads_note *note);
void ads_take_response(struct ads_parse *p, struct oto_cur *c, const struct ads_note *note);
void ads_take_notification(struct ads_parse *p, struct oto_cur *c);
bool ads_is_registry(const struct ads_parse *p);

/* ads_sum.c: several commands in one. */
bool ads_is_sum(uint32_t group);
void ads_take_sum_request(struct ads_parse *p, struct ads_note *note);
void ads_take_sum_response(struct ads_parse *p, const struct ads_note *note);

/* ads_facts.c: what answers reveal of a device. */
void ads_tell_facts(struct ads_parse *p);

/* ads_transfer.c: files of the system service. */
/* The mode a file was opened with decides what reading and writing it does. */
bool ads_transfer_is_boot(const struct ads_parse *p, uint32_t handle);
struct oto_slice ads_transfer_name(const struct ads_parse *p, uint32_t handle);
void ads_transfer_request(struct ads_parse *p);
void ads_transfer_answer(struct ads_parse *p, const struct oto_match *match);
void ads_transfer_gap(struct ads_flow *flow);
void ads_transfer_close(struct oto_ctx *cx);

/* ads_router.c: datagrams of the AMS router. */
bool ads_is_router(struct oto_cur c);
void ads_router_pdu(struct oto_ctx *cx, struct oto_cur *c);

#endif
