/* ssh.c - SSH on any port: version lines, the key exchange in clear, host keys, and whether somebody got in, as Zeek's ssh.log has them.
 *
 * Each side goes from its version line through the key exchange to where all is encrypted. From there on only lengths tell: the answers to
 * an authentication are as long as each other when it fails, and 16 bytes shorter than the first answer of all when it succeeds. A length
 * is that of the bytes which one side sends at one time; with compression, or when bytes were lost, nothing is inferred.
 *
 * Specification: RFC 4253, 4252; SSH 1.5 (draft-ylonen-ssh-protocol-00). HASSH: the lists that make a program known.
 */
#include "../say.h"
#include "ssh_banner.h"
#include "ssh_kex.h"

/* ------------------------------------------------------------------------------------------------ events */

struct ssh_version {
	struct oto_slice banner, protocol, software, comment;
	bool is_server;
};
#define V(m, doc_) OTO_FIELD(struct ssh_version, m, doc_)
static const struct oto_field version_fields[] = {
	V(is_server, "the server's line"),      V(banner, "the whole line"),         V(protocol, "version of the protocol"),
	V(software, "program and its version"), V(comment, "what stands behind it"),
};
static const struct oto_event_type version_event = OTO_EVENT("ssh.version", struct ssh_version, version_fields, "A version line.");

struct ssh_capabilities {
	bool is_server, guessed;
	struct oto_slice kex, host_key, cipher_up, cipher_down, mac_up, mac_down, compression_up, compression_down, language_up,
	    language_down, hassh;
};
#define K(m, doc_) OTO_FIELD(struct ssh_capabilities, m, doc_)
static const struct oto_field capabilities_fields[] = {
	K(is_server, "the server's lists"),
	K(kex, "key exchange methods, best first, separated by commas"),
	K(host_key, "kinds of host keys"),
	K(cipher_up, "ciphers from client to server"),
	K(cipher_down, "ciphers from server to client"),
	K(mac_up, "message authentication from client to server"),
	K(mac_down, "message authentication from server to client"),
	K(compression_up, "compression from client to server"),
	K(compression_down, "compression from server to client"),
	K(language_up, "languages from client to server"),
	K(language_down, "languages from server to client"),
	K(guessed, "the next packet is sent on a guess"),
	K(hassh, "MD5 of the lists by which programs are known: HASSH, of a server HASSH server"),
};
static const struct oto_event_type capabilities_event =
    OTO_EVENT("ssh.capabilities", struct ssh_capabilities, capabilities_fields, "What one side can do (KEXINIT).");

struct ssh_auth {
	bool success;
	uint32_t attempts;
};
#define A(m, doc_) OTO_FIELD(struct ssh_auth, m, doc_)
static const struct oto_field auth_fields[] = {
	A(success, "somebody got in"),
	A(attempts, "so far in this connection"),
};
static const struct oto_event_type auth_event =
    OTO_EVENT("ssh.auth", struct ssh_auth, auth_fields, "An attempt to log in, inferred from lengths; told when the next bytes come.");

struct ssh_session {
	struct oto_time ts;
	uint64_t version;
	uint64_t auth_attempts;
	const char *direction;
	struct oto_slice client, server, cipher_alg, mac_alg, compression_alg, kex_alg, host_key_alg, host_key, host_key_sha256, hassh,
	    hassh_server;
	bool auth_success, has_version, has_auth;
};
#define S(m, doc_, ...) OTO_FIELD(struct ssh_session, m, doc_, __VA_ARGS__)
#define IF(has) .guard = OTO_IF(struct ssh_session, has)
static const struct oto_field session_fields[] = {
	S(ts, "of the first version line"),
	S(version, "of the protocol, 1 or 2; 0: they do not agree", IF(has_version)),
	S(auth_success, "somebody got in; absent: not known", IF(has_auth)),
	S(auth_attempts, "attempts to log in"),
	S(direction, "none; Zeek's column"),
	S(client, "the client's version line"),
	S(server, "the server's version line"),
	S(cipher_alg, "cipher"),
	S(mac_alg, "message authentication"),
	S(compression_alg, "compression"),
	S(kex_alg, "key exchange"),
	S(host_key_alg, "kind of host key"),
	S(host_key, "MD5 of the server's host key"),
	S(host_key_sha256, "SHA-256 of it, as ssh-keygen prints it"),
	S(hassh, "HASSH of the client"),
	S(hassh_server, "HASSH of the server"),
};
static const struct oto_log session_logs[] = {
	{ .name = "ssh",
	  .doc = "A row a connection, written when somebody gets in or it ends: Zeek's columns.",
	  .columns =
	      "version auth_success auth_attempts direction client server cipher_alg mac_alg compression_alg kex_alg host_key_alg host_key",
	  .extra = "hassh hassh_server host_key_sha256",
	  .form = OTO_FORM_DETAIL },
};
static const struct oto_event_type session_event =
    OTO_EVENT("ssh.session", struct ssh_session, session_fields, "A connection, told once.", OTO_LOGS(session_logs));

