/* tls_fingerprint.h - what a hello looks like, as short text: JA3 and JA3S (Salesforce), JA4 (FoxIO, the part under BSD licence). */
#ifndef TLS_FINGERPRINT_H
#define TLS_FINGERPRINT_H

#include "tls_hello.h"

enum { TLS_JA3_LEN = 32, TLS_JA4_LEN = 36 };

/* Texts in scratch memory; empty when there is none left. `carrier`: 't' over TCP, 'd' DTLS, 'q' QUIC. */
struct oto_slice tls_ja3(struct oto_ctx *cx, const struct tls_hello *h);
struct oto_slice tls_ja3s(struct oto_ctx *cx, const struct tls_hello *h);
struct oto_slice tls_ja4(struct oto_ctx *cx, const struct tls_hello *h, char carrier);

#endif
