/* dns.c - DNS over UDP and TCP (RFC 1035, RFC 7766), and what shares its format: mDNS (RFC 6762), LLMNR (RFC 4795), NBNS (RFC 1002).
 *
 * Owns the events, dns.log and the pairing of a query with its answer by (flow, transaction identifier), in the order asked. What a row of
 * dns.log holds, and when, is Zeek's; what a message says is in dns.query and dns.response. Reading is dns_message.c's, facts are
 * dns_facts.c's.
 */
#include "dns_answer.h"
#include "dns_facts.h"

/* ------------------------------------------------------------------------------------------------ dns.query, dns.response */

struct dns_query {
	const char *opcode;
	uint8_t service, Z, suffix;
	uint16_t trans_id, qtype, qclass, question, questions;
	struct oto_slice query;
	bool TC, RD, has_suffix;
};

#define Q(m, doc_, ...) OTO_FIELD(struct dns_query, m, doc_, __VA_ARGS__)
static const struct oto_field query_fields[] = {
	Q(service, "which of the four", .names = &dns_services),
	Q(trans_id, "transaction identifier, copied into the response"),
	Q(opcode, "what is asked of the server: query, notify, update, ...; in NBNS registration, release, refresh, ..."),
	Q(query, "name asked for, in lower case; a NetBIOS name is decoded, its case kept"),
	Q(suffix, "last byte of a NetBIOS name: what it stands for", .names = &nbns_suffixes,
	  .guard = OTO_IF(struct dns_query, has_suffix)),
	Q(qtype, "type of records asked for", .names = &dns_types),
	Q(qclass, "class asked for; in mDNS the highest bit wants a unicast response", .names = &dns_classes),
	Q(question, "number of this question in its message, from 0"),
	Q(questions, "how many questions the message says it has"),
	Q(TC, "the message is cut short; in mDNS more known answers follow"),
	Q(RD, "recursion desired"),
	Q(Z, "the three bits behind RA; the lowest is NBNS's broadcast"),
};
static const struct oto_event_type query_event =
    OTO_EVENT("dns.query", struct dns_query, query_fields, "One question of a message that asks (or, in NBNS, registers).");

struct dns_response {
	const char *opcode;
	uint8_t service, rcode, Z, suffix;
	uint16_t trans_id, qtype, qclass, questions, authority, additional;
	struct oto_slice query;
	struct oto_list queries, answers;
	struct oto_vec qtypes, TTLs;
	bool AA, TC, RD, RA, has_question, has_suffix, matched;
	struct oto_interval latency;
};

#define R(m, doc_, ...) OTO_FIELD(struct dns_response, m, doc_, __VA_ARGS__)
#define R_IF(m, has, doc_, ...) R(m, doc_, .guard = OTO_IF(struct dns_response, has), __VA_ARGS__)
static const struct oto_field response_fields[] = {
	R(service, "which of the four", .names = &dns_services),
	R(trans_id, "transaction identifier of the query; 0 in mDNS"),
	R(opcode, "what was asked of the server, as in dns.query"),
	R(rcode, "how it went", .names = &dns_rcodes),
	R_IF(query, has_question, "name in the first question"),
	R_IF(suffix, has_suffix, "last byte of a NetBIOS name: what it stands for", .names = &nbns_suffixes),
	R_IF(qtype, has_question, "type in the first question", .names = &dns_types),
	R_IF(qclass, has_question, "class in the first question", .names = &dns_classes),
	R(queries, "names in all questions"),
	R(qtypes, "types in all questions", .names = &dns_types),
	R(questions, "how many questions the message says it has"),
	R(answers, "the records of the answer section as text, as in dns.log"),
	R(TTLs, "how long each of them may be kept", .flags = OTO_SECONDS),
	R(authority, "how many records the authority section says it has"),
	R(additional, "how many records the additional section says it has"),
	R(AA, "authoritative answer"),
	R(TC, "the message is cut short"),
	R(RD, "recursion desired, copied from the query"),
	R(RA, "recursion available"),
	R(Z, "the three bits behind RA"),
	R(matched, "a query of this flow was waiting for it"),
	R_IF(latency, matched, "time since that query"),
};
static const struct oto_event_type response_event =
    OTO_EVENT("dns.response", struct dns_response, response_fields, "A message that answers, announces or refuses.");

