/* tls_certificate.c - see tls_certificate.h. */
#include <nettle/sha2.h>

#include "../ber_name.h"
#include "tls_certificate.h"

/* ------------------------------------------------------------------------------------------------ the event */

#define X(m, doc_, ...) OTO_FIELD(struct tls_certificate, m, doc_, __VA_ARGS__)
#define IF(has) .guard = OTO_IF(struct tls_certificate, has)
static const struct oto_field fields[] = {
	X(ts, "when it was shown"),
	X(fingerprint, "SHA-256 of it", .flags = OTO_HEX),
	X(version, "of its form: 1 to 3"),
	X(serial, "number its issuer gave it"),
	X(subject, "whose it is (RFC 2253)"),
	X(issuer, "who signed it"),
	X(not_valid_before, "begin of its validity"),
	X(not_valid_after, "end of its validity"),
	X(key_alg, "algorithm of its key"),
	X(sig_alg, "algorithm of its signature"),
	X(key_type, "rsa, dsa, ecdsa"),
	X(key_length, "of its key, in bits", IF(has_length)),
	X(exponent, "of an RSA key"),
	X(curve, "of an elliptic key"),
	X(san_dns, "other names: DNS", IF(has_dns)),
	X(san_uri, "other names: URIs", IF(has_uri)),
	X(san_email, "other names: mail addresses", IF(has_email)),
	X(san_ip, "other names: addresses", IF(has_ip)),
	X(ca, "may it sign others?", IF(has_ca)),
	X(path_len, "how long a chain it may begin", IF(has_path_len)),
	X(host_cert, "the first of its chain"),
	X(client_cert, "shown by the client"),
	X(self_signed, "subject and issuer are one"),
	X(expired, "its validity had ended"),
	X(not_yet_valid, "its validity had not begun"),
	X(repeated, "shown before, within a day"),
};
static const struct oto_log logs[] = {
	{ .name = "x509",
	  .doc = "A row for each certificate that is shown, once a day.",
	  .columns = "fingerprint certificate.version=version certificate.serial=serial certificate.subject=subject "
		     "certificate.issuer=issuer certificate.not_valid_before=not_valid_before "
		     "certificate.not_valid_after=not_valid_after certificate.key_alg=key_alg certificate.sig_alg=sig_alg "
		     "certificate.key_type=key_type certificate.key_length=key_length certificate.exponent=exponent "
		     "certificate.curve=curve san.dns=san_dns san.uri=san_uri san.email=san_email san.ip=san_ip "
		     "basic_constraints.ca=ca basic_constraints.path_len=path_len host_cert client_cert",
	  .extra = "self_signed expired not_yet_valid uid id.orig_h=orig_h id.resp_h=resp_h id.resp_p=resp_p",
	  .where = "not repeated",
	  .flags = OTO_LOG_NO_ID,
	  .form = OTO_FORM_DETAIL },
};
const struct oto_event_type tls_certificate_event =
    OTO_EVENT("tls.certificate", struct tls_certificate, fields, "A certificate, shown by either side.", OTO_LOGS(logs));

/* ------------------------------------------------------------------------------------------------ algorithms */

struct algorithm {
	const char *oid;
	uint32_t len;
	const char *name;
	uint32_t bits; /* of a curve */
};
#define OID(octets, name_, bits_)                                                                                                          \
	{                                                                                                                                  \
		octets, sizeof(octets) - 1, name_, bits_                                                                                   \
	}
#define PKCS1 "\x2a\x86\x48\x86\xf7\x0d\x01\x01"
#define X962 "\x2a\x86\x48\xce\x3d"
#define NIST "\x60\x86\x48\x01\x65\x03\x04\x03"
#define BRAINPOOL "\x2b\x24\x03\x03\x02\x08\x01\x01"

