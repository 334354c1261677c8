/* services.c - what an analyzer calls: the service table of oto_plugin.h over the run at hand, and the mistakes in its use. See analysis.h.
 */
#include "analysis.h"
#include "codepage.h"
#include "tongue.h"

#include <stdarg.h>

/* ------------------------------------------------------------------------------------------------ mistakes */

/* What only a call shows to be wrong in an analyzer. */
enum mistake {
	NO_SUCH_EVENT,
	NO_SUCH_CHANNEL,
	NO_PAIRING,
	NO_SUCH_MEMORY,
	ILL_FORMED_OPERATION,
	ILL_FORMED_OUTCOME,
	ILL_FORMED_FACT,
	ILL_FORMED_PROGRAM,
	NAMELESS_WEIRD,
};

/* Said once, in the words of its author; the call does nothing. The run ends with the exit code of a wrong plugin. */
__attribute__((cold, noinline, format(printf, 3, 4))) static bool wrong(const struct oto_run *r, enum mistake kind, const char *format, ...)
{
	struct oto_analyzer_entry *entry = r->in->entry;
	char what[300];
	va_list args;

	r->as->mistakes++;
	if (entry->mistakes & 1u << kind)
		return false;
	entry->mistakes |= 1u << kind;
	va_start(args, format);
	vsnprintf(what, sizeof what, format, args);
	va_end(args);
	fprintf(stderr, "otoscope: analyzer %s: %s\n", entry->a.name, what);
	return false;
}

static bool has_pairing(const struct oto_run *r, const char *call)
{
	return __builtin_expect(r->in->entry->pairs != NULL, 1) ||
	       wrong(r, NO_PAIRING,
		     "it calls %s() and declares no pairing, so nothing is paired: .pairing = &PAIRING, with "
		     "struct oto_pairing PAIRING = { .self_size = sizeof PAIRING, .keyed = true }",
		     call);
}

static bool has_channel(const struct oto_run *r, uint32_t channel, const char *call)
{
	return __builtin_expect(channel < r->in->entry->nchannels, 1) ||
	       wrong(r, NO_SUCH_CHANNEL, "it calls %s() for channel %u; .channels names %u (\"%s\"), counted from 0", call, channel,
		     r->in->entry->nchannels, r->in->entry->a.channels ? r->in->entry->a.channels : "");
}

static bool operation_ok(const struct oto_run *r, const struct oto_operation *o)
{
	return __builtin_expect(o->self_size && o->op < OTO_OP_COUNT, 1) ||
	       wrong(r, ILL_FORMED_OPERATION,
		     "an operation needs .self_size = sizeof(struct oto_operation) and an .op of enum oto_op; it has %u and %u",
		     o->self_size, o->op);
}

/* ------------------------------------------------------------------------------------------------ services */

static struct oto_analyzers *of_host(const struct oto_host *host)
{
	return ((const struct oto_host_slot *)(const void *)host)->as;
}

static bool host_add_analyzer(const struct oto_host *host, const struct oto_analyzer *a)
{
	struct oto_analyzers *as = of_host(host);
	return oto_analyzers_add(as, a, as->adding);
}

/* What a PDU says after a read past its end is not listened to. */
static bool malformed(const struct oto_run *r)
{
	return r->cur && r->cur->bad;
}

/* Nor can what belongs to a PDU be said outside of one, in gap() or unanswered(). */
static bool silent(const struct oto_run *r)
{
	return !r->cur || r->cur->bad;
}

static struct oto_event_def *event_of(const struct oto_run *r, uint32_t event)
{
	if (__builtin_expect(event < r->in->entry->a.nevents, 1))
		return r->in->entry->events[event];
	wrong(r, NO_SUCH_EVENT, "it speaks event number %u; .events has %u, counted from 0", event, r->in->entry->a.nevents);
	return NULL;
}

static bool host_wanted(struct oto_ctx *cx, uint32_t event)
{
	const struct oto_event_def *def = event_of(oto_run_of(cx), event);
	return def && oto_event_wanted(def);
}

static void host_emit(struct oto_ctx *cx, uint32_t event, const void *data)
{
	struct oto_run *r = oto_run_of(cx);
	struct oto_event_def *def = event_of(r, event);

	if (!def || malformed(r))
		return;
	oto_cost(r->in->entry)->events += (uint64_t)r->more + 1;
	oto_bus_emit_more(r->as->bus, def, cx->head, data, r->more, 0);
}

