/* ethercat.h - what the files of this folder share: the events, what is known of a segment and of a slave, who speaks.
 *
 * A master's frame goes through all slaves and comes back to it. The first slave sets a bit of the sender's address (IEC 61158-4-12 4.2),
 * so a capture at the master shows both, and they are two flows. What is known is therefore kept for the segment, not for a flow.
 */
#ifndef OTO_ETHERCAT_H
#define OTO_ETHERCAT_H

#include "../content.h"
#include "../say.h"
#include "ethercat_tables.h"

enum { ECAT_DATAGRAM, ECAT_MAILBOX, ECAT_DEVICE, ECAT_CHANGE, ECAT_VARIABLE, ECAT_EVENTS };
enum ecat_ring_error { ECAT_NOT_PROCESSED = 1, ECAT_NOT_WRITTEN, ECAT_NOT_READ };
enum ecat_change_kind { ECAT_STATE_CHANGED = 1, ECAT_LEFT_OP, ECAT_AL_ERROR, ECAT_COUNTER_LOW, ECAT_COUNTER_BACK, ECAT_SECOND_MASTER };

#define ECAT_MINUTE INT64_C(60000000000)

/* ------------------------------------------------------------------------------------------------ events */

struct ecat_datagram {
	struct oto_mac src_mac, dst_mac;
	struct oto_slice data;
	const char *reg;
	uint32_t logical;
	uint16_t slave_addr, station, position, offset, length, irq, wkc, al_status_code;
	uint8_t command, index, al_state;
	bool returned, circulating, has_physical, has_station, has_position, has_logical, has_state, has_error, has_code, al_error;
};

/* One message of any mailbox protocol; what a protocol has not is absent. */
struct ecat_mailbox {
	struct oto_mac src_mac, dst_mac;
	struct oto_slice data, name, target_id, sender_id, idn;
	const char *error, *info_opcode, *foe_opcode, *soe_opcode, *eoe_type;
	uint32_t error_code, packet, password, invoke_id, sdo_size;
	uint16_t station, position, length, address, coe_number, object, fragments_left, emergency_code, target_port, sender_port,
	    state_flags, fragment, frame_number, done, entire, number;
	uint8_t channel, priority, type, counter, service, sdo_command, subindex, opcode, drive, elements;
	bool to_slave, has_station, has_position, has_coe, has_sdo, has_object, has_size, has_emergency, has_packet, has_password, has_busy,
	    has_soe, has_aoe, has_fragment, has_fragments, has_error, complete_access, expedited, incomplete, last;
};

struct ecat_device {
	struct oto_mac src_mac;
	uint16_t station, position, build, features;
	uint8_t type, revision, fmmus, sync_managers, ram_size, ports;
	bool has_station, has_position;
};

struct ecat_change {
	struct oto_mac src_mac, other_mac;
	uint32_t logical;
	uint16_t station, position, wkc, was_wkc, al_status_code;
	uint8_t what, al_state, was_state, command;
	bool has_station, has_position, has_state, has_was_state, has_code, has_wkc, has_other;
};

struct ecat_variable {
	struct oto_mac src_mac, dst_mac, publisher;
	struct oto_slice data;
	uint16_t cycle, id, hash, length, quality;
};

extern const struct oto_event_type *const ecat_events[ECAT_EVENTS];

/* ------------------------------------------------------------------------------------------------ who */

/* Which slave a datagram is for: by station address, or by position where that is not known. */
struct ecat_who {
	uint16_t station, position;
	bool all, has_station, has_position;
};

/* What a request waits for. */
enum ecat_wait { WAIT_DATAGRAM = 1, WAIT_STATE, WAIT_SDO, WAIT_INFORMATION, WAIT_FOE, WAIT_SOE, WAIT_AOE, WAIT_EOE };

uint64_t ecat_slave_key(const struct ecat_who *who);
uint64_t ecat_wait_key(enum ecat_wait wait, const struct ecat_who *who, uint64_t what);
struct oto_slice ecat_sub(struct oto_ctx *cx, const struct ecat_who *who);

/* ------------------------------------------------------------------------------------------------ what is known */

enum { ECAT_VALUE_MAX = 64, ECAT_NAME_MAX = 64 };

/* A file on its way in or out (IEC 61158-6-12 5.8). */
struct ecat_file {
	bool open, down, last, firmware;
	uint8_t name_len, name[ECAT_NAME_MAX];
	uint32_t packet, room; /* the next packet; bytes of a full one */
	uint64_t op_id;
	int64_t since_ns;
	struct content content;
};

/* The object that is read or written now. */
struct ecat_sdo {
	bool open, upload, complete;
	uint8_t subindex, value_len, value[ECAT_VALUE_MAX];
	uint16_t object;
	uint32_t size, seen;
};

