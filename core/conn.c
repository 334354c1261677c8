/* conn.c - from packets to flows: lookup, roles, totals, timeouts, limits. See conn.h; TCP is conn_tcp.c's, events are conn_report.c's. */
#include "conn.h"

#include "conn_report.h"
#include "conn_tcp.h"
#include "engine.h"

#include <stdlib.h>

#define DEFAULT_MAX_FLOWS 2000000u
#define DEFAULT_DELTA (60 * OTO_SECOND)
#define BATCH 256u      /* flows ended between two drains */
#define CHANGES_MAX 16u /* MAC and VLAN changes told of one flow */
#define EVICT_LOOK 32u  /* flows compared when one must go */

/* Zeek's default inactivity timeouts; a tunnel is kept for a day, so that what it carries has one parent. */
#define TIMEOUT_DATAGRAM (60 * OTO_SECOND)
#define TIMEOUT_TCP (300 * OTO_SECOND)
#define TIMEOUT_PATIENT (3600 * OTO_SECOND)
#define TIMEOUT_ETH (300 * OTO_SECOND)
#define TIMEOUT_TUNNEL (86400 * OTO_SECOND)
/* A DNS flow is looked at every ten seconds and ends after nine of silence, so that a resolver's port does not become one long flow. */
#define DNS_SESSION (10 * OTO_SECOND)
#define DNS_IDLE (9 * OTO_SECOND)

/* DNS flows in the order in which they are looked at: all wait equally long, so it is a queue. */
struct dns_watch {
	struct dns_wait {
		struct oto_flow *f;
		uint64_t uid;
		int64_t due_ns;
	} * ring;
	uint32_t first, count, room; /* room is a power of two */
};

struct oto_conns {
	struct oto_engine *engine;
	struct oto_conn_options options;
	struct oto_flows flows;
	struct oto_slab tcp_slab;
	struct oto_pool pool; /* what some flows need: TCP trouble, tunnel parents, deltas */
	struct oto_tcp_tracker tracker;
	struct oto_conn_report report;
	bool zeek; /* a tunnel is not part of the key */
	uint32_t max_of_shard;
	struct oto_flow *dead; /* ended and told; events may still borrow them */
	struct due {
		struct oto_flow *f;
		int64_t delta_ns;
	} * due; /* expired flows, or flows whose delta is due (delta_ns != 0) */
	uint32_t ndue, due_next, due_room;
	struct dns_watch dns;
	int64_t next_work_ns; /* of oto_conns_expire() */
	struct oto_conn_stats stats;
	uint8_t server_port[2][8192]; /* bits: TCP, UDP */
};

/* ------------------------------------------------------------------------------------------------ likely server ports */

/* The ports Zeek's default scripts and ICSNPP register an analyzer for: who sends from one is likely the responder. */
static const uint16_t tcp_servers[] = {
	21,   22,   25,   53,   80,   81,   88,   102,  110,  135,  139,  143,  443,  445,   502,
	563,  585,  587,  614,  631,  636,  989,  990,  992,  993,  995,  1080, 1434, 1883,  2811,
	3128, 3306, 3389, 5222, 5223, 5269, 6666, 6667, 6668, 6669, 8000, 8080, 8888, 20000, 44818,
};
static const uint16_t udp_servers[] = {
	53,   67,   88,   123,  137,  161,  162,  443,  514,  1812,  2123,  2152,
	2222, 3389, 3544, 4789, 5060, 5072, 5353, 5355, 6081, 20000, 44818, 47808,
};

static void mark_servers(struct oto_conns *cs)
{
	for (size_t i = 0; i < sizeof tcp_servers / sizeof *tcp_servers; i++)
		cs->server_port[0][tcp_servers[i] >> 3] |= (uint8_t)(1u << (tcp_servers[i] & 7));
	for (size_t i = 0; i < sizeof udp_servers / sizeof *udp_servers; i++)
		cs->server_port[1][udp_servers[i] >> 3] |= (uint8_t)(1u << (udp_servers[i] & 7));
}

static bool likely_server(const struct oto_conns *cs, bool udp, uint16_t port)
{
	return cs->server_port[udp][port >> 3] >> (port & 7) & 1;
}

