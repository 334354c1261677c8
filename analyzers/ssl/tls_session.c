/* tls_session.c - see tls_session.h. Specification: RFC 5246, RFC 8446, RFC 6347, RFC 6101. */
#include "tls_session.h"

#include "tls_certificate.h"
#include "tls_fingerprint.h"

enum { HISTORY_MAX = 100, CHAIN_MAX = 16, NAME_MAX_LEN = 255, PROTOCOL_MAX = 64, SESSION_ID_MAX = 32 };

struct tls_session {
	struct oto_time ts;
	uint32_t cipher;
	uint16_t version, curve;
	bool has_version, has_cipher, has_curve, has_alert, has_name;
	bool established, resumed, ticket_alone, key_exchanged, psk_offered, retry, hint;
	bool encrypted[2]; /* of the server, of the client */
	bool matches, has_matches, has_chain;
	uint8_t alert;
	uint8_t id_len, name_len, protocol_len, history_len;
	uint8_t nchain[2];
	uint8_t id[SESSION_ID_MAX], name[NAME_MAX_LEN], protocol[PROTOCOL_MAX];
	char history[HISTORY_MAX];
	char ja3[TLS_JA3_LEN], ja3s[TLS_JA3_LEN], ja4[TLS_JA4_LEN];
	bool has_ja3, has_ja3s;
	uint8_t chain[2][CHAIN_MAX][TLS_FINGERPRINT];
};

/* ------------------------------------------------------------------------------------------------ events */

struct client_hello {
	uint16_t version, offered;
	struct oto_slice server_name;
	struct oto_list protocols;
	struct oto_vec ciphers, extensions, groups, signatures, versions;
	struct oto_slice random, session_id, ja3, ja4;
	bool cookie, encrypted_hello, has_versions;
};
#define C(m, doc_, ...) OTO_FIELD(struct client_hello, m, doc_, __VA_ARGS__)
static const struct oto_field client_hello_fields[] = {
	C(version, "version of the message", .names = &tls_versions),
	C(offered, "highest version offered", .names = &tls_versions),
	C(server_name, "name asked for (SNI)"),
	C(protocols, "protocols offered (ALPN)"),
	C(ciphers, "cipher suites offered", .names = &tls_ciphers),
	C(extensions, "extensions, in their order", .names = &tls_extensions),
	C(groups, "groups offered", .names = &tls_groups),
	C(signatures, "signature algorithms offered", .flags = OTO_HEX),
	C(versions, "versions offered by the extension", .names = &tls_versions, .guard = OTO_IF(struct client_hello, has_versions)),
	C(random, "random of the client", .flags = OTO_HEX),
	C(session_id, "session to go on with", .flags = OTO_HEX),
	C(cookie, "brings the cookie of DTLS back"),
	C(encrypted_hello, "another hello is encrypted in it (ECH)"),
	C(ja3, "JA3 fingerprint"),
	C(ja4, "JA4 fingerprint"),
};
const struct oto_event_type tls_client_hello_event = OTO_EVENT("tls.client_hello", struct client_hello, client_hello_fields,
							       "What a client offers, over TLS, DTLS or in an initial packet of QUIC.");

struct server_hello {
	uint16_t version, chosen;
	uint32_t cipher;
	uint16_t group;
	struct oto_list protocols;
	struct oto_vec extensions;
	struct oto_slice random, session_id, ja3s;
	bool retry, has_group;
};
#define S(m, doc_, ...) OTO_FIELD(struct server_hello, m, doc_, __VA_ARGS__)
static const struct oto_field server_hello_fields[] = {
	S(version, "version of the message", .names = &tls_versions),
	S(chosen, "version chosen", .names = &tls_versions),
	S(cipher, "cipher suite chosen", .names = &tls_ciphers),
	S(group, "group of the key share", .names = &tls_groups, .guard = OTO_IF(struct server_hello, has_group)),
	S(protocols, "protocol chosen (ALPN), where it is not encrypted"),
	S(extensions, "extensions, in their order", .names = &tls_extensions),
	S(random, "random of the server", .flags = OTO_HEX),
	S(session_id, "session", .flags = OTO_HEX),
	S(retry, "another hello is asked for"),
	S(ja3s, "JA3S fingerprint"),
};
const struct oto_event_type tls_server_hello_event =
    OTO_EVENT("tls.server_hello", struct server_hello, server_hello_fields, "What a server chose.");

