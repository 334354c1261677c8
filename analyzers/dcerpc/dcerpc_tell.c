/* dcerpc_tell.c - the events of remote procedure calls and dce_rpc.log, whichever protocol carried them. */
#include "../say.h"
#include "dcerpc_flow.h"

/* ------------------------------------------------------------------------------------------------ words */

static const struct oto_name fault_rows[] = {
	{ 0x00000005, "access denied", OTO_OP_NONE, "the caller may not" },
	{ 0x00000057, "invalid parameter", OTO_OP_NONE, "" },
	{ 0x00000721, "security package error", OTO_OP_NONE, "signature or encryption is wrong" },
	{ 0x000006d1, "procedure number out of range", OTO_OP_NONE, "" },
	{ 0x000006d8, "cannot support", OTO_OP_NONE, "" },
	{ 0x000006f7, "bad stub data", OTO_OP_NONE, "the server cannot read the arguments" },
	{ 0x1c000001, "fault: int div by zero", OTO_OP_NONE, "" },
	{ 0x1c000002, "fault: address error", OTO_OP_NONE, "" },
	{ 0x1c000009, "fault: invalid tag", OTO_OP_NONE, "" },
	{ 0x1c00000b, "rpc version mismatch", OTO_OP_NONE, "" },
	{ 0x1c00000c, "fault: unspecified", OTO_OP_NONE, "" },
	{ 0x1c000015, "fault: user defined", OTO_OP_NONE, "" },
	{ 0x1c00001a, "fault: context mismatch", OTO_OP_NONE, "the handle is not of this server" },
	{ 0x1c010001, "communication failure", OTO_OP_NONE, "" },
	{ 0x1c010002, "operation out of range", OTO_OP_NONE, "the interface has no such operation" },
	{ 0x1c010003, "unknown interface", OTO_OP_NONE, "the server does not offer it" },
	{ 0x1c010006, "wrong boot time", OTO_OP_NONE, "the server was restarted in between" },
	{ 0x1c010009, "you crashed", OTO_OP_NONE, "the server was restarted in between" },
	{ 0x1c01000b, "protocol error", OTO_OP_NONE, "" },
	{ 0x1c010013, "out arguments too big", OTO_OP_NONE, "" },
	{ 0x1c010014, "server too busy", OTO_OP_NONE, "" },
	{ 0x1c010017, "unsupported type", OTO_OP_NONE, "" },
};
static const struct oto_names faults = OTO_NAMES(fault_rows);

static const struct oto_name refusal_rows[] = {
	{ 0, "reason not specified", OTO_OP_NONE, "" },
	{ 1, "temporary congestion", OTO_OP_NONE, "" },
	{ 2, "local limit exceeded", OTO_OP_NONE, "" },
	{ 4, "protocol version not supported", OTO_OP_NONE, "" },
	{ 8, "authentication type not recognized", OTO_OP_NONE, "" },
	{ 9, "invalid checksum", OTO_OP_NONE, "" },
};
static const struct oto_names refusals = OTO_NAMES(refusal_rows);

static const struct oto_name auth_type_rows[] = {
	{ 9, "SPNEGO", OTO_OP_NONE, "" },    { 10, "NTLM", OTO_OP_NONE, "" },     { 14, "Schannel", OTO_OP_NONE, "" },
	{ 16, "Kerberos", OTO_OP_NONE, "" }, { 68, "Netlogon", OTO_OP_NONE, "" },
};
static const struct oto_names auth_types = OTO_NAMES(auth_type_rows);

static const struct oto_name auth_level_rows[] = {
	{ 1, "none", OTO_OP_NONE, "" },   { 2, "connect", OTO_OP_NONE, "" },   { 3, "call", OTO_OP_NONE, "" },
	{ 4, "packet", OTO_OP_NONE, "" }, { 5, "integrity", OTO_OP_NONE, "" }, { 6, "privacy", OTO_OP_NONE, "" },
};
static const struct oto_names auth_levels = OTO_NAMES(auth_level_rows);

/* ------------------------------------------------------------------------------------------------ events */

