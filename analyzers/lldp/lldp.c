/* lldp.c - Link Layer Discovery Protocol (IEEE 802.1AB): who is at the other end of the wire, what it is, by its own words.
 *
 * Owns the frame, the TLVs of the standard, lldp.log, and which TLVs are settings. What makers and other standards add is
 * lldp_organisation.c's.
 */
#include "../announce.h"
#include "lldp.h"

enum { END, CHASSIS_ID, PORT_ID, TTL, PORT_DESCRIPTION, SYSTEM_NAME, SYSTEM_DESCRIPTION, CAPABILITIES, MANAGEMENT, ORGANISATION = 127 };
enum { FAMILY_IPV4 = 1, FAMILY_IPV6 = 2, FAMILY_802 = 6, FAMILY_DNS = 16 };

/* ------------------------------------------------------------------------------------------------ events */

#define F(m, doc_, ...) OTO_FIELD(struct lldp_frame, m, doc_, __VA_ARGS__)
#define F_IF(has) .guard = OTO_IF(struct lldp_frame, has)
static const struct oto_field frame_fields[] = {
	F(src_mac, "MAC address of the port that sends"),
	F(chassis_type, "what the chassis identifier is", .names = &lldp_chassis_types),
	F(chassis_id, "what the device calls itself; for PROFINET its name of station"),
	F(chassis_mac, "the chassis identifier where it is a MAC address", F_IF(has_chassis_mac)),
	F(port_type, "what the port identifier is", .names = &lldp_port_types),
	F(port_id, "what the device calls the port"),
	F(ttl, "for how many seconds this is true", .flags = OTO_SECONDS),
	F(shutdown, "the port goes out of service: time to live 0"),
	F(port_description, "the port in words"),
	F(system_name, "name given by the owner"),
	F(system_description, "maker, model and versions in words"),
	F(capabilities, "what it can be: bridge, router, station ...", F_IF(has_capabilities), .flags = OTO_SET),
	F(enabled, "what of that is switched on", F_IF(has_capabilities), .flags = OTO_SET),
	F(management, "addresses where it is managed", F_IF(has_management)),
	F(port_vlan, "VLAN of untagged frames", F_IF(has_port_vlan)),
	F(management_vlan, "VLAN of management", F_IF(has_management_vlan)),
	F(vlans, "number and name of VLANs", F_IF(has_vlans)),
	F(autonegotiation, "speed and duplex are negotiated", F_IF(has_phy)),
	F(mau_type, "medium, speed and duplex of the port", .names = &lldp_mau_types, F_IF(has_phy)),
	F(frame_size, "longest frame that the port takes", F_IF(has_frame_size)),
	F(aggregate, "the aggregated link that the port belongs to", F_IF(has_aggregate)),
	F(power_source, "the port gives power (PSE), else it takes power", F_IF(has_power_source)),
	F(power_mw, "power over Ethernet, in milliwatts", F_IF(has_power)),
	F(med_class, "class of an LLDP-MED device", .names = &lldp_med_classes, F_IF(has_med)),
	F(policies, "VLAN and priority of applications", F_IF(has_policies)),
	F(vendor, "manufacturer, of the LLDP-MED inventory"),
	F(model, "model, of the LLDP-MED inventory"),
	F(serial, "serial number, of the LLDP-MED inventory"),
	F(asset_id, "the owner's number of the device, of the LLDP-MED inventory"),
	F(hardware, "hardware revision, of the LLDP-MED inventory"),
	F(firmware, "firmware revision, of the LLDP-MED inventory"),
	F(software, "software revision, of the LLDP-MED inventory"),
	F(location, "where it is: postal address or emergency number"),
	F(interface_mac, "MAC address of the PROFINET interface that the port belongs to", F_IF(has_interface_mac)),
	F(alias, "PROFINET's other name of the port"),
	F(rtclass2, "state of isochronous communication of class 2", .names = &lldp_rtclass2, F_IF(has_rtclass)),
	F(rtclass3, "state of isochronous communication of class 3", .names = &lldp_rtclass3, F_IF(has_rtclass)),
	F(mrp_domain, "identifier of the ring of the media redundancy protocol", .flags = OTO_HEX),
	F(mrrt, "state of the ring's real-time part", .names = &lldp_mrrt, F_IF(has_mrrt)),
	F(mud_url, "where the manufacturer's usage description is"),
	F(unknown, "TLVs that are not read: OUI and subtype, or type", F_IF(has_unknown)),
	F(first, "nothing was heard of this port before"),
	F(changed, "it says something else than in its last frame"),
};