struct alert {
	uint8_t level, description;
	bool from_client;
};
#define A(m, doc_, ...) OTO_FIELD(struct alert, m, doc_, __VA_ARGS__)
static const struct oto_field alert_fields[] = {
	A(level, "how bad it is", .names = &tls_alert_levels),
	A(description, "what is wrong", .names = &tls_alerts),
	A(from_client, "the client says so"),
};
const struct oto_event_type tls_alert_event = OTO_EVENT("tls.alert", struct alert, alert_fields, "An alert that is not encrypted.");

struct established {
	uint16_t version;
	uint32_t cipher;
	struct oto_slice server_name;
	bool resumed, has_version, has_cipher;
};
#define E(m, doc_, ...) OTO_FIELD(struct established, m, doc_, __VA_ARGS__)
static const struct oto_field established_fields[] = {
	E(version, "version chosen", .names = &tls_versions, .guard = OTO_IF(struct established, has_version)),
	E(cipher, "cipher suite chosen", .names = &tls_ciphers, .guard = OTO_IF(struct established, has_cipher)),
	E(server_name, "name asked for"),
	E(resumed, "goes on with an earlier session"),
};
const struct oto_event_type tls_established_event =
    OTO_EVENT("tls.established", struct established, established_fields, "Both sides have begun to encrypt.");

struct connection {
	struct oto_time ts;
	struct oto_slice version, cipher, curve, server_name, last_alert, next_protocol, ssl_history, ja3, ja3s, ja4;
	bool resumed, established, sni_matches_cert, has_matches, has_chain;
	struct oto_list cert_chain_fps, client_cert_chain_fps;
};
#define N(m, doc_, ...) OTO_FIELD(struct connection, m, doc_, __VA_ARGS__)
#define IF(has) .guard = OTO_IF(struct connection, has)
static const struct oto_field connection_fields[] = {
	N(ts, "of the first message"),
	N(version, "version the server chose"),
	N(cipher, "cipher suite the server chose"),
	N(curve, "group of the key exchange"),
	N(server_name, "name the client asked for"),
	N(resumed, "goes on with an earlier session"),
	N(last_alert, "the last alert that is not encrypted"),
	N(next_protocol, "application protocol the server chose, where it is not encrypted"),
	N(established, "both sides have begun to encrypt"),
	N(ssl_history,
	  "messages in their order, a letter each, the client's in capitals: C client hello, S server hello, X certificate, K key exchange "
	  "of "
	  "the server, R certificate asked for, N hello done, G key exchange of the client, Y certificate verified, I cipher changed, F "
	  "finished, T session ticket, U certificate status, V hello verify, H hello request, J retry, L alert, B heartbeat, Z unknown; ^ "
	  "the responder is the client"),
	N(cert_chain_fps, "SHA-256 of the server's certificates", IF(has_chain)),
	N(client_cert_chain_fps, "SHA-256 of the client's certificates", IF(has_chain)),
	N(sni_matches_cert, "the certificate is good for the name asked for", IF(has_matches)),
	N(ja3, "JA3 fingerprint of the client"),
	N(ja3s, "JA3S fingerprint of the server"),
	N(ja4, "JA4 fingerprint of the client"),
};
static const struct oto_log connection_logs[] = {
	{ .name = "ssl",
	  .doc = "A row per connection of SSL, TLS or DTLS, told when it is established or ends.",
	  .columns = "version cipher curve server_name resumed last_alert next_protocol established ssl_history cert_chain_fps "
		     "client_cert_chain_fps sni_matches_cert",
	  .extra = "ja3 ja3s ja4 orig_l2_addr=orig_mac resp_l2_addr=resp_mac",
	  .form = OTO_FORM_DETAIL },
};
const struct oto_event_type tls_connection_event = OTO_EVENT(
    "tls.connection", struct connection, connection_fields, "The handshake of a connection, as far as it came.", OTO_LOGS(connection_logs));

/* ------------------------------------------------------------------------------------------------ the row */

static struct oto_list chain_of(struct oto_ctx *cx, const struct tls_session *s, bool client)
{
	static const char digits[] = "0123456789abcdef";
	struct oto_slice *items = oto_scratch(cx, (s->nchain[client] + 1u) * sizeof *items);
	uint32_t n = 0;

