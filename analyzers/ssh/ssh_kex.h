/* ssh_kex.h - the clear part of SSH's key exchange: name lists, what both sides agree on, fingerprints.
 *
 * Reads payloads (RFC 4253 7, 8; RFC 4419; RFC 4432; RFC 4462; RFC 5656) and knows nothing of connections.
 */
#ifndef OTO_SSH_KEX_H
#define OTO_SSH_KEX_H

#include "oto_plugin.h"

enum ssh_list {
	SSH_KEX,
	SSH_HOST_KEY,
	SSH_CIPHER_UP, /* client to server */
	SSH_CIPHER_DOWN,
	SSH_MAC_UP,
	SSH_MAC_DOWN,
	SSH_COMPRESSION_UP,
	SSH_COMPRESSION_DOWN,
	SSH_LANGUAGE_UP,
	SSH_LANGUAGE_DOWN,
	SSH_LISTS
};

/* What a KEXINIT says, as comma separated names. */
struct ssh_kexinit {
	struct oto_slice list[SSH_LISTS];
	bool guessed; /* a packet on a guess follows */
};

/* The payload behind the message number. False when it is none. */
bool ssh_kexinit_read(struct oto_slice payload, struct ssh_kexinit *k);

/* RFC 4253 7.1: the first of the client's names that the server has, too; NULL data: there is none. */
struct oto_slice ssh_agreed(struct oto_slice client, struct oto_slice server);

enum { SSH_MD5_TEXT = 47, SSH_SHA256_TEXT = 50, SSH_HASSH_TEXT = 32 };

/* The MD5 of the lists that make a program known, 32 hexadecimal digits (HASSH). */
void ssh_hassh(const struct ssh_kexinit *k, bool server, char out[SSH_HASSH_TEXT]);

/* The server's host key in a message of the exchange `kex`; empty when the message carries none. */
struct oto_slice ssh_host_key(struct oto_slice kex, uint8_t message, struct oto_slice payload);
/* SSH 1: modulus, then exponent, as they are hashed; false when the payload of SMSG_PUBLIC_KEY is none. */
bool ssh1_host_key(struct oto_slice payload, struct oto_slice *modulus, struct oto_slice *exponent);

/* "20:99:a4:...", and "SHA256:" with base64 without padding, over one or two pieces. */
void ssh_md5_text(struct oto_slice a, struct oto_slice b, char out[SSH_MD5_TEXT]);
void ssh_sha256_text(struct oto_slice key, char out[SSH_SHA256_TEXT]);

#endif