struct bind_event {
	uint16_t context_id, major, minor;
	struct oto_slice interface, endpoint;
	uint8_t auth_type, auth_level;
	bool alter, has_auth;
};
#define B(m, doc_, ...) OTO_FIELD(struct bind_event, m, doc_, __VA_ARGS__)
static const struct oto_field bind_fields[] = {
	B(context_id, "number under which calls name the interface"),
	B(interface, "its UUID"),
	B(endpoint, "its name, or unknown- and the UUID"),
	B(major, "its version"),
	B(minor, "its minor version"),
	B(alter, "added to an association that stands"),
	B(auth_type, "who vouches for the caller", .names = &auth_types, .guard = OTO_IF(struct bind_event, has_auth)),
	B(auth_level, "what is protected", .names = &auth_levels, .guard = OTO_IF(struct bind_event, has_auth)),
};
static const struct oto_event_type bind_type =
    OTO_EVENT("dcerpc.bind", struct bind_event, bind_fields, "A client asks for an interface: bind or alter context.");

struct refused_event {
	uint32_t reason;
};
static const struct oto_field refused_fields[] = {
	OTO_FIELD(struct refused_event, reason, "why", .names = &refusals),
};
static const struct oto_event_type refused_type =
    OTO_EVENT("dcerpc.refused", struct refused_event, refused_fields, "The server refuses a bind.");

struct call_event {
	struct oto_time ts;
	struct oto_interval rtt;
	struct oto_slice named_pipe, endpoint, operation, interface;
	uint32_t call_id, stub_len, status;
	uint16_t opnum, context_id;
	bool has_rtt, encrypted, quiet, datagram;
};
#define C(m, doc_, ...) OTO_FIELD(struct call_event, m, doc_, __VA_ARGS__)
static const struct oto_field request_fields[] = {
	C(call_id, "number of the call"),
	C(context_id, "number of the interface in this association"),
	C(interface, "the interface's UUID"),
	C(endpoint, "its name, or unknown- and the UUID"),
	C(opnum, "number of the operation"),
	C(operation, "its name, or unknown- and the number"),
	C(named_pipe, "the server's name for the place: pipe or port"),
	C(stub_len, "bytes of arguments"),
	C(encrypted, "the arguments cannot be read"),
};
static const struct oto_event_type request_type =
    OTO_EVENT("dcerpc.request", struct call_event, request_fields, "A remote procedure is called.");

static const struct oto_field call_fields[] = {
	C(ts, "of the request"),
	C(rtt, "time to the response", .guard = OTO_IF(struct call_event, has_rtt)),
	C(named_pipe, "the server's name for the place: pipe or port"),
	C(endpoint, "name of the interface, or unknown- and its UUID"),
	C(operation, "name of the operation, or unknown- and its number"),
	C(interface, "the interface's UUID"),
	C(opnum, "number of the operation"),
	C(call_id, "number of the call"),
	C(stub_len, "bytes of results"),
	C(encrypted, "the results cannot be read"),
	C(quiet, "of the kind that fills logs and says little: registry keys opened and read, printers opened"),
	C(datagram, "carried by datagrams"),
};
static const struct oto_log call_logs[] = {
	{ .name = "dce_rpc",
	  .doc = "Remote procedure calls that were answered, without the quiet ones: Zeek's columns.",
	  .columns = "rtt named_pipe endpoint operation",
	  .where = "not quiet and not datagram",
	  .form = OTO_FORM_DETAIL },
	{ .name = "dce_rpc_datagram",
	  .doc = "Remote procedure calls in datagrams that were answered.",
	  .columns = "rtt named_pipe endpoint operation",
	  .key = "orig_h resp_h resp_p endpoint operation",
	  .where = "datagram",
	  .form = OTO_FORM_AGGREGATE,
	  .flags = OTO_LOG_NOT_ZEEK },
};
static const struct oto_event_type call_type =
    OTO_EVENT("dcerpc.call", struct call_event, call_fields, "A call, told at its response.", OTO_LOGS(call_logs));

