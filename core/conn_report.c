/* conn_report.c - flows as events and logs. See conn_report.h. */
#include "conn_report.h"

#include "conn_tcp.h"
#include "ip_report.h"

/* ------------------------------------------------------------------------------------------------ conn, conn_delta */

static const struct oto_name proto_rows[] = {
	{ OTO_ICMP, "icmp", 0, "ICMP and ICMPv6; ports are type and code, or type and answer" },
	{ OTO_TCP, "tcp", 0, "" },
	{ OTO_UDP, "udp", 0, "" },
	{ OTO_IP, "unknown_transport", 0, "another IP protocol, see ip_proto" },
};
static const struct oto_names proto_names = OTO_NAMES(proto_rows);

struct conn_event {
	struct oto_time ts, first, last;
	uint8_t proto, ip_proto;
	const char *service, *conn_state, *history, *community_id;
	struct oto_interval duration;
	int64_t orig_bytes, resp_bytes;
	uint64_t missed_bytes, orig_pkts, orig_ip_bytes, resp_pkts, resp_ip_bytes;
	struct oto_list tunnel_parents;
	struct oto_mac orig_l2_addr, resp_l2_addr;
	uint16_t vlan, inner_vlan;
	bool local_orig, local_resp;
	bool has_duration, has_local, has_parents, has_orig_mac, has_resp_mac, has_vlan, has_inner_vlan;
};

#define F(m, doc, ...) OTO_FIELD(struct conn_event, m, doc, __VA_ARGS__)
#define IF(has) .guard = OTO_IF(struct conn_event, has)
#define BYTES(m, doc_, kind_)                                                                                                              \
	{                                                                                                                                  \
		.name = #m, .doc = doc_, .kind = kind_, .offset = offsetof(struct conn_event, m), IF(has_duration)                         \
	}
/* A delta of bytes may be negative: a connection's numbering can begin anew, and what was believed sent was not. */
#define CONN_FIELDS(bytes_kind)                                                                                                            \
	F(ts, "first packet; of a delta: the time of the report"), F(proto, "transport protocol", .names = &proto_names),                  \
	    F(service, "protocol of the first analyzer that understood a PDU"),                                                            \
	    F(duration, "first to last packet; absent when there was but one", IF(has_duration)),                                          \
	    F(first, "first packet; of a delta, the last one of the report before, or the first"), F(last, "last packet so far"),          \
	    BYTES(orig_bytes, "payload of the originator; of TCP by sequence numbers", bytes_kind),                                        \
	    BYTES(resp_bytes, "payload of the responder; of TCP by sequence numbers", bytes_kind),                                         \
	    F(conn_state, "S0 attempt, S1 established, SF finished, REJ rejected, S2 S3 half closed, RSTO RSTR reset, OTH midstream"),     \
	    F(local_orig, "the originator is of the site's networks", IF(has_local)),                                                      \
	    F(local_resp, "the responder is of the site's networks", IF(has_local)), F(missed_bytes, "payload lost in gaps"),              \
	    F(history, "what was seen, in order: S SYN, H SYN-ACK, A ACK, D data, F FIN, R RST, T retransmission, W zero window, G gap, "  \
		       "^ flipped; lower case from the responder"),                                                                        \
	    F(orig_pkts, "packets of the originator"), F(orig_ip_bytes, "their IP bytes, headers included"),                               \
	    F(resp_pkts, "packets of the responder"), F(resp_ip_bytes, "their IP bytes, headers included"),                                \
	    F(tunnel_parents, "uids of the flows that carried this one", .flags = OTO_SET, IF(has_parents)),                               \
	    F(orig_l2_addr, "MAC of the originator, or of the router before it", IF(has_orig_mac)),                                        \
	    F(resp_l2_addr, "MAC of the responder, or of the router before it", IF(has_resp_mac)),                                         \
	    F(vlan, "VLAN identifier of the originator's packets", IF(has_vlan)),                                                          \
	    F(inner_vlan, "inner VLAN identifier (QinQ)", IF(has_inner_vlan)), F(ip_proto, "protocol number of the IP header"),            \
	    F(community_id, "Community ID version 1")
