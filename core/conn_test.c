/* conn_test.c - what connections mean: states, letters, sizes, timeouts, roles, deltas, limits; by layers made by hand and the events that
 * come out.
 *
 * The stages above are stood in for at the end of this file, so that only the flow stage is under test.
 */
#include "conn.h"
#include "conn_tcp.h"
#include "engine.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <stdlib.h>

#define BASE (1000 * OTO_SECOND)
#define MAX_ROWS 256

struct row {
	char uid[20], history[40], conn_state[8], type[24], mac_now[24];
	struct oto_addr orig_h;
	uint16_t orig_p, resp_p;
	bool has_duration;
	int64_t duration;
	uint64_t orig_bytes, resp_bytes, orig_pkts, resp_pkts, orig_ip_bytes, resp_ip_bytes, missed_bytes, parents, packet;
};

static struct oto_engine engine;
static struct row conn[MAX_ROWS], delta[MAX_ROWS], eth[MAX_ROWS], mac_changed[MAX_ROWS], vlan_changed[MAX_ROWS];
static size_t nconn, ndelta, neth, nmac, nvlan;
static char weirds[512];
static struct oto_packet packet;

/* ------------------------------------------------------------------------------------------------ listening */

static struct oto_value value(const struct oto_event *event, const char *name)
{
	struct oto_field_ref ref = oto_field_find(event->def, name, strlen(name));
	struct oto_value v;

	assert_non_null(ref.field);
	oto_value_get(event, ref, &v);
	return v;
}

static void text(const struct oto_event *event, const char *name, char *out, size_t size)
{
	struct oto_value v = value(event, name);
	struct oto_buf b = { 0 };

	if (v.kind) {
		oto_value_text(&v, &b);
		snprintf(out, size, "%s", b.data);
	}
	oto_buf_free(&b);
}

static uint64_t number(const struct oto_event *event, const char *name)
{
	struct oto_value v = value(event, name);
	return v.kind ? v.u : 0;
}

static void fill(const struct oto_event *event, struct row *row)
{
	*row = (struct row){ .orig_h = event->head->orig_h, .orig_p = event->head->orig_p, .resp_p = event->head->resp_p };
	memcpy(row->uid, event->head->uid, sizeof row->uid);
	if (strcmp(event->def->name, "flow.mac_changed") == 0) {
		text(event, "now", row->mac_now, sizeof row->mac_now);
		return;
	}
	if (strcmp(event->def->name, "flow.vlan_changed") == 0)
		return;
	struct oto_value duration = value(event, "duration");
	row->has_duration = duration.kind != 0;
	row->duration = row->has_duration ? duration.i : 0;
	row->orig_pkts = number(event, "orig_pkts");
	row->resp_pkts = number(event, "resp_pkts");
	row->orig_bytes = number(event, "orig_bytes");
	row->resp_bytes = number(event, "resp_bytes");
	if (strcmp(event->def->name, "eth.flow") == 0) {
		text(event, "type", row->type, sizeof row->type);
		return;
	}
	row->orig_ip_bytes = number(event, "orig_ip_bytes");
	row->resp_ip_bytes = number(event, "resp_ip_bytes");
	row->missed_bytes = number(event, "missed_bytes");
	struct oto_value parents = value(event, "tunnel_parents");
	row->parents = parents.kind ? parents.list.count : 0;
	text(event, "history", row->history, sizeof row->history);
	text(event, "conn_state", row->conn_state, sizeof row->conn_state);
}

struct sink {
	struct row *rows;
	size_t *n;
};

static void listen_row(void *who, const struct oto_event *event)
{
	struct sink *s = who;

	assert_true(*s->n < MAX_ROWS);
	fill(event, &s->rows[(*s->n)++]);
}

static void listen(const char *name, struct sink *sink)
{
	struct oto_event_def *def = oto_bus_find(engine.bus, name);

	assert_non_null(def);
	oto_bus_listen(engine.bus, def, listen_row, sink);
	*sink->n = 0;
}

static void start(struct oto_conn_options options)
{
	static struct sink sinks[] = {
		{ conn, &nconn }, { delta, &ndelta }, { eth, &neth }, { mac_changed, &nmac }, { vlan_changed, &nvlan }
	};
	struct oto_error err = { "" };

	engine = (struct oto_engine){ .bus = oto_bus_new(), .now_ns = BASE };
	options.sensor = "test";
	engine.conns = oto_conns_new(&engine, &options, &err);
	assert_non_null(engine.conns);
	listen("conn", &sinks[0]);
	if (options.delta_ns)
		listen("conn_delta", &sinks[1]);
	listen("eth.flow", &sinks[2]);
	listen("flow.mac_changed", &sinks[3]);
	listen("flow.vlan_changed", &sinks[4]);
	packet = (struct oto_packet){ 0 };
	weirds[0] = '\0';
}

static int setup(void **state)
{
	(void)state;
	start((struct oto_conn_options){ 0 });
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	oto_conns_free(engine.conns);
	oto_bus_free(engine.bus);
	return 0;
}

