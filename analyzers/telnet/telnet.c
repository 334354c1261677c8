/* telnet.c - Telnet (RFC 854): who logged in, whether it worked, what terminal and banner say.
 *
 * Owns the events and telnet.log: a row a login. Both directions are read octet by octet, because nothing has a length and a segment means
 * nothing. A line that the server left open when the client answers is a prompt: the answer to one for a name is the user, the answer to
 * one for a secret is passed over unread, and so is everything else that is typed. Options that encrypt end the reading.
 */
#include "oto_plugin.h"

/* ------------------------------------------------------------------------------------------------ the row */

struct telnet_login {
	struct oto_time ts;
	struct oto_slice user, terminal, display, prompt;
	bool success, password_sent, has_user, has_success, has_terminal, has_display, has_window;
	uint32_t width, height;
};

#define L(m, doc_, ...) OTO_FIELD(struct telnet_login, m, doc_, __VA_ARGS__)
#define L_IF(has) .guard = OTO_IF(struct telnet_login, has)
static const struct oto_field login_fields[] = {
	L(ts, "time of the prompt's answer"),
	L(user, "name typed at the prompt for one", L_IF(has_user)),
	L(password_sent, "a secret was asked for and typed, in clear"),
	L(success, "what the server's next lines look like", L_IF(has_success)),
	L(prompt, "the prompt, which often names the device"),
	L(terminal, "type of the client's terminal", L_IF(has_terminal)),
	L(display, "the client's X display", L_IF(has_display)),
	L(width, "columns of the client's window", L_IF(has_window)),
	L(height, "its lines", L_IF(has_window)),
};
static const struct oto_log login_logs[] = {
	{ .name = "telnet",
	  .doc = "Logins over Telnet; what is typed at a prompt for a secret is never kept.",
	  .form = OTO_FORM_DETAIL,
	  .flags = OTO_LOG_NOT_ZEEK,
	  .columns = "user password_sent success prompt terminal display width height" },
};
static const struct oto_event_type login_event =
    OTO_EVENT("telnet.login", struct telnet_login, login_fields, "A login, told when the server has answered it or the connection ends.",
	      OTO_LOGS(login_logs));
static const struct oto_event_type *const events[] = { &login_event };
enum { EV_LOGIN };

/* ------------------------------------------------------------------------------------------------ what is kept */

/* RFC 854: commands; RFC 1091, 1073, 1096, 2946, Microsoft's START-TLS: options. */
enum { IAC = 255, DONT = 254, DO = 253, WONT = 252, WILL = 251, SB = 250, SE = 240 };
enum { TERMINAL_TYPE = 24, WINDOW_SIZE = 31, X_DISPLAY = 35, ENCRYPT = 38, START_TLS = 46, OPTION_LAST = 49 };
enum { IS = 0, ENCRYPT_START = 3 };
enum { LINE_MAX = 256, USER_MAX = 64, SHORT_MAX = 64, PORT = 23, BANNER_LINES = 4 };
enum { BELL = 7, BS = 8, TAB = 9, LF = 10, CR = 13, ESC = 27, DEL = 127, ODD_MAX = 8 };

enum telnet_state { TEXT = 0, COMMAND, NEGOTIATION, OPTION, INSIDE, INSIDE_COMMAND };

struct telnet_side {
	uint8_t state, escape, option;
	uint16_t len;
	uint8_t text[LINE_MAX]; /* server: the line that is open; client: the answer that is kept */
	uint16_t sub_len;
	uint8_t sub[SHORT_MAX];
};

enum asked { NOTHING = 0, NAME, SECRET };

struct telnet_flow {
	struct telnet_side client, server;
	uint8_t asked, banners, odd; /* control characters that no terminal knows: the stream is no text */
	bool told_role, told_clear, prompted, open, done, has_success, success, password_sent, has_window, has_user;
	uint16_t user_len, prompt_len, terminal_len, display_len, width, height;
	struct oto_time ts;
	uint8_t user[USER_MAX], prompt[SHORT_MAX], terminal[SHORT_MAX], display[SHORT_MAX];
};

