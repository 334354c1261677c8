/* tls_names.c - see tls_names.h; the cipher suites are in tls_ciphers.c. */
#include "tls_names.h"

static const struct oto_name version_rows[] = {
	{ TLS_1_3, "TLSv13", 0, "RFC 8446" },       { TLS_1_2, "TLSv12", 0, "RFC 5246" },       { TLS_1_1, "TLSv11", 0, "RFC 4346" },
	{ TLS_1_0, "TLSv10", 0, "RFC 2246" },       { TLS_SSL3, "SSLv3", 0, "RFC 6101" },       { TLS_SSL2, "SSLv2", 0, NULL },
	{ TLS_DTLS_1_0, "DTLSv10", 0, "RFC 4347" }, { TLS_DTLS_1_2, "DTLSv12", 0, "RFC 6347" }, { TLS_DTLS_1_3, "DTLSv13", 0, "RFC 9147" },
};
const struct oto_names tls_versions = OTO_NAMES(version_rows);

static const struct oto_name group_rows[] = {
	{ 29, "x25519", 0, NULL },
	{ 23, "secp256r1", 0, NULL },
	{ 24, "secp384r1", 0, NULL },
	{ 25, "secp521r1", 0, NULL },
	{ 4588, "X25519MLKEM768", 0, NULL },
	{ 30, "x448", 0, NULL },
	{ 256, "ffdhe2048", 0, NULL },
	{ 257, "ffdhe3072", 0, NULL },
	{ 258, "ffdhe4096", 0, NULL },
	{ 259, "ffdhe6144", 0, NULL },
	{ 260, "ffdhe8192", 0, NULL },
	{ 4587, "SecP256r1MLKEM768", 0, NULL },
	{ 4589, "SecP384r1MLKEM1024", 0, NULL },
	{ 512, "MLKEM512", 0, NULL },
	{ 513, "MLKEM768", 0, NULL },
	{ 514, "MLKEM1024", 0, NULL },
	{ 25497, "X25519Kyber768Draft00", 0, NULL },
	{ 25498, "SecP256r1Kyber768Draft00", 0, NULL },
	{ 1, "sect163k1", 0, NULL },
	{ 2, "sect163r1", 0, NULL },
	{ 3, "sect163r2", 0, NULL },
	{ 4, "sect193r1", 0, NULL },
	{ 5, "sect193r2", 0, NULL },
	{ 6, "sect233k1", 0, NULL },
	{ 7, "sect233r1", 0, NULL },
	{ 8, "sect239k1", 0, NULL },
	{ 9, "sect283k1", 0, NULL },
	{ 10, "sect283r1", 0, NULL },
	{ 11, "sect409k1", 0, NULL },
	{ 12, "sect409r1", 0, NULL },
	{ 13, "sect571k1", 0, NULL },
	{ 14, "sect571r1", 0, NULL },
	{ 15, "secp160k1", 0, NULL },
	{ 16, "secp160r1", 0, NULL },
	{ 17, "secp160r2", 0, NULL },
	{ 18, "secp192k1", 0, NULL },
	{ 19, "secp192r1", 0, NULL },
	{ 20, "secp224k1", 0, NULL },
	{ 21, "secp224r1", 0, NULL },
	{ 22, "secp256k1", 0, NULL },
	{ 26, "brainpoolP256r1", 0, NULL },
	{ 27, "brainpoolP384r1", 0, NULL },
	{ 28, "brainpoolP512r1", 0, NULL },
	{ 31, "brainpoolP256r1tls13", 0, NULL },
	{ 32, "brainpoolP384r1tls13", 0, NULL },
	{ 33, "brainpoolP512r1tls13", 0, NULL },
	{ 34, "GC256A", 0, NULL },
	{ 35, "GC256B", 0, NULL },
	{ 36, "GC256C", 0, NULL },
	{ 37, "GC256D", 0, NULL },
	{ 38, "GC512A", 0, NULL },
	{ 39, "GC512B", 0, NULL },
	{ 40, "GC512C", 0, NULL },
	{ 41, "curveSM2", 0, NULL },
	{ 16696, "CECPQ2", 0, NULL },
	{ 65281, "arbitrary_explicit_prime_curves", 0, NULL },
	{ 65282, "arbitrary_explicit_char2_curves", 0, NULL },
};
const struct oto_names tls_groups = OTO_NAMES(group_rows);

