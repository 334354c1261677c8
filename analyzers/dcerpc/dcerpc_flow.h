/* dcerpc_flow.h - what the files of this folder share: a flow's state, one whole call, and how it is told. */
#ifndef OTO_DCERPC_FLOW_H
#define OTO_DCERPC_FLOW_H

#include "dcerpc.h"
#include "dcerpc_interfaces.h"

enum { DCERPC_CONTEXTS = 32, DCERPC_PIPE = 64 };
enum { DCERPC_CHANNEL_INTERFACE, DCERPC_CHANNEL_NTLM, DCERPC_CHANNEL_KERBEROS };

/* An interface that was bound under a number. */
struct dcerpc_context {
	uint16_t id, major, minor;
	bool used;
	uint8_t uuid[DCERPC_UUID];
	const struct dcerpc_interface *interface; /* NULL: nobody we know */
	uint64_t key;                             /* of children */
};

/* A message in fragments, of one direction. */
struct dcerpc_pieces {
	bool open;
	uint32_t sequence, next;
	uint16_t opnum, context;
	struct oto_time begun;
	uint8_t object[DCERPC_UUID];
};

struct dcerpc_flow {
	struct dcerpc_context context[DCERPC_CONTEXTS];
	uint32_t ncontexts; /* ever bound: the oldest is written over */
	struct dcerpc_pieces pieces[2];
	uint8_t pipe_len;
	char pipe[DCERPC_PIPE]; /* the server's secondary address: a pipe's name or a port's number */
	bool told_controller;
	struct dcerpc_context last; /* of connectionless calls */
};

/* One whole request, response or fault, with what is known of its interface. */
struct dcerpc_message {
	struct dcerpc_call call;
	const struct dcerpc_context *context; /* NULL: the binding was not seen */
	uint16_t context_id;
	bool encrypted, has_rtt;
	struct oto_interval rtt;
	struct oto_time asked; /* when the request was sent */
	struct oto_slice stub;
};

void dcerpc_tell_request(struct oto_ctx *cx, const struct dcerpc_message *m);
void dcerpc_tell_response(struct oto_ctx *cx, const struct dcerpc_message *m);
void dcerpc_tell_fault(struct oto_ctx *cx, const struct dcerpc_message *m);

/* "4b324fc8-1670-01d3-1278-5a47bf6ee188" */
struct oto_slice dcerpc_uuid_text(struct oto_ctx *cx, const uint8_t uuid[DCERPC_UUID]);
/* Fills in what follows from the UUID. */
void dcerpc_name_context(struct oto_ctx *cx, struct dcerpc_context *c);
/* Whatever the byte order on the wire, little endian here. */
static inline void dcerpc_take_uuid(struct oto_cur *c, bool little_endian, uint8_t uuid[DCERPC_UUID])
{
	struct oto_slice s = oto_take(c, DCERPC_UUID);

	memset(uuid, 0, DCERPC_UUID);
	if (!s.len)
		return;
	memcpy(uuid, s.data, DCERPC_UUID);
	if (little_endian)
		return;
	static const uint8_t from[8] = { 3, 2, 1, 0, 5, 4, 7, 6 };
	for (int i = 0; i < 8; i++)
		uuid[i] = s.data[from[i]];
}

static inline uint16_t dcerpc_u16(struct oto_cur *c, bool little_endian)
{
	return little_endian ? oto_le16(c) : oto_be16(c);
}

static inline uint32_t dcerpc_u32(struct oto_cur *c, bool little_endian)
{
	return little_endian ? oto_le32(c) : oto_be32(c);
}

/* dcerpc_datagram.c: the connectionless protocol. */
bool dcerpc_is_datagram(struct oto_cur c);
void dcerpc_datagram(struct oto_ctx *cx, struct oto_cur *c);

/* dcerpc_tell.c */
enum { DCERPC_EVENTS = 7 };
extern const struct oto_event_type *const dcerpc_events[DCERPC_EVENTS];
void dcerpc_tell_bind(struct oto_ctx *cx, const struct dcerpc_context *context, bool alter, uint8_t auth_type, uint8_t auth_level);
void dcerpc_tell_refused(struct oto_ctx *cx, uint32_t reason);

/* dcerpc_actions.c: what a call does to a machine. */
struct dcerpc_action {
	const char *interface, *what;
	uint16_t opnum;
	uint8_t form; /* how its stub data is read */
	const char *doc;
};
const struct dcerpc_action *dcerpc_action_of(const struct dcerpc_interface *i, uint16_t opnum);
/* Name and command line as UTF-8, empty where there are none or they cannot be read. */
void dcerpc_action_words(struct oto_ctx *cx, const struct dcerpc_action *a, const struct dcerpc_message *m, struct oto_slice *name,
			 struct oto_slice *command);
/* The operation's effect on process data, of OPC's interfaces; OTO_OP_NONE for all others. */
uint32_t dcerpc_op_of(const struct dcerpc_interface *i, uint16_t opnum);

/* dcerpc_mapper.c: answers of the endpoint mapper. */
struct dcerpc_endpoint {
	uint8_t uuid[DCERPC_UUID];
	uint8_t transport; /* OTO_TCP, OTO_UDP; 0: a pipe */
	uint16_t port;
	struct oto_addr host;
	struct oto_slice pipe;
};
typedef void dcerpc_endpoint_seen(struct oto_ctx *cx, const struct dcerpc_endpoint *e);
void dcerpc_mapper(struct oto_ctx *cx, const struct dcerpc_message *m, dcerpc_endpoint_seen *seen);

#endif
