/* rfb.c - the remote framebuffer protocol of VNC (RFC 6143): its handshake up to the desktop's name.
 *
 * Owns the events and rfb.log: Zeek's columns, a row a connection. Each side goes through its own steps, what they hold follows from the
 * version and the security type that both agreed on. What comes behind the handshake, keys pressed and pictures, is passed over unread;
 * what is TLS goes to whoever knows it. Challenges, responses and passwords are never shown.
 */
#include "oto_plugin.h"

/* ------------------------------------------------------------------------------------------------ words */

/* RFC 6143 7.1.2 and IANA's registry; the words are Zeek's where it has one. */
enum { NONE = 1, VNC = 2, TIGHT = 16, TLS = 18, VENCRYPT = 19, APPLE = 30 };
static const struct oto_name type_rows[] = {
	{ 0, "Invalid", 0, "refused" },
	{ NONE, "None", 0, "no authentication" },
	{ VNC, "VNC", 0, "a password of eight characters against a challenge; nothing is encrypted" },
	{ TIGHT, "Tight", 0, "TightVNC's choice of tunnels and authentication" },
	{ 17, "Ultra", 0, "UltraVNC" },
	{ TLS, "TLS", 0, "TLS, then another type" },
	{ VENCRYPT, "VeNCrypt", 0, "a choice of types inside TLS or not" },
	{ 20, "GTK-VNC SASL", 0, "SASL" },
	{ 21, "MD5 hash authentication", 0, NULL },
	{ 22, "Colin Dean xvp", 0, "the console of a virtual machine" },
	{ APPLE, "Apple Remote Desktop", 0, "name and password encrypted by Diffie-Hellman" },
};
static const struct oto_names types = OTO_NAMES(type_rows);

/* VeNCrypt's own types. */
enum { PLAIN = 256, TLS_NONE = 257, X509_PLAIN = 262, X509_SASL = 264 };

/* ------------------------------------------------------------------------------------------------ the row */

struct rfb_session {
	struct oto_time ts;
	struct oto_slice client_major_version, client_minor_version, server_major_version, server_minor_version, desktop_name, reason, user;
	struct oto_vec offered;
	const char *authentication_method;
	uint32_t width, height;
	bool auth, share_flag, has_client, has_server, has_auth, has_share, has_desktop, has_reason, has_user, has_offered;
};

#define S(m, doc_, ...) OTO_FIELD(struct rfb_session, m, doc_, __VA_ARGS__)
#define S_IF(has) .guard = OTO_IF(struct rfb_session, has)
static const struct oto_field session_fields[] = {
	S(ts, "time of the second version, when it is clear what the connection is"),
	S(client_major_version, "version that the client speaks", S_IF(has_client)),
	S(client_minor_version, "its second part", S_IF(has_client)),
	S(server_major_version, "version that the server speaks", S_IF(has_server)),
	S(server_minor_version, "its second part", S_IF(has_server)),
	S(offered, "security types that the server offers", .names = &types, S_IF(has_offered)),
	S(authentication_method, "the one that was taken"),
	S(auth, "was the client let in?", S_IF(has_auth)),
	S(reason, "why not, in the server's words", S_IF(has_reason)),
	S(user, "user name, where one went in clear", S_IF(has_user)),
	S(share_flag, "others stay connected", S_IF(has_share)),
	S(desktop_name, "name of the desktop", S_IF(has_desktop)),
	S(width, "its width in pixels", S_IF(has_desktop)),
	S(height, "its height in pixels", S_IF(has_desktop)),
};
static const struct oto_log session_logs[] = {
	{ .name = "rfb",
	  .doc = "VNC connections: Zeek's columns.",
	  .form = OTO_FORM_DETAIL,
	  .columns =
	      "client_major_version client_minor_version server_major_version server_minor_version authentication_method auth share_flag "
	      "desktop_name width height",
	  .extra = "offered reason user" },
};
static const struct oto_event_type session_event =
    OTO_EVENT("rfb.session", struct rfb_session, session_fields, "A VNC connection, told when the desktop is named or the connection ends.",
	      OTO_LOGS(session_logs));
static const struct oto_event_type *const events[] = { &session_event };
enum { EV_SESSION };
enum { CHANNEL_STREAM };

/* ------------------------------------------------------------------------------------------------ steps */