static const struct oto_name extension_rows[] = {
	{ 0, "server_name", 0, NULL },
	{ 1, "max_fragment_length", 0, NULL },
	{ 2, "client_certificate_url", 0, NULL },
	{ 3, "trusted_ca_keys", 0, NULL },
	{ 4, "truncated_hmac", 0, NULL },
	{ 5, "status_request", 0, NULL },
	{ 6, "user_mapping", 0, NULL },
	{ 7, "client_authz", 0, NULL },
	{ 8, "server_authz", 0, NULL },
	{ 9, "cert_type", 0, NULL },
	{ 10, "supported_groups", 0, NULL },
	{ 11, "ec_point_formats", 0, NULL },
	{ 12, "srp", 0, NULL },
	{ 13, "signature_algorithms", 0, NULL },
	{ 14, "use_srtp", 0, NULL },
	{ 15, "heartbeat", 0, NULL },
	{ 16, "application_layer_protocol_negotiation", 0, NULL },
	{ 17, "status_request_v2", 0, NULL },
	{ 18, "signed_certificate_timestamp", 0, NULL },
	{ 19, "client_certificate_type", 0, NULL },
	{ 20, "server_certificate_type", 0, NULL },
	{ 21, "padding", 0, NULL },
	{ 22, "encrypt_then_mac", 0, NULL },
	{ 23, "extended_master_secret", 0, NULL },
	{ 24, "token_binding", 0, NULL },
	{ 25, "cached_info", 0, NULL },
	{ 27, "compress_certificate", 0, NULL },
	{ 28, "record_size_limit", 0, NULL },
	{ 34, "delegated_credential", 0, NULL },
	{ 35, "session_ticket", 0, NULL },
	{ 41, "pre_shared_key", 0, NULL },
	{ 42, "early_data", 0, NULL },
	{ 43, "supported_versions", 0, NULL },
	{ 44, "cookie", 0, NULL },
	{ 45, "psk_key_exchange_modes", 0, NULL },
	{ 47, "certificate_authorities", 0, NULL },
	{ 48, "oid_filters", 0, NULL },
	{ 49, "post_handshake_auth", 0, NULL },
	{ 50, "signature_algorithms_cert", 0, NULL },
	{ 51, "key_share", 0, NULL },
	{ 52, "transparency_info", 0, NULL },
	{ 54, "connection_id", 0, NULL },
	{ 57, "quic_transport_parameters", 0, NULL },
	{ 58, "ticket_request", 0, NULL },
	{ 59, "dnssec_chain", 0, NULL },
	{ 13172, "next_protocol_negotiation", 0, NULL },
	{ 17513, "application_settings", 0, NULL },
	{ 17613, "application_settings_new", 0, NULL },
	{ 30031, "channel_id_old", 0, NULL },
	{ 30032, "channel_id", 0, NULL },
	{ 65037, "encrypted_client_hello", 0, NULL },
	{ 65281, "renegotiation_info", 0, NULL },
	{ 65445, "quic_transport_parameters_draft", 0, NULL },
	{ 65486, "encrypted_server_name", 0, NULL },
};
const struct oto_names tls_extensions = OTO_NAMES(extension_rows);