static void host_emit_as(struct oto_ctx *cx, uint32_t event, const void *data, uint64_t key)
{
	struct oto_run *r = oto_run_of(cx);
	struct oto_event_def *def = event_of(r, event);

	if (!def || malformed(r))
		return;
	oto_cost(r->in->entry)->events += (uint64_t)r->more + 1;
	oto_bus_emit_more(r->as->bus, def, cx->head, data, r->more, key);
}

static inline bool say_again(struct oto_ctx *cx, uint32_t event, uint64_t key, const struct oto_repeat *again)
{
	const struct oto_run *r = oto_run_of(cx);
	struct oto_event_def *def = event_of(r, event);

	if (!def || malformed(r) || !oto_bus_again(r->as->bus, def, key, again))
		return false;
	oto_cost(r->in->entry)->events += (uint64_t)again->more + 1;
	return true;
}

static bool host_again_with(struct oto_ctx *cx, uint32_t event, uint64_t key, const void *data)
{
	return say_again(cx, event, key, &(struct oto_repeat){ cx->head, oto_run_of(cx)->more, false, data });
}

static bool host_again_each(struct oto_ctx *cx, uint32_t event, uint64_t key, const void *data, uint32_t n)
{
	return n && say_again(cx, event, key, &(struct oto_repeat){ cx->head, n - 1, true, data });
}

static bool host_again(struct oto_ctx *cx, uint32_t event, uint64_t key)
{
	return host_again_with(cx, event, key, NULL);
}

static void host_together(struct oto_ctx *cx, uint32_t event, uint64_t key, const uint64_t *keys, uint32_t n)
{
	const struct oto_run *r = oto_run_of(cx);
	const struct oto_event_def *def = event_of(r, event);

	if (def && !malformed(r))
		oto_bus_together(def, key, keys, n);
}

static bool host_heard(struct oto_ctx *cx, uint32_t event, const void *data)
{
	const struct oto_event_def *def = event_of(oto_run_of(cx), event);

	return def && oto_bus_heard(def, cx->head, data);
}

static bool host_single(struct oto_ctx *cx, uint32_t event)
{
	const struct oto_run *r = oto_run_of(cx);
	const struct oto_event_def *def = event_of(r, event);

	return !def || oto_event_single(def) || oto_event_single(r->as->engine->operation) || oto_event_single(r->as->engine->outcome);
}

static void host_alike(struct oto_ctx *cx, uint32_t n)
{
	oto_run_of(cx)->more = n ? n - 1 : 0;
}

enum { COUNT_BITS = 12, COUNTS = 1 << COUNT_BITS };

/* (packet, count within it): the same in every run, whatever the number of workers. Those that are alike have one each. */
static uint64_t next_op_id(struct oto_run *r)
{
	if (r->as->packet != r->cx.head->packet) {
		r->as->packet = r->cx.head->packet;
		r->as->op_count = 0;
	}
	uint64_t first = r->as->op_count + 1;
	r->as->op_count += r->more + 1;
	return r->cx.head->packet << COUNT_BITS | (first & (COUNTS - 1));
}

static uint64_t op_id_after(uint64_t id, uint32_t n)
{
	return (id & ~(uint64_t)(COUNTS - 1)) | ((id + n) & (COUNTS - 1));
}

/* 1 + more events that are alike in all but their op_id, which stands in the event's own struct. */
static void emit_alike(struct oto_bus *bus, struct oto_event_def *def, const struct oto_head *head, const void *data, uint64_t *op_id,
		       uint32_t more, uint64_t key)
{
	if (!more || !oto_event_single(def)) {
		oto_bus_emit_more(bus, def, head, data, more, key);
		return;
	}
	for (uint64_t left = (uint64_t)more + 1; left; left--) {
		oto_bus_emit_more(bus, def, head, data, 0, key);
		*op_id = op_id_after(*op_id, 1);
	}
}

/* One of the two ends of a packet. */
struct end {
	const struct oto_head *head;
	bool orig;
};

static struct end other_end(struct end e)
{
	return (struct end){ e.head, !e.orig };
}

static uint16_t end_port(struct end e)
{
	return e.orig ? e.head->orig_p : e.head->resp_p;
}

static struct oto_mac end_mac(struct end e)
{
	return e.orig ? e.head->orig_mac : e.head->resp_mac;
}

static struct oto_addr end_addr(struct end e)
{
	struct oto_addr a = e.orig ? e.head->orig_h : e.head->resp_h;