static const struct oto_event_type *const events[] = { &version_event, &capabilities_event, &auth_event, &session_event };
enum { EV_VERSION, EV_CAPABILITIES, EV_AUTH, EV_SESSION };

/* ------------------------------------------------------------------------------------------------ state */

enum { BANNER_MAX = 255, ALGORITHM_MAX = 160, LINE_MAX_LEN = 8192, PACKET_MAX = 65536, KEXINIT_MAX = 16384 };
enum phase { PHASE_BANNER, PHASE_PACKETS, PHASE_ENCRYPTED };
enum { CLIENT = 0, SERVER = 1 };

struct words {
	uint8_t len;
	char text[BANNER_MAX];
};

struct algorithm {
	uint8_t len;
	char text[ALGORITHM_MAX];
};

/* Bytes that one side sent at one time. */
struct burst {
	int64_t ns;
	uint32_t len;
};

struct side {
	uint8_t phase; /* enum phase */
	bool has_hassh;
	struct words banner;
	struct burst burst;
	char hassh[SSH_HASSH_TEXT];
};

struct kept_kexinit {
	uint32_t len;
	uint8_t payload[];
};

struct state {
	struct side side[2];
	struct oto_time first;
	struct algorithm cipher, mac, compression, kex, host_key_alg;
	struct kept_kexinit *kexinit; /* of the side that spoke first */
	uint32_t attempts;
	uint32_t accept_len, failure_len; /* lengths of the server's first answers */
	uint8_t kexinit_of, version;      /* version: 0 while not known or not agreed on */
	bool begun, told, has_kexinit, has_host_key, has_auth, success, decided, client_spoke, passed_banner, lost, compressed;
	char md5[SSH_MD5_TEXT], sha256[SSH_SHA256_TEXT];
};
_Static_assert(sizeof(struct state) <= OTO_STATE_MAX, "the state must fit");

static int side_number(const struct oto_ctx *cx)
{
	bool from_server = cx->key ? oto_source_port(cx) == cx->key && oto_dest_port(cx) != cx->key : !cx->is_orig;

	if (cx->key && cx->head->orig_p == cx->head->resp_p)
		from_server = !cx->is_orig;
	return from_server ? SERVER : CLIENT;
}

static void begin(struct oto_ctx *cx)
{
	struct state *st = cx->state;

	if (!st->begun)
		st->first = cx->head->ts;
	st->begun = true;
}

/* ------------------------------------------------------------------------------------------------ the row */

static struct oto_slice text_of(struct oto_ctx *cx, const void *text, uint32_t len)
{
	return say_copy(cx, (struct oto_slice){ text, len });
}

static struct oto_slice algorithm(struct oto_ctx *cx, const struct algorithm *a)
{
	return text_of(cx, a->text, a->len);
}

static void tell(struct oto_ctx *cx)
{
	struct state *st = cx->state;
	const struct side *client = &st->side[CLIENT], *server = &st->side[SERVER];

	if (st->told || !st->begun)
		return;
	st->told = true;
	if (!oto_wanted(cx, EV_SESSION))
		return;
	struct ssh_session e = {
		.ts = st->first,
		.version = st->version,
		.has_version = client->banner.len && server->banner.len,
		.auth_success = st->success,
		.has_auth = st->has_auth,
		.auth_attempts = st->attempts,
		.client = text_of(cx, client->banner.text, client->banner.len),
		.server = text_of(cx, server->banner.text, server->banner.len),
		.cipher_alg = algorithm(cx, &st->cipher),
		.mac_alg = algorithm(cx, &st->mac),
		.compression_alg = algorithm(cx, &st->compression),
		.kex_alg = algorithm(cx, &st->kex),
		.host_key_alg = algorithm(cx, &st->host_key_alg),
		.host_key = st->has_host_key ? text_of(cx, st->md5, SSH_MD5_TEXT) : (struct oto_slice){ 0 },
		.host_key_sha256 = st->has_host_key && st->sha256[0] ? text_of(cx, st->sha256, SSH_SHA256_TEXT) : (struct oto_slice){ 0 },
		.hassh = client->has_hassh ? text_of(cx, client->hassh, SSH_HASSH_TEXT) : (struct oto_slice){ 0 },
		.hassh_server = server->has_hassh ? text_of(cx, server->hassh, SSH_HASSH_TEXT) : (struct oto_slice){ 0 },
	};
	oto_emit(cx, EV_SESSION, &e);
}

