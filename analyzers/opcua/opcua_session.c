/* opcua_session.c - discovery, secure channels and sessions (OPC 10000-4 5.5, 5.6, 5.7): who a server says it is, which security it offers,
 * who logs in and how. No password, token or nonce leaves this file. */
#include "../ssl/tls_certificate.h"
#include "opcua.h"

/* ------------------------------------------------------------------------------------------------ sessions */

static const struct oto_memory session_memory = {
	.self_size = sizeof session_memory,
	.size = sizeof(struct opcua_session),
	.bound = 8192,
	.scope = OTO_SCOPE_PAIR,
	.name = "opcua.sessions",
};

static uint8_t copy_into(uint8_t *to, uint32_t room, struct oto_slice s)
{
	uint32_t n = s.len < room ? s.len : room;

	if (n)
		memcpy(to, s.data, n);
	return (uint8_t)n;
}

static uint64_t key_of_token(struct oto_slice token)
{
	return oto_key_of(0, token);
}

/* Sessions that began before we looked are numbered in the order in which they come. */
static void name_unknown(struct opcua_parse *p, struct opcua_session *s)
{
	struct text t = { s->id, 0, sizeof s->id };

	text_put_byte(&t, '#');
	text_put_number(&t, ++p->flow->unknown_sessions);
	s->id_len = (uint8_t)t.len;
}

void opcua_find_session(struct opcua_parse *p, struct oto_slice token)
{
	struct oto_cur c = oto_cur_of(token);
	struct opcua_node n = opcua_take_node(&c);

	if (c.bad || opcua_is_null(&n))
		return;
	p->note.session = key_of_token(token);
	struct opcua_session *s = oto_remember(p->cx, &session_memory, p->note.session);
	if (s && !s->id_len)
		name_unknown(p, s);
	p->flow->session = p->note.session;
	opcua_show_session(p, p->note.session);
}

void opcua_show_session(struct opcua_parse *p, uint64_t key)
{
	const struct opcua_session *s = key ? oto_recall(p->cx, &session_memory, key) : NULL;
	struct opcua_message *m = p->m;

	if (!s)
		return;
	m->session = say_copy(p->cx, (struct oto_slice){ s->id, s->id_len });
	m->user = say_copy(p->cx, (struct oto_slice){ s->user, s->user_len });
	m->identity = s->identity;
	m->has_identity = s->has_identity;
}

/* ------------------------------------------------------------------------------------------------ applications and endpoints */

struct application {
	struct oto_slice uri, product, name, url;
	uint32_t type;
};

/* ApplicationDescription, OPC 10000-4 7.2. */
static struct application take_application(struct oto_cur *c)
{
	struct application a = { .uri = opcua_take_string(c) };

	a.product = opcua_take_string(c);
	a.name = opcua_take_localized(c);
	a.type = oto_le32(c);
	opcua_take_string(c);
	opcua_take_string(c);
	for (uint32_t n = opcua_take_count(c); n && !c->bad; n--) {
		struct oto_slice url = opcua_take_string(c);
		if (!a.url.len)
			a.url = url;
	}
	return a;
}

static void tell_application(struct opcua_parse *p, const struct application *a)
{
	struct opcua_message *m = p->m;

	m->application_uri = a->uri;
	m->product_uri = a->product;
	m->application_name = a->name;
	m->application_type = (uint8_t)a->type;
	m->has_application = a->type <= UINT8_MAX;
}

/* What the sender says of itself. */
static void tell_self(struct opcua_parse *p, const struct application *a)
{
	say_fact(p->cx, "application_uri", a->uri, SAY_SURE);
	say_fact(p->cx, "application_name", a->name, SAY_SURE);
	say_fact(p->cx, "product_uri", a->product, SAY_SURE);
}

/* Of a chain (OPC 10000-6 6.2.6) the first: an element of DER with a length of two octets. */
static struct oto_slice first_of_chain(struct oto_slice s)
{
	struct oto_cur c = oto_cur_of(s);
	uint16_t begin = oto_be16(&c), length = oto_be16(&c);

	return begin == 0x3082 && !c.bad ? say_first(s, length + 4u) : s;
}

void opcua_tell_certificate(struct opcua_parse *p, struct oto_slice certificate)
{
	struct tls_certificate x = { 0 };

	if (certificate.len && !p->certificate_told && oto_wanted(p->cx, EV_CERTIFICATE))
		tls_tell_certificate(p->cx, EV_CERTIFICATE, first_of_chain(certificate), true, p->by_client, &x);
	p->certificate_told |= certificate.len != 0;
}

/* UserTokenPolicy, OPC 10000-4 7.42: the kinds, each once. */
static struct oto_slice take_token_policies(struct opcua_parse *p, struct oto_cur *c)
{
	struct text t = text_new(p->cx, 64);
	uint32_t seen = 0;

	for (uint32_t n = opcua_take_count(c); n && !c->bad; n--) {
		opcua_take_string(c);
		uint32_t kind = oto_le32(c);
		for (uint32_t i = 0; i < 3; i++)
			opcua_take_string(c);
		const struct oto_name *row = oto_name_of(&opcua_identities, kind);
		if (!row || seen & 1u << kind)
			continue;
		seen |= 1u << kind;
		opcua_put_comma(&t);
		text_put(&t, row->name);
	}
	return text_end(&t);
}