static const struct oto_name alert_rows[] = {
	{ 0, "close_notify", 0, NULL },
	{ 10, "unexpected_message", 0, NULL },
	{ 20, "bad_record_mac", 0, NULL },
	{ 21, "decryption_failed", 0, NULL },
	{ 22, "record_overflow", 0, NULL },
	{ 30, "decompression_failure", 0, NULL },
	{ 40, "handshake_failure", 0, NULL },
	{ 41, "no_certificate", 0, NULL },
	{ 42, "bad_certificate", 0, NULL },
	{ 43, "unsupported_certificate", 0, NULL },
	{ 44, "certificate_revoked", 0, NULL },
	{ 45, "certificate_expired", 0, NULL },
	{ 46, "certificate_unknown", 0, NULL },
	{ 47, "illegal_parameter", 0, NULL },
	{ 48, "unknown_ca", 0, NULL },
	{ 49, "access_denied", 0, NULL },
	{ 50, "decode_error", 0, NULL },
	{ 51, "decrypt_error", 0, NULL },
	{ 60, "export_restriction", 0, NULL },
	{ 70, "protocol_version", 0, NULL },
	{ 71, "insufficient_security", 0, NULL },
	{ 80, "internal_error", 0, NULL },
	{ 86, "inappropriate_fallback", 0, NULL },
	{ 90, "user_canceled", 0, NULL },
	{ 100, "no_renegotiation", 0, NULL },
	{ 109, "missing_extension", 0, NULL },
	{ 110, "unsupported_extension", 0, NULL },
	{ 111, "certificate_unobtainable", 0, NULL },
	{ 112, "unrecognized_name", 0, NULL },
	{ 113, "bad_certificate_status_response", 0, NULL },
	{ 114, "bad_certificate_hash_value", 0, NULL },
	{ 115, "unknown_psk_identity", 0, NULL },
	{ 116, "certificate_required", 0, NULL },
	{ 120, "no_application_protocol", 0, NULL },
	{ 121, "ech_required", 0, NULL },
};
const struct oto_names tls_alerts = OTO_NAMES(alert_rows);

static const struct oto_name level_rows[] = {
	{ 1, "warning", 0, NULL },
	{ 2, "fatal", 0, "the connection ends" },
};
const struct oto_names tls_alert_levels = OTO_NAMES(level_rows);

struct oto_slice tls_word(struct oto_ctx *cx, const struct oto_names *names, uint32_t value)
{
	const struct oto_name *row = oto_name_of(names, value);

	return row ? oto_slice_of(row->name) : say_text(cx, 24, "unknown-%u", value);
}

struct oto_slice tls_version_word(struct oto_ctx *cx, uint16_t version)
{
	if (version >> 8 == 0x7f)
		return say_text(cx, 24, "TLSv13-draft%u", version & 0xffu);
	return tls_word(cx, &tls_versions, version);
}

static struct oto_slice cipher_name(uint32_t cipher)
{
	const struct oto_name *row = oto_name_of(&tls_ciphers, cipher);

	return oto_slice_of(row ? row->name : NULL);
}

bool tls_cipher_has_curve(uint32_t cipher, bool *hint)
{
	struct oto_slice name = cipher_name(cipher);

	*hint = say_begins(name, "TLS_ECDHE_PSK");
	return say_begins(name, "TLS_ECDHE_") || say_begins(name, "TLS_ECDH_ANON");
}

const char *tls_cipher_weakness(uint32_t cipher)
{
	static const struct {
		const char *part, *why;
	} weak[] = {
		{ "_WITH_NULL_", "no encryption" },
		{ "_EXPORT", "export grade" },
		{ "_ANON_", "no authentication" },
		{ "_RC4_", "RC4" },
		{ "_WITH_DES_", "single DES" },
		{ "_DES40_", "export grade" },
		{ "_RC2_", "RC2" },
		{ "_3DES_", "triple DES" },
	};
	struct oto_slice name = cipher_name(cipher);

	for (uint32_t w = 0; w < sizeof weak / sizeof *weak; w++) {
		for (uint32_t at = 0; at < name.len; at++) {
			if (say_begins(say_from(name, at), weak[w].part))
				return weak[w].why;
		}
	}
	return cipher >> 16 ? "SSL 2" : NULL;
}