/* ------------------------------------------------------------------------------------------------ version lines */

static bool is_199(const struct words *b)
{
	return b->len >= 8 && memcmp(&b->text[4], "1.99", 4) == 0;
}

/* RFC 4253 5.1: 1.99 speaks both. */
static uint8_t agreed_version(const struct state *st)
{
	const struct words *c = &st->side[CLIENT].banner, *s = &st->side[SERVER].banner;

	if (c->len < 5 || s->len < 5)
		return 0;
	bool c2 = c->text[4] == '2' || is_199(c), s2 = s->text[4] == '2' || is_199(s);
	bool c1 = c->text[4] == '1', s1 = s->text[4] == '1';
	return c2 && s2 ? 2 : c1 && s1 ? 1 : 0;
}

static void take_banner(struct oto_ctx *cx, int n, struct oto_slice line)
{
	struct state *st = cx->state;
	struct words *kept = &st->side[n].banner;
	struct ssh_banner b;

	st->side[n].phase = PHASE_PACKETS;
	if (!ssh_banner_read(line, &b)) {
		oto_weird(cx, "malformed_version", say_first(line, 80));
		return;
	}
	begin(cx);
	kept->len = (uint8_t)(line.len < BANNER_MAX ? line.len : BANNER_MAX);
	memcpy(kept->text, line.data, kept->len);
	st->version = agreed_version(st);
	if (oto_wanted(cx, EV_VERSION)) {
		struct ssh_version e = {
			.banner = line, .protocol = b.version, .software = b.software, .comment = b.comment, .is_server = n == SERVER
		};
		oto_emit(cx, EV_VERSION, &e);
	}
	ssh_tell_banner(cx, &b);
	if (n == SERVER)
		say_fact(cx, "role", oto_slice_of("ssh server"), SAY_STATED);
	if (b.version.len && b.version.data[0] == '1' && !is_199(kept))
		say_fact(cx, "weakness", oto_slice_of("ssh 1"), SAY_SURE);
}

/* RFC 4253 4.2: a server may say other lines before. */
static void banner_line(struct oto_ctx *cx, int n, struct oto_slice bytes)
{
	struct oto_slice line;

	if (!say_line(&bytes, &line))
		return;
	if (say_begins(line, "SSH-"))
		take_banner(cx, n, line);
	else if (n == CLIENT)
		oto_weird(cx, "malformed_version", say_first(line, 80));
}

/* ------------------------------------------------------------------------------------------------ key exchange */

static void set(struct algorithm *a, struct oto_slice name)
{
	if (!name.len)
		name = oto_slice_of("Algorithm negotiation failed");
	a->len = (uint8_t)(name.len < ALGORITHM_MAX ? name.len : ALGORITHM_MAX);
	memcpy(a->text, name.data, a->len);
}

static struct oto_slice or_failed(struct oto_slice name)
{
	return name.len ? name : oto_slice_of("Algorithm negotiation failed");
}

/* Both directions of a pair of lists; Zeek's words where they differ. */
static void agree(struct oto_ctx *cx, struct algorithm *a, const struct ssh_kexinit *c, const struct ssh_kexinit *s, enum ssh_list up)
{
	struct oto_slice there = or_failed(ssh_agreed(c->list[up], s->list[up]));
	struct oto_slice back = or_failed(ssh_agreed(c->list[up + 1], s->list[up + 1]));

	if (there.len == back.len && memcmp(there.data, back.data, there.len) == 0)
		set(a, there);
	else
		set(a, say_text(cx, ALGORITHM_MAX, "To server: %.*s, to client: %.*s", (int)there.len, (const char *)there.data,
				(int)back.len, (const char *)back.data));
}

static bool is_compressing(const struct algorithm *a)
{
	struct oto_slice name = { (const uint8_t *)a->text, a->len };
	return say_is(name, "zlib") || say_is(name, "zlib@openssh.com");
}