/* ------------------------------------------------------------------------------------------------ dns.transaction */

struct dns_transaction {
	struct oto_time ts;
	uint16_t trans_id, qtype, qclass, pkts;
	uint8_t service, rcode, Z;
	struct oto_interval rtt;
	struct oto_slice query, qclass_name, qtype_name;
	const char *rcode_name;
	struct oto_list answers;
	struct oto_vec TTLs;
	bool AA, TC, RD, RA, rejected, has_rtt, has_query, has_question, has_reply, has_answers;
};

#define T(m, doc_, ...) OTO_FIELD(struct dns_transaction, m, doc_, __VA_ARGS__)
#define T_IF(m, has, doc_, ...) T(m, doc_, .guard = OTO_IF(struct dns_transaction, has), __VA_ARGS__)
static const struct oto_field transaction_fields[] = {
	T(ts, "time of the query; of the response when no query was seen"),
	T(service, "which of the four", .names = &dns_services),
	T(trans_id, "transaction identifier"),
	T_IF(rtt, has_rtt, "time between query and response, where the response has answers"),
	T_IF(query, has_query, "name in the last question, or of the first answer when no query was seen"),
	T_IF(qclass, has_question, "class asked for"),
	T_IF(qclass_name, has_question, "its name"),
	T_IF(qtype, has_question, "type asked for"),
	T_IF(qtype_name, has_question, "its name"),
	T_IF(rcode, has_reply, "response code"),
	T(rcode_name, "its name"),
	T(AA, "authoritative answer, of a response with answers"),
	T(TC, "the query was cut short"),
	T(RD, "recursion desired by the query"),
	T(RA, "recursion available, of a response with answers"),
	T(Z, "the three bits behind RA in the query"),
	T_IF(answers, has_answers, "the records of the answer section"),
	T_IF(TTLs, has_answers, "how long each of them may be kept", .flags = OTO_SECONDS),
	T(rejected, "the response has no record at all"),
	T(pkts, "how many messages the row stands for"),
};
static const struct oto_log transaction_logs[] = {
	{ .name = "dns",
	  .doc = "A row per query with its response, per query that nobody answered, and per response without a query.",
	  .columns =
	      "proto=transport trans_id rtt query qclass qclass_name qtype qtype_name rcode rcode_name AA TC RD RA Z answers TTLs rejected",
	  .extra = "pkts",
	  .form = OTO_FORM_DETAIL },
};
static const struct oto_event_type transaction_event =
    OTO_EVENT("dns.transaction", struct dns_transaction, transaction_fields,
	      "A query with its response, told at the response or when none came; standard queries only.", OTO_LOGS(transaction_logs));

/* ------------------------------------------------------------------------------------------------ nbns.name */

