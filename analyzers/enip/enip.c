/* enip.c - EtherNet/IP encapsulation over TCP and UDP port 44818, volume 2, chapter 2 of ODVA's "The CIP Networks Library".
 *
 * Owns framing, every command with its status, sessions, and what List Identity, List Services and List Interfaces tell. It is a parent:
 * Send RR Data and Send Unit Data go whole to the children of the channel "enip" (CIP). Port 2221 is CIP Security: it is recognised, and
 * closed.
 */
#include "enip.h"

#include "analyzers/cip/cip_names.h"
#include "enip_security.h"

/* ------------------------------------------------------------------------------------------------ 1. value tables */

/* Table 2-3.2; the words are ICSNPP's. */
static const struct oto_name command_rows[] = {
	{ ENIP_NOP, "NOP", OTO_OP_NONE, "nothing; keeps a TCP connection alive" },
	{ 0x01, "Legacy 0x01", OTO_OP_OTHER, "reserved for devices older than EtherNet/IP" },
	{ 0x02, "Legacy 0x02", OTO_OP_OTHER, NULL },
	{ 0x03, "Legacy 0x03", OTO_OP_OTHER, NULL },
	{ ENIP_LIST_SERVICES, "List Services", OTO_OP_DISCOVER, "asks what a device can do" },
	{ 0x05, "Legacy 0x05", OTO_OP_OTHER, NULL },
	{ ENIP_LIST_IDENTITY, "List Identity", OTO_OP_DISCOVER, "asks devices, by broadcast all of them, who they are" },
	{ ENIP_LIST_INTERFACES, "List Interfaces", OTO_OP_DISCOVER, "asks for interfaces beside CIP" },
	{ ENIP_REGISTER_SESSION, "Register Session", OTO_OP_OTHER, "opens a session" },
	{ ENIP_UNREGISTER_SESSION, "Unregister Session", OTO_OP_OTHER, "closes it" },
	{ ENIP_SEND_RR_DATA, "Send RR Data", OTO_OP_NONE, "carries a CIP message outside of connections" },
	{ ENIP_SEND_UNIT_DATA, "Send Unit Data", OTO_OP_NONE, "carries a CIP message of a connection" },
	{ 0x72, "Indicate Status", OTO_OP_OTHER, NULL },
	{ 0x73, "Cancel", OTO_OP_OTHER, NULL },
	{ 0xc8, "Start DTLS", OTO_OP_OTHER, "asks for an encrypted channel over UDP" },
};
static const struct oto_names commands = OTO_NAMES(command_rows);

/* Table 2-3.3. */
static const struct oto_name status_rows[] = {
	{ 0x00, "Success", 0, NULL },
	{ 0x01, "Invalid Command", 0, NULL },
	{ 0x02, "No Memory Resources", 0, NULL },
	{ 0x03, "Incorrect Data", 0, NULL },
	{ 0x64, "Invalid Session Handle", 0, NULL },
	{ 0x65, "Invalid Length", 0, NULL },
	{ 0x69, "Unsupported Protocol Revision", 0, NULL },
	{ 0x6a, "Encapsulated CIP service not allowed on this port", 0, NULL },
};
static const struct oto_names statuses = OTO_NAMES(status_rows);

const char *enip_status_word(uint32_t status)
{
	const struct oto_name *row = oto_name_of(&statuses, status);

	return row ? row->name : "unknown status";
}

