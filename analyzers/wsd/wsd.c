/* wsd.c - WS-Discovery over UDP (OASIS WS-Discovery 1.1 and the 2005/04 draft that Windows and ONVIF speak): who looks for devices and who
 * says what it is.
 *
 * Owns wsd.message and wsd.log. The SOAP text is gone through once, tag by tag, within the datagram: no tree, no entities, no namespaces
 * but the last word of a name.
 */
#include "../say.h"

enum { TAGS_MAX = 512, SCOPES_MAX = 32 };
enum kind { WSD_HELLO = 1, WSD_BYE, WSD_PROBE, WSD_PROBE_MATCHES, WSD_RESOLVE, WSD_RESOLVE_MATCHES };

static const struct oto_name kind_rows[] = {
	{ WSD_HELLO, "Hello", 0, "a device is here" },
	{ WSD_BYE, "Bye", 0, "a device leaves" },
	{ WSD_PROBE, "Probe", 0, "who has such a type, in such a scope?" },
	{ WSD_PROBE_MATCHES, "ProbeMatches", 0, "a device that fits" },
	{ WSD_RESOLVE, "Resolve", 0, "where is the device of this name?" },
	{ WSD_RESOLVE_MATCHES, "ResolveMatches", 0, "there" },
};
static const struct oto_names kinds = OTO_NAMES(kind_rows);

struct wsd_event {
	struct oto_slice address, types, scopes, xaddrs, message_id, relates_to;
	uint8_t action;
	bool has_address, has_types, has_scopes, has_xaddrs, has_message_id, has_relates_to;
};

#define M(m, doc_, ...) OTO_FIELD(struct wsd_event, m, doc_, __VA_ARGS__)
#define M_IF(m, doc_) M(m, doc_, .guard = OTO_IF(struct wsd_event, has_##m))
static const struct oto_field message_fields[] = {
	M(action, "what kind of message", .names = &kinds),
	M_IF(address, "lasting name of the device, as a rule urn:uuid:"),
	M_IF(types, "what it is, or what is looked for"),
	M_IF(scopes, "where it belongs; ONVIF: name, hardware, location"),
	M_IF(xaddrs, "where to speak with it"),
	M_IF(message_id, "identifier of the message"),
	M_IF(relates_to, "identifier of the message that this one answers"),
};
static const struct oto_log message_logs[] = {
	{ .name = "wsd",
	  .doc = "Devices that announce themselves by WS-Discovery and who looks for them.",
	  .columns = "action address types scopes xaddrs message_id relates_to",
	  .key = "id.orig_h=orig_h id.resp_h=resp_h action address types scopes xaddrs",
	  .form = OTO_FORM_AGGREGATE,
	  .flags = OTO_LOG_NOT_ZEEK },
};
static const struct oto_event_type message_event =
    OTO_EVENT("wsd.message", struct wsd_event, message_fields, "A message of WS-Discovery.", OTO_LOGS(message_logs));
static const struct oto_event_type *const events[] = { &message_event };

/* ------------------------------------------------------------------------------------------------ text */

