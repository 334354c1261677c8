/* quic_crypto.c - see quic_crypto.h. */
#include <nettle/aes.h>
#include <nettle/gcm.h>
#include <nettle/hmac.h>

#include "quic_crypto.h"

/* The names are Zeek's and, for drafts, IETF's. Drafts that share a salt are told apart by their number alone. */
static const struct oto_name version_rows[] = {
	{ 0x00000001, "1", 0, "RFC 9000" },
	{ 0x6b3343cf, "quicv2", 0, "RFC 9369" },
	{ 0xff00001d, "draft-29", 0, NULL },
	{ 0xff00001e, "draft-30", 0, NULL },
	{ 0xff00001f, "draft-31", 0, NULL },
	{ 0xff000020, "draft-32", 0, NULL },
	{ 0xff000021, "draft-33", 0, NULL },
	{ 0xff000022, "draft-34", 0, NULL },
	{ 0xff000017, "draft-23", 0, NULL },
	{ 0xff000018, "draft-24", 0, NULL },
	{ 0xff000019, "draft-25", 0, NULL },
	{ 0xff00001a, "draft-26", 0, NULL },
	{ 0xff00001b, "draft-27", 0, NULL },
	{ 0xff00001c, "draft-28", 0, NULL },
	{ 0xfaceb002, "mvfst-27", 0, "draft-27 of Facebook's" },
};
const struct oto_names quic_versions = OTO_NAMES(version_rows);

enum { SALT = 20 };
static const uint8_t salt_v1[SALT] = { 0x38, 0x76, 0x2c, 0xf7, 0xf5, 0x59, 0x34, 0xb3, 0x4d, 0x17,
				       0x9a, 0xe6, 0xa4, 0xc8, 0x0c, 0xad, 0xcc, 0xbb, 0x7f, 0x0a };
static const uint8_t salt_v2[SALT] = { 0x0d, 0xed, 0xe3, 0xde, 0xf7, 0x00, 0xa6, 0xdb, 0x81, 0x93,
				       0x81, 0xbe, 0x6e, 0x26, 0x9d, 0xcb, 0xf9, 0xbd, 0x2e, 0xd9 };
static const uint8_t salt_29[SALT] = { 0xaf, 0xbf, 0xec, 0x28, 0x99, 0x93, 0xd2, 0x4c, 0x9e, 0x97,
				       0x86, 0xf1, 0x9c, 0x61, 0x11, 0xe0, 0x43, 0x90, 0xa8, 0x99 };
static const uint8_t salt_23[SALT] = { 0xc3, 0xee, 0xf7, 0x12, 0xc7, 0x2e, 0xbb, 0x5a, 0x11, 0xa7,
				       0xd2, 0x43, 0x2b, 0xb4, 0x63, 0x65, 0xbe, 0xf9, 0xf5, 0x02 };

static const uint8_t *salt_of(uint32_t version)
{
	if (version == QUIC_V2)
		return salt_v2;
	if (version == QUIC_V1 || version >= 0xff000021)
		return salt_v1;
	return version >= 0xff00001d && version <= 0xff000020 ? salt_29 : salt_23;
}

bool quic_is_known(uint32_t version)
{
	return oto_name_of(&quic_versions, version) != NULL;
}

/* ------------------------------------------------------------------------------------------------ keys */

static void hmac(const uint8_t *key, size_t key_len, const uint8_t *text, size_t len, uint8_t *out, size_t out_len)
{
	struct hmac_sha256_ctx ctx;

	hmac_sha256_set_key(&ctx, key_len, key);
	hmac_sha256_update(&ctx, len, text);
	hmac_sha256_digest(&ctx, out_len, out);
}

/* HKDF-Expand-Label of RFC 8446 7.1 for what fits into one block. */
static void expand_label(const uint8_t secret[SHA256_DIGEST_SIZE], const char *label, uint8_t *out, uint8_t len)
{
	uint8_t info[40], n = 0;
	size_t label_len = strlen(label);

	info[n++] = 0;
	info[n++] = len;
	info[n++] = (uint8_t)(6 + label_len);
	memcpy(&info[n], "tls13 ", 6);
	memcpy(&info[n + 6], label, label_len);
	n = (uint8_t)(n + 6 + label_len);
	info[n++] = 0; /* no context */
	info[n++] = 1; /* the first block */
	hmac(secret, SHA256_DIGEST_SIZE, info, n, out, len);
}