	for (; items && n < s->nchain[client]; n++) {
		uint8_t *text = oto_scratch(cx, TLS_FINGERPRINT * 2);
		if (!text)
			break;
		for (uint32_t i = 0; i < TLS_FINGERPRINT; i++) {
			text[i * 2] = (uint8_t)digits[s->chain[client][n][i] >> 4];
			text[i * 2 + 1] = (uint8_t)digits[s->chain[client][n][i] & 15];
		}
		items[n] = (struct oto_slice){ text, TLS_FINGERPRINT * 2 };
	}
	return (struct oto_list){ items, n };
}

static struct oto_slice copy(struct oto_ctx *cx, const void *text, uint32_t len, bool has)
{
	return has ? say_copy(cx, (struct oto_slice){ text, len }) : (struct oto_slice){ 0 };
}

static void tell(struct oto_ctx *cx, struct tls_flow *f)
{
	const struct tls_session *s = f->session;

	if (oto_wanted(cx, EV_TLS_CONNECTION)) {
		struct connection e = {
			.ts = s->ts,
			.version = s->has_version ? tls_version_word(cx, s->version) : (struct oto_slice){ 0 },
			.cipher = s->has_cipher ? tls_word(cx, &tls_ciphers, s->cipher) : (struct oto_slice){ 0 },
			.curve = s->has_curve ? tls_word(cx, &tls_groups, s->curve) : (struct oto_slice){ 0 },
			.server_name = copy(cx, s->name, s->name_len, s->has_name),
			.last_alert = s->has_alert ? tls_word(cx, &tls_alerts, s->alert) : (struct oto_slice){ 0 },
			.next_protocol = copy(cx, s->protocol, s->protocol_len, s->protocol_len),
			.ssl_history = copy(cx, s->history, s->history_len, true),
			.ja3 = copy(cx, s->ja3, TLS_JA3_LEN, s->has_ja3),
			.ja3s = copy(cx, s->ja3s, TLS_JA3_LEN, s->has_ja3s),
			.ja4 = copy(cx, s->ja4, TLS_JA4_LEN, s->has_ja3),
			.resumed = s->resumed,
			.established = s->established,
			.sni_matches_cert = s->matches,
			.has_matches = s->has_matches,
			.has_chain = s->has_chain,
		};
		if (s->has_chain) {
			e.cert_chain_fps = chain_of(cx, s, false);
			e.client_cert_chain_fps = chain_of(cx, s, true);
		}
		oto_emit(cx, EV_TLS_CONNECTION, &e);
	}
	oto_let_go(cx, f->session);
	f->session = NULL;
	f->done = true;
}

static void add_history(const struct oto_ctx *cx, const struct tls_flow *f, char letter)
{
	struct tls_session *s = f->session;

	if (s->history_len < HISTORY_MAX)
		s->history[s->history_len++] = tls_from_client(cx, f) ? (char)(letter - 'a' + 'A') : letter;
}

static struct tls_session *session_of(struct oto_ctx *cx, struct tls_flow *f)
{
	if (!f->session && !f->done) {
		f->session = oto_hold(cx, sizeof *f->session);
		if (f->session)
			f->session->ts = cx->head->ts;
	}
	return f->session;
}

static char letter_of(uint8_t type, bool retry)
{
	static const char letters[] = "hcsvtejzoz-xkrnyg---fwuap";

	if (type == TLS_SERVER_HELLO && retry)
		return 'j';
	if (type == 254)
		return 'm';
	char letter = type < sizeof letters - 1 ? letters[type] : 'z';
	return letter == '-' ? 'z' : letter;
}

/* ------------------------------------------------------------------------------------------------ hello */

/* A name, or an address: both come, the second against RFC 6066 3. */
static bool is_name(struct oto_slice s)
{
	bool letter = false;

	for (uint32_t i = 0; i < s.len; i++) {
		uint8_t c = s.data[i];
		if (c <= ' ' || c >= 0x7f)
			return false;
		letter |= say_lower(c) >= 'a' && say_lower(c) <= 'z';
	}
	return letter && say_find(s, ':') == s.len;
}