/* The names are OpenSSL's. */
static const struct algorithm algorithms[] = {
	OID(PKCS1 "\x01", "rsaEncryption", 0),
	OID(PKCS1 "\x0b", "sha256WithRSAEncryption", 0),
	OID(PKCS1 "\x05", "sha1WithRSAEncryption", 0),
	OID(PKCS1 "\x0c", "sha384WithRSAEncryption", 0),
	OID(PKCS1 "\x0d", "sha512WithRSAEncryption", 0),
	OID(PKCS1 "\x0e", "sha224WithRSAEncryption", 0),
	OID(PKCS1 "\x04", "md5WithRSAEncryption", 0),
	OID(PKCS1 "\x02", "md2WithRSAEncryption", 0),
	OID(PKCS1 "\x03", "md4WithRSAEncryption", 0),
	OID(PKCS1 "\x0a", "rsassaPss", 0),
	OID(PKCS1 "\x07", "rsaesOaep", 0),
	OID("\x2b\x0e\x03\x02\x1d", "sha1WithRSA", 0),
	OID("\x2b\x0e\x03\x02\x03", "md5WithRSA", 0),
	OID("\x55\x08\x01\x01", "rsa", 0),
	OID(X962 "\x02\x01", "id-ecPublicKey", 0),
	OID(X962 "\x04\x03\x02", "ecdsa-with-SHA256", 0),
	OID(X962 "\x04\x03\x03", "ecdsa-with-SHA384", 0),
	OID(X962 "\x04\x03\x04", "ecdsa-with-SHA512", 0),
	OID(X962 "\x04\x03\x01", "ecdsa-with-SHA224", 0),
	OID(X962 "\x04\x01", "ecdsa-with-SHA1", 0),
	OID("\x2a\x86\x48\xce\x38\x04\x01", "dsaEncryption", 0),
	OID("\x2a\x86\x48\xce\x38\x04\x03", "dsaWithSHA1", 0),
	OID(NIST "\x01", "dsa_with_SHA224", 0),
	OID(NIST "\x02", "dsa_with_SHA256", 0),
	OID("\x2b\x65\x70", "ED25519", 0),
	OID("\x2b\x65\x71", "ED448", 0),
	OID("\x2a\x86\x48\x86\xf7\x0d\x01\x03\x01", "dhKeyAgreement", 0),
	OID("\x2a\x85\x03\x07\x01\x01\x01\x01", "GOST R 34.10-2012 with 256 bit modulus", 0),
	OID("\x2a\x85\x03\x07\x01\x01\x01\x02", "GOST R 34.10-2012 with 512 bit modulus", 0),
	OID("\x2a\x81\x1c\xcf\x55\x01\x83\x75", "SM2-with-SM3", 0),
};
static const struct algorithm curves[] = {
	OID(X962 "\x03\x01\x07", "prime256v1", 256),         OID("\x2b\x81\x04\x00\x22", "secp384r1", 384),
	OID("\x2b\x81\x04\x00\x23", "secp521r1", 521),       OID("\x2b\x81\x04\x00\x0a", "secp256k1", 256),
	OID("\x2b\x81\x04\x00\x21", "secp224r1", 224),       OID(X962 "\x03\x01\x01", "prime192v1", 192),
	OID("\x2b\x81\x04\x00\x08", "secp160r1", 161),       OID(BRAINPOOL "\x07", "brainpoolP256r1", 256),
	OID(BRAINPOOL "\x0b", "brainpoolP384r1", 384),       OID(BRAINPOOL "\x0d", "brainpoolP512r1", 512),
	OID("\x2a\x81\x1c\xcf\x55\x01\x82\x2d", "SM2", 256),
};

static const struct algorithm *algorithm_in(const struct algorithm *table, uint32_t n, struct oto_slice oid)
{
	for (uint32_t i = 0; i < n; i++) {
		if (table[i].len == oid.len && memcmp(table[i].oid, oid.data, oid.len) == 0)
			return &table[i];
	}
	return NULL;
}

static struct oto_slice algorithm_name(struct oto_ctx *cx, struct oto_slice oid)
{
	const struct algorithm *known = algorithm_in(algorithms, sizeof algorithms / sizeof *algorithms, oid);
	char dotted[BER_OID_TEXT_MAX];

	return known ? oto_slice_of(known->name) : say_copy(cx, ber_oid_text(oid, dotted));
}

/* ------------------------------------------------------------------------------------------------ keys */

static struct oto_slice without_zeros(struct oto_slice number)
{
	while (number.len && number.data[0] == 0)
		number = say_from(number, 1);
	return number;
}

static uint32_t bits_of(struct oto_slice number)
{
	struct oto_slice n = without_zeros(number);
	uint32_t bits = n.len * 8;

	for (uint8_t top = n.len ? n.data[0] : 0x80; !(top & 0x80); top = (uint8_t)(top << 1))
		bits--;
	return bits;
}

