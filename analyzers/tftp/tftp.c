/* tftp.c - Trivial File Transfer Protocol (RFC 1350) with its options (RFC 2347, 2348, 2349, 7440): which file went from whom to whom,
 * whether all of it did, and what it was.
 *
 * Owns tftp.request, tftp.transfer, tftp.log. A request goes to port 69; the transfer goes from a port of the server's choice to the port
 * that the client asked from. So the request is remembered by that port and the flow of the transfer is expected. A transfer is told once,
 * at its last acknowledgement, at an error, or when its flow ends.
 */
#include <nettle/sha2.h>

#include "../say.h"

enum { PORT = 69, NAME_MAX_LEN = 200, BLOCK_DEFAULT = 512, BLOCK_MIN = 8, BLOCK_MAX = 65464, OPTIONS_MAX = 16 };
enum opcode { TFTP_READ = 1, TFTP_WRITE, TFTP_DATA, TFTP_ACK, TFTP_ERROR, TFTP_OPTIONS };
enum status { TFTP_COMPLETE = 1, TFTP_FAILED, TFTP_INCOMPLETE };

static const struct oto_name op_rows[] = {
	{ TFTP_READ, "read", 0, "the client fetches a file" },
	{ TFTP_WRITE, "write", 0, "the client sends a file" },
};
static const struct oto_names ops = OTO_NAMES(op_rows);

static const struct oto_name status_rows[] = {
	{ TFTP_COMPLETE, "complete", 0, "the last block was acknowledged" },
	{ TFTP_FAILED, "error", 0, "one side ended it" },
	{ TFTP_INCOMPLETE, "incomplete", 0, "its end was not seen" },
};
static const struct oto_names statuses = OTO_NAMES(status_rows);

static const struct oto_name error_rows[] = {
	{ 0, "not_defined", 0, "see the message" },
	{ 1, "file_not_found", 0, "no such file" },
	{ 2, "access_violation", 0, "not allowed" },
	{ 3, "disk_full", 0, "no room" },
	{ 4, "illegal_operation", 0, "not understood" },
	{ 5, "unknown_transfer_id", 0, "from a port that does not take part" },
	{ 6, "file_exists", 0, "will not be overwritten" },
	{ 7, "no_such_user", 0, "mail only" },
	{ 8, "option_refused", 0, "the other side's options (RFC 2347)" },
};
static const struct oto_names errors = OTO_NAMES(error_rows);

/* ------------------------------------------------------------------------------------------------ tftp.request */

struct tftp_request {
	struct oto_slice fname, mode;
	uint64_t size;
	uint32_t blksize, windowsize, timeout;
	uint8_t op;
	bool has_size, has_blksize, has_windowsize, has_timeout;
};

#define R(m, doc_, ...) OTO_FIELD(struct tftp_request, m, doc_, __VA_ARGS__)
#define R_IF(m, doc_, ...) R(m, doc_, .guard = OTO_IF(struct tftp_request, has_##m), __VA_ARGS__)
static const struct oto_field request_fields[] = {
	R(op, "read or write", .names = &ops),
	R(fname, "name of the file"),
	R(mode, "octet, netascii or mail"),
	R_IF(size, "size announced by who writes; 0 asks for it"),
	R_IF(blksize, "bytes a block wanted"),
	R_IF(windowsize, "blocks without acknowledgement wanted"),
	R_IF(timeout, "time to wait before sending again", .flags = OTO_SECONDS),
};
static const struct oto_event_type request_event =
    OTO_EVENT("tftp.request", struct tftp_request, request_fields, "A client wants to read or write a file.");

/* ------------------------------------------------------------------------------------------------ tftp.transfer */

struct tftp_transfer {
	struct oto_time ts;
	struct oto_slice fname, mode, error_msg, sha256;
	uint64_t size, announced;
	struct oto_interval duration;
	uint32_t blocks, blksize;
	uint16_t error_code;
	uint8_t op, status;
	bool has_announced, has_error, has_sha256, lost;
};

