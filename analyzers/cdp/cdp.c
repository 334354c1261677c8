/* cdp.c - Cisco Discovery Protocol, versions 1 and 2: what Cisco's devices, and others that speak it, tell their neighbours of themselves.
 *
 * Owns the frame, cdp.log, and which of its TLVs are settings. Comes with LLC and SNAP (00000c 2000).
 * The format is Cisco's own; the layout is that of public dissectors and of Cisco's pages.
 */
#include "../announce.h"
#include "../describe.h"

enum { EV_FRAME, EV_COUNT };
enum {
	DEVICE_ID = 0x01,
	ADDRESSES = 0x02,
	PORT_ID = 0x03,
	CAPABILITIES = 0x04,
	VERSION = 0x05,
	PLATFORM = 0x06,
	VTP_DOMAIN = 0x09,
	NATIVE_VLAN = 0x0a,
	DUPLEX = 0x0b,
	VOICE_VLAN = 0x0e,
	POWER = 0x10,
	SYSTEM_NAME = 0x14,
	MANAGEMENT = 0x16,
	LOCATION = 0x17,
};
enum { LIST_MAX = 16 };

/* ------------------------------------------------------------------------------------------------ events */

struct cdp_frame {
	struct oto_mac src_mac;
	struct oto_slice device_id, port_id, software_version, platform, vtp_domain, system_name, location;
	struct oto_list addresses, management, capabilities, unknown;
	uint16_t native_vlan, voice_vlan, power_mw;
	uint8_t version, ttl;
	bool full_duplex, first, changed;
	bool has_addresses, has_management, has_capabilities, has_unknown, has_native_vlan, has_voice_vlan, has_power, has_duplex;
	struct oto_slice address_item[LIST_MAX], management_item[LIST_MAX], capability_item[LIST_MAX], unknown_item[LIST_MAX];
};

#define F(m, doc_, ...) OTO_FIELD(struct cdp_frame, m, doc_, __VA_ARGS__)
#define F_IF(has) .guard = OTO_IF(struct cdp_frame, has)
static const struct oto_field frame_fields[] = {
	F(src_mac, "MAC address of the port that sends"),
	F(version, "version of the protocol: 1 or 2"),
	F(ttl, "for how many seconds this is true", .flags = OTO_SECONDS),
	F(device_id, "what the device calls itself, often with its serial number or domain"),
	F(system_name, "name given by the owner"),
	F(port_id, "what the device calls the port"),
	F(platform, "model"),
	F(software_version, "software and version in words"),
	F(capabilities, "what it does: router, switch, host, phone ...", F_IF(has_capabilities), .flags = OTO_SET),
	F(addresses, "addresses of the port", F_IF(has_addresses)),
	F(management, "addresses where it is managed", F_IF(has_management)),
	F(native_vlan, "VLAN of untagged frames", F_IF(has_native_vlan)),
	F(voice_vlan, "VLAN that telephones are to use", F_IF(has_voice_vlan)),
	F(full_duplex, "the port is set to full duplex", F_IF(has_duplex)),
	F(vtp_domain, "management domain of VTP"),
	F(power_mw, "power that it takes, in milliwatts", F_IF(has_power)),
	F(location, "place, as the device was told"),
	F(unknown, "types of TLVs that are not read", F_IF(has_unknown)),
	F(first, "nothing was heard of this port before"),
	F(changed, "it says something else than in its last frame"),
};
static const struct oto_log frame_logs[] = {
	{ .name = "cdp",
	  .doc = "What Cisco's devices tell their neighbours of themselves: a row for each thing said, and how often.",
	  .columns =
	      "src_mac device_id system_name port_id platform software_version capabilities addresses management native_vlan voice_vlan "
	      "full_duplex vtp_domain location vlan",
	  .key = "src_mac device_id system_name port_id platform software_version capabilities addresses management native_vlan voice_vlan "
		 "full_duplex vtp_domain location vlan",
	  .form = OTO_FORM_AGGREGATE,
	  .flags = OTO_LOG_NO_ID },
};
static const struct oto_event_type frame_event =
    OTO_EVENT("cdp.frame", struct cdp_frame, frame_fields, "A device tells the neighbour on a port what it is.", OTO_LOGS(frame_logs));
static const struct oto_event_type *const events[] = { [EV_FRAME] = &frame_event };

/* ------------------------------------------------------------------------------------------------ TLVs */

