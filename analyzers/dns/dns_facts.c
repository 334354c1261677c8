/* dns_facts.c - see dns_facts.h. How sure a fact is: a host that answers for its own name is sure; what a server says of third parties is a
 * hint.
 */
#include "dns_facts.h"
#include "dns_answer.h"

enum { SURE = 100, STATED = 80, INFERRED = 50, HINT = 20 };
enum { THIRD_PARTIES_MAX = 8 };
enum { NB_GROUP = 0x8000, NB_ENTRY = 6, NBSTAT_ENTRY = 18, NETBIOS_ENCODED = 32 };

static void fact(struct oto_ctx *cx, const char *key, struct oto_slice value, uint8_t confidence)
{
	oto_fact(cx, &(struct oto_fact){ .self_size = sizeof(struct oto_fact), .key = key, .value = value, .confidence = confidence });
}

static void fact_of(struct oto_ctx *cx, const struct oto_addr *ip, const char *key, struct oto_slice value, uint8_t confidence)
{
	oto_fact(cx, &(struct oto_fact){ .self_size = sizeof(struct oto_fact),
					 .key = key,
					 .value = value,
					 .confidence = confidence,
					 .whose = OTO_OTHER,
					 .ip = *ip });
}

static bool is_sender(const struct oto_ctx *cx, const struct oto_addr *a)
{
	struct oto_addr sender = oto_sender(cx);
	return memcmp(a, &sender, sizeof sender) == 0;
}

static struct oto_slice copy(struct oto_ctx *cx, struct oto_slice s)
{
	uint8_t *bytes = s.len ? oto_scratch(cx, s.len) : NULL;

	if (bytes)
		memcpy(bytes, s.data, s.len);
	return (struct oto_slice){ bytes, bytes ? s.len : 0 };
}

static bool ends_with(struct oto_slice s, const char *end)
{
	uint32_t n = (uint32_t)strlen(end);

	if (s.len < n)
		return false;
	for (uint32_t i = 0; i < n; i++) {
		if (dns_lower(s.data[s.len - n + i]) != (uint8_t)end[i])
			return false;
	}
	return true;
}

/* "name.local" is the host "name" (RFC 6762 3). */
static struct oto_slice host_part(struct oto_slice name)
{
	if (ends_with(name, ".local"))
		name.len -= 6;
	return name;
}

static bool take_address(const struct dns_record *rr, struct oto_addr *a)
{
	struct oto_cur d = rr->data;

	if (rr->type == DNS_A)
		*a = oto_take_ipv4(&d);
	else if (rr->type == DNS_AAAA)
		*a = oto_take_ipv6(&d);
	else
		return false;
	return !d.bad;
}

/* ------------------------------------------------------------------------------------------------ mDNS, LLMNR, DNS */

/* RFC 6763 6.4: "key=value" among the texts of a record, or nothing. */
static struct oto_slice text_value(const struct dns_record *rr, const char *key)
{
	const uint32_t n = (uint32_t)strlen(key);
	struct oto_cur d = rr->data;

	while (oto_left(&d) && !d.bad) {
		struct oto_slice pair = oto_take(&d, oto_u8(&d));
		if (pair.len > n + 1 && memcmp(pair.data, key, n) == 0 && pair.data[n] == '=')
			return (struct oto_slice){ &pair.data[n + 1], pair.len - n - 1 };
	}
	return (struct oto_slice){ 0 };
}

/* What a host offers says what it is: the type of the service, the role, and the text that has its model. */
static const struct {
	const char *type, *role, *model;
} services[] = {
	{ "._device-info._tcp.local", NULL, "model" },
	{ "._ipp._tcp.local", "printer", "ty" },
	{ "._ipps._tcp.local", "printer", "ty" },
	{ "._printer._tcp.local", "printer", "ty" },
	{ "._pdl-datastream._tcp.local", "printer", "ty" },
	{ "._uscan._tcp.local", NULL, "ty" },
	{ "._scanner._tcp.local", NULL, "ty" },
	{ "._axis-video._tcp.local", "camera", NULL },
	{ "._rtsp._tcp.local", "camera", NULL },
	{ "._smb._tcp.local", "file server", NULL },
	{ "._afpovertcp._tcp.local", "file server", NULL },
	{ "._googlecast._tcp.local", NULL, "md" },
	{ "._hap._tcp.local", NULL, "md" },
};

static void service_text(struct oto_ctx *cx, const struct dns_record *rr)
{
	for (size_t i = 0; i < sizeof services / sizeof *services; i++) {
		if (services[i].model && ends_with(dns_slice(&rr->sent), services[i].type))
			fact(cx, "model", text_value(rr, services[i].model), SURE);
	}
}

