/* ssdp.c - Simple Service Discovery Protocol (UPnP Device Architecture 2.0, 1): announcements, searches and their answers.
 *
 * Owns ssdp.message and ssdp.log. The text is HTTP's head over UDP: lines, looked at within bounds. What a device says of itself in SERVER,
 * NT and USN becomes facts.
 */
#include "../say.h"

enum { PORT = 1900, LINES_MAX = 64, TYPES_MAX = 32 };
enum kind { SSDP_NOTIFY = 1, SSDP_SEARCH, SSDP_RESPONSE };

static const struct oto_name method_rows[] = {
	{ SSDP_NOTIFY, "NOTIFY", 0, "a device or service announces itself, or says goodbye" },
	{ SSDP_SEARCH, "M-SEARCH Request", 0, "somebody looks for devices or services" },
	{ SSDP_RESPONSE, "M-SEARCH Response", 0, "a device answers a search" },
};
static const struct oto_names methods = OTO_NAMES(method_rows);

struct ssdp_event {
	struct oto_addr src_ip;
	struct oto_mac src_mac;
	struct oto_slice agent, type, nts, usn, location, host, friendly_name;
	uint32_t max_age;
	uint8_t method;
	bool has_mac, has_agent, has_type, has_nts, has_usn, has_location, has_max_age, has_friendly_name;
};

#define M(m, doc_, ...) OTO_FIELD(struct ssdp_event, m, doc_, __VA_ARGS__)
#define M_IF(m, doc_) M(m, doc_, .guard = OTO_IF(struct ssdp_event, has_##m))
static const struct oto_field message_fields[] = {
	M(method, "what kind of message", .names = &methods),
	M(src_ip, "address that sent it"),
	M(src_mac, "MAC address that sent it", .guard = OTO_IF(struct ssdp_event, has_mac)),
	{ .name = "server_or_user_agent",
	  .doc = "SERVER of a device, USER-AGENT of who searches: operating system, UPnP version, product",
	  .kind = OTO_BYTES,
	  .offset = offsetof(struct ssdp_event, agent),
	  .guard = OTO_IF(struct ssdp_event, has_agent) },
	M_IF(type, "NT or ST: kind of device or service announced or looked for"),
	M_IF(nts, "ssdp:alive, ssdp:byebye or ssdp:update"),
	M_IF(usn, "unique name of the device, then the kind"),
	M_IF(location, "where its description is"),
	M_IF(friendly_name, "what people call who searches (CPFN.UPNP.ORG)"),
	M(max_age, "how long an announcement is good", .guard = OTO_IF(struct ssdp_event, has_max_age), .flags = OTO_SECONDS),
};
static const struct oto_log message_logs[] = {
	{ .name = "ssdp",
	  .doc = "Devices that announce themselves and who looks for them.",
	  .key = "src_ip src_mac method server_or_user_agent",
	  .form = OTO_FORM_AGGREGATE,
	  .flags = OTO_LOG_NO_ID | OTO_LOG_NOT_ZEEK },
};
static const struct oto_event_type message_event =
    OTO_EVENT("ssdp.message", struct ssdp_event, message_fields, "An announcement, a search or an answer.", OTO_LOGS(message_logs));
static const struct oto_event_type *const events[] = { &message_event };

/* ------------------------------------------------------------------------------------------------ text */

static uint8_t kind_of(struct oto_slice first)
{
	if (say_begins(first, "NOTIFY * HTTP/1."))
		return SSDP_NOTIFY;
	if (say_begins(first, "M-SEARCH * HTTP/1."))
		return SSDP_SEARCH;
	return say_begins(first, "HTTP/1.1 200") || say_begins(first, "HTTP/1.0 200") ? SSDP_RESPONSE : 0;
}

static struct oto_slice left_trim(struct oto_slice s)
{
	while (s.len && s.data[0] <= ' ')
		s = say_from(s, 1);
	return s;
}

