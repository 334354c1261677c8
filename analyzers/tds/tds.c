/* tds.c - Tabular Data Stream of Microsoft SQL Server on any port: who logs in from where to which database, what is executed.
 *
 * Messages come in packets of eight bytes' header. Of logins the whole is put together, of statements and answers the first packet is
 * enough. TLS inside of PRELOGIN, and records of it that stand in the stream itself, go to whoever knows TLS. Passwords are never read, and
 * literals of statements are left out: they may be passwords as well.
 *
 * Specification: MS-TDS, versions 7.0 to 7.4. Version 8 begins with TLS and is no more than that to us.
 */
#include "../say.h"
#include "../wide.h"
#include "tds_message.h"

/* ------------------------------------------------------------------------------------------------ events */

struct tds_pdu {
	uint8_t type;
	uint32_t length;
	bool last;
};
static const struct oto_field pdu_fields[] = {
	OTO_FIELD(struct tds_pdu, type, "kind of message", .names = &tds_types),
	OTO_FIELD(struct tds_pdu, length, "bytes with the header"),
	OTO_FIELD(struct tds_pdu, last, "the message ends with it"),
};
static const struct oto_event_type pdu_event = OTO_EVENT("tds.packet", struct tds_pdu, pdu_fields, "Any packet.");

struct tds_prelogin_event {
	bool is_server, has_encryption;
	uint8_t encryption;
	struct oto_slice version, instance;
};
#define E(m, doc_, ...) OTO_FIELD(struct tds_prelogin_event, m, doc_, __VA_ARGS__)
static const struct oto_field prelogin_fields[] = {
	E(is_server, "the server's options"),
	E(version, "of the server, or of the client's library"),
	E(encryption, "wanted, or granted", .names = &tds_encryptions, .guard = OTO_IF(struct tds_prelogin_event, has_encryption)),
	E(instance, "of the server that is asked for"),
};
static const struct oto_event_type prelogin_event =
    OTO_EVENT("tds.prelogin", struct tds_prelogin_event, prelogin_fields, "Options that both sides exchange before the login.");

struct tds_login_event {
	struct oto_time ts;
	struct oto_slice version, client_host, user, app, server_name, library, database, server_version, error_msg;
	const char *encryption;
	uint32_t process, error;
	bool password, integrated, success, has_login, has_result, has_error;
};
#define L(m, doc_, ...) OTO_FIELD(struct tds_login_event, m, doc_, __VA_ARGS__)
#define L_IF(has) .guard = OTO_IF(struct tds_login_event, has)
static const struct oto_field login_fields[] = {
	L(ts, "of the login"),
	L(version, "of TDS"),
	L(encryption, "as the server granted it"),
	L(client_host, "name of the client's host"),
	L(process, "number of the client's process", L_IF(has_login)),
	L(user, "name of the user"),
	L(password, "there was one", L_IF(has_login)),
	L(integrated, "Windows' authentication", L_IF(has_login)),
	L(app, "the client's program"),
	L(library, "the client's library"),
	L(server_name, "the server, as the client calls it"),
	L(database, "asked for, or given"),
	L(server_version, "the server's program and version"),
	L(success, "the server let it in", L_IF(has_result)),
	L(error, "why not", L_IF(has_error)),
	L(error_msg, "in the server's words"),
};
static const struct oto_log login_logs[] = {
	{ .name = "tds_login",
	  .doc = "Logins to SQL servers, as far as they are not encrypted.",
	  .columns =
	      "version encryption client_host process user password integrated app library server_name database server_version success "
	      "error error_msg",
	  .form = OTO_FORM_DETAIL,
	  .flags = OTO_LOG_NOT_ZEEK | OTO_LOG_NOT_SENSOR },
};
static const struct oto_event_type login_event = OTO_EVENT(
    "tds.login", struct tds_login_event, login_fields, "A login, told at the server's answer or when the flow ends.", OTO_LOGS(login_logs));