static const struct oto_field conn_fields[] = { CONN_FIELDS(OTO_U64) };
static const struct oto_field delta_fields[] = { CONN_FIELDS(OTO_I64) };

#define CONN_COLUMNS                                                                                                                       \
	"proto service duration orig_bytes resp_bytes conn_state local_orig local_resp missed_bytes history orig_pkts orig_ip_bytes "      \
	"resp_pkts resp_ip_bytes tunnel_parents"
/* Other IP protocols have a log of their own (ip_report.c). */
#define CONN_WHERE "proto != unknown_transport"
#define CONN_EXTRA "orig_l2_addr resp_l2_addr vlan inner_vlan ip_proto community_id"

static const struct oto_log conn_log[] = {
	{ .name = "conn",
	  .doc = "A row per connection, at its end.",
	  .columns = CONN_COLUMNS,
	  .extra = CONN_EXTRA,
	  .where = CONN_WHERE,
	  .form = OTO_FORM_DETAIL,
	  .flags = OTO_LOG_NOT_SENSOR },
};
/* A sensor sends deltas only, under the name that its receivers know. */
static const struct oto_log delta_log[] = {
	{ .name = "conn_delta",
	  .doc = "What connections did in each interval; the rows of a uid add up to its row in conn.log.",
	  .columns = CONN_COLUMNS,
	  .extra = CONN_EXTRA,
	  .where = CONN_WHERE,
	  .form = OTO_FORM_DETAIL,
	  .flags = OTO_LOG_NOT_ZEEK | OTO_LOG_NOT_SENSOR },
	{ .name = "conn",
	  .doc = "What connections did in each interval.",
	  .columns = CONN_COLUMNS,
	  .extra = CONN_EXTRA,
	  .where = CONN_WHERE,
	  .form = OTO_FORM_DETAIL,
	  .flags = OTO_LOG_ONLY_SENSOR },
};
#define CONN_DOC "An IP connection ended: its totals."
#define DELTA_DOC "What an open connection did since the last report, and what was left when it ended."
static const struct oto_event_type conn_type = OTO_EVENT("conn", struct conn_event, conn_fields, CONN_DOC, OTO_LOGS(conn_log));
static const struct oto_event_type delta_type = OTO_EVENT("conn_delta", struct conn_event, delta_fields, DELTA_DOC, OTO_LOGS(delta_log));

#undef F
#undef IF

/* ------------------------------------------------------------------------------------------------ eth.flow */

enum { ETH_TYPE_SIZE = 16 };

struct eth_event {
	struct oto_time ts, last;
	struct oto_interval duration;
	const char *type, *service;
	uint16_t ethertype;
	uint8_t dsap, ssap;
	struct oto_mac orig_mac, resp_mac; /* of the flow: the head's are of the packet at hand */
	uint16_t vlan, inner_vlan;
	bool llc, has_ethertype, has_mac, has_vlan, has_inner_vlan;
	uint64_t orig_pkts, orig_bytes, resp_pkts, resp_bytes;
};

#define F(m, doc, ...) OTO_FIELD(struct eth_event, m, doc, __VA_ARGS__)
#define IF(has) .guard = OTO_IF(struct eth_event, has)
static const struct oto_field eth_fields[] = {
	F(ts, "first frame"),
	F(duration, "first to last frame"),
	F(last, "last frame so far"),
	F(orig_mac, "who sent the first frame", IF(has_mac)),
	F(resp_mac, "to whom: a station or a group", IF(has_mac)),
	F(vlan, "VLAN identifier", IF(has_vlan)),
	F(inner_vlan, "inner VLAN identifier (QinQ)", IF(has_inner_vlan)),
	F(type, "EtherType as 0x8892, or the LLC service access points as llc/42-42"),
	F(ethertype, "EtherType", IF(has_ethertype)),
	F(dsap, "destination service access point (IEEE 802.2)", IF(llc)),
	F(ssap, "source service access point, without the response bit", IF(llc)),
	F(service, "protocol of the first analyzer that understood a PDU"),
	F(orig_pkts, "frames of the originator"),
	F(orig_bytes, "their bytes on the wire"),
	F(resp_pkts, "frames of the responder"),
	F(resp_bytes, "their bytes on the wire"),
};
#undef F
#undef IF

