/* tls_certificate.h - certificates (RFC 5280) as TLS and others hand them over: the event and x509.log's row, the name asked for against
 * the names given, what a certificate tells of the machine that shows it.
 */
#ifndef TLS_CERTIFICATE_H
#define TLS_CERTIFICATE_H

#include "../say.h"

enum { TLS_FINGERPRINT = 32 /* SHA-256 */ };

struct tls_certificate {
	struct oto_time ts;
	struct oto_slice fingerprint, serial, subject, issuer;
	uint64_t version;
	struct oto_time not_valid_before, not_valid_after;
	struct oto_slice key_alg, sig_alg, exponent;
	const char *key_type, *curve;
	uint32_t key_length;
	struct oto_list san_dns, san_uri, san_email, san_ip;
	bool has_dns, has_uri, has_email, has_ip;
	bool ca, has_ca;
	uint64_t path_len;
	bool has_path_len, has_length;
	bool host_cert, client_cert, self_signed, expired, not_yet_valid, repeated;
};

extern const struct oto_event_type tls_certificate_event;

void tls_fingerprint_of(struct oto_slice der, uint8_t out[TLS_FINGERPRINT]);

/* Is it good for this host (RFC 6125 6.4, as OpenSSL reads it)? The common name counts where no DNS name is given. */
bool tls_certificate_is_for(struct oto_slice der, struct oto_slice host);

/* Reads one, its texts in scratch memory, and tells it as event number `event` of the analyzer; `host` is the head of its chain, which says
 * something about its sender. False (and a weird) when it is none. */
bool tls_tell_certificate(struct oto_ctx *cx, uint32_t event, struct oto_slice der, bool host, bool client, struct tls_certificate *x);

#endif