	if (a.family == OTO_FAMILY_NONE && e.head->has_mac) {
		memcpy(a.byte, end_mac(e).byte, 6);
		a.family = OTO_FAMILY_MAC;
	}
	return a;
}

/* Everybody, or many: also a network's own broadcast address (192.168.1.255), which its MAC address tells. */
static bool is_group(struct end e)
{
	const struct oto_addr a = end_addr(e);
	const struct oto_mac mac = end_mac(e);

	return oto_addr_is_group(&a) || (e.head->has_mac && oto_mac_is_group(&mac));
}

static struct end who_asked(const struct oto_request *q)
{
	return (struct end){ &q->head, q->head.is_orig != q->by_receiver };
}

/* The client of what an answer tells: what is answered to a group went to who asked; only the request knows. */
static struct end client_of_answer(const struct oto_run *r, struct end to)
{
	return r->matched && is_group(to) ? who_asked(r->matched) : to;
}

/* The server: a request to a group is spoken before anybody answers and names the group; then it is who answers. */
static struct end server_of_answer(const struct oto_request *q, struct end from)
{
	const struct end asked = other_end(who_asked(q));

	return is_group(asked) ? from : asked;
}

/* What an object that was built before the member was there did not say. */
#define GIVEN(s, member)                                                                                                                   \
	((s)->self_size >= offsetof(__typeof__(*(s)), member) + sizeof((s)->member) ? (s)->member : (struct oto_slice){ 0 })

/* What is in the head beside the two ends: the same packet may be seen in several VLANs, by several interfaces. */
static uint64_t mix_link(const struct oto_run *r, uint64_t key)
{
	const struct oto_head *h = r->cx.head;
	uint64_t w[4] = { h->transport, (uint64_t)h->ethertype << 3 | h->has_mac << 2 | h->has_inner_vlan << 1 | h->has_vlan };

	memcpy(w + 2, &h->orig_mac, sizeof h->orig_mac);
	memcpy(w + 3, &h->resp_mac, sizeof h->resp_mac);
	w[2] |= (uint64_t)(h->has_vlan ? h->vlan : 0) << 48;
	w[3] |= (uint64_t)(h->has_inner_vlan ? h->inner_vlan : 0) << 48;
	key = oto_mix(oto_mix(key ^ w[0], w[1] ^ r->as->secret) ^ w[2], w[3] ^ r->as->secret);
	return h->interface ? oto_hash(key, h->interface, strlen(h->interface)) : key;
}

/* Secret, so that nobody can aim at another's key. Which packet of the two sides it is counts, not which flow: nor the port that its
 * originator took. */
static uint64_t host_ends(struct oto_ctx *cx)
{
	struct oto_run *r = oto_run_of(cx);
	const struct oto_head *h = cx->head;

	if (r->ends)
		return r->ends;
	const struct oto_addr orig = end_addr((struct end){ h, true }), resp = end_addr((struct end){ h, false });
	uint64_t w[4];

	memcpy(w, orig.byte, sizeof orig.byte);
	memcpy(w + 2, resp.byte, sizeof resp.byte);
	const uint64_t orig_p = oto_bus_tells_port(r->as->bus) ? h->orig_p : 0;
	uint64_t ports = orig_p << 48 | (uint64_t)h->resp_p << 32 | (uint32_t)(orig.family << 16 | resp.family << 8) | cx->is_orig;
	uint64_t a = oto_mix(r->as->secret ^ w[0], w[1] ^ ports), b = oto_mix(~r->as->secret ^ w[2], w[3] ^ r->in->entry->cost);
	r->ends = mix_link(r, oto_mix(a, b));
	return r->ends;
}

/* The key so far and a text. Of one of the program its place there, which is the same in every run. */
static uint64_t mix_word(const struct oto_run *r, uint64_t key, const char *text)
{
	extern const char __executable_start;

	if (oto_is_literal(text))
		return oto_mix(key ^ (uint64_t)(text - &__executable_start), r->as->secret);
	return text ? oto_hash(key, text, strlen(text)) : key;
}

static uint64_t mix_target(const struct oto_run *r, uint64_t key, const struct oto_target *t)
{
	if (t->space)
		key = mix_word(r, key, t->space);
	key = oto_mix(key ^ t->first, t->count ^ r->as->secret);
	return t->name.len ? oto_hash(key, t->name.data, t->name.len) : key;
}

