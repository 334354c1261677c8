/* cclink_ie_tsn.c - frames of CC-Link IE TSN: cyclic data, detection, priority, test data, acyclic data.
 *
 * Owns cclink-ie-tsn.log and what a station tells of itself when it is detected. Hands acyclic data, which are SLMP, to whoever knows that.
 * Layouts as in the dissector that the CC-Link Partner Association publishes (revision 3); words as in NTT's Zeek parser.
 */
#include "cclink_ie.h"

#include <arpa/inet.h>
#include <stdio.h>

#define FACTS_EVERY INT64_C(60000000000)

struct ccie_tsn {
	struct oto_mac src_mac, dst_mac, station_mac, manager_mac;
	struct oto_addr ip;
	const char *flame_type, *pdu_type;
	struct oto_slice function_name;
	uint32_t model_code;
	uint16_t device_type, vendor_code, expansion_model_code, device_version, station, hop_count;
	uint8_t service, frame_type, node_type, cycle, version, certification_class;
	bool has_node_type, has_cyclic, has_device, has_manager, has_station, has_hops, has_version;
};

#define T(m, doc_, ...) OTO_FIELD(struct ccie_tsn, m, doc_, __VA_ARGS__)
#define T_IF(has) .guard = OTO_IF(struct ccie_tsn, has)
static const struct oto_field tsn_fields[] = {
	T(src_mac, "MAC address of the sender"),
	T(dst_mac, "MAC address of the receiver, often a group"),
	T(service, "the protocol", .names = &ccie_services),
	T(flame_type, "cyclic or acyclic (the name is NTT's)"),
	T(pdu_type, "frame type, with the version of a detection"),
	T(node_type, "what the station is", .names = &ccie_tsn_node_types, T_IF(has_node_type)),
	T(device_type, "kind of device", .names = &ccie_device_types, T_IF(has_device)),
	T(function_name, "functions that the device offers, a letter each (README.md)", T_IF(has_device)),
	T(frame_type, "frame type", .names = &ccie_tsn_frame_types),
	T(cycle, "number of the cycle, 0 to 127", T_IF(has_cyclic)),
	T(station, "last two bytes of the IP address: sender's of the master's data, receiver's of a station's", T_IF(has_cyclic)),
	T(version, "version of the detection", T_IF(has_version)),
	T(manager_mac, "MAC address of the managing master", T_IF(has_manager)),
	T(station_mac, "MAC address that the station gives as its own", T_IF(has_station)),
	T(ip, "IPv4 address, where one is set"),
	T(hop_count, "stations passed", T_IF(has_hops)),
	T(vendor_code, "vendor code of the CC-Link Partner Association", T_IF(has_device)),
	T(model_code, "the vendor's code of the model", T_IF(has_device)),
	T(expansion_model_code, "code of the model's expansion", T_IF(has_device)),
	T(device_version, "version of the device", T_IF(has_device)),
	T(certification_class, "0: class A, 1: class B", T_IF(has_device)),
};
static const struct oto_log tsn_logs[] = {
	{ .name = "cclink-ie-tsn",
	  .doc = "CC-Link IE TSN: who sends which frames to whom, how often, and what stations are.",
	  .key = "src_mac dst_mac service flame_type pdu_type node_type device_type function_name",
	  .form = OTO_FORM_AGGREGATE,
	  .flags = OTO_LOG_NO_ID },
};
const struct oto_event_type ccie_tsn_event =
    OTO_EVENT("cclink_ie.tsn", struct ccie_tsn, tsn_fields, "Any frame of CC-Link IE TSN.", OTO_LOGS(tsn_logs));

static struct ccie_tsn frame_of(struct oto_ctx *cx, uint8_t type, const char *pdu_type)
{
	return (struct ccie_tsn){ .src_mac = ccie_sender(cx),
				  .dst_mac = ccie_receiver(cx),
				  .service = CCIE_TSN,
				  .frame_type = type,
				  .flame_type = "acyclic",
				  .pdu_type = pdu_type };
}

static struct oto_addr address(struct oto_cur *c)
{
	struct oto_addr a = oto_take_ipv4(c);

	if (!(a.byte[0] | a.byte[1] | a.byte[2] | a.byte[3]))
		a.family = OTO_FAMILY_NONE;
	return a;
}

