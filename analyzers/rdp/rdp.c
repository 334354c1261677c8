/* rdp.c - the remote desktop protocol (MS-RDPBCGR): how a connection is made.
 *
 * Owns the events and rdp.log: Zeek's columns, a row a connection. Reads the negotiation in the transport's connection request and confirm,
 * and, where RDP's own encryption is taken, what client and server say of themselves in the MCS connect messages. What is TLS goes to
 * whoever knows it, everything else is passed over. Clauses are of MS-RDPBCGR.
 */
#include "rdp_tables.h"
#include "../ber.h"
#include "../ssl/tls_certificate.h"

/* ------------------------------------------------------------------------------------------------ the row */

struct rdp_session {
	struct oto_time ts;
	struct oto_slice cookie, keyboard_layout, client_build, client_name, client_dig_product_id;
	struct oto_list client_channels;
	const char *result, *security_protocol, *requested_color_depth, *cert_type, *encryption_level, *encryption_method;
	uint32_t desktop_width, desktop_height, cert_count, requested_protocols;
	bool cert_permanent, has_cookie, has_client, has_channels, has_cert, has_requested;
};

#define S(m, doc_, ...) OTO_FIELD(struct rdp_session, m, doc_, __VA_ARGS__)
#define S_IF(has) .guard = OTO_IF(struct rdp_session, has)
static const struct oto_field session_fields[] = {
	S(ts, "time of the first message that says something"),
	S(cookie, "user or computer name that the client gives to a load balancer, cut to nine characters by most", S_IF(has_cookie)),
	S(requested_protocols, "security protocols that the client knows, as bits", S_IF(has_requested)),
	S(result, "encrypted when TLS follows; why the server refused; the result of the conference otherwise"),
	S(security_protocol, "the one that was taken"),
	S(client_channels, "static virtual channels that the client wants: clipboard, drives, sound", S_IF(has_channels)),
	S(keyboard_layout, "the client's keyboard", S_IF(has_client)),
	S(client_build, "version of the client program", S_IF(has_client)),
	S(client_name, "the client's computer name", S_IF(has_client)),
	S(client_dig_product_id, "the client's product identifier", S_IF(has_client)),
	S(desktop_width, "width of the desktop wanted, in pixels", S_IF(has_client)),
	S(desktop_height, "its height", S_IF(has_client)),
	S(requested_color_depth, "colours wanted"),
	S(cert_type, "kind of the server's certificate"),
	S(cert_count, "how many certificates it is"),
	S(cert_permanent, "issued for good, not until a licence server answers", S_IF(has_cert)),
	S(encryption_level, "RDP's own encryption: how much of it"),
	S(encryption_method, "with which keys"),
};
static const struct oto_log session_logs[] = {
	{ .name = "rdp",
	  .doc = "Remote desktop connections: Zeek's columns.",
	  .form = OTO_FORM_DETAIL,
	  .columns = "cookie result security_protocol client_channels keyboard_layout client_build client_name client_dig_product_id "
		     "desktop_width desktop_height requested_color_depth cert_type cert_count cert_permanent encryption_level "
		     "encryption_method",
	  .extra = "requested_protocols" },
};
static const struct oto_event_type session_event =
    OTO_EVENT("rdp.session", struct rdp_session, session_fields, "A remote desktop connection, told at its end.", OTO_LOGS(session_logs));
static const struct oto_event_type *const events[] = { &session_event, &tls_certificate_event };
enum { EV_SESSION, EV_CERTIFICATE };
enum { CHANNEL_STREAM };

/* ------------------------------------------------------------------------------------------------ what is kept */

enum { PORT = 3389, TPKT_HEADER = 4, TPKT_VERSION = 3, NAME_MAX = 128, CHANNELS_MAX = 31, CHANNEL_NAME = 8, UNKNOWN = UINT32_MAX };
enum { CONNECTION_CONFIRM = 0xd, CONNECTION_REQUEST = 0xe, DATA = 0xf };

struct rdp_text {
	uint16_t len;
	uint8_t text[NAME_MAX];
};

enum phase { NEGOTIATING = 0, ENCRYPTED, DONE };

