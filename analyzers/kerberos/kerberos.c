/* kerberos.c - Kerberos 5 (RFC 4120) over UDP and TCP, and in the security blobs of other protocols.
 *
 * Owns the events and kerberos.log: Zeek's columns, a row for the first exchange of a flow that succeeded or failed. Tickets, keys and
 * what authenticates are never shown. Reading is kerberos_message.c's; certificates of public key authentication are ber_name.h's.
 */
#include "kerberos_message.h"
#include "kerberos_tables.h"
#include "../ber_name.h"
#include "../spnego.h"
#include "../ssl/tls_certificate.h"

/* ------------------------------------------------------------------------------------------------ kerberos.message */

struct kerberos_event {
	uint8_t message;
	uint32_t error, cipher;
	struct oto_slice client, client_realm, service, realm, error_text, netbios_name;
	struct oto_time from, till, renew_till, server_time;
	struct oto_vec etypes;
	bool forwardable, renewable, preauth, has_client, has_service, has_error, has_cipher, has_options, has_from, has_till,
	    has_renew_till, has_server_time, has_error_text, has_netbios, has_client_realm, has_realm, has_etypes, is_request;
};

#define M(m, doc_, ...) OTO_FIELD(struct kerberos_event, m, doc_, __VA_ARGS__)
#define M_IF(has) .guard = OTO_IF(struct kerberos_event, has)
static const struct oto_field message_fields[] = {
	M(message, "what it is", .names = &kerberos_types),
	M(client, "who asks, without the realm", M_IF(has_client)),
	M(client_realm, "the client's realm", M_IF(has_client_realm)),
	M(service, "for which service", M_IF(has_service)),
	M(realm, "the service's realm", M_IF(has_realm)),
	M(error, "why it was refused", .names = &kerberos_errors, M_IF(has_error)),
	M(error_text, "the same in the server's words", M_IF(has_error_text)),
	M(cipher, "what the ticket is encrypted with", .names = &kerberos_ciphers, M_IF(has_cipher)),
	M(etypes, "types of encryption that the client offers", .names = &kerberos_ciphers, M_IF(has_etypes)),
	M(preauth, "the request proves that the client knows its key", M_IF(is_request)),
	M(forwardable, "a ticket is wanted that can be forwarded", M_IF(has_options)),
	M(renewable, "a ticket is wanted that can be renewed", M_IF(has_options)),
	M(from, "wanted from", M_IF(has_from)),
	M(till, "wanted until", M_IF(has_till)),
	M(renew_till, "wanted renewable until", M_IF(has_renew_till)),
	M(netbios_name, "the client's NetBIOS name, from its addresses", M_IF(has_netbios)),
	M(server_time, "the server's clock, of an error", M_IF(has_server_time)),
};
static const struct oto_log message_logs[] = {
	{ .name = "kerberos_detailed",
	  .doc = "Kerberos messages: who asked whom for what, with which encryption, and how it went.",
	  .form = OTO_FORM_AGGREGATE,
	  .flags = OTO_LOG_NOT_ZEEK,
	  .columns = "message client client_realm service realm error error_text cipher preauth netbios_name",
	  .extra = "etypes forwardable renewable from till renew_till server_time",
	  .key = "orig_h resp_h resp_p message client client_realm service realm error error_text cipher preauth netbios_name" },
};
static const struct oto_event_type message_event =
    OTO_EVENT("kerberos.message", struct kerberos_event, message_fields, "One Kerberos message.", OTO_LOGS(message_logs));

/* ------------------------------------------------------------------------------------------------ kerberos.exchange */

enum { TEXT_MAX = 512, SUBJECT_MAX = 256, CERTIFICATES_MAX = 16 };

/* A row of kerberos.log, and what a flow keeps. */
struct kerberos_exchange {
	struct oto_time ts, from, till;
	const char *request_type, *cipher, *fuid;
	struct oto_slice client, service, error_msg, client_cert_subject, server_cert_subject;
	bool success, forwardable, renewable, has_client, has_service, has_success, has_error, has_from, has_till, has_options,
	    has_client_cert, has_server_cert;
};

