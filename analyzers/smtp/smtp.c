/* smtp.c - SMTP recognised on any port: who the server and the client say they are, logins, STARTTLS. No mail is looked at.
 *
 * Each line is a PDU; what stands behind DATA and BDAT is passed over, and so is what a client answers when it is asked for a secret.
 * Behind STARTTLS the bytes are TLS's.
 *
 * Specification: RFC 5321, 3030 (BDAT), 3207 (STARTTLS), 4954 (AUTH).
 */
#include "../say.h"

/* ------------------------------------------------------------------------------------------------ events */

struct smtp_command {
	struct oto_slice verb;
};
static const struct oto_field command_fields[] = {
	OTO_FIELD(struct smtp_command, verb, "first word; of whom and for whom mail is does not appear"),
};
static const struct oto_event_type command_event = OTO_EVENT("smtp.command", struct smtp_command, command_fields, "What the client asks.");

struct smtp_session {
	struct oto_time ts;
	struct oto_slice helo, server_name, banner, auth;
	bool starttls, tls, login, has_login;
	uint16_t last_reply;
	uint32_t mails;
};
#define S(m, doc_, ...) OTO_FIELD(struct smtp_session, m, doc_, __VA_ARGS__)
static const struct oto_field session_fields[] = {
	S(ts, "of the first line"),
	S(helo, "name by which the client calls itself"),
	S(server_name, "name by which the server calls itself"),
	S(banner, "the rest of its greeting"),
	S(starttls, "the server offers TLS"),
	S(tls, "the connection went on in TLS"),
	S(auth, "mechanism of the login"),
	S(login, "it was accepted", .guard = OTO_IF(struct smtp_session, has_login)),
	S(mails, "messages that the server took"),
	S(last_reply, "code of the last reply"),
};
static const struct oto_log session_logs[] = {
	{ .name = "smtp_session",
	  .doc = "Connections to mail servers, without the mail.",
	  .columns = "helo server_name banner starttls tls auth login mails last_reply",
	  .form = OTO_FORM_DETAIL,
	  .flags = OTO_LOG_NOT_ZEEK | OTO_LOG_NOT_SENSOR },
};
static const struct oto_event_type session_event = OTO_EVENT("smtp.session", struct smtp_session, session_fields,
							     "A connection, told when it ends or goes on in TLS.", OTO_LOGS(session_logs));

static const struct oto_event_type *const events[] = { &command_event, &session_event };
enum { EV_COMMAND, EV_SESSION };

/* ------------------------------------------------------------------------------------------------ state */

enum { NAME_MAX_LEN = 255, BANNER_MAX = 200, MECHANISM_MAX = 32, LINE_MAX_LEN = 8192, VERB_MAX = 10 };
enum phase { PHASE_LINES, PHASE_MAIL, PHASE_TLS };
enum asked { ASKED_OTHER, ASKED_STARTTLS, ASKED_AUTH, ASKED_DATA, ASKED_LAST_CHUNK };

struct state {
	struct oto_time first;
	uint64_t chunk; /* of BDAT, still to come */
	uint32_t mails;
	uint32_t commands, replies, asked_at; /* asked_at: number of the command that `asked` tells of */
	uint16_t last_reply, helo_len, server_len, banner_len, auth_len;
	uint8_t phase, asked; /* enum phase of the client's side; enum asked: what the server has not answered yet */
	bool begun, told, greeted, starttls, secret, has_login, login, in_chunk, taking; /* taking: the server waits for the mail */
	uint8_t helo[NAME_MAX_LEN], server[NAME_MAX_LEN], banner[BANNER_MAX], auth[MECHANISM_MAX];
};

enum { CHANNEL_STREAM };

static bool from_client(const struct oto_ctx *cx)
{
	return cx->key ? oto_dest_port(cx) == cx->key : cx->is_orig;
}

static uint16_t keep(uint8_t *to, uint32_t room, struct oto_slice s)
{
	uint32_t n = s.len < room ? s.len : room;

	if (n)
		memcpy(to, s.data, n);
	return (uint16_t)n;
}

static void begin(struct oto_ctx *cx)
{
	struct state *st = cx->state;

	if (!st->begun)
		st->first = cx->head->ts;
	st->begun = true;
}

static void tell(struct oto_ctx *cx)
{
	struct state *st = cx->state;

	if (st->told || !st->begun)
		return;
	st->told = true;
	if (!oto_wanted(cx, EV_SESSION))
		return;
	struct smtp_session e = { .ts = st->first,
				  .helo = say_copy(cx, (struct oto_slice){ st->helo, st->helo_len }),
				  .server_name = say_copy(cx, (struct oto_slice){ st->server, st->server_len }),
				  .banner = say_copy(cx, (struct oto_slice){ st->banner, st->banner_len }),
				  .auth = say_copy(cx, (struct oto_slice){ st->auth, st->auth_len }),
				  .starttls = st->starttls,
				  .tls = st->phase == PHASE_TLS,
				  .login = st->login,
				  .has_login = st->has_login,
				  .mails = st->mails,
				  .last_reply = st->last_reply };
	oto_emit(cx, EV_SESSION, &e);
}