static void keys_of(const uint8_t initial[SHA256_DIGEST_SIZE], const char *whose, bool v2, struct quic_keys *k)
{
	uint8_t secret[SHA256_DIGEST_SIZE];

	expand_label(initial, whose, secret, sizeof secret);
	expand_label(secret, v2 ? "quicv2 key" : "quic key", k->key, sizeof k->key);
	expand_label(secret, v2 ? "quicv2 iv" : "quic iv", k->iv, sizeof k->iv);
	expand_label(secret, v2 ? "quicv2 hp" : "quic hp", k->hp, sizeof k->hp);
}

void quic_initial_keys(uint32_t version, struct oto_slice dcid, struct quic_keys *client, struct quic_keys *server)
{
	uint8_t initial[SHA256_DIGEST_SIZE];
	bool v2 = version == QUIC_V2;

	hmac(salt_of(version), SALT, dcid.len ? dcid.data : (const uint8_t *)"", dcid.len, initial, sizeof initial);
	keys_of(initial, "client in", v2, client);
	keys_of(initial, "server in", v2, server);
}

/* ------------------------------------------------------------------------------------------------ packets */

/* RFC 9001 5.4: the number's length and octets and the low bits of the first octet are masked. */
static void unmask(const struct quic_keys *keys, struct oto_slice packet, uint32_t number_at, uint8_t *first, uint8_t number[4])
{
	struct aes128_ctx aes;
	uint8_t mask[AES_BLOCK_SIZE];
	struct oto_cur c = oto_cur_of(packet);

	oto_skip(&c, number_at);
	memcpy(number, oto_take(&c, 4).data, 4);
	aes128_set_encrypt_key(&aes, keys->hp);
	aes128_encrypt(&aes, sizeof mask, mask, oto_take(&c, sizeof mask).data);
	*first = packet.data[0] ^ (mask[0] & 0x0f);
	for (int i = 0; i < 4; i++)
		number[i] ^= mask[1 + i];
}

bool quic_open(const struct quic_keys *keys, struct oto_slice packet, uint32_t number_at, uint8_t *frames, uint32_t *len)
{
	enum { LONGEST_NUMBER = 4 };
	struct gcm_aes128_ctx gcm;
	uint8_t first, number[LONGEST_NUMBER], nonce[sizeof keys->iv], tag[QUIC_TAG];

	if (packet.len < number_at + LONGEST_NUMBER + AES_BLOCK_SIZE)
		return false;
	unmask(keys, packet, number_at, &first, number);
	uint32_t number_len = (first & 3u) + 1, header = number_at + number_len;
	if (packet.len < header + QUIC_TAG)
		return false;
	memcpy(nonce, keys->iv, sizeof nonce);
	for (uint32_t i = 0; i < number_len; i++)
		nonce[sizeof nonce - number_len + i] ^= number[i];

	struct oto_cur c = oto_cur_of(packet);
	oto_skip(&c, 1);
	struct oto_slice plain_header = oto_take(&c, number_at - 1);
	oto_skip(&c, number_len);
	struct oto_slice sealed = oto_take(&c, packet.len - header - QUIC_TAG);
	gcm_aes128_set_key(&gcm, keys->key);
	gcm_aes128_set_iv(&gcm, sizeof nonce, nonce);
	/* What is authenticated must come in whole blocks but for the last piece. */
	uint32_t total = 1 + plain_header.len + number_len;
	memcpy(frames, &first, 1);
	memcpy(frames + 1, plain_header.data, plain_header.len);
	memcpy(frames + 1 + plain_header.len, number, number_len);
	gcm_aes128_update(&gcm, total, frames);
	gcm_aes128_decrypt(&gcm, sealed.len, frames, sealed.data);
	gcm_aes128_digest(&gcm, sizeof tag, tag);
	*len = sealed.len;
	return memcmp(tag, oto_take(&c, QUIC_TAG).data, QUIC_TAG) == 0;
}