struct tds_execute {
	const char *kind;
	struct oto_slice name, statement;
};
#define X(m, doc_) OTO_FIELD(struct tds_execute, m, doc_)
static const struct oto_field execute_fields[] = {
	X(kind, "batch or rpc"),
	X(name, "of the procedure, or the statement's first word"),
	X(statement, "without its literals"),
};
static const struct oto_log execute_logs[] = {
	{ .name = "tds_execute",
	  .doc = "What is executed on SQL servers: which statement, how often.",
	  .columns = "kind name statement",
	  .key = "orig_h resp_h resp_p kind name statement",
	  .form = OTO_FORM_AGGREGATE,
	  .flags = OTO_LOG_NOT_ZEEK | OTO_LOG_NOT_SENSOR },
};
static const struct oto_event_type execute_event =
    OTO_EVENT("tds.execute", struct tds_execute, execute_fields, "A batch of statements, or a procedure.", OTO_LOGS(execute_logs));

static const struct oto_event_type *const events[] = { &pdu_event, &prelogin_event, &login_event, &execute_event };
enum { EV_PACKET, EV_PRELOGIN, EV_LOGIN, EV_EXECUTE };

/* ------------------------------------------------------------------------------------------------ state */

enum { TEXT_MAX = 256, STATEMENT_MAX = 400, RECORD = 5, PLAUSIBLE_MAX = 32768 };

struct words {
	uint16_t len;
	uint8_t text[TEXT_MAX];
};

struct state {
	bool inside[2]; /* a message that began before */
	bool lost[2];   /* bytes of it are missing */
	bool waits;     /* a login for its answer */
	bool has_encryption, password, integrated, told_server;
	uint8_t encryption;
	uint32_t version, process;
	struct oto_time asked;
	struct words host, user, app, library, server, database;
};
_Static_assert(sizeof(struct state) <= OTO_STATE_MAX, "the state must fit");

enum { CHANNEL_STREAM };

static void keep_wide(struct words *w, struct oto_slice wide)
{
	w->len = (uint16_t)wide_into(w->text, TEXT_MAX, wide);
}

static struct oto_slice kept(struct oto_ctx *cx, const struct words *w)
{
	return say_copy(cx, (struct oto_slice){ w->text, w->len });
}

static struct oto_slice or_absent(struct oto_slice s)
{
	return s.len ? s : (struct oto_slice){ 0 };
}

/* ------------------------------------------------------------------------------------------------ login */

/* 0x74000004 is 7.4 (2.2.6.4); before 7.2 the bytes tell otherwise. */
static struct oto_slice version_text(struct oto_ctx *cx, uint32_t version)
{
	uint32_t major = version >> 28, minor = version >> 24 & 15;

	if (!version)
		return (struct oto_slice){ 0 };
	if (version == 0x701 || version == 0x07010000 || version == 0x71000001)
		return oto_slice_of("7.1");
	if (version == 0x07000000)
		return oto_slice_of("7.0");
	return say_text(cx, 16, "%u.%u", major, minor);
}

static void tell_login(struct oto_ctx *cx, const struct tds_answer *a)
{
	struct state *st = cx->state;
	bool waits = st->waits;

	st->waits = false;
	if (!oto_wanted(cx, EV_LOGIN))
		return;
	const struct oto_name *encryption = st->has_encryption ? oto_name_of(&tds_encryptions, st->encryption) : NULL;
	struct tds_login_event e = { .ts = waits ? st->asked : cx->head->ts, .encryption = encryption ? encryption->name : NULL };
	if (waits) {
		e.has_login = true;
		e.version = version_text(cx, st->version);
		e.process = st->process;
		e.password = st->password;
		e.integrated = st->integrated;
		e.client_host = kept(cx, &st->host);
		e.user = kept(cx, &st->user);
		e.app = kept(cx, &st->app);
		e.library = kept(cx, &st->library);
		e.server_name = kept(cx, &st->server);
		e.database = kept(cx, &st->database);
	}
	if (a) {
		e.has_result = true;
		e.success = a->accepted;
		e.has_error = a->has_error && !a->accepted;
		e.error = a->error;
		e.error_msg = e.has_error ? or_absent(wide_text(cx, a->error_text)) : (struct oto_slice){ 0 };
		if (a->database.len)
			e.database = wide_text(cx, a->database);
		if (a->accepted) {
			struct oto_slice program = say_string(wide_text(cx, a->program));
			const uint8_t *v = a->program_version;
			e.server_version = say_text(cx, program.len + 24, "%.*s %u.%u.%u", (int)program.len, (const char *)program.data,
						    v[0], v[1], v[2] << 8 | v[3]);
		}
	}
	oto_emit(cx, EV_LOGIN, &e);
}