static const struct oto_log eth_log[] = {
	{ .name = "eth",
	  .doc = "A row per flow of non-IP frames: who spoke which EtherType to whom.",
	  .columns = "uid orig_mac resp_mac vlan type service duration orig_pkts orig_bytes resp_pkts resp_bytes",
	  .form = OTO_FORM_DETAIL,
	  .flags = OTO_LOG_NO_ID | OTO_LOG_NOT_ZEEK },
};
static const struct oto_event_type eth_type =
    OTO_EVENT("eth.flow", struct eth_event, eth_fields, "A flow of non-IP frames between two MACs ended.", OTO_LOGS(eth_log));
static const struct oto_event_type eth_delta_type = OTO_EVENT(
    "eth.delta", struct eth_event, eth_fields,
    "What an open flow of non-IP frames did since the last report, and what was left when it ended: `ts` and `duration` are of this part.");

/* ------------------------------------------------------------------------------------------------ flow.* */

struct new_event {
	uint8_t proto;
};
static const struct oto_field new_fields[] = {
	OTO_FIELD(struct new_event, proto, "transport protocol; 0: non-IP frames", .names = &proto_names),
};
static const struct oto_event_type new_type = OTO_EVENT("flow.new", struct new_event, new_fields, "The first packet of a flow.");

struct mac_event {
	struct oto_mac was, now;
};
static const struct oto_field mac_fields[] = {
	OTO_FIELD(struct mac_event, was, "source MAC of this direction until now"),
	OTO_FIELD(struct mac_event, now, "source MAC of this packet"),
};
static const struct oto_event_type mac_type = OTO_EVENT(
    "flow.mac_changed", struct mac_event, mac_fields,
    "A direction of a flow comes from another MAC than before: a failover, a second path, or somebody in between. At most 16 a flow.");

struct vlan_event {
	uint16_t was, now;
	bool has_was, has_now;
};
static const struct oto_field vlan_fields[] = {
	OTO_FIELD(struct vlan_event, was, "VLAN of this direction until now", .guard = OTO_IF(struct vlan_event, has_was)),
	OTO_FIELD(struct vlan_event, now, "VLAN of this packet", .guard = OTO_IF(struct vlan_event, has_now)),
};
static const struct oto_event_type vlan_type = OTO_EVENT("flow.vlan_changed", struct vlan_event, vlan_fields,
							 "A direction of a flow comes in another VLAN than before. At most 16 a flow.");

/* ------------------------------------------------------------------------------------------------ filling */

bool oto_conn_report_add(struct oto_conn_report *r, struct oto_engine *engine, struct oto_error *err)
{
	struct oto_bus *bus = engine->bus;

	*r = (struct oto_conn_report){ .engine = engine, .zeek = engine->options.log.profile == OTO_PROFILE_ZEEK };
	return (r->conn = oto_bus_add(bus, &conn_type, NULL, err)) && (r->delta = oto_bus_add(bus, &delta_type, NULL, err)) &&
	       (r->eth = oto_bus_add(bus, &eth_type, NULL, err)) && (r->eth_delta = oto_bus_add(bus, &eth_delta_type, NULL, err)) &&
	       (r->ip = oto_ip_report_add(engine, err)) && (r->made = oto_bus_add(bus, &new_type, NULL, err)) &&
	       (r->mac_changed = oto_bus_add(bus, &mac_type, NULL, err)) && (r->vlan_changed = oto_bus_add(bus, &vlan_type, NULL, err));
}

static const char *conn_state(const struct oto_flow *f)
{
	if (f->tcp)
		return oto_tcp_conn_state(f);
	if (f->transport != OTO_UDP)
		return "OTH";
	if (f->sent_orig)
		return f->sent_resp ? "SF" : "S0";
	return f->sent_resp ? "SHR" : "OTH";
}

static int64_t payload_bytes(const struct oto_flow *f, enum oto_dir dir)
{
	return (int64_t)(f->tcp ? oto_tcp_size(f->tcp, dir) : f->side[dir].payload_bytes);
}

static struct oto_list parents_list(struct oto_bus *bus, const struct oto_flow_parents *p)
{
	struct oto_slice *items = oto_bus_scratch(bus, p->count * (sizeof *items + 20));
	char *text = (char *)(items + p->count);

