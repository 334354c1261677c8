/* ntlm.c - NTLM authentication (MS-NLMP) inside other protocols: who signs in from which host to which server, and what both run.
 *
 * Parents deliver on the channel "ntlm" what they carry as a security token: a bare NTLMSSP message, or SPNEGO (RFC 4178) around one. Owns
 * the events and ntlm.log: Zeek's columns. What proves a password (responses, challenges, keys) is stepped over and goes nowhere. Clauses
 * are of MS-NLMP.
 */
#include "../say.h"
#include "../spnego.h"
#include "../wide.h"
#include "ntlm_windows.h"

enum { NEGOTIATE = 1, CHALLENGE = 2, AUTHENTICATE = 3 };
enum { FLAG_UNICODE = 1, FLAG_ANONYMOUS = 0x800, FLAG_VERSION = 0x02000000 };           /* 2.2.2.5 */
enum { AV_NB_COMPUTER = 1, AV_NB_DOMAIN, AV_DNS_COMPUTER, AV_DNS_DOMAIN, AV_DNS_TREE }; /* 2.2.2.1 */
enum { SIGNATURE = 8, PAIRS_MAX = 32, PROBE_DEPTH = 512, LMV1_RESPONSE = 24 };

static const struct oto_name type_rows[] = {
	{ NEGOTIATE, "negotiate", OTO_OP_NONE, "the client begins" },
	{ CHALLENGE, "challenge", OTO_OP_NONE, "the server names itself" },
	{ AUTHENTICATE, "authenticate", OTO_OP_AUTHENTICATE, "the client says who it is" },
};
static const struct oto_names types = OTO_NAMES(type_rows);

/* ------------------------------------------------------------------------------------------------ events */

struct ntlm_message {
	uint8_t type;
	uint32_t flags;
	struct oto_slice username, hostname, domainname, version, server_nb_computer_name, server_nb_domain_name, server_dns_computer_name,
	    server_dns_domain_name, server_tree_name;
	const char *os, *response;
};
#define M(m, doc_, ...) OTO_FIELD(struct ntlm_message, m, doc_, __VA_ARGS__)
static const struct oto_field message_fields[] = {
	M(type, "which of the three messages", .names = &types),
	M(flags, "what is negotiated", .flags = OTO_HEX | OTO_WIDE),
	M(username, "who signs in"),
	M(hostname, "the client's name of itself"),
	M(domainname, "domain or host that knows the user"),
	M(server_nb_computer_name, "NetBIOS name of the server"),
	M(server_nb_domain_name, "NetBIOS name of its domain"),
	M(server_dns_computer_name, "DNS name of the server"),
	M(server_dns_domain_name, "DNS name of its domain"),
	M(server_tree_name, "DNS name of its forest"),
	M(version, "version and build of the sender's operating system"),
	M(os, "which Windows that is"),
	M(response, "how the password is proven: anonymous, NTLMv1, NTLMv2"),
};
static const struct oto_event_type message_event =
    OTO_EVENT("ntlm.message", struct ntlm_message, message_fields, "One of the three messages, as it passes.");

struct ntlm_session {
	struct oto_time ts;
	struct oto_slice username, hostname, domainname, server_nb_computer_name, server_dns_computer_name, server_tree_name;
	bool success, has_success;
};
#define S(m, doc_, ...) OTO_FIELD(struct ntlm_session, m, doc_, __VA_ARGS__)
static const struct oto_field session_fields[] = {
	S(ts, "of its first message"),
	S(username, "who signs in"),
	S(hostname, "the client's name of itself"),
	S(domainname, "domain or host that knows the user"),
	S(server_nb_computer_name, "NetBIOS name of the server"),
	S(server_dns_computer_name, "DNS name of the server"),
	S(server_tree_name, "DNS name of its forest"),
	S(success, "whether it was accepted, where SPNEGO says", .guard = OTO_IF(struct ntlm_session, has_success)),
};
static const struct oto_log session_logs[] = {
	{ .name = "ntlm",
	  .doc = "NTLM authentications: Zeek's columns.",
	  .form = OTO_FORM_DETAIL,
	  .columns = "username hostname domainname server_nb_computer_name server_dns_computer_name server_tree_name success" },
};
static const struct oto_event_type session_event =
    OTO_EVENT("ntlm.session", struct ntlm_session, session_fields,
	      "An authentication: told when its result is, else before the next one or at the end.", OTO_LOGS(session_logs));