static void negotiate(struct oto_ctx *cx, const struct ssh_kexinit *client, const struct ssh_kexinit *server)
{
	struct state *st = cx->state;

	set(&st->kex, ssh_agreed(client->list[SSH_KEX], server->list[SSH_KEX]));
	set(&st->host_key_alg, ssh_agreed(client->list[SSH_HOST_KEY], server->list[SSH_HOST_KEY]));
	agree(cx, &st->cipher, client, server, SSH_CIPHER_UP);
	agree(cx, &st->mac, client, server, SSH_MAC_UP);
	agree(cx, &st->compression, client, server, SSH_COMPRESSION_UP);
	st->compressed = is_compressing(&st->compression);
}

static void keep_or_negotiate(struct oto_ctx *cx, int n, struct oto_slice payload, const struct ssh_kexinit *k)
{
	struct state *st = cx->state;
	struct ssh_kexinit other;

	if (!st->has_kexinit) {
		struct kept_kexinit *kept = payload.len <= KEXINIT_MAX ? oto_hold(cx, (uint32_t)sizeof *kept + payload.len) : NULL;
		if (!kept)
			return;
		kept->len = payload.len;
		memcpy(kept->payload, payload.data, payload.len);
		st->kexinit = kept;
		st->kexinit_of = (uint8_t)n;
		st->has_kexinit = true;
		return;
	}
	if (!st->kexinit || st->kexinit_of == n)
		return;
	if (ssh_kexinit_read((struct oto_slice){ st->kexinit->payload, st->kexinit->len }, &other))
		negotiate(cx, n == CLIENT ? k : &other, n == CLIENT ? &other : k);
	oto_let_go(cx, st->kexinit);
	st->kexinit = NULL;
}

static void kexinit(struct oto_ctx *cx, int n, struct oto_slice payload)
{
	struct state *st = cx->state;
	struct side *s = &st->side[n];
	struct ssh_kexinit k;

	if (!ssh_kexinit_read(payload, &k)) {
		oto_weird(cx, "malformed_kexinit", (struct oto_slice){ 0 });
		return;
	}
	begin(cx);
	if (!s->has_hassh) {
		ssh_hassh(&k, n == SERVER, s->hassh);
		s->has_hassh = true;
		say_fact(cx, n == SERVER ? "hassh_server" : "hassh", text_of(cx, s->hassh, SSH_HASSH_TEXT), SAY_SURE);
	}
	if (oto_wanted(cx, EV_CAPABILITIES)) {
		struct ssh_capabilities e = {
			.is_server = n == SERVER,
			.guessed = k.guessed,
			.kex = k.list[SSH_KEX],
			.host_key = k.list[SSH_HOST_KEY],
			.cipher_up = k.list[SSH_CIPHER_UP],
			.cipher_down = k.list[SSH_CIPHER_DOWN],
			.mac_up = k.list[SSH_MAC_UP],
			.mac_down = k.list[SSH_MAC_DOWN],
			.compression_up = k.list[SSH_COMPRESSION_UP],
			.compression_down = k.list[SSH_COMPRESSION_DOWN],
			.language_up = k.list[SSH_LANGUAGE_UP],
			.language_down = k.list[SSH_LANGUAGE_DOWN],
			.hassh = text_of(cx, s->hassh, SSH_HASSH_TEXT),
		};
		oto_emit(cx, EV_CAPABILITIES, &e);
	}
	keep_or_negotiate(cx, n, payload, &k);
}

static void take_host_key(struct oto_ctx *cx, struct oto_slice key)
{
	struct state *st = cx->state;

	if (st->has_host_key || !key.len)
		return;
	st->has_host_key = true;
	ssh_md5_text(key, (struct oto_slice){ 0 }, st->md5);
	ssh_sha256_text(key, st->sha256);
	say_fact(cx, "ssh_host_key", text_of(cx, st->sha256, SSH_SHA256_TEXT), SAY_SURE);
}

static void take_ssh1_key(struct oto_ctx *cx, struct oto_slice payload)
{
	struct state *st = cx->state;
	struct oto_slice modulus, exponent;

	if (st->has_host_key || !ssh1_host_key(payload, &modulus, &exponent))
		return;
	st->has_host_key = true;
	ssh_md5_text(modulus, exponent, st->md5);
	say_fact(cx, "ssh_host_key", text_of(cx, st->md5, SSH_MD5_TEXT), SAY_SURE);
}