#define X(m, doc_, ...) OTO_FIELD(struct kerberos_exchange, m, doc_, __VA_ARGS__)
#define X_IF(has) .guard = OTO_IF(struct kerberos_exchange, has)
static const struct oto_field exchange_fields[] = {
	X(ts, "time of the first message"),
	X(request_type, "AS asks for a first ticket, TGS for one for a service"),
	X(client, "who asks, with the realm", X_IF(has_client)),
	X(service, "for which service", X_IF(has_service)),
	X(success, "was a ticket given?", X_IF(has_success)),
	X(error_msg, "why not", X_IF(has_error)),
	X(from, "wanted from", X_IF(has_from)),
	X(till, "wanted until", X_IF(has_till)),
	X(cipher, "what the ticket is encrypted with"),
	X(forwardable, "a ticket is wanted that can be forwarded", X_IF(has_options)),
	X(renewable, "a ticket is wanted that can be renewed", X_IF(has_options)),
	X(client_cert_subject, "whose certificate the client showed", X_IF(has_client_cert)),
	X(server_cert_subject, "whose certificate the server showed", X_IF(has_server_cert)),
	X(fuid, "always absent: files have no identifiers"),
};
static const struct oto_log exchange_logs[] = {
	{ .name = "kerberos",
	  .doc = "Kerberos by flow: its first exchange that succeeded or failed, Zeek's columns.",
	  .form = OTO_FORM_DETAIL,
	  .columns = "request_type client service success error_msg from till cipher forwardable renewable client_cert_subject "
		     "client_cert_fuid=fuid server_cert_subject server_cert_fuid=fuid" },
};
static const struct oto_event_type exchange_event =
    OTO_EVENT("kerberos.exchange", struct kerberos_exchange, exchange_fields, "A request with its answer.", OTO_LOGS(exchange_logs));

static const struct oto_event_type *const events[] = { &message_event, &exchange_event, &tls_certificate_event };
enum { EV_MESSAGE, EV_EXCHANGE, EV_CERTIFICATE };

struct kerberos_text {
	uint16_t len;
	uint8_t text[TEXT_MAX];
};

struct kerberos_flow {
	bool open, told;
	struct kerberos_exchange row; /* its slices are made when it is told */
	struct kerberos_text client, service, error, client_cert, server_cert;
};

/* ------------------------------------------------------------------------------------------------ the row */

static void clear(struct kerberos_text *t)
{
	t->len = 0;
}

static void add(struct kerberos_text *t, struct oto_slice s)
{
	uint32_t room = TEXT_MAX - t->len, len = s.len < room ? s.len : room;

	if (len)
		memcpy(t->text + t->len, s.data, len);
	t->len = (uint16_t)(t->len + len);
}

static struct oto_slice name_of(const struct kerberos_name *n)
{
	return (struct oto_slice){ n->text, n->len };
}

/* A copy, since the flow may go on, or end, before the event is read. */
static struct oto_slice text_of(struct oto_ctx *cx, const struct kerberos_text *t)
{
	void *copy = t->len ? oto_scratch(cx, t->len) : NULL;

	if (!copy)
		return (struct oto_slice){ 0 };
	memcpy(copy, t->text, t->len);
	return (struct oto_slice){ copy, t->len };
}

static void set_client(struct kerberos_flow *f, const struct kerberos_name *name, struct oto_slice realm, bool slash)
{
	f->row.has_client = true;
	clear(&f->client);
	add(&f->client, name_of(name));
	if (slash || name->present)
		add(&f->client, oto_slice_of("/"));
	add(&f->client, realm);
}

static void set_service(struct kerberos_flow *f, const struct kerberos_message *m)
{
	f->row.has_service = f->row.has_service || m->service.present;
	if (!m->service.present)
		return;
	clear(&f->service);
	add(&f->service, name_of(&m->service));
}

/* The certificates in signed data (RFC 5652 5.1). */
static struct oto_cur certificates_of(struct oto_slice cms)
{
	struct oto_cur c = oto_cur_of(cms), info = ber_enter(&c, BER_SEQUENCE), all = { .bad = true };
	struct ber e;

	ber_take(&info, BER_OID);
	struct oto_cur content = ber_enter(&info, BER_CONTEXT(0)), data = ber_enter(&content, BER_SEQUENCE);
	for (int i = 0; i < 3; i++) /* version, digests, what is signed */
		ber_next(&data, &e);
	ber_enter_if(&data, BER_CONTEXT(0), &all);
	return all;
}

/* The subject of the first of them. */
static bool set_subject(struct kerberos_text *t, struct oto_slice cms)
{
	struct oto_cur all = certificates_of(cms);
	struct ber_certificate x;
	struct oto_slice text;
	struct ber e;
	char out[SUBJECT_MAX];

	if (!ber_next(&all, &e) || !ber_read_certificate(e.whole, &x) || !ber_name_text(x.subject, out, sizeof out, &text))
		return false;
	clear(t);
	add(t, text);
	return true;
}

