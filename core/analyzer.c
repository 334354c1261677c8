/* analyzer.c - the registry of analyzers and the services they call. See analyzer.h; attach.c and framing.c do the rest of the stage. */
#include "analysis.h"
#include "codepage.h"
#include "datafile.h"
#include "tongue.h"

#include <dlfcn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

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
	return OTO_CHECK(event < r->in->entry->a.nevents) ? r->in->entry->events[event] : NULL;
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
	oto_cost(r->in->entry)->events++;
	oto_bus_emit(r->as->bus, def, cx->head, data);
}

/* (packet, count within it): the same in every run, whatever the number of workers. */
static uint64_t next_op_id(struct oto_run *r)
{
	if (r->as->packet != r->cx.head->packet) {
		r->as->packet = r->cx.head->packet;
		r->as->op_count = 0;
	}
	return r->cx.head->packet << 12 | (++r->as->op_count & 0xfff);
}

static struct oto_addr end_addr(const struct oto_head *h, bool orig)
{
	struct oto_addr a = orig ? h->orig_h : h->resp_h;

	if (a.family == OTO_FAMILY_NONE && h->has_mac) {
		memcpy(a.byte, orig ? h->orig_mac.byte : h->resp_mac.byte, 6);
		a.family = OTO_FAMILY_MAC;
	}
	return a;
}

/* What an object that was built before the member was there did not say. */
#define GIVEN(s, member)                                                                                                                   \
	((s)->self_size >= offsetof(__typeof__(*(s)), member) + sizeof((s)->member) ? (s)->member : (struct oto_slice){ 0 })