static const struct oto_name item_rows[] = {
	{ CPF_NULL, "null address", 0, "an unconnected message follows" },
	{ CPF_LIST_IDENTITY, "identity", 0, "of List Identity" },
	{ CPF_CIP_SECURITY, "security", 0, "of List Identity: what CIP Security the device can do" },
	{ CPF_ENIP_CAPABILITY, "capability", 0, "of List Identity" },
	{ CPF_ENIP_USAGE, "usage", 0, "of List Identity" },
	{ CPF_CONNECTED_ADDRESS, "connected address", 0, "a connection's identifier" },
	{ CPF_CONNECTED_DATA, "connected data", 0, "sequence count and message" },
	{ CPF_UNCONNECTED_DATA, "unconnected data", 0, "a message" },
	{ CPF_LIST_SERVICES, "services", 0, "of List Services" },
	{ CPF_SOCKADDR_O_TO_T, "socket address O->T", 0, "where I/O to the target goes" },
	{ CPF_SOCKADDR_T_TO_O, "socket address T->O", 0, "where I/O to the originator goes, maybe a group" },
	{ CPF_SEQUENCED_ADDRESS, "sequenced address", 0, "a connection's identifier and a count" },
	{ CPF_UNCONNECTED_DTLS, "unconnected message over DTLS", 0, NULL },
};
static const struct oto_names item_names = OTO_NAMES(item_rows);

/* ------------------------------------------------------------------------------------------------ 2. events */

struct enip_message {
	struct oto_addr source_h, destination_h;
	uint64_t packet_correlation_id, sender_context;
	uint16_t source_p, destination_p, length;
	uint16_t enip_command_code, enip_command;
	uint32_t session_handle, enip_status, options;
	const char *direction;
	uint32_t interface_handle;
	uint16_t timeout, protocol_version, capability_flags;
	struct oto_vec items;
	struct oto_slice service_name;
	struct oto_addr ot_address, to_address;
	uint16_t ot_port, to_port;
	struct oto_interval latency;
	bool carries, has_interface, has_version, has_items, has_service, has_ot, has_to, matched;
};

#define F(m, doc, ...) OTO_FIELD(struct enip_message, m, doc, __VA_ARGS__)
#define IF(has) .guard = OTO_IF(struct enip_message, has)
static const struct oto_field message_fields[] = {
	F(source_h, "sender"),
	F(source_p, "its port", .flags = OTO_PORT),
	F(destination_h, "receiver"),
	F(destination_p, "its port", .flags = OTO_PORT),
	F(packet_correlation_id, "the same for everything that a message carries", .flags = OTO_HEX | OTO_WIDE),
	F(enip_command_code, "command", .flags = OTO_HEX),
	F(enip_command, "its word", .names = &commands),
	F(length, "bytes behind the header"),
	F(session_handle, "session that Register Session gave", .flags = OTO_HEX | OTO_WIDE),
	F(enip_status, "status of the encapsulation", .names = &statuses),
	F(sender_context, "a response repeats it", .flags = OTO_HEX | OTO_WIDE),
	F(options, "zero", .flags = OTO_HEX | OTO_WIDE),
	F(direction, "request or response; of data the CIP service tells"),
	F(carries, "data of a protocol inside that was not refused: told there"),
	F(interface_handle, "0 is CIP", .flags = OTO_HEX | OTO_WIDE, IF(has_interface)),
	F(timeout, "seconds that the request may take", IF(has_interface)),
	F(items, "kinds of items", .names = &item_names, IF(has_items)),
	F(protocol_version, "version of the encapsulation", IF(has_version)),
	F(service_name, "what List Services names", IF(has_service)),
	F(capability_flags, "what it can do: 32 CIP over TCP, 256 I/O over UDP", .flags = OTO_HEX | OTO_WIDE, IF(has_service)),
	F(ot_address, "where I/O to the target goes"),
	F(ot_port, "its port", .flags = OTO_PORT, IF(has_ot)),
	F(to_address, "where I/O to the originator goes"),
	F(to_port, "its port", .flags = OTO_PORT, IF(has_to)),
	F(latency, "time since the request", IF(matched)),
};
static const struct oto_log message_logs[] = {
	{ .name = "enip",
	  .doc = "EtherNet/IP encapsulation, requests and responses; ICSNPP's columns.",
	  .form = OTO_FORM_OFF,
	  .columns = "is_orig source_h source_p destination_h destination_p packet_correlation_id enip_command_code enip_command length "
		     "session_handle enip_status sender_context options",
	  .extra = "direction protocol_version items service_name ot_address ot_port to_address to_port latency" },
	/* what carries CIP is told there, and costs little here */
	{ .name = "enip",
	  .doc = "EtherNet/IP encapsulation: sessions, discovery, and whatever was refused.",
	  .form = OTO_FORM_AGGREGATE,
	  .flags = OTO_LOG_NOT_ZEEK,
	  .where = "not carries",
	  .key = "orig_h resp_h resp_p is_orig enip_command_code enip_command session_handle enip_status" },
};
static const struct oto_event_type message_type =
    OTO_EVENT("enip.message", struct enip_message, message_fields, "One encapsulation message.", OTO_LOGS(message_logs));