static void take_request(struct kerberos_flow *f, const struct kerberos_message *m)
{
	struct kerberos_exchange *row = &f->row;

	row->request_type = m->type == KRB_AS_REQ ? "AS" : "TGS";
	if (m->type == KRB_AS_REQ)
		set_client(f, &m->client, m->realm, true);
	set_service(f, m);
	row->has_options = m->has_options;
	row->forwardable = m->options & KRB_FORWARDABLE;
	row->renewable = m->options & KRB_RENEWABLE;
	if (m->has_from) {
		row->has_from = true;
		row->from = m->from;
	}
	if (m->has_till) {
		row->has_till = true;
		row->till = m->till;
	}
	if (m->client_cms.len)
		row->has_client_cert = set_subject(&f->client_cert, m->client_cms);
}

static void take_reply(struct kerberos_flow *f, const struct kerberos_message *m)
{
	const struct oto_name *cipher = oto_name_of(&kerberos_ciphers, (uint32_t)m->cipher);

	if (!f->row.has_client)
		set_client(f, &m->client, m->client_realm, true);
	set_service(f, m);
	f->row.cipher = cipher ? cipher->name : "unknown";
	f->row.has_success = f->row.success = true;
	if (m->server_cms.len)
		f->row.has_server_cert = set_subject(&f->server_cert, m->server_cms);
}

static void take_error(struct kerberos_flow *f, const struct kerberos_message *m)
{
	const struct oto_name *error = oto_name_of(&kerberos_errors, (uint32_t)m->error_code);

	if (!f->row.has_client && (m->client.present || m->client_realm.len))
		set_client(f, &m->client, m->client_realm, false);
	set_service(f, m);
	f->row.has_success = true;
	f->row.success = false;
	clear(&f->error);
	add(&f->error, m->has_error_text ? m->error_text : oto_slice_of(error ? error->name : ""));
	f->row.has_error = m->has_error_text || error;
}

/* The first request of most clients is refused in order to say how to ask; that is no exchange of its own. */
static bool is_routine(const struct kerberos_message *m)
{
	static const char needed[] = "NEEDED_PREAUTH", how[] = "Need to use PA-ENC-TIMESTAMP/PA-PK-AS-REQ";
	struct oto_slice s = m->error_text;

	return (s.len == sizeof needed - 1 && memcmp(s.data, needed, s.len) == 0) ||
	       (s.len == sizeof how - 1 && memcmp(s.data, how, s.len) == 0);
}

static void tell(struct oto_ctx *cx, struct kerberos_flow *f)
{
	if (f->told || !f->open)
		return;
	f->told = true;
	if (!oto_wanted(cx, EV_EXCHANGE))
		return;
	f->row.client = text_of(cx, &f->client);
	f->row.service = text_of(cx, &f->service);
	f->row.error_msg = text_of(cx, &f->error);
	f->row.client_cert_subject = text_of(cx, &f->client_cert);
	f->row.server_cert_subject = text_of(cx, &f->server_cert);
	oto_emit(cx, EV_EXCHANGE, &f->row);
}

/* Zeek's row: what a flow says first; later requests of the same flow do not show once one was answered. */
static void keep(struct oto_ctx *cx, const struct kerberos_message *m)
{
	struct kerberos_flow *f = cx->state;

	if (f->told || m->type == KRB_AP_REP || m->type == KRB_PRIV || m->type == KRB_SAFE || m->type == KRB_CRED)
		return;
	if (!f->open) {
		f->open = true;
		f->row = (struct kerberos_exchange){ .ts = cx->head->ts };
	}
	switch (m->type) {
	case KRB_AS_REQ:
	case KRB_TGS_REQ:
		take_request(f, m);
		break;
	case KRB_AS_REP:
	case KRB_TGS_REP:
		take_reply(f, m);
		tell(cx, f);
		break;
	case KRB_ERROR:
		if (is_routine(m)) {
			f->open = false;
			return;
		}
		take_error(f, m);
		tell(cx, f);
		break;
	}
}

static void kerberos_closing(struct oto_ctx *cx)
{
	tell(cx, cx->state);
}

/* ------------------------------------------------------------------------------------------------ what is told of a message */

/* Fifteen characters and a suffix (RFC 1001 14). */
static struct oto_slice netbios_name(struct oto_slice s)
{
	s.len = s.len ? s.len - 1 : 0;
	while (s.len && (s.data[s.len - 1] == ' ' || s.data[s.len - 1] == '\0'))
		s.len--;
	return s;
}