/* ------------------------------------------------------------------------------------------------ speaking */

static void settle(void)
{
	oto_bus_drain(engine.bus);
	oto_conns_sweep(engine.conns);
}

static void at(double seconds)
{
	engine.now_ns = BASE + (int64_t)(seconds * 1e6) * 1000;
	while (oto_conns_expire(engine.conns, engine.now_ns))
		settle();
	settle();
}

static void finish(void)
{
	while (oto_conns_finish(engine.conns, UINT64_MAX))
		settle();
	settle();
}

static struct oto_addr host(uint8_t n)
{
	return (struct oto_addr){ { 10, 0, 0, n }, OTO_FAMILY_IPV4 };
}

static struct oto_layers layers(uint8_t transport, uint8_t src, uint16_t sport, uint8_t dst, uint16_t dport)
{
	packet.ts_ns = engine.now_ns;
	packet.len = packet.caplen = 60;
	return (struct oto_layers){ .packet = &packet,
				    .has_mac = true,
				    .has_ip = true,
				    .has_ports = true,
				    .transport = transport,
				    .ip_proto = transport,
				    .src = host(src),
				    .dst = host(dst),
				    .sport = sport,
				    .dport = dport,
				    .src_mac = { { 2, 0, 0, 0, 0, src } },
				    .dst_mac = { { 2, 0, 0, 0, 0, dst } },
				    .ethertype = 0x0800 };
}

static struct oto_flow *give(const struct oto_layers *l, struct oto_flow *parent)
{
	enum oto_dir dir;

	packet.number++;
	struct oto_flow *f = oto_conns_packet(engine.conns, l, parent, &dir);

	if (f)
		assert_true(oto_addr_equal(&f->side[dir].addr, &l->src) || f->transport == OTO_ETH);
	settle();
	return f;
}

static const uint8_t zeros[65536];

static struct oto_layers udp_layers(uint8_t src, uint16_t sport, uint8_t dst, uint16_t dport, uint32_t len)
{
	struct oto_layers l = layers(OTO_UDP, src, sport, dst, dport);

	l.payload = (struct oto_slice){ zeros, len };
	l.payload_len = len;
	l.ip_len = len + 28;
	return l;
}

static void udp(uint8_t src, uint16_t sport, uint8_t dst, uint16_t dport, uint32_t len)
{
	struct oto_layers l = udp_layers(src, sport, dst, dport, len);
	give(&l, NULL);
}

/* One TCP conversation between 1:40000 and 2:502, numbered from where each begins. */
static uint32_t isn[2];
static uint16_t port[2];

static struct oto_layers tcp_layers(enum oto_dir dir, uint16_t flags, uint32_t seq, uint32_t ack, uint32_t len)
{
	static const uint8_t header[20] = { [12] = 0x50 };
	struct oto_layers l = layers(OTO_TCP, dir == OTO_ORIG ? 1 : 2, port[dir], dir == OTO_ORIG ? 2 : 1, port[!dir]);

	l.tcp_flags = flags;
	l.seq = isn[dir] + seq;
	l.ack = flags & OTO_ACK ? isn[!dir] + ack : 0;
	l.window = 1000;
	l.tcp_options = (struct oto_slice){ header, 0 };
	l.l4 = (struct oto_slice){ header, 20 };
	l.payload = (struct oto_slice){ zeros, len };
	l.payload_len = len;
	l.ip_len = 40 + len;
	return l;
}

static void tcp(enum oto_dir dir, uint16_t flags, uint32_t seq, uint32_t ack, uint32_t len)
{
	struct oto_layers l = tcp_layers(dir, flags, seq, ack, len);
	give(&l, NULL);
}

static void conversation(uint32_t orig_isn, uint32_t resp_isn)
{
	isn[OTO_ORIG] = orig_isn;
	isn[OTO_RESP] = resp_isn;
	port[OTO_ORIG] = 40000;
	port[OTO_RESP] = 502;
}

static void handshake(void)
{
	tcp(OTO_ORIG, OTO_SYN, 0, 0, 0);
	tcp(OTO_RESP, OTO_SYN | OTO_ACK, 0, 1, 0);
	tcp(OTO_ORIG, OTO_ACK, 1, 1, 0);
}

static void one_row(const char *conn_state, const char *history)
{
	finish();
	assert_int_equal(nconn, 1);
	assert_string_equal(conn[0].conn_state, conn_state);
	assert_string_equal(conn[0].history, history);
}

/* ------------------------------------------------------------------------------------------------ TCP */

