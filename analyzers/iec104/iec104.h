/* iec104.h - what the files of this folder share: the tables, what is read of an APDU and of an information object, the files that go over.
 *
 * Clauses: "104" is IEC 60870-5-104:2006 with its amendment 1:2016, "101" IEC 60870-5-101:2003, whose ASDUs it carries.
 */
#ifndef OTO_IEC104_H
#define OTO_IEC104_H

#include "analyzers/content.h"
#include "analyzers/say.h"

/* ------------------------------------------------------------------------------------------------ iec104_tables.c */

/* The formats of the control field (104, 5.1), and the functions of format U by their bits. */
enum iec104_format { IEC104_I, IEC104_S, IEC104_U };
enum iec104_function { STARTDT_ACT = 0x07, STARTDT_CON = 0x0b, STOPDT_ACT = 0x13, STOPDT_CON = 0x23, TESTFR_ACT = 0x43, TESTFR_CON = 0x83 };

/* Type identifications (101, 7.2.1; 104, 6) that the code names. */
enum iec104_type {
	M_FIRST = 1,
	M_LAST = 41,
	C_FIRST = 45,
	C_LAST = 64,
	M_EI_NA_1 = 70,
	S_FIRST = 81,
	C_IC_NA_1 = 100,
	C_CI_NA_1 = 101,
	C_RD_NA_1 = 102,
	C_CS_NA_1 = 103,
	C_RP_NA_1 = 105,
	C_CD_NA_1 = 106,
	P_FIRST = 110,
	P_LAST = 113,
	F_FR_NA_1 = 120,
	F_SR_NA_1 = 121,
	F_SC_NA_1 = 122,
	F_LS_NA_1 = 123,
	F_AF_NA_1 = 124,
	F_SG_NA_1 = 125,
	F_DR_TA_1 = 126,
	F_SC_NB_1 = 127,
	SPECIAL_FIRST = 128 /* from here on types are a maker's own */
};

/* Causes of transmission (101, 7.2.3) that the code names. */
enum iec104_cause {
	CAUSE_PERIODIC = 1,
	CAUSE_SPONTANEOUS = 3,
	CAUSE_REQUEST = 5,
	CAUSE_ACTIVATION = 6,
	CAUSE_ACTIVATION_CON = 7,
	CAUSE_DEACTIVATION = 8,
	CAUSE_DEACTIVATION_CON = 9,
	CAUSE_TERMINATION = 10,
	CAUSE_RETURN_REMOTE = 11,
	CAUSE_RETURN_LOCAL = 12,
	CAUSE_UNKNOWN_TYPE = 44,
	CAUSE_UNKNOWN_OBJECT = 47
};

/* Information elements (101, 7.2.6), of which information objects are made. */
enum iec104_element {
	END,
	SIQ, /* single point with quality */
	DIQ, /* double point with quality */
	VTI, /* value with transient state */
	BSI, /* bit string */
	NVA, /* normalized value */
	SVA, /* scaled value */
	R32, /* short floating point number */
	BCR, /* binary counter reading */
	SEP, /* single event of protection equipment */
	SPE, /* start events */
	OCI, /* output circuit information */
	SCD, /* status and change detection */
	QDS, /* quality */
	QDP, /* quality of events of protection equipment */
	SCO, /* single command */
	DCO, /* double command */
	RCO, /* regulating step command */
	QOS, /* qualifier of set point */
	QOI, /* of interrogation */
	QCC, /* of counter interrogation */
	QRP, /* of reset process */
	QPM, /* of parameter of measured values */
	QPA, /* of parameter activation */
	COI, /* cause of initialization */
	FBP, /* fixed test bit pattern */
	TSC, /* test sequence counter */
	CP16,
	CP24,
	CP56,
	NOF, /* name of file */
	NOS, /* name of section */
	LOF, /* length of file or section */
	FRQ, /* file ready qualifier */
	SRQ, /* section ready qualifier */
	SCQ, /* select and call qualifier */
	LSQ, /* last section or segment qualifier */
	CHS, /* checksum */
	AFQ, /* acknowledge qualifier */
	LOS, /* length of a segment, and the segment */
	SOF, /* status of file */
	ELEMENTS
};
enum { IEC104_ELEMENTS_MAX = 4 };
struct iec104_layout {
	uint8_t type, element[IEC104_ELEMENTS_MAX];
};

extern const struct oto_names iec104_formats, iec104_functions, iec104_directions, iec104_types, iec104_selections, iec104_deactivations,
    iec104_causes, iec104_counter_commands, iec104_reset_commands, iec104_file_commands, iec104_freezes, iec104_file_calls,
    iec104_file_ends, iec104_file_acks, iec104_file_errors;
/* What the objects of a type consist of; NULL: nobody says. */
const struct iec104_layout *iec104_layout_of(uint8_t type);
/* Bytes of an object without its address; of a segment without its content. */
uint32_t iec104_size_of(const struct iec104_layout *layout);
/* The word of a qualifier, by the element that it is; NULL: it has none. */
const char *iec104_qualifier_word(uint8_t element, uint8_t value);

/* ------------------------------------------------------------------------------------------------ what is read */