static const struct oto_log frame_logs[] = {
	{ .name = "lldp",
	  .doc = "What devices tell their neighbours of themselves: a row for each thing said, and how often.",
	  .key = "src_mac chassis_id port_id port_description system_name system_description enabled management port_vlan mau_type vendor "
		 "model "
		 "serial hardware firmware software asset_id location interface_mac shutdown vlan",
	  .form = OTO_FORM_AGGREGATE,
	  .flags = OTO_LOG_NO_ID },
};
static const struct oto_event_type frame_event =
    OTO_EVENT("lldp.frame", struct lldp_frame, frame_fields, "A device tells the neighbour on a port what it is and how the port is set.",
	      OTO_LOGS(frame_logs));

static const struct oto_field tlv_fields[] = {
	OTO_FIELD(struct lldp_tlv, kind, "type; of an organisation 256 times its OUI and the subtype", .names = &lldp_kinds),
	OTO_FIELD(struct lldp_tlv, content, "value, behind OUI and subtype", .flags = OTO_HEX),
};
static const struct oto_event_type tlv_event =
    OTO_EVENT("lldp.tlv", struct lldp_tlv, tlv_fields, "Any TLV of a frame, for those who want to read what is not read here.");

static const struct oto_event_type *const events[] = { [EV_FRAME] = &frame_event, [EV_TLV] = &tlv_event };

/* ------------------------------------------------------------------------------------------------ texts */

static bool is_text(struct oto_slice s)
{
	for (uint32_t i = 0; i < s.len; i++) {
		if (s.data[i] < ' ' || s.data[i] == 0x7f)
			return false;
	}
	return true;
}

/* Numbers that somebody chose as identifier are told in hexadecimal, texts as they are. */
static struct oto_slice text_or_hex(struct oto_ctx *cx, struct oto_slice s)
{
	static const char digit[] = "0123456789abcdef";
	struct oto_slice trimmed = say_string(s);
	char *text;

	if (is_text(trimmed) && (trimmed.len || !s.len))
		return trimmed;
	text = oto_scratch(cx, (size_t)s.len * 2);
	for (uint32_t i = 0; text && i < s.len; i++) {
		text[2 * i] = digit[s.data[i] >> 4];
		text[2 * i + 1] = digit[s.data[i] & 15];
	}
	return (struct oto_slice){ (const uint8_t *)text, text ? s.len * 2 : 0 };
}

struct oto_slice lldp_address(struct oto_ctx *cx, struct oto_slice s)
{
	struct oto_cur c = oto_cur_of(s);
	uint8_t family = oto_u8(&c);
	struct oto_addr a;

	if (family == FAMILY_IPV4 && s.len == 5) {
		a = oto_take_ipv4(&c);
		return say_addr(cx, &a);
	}
	if (family == FAMILY_IPV6 && s.len == 17) {
		a = oto_take_ipv6(&c);
		return say_addr(cx, &a);
	}
	if (family == FAMILY_802 && s.len == 7)
		return say_mac(cx, oto_take(&c, 6).data);
	if (family == FAMILY_DNS)
		return text_or_hex(cx, oto_rest(&c));
	return (struct oto_slice){ 0 };
}

/* ------------------------------------------------------------------------------------------------ TLVs of the standard */

static struct oto_slice identifier(struct oto_ctx *cx, struct oto_slice s, bool mac, bool address)
{
	struct oto_slice a;