/* Of all that the event holds but its op_id. */
static uint64_t operation_key(struct oto_run *r, const struct oto_operation *o, struct oto_slice sub, bool client_is_orig, bool unmatched)
{
	const uint64_t server_p = end_port((struct end){ r->cx.head, !client_is_orig });
	uint64_t what = server_p << 48 | (uint64_t)o->op << 32 | (uint64_t)o->has_unit << 2 | (uint64_t)client_is_orig << 1 | unmatched;
	uint64_t key = mix_word(r, host_ends(&r->cx) ^ what, o->func);

	key = mix_target(r, oto_mix(key ^ ((uint64_t)o->unit << 32 | o->func_code), r->as->secret), &o->target);
	return sub.len ? oto_hash(key, sub.data, sub.len) : key;
}

/* Of all that the event holds but its op_id and latency; 0: what was asked elsewhere is in it, too. */
static uint64_t outcome_key(struct oto_run *r, const struct oto_request *q, struct end server, uint32_t code, const char *error)
{
	const struct oto_pairing *pairing = r->in->entry->a.pairing;

	if (!pairing || pairing->scope != OTO_SCOPE_FLOW)
		return 0;
	uint64_t what = (uint64_t)end_port(server) << 48 | (uint64_t)q->op << 32 | code << 8 | q->unsure << 4 | q->has_unit << 3 |
			q->by_receiver << 2 | q->head.is_orig << 1;
	uint64_t key = mix_word(r, host_ends(&r->cx) ^ what, q->func);
	key = mix_word(r, oto_mix(key ^ ((uint64_t)q->unit << 32 | q->func_code), q->retries ^ r->as->secret), error);
	return q->sub_len ? oto_hash(key, q->sub, q->sub_len) : key;
}

static bool said_again(struct oto_run *r, struct oto_event_def *def, uint64_t key, const void *data)
{
	return oto_bus_again(r->as->bus, def, key, &(struct oto_repeat){ r->cx.head, r->more, false, data });
}

static void speak_operation(struct oto_run *r, const struct oto_operation *o, bool client_is_orig, uint64_t op_id, bool unmatched)
{
	const struct oto_head *h = r->cx.head;
	const struct end client = { h, client_is_orig }, server = other_end(client);

	struct oto_slice sub = GIVEN(o, sub);
	uint64_t key = operation_key(r, o, sub, client_is_orig, unmatched);

	if (!oto_event_wanted(r->as->engine->operation) || said_again(r, r->as->engine->operation, key, NULL))
		return;
	struct oto_operation_event e = {
		.client = end_addr(client),
		.server = end_addr(server),
		.has_mac = h->has_mac,
		.client_mac = end_mac(client),
		.server_mac = end_mac(server),
		.server_p = end_port(server),
		.has_port = h->has_ports,
		.protocol = r->in->entry->a.name,
		.func = o->func,
		.func_code = o->func_code,
		.op = o->op,
		.category = oto_op_category(o->op),
		.target = o->target,
		.unit = o->unit,
		.has_unit = o->has_unit,
		.sub = sub,
		.op_id = op_id,
		.unmatched = unmatched,
	};
	emit_alike(r->as->bus, r->as->engine->operation, h, &e, &e.op_id, r->more, key);
}

static void keep_sub(struct oto_request *q, struct oto_slice sub)
{
	q->sub_len = (uint8_t)(sub.len < OTO_SUB_MAX ? sub.len : OTO_SUB_MAX);
	if (q->sub_len)
		memcpy(q->sub, sub.data, q->sub_len);
}

static uint64_t host_operation(struct oto_ctx *cx, const struct oto_operation *o)
{
	struct oto_run *r = oto_run_of(cx);

	if (silent(r) || o->op == OTO_OP_NONE || !operation_ok(r, o))
		return 0;
	uint64_t id = next_op_id(r);
	if (r->request) {
		r->request->op_id = id;
		r->request->func = o->func;
		r->request->func_code = o->func_code;
		r->request->op = o->op;
		r->request->unit = o->unit;
		r->request->has_unit = o->has_unit;
		r->request->by_receiver = o->by_receiver;
		keep_sub(r->request, GIVEN(o, sub));
	}
	speak_operation(r, o, cx->is_orig != o->by_receiver, id, false);
	return id;
}