struct rdp_flow {
	uint8_t phase;
	bool seen, timed, has_cookie, has_requested, has_client, has_cert, permanent;
	uint32_t requested, protocol, failure, result, keyboard, build, method, level, depth, cert_type, cert_count;
	uint16_t width, height;
	struct oto_time first;
	struct rdp_text cookie, name, product;
	uint8_t channels, channel[CHANNELS_MAX][CHANNEL_NAME];
};

static void begin(struct oto_ctx *cx)
{
	struct rdp_flow *f = cx->state;

	if (f->seen)
		return;
	*f = (struct rdp_flow){ .seen = true,
				.first = cx->head->ts,
				.protocol = UNKNOWN,
				.failure = UNKNOWN,
				.result = UNKNOWN,
				.method = UNKNOWN,
				.level = UNKNOWN,
				.depth = UNKNOWN,
				.cert_type = UNKNOWN };
}

/* As in Zeek, the row's time is that of the first message that fills a column. */
static void stamp(struct oto_ctx *cx)
{
	struct rdp_flow *f = cx->state;

	if (f->timed)
		return;
	f->timed = true;
	f->first = cx->head->ts;
}

static void keep(struct rdp_text *t, struct oto_slice s)
{
	t->len = (uint16_t)(s.len < NAME_MAX ? s.len : NAME_MAX);
	if (t->len)
		memcpy(t->text, s.data, t->len);
}

/* UTF-16 up to its zero, as UTF-8; half a pair becomes a question mark. */
static void keep_wide(struct rdp_text *t, struct oto_cur c)
{
	t->len = 0;
	while (oto_left(&c) >= 2 && t->len + 4u <= NAME_MAX) {
		uint32_t code = oto_le16(&c);
		if (!code)
			return;
		if (code >= 0xd800 && code < 0xdc00 && oto_left(&c) >= 2) {
			uint32_t low = oto_le16(&c);
			code = low >= 0xdc00 && low < 0xe000 ? 0x10000 + ((code & 0x3ff) << 10 | (low & 0x3ff)) : '?';
		} else if (code >= 0xd800 && code < 0xe000) {
			code = '?';
		}
		if (code < 0x80) {
			t->text[t->len++] = (uint8_t)code;
			continue;
		}
		uint8_t more = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
		static const uint8_t lead[] = { 0, 0xc0, 0xe0, 0xf0 };
		t->text[t->len++] = (uint8_t)(lead[more] | code >> (6 * more));
		while (more--)
			t->text[t->len++] = (uint8_t)(0x80 | (code >> (6 * more) & 0x3f));
	}
}

/* ------------------------------------------------------------------------------------------------ the row is told */

static struct oto_slice copied(struct oto_ctx *cx, const void *text, uint32_t len)
{
	void *copy = len ? oto_scratch(cx, len) : NULL;

	if (!copy)
		return (struct oto_slice){ 0 };
	memcpy(copy, text, len);
	return (struct oto_slice){ copy, len };
}

static struct oto_slice text_of(struct oto_ctx *cx, const struct rdp_text *t)
{
	return copied(cx, t->text, t->len);
}

static const char *word(const struct oto_names *names, uint32_t value)
{
	const struct oto_name *row = oto_name_of(names, value);

	return value == UNKNOWN ? NULL : row ? row->name : "unknown";
}

static struct oto_slice numbered(struct oto_ctx *cx, const char *before, uint32_t n, const char *behind)
{
	char text[96];
	uint32_t len = 0;

	while (*before && len < 60)
		text[len++] = *before++;
	len = ber_put_number(text, len, n);
	while (*behind && len < sizeof text)
		text[len++] = *behind++;
	return copied(cx, text, len);
}

/* A variant of a layout has its number above sixteen bits; the layout itself is then a good guess. */
static struct oto_slice keyboard_text(struct oto_ctx *cx, uint32_t layout)
{
	const struct oto_name *row = oto_name_of(&rdp_keyboards, layout), *guess = oto_name_of(&rdp_keyboards, layout & 0xffff);
	char text[64];
	uint32_t len = 0;

