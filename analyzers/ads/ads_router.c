/* ads_router.c - datagrams between the routers of AMS on UDP port 48899: who is there, and routes, which decide who may speak ADS with a
 * device at all.
 *
 * Owns ads.router. There is no public specification: the layout is that of Beckhoff's own library for routes (AdsLib) and of what devices
 * send. After the magic number come the invoke identifier, the service with a bit for responses, the sender's AMS address, the number of
 * parts, then parts of a tag, a length and a value.
 */
#include "../wide.h"
#include "ads.h"

enum { MAGIC = 0x71146603, SERVER_INFO = 1, ADD_ROUTE = 6 };
enum tag {
	TAG_STATUS = 1,
	TAG_PASSWORD = 2,
	TAG_TWINCAT = 3,
	TAG_OS = 4,
	TAG_HOST = 5,
	TAG_NET_ID = 7,
	TAG_OPTIONS = 9,
	TAG_ROUTE_NAME = 12,
	TAG_USER = 13,
	TAG_FINGERPRINT = 18,
};

bool ads_is_router(struct oto_cur c)
{
	return oto_le32(&c) == MAGIC && oto_left(&c) >= 20;
}

/* OSVERSIONINFO of Windows, which other systems fill in as well as they can. */
static struct oto_slice take_os(struct oto_ctx *cx, struct oto_cur c)
{
	static const char *const platforms[] = { "TwinCAT/BSD", "TwinCAT/RTOS", "Windows NT", "Windows CE" };

	oto_skip(&c, 4);
	uint32_t major = oto_le32(&c), minor = oto_le32(&c), build = oto_le32(&c), platform = oto_le32(&c);
	if (c.bad || platform >= sizeof platforms / sizeof *platforms)
		return (struct oto_slice){ 0 };
	struct oto_slice pack = platform >= 2 ? wide_text(cx, oto_rest(&c)) : (struct oto_slice){ 0 };
	struct oto_slice text = say_text(cx, 60, "%s %u.%u", platforms[platform], (unsigned)major, (unsigned)minor);
	struct text t = text_new(cx, 120);
	text_put_slice(&t, text);
	if (build) {
		text_put(&t, ".");
		text_put_number(&t, build);
	}
	if (pack.len) {
		text_put(&t, " ");
		text_put_slice(&t, pack);
	}
	return text_end(&t);
}

static struct oto_slice take_version(struct oto_ctx *cx, struct oto_cur c)
{
	uint8_t major = oto_u8(&c), minor = oto_u8(&c);
	uint16_t build = oto_le16(&c);

	return c.bad ? (struct oto_slice){ 0 } : say_text(cx, 16, "%u.%u.%u", major, minor, build);
}

static void take_part(struct oto_ctx *cx, struct ads_router *r, uint16_t tag, struct oto_slice value)
{
	struct oto_cur c = oto_cur_of(value);
	struct oto_slice text = oto_oem(cx, say_string(value));

	switch (tag) {
	case TAG_STATUS:
		r->status = oto_le32(&c);
		r->has_status = !c.bad;
		break;
	case TAG_PASSWORD:
		r->password = text.len ? "<hidden>" : NULL;
		break;
	case TAG_TWINCAT:
		r->twincat = take_version(cx, c);
		break;
	case TAG_OS:
		r->os = take_os(cx, c);
		break;
	case TAG_HOST:
		r->host = text;
		break;
	case TAG_NET_ID:
		r->route_net_id = ads_net_id(cx, say_first(value, 6));
		break;
	case TAG_OPTIONS:
		r->temporary = oto_u8(&c) & 1;
		break;
	case TAG_ROUTE_NAME:
		r->route_name = text;
		break;
	case TAG_USER:
		r->user = text;
		break;
	case TAG_FINGERPRINT:
		r->fingerprint = text;
		break;
	default: /* newer parts */
		break;
	}
}