static bool is_name(struct oto_slice s)
{
	bool letters = false;

	for (uint32_t i = 0; i < s.len; i++)
		letters |= say_lower(s.data[i]) >= 'a' && say_lower(s.data[i]) <= 'z';
	return letters && say_find(s, ':') == s.len;
}

static void tell_client(struct oto_ctx *cx, const struct tds_login *l)
{
	const struct state *st = cx->state;
	struct oto_slice server = kept(cx, &st->server), user = kept(cx, &st->user);

	server = say_first(server, say_find(server, '\\'));
	say_fact(cx, "hostname", kept(cx, &st->host), SAY_STATED);
	say_fact(cx, "user", user, SAY_STATED);
	say_fact(cx, "software", kept(cx, &st->app), SAY_STATED);
	if (is_name(server) && !say_is(server, "localhost"))
		oto_fact(cx, &(struct oto_fact){ .self_size = sizeof(struct oto_fact),
						 .key = "hostname",
						 .value = server,
						 .whose = OTO_RECEIVER,
						 .confidence = SAY_INFERRED });
	if (l->password_len)
		say_fact(cx, "cleartext_login", say_text(cx, TEXT_MAX + 16, "tds, user %.*s", (int)user.len, (const char *)user.data),
			 SAY_SURE);
}

static void login(struct oto_ctx *cx, struct oto_slice message)
{
	struct state *st = cx->state;
	struct tds_login l;

	if (!tds_login_read(message, &l)) {
		oto_weird(cx, "malformed_login", (struct oto_slice){ 0 });
		return;
	}
	st->waits = true;
	st->asked = cx->head->ts;
	st->version = l.version;
	st->process = l.process;
	st->password = l.password_len;
	st->integrated = l.integrated;
	keep_wide(&st->host, l.host);
	keep_wide(&st->user, l.user);
	keep_wide(&st->app, l.app);
	keep_wide(&st->library, l.library);
	keep_wide(&st->server, l.server);
	keep_wide(&st->database, l.database);
	tell_client(cx, &l);
}

/* ------------------------------------------------------------------------------------------------ before the login */

static bool is_tls(struct oto_slice bytes)
{
	return bytes.len >= 3 && bytes.data[0] >= 0x14 && bytes.data[0] <= 0x17 && bytes.data[1] == 3;
}

static void tell_server(struct oto_ctx *cx, const struct tds_prelogin *p)
{
	struct state *st = cx->state;
	const uint8_t *v = p->version;
	const char *product = tds_product(v[0], v[1]);

	if (st->told_server)
		return;
	st->told_server = true;
	say_fact(cx, "role", oto_slice_of("sql server"), SAY_SURE);
	if (!product)
		return;
	say_fact(cx, "software", say_text(cx, 64, "%s %u.%u.%u", product, v[0], v[1], v[2] << 8 | v[3]), SAY_SURE);
	if (v[0] < 14) /* 2017 was the first for Linux */
		say_fact(cx, "os", oto_slice_of("Windows"), SAY_STATED);
}