static void test_normal(void **state)
{
	(void)state;
	conversation(1000, 2000);
	handshake();
	at(0.5);
	tcp(OTO_ORIG, OTO_ACK | OTO_PSH, 1, 1, 12);
	tcp(OTO_RESP, OTO_ACK | OTO_PSH, 1, 13, 11);
	tcp(OTO_ORIG, OTO_ACK | OTO_FIN, 13, 12, 0);
	tcp(OTO_RESP, OTO_ACK | OTO_FIN, 12, 14, 0);
	at(1);
	tcp(OTO_ORIG, OTO_ACK, 14, 13, 0);
	one_row("SF", "ShADdFf");
	assert_true(conn[0].has_duration);
	assert_int_equal(conn[0].duration, OTO_SECOND / 2); /* the last ACK tells nothing */
	assert_int_equal(conn[0].orig_bytes, 12);
	assert_int_equal(conn[0].resp_bytes, 11);
	assert_int_equal(conn[0].orig_pkts, 5);
	assert_int_equal(conn[0].resp_pkts, 3);
	assert_int_equal(conn[0].orig_ip_bytes, 5 * 40 + 12);
	assert_int_equal(conn[0].missed_bytes, 0);
	assert_string_equal(weirds, "");
}

static void test_wrap_around(void **state)
{
	(void)state;
	conversation(UINT32_MAX - 20, UINT32_MAX);
	handshake();
	for (uint32_t i = 0; i < 10; i++) {
		tcp(OTO_ORIG, OTO_ACK, 1 + i * 10, 1 + i * 5, 10);
		tcp(OTO_RESP, OTO_ACK, 1 + i * 5, 11 + i * 10, 5);
	}
	finish();
	assert_int_equal(nconn, 1);
	assert_string_equal(conn[0].conn_state, "S1");
	assert_true(conn[0].orig_pkts == 12 && conn[0].resp_pkts == 11);
	assert_string_equal(conn[0].history, "ShADd");
}

/* More than 32 bits count. */
static void test_large(void **state)
{
	(void)state;
	uint64_t sent = 0;

	conversation(100, 200);
	handshake();
	at(1);
	for (; sent < UINT64_C(9000000000); sent += 60000000) {
		tcp(OTO_ORIG, OTO_ACK, (uint32_t)(1 + sent), 1, 10);
		tcp(OTO_RESP, OTO_ACK, 1, (uint32_t)(1 + sent + 10), 0);
	}
	finish();
	assert_int_equal(conn[0].orig_bytes, sent - 60000000 + 10);
}

static void test_attempt(void **state)
{
	(void)state;
	conversation(1000, 2000);
	tcp(OTO_ORIG, OTO_SYN, 0, 0, 0);
	at(1);
	tcp(OTO_ORIG, OTO_SYN, 0, 0, 0);
	at(4);
	tcp(OTO_ORIG, OTO_SYN, 0, 0, 0);
	at(5.2); /* five seconds after the first SYN: what comes now is another attempt */
	tcp(OTO_ORIG, OTO_SYN, 0, 0, 0);
	finish();
	assert_int_equal(nconn, 2);
	assert_string_equal(conn[0].conn_state, "S0");
	assert_string_equal(conn[0].history, "S");
	assert_int_equal(conn[0].orig_pkts, 3);
	assert_int_equal(conn[1].orig_pkts, 1);
	assert_false(conn[1].has_duration);
}

static void test_rejected(void **state)
{
	(void)state;
	conversation(1000, 0);
	tcp(OTO_ORIG, OTO_SYN, 0, 0, 0);
	tcp(OTO_RESP, OTO_RST | OTO_ACK, 0, 1, 0);
	at(0.5);
	tcp(OTO_ORIG, OTO_SYN, 0, 0, 0); /* the same SYN again begins anew, because the other side had closed */
	tcp(OTO_RESP, OTO_RST | OTO_ACK, 0, 1, 0);
	finish();
	assert_int_equal(nconn, 2);
	for (int i = 0; i < 2; i++) {
		assert_string_equal(conn[i].conn_state, "REJ");
		assert_string_equal(conn[i].history, "Sr");
		assert_int_equal(conn[i].orig_bytes, 0);
	}
	assert_string_not_equal(conn[0].uid, conn[1].uid);
}

static void test_resets(void **state)
{
	(void)state;
	conversation(1000, 2000);
	handshake();
	tcp(OTO_ORIG, OTO_ACK, 1, 1, 10);
	tcp(OTO_ORIG, OTO_RST, 11, 0, 0);
	at(3);
	tcp(OTO_RESP, OTO_ACK, 1, 11, 0); /* still the same connection */
	at(20);
	one_row("RSTO", "ShADRa");
	tcp(OTO_RESP, OTO_ACK, 1, 11, 0); /* five seconds after the close it is forgotten */
	finish();
	assert_int_equal(nconn, 2);
	assert_string_equal(conn[1].conn_state, "OTH");
	assert_string_equal(conn[1].history, "^a"); /* Modbus/TCP's port answers, it does not ask */
}

static void test_half_close_and_idle(void **state)
{
	(void)state;
	conversation(1000, 2000);
	handshake();
	tcp(OTO_ORIG, OTO_ACK | OTO_FIN, 1, 1, 0);
	tcp(OTO_RESP, OTO_ACK, 1, 2, 0);
	at(250);
	tcp(OTO_RESP, OTO_ACK, 1, 2, 100); /* one side goes on */
	at(540);
	assert_int_equal(nconn, 0);
	at(560); /* five minutes of silence */
	assert_int_equal(nconn, 1);
	assert_string_equal(conn[0].conn_state, "S2");
	assert_string_equal(conn[0].history, "ShAFad");
}