static void push(struct oto_slice *items, struct oto_list *list, struct oto_slice text)
{
	if (list->count < LIST_MAX && text.len) {
		items[list->count++] = text;
		list->items = items;
	}
}

/* Number of addresses, then of each: type and length of the protocol, the protocol (NLPID 0xcc: IP; or 802.2 with an EtherType), the
 * address. */
static void addresses(struct oto_ctx *cx, struct oto_cur *c, struct oto_slice *items, struct oto_list *list)
{
	uint32_t count = oto_be32(c);

	for (uint32_t i = 0; i < count && !c->bad && i < LIST_MAX; i++) {
		oto_skip(c, 1);
		struct oto_slice protocol = oto_take(c, oto_u8(c));
		struct oto_slice address = oto_take(c, oto_be16(c));
		struct oto_cur at = oto_cur_of(address);
		struct oto_addr a = { .family = OTO_FAMILY_NONE };
		if (protocol.len == 1 && protocol.data[0] == 0xcc && address.len == 4)
			a = oto_take_ipv4(&at);
		else if (protocol.len == 8 && protocol.data[6] == 0x86 && protocol.data[7] == 0xdd && address.len == 16)
			a = oto_take_ipv6(&at);
		if (a.family != OTO_FAMILY_NONE)
			push(items, list, say_addr(cx, &a));
	}
}

static void capabilities(struct cdp_frame *f, uint32_t bits)
{
	static const char *const words[] = { "router",   "bridge",    "source route bridge",     "switch", "host",          "igmp",
					     "repeater", "telephone", "remotely managed device", "camera", "two-port relay" };

	for (uint32_t i = 0; i < sizeof words / sizeof *words; i++) {
		if (bits >> i & 1)
			push(f->capability_item, &f->capabilities, oto_slice_of(words[i]));
	}
	f->has_capabilities = true;
}

static void numbers(struct oto_ctx *cx, struct cdp_frame *f, uint16_t type, struct oto_cur *c)
{
	switch (type) {
	case NATIVE_VLAN:
		f->native_vlan = oto_be16(c);
		f->has_native_vlan = !c->bad;
		break;
	case DUPLEX:
		f->full_duplex = oto_u8(c) == 1;
		f->has_duplex = !c->bad;
		break;
	case VOICE_VLAN:
		oto_skip(c, 1);
		f->voice_vlan = oto_be16(c);
		f->has_voice_vlan = !c->bad;
		break;
	case POWER:
		f->power_mw = oto_be16(c);
		f->has_power = !c->bad;
		break;
	default:
		push(f->unknown_item, &f->unknown, say_text(cx, 8, "0x%04x", type));
	}
}

static void tlv(struct oto_ctx *cx, struct cdp_frame *f, uint16_t type, struct oto_cur *c)
{
	switch (type) {
	case DEVICE_ID:
		f->device_id = say_string(oto_rest(c));
		break;
	case PORT_ID:
		f->port_id = say_string(oto_rest(c));
		break;
	case VERSION:
		f->software_version = say_string(oto_rest(c));
		break;
	case PLATFORM:
		f->platform = say_string(oto_rest(c));
		break;
	case VTP_DOMAIN:
		f->vtp_domain = say_string(oto_rest(c));
		break;
	case SYSTEM_NAME:
		f->system_name = say_string(oto_rest(c));
		break;
	case LOCATION:
		oto_skip(c, 1); /* its kind */
		f->location = say_string(oto_rest(c));
		break;
	case ADDRESSES:
		addresses(cx, c, f->address_item, &f->addresses);
		break;
	case MANAGEMENT:
		addresses(cx, c, f->management_item, &f->management);
		break;
	case CAPABILITIES:
		capabilities(f, oto_be32(c));
		break;
	default:
		numbers(cx, f, type, c);
	}
}

/* ------------------------------------------------------------------------------------------------ what it said before */

static const struct oto_memory memory = ANNOUNCE_MEMORY("cdp");

/* Of those that are read and that somebody set: power is measured, hellos and radio states change by themselves. */
static bool is_setting(uint16_t type)
{
	return type <= PLATFORM || type == VTP_DOMAIN || type == NATIVE_VLAN || type == VOICE_VLAN || type == SYSTEM_NAME ||
	       type == MANAGEMENT || type == LOCATION;
}

/* ------------------------------------------------------------------------------------------------ facts */