/* ------------------------------------------------------------------------------------------------ names */

/* A name of a host: letters, and no address in brackets (RFC 5321 4.1.3). */
static bool is_host_name(struct oto_slice s)
{
	bool letters = false;

	for (uint32_t i = 0; i < s.len; i++) {
		uint8_t c = say_lower(s.data[i]);
		bool letter = c >= 'a' && c <= 'z';
		if (!letter && !(c >= '0' && c <= '9') && c != '-' && c != '.' && c != '_')
			return false;
		letters |= letter;
	}
	return letters && !say_begins(s, "localhost");
}

static struct oto_slice word(struct oto_slice s)
{
	return say_first(s, say_find(s, ' '));
}

static struct oto_slice behind_blanks(struct oto_slice s)
{
	while (s.len && s.data[0] == ' ')
		s = say_from(s, 1);
	return s;
}

static bool holds(struct oto_slice s, const char *text)
{
	for (; s.len; s = say_from(s, 1)) {
		if (say_begins(s, text))
			return true;
	}
	return false;
}

/* "ESMTP Exim 4.91 #1 Wed, 01 Aug ...": a program that is known, with its version where a digit begins one, or what it is built for. */
static void tell_software(struct oto_ctx *cx, struct oto_slice words)
{
	static const char *const programs[] = { "Postfix", "Exim",        "Sendmail",   "Microsoft ESMTP", "OpenSMTPD", "qmail",
						"Haraka",  "hMailServer", "MailEnable", "Dovecot",         "Courier",   "Kerio",
						"MDaemon", "IceWarp",     "Zimbra",     "Domino" };

	for (; words.len; words = behind_blanks(say_from(words, word(words).len))) {
		for (size_t i = 0; i < sizeof programs / sizeof *programs; i++) {
			uint32_t n = (uint32_t)strlen(programs[i]);
			if (!say_begins(words, programs[i]))
				continue;
			struct oto_slice next = behind_blanks(say_from(words, n));
			bool more = next.len && ((next.data[0] >= '0' && next.data[0] <= '9') || next.data[0] == '(');
			n = more ? words.len - next.len + word(next).len : n;
			say_fact(cx, "software", say_first(words, n), SAY_STATED);
			return;
		}
	}
}

static void greeting(struct oto_ctx *cx, struct oto_slice words)
{
	struct state *st = cx->state;
	struct oto_slice name = word(words), rest = behind_blanks(say_from(words, name.len));

	if (st->greeted)
		return;
	st->greeted = true;
	say_fact(cx, "role", oto_slice_of("mail server"), SAY_STATED);
	if (is_host_name(name)) {
		st->server_len = keep(st->server, NAME_MAX_LEN, name);
		say_fact(cx, "hostname", name, SAY_STATED);
	}
	st->banner_len = keep(st->banner, BANNER_MAX, rest);
	tell_software(cx, rest);
}

/* ------------------------------------------------------------------------------------------------ the client's lines */

static uint64_t number(struct oto_slice s)
{
	uint64_t n = 0;

	for (uint32_t i = 0; i < s.len && i < 15 && s.data[i] >= '0' && s.data[i] <= '9'; i++)
		n = n * 10 + (s.data[i] - '0');
	return n;
}

static void ask(struct state *st, enum asked what)
{
	st->asked = (uint8_t)what;
	st->asked_at = st->commands;
}

static void auth(struct oto_ctx *cx, struct oto_slice mechanism)
{
	struct state *st = cx->state;

	ask(st, ASKED_AUTH);
	st->auth_len = keep(st->auth, MECHANISM_MAX, mechanism);
	/* These two send what a password is; the others a proof that there is one. */
	if (say_is(mechanism, "PLAIN") || say_is(mechanism, "LOGIN"))
		say_fact(cx, "cleartext_login", oto_slice_of("smtp"), SAY_SURE);
}

static void chunk(struct state *st, struct oto_slice arg)
{
	struct oto_slice last = behind_blanks(say_from(arg, word(arg).len));

	if (say_is(say_trim(last), "LAST"))
		ask(st, ASKED_LAST_CHUNK);
	st->chunk = number(arg);
	st->in_chunk = st->chunk;
	st->phase = st->chunk ? PHASE_MAIL : PHASE_LINES;
}