static void ssh2_packet(struct oto_ctx *cx, struct oto_cur *c, int n)
{
	enum { KEXINIT = 20, NEWKEYS = 21 };
	struct state *st = cx->state;
	uint32_t len = oto_be32(c);
	uint8_t padding = oto_u8(c), message = oto_u8(c);
	struct oto_slice payload = oto_take(c, len >= padding + 2u ? len - padding - 2u : UINT32_MAX);

	if (c->bad)
		return;
	if (message == KEXINIT)
		kexinit(cx, n, payload);
	else if (message == NEWKEYS)
		st->side[n].phase = PHASE_ENCRYPTED;
	else if (n == SERVER)
		take_host_key(cx, ssh_host_key((struct oto_slice){ (const uint8_t *)st->kex.text, st->kex.len }, message, payload));
}

static void ssh1_packet(struct oto_ctx *cx, struct oto_cur *c, int n)
{
	enum { PUBLIC_KEY = 2, SESSION_KEY = 3, CHECK = 4 };
	struct state *st = cx->state;
	uint32_t len = oto_be32(c);
	oto_skip(c, 8 - len % 8);
	uint8_t message = oto_u8(c);
	struct oto_slice payload = oto_take(c, len > CHECK ? len - CHECK - 1 : UINT32_MAX);

	if (c->bad)
		return;
	if (message == PUBLIC_KEY && n == SERVER)
		take_ssh1_key(cx, payload);
	if (message == PUBLIC_KEY || message == SESSION_KEY)
		st->side[n].phase = PHASE_ENCRYPTED;
}

/* ------------------------------------------------------------------------------------------------ who got in */

static void attempt(struct oto_ctx *cx, bool success)
{
	struct state *st = cx->state;

	if (st->compressed)
		return;
	st->has_auth = true;
	st->success = success;
	st->attempts++;
	if (oto_wanted(cx, EV_AUTH)) {
		struct ssh_auth e = { .success = success, .attempts = st->attempts };
		oto_emit(cx, EV_AUTH, &e);
	}
	if (success)
		tell(cx);
}

/* The server's answers in turn: to the request for the service, then to each attempt; a text for the user may come between. SUCCESS is 16
 * bytes shorter than SERVICE_ACCEPT, whatever cipher and MAC. */
static void answer(struct oto_ctx *cx, uint32_t len)
{
	enum { SHORTER = 16, TEXT_LEAST = 256 };
	struct state *st = cx->state;

	if (!st->accept_len) {
		st->accept_len = len;
	} else if (len + SHORTER == st->accept_len) {
		st->decided = true;
		attempt(cx, true);
	} else if (!st->failure_len) {
		if (!st->passed_banner && len > st->accept_len + TEXT_LEAST)
			st->passed_banner = true;
		else
			st->failure_len = len;
	} else if (len == st->failure_len) {
		attempt(cx, false);
	}
}

static void judge(struct oto_ctx *cx, int n)
{
	struct state *st = cx->state;
	struct burst *b = &st->side[n].burst;
	uint32_t len = b->len;

	b->len = 0;
	if (!len || st->decided || st->lost || st->version != 2)
		return;
	if (n == CLIENT)
		st->client_spoke = true;
	else if (st->client_spoke)
		answer(cx, len);
}

/* What came before this moment is complete; of both sides the older first. */
static void judge_before(struct oto_ctx *cx, int n, int64_t now)
{
	struct state *st = cx->state;
	int older = st->side[CLIENT].burst.ns <= st->side[SERVER].burst.ns ? CLIENT : SERVER;

	for (int i = 0; i < 2; i++) {
		int at = i ? !older : older;
		if (st->side[at].burst.len && (at != n || st->side[at].burst.ns != now))
			judge(cx, at);
	}
}

static void encrypted(struct oto_ctx *cx, int n, uint32_t len)
{
	struct state *st = cx->state;
	struct burst *b = &st->side[n].burst;
	int64_t now = cx->head->ts.ns;

	if (st->decided || st->lost || st->version != 2)
		return;
	judge_before(cx, n, now);
	b->ns = now;
	b->len += len;
}

/* ------------------------------------------------------------------------------------------------ framing */

/* A KEXINIT where a version line would be: the connection was joined late. */
static bool is_kexinit(struct oto_slice bytes)
{
	enum { KEXINIT = 20, LIST_AT = 22, LIST_MAX = 4096 };
	struct oto_cur c = oto_cur_of(bytes);
	uint32_t len = oto_be32(&c);
	uint8_t padding = oto_u8(&c), message = oto_u8(&c);

	oto_skip(&c, LIST_AT - 6);
	uint32_t list = oto_be32(&c);
	struct oto_slice name = oto_take(&c, 4);
	return !c.bad && message == KEXINIT && padding >= 4 && len < PACKET_MAX && list > 4 && list < LIST_MAX && list + LIST_AT < len &&
	       name.data[0] >= 'a' && name.data[0] <= 'z' && name.data[1] > ' ' && name.data[1] < 0x7f;
}