/* EndpointDescription, OPC 10000-4 7.14. */
static bool take_endpoint(struct opcua_parse *p, struct oto_cur *c, struct application *a)
{
	const struct oto_head *h = p->cx->head;
	struct opcua_endpoint e = { .server = oto_sender(p->cx),
				    .client = p->cx->is_orig ? h->resp_h : h->orig_h,
				    .endpoint_url = opcua_take_string(c) };

	*a = take_application(c);
	struct oto_slice certificate = opcua_take_string(c);
	uint32_t mode = oto_le32(c);
	e.sec_policy_uri = opcua_take_string(c);
	e.identities = take_token_policies(p, c);
	opcua_take_string(c);
	e.security_level = oto_u8(c);
	if (c->bad)
		return false;
	e.security_mode = mode <= OPCUA_MODE_ENCRYPT ? (uint8_t)mode : OPCUA_MODE_UNKNOWN;
	e.security_policy = (uint8_t)opcua_policy_of(e.sec_policy_uri);
	e.has_policy = e.security_policy;
	e.application_uri = a->uri;
	e.application_name = a->name;
	e.product_uri = a->product;
	opcua_tell_certificate(p, certificate);
	oto_emit(p->cx, EV_ENDPOINT, &e);
	if (!p->m->endpoint_url.len)
		p->m->endpoint_url = e.endpoint_url;
	return true;
}

static void take_endpoints(struct opcua_parse *p, struct oto_cur *c)
{
	struct application a = { 0 };
	uint32_t n = opcua_take_count(c), i = 0;

	while (i < n && take_endpoint(p, c, &a))
		i++;
	p->m->number_of_items = n;
	p->m->has_items = true;
	if (!i || c->bad)
		return;
	tell_application(p, &a);
	tell_self(p, &a);
	opcua_tell_host(p, p->m->endpoint_url, SAY_STATED);
}

static void take_servers(struct opcua_parse *p, struct oto_cur *c)
{
	uint32_t n = opcua_take_count(c);

	for (uint32_t i = 0; i < n && !c->bad; i++) {
		struct application a = take_application(c);
		opcua_put_comma(&p->values);
		text_put_slice(&p->values, a.uri);
		if (!i)
			tell_application(p, &a);
	}
	p->m->number_of_items = n;
	p->m->has_items = true;
}

static void skip_strings(struct oto_cur *c)
{
	for (uint32_t n = opcua_take_count(c); n && !c->bad; n--)
		opcua_take_string(c);
}

/* RegisteredServer, OPC 10000-4 7.33. */
static void take_registered(struct opcua_parse *p, struct oto_cur *c, bool second)
{
	struct application a = { .uri = opcua_take_string(c) };

	a.product = opcua_take_string(c);
	for (uint32_t n = opcua_take_count(c); n && !c->bad; n--)
		a.name = opcua_take_localized(c);
	a.type = oto_le32(c);
	opcua_take_string(c);
	skip_strings(c);
	opcua_take_string(c);
	oto_skip(c, 1);
	for (uint32_t n = second ? opcua_take_count(c) : 0; n && !c->bad; n--)
		opcua_take_extension(c);
	if (c->bad)
		return;
	tell_application(p, &a);
	tell_self(p, &a);
}

/* ------------------------------------------------------------------------------------------------ channels */

static void open_request(struct opcua_parse *p, struct oto_cur *c)
{
	enum { ISSUE, RENEW };

	p->m->version = oto_le32(c);
	p->m->has_version = true;
	text_put(&p->values, oto_le32(c) == ISSUE ? "issue" : "renew");
	uint32_t mode = oto_le32(c);
	opcua_take_string(c);
	p->m->lifetime = oto_le32(c);
	p->m->has_lifetime = true;
	if (c->bad || mode > OPCUA_MODE_ENCRYPT)
		return;
	p->flow->mode = p->m->security_mode = (uint8_t)mode;
	p->m->has_mode = mode;
}

static void open_response(struct opcua_parse *p, struct oto_cur *c)
{
	p->m->version = oto_le32(c);
	p->m->has_version = true;
	p->m->sec_channel_id = oto_le32(c);
	p->m->token_id = oto_le32(c);
	p->m->has_token = true;
	oto_skip(c, 8);
	p->m->lifetime = oto_le32(c);
	p->m->has_lifetime = true;
	opcua_take_string(c);
}

/* ------------------------------------------------------------------------------------------------ logging in */

static void create_request(struct opcua_parse *p, struct oto_cur *c)
{
	struct opcua_message *m = p->m;
	struct application a = take_application(c);

	m->server_uri = opcua_take_string(c);
	m->endpoint_url = opcua_take_string(c);
	m->session_name = opcua_take_string(c);
	opcua_take_string(c);
	struct oto_slice certificate = opcua_take_string(c);
	oto_skip(c, 12);
	if (c->bad)
		return;
	tell_application(p, &a);
	tell_self(p, &a);
	opcua_tell_certificate(p, certificate);
}

