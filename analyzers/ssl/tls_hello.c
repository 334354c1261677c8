/* tls_hello.c - see tls_hello.h. */
#include "tls_hello.h"

/* RFC 8446 4.1.3: the random of a server hello that is a request for another client hello. */
static const uint8_t retry_random[TLS_RANDOM] = { 0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c,
						  0x02, 0x1e, 0x65, 0xb8, 0x91, 0xc2, 0xa2, 0x11, 0x16, 0x7a, 0xbb,
						  0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c };

static struct oto_vec words_of(struct oto_slice s)
{
	return (struct oto_vec){ s.data, s.len / 2, OTO_VEC_U16BE };
}

/* A list of 16-bit values behind its length in octets. */
static struct oto_vec take_words(struct oto_cur *c)
{
	return words_of(oto_take(c, oto_be16(c)));
}

static void read_server_name(struct oto_cur c, struct tls_hello *h)
{
	enum { HOST_NAME = 0 };
	struct oto_cur names = oto_sub(&c, oto_be16(&c));

	h->has_sni = true;
	while (oto_left(&names)) {
		uint8_t type = oto_u8(&names);
		struct oto_slice name = oto_take(&names, oto_be16(&names));
		if (type == HOST_NAME && !h->server_name.len && !names.bad)
			h->server_name = name;
	}
}

static void read_key_share(struct oto_cur c, struct tls_hello *h)
{
	uint16_t group = oto_be16(&c);

	if (!c.bad)
		h->group = group;
}

static void read_versions(struct oto_cur c, struct tls_hello *h, bool server)
{
	struct oto_cur look = c;

	if (!server)
		h->versions = words_of(oto_take(&look, oto_u8(&look)));
	else if (oto_left(&c) == 2)
		h->chosen = oto_be16(&c);
}

static void read_extension(uint16_t type, struct oto_slice data, struct tls_hello *h, bool server)
{
	struct oto_cur c = oto_cur_of(data);

	switch (type) {
	case TLS_EXT_SERVER_NAME:
		if (!server)
			read_server_name(c, h);
		break;
	case TLS_EXT_GROUPS:
		h->groups = take_words(&c);
		break;
	case TLS_EXT_POINT_FORMATS:
		h->point_formats = oto_take_vec(&c, OTO_VEC_U8, oto_u8(&c));
		break;
	case TLS_EXT_SIGNATURES:
		h->signatures = take_words(&c);
		break;
	case TLS_EXT_ALPN:
		h->protocols = oto_take(&c, oto_be16(&c));
		break;
	case TLS_EXT_SESSION_TICKET:
		h->has_ticket = data.len != 0;
		break;
	case TLS_EXT_PRE_SHARED_KEY:
		h->has_psk = true;
		break;
	case TLS_EXT_VERSIONS:
		read_versions(c, h, server);
		break;
	case TLS_EXT_KEY_SHARE:
		if (server)
			read_key_share(c, h);
		break;
	case TLS_EXT_ENCRYPTED_HELLO:
		h->has_encrypted_hello = true;
		break;
	default:
		break;
	}
}

/* The types go into scratch memory in wire order, since the data lies between them. */
static void read_extensions(struct oto_ctx *cx, struct oto_cur *c, struct tls_hello *h, bool server)
{
	if (c->bad || !oto_left(c))
		return;
	struct oto_cur all = oto_sub(c, oto_be16(c));
	uint8_t *types = oto_scratch(cx, (size_t)TLS_EXTENSIONS_MAX * 2);
	uint32_t n = 0;

	h->has_extensions = true;
	while (oto_left(&all) && !all.bad) {
		uint16_t type = oto_be16(&all);
		struct oto_slice data = oto_take(&all, oto_be16(&all));
		if (all.bad)
			break;
		if (types && n < TLS_EXTENSIONS_MAX) {
			types[n * 2] = (uint8_t)(type >> 8);
			types[n * 2 + 1] = (uint8_t)type;
			n++;
		}
		read_extension(type, data, h, server);
	}
	c->bad |= all.bad;
	h->extensions = (struct oto_vec){ types, types ? n : 0, OTO_VEC_U16BE };
}