struct enip_identity {
	struct oto_addr source_h, destination_h, socket_address;
	uint64_t packet_correlation_id;
	uint16_t source_p, destination_p, encapsulation_version, socket_port;
	uint16_t vendor_id, vendor_name, device_type_id, device_type_name, product_code, device_status, device_state, state;
	struct oto_slice revision, product_name;
	uint32_t serial_number;
};

#undef F
#define F(m, doc, ...) OTO_FIELD(struct enip_identity, m, doc, __VA_ARGS__)
static const struct oto_name state_rows[] = {
	{ 0, "nonexistent", 0, NULL },
	{ 1, "self testing", 0, NULL },
	{ 2, "standby", 0, NULL },
	{ 3, "operational", 0, NULL },
	{ 4, "major recoverable fault", 0, NULL },
	{ 5, "major unrecoverable fault", 0, NULL },
	{ 255, "unknown", 0, "the default of the attribute" },
};
static const struct oto_names states = OTO_NAMES(state_rows);
static const struct oto_field identity_fields[] = {
	F(source_h, "sender"),
	F(source_p, "its port", .flags = OTO_PORT),
	F(destination_h, "receiver"),
	F(destination_p, "its port", .flags = OTO_PORT),
	F(packet_correlation_id, "the same for everything that a message carries", .flags = OTO_HEX | OTO_WIDE),
	F(encapsulation_version, "version of the encapsulation"),
	F(socket_address, "address that the device has in its own eyes"),
	F(socket_port, "its port"),
	F(vendor_id, "vendor"),
	F(vendor_name, "its name", .names = &cip_vendors),
	F(device_type_id, "device type"),
	F(device_type_name, "its word", .names = &cip_device_types),
	F(product_code, "the vendor's number of the product"),
	F(revision, "major and minor revision of the firmware"),
	F(device_status, "status word: owned, configured, faults", .flags = OTO_HEX | OTO_WIDE),
	F(serial_number, "serial number", .flags = OTO_HEX | OTO_WIDE),
	F(product_name, "name of the product"),
	F(device_state, "state", .flags = OTO_HEX | OTO_WIDE),
	F(state, "its word", .names = &states),
};
static const struct oto_log identity_logs[] = {
	{ .name = "cip_identity",
	  .doc = "Answers to List Identity; ICSNPP's columns.",
	  .form = OTO_FORM_AGGREGATE,
	  .columns = "is_orig source_h source_p destination_h destination_p packet_correlation_id encapsulation_version socket_address "
		     "socket_port vendor_id vendor_name device_type_id device_type_name product_code revision device_status "
		     "serial_number product_name device_state",
	  .key =
	      "source_h socket_address vendor_name device_type_name product_code revision device_status serial_number product_name state" },
};
static const struct oto_event_type identity_type = OTO_EVENT("enip.identity", struct enip_identity, identity_fields,
							     "What a device says of itself to List Identity.", OTO_LOGS(identity_logs));
static const struct oto_event_type *const events[] = { &message_type, &identity_type, &enip_security_type };
enum { EV_MESSAGE, EV_IDENTITY, EV_SECURITY };
enum { CHANNEL_ENIP };

/* ------------------------------------------------------------------------------------------------ 3. framing */

/* Reserved numbers below the last one were in use before EtherNet/IP. */
static bool is_command(uint16_t command)
{
	return command <= 0x05 || (command >= ENIP_LIST_IDENTITY && command <= 0xc8);
}

static bool is_data(uint16_t command)
{
	return command == ENIP_SEND_RR_DATA || command == ENIP_SEND_UNIT_DATA;
}