#define T(m, doc_, ...) OTO_FIELD(struct tftp_transfer, m, doc_, __VA_ARGS__)
#define T_IF(m, has, doc_, ...) T(m, doc_, .guard = OTO_IF(struct tftp_transfer, has), __VA_ARGS__)
static const struct oto_field transfer_fields[] = {
	T(ts, "time of the request"),
	T(op, "read or write", .names = &ops),
	T(fname, "name of the file"),
	T(mode, "octet, netascii or mail"),
	T(size, "bytes seen"),
	T_IF(announced, has_announced, "bytes that were said to come"),
	T(blocks, "blocks seen, each once"),
	T(blksize, "bytes a block"),
	T(status, "how it ended", .names = &statuses),
	T_IF(error_code, has_error, "why", .names = &errors),
	T_IF(error_msg, has_error, "the same in words"),
	T(lost, "blocks are missing from the capture"),
	T_IF(sha256, has_sha256, "SHA-256 of the file, when all of it was seen", .flags = OTO_HEX),
	T(duration, "time from the request to the end"),
};
static const struct oto_log transfer_logs[] = {
	{ .name = "tftp",
	  .doc = "A row per file that was read, written or refused.",
	  .columns = "op fname mode size blocks blksize status error_code error_msg",
	  .extra = "announced lost sha256 duration",
	  .form = OTO_FORM_DETAIL,
	  .flags = OTO_LOG_NOT_ZEEK },
};
static const struct oto_event_type transfer_event =
    OTO_EVENT("tftp.transfer", struct tftp_transfer, transfer_fields, "A file was read or written, wholly, in part or not at all.",
	      OTO_LOGS(transfer_logs));

static const struct oto_event_type *const events[] = { &request_event, &transfer_event };
enum { EV_REQUEST, EV_TRANSFER };

/* ------------------------------------------------------------------------------------------------ what is kept */

/* What the request said, until its transfer begins. */
struct asked {
	int64_t ns;
	uint64_t size;
	struct oto_addr client;
	uint16_t port;
	uint8_t op, name_len, mode_len, has_size;
	uint8_t name[NAME_MAX_LEN], mode[12];
};

static const struct oto_memory memory = {
	.self_size = sizeof memory,
	.size = sizeof(struct asked),
	.bound = 1024,
	.scope = OTO_SCOPE_PAIR,
	.name = "requests",
};

struct tftp_flow {
	struct asked asked;
	struct sha256_ctx sha256;
	int64_t last_ns;                /* time of the last message */
	uint64_t size, announced, next; /* next: number of the block to come, counted on where the wire's wraps */
	uint32_t blocks, blksize;
	bool known, has_announced, lost, last_seen, told, told_server;
};
_Static_assert(sizeof(struct tftp_flow) <= OTO_STATE_MAX, "the state must fit");

/* ------------------------------------------------------------------------------------------------ text */

static struct oto_slice take_string(struct oto_cur *c)
{
	struct oto_slice s = say_string((struct oto_slice){ c->at, oto_left(c) });

	oto_skip(c, s.len + 1);
	return s;
}

static uint64_t number(struct oto_slice s)
{
	uint64_t n = 0;

	for (uint32_t i = 0; i < s.len && i < 18 && s.data[i] >= '0' && s.data[i] <= '9'; i++)
		n = n * 10 + (s.data[i] - '0');
	return n;
}

/* ------------------------------------------------------------------------------------------------ a transfer's end */

static void tell_program(struct oto_ctx *cx, const struct tftp_flow *f, const struct tftp_transfer *t)
{
	const struct oto_addr sender = oto_sender(cx);
	bool by_client = say_same(&sender, &f->asked.client) && oto_source_port(cx) == f->asked.port;
	uint32_t results[] = {
		[TFTP_COMPLETE] = OTO_PROGRAM_COMPLETE, [TFTP_FAILED] = OTO_PROGRAM_ABORTED, [TFTP_INCOMPLETE] = OTO_PROGRAM_CUT
	};
	const struct oto_name *why = t->has_error ? oto_name_of(&errors, t->error_code) : NULL;

	/* whose device it is: a file is served to who asks and taken from who writes */
	oto_program(cx, &(struct oto_program){ .self_size = sizeof(struct oto_program),
					       .direction = t->op == TFTP_READ ? OTO_PROGRAM_UPLOAD : OTO_PROGRAM_DOWNLOAD,
					       .result = results[t->status],
					       .kind = "file",
					       .name = t->fname,
					       .error = why ? why->name : NULL,
					       .size = t->size,
					       .has_size = true,
					       .announced = t->announced,
					       .has_announced = t->has_announced,
					       .sha256 = t->sha256,
					       .duration = t->duration,
					       .has_duration = true,
					       .by_receiver = !by_client });
}

static struct oto_slice digest(struct oto_ctx *cx, struct tftp_flow *f)
{
	uint8_t *out = oto_scratch(cx, SHA256_DIGEST_SIZE);

