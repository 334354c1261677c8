/* dns_answer.h - a resource record's data as one line of text, as Zeek writes it in dns.log. */
#ifndef DNS_ANSWER_H
#define DNS_ANSWER_H

#include "dns_message.h"

/* The text, in scratch memory or constant; empty when there is nothing to show. *silent: a type that Zeek does not report as an
 * answer at all. False: the data is malformed. */
bool dns_answer_text(struct oto_ctx *cx, enum dns_service service, const struct dns_record *rr, struct oto_slice *text, bool *silent);
/* A copy in lower case, in scratch memory; empty when that is used up. */
struct oto_slice dns_lower_copy(struct oto_ctx *cx, struct oto_slice s);
/* "prefix" and a number, in scratch memory. */
struct oto_slice dns_numbered(struct oto_ctx *cx, const char *prefix, uint32_t number);

#endif