/* Zeros alone look like a NOP: what follows must begin a message, too. */
static bool is_plausible(const struct enip_header *h, struct oto_cur behind)
{
	if (!is_command(h->command) || h->options || (h->status && !oto_name_of(&statuses, h->status)))
		return false;
	if (h->command != ENIP_NOP)
		return is_data(h->command) || h->length <= 1024;
	oto_skip(&behind, h->length);
	return behind.bad || oto_left(&behind) < 2 || oto_le16(&behind) != ENIP_NOP;
}

static int64_t enip_pdu_len(const struct oto_ctx *cx, struct oto_cur c)
{
	if (enip_is_security(cx))
		return enip_security_len(cx, c);
	if (cx->transport != OTO_TCP)
		return oto_left(&c);
	if (oto_left(&c) < ENIP_HEADER) {
		struct oto_cur peek = c;
		return oto_left(&c) >= 2 && !is_command(oto_le16(&peek)) ? -1 : 0;
	}
	struct enip_header h = enip_take_header(&c);
	return is_plausible(&h, c) ? ENIP_HEADER + (int64_t)h.length : -1;
}

static enum oto_answer enip_probe(const struct oto_ctx *cx, struct oto_cur c)
{
	bool named = cx->head->orig_p == ENIP_PORT || cx->head->resp_p == ENIP_PORT;
	uint32_t size = oto_left(&c);

	if (enip_is_security(cx))
		return enip_security_probe(cx, c);
	if (size < ENIP_HEADER) {
		struct oto_cur peek = c;
		return cx->transport != OTO_TCP || (size >= 2 && !is_command(oto_le16(&peek))) ? OTO_NOT_MINE : OTO_NEED_MORE;
	}
	struct enip_header h = enip_take_header(&c);
	if (!is_plausible(&h, c))
		return OTO_NOT_MINE;
	if (cx->transport != OTO_TCP && size != ENIP_HEADER + (uint32_t)h.length)
		return OTO_NOT_MINE;
	if (named)
		return OTO_MINE;
	/* Elsewhere only what cannot well be anything else. */
	if (h.command != ENIP_REGISTER_SESSION && !is_data(h.command))
		return OTO_NOT_MINE;
	if (oto_left(&c) < (is_data(h.command) ? 12u : 4u))
		return cx->transport == OTO_TCP ? OTO_NEED_MORE : OTO_NOT_MINE;
	if (h.command == ENIP_REGISTER_SESSION)
		return h.length == 4 && oto_le16(&c) == 1 && oto_le16(&c) == 0 ? OTO_MINE : OTO_NOT_MINE;
	uint32_t interface = oto_le32(&c);
	oto_skip(&c, 2);
	uint16_t items = oto_le16(&c), type = oto_le16(&c), length = oto_le16(&c);
	bool address = (type == CPF_NULL && length == 0) || (type == CPF_CONNECTED_ADDRESS && length == 4);
	return interface == 0 && items >= 2 && items <= 4 && address ? OTO_MINE : OTO_NOT_MINE;
}

/* ------------------------------------------------------------------------------------------------ 4. what is in the items */

static struct oto_addr take_socket(struct oto_cur *c, uint16_t *port)
{
	oto_skip(c, 2); /* family, big endian as all of the address: volume 2, 2-6.3.3.1 */
	*port = oto_be16(c);
	struct oto_addr a = oto_take_ipv4(c);
	oto_skip(c, 8);
	return a;
}

static uint32_t put_decimal(uint8_t *out, uint32_t n)
{
	uint32_t len = n > 99 ? 3 : n > 9 ? 2 : 1;

	for (uint32_t i = len; i > 0; n /= 10)
		out[--i] = (uint8_t)('0' + n % 10);
	return len;
}

/* "20.11" */
static struct oto_slice revision_text(struct oto_ctx *cx, uint8_t major, uint8_t minor)
{
	uint8_t *text = oto_scratch(cx, 8);

	if (!text)
		return (struct oto_slice){ 0 };
	uint32_t len = put_decimal(text, major);
	text[len++] = '.';
	len += put_decimal(text + len, minor);
	return (struct oto_slice){ text, len };
}