	if (row)
		return oto_slice_of(row->name);
	if (!guess)
		return numbered(cx, "keyboard-", layout, "");
	for (const char *s = guess->name; *s && len < 40; s++)
		text[len++] = *s;
	memcpy(text + len, " (Best Guess for ", 18);
	return numbered(cx, text, layout, ")");
}

static struct oto_slice build_text(struct oto_ctx *cx, uint32_t build)
{
	const struct oto_name *row = oto_name_of(&rdp_builds, build);

	return row ? oto_slice_of(row->name) : numbered(cx, "client_build-", build, "");
}

static struct oto_list channel_list(struct oto_ctx *cx, const struct rdp_flow *f)
{
	struct oto_slice *items = f->channels ? oto_scratch(cx, f->channels * sizeof *items) : NULL;

	for (uint32_t i = 0; items && i < f->channels; i++)
		items[i] = copied(cx, f->channel[i], (uint32_t)strnlen((const char *)f->channel[i], CHANNEL_NAME));
	return (struct oto_list){ items, items ? f->channels : 0 };
}

static void rdp_closing(struct oto_ctx *cx)
{
	const struct rdp_flow *f = cx->state;

	if (!f->seen || !oto_wanted(cx, EV_SESSION))
		return;
	struct rdp_session e = { .ts = f->first,
				 .cookie = text_of(cx, &f->cookie),
				 .has_cookie = f->has_cookie,
				 .requested_protocols = f->requested,
				 .has_requested = f->has_requested,
				 .security_protocol = word(&rdp_protocols, f->protocol),
				 .result = f->failure != UNKNOWN   ? word(&rdp_failures, f->failure)
					   : f->phase == ENCRYPTED ? "encrypted"
								   : word(&rdp_results, f->result),
				 .client_channels = channel_list(cx, f),
				 .has_channels = f->channels,
				 .has_client = f->has_client,
				 .desktop_width = f->width,
				 .desktop_height = f->height,
				 .requested_color_depth = f->depth == 32 ? "32bit" : word(&rdp_depths, f->depth),
				 .cert_type = word(&rdp_certificates, f->cert_type),
				 .cert_count = f->cert_count,
				 .cert_permanent = f->permanent,
				 .has_cert = f->has_cert,
				 .encryption_level = word(&rdp_levels, f->level),
				 .encryption_method = word(&rdp_methods, f->method) };
	if (f->has_client) {
		e.keyboard_layout = keyboard_text(cx, f->keyboard);
		e.client_build = build_text(cx, f->build);
		e.client_name = text_of(cx, &f->name);
		e.client_dig_product_id = text_of(cx, &f->product);
	}
	if (e.has_cookie || e.has_client || e.result)
		oto_emit(cx, EV_SESSION, &e);
}

static void fact(struct oto_ctx *cx, const char *key, struct oto_slice value, uint8_t confidence)
{
	oto_fact(cx, &(struct oto_fact){ .self_size = sizeof(struct oto_fact), .key = key, .value = value, .confidence = confidence });
}

enum { SURE = 100, STATED = 80, INFERRED = 50, HINT = 20 };

/* ------------------------------------------------------------------------------------------------ negotiation */

/* 2.2.1.1: a line of text, "Cookie: mstshash=NAME" or a routing token, then the request. Either may be missing. */
static void take_request(struct oto_ctx *cx, struct oto_cur c)
{
	static const char mark[] = "Cookie: mstshash=";
	struct rdp_flow *f = cx->state;
	struct oto_cur look = c, rest = c;
	uint32_t line = 0;
	bool found = false;

	while (oto_left(&look) >= 2 && !found) {
		struct oto_cur end = look;
		found = oto_be16(&end) == 0x0d0a;
		if (found)
			rest = end;
		else
			line++, oto_skip(&look, 1);
	}
	if (found) {
		struct oto_slice text = oto_take(&c, line);
		if (text.len >= sizeof mark - 1 && memcmp(text.data, mark, sizeof mark - 1) == 0) {
			struct oto_cur name = oto_cur_of(text);
			oto_skip(&name, sizeof mark - 1);
			stamp(cx);
			f->has_cookie = true;
			keep(&f->cookie, oto_rest(&name));
			fact(cx, "user", text_of(cx, &f->cookie), HINT);
		}
	}
	if (oto_left(&rest) >= 8 && oto_u8(&rest) == 1) {
		oto_skip(&rest, 3); /* flags, and a length that is always 8 */
		f->has_requested = true;
		f->requested = oto_le32(&rest);
	}
}