static void tell_message(struct oto_ctx *cx, const struct kerberos_message *m)
{
	bool request = m->type == KRB_AS_REQ || m->type == KRB_TGS_REQ;

	oto_emit(cx, EV_MESSAGE,
		 &(struct kerberos_event){ .message = m->type,
					   .client = name_of(&m->client),
					   .has_client = m->client.present,
					   .client_realm = m->client_realm,
					   .has_client_realm = m->client_realm.len,
					   .has_realm = m->realm.len,
					   .has_etypes = m->netypes,
					   .service = name_of(&m->service),
					   .has_service = m->service.present,
					   .realm = m->realm,
					   .error = (uint32_t)m->error_code,
					   .has_error = m->type == KRB_ERROR,
					   .error_text = m->error_text,
					   .has_error_text = m->has_error_text,
					   .cipher = (uint32_t)m->cipher,
					   .has_cipher = m->has_cipher,
					   .etypes = { m->etypes[0], m->netypes, OTO_VEC_U32BE },
					   .preauth = m->has_preauth,
					   .is_request = m->type == KRB_AS_REQ,
					   .has_options = request && m->has_options,
					   .forwardable = m->options & KRB_FORWARDABLE,
					   .renewable = m->options & KRB_RENEWABLE,
					   .from = m->from,
					   .has_from = m->has_from,
					   .till = m->till,
					   .has_till = m->has_till,
					   .renew_till = m->renew_till,
					   .has_renew_till = m->has_renew_till,
					   .netbios_name = netbios_name(m->netbios),
					   .has_netbios = m->netbios.len,
					   .server_time = m->server_time,
					   .has_server_time = m->has_server_time });
}

static void tell_certificates(struct oto_ctx *cx, struct oto_slice cms, bool client)
{
	struct oto_cur all = certificates_of(cms);
	struct tls_certificate x;
	struct ber e;

	for (uint32_t n = 0; n < CERTIFICATES_MAX && ber_next(&all, &e); n++)
		tls_tell_certificate(cx, EV_CERTIFICATE, e.whole, n == 0, client, &x);
}

static void fact(struct oto_ctx *cx, const char *key, struct oto_slice value, uint8_t whose, uint8_t confidence)
{
	oto_fact(cx, &(struct oto_fact){
			 .self_size = sizeof(struct oto_fact), .key = key, .value = value, .whose = whose, .confidence = confidence });
}

/* A reply says that the name in it was given a ticket, so it is a fact; a request may say what it likes. */
static void tell_facts(struct oto_ctx *cx, const struct kerberos_message *m)
{
	enum { SURE = 100, STATED = 80, HINT = 20 };

	if (m->netbios.len && m->type == KRB_AS_REQ)
		fact(cx, "hostname", netbios_name(m->netbios), OTO_SENDER, SURE);
	if (m->type != KRB_AS_REP && m->type != KRB_TGS_REP)
		return;
	struct oto_slice client = name_of(&m->client), computer = client;
	bool machine = client.len > 1 && client.data[client.len - 1] == '$';
	computer.len -= machine;
	if (machine)
		fact(cx, "hostname", computer, OTO_RECEIVER, STATED);
	else
		fact(cx, "user", client, OTO_RECEIVER, STATED);
	fact(cx, "domain", m->client_realm, OTO_RECEIVER, STATED);
	fact(cx, "role", oto_slice_of("kerberos server"), OTO_SENDER, SURE);
	fact(cx, "domain", m->realm, OTO_SENDER, STATED);
}

enum { TCP_PREFIX = 4, MESSAGE_MAX = 65535 };

static bool is_framed(const struct oto_ctx *cx)
{
	return cx->transport == OTO_TCP && cx->depth == 0;
}

static bool is_message_tag(uint32_t tag)
{
	uint32_t type = tag & 0x1f;

	return (tag & 0xe0) == BER_APPLICATION(0) &&
	       ((type >= KRB_AS_REQ && type <= KRB_AP_REP) || (type >= KRB_SAFE && type <= KRB_CRED) || type == KRB_ERROR);
}

/* The message's tag, a sequence in it, and its first member the version, 5. */
static bool is_message(struct oto_cur c)
{
	bool definite;

	if (!is_message_tag(ber_read_tag(&c)))
		return false;
	ber_read_length(&c, &definite);
	ber_read_tag(&c);
	ber_read_length(&c, &definite);
	uint32_t first = ber_read_tag(&c);
	ber_read_length(&c, &definite);
	return (first == BER_CONTEXT(0) || first == BER_CONTEXT(1)) && ber_int(&c) == 5;
}