enum step {
	VERSION = 0,
	SECURITY,  /* server: types offered; client: the one taken */
	CHALLENGE, /* server: what is to be answered; client: the answer */
	TUNNELS,
	TIGHT_TYPES,
	VENCRYPT_VERSION,
	VENCRYPT_ACK,
	VENCRYPT_TYPES,
	VENCRYPT_READY,
	PASSWORD, /* client: name and password in clear */
	RESULT,
	INIT,
	ENCRYPTED, /* TLS from here on */
	DONE,      /* everything else is passed over */
};
enum { SHORT_MAX = 256, VERSION_LEN = 12, DIGITS = 3, TEXT_LEN_MAX = 4096, PIXEL_FORMAT = 16, CAPABILITY = 16, LIST_MAX = 64 };

struct rfb_flow {
	bool seen, told, server_is_orig, has_type, has_auth, auth, has_share, share, has_desktop, told_role;
	bool has_version[2]; /* 0 client, 1 server */
	uint8_t step[2], version[2][2][DIGITS];
	uint8_t noffered, offered[SHORT_MAX];
	uint16_t minor, key_len, width, height, name_len, reason_len, user_len;
	uint32_t type, vencrypt;
	struct oto_time first;
	uint8_t name[SHORT_MAX], reason[SHORT_MAX], user[SHORT_MAX];
};
enum { CLIENT = 0, SERVER = 1 };

static int side_of(const struct oto_ctx *cx)
{
	const struct rfb_flow *f = cx->state;

	return !f->seen || cx->is_orig == f->server_is_orig ? SERVER : CLIENT;
}

static uint16_t keep_text(uint8_t *to, struct oto_slice s)
{
	uint32_t len = s.len < SHORT_MAX ? s.len : SHORT_MAX;

	if (len)
		memcpy(to, s.data, len);
	return (uint16_t)len;
}

/* ------------------------------------------------------------------------------------------------ lengths */

/* Something of `head` octets that ends in a count of `count` octets, and as many units as it says. */
static int64_t counted(struct oto_cur c, uint32_t head, uint32_t count, uint32_t unit, uint32_t most)
{
	oto_skip(&c, head - count);
	uint32_t n = count == 1 ? oto_u8(&c) : oto_be32(&c);
	if (c.bad)
		return 0;
	return n > most ? -1 : (int64_t)head + (int64_t)n * unit;
}

static int64_t security_len(const struct rfb_flow *f, struct oto_cur c)
{
	struct oto_cur look = c;

	if (f->minor < 7) {
		uint32_t type = oto_be32(&look);
		return look.bad ? 0 : type ? 4 : counted(c, 8, 4, 1, TEXT_LEN_MAX);
	}
	uint8_t n = oto_u8(&look);
	return look.bad ? 0 : n ? 1 + n : counted(c, 5, 4, 1, TEXT_LEN_MAX);
}

static int64_t result_len(const struct rfb_flow *f, struct oto_cur c)
{
	struct oto_cur look = c;
	uint32_t result = oto_be32(&look);

	if (look.bad)
		return 0;
	return result && f->minor >= 8 ? counted(c, 8, 4, 1, TEXT_LEN_MAX) : 4;
}

static int64_t challenge_len(const struct rfb_flow *f, struct oto_cur c, int side)
{
	if (f->type != APPLE)
		return 16;
	if (side == CLIENT)
		return 128 + f->key_len;
	oto_skip(&c, 2);
	uint16_t key_len = oto_be16(&c);
	return c.bad ? 0 : 4 + 2 * (int64_t)key_len;
}

static int64_t password_len(struct oto_cur c)
{
	uint32_t user = oto_be32(&c), password = oto_be32(&c);

	if (c.bad)
		return 0;
	return user > TEXT_LEN_MAX || password > TEXT_LEN_MAX ? -1 : 8 + (int64_t)user + password;
}

static int64_t rfb_pdu_len(const struct oto_ctx *cx, struct oto_cur c)
{
	const struct rfb_flow *f = cx->state;
	int side = side_of(cx);
	int64_t n = 0;

	switch (f->step[side]) {
	case VERSION:
		return VERSION_LEN;
	case SECURITY:
		n = side == CLIENT ? 1 : security_len(f, c);
		break;
	case CHALLENGE:
		n = challenge_len(f, c, side);
		break;
	case TUNNELS:
	case TIGHT_TYPES:
		n = side == CLIENT ? 4 : counted(c, 4, 4, CAPABILITY, LIST_MAX);
		break;
	case VENCRYPT_VERSION:
		return 2;
	case VENCRYPT_ACK:
	case VENCRYPT_READY:
		return 1;
	case VENCRYPT_TYPES:
		n = side == CLIENT ? 4 : counted(c, 1, 1, 4, LIST_MAX);
		break;
	case PASSWORD:
		n = password_len(c);
		break;
	case RESULT:
		n = result_len(f, c);
		break;
	case INIT:
		n = side == CLIENT ? 1 : counted(c, 4 + PIXEL_FORMAT + 4, 4, 1, TEXT_LEN_MAX);
		break;
	default:
		return oto_left(&c);
	}
	/* What cannot be a step ends the reading, not the connection. */
	return n < 0 ? oto_left(&c) : n;
}