/* The part of an outcome that follows from its request. */
static void outcome_of(struct oto_bus *bus, struct oto_outcome_event *e, const struct oto_request *q, struct end server,
		       const char *protocol)
{
	*e = (struct oto_outcome_event){
		.client = end_addr(who_asked(q)),
		.server = end_addr(server),
		.server_p = end_port(server),
		.has_port = server.head->has_ports,
		.protocol = protocol,
		.func = q->func,
		.func_code = q->func_code,
		.op = q->op,
		.category = oto_op_category(q->op),
		.unit = q->unit,
		.has_unit = q->has_unit,
		.op_id = q->op_id,
		.retries = q->retries,
		.unsure = q->unsure,
	};
	if (q->sub_len)
		e->sub.data = oto_bus_copy(bus, q->sub, q->sub_len);
	if (e->sub.data)
		e->sub.len = q->sub_len;
}

/* Of the first of 1 + more that are answered now. */
static uint64_t answered_op_id(struct oto_request *q, uint32_t more)
{
	uint64_t id = op_id_after(q->op_id, q->told < q->more ? q->told : q->more);

	q->told += more + 1;
	return id;
}

static void host_outcome(struct oto_ctx *cx, const struct oto_match *m, uint32_t code, const char *error, const struct oto_operation *un)
{
	struct oto_run *r = oto_run_of(cx);
	struct oto_outcome_event e;
	uint64_t key = 0;

	if (silent(r) || (un && !operation_ok(r, un)))
		return;
	if (!code || code > OTO_OUTCOME_NO_ANSWER) {
		wrong(r, ILL_FORMED_OUTCOME, "an outcome is OTO_OUTCOME_OK or OTO_OUTCOME_ERROR, not %u", code);
		return;
	}
	e.outcome = code; /* what the logs' conditions read */
	const uint64_t op_id = m->found && r->matched && r->matched->op_id ? answered_op_id(r->matched, r->more) : 0;
	if (m->found && !oto_bus_heard(r->as->engine->outcome, cx->head, &e))
		return;
	if (op_id) {
		const struct end server = server_of_answer(r->matched, (struct end){ cx->head, cx->is_orig });
		key = outcome_key(r, r->matched, server, code, error);
		e.op_id = op_id;
		e.latency = m->latency;
		e.has_latency = true;
		if (said_again(r, r->as->engine->outcome, key, &e))
			return;
		outcome_of(r->as->bus, &e, r->matched, server, r->in->entry->a.name);
		e.op_id = op_id;
		e.latency = m->latency;
		e.has_latency = true;
	} else if (!m->found && un && un->op != OTO_OP_NONE) {
		bool client_is_orig = cx->is_orig == un->by_receiver;
		const struct end client = { cx->head, client_is_orig }, server = other_end(client);
		if (is_group(client))
			return; /* nobody knows who asked */
		e = (struct oto_outcome_event){
			.client = end_addr(client),
			.server = end_addr(server),
			.server_p = end_port(server),
			.has_port = server.head->has_ports,
			.protocol = r->in->entry->a.name,
			.func = un->func,
			.func_code = un->func_code,
			.op = un->op,
			.category = oto_op_category(un->op),
			.unit = un->unit,
			.has_unit = un->has_unit,
			.sub = GIVEN(un, sub),
			.op_id = next_op_id(r),
			.unmatched = true,
		};
		speak_operation(r, un, client_is_orig, e.op_id, true);
	} else {
		return;
	}
	e.outcome = code;
	e.error = error;
	emit_alike(r->as->bus, r->as->engine->outcome, cx->head, &e, &e.op_id, r->more, key);
}

/* What a device says of itself is text; lines and tabs are part of some. */
static bool is_text(struct oto_slice s)
{
	for (uint32_t i = 0; i < s.len; i++) {
		uint8_t c = s.data[i];
		if (c == 0x7f || (c < ' ' && c != '\t' && c != '\r' && c != '\n'))
			return false;
	}
	return true;
}

/* Where the packet was seen, whosever it is. */
static uint64_t mix_place(const struct oto_run *r, uint64_t key)
{
	const struct oto_head *h = r->cx.head;
	uint64_t vlans = (uint64_t)h->has_vlan << 33 | (uint64_t)h->has_inner_vlan << 32 | (uint32_t)(h->has_vlan ? h->vlan : 0) << 16 |
			 (h->has_inner_vlan ? h->inner_vlan : 0);

	key = oto_mix(key ^ vlans, r->as->secret);
	return h->interface ? oto_hash(key, h->interface, strlen(h->interface)) : key;
}