static void test_gap(void **state)
{
	(void)state;
	conversation(1000, 2000);
	handshake();
	at(1);
	tcp(OTO_RESP, OTO_ACK, 1, 1, 100);
	tcp(OTO_RESP, OTO_ACK, 201, 1, 100); /* 101..200 are missing */
	tcp(OTO_ORIG, OTO_ACK, 1, 301, 0);   /* and were received */
	one_row("S1", "ShAdg");
	assert_int_equal(conn[0].missed_bytes, 100);
	assert_int_equal(conn[0].resp_bytes, 300);
}

static void test_out_of_order_is_no_gap(void **state)
{
	(void)state;
	conversation(1000, 2000);
	handshake();
	tcp(OTO_RESP, OTO_ACK, 201, 1, 100);
	tcp(OTO_RESP, OTO_ACK, 401, 1, 100);
	tcp(OTO_RESP, OTO_ACK, 101, 1, 100);
	tcp(OTO_RESP, OTO_ACK, 1, 1, 100);
	tcp(OTO_RESP, OTO_ACK, 251, 1, 150);
	tcp(OTO_ORIG, OTO_ACK, 1, 501, 0);
	one_row("S1", "ShAdt"); /* what comes behind later bytes cannot be told from a retransmission */
	assert_int_equal(conn[0].missed_bytes, 0);
}

static void test_letters_scale(void **state)
{
	(void)state;
	conversation(1000, 2000);
	handshake();
	tcp(OTO_ORIG, OTO_ACK, 1, 1, 10);
	for (int i = 0; i < 100; i++)
		tcp(OTO_ORIG, OTO_ACK, 1, 1, 10);
	struct oto_layers l = tcp_layers(OTO_RESP, OTO_ACK, 1, 11, 0);
	l.window = 0;
	give(&l, NULL);
	one_row("S1", "ShADTTTaw");
}

static void test_midstream(void **state)
{
	(void)state;
	conversation(1000, 2000);
	tcp(OTO_ORIG, OTO_ACK, 1, 1, 10);
	at(1);
	tcp(OTO_RESP, OTO_ACK, 1, 11, 20);
	tcp(OTO_ORIG, OTO_ACK, 11, 21, 10);
	one_row("OTH", "Dd");
	assert_int_equal(conn[0].orig_bytes, 20);
	assert_int_equal(conn[0].resp_bytes, 20);
}

static void test_one_sided(void **state)
{
	(void)state;
	conversation(1000, 2000);
	tcp(OTO_RESP, OTO_SYN | OTO_ACK, 0, 1, 0);
	at(1);
	tcp(OTO_RESP, OTO_ACK, 1, 11, 20);
	tcp(OTO_RESP, OTO_ACK | OTO_FIN, 21, 11, 0);
	one_row("SHR", "^hdf");
	assert_int_equal(conn[0].orig_pkts, 0);
	assert_int_equal(conn[0].orig_bytes, 0); /* nothing was seen of it */
	assert_int_equal(conn[0].resp_bytes, 20);
	assert_int_equal(conn[0].orig_p, 40000);
}

static void test_syn_behind_syn_ack(void **state)
{
	(void)state;
	conversation(1000, 2000);
	port[OTO_RESP] = 9999; /* no well-known port helps */
	tcp(OTO_RESP, OTO_SYN | OTO_ACK, 0, 1, 0);
	tcp(OTO_ORIG, OTO_SYN, 0, 0, 0);
	tcp(OTO_ORIG, OTO_ACK, 1, 1, 10);
	finish();
	assert_int_equal(nconn, 1);
	assert_string_equal(conn[0].conn_state, "S1");
	assert_int_equal(conn[0].orig_p, 40000);
	assert_non_null(strchr(conn[0].history, '^'));
}

static void test_port_reuse(void **state)
{
	(void)state;
	conversation(1000, 2000);
	handshake();
	conversation(77000, 88000);
	handshake();
	finish();
	assert_int_equal(nconn, 2);
	assert_string_equal(conn[0].history, "ShA");
	assert_string_equal(conn[1].history, "ShA");
	assert_non_null(strstr(weirds, "active_connection_reuse"));
}

static void test_damaged_header(void **state)
{
	(void)state;
	conversation(1000, 2000);
	struct oto_layers l = tcp_layers(OTO_ORIG, OTO_SYN, 0, 0, 0);
	l.tcp_options = (struct oto_slice){ 0 };
	give(&l, NULL);
	one_row("OTH", "");
	assert_int_equal(conn[0].orig_pkts, 0);
}

/* ------------------------------------------------------------------------------------------------ UDP, ICMP, roles */

static void test_udp(void **state)
{
	(void)state;
	udp(1, 40000, 2, 9600, 10);
	at(0.25);
	udp(2, 9600, 1, 40000, 20);
	one_row("SF", "Dd");
	assert_int_equal(conn[0].orig_bytes, 10);
	assert_int_equal(conn[0].resp_ip_bytes, 48);
	assert_int_equal(conn[0].duration, OTO_SECOND / 4);
}