static struct oto_slice copied(struct oto_ctx *cx, const void *text, uint32_t len)
{
	void *copy = len ? oto_scratch(cx, len) : NULL;

	if (!copy)
		return (struct oto_slice){ 0 };
	memcpy(copy, text, len);
	return (struct oto_slice){ copy, len };
}

static void fact(struct oto_ctx *cx, const char *key, struct oto_slice value, bool of_client, uint8_t confidence)
{
	bool sender = cx->is_orig == of_client;

	oto_fact(cx, &(struct oto_fact){ .self_size = sizeof(struct oto_fact),
					 .key = key,
					 .value = value,
					 .whose = sender ? OTO_SENDER : OTO_RECEIVER,
					 .confidence = confidence });
}

enum { STATED = 80, INFERRED = 50 };

static void tell_role(struct oto_ctx *cx, struct telnet_flow *f)
{
	if (f->told_role)
		return;
	f->told_role = true;
	fact(cx, "role", oto_slice_of("telnet server"), false, STATED);
}

/* ------------------------------------------------------------------------------------------------ words of prompts */

static uint8_t lower(uint8_t c)
{
	return c >= 'A' && c <= 'Z' ? (uint8_t)(c + 32) : c;
}

static bool matches(const uint8_t *text, const char *word, uint32_t len)
{
	for (uint32_t i = 0; i < len; i++) {
		if (lower(text[i]) != (uint8_t)word[i])
			return false;
	}
	return true;
}

static bool contains(struct oto_slice s, const char *word)
{
	uint32_t len = (uint32_t)strlen(word);

	for (uint32_t at = 0; at + len <= s.len; at++) {
		if (matches(&s.data[at], word, len))
			return true;
	}
	return false;
}

static bool contains_any(struct oto_slice s, const char *const *words)
{
	for (; *words; words++) {
		if (contains(s, *words))
			return true;
	}
	return false;
}

static bool ends(struct oto_slice s, const char *word)
{
	uint32_t len = (uint32_t)strlen(word);

	return s.len >= len && matches(&s.data[s.len - len], word, len);
}

static struct oto_slice trimmed(struct oto_slice s)
{
	while (s.len && (s.data[s.len - 1] == ' ' || s.data[s.len - 1] == '\t'))
		s.len--;
	return s;
}

/* A prompt for a secret may say "user" too, so that the secret's words go first; one too many costs nothing but a name. */
static enum asked asked_by(struct oto_slice line)
{
	static const char *const secret[] = { "passw",       "passcode", "passphrase",
					      "pass phrase", "pin:",     "pin code",
					      "secret",      "kennwort", "mot de passe",
					      "contrase",    "senha",    "parola",
					      "wachtwoord",  "token",    "\xe3\x83\x91\xe3\x82\xb9\xe3\x83\xaf\xe3\x83\xbc\xe3\x83\x89",
					      NULL };
	static const char *const name[] = { "login",    "logon",       "username",   "user name", "user",
					    "userid",   "user id",     "login name", "account",   "benutzername",
					    "benutzer", "utilisateur", "usuario",    "utente",    NULL };
	struct oto_slice s = trimmed(line);

	if (!s.len || contains_any(s, secret))
		return s.len ? SECRET : NOTHING;
	uint8_t last = s.data[s.len - 1];
	if (last != ':' && last != '>' && last != '?')
		return NOTHING;
	s.len--;
	s = trimmed(s);
	for (const char *const *word = name; *word; word++) {
		if (ends(s, *word))
			return NAME;
	}
	return NOTHING;
}

static bool is_shell(struct oto_slice line)
{
	struct oto_slice s = trimmed(line);

	return s.len && memchr("#>$%", s.data[s.len - 1], 4);
}

/* ------------------------------------------------------------------------------------------------ logins */

