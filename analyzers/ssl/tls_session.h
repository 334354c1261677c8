/* tls_session.h - a handshake of TLS or DTLS from its messages: the tls.* events, the row of ssl.log as Zeek writes it, and the facts.
 *
 * Knows messages, alerts and changes of cipher; whoever carries them (ssl, dtls, quic) finds them in records or packets. The session is
 * memory that the flow holds until its row is told: when application data flows both ways, or at the end.
 */
#ifndef TLS_SESSION_H
#define TLS_SESSION_H

#include "tls_hello.h"

enum tls_handshake_type {
	TLS_HELLO_REQUEST = 0,
	TLS_CLIENT_HELLO = 1,
	TLS_SERVER_HELLO = 2,
	TLS_HELLO_VERIFY_REQUEST = 3,
	TLS_NEW_SESSION_TICKET = 4,
	TLS_OLD_HELLO_RETRY_REQUEST = 6,
	TLS_CERTIFICATE = 11,
	TLS_SERVER_KEY_EXCHANGE = 12,
	TLS_CERTIFICATE_REQUEST = 13,
	TLS_SERVER_HELLO_DONE = 14,
	TLS_CERTIFICATE_VERIFY = 15,
	TLS_CLIENT_KEY_EXCHANGE = 16,
	TLS_FINISHED = 20
};

enum tls_event {
	EV_TLS_CLIENT_HELLO,
	EV_TLS_SERVER_HELLO,
	EV_TLS_CERTIFICATE,
	EV_TLS_ALERT,
	EV_TLS_ESTABLISHED,
	EV_TLS_CONNECTION,
	TLS_EVENTS
};
extern const struct oto_event_type tls_client_hello_event, tls_server_hello_event, tls_alert_event, tls_established_event,
    tls_connection_event;

struct tls_session;

/* In the state of an analyzer. */
struct tls_flow {
	struct tls_session *session; /* NULL: before the first hello, and when the row is told */
	bool done;                   /* told: what follows is not looked at */
	bool flipped;                /* the responder is the client */
	bool is_13;                  /* the server chose TLS 1.3 */
};

static inline bool tls_from_client(const struct oto_ctx *cx, const struct tls_flow *f)
{
	return cx->is_orig != f->flipped;
}

/* A whole handshake message without its header. */
void tls_message(struct oto_ctx *cx, struct tls_flow *f, uint8_t type, struct oto_slice body, char carrier);
/* A hello with its fingerprints alone, for the events and facts, outside of any row. */
void tls_tell_client_hello(struct oto_ctx *cx, const struct tls_hello *h);
void tls_tell_server_hello(struct oto_ctx *cx, const struct tls_hello *h);
/* A message of SSL 2 with its type in front; `chosen`: the server has agreed to SSL 2. */
void tls_ssl2_message(struct oto_ctx *cx, struct tls_flow *f, struct oto_slice message, bool chosen);
void tls_alert(struct oto_ctx *cx, struct tls_flow *f, uint8_t level, uint8_t description);
void tls_heartbeat(struct oto_ctx *cx, struct tls_flow *f, uint8_t type, uint32_t claimed, uint32_t carried);
void tls_change_cipher(struct oto_ctx *cx, struct tls_flow *f);
/* A record that nobody else can read. */
void tls_ciphertext(struct oto_ctx *cx, struct tls_flow *f, bool application_data);
/* Is what this side sends encrypted by now? */
bool tls_is_encrypted(const struct oto_ctx *cx, const struct tls_flow *f);
void tls_close(struct oto_ctx *cx, struct tls_flow *f);

#endif
