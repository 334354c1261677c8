/* http_facts.h - what a request tells of the stations that speak: software, system, names, credentials in clear. */
#ifndef OTO_HTTP_FACTS_H
#define OTO_HTTP_FACTS_H

#include "http_message.h"

/* Of a connection's first request: program, system, the server's name. */
void http_tell_client(struct oto_ctx *cx, const struct http_head *h);
/* Of the first reply that names its program. */
void http_tell_server(struct oto_ctx *cx, struct oto_slice server);
/* Ways to log in in clear; each is told once a connection. */
enum http_login { HTTP_LOGIN_BASIC = 1, HTTP_LOGIN_URI = 2, HTTP_LOGIN_FORM = 4, HTTP_LOGIN_PROXY = 8 };
/* By basic authentication (`user`, or empty), or with a `secret` in the URI. Returns `told` with what was told added. */
uint8_t http_tell_login(struct oto_ctx *cx, const struct http_head *h, struct oto_slice user, bool secret, uint8_t told);
/* In a form: the first bytes of a request's body. */
uint8_t http_tell_form(struct oto_ctx *cx, struct oto_slice body, uint8_t told);

#endif
