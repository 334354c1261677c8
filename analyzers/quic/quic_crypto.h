/* quic_crypto.h - the protection of QUIC's initial packets, whose keys follow from what everybody on the path sees (RFC 9001 5, RFC
 * 9369 3.3). Knows keys, versions and one packet; nothing of connections.
 */
#ifndef QUIC_CRYPTO_H
#define QUIC_CRYPTO_H

#include "oto_plugin.h"

enum { QUIC_CID_MAX = 20, QUIC_TAG = 16, QUIC_V1 = 1, QUIC_V2 = 0x6b3343cf };

extern const struct oto_names quic_versions;

struct quic_keys {
	uint8_t key[16], iv[12], hp[16];
};

/* Is the version one whose initial packets can be read? */
bool quic_is_known(uint32_t version);

/* Keys of both directions from the connection identifier of the client's first packet. */
void quic_initial_keys(uint32_t version, struct oto_slice dcid, struct quic_keys *client, struct quic_keys *server);

/* Reads a protected packet: `packet` is whole, its number begins at `number_at`. The frames are written to `frames`, which has room for
 * them (packet.len). False when the keys do not fit. */
bool quic_open(const struct quic_keys *keys, struct oto_slice packet, uint32_t number_at, uint8_t *frames, uint32_t *len);

#endif