static void test_udp_idle(void **state)
{
	(void)state;
	udp(1, 40000, 2, 9600, 10);
	at(59);
	udp(1, 40000, 2, 9600, 10);
	at(119); /* sixty seconds later, to the microsecond */
	udp(1, 40000, 2, 9600, 10);
	finish();
	assert_int_equal(nconn, 2);
	assert_int_equal(conn[0].orig_pkts, 2);
	assert_int_equal(conn[1].orig_pkts, 1);
}

static void test_server_speaks_first(void **state)
{
	(void)state;
	udp(2, 161, 1, 40000, 10);
	one_row("SHR", "^d");
	assert_int_equal(conn[0].orig_p, 40000);
	assert_int_equal(conn[0].resp_pkts, 1);
}

static void test_dns_answer_first(void **state)
{
	(void)state;
	static const uint8_t answer[12] = { 0, 1, 0x80 };
	struct oto_layers l = udp_layers(1, 137, 2, 137, 12);

	l.payload.data = answer;
	give(&l, NULL);
	finish();
	assert_int_equal(nconn, 1);
	assert_string_equal(conn[0].history, "D^");
	assert_int_equal(conn[0].orig_h.byte[3], 2);
}

static void test_dns_sessions(void **state)
{
	(void)state;
	udp(1, 40000, 2, 53, 30);
	at(5);
	udp(1, 40000, 2, 53, 30);
	at(10.5); /* looked at, idle for less than nine seconds */
	at(21);
	assert_int_equal(nconn, 1);
}

static void test_icmp(void **state)
{
	(void)state;
	struct oto_layers echo = layers(OTO_ICMP, 1, 0, 2, 0), reply = layers(OTO_ICMP, 2, 0, 1, 0),
			  unreachable = layers(OTO_ICMP, 2, 0, 1, 0);

	echo.icmp_type = 8;
	unreachable.icmp_type = unreachable.icmp_code = 3;
	give(&echo, NULL);
	give(&reply, NULL);
	give(&unreachable, NULL);
	finish();
	assert_int_equal(nconn, 2);
	assert_int_equal(conn[0].orig_p, 8);
	assert_int_equal(conn[0].resp_p, 0);
	assert_int_equal(conn[0].resp_pkts, 1);
	assert_string_equal(conn[0].conn_state, "OTH");
	assert_string_equal(conn[0].history, "");
	assert_int_equal(conn[1].orig_p, 3);
	assert_int_equal(conn[1].resp_p, 3);
}

static void test_fragment_is_no_flow(void **state)
{
	(void)state;
	struct oto_layers l = udp_layers(1, 1, 2, 2, 10);

	l.fragment = true;
	assert_null(give(&l, NULL));
}

/* ------------------------------------------------------------------------------------------------ link, tunnels */

static void test_ethernet(void **state)
{
	(void)state;
	struct oto_layers l = layers(OTO_ETH, 1, 0, 2, 0), back = layers(OTO_ETH, 2, 0, 1, 0), llc, vlan;

	l.has_ip = back.has_ip = false;
	l.ethertype = back.ethertype = 0x8892;
	llc = vlan = l;
	llc.llc = true;
	llc.ethertype = 0x4243; /* the response bit belongs to the same flow */
	vlan.has_vlan = true;
	vlan.vlan = 7;
	give(&l, NULL);
	give(&back, NULL);
	give(&llc, NULL);
	llc.ethertype = 0x4242;
	give(&llc, NULL);
	give(&vlan, NULL);
	finish();
	assert_int_equal(nconn, 0);
	assert_int_equal(neth, 3);
	assert_string_equal(eth[0].type, "0x8892");
	assert_int_equal(eth[0].orig_pkts, 1);
	assert_int_equal(eth[0].resp_pkts, 1);
	assert_int_equal(eth[0].resp_bytes, 60);
	uint64_t llc_frames = 0;
	for (int i = 1; i < 3; i++)
		llc_frames += strcmp(eth[i].type, "llc/42-42") == 0 ? eth[i].orig_pkts : 0;
	assert_int_equal(llc_frames, 2);
}

static void test_link_changes(void **state)
{
	(void)state;
	struct oto_layers l = udp_layers(1, 40000, 2, 9600, 10);

	give(&l, NULL);
	l.src_mac.byte[0] = 0xaa;
	give(&l, NULL);
	give(&l, NULL);
	l.has_vlan = true;
	l.vlan = 9;
	give(&l, NULL);
	struct oto_layers back = udp_layers(2, 9600, 1, 40000, 10);
	back.src_mac.byte[0] = 0xbb; /* the answer may come another way from the first */
	give(&back, NULL);
	assert_int_equal(nmac, 1);
	assert_string_equal(mac_changed[0].mac_now, "aa:00:00:00:00:01");
	assert_int_equal(nvlan, 1);
	for (int i = 0; i < 100; i++) {
		l.src_mac.byte[0] ^= 1;
		give(&l, NULL);
	}
	assert_int_equal(nmac + nvlan, 16);
}