#define N(m, doc_, ...) OTO_FIELD(struct nbns_event, m, doc_, __VA_ARGS__)
static const struct oto_field nbns_fields[] = {
	N(opcode, "what happens to the name", .names = &nbns_opcodes),
	N(response, "said by who answers"),
	N(status, "listed in a node's status"),
	N(name, "the name without its suffix"),
	N(suffix, "what the name stands for", .names = &nbns_suffixes),
	N(group, "shared by a group; otherwise unique"),
	N(node_type, "how the station resolves names", .names = &nbns_node_types),
	N(address, "address that the name is for"),
	N(ttl, "how long the name is held", .guard = OTO_IF(struct nbns_event, has_ttl), .flags = OTO_SECONDS),
	{ .name = "seconds",
	  .doc = "the same as a number",
	  .kind = OTO_U32,
	  .offset = offsetof(struct nbns_event, ttl),
	  .guard = OTO_IF(struct nbns_event, has_ttl) },
	N(src_ip, "address that said it"),
	N(src_mac, "MAC address that said it", .guard = OTO_IF(struct nbns_event, has_mac)),
	N(service_type, "what the name stands for, in the words of netbios-ns.log"),
};
static const struct oto_log nbns_logs[] = {
	{ .name = "netbios-ns",
	  .doc = "NetBIOS names that stations register, renew or release.",
	  .key = "src_ip src_mac name ttl=seconds service_type",
	  .where = "not response and not status",
	  .form = OTO_FORM_AGGREGATE,
	  .flags = OTO_LOG_NO_ID | OTO_LOG_NOT_ZEEK },
};
static const struct oto_event_type nbns_event_type =
    OTO_EVENT("nbns.name", struct nbns_event, nbns_fields,
	      "A NetBIOS name that a station registers, renews, releases, answers for or lists.", OTO_LOGS(nbns_logs));

static const struct oto_event_type *const events[] = { &query_event, &response_event, &transaction_event, &nbns_event_type };
enum { EV_QUERY, EV_RESPONSE, EV_TRANSACTION, EV_NAME };

/* ------------------------------------------------------------------------------------------------ is it DNS? */

enum { PORT_DNS = 53, TCP_PREFIX = 2, OPCODE_QUERY = 0, RECORDS_PLAUSIBLE = 64 };

static bool well_known_port(const struct oto_ctx *cx)
{
	return dns_service_of(cx) != DNS_SERVICE_DNS || cx->head->resp_p == PORT_DNS || cx->head->orig_p == PORT_DNS;
}

/* Letters, digits, hyphen, underscore and dots: what nearly all names consist of, and little else does. */
static bool is_hostname(const struct dns_name *n)
{
	for (uint32_t i = 0; i < n->len; i++) {
		uint8_t c = dns_lower(n->text[i]);
		if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.'))
			return false;
	}
	return n->len >= 3;
}

static bool plausible_header(const struct dns_message *m)
{
	uint32_t records = (uint32_t)m->count[DNS_ANSWER] + m->count[DNS_AUTHORITY] + m->count[DNS_ADDITIONAL];

	if (m->opcode != OPCODE_QUERY || m->z & 4 || m->count[DNS_QUESTION] != 1 || records > RECORDS_PLAUSIBLE)
		return false;
	return m->response || (!m->aa && !m->ra && !m->rcode && !m->count[DNS_ANSWER] && !m->count[DNS_AUTHORITY]);
}

/* On a port that is not DNS's: one question of a kind that people ask, and records that end exactly where the message does. */
static bool is_surely_dns(const struct dns_message *m)
{
	struct dns_reader r = dns_reader_of(m);
	struct dns_question q;
	struct dns_record rr;

	if (!plausible_header(m) || !dns_next_question(&r, &q) || !is_hostname(&q.sent))
		return false;
	if (!oto_name_of(&dns_types, q.type) || !oto_name_of(&dns_classes, q.class))
		return false;
	while (dns_next_record(&r, &rr))
		continue;
	return !r.odd && oto_left(&r.at) == 0;
}

static enum oto_answer probe_message(const struct oto_ctx *cx, struct oto_cur c)
{
	struct dns_message m;

	if (!dns_read_header(c, &m))
		return OTO_NOT_MINE;
	if (well_known_port(cx))
		return m.count[DNS_QUESTION] <= DNS_QUESTIONS_MAX ? OTO_MINE : OTO_NOT_MINE;
	return is_surely_dns(&m) ? OTO_MINE : OTO_NOT_MINE;
}