/* "0x00524d8e" */
static struct oto_slice serial_text(struct oto_ctx *cx, uint32_t serial)
{
	uint8_t *text = oto_scratch(cx, 10);

	if (!text)
		return (struct oto_slice){ 0 };
	text[0] = '0';
	text[1] = 'x';
	for (uint32_t i = 0; i < 8; i++)
		text[2 + i] = (uint8_t) "0123456789abcdef"[serial >> (28 - 4 * i) & 15];
	return (struct oto_slice){ text, 10 };
}

static void fact(struct oto_ctx *cx, const char *key, struct oto_slice value)
{
	struct oto_fact f = { .self_size = sizeof f, .key = key, .value = value, .confidence = 100 };

	oto_fact(cx, &f);
}

static void tell_facts(struct oto_ctx *cx, const struct enip_identity *id)
{
	fact(cx, "vendor", oto_slice_of(cip_word(&cip_vendors, id->vendor_id)));
	fact(cx, "model", id->product_name);
	fact(cx, "serial", serial_text(cx, id->serial_number));
	fact(cx, "firmware", id->revision);
	fact(cx, "device_type", oto_slice_of(cip_word(&cip_device_types, id->device_type_id)));
	const struct oto_name *state = oto_name_of(&states, id->state);
	fact(cx, "state", oto_slice_of(state ? state->name : NULL));
	if (memcmp(&id->socket_address, &(struct oto_addr){ { 0 }, OTO_FAMILY_IPV4 }, sizeof id->socket_address) == 0)
		return;
	uint8_t *text = oto_scratch(cx, 16);
	uint32_t len = 0;
	for (uint32_t i = 0; text && i < 4; i++) {
		if (i)
			text[len++] = '.';
		len += put_decimal(text + len, id->socket_address.byte[i]);
	}
	fact(cx, "ip", (struct oto_slice){ text, len });
}

/* Volume 2, table 2-4.4. */
static void take_identity(struct oto_ctx *cx, struct oto_cur c, uint64_t correlation)
{
	struct enip_identity id = { .packet_correlation_id = correlation };

	id.encapsulation_version = oto_le16(&c);
	id.socket_address = take_socket(&c, &id.socket_port);
	id.vendor_id = id.vendor_name = oto_le16(&c);
	id.device_type_id = id.device_type_name = oto_le16(&c);
	id.product_code = oto_le16(&c);
	uint8_t major = oto_u8(&c), minor = oto_u8(&c);
	id.device_status = oto_le16(&c);
	id.serial_number = oto_le32(&c);
	id.product_name = oto_take(&c, oto_u8(&c));
	if (c.bad) {
		oto_weird(cx, "malformed_identity", (struct oto_slice){ c.start, (uint32_t)(c.end - c.start) });
		return;
	}
	id.state = id.device_state = oto_left(&c) ? oto_u8(&c) : 255;
	id.revision = revision_text(cx, major, minor);
	id.source_h = oto_sender(cx);
	id.destination_h = cx->is_orig ? cx->head->resp_h : cx->head->orig_h;
	id.source_p = oto_source_port(cx);
	id.destination_p = oto_dest_port(cx);
	oto_emit(cx, EV_IDENTITY, &id);
	tell_facts(cx, &id);
}

static void take_service(struct enip_message *m, struct oto_cur c)
{
	m->protocol_version = oto_le16(&c);
	m->capability_flags = oto_le16(&c);
	struct oto_slice name = oto_take(&c, 16);
	while (name.len && name.data[name.len - 1] == 0)
		name.len--;
	m->service_name = name;
	m->has_service = m->has_version = !c.bad;
}