/* Did the responder send the first packet that we see? */
static bool roles_swapped(const struct oto_conns *cs, const struct oto_layers *l)
{
	bool udp = l->transport == OTO_UDP, syn = l->tcp_flags & OTO_SYN;

	if (!udp && (l->transport != OTO_TCP || (syn && !(l->tcp_flags & OTO_ACK))))
		return false;
	if (!likely_server(cs, udp, l->sport))
		return false;
	if (oto_addr_is_group(&l->dst) && !cs->zeek) /* Zeek before 6.1 makes the whole network an originator */
		return false;
	if (!likely_server(cs, udp, l->dport))
		return true;
	return !udp && !syn && l->sport < l->dport;
}

/* ------------------------------------------------------------------------------------------------ keys */

/* ICMP messages that are answered, as (question, answer). What is not here is one-way and named by type and code. */
static const uint8_t icmp4_pairs[][2] = { { 8, 0 }, { 13, 14 }, { 15, 16 }, { 10, 9 }, { 17, 18 } };
static const uint8_t icmp6_pairs[][2] = { { 128, 129 }, { 133, 134 }, { 135, 136 }, { 130, 131 }, { 139, 140 }, { 144, 145 } };

static void icmp_ports(struct oto_flow_key *k, const struct oto_layers *l)
{
	bool v6 = l->transport == OTO_ICMP6;
	const uint8_t(*pair)[2] = v6 ? icmp6_pairs : icmp4_pairs;
	size_t n = v6 ? sizeof icmp6_pairs / sizeof *icmp6_pairs : sizeof icmp4_pairs / sizeof *icmp4_pairs;

	k->sport = l->icmp_type;
	for (size_t i = 0; i < n; i++) {
		if (l->icmp_type == pair[i][0] || l->icmp_type == pair[i][1]) {
			k->dport = pair[i][l->icmp_type == pair[i][0]];
			return;
		}
	}
	k->dport = l->icmp_code;
	k->one_way = true;
}

static struct oto_addr mac_addr(const struct oto_mac *m)
{
	struct oto_addr a = { .family = OTO_FAMILY_MAC };
	memcpy(a.byte, m->byte, sizeof m->byte);
	return a;
}

static uint64_t vlan_salt(const struct oto_layers *l)
{
	uint64_t tags = (uint64_t)l->has_vlan << 33 | (uint64_t)l->has_inner_vlan << 32 | (uint64_t)l->vlan << 16 | l->inner_vlan;
	return tags ? oto_mix(tags, 1) : 0;
}

/* Protocols that share the service access point of SNAP are told apart by organisation and number (IEEE 802 10.2): CDP, VTP and DTP of one
 * switch are three conversations. */
static uint64_t snap_salt(const struct oto_layers *l)
{
	const uint32_t snap_at = 3, snap_len = 5;

	if (!l->llc || (l->ethertype & 0xfffe) != 0xaaaa || l->l3.len < snap_at + snap_len)
		return 0;
	return oto_hash(snap_len, l->l3.data + snap_at, snap_len);
}

/* Both directions of a tunnel between two hosts are one: its kind and its unordered ends. */
static uint64_t tunnel_salt(const struct oto_layers *l, const struct oto_flow *parent)
{
	uint64_t ends = 0;

	for (int d = 0; d < 2; d++)
		ends += oto_hash(l->tunnel, &parent->side[d].addr, sizeof parent->side[d].addr);
	return oto_mix(ends, l->tunnel);
}

static void make_key(const struct oto_conns *cs, const struct oto_layers *l, const struct oto_flow *parent, struct oto_flow_key *k)
{
	*k = (struct oto_flow_key){ .transport = l->transport };
	if (l->transport == OTO_ETH) {
		k->src = mac_addr(&l->src_mac);
		k->dst = mac_addr(&l->dst_mac);
		k->llc = l->llc;
		k->ethertype = l->llc ? l->ethertype & 0xfffe : l->ethertype; /* the SSAP's low bit marks a response (IEEE 802.2) */
		k->salt = vlan_salt(l) ^ snap_salt(l);
	} else {
		k->src = l->src;
		k->dst = l->dst;
		k->ip_proto = l->ip_proto;
		if (l->transport == OTO_ICMP || l->transport == OTO_ICMP6) {
			icmp_ports(k, l);
		} else if (l->has_ports) {
			k->sport = l->sport;
			k->dport = l->dport;
		}
		if (cs->options.key_vlan)
			k->salt = vlan_salt(l);
	}
	if (parent && !cs->zeek)
		k->salt ^= tunnel_salt(l, parent);
}