/* 2.2.1.2. A server that knows of no negotiation says nothing, and RDP's own encryption follows. */
static void take_confirm(struct oto_ctx *cx, struct oto_cur c)
{
	enum { NEGOTIATION_RESPONSE = 2, NEGOTIATION_FAILURE = 3 };
	struct rdp_flow *f = cx->state;

	fact(cx, "role", oto_slice_of("rdp server"), SURE);
	if (oto_left(&c) < 8)
		return;
	uint8_t type = oto_u8(&c);
	oto_skip(&c, 3);
	uint32_t value = oto_le32(&c);
	stamp(cx);
	if (type == NEGOTIATION_RESPONSE) {
		f->protocol = value;
		f->phase = value ? ENCRYPTED : f->phase;
	} else if (type == NEGOTIATION_FAILURE) {
		f->failure = value;
		f->phase = DONE;
	}
}

/* ------------------------------------------------------------------------------------------------ MCS connect messages */

/* X.691 10.9: lengths to 127 in one octet, to 16383 in two. */
static uint32_t per_length(struct oto_cur *c)
{
	uint32_t n = oto_u8(c);

	return n & 0x80 ? (n & 0x3f) << 8 | oto_u8(c) : n;
}

/* 2.2.1.3.2; what stands behind the file name may be left out. */
static void take_client_core(struct oto_ctx *cx, struct oto_cur c)
{
	enum { WANT_32BPP = 2, CORE_NAME = 32, CORE_FILE = 64, PRODUCT = 64 };
	struct rdp_flow *f = cx->state;

	oto_skip(&c, 4);
	f->width = oto_le16(&c);
	f->height = oto_le16(&c);
	oto_skip(&c, 4);
	f->keyboard = oto_le32(&c);
	f->build = oto_le32(&c);
	struct oto_cur name = oto_sub(&c, CORE_NAME);
	if (c.bad)
		return;
	f->has_client = true;
	keep_wide(&f->name, name);
	oto_skip(&c, 12 + CORE_FILE + 2 + 2 + 4);
	uint16_t high = oto_le16(&c);
	oto_skip(&c, 2);
	uint16_t flags = oto_le16(&c);
	if (!c.bad)
		f->depth = flags & WANT_32BPP ? 32 : high;
	struct oto_cur product = oto_sub(&c, PRODUCT);
	if (!c.bad)
		keep_wide(&f->product, product);
	const char *windows = rdp_windows(f->build);
	fact(cx, "hostname", text_of(cx, &f->name), STATED);
	fact(cx, "keyboard_layout", keyboard_text(cx, f->keyboard), STATED);
	/* Windows' own client names its product; programs that only claim a build leave that empty. */
	if (windows && f->product.len)
		fact(cx, "os", oto_slice_of(windows), INFERRED);
}

/* 2.2.1.3.4. */
static void take_client_network(struct rdp_flow *f, struct oto_cur c)
{
	uint32_t n = oto_le32(&c);

	f->channels = 0;
	while (n-- && f->channels < CHANNELS_MAX) {
		struct oto_slice name = oto_take(&c, CHANNEL_NAME);
		oto_skip(&c, 4);
		if (c.bad)
			return;
		memcpy(f->channel[f->channels++], name.data, CHANNEL_NAME);
	}
}