static const struct oto_field fault_fields[] = {
	C(ts, "of the request"),
	C(rtt, "time to the fault", .guard = OTO_IF(struct call_event, has_rtt)),
	C(named_pipe, "the server's name for the place: pipe or port"),
	C(endpoint, "name of the interface, or unknown- and its UUID"),
	C(operation, "name of the operation, or unknown- and its number"),
	C(call_id, "number of the call"),
	C(status, "why it failed", .names = &faults, .flags = OTO_HEX),
};
static const struct oto_log fault_logs[] = {
	{ .name = "dce_rpc_fault",
	  .doc = "Remote procedure calls that failed.",
	  .columns = "rtt named_pipe endpoint operation status",
	  .form = OTO_FORM_DETAIL,
	  .flags = OTO_LOG_NOT_ZEEK },
};
static const struct oto_event_type fault_type =
    OTO_EVENT("dcerpc.fault", struct call_event, fault_fields, "The server answers a call with a fault.", OTO_LOGS(fault_logs));

struct action_event {
	const char *action, *meaning;
	struct oto_slice endpoint, operation, name, command;
};
#define A(m, doc_) OTO_FIELD(struct action_event, m, doc_)
static const struct oto_field action_fields[] = {
	A(action, "what is done to the server: service_create, task_register, shutdown ..."),
	A(meaning, "the same in plain words"),
	A(endpoint, "name of the interface"),
	A(operation, "name of the operation"),
	A(name, "what is touched: the service, the task, the account"),
	A(command, "the command line or program that shall run"),
};
static const struct oto_log action_logs[] = {
	{ .name = "dce_rpc_action",
	  .doc = "Calls that change or control the machine they are sent to.",
	  .columns = "action endpoint operation name command",
	  .form = OTO_FORM_DETAIL,
	  .flags = OTO_LOG_NOT_ZEEK },
};
static const struct oto_event_type action_type =
    OTO_EVENT("dcerpc.action", struct action_event, action_fields,
	      "A call that changes or controls the machine it is sent to: services, tasks, accounts, shutdown. Told at the request.",
	      OTO_LOGS(action_logs));

struct endpoint_event {
	struct oto_slice interface, endpoint, pipe;
	struct oto_addr host;
	const char *transport;
	uint16_t port;
	bool has_port;
};
#define E(m, doc_, ...) OTO_FIELD(struct endpoint_event, m, doc_, __VA_ARGS__)
static const struct oto_field endpoint_fields[] = {
	E(interface, "UUID of the interface"),
	E(endpoint, "its name, or unknown- and the UUID"),
	E(transport, "tcp, udp or pipe"),
	E(host, "where it is served, if the mapper says"),
	E(port, "its port", .flags = OTO_PORT, .guard = OTO_IF(struct endpoint_event, has_port)),
	E(pipe, "its pipe"),
};
static const struct oto_event_type endpoint_type =
    OTO_EVENT("dcerpc.endpoint", struct endpoint_event, endpoint_fields, "The endpoint mapper says where an interface is served.");

enum { EV_BIND, EV_REFUSED, EV_REQUEST, EV_CALL, EV_FAULT, EV_ACTION, EV_ENDPOINT };
const struct oto_event_type *const dcerpc_events[DCERPC_EVENTS] = { &bind_type,  &refused_type, &request_type, &call_type,
								    &fault_type, &action_type,  &endpoint_type };

/* ------------------------------------------------------------------------------------------------ names */

struct oto_slice dcerpc_uuid_text(struct oto_ctx *cx, const uint8_t u[DCERPC_UUID])
{
	return say_text(cx, 36, "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", u[3], u[2], u[1], u[0], u[5], u[4],
			u[7], u[6], u[8], u[9], u[10], u[11], u[12], u[13], u[14], u[15]);
}

static struct oto_slice uuid_of(struct oto_ctx *cx, const struct dcerpc_context *c)
{
	return c->interface ? oto_slice_of(c->interface->text) : dcerpc_uuid_text(cx, c->uuid);
}

void dcerpc_name_context(struct oto_ctx *cx, struct dcerpc_context *c)
{
	c->interface = dcerpc_interface(c->uuid);
	c->key = oto_text_key(uuid_of(cx, c));
}

static struct oto_slice endpoint_of(struct oto_ctx *cx, const struct dcerpc_context *c)
{
	if (c->interface)
		return oto_slice_of(c->interface->name);
	struct oto_slice uuid = dcerpc_uuid_text(cx, c->uuid);
	return say_text(cx, 44, "unknown-%.*s", (int)uuid.len, (const char *)uuid.data);
}