static void read_rsa_key(struct oto_ctx *cx, const struct ber_certificate *c, struct tls_certificate *x)
{
	struct oto_cur outer = oto_cur_of(c->key), key = ber_enter(&outer, BER_SEQUENCE);
	struct oto_slice modulus = ber_take(&key, BER_INTEGER), exponent = ber_take(&key, BER_INTEGER);
	uint64_t number;

	if (key.bad)
		return;
	x->key_type = "rsa";
	x->key_length = bits_of(modulus);
	if (ber_unsigned_of(exponent, &number))
		x->exponent = say_text(cx, 20, "%llu", (unsigned long long)number);
}

static void read_dsa_key(const struct ber_certificate *c, struct tls_certificate *x)
{
	struct oto_cur outer = oto_cur_of(c->key_parameters), parameters = ber_enter(&outer, BER_SEQUENCE);
	struct oto_slice p = ber_take(&parameters, BER_INTEGER);

	x->key_type = "dsa";
	x->key_length = parameters.bad ? 0 : bits_of(p);
}

static void read_elliptic_key(const struct ber_certificate *c, struct tls_certificate *x)
{
	struct oto_cur parameters = oto_cur_of(c->key_parameters);
	const struct algorithm *curve =
	    algorithm_in(curves, sizeof curves / sizeof *curves, ber_at(&parameters, BER_OID) ? ber_take(&parameters, BER_OID) : c->key);

	x->key_type = "ecdsa";
	x->curve = curve ? curve->name : NULL;
	x->key_length = curve ? curve->bits : 0;
}

static void read_key(struct oto_ctx *cx, const struct ber_certificate *c, struct tls_certificate *x)
{
	if (BER_OID_IS(c->key_algorithm, PKCS1 "\x01"))
		read_rsa_key(cx, c, x);
	else if (BER_OID_IS(c->key_algorithm, X962 "\x02\x01"))
		read_elliptic_key(c, x);
	else if (BER_OID_IS(c->key_algorithm, "\x2a\x86\x48\xce\x38\x04\x01"))
		read_dsa_key(c, x);
	x->has_length = x->key_length != 0;
}

/* ------------------------------------------------------------------------------------------------ extensions */

enum { NAMES_MAX = 256 };
enum name_kind { NAME_EMAIL = 0x81, NAME_DNS = 0x82, NAME_URI = 0x86, NAME_IP = 0x87 };

/* The contents of an extension by the last octet of its identifier (2.5.29.n); empty when it is not there. */
static struct oto_slice extension(const struct ber_certificate *c, uint8_t which)
{
	struct oto_cur all = oto_cur_of(c->extensions);

	while (oto_left(&all)) {
		struct oto_cur one = ber_enter(&all, BER_SEQUENCE);
		struct oto_slice oid = ber_take(&one, BER_OID);
		if (ber_at(&one, BER_BOOLEAN))
			ber_take(&one, BER_BOOLEAN);
		struct oto_slice value = ber_take(&one, BER_OCTETS);
		if (one.bad || all.bad)
			break;
		if (oid.len == 3 && BER_OID_UNDER(oid, "\x55\x1d") && oid.data[2] == which)
			return value;
	}
	return (struct oto_slice){ 0 };
}

static struct oto_cur other_names(const struct ber_certificate *c)
{
	enum { SUBJECT_ALTERNATIVE_NAME = 17 };
	struct oto_cur outer = oto_cur_of(extension(c, SUBJECT_ALTERNATIVE_NAME));

	return oto_left(&outer) ? ber_enter(&outer, BER_SEQUENCE) : outer;
}

static struct oto_slice address_text(struct oto_ctx *cx, struct oto_slice octets)
{
	struct oto_addr a = { .family = octets.len == 4 ? OTO_FAMILY_IPV4 : OTO_FAMILY_IPV6 };

	if (octets.len != 4 && octets.len != 16)
		return (struct oto_slice){ 0 };
	memcpy(a.byte, octets.data, octets.len);
	return say_addr(cx, &a);
}

static struct oto_list names_of(struct oto_ctx *cx, const struct ber_certificate *c, enum name_kind kind, bool *has)
{
	struct oto_cur names = other_names(c), look = names;
	struct oto_slice *items = NULL;
	uint32_t n = 0, count = 0;
	struct ber e;