/* 2.2.1.4.3. */
static void take_server_security(struct oto_ctx *cx, struct oto_cur c)
{
	enum { PROPRIETARY = 1, CHAIN = 2, CHAIN_MAX = 200 };
	struct rdp_flow *f = cx->state;
	struct tls_certificate x;
	uint32_t method = oto_le32(&c), level = oto_le32(&c);

	if (c.bad)
		return;
	f->method = method;
	f->level = level;
	uint32_t random_len = oto_le32(&c), certificate_len = oto_le32(&c);
	if (c.bad || !certificate_len)
		return;
	oto_skip(&c, random_len);
	uint32_t version = oto_le32(&c);
	if (c.bad)
		return;
	f->has_cert = true;
	f->cert_type = version & 0x7fffffff;
	f->permanent = !(version >> 31);
	if (f->cert_type == PROPRIETARY)
		f->cert_count = 1;
	if (f->cert_type != CHAIN)
		return;
	uint32_t n = oto_le32(&c);
	for (f->cert_count = 0; f->cert_count < n && n <= CHAIN_MAX; f->cert_count++) {
		struct oto_slice der = oto_take(&c, oto_le32(&c));
		if (c.bad)
			return;
		tls_tell_certificate(cx, EV_CERTIFICATE, der, true, false, &x);
	}
}

/* 2.2.1.3.1: a type, a length with these four octets, data. */
static void take_blocks(struct oto_ctx *cx, struct oto_cur c)
{
	enum { CLIENT_CORE = 0xc001, CLIENT_NETWORK = 0xc003, SERVER_SECURITY = 0x0c02 };
	struct rdp_flow *f = cx->state;

	while (oto_left(&c) >= 4) {
		uint16_t type = oto_le16(&c), length = oto_le16(&c);
		if (length < 4)
			return;
		struct oto_cur block = oto_sub(&c, length - 4u);
		if (block.bad)
			return;
		if (type == CLIENT_CORE)
			take_client_core(cx, block);
		else if (type == CLIENT_NETWORK)
			take_client_network(f, block);
		else if (type == SERVER_SECURITY)
			take_server_security(cx, block);
	}
}

/* T.124's ConferenceCreateRequest and -Response in aligned PER, as far as RDP fills them in; all but the result is fixed. */
static void take_conference(struct oto_ctx *cx, struct oto_slice data, bool response)
{
	static const uint8_t t124[] = { 0x00, 0x05, 0x00, 0x14, 0x7c, 0x00, 0x01 };
	struct rdp_flow *f = cx->state;
	struct oto_cur c = oto_cur_of(data);
	struct oto_slice key = oto_take(&c, sizeof t124);

	if (c.bad || memcmp(key.data, t124, sizeof t124) != 0)
		return;
	per_length(&c);
	oto_skip(&c, 1); /* which message */
	if (response) {
		oto_skip(&c, 2);              /* node */
		oto_skip(&c, per_length(&c)); /* tag */
		uint8_t result = oto_u8(&c);
		if (!c.bad)
			f->result = result;
	} else {
		oto_skip(&c, 4); /* name of the conference and its options */
	}
	oto_skip(&c, 3 + 4); /* one set of user data, with a key: "Duca" and "McDn" */
	uint32_t length = per_length(&c);
	take_blocks(cx, oto_sub(&c, length < oto_left(&c) ? length : oto_left(&c)));
}

/* T.125 7: Connect-Initial (application 101) and Connect-Response (102); the octets at the end are the conference. */
static void take_mcs(struct oto_ctx *cx, struct oto_cur c)
{
	enum { CONNECT_INITIAL = 0x7f65, CONNECT_RESPONSE = 0x7f66 };
	struct rdp_flow *f = cx->state;
	struct ber outer, e;

	if (!ber_next(&c, &outer) || (outer.tag != CONNECT_INITIAL && outer.tag != CONNECT_RESPONSE)) {
		f->phase = DONE;
		return;
	}
	stamp(cx);
	struct oto_cur all = oto_cur_of(outer.value);
	struct oto_slice conference = { 0 };
	while (ber_next(&all, &e)) {
		if (e.tag == BER_OCTETS)
			conference = e.value;
	}
	take_conference(cx, conference, outer.tag == CONNECT_RESPONSE);
	if (outer.tag == CONNECT_RESPONSE)
		f->phase = DONE;
}

/* ------------------------------------------------------------------------------------------------ framing */