/* ------------------------------------------------------------------------------------------------ time */

static int64_t timeout_of(const struct oto_flow *f)
{
	switch (f->transport) {
	case OTO_TCP:
		return f->tcp->patient ? TIMEOUT_PATIENT : TIMEOUT_TCP;
	case OTO_ETH:
		return TIMEOUT_ETH;
	case OTO_IP:
		return f->ip_proto == 4 || f->ip_proto == 41 || f->ip_proto == 47 ? TIMEOUT_TUNNEL : TIMEOUT_DATAGRAM;
	default:
		return TIMEOUT_DATAGRAM;
	}
}

static double seconds(int64_t ns)
{
	return (double)(ns / OTO_SECOND) + (double)(ns % OTO_SECOND / 1000) / 1e6;
}

/* Polling devices hit a timeout to the microsecond: there Zeek's floating-point sum decides, and so it does here. */
static bool idle_for(int64_t last_ns, int64_t timeout, int64_t now_ns)
{
	int64_t over = now_ns - last_ns - timeout;

	if (over > 1000 || over < -1000)
		return over > 0;
	return seconds(last_ns) + (double)(timeout / OTO_SECOND) <= seconds(now_ns);
}

static int64_t due_ns(const struct oto_flow *f)
{
	int64_t due = oto_flow_heard_ns(f) + timeout_of(f);

	return f->tcp && f->tcp->timer && f->tcp->timer_ns < due ? f->tcp->timer_ns : due;
}

static bool expired(struct oto_flow *f, int64_t now_ns)
{
	if (f->tcp && f->tcp->timer && f->tcp->timer_ns <= now_ns && oto_tcp_timer_due(f, now_ns))
		return true;
	return idle_for(oto_flow_heard_ns(f), timeout_of(f), now_ns);
}

/* Nearly all packets come before the shortest timeout, and where no timer runs: these end no flow, and only a SYN begins another. */
static bool may_be_over(const struct oto_flow *f, const struct oto_layers *l, int64_t now_ns)
{
	return now_ns - oto_flow_heard_ns(f) >= TIMEOUT_DATAGRAM - OTO_SECOND || (f->tcp && (f->tcp->timer || (l->tcp_flags & OTO_SYN)));
}

static bool delta_wanted(const struct oto_conns *cs, const struct oto_flow *f)
{
	const struct oto_conn_report *r = &cs->report;

	return oto_event_wanted(f->transport == OTO_ETH ? r->eth_delta : r->delta) || (f->transport == OTO_IP && oto_event_wanted(r->ip));
}

/* Deltas are due at multiples of the interval after the flow began. */
static int64_t delta_due_ns(const struct oto_conns *cs, const struct oto_flow *f)
{
	int64_t interval = cs->options.delta_ns, since = cs->engine->now_ns - f->first_ns;

	if (!delta_wanted(cs, f))
		return INT64_MAX;
	return f->first_ns + (since < 0 ? 1 : since / interval + 1) * interval;
}

static void schedule(struct oto_conns *cs, struct oto_flow *f)
{
	int64_t due = due_ns(f), delta = delta_due_ns(cs, f);

	oto_flows_schedule(&cs->flows, f, delta < due ? delta : due);
}

/* ------------------------------------------------------------------------------------------------ ending */

/* In the words of flow meters. */
static const char *end_reason(const struct oto_flow *f, int64_t now_ns)
{
	return f->evicted ? "rsrc" : idle_for(oto_flow_heard_ns(f), timeout_of(f), now_ns) ? "idle" : "eof";
}

/* The flow is out of the table: the stages above are told, then the listeners. */
static void tell_end(struct oto_conns *cs, struct oto_flow *f)
{
	struct oto_engine *e = cs->engine;

	if (f->tcp)
		oto_stream_end(e->streams, f);
	oto_analyzer_end(e->analyzers, f);
	oto_coverage_flow(e->coverage, f);
	oto_conn_report_end(&cs->report, f, end_reason(f, e->now_ns));
	f->chain = cs->dead;
	cs->dead = f;
	cs->stats.ended++;
}

