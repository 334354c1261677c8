/* ads.c - Beckhoff ADS over AMS/TCP: where a message ends, which response answers which request, and what is said of both. Datagrams of the
 * router are read by ads_router.c.
 *
 * Owns the pairing and both headers; what stands behind them is read by ads_command.c.
 */
#include "ads.h"

enum { TCP_HEAD = 6, AMS_HEAD = 32, LENGTH_MAX = 4 << 20 };
enum { FLAG_RESPONSE = 0x0001, FLAG_COMMAND = 0x0004, FLAGS = 0x80ff };
enum { PORT_CONNECT = 0x1000, ROUTER_NOTIFICATION = 0x1001, GET_NET_ID = 0x1002 };

/* ------------------------------------------------------------------------------------------------ 1. is it ADS, and where does it end */

static bool is_tcp_command(uint16_t command)
{
	return command <= 1 || (command >= PORT_CONNECT && command <= GET_NET_ID);
}

/* "AMS/TCP Header": two bytes, the length of what follows. Whatever is not a message of AMS is short. */
static int64_t ads_pdu_len(const struct oto_ctx *cx, struct oto_cur c)
{
	enum { SHORT = 16 };
	uint32_t left = oto_left(&c);

	if (cx->transport != OTO_TCP)
		return left; /* a datagram is one message */
	uint16_t command = oto_le16(&c);
	uint32_t length = oto_le32(&c);
	if (c.bad)
		return 0;
	if (command)
		return is_tcp_command(command) && length <= SHORT ? TCP_HEAD + (int64_t)length : -1;
	return length >= AMS_HEAD && length <= LENGTH_MAX ? TCP_HEAD + (int64_t)length : -1;
}

static enum oto_answer ads_probe(const struct oto_ctx *cx, struct oto_cur c)
{
	enum { ADDRESSES = 16 };

	if (cx->transport != OTO_TCP)
		return ads_is_router(c) ? OTO_MINE : OTO_NOT_MINE;
	uint16_t tcp_command = oto_le16(&c);
	uint32_t length = oto_le32(&c);
	if (c.bad)
		return OTO_NEED_MORE;
	if (tcp_command) /* programs and their own router */
		return is_tcp_command(tcp_command) && length <= 8 && length == oto_left(&c) &&
			       (oto_dest_port(cx) == 48898 || oto_source_port(cx) == 48898)
			   ? OTO_MINE
			   : OTO_NOT_MINE;
	if (length < AMS_HEAD || length > LENGTH_MAX)
		return OTO_NOT_MINE;
	oto_skip(&c, ADDRESSES);
	uint16_t command = oto_le16(&c), flags = oto_le16(&c);
	uint32_t data = oto_le32(&c);
	if (c.bad)
		return OTO_NEED_MORE;
	return command <= ADS_READ_WRITE && flags & FLAG_COMMAND && !(flags & ~(uint32_t)FLAGS) && data == length - AMS_HEAD ? OTO_MINE
															     : OTO_NOT_MINE;
}

/* ------------------------------------------------------------------------------------------------ 2. operations */

/* Of a file of the boot project, which is the program that TwinCAT starts with. */
static uint32_t op_of_file(const struct ads_parse *p, uint32_t op)
{
	uint32_t group = p->m->index_group;
	bool opens = group == ADS_FOPEN, writes = opens && p->m->index_offset & 6;
	bool boot = opens ? ads_is_boot_folder(p->m->index_offset) : ads_transfer_is_boot(p, p->m->index_offset);

	op = writes ? OTO_OP_WRITE : op;
	if (!boot || (op != OTO_OP_READ && op != OTO_OP_WRITE))
		return op;
	return op == OTO_OP_WRITE ? OTO_OP_PROGRAM_WRITE : OTO_OP_PROGRAM_READ;
}

static uint32_t op_of(const struct ads_parse *p, const struct oto_name *command)
{
	const struct ads_message *m = p->m;

	if (m->command == ADS_WRITE_CONTROL) {
		const struct oto_name *row = oto_name_of(&ads_control_ops, m->ads_state);
		bool restarts = m->ads_state == ADS_SHUTDOWN && m->device_state == 1;
		return restarts ? (uint32_t)OTO_OP_RESET : row ? row->op : (uint32_t)OTO_OP_MODE;
	}
	if (!p->group || m->command == ADS_ADD_NOTIFICATION)
		return command ? command->op : (uint32_t)OTO_OP_OTHER;
	uint32_t op = m->command == ADS_WRITE ? p->group->write_op : p->group->name.op;
	op = op ? op : command->op;
	return m->port == ADS_SYSTEM_SERVICE && m->index_group >= ADS_FOPEN && m->index_group <= ADS_FEOF ? op_of_file(p, op) : op;
}