	if (!items)
		return (struct oto_list){ 0 };
	for (uint32_t i = 0; i < p->count; i++, text += 20) {
		oto_uid_text(p->uid[i], text);
		items[i] = oto_slice_of(text);
	}
	return (struct oto_list){ items, p->count };
}

static int64_t micros(int64_t ns)
{
	int64_t rest = ns % 1000;
	return ns - (rest < 0 ? rest + 1000 : rest);
}

/* What Zeek and ICSNPP call these services in conn.log; a row without transport fits any. */
static const char *zeek_service(const struct oto_flow *f)
{
	static const struct {
		const char *ours, *theirs;
		uint8_t transport;
	} names[] = {
		{ "kerberos", "krb", OTO_UDP },  { "kerberos", "krb_tcp", OTO_TCP },
		{ "dnp3", "dnp3_tcp", OTO_TCP }, { "dnp3", "dnp3_udp", OTO_UDP },
		{ "s7comm", "cotp,s7comm", 0 },  { "s7comm_plus", "cotp,s7comm-plus", 0 },
		{ "cip", "enip", OTO_TCP },      { "pccc", "enip", 0 },
	};

	for (size_t i = 0; f->service && i < sizeof names / sizeof *names; i++) {
		if (strcmp(f->service, names[i].ours) == 0 && (!names[i].transport || names[i].transport == f->transport))
			return names[i].theirs;
	}
	return f->service;
}

/* It stays what it is, even when the flow is turned round, and costs a digest: told again, it is remembered. */
static const char *community_id(const struct oto_conn_report *r, const struct oto_flow *f)
{
	char *id = oto_bus_scratch(r->engine->bus, OTO_COMMUNITY_ID_SIZE);
	char *kept = f->delta && !f->one_way ? f->delta->community_id : NULL;

	if (id && kept && *kept)
		return memcpy(id, kept, OTO_COMMUNITY_ID_SIZE);
	if (!id || !oto_community_id(f, 0, id))
		return NULL;
	if (kept)
		memcpy(kept, id, OTO_COMMUNITY_ID_SIZE);
	return id;
}

static void fill(const struct oto_conn_report *r, const struct oto_flow *f, struct conn_event *e)
{
	const struct oto_flow_side *orig = &f->side[OTO_ORIG], *resp = &f->side[OTO_RESP];
	int64_t first = r->zeek ? micros(f->first_ns) : f->first_ns, last = r->zeek ? micros(f->last_ns) : f->last_ns;

	*e = (struct conn_event){
		.ts = { first },
		.first = { first },
		.proto = f->transport == OTO_ICMP6 ? OTO_ICMP : f->transport,
		.ip_proto = f->ip_proto,
		.service = r->zeek ? zeek_service(f) : f->service,
		.duration = { last - first },
		.has_duration = last > first,
		.last = { last },
		.orig_bytes = payload_bytes(f, OTO_ORIG),
		.resp_bytes = payload_bytes(f, OTO_RESP),
		.conn_state = conn_state(f),
		.history = oto_flow_history(f)[0] ? oto_flow_history(f) : NULL,
		.missed_bytes = f->tcp ? oto_tcp_missed(f->tcp) : 0,
		.orig_pkts = orig->packets,
		.orig_ip_bytes = orig->ip_bytes,
		.resp_pkts = resp->packets,
		.resp_ip_bytes = resp->ip_bytes,
		.has_parents = f->parents,
		.orig_l2_addr = orig->mac,
		.resp_l2_addr = resp->mac,
		.has_orig_mac = orig->has_mac,
		.has_resp_mac = resp->has_mac,
		.vlan = orig->vlan,
		.has_vlan = orig->has_vlan,
		.inner_vlan = orig->inner_vlan,
		.has_inner_vlan = orig->has_inner_vlan,
		.community_id = community_id(r, f),
	};
	if (!orig->has_sent) { /* tags are known of packets only */
		e->vlan = resp->vlan;
		e->has_vlan = resp->has_vlan;
		e->inner_vlan = resp->inner_vlan;
		e->has_inner_vlan = resp->has_inner_vlan;
	}
	if (f->parents)
		e->tunnel_parents = parents_list(r->engine->bus, f->parents);
}

