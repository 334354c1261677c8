/* enip_security.h - CIP Security: EtherNet/IP over TLS and DTLS on port 2221, volume 8. Only that it is there, and which version, can be
 * told. */
#ifndef OTO_ANALYZERS_ENIP_SECURITY_H
#define OTO_ANALYZERS_ENIP_SECURITY_H

#include "oto_plugin.h"

enum { ENIP_SECURITY_PORT = 2221 };

struct enip_flow {
	bool told[2]; /* by direction: a handshake was spoken of */
};

extern const struct oto_event_type enip_security_type;

static inline bool enip_is_security(const struct oto_ctx *cx)
{
	return cx->head->orig_p == ENIP_SECURITY_PORT || cx->head->resp_p == ENIP_SECURITY_PORT;
}
enum oto_answer enip_security_probe(const struct oto_ctx *cx, struct oto_cur c);
int64_t enip_security_len(const struct oto_ctx *cx, struct oto_cur c);
void enip_security_pdu(struct oto_ctx *cx, uint32_t event, struct oto_cur *c);
/* The item of List Identity in which a device says what it can do. */
void enip_security_item(struct oto_ctx *cx, uint32_t event, struct oto_slice data);

#endif
