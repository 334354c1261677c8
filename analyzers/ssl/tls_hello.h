/* tls_hello.h - reads the hello messages of TLS, DTLS and QUIC (RFC 8446 4.1, RFC 5246 7.4.1, RFC 6347 4.2) and those of SSL 2, and makes
 * fingerprints of them. Knows the body of a message, whatever carried it; slices borrow from it.
 */
#ifndef TLS_HELLO_H
#define TLS_HELLO_H

#include "tls_names.h"

enum { TLS_RANDOM = 32, TLS_EXTENSIONS_MAX = 128 };

struct tls_hello {
	uint16_t version;    /* as the message says */
	uint16_t chosen;     /* of a server: by the extension where it is there */
	uint32_t cipher;     /* of a server; of SSL 2 the first, three octets */
	uint16_t group;      /* of a server's key share; 0: none */
	uint8_t compression; /* of a server */
	bool retry;          /* a server asks for another hello (RFC 8446 4.1.4) */
	bool ssl2;           /* in the form of SSL 2: ciphers are not told */
	bool has_sni, has_ticket, has_psk, has_encrypted_hello, has_extensions;
	struct oto_slice random, session_id, cookie;
	struct oto_vec ciphers, extensions, groups, signatures, versions; /* of a client; extensions of both, in scratch memory */
	struct oto_vec point_formats;
	struct oto_slice server_name;
	struct oto_slice protocols; /* of ALPN: each behind its length */
	struct oto_slice ja3, ja4;  /* see tls_fingerprint.h */
};

/* False when it is not one to the end. */
bool tls_read_client_hello(struct oto_ctx *cx, struct oto_cur c, struct tls_hello *h);
bool tls_read_server_hello(struct oto_ctx *cx, struct oto_cur c, struct tls_hello *h);
/* Behind the length of the record. */
bool tls_read_ssl2_client_hello(struct oto_cur c, struct tls_hello *h);
bool tls_read_ssl2_server_hello(struct oto_cur c, struct tls_hello *h, struct oto_slice *certificate);

/* The protocols of ALPN as a list in scratch memory. */
struct oto_list tls_protocols(struct oto_ctx *cx, const struct tls_hello *h);
struct oto_slice tls_first_protocol(const struct tls_hello *h);

/* The highest version a client offers. */
uint16_t tls_offered_version(const struct tls_hello *h);

#endif