static void test_tunnels(void **state)
{
	(void)state;
	struct oto_layers outer = layers(OTO_IP, 8, 0, 9, 0), inner = udp_layers(1, 40000, 2, 9600, 10), plain = inner;

	outer.ip_proto = 47;
	struct oto_flow *gre = give(&outer, NULL);
	inner.tunnel = OTO_TUNNEL_GRE;
	struct oto_flow *f = give(&inner, gre);
	assert_ptr_equal(give(&inner, gre), f);
	assert_ptr_not_equal(give(&plain, NULL), f); /* the same addresses outside of the tunnel are others */
	finish();
	assert_int_equal(nconn, 3);
	uint64_t parents = 0;
	for (int i = 0; i < 3; i++)
		parents += conn[i].parents;
	assert_int_equal(parents, 1);
}

static void test_vlan_key(void **state)
{
	(void)state;
	teardown(NULL);
	start((struct oto_conn_options){ .key_vlan = true });
	struct oto_layers l = udp_layers(1, 40000, 2, 9600, 10);
	struct oto_flow *f = give(&l, NULL);

	l.has_vlan = true;
	l.vlan = 9;
	assert_ptr_not_equal(give(&l, NULL), f);
}

/* ------------------------------------------------------------------------------------------------ deltas, limits, order */

static void test_deltas_add_up(void **state)
{
	(void)state;
	struct row sum = { 0 };

	teardown(NULL);
	start((struct oto_conn_options){ .delta_ns = 10 * OTO_SECOND });
	conversation(1000, 2000);
	handshake();
	for (int i = 0; i < 500; i++) {
		at(i * 0.25);
		tcp(OTO_ORIG, OTO_ACK, 1 + (uint32_t)i * 12, 1 + (uint32_t)i * 7, 12);
		tcp(OTO_RESP, OTO_ACK, 1 + (uint32_t)i * 7, 1 + (uint32_t)i * 12 + 12, 7);
	}
	udp(3, 1, 4, 2, 100); /* a short one: its only row is the closing one */
	finish();
	assert_int_equal(nconn, 2);
	assert_int_equal(ndelta, 12 + 2); /* twelve full intervals, and two ends */
	for (size_t i = 0; i < ndelta; i++) {
		if (strcmp(delta[i].uid, conn[0].uid) != 0)
			continue;
		sum.duration += delta[i].duration;
		sum.orig_bytes += delta[i].orig_bytes;
		sum.resp_bytes += delta[i].resp_bytes;
		sum.orig_pkts += delta[i].orig_pkts;
		sum.resp_pkts += delta[i].resp_pkts;
		sum.orig_ip_bytes += delta[i].orig_ip_bytes;
		sum.resp_ip_bytes += delta[i].resp_ip_bytes;
		sum.missed_bytes += delta[i].missed_bytes;
	}
	assert_int_equal(sum.duration, conn[0].duration);
	assert_int_equal(sum.orig_bytes, conn[0].orig_bytes);
	assert_int_equal(sum.resp_bytes, conn[0].resp_bytes);
	assert_int_equal(sum.orig_pkts, conn[0].orig_pkts);
	assert_int_equal(sum.resp_pkts, conn[0].resp_pkts);
	assert_int_equal(sum.orig_ip_bytes, conn[0].orig_ip_bytes);
	assert_int_equal(sum.resp_ip_bytes, conn[0].resp_ip_bytes);
	assert_int_equal(sum.missed_bytes, conn[0].missed_bytes);
}

static void test_limit(void **state)
{
	(void)state;
	teardown(NULL);
	start((struct oto_conn_options){ .max_flows = 3 * OTO_SHARDS });
	for (uint16_t i = 0; i < 10; i++) { /* one pair of hosts is one shard */
		at(i * 0.1);
		udp(1, (uint16_t)(1000 + i), 2, 9600, 10);
	}
	assert_int_equal(oto_conn_stats(engine.conns).flows, 3);
	assert_int_equal(oto_conn_stats(engine.conns).evicted, 7);
	assert_int_equal(nconn, 7);
	for (uint16_t i = 0; i < 7; i++)
		assert_int_equal(conn[i].orig_p, 1000 + i); /* the one idle longest went */
}

/* A row of ip.flow: end reason, VLANs, packets both ways. */
static void listen_ip(void *who, const struct oto_event *event)
{
	struct oto_buf *told = who;
	char reason[16] = "";

	text(event, "reason", reason, sizeof reason);
	oto_buf_fmt(told, "%llu %s %llu/%llu %llu+%llu\n", (unsigned long long)number(event, "proto"), reason,
		    (unsigned long long)number(event, "vlan"), (unsigned long long)number(event, "resp_vlan"),
		    (unsigned long long)number(event, "orig_pkts"), (unsigned long long)number(event, "resp_pkts"));
}

static void esp(uint8_t protocol, uint8_t src, uint8_t dst, uint16_t vlan)
{
	struct oto_layers l = layers(OTO_IP, src, 0, dst, 0);

	l.ip_proto = protocol;
	l.has_vlan = vlan != 0;
	l.vlan = vlan;
	l.ip_len = 60;
	give(&l, NULL);
}