static uint32_t number(struct oto_slice s)
{
	uint64_t n = 0;

	for (uint32_t i = 0; i < s.len && s.data[i] >= '0' && s.data[i] <= '9' && n < UINT32_MAX; i++)
		n = n * 10 + (s.data[i] - '0');
	return n < UINT32_MAX ? (uint32_t)n : UINT32_MAX;
}

/* CACHE-CONTROL: max-age = 1800 */
static void cache_control(struct ssdp_event *e, struct oto_slice value)
{
	uint32_t equals = say_find(value, '=');

	e->has_max_age = say_begins(value, "max-age") && equals < value.len;
	e->max_age = number(left_trim(say_from(value, equals + 1)));
}

static void header(struct ssdp_event *e, struct oto_slice name, struct oto_slice value)
{
	static const struct {
		const char *name;
		size_t slice, has;
		uint8_t not_of; /* a kind of message in which it means something else */
	} texts[] = {
#define TEXT(name, m, not_of) { name, offsetof(struct ssdp_event, m), offsetof(struct ssdp_event, has_##m), not_of }
		TEXT("SERVER", agent, SSDP_SEARCH),
		TEXT("USER-AGENT", agent, SSDP_NOTIFY),
		TEXT("NT", type, SSDP_SEARCH),
		TEXT("ST", type, SSDP_NOTIFY),
		TEXT("NTS", nts, 0),
		TEXT("USN", usn, 0),
		TEXT("LOCATION", location, 0),
		TEXT("CPFN.UPNP.ORG", friendly_name, 0),
#undef TEXT
	};

	if (say_is(name, "CACHE-CONTROL"))
		cache_control(e, value);
	for (uint32_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		if (e->method == texts[i].not_of || !say_is(name, texts[i].name))
			continue;
		memcpy((char *)e + texts[i].slice, &value, sizeof value);
		*((bool *)((char *)e + texts[i].has)) = value.len;
		return;
	}
}

/* ------------------------------------------------------------------------------------------------ facts */

/* What UPnP's standard kinds say of the device, by the words between "device:" and the version. */
static const struct {
	const char *type, *role;
} roles[] = {
	{ "InternetGatewayDevice", "router" },
	{ "WLANAccessPointDevice", "access point" },
	{ "MediaServer", "media server" },
	{ "MediaRenderer", "media player" },
	{ "Printer", "printer" },
	{ "Scanner", "scanner" },
	{ "DigitalSecurityCamera", "camera" },
	{ "tvdevice", "television" },
	{ "RemoteUIServer", "remote ui server" },
	{ "HVAC_System", "hvac" },
	{ "LightingControls", "lighting" },
	{ "SolarProtectionBlind", "blind" },
	{ "NetworkVideoTransmitter", "camera" },
};

static void type_facts(struct oto_ctx *cx, struct oto_slice type)
{
	if (!say_begins(type, "urn:"))
		return;
	for (uint32_t i = 0; i + 8 < type.len; i++) {
		struct oto_slice at = say_from(type, i);
		if (!say_begins(at, ":device:"))
			continue;
		at = say_from(at, 8);
		at = say_first(at, say_find(at, ':'));
		say_fact(cx, "device_type", at, SAY_SURE);
		for (uint32_t r = 0; r < sizeof roles / sizeof *roles; r++) {
			if (say_is(at, roles[r].type))
				say_fact(cx, "role", oto_slice_of(roles[r].role), SAY_STATED);
		}
		return;
	}
}

/* "Linux/4.14.76 UPnP/1.0 Product/1.8": the first is the system that the stack was built for, in a form that says something. Windows'
 * number is that of the kernel, which the program may have been told wrongly (compatibility): an inference. */
static void agent_facts(struct oto_ctx *cx, const struct ssdp_event *e)
{
	struct oto_slice os = say_first(e->agent, say_find(e->agent, ' '));
	uint32_t slash = say_find(os, '/');

	say_fact(cx, "user_agent", e->agent, SAY_SURE);
	if (slash == os.len || e->method == SSDP_SEARCH)
		return;
	if (say_begins(os, "Linux/") || say_begins(os, "FreeBSD/") || say_begins(os, "VxWorks/") || say_begins(os, "Darwin/") ||
	    say_begins(os, "Windows") || say_begins(os, "Microsoft-Windows/"))
		say_fact(cx, "os", os, SAY_INFERRED);
	struct oto_slice rest = say_from(e->agent, os.len + 1);
	uint32_t space = say_find(rest, ' ');
	if (say_begins(rest, "UPnP/") && space < rest.len)
		say_fact(cx, "software", say_from(rest, space + 1), SAY_STATED);
}