static void take_out(struct oto_conns *cs, struct oto_flow *f)
{
	oto_flows_remove(&cs->flows, f);
	f->ended = true;
}

static void end_now(struct oto_conns *cs, struct oto_flow *f)
{
	take_out(cs, f);
	tell_end(cs, f);
}

static __attribute__((noinline)) void release_dead(struct oto_conns *cs)
{
	for (struct oto_flow *f = cs->dead, *next; f; f = next) {
		next = f->chain;
		oto_tcp_release(&cs->tracker, f->tcp);
		oto_pool_put(&cs->pool, f->parents, sizeof *f->parents);
		oto_pool_put(&cs->pool, f->delta, sizeof *f->delta);
		oto_flows_release(&cs->flows, f);
	}
	cs->dead = NULL;
}

void oto_conns_sweep(struct oto_conns *cs)
{
	if (__builtin_expect(cs->dead != NULL, 0))
		release_dead(cs);
}

static void add_due(struct oto_conns *cs, struct oto_flow *f, int64_t delta_ns)
{
	if (cs->ndue == cs->due_room) {
		cs->due_room = cs->due_room ? cs->due_room * 2 : 1024;
		cs->due = oto_realloc(cs->due, cs->due_room * sizeof *cs->due);
	}
	cs->due[cs->ndue++] = (struct due){ f, delta_ns };
}

static int by_first_packet(const void *a, const void *b)
{
	const struct due *x = a, *y = b;

	if (x->f->first_packet != y->f->first_packet)
		return x->f->first_packet < y->f->first_packet ? -1 : 1;
	if (x->f->uid[0] != y->f->uid[0]) /* a tunnel and what it carries began with one packet */
		return x->f->uid[0] < y->f->uid[0] ? -1 : 1;
	return 0;
}

static void sort_due(struct oto_conns *cs)
{
	if (cs->ndue > 1)
		qsort(cs->due, cs->ndue, sizeof *cs->due, by_first_packet);
	cs->due_next = 0;
}

static void report_delta(struct oto_conns *cs, const struct due *d)
{
	if (!d->f->delta) {
		d->f->delta = oto_pool_get(&cs->pool, sizeof *d->f->delta);
		d->f->delta->last_ns = d->f->first_ns;
	}
	d->f->delta->told_ns = d->delta_ns;
	oto_conn_report_delta(&cs->report, d->f, d->delta_ns);
}

/* A bounded part of what is due; true when some is left. */
static bool tell_due(struct oto_conns *cs)
{
	for (uint32_t n = 0; n < BATCH && cs->due_next < cs->ndue; n++) {
		const struct due *d = &cs->due[cs->due_next++];
		if (d->delta_ns)
			report_delta(cs, d);
		else
			tell_end(cs, d->f);
	}
	if (cs->due_next < cs->ndue)
		return true;
	cs->ndue = cs->due_next = 0;
	return false;
}

static bool delta_is_due(const struct oto_conns *cs, const struct oto_flow *f, int64_t now_ns, int64_t *at)
{
	int64_t interval = cs->options.delta_ns, reported = f->delta ? f->delta->told_ns : f->first_ns;

	if (!delta_wanted(cs, f))
		return false;
	*at = f->first_ns + (now_ns - f->first_ns) / interval * interval;
	return *at > reported;
}

/* A flow's slot has come: it ends, or something is told of it, or it is looked at later. */
static void visit(struct oto_conns *cs, struct oto_flow *f, int64_t now_ns)
{
	int64_t at;

	if (expired(f, now_ns)) {
		take_out(cs, f);
		add_due(cs, f, 0);
		return;
	}
	if (delta_is_due(cs, f, now_ns, &at))
		add_due(cs, f, at);
	schedule(cs, f);
}

/* ------------------------------------------------------------------------------------------------ DNS sessions */

static bool dns_port(uint16_t port)
{
	return port == 53 || port == 137 || port == 5353 || port == 5355;
}