static void tell_device(struct oto_ctx *cx, const struct ads_router *r)
{
	say_fact(cx, "hostname", r->host, SAY_SURE);
	say_fact(cx, "ams_net_id", r->net_id, SAY_SURE);
	say_fact(cx, "firmware", r->twincat, SAY_SURE);
	say_fact(cx, "software", say_text(cx, 40, "TwinCAT %.*s", (int)r->twincat.len, (const char *)r->twincat.data), SAY_SURE);
	say_fact(cx, "os", r->os, SAY_SURE);
	say_fact(cx, "ams_fingerprint", r->fingerprint, SAY_SURE);
}

static void tell_login(struct oto_ctx *cx, const struct ads_router *r)
{
	if (!r->password)
		return;
	say_fact(cx, "cleartext_login",
		 say_text(cx, 80, "ads route, user %.*s", (int)say_first(r->user, 50).len, (const char *)r->user.data), SAY_SURE);
}

/* A route is named, or the machine that it leads to. */
static struct oto_target target_of(const struct ads_router *r)
{
	struct oto_slice name = r->route_name.len ? r->route_name : r->host;

	return name.len && r->service != SERVER_INFO ? (struct oto_target){ .space = "route", .name = name } : (struct oto_target){ 0 };
}

static struct oto_operation operation_of(const struct ads_router *r)
{
	const struct oto_name *row = oto_name_of(&ads_services, r->service);

	return (struct oto_operation){ .self_size = sizeof(struct oto_operation),
				       .op = row ? row->op : OTO_OP_OTHER,
				       .func = row ? row->name : "unknown",
				       .func_code = r->service,
				       .target = target_of(r) };
}

static void respond(struct oto_ctx *cx, struct ads_router *r, uint64_t key)
{
	struct oto_operation o = operation_of(r);
	const char *error = ads_error_word(r->status);
	struct oto_match match;

	oto_response(cx, key, &match);
	r->matched = match.found;
	r->latency = match.latency;
	oto_outcome(cx, &match, error ? OTO_OUTCOME_ERROR : OTO_OUTCOME_OK, error, &o);
	if (r->service == SERVER_INFO)
		tell_device(cx, r);
}

/* A question to all is answered by hosts that nobody asked by name. */
static bool is_to_all(const struct oto_ctx *cx)
{
	const struct oto_head *h = cx->head;

	return oto_addr_is_group(cx->is_orig ? &h->resp_h : &h->orig_h) ||
	       (h->has_mac && oto_mac_is_group(cx->is_orig ? &h->resp_mac : &h->orig_mac));
}

void ads_router_pdu(struct oto_ctx *cx, struct oto_cur *c)
{
	enum { RESPONSE = 0x80000000, NET_ID = 6 };
	struct ads_router r = { 0 };

	oto_skip(c, 4);
	r.invoke_id = oto_le32(c);
	uint32_t service = oto_le32(c);
	r.service = service & ~(uint32_t)RESPONSE;
	r.pdu_type = service & RESPONSE ? "response" : "request";
	r.net_id = ads_net_id(cx, oto_take(c, NET_ID));
	r.port = oto_le16(c);
	r.number = oto_le32(c);
	for (uint32_t i = 0; i < r.number && !c->bad; i++) {
		uint16_t tag = oto_le16(c), length = oto_le16(c);
		take_part(cx, &r, tag, oto_take(c, length));
	}
	if (c->bad)
		return;
	uint64_t key = (uint64_t)r.service << 32 | r.invoke_id;
	if (service & RESPONSE) {
		respond(cx, &r, key);
	} else {
		struct ads_note none = { 0 };
		struct oto_operation o = operation_of(&r);
		if (!is_to_all(cx))
			oto_request(cx, key, &none);
		oto_operation(cx, &o);
		tell_login(cx, &r);
	}
	oto_emit(cx, ADS_EV_ROUTER, &r);
}