	if (mac && s.len == 6)
		return say_mac(cx, s.data);
	a = address ? lldp_address(cx, s) : (struct oto_slice){ 0 };
	return a.len ? a : text_or_hex(cx, s);
}

static void chassis(struct oto_ctx *cx, struct lldp_frame *f, struct oto_cur *c)
{
	f->chassis_type = oto_u8(c);
	struct oto_slice s = oto_rest(c);
	f->chassis_id = identifier(cx, s, f->chassis_type == CHASSIS_MAC, f->chassis_type == CHASSIS_ADDRESS);
	f->has_chassis_mac = f->chassis_type == CHASSIS_MAC && s.len == 6;
	if (f->has_chassis_mac)
		memcpy(f->chassis_mac.byte, s.data, 6);
}

static void port(struct oto_ctx *cx, struct lldp_frame *f, struct oto_cur *c)
{
	f->port_type = oto_u8(c);
	f->port_id = identifier(cx, oto_rest(c), f->port_type == PORT_MAC, f->port_type == PORT_ADDRESS);
}

static const char *const capability_words[] = { "other",       "repeater", "bridge", "access point", "router",        "telephone",
						"cable modem", "station",  "c-vlan", "s-vlan",       "two-port relay" };

static void capability_list(struct lldp_frame *f, uint32_t list, uint16_t bits)
{
	for (uint32_t i = 0; i < sizeof capability_words / sizeof *capability_words; i++) {
		if (bits >> i & 1)
			lldp_add(f, list, oto_slice_of(capability_words[i]));
	}
}

static void capabilities(struct lldp_frame *f, struct oto_cur *c)
{
	uint16_t can = oto_be16(c), does = oto_be16(c);

	if (c->bad || f->has_capabilities)
		return;
	f->has_capabilities = true;
	capability_list(f, TEXTS_CAPABILITIES, can);
	capability_list(f, TEXTS_ENABLED, does);
}

/* Length, family and address; an interface number and an object identifier follow (IEEE 802.1AB 8.5.9). */
static void management(struct oto_ctx *cx, struct lldp_frame *f, struct oto_cur *c)
{
	struct oto_slice address = oto_take(c, oto_u8(c));

	oto_skip(c, 5);
	oto_skip(c, oto_u8(c));
	if (!c->bad)
		lldp_add(f, TEXTS_MANAGEMENT, lldp_address(cx, address));
}

static void organisation(struct oto_ctx *cx, struct lldp_frame *f, struct lldp_tlv *t, struct oto_cur *c)
{
	uint32_t oui = oto_be24(c);
	uint8_t subtype = oto_u8(c);
	struct oto_cur content = *c;

	if (c->bad)
		return;
	t->kind = LLDP_KIND(oui, subtype);
	t->content = oto_rest(&content);
	if (!lldp_organisation(cx, f, t->kind, c))
		lldp_add(f, TEXTS_UNKNOWN, say_text(cx, 16, "%02x:%02x:%02x/%u", oui >> 16, oui >> 8 & 255, oui & 255, subtype));
}

static void tlv(struct oto_ctx *cx, struct lldp_frame *f, uint8_t type, struct oto_cur *c)
{
	struct oto_cur content = *c;
	struct lldp_tlv t = { .kind = type, .content = oto_rest(&content) };
	struct oto_slice *text = NULL;

	switch (type) {
	case CHASSIS_ID:
		chassis(cx, f, c);
		break;
	case PORT_ID:
		port(cx, f, c);
		break;
	case TTL:
		f->ttl = oto_be16(c);
		f->has_ttl = !c->bad;
		f->shutdown = !c->bad && f->ttl == 0;
		break;
	case PORT_DESCRIPTION:
		text = &f->port_description;
		break;
	case SYSTEM_NAME:
		text = &f->system_name;
		break;
	case SYSTEM_DESCRIPTION:
		text = &f->system_description;
		break;
	case CAPABILITIES:
		capabilities(f, c);
		break;
	case MANAGEMENT:
		management(cx, f, c);
		break;
	case ORGANISATION:
		organisation(cx, f, &t, c);
		break;
	default:
		lldp_add(f, TEXTS_UNKNOWN, say_text(cx, 8, "%u", type));
	}
	if (text && !text->len)
		*text = say_string(t.content);
	if (c->bad)
		oto_weird(cx, "tlv_too_short", t.content);
	else if (oto_wanted(cx, EV_TLV))
		oto_emit(cx, EV_TLV, &t);
}