static void watch_dns(struct oto_conns *cs, struct oto_flow *f, int64_t due_ns)
{
	struct dns_watch *w = &cs->dns;

	if (due_ns < cs->next_work_ns)
		cs->next_work_ns = due_ns;
	if (w->count == w->room) {
		struct dns_watch wider = { .room = w->room ? w->room * 2 : 256, .count = w->count };
		wider.ring = oto_calloc(wider.room, sizeof *wider.ring);
		for (uint32_t i = 0; i < w->count; i++)
			wider.ring[i] = w->ring[(w->first + i) & (w->room - 1)];
		free(w->ring);
		*w = wider;
	}
	w->ring[(w->first + w->count++) & (w->room - 1)] = (struct dns_wait){ f, f->uid[0], due_ns };
}

/* End the DNS flows that fell silent; true when more are due than may be told at once. */
static bool expire_dns(struct oto_conns *cs, int64_t now_ns)
{
	struct dns_watch *w = &cs->dns;

	for (uint32_t ended = 0; w->count && w->ring[w->first].due_ns <= now_ns;) {
		if (ended == BATCH)
			return true;
		struct dns_wait wait = w->ring[w->first];
		w->first = (w->first + 1) & (w->room - 1);
		w->count--;
		if (wait.f->uid[0] != wait.uid || wait.f->ended) /* gone, its memory is another flow's by now */
			continue;
		if (idle_for(oto_flow_heard_ns(wait.f), DNS_IDLE, now_ns)) {
			end_now(cs, wait.f);
			ended++;
		} else {
			watch_dns(cs, wait.f, now_ns + DNS_SESSION);
		}
	}
	return false;
}

/* Before this time oto_conns_expire() has nothing to do. */
static int64_t next_work_ns(const struct oto_conns *cs)
{
	int64_t second = (cs->flows.tick + 1) * OTO_SECOND;

	if (cs->ndue)
		return INT64_MIN;
	return cs->dns.count && cs->dns.ring[cs->dns.first].due_ns < second ? cs->dns.ring[cs->dns.first].due_ns : second;
}

static bool expire(struct oto_conns *cs, int64_t now_ns)
{
	int64_t second = now_ns / OTO_SECOND, tick = cs->flows.tick;

	if (cs->ndue)
		return tell_due(cs);
	if (expire_dns(cs, now_ns))
		return true;
	if (second <= tick)
		return false;
	cs->flows.tick = second;
	if (tick == INT64_MIN)
		return false;
	if (second - tick > OTO_WHEEL_SLOTS)
		tick = second - OTO_WHEEL_SLOTS;
	struct oto_flow *list = NULL;
	while (tick < second)
		list = oto_flows_take(&cs->flows, ++tick, list);
	for (struct oto_flow *f = list, *next; f; f = next) {
		next = f->next;
		visit(cs, f, now_ns);
	}
	sort_due(cs);
	return tell_due(cs);
}

bool oto_conns_expire(struct oto_conns *cs, int64_t now_ns)
{
	if (now_ns < cs->next_work_ns)
		return false;
	bool more = expire(cs, now_ns);
	cs->next_work_ns = next_work_ns(cs);
	return more;
}

int64_t oto_conns_due(const struct oto_conns *cs)
{
	return cs->next_work_ns;
}

typedef void visit_fn(struct oto_conns *cs, struct oto_flow *f, int64_t argument);

static void visit_all(struct oto_conns *cs, visit_fn *fn, int64_t argument)
{
	for (uint32_t i = 0; i < OTO_SHARDS; i++) {
		for (uint32_t b = 0; b <= cs->flows.shard[i].mask; b++) {
			for (struct oto_flow *f = cs->flows.shard[i].buckets[b], *next; f; f = next) {
				next = f->chain;
				fn(cs, f, argument);
			}
		}
	}
}

static void end_older(struct oto_conns *cs, struct oto_flow *f, int64_t before)
{
	if (f->first_packet >= (uint64_t)before)
		return;
	take_out(cs, f);
	add_due(cs, f, 0);
}

bool oto_conns_finish(struct oto_conns *cs, uint64_t before)
{
	if (cs->ndue)
		return tell_due(cs);
	visit_all(cs, end_older, (int64_t)before);
	sort_due(cs);
	return tell_due(cs);
}

