/* tls_fingerprint.h - what a hello looks like, as short text: JA3 and JA3S (Salesforce), JA4 (FoxIO, the part under BSD licence). */
#ifndef TLS_FINGERPRINT_H
#define TLS_FINGERPRINT_H

#include "tls_hello.h"

enum { TLS_JA3_LEN = 32, TLS_JA4_LEN = 36 };

/* Put into the hello's ja3 and ja4, in scratch memory; empty when there is none left. `carrier`: 't' over TCP, 'd' DTLS, 'q' QUIC. A
 * server's is JA3S, and there is no other. */
void tls_fingerprint_client(struct oto_ctx *cx, struct tls_hello *h, char carrier);
void tls_fingerprint_server(struct oto_ctx *cx, struct tls_hello *h);

#endif