	while (ber_next(&look, &e) && count < NAMES_MAX)
		count += e.tag == kind;
	items = count ? oto_scratch(cx, count * sizeof *items) : NULL;
	while (items && n < count && ber_next(&names, &e)) {
		if (e.tag != kind)
			continue;
		struct oto_slice text = kind == NAME_IP ? address_text(cx, e.value) : e.value;
		if (text.len)
			items[n++] = text;
	}
	*has = n != 0;
	return (struct oto_list){ items, n };
}

static void read_constraints(const struct ber_certificate *c, struct tls_certificate *x)
{
	enum { BASIC_CONSTRAINTS = 19 };
	struct oto_cur outer = oto_cur_of(extension(c, BASIC_CONSTRAINTS));

	if (!oto_left(&outer))
		return;
	struct oto_cur in = ber_enter(&outer, BER_SEQUENCE);
	x->has_ca = !in.bad;
	if (ber_at(&in, BER_BOOLEAN)) {
		struct oto_slice yes = ber_take(&in, BER_BOOLEAN);
		x->ca = yes.len && yes.data[0];
	}
	x->has_path_len = ber_at(&in, BER_INTEGER) && ber_unsigned_of(ber_take(&in, BER_INTEGER), &x->path_len);
}

/* ------------------------------------------------------------------------------------------------ reading */

static struct oto_slice name_text(struct oto_ctx *cx, struct oto_slice name)
{
	/* Escaping makes three characters of an octet. */
	uint32_t size = name.len < 4096 ? name.len * 4 + 64 : 16448;
	char *out = oto_scratch(cx, size);
	struct oto_slice text = { 0 };

	return out && ber_name_text(name, out, size, &text) ? text : (struct oto_slice){ 0 };
}

static struct oto_slice serial_text(struct oto_ctx *cx, struct oto_slice serial)
{
	struct oto_slice n = without_zeros(serial);
	char *out = oto_scratch(cx, n.len * 2u + 2);
	struct ber_text t = { .out = out, .size = n.len * 2 + 2 };

	if (!out)
		return (struct oto_slice){ 0 };
	if (!n.len)
		ber_put(&t, '0');
	for (uint32_t i = 0; i < n.len; i++)
		ber_put_hex(&t, n.data[i]);
	return (struct oto_slice){ (const uint8_t *)out, t.len };
}

static bool same_bytes(struct oto_slice a, struct oto_slice b)
{
	return a.len == b.len && (!a.len || memcmp(a.data, b.data, a.len) == 0);
}

void tls_fingerprint_of(struct oto_slice der, uint8_t out[TLS_FINGERPRINT])
{
	struct sha256_ctx sha;

	sha256_init(&sha);
	sha256_update(&sha, der.len, der.data);
	sha256_digest(&sha, TLS_FINGERPRINT, out);
}

static bool read_certificate(struct oto_ctx *cx, struct oto_slice der, struct tls_certificate *x)
{
	struct ber_certificate c;
	uint8_t *fingerprint = oto_scratch(cx, TLS_FINGERPRINT);

	*x = (struct tls_certificate){ .ts = cx->head->ts };
	if (!fingerprint || !ber_read_certificate(der, &c))
		return false;
	tls_fingerprint_of(der, fingerprint);
	x->fingerprint = (struct oto_slice){ fingerprint, TLS_FINGERPRINT };
	x->version = c.version;
	x->serial = serial_text(cx, c.serial);
	x->subject = name_text(cx, c.subject);
	x->issuer = name_text(cx, c.issuer);
	x->not_valid_before = c.not_before;
	x->not_valid_after = c.not_after;
	x->key_alg = algorithm_name(cx, c.key_algorithm);
	x->sig_alg = algorithm_name(cx, c.signature_algorithm);
	read_key(cx, &c, x);
	x->san_dns = names_of(cx, &c, NAME_DNS, &x->has_dns);
	x->san_uri = names_of(cx, &c, NAME_URI, &x->has_uri);
	x->san_email = names_of(cx, &c, NAME_EMAIL, &x->has_email);
	x->san_ip = names_of(cx, &c, NAME_IP, &x->has_ip);
	read_constraints(&c, x);
	x->self_signed = same_bytes(c.subject, c.issuer);
	x->expired = cx->head->ts.ns > c.not_after.ns;
	x->not_yet_valid = cx->head->ts.ns < c.not_before.ns;
	return true;
}

/* ------------------------------------------------------------------------------------------------ names */