/* Of all that the event holds; most facts are said of the same few devices to many others. */
static uint64_t fact_key(struct oto_run *r, const struct oto_fact_event *e)
{
	uint64_t w[3] = { 0 }, key = r->as->engine->fact->tells_ends ? host_ends(&r->cx) : mix_place(r, r->as->secret);

	memcpy(w, e->ip.byte, sizeof e->ip.byte);
	memcpy(w + 2, &e->mac, sizeof e->mac);
	w[2] |= (uint64_t)(e->ip.family << 1 | e->has_mac) << 48 | (uint64_t)e->confidence << 56;
	key = oto_mix(key ^ w[0], w[1] ^ r->as->secret);
	key = mix_word(r, oto_mix(key ^ w[2], e->sub.len ^ r->as->secret), e->key);
	key = mix_word(r, key, e->source);
	if (e->sub.len)
		key = oto_hash(key, e->sub.data, e->sub.len);
	return oto_hash(key, e->value.data, e->value.len);
}

static void host_fact(struct oto_ctx *cx, const struct oto_fact *f)
{
	struct oto_run *r = oto_run_of(cx);
	const struct oto_head *h = cx->head;

	if (silent(r) || !f->value.len || !oto_event_wanted(r->as->engine->fact))
		return;
	if (!f->self_size || !f->key) {
		wrong(r, ILL_FORMED_FACT, "a fact needs .self_size = sizeof(struct oto_fact) and a .key: \"model\", \"firmware\" ...");
		return;
	}
	if (!is_text(f->value)) {
		oto_weird(cx, "fact_not_text", oto_slice_of(f->key));
		return;
	}
	struct oto_fact_event e = { .sub = f->sub,
				    .value = f->value,
				    .key = f->key,
				    .source = f->source ? f->source : r->in->entry->a.name,
				    .confidence = f->confidence ? f->confidence : 80 };
	if (f->whose == OTO_OTHER) {
		e.ip = f->ip;
		e.mac = f->mac;
		e.has_mac = f->has_mac;
	} else {
		bool orig = cx->is_orig == (f->whose == OTO_SENDER);
		e.ip = orig ? h->orig_h : h->resp_h;
		e.mac = orig ? h->orig_mac : h->resp_mac;
		e.has_mac = h->has_mac;
	}
	const uint64_t key = fact_key(r, &e);
	if (!oto_bus_again(r->as->bus, r->as->engine->fact, key, &(struct oto_repeat){ .head = h }))
		oto_bus_emit_more(r->as->bus, r->as->engine->fact, h, &e, 0, key);
}

static void host_program(struct oto_ctx *cx, const struct oto_program *p)
{
	struct oto_run *r = oto_run_of(cx);
	const struct oto_head *h = cx->head;
	const struct end here = { h, cx->is_orig != p->by_receiver }, server = other_end(here), client = client_of_answer(r, here);

	if (silent(r) || !oto_event_wanted(r->as->engine->program))
		return;
	if (!p->self_size || !p->direction || p->direction > OTO_PROGRAM_INSERT || !p->result || p->result > OTO_PROGRAM_CUT) {
		wrong(r, ILL_FORMED_PROGRAM, "a program transfer needs .self_size, a .direction and a .result; it has %u, %u and %u",
		      p->self_size, p->direction, p->result);
		return;
	}
	struct oto_program_event e = {
		.client = end_addr(client),
		.server = end_addr(server),
		.has_mac = h->has_mac,
		.client_mac = end_mac(client),
		.server_mac = end_mac(server),
		.server_p = end_port(server),
		.has_port = h->has_ports,
		.protocol = r->in->entry->a.name,
		.kind = p->kind,
		.error = p->error,
		.direction = p->direction,
		.result = p->result,
		.name = p->name,
		.sha256 = p->sha256,
		.size = p->size,
		.announced = p->announced,
		.duration = p->duration,
		.op_id = p->op_id,
		.has_op = p->op_id != 0,
		.has_name = p->name.len != 0,
		.has_sha256 = p->sha256.len != 0,
		.has_size = p->has_size,
		.has_announced = p->has_announced,
		.sub = GIVEN(p, sub),
		.has_duration = p->has_duration,
	};
	oto_bus_emit(r->as->bus, r->as->engine->program, h, &e);
}

static void host_weird(struct oto_ctx *cx, const char *name, struct oto_slice detail)
{
	struct oto_run *r = oto_run_of(cx);

	if (malformed(r))
		return;
	if (!name || !*name) {
		wrong(r, NAMELESS_WEIRD, "a weird needs a name");
		return;
	}
	oto_cost(r->in->entry)->weirds++;
	oto_engine_weird(r->as->engine, cx->head, r->in->entry->a.name, name, detail);
}