static void tell(struct oto_ctx *cx, struct telnet_flow *f)
{
	if (!f->open)
		return;
	f->open = false;
	oto_emit(cx, EV_LOGIN,
		 &(struct telnet_login){ .ts = f->ts,
					 .user = copied(cx, f->user, f->user_len),
					 .has_user = f->has_user,
					 .password_sent = f->password_sent,
					 .success = f->success,
					 .has_success = f->has_success,
					 .prompt = copied(cx, f->prompt, f->prompt_len),
					 .terminal = copied(cx, f->terminal, f->terminal_len),
					 .has_terminal = f->terminal_len,
					 .display = copied(cx, f->display, f->display_len),
					 .has_display = f->display_len,
					 .width = f->width,
					 .height = f->height,
					 .has_window = f->has_window });
	f->has_user = f->has_success = f->password_sent = false;
	f->user_len = 0;
}

static void decide(struct oto_ctx *cx, struct telnet_flow *f, bool success)
{
	if (!f->open || !f->password_sent)
		return;
	f->has_success = true;
	f->success = success;
	if (success && f->has_user)
		fact(cx, "user", copied(cx, f->user, f->user_len), true, INFERRED);
	tell(cx, f);
}

static void open_login(struct oto_ctx *cx, struct telnet_flow *f, struct oto_slice prompt)
{
	f->open = true;
	f->ts = cx->head->ts;
	prompt = trimmed(prompt);
	f->prompt_len = (uint16_t)(prompt.len < SHORT_MAX ? prompt.len : SHORT_MAX);
	if (f->prompt_len)
		memcpy(f->prompt, prompt.data, f->prompt_len);
}

/* The client answers the line that the server left open. */
static void answer_begins(struct oto_ctx *cx, struct telnet_flow *f)
{
	struct oto_slice line = { f->server.text, f->server.len };

	f->asked = (uint8_t)asked_by(line);
	f->client.len = 0;
	if (f->asked == NAME) {
		decide(cx, f, false); /* asked again */
		tell(cx, f);
		open_login(cx, f, line);
	} else if (f->asked == SECRET) {
		decide(cx, f, false);
		if (!f->open)
			open_login(cx, f, line);
	} else if (is_shell(line)) {
		decide(cx, f, true);
	}
	f->prompted = f->prompted || f->asked != NOTHING;
	if (f->asked != NOTHING)
		tell_role(cx, f);
	f->server.len = 0;
}

static void answer_ends(struct oto_ctx *cx, struct telnet_flow *f)
{
	if (f->asked == NAME) {
		f->has_user = true;
		f->user_len = f->client.len < USER_MAX ? f->client.len : USER_MAX;
		if (f->user_len)
			memcpy(f->user, f->client.text, f->user_len);
	} else if (f->asked == SECRET) {
		f->password_sent = true;
		if (!f->told_clear)
			fact(cx, "cleartext_login", oto_slice_of("Telnet password"), false, STATED);
		f->told_clear = true;
	}
	f->asked = NOTHING;
	f->client.len = 0;
}

static void client_octet(struct oto_ctx *cx, struct telnet_flow *f, uint8_t c)
{
	if (f->asked == NOTHING && f->server.len && c != LF && c != '\0')
		answer_begins(cx, f);
	if (c == CR || c == LF) {
		answer_ends(cx, f);
	} else if (f->asked == NAME && (c == BS || c == DEL)) {
		f->client.len -= f->client.len > 0;
	} else if (f->asked == NAME && c >= ' ' && f->client.len < LINE_MAX) {
		f->client.text[f->client.len++] = c;
	}
}

/* ------------------------------------------------------------------------------------------------ what the server writes */

/* Text in any code page, but no noise. */
static bool is_readable(const struct telnet_flow *f, struct oto_slice line)
{
	uint32_t high = 0;

	for (uint32_t i = 0; i < line.len; i++)
		high += line.data[i] >= 0x80;
	return !f->odd && line.len >= 3 && high * 2 <= line.len;
}