void tls_tell_client_hello(struct oto_ctx *cx, const struct tls_hello *h)
{
	if (oto_wanted(cx, EV_TLS_CLIENT_HELLO)) {
		struct client_hello e = {
			.version = h->version,
			.offered = tls_offered_version(h),
			.server_name = h->server_name,
			.protocols = tls_protocols(cx, h),
			.ciphers = h->ciphers,
			.extensions = h->extensions,
			.groups = h->groups,
			.signatures = h->signatures,
			.versions = h->versions,
			.has_versions = h->versions.count,
			.random = h->random,
			.session_id = h->session_id,
			.cookie = h->cookie.len,
			.encrypted_hello = h->has_encrypted_hello,
			.ja3 = h->ja3,
			.ja4 = h->ja4,
		};
		oto_emit(cx, EV_TLS_CLIENT_HELLO, &e);
	}
	say_fact(cx, "tls_fingerprint", h->ja4, SAY_HINT);
	if (is_name(h->server_name)) {
		oto_fact(cx, &(struct oto_fact){ .self_size = sizeof(struct oto_fact),
						 .key = "hostname",
						 .value = h->server_name,
						 .confidence = SAY_HINT,
						 .whose = OTO_RECEIVER });
	}
}

static void tell_weak(struct oto_ctx *cx, const struct tls_hello *h)
{
	const char *why = tls_cipher_weakness(h->cipher);

	/* Those of DTLS count downwards, 1.0 being TLS 1.1's. */
	if (h->ssl2 || (tls_is_dtls(h->chosen) ? h->chosen > TLS_DTLS_1_2 : h->chosen < TLS_1_2))
		say_fact(cx, "weak_tls", tls_version_word(cx, h->chosen), SAY_SURE);
	if (why && h->cipher)
		say_fact(cx, "weak_cipher", tls_word(cx, &tls_ciphers, h->cipher), SAY_SURE);
}

void tls_tell_server_hello(struct oto_ctx *cx, const struct tls_hello *h)
{
	if (oto_wanted(cx, EV_TLS_SERVER_HELLO)) {
		struct server_hello e = {
			.version = h->version,
			.chosen = h->chosen,
			.cipher = h->cipher,
			.group = h->group,
			.has_group = h->group,
			.protocols = tls_protocols(cx, h),
			.extensions = h->extensions,
			.random = h->random,
			.session_id = h->session_id,
			.retry = h->retry,
			.ja3s = h->ja3,
		};
		oto_emit(cx, EV_TLS_SERVER_HELLO, &e);
	}
	if (!h->retry)
		tell_weak(cx, h);
}

static uint8_t keep(uint8_t *to, uint32_t size, struct oto_slice s)
{
	uint32_t n = s.len < size ? s.len : size;

	if (n)
		memcpy(to, s.data, n);
	return (uint8_t)n;
}

static bool is_zero(struct oto_slice s)
{
	for (uint32_t i = 0; i < s.len; i++) {
		if (s.data[i])
			return false;
	}
	return true;
}

/* Who says hello first as a client is one, whoever opened the flow (DTLS behind STUN). */
static void find_client(struct oto_ctx *cx, struct tls_flow *f, bool client_speaks)
{
	struct tls_session *s = f->session;

	if (s->history_len || cx->is_orig == client_speaks)
		return;
	f->flipped = true;
	s->history[s->history_len++] = '^';
}

static void take_client_hello(struct oto_ctx *cx, struct tls_flow *f, const struct tls_hello *h)
{
	struct tls_session *s = f->session;

	s->ticket_alone |= h->has_ticket;
	s->psk_offered |= h->has_psk;
	if (h->server_name.len) {
		s->name_len = keep(s->name, NAME_MAX_LEN, h->server_name);
		s->has_name = true;
	}
	if (h->session_id.len && !is_zero(h->session_id)) {
		s->id_len = keep(s->id, SESSION_ID_MAX, h->session_id);
		s->ticket_alone = false;
	}
	s->has_ja3 = keep((uint8_t *)s->ja3, TLS_JA3_LEN, h->ja3) && keep((uint8_t *)s->ja4, TLS_JA4_LEN, h->ja4);
	tls_tell_client_hello(cx, h);
}