static void shift_flow(struct oto_conns *cs, struct oto_flow *f, int64_t by_ns)
{
	f->came_ns += by_ns;
	if (f->tcp)
		f->tcp->timer_ns += by_ns;
	schedule(cs, f);
}

void oto_conns_shift(struct oto_conns *cs, int64_t by_ns)
{
	cs->flows.tick = cs->engine->now_ns / OTO_SECOND;
	visit_all(cs, shift_flow, by_ns);
	for (uint32_t i = 0; i < cs->dns.count; i++)
		cs->dns.ring[(cs->dns.first + i) & (cs->dns.room - 1)].due_ns += by_ns;
	cs->next_work_ns = INT64_MIN;
}

static bool is_longer_idle(const struct oto_flow *f, const struct oto_flow *other)
{
	int64_t heard = oto_flow_heard_ns(f), theirs = oto_flow_heard_ns(other);

	return heard < theirs || (heard == theirs && f->first_packet < other->first_packet);
}

/* The shard is full: of the flows looked at next, the one idle longest goes. */
static void evict(struct oto_conns *cs, uint32_t shard)
{
	struct oto_flow_shard *s = &cs->flows.shard[shard];
	struct oto_flow *victim = NULL;
	uint32_t looked = 0;

	for (uint32_t i = 1; i <= OTO_WHEEL_SLOTS && looked < EVICT_LOOK; i++) {
		struct oto_flow *f = s->slot[(uint64_t)(cs->flows.tick + i) % OTO_WHEEL_SLOTS];
		for (; f && looked < EVICT_LOOK; f = f->next, looked++) {
			if (!victim || is_longer_idle(f, victim))
				victim = f;
		}
	}
	if (!victim)
		return;
	cs->stats.evicted++;
	victim->evicted = true;
	end_now(cs, victim);
}

/* ------------------------------------------------------------------------------------------------ packets */

static void note_parent(struct oto_conns *cs, struct oto_flow *f, const struct oto_flow *parent)
{
	if (!f->parents)
		f->parents = oto_pool_get(&cs->pool, sizeof *f->parents);
	struct oto_flow_parents *p = f->parents;
	for (uint32_t i = p->count; i-- > 0;) {
		if (p->uid[i][0] == parent->uid[0] && p->uid[i][1] == parent->uid[1])
			return;
	}
	if (p->count < OTO_PARENTS_MAX)
		memcpy(p->uid[p->count++], parent->uid, sizeof parent->uid);
}

static void learn_side(struct oto_flow_side *s, const struct oto_layers *l)
{
	s->has_sent = true;
	s->has_mac = l->has_mac;
	s->mac = l->src_mac;
	s->has_vlan = l->has_vlan;
	s->vlan = l->vlan;
	s->has_inner_vlan = l->has_inner_vlan;
	s->inner_vlan = l->inner_vlan;
}

static __attribute__((noinline)) void change_link(struct oto_conns *cs, struct oto_flow *f, enum oto_dir dir, const struct oto_layers *l,
						  bool mac, bool vlan)
{
	struct oto_flow_side *s = &f->side[dir];

	if (s->has_sent && f->changes < CHANGES_MAX) {
		f->changes++;
		if (mac && s->has_mac && l->has_mac)
			oto_conn_report_mac(&cs->report, f, dir, l->src_mac);
		if (vlan)
			oto_conn_report_vlan(&cs->report, f, dir, l);
	}
	learn_side(s, l);
}

/* MAC and VLAN of the sender; a change is told. Where there is no VLAN its number is 0. */
static inline void note_link(struct oto_conns *cs, struct oto_flow *f, enum oto_dir dir, const struct oto_layers *l)
{
	const struct oto_flow_side *s = &f->side[dir];
	bool mac = s->has_mac != l->has_mac || memcmp(&s->mac, &l->src_mac, sizeof s->mac) != 0;
	bool vlan = s->vlan != l->vlan || s->inner_vlan != l->inner_vlan;

	if (__builtin_expect(mac || vlan || !s->has_sent, 0))
		change_link(cs, f, dir, l, mac, vlan);
}

static struct oto_flow *new_flow(struct oto_conns *cs, const struct oto_layers *l, struct oto_flow_key *k, struct oto_flow_hash h,
				 enum oto_dir *dir)
{
	bool swapped = roles_swapped(cs, l);
	uint64_t uid[2];