static void skip_signature(struct oto_cur *c)
{
	opcua_take_string(c);
	opcua_take_string(c);
}

static void create_response(struct opcua_parse *p, struct oto_cur *c)
{
	struct opcua_session begun = { 0 };
	struct text id = { begun.id, 0, sizeof begun.id };
	struct opcua_node n = opcua_take_node(c);
	const uint8_t *before = c->at;

	opcua_put_node(&id, &n);
	begun.id_len = (uint8_t)id.len;
	opcua_take_node(c);
	if (c->bad)
		return;
	uint64_t key = key_of_token((struct oto_slice){ before, (uint32_t)(c->at - before) });
	struct opcua_session *s = oto_remember(p->cx, &session_memory, key);
	if (s)
		*s = begun;
	opcua_show_session(p, key);
	oto_skip(c, 8);
	opcua_take_string(c);
	struct oto_slice certificate = opcua_take_string(c);
	take_endpoints(p, c);
	for (uint32_t k = opcua_take_count(c); k && !c->bad; k--)
		skip_signature(c);
	skip_signature(c);
	oto_skip(c, 4);
	if (!c->bad)
		opcua_tell_certificate(p, certificate);
}

/* What proves who the user is, OPC 10000-4 7.41. */
static void take_identity(struct opcua_parse *p, struct oto_cur *c)
{
	static const uint32_t encodings[] = { 321, 324, 327, 940 };
	struct opcua_extension e = opcua_take_extension(c);
	struct oto_cur in = oto_cur_of(e.body);
	struct opcua_message *m = p->m;
	uint32_t kind = 0;

	while (kind < sizeof encodings / sizeof *encodings && encodings[kind] != e.type)
		kind++;
	if (kind == sizeof encodings / sizeof *encodings)
		kind = OPCUA_ANONYMOUS; /* none at all is anonymous, too */
	m->identity = (uint8_t)kind;
	m->has_identity = true;
	m->user = (struct oto_slice){ 0 };
	opcua_take_string(&in);
	if (kind != OPCUA_USER_NAME)
		return;
	m->user = opcua_take_string(&in);
	struct oto_slice password = opcua_take_string(&in), algorithm = opcua_take_string(&in);
	m->password_readable = password.len && !algorithm.len;
	m->has_password = !in.bad;
	c->bad |= in.bad;
}

static void activate_request(struct opcua_parse *p, struct oto_cur *c)
{
	struct opcua_message *m = p->m;

	skip_signature(c);
	for (uint32_t n = opcua_take_count(c); n && !c->bad; n--)
		skip_signature(c);
	skip_strings(c);
	take_identity(p, c);
	skip_signature(c);
	p->note.identity = m->identity;
	p->note.has_identity = m->has_identity;
	p->note.user_len = copy_into(p->note.user, sizeof p->note.user, m->user);
}

static void activate_response(struct opcua_parse *p, struct oto_cur *c)
{
	opcua_take_string(c);
	opcua_walk(p, c, "[4][g]");
	if (c->bad || !p->match.found)
		return;
	struct opcua_session *s = oto_recall(p->cx, &session_memory, p->note.session);
	if (s) {
		s->identity = p->note.identity;
		s->has_identity = p->note.has_identity;
		s->user_len = copy_into(s->user, sizeof s->user, (struct oto_slice){ p->note.user, p->note.user_len });
	}
}

/* ------------------------------------------------------------------------------------------------ by service */

bool opcua_session_request(struct opcua_parse *p, struct oto_cur *c)
{
	switch (p->m->service) {
	case OPCUA_OPEN_CHANNEL:
		open_request(p, c);
		return true;
	case OPCUA_CREATE_SESSION:
		create_request(p, c);
		return true;
	case OPCUA_ACTIVATE_SESSION:
		activate_request(p, c);
		return true;
	case OPCUA_FIND_SERVERS:
	case OPCUA_GET_ENDPOINTS:
		p->m->endpoint_url = opcua_take_string(c);
		skip_strings(c);
		skip_strings(c);
		return true;
	case OPCUA_REGISTER_SERVER:
	case OPCUA_REGISTER_SERVER_2:
		take_registered(p, c, p->m->service == OPCUA_REGISTER_SERVER_2);
		return true;
	default:
		return false;
	}
}

bool opcua_session_response(struct opcua_parse *p, struct oto_cur *c)
{
	switch (p->m->service) {
	case OPCUA_OPEN_CHANNEL:
		open_response(p, c);
		return true;
	case OPCUA_CREATE_SESSION:
		create_response(p, c);
		return true;
	case OPCUA_ACTIVATE_SESSION:
		activate_response(p, c);
		return true;
	case OPCUA_FIND_SERVERS:
		take_servers(p, c);
		return true;
	case OPCUA_GET_ENDPOINTS:
		take_endpoints(p, c);
		return true;
	case OPCUA_REGISTER_SERVER:
		return true;
	case OPCUA_REGISTER_SERVER_2:
		opcua_walk(p, c, "[S][g]");
		return true;
	default:
		return false;
	}
}