/* What stands before the first prompt presents the device. */
static void server_line(struct oto_ctx *cx, struct telnet_flow *f)
{
	static const char *const failed[] = { "incorrect", "failed",   "invalid",        "denied",  "failure",
					      "wrong",     "bad pass", "not authorized", "refused", NULL };
	static const char *const worked[] = { "last login", "welcome", "logged in", "successful", NULL };
	struct oto_slice line = trimmed((struct oto_slice){ f->server.text, f->server.len });

	if (!line.len)
		return;
	if (!f->prompted && f->banners < BANNER_LINES && is_readable(f, line)) {
		f->banners++;
		tell_role(cx, f);
		fact(cx, "telnet_banner", copied(cx, line.data, line.len), false, STATED);
	}
	if (contains_any(line, failed))
		decide(cx, f, false);
	else if (contains_any(line, worked))
		decide(cx, f, true);
}

/* ECMA-48 5.4: what moves cursors and colours is no text. */
static bool in_escape(struct telnet_side *s, uint8_t c)
{
	if (c == ESC) {
		s->escape = 1;
		return true;
	}
	if (s->escape == 1) {
		s->escape = c == '[' ? 2 : 0;
		return true;
	}
	if (s->escape == 2 && c >= 0x40 && c < 0x7f) {
		s->escape = 0;
		return true;
	}
	return s->escape != 0;
}

static void server_octet(struct oto_ctx *cx, struct telnet_flow *f, uint8_t c)
{
	struct telnet_side *s = &f->server;

	if (in_escape(s, c))
		return;
	if (c == CR || c == LF) {
		server_line(cx, f);
		s->len = 0;
	} else if (c == BS) {
		s->len -= s->len > 0;
	} else if (c >= ' ' && c != DEL) {
		if (s->len < LINE_MAX)
			s->text[s->len++] = c;
	} else if (c && c != BELL && c != TAB) {
		f->done = ++f->odd > ODD_MAX;
	}
}

/* ------------------------------------------------------------------------------------------------ options */

static uint16_t keep_text(uint8_t *to, struct oto_slice s)
{
	if (s.len)
		memcpy(to, s.data, s.len);
	return (uint16_t)s.len;
}

static void option(struct oto_ctx *cx, struct telnet_flow *f, const struct telnet_side *s)
{
	struct oto_cur c = oto_cur_of((struct oto_slice){ s->sub, s->sub_len });

	if (s->option == WINDOW_SIZE) {
		uint16_t width = oto_be16(&c), height = oto_be16(&c);
		f->has_window = f->has_window || !c.bad;
		f->width = c.bad ? f->width : width;
		f->height = c.bad ? f->height : height;
		return;
	}
	uint8_t verb = oto_u8(&c);
	if (c.bad)
		return;
	if (s->option == START_TLS || (s->option == ENCRYPT && verb == ENCRYPT_START)) {
		f->done = true;
	} else if (s->option == TERMINAL_TYPE && verb == IS) {
		f->terminal_len = keep_text(f->terminal, oto_rest(&c));
	} else if (s->option == X_DISPLAY && verb == IS) {
		struct oto_slice host = oto_rest(&c);
		f->display_len = keep_text(f->display, host);
		while (host.len && host.data[host.len - 1] != ':')
			host.len--;
		host.len -= host.len > 0;
		fact(cx, "hostname", copied(cx, host.data, host.len), cx->is_orig, INFERRED);
	}
}