static const struct oto_event_type *const events[] = { &message_event, &session_event };
enum { EV_MESSAGE, EV_SESSION };

/* ------------------------------------------------------------------------------------------------ what is kept */

enum { NAME_MAX = 256 };

struct name {
	uint16_t len;
	uint8_t text[NAME_MAX];
};

struct state {
	bool open, told; /* there is a session; its row is written */
	bool authenticated;
	uint8_t result;
	struct oto_time first;
	struct name user, host, domain, nb_computer, dns_computer, tree;
};

static void keep(struct name *n, struct oto_slice text)
{
	if (!text.len)
		return;
	n->len = (uint16_t)(text.len < NAME_MAX ? text.len : NAME_MAX);
	memcpy(n->text, text.data, n->len);
}

static struct oto_slice kept(struct oto_ctx *cx, const struct name *n)
{
	return say_copy(cx, (struct oto_slice){ n->text, n->len });
}

static void tell(struct oto_ctx *cx)
{
	struct state *st = cx->state;

	if (!st->open || st->told)
		return;
	st->told = true;
	if (!oto_wanted(cx, EV_SESSION))
		return;
	struct ntlm_session s = {
		.ts = st->first,
		.username = kept(cx, &st->user),
		.hostname = kept(cx, &st->host),
		.domainname = kept(cx, &st->domain),
		.server_nb_computer_name = kept(cx, &st->nb_computer),
		.server_dns_computer_name = kept(cx, &st->dns_computer),
		.server_tree_name = kept(cx, &st->tree),
		.success = st->result == SPNEGO_ACCEPTED,
		.has_success = st->result != SPNEGO_NONE,
	};
	oto_emit(cx, EV_SESSION, &s);
}

/* A negotiate behind an authenticate is another attempt: guesses over one connection are rows of their own. */
static void session(struct oto_ctx *cx, uint8_t type)
{
	struct state *st = cx->state;

	if (st->open && type == NEGOTIATE && st->authenticated) {
		tell(cx);
		st->open = false;
	}
	if (st->open)
		return;
	*st = (struct state){ .open = true, .result = SPNEGO_NONE, .first = cx->head->ts };
}

/* ------------------------------------------------------------------------------------------------ messages */

struct message {
	struct ntlm_message e;
	struct oto_slice target_info;
	uint32_t nt_response, lm_response; /* lengths, nothing else of them */
	uint8_t major, minor;
	uint16_t build;
	bool has_version;
};

/* 2.2.1: length, room, offset from the start of the message. A field that points outside is bad. */
static struct oto_slice field(struct oto_cur *c)
{
	uint32_t len = oto_le16(c);
	oto_skip(c, 2);
	struct oto_cur there = oto_seek(c, oto_le32(c));

	if (!len)
		return (struct oto_slice){ 0 };
	struct oto_slice value = oto_take(&there, len);
	c->bad |= there.bad;
	return value;
}

/* Where the version stands, and with it the fixed part's end, is told by the flags; old clients leave it out all the same. */
static void version(struct message *m, struct oto_cur *c)
{
	if (!(m->e.flags & FLAG_VERSION) || oto_left(c) < 8)
		return;
	m->major = oto_u8(c);
	m->minor = oto_u8(c);
	m->build = oto_le16(c);
	m->has_version = m->major || m->minor || m->build;
}

static struct oto_slice text(struct oto_ctx *cx, const struct message *m, struct oto_slice s)
{
	return m->e.flags & FLAG_UNICODE ? wide_text(cx, s) : s;
}

static void negotiate(struct message *m, struct oto_cur *c)
{
	m->e.flags = oto_le32(c);
	if (oto_left(c) < 16)
		return;             /* the oldest form ends here */
	m->e.domainname = field(c); /* both in the OEM code page, whatever the flags say */
	m->e.hostname = field(c);
	version(m, c);
}