/* Of what is well known the index group is the function, of values the command. */
static const char *func_of(const struct ads_parse *p, const struct oto_name *command)
{
	bool is_value = p->group && (p->group->space || p->m->index_group == ADS_VALUE_BY_HANDLE);

	if (p->group && !is_value && p->m->command != ADS_ADD_NOTIFICATION)
		return p->group->name.name;
	return command ? command->name : "unknown";
}

static struct oto_target target_of(struct ads_parse *p, const struct ads_symbol *at)
{
	const struct ads_message *m = p->m;
	const struct oto_name *state = m->command == ADS_WRITE_CONTROL && m->has_state ? oto_name_of(&ads_states, m->ads_state) : NULL;

	if (state)
		return (struct oto_target){ .space = "state", .name = oto_slice_of(state->name) };
	if (m->file_name.len)
		return (struct oto_target){ .space = "file", .name = m->file_name };
	if (m->program.len)
		return (struct oto_target){ .space = "process", .name = m->program };
	if (p->list.len)
		return (struct oto_target){ .name = text_end(&p->list) };
	return m->has_index || at->group ? ads_target(p, at) : (struct oto_target){ 0 };
}

static struct oto_operation operation_of(struct ads_parse *p, const struct ads_symbol *at)
{
	const struct oto_name *command = oto_name_of(&ads_commands, p->m->command);

	return (struct oto_operation){ .self_size = sizeof(struct oto_operation),
				       .op = op_of(p, command),
				       .func = func_of(p, command),
				       .func_code = p->m->has_index ? p->m->index_group : p->m->command,
				       .target = target_of(p, at),
				       .unit = p->m->port,
				       .has_unit = true,
				       .sub = ads_sub(p) };
}

/* ------------------------------------------------------------------------------------------------ 3. messages */

static void name_message(struct ads_parse *p, const struct ads_symbol *at)
{
	struct ads_message *m = p->m;

	m->has_group = p->group;
	m->group = m->index_group;
	m->value = text_end(&p->value);
	if (p->list.len)
		m->symbol = text_end(&p->list);
	else if (!m->file_name.len)
		m->symbol = say_copy(p->cx, (struct oto_slice){ at->name, at->name_len });
}

static void request(struct ads_parse *p, struct oto_cur *c)
{
	struct ads_note note = { 0 };

	ads_take_request(p, c, &note);
	if (c->bad)
		return;
	name_message(p, &note.at);
	oto_request(p->cx, p->request, &note);
	struct oto_operation o = operation_of(p, &note.at);
	oto_operation(p->cx, &o);
	ads_transfer_request(p);
}

static const char *error_of(const struct ads_parse *p)
{
	const struct ads_message *m = p->m;

	if (m->error_code)
		return ads_error_word(m->error_code);
	const char *word = ads_is_registry(p) ? ads_registry_error_word(m->result) : ads_error_word(m->result);
	return word ? word : p->first_error;
}

static void response(struct ads_parse *p, struct oto_cur *c)
{
	struct ads_message *m = p->m;
	struct oto_match match;
	struct ads_note note = { 0 };

	oto_response(p->cx, p->request, &match);
	m->matched = match.found;
	m->latency = match.latency;
	if (match.found)
		memcpy(&note, match.note, sizeof note);
	ads_take_response(p, c, &note);
	if (c->bad)
		return;
	name_message(p, &note.at);
	struct oto_operation o = operation_of(p, &note.at);
	m->error = error_of(p);
	oto_outcome(p->cx, &match, m->error ? OTO_OUTCOME_ERROR : OTO_OUTCOME_OK, m->error, &o);
	ads_transfer_answer(p, &match);
	ads_tell_facts(p);
}

static void notification(struct ads_parse *p, struct oto_cur *c)
{
	const struct ads_symbol none = { 0 };

	ads_take_notification(p, c);
	if (c->bad)
		return;
	name_message(p, &none);
	struct oto_operation o = operation_of(p, &none);
	o.by_receiver = true; /* a value goes to the client that wanted it */
	oto_operation(p->cx, &o);
}