static void speak_operation(struct oto_run *r, const struct oto_operation *o, bool client_is_orig, uint64_t op_id, bool unmatched)
{
	const struct oto_head *h = r->cx.head;

	if (!oto_event_wanted(r->as->engine->operation))
		return;
	struct oto_operation_event e = {
		.client = end_addr(h, client_is_orig),
		.server = end_addr(h, !client_is_orig),
		.has_mac = h->has_mac,
		.client_mac = client_is_orig ? h->orig_mac : h->resp_mac,
		.server_mac = client_is_orig ? h->resp_mac : h->orig_mac,
		.server_p = client_is_orig ? h->resp_p : h->orig_p,
		.has_port = h->has_ports,
		.protocol = r->in->entry->a.name,
		.func = o->func,
		.func_code = o->func_code,
		.op = o->op,
		.category = oto_op_category(o->op),
		.target = o->target,
		.unit = o->unit,
		.has_unit = o->has_unit,
		.sub = GIVEN(o, sub),
		.op_id = op_id,
		.unmatched = unmatched,
	};
	oto_bus_emit(r->as->bus, r->as->engine->operation, h, &e);
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

	if (silent(r) || o->op == OTO_OP_NONE)
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
static void outcome_of(struct oto_bus *bus, struct oto_outcome_event *e, const struct oto_request *q, const char *protocol)
{
	const struct oto_head *h = &q->head;
	bool orig = h->is_orig != q->by_receiver;

	*e = (struct oto_outcome_event){
		.client = end_addr(h, orig),
		.server = end_addr(h, !orig),
		.server_p = orig ? h->resp_p : h->orig_p,
		.has_port = h->has_ports,
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

static void host_outcome(struct oto_ctx *cx, const struct oto_match *m, uint32_t code, const char *error, const struct oto_operation *un)
{
	struct oto_run *r = oto_run_of(cx);
	struct oto_outcome_event e;

	if (silent(r))
		return;
	if (m->found && r->matched && r->matched->op_id) {
		outcome_of(r->as->bus, &e, r->matched, r->in->entry->a.name);
		e.latency = m->latency;
		e.has_latency = true;
	} else if (!m->found && un && un->op != OTO_OP_NONE) {
		bool client_is_orig = cx->is_orig == un->by_receiver;
		const struct oto_head *h = cx->head;
		e = (struct oto_outcome_event){
			.client = end_addr(h, client_is_orig),
			.server = end_addr(h, !client_is_orig),
			.server_p = client_is_orig ? h->resp_p : h->orig_p,
			.has_port = h->has_ports,
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
	oto_bus_emit(r->as->bus, r->as->engine->outcome, cx->head, &e);
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

static void host_fact(struct oto_ctx *cx, const struct oto_fact *f)
{
	struct oto_run *r = oto_run_of(cx);
	const struct oto_head *h = cx->head;

	if (silent(r) || !f->value.len || !oto_event_wanted(r->as->engine->fact))
		return;
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
	oto_bus_emit(r->as->bus, r->as->engine->fact, h, &e);
}

static void host_program(struct oto_ctx *cx, const struct oto_program *p)
{
	struct oto_run *r = oto_run_of(cx);
	const struct oto_head *h = cx->head;
	bool client_is_orig = cx->is_orig != p->by_receiver;

	if (silent(r) || !oto_event_wanted(r->as->engine->program))
		return;
	struct oto_program_event e = {
		.client = end_addr(h, client_is_orig),
		.server = end_addr(h, !client_is_orig),
		.has_mac = h->has_mac,
		.client_mac = client_is_orig ? h->orig_mac : h->resp_mac,
		.server_mac = client_is_orig ? h->resp_mac : h->orig_mac,
		.server_p = client_is_orig ? h->resp_p : h->orig_p,
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

	if (!silent(r) && !r->closing && OTO_CHECK(channel < r->in->entry->nchannels))
		oto_attach_deliver(r, r->in->entry->channels[channel], key, pdu);
}

static void host_stream(struct oto_ctx *cx, uint32_t channel, uint64_t key, struct oto_slice bytes)
{
	struct oto_run *r = oto_run_of(cx);

	if (!silent(r) && !r->closing && bytes.len && OTO_CHECK(channel < r->in->entry->nchannels))
		oto_attach_stream(r, r->in->entry->channels[channel], key, bytes);
}

static void *host_remember(struct oto_ctx *cx, const struct oto_memory *memory, uint64_t key)
{
	struct oto_run *r = oto_run_of(cx);

	return silent(r) ? NULL : oto_memories_slot(r->as->memories, memory, cx->head, key, true);
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

	if (silent(r) || !OTO_CHECK(pairs != NULL))
		return;
	oto_cost(r->in->entry)->requests++;
	r->request = oto_pairs_open(pairs, oto_pairs_scope(pairs, &r->in->scope, cx->head, true), key, cx->head, note);
}

static void host_response(struct oto_ctx *cx, uint64_t key, struct oto_match *m)
{
	struct oto_run *r = oto_run_of(cx);
	struct oto_pairs *pairs = r->in->entry->pairs;

	if (silent(r) || !OTO_CHECK(pairs != NULL)) {
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

static const struct oto_host services = {
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
};

/* No answer came: said with the head of the request, at the time it is noticed. */
static void given_up(void *who, const struct oto_request *q)
{
	struct oto_analyzer_entry *entry = who;
	struct oto_analyzers *as = entry->as;
	struct oto_head *head = oto_bus_copy(as->bus, &q->head, sizeof q->head);

	oto_cost(entry)->unanswered++;
	if (!head)
		return;
	head->ts.ns = as->engine->now_ns;
	if (q->op_id && oto_event_wanted(as->engine->outcome)) {
		struct oto_outcome_event e;
		outcome_of(as->bus, &e, q, entry->a.name);
		e.outcome = OTO_OUTCOME_NO_ANSWER;
		oto_bus_emit(as->bus, as->engine->outcome, head, &e);
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

/* ------------------------------------------------------------------------------------------------ registry */

struct oto_analyzers *oto_analyzers_new(struct oto_engine *engine)
{
	struct oto_analyzers *as = oto_calloc(1, sizeof *as);

	as->engine = engine;
	as->bus = engine->bus;
	as->host = (struct oto_host_slot){ services, as };
	as->memories = oto_memories_new(&as->pool, engine->options.seed);
	as->expected = oto_expected_new(engine->options.seed);
	as->code_page = oto_code_page_new(engine->options.oem ? engine->options.oem : "CP932");
	return as;
}

void oto_analyzers_free(struct oto_analyzers *as)
{
	if (!as)
		return;
	for (uint32_t i = 0; i < as->n; i++) {
		free(as->entries[i]->loose);
		oto_pairs_free(as->entries[i]->pairs);
		free(as->entries[i]->events);
		free(as->entries[i]->channels);
		free(as->entries[i]);
	}
	free(as->entries);
	free(as->origins);
	free(as->costs);
	oto_claims_free(&as->claims);
	oto_memories_free(as->memories);
	oto_expected_free(as->expected);
	oto_code_page_free(as->code_page);
	oto_pool_free(&as->pool);
	for (uint32_t i = 0; i < as->nobjects; i++)
		dlclose(as->objects[i]);
	free(as->objects);
	free(as);
}

static bool check(const struct oto_analyzers *as, const struct oto_analyzer *a, struct oto_error *err)
{
	if (!a->name || !*a->name || !a->doc)
		return oto_fail(err, "an analyzer needs a name and a doc");
	if (!a->keys || !a->pdu)
		return oto_fail(err, "analyzer %s: needs keys and pdu", a->name);
	for (uint32_t i = 0; i < as->n; i++) {
		if (strcmp(as->entries[i]->a.name, a->name) == 0)
			return oto_fail(err, "analyzer %s is registered twice; --analyzers can leave one out", a->name);
	}
	if (a->state_size > OTO_STATE_MAX)
		return oto_fail(err, "analyzer %s: state of %u bytes a flow is above %u", a->name, a->state_size, OTO_STATE_MAX);
	if (a->pairing && a->pairing->note_size > OTO_NOTE_MAX)
		return oto_fail(err, "analyzer %s: note of %u bytes is above %u", a->name, a->pairing->note_size, OTO_NOTE_MAX);
	if ((a->flags & OTO_ANY_PORT) && !a->probe)
		return oto_fail(err, "analyzer %s: any port needs a probe", a->name);
	return true;
}

static bool add_keys(struct oto_analyzers *as, struct oto_analyzer_entry *entry, struct oto_error *err)
{
	const char *keys = entry->a.keys;

	for (struct oto_slice word; (word = oto_word(&keys)).len;) {
		if (!oto_claims_add(&as->claims, word, entry, err))
			return false;
		bool any = entry->a.flags & OTO_ANY_PORT;
		if (as->claims.claim[as->claims.n - 1].parent == OTO_PARENT_SYN && !entry->loose) {
			entry->loose = oto_calloc(1, sizeof *entry->loose + entry->a.state_size);
			entry->loose->entry = entry;
		}
		entry->any_tcp |= any && as->claims.claim[as->claims.n - 1].parent == OTO_PARENT_TCP;
		entry->any_udp |= any && as->claims.claim[as->claims.n - 1].parent == OTO_PARENT_UDP;
	}
	return true;
}

static void add_channels(struct oto_analyzers *as, struct oto_analyzer_entry *entry)
{
	const char *channels = entry->a.channels;

	for (struct oto_slice word; channels && (word = oto_word(&channels)).len;) {
		entry->channels = oto_realloc(entry->channels, (entry->nchannels + 1) * sizeof *entry->channels);
		entry->channels[entry->nchannels++] = oto_claims_parent(&as->claims, word);
	}
}

static bool add_events(struct oto_analyzers *as, struct oto_analyzer_entry *entry, struct oto_error *err)
{
	entry->events = oto_calloc(entry->a.nevents, sizeof *entry->events);
	for (uint32_t i = 0; i < entry->a.nevents; i++) {
		entry->events[i] = oto_bus_add(as->bus, entry->a.events[i], entry->a.name, err);
		if (!entry->events[i])
			return false;
	}
	return true;
}

/* One setup() call; what it reads lives as long. */
struct setup {
	struct oto_setup how; /* first: the functions find the rest from it */
	struct oto_analyzer_entry *entry;
	struct oto_error *err;
	struct oto_buf text[4]; /* of the files read */
	uint32_t ntexts;
};

static struct setup *setup_of(const struct oto_setup *how)
{
	return (struct setup *)(uintptr_t)how;
}

static struct oto_slice setup_read(const struct oto_setup *how, const char *name, const char *path)
{
	struct setup *s = setup_of(how);

	if (!OTO_CHECK(s->ntexts < sizeof s->text / sizeof *s->text))
		return (struct oto_slice){ 0 };
	struct oto_buf *text = &s->text[s->ntexts++];
	if (!oto_data_read(s->entry->as->engine->options.data_dir, name, path, text))
		return (struct oto_slice){ 0 };
	return (struct oto_slice){ (const uint8_t *)text->data, (uint32_t)text->len };
}

static void *setup_keep(const struct oto_setup *how, size_t size)
{
	return oto_pool_get(&setup_of(how)->entry->as->pool, size);
}

static bool setup_fail(const struct oto_setup *how, const char *format, ...)
{
	char why[400];
	va_list args;

	va_start(args, format);
	vsnprintf(why, sizeof why, format, args);
	va_end(args);
	return oto_fail(setup_of(how)->err, "analyzer %s: %s", setup_of(how)->entry->a.name, why);
}

static bool set_up(struct oto_analyzer_entry *entry, struct oto_error *err)
{
	struct setup s = { { sizeof s.how, setup_read, setup_keep, setup_fail }, .entry = entry, .err = err };

	if (entry->a.shared_size)
		entry->shared = oto_pool_get(&entry->as->pool, entry->a.shared_size);
	bool ok = !entry->a.setup || entry->a.setup(&s.how, entry->shared);
	for (uint32_t i = 0; i < s.ntexts; i++)
		oto_buf_free(&s.text[i]);
	return ok;
}

bool oto_analyzers_add(struct oto_analyzers *as, const struct oto_analyzer *a, struct oto_error *err)
{
	struct oto_analyzer full = { 0 };

	/* An object built against an older header is shorter: what it did not know is zero. */
	memcpy(&full, a, a->self_size < sizeof full ? a->self_size : sizeof full);
	if (!check(as, &full, err))
		return false;
	struct oto_analyzer_entry *entry = oto_calloc(1, sizeof *entry);
	*entry = (struct oto_analyzer_entry){ .as = as, .origin = a, .a = full, .cost = as->n };
	as->entries = oto_realloc(as->entries, (as->n + 1) * sizeof *as->entries);
	as->origins = oto_realloc(as->origins, (as->n + 1) * sizeof *as->origins);
	as->costs = oto_realloc(as->costs, (as->n + 1) * sizeof *as->costs);
	as->costs[as->n] = (struct oto_analyzer_cost){ .name = full.name };
	as->origins[as->n] = a;
	as->entries[as->n++] = entry;
	if (full.pairing)
		entry->pairs = oto_pairs_new(full.pairing, &as->pool, as->engine->options.seed, given_up, entry);
	add_channels(as, entry);
	return add_keys(as, entry, err) && add_events(as, entry, err) && set_up(entry, err);
}

extern const struct oto_analyzer *const *const oto_builtin[];

/* Is name in a comma-separated list? */
static bool listed(const char *list, const char *name)
{
	size_t n = strlen(name);

	for (const char *p = list; (p = strstr(p, name)); p += n) {
		if ((p == list || p[-1] == ',') && (p[n] == '\0' || p[n] == ','))
			return true;
	}
	return false;
}

#define MAX_NAMES 512

/* Every name of a comma-separated list is an analyzer of this build, or "none". */
static bool check_listed(const char *list, struct oto_error *err)
{
	const char *names[MAX_NAMES];
	size_t n = 0;

	for (const struct oto_analyzer *const *const *a = oto_builtin; *a && n < MAX_NAMES; a++)
		names[n++] = (**a)->name;
	for (const char *p = list; *p;) {
		size_t len = strcspn(p, ","), i = 0;
		char word[64], near[256];

		snprintf(word, sizeof word, "%.*s", (int)len, p);
		while (i < n && strcmp(names[i], word))
			i++;
		if (i == n && *word && strcmp(word, "none"))
			return oto_fail(err, "there is no analyzer %s%s", word, oto_near(near, sizeof near, word, names, n));
		p += len + (p[len] == ',');
	}
	return true;
}

bool oto_analyzers_add_builtin(struct oto_analyzers *as, struct oto_error *err)
{
	const char *only = as->engine->options.only_analyzers;

	if (only && !check_listed(only, err))
		return false;
	for (const struct oto_analyzer *const *const *a = oto_builtin; *a; a++) {
		if (only && !listed(only, (**a)->name))
			continue;
		if (!oto_analyzers_add(as, **a, err))
			return false;
	}
	return true;
}

bool oto_analyzers_load(struct oto_analyzers *as, const char *path, struct oto_error *err)
{
	char where[4096];
	struct oto_error inner = { .text =
				       "its oto_plugin_init refused (built for another ABI, or it needs a service this version lacks)" };

	/* dlopen searches the system's folders for a bare name; a plugin is a path */
	snprintf(where, sizeof where, "%s%s", strchr(path, '/') ? "" : "./", path);
	void *object = dlopen(where, RTLD_NOW | RTLD_LOCAL);
	if (!object)
		return oto_fail(err, "plugin %s: %s", path, dlerror());
	as->objects = oto_realloc(as->objects, (as->nobjects + 1) * sizeof *as->objects);
	as->objects[as->nobjects++] = object;
	bool (*init)(const struct oto_host *) = (bool (*)(const struct oto_host *))dlsym(object, "oto_plugin_init");
	if (!init)
		return oto_fail(err, "plugin %s: exports no oto_plugin_init; does its last line say OTO_ANALYZER(name)?", path);
	as->adding = &inner;
	bool ok = init(&as->host.host);
	as->adding = NULL;
	return ok || oto_fail(err, "plugin %s: %.300s", path, inner.text);
}

const struct oto_analyzer *const *oto_analyzers_all(const struct oto_analyzers *as, uint32_t *n)
{
	*n = as->n;
	return as->origins;
}

const struct oto_host *oto_analyzers_host(const struct oto_analyzers *as)
{
	return &as->host.host;
}

void oto_analyzer_expire(struct oto_analyzers *as, int64_t now_ns)
{
	for (uint32_t i = 0; i < as->n; i++) {
		if (as->entries[i]->pairs)
			oto_pairs_expire(as->entries[i]->pairs, now_ns);
	}
}

uint32_t oto_analyzer_costs(const struct oto_analyzers *as, const struct oto_analyzer_cost **costs)
{
	*costs = as->costs;
	return as->n;
}