static enum oto_answer dns_probe(const struct oto_ctx *cx, struct oto_cur c)
{
	if (cx->transport != OTO_TCP)
		return probe_message(cx, c);
	uint16_t length = oto_be16(&c);
	if (c.bad)
		return OTO_NEED_MORE;
	if (length < DNS_HEADER)
		return OTO_NOT_MINE;
	/* a well-known port needs the header, another one the whole message; most streams show their first bytes to be something else */
	if (oto_left(&c) < (well_known_port(cx) ? DNS_HEADER : length)) {
		struct dns_message m;
		bool hopeless = dns_read_header(oto_cur_of(oto_rest(&c)), &m) && !well_known_port(cx) && !plausible_header(&m);
		return hopeless ? OTO_NOT_MINE : OTO_NEED_MORE;
	}
	return probe_message(cx, oto_sub(&c, length < oto_left(&c) ? length : oto_left(&c)));
}

static int64_t dns_pdu_len(const struct oto_ctx *cx, struct oto_cur c)
{
	if (cx->transport != OTO_TCP)
		return oto_left(&c);
	uint16_t length = oto_be16(&c);
	if (c.bad)
		return 0;
	return length < DNS_HEADER ? -1 : TCP_PREFIX + length;
}

/* ------------------------------------------------------------------------------------------------ questions */

struct dns_flow {
	bool told_server;
};

/* What the first pass over a message gathers. */
struct parsed {
	struct dns_message m;
	struct oto_slice *names; /* of all questions */
	uint8_t *types;          /* the same, in wire form */
	uint32_t nquestions;
	uint16_t last_type, last_class;
	uint8_t suffix;
	struct oto_slice *answers;
	uint8_t *ttls; /* in wire form */
	uint32_t nanswers;
	struct oto_slice first_owner;
	bool has_address;
	bool reported; /* an answer of a kind that Zeek reports, even if it has no text */
	const char *odd;
};

/* As text for events and logs; a NetBIOS name decoded. */
static struct oto_slice shown_name(struct oto_ctx *cx, const struct parsed *p, const struct dns_name *sent, uint8_t *suffix)
{
	if (p->m.service != DNS_SERVICE_NBNS)
		return dns_lower_copy(cx, dns_slice(sent));
	struct nbns_name n = nbns_decode(dns_slice(sent));
	uint8_t *text = n.len ? oto_scratch(cx, n.len) : NULL;
	if (text)
		memcpy(text, n.text, n.len);
	*suffix = n.suffix;
	return (struct oto_slice){ text, text ? n.len : 0 };
}

static void put_be16(uint8_t *at, uint16_t v)
{
	at[0] = (uint8_t)(v >> 8);
	at[1] = (uint8_t)v;
}

static void parse_questions(struct oto_ctx *cx, struct parsed *p, struct dns_reader *r)
{
	struct dns_question q;
	uint32_t room = p->m.count[DNS_QUESTION];

	p->names = oto_scratch(cx, room * sizeof *p->names);
	p->types = oto_scratch(cx, room * 2u);
	if (room && (!p->names || !p->types)) {
		r->odd = "too_many_questions";
		return;
	}
	while (dns_next_question(r, &q)) {
		p->names[p->nquestions] = shown_name(cx, p, &q.sent, &p->suffix);
		put_be16(&p->types[2 * p->nquestions++], q.type);
		p->last_type = q.type;
		p->last_class = q.class;
	}
}

/* ------------------------------------------------------------------------------------------------ answers */

enum { RECORD_MIN = 11 };

static bool parse_answer(struct oto_ctx *cx, struct parsed *p, const struct dns_record *rr)
{
	struct oto_slice text;
	bool silent;

	if (!dns_answer_text(cx, p->m.service, rr, &text, &silent)) {
		p->odd = "malformed_record";
		return false;
	}
	if (silent)
		return true;
	if (!p->reported)
		p->first_owner = dns_lower_copy(cx, dns_slice(&rr->sent));
	p->reported = true;
	if (!text.len)
		return true;
	p->answers[p->nanswers] = text;
	put_be16(&p->ttls[4 * p->nanswers], (uint16_t)(rr->ttl >> 16));
	put_be16(&p->ttls[4 * p->nanswers + 2], (uint16_t)rr->ttl);
	p->nanswers++;
	return true;
}

