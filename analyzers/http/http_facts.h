/* http_facts.h - what a request tells of the stations that speak: software, system, names, credentials in clear. */
#ifndef OTO_HTTP_FACTS_H
#define OTO_HTTP_FACTS_H

#include "http_message.h"

/* Told once a connection, at its first request. `user`: of basic authentication, or empty. */
void http_tell_client(struct oto_ctx *cx, const struct http_head *h, struct oto_slice user);

#endif