static void take_server_hello(struct oto_ctx *cx, struct tls_flow *f, const struct tls_hello *h)
{
	struct tls_session *s = f->session;

	f->is_13 = tls_is_13(h->chosen);
	s->version = h->chosen;
	s->cipher = h->cipher;
	s->has_version = s->has_cipher = true;
	s->retry = h->retry;
	if (h->group) {
		s->curve = h->group;
		s->has_curve = true;
	}
	bool same_id = s->id_len && s->id_len == h->session_id.len && memcmp(s->id, h->session_id.data, s->id_len) == 0;
	s->resumed |= (same_id && !tls_is_13(h->chosen)) || (h->has_psk && s->psk_offered);
	struct oto_slice protocol = tls_first_protocol(h);
	if (protocol.len)
		s->protocol_len = keep(s->protocol, PROTOCOL_MAX, protocol);
	s->has_ja3s = keep((uint8_t *)s->ja3s, TLS_JA3_LEN, h->ja3);
	tls_tell_server_hello(cx, h);
}

/* ------------------------------------------------------------------------------------------------ certificates */

static void take_certificate(struct oto_ctx *cx, struct tls_flow *f, struct oto_slice der, bool first)
{
	struct tls_session *s = f->session;
	bool client = tls_from_client(cx, f);
	struct tls_certificate x;

	if (!tls_tell_certificate(cx, EV_TLS_CERTIFICATE, der, first, client, &x))
		return;
	s->has_chain = true;
	if (s->nchain[client] < CHAIN_MAX)
		memcpy(s->chain[client][s->nchain[client]++], x.fingerprint.data, TLS_FINGERPRINT);
	if (first && !client && s->has_name) {
		s->has_matches = true;
		s->matches = tls_certificate_is_for(der, (struct oto_slice){ s->name, s->name_len });
	}
}

static void take_chain(struct oto_ctx *cx, struct tls_flow *f, struct oto_slice body)
{
	struct oto_cur c = oto_cur_of(body), list = oto_sub(&c, oto_be24(&c));
	uint32_t n = 0;

	for (; oto_left(&list) && n < CHAIN_MAX; n++) {
		struct oto_slice der = oto_take(&list, oto_be24(&list));
		if (list.bad)
			break;
		take_certificate(cx, f, der, n == 0);
	}
	if (c.bad || list.bad)
		oto_weird(cx, "bad_certificate_message", (struct oto_slice){ 0 });
	else if (oto_left(&list))
		oto_weird(cx, "too_many_certificates", (struct oto_slice){ 0 });
}

/* ------------------------------------------------------------------------------------------------ messages */

/* RFC 8422 5.4: the curve by its name, in front of the point. */
static void take_key_exchange(struct tls_session *s, struct oto_slice body)
{
	enum { NAMED_CURVE = 3 };
	struct oto_cur c = oto_cur_of(body);
	bool hint;

	if (!s->has_cipher || !tls_cipher_has_curve(s->cipher, &hint))
		return;
	if (hint)
		oto_skip(&c, oto_be16(&c));
	uint8_t type = oto_u8(&c);
	uint16_t curve = oto_be16(&c);
	if (c.bad || type != NAMED_CURVE)
		return;
	s->curve = curve;
	s->has_curve = true;
}

static bool begins(uint8_t type)
{
	return type == TLS_CLIENT_HELLO || type == TLS_SERVER_HELLO || type == TLS_HELLO_REQUEST || type == TLS_HELLO_VERIFY_REQUEST;
}

/* Behind the row of TLS 1.3 a retry may still bring hellos in clear. */
static void take_hello(struct oto_ctx *cx, struct tls_flow *f, uint8_t type, struct oto_slice body, char carrier)
{
	struct tls_hello h;
	struct oto_cur c = oto_cur_of(body);
	bool client = type == TLS_CLIENT_HELLO;

	if (!(client ? tls_read_client_hello(cx, c, &h) : tls_read_server_hello(cx, c, &h))) {
		oto_weird(cx, client ? "bad_client_hello" : "bad_server_hello", (struct oto_slice){ 0 });
		return;
	}
	if (client)
		tls_fingerprint_client(cx, &h, carrier);
	else
		tls_fingerprint_server(cx, &h);
	if (f->session && client)
		take_client_hello(cx, f, &h);
	else if (f->session)
		take_server_hello(cx, f, &h);
	else if (client)
		tls_tell_client_hello(cx, &h);
	else
		tls_tell_server_hello(cx, &h);
}