/* Flows of other IP protocols that make room for others end for want of it, what was not told yet in their row. */
static void test_ip_limit(void **state)
{
	struct oto_buf told = { 0 };

	(void)state;
	teardown(NULL);
	start((struct oto_conn_options){ .max_flows = OTO_SHARDS, .delta_ns = 10 * OTO_SECOND });
	oto_bus_listen(engine.bus, oto_bus_find(engine.bus, "ip.flow"), listen_ip, &told);
	esp(50, 1, 2, 40);
	esp(50, 2, 1, 41);
	at(11);
	esp(50, 1, 2, 40);
	esp(47, 1, 2, 0); /* one pair of hosts is one shard, with room for one */
	esp(112, 1, 2, 0);
	finish();
	oto_buf_chr(&told, '\0');
	assert_string_equal(told.data, "50 active 40/41 1+1\n50 rsrc 40/41 1+0\n47 rsrc 0/0 1+0\n112 eof 0/0 1+0\n");
	assert_int_equal(oto_conn_stats(engine.conns).evicted, 2);
	oto_buf_free(&told);
}

static void test_end_in_order(void **state)
{
	(void)state;
	for (uint16_t i = 0; i < 200; i++)
		udp((uint8_t)(i * 37), (uint16_t)(1000 + i), (uint8_t)(i * 11 + 1), 9600, 10);
	finish();
	assert_int_equal(nconn, 200);
	for (uint16_t i = 0; i < 200; i++)
		assert_int_equal(conn[i].orig_p, 1000 + i);
	assert_int_equal(oto_conn_stats(engine.conns).flows, 0);
}

static void test_time_jump(void **state)
{
	(void)state;
	for (uint16_t i = 0; i < 100; i++) {
		at(i * 0.6);
		udp(1, (uint16_t)(1000 + i), 2, 9600, 10);
	}
	at(100000);
	assert_int_equal(nconn, 100);
	for (uint16_t i = 0; i < 100; i++)
		assert_int_equal(conn[i].orig_p, 1000 + i);
}

/* ------------------------------------------------------------------------------------------------ the short way and the long one */

/* One connection as two trackers see it. */
struct sight {
	struct oto_tcp_tracker tracker;
	struct oto_flow flow;
	char weirds[1024];
};

static void note_weird(void *who, const struct oto_flow *f, enum oto_dir dir, const char *name)
{
	struct sight *s = who;

	(void)f;
	snprintf(s->weirds + strlen(s->weirds), sizeof s->weirds - strlen(s->weirds), "%d%s ", dir, name);
}

static void assert_same_side(const struct oto_tcp_side *a, const struct oto_tcp_side *b)
{
	struct oto_tcp_side x = *a, y = *b;
	struct oto_tcp_trouble none = { 0 }, t = a->trouble ? *a->trouble : none, u = b->trouble ? *b->trouble : none;

	for (; t.ranges && u.ranges; t.ranges = t.ranges->next, u.ranges = u.ranges->next)
		assert_true(t.ranges->from == u.ranges->from && t.ranges->to == u.ranges->to);
	assert_memory_equal(&t, &u, sizeof t); /* both lists are at their end */
	x.trouble = y.trouble = NULL;
	assert_memory_equal(&x, &y, sizeof x);
}

static void assert_same(const struct sight *a, const struct sight *b)
{
	const struct oto_tcp *t = a->flow.tcp, *u = b->flow.tcp;

	for (int d = 0; d < 2; d++)
		assert_same_side(&t->side[d], &u->side[d]);
	assert_string_equal(oto_flow_history(&a->flow), oto_flow_history(&b->flow));
	assert_string_equal(a->weirds, b->weirds);
	assert_true(a->flow.last_ns == b->flow.last_ns && a->flow.flipped == b->flow.flipped);
	assert_true(t->timer == u->timer && t->timer_ns == u->timer_ns && t->weirds == u->weirds);
	assert_true(t->partial == u->partial && t->close_deferred == u->close_deferred && t->inactive == u->inactive);
	assert_true(t->first_orig == u->first_orig && t->first_resp == u->first_resp);
}

static uint64_t chance;

static uint32_t below(uint32_t n)
{
	chance = chance * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (uint32_t)(chance >> 33) % n;
}

/* Mostly what goes on in order, and now and then whatever else a segment can say. */
static struct oto_layers any_segment(uint32_t next[2], uint32_t dir, uint32_t n, bool opens)
{
	static const uint16_t odd[] = { OTO_FIN | OTO_ACK, OTO_RST, OTO_RST | OTO_ACK, OTO_SYN, 0, OTO_SYN | OTO_FIN };
	static const uint8_t payload[70000];
	struct oto_layers l = { .packet = &packet, .window = below(40) ? 100 : 0 };