static void *host_scratch(struct oto_ctx *cx, size_t size)
{
	return oto_bus_scratch(oto_run_of(cx)->as->bus, size);
}

static void host_deliver(struct oto_ctx *cx, uint32_t channel, uint64_t key, struct oto_slice pdu)
{
	struct oto_run *r = oto_run_of(cx);

	if (!silent(r) && !r->closing && has_channel(r, channel, "oto_deliver"))
		oto_attach_deliver(r, r->in->entry->channels[channel], key, pdu);
}

static void host_stream(struct oto_ctx *cx, uint32_t channel, uint64_t key, struct oto_slice bytes)
{
	struct oto_run *r = oto_run_of(cx);

	if (!silent(r) && !r->closing && bytes.len && has_channel(r, channel, "oto_stream"))
		oto_attach_stream(r, r->in->entry->channels[channel], key, bytes);
}

static void *host_remember(struct oto_ctx *cx, const struct oto_memory *memory, uint64_t key)
{
	struct oto_run *r = oto_run_of(cx);

	if (silent(r))
		return NULL;
	void *slot = oto_memories_slot(r->as->memories, memory, cx->head, key, true);
	if (__builtin_expect(!slot, 0))
		wrong(r, NO_SUCH_MEMORY,
		      "its memory \"%s\" needs .self_size, a .name, a .size of 1 to %u bytes (it has %u), and the same size wherever it is "
		      "named",
		      memory->name ? memory->name : "", OTO_MEMORY_MAX, memory->size);
	return slot;
}

static void *host_recall(struct oto_ctx *cx, const struct oto_memory *memory, uint64_t key)
{
	return oto_memories_slot(oto_run_of(cx)->as->memories, memory, cx->head, key, false);
}

static void host_expect(struct oto_ctx *cx, uint32_t transport, const struct oto_addr *host, uint16_t port, const char *analyzer)
{
	struct oto_run *r = oto_run_of(cx);

	for (uint32_t i = 0; !silent(r) && i < r->as->n; i++) {
		if (strcmp(r->as->entries[i]->a.name, analyzer) == 0)
			oto_expected_add(r->as->expected, (uint8_t)transport, host, port, r->as->entries[i], r->as->engine->now_ns);
	}
}

static void host_request(struct oto_ctx *cx, uint64_t key, const void *note)
{
	struct oto_run *r = oto_run_of(cx);
	struct oto_pairs *pairs = r->in->entry->pairs;

	if (silent(r) || !has_pairing(r, "oto_request"))
		return;
	oto_cost(r->in->entry)->requests += (uint64_t)r->more + 1;
	r->request = oto_pairs_open(pairs, oto_pairs_scope(pairs, &r->in->scope, cx->head, true), key, cx->head, note);
	r->request->more = r->more;
}

static void host_response(struct oto_ctx *cx, uint64_t key, struct oto_match *m)
{
	struct oto_run *r = oto_run_of(cx);
	struct oto_pairs *pairs = r->in->entry->pairs;

	if (silent(r) || !has_pairing(r, "oto_response")) {
		*m = (struct oto_match){ .self_size = sizeof *m };
		return;
	}
	r->matched = oto_pairs_match(pairs, oto_pairs_scope(pairs, &r->in->scope, cx->head, false), key, cx->head->ts.ns, m);
}

static void host_reenter(struct oto_ctx *cx, enum oto_link link, struct oto_slice frame)
{
	struct oto_run *r = oto_run_of(cx);

	if (!silent(r) && !r->closing)
		oto_engine_reenter(r->as->engine, r->flow, link, frame);
}

static struct oto_slice host_assemble(struct oto_ctx *cx, struct oto_slice fragment, bool last)
{
	struct oto_run *r = oto_run_of(cx);

	return silent(r) ? (struct oto_slice){ 0 } : oto_framing_add(r, fragment, last);
}

static void *host_hold(struct oto_ctx *cx, uint32_t size)
{
	struct oto_run *r = oto_run_of(cx);
	struct oto_instance *in = r->in;

	if (silent(r) || r->loose || size > HELD_BY_FLOW - in->held_bytes || r->as->held_bytes + size > HELD_BY_ALL) {
		r->as->held_refused++;
		return NULL;
	}
	struct oto_held *h = oto_pool_get(&r->as->pool, sizeof *h + size);
	h->size = size;
	h->link = &in->held;
	h->next = in->held;
	if (h->next)
		h->next->link = &h->next;
	in->held = h;
	in->held_bytes += size;
	r->as->held_bytes += size;
	return h->bytes;
}

