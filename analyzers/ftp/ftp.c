/* ftp.c - the control connection of FTP: commands with their replies as Zeek's ftp.log has them, and where data will flow.
 *
 * Each line is a PDU. Commands wait in a short list for the reply that fits best, because clients pipeline and servers answer twice (150,
 * then 226). Ports in PORT, EPRT and in the answers to PASV, EPSV are announced to the engine: their flows are ftp_data's. Behind AUTH TLS
 * the bytes are TLS's. Passwords are never kept: that there was one is a fact.
 *
 * Specification: RFC 959, 1123, 2228, 2389, 2428, 3659, 4217.
 */
#include "../say.h"
#include "ftp_row.h"

enum { CHANNEL_STREAM };

/* ------------------------------------------------------------------------------------------------ commands */

static void announce(struct oto_ctx *cx, bool passive, const struct ftp_endpoint *at)
{
	struct ftp_flow *st = cx->state;

	st->channel = (struct ftp_announced){ .is_set = true, .passive = passive, .port = at->port };
	st->channel.resp = at->addr.family == OTO_FAMILY_NONE ? *ftp_server_of(cx) : at->addr;
	st->channel.orig = passive ? *ftp_client_of(cx) : *ftp_server_of(cx);
	st->data_host = st->channel.resp;
	st->data_port = at->port;
	st->has_data = true;
	struct ftp_channel *data = oto_remember(cx, &ftp_channels, ftp_channel_key(&st->data_host, st->data_port));
	if (data)
		memset(data, 0, sizeof *data);
	oto_expect(cx, OTO_TCP, st->data_host, st->data_port, "ftp_data");
}

static void port_command(struct oto_ctx *cx, const struct ftp_waiting *c)
{
	struct ftp_endpoint at;
	struct oto_slice arg = ftp_kept(c->arg);

	if (say_is(oto_slice_of(c->verb->name), "PORT") ? ftp_port(arg, &at) : ftp_extended_port(arg, &at))
		announce(cx, false, &at);
}

/* What the data connection is for, so that it can say so when it ends. */
static void name_transfer(struct oto_ctx *cx, const struct ftp_waiting *c)
{
	const struct ftp_flow *st = cx->state;
	struct ftp_channel *data = ftp_channel_of(cx, st);

	if (!data)
		return;
	data->command = c->verb->name;
	data->path_len = (uint16_t)ftp_path(ftp_directory_of(st), ftp_kept(c->arg), data->path, sizeof data->path);
}

static void tell_login(struct oto_ctx *cx)
{
	struct ftp_flow *st = cx->state;
	struct oto_slice user = ftp_kept(st->user);

	if (st->told_login)
		return;
	st->told_login = true;
	say_fact(cx, "cleartext_login", say_text(cx, USER_MAX + 16, "ftp, user %.*s", (int)user.len, (const char *)user.data), SAY_SURE);
}

static void obey(struct oto_ctx *cx, const struct ftp_waiting *c)
{
	struct ftp_flow *st = cx->state;
	struct oto_slice arg = ftp_kept(c->arg), verb = oto_slice_of(c->verb->name);

	if (say_is(verb, "USER")) {
		ftp_keep(cx, &st->user, say_first(arg, USER_MAX));
		st->has_user = st->user;
		st->told_login = false;
		say_fact(cx, "user", say_first(arg, USER_MAX), SAY_STATED);
	} else if (say_is(verb, "PASS")) {
		st->has_password = true;
		tell_login(cx);
	} else if (say_is(verb, "PORT") || say_is(verb, "EPRT")) {
		port_command(cx, c);
	} else if (say_is(verb, "CLNT")) {
		say_fact(cx, "software", arg, SAY_STATED);
	} else if (say_is(verb, "AUTH")) {
		st->wants_tls = say_is(arg, "TLS") || say_is(arg, "TLS-C") || say_is(arg, "SSL") || say_is(arg, "TLS-P");
	} else if (c->verb->flags & (FTP_GET | FTP_PUT | FTP_LIST)) {
		name_transfer(cx, c);
	}
}

static struct oto_slice behind_blanks(struct oto_slice s)
{
	while (s.len && (s.data[0] == ' ' || s.data[0] == '\t'))
		s = say_from(s, 1);
	return s;
}

/* RFC 959 5.3.2: before ABOR a client may interrupt as Telnet does (RFC 854). */
static struct oto_slice behind_telnet(struct oto_slice s)
{
	enum { IAC = 255, WILL = 251 };