	l.tcp_flags = below(60) ? OTO_ACK | (below(2) ? OTO_PSH : 0) : odd[below(sizeof odd / sizeof *odd)];
	if (opens && n < 2)
		l.tcp_flags = n ? OTO_SYN | OTO_ACK : OTO_SYN;
	l.payload_len = below(3) && !(l.tcp_flags & OTO_SYN) ? (below(20) ? below(1500) : below(sizeof payload)) : 0;
	l.payload = (struct oto_slice){ payload, below(100) ? l.payload_len : l.payload_len / 2 };
	l.seq = next[dir] + (below(15) ? 0 : below(40) ? below(3000) - 1500 : below(UINT32_MAX));
	l.ack = next[!dir] - (below(15) ? 0 : below(40) ? below(3000) - 1500 : below(UINT32_MAX));
	if (below(30)) /* else it was lost, or comes later */
		next[dir] = l.seq + l.payload_len + (l.tcp_flags & (OTO_SYN | OTO_FIN) ? 1 : 0);
	return l;
}

static void test_short_way_is_the_long_one(void **state)
{
	enum { CONNECTIONS = 3000, SEGMENTS = 60 };
	static const uint32_t begins[] = { 0, 1, 1000, 0x7fffff00, 0xfffffff0, 0xffff0000 };
	struct oto_slab slab;
	struct oto_pool pool = { 0 };
	uint64_t calm = 0;

	(void)state;
	oto_slab_init(&slab, sizeof(struct oto_tcp));
	chance = 1;
	for (int c = 0; c < CONNECTIONS; c++) {
		uint32_t next[2] = { begins[below(6)] + below(9), begins[below(6)] + below(9) };
		bool opens = below(2);
		struct sight both[2] = { { .tracker.long_way = false }, { .tracker.long_way = true } };
		for (struct sight *s = both; s < both + 2; s++) {
			s->tracker = (struct oto_tcp_tracker){ &slab, &pool, note_weird, s, s->tracker.long_way };
			s->flow.tcp = oto_tcp_make(&s->tracker);
		}
		for (uint32_t n = 0; n < SEGMENTS; n++) {
			uint32_t dir = opens && n < 2 ? n : below(2);
			struct oto_layers l = any_segment(next, dir, n, opens);
			packet.ts_ns = BASE + n;
			for (struct sight *s = both; s < both + 2; s++)
				oto_tcp_packet(&s->tracker, &s->flow, dir, &l);
			assert_same(&both[0], &both[1]);
			calm += both[0].flow.tcp->calm;
		}
		for (struct sight *s = both; s < both + 2; s++) {
			oto_tcp_release(&s->tracker, s->flow.tcp);
			if (s->flow.long_history)
				free(s->flow.history.more);
		}
	}
	assert_true(calm > CONNECTIONS * SEGMENTS / 8); /* the short way was gone */
	oto_pool_free(&pool);
	oto_slab_free(&slab);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(test_normal),
		T(test_wrap_around),
		T(test_large),
		T(test_attempt),
		T(test_rejected),
		T(test_resets),
		T(test_half_close_and_idle),
		T(test_gap),
		T(test_out_of_order_is_no_gap),
		T(test_letters_scale),
		T(test_midstream),
		T(test_one_sided),
		T(test_syn_behind_syn_ack),
		T(test_port_reuse),
		T(test_damaged_header),
		T(test_udp),
		T(test_udp_idle),
		T(test_server_speaks_first),
		T(test_dns_answer_first),
		T(test_dns_sessions),
		T(test_icmp),
		T(test_fragment_is_no_flow),
		T(test_ethernet),
		T(test_link_changes),
		T(test_tunnels),
		T(test_vlan_key),
		T(test_deltas_add_up),
		T(test_limit),
		T(test_ip_limit),
		T(test_end_in_order),
		T(test_time_jump),
		cmocka_unit_test(test_short_way_is_the_long_one),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* ------------------------------------------------------------------------------------------------ stand-ins */

const struct oto_head *oto_engine_head(struct oto_engine *e, const struct oto_flow *f, enum oto_dir dir)
{
	struct oto_head *h = oto_bus_scratch(e->bus, sizeof *h);

	*h = (struct oto_head){ .ts = { e->now_ns },
				.has_flow = true,
				.orig_h = f->side[OTO_ORIG].addr,
				.resp_h = f->side[OTO_RESP].addr,
				.orig_p = f->side[OTO_ORIG].port,
				.resp_p = f->side[OTO_RESP].port,
				.is_orig = dir == OTO_ORIG };
	oto_uid_text(f->uid, h->uid);
	return h;
}

void oto_engine_weird(struct oto_engine *e, const struct oto_head *head, const char *source, const char *name, struct oto_slice detail)
{
	(void)e;
	(void)head;
	(void)source;
	(void)detail;
	snprintf(weirds + strlen(weirds), sizeof weirds - strlen(weirds), "%s ", name);
}

void oto_stream_end(struct oto_streams *ss, struct oto_flow *f)
{
	(void)ss;
	(void)f;
}

void oto_analyzer_end(struct oto_analyzers *as, struct oto_flow *f)
{
	(void)as;
	(void)f;
}