/* RFC 6125 6.4.3: a star stands for the whole or a part of the first label, and two more labels must follow. */
static bool star_fits(struct oto_slice pattern, struct oto_slice host)
{
	uint32_t star = say_find(pattern, '*'), dot = say_find(pattern, '.'), dots = 0;

	for (uint32_t i = 0; i < pattern.len; i++)
		dots += pattern.data[i] == '.';
	if (star >= dot || dots < 2 || say_find(say_from(pattern, star + 1), '*') < pattern.len - star - 1)
		return false;
	uint32_t behind = pattern.len - star - 1; /* of the star */
	if (host.len <= star + behind)
		return false;
	struct oto_slice front = say_first(pattern, star), back = say_from(pattern, star + 1);
	struct oto_slice host_back = say_from(host, host.len - behind);
	struct oto_slice middle = say_first(say_from(host, star), host.len - star - behind);
	for (uint32_t i = 0; i < front.len; i++) {
		if (say_lower(front.data[i]) != say_lower(host.data[i]))
			return false;
	}
	for (uint32_t i = 0; i < back.len; i++) {
		if (say_lower(back.data[i]) != say_lower(host_back.data[i]))
			return false;
	}
	return say_find(middle, '.') == middle.len;
}

static bool name_fits(struct oto_slice pattern, struct oto_slice host)
{
	if (say_find(pattern, '*') < pattern.len)
		return star_fits(pattern, host);
	if (pattern.len != host.len)
		return false;
	for (uint32_t i = 0; i < host.len; i++) {
		if (say_lower(pattern.data[i]) != say_lower(host.data[i]))
			return false;
	}
	return host.len != 0;
}

/* The value of the attribute 2.5.4.n of a name, where it is there; the last of several. */
static struct ber attribute(struct oto_slice name, uint8_t which)
{
	struct ber_attribute list[BER_NAME_MAX];
	struct ber found = { 0 };
	uint32_t n;

	if (!ber_name_attributes(name, list, &n))
		return found;
	for (uint32_t i = 0; i < n; i++) {
		if (list[i].type.len == 3 && BER_OID_UNDER(list[i].type, "\x55\x04") && list[i].type.data[2] == which)
			found = list[i].value;
	}
	return found;
}

enum { COMMON_NAME = 3, SERIAL_NUMBER = 5, ORGANISATION = 10, BUSINESS_CATEGORY = 15 };

bool tls_certificate_is_for(struct oto_slice der, struct oto_slice host)
{
	struct ber_certificate c;
	struct ber e;
	bool given = false;

	if (!ber_read_certificate(der, &c))
		return false;
	for (struct oto_cur names = other_names(&c); ber_next(&names, &e);) {
		if (e.tag != NAME_DNS)
			continue;
		given = true;
		if (name_fits(e.value, host))
			return true;
	}
	return !given && name_fits(attribute(c.subject, COMMON_NAME).value, host);
}

/* ------------------------------------------------------------------------------------------------ facts */

static struct oto_slice attribute_text(struct oto_ctx *cx, struct oto_slice name, uint8_t which)
{
	struct ber value = attribute(name, which);

	if (ber_character_width(value.tag) == 1)
		return say_trim(value.value);
	if (!ber_character_width(value.tag))
		return (struct oto_slice){ 0 };
	uint32_t size = value.value.len * 3;
	struct ber_text t = { .out = oto_scratch(cx, size), .size = size };
	if (!t.out)
		return (struct oto_slice){ 0 };
	ber_put_value(&t, &value);
	return (struct oto_slice){ (const uint8_t *)t.out, t.len };
}

/* One host's DNS name: letters, digits, hyphens and dots, no star, not an address. */
static bool names_a_host(struct oto_slice s)
{
	bool letter = false;

	for (uint32_t i = 0; i < s.len; i++) {
		uint8_t c = say_lower(s.data[i]);
		letter |= c >= 'a' && c <= 'z';
		if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_'))
			return false;
	}
	return letter && s.len < 254 && say_find(s, '.') < s.len;
}

static struct oto_slice date_text(struct oto_ctx *cx, struct oto_time t)
{
	/* Civil date of a day number, 400 years at a time (Gregorian calendar). */
	int64_t days = t.ns / INT64_C(86400000000000) - (t.ns % INT64_C(86400000000000) < 0) + 719468;
	int64_t era = (days >= 0 ? days : days - 146096) / 146097, day = days - era * 146097;
	int64_t year = (day - day / 1460 + day / 36524 - day / 146096) / 365;
	int64_t in_year = day - (365 * year + year / 4 - year / 100), month = (5 * in_year + 2) / 153;