static void service_role(struct oto_ctx *cx, const struct dns_record *rr)
{
	for (size_t i = 0; i < sizeof services / sizeof *services; i++) {
		if (services[i].role && ends_with(dns_slice(&rr->sent), services[i].type))
			fact(cx, "role", oto_slice_of(services[i].role), STATED);
	}
}

static void service_host(struct oto_ctx *cx, const struct dns_record *rr)
{
	struct oto_cur d = rr->data;
	struct dns_name host;
	const char *odd;

	oto_skip(&d, 6);
	if (!dns_read_name(&d, &host, &odd))
		return;
	fact(cx, "service", copy(cx, host_part(dns_slice(&rr->sent))), STATED);
	service_role(cx, rr);
	if (ends_with(dns_slice(&host), ".local"))
		fact(cx, "hostname", copy(cx, host_part(dns_slice(&host))), STATED);
}

static void host_info(struct oto_ctx *cx, const struct dns_record *rr)
{
	struct oto_cur d = rr->data;

	oto_skip(&d, oto_u8(&d));
	struct oto_slice os = oto_take(&d, oto_u8(&d));
	if (!d.bad)
		fact(cx, "os", os, STATED);
}

static void mdns_record(struct oto_ctx *cx, const struct dns_record *rr)
{
	struct oto_addr a;

	if (rr->section == DNS_AUTHORITY) /* a probe's wish, not yet true (RFC 6762 8.2) */
		return;
	if (take_address(rr, &a)) {
		struct oto_slice host = copy(cx, host_part(dns_slice(&rr->sent)));
		if (is_sender(cx, &a))
			fact(cx, "hostname", host, SURE);
		else
			fact_of(cx, &a, "hostname", host, INFERRED);
	} else if (rr->type == DNS_SRV) {
		service_host(cx, rr);
	} else if (rr->type == DNS_HINFO) {
		host_info(cx, rr);
	} else if (rr->type == DNS_TXT) {
		service_text(cx, rr);
	}
}

/* Only the owner of a name answers for it (RFC 4795 2.3). */
static void llmnr_record(struct oto_ctx *cx, const struct dns_record *rr)
{
	struct oto_addr a;

	if (rr->section == DNS_ANSWER && take_address(rr, &a))
		fact(cx, "hostname", copy(cx, dns_slice(&rr->sent)), SURE);
}

/* The name that was asked for is what people call the address, whatever aliases lie between. False: no more of them. */
static bool dns_record_fact(struct oto_ctx *cx, const struct dns_record *rr, const struct dns_name *asked, uint32_t *told)
{
	struct oto_addr a;

	if (rr->section != DNS_ANSWER || *told >= THIRD_PARTIES_MAX)
		return false;
	if (take_address(rr, &a)) {
		fact_of(cx, &a, "hostname", copy(cx, dns_slice(asked->len ? asked : &rr->sent)), HINT);
		(*told)++;
	}
	return true;
}

/* ------------------------------------------------------------------------------------------------ NetBIOS */

static const char *role_of(uint8_t suffix, bool group)
{
	switch (suffix) {
	case NBNS_DOMAIN_MASTER:
		return group ? NULL : "domain master browser";
	case NBNS_MASTER:
		return group ? NULL : "master browser";
	case NBNS_CONTROLLERS:
		return group ? "domain controller" : NULL;
	case NBNS_SERVER:
		return group ? NULL : "file server";
	default:
		return NULL;
	}
}

static void holder_fact(struct oto_ctx *cx, const struct nbns_event *n, const char *key, struct oto_slice value, uint8_t confidence)
{
	if (n->address.family && n->address.byte[0] && !is_sender(cx, &n->address))
		fact_of(cx, &n->address, key, value, INFERRED);
	else
		fact(cx, key, value, confidence);
}

/* What a name says of its holder (RFC 1001 15.1: unique names are stations', group names are shared). */
static void name_facts(struct oto_ctx *cx, const struct nbns_event *n, uint8_t confidence)
{
	const char *role = role_of(n->suffix, n->group);
	bool control = n->name.len && n->name.data[0] < ' '; /* __MSBROWSE__ */

	if (control)
		return;
	if (!n->group && (n->suffix == NBNS_WORKSTATION || n->suffix == NBNS_SERVER))
		holder_fact(cx, n, "hostname", n->name, confidence);
	if (n->group && (n->suffix == NBNS_WORKSTATION || n->suffix == NBNS_ELECTIONS))
		holder_fact(cx, n, "workgroup", n->name, confidence);
	if (role)
		holder_fact(cx, n, "role", oto_slice_of(role), confidence);
}