void tls_message(struct oto_ctx *cx, struct tls_flow *f, uint8_t type, struct oto_slice body, char carrier)
{
	bool hello = type == TLS_CLIENT_HELLO || type == TLS_SERVER_HELLO;
	struct tls_session *s = begins(type) ? session_of(cx, f) : f->session;

	if (s && hello)
		find_client(cx, f, type == TLS_CLIENT_HELLO);
	if (hello)
		take_hello(cx, f, type, body, carrier);
	if (!s)
		return;
	if (type == TLS_CERTIFICATE && !tls_is_13(s->version))
		take_chain(cx, f, body);
	else if (type == TLS_SERVER_KEY_EXCHANGE)
		take_key_exchange(s, body);
	else if (type == TLS_CLIENT_KEY_EXCHANGE)
		s->key_exchanged = true;
	add_history(cx, f, letter_of(type, s->retry));
	s->retry = false;
}

void tls_ssl2_message(struct oto_ctx *cx, struct tls_flow *f, struct oto_slice message, bool chosen)
{
	enum { CLIENT_HELLO = 1, CLIENT_MASTER_KEY = 2, SERVER_HELLO = 4 };
	struct oto_slice certificate;
	struct tls_hello h;
	struct oto_cur c = oto_cur_of(message), look = c;
	uint8_t type = oto_u8(&look);

	if (type == CLIENT_HELLO && tls_read_ssl2_client_hello(c, &h) && session_of(cx, f)) {
		find_client(cx, f, true);
		take_client_hello(cx, f, &h);
		add_history(cx, f, 'c');
	} else if (type == SERVER_HELLO && tls_read_ssl2_server_hello(c, &h, &certificate) && session_of(cx, f)) {
		find_client(cx, f, false);
		take_server_hello(cx, f, &h);
		add_history(cx, f, 's');
		if (certificate.len)
			take_certificate(cx, f, certificate, true);
	} else if (chosen && f->session && !f->session->encrypted[1]) {
		f->session->encrypted[0] = f->session->encrypted[1] = type == CLIENT_MASTER_KEY;
	} else if (chosen) {
		tls_ciphertext(cx, f, false);
	}
}

void tls_alert(struct oto_ctx *cx, struct tls_flow *f, uint8_t level, uint8_t description)
{
	struct tls_session *s = f->session;
	struct alert e = { level, description, tls_from_client(cx, f) };

	oto_emit(cx, EV_TLS_ALERT, &e);
	if (!s)
		return;
	add_history(cx, f, 'l');
	s->alert = description;
	s->has_alert = true;
}

/* RFC 6520 4: what asks for more than it brings reads the other side's memory (CVE-2014-0160). */
void tls_heartbeat(struct oto_ctx *cx, struct tls_flow *f, uint8_t type, uint32_t claimed, uint32_t carried)
{
	enum { REQUEST = 1 };

	if (type == REQUEST && claimed > carried)
		oto_weird(cx, "heartbleed", (struct oto_slice){ 0 });
	if (f->session)
		add_history(cx, f, 'b');
}

static void establish(struct oto_ctx *cx, struct tls_flow *f)
{
	struct tls_session *s = f->session;
	struct established e = {
		.version = s->version,
		.cipher = s->cipher,
		.has_version = s->has_version,
		.has_cipher = s->has_cipher,
		.server_name = copy(cx, s->name, s->name_len, s->has_name),
		.resumed = s->resumed,
	};

	s->established = true;
	oto_emit(cx, EV_TLS_ESTABLISHED, &e);
	tell(cx, f);
}

void tls_change_cipher(struct oto_ctx *cx, struct tls_flow *f)
{
	struct tls_session *s = f->session;
	bool client = tls_from_client(cx, f);

	if (!s)
		return;
	add_history(cx, f, 'i');
	s->resumed |= client && s->ticket_alone && !s->key_exchanged;
	s->encrypted[client] = true;
}

void tls_ciphertext(struct oto_ctx *cx, struct tls_flow *f, bool application_data)
{
	struct tls_session *s = f->session;
	bool client = tls_from_client(cx, f);

	if (!s)
		return;
	/* TLS 1.3 may do without a change of cipher. */
	if (application_data && (!s->has_version || tls_is_13(s->version)))
		s->encrypted[client] = true;
	if (s->encrypted[0] && s->encrypted[1])
		establish(cx, f);
}

bool tls_is_encrypted(const struct oto_ctx *cx, const struct tls_flow *f)
{
	return f->done || (f->session && f->session->encrypted[tls_from_client(cx, f)]);
}

void tls_close(struct oto_ctx *cx, struct tls_flow *f)
{
	if (f->session)
		tell(cx, f);
}