static void take_item(struct oto_ctx *cx, struct enip_message *m, const struct cpf_item *item)
{
	struct oto_cur c = oto_cur_of(item->data);

	switch (item->type) {
	case CPF_LIST_IDENTITY:
		take_identity(cx, c, m->packet_correlation_id);
		break;
	case CPF_LIST_SERVICES:
		take_service(m, c);
		break;
	case CPF_SOCKADDR_O_TO_T:
		m->ot_address = take_socket(&c, &m->ot_port);
		m->has_ot = true;
		break;
	case CPF_SOCKADDR_T_TO_O:
		m->to_address = take_socket(&c, &m->to_port);
		m->has_to = true;
		break;
	case CPF_CIP_SECURITY:
		enip_security_item(cx, EV_SECURITY, item->data);
		break;
	default:
		break;
	}
}

/* The kinds of items in a row, as one vector. */
static void take_items(struct oto_ctx *cx, struct enip_message *m, struct oto_cur *c)
{
	uint16_t items = oto_le16(c);
	uint8_t *kinds = oto_scratch(cx, 2 * CPF_ITEMS_MAX);
	uint32_t n = 0;

	for (; n < items && n < CPF_ITEMS_MAX && oto_left(c); n++) {
		struct cpf_item item = cpf_take_item(c);
		if (c->bad)
			return;
		take_item(cx, m, &item);
		if (kinds) {
			kinds[2 * n] = (uint8_t)item.type;
			kinds[2 * n + 1] = (uint8_t)(item.type >> 8);
		}
	}
	m->items = (struct oto_vec){ kinds, kinds ? n : 0, OTO_VEC_U16LE };
	m->has_items = m->items.count != 0;
}

/* ------------------------------------------------------------------------------------------------ 5. messages */

/* A session of its own knows it; else the port, and who opened the flow. */
static bool from_server(const struct oto_ctx *cx)
{
	bool from = oto_source_port(cx) == ENIP_PORT, to = oto_dest_port(cx) == ENIP_PORT;

	return from != to ? from : !cx->is_orig;
}

/* Discovery may be answered by many, on other flows: whose question it is tells the address that asked. */
static uint64_t pair_key(const struct oto_ctx *cx, const struct enip_header *h, bool response)
{
	bool orig_asks = cx->is_orig != response;
	const struct oto_addr *client = orig_asks ? &cx->head->orig_h : &cx->head->resp_h;
	uint16_t port = orig_asks ? cx->head->orig_p : cx->head->resp_p;
	uint64_t a, b;

	memcpy(&a, client->byte, sizeof a);
	memcpy(&b, client->byte + sizeof a, sizeof b);
	return (a ^ b * 0x9e3779b97f4a7c15u ^ h->context ^ (uint64_t)port << 16 ^ h->command) * 0xbf58476d1ce4e5b9u;
}

static void speak_pair(struct oto_ctx *cx, struct enip_message *m, const struct enip_header *h, bool response)
{
	const struct oto_name *row = oto_name_of(&commands, h->command);
	struct oto_operation o = {
		.self_size = sizeof o, .op = row ? row->op : OTO_OP_OTHER, .func = row ? row->name : "Reserved", .func_code = h->command
	};
	uint64_t key = pair_key(cx, h, response);
	bool answered = h->command != ENIP_UNREGISTER_SESSION && h->command != ENIP_NOP;

	if (!response) {
		if (answered)
			oto_request(cx, key, NULL);
		oto_emit(cx, EV_MESSAGE, m);
		oto_operation(cx, &o);
		return;
	}
	struct oto_match match;
	oto_response(cx, key, &match);
	m->latency = match.latency;
	m->matched = match.found;
	oto_emit(cx, EV_MESSAGE, m);
	oto_outcome(cx, &match, h->status ? OTO_OUTCOME_ERROR : OTO_OUTCOME_OK, h->status ? enip_status_word(h->status) : NULL, &o);
}

static void begin_message(struct oto_ctx *cx, struct enip_message *m, const struct enip_header *h, struct oto_slice whole)
{
	m->source_h = oto_sender(cx);
	m->destination_h = cx->is_orig ? cx->head->resp_h : cx->head->orig_h;
	m->source_p = oto_source_port(cx);
	m->destination_p = oto_dest_port(cx);
	m->packet_correlation_id = enip_correlation(cx, whole);
	m->enip_command_code = m->enip_command = h->command;
	m->length = h->length;
	m->session_handle = h->session;
	m->enip_status = h->status;
	m->sender_context = h->context;
	m->options = h->options;
}

