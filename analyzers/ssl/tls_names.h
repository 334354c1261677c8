/* tls_names.h - the words of TLS: versions, cipher suites, groups, alerts, extensions (IANA "TLS Parameters"), as Zeek writes them where it
 * has a word. Knows no wire format.
 */
#ifndef TLS_NAMES_H
#define TLS_NAMES_H

#include "../say.h"

enum {
	TLS_SSL2 = 0x0002,
	TLS_SSL3 = 0x0300,
	TLS_1_0 = 0x0301,
	TLS_1_1 = 0x0302,
	TLS_1_2 = 0x0303,
	TLS_1_3 = 0x0304,
	TLS_DTLS_1_0 = 0xfeff,
	TLS_DTLS_1_2 = 0xfefd,
	TLS_DTLS_1_3 = 0xfefc
};

enum tls_extension {
	TLS_EXT_SERVER_NAME = 0,
	TLS_EXT_GROUPS = 10,
	TLS_EXT_POINT_FORMATS = 11,
	TLS_EXT_SIGNATURES = 13,
	TLS_EXT_ALPN = 16,
	TLS_EXT_SESSION_TICKET = 35,
	TLS_EXT_PRE_SHARED_KEY = 41,
	TLS_EXT_VERSIONS = 43,
	TLS_EXT_KEY_SHARE = 51,
	TLS_EXT_ENCRYPTED_HELLO = 65037
};

extern const struct oto_names tls_ciphers, tls_versions, tls_groups, tls_extensions, tls_alerts, tls_alert_levels;

/* Values that mean nothing and keep the other side tolerant: RFC 8701. */
static inline bool tls_is_grease(uint16_t v)
{
	return (v & 0x0f0f) == 0x0a0a && v >> 8 == (v & 0xff);
}

/* TLS 1.3, its drafts (0x7f00 and their number) among it. */
static inline bool tls_is_13(uint16_t version)
{
	return version == TLS_1_3 || version == TLS_DTLS_1_3 || version >> 8 == 0x7f;
}

static inline bool tls_is_dtls(uint16_t version)
{
	return version >> 8 == 0xfe;
}

/* The word, or "unknown-" and the number. */
struct oto_slice tls_word(struct oto_ctx *cx, const struct oto_names *names, uint32_t value);
struct oto_slice tls_version_word(struct oto_ctx *cx, uint16_t version);

/* Does the server key exchange carry a point of a named curve (RFC 8422 5.4)? With *hint a hint of the key stands in front (RFC 5489). */
bool tls_cipher_has_curve(uint32_t cipher, bool *hint);
/* What is weak about a cipher suite, as far as it is known to be; NULL: nothing. */
const char *tls_cipher_weakness(uint32_t cipher);

#endif