static int64_t rdp_pdu_len(const struct oto_ctx *cx, struct oto_cur c)
{
	const struct rdp_flow *f = cx->state;

	if (f->phase != NEGOTIATING)
		return oto_left(&c);
	uint32_t left = oto_left(&c);
	uint8_t version = oto_u8(&c);
	oto_u8(&c);
	uint16_t length = oto_be16(&c);
	if (left >= 1 && version != TPKT_VERSION)
		return -1;
	return left < TPKT_HEADER ? 0 : length < 7 ? -1 : length;
}

static void rdp_pdu(struct oto_ctx *cx, struct oto_cur *c)
{
	enum { FIXED = 5 };
	struct rdp_flow *f = cx->state;

	if (f->phase == ENCRYPTED)
		oto_stream(cx, CHANNEL_STREAM, 0, oto_rest(c));
	if (f->phase != NEGOTIATING)
		return;
	oto_skip(c, TPKT_HEADER);
	uint8_t indicator = oto_u8(c), code = oto_u8(c) >> 4;
	if (code == DATA) {
		oto_skip(c, indicator - 1u);
		if (!c->bad && f->seen)
			take_mcs(cx, *c);
		return;
	}
	oto_skip(c, FIXED);
	if (c->bad)
		return;
	if (code == CONNECTION_REQUEST) {
		begin(cx);
		take_request(cx, *c);
	} else if (code == CONNECTION_CONFIRM && f->seen) {
		take_confirm(cx, *c);
	}
}

/* Behind a loss nobody knows where a message begins; TLS finds its way. */
static void rdp_gap(struct oto_ctx *cx, uint64_t n)
{
	struct rdp_flow *f = cx->state;

	(void)n;
	if (f->phase == NEGOTIATING)
		f->phase = DONE;
}

/* A connection request with RDP's text or negotiation in it is RDP on any port; on its own port one without, too. */
static enum oto_answer rdp_probe(const struct oto_ctx *cx, struct oto_cur c)
{
	static const char cookie[] = "Cookie: mst";
	bool named = cx->head->orig_p == PORT || cx->head->resp_p == PORT;
	uint32_t left = oto_left(&c);
	uint8_t version = oto_u8(&c), reserved = oto_u8(&c);
	uint16_t length = oto_be16(&c);
	uint8_t indicator = oto_u8(&c), code = oto_u8(&c);

	if ((left >= 1 && version != TPKT_VERSION) || (left >= 2 && reserved != 0))
		return OTO_NOT_MINE;
	if (left < 6)
		return OTO_NEED_MORE;
	if (named && length >= 7 && (code >> 4 == DATA || code >> 4 == CONNECTION_CONFIRM))
		return OTO_MINE; /* joined later: nothing more is said, and nobody else's */
	if (indicator + TPKT_HEADER + 1u != length || code >> 4 != CONNECTION_REQUEST)
		return OTO_NOT_MINE;
	if (left < length)
		return OTO_NEED_MORE;
	oto_skip(&c, 5);
	if (named)
		return c.bad ? OTO_NOT_MINE : OTO_MINE;
	struct oto_cur look = c;
	if (length == 19 && oto_left(&c) >= 8)
		return oto_be32(&look) == 0x01000800 ? OTO_MINE : OTO_NOT_MINE;
	struct oto_slice text = oto_take(&look, sizeof cookie - 1);
	return !look.bad && memcmp(text.data, cookie, text.len) == 0 ? OTO_MINE : OTO_NOT_MINE;
}

static const struct oto_analyzer rdp = {
	.self_size = sizeof rdp,
	.flags = OTO_ANY_PORT,
	.name = "rdp",
	.doc = "remote desktop protocol: how a connection is made",
	.keys = "tcp/3389",
	.channels = "stream",
	.probe = rdp_probe,
	.pdu_len = rdp_pdu_len,
	.pdu = rdp_pdu,
	.gap = rdp_gap,
	.closing = rdp_closing,
	.state_size = sizeof(struct rdp_flow),
	.events = events,
	.nevents = sizeof events / sizeof *events,
};

OTO_ANALYZER(rdp);