/* ------------------------------------------------------------------------------------------------ what it said before */

static const struct oto_memory memory = ANNOUNCE_MEMORY("lldp");

/* Time to live runs down with some senders, PROFINET's delays and clocks change all the time, power is measured anew. */
static bool is_setting(uint8_t type, struct oto_slice content)
{
	uint32_t kind;

	if (type != ORGANISATION || content.len < 4)
		return type != TTL;
	kind = LLDP_KIND((uint32_t)content.data[0] << 16 | content.data[1] << 8 | content.data[2], content.data[3]);
	return kind != LLDP_KIND(OUI_PROFINET, 1) && kind != LLDP_KIND(OUI_PROFINET, 6) && kind != LLDP_KIND(OUI_8023, 2) &&
	       kind != LLDP_KIND(OUI_MED, 4);
}

static void finish_lists(struct lldp_frame *f)
{
	struct oto_list *const list[] = { &f->capabilities, &f->enabled, &f->management, &f->vlans, &f->policies, &f->unknown };

	for (uint32_t i = 0; i < sizeof list / sizeof *list; i++)
		*list[i] = (struct oto_list){ f->texts[i].item, f->texts[i].count };
	f->has_management = f->management.count;
	f->has_vlans = f->vlans.count;
	f->has_policies = f->policies.count;
	f->has_unknown = f->unknown.count;
}

static void lldp_pdu(struct oto_ctx *cx, struct oto_cur *c)
{
	struct oto_slice whole = { c->at, oto_left(c) };
	struct lldp_frame *f = oto_scratch(cx, sizeof *f);
	uint64_t digest = 0;
	uint32_t n = 0;

	if (!f)
		return;
	f->src_mac = say_sender_mac(cx);
	while (oto_left(c) >= 2) {
		uint16_t head = oto_be16(c);
		uint8_t type = (uint8_t)(head >> 9);
		struct oto_cur body = oto_sub(c, head & 0x1ff), content = body;
		if (c->bad)
			return;
		/* The first three come in this order, and never again (IEEE 802.1AB 8.2, 9.2.7.7.1); real switches repeat one. */
		if (++n <= TTL && type != n)
			break;
		if (n > TTL && type >= CHASSIS_ID && type <= TTL) {
			oto_weird(cx, "mandatory_tlv_repeated", whole);
			continue;
		}
		if (type == END)
			break;
		struct oto_slice value = oto_rest(&content);
		if (is_setting(type, value))
			digest = announce_setting(digest, type, value);
		tlv(cx, f, type, &body);
	}
	if (!f->has_ttl) {
		oto_weird(cx, "mandatory_tlv_missing", whole);
		return;
	}
	finish_lists(f);
	bool due = !f->shutdown && announce_is_due(cx, &memory, announce_key(f->src_mac, f->port_id), digest, &f->first, &f->changed);
	oto_emit(cx, EV_FRAME, f);
	if (due)
		lldp_tell(cx, f);
}

static const struct oto_analyzer lldp = {
	.self_size = sizeof lldp,
	.name = "lldp",
	.doc = "Link Layer Discovery Protocol, with LLDP-MED and the additions of IEEE 802.1, 802.3 and PROFINET",
	.keys = "eth/0x88cc",
	.pdu = lldp_pdu,
	.events = events,
	.nevents = EV_COUNT,
};

OTO_ANALYZER(lldp);