	if (out)
		sha256_digest(&f->sha256, SHA256_DIGEST_SIZE, out);
	return (struct oto_slice){ out, out ? SHA256_DIGEST_SIZE : 0 };
}

static void tell(struct oto_ctx *cx, struct tftp_flow *f, struct tftp_transfer t)
{
	if (f->told || !f->known)
		return;
	f->told = true;
	t.ts.ns = f->asked.ns;
	t.op = f->asked.op;
	t.fname = say_copy(cx, (struct oto_slice){ f->asked.name, f->asked.name_len });
	t.mode = say_copy(cx, (struct oto_slice){ f->asked.mode, f->asked.mode_len });
	t.size = f->size;
	t.announced = f->announced;
	t.has_announced = f->has_announced;
	t.blocks = f->blocks;
	t.blksize = f->blksize;
	t.lost = f->lost;
	t.duration.ns = f->last_ns - f->asked.ns;
	t.has_sha256 = t.status == TFTP_COMPLETE && !f->lost;
	if (t.has_sha256)
		t.sha256 = digest(cx, f);
	oto_emit(cx, EV_TRANSFER, &t);
	tell_program(cx, f, &t);
}

/* ------------------------------------------------------------------------------------------------ messages */

static void begin(struct tftp_flow *f, const struct asked *asked)
{
	*f = (struct tftp_flow){ .asked = *asked, .known = true, .blksize = BLOCK_DEFAULT, .next = 1 };
	f->has_announced = asked->has_size && asked->op == TFTP_WRITE;
	f->announced = f->has_announced ? asked->size : 0;
	sha256_init(&f->sha256);
}

static void request_option(struct tftp_request *r, struct oto_slice name, struct oto_slice value)
{
	uint64_t n = number(value);

	if (say_is(name, "blksize")) {
		r->blksize = (uint32_t)n;
		r->has_blksize = true;
	} else if (say_is(name, "tsize")) {
		r->size = n;
		r->has_size = true;
	} else if (say_is(name, "windowsize")) {
		r->windowsize = (uint32_t)n;
		r->has_windowsize = true;
	} else if (say_is(name, "timeout")) {
		r->timeout = (uint32_t)n;
		r->has_timeout = true;
	}
}

static void request(struct oto_ctx *cx, struct oto_cur *c, uint8_t op)
{
	struct tftp_flow *f = cx->state;
	struct tftp_request r = { .op = op, .fname = take_string(c), .mode = { 0 } };

	r.mode = take_string(c);
	for (uint32_t i = 0; i < OPTIONS_MAX && oto_left(c) && !c->bad; i++) {
		struct oto_slice name = take_string(c);
		request_option(&r, name, take_string(c));
	}
	if (c->bad)
		return;
	struct asked asked = { .ns = cx->head->ts.ns, .client = oto_sender(cx), .port = oto_source_port(cx), .op = op };
	struct oto_slice name = say_first(r.fname, sizeof asked.name), mode = say_first(r.mode, sizeof asked.mode);
	asked.size = r.size;
	asked.has_size = r.has_size;
	asked.name_len = (uint8_t)name.len;
	asked.mode_len = (uint8_t)mode.len;
	if (name.len)
		memcpy(asked.name, name.data, name.len);
	if (mode.len)
		memcpy(asked.mode, mode.data, mode.len);
	struct asked *slot = oto_remember(cx, &memory, asked.port);
	if (slot)
		*slot = asked;
	begin(f, &asked); /* for servers that answer from port 69 itself */
	oto_emit(cx, EV_REQUEST, &r);
	oto_expect(cx, OTO_UDP, asked.client, asked.port, "tftp");
}

/* The request that this flow's transfer answers, found by the client's port on either side. */
static bool find_request(struct oto_ctx *cx, struct tftp_flow *f)
{
	uint16_t ports[] = { oto_dest_port(cx), oto_source_port(cx) };

	for (uint32_t i = 0; i < 2 && !f->known; i++) {
		const struct asked *asked = oto_recall(cx, &memory, ports[i]);
		if (asked && asked->op)
			begin(f, asked);
	}
	return f->known;
}

static bool from_client(const struct oto_ctx *cx, const struct tftp_flow *f)
{
	return oto_source_port(cx) == f->asked.port;
}

static void tell_server(struct oto_ctx *cx, struct tftp_flow *f)
{
	if (f->told_server || from_client(cx, f))
		return;
	f->told_server = true;
	say_fact(cx, "role", oto_slice_of("tftp server"), SAY_STATED);
}

