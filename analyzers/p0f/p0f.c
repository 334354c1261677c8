/* p0f.c - what a TCP handshake tells of the station behind it: one event for each SYN and SYN+ACK, with p0f's raw signature and, where the
 * base of signatures knows it, the operating system.
 *
 * A fingerprint is a hint and never more: stacks are tuned, copied and old. The base ends with Windows 8 and Linux 3.11, whose successors
 * look the same, so a match of the last known version says "or newer" here. Signatures: signature.c; the base: base.c.
 */
#include "signature.h"

struct p0f_event {
	const char *mod;
	struct oto_addr src_ip;
	struct oto_mac src_mac;
	const char *os;
	struct oto_slice raw_sig;
	const char *match;
	bool has_mac;
};

#define F(m, doc_, ...) OTO_FIELD(struct p0f_event, m, doc_, __VA_ARGS__)
static const struct oto_field fields[] = {
	F(mod, "syn of a client, syn+ack of a server"),
	F(src_ip, "who sent it"),
	F(src_mac, "its MAC, or that of the router before it", .guard = OTO_IF(struct p0f_event, has_mac)),
	F(os, "operating system, where the base of signatures knows one that fits"),
	F(raw_sig, "version:TTL+hops:IP options:MSS:window,scale:options:quirks:payload, as p0f writes it"),
	F(match,
	  "specific, generic (the family only), fuzzy (some differences overlooked), or userland (a program with a stack of its own)"),
};
static const struct oto_log logs[] = {
	{ .name = "p0f",
	  .doc = "What TCP handshakes tell of their senders, in p0f's terms.",
	  .columns = "mod src_ip src_mac os raw_sig",
	  .extra = "match",
	  .key = "mod src_ip src_mac os raw_sig match",
	  .form = OTO_FORM_AGGREGATE,
	  .flags = OTO_LOG_NOT_ZEEK | OTO_LOG_NO_ID },
};
static const struct oto_event_type event =
    OTO_EVENT("p0f.handshake", struct p0f_event, fields, "A TCP packet with SYN, and which system it may come from.", OTO_LOGS(logs));
static const struct oto_event_type *const events[] = { &event };

struct shared {
	struct p0f_base *base; /* NULL: no p0f.fp here, raw signatures only */
};

static bool setup(const struct oto_setup *how, void *at)
{
	struct shared *shared = at;
	struct oto_slice text = how->read(how, "p0f.fp", "/etc/p0f/p0f.fp");
	uint32_t line;
	const char *why = NULL;

	if (!text.len)
		return true;
	shared->base = p0f_base_read(how, text, &line, &why);
	return shared->base || how->fail(how, "p0f.fp, line %u: %s", line, why);
}

/* The segment size of a client's SYN, kept until the server's answer: some servers derive their window from it. */
static const struct oto_memory announced = { sizeof announced, sizeof(uint16_t), 4096, OTO_SCOPE_PAIR, "p0f.mss" };

static uint64_t ports(const struct oto_ctx *cx)
{
	return (uint64_t)cx->head->orig_p << 16 | cx->head->resp_p;
}

static uint16_t peer_mss(struct oto_ctx *cx)
{
	const uint16_t *mss = cx->is_orig ? NULL : oto_recall(cx, &announced, ports(cx));
	return mss ? *mss : 0;
}

/* The last versions that the base knows have successors with the same stack. */
static const char *open_ended(const char *os)
{
	return strcmp(os, "Windows 7 or 8") == 0 ? "Windows 7 or newer" : os;
}

static const char *match_word(const struct p0f_label *label, bool fuzzy)
{
	return !label ? NULL : label->userland ? "userland" : fuzzy ? "fuzzy" : label->generic ? "generic" : "specific";
}

static void tell_os(struct oto_ctx *cx, const struct p0f_label *label, bool fuzzy)
{
	oto_fact(cx, &(struct oto_fact){ .self_size = sizeof(struct oto_fact),
					 .key = label->userland ? "software" : "os",
					 .value = oto_slice_of(open_ended(label->os)),
					 .confidence = fuzzy            ? 15
						       : label->generic ? 20
									: 30 });
}

static void pdu(struct oto_ctx *cx, struct oto_cur *c)
{
	struct shared *shared = cx->shared;
	struct p0f_packet p;
	bool fuzzy = false;

	p0f_read(c, peer_mss(cx), &p);
	if (c->bad) { /* cut short or not TCP over one header: the flow stage has said so */
		*c = (struct oto_cur){ 0 };
		return;
	}
	if (cx->is_orig && !p.response) {
		uint16_t *mss = oto_remember(cx, &announced, ports(cx));
		if (mss)
			*mss = (uint16_t)p.sig.mss;
	}
	const struct p0f_label *label = shared->base ? p0f_base_find(shared->base, &p, &fuzzy) : NULL;
	if (label)
		tell_os(cx, label, fuzzy);
	if (!oto_wanted(cx, 0))
		return;
	char *text = oto_scratch(cx, P0F_TEXT_MAX);
	if (!text)
		return;
	struct p0f_event e = {
		.mod = p.response ? "syn+ack" : "syn",
		.src_ip = oto_sender(cx),
		.src_mac = cx->is_orig ? cx->head->orig_mac : cx->head->resp_mac,
		.has_mac = cx->head->has_mac,
		.os = label ? open_ended(label->os) : NULL,
		.raw_sig = { (const uint8_t *)text, p0f_text(&p, text) },
		.match = match_word(label, fuzzy),
	};
	oto_emit(cx, 0, &e);
}

static const struct oto_analyzer p0f = {
	.self_size = sizeof p0f,
	.name = "p0f",
	.doc = "Operating systems by their TCP handshakes, in the signature language of p0f version 3.",
	.keys = "tcp.syn",
	.pdu = pdu,
	.events = events,
	.nevents = 1,
	.shared_size = sizeof(struct shared),
	.setup = setup,
};
OTO_ANALYZER(p0f);