/* Bits of quality (101, 7.2.6.3 and others), and of parameters and their causes. */
enum iec104_flag {
	FLAG_IV = 1 << 0,
	FLAG_NT = 1 << 1,
	FLAG_SB = 1 << 2,
	FLAG_BL = 1 << 3,
	FLAG_OV = 1 << 4,
	FLAG_EI = 1 << 5,
	FLAG_CA = 1 << 6,
	FLAG_CY = 1 << 7,
	FLAG_T = 1 << 8,
	FLAG_LPC = 1 << 9,
	FLAG_POP = 1 << 10,
	FLAG_COUNT = 11
};

/* One information object. */
struct iec104_object {
	struct oto_addr client, server;
	double value, command;
	struct oto_time time;
	struct oto_interval hour_time, elapsed;
	struct oto_slice quality;
	const char *qualifier_name;
	uint32_t info_obj_addr;
	uint16_t common_address, changes, flags;
	uint8_t type_id, cause_tx, direction, originator_address, qualifier, freeze, counter_sequence;
	bool negative, test, invalid, select, time_invalid, summer_time;
	bool has_value, has_command, has_changes, has_quality, has_select, has_qualifier, has_freeze, has_counter, has_time, has_hour_time,
	    has_elapsed;
};

/* What an object of file transfer (types 120 to 127) says. */
struct iec104_file {
	struct oto_addr client, server;
	struct oto_time time, until;
	struct oto_slice data;
	const char *error;
	uint32_t info_obj_addr, length;
	uint16_t common_address, file;
	uint8_t type_id, cause_tx, direction, section, call, end, ack, status, checksum;
	bool ready, has_section, has_length, has_ready, has_call, has_end, has_ack, has_status, has_checksum, has_data, has_time, has_until;
};

struct iec104_apdu {
	struct oto_addr client, server;
	struct oto_vec info_obj_addr, values;
	struct oto_interval latency;
	const char *qualifier_name;
	uint16_t apci_tx, apci_rx, common_address;
	uint8_t apci_type, u_function, apdu_len, direction, type_id, num_ix, cause_tx, originator_address, qualifier, freeze;
	bool seq, negative, test, select;
	bool has_tx, has_rx, has_u_function, has_asdu, has_values, has_select, has_qualifier, has_freeze, matched;
};

/* A file that goes over, either way. */
struct iec104_transfer {
	bool open, down;
	uint8_t sum; /* of the octets of this section, as its checksum counts them */
	uint16_t common_address, file;
	uint32_t info_obj_addr, announced;
	struct content content, before; /* before: when this section began */
	int64_t since_ns;
	uint64_t op_id;
};
enum { IEC104_TRANSFERS = 3 };

struct iec104_flow {
	uint8_t client; /* the controlling station: 0 not known, 1 the originator, 2 the responder */
	struct {
		bool known;
		uint16_t next; /* send sequence number that comes next */
	} side[2];
	struct iec104_transfer transfer[IEC104_TRANSFERS];
	uint32_t begun; /* transfers so far: the oldest gives way */
};

struct iec104_parse {
	struct oto_ctx *cx;
	struct iec104_apdu *m;
	const struct iec104_layout *layout;
	bool is_client;  /* the controlling station sent it */
	const char *odd; /* what is wrong with it, once */
};
enum { IEC104_EV_APDU, IEC104_EV_OBJECT, IEC104_EV_FILE, IEC104_EV_COUNT };

/* iec104_frame.c */
enum { IEC104_PORT = 2404, IEC104_LENGTH_MAX = 253, CONTROL = 4, ADDRESS = 3, SEQUENCE = 0x80, CAUSE = 0x3f };
/* Format I, S or U by the control field; -1: none of them. */
int iec104_format_of(const uint8_t control[CONTROL]);
/* Bytes of the objects behind the head of an ASDU, by its variable structure qualifier. The content of a segment counts itself. */
uint32_t iec104_size_of_objects(const struct iec104_layout *layout, uint8_t structure, struct oto_cur c);
/* The octet with which TCP asks whether somebody is there (RFC 9293, 3.8.4), where the capture begins with it: else it lies before what
 * came. */
bool iec104_is_keep_alive(struct oto_cur c);
enum oto_answer iec104_probe(const struct oto_ctx *cx, struct oto_cur c);
/* What has an impossible length is an APDU, and told to be wrong: the next one stands behind it. */
int64_t iec104_pdu_len(const struct oto_ctx *cx, struct oto_cur c);

/* iec104_events.c */
extern const struct oto_event_type *const iec104_events[IEC104_EV_COUNT];

/* iec104_object.c: one object behind its address. Both leave the cursor behind it. */
void iec104_take_object(const struct iec104_parse *p, struct oto_cur *c, uint32_t address, struct iec104_object *o);
void iec104_take_file(const struct iec104_parse *p, struct oto_cur *c, uint32_t address, struct iec104_file *f);
/* "IV,NT" */
struct oto_slice iec104_quality_text(struct oto_ctx *cx, uint16_t flags);
bool iec104_is_file(uint8_t type);

/* iec104_file.c: the object of a file's ASDU is told, and what it means for the transfer. */
void iec104_tell_file(struct iec104_parse *p, const struct iec104_file *f);
void iec104_files_lost(struct iec104_flow *flow);
void iec104_files_close(struct oto_ctx *cx);

/* What a request leaves for its answer: of F_SC_NA_1 what it called for. The key repeats type, common address and object address; of files
 * the type is 0, because another one answers. */
struct iec104_note {
	uint8_t call;
};
static inline uint64_t iec104_key(uint8_t type, uint16_t common_address, uint32_t address)
{
	return (uint64_t)address << 24 | (uint64_t)common_address << 8 | type;
}

#endif