	while (s.len > 1 && s.data[0] == IAC)
		s = say_from(s, s.data[1] >= WILL && s.data[1] < IAC && s.len > 2 ? 3 : 2);
	return s;
}

static uint32_t word_length(struct oto_slice line)
{
	uint32_t n = 0;

	while (n < line.len && line.data[n] > ' ' && line.data[n] < 0x7f)
		n++;
	return n < line.len && line.data[n] != ' ' && line.data[n] != '\t' ? 0 : n;
}

static struct oto_slice capitals(struct oto_ctx *cx, struct oto_slice name)
{
	uint8_t *out = oto_scratch(cx, name.len);

	for (uint32_t i = 0; out && i < name.len; i++)
		out[i] = name.data[i] >= 'a' && name.data[i] <= 'z' ? (uint8_t)(name.data[i] - 'a' + 'A') : name.data[i];
	return (struct oto_slice){ out, out ? name.len : 0 };
}

static void request_line(struct oto_ctx *cx, struct oto_slice line)
{
	struct ftp_flow *st = cx->state;
	uint32_t n = word_length(line);
	struct oto_slice name = capitals(cx, say_first(line, n)), arg = behind_blanks(say_from(line, n));

	if (n < 3 || n > VERB_MAX) {
		oto_weird(cx, n > VERB_MAX ? "command_too_long" : "invalid_command", say_first(line, 0));
		return;
	}
	const struct ftp_verb *verb = ftp_verb_of(name);
	struct ftp_waiting *before = ftp_find(st, st->matched);
	if (before)
		ftp_tell_and_forget(cx, before);
	ftp_begin(cx);
	struct ftp_waiting *c = ftp_wait_for(cx, verb, name, arg);
	if (verb)
		obey(cx, c);
	if (oto_wanted(cx, EV_REQUEST)) {
		bool secret = ftp_flags_of(c) & FTP_SECRET;
		struct ftp_request e = { .command = verb ? oto_slice_of(verb->name) : name,
					 .arg = secret && arg.len ? oto_slice_of("<hidden>") : ftp_or_absent(arg) };
		oto_emit(cx, EV_REQUEST, &e);
	}
}

/* ------------------------------------------------------------------------------------------------ replies */

static bool holds(struct oto_slice s, struct oto_slice part)
{
	for (; s.len >= part.len; s = say_from(s, 1)) {
		if (!part.len || memcmp(s.data, part.data, part.len) == 0)
			return true;
		if (!s.len)
			break;
	}
	return false;
}

static bool holds_word(struct oto_slice s, const char *word)
{
	for (; s.len; s = say_from(s, 1)) {
		if (say_begins(s, word))
			return true;
	}
	return false;
}

static uint32_t score(const struct ftp_waiting *c, uint16_t code, struct oto_slice words)
{
	bool secret = ftp_flags_of(c) & FTP_SECRET;
	struct oto_slice name = c->verb ? oto_slice_of(c->verb->name) : (struct oto_slice){ (const uint8_t *)c->name, c->name_len };

	return (ftp_fits(c->verb, code) ? 100 : 0) + (holds(words, name) ? 20 : 0) + (!secret && holds(words, ftp_kept(c->arg)) ? 10 : 0);
}

/* The command that a reply fits best; of several the oldest. */
static struct ftp_waiting *best(struct ftp_flow *st, uint16_t code, struct oto_slice words)
{
	struct ftp_waiting *found = NULL;
	uint32_t most = 0;

	for (uint32_t i = 0; i < st->npending; i++) {
		uint32_t points = score(&st->pending[i], code, words);
		if (!found || points > most) {
			found = &st->pending[i];
			most = points;
		}
	}
	return found;
}

static void move(struct oto_ctx *cx, struct ftp_waiting *c, uint16_t code, struct oto_slice words)
{
	struct ftp_flow *st = cx->state;
	struct oto_slice verb = oto_slice_of(c->verb->name), to = { 0 };
	uint8_t *path = oto_scratch(cx, PATH_MAX_LEN);
	bool up = say_is(verb, "CDUP") || say_is(verb, "XCUP");

	if (c->moved || !path)
		return;
	if ((say_is(verb, "CWD") || say_is(verb, "XCWD")) && code == 250)
		to = (struct oto_slice){ path, ftp_path(ftp_directory_of(st), ftp_kept(c->arg), path, PATH_MAX_LEN) };
	else if (up && (code == 200 || code == 250))
		to = (struct oto_slice){ path, ftp_path(ftp_directory_of(st), oto_slice_of(".."), path, PATH_MAX_LEN) };
	else if ((say_is(verb, "PWD") || say_is(verb, "XPWD")) && code == 257)
		to = say_first(ftp_directory(words), PATH_MAX_LEN);
	else
		return;
	c->moved = true;
	ftp_keep(cx, &st->directory, to);
}

