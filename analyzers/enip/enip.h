/* enip.h - EtherNet/IP encapsulation as its children see it: the header of 24 bytes and the Common Packet Format behind it.
 *
 * ODVA "The CIP Networks Library", volume 2, chapter 2. A child of the channel "enip" is handed whole encapsulation messages, header
 * included: it needs the session, the sender context and the items. A response that the encapsulation refused is handed over, too: it says
 * so in its status, and answers what it had carried. Nothing here keeps state or speaks.
 */
#ifndef OTO_ANALYZERS_ENIP_H
#define OTO_ANALYZERS_ENIP_H

#include "oto_plugin.h"

enum { ENIP_PORT = 44818, ENIP_IO_PORT = 2222, ENIP_HEADER = 24 };

/* Volume 2, table 2-3.2. */
enum {
	ENIP_NOP = 0x00,
	ENIP_LIST_SERVICES = 0x04,
	ENIP_LIST_IDENTITY = 0x63,
	ENIP_LIST_INTERFACES = 0x64,
	ENIP_REGISTER_SESSION = 0x65,
	ENIP_UNREGISTER_SESSION = 0x66,
	ENIP_SEND_RR_DATA = 0x6f,
	ENIP_SEND_UNIT_DATA = 0x70,
};

/* Volume 2, table 2-6.3. */
enum {
	CPF_NULL = 0x0000,
	CPF_LIST_IDENTITY = 0x000c,
	CPF_CIP_SECURITY = 0x0086,
	CPF_ENIP_CAPABILITY = 0x0087,
	CPF_ENIP_USAGE = 0x0088,
	CPF_CONNECTED_ADDRESS = 0x00a1,
	CPF_CONNECTED_DATA = 0x00b1,
	CPF_UNCONNECTED_DATA = 0x00b2,
	CPF_LIST_SERVICES = 0x0100,
	CPF_SOCKADDR_O_TO_T = 0x8000,
	CPF_SOCKADDR_T_TO_O = 0x8001,
	CPF_SEQUENCED_ADDRESS = 0x8002,
	CPF_UNCONNECTED_DTLS = 0x8003,
};
/* Vendors give two or three items; more than this is an attempt. */
enum { CPF_ITEMS_MAX = 16 };

struct enip_header {
	uint16_t command, length;
	uint32_t session, status, options;
	uint64_t context; /* eight bytes that a response repeats, first byte first */
};

/* The whole header is there or nothing of it. */
static inline struct enip_header enip_take_header(struct oto_cur *c)
{
	struct oto_cur in = oto_sub(c, ENIP_HEADER);
	struct enip_header h;

	if (in.bad)
		return (struct enip_header){ 0 };
	h.command = oto_le16(&in);
	h.length = oto_le16(&in);
	h.session = oto_le32(&in);
	h.status = oto_le32(&in);
	h.context = oto_be64(&in);
	h.options = oto_le32(&in);
	return h;
}

/* Table 2-3.3. */
const char *enip_status_word(uint32_t status);

struct cpf_item {
	uint16_t type;
	struct oto_slice data;
};

/* One item of the Common Packet Format: type, length, data. */
static inline struct cpf_item cpf_take_item(struct oto_cur *c)
{
	struct oto_cur head = oto_sub(c, 4);
	struct cpf_item item;

	item.type = oto_le16(&head);
	item.data = oto_take(c, oto_le16(&head));
	return item;
}

/* Names a message in enip.log and all it carries in cip.log, by its ends and first bytes: the same however TCP has cut it. */
static inline uint64_t enip_correlation(const struct oto_ctx *cx, struct oto_slice message)
{
	struct oto_cur c = oto_cur_of(message);
	uint64_t id = (uint64_t)cx->head->orig_p << 16 | cx->head->resp_p, half;

	for (uint32_t i = 0; i < 2; i++) {
		memcpy(&half, (i ? cx->head->resp_h.byte : cx->head->orig_h.byte), sizeof half);
		id = (id ^ half) * 0x9e3779b97f4a7c15u;
	}
	for (uint32_t i = 0; i < 8 && oto_left(&c) >= 8; i++) {
		id = (id ^ oto_le64(&c)) * 0x9e3779b97f4a7c15u;
		id ^= id >> 32;
	}
	return id;
}

#endif