	oto_uid_make(uid, cs->options.seed, cs->options.sensor, l->packet->number, k);
	if (swapped) {
		struct oto_flow_key sent = *k;
		k->src = sent.dst;
		k->sport = sent.dport;
		k->dst = sent.src;
		k->dport = sent.sport;
	}
	if (cs->flows.shard[h.shard].flows >= cs->max_of_shard)
		evict(cs, h.shard);
	struct oto_flow *f = oto_flows_make(&cs->flows, k, h);
	*dir = swapped ? OTO_RESP : OTO_ORIG;
	memcpy(f->uid, uid, sizeof uid);
	f->first_packet = l->packet->number;
	f->first_ns = f->last_ns = l->packet->ts_ns;
	if (swapped) {
		f->flipped = true;
		oto_flow_letter(f, '^');
	}
	f->side[!*dir].has_mac = l->has_mac;
	f->side[!*dir].mac = l->dst_mac;
	if (l->transport == OTO_TCP)
		f->tcp = oto_tcp_make(&cs->tracker);
	if (l->transport == OTO_UDP && dns_port(f->side[OTO_RESP].port))
		watch_dns(cs, f, cs->engine->now_ns + DNS_SESSION);
	cs->stats.made++;
	return f;
}

/* A DNS flow whose first message is an answer was opened by the other side. */
static void dns_roles(struct oto_flow *f, enum oto_dir dir, const struct oto_layers *l)
{
	const struct oto_flow_side *resp = &f->side[OTO_RESP];

	if (f->dns_first || !dns_port(resp->port) || l->payload.len < 12)
		return;
	f->dns_first = true;
	if (dir == OTO_ORIG && (l->payload.data[2] & 0x80) && !oto_addr_is_group(&resp->addr))
		oto_flow_flip(f);
}

static void datagram_letters(struct oto_flow *f, enum oto_dir dir, bool letter)
{
	bool before = dir == OTO_ORIG ? f->sent_orig : f->sent_resp;

	if (before)
		return;
	if (dir == OTO_ORIG)
		f->sent_orig = true;
	else
		f->sent_resp = true;
	if (letter)
		oto_flow_letter(f, dir == OTO_ORIG ? 'D' : 'd');
}

/* Totals go to the side that the sender had when the packet came, also when the packet itself turns the roles. */
static void count(const struct oto_conns *cs, struct oto_flow *f, enum oto_dir dir, const struct oto_layers *l)
{
	struct oto_flow_side *s = &f->side[dir];

	s->payload_bytes += l->payload_len;
	if (cs->zeek && l->transport != OTO_TCP && l->payload.len < l->payload_len)
		return; /* Zeek does not count datagrams that the snap length cut */
	s->packets++;
	s->ip_bytes += l->transport == OTO_ETH ? (l->depth ? l->l3.len : l->packet->len) : l->ip_len;
}

/* A TCP header that contradicts itself opens a flow but says nothing; Zeek wants the options, too. */
static bool is_readable(const struct oto_conns *cs, const struct oto_layers *l)
{
	if (l->transport != OTO_TCP)
		return true;
	return l->tcp_options.data && (!cs->zeek || (l->l4.data[12] >> 4) * 4u <= l->l4.len);
}

static void update(struct oto_conns *cs, struct oto_flow *f, enum oto_dir dir, const struct oto_layers *l)
{
	if (l->transport == OTO_TCP) {
		int64_t timer_ns = f->tcp->timer_ns;
		oto_tcp_packet(&cs->tracker, f, dir, l);
		if (f->tcp->timer_ns != timer_ns && f->link)
			schedule(cs, f);
		return;
	}
	f->last_ns = l->packet->ts_ns;
	if (l->transport == OTO_UDP) {
		datagram_letters(f, dir, true);
		dns_roles(f, dir, l);
	} else {
		datagram_letters(f, dir, false);
	}
}

/* Where packet time stands still, no flow is idle because its packets say that they are old. Zeek ends them all. */
static void note_time(const struct oto_conns *cs, struct oto_flow *f, int64_t ts_ns)
{
	f->is_late = !cs->zeek && cs->engine->now_ns - ts_ns > OTO_PAST;
	if (__builtin_expect(f->is_late, 0))
		f->came_ns = cs->engine->now_ns;
}