/* The transfer is over: told with what was seen of it. */
static void end_transfer(struct oto_ctx *cx, const struct ftp_waiting *c, uint16_t code)
{
	const struct ftp_flow *st = cx->state;
	bool put = ftp_flags_of(c) & FTP_PUT;

	if (code < 200)
		return;
	const struct ftp_channel *data = ftp_channel_of(cx, st);
	bool seen = data && data->opened && !data->lost;
	uint8_t *path = oto_scratch(cx, PATH_MAX_LEN);
	uint32_t n = path ? ftp_path(ftp_directory_of(st), ftp_kept(c->arg), path, PATH_MAX_LEN) : 0;

	oto_program(cx, &(struct oto_program){ .self_size = sizeof(struct oto_program),
					       .direction = put ? OTO_PROGRAM_DOWNLOAD : OTO_PROGRAM_UPLOAD,
					       .result = code < 300 ? OTO_PROGRAM_COMPLETE : OTO_PROGRAM_ABORTED,
					       .kind = "file",
					       .name = { path, n },
					       .error = code < 300                                  ? NULL
							: code == 425 || code == 426 || code == 451 ? "broken off"
												    : "refused",
					       .size = seen ? data->size : 0,
					       .has_size = seen,
					       .duration.ns = cx->head->ts.ns - c->ts.ns,
					       .has_duration = true,
					       .by_receiver = true });
}

/* A greeting that names a program: "(vsFTPd 3.0.3)", "VxWorks (5.4.2) FTP server ready". One that only bids welcome does not. */
static void tell_software(struct oto_ctx *cx, struct oto_slice words)
{
	enum { SHOWN = 200 };
	struct ftp_flow *st = cx->state;
	bool in_brackets = words.len > 2 && words.data[0] == '(' && say_find(words, ')') == words.len - 1;

	if (st->told_software || say_begins(words, "Welcome") || !(holds_word(words, "FTP") || holds_word(words, "FileZilla")))
		return;
	st->told_software = true;
	words = in_brackets ? say_first(say_from(words, 1), words.len - 2) : words;
	say_fact(cx, "software", say_first(words, SHOWN), in_brackets ? SAY_STATED : SAY_INFERRED);
}

/* "UNIX Type: L8", "Windows_NT": the word is what the server was written for, unless it says that it only plays it. */
static void tell_system(struct oto_ctx *cx, struct oto_slice words)
{
	static const struct {
		const char *word, *system;
	} systems[] = { { "UNIX", "Unix" },     { "Windows", "Windows" }, { "MACOS", "macOS" },     { "VMS", "VMS" }, { "OS/2", "OS/2" },
			{ "OS/400", "OS/400" }, { "MVS", "MVS" },         { "VxWorks", "VxWorks" }, { "QNX", "QNX" } };

	for (size_t i = 0; i < sizeof systems / sizeof *systems && !holds_word(words, "emulated"); i++) {
		if (say_begins(words, systems[i].word))
			say_fact(cx, "os", oto_slice_of(systems[i].system), SAY_HINT);
	}
}

static void tell_deleted(struct oto_ctx *cx, const struct ftp_waiting *c)
{
	uint8_t *path = oto_scratch(cx, PATH_MAX_LEN);
	uint32_t n = path ? ftp_path(ftp_directory_of(cx->state), ftp_kept(c->arg), path, PATH_MAX_LEN) : 0;

	oto_program(cx, &(struct oto_program){ .self_size = sizeof(struct oto_program),
					       .direction = OTO_PROGRAM_DELETE,
					       .result = OTO_PROGRAM_COMPLETE,
					       .kind = "file",
					       .name = { path, n },
					       .by_receiver = true });
}