static void challenge(struct oto_ctx *cx, struct message *m, struct oto_cur *c)
{
	struct oto_slice target = field(c);

	m->e.flags = oto_le32(c);
	oto_skip(c, 8 + 8); /* the challenge itself is nobody's business */
	m->e.server_nb_domain_name = text(cx, m, target);
	if (oto_left(c) < 8)
		return;
	m->target_info = field(c);
	version(m, c);
}

static void authenticate(struct oto_ctx *cx, struct message *m, struct oto_cur *c)
{
	m->lm_response = field(c).len;
	m->nt_response = field(c).len;
	struct oto_slice domain = field(c), user = field(c), host = field(c);

	if (oto_left(c) >= 12) {
		field(c); /* session key */
		m->e.flags = oto_le32(c);
		version(m, c);
	}
	m->e.domainname = text(cx, m, domain);
	m->e.username = text(cx, m, user);
	m->e.hostname = text(cx, m, host);
	bool anonymous = !m->e.username.len && !m->nt_response;
	m->e.response = anonymous ? "anonymous" : m->nt_response == LMV1_RESPONSE ? "NTLMv1" : m->nt_response ? "NTLMv2" : NULL;
}

/* 2.2.2.1: always Unicode. */
static void target_info(struct oto_ctx *cx, struct message *m)
{
	struct oto_cur c = oto_cur_of(m->target_info);

	for (int i = 0; i < PAIRS_MAX && oto_left(&c) >= 4; i++) {
		uint16_t id = oto_le16(&c);
		struct oto_slice value = oto_take(&c, oto_le16(&c));
		struct oto_slice *where = id == AV_NB_COMPUTER    ? &m->e.server_nb_computer_name
					  : id == AV_NB_DOMAIN    ? &m->e.server_nb_domain_name
					  : id == AV_DNS_COMPUTER ? &m->e.server_dns_computer_name
					  : id == AV_DNS_DOMAIN   ? &m->e.server_dns_domain_name
					  : id == AV_DNS_TREE     ? &m->e.server_tree_name
								  : NULL;
		if (!id)
			return;
		if (where && value.len)
			*where = wide_text(cx, value);
	}
}

/* ------------------------------------------------------------------------------------------------ facts */

/* macOS and other clients say that they are the first release of Windows 7. */
static void system_facts(struct oto_ctx *cx, const struct message *m)
{
	enum { BORROWED = 7600 };
	uint8_t confidence = m->build == BORROWED ? SAY_HINT : SAY_STATED;

	if (!m->e.os)
		return;
	say_fact(cx, "os", oto_slice_of(m->e.os), confidence);
	say_fact(cx, "os_version", m->e.version, confidence);
}

static bool same_text(struct oto_slice a, struct oto_slice b)
{
	return a.len == b.len && (!a.len || memcmp(a.data, b.data, a.len) == 0);
}

/* A host outside of any domain calls itself its domain. */
static void server_facts(struct oto_ctx *cx, const struct ntlm_message *e)
{
	say_fact(cx, "hostname", e->server_nb_computer_name, SAY_STATED);
	if (say_find(e->server_dns_computer_name, '.') < e->server_dns_computer_name.len)
		say_fact(cx, "fqdn", e->server_dns_computer_name, SAY_STATED);
	if (!same_text(e->server_nb_domain_name, e->server_nb_computer_name))
		say_fact(cx, "domain", e->server_dns_domain_name.len ? e->server_dns_domain_name : e->server_nb_domain_name, SAY_STATED);
}

static void client_facts(struct oto_ctx *cx, const struct ntlm_message *e)
{
	say_fact(cx, "hostname", e->hostname, SAY_STATED);
	if (!e->username.len)
		return;
	if (e->domainname.len && say_find(e->username, '@') == e->username.len)
		say_fact(cx, "user",
			 say_text(cx, e->domainname.len + e->username.len + 1, "%.*s\\%.*s", (int)e->domainname.len,
				  (const char *)e->domainname.data, (int)e->username.len, (const char *)e->username.data),
			 SAY_STATED);
	else
		say_fact(cx, "user", e->username, SAY_STATED);
}