/* "AMS Header": receiver and sender, command, flags, length of the data, error code, invoke identifier. */
static void take_head(struct ads_parse *p, struct oto_cur *c)
{
	enum { NET_ID = 6, ADDRESS = 8 };
	struct ads_message *m = p->m;
	struct oto_slice target = oto_take(c, ADDRESS), source = oto_take(c, ADDRESS);

	m->command = oto_le16(c);
	m->state_flags = oto_le16(c);
	uint32_t length = oto_le32(c);
	m->error_code = oto_le32(c);
	m->invoke_id = oto_le32(c);
	if (c->bad)
		return;
	if (length != oto_left(c))
		oto_weird(p->cx, "length_mismatch", (struct oto_slice){ 0 });
	p->is_response = m->state_flags & FLAG_RESPONSE;
	bool from_server = p->is_response || m->command == ADS_NOTIFICATION;
	struct oto_slice server = from_server ? source : target, client = from_server ? target : source;
	struct oto_cur port = oto_cur_of(say_from(server, NET_ID)), client_port = oto_cur_of(say_from(client, NET_ID));
	m->port = oto_le16(&port);
	m->client_port = oto_le16(&client_port);
	m->net_id = ads_net_id(p->cx, say_first(server, NET_ID));
	m->client_net_id = ads_net_id(p->cx, say_first(client, NET_ID));
	m->has_ams = true;
	p->server = oto_key_of(0, server);
	p->talk = oto_key_of(p->server, client);
	p->request = oto_key_mix(p->talk, m->invoke_id, m->command);
}

static void message(struct oto_ctx *cx, struct oto_cur *c, struct ads_message *m)
{
	struct ads_parse p = {
		.cx = cx, .m = m, .wants_values = oto_wanted(cx, ADS_EV_VALUE), .wants_text = oto_single(cx, ADS_EV_MESSAGE)
	};

	take_head(&p, c);
	if (c->bad)
		return;
	m->pdu_type = p.is_response ? "response" : m->command == ADS_NOTIFICATION ? "notification" : "request";
	if (m->command < ADS_READ_DEVICE_INFO || m->command > ADS_READ_WRITE)
		oto_weird(cx, "unknown_command", (struct oto_slice){ 0 });
	else if (p.is_response)
		response(&p, c);
	else if (m->command == ADS_NOTIFICATION)
		notification(&p, c);
	else
		request(&p, c);
	if (!c->bad)
		oto_emit(cx, ADS_EV_MESSAGE, m);
}

static void ads_pdu(struct oto_ctx *cx, struct oto_cur *c)
{
	struct ads_message m = { 0 };

	if (cx->transport != OTO_TCP) {
		if (ads_is_router(*c))
			ads_router_pdu(cx, c);
		else
			oto_weird(cx, "not_ams", oto_rest(c));
		return;
	}
	m.tcp_command = oto_le16(c);
	m.length = oto_le32(c);
	if (!m.tcp_command)
		message(cx, c, &m);
	else
		oto_emit(cx, ADS_EV_MESSAGE, &m);
}

static void ads_gap(struct oto_ctx *cx, uint64_t n)
{
	(void)n;
	ads_transfer_gap(cx->state);
}

/* Two routers may have opened a connection each. */
static const struct oto_pairing pairing = {
	.self_size = sizeof pairing, .note_size = sizeof(struct ads_note), .scope = OTO_SCOPE_PAIR, .keyed = true
};

static const struct oto_analyzer ads = {
	.self_size = sizeof ads,
	.flags = OTO_ANY_PORT,
	.name = "ads",
	.doc = "Beckhoff ADS over AMS/TCP, and the AMS router's discovery",
	.keys = "tcp/48898 udp/48899",
	.probe = ads_probe,
	.pdu_len = ads_pdu_len,
	.pdu = ads_pdu,
	.gap = ads_gap,
	.closing = ads_transfer_close,
	.state_size = sizeof(struct ads_flow),
	.max_pdu = TCP_HEAD + LENGTH_MAX,
	.events = ads_events,
	.nevents = ADS_EVENTS,
	.pairing = &pairing,
};

OTO_ANALYZER(ads);