static void parse_answers(struct oto_ctx *cx, struct parsed *p, struct dns_reader *r)
{
	uint32_t room = oto_left(&r->at) / RECORD_MIN;
	struct dns_record rr;

	if (p->m.count[DNS_ANSWER] < room)
		room = p->m.count[DNS_ANSWER];
	p->answers = oto_scratch(cx, room * sizeof *p->answers);
	p->ttls = oto_scratch(cx, room * 4u);
	if (!p->answers || !p->ttls)
		return;
	for (uint32_t left = p->m.count[DNS_ANSWER]; left && dns_next_record(r, &rr); left--) {
		p->has_address |= rr.type == DNS_A || rr.type == DNS_AAAA;
		if (!parse_answer(cx, p, &rr))
			return;
	}
}

static void parse(struct oto_ctx *cx, struct parsed *p)
{
	struct dns_reader r = dns_reader_of(&p->m);

	parse_questions(cx, p, &r);
	if (!r.odd)
		parse_answers(cx, p, &r);
	if (!p->odd)
		p->odd = r.odd;
}

static struct oto_list answer_list(const struct parsed *p)
{
	return (struct oto_list){ p->answers, p->nanswers };
}

static struct oto_vec ttl_vector(const struct parsed *p)
{
	return (struct oto_vec){ p->ttls, p->nanswers, OTO_VEC_U32BE };
}

/* ------------------------------------------------------------------------------------------------ what a query leaves for its response */

struct dns_note {
	int64_t asked_ns;
	uint16_t trans_id, qtype, qclass;
	uint8_t service, z, name_len;
	bool rd, tc, has_question;
	uint8_t name[DNS_NAME_MAX];
};

static void ask(struct oto_ctx *cx, const struct parsed *p)
{
	struct dns_note n = { .asked_ns = cx->head->ts.ns, .trans_id = p->m.id, .service = (uint8_t)p->m.service };

	if (p->nquestions) { /* as in Zeek, the last question stands for all */
		struct oto_slice name = p->names[p->nquestions - 1];
		n.has_question = true;
		n.rd = p->m.rd;
		n.tc = p->m.tc;
		n.z = p->m.z;
		n.qtype = p->last_type;
		n.qclass = p->last_class;
		n.name_len = (uint8_t)name.len;
		if (name.len)
			memcpy(n.name, name.data, name.len);
	}
	oto_request(cx, p->m.id, &n);
}

static struct oto_slice word_or_number(struct oto_ctx *cx, const struct oto_names *names, uint32_t value, const char *prefix)
{
	const struct oto_name *row = oto_name_of(names, value);

	return row ? oto_slice_of(row->name) : dns_numbered(cx, prefix, value);
}

/* The query's half of a row. The note goes away before the row is written: its name is copied. */
static void from_note(struct oto_ctx *cx, struct dns_transaction *t, const struct dns_note *n)
{
	t->ts.ns = n->asked_ns;
	t->trans_id = n->trans_id;
	t->service = n->service;
	t->pkts = 1;
	t->has_question = t->has_query = n->has_question;
	if (!n->has_question)
		return;
	uint8_t *name = n->name_len ? oto_scratch(cx, n->name_len) : NULL;
	if (name)
		memcpy(name, n->name, n->name_len);
	t->query = (struct oto_slice){ name, name ? n->name_len : 0 };
	t->RD = n->rd;
	t->TC = n->tc;
	t->Z = n->z;
	t->qtype = n->qtype;
	t->qclass = n->qclass;
	t->qclass_name = word_or_number(cx, &dns_classes, n->qclass, "qclass-");
	t->qtype_name = n->service == DNS_SERVICE_NBNS && n->qtype == DNS_NBSTAT ? oto_slice_of("NBSTAT")
										 : word_or_number(cx, &dns_types, n->qtype, "query-");
}