static void prelogin(struct oto_ctx *cx, struct oto_slice message, bool server)
{
	struct state *st = cx->state;
	struct tds_prelogin p;

	if (!tds_prelogin_read(message, &p)) {
		if (!server)
			oto_weird(cx, "malformed_prelogin", (struct oto_slice){ 0 });
		return;
	}
	if (server) {
		st->has_encryption = p.has_encryption;
		st->encryption = p.encryption;
		tell_server(cx, &p);
	}
	if (!oto_wanted(cx, EV_PRELOGIN))
		return;
	const uint8_t *v = p.version;
	struct tds_prelogin_event e = { .is_server = server,
					.encryption = p.encryption,
					.has_encryption = p.has_encryption,
					.instance = or_absent(p.instance),
					.version = say_text(cx, 24, "%u.%u.%u", v[0], v[1], v[2] << 8 | v[3]) };
	oto_emit(cx, EV_PRELOGIN, &e);
}

/* ------------------------------------------------------------------------------------------------ what is executed */

static struct oto_slice statement_of(struct oto_ctx *cx, struct oto_slice wide)
{
	uint8_t *out = wide.len ? oto_scratch(cx, STATEMENT_MAX) : NULL;

	return out ? (struct oto_slice){ out, tds_statement(wide, out, STATEMENT_MAX) } : (struct oto_slice){ 0 };
}

static void batch(struct oto_ctx *cx, struct oto_slice message)
{
	if (!oto_wanted(cx, EV_EXECUTE))
		return;
	struct oto_slice text = statement_of(cx, tds_batch_text(message));
	struct tds_execute e = { .kind = "batch", .name = or_absent(say_first(text, say_find(text, ' '))), .statement = or_absent(text) };
	oto_emit(cx, EV_EXECUTE, &e);
}

static void rpc(struct oto_ctx *cx, struct oto_slice message)
{
	struct tds_rpc r;

	if (!oto_wanted(cx, EV_EXECUTE))
		return;
	if (!tds_rpc_read(message, &r)) {
		oto_weird(cx, "malformed_rpc", (struct oto_slice){ 0 });
		return;
	}
	const char *known = tds_procedure(r.number);
	struct tds_execute e = { .kind = "rpc", .statement = or_absent(statement_of(cx, r.statement)) };
	e.name = r.name.len ? wide_text(cx, r.name) : known ? oto_slice_of(known) : say_text(cx, 16, "procedure %u", r.number);
	oto_emit(cx, EV_EXECUTE, &e);
}

static void answer(struct oto_ctx *cx, struct oto_slice message)
{
	struct state *st = cx->state;
	struct tds_answer a;

	/* A server answers PRELOGIN in the same kind of packet; the first option is the version. */
	if (message.len && message.data[0] == 0) {
		prelogin(cx, message, true);
		return;
	}
	if (!st->waits && message.len && message.data[0] != 0xad && message.data[0] != 0xe3)
		return;
	tds_answer_read(message, &a);
	if (a.accepted || (st->waits && a.has_error))
		tell_login(cx, &a);
}

/* ------------------------------------------------------------------------------------------------ packets */

static void message(struct oto_ctx *cx, uint8_t type, struct oto_slice bytes, bool first, bool last)
{
	if (type == TDS_PRELOGIN && is_tls(bytes)) {
		oto_stream(cx, CHANNEL_STREAM, 0, bytes);
		return;
	}
	if (type == TDS_LOGIN) {
		struct oto_slice whole = oto_assemble(cx, bytes, last);
		if (last && whole.len)
			login(cx, whole);
		return;
	}
	if (!first)
		return;
	if (type == TDS_PRELOGIN)
		prelogin(cx, bytes, false);
	else if (type == TDS_BATCH)
		batch(cx, bytes);
	else if (type == TDS_RPC)
		rpc(cx, bytes);
	else if (type == TDS_ANSWER)
		answer(cx, bytes);
}

static void packet(struct oto_ctx *cx, struct oto_cur *c)
{
	enum { LAST = 1, CHANNEL = 2, FIRST_NUMBER = 1 };
	struct state *st = cx->state;
	bool *inside = &st->inside[cx->is_orig], *lost = &st->lost[cx->is_orig];
	uint8_t type = oto_u8(c), status = oto_u8(c);
	struct tds_pdu e = { .type = type, .last = status & LAST, .length = oto_be16(c) };

	oto_skip(c, CHANNEL);
	uint8_t number = oto_u8(c);
	oto_skip(c, 1);
	struct oto_slice bytes = oto_rest(c);
	if (c->bad)
		return;
	bool first = *lost ? number == FIRST_NUMBER : !*inside;
	*inside = !e.last;
	*lost = false;
	oto_emit(cx, EV_PACKET, &e);
	message(cx, type, bytes, first, e.last);
}