static int64_t line_length(struct oto_slice bytes)
{
	uint32_t n = say_find(bytes, '\n');

	if (n < bytes.len)
		return n + 1;
	return bytes.len < LINE_MAX_LEN ? 0 : -1;
}

static int64_t packet_length(const struct state *st, struct oto_cur c)
{
	uint32_t len = oto_be32(&c);

	if (c.bad)
		return 0;
	if (len < 2 || len > PACKET_MAX - 16)
		return -1;
	return st->version == 1 ? 4 + (int64_t)len + 8 - len % 8 : 4 + (int64_t)len;
}

static int64_t pdu_len(const struct oto_ctx *cx, struct oto_cur c)
{
	const struct state *st = cx->state;
	uint8_t phase = st->side[side_number(cx)].phase;
	struct oto_slice bytes = { c.at, oto_left(&c) };

	if (phase == PHASE_BANNER && !is_kexinit(bytes))
		return bytes.len && !bytes.data[0] && bytes.len < 32 ? 0 : line_length(bytes);
	return phase == PHASE_ENCRYPTED ? bytes.len : packet_length(st, c);
}

static void pdu(struct oto_ctx *cx, struct oto_cur *c)
{
	struct state *st = cx->state;
	int n = side_number(cx);
	struct side *s = &st->side[n];

	if (s->phase == PHASE_BANNER && is_kexinit((struct oto_slice){ c->at, oto_left(c) }))
		s->phase = PHASE_PACKETS;
	switch ((enum phase)s->phase) {
	case PHASE_BANNER:
		banner_line(cx, n, oto_rest(c));
		break;
	case PHASE_PACKETS:
		if (st->version == 1)
			ssh1_packet(cx, c, n);
		else
			ssh2_packet(cx, c, n);
		break;
	default:
		encrypted(cx, n, oto_left(c));
	}
}

static bool lost_inside(struct oto_ctx *cx, uint64_t n)
{
	struct state *st = cx->state;

	(void)n;
	return st->side[side_number(cx)].phase == PHASE_ENCRYPTED;
}

static void gap(struct oto_ctx *cx, uint64_t n)
{
	struct state *st = cx->state;

	(void)n;
	judge_before(cx, -1, 0);
	st->lost = true;
}

static void closing(struct oto_ctx *cx)
{
	judge_before(cx, -1, 0);
	tell(cx);
}

/* ------------------------------------------------------------------------------------------------ recognising */

static enum oto_answer probe(const struct oto_ctx *cx, struct oto_cur c)
{
	static const char form[] = "SSH-n.";
	struct oto_slice bytes = oto_rest(&c);

	for (uint32_t i = 0; i < sizeof form - 1; i++) {
		if (i == bytes.len)
			return OTO_NEED_MORE;
		if (form[i] == 'n' ? bytes.data[i] != '1' && bytes.data[i] != '2' : bytes.data[i] != (uint8_t)form[i]) {
			if (!cx->key)
				return OTO_NOT_MINE;
			if (is_kexinit(bytes))
				return OTO_MINE;
			/* lines before the version */
			for (uint32_t j = 0; j < bytes.len; j++) {
				if ((bytes.data[j] < ' ' && bytes.data[j] != '\r' && bytes.data[j] != '\n' && bytes.data[j] != '\t') ||
				    bytes.data[j] >= 0x7f)
					return OTO_NOT_MINE;
				if (j && bytes.data[j - 1] == '\n' && say_begins(say_from(bytes, j), "SSH-"))
					return OTO_MINE;
			}
			return OTO_NEED_MORE;
		}
	}
	return OTO_MINE;
}

static const struct oto_analyzer ssh = {
	.self_size = sizeof ssh,
	.name = "ssh",
	.doc = "The Secure Shell on any port.",
	.keys = "tcp/22",
	.flags = OTO_ANY_PORT,
	.probe = probe,
	.pdu_len = pdu_len,
	.pdu = pdu,
	.gap = gap,
	.lost_inside = lost_inside,
	.closing = closing,
	.state_size = sizeof(struct state),
	.max_pdu = PACKET_MAX,
	.events = events,
	.nevents = sizeof events / sizeof *events,
};
OTO_ANALYZER(ssh);