struct oto_flow *oto_conns_packet(struct oto_conns *cs, const struct oto_layers *l, struct oto_flow *parent, enum oto_dir *dir)
{
	struct oto_flow_key k;

	if (l->fragment)
		return NULL;
	if (cs->flows.tick == INT64_MIN) /* nobody asked for the time yet */
		cs->flows.tick = cs->engine->now_ns / OTO_SECOND;
	make_key(cs, l, parent, &k);
	struct oto_flow_hash h = oto_flow_hash(&cs->flows, &k);
	struct oto_flow *f = oto_flows_find(&cs->flows, &k, h, dir);
	int64_t now_ns = l->packet->ts_ns > cs->engine->now_ns ? l->packet->ts_ns : cs->engine->now_ns;
	if (f && may_be_over(f, l, now_ns) && (expired(f, now_ns) || (f->tcp && oto_tcp_reuse(&cs->tracker, f, *dir, l)))) {
		end_now(cs, f);
		f = NULL;
	}
	bool made = !f;
	if (made)
		f = new_flow(cs, l, &k, h, dir);
	note_time(cs, f, l->packet->ts_ns);
	bool flipped = f->flipped;
	enum oto_dir counted = *dir;
	if (parent)
		note_parent(cs, f, parent);
	if (is_readable(cs, l)) {
		update(cs, f, counted, l);
		if (__builtin_expect(f->is_late, 0) && f->last_ns < f->first_ns)
			f->last_ns = f->first_ns;
		count(cs, f, counted, l);
	}
	if (f->flipped != flipped)
		*dir = !*dir;
	note_link(cs, f, *dir, l);
	if (made) {
		schedule(cs, f);
		oto_conn_report_new(&cs->report, f, *dir);
	}
	return f;
}

/* ------------------------------------------------------------------------------------------------ life */

static void tcp_weird(void *who, const struct oto_flow *f, enum oto_dir dir, const char *name)
{
	struct oto_conns *cs = who;

	oto_engine_weird(cs->engine, oto_engine_head(cs->engine, f, dir), "tcp", name, (struct oto_slice){ 0 });
}

struct oto_conns *oto_conns_new(struct oto_engine *engine, const struct oto_conn_options *options, struct oto_error *err)
{
	struct oto_conns *cs = oto_calloc(1, sizeof *cs);

	cs->engine = engine;
	cs->options = *options;
	if (!cs->options.max_flows)
		cs->options.max_flows = DEFAULT_MAX_FLOWS;
	if (!cs->options.delta_ns)
		cs->options.delta_ns = DEFAULT_DELTA;
	cs->max_of_shard = (cs->options.max_flows + OTO_SHARDS - 1) / OTO_SHARDS;
	cs->next_work_ns = INT64_MIN;
	cs->tracker = (struct oto_tcp_tracker){ .slab = &cs->tcp_slab, .pool = &cs->pool, .weird = tcp_weird, .who = cs };
	cs->zeek = engine->options.log.profile == OTO_PROFILE_ZEEK;
	oto_flows_init(&cs->flows, oto_mix(cs->options.seed, OTO_SHARDS));
	oto_slab_init(&cs->tcp_slab, sizeof(struct oto_tcp));
	mark_servers(cs);
	if (!oto_conn_report_add(&cs->report, engine, err)) {
		oto_conns_free(cs);
		return NULL;
	}
	return cs;
}

void oto_conns_free(struct oto_conns *cs)
{
	if (!cs)
		return;
	oto_flows_free(&cs->flows);
	oto_slab_free(&cs->tcp_slab);
	oto_pool_free(&cs->pool);
	free(cs->due);
	free(cs->dns.ring);
	free(cs);
}

struct oto_conn_stats oto_conn_stats(const struct oto_conns *cs)
{
	struct oto_conn_stats stats = cs->stats;

	stats.flows = cs->flows.flows;
	stats.peak = cs->flows.peak;
	stats.bytes = cs->flows.bytes + cs->flows.slab.bytes + cs->tcp_slab.bytes + cs->pool.bytes + cs->due_room * sizeof *cs->due +
		      cs->dns.room * sizeof *cs->dns.ring;
	return stats;
}
