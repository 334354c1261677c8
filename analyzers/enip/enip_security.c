/* enip_security.c - TLS and DTLS records on port 2221, and the security item of List Identity. See enip_security.h. */
#include "enip_security.h"

/* RFC 8446 5.1 and RFC 6347 4.1. */
enum { CHANGE_CIPHER = 20, HANDSHAKE = 22, APPLICATION = 23, ACKNOWLEDGE = 26, RECORD_MAX = 16384 + 2048 };
enum { TLS_HEADER = 5, DTLS_HEADER = 13, CLIENT_HELLO = 1, SERVER_HELLO = 2 };

static const struct oto_name version_rows[] = {
	{ 0x0300, "SSL 3.0", 0, NULL }, { 0x0301, "TLS 1.0", 0, NULL },  { 0x0302, "TLS 1.1", 0, NULL },  { 0x0303, "TLS 1.2", 0, NULL },
	{ 0x0304, "TLS 1.3", 0, NULL }, { 0xfeff, "DTLS 1.0", 0, NULL }, { 0xfefd, "DTLS 1.2", 0, NULL }, { 0xfefc, "DTLS 1.3", 0, NULL },
};
static const struct oto_names versions = OTO_NAMES(version_rows);

/* Volume 8, table 5-6.4. */
static const struct oto_name state_rows[] = {
	{ 0, "factory default", 0, NULL },   { 1, "being configured", 0, NULL },     { 2, "configured", 0, NULL },
	{ 3, "pull model active", 0, NULL }, { 4, "pull model completed", 0, NULL }, { 5, "pull model disabled", 0, NULL },
};
static const struct oto_names states = OTO_NAMES(state_rows);

struct enip_security {
	const char *what;
	uint16_t version, profiles;
	uint8_t state, enip_state, iana_ports;
	bool has_version, has_profiles;
};

#define F(m, doc, ...) OTO_FIELD(struct enip_security, m, doc, __VA_ARGS__)
#define IF(has) .guard = OTO_IF(struct enip_security, has)
static const struct oto_field fields[] = {
	F(what, "client hello, server hello, or the capabilities that List Identity tells"),
	F(version, "version of TLS or DTLS in the hello", .names = &versions, IF(has_version)),
	F(profiles, "security profiles that the device has: 2 integrity, 4 confidentiality, 8 user authentication, 16 resource constrained",
	  .flags = OTO_HEX | OTO_WIDE, IF(has_profiles)),
	F(state, "of the CIP Security object", .names = &states, IF(has_profiles)),
	F(enip_state, "of the EtherNet/IP Security object", .names = &states, IF(has_profiles)),
	F(iana_ports, "open ports: 1 TCP 44818, 2 UDP 44818, 4 UDP 2222, 8 TCP 2221, 16 UDP 2221", .flags = OTO_HEX, IF(has_profiles)),
};
static const struct oto_log logs[] = {
	{ .name = "enip_security",
	  .doc = "CIP Security: who speaks encrypted, and which devices could.",
	  .form = OTO_FORM_AGGREGATE,
	  .flags = OTO_LOG_NOT_ZEEK,
	  .columns = "is_orig what version profiles state enip_state iana_ports",
	  .key = "orig_h resp_h resp_p is_orig what version profiles state enip_state iana_ports" },
};
const struct oto_event_type enip_security_type =
    OTO_EVENT("enip.security", struct enip_security, fields, "CIP Security on port 2221, or the ability to it.", OTO_LOGS(logs));

static bool is_record(uint8_t type, uint16_t version, bool tcp)
{
	return type >= CHANGE_CIPHER && type <= ACKNOWLEDGE && (tcp ? version >> 8 == 3 : version >> 8 == 0xfe);
}

int64_t enip_security_len(const struct oto_ctx *cx, struct oto_cur c)
{
	uint32_t left = oto_left(&c);

	if (cx->transport != OTO_TCP)
		return left;
	if (left < TLS_HEADER)
		return 0;
	uint8_t type = oto_u8(&c);
	uint16_t version = oto_be16(&c), length = oto_be16(&c);
	return is_record(type, version, true) && length && length <= RECORD_MAX ? TLS_HEADER + (int64_t)length : -1;
}

enum oto_answer enip_security_probe(const struct oto_ctx *cx, struct oto_cur c)
{
	bool tcp = cx->transport == OTO_TCP;

	if (oto_left(&c) < (tcp ? TLS_HEADER : DTLS_HEADER))
		return tcp ? OTO_NEED_MORE : OTO_NOT_MINE;
	uint8_t type = oto_u8(&c);
	return is_record(type, oto_be16(&c), tcp) ? OTO_MINE : OTO_NOT_MINE;
}

/* Once for each side: the hello, in clear. The version of TLS 1.3 hides in an extension; this is the one that old parties read. */
void enip_security_pdu(struct oto_ctx *cx, uint32_t event, struct oto_cur *c)
{
	struct enip_flow *flow = cx->state;
	struct enip_security s = { 0 };
	uint8_t type = oto_u8(c);

	if (type != HANDSHAKE || flow->told[cx->is_orig])
		return;
	oto_skip(c, cx->transport == OTO_TCP ? TLS_HEADER - 1 : DTLS_HEADER - 1);
	uint8_t hello = oto_u8(c);
	oto_skip(c, cx->transport == OTO_TCP ? 3 : 11);
	s.version = oto_be16(c);
	if (c->bad || (hello != CLIENT_HELLO && hello != SERVER_HELLO))
		return;
	s.has_version = true;
	s.what = hello == CLIENT_HELLO ? "client hello" : "server hello";
	flow->told[cx->is_orig] = true;
	oto_emit(cx, event, &s);
	struct oto_fact f = { .self_size = sizeof f, .key = "protocol", .value = oto_slice_of("CIP Security"), .confidence = 80 };
	oto_fact(cx, &f);
}

/* Volume 8, 3-3. */
void enip_security_item(struct oto_ctx *cx, uint32_t event, struct oto_slice data)
{
	struct oto_cur c = oto_cur_of(data);
	struct enip_security s = { .what = "capabilities" };

	s.profiles = oto_le16(&c);
	s.state = oto_u8(&c);
	s.enip_state = oto_u8(&c);
	s.iana_ports = oto_u8(&c);
	s.has_profiles = true;
	if (!c.bad)
		oto_emit(cx, event, &s);
}