static void pdu(struct oto_ctx *cx, struct oto_cur *c)
{
	struct oto_slice bytes = { c->at, oto_left(c) };

	if (is_tls(bytes))
		oto_stream(cx, CHANNEL_STREAM, 0, bytes);
	else
		packet(cx, c);
}

static int64_t pdu_len(const struct oto_ctx *cx, struct oto_cur c)
{
	struct oto_slice bytes = { c.at, oto_left(&c) };

	(void)cx;
	if (bytes.len && bytes.data[0] >= 0x14 && bytes.data[0] <= 0x17) {
		if (bytes.len < RECORD)
			return 0;
		oto_skip(&c, 3);
		return is_tls(bytes) ? RECORD + (int64_t)oto_be16(&c) : -1;
	}
	uint8_t type = oto_u8(&c), status = oto_u8(&c);
	uint16_t len = oto_be16(&c);
	if (bytes.len && !oto_name_of(&tds_types, type))
		return -1;
	if (c.bad)
		return 0;
	return len < TDS_HEADER || status & 0xe0 ? -1 : len;
}

static void gap(struct oto_ctx *cx, uint64_t n)
{
	struct state *st = cx->state;

	(void)n;
	st->lost[cx->is_orig] = true;
}

static void closing(struct oto_ctx *cx)
{
	if (((const struct state *)cx->state)->waits)
		tell_login(cx, NULL);
}

/* ------------------------------------------------------------------------------------------------ recognising */

/* PRELOGIN is the one message that cannot be mistaken: its options lie where they say. */
static enum oto_answer is_prelogin(struct oto_cur c, uint16_t len)
{
	enum { FIRST_OPTION = 5, SHORTEST = TDS_HEADER + FIRST_OPTION + 1 + 6 };
	uint8_t option = oto_u8(&c);
	uint16_t offset = oto_be16(&c), size = oto_be16(&c);

	if (c.bad)
		return OTO_NEED_MORE;
	bool fits = option == 0 && size == 6 && offset > FIRST_OPTION && offset + size + TDS_HEADER <= len && len >= SHORTEST;
	return fits ? OTO_MINE : OTO_NOT_MINE;
}

static enum oto_answer probe(const struct oto_ctx *cx, struct oto_cur c)
{
	uint32_t here = oto_left(&c);
	uint8_t type = oto_u8(&c), status = oto_u8(&c);
	uint16_t len = oto_be16(&c);

	oto_skip(&c, 2);
	uint8_t number = oto_u8(&c), window = oto_u8(&c);
	if (here && !oto_name_of(&tds_types, type))
		return OTO_NOT_MINE;
	if (!cx->key && here && type != TDS_PRELOGIN)
		return OTO_NOT_MINE;
	if (here >= 2 && status > 0x1f)
		return OTO_NOT_MINE;
	if (c.bad)
		return OTO_NEED_MORE;
	if (len < TDS_HEADER || len > PLAUSIBLE_MAX || window || (number > 1 && !cx->key))
		return OTO_NOT_MINE;
	return cx->key ? OTO_MINE : is_prelogin(c, len);
}

static const struct oto_analyzer tds = {
	.self_size = sizeof tds,
	.name = "tds",
	.doc = "Tabular Data Stream: Microsoft SQL Server, on any port.",
	.keys = "tcp/1433",
	.channels = "stream",
	.flags = OTO_ANY_PORT,
	.probe = probe,
	.pdu_len = pdu_len,
	.pdu = pdu,
	.gap = gap,
	.closing = closing,
	.state_size = sizeof(struct state),
	.events = events,
	.nevents = sizeof events / sizeof *events,
};
OTO_ANALYZER(tds);