/* ------------------------------------------------------------------------------------------------ the row is told */

static struct oto_slice copied(struct oto_ctx *cx, const void *text, uint32_t len)
{
	void *copy = len ? oto_scratch(cx, len) : NULL;

	if (!copy)
		return (struct oto_slice){ 0 };
	memcpy(copy, text, len);
	return (struct oto_slice){ copy, len };
}

static const char *method_of(const struct rfb_flow *f)
{
	const struct oto_name *row = oto_name_of(&types, f->type);

	return !f->has_type ? NULL : row ? row->name : "RealVNC";
}

static void tell(struct oto_ctx *cx, struct rfb_flow *f)
{
	if (f->told || !f->has_version[CLIENT] || !f->has_version[SERVER])
		return;
	f->told = true;
	struct rfb_session e = { .ts = f->first,
				 .has_client = f->has_version[CLIENT],
				 .has_server = f->has_version[SERVER],
				 .authentication_method = method_of(f),
				 .auth = f->auth,
				 .has_auth = f->has_auth,
				 .share_flag = f->share,
				 .has_share = f->has_share,
				 .width = f->width,
				 .height = f->height,
				 .has_desktop = f->has_desktop,
				 .has_reason = f->reason_len,
				 .has_user = f->user_len,
				 .has_offered = f->noffered };
	if (!oto_wanted(cx, EV_SESSION))
		return;
	e.client_major_version = copied(cx, f->version[CLIENT][0], DIGITS);
	e.client_minor_version = copied(cx, f->version[CLIENT][1], DIGITS);
	e.server_major_version = copied(cx, f->version[SERVER][0], DIGITS);
	e.server_minor_version = copied(cx, f->version[SERVER][1], DIGITS);
	e.desktop_name = copied(cx, f->name, f->name_len);
	e.reason = copied(cx, f->reason, f->reason_len);
	e.user = copied(cx, f->user, f->user_len);
	struct oto_slice offered = copied(cx, f->offered, f->noffered);
	e.offered = (struct oto_vec){ offered.data, offered.len, OTO_VEC_U8 };
	oto_emit(cx, EV_SESSION, &e);
}

static void rfb_closing(struct oto_ctx *cx)
{
	tell(cx, cx->state);
}

static void fact(struct oto_ctx *cx, const char *key, struct oto_slice value, uint8_t whose, uint8_t confidence)
{
	oto_fact(cx, &(struct oto_fact){
			 .self_size = sizeof(struct oto_fact), .key = key, .value = value, .whose = whose, .confidence = confidence });
}

enum { SURE = 100, STATED = 80, INFERRED = 50, HINT = 20 };

/* ------------------------------------------------------------------------------------------------ messages */

static void both(struct rfb_flow *f, enum step step)
{
	f->step[CLIENT] = f->step[SERVER] = (uint8_t)step;
}

static uint16_t number(const uint8_t *digits)
{
	return (uint16_t)((digits[0] - '0') * 100 + (digits[1] - '0') * 10 + (digits[2] - '0'));
}

/* RFC 6143 7.1.1: "RFB 003.008\n". */
static enum oto_answer version_at(struct oto_cur c)
{
	static const char form[] = "RFB 00n.nnn\n";

	for (uint32_t i = 0; i < VERSION_LEN; i++) {
		if (!oto_left(&c))
			return OTO_NEED_MORE;
		uint8_t octet = oto_u8(&c);
		if (form[i] == 'n' ? octet < '0' || octet > '9' : octet != (uint8_t)form[i])
			return OTO_NOT_MINE;
	}
	return OTO_MINE;
}