static void tell_name(struct oto_ctx *cx, struct nbns_event *n, uint32_t event, uint8_t confidence)
{
	const struct oto_name *service = oto_name_of(&nbns_service_types, n->suffix);

	n->src_ip = oto_sender(cx);
	n->src_mac = cx->is_orig ? cx->head->orig_mac : cx->head->resp_mac;
	n->has_mac = cx->head->has_mac;
	n->service_type = service ? service->name : "Unknown";
	oto_emit(cx, event, n);
	if (n->opcode != NBNS_RELEASE)
		name_facts(cx, n, confidence);
}

/* RFC 1002 4.2.1.3: flags and address, repeated. */
static void nb_record(struct oto_ctx *cx, const struct dns_message *m, const struct dns_record *rr, uint32_t event)
{
	struct nbns_name name = nbns_decode(dns_slice(&rr->sent));
	struct oto_cur d = rr->data;
	struct nbns_event n = { .opcode = m->opcode, .response = m->response, .suffix = name.suffix, .ttl = rr->ttl, .has_ttl = true };

	n.name = oto_oem(cx, copy(cx, (struct oto_slice){ name.text, name.len }));
	while (oto_left(&d) >= NB_ENTRY) {
		uint16_t flags = oto_be16(&d);
		n.address = oto_take_ipv4(&d);
		n.group = flags & NB_GROUP;
		n.node_type = flags >> 13 & 3;
		/* a query is answered by the holder or by a name server; a registration comes from the holder */
		tell_name(cx, &n, event, m->opcode == 0 ? STATED : SURE);
	}
}

/* RFC 1002 4.2.18: the names that a station holds, then its MAC address. */
static void nbstat_record(struct oto_ctx *cx, const struct dns_record *rr, uint32_t event)
{
	struct oto_cur d = rr->data;

	for (uint8_t left = oto_u8(&d); left && oto_left(&d) >= NBSTAT_ENTRY; left--) {
		struct nbns_name name = nbns_plain(oto_take(&d, 16));
		uint16_t flags = oto_be16(&d);
		struct nbns_event n = {
			.response = true, .status = true, .suffix = name.suffix, .group = flags & NB_GROUP, .node_type = flags >> 13 & 3
		};
		n.name = oto_oem(cx, copy(cx, (struct oto_slice){ name.text, name.len }));
		tell_name(cx, &n, event, SURE);
	}
	struct oto_mac mac = oto_take_mac(&d);
	static const struct oto_mac none;
	char *text = d.bad || memcmp(&mac, &none, sizeof mac) == 0 ? NULL : oto_scratch(cx, 18);
	if (!text)
		return;
	for (uint32_t i = 0; i < sizeof mac.byte; i++) {
		static const char digits[] = "0123456789abcdef";
		text[3 * i] = digits[mac.byte[i] >> 4];
		text[3 * i + 1] = digits[mac.byte[i] & 0xf];
		text[3 * i + 2] = i < 5 ? ':' : '\0';
	}
	fact(cx, "mac", oto_slice_of(text), STATED);
}

static void nbns_record(struct oto_ctx *cx, const struct dns_message *m, const struct dns_record *rr, uint32_t event)
{
	if (rr->type == DNS_NB)
		nb_record(cx, m, rr, event);
	else if (rr->type == DNS_NBSTAT && m->response)
		nbstat_record(cx, rr, event);
}

/* ------------------------------------------------------------------------------------------------ the message */

void dns_facts(struct oto_ctx *cx, const struct dns_message *m, uint32_t nbns)
{
	struct dns_reader r = dns_reader_of(m);
	struct dns_question q, first = { 0 };
	struct dns_record rr;
	uint32_t told = 0;

	for (uint32_t i = 0; dns_next_question(&r, &q); i++) {
		if (i == 0)
			first = q;
	}
	while (dns_next_record(&r, &rr)) {
		if (m->service == DNS_SERVICE_NBNS)
			nbns_record(cx, m, &rr, nbns);
		else if (!m->response || m->rcode)
			continue;
		else if (m->service == DNS_SERVICE_MDNS)
			mdns_record(cx, &rr);
		else if (m->service == DNS_SERVICE_LLMNR)
			llmnr_record(cx, &rr);
		else if (!dns_record_fact(cx, &rr, &first.sent, &told))
			return;
	}
}