/* ------------------------------------------------------------------------------------------------ facts */

static void tell(struct oto_ctx *cx, const struct ccie_tsn *t, const char *key, const char *text)
{
	oto_fact(cx, &(struct oto_fact){ .self_size = sizeof(struct oto_fact),
					 .key = key,
					 .value = oto_slice_of(text),
					 .whose = OTO_OTHER,
					 .mac = t->station_mac,
					 .has_mac = true,
					 .confidence = 100 });
}

static void tell_number(struct oto_ctx *cx, const struct ccie_tsn *t, const char *key, uint32_t value, int digits)
{
	enum { ROOM = 16 };
	char *text = oto_scratch(cx, ROOM);

	if (!text || !value)
		return;
	snprintf(text, ROOM, "0x%0*x", digits, value);
	tell(cx, t, key, text);
}

/* A station is detected again and again: once a minute is enough, and when it is another device. */
static void tell_station(struct oto_ctx *cx, const struct ccie_tsn *t)
{
	struct ccie_side *side = &((struct ccie_state *)cx->state)->side[cx->is_orig];
	const struct oto_name *kind = oto_name_of(&ccie_device_types, t->device_type);
	const struct oto_name *node = oto_name_of(&ccie_tsn_node_types, t->node_type);
	char *text = oto_scratch(cx, INET_ADDRSTRLEN);

	uint64_t device = (uint64_t)t->model_code << 16 | t->device_type;

	if (side->facts_ns && side->device == device && cx->head->ts.ns - side->facts_ns < FACTS_EVERY)
		return;
	side->facts_ns = cx->head->ts.ns;
	side->device = device;
	if (text && t->ip.family && inet_ntop(AF_INET, t->ip.byte, text, INET_ADDRSTRLEN))
		tell(cx, t, "ip", text);
	if (kind)
		tell(cx, t, "device_type", kind->name);
	if (node)
		tell(cx, t, "role", node->name);
	tell_number(cx, t, "vendor_code", t->vendor_code, 4);
	tell_number(cx, t, "model_code", t->model_code, 8);
	tell_number(cx, t, "device_version", t->device_version, 4);
}

/* ------------------------------------------------------------------------------------------------ frames */

static void cyclic(struct oto_ctx *cx, struct oto_cur *c, uint8_t type, const char *pdu_type)
{
	struct ccie_tsn t = frame_of(cx, type, pdu_type);

	t.flame_type = "cyclic";
	t.cycle = oto_u8(c) & 0x7f;
	t.station = oto_be16(c);
	t.has_cyclic = true;
	oto_skip(c, 6);
	if (c->bad)
		return;
	oto_emit(cx, EV_TSN, &t);
	ccie_repeated(cx, &ccie_tsn_frame_types, type, t.station);
}

static void priority(struct oto_ctx *cx, struct oto_cur *c)
{
	struct ccie_tsn t = frame_of(cx, CCIE_TSN_PRIORITY, "acyclicPriority");

	oto_skip(c, 13);
	t.station_mac = oto_take_mac(c);
	oto_skip(c, 2);
	t.manager_mac = oto_take_mac(c);
	t.hop_count = oto_be16(c);
	t.has_station = t.has_manager = t.has_hops = true;
	if (!c->bad)
		oto_emit(cx, EV_TSN, &t);
}

static void detection(struct oto_ctx *cx, struct oto_cur *c)
{
	static const char *const versions[] = { "acyclicDetection Ver.0", "acyclicDetection Ver.1", "acyclicDetection" };
	struct ccie_tsn t = frame_of(cx, CCIE_TSN_DETECTION, NULL);

	oto_skip(c, 3);
	t.version = oto_u8(c);
	t.has_version = true;
	t.pdu_type = versions[t.version < 2 ? t.version : 2];
	oto_skip(c, 1);
	t.manager_mac = oto_take_mac(c);
	oto_skip(c, 8);
	t.hop_count = oto_be16(c);
	t.ip = address(c);
	t.has_manager = t.has_hops = true;
	if (c->bad)
		return;
	oto_emit(cx, EV_TSN, &t);
	ccie_repeated(cx, &ccie_tsn_frame_types, CCIE_TSN_DETECTION, t.version);
}