static struct oto_slice operation_of(struct oto_ctx *cx, const struct dcerpc_context *c, uint16_t opnum)
{
	const char *name = dcerpc_operation(c->interface, opnum);

	return name ? oto_slice_of(name) : say_text(cx, 16, "unknown-%u", opnum);
}

static struct oto_slice pipe_of(struct oto_ctx *cx)
{
	const struct dcerpc_flow *f = cx->state;

	return say_copy(cx, (struct oto_slice){ (const uint8_t *)f->pipe, f->pipe_len });
}

/* What Zeek leaves out of its log: noise of every Windows network. */
static bool is_quiet(const struct dcerpc_context *c, uint16_t opnum)
{
	static const struct {
		const char *interface, *operation;
	} quiet[] = {
		{ "winreg", "BaseRegCloseKey" },   { "winreg", "BaseRegGetVersion" },  { "winreg", "BaseRegOpenKey" },
		{ "winreg", "BaseRegQueryValue" }, { "winreg", "BaseRegDeleteKeyEx" }, { "winreg", "OpenLocalMachine" },
		{ "winreg", "BaseRegEnumKey" },    { "winreg", "OpenClassesRoot" },    { "spoolss", "RpcSplOpenPrinter" },
		{ "spoolss", "RpcClosePrinter" },  { "wkssvc", "NetrWkstaGetInfo" },
	};
	const char *name = dcerpc_operation(c->interface, opnum);

	for (uint32_t i = 0; name && i < sizeof quiet / sizeof *quiet; i++) {
		if (strcmp(quiet[i].operation, name) == 0 && strcmp(quiet[i].interface, c->interface->name) == 0)
			return true;
	}
	return false;
}

/* ------------------------------------------------------------------------------------------------ telling */

void dcerpc_tell_bind(struct oto_ctx *cx, const struct dcerpc_context *context, bool alter, uint8_t auth_type, uint8_t auth_level)
{
	if (!oto_wanted(cx, EV_BIND))
		return;
	struct bind_event e = {
		.context_id = context->id,
		.major = context->major,
		.minor = context->minor,
		.interface = uuid_of(cx, context),
		.endpoint = endpoint_of(cx, context),
		.auth_type = auth_type,
		.auth_level = auth_level,
		.has_auth = auth_type != 0,
		.alter = alter,
	};
	oto_emit(cx, EV_BIND, &e);
}

void dcerpc_tell_refused(struct oto_ctx *cx, uint32_t reason)
{
	oto_emit(cx, EV_REFUSED, &(struct refused_event){ reason });
}

static struct call_event event_of(struct oto_ctx *cx, const struct dcerpc_message *m)
{
	struct call_event e = {
		.ts = m->asked,
		.rtt = m->rtt,
		.has_rtt = m->has_rtt,
		.named_pipe = pipe_of(cx),
		.call_id = m->call.sequence,
		.context_id = m->context_id,
		.opnum = m->call.opnum,
		.stub_len = m->stub.len,
		.encrypted = m->encrypted,
		.datagram = m->call.version == DCERPC_CONNECTIONLESS,
		.status = m->call.status,
	};

	if (m->context) {
		e.interface = uuid_of(cx, m->context);
		e.endpoint = endpoint_of(cx, m->context);
		if (m->call.has_opnum)
			e.operation = operation_of(cx, m->context, m->call.opnum);
	}
	return e;
}

static void deliver(struct oto_ctx *cx, const struct dcerpc_message *m)
{
	if (m->encrypted || !m->context)
		return;
	uint8_t *whole = oto_scratch(cx, DCERPC_CALL_HEAD + m->stub.len);
	if (!whole)
		return;
	dcerpc_put_call(whole, &m->call);
	if (m->stub.len)
		memcpy(&whole[DCERPC_CALL_HEAD], m->stub.data, m->stub.len);
	oto_deliver(cx, DCERPC_CHANNEL_INTERFACE, m->context->key, (struct oto_slice){ whole, DCERPC_CALL_HEAD + m->stub.len });
}

