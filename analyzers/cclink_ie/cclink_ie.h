/* cclink_ie.h - what the files of CC-Link IE share: the words of both generations, the two events, who speaks them.
 */
#ifndef CCLINK_IE_H
#define CCLINK_IE_H

#include "oto_plugin.h"

enum { EV_FRAME, EV_TSN };
enum { CHANNEL_SLMP };
enum { SLMP_OF_TSN = 1, SLMP_OF_FIELD }; /* keys of that channel */

/* Frame types that decide something; the rest are rows of the tables. */
enum ccie_frame_type {
	CCIE_PERSUASION = 0x10,
	CCIE_TEST_DATA = 0x11,
	CCIE_TEST_DATA_ACK = 0x12,
	CCIE_SETUP = 0x13,
	CCIE_SETUP_ACK = 0x14,
	CCIE_TOKEN_M = 0x15,
	CCIE_TIMER = 0x1c,
	CCIE_MY_STATUS = 0x20,
	CCIE_TRANSIENT1 = 0x22,
	CCIE_TRANSIENT_ACK = 0x23,
	CCIE_TRANSIENT2 = 0x25,
	CCIE_IP_TRANSIENT = 0x26,
	CCIE_PARAM_CHECK = 0x28,
	CCIE_PARAMETER = 0x29,
	CCIE_TSN_PRIORITY = 0xc0,
	CCIE_TSN_DETECTION = 0xc1,
	CCIE_TSN_DETECTION_ACK = 0xc2,
	CCIE_TSN_DATA = 0xc3,
	CCIE_TSN_CYCLIC_M = 0xc4,
	CCIE_TSN_CYCLIC_S = 0xc5,
};

/* The protocol that protocolVerType names. */
enum ccie_service { CCIE_CONTROL, CCIE_FIELD, CCIE_TSN, CCIE_TSN_FIELD, CCIE_UNKNOWN };

extern const struct oto_names ccie_frame_types, ccie_services, ccie_commands, ccie_tsn_frame_types, ccie_tsn_node_types, ccie_device_types;

/* Node types of Control and Field; 256 is added to those of Control, so that one table has both. */
extern const struct oto_names ccie_node_types;
enum { CCIE_CONTROL_NODES = 0x100 };

/* Kept for a pair of stations: which frame types of a sender were spoken of in this minute, which device was
 * told of last and when. */
struct ccie_state {
	struct ccie_side {
		int64_t since_ns, facts_ns;
		uint64_t spoken[4], device;
	} side[2];
};

static inline struct oto_mac ccie_sender(const struct oto_ctx *cx)
{
	return cx->is_orig ? cx->head->orig_mac : cx->head->resp_mac;
}

static inline struct oto_mac ccie_receiver(const struct oto_ctx *cx)
{
	return cx->is_orig ? cx->head->resp_mac : cx->head->orig_mac;
}

/* Speaks the operation of a frame type that repeats: the first time, then once a minute. */
void ccie_repeated(struct oto_ctx *cx, const struct oto_names *types, uint8_t type, uint32_t station);

/* The events and frames of CC-Link IE TSN. `test` frames carry the header of Field; their service is known by then. */
extern const struct oto_event_type ccie_tsn_event;
void ccie_tsn_frame(struct oto_ctx *cx, struct oto_cur *c);
void ccie_tsn_test(struct oto_ctx *cx, struct oto_cur *c, uint8_t type, uint8_t service);

#endif