struct ecat_slave {
	uint16_t station, epoch; /* of a position: its station address, and which numbering it is of */
	uint8_t state, wanted;   /* as it says, as its master wants */
	bool waits, al_error, error_told, eeprom_wide, has_out, has_in;
	int64_t wanted_ns;
	uint32_t eeprom_address;
	uint16_t out_start, out_length, in_start, in_length; /* mailboxes, to the slave and from it */
	uint64_t refused;                                    /* digest of the message that its mailbox did not take */
	struct ecat_sdo sdo;
	struct ecat_file file;
};

/* Zeroed when new; NULL when it is not known who. Valid until the next call. */
struct ecat_slave *ecat_slave_of(struct oto_ctx *cx, const struct ecat_who *who);

struct ecat_segment {
	struct oto_mac master, other;
	bool sends_plain, any_op; /* frames were seen that had not come back; a slave was in OP */
	uint8_t turns, wanted;    /* two masters by turns; the state that all slaves were told to have */
	uint16_t slaves, epoch, unreturned;
	int64_t wanted_ns, control_ns, other_told_ns; /* when all were told, when anyone was told */
};
struct ecat_segment *ecat_segment_of(struct oto_ctx *cx);

struct oto_mac ecat_own_mac(struct oto_mac mac); /* without the bit that the first slave sets */
void ecat_tell_change(struct oto_ctx *cx, struct ecat_change *change, const struct ecat_who *who);

/* ------------------------------------------------------------------------------------------------ parts */

/* A datagram, who it is for, and what it does there. */
struct ecat_access {
	struct ecat_datagram *d;
	struct ecat_who who;
	bool reads, writes;
};

/* The word for a number, or what is said where there is none. */
const char *ecat_word(const struct oto_names *names, uint32_t n, const char *otherwise);

/* ethercat_slave.c: registers. */
bool ecat_is_control(const struct ecat_access *a); /* it writes AL control: what becomes of it is told by AL status */
void ecat_control(struct oto_ctx *cx, const struct ecat_access *a);
void ecat_control_lost(struct oto_ctx *cx, const struct ecat_access *a);
struct oto_operation ecat_register_operation(struct oto_ctx *cx, const struct ecat_access *a);
void ecat_written(struct oto_ctx *cx, const struct ecat_access *a); /* it was carried out */
void ecat_read_back(struct oto_ctx *cx, const struct ecat_access *a);
void ecat_decode_state(struct ecat_access *a);

/* ethercat_cyclic.c: process data, common clock, two masters. */
void ecat_cyclic_sent(struct oto_ctx *cx, const struct ecat_access *a);
void ecat_cyclic_back(struct oto_ctx *cx, const struct ecat_access *a);
void ecat_watch_masters(struct oto_ctx *cx, struct ecat_segment *segment, struct oto_mac mac);

/* ethercat_mailbox.c and its parts. */
struct ecat_message {
	struct oto_ctx *cx;
	struct ecat_mailbox *m;
	struct ecat_who who;
	uint32_t room; /* bytes that the mailbox takes behind its header; 0: not known */
	bool ring;     /* in a datagram, whose sender is the master on both ways */
	bool quiet;    /* said before, when the slave's mailbox was full */
};
bool ecat_is_mailbox(struct oto_ctx *cx, const struct ecat_access *a);
void ecat_mailbox_access(struct oto_ctx *cx, const struct ecat_access *a);
void ecat_mailbox_taken(struct oto_ctx *cx, const struct ecat_access *a);
void ecat_mailbox_message(struct ecat_message *e, struct oto_cur *c);
struct oto_operation ecat_mailbox_operation(struct ecat_message *e, uint32_t op, const char *func);
uint64_t ecat_ask(struct ecat_message *e, uint64_t key, const struct oto_operation *o);
bool ecat_answer(struct ecat_message *e, uint64_t key, const char *error, struct oto_operation unmatched); /* was it asked for? */
void ecat_slave_fact(struct oto_ctx *cx, const struct ecat_who *who, const char *key, struct oto_slice value);
void ecat_vendor_fact(struct oto_ctx *cx, const struct ecat_who *who, uint32_t vendor);
void ecat_number_fact(struct oto_ctx *cx, const struct ecat_who *who, const char *key, uint32_t n, bool hex);
void ecat_coe(struct ecat_message *e, struct oto_cur *c);
void ecat_foe(struct ecat_message *e, struct oto_cur *c);
void ecat_soe(struct ecat_message *e, struct oto_cur *c);
void ecat_aoe(struct ecat_message *e, struct oto_cur *c);
void ecat_eoe(struct ecat_message *e, struct oto_cur *c);

/* Frames that come in pieces, of so many slaves at once (ethercat_eoe.c). */
enum { ECAT_EOE_SLAVES = 8, ECAT_EOE_FRAME = 1536 };
struct ecat_eoe_frame {
	uint64_t slave;
	uint8_t *bytes;
	uint16_t len;
	uint8_t number, next;
};
struct ecat_flow {
	struct ecat_eoe_frame eoe[ECAT_EOE_SLAVES];
	uint8_t eoe_turn;
};

/* What a request leaves for its answer. */
struct ecat_note {
	uint16_t position;
	bool has_position;
};

#endif