bool tls_read_client_hello(struct oto_ctx *cx, struct oto_cur c, struct tls_hello *h)
{
	*h = (struct tls_hello){ 0 };
	h->version = oto_be16(&c);
	h->random = oto_take(&c, TLS_RANDOM);
	h->session_id = oto_take(&c, oto_u8(&c));
	if (tls_is_dtls(h->version))
		h->cookie = oto_take(&c, oto_u8(&c));
	h->ciphers = take_words(&c);
	oto_skip(&c, oto_u8(&c)); /* compression methods */
	read_extensions(cx, &c, h, false);
	return !c.bad && h->ciphers.count && h->session_id.len <= 32;
}

bool tls_read_server_hello(struct oto_ctx *cx, struct oto_cur c, struct tls_hello *h)
{
	*h = (struct tls_hello){ 0 };
	h->version = oto_be16(&c);
	h->random = oto_take(&c, TLS_RANDOM);
	/* Drafts 1 to 21 of TLS 1.3 have neither session nor compression. */
	bool draft = h->version >> 8 == 0x7f && (h->version & 0xff) < 22;
	if (!draft)
		h->session_id = oto_take(&c, oto_u8(&c));
	h->cipher = oto_be16(&c);
	if (!draft)
		h->compression = oto_u8(&c);
	h->chosen = h->version;
	read_extensions(cx, &c, h, true);
	h->retry = !c.bad && memcmp(h->random.data, retry_random, TLS_RANDOM) == 0;
	return !c.bad && h->session_id.len <= 32;
}

bool tls_read_ssl2_client_hello(struct oto_cur c, struct tls_hello *h)
{
	*h = (struct tls_hello){ .ssl2 = true };
	oto_skip(&c, 1);
	h->version = oto_be16(&c);
	uint16_t ciphers = oto_be16(&c), session = oto_be16(&c), challenge = oto_be16(&c);
	oto_skip(&c, ciphers);
	h->session_id = oto_take(&c, session);
	h->random = oto_take(&c, challenge);
	return !c.bad && ciphers && ciphers % 3 == 0;
}

bool tls_read_ssl2_server_hello(struct oto_cur c, struct tls_hello *h, struct oto_slice *certificate)
{
	*h = (struct tls_hello){ .ssl2 = true };
	oto_skip(&c, 3); /* type, session found, type of certificate */
	h->version = h->chosen = oto_be16(&c);
	uint16_t certificate_len = oto_be16(&c), ciphers = oto_be16(&c), connection = oto_be16(&c);
	*certificate = oto_take(&c, certificate_len);
	struct oto_cur list = oto_sub(&c, ciphers);
	h->cipher = ciphers ? oto_be24(&list) : 0;
	oto_skip(&c, connection);
	return !c.bad && !list.bad;
}

struct oto_slice tls_first_protocol(const struct tls_hello *h)
{
	struct oto_cur c = oto_cur_of(h->protocols);
	struct oto_slice first = oto_left(&c) ? oto_take(&c, oto_u8(&c)) : (struct oto_slice){ 0 };

	return c.bad ? (struct oto_slice){ 0 } : first;
}

struct oto_list tls_protocols(struct oto_ctx *cx, const struct tls_hello *h)
{
	enum { MOST = 32 };
	struct oto_cur c = oto_cur_of(h->protocols);
	struct oto_slice *items = h->protocols.len ? oto_scratch(cx, MOST * sizeof *items) : NULL;
	uint32_t n = 0;

	while (items && oto_left(&c) && n < MOST) {
		items[n] = oto_take(&c, oto_u8(&c));
		n += !c.bad;
	}
	return (struct oto_list){ items, n };
}

uint16_t tls_offered_version(const struct tls_hello *h)
{
	struct oto_cur c = oto_cur_of((struct oto_slice){ h->versions.data, h->versions.count * 2 });
	uint16_t best = 0;

	while (oto_left(&c)) {
		uint16_t v = oto_be16(&c);
		/* Those of DTLS count downwards. */
		if (!tls_is_grease(v) && (!best || (tls_is_dtls(v) ? v < best : v > best)))
			best = v;
	}
	return best ? best : h->version;
}