static void command(struct oto_ctx *cx, struct oto_slice line)
{
	struct state *st = cx->state;
	struct oto_slice verb = word(line), arg = behind_blanks(say_from(line, verb.len));

	st->commands++;
	if (verb.len < 4 || verb.len > VERB_MAX)
		return;
	if (say_is(verb, "EHLO") || say_is(verb, "HELO") || say_is(verb, "LHLO")) {
		st->helo_len = keep(st->helo, NAME_MAX_LEN, word(arg));
		if (is_host_name(word(arg)))
			say_fact(cx, "hostname", word(arg), SAY_STATED);
	} else if (say_is(verb, "STARTTLS")) {
		ask(st, ASKED_STARTTLS);
	} else if (say_is(verb, "AUTH")) {
		auth(cx, word(arg));
	} else if (say_is(verb, "DATA")) {
		ask(st, ASKED_DATA);
		st->phase = PHASE_MAIL;
	} else if (say_is(verb, "BDAT")) {
		chunk(st, arg);
	}
	if (oto_wanted(cx, EV_COMMAND)) {
		struct smtp_command e = { .verb = verb };
		oto_emit(cx, EV_COMMAND, &e);
	}
}

static bool is_dot(struct oto_slice line)
{
	return say_is(say_trim(line), ".") && line.data[0] == '.';
}

/* As many whole lines as there are, up to the dot that ends the mail. */
static int64_t mail_length(struct oto_slice bytes)
{
	struct oto_slice rest = bytes;

	while (rest.len) {
		uint32_t n = say_find(rest, '\n');
		if (n == rest.len)
			break;
		struct oto_slice line = say_first(rest, n + 1);
		if (is_dot(line))
			return rest.len == bytes.len ? n + 1 : bytes.len - rest.len;
		rest = say_from(rest, n + 1);
	}
	if (rest.len < bytes.len)
		return bytes.len - rest.len;
	return bytes.len < LINE_MAX_LEN ? 0 : bytes.len;
}

static void mail(struct oto_ctx *cx, struct oto_slice bytes)
{
	struct state *st = cx->state;

	if (st->in_chunk) {
		st->chunk -= bytes.len < st->chunk ? bytes.len : st->chunk;
		st->in_chunk = st->chunk;
		st->phase = st->chunk ? PHASE_MAIL : PHASE_LINES;
	} else if (is_dot(bytes)) {
		st->phase = PHASE_LINES;
	}
}

/* ------------------------------------------------------------------------------------------------ the server's lines */

static uint16_t code_of(struct oto_slice line)
{
	if (line.len < 3)
		return 0;
	for (int i = 0; i < 3; i++) {
		if (line.data[i] < '0' || line.data[i] > '9')
			return 0;
	}
	return (uint16_t)((line.data[0] - '0') * 100 + (line.data[1] - '0') * 10 + (line.data[2] - '0'));
}

enum { GREETING = 220, LOGGED_IN = 235, OK = 250, CONTINUE = 334, SEND = 354, REFUSED = 400 };

/* Clients pipeline: which command a reply is to follows from its number. */
static void settle(struct oto_ctx *cx, uint16_t code)
{
	struct state *st = cx->state;

	if (code == SEND && st->asked == ASKED_DATA) {
		st->taking = true;
		return;
	}
	if (st->replies < st->commands)
		st->replies++;
	if (st->asked == ASKED_OTHER || st->replies < st->asked_at)
		return;
	if (st->asked == ASKED_STARTTLS && code == GREETING)
		st->phase = PHASE_TLS;
	if (st->asked == ASKED_AUTH) {
		st->has_login = true;
		st->login = code == LOGGED_IN;
	}
	if (st->asked == ASKED_DATA)
		st->phase = PHASE_LINES; /* refused, or over */
	st->mails += code == OK && (st->asked == ASKED_LAST_CHUNK || (st->asked == ASKED_DATA && st->taking));
	st->taking = false;
	st->asked = ASKED_OTHER;
	if (st->phase == PHASE_TLS)
		tell(cx);
}

static void reply(struct oto_ctx *cx, struct oto_slice line)
{
	struct state *st = cx->state;
	uint16_t code = code_of(line);
	bool more = line.len > 3 && line.data[3] == '-', idle = st->replies == st->commands;
	struct oto_slice words = behind_blanks(say_from(line, 4));

	if (!code)
		return;
	st->last_reply = code;
	st->starttls |= code == OK && say_is(say_trim(words), "STARTTLS");
	if (code == GREETING && idle)
		greeting(cx, words);
	if (more)
		return;
	st->secret = code == CONTINUE;
	if (!(code == GREETING && idle) && code != CONTINUE)
		settle(cx, code);
}

/* ------------------------------------------------------------------------------------------------ framing */

