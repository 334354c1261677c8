/* ip_report.c - see ip_report.h. A row per interval and flow, both directions in it, as flow meters tell it; a sensor's receivers know the
 * columns of YAF. */
#include "ip_report.h"

#include <time.h>

#include "conn_report.h"

/* IANA's registry of protocol numbers; what it calls unassigned or any is not named. */
static const char *const protocols[] = {
	"hopopt",     "icmp",        "igmp",        "ggp",       "ipv4",       "st",         "tcp",       "cbt",        "egp",
	"igp",        "bbn-rcc-mon", "nvp-ii",      "pup",       "argus",      "emcon",      "xnet",      "chaos",      "udp",
	"mux",        "dcn-meas",    "hmp",         "prm",       "xns-idp",    "trunk-1",    "trunk-2",   "leaf-1",     "leaf-2",
	"rdp",        "irtp",        "iso-tp4",     "netblt",    "mfe-nsp",    "merit-inp",  "dccp",      "3pc",        "idpr",
	"xtp",        "ddp",         "idpr-cmtp",   "tp++",      "il",         "ipv6",       "sdrp",      "ipv6-route", "ipv6-frag",
	"idrp",       "rsvp",        "gre",         "dsr",       "bna",        "esp",        "ah",        "i-nlsp",     "swipe",
	"narp",       "mobile",      "tlsp",        "skip",      "ipv6-icmp",  "ipv6-nonxt", "ipv6-opts", NULL,         "cftp",
	NULL,         "sat-expak",   "kryptolan",   "rvd",       "ippc",       NULL,         "sat-mon",   "visa",       "ipcv",
	"cpnx",       "cphb",        "wsn",         "pvp",       "br-sat-mon", "sun-nd",     "wb-mon",    "wb-expak",   "iso-ip",
	"vmtp",       "secure-vmtp", "vines",       "iptm",      "nsfnet-igp", "dgp",        "tcf",       "eigrp",      "ospfigp",
	"sprite-rpc", "larp",        "mtp",         "ax.25",     "ipip",       "micp",       "scc-sp",    "etherip",    "encap",
	NULL,         "gmtp",        "ifmp",        "pnni",      "pim",        "aris",       "scps",      "qnx",        "a/n",
	"ipcomp",     "snp",         "compaq-peer", "ipx-in-ip", "vrrp",       "pgm",        NULL,        "l2tp",       "ddx",
	"iatp",       "stp",         "srp",         "uti",       "smp",        "sm",         "ptp",       "isis",       "fire",
	"crtp",       "crudp",       "sscopmce",    "iplt",      "sps",        "pipe",       "sctp",      "fc",         "rsvp-e2e-ignore",
	"mobility",   "udplite",     "mpls-in-ip",  "manet",     "hip",        "shim6",      "wesp",      "rohc",       "ethernet",
};

const char *oto_ip_protocol(uint8_t number)
{
	return number < sizeof protocols / sizeof *protocols ? protocols[number] : NULL;
}

/* ------------------------------------------------------------------------------------------------ the event */

struct ip_event {
	struct oto_time ts, end;
	struct oto_interval duration;
	struct oto_slice proto_name, start_text, end_text;
	uint8_t proto;
	uint16_t sport, dport, vlan, resp_vlan;
	struct oto_mac orig_mac, resp_mac;
	uint64_t orig_pkts, orig_bytes, resp_pkts, resp_bytes;
	const char *service, *reason, *absent;
	bool has_ports, has_orig_mac, has_resp_mac, has_vlan, has_resp_vlan;
};
#define F(m, doc_, ...) OTO_FIELD(struct ip_event, m, doc_, __VA_ARGS__)
#define IF(has) .guard = OTO_IF(struct ip_event, has)
static const struct oto_field fields[] = {
	F(ts, "first packet, or the last one that was told before"),
	F(end, "last packet"),
	F(duration, "between them"),
	F(proto, "protocol number of the IP header"),
	F(proto_name, "its keyword"),
	F(service, "what the protocol is, where it is recognised"),
	F(sport, "port of the originator, of protocols that have ports", IF(has_ports), .flags = OTO_PORT),
	F(dport, "port of the responder", IF(has_ports), .flags = OTO_PORT),
	F(orig_mac, "MAC of the originator, or of the router before it", IF(has_orig_mac)),
	F(resp_mac, "MAC of the responder, or of the router before it", IF(has_resp_mac)),
	F(vlan, "VLAN identifier of the originator's packets", IF(has_vlan)),
	F(resp_vlan, "VLAN identifier of the responder's packets", IF(has_resp_vlan)),
	F(orig_pkts, "packets of the originator"),
	F(orig_bytes, "their IP bytes, headers included"),
	F(resp_pkts, "packets of the responder"),
	F(resp_bytes, "their IP bytes, headers included"),
	F(reason, "why it is told: idle, active (it goes on), eof (the capture ends), rsrc (too many flows)"),
	F(start_text, "start as text, UTC"),
	F(end_text, "end as text, UTC"),
	F(absent, "never: what only TCP has"),
};
static const struct oto_log logs[] = {
	{ .name = "ipflow",
	  .doc = "Flows of IP protocols other than TCP, UDP and ICMP: what each did in an interval, both directions in one row.",
	  .columns = "end duration proto proto_name service sport dport orig_mac resp_mac vlan resp_vlan orig_pkts orig_bytes resp_pkts "
		     "resp_bytes reason",
	  .form = OTO_FORM_DETAIL,
	  .flags = OTO_LOG_NOT_ZEEK | OTO_LOG_NOT_SENSOR },
	{ .name = "ipflow",
	  .doc = "Flows of IP protocols other than TCP, UDP and ICMP, in the columns of YAF.",
	  .columns = "start-time=start_text end-time=end_text duration rtt=absent proto=proto_name sip=orig_h sp=sport dip=resp_h dp=dport "
		     "srcMacAddress=orig_mac destMacAddress=resp_mac iflags=absent uflags=absent riflags=absent ruflags=absent isn=absent "
		     "risn=absent tag=vlan rtag=resp_vlan pkt=orig_pkts oct=orig_bytes rpkt=resp_pkts roct=resp_bytes end-reason=reason",
	  .form = OTO_FORM_DETAIL,
	  .flags = OTO_LOG_ONLY_SENSOR | OTO_LOG_NO_ID },
};
static const struct oto_event_type type =
    OTO_EVENT("ip.flow", struct ip_event, fields, "What a flow of an IP protocol other than TCP, UDP and ICMP did since it was told last.",
	      OTO_LOGS(logs));

