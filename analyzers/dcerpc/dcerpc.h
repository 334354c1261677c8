/* dcerpc.h - for children of dcerpc: analyzers of one remote interface, with keys like "dcerpc/dea00001-6c97-11d1-8271-00a02442df7d".
 *
 * A child gets one PDU a call and direction: a head in the form below, then the stub data (all fragments of it). The sender of the PDU sent
 * the call; pairing of both directions is the child's, by `sequence` and `activity`. Encrypted calls are not delivered.
 */
#ifndef OTO_ANALYZERS_DCERPC_H
#define OTO_ANALYZERS_DCERPC_H

#include "oto_plugin.h"

enum { DCERPC_CONNECTIONLESS = 4, DCERPC_CONNECTION = 5 };
enum { DCERPC_REQUEST = 0, DCERPC_RESPONSE = 2, DCERPC_FAULT = 3 };
enum { DCERPC_CALL_HEAD = 52 };

struct dcerpc_call {
	uint8_t version;       /* DCERPC_CONNECTION or DCERPC_CONNECTIONLESS */
	uint8_t type;          /* request, response, fault */
	bool little_endian;    /* how numbers of the stub data are written */
	bool has_opnum;        /* not when only the response was seen */
	uint16_t opnum;        /* the operation; in a response that of its request */
	uint16_t minor, major; /* of the interface */
	uint32_t sequence;     /* number of the call */
	uint32_t status;       /* of a fault */
	uint8_t object[16];    /* UUIDs in little endian form, zero when not given */
	uint8_t activity[16];  /* connectionless alone */
};

static inline void dcerpc_put_le32(uint8_t *out, uint32_t n)
{
	for (int i = 0; i < 4; i++)
		out[i] = (uint8_t)(n >> (8 * i));
}

static inline void dcerpc_put_call(uint8_t out[DCERPC_CALL_HEAD], const struct dcerpc_call *call)
{
	out[0] = call->version;
	out[1] = call->type;
	out[2] = call->little_endian;
	out[3] = call->has_opnum;
	dcerpc_put_le32(&out[4], call->opnum);
	dcerpc_put_le32(&out[8], (uint32_t)call->minor << 16 | call->major);
	dcerpc_put_le32(&out[12], call->sequence);
	dcerpc_put_le32(&out[16], call->status);
	memcpy(&out[20], call->object, sizeof call->object);
	memcpy(&out[36], call->activity, sizeof call->activity);
}

/* Reads the head; the stub data is what is left. */
static inline bool dcerpc_take_call(struct oto_cur *c, struct dcerpc_call *call)
{
	*call = (struct dcerpc_call){ .version = oto_u8(c), .type = oto_u8(c) };
	call->little_endian = oto_u8(c);
	call->has_opnum = oto_u8(c);
	call->opnum = (uint16_t)oto_le32(c);
	uint32_t version = oto_le32(c);
	call->major = (uint16_t)version;
	call->minor = (uint16_t)(version >> 16);
	call->sequence = oto_le32(c);
	call->status = oto_le32(c);
	struct oto_slice object = oto_take(c, sizeof call->object), activity = oto_take(c, sizeof call->activity);
	if (c->bad)
		return false;
	memcpy(call->object, object.data, sizeof call->object);
	memcpy(call->activity, activity.data, sizeof call->activity);
	return true;
}

#endif