struct ssdp_flow {
	bool told_agent;
	uint8_t ntypes;
	uint32_t types[TYPES_MAX]; /* hashes of what was told */
};

static bool first_time(struct ssdp_flow *flow, struct oto_slice type)
{
	uint32_t hash = 2166136261u; /* FNV-1a */

	for (uint32_t i = 0; i < type.len; i++)
		hash = (hash ^ type.data[i]) * 16777619u;
	for (uint32_t i = 0; i < flow->ntypes; i++) {
		if (flow->types[i] == hash)
			return false;
	}
	if (flow->ntypes < TYPES_MAX)
		flow->types[flow->ntypes++] = hash;
	return true;
}

static void facts(struct oto_ctx *cx, const struct ssdp_event *e)
{
	struct ssdp_flow *flow = cx->state;

	if (e->has_agent && !flow->told_agent)
		agent_facts(cx, e);
	flow->told_agent |= e->has_agent;
	if (e->method == SSDP_SEARCH) {
		say_fact(cx, "hostname", e->friendly_name, SAY_HINT);
	} else if (e->has_type && !say_is(e->nts, "ssdp:byebye") && first_time(flow, e->type)) {
		type_facts(cx, e->type);
		if (say_is(e->type, "upnp:rootdevice")) {
			say_fact(cx, "upnp_location", e->location, SAY_SURE);
			say_fact(cx, "uuid",
				 say_begins(e->usn, "uuid:") ? say_first(say_from(e->usn, 5), say_find(say_from(e->usn, 5), ':'))
							     : (struct oto_slice){ 0 },
				 SAY_SURE);
		}
	}
}

/* ------------------------------------------------------------------------------------------------ messages */

static void ssdp_pdu(struct oto_ctx *cx, struct oto_cur *c)
{
	struct oto_slice rest = oto_rest(c), whole = rest, line = { 0 };
	struct ssdp_event e = { .src_ip = oto_sender(cx), .src_mac = say_sender_mac(cx), .has_mac = cx->head->has_mac };

	say_line(&rest, &line);
	e.method = kind_of(line);
	if (!e.method) {
		oto_weird(cx, "unknown_message", whole);
		return;
	}
	for (uint32_t i = 0; i < LINES_MAX && say_line(&rest, &line) && line.len; i++) {
		uint32_t colon = say_find(line, ':');
		if (colon < line.len)
			header(&e, say_trim(say_first(line, colon)), say_trim(left_trim(say_from(line, colon + 1))));
	}
	oto_emit(cx, 0, &e);
	facts(cx, &e);
}

/* Elsewhere than on its port only what cannot be HTTP. */
static enum oto_answer ssdp_probe(const struct oto_ctx *cx, struct oto_cur c)
{
	struct oto_slice rest = oto_rest(&c), line;

	if (!say_line(&rest, &line))
		return OTO_NOT_MINE;
	uint8_t kind = kind_of(line);
	bool its_port = oto_source_port(cx) == PORT || oto_dest_port(cx) == PORT;
	return kind && (its_port || kind != SSDP_RESPONSE) && cx->transport == OTO_UDP ? OTO_MINE : OTO_NOT_MINE;
}

static const struct oto_analyzer ssdp = {
	.self_size = sizeof ssdp,
	.flags = OTO_ANY_PORT,
	.name = "ssdp",
	.doc = "UPnP's Simple Service Discovery Protocol",
	.keys = "udp/1900",
	.probe = ssdp_probe,
	.pdu = ssdp_pdu,
	.state_size = sizeof(struct ssdp_flow),
	.events = events,
	.nevents = sizeof events / sizeof *events,
};

OTO_ANALYZER(ssdp);