/* Turn totals into what was added since the last report, and remember them. */
static void subtract(struct conn_event *e, const struct oto_flow *f, struct oto_delta *d)
{
	struct oto_delta now = *d;

	now.last_ns = f->last_ns;
	now.bytes[OTO_ORIG] = e->orig_bytes;
	now.bytes[OTO_RESP] = e->resp_bytes;
	now.packets[OTO_ORIG] = (uint32_t)e->orig_pkts;
	now.packets[OTO_RESP] = (uint32_t)e->resp_pkts;
	now.ip_bytes[OTO_ORIG] = e->orig_ip_bytes;
	now.ip_bytes[OTO_RESP] = e->resp_ip_bytes;
	now.missed_bytes = e->missed_bytes;
	e->first.ns = d->last_ns;
	e->duration.ns = f->last_ns - d->last_ns;
	e->has_duration = true;
	e->orig_bytes -= d->bytes[OTO_ORIG];
	e->resp_bytes -= d->bytes[OTO_RESP];
	e->orig_pkts = (uint32_t)e->orig_pkts - d->packets[OTO_ORIG];
	e->resp_pkts = (uint32_t)e->resp_pkts - d->packets[OTO_RESP];
	e->orig_ip_bytes -= d->ip_bytes[OTO_ORIG];
	e->resp_ip_bytes -= d->ip_bytes[OTO_RESP];
	e->missed_bytes -= d->missed_bytes;
	*d = now;
}

static void fill_eth(const struct oto_flow *f, char *type, struct eth_event *e)
{
	const struct oto_flow_side *orig = &f->side[OTO_ORIG], *resp = &f->side[OTO_RESP];

	*e = (struct eth_event){ .ts = { f->first_ns },
				 .last = { f->last_ns },
				 .duration = { f->last_ns - f->first_ns },
				 .type = type,
				 .service = f->service,
				 .ethertype = f->ethertype,
				 .dsap = (uint8_t)(f->ethertype >> 8),
				 .ssap = (uint8_t)f->ethertype,
				 .llc = f->llc,
				 .has_ethertype = !f->llc,
				 .orig_mac = orig->mac,
				 .resp_mac = resp->mac,
				 .has_mac = orig->has_mac,
				 .vlan = orig->vlan,
				 .has_vlan = orig->has_vlan,
				 .inner_vlan = orig->inner_vlan,
				 .has_inner_vlan = orig->has_inner_vlan,
				 .orig_pkts = orig->packets,
				 .orig_bytes = orig->ip_bytes,
				 .resp_pkts = resp->packets,
				 .resp_bytes = resp->ip_bytes };
	if (f->llc)
		snprintf(type, ETH_TYPE_SIZE, "llc/%02x-%02x", e->dsap, e->ssap);
	else
		snprintf(type, ETH_TYPE_SIZE, "0x%04x", f->ethertype);
}

static void report_eth(const struct oto_conn_report *r, const struct oto_flow *f)
{
	char *type = oto_event_wanted(r->eth) ? oto_bus_scratch(r->engine->bus, ETH_TYPE_SIZE) : NULL;
	struct eth_event e;

	if (!type)
		return;
	fill_eth(f, type, &e);
	oto_bus_emit(r->engine->bus, r->eth, oto_engine_head(r->engine, f, OTO_ORIG), &e);
}

static void report_eth_delta(const struct oto_conn_report *r, struct oto_flow *f)
{
	char *type = oto_event_wanted(r->eth_delta) ? oto_bus_scratch(r->engine->bus, ETH_TYPE_SIZE) : NULL;
	struct oto_delta begin = { .last_ns = f->first_ns }, *d = f->delta ? f->delta : &begin;
	struct eth_event e;

	if (!type)
		return;
	fill_eth(f, type, &e);
	e.ts.ns = d->last_ns;
	e.duration.ns = f->last_ns - d->last_ns;
	e.orig_pkts = (uint32_t)e.orig_pkts - d->packets[OTO_ORIG];
	e.resp_pkts = (uint32_t)e.resp_pkts - d->packets[OTO_RESP];
	e.orig_bytes -= d->ip_bytes[OTO_ORIG];
	e.resp_bytes -= d->ip_bytes[OTO_RESP];
	d->last_ns = f->last_ns;
	d->packets[OTO_ORIG] = (uint32_t)f->side[OTO_ORIG].packets;
	d->packets[OTO_RESP] = (uint32_t)f->side[OTO_RESP].packets;
	d->ip_bytes[OTO_ORIG] = f->side[OTO_ORIG].ip_bytes;
	d->ip_bytes[OTO_RESP] = f->side[OTO_RESP].ip_bytes;
	oto_bus_emit(r->engine->bus, r->eth_delta, oto_engine_head(r->engine, f, OTO_ORIG), &e);
}