/* The response's half. */
static void from_response(struct oto_ctx *cx, struct dns_transaction *t, const struct parsed *p)
{
	const struct dns_message *m = &p->m;
	bool bare = !m->count[DNS_ANSWER] && !m->count[DNS_AUTHORITY] && !m->count[DNS_ADDITIONAL];

	t->has_reply = true;
	t->rcode = m->rcode;
	t->rcode_name = oto_name_of(&dns_rcodes, m->rcode)->name;
	t->rejected = (bare && p->nquestions) || (m->rcode && !m->count[DNS_QUESTION]);
	t->pkts++;
	if (!p->reported)
		return;
	t->AA = m->aa;
	t->RA = m->ra;
	t->rtt.ns = cx->head->ts.ns - t->ts.ns;
	t->has_rtt = t->rtt.ns != 0;
	t->has_answers = p->nanswers != 0;
	t->answers = answer_list(p);
	t->TTLs = ttl_vector(p);
	if (!t->has_query) {
		t->has_query = true;
		t->query = p->first_owner;
	}
}

static void dns_unanswered(struct oto_ctx *cx, const void *note)
{
	struct dns_transaction t = { 0 };

	if (!oto_wanted(cx, EV_TRANSACTION))
		return;
	from_note(cx, &t, note);
	oto_emit(cx, EV_TRANSACTION, &t);
}

/* ------------------------------------------------------------------------------------------------ what is said */

static const char *opcode_word(const struct dns_message *m)
{
	const struct oto_name *row = oto_name_of(m->service == DNS_SERVICE_NBNS ? &nbns_opcodes : &dns_opcodes, m->opcode);

	return row ? row->name : "unknown";
}

static void tell_queries(struct oto_ctx *cx, const struct parsed *p)
{
	struct dns_reader r = dns_reader_of(&p->m);
	struct dns_question q;

	if (!oto_wanted(cx, EV_QUERY))
		return;
	for (uint32_t i = 0; i < p->nquestions && dns_next_question(&r, &q); i++) {
		struct dns_query e = { .service = (uint8_t)p->m.service,
				       .trans_id = p->m.id,
				       .opcode = opcode_word(&p->m),
				       .query = p->names[i],
				       .qtype = q.type,
				       .qclass = q.class,
				       .question = (uint16_t)i,
				       .questions = p->m.count[DNS_QUESTION],
				       .TC = p->m.tc,
				       .RD = p->m.rd,
				       .Z = p->m.z };
		e.has_suffix = p->m.service == DNS_SERVICE_NBNS;
		if (e.has_suffix)
			e.suffix = nbns_decode(dns_slice(&q.sent)).suffix;
		oto_emit(cx, EV_QUERY, &e);
	}
}

static void tell_response(struct oto_ctx *cx, const struct parsed *p, const struct oto_match *match)
{
	const struct dns_message *m = &p->m;

	if (!oto_wanted(cx, EV_RESPONSE))
		return;
	struct dns_response e = { .service = (uint8_t)m->service,
				  .trans_id = m->id,
				  .opcode = opcode_word(m),
				  .rcode = m->rcode,
				  .Z = m->z,
				  .AA = m->aa,
				  .TC = m->tc,
				  .RD = m->rd,
				  .RA = m->ra,
				  .questions = m->count[DNS_QUESTION],
				  .authority = m->count[DNS_AUTHORITY],
				  .additional = m->count[DNS_ADDITIONAL],
				  .matched = match->found,
				  .latency = match->latency };
	e.queries = (struct oto_list){ p->names, p->nquestions };
	e.qtypes = (struct oto_vec){ p->types, p->nquestions, OTO_VEC_U16BE };
	e.answers = answer_list(p);
	e.TTLs = ttl_vector(p);
	struct dns_reader r = dns_reader_of(m);
	struct dns_question q;
	if (p->nquestions && dns_next_question(&r, &q)) {
		e.has_question = true;
		e.query = p->names[0];
		e.qtype = q.type;
		e.qclass = q.class;
	}
	e.has_suffix = e.has_question && m->service == DNS_SERVICE_NBNS;
	e.suffix = p->suffix;
	oto_emit(cx, EV_RESPONSE, &e);
}