struct oto_event_def *oto_ip_report_add(struct oto_engine *engine, struct oto_error *err)
{
	return oto_bus_add(engine->bus, &type, NULL, err);
}

/* ------------------------------------------------------------------------------------------------ filling */

enum { TIME_TEXT = 32, NAME_TEXT = 32 };

/* "2024-05-13 08:00:01.250" */
static struct oto_slice time_text(struct oto_bus *bus, int64_t ns)
{
	time_t seconds = (time_t)(ns / 1000000000);
	char *text = oto_bus_scratch(bus, TIME_TEXT);
	struct tm parts;

	if (!text || ns < 0 || !gmtime_r(&seconds, &parts))
		return (struct oto_slice){ 0 };
	size_t n = strftime(text, TIME_TEXT, "%Y-%m-%d %H:%M:%S", &parts);
	snprintf(&text[n], TIME_TEXT - n, ".%03d", (int)(ns / 1000000 % 1000));
	return oto_slice_of(text);
}

static struct oto_slice name_text(struct oto_bus *bus, uint8_t number)
{
	const char *name = oto_ip_protocol(number);
	char *text = name ? NULL : oto_bus_scratch(bus, NAME_TEXT);

	if (text)
		snprintf(text, NAME_TEXT, "Unassigned Protocol(%u)", number);
	return oto_slice_of(name ? name : text);
}

static void fill(struct oto_bus *bus, const struct oto_flow *f, const struct oto_delta *told, struct ip_event *e)
{
	const struct oto_flow_side *orig = &f->side[OTO_ORIG], *resp = &f->side[OTO_RESP];

	*e = (struct ip_event){
		.ts = { told->last_ns },
		.end = { f->last_ns },
		.duration = { f->last_ns - told->last_ns },
		.proto = f->ip_proto,
		.proto_name = name_text(bus, f->ip_proto),
		.service = f->service,
		.sport = orig->port,
		.dport = resp->port,
		.has_ports = orig->port || resp->port,
		.orig_mac = orig->mac,
		.has_orig_mac = orig->has_mac,
		.resp_mac = resp->mac,
		.has_resp_mac = resp->has_mac,
		.vlan = orig->vlan,
		.has_vlan = orig->has_vlan,
		.resp_vlan = resp->vlan,
		.has_resp_vlan = resp->has_vlan,
		.orig_pkts = (uint32_t)orig->packets - told->packets[OTO_ORIG],
		.orig_bytes = orig->ip_bytes - told->ip_bytes[OTO_ORIG],
		.resp_pkts = (uint32_t)resp->packets - told->packets[OTO_RESP],
		.resp_bytes = resp->ip_bytes - told->ip_bytes[OTO_RESP],
		.start_text = time_text(bus, told->last_ns),
		.end_text = time_text(bus, f->last_ns),
	};
}

void oto_ip_report(struct oto_engine *engine, struct oto_event_def *def, const struct oto_flow *f, struct oto_delta *told,
		   const char *reason)
{
	struct ip_event e;

	fill(engine->bus, f, told, &e);
	if (!e.orig_pkts && !e.resp_pkts)
		return;
	e.reason = reason;
	told->last_ns = f->last_ns;
	for (int d = 0; d < 2; d++) {
		told->packets[d] = (uint32_t)f->side[d].packets;
		told->ip_bytes[d] = f->side[d].ip_bytes;
	}
	oto_bus_emit(engine->bus, def, oto_engine_head(engine, f, OTO_ORIG), &e);
}