	year += era * 400 + (month >= 10);
	return say_text(cx, 24, "%04d-%02d-%02d", (int)year, (int)(month < 10 ? month + 3 : month - 9),
			(int)(in_year - (153 * month + 2) / 5 + 1));
}

static void facts_of(struct oto_ctx *cx, struct oto_slice der, const struct tls_certificate *x)
{
	struct ber_certificate c;

	if (!ber_read_certificate(der, &c))
		return;
	struct oto_slice name = attribute_text(cx, c.subject, COMMON_NAME), maker = attribute_text(cx, c.subject, ORGANISATION);
	say_fact(cx, "certificate_name", name, SAY_STATED);
	say_fact(cx, "certificate_organization", maker, SAY_STATED);
	if (names_a_host(name))
		say_fact(cx, "hostname", name, SAY_INFERRED);
	for (uint32_t i = 0; i < x->san_dns.count && i < 4; i++) {
		if (names_a_host(x->san_dns.items[i]) && !same_bytes(x->san_dns.items[i], name))
			say_fact(cx, "hostname", x->san_dns.items[i], x->san_dns.count == 1 ? SAY_INFERRED : SAY_HINT);
	}
	/* A company's certificate has the number of its registration there; Windows' terminal servers a digest in base64. */
	struct oto_slice serial = attribute_text(cx, c.subject, SERIAL_NUMBER);
	if (!attribute(c.subject, BUSINESS_CATEGORY).tag && say_find(serial, '=') == serial.len)
		say_fact(cx, "serial", serial, SAY_INFERRED);
	if (x->self_signed) {
		say_fact(cx, "self_signed_certificate", x->subject, SAY_STATED);
		say_fact(cx, "vendor", maker, SAY_HINT);
	}
	if (x->expired)
		say_fact(cx, "certificate_expired", date_text(cx, x->not_valid_after), SAY_SURE);
	if (x->not_yet_valid)
		say_fact(cx, "certificate_not_yet_valid", date_text(cx, x->not_valid_before), SAY_SURE);
	if (BER_OID_IS(c.signature_algorithm, PKCS1 "\x04") || BER_OID_IS(c.signature_algorithm, PKCS1 "\x05"))
		say_fact(cx, "weak_certificate", x->sig_alg, SAY_STATED);
	else if (x->key_type && x->has_length && x->key_length < 2048 && !x->curve)
		say_fact(cx, "weak_certificate", say_text(cx, 40, "%s key of %u bits", x->key_type, x->key_length), SAY_STATED);
}

/* ------------------------------------------------------------------------------------------------ telling */

/* A certificate is logged once a day, like Zeek does; where it was shown is in the log of its protocol. */
struct shown {
	int64_t ns;
	bool yes;
};
static const struct oto_memory shown_memory = {
	.self_size = sizeof shown_memory,
	.size = sizeof(struct shown),
	.bound = 65536,
	.scope = OTO_SCOPE_SEGMENT,
	.name = "tls.certificates",
};

static bool shown_before(struct oto_ctx *cx, const struct tls_certificate *x)
{
	const int64_t day = INT64_C(86400000000000);
	struct oto_cur c = oto_cur_of(x->fingerprint);
	uint64_t key = oto_be64(&c) ^ ((uint64_t)x->host_cert << 1 | x->client_cert);
	struct shown *s = oto_remember(cx, &shown_memory, key);

	if (!s || (s->yes && cx->head->ts.ns - s->ns < day))
		return s != NULL;
	*s = (struct shown){ cx->head->ts.ns, true };
	return false;
}

bool tls_tell_certificate(struct oto_ctx *cx, uint32_t event, struct oto_slice der, bool host, bool client, struct tls_certificate *x)
{
	if (!read_certificate(cx, der, x)) {
		oto_weird(cx, "bad_certificate", (struct oto_slice){ 0 });
		return false;
	}
	x->host_cert = host;
	x->client_cert = client;
	x->repeated = shown_before(cx, x);
	oto_emit(cx, event, x);
	if (host)
		facts_of(cx, der, x);
	return true;
}