/* The message in a security token, bad when there is none: RFC 4121 4.1 puts two octets in front of it. Windows' own number of the
 * mechanism differs from the standard's in one bit, by an old mistake (MS-SPNG 3.1.5.2). */
static struct oto_cur in_token(struct oto_cur c)
{
	struct oto_cur none = { .bad = true }, inside;
	struct spnego s;

	if (is_message(c))
		return c;
	if (!spnego_read(&c, &s))
		return none;
	inside = oto_cur_of(s.token);
	struct oto_cur token = ber_enter(&inside, BER_APPLICATION(0));
	struct oto_slice mechanism = ber_take(&token, BER_OID);
	oto_skip(&token, 2);
	if (!BER_OID_IS(mechanism, "\x2a\x86\x48\x86\xf7\x12\x01\x02\x02") &&
	    !BER_OID_IS(mechanism, "\x2a\x86\x48\x82\xf7\x12\x01\x02\x02"))
		return none;
	return token;
}

static void kerberos_pdu(struct oto_ctx *cx, struct oto_cur *c)
{
	struct kerberos_message *m = oto_scratch(cx, sizeof *m);

	if (is_framed(cx))
		oto_skip(c, TCP_PREFIX);
	if (!m)
		return;
	struct oto_cur inside = cx->depth ? in_token(*c) : *c;
	if (cx->depth && inside.bad)
		return; /* another mechanism's, or only how the negotiation stands */
	if (!kerberos_read(inside, m)) {
		c->bad = true;
		return;
	}
	tell_message(cx, m);
	if (m->client_cms.len)
		tell_certificates(cx, m->client_cms, true);
	if (m->server_cms.len)
		tell_certificates(cx, m->server_cms, false);
	keep(cx, m);
	tell_facts(cx, m);
}

/* ------------------------------------------------------------------------------------------------ recognition */

/* RFC 4120 7.2.2: four octets of length, the highest bit reserved. */
static int64_t kerberos_pdu_len(const struct oto_ctx *cx, struct oto_cur c)
{
	if (!is_framed(cx))
		return oto_left(&c);
	uint32_t length = oto_be32(&c);
	if (c.bad)
		return 0;
	return length < 4 || length > MESSAGE_MAX ? -1 : TCP_PREFIX + (int64_t)length;
}

/* The message's tag and the sequence inside must fill what the transport says. */
static enum oto_answer kerberos_probe(const struct oto_ctx *cx, struct oto_cur c)
{
	bool definite;
	uint32_t framed = 0;

	if (cx->depth)
		return is_message(in_token(c)) ? OTO_MINE : OTO_NOT_MINE;
	if (is_framed(cx)) {
		if (oto_left(&c) < TCP_PREFIX + 2)
			return OTO_NEED_MORE;
		framed = oto_be32(&c);
	}
	struct oto_cur message = c;
	uint32_t before = oto_tell(&c), tag = ber_read_tag(&c), length = ber_read_length(&c, &definite);
	if (c.bad && is_framed(cx) && is_message_tag(tag))
		return OTO_NEED_MORE;
	if (!is_message_tag(tag) || !definite)
		return OTO_NOT_MINE;
	if (framed && oto_tell(&c) - before + (uint64_t)length != framed)
		return OTO_NOT_MINE;
	ber_read_tag(&c);
	ber_read_length(&c, &definite);
	if (c.bad || oto_left(&c) < 5)
		return is_framed(cx) ? OTO_NEED_MORE : OTO_NOT_MINE;
	return is_message(message) ? OTO_MINE : OTO_NOT_MINE;
}

static const struct oto_analyzer kerberos = {
	.self_size = sizeof kerberos,
	.flags = OTO_ANY_PORT,
	.name = "kerberos",
	.doc = "Kerberos 5",
	.keys = "udp/88 tcp/88 kerberos",
	.probe = kerberos_probe,
	.pdu_len = kerberos_pdu_len,
	.pdu = kerberos_pdu,
	.closing = kerberos_closing,
	.state_size = sizeof(struct kerberos_flow),
	.max_pdu = TCP_PREFIX + MESSAGE_MAX,
	.events = events,
	.nevents = sizeof events / sizeof *events,
};

OTO_ANALYZER(kerberos);