static void tell_transaction(struct oto_ctx *cx, const struct parsed *p, const struct oto_match *match)
{
	struct dns_transaction t = { .ts = cx->head->ts, .trans_id = p->m.id, .service = (uint8_t)p->m.service };

	if (!oto_wanted(cx, EV_TRANSACTION))
		return;
	if (match->found)
		from_note(cx, &t, (const struct dns_note *)(const void *)match->note);
	from_response(cx, &t, p);
	oto_emit(cx, EV_TRANSACTION, &t);
}

/* Who answers on port 53 serves names; once a flow. */
static void tell_server(struct oto_ctx *cx, const struct parsed *p)
{
	struct dns_flow *flow = cx->state;

	if (flow->told_server || p->m.service != DNS_SERVICE_DNS || oto_source_port(cx) != PORT_DNS)
		return;
	flow->told_server = true;
	oto_fact(cx, &(struct oto_fact){ .self_size = sizeof(struct oto_fact), .key = "role", .value = oto_slice_of("dns server") });
}

static void dns_pdu(struct oto_ctx *cx, struct oto_cur *c)
{
	struct parsed p = { 0 };
	struct oto_match match = { .self_size = sizeof match };

	if (cx->transport == OTO_TCP)
		oto_skip(c, TCP_PREFIX);
	struct oto_slice whole = oto_rest(c);
	if (!dns_read_header(oto_cur_of(whole), &p.m)) {
		c->bad = true;
		return;
	}
	p.m.service = dns_service_of(cx);
	if (p.m.count[DNS_QUESTION] > DNS_QUESTIONS_MAX) {
		oto_weird(cx, "too_many_questions", whole);
		return;
	}
	parse(cx, &p);
	bool standard = p.m.opcode == OPCODE_QUERY;
	if (p.m.response) {
		if (standard)
			oto_response(cx, p.m.id, &match);
		tell_response(cx, &p, &match);
		if (standard)
			tell_transaction(cx, &p, &match);
		tell_server(cx, &p);
	} else {
		tell_queries(cx, &p);
		if (standard && (p.nquestions || !p.m.count[DNS_QUESTION]))
			ask(cx, &p);
	}
	if (p.m.service != DNS_SERVICE_DNS || p.has_address)
		dns_facts(cx, &p.m, EV_NAME);
	if (p.odd)
		oto_weird(cx, p.odd, whole);
}

/* In step with Zeek, each query waits for an answer of its own, repeated or not. */
static const struct oto_pairing pairing = {
	.self_size = sizeof pairing,
	.note_size = sizeof(struct dns_note),
	.scope = OTO_SCOPE_FLOW,
	.keyed = true,
	.repeats = true,
	.expiry_ns = INT64_C(60000000000), /* the flow's end comes first as a rule */
};

static const struct oto_analyzer dns = {
	.self_size = sizeof dns,
	.flags = OTO_ANY_PORT,
	.name = "dns",
	.doc = "DNS, mDNS, LLMNR and NetBIOS Name Service",
	.keys = "udp/53 tcp/53 udp/5353 udp/5355 tcp/5355 udp/137 tcp/137",
	.probe = dns_probe,
	.pdu_len = dns_pdu_len,
	.pdu = dns_pdu,
	.unanswered = dns_unanswered,
	.state_size = sizeof(struct dns_flow),
	.max_pdu = TCP_PREFIX + UINT16_MAX,
	.events = events,
	.nevents = sizeof events / sizeof *events,
	.pairing = &pairing,
};

OTO_ANALYZER(dns);