static int64_t pdu_len(const struct oto_ctx *cx, struct oto_cur c)
{
	const struct state *st = cx->state;
	struct oto_slice bytes = oto_rest(&c);
	uint32_t n = say_find(bytes, '\n');

	if (st->phase == PHASE_TLS)
		return bytes.len;
	if (st->phase == PHASE_MAIL && from_client(cx))
		return !st->in_chunk ? mail_length(bytes) : st->chunk < bytes.len ? (int64_t)st->chunk : bytes.len;
	if (n < bytes.len)
		return n + 1;
	return bytes.len < LINE_MAX_LEN ? 0 : -1;
}

static void pdu(struct oto_ctx *cx, struct oto_cur *c)
{
	struct state *st = cx->state;
	struct oto_slice rest = oto_rest(c), line;
	bool client = from_client(cx);

	begin(cx);
	if (st->phase == PHASE_TLS) {
		oto_stream(cx, CHANNEL_STREAM, 0, rest);
		return;
	}
	if (st->phase == PHASE_MAIL && client) {
		mail(cx, rest);
		return;
	}
	if (!say_line(&rest, &line))
		return;
	if (!client)
		reply(cx, line);
	else if (st->secret)
		st->secret = false;
	else
		command(cx, line);
}

static bool lost_inside(struct oto_ctx *cx, uint64_t n)
{
	struct state *st = cx->state;

	if (st->phase == PHASE_TLS)
		return true;
	if (st->phase != PHASE_MAIL || !from_client(cx))
		return false;
	if (!st->in_chunk)
		return true;
	if (n > st->chunk)
		return false;
	st->chunk -= n;
	st->in_chunk = st->chunk;
	st->phase = st->chunk ? PHASE_MAIL : PHASE_LINES;
	return true;
}

static void gap(struct oto_ctx *cx, uint64_t n)
{
	struct state *st = cx->state;

	(void)n;
	/* What is asked for next may be a secret's other half: better nothing than that. */
	if (st->phase == PHASE_LINES && st->asked == ASKED_AUTH)
		st->secret = true;
}

static void closing(struct oto_ctx *cx)
{
	tell(cx);
}

/* ------------------------------------------------------------------------------------------------ recognising */

static enum oto_answer server_probe(struct oto_slice bytes, bool own_port)
{
	uint16_t code = code_of(bytes);
	struct oto_slice line = say_first(bytes, say_find(bytes, '\n'));

	if (bytes.len < 4)
		return OTO_NEED_MORE;
	if (code < 200 || code > 599 || (bytes.data[3] != ' ' && bytes.data[3] != '-' && bytes.data[3] != '\r'))
		return OTO_NOT_MINE;
	if (own_port)
		return OTO_MINE;
	if (code != 220)
		return OTO_NOT_MINE;
	if (holds(line, "SMTP"))
		return OTO_MINE;
	return holds(line, "FTP") ? OTO_NOT_MINE : OTO_NEED_MORE;
}

static enum oto_answer client_probe(struct oto_slice bytes, bool own_port)
{
	static const char *const verbs[] = { "EHLO ", "HELO ", "LHLO ",    "MAIL FROM:", "RCPT TO:", "AUTH ", "BDAT ",
					     "DATA",  "QUIT",  "STARTTLS", "RSET",       "NOOP",     "VRFY ", "EXPN " };
	enum { ANYWHERE = 3, LONGEST = 10 };

	for (size_t i = 0; i < (own_port ? sizeof verbs / sizeof *verbs : ANYWHERE); i++) {
		if (say_begins(bytes, verbs[i]))
			return OTO_MINE;
	}
	if (bytes.len >= LONGEST)
		return OTO_NOT_MINE;
	for (size_t i = 0; i < (own_port ? sizeof verbs / sizeof *verbs : ANYWHERE); i++) {
		struct oto_slice begun = say_first(oto_slice_of(verbs[i]), bytes.len);
		if (begun.len == bytes.len && memcmp(begun.data, bytes.data, bytes.len) == 0)
			return OTO_NEED_MORE;
	}
	return OTO_NOT_MINE;
}

static enum oto_answer probe(const struct oto_ctx *cx, struct oto_cur c)
{
	return from_client(cx) ? client_probe(oto_rest(&c), cx->key) : server_probe(oto_rest(&c), cx->key);
}

static const struct oto_analyzer smtp = {
	.self_size = sizeof smtp,
	.name = "smtp",
	.doc = "Mail servers and their clients, recognised on any port.",
	.keys = "tcp/25 tcp/587 tcp/2525",
	.channels = "stream",
	.flags = OTO_ANY_PORT,
	.probe = probe,
	.pdu_len = pdu_len,
	.pdu = pdu,
	.gap = gap,
	.lost_inside = lost_inside,
	.closing = closing,
	.state_size = sizeof(struct state),
	.events = events,
	.nevents = sizeof events / sizeof *events,
};
OTO_ANALYZER(smtp);