/* True when the octet is text. */
static bool is_text(struct oto_ctx *cx, struct telnet_flow *f, struct telnet_side *s, uint8_t c)
{
	switch (s->state) {
	case TEXT:
		s->state = c == IAC ? COMMAND : TEXT;
		return c != IAC;
	case COMMAND:
		s->state = c == SB ? OPTION : c >= WILL && c <= DONT ? NEGOTIATION : TEXT;
		return c == IAC; /* doubled: the octet itself */
	case NEGOTIATION:
		s->state = TEXT;
		if (!cx->is_orig && c <= OPTION_LAST)
			tell_role(cx, f);
		return false;
	case OPTION:
		s->option = c;
		s->sub_len = 0;
		s->state = INSIDE;
		return false;
	case INSIDE:
		if (c == IAC)
			s->state = INSIDE_COMMAND;
		else if (s->sub_len < SHORT_MAX)
			s->sub[s->sub_len++] = c;
		return false;
	default:
		s->state = c == IAC ? INSIDE : TEXT;
		if (c == IAC && s->sub_len < SHORT_MAX)
			s->sub[s->sub_len++] = c;
		else if (c == SE)
			option(cx, f, s);
		return false;
	}
}

static void telnet_pdu(struct oto_ctx *cx, struct oto_cur *c)
{
	struct telnet_flow *f = cx->state;
	struct telnet_side *s = cx->is_orig ? &f->client : &f->server;

	while (oto_left(c) && !f->done) {
		uint8_t octet = oto_u8(c);
		if (!is_text(cx, f, s, octet))
			continue;
		if (cx->is_orig)
			client_octet(cx, f, octet);
		else
			server_octet(cx, f, octet);
	}
	oto_skip(c, oto_left(c));
}

static void telnet_closing(struct oto_ctx *cx)
{
	tell(cx, cx->state);
}

/* What was asked, and what is answered, is not known behind a loss. */
static void telnet_gap(struct oto_ctx *cx, uint64_t n)
{
	struct telnet_flow *f = cx->state;
	struct telnet_side *s = cx->is_orig ? &f->client : &f->server;

	(void)n;
	s->state = TEXT;
	s->escape = 0;
	f->client.len = f->server.len = 0;
	f->asked = NOTHING;
}

/* ------------------------------------------------------------------------------------------------ recognition */

/* How many whole negotiations the bytes begin with; -1 when what follows is none, or of an option that nobody has. */
static int negotiations(struct oto_cur c)
{
	int n = 0;

	while (oto_left(&c)) {
		uint32_t left = oto_left(&c);
		uint8_t iac = oto_u8(&c), verb = oto_u8(&c), opt = oto_u8(&c);
		if (iac != IAC)
			return n ? n : -1;
		if ((left > 1 && (verb < WILL || verb > DONT) && !(n && verb == SB)) || (left > 2 && opt > OPTION_LAST))
			return -1;
		if (left < 3 || verb == SB)
			return n;
		n++;
	}
	return n;
}

/* On its own port text will do: no control characters but those of terminals, and little beyond ASCII. */
static bool is_plain(struct oto_cur c)
{
	uint32_t len = oto_left(&c), high = 0;

	while (oto_left(&c)) {
		uint8_t octet = oto_u8(&c);
		high += octet >= 0x80;
		if (octet < ' ' && octet != CR && octet != LF && octet != TAB && octet != ESC && octet != BS && octet != BELL && octet)
			return false;
	}
	return len && high * 4 < len;
}

static enum oto_answer telnet_probe(const struct oto_ctx *cx, struct oto_cur c)
{
	enum { SURE = 2 };
	bool named = cx->head->resp_p == PORT;
	struct oto_cur look = c;
	int n = negotiations(c);

	if (oto_u8(&look) != IAC)
		return named && is_plain(c) ? OTO_MINE : OTO_NOT_MINE;
	if (n < 0)
		return OTO_NOT_MINE;
	return n >= (named ? 1 : SURE) ? OTO_MINE : OTO_NEED_MORE;
}

static const struct oto_analyzer telnet = {
	.self_size = sizeof telnet,
	.flags = OTO_ANY_PORT,
	.name = "telnet",
	.doc = "Telnet: logins, terminals, banners",
	.keys = "tcp/23",
	.probe = telnet_probe,
	.pdu = telnet_pdu,
	.gap = telnet_gap,
	.closing = telnet_closing,
	.state_size = sizeof(struct telnet_flow),
	.events = events,
	.nevents = sizeof events / sizeof *events,
};

OTO_ANALYZER(telnet);