static void answered(struct oto_ctx *cx, struct ftp_waiting *c, uint16_t code, struct oto_slice words)
{
	struct ftp_flow *st = cx->state;
	struct ftp_endpoint at;

	if (code == 220)
		tell_software(cx, words);
	if (!c || !c->verb)
		return;
	struct oto_slice verb = oto_slice_of(c->verb->name);
	if ((code == 150 && say_is(verb, "RETR")) || (code == 213 && say_is(verb, "SIZE"))) {
		st->has_file_size = true;
		ftp_last_number(words, &st->file_size);
	} else if (code == 227 && say_is(verb, "PASV") && ftp_port(words, &at)) {
		announce(cx, true, &at);
	} else if (code == 229 && say_is(verb, "EPSV") && ftp_extended_port(words, &at)) {
		announce(cx, true, &at);
	} else if (code == 215 && say_is(verb, "SYST")) {
		tell_system(cx, words);
	} else if (code == 234 && st->wants_tls) {
		st->tls = true;
	}
	if (ftp_flags_of(c) & (FTP_GET | FTP_PUT))
		end_transfer(cx, c, code);
	else if (code == 250 && say_is(verb, "DELE"))
		tell_deleted(cx, c);
	move(cx, c, code, words);
}

static void reply(struct oto_ctx *cx, uint16_t code, struct oto_slice words, bool more)
{
	struct ftp_flow *st = cx->state;

	ftp_begin(cx);
	if (!st->told_role) {
		st->told_role = true;
		say_fact(cx, "role", oto_slice_of("ftp server"), SAY_STATED);
	}
	if (oto_wanted(cx, EV_REPLY)) {
		struct ftp_reply e = { .code = code, .msg = words, .more = more };
		oto_emit(cx, EV_REPLY, &e);
	}
	struct ftp_waiting *c = best(st, code, words);
	st->matched = c ? c->seq : 0;
	st->reply_code = code;
	ftp_keep(cx, &st->words, say_first(words, TEXT_MAX));
	if (more) {
		if (code == 220)
			tell_software(cx, words);
		return;
	}
	answered(cx, c, code, words);
	if (c && st->npending > 1)
		ftp_tell_and_forget(cx, c);
	if (st->tls)
		ftp_tell_all(cx);
}

/* RFC 959 4.2: a reply of several lines ends with its code and a space; some servers begin another before. */
static bool ends(const struct ftp_flow *st, struct oto_slice line, uint16_t code)
{
	enum { WORDS_LEAST = 10 };

	if (!code || line.len < 4 || line.data[3] != ' ')
		return false;
	for (uint32_t i = 4; code != st->more && i < 4 + WORDS_LEAST; i++) {
		if (i >= line.len || line.data[i] < ' ' || line.data[i] >= 0x7f)
			return false;
	}
	return true;
}

static void reply_line(struct oto_ctx *cx, struct oto_slice line)
{
	struct ftp_flow *st = cx->state;
	uint16_t code = ftp_code(line);

	if (st->more) {
		if (!ends(st, line, code))
			return;
		st->more = 0;
	}
	if (!code || (line.len > 3 && line.data[3] != ' ' && line.data[3] != '-')) {
		oto_weird(cx, "invalid_reply", say_first(line, 80));
		return;
	}
	bool more = line.len > 3 && line.data[3] == '-';
	st->more = more ? code : 0;
	reply(cx, code, behind_blanks(say_from(line, 3 + more)), more);
}

/* ------------------------------------------------------------------------------------------------ framing */

/* RFC 4217 12.3: behind an alert that ends TLS (CCC) the two go on in clear. */
static bool in_clear(const struct ftp_flow *st, struct oto_slice bytes)
{
	return !st->tls || (st->tls_ended && bytes.len && bytes.data[0] >= '0' && bytes.data[0] <= 'z');
}

/* A record of TLS (RFC 8446 5.1); what is none is passed on as it comes. */
static int64_t record_len(struct oto_slice bytes)
{
	enum { FIRST_TYPE = 20, LAST_TYPE = 24, HEADER = 5, RECORD_MAX = 16384 + 2048 };
	struct oto_cur c = oto_cur_of(bytes);
	uint8_t type = oto_u8(&c);

	if (type < FIRST_TYPE || type > LAST_TYPE)
		return bytes.len;
	oto_skip(&c, 2);
	uint16_t length = oto_be16(&c);
	return c.bad ? 0 : length <= RECORD_MAX ? (int64_t)HEADER + length : (int64_t)bytes.len;
}

static int64_t pdu_len(const struct oto_ctx *cx, struct oto_cur c)
{
	const struct ftp_flow *st = cx->state;
	struct oto_slice bytes = oto_rest(&c);
	uint32_t n = say_find(bytes, '\n');

	if (!in_clear(st, bytes))
		return record_len(bytes);
	if (n < bytes.len)
		return n + 1;
	return bytes.len < LINE_MAX_LEN ? 0 : -1;
}