static bool is_space(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static struct oto_slice trim(struct oto_slice s)
{
	while (s.len && is_space(s.data[0]))
		s = say_from(s, 1);
	return say_trim(s);
}

/* The next word between white space. */
static bool next_word(struct oto_slice *rest, struct oto_slice *word)
{
	uint32_t n = 0;

	*rest = trim(*rest);
	while (n < rest->len && !is_space(rest->data[n]))
		n++;
	*word = say_first(*rest, n);
	*rest = say_from(*rest, n);
	return n != 0;
}

/* What is behind the last ':' or '/' of a name. */
static struct oto_slice last_part(struct oto_slice s)
{
	uint32_t at = s.len;

	while (at && s.data[at - 1] != ':' && s.data[at - 1] != '/')
		at--;
	return say_from(s, at);
}

/* The next opening tag: its name without prefix, and the text up to the next tag. False at the end. */
static bool next_tag(struct oto_slice *rest, struct oto_slice *name, struct oto_slice *text)
{
	uint32_t n = 0;

	*rest = say_from(*rest, say_find(*rest, '<') + 1);
	struct oto_slice tag = say_first(*rest, say_find(*rest, '>'));
	if (!rest->len || tag.len == rest->len)
		return false;
	*rest = say_from(*rest, tag.len + 1);
	while (n < tag.len && !is_space(tag.data[n]) && tag.data[n] != '/')
		n++;
	*name = last_part(say_first(tag, n));
	*text = trim(say_first(*rest, say_find(*rest, '<')));
	return true;
}

static void element(struct wsd_event *e, struct oto_slice name, struct oto_slice text)
{
	static const struct {
		const char *name;
		size_t slice, has;
	} texts[] = {
#define TEXT(name, m) { name, offsetof(struct wsd_event, m), offsetof(struct wsd_event, has_##m) }
		TEXT("Types", types),          TEXT("Scopes", scopes),        TEXT("XAddrs", xaddrs),
		TEXT("MessageID", message_id), TEXT("RelatesTo", relates_to),
#undef TEXT
	};

	if (!text.len)
		return;
	if (say_is(name, "Action")) {
		for (uint32_t i = 0; i < kinds.count; i++) {
			if (say_is(last_part(text), kind_rows[i].name))
				e->action = (uint8_t)kind_rows[i].value;
		}
	}
	/* ReplyTo has an address too, which is no device's */
	if (say_is(name, "Address") && !e->has_address && (say_begins(text, "urn:uuid:") || say_begins(text, "uuid:"))) {
		e->address = text;
		e->has_address = true;
	}
	for (uint32_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		bool *has = (bool *)((char *)e + texts[i].has);
		if (*has || !say_is(name, texts[i].name))
			continue;
		memcpy((char *)e + texts[i].slice, &text, sizeof text);
		*has = true;
	}
}

/* ------------------------------------------------------------------------------------------------ facts */

static const struct {
	const char *type, *role;
} roles[] = {
	{ "NetworkVideoTransmitter", "camera" },
	{ "NetworkVideoDisplay", "video display" },
	{ "NetworkVideoStorage", "video recorder" },
	{ "PrintDeviceType", "printer" },
	{ "ScanDeviceType", "scanner" },
	{ "Computer", "computer" },
};

static void type_facts(struct oto_ctx *cx, struct oto_slice types)
{
	struct oto_slice word;

	for (uint32_t n = 0; n < SCOPES_MAX && next_word(&types, &word); n++) {
		word = last_part(word);
		say_fact(cx, "device_type", word, SAY_SURE);
		for (uint32_t i = 0; i < sizeof roles / sizeof *roles; i++) {
			if (say_is(word, roles[i].type))
				say_fact(cx, "role", oto_slice_of(roles[i].role), SAY_STATED);
		}
	}
}

static int hex_digit(uint8_t c)
{
	c = say_lower(c);
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* RFC 3986 2.1 */
static struct oto_slice percent_decoded(struct oto_ctx *cx, struct oto_slice s)
{
	uint8_t *out = s.len ? oto_scratch(cx, s.len) : NULL;
	uint32_t n = 0;

	for (uint32_t i = 0; out && i < s.len; i++) {
		int high = s.data[i] == '%' && i + 2 < s.len ? hex_digit(s.data[i + 1]) : -1,
		    low = high < 0 ? -1 : hex_digit(s.data[i + 2]);
		out[n++] = low < 0 ? s.data[i] : (uint8_t)(high << 4 | low);
		i += low < 0 ? 0 : 2;
	}
	return (struct oto_slice){ out, n };
}

/* ONVIF Core 7.3.2.2: onvif://www.onvif.org/name/..., hardware, location, mac and more. */
static void scope_facts(struct oto_ctx *cx, struct oto_slice scopes)
{
	static const struct {
		const char *scope, *key;
	} parts[] = { { "onvif://www.onvif.org/name/", "device_name" },
		      { "onvif://www.onvif.org/hardware/", "model" },
		      { "onvif://www.onvif.org/location/", "location" },
		      { "onvif://www.onvif.org/manufacturer/", "vendor" } };
	struct oto_slice word;

	for (uint32_t n = 0; n < SCOPES_MAX && next_word(&scopes, &word); n++) {
		for (uint32_t i = 0; i < sizeof parts / sizeof *parts; i++) {
			if (say_begins(word, parts[i].scope))
				say_fact(cx, parts[i].key, percent_decoded(cx, say_from(word, (uint32_t)strlen(parts[i].scope))), SAY_SURE);
		}
	}
}

struct wsd_flow {
	uint8_t told; /* bits of the kinds of message that facts were told from */
};

static void facts(struct oto_ctx *cx, const struct wsd_event *e)
{
	struct wsd_flow *flow = cx->state;
	bool device = e->action == WSD_HELLO || e->action == WSD_PROBE_MATCHES || e->action == WSD_RESOLVE_MATCHES;

	if (!device || flow->told & 1u << e->action)
		return;
	flow->told |= (uint8_t)(1u << e->action);
	say_fact(cx, "uuid", last_part(e->address), SAY_SURE);
	type_facts(cx, e->types);
	scope_facts(cx, e->scopes);
	say_fact(cx, "wsd_address", e->xaddrs, SAY_SURE);
}

/* ------------------------------------------------------------------------------------------------ messages */

static void wsd_pdu(struct oto_ctx *cx, struct oto_cur *c)
{
	struct oto_slice rest = oto_rest(c), whole = rest, name, text;
	struct wsd_event e = { 0 };

	for (uint32_t i = 0; i < TAGS_MAX && next_tag(&rest, &name, &text); i++)
		element(&e, name, text);
	if (!e.action) {
		oto_weird(cx, "unknown_action", whole);
		return;
	}
	oto_emit(cx, 0, &e);
	facts(cx, &e);
}

static enum oto_answer wsd_probe(const struct oto_ctx *cx, struct oto_cur c)
{
	(void)cx;
	struct oto_slice rest = oto_rest(&c), name, text;

	rest = say_begins(rest, "\xef\xbb\xbf") ? say_from(rest, 3) : rest;
	if (!rest.len || trim(say_first(rest, 64)).len == 0 || trim(say_first(rest, 64)).data[0] != '<')
		return OTO_NOT_MINE;
	for (uint32_t i = 0; i < 4 && next_tag(&rest, &name, &text); i++) {
		if (say_is(name, "Envelope"))
			return OTO_MINE;
	}
	return OTO_NOT_MINE;
}

static const struct oto_analyzer wsd = {
	.self_size = sizeof wsd,
	.name = "wsd",
	.doc = "WS-Discovery",
	.keys = "udp/3702",
	.probe = wsd_probe,
	.pdu = wsd_pdu,
	.state_size = sizeof(struct wsd_flow),
	.events = events,
	.nevents = sizeof events / sizeof *events,
};

OTO_ANALYZER(wsd);