/* Odd minor versions are spoken like the one below; Apple's 889 like 8. */
static void take_version(struct oto_ctx *cx, struct oto_cur *c, int side)
{
	struct rfb_flow *f = cx->state;

	if (version_at(*c) != OTO_MINE) {
		oto_weird(cx, "no_version", (struct oto_slice){ 0 });
		both(f, DONE);
		return;
	}
	oto_skip(c, 4);
	struct oto_slice major = oto_take(c, DIGITS);
	oto_skip(c, 1);
	struct oto_slice minor = oto_take(c, DIGITS);
	oto_skip(c, 1);
	memcpy(f->version[side][0], major.data, DIGITS);
	memcpy(f->version[side][1], minor.data, DIGITS);
	uint16_t spoken = number(minor.data);
	f->minor = !f->has_version[!side] || spoken < f->minor ? spoken : f->minor;
	f->has_version[side] = true;
	f->first = cx->head->ts;
	f->step[side] = SECURITY;
	if (side == SERVER) {
		fact(cx, "role", oto_slice_of("vnc server"), OTO_SENDER, SURE);
		if (spoken == 889)
			fact(cx, "os", oto_slice_of("macOS"), OTO_SENDER, INFERRED);
	} else if (f->minor < 7) {
		f->step[CLIENT] = INIT; /* the server decides; what it decides may put something before */
	}
}

/* What follows from the type taken, 7.1.2. Version 3.8 has a result in any case, 7.1.3. */
static void enter(struct rfb_flow *f, uint32_t type)
{
	switch (type) {
	case NONE:
		f->step[SERVER] = f->minor >= 8 ? RESULT : INIT;
		f->step[CLIENT] = INIT;
		break;
	case VNC:
	case APPLE:
		both(f, CHALLENGE);
		break;
	case TIGHT:
		both(f, TUNNELS);
		break;
	case VENCRYPT:
		both(f, VENCRYPT_VERSION);
		break;
	case TLS:
		both(f, ENCRYPTED);
		break;
	default:
		both(f, DONE);
	}
}

static void take_type(struct rfb_flow *f, uint32_t type)
{
	f->has_type = true;
	f->type = type;
	enter(f, type);
}

static void take_reason(struct rfb_flow *f, struct oto_cur *c)
{
	f->reason_len = keep_text(f->reason, oto_take(c, oto_be32(c)));
}

static void take_security(struct oto_ctx *cx, struct oto_cur *c, int side)
{
	struct rfb_flow *f = cx->state;

	if (side == CLIENT) {
		take_type(f, oto_u8(c));
		return;
	}
	uint32_t n = f->minor < 7 ? oto_be32(c) : oto_u8(c);
	if (!n) {
		take_reason(f, c);
		both(f, DONE);
	} else if (f->minor < 7) {
		take_type(f, n);
		if (n == NONE)
			fact(cx, "no_authentication", oto_slice_of("VNC"), OTO_SENDER, STATED);
	} else {
		struct oto_slice offered = oto_take(c, n);
		f->noffered = (uint8_t)keep_text(f->offered, offered);
		/* The choice may already be there; otherwise nothing can be read before it is. */
		f->step[SERVER] = f->has_type ? f->step[SERVER] : DONE;
		for (uint32_t i = 0; i < offered.len; i++) {
			if (offered.data[i] == NONE)
				fact(cx, "no_authentication", oto_slice_of("VNC"), OTO_SENDER, STATED);
		}
	}
}

static void take_challenge(struct rfb_flow *f, struct oto_cur *c, int side)
{
	if (side == CLIENT) {
		f->step[CLIENT] = INIT;
		return;
	}
	oto_skip(c, 2);
	if (f->type == APPLE)
		f->key_len = oto_be16(c);
	f->step[SERVER] = RESULT;
}

/* TightVNC: a tunnel is chosen when there are any, then an authentication when there are any. */
static void take_tight(struct rfb_flow *f, struct oto_cur *c, int side)
{
	uint32_t n = oto_be32(c);
	bool tunnels = f->step[side] == TUNNELS;

	if (side == CLIENT) {
		if (tunnels)
			f->step[CLIENT] = TIGHT_TYPES;
		else
			enter(f, n);
		return;
	}
	if (tunnels) {
		f->step[SERVER] = TIGHT_TYPES;
		f->step[CLIENT] = n ? TUNNELS : TIGHT_TYPES;
	} else if (!n) {
		enter(f, NONE);
	} else {
		f->step[SERVER] = DONE; /* until the client has chosen */
	}
}