/* "switch-7(FOC1037Y1ZX)", "SEP001E7A24CF30", "S1.example.com": the serial number in brackets is no part of the name. */
static void names(struct oto_ctx *cx, const struct cdp_frame *f)
{
	struct oto_slice id = describe_line(cx, f->device_id);
	uint32_t bracket = say_find(id, '(');
	struct oto_slice serial = describe_until(say_from(id, bracket + 1), ")");

	say_fact(cx, "hostname", describe_line(cx, f->system_name.len ? f->system_name : say_first(id, bracket)), SAY_SURE);
	if (bracket < id.len && serial.len >= 8)
		say_fact(cx, "serial", serial, SAY_SURE);
}

static void tell(struct oto_ctx *cx, const struct cdp_frame *f)
{
	struct oto_slice version = describe_line(cx, f->software_version), platform = describe_line(cx, f->platform);

	names(cx, f);
	if (say_begins(platform, "cisco ")) {
		platform = say_from(platform, 6);
		say_fact(cx, "vendor", oto_slice_of("Cisco"), SAY_SURE);
	}
	/* a computer's program writes its system in the place of a model */
	if (!say_is(platform, "Linux"))
		say_fact(cx, "model", platform, SAY_SURE);
	say_fact(cx, "description", version, SAY_SURE);
	describe_facts(cx, version);
	say_fact(cx, "port", describe_line(cx, f->port_id), SAY_SURE);
	say_fact(cx, "location", describe_line(cx, f->location), SAY_SURE);
	for (uint32_t i = 0; i < f->capabilities.count; i++) {
		if (!say_is(f->capabilities.items[i], "host") && !say_is(f->capabilities.items[i], "igmp"))
			say_fact(cx, "role", f->capabilities.items[i], SAY_SURE);
	}
	const struct oto_list *managed = f->management.count ? &f->management : &f->addresses;
	for (uint32_t i = 0; i < managed->count; i++) {
		if (!say_is(managed->items[i], "0.0.0.0"))
			say_fact(cx, "management_address", managed->items[i], SAY_SURE);
	}
}

/* ------------------------------------------------------------------------------------------------ frames */

static const uint8_t SNAP_CDP[] = { 0xaa, 0xaa, 0x03, 0x00, 0x00, 0x0c, 0x20, 0x00 };

static enum oto_answer cdp_probe(const struct oto_ctx *cx, struct oto_cur c)
{
	struct oto_slice head = oto_take(&c, sizeof SNAP_CDP);

	(void)cx;
	return head.len == sizeof SNAP_CDP && memcmp(head.data, SNAP_CDP, sizeof SNAP_CDP) == 0 ? OTO_MINE : OTO_NOT_MINE;
}

static void cdp_pdu(struct oto_ctx *cx, struct oto_cur *c)
{
	struct oto_slice whole = { c->at, oto_left(c) };
	struct cdp_frame *f = oto_scratch(cx, sizeof *f);
	uint64_t digest = 0;

	oto_skip(c, sizeof SNAP_CDP);
	if (!f || c->bad)
		return;
	f->src_mac = say_sender_mac(cx);
	f->version = oto_u8(c);
	f->ttl = oto_u8(c);
	oto_skip(c, 2); /* checksum */
	while (oto_left(c) >= 4) {
		uint16_t type = oto_be16(c), length = oto_be16(c);
		if (length < 4) { /* padding of an old sender, or nonsense */
			if (type || length)
				oto_weird(cx, "bad_length", whole);
			break;
		}
		struct oto_cur body = oto_sub(c, length - 4u);
		if (c->bad)
			return;
		if (is_setting(type))
			digest = announce_setting(digest, type, (struct oto_slice){ body.at, oto_left(&body) });
		tlv(cx, f, type, &body);
		if (body.bad)
			oto_weird(cx, "tlv_too_short", whole);
	}
	if (c->bad)
		return;
	f->has_addresses = f->addresses.count;
	f->has_management = f->management.count;
	f->has_unknown = f->unknown.count;
	bool due = announce_is_due(cx, &memory, announce_key(f->src_mac, f->port_id), digest, &f->first, &f->changed);
	oto_emit(cx, EV_FRAME, f);
	if (due)
		tell(cx, f);
}

static const struct oto_analyzer cdp = {
	.self_size = sizeof cdp,
	.name = "cdp",
	.doc = "Cisco Discovery Protocol",
	.keys = "llc/0xaaaa",
	.probe = cdp_probe,
	.pdu = cdp_pdu,
	.events = events,
	.nevents = EV_COUNT,
};

OTO_ANALYZER(cdp);