static void pdu(struct oto_ctx *cx, struct oto_cur *c)
{
	enum { ALERT = 21 };
	struct ftp_flow *st = cx->state;
	struct oto_slice rest = oto_rest(c), line;

	if (!in_clear(st, rest)) {
		st->tls_ended = rest.data[0] == ALERT;
		oto_stream(cx, CHANNEL_STREAM, 0, rest);
		return;
	}
	st->tls = false;
	if (!say_line(&rest, &line))
		return;
	bool client = ftp_from_client(cx);
	line = client ? behind_blanks(behind_telnet(line)) : line;
	if (!line.len)
		return;
	if (client)
		request_line(cx, line);
	else
		reply_line(cx, line);
}

static void gap(struct oto_ctx *cx, uint64_t n)
{
	struct ftp_flow *st = cx->state;

	(void)n;
	if (st->tls)
		return;
	st->more = 0;
	ftp_tell_all(cx); /* whose the next reply is nobody knows */
}

static bool lost_inside(struct oto_ctx *cx, uint64_t n)
{
	(void)n;
	return ((const struct ftp_flow *)cx->state)->tls;
}

static void closing(struct oto_ctx *cx)
{
	ftp_tell_all(cx);
}

/* ------------------------------------------------------------------------------------------------ recognising */

/* What a server of mail greets with as well is none of ours. */
static enum oto_answer server_probe(struct oto_slice bytes, bool own_port)
{
	uint16_t code = ftp_code(bytes);
	struct oto_slice first, rest = bytes;

	if (bytes.len < 4)
		return OTO_NEED_MORE;
	if (!code || code > 659 || (bytes.data[3] != ' ' && bytes.data[3] != '-'))
		return OTO_NOT_MINE;
	if (own_port)
		return OTO_MINE;
	if (code != 220 && code != 120)
		return OTO_NOT_MINE;
	if (say_find(bytes, '\n') == bytes.len)
		return OTO_NEED_MORE;
	say_line(&rest, &first);
	if (holds_word(first, "SMTP") || holds_word(first, "LMTP") || holds_word(first, "NNTP"))
		return OTO_NOT_MINE;
	if (holds_word(first, "FTP"))
		return OTO_MINE;
	while (say_line(&rest, &first)) {
		uint16_t next = ftp_code(first);
		if (next == 331 || next == 230 || next == 234)
			return OTO_MINE;
		if (next && next != 220 && next != 120 && next != 211 && next != 215)
			return OTO_NOT_MINE;
	}
	return OTO_NEED_MORE;
}

/* "USER name" is how POP3 begins, too: only the server can tell, unless the command is FTP's alone. */
static enum oto_answer client_probe(struct oto_slice bytes, bool own_port)
{
	struct oto_slice line = behind_blanks(behind_telnet(bytes));
	struct oto_slice whole = say_first(line, say_find(line, '\n'));
	uint32_t n = word_length(say_trim(whole));

	if (whole.len == line.len && line.len < VERB_MAX && !own_port)
		return OTO_NEED_MORE;
	const struct ftp_verb *verb = ftp_verb_of(say_first(whole, n));
	if (!verb || !n)
		return whole.len == line.len && line.len < 5 ? OTO_NEED_MORE : OTO_NOT_MINE;
	if (own_port)
		return OTO_MINE;
	struct oto_slice name = oto_slice_of(verb->name);
	bool login = say_is(name, "USER") || say_is(name, "HOST") || say_is(name, "AUTH") || say_is(name, "FEAT") || say_is(name, "SYST") ||
		     say_is(name, "CLNT");
	return login ? OTO_NEED_MORE : OTO_NOT_MINE;
}

static enum oto_answer probe(const struct oto_ctx *cx, struct oto_cur c)
{
	return ftp_from_client(cx) ? client_probe(oto_rest(&c), cx->key) : server_probe(oto_rest(&c), cx->key);
}

static const struct oto_analyzer ftp = {
	.self_size = sizeof ftp,
	.name = "ftp",
	.doc = "The File Transfer Protocol's control connection, on any port.",
	.keys = "tcp/21 tcp/2811",
	.channels = "stream",
	.flags = OTO_ANY_PORT,
	.probe = probe,
	.pdu_len = pdu_len,
	.pdu = pdu,
	.gap = gap,
	.lost_inside = lost_inside,
	.closing = closing,
	.state_size = sizeof(struct ftp_flow),
	.events = ftp_events,
	.nevents = FTP_EVENTS,
};
OTO_ANALYZER(ftp);