enum { DATA_MIN = 8 }; /* interface handle, timeout, count of items */

/* Data that nobody wants to hear of here, only of what it carries. */
static void carry(struct oto_ctx *cx, struct oto_cur *c, struct oto_slice whole)
{
	if (oto_left(c) < DATA_MIN) {
		oto_weird(cx, "short_data", whole);
		return;
	}
	uint32_t interface = oto_le32(c);
	oto_skip(c, 2);
	for (uint16_t items = oto_le16(c), n = 0; n < items && n < CPF_ITEMS_MAX && oto_left(c) && !c->bad; n++) {
		struct cpf_item item = cpf_take_item(c);
		if (item.type == CPF_LIST_IDENTITY || item.type == CPF_CIP_SECURITY) {
			struct enip_message unused = { 0 };
			take_item(cx, &unused, &item);
		}
	}
	if (interface == 0)
		oto_deliver(cx, CHANNEL_ENIP, 0, whole);
}

static void tell(struct oto_ctx *cx, struct oto_cur *c, const struct enip_header *h, struct oto_slice whole)
{
	struct enip_message m = { 0 };
	bool response = from_server(cx);

	m.carries = is_data(h->command) && !h->status;
	begin_message(cx, &m, h, whole);
	if (is_data(h->command)) {
		if (oto_left(c) >= DATA_MIN) {
			m.interface_handle = oto_le32(c);
			m.timeout = oto_le16(c);
			m.has_interface = true;
			take_items(cx, &m, c);
		} else if (!h->status) {
			oto_weird(cx, "short_data", whole);
		}
		oto_emit(cx, EV_MESSAGE, &m);
		if (h->status ? response : m.has_interface && m.interface_handle == 0)
			oto_deliver(cx, CHANNEL_ENIP, 0, whole);
		return;
	}
	m.direction = response ? "response" : "request";
	if (h->command == ENIP_REGISTER_SESSION && oto_left(c) >= 4) {
		m.protocol_version = oto_le16(c);
		m.has_version = true;
	} else if ((h->command == ENIP_LIST_IDENTITY || h->command == ENIP_LIST_SERVICES || h->command == ENIP_LIST_INTERFACES) &&
		   response && oto_left(c) >= 2) {
		take_items(cx, &m, c);
	}
	speak_pair(cx, &m, h, response);
}

/* What a message that carries data looks like to those who might want to hear of it. */
static const struct enip_message carrying = { .carries = true };

static void enip_pdu(struct oto_ctx *cx, struct oto_cur *c)
{
	if (enip_is_security(cx)) {
		enip_security_pdu(cx, EV_SECURITY, c);
		return;
	}
	struct oto_slice whole = { c->start, (uint32_t)(c->end - c->start) };
	struct enip_header h = enip_take_header(c);

	if (c->bad)
		return;
	if (is_data(h.command) && !h.status && !oto_heard(cx, EV_MESSAGE, &carrying))
		carry(cx, c, whole);
	else
		tell(cx, c, &h, whole);
}

/* Answers to a broadcast come for up to two seconds, and each is one. */
static const struct oto_pairing pairing = {
	.self_size = sizeof pairing,
	.scope = OTO_SCOPE_SEGMENT,
	.keyed = true,
	.many = true,
	.bound = 256,
	.expiry_ns = 5000000000,
};

static const struct oto_analyzer enip = {
	.self_size = sizeof enip,
	.flags = OTO_ANY_PORT,
	.name = "enip",
	.doc = "EtherNet/IP encapsulation",
	.keys = "tcp/44818 udp/44818 tcp/2221 udp/2221",
	.channels = "enip",
	.probe = enip_probe,
	.pdu_len = enip_pdu_len,
	.pdu = enip_pdu,
	.state_size = sizeof(struct enip_flow),
	.events = events,
	.nevents = sizeof events / sizeof *events,
	.pairing = &pairing,
};

OTO_ANALYZER(enip);