/* ------------------------------------------------------------------------------------------------ tokens */

static void speak(struct oto_ctx *cx, struct message *m)
{
	struct state *st = cx->state;

	if (m->has_version) {
		m->e.version = say_text(cx, 16, "%u.%u.%u", m->major, m->minor, m->build);
		m->e.os = ntlm_windows(m->major, m->minor, m->build);
	}
	session(cx, m->e.type);
	if (m->e.type == CHALLENGE) {
		keep(&st->nb_computer, m->e.server_nb_computer_name);
		keep(&st->dns_computer, m->e.server_dns_computer_name);
		keep(&st->tree, m->e.server_tree_name);
		server_facts(cx, &m->e);
	} else if (m->e.type == AUTHENTICATE) {
		st->authenticated = true;
		keep(&st->user, m->e.username);
		keep(&st->host, m->e.hostname);
		keep(&st->domain, m->e.domainname);
		client_facts(cx, &m->e);
	}
	system_facts(cx, m);
	if (oto_wanted(cx, EV_MESSAGE))
		oto_emit(cx, EV_MESSAGE, &m->e);
}

static bool is_ntlm(struct oto_slice s)
{
	return s.len >= SIGNATURE && memcmp(s.data, "NTLMSSP", SIGNATURE) == 0;
}

static void token(struct oto_ctx *cx, struct oto_cur *outer, struct oto_slice bytes)
{
	struct oto_cur c = oto_cur_of(bytes);
	struct message m = { 0 };

	if (!is_ntlm(bytes))
		return; /* another mechanism's */
	oto_skip(&c, SIGNATURE);
	uint32_t type = oto_le32(&c);
	m.e.type = (uint8_t)type;
	if (type == NEGOTIATE) {
		negotiate(&m, &c);
	} else if (type == CHALLENGE) {
		challenge(cx, &m, &c);
		target_info(cx, &m);
	} else if (type == AUTHENTICATE) {
		authenticate(cx, &m, &c);
	} else {
		return;
	}
	if (c.bad)
		outer->bad = true;
	else
		speak(cx, &m);
}

static void result(struct oto_ctx *cx, uint8_t negotiation_state)
{
	struct state *st = cx->state;

	if (!st->open || st->told || negotiation_state == SPNEGO_INCOMPLETE || negotiation_state == SPNEGO_NONE)
		return;
	st->result = negotiation_state;
	tell(cx);
}

static void pdu(struct oto_ctx *cx, struct oto_cur *c)
{
	struct oto_cur look = *c;
	struct oto_slice all = oto_rest(&look);
	struct spnego s;

	if (is_ntlm(all)) {
		token(cx, c, all);
	} else if (spnego_read(c, &s)) {
		if (s.token.len)
			token(cx, c, s.token);
		result(cx, s.state);
	}
}

static void closing(struct oto_ctx *cx)
{
	tell(cx);
}

/* Anything that has an NTLMSSP message near its start: parents deliver tokens of other mechanisms, too. */
static enum oto_answer probe(const struct oto_ctx *cx, struct oto_cur c)
{
	struct oto_slice s = say_first(oto_rest(&c), PROBE_DEPTH);

	(void)cx;
	for (uint32_t at = 0; s.len >= SIGNATURE; at = 1) {
		s = say_from(s, at);
		s = say_from(s, say_find(s, 'N'));
		if (is_ntlm(s))
			return OTO_MINE;
	}
	return OTO_NOT_MINE;
}

static const struct oto_analyzer ntlm = {
	.self_size = sizeof ntlm,
	.name = "ntlm",
	.doc = "NTLM authentication, bare and in SPNEGO, inside SMB, DCE/RPC and others.",
	.keys = "ntlm",
	.probe = probe,
	.pdu = pdu,
	.closing = closing,
	.state_size = sizeof(struct state),
	.events = events,
	.nevents = sizeof events / sizeof *events,
};
OTO_ANALYZER(ntlm);