/* A letter for each bit from the highest; version 0 has no second byte. */
static struct oto_slice functions(struct oto_ctx *cx, uint8_t first, uint8_t second)
{
	static const char letters[] = "-srSbwclvtpdiImR"; /* bit 7 of the first byte is reserved */
	uint16_t bits = (uint16_t)((first & 0x7f) << 8 | second);
	uint8_t *text = oto_scratch(cx, sizeof letters);
	uint32_t n = 0;

	for (uint32_t i = 0; text && i < sizeof letters - 1; i++) {
		if (bits & 0x8000u >> i)
			text[n++] = (uint8_t)letters[i];
	}
	return (struct oto_slice){ text, n };
}

static void detection_ack(struct oto_ctx *cx, struct oto_cur *c)
{
	static const char *const versions[] = { "acyclicDetectionAck Ver.0", "acyclicDetectionAck Ver.1", "acyclicDetectionAck" };
	struct ccie_tsn t = frame_of(cx, CCIE_TSN_DETECTION_ACK, NULL);
	uint8_t first, second = 0;

	oto_skip(c, 1);
	t.node_type = oto_u8(c);
	t.version = oto_u8(c);
	t.pdu_type = versions[t.version < 2 ? t.version : 2];
	oto_skip(c, 2);
	t.station_mac = oto_take_mac(c);
	oto_skip(c, 11);
	t.certification_class = oto_u8(c);
	oto_skip(c, 26); /* state and filter of 24 ports */
	t.manager_mac = oto_take_mac(c);
	oto_skip(c, 2);
	t.ip = address(c);
	oto_skip(c, 56); /* mask, gateway, IPv6, performance, clock quality, kinds of synchronization, delays */
	t.device_version = oto_be16(c);
	t.vendor_code = oto_be16(c);
	t.model_code = oto_be32(c);
	t.expansion_model_code = oto_be16(c);
	t.device_type = oto_be16(c);
	oto_skip(c, 44); /* addresses and sizes of the cyclic data */
	first = oto_u8(c);
	oto_skip(c, 7);
	if (t.version)
		second = oto_u8(c);
	if (c->bad)
		return;
	t.function_name = functions(cx, first, second);
	t.has_node_type = t.has_device = t.has_station = t.has_manager = t.has_version = true;
	oto_emit(cx, EV_TSN, &t);
	tell_station(cx, &t);
}

static void data(struct oto_ctx *cx, struct oto_cur *c)
{
	struct ccie_tsn t = frame_of(cx, CCIE_TSN_DATA, "acyclicData");

	oto_skip(c, 5);
	if (c->bad)
		return;
	oto_emit(cx, EV_TSN, &t);
	oto_deliver(cx, CHANNEL_SLMP, SLMP_OF_TSN, oto_rest(c));
}

/* The sender is the master in both directions of NTT's log. */
void ccie_tsn_test(struct oto_ctx *cx, struct oto_cur *c, uint8_t type, uint8_t service)
{
	bool ack = type == CCIE_TEST_DATA_ACK;
	struct ccie_tsn t = frame_of(cx, type, ack ? "acyclicTestDataAck" : "acyclicTestData");

	t.service = service;
	t.has_node_type = true;
	t.station_mac = oto_take_mac(c);
	t.has_station = true;
	if (c->bad)
		return;
	oto_emit(cx, EV_TSN, &t);
	ccie_repeated(cx, &ccie_tsn_frame_types, type, 0);
}

void ccie_tsn_frame(struct oto_ctx *cx, struct oto_cur *c)
{
	uint8_t type = oto_u8(c);

	switch (type) {
	case CCIE_TSN_CYCLIC_M:
		cyclic(cx, c, type, "cyclicM/cyclicMs");
		break;
	case CCIE_TSN_CYCLIC_S:
		cyclic(cx, c, type, "cyclicS/cyclicSs");
		break;
	case CCIE_TSN_PRIORITY:
		priority(cx, c);
		break;
	case CCIE_TSN_DETECTION:
		detection(cx, c);
		break;
	case CCIE_TSN_DETECTION_ACK:
		detection_ack(cx, c);
		break;
	default:
		data(cx, c);
		break;
	}
}