static void take_vencrypt(struct rfb_flow *f, struct oto_cur *c, int side)
{
	uint8_t *step = &f->step[side];

	switch (*step) {
	case VENCRYPT_VERSION:
		*step = side == CLIENT ? VENCRYPT_TYPES : VENCRYPT_ACK;
		break;
	case VENCRYPT_ACK: /* zero agrees */
		if (oto_u8(c))
			both(f, DONE);
		else
			*step = VENCRYPT_TYPES;
		break;
	case VENCRYPT_TYPES:
		if (side == SERVER) {
			*step = DONE; /* until the client has chosen */
			break;
		}
		f->vencrypt = oto_be32(c);
		if (f->vencrypt == PLAIN) {
			f->step[CLIENT] = PASSWORD;
			f->step[SERVER] = RESULT;
		} else if (f->vencrypt >= TLS_NONE && f->vencrypt <= X509_SASL) {
			f->step[CLIENT] = ENCRYPTED;
			f->step[SERVER] = VENCRYPT_READY;
		} else {
			enter(f, f->vencrypt);
		}
		break;
	case VENCRYPT_READY: /* one is ready */
		*step = oto_u8(c) ? ENCRYPTED : DONE;
		break;
	}
}

/* The name is kept and the password passed over; that both went in clear is a fact about the server, which asked for it. */
static void take_password(struct oto_ctx *cx, struct oto_cur *c)
{
	struct rfb_flow *f = cx->state;
	uint32_t user = oto_be32(c);

	oto_skip(c, 4);
	f->user_len = keep_text(f->user, oto_take(c, user));
	f->step[CLIENT] = INIT;
	fact(cx, "cleartext_login", oto_slice_of("VNC password"), OTO_RECEIVER, SURE);
}

static void take_result(struct rfb_flow *f, struct oto_cur *c)
{
	uint32_t result = oto_be32(c);

	f->has_auth = true;
	f->auth = result == 0;
	f->step[SERVER] = result ? DONE : INIT;
	if (!result)
		return;
	f->step[CLIENT] = DONE;
	if (oto_left(c))
		take_reason(f, c);
}

/* 7.3: share flag; size, pixel format and name. */
static void take_init(struct oto_ctx *cx, struct oto_cur *c, int side)
{
	struct rfb_flow *f = cx->state;

	f->step[side] = DONE;
	if (side == CLIENT) {
		f->has_share = true;
		f->share = oto_u8(c) != 0;
		return;
	}
	f->width = oto_be16(c);
	f->height = oto_be16(c);
	oto_skip(c, PIXEL_FORMAT);
	struct oto_slice name = oto_take(c, oto_be32(c));
	if (c->bad)
		return;
	f->has_desktop = true;
	f->name_len = keep_text(f->name, name);
	fact(cx, "desktop_name", copied(cx, f->name, f->name_len), OTO_SENDER, SURE);
	tell(cx, f);
}

static void rfb_pdu(struct oto_ctx *cx, struct oto_cur *c)
{
	struct rfb_flow *f = cx->state;
	int side = side_of(cx);

	if (!f->seen) {
		f->seen = true;
		f->server_is_orig = cx->is_orig;
	}
	switch (f->step[side]) {
	case VERSION:
		take_version(cx, c, side);
		break;
	case SECURITY:
		take_security(cx, c, side);
		break;
	case CHALLENGE:
		take_challenge(f, c, side);
		break;
	case TUNNELS:
	case TIGHT_TYPES:
		take_tight(f, c, side);
		break;
	case VENCRYPT_VERSION:
	case VENCRYPT_ACK:
	case VENCRYPT_TYPES:
	case VENCRYPT_READY:
		take_vencrypt(f, c, side);
		break;
	case PASSWORD:
		take_password(cx, c);
		break;
	case RESULT:
		take_result(f, c);
		break;
	case INIT:
		take_init(cx, c, side);
		break;
	case ENCRYPTED:
		oto_stream(cx, CHANNEL_STREAM, 0, oto_rest(c));
		break;
	}
	if (c->bad)
		f->step[side] = DONE;
}

/* Behind a loss nobody knows which step it is. */
static void rfb_gap(struct oto_ctx *cx, uint64_t n)
{
	struct rfb_flow *f = cx->state;

	(void)n;
	if (f->step[CLIENT] != ENCRYPTED && f->step[SERVER] != ENCRYPTED)
		both(f, DONE);
}

static enum oto_answer rfb_probe(const struct oto_ctx *cx, struct oto_cur c)
{
	(void)cx;
	return version_at(c);
}

static const struct oto_analyzer rfb = {
	.self_size = sizeof rfb,
	.flags = OTO_ANY_PORT,
	.name = "rfb",
	.doc = "VNC: the remote framebuffer protocol",
	.keys = "tcp/5900",
	.channels = "stream",
	.probe = rfb_probe,
	.pdu_len = rfb_pdu_len,
	.pdu = rfb_pdu,
	.gap = rfb_gap,
	.closing = rfb_closing,
	.state_size = sizeof(struct rfb_flow),
	.events = events,
	.nevents = sizeof events / sizeof *events,
};

OTO_ANALYZER(rfb);
