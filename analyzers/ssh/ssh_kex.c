/* ssh_kex.c - see ssh_kex.h. */
#include "ssh_kex.h"

#include <nettle/base64.h>
#include <nettle/md5.h>
#include <nettle/sha2.h>

#include "../say.h"

static struct oto_slice take_string(struct oto_cur *c)
{
	return oto_take(c, oto_be32(c));
}

bool ssh_kexinit_read(struct oto_slice payload, struct ssh_kexinit *k)
{
	enum { COOKIE = 16 };
	struct oto_cur c = oto_cur_of(payload);

	oto_skip(&c, COOKIE);
	for (int i = 0; i < SSH_LISTS; i++)
		k->list[i] = take_string(&c);
	k->guessed = oto_u8(&c);
	return !c.bad;
}

/* ------------------------------------------------------------------------------------------------ agreement */

static bool next_name(struct oto_slice *rest, struct oto_slice *name)
{
	do {
		if (!rest->len)
			return false;
		*name = say_first(*rest, say_find(*rest, ','));
		*rest = say_from(*rest, name->len + 1);
	} while (!name->len);
	return true;
}

static bool has_name(struct oto_slice list, struct oto_slice wanted)
{
	struct oto_slice name;

	while (next_name(&list, &name)) {
		if (name.len == wanted.len && memcmp(name.data, wanted.data, name.len) == 0)
			return true;
	}
	return false;
}

struct oto_slice ssh_agreed(struct oto_slice client, struct oto_slice server)
{
	enum { NAMES_MAX = 200 };
	struct oto_slice name;

	for (int i = 0; i < NAMES_MAX && next_name(&client, &name); i++) {
		if (has_name(server, name))
			return name;
	}
	return (struct oto_slice){ 0 };
}

/* ------------------------------------------------------------------------------------------------ digests */

static void hex(const uint8_t *bytes, uint32_t n, bool colons, char *out)
{
	static const char digits[] = "0123456789abcdef";

	for (uint32_t i = 0, at = 0; i < n; i++) {
		if (colons && i)
			out[at++] = ':';
		out[at++] = digits[bytes[i] >> 4];
		out[at++] = digits[bytes[i] & 15];
	}
}

static void add(struct md5_ctx *md5, struct oto_slice s)
{
	if (s.len)
		md5_update(md5, s.len, s.data);
}

void ssh_hassh(const struct ssh_kexinit *k, bool server, char out[SSH_HASSH_TEXT])
{
	uint8_t digest[MD5_DIGEST_SIZE];
	struct md5_ctx md5;

	md5_init(&md5);
	add(&md5, k->list[SSH_KEX]);
	add(&md5, oto_slice_of(";"));
	add(&md5, k->list[server ? SSH_CIPHER_DOWN : SSH_CIPHER_UP]);
	add(&md5, oto_slice_of(";"));
	add(&md5, k->list[server ? SSH_MAC_DOWN : SSH_MAC_UP]);
	add(&md5, oto_slice_of(";"));
	add(&md5, k->list[server ? SSH_COMPRESSION_DOWN : SSH_COMPRESSION_UP]);
	md5_digest(&md5, sizeof digest, digest);
	hex(digest, sizeof digest, false, out);
}

void ssh_md5_text(struct oto_slice a, struct oto_slice b, char out[SSH_MD5_TEXT])
{
	uint8_t digest[MD5_DIGEST_SIZE];
	struct md5_ctx md5;

	md5_init(&md5);
	add(&md5, a);
	add(&md5, b);
	md5_digest(&md5, sizeof digest, digest);
	hex(digest, sizeof digest, true, out);
}

void ssh_sha256_text(struct oto_slice key, char out[SSH_SHA256_TEXT])
{
	char coded[BASE64_ENCODE_RAW_LENGTH(SHA256_DIGEST_SIZE)];
	uint8_t digest[SHA256_DIGEST_SIZE];
	struct sha256_ctx sha256;

	sha256_init(&sha256);
	if (key.len)
		sha256_update(&sha256, key.len, key.data);
	sha256_digest(&sha256, sizeof digest, digest);
	base64_encode_raw(coded, sizeof digest, digest);
	memcpy(out, "SHA256:", 7);
	memcpy(&out[7], coded, SSH_SHA256_TEXT - 7);
}

/* ------------------------------------------------------------------------------------------------ host keys */

/* Which message of an exchange carries the key differs; the key is the first string in all of them. */
struct oto_slice ssh_host_key(struct oto_slice kex, uint8_t message, struct oto_slice payload)
{
	enum { RSA_PUBKEY = 30, REPLY = 31, GROUP_REPLY = 33 };
	struct oto_cur c = oto_cur_of(payload);
	uint8_t wanted = REPLY;

	if (say_begins(kex, "diffie-hellman-group-exchange-") || say_begins(kex, "gss-"))
		wanted = GROUP_REPLY;
	else if (say_begins(kex, "rsa1024-") || say_begins(kex, "rsa2048-"))
		wanted = RSA_PUBKEY;
	if (message != wanted)
		return (struct oto_slice){ 0 };
	struct oto_slice key = take_string(&c);
	return c.bad ? (struct oto_slice){ 0 } : key;
}

static struct oto_slice take_number(struct oto_cur *c)
{
	return oto_take(c, (oto_be16(c) + 7u) / 8);
}

bool ssh1_host_key(struct oto_slice payload, struct oto_slice *modulus, struct oto_slice *exponent)
{
	enum { COOKIE = 8, BITS = 4 };
	struct oto_cur c = oto_cur_of(payload);

	oto_skip(&c, COOKIE + BITS);
	take_number(&c);
	take_number(&c);
	oto_skip(&c, BITS);
	*exponent = take_number(&c);
	*modulus = take_number(&c);
	return !c.bad;
}