static void tell_action(struct oto_ctx *cx, const struct dcerpc_message *m)
{
	const struct dcerpc_action *a = dcerpc_action_of(m->context->interface, m->call.opnum);

	if (!a || !oto_wanted(cx, EV_ACTION))
		return;
	struct action_event e = {
		.action = a->what,
		.meaning = a->doc,
		.endpoint = endpoint_of(cx, m->context),
		.operation = operation_of(cx, m->context, m->call.opnum),
	};
	if (!m->encrypted)
		dcerpc_action_words(cx, a, m, &e.name, &e.command);
	oto_emit(cx, EV_ACTION, &e);
}

static void tell_operation(struct oto_ctx *cx, const struct dcerpc_message *m)
{
	uint32_t op = dcerpc_op_of(m->context->interface, m->call.opnum);

	if (op == OTO_OP_NONE)
		return;
	oto_operation(cx, &(struct oto_operation){ .self_size = sizeof(struct oto_operation),
						   .op = op,
						   .func = dcerpc_operation(m->context->interface, m->call.opnum),
						   .func_code = m->call.opnum,
						   .target = { .space = m->context->interface->name } });
}

void dcerpc_tell_request(struct oto_ctx *cx, const struct dcerpc_message *m)
{
	if (oto_wanted(cx, EV_REQUEST)) {
		struct call_event e = event_of(cx, m);
		oto_emit(cx, EV_REQUEST, &e);
	}
	if (!m->context)
		return;
	if (m->context->interface) {
		tell_action(cx, m);
		tell_operation(cx, m);
	}
	deliver(cx, m);
}

static void endpoint_seen(struct oto_ctx *cx, const struct dcerpc_endpoint *p)
{
	struct dcerpc_context named = { .interface = dcerpc_interface(p->uuid) };

	memcpy(named.uuid, p->uuid, sizeof named.uuid);
	if (p->transport)
		oto_expect(cx, p->transport, say_is_set(&p->host) ? p->host : oto_sender(cx), p->port, "dcerpc");
	if (!oto_wanted(cx, EV_ENDPOINT))
		return;
	struct endpoint_event e = {
		.interface = uuid_of(cx, &named),
		.endpoint = endpoint_of(cx, &named),
		.transport = p->transport == OTO_TCP   ? "tcp"
			     : p->transport == OTO_UDP ? "udp"
						       : "pipe",
		.port = p->port,
		.has_port = p->transport != 0,
		.pipe = p->pipe,
	};
	if (say_is_set(&p->host))
		e.host = p->host;
	oto_emit(cx, EV_ENDPOINT, &e);
}

/* Only a domain controller lets a computer account sign in, or copies the directory. */
static void tell_role(struct oto_ctx *cx, const struct dcerpc_message *m)
{
	struct dcerpc_flow *f = cx->state;
	const char *name = m->context->interface ? m->context->interface->name : "";

	if (f->told_controller || !m->call.has_opnum)
		return;
	bool signs_in = strcmp(name, "netlogon") == 0 && (m->call.opnum == 4 || m->call.opnum == 15 || m->call.opnum == 26);
	if (!signs_in && strcmp(name, "drsuapi") != 0)
		return;
	f->told_controller = true;
	say_fact(cx, "role", oto_slice_of("domain controller"), signs_in ? SAY_INFERRED : SAY_STATED);
}

void dcerpc_tell_response(struct oto_ctx *cx, const struct dcerpc_message *m)
{
	if (!m->context)
		return;
	tell_role(cx, m);
	if (m->call.has_opnum && oto_wanted(cx, EV_CALL)) {
		struct call_event e = event_of(cx, m);
		e.quiet = is_quiet(m->context, m->call.opnum);
		oto_emit(cx, EV_CALL, &e);
	}
	if (!m->encrypted)
		dcerpc_mapper(cx, m, endpoint_seen);
	deliver(cx, m);
}

void dcerpc_tell_fault(struct oto_ctx *cx, const struct dcerpc_message *m)
{
	if (oto_wanted(cx, EV_FAULT)) {
		struct call_event e = event_of(cx, m);
		oto_emit(cx, EV_FAULT, &e);
	}
	deliver(cx, m);
}