/* Blocks count from 1 and wrap to 0 (or 1, with some) after 65,535: the nearest number of a longer count is meant. */
static void data(struct oto_ctx *cx, struct oto_cur *c, struct tftp_flow *f)
{
	int16_t ahead = (int16_t)(oto_be16(c) - (uint16_t)f->next);
	struct oto_slice bytes = oto_rest(c);

	if (c->bad || ahead < 0 || f->last_seen)
		return;
	if (ahead > 0 && !f->lost) {
		f->lost = true;
		oto_weird(cx, "lost_block", (struct oto_slice){ 0 });
	}
	f->next += (uint64_t)ahead + 1;
	f->blocks++;
	f->size += bytes.len;
	if (!f->lost && bytes.len)
		sha256_update(&f->sha256, bytes.len, bytes.data);
	f->last_seen = bytes.len < f->blksize;
}

static void options(struct oto_cur *c, struct tftp_flow *f)
{
	struct tftp_request r = { 0 };

	for (uint32_t i = 0; i < OPTIONS_MAX && oto_left(c) && !c->bad; i++) {
		struct oto_slice name = take_string(c);
		request_option(&r, name, take_string(c));
	}
	if (c->bad)
		return;
	if (r.has_blksize && r.blksize >= BLOCK_MIN && r.blksize <= BLOCK_MAX)
		f->blksize = r.blksize;
	if (r.has_size) {
		f->has_announced = true;
		f->announced = r.size;
	}
}

static void tftp_pdu(struct oto_ctx *cx, struct oto_cur *c)
{
	struct tftp_flow *f = cx->state;
	struct oto_slice whole = { c->at, oto_left(c) };
	uint16_t opcode = oto_be16(c);
	struct tftp_transfer t = { .status = TFTP_FAILED };

	if (opcode == TFTP_READ || opcode == TFTP_WRITE) {
		request(cx, c, (uint8_t)opcode);
		return;
	}
	if (opcode < TFTP_READ || opcode > TFTP_OPTIONS) {
		oto_weird(cx, "unknown_opcode", whole);
		return;
	}
	if (!find_request(cx, f))
		return;
	f->last_ns = cx->head->ts.ns;
	tell_server(cx, f);
	if (opcode == TFTP_DATA) {
		data(cx, c, f);
	} else if (opcode == TFTP_ACK) {
		uint16_t block = oto_be16(c);
		if (!c->bad && f->last_seen && block == (uint16_t)(f->next - 1))
			tell(cx, f, (struct tftp_transfer){ .status = TFTP_COMPLETE });
	} else if (opcode == TFTP_OPTIONS) {
		options(c, f);
	} else {
		t.error_code = oto_be16(c);
		t.has_error = true;
		t.error_msg = say_string(oto_rest(c)); /* some leave the zero out */
		if (!c->bad)
			tell(cx, f, t);
	}
}

/* A request that got no answer on a flow of its own is told where it was asked; its transfer's flow tells the others. */
static void tftp_closing(struct oto_ctx *cx)
{
	struct tftp_flow *f = cx->state;

	if (f->blocks || f->told_server)
		tell(cx, f, (struct tftp_transfer){ .status = f->last_seen ? TFTP_COMPLETE : TFTP_INCOMPLETE });
}

/* A request is a name and one of three modes; the transfer's flow is expected, not found. */
static enum oto_answer tftp_probe(const struct oto_ctx *cx, struct oto_cur c)
{
	uint16_t opcode = oto_be16(&c);

	if (opcode != TFTP_READ && opcode != TFTP_WRITE)
		return oto_source_port(cx) == PORT && opcode >= TFTP_DATA && opcode <= TFTP_OPTIONS ? OTO_MINE : OTO_NOT_MINE;
	struct oto_slice name = take_string(&c), mode = take_string(&c);
	bool known = say_is(mode, "octet") || say_is(mode, "netascii") || say_is(mode, "mail");
	return !c.bad && name.len && known ? OTO_MINE : OTO_NOT_MINE;
}

static const struct oto_analyzer tftp = {
	.self_size = sizeof tftp,
	.flags = OTO_ANY_PORT,
	.name = "tftp",
	.doc = "Trivial File Transfer Protocol",
	.keys = "udp/69",
	.probe = tftp_probe,
	.pdu = tftp_pdu,
	.closing = tftp_closing,
	.state_size = sizeof(struct tftp_flow),
	.max_pdu = UINT16_MAX,
	.events = events,
	.nevents = sizeof events / sizeof *events,
};

OTO_ANALYZER(tftp);