/* Both ip.flow and conn_delta tell what came since the last report, and share the memory of it. */
static void report_ip(const struct oto_conn_report *r, struct oto_flow *f, const char *reason)
{
	struct oto_delta begin = { .last_ns = f->first_ns }, told = f->delta ? *f->delta : begin;

	if (!oto_event_wanted(r->ip))
		return;
	oto_ip_report(r->engine, r->ip, f, &told, reason);
	if (f->delta && !oto_event_wanted(r->delta))
		*f->delta = told;
}

/* `totals`: of the flow, where they are known already. */
static void report_delta(const struct oto_conn_report *r, struct oto_flow *f, const struct conn_event *totals, int64_t now_ns,
			 const char *reason)
{
	struct conn_event e;
	struct oto_delta begin = { .last_ns = f->first_ns };

	if (f->transport == OTO_ETH) {
		report_eth_delta(r, f);
		return;
	}
	if (f->transport == OTO_IP)
		report_ip(r, f, reason);
	if (!oto_event_wanted(r->delta))
		return;
	if (totals)
		e = *totals;
	else
		fill(r, f, &e);
	subtract(&e, f, f->delta ? f->delta : &begin);
	e.ts.ns = now_ns;
	oto_bus_emit(r->engine->bus, r->delta, oto_engine_head(r->engine, f, OTO_ORIG), &e);
}

void oto_conn_report_delta(const struct oto_conn_report *r, struct oto_flow *f, int64_t now_ns)
{
	report_delta(r, f, NULL, now_ns, "active");
}

void oto_conn_report_end(const struct oto_conn_report *r, struct oto_flow *f, const char *reason)
{
	bool totals = oto_event_wanted(r->conn);
	struct conn_event e;

	if (f->transport == OTO_ETH) {
		report_eth(r, f);
		report_eth_delta(r, f);
		return;
	}
	if (r->zeek && f->transport == OTO_IP)
		return;
	if (totals) {
		fill(r, f, &e);
		oto_bus_emit(r->engine->bus, r->conn, oto_engine_head(r->engine, f, OTO_ORIG), &e);
	}
	report_delta(r, f, totals ? &e : NULL, r->engine->now_ns, reason);
}

void oto_conn_report_new(const struct oto_conn_report *r, const struct oto_flow *f, enum oto_dir dir)
{
	if (!oto_event_wanted(r->made))
		return;
	struct new_event e = { .proto = f->transport == OTO_ICMP6 ? OTO_ICMP : f->transport };
	oto_bus_emit(r->engine->bus, r->made, oto_engine_head(r->engine, f, dir), &e);
}

void oto_conn_report_mac(const struct oto_conn_report *r, const struct oto_flow *f, enum oto_dir dir, struct oto_mac now)
{
	if (!oto_event_wanted(r->mac_changed))
		return;
	struct mac_event e = { .was = f->side[dir].mac, .now = now };
	oto_bus_emit(r->engine->bus, r->mac_changed, oto_engine_head(r->engine, f, dir), &e);
}

void oto_conn_report_vlan(const struct oto_conn_report *r, const struct oto_flow *f, enum oto_dir dir, const struct oto_layers *l)
{
	if (!oto_event_wanted(r->vlan_changed))
		return;
	struct vlan_event e = { .was = f->side[dir].vlan, .has_was = f->side[dir].has_vlan, .now = l->vlan, .has_now = l->has_vlan };
	oto_bus_emit(r->engine->bus, r->vlan_changed, oto_engine_head(r->engine, f, dir), &e);
}