static void give_back(struct oto_analyzers *as, struct oto_instance *in, struct oto_held *h)
{
	*h->link = h->next;
	if (h->next)
		h->next->link = h->link;
	in->held_bytes -= h->size;
	as->held_bytes -= h->size;
	oto_pool_put(&as->pool, h, sizeof *h + h->size);
}

static void host_let_go(struct oto_ctx *cx, void *held)
{
	struct oto_run *r = oto_run_of(cx);

	if (held)
		give_back(r->as, r->in, (struct oto_held *)(void *)((uint8_t *)held - offsetof(struct oto_held, bytes)));
}

static void host_service(struct oto_ctx *cx, const char *name)
{
	struct oto_run *r = oto_run_of(cx);

	if (!silent(r) && r->flow && !r->loose)
		r->flow->service = name;
}

static struct oto_slice host_oem(struct oto_ctx *cx, struct oto_slice text)
{
	struct oto_run *r = oto_run_of(cx);
	enum { LONGEST = 4096, GROWTH = 3 }; /* a byte of a code page is at most three of UTF-8 */

	if (!r->as->code_page || !text.len || text.len > LONGEST || oto_is_utf8(text))
		return text;
	uint8_t *utf8 = oto_bus_scratch(r->as->bus, (size_t)text.len * GROWTH);
	uint32_t n = utf8 ? oto_code_page_decode(r->as->code_page, text, utf8, text.len * GROWTH) : 0;
	return n ? (struct oto_slice){ utf8, n } : text;
}

static struct oto_sweeps host_sweeps(struct oto_ctx *cx)
{
	return oto_run_of(cx)->as->engine->sweeps;
}

void oto_attach_let_go_all(struct oto_analyzers *as, struct oto_instance *in)
{
	while (in->held)
		give_back(as, in, in->held);
}

const struct oto_host oto_services = {
	.self_size = sizeof(struct oto_host),
	.abi = OTO_ABI,
	.add_analyzer = host_add_analyzer,
	.wanted = host_wanted,
	.emit = host_emit,
	.operation = host_operation,
	.outcome = host_outcome,
	.fact = host_fact,
	.weird = host_weird,
	.scratch = host_scratch,
	.deliver = host_deliver,
	.request = host_request,
	.response = host_response,
	.reenter = host_reenter,
	.assemble = host_assemble,
	.program = host_program,
	.stream = host_stream,
	.remember = host_remember,
	.recall = host_recall,
	.expect = host_expect,
	.hold = host_hold,
	.let_go = host_let_go,
	.service = host_service,
	.oem = host_oem,
	.sweeps = host_sweeps,
	.single = host_single,
	.alike = host_alike,
	.heard = host_heard,
	.emit_as = host_emit_as,
	.again = host_again,
	.ends = host_ends,
	.together = host_together,
	.again_with = host_again_with,
	.again_each = host_again_each,
};

/* No answer came: said with the head of the request, at the time it is noticed. */
void oto_services_given_up(void *who, const struct oto_request *q)
{
	struct oto_analyzer_entry *entry = who;
	struct oto_analyzers *as = entry->as;
	struct oto_head *head = oto_bus_copy(as->bus, &q->head, sizeof q->head);

	oto_cost(entry)->unanswered += (uint64_t)q->more + 1;
	if (!head)
		return;
	head->ts.ns = as->engine->now_ns;
	if (q->op_id && oto_event_wanted(as->engine->outcome)) {
		struct oto_outcome_event e;
		outcome_of(as->bus, &e, q, other_end(who_asked(q)), entry->a.name);
		e.outcome = OTO_OUTCOME_NO_ANSWER;
		emit_alike(as->bus, as->engine->outcome, head, &e, &e.op_id, q->more, 0);
	}
	if (!entry->a.unanswered)
		return;
	struct oto_instance in = { .entry = entry };
	struct oto_run r = { .as = as, .in = &in };
	r.cx = (struct oto_ctx){
		.host = &as->host.host,
		.self = entry->origin,
		.head = head,
		.is_orig = head->is_orig,
		.transport = head->transport,
		.shared = entry->shared,
	};
	entry->a.unanswered(&r.cx, q->note);
}
